// SPDX-License-Identifier: GPL-2.0-only
/*
 * Workers are plugged and parked.
 */
#include <linux/delay.h>

#include "control.h"

KUNIT_ARRAY_PARAM(places, kwx_wheres, kwx_where_desc);
KUNIT_ARRAY_PARAM(threads, kwx_threads, kwx_threads_desc);

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

static struct kunit_case plug_cases[] = {
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
	{}
};

static struct kunit_suite plug_suite = {
	.name = "kworkerx_plug",
	.init = kwx_bed_init,
	.test_cases = plug_cases,
};

kunit_test_suite(plug_suite);
