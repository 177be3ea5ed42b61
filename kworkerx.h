/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kworkerx - deferred work that runs in order on a kernel thread of its own.
 *
 * The interface is that of the kernel's kthread_worker under other names:
 * kthread_<verb>_<noun>() is kworkerx_<verb>_<noun>() here, with the
 * signatures of the newest kernel on every supported one.
 *
 * Who may call what, and from where:
 *
 *                           hard irq,     process   may     waits for
 *                           raw lock held context   sleep   functions
 *   queue_*, try_*, mod_*      yes          yes      no        no
 *   cancel_work, disable_work,
 *     enable_work, and delayed yes          yes      no        no
 *   plug_worker, unplug_worker yes          yes      no        no
 *   *_pending, *_busy,
 *     *_remaining, current_*   yes          yes      no        no
 *   init_*                     yes          yes      no        no
 *   flush_*                     -           yes      yes       yes
 *   *_sync                      -           yes      yes       yes
 *   call                        -           yes      yes       yes
 *   create_*, run_*             -           yes      yes       no
 *   drain_*, destroy_*          -           yes      yes       yes
 *   park_worker, unpark_worker  -           yes      yes       yes
 *
 * Nothing here may be called from an NMI, or with a lock of the scheduler
 * held: queueing wakes the worker.
 *
 * What may run at the same time on one work without a lock of the caller's:
 *
 *              queue  mod  flush  cancel  init  free
 *   queue        -     -     -      -      X     X
 *   mod          -     -     -      -      X     X
 *   flush        -     -     -      -      X     X
 *   cancel       -     -     -      -      X     X
 *   its function -     -     -      -      o     o
 *
 *   -  always
 *   o  only by the function itself, on a work that is not pending again
 *   X  never
 *
 * The owner of a worker keeps it until every call that names it has returned,
 * and every flush and cancel of a work that was last queued on it.  A worker
 * from kworkerx_create_worker() is forgiving here: after its destruction these
 * calls still find a defined (and reported) outcome.
 */
#ifndef _KWORKERX_H
#define _KWORKERX_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/err.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/numa.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <uapi/linux/sched/types.h>

#define KWORKERX_VERSION	"0.1.0"

struct device;
struct kworkerx_work;

/**
 * typedef kworkerx_work_func_t - the function of a work
 * @work: the work, embedded in its owner's structure
 *
 * Runs on the worker's thread with no lock held and interrupts enabled.  It
 * may sleep, queue any work (its own too) on any worker, free or initialise
 * its own work, and flush or cancel works on other workers.
 */
typedef void (*kworkerx_work_func_t)(struct kworkerx_work *work);

/**
 * struct kworkerx_attrs - how the thread of a worker runs
 * @sched: policy and what belongs to it: see sched_setattr(2)
 * @cpumask: the CPUs that it may use, or NULL to leave them as they are
 * @node: where its memory comes from, or NUMA_NO_NODE
 */
struct kworkerx_attrs {
	struct sched_attr	sched;
	const struct cpumask	*cpumask;
	int			node;
};

/* What a worker has without attributes. */
#define KWORKERX_ATTRS_INIT	{					\
	.sched.sched_policy = SCHED_NORMAL,				\
	.node = NUMA_NO_NODE,						\
	}

/**
 * struct kworkerx_group - workers that stand in for each other
 * @divert: the queue of a worker is closed: which other one takes @work?
 *	NULL if none does.  @accepted tells that the owner of the work counts
 *	on it: its timer has expired, or it was in the queue.  Called with
 *	interrupts off, maybe from a hard interrupt.  The work is still
 *	pending: it must not be queued, flushed, cancelled or freed here.
 *
 * A work that is queued on one worker of a group while it runs on another is
 * queued on the latter: it never runs twice at once.
 */
struct kworkerx_group {
	struct kworkerx_worker *(*divert)(const struct kworkerx_group *group,
					  struct kworkerx_work *work,
					  bool accepted);
};

/**
 * struct kworkerx_class - what lockdep takes for one kind of worker or work
 * @name: how its reports call it
 * @key: lockdep's
 *
 * While a work runs, lockdep sees two locks held: its worker and itself.  Who
 * may wait for a worker or a work takes the same.  See KWORKERX_CLASS().
 */
struct kworkerx_class {
	const char		*name;
	struct lock_class_key	key;
};

/**
 * KWORKERX_CLASS() - a class of the place in the source where it is written
 * @text: its name
 */
#define KWORKERX_CLASS(text)						\
({									\
	static struct kworkerx_class __kwx_class = { .name = (text) };	\
									\
	&__kwx_class;							\
})

/* The thread of the worker takes part in freezing: see set_freezable(). */
#define KWORKERX_FREEZABLE	0x01u

/*
 * The state word of a work.  A mark in the uppermost byte tells a work that was
 * initialised from memory that was not; below it are:
 *
 * PENDING   somebody owns the right to queue this work, or has queued it.
 *           Its holder alone writes ->node and ->worker.
 * DELAYED   its timer decides: it is on the worker's list of delayed works.
 *           Set and cleared under the worker's lock, only while PENDING.
 * DISABLE   one count for each kworkerx_disable_work() that was not undone.
 * CANCEL    one count for each canceller that waits.  While there is a count
 *           of either kind, nobody gets PENDING.
 *
 * A work can be claimed when its state is exactly KWORKERX_WORK_IDLE.
 */
#define KWORKERX_WORK_IDLE	0x6b000000
#define KWORKERX_WORK_PENDING	0x00000001
#define KWORKERX_WORK_DELAYED	0x00000002
#define KWORKERX_WORK_DISABLE	0x00000004
#define KWORKERX_WORK_DISABLES	0x000003fc
#define KWORKERX_WORK_CANCEL	0x00000400
#define KWORKERX_WORK_CANCELS	0x00fffc00
#define KWORKERX_WORK_BITS	0x00ffffff

/**
 * struct kworkerx_work - one piece of deferred work
 * @node: link in the worker's queue or list of delayed works; both pointers
 *	are NULL while the work is in neither.  Private.
 * @func: what to run; constant while the work is pending
 * @worker: the worker that it was last queued on, NULL before the first time
 * @state: KWORKERX_WORK_* bits.  Private.
 * @lockdep_map: its class; nothing without lockdep.  Private.
 *
 * Embed it in your own structure and initialise it with
 * kworkerx_init_work() or KWORKERX_WORK_INIT().
 */
struct kworkerx_work {
	struct list_head	node;
	kworkerx_work_func_t	func;
	struct kworkerx_worker	*worker;
	atomic_t		state;
	struct lockdep_map	lockdep_map;
};

/**
 * struct kworkerx_delayed_work - a work and the timer that queues it
 * @work: the work
 * @timer: armed while the work waits for its time.  Private.
 */
struct kworkerx_delayed_work {
	struct kworkerx_work	work;
	struct timer_list	timer;
};

/**
 * struct kworkerx_worker - a thread and the queue of works that it runs
 * @task: the thread, NULL while none is attached.  Written under @lock; for
 *	the owner to read, to set a policy, a mask or a cgroup.
 * @flags: KWORKERX_FREEZABLE or 0; constant once there is a thread
 * @created: it came from kworkerx_create_worker() or its kin; constant until
 *	the structure is used again
 * @group: of a worker from kworkerx_alloc_worker(); constant until it is freed.
 *	Who may be late, and meet one that is used again, reads it by
 *	READ_ONCE().
 * @name: name of the last thread, for reports; written before that thread
 *	runs the first work
 * @list: link in the list of workers or of structures to use again; protected
 *	by the lock of these lists
 * @tail: the last node of @queue, or &queue.  Producers move it on by
 *	cmpxchg(), holders of @lock back and forth the same way.  Its lowest
 *	bit is set (under @lock) when the queue is closed to producers.
 * @sleeper: the thread, when somebody who queues must wake it.  Set by the
 *	thread, taken by xchg() by whoever wakes it.
 * @lock: orders everybody but producers: the thread as it takes a work,
 *	those who flush, cancel and arm timers
 * @queue: before the first node; only ->next is used.  Protected by @lock,
 *	but for the store that links a new last node.
 * @current_work: the work that runs, an address only.  Set under @lock by the
 *	thread, which clears it without.
 * @current_func: its function.  Set with it, under @lock.
 * @holds: how many have plugged or parked the worker.  Protected by @lock, read
 *	without it to decide whether to take the lock.
 * @parked: whether its thread is parked, or about to be, or to go on.  Protected
 *	by @lock.
 * @drains: how many drain it, and close the queue for that time.  Protected by
 *	@lock.
 * @ending: it is being destroyed, one of @drains.  Protected by @lock, read
 *	without it for a report.
 * @dead: there is nothing more to come, not even from its own works; or its
 *	group has closed it, one of @drains.  Protected by @lock.
 * @unserved: the thread of a worker in a group does not serve it.  Protected by
 *	@lock.
 * @delayed_work_list: works whose timer is armed.  Protected by @lock.
 * @lockdep_map: its class; nothing without lockdep.  Written under @lock while
 *	the worker has no thread.
 *
 * All fields but @task are private.
 */
struct kworkerx_worker {
	struct task_struct	*task;
	unsigned int		flags;
	bool			created;
	const struct kworkerx_group *group;
	char			name[TASK_COMM_LEN];
	struct list_head	list;

	struct list_head	*tail ____cacheline_aligned_in_smp;
	struct task_struct	*sleeper;

	raw_spinlock_t		lock ____cacheline_aligned_in_smp;
	struct list_head	queue;
	struct kworkerx_work	*current_work;
	kworkerx_work_func_t	current_func;
	unsigned int		holds;
	unsigned int		drains;
	u8			parked;
	bool			ending;
	bool			dead;
	bool			unserved;
	struct list_head	delayed_work_list;
	struct lockdep_map	lockdep_map;
};

/* The class of a static variable is that variable. */
#ifdef CONFIG_LOCKDEP
#define __KWORKERX_MAP_INIT(text, variable)				\
	.lockdep_map = STATIC_LOCKDEP_MAP_INIT(text, &(variable)),
#else
#define __KWORKERX_MAP_INIT(text, variable)
#endif

/**
 * KWORKERX_WORKER_INIT() - static initialiser of a worker without a thread
 * @worker: the variable that it initialises
 */
#define KWORKERX_WORKER_INIT(worker)	{				\
	.list = LIST_HEAD_INIT((worker).list),				\
	.tail = &(worker).queue,					\
	.lock = __RAW_SPIN_LOCK_UNLOCKED((worker).lock),		\
	.delayed_work_list = LIST_HEAD_INIT((worker).delayed_work_list),\
	__KWORKERX_MAP_INIT("(worker)" #worker, worker)			\
	}

/**
 * KWORKERX_WORK_INIT() - static initialiser of a work
 * @work: the variable that it initialises
 * @fn: its function
 *
 * Lockdep wants the variable to be static.  For one on the stack see
 * kworkerx_init_work_onstack().
 */
#define KWORKERX_WORK_INIT(work, fn)	{				\
	.func = (fn),							\
	.state = ATOMIC_INIT(KWORKERX_WORK_IDLE),			\
	__KWORKERX_MAP_INIT("(work)" #work, work)			\
	}

/**
 * KWORKERX_DELAYED_WORK_INIT() - static initialiser of a delayed work
 * @dwork: the variable that it initialises
 * @fn: its function
 */
#define KWORKERX_DELAYED_WORK_INIT(dwork, fn)	{			\
	.work = KWORKERX_WORK_INIT((dwork).work, (fn)),			\
	.timer = __TIMER_INITIALIZER(kworkerx_delayed_work_timer_fn,	\
				     TIMER_IRQSAFE),			\
	}

/**
 * DEFINE_KWORKERX_WORKER() - define a worker without a thread
 * @worker: the variable
 */
#define DEFINE_KWORKERX_WORKER(worker)					\
	struct kworkerx_worker worker = KWORKERX_WORKER_INIT(worker)

/**
 * DEFINE_KWORKERX_WORK() - define a work
 * @work: the variable
 * @fn: its function
 */
#define DEFINE_KWORKERX_WORK(work, fn)					\
	struct kworkerx_work work = KWORKERX_WORK_INIT(work, fn)

/**
 * DEFINE_KWORKERX_DELAYED_WORK() - define a delayed work
 * @dwork: the variable
 * @fn: its function
 */
#define DEFINE_KWORKERX_DELAYED_WORK(dwork, fn)				\
	struct kworkerx_delayed_work dwork =				\
		KWORKERX_DELAYED_WORK_INIT(dwork, fn)

void __kworkerx_init_worker(struct kworkerx_worker *worker,
			    struct kworkerx_class *class);
bool __kworkerx_init_work(struct kworkerx_work *work,
			  kworkerx_work_func_t func,
			  struct kworkerx_class *class, bool onstack);

/**
 * kworkerx_init_worker() - initialise a worker that its owner embeds
 * @worker: memory for it
 *
 * The worker has no thread yet and collects works until one is attached: see
 * kworkerx_worker_fn().  Each call in the source is a lockdep class of its
 * own.  For a thread that takes part in freezing set KWORKERX_FREEZABLE in
 * worker->flags before one is attached.
 *
 * Context: Any.
 */
#define kworkerx_init_worker(worker)					\
	__kworkerx_init_worker((worker), KWORKERX_CLASS("(worker)" #worker))

/**
 * kworkerx_init_work() - initialise a work
 * @work: memory for it
 * @fn: its function
 *
 * Memory that holds a work which is queued at this moment (or was when it was
 * freed without cancelling it) is left as it is, and reported: the queue would
 * be cut otherwise.  A work whose timer is armed counts as queued.  This can
 * be seen where the memory still holds what the work was, and its worker has a
 * thread; there the call takes a time that grows with what is queued.  A kernel
 * with CONFIG_DEBUG_OBJECTS_WORK sees it everywhere.
 *
 * Each call in the source is a lockdep class of its own.  The stock function
 * overwrites a queued work, and the queue with it.
 *
 * Context: Any but NMI.
 * Return: true if the work was initialised.
 */
#define kworkerx_init_work(work, fn)					\
	__kworkerx_init_work((work), (fn), KWORKERX_CLASS("(work)" #fn), false)

/**
 * kworkerx_init_work_onstack() - initialise a work on the stack
 * @work: memory for it
 * @fn: its function
 *
 * As kworkerx_init_work().  Call kworkerx_destroy_work_on_stack() before the
 * function that has it returns.
 *
 * Context: Any but NMI.
 * Return: true if the work was initialised.
 */
#define kworkerx_init_work_onstack(work, fn)				\
	__kworkerx_init_work((work), (fn), KWORKERX_CLASS("(work)" #fn), true)

/**
 * kworkerx_init_delayed_work() - initialise a delayed work
 * @dwork: memory for it
 * @fn: its function
 *
 * As kworkerx_init_work(): one that is pending is left alone, and reported.
 *
 * Context: Any but NMI.
 */
#define kworkerx_init_delayed_work(dwork, fn)				\
	do {								\
		if (kworkerx_init_work(&(dwork)->work, fn))		\
			timer_setup(&(dwork)->timer,			\
				    kworkerx_delayed_work_timer_fn,	\
				    TIMER_IRQSAFE);			\
	} while (0)

/**
 * kworkerx_init_delayed_work_onstack() - initialise a delayed work on the stack
 * @dwork: memory for it
 * @fn: its function
 *
 * As kworkerx_init_work_onstack().  Call
 * kworkerx_destroy_delayed_work_on_stack() at the end.
 *
 * Context: Any but NMI.
 */
#define kworkerx_init_delayed_work_onstack(dwork, fn)			\
	do {								\
		if (kworkerx_init_work_onstack(&(dwork)->work, fn))	\
			timer_setup_on_stack(&(dwork)->timer,		\
					     kworkerx_delayed_work_timer_fn, \
					     TIMER_IRQSAFE);		\
	} while (0)

void kworkerx_destroy_work_on_stack(struct kworkerx_work *work);
void kworkerx_destroy_delayed_work_on_stack(struct kworkerx_delayed_work *dwork);

int kworkerx_worker_fn(void *worker_ptr);

__printf(4, 5)
struct kworkerx_worker *
__kworkerx_create_worker(struct kworkerx_class *class, unsigned int flags,
			 int node, const char namefmt[], ...);

struct kworkerx_worker *
__kworkerx_create_worker_on_cpu(struct kworkerx_class *class, int cpu,
				unsigned int flags, const char namefmt[]);

__printf(4, 5)
struct kworkerx_worker *
__kworkerx_create_worker_attrs(struct kworkerx_class *class,
			       const struct kworkerx_attrs *attrs,
			       unsigned int flags, const char namefmt[], ...);
int kworkerx_set_worker_attrs(struct kworkerx_worker *worker,
			      const struct kworkerx_attrs *attrs);

__printf(4, 5)
struct kworkerx_worker *
__devm_kworkerx_run_worker(struct kworkerx_class *class, struct device *dev,
			   unsigned int flags, const char namefmt[], ...);

/* Wakes the thread of a worker that has just been created. */
static inline struct kworkerx_worker *
__kworkerx_start(struct kworkerx_worker *worker)
{
	if (!IS_ERR(worker))
		wake_up_process(worker->task);
	return worker;
}

/**
 * kworkerx_create_worker_on_node() - create a worker on a NUMA node
 * @flags: KWORKERX_FREEZABLE or 0
 * @node: where the thread's memory comes from, or NUMA_NO_NODE.  Kernels that
 *	know a preferred affinity of kthreads (6.14 and later) also make the
 *	thread prefer the CPUs of this node.
 * @namefmt: printf-style name of the thread, and its arguments
 *
 * The thread is not woken: set its policy through worker->task, then wake it
 * with wake_up_process(), or let the first work do it.  A mask that is set now
 * does not last on kernels whose kthreads choose their CPUs as they start (6.14
 * and later): see kworkerx_create_worker_attrs().  End the worker with
 * kworkerx_destroy_worker(), never with kthread_stop().
 *
 * Each call in the source is a lockdep class of its own, as with the other
 * functions that create workers: a work must not wait for another worker that
 * was created by the same call.
 *
 * Context: Process context.  May sleep.
 * Return: The worker, or ERR_PTR() of -ENOMEM, of -EAGAIN if the kernel does
 *	not get another thread, of -EINTR if the caller was killed meanwhile, or
 *	of -EINVAL for unknown flags or a node that is not online (the stock
 *	function checks neither).
 */
#define kworkerx_create_worker_on_node(flags, node, namefmt, ...)	\
	__kworkerx_create_worker(KWORKERX_CLASS("(worker)" #namefmt),	\
				 (flags), (node), namefmt, ##__VA_ARGS__)

/**
 * kworkerx_create_worker_on_cpu() - create a worker bound to a CPU
 * @cpu: the CPU, which is possible but need not be online
 * @flags: KWORKERX_FREEZABLE or 0
 * @namefmt: name of the thread, where %u stands for @cpu
 *
 * As kworkerx_create_worker_on_node() on the node of @cpu.  The thread is
 * bound to @cpu and user space cannot move it.  The scheduler moves it when it
 * is to run while @cpu is offline, as it does with every bound kthread, and
 * does not bring it back: works are run in any case.
 *
 * Context: Process context.  May sleep.
 * Return: The worker, or ERR_PTR() of an error as those of
 *	kworkerx_create_worker_on_node(); -EINVAL for a CPU that is not possible
 *	(the stock function does not check).
 */
#define kworkerx_create_worker_on_cpu(cpu, flags, namefmt)		\
	__kworkerx_create_worker_on_cpu(KWORKERX_CLASS("(worker)" #namefmt), \
					(cpu), (flags), (namefmt))

/**
 * kworkerx_create_worker_attrs() - create a worker that runs in a given way
 * @attrs: policy and priority, CPUs and node of the thread
 * @flags: KWORKERX_FREEZABLE or 0
 * @namefmt: printf-style name of the thread, and its arguments
 *
 * The thread is awake, and has its attributes before it runs anything.  Start
 * from KWORKERX_ATTRS_INIT.  The stock worker has no such function.
 *
 * Context: Process context.  May sleep.
 * Return: The worker, or ERR_PTR() of an error as those of
 *	kworkerx_create_worker_on_node() and kworkerx_set_worker_attrs().
 */
#define kworkerx_create_worker_attrs(attrs, flags, namefmt, ...)	\
	__kworkerx_create_worker_attrs(KWORKERX_CLASS("(worker)" #namefmt), \
				       (attrs), (flags), namefmt, ##__VA_ARGS__)

/**
 * devm_kworkerx_run_worker() - a worker that ends with its device
 * @dev: the device
 * @flags: KWORKERX_FREEZABLE or 0
 * @namefmt: printf-style name of the thread, and its arguments
 *
 * As kworkerx_run_worker(); kworkerx_destroy_worker() is called when the driver
 * is unbound from @dev, in reverse order of the other resources: cancel the
 * delayed works before.
 *
 * Context: Process context.  May sleep.
 * Return: As kworkerx_create_worker_on_node().
 */
#define devm_kworkerx_run_worker(dev, flags, namefmt, ...)		\
	__devm_kworkerx_run_worker(KWORKERX_CLASS("(worker)" #namefmt),	\
				   (dev), (flags), namefmt, ##__VA_ARGS__)

/**
 * kworkerx_create_worker() - create a worker, do not start its thread yet
 * @flags: KWORKERX_FREEZABLE or 0
 * @namefmt: printf-style name of the thread, and its arguments
 *
 * kworkerx_create_worker_on_node() without a preference.
 *
 * Context: Process context.  May sleep.
 * Return: As kworkerx_create_worker_on_node().
 */
#define kworkerx_create_worker(flags, namefmt, ...)			\
	kworkerx_create_worker_on_node(flags, NUMA_NO_NODE, namefmt,	\
				       ##__VA_ARGS__)

/**
 * kworkerx_run_worker() - create a worker and start its thread
 * @flags: KWORKERX_FREEZABLE or 0
 * @namefmt: printf-style name of the thread, and its arguments
 *
 * Context: Process context.  May sleep.
 * Return: As kworkerx_create_worker_on_node().
 */
#define kworkerx_run_worker(flags, namefmt, ...)			\
	__kworkerx_start(kworkerx_create_worker(flags, namefmt, ##__VA_ARGS__))

/**
 * kworkerx_run_worker_on_cpu() - create a bound worker and start its thread
 * @cpu: the CPU to bind it to
 * @flags: KWORKERX_FREEZABLE or 0
 * @namefmt: name of the thread, where %u stands for @cpu
 *
 * Context: Process context.  May sleep.
 * Return: As kworkerx_create_worker_on_cpu().
 */
#define kworkerx_run_worker_on_cpu(cpu, flags, namefmt)			\
	__kworkerx_start(kworkerx_create_worker_on_cpu(cpu, flags, namefmt))

bool kworkerx_queue_work(struct kworkerx_worker *worker,
			 struct kworkerx_work *work);
bool kworkerx_queue_work_first(struct kworkerx_worker *worker,
			       struct kworkerx_work *work);
bool kworkerx_queue_delayed_work(struct kworkerx_worker *worker,
				 struct kworkerx_delayed_work *dwork,
				 unsigned long delay);
bool kworkerx_mod_delayed_work(struct kworkerx_worker *worker,
			       struct kworkerx_delayed_work *dwork,
			       unsigned long delay);
bool kworkerx_mod_pending_delayed_work(struct kworkerx_worker *worker,
				       struct kworkerx_delayed_work *dwork,
				       unsigned long delay);
int kworkerx_call(struct kworkerx_worker *worker, int (*fn)(void *arg),
		  void *arg);

bool kworkerx_flush_work(struct kworkerx_work *work);
int kworkerx_flush_work_timeout(struct kworkerx_work *work,
				unsigned long timeout);
bool kworkerx_flush_delayed_work(struct kworkerx_delayed_work *dwork);
int kworkerx_flush_worker(struct kworkerx_worker *worker);
int kworkerx_flush_worker_timeout(struct kworkerx_worker *worker,
				  unsigned long timeout);

bool kworkerx_cancel_work(struct kworkerx_work *work);
bool kworkerx_cancel_work_sync(struct kworkerx_work *work);
bool kworkerx_cancel_delayed_work(struct kworkerx_delayed_work *dwork);
bool kworkerx_cancel_delayed_work_sync(struct kworkerx_delayed_work *dwork);
bool kworkerx_disable_work(struct kworkerx_work *work);
bool kworkerx_disable_work_sync(struct kworkerx_work *work);
bool kworkerx_enable_work(struct kworkerx_work *work);

/**
 * kworkerx_disable_delayed_work() - kworkerx_disable_work() for a delayed work
 * @dwork: the delayed work
 *
 * Context: Any but NMI, not with a lock of the scheduler held.
 * Return: As kworkerx_disable_work().
 */
static inline bool
kworkerx_disable_delayed_work(struct kworkerx_delayed_work *dwork)
{
	return kworkerx_disable_work(&dwork->work);
}

/**
 * kworkerx_disable_delayed_work_sync() - the same, and wait
 * @dwork: the delayed work
 *
 * Context: Process context.  May sleep.
 * Return: As kworkerx_disable_work_sync().
 */
static inline bool
kworkerx_disable_delayed_work_sync(struct kworkerx_delayed_work *dwork)
{
	return kworkerx_disable_work_sync(&dwork->work);
}

/**
 * kworkerx_enable_delayed_work() - kworkerx_enable_work() for a delayed work
 * @dwork: the delayed work
 *
 * Context: Any.
 * Return: As kworkerx_enable_work().
 */
static inline bool
kworkerx_enable_delayed_work(struct kworkerx_delayed_work *dwork)
{
	return kworkerx_enable_work(&dwork->work);
}

/**
 * kworkerx_work_pending() - is a work queued, or does it wait for its timer?
 * @work: the work
 *
 * A snapshot: it may have changed on return.
 *
 * Context: Any.
 * Return: true if so.
 */
static inline bool kworkerx_work_pending(struct kworkerx_work *work)
{
	return atomic_read(&work->state) & KWORKERX_WORK_PENDING;
}

bool kworkerx_work_busy(struct kworkerx_work *work);
unsigned long
kworkerx_delayed_work_remaining(struct kworkerx_delayed_work *dwork);
struct kworkerx_worker *kworkerx_current_worker(void);
struct kworkerx_work *kworkerx_current_work(void);

int kworkerx_plug_worker(struct kworkerx_worker *worker);
void kworkerx_unplug_worker(struct kworkerx_worker *worker);
int kworkerx_park_worker(struct kworkerx_worker *worker);
void kworkerx_unpark_worker(struct kworkerx_worker *worker);

int kworkerx_drain_worker(struct kworkerx_worker *worker);
int kworkerx_drain_worker_timeout(struct kworkerx_worker *worker,
				  unsigned long timeout);
void kworkerx_destroy_worker(struct kworkerx_worker *worker);
int kworkerx_destroy_worker_timeout(struct kworkerx_worker *worker,
				    unsigned long timeout);

/*
 * For workers whose threads come and go, of which kworkerx_percpu.c makes one
 * for each CPU.
 */
struct kworkerx_worker *
kworkerx_alloc_worker(const struct kworkerx_group *group);
void kworkerx_open_worker(struct kworkerx_worker *worker,
			  struct task_struct *task);
void kworkerx_serve_worker(struct kworkerx_worker *worker);
void kworkerx_close_worker(struct kworkerx_worker *worker);
void kworkerx_evict_worker(struct kworkerx_worker *worker);
void kworkerx_free_worker(struct kworkerx_worker *worker);

int kworkerx_try_queue_work(struct kworkerx_worker *worker,
			    struct kworkerx_work *work);
int kworkerx_try_queue_delayed_work(struct kworkerx_worker *worker,
				    struct kworkerx_delayed_work *dwork,
				    unsigned long delay);

/* The timer of every delayed work; for the initialisers above only. */
void kworkerx_delayed_work_timer_fn(struct timer_list *timer);

#endif /* _KWORKERX_H */
