// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waits that tell how they have ended: flushes, with a timeout or without, and
 * calls on a worker.
 */
#include "control.h"

KUNIT_ARRAY_PARAM(threads, kwx_threads, kwx_threads_desc);

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
	struct op *op = kwx_calloc(test, 1, sizeof(*op));
	const struct kwx_guest guest = { .fn = flush_delayed_op, .arg = op };

	op->job = job;
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
	struct own_calls *own = kwx_calloc(test, 1, sizeof(*own));

	job->worker = kwx_bed_worker(test);
	job->data = own;
	job->action = call_for_own_worker;
	kwx_misuse_begin();
	finish(test, job);
	kwx_misuse_also(test, KWX_JOB_FN " on worker kwx_test waits for its own worker");
	kwx_misuse_end(test, "park of worker kwx_test by " KWX_JOB_FN ", its own work");
	KUNIT_EXPECT_EQ(test, -EDEADLK, own->flush_work);
	KUNIT_EXPECT_EQ(test, -EDEADLK, own->flush_worker);
	KUNIT_EXPECT_EQ(test, -EDEADLK, own->park);
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
	unsigned int round;

	for (round = 1; round <= me->rounds; round++)
		me->failed += kworkerx_call(me->worker, count_up, me) != round;
}

static void calls_from_many_threads_each_get_their_own_value(struct kunit *test)
{
	unsigned int i, nr = kwx_nr_threads(test);
	struct racer *racers = kwx_calloc(test, nr, sizeof(*racers));

	for (i = 0; i < nr; i++) {
		racers[i].worker = kwx_bed_worker(test);
		racers[i].rounds = ROUNDS / nr;
	}
	kwx_calls(test, call_often_fn, racers, sizeof(*racers), nr);
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ(test, 0, racers[i].failed);
}

static struct kunit_case wait_cases[] = {
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
	KUNIT_CASE(a_call_runs_on_the_worker_and_returns_its_value),
	KUNIT_CASE(a_call_takes_its_place_in_the_queue),
	KUNIT_CASE(a_call_on_the_own_worker_is_made_at_once),
	KUNIT_CASE(a_work_may_call_on_another_worker),
	KUNIT_CASE(a_call_on_a_plugged_worker_waits),
	KUNIT_CASE(a_call_on_no_worker_is_reported),
	KUNIT_CASE_PARAM(calls_from_many_threads_each_get_their_own_value,
			 threads_gen_params),
	{}
};

static struct kunit_suite wait_suite = {
	.name = "kworkerx_wait",
	.init = kwx_bed_init,
	.test_cases = wait_cases,
};

kunit_test_suite(wait_suite);
