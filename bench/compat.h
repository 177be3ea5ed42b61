/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What older kernels lack of what the peers use; the rest is in
 * kworkerx_compat.h, and WQ_PERCPU in Kbuild.  The newest spelling is the one
 * that the code uses.
 */
#ifndef _KWORKERX_BENCH_COMPAT_H
#define _KWORKERX_BENCH_COMPAT_H

#include <linux/kthread.h>

#include <kworkerx_compat.h>

/* What creates a worker woke it, and had the CPU for the name twice. */
#ifndef kthread_run_worker
#define kthread_run_worker(flags, ...)					\
	kthread_create_worker((flags), __VA_ARGS__)
#define kthread_run_worker_on_cpu(cpu, flags, name)			\
	kthread_create_worker_on_cpu((cpu), (flags), (name), (cpu))
#endif

#endif /* _KWORKERX_BENCH_COMPAT_H */
