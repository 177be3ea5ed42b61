// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who waits for a worker that is KWORKERX_INHERIT lends his priority to its thread.
 * A thread that polls does not sleep.
 */
#include <linux/sched.h>
#include <linux/sched/prio.h>
#include <uapi/linux/sched/types.h>

#include "common.h"
#include "../modules/kworkerx_percpu.h"

#define KWX_FIFO	20
/* As the scheduler has it: the most urgent is 0, and deadlines are below. */
#define KWX_FIFO_PRIO	(MAX_RT_PRIO - 1 - KWX_FIFO)

static struct kworkerx_worker *kwx_heir(struct kunit *test)
{
	return kwx_keep_worker(test, kworkerx_run_worker(KWORKERX_INHERIT,
							 "kwx_heir"));
}

static int kwx_prio(struct task_struct *task)
{
	return READ_ONCE(task->prio);
}

/* Somebody of a priority of his own, who waits in @fn. */
struct kwx_lender {
	void (*fn)(void *arg);
	void			*arg;
	struct sched_attr	attr;
	int			err;
};

static void kwx_lend_fn(void *arg)
{
	struct kwx_lender *lender = arg;

	lender->err = sched_setattr_nocheck(current, &lender->attr);
	if (!lender->err)
		lender->fn(lender->arg);
}

static struct kwx_call *kwx_lend(struct kunit *test, const struct sched_attr *attr,
				 void (*fn)(void *arg), void *arg)
{
	struct kwx_lender *lender = kunit_kzalloc(test, sizeof(*lender),
						  GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, lender);
	lender->fn = fn;
	lender->arg = arg;
	lender->attr = *attr;
	return kwx_call(test, kwx_lend_fn, lender);
}

static const struct sched_attr kwx_fifo = {
	.sched_policy = SCHED_FIFO,
	.sched_priority = KWX_FIFO,
};

static int kwx_nothing(void *arg)
{
	return 0;
}

static void kwx_call_fn(void *worker)
{
	kworkerx_call(worker, kwx_nothing, NULL);
}

static void kwx_drain_fn(void *worker)
{
	kworkerx_drain_worker(worker);
}

static void kwx_park_fn(void *worker)
{
	if (!kworkerx_park_worker(worker))
		kworkerx_unpark_worker(worker);
}

/* The ways to wait: for the work that runs, or for the worker. */
struct kwx_way {
	const char *name;
	void (*fn)(void *arg);
	bool for_work;
	bool ends;
};

static const struct kwx_way kwx_ways[] = {
	{ "flush_work", kwx_flush_work_fn, .for_work = true },
	{ "cancel_work_sync", kwx_cancel_work_fn, .for_work = true },
	{ "flush_worker", kwx_flush_worker_fn },
	{ "call", kwx_call_fn },
	{ "drain", kwx_drain_fn },
	{ "park", kwx_park_fn },
	{ "destroy", kwx_destroy_worker_fn, .ends = true },
};

static void kwx_way_desc(const struct kwx_way *way, char *desc)
{
	strscpy(desc, way->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kwx_ways, kwx_ways, kwx_way_desc);

static void kwx_expect_lent(struct kunit *test, const struct kwx_way *way,
			    unsigned int flags)
{
	struct kworkerx_worker *worker = kworkerx_run_worker(KWORKERX_INHERIT | flags,
							     "kwx_heir");
	struct kwx_job *job = kwx_bed_held_job(test, 1);
	struct kwx_call *call;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, worker);
	kwx_hold(test, worker, job);
	KUNIT_EXPECT_EQ(test, DEFAULT_PRIO, kwx_prio(worker->task));
	call = kwx_lend(test, &kwx_fifo, way->fn,
			way->for_work ? (void *)KWX_WORK(job) : worker);
	KUNIT_EXPECT_TRUE(test, kwx_until(kwx_prio(worker->task) == KWX_FIFO_PRIO));
	kwx_release(job);
	kwx_call_returns(test, call);
	if (way->ends)
		return;
	KUNIT_EXPECT_TRUE(test, kwx_until(kwx_prio(worker->task) == DEFAULT_PRIO));
	kworkerx_destroy_worker(worker);
}

static void who_waits_lends_his_priority(struct kunit *test)
{
	kwx_expect_lent(test, test->param_value, 0);
	kwx_expect_lent(test, test->param_value, KWORKERX_LANES);
}

/* Nothing that is queued: a plug is not in his way. */
static void kwx_expect_lent_plugged(struct kunit *test, unsigned int flags)
{
	struct kworkerx_worker *worker =
		kwx_keep_worker(test, kworkerx_run_worker(KWORKERX_INHERIT | flags,
							  "kwx_heir"));
	struct kwx_job *job = kwx_bed_held_job(test, 1);
	struct kwx_call *call;

	kwx_hold(test, worker, job);
	KUNIT_EXPECT_EQ(test, 0, kworkerx_plug_worker(worker));
	call = kwx_lend(test, &kwx_fifo, kwx_flush_worker_fn, worker);
	KUNIT_EXPECT_TRUE(test, kwx_until(kwx_prio(worker->task) == KWX_FIFO_PRIO));
	kwx_release(job);
	kwx_call_returns(test, call);
	kworkerx_unplug_worker(worker);
}

static void who_waits_for_what_runs_lends_to_a_plugged_worker(struct kunit *test)
{
	kwx_expect_lent_plugged(test, 0);
	kwx_expect_lent_plugged(test, KWORKERX_LANES);
}

/* While he waits, and whatever runs then. */
static void what_is_queued_before_runs_with_it_too(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_heir(test);
	struct kwx_job *one = kwx_bed_held_job(test, 1);
	struct kwx_job *two = kwx_bed_held_job(test, 2);
	struct kwx_call *call;

	kwx_hold(test, worker, one);
	kwx_queue(test, worker, two);
	call = kwx_lend(test, &kwx_fifo, kwx_flush_work_fn, KWX_WORK(two));
	KUNIT_EXPECT_TRUE(test, kwx_until(kwx_prio(worker->task) == KWX_FIFO_PRIO));
	kwx_release(one);
	kwx_wait(test, &two->started);
	KUNIT_EXPECT_EQ(test, KWX_FIFO_PRIO, kwx_prio(worker->task));
	kwx_release(two);
	kwx_call_returns(test, call);
}

/* He goes on lending when somebody before him has come out. */
static void the_others_go_on_lending(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_heir(test);
	struct kwx_job *one = kwx_bed_held_job(test, 1);
	struct kwx_job *two = kwx_bed_held_job(test, 2);
	struct sched_attr more = kwx_fifo;
	struct kwx_call *first, *second;

	more.sched_priority++;
	kwx_hold(test, worker, one);
	kwx_queue(test, worker, two);
	second = kwx_lend(test, &kwx_fifo, kwx_flush_work_fn, KWX_WORK(two));
	KUNIT_EXPECT_TRUE(test, kwx_until(kwx_prio(worker->task) == KWX_FIFO_PRIO));
	first = kwx_lend(test, &more, kwx_flush_work_fn, KWX_WORK(one));
	KUNIT_EXPECT_TRUE(test, kwx_until(kwx_prio(worker->task) ==
					  KWX_FIFO_PRIO - 1));
	kwx_release(one);
	kwx_call_returns(test, first);
	kwx_wait(test, &two->started);
	KUNIT_EXPECT_TRUE(test, kwx_until(kwx_prio(worker->task) == KWX_FIFO_PRIO));
	kwx_release(two);
	kwx_call_returns(test, second);
}

static void kwx_flush_other(struct kwx_job *job)
{
	kworkerx_flush_work(job->data);
}

static void a_chain_of_workers_inherits(struct kunit *test)
{
	struct kworkerx_worker *one = kwx_heir(test);
	struct kworkerx_worker *two =
		kwx_keep_worker(test, kworkerx_run_worker(KWORKERX_INHERIT,
							  "kwx_heirs_heir"));
	struct kwx_job *waits = kwx_bed_job(test, 1);
	struct kwx_job *held = kwx_bed_held_job(test, 2);
	struct kwx_call *call;

	kwx_hold(test, two, held);
	waits->action = kwx_flush_other;
	waits->data = KWX_WORK(held);
	kwx_queue(test, one, waits);
	kwx_wait(test, &waits->started);
	call = kwx_lend(test, &kwx_fifo, kwx_flush_worker_fn, one);
	KUNIT_EXPECT_TRUE(test, kwx_until(kwx_prio(two->task) == KWX_FIFO_PRIO));
	kwx_release(held);
	kwx_call_returns(test, call);
	KUNIT_EXPECT_TRUE(test, kwx_until(kwx_prio(two->task) == DEFAULT_PRIO));
}

static void a_deadline_is_lent(struct kunit *test)
{
	const struct sched_attr attr = {
		.sched_policy = SCHED_DEADLINE,
		.sched_runtime = 1 * NSEC_PER_MSEC,
		.sched_deadline = 100 * NSEC_PER_MSEC,
		.sched_period = 100 * NSEC_PER_MSEC,
	};
	struct kworkerx_worker *worker = kwx_heir(test);
	struct kwx_job *job = kwx_bed_held_job(test, 1);
	struct kwx_call *call;

	kwx_hold(test, worker, job);
	call = kwx_lend(test, &attr, kwx_flush_worker_fn, worker);
	KUNIT_EXPECT_TRUE(test, kwx_until(kwx_prio(worker->task) < 0));
	kwx_release(job);
	kwx_call_returns(test, call);
	KUNIT_EXPECT_TRUE(test, kwx_until(kwx_prio(worker->task) == DEFAULT_PRIO));
}

static void kwx_flush_for_a_while(void *worker)
{
	kworkerx_flush_worker_timeout(worker, KWX_TIMEOUT);
}

/* Who says how long he waits does not lend, and nobody does who was not asked to. */
static void others_lend_nothing(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_heir(test);
	struct kwx_job *job = kwx_bed_held_job(test, 1);
	struct kwx_job *other = kwx_running(test, 2);
	struct kwx_call *calls[2];

	kwx_hold(test, worker, job);
	calls[0] = kwx_lend(test, &kwx_fifo, kwx_flush_for_a_while, worker);
	calls[1] = kwx_lend(test, &kwx_fifo, kwx_flush_worker_fn,
			    kwx_bed_worker(test));
	kwx_call_blocks(test, calls[0]);
	kwx_call_blocks(test, calls[1]);
	KUNIT_EXPECT_EQ(test, DEFAULT_PRIO, kwx_prio(worker->task));
	KUNIT_EXPECT_EQ(test, DEFAULT_PRIO, kwx_prio(kwx_bed_worker(test)->task));
	kwx_release(job);
	kwx_release(other);
	kwx_call_returns(test, calls[0]);
	kwx_call_returns(test, calls[1]);
}

/* What its owner writes is not had, and no harm while it has no thread. */
static void an_embedded_worker_is_lent_nothing(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bare_worker(test);
	struct kwx_job *job = kwx_bed_job(test, 1);
	struct kwx_call *call;

	worker->flags = KWORKERX_INHERIT;
	kwx_queue(test, worker, job);
	call = kwx_lend(test, &kwx_fifo, kwx_flush_worker_fn, worker);
	kwx_call_blocks(test, call);
	kwx_misuse_begin();
	kwx_attach(test, worker);
	kwx_call_returns(test, call);
	kwx_misuse_end(test, ", which is embedded, has flags 0x4");
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

static void a_worker_that_inherits_does_not_freeze(struct kunit *test)
{
	struct kworkerx_worker *worker;

	kwx_misuse_begin();
	worker = kworkerx_create_worker(KWORKERX_INHERIT | KWORKERX_FREEZABLE,
					"kwx_both");
	kwx_misuse_end(test, "worker kwx_both created with flags 0x5");
	KUNIT_EXPECT_EQ(test, -EINVAL, PTR_ERR_OR_ZERO(worker));
}

static struct kworkerx_worker *kwx_set_worker(struct kworkerx_percpu *set,
					      struct kwx_job *job)
{
	KUNIT_ASSERT_EQ(job->test, 1,
			kworkerx_percpu_queue_work_on(set, 0, KWX_WORK(job)));
	kwx_wait(job->test, &job->started);
	return KWX_WORK(job)->worker;
}

static void the_threads_of_a_set_inherit(struct kunit *test)
{
	const struct kworkerx_percpu_attr attr = {
		.name = "kwx_heir/%u",
		.flags = KWORKERX_INHERIT,
	};
	struct kworkerx_percpu *set = kworkerx_percpu_create(&attr);
	struct kwx_job *job = kwx_bed_held_job(test, 1);
	struct kworkerx_worker *worker;
	struct kwx_call *call;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, set);
	worker = kwx_set_worker(set, job);
	call = kwx_lend(test, &kwx_fifo, kwx_flush_work_fn, KWX_WORK(job));
	KUNIT_EXPECT_TRUE(test, kwx_until(kwx_prio(worker->task) == KWX_FIFO_PRIO));
	kwx_release(job);
	kwx_call_returns(test, call);
	kworkerx_percpu_destroy(set);
}

/*
 * Polling
 */

static struct kworkerx_worker *kwx_poller(struct kunit *test, unsigned int us)
{
	struct kworkerx_attrs attrs = KWORKERX_ATTRS_INIT;

	attrs.poll_us = us;
	return kwx_keep_worker(test, kworkerx_create_worker_attrs(&attrs, 0,
								  "kwx_poller"));
}

static bool kwx_asleep(struct kworkerx_worker *worker)
{
	return READ_ONCE(worker->task->__state) != TASK_RUNNING;
}

/* As long as it has just run something, and has its CPU for itself. */
static bool kwx_stays_awake(struct kunit *test, struct kworkerx_worker *worker,
			    struct kwx_job *job)
{
	unsigned long end = jiffies + HZ / 20;

	kwx_queue(test, worker, job);
	kwx_wait(test, &job->started);
	while (time_before(jiffies, end)) {
		if (kwx_asleep(worker))
			return false;
		cond_resched();
	}
	return true;
}

static void a_thread_polls_before_it_sleeps(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_poller(test, 10 * USEC_PER_SEC);
	struct kwx_job *job = kwx_bed_job(test, 1);
	struct kworkerx_attrs attrs = KWORKERX_ATTRS_INIT;

	if (num_online_cpus() == 1)
		kunit_skip(test, "who looks at it is on another CPU");
	/* Others may be there, for a moment. */
	KUNIT_EXPECT_TRUE(test, kwx_until(kwx_stays_awake(test, worker, job)));
	KUNIT_EXPECT_EQ(test, 0, kworkerx_set_worker_attrs(worker, &attrs));
	kwx_queue(test, worker, job);
	kwx_wait(test, &job->started);
	KUNIT_EXPECT_TRUE(test, kwx_until(kwx_asleep(worker)));
	KUNIT_EXPECT_FALSE(test, kwx_stays_awake(test, worker, job));
}

/* Not for ever, and what was in vain is shorter the next time. */
static void a_thread_that_polls_sleeps_in_the_end(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_poller(test, 1000);
	struct kwx_job *job = kwx_bed_job(test, 1);

	kwx_queue(test, worker, job);
	kwx_wait(test, &job->started);
	KUNIT_EXPECT_TRUE(test, kwx_until(kwx_asleep(worker)));
}

/* On the CPU of the poller. */
static void kwx_spin_until_asleep(void *arg)
{
	struct kworkerx_worker *worker = arg;
	unsigned long end = jiffies + KWX_TIMEOUT / 2;

	set_cpus_allowed_ptr(current, cpumask_of(0));
	while (!kwx_asleep(worker) && time_before(jiffies, end))
		cond_resched();
}

static void a_thread_that_polls_makes_way(struct kunit *test)
{
	struct kworkerx_attrs attrs = KWORKERX_ATTRS_INIT;
	struct kworkerx_worker *worker;
	struct kwx_job *job = kwx_bed_job(test, 1);

	attrs.poll_us = UINT_MAX;
	attrs.cpumask = cpumask_of(0);
	worker = kwx_keep_worker(test,
				 kworkerx_create_worker_attrs(&attrs, 0,
							      "kwx_poller"));
	kwx_queue(test, worker, job);
	kwx_wait(test, &job->started);
	kwx_call_returns(test, kwx_call(test, kwx_spin_until_asleep, worker));
	KUNIT_EXPECT_TRUE(test, kwx_asleep(worker));
	kwx_queue(test, worker, job);
	kwx_flush(test, worker);
	KUNIT_EXPECT_EQ(test, 2, kwx_runs(job));
}

static void a_plugged_worker_does_not_poll(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_poller(test, UINT_MAX);
	struct kwx_job *job = kwx_bed_job(test, 1);

	KUNIT_EXPECT_EQ(test, 0, kworkerx_plug_worker(worker));
	kwx_queue(test, worker, job);
	KUNIT_EXPECT_TRUE(test, kwx_until(kwx_asleep(worker)));
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
	kworkerx_unplug_worker(worker);
	kwx_wait(test, &job->started);
}

static void a_worker_polls_only_if_it_was_created_to(struct kunit *test)
{
	struct kworkerx_attrs attrs = KWORKERX_ATTRS_INIT;

	attrs.poll_us = 1;
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kworkerx_set_worker_attrs(kwx_bed_worker(test), &attrs));
}

static struct kunit_case kwx_inherit_cases[] = {
	KUNIT_CASE_PARAM(who_waits_lends_his_priority, kwx_ways_gen_params),
	KUNIT_CASE(who_waits_for_what_runs_lends_to_a_plugged_worker),
	KUNIT_CASE(what_is_queued_before_runs_with_it_too),
	KUNIT_CASE(the_others_go_on_lending),
	KUNIT_CASE(a_chain_of_workers_inherits),
	KUNIT_CASE(a_deadline_is_lent),
	KUNIT_CASE(others_lend_nothing),
	KUNIT_CASE(an_embedded_worker_is_lent_nothing),
	KUNIT_CASE(a_worker_that_inherits_does_not_freeze),
	KUNIT_CASE(the_threads_of_a_set_inherit),
	KUNIT_CASE(a_thread_polls_before_it_sleeps),
	KUNIT_CASE(a_thread_that_polls_sleeps_in_the_end),
	KUNIT_CASE(a_thread_that_polls_makes_way),
	KUNIT_CASE(a_plugged_worker_does_not_poll),
	KUNIT_CASE(a_worker_polls_only_if_it_was_created_to),
	{}
};

static struct kunit_suite kwx_inherit_suite = {
	.name = "kworkerx_inherit",
	.init = kwx_bed_init,
	.test_cases = kwx_inherit_cases,
};

kunit_test_suite(kwx_inherit_suite);
