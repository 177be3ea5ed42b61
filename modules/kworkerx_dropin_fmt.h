/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The drop-in headers come before everything else, and so do headers of the kernel
 * with them, which define pr_fmt() and dev_fmt() for files that do not.  kworkerx.mk
 * looks for files that do.  Without it they must say so in their Kbuild:
 *
 *	CFLAGS_driver.o := -DKWORKERX_DROPIN_OWN_FMT -DKWORKERX_DROPIN_OWN_DEV_FMT
 */
#ifndef _KWORKERX_DROPIN_FMT_H
#define _KWORKERX_DROPIN_FMT_H

#include <linux/dev_printk.h>
#include <linux/printk.h>

#ifdef KWORKERX_DROPIN_OWN_FMT
#undef pr_fmt
#endif
#ifdef KWORKERX_DROPIN_OWN_DEV_FMT
#undef dev_fmt
#endif

#endif /* _KWORKERX_DROPIN_FMT_H */
