// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a cancel takes back, what it waits for, and what it keeps out.
 *
 * A cancel that may wait is called in a thread.  Where it must not wait, some
 * other job is running and held, so that a wait for the wrong thing does not
 * end.  Where it must wait, the running function is held until the thread is
 * seen to sleep.
 */
#include <linux/delay.h>
#include <linux/slab.h>

#include "common.h"

#define NR_JOBS		4
#define ROUNDS		200

KUNIT_ARRAY_PARAM(threads, kwx_threads, kwx_threads_desc);

/* A cancel in a thread of its own. */
struct cancel {
	struct kwx_job *job;
	struct kwx_call *call;
	bool result;
};

static void cancel_delayed_fn(void *arg)
{
	struct cancel *cancel = arg;

	cancel->result = kworkerx_cancel_delayed_work_sync(&cancel->job->dwork);
}

static void cancel_plain_fn(void *arg)
{
	struct cancel *cancel = arg;

	cancel->result = kworkerx_cancel_work_sync(KWX_WORK(cancel->job));
}

static struct cancel *cancel_by(struct kunit *test, void (*fn)(void *arg),
				struct kwx_job *job)
{
	struct cancel *cancel = kunit_kzalloc(test, sizeof(*cancel), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, cancel);
	cancel->job = job;
	cancel->call = kwx_call(test, fn, cancel);
	return cancel;
}

static struct cancel *cancel_blocks(struct kunit *test, struct kwx_job *job)
{
	struct cancel *cancel = cancel_by(test, cancel_plain_fn, job);

	kwx_call_blocks(test, cancel->call);
	return cancel;
}

static void cancel_returns(struct kunit *test, struct cancel *cancel,
			   bool result)
{
	kwx_call_returns(test, cancel->call);
	KUNIT_EXPECT_EQ(test, result, cancel->result);
}

/* Cancels @job and expects no wait, or none that needs a release. */
static void cancel_now(struct kunit *test, struct kwx_job *job, bool result)
{
	cancel_returns(test, cancel_by(test, cancel_plain_fn, job), result);
}

static void cancel_delayed_now(struct kunit *test, struct kwx_job *job,
			       bool result)
{
	cancel_returns(test, cancel_by(test, cancel_delayed_fn, job), result);
}

static void queue_delayed(struct kunit *test, struct kwx_job *job,
			  unsigned long delay)
{
	KUNIT_EXPECT_TRUE(test,
			  kworkerx_queue_delayed_work(kwx_bed_worker(test),
						      &job->dwork, delay));
}

/* A delayed job whose timer will not fire during the test. */
static struct kwx_job *armed(struct kunit *test, int id)
{
	struct kwx_job *job = kwx_bed_job(test, id);

	queue_delayed(test, job, 3600 * HZ);
	return job;
}

/*
 * The result
 */

static void cancel_of_a_never_queued_work_is_false(struct kunit *test)
{
	struct kwx_job *job = kwx_job(test, NULL, 1);

	kwx_running(test, 0);
	cancel_now(test, job, false);
	cancel_delayed_now(test, job, false);
}

static void cancel_of_an_idle_work_is_false_and_does_not_wait(struct kunit *test)
{
	struct kwx_job *job = kwx_queued(test, 1);

	kwx_flush(test, kwx_bed_worker(test));
	kwx_running(test, 2);
	cancel_now(test, job, false);
	kwx_expect_log(test, kwx_bed_log(test), 1, 2);
}

static void cancel_of_a_pending_work_is_true_and_does_not_wait(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = kwx_queued(test, 1);

	cancel_now(test, job, true);
	KUNIT_EXPECT_PTR_EQ(test, kwx_bed_worker(test), KWX_WORK(job)->worker);
	kwx_release(gate);
	kwx_flush(test, kwx_bed_worker(test));
	kwx_expect_log(test, kwx_bed_log(test), 0);
}

static void second_cancel_is_false(struct kunit *test)
{
	struct kwx_job *job;

	kwx_running(test, 0);
	job = kwx_queued(test, 1);
	cancel_now(test, job, true);
	cancel_now(test, job, false);
	kwx_queue(test, kwx_bed_worker(test), job);
	cancel_now(test, job, true);
}

static void cancel_of_a_running_work_is_false_and_waits(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);
	struct kwx_job *behind = kwx_queued_held(test, 2);
	struct cancel *cancel = cancel_blocks(test, job);

	kwx_release(job);
	cancel_returns(test, cancel, false);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&job->running));
	kwx_wait(test, &behind->started);
	kwx_expect_log(test, kwx_bed_log(test), 1, 2);
}

static void cancel_of_a_running_and_pending_work_is_true_and_waits(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);
	struct kwx_job *between = kwx_queued_held(test, 2);
	struct cancel *cancel;

	kwx_queue(test, kwx_bed_worker(test), job);
	cancel = cancel_blocks(test, job);
	kwx_release(job);
	cancel_returns(test, cancel, true);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&job->running));
	kwx_release(between);
	kwx_flush(test, kwx_bed_worker(test));
	kwx_expect_log(test, kwx_bed_log(test), 1, 2);
}

/*
 * What is kept out meanwhile
 */

/* Counts in @id, below 0, what of this is accepted. */
static void queue_itself_every_way(struct kwx_job *job)
{
	struct kworkerx_delayed_work *dwork = &job->dwork;
	struct kworkerx_worker *worker = job->worker;

	job->id -= kworkerx_queue_work(worker, KWX_WORK(job));
	job->id -= kworkerx_queue_work_first(worker, KWX_WORK(job));
	job->id -= kworkerx_try_queue_work(worker, KWX_WORK(job)) != 0;
	job->id -= kworkerx_queue_delayed_work(worker, dwork, 0);
	job->id -= kworkerx_queue_delayed_work(worker, dwork, 1);
	job->id -= kworkerx_try_queue_delayed_work(worker, dwork, 1) != 0;
	job->id -= !kworkerx_mod_delayed_work(worker, dwork, 0);
	job->id -= !kworkerx_mod_delayed_work(worker, dwork, 1);
	job->id -= kworkerx_mod_pending_delayed_work(worker, dwork, 0);
	job->id -= kworkerx_mod_pending_delayed_work(worker, dwork, 1);
}

static void queue_every_way(void *job)
{
	queue_itself_every_way(job);
}

KUNIT_ARRAY_PARAM(wheres, kwx_wheres, kwx_where_desc);

static void works_are_refused_while_a_cancel_waits(struct kunit *test)
{
	const struct kwx_where *where = test->param_value;
	struct kwx_job *job = kwx_running(test, 0);
	struct cancel *cancel = cancel_blocks(test, job);

	job->worker = kwx_bed_worker(test);
	where->call(queue_every_way, job);
	KUNIT_EXPECT_EQ(test, 0, job->id);
	KUNIT_EXPECT_FALSE(test, kworkerx_work_pending(KWX_WORK(job)));
	kwx_release(job);
	cancel_returns(test, cancel, false);
	KUNIT_EXPECT_FALSE(test, kworkerx_work_busy(KWX_WORK(job)));
	cancel_now(test, job, false);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

static void a_work_can_be_queued_again_after_its_cancel(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);
	struct cancel *cancel = cancel_blocks(test, job);

	kwx_release(job);
	cancel_returns(test, cancel, false);
	kwx_release(job);
	kwx_queue(test, kwx_bed_worker(test), job);
	kwx_flush(test, kwx_bed_worker(test));
	KUNIT_EXPECT_EQ(test, 2, kwx_runs(job));
}

static void a_work_cannot_queue_itself_while_a_cancel_waits(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 0);
	struct cancel *cancel = cancel_blocks(test, job);

	job->worker = kwx_bed_worker(test);
	job->action = queue_itself_every_way;
	kwx_release(job);
	cancel_returns(test, cancel, false);
	KUNIT_EXPECT_EQ(test, 0, job->id);
	cancel_now(test, job, false);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

static void a_cancelled_pending_work_is_refused_while_its_run_lasts(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);
	struct cancel *cancel;

	kwx_queue(test, kwx_bed_worker(test), job);
	cancel = cancel_blocks(test, job);
	KUNIT_EXPECT_FALSE(test, kworkerx_queue_work(kwx_bed_worker(test),
						     KWX_WORK(job)));
	kwx_release(job);
	cancel_returns(test, cancel, true);
	kwx_flush(test, kwx_bed_worker(test));
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

/*
 * Several cancellers
 */

/* @nr cancels of the running @job: how many of them took something back? */
static unsigned int cancels_of_running(struct kunit *test, struct kwx_job *job,
				       unsigned int nr)
{
	struct cancel *cancels[KWX_THREADS_MAX];
	unsigned int i, taken = 0;

	for (i = 0; i < nr; i++)
		cancels[i] = cancel_blocks(test, job);
	for (i = 0; i < nr; i++)
		kwx_call_blocks(test, cancels[i]->call);
	kwx_release(job);
	for (i = 0; i < nr; i++) {
		kwx_call_returns(test, cancels[i]->call);
		taken += cancels[i]->result;
	}
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&job->running));
	return taken;
}

static void cancels_of_a_running_work_all_wait(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);

	kwx_queued_held(test, 2);
	KUNIT_EXPECT_EQ(test, 0U,
			cancels_of_running(test, job, kwx_nr_threads(test)));
}

static void one_of_many_cancels_takes_the_pending_work_back(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);

	kwx_queued_held(test, 2);
	kwx_queue(test, kwx_bed_worker(test), job);
	KUNIT_EXPECT_EQ(test, 1U,
			cancels_of_running(test, job, kwx_nr_threads(test)));
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

/*
 * The rest of the queue
 */

/* Cancels the jobs of @mask, first to last or last to first. */
static void cancel_set(struct kunit *test, struct kwx_job **jobs,
		       unsigned int mask, bool backwards)
{
	unsigned int i, k;

	for (i = 0; i < NR_JOBS; i++) {
		k = backwards ? NR_JOBS - 1 - i : i;
		if (mask & BIT(k))
			cancel_now(test, jobs[k], true);
	}
}

/* Fills @ids with the jobs in @mask or not in it, in their order. */
static unsigned int ids_of(struct kwx_job **jobs, unsigned int mask, bool in,
			   int *ids)
{
	unsigned int i, nr = 0;

	for (i = 0; i < NR_JOBS; i++)
		if (!!(mask & BIT(i)) == in)
			ids[nr++] = jobs[i]->id;
	return nr;
}

/* What was cancelled is queued again in the end: its links must be clean. */
static void check_set(struct kunit *test, struct kwx_job **jobs,
		      unsigned int mask, bool backwards)
{
	struct kwx_job *gate = jobs[NR_JOBS];
	int ids[NR_JOBS + 1] = { gate->id };
	unsigned int i, nr = 1;

	kwx_bed_log(test)->nr = 0;
	kwx_hold(test, kwx_bed_worker(test), gate);
	for (i = 0; i < NR_JOBS; i++)
		kwx_queue(test, kwx_bed_worker(test), jobs[i]);
	cancel_set(test, jobs, mask, backwards);
	for (i = 0; i < NR_JOBS; i++)
		if (mask & BIT(i))
			kwx_queue(test, kwx_bed_worker(test), jobs[i]);
	nr += ids_of(jobs, mask, false, &ids[nr]);
	nr += ids_of(jobs, mask, true, &ids[nr]);
	kwx_release(gate);
	kwx_flush(test, kwx_bed_worker(test));
	kwx_expect_order(test, kwx_bed_log(test), ids, nr);
}

static void cancel_of_any_works_keeps_the_order_of_the_rest(struct kunit *test)
{
	struct kwx_job *jobs[NR_JOBS + 1];
	unsigned int i;

	for (i = 0; i < NR_JOBS; i++)
		jobs[i] = kwx_bed_job(test, i);
	jobs[i] = kwx_bed_held_job(test, i);
	for (i = 0; i < 1 << NR_JOBS; i++) {
		check_set(test, jobs, i, false);
		check_set(test, jobs, i, true);
	}
}

static void cancel_of_the_last_work_lets_others_follow(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);

	kwx_queued(test, 1);
	cancel_now(test, kwx_queued(test, 2), true);
	kwx_queued(test, 3);
	kwx_release(gate);
	kwx_flush(test, kwx_bed_worker(test));
	kwx_expect_log(test, kwx_bed_log(test), 0, 1, 3);
}

#define NR_SMALL	1000

struct small {
	struct kworkerx_work work;
	unsigned int index;
	struct small_run *run;
};

struct small_run {
	unsigned int next;
	unsigned int disorder;
	struct small small[NR_SMALL];
};

/* The works with an odd index are to run, in their order. */
static void run_small(struct kworkerx_work *work)
{
	struct small *small = container_of(work, struct small, work);

	if (small->index != small->run->next)
		small->run->disorder++;
	small->run->next = small->index + 2;
}

static void cancel_of_every_other_of_a_thousand_takes_just_those(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kworkerx_worker *worker = kwx_bed_worker(test);
	struct small_run *run;
	unsigned int i;

	run = kunit_kzalloc(test, sizeof(*run), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, run);
	run->next = 1;
	for (i = 0; i < NR_SMALL; i++) {
		kworkerx_init_work(&run->small[i].work, run_small);
		run->small[i].index = i;
		run->small[i].run = run;
		kworkerx_queue_work(worker, &run->small[i].work);
	}
	for (i = 0; i < NR_SMALL; i += 2)
		if (!kworkerx_cancel_work_sync(&run->small[i].work))
			run->disorder++;
	kwx_release(gate);
	kwx_flush(test, worker);
	KUNIT_EXPECT_EQ(test, NR_SMALL + 1U, run->next);
	KUNIT_EXPECT_EQ(test, 0U, run->disorder);
}

/*
 * Delayed works
 */

static void check_timer_is_stopped(struct kunit *test, void (*fn)(void *arg))
{
	struct kwx_job *job;

	kwx_running(test, 0);
	job = armed(test, 1);
	cancel_returns(test, cancel_by(test, fn, job), true);
	KUNIT_EXPECT_FALSE(test, timer_pending(&job->dwork.timer));
	cancel_returns(test, cancel_by(test, fn, job), false);
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
	queue_delayed(test, job, 3600 * HZ);
	cancel_returns(test, cancel_by(test, fn, job), true);
}

static void cancel_of_a_delayed_work_stops_its_timer(struct kunit *test)
{
	check_timer_is_stopped(test, cancel_delayed_fn);
}

static void cancel_of_the_work_inside_stops_the_timer(struct kunit *test)
{
	check_timer_is_stopped(test, cancel_plain_fn);
}

static void cancel_of_one_timer_leaves_the_others(struct kunit *test)
{
	struct kwx_job *jobs[3];
	int i;

	for (i = 0; i < 3; i++)
		jobs[i] = armed(test, i);
	cancel_delayed_now(test, jobs[1], true);
	KUNIT_EXPECT_TRUE(test, timer_pending(&jobs[0]->dwork.timer));
	KUNIT_EXPECT_TRUE(test, timer_pending(&jobs[2]->dwork.timer));
	cancel_delayed_now(test, jobs[0], true);
	cancel_delayed_now(test, jobs[2], true);
}

static void cancel_takes_an_expired_work_from_the_queue(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = kwx_bed_job(test, 1);

	queue_delayed(test, job, 1);
	kwx_wait_expired(test, job);
	kwx_queued(test, 2);
	cancel_delayed_now(test, job, true);
	kwx_release(gate);
	kwx_flush(test, kwx_bed_worker(test));
	kwx_expect_log(test, kwx_bed_log(test), 0, 2);
}

static void cancel_of_a_running_delayed_work_waits(struct kunit *test)
{
	struct kwx_job *job = kwx_held_job(test, NULL, 1);
	struct cancel *cancel;

	queue_delayed(test, job, 1);
	kwx_wait(test, &job->started);
	cancel = cancel_by(test, cancel_delayed_fn, job);
	kwx_call_blocks(test, cancel->call);
	kwx_release(job);
	cancel_returns(test, cancel, false);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&job->running));
}

static void cancel_of_a_running_and_armed_work_is_true_and_waits(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);
	struct cancel *cancel;

	queue_delayed(test, job, 3600 * HZ);
	cancel = cancel_by(test, cancel_delayed_fn, job);
	kwx_call_blocks(test, cancel->call);
	KUNIT_EXPECT_FALSE(test, timer_pending(&job->dwork.timer));
	kwx_release(job);
	cancel_returns(test, cancel, true);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

/* The cancels find the timer expired, its function waiting for the lock. */
static void check_cancels_at_expiry(struct kunit *test, unsigned int nr)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = kwx_bed_job(test, 1);
	struct cancel *cancels = kwx_calloc(test, 2, sizeof(*cancels));
	const struct kwx_guest guests[2] = {
		{ .fn = cancel_delayed_fn, .arg = &cancels[0] },
		{ .fn = cancel_delayed_fn, .arg = &cancels[1] },
	};

	cancels[0].job = job;
	cancels[1].job = job;
	kwx_meet_timer(test, kwx_bed_worker(test), job, guests, nr);
	KUNIT_EXPECT_EQ(test, 1, cancels[0].result + cancels[1].result);
	KUNIT_EXPECT_TRUE(test, kworkerx_queue_work(kwx_bed_worker(test),
						    KWX_WORK(job)));
	kwx_release(gate);
	kwx_flush(test, kwx_bed_worker(test));
	kwx_expect_log(test, kwx_bed_log(test), 0, 1);
}

static void cancel_waits_for_a_timer_that_has_expired(struct kunit *test)
{
	check_cancels_at_expiry(test, 1);
}

static void one_of_two_cancels_takes_an_expired_work(struct kunit *test)
{
	check_cancels_at_expiry(test, 2);
}

static void rearm(struct kwx_job *job)
{
	kworkerx_queue_delayed_work(job->worker, &job->dwork, 1);
}

static void cancel_ends_a_work_that_rearms_itself(struct kunit *test)
{
	struct kwx_job *job = kwx_held_job(test, NULL, 1);
	struct cancel *cancel;

	job->worker = kwx_bed_worker(test);
	job->action = rearm;
	queue_delayed(test, job, 1);
	kwx_wait(test, &job->started);
	kwx_release(job);
	kwx_wait(test, &job->started);
	cancel = cancel_by(test, cancel_delayed_fn, job);
	kwx_call_blocks(test, cancel->call);
	kwx_release(job);
	cancel_returns(test, cancel, false);
	KUNIT_EXPECT_FALSE(test, timer_pending(&job->dwork.timer));
	cancel_delayed_now(test, job, false);
	KUNIT_EXPECT_EQ(test, 2, kwx_runs(job));
}

/*
 * From works
 */

/* Takes the result down in @cpu. */
static void cancel_another(struct kwx_job *job)
{
	struct kwx_job *another = job->data;

	job->cpu = kworkerx_cancel_work_sync(KWX_WORK(another));
	job->id = atomic_read(&another->running);
}

static void queue_and_cancel_itself(struct kwx_job *job)
{
	job->cpu = kworkerx_queue_work(job->worker, KWX_WORK(job)) &&
		   kworkerx_cancel_work_sync(KWX_WORK(job));
}

/* Runs @action, which cancels @another or itself, and gives its result. */
static bool cancel_from_within(struct kunit *test, struct kwx_job *job,
			       struct kwx_job *another,
			       void (*action)(struct kwx_job *job))
{
	job->worker = kwx_bed_worker(test);
	job->data = another;
	job->action = action;
	kwx_release(job);
	kwx_flush(test, kwx_bed_worker(test));
	return job->cpu;
}

static void cancel_from_the_running_work_is_false_and_reported(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);

	kwx_misuse_begin();
	KUNIT_EXPECT_FALSE(test, cancel_from_within(test, job, job,
						    cancel_another));
	kwx_misuse_end(test, "waits for its own worker");
	kwx_release(job);
	kwx_queue(test, kwx_bed_worker(test), job);
	job->action = NULL;
	kwx_flush(test, kwx_bed_worker(test));
	KUNIT_EXPECT_EQ(test, 2, kwx_runs(job));
}

static void cancel_from_the_work_itself_takes_its_next_run_back(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);

	kwx_misuse_begin();
	KUNIT_EXPECT_TRUE(test, cancel_from_within(test, job, NULL,
						   queue_and_cancel_itself));
	kwx_misuse_end(test, "waits for its own worker");
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

static void a_work_may_cancel_a_pending_one_of_its_worker(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);
	struct kwx_job *another = kwx_queued(test, 2);

	KUNIT_EXPECT_TRUE(test, cancel_from_within(test, job, another,
						   cancel_another));
	kwx_expect_log(test, kwx_bed_log(test), 1);
}

static void a_work_may_cancel_a_running_one_of_another_worker(struct kunit *test)
{
	struct kworkerx_worker *other = kwx_worker(test);
	struct kwx_job *job = kwx_running(test, 1);
	struct kwx_job *canceller = kwx_job(test, NULL, -1);

	canceller->data = job;
	canceller->action = cancel_another;
	kwx_queue(test, other, canceller);
	kwx_wait(test, &canceller->started);
	kwx_await_state(test, other->task, TASK_UNINTERRUPTIBLE);
	kwx_release(job);
	kwx_flush(test, other);
	KUNIT_EXPECT_EQ(test, 0, canceller->id);
	KUNIT_EXPECT_EQ(test, 0, canceller->cpu);
}

/*
 * Workers without a thread, and on their way out
 */

static void cancel_does_not_need_a_thread(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bare_worker(test);
	struct kwx_job *jobs[2];
	int i;

	for (i = 0; i < 2; i++) {
		jobs[i] = kwx_bed_job(test, i);
		kwx_queue(test, worker, jobs[i]);
	}
	cancel_now(test, jobs[0], true);
	cancel_now(test, jobs[0], false);
	kwx_attach(test, worker);
	kwx_flush(test, worker);
	kwx_expect_log(test, kwx_bed_log(test), 1);
}

static void cancel_works_while_the_worker_is_destroyed(struct kunit *test)
{
	struct kworkerx_worker *worker = kworkerx_run_worker(0, "kwx_dying");
	struct kwx_job *gate = kwx_bed_held_job(test, 0);
	struct kwx_job *job = kwx_bed_job(test, 1);
	struct kwx_call *destroy;
	struct cancel *cancel;

	KUNIT_ASSERT_FALSE(test, IS_ERR(worker));
	kwx_hold(test, worker, gate);
	kwx_queue(test, worker, job);
	destroy = kwx_call(test, kwx_destroy_worker_fn, worker);
	kwx_call_blocks(test, destroy);
	cancel_now(test, job, true);
	cancel = cancel_blocks(test, gate);
	kwx_release(gate);
	cancel_returns(test, cancel, false);
	kwx_call_returns(test, destroy);
	cancel_now(test, job, false);
	kwx_expect_log(test, kwx_bed_log(test), 0);
}

/*
 * Many threads
 */

/* Everything that was accepted ran or was taken back. */
struct racer {
	struct kworkerx_worker *worker;
	struct kwx_job *job;
	unsigned int seed;
	int accepted;
	int taken;
	int failed;
};

/* Each has its work to itself, and frees it as soon as it is cancelled. */
struct victim {
	struct kworkerx_delayed_work dwork;
	int runs;
};

static void run_victim(struct kworkerx_work *work)
{
	struct victim *victim = container_of(work, struct victim, dwork.work);

	WRITE_ONCE(victim->runs, victim->runs + 1);
}

static void queue_cancel_free(struct racer *me, unsigned int round)
{
	struct victim *victim = kzalloc(sizeof(*victim), GFP_KERNEL);
	int open = 0;

	if (!victim) {
		me->failed++;
		return;
	}
	kworkerx_init_delayed_work(&victim->dwork, run_victim);
	open += kworkerx_queue_delayed_work(me->worker, &victim->dwork,
					    round % 3);
	udelay(round * 7 % 100);
	open += kworkerx_queue_work(me->worker, &victim->dwork.work);
	open -= kworkerx_cancel_delayed_work_sync(&victim->dwork);
	me->failed += open != victim->runs;
	kfree(victim);
}

static void queue_cancel_free_fn(void *arg)
{
	unsigned long begin = jiffies;
	unsigned int round;

	for (round = 0; kwx_once_more(round, ROUNDS, begin); round++)
		queue_cancel_free(arg, round);
}

static void a_work_can_be_freed_right_after_its_cancel(struct kunit *test)
{
	unsigned int i, nr = kwx_nr_threads(test);
	struct racer *racers = kwx_calloc(test, nr, sizeof(*racers));

	for (i = 0; i < nr; i++)
		racers[i].worker = kwx_bed_worker(test);
	kwx_calls(test, queue_cancel_free_fn, racers, sizeof(*racers), nr);
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ(test, 0, racers[i].failed);
}

/* Cancels about the time at which the timer fires, on whichever side. */
static void cancel_at_expiry(struct racer *me, unsigned int round)
{
	unsigned long delay = (round + me->seed) % 3;
	unsigned long us = delay * jiffies_to_usecs(1);
	struct kworkerx_delayed_work *dwork = &me->job->dwork;

	me->accepted += kworkerx_queue_delayed_work(me->worker, dwork, delay);
	if (us)
		usleep_range(us - us * (round % 16) / 64, us + 100);
	me->taken += kworkerx_cancel_delayed_work_sync(dwork);
	if (atomic_read(&me->job->running) || timer_pending(&dwork->timer) ||
	    kworkerx_cancel_delayed_work_sync(dwork) ||
	    me->accepted != round + 1 ||
	    me->accepted != me->taken + kwx_runs(me->job))
		me->failed++;
}

static void cancel_at_expiry_fn(void *arg)
{
	unsigned long begin = jiffies;
	unsigned int round;

	for (round = 0; kwx_once_more(round, ROUNDS, begin); round++)
		cancel_at_expiry(arg, round);
}

static void cancel_that_races_the_timer_loses_nothing(struct kunit *test)
{
	unsigned int i, nr = kwx_nr_threads(test);
	struct racer *racers = kwx_calloc(test, nr, sizeof(*racers));

	for (i = 0; i < nr; i++) {
		racers[i].worker = kwx_bed_worker(test);
		racers[i].job = kwx_job(test, NULL, i);
		racers[i].seed = i;
	}
	kwx_calls(test, cancel_at_expiry_fn, racers, sizeof(*racers), nr);
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ(test, 0, racers[i].failed);
}

/* Queues and cancels one work for all, in an order of its own. */
static void queue_and_cancel_fn(void *arg)
{
	unsigned long begin = jiffies;
	struct racer *me = arg;
	struct kworkerx_delayed_work *dwork = &me->job->dwork;
	unsigned int round;

	for (round = 0; kwx_once_more(round, 2 * ROUNDS, begin); round++) {
		me->seed = me->seed * 1664525 + 1013904223;
		if (me->seed >> 30 == 0)
			me->taken += kworkerx_cancel_delayed_work_sync(dwork);
		else if (me->seed >> 30 == 1)
			me->accepted += kworkerx_queue_delayed_work(me->worker, dwork, 1);
		else
			me->accepted += kworkerx_queue_work(me->worker, &dwork->work);
	}
}

static void queueings_that_race_cancels_add_up(struct kunit *test)
{
	struct kwx_job *job = kwx_job(test, NULL, 1);
	unsigned int i, nr = kwx_nr_threads(test);
	struct racer *racers = kwx_calloc(test, nr, sizeof(*racers));
	int open = 0;

	for (i = 0; i < nr; i++) {
		racers[i].worker = kwx_bed_worker(test);
		racers[i].job = job;
		racers[i].seed = i;
	}
	kwx_calls(test, queue_and_cancel_fn, racers, sizeof(*racers), nr);
	for (i = 0; i < nr; i++)
		open += racers[i].accepted - racers[i].taken;
	open -= kworkerx_cancel_delayed_work_sync(&job->dwork);
	KUNIT_EXPECT_EQ(test, open, kwx_runs(job));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&job->overlaps));
}

static void more_cancellers_than_can_be_counted_wait(struct kunit *test)
{
	struct kwx_job *job = kwx_queued(test, 1);
	struct kwx_call *cancel;

	kwx_flush(test, kwx_bed_worker(test));
	atomic_or(KWORKERX_WORK_CANCELS, &KWX_WORK(job)->state);
	cancel = kwx_call(test, kwx_cancel_work_fn, KWX_WORK(job));
	/* It looks again each jiffy. */
	KUNIT_EXPECT_FALSE(test, wait_for_completion_timeout(&cancel->done, HZ / 20));
	KUNIT_EXPECT_FALSE(test, kworkerx_queue_work(kwx_bed_worker(test),
						     KWX_WORK(job)));
	atomic_sub(KWORKERX_WORK_CANCEL, &KWX_WORK(job)->state);
	kwx_call_returns(test, cancel);
	atomic_andnot(KWORKERX_WORK_CANCELS, &KWX_WORK(job)->state);
	KUNIT_EXPECT_EQ(test, KWORKERX_WORK_IDLE,
			atomic_read(&KWX_WORK(job)->state));
	kwx_queue(test, kwx_bed_worker(test), job);
	kwx_flush(test, kwx_bed_worker(test));
	KUNIT_EXPECT_EQ(test, 2, kwx_runs(job));
}

static struct kunit_case cancel_cases[] = {
	KUNIT_CASE(more_cancellers_than_can_be_counted_wait),
	KUNIT_CASE(cancel_of_a_never_queued_work_is_false),
	KUNIT_CASE(cancel_of_an_idle_work_is_false_and_does_not_wait),
	KUNIT_CASE(cancel_of_a_pending_work_is_true_and_does_not_wait),
	KUNIT_CASE(second_cancel_is_false),
	KUNIT_CASE(cancel_of_a_running_work_is_false_and_waits),
	KUNIT_CASE(cancel_of_a_running_and_pending_work_is_true_and_waits),
	KUNIT_CASE_PARAM(works_are_refused_while_a_cancel_waits,
			 wheres_gen_params),
	KUNIT_CASE(a_work_can_be_queued_again_after_its_cancel),
	KUNIT_CASE(a_work_cannot_queue_itself_while_a_cancel_waits),
	KUNIT_CASE(a_cancelled_pending_work_is_refused_while_its_run_lasts),
	KUNIT_CASE_PARAM(cancels_of_a_running_work_all_wait,
			 threads_gen_params),
	KUNIT_CASE_PARAM(one_of_many_cancels_takes_the_pending_work_back,
			 threads_gen_params),
	KUNIT_CASE(cancel_of_any_works_keeps_the_order_of_the_rest),
	KUNIT_CASE(cancel_of_the_last_work_lets_others_follow),
	KUNIT_CASE(cancel_of_every_other_of_a_thousand_takes_just_those),
	KUNIT_CASE(cancel_of_a_delayed_work_stops_its_timer),
	KUNIT_CASE(cancel_of_the_work_inside_stops_the_timer),
	KUNIT_CASE(cancel_of_one_timer_leaves_the_others),
	KUNIT_CASE(cancel_takes_an_expired_work_from_the_queue),
	KUNIT_CASE(cancel_of_a_running_delayed_work_waits),
	KUNIT_CASE(cancel_of_a_running_and_armed_work_is_true_and_waits),
	KUNIT_CASE(cancel_waits_for_a_timer_that_has_expired),
	KUNIT_CASE(one_of_two_cancels_takes_an_expired_work),
	KUNIT_CASE(cancel_ends_a_work_that_rearms_itself),
	KUNIT_CASE(cancel_from_the_running_work_is_false_and_reported),
	KUNIT_CASE(cancel_from_the_work_itself_takes_its_next_run_back),
	KUNIT_CASE(a_work_may_cancel_a_pending_one_of_its_worker),
	KUNIT_CASE(a_work_may_cancel_a_running_one_of_another_worker),
	KUNIT_CASE(cancel_does_not_need_a_thread),
	KUNIT_CASE(cancel_works_while_the_worker_is_destroyed),
	KUNIT_CASE_PARAM(a_work_can_be_freed_right_after_its_cancel,
			 threads_gen_params),
	KUNIT_CASE_PARAM(cancel_that_races_the_timer_loses_nothing,
			 threads_gen_params),
	KUNIT_CASE_PARAM(queueings_that_race_cancels_add_up,
			 threads_gen_params),
	{}
};

static struct kunit_suite cancel_suite = {
	.name = "kworkerx_cancel",
	.init = kwx_bed_init,
	.test_cases = cancel_cases,
};

kunit_test_suite(cancel_suite);
