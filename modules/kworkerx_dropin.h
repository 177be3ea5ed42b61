/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kworkerx_dropin - a driver for kthread_worker runs on kworkerx, unchanged.
 *
 * One line in the driver's Kbuild has the compiler -include this: see
 * docs/migration.md.  From there on the names of kthread_worker mean those of
 * kworkerx; all else of <linux/kthread.h> stays.  Source for the signatures
 * before Linux 6.14 and for those since will do.  A worker that is created is
 * started at once where the kernel's own would be: before 6.14.
 *
 * A core of the kernel shares works with drivers in structures of its own: SPI
 * its messages, DRM its vblanks.  They must keep their layout, so headers of
 * that kind are included before the names change.  To convert such a core together
 * with all who have part in it, give KWORKERX_DROPIN_CORES to the compiler for each
 * file of the core, and of those: then these structures have our works.
 *
 * This is included before everything else.  So what a file defines at its top
 * to steer a header (DEBUG, DEFAULT_SYMBOL_NAMESPACE) belongs into its Kbuild,
 * and one that defines its own pr_fmt() or dev_fmt() must say so: see
 * kworkerx_dropin_fmt.h.
 */
#ifndef _KWORKERX_DROPIN_H
#define _KWORKERX_DROPIN_H

/* Before the names change: its declarations stay the kernel's. */
#include <linux/kthread.h>

#ifndef KWORKERX_DROPIN_CORES
#if IS_ENABLED(CONFIG_SPI)
#include <linux/spi/spi.h>
#endif
#if IS_ENABLED(CONFIG_DRM)
#include <drm/drm_vblank_work.h>
#endif
#endif
#include <linux/sched/task_stack.h>
#include <linux/topology.h>

#include "kworkerx.h"
#include "kworkerx_dropin_fmt.h"

/*
 * The stock works know neither lockdep nor debug objects, so drivers have them
 * on the stack without saying so.
 */
#ifdef kworkerx_init_work_onstack
#define kworkerx_dropin_init_work(work, fn)				\
	__kworkerx_init_work((work), (fn), KWORKERX_CLASS("(work)" #fn), \
			     object_is_on_stack(work))
#else
#define kworkerx_dropin_init_work(work, fn)	kworkerx_init_work(work, fn)
#endif

#define kworkerx_dropin_init_delayed_work(dwork, fn)			\
	do {								\
		kworkerx_dropin_init_work(&(dwork)->work, fn);		\
		timer_setup(&(dwork)->timer,				\
			    kworkerx_delayed_work_timer_fn,		\
			    TIMER_IRQSAFE);				\
	} while (0)

#define KWORKERX_DROPIN_WORK_INIT(work, fn)	{			\
	.func = (fn),							\
	.state = ATOMIC_INIT(KWORKERX_WORK_IDLE),			\
	}

#define KWORKERX_DROPIN_DELAYED_WORK_INIT(dwork, fn)	{		\
	.work = KWORKERX_DROPIN_WORK_INIT((dwork).work, (fn)),		\
	.timer = __TIMER_INITIALIZER(kworkerx_delayed_work_timer_fn,	\
				     TIMER_IRQSAFE),			\
	}

/* As before 6.14, when the format had arguments and the thread was woken. */
#define kworkerx_dropin_on_cpu_args(cpu, flags, namefmt, ...)		\
({									\
	int __cpu = (cpu);						\
	struct kworkerx_worker *__kwx =					\
		kworkerx_create_worker_on_node((flags),			\
					       cpu_to_node(__cpu),	\
					       (namefmt), __VA_ARGS__);	\
									\
	if (!IS_ERR(__kwx)) {						\
		kthread_bind(__kwx->task, __cpu);			\
		wake_up_process(__kwx->task);				\
	}								\
	__kwx;								\
})

#ifdef kthread_run_worker
#define kworkerx_dropin_create(...)	kworkerx_create_worker(__VA_ARGS__)
#define kworkerx_dropin_on_cpu(...)	kworkerx_create_worker_on_cpu(__VA_ARGS__)
#else
#define kworkerx_dropin_create(...)	kworkerx_run_worker(__VA_ARGS__)
#define kworkerx_dropin_on_cpu(...)	kworkerx_run_worker_on_cpu(__VA_ARGS__)
#endif

#undef KTHREAD_WORK_INIT
#undef KTHREAD_DELAYED_WORK_INIT
#undef DEFINE_KTHREAD_WORK
#undef DEFINE_KTHREAD_DELAYED_WORK
#undef kthread_init_worker
#undef kthread_init_work
#undef kthread_init_delayed_work
#undef kthread_create_worker
#undef kthread_run_worker

#define KTW_FREEZABLE			KWORKERX_FREEZABLE

#define kthread_worker			kworkerx_worker
#define kthread_work			kworkerx_work
#define kthread_delayed_work		kworkerx_delayed_work
#define kthread_work_func_t		kworkerx_work_func_t

#define KTHREAD_WORK_INIT		KWORKERX_DROPIN_WORK_INIT
#define KTHREAD_DELAYED_WORK_INIT	KWORKERX_DROPIN_DELAYED_WORK_INIT
#define DEFINE_KTHREAD_WORK		DEFINE_KWORKERX_WORK
#define DEFINE_KTHREAD_DELAYED_WORK	DEFINE_KWORKERX_DELAYED_WORK
#define kthread_init_worker		kworkerx_init_worker
#define kthread_init_work		kworkerx_dropin_init_work
#define kthread_init_delayed_work	kworkerx_dropin_init_delayed_work
#define kthread_delayed_work_timer_fn	kworkerx_delayed_work_timer_fn

#define kthread_worker_fn		kworkerx_worker_fn
#define kthread_create_worker		kworkerx_dropin_create
#define kthread_create_worker_on_node	kworkerx_create_worker_on_node
#define kthread_create_worker_on_cpu(cpu, flags, namefmt, ...)		\
	(kworkerx_dropin_on_cpu ## __VA_OPT__(_args)			\
		(cpu, flags, namefmt, ##__VA_ARGS__))
#define kthread_run_worker		kworkerx_run_worker
#define kthread_run_worker_on_cpu	kworkerx_run_worker_on_cpu
#define kthread_destroy_worker		kworkerx_destroy_worker

#define kthread_queue_work		kworkerx_queue_work
#define kthread_queue_delayed_work	kworkerx_queue_delayed_work
#define kthread_mod_delayed_work	kworkerx_mod_delayed_work
#define kthread_flush_work		kworkerx_flush_work
#define kthread_flush_worker		kworkerx_flush_worker
#define kthread_cancel_work_sync	kworkerx_cancel_work_sync
#define kthread_cancel_delayed_work_sync kworkerx_cancel_delayed_work_sync

#endif /* _KWORKERX_DROPIN_H */
