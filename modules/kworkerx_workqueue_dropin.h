/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kworkerx_workqueue_dropin - a driver for workqueues runs on threads of its own,
 * unchanged.
 *
 * One line in the driver's Kbuild has the compiler -include this, behind the headers
 * of the kernel that the driver includes: see kworkerx.mk and docs/migration.md.
 * Those were read with the kernel's names, so that structures of the kernel which
 * contain works keep theirs, and so do functions of the kernel that get one.  From
 * here on the names of <linux/workqueue.h> mean those of kworkerx_workqueue.h: in the
 * driver's source, and in its own headers.
 *
 * What is not done here is refused by name, where it is called.  A work inside a
 * structure of the kernel is not the driver's, and its initialisation is refused, too.
 *
 * This is included before everything else.  So what a file defines at its top to
 * steer a header belongs into its Kbuild, and one that defines its own pr_fmt() or
 * dev_fmt() must say so: see kworkerx_dropin_fmt.h.
 */
#ifndef _KWORKERX_WORKQUEUE_DROPIN_H
#define _KWORKERX_WORKQUEUE_DROPIN_H

/* Before the names change: its declarations stay the kernel's. */
#include <linux/workqueue.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "kworkerx_workqueue.h"
#include "kworkerx_dropin_fmt.h"

/* There is none: for its type. */
extern struct work_struct kworkerx_dropin_stock_work;

/* Stops the compiler, with these words, where it is called. */
#define kworkerx_dropin_refuse(name, text)				\
	__compiletime_error(text) void kworkerx_dropin_no_##name(void)

kworkerx_dropin_refuse(stock_work,
	"kworkerx: this work is inside a structure of the kernel, which runs it on its own workqueue");
kworkerx_dropin_refuse(rcu_work,
	"kworkerx: works that wait for a grace period of RCU are the kernel's only");
kworkerx_dropin_refuse(workqueue_attrs,
	"kworkerx: attributes are given to a workqueue when it is created, see kworkerx_workqueue_create()");
kworkerx_dropin_refuse(workqueue_congested,
	"kworkerx: nobody counts how long a queue is");
kworkerx_dropin_refuse(show_workqueue,
	"kworkerx: what a workqueue does is told by the trace events of kworkerx");
kworkerx_dropin_refuse(workqueue_sysfs,
	"kworkerx: a workqueue has no folder in sysfs, but threads with its name");
kworkerx_dropin_refuse(work_data,
	"kworkerx: what is in a work is its own, see kworkerx_work_pending() and kworkerx_work_busy()");

#define kworkerx_dropin_init(work, fn, onstack)				\
	do {								\
		if (__same_type(*(work), kworkerx_dropin_stock_work))	\
			kworkerx_dropin_no_stock_work();		\
		__kworkerx_init_work((void *)(work), (fn),		\
				     KWORKERX_CLASS("(work)" #fn), (onstack)); \
	} while (0)

#define kworkerx_dropin_init_delayed(dwork, fn, tflags)			\
	do {								\
		kworkerx_dropin_init(&(dwork)->work, fn, false);	\
		timer_setup(&(dwork)->timer,				\
			    kworkerx_delayed_work_timer_fn,		\
			    (tflags) | TIMER_IRQSAFE);			\
	} while (0)

#define kworkerx_dropin_init_delayed_onstack(dwork, fn, tflags)		\
	do {								\
		kworkerx_dropin_init(&(dwork)->work, fn, true);		\
		timer_setup_on_stack(&(dwork)->timer,			\
				     kworkerx_delayed_work_timer_fn,	\
				     (tflags) | TIMER_IRQSAFE);		\
	} while (0)

/* A work that is static has a class, another one has none: lockdep wants it so. */
#define KWORKERX_DROPIN_WORK_INIT(n, f)	{				\
	.func = (f),							\
	.state = ATOMIC_INIT(KWORKERX_WORK_IDLE),			\
	}

#define KWORKERX_DROPIN_DELAYED_WORK_INIT(n, f, tflags)	{		\
	.work = KWORKERX_DROPIN_WORK_INIT((n).work, f),			\
	.timer = __TIMER_INITIALIZER(kworkerx_delayed_work_timer_fn,	\
				     (tflags) | TIMER_IRQSAFE),		\
	}

static inline unsigned int kworkerx_dropin_work_busy(struct kworkerx_work *work)
{
	bool pending = kworkerx_work_pending(work);

	if (pending)
		return WORK_BUSY_PENDING;
	return kworkerx_work_busy(work) ? WORK_BUSY_RUNNING : 0;
}

static inline bool
kworkerx_dropin_queue_on_node(int node, struct kworkerx_workqueue *wq,
			      struct kworkerx_work *work)
{
	return kworkerx_workqueue_queue_work(wq, work);
}

static inline void
kworkerx_dropin_set_active(struct kworkerx_workqueue *wq, int active)
{
}

/* A rescuer, or for reclaim: each thread is as good as one. */
static inline bool kworkerx_dropin_current_is_special(void)
{
	return false;
}

static inline __printf(1, 2) void kworkerx_dropin_set_desc(const char *fmt, ...)
{
}

#undef DECLARE_WORK
#undef DECLARE_DELAYED_WORK
#undef DECLARE_DEFERRABLE_WORK
#undef __WORK_INITIALIZER
#undef __DELAYED_WORK_INITIALIZER
#undef __INIT_WORK
#undef INIT_WORK
#undef INIT_WORK_ONSTACK
#undef INIT_WORK_ONSTACK_KEY
#undef INIT_DELAYED_WORK
#undef INIT_DELAYED_WORK_ONSTACK
#undef INIT_DEFERRABLE_WORK
#undef INIT_DEFERRABLE_WORK_ONSTACK
#undef INIT_RCU_WORK
#undef INIT_RCU_WORK_ONSTACK
#undef destroy_work_on_stack
#undef destroy_delayed_work_on_stack
#undef work_pending
#undef delayed_work_pending
#undef work_data_bits
#undef alloc_workqueue
#undef alloc_ordered_workqueue
#undef devm_alloc_workqueue
#undef devm_alloc_ordered_workqueue
#undef alloc_workqueue_lockdep_map
#undef alloc_ordered_workqueue_lockdep_map
#undef create_workqueue
#undef create_freezable_workqueue
#undef create_singlethread_workqueue
#undef alloc_workqueue_attrs
#undef flush_workqueue
#undef flush_scheduled_work
#undef work_on_cpu
#undef work_on_cpu_safe

#ifndef from_work
#define from_work(var, callback_work, work_fieldname)			\
	container_of(callback_work, typeof(*(var)), work_fieldname)
#endif

#define work_struct			kworkerx_work
#define delayed_work			kworkerx_delayed_work
#define workqueue_struct		kworkerx_workqueue
#define execute_work			kworkerx_execute_work
#define work_func_t			kworkerx_work_func_t

#define WQ_BH				KWORKERX_WQ_BH
#define WQ_UNBOUND			KWORKERX_WQ_UNBOUND
#define WQ_FREEZABLE			KWORKERX_WQ_FREEZABLE
#define WQ_MEM_RECLAIM			KWORKERX_WQ_MEM_RECLAIM
#define WQ_HIGHPRI			KWORKERX_WQ_HIGHPRI
#define WQ_CPU_INTENSIVE		KWORKERX_WQ_CPU_INTENSIVE
#define WQ_SYSFS			KWORKERX_WQ_SYSFS
#define WQ_POWER_EFFICIENT		KWORKERX_WQ_POWER_EFFICIENT
#define WQ_PERCPU			KWORKERX_WQ_PERCPU
#define __WQ_ORDERED			KWORKERX_WQ_ORDERED
#define __WQ_LEGACY			0

#define __WORK_INITIALIZER		KWORKERX_DROPIN_WORK_INIT
#define __DELAYED_WORK_INITIALIZER	KWORKERX_DROPIN_DELAYED_WORK_INIT
#define DECLARE_WORK			DEFINE_KWORKERX_WORK
#define DECLARE_DELAYED_WORK		DEFINE_KWORKERX_DELAYED_WORK
#define DECLARE_DEFERRABLE_WORK(n, f)					\
	struct kworkerx_delayed_work n =				\
		KWORKERX_DROPIN_DELAYED_WORK_INIT(n, f, TIMER_DEFERRABLE)

#define __INIT_WORK(work, fn, onstack)	kworkerx_dropin_init(work, fn, onstack)
#define INIT_WORK(work, fn)		kworkerx_dropin_init(work, fn, false)
#define INIT_WORK_ONSTACK(work, fn)	kworkerx_dropin_init(work, fn, true)
#define INIT_WORK_ONSTACK_KEY(work, fn, key) kworkerx_dropin_init(work, fn, true)
#define INIT_DELAYED_WORK(dwork, fn)	kworkerx_dropin_init_delayed(dwork, fn, 0)
#define INIT_DELAYED_WORK_ONSTACK(dwork, fn)				\
	kworkerx_dropin_init_delayed_onstack(dwork, fn, 0)
#define INIT_DEFERRABLE_WORK(dwork, fn)					\
	kworkerx_dropin_init_delayed(dwork, fn, TIMER_DEFERRABLE)
#define INIT_DEFERRABLE_WORK_ONSTACK(dwork, fn)				\
	kworkerx_dropin_init_delayed_onstack(dwork, fn, TIMER_DEFERRABLE)
#define destroy_work_on_stack		kworkerx_destroy_work_on_stack
#define destroy_delayed_work_on_stack	kworkerx_destroy_delayed_work_on_stack
#define delayed_work_timer_fn		kworkerx_delayed_work_timer_fn
#define to_delayed_work			kworkerx_to_delayed_work

#define alloc_workqueue			kworkerx_alloc_workqueue
#define alloc_ordered_workqueue		kworkerx_alloc_ordered_workqueue
#define devm_alloc_workqueue		devm_kworkerx_alloc_workqueue
#define devm_alloc_ordered_workqueue	devm_kworkerx_alloc_ordered_workqueue
#define alloc_workqueue_lockdep_map(fmt, flags, max_active, map, ...)	\
	kworkerx_alloc_workqueue(fmt, flags, max_active, ##__VA_ARGS__)
#define alloc_ordered_workqueue_lockdep_map(fmt, flags, map, ...)	\
	kworkerx_alloc_ordered_workqueue(fmt, flags, ##__VA_ARGS__)
#define create_workqueue		kworkerx_create_workqueue
#define create_freezable_workqueue	kworkerx_create_freezable_workqueue
#define create_singlethread_workqueue	kworkerx_create_singlethread_workqueue
#define destroy_workqueue		kworkerx_destroy_workqueue

#define queue_work			kworkerx_workqueue_queue_work
#define queue_work_on			kworkerx_queue_work_on
#define queue_work_node			kworkerx_dropin_queue_on_node
#define queue_delayed_work		kworkerx_workqueue_queue_delayed_work
#define queue_delayed_work_on		kworkerx_queue_delayed_work_on
#define mod_delayed_work		kworkerx_workqueue_mod_delayed_work
#define mod_delayed_work_on		kworkerx_mod_delayed_work_on
#define enable_and_queue_work		kworkerx_enable_and_queue_work

#define flush_work			kworkerx_flush_work
#define flush_delayed_work		kworkerx_flush_delayed_work
#define flush_workqueue			kworkerx_flush_workqueue
#define __flush_workqueue		kworkerx_flush_workqueue
#define drain_workqueue			kworkerx_drain_workqueue
#define cancel_work			kworkerx_cancel_work
#define cancel_work_sync		kworkerx_cancel_work_sync
#define cancel_delayed_work		kworkerx_cancel_delayed_work
#define cancel_delayed_work_sync	kworkerx_cancel_delayed_work_sync
#define disable_work			kworkerx_disable_work
#define disable_work_sync		kworkerx_disable_work_sync
#define enable_work			kworkerx_enable_work
#define disable_delayed_work		kworkerx_disable_delayed_work
#define disable_delayed_work_sync	kworkerx_disable_delayed_work_sync
#define enable_delayed_work		kworkerx_enable_delayed_work
#define work_pending			kworkerx_work_pending
#define delayed_work_pending(dwork)	kworkerx_work_pending(&(dwork)->work)
#define work_busy			kworkerx_dropin_work_busy
#define current_work			kworkerx_current_work

#define schedule_work			kworkerx_schedule_work
#define schedule_work_on		kworkerx_schedule_work_on
#define schedule_delayed_work		kworkerx_schedule_delayed_work
#define schedule_delayed_work_on	kworkerx_schedule_delayed_work_on
#define flush_scheduled_work		kworkerx_flush_scheduled_work
#define schedule_on_each_cpu		kworkerx_schedule_on_each_cpu
#define execute_in_process_context	kworkerx_execute_in_process_context
#define work_on_cpu			kworkerx_work_on_cpu
#define work_on_cpu_safe		kworkerx_work_on_cpu

#define system_wq			kworkerx_system_percpu_wq
#define system_percpu_wq		kworkerx_system_percpu_wq
#define system_power_efficient_wq	kworkerx_system_percpu_wq
#define system_highpri_wq		kworkerx_system_highpri_wq
#define system_bh_wq			kworkerx_system_highpri_wq
#define system_bh_highpri_wq		kworkerx_system_highpri_wq
#define system_unbound_wq		kworkerx_system_dfl_wq
#define system_dfl_wq			kworkerx_system_dfl_wq
#define system_long_wq			kworkerx_system_long_wq
#define system_dfl_long_wq		kworkerx_system_long_wq
#define system_freezable_wq		kworkerx_system_freezable_wq
#define system_freezable_power_efficient_wq kworkerx_system_freezable_wq

/* The one thread keeps any bound; it has no rescuer, and no other name. */
#define workqueue_set_max_active	kworkerx_dropin_set_active
#define workqueue_set_min_active	kworkerx_dropin_set_active
#define current_is_workqueue_rescuer	kworkerx_dropin_current_is_special
#define current_is_workqueue_mem_reclaim kworkerx_dropin_current_is_special
#define set_worker_desc			kworkerx_dropin_set_desc

/* What is refused. */
#define INIT_RCU_WORK(...)		kworkerx_dropin_no_rcu_work()
#define INIT_RCU_WORK_ONSTACK(...)	kworkerx_dropin_no_rcu_work()
#define queue_rcu_work(...)		({ kworkerx_dropin_no_rcu_work(); false; })
#define flush_rcu_work(...)		({ kworkerx_dropin_no_rcu_work(); false; })
#define to_rcu_work(...)						\
	({ kworkerx_dropin_no_rcu_work(); (struct rcu_work *)NULL; })
#define alloc_workqueue_attrs(...)	({ kworkerx_dropin_no_workqueue_attrs(); NULL; })
#define free_workqueue_attrs(...)	kworkerx_dropin_no_workqueue_attrs()
#define apply_workqueue_attrs(...)	({ kworkerx_dropin_no_workqueue_attrs(); 0; })
#define show_one_workqueue(...)		kworkerx_dropin_no_show_workqueue()
#define workqueue_sysfs_register(...)	({ kworkerx_dropin_no_workqueue_sysfs(); 0; })
#define workqueue_congested(...)	({ kworkerx_dropin_no_workqueue_congested(); false; })
#define work_data_bits(...)		({ kworkerx_dropin_no_work_data(); (unsigned long *)NULL; })

#endif /* _KWORKERX_WORKQUEUE_DROPIN_H */
