// SPDX-License-Identifier: GPL-2.0-only
/*
 * Queueing from anywhere: in NMIs, and with locks of the scheduler held, which is
 * where probes of its trace events run.
 */
#include <linux/irqflags.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/tracepoint.h>

#include "common.h"
#include "../modules/kworkerx_percpu.h"

static struct kworkerx_worker *kwx_anywhere(struct kunit *test)
{
	return kwx_keep_worker(test, kworkerx_run_worker(KWORKERX_ANYWHERE,
							 "kwx_any"));
}

static int kwx_anywhere_init(struct kunit *test)
{
	kwx_open_nmi(test);
	return kwx_bed_init(test);
}

/* What is called in an NMI, and what that returns. */
struct kwx_nmi_call {
	struct kworkerx_worker	*worker;
	struct kwx_job		*job;
	long			ret;
	bool			in_nmi;
};

static void kwx_nmi_queue(void *arg)
{
	struct kwx_nmi_call *call = arg;

	call->in_nmi = in_nmi();
	call->ret = kworkerx_queue_work(call->worker, KWX_WORK(call->job));
}

static void kwx_nmi_try(void *arg)
{
	struct kwx_nmi_call *call = arg;

	call->ret = kworkerx_try_queue_work(call->worker, KWX_WORK(call->job));
}

static void kwx_nmi_nowake(void *arg)
{
	struct kwx_nmi_call *call = arg;

	call->ret = kworkerx_queue_work_nowake(call->worker, KWX_WORK(call->job));
}

static void kwx_nmi_wake(void *arg)
{
	struct kwx_nmi_call *call = arg;

	kworkerx_wake_worker(call->worker);
}

static void kwx_nmi_first(void *arg)
{
	struct kwx_nmi_call *call = arg;

	call->ret = kworkerx_queue_work_first(call->worker, KWX_WORK(call->job));
}

static void kwx_nmi_delay(void *arg)
{
	struct kwx_nmi_call *call = arg;

	call->ret = kworkerx_try_queue_delayed_work(call->worker, &call->job->dwork,
						    1);
}

static void kwx_nmi_mod(void *arg)
{
	struct kwx_nmi_call *call = arg;

	call->ret = kworkerx_try_mod_delayed_work(call->worker, &call->job->dwork,
						  1);
}

static void kwx_nmi_cancel(void *arg)
{
	struct kwx_nmi_call *call = arg;

	call->ret = kworkerx_cancel_work(KWX_WORK(call->job));
}

static void kwx_nmi_busy(void *arg)
{
	struct kwx_nmi_call *call = arg;

	call->ret = kworkerx_work_busy(KWX_WORK(call->job));
}

static void kwx_nmi_plug(void *arg)
{
	struct kwx_nmi_call *call = arg;

	call->ret = kworkerx_plug_worker(call->worker);
}

static long kwx_call_in_nmi(void (*fn)(void *arg), struct kworkerx_worker *worker,
			    struct kwx_job *job)
{
	struct kwx_nmi_call call = {
		.worker = worker,
		.job = job,
		.ret = -EINVAL,
	};

	kwx_in_nmi(fn, &call);
	return call.ret;
}

static void an_nmi_queues_and_the_work_runs(struct kunit *test)
{
	struct kwx_nmi_call call = {
		.worker = kwx_anywhere(test),
		.job = kwx_bed_job(test, 1),
	};

	kwx_in_nmi(kwx_nmi_queue, &call);
	KUNIT_EXPECT_TRUE(test, call.in_nmi);
	KUNIT_EXPECT_EQ(test, 1, call.ret);
	/* Nobody else wakes the thread: not a flush. */
	kwx_wait(test, &call.job->started);
	kworkerx_flush_work(KWX_WORK(call.job));
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(call.job));
}

static void what_an_nmi_has_queued_is_pending_at_once(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_anywhere(test);
	struct kwx_job *gate = kwx_bed_held_job(test, 1);
	struct kwx_job *job = kwx_bed_job(test, 2);

	kwx_hold(test, worker, gate);
	KUNIT_EXPECT_EQ(test, 1, kwx_call_in_nmi(kwx_nmi_try, worker, job));
	KUNIT_EXPECT_TRUE(test, kworkerx_work_pending(KWX_WORK(job)));
	KUNIT_EXPECT_EQ(test, 0, kwx_call_in_nmi(kwx_nmi_try, worker, job));
	KUNIT_EXPECT_EQ(test, 0, kwx_call_in_nmi(kwx_nmi_queue, worker, job));
	KUNIT_EXPECT_TRUE(test, kworkerx_cancel_work(KWX_WORK(job)));
	KUNIT_EXPECT_EQ(test, 1, kwx_call_in_nmi(kwx_nmi_queue, worker, job));
	kwx_release(gate);
	kwx_flush(test, worker);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

static void works_of_nmis_run_in_their_order(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_anywhere(test);
	struct kwx_job *gate = kwx_bed_held_job(test, 1);

	kwx_hold(test, worker, gate);
	kwx_queue(test, worker, kwx_bed_job(test, 2));
	KUNIT_EXPECT_EQ(test, 1, kwx_call_in_nmi(kwx_nmi_queue, worker,
						 kwx_bed_job(test, 3)));
	kwx_queue(test, worker, kwx_bed_job(test, 4));
	KUNIT_EXPECT_EQ(test, 1, kwx_call_in_nmi(kwx_nmi_queue, worker,
						 kwx_bed_job(test, 5)));
	kwx_release(gate);
	kwx_flush(test, worker);
	kwx_expect_log(test, kwx_bed_log(test), 1, 2, 3, 4, 5);
}

/* Twice: what is allowed once is to be so again. */
static void an_nmi_queues_without_waking_and_wakes(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_anywhere(test);
	struct kwx_job *job = kwx_bed_job(test, 1);
	unsigned int i;

	for (i = 0; i < 2; i++) {
		kwx_flush(test, worker);
		kwx_await_state(test, worker->task, TASK_IDLE);
		KUNIT_EXPECT_EQ(test, 1, kwx_call_in_nmi(kwx_nmi_nowake, worker,
							 job));
		KUNIT_EXPECT_TRUE(test, kworkerx_work_pending(KWX_WORK(job)));
		kwx_call_in_nmi(kwx_nmi_wake, worker, job);
		kwx_wait(test, &job->started);
	}
}

static void a_queue_that_is_closed_is_closed_to_nmis(struct kunit *test)
{
	struct kworkerx_worker *worker = kworkerx_run_worker(KWORKERX_ANYWHERE,
							     "kwx_any");
	struct kwx_job *gate = kwx_bed_held_job(test, 1);
	struct kwx_job *job = kwx_bed_job(test, 2);
	struct kwx_call *destroy;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, worker);
	kwx_hold(test, worker, gate);
	destroy = kwx_call(test, kwx_destroy_worker_fn, worker);
	KUNIT_EXPECT_TRUE(test, kwx_until(READ_ONCE(worker->life) ==
					  KWORKERX_ENDING));
	/* The queue is closed a moment later, and before it waits. */
	kwx_call_blocks(test, destroy);
	KUNIT_EXPECT_EQ(test, -EAGAIN, kwx_call_in_nmi(kwx_nmi_try, worker, job));
	KUNIT_EXPECT_FALSE(test, kworkerx_work_pending(KWX_WORK(job)));
	kwx_release(gate);
	kwx_call_returns(test, destroy);
	KUNIT_EXPECT_EQ(test, 0, kwx_call_in_nmi(kwx_nmi_queue, worker, job));
	kwx_flush(test, kwx_bed_worker(test));
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
}

static void an_nmi_moves_no_work(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_anywhere(test);
	struct kwx_job *job = kwx_queued(test, 1);

	kwx_flush(test, kwx_bed_worker(test));
	KUNIT_EXPECT_EQ(test, -EAGAIN, kwx_call_in_nmi(kwx_nmi_try, worker, job));
	KUNIT_EXPECT_EQ(test, -EAGAIN, kwx_call_in_nmi(kwx_nmi_try, worker, job));
	kwx_queue(test, worker, job);
	kwx_flush(test, worker);
	KUNIT_EXPECT_EQ(test, 1, kwx_call_in_nmi(kwx_nmi_try, worker, job));
	kwx_flush(test, worker);
	KUNIT_EXPECT_EQ(test, 3, kwx_runs(job));
}

static void an_nmi_is_refused_where_nobody_asked(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bed_worker(test);
	struct kwx_job *job = kwx_bed_job(test, 1);

	kwx_misuse_begin();
	KUNIT_EXPECT_EQ(test, -EAGAIN, kwx_call_in_nmi(kwx_nmi_try, worker, job));
	kwx_misuse_end(test, KWX_JOB_FN
		       " queued in an NMI on a worker that is not KWORKERX_ANYWHERE");
	KUNIT_EXPECT_EQ(test, 0, kwx_call_in_nmi(kwx_nmi_queue, worker, job));
	KUNIT_EXPECT_FALSE(test, kworkerx_work_pending(KWX_WORK(job)));
	kwx_queue(test, worker, job);
	kwx_flush(test, worker);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

static void an_nmi_wakes_no_worker_that_did_not_ask(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bed_worker(test);

	kwx_flush(test, worker);
	kwx_misuse_begin();
	kwx_call_in_nmi(kwx_nmi_wake, worker, kwx_bed_job(test, 1));
	kwx_misuse_end(test, "wake-up of worker kwx_test in an NMI");
}

/* What takes a lock is refused in an NMI, and changes nothing. */
struct kwx_refusal {
	const char *name;
	void (*fn)(void *arg);
	long ret;
	const char *report;
};

static const struct kwx_refusal kwx_refusals[] = {
	{ "mod", kwx_nmi_mod, -EAGAIN, "mod of " KWX_JOB_FN " in an NMI" },
	{ "cancel", kwx_nmi_cancel, 0, "cancel of " KWX_JOB_FN " in an NMI" },
	{ "query", kwx_nmi_busy, 1, "query of " KWX_JOB_FN " in an NMI" },
	{ "plug", kwx_nmi_plug, -EAGAIN, "plug of worker kwx_any in an NMI" },
};

static void kwx_refusal_desc(const struct kwx_refusal *refusal, char *desc)
{
	strscpy(desc, refusal->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kwx_refusals, kwx_refusals, kwx_refusal_desc);

static void what_takes_a_lock_is_refused_in_an_nmi(struct kunit *test)
{
	const struct kwx_refusal *refusal = test->param_value;
	struct kworkerx_worker *worker = kwx_anywhere(test);
	struct kwx_job *gate = kwx_bed_held_job(test, 1);
	struct kwx_job *job = kwx_bed_job(test, 2);

	kwx_hold(test, worker, gate);
	kwx_queue(test, worker, job);
	kwx_misuse_begin();
	KUNIT_EXPECT_EQ(test, refusal->ret,
			kwx_call_in_nmi(refusal->fn, worker, job));
	kwx_misuse_end(test, refusal->report);
	KUNIT_EXPECT_TRUE(test, kworkerx_work_pending(KWX_WORK(job)));
	kwx_release(gate);
	kwx_flush(test, worker);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

static void an_nmi_arms_no_timer(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_anywhere(test);
	struct kwx_job *job = kwx_bed_job(test, 1);

	kwx_misuse_begin();
	KUNIT_EXPECT_EQ(test, -EAGAIN, kwx_call_in_nmi(kwx_nmi_delay, worker, job));
	kwx_misuse_end(test, "delay of " KWX_JOB_FN " in an NMI");
	KUNIT_EXPECT_EQ(test, -EAGAIN, kwx_call_in_nmi(kwx_nmi_mod, worker, job));
	KUNIT_EXPECT_FALSE(test, kworkerx_work_pending(KWX_WORK(job)));
	kwx_queue(test, worker, job);
	/* It is pending already, which is no misuse. */
	KUNIT_EXPECT_GE(test, 0, kwx_call_in_nmi(kwx_nmi_delay, worker, job));
	kwx_flush(test, worker);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

/* Its place needs the lock, of which nothing is said. */
static void an_nmi_cannot_queue_before_others(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_anywhere(test);
	struct kwx_job *job = kwx_bed_job(test, 1);

	KUNIT_EXPECT_EQ(test, 0, kwx_call_in_nmi(kwx_nmi_first, worker, job));
	KUNIT_EXPECT_FALSE(test, kworkerx_work_pending(KWX_WORK(job)));
	KUNIT_EXPECT_TRUE(test, kworkerx_queue_work_first(worker, KWX_WORK(job)));
	kwx_flush(test, worker);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

/* By debug objects, which the interrupt tells of it. */
static void a_work_of_an_nmi_that_is_freed_is_taken_back(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_anywhere(test);
	struct kwx_job *gate = kwx_bed_held_job(test, 1);
	struct kwx_job *job = kwx_bed_job(test, 2);

	kwx_hold(test, worker, gate);
	KUNIT_EXPECT_EQ(test, 1, kwx_call_in_nmi(kwx_nmi_queue, worker, job));
	KUNIT_EXPECT_FALSE(test, atomic_read(&KWX_WORK(job)->state) &
			   KWORKERX_WORK_UNSEEN);
	kwx_release(gate);
	kwx_flush(test, worker);
}

struct kwx_set_call {
	struct kworkerx_percpu	*set;
	struct kwx_job		*job;
	int			ret;
};

static void kwx_nmi_queue_on(void *arg)
{
	struct kwx_set_call *call = arg;

	call->ret = kworkerx_percpu_queue_work_on(call->set, 0,
						  KWX_WORK(call->job));
}

static void an_nmi_queues_on_a_set(struct kunit *test)
{
	const struct kworkerx_percpu_attr attr = {
		.name = "kwx_any/%u",
		.flags = KWORKERX_ANYWHERE,
	};
	struct kwx_set_call call = {
		.set = kworkerx_percpu_create(&attr),
		.job = kwx_bed_job(test, 1),
	};

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, call.set);
	kwx_in_nmi(kwx_nmi_queue_on, &call);
	KUNIT_EXPECT_EQ(test, 1, call.ret);
	kwx_wait(test, &call.job->started);
	kworkerx_percpu_flush(call.set);
	KUNIT_EXPECT_EQ(test, 0, call.job->cpu);
	kworkerx_percpu_destroy(call.set);
}

static struct kunit_case kwx_anywhere_cases[] = {
	KUNIT_CASE(an_nmi_queues_and_the_work_runs),
	KUNIT_CASE(what_an_nmi_has_queued_is_pending_at_once),
	KUNIT_CASE(works_of_nmis_run_in_their_order),
	KUNIT_CASE(an_nmi_queues_without_waking_and_wakes),
	KUNIT_CASE(a_queue_that_is_closed_is_closed_to_nmis),
	KUNIT_CASE(an_nmi_moves_no_work),
	KUNIT_CASE(an_nmi_is_refused_where_nobody_asked),
	KUNIT_CASE(an_nmi_wakes_no_worker_that_did_not_ask),
	KUNIT_CASE_PARAM(what_takes_a_lock_is_refused_in_an_nmi,
			 kwx_refusals_gen_params),
	KUNIT_CASE(an_nmi_arms_no_timer),
	KUNIT_CASE(an_nmi_cannot_queue_before_others),
	KUNIT_CASE(a_work_of_an_nmi_that_is_freed_is_taken_back),
	KUNIT_CASE(an_nmi_queues_on_a_set),
	{}
};

static struct kunit_suite kwx_anywhere_suite = {
	.name = "kworkerx_anywhere",
	.init = kwx_anywhere_init,
	.test_cases = kwx_anywhere_cases,
};

/*
 * Probes at trace events of the scheduler, which has a lock of a CPU there, or of a
 * task
 */

#define KWX_PROBE_JOBS	4
#define KWX_PROBE_RUNS	200

static struct kwx_probe {
	struct kworkerx_worker	*worker;
	struct kwx_job		*jobs[KWX_PROBE_JOBS];
	atomic_t		queued;
	atomic_t		left;
} kwx_probe;

/* Its own wake-ups and switches would go on for ever. */
static void kwx_queue_in_probe(struct task_struct *task)
{
	int nr;

	if (task == kwx_probe.worker->task || current == kwx_probe.worker->task ||
	    atomic_dec_return(&kwx_probe.left) < 0)
		return;
	nr = atomic_read(&kwx_probe.left) & (KWX_PROBE_JOBS - 1);
	if (kworkerx_queue_work(kwx_probe.worker, KWX_WORK(kwx_probe.jobs[nr])))
		atomic_inc(&kwx_probe.queued);
}

static void kwx_at_switch(void *data, bool preempt, struct task_struct *prev,
			  struct task_struct *next, unsigned int prev_state)
{
	kwx_queue_in_probe(next);
}

static void kwx_at_wakeup(void *data, struct task_struct *task)
{
	kwx_queue_in_probe(task);
}

struct kwx_event {
	const char		*name;
	void			*probe;
	struct tracepoint	*tracepoint;
};

static void kwx_find_event(struct tracepoint *tracepoint, void *arg)
{
	struct kwx_event *event = arg;

	if (!strcmp(tracepoint->name, event->name))
		event->tracepoint = tracepoint;
}

static const struct kwx_event kwx_events[] = {
	{ "sched_switch", kwx_at_switch },
	{ "sched_wakeup", kwx_at_wakeup },
};

static void kwx_event_desc(const struct kwx_event *event, char *desc)
{
	strscpy(desc, event->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kwx_events, kwx_events, kwx_event_desc);

static void kwx_set_up_probe(struct kunit *test)
{
	unsigned int i;

	kwx_probe.worker = kwx_anywhere(test);
	for (i = 0; i < KWX_PROBE_JOBS; i++)
		kwx_probe.jobs[i] = kwx_bed_job(test, i);
	atomic_set(&kwx_probe.queued, 0);
	atomic_set(&kwx_probe.left, KWX_PROBE_RUNS);
	kwx_bed_log(test)->nr = 0;
}

static void works_are_queued_under_the_schedulers_lock(struct kunit *test)
{
	struct kwx_event event = *(const struct kwx_event *)test->param_value;
	unsigned int i, runs = 0;

	for_each_kernel_tracepoint(kwx_find_event, &event);
	KUNIT_ASSERT_NOT_NULL(test, event.tracepoint);
	kwx_set_up_probe(test);
	KUNIT_ASSERT_EQ(test, 0, tracepoint_probe_register(event.tracepoint,
							   event.probe, NULL));
	/* Which switches and wakes. */
	while (atomic_read(&kwx_probe.left) > 0)
		kwx_flush(test, kwx_bed_worker(test));
	tracepoint_probe_unregister(event.tracepoint, event.probe, NULL);
	tracepoint_synchronize_unregister();

	/* A flush would wake the thread. */
	for (i = 0; i < KWX_PROBE_JOBS; i++) {
		struct kworkerx_work *work = KWX_WORK(kwx_probe.jobs[i]);

		KUNIT_EXPECT_TRUE(test, kwx_until(!kworkerx_work_busy(work)));
		runs += kwx_runs(kwx_probe.jobs[i]);
	}
	KUNIT_EXPECT_GT(test, atomic_read(&kwx_probe.queued), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&kwx_probe.queued), runs);
}

/* Only with an interrupt of its own: the caller's are off. */
static void where_interrupts_are_off_an_interrupt_wakes(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_anywhere(test);
	struct kwx_job *job = kwx_bed_job(test, 1);
	bool queued, asleep;

	kwx_flush(test, worker);
	kwx_await_state(test, worker->task, TASK_IDLE);
	local_irq_disable();
	queued = kworkerx_queue_work(worker, KWX_WORK(job));
	asleep = READ_ONCE(worker->task->__state) != TASK_RUNNING;
	local_irq_enable();
	KUNIT_EXPECT_TRUE(test, queued);
	KUNIT_EXPECT_TRUE(test, asleep);
	kwx_wait(test, &job->started);
}

/* It can be had at the creation only. */
static void the_owner_of_a_worker_cannot_ask(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bare_worker(test);
	struct kwx_job *job = kwx_bed_job(test, 1);
	unsigned long flags;

	worker->flags = KWORKERX_ANYWHERE | KWORKERX_INHERIT | KWORKERX_POLLS |
			KWORKERX_LANES;
	local_irq_save(flags);
	KUNIT_EXPECT_TRUE(test, kworkerx_queue_work(worker, KWX_WORK(job)));
	local_irq_restore(flags);
	kwx_misuse_begin();
	kwx_attach(test, worker);
	kwx_wait(test, &job->started);
	kwx_misuse_end(test, ", which is embedded, has flags 0x1e");
	KUNIT_EXPECT_EQ(test, 0, worker->flags);
	kwx_flush(test, worker);
}

static struct kunit_case kwx_context_cases[] = {
	KUNIT_CASE_PARAM(works_are_queued_under_the_schedulers_lock,
			 kwx_events_gen_params),
	KUNIT_CASE(where_interrupts_are_off_an_interrupt_wakes),
	KUNIT_CASE(the_owner_of_a_worker_cannot_ask),
	{}
};

static struct kunit_suite kwx_context_suite = {
	.name = "kworkerx_scheduler",
	.init = kwx_bed_init,
	.test_cases = kwx_context_cases,
};

kunit_test_suites(&kwx_anywhere_suite, &kwx_context_suite);
