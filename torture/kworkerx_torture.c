// SPDX-License-Identifier: GPL-2.0-only
/*
 * Torture of kworkerx, on the kernel's torture framework: load it, wait,
 * unload it, and read the verdict on the console.
 *
 * Threads and timer interrupts use workers in several ways at once, one way
 * each, while the framework moves the threads about, takes CPUs away and lets
 * the load come and go, and while now and then somebody is late at a place where
 * a race is decided.  Workers are of all kinds, at random, and works are queued in
 * all ways.  What must hold whatever the interleaving:
 *
 *  - a work that was queued runs once, unless it was taken back: never less,
 *    never more, and never two runs at once;
 *  - the works of one producer run in the order of their queueing;
 *  - a flush covers all that was queued before it, and so does a queueing that
 *    was refused because the work was pending;
 *  - a work that was cancelled does not run.
 *
 * Each wait for a work is bounded.  What is freed too early, or used too late,
 * is for KASAN and the debug objects of the kernel to find.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/hash.h>
#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched/clock.h>
#include <linux/slab.h>
#include <linux/torture.h>

#include "../kworkerx.h"
#include "../kworkerx_compat.h"
#include "../kworkerx_trace.h"

torture_param(int, nworkers, 4, "Number of workers that last");
torture_param(int, nproducers, 2, "Number of threads that queue in order");
torture_param(int, nirqs, 2, "Number of timer interrupts that queue in order");
torture_param(int, nposters, 2, "Number of threads that post events");
torture_param(int, nfighters, 2,
	      "Number of threads that queue, delay and cancel shared works");
torture_param(int, ncancellers, 2,
	      "Number of threads that queue, delay and cancel their own works");
torture_param(int, ncreators, 1,
	      "Number of threads that create and destroy workers");
torture_param(int, nowners, 1,
	      "Number of threads that embed workers and free them");
torture_param(int, nstoppers, 1,
	      "Number of threads that plug and park the workers that last");
torture_param(int, ncallers, 1,
	      "Number of threads that wait for calls, and not for flushes");
torture_param(int, window_delay, 50,
	      "Longest delay where a race is decided (us), 0=disable");
torture_param(int, irq_interval, 1000, "Time between timer interrupts (us)");
torture_param(int, onoff_holdoff, 1, "Time until CPU hotplugs begin (s)");
torture_param(int, onoff_interval, 0,
	      "Time between CPU hotplugs (jiffies), 0=disable");
torture_param(int, shuffle_interval, 3, "Time between shuffles (s), 0=disable");
torture_param(int, stutter, 5,
	      "Time to run between halts of a second (s), 0=disable");
torture_param(int, stat_interval, 15, "Time between statistics (s), 0=disable");
torture_param(int, verbose, 0, "Enable verbose debugging printk()s");

static char *torture_type = "kworkerx";

/* Longer than anything takes on a slow machine. */
#define KWXT_TIMEOUT	(60 * HZ)
#define KWXT_RING	32
#define KWXT_SHARED	4
/* How long those poll that do (us). */
#define KWXT_POLL	100

/* What a worker may be, each independent of the others. */
#define KWXT_KINDS							\
	(KWORKERX_FREEZABLE | KWORKERX_ANYWHERE | KWORKERX_INHERIT |	\
	 KWORKERX_POLLS | KWORKERX_LANES)

/* How a work is queued: with interrupts off; so that somebody wakes the thread later. */
#define KWXT_OFF	1u
#define KWXT_NOWAKE	2u
#define KWXT_WAYS	4u

/*
 * A work and what is known about it.  For those in a ring, @seq is the place
 * in the order of queueing.
 */
struct kwxt_work {
	struct kworkerx_delayed_work	dwork;
	struct torture_random_state	rand;
	struct kwxt_ring		*ring;
	struct completion		*done;	/* completed at the end */
	unsigned int			seq;
	bool				idle;	/* in a ring: free to be used */
	bool				forbidden;
	atomic_t			again;	/* times to queue itself */
	atomic_t			running;
	atomic_t			added;	/* queueings that succeeded */
	atomic_t			taken;	/* and were taken back */
	atomic_t			ran;
	atomic_t			posted;	/* events, and what a run saw */
	int				seen;
};

/* The works of one producer, which run in order on one worker. */
struct kwxt_ring {
	struct kworkerx_worker		*worker;
	struct kwxt_work		works[KWXT_RING];
	unsigned int			queued;
	unsigned int			ran;
};

/* A thread repeats its @step. */
struct kwxt_thread {
	struct task_struct		*task;
	void (*step)(struct kwxt_thread *thread);
	struct torture_random_state	rand;
	struct kwxt_ring		*ring;
	struct hrtimer			timer;	/* of an owner */
	struct kwxt_owned		*owned;
};

struct kwxt_irq {
	struct hrtimer			timer;
	struct torture_random_state	rand;
	struct kwxt_ring		ring;
};

/* A worker that is freed when its last work has run. */
struct kwxt_owned {
	struct kworkerx_worker		worker;
	struct kwxt_work		work;
	struct completion		done;
};

/* Who repeats which step. */
struct kwxt_role {
	void (*step)(struct kwxt_thread *thread);
	const int *nr;
};

static struct kworkerx_worker **kwxt_workers;
static struct kwxt_thread *kwxt_threads;
static struct kwxt_irq *kwxt_irqs;
static struct kwxt_work kwxt_events[KWXT_SHARED];
static struct kwxt_work kwxt_fights[KWXT_SHARED];
static struct task_struct *kwxt_stats_task;
static int kwxt_nthreads;
static int kwxt_nwindows;

static atomic_long_t kwxt_runs;
static atomic_t kwxt_failures;
static bool kwxt_started;

/* How many works have run, for whoever waits for a number of them. */
static int kwxt_get_runs(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%ld\n", atomic_long_read(&kwxt_runs));
}

static const struct kernel_param_ops kwxt_runs_ops = { .get = kwxt_get_runs };
module_param_cb(runs, &kwxt_runs_ops, NULL, 0444);
MODULE_PARM_DESC(runs, "Number of works that have run");

/* The first few failures tell what went wrong, the others only repeat it. */
static void kwxt_check(bool good, const char *what)
{
	if (!good && atomic_inc_return(&kwxt_failures) <= 10)
		pr_alert("%s" TORTURE_FLAG "!!! %s\n", torture_type, what);
}

static unsigned int kwxt_below(struct torture_random_state *rand,
			       unsigned int limit)
{
	return (torture_random(rand) >> 3) % limit;
}

static ktime_t kwxt_some_time(struct torture_random_state *rand)
{
	return ns_to_ktime((1 + kwxt_below(rand, 2 * irq_interval)) *
			   NSEC_PER_USEC);
}

/* Who freezes does not inherit. */
static unsigned int kwxt_any_kind(struct torture_random_state *rand)
{
	unsigned int kind = (torture_random(rand) >> 3) & KWXT_KINDS;

	return kind & KWORKERX_INHERIT ? kind & ~KWORKERX_FREEZABLE : kind;
}

static struct kworkerx_worker *kwxt_any_worker(struct kwxt_thread *thread)
{
	return kwxt_workers[kwxt_below(&thread->rand, nworkers)];
}

static struct kworkerx_worker *kwxt_worker_of(struct kwxt_work *w)
{
	return kwxt_workers[w->seq % nworkers];
}

/*
 * What works do
 */

/* Most are short; some keep the worker busy, or have it sleep. */
static void kwxt_spend_time(struct kwxt_work *w)
{
	unsigned int dice = kwxt_below(&w->rand, 1000);

	if (dice < 100)
		udelay(dice / 5);
	else if (dice == 100)
		usleep_range(100, 1000);
}

static bool kwxt_queue_here(struct kworkerx_worker *worker,
			    struct kworkerx_work *work, unsigned int way)
{
	return way & KWXT_NOWAKE ? kworkerx_queue_work_nowake(worker, work) :
	       kworkerx_queue_work(worker, work);
}

static bool kwxt_queue_so(struct kworkerx_worker *worker, struct kwxt_work *w,
			  unsigned int way)
{
	unsigned long flags;
	bool queued;

	if (way & KWXT_OFF) {
		local_irq_save(flags);
		queued = kwxt_queue_here(worker, &w->dwork.work, way);
		local_irq_restore(flags);
	} else {
		queued = kwxt_queue_here(worker, &w->dwork.work, way);
	}
	if (queued)
		atomic_inc(&w->added);
	return queued;
}

/* After all that was queued in this way. */
static void kwxt_wake(struct kworkerx_worker *worker, unsigned int way)
{
	unsigned long flags;

	if (way == (KWXT_NOWAKE | KWXT_OFF)) {
		local_irq_save(flags);
		kworkerx_wake_worker(worker);
		local_irq_restore(flags);
	} else if (way == KWXT_NOWAKE) {
		kworkerx_wake_worker(worker);
	}
}

/* In any way.  The caller keeps the worker until this returns. */
static bool kwxt_queue(struct kworkerx_worker *worker, struct kwxt_work *w,
		       struct torture_random_state *rand)
{
	unsigned int way = kwxt_below(rand, KWXT_WAYS);
	bool queued = kwxt_queue_so(worker, w, way);

	kwxt_wake(worker, way);
	return queued;
}

static void kwxt_ran_in_order(struct kwxt_work *w)
{
	struct kwxt_ring *ring = w->ring;

	kwxt_check(w->seq == ring->ran, "a work ran out of order");
	WRITE_ONCE(ring->ran, w->seq + 1);
	/* Pairs with the acquire in kwxt_produce(). */
	smp_store_release(&w->idle, true);
}

static void kwxt_fn(struct kworkerx_work *work)
{
	struct kwxt_work *w = container_of(work, struct kwxt_work, dwork.work);

	kwxt_check(atomic_inc_return(&w->running) == 1,
		   "two runs of one work at once");
	kwxt_check(!READ_ONCE(w->forbidden), "a work ran after its cancelling");
	WRITE_ONCE(w->seen, atomic_read(&w->posted));
	kwxt_spend_time(w);
	/* The thread is awake. */
	if (atomic_add_unless(&w->again, -1, 0))
		kwxt_queue_so(work->worker, w, kwxt_below(&w->rand, KWXT_WAYS));
	atomic_inc(&w->ran);
	atomic_long_inc(&kwxt_runs);
	kwxt_check(!READ_ONCE(w->forbidden), "a work ran on after its cancelling");
	atomic_dec(&w->running);
	if (w->ring)
		kwxt_ran_in_order(w);
	if (w->done)
		complete(w->done);
}

static void kwxt_init_work(struct kwxt_work *w)
{
	kworkerx_init_delayed_work(&w->dwork, kwxt_fn);
	torture_random_init(&w->rand);
}

/* Nobody queues @w any more, and it neither is pending nor runs. */
static void kwxt_check_over(struct kwxt_work *w)
{
	kwxt_check(!atomic_read(&w->running), "a work runs still");
	kwxt_check(atomic_read(&w->added) ==
		   atomic_read(&w->ran) + atomic_read(&w->taken),
		   "a work was lost, or ran twice for one queueing");
}

/*
 * Producers: works that are queued in order run in order
 */

static void kwxt_init_ring(struct kwxt_ring *ring,
			   struct kworkerx_worker *worker)
{
	int i;

	ring->worker = worker;
	for (i = 0; i < KWXT_RING; i++) {
		kwxt_init_work(&ring->works[i]);
		ring->works[i].ring = ring;
		ring->works[i].idle = true;
	}
}

/* Queues the next work.  False if it has not run since the last time. */
static bool kwxt_produce(struct kwxt_ring *ring, unsigned int way)
{
	struct kwxt_work *w = &ring->works[ring->queued % KWXT_RING];

	/* Pairs with the release in kwxt_ran_in_order(). */
	if (!smp_load_acquire(&w->idle))
		return false;
	w->idle = false;
	w->seq = ring->queued++;
	kwxt_check(kwxt_queue_so(ring->worker, w, way),
		   "an idle work was refused");
	return true;
}

static void kwxt_check_ring(struct kwxt_ring *ring)
{
	kwxt_check(READ_ONCE(ring->ran) == ring->queued,
		   "a flush did not cover what was queued before it");
}

static void kwxt_produce_or_wait(struct kwxt_ring *ring, unsigned int way)
{
	unsigned long end = jiffies + KWXT_TIMEOUT;

	while (!kwxt_produce(ring, way)) {
		kwxt_wake(ring->worker, way);
		if (time_after(jiffies, end)) {
			kwxt_check(false, "a work does not run");
			return;
		}
		usleep_range(50, 100);
	}
}

static void kwxt_producer(struct kwxt_thread *thread)
{
	struct kwxt_ring *ring = thread->ring;
	unsigned int dice = kwxt_below(&thread->rand, 3 * KWXT_RING);
	unsigned int way = kwxt_below(&thread->rand, KWXT_WAYS);
	unsigned int i;

	for (i = 0; i < dice; i++)
		kwxt_produce_or_wait(ring, way);
	kwxt_wake(ring->worker, way);
	if (!ring->queued)
		return;
	if (dice & 1)
		kworkerx_flush_worker(ring->worker);
	else
		kworkerx_flush_work(&ring->works[(ring->queued - 1) %
						 KWXT_RING].dwork.work);
	kwxt_check_ring(ring);
}

static void kwxt_post(struct kwxt_work *event, struct torture_random_state *rand)
{
	atomic_inc(&event->posted);
	kwxt_queue(kwxt_worker_of(event), event, rand);
}

/* In hard interrupt context, on PREEMPT_RT as well. */
static enum hrtimer_restart kwxt_irq_fn(struct hrtimer *timer)
{
	struct kwxt_irq *irq = container_of(timer, struct kwxt_irq, timer);
	unsigned int way = kwxt_below(&irq->rand, KWXT_WAYS);
	unsigned int i = kwxt_below(&irq->rand, 4);

	kwxt_post(&kwxt_events[kwxt_below(&irq->rand, KWXT_SHARED)], &irq->rand);
	while (i--)
		kwxt_produce(&irq->ring, way);
	kwxt_wake(irq->ring.worker, way);
	hrtimer_forward_now(timer, kwxt_some_time(&irq->rand));
	return HRTIMER_RESTART;
}

/*
 * Posters: a queueing that is refused because the work is pending is good for
 * what was stored before
 */

static void kwxt_poster(struct kwxt_thread *thread)
{
	struct kwxt_work *event =
		&kwxt_events[kwxt_below(&thread->rand, KWXT_SHARED)];
	int posted = atomic_inc_return(&event->posted);

	kwxt_queue(kwxt_worker_of(event), event, &thread->rand);
	if (kwxt_below(&thread->rand, 4))
		return;
	kworkerx_flush_work(&event->dwork.work);
	kwxt_check(READ_ONCE(event->seen) - posted >= 0, "an event was lost");
}

/*
 * Fighters: all that may be done with a work at once.  The results of the
 * calls tell how many runs there will have been.
 */

static void kwxt_use(struct kworkerx_worker *worker, struct kwxt_work *w,
		     struct torture_random_state *rand)
{
	struct kworkerx_delayed_work *dwork = &w->dwork;
	unsigned long delay = kwxt_below(rand, 3);

	switch (kwxt_below(rand, 23)) {
	case 0 ... 5:
		kwxt_queue(worker, w, rand);
		break;
	case 6:
		atomic_add(kworkerx_queue_work_first(worker, &dwork->work),
			   &w->added);
		break;
	case 7 ... 8:
		atomic_add(kworkerx_queue_delayed_work(worker, dwork, delay),
			   &w->added);
		break;
	case 9 ... 12:
		atomic_add(!kworkerx_mod_delayed_work(worker, dwork, delay),
			   &w->added);
		break;
	case 13:
		kworkerx_mod_pending_delayed_work(worker, dwork, delay);
		break;
	case 14 ... 15:
		kworkerx_flush_work(&dwork->work);
		break;
	case 16:
		kworkerx_flush_work_timeout(&dwork->work, delay);
		break;
	case 17:
		kworkerx_flush_delayed_work(dwork);
		break;
	case 18:
		atomic_add(kworkerx_cancel_delayed_work(dwork), &w->taken);
		break;
	case 19:
		atomic_add(kworkerx_disable_work_sync(&dwork->work), &w->taken);
		kworkerx_enable_work(&dwork->work);
		break;
	case 20:
		kworkerx_set_work_urgent(&dwork->work, delay);
		break;
	default:
		atomic_add(kworkerx_cancel_delayed_work_sync(dwork), &w->taken);
	}
}

static void kwxt_fighter(struct kwxt_thread *thread)
{
	struct kwxt_work *w =
		&kwxt_fights[kwxt_below(&thread->rand, KWXT_SHARED)];

	kwxt_use(kwxt_worker_of(w), w, &thread->rand);
	if (!kwxt_below(&thread->rand, 8))
		usleep_range(10, 1000);
}

/* A thread that sleeps wherever it waits may be urgent, and lend that. */
static void kwxt_change_urgency(struct kwxt_thread *thread)
{
	unsigned int urgency = kwxt_below(&thread->rand, 4);
	struct sched_attr attr = {
		.sched_policy = urgency ? SCHED_FIFO : SCHED_NORMAL,
		.sched_priority = urgency,
	};

	sched_setattr_nocheck(current, &attr);
}

/*
 * Stoppers: what a worker does not run now it runs later
 */

static void kwxt_stopper(struct kwxt_thread *thread)
{
	struct kworkerx_worker *worker = kwxt_any_worker(thread);
	bool park = kwxt_below(&thread->rand, 2);
	int ret;

	kwxt_change_urgency(thread);
	ret = park ? kworkerx_park_worker(worker) : kworkerx_plug_worker(worker);
	/* One of two stoppers is told that the other has parked it. */
	kwxt_check(!ret || (park && ret == -EBUSY), "a worker was not stopped");
	usleep_range(10, 1000);
	if (!ret && park)
		kworkerx_unpark_worker(worker);
	else if (!ret)
		kworkerx_unplug_worker(worker);
	usleep_range(1000, 10000);
}

/*
 * Callers: a call is waited for, a flush not longer than wanted
 */

static int kwxt_called(void *arg)
{
	return *(int *)arg;
}

static void kwxt_caller(struct kwxt_thread *thread)
{
	struct kworkerx_worker *worker = kwxt_any_worker(thread);
	int ret, token = kwxt_below(&thread->rand, INT_MAX);

	kwxt_change_urgency(thread);
	kwxt_check(kworkerx_call(worker, kwxt_called, &token) == token,
		   "a call was lost");
	ret = kworkerx_flush_worker_timeout(worker,
					    kwxt_below(&thread->rand, 3));
	kwxt_check(!ret || ret == -ETIMEDOUT, "a flush failed");
}

/*
 * Cancellers: a work that was cancelled can be freed
 */

static struct kwxt_work *kwxt_new_works(unsigned int nr)
{
	struct kwxt_work *works = kcalloc(nr, sizeof(*works), GFP_KERNEL);
	unsigned int i;

	for (i = 0; works && i < nr; i++)
		kwxt_init_work(&works[i]);
	return works;
}

static void kwxt_cancel_for_good(struct kwxt_work *w)
{
	if (kworkerx_cancel_delayed_work_sync(&w->dwork))
		atomic_inc(&w->taken);
	WRITE_ONCE(w->forbidden, true);
	kwxt_check_over(w);
}

static void kwxt_canceller(struct kwxt_thread *thread)
{
	struct kworkerx_worker *worker = kwxt_any_worker(thread);
	unsigned int i = kwxt_below(&thread->rand, 8);
	struct kwxt_work *w = kwxt_new_works(1);

	if (!w)
		return;
	atomic_set(&w->again, kwxt_below(&thread->rand, 3));
	while (i--)
		kwxt_use(worker, w, &thread->rand);
	udelay(kwxt_below(&thread->rand, 50));
	kwxt_cancel_for_good(w);
	udelay(kwxt_below(&thread->rand, 50));
	kwxt_check_over(w);
	kfree(w);
}

/*
 * Creators: workers come and go
 */

static struct kworkerx_attrs kwxt_attrs(unsigned int kind)
{
	struct kworkerx_attrs attrs = KWORKERX_ATTRS_INIT;

	if (kind & KWORKERX_POLLS)
		attrs.poll_us = KWXT_POLL;
	return attrs;
}

static struct kworkerx_worker *kwxt_create(struct kwxt_thread *thread)
{
	unsigned int kind = kwxt_any_kind(&thread->rand);
	unsigned int flags = kind & ~KWORKERX_POLLS;
	struct kworkerx_attrs attrs = kwxt_attrs(kind);
	int cpu = kwxt_below(&thread->rand, nr_cpu_ids);

	switch (kwxt_below(&thread->rand, 3)) {
	case 0:
		return kworkerx_create_worker(flags, "kwxt_unwoken");
	case 1:
		if (cpu_possible(cpu))
			return kworkerx_run_worker_on_cpu(cpu, flags, "kwxt/%u");
		fallthrough;
	default:
		return kworkerx_create_worker_attrs(&attrs, flags, "kwxt_brief");
	}
}

/* Nobody else wakes the worker: if a queueing does not, @done never comes. */
static void kwxt_wait(struct kwxt_thread *thread, struct kworkerx_worker *worker,
		      struct completion *done)
{
	switch (kwxt_below(&thread->rand, 3)) {
	case 0:
		kwxt_check(wait_for_completion_timeout(done, KWXT_TIMEOUT),
			   "a work of a brief worker does not run");
		break;
	case 1:
		kworkerx_flush_worker(worker);
	}
}

/* Destruction runs what is queued, after which works can move elsewhere. */
static void kwxt_live(struct kwxt_thread *thread,
		      struct kworkerx_worker *worker,
		      struct kwxt_work *works, unsigned int nr)
{
	DECLARE_COMPLETION_ONSTACK(done);
	unsigned int i;

	works[nr - 1].done = &done;
	for (i = 0; i < nr; i++)
		kwxt_check(kwxt_queue(worker, &works[i], &thread->rand),
			   "a work was refused");
	kwxt_wait(thread, worker, &done);
	kworkerx_destroy_worker(worker);
	works[nr - 1].done = NULL;
	for (i = 0; i < nr; i++) {
		kwxt_check_over(&works[i]);
		kwxt_queue(kwxt_any_worker(thread), &works[i], &thread->rand);
	}
	for (i = 0; i < nr; i++)
		kwxt_cancel_for_good(&works[i]);
}

static void kwxt_creator(struct kwxt_thread *thread)
{
	unsigned int nr = 1 + kwxt_below(&thread->rand, 16);
	struct kwxt_work *works = kwxt_new_works(nr);
	struct kworkerx_worker *worker;

	if (!works)
		return;
	kwxt_change_urgency(thread);
	worker = kwxt_create(thread);
	kwxt_check(!IS_ERR(worker), "a worker could not be created");
	if (!IS_ERR(worker))
		kwxt_live(thread, worker, works, nr);
	kfree(works);
}

/*
 * Owners: a worker is freed as soon as its last work has run, while the
 * interrupt that has queued this work may not have left its call
 */

static enum hrtimer_restart kwxt_owned_fn(struct hrtimer *timer)
{
	struct kwxt_thread *thread = container_of(timer, struct kwxt_thread,
						  timer);

	kwxt_queue_so(&thread->owned->worker, &thread->owned->work, 0);
	return HRTIMER_NORESTART;
}

static struct kwxt_owned *kwxt_new_owned(void)
{
	struct kwxt_owned *owned = kzalloc_obj(*owned, GFP_KERNEL);

	if (!owned)
		return NULL;
	kworkerx_init_worker(&owned->worker);
	kwxt_init_work(&owned->work);
	init_completion(&owned->done);
	owned->work.done = &owned->done;
	return owned;
}

static void kwxt_owner(struct kwxt_thread *thread)
{
	struct kwxt_owned *owned = kwxt_new_owned();
	struct task_struct *task;

	if (!owned)
		return;
	task = kthread_run(kworkerx_worker_fn, &owned->worker, "kwxt_owned");
	if (IS_ERR(task)) {
		kfree(owned);
		return;
	}
	thread->owned = owned;
	hrtimer_start(&thread->timer, kwxt_some_time(&thread->rand),
		      HRTIMER_MODE_REL_HARD);
	kwxt_check(wait_for_completion_timeout(&owned->done, KWXT_TIMEOUT),
		   "a work of an embedded worker does not run");
	kthread_stop(task);
	/* Before the interrupt is waited for; unless it did not come at all. */
	if (atomic_read(&owned->work.ran))
		kfree(owned);
	hrtimer_cancel(&thread->timer);
}

/*
 * Windows: at each trace event somebody is late now and then, with or without
 * the lock, in a thread or an interrupt
 */

static void kwxt_dawdle(void)
{
	u32 dice = hash_32((u32)local_clock(), 16);

	if (!(dice % 16))
		udelay(dice / 16 % window_delay);
}

static void kwxt_at_worker(void *data, struct kworkerx_worker *worker)
{
	kwxt_dawdle();
}

static void kwxt_at_work(void *data, struct kworkerx_worker *worker,
			 struct kworkerx_work *work)
{
	kwxt_dawdle();
}

static void kwxt_at_run(void *data, struct kworkerx_work *work, void *function)
{
	kwxt_dawdle();
}

#define KWXT_WINDOW(event, probe)					\
	static int kwxt_open_##event(void)				\
	{								\
		return register_trace_kworkerx_##event(probe, NULL);	\
	}								\
									\
	static int kwxt_close_##event(void)				\
	{								\
		return unregister_trace_kworkerx_##event(probe, NULL);	\
	}

KWXT_WINDOW(work_queue_work, kwxt_at_work)
KWXT_WINDOW(worker_queued, kwxt_at_worker)
KWXT_WINDOW(worker_idle, kwxt_at_worker)
KWXT_WINDOW(work_expire, kwxt_at_work)
KWXT_WINDOW(work_await_timer, kwxt_at_work)
KWXT_WINDOW(work_execute_start, kwxt_at_run)
KWXT_WINDOW(work_execute_end, kwxt_at_run)

#define KWXT_BOTH(event)	{ kwxt_open_##event, kwxt_close_##event }

static const struct {
	int (*open)(void);
	int (*close)(void);
} kwxt_windows[] = {
	KWXT_BOTH(work_queue_work),
	KWXT_BOTH(worker_queued),
	KWXT_BOTH(worker_idle),
	KWXT_BOTH(work_expire),
	KWXT_BOTH(work_await_timer),
	KWXT_BOTH(work_execute_start),
	KWXT_BOTH(work_execute_end),
};

static int kwxt_open_windows(void)
{
	int ret = 0;

	while (!ret && window_delay > 0 &&
	       kwxt_nwindows < ARRAY_SIZE(kwxt_windows)) {
		ret = kwxt_windows[kwxt_nwindows].open();
		kwxt_nwindows += !ret;
	}
	return ret;
}

static void kwxt_close_windows(void)
{
	while (kwxt_nwindows)
		kwxt_windows[--kwxt_nwindows].close();
	tracepoint_synchronize_unregister();
}

/*
 * The frame
 */

static const struct kwxt_role kwxt_roles[] = {
	{ kwxt_producer, &nproducers },
	{ kwxt_poster, &nposters },
	{ kwxt_fighter, &nfighters },
	{ kwxt_canceller, &ncancellers },
	{ kwxt_creator, &ncreators },
	{ kwxt_owner, &nowners },
	{ kwxt_stopper, &nstoppers },
	{ kwxt_caller, &ncallers },
};

static int kwxt_torture(void *data)
{
	struct kwxt_thread *thread = data;

	do {
		thread->step(thread);
		stutter_wait("kwxt_torture");
	} while (!torture_must_stop());
	torture_kthread_stopping("kwxt_torture");
	return 0;
}

static void kwxt_print_stats(void)
{
	pr_alert("%s" TORTURE_FLAG " works run: %ld failures: %d\n",
		 torture_type, atomic_long_read(&kwxt_runs),
		 atomic_read(&kwxt_failures));
	torture_onoff_stats();
}

static int kwxt_stats(void *unused)
{
	do {
		schedule_timeout_interruptible(stat_interval * HZ);
		kwxt_print_stats();
		torture_shutdown_absorb("kwxt_stats");
	} while (!torture_must_stop());
	torture_kthread_stopping("kwxt_stats");
	return 0;
}

static void kwxt_verdict(void)
{
	const char *verdict = "SUCCESS";

	if (!kwxt_started || atomic_read(&kwxt_failures) ||
	    !atomic_long_read(&kwxt_runs))
		verdict = "FAILURE";
	else if (torture_onoff_failures())
		verdict = "LOCK_HOTPLUG";
	kwxt_print_stats();
	pr_alert("%s" TORTURE_FLAG "--- End of test: %s\n", torture_type,
		 verdict);
}

static void kwxt_stop_producing(void)
{
	int i;

	for (i = 0; kwxt_irqs && i < nirqs; i++)
		hrtimer_cancel(&kwxt_irqs[i].timer);
	for (i = 0; i < kwxt_nthreads; i++)
		torture_stop_kthread(kwxt_torture, kwxt_threads[i].task);
	torture_stop_kthread(kwxt_stats, kwxt_stats_task);
}

/* All is queued that will be: look at what must have run when it has. */
static void kwxt_check_all(void)
{
	int i;

	for (i = 0; i < KWXT_SHARED; i++) {
		kworkerx_flush_work(&kwxt_events[i].dwork.work);
		kwxt_check(kwxt_events[i].seen ==
			   atomic_read(&kwxt_events[i].posted),
			   "an event was lost");
		kwxt_check_over(&kwxt_events[i]);
		kwxt_cancel_for_good(&kwxt_fights[i]);
	}
	for (i = 0; kwxt_irqs && i < nirqs; i++) {
		kworkerx_flush_worker(kwxt_irqs[i].ring.worker);
		kwxt_check_ring(&kwxt_irqs[i].ring);
	}
}

static void kwxt_free_all(void)
{
	int i;

	for (i = 0; i < nworkers; i++)
		if (kwxt_workers[i])
			kworkerx_destroy_worker(kwxt_workers[i]);
	for (i = 0; i < kwxt_nthreads; i++)
		kfree(kwxt_threads[i].ring);
	kfree(kwxt_irqs);
	kfree(kwxt_threads);
	kfree(kwxt_workers);
}

static void kwxt_exit(void)
{
	if (torture_cleanup_begin())
		return;
	kwxt_stop_producing();
	if (kwxt_started)
		kwxt_check_all();
	kwxt_free_all();
	kwxt_close_windows();
	kwxt_verdict();
	torture_cleanup_end();
}

/* The first one is for interrupts in any case. */
static int kwxt_start_workers(void)
{
	struct torture_random_state rand;
	struct kworkerx_worker *worker;
	struct kworkerx_attrs attrs;
	unsigned int kind;
	int i;

	torture_random_init(&rand);
	for (i = 0; i < nworkers; i++) {
		kind = kwxt_any_kind(&rand) | (i ? 0 : KWORKERX_ANYWHERE);
		pr_alert("%s" TORTURE_FLAG " worker %d: flags %#x\n",
			 torture_type, i, kind);
		attrs = kwxt_attrs(kind);
		worker = kworkerx_create_worker_attrs(&attrs,
						      kind & ~KWORKERX_POLLS,
						      "kwxt_worker/%d", i);
		if (IS_ERR(worker))
			return PTR_ERR(worker);
		kwxt_workers[i] = worker;
		torture_shuffle_task_register(worker->task);
	}
	return 0;
}

static void kwxt_init_shared(void)
{
	int i;

	for (i = 0; i < KWXT_SHARED; i++) {
		kwxt_init_work(&kwxt_events[i]);
		kwxt_events[i].seq = i;
		kwxt_init_work(&kwxt_fights[i]);
		kwxt_fights[i].seq = i;
	}
}

static int kwxt_start_thread(struct kwxt_thread *thread,
			     void (*step)(struct kwxt_thread *thread))
{
	thread->step = step;
	hrtimer_setup(&thread->timer, kwxt_owned_fn, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_HARD);
	if (step == kwxt_producer) {
		thread->ring = kzalloc_obj(*thread->ring, GFP_KERNEL);
		if (!thread->ring)
			return -ENOMEM;
		kwxt_init_ring(thread->ring, kwxt_any_worker(thread));
	}
	return torture_create_kthread(kwxt_torture, thread, thread->task);
}

static int kwxt_start_threads(void)
{
	int role, i, ret = 0;

	for (role = 0; role < ARRAY_SIZE(kwxt_roles); role++)
		for (i = 0; !ret && i < *kwxt_roles[role].nr; i++)
			ret = kwxt_start_thread(&kwxt_threads[kwxt_nthreads++],
						kwxt_roles[role].step);
	return ret;
}

static void kwxt_start_irqs(void)
{
	int i;

	for (i = 0; i < nirqs; i++) {
		kwxt_init_ring(&kwxt_irqs[i].ring, kwxt_workers[i % nworkers]);
		hrtimer_setup(&kwxt_irqs[i].timer, kwxt_irq_fn, CLOCK_MONOTONIC,
			      HRTIMER_MODE_REL_HARD);
	}
	for (i = 0; i < nirqs; i++)
		hrtimer_start(&kwxt_irqs[i].timer,
			      kwxt_some_time(&kwxt_irqs[i].rand),
			      HRTIMER_MODE_REL_HARD);
}

static int kwxt_allocate(void)
{
	int role, nr = 0;

	for (role = 0; role < ARRAY_SIZE(kwxt_roles); role++)
		nr += *kwxt_roles[role].nr;
	nworkers = max(nworkers, 1);
	irq_interval = max(irq_interval, 2);
	kwxt_workers = kcalloc(nworkers, sizeof(*kwxt_workers), GFP_KERNEL);
	kwxt_threads = kcalloc(nr, sizeof(*kwxt_threads), GFP_KERNEL);
	kwxt_irqs = kcalloc(nirqs, sizeof(*kwxt_irqs), GFP_KERNEL);
	if (!kwxt_workers || !kwxt_threads || !kwxt_irqs)
		return -ENOMEM;
	return 0;
}

static int kwxt_start_framework(void)
{
	int ret = 0;

	if (stat_interval > 0)
		ret = torture_create_kthread(kwxt_stats, NULL, kwxt_stats_task);
	if (!ret && shuffle_interval > 0)
		ret = torture_shuffle_init(shuffle_interval * HZ);
	if (!ret && stutter > 0)
		ret = torture_stutter_init(HZ, stutter * HZ);
	if (!ret)
		ret = torture_onoff_init(onoff_holdoff * HZ, onoff_interval,
					 NULL);
	return ret;
}

static int __init kwxt_init(void)
{
	int ret;

	if (!torture_init_begin(torture_type, verbose))
		return -EBUSY;
	kwxt_init_shared();
	ret = kwxt_allocate();
	if (!ret)
		ret = kwxt_start_workers();
	if (!ret)
		ret = kwxt_open_windows();
	if (!ret)
		ret = kwxt_start_framework();
	if (!ret)
		ret = kwxt_start_threads();
	if (!ret) {
		kwxt_start_irqs();
		kwxt_started = true;
	}
	torture_init_end();
	if (ret)
		kwxt_exit();
	return ret;
}

module_init(kwxt_init);
module_exit(kwxt_exit);

MODULE_AUTHOR("The kworkerx developers");
MODULE_DESCRIPTION("Torture of kworkerx");
MODULE_LICENSE("GPL");
