// SPDX-License-Identifier: GPL-2.0-only
/*
 * kworkerx - deferred work that runs in order on a kernel thread of its own.
 *
 * The contract is that of kthread_worker: one thread, works run first in first
 * out, queueing is legal in any context but NMI, and there, too, on workers that are
 * made for it; flush and cancel wait.  The difference is that producers take no lock.
 *
 * THE QUEUE
 *
 * A worker's queue is a doubly linked list with two kinds of users:
 *
 *  - Producers only append, without a lock.  They swing worker->tail from the
 *    last node to theirs by cmpxchg(), then store the backward link, then the
 *    forward link.
 *  - Everybody else (the thread that takes the first node, a canceller that
 *    removes one from the middle, a flusher that inserts one behind another)
 *    holds worker->lock.
 *
 * Why not a lock-free stack (llist) that the thread reverses into a locked
 * list: there would be two places to look for a work, a move between them that
 * costs as much as the works that wait, with interrupts off, and a hand-over
 * in which whoever moves the works for the thread must also wake it.  Here a
 * work is in one place from the moment it is queued, every operation is
 * constant, and "is there something to do" is a single pointer.
 *
 * What makes the mix of locked and lock-free users safe:
 *
 *  1. A node is linked when its predecessor points to it.  That store is the
 *     producer's last touch of both nodes: a holder of the lock who finds a
 *     node linked owns its links.  Nodes that are reached by following ->next
 *     are linked; a node that is reached by its address is checked.
 *  2. The node that a producer replaced as the tail cannot leave before the
 *     producer has linked the new one: to remove it, one needs its successor,
 *     and it is not the tail any more, so one waits for the link.
 *  3. Hence holders of the lock wait for producers, never the other way
 *     round.  A producer has interrupts off from the claim of the work to the
 *     link, so the wait is for a few instructions of another CPU, whatever
 *     context the waiter is in.
 *  4. A last node has no successor, so its removal is the one that meets
 *     producers: it swings the tail back by cmpxchg(), and if a producer was
 *     faster it waits for the link and goes on as for a node in the middle.
 *
 * A worker that has asked for it has a second queue beside it, for works that run before
 * the others: see kworkerx_lanes.h.
 *
 * WHO OWNS A WORK
 *
 * To queue a work is to change its state from idle to PENDING.  Whoever does
 * it owns the node and work->worker until they publish the work; then the
 * holder of worker->lock does.  The thread gives PENDING back as it takes the
 * work off the queue, before it calls the function, so that the function (and
 * anybody else) can queue it again.  A canceller holds PENDING off by a count
 * in the same word.
 *
 * Between claim and link the work is PENDING but nowhere to be found.  Those
 * who look for it (kworkerx_lock_work()) drop the lock and look again.
 *
 * THE LIFE OF A WORKER
 *
 * ->life is its state.  How many have plugged or parked it (->holds) and how many
 * drain it (->drains) are counts beside it.  All of them are under ->lock;
 * kworkerx_turn() makes each transition, and closes the queue to producers or
 * opens it by what follows from them:
 *
 *   state    from        by                         to
 *   DEAD     -           a new structure
 *   DEAD     -           create; alloc (a group)    OPEN; CLOSED
 *   OPEN     -           init (embedded)
 *   OPEN                 park                       PARKED    holds + 1
 *   PARKED               unpark                     OPEN      holds - 1
 *   OPEN, PARKED         destroy                    ENDING    holds = 0
 *   ENDING               nothing is left to run     DEAD
 *   ENDING               the time is over           OPEN
 *   OPEN, CLOSED         close, evict (a group)     CLOSED
 *   CLOSED, OPEN         open (a group)             OPEN      holds = no thread
 *   CLOSED, OPEN         free (a group)             DEAD
 *   DEAD     64 other destructions and a grace period later: used again
 *
 *              OPEN, PARKED   ENDING        CLOSED          DEAD
 *   queue      yes (1)        own works     diverted (6)    refused, reported
 *   delay      yes (1)        own works     (2)             refused, reported
 *   timers     queue          queue         diverted (6)    taken back, reported (9)
 *   flush      waits          waits         waits           refused, reported
 *   plug, park yes (3)        refused, rep. (4)             refused, reported
 *   drain      yes            refused, rep. (4)             refused, reported
 *   destroy    yes (7)        refused, rep. (4)             refused, reported
 *   works      run (5)        run (8)       run (5)(6)      are taken back (6)
 *   flushers   come behind what runs even if ->holds; behind what waits, they wait
 *
 *   (1) while ->drains, own works only; others are refused without a report
 *   (2) armed, if the group says so (&kworkerx_group.arms_closed); else diverted
 *   (3) to park what is parked is refused by -EBUSY; without a thread, by -ESRCH
 *   (4) of a worker in a group they are refused and reported in every state
 *   (5) while ->holds, nothing but the barriers of flushers that come first
 *   (6) what runs on a worker of the group is queued there; else another one of the
 *       group takes it, and if none does it is refused, or taken back if it was
 *       accepted before.  So are works when their worker is evicted or freed.
 *   (7) of one that is embedded it is refused and reported
 *   (8) if a bare kthread_stop() has ended the thread, they are taken back
 *   (9) in a group one that fires just then is diverted (6)
 *
 * WHAT A FUNCTION LEAVES BEHIND
 *
 * The next one finds the thread as the first one did.  Looked at after each
 * function, reported and mended: preemption or bottom halves that are off (not on
 * PREEMPT_RT), a task state other than running.  Where a kernel keeps count of it
 * (CONFIG_DEBUG_ATOMIC_SLEEP): interrupts that are off, an open RCU read-side
 * section, page faults or migration that are off, flags of memalloc_*_save(), a
 * block plug, a transaction of a journal, a user's memory (kthread_use_mm()) and
 * credentials.  With lockdep: locks, which nobody can give back for somebody
 * else.  What is the thread's for as long as it lives is left as it is: policy,
 * priority and nice value, CPU mask, name, cgroup, allowed signals.
 *
 * THE LAST TOUCH
 *
 * Once a work is linked it may run and be freed, and its function may let
 * somebody destroy the worker while the producer has yet to look whether the
 * thread sleeps.  The producer's interrupts are off, which is an RCU read-side
 * section.  So a thread of a worker that its owner embedded waits for a grace
 * period before it leaves; and the structure of a created worker is never returned
 * to the allocator but kept for a later one.  That costs the memory of as many
 * workers as there ever were at once and of 64 more, and buys more than the
 * producer's safety: a work->worker that is left over from a destroyed worker
 * always leads to a lock that can be taken and a queue that does not hold the
 * work, and misuse of a destroyed worker is reported rather than a use after
 * free, unless 64 others were destroyed in between.
 *
 * Who wakes the thread does so under the lock: it is there, and does not run a
 * function.  A timer's function does all that it does to the worker under the
 * lock, and who cancels its work waits until it has left.
 */
#include <linux/bits.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/debugobjects.h>
#include <linux/device.h>
#include <linux/freezer.h>
#include <linux/irq_work.h>
#include <linux/irqflags.h>
#include <linux/jump_label.h>
#include <linux/kthread.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/nodemask.h>
#include <linux/notifier.h>
#include <linux/prefetch.h>
#include <linux/processor.h>
#include <linux/rcupdate.h>
#include <linux/rtmutex.h>
#include <linux/sched/clock.h>
#include <linux/sched/prio.h>
#include <linux/sched/stat.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/topology.h>

#include "kworkerx.h"
#include "kworkerx_compat.h"
#include "kworkerx_lockdep.h"
#include "kworkerx_mend.h"
#include "kworkerx_report.h"

#define CREATE_TRACE_POINTS
#include "kworkerx_trace.h"

EXPORT_TRACEPOINT_SYMBOL_GPL(kworkerx_work_queue_work);
EXPORT_TRACEPOINT_SYMBOL_GPL(kworkerx_worker_queued);
EXPORT_TRACEPOINT_SYMBOL_GPL(kworkerx_worker_idle);
EXPORT_TRACEPOINT_SYMBOL_GPL(kworkerx_work_expire);
EXPORT_TRACEPOINT_SYMBOL_GPL(kworkerx_work_await_timer);
EXPORT_TRACEPOINT_SYMBOL_GPL(kworkerx_work_execute_start);
EXPORT_TRACEPOINT_SYMBOL_GPL(kworkerx_work_execute_end);
EXPORT_TRACEPOINT_SYMBOL_GPL(kworkerx_work_cancel);

/* One test on the fast path for the two events that are traced there. */
static DEFINE_STATIC_KEY_FALSE(kworkerx_queueing_traced);

int kworkerx_trace_queueing(void)
{
	static_branch_inc(&kworkerx_queueing_traced);
	return 0;
}

void kworkerx_untrace_queueing(void)
{
	static_branch_dec(&kworkerx_queueing_traced);
}

/* Protects the two lists.  Taken before the lock of a worker. */
static DEFINE_RAW_SPINLOCK(kworkerx_workers_lock);
/* Created workers, and embedded ones while they have a thread. */
static LIST_HEAD(kworkerx_workers);
/*
 * What leaves the list of workers does so under it, too, and so is a worker disarmed:
 * who walks along that list may let go of the spinlocks.  Taken before those.
 */
static DEFINE_MUTEX(kworkerx_walk);
/* Structures of destroyed workers, the longest unused first, and their number. */
static LIST_HEAD(kworkerx_spares);
static unsigned int kworkerx_nr_spares;

/*
 * So many destructions later a structure is used again.  Until then a worker that
 * is destroyed twice, or used after that, is known to be none.
 */
#define KWORKERX_SPARES	64

/**
 * struct kworkerx_barrier - a flusher's work, behind the work that is waited for
 * @work: the work
 * @done: the thread has come past
 * @stays: and is to wait there, for @resume to be completed
 * @resume: of the thread's, or NULL if none waits; written before @done
 */
struct kworkerx_barrier {
	struct kworkerx_work	work;
	struct completion	done;
	bool			stays;
	struct completion	*resume;
};

static void kworkerx_barrier_fn(struct kworkerx_work *work);

#include "kworkerx_more.h"

static struct kworkerx_work *kworkerx_node_work(struct list_head *node)
{
	return container_of(node, struct kworkerx_work, node);
}

static struct kworkerx_delayed_work *
kworkerx_delayed(struct kworkerx_work *work)
{
	return container_of(work, struct kworkerx_delayed_work, work);
}

/*
 * Reports
 */

unsigned int kworkerx_report_how = 2;
module_param_named(report, kworkerx_report_how, uint, 0644);
MODULE_PARM_DESC(report, "Misuse is 0: not reported, 1: a message, 2: a warning with a stack (default)");

int kworkerx_report_round = 1;
EXPORT_SYMBOL_GPL(kworkerx_report_round);

static void kworkerx_print(struct va_format *text)
{
	unsigned int how = READ_ONCE(kworkerx_report_how);

	if (how == 1)
		pr_err("kworkerx: %pV\n", text);
	WARN(how > 1, "kworkerx: %pV\n", text);
}

/* What an NMI has to say, which an interrupt says for it: one at a time. */
static char kworkerx_late_text[256];
static bool kworkerx_late_taken;

static void kworkerx_say_late(struct irq_work *irq_work)
{
	kworkerx_say("%s", kworkerx_late_text);
	/* Before the next text; pairs with kworkerx_say(). */
	smp_store_release(&kworkerx_late_taken, false);
}

static struct irq_work kworkerx_late = IRQ_WORK_INIT_HARD(kworkerx_say_late);

/**
 * kworkerx_say - report misuse
 * @format: printf-style text, and its arguments
 *
 * For the modules of kworkerx.  Nobody waits for the caller: it holds no lock and
 * has claimed no work.
 *
 * Context: Any.  In an NMI it is said by the next interrupt, if there is no other
 *	report yet for it to say.
 */
void kworkerx_say(const char *format, ...)
{
	struct va_format text = { .fmt = format };
	va_list args;

	va_start(args, format);
	text.va = &args;
	if (!in_nmi()) {
		kworkerx_print(&text);
	} else if (!xchg(&kworkerx_late_taken, true)) {
		vsnprintf(kworkerx_late_text, sizeof(kworkerx_late_text), format,
			  args);
		irq_work_queue(&kworkerx_late);
	}
	va_end(args);
}
EXPORT_SYMBOL_GPL(kworkerx_say);

/* The name of the worker, or of the thread that it has, or had last. */
static const char *kworkerx_name(struct kworkerx_worker *worker)
{
	if (worker->full_name)
		return worker->full_name;
	return worker->comm[0] ? worker->comm : "(no thread)";
}

/* What ->life is called in reports. */
static const char * const kworkerx_lives[] = {
	[KWORKERX_OPEN]		= "open",
	[KWORKERX_PARKED]	= "parked",
	[KWORKERX_ENDING]	= "being destroyed",
	[KWORKERX_CLOSED]	= "closed by its group",
	[KWORKERX_DEAD]		= "destroyed",
};

/* Why something that is asked of a worker is refused. */
enum kworkerx_refusal {
	KWORKERX_NO_WORKER,
	KWORKERX_IN_NMI,
	KWORKERX_GROUPED,
	KWORKERX_OWN,
	KWORKERX_TOO_LATE,
	KWORKERX_REFUSALS,
};

/**
 * struct kworkerx_request - something that is asked of a worker
 * @what: as reports call it
 * @waits: it waits for works, and so must not be asked by one of the worker's
 * @reported: the refusals that were reported, for kworkerx_first_report()
 */
struct kworkerx_request {
	const char	*what;
	bool		waits;
	int		reported[KWORKERX_REFUSALS];
};

/*
 * Every refusal is reported here, once for each reason.  @life is the state that
 * the worker was in, if that is the reason.  Returns the error.
 */
static int kworkerx_refuse(struct kworkerx_request *request,
			   struct kworkerx_worker *worker,
			   enum kworkerx_refusal why, enum kworkerx_life life)
{
	static const int errors[] = {
		-EINVAL, -EAGAIN, -EINVAL, -EDEADLK, -ESHUTDOWN
	};

	if (!kworkerx_first_report(&request->reported[why]))
		return errors[why];
	if (why == KWORKERX_NO_WORKER)
		kworkerx_say("%s of worker %pe", request->what, worker);
	else if (why == KWORKERX_IN_NMI)
		kworkerx_say("%s of worker %s in an NMI", request->what,
			     kworkerx_name(worker));
	else if (why == KWORKERX_GROUPED)
		kworkerx_say("%s of worker %s, which is of a group",
			     request->what, kworkerx_name(worker));
	else if (why == KWORKERX_OWN)
		kworkerx_say("%s of worker %s by %ps, its own work",
			     request->what, kworkerx_name(worker),
			     worker->current_func);
	else
		kworkerx_say("%s of worker %s, which is %s", request->what,
			     kworkerx_name(worker), kworkerx_lives[life]);
	return errors[why];
}

/* For what is about to take a lock.  One that is held by whom it interrupts. */
static __always_inline bool kworkerx_refuse_nmi(const char *what,
						kworkerx_work_func_t func)
{
	return kworkerx_report(in_nmi(), "%s of %ps in an NMI", what, func);
}

static bool kworkerx_own(struct kworkerx_worker *worker)
{
	return in_task() && READ_ONCE(worker->task) == current;
}

/*
 * Can @request be made of @worker?  Only the group decides when its workers run
 * and what they take.  Returns 0, or an error that was reported.
 */
static int kworkerx_ask(struct kworkerx_request *request,
			struct kworkerx_worker *worker)
{
	if (IS_ERR_OR_NULL(worker))
		return kworkerx_refuse(request, worker, KWORKERX_NO_WORKER, 0);
	if (in_nmi())
		return kworkerx_refuse(request, worker, KWORKERX_IN_NMI, 0);
	if (READ_ONCE(worker->group))
		return kworkerx_refuse(request, worker, KWORKERX_GROUPED, 0);
	if (request->waits && kworkerx_own(worker))
		return kworkerx_refuse(request, worker, KWORKERX_OWN, 0);
	return 0;
}

/* For what is too late once the worker's end has begun. */
static int kworkerx_in_time(struct kworkerx_request *request,
			    struct kworkerx_worker *worker,
			    enum kworkerx_life life)
{
	if (life < KWORKERX_ENDING)
		return 0;
	return kworkerx_refuse(request, worker, KWORKERX_TOO_LATE, life);
}

/*
 * The queue: producers' side
 */

/*
 * The lowest bits of the tail.  A queue that is closed is GUARDED, too, so that who
 * appends in the usual way needs to know only one of them.
 */
#define KWORKERX_GUARDED_BIT	1UL
#define KWORKERX_CLOSED_BIT	2UL
#define KWORKERX_TAIL_BITS	3UL

static unsigned long kworkerx_tail_bits(struct list_head *tail)
{
	return (unsigned long)tail & KWORKERX_TAIL_BITS;
}

static struct list_head *kworkerx_tail(struct list_head *last, unsigned long bits)
{
	return (void *)((unsigned long)last | bits);
}

static struct list_head *kworkerx_tail_node(struct list_head *tail)
{
	return (void *)((unsigned long)tail & ~KWORKERX_TAIL_BITS);
}

/*
 * @node has become the tail in place of @prev.  Interrupts are off since before:
 * holders of the lock wait for the stores behind the cmpxchg().
 */
static __always_inline void kworkerx_link(struct list_head *prev,
					  struct list_head *node)
{
	WRITE_ONCE(node->prev, prev);
	/* The last touch of the node; pairs with the acquires of ->next. */
	smp_store_release(&prev->next, node);
}

/* Appends @node, whose links are NULL, unless the queue is guarded. */
static __always_inline bool kworkerx_append(struct kworkerx_worker *worker,
					    struct list_head *node)
{
	struct list_head *prev = READ_ONCE(worker->tail);

	do {
		if (unlikely(kworkerx_tail_bits(prev) & KWORKERX_GUARDED_BIT))
			return false;
	} while (!try_cmpxchg(&worker->tail, &prev, node));

	kworkerx_link(prev, node);
	return true;
}

/* The same for any lane, unless it is closed. */
static bool kworkerx_append_open(struct list_head **tail, struct list_head *node)
{
	struct list_head *prev = READ_ONCE(*tail);
	unsigned long bits;

	do {
		bits = kworkerx_tail_bits(prev);
		if (bits & KWORKERX_CLOSED_BIT)
			return false;
	} while (!try_cmpxchg(tail, &prev, kworkerx_tail(node, bits)));

	kworkerx_link(kworkerx_tail_node(prev), node);
	return true;
}

static bool kworkerx_queue_empty(struct kworkerx_worker *worker)
{
	return kworkerx_tail_node(READ_ONCE(worker->tail)) == &worker->queue;
}

/*
 * The queue: the side of those who hold worker->lock
 */

static bool kworkerx_closed(struct kworkerx_worker *worker)
{
	lockdep_assert_held(&worker->lock);
	return kworkerx_tail_bits(READ_ONCE(worker->tail)) & KWORKERX_CLOSED_BIT;
}

static struct list_head *kworkerx_last(struct kworkerx_worker *worker)
{
	lockdep_assert_held(&worker->lock);
	return kworkerx_tail_node(READ_ONCE(worker->tail));
}

/* Only holders of the lock change the bits, so they are stable. */
static __always_inline bool kworkerx_swing(struct list_head **tail,
					   struct list_head *from,
					   struct list_head *to)
{
	unsigned long bits = kworkerx_tail_bits(READ_ONCE(*tail));
	struct list_head *old = kworkerx_tail(from, bits);

	return try_cmpxchg(tail, &old, kworkerx_tail(to, bits));
}

static noinline bool kworkerx_swing_urgent(struct kworkerx_worker *worker,
					   struct list_head *from,
					   struct list_head *to)
{
	struct kworkerx_lane *urgent = kworkerx_urgent(worker);

	return urgent && kworkerx_swing(&urgent->tail, from, to);
}

/* No node is the last one of two lanes. */
static __always_inline bool kworkerx_swing_tail(struct kworkerx_worker *worker,
						struct list_head *from,
						struct list_head *to)
{
	lockdep_assert_held(&worker->lock);
	return likely(kworkerx_swing(&worker->tail, from, to)) ||
	       kworkerx_swing_urgent(worker, from, to);
}

static void kworkerx_set_bits(struct list_head **tail, unsigned long bits)
{
	struct list_head *old = READ_ONCE(*tail);

	while (!try_cmpxchg(tail, &old,
			    kworkerx_tail(kworkerx_tail_node(old), bits)))
		;
}

static void kworkerx_set_closed(struct kworkerx_worker *worker, bool closed)
{
	struct kworkerx_lane *urgent = kworkerx_urgent(worker);
	unsigned long bits = closed ? KWORKERX_TAIL_BITS :
			     worker->flags & (KWORKERX_ANYWHERE | KWORKERX_LANES) ?
			     KWORKERX_GUARDED_BIT : 0;

	lockdep_assert_held(&worker->lock);
	kworkerx_set_bits(&worker->tail, bits);
	if (urgent)
		kworkerx_set_bits(&urgent->tail, bits);
}

/* Producers are told what ->life and ->drains say. */
static void kworkerx_close_or_open(struct kworkerx_worker *worker)
{
	kworkerx_set_closed(worker, worker->drains ||
			    worker->life >= KWORKERX_ENDING);
}

static void kworkerx_set_holds(struct kworkerx_worker *worker,
			       unsigned int holds)
{
	lockdep_assert_held(&worker->lock);
	WRITE_ONCE(worker->holds, holds);
}

/*
 * Takes @worker to another state, if it is in one of those in the mask @from:
 * see the table at the top.  Nothing else changes ->life.
 */
static bool kworkerx_turn(struct kworkerx_worker *worker, unsigned int from,
			  enum kworkerx_life to)
{
	enum kworkerx_life was = worker->life;

	lockdep_assert_held(&worker->lock);
	if (!(BIT(was) & from))
		return false;
	WRITE_ONCE(worker->life, to);
	if (to == KWORKERX_PARKED)
		kworkerx_set_holds(worker, worker->holds + 1);
	else if (to == KWORKERX_ENDING)
		kworkerx_set_holds(worker, 0);
	else if (was == KWORKERX_PARKED)
		kworkerx_set_holds(worker, worker->holds - 1);
	kworkerx_close_or_open(worker);
	return true;
}

/* @node is not the last one: its successor is linked or about to be. */
static struct list_head *kworkerx_await_next(struct list_head *node)
{
	return smp_cond_load_acquire(&node->next, VAL);
}

/*
 * NULL if there is none, or if its producer has not linked it yet.  The thread
 * may ask without the lock, too, whether it is worth taking.
 */
static struct list_head *kworkerx_first(struct kworkerx_worker *worker)
{
	/* Pairs with the release in kworkerx_link(). */
	return smp_load_acquire(&worker->queue.next);
}

#include "kworkerx_lanes.h"

/* @node is linked.  Leaves its links NULL. */
static __always_inline void kworkerx_unlink(struct kworkerx_worker *worker,
					    struct list_head *node)
{
	struct list_head *prev = node->prev;
	/* Pairs with the release in kworkerx_link(). */
	struct list_head *next = smp_load_acquire(&node->next);

	if (!next) {
		/* Before the swing: a producer may store here right after it. */
		WRITE_ONCE(prev->next, NULL);
		if (kworkerx_swing_tail(worker, node, prev))
			goto out;
		next = kworkerx_await_next(node);
	}
	WRITE_ONCE(next->prev, prev);
	WRITE_ONCE(prev->next, next);
out:
	WRITE_ONCE(node->next, NULL);
	WRITE_ONCE(node->prev, NULL);
}

/* @pos is linked, or the last node, or &worker->queue. */
static void kworkerx_insert_after(struct kworkerx_worker *worker,
				  struct list_head *pos,
				  struct list_head *node)
{
	/* Pairs with the release in kworkerx_link(). */
	struct list_head *next = smp_load_acquire(&pos->next);

	node->prev = pos;
	if (!next) {
		node->next = NULL;
		if (kworkerx_swing_tail(worker, pos, node))
			goto out;
		next = kworkerx_await_next(pos);
	}
	node->next = next;
	WRITE_ONCE(next->prev, node);
out:
	/* As in kworkerx_link(): who finds it linked owns its links. */
	smp_store_release(&pos->next, node);
}

/*
 * The state of a work
 */

static bool kworkerx_work_has(struct kworkerx_work *work, int bits)
{
	return atomic_read(&work->state) & bits;
}

static bool kworkerx_initialised(struct kworkerx_work *work)
{
	return (atomic_read(&work->state) & ~KWORKERX_WORK_BITS) ==
	       KWORKERX_WORK_IDLE;
}

/*
 * Debug objects: a work is active while it is PENDING.  The other half, what is
 * done about works that are freed or initialised then, comes at the end.
 */

#ifdef CONFIG_DEBUG_OBJECTS_WORK
static const struct debug_obj_descr kworkerx_debug;

static void kworkerx_debug_init(struct kworkerx_work *work, bool onstack)
{
	if (onstack)
		debug_object_init_on_stack(work, &kworkerx_debug);
	else
		debug_object_init(work, &kworkerx_debug);
}

/* They take locks: what is claimed in an NMI they see later. */
static void kworkerx_debug_activate(struct kworkerx_work *work)
{
	if (in_nmi())
		atomic_or(KWORKERX_WORK_UNSEEN, &work->state);
	else
		debug_object_activate(work, &kworkerx_debug);
}

/* The caller owns @work, and tells them if nobody has. */
static void kworkerx_debug_see(struct kworkerx_work *work)
{
	if (!(atomic_read(&work->state) & KWORKERX_WORK_UNSEEN))
		return;
	debug_object_activate(work, &kworkerx_debug);
	atomic_andnot(KWORKERX_WORK_UNSEEN, &work->state);
}

/* Nobody but us ever had a barrier: it is not watched. */
static void kworkerx_debug_deactivate(struct kworkerx_work *work)
{
	if (in_nmi() || work->func == kworkerx_barrier_fn)
		return;
	kworkerx_debug_see(work);
	debug_object_deactivate(work, &kworkerx_debug);
}

static void kworkerx_debug_destroy(struct kworkerx_work *work)
{
	debug_object_free(work, &kworkerx_debug);
}
#else
static void kworkerx_debug_init(struct kworkerx_work *work, bool onstack) {}
static void kworkerx_debug_activate(struct kworkerx_work *work) {}
static void kworkerx_debug_see(struct kworkerx_work *work) {}
static void kworkerx_debug_deactivate(struct kworkerx_work *work) {}
static void kworkerx_debug_destroy(struct kworkerx_work *work) {}
#endif

static __always_inline bool kworkerx_try_claim(struct kworkerx_work *work,
					       int idle)
{
	if (!atomic_try_cmpxchg(&work->state, &idle,
				idle | KWORKERX_WORK_PENDING))
		return false;
	kworkerx_debug_activate(work);
	return true;
}

/*
 * PENDING could not be taken.  Finds that somebody else has it or holds it off,
 * or takes it after all.
 *
 * To be refused because the work is pending is a promise: the run to come sees
 * what the caller stored before.  So the read that refuses comes after a full
 * barrier, which pairs with the one in kworkerx_unclaim(): if it still finds
 * PENDING, then the function reads after the caller's stores.  A cmpxchg()
 * that fails is no barrier.
 */
static bool kworkerx_claim_after_all(struct kworkerx_work *work)
{
	int state;

	do {
		/* Before the read that refuses; pairs with kworkerx_unclaim(). */
		smp_mb();
		state = atomic_read(&work->state);
		if (likely(state & KWORKERX_WORK_PENDING) ||
		    (state & ~(KWORKERX_WORK_TIMED | KWORKERX_WORK_URGENT)) !=
		    KWORKERX_WORK_IDLE)
			return false;
	} while (!kworkerx_try_claim(work, state));
	return true;
}

/*
 * Is @work pending on @worker, so that to queue it there is refused?  That takes half the
 * time of an atomic operation that fails.  The line of the work is asked for as one to be
 * written: to have it shared first would cost a second journey between two CPUs.
 */
static __always_inline bool kworkerx_pending_there(struct kworkerx_worker *worker,
						   struct kworkerx_work *work)
{
	prefetchw(&work->state);
	if (likely(!(atomic_read(&work->state) & KWORKERX_WORK_PENDING)))
		return false;
	/* As in kworkerx_claim_after_all(). */
	smp_mb();
	return (atomic_read(&work->state) & KWORKERX_WORK_PENDING) &&
	       READ_ONCE(work->worker) == worker;
}

static __always_inline bool kworkerx_claim(struct kworkerx_work *work)
{
	int kind = atomic_read(&work->state) &
		   (KWORKERX_WORK_TIMED | KWORKERX_WORK_URGENT);

	return likely(kworkerx_try_claim(work, KWORKERX_WORK_IDLE | kind)) ||
	       kworkerx_claim_after_all(work);
}

/* Gives PENDING back. */
static void kworkerx_unclaim(struct kworkerx_work *work)
{
	kworkerx_debug_deactivate(work);
	/* The next owner, by its cmpxchg(), finds the node as we leave it. */
	smp_mb__before_atomic();
	atomic_andnot(KWORKERX_WORK_PENDING | KWORKERX_WORK_DELAYED |
		      KWORKERX_WORK_UNSEEN, &work->state);
	/* Before the function reads; pairs with kworkerx_claim_after_all(). */
	smp_mb__after_atomic();
}

/* The lock of work->worker is held. */
static bool kworkerx_linked(struct kworkerx_work *work)
{
	struct list_head *prev = READ_ONCE(work->node.prev);

	/*
	 * @prev stays while its successor is not linked: see rule 2 above.
	 * Pairs with the release in kworkerx_link().
	 */
	return prev && smp_load_acquire(&prev->next) == &work->node;
}

/*
 * Locks the worker that @work was last queued on.  Returns it, the right one
 * for as long as the lock is held; or NULL, unlocked, if the work was never
 * queued.  If @state has PENDING, the work is linked in one of the worker's
 * lists, and PENDING and DELAYED stay while the lock is held.  If not, a
 * producer may claim the work at any time: a second look at its state may tell
 * something else, unless the caller has a canceller's count.
 *
 * Interrupts are off, here and in the producer, between its claim and its link
 * on another CPU, that this waits for.
 */
static __always_inline struct kworkerx_worker *
__kworkerx_lock_work(struct kworkerx_work *work, int *state)
{
	for (;; kworkerx_relax()) {
		struct kworkerx_worker *worker = READ_ONCE(work->worker);

		if (unlikely(!worker)) {
			/* The first queueing may have claimed it already. */
			*state = atomic_read(&work->state);
			if (*state & KWORKERX_WORK_PENDING)
				continue;
			return NULL;
		}

		raw_spin_lock(&worker->lock);
		*state = atomic_read(&work->state);
		/*
		 * A work that has moved away and back since: pairs with the
		 * full barrier of the cmpxchg() in kworkerx_try_claim(), so
		 * that its node is not seen as it was elsewhere.
		 */
		if (likely(worker == smp_load_acquire(&work->worker)) &&
		    (!(*state & KWORKERX_WORK_PENDING) ||
		     likely(kworkerx_linked(work)))) {
			__release(&worker->lock);
			return worker;
		}
		raw_spin_unlock(&worker->lock);
	}
}

/* Tells sparse that the lock is held where there is a worker. */
static __always_inline struct kworkerx_worker *
kworkerx_lock_work(struct kworkerx_work *work, int *state)
{
	struct kworkerx_worker *worker = __kworkerx_lock_work(work, state);

	(void)__cond_lock(&worker->lock, worker);
	return worker;
}

/*
 * Waking the thread
 */

/*
 * Somebody waits at the head of the queue, for what has ended or is about to.
 * Neither a plug nor a park keeps him waiting.
 */
static bool kworkerx_barrier_first(struct kworkerx_worker *worker)
{
	struct list_head *first = kworkerx_foremost(worker);

	lockdep_assert_held(&worker->lock);
	return first && kworkerx_node_work(first)->func == kworkerx_barrier_fn;
}

/*
 * The lock is held, and there is something for the thread to do.  It finds the
 * thread idle or on its way from there to kworkerx_take(): the thread has to get
 * the lock before it calls a function, and to leave, and has taken itself out of
 * ->sleeper before that.  So no wake-up of ours can meet a function that sleeps
 * by itself, or a task that is gone.
 */
static void kworkerx_wake(struct kworkerx_worker *worker)
{
	struct task_struct *task = READ_ONCE(worker->sleeper);

	lockdep_assert_held(&worker->lock);
	if (!task || (worker->holds && !kworkerx_barrier_first(worker)))
		return;
	WRITE_ONCE(worker->sleeper, NULL);
	wake_up_process(task);
}

/* Interrupts are off since before the work was linked, which keeps the worker. */
static void kworkerx_lock_and_wake(struct kworkerx_worker *worker)
{
	raw_spin_lock(&worker->lock);
	kworkerx_wake(worker);
	raw_spin_unlock(&worker->lock);
}

/* The same, and ends the section; who is woken may preempt us then. */
static noinline bool kworkerx_wake_irq_enable(struct kworkerx_worker *worker)
{
	raw_spin_lock(&worker->lock);
	kworkerx_wake(worker);
	raw_spin_unlock_irq(&worker->lock);
	return true;
}

/*
 * After a work was queued: does the thread sleep, or is it about to?  The full
 * barrier of the cmpxchg() that moved the tail comes before this read; it pairs
 * with the xchg() in kworkerx_idle().
 */
static __always_inline bool kworkerx_sleeps(struct kworkerx_worker *worker)
{
	return unlikely(READ_ONCE(worker->sleeper));
}

/* Ends a section in which a work was queued, and says so. */
static __always_inline bool kworkerx_kick_irq_enable(struct kworkerx_worker *worker)
{
	if (kworkerx_sleeps(worker))
		return kworkerx_wake_irq_enable(worker);
	local_irq_enable();
	return true;
}

/*
 * The same where the caller has interrupts off, too.  With lockdep a lock of his that
 * wake-ups take is found whether the thread sleeps or not.
 */
static __always_inline bool kworkerx_kick(struct kworkerx_worker *worker)
{
	might_lock(&worker->lock);
	if (kworkerx_sleeps(worker))
		kworkerx_lock_and_wake(worker);
	return true;
}

#include "kworkerx_anywhere.h"

/*
 * Lockdep: while a work runs, its worker and the work itself are held as if
 * they were locks.  Who may have to wait for one of them takes and releases it,
 * also when there is nothing to wait for this time: a wait that could not end
 * is reported before it happens.  A wait with a time limit ends.
 */

/* Not under the lock: works that run, and hold the map, take it, too. */
static void kworkerx_may_wait_for_worker(struct kworkerx_worker *worker,
					 unsigned long timeout)
{
	struct lockdep_map map;
	bool dead;

	if (!IS_ENABLED(CONFIG_LOCKDEP) || timeout < MAX_SCHEDULE_TIMEOUT ||
	    kworkerx_own(worker))
		return;
	raw_spin_lock_irq(&worker->lock);
	dead = worker->life == KWORKERX_DEAD;
	kworkerx_map_copy(&map, &worker->lockdep_map);
	raw_spin_unlock_irq(&worker->lock);
	if (!dead)
		kworkerx_map_touch(&map);
}

static void kworkerx_may_wait_for_work(struct kworkerx_work *work)
{
	struct kworkerx_worker *worker;

	if (!IS_ENABLED(CONFIG_LOCKDEP) || !kworkerx_initialised(work))
		return;
	worker = READ_ONCE(work->worker);
	if (!worker || !kworkerx_own(worker))
		kworkerx_map_touch(&work->lockdep_map);
}

/* The same, and for what is queued before it. */
static void kworkerx_may_wait_in_turn(struct kworkerx_work *work,
				      unsigned long timeout)
{
	struct kworkerx_worker *worker;

	if (!IS_ENABLED(CONFIG_LOCKDEP) || timeout < MAX_SCHEDULE_TIMEOUT)
		return;
	kworkerx_may_wait_for_work(work);
	worker = READ_ONCE(work->worker);
	if (worker)
		kworkerx_may_wait_for_worker(worker, timeout);
}

/*
 * The thread
 */

/*
 * Does @work run; or nothing, if that is NULL?  Only the thread makes a work the
 * current one, under the lock, which the caller holds.  It needs no lock to say
 * that one has ended.
 */
static __always_inline bool kworkerx_running(struct kworkerx_worker *worker,
					     struct kworkerx_work *work)
{
	/* Pairs with the release in kworkerx_take(). */
	return smp_load_acquire(&worker->current_work) == work;
}

/*
 * Is nothing queued that may run?  Whoever lets go of the worker does so under the
 * lock, and looks for a sleeper there: he finds the thread, or it finds that it is
 * not held any more.
 */
static __always_inline bool
kworkerx_nothing_to_do(struct kworkerx_worker *worker, bool more)
{
	bool nothing;

	if (likely(!READ_ONCE(worker->holds)))
		return more ? kworkerx_empty(worker) :
			      kworkerx_queue_empty(worker);
	raw_spin_lock_irq(&worker->lock);
	nothing = worker->holds ? !kworkerx_barrier_first(worker) :
				  kworkerx_empty(worker);
	raw_spin_unlock_irq(&worker->lock);
	return nothing;
}

/*
 * Takes the first work off the queue and makes it the current one, in one
 * critical section: a canceller finds it pending or running, never neither.
 */
static __always_inline struct kworkerx_work *
kworkerx_take(struct kworkerx_worker *worker, kworkerx_work_func_t *func,
	      bool more)
{
	struct kworkerx_work *work = NULL;
	struct list_head *first;

	if (more ? kworkerx_empty(worker) : !kworkerx_first(worker)) {
		/* What the function did comes before; see kworkerx_running(). */
		smp_store_release(&worker->current_work, NULL);
		return NULL;
	}

	raw_spin_lock_irq(&worker->lock);
	first = more ? kworkerx_foremost(worker) : kworkerx_first(worker);
	/* A created worker that is stopped by others leaves nothing behind. */
	if (unlikely(worker->holds) && !kworkerx_barrier_first(worker) &&
	    !(worker->created && kthread_should_stop()))
		first = NULL;
	if (first) {
		work = kworkerx_node_work(first);
		*func = work->func;
		worker->current_func = *func;
		kworkerx_unlink(worker, first);
		kworkerx_unclaim(work);
	}
	/* The same. */
	smp_store_release(&worker->current_work, work);
	raw_spin_unlock_irq(&worker->lock);
	return work;
}

/* The locks that a thread has for itself. */
static int kworkerx_own_locks(struct kworkerx_worker *worker)
{
	return IS_ENABLED(CONFIG_LOCKDEP) && worker->more ?
	       worker->more->locks : 0;
}

/* The function may free its work: @work is but an address after the call. */
static __always_inline void kworkerx_run(struct kworkerx_worker *worker,
					 struct kworkerx_work *work,
					 kworkerx_work_func_t func)
{
	/*
	 * A lock that a work has left would seem to be taken before them, and who
	 * freezes must hold none.
	 */
	bool clean = lockdep_depth(current) == kworkerx_own_locks(worker) &&
		     !(worker->flags & KWORKERX_FREEZABLE);
	int rcu = IS_ENABLED(CONFIG_DEBUG_ATOMIC_SLEEP) ? rcu_preempt_depth() : 0;
	struct lockdep_map map;
	int locks;

	kworkerx_map_copy(&map, &work->lockdep_map);
	if (clean) {
		kworkerx_map_hold(&worker->lockdep_map);
		kworkerx_map_hold(&map);
	}
	locks = lockdep_depth(current);
	trace_kworkerx_work_execute_start(work, func);
	func(work);
	if (unlikely(kworkerx_leaked(locks, rcu)))
		kworkerx_mend(worker->current_func, kworkerx_name(worker), locks,
			      rcu);
	kworkerx_mend_more(worker->current_func, kworkerx_name(worker));
	trace_kworkerx_work_execute_end(work, func);
	if (clean) {
		kworkerx_map_drop(&map);
		kworkerx_map_drop(&worker->lockdep_map);
	}
}

/* The threads of a group park with their CPU, too: see kworkerx_serve_worker(). */
static bool kworkerx_dismissed(struct kworkerx_worker *worker)
{
	return kthread_should_stop() || (worker->group && kthread_should_park());
}

/*
 * Sleeps until there is something to do.  The store of the task's state, the
 * store of ->sleeper and the read of the tail are in this order by the xchg(),
 * a full barrier on both sides.  A producer moves the tail and then reads
 * ->sleeper, so either it finds the thread there, or the thread finds the
 * work here; and if it finds the thread, it finds it in TASK_IDLE.  All that
 * changes the queue moves the tail or finds it moved, so no change of it can
 * be slept through.  kthread_stop(), kthread_park() and the freezer store their
 * flag before they wake; it is read behind the store of the state.
 */
static __always_inline void kworkerx_idle(struct kworkerx_worker *worker,
					  bool more)
{
	__set_current_state(TASK_IDLE);
	xchg(&worker->sleeper, current);
	trace_kworkerx_worker_idle(worker);
	if (kworkerx_nothing_to_do(worker, more) && !kworkerx_dismissed(worker) &&
	    !freezing(current))
		schedule();
	__set_current_state(TASK_RUNNING);
	/* Before the lock is taken next: see kworkerx_wake(). */
	WRITE_ONCE(worker->sleeper, NULL);
}

/* What ran has ended: whoever asks is not to wait until the thaw. */
static noinline void kworkerx_freeze(struct kworkerx_worker *worker)
{
	/* As in kworkerx_take(). */
	smp_store_release(&worker->current_work, NULL);
	try_to_freeze();
}

static bool kworkerx_attach(struct kworkerx_worker *worker)
{
	bool free;

	raw_spin_lock_irq(&kworkerx_workers_lock);
	raw_spin_lock(&worker->lock);
	free = worker->task ? worker->task == current :
			      worker->life != KWORKERX_DEAD;
	if (free) {
		WRITE_ONCE(worker->task, current);
		WRITE_ONCE(worker->sleeper, NULL);
		strscpy(worker->comm, current->comm, sizeof(worker->comm));
		list_move(&worker->list, &kworkerx_workers);
	}
	raw_spin_unlock(&worker->lock);
	raw_spin_unlock_irq(&kworkerx_workers_lock);
	return free;
}

/* Whoever created the thread will stop it: a task that is gone cannot be. */
static int kworkerx_await_stop(void)
{
	for (;;) {
		set_current_state(TASK_IDLE);
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return -EBUSY;
}

static struct kworkerx_barrier *kworkerx_barrier(struct kworkerx_work *work)
{
	return container_of(work, struct kworkerx_barrier, work);
}

/* Who waits may be frozen, and then the thread must not keep the system awake. */
static noinline void kworkerx_stay(struct kworkerx_barrier *barrier)
{
	DECLARE_COMPLETION_ONSTACK(resume);

	barrier->resume = &resume;
	complete(&barrier->done);
	wait_for_completion_state(&resume, TASK_UNINTERRUPTIBLE |
				  TASK_FREEZABLE_UNSAFE);
}

static void kworkerx_barrier_fn(struct kworkerx_work *work)
{
	struct kworkerx_barrier *barrier = kworkerx_barrier(work);

	if (unlikely(barrier->stays))
		kworkerx_stay(barrier);
	else
		complete(&barrier->done);
}

/*
 * Is there something that the thread cannot leave behind?  Works stay queued
 * for the next thread, but a barrier at the head waits for nothing any more,
 * and a worker that was created with its thread will have no other one.
 */
static bool kworkerx_needed(struct kworkerx_worker *worker)
{
	if (worker->created)
		return !kworkerx_empty(worker);
	return kworkerx_barrier_first(worker);
}

/* The thread was told to stop; may it leave? */
static bool kworkerx_detach(struct kworkerx_worker *worker)
{
	bool stay;

	mutex_lock(&kworkerx_walk);
	raw_spin_lock_irq(&kworkerx_workers_lock);
	raw_spin_lock(&worker->lock);
	/* As in kworkerx_take(). */
	smp_store_release(&worker->current_work, NULL);
	stay = kworkerx_needed(worker);
	if (!stay) {
		WRITE_ONCE(worker->task, NULL);
		if (!worker->created)
			list_del_init(&worker->list);
	}
	raw_spin_unlock(&worker->lock);
	raw_spin_unlock_irq(&kworkerx_workers_lock);
	mutex_unlock(&kworkerx_walk);
	return !stay;
}

/* The thread was told to go away for a while, or to stop; may it? */
static bool kworkerx_stop_serving(struct kworkerx_worker *worker)
{
	bool stay;

	raw_spin_lock_irq(&worker->lock);
	/* As in kworkerx_take(). */
	smp_store_release(&worker->current_work, NULL);
	stay = kworkerx_needed(worker);
	if (!stay)
		kworkerx_set_holds(worker, 1);
	raw_spin_unlock_irq(&worker->lock);
	return !stay;
}

/*
 * Shall the thread leave?  It is asked after each work.  Not that of a created
 * worker, which kworkerx_destroy_worker() stops when there is nothing more to
 * run.
 */
static __always_inline bool kworkerx_leaves(struct kworkerx_worker *worker,
					    struct kworkerx_work *last)
{
	if ((last && worker->created) || !kworkerx_dismissed(worker))
		return false;
	return worker->group ? kworkerx_stop_serving(worker) :
			       kworkerx_detach(worker);
}

#include "kworkerx_inherit.h"

/* @more: its flags ask for something that the thread has to do. */
static __always_inline void kworkerx_serve_as(struct kworkerx_worker *worker,
					      bool more)
{
	struct kworkerx_work *work = NULL;
	kworkerx_work_func_t func;

	while (!kworkerx_leaves(worker, work)) {
		work = kworkerx_take(worker, &func, more);
		if (more && work && func == kworkerx_barrier_fn &&
		    (worker->flags & KWORKERX_INHERIT))
			kworkerx_hand_over(worker, work);
		else if (work)
			kworkerx_run(worker, work, func);
		else if (more)
			kworkerx_rest(worker);
		else
			kworkerx_idle(worker, false);
		if (unlikely(freezing(current)))
			kworkerx_freeze(worker);
		/* A worker that is never idle does not hold up RCU Tasks. */
		cond_resched_tasks_rcu_qs();
	}
}

static noinline void kworkerx_serve_more(struct kworkerx_worker *worker)
{
	if (worker->flags & KWORKERX_INHERIT)
		kworkerx_turn_over(worker, kworkerx_next_turn(worker));
	worker->more->locks = lockdep_depth(current);
	kworkerx_serve_as(worker, true);
	if (worker->flags & KWORKERX_INHERIT)
		kworkerx_turn_over(worker, NULL);
}

/* A function of its own, so that it is not slower for the other. */
static noinline void kworkerx_serve_plainly(struct kworkerx_worker *worker)
{
	kworkerx_serve_as(worker, false);
}

static void kworkerx_serve(struct kworkerx_worker *worker)
{
	if (worker->flags & (KWORKERX_INHERIT | KWORKERX_POLLS | KWORKERX_LANES))
		kworkerx_serve_more(worker);
	else
		kworkerx_serve_plainly(worker);
}

/**
 * kworkerx_worker_fn - the thread function of a worker
 * @worker_ptr: an initialised worker
 *
 * For workers that their owner embeds: create a kthread with this function
 * and the worker as its data.  What was queued before runs first.  The thread
 * returns when kthread_stop() is called, after the work that is running, and
 * leaves what is queued to the next thread, which may attach from then on.  It
 * returns only when every producer whose work it ran has left its call, so
 * that the owner can free the worker after kthread_stop(); this takes a grace
 * period of RCU.
 *
 * A worker has one thread at a time: another that tries to attach is reported,
 * runs nothing, and waits for its own kthread_stop().
 *
 * Context: A kthread of its own.
 * Return: 0, or -EBUSY if the worker had a thread.
 */
int kworkerx_worker_fn(void *worker_ptr)
{
	struct kworkerx_worker *worker = worker_ptr;

	if (kworkerx_report(!kworkerx_attach(worker),
			    "%s attached to worker %s, which has a thread or is destroyed",
			    current->comm, kworkerx_name(worker)))
		return kworkerx_await_stop();
	/* What an owner writes to the flags comes too late for more. */
	if (kworkerx_report(!worker->more && (worker->flags & ~KWORKERX_FREEZABLE),
			    "worker %s, which is embedded, has flags 0x%x",
			    kworkerx_name(worker), worker->flags)) {
		raw_spin_lock_irq(&worker->lock);
		worker->flags &= KWORKERX_FREEZABLE;
		raw_spin_unlock_irq(&worker->lock);
	}
	if (worker->flags & KWORKERX_FREEZABLE)
		set_freezable();

	kworkerx_serve(worker);

	/* The structure of a created worker stays, that of another may not. */
	if (!worker->created)
		synchronize_rcu();
	return 0;
}
EXPORT_SYMBOL_GPL(kworkerx_worker_fn);

/**
 * kworkerx_serve_worker - run the works of a worker that has been given a thread
 * @worker: from kworkerx_alloc_worker(); kworkerx_open_worker() has named the
 *	calling thread
 *
 * For threads that have duties besides the worker, such as those of
 * smpboot_register_percpu_thread().  Returns when the thread is to park or to
 * stop, after the work that is running; what is queued stays queued, and is
 * held from then on until kworkerx_open_worker() is called again.
 *
 * Context: The kthread.
 */
void kworkerx_serve_worker(struct kworkerx_worker *worker)
{
	kworkerx_serve(worker);
}
EXPORT_SYMBOL_GPL(kworkerx_serve_worker);

/*
 * Creation
 */

/**
 * __kworkerx_init_work - the body of kworkerx_init_work()
 * @work: memory for the work, whatever it holds
 * @func: its function
 * @class: its lockdep class, or NULL if lockdep is to leave it alone
 * @onstack: it is on the stack
 *
 * Context: Any but NMI.
 */
void __kworkerx_init_work(struct kworkerx_work *work, kworkerx_work_func_t func,
			  struct kworkerx_class *class, bool onstack)
{
	kworkerx_debug_init(work, onstack);
	*work = (struct kworkerx_work)KWORKERX_WORK_INIT(*work, func);
	kworkerx_map_init(&work->lockdep_map, class);
}
EXPORT_SYMBOL_GPL(__kworkerx_init_work);

/**
 * kworkerx_destroy_work_on_stack - end of a work on the stack
 * @work: from kworkerx_init_work_onstack(), neither pending nor running
 *
 * Context: Any but NMI.
 */
void kworkerx_destroy_work_on_stack(struct kworkerx_work *work)
{
	kworkerx_debug_destroy(work);
}
EXPORT_SYMBOL_GPL(kworkerx_destroy_work_on_stack);

/**
 * kworkerx_destroy_delayed_work_on_stack - end of a delayed work on the stack
 * @dwork: from kworkerx_init_delayed_work_onstack(), neither pending nor running
 *
 * Context: Any but NMI.
 */
void kworkerx_destroy_delayed_work_on_stack(struct kworkerx_delayed_work *dwork)
{
	timer_destroy_on_stack(&dwork->timer);
	kworkerx_debug_destroy(&dwork->work);
}
EXPORT_SYMBOL_GPL(kworkerx_destroy_delayed_work_on_stack);

/**
 * __kworkerx_init_worker - the body of kworkerx_init_worker()
 * @worker: memory for the worker
 * @class: its lockdep class, or NULL if lockdep is to leave it alone
 *
 * Context: Any.
 */
void __kworkerx_init_worker(struct kworkerx_worker *worker,
			    struct kworkerx_class *class)
{
	memset(worker, 0, sizeof(*worker));
	worker->tail = &worker->queue;
	raw_spin_lock_init(&worker->lock);
	INIT_LIST_HEAD(&worker->list);
	INIT_LIST_HEAD(&worker->delayed_work_list);
	kworkerx_map_init(&worker->lockdep_map, class);
}
EXPORT_SYMBOL_GPL(__kworkerx_init_worker);

/* A structure that is dead: its queue is closed, it has no thread. */
static struct kworkerx_worker *kworkerx_new(struct kworkerx_class *class)
{
	struct kworkerx_worker *worker = kmalloc_obj(*worker, GFP_KERNEL);

	if (!worker)
		return NULL;
	__kworkerx_init_worker(worker, class);
	worker->life = KWORKERX_DEAD;
	worker->tail = (void *)((unsigned long)&worker->queue |
				KWORKERX_TAIL_BITS);
	return worker;
}

/* The same, which may be that of a worker that was destroyed long ago. */
static struct kworkerx_worker *kworkerx_get_spare(struct kworkerx_class *class)
{
	struct kworkerx_worker *worker = NULL;

	raw_spin_lock_irq(&kworkerx_workers_lock);
	if (kworkerx_nr_spares > KWORKERX_SPARES) {
		worker = list_first_entry(&kworkerx_spares,
					  struct kworkerx_worker, list);
		list_del_init(&worker->list);
		kworkerx_nr_spares--;
	}
	raw_spin_unlock_irq(&kworkerx_workers_lock);
	if (!worker)
		return kworkerx_new(class);

	/* Who came to it by its last work has left. */
	cond_synchronize_rcu(worker->grace_period);
	kworkerx_put_more(worker);
	kfree(worker->full_name);
	worker->full_name = NULL;
	worker->comm[0] = '\0';
	raw_spin_lock_irq(&worker->lock);
	kworkerx_map_init(&worker->lockdep_map, class);
	raw_spin_unlock_irq(&worker->lock);
	return worker;
}

static void kworkerx_put_spare(struct kworkerx_worker *worker)
{
	mutex_lock(&kworkerx_walk);
	raw_spin_lock_irq(&kworkerx_workers_lock);
	/* A group outlives its workers by a grace period. */
	WRITE_ONCE(worker->group, NULL);
	worker->grace_period = get_state_synchronize_rcu();
	list_move_tail(&worker->list, &kworkerx_spares);
	kworkerx_nr_spares++;
	raw_spin_unlock_irq(&kworkerx_workers_lock);
	mutex_unlock(&kworkerx_walk);
}

/* One on the list of workers, with what @flags ask for. */
static struct kworkerx_worker *kworkerx_get_worker(struct kworkerx_class *class,
						   unsigned int flags)
{
	struct kworkerx_worker *worker = kworkerx_get_spare(class);

	if (!worker)
		return NULL;
	worker->flags = flags;
	/* Before somebody finds the worker there. */
	if (!kworkerx_get_more(worker)) {
		kworkerx_put_spare(worker);
		return NULL;
	}
	raw_spin_lock_irq(&kworkerx_workers_lock);
	list_add(&worker->list, &kworkerx_workers);
	raw_spin_unlock_irq(&kworkerx_workers_lock);
	return worker;
}

/*
 * A group closes a queue, even to the worker's own works, until it opens it again,
 * and in the end for good.
 */
static void kworkerx_shut(struct kworkerx_worker *worker, enum kworkerx_life to)
{
	raw_spin_lock_irq(&worker->lock);
	kworkerx_turn(worker, BIT(KWORKERX_OPEN) | BIT(KWORKERX_CLOSED) |
		      BIT(KWORKERX_DEAD), to);
	raw_spin_unlock_irq(&worker->lock);
}

/*
 * The first work, or whoever flushes, wakes the thread of a created worker for the
 * first time; that of a group is woken here.  What is queued already stays, and is
 * held while there is no thread.  A thread that has served the worker before may do
 * so already: then it alone says that it sleeps.
 */
static void kworkerx_open(struct kworkerx_worker *worker,
			  struct task_struct *task)
{
	raw_spin_lock_irq(&worker->lock);
	kworkerx_set_holds(worker, !task);
	if (!task || worker->task != task) {
		WRITE_ONCE(worker->task, task);
		WRITE_ONCE(worker->sleeper, task);
	}
	if (worker->group)
		kworkerx_wake(worker);
	if (task)
		strscpy(worker->comm, task->comm, sizeof(worker->comm));
	/* Who appends to what was closed finds the sleeper. */
	kworkerx_turn(worker, BIT(KWORKERX_DEAD) | BIT(KWORKERX_CLOSED) |
		      BIT(KWORKERX_OPEN), KWORKERX_OPEN);
	raw_spin_unlock_irq(&worker->lock);
}

/*
 * Creates a worker and its thread, not woken, and bound to @cpu if that is one.
 * Frees @name, the full name, in the end.
 */
static struct kworkerx_worker *
kworkerx_create(struct kworkerx_class *class, unsigned int flags, int node,
		int cpu, const char *name)
{
	struct kworkerx_worker *worker;
	struct task_struct *task;

	if (!name)
		return ERR_PTR(-ENOMEM);
	worker = kworkerx_get_worker(class, flags);
	if (!worker) {
		kfree(name);
		return ERR_PTR(-ENOMEM);
	}
	worker->full_name = name;
	worker->created = true;
	worker->birth++;

	task = kthread_create_on_node(kworkerx_worker_fn, worker, node, "%s",
				      name);
	if (IS_ERR(task)) {
		kworkerx_put_spare(worker);
		return ERR_CAST(task);
	}

	/* While nobody can wake it. */
	if (cpu >= 0)
		kthread_bind(task, cpu);
	/* Keeps this code until the thread has left it. */
	__module_get(THIS_MODULE);
	kworkerx_open(worker, task);
	return worker;
}

/* Of all that a worker can be created with. */
#define KWORKERX_FLAGS							\
	(KWORKERX_FREEZABLE | KWORKERX_ANYWHERE | KWORKERX_INHERIT |		\
	 KWORKERX_POLLS | KWORKERX_LANES)

static bool kworkerx_flags_valid(unsigned int flags, const char *namefmt)
{
	/* Who owns a mutex does not freeze. */
	return !kworkerx_report(flags & ~KWORKERX_FLAGS ||
				!(~flags & (KWORKERX_FREEZABLE | KWORKERX_INHERIT)),
				"worker %s created with flags 0x%x", namefmt,
				flags);
}

static bool kworkerx_node_valid(int node)
{
	return node == NUMA_NO_NODE ||
	       (node >= 0 && node < MAX_NUMNODES && node_online(node));
}

/**
 * __kworkerx_create_worker - the body of kworkerx_create_worker_on_node()
 * @class: lockdep class of the worker, or NULL if lockdep is to leave it alone
 * @flags: as of kworkerx_create_worker_on_node()
 * @node: where the thread's memory comes from, or NUMA_NO_NODE
 * @namefmt: printf-style name of the thread
 *
 * Context: Process context.  May sleep.
 * Return: The worker, or ERR_PTR() of an error.
 */
struct kworkerx_worker *
__kworkerx_create_worker(struct kworkerx_class *class, unsigned int flags,
			 int node, const char namefmt[], ...)
{
	va_list args;
	char *name;

	if (!kworkerx_flags_valid(flags, namefmt) ||
	    kworkerx_report(!kworkerx_node_valid(node),
			    "worker %s created on node %d, which is not online",
			    namefmt, node))
		return ERR_PTR(-EINVAL);

	va_start(args, namefmt);
	name = kvasprintf(GFP_KERNEL, namefmt, args);
	va_end(args);
	return kworkerx_create(class, flags, node, -1, name);
}
EXPORT_SYMBOL_GPL(__kworkerx_create_worker);

/**
 * __kworkerx_create_worker_on_cpu - the body of kworkerx_create_worker_on_cpu()
 * @class: lockdep class of the worker, or NULL if lockdep is to leave it alone
 * @cpu: the CPU
 * @flags: as of kworkerx_create_worker_on_node()
 * @namefmt: name of the thread, where %u stands for @cpu
 *
 * Context: Process context.  May sleep.
 * Return: The worker, or ERR_PTR() of an error.
 */
struct kworkerx_worker *
__kworkerx_create_worker_on_cpu(struct kworkerx_class *class, int cpu,
				unsigned int flags, const char namefmt[])
{
	if (!kworkerx_flags_valid(flags, namefmt) ||
	    kworkerx_report(cpu < 0 || cpu >= nr_cpu_ids || !cpu_possible(cpu),
			    "worker %s created on CPU %d, which is not possible",
			    namefmt, cpu))
		return ERR_PTR(-EINVAL);

	return kworkerx_create(class, flags, cpu_to_node(cpu), cpu,
			       kasprintf(GFP_KERNEL, namefmt, cpu));
}
EXPORT_SYMBOL_GPL(__kworkerx_create_worker_on_cpu);

/* All of it, or nothing. */
static int kworkerx_set_sched(struct task_struct *task,
			      const struct kworkerx_attrs *attrs)
{
	cpumask_var_t old;
	int ret;

	if (!attrs->cpumask)
		return sched_setattr_nocheck(task, &attrs->sched);
	if (!alloc_cpumask_var(&old, GFP_KERNEL))
		return -ENOMEM;
	/* Its own: ->cpus_ptr is another one while it must not migrate. */
	cpumask_copy(old, &task->cpus_mask);
	ret = set_cpus_allowed_ptr(task, attrs->cpumask);
	if (!ret) {
		ret = sched_setattr_nocheck(task, &attrs->sched);
		if (ret)
			set_cpus_allowed_ptr(task, old);
	}
	free_cpumask_var(old);
	return ret;
}

/**
 * __kworkerx_set_worker_attrs - the body of kworkerx_set_worker_attrs()
 * @worker: a worker with a thread
 * @given: what to change it to
 * @size: how large the caller believes that to be
 *
 * Context: Process context.  May sleep.  Waits while the thread must not migrate.
 * Return: 0, or an error.
 */
int __kworkerx_set_worker_attrs(struct kworkerx_worker *worker,
				const struct kworkerx_attrs *given, size_t size)
{
	static struct kworkerx_request request = { "attributes" };
	struct kworkerx_attrs attrs = { };
	struct task_struct *task;
	int ret;

	might_sleep();
	if (size > sizeof(attrs))
		return -E2BIG;
	ret = kworkerx_ask(&request, worker);
	if (ret)
		return ret;
	memcpy(&attrs, given, size);
	task = READ_ONCE(worker->task);
	if (!task)
		return -ESRCH;
	if (attrs.poll_us && !kworkerx_has(worker, KWORKERX_POLLS))
		return -EINVAL;
	ret = kworkerx_set_sched(task, &attrs);
	if (!ret)
		kworkerx_set_poll(worker, attrs.poll_us);
	return ret;
}
EXPORT_SYMBOL_GPL(__kworkerx_set_worker_attrs);

/**
 * kworkerx_alloc_worker - a worker of a group, whose thread comes from elsewhere
 * @group: what the workers of the group have in common.  It stays until a
 *	grace period of RCU after the last of them was freed.
 * @class: lockdep class of the worker, which stays as long, or NULL if lockdep
 *	is to leave it alone
 *
 * The queue is closed: see kworkerx_open_worker().  Only the group opens and
 * closes it, and ends the worker: it cannot be plugged, parked, drained,
 * destroyed or given attributes.
 *
 * Context: Process context.  May sleep.
 * Return: The worker, or NULL if there is no memory.
 */
struct kworkerx_worker *
kworkerx_alloc_worker(const struct kworkerx_group *group,
		      struct kworkerx_class *class)
{
	struct kworkerx_worker *worker = kworkerx_get_worker(class, group->flags);

	if (!worker)
		return NULL;
	__module_get(THIS_MODULE);
	worker->created = false;
	kworkerx_set_poll(worker, group->poll_us);
	WRITE_ONCE(worker->group, group);
	kworkerx_shut(worker, KWORKERX_CLOSED);
	return worker;
}
EXPORT_SYMBOL_GPL(kworkerx_alloc_worker);

/**
 * kworkerx_open_worker - accept works from now on
 * @worker: from kworkerx_alloc_worker()
 * @task: the thread that will call kworkerx_serve_worker(), or NULL if works
 *	are to wait for one
 *
 * What is queued already stays.  @task, which does not serve the worker before the
 * first call that names it, is woken.
 *
 * Context: Process context.
 */
void kworkerx_open_worker(struct kworkerx_worker *worker,
			  struct task_struct *task)
{
	kworkerx_open(worker, task);
}
EXPORT_SYMBOL_GPL(kworkerx_open_worker);

/*
 * Queueing
 */

static bool kworkerx_bad(struct kworkerx_worker *worker,
			 kworkerx_work_func_t func)
{
	if (kworkerx_report(IS_ERR_OR_NULL(worker), "%ps queued on worker %pe",
			    func, worker))
		return true;
	return kworkerx_report(!func, "a work without a function queued on worker %s",
			       kworkerx_name(worker));
}

static void kworkerx_report_foreign(struct kworkerx_worker *worker,
				    struct kworkerx_worker *owner,
				    kworkerx_work_func_t func)
{
	kworkerx_report(true, "%ps queued on worker %s while worker %s has it",
			func, kworkerx_name(worker), kworkerx_name(owner));
}

/*
 * A work could not be claimed.  That is nobody's fault, unless it was never
 * initialised or is pending on another worker.
 */
static noinline void kworkerx_check_refused(struct kworkerx_worker *worker,
					    struct kworkerx_work *work)
{
	struct kworkerx_worker *owner;
	unsigned long flags;
	bool foreign;
	int state;

	if (in_nmi() || (worker && READ_ONCE(work->worker) == worker) ||
	    kworkerx_bad(worker, work->func) ||
	    kworkerx_report(!kworkerx_initialised(work),
			    "%ps queued on worker %s, but not initialised",
			    work->func, kworkerx_name(worker)))
		return;

	/* Only a look under the lock tells a work that is just moving. */
	local_irq_save(flags);
	owner = kworkerx_lock_work(work, &state);
	foreign = owner && owner != worker && (state & KWORKERX_WORK_PENDING);
	if (owner)
		raw_spin_unlock(&owner->lock);
	local_irq_restore(flags);
	if (foreign)
		kworkerx_report_foreign(worker, owner, work->func);
}

/*
 * The caller has claimed @work, which some other worker, @owner, has run last.  If
 * it runs there still, it must not start here as well: it stays there if the two
 * are of one group.  It cannot start there again, since it is claimed.  What has
 * another function is another work, in memory that a function has freed.
 */
static struct kworkerx_worker *kworkerx_move(struct kworkerx_worker *worker,
					     struct kworkerx_worker *owner,
					     struct kworkerx_work *work)
{
	const struct kworkerx_group *group;
	bool running;

	/* Those who hold this lock as that of the work see it stay or go. */
	raw_spin_lock(&owner->lock);
	running = kworkerx_running(owner, work) &&
		  owner->current_func == work->func;
	if (!running)
		WRITE_ONCE(work->worker, worker);
	raw_spin_unlock(&owner->lock);

	if (!running)
		return worker;
	group = READ_ONCE(worker->group);
	return group && group == READ_ONCE(owner->group) ? owner : NULL;
}

/*
 * The caller has claimed @work.  True if it is @worker's now; otherwise it is
 * another worker's, or something is wrong with the two.  A work that was queued
 * on a worker before is known to be fit for it, and the worker to be one.
 */
static __always_inline bool kworkerx_fits(struct kworkerx_worker *worker,
					  struct kworkerx_work *work)
{
	if (likely(work->worker == worker))
		return likely(worker);
	if (work->worker || IS_ERR_OR_NULL(worker) || !work->func)
		return false;
	WRITE_ONCE(work->worker, worker);
	return true;
}

/*
 * The caller has claimed @work.  Makes it @worker's, or gives it back and reports
 * why.  Returns the worker whose it is.
 */
static noinline struct kworkerx_worker *
kworkerx_settle_slowly(struct kworkerx_worker *worker, struct kworkerx_work *work)
{
	struct kworkerx_worker *owner = work->worker, *home = NULL;
	kworkerx_work_func_t func = work->func;

	if (!IS_ERR_OR_NULL(worker) && func)
		home = kworkerx_move(worker, owner, work);
	if (home)
		return home;
	kworkerx_unclaim(work);
	if (!kworkerx_bad(worker, func))
		kworkerx_report_foreign(worker, owner, func);
	return NULL;
}

static __always_inline struct kworkerx_worker *
kworkerx_settle(struct kworkerx_worker *worker, struct kworkerx_work *work)
{
	return likely(kworkerx_fits(worker, work)) ? worker :
	       kworkerx_settle_slowly(worker, work);
}

/*
 * May the caller add something?  While the worker is drained or destroyed,
 * only those works may that it runs.
 */
static bool kworkerx_admits(struct kworkerx_worker *worker)
{
	return likely(!kworkerx_closed(worker)) ||
	       (worker->life <= KWORKERX_ENDING && kworkerx_own(worker));
}

/*
 * The caller has claimed @work, but @worker does not admit it.  Returns the
 * worker of the same @group to try next, whose the work is now; or NULL, and the
 * work is given back.  A group closes a queue and lets others stand in only
 * when the worker runs nothing, so the work does not run there.  @accepted:
 * somebody was told before that it will run.
 */
static struct kworkerx_worker *
kworkerx_turn_away(struct kworkerx_worker *worker,
		   const struct kworkerx_group *group,
		   struct kworkerx_work *work, bool accepted)
{
	kworkerx_work_func_t func = work->func;
	struct kworkerx_worker *other = NULL;

	if (group)
		other = group->divert(group, work, accepted);
	if (other) {
		/* As in kworkerx_move(). */
		raw_spin_lock(&worker->lock);
		WRITE_ONCE(work->worker, other);
		raw_spin_unlock(&worker->lock);
		return other;
	}

	kworkerx_unclaim(work);
	/* To be refused while the worker is drained is nobody's fault. */
	kworkerx_report(!group && READ_ONCE(worker->life) >= KWORKERX_ENDING,
			"%ps queued on worker %s, which is being destroyed",
			func, kworkerx_name(worker));
	return NULL;
}

/*
 * Where the next work is inserted.  Barriers at the head are for those who wait
 * for what runs now: they do not wait for it.
 */
static struct list_head *kworkerx_front(struct kworkerx_worker *worker)
{
	struct list_head *pos = kworkerx_head(worker);
	struct list_head *next;

	lockdep_assert_held(&worker->lock);
	/* Pairs with the release in kworkerx_link(). */
	while ((next = smp_load_acquire(&pos->next)) &&
	       kworkerx_node_work(next)->func == kworkerx_barrier_fn)
		pos = next;
	return pos;
}

/* Publishes while the queue is guarded, or closed, or was, or before all others. */
static bool kworkerx_publish_admitted(struct kworkerx_worker *worker,
				      struct kworkerx_work *work, bool first)
{
	bool admitted;

	if (!first && kworkerx_append_open(kworkerx_lane_of(worker, work), &work->node))
		return true;
	raw_spin_lock(&worker->lock);
	admitted = kworkerx_admits(worker);
	if (admitted)
		kworkerx_insert_after(worker, first ? kworkerx_front(worker) :
				      kworkerx_last_of(worker, work), &work->node);
	raw_spin_unlock(&worker->lock);
	return admitted;
}

/*
 * The caller has claimed @work, which is @worker's, of @group.  Once it is published
 * it may run, and be gone.  Returns the worker that has it, whose thread may have
 * to be woken, or NULL if none takes it.
 */
#define KWORKERX_FIRST		1	/* before all others */
#define KWORKERX_ACCEPTED	2	/* somebody was told that it will run */
#define KWORKERX_NOWAKE		4	/* the thread is not to be woken */

static struct kworkerx_worker *
kworkerx_publish(struct kworkerx_worker *worker,
		 const struct kworkerx_group *group,
		 struct kworkerx_work *work, unsigned int how)
{
	bool first = how & KWORKERX_FIRST;

	trace_kworkerx_work_queue_work(worker, work);
	while (worker && (first || !kworkerx_append(worker, &work->node)) &&
	       !kworkerx_publish_admitted(worker, work, first))
		worker = kworkerx_turn_away(worker, group, work,
					    how & KWORKERX_ACCEPTED);
	return worker;
}

/* The same for one that was accepted earlier, with the lock held all the time. */
static void kworkerx_publish_accepted(struct kworkerx_worker *worker,
				      struct kworkerx_work *work)
{
	trace_kworkerx_work_queue_work(worker, work);
	if (!kworkerx_append(worker, &work->node))
		kworkerx_insert_after(worker, kworkerx_last_of(worker, work),
				      &work->node);
	kworkerx_wake(worker);
}

/*
 * The caller has claimed @work, with interrupts off since then.  Returns the worker
 * whose queue it is in, and whose thread is to be woken, or NULL.
 */
static __always_inline struct kworkerx_worker *
kworkerx_settle_and_publish(struct kworkerx_worker *worker,
			    struct kworkerx_work *work, unsigned int how)
{
	struct kworkerx_worker *owner = kworkerx_settle(worker, work);

	if (owner)
		owner = kworkerx_publish(owner, READ_ONCE(owner->group), work,
					 how);
	if (owner)
		trace_kworkerx_worker_queued(owner);
	return owner;
}

#include "kworkerx_off.h"

/*
 * The caller has claimed @work.  All else that kworkerx_queue_work() does, for when
 * something is unusual.  Returns 1 or an error.
 */
static noinline int kworkerx_queue_slowly(struct kworkerx_worker *worker,
					  struct kworkerx_work *work,
					  unsigned int how, unsigned long flags)
{
	struct kworkerx_worker *owner;

	if (irqs_disabled_flags(flags))
		return kworkerx_queue_slowly_off(worker, work, how);
	owner = kworkerx_settle_and_publish(worker, work, how);
	if (owner)
		return kworkerx_kick_irq_enable(owner);
	local_irq_enable();
	return -ESHUTDOWN;
}

/* @work could not be claimed at once.  The caller had interrupts on. */
static noinline bool kworkerx_queue_after_all(struct kworkerx_worker *worker,
					      struct kworkerx_work *work,
					      unsigned long flags)
{
	if (unlikely(kworkerx_claim_after_all(work)))
		return kworkerx_queue_slowly(worker, work, 0, flags) > 0;
	local_irq_enable();
	kworkerx_refused(worker, work);
	return false;
}

/**
 * kworkerx_queue_work - queue a work
 * @worker: where to run it
 * @work: what to run
 *
 * Works run in the order in which they were queued.  A work can be queued
 * again from the moment its function starts.
 *
 * What the caller stored before the call is visible to the function: to the
 * run that this call queues when the result is true, to the run that is yet to
 * come when the result is false because the work is pending.
 *
 * A work that is idle may be queued on another worker than before (the stock
 * function warns).  While it is pending or running on one, queueing it on
 * another is refused and reported.  So are a worker that is NULL, an ERR_PTR()
 * or being destroyed, and a work that has no function or was never
 * initialised.
 *
 * Context: Any, if the worker is KWORKERX_ANYWHERE; then nothing is done with
 *	interrupts off that takes a lock.  For others any but NMI, which is reported
 *	and refused, and not with a lock of the scheduler held.  Takes no lock unless
 *	the work moves from another worker.
 * Return: true if the work was queued; false if it was pending already, is
 *	being cancelled, or the call was refused.
 */
bool kworkerx_queue_work(struct kworkerx_worker *worker,
			 struct kworkerx_work *work)
{
	unsigned long flags;

	if (unlikely(kworkerx_pending_there(worker, work)))
		return false;
	local_irq_save(flags);
	if (irqs_disabled_flags(flags))
		return kworkerx_queue_off(worker, work);
	if (unlikely(!kworkerx_try_claim(work, KWORKERX_WORK_IDLE)))
		return kworkerx_queue_after_all(worker, work, flags);
	if (likely(kworkerx_fits(worker, work) &&
		   !static_branch_unlikely(&kworkerx_queueing_traced) &&
		   kworkerx_append(worker, &work->node)))
		return kworkerx_kick_irq_enable(worker);
	return kworkerx_queue_slowly(worker, work, 0, flags) > 0;
}
EXPORT_SYMBOL_GPL(kworkerx_queue_work);

/**
 * kworkerx_queue_work_first - queue a work before all others
 * @worker: where to run it
 * @work: what to run
 *
 * For the one that cannot wait: it runs next, before works that were queued earlier,
 * those that are urgent included, so that several queued like this run last in first
 * out.  A work that is pending already keeps its place.  Otherwise as
 * kworkerx_queue_work(), but under the worker's lock.  Hence a worker that is
 * KWORKERX_ANYWHERE refuses it where interrupts are off.
 *
 * The stock worker has no such function.
 *
 * Context: Any but NMI, not with a lock of the scheduler held.
 * Return: As kworkerx_queue_work().
 */
bool kworkerx_queue_work_first(struct kworkerx_worker *worker,
			       struct kworkerx_work *work)
{
	unsigned long flags;

	local_irq_save(flags);
	if (likely(kworkerx_claim(work)))
		return kworkerx_queue_slowly(worker, work, KWORKERX_FIRST,
					     flags) > 0;
	return kworkerx_queue_refused(worker, work, flags);
}
EXPORT_SYMBOL_GPL(kworkerx_queue_work_first);

/**
 * kworkerx_try_queue_work - queue a work, and tell refused from pending
 * @worker: where to run it
 * @work: what to run
 *
 * As kworkerx_queue_work(), for workers whose queue is closed from time to
 * time.  A work that is pending on another worker is not reported.
 *
 * Context: As kworkerx_queue_work().
 * Return: 1 if the work was queued; 0 if it was pending already, is disabled or
 *	is being cancelled; -ESHUTDOWN if it was idle, and still is; -EAGAIN if it is
 *	and was refused because the call must not take a lock here.
 */
int kworkerx_try_queue_work(struct kworkerx_worker *worker,
			    struct kworkerx_work *work)
{
	unsigned long flags;

	local_irq_save(flags);
	if (likely(kworkerx_claim(work)))
		return kworkerx_queue_slowly(worker, work, 0, flags);
	local_irq_restore(flags);
	return 0;
}
EXPORT_SYMBOL_GPL(kworkerx_try_queue_work);

/*
 * Timers
 */

/* The caller holds the lock and has claimed the work, which is @worker's. */
static void kworkerx_arm(struct kworkerx_worker *worker,
			 struct kworkerx_delayed_work *dwork,
			 unsigned long delay)
{
	lockdep_assert_held(&worker->lock);
	list_add(&dwork->work.node, &worker->delayed_work_list);
	atomic_or(KWORKERX_WORK_DELAYED | KWORKERX_WORK_TIMED,
		  &dwork->work.state);
	WRITE_ONCE(dwork->timer.expires, jiffies + delay);
	add_timer(&dwork->timer);
}

/* The timer is not armed any more.  The work stays PENDING, in no list. */
static void kworkerx_unlink_delayed(struct kworkerx_worker *worker,
				    struct kworkerx_work *work)
{
	lockdep_assert_held(&worker->lock);
	__list_del_entry(&work->node);
	WRITE_ONCE(work->node.next, NULL);
	WRITE_ONCE(work->node.prev, NULL);
	atomic_andnot(KWORKERX_WORK_DELAYED, &work->state);
}

static void kworkerx_report_armed(struct kworkerx_worker *worker,
				  kworkerx_work_func_t func)
{
	kworkerx_report(true, "worker %s destroyed while the timer of %ps is armed",
			kworkerx_name(worker), func);
}

/*
 * The timer is not armed any more: queues the work.  It was accepted long ago,
 * so that whoever drains the worker waits for it.  Enters with the worker
 * locked and interrupts off, leaves it unlocked and the worker that has the work
 * awake: who gets the lock next may be about to free it.
 */
static void kworkerx_expire(struct kworkerx_worker *worker,
			    struct kworkerx_work *work)
	__releases(&worker->lock)
{
	/* While the work is listed the worker keeps its group. */
	const struct kworkerx_group *group = worker->group;
	kworkerx_work_func_t func = work->func;

	kworkerx_unlink_delayed(worker, work);
	/* What runs here is not to run elsewhere, too: its thread is still there. */
	if (likely(worker->life < KWORKERX_CLOSED) ||
	    (group && kworkerx_running(worker, work))) {
		kworkerx_publish_accepted(worker, work);
		raw_spin_unlock(&worker->lock);
		return;
	}
	if (!group) {
		kworkerx_unclaim(work);
		raw_spin_unlock(&worker->lock);
		kworkerx_report_armed(worker, func);
		return;
	}
	raw_spin_unlock(&worker->lock);

	worker = kworkerx_publish(worker, group, work, KWORKERX_ACCEPTED);
	if (worker)
		kworkerx_lock_and_wake(worker);
}

/**
 * kworkerx_delayed_work_timer_fn - the timer of every delayed work
 * @timer: the timer in a delayed work
 *
 * For the initialisers of delayed works; not to be called.
 *
 * While somebody cancels the work it is left where it is, for the canceller to
 * find: the canceller waits for this function to end.
 *
 * Context: A timer, interrupts disabled.
 */
void kworkerx_delayed_work_timer_fn(struct timer_list *timer)
{
	struct kworkerx_delayed_work *dwork =
		timer_container_of(dwork, timer, timer);
	struct kworkerx_work *work = &dwork->work;
	struct kworkerx_worker *worker = READ_ONCE(work->worker);
	unsigned long flags;

	if (kworkerx_report(!worker, "%ps was initialised while its timer was armed",
			    work->func))
		return;

	trace_kworkerx_work_expire(worker, work);
	local_irq_save(flags);
	raw_spin_lock(&worker->lock);
	if (kworkerx_work_has(work, KWORKERX_WORK_DELAYED) &&
	    !kworkerx_work_has(work, KWORKERX_WORK_CANCELS))
		kworkerx_expire(worker, work);
	else
		raw_spin_unlock(&worker->lock);
	local_irq_restore(flags);
}
EXPORT_SYMBOL_GPL(kworkerx_delayed_work_timer_fn);

/*
 * The caller has claimed the work, which is @worker's, with interrupts off.  A
 * worker that its group has closed may be open again when the timer expires.
 */
static __always_inline bool
kworkerx_try_arm(struct kworkerx_worker *worker,
		 struct kworkerx_delayed_work *dwork, unsigned long delay)
{
	bool admitted;

	raw_spin_lock(&worker->lock);
	admitted = kworkerx_admits(worker) ||
		   (worker->life == KWORKERX_CLOSED &&
		    worker->group->arms_closed);
	if (admitted)
		kworkerx_arm(worker, dwork, delay);
	raw_spin_unlock(&worker->lock);
	return admitted;
}

/*
 * The caller has claimed the work, with interrupts off since then.  Returns 1, or
 * -ESHUTDOWN if nobody takes it.
 */
static __always_inline int
kworkerx_settle_and_arm(struct kworkerx_worker *worker,
			struct kworkerx_delayed_work *dwork,
			unsigned long delay, unsigned int how)
{
	worker = kworkerx_settle(worker, &dwork->work);
	while (worker && !kworkerx_try_arm(worker, dwork, delay))
		worker = kworkerx_turn_away(worker, READ_ONCE(worker->group),
					    &dwork->work, how & KWORKERX_ACCEPTED);
	return worker ? 1 : -ESHUTDOWN;
}

/* The same for a caller who has interrupts off, too; -EAGAIN in an NMI. */
static noinline int kworkerx_arm_off(struct kworkerx_worker *worker,
				     struct kworkerx_delayed_work *dwork,
				     unsigned long delay, unsigned int how)
{
	kworkerx_work_func_t func = dwork->work.func;

	if (!in_nmi())
		return kworkerx_settle_and_arm(worker, dwork, delay, how);
	kworkerx_unclaim(&dwork->work);
	kworkerx_refuse_nmi("delay", func);
	return -EAGAIN;
}

/* The same, now or later, and ends the section. */
static int kworkerx_start(struct kworkerx_worker *worker,
			  struct kworkerx_delayed_work *dwork,
			  unsigned long delay, unsigned int how,
			  unsigned long flags)
{
	int ret;

	if (!delay)
		return kworkerx_queue_slowly(worker, &dwork->work, how, flags);
	if (irqs_disabled_flags(flags))
		return kworkerx_arm_off(worker, dwork, delay, how);
	ret = kworkerx_settle_and_arm(worker, dwork, delay, how);
	local_irq_enable();
	return ret;
}

static bool kworkerx_bad_timer(struct kworkerx_delayed_work *dwork)
{
	return kworkerx_report(dwork->timer.function != kworkerx_delayed_work_timer_fn,
			       "delayed work %ps is not initialised",
			       dwork->work.func);
}

/**
 * __kworkerx_queue_delayed_work - the body of kworkerx_queue_delayed_work()
 * @worker: where to run it
 * @dwork: what to run
 * @delay: how long to wait, in jiffies
 * @reports: says what is wrong if the work cannot be claimed
 *
 * Context: Any but NMI, not with a lock of the scheduler held.
 * Return: 1 if the work was queued or its timer armed; 0 if it could not be
 *	claimed; -ESHUTDOWN if it was idle, and still is; -EAGAIN in an NMI.
 */
int __kworkerx_queue_delayed_work(struct kworkerx_worker *worker,
				  struct kworkerx_delayed_work *dwork,
				  unsigned long delay, bool reports)
{
	unsigned long flags;

	if (kworkerx_bad_timer(dwork))
		return -ESHUTDOWN;

	local_irq_save(flags);
	if (kworkerx_claim(&dwork->work))
		return kworkerx_start(worker, dwork, delay, 0, flags);
	local_irq_restore(flags);
	if (reports)
		kworkerx_check_refused(worker, &dwork->work);
	return 0;
}
EXPORT_SYMBOL_GPL(__kworkerx_queue_delayed_work);

/*
 * Takes a pending work out of its list; it stays PENDING.  False if its timer
 * has expired and waits for the lock on another CPU.
 */
static __always_inline bool kworkerx_try_remove(struct kworkerx_worker *worker,
						struct kworkerx_work *work,
						int state)
{
	if (!(state & KWORKERX_WORK_DELAYED)) {
		kworkerx_unlink(worker, &work->node);
		return true;
	}
	if (!timer_delete(&kworkerx_delayed(work)->timer))
		return false;
	kworkerx_unlink_delayed(worker, work);
	return true;
}

/* May the delay of a work be changed that was accepted? */
static bool kworkerx_lets_mod(struct kworkerx_worker *worker)
{
	return likely(worker->life < KWORKERX_ENDING) ||
	       worker->life == KWORKERX_CLOSED ||
	       (worker->life == KWORKERX_ENDING && kworkerx_own(worker));
}

/*
 * Takes @work, which is pending on @from, for another worker of the same group, if
 * that has an open queue or arms what is delayed without one.
 */
static noinline int kworkerx_take_over(struct kworkerx_worker *from,
				       struct kworkerx_worker *to,
				       struct kworkerx_work *work, int state)
{
	const struct kworkerx_group *group = from->group;

	if (!group || IS_ERR_OR_NULL(to) || group != READ_ONCE(to->group))
		return -EINVAL;
	if (READ_ONCE(to->life) >= KWORKERX_CLOSED && !group->arms_closed)
		return -ESHUTDOWN;
	return kworkerx_try_remove(from, work, state) ? 1 : -EAGAIN;
}

/*
 * Gives @dwork a new delay if it is pending on @worker, with interrupts off.
 * Returns 0 if that was done, -ENOENT if it is not pending, -EBUSY if somebody
 * cancels or disables it, -EAGAIN if it has just changed hands, and -EINVAL if it
 * is not the caller's to change.  If it is pending on another worker of a group,
 * and @moves, then the caller has claimed it, and 1 is returned.  Where it does not
 * fit any more a moment later, the group is told as of what it had accepted.
 */
static int kworkerx_rearm(struct kworkerx_worker *worker,
			  struct kworkerx_delayed_work *dwork,
			  unsigned long delay, bool moves)
{
	struct kworkerx_work *work = &dwork->work;
	struct kworkerx_worker *owner;
	int state, ret = 0;

	owner = kworkerx_lock_work(work, &state);
	if (state & (KWORKERX_WORK_CANCELS | KWORKERX_WORK_DISABLES)) {
		ret = -EBUSY;
	} else if (!owner || !(state & KWORKERX_WORK_PENDING)) {
		ret = -ENOENT;
	} else if (unlikely(owner != worker)) {
		ret = moves ? kworkerx_take_over(owner, worker, work, state) :
			      -EINVAL;
	} else if (!kworkerx_lets_mod(owner)) {
		ret = -EINVAL;
	} else if ((delay || owner->life == KWORKERX_CLOSED) &&
		   (state & KWORKERX_WORK_DELAYED)) {
		if (!mod_timer_pending(&dwork->timer, jiffies + delay))
			ret = -EAGAIN;
	} else if (!kworkerx_try_remove(owner, work, state)) {
		ret = -EAGAIN;
	} else if (delay || owner->life == KWORKERX_CLOSED) {
		/* The timer will find another worker of the group. */
		kworkerx_arm(owner, dwork, delay);
	} else {
		kworkerx_publish_accepted(owner, work);
	}
	if (owner)
		raw_spin_unlock(&owner->lock);
	return ret;
}

/* A delayed work is not the caller's to change: tells why, if that is known. */
static void kworkerx_report_mod(struct kworkerx_worker *worker,
				struct kworkerx_delayed_work *dwork)
{
	struct kworkerx_work *work = &dwork->work;

	kworkerx_check_refused(worker, work);
	kworkerx_report(READ_ONCE(work->worker) == worker,
			"%ps delayed on worker %s, which is being destroyed",
			work->func, kworkerx_name(worker));
}

/**
 * __kworkerx_mod_delayed_work - the body of kworkerx_mod_delayed_work() and its kin
 * @worker: where to run it
 * @dwork: what to run
 * @delay: how long to wait from now on, in jiffies; 0 queues at once
 * @pending: leave it alone if it is not pending on @worker
 *
 * Context: Any but NMI, not with a lock of the scheduler held.
 * Return: 1 if this call has added a run; 0 if the work was pending and has its
 *	new delay; -EBUSY if it is being cancelled or disabled; -ENOENT if it is
 *	not @pending; -ESHUTDOWN if the call was refused; -EAGAIN in an NMI.
 */
int __kworkerx_mod_delayed_work(struct kworkerx_worker *worker,
				struct kworkerx_delayed_work *dwork,
				unsigned long delay, bool pending)
{
	unsigned long flags;
	int ret;

	if (kworkerx_bad_timer(dwork))
		return -ESHUTDOWN;

	for (;; kworkerx_relax()) {
		local_irq_save(flags);
		if (!pending && kworkerx_claim(&dwork->work))
			return kworkerx_start(worker, dwork, delay, 0, flags);
		if (irqs_disabled_flags(flags) &&
		    kworkerx_refuse_nmi("mod", dwork->work.func))
			return -EAGAIN;
		ret = kworkerx_rearm(worker, dwork, delay, !pending);
		if (ret > 0)
			return min(kworkerx_start(worker, dwork, delay,
						  KWORKERX_ACCEPTED, flags), 0);
		local_irq_restore(flags);

		if (ret == -EINVAL ||
		    (!pending && !kworkerx_initialised(&dwork->work))) {
			kworkerx_report_mod(worker, dwork);
			return -ESHUTDOWN;
		}
		if (ret != -EAGAIN && (pending || ret != -ENOENT))
			return ret;
	}
}
EXPORT_SYMBOL_GPL(__kworkerx_mod_delayed_work);

/*
 * Flush
 */

/* The wait for @barrier took too long.  Takes it back, if it is not too late. */
static bool kworkerx_withdraw(struct kworkerx_barrier *barrier)
{
	struct kworkerx_work *work = &barrier->work;
	struct kworkerx_worker *worker;
	bool pending;
	int state;

	local_irq_disable();
	/* In a group it may have moved to another worker. */
	worker = kworkerx_lock_work(work, &state);
	pending = state & KWORKERX_WORK_PENDING;
	if (pending) {
		kworkerx_unlink(worker, &work->node);
		kworkerx_unclaim(work);
	}
	raw_spin_unlock_irq(&worker->lock);

	/* The thread is about to complete it. */
	if (!pending)
		wait_for_completion(&barrier->done);
	return pending;
}

/*
 * What is left of @timeout jiffies that have begun at @since; more than LONG_MAX
 * are for ever.
 */
static unsigned long kworkerx_left(unsigned long timeout, unsigned long since)
{
	unsigned long gone = jiffies - since;

	if (timeout >= MAX_SCHEDULE_TIMEOUT)
		return MAX_SCHEDULE_TIMEOUT;
	return gone < timeout ? timeout - gone : 0;
}

/*
 * Waits for @timeout jiffies at most, and does not keep the system from being
 * suspended.  Returns whether @done was completed.
 */
static noinline bool kworkerx_await_freezably(struct completion *done,
				     unsigned long timeout)
{
	unsigned long slice;

	if (timeout == MAX_SCHEDULE_TIMEOUT)
		return !wait_for_completion_state(done, TASK_UNINTERRUPTIBLE |
						  TASK_FREEZABLE_UNSAFE);
	do {
		slice = min(timeout, HZ / 10UL);
		if (wait_for_completion_timeout(done, slice))
			return true;
		if (freezing(current))
			__refrigerator(false);
		timeout -= slice;
	} while (timeout);
	return false;
}

/* How somebody waits for a barrier. */
enum kworkerx_patience {
	KWORKERX_WAITS,
	KWORKERX_FREEZES,
	KWORKERX_LENDS,
};

/* The lock is held.  @pos: behind what he waits. */
static enum kworkerx_patience
kworkerx_patience(struct kworkerx_worker *worker, struct list_head *pos,
		  unsigned long timeout)
{
	if (kworkerx_has(worker, KWORKERX_INHERIT) &&
	    timeout >= MAX_SCHEDULE_TIMEOUT &&
	    (!worker->holds || pos == kworkerx_head(worker)))
		return KWORKERX_LENDS;
	/* A thread that freezes, or that may not come past before the thaw. */
	if ((worker->flags & KWORKERX_FREEZABLE) || worker->holds)
		return KWORKERX_FREEZES;
	return KWORKERX_WAITS;
}

/* Returns whether @done was completed within @timeout jiffies. */
static __always_inline bool kworkerx_await(struct kworkerx_worker *worker,
					   struct completion *done,
					   unsigned long timeout,
					   enum kworkerx_patience how)
{
	if (likely(how == KWORKERX_WAITS))
		return wait_for_completion_timeout(done, timeout);
	if (how == KWORKERX_FREEZES)
		return kworkerx_await_freezably(done, timeout);
	kworkerx_lend(worker, done);
	return true;
}

/*
 * Inserts a barrier behind @pos, for the thread to come past.  Nobody touches it once
 * it is completed.
 */
static void kworkerx_insert_barrier(struct kworkerx_worker *worker,
				    struct list_head *pos,
				    struct kworkerx_barrier *barrier)
{
	struct kworkerx_work *work = &barrier->work;

	work->func = kworkerx_barrier_fn;
	work->worker = worker;
	atomic_set(&work->state, KWORKERX_WORK_IDLE | KWORKERX_WORK_PENDING);
	kworkerx_map_init(&work->lockdep_map, NULL);
	init_completion(&barrier->done);
	barrier->stays = false;
	barrier->resume = NULL;
	trace_kworkerx_work_queue_work(worker, work);
	kworkerx_insert_after(worker, pos, &work->node);
}

/*
 * Waits until the thread has come past the place behind @pos, for @timeout
 * jiffies at most.  Enters with the worker locked and interrupts off, leaves it
 * unlocked and them on.  Returns 1 if it has waited, or an error.
 */
static int kworkerx_wait_behind(struct kworkerx_worker *worker,
				struct list_head *pos, unsigned long timeout)
	__releases(&worker->lock)
{
	enum kworkerx_patience how = KWORKERX_WAITS;
	struct kworkerx_barrier barrier;

	if (kworkerx_own(worker)) {
		raw_spin_unlock_irq(&worker->lock);
		kworkerx_report(true, "%ps on worker %s waits for its own worker",
				worker->current_func, kworkerx_name(worker));
		return -EDEADLK;
	}
	if (unlikely(worker->flags | worker->holds)) {
		pos = kworkerx_place(worker, pos);
		how = kworkerx_patience(worker, pos, timeout);
	}
	kworkerx_insert_barrier(worker, pos, &barrier);
	kworkerx_wake(worker);
	/* Here the thread may start, and be done before we wait. */
	raw_spin_unlock_irq(&worker->lock);

	timeout = min_t(unsigned long, timeout, MAX_SCHEDULE_TIMEOUT);
	if (kworkerx_await(worker, &barrier.done, timeout, how) ||
	    !kworkerx_withdraw(&barrier))
		return 1;
	return -ETIMEDOUT;
}

/* The same for what runs, if something does.  Returns 0, or an error. */
static int kworkerx_wait_for_running(struct kworkerx_worker *worker)
	__releases(&worker->lock)
{
	if (kworkerx_running(worker, NULL)) {
		raw_spin_unlock_irq(&worker->lock);
		return 0;
	}
	return min(kworkerx_wait_behind(worker, &worker->queue,
					MAX_SCHEDULE_TIMEOUT), 0);
}

/*
 * The same for all that is queued or runs.  Returns 0 if that is nothing on a
 * worker whose thread does not come past at present.
 */
static int kworkerx_wait_for_all(struct kworkerx_worker *worker,
				 unsigned long timeout)
	__releases(&worker->lock)
{
	if (worker->holds && kworkerx_empty(worker) &&
	    kworkerx_running(worker, NULL)) {
		raw_spin_unlock_irq(&worker->lock);
		return 0;
	}
	return kworkerx_wait_behind(worker, kworkerx_end_of_all(worker), timeout);
}

/**
 * __kworkerx_flush_work - the body of kworkerx_flush_work() and its kin
 * @work: the work
 * @timeout: how long to wait at most, in jiffies
 *
 * Context: Process context.  May sleep.
 * Return: 0 if there is nothing to wait for; 1 if it has waited; or an error.
 */
int __kworkerx_flush_work(struct kworkerx_work *work, unsigned long timeout)
{
	struct kworkerx_worker *worker;
	int state;

	might_sleep();
	kworkerx_may_wait_in_turn(work, timeout);
	local_irq_disable();
	worker = kworkerx_lock_work(work, &state);
	if (!worker) {
		local_irq_enable();
		return 0;
	}

	if ((state & KWORKERX_WORK_PENDING) && !(state & KWORKERX_WORK_DELAYED))
		return kworkerx_wait_behind(worker, &work->node, timeout);
	if (kworkerx_running(worker, work))
		return kworkerx_wait_behind(worker, &worker->queue, timeout);
	raw_spin_unlock_irq(&worker->lock);
	return 0;
}
EXPORT_SYMBOL_GPL(__kworkerx_flush_work);

/*
 * Has the timer, if it is armed, expire now.  Returns 1 if it did, 0 if there is
 * nothing to expire, and -EAGAIN while the timer is firing: it queues the work
 * itself.  To wait for it by timer_delete_sync() is not possible, since that
 * would stop a timer that somebody arms meanwhile, and the work would stay
 * DELAYED without one.
 */
static int kworkerx_try_expedite(struct kworkerx_delayed_work *dwork)
{
	struct kworkerx_work *work = &dwork->work;
	struct kworkerx_worker *worker;
	unsigned long flags;
	int state, ret = 0;

	local_irq_save(flags);
	worker = kworkerx_lock_work(work, &state);
	if (!worker) {
		local_irq_restore(flags);
		return 0;
	}
	/* What a canceller waits to take back is as good as taken. */
	if ((state & KWORKERX_WORK_DELAYED) && !(state & KWORKERX_WORK_CANCELS)) {
		if (timer_delete(&dwork->timer)) {
			kworkerx_expire(worker, work);
			local_irq_restore(flags);
			return 1;
		}
		ret = -EAGAIN;
	}
	raw_spin_unlock_irqrestore(&worker->lock, flags);
	return ret;
}

/**
 * kworkerx_flush_delayed_work - run a delayed work now, and wait for it
 * @dwork: the delayed work
 *
 * If its timer is armed, the work is queued at once.  Then as
 * kworkerx_flush_work().  The stock worker has no such function.
 *
 * Context: Process context.  May sleep.
 * Return: true if it waited, or the work has run since the call began.
 */
bool kworkerx_flush_delayed_work(struct kworkerx_delayed_work *dwork)
{
	bool waited = false;
	int ret;

	might_sleep();
	while ((ret = kworkerx_try_expedite(dwork)) < 0) {
		/* Its function waits for a lock, at most; it may need this CPU. */
		schedule_timeout_uninterruptible(1);
		waited = true;
	}
	return __kworkerx_flush_work(&dwork->work, MAX_SCHEDULE_TIMEOUT) > 0 ||
	       ret || waited;
}
EXPORT_SYMBOL_GPL(kworkerx_flush_delayed_work);

/**
 * kworkerx_flush_worker_timeout - wait for all that is queued, but not forever
 * @worker: the worker
 * @timeout: how long to wait at most, in jiffies
 *
 * As kworkerx_flush_worker().  The stock worker has no such function.
 *
 * Context: Process context.  May sleep.
 * Return: 0, -ETIMEDOUT, -EDEADLK in a work of the same worker, -EINVAL if the
 *	worker is NULL or an ERR_PTR(), or -ESHUTDOWN if it is destroyed.
 */
int kworkerx_flush_worker_timeout(struct kworkerx_worker *worker,
				  unsigned long timeout)
{
	static struct kworkerx_request request = { "flush" };

	might_sleep();
	if (IS_ERR_OR_NULL(worker))
		return kworkerx_refuse(&request, worker, KWORKERX_NO_WORKER, 0);

	kworkerx_may_wait_for_worker(worker, timeout);
	raw_spin_lock_irq(&worker->lock);
	if (worker->life == KWORKERX_DEAD) {
		raw_spin_unlock_irq(&worker->lock);
		return kworkerx_refuse(&request, worker, KWORKERX_TOO_LATE,
				       KWORKERX_DEAD);
	}
	return min(kworkerx_wait_for_all(worker, timeout), 0);
}
EXPORT_SYMBOL_GPL(kworkerx_flush_worker_timeout);

/*
 * Cancel
 */

/*
 * Stops the timer of a work, if it has one, and takes the work back.  False, and
 * nothing is changed but that the timer is not armed, while its function runs: it
 * may be about to publish the work, or have published it and be about to leave.
 */
static __always_inline bool kworkerx_try_stop(struct kworkerx_worker *worker,
					      struct kworkerx_work *work,
					      int state)
{
	if ((state & KWORKERX_WORK_TIMED) &&
	    timer_delete_sync_try(&kworkerx_delayed(work)->timer) < 0)
		return false;
	if (!(state & KWORKERX_WORK_PENDING))
		return true;
	if (state & KWORKERX_WORK_DELAYED)
		kworkerx_unlink_delayed(worker, work);
	else
		kworkerx_unlink(worker, &work->node);
	kworkerx_unclaim(work);
	return true;
}

/* Adds @one to a count, the field @all, unless it would run over into the next. */
static bool kworkerx_count(struct kworkerx_work *work, int one, int all)
{
	int state = atomic_read(&work->state);

	do {
		if ((state & all) == all)
			return false;
	} while (!atomic_try_cmpxchg(&work->state, &state, state + one));
	return true;
}

/*
 * Cancels a work that runs, or whose timer is firing, and waits.  The count
 * keeps the work from being claimed meanwhile, and its timer's function from
 * publishing it; who has claimed it, links it.
 */
static noinline bool kworkerx_cancel_slowly(struct kworkerx_work *work)
{
	struct kworkerx_worker *worker;
	bool pending, running;
	int state;

	/* They leave when the function has returned. */
	while (!kworkerx_count(work, KWORKERX_WORK_CANCEL, KWORKERX_WORK_CANCELS))
		schedule_timeout_uninterruptible(1);

	local_irq_disable();
	worker = kworkerx_lock_work(work, &state);
	while (!kworkerx_try_stop(worker, work, state)) {
		raw_spin_unlock_irq(&worker->lock);
		trace_kworkerx_work_await_timer(worker, work);
		timer_delete_sync(&kworkerx_delayed(work)->timer);
		local_irq_disable();
		worker = kworkerx_lock_work(work, &state);
	}
	pending = state & KWORKERX_WORK_PENDING;
	running = kworkerx_running(worker, work);
	trace_kworkerx_work_cancel(worker, work, pending, running);
	if (running)
		kworkerx_wait_behind(worker, &worker->queue,
				     MAX_SCHEDULE_TIMEOUT);
	else
		raw_spin_unlock_irq(&worker->lock);
	atomic_sub(KWORKERX_WORK_CANCEL, &work->state);
	return pending;
}

/* The same for one that is not just queued, on @worker, which is locked. */
static noinline bool kworkerx_cancel_other(struct kworkerx_worker *worker,
					   struct kworkerx_work *work, int state)
	__releases(&worker->lock)
{
	/* An idle one is idle while the lock is held. */
	if (unlikely(kworkerx_running(worker, work) ||
		     (state & KWORKERX_WORK_CANCELS) ||
		     !kworkerx_try_stop(worker, work, state))) {
		raw_spin_unlock_irq(&worker->lock);
		return kworkerx_cancel_slowly(work);
	}
	trace_kworkerx_work_cancel(worker, work, state & KWORKERX_WORK_PENDING, false);
	raw_spin_unlock_irq(&worker->lock);
	return state & KWORKERX_WORK_PENDING;
}

/**
 * kworkerx_cancel_work_sync - take a work back and wait until it does not run
 * @work: the work
 *
 * On return the work is neither pending nor running, unless it was queued
 * after that.  Until then every attempt to queue it is refused, that of its
 * own function included.  Several callers may cancel one work; each returns
 * only when the function has.
 *
 * The work inside a delayed work may be given too, and its timer is stopped
 * (the stock function must not be used for it).  From a work of the same
 * worker the wait for a running function would never end: it is left out, and
 * reported.
 *
 * Context: Process context.  May sleep.
 * Return: true if a pending instance was taken back; false if the work was
 *	idle, running only, or never queued.
 */
bool kworkerx_cancel_work_sync(struct kworkerx_work *work)
{
	struct kworkerx_worker *worker;
	int state;

	might_sleep();
	kworkerx_may_wait_for_work(work);
	local_irq_disable();
	worker = kworkerx_lock_work(work, &state);
	if (!worker) {
		local_irq_enable();
		return false;
	}
	/* Under the lock a pending work cannot start. */
	if (unlikely(kworkerx_running(worker, work) ||
		     (state & (KWORKERX_WORK_PENDING | KWORKERX_WORK_TIMED |
			       KWORKERX_WORK_CANCELS)) != KWORKERX_WORK_PENDING))
		return kworkerx_cancel_other(worker, work, state);
	kworkerx_unlink(worker, &work->node);
	kworkerx_unclaim(work);
	trace_kworkerx_work_cancel(worker, work, true, false);
	raw_spin_unlock_irq(&worker->lock);
	return true;
}
EXPORT_SYMBOL_GPL(kworkerx_cancel_work_sync);

/* One attempt: -EAGAIN if the timer is just firing, otherwise 1 or 0. */
static int kworkerx_try_cancel(struct kworkerx_work *work)
{
	struct kworkerx_worker *worker;
	unsigned long flags;
	int state, ret = 0;

	if (kworkerx_refuse_nmi("cancel", work->func))
		return 0;
	local_irq_save(flags);
	worker = kworkerx_lock_work(work, &state);
	if (worker) {
		/* What a canceller waits to take back is as good as taken. */
		if ((state & KWORKERX_WORK_PENDING) &&
		    !(state & KWORKERX_WORK_CANCELS))
			ret = kworkerx_try_remove(worker, work, state) ?
			      1 : -EAGAIN;
		if (ret > 0)
			kworkerx_unclaim(work);
		if (ret >= 0)
			trace_kworkerx_work_cancel(worker, work, ret,
						   kworkerx_running(worker, work));
		raw_spin_unlock(&worker->lock);
	}
	local_irq_restore(flags);
	return ret;
}

/**
 * kworkerx_cancel_work - take a work back, do not wait
 * @work: the work, also one inside a delayed work
 *
 * On return the work is not pending, unless it was queued after that or a
 * kworkerx_cancel_work_sync() is at work on it, but it may be running.  For a
 * timer that is just firing on another CPU this spins until it is done, a few
 * instructions later.
 *
 * The stock worker has no such function.
 *
 * Context: Any but NMI, not with a lock of the scheduler held.
 * Return: true if a pending instance was taken back.
 */
bool kworkerx_cancel_work(struct kworkerx_work *work)
{
	int ret;

	while ((ret = kworkerx_try_cancel(work)) < 0)
		cpu_relax();
	return ret;
}
EXPORT_SYMBOL_GPL(kworkerx_cancel_work);

/*
 * Disable and enable
 */

/**
 * __kworkerx_hold_off - disable a work, and do nothing else
 * @work: the work
 *
 * Context: Any.
 * Return: true if it was done; false if it is disabled too many times already.
 */
bool __kworkerx_hold_off(struct kworkerx_work *work)
{
	return !kworkerx_report(!kworkerx_count(work, KWORKERX_WORK_DISABLE,
						KWORKERX_WORK_DISABLES),
				"%ps disabled too many times", work->func);
}
EXPORT_SYMBOL_GPL(__kworkerx_hold_off);

/**
 * kworkerx_enable_work - undo one kworkerx_disable_work()
 * @work: the work, also one inside a delayed work
 *
 * A work that is not disabled is left alone, and reported.
 *
 * Context: Any.
 * Return: true if the work can be queued again; false if it is still disabled,
 *	or was not.
 */
bool kworkerx_enable_work(struct kworkerx_work *work)
{
	int state = atomic_read(&work->state);

	do {
		if (kworkerx_report(!(state & KWORKERX_WORK_DISABLES),
				    "%ps enabled, but not disabled", work->func))
			return false;
	} while (!atomic_try_cmpxchg(&work->state, &state,
				     state - KWORKERX_WORK_DISABLE));
	return (state & KWORKERX_WORK_DISABLES) == KWORKERX_WORK_DISABLE;
}
EXPORT_SYMBOL_GPL(kworkerx_enable_work);

/*
 * Queries
 */

/**
 * kworkerx_work_busy - is a work pending or running?
 * @work: the work
 *
 * A snapshot: it may have changed on return.
 *
 * Context: Any but NMI.
 * Return: true if so.
 */
bool kworkerx_work_busy(struct kworkerx_work *work)
{
	struct kworkerx_worker *worker;
	unsigned long flags;
	bool busy = false;
	int state;

	if (kworkerx_refuse_nmi("query", work->func))
		return kworkerx_work_pending(work);
	local_irq_save(flags);
	worker = kworkerx_lock_work(work, &state);
	if (worker) {
		busy = (state & KWORKERX_WORK_PENDING) ||
		       kworkerx_running(worker, work);
		raw_spin_unlock(&worker->lock);
	}
	local_irq_restore(flags);
	return busy;
}
EXPORT_SYMBOL_GPL(kworkerx_work_busy);

/**
 * kworkerx_current_worker - the worker whose thread the caller is
 *
 * Context: Any but NMI.
 * Return: The worker, or NULL if the caller is not the thread of one, or in an
 *	interrupt.
 */
struct kworkerx_worker *kworkerx_current_worker(void)
{
	struct kworkerx_worker *worker, *found = NULL;
	unsigned long flags;

	if (!in_task() || !(current->flags & PF_KTHREAD))
		return NULL;
	if (kthread_func(current) == kworkerx_worker_fn)
		return kthread_data(current);

	/* One of a group, or that came to kworkerx_worker_fn() some other way. */
	raw_spin_lock_irqsave(&kworkerx_workers_lock, flags);
	list_for_each_entry(worker, &kworkerx_workers, list)
		if (READ_ONCE(worker->task) == current)
			found = worker;
	raw_spin_unlock_irqrestore(&kworkerx_workers_lock, flags);
	return found;
}
EXPORT_SYMBOL_GPL(kworkerx_current_worker);

/*
 * Plug and park
 */

/**
 * kworkerx_plug_worker - accept works, but run none
 * @worker: the worker
 *
 * What runs goes on, what is queued waits until kworkerx_unplug_worker() was
 * called as many times, and so does whoever waits for that.  To wait for what
 * runs, flush that work.
 *
 * The stock worker has no such function.
 *
 * Context: Any but NMI.
 * Return: 0, -EINVAL if the worker is NULL or an ERR_PTR(), or -ESHUTDOWN if
 *	it is being destroyed.
 */
int kworkerx_plug_worker(struct kworkerx_worker *worker)
{
	static struct kworkerx_request request = { "plug" };
	enum kworkerx_life life;
	unsigned long flags;
	int ret;

	ret = kworkerx_ask(&request, worker);
	if (ret)
		return ret;

	raw_spin_lock_irqsave(&worker->lock, flags);
	life = worker->life;
	if (life < KWORKERX_ENDING)
		kworkerx_set_holds(worker, worker->holds + 1);
	raw_spin_unlock_irqrestore(&worker->lock, flags);
	return kworkerx_in_time(&request, worker, life);
}
EXPORT_SYMBOL_GPL(kworkerx_plug_worker);

/**
 * kworkerx_unplug_worker - undo one kworkerx_plug_worker()
 * @worker: the worker
 *
 * A worker that is not plugged is left alone, and reported.
 *
 * Context: Any but NMI, not with a lock of the scheduler held.
 */
void kworkerx_unplug_worker(struct kworkerx_worker *worker)
{
	static struct kworkerx_request request = { "unplug" };
	unsigned long flags;
	bool plugged;

	if (kworkerx_ask(&request, worker))
		return;

	raw_spin_lock_irqsave(&worker->lock, flags);
	/* One of them may be the park's. */
	plugged = worker->holds > (worker->life == KWORKERX_PARKED);
	if (plugged) {
		kworkerx_set_holds(worker, worker->holds - 1);
		kworkerx_wake(worker);
	}
	raw_spin_unlock_irqrestore(&worker->lock, flags);
	kworkerx_report(!plugged, "worker %s unplugged, but not plugged",
			kworkerx_name(worker));
}
EXPORT_SYMBOL_GPL(kworkerx_unplug_worker);

/**
 * kworkerx_park_worker - have the thread stop at a place where it does nothing
 * @worker: a worker with a thread
 *
 * On return what ran has ended, and the thread sleeps between two works, as that
 * of a plugged worker does, until kworkerx_unpark_worker() is called.  It takes
 * part in freezing, if it does at all, and runs nothing but what lets those go on
 * who wait for the work that had run.
 *
 * That is no kthread_park(), which the stock worker never obeys, and which would
 * keep the system from being suspended.  A destruction that begins while this
 * waits undoes it.
 *
 * Context: Process context.  May sleep.
 * Return: 0; -EDEADLK in a work of the same worker; -EBUSY if it is parked; -ESRCH
 *	if it has no thread; otherwise as kworkerx_plug_worker().
 */
int kworkerx_park_worker(struct kworkerx_worker *worker)
{
	static struct kworkerx_request request = { "park", .waits = true };
	enum kworkerx_life life;
	int ret;

	might_sleep();
	ret = kworkerx_ask(&request, worker);
	if (ret)
		return ret;

	kworkerx_may_wait_for_worker(worker, MAX_SCHEDULE_TIMEOUT);
	raw_spin_lock_irq(&worker->lock);
	life = worker->life;
	if (life == KWORKERX_OPEN && !worker->task)
		ret = -ESRCH;
	else if (life == KWORKERX_PARKED)
		ret = -EBUSY;
	else if (kworkerx_turn(worker, BIT(KWORKERX_OPEN), KWORKERX_PARKED))
		return kworkerx_wait_for_running(worker);
	raw_spin_unlock_irq(&worker->lock);
	return ret ?: kworkerx_in_time(&request, worker, life);
}
EXPORT_SYMBOL_GPL(kworkerx_park_worker);

/**
 * kworkerx_unpark_worker - undo kworkerx_park_worker()
 * @worker: the worker
 *
 * A worker that is not parked is left alone, and reported.
 *
 * Context: Any but NMI, not with a lock of the scheduler held.
 */
void kworkerx_unpark_worker(struct kworkerx_worker *worker)
{
	static struct kworkerx_request request = { "unpark" };
	unsigned long flags;
	bool parked;

	if (kworkerx_ask(&request, worker))
		return;

	raw_spin_lock_irqsave(&worker->lock, flags);
	parked = kworkerx_turn(worker, BIT(KWORKERX_PARKED), KWORKERX_OPEN);
	if (parked)
		kworkerx_wake(worker);
	raw_spin_unlock_irqrestore(&worker->lock, flags);
	kworkerx_report(!parked, "worker %s unparked, but not parked",
			kworkerx_name(worker));
}
EXPORT_SYMBOL_GPL(kworkerx_unpark_worker);

/*
 * Draining
 */

/*
 * The function of a work that is queued or running, NULL if there is none.  The
 * barriers of those who wait are no works to wait for.
 */
static kworkerx_work_func_t kworkerx_unfinished(struct kworkerx_worker *worker)
{
	struct list_head *node = kworkerx_head(worker);
	kworkerx_work_func_t func;

	while ((node = kworkerx_step(worker, node))) {
		func = kworkerx_node_work(node)->func;
		if (func != kworkerx_barrier_fn)
			return func;
	}

	/* As in kworkerx_running(): what has ended has ended. */
	if (!smp_load_acquire(&worker->current_work) ||
	    worker->current_func == kworkerx_barrier_fn)
		return NULL;
	return worker->current_func;
}

/* After so many rounds it looks as if a queue would never be empty. */
#define KWORKERX_DRAIN_ROUNDS	10

/* Waits until there is nothing to run; for @timeout jiffies since @since. */
static int kworkerx_run_dry(struct kworkerx_worker *worker,
			    unsigned long timeout, unsigned long since)
{
	kworkerx_work_func_t func;
	unsigned int rounds;
	int ret;

	for (rounds = 1; ; rounds++) {
		raw_spin_lock_irq(&worker->lock);
		ret = kworkerx_wait_for_all(worker, kworkerx_left(timeout, since));
		if (ret < 0)
			return ret;
		raw_spin_lock_irq(&worker->lock);
		func = kworkerx_unfinished(worker);
		raw_spin_unlock_irq(&worker->lock);
		if (!func)
			return 0;
		if (!kworkerx_left(timeout, since))
			return -ETIMEDOUT;
		kworkerx_report(rounds == KWORKERX_DRAIN_ROUNDS,
				"%ps goes on queueing while worker %s is drained",
				func, kworkerx_name(worker));
	}
}

/**
 * kworkerx_drain_worker_timeout - drain a worker, but not forever
 * @worker: the worker
 * @timeout: how long to wait at most, in jiffies
 *
 * As kworkerx_drain_worker().
 *
 * Context: Process context.  May sleep.
 * Return: 0; -ETIMEDOUT, and the worker accepts works again; otherwise as
 *	kworkerx_flush_worker_timeout().
 */
int kworkerx_drain_worker_timeout(struct kworkerx_worker *worker,
				  unsigned long timeout)
{
	static struct kworkerx_request request = { "drain", .waits = true };
	unsigned long since = jiffies;
	enum kworkerx_life life;
	int ret;

	might_sleep();
	ret = kworkerx_ask(&request, worker);
	if (ret)
		return ret;

	raw_spin_lock_irq(&worker->lock);
	life = worker->life;
	if (life < KWORKERX_ENDING) {
		worker->drains++;
		kworkerx_close_or_open(worker);
	}
	raw_spin_unlock_irq(&worker->lock);
	ret = kworkerx_in_time(&request, worker, life);
	if (ret)
		return ret;

	kworkerx_may_wait_for_worker(worker, timeout);
	ret = kworkerx_run_dry(worker, timeout, since);

	raw_spin_lock_irq(&worker->lock);
	worker->drains--;
	kworkerx_close_or_open(worker);
	raw_spin_unlock_irq(&worker->lock);
	return ret;
}
EXPORT_SYMBOL_GPL(kworkerx_drain_worker_timeout);

/*
 * Destruction
 */

/* What is dry is dead, in one critical section: no timer slips in between. */
static bool kworkerx_die(struct kworkerx_worker *worker)
{
	bool dry;

	raw_spin_lock_irq(&worker->lock);
	dry = !worker->drains &&
	      (!worker->task || !kworkerx_unfinished(worker));
	if (dry)
		kworkerx_turn(worker, BIT(KWORKERX_ENDING), KWORKERX_DEAD);
	raw_spin_unlock_irq(&worker->lock);
	return dry;
}

/*
 * Takes back the delayed works that the owner has left armed.  A timer that
 * has expired gets the lock when we drop it, and takes its work off the list;
 * one whose work is being cancelled leaves that to the canceller.
 */
static void kworkerx_disarm(struct kworkerx_worker *worker)
{
	kworkerx_work_func_t func;
	struct kworkerx_work *work;
	bool taken;

	mutex_lock(&kworkerx_walk);
	raw_spin_lock_irq(&worker->lock);
	while (!list_empty(&worker->delayed_work_list)) {
		work = list_first_entry(&worker->delayed_work_list,
					struct kworkerx_work, node);
		func = work->func;
		taken = kworkerx_try_remove(worker, work, KWORKERX_WORK_DELAYED);
		if (taken)
			kworkerx_unclaim(work);
		raw_spin_unlock_irq(&worker->lock);
		if (taken)
			kworkerx_report_armed(worker, func);
		else
			schedule_timeout_uninterruptible(1);
		raw_spin_lock_irq(&worker->lock);
	}
	raw_spin_unlock_irq(&worker->lock);
	mutex_unlock(&kworkerx_walk);
}

/* Takes the first work off the queue.  It stays PENDING: interrupts are off. */
static struct kworkerx_work *kworkerx_pop(struct kworkerx_worker *worker)
{
	struct list_head *first;

	raw_spin_lock(&worker->lock);
	first = kworkerx_step(worker, kworkerx_head(worker));
	if (first) {
		kworkerx_keep_lane(worker, kworkerx_node_work(first));
		kworkerx_unlink(worker, first);
	}
	raw_spin_unlock(&worker->lock);
	return first ? kworkerx_node_work(first) : NULL;
}

/*
 * Will not run on @worker: the group finds another one.  Who has no group gets
 * the work back as if cancelled.
 */
static void kworkerx_give_up(struct kworkerx_worker *worker,
			     struct kworkerx_work *work)
{
	bool barrier = work->func == kworkerx_barrier_fn;
	struct kworkerx_worker *other = NULL;

	if (worker->group)
		other = kworkerx_publish(worker, worker->group, work,
					 barrier ? 0 : KWORKERX_ACCEPTED);
	else
		kworkerx_unclaim(work);

	if (other)
		kworkerx_lock_and_wake(other);
	else if (barrier)
		complete(&kworkerx_barrier(work)->done);
}

/* The queue is closed, and the thread will not empty it. */
static void kworkerx_drop(struct kworkerx_worker *worker)
{
	struct kworkerx_work *work;

	local_irq_disable();
	while ((work = kworkerx_pop(worker))) {
		kworkerx_give_up(worker, work);
		/* Interrupts may come in between. */
		local_irq_enable();
		local_irq_disable();
	}
	local_irq_enable();
}

/*
 * Runs the worker dry, or empties it if somebody has stopped its thread, and marks
 * it dead.  Who drains it at the same time comes first: that ends with a store to
 * the worker.  He may be less urgent, so that a busy loop might be without end.
 * Returns 0 or an error.
 */
static int kworkerx_run_to_death(struct kworkerx_worker *worker,
				 unsigned long timeout, unsigned long since)
{
	int ret;

	for (;;) {
		ret = 0;
		if (READ_ONCE(worker->task))
			ret = kworkerx_run_dry(worker, timeout, since);
		else
			kworkerx_drop(worker);
		if (ret || kworkerx_die(worker))
			return ret;
		if (!kworkerx_left(timeout, since))
			return -ETIMEDOUT;
		schedule_timeout_uninterruptible(1);
	}
}

/* Gives the structure of a worker whose thread is gone to the next one. */
static void kworkerx_recycle(struct kworkerx_worker *worker)
{
	kworkerx_drop(worker);
	kworkerx_put_spare(worker);
	module_put(THIS_MODULE);
}

/* The worker is dead: ends its thread and recycles its structure. */
static void kworkerx_bury(struct kworkerx_worker *worker)
{
	struct task_struct *task = READ_ONCE(worker->task);

	kworkerx_disarm(worker);
	if (!kworkerx_report(!task, "worker %s destroyed after its thread was stopped",
			     kworkerx_name(worker))) {
		kworkerx_hurry(worker, task);
		kthread_stop(task);
	}
	kworkerx_recycle(worker);
}

/* From here on outsiders are refused, and nothing is held back. */
static bool kworkerx_begin_end(struct kworkerx_worker *worker, unsigned int birth)
{
	bool first;

	raw_spin_lock_irq(&worker->lock);
	first = worker->created && (!birth || worker->birth == birth) &&
		kworkerx_turn(worker, BIT(KWORKERX_OPEN) | BIT(KWORKERX_PARKED),
			      KWORKERX_ENDING);
	raw_spin_unlock_irq(&worker->lock);
	return first;
}

/* The rest of a destruction that has begun. */
static int kworkerx_end(struct kworkerx_worker *worker, unsigned long timeout)
{
	int ret;

	kworkerx_may_wait_for_worker(worker, timeout);
	ret = kworkerx_run_to_death(worker, timeout, jiffies);
	if (!ret) {
		kworkerx_bury(worker);
		return 0;
	}
	raw_spin_lock_irq(&worker->lock);
	kworkerx_turn(worker, BIT(KWORKERX_ENDING), KWORKERX_OPEN);
	raw_spin_unlock_irq(&worker->lock);
	return ret;
}

/**
 * kworkerx_destroy_worker_timeout - destroy a worker, if that can be done soon
 * @worker: a worker from kworkerx_create_worker() or its kin
 * @timeout: how long to wait at most, in jiffies, until it has nothing to do
 *
 * As kworkerx_destroy_worker().  If the time does not suffice the worker
 * accepts works again, and its armed timers are as they were.
 *
 * Context: Process context.  May sleep.
 * Return: 0 if the worker is gone; -ETIMEDOUT; -EDEADLK in a work of its own;
 *	or -EINVAL if it cannot be destroyed.
 */
int kworkerx_destroy_worker_timeout(struct kworkerx_worker *worker,
				    unsigned long timeout)
{
	static struct kworkerx_request request = { "destroy", .waits = true };
	int ret;

	might_sleep();
	ret = kworkerx_ask(&request, worker);
	if (ret)
		return ret;
	if (kworkerx_report(!kworkerx_begin_end(worker, 0),
			    "worker %s destroyed, but not created or destroyed already",
			    kworkerx_name(worker)))
		return -EINVAL;
	return kworkerx_end(worker, timeout);
}
EXPORT_SYMBOL_GPL(kworkerx_destroy_worker_timeout);

/**
 * kworkerx_close_worker - accept no more works
 * @worker: from kworkerx_alloc_worker()
 *
 * From now on works and expired timers go where the group diverts them to.
 * What is queued already stays, and runs.  kworkerx_open_worker() ends this.
 *
 * Context: Process context.
 */
void kworkerx_close_worker(struct kworkerx_worker *worker)
{
	kworkerx_shut(worker, KWORKERX_CLOSED);
}
EXPORT_SYMBOL_GPL(kworkerx_close_worker);

/**
 * kworkerx_hold_worker - have a worker of a group run nothing more
 * @worker: from kworkerx_alloc_worker()
 *
 * Waits for what runs.  What is queued stays queued, and so does what comes,
 * until kworkerx_open_worker() is called.
 *
 * Context: Process context, not from a work of @worker.  May sleep.
 */
void kworkerx_hold_worker(struct kworkerx_worker *worker)
{
	raw_spin_lock_irq(&worker->lock);
	kworkerx_set_holds(worker, 1);
	kworkerx_wait_for_running(worker);
}
EXPORT_SYMBOL_GPL(kworkerx_hold_worker);

/**
 * kworkerx_evict_worker - close a queue and divert what is there
 * @worker: from kworkerx_alloc_worker(); its thread is not serving it
 *
 * Context: Process context.
 */
void kworkerx_evict_worker(struct kworkerx_worker *worker)
{
	kworkerx_shut(worker, KWORKERX_CLOSED);
	kworkerx_drop(worker);
}
EXPORT_SYMBOL_GPL(kworkerx_evict_worker);

/**
 * kworkerx_free_worker - end a worker that was not created with its thread
 * @worker: from kworkerx_alloc_worker(); its thread does not serve it any more
 *
 * What is queued is offered to the group, and taken back if that declines.
 * Armed timers are taken back as by kworkerx_destroy_worker(), and reported.
 * Afterwards works that were last queued on the worker can be flushed and
 * cancelled, which returns at once, freed, or queued elsewhere.
 *
 * Context: Process context.  May sleep.
 */
void kworkerx_free_worker(struct kworkerx_worker *worker)
{
	kworkerx_shut(worker, KWORKERX_DEAD);
	kworkerx_disarm(worker);

	raw_spin_lock_irq(&worker->lock);
	WRITE_ONCE(worker->task, NULL);
	WRITE_ONCE(worker->sleeper, NULL);
	raw_spin_unlock_irq(&worker->lock);
	kworkerx_recycle(worker);
}
EXPORT_SYMBOL_GPL(kworkerx_free_worker);

/*
 * Debug objects: what they ask for
 */

#ifdef CONFIG_DEBUG_OBJECTS_WORK
static void *kworkerx_debug_hint(void *addr)
{
	return ((struct kworkerx_work *)addr)->func;
}

/* Works that were not initialised by a call are known by their mark. */
static bool kworkerx_debug_static(void *addr)
{
	return kworkerx_initialised(addr);
}

/*
 * The memory of a pending work is about to go: takes it out of the queue.  Its
 * timer may have been stopped already for the same reason.
 */
static bool kworkerx_debug_rescue(struct kworkerx_work *work)
{
	struct kworkerx_worker *worker;
	unsigned long flags;
	int state;

	if (!kworkerx_initialised(work))
		return false;

	local_irq_save(flags);
	worker = kworkerx_lock_work(work, &state);
	if (state & KWORKERX_WORK_DELAYED) {
		if (timer_pending(&kworkerx_delayed(work)->timer))
			timer_delete(&kworkerx_delayed(work)->timer);
		kworkerx_unlink_delayed(worker, work);
		kworkerx_unclaim(work);
	} else if (state & KWORKERX_WORK_PENDING) {
		kworkerx_unlink(worker, &work->node);
		kworkerx_unclaim(work);
	}
	if (worker)
		raw_spin_unlock(&worker->lock);
	local_irq_restore(flags);
	return true;
}

static bool kworkerx_debug_reinit(void *addr, enum debug_obj_state state)
{
	if (state != ODEBUG_STATE_ACTIVE || !kworkerx_debug_rescue(addr))
		return false;
	debug_object_init(addr, &kworkerx_debug);
	return true;
}

static bool kworkerx_debug_free(void *addr, enum debug_obj_state state)
{
	if (state != ODEBUG_STATE_ACTIVE || !kworkerx_debug_rescue(addr))
		return false;
	debug_object_free(addr, &kworkerx_debug);
	return true;
}

static const struct debug_obj_descr kworkerx_debug = {
	.name			= "kworkerx_work",
	.debug_hint		= kworkerx_debug_hint,
	.is_static_object	= kworkerx_debug_static,
	.fixup_init		= kworkerx_debug_reinit,
	.fixup_free		= kworkerx_debug_free,
};
#endif

#include "kworkerx_devm.h"
#include "kworkerx_sweep.h"

static int __init kworkerx_init(void)
{
	return register_module_notifier(&kworkerx_modules);
}

static void __exit kworkerx_exit(void)
{
	struct kworkerx_worker *worker, *next;

	unregister_module_notifier(&kworkerx_modules);
	/* Who came to a worker by its last work has left. */
	synchronize_rcu();
	/* Every created worker holds the module: all of them are here. */
	irq_work_sync(&kworkerx_late);
	list_for_each_entry_safe(worker, next, &kworkerx_spares, list) {
		kworkerx_put_more(worker);
		kfree(worker->full_name);
		kfree(worker);
	}
}

module_init(kworkerx_init);
module_exit(kworkerx_exit);

MODULE_AUTHOR("The kworkerx developers");
MODULE_DESCRIPTION("Deferred work on kernel threads: kthread_worker, rebuilt");
MODULE_VERSION(KWORKERX_VERSION);
MODULE_LICENSE("GPL");
