// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a flush waits for, and what it does not wait for.
 *
 * Most cases have the same shape.  A held job keeps the worker busy while the
 * queue is made, threads start to flush, then the jobs are let go one at a
 * time.  A held job that has started tells how far the worker has come, and
 * all barriers in front of it have been completed by then: so "it still
 * blocks" and "it has returned" are facts at each step, not guesses.
 */
#include <linux/slab.h>

#include "common.h"

#define NR_JOBS		4

KUNIT_ARRAY_PARAM(threads, kwx_threads, kwx_threads_desc);

static struct kwx_call *flush_starts(struct kunit *test, struct kwx_job *job)
{
	return kwx_call(test, kwx_flush_work_fn, KWX_WORK(job));
}

static struct kwx_call *flush_blocks(struct kunit *test, struct kwx_job *job)
{
	struct kwx_call *flush = flush_starts(test, job);

	kwx_call_blocks(test, flush);
	return flush;
}

static void flush_returns(struct kunit *test, struct kwx_job *job)
{
	kwx_call_returns(test, flush_starts(test, job));
}

static struct kwx_call *flush_worker_blocks(struct kunit *test,
					    struct kworkerx_worker *worker)
{
	struct kwx_call *flush = kwx_call(test, kwx_flush_worker_fn, worker);

	kwx_call_blocks(test, flush);
	return flush;
}

/* A job whose timer will not fire during the test. */
static struct kwx_job *armed(struct kunit *test, int id)
{
	struct kwx_job *job = kwx_bed_job(test, id);

	KUNIT_EXPECT_TRUE(test,
			  kworkerx_queue_delayed_work(kwx_bed_worker(test),
						      &job->dwork, 3600 * HZ));
	return job;
}

/*
 * One work
 */

static void flush_of_a_never_queued_work_returns(struct kunit *test)
{
	struct kwx_job *job = kwx_job(test, NULL, 1);

	kwx_running(test, 0);
	flush_returns(test, job);
}

static void flush_of_an_idle_work_does_not_wait_for_the_worker(struct kunit *test)
{
	struct kwx_job *job = kwx_queued(test, 1);

	flush_returns(test, job);
	kwx_running(test, 2);
	kwx_queued_held(test, 3);
	flush_returns(test, job);
	kwx_expect_log(test, kwx_bed_log(test), 1, 2);
}

static void flush_of_a_pending_work_waits_for_it(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = kwx_queued_held(test, 1);
	struct kwx_call *flush = flush_blocks(test, job);

	kwx_step(test, gate, job);
	kwx_call_blocks(test, flush);
	kwx_release(job);
	kwx_call_returns(test, flush);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&job->running));
	kwx_expect_log(test, kwx_bed_log(test), 0, 1);
}

static void flush_of_a_pending_work_does_not_wait_for_later_ones(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = kwx_queued(test, 1);
	struct kwx_job *behind = kwx_queued_held(test, 2);
	struct kwx_call *flush = flush_blocks(test, job);
	struct kwx_job *later = kwx_queued_held(test, 3);

	kwx_step(test, gate, behind);
	kwx_call_returns(test, flush);
	kwx_step(test, behind, later);
	kwx_expect_log(test, kwx_bed_log(test), 0, 1, 2, 3);
}

static void flush_of_a_running_work_does_not_wait_for_pending_ones(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);
	struct kwx_job *behind = kwx_queued_held(test, 2);
	struct kwx_call *flush = flush_blocks(test, job);

	kwx_step(test, job, behind);
	kwx_call_returns(test, flush);
	kwx_expect_log(test, kwx_bed_log(test), 1, 2);
}

static void flush_of_a_running_work_waits_on_an_empty_queue(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);
	struct kwx_call *flush = flush_blocks(test, job);

	kwx_release(job);
	kwx_call_returns(test, flush);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&job->running));
}

/*
 * A work that is queued again
 */

static void flush_of_a_running_and_pending_work_waits_for_the_pending(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);
	struct kwx_job *between = kwx_queued_held(test, 2);
	struct kwx_job *behind;
	struct kwx_call *flush;

	kwx_queue(test, kwx_bed_worker(test), job);
	behind = kwx_queued_held(test, 3);
	flush = flush_blocks(test, job);
	kwx_step(test, job, between);
	kwx_call_blocks(test, flush);
	kwx_step(test, between, job);
	kwx_call_blocks(test, flush);
	kwx_step(test, job, behind);
	kwx_call_returns(test, flush);
	kwx_expect_log(test, kwx_bed_log(test), 1, 2, 1, 3);
}

static void flush_of_a_running_work_does_not_wait_for_its_next_run(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);
	struct kwx_call *flush = flush_blocks(test, job);

	kwx_queue(test, kwx_bed_worker(test), job);
	kwx_step(test, job, job);
	kwx_call_returns(test, flush);
	KUNIT_EXPECT_EQ(test, 2, kwx_runs(job));
}

static void flush_of_a_pending_work_does_not_wait_for_its_next_run(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = kwx_queued_held(test, 1);
	struct kwx_call *flush = flush_blocks(test, job);

	kwx_step(test, gate, job);
	kwx_queue(test, kwx_bed_worker(test), job);
	kwx_call_blocks(test, flush);
	kwx_step(test, job, job);
	kwx_call_returns(test, flush);
	KUNIT_EXPECT_EQ(test, 2, kwx_runs(job));
}

static void requeue(struct kwx_job *job)
{
	kworkerx_queue_work(job->worker, KWX_WORK(job));
}

/* Each flush waits for what is pending as it starts, or else for the run. */
static void flush_of_a_work_that_queues_itself_waits_for_one_run(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = kwx_held_job(test, NULL, 1);
	struct kwx_call *flush;
	int run;

	job->worker = kwx_bed_worker(test);
	job->action = requeue;
	kwx_queue(test, job->worker, job);
	flush = flush_blocks(test, job);
	kwx_step(test, gate, job);
	for (run = 1; run < 4; run++) {
		kwx_call_blocks(test, flush);
		kwx_step(test, job, job);
		kwx_call_returns(test, flush);
		flush = flush_blocks(test, job);
	}
	KUNIT_EXPECT_EQ(test, run, kwx_runs(job));
	kwx_release(job);
	kwx_call_returns(test, flush);
}

/*
 * Every order of four works, of which any are cancelled, before or after the
 * flush of any has started
 */

struct order {
	struct kwx_job *gate;
	struct kwx_job *jobs[NR_JOBS];
	unsigned int target;
	unsigned int cancelled;	/* one bit a job */
	bool late;		/* they are cancelled after the flush started */
};

static const unsigned int targets[] = { 0, 1, 2, 3 };

static void target_desc(const unsigned int *target, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "target=%u", *target);
}

KUNIT_ARRAY_PARAM(target, targets, target_desc);

static void cancel_some(struct kunit *test, struct order *order)
{
	struct kworkerx_work *work;
	unsigned int i;

	for (i = 0; i < NR_JOBS; i++) {
		if (!(order->cancelled & BIT(i)))
			continue;
		work = KWX_WORK(order->jobs[i]);
		KUNIT_EXPECT_TRUE(test, kworkerx_cancel_work_sync(work));
	}
}

static struct kwx_call *queue_and_flush(struct kunit *test, struct order *order)
{
	struct kwx_call *flush;
	unsigned int i;

	kwx_bed_log(test)->nr = 0;
	kwx_hold(test, kwx_bed_worker(test), order->gate);
	for (i = 0; i < NR_JOBS; i++)
		kwx_queue(test, kwx_bed_worker(test), order->jobs[i]);
	if (!order->late)
		cancel_some(test, order);
	flush = flush_starts(test, order->jobs[order->target]);
	if (!order->late && (order->cancelled & BIT(order->target)))
		kwx_call_returns(test, flush);
	else
		kwx_call_blocks(test, flush);
	if (order->late)
		cancel_some(test, order);
	return flush;
}

/* A target that is cancelled early is not waited for, one late leaves a gap. */
static bool waits_for(struct order *order, unsigned int i)
{
	return i <= order->target &&
	       (order->late || !(order->cancelled & BIT(order->target)));
}

static void check_order(struct kunit *test, struct order *order)
{
	struct kwx_call *flush = queue_and_flush(test, order);
	struct kwx_job *last = order->gate;
	unsigned int i, nr = 0;
	int ids[NR_JOBS + 1];

	ids[nr++] = order->gate->id;
	for (i = 0; i < NR_JOBS; i++) {
		if (order->cancelled & BIT(i))
			continue;
		kwx_step(test, last, order->jobs[i]);
		if (waits_for(order, i))
			kwx_call_blocks(test, flush);
		else
			kwx_call_returns(test, flush);
		last = order->jobs[i];
		ids[nr++] = last->id;
	}
	kwx_release(last);
	kwx_call_returns(test, flush);
	kwx_flush(test, kwx_bed_worker(test));
	kwx_expect_order(test, kwx_bed_log(test), ids, nr);
}

static void flush_returns_in_its_place_whatever_is_cancelled(struct kunit *test)
{
	struct order order = {
		.target = *(const unsigned int *)test->param_value,
	};
	unsigned int i;

	order.gate = kwx_bed_held_job(test, NR_JOBS);
	for (i = 0; i < NR_JOBS; i++)
		order.jobs[i] = kwx_bed_held_job(test, i);
	for (i = 0; i < 2 << NR_JOBS; i++) {
		order.late = i & 1;
		order.cancelled = i >> 1;
		check_order(test, &order);
	}
}

static void flush_returns_although_its_work_is_cancelled(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = kwx_queued(test, 1);
	struct kwx_call *flush = flush_blocks(test, job);
	struct kwx_job *behind = kwx_queued_held(test, 2);

	KUNIT_EXPECT_TRUE(test, kworkerx_cancel_work_sync(KWX_WORK(job)));
	kwx_call_blocks(test, flush);
	kwx_step(test, gate, behind);
	kwx_call_returns(test, flush);
	kwx_expect_log(test, kwx_bed_log(test), 0, 2);
}

static void flush_and_cancel_of_a_running_work_both_return(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);
	struct kwx_call *before = flush_blocks(test, job);
	struct kwx_call *cancel = kwx_call(test, kwx_cancel_work_fn,
					   KWX_WORK(job));
	struct kwx_call *after;

	kwx_call_blocks(test, cancel);
	after = flush_blocks(test, job);
	kwx_release(job);
	kwx_call_returns(test, before);
	kwx_call_returns(test, cancel);
	kwx_call_returns(test, after);
}

/*
 * Several flushers
 */

static void flushers_of_a_pending_work_all_return(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = kwx_queued_held(test, 1);
	struct kwx_job *behind = kwx_queued_held(test, 2);
	struct kwx_call *flush[KWX_THREADS_MAX];
	unsigned int i, nr = kwx_nr_threads(test);

	for (i = 0; i < nr; i++)
		flush[i] = flush_blocks(test, job);
	kwx_step(test, gate, job);
	for (i = 0; i < nr; i++)
		kwx_call_blocks(test, flush[i]);
	kwx_step(test, job, behind);
	for (i = 0; i < nr; i++)
		kwx_call_returns(test, flush[i]);
}

static void flushers_of_a_running_work_all_return(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);
	struct kwx_job *behind = kwx_queued_held(test, 2);
	struct kwx_call *flush[KWX_THREADS_MAX];
	unsigned int i, nr = kwx_nr_threads(test);

	for (i = 0; i < nr; i++)
		flush[i] = flush_blocks(test, job);
	kwx_step(test, job, behind);
	for (i = 0; i < nr; i++)
		kwx_call_returns(test, flush[i]);
}

/*
 * A flush of each of three works and one of the worker, started in eight
 * different orders: each returns in its place, and no barrier moves a work.
 */
static void check_barriers(struct kunit *test, struct kwx_job **jobs,
			   unsigned int first, unsigned int stride)
{
	struct kwx_call *flush[NR_JOBS];
	unsigned int i, place, k;

	kwx_bed_log(test)->nr = 0;
	kwx_hold(test, kwx_bed_worker(test), jobs[0]);
	for (i = 1; i < NR_JOBS; i++)
		kwx_queue(test, kwx_bed_worker(test), jobs[i]);
	for (i = 0; i < NR_JOBS; i++) {
		k = (first + i * stride) % NR_JOBS;
		flush[k] = k ? flush_blocks(test, jobs[k]) :
			       flush_worker_blocks(test, kwx_bed_worker(test));
	}
	for (place = 1; place < NR_JOBS; place++) {
		kwx_step(test, jobs[place - 1], jobs[place]);
		kwx_call_blocks(test, flush[0]);
		for (k = 1; k < place; k++)
			kwx_call_returns(test, flush[k]);
		for (; k < NR_JOBS; k++)
			kwx_call_blocks(test, flush[k]);
	}
	kwx_release(jobs[NR_JOBS - 1]);
	for (k = 0; k < NR_JOBS; k++)
		kwx_call_returns(test, flush[k]);
	kwx_expect_log(test, kwx_bed_log(test), 0, 1, 2, 3);
}

static void flushes_keep_their_places_and_the_order_of_works(struct kunit *test)
{
	struct kwx_job *jobs[NR_JOBS];
	unsigned int i;

	for (i = 0; i < NR_JOBS; i++)
		jobs[i] = kwx_bed_held_job(test, i);
	for (i = 0; i < NR_JOBS; i++) {
		check_barriers(test, jobs, i, 1);
		check_barriers(test, jobs, i, NR_JOBS - 1);
	}
}

/*
 * The worker
 */

static void flush_of_an_idle_worker_returns(struct kunit *test)
{
	kwx_flush(test, kwx_bed_worker(test));
	flush_returns(test, kwx_queued(test, 1));
	kwx_flush(test, kwx_bed_worker(test));
}

static void flush_of_a_worker_waits_for_all_queued_before(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *first = kwx_queued_held(test, 1);
	struct kwx_job *last = kwx_queued_held(test, 2);
	struct kwx_call *flush =
		flush_worker_blocks(test, kwx_bed_worker(test));
	struct kwx_job *later = kwx_queued_held(test, 3);

	kwx_step(test, gate, first);
	kwx_call_blocks(test, flush);
	kwx_step(test, first, last);
	kwx_call_blocks(test, flush);
	kwx_step(test, last, later);
	kwx_call_returns(test, flush);
	kwx_expect_log(test, kwx_bed_log(test), 0, 1, 2, 3);
}

static void flush_of_a_worker_waits_for_a_running_work(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);
	struct kwx_call *flush =
		flush_worker_blocks(test, kwx_bed_worker(test));

	kwx_release(job);
	kwx_call_returns(test, flush);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&job->running));
}

static void queue_another(struct kwx_job *job)
{
	struct kwx_job *another = job->data;

	kwx_queue(job->test, job->worker, another);
}

static void flush_of_a_worker_does_not_wait_for_chained_works(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);
	struct kwx_job *chained = kwx_bed_held_job(test, 2);
	struct kwx_call *flush =
		flush_worker_blocks(test, kwx_bed_worker(test));

	job->worker = kwx_bed_worker(test);
	job->data = chained;
	job->action = queue_another;
	kwx_step(test, job, chained);
	kwx_call_returns(test, flush);
}

struct mortal {
	struct kworkerx_work work;
	struct completion *gone;
};

static void free_itself(struct kworkerx_work *work)
{
	struct mortal *mortal = container_of(work, struct mortal, work);

	complete(mortal->gone);
	kfree(mortal);
}

static void queue_mortal(struct kunit *test, struct completion *gone)
{
	struct mortal *mortal = kmalloc(sizeof(*mortal), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, mortal);
	kworkerx_init_work(&mortal->work, free_itself);
	mortal->gone = gone;
	KUNIT_EXPECT_TRUE(test, kworkerx_queue_work(kwx_bed_worker(test),
						    &mortal->work));
}

static void flush_of_a_worker_waits_for_works_that_free_themselves(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct completion *gone = kwx_calloc(test, 1, sizeof(*gone));
	struct kwx_call *flush;

	init_completion(gone);
	queue_mortal(test, gone);
	queue_mortal(test, gone);
	flush = flush_worker_blocks(test, kwx_bed_worker(test));
	kwx_release(gate);
	kwx_call_returns(test, flush);
	KUNIT_EXPECT_TRUE(test, try_wait_for_completion(gone));
	KUNIT_EXPECT_TRUE(test, try_wait_for_completion(gone));
}

/*
 * Delayed works
 */

static void flush_does_not_wait_for_a_timer(struct kunit *test)
{
	struct kwx_job *job;

	kwx_running(test, 0);
	job = armed(test, 1);
	flush_returns(test, job);
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
	KUNIT_EXPECT_TRUE(test, kworkerx_cancel_delayed_work_sync(&job->dwork));
}

static void flush_of_a_worker_does_not_wait_for_a_timer(struct kunit *test)
{
	struct kwx_job *job = armed(test, 1);

	kwx_flush(test, kwx_bed_worker(test));
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
	KUNIT_EXPECT_TRUE(test, kworkerx_cancel_delayed_work_sync(&job->dwork));
}

static void flush_of_an_expired_work_waits_for_it(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = kwx_held_job(test, NULL, 1);
	struct kwx_job *behind;
	struct kwx_call *flush;

	KUNIT_EXPECT_TRUE(test,
			  kworkerx_queue_delayed_work(kwx_bed_worker(test),
						      &job->dwork, 1));
	kwx_wait_expired(test, job);
	behind = kwx_queued_held(test, 2);
	flush = flush_blocks(test, job);
	kwx_step(test, gate, job);
	kwx_call_blocks(test, flush);
	kwx_step(test, job, behind);
	kwx_call_returns(test, flush);
}

static void flush_of_a_running_work_does_not_wait_for_its_timer(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);
	struct kwx_call *flush;

	KUNIT_EXPECT_TRUE(test,
			  kworkerx_queue_delayed_work(kwx_bed_worker(test),
						      &job->dwork, 3600 * HZ));
	flush = flush_blocks(test, job);
	kwx_release(job);
	kwx_call_returns(test, flush);
	KUNIT_EXPECT_TRUE(test, kworkerx_cancel_delayed_work_sync(&job->dwork));
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

/*
 * Workers without a thread, with a new one, and on their way out
 */

static void flush_waits_until_the_worker_has_a_thread(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bare_worker(test);
	struct kwx_job *job = kwx_bed_job(test, 1);
	struct kwx_call *empty = flush_worker_blocks(test, worker);
	struct kwx_call *of_work, *of_worker;

	kwx_queue(test, worker, job);
	of_work = flush_blocks(test, job);
	of_worker = flush_worker_blocks(test, worker);
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
	kwx_attach(test, worker);
	kwx_call_returns(test, empty);
	kwx_call_returns(test, of_work);
	kwx_call_returns(test, of_worker);
	kwx_expect_log(test, kwx_bed_log(test), 1);
}

static void flush_of_a_worker_wakes_a_thread_that_was_never_woken(struct kunit *test)
{
	struct kworkerx_worker *worker = kworkerx_create_worker(0, "kwx_unwoken");

	kwx_keep_worker(test, worker);
	kwx_flush(test, worker);
}

/* The flush of what runs ends with the thread, the others wait for the next. */
static void flush_outlives_the_thread_of_the_worker(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bare_worker(test);
	struct kwx_job *job = kwx_bed_held_job(test, 1);
	struct kwx_job *left = kwx_bed_job(test, 2);
	struct kwx_call *of_job, *of_left, *stop;

	kwx_attach(test, worker);
	kwx_hold(test, worker, job);
	kwx_queue(test, worker, left);
	of_job = flush_blocks(test, job);
	of_left = flush_blocks(test, left);
	stop = kwx_call(test, kwx_detach_fn, worker);
	kwx_call_blocks(test, stop);
	kwx_release(job);
	kwx_call_returns(test, of_job);
	kwx_call_returns(test, stop);
	kwx_call_blocks(test, of_left);
	kwx_expect_log(test, kwx_bed_log(test), 1);
	kwx_attach(test, worker);
	kwx_call_returns(test, of_left);
	kwx_expect_log(test, kwx_bed_log(test), 1, 2);
}

static void flush_of_works_of_a_dying_worker_returns(struct kunit *test)
{
	struct kworkerx_worker *worker = kworkerx_run_worker(0, "kwx_dying");
	struct kwx_job *gate = kwx_held_job(test, NULL, 0);
	struct kwx_job *job = kwx_held_job(test, NULL, 1);
	struct kwx_call *destroy, *of_gate, *of_job;

	KUNIT_ASSERT_FALSE(test, IS_ERR(worker));
	kwx_hold(test, worker, gate);
	kwx_queue(test, worker, job);
	destroy = kwx_call(test, kwx_destroy_worker_fn, worker);
	kwx_call_blocks(test, destroy);
	of_gate = flush_blocks(test, gate);
	of_job = flush_blocks(test, job);
	kwx_step(test, gate, job);
	kwx_call_returns(test, of_gate);
	kwx_call_blocks(test, of_job);
	kwx_release(job);
	kwx_call_returns(test, of_job);
	kwx_call_returns(test, destroy);
	flush_returns(test, job);
}

static void flush_of_no_worker_is_reported(struct kunit *test)
{
	kwx_misuse_begin();
	kwx_flush(test, NULL);
	kwx_misuse_end(test, "kworkerx: flush of worker");
}

static void flush_of_a_destroyed_worker_is_reported(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);

	kwx_destroy_worker(test, worker);
	kwx_misuse_begin();
	kwx_flush(test, worker);
	kwx_misuse_end(test, "kworkerx: flush of worker");
}

/*
 * From a work
 */

static void flush_another(struct kwx_job *job)
{
	struct kwx_job *another = job->data;

	kworkerx_flush_work(KWX_WORK(another));
	job->id = atomic_read(&another->running);
}

static void flush_its_worker(struct kwx_job *job)
{
	kworkerx_flush_worker(job->worker);
}

/*
 * Queues a job on @worker that flushes @target.  Lockdep must not take those
 * that flush works here for those that flush works there.
 */
static struct kwx_job *queue_flusher(struct kunit *test,
				     struct kworkerx_worker *worker,
				     struct kwx_job *target)
{
	struct kwx_job *job = __kwx_job(test, NULL, -1, false, NULL);

	job->data = target;
	job->action = flush_another;
	kwx_queue(test, worker, job);
	return job;
}

static void a_work_may_flush_a_work_of_another_worker(struct kunit *test)
{
	struct kworkerx_worker *other = kwx_worker(test);
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = kwx_queued_held(test, 1);
	struct kwx_job *flusher = queue_flusher(test, other, job);

	kwx_wait(test, &flusher->started);
	kwx_await_state(test, other->task, TASK_UNINTERRUPTIBLE);
	kwx_step(test, gate, job);
	kwx_await_state(test, other->task, TASK_UNINTERRUPTIBLE);
	kwx_release(job);
	kwx_flush(test, other);
	KUNIT_EXPECT_EQ(test, 0, flusher->id);
}

/* Lockdep would report it, were it told of the other worker. */
static void works_of_two_workers_may_flush_crosswise(struct kunit *test)
{
	struct kworkerx_worker *other =
		kwx_keep_worker(test, __kworkerx_create_worker(NULL, 0,
							       NUMA_NO_NODE,
							       "kwx_other"));
	struct kwx_job *here = kwx_running(test, 0);
	struct kwx_job *there = kwx_held_job(test, NULL, 1);
	struct kwx_job *flusher;

	kwx_hold(test, other, there);
	flusher = queue_flusher(test, kwx_bed_worker(test), there);
	queue_flusher(test, other, here);
	kwx_step(test, here, flusher);
	kwx_await_state(test, kwx_bed_worker(test)->task, TASK_UNINTERRUPTIBLE);
	kwx_release(there);
	kwx_flush(test, kwx_bed_worker(test));
	kwx_flush(test, other);
}

/* Runs @action on a job of the bed, with another job pending behind it. */
static void flush_from_within(struct kunit *test,
			      void (*action)(struct kwx_job *job))
{
	struct kwx_job *job = kwx_running(test, 1);
	struct kwx_job *behind = kwx_queued(test, 2);

	job->worker = kwx_bed_worker(test);
	job->data = behind;
	job->action = action;
	kwx_misuse_begin();
	kwx_release(job);
	kwx_flush(test, kwx_bed_worker(test));
	kwx_misuse_end(test, "waits for its own worker");
	kwx_expect_log(test, kwx_bed_log(test), 1, 2);
}

static void flush_itself(struct kwx_job *job)
{
	kworkerx_flush_work(KWX_WORK(job));
}

static void flush_from_the_work_itself_is_reported(struct kunit *test)
{
	flush_from_within(test, flush_itself);
}

static void flush_from_a_work_of_the_same_worker_is_reported(struct kunit *test)
{
	flush_from_within(test, flush_another);
}

static void flush_of_the_worker_from_its_work_is_reported(struct kunit *test)
{
	flush_from_within(test, flush_its_worker);
}

/*
 * Many threads
 */

/* Of all threads together: each of them waits in every one. */
#define ROUNDS	200

struct flusher {
	struct kworkerx_worker *worker;
	struct kwx_job *job;
	int rounds;
	unsigned int late;
};

static void queue_and_flush_fn(void *arg)
{
	struct flusher *me = arg;
	int i;

	for (i = 1; i <= me->rounds; i++) {
		if (!kworkerx_queue_work(me->worker, KWX_WORK(me->job)))
			me->late++;
		if (i % 2)
			kworkerx_flush_work(KWX_WORK(me->job));
		else
			kworkerx_flush_worker(me->worker);
		if (kwx_runs(me->job) != i)
			me->late++;
	}
}

static void threads_that_flush_their_own_work_find_it_done(struct kunit *test)
{
	unsigned int i, nr = kwx_nr_threads(test);
	struct flusher *flushers = kwx_calloc(test, nr, sizeof(*flushers));

	for (i = 0; i < nr; i++) {
		flushers[i].worker = kwx_bed_worker(test);
		flushers[i].job = kwx_job(test, NULL, i);
		flushers[i].rounds = ROUNDS / nr;
	}
	kwx_calls(test, queue_and_flush_fn, flushers, sizeof(*flushers), nr);
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ(test, 0U, flushers[i].late);
}

/*
 * Threads that share a work: each stores a number, queues the work, flushes
 * it, and must find its number seen, whoever the run belonged to.
 */
struct mailbox {
	struct kworkerx_work work;
	struct kworkerx_worker *worker;
	unsigned int stored[KWX_THREADS_MAX];
	unsigned int seen[KWX_THREADS_MAX];
};

struct sender {
	struct mailbox *box;
	unsigned int me;
	unsigned int rounds;
	unsigned int late;
};

static void read_mailbox(struct kworkerx_work *work)
{
	struct mailbox *box = container_of(work, struct mailbox, work);
	int i;

	for (i = 0; i < KWX_THREADS_MAX; i++)
		WRITE_ONCE(box->seen[i], READ_ONCE(box->stored[i]));
}

static void send_and_flush_fn(void *arg)
{
	struct sender *sender = arg;
	struct mailbox *box = sender->box;
	unsigned int i;

	for (i = 1; i <= sender->rounds; i++) {
		WRITE_ONCE(box->stored[sender->me], i);
		kworkerx_queue_work(box->worker, &box->work);
		kworkerx_flush_work(&box->work);
		if (READ_ONCE(box->seen[sender->me]) != i)
			sender->late++;
	}
}

static void threads_that_flush_a_shared_work_find_it_done(struct kunit *test)
{
	unsigned int i, nr = kwx_nr_threads(test);
	struct sender *senders = kwx_calloc(test, nr, sizeof(*senders));
	struct mailbox *box;

	box = kunit_kzalloc(test, sizeof(*box), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, box);
	kworkerx_init_work(&box->work, read_mailbox);
	box->worker = kwx_bed_worker(test);
	for (i = 0; i < nr; i++) {
		senders[i].box = box;
		senders[i].me = i;
		senders[i].rounds = ROUNDS / nr;
	}
	kwx_calls(test, send_and_flush_fn, senders, sizeof(*senders), nr);
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ(test, 0U, senders[i].late);
}

static struct kunit_case flush_cases[] = {
	KUNIT_CASE(flush_of_a_never_queued_work_returns),
	KUNIT_CASE(flush_of_an_idle_work_does_not_wait_for_the_worker),
	KUNIT_CASE(flush_of_a_pending_work_waits_for_it),
	KUNIT_CASE(flush_of_a_pending_work_does_not_wait_for_later_ones),
	KUNIT_CASE(flush_of_a_running_work_does_not_wait_for_pending_ones),
	KUNIT_CASE(flush_of_a_running_work_waits_on_an_empty_queue),
	KUNIT_CASE(flush_of_a_running_and_pending_work_waits_for_the_pending),
	KUNIT_CASE(flush_of_a_running_work_does_not_wait_for_its_next_run),
	KUNIT_CASE(flush_of_a_pending_work_does_not_wait_for_its_next_run),
	KUNIT_CASE(flush_of_a_work_that_queues_itself_waits_for_one_run),
	KUNIT_CASE_PARAM(flush_returns_in_its_place_whatever_is_cancelled,
			 target_gen_params),
	KUNIT_CASE(flush_returns_although_its_work_is_cancelled),
	KUNIT_CASE(flush_and_cancel_of_a_running_work_both_return),
	KUNIT_CASE_PARAM(flushers_of_a_pending_work_all_return,
			 threads_gen_params),
	KUNIT_CASE_PARAM(flushers_of_a_running_work_all_return,
			 threads_gen_params),
	KUNIT_CASE(flushes_keep_their_places_and_the_order_of_works),
	KUNIT_CASE(flush_of_an_idle_worker_returns),
	KUNIT_CASE(flush_of_a_worker_waits_for_all_queued_before),
	KUNIT_CASE(flush_of_a_worker_waits_for_a_running_work),
	KUNIT_CASE(flush_of_a_worker_does_not_wait_for_chained_works),
	KUNIT_CASE(flush_of_a_worker_waits_for_works_that_free_themselves),
	KUNIT_CASE(flush_does_not_wait_for_a_timer),
	KUNIT_CASE(flush_of_a_worker_does_not_wait_for_a_timer),
	KUNIT_CASE(flush_of_an_expired_work_waits_for_it),
	KUNIT_CASE(flush_of_a_running_work_does_not_wait_for_its_timer),
	KUNIT_CASE(flush_waits_until_the_worker_has_a_thread),
	KUNIT_CASE(flush_of_a_worker_wakes_a_thread_that_was_never_woken),
	KUNIT_CASE(flush_outlives_the_thread_of_the_worker),
	KUNIT_CASE(flush_of_works_of_a_dying_worker_returns),
	KUNIT_CASE(flush_of_no_worker_is_reported),
	KUNIT_CASE(flush_of_a_destroyed_worker_is_reported),
	KUNIT_CASE(a_work_may_flush_a_work_of_another_worker),
	KUNIT_CASE(works_of_two_workers_may_flush_crosswise),
	KUNIT_CASE(flush_from_the_work_itself_is_reported),
	KUNIT_CASE(flush_from_a_work_of_the_same_worker_is_reported),
	KUNIT_CASE(flush_of_the_worker_from_its_work_is_reported),
	KUNIT_CASE_PARAM(threads_that_flush_their_own_work_find_it_done,
			 threads_gen_params),
	KUNIT_CASE_PARAM(threads_that_flush_a_shared_work_find_it_done,
			 threads_gen_params),
	{}
};

static struct kunit_suite flush_suite = {
	.name = "kworkerx_flush",
	.init = kwx_bed_init,
	.test_cases = flush_cases,
};

kunit_test_suite(flush_suite);
