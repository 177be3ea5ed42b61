// SPDX-License-Identifier: GPL-2.0-only
/*
 * Workqueues with threads of their own, in the order of the header: creation,
 * queueing, waiting, destruction; and CPUs that come and go.
 */
#include <linux/delay.h>
#include <linux/sched/prio.h>
#include <linux/slab.h>

#include "../kworkerx_compat.h"
#include "workqueue.h"

/* One thread, or one on each CPU: for KUNIT_ARRAY_PARAM(). */
static const bool kwx_wq_kinds[] = { false, true };

static void kwx_wq_kind_desc(const bool *percpu, char *desc)
{
	strscpy(desc, *percpu ? "on each CPU" : "one thread", KUNIT_PARAM_DESC_SIZE);
}

static bool kwx_wq_kind(struct kunit *test)
{
	return *(const bool *)test->param_value;
}

KUNIT_ARRAY_PARAM(kwx_wq_kind, kwx_wq_kinds, kwx_wq_kind_desc);
KUNIT_ARRAY_PARAM(kwx_where, kwx_wheres, kwx_where_desc);

/* Of the kind of this case. */
static struct kwx_wq *kwx_wq(struct kunit *test)
{
	return kwx_wq_of(test, kwx_wq_kind(test));
}

/*
 * Creation
 */

static void its_threads_have_its_name(struct kunit *test)
{
	struct kwx_wq *bed = kwx_wq(test);
	char name[TASK_COMM_LEN] = "kwx_wq";
	struct kwx_thread *thread;
	int cpu;

	for_each_online_cpu(cpu) {
		if (kwx_wq_kind(test))
			snprintf(name, sizeof(name), "kwx_wq/%u", cpu);
		thread = kwx_wq_thread(test, bed, cpu);
		KUNIT_EXPECT_STREQ(test, name, thread->comm);
		KUNIT_EXPECT_EQ(test, kwx_wq_kind(test), thread->bound);
	}
}

static void a_name_is_not_a_format(struct kunit *test)
{
	struct kworkerx_workqueue_attr attr = KWORKERX_WORKQUEUE_ATTR_INIT;
	struct kwx_wq *bed;

	attr.name = "k%s%u";
	attr.percpu = kwx_wq_kind(test);
	bed = kwx_keep_wq(test, kworkerx_workqueue_create(&attr));
	KUNIT_EXPECT_STREQ(test, attr.percpu ? "k_s_u/0" : "k%s%u",
			   kwx_wq_thread(test, bed, 0)->comm);
}

static void its_threads_have_its_attributes(struct kunit *test)
{
	struct kworkerx_workqueue_attr attr = KWORKERX_WORKQUEUE_ATTR_INIT;
	struct kwx_thread *thread;
	struct kwx_wq *bed;

	attr.name = "kwx_fifo";
	attr.percpu = kwx_wq_kind(test);
	attr.sched.sched_policy = SCHED_FIFO;
	attr.sched.sched_priority = 7;
	attr.flags = KWORKERX_INHERIT | KWORKERX_ANYWHERE;
	attr.poll_us = 10;
	bed = kwx_keep_wq(test, kworkerx_workqueue_create(&attr));
	thread = kwx_wq_thread(test, bed, kwx_this_cpu());
	KUNIT_EXPECT_EQ(test, SCHED_FIFO, thread->policy);
	KUNIT_EXPECT_EQ(test, 7, thread->priority);
}

static void its_works_stay_on_its_cpus(struct kunit *test)
{
	struct kworkerx_workqueue_attr attr = KWORKERX_WORKQUEUE_ATTR_INIT;
	int here = kwx_other_cpu(test), elsewhere = kwx_this_cpu();
	struct kwx_job *job = kwx_job(test, NULL, 1);
	struct kwx_wq *bed;

	attr.name = "kwx_mask";
	attr.percpu = kwx_wq_kind(test);
	attr.cpumask = cpumask_of(here);
	bed = kwx_keep_wq(test, kworkerx_workqueue_create(&attr));
	kwx_wq_run(test, bed, elsewhere, job);
	KUNIT_EXPECT_EQ(test, here, job->cpu);
}

static void kwx_expect_no_wq(struct kunit *test,
			     const struct kworkerx_workqueue_attr *attr, int err)
{
	struct kworkerx_workqueue *wq = kworkerx_workqueue_create(attr);

	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(err), (void *)wq);
	if (!IS_ERR(wq))
		kworkerx_destroy_workqueue(wq);
}

static void what_cannot_be_had_is_refused(struct kunit *test)
{
	struct kworkerx_workqueue_attr attr = KWORKERX_WORKQUEUE_ATTR_INIT;

	kwx_misuse_begin();
	kwx_expect_no_wq(test, &attr, -EINVAL);
	kwx_misuse_end(test, "a workqueue created without a name");

	attr.name = "kwx_none";
	attr.sched.sched_policy = SCHED_FIFO;
	attr.sched.sched_priority = 0;
	kwx_expect_no_wq(test, &attr, -EINVAL);
	attr.percpu = true;
	kwx_expect_no_wq(test, &attr, -EINVAL);
	attr.sched.sched_policy = SCHED_NORMAL;

	kwx_misuse_begin();
	attr.flags = KWORKERX_FREEZABLE;
	kwx_expect_no_wq(test, &attr, -EINVAL);
	kwx_misuse_end(test, "set kwx_none/%u created with invalid attributes");

	kwx_misuse_begin();
	attr.percpu = false;
	attr.flags = ~0u;
	kwx_expect_no_wq(test, &attr, -EINVAL);
	kwx_misuse_end(test, "created with flags 0xffffffff");

	kwx_misuse_begin();
	KUNIT_EXPECT_NULL(test, kworkerx_alloc_workqueue("kwx_none", 1u << 31, 0));
	kwx_misuse_end(test, "created with flags 0x80000000, 0 works at once");
}

static void a_caller_of_a_longer_structure_is_refused(struct kunit *test)
{
	struct kworkerx_workqueue_attr attr = KWORKERX_WORKQUEUE_ATTR_INIT;
	struct kworkerx_workqueue *wq;

	attr.name = "kwx_long";
	wq = __kworkerx_workqueue_create(NULL, &attr, sizeof(attr) + 1);
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-E2BIG), (void *)wq);
	kwx_keep_wq(test, __kworkerx_workqueue_create(NULL, &attr,
						      offsetof(typeof(attr), poll_us)));
}

/* Of the kernel's flags. */
struct kwx_flags {
	const char *name;
	unsigned int flags;
	int nice;
	bool freezable;
	bool percpu;
};

static const struct kwx_flags kwx_wq_flags[] = {
	{ "none", 0, 0, false, true },
	{ "PERCPU", KWORKERX_WQ_PERCPU, 0, false, true },
	{ "UNBOUND", KWORKERX_WQ_UNBOUND, 0, false, false },
	{ "PERCPU, UNBOUND", KWORKERX_WQ_PERCPU | KWORKERX_WQ_UNBOUND, 0, false, false },
	{ "FREEZABLE", KWORKERX_WQ_FREEZABLE, 0, true, false },
	{ "FREEZABLE, PERCPU", KWORKERX_WQ_FREEZABLE | KWORKERX_WQ_PERCPU, 0, true,
	  false },
	{ "HIGHPRI", KWORKERX_WQ_HIGHPRI, MIN_NICE, false, true },
	{ "HIGHPRI, UNBOUND", KWORKERX_WQ_HIGHPRI | KWORKERX_WQ_UNBOUND, MIN_NICE, false,
	  false },
	{ "BH", KWORKERX_WQ_BH, MIN_NICE, false, true },
	{ "ORDERED", KWORKERX_WQ_ORDERED, 0, false, false },
	{ "nothing", KWORKERX_WQ_MEM_RECLAIM | KWORKERX_WQ_CPU_INTENSIVE |
	  KWORKERX_WQ_SYSFS | KWORKERX_WQ_POWER_EFFICIENT, 0, false, true },
};

static void kwx_flags_desc(const struct kwx_flags *flags, char *desc)
{
	strscpy(desc, flags->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kwx_flags, kwx_wq_flags, kwx_flags_desc);

static void kwx_expect_kind(struct kunit *test, struct kworkerx_workqueue *wq,
			    const struct kwx_flags *what)
{
	struct kwx_wq *bed = kwx_keep_wq(test, wq);
	struct kwx_thread *thread = kwx_wq_thread(test, bed, kwx_this_cpu());

	KUNIT_EXPECT_EQ(test, what->nice, thread->nice);
	KUNIT_EXPECT_EQ(test, what->freezable && IS_ENABLED(CONFIG_FREEZER),
			thread->freezable);
	KUNIT_EXPECT_EQ(test, what->percpu, thread->bound);
	KUNIT_EXPECT_EQ(test, SCHED_NORMAL, thread->policy);
}

static void a_flag_means_what_it_says(struct kunit *test)
{
	const struct kwx_flags *what = test->param_value;

	kwx_expect_kind(test, kworkerx_alloc_workqueue("kwx_%s", what->flags, 5, "f"),
			what);
}

static void each_way_to_create_one_has_its_kind(struct kunit *test)
{
	static const struct kwx_flags one = { }, frozen = { .freezable = true },
				      each = { .percpu = true };

	kwx_expect_kind(test, kworkerx_create_workqueue("kwx_a"), &each);
	kwx_expect_kind(test, kworkerx_create_singlethread_workqueue("kwx_b"), &one);
	kwx_expect_kind(test, kworkerx_create_freezable_workqueue("kwx_c"), &frozen);
	kwx_expect_kind(test, kworkerx_alloc_ordered_workqueue("kwx_%d",
							       KWORKERX_WQ_MEM_RECLAIM, 1),
			&one);
}

/*
 * Queueing
 */

/* The wrong kind of place for a lock that sleeps. */
struct kwx_queue_op {
	struct kwx_wq *bed;
	struct kwx_job *job;
	int cpu;
	unsigned long delay;
	bool ret;
};

static void kwx_queue_op(void *arg)
{
	struct kwx_queue_op *op = arg;

	op->ret = kwx_wq_try(op->bed, op->cpu, op->job);
}

static void kwx_queue_delayed_op(void *arg)
{
	struct kwx_queue_op *op = arg;

	op->ret = kworkerx_queue_delayed_work_on(op->cpu, op->bed->wq, &op->job->dwork,
						 op->delay);
}

static void kwx_mod_op(void *arg)
{
	struct kwx_queue_op *op = arg;

	op->ret = kworkerx_mod_delayed_work_on(op->cpu, op->bed->wq, &op->job->dwork,
					       op->delay);
}

static bool kwx_at_place(struct kunit *test, void (*fn)(void *arg),
			 struct kwx_queue_op *op)
{
	const struct kwx_where *place = test->param_value;

	place->call(fn, op);
	return op->ret;
}

static void kwx_queue_at_place(struct kunit *test, bool percpu)
{
	struct kwx_wq *bed = kwx_wq_of(test, percpu);
	struct kwx_job *job = kwx_job(test, NULL, 1);
	struct kwx_queue_op op = { bed, job, kwx_this_cpu() };

	KUNIT_EXPECT_TRUE(test, kwx_at_place(test, kwx_queue_op, &op));
	kwx_wq_flush(test, bed);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));

	op.delay = AN_HOUR;
	KUNIT_EXPECT_TRUE(test, kwx_at_place(test, kwx_queue_delayed_op, &op));
	KUNIT_EXPECT_FALSE(test, kwx_at_place(test, kwx_queue_delayed_op, &op));
	op.delay = 0;
	KUNIT_EXPECT_TRUE(test, kwx_at_place(test, kwx_mod_op, &op));
	kwx_wq_flush(test, bed);
	KUNIT_EXPECT_EQ(test, 2, kwx_runs(job));
	KUNIT_EXPECT_FALSE(test, kwx_at_place(test, kwx_mod_op, &op));
	kwx_wq_flush(test, bed);
	KUNIT_EXPECT_EQ(test, 3, kwx_runs(job));
}

static void a_work_can_be_queued_anywhere(struct kunit *test)
{
	kwx_queue_at_place(test, false);
	kwx_queue_at_place(test, true);
}

static void a_work_runs_on_the_cpu_that_it_is_queued_on(struct kunit *test)
{
	struct kwx_wq *bed = kwx_wq_of(test, true);
	struct kwx_job *job;
	int cpu;

	for_each_online_cpu(cpu) {
		job = kwx_job(test, NULL, cpu);
		kwx_wq_run(test, bed, cpu, job);
		KUNIT_EXPECT_EQ(test, cpu, job->cpu);
		KUNIT_EXPECT_TRUE(test,
				  kworkerx_queue_delayed_work_on(cpu, bed->wq,
								 &job->dwork, 1));
		kwx_wait(test, &job->started);
		KUNIT_EXPECT_EQ(test, cpu, job->cpu);
	}
}

static void a_work_runs_on_the_cpu_of_who_queues_it(struct kunit *test)
{
	struct kwx_wq *bed = kwx_wq_of(test, true);
	struct kwx_job *job;
	int cpu;

	for_each_online_cpu(cpu) {
		job = kwx_job(test, NULL, cpu);
		set_cpus_allowed_ptr(current, cpumask_of(cpu));
		KUNIT_EXPECT_TRUE(test, kworkerx_workqueue_queue_work(bed->wq,
								      KWX_WORK(job)));
		kwx_wait(test, &job->started);
		KUNIT_EXPECT_EQ(test, cpu, job->cpu);
		KUNIT_EXPECT_TRUE(test,
				  kworkerx_workqueue_queue_delayed_work(bed->wq,
									&job->dwork,
									AN_HOUR));
		KUNIT_EXPECT_TRUE(test,
				  kworkerx_workqueue_mod_delayed_work(bed->wq,
								      &job->dwork, 0));
		kwx_wait(test, &job->started);
		KUNIT_EXPECT_EQ(test, cpu, job->cpu);
	}
	set_cpus_allowed_ptr(current, cpu_possible_mask);
}

static void works_run_in_order(struct kunit *test)
{
	struct kwx_wq *bed = kwx_wq(test);
	struct kwx_log *log = kwx_log(test);
	struct kwx_job *busy = kwx_held_job(test, log, 1);
	int id, cpu = kwx_this_cpu();

	kwx_wq_run(test, bed, cpu, busy);
	for (id = 2; id <= 5; id++)
		kwx_wq_queue(test, bed, cpu, kwx_job(test, log, id));
	kwx_release(busy);
	kwx_wq_flush(test, bed);
	kwx_expect_log(test, log, 1, 2, 3, 4, 5);
}

static void urgent_works_run_first(struct kunit *test)
{
	struct kworkerx_workqueue_attr attr = KWORKERX_WORKQUEUE_ATTR_INIT;
	struct kwx_log *log = kwx_log(test);
	struct kwx_job *job;
	struct kwx_wq *bed;
	int id;

	attr.name = "kwx_lanes";
	attr.percpu = kwx_wq_kind(test);
	attr.flags = KWORKERX_LANES;
	bed = kwx_keep_wq(test, kworkerx_workqueue_create(&attr));
	job = kwx_held_job(test, log, 1);
	kwx_wq_run(test, bed, kwx_this_cpu(), job);
	for (id = 2; id <= 5; id++) {
		struct kwx_job *next = kwx_job(test, log, id);

		kworkerx_set_work_urgent(KWX_WORK(next), id > 3);
		kwx_wq_queue(test, bed, kwx_this_cpu(), next);
	}
	kwx_release(job);
	kwx_wq_flush(test, bed);
	kwx_expect_log(test, log, 1, 4, 5, 2, 3);
}

static void a_pending_work_is_not_queued_again(struct kunit *test)
{
	struct kwx_wq *bed = kwx_wq(test);
	struct kwx_job *busy = kwx_held_job(test, NULL, 1);
	struct kwx_job *job = kwx_job(test, NULL, 2);
	int cpu = kwx_this_cpu();

	kwx_wq_run(test, bed, cpu, busy);
	kwx_wq_queue(test, bed, cpu, job);
	KUNIT_EXPECT_TRUE(test, kworkerx_work_pending(KWX_WORK(job)));
	KUNIT_EXPECT_FALSE(test, kworkerx_work_pending(KWX_WORK(busy)));
	KUNIT_EXPECT_TRUE(test, kworkerx_work_busy(KWX_WORK(busy)));
	KUNIT_EXPECT_FALSE(test, kwx_wq_try(bed, cpu, job));
	KUNIT_EXPECT_FALSE(test, kwx_wq_try(bed, ANY_CPU, job));
	KUNIT_EXPECT_FALSE(test, kworkerx_queue_delayed_work_on(cpu, bed->wq,
								&job->dwork, 1));
	kwx_release(busy);
	kwx_wq_flush(test, bed);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

static void a_work_that_runs_is_run_again_where_it_runs(struct kunit *test)
{
	struct kwx_wq *bed = kwx_wq_of(test, true);
	struct kwx_job *job = kwx_held_job(test, NULL, 1);
	int here = kwx_this_cpu(), there = kwx_other_cpu(test);

	kwx_wq_run(test, bed, here, job);
	kwx_wq_queue(test, bed, there, job);
	kwx_release(job);
	kwx_wait(test, &job->started);
	KUNIT_EXPECT_EQ(test, here, job->cpu);
	kwx_release(job);
	kwx_wq_flush(test, bed);
	KUNIT_EXPECT_EQ(test, 2, kwx_runs(job));

	/* Idle, it goes anywhere. */
	job->held = false;
	kwx_wq_queue(test, bed, there, job);
	kwx_wq_flush(test, bed);
	KUNIT_EXPECT_EQ(test, there, job->cpu);
}

/* The kernel's would run it twice at once. */
static void a_work_that_runs_is_refused_by_another_workqueue(struct kunit *test)
{
	struct kwx_wq *bed = kwx_wq(test), *other = kwx_wq(test);
	struct kwx_job *job = kwx_held_job(test, NULL, 1);

	kwx_wq_run(test, bed, kwx_this_cpu(), job);
	kwx_misuse_begin();
	KUNIT_EXPECT_FALSE(test, kwx_wq_try(other, kwx_this_cpu(), job));
	kwx_misuse_end(test, "has it");
	kwx_release(job);
	kwx_wq_flush(test, bed);
	job->held = false;
	kwx_wq_queue(test, other, kwx_this_cpu(), job);
	kwx_wq_flush(test, other);
	KUNIT_EXPECT_EQ(test, 2, kwx_runs(job));
}

static void a_delayed_work_does_not_run_early(struct kunit *test)
{
	struct kwx_wq *bed = kwx_wq(test);
	struct kwx_job *job = kwx_job(test, NULL, 1);
	unsigned long delay, begin;

	for (delay = 0; delay < 4; delay++) {
		begin = jiffies;
		KUNIT_EXPECT_TRUE(test,
				  kworkerx_workqueue_queue_delayed_work(bed->wq,
									&job->dwork,
									delay));
		kwx_wait(test, &job->started);
		KUNIT_EXPECT_TRUE(test, time_after_eq(job->when, begin + delay));
		kwx_wq_flush(test, bed);
	}
}

static void a_delay_is_changed_and_counted_once(struct kunit *test)
{
	struct kwx_wq *bed = kwx_wq(test);
	struct kwx_job *job = kwx_job(test, NULL, 1);
	int cpu = kwx_this_cpu();

	KUNIT_EXPECT_FALSE(test, kworkerx_mod_delayed_work_on(cpu, bed->wq, &job->dwork,
							      AN_HOUR));
	KUNIT_EXPECT_TRUE(test, kworkerx_mod_delayed_work_on(cpu, bed->wq, &job->dwork,
							     AN_HOUR));
	KUNIT_EXPECT_TRUE(test, timer_pending(&job->dwork.timer));
	KUNIT_EXPECT_TRUE(test, kworkerx_mod_delayed_work_on(cpu, bed->wq, &job->dwork,
							     0));
	kwx_wq_flush(test, bed);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

static void a_changed_delay_changes_the_cpu(struct kunit *test)
{
	struct kwx_wq *bed = kwx_wq_of(test, true);
	struct kwx_job *job = kwx_job(test, NULL, 1);
	int here = kwx_this_cpu(), there = kwx_other_cpu(test);

	KUNIT_EXPECT_TRUE(test, kworkerx_queue_delayed_work_on(here, bed->wq,
							       &job->dwork, AN_HOUR));
	KUNIT_EXPECT_TRUE(test, kworkerx_mod_delayed_work_on(there, bed->wq,
							     &job->dwork, 0));
	kwx_wq_flush(test, bed);
	KUNIT_EXPECT_EQ(test, there, job->cpu);
}

static void an_enabled_work_is_queued_with_the_last_enabling(struct kunit *test)
{
	struct kwx_wq *bed = kwx_wq(test);
	struct kwx_job *job = kwx_job(test, NULL, 1);
	struct kworkerx_work *work = KWX_WORK(job);

	kworkerx_disable_work_sync(work);
	kworkerx_disable_work(work);
	KUNIT_EXPECT_FALSE(test, kwx_wq_try(bed, ANY_CPU, job));
	KUNIT_EXPECT_FALSE(test, kworkerx_enable_and_queue_work(bed->wq, work));
	KUNIT_EXPECT_TRUE(test, kworkerx_enable_and_queue_work(bed->wq, work));
	kwx_wq_flush(test, bed);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
	KUNIT_EXPECT_PTR_EQ(test, &job->dwork, kworkerx_to_delayed_work(work));
}

static void a_cancelled_work_does_not_run(struct kunit *test)
{
	struct kwx_wq *bed = kwx_wq(test);
	struct kwx_job *busy = kwx_held_job(test, NULL, 1);
	struct kwx_job *job = kwx_job(test, NULL, 2);
	int cpu = kwx_this_cpu();

	kwx_wq_run(test, bed, cpu, busy);
	kwx_wq_queue(test, bed, cpu, job);
	KUNIT_EXPECT_TRUE(test, kworkerx_cancel_work_sync(KWX_WORK(job)));
	kwx_wq_queue(test, bed, cpu, job);
	KUNIT_EXPECT_TRUE(test, kworkerx_cancel_work(KWX_WORK(job)));
	KUNIT_EXPECT_TRUE(test, kworkerx_queue_delayed_work_on(cpu, bed->wq,
							       &job->dwork, AN_HOUR));
	KUNIT_EXPECT_TRUE(test, kworkerx_cancel_delayed_work_sync(&job->dwork));
	kwx_release(busy);
	kwx_wq_flush(test, bed);
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
}

static void a_wrong_workqueue_or_cpu_is_refused(struct kunit *test)
{
	struct kwx_wq *bed = kwx_wq_of(test, true);
	struct kwx_job *job = kwx_job(test, NULL, 1);

	kwx_misuse_begin();
	KUNIT_EXPECT_FALSE(test, kworkerx_queue_work_on(0, NULL, KWX_WORK(job)));
	KUNIT_EXPECT_FALSE(test, kworkerx_queue_delayed_work_on(0, ERR_PTR(-ENOMEM),
								&job->dwork, 1));
	KUNIT_EXPECT_TRUE(test, kworkerx_mod_delayed_work_on(0, NULL, &job->dwork, 1));
	kwx_misuse_end(test, "queued on workqueue");

	kwx_misuse_begin();
	KUNIT_EXPECT_FALSE(test, kwx_wq_try(bed, -1, job));
	KUNIT_EXPECT_FALSE(test, kwx_wq_try(bed, INT_MAX, job));
	kwx_misuse_end(test, "is not possible");
	kwx_wq_flush(test, bed);
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
}

/*
 * Waiting
 */

static void a_flush_waits_for_what_is_queued(struct kunit *test)
{
	struct kwx_wq *bed = kwx_wq(test);
	struct kwx_job *jobs[2], *armed = kwx_job(test, NULL, 3);
	struct kwx_call *flush;
	int i, cpu;

	kworkerx_workqueue_queue_delayed_work(bed->wq, &armed->dwork, AN_HOUR);
	for (i = 0, cpu = kwx_this_cpu(); i < 2; i++, cpu = num_online_cpus() - 1) {
		jobs[i] = kwx_held_job(test, NULL, i);
		kwx_wq_queue(test, bed, cpu, jobs[i]);
	}
	flush = kwx_call(test, kwx_flush_wq_fn, bed->wq);
	kwx_call_blocks(test, flush);
	kwx_release(jobs[0]);
	kwx_call_blocks(test, flush);
	kwx_release(jobs[1]);
	kwx_call_returns(test, flush);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(jobs[0]));
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(jobs[1]));
	KUNIT_EXPECT_TRUE(test, kworkerx_cancel_delayed_work_sync(&armed->dwork));
}

/* Not even on a CPU that it comes to later. */
static void what_comes_later_does_not_make_a_flush_longer(struct kunit *test)
{
	struct kwx_wq *bed = kwx_wq(test);
	struct kwx_job *first = kwx_held_job(test, NULL, 1);
	struct kwx_job *late[8];
	struct kwx_call *flush;
	int cpu, nr = 0;

	kwx_wq_run(test, bed, kwx_this_cpu(), first);
	flush = kwx_call(test, kwx_flush_wq_fn, bed->wq);
	kwx_call_blocks(test, flush);
	for_each_online_cpu(cpu) {
		if (nr == ARRAY_SIZE(late))
			break;
		late[nr] = kwx_held_job(test, NULL, cpu);
		kwx_wq_queue(test, bed, cpu, late[nr++]);
	}
	kwx_release(first);
	kwx_call_returns(test, flush);
	while (nr--)
		kwx_release(late[nr]);
	kwx_wq_flush(test, bed);
}

static void kwx_queue_next(struct kwx_job *job)
{
	struct kwx_wq *bed = job->data;

	if (kwx_runs(job) < 3)
		kwx_wq_try(bed, ANY_CPU, job);
}

static void kwx_drain_wq_fn(void *wq)
{
	kworkerx_drain_workqueue(wq);
}

static struct kwx_job *kwx_chain(struct kunit *test, struct kwx_wq *bed)
{
	struct kwx_job *job = kwx_held_job(test, NULL, 1);

	job->data = bed;
	job->action = kwx_queue_next;
	kwx_wq_run(test, bed, kwx_this_cpu(), job);
	return job;
}

static void kwx_finish_chain(struct kunit *test, struct kwx_job *job)
{
	int i;

	for (i = 0; i < 3; i++)
		kwx_release(job);
}

static void a_drain_waits_for_chains_and_refuses_others(struct kunit *test)
{
	struct kwx_wq *bed = kwx_wq(test);
	struct kwx_job *job = kwx_chain(test, bed), *other = kwx_job(test, NULL, 2);
	struct kwx_call *drain = kwx_call(test, kwx_drain_wq_fn, bed->wq);

	kwx_call_blocks(test, drain);
	KUNIT_EXPECT_FALSE(test, kwx_wq_try(bed, ANY_CPU, other));
	KUNIT_EXPECT_FALSE(test,
			   kworkerx_workqueue_queue_delayed_work(bed->wq, &other->dwork,
								 1));
	KUNIT_EXPECT_TRUE(test,
			  kworkerx_workqueue_mod_delayed_work(bed->wq, &other->dwork, 1));
	KUNIT_EXPECT_FALSE(test, kworkerx_work_pending(KWX_WORK(other)));
	kwx_finish_chain(test, job);
	kwx_call_returns(test, drain);
	KUNIT_EXPECT_EQ(test, 3, kwx_runs(job));
	kwx_wq_queue(test, bed, ANY_CPU, other);
	kwx_wq_flush(test, bed);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(other));
}

static void a_drained_workqueue_for_anywhere_takes_no_lock(struct kunit *test)
{
	struct kworkerx_workqueue_attr attr = KWORKERX_WORKQUEUE_ATTR_INIT;
	struct kwx_queue_op op = { .cpu = ANY_CPU };
	struct kwx_job *busy = kwx_held_job(test, NULL, 1);
	struct kwx_call *drain;

	attr.name = "kwx_any";
	attr.percpu = kwx_wq_kind(test);
	attr.flags = KWORKERX_ANYWHERE;
	op.bed = kwx_keep_wq(test, kworkerx_workqueue_create(&attr));
	op.job = kwx_job(test, NULL, 2);
	kwx_in_irq(kwx_queue_op, &op);
	KUNIT_EXPECT_TRUE(test, op.ret);
	kwx_wq_flush(test, op.bed);
	kwx_wq_run(test, op.bed, kwx_this_cpu(), busy);
	drain = kwx_call(test, kwx_drain_wq_fn, op.bed->wq);
	kwx_call_blocks(test, drain);
	kwx_in_irq(kwx_queue_op, &op);
	KUNIT_EXPECT_FALSE(test, op.ret);
	kwx_in_raw_lock(kwx_queue_op, &op);
	KUNIT_EXPECT_FALSE(test, op.ret);
	kwx_release(busy);
	kwx_call_returns(test, drain);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(op.job));
}

static void kwx_wait_for_itself(struct kwx_job *job)
{
	struct kwx_wq *bed = job->data;

	if (job->id == 1)
		kworkerx_flush_workqueue(bed->wq);
	else if (job->id == 2)
		kworkerx_drain_workqueue(bed->wq);
	else
		kworkerx_destroy_workqueue(bed->wq);
}

static void a_work_that_waits_for_its_workqueue_is_reported(struct kunit *test)
{
	static const char * const reports[][2] = {
		{ "waits for its own worker", "waits for its own worker" },
		{ "drain of worker kwx_wq by", "drain of workqueue kwx_wq by" },
		{ "destroy of worker kwx_wq by", "destroy of workqueue kwx_wq by" },
	};
	struct kwx_wq *bed = kwx_wq(test);
	struct kwx_job *job;
	int id;

	for (id = 1; id <= 3; id++) {
		job = kwx_job(test, NULL, id);
		job->data = bed;
		job->action = kwx_wait_for_itself;
		kwx_misuse_begin();
		kwx_wq_queue(test, bed, kwx_this_cpu(), job);
		kworkerx_flush_work(KWX_WORK(job));
		kwx_misuse_end(test, reports[id - 1][kwx_wq_kind(test)]);
		KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
	}
	kwx_misuse_begin();
	kworkerx_flush_workqueue(NULL);
	kwx_misuse_also(test, "flush of workqueue");
	kworkerx_drain_workqueue(NULL);
	kwx_misuse_end(test, "drain of workqueue");
}

/*
 * Destruction
 */

static void a_destruction_runs_what_is_queued(struct kunit *test)
{
	struct kwx_wq *bed = kwx_wq(test);
	struct kworkerx_workqueue *wq = bed->wq;
	struct kwx_job *job = kwx_chain(test, bed), *late = kwx_job(test, NULL, 2);
	struct kwx_call *end;

	/* For the chain, which goes on while the workqueue ends. */
	job->data = kwx_calloc(test, 1, sizeof(struct kwx_wq));
	((struct kwx_wq *)job->data)->wq = wq;
	end = kwx_call(test, kwx_end_wq, bed);
	kwx_call_blocks(test, end);
	kwx_misuse_begin();
	KUNIT_EXPECT_FALSE(test, kworkerx_workqueue_queue_work(wq, KWX_WORK(late)));
	kwx_misuse_end(test, "kwx_wq, which is being destroyed");
	kwx_finish_chain(test, job);
	kwx_call_returns(test, end);
	KUNIT_EXPECT_EQ(test, 3, kwx_runs(job));
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(late));

	/* The works outlive it. */
	KUNIT_EXPECT_FALSE(test, kworkerx_flush_work(KWX_WORK(job)));
	KUNIT_EXPECT_FALSE(test, kworkerx_cancel_work_sync(KWX_WORK(job)));
	kwx_queue(test, kwx_worker(test), late);
	kworkerx_flush_work(KWX_WORK(late));
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(late));
}

static void an_armed_timer_is_taken_back(struct kunit *test)
{
	struct kwx_wq *bed = kwx_wq(test);
	struct kwx_job *job = kwx_job(test, NULL, 1);

	kworkerx_workqueue_queue_delayed_work(bed->wq, &job->dwork, AN_HOUR);
	kwx_misuse_begin();
	kwx_end_wq(bed);
	kwx_misuse_end(test, "destroyed while the timer of");
	KUNIT_EXPECT_FALSE(test, timer_pending(&job->dwork.timer));
	KUNIT_EXPECT_FALSE(test, kworkerx_cancel_delayed_work_sync(&job->dwork));
}

static void what_is_none_is_not_destroyed(struct kunit *test)
{
	kwx_misuse_begin();
	kworkerx_destroy_workqueue(NULL);
	kworkerx_destroy_workqueue(ERR_PTR(-ENOMEM));
	kwx_misuse_end(test, "destroy of workqueue");

	kwx_misuse_begin();
	kworkerx_destroy_workqueue(kworkerx_system_percpu_wq);
	kwx_misuse_end(test, "destroy of workqueue kworkerx, which is everybody's");
}

/*
 * CPUs that come and go
 */

static void a_work_for_an_absent_cpu_runs_on_another(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kwx_wq *bed = kwx_wq_of(test, true);
	struct kwx_job *job = kwx_job(test, NULL, 1);

	kwx_begin_outage(test, outage);
	kwx_wq_queue(test, bed, outage->cpu, job);
	kwx_wq_flush(test, bed);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
	KUNIT_EXPECT_NE(test, outage->cpu, job->cpu);
	kwx_recover(test, outage);
	kwx_wq_run(test, bed, outage->cpu, job);
	kwx_wq_flush(test, bed);
	KUNIT_EXPECT_EQ(test, outage->cpu, job->cpu);
}

/* Works that queue themselves on the next CPU, and one who waits for them. */
#define KWX_STORM	16

struct kwx_wq_storm {
	struct kwx_wq	*bed;
	bool		over;
	atomic_t	accepted;
};

static void kwx_blow(struct kwx_job *job)
{
	struct kwx_wq_storm *storm = job->data;
	int cpu = (job->cpu + 1) % nr_cpu_ids;

	if (!READ_ONCE(storm->over) && cpu_possible(cpu) &&
	    kwx_wq_try(storm->bed, cpu, job))
		atomic_inc(&storm->accepted);
}

static void kwx_toggle_cpu(void *data)
{
	struct kwx_outage *outage = data;
	int i;

	for (i = 0; i < 10; i++) {
		outage->down |= !kwx_cpu_down(outage->cpu);
		if (outage->down)
			outage->down = kwx_cpu_up(outage->cpu);
	}
}

static void nothing_is_lost_while_cpus_come_and_go(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kwx_wq_storm *storm = kwx_calloc(test, 1, sizeof(*storm));
	struct kwx_job *jobs[KWX_STORM];
	struct kwx_call *toggle;
	int i, runs = 0;

	storm->bed = kwx_wq_of(test, true);
	toggle = kwx_call(test, kwx_toggle_cpu, outage);
	for (i = 0; i < KWX_STORM; i++) {
		jobs[i] = kwx_job(test, NULL, i);
		jobs[i]->data = storm;
		jobs[i]->action = kwx_blow;
		atomic_inc(&storm->accepted);
		kwx_wq_queue(test, storm->bed, i % nr_cpu_ids, jobs[i]);
	}
	while (!completion_done(&toggle->done)) {
		kworkerx_flush_workqueue(storm->bed->wq);
		cond_resched();
	}
	WRITE_ONCE(storm->over, true);
	kworkerx_drain_workqueue(storm->bed->wq);
	kwx_call_returns(test, toggle);
	for (i = 0; i < KWX_STORM; i++) {
		KUNIT_EXPECT_FALSE(test, kworkerx_work_busy(KWX_WORK(jobs[i])));
		runs += kwx_runs(jobs[i]);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&storm->accepted), runs);
}

static struct kunit_case kwx_workqueue_cases[] = {
	KUNIT_CASE_PARAM(its_threads_have_its_name, kwx_wq_kind_gen_params),
	KUNIT_CASE_PARAM(a_name_is_not_a_format, kwx_wq_kind_gen_params),
	KUNIT_CASE_PARAM(its_threads_have_its_attributes, kwx_wq_kind_gen_params),
	KUNIT_CASE_PARAM(its_works_stay_on_its_cpus, kwx_wq_kind_gen_params),
	KUNIT_CASE(what_cannot_be_had_is_refused),
	KUNIT_CASE(a_caller_of_a_longer_structure_is_refused),
	KUNIT_CASE_PARAM(a_flag_means_what_it_says, kwx_flags_gen_params),
	KUNIT_CASE(each_way_to_create_one_has_its_kind),
	KUNIT_CASE_PARAM(a_work_can_be_queued_anywhere, kwx_where_gen_params),
	KUNIT_CASE(a_work_runs_on_the_cpu_that_it_is_queued_on),
	KUNIT_CASE(a_work_runs_on_the_cpu_of_who_queues_it),
	KUNIT_CASE_PARAM(works_run_in_order, kwx_wq_kind_gen_params),
	KUNIT_CASE_PARAM(urgent_works_run_first, kwx_wq_kind_gen_params),
	KUNIT_CASE_PARAM(a_pending_work_is_not_queued_again, kwx_wq_kind_gen_params),
	KUNIT_CASE(a_work_that_runs_is_run_again_where_it_runs),
	KUNIT_CASE_PARAM(a_work_that_runs_is_refused_by_another_workqueue,
			 kwx_wq_kind_gen_params),
	KUNIT_CASE_PARAM(a_delayed_work_does_not_run_early, kwx_wq_kind_gen_params),
	KUNIT_CASE_PARAM(a_delay_is_changed_and_counted_once, kwx_wq_kind_gen_params),
	KUNIT_CASE(a_changed_delay_changes_the_cpu),
	KUNIT_CASE_PARAM(an_enabled_work_is_queued_with_the_last_enabling,
			 kwx_wq_kind_gen_params),
	KUNIT_CASE_PARAM(a_cancelled_work_does_not_run, kwx_wq_kind_gen_params),
	KUNIT_CASE(a_wrong_workqueue_or_cpu_is_refused),
	KUNIT_CASE_PARAM(a_flush_waits_for_what_is_queued, kwx_wq_kind_gen_params),
	KUNIT_CASE_PARAM(what_comes_later_does_not_make_a_flush_longer,
			 kwx_wq_kind_gen_params),
	KUNIT_CASE_PARAM(a_drain_waits_for_chains_and_refuses_others,
			 kwx_wq_kind_gen_params),
	KUNIT_CASE_PARAM(a_drained_workqueue_for_anywhere_takes_no_lock,
			 kwx_wq_kind_gen_params),
	KUNIT_CASE_PARAM(a_work_that_waits_for_its_workqueue_is_reported,
			 kwx_wq_kind_gen_params),
	KUNIT_CASE_PARAM(a_destruction_runs_what_is_queued, kwx_wq_kind_gen_params),
	KUNIT_CASE_PARAM(an_armed_timer_is_taken_back, kwx_wq_kind_gen_params),
	KUNIT_CASE(what_is_none_is_not_destroyed),
	KUNIT_CASE(a_work_for_an_absent_cpu_runs_on_another),
	KUNIT_CASE_SLOW(nothing_is_lost_while_cpus_come_and_go),
	{}
};

static struct kunit_suite kwx_workqueue_suite = {
	.name = "kworkerx_workqueue",
	.test_cases = kwx_workqueue_cases,
};

kunit_test_suite(kwx_workqueue_suite);
