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
 *   plug_worker, unplug_worker,
 *     unpark_worker            yes          yes      no        no
 *   *_pending, *_busy,
 *     *_remaining, current_*   yes          yes      no        no
 *   init_*                     yes          yes      no        no
 *   flush_*                     -           yes      yes       yes
 *   *_sync                      -           yes      yes       yes
 *   call                        -           yes      yes       yes
 *   create_*, run_*             -           yes      yes       no
 *   set_worker_attrs            -           yes      yes       no
 *   drain_*, destroy_*          -           yes      yes       yes
 *   park_worker                 -           yes      yes       yes
 *
 * In an NMI, and with a lock of the scheduler held (of a CPU's queue, or a task's
 * pi_lock), one may queue on workers that are KWORKERX_ANYWHERE, by
 * kworkerx_queue_work(), _try_queue_work() and _queue_work_nowake(), and wake them by
 * kworkerx_wake_worker(); and nothing else.  Those calls take no lock then, and an
 * interrupt wakes the thread as soon as it may.  What would need a lock is refused:
 * a work that was last queued on another worker, and a queue that is closed, because
 * the worker is drained, is destroyed, or is that of a CPU that is absent.  As a lock
 * of the scheduler does not show, the same holds whenever interrupts are off.
 *
 * All other calls are refused and reported in an NMI.  With a lock of the scheduler
 * held they may deadlock, and so may queueing on other workers, which wakes them:
 * lockdep reports that; without lockdep nobody knows.
 *
 * To queue wakes a thread that is idle, never one that runs a function: a sleep of the
 * function's own is not disturbed.
 *
 * Who waits only for what runs (a flush or a cancellation of a work that runs)
 * does not wait until a plug or a park is undone.  Who waits for what is queued
 * does.
 *
 * Who waits for a worker that is KWORKERX_INHERIT, without a time limit, lends his
 * priority to its thread until he need not wait any more, be it real-time or a
 * deadline; if its function waits in turn for another such worker, to that one, too.
 * The nice value is not lent.
 *
 * A wait for a worker that is KWORKERX_FREEZABLE, or that is plugged, parked or
 * held when the wait begins, does not keep the system from being suspended: the
 * waiter is frozen in it.  He must hold no lock then that somebody else needs to
 * be frozen, which lockdep does not check for him.
 *
 * After kworkerx_cancel_delayed_work_sync(), and kworkerx_cancel_work_sync() of the
 * work inside a delayed work, no function of its timer runs, nor will until it is
 * armed again.
 *
 * Between two works the thread is a quiescent state for RCU Tasks: a worker that
 * is never idle does not hold up synchronize_rcu_tasks().
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
 * from kworkerx_create_worker() is forgiving here: after its destruction flush
 * and cancel of such a work return at once, and calls that name the worker are
 * refused and reported.  That ends when 64 others were destroyed, and a grace
 * period of RCU has passed: then a new worker may have the structure, and what
 * the old pointer is used for is done to the new one, without a report.
 *
 * A module that goes while its works are queued, armed or running on a worker that
 * stays is reported; they are taken back, and what runs is waited for.
 *
 * Misuse that is noticed is reported and has a defined outcome: docs/reports.md
 * has the list, and kworkerx.c what a function may leave behind on its thread.
 * The module parameter kworkerx.report decides how: 0 not at all, 1 by a message,
 * 2 (the default) by a warning with a stack.
 */
#ifndef _KWORKERX_H
#define _KWORKERX_H

#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/numa.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <uapi/linux/sched/types.h>

#define KWORKERX_VERSION	"0.1.0"

struct device;
struct kworkerx_more;
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
 * @poll_us: how long it looks for works before it sleeps, in microseconds, at most:
 *	it does less where that turns out to be in vain, and nothing while another
 *	thread wants its CPU.  0, the usual, is not at all.  A worker that was created
 *	with 0 stays so.
 *
 * More fields may come at the end.  Callers tell the size that they were compiled
 * with: what they do not know is as if it were 0, which means what was before.
 */
struct kworkerx_attrs {
	struct sched_attr	sched;
	const struct cpumask	*cpumask;
	int			node;
	unsigned int		poll_us;
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
 * @arms_closed: delayed works are armed on a worker that is closed, and look
 *	when they expire whether it is open again
 * @flags: for all workers of the group: KWORKERX_ANYWHERE, _INHERIT, _LANES and _POLLS
 * @poll_us: with KWORKERX_POLLS: see &kworkerx_attrs.poll_us
 *
 * A work that is queued on one worker of a group while it runs on another is
 * queued on the latter: it never runs twice at once.
 */
struct kworkerx_group {
	struct kworkerx_worker *(*divert)(const struct kworkerx_group *group,
					  struct kworkerx_work *work,
					  bool accepted);
	bool arms_closed;
	unsigned int flags;
	unsigned int poll_us;
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

/*
 * What a worker is created with, for its life:
 *
 * FREEZABLE  its thread takes part in freezing: see set_freezable().
 * ANYWHERE   works can be queued on it in an NMI and with a lock of the scheduler
 *            held: see kworkerx_queue_work().
 * INHERIT    who waits for it lends his priority to the thread as long as he waits,
 *            if that is without a time limit.  Not together with FREEZABLE.
 * POLLS      set by kworkerx_create_worker_attrs(): see &kworkerx_attrs.poll_us.
 * LANES      works that are urgent run before the others: see
 *            kworkerx_set_work_urgent().
 */
#define KWORKERX_FREEZABLE	0x01u
#define KWORKERX_ANYWHERE	0x02u
#define KWORKERX_INHERIT	0x04u
#define KWORKERX_POLLS		0x08u
#define KWORKERX_LANES		0x10u

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
 * URGENT    its lane, on a worker that has two.  Looked at while it is published.
 * UNSEEN    it was queued in an NMI, and debug objects do not know that yet.
 *           Only while PENDING.
 * TIMED     it is inside a delayed work whose timer was armed before.
 *
 * A work can be claimed when its state is KWORKERX_WORK_IDLE, with TIMED
 * and URGENT or not.
 */
#define KWORKERX_WORK_IDLE	0x6b000000
#define KWORKERX_WORK_PENDING	0x00000001
#define KWORKERX_WORK_DELAYED	0x00000002
#define KWORKERX_WORK_DISABLE	0x00000004
#define KWORKERX_WORK_DISABLES	0x000003fc
#define KWORKERX_WORK_CANCEL	0x00000400
#define KWORKERX_WORK_CANCELS	0x001ffc00
#define KWORKERX_WORK_URGENT	0x00200000
#define KWORKERX_WORK_UNSEEN	0x00400000
#define KWORKERX_WORK_TIMED	0x00800000
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

/* The life of a worker: what each state means, and what comes next, is in kworkerx.c. */
enum kworkerx_life {
	KWORKERX_OPEN,
	KWORKERX_PARKED,
	KWORKERX_ENDING,
	KWORKERX_CLOSED,
	KWORKERX_DEAD,
};

/**
 * struct kworkerx_worker - a thread and the queue of works that it runs
 * @tail: the last node of @queue, or &queue.  Producers move it on by
 *	cmpxchg(), holders of @lock back and forth the same way.  Its two
 *	lowest bits (changed under @lock) tell producers that the queue is
 *	closed, and that there is something to look at before they append.
 * @sleeper: the thread, when somebody who queues must wake it.  Set by the
 *	thread, taken under @lock by whoever wakes it; the thread takes itself
 *	out before it takes @lock.
 * @task: the thread, NULL while none is attached.  Written under @lock; for
 *	the owner to read, to set a policy, a mask or a cgroup.
 * @group: of a worker from kworkerx_alloc_worker(); constant until it is freed.
 *	Who may be late, and meet one that is used again, reads it by
 *	READ_ONCE().
 * @full_name: of a worker that was created with its thread; constant until the
 *	structure is used again
 * @list: link in the list of workers or of structures to use again; protected
 *	by the lock of these lists
 * @more: what a worker needs that has asked for it by its flags, or NULL; constant
 *	until the structure is used again
 * @flags: KWORKERX_FREEZABLE and the others, or 0; constant from before it is open, or
 *	has a thread, until the structure is used again
 * @birth: how often the structure was created; constant while the worker lives
 * @created: it came from kworkerx_create_worker() or its kin; constant until
 *	the structure is used again
 * @life: its state.  Changed by kworkerx_turn() under @lock, read without it for
 *	reports.
 * @lock: orders everybody but producers: the thread as it takes a work,
 *	those who flush, cancel and arm timers
 * @holds: how many have plugged or parked the worker; 1 for one of a group that
 *	is to run nothing.  Protected by @lock, read without it to decide whether
 *	to take the lock.
 * @queue: before the first node; only ->next is used.  Protected by @lock,
 *	but for the store that links a new last node.
 * @current_work: the work that runs, an address only.  Set under @lock by the
 *	thread, which clears it without.
 * @current_func: its function.  Set with it, under @lock.
 * @drains: how many drain it, and close the queue for that time.  Protected by
 *	@lock.
 * @delayed_work_list: works whose timer is armed.  Protected by @lock.
 * @grace_period: after it nobody can have come late to a dead worker; protected
 *	by the lock of the list of structures to use again
 * @comm: name of the last thread, for reports; written before that thread
 *	runs the first work
 * @gap: what the fields before it are shorter on 32 bits
 * @lockdep_map: its class; nothing without lockdep.  Written under @lock while
 *	the worker has no thread.
 *
 * All fields but @task are private; @flags is for the owner of an embedded worker
 * to set before it has a thread.  @tail, which producers write, and @lock, with
 * what the thread writes behind it, are 64 bytes apart: on two cache lines, wherever
 * an allocator puts the structure, which needs no alignment beyond that of an
 * unsigned long.  It has at most 192 bytes on a 64-bit kernel without lockdep and
 * debugging of spinlocks.
 */
struct kworkerx_worker {
	struct list_head	*tail;
	struct task_struct	*sleeper;
	const char		*full_name;
	struct list_head	list;
	unsigned long		grace_period;
	char			comm[TASK_COMM_LEN];
	char			gap[64 - 8 * sizeof(long)];

	raw_spinlock_t		lock;
	unsigned int		holds;
	struct list_head	queue;
	struct kworkerx_work	*current_work;
	kworkerx_work_func_t	current_func;
	const struct kworkerx_group *group;
	bool			created;
	u8			life;
	unsigned int		drains;
	struct task_struct	*task;
	struct list_head	delayed_work_list;
	struct kworkerx_more	*more;
	unsigned int		flags;
	unsigned int		birth;
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
void __kworkerx_init_work(struct kworkerx_work *work,
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
 * Whatever the memory holds is overwritten.  A kernel with
 * CONFIG_DEBUG_OBJECTS_WORK sees that it holds a work which is pending, reports
 * that, and takes it back before; on others the queue is cut then, as it is by the
 * stock function.
 *
 * Each call in the source is a lockdep class of its own.
 *
 * Context: Any but NMI.
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
 */
#define kworkerx_init_work_onstack(work, fn)				\
	__kworkerx_init_work((work), (fn), KWORKERX_CLASS("(work)" #fn), true)

/**
 * kworkerx_init_delayed_work() - initialise a delayed work
 * @dwork: memory for it
 * @fn: its function
 *
 * As kworkerx_init_work().
 *
 * Context: Any but NMI.
 */
#define kworkerx_init_delayed_work(dwork, fn)				\
	do {								\
		kworkerx_init_work(&(dwork)->work, fn);			\
		timer_setup(&(dwork)->timer,				\
			    kworkerx_delayed_work_timer_fn,		\
			    TIMER_IRQSAFE);				\
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
		kworkerx_init_work_onstack(&(dwork)->work, fn);		\
		timer_setup_on_stack(&(dwork)->timer,			\
				     kworkerx_delayed_work_timer_fn,	\
				     TIMER_IRQSAFE);			\
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

int __kworkerx_set_worker_attrs(struct kworkerx_worker *worker,
				const struct kworkerx_attrs *attrs, size_t size);

/**
 * kworkerx_set_worker_attrs() - change where and how the thread runs
 * @worker: a worker with a thread, which may be running works
 * @attrs: what to change it to; @attrs->node has no meaning here
 *
 * The kernel decides what it grants: see sched_setattr(2) for the policies.  A
 * deadline policy wants a mask of all CPUs.  Either all is changed or nothing.
 * The thread of a worker in a group is the group's, and refused.
 *
 * The stock worker has no such function.
 *
 * Context: Process context.  May sleep.  Waits while the thread must not migrate.
 * Return: 0, or an error: -ENOMEM; -ESRCH if the worker has no thread; -E2BIG if
 *	@attrs has more than the module knows; -EINVAL for a worker that is to poll
 *	and was created without that; -EINVAL or another one for what the kernel
 *	refuses.
 */
static inline int kworkerx_set_worker_attrs(struct kworkerx_worker *worker,
					    const struct kworkerx_attrs *attrs)
{
	return __kworkerx_set_worker_attrs(worker, attrs, sizeof(*attrs));
}

struct kworkerx_worker *
__devm_kworkerx_run_worker(struct device *dev, struct kworkerx_worker *worker);

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
 * @flags: any of KWORKERX_FREEZABLE, KWORKERX_ANYWHERE, KWORKERX_INHERIT and
 *	KWORKERX_LANES
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
 *	of -EINVAL for unknown flags, for FREEZABLE and INHERIT together, or for a
 *	node that is not online (the stock function checks neither).
 */
#define kworkerx_create_worker_on_node(flags, node, namefmt, ...)	\
	__kworkerx_create_worker(KWORKERX_CLASS("(worker)" #namefmt),	\
				 (flags), (node), namefmt, ##__VA_ARGS__)

/**
 * kworkerx_create_worker_on_cpu() - create a worker bound to a CPU
 * @cpu: the CPU, which is possible but need not be online
 * @flags: as of kworkerx_create_worker_on_node()
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
 * @flags: as of kworkerx_create_worker_on_node()
 * @namefmt: printf-style name of the thread, and its arguments
 *
 * The thread is awake, and has its attributes before it runs anything.  It polls only
 * if this call says so: see &kworkerx_attrs.poll_us.  Start
 * from KWORKERX_ATTRS_INIT.  The stock worker has no such function.
 *
 * Context: Process context.  May sleep.
 * Return: The worker, or ERR_PTR() of an error as those of
 *	kworkerx_create_worker_on_node() and kworkerx_set_worker_attrs().
 */
#define kworkerx_create_worker_attrs(attrs, flags, namefmt, ...)	\
({									\
	const struct kworkerx_attrs *__attrs = (attrs);			\
									\
	__kworkerx_give_attrs(						\
		kworkerx_create_worker_on_node(				\
			(flags) | (__attrs->poll_us ? KWORKERX_POLLS : 0), \
			__attrs->node, namefmt, ##__VA_ARGS__),		\
		__attrs);						\
})

/**
 * devm_kworkerx_run_worker() - a worker that ends with its device
 * @dev: the device
 * @flags: as of kworkerx_create_worker_on_node()
 * @namefmt: printf-style name of the thread, and its arguments
 *
 * As kworkerx_run_worker(); the worker is destroyed when the driver is unbound
 * from @dev, in reverse order of the other resources: cancel the delayed works
 * before.  It may be destroyed by hand, too.
 *
 * Context: Process context.  May sleep.
 * Return: As kworkerx_create_worker_on_node().
 */
#define devm_kworkerx_run_worker(dev, flags, namefmt, ...)		\
	__devm_kworkerx_run_worker((dev),				\
				   kworkerx_create_worker(flags, namefmt, \
							  ##__VA_ARGS__))

/**
 * kworkerx_create_worker() - create a worker, do not start its thread yet
 * @flags: as of kworkerx_create_worker_on_node()
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
 * @flags: as of kworkerx_create_worker_on_node()
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
 * @flags: as of kworkerx_create_worker_on_node()
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
bool kworkerx_queue_work_nowake(struct kworkerx_worker *worker,
				struct kworkerx_work *work);
void kworkerx_wake_worker(struct kworkerx_worker *worker);
int kworkerx_try_queue_work(struct kworkerx_worker *worker,
			    struct kworkerx_work *work);
int __kworkerx_queue_delayed_work(struct kworkerx_worker *worker,
				  struct kworkerx_delayed_work *dwork,
				  unsigned long delay, bool reports);
int __kworkerx_mod_delayed_work(struct kworkerx_worker *worker,
				struct kworkerx_delayed_work *dwork,
				unsigned long delay, bool pending);

int __kworkerx_flush_work(struct kworkerx_work *work, unsigned long timeout);
bool kworkerx_flush_delayed_work(struct kworkerx_delayed_work *dwork);
int kworkerx_flush_worker_timeout(struct kworkerx_worker *worker,
				  unsigned long timeout);

bool kworkerx_cancel_work(struct kworkerx_work *work);
bool kworkerx_cancel_work_sync(struct kworkerx_work *work);
bool __kworkerx_hold_off(struct kworkerx_work *work);
bool kworkerx_enable_work(struct kworkerx_work *work);

/**
 * kworkerx_set_work_urgent() - choose the lane of a work
 * @work: the work, also one inside a delayed work
 * @urgent: it is to run before those that are not
 *
 * On a worker that is KWORKERX_LANES works that are urgent run before all others
 * that are queued, first in first out among themselves.  In all else they are works as
 * any: what waits for them, takes them back, delays them or is refused.  The others run
 * when no urgent one is queued, be that never.  On a worker that has one lane, an
 * urgent work is in it.
 *
 * Whoever waits for one of the others, or for all, may wait for urgent ones that come
 * after his call; if nothing but urgent works is queued then, he does not.  On a worker
 * that is plugged or parked he waits for them, too.
 *
 * Holds from the next time that the work is put into a queue: by a call, by its timer, or
 * because it moves to another worker of its group.  A work that is initialised is not
 * urgent.  kworkerx_queue_work_first() comes before all.
 *
 * The stock worker has no such function.
 *
 * Context: Any.
 */
static inline void kworkerx_set_work_urgent(struct kworkerx_work *work, bool urgent)
{
	if (urgent)
		atomic_or(KWORKERX_WORK_URGENT, &work->state);
	else
		atomic_andnot(KWORKERX_WORK_URGENT, &work->state);
}

/**
 * kworkerx_disable_work() - take a work back and refuse to queue it
 * @work: the work, also one inside a delayed work
 *
 * Until kworkerx_enable_work() was called as many times, up to 255, every
 * attempt to queue the work is refused.  An instance that runs goes on.
 *
 * The stock worker has no such function.
 *
 * Context: Any but NMI, not with a lock of the scheduler held.
 * Return: true if a pending instance was taken back.
 */
static inline bool kworkerx_disable_work(struct kworkerx_work *work)
{
	return __kworkerx_hold_off(work) && kworkerx_cancel_work(work);
}

/**
 * kworkerx_disable_work_sync() - the same, and wait until it does not run
 * @work: the work, also one inside a delayed work
 *
 * On return the work is idle, and stays so until it is enabled.  From a work of
 * the same worker the wait for a running function is left out, and reported.
 *
 * Context: Process context.  May sleep.
 * Return: true if a pending instance was taken back.
 */
static inline bool kworkerx_disable_work_sync(struct kworkerx_work *work)
{
	return __kworkerx_hold_off(work) && kworkerx_cancel_work_sync(work);
}

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
struct kworkerx_worker *kworkerx_current_worker(void);

/**
 * kworkerx_delayed_work_remaining() - how long does a delayed work still wait?
 * @dwork: the delayed work
 *
 * A snapshot: it may have changed on return.
 *
 * Context: Any.
 * Return: The time until its timer expires, in jiffies; 0 if it is not armed,
 *	or late.
 */
static inline unsigned long
kworkerx_delayed_work_remaining(struct kworkerx_delayed_work *dwork)
{
	long left = READ_ONCE(dwork->timer.expires) - jiffies;

	if (!(atomic_read(&dwork->work.state) & KWORKERX_WORK_DELAYED))
		return 0;
	return left > 0 ? left : 0;
}

/**
 * kworkerx_current_work() - the work that the caller is called from
 *
 * Context: Any but NMI.
 * Return: The work, whose memory may be gone if its function has freed it; or
 *	NULL if the caller is not called from one, or in an interrupt.
 */
static inline struct kworkerx_work *kworkerx_current_work(void)
{
	struct kworkerx_worker *worker = kworkerx_current_worker();

	return worker ? READ_ONCE(worker->current_work) : NULL;
}

int kworkerx_plug_worker(struct kworkerx_worker *worker);
void kworkerx_unplug_worker(struct kworkerx_worker *worker);
int kworkerx_park_worker(struct kworkerx_worker *worker);
void kworkerx_unpark_worker(struct kworkerx_worker *worker);

int kworkerx_drain_worker_timeout(struct kworkerx_worker *worker,
				  unsigned long timeout);
int kworkerx_destroy_worker_timeout(struct kworkerx_worker *worker,
				    unsigned long timeout);

/*
 * For workers whose threads come and go, of which kworkerx_percpu.c makes one
 * for each CPU.
 */
struct kworkerx_worker *
kworkerx_alloc_worker(const struct kworkerx_group *group,
		      struct kworkerx_class *class);
void kworkerx_open_worker(struct kworkerx_worker *worker,
			  struct task_struct *task);
void kworkerx_serve_worker(struct kworkerx_worker *worker);
void kworkerx_close_worker(struct kworkerx_worker *worker);
void kworkerx_hold_worker(struct kworkerx_worker *worker);
void kworkerx_evict_worker(struct kworkerx_worker *worker);
void kworkerx_free_worker(struct kworkerx_worker *worker);

/*
 * What stands on the above
 */

/**
 * kworkerx_flush_work_timeout() - wait for a work, but not forever
 * @work: the work
 * @timeout: how long to wait at most, in jiffies
 *
 * As kworkerx_flush_work().  The stock worker has no such function.
 *
 * Context: Process context.  May sleep.
 * Return: 0 if there is nothing (more) to wait for, -ETIMEDOUT, or -EDEADLK in
 *	a work of the same worker.
 */
static inline int kworkerx_flush_work_timeout(struct kworkerx_work *work,
					      unsigned long timeout)
{
	int ret = __kworkerx_flush_work(work, timeout);

	return ret < 0 ? ret : 0;
}

/**
 * kworkerx_flush_work() - wait for a work
 * @work: the work
 *
 * Waits for the instance that is pending in a queue or, if none is, for the
 * one that is running.  Does not wait for works that were queued after it, nor
 * for an instance that is queued after the call.  Returns at once if the work
 * was never queued, is idle, or waits for its timer (the stock function waits
 * forever for the latter).  If the work is cancelled meanwhile, the wait ends
 * in its turn.
 *
 * A worker without a thread, or one that is plugged or parked, makes this wait
 * until it runs works again, unless the work runs already.  From a work of the
 * same worker the wait would never end: it is left out, and reported.
 *
 * Context: Process context.  May sleep.
 * Return: true if it waited (the stock function does not tell).
 */
static inline bool kworkerx_flush_work(struct kworkerx_work *work)
{
	return __kworkerx_flush_work(work, MAX_SCHEDULE_TIMEOUT) > 0;
}

/**
 * kworkerx_flush_worker() - wait for all that is queued now
 * @worker: the worker
 *
 * Waits for every work that was queued before the call.  Does not wait for
 * works that are queued later, those of works that it waits for included, nor
 * for works that wait for their timer.
 *
 * A worker that is plugged or parked makes this wait until it runs works again, if
 * something is queued; one without a thread in any case, unless it is plugged and
 * nothing is queued.  A call from one of its own works, or for a worker that is
 * destroyed, returns at once and is reported.
 *
 * Context: Process context.  May sleep.
 * Return: 0, or an error as kworkerx_flush_worker_timeout() (the stock function
 *	returns nothing).
 */
static inline int kworkerx_flush_worker(struct kworkerx_worker *worker)
{
	return kworkerx_flush_worker_timeout(worker, MAX_SCHEDULE_TIMEOUT);
}

/**
 * kworkerx_queue_delayed_work() - queue a work after a delay
 * @worker: where to run it
 * @dwork: what to run
 * @delay: how long to wait, in jiffies; 0 queues at once, without a timer
 *
 * The work is pending from now on and takes its place at the end of the queue
 * when the delay is over.
 *
 * Context: Any but NMI, not with a lock of the scheduler held.
 * Return: true if the work was queued or its timer armed; false if it was
 *	pending already (in the queue or waiting for its timer), is being
 *	cancelled, or the call was refused as kworkerx_queue_work() does.
 */
static inline bool
kworkerx_queue_delayed_work(struct kworkerx_worker *worker,
			    struct kworkerx_delayed_work *dwork,
			    unsigned long delay)
{
	return __kworkerx_queue_delayed_work(worker, dwork, delay, true) > 0;
}

/**
 * kworkerx_try_queue_delayed_work() - the same, and tell refused from pending
 * @worker: where to run it
 * @dwork: what to run
 * @delay: how long to wait, in jiffies; 0 queues at once, without a timer
 *
 * See kworkerx_try_queue_work().
 *
 * Context: Any but NMI, not with a lock of the scheduler held.
 * Return: 1 if the work was queued or its timer armed; 0 if it was pending
 *	already, is disabled or is being cancelled; -ESHUTDOWN if it was idle,
 *	and still is; -EAGAIN in an NMI.
 */
static inline int
kworkerx_try_queue_delayed_work(struct kworkerx_worker *worker,
				struct kworkerx_delayed_work *dwork,
				unsigned long delay)
{
	return __kworkerx_queue_delayed_work(worker, dwork, delay, false);
}

/**
 * kworkerx_mod_delayed_work() - change the delay of a work, or queue it
 * @worker: where to run it
 * @dwork: what to run
 * @delay: how long to wait from now on, in jiffies; 0 queues at once
 *
 * A work that is pending, on its timer or in the queue, starts its wait again.
 * One that is not pending (which may be running) is queued as by
 * kworkerx_queue_delayed_work().  The number of runs to come is one in both
 * cases: the result tells whether this call has added it.
 *
 * While somebody cancels the work nothing is changed and the result is true,
 * for the same reason: nothing was added.
 *
 * A work that is pending on another worker, or on one that is being destroyed,
 * is left as it is, and reported (the stock function corrupts both workers).
 *
 * Context: Any but NMI, not with a lock of the scheduler held.
 * Return: false if this call has added a run, which takes a reference where they
 *	are counted; true if it has not, because the work was pending, is being
 *	cancelled, or the call was refused.
 */
static inline bool
kworkerx_mod_delayed_work(struct kworkerx_worker *worker,
			  struct kworkerx_delayed_work *dwork,
			  unsigned long delay)
{
	return __kworkerx_mod_delayed_work(worker, dwork, delay, false) <= 0;
}

/**
 * kworkerx_try_mod_delayed_work() - the same, and tell refused from pending
 * @worker: where to run it
 * @dwork: what to run
 * @delay: how long to wait from now on, in jiffies; 0 queues at once
 *
 * A work that is pending on another worker of a group moves.
 *
 * Context: Any but NMI, not with a lock of the scheduler held.
 * Return: 1 if this call has added a run; 0 if the work was pending and has its new
 *	delay; -EBUSY if it is being cancelled or disabled; -ESHUTDOWN if the call
 *	was refused; -EAGAIN in an NMI.
 */
static inline int
kworkerx_try_mod_delayed_work(struct kworkerx_worker *worker,
			      struct kworkerx_delayed_work *dwork,
			      unsigned long delay)
{
	return __kworkerx_mod_delayed_work(worker, dwork, delay, false);
}

/**
 * kworkerx_mod_pending_delayed_work() - change the delay of a pending work
 * @worker: where it is pending
 * @dwork: the delayed work
 * @delay: how long to wait from now on, in jiffies; 0 queues at once
 *
 * As kworkerx_mod_delayed_work(), but a work that is not pending is left alone.
 * The stock worker has no such function.
 *
 * Context: Any but NMI, not with a lock of the scheduler held.
 * Return: true if the work was pending on @worker and has its new delay.
 */
static inline bool
kworkerx_mod_pending_delayed_work(struct kworkerx_worker *worker,
				  struct kworkerx_delayed_work *dwork,
				  unsigned long delay)
{
	return !__kworkerx_mod_delayed_work(worker, dwork, delay, true);
}

/**
 * kworkerx_cancel_delayed_work() - take a delayed work back, do not wait
 * @dwork: the delayed work
 *
 * Context: Any but NMI, not with a lock of the scheduler held.
 * Return: As kworkerx_cancel_work().
 */
static inline bool
kworkerx_cancel_delayed_work(struct kworkerx_delayed_work *dwork)
{
	return kworkerx_cancel_work(&dwork->work);
}

/**
 * kworkerx_cancel_delayed_work_sync() - the same, and wait until it does not run
 * @dwork: the delayed work
 *
 * On return its timer is not armed and its timer's function not running either,
 * so that @dwork can be freed.
 *
 * Context: Process context.  May sleep.
 * Return: As kworkerx_cancel_work_sync().
 */
static inline bool
kworkerx_cancel_delayed_work_sync(struct kworkerx_delayed_work *dwork)
{
	return kworkerx_cancel_work_sync(&dwork->work);
}

/**
 * kworkerx_drain_worker() - wait until a worker has nothing to do
 * @worker: the worker
 *
 * Waits for all that is queued, and for what these works queue in turn on the
 * same worker.  Meanwhile nobody else can queue there: that is refused, but not
 * reported.  Works whose timer expires meanwhile run; for those that wait for
 * their timer at the end this does not wait.
 *
 * Works that have queued themselves or each other ten times over are reported;
 * the wait goes on.  The stock worker has no such function.
 *
 * Context: Process context.  May sleep.
 * Return: 0, or an error as kworkerx_drain_worker_timeout().
 */
static inline int kworkerx_drain_worker(struct kworkerx_worker *worker)
{
	return kworkerx_drain_worker_timeout(worker, MAX_SCHEDULE_TIMEOUT);
}

/**
 * kworkerx_destroy_worker() - run what is queued, stop the thread, end a worker
 * @worker: a worker from kworkerx_create_worker() or its kin
 *
 * From the call on only the worker's own works can queue on it; for others
 * that is refused and reported.  What is queued runs, what it queues in turn,
 * too.  A delayed work whose timer is still armed then is taken back as if
 * cancelled, and reported: cancel it first.  A worker that is plugged or parked
 * is unplugged and unparked.
 *
 * Afterwards works that were last queued on the worker can be flushed and
 * cancelled, which returns at once, freed, or queued on another worker.
 *
 * A worker that is NULL, an ERR_PTR(), embedded by its owner, or being
 * destroyed already is left alone and reported, and so is a call from one of
 * the worker's own works.  A worker whose thread was stopped by a bare
 * kthread_stop() is reported; works that are queued on it are taken back.  That
 * a worker is destroyed is known until 64 others were, and a grace period of RCU
 * has passed: then a new worker may have its structure.
 *
 * The stock function frees the worker under armed timers, under works that
 * were queued late, and under those who flush or cancel later.
 *
 * Context: Process context.  May sleep.
 */
static inline void kworkerx_destroy_worker(struct kworkerx_worker *worker)
{
	kworkerx_destroy_worker_timeout(worker, MAX_SCHEDULE_TIMEOUT);
}

/* The body of kworkerx_create_worker_attrs(). */
static inline struct kworkerx_worker *
__kworkerx_give_attrs(struct kworkerx_worker *worker,
		      const struct kworkerx_attrs *attrs)
{
	int ret;

	if (IS_ERR(worker))
		return worker;
	/* As a kthread starts it may choose its CPUs; have it do that first. */
	kworkerx_flush_worker(worker);
	ret = kworkerx_set_worker_attrs(worker, attrs);
	if (!ret)
		return worker;
	kworkerx_destroy_worker(worker);
	return ERR_PTR(ret);
}

/* A function that a worker is to call. */
struct __kworkerx_call {
	struct kworkerx_work	work;
	int (*fn)(void *arg);
	void			*arg;
	int			ret;
};

static inline void __kworkerx_call_fn(struct kworkerx_work *work)
{
	struct __kworkerx_call *call =
		container_of(work, struct __kworkerx_call, work);

	call->ret = call->fn(call->arg);
}

/**
 * kworkerx_call() - have a worker run a function, and wait for its result
 * @worker: where to run it
 * @fn: the function
 * @arg: its argument
 *
 * The call takes its place at the end of the queue.  From a work of the same
 * worker @fn is called at once, since to wait for it would be to wait for
 * oneself.  A worker without a thread, or one that is plugged or parked, makes
 * this wait.
 *
 * The stock worker has no such function; its users write it by hand.
 *
 * Context: Process context.  May sleep.
 * Return: What @fn returns; -EINVAL if the worker is NULL or an ERR_PTR(), and
 *	-ESHUTDOWN if it is being drained or destroyed, without a call.
 */
static inline int kworkerx_call(struct kworkerx_worker *worker,
				int (*fn)(void *arg), void *arg)
{
	struct __kworkerx_call call = {
		.fn = fn,
		.arg = arg,
		.ret = IS_ERR_OR_NULL(worker) ? -EINVAL : -ESHUTDOWN,
	};

	might_sleep();
	if (!IS_ERR_OR_NULL(worker) && in_task() &&
	    READ_ONCE(worker->task) == current)
		return fn(arg);
	/* What is called has no class: calls may call other workers. */
	__kworkerx_init_work(&call.work, __kworkerx_call_fn, NULL, true);
	if (kworkerx_queue_work(worker, &call.work))
		kworkerx_flush_work(&call.work);
	kworkerx_destroy_work_on_stack(&call.work);
	return call.ret;
}

/* The timer of every delayed work; for the initialisers above only. */
void kworkerx_delayed_work_timer_fn(struct timer_list *timer);

#endif /* _KWORKERX_H */
