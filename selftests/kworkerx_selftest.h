/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What kworkerx_selftest.ko lends to kworkerx_selftest_leaver.ko: a worker, and a
 * delayed work that is initialised.
 */
#ifndef _KWORKERX_SELFTEST_H
#define _KWORKERX_SELFTEST_H

struct kworkerx_worker;
struct kworkerx_delayed_work;

extern struct kworkerx_worker *kwxs_keeper;
extern struct kworkerx_delayed_work kwxs_lent;

#endif /* _KWORKERX_SELFTEST_H */
