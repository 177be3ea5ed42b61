// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a cancel takes back, what it waits for, and what it keeps out.
 */
#include <linux/delay.h>

#include "common.h"

KUNIT_ARRAY_PARAM(threads, kwx_threads, kwx_threads_desc);

static struct kworkerx_worker *bed_worker(struct kunit *test)
{
	return ((struct kwx_bed *)test->priv)->worker;
}

static struct kwx_log *bed_log(struct kunit *test)
{
	return ((struct kwx_bed *)test->priv)->log;
}

static bool cancel(struct kwx_job *job)
{
	return kworkerx_cancel_work_sync(KWX_WORK(job));
}

static struct kwx_call *cancel_blocks(struct kunit *test, struct kwx_job *job)
{
	struct kwx_call *call = kwx_call(test, kwx_cancel_work_fn,
					 KWX_WORK(job));

	kwx_call_blocks(test, call);
	return call;
}

static void cancel_of_a_never_queued_work_is_false(struct kunit *test)
{
	struct kwx_job *job = kwx_job(test, bed_log(test), 1);

	KUNIT_EXPECT_FALSE(test, cancel(job));
	kwx_queue(test, bed_worker(test), job);
	kworkerx_flush_worker(bed_worker(test));
	kwx_expect_log(test, bed_log(test), 1);
}

static void cancel_of_an_idle_work_is_false(struct kunit *test)
{
	struct kwx_job *job = kwx_queued(test, 1);

	kworkerx_flush_worker(bed_worker(test));
	KUNIT_EXPECT_FALSE(test, cancel(job));
}

static void cancel_of_a_pending_work_is_true_once(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = kwx_queued(test, 1);

	KUNIT_EXPECT_TRUE(test, cancel(job));
	KUNIT_EXPECT_FALSE(test, cancel(job));
	kwx_release(gate);
	kworkerx_flush_worker(bed_worker(test));
	kwx_expect_log(test, bed_log(test), 0);
}

static void cancel_at_any_place_keeps_the_order_of_the_rest(struct kunit *test)
{
	static const int rest[4][3] = {
		{ 2, 3, 4 }, { 1, 3, 4 }, { 1, 2, 4 }, { 1, 2, 3 },
	};
	struct kwx_job *gate, *jobs[4];
	int place, i;

	for (place = 0; place < 4; place++) {
		bed_log(test)->nr = 0;
		gate = kwx_running(test, 0);
		for (i = 0; i < 4; i++)
			jobs[i] = kwx_queued(test, i + 1);
		KUNIT_EXPECT_TRUE(test, cancel(jobs[place]));
		kwx_release(gate);
		kworkerx_flush_worker(bed_worker(test));
		kwx_expect_log(test, bed_log(test), 0, rest[place][0],
			       rest[place][1], rest[place][2]);
	}
}

static void cancel_of_the_last_leaves_room_for_the_next(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = kwx_queued(test, 1);

	KUNIT_EXPECT_TRUE(test, cancel(job));
	kwx_queued(test, 2);
	kwx_queue(test, bed_worker(test), job);
	kwx_release(gate);
	kworkerx_flush_worker(bed_worker(test));
	kwx_expect_log(test, bed_log(test), 0, 2, 1);
}

static void cancel_of_a_running_work_waits_for_it_only(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);
	struct kwx_job *behind = kwx_queued_held(test, 2);
	struct kwx_call *call = cancel_blocks(test, job);

	kwx_release(job);
	kwx_wait(test, &behind->started);
	kwx_call_returns(test, call);
	kwx_expect_log(test, bed_log(test), 1, 2);
}

static void cancel_of_a_running_and_pending_work_takes_the_pending(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);
	struct kwx_call *call;

	kwx_queue(test, bed_worker(test), job);
	call = cancel_blocks(test, job);
	kwx_release(job);
	kwx_call_returns(test, call);
	kworkerx_flush_worker(bed_worker(test));
	kwx_expect_log(test, bed_log(test), 1);
}

/* All ways to queue; mainline's mod returns true here, too. */
static void a_work_that_is_cancelled_cannot_be_queued(struct kunit *test)
{
	struct kworkerx_worker *worker = bed_worker(test);
	struct kwx_job *job = kwx_running(test, 1);
	struct kwx_call *call = cancel_blocks(test, job);

	KUNIT_EXPECT_FALSE(test, kworkerx_queue_work(worker, KWX_WORK(job)));
	KUNIT_EXPECT_FALSE(test, kworkerx_queue_delayed_work(worker, &job->dwork, 0));
	KUNIT_EXPECT_FALSE(test, kworkerx_queue_delayed_work(worker, &job->dwork, 1));
	KUNIT_EXPECT_TRUE(test, kworkerx_mod_delayed_work(worker, &job->dwork, 0));
	kwx_release(job);
	kwx_call_returns(test, call);
	kworkerx_flush_worker(worker);
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&job->runs));

	job->held = false;
	kwx_queue(test, worker, job);
	kworkerx_flush_worker(worker);
	KUNIT_EXPECT_EQ(test, 2, atomic_read(&job->runs));
}

static void requeue(struct kwx_job *job)
{
	if (kworkerx_queue_work(job->worker, KWX_WORK(job)))
		job->data = job;
}

static void a_work_that_is_cancelled_cannot_queue_itself(struct kunit *test)
{
	struct kwx_job *job = kwx_held_job(test, bed_log(test), 1);
	struct kwx_call *call;

	job->action = requeue;
	job->worker = bed_worker(test);
	kwx_hold(test, job->worker, job);
	call = cancel_blocks(test, job);
	kwx_release(job);
	kwx_call_returns(test, call);
	KUNIT_EXPECT_NULL(test, job->data);
	kwx_expect_log(test, bed_log(test), 1);
}

static void all_cancellers_wait_for_the_function(struct kunit *test)
{
	unsigned int i, nr = *(const unsigned int *)test->param_value;
	struct kwx_job *job = kwx_running(test, 1);
	struct kwx_call *calls[KWX_THREADS_MAX];

	for (i = 0; i < nr; i++)
		calls[i] = cancel_blocks(test, job);
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_FALSE(test, completion_done(&calls[i]->done));
	kwx_release(job);
	for (i = 0; i < nr; i++)
		kwx_call_returns(test, calls[i]);
	job->held = false;
	kwx_queue(test, bed_worker(test), job);
}

static void cancel_self(struct kwx_job *job)
{
	requeue(job);
	job->data = cancel(job) ? job : NULL;
}

static void cancel_from_the_own_function_is_reported(struct kunit *test)
{
	struct kwx_job *job = kwx_job(test, bed_log(test), 1);

	job->action = cancel_self;
	job->worker = bed_worker(test);
	kwx_misuse_begin();
	kwx_queue(test, job->worker, job);
	kworkerx_flush_worker(job->worker);
	kwx_misuse_end(test, "waits for its own worker");
	KUNIT_EXPECT_PTR_EQ(test, (void *)job, job->data);
	kwx_expect_log(test, bed_log(test), 1);
}

static void cancel_works_without_a_thread(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bare_worker(test);
	struct kwx_job *job = kwx_job(test, bed_log(test), 1);

	kwx_queue(test, worker, job);
	KUNIT_EXPECT_TRUE(test, cancel(job));
	KUNIT_EXPECT_FALSE(test, cancel(job));
}

static void cancel_stops_the_timer(struct kunit *test)
{
	struct kwx_job *job = kwx_job(test, bed_log(test), 1);
	struct kworkerx_worker *worker = bed_worker(test);

	KUNIT_EXPECT_TRUE(test, kworkerx_queue_delayed_work(worker, &job->dwork, HZ * 3600));
	KUNIT_EXPECT_TRUE(test, kworkerx_cancel_delayed_work_sync(&job->dwork));
	KUNIT_EXPECT_FALSE(test, timer_pending(&job->dwork.timer));
	KUNIT_EXPECT_TRUE(test, kworkerx_queue_delayed_work(worker, &job->dwork, HZ * 3600));
	/* Mainline forbids this one for a delayed work. */
	KUNIT_EXPECT_TRUE(test, cancel(job));
	KUNIT_EXPECT_FALSE(test, timer_pending(&job->dwork.timer));
}

/* Whatever the timer and the canceller do to each other, the sum is right. */
static void cancel_and_an_expiring_timer_count_each_run_once(struct kunit *test)
{
	struct kwx_job *job = kwx_job(test, NULL, 1);
	struct kworkerx_worker *worker = bed_worker(test);
	int i, taken = 0;

	for (i = 0; i < 300; i++) {
		KUNIT_ASSERT_TRUE(test, kworkerx_queue_delayed_work(worker, &job->dwork, i % 3));
		ndelay(i * 977 % 50000);
		if (i % 2)
			schedule_timeout_uninterruptible(1);
		taken += kworkerx_cancel_delayed_work_sync(&job->dwork);
		KUNIT_ASSERT_EQ(test, i + 1, taken + atomic_read(&job->runs));
		KUNIT_ASSERT_EQ(test, 0, atomic_read(&job->running));
	}
}

struct producer {
	struct kwx_job *job;
	int accepted;
};

static void produce(void *data)
{
	struct producer *producer = data;
	int i;

	for (i = 0; i < 1000; i++)
		producer->accepted += kworkerx_queue_work(producer->job->worker,
							  KWX_WORK(producer->job));
}

static void cancel_among_producers_loses_nothing(struct kunit *test)
{
	unsigned int i, nr = *(const unsigned int *)test->param_value;
	struct kwx_job *job = kwx_job(test, NULL, 1);
	struct producer producers[KWX_THREADS_MAX] = {};
	struct kwx_call *calls[KWX_THREADS_MAX];
	int accepted = 0, taken = 0;
	bool busy;

	job->worker = bed_worker(test);
	for (i = 0; i < nr; i++) {
		producers[i].job = job;
		calls[i] = kwx_call(test, produce, &producers[i]);
	}
	do {
		taken += cancel(job);
		cond_resched();
		for (busy = false, i = 0; i < nr; i++)
			busy |= !completion_done(&calls[i]->done);
	} while (busy);
	taken += cancel(job);
	for (i = 0; i < nr; i++)
		accepted += producers[i].accepted;
	KUNIT_EXPECT_EQ(test, accepted, taken + atomic_read(&job->runs));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&job->overlaps));
}

static struct kunit_case kworkerx_cancel_cases[] = {
	KUNIT_CASE(cancel_of_a_never_queued_work_is_false),
	KUNIT_CASE(cancel_of_an_idle_work_is_false),
	KUNIT_CASE(cancel_of_a_pending_work_is_true_once),
	KUNIT_CASE(cancel_at_any_place_keeps_the_order_of_the_rest),
	KUNIT_CASE(cancel_of_the_last_leaves_room_for_the_next),
	KUNIT_CASE(cancel_of_a_running_work_waits_for_it_only),
	KUNIT_CASE(cancel_of_a_running_and_pending_work_takes_the_pending),
	KUNIT_CASE(a_work_that_is_cancelled_cannot_be_queued),
	KUNIT_CASE(a_work_that_is_cancelled_cannot_queue_itself),
	KUNIT_CASE_PARAM(all_cancellers_wait_for_the_function, threads_gen_params),
	KUNIT_CASE(cancel_from_the_own_function_is_reported),
	KUNIT_CASE(cancel_works_without_a_thread),
	KUNIT_CASE(cancel_stops_the_timer),
	KUNIT_CASE(cancel_and_an_expiring_timer_count_each_run_once),
	KUNIT_CASE_PARAM(cancel_among_producers_loses_nothing, threads_gen_params),
	{}
};

static struct kunit_suite kworkerx_cancel_suite = {
	.name = "kworkerx_cancel",
	.init = kwx_bed_init,
	.test_cases = kworkerx_cancel_cases,
};

kunit_test_suite(kworkerx_cancel_suite);
