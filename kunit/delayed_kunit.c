// SPDX-License-Identifier: GPL-2.0-only
/*
 * Delayed works: when they run, and what a change of the delay does.
 */
#include <linux/completion.h>
#include <linux/irq_work.h>

#include "common.h"

/* Long enough not to end during a test. */
#define LONG	(3600 * HZ)

static struct kworkerx_worker *bed_worker(struct kunit *test)
{
	return ((struct kwx_bed *)test->priv)->worker;
}

static struct kwx_log *bed_log(struct kunit *test)
{
	return ((struct kwx_bed *)test->priv)->log;
}

static bool delay(struct kunit *test, struct kwx_job *job, unsigned long jif)
{
	return kworkerx_queue_delayed_work(bed_worker(test), &job->dwork, jif);
}

static bool mod(struct kunit *test, struct kwx_job *job, unsigned long jif)
{
	return kworkerx_mod_delayed_work(bed_worker(test), &job->dwork, jif);
}

static struct kwx_job *armed(struct kunit *test, int id)
{
	struct kwx_job *job = kwx_job(test, bed_log(test), id);

	KUNIT_EXPECT_TRUE(test, delay(test, job, LONG));
	return job;
}

static void a_delayed_work_does_not_run_early(struct kunit *test)
{
	struct kwx_job *job = kwx_job(test, bed_log(test), 1);
	unsigned long start = jiffies;

	KUNIT_EXPECT_TRUE(test, delay(test, job, 5));
	kwx_wait(test, &job->started);
	KUNIT_EXPECT_GE(test, job->when - start, 5UL);
}

static void many_delays_all_end_and_none_early(struct kunit *test)
{
	struct kwx_job *jobs[30];
	unsigned long start[30];
	int i;

	for (i = 0; i < 30; i++) {
		jobs[i] = kwx_job(test, NULL, i);
		start[i] = jiffies;
		KUNIT_EXPECT_TRUE(test, delay(test, jobs[i], i * 7919 % 31));
	}
	for (i = 0; i < 30; i++) {
		kwx_wait(test, &jobs[i]->started);
		KUNIT_EXPECT_GE(test, jobs[i]->when - start[i],
				i * 7919UL % 31);
	}
}

static void a_delay_of_zero_queues_at_once_and_at_the_end(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = kwx_job(test, bed_log(test), 2);

	kwx_queued(test, 1);
	KUNIT_EXPECT_TRUE(test, delay(test, job, 0));
	KUNIT_EXPECT_FALSE(test, timer_pending(&job->dwork.timer));
	kwx_queued(test, 3);
	kwx_release(gate);
	kworkerx_flush_worker(bed_worker(test));
	kwx_expect_log(test, bed_log(test), 0, 1, 2, 3);
}

static void an_expired_work_takes_its_place_at_the_end(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = kwx_job(test, bed_log(test), 2);

	KUNIT_EXPECT_TRUE(test, delay(test, job, 1));
	kwx_queued(test, 1);
	kwx_wait_expired(test, job);
	kwx_queued(test, 3);
	kwx_release(gate);
	kworkerx_flush_worker(bed_worker(test));
	KUNIT_EXPECT_EQ(test, 4U, bed_log(test)->nr);
	KUNIT_EXPECT_EQ(test, 3, bed_log(test)->id[3]);
}

static void an_armed_work_cannot_be_queued_again(struct kunit *test)
{
	struct kwx_job *job = armed(test, 1);

	KUNIT_EXPECT_FALSE(test, delay(test, job, LONG));
	KUNIT_EXPECT_FALSE(test, delay(test, job, 0));
	KUNIT_EXPECT_FALSE(test, kworkerx_queue_work(bed_worker(test),
						     KWX_WORK(job)));
	kworkerx_flush_worker(bed_worker(test));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&job->runs));
}

static void mod_of_an_idle_work_queues_it_and_is_false(struct kunit *test)
{
	struct kwx_job *job = kwx_job(test, bed_log(test), 1);

	KUNIT_EXPECT_FALSE(test, mod(test, job, 0));
	kworkerx_flush_worker(bed_worker(test));
	KUNIT_EXPECT_FALSE(test, mod(test, job, 1));
	kwx_wait(test, &job->started);
	kwx_wait(test, &job->started);
	kwx_expect_log(test, bed_log(test), 1, 1);
}

static void mod_of_a_running_work_queues_it_and_is_false(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);

	KUNIT_EXPECT_FALSE(test, mod(test, job, 0));
	kwx_release(job);
	kwx_wait(test, &job->started);
	KUNIT_EXPECT_EQ(test, 2, atomic_read(&job->runs));
}

static void mod_of_an_armed_work_changes_its_delay_and_is_true(struct kunit *test)
{
	struct kwx_job *job = armed(test, 1);

	KUNIT_EXPECT_TRUE(test, mod(test, job, 2 * LONG));
	KUNIT_EXPECT_TRUE(test, time_after(job->dwork.timer.expires,
					   jiffies + LONG));
	KUNIT_EXPECT_TRUE(test, mod(test, job, 2));
	kwx_wait(test, &job->started);
	kworkerx_flush_worker(bed_worker(test));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&job->runs));
}

static void mod_of_an_armed_work_by_zero_queues_it_now(struct kunit *test)
{
	struct kwx_job *job = armed(test, 1);

	KUNIT_EXPECT_TRUE(test, mod(test, job, 0));
	KUNIT_EXPECT_FALSE(test, timer_pending(&job->dwork.timer));
	kworkerx_flush_worker(bed_worker(test));
	kwx_expect_log(test, bed_log(test), 1);
}

static void mod_of_a_queued_work_by_zero_moves_it_to_the_end(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = kwx_queued(test, 1);

	kwx_queued(test, 2);
	KUNIT_EXPECT_TRUE(test, mod(test, job, 0));
	kwx_release(gate);
	kworkerx_flush_worker(bed_worker(test));
	kwx_expect_log(test, bed_log(test), 0, 2, 1);
}

static void mod_of_a_queued_work_delays_it(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = kwx_queued(test, 1);

	kwx_queued(test, 2);
	KUNIT_EXPECT_TRUE(test, mod(test, job, LONG));
	kwx_release(gate);
	kworkerx_flush_worker(bed_worker(test));
	kwx_expect_log(test, bed_log(test), 0, 2);
	KUNIT_EXPECT_TRUE(test, timer_pending(&job->dwork.timer));
}

/* Each call that is false has added a run, each that is true has not. */
static void mod_against_an_expiring_timer_adds_what_it_says(struct kunit *test)
{
	struct kwx_job *job = kwx_job(test, NULL, 1);
	int i, added = 0;

	for (i = 0; i < 1000; i++) {
		added += !mod(test, job, i % 3);
		if (i % 8 == 7)
			schedule_timeout_uninterruptible(1);
	}
	added -= kworkerx_cancel_delayed_work_sync(&job->dwork);
	KUNIT_EXPECT_EQ(test, added, atomic_read(&job->runs));
}

struct from_irq {
	struct irq_work irq;
	struct kwx_job *job;
	struct kworkerx_worker *worker;
	struct completion done;
	bool result;
};

static void mod_in_irq(struct irq_work *irq)
{
	struct from_irq *call = container_of(irq, struct from_irq, irq);

	call->result = kworkerx_mod_delayed_work(call->worker,
						 &call->job->dwork, 0);
	complete(&call->done);
}

static void mod_works_in_a_hard_interrupt(struct kunit *test)
{
	struct from_irq call = {
		.irq = IRQ_WORK_INIT_HARD(mod_in_irq),
		.job = armed(test, 1),
		.worker = bed_worker(test),
		.done = COMPLETION_INITIALIZER_ONSTACK(call.done),
	};

	irq_work_queue(&call.irq);
	wait_for_completion(&call.done);
	irq_work_sync(&call.irq);
	KUNIT_EXPECT_TRUE(test, call.result);
	kworkerx_flush_worker(bed_worker(test));
	kwx_expect_log(test, bed_log(test), 1);
}

/* Mainline warns and unlocks a lock that it does not hold. */
static void mod_on_another_worker_is_refused(struct kunit *test)
{
	struct kworkerx_worker *other = kwx_worker(test);
	struct kwx_job *job = armed(test, 1);

	kwx_misuse_begin();
	KUNIT_EXPECT_FALSE(test, kworkerx_mod_delayed_work(other, &job->dwork, 0));
	kwx_misuse_end(test, "while worker kwx_test has it");
	KUNIT_EXPECT_PTR_EQ(test, bed_worker(test), KWX_WORK(job)->worker);
	KUNIT_EXPECT_TRUE(test, mod(test, job, 0));
	kworkerx_flush_worker(bed_worker(test));
	kwx_expect_log(test, bed_log(test), 1);
}

static void nothing(struct kworkerx_work *work)
{
}

static void an_armed_work_is_not_initialised_again(struct kunit *test)
{
	struct kwx_job *job = armed(test, 1);

	kwx_misuse_begin();
	kworkerx_init_delayed_work(&job->dwork, nothing);
	kwx_misuse_end(test, "initialised while it is pending");
	KUNIT_EXPECT_TRUE(test, mod(test, job, 0));
	kworkerx_flush_worker(bed_worker(test));
	kwx_expect_log(test, bed_log(test), 1);
}

static void a_zeroed_delayed_work_is_reported(struct kunit *test)
{
	struct kworkerx_delayed_work dwork = {};

	kwx_misuse_begin();
	KUNIT_EXPECT_FALSE(test, kworkerx_queue_delayed_work(bed_worker(test),
							     &dwork, 1));
	kwx_misuse_end(test, "is not initialised");
}

/* Mainline frees the worker under the timer. */
static void destroy_takes_an_armed_timer_back(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kwx_job *job = kwx_job(test, bed_log(test), 1);

	KUNIT_EXPECT_TRUE(test, kworkerx_queue_delayed_work(worker, &job->dwork,
							    LONG));
	kwx_misuse_begin();
	kwx_destroy_worker(test, worker);
	kwx_misuse_end(test, "is armed");
	KUNIT_EXPECT_FALSE(test, timer_pending(&job->dwork.timer));
	KUNIT_EXPECT_FALSE(test, kworkerx_cancel_delayed_work_sync(&job->dwork));
	KUNIT_EXPECT_TRUE(test, delay(test, job, 1));
	kwx_wait(test, &job->started);
}

static void a_delayed_work_of_a_destroyed_worker_is_refused(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kwx_job *job = kwx_job(test, bed_log(test), 1);

	kwx_destroy_worker(test, worker);
	kwx_misuse_begin();
	KUNIT_EXPECT_FALSE(test, kworkerx_queue_delayed_work(worker,
							     &job->dwork, 1));
	kwx_misuse_end(test, "being destroyed");
	KUNIT_EXPECT_FALSE(test, timer_pending(&job->dwork.timer));
}

static struct kunit_case kworkerx_delayed_cases[] = {
	KUNIT_CASE(a_delayed_work_does_not_run_early),
	KUNIT_CASE(many_delays_all_end_and_none_early),
	KUNIT_CASE(a_delay_of_zero_queues_at_once_and_at_the_end),
	KUNIT_CASE(an_expired_work_takes_its_place_at_the_end),
	KUNIT_CASE(an_armed_work_cannot_be_queued_again),
	KUNIT_CASE(mod_of_an_idle_work_queues_it_and_is_false),
	KUNIT_CASE(mod_of_a_running_work_queues_it_and_is_false),
	KUNIT_CASE(mod_of_an_armed_work_changes_its_delay_and_is_true),
	KUNIT_CASE(mod_of_an_armed_work_by_zero_queues_it_now),
	KUNIT_CASE(mod_of_a_queued_work_by_zero_moves_it_to_the_end),
	KUNIT_CASE(mod_of_a_queued_work_delays_it),
	KUNIT_CASE(mod_against_an_expiring_timer_adds_what_it_says),
	KUNIT_CASE(mod_works_in_a_hard_interrupt),
	KUNIT_CASE(mod_on_another_worker_is_refused),
	KUNIT_CASE(an_armed_work_is_not_initialised_again),
	KUNIT_CASE(a_zeroed_delayed_work_is_reported),
	KUNIT_CASE(destroy_takes_an_armed_timer_back),
	KUNIT_CASE(a_delayed_work_of_a_destroyed_worker_is_refused),
	{}
};

static struct kunit_suite kworkerx_delayed_suite = {
	.name = "kworkerx_delayed",
	.init = kwx_bed_init,
	.test_cases = kworkerx_delayed_cases,
};

kunit_test_suite(kworkerx_delayed_suite);
