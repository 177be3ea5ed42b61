// SPDX-License-Identifier: GPL-2.0-only
/*
 * The workqueues that are always there, and the default one among them.
 */
#include <linux/sched/prio.h>
#include <linux/slab.h>

#include "../kworkerx_compat.h"
#include "workqueue.h"

/* Where a job ran, as it saw it. */
static void kwx_note_keventd(struct kwx_job *job)
{
	*(bool *)job->data = kworkerx_current_is_keventd();
}

static struct kwx_job *kwx_keventd_job(struct kunit *test)
{
	struct kwx_job *job = kwx_job(test, NULL, 1);

	job->data = kwx_calloc(test, 1, sizeof(bool));
	job->action = kwx_note_keventd;
	return job;
}

static void kwx_flush_scheduled_fn(void *unused)
{
	kworkerx_flush_scheduled_work();
}

static void kwx_flush_scheduled(struct kunit *test)
{
	kwx_call_returns(test, kwx_call(test, kwx_flush_scheduled_fn, NULL));
}

static void a_scheduled_work_runs_by_default(struct kunit *test)
{
	struct kwx_job *job = kwx_keventd_job(test);

	KUNIT_EXPECT_FALSE(test, kworkerx_current_is_keventd());
	KUNIT_EXPECT_TRUE(test, kworkerx_schedule_work(KWX_WORK(job)));
	kwx_flush_scheduled(test);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
	KUNIT_EXPECT_TRUE(test, *(bool *)job->data);
}

static void another_workqueue_is_not_the_default(struct kunit *test)
{
	struct kwx_wq *bed = kwx_wq_of(test, true);
	struct kwx_job *job = kwx_keventd_job(test);

	*(bool *)job->data = true;
	kwx_wq_queue(test, bed, ANY_CPU, job);
	kwx_wq_flush(test, bed);
	KUNIT_EXPECT_FALSE(test, *(bool *)job->data);
}

static void a_work_is_scheduled_on_a_cpu(struct kunit *test)
{
	struct kwx_job *job;
	int cpu;

	for_each_online_cpu(cpu) {
		job = kwx_job(test, NULL, cpu);
		KUNIT_EXPECT_TRUE(test, kworkerx_schedule_work_on(cpu, KWX_WORK(job)));
		kwx_wait(test, &job->started);
		KUNIT_EXPECT_EQ(test, cpu, job->cpu);
		KUNIT_EXPECT_TRUE(test, kworkerx_schedule_delayed_work_on(cpu,
									  &job->dwork,
									  1));
		kwx_wait(test, &job->started);
		KUNIT_EXPECT_EQ(test, cpu, job->cpu);
	}
}

static void a_work_is_scheduled_after_a_delay(struct kunit *test)
{
	struct kwx_job *job = kwx_keventd_job(test);
	unsigned long begin = jiffies;

	KUNIT_EXPECT_TRUE(test, kworkerx_schedule_delayed_work(&job->dwork, 2));
	KUNIT_EXPECT_FALSE(test, kworkerx_schedule_delayed_work(&job->dwork, 0));
	kwx_wait(test, &job->started);
	KUNIT_EXPECT_TRUE(test, time_after_eq(job->when, begin + 2));
	kwx_flush_scheduled(test);
	KUNIT_EXPECT_TRUE(test, *(bool *)job->data);
}

static void a_flush_waits_for_what_is_scheduled(struct kunit *test)
{
	struct kwx_job *job = kwx_held_job(test, NULL, 1);
	struct kwx_call *flush;

	kworkerx_schedule_work_on(num_online_cpus() - 1, KWX_WORK(job));
	flush = kwx_call(test, kwx_flush_scheduled_fn, NULL);
	kwx_call_blocks(test, flush);
	kwx_release(job);
	kwx_call_returns(test, flush);
}

static struct cpumask kwx_seen;
static atomic_t kwx_seen_runs;

static void kwx_mark_this_cpu(struct kworkerx_work *work)
{
	cpumask_set_cpu(raw_smp_processor_id(), &kwx_seen);
	atomic_inc(&kwx_seen_runs);
	/* It is nobody's, but it is one. */
	if (kworkerx_work_pending(work) || work->func != kwx_mark_this_cpu ||
	    !kworkerx_current_is_keventd())
		atomic_set(&kwx_seen_runs, -1000);
}

static void kwx_expect_each_cpu(struct kunit *test, int ret)
{
	KUNIT_EXPECT_EQ(test, 0, ret);
	KUNIT_EXPECT_TRUE(test, cpumask_equal(&kwx_seen, cpu_online_mask));
	KUNIT_EXPECT_EQ(test, (int)num_online_cpus(), atomic_read(&kwx_seen_runs));
	cpumask_clear(&kwx_seen);
	atomic_set(&kwx_seen_runs, 0);
}

static void kwx_on_each_cpu_from_work(struct kwx_job *job)
{
	*(int *)job->data = kworkerx_schedule_on_each_cpu(kwx_mark_this_cpu);
}

static void a_function_runs_on_each_cpu(struct kunit *test)
{
	struct kwx_job *job = kwx_job(test, NULL, 1);
	int *ret = kwx_calloc(test, 1, sizeof(*ret));

	cpumask_clear(&kwx_seen);
	atomic_set(&kwx_seen_runs, 0);
	kwx_expect_each_cpu(test, kworkerx_schedule_on_each_cpu(kwx_mark_this_cpu));

	/* Also from where nobody could answer while it waits. */
	job->data = ret;
	job->action = kwx_on_each_cpu_from_work;
	*ret = 1;
	kworkerx_schedule_work(KWX_WORK(job));
	kwx_flush_scheduled(test);
	kwx_expect_each_cpu(test, *ret);
}

static void an_absent_cpu_is_left_out(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);

	cpumask_clear(&kwx_seen);
	atomic_set(&kwx_seen_runs, 0);
	kwx_begin_outage(test, outage);
	kwx_expect_each_cpu(test, kworkerx_schedule_on_each_cpu(kwx_mark_this_cpu));
}

/* Longer than an int, where a long is. */
#define KWX_LONG	((long)(~0UL >> 2))

static long kwx_tell_cpu(void *keventd)
{
	*(bool *)keventd = kworkerx_current_is_keventd();
	return KWX_LONG - raw_smp_processor_id();
}

static void a_function_returns_its_value_from_a_cpu(struct kunit *test)
{
	bool keventd;
	int cpu;

	for_each_online_cpu(cpu) {
		keventd = false;
		KUNIT_EXPECT_EQ(test, KWX_LONG - cpu,
				kworkerx_work_on_cpu(cpu, kwx_tell_cpu, &keventd));
		KUNIT_EXPECT_TRUE(test, keventd);
	}
}

static void a_function_is_not_called_for_an_absent_cpu(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	bool keventd = false;

	kwx_begin_outage(test, outage);
	KUNIT_EXPECT_EQ(test, (long)-ENODEV,
			kworkerx_work_on_cpu(outage->cpu, kwx_tell_cpu, &keventd));
	KUNIT_EXPECT_FALSE(test, keventd);
}

/* What the function of kworkerx_execute_in_process_context() saw. */
struct kwx_execution {
	struct kworkerx_execute_work	ew;
	struct completion		done;
	int				ret;
	bool				keventd;
};

static void kwx_executed(struct kworkerx_work *work)
{
	struct kwx_execution *execution =
		container_of(work, struct kwx_execution, ew.work);

	execution->keventd = in_task() && kworkerx_current_is_keventd();
	complete(&execution->done);
}

static void kwx_execute_fn(void *data)
{
	struct kwx_execution *execution = data;

	execution->ret = kworkerx_execute_in_process_context(kwx_executed,
							     &execution->ew);
}

static void a_function_is_called_now_or_scheduled(struct kunit *test)
{
	struct kwx_execution *execution = kwx_calloc(test, 1, sizeof(*execution));

	init_completion(&execution->done);
	kwx_execute_fn(execution);
	KUNIT_EXPECT_EQ(test, 0, execution->ret);
	KUNIT_EXPECT_TRUE(test, try_wait_for_completion(&execution->done));
	KUNIT_EXPECT_FALSE(test, execution->keventd);

	kwx_in_irq(kwx_execute_fn, execution);
	KUNIT_EXPECT_EQ(test, 1, execution->ret);
	kwx_wait(test, &execution->done);
	KUNIT_EXPECT_TRUE(test, execution->keventd);
	kwx_flush_scheduled(test);
}

struct kwx_shared {
	const char *name;
	struct kworkerx_workqueue **wq;
	int nice;
	bool freezable;
	bool bound;
};

static const struct kwx_shared kwx_shared_wqs[] = {
	{ "kworkerx/", &kworkerx_system_percpu_wq, 0, false, true },
	{ "kworkerx_high/", &kworkerx_system_highpri_wq, MIN_NICE, false, true },
	{ "kworkerx_dfl", &kworkerx_system_dfl_wq, 0, false, false },
	{ "kworkerx_long", &kworkerx_system_long_wq, 0, false, false },
	{ "kworkerx_freeze", &kworkerx_system_freezable_wq, 0, true, false },
};

static void kwx_shared_desc(const struct kwx_shared *shared, char *desc)
{
	strscpy(desc, shared->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kwx_shared, kwx_shared_wqs, kwx_shared_desc);

static void each_of_those_for_all_is_what_it_is_called(struct kunit *test)
{
	const struct kwx_shared *shared = test->param_value;
	struct kwx_wq bed = { *shared->wq };
	struct kwx_thread *thread = kwx_wq_thread(test, &bed, kwx_this_cpu());

	KUNIT_EXPECT_TRUE(test, strstarts(thread->comm, shared->name));
	KUNIT_EXPECT_EQ(test, shared->nice, thread->nice);
	KUNIT_EXPECT_EQ(test, shared->freezable && IS_ENABLED(CONFIG_FREEZER),
			thread->freezable);
	KUNIT_EXPECT_EQ(test, shared->bound, thread->bound);
}

static struct kunit_case kwx_schedule_cases[] = {
	KUNIT_CASE(a_scheduled_work_runs_by_default),
	KUNIT_CASE(another_workqueue_is_not_the_default),
	KUNIT_CASE(a_work_is_scheduled_on_a_cpu),
	KUNIT_CASE(a_work_is_scheduled_after_a_delay),
	KUNIT_CASE(a_flush_waits_for_what_is_scheduled),
	KUNIT_CASE(a_function_runs_on_each_cpu),
	KUNIT_CASE(an_absent_cpu_is_left_out),
	KUNIT_CASE(a_function_returns_its_value_from_a_cpu),
	KUNIT_CASE(a_function_is_not_called_for_an_absent_cpu),
	KUNIT_CASE(a_function_is_called_now_or_scheduled),
	KUNIT_CASE_PARAM(each_of_those_for_all_is_what_it_is_called,
			 kwx_shared_gen_params),
	{}
};

static struct kunit_suite kwx_schedule_suite = {
	.name = "kworkerx_schedule",
	.test_cases = kwx_schedule_cases,
};

kunit_test_suite(kwx_schedule_suite);
