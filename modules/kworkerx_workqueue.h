/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kworkerx_workqueue - the workqueue of old: threads of its own.
 *
 * A workqueue has one thread, or one on each CPU through CPU hotplug, and nobody
 * shares them: they can be given a policy, CPUs and a cgroup, and have its name in
 * top(1).  The default one is there for everybody who needs none of his own.
 *
 * The interface is that of <linux/workqueue.h>, with kworkerx_ before its names; the
 * signatures and what they mean are those of the newest kernel.  Works are those of
 * kworkerx.h, and so is all that is done to a single one, wherever it is: flush,
 * cancel, disable, pending, busy.  Only three names are taken there already, for
 * workers: kworkerx_workqueue_queue_work(), _queue_delayed_work() and
 * _mod_delayed_work() are those for a workqueue.
 *
 * Who may call what, and from where:
 *
 *                           hard irq,     process   may     waits for
 *                           raw lock held context   sleep   functions
 *   queue_*, schedule_*,
 *     mod_*                    yes          yes      no        no
 *   current_is_keventd         yes          yes      no        no
 *   execute_in_process_context yes          yes      no        no
 *   flush_*, drain_*            -           yes      yes       yes
 *   schedule_on_each_cpu,
 *     work_on_cpu               -           yes      yes       yes
 *   create, alloc_*             -           yes      yes       no
 *   destroy_workqueue           -           yes      yes       yes
 *
 * Of a workqueue that is KWORKERX_ANYWHERE, queueing without a delay is legal in an
 * NMI, and with a lock of the scheduler held, too, as it is in kworkerx.h.
 *
 * Works of one thread run one after the other.  So they must not wait for each
 * other, which works of the kernel's workqueue may as long as there are threads: the
 * second never starts.  A wait for a work is reported; one for anything else that
 * only another work of the same thread can end is not.
 *
 * A workqueue with a thread on each CPU is a set of kworkerx_percpu.h that moves
 * works whose CPU is absent.  What is said there of works and CPU hotplug holds here.
 * It has all CPUs that are possible, also those that are isolated, since a work that
 * is queued on a CPU must run there: &kworkerx_workqueue_attr.cpumask has others.
 *
 * A work that is queued again while it runs does not run twice at once: it runs
 * again on the thread where it runs.  That is so within a workqueue.  On another one
 * it is refused while it runs, and reported; the kernel's would run it twice at once.
 */
#ifndef _KWORKERX_WORKQUEUE_H
#define _KWORKERX_WORKQUEUE_H

#include <linux/threads.h>

#include "kworkerx.h"

struct device;
struct kworkerx_workqueue;

/* This CPU, or any. */
#define KWORKERX_WORK_CPU_UNBOUND	NR_CPUS

/*
 * What kworkerx_alloc_workqueue() is told, with the values that the newest kernel
 * has for it.  A workqueue that is neither UNBOUND nor PERCPU is PERCPU, and one that
 * is both is UNBOUND.
 *
 * BH             as HIGHPRI: its works run on threads, and may sleep.
 * UNBOUND        one thread.
 * FREEZABLE      one thread, which takes part in freezing; also if it is PERCPU, as
 *                threads of a set cannot.
 * MEM_RECLAIM    nothing: the thread is the workqueue's own, and there is no other
 *                to wait for.
 * HIGHPRI        the threads have the lowest nice value.
 * CPU_INTENSIVE,
 *   POWER_EFFICIENT,
 *   SYSFS        nothing: nobody else waits for the thread, the scheduler places one
 *                that is not PERCPU, and chrt(1) and taskset(1) know it.
 * PERCPU         a thread on each CPU.
 * ORDERED        set by kworkerx_alloc_ordered_workqueue(): one thread.
 */
#define KWORKERX_WQ_BH			0x00001u
#define KWORKERX_WQ_UNBOUND		0x00002u
#define KWORKERX_WQ_FREEZABLE		0x00004u
#define KWORKERX_WQ_MEM_RECLAIM		0x00008u
#define KWORKERX_WQ_HIGHPRI		0x00010u
#define KWORKERX_WQ_CPU_INTENSIVE	0x00020u
#define KWORKERX_WQ_SYSFS		0x00040u
#define KWORKERX_WQ_POWER_EFFICIENT	0x00080u
#define KWORKERX_WQ_PERCPU		0x00100u
#define KWORKERX_WQ_ORDERED		0x20000u

/**
 * struct kworkerx_workqueue_attr - what a workqueue shall be like
 * @name: of its threads; behind it comes the CPU, where there is one on each
 * @percpu: a thread on each CPU, not one for all
 * @flags: KWORKERX_FREEZABLE, which is not for @percpu, and other flags of workers
 * @sched: policy of the threads and what belongs to it, as in &struct
 *	kworkerx_attrs; all zero is SCHED_NORMAL
 * @cpumask: the CPUs that the thread may use, or that have one; not needed after the
 *	creation.  NULL leaves the one thread as it is, and is all for @percpu.
 * @node: where the memory of the one thread comes from, or NUMA_NO_NODE
 * @poll_us: how long the threads look for works before they sleep: see &struct
 *	kworkerx_attrs
 *
 * Start from KWORKERX_WORKQUEUE_ATTR_INIT.  More fields may come at the end.  Callers
 * tell the size that they were compiled with: what they do not know is as if it were
 * 0, which means what was before.
 */
struct kworkerx_workqueue_attr {
	const char		*name;
	bool			percpu;
	unsigned int		flags;
	struct sched_attr	sched;
	const struct cpumask	*cpumask;
	int			node;
	unsigned int		poll_us;
};

/* One thread without attributes, and without a name yet. */
#define KWORKERX_WORKQUEUE_ATTR_INIT	{				\
	.node = NUMA_NO_NODE,						\
	}

/**
 * struct kworkerx_execute_work - for kworkerx_execute_in_process_context()
 * @work: private
 */
struct kworkerx_execute_work {
	struct kworkerx_work	work;
};

/*
 * Creation and destruction
 */

struct kworkerx_workqueue *
__kworkerx_workqueue_create(struct kworkerx_class *class,
			    const struct kworkerx_workqueue_attr *attr, size_t size);
__printf(2, 5)
struct kworkerx_workqueue *
__kworkerx_alloc_workqueue(struct kworkerx_class *class, const char *fmt,
			   unsigned int flags, int max_active, ...);
struct kworkerx_workqueue *
__devm_kworkerx_alloc_workqueue(struct device *dev,
				struct kworkerx_workqueue *wq);
void kworkerx_destroy_workqueue(struct kworkerx_workqueue *wq);

/**
 * kworkerx_workqueue_create() - create a workqueue with attributes
 * @attr: what it shall be like; not needed after the call
 *
 * End it with kworkerx_destroy_workqueue().  Each call in the source is a lockdep
 * class of its own, for workqueues with one thread: see
 * kworkerx_create_worker_on_node().
 *
 * The kernel's workqueue has no such function: its threads are shared.
 *
 * Context: Process context, not from a work of a set.  May sleep.
 * Return: The workqueue, or ERR_PTR() of -ENOMEM, of -EAGAIN if the kernel does not
 *	get another thread, of -EINTR if the caller was killed meanwhile, of -EINVAL
 *	for a missing name, a flag that the workers refuse or a wrong node, of -E2BIG
 *	if @attr has more than the module knows, or of what the kernel has against
 *	@attr->sched or @attr->cpumask.
 */
#define kworkerx_workqueue_create(attr)					\
({									\
	const struct kworkerx_workqueue_attr *__attr = (attr);		\
									\
	__kworkerx_workqueue_create(KWORKERX_CLASS("(wq)" #attr),	\
				    __attr, sizeof(*__attr));		\
})

/**
 * kworkerx_alloc_workqueue() - create a workqueue
 * @fmt: printf-style name of the workqueue; its arguments come last
 * @flags: KWORKERX_WQ_*
 * @max_active: how many of its works may run at the same time on a CPU, or 0.  One
 *	thread runs one, which is within any bound.
 *
 * Its threads have the policy that the module parameter kworkerx_workqueue.policies
 * has for this name, if it has one.  To give them more, see
 * kworkerx_workqueue_create().
 *
 * The kernel's own lets several works of a CPU run at once, as the one that runs
 * sleeps.
 *
 * Context: Process context, not from a work of a set.  May sleep.
 * Return: The workqueue, or NULL.
 */
#define kworkerx_alloc_workqueue(fmt, flags, max_active, ...)		\
	__kworkerx_alloc_workqueue(KWORKERX_CLASS("(wq)" #fmt),		\
				   (fmt), (flags), (max_active), ##__VA_ARGS__)

/**
 * kworkerx_alloc_ordered_workqueue() - create a workqueue with one thread
 * @fmt: printf-style name of the workqueue; its arguments come last
 * @flags: KWORKERX_WQ_FREEZABLE, KWORKERX_WQ_MEM_RECLAIM and KWORKERX_WQ_HIGHPRI
 *	mean something
 *
 * Context: Process context.  May sleep.
 * Return: The workqueue, or NULL.
 */
#define kworkerx_alloc_ordered_workqueue(fmt, flags, ...)		\
	kworkerx_alloc_workqueue(fmt, KWORKERX_WQ_UNBOUND |		\
				 KWORKERX_WQ_ORDERED | (flags), 1, ##__VA_ARGS__)

/**
 * devm_kworkerx_alloc_workqueue() - a workqueue that ends with its device
 * @dev: the device
 * @fmt: printf-style name of the workqueue; its arguments come last
 * @flags: KWORKERX_WQ_*
 * @max_active: as of kworkerx_alloc_workqueue()
 *
 * It is destroyed when the driver is unbound from @dev, in reverse order of the other
 * resources: cancel the delayed works before.
 *
 * Context: Process context, not from a work of a set.  May sleep.
 * Return: The workqueue, or NULL.
 */
#define devm_kworkerx_alloc_workqueue(dev, fmt, flags, max_active, ...)	\
	__devm_kworkerx_alloc_workqueue((dev),				\
		kworkerx_alloc_workqueue(fmt, flags, max_active, ##__VA_ARGS__))

/**
 * devm_kworkerx_alloc_ordered_workqueue() - the same with one thread
 * @dev: the device
 * @fmt: printf-style name of the workqueue; its arguments come last
 * @flags: as of kworkerx_alloc_ordered_workqueue()
 *
 * Context: Process context.  May sleep.
 * Return: The workqueue, or NULL.
 */
#define devm_kworkerx_alloc_ordered_workqueue(dev, fmt, flags, ...)	\
	__devm_kworkerx_alloc_workqueue((dev),				\
		kworkerx_alloc_ordered_workqueue(fmt, flags, ##__VA_ARGS__))

/**
 * kworkerx_create_workqueue() - a workqueue with a thread on each CPU
 * @name: its name
 *
 * Context: Process context, not from a work of a set.  May sleep.
 * Return: The workqueue, or NULL.
 */
#define kworkerx_create_workqueue(name)					\
	kworkerx_alloc_workqueue("%s", KWORKERX_WQ_PERCPU, 1, (name))

/**
 * kworkerx_create_freezable_workqueue() - one with a thread that can be frozen
 * @name: its name
 *
 * Context: Process context.  May sleep.
 * Return: The workqueue, or NULL.
 */
#define kworkerx_create_freezable_workqueue(name)			\
	kworkerx_alloc_workqueue("%s", KWORKERX_WQ_FREEZABLE |		\
				 KWORKERX_WQ_UNBOUND, 1, (name))

/**
 * kworkerx_create_singlethread_workqueue() - a workqueue with one thread
 * @name: its name
 *
 * Context: Process context.  May sleep.
 * Return: The workqueue, or NULL.
 */
#define kworkerx_create_singlethread_workqueue(name)			\
	kworkerx_alloc_ordered_workqueue("%s", 0, (name))

/*
 * Queueing
 */

bool kworkerx_queue_work_on(int cpu, struct kworkerx_workqueue *wq,
			    struct kworkerx_work *work);
bool kworkerx_queue_delayed_work_on(int cpu, struct kworkerx_workqueue *wq,
				    struct kworkerx_delayed_work *dwork,
				    unsigned long delay);
bool kworkerx_mod_delayed_work_on(int cpu, struct kworkerx_workqueue *wq,
				  struct kworkerx_delayed_work *dwork,
				  unsigned long delay);

/**
 * kworkerx_workqueue_queue_work() - queue a work on this CPU
 * @wq: where to run it
 * @work: what to run
 *
 * Context: As kworkerx_queue_work_on().
 * Return: As kworkerx_queue_work_on().
 */
static inline bool kworkerx_workqueue_queue_work(struct kworkerx_workqueue *wq,
						 struct kworkerx_work *work)
{
	return kworkerx_queue_work_on(KWORKERX_WORK_CPU_UNBOUND, wq, work);
}

/**
 * kworkerx_workqueue_queue_delayed_work() - queue a work on this CPU after a delay
 * @wq: where to run it
 * @dwork: what to run
 * @delay: how long to wait, in jiffies; 0 queues at once, without a timer
 *
 * Context: Any but NMI, not with a lock of the scheduler held.
 * Return: As kworkerx_queue_delayed_work_on().
 */
static inline bool
kworkerx_workqueue_queue_delayed_work(struct kworkerx_workqueue *wq,
				      struct kworkerx_delayed_work *dwork,
				      unsigned long delay)
{
	return kworkerx_queue_delayed_work_on(KWORKERX_WORK_CPU_UNBOUND, wq, dwork,
					      delay);
}

/**
 * kworkerx_workqueue_mod_delayed_work() - change the delay of a work, or queue it
 * @wq: where to run it
 * @dwork: what to run
 * @delay: how long to wait from now on, in jiffies; 0 queues at once
 *
 * Context: Any but NMI, not with a lock of the scheduler held.
 * Return: As kworkerx_mod_delayed_work_on().
 */
static inline bool
kworkerx_workqueue_mod_delayed_work(struct kworkerx_workqueue *wq,
				    struct kworkerx_delayed_work *dwork,
				    unsigned long delay)
{
	return kworkerx_mod_delayed_work_on(KWORKERX_WORK_CPU_UNBOUND, wq, dwork,
					    delay);
}

/**
 * kworkerx_enable_and_queue_work() - enable a work, and queue it if it is enabled
 * @wq: where to run it
 * @work: what to run
 *
 * It is queued if no other kworkerx_disable_work() is left that was not undone.
 *
 * Context: Any but NMI, not with a lock of the scheduler held.
 * Return: true if it was enabled, and is queued now.
 */
static inline bool
kworkerx_enable_and_queue_work(struct kworkerx_workqueue *wq,
			       struct kworkerx_work *work)
{
	if (!kworkerx_enable_work(work))
		return false;
	kworkerx_workqueue_queue_work(wq, work);
	return true;
}

/**
 * kworkerx_to_delayed_work() - the delayed work that a work is inside of
 * @work: as a function gets it
 *
 * Context: Any.
 * Return: The delayed work.
 */
static inline struct kworkerx_delayed_work *
kworkerx_to_delayed_work(struct kworkerx_work *work)
{
	return container_of(work, struct kworkerx_delayed_work, work);
}

/*
 * Waiting
 */

void kworkerx_flush_workqueue(struct kworkerx_workqueue *wq);
void kworkerx_drain_workqueue(struct kworkerx_workqueue *wq);

/*
 * The default workqueue, and others that are always there
 */

extern struct kworkerx_workqueue *kworkerx_system_percpu_wq;
extern struct kworkerx_workqueue *kworkerx_system_highpri_wq;
extern struct kworkerx_workqueue *kworkerx_system_dfl_wq;
extern struct kworkerx_workqueue *kworkerx_system_long_wq;
extern struct kworkerx_workqueue *kworkerx_system_freezable_wq;

int kworkerx_schedule_on_each_cpu(kworkerx_work_func_t func);
long kworkerx_work_on_cpu(int cpu, long (*fn)(void *arg), void *arg);
bool kworkerx_current_is_keventd(void);
int __kworkerx_execute_in_process_context(struct kworkerx_class *class,
					  kworkerx_work_func_t fn,
					  struct kworkerx_execute_work *ew);

/**
 * kworkerx_schedule_work_on() - queue a work on a CPU, by default
 * @cpu: the CPU
 * @work: what to run
 *
 * On the default workqueue.
 *
 * Context: Any but NMI, not with a lock of the scheduler held.
 * Return: As kworkerx_queue_work_on().
 */
static inline bool kworkerx_schedule_work_on(int cpu, struct kworkerx_work *work)
{
	return kworkerx_queue_work_on(cpu, kworkerx_system_percpu_wq, work);
}

/**
 * kworkerx_schedule_work() - queue a work on this CPU, by default
 * @work: what to run
 *
 * Context: Any but NMI, not with a lock of the scheduler held.
 * Return: As kworkerx_queue_work_on().
 */
static inline bool kworkerx_schedule_work(struct kworkerx_work *work)
{
	return kworkerx_schedule_work_on(KWORKERX_WORK_CPU_UNBOUND, work);
}

/**
 * kworkerx_schedule_delayed_work_on() - the same on a CPU after a delay
 * @cpu: the CPU
 * @dwork: what to run
 * @delay: how long to wait, in jiffies; 0 queues at once, without a timer
 *
 * Context: Any but NMI, not with a lock of the scheduler held.
 * Return: As kworkerx_queue_delayed_work_on().
 */
static inline bool
kworkerx_schedule_delayed_work_on(int cpu, struct kworkerx_delayed_work *dwork,
				  unsigned long delay)
{
	return kworkerx_queue_delayed_work_on(cpu, kworkerx_system_percpu_wq, dwork,
					      delay);
}

/**
 * kworkerx_schedule_delayed_work() - the same on this CPU after a delay
 * @dwork: what to run
 * @delay: how long to wait, in jiffies; 0 queues at once, without a timer
 *
 * Context: Any but NMI, not with a lock of the scheduler held.
 * Return: As kworkerx_queue_delayed_work_on().
 */
static inline bool
kworkerx_schedule_delayed_work(struct kworkerx_delayed_work *dwork,
			       unsigned long delay)
{
	return kworkerx_schedule_delayed_work_on(KWORKERX_WORK_CPU_UNBOUND, dwork,
						 delay);
}

/**
 * kworkerx_flush_scheduled_work() - wait for all that is scheduled now
 *
 * That is on the default workqueue: works of others, too, which may take their time.
 * The kernel's own warns of it.
 *
 * Context: Process context, not from a work of the default workqueue.  May sleep.
 */
static inline void kworkerx_flush_scheduled_work(void)
{
	kworkerx_flush_workqueue(kworkerx_system_percpu_wq);
}

/**
 * kworkerx_execute_in_process_context() - call a function now, or as a work
 * @fn: the function, which may sleep
 * @ew: memory that lasts until it has run
 *
 * In process context it is called at once, even if the caller must not sleep for
 * another reason; in an interrupt it is scheduled on the default workqueue.  Each call
 * in the source is a lockdep class of its own.
 *
 * Context: Any but NMI, not with a lock of the scheduler held.
 * Return: 0 if it was called, 1 if it was scheduled.
 */
#define kworkerx_execute_in_process_context(fn, ew)			\
	__kworkerx_execute_in_process_context(KWORKERX_CLASS("(work)" #fn), \
					      (fn), (ew))

#endif /* _KWORKERX_WORKQUEUE_H */
