// SPDX-License-Identifier: GPL-2.0-only
/*
 * How works and workers are controlled beyond queue, flush and cancel: taken
 * back without a wait, disabled, expedited, asked about, called, plugged,
 * parked, and put before others.
 *
 * What must not wait is called while some job is running and held, so that a
 * wait does not end.  What must wait is called in a thread, and seen to sleep.
 */
#include <linux/delay.h>
#include <linux/preempt.h>

#include "common.h"

#define AN_HOUR		(3600UL * HZ)
#define ROUNDS		200
#define DISABLES_MAX	255

KUNIT_ARRAY_PARAM(threads, kwx_threads, kwx_threads_desc);

static bool is_armed(struct kwx_job *job)
{
	return timer_pending(&job->dwork.timer);
}

static bool queue(struct kunit *test, struct kwx_job *job)
{
	return kworkerx_queue_work(kwx_bed_worker(test), KWX_WORK(job));
}

static bool queue_after(struct kunit *test, struct kwx_job *job,
			unsigned long delay)
{
	return kworkerx_queue_delayed_work(kwx_bed_worker(test), &job->dwork,
					   delay);
}

static bool queue_first(struct kunit *test, struct kwx_job *job)
{
	return kworkerx_queue_work_first(kwx_bed_worker(test), KWX_WORK(job));
}

static struct kwx_job *armed(struct kunit *test, int id)
{
	struct kwx_job *job = kwx_bed_job(test, id);

	KUNIT_EXPECT_TRUE(test, queue_after(test, job, AN_HOUR));
	return job;
}

/* Lets the worker go and waits for all that is queued. */
static void finish(struct kunit *test, struct kwx_job *gate)
{
	kwx_release(gate);
	kwx_flush(test, kwx_bed_worker(test));
}

/* A function under test, to be called from anywhere, and what it returned. */
struct op {
	struct kworkerx_worker *worker;
	struct kwx_job *job;
	unsigned long delay;
	long ret;
};

static void cancel_op(void *arg)
{
	struct op *op = arg;

	op->ret = kworkerx_cancel_work(KWX_WORK(op->job));
}

static void cancel_delayed_op(void *arg)
{
	struct op *op = arg;

	op->ret = kworkerx_cancel_delayed_work(&op->job->dwork);
}

static void cancel_sync_op(void *arg)
{
	struct op *op = arg;

	op->ret = kworkerx_cancel_work_sync(KWX_WORK(op->job));
}

static void disable_op(void *arg)
{
	struct op *op = arg;

	op->ret = kworkerx_disable_delayed_work(&op->job->dwork);
}

static void disable_sync_op(void *arg)
{
	struct op *op = arg;

	op->ret = kworkerx_disable_delayed_work_sync(&op->job->dwork);
}

static void enable_op(void *arg)
{
	struct op *op = arg;

	op->ret = kworkerx_enable_delayed_work(&op->job->dwork);
}

static void mod_pending_op(void *arg)
{
	struct op *op = arg;

	op->ret = kworkerx_mod_pending_delayed_work(op->worker, &op->job->dwork,
						    op->delay);
}

static void flush_work_op(void *arg)
{
	struct op *op = arg;

	op->ret = kworkerx_flush_work(KWX_WORK(op->job));
}

static void flush_work_timeout_op(void *arg)
{
	struct op *op = arg;

	op->ret = kworkerx_flush_work_timeout(KWX_WORK(op->job), op->delay);
}

static void flush_worker_timeout_op(void *arg)
{
	struct op *op = arg;

	op->ret = kworkerx_flush_worker_timeout(op->worker, op->delay);
}

static void flush_delayed_op(void *arg)
{
	struct op *op = arg;

	op->ret = kworkerx_flush_delayed_work(&op->job->dwork);
}

static void queue_first_op(void *arg)
{
	struct op *op = arg;

	op->ret = kworkerx_queue_work_first(op->worker, KWX_WORK(op->job));
}

static void plug_op(void *arg)
{
	struct op *op = arg;

	op->ret = kworkerx_plug_worker(op->worker);
}

static void unplug_op(void *arg)
{
	struct op *op = arg;

	kworkerx_unplug_worker(op->worker);
}

static void park_op(void *arg)
{
	struct op *op = arg;

	op->ret = kworkerx_park_worker(op->worker);
}

KUNIT_ARRAY_PARAM(places, kwx_wheres, kwx_where_desc);

/* Calls @fn on @job at the place of the test. */
static long at_place(struct kunit *test, void (*fn)(void *arg),
		     struct kwx_job *job, unsigned long delay)
{
	const struct kwx_where *place = test->param_value;
	struct op op = { kwx_bed_worker(test), job, delay, -1 };

	place->call(fn, &op);
	return op.ret;
}

/* The same as a call that may sleep, in a thread of its own. */
struct waiter {
	struct op op;
	struct kwx_call *call;
};

static struct waiter *begin(struct kunit *test, void (*fn)(void *arg),
			    struct kwx_job *job, unsigned long delay)
{
	struct waiter *waiter = kunit_kzalloc(test, sizeof(*waiter),
					      GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, waiter);
	waiter->op = (struct op){ kwx_bed_worker(test), job, delay, -1 };
	waiter->call = kwx_call(test, fn, &waiter->op);
	return waiter;
}

static struct waiter *begin_and_block(struct kunit *test,
				      void (*fn)(void *arg),
				      struct kwx_job *job)
{
	struct waiter *waiter = begin(test, fn, job, MAX_SCHEDULE_TIMEOUT);

	kwx_call_blocks(test, waiter->call);
	return waiter;
}

static void ends(struct kunit *test, struct waiter *waiter, long ret)
{
	kwx_call_returns(test, waiter->call);
	KUNIT_EXPECT_EQ(test, ret, waiter->op.ret);
}

/* @fn does not wait, or for nothing that needs a release. */
static void now(struct kunit *test, void (*fn)(void *arg), struct kwx_job *job,
		long ret)
{
	ends(test, begin(test, fn, job, MAX_SCHEDULE_TIMEOUT), ret);
}

/*
 * Cancel without a wait
 */

static void cancel_work_finds_every_state(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = kwx_bed_job(test, 1);

	KUNIT_EXPECT_EQ(test, 0L, at_place(test, cancel_op, job, 0));
	KUNIT_EXPECT_TRUE(test, queue(test, job));
	kwx_queued(test, 2);
	KUNIT_EXPECT_EQ(test, 1L, at_place(test, cancel_op, job, 0));
	KUNIT_EXPECT_EQ(test, 0L, at_place(test, cancel_op, job, 0));
	KUNIT_EXPECT_TRUE(test, queue_after(test, job, AN_HOUR));
	KUNIT_EXPECT_EQ(test, 1L, at_place(test, cancel_delayed_op, job, 0));
	KUNIT_EXPECT_FALSE(test, is_armed(job));
	KUNIT_EXPECT_TRUE(test, queue_after(test, job, AN_HOUR));
	KUNIT_EXPECT_EQ(test, 1L, at_place(test, cancel_op, job, 0));
	KUNIT_EXPECT_TRUE(test, queue_after(test, job, 1));
	kwx_wait_expired(test, job);
	KUNIT_EXPECT_EQ(test, 1L, at_place(test, cancel_delayed_op, job, 0));
	KUNIT_EXPECT_EQ(test, 0L, at_place(test, cancel_op, gate, 0));
	finish(test, gate);
	KUNIT_EXPECT_EQ(test, 0L, at_place(test, cancel_op, gate, 0));
	kwx_expect_log(test, kwx_bed_log(test), 0, 2);
}

/* Unlike the one that waits, it leaves a running work free to be queued. */
static void cancel_work_of_a_running_work_holds_nothing_off(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);

	now(test, cancel_op, job, 0);
	KUNIT_EXPECT_TRUE(test, queue(test, job));
	now(test, cancel_op, job, 1);
	KUNIT_EXPECT_TRUE(test, queue(test, job));
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
	kwx_release(job);
	finish(test, job);
	KUNIT_EXPECT_EQ(test, 2, kwx_runs(job));
}

static void cancel_work_does_not_join_a_cancel_that_waits(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);
	struct waiter *cancel;

	KUNIT_EXPECT_TRUE(test, queue(test, job));
	cancel = begin_and_block(test, cancel_sync_op, job);
	now(test, cancel_op, job, 0);
	now(test, cancel_delayed_op, job, 0);
	KUNIT_EXPECT_FALSE(test, queue(test, job));
	kwx_release(job);
	ends(test, cancel, 1);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

static void cancel_work_leaves_the_order_of_the_rest(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *jobs[5];
	int i;

	for (i = 0; i < 5; i++)
		jobs[i] = kwx_queued(test, i + 1);
	for (i = 0; i < 5; i += 2)
		now(test, cancel_op, jobs[i], 1);
	kwx_queued(test, 6);
	finish(test, gate);
	kwx_expect_log(test, kwx_bed_log(test), 0, 2, 4, 6);
}

/* @first and @second come upon the timer as it fires: who takes the work? */
static void check_at_expiry(struct kunit *test, void (*first)(void *arg),
			    void (*second)(void *arg))
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = kwx_bed_job(test, 1);
	struct op ops[2] = { { .job = job }, { .job = job } };
	struct kwx_guest guests[2] = {
		{ .fn = first, .arg = &ops[0] },
		{ .fn = second, .arg = &ops[1] },
	};

	kwx_meet_timer(test, kwx_bed_worker(test), job, guests, second ? 2 : 1);
	KUNIT_EXPECT_EQ(test, 1L, ops[0].ret + ops[1].ret);
	KUNIT_EXPECT_FALSE(test, kworkerx_work_pending(KWX_WORK(job)));
	finish(test, gate);
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
}

static void cancel_work_takes_a_work_whose_timer_is_firing(struct kunit *test)
{
	check_at_expiry(test, cancel_op, NULL);
}

static void both_cancels_take_a_work_whose_timer_is_firing_once(struct kunit *test)
{
	check_at_expiry(test, cancel_delayed_op, cancel_sync_op);
}

/*
 * Disable
 */

/* How many of all the ways to queue @job add something? */
static int queue_every_way(struct kunit *test, struct kwx_job *job)
{
	struct kworkerx_worker *worker = kwx_bed_worker(test);

	return queue(test, job) + queue_first(test, job) +
	       queue_after(test, job, 0) + queue_after(test, job, 1) +
	       !kworkerx_mod_delayed_work(worker, &job->dwork, 0) +
	       !kworkerx_mod_delayed_work(worker, &job->dwork, 1) +
	       kworkerx_mod_pending_delayed_work(worker, &job->dwork, 0) +
	       kworkerx_mod_pending_delayed_work(worker, &job->dwork, 1);
}

static void a_disabled_work_is_refused_in_every_way(struct kunit *test)
{
	struct kwx_job *job = kwx_bed_job(test, 1);

	KUNIT_EXPECT_EQ(test, 0L, at_place(test, disable_op, job, 0));
	KUNIT_EXPECT_EQ(test, 0, queue_every_way(test, job));
	KUNIT_EXPECT_FALSE(test, kworkerx_work_busy(KWX_WORK(job)));
	KUNIT_EXPECT_EQ(test, 1L, at_place(test, enable_op, job, 0));
	kwx_flush(test, kwx_bed_worker(test));
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
	KUNIT_EXPECT_TRUE(test, queue(test, job));
	kwx_wait(test, &job->started);
}

static void disable_takes_a_pending_work_back(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *queued = kwx_queued(test, 1);
	struct kwx_job *delayed = armed(test, 2);

	kwx_queued(test, 3);
	KUNIT_EXPECT_EQ(test, 1L, at_place(test, disable_op, queued, 0));
	KUNIT_EXPECT_EQ(test, 1L, at_place(test, disable_op, delayed, 0));
	KUNIT_EXPECT_FALSE(test, is_armed(delayed));
	KUNIT_EXPECT_EQ(test, 0, queue_every_way(test, queued));
	KUNIT_EXPECT_EQ(test, 0, queue_every_way(test, delayed));
	finish(test, gate);
	kwx_expect_log(test, kwx_bed_log(test), 0, 3);
	KUNIT_EXPECT_TRUE(test, kworkerx_enable_work(KWX_WORK(queued)));
	KUNIT_EXPECT_TRUE(test, kworkerx_enable_delayed_work(&delayed->dwork));
}

static void queue_itself(struct kwx_job *job)
{
	job->id = kworkerx_queue_work(job->worker, KWX_WORK(job)) +
		  kworkerx_queue_delayed_work(job->worker, &job->dwork, 1);
}

static void disable_leaves_a_running_work_but_not_its_next_run(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);

	job->worker = kwx_bed_worker(test);
	job->action = queue_itself;
	KUNIT_EXPECT_EQ(test, 0L, at_place(test, disable_op, job, 0));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&job->running));
	finish(test, job);
	KUNIT_EXPECT_EQ(test, 0, job->id);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
	KUNIT_EXPECT_TRUE(test, kworkerx_enable_work(KWX_WORK(job)));
}

static void disable_sync_waits_for_a_running_work(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);
	struct waiter *disable;

	KUNIT_EXPECT_TRUE(test, queue_after(test, job, AN_HOUR));
	disable = begin_and_block(test, disable_sync_op, job);
	KUNIT_EXPECT_EQ(test, 0, queue_every_way(test, job));
	kwx_release(job);
	ends(test, disable, 1);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&job->running));
	KUNIT_EXPECT_EQ(test, 0, queue_every_way(test, job));
	KUNIT_EXPECT_TRUE(test, kworkerx_enable_work(KWX_WORK(job)));
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

static void a_work_is_disabled_until_it_is_enabled_as_often(struct kunit *test)
{
	struct kwx_job *job = kwx_bed_job(test, 1);
	int i;

	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_FALSE(test, kworkerx_disable_work(KWX_WORK(job)));
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_FALSE(test, kworkerx_enable_work(KWX_WORK(job)));
		KUNIT_EXPECT_EQ(test, 0, queue_every_way(test, job));
	}
	KUNIT_EXPECT_TRUE(test, kworkerx_enable_work(KWX_WORK(job)));
	KUNIT_EXPECT_TRUE(test, queue(test, job));
	kwx_wait(test, &job->started);
}

static void disables_nest_255_times_and_one_more_is_reported(struct kunit *test)
{
	struct kwx_job *job = kwx_bed_job(test, 1);
	int i;

	for (i = 0; i < DISABLES_MAX; i++)
		kworkerx_disable_work(KWX_WORK(job));
	kwx_misuse_begin();
	KUNIT_EXPECT_FALSE(test, kworkerx_disable_work(KWX_WORK(job)));
	KUNIT_EXPECT_FALSE(test, kworkerx_disable_work_sync(KWX_WORK(job)));
	kwx_misuse_end(test, "kworkerx: kwx_job_fn [kworkerx_kunit] disabled too many times");
	for (i = 1; i < DISABLES_MAX; i++)
		KUNIT_EXPECT_FALSE(test, kworkerx_enable_work(KWX_WORK(job)));
	KUNIT_EXPECT_FALSE(test, queue(test, job));
	KUNIT_EXPECT_TRUE(test, kworkerx_enable_work(KWX_WORK(job)));
	KUNIT_EXPECT_TRUE(test, queue(test, job));
	kwx_wait(test, &job->started);
}

static void an_enable_without_disable_is_reported(struct kunit *test)
{
	struct kwx_job *job = kwx_bed_job(test, 1);

	kwx_misuse_begin();
	KUNIT_EXPECT_FALSE(test, kworkerx_enable_work(KWX_WORK(job)));
	KUNIT_EXPECT_FALSE(test, kworkerx_enable_delayed_work(&job->dwork));
	kwx_misuse_end(test, "kworkerx: kwx_job_fn [kworkerx_kunit] enabled, but not disabled");
	KUNIT_EXPECT_TRUE(test, queue(test, job));
	kwx_wait(test, &job->started);
}

static void a_disable_outlasts_a_cancel(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);
	struct waiter *cancel = begin_and_block(test, cancel_sync_op, job);

	now(test, disable_op, job, 0);
	KUNIT_EXPECT_TRUE(test, kworkerx_enable_work(KWX_WORK(job)));
	KUNIT_EXPECT_FALSE(test, queue(test, job));
	now(test, disable_op, job, 0);
	kwx_release(job);
	ends(test, cancel, 0);
	KUNIT_EXPECT_FALSE(test, queue(test, job));
	KUNIT_EXPECT_TRUE(test, kworkerx_enable_work(KWX_WORK(job)));
	KUNIT_EXPECT_TRUE(test, queue(test, job));
}

static void disable_itself_and_wait(struct kwx_job *job)
{
	job->id = kworkerx_disable_work_sync(KWX_WORK(job));
}

static void a_work_that_disables_itself_does_not_wait(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);

	job->action = disable_itself_and_wait;
	kwx_misuse_begin();
	finish(test, job);
	kwx_misuse_end(test, KWX_JOB_FN " on worker kwx_test waits for its own worker");
	KUNIT_EXPECT_FALSE(test, queue(test, job));
	KUNIT_EXPECT_TRUE(test, kworkerx_enable_work(KWX_WORK(job)));
	KUNIT_EXPECT_TRUE(test, queue(test, job));
}

static void disable_takes_a_work_whose_timer_is_firing(struct kunit *test)
{
	check_at_expiry(test, disable_op, NULL);
}

struct racer {
	struct kworkerx_worker *worker;
	struct kwx_job *job;
	unsigned int nr;
	unsigned int seed;
	int added;
	int taken;
	int failed;
};

/* One in four does something else than the others. */
static bool is_odd(struct racer *me)
{
	return me->nr % 4 == 1;
}

static unsigned int next_random(struct racer *me)
{
	me->seed = me->seed * 1664525 + 1013904223;
	return me->seed >> 16;
}

static void queue_somehow(struct racer *me)
{
	struct kworkerx_delayed_work *dwork = &me->job->dwork;
	unsigned int random = next_random(me);
	unsigned long delay = random / 8 % 3;

	switch (random % 5) {
	case 0:
		me->added += kworkerx_queue_work(me->worker, &dwork->work);
		break;
	case 1:
		me->added += kworkerx_queue_work_first(me->worker,
						       &dwork->work);
		break;
	case 2:
		me->added += kworkerx_queue_delayed_work(me->worker, dwork,
							 delay);
		break;
	case 3:
		me->added += !kworkerx_mod_delayed_work(me->worker, dwork,
							delay);
		break;
	default:
		kworkerx_mod_pending_delayed_work(me->worker, dwork, delay);
	}
}

static void disable_and_look(struct racer *me)
{
	struct kworkerx_work *work = KWX_WORK(me->job);
	int before;

	me->taken += kworkerx_disable_work_sync(work);
	before = kwx_runs(me->job);
	me->failed += kworkerx_work_busy(work) ||
		      timer_pending(&me->job->dwork.timer);
	udelay(next_random(me) % 64);
	me->failed += kwx_runs(me->job) != before;
	kworkerx_enable_work(work);
}

static void disable_or_queue_fn(void *arg)
{
	struct racer *me = arg;
	unsigned int round;

	for (round = 0; round < ROUNDS; round++) {
		if (is_odd(me))
			disable_and_look(me);
		else
			queue_somehow(me);
	}
}

/* Runs @fn on one job in the threads of the test, and adds up. */
static void race(struct kunit *test, void (*fn)(void *arg))
{
	struct racer racers[KWX_THREADS_MAX] = {};
	unsigned int i, nr = kwx_nr_threads(test);
	struct kwx_job *job = kwx_job(test, NULL, 1);
	int open = 0;

	for (i = 0; i < nr; i++) {
		racers[i].worker = kwx_bed_worker(test);
		racers[i].job = job;
		racers[i].nr = i;
		racers[i].seed = i;
	}
	kwx_calls(test, fn, racers, sizeof(*racers), nr);
	for (i = 0; i < nr; i++) {
		open += racers[i].added - racers[i].taken;
		KUNIT_EXPECT_EQ(test, 0, racers[i].failed);
	}
	open -= kworkerx_cancel_delayed_work_sync(&job->dwork);
	KUNIT_EXPECT_EQ(test, open, kwx_runs(job));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&job->overlaps));
}

static void nothing_runs_while_it_is_disabled(struct kunit *test)
{
	race(test, disable_or_queue_fn);
}

static void take_back_or_queue_fn(void *arg)
{
	struct racer *me = arg;
	unsigned int round;

	for (round = 0; round < ROUNDS; round++) {
		if (next_random(me) % 3)
			queue_somehow(me);
		else if (is_odd(me))
			me->taken += kworkerx_cancel_work_sync(KWX_WORK(me->job));
		else
			me->taken += kworkerx_cancel_work(KWX_WORK(me->job));
	}
}

static void what_is_queued_runs_or_is_taken_back_once(struct kunit *test)
{
	race(test, take_back_or_queue_fn);
}

/*
 * mod_pending
 */

static void mod_pending_adds_no_run(struct kunit *test)
{
	struct kwx_job *job = kwx_bed_held_job(test, 1);

	KUNIT_EXPECT_EQ(test, 0L, at_place(test, mod_pending_op, job, 0));
	KUNIT_EXPECT_EQ(test, 0L, at_place(test, mod_pending_op, job, AN_HOUR));
	kwx_hold(test, kwx_bed_worker(test), job);
	KUNIT_EXPECT_EQ(test, 0L, at_place(test, mod_pending_op, job, 0));
	KUNIT_EXPECT_EQ(test, 0L, at_place(test, mod_pending_op, job, AN_HOUR));
	finish(test, job);
	KUNIT_EXPECT_EQ(test, 0L, at_place(test, mod_pending_op, job, 0));
	KUNIT_EXPECT_FALSE(test, kworkerx_work_busy(KWX_WORK(job)));
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

static void mod_pending_changes_the_delay_of_a_pending_work(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = armed(test, 1);
	unsigned long left;

	KUNIT_EXPECT_EQ(test, 1L,
			at_place(test, mod_pending_op, job, 2 * AN_HOUR));
	left = kworkerx_delayed_work_remaining(&job->dwork);
	KUNIT_EXPECT_GT(test, left, AN_HOUR);
	KUNIT_EXPECT_EQ(test, 1L, at_place(test, mod_pending_op, job, 1));
	kwx_wait_expired(test, job);
	KUNIT_EXPECT_EQ(test, 1L, at_place(test, mod_pending_op, job, AN_HOUR));
	KUNIT_EXPECT_TRUE(test, is_armed(job));
	kwx_queued(test, 2);
	KUNIT_EXPECT_EQ(test, 1L, at_place(test, mod_pending_op, job, 0));
	KUNIT_EXPECT_FALSE(test, is_armed(job));
	kwx_queued(test, 3);
	finish(test, gate);
	kwx_expect_log(test, kwx_bed_log(test), 0, 2, 1, 3);
}

static void mod_pending_leaves_what_somebody_cancels(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);
	struct waiter *cancel;

	KUNIT_EXPECT_TRUE(test, queue_after(test, job, AN_HOUR));
	cancel = begin_and_block(test, cancel_sync_op, job);
	now(test, mod_pending_op, job, 0);
	kwx_release(job);
	ends(test, cancel, 1);
	KUNIT_EXPECT_FALSE(test, is_armed(job));
}

static void mod_pending_on_another_worker_is_reported(struct kunit *test)
{
	struct kworkerx_worker *other = kwx_worker(test);
	struct kwx_job *job = armed(test, 1);

	kwx_misuse_begin();
	KUNIT_EXPECT_FALSE(test, kworkerx_mod_pending_delayed_work(other,
								   &job->dwork,
								   0));
	kwx_misuse_end(test, "while worker kwx_test has it");
	KUNIT_EXPECT_TRUE(test, is_armed(job));
	KUNIT_EXPECT_PTR_EQ(test, kwx_bed_worker(test), KWX_WORK(job)->worker);
}

/*
 * Flush
 */

static void flush_tells_whether_it_waited(struct kunit *test)
{
	struct kwx_job *gate, *job = kwx_bed_job(test, 1);
	struct waiter *flush;

	now(test, flush_work_op, job, false);
	gate = kwx_running(test, 0);
	flush = begin_and_block(test, flush_work_op, gate);
	KUNIT_EXPECT_TRUE(test, queue(test, job));
	finish(test, gate);
	ends(test, flush, true);
	now(test, flush_work_op, job, false);
	kwx_hold(test, kwx_bed_worker(test), gate);
	KUNIT_EXPECT_TRUE(test, queue(test, job));
	flush = begin_and_block(test, flush_work_op, job);
	kwx_release(gate);
	ends(test, flush, true);
	KUNIT_EXPECT_TRUE(test, queue_after(test, job, AN_HOUR));
	now(test, flush_work_op, job, false);
}

static void a_flush_that_times_out_leaves_no_trace(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = kwx_queued(test, 1);

	ends(test, begin(test, flush_work_timeout_op, gate, 1), -ETIMEDOUT);
	ends(test, begin(test, flush_work_timeout_op, job, 2), -ETIMEDOUT);
	ends(test, begin(test, flush_work_timeout_op, job, 0), -ETIMEDOUT);
	ends(test, begin(test, flush_worker_timeout_op, NULL, 2), -ETIMEDOUT);
	kwx_queued(test, 2);
	ends(test, begin(test, flush_worker_timeout_op, NULL, 0), -ETIMEDOUT);
	now(test, cancel_op, job, 1);
	finish(test, gate);
	kwx_expect_log(test, kwx_bed_log(test), 0, 2);
}

static void a_flush_may_have_all_the_time_there_is(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct waiter *flushes[2];

	flushes[0] = begin(test, flush_work_timeout_op, gate, ULONG_MAX);
	flushes[1] = begin(test, flush_worker_timeout_op, NULL, ULONG_MAX);
	kwx_call_blocks(test, flushes[0]->call);
	kwx_call_blocks(test, flushes[1]->call);
	kwx_release(gate);
	ends(test, flushes[0], 0);
	ends(test, flushes[1], 0);
}

static void a_flush_in_time_is_0(struct kunit *test)
{
	struct kwx_job *job = kwx_bed_job(test, 1);
	struct kwx_job *gate;
	struct waiter *flush;

	ends(test, begin(test, flush_work_timeout_op, job, 0), 0);
	gate = kwx_running(test, 0);
	KUNIT_EXPECT_TRUE(test, queue(test, job));
	flush = begin(test, flush_work_timeout_op, job, KWX_TIMEOUT);
	kwx_call_blocks(test, flush->call);
	kwx_release(gate);
	ends(test, flush, 0);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
	ends(test, begin(test, flush_work_timeout_op, job, 0), 0);
	ends(test, begin(test, flush_worker_timeout_op, NULL, KWX_TIMEOUT), 0);
}

/* The timeout comes about when the wait ends, on whichever side. */
static void flush_in_a_hurry_fn(void *arg)
{
	struct racer *me = arg;
	unsigned int round;

	for (round = 0; round < ROUNDS; round++) {
		me->added += kworkerx_queue_work(me->worker, KWX_WORK(me->job));
		if (round % 2)
			kworkerx_flush_worker_timeout(me->worker, round / 2 % 2);
		else
			kworkerx_flush_work_timeout(KWX_WORK(me->job),
						    round / 2 % 2);
	}
}

static void flushes_that_time_out_lose_nothing(struct kunit *test)
{
	race(test, flush_in_a_hurry_fn);
}

static void flush_delayed_runs_an_armed_work_at_once(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = armed(test, 1);
	struct waiter *flush;

	kwx_queued(test, 2);
	flush = begin_and_block(test, flush_delayed_op, job);
	KUNIT_EXPECT_FALSE(test, is_armed(job));
	kwx_release(gate);
	ends(test, flush, true);
	kwx_expect_log(test, kwx_bed_log(test), 0, 2, 1);
	now(test, flush_delayed_op, job, false);
}

/* The work may have run before the call comes to wait: its result is open. */
static void flush_delayed_of_an_idle_worker_wakes_it(struct kunit *test)
{
	struct kwx_job *job = armed(test, 1);

	kwx_await_state(test, kwx_bed_worker(test)->task, TASK_IDLE);
	kwx_call_returns(test, begin(test, flush_delayed_op, job, 0)->call);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&job->running));
}

static void flush_delayed_without_a_timer_is_a_flush(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);
	struct waiter *flush;

	now(test, flush_delayed_op, kwx_bed_job(test, 2), false);
	flush = begin_and_block(test, flush_delayed_op, job);
	kwx_release(job);
	ends(test, flush, true);
	now(test, flush_delayed_op, job, false);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

static void flush_delayed_of_a_running_work_waits_for_its_next_run(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);
	struct waiter *flush;

	KUNIT_EXPECT_TRUE(test, queue_after(test, job, AN_HOUR));
	flush = begin_and_block(test, flush_delayed_op, job);
	kwx_release(job);
	kwx_wait(test, &job->started);
	kwx_call_blocks(test, flush->call);
	kwx_release(job);
	ends(test, flush, true);
	KUNIT_EXPECT_EQ(test, 2, kwx_runs(job));
}

static void flush_delayed_at_expiry_waits_for_the_run(struct kunit *test)
{
	struct kwx_job *job = kwx_bed_job(test, 1);
	struct op op = { .job = job };
	struct kwx_guest guest = { .fn = flush_delayed_op, .arg = &op };

	kwx_meet_timer(test, kwx_bed_worker(test), job, &guest, 1);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&job->running));
}

/* The errors of what a work asks of its own worker. */
struct own_calls {
	int flush_work;
	int flush_worker;
	int park;
};

static void call_for_own_worker(struct kwx_job *job)
{
	struct own_calls *own = job->data;

	own->flush_work = kworkerx_flush_work_timeout(KWX_WORK(job), 1);
	own->flush_worker = kworkerx_flush_worker(job->worker);
	own->park = kworkerx_park_worker(job->worker);
}

static void a_work_cannot_wait_for_its_own_worker(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);
	struct own_calls own = {};

	job->worker = kwx_bed_worker(test);
	job->data = &own;
	job->action = call_for_own_worker;
	kwx_misuse_begin();
	finish(test, job);
	kwx_misuse_also(test, KWX_JOB_FN " on worker kwx_test waits for its own worker");
	kwx_misuse_end(test, "park of worker kwx_test by " KWX_JOB_FN ", its own work");
	KUNIT_EXPECT_EQ(test, -EDEADLK, own.flush_work);
	KUNIT_EXPECT_EQ(test, -EDEADLK, own.flush_worker);
	KUNIT_EXPECT_EQ(test, -EDEADLK, own.park);
	kwx_queued(test, 2);
	kwx_flush(test, kwx_bed_worker(test));
	kwx_expect_log(test, kwx_bed_log(test), 1, 2);
}

static void a_flush_of_no_worker_is_reported(struct kunit *test)
{
	kwx_misuse_begin();
	KUNIT_EXPECT_EQ(test, -EINVAL, kworkerx_flush_worker(ERR_PTR(-ENOMEM)));
	KUNIT_EXPECT_EQ(test, -EINVAL, kworkerx_flush_worker_timeout(NULL, 1));
	kwx_misuse_end(test, "kworkerx: flush of worker");
}

/*
 * Queries
 */

static void expect_state(struct kunit *test, struct kwx_job *job, bool pending,
			 bool busy)
{
	KUNIT_EXPECT_EQ(test, pending, kworkerx_work_pending(KWX_WORK(job)));
	KUNIT_EXPECT_EQ(test, busy, kworkerx_work_busy(KWX_WORK(job)));
}

static void a_work_is_pending_and_busy_when_it_is(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = kwx_held_job(test, NULL, 1);

	expect_state(test, job, false, false);
	KUNIT_EXPECT_TRUE(test, queue_after(test, job, AN_HOUR));
	expect_state(test, job, true, true);
	kworkerx_mod_delayed_work(kwx_bed_worker(test), &job->dwork, 0);
	expect_state(test, job, true, true);
	kwx_release(gate);
	kwx_wait(test, &job->started);
	expect_state(test, job, false, true);
	expect_state(test, gate, false, false);
	KUNIT_EXPECT_TRUE(test, queue(test, job));
	expect_state(test, job, true, true);
	kwx_release(job);
	finish(test, job);
	expect_state(test, job, false, false);
}

static void remaining_is_the_time_to_the_timer(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = kwx_bed_job(test, 1);
	unsigned long left;

	KUNIT_EXPECT_EQ(test, 0UL, kworkerx_delayed_work_remaining(&job->dwork));
	KUNIT_EXPECT_TRUE(test, queue_after(test, job, AN_HOUR));
	left = kworkerx_delayed_work_remaining(&job->dwork);
	KUNIT_EXPECT_LE(test, left, AN_HOUR);
	KUNIT_EXPECT_GT(test, left, AN_HOUR - KWX_TIMEOUT);
	kworkerx_mod_delayed_work(kwx_bed_worker(test), &job->dwork, 1);
	kwx_wait_expired(test, job);
	KUNIT_EXPECT_EQ(test, 0UL, kworkerx_delayed_work_remaining(&job->dwork));
	finish(test, gate);
	KUNIT_EXPECT_EQ(test, 0UL, kworkerx_delayed_work_remaining(&job->dwork));
}

/* Who does the caller seem to be? */
struct self {
	struct kworkerx_worker *worker;
	struct kworkerx_work *work;
};

static void see_self(void *arg)
{
	struct self *self = arg;

	self->worker = kworkerx_current_worker();
	self->work = kworkerx_current_work();
}

/* In the function itself, in an interrupt that hits it, and with a lock. */
static void see_self_everywhere(struct kwx_job *job)
{
	struct self *selves = job->data;

	see_self(&selves[0]);
	kwx_in_irq(see_self, &selves[1]);
	kwx_in_raw_lock(see_self, &selves[2]);
}

static void check_selves(struct kunit *test, struct kworkerx_worker *worker)
{
	struct kwx_job *job = kwx_job(test, NULL, 1);
	/* Neither NULL nor right. */
	struct self other = { kwx_bed_worker(test) + 1, KWX_WORK(job) + 1 };
	struct self selves[3] = { other, other, other };

	job->data = selves;
	job->action = see_self_everywhere;
	kwx_queue(test, worker, job);
	kwx_flush(test, worker);
	KUNIT_EXPECT_PTR_EQ(test, worker, selves[0].worker);
	KUNIT_EXPECT_PTR_EQ(test, KWX_WORK(job), selves[0].work);
	KUNIT_EXPECT_NULL(test, selves[1].worker);
	KUNIT_EXPECT_NULL(test, selves[1].work);
	KUNIT_EXPECT_PTR_EQ(test, worker, selves[2].worker);
	KUNIT_EXPECT_PTR_EQ(test, KWX_WORK(job), selves[2].work);
}

static void a_work_knows_its_worker_and_itself(struct kunit *test)
{
	check_selves(test, kwx_bed_worker(test));
}

/* A thread that comes to kworkerx_worker_fn() by a detour. */
struct detour {
	struct kworkerx_worker *worker;
	struct self before;
	struct self after;
};

static int detour_fn(void *data)
{
	struct detour *detour = data;
	int ret;

	see_self(&detour->before);
	ret = kworkerx_worker_fn(detour->worker);
	see_self(&detour->after);
	return ret;
}

static void a_thread_function_around_the_workers_changes_nothing(struct kunit *test)
{
	struct detour detour = {
		.worker = kwx_bare_worker(test),
		.before.worker = kwx_bed_worker(test),
		.after.worker = kwx_bed_worker(test),
	};
	struct task_struct *task = kthread_run(detour_fn, &detour, "kwx_detour");

	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	check_selves(test, detour.worker);
	KUNIT_EXPECT_EQ(test, 0, kthread_stop(task));
	KUNIT_EXPECT_NULL(test, detour.before.worker);
	KUNIT_EXPECT_NULL(test, detour.before.work);
	KUNIT_EXPECT_NULL(test, detour.after.worker);
	KUNIT_EXPECT_NULL(test, detour.after.work);
}

static void who_is_no_worker_is_told_so(struct kunit *test)
{
	struct self self = { kwx_bed_worker(test), NULL };

	see_self(&self);
	KUNIT_EXPECT_NULL(test, self.worker);
	KUNIT_EXPECT_NULL(test, self.work);
	self.worker = kwx_bed_worker(test);
	kwx_call_returns(test, kwx_call(test, see_self, &self));
	KUNIT_EXPECT_NULL(test, self.worker);
}

/*
 * Calls
 */

struct call {
	struct kworkerx_worker *worker;
	struct kwx_log *log;
	int (*fn)(void *arg);
	int ret;
	struct task_struct *task;
	struct kworkerx_worker *nested;
};

static int see_task(void *arg)
{
	struct call *call = arg;

	call->task = current;
	return -EIO;
}

static void call_op(void *arg)
{
	struct call *call = arg;

	call->ret = kworkerx_call(call->worker, call->fn, call);
}

static struct call *new_call(struct kunit *test, int (*fn)(void *arg))
{
	struct call *call = kunit_kzalloc(test, sizeof(*call), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, call);
	call->worker = kwx_bed_worker(test);
	call->fn = fn;
	return call;
}

static void a_call_runs_on_the_worker_and_returns_its_value(struct kunit *test)
{
	struct call *call = new_call(test, see_task);

	kwx_call_returns(test, kwx_call(test, call_op, call));
	KUNIT_EXPECT_EQ(test, -EIO, call->ret);
	KUNIT_EXPECT_PTR_EQ(test, kwx_bed_worker(test)->task, call->task);
}

static void a_call_takes_its_place_in_the_queue(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct call *call = new_call(test, see_task);
	struct kwx_job *job = kwx_queued_held(test, 1);
	struct kwx_job *behind;
	struct kwx_call *thread;

	thread = kwx_call(test, call_op, call);
	kwx_call_blocks(test, thread);
	behind = kwx_queued_held(test, 2);
	kwx_release(gate);
	kwx_wait(test, &job->started);
	kwx_call_blocks(test, thread);
	KUNIT_EXPECT_NULL(test, call->task);
	kwx_release(job);
	kwx_call_returns(test, thread);
	kwx_wait(test, &behind->started);
	KUNIT_EXPECT_EQ(test, -EIO, call->ret);
}

static int call_again(void *arg)
{
	struct call *call = arg;

	return kworkerx_call(call->worker, see_task, call) - 1;
}

static void call_from_job(struct kwx_job *job)
{
	call_op(job->data);
}

static void a_call_on_the_own_worker_is_made_at_once(struct kunit *test)
{
	struct call *call = new_call(test, call_again);
	struct kwx_job *job = kwx_running(test, 0);

	kwx_queued_held(test, 1);
	job->data = call;
	job->action = call_from_job;
	kwx_release(job);
	kwx_call_returns(test, kwx_call(test, kwx_flush_work_fn, KWX_WORK(job)));
	KUNIT_EXPECT_EQ(test, -EIO - 1, call->ret);
	KUNIT_EXPECT_PTR_EQ(test, kwx_bed_worker(test)->task, call->task);
}

static void a_work_may_call_on_another_worker(struct kunit *test)
{
	struct kworkerx_worker *other = kwx_worker(test);
	struct call *call = new_call(test, see_task);
	struct kwx_job *job = kwx_job(test, NULL, 1);

	job->data = call;
	job->action = call_from_job;
	kwx_queue(test, other, job);
	kwx_flush(test, other);
	KUNIT_EXPECT_EQ(test, -EIO, call->ret);
	KUNIT_EXPECT_PTR_EQ(test, kwx_bed_worker(test)->task, call->task);
}

static void a_call_on_a_plugged_worker_waits(struct kunit *test)
{
	struct call *call = new_call(test, see_task);
	struct kwx_call *thread;

	KUNIT_EXPECT_EQ(test, 0, kworkerx_plug_worker(kwx_bed_worker(test)));
	thread = kwx_call(test, call_op, call);
	kwx_call_blocks(test, thread);
	KUNIT_EXPECT_NULL(test, call->task);
	kworkerx_unplug_worker(kwx_bed_worker(test));
	kwx_call_returns(test, thread);
	KUNIT_EXPECT_EQ(test, -EIO, call->ret);
}

static void a_call_on_no_worker_is_reported(struct kunit *test)
{
	struct call *call = new_call(test, see_task);

	kwx_misuse_begin();
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kworkerx_call(ERR_PTR(-ENOMEM), see_task, call));
	KUNIT_EXPECT_EQ(test, -EINVAL, kworkerx_call(NULL, see_task, call));
	kwx_misuse_end(test, "queued on worker");
	KUNIT_EXPECT_NULL(test, call->task);
}

static int count_up(void *arg)
{
	struct racer *me = arg;

	return ++me->added;
}

static void call_often_fn(void *arg)
{
	struct racer *me = arg;
	int round;

	for (round = 1; round <= ROUNDS; round++)
		me->failed += kworkerx_call(me->worker, count_up, me) != round;
}

static void calls_from_many_threads_each_get_their_own_value(struct kunit *test)
{
	struct racer racers[KWX_THREADS_MAX] = {};
	unsigned int i, nr = kwx_nr_threads(test);

	for (i = 0; i < nr; i++)
		racers[i].worker = kwx_bed_worker(test);
	kwx_calls(test, call_often_fn, racers, sizeof(*racers), nr);
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ(test, 0, racers[i].failed);
}

/*
 * Plug
 */

/* The worker has come to rest and runs none of what is queued. */
static void expect_still(struct kunit *test, struct kwx_job *job)
{
	kwx_await_state(test, kwx_bed_worker(test)->task, TASK_IDLE);
	KUNIT_EXPECT_TRUE(test, kworkerx_work_pending(KWX_WORK(job)));
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
}

static void a_plugged_worker_accepts_works_and_runs_none(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bed_worker(test);
	struct kwx_job *job, *delayed;

	KUNIT_EXPECT_EQ(test, 0L, at_place(test, plug_op, NULL, 0));
	job = kwx_queued(test, 1);
	delayed = armed(test, 2);
	KUNIT_EXPECT_TRUE(test, kworkerx_mod_delayed_work(worker,
							  &delayed->dwork, 1));
	kwx_wait_expired(test, delayed);
	kwx_queued(test, 3);
	expect_still(test, job);
	at_place(test, unplug_op, NULL, 0);
	kwx_flush(test, worker);
	kwx_expect_log(test, kwx_bed_log(test), 1, 2, 3);
}

static void what_runs_goes_on_when_its_worker_is_plugged(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bed_worker(test);
	struct kwx_job *job = kwx_running(test, 1);
	struct kwx_job *next = kwx_queued(test, 2);

	KUNIT_EXPECT_EQ(test, 0, kworkerx_plug_worker(worker));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&job->running));
	kwx_release(job);
	expect_still(test, next);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&job->running));
	kworkerx_unplug_worker(worker);
	kwx_wait(test, &next->started);
}

static void plugs_nest(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bed_worker(test);
	struct kwx_job *job;
	int i;

	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, 0, kworkerx_plug_worker(worker));
	job = kwx_queued(test, 1);
	for (i = 0; i < 2; i++) {
		kworkerx_unplug_worker(worker);
		msleep(20);
		expect_still(test, job);
	}
	kworkerx_unplug_worker(worker);
	kwx_wait(test, &job->started);
}

static void an_unplug_without_plug_is_reported(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bed_worker(test);
	struct kwx_job *job;

	kwx_misuse_begin();
	kworkerx_unplug_worker(worker);
	kwx_misuse_end(test, "kworkerx: worker kwx_test unplugged, but not plugged");
	KUNIT_EXPECT_EQ(test, 0, kworkerx_plug_worker(worker));
	job = kwx_queued(test, 1);
	expect_still(test, job);
	kworkerx_unplug_worker(worker);
	kwx_wait(test, &job->started);
}

static void a_plug_of_no_worker_is_reported(struct kunit *test)
{
	kwx_misuse_begin();
	KUNIT_EXPECT_EQ(test, -EINVAL, kworkerx_plug_worker(ERR_PTR(-ENOMEM)));
	kwx_misuse_end(test, "kworkerx: plug of worker -");
	kwx_misuse_begin();
	KUNIT_EXPECT_EQ(test, -EINVAL, kworkerx_park_worker(NULL));
	kwx_misuse_end(test, "kworkerx: park of worker 0");
	kwx_misuse_begin();
	kworkerx_unplug_worker(NULL);
	kwx_misuse_end(test, "kworkerx: unplug of worker 0");
}

static void a_flush_waits_until_a_worker_is_unplugged(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bed_worker(test);
	struct kwx_job *job;
	struct waiter *flush;

	KUNIT_EXPECT_EQ(test, 0, kworkerx_plug_worker(worker));
	job = kwx_queued(test, 1);
	ends(test, begin(test, flush_worker_timeout_op, NULL, 2), -ETIMEDOUT);
	ends(test, begin(test, flush_work_timeout_op, job, 2), -ETIMEDOUT);
	flush = begin_and_block(test, flush_work_op, job);
	expect_still(test, job);
	kworkerx_unplug_worker(worker);
	ends(test, flush, true);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

/* Who waits for what runs, and for nothing that is queued, does not need more. */
static void a_plug_does_not_hold_back_who_waits_for_what_runs(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bed_worker(test);
	struct kwx_job *job = kwx_running(test, 1);
	struct waiter *flush, *cancel;

	KUNIT_EXPECT_EQ(test, 0, kworkerx_plug_worker(worker));
	flush = begin_and_block(test, flush_work_op, job);
	cancel = begin_and_block(test, cancel_sync_op, job);
	kwx_release(job);
	ends(test, flush, true);
	ends(test, cancel, false);
	/* Nothing is left to wait for. */
	now(test, flush_worker_timeout_op, NULL, 0);
	kworkerx_unplug_worker(worker);
}

static void a_park_does_not_hold_back_who_waits_for_what_runs(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bed_worker(test);
	struct kwx_job *job = kwx_running(test, 1);
	struct waiter *park, *cancel;

	park = begin_and_block(test, park_op, NULL);
	cancel = begin_and_block(test, cancel_sync_op, job);
	kwx_release(job);
	ends(test, cancel, false);
	ends(test, park, 0);
	now(test, flush_worker_timeout_op, NULL, 0);
	kworkerx_unpark_worker(worker);
}

static void a_plugged_works_cancel_does_not_wait(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bed_worker(test);
	struct kwx_job *job;

	KUNIT_EXPECT_EQ(test, 0, kworkerx_plug_worker(worker));
	job = kwx_queued(test, 1);
	now(test, cancel_sync_op, job, true);
	kwx_queued(test, 2);
	kworkerx_unplug_worker(worker);
	kwx_flush(test, worker);
	kwx_expect_log(test, kwx_bed_log(test), 2);
}

static void a_worker_without_a_thread_can_be_plugged(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bare_worker(test);
	struct kwx_job *job = kwx_bed_job(test, 1);

	KUNIT_EXPECT_EQ(test, -ESRCH, kworkerx_park_worker(worker));
	KUNIT_EXPECT_EQ(test, 0, kworkerx_plug_worker(worker));
	kwx_queue(test, worker, job);
	kwx_attach(test, worker);
	msleep(20);
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
	kworkerx_unplug_worker(worker);
	kwx_wait(test, &job->started);
}

static void plug_or_queue_fn(void *arg)
{
	struct racer *me = arg;
	unsigned int round;

	for (round = 0; round < ROUNDS; round++) {
		if (!is_odd(me)) {
			queue_somehow(me);
			continue;
		}
		me->failed += kworkerx_plug_worker(me->worker) != 0;
		udelay(next_random(me) % 64);
		kworkerx_unplug_worker(me->worker);
	}
}

static void plugs_that_race_queueings_lose_nothing(struct kunit *test)
{
	race(test, plug_or_queue_fn);
	kwx_queued(test, 1);
	kwx_flush(test, kwx_bed_worker(test));
	kwx_expect_log(test, kwx_bed_log(test), 1);
}

/*
 * Park
 */

static void park(struct kunit *test, struct kworkerx_worker *worker)
{
	struct waiter *parker = begin(test, park_op, NULL, 0);

	KUNIT_ASSERT_PTR_EQ(test, worker, kwx_bed_worker(test));
	ends(test, parker, 0);
}

static void a_parked_thread_sleeps_and_runs_nothing(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bed_worker(test);
	struct kwx_job *job;

	park(test, worker);
	kwx_await_state(test, worker->task, TASK_IDLE);
	job = kwx_queued(test, 1);
	kwx_queued(test, 2);
	KUNIT_EXPECT_TRUE(test, kworkerx_work_pending(KWX_WORK(job)));
	KUNIT_EXPECT_EQ(test, (unsigned int)TASK_IDLE,
			READ_ONCE(worker->task->__state));
	kworkerx_unpark_worker(worker);
	kwx_flush(test, worker);
	kwx_expect_log(test, kwx_bed_log(test), 1, 2);
	kwx_await_state(test, worker->task, TASK_IDLE);
}

static void park_waits_for_what_runs_but_not_for_the_queue(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bed_worker(test);
	struct kwx_job *job = kwx_running(test, 1);
	struct kwx_job *next = kwx_queued(test, 2);
	struct waiter *parker = begin_and_block(test, park_op, NULL);

	kwx_release(job);
	ends(test, parker, 0);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&job->running));
	kwx_await_state(test, worker->task, TASK_IDLE);
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(next));
	kworkerx_unpark_worker(worker);
	kwx_wait(test, &next->started);
}

static void timers_and_flushes_wait_for_a_parked_worker(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bed_worker(test);
	struct kwx_job *job = kwx_bed_job(test, 1);
	struct waiter *flush;

	park(test, worker);
	KUNIT_EXPECT_TRUE(test, queue_after(test, job, 1));
	kwx_wait_expired(test, job);
	ends(test, begin(test, flush_work_timeout_op, job, 2), -ETIMEDOUT);
	flush = begin_and_block(test, flush_work_op, job);
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
	kworkerx_unpark_worker(worker);
	ends(test, flush, true);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

static void a_worker_can_be_parked_before_it_ever_ran(struct kunit *test)
{
	struct kworkerx_worker *worker =
		kwx_keep_worker(test, kworkerx_create_worker(0, "kwx_test"));
	struct kwx_job *job = kwx_job(test, NULL, 1);

	KUNIT_EXPECT_EQ(test, 0, kworkerx_park_worker(worker));
	kwx_queue(test, worker, job);
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
	kworkerx_unpark_worker(worker);
	kwx_wait(test, &job->started);
}

static void a_second_park_is_refused(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bed_worker(test);
	struct kwx_job *job;

	park(test, worker);
	KUNIT_EXPECT_EQ(test, -EBUSY, kworkerx_park_worker(worker));
	job = kwx_queued(test, 1);
	kwx_await_state(test, worker->task, TASK_IDLE);
	kworkerx_unpark_worker(worker);
	kwx_wait(test, &job->started);
}

static void an_unpark_too_many_is_reported(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bed_worker(test);

	park(test, worker);
	KUNIT_EXPECT_EQ(test, 0, kworkerx_plug_worker(worker));
	kworkerx_unpark_worker(worker);
	kwx_misuse_begin();
	kworkerx_unpark_worker(worker);
	kwx_misuse_end(test, "kworkerx: worker kwx_test unparked, but not parked");
	/* It has not taken the plug away. */
	expect_still(test, kwx_queued(test, 1));
	kworkerx_unplug_worker(worker);
}

static void a_plug_outlasts_a_park(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bed_worker(test);
	struct kwx_job *job;

	KUNIT_EXPECT_EQ(test, 0, kworkerx_plug_worker(worker));
	park(test, worker);
	job = kwx_queued(test, 1);
	kworkerx_unpark_worker(worker);
	expect_still(test, job);
	kworkerx_unplug_worker(worker);
	kwx_wait(test, &job->started);
}

static void a_park_outlasts_a_plug(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bed_worker(test);
	struct kwx_job *job;

	park(test, worker);
	KUNIT_EXPECT_EQ(test, 0, kworkerx_plug_worker(worker));
	job = kwx_queued(test, 1);
	kworkerx_unplug_worker(worker);
	msleep(20);
	KUNIT_EXPECT_EQ(test, (unsigned int)TASK_IDLE,
			READ_ONCE(worker->task->__state));
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
	kworkerx_unpark_worker(worker);
	kwx_wait(test, &job->started);
}

static void an_embedded_worker_can_be_parked_and_stopped(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bare_worker(test);
	struct kwx_job *job = kwx_bed_job(test, 1);

	kwx_attach(test, worker);
	kwx_queue(test, worker, job);
	kwx_flush(test, worker);
	KUNIT_EXPECT_EQ(test, 0, kworkerx_park_worker(worker));
	kwx_await_state(test, worker->task, TASK_IDLE);
	kwx_queue(test, worker, job);
	kwx_call_returns(test, kwx_call(test, kwx_detach_fn, worker));
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
	/* The next thread is not parked, but held, until it is undone. */
	kwx_attach(test, worker);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT,
			kworkerx_flush_worker_timeout(worker, 2));
	kworkerx_unpark_worker(worker);
	kwx_flush(test, worker);
	KUNIT_EXPECT_EQ(test, 2, kwx_runs(job));
}

static void park_and_look(struct racer *me)
{
	int before;

	me->failed += kworkerx_park_worker(me->worker) != 0;
	before = kwx_runs(me->job);
	me->failed += atomic_read(&me->job->running) != 0;
	udelay(next_random(me) % 64);
	me->failed += kwx_runs(me->job) != before;
	kworkerx_unpark_worker(me->worker);
}

/* One thread parks, since a parked worker cannot be parked. */
static void park_or_queue_fn(void *arg)
{
	struct racer *me = arg;
	unsigned int round;

	for (round = 0; round < ROUNDS; round++) {
		if (me->nr == 1)
			park_and_look(me);
		else if (round % 16)
			queue_somehow(me);
		else
			kworkerx_flush_worker(me->worker);
	}
}

static void parks_that_race_queueings_lose_nothing(struct kunit *test)
{
	race(test, park_or_queue_fn);
	kwx_queued(test, 1);
	kwx_flush(test, kwx_bed_worker(test));
	kwx_expect_log(test, kwx_bed_log(test), 1);
}

/*
 * Front
 */

static struct kwx_job *queued_first(struct kunit *test, int id)
{
	struct kwx_job *job = kwx_bed_job(test, id);

	KUNIT_EXPECT_TRUE(test, queue_first(test, job));
	return job;
}

static void works_at_the_front_run_next_last_in_first_out(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);

	kwx_queued(test, 1);
	kwx_queued(test, 2);
	queued_first(test, 3);
	queued_first(test, 4);
	kwx_queued(test, 5);
	finish(test, gate);
	kwx_expect_log(test, kwx_bed_log(test), 0, 4, 3, 1, 2, 5);
}

static void a_work_at_the_front_wakes_an_idle_worker(struct kunit *test)
{
	struct kwx_job *job = kwx_bed_job(test, 1);

	kwx_await_state(test, kwx_bed_worker(test)->task, TASK_IDLE);
	KUNIT_EXPECT_EQ(test, 1L, at_place(test, queue_first_op, job, 0));
	kwx_wait(test, &job->started);
}

static void a_pending_work_keeps_its_place(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job, *delayed;

	kwx_queued(test, 1);
	job = kwx_queued(test, 2);
	delayed = armed(test, 3);
	KUNIT_EXPECT_EQ(test, 0L, at_place(test, queue_first_op, job, 0));
	KUNIT_EXPECT_EQ(test, 0L, at_place(test, queue_first_op, delayed, 0));
	KUNIT_EXPECT_TRUE(test, is_armed(delayed));
	KUNIT_EXPECT_EQ(test, 1L, at_place(test, queue_first_op, gate, 0));
	kwx_release(gate);
	finish(test, gate);
	kwx_expect_log(test, kwx_bed_log(test), 0, 0, 1, 2);
}

static void a_flush_of_what_runs_does_not_wait_for_the_front(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 0);
	struct kwx_job *first = kwx_bed_held_job(test, 1);
	struct waiter *flush = begin_and_block(test, flush_work_op, job);
	struct waiter *cancel = begin_and_block(test, cancel_sync_op, job);

	KUNIT_EXPECT_TRUE(test, queue_first(test, first));
	kwx_release(job);
	ends(test, flush, true);
	ends(test, cancel, false);
	kwx_wait(test, &first->started);
}

static void a_work_at_the_front_runs_before_one_that_is_flushed(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = kwx_queued(test, 1);
	struct waiter *flush = begin_and_block(test, flush_work_op, job);

	queued_first(test, 2);
	finish(test, gate);
	ends(test, flush, true);
	kwx_expect_log(test, kwx_bed_log(test), 0, 2, 1);
}

static void the_front_of_a_plugged_worker_runs_first(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bed_worker(test);

	KUNIT_EXPECT_EQ(test, 0, kworkerx_plug_worker(worker));
	kwx_queued(test, 1);
	queued_first(test, 2);
	kworkerx_unplug_worker(worker);
	kwx_flush(test, worker);
	kwx_expect_log(test, kwx_bed_log(test), 2, 1);
}

static void a_work_of_another_worker_does_not_come_to_the_front(struct kunit *test)
{
	struct kworkerx_worker *other = kwx_worker(test);
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = kwx_queued(test, 1);

	kwx_misuse_begin();
	KUNIT_EXPECT_FALSE(test, kworkerx_queue_work_first(other,
							   KWX_WORK(job)));
	KUNIT_EXPECT_FALSE(test, kworkerx_queue_work_first(other,
							   KWX_WORK(gate)));
	kwx_misuse_end(test, "while worker kwx_test has it");
	finish(test, gate);
	KUNIT_EXPECT_TRUE(test, kworkerx_queue_work_first(other,
							  KWX_WORK(job)));
	kwx_flush(test, other);
	kwx_expect_log(test, kwx_bed_log(test), 0, 1, 1);
}

static void queue_first_on_no_worker_is_reported(struct kunit *test)
{
	struct kwx_job *job = kwx_bed_job(test, 1);

	kwx_misuse_begin();
	KUNIT_EXPECT_FALSE(test, kworkerx_queue_work_first(NULL,
							   KWX_WORK(job)));
	kwx_misuse_end(test, "queued on worker");
	KUNIT_EXPECT_TRUE(test, queue_first(test, job));
	kwx_wait(test, &job->started);
}

static struct kunit_case control_cases[] = {
	KUNIT_CASE_PARAM(cancel_work_finds_every_state, places_gen_params),
	KUNIT_CASE(cancel_work_of_a_running_work_holds_nothing_off),
	KUNIT_CASE(cancel_work_does_not_join_a_cancel_that_waits),
	KUNIT_CASE(cancel_work_leaves_the_order_of_the_rest),
	KUNIT_CASE(cancel_work_takes_a_work_whose_timer_is_firing),
	KUNIT_CASE(both_cancels_take_a_work_whose_timer_is_firing_once),
	KUNIT_CASE_PARAM(what_is_queued_runs_or_is_taken_back_once,
			 threads_gen_params),
	KUNIT_CASE_PARAM(a_disabled_work_is_refused_in_every_way,
			 places_gen_params),
	KUNIT_CASE_PARAM(disable_takes_a_pending_work_back, places_gen_params),
	KUNIT_CASE_PARAM(disable_leaves_a_running_work_but_not_its_next_run,
			 places_gen_params),
	KUNIT_CASE(disable_sync_waits_for_a_running_work),
	KUNIT_CASE(a_work_is_disabled_until_it_is_enabled_as_often),
	KUNIT_CASE(disables_nest_255_times_and_one_more_is_reported),
	KUNIT_CASE(an_enable_without_disable_is_reported),
	KUNIT_CASE(a_disable_outlasts_a_cancel),
	KUNIT_CASE(a_work_that_disables_itself_does_not_wait),
	KUNIT_CASE(disable_takes_a_work_whose_timer_is_firing),
	KUNIT_CASE_PARAM(nothing_runs_while_it_is_disabled, threads_gen_params),
	KUNIT_CASE_PARAM(mod_pending_adds_no_run, places_gen_params),
	KUNIT_CASE_PARAM(mod_pending_changes_the_delay_of_a_pending_work,
			 places_gen_params),
	KUNIT_CASE(mod_pending_leaves_what_somebody_cancels),
	KUNIT_CASE(mod_pending_on_another_worker_is_reported),
	KUNIT_CASE(flush_tells_whether_it_waited),
	KUNIT_CASE(a_flush_that_times_out_leaves_no_trace),
	KUNIT_CASE(a_flush_may_have_all_the_time_there_is),
	KUNIT_CASE(a_flush_in_time_is_0),
	KUNIT_CASE_PARAM(flushes_that_time_out_lose_nothing,
			 threads_gen_params),
	KUNIT_CASE(flush_delayed_runs_an_armed_work_at_once),
	KUNIT_CASE(flush_delayed_of_an_idle_worker_wakes_it),
	KUNIT_CASE(flush_delayed_without_a_timer_is_a_flush),
	KUNIT_CASE(flush_delayed_of_a_running_work_waits_for_its_next_run),
	KUNIT_CASE(flush_delayed_at_expiry_waits_for_the_run),
	KUNIT_CASE(a_work_cannot_wait_for_its_own_worker),
	KUNIT_CASE(a_flush_of_no_worker_is_reported),
	KUNIT_CASE(a_work_is_pending_and_busy_when_it_is),
	KUNIT_CASE(remaining_is_the_time_to_the_timer),
	KUNIT_CASE(a_work_knows_its_worker_and_itself),
	KUNIT_CASE(a_thread_function_around_the_workers_changes_nothing),
	KUNIT_CASE(who_is_no_worker_is_told_so),
	KUNIT_CASE(a_call_runs_on_the_worker_and_returns_its_value),
	KUNIT_CASE(a_call_takes_its_place_in_the_queue),
	KUNIT_CASE(a_call_on_the_own_worker_is_made_at_once),
	KUNIT_CASE(a_work_may_call_on_another_worker),
	KUNIT_CASE(a_call_on_a_plugged_worker_waits),
	KUNIT_CASE(a_call_on_no_worker_is_reported),
	KUNIT_CASE_PARAM(calls_from_many_threads_each_get_their_own_value,
			 threads_gen_params),
	KUNIT_CASE_PARAM(a_plugged_worker_accepts_works_and_runs_none,
			 places_gen_params),
	KUNIT_CASE(what_runs_goes_on_when_its_worker_is_plugged),
	KUNIT_CASE(plugs_nest),
	KUNIT_CASE(an_unplug_without_plug_is_reported),
	KUNIT_CASE(a_plug_of_no_worker_is_reported),
	KUNIT_CASE(a_flush_waits_until_a_worker_is_unplugged),
	KUNIT_CASE(a_plug_does_not_hold_back_who_waits_for_what_runs),
	KUNIT_CASE(a_park_does_not_hold_back_who_waits_for_what_runs),
	KUNIT_CASE(a_plugged_works_cancel_does_not_wait),
	KUNIT_CASE(a_worker_without_a_thread_can_be_plugged),
	KUNIT_CASE_PARAM(plugs_that_race_queueings_lose_nothing,
			 threads_gen_params),
	KUNIT_CASE(a_parked_thread_sleeps_and_runs_nothing),
	KUNIT_CASE(park_waits_for_what_runs_but_not_for_the_queue),
	KUNIT_CASE(timers_and_flushes_wait_for_a_parked_worker),
	KUNIT_CASE(a_worker_can_be_parked_before_it_ever_ran),
	KUNIT_CASE(a_second_park_is_refused),
	KUNIT_CASE(an_unpark_too_many_is_reported),
	KUNIT_CASE(a_plug_outlasts_a_park),
	KUNIT_CASE(a_park_outlasts_a_plug),
	KUNIT_CASE(an_embedded_worker_can_be_parked_and_stopped),
	KUNIT_CASE_PARAM(parks_that_race_queueings_lose_nothing,
			 threads_gen_params),
	KUNIT_CASE(works_at_the_front_run_next_last_in_first_out),
	KUNIT_CASE_PARAM(a_work_at_the_front_wakes_an_idle_worker,
			 places_gen_params),
	KUNIT_CASE_PARAM(a_pending_work_keeps_its_place, places_gen_params),
	KUNIT_CASE(a_flush_of_what_runs_does_not_wait_for_the_front),
	KUNIT_CASE(a_work_at_the_front_runs_before_one_that_is_flushed),
	KUNIT_CASE(the_front_of_a_plugged_worker_runs_first),
	KUNIT_CASE(a_work_of_another_worker_does_not_come_to_the_front),
	KUNIT_CASE(queue_first_on_no_worker_is_reported),
	{}
};

static struct kunit_suite control_suite = {
	.name = "kworkerx_control",
	.init = kwx_bed_init,
	.test_cases = control_cases,
};

kunit_test_suite(control_suite);
