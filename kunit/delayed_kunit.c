// SPDX-License-Identifier: GPL-2.0-only
/*
 * Delayed works: when they run and where in the queue, and what becomes of
 * them when their delay is changed.
 *
 * A timer of an hour does not fire during a test: what happens then does not
 * come from it.  Where a timer has to fire, the case waits until it has, while
 * a held job keeps the worker from running the work.
 */
#include <linux/delay.h>
#include <linux/preempt.h>
#include <linux/prandom.h>

#include "common.h"

#define AN_HOUR		(3600UL * HZ)
#define ROUNDS		200

KUNIT_ARRAY_PARAM(threads, kwx_threads, kwx_threads_desc);

static bool queue_after(struct kunit *test, struct kwx_job *job,
			unsigned long delay)
{
	return kworkerx_queue_delayed_work(kwx_bed_worker(test), &job->dwork,
					   delay);
}

static bool mod(struct kunit *test, struct kwx_job *job, unsigned long delay)
{
	return kworkerx_mod_delayed_work(kwx_bed_worker(test), &job->dwork,
					 delay);
}

static struct kwx_job *queued_after(struct kunit *test, int id,
				    unsigned long delay)
{
	struct kwx_job *job = kwx_bed_job(test, id);

	KUNIT_EXPECT_TRUE(test, queue_after(test, job, delay));
	return job;
}

/* Lets the worker go and waits for all that is queued. */
static void drain(struct kunit *test, struct kwx_job *gate)
{
	kwx_release(gate);
	kwx_flush(test, kwx_bed_worker(test));
}

static bool is_armed(struct kwx_job *job)
{
	return timer_pending(&job->dwork.timer);
}

static bool is_early(struct kwx_job *job, unsigned long due)
{
	return time_before(job->when, due);
}

/*
 * The delay
 */

static void a_delayed_work_does_not_run_early(struct kunit *test)
{
	static const unsigned long delays[] = { 1, 2, 3, 10, HZ / 5 };
	struct kwx_job *job = kwx_bed_job(test, 1);
	unsigned long due;
	int i;

	for (i = 0; i < ARRAY_SIZE(delays); i++) {
		due = jiffies + delays[i];
		KUNIT_EXPECT_TRUE(test, queue_after(test, job, delays[i]));
		kwx_wait(test, &job->started);
		KUNIT_EXPECT_FALSE(test, is_early(job, due));
	}
	KUNIT_EXPECT_EQ(test, i, kwx_runs(job));
}

#define NR_DELAYED	30

static void delayed_works_all_run_once_and_none_early(struct kunit *test)
{
	struct kwx_job *jobs[NR_DELAYED];
	unsigned long due[NR_DELAYED], delay;
	struct rnd_state rnd;
	int i;

	prandom_seed_state(&rnd, NR_DELAYED);
	for (i = 0; i < NR_DELAYED; i++) {
		delay = prandom_u32_state(&rnd) % (HZ / 2);
		due[i] = jiffies + delay;
		jobs[i] = queued_after(test, i, delay);
	}
	for (i = 0; i < NR_DELAYED; i++) {
		kwx_wait(test, &jobs[i]->started);
		KUNIT_EXPECT_FALSE(test, is_early(jobs[i], due[i]));
	}
	kwx_flush(test, kwx_bed_worker(test));
	for (i = 0; i < NR_DELAYED; i++)
		KUNIT_EXPECT_EQ(test, 1, kwx_runs(jobs[i]));
}

static void a_delay_of_0_queues_at_once_without_a_timer(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job;

	kwx_queued(test, 1);
	job = queued_after(test, 2, 0);
	KUNIT_EXPECT_FALSE(test, is_armed(job));
	kwx_queued(test, 3);
	drain(test, gate);
	kwx_expect_log(test, kwx_bed_log(test), 0, 1, 2, 3);
}

static void a_work_that_waits_for_its_timer_holds_nobody_up(struct kunit *test)
{
	struct kwx_job *job = queued_after(test, 1, AN_HOUR);

	kwx_queued(test, 2);
	kwx_flush(test, kwx_bed_worker(test));
	kwx_expect_log(test, kwx_bed_log(test), 2);
	KUNIT_EXPECT_TRUE(test, is_armed(job));
}

static void an_expired_work_goes_to_the_end_of_the_queue(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = queued_after(test, 1, AN_HOUR);

	kwx_queued(test, 2);
	KUNIT_EXPECT_TRUE(test, mod(test, job, 1));
	kwx_wait_expired(test, job);
	kwx_queued(test, 3);
	drain(test, gate);
	kwx_expect_log(test, kwx_bed_log(test), 0, 2, 1, 3);
}

static void an_expired_timer_wakes_an_idle_worker(struct kunit *test)
{
	struct kwx_job *job = queued_after(test, 1, HZ / 20);

	kwx_await_state(test, kwx_bed_worker(test)->task, TASK_IDLE);
	kwx_wait(test, &job->started);
}

static DECLARE_COMPLETION(static_ran);

static void static_fn(struct kworkerx_work *work)
{
	complete(&static_ran);
}

static DEFINE_KWORKERX_DELAYED_WORK(static_dwork, static_fn);

static void a_static_delayed_work_needs_no_other_initialiser(struct kunit *test)
{
	reinit_completion(&static_ran);
	KUNIT_EXPECT_TRUE(test,
			  kworkerx_queue_delayed_work(kwx_bed_worker(test),
						      &static_dwork, 1));
	kwx_wait(test, &static_ran);
	kworkerx_cancel_delayed_work_sync(&static_dwork);
}

/* Three runs, each from the one before. */
static void rearm_twice(struct kwx_job *job)
{
	if (kwx_runs(job) < 3)
		kworkerx_queue_delayed_work(job->worker, &job->dwork, 1);
	else
		complete(job->data);
}

static void a_delayed_work_may_rearm_itself(struct kunit *test)
{
	struct kwx_job *job = kwx_bed_job(test, 1);
	struct completion *done = kwx_calloc(test, 1, sizeof(*done));
	unsigned long due = jiffies + 3;

	init_completion(done);
	job->worker = kwx_bed_worker(test);
	job->action = rearm_twice;
	job->data = done;
	KUNIT_EXPECT_TRUE(test, queue_after(test, job, 1));
	kwx_wait(test, done);
	KUNIT_EXPECT_FALSE(test, is_early(job, due));
	kwx_flush(test, kwx_bed_worker(test));
	kwx_expect_log(test, kwx_bed_log(test), 1, 1, 1);
}

/*
 * One instance at a time
 */

static void a_work_is_refused_while_its_timer_is_armed(struct kunit *test)
{
	struct kwx_job *job = queued_after(test, 1, AN_HOUR);

	KUNIT_EXPECT_FALSE(test, queue_after(test, job, AN_HOUR));
	KUNIT_EXPECT_FALSE(test, queue_after(test, job, 0));
	KUNIT_EXPECT_FALSE(test, kworkerx_queue_work(kwx_bed_worker(test),
						     KWX_WORK(job)));
	KUNIT_EXPECT_TRUE(test, is_armed(job));
	kwx_flush(test, kwx_bed_worker(test));
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
}

static void a_work_is_refused_while_it_is_queued(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = queued_after(test, 1, 1);

	kwx_wait_expired(test, job);
	KUNIT_EXPECT_FALSE(test, queue_after(test, job, 1));
	KUNIT_EXPECT_FALSE(test, queue_after(test, job, 0));
	KUNIT_EXPECT_FALSE(test, kworkerx_queue_work(kwx_bed_worker(test),
						     KWX_WORK(job)));
	KUNIT_EXPECT_FALSE(test, is_armed(job));
	drain(test, gate);
	kwx_expect_log(test, kwx_bed_log(test), 0, 1);
}

static void a_work_is_accepted_again_while_it_runs(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);

	KUNIT_EXPECT_TRUE(test, queue_after(test, job, 1));
	kwx_wait_expired(test, job);
	KUNIT_EXPECT_FALSE(test, queue_after(test, job, 1));
	kwx_release(job);
	drain(test, job);
	kwx_expect_log(test, kwx_bed_log(test), 1, 1);
}

/*
 * mod: what it returns, and what it leaves behind
 */

static void mod_of_a_never_queued_work_queues_it(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *now = kwx_bed_job(test, 1);
	struct kwx_job *later = kwx_bed_job(test, 2);

	KUNIT_EXPECT_FALSE(test, mod(test, now, 0));
	KUNIT_EXPECT_FALSE(test, mod(test, later, AN_HOUR));
	KUNIT_EXPECT_FALSE(test, is_armed(now));
	KUNIT_EXPECT_TRUE(test, is_armed(later));
	drain(test, gate);
	kwx_expect_log(test, kwx_bed_log(test), 0, 1);
}

static void mod_of_an_idle_work_queues_it(struct kunit *test)
{
	struct kwx_job *job = kwx_queued(test, 1);

	kwx_flush(test, kwx_bed_worker(test));
	KUNIT_EXPECT_FALSE(test, mod(test, job, 0));
	kwx_flush(test, kwx_bed_worker(test));
	KUNIT_EXPECT_FALSE(test, mod(test, job, AN_HOUR));
	KUNIT_EXPECT_TRUE(test, is_armed(job));
	kwx_expect_log(test, kwx_bed_log(test), 1, 1);
}

static void mod_of_a_running_work_queues_it_again(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);

	KUNIT_EXPECT_FALSE(test, mod(test, job, 0));
	KUNIT_EXPECT_TRUE(test, mod(test, job, 0));
	kwx_release(job);
	drain(test, job);
	kwx_expect_log(test, kwx_bed_log(test), 1, 1);
}

static void mod_shortens_a_delay(struct kunit *test)
{
	struct kwx_job *job = queued_after(test, 1, AN_HOUR);
	unsigned long due = jiffies + 2;

	KUNIT_EXPECT_TRUE(test, mod(test, job, 2));
	kwx_wait(test, &job->started);
	KUNIT_EXPECT_FALSE(test, is_early(job, due));
	KUNIT_EXPECT_FALSE(test, is_armed(job));
	kwx_flush(test, kwx_bed_worker(test));
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

/* Whether it comes before the first timer or after, it starts a new wait. */
static void mod_lengthens_a_delay(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = queued_after(test, 1, 2);
	unsigned long due = jiffies + HZ / 5;

	KUNIT_EXPECT_TRUE(test, mod(test, job, HZ / 5));
	kwx_release(gate);
	kwx_wait(test, &job->started);
	KUNIT_EXPECT_FALSE(test, is_early(job, due));
	KUNIT_EXPECT_FALSE(test, is_armed(job));
	kwx_flush(test, kwx_bed_worker(test));
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

static void mod_to_0_queues_an_armed_work_at_once(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = queued_after(test, 1, AN_HOUR);

	kwx_queued(test, 2);
	KUNIT_EXPECT_TRUE(test, mod(test, job, 0));
	KUNIT_EXPECT_FALSE(test, is_armed(job));
	kwx_queued(test, 3);
	drain(test, gate);
	kwx_expect_log(test, kwx_bed_log(test), 0, 2, 1, 3);
}

/* Of three works in the queue, each in turn. */
static void mod_to_0_moves_a_queued_work_to_the_end(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *first = queued_after(test, 1, 0);
	struct kwx_job *middle = queued_after(test, 2, 0);
	struct kwx_job *last = queued_after(test, 3, 0);

	KUNIT_EXPECT_TRUE(test, mod(test, middle, 0));
	KUNIT_EXPECT_TRUE(test, mod(test, first, 0));
	KUNIT_EXPECT_TRUE(test, mod(test, first, 0));
	kwx_queued(test, 4);
	drain(test, gate);
	kwx_expect_log(test, kwx_bed_log(test), 0, 3, 2, 1, 4);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(last));
}

static void mod_takes_a_queued_work_back_to_its_timer(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = queued_after(test, 1, 0);

	kwx_queued(test, 2);
	KUNIT_EXPECT_TRUE(test, mod(test, job, AN_HOUR));
	KUNIT_EXPECT_TRUE(test, is_armed(job));
	drain(test, gate);
	kwx_expect_log(test, kwx_bed_log(test), 0, 2);
	KUNIT_EXPECT_TRUE(test, mod(test, job, 1));
	kwx_wait(test, &job->started);
	kwx_expect_log(test, kwx_bed_log(test), 0, 2, 1);
}

static void mod_takes_an_expired_work_back_to_its_timer(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = queued_after(test, 1, 1);
	unsigned long due;

	kwx_wait_expired(test, job);
	due = jiffies + HZ / 10;
	KUNIT_EXPECT_TRUE(test, mod(test, job, HZ / 10));
	kwx_release(gate);
	kwx_wait(test, &job->started);
	KUNIT_EXPECT_FALSE(test, is_early(job, due));
}

static void mod_leaves_a_work_on_its_timer_cancellable(struct kunit *test)
{
	struct kwx_job *job = queued_after(test, 1, AN_HOUR);
	int i;

	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_TRUE(test, mod(test, job, AN_HOUR - i));
	KUNIT_EXPECT_TRUE(test, kworkerx_cancel_delayed_work_sync(&job->dwork));
	KUNIT_EXPECT_FALSE(test, is_armed(job));
	KUNIT_EXPECT_FALSE(test, kworkerx_cancel_delayed_work_sync(&job->dwork));
}

static void mod_adds_nothing_while_a_cancel_waits(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);
	struct kwx_call *cancel;

	KUNIT_EXPECT_TRUE(test, queue_after(test, job, AN_HOUR));
	cancel = kwx_call(test, kwx_cancel_work_fn, KWX_WORK(job));
	kwx_call_blocks(test, cancel);
	KUNIT_EXPECT_TRUE(test, mod(test, job, 0));
	KUNIT_EXPECT_TRUE(test, mod(test, job, 1));
	KUNIT_EXPECT_FALSE(test, is_armed(job));
	kwx_release(job);
	kwx_call_returns(test, cancel);
	kwx_flush(test, kwx_bed_worker(test));
	KUNIT_EXPECT_FALSE(test, is_armed(job));
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
	KUNIT_EXPECT_FALSE(test, mod(test, job, AN_HOUR));
}

/*
 * mod where nothing may sleep
 */

struct mod_call {
	struct kunit *test;
	struct kwx_job *job;
	unsigned long delay;
	bool in_hardirq;
	bool result;
};

static void mod_fn(void *arg)
{
	struct mod_call *call = arg;

	call->in_hardirq = in_hardirq();
	call->result = mod(call->test, call->job, call->delay);
}

static bool mod_in_irq(struct kunit *test, struct kwx_job *job,
		       unsigned long delay)
{
	struct mod_call call = { test, job, delay };

	kwx_in_irq(mod_fn, &call);
	KUNIT_EXPECT_TRUE(test, call.in_hardirq);
	return call.result;
}

static bool mod_in_lock(struct kunit *test, struct kwx_job *job,
			unsigned long delay)
{
	struct mod_call call = { test, job, delay };

	kwx_in_raw_lock(mod_fn, &call);
	return call.result;
}

/* @mod finds the work idle, armed, armed, queued, armed, queued, running. */
static void check_mod(struct kunit *test,
		      bool (*mod)(struct kunit *test, struct kwx_job *job,
				  unsigned long delay))
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = kwx_bed_held_job(test, 1);

	KUNIT_EXPECT_FALSE(test, mod(test, job, AN_HOUR));
	KUNIT_EXPECT_TRUE(test, mod(test, job, AN_HOUR));
	KUNIT_EXPECT_TRUE(test, mod(test, job, 1));
	kwx_wait_expired(test, job);
	KUNIT_EXPECT_TRUE(test, mod(test, job, AN_HOUR));
	KUNIT_EXPECT_TRUE(test, is_armed(job));
	KUNIT_EXPECT_TRUE(test, mod(test, job, 0));
	KUNIT_EXPECT_FALSE(test, is_armed(job));
	KUNIT_EXPECT_TRUE(test, mod(test, job, 0));
	kwx_release(gate);
	kwx_wait(test, &job->started);
	KUNIT_EXPECT_FALSE(test, mod(test, job, 0));
	kwx_release(job);
	drain(test, job);
	kwx_expect_log(test, kwx_bed_log(test), 0, 1, 1);
}

static void mod_works_in_a_hard_interrupt(struct kunit *test)
{
	check_mod(test, mod_in_irq);
}

static void mod_works_under_a_raw_lock(struct kunit *test)
{
	check_mod(test, mod_in_lock);
}

/*
 * mod and others at the same time
 */

struct racer {
	struct kworkerx_worker *worker;
	struct kwx_job *job;
	unsigned long delay;
	unsigned int seed;
	int added;
	int taken;
};

static void mod_once_fn(void *arg)
{
	struct racer *me = arg;

	me->added = !kworkerx_mod_delayed_work(me->worker, &me->job->dwork,
					       me->delay);
}

/* It waits for the lock as the timer fires, and finds the work just queued. */
static void check_mod_at_expiry(struct kunit *test, unsigned long delay)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct racer *racer = kwx_calloc(test, 1, sizeof(*racer));
	const struct kwx_guest guest = { .fn = mod_once_fn, .arg = racer };

	racer->worker = kwx_bed_worker(test);
	racer->delay = delay;
	racer->job = kwx_bed_job(test, 1);
	kwx_meet_timer(test, kwx_bed_worker(test), racer->job, &guest, 1);
	KUNIT_EXPECT_EQ(test, 0, racer->added);
	KUNIT_EXPECT_EQ(test, delay != 0, is_armed(racer->job));
	drain(test, gate);
	KUNIT_EXPECT_EQ(test, delay == 0, kwx_runs(racer->job));
}

static void mod_takes_a_work_back_whose_timer_is_firing(struct kunit *test)
{
	check_mod_at_expiry(test, AN_HOUR);
}

static void mod_queues_a_work_once_whose_timer_is_firing(struct kunit *test)
{
	check_mod_at_expiry(test, 0);
}

static void mod_storm_fn(void *arg)
{
	unsigned long begin = jiffies;
	struct racer *me = arg;
	unsigned int round;

	for (round = 0; kwx_once_more(round, 2 * ROUNDS, begin); round++) {
		me->added += !kworkerx_mod_delayed_work(me->worker,
							&me->job->dwork,
							(round + me->seed) % 3);
		/* Lets a timer fire now and then. */
		if (round % 16 == me->seed)
			usleep_range(jiffies_to_usecs(1), jiffies_to_usecs(2));
	}
}

static void mods_that_race_the_timer_add_up(struct kunit *test)
{
	unsigned int i, nr = kwx_nr_threads(test);
	struct racer *racers = kwx_calloc(test, nr, sizeof(*racers));
	struct kwx_job *job = kwx_job(test, NULL, 1);
	int open = 0;

	for (i = 0; i < nr; i++) {
		racers[i].worker = kwx_bed_worker(test);
		racers[i].job = job;
		racers[i].seed = i;
	}
	kwx_calls(test, mod_storm_fn, racers, sizeof(*racers), nr);
	for (i = 0; i < nr; i++)
		open += racers[i].added;
	open -= kworkerx_cancel_delayed_work_sync(&job->dwork);
	KUNIT_EXPECT_EQ(test, open, kwx_runs(job));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&job->overlaps));
}

/* All that can be done with a delayed work, in an order of its own. */
static void everything_fn(void *arg)
{
	unsigned long begin = jiffies;
	struct racer *me = arg;
	struct kworkerx_delayed_work *dwork = &me->job->dwork;
	unsigned int round;

	for (round = 0; kwx_once_more(round, 2 * ROUNDS, begin); round++) {
		me->seed = me->seed * 1664525 + 1013904223;
		me->delay = (me->seed >> 16) % 3;
		switch (me->seed >> 30) {
		case 0:
			me->taken += kworkerx_cancel_delayed_work_sync(dwork);
			break;
		case 1:
			me->added += kworkerx_queue_delayed_work(me->worker, dwork, me->delay);
			break;
		case 2:
			me->added += kworkerx_queue_work(me->worker, &dwork->work);
			break;
		default:
			me->added += !kworkerx_mod_delayed_work(me->worker, dwork, me->delay);
		}
	}
}

static void mods_and_queueings_and_cancels_add_up(struct kunit *test)
{
	unsigned int i, nr = kwx_nr_threads(test);
	struct racer *racers = kwx_calloc(test, nr, sizeof(*racers));
	struct kwx_job *job = kwx_job(test, NULL, 1);
	int open = 0;

	for (i = 0; i < nr; i++) {
		racers[i].worker = kwx_bed_worker(test);
		racers[i].job = job;
		racers[i].seed = i;
	}
	kwx_calls(test, everything_fn, racers, sizeof(*racers), nr);
	for (i = 0; i < nr; i++)
		open += racers[i].added - racers[i].taken;
	open -= kworkerx_cancel_delayed_work_sync(&job->dwork);
	KUNIT_EXPECT_EQ(test, open, kwx_runs(job));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&job->overlaps));
}

/*
 * Two workers
 */

/* @job is pending on the bed's worker: nothing moves it. */
static void check_stays(struct kunit *test, struct kwx_job *job)
{
	struct kworkerx_worker *other = kwx_worker(test);

	kwx_misuse_begin();
	/* Nothing was added. */
	KUNIT_EXPECT_TRUE(test, kworkerx_mod_delayed_work(other, &job->dwork,
							  0));
	KUNIT_EXPECT_TRUE(test, kworkerx_mod_delayed_work(other, &job->dwork,
							  1));
	KUNIT_EXPECT_FALSE(test, kworkerx_queue_delayed_work(other,
							     &job->dwork, 0));
	KUNIT_EXPECT_FALSE(test, kworkerx_queue_delayed_work(other,
							     &job->dwork, 1));
	kwx_misuse_end(test, "while worker kwx_test has it");
	KUNIT_EXPECT_PTR_EQ(test, kwx_bed_worker(test), KWX_WORK(job)->worker);
	kwx_flush(test, other);
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
}

static void an_armed_work_does_not_move_to_another_worker(struct kunit *test)
{
	struct kwx_job *job = queued_after(test, 1, AN_HOUR);

	check_stays(test, job);
	KUNIT_EXPECT_TRUE(test, mod(test, job, 1));
	kwx_wait(test, &job->started);
	kwx_flush(test, kwx_bed_worker(test));
	kwx_expect_log(test, kwx_bed_log(test), 1);
}

static void a_queued_work_does_not_move_to_another_worker(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);

	check_stays(test, queued_after(test, 1, 0));
	drain(test, gate);
	kwx_expect_log(test, kwx_bed_log(test), 0, 1);
}

static void an_idle_delayed_work_moves_to_another_worker(struct kunit *test)
{
	struct kworkerx_worker *other = kwx_worker(test);
	struct kwx_job *job = queued_after(test, 1, 1);

	kwx_wait(test, &job->started);
	kwx_flush(test, kwx_bed_worker(test));
	KUNIT_EXPECT_FALSE(test, kworkerx_mod_delayed_work(other, &job->dwork,
							   1));
	kwx_wait(test, &job->started);
	kwx_flush(test, other);
	KUNIT_EXPECT_TRUE(test, kworkerx_queue_delayed_work(other, &job->dwork,
							    AN_HOUR));
	KUNIT_EXPECT_PTR_EQ(test, other, KWX_WORK(job)->worker);
	kwx_expect_log(test, kwx_bed_log(test), 1, 1);
}

/*
 * Misuse
 */

/* As if it had been initialised by force: the timer knows of no worker. */
static void a_timer_of_a_work_without_a_worker_is_reported(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bed_worker(test);
	struct kwx_job *job = kwx_bed_job(test, 1);
	unsigned long flags;

	kwx_misuse_begin();
	/* The timer is this CPU's. */
	local_irq_save(flags);
	KUNIT_EXPECT_TRUE(test, queue_after(test, job, 2));
	WRITE_ONCE(KWX_WORK(job)->worker, NULL);
	local_irq_restore(flags);
	while (is_armed(job))
		usleep_range(1000, 2000);
	timer_delete_sync(&job->dwork.timer);
	kwx_misuse_end(test, "was initialised while its timer was armed");
	WRITE_ONCE(KWX_WORK(job)->worker, worker);
	KUNIT_EXPECT_TRUE(test, kworkerx_cancel_delayed_work_sync(&job->dwork));
	kwx_flush(test, worker);
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
}

static void a_work_that_was_not_initialised_is_reported(struct kunit *test)
{
	struct kworkerx_delayed_work *dwork;

	dwork = kunit_kzalloc(test, sizeof(*dwork), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, dwork);
	kwx_misuse_begin();
	KUNIT_EXPECT_FALSE(test,
			   kworkerx_queue_delayed_work(kwx_bed_worker(test),
						       dwork, 1));
	KUNIT_EXPECT_FALSE(test,
			   kworkerx_queue_delayed_work(kwx_bed_worker(test),
						       dwork, 0));
	KUNIT_EXPECT_TRUE(test, kworkerx_mod_delayed_work(kwx_bed_worker(test),
							  dwork, 1));
	kwx_misuse_end(test, "is not initialised");
}

static void no_worker_is_reported(struct kunit *test)
{
	struct kwx_job *job = kwx_bed_job(test, 1);

	kwx_misuse_begin();
	KUNIT_EXPECT_FALSE(test, kworkerx_queue_delayed_work(NULL, &job->dwork,
							     1));
	KUNIT_EXPECT_TRUE(test, kworkerx_mod_delayed_work(ERR_PTR(-ENOMEM),
							  &job->dwork, 1));
	kwx_misuse_end(test, "queued on worker");
	KUNIT_EXPECT_TRUE(test, queue_after(test, job, 0));
}

static void an_armed_work_is_taken_back_from_a_destroyed_worker(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kwx_job *job = kwx_bed_job(test, 1);

	KUNIT_EXPECT_TRUE(test, kworkerx_queue_delayed_work(worker, &job->dwork,
							    AN_HOUR));
	kwx_misuse_begin();
	kwx_destroy_worker(test, worker);
	kwx_misuse_end(test, "destroyed while the timer of");
	KUNIT_EXPECT_FALSE(test, is_armed(job));
	KUNIT_EXPECT_FALSE(test, kworkerx_cancel_delayed_work_sync(&job->dwork));
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
	KUNIT_EXPECT_TRUE(test, queue_after(test, job, 1));
	kwx_wait(test, &job->started);
}

static void a_destroyed_worker_takes_no_delayed_work(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kwx_job *job = kwx_bed_job(test, 1);

	kwx_destroy_worker(test, worker);
	kwx_misuse_begin();
	KUNIT_EXPECT_FALSE(test, kworkerx_queue_delayed_work(worker,
							     &job->dwork, 0));
	KUNIT_EXPECT_FALSE(test, kworkerx_queue_delayed_work(worker,
							     &job->dwork, 1));
	KUNIT_EXPECT_TRUE(test, kworkerx_mod_delayed_work(worker, &job->dwork,
							  1));
	kwx_misuse_end(test, "which is being destroyed");
	KUNIT_EXPECT_FALSE(test, is_armed(job));
	KUNIT_EXPECT_TRUE(test, queue_after(test, job, 0));
	kwx_flush(test, kwx_bed_worker(test));
	kwx_expect_log(test, kwx_bed_log(test), 1);
}

static void mod_leaves_a_work_of_a_dying_worker_in_its_queue(struct kunit *test)
{
	struct kworkerx_worker *worker = kworkerx_run_worker(0, "kwx_dying");
	struct kwx_job *gate = kwx_bed_held_job(test, 0);
	struct kwx_job *job = kwx_bed_job(test, 1);
	struct kwx_call *destroy;

	KUNIT_ASSERT_FALSE(test, IS_ERR(worker));
	kwx_hold(test, worker, gate);
	kwx_queue(test, worker, job);
	destroy = kwx_call(test, kwx_destroy_worker_fn, worker);
	kwx_call_blocks(test, destroy);
	kwx_misuse_begin();
	kworkerx_mod_delayed_work(worker, &job->dwork, 1);
	kwx_misuse_end(test, "delayed on worker");
	KUNIT_EXPECT_FALSE(test, is_armed(job));
	kwx_release(gate);
	kwx_call_returns(test, destroy);
	kwx_expect_log(test, kwx_bed_log(test), 0, 1);
}

static struct kunit_case delayed_cases[] = {
	KUNIT_CASE(a_delayed_work_does_not_run_early),
	KUNIT_CASE(delayed_works_all_run_once_and_none_early),
	KUNIT_CASE(a_delay_of_0_queues_at_once_without_a_timer),
	KUNIT_CASE(a_work_that_waits_for_its_timer_holds_nobody_up),
	KUNIT_CASE(an_expired_work_goes_to_the_end_of_the_queue),
	KUNIT_CASE(an_expired_timer_wakes_an_idle_worker),
	KUNIT_CASE(a_static_delayed_work_needs_no_other_initialiser),
	KUNIT_CASE(a_delayed_work_may_rearm_itself),
	KUNIT_CASE(a_work_is_refused_while_its_timer_is_armed),
	KUNIT_CASE(a_work_is_refused_while_it_is_queued),
	KUNIT_CASE(a_work_is_accepted_again_while_it_runs),
	KUNIT_CASE(mod_of_a_never_queued_work_queues_it),
	KUNIT_CASE(mod_of_an_idle_work_queues_it),
	KUNIT_CASE(mod_of_a_running_work_queues_it_again),
	KUNIT_CASE(mod_shortens_a_delay),
	KUNIT_CASE(mod_lengthens_a_delay),
	KUNIT_CASE(mod_to_0_queues_an_armed_work_at_once),
	KUNIT_CASE(mod_to_0_moves_a_queued_work_to_the_end),
	KUNIT_CASE(mod_takes_a_queued_work_back_to_its_timer),
	KUNIT_CASE(mod_takes_an_expired_work_back_to_its_timer),
	KUNIT_CASE(mod_leaves_a_work_on_its_timer_cancellable),
	KUNIT_CASE(mod_adds_nothing_while_a_cancel_waits),
	KUNIT_CASE(mod_works_in_a_hard_interrupt),
	KUNIT_CASE(mod_works_under_a_raw_lock),
	KUNIT_CASE(mod_takes_a_work_back_whose_timer_is_firing),
	KUNIT_CASE(mod_queues_a_work_once_whose_timer_is_firing),
	KUNIT_CASE_PARAM(mods_that_race_the_timer_add_up, threads_gen_params),
	KUNIT_CASE_PARAM(mods_and_queueings_and_cancels_add_up,
			 threads_gen_params),
	KUNIT_CASE(an_armed_work_does_not_move_to_another_worker),
	KUNIT_CASE(a_queued_work_does_not_move_to_another_worker),
	KUNIT_CASE(an_idle_delayed_work_moves_to_another_worker),
	KUNIT_CASE(a_timer_of_a_work_without_a_worker_is_reported),
	KUNIT_CASE(a_work_that_was_not_initialised_is_reported),
	KUNIT_CASE(no_worker_is_reported),
	KUNIT_CASE(an_armed_work_is_taken_back_from_a_destroyed_worker),
	KUNIT_CASE(a_destroyed_worker_takes_no_delayed_work),
	KUNIT_CASE(mod_leaves_a_work_of_a_dying_worker_in_its_queue),
	{}
};

static struct kunit_suite delayed_suite = {
	.name = "kworkerx_delayed",
	.init = kwx_bed_init,
	.test_cases = delayed_cases,
};

kunit_test_suite(delayed_suite);
