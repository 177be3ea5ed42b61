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
#include <linux/numa.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <uapi/linux/sched/types.h>

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
 *
 * Embed it in your own structure and initialise it with
 * kworkerx_init_work() or KWORKERX_WORK_INIT().
 */
struct kworkerx_work {
	struct list_head	node;
	kworkerx_work_func_t	func;
	struct kworkerx_worker	*worker;
	atomic_t		state;
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
 * @group: of a worker from kworkerx_alloc_worker(); constant until it is freed
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
 * @drains: how many drain it, and close the queue for that time.  Protected by
 *	@lock.
 * @ending: it is being destroyed, one of @drains.  Protected by @lock.
 * @dead: there is nothing more to come, not even from its own works; or its
 *	group has closed it, one of @drains.  Protected by @lock.
 * @unserved: the thread of a worker in a group does not serve it.  Protected by
 *	@lock.
 * @delayed_work_list: works whose timer is armed.  Protected by @lock.
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
	bool			ending;
	bool			dead;
	bool			unserved;
	struct list_head	delayed_work_list;
};

/**
 * KWORKERX_WORKER_INIT() - static initialiser of a worker without a thread
 * @worker: the variable that it initialises
 */
#define KWORKERX_WORKER_INIT(worker)	{				\
	.list = LIST_HEAD_INIT((worker).list),				\
	.tail = &(worker).queue,					\
	.lock = __RAW_SPIN_LOCK_UNLOCKED((worker).lock),		\
	.delayed_work_list = LIST_HEAD_INIT((worker).delayed_work_list),\
	}

/**
 * KWORKERX_WORK_INIT() - static initialiser of a work
 * @work: the variable that it initialises
 * @fn: its function
 */
#define KWORKERX_WORK_INIT(work, fn)	{				\
	.func = (fn),							\
	.state = ATOMIC_INIT(KWORKERX_WORK_IDLE),			\
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

void __kworkerx_init_worker(struct kworkerx_worker *worker, const char *name,
			    struct lock_class_key *key);
bool kworkerx_init_work(struct kworkerx_work *work, kworkerx_work_func_t func);

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
	do {								\
		static struct lock_class_key __key;			\
									\
		__kworkerx_init_worker((worker),			\
				       "(" #worker ")->lock", &__key);	\
	} while (0)

/**
 * kworkerx_init_delayed_work() - initialise a delayed work
 * @dwork: memory for it
 * @fn: its function
 *
 * As kworkerx_init_work(): one that is pending is left alone, and reported.
 *
 * Context: Any.
 */
#define kworkerx_init_delayed_work(dwork, fn)				\
	do {								\
		if (kworkerx_init_work(&(dwork)->work, (fn)))		\
			timer_setup(&(dwork)->timer,			\
				    kworkerx_delayed_work_timer_fn,	\
				    TIMER_IRQSAFE);			\
	} while (0)

int kworkerx_worker_fn(void *worker_ptr);

__printf(3, 4)
struct kworkerx_worker *
kworkerx_create_worker_on_node(unsigned int flags, int node,
			       const char namefmt[], ...);

struct kworkerx_worker *
kworkerx_create_worker_on_cpu(int cpu, unsigned int flags,
			      const char namefmt[]);

__printf(3, 4)
struct kworkerx_worker *
kworkerx_create_worker_attrs(const struct kworkerx_attrs *attrs,
			     unsigned int flags, const char namefmt[], ...);
int kworkerx_set_worker_attrs(struct kworkerx_worker *worker,
			      const struct kworkerx_attrs *attrs);

__printf(3, 4)
struct kworkerx_worker *
devm_kworkerx_run_worker(struct device *dev, unsigned int flags,
			 const char namefmt[], ...);

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
	kworkerx_create_worker_on_node((flags), NUMA_NO_NODE, (namefmt), \
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
({									\
	struct kworkerx_worker *__kwx =					\
		kworkerx_create_worker((flags), (namefmt), ##__VA_ARGS__); \
									\
	if (!IS_ERR(__kwx))						\
		wake_up_process(__kwx->task);				\
	__kwx;								\
})

/**
 * kworkerx_run_worker_on_cpu() - create a bound worker and start its thread
 * @cpu: the CPU to bind it to
 * @flags: KWORKERX_FREEZABLE or 0
 * @namefmt: name of the thread, where %u stands for @cpu
 *
 * Context: Process context.  May sleep.
 * Return: As kworkerx_create_worker_on_cpu().
 */
static inline struct kworkerx_worker *
kworkerx_run_worker_on_cpu(int cpu, unsigned int flags, const char namefmt[])
{
	struct kworkerx_worker *worker =
		kworkerx_create_worker_on_cpu(cpu, flags, namefmt);

	if (!IS_ERR(worker))
		wake_up_process(worker->task);
	return worker;
}

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
