// SPDX-License-Identifier: GPL-2.0-only
/*
 * Works beyond queue, flush and cancel: taken back without a wait, disabled,
 * expedited, put before others, and asked about.
 */
#include <linux/delay.h>

#include "control.h"

#define DISABLES_MAX	255

KUNIT_ARRAY_PARAM(places, kwx_wheres, kwx_where_desc);
KUNIT_ARRAY_PARAM(threads, kwx_threads, kwx_threads_desc);

static void cancel_delayed_op(void *arg)
{
	struct op *op = arg;

	op->ret = kworkerx_cancel_delayed_work(&op->job->dwork);
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

static void queue_first_op(void *arg)
{
	struct op *op = arg;

	op->ret = kworkerx_queue_work_first(op->worker, KWX_WORK(op->job));
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
	struct op *ops = kwx_calloc(test, 2, sizeof(*ops));
	const struct kwx_guest guests[2] = {
		{ .fn = first, .arg = &ops[0] },
		{ .fn = second, .arg = &ops[1] },
	};

	ops[0].job = job;
	ops[1].job = job;
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
	struct self *selves = kwx_calloc(test, 3, sizeof(*selves));
	int i;

	for (i = 0; i < 3; i++)
		selves[i] = other;
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
	struct task_struct *task;
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

static void end_detour(struct kunit_resource *res)
{
	struct detour *detour = res->data;

	if (detour->task)
		kthread_stop(detour->task);
}

static void a_thread_function_around_the_workers_changes_nothing(struct kunit *test)
{
	struct detour *detour = kwx_calloc(test, 1, sizeof(*detour));

	detour->worker = kwx_bare_worker(test);
	detour->before.worker = kwx_bed_worker(test);
	detour->after.worker = kwx_bed_worker(test);
	detour->task = kthread_run(detour_fn, detour, "kwx_detour");
	KUNIT_ASSERT_FALSE(test, IS_ERR(detour->task));
	kwx_own(test, end_detour, detour);
	check_selves(test, detour->worker);
	KUNIT_EXPECT_EQ(test, 0, kthread_stop(detour->task));
	detour->task = NULL;
	KUNIT_EXPECT_NULL(test, detour->before.worker);
	KUNIT_EXPECT_NULL(test, detour->before.work);
	KUNIT_EXPECT_NULL(test, detour->after.worker);
	KUNIT_EXPECT_NULL(test, detour->after.work);
}

static void who_is_no_worker_is_told_so(struct kunit *test)
{
	struct self *self = kwx_calloc(test, 1, sizeof(*self));

	self->worker = kwx_bed_worker(test);
	see_self(self);
	KUNIT_EXPECT_NULL(test, self->worker);
	KUNIT_EXPECT_NULL(test, self->work);
	self->worker = kwx_bed_worker(test);
	kwx_call_returns(test, kwx_call(test, see_self, self));
	KUNIT_EXPECT_NULL(test, self->worker);
}

static struct kunit_case work_cases[] = {
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
	KUNIT_CASE(a_work_is_pending_and_busy_when_it_is),
	KUNIT_CASE(remaining_is_the_time_to_the_timer),
	KUNIT_CASE(a_work_knows_its_worker_and_itself),
	KUNIT_CASE(a_thread_function_around_the_workers_changes_nothing),
	KUNIT_CASE(who_is_no_worker_is_told_so),
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

static struct kunit_suite work_suite = {
	.name = "kworkerx_work",
	.init = kwx_bed_init,
	.test_cases = work_cases,
};

kunit_test_suite(work_suite);
