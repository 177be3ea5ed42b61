// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sets of workers, one for each CPU, while CPUs come and go.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/sched/isolation.h>
#include <linux/slab.h>
#include <linux/smp.h>

#include "../kworkerx_compat.h"
#include "../modules/kworkerx_percpu.h"
#include "common.h"

/* Ends with the test, or earlier. */
struct kwx_set {
	struct kworkerx_percpu	*set;
};

static atomic_t kwx_refusals;

static void kwx_refused(struct kworkerx_work *work)
{
	atomic_inc(&kwx_refusals);
}

static void kwx_end_set(void *data)
{
	struct kwx_set *bed = data;

	if (bed->set)
		kworkerx_percpu_destroy(bed->set);
	bed->set = NULL;
}

static void kwx_free_set(struct kunit_resource *res)
{
	kwx_end_set(res->data);
}

static struct kwx_set *kwx_set_as_given(struct kunit *test,
					const struct kworkerx_percpu_attr *attr)
{
	struct kwx_set *bed = kunit_kzalloc(test, sizeof(*bed), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, bed);
	atomic_set(&kwx_refusals, 0);
	bed->set = kworkerx_percpu_create(attr);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bed->set);
	kwx_own(test, kwx_free_set, bed);
	return bed;
}

/* On all CPUs, also where some are isolated. */
static struct kwx_set *kwx_set_attr(struct kunit *test,
				    const struct kworkerx_percpu_attr *attr)
{
	struct kworkerx_percpu_attr all = *attr;

	if (!all.cpumask)
		all.cpumask = cpu_possible_mask;
	return kwx_set_as_given(test, &all);
}

static struct kwx_set *kwx_set_sched(struct kunit *test,
				     enum kworkerx_percpu_policy policy,
				     u32 sched_policy, u32 priority)
{
	const struct kworkerx_percpu_attr attr = {
		.name = "kwxset/%u",
		.policy = policy,
		.sched.sched_policy = sched_policy,
		.sched.sched_priority = priority,
		.refused = kwx_refused,
	};

	return kwx_set_attr(test, &attr);
}

static struct kwx_set *kwx_set(struct kunit *test,
			       enum kworkerx_percpu_policy policy)
{
	return kwx_set_sched(test, policy, SCHED_NORMAL, 0);
}

/*
 * The thread that takes a CPU down does not preempt these: when it is woken by
 * the end of a work, the next work starts before it goes on.
 */
static struct kwx_set *kwx_urgent_set(struct kunit *test,
				      enum kworkerx_percpu_policy policy)
{
	return kwx_set_sched(test, policy, SCHED_FIFO, 1);
}

static int kwx_try_on(struct kwx_set *bed, int cpu, struct kwx_job *job)
{
	return kworkerx_percpu_queue_work_on(bed->set, cpu, KWX_WORK(job));
}

static void kwx_queue_on(struct kunit *test, struct kwx_set *bed, int cpu,
			 struct kwx_job *job)
{
	KUNIT_EXPECT_EQ(test, 1, kwx_try_on(bed, cpu, job));
}

static void kwx_hold_on(struct kunit *test, struct kwx_set *bed, int cpu,
			struct kwx_job *job)
{
	KUNIT_ASSERT_TRUE(test, job->held);
	kwx_queue_on(test, bed, cpu, job);
	kwx_wait(test, &job->started);
}

static void kwx_flush_set_fn(void *set)
{
	kworkerx_percpu_flush(set);
}

static void kwx_flush_set(struct kunit *test, struct kwx_set *bed)
{
	kwx_call_returns(test, kwx_call(test, kwx_flush_set_fn, bed->set));
}

/* A new job runs on @cpu when it is queued there. */
static void kwx_expect_runs_on(struct kunit *test, struct kwx_set *bed, int cpu)
{
	struct kwx_job *job = kwx_job(test, NULL, cpu);

	kwx_queue_on(test, bed, cpu, job);
	kwx_wait(test, &job->started);
	KUNIT_EXPECT_EQ(test, cpu, job->cpu);
}

/* Arms a timer that expires only by kwx_expire_now(). */
static void kwx_arm_on(struct kunit *test, struct kwx_set *bed, int cpu,
		       struct kwx_job *job)
{
	KUNIT_EXPECT_EQ(test, 1,
			kworkerx_percpu_queue_delayed_work_on(bed->set, cpu,
							      &job->dwork,
							      600 * HZ));
}

static void kwx_expire_now(struct kunit *test, struct kwx_job *job)
{
	KUNIT_EXPECT_TRUE(test,
			  kworkerx_mod_pending_delayed_work(KWX_WORK(job)->worker,
							    &job->dwork, 1));
	kwx_wait_expired(test, job);
}

static int kwx_first_cpu(void)
{
	return cpumask_first(cpu_online_mask);
}

static int kwx_second_cpu(struct kunit *test)
{
	int cpu = cpumask_next(kwx_first_cpu(), cpu_online_mask);

	if (cpu >= nr_cpu_ids)
		kunit_skip(test, "needs two CPUs");
	return cpu;
}

static const enum kworkerx_percpu_policy kwx_policies[] = {
	KWORKERX_PERCPU_MOVE, KWORKERX_PERCPU_HOLD, KWORKERX_PERCPU_REFUSE,
};

static void kwx_policy_desc(const enum kworkerx_percpu_policy *policy,
			    char *desc)
{
	static const char * const names[] = { "move", "hold", "refuse" };

	strscpy(desc, names[*policy], KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kwx_policy, kwx_policies, kwx_policy_desc);

static enum kworkerx_percpu_policy kwx_policy(struct kunit *test)
{
	return *(const enum kworkerx_percpu_policy *)test->param_value;
}

/*
 * Creation
 */

static int kwx_look_at_thread(void *test_ptr)
{
	int cpu = raw_smp_processor_id();
	struct kunit *test = test_ptr;
	char name[TASK_COMM_LEN];

	snprintf(name, sizeof(name), "kwxset/%u", cpu);
	KUNIT_EXPECT_STREQ(test, name, current->comm);
	KUNIT_EXPECT_TRUE(test, cpumask_equal(current->cpus_ptr,
					      cpumask_of(cpu)));
	KUNIT_EXPECT_TRUE(test, current->flags & PF_NO_SETAFFINITY);
	KUNIT_EXPECT_NOT_NULL(test, kworkerx_current_work());
	return 100 + cpu;
}

static void each_cpu_has_a_thread_that_is_bound(struct kunit *test)
{
	struct kwx_set *bed = kwx_set(test, kwx_policy(test));
	int cpu;

	for_each_online_cpu(cpu)
		KUNIT_EXPECT_EQ(test, 100 + cpu,
				kworkerx_percpu_call_on(bed->set, cpu,
							kwx_look_at_thread,
							test));
}

static void kwx_expect_invalid(struct kunit *test,
			       const struct kworkerx_percpu_attr *attr)
{
	struct kworkerx_percpu *set = kworkerx_percpu_create(attr);

	KUNIT_EXPECT_TRUE(test, IS_ERR(set));
	KUNIT_EXPECT_EQ(test, -EINVAL, PTR_ERR(set));
}

static void invalid_attributes_are_refused(struct kunit *test)
{
	struct kworkerx_percpu_attr attr = { .flags = 0 };

	kwx_misuse_begin();
	kwx_expect_invalid(test, &attr);
	attr.name = "kwxset/%u";
	attr.flags = KWORKERX_FREEZABLE;
	kwx_expect_invalid(test, &attr);
	attr.flags = 0;
	attr.policy = KWORKERX_PERCPU_REFUSE + 1;
	kwx_expect_invalid(test, &attr);
	kwx_misuse_end(test, "created with invalid attributes");
}

static const struct kworkerx_percpu_attr kwx_urgent = {
	.name = "kwx_rt/%u",
	.policy = KWORKERX_PERCPU_MOVE,
	.sched.sched_policy = SCHED_FIFO,
	.sched.sched_priority = 1,
};

static int kwx_scheduling_policy(void *unused)
{
	return current->policy;
}

static void each_thread_has_its_scheduling_policy(struct kunit *test)
{
	struct kwx_set *bed = kwx_set_attr(test, &kwx_urgent);
	int cpu;

	for_each_online_cpu(cpu)
		KUNIT_EXPECT_EQ(test, SCHED_FIFO,
				kworkerx_percpu_call_on(bed->set, cpu,
							kwx_scheduling_policy,
							NULL));
}

static void a_policy_that_is_changed_outlives_an_absence(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kwx_set *bed = kwx_set(test, KWORKERX_PERCPU_MOVE);
	struct kwx_job *job = kwx_job(test, NULL, 1);

	kwx_queue_on(test, bed, outage->cpu, job);
	kwx_wait(test, &job->started);
	sched_set_fifo_low(READ_ONCE(KWX_WORK(job)->worker->task));
	kwx_begin_outage(test, outage);
	kwx_recover(test, outage);
	KUNIT_EXPECT_EQ(test, SCHED_FIFO,
			kworkerx_percpu_call_on(bed->set, outage->cpu,
						kwx_scheduling_policy, NULL));
}

/*
 * Queueing
 */

static void a_work_runs_on_the_cpu_it_is_queued_on(struct kunit *test)
{
	struct kwx_set *bed = kwx_set(test, kwx_policy(test));
	int cpu;

	for_each_online_cpu(cpu)
		kwx_expect_runs_on(test, bed, cpu);
}

static void a_work_is_queued_on_this_cpu(struct kunit *test)
{
	struct kwx_set *bed = kwx_set(test, KWORKERX_PERCPU_MOVE);
	struct kwx_job *job;
	int cpu;

	for_each_online_cpu(cpu) {
		job = kwx_job(test, NULL, cpu);
		set_cpus_allowed_ptr(current, cpumask_of(cpu));
		KUNIT_EXPECT_EQ(test, 1,
				kworkerx_percpu_queue_work(bed->set,
							   KWX_WORK(job)));
		kwx_wait(test, &job->started);
		KUNIT_EXPECT_EQ(test, cpu, job->cpu);
	}
	set_cpus_allowed_ptr(current, cpu_possible_mask);
}

static void a_delayed_work_runs_on_its_cpu(struct kunit *test)
{
	struct kwx_set *bed = kwx_set(test, kwx_policy(test));
	struct kwx_job *job;
	int cpu, delay;

	for_each_online_cpu(cpu) {
		for (delay = 0; delay < 3; delay++) {
			job = kwx_job(test, NULL, cpu);
			KUNIT_EXPECT_EQ(test, 1,
					kworkerx_percpu_queue_delayed_work_on(
						bed->set, cpu, &job->dwork,
						delay));
			kwx_wait(test, &job->started);
			KUNIT_EXPECT_EQ(test, cpu, job->cpu);
		}
	}
}

static void a_cpu_that_is_not_possible_is_refused(struct kunit *test)
{
	struct kwx_set *bed = kwx_set(test, KWORKERX_PERCPU_MOVE);
	struct kwx_job *job = kwx_job(test, NULL, 1);

	kwx_misuse_begin();
	KUNIT_EXPECT_EQ(test, -EINVAL, kwx_try_on(bed, -1, job));
	KUNIT_EXPECT_EQ(test, -EINVAL, kwx_try_on(bed, nr_cpu_ids, job));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kworkerx_percpu_queue_delayed_work_on(bed->set,
							      nr_cpu_ids,
							      &job->dwork, 1));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kworkerx_percpu_call_on(bed->set, nr_cpu_ids,
						kwx_scheduling_policy, NULL));
	kworkerx_percpu_flush_on(bed->set, nr_cpu_ids);
	kwx_misuse_end(test, "is not possible");
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
}

static void a_pending_work_is_pending_for_every_cpu(struct kunit *test)
{
	struct kwx_set *bed = kwx_set(test, kwx_policy(test));
	int here = kwx_first_cpu(), there = kwx_second_cpu(test);
	struct kwx_job *busy = kwx_held_job(test, NULL, 1);
	struct kwx_job *job = kwx_job(test, NULL, 2);

	kwx_hold_on(test, bed, here, busy);
	kwx_queue_on(test, bed, here, job);
	KUNIT_EXPECT_EQ(test, 0, kwx_try_on(bed, here, job));
	KUNIT_EXPECT_EQ(test, 0, kwx_try_on(bed, there, job));
	KUNIT_EXPECT_EQ(test, 0,
			kworkerx_percpu_queue_delayed_work_on(bed->set, there,
							      &job->dwork, 1));
	kwx_release(busy);
	kwx_flush_set(test, bed);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
	KUNIT_EXPECT_EQ(test, here, job->cpu);
}

/* What kworkerx reports as misuse between workers that are not of one set. */
static void a_running_work_runs_again_where_it_runs(struct kunit *test)
{
	struct kwx_set *bed = kwx_set(test, kwx_policy(test));
	int here = kwx_first_cpu(), there = kwx_second_cpu(test);
	struct kwx_job *job = kwx_held_job(test, NULL, 1);

	kwx_hold_on(test, bed, here, job);
	kwx_queue_on(test, bed, there, job);
	kworkerx_percpu_flush_on(bed->set, there);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
	kwx_release(job);
	kwx_wait(test, &job->started);
	kwx_release(job);
	kwx_flush_set(test, bed);
	KUNIT_EXPECT_EQ(test, 2, kwx_runs(job));
	KUNIT_EXPECT_EQ(test, here, job->cpu);

	/* Idle, it goes anywhere. */
	job->held = false;
	kwx_queue_on(test, bed, there, job);
	kwx_flush_set(test, bed);
	KUNIT_EXPECT_EQ(test, there, job->cpu);
}

static void works_of_one_cpu_keep_their_order(struct kunit *test)
{
	struct kwx_set *bed = kwx_set(test, kwx_policy(test));
	struct kwx_log *log = kwx_log(test);
	struct kwx_job *busy = kwx_held_job(test, log, 1);
	int id, cpu = kwx_first_cpu();

	kwx_hold_on(test, bed, cpu, busy);
	for (id = 2; id <= 5; id++)
		kwx_queue_on(test, bed, cpu, kwx_job(test, log, id));
	kwx_release(busy);
	kwx_flush_set(test, bed);
	kwx_expect_log(test, log, 1, 2, 3, 4, 5);
}

/*
 * Waiting
 */

static void kwx_flush_first_fn(void *set)
{
	kworkerx_percpu_flush_on(set, kwx_first_cpu());
}

static void a_flush_waits_for_its_cpu(struct kunit *test)
{
	struct kwx_set *bed = kwx_set(test, KWORKERX_PERCPU_MOVE);
	struct kwx_job *busy = kwx_held_job(test, NULL, 1);
	struct kwx_job *other = kwx_held_job(test, NULL, 2);
	struct kwx_call *flush, *flush_all;

	kwx_hold_on(test, bed, kwx_second_cpu(test), other);
	kwx_call_returns(test, kwx_call(test, kwx_flush_first_fn, bed->set));
	kwx_hold_on(test, bed, kwx_first_cpu(), busy);
	flush = kwx_call(test, kwx_flush_first_fn, bed->set);
	flush_all = kwx_call(test, kwx_flush_set_fn, bed->set);
	kwx_call_blocks(test, flush);
	kwx_release(busy);
	kwx_call_returns(test, flush);
	kwx_call_blocks(test, flush_all);
	kwx_release(other);
	kwx_call_returns(test, flush_all);
}

/* Two jobs queue each other, always on the next CPU. */
struct kwx_pair {
	struct kworkerx_percpu	*set;
	struct kwx_job		*jobs[2];
};

static void kwx_hop(struct kwx_job *job)
{
	int cpu = cpumask_next(raw_smp_processor_id(), cpu_online_mask);
	struct kwx_pair *pair = job->data;
	struct kwx_job *other = pair->jobs[!job->id];

	if (cpu >= nr_cpu_ids)
		cpu = kwx_first_cpu();
	if (kwx_runs(other) < 20)
		kworkerx_percpu_queue_work_on(pair->set, cpu, KWX_WORK(other));
}

static void kwx_drain_set_fn(void *set)
{
	kworkerx_percpu_drain(set);
}

static void a_drain_waits_for_works_that_works_queue(struct kunit *test)
{
	struct kwx_set *bed = kwx_set(test, KWORKERX_PERCPU_MOVE);
	struct kwx_pair *pair = kunit_kzalloc(test, sizeof(*pair), GFP_KERNEL);
	int id;

	KUNIT_ASSERT_NOT_NULL(test, pair);
	pair->set = bed->set;
	for (id = 0; id < 2; id++) {
		pair->jobs[id] = kwx_job(test, NULL, id);
		pair->jobs[id]->data = pair;
	}
	pair->jobs[0]->action = kwx_hop;
	pair->jobs[1]->action = kwx_hop;
	kwx_queue_on(test, bed, kwx_first_cpu(), pair->jobs[0]);
	kwx_call_returns(test, kwx_call(test, kwx_drain_set_fn, bed->set));
	KUNIT_EXPECT_EQ(test, 20, kwx_runs(pair->jobs[0]));
	KUNIT_EXPECT_EQ(test, 20, kwx_runs(pair->jobs[1]));
}

static void a_cancelled_work_does_not_run(struct kunit *test)
{
	struct kwx_set *bed = kwx_set(test, kwx_policy(test));
	int cpu = kwx_first_cpu();
	struct kwx_job *busy = kwx_held_job(test, NULL, 1);
	struct kwx_job *job = kwx_job(test, NULL, 2);

	kwx_hold_on(test, bed, cpu, busy);
	kwx_queue_on(test, bed, cpu, job);
	KUNIT_EXPECT_TRUE(test, kworkerx_cancel_work_sync(KWX_WORK(job)));
	kwx_queue_on(test, bed, cpu, job);
	KUNIT_EXPECT_TRUE(test, kworkerx_cancel_work(KWX_WORK(job)));
	kwx_arm_on(test, bed, cpu, job);
	KUNIT_EXPECT_TRUE(test,
			  kworkerx_cancel_delayed_work_sync(&job->dwork));
	kwx_arm_on(test, bed, cpu, job);
	KUNIT_EXPECT_TRUE(test, kworkerx_cancel_delayed_work(&job->dwork));
	kwx_release(busy);
	kwx_flush_set(test, bed);
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
}

/* Not even on a CPU that it comes to after the first. */
static void what_comes_later_does_not_make_a_flush_longer(struct kunit *test)
{
	struct kwx_set *bed = kwx_set(test, kwx_policy(test));
	struct kwx_job *first = kwx_held_job(test, NULL, 1);
	struct kwx_job *late = kwx_held_job(test, NULL, 2);
	struct kwx_call *flush;

	kwx_hold_on(test, bed, kwx_first_cpu(), first);
	flush = kwx_call(test, kwx_flush_set_fn, bed->set);
	kwx_call_blocks(test, flush);
	kwx_hold_on(test, bed, kwx_second_cpu(test), late);
	kwx_release(first);
	kwx_call_returns(test, flush);
	kwx_release(late);
}

/*
 * Calls
 */

static int kwx_mark_cpu(void *seen)
{
	cpumask_set_cpu(raw_smp_processor_id(), seen);
	return 0;
}

static int kwx_fail_on_second(void *test)
{
	return raw_smp_processor_id() == kwx_second_cpu(test) ? -EXDEV : 0;
}

static void a_call_reaches_every_cpu(struct kunit *test)
{
	struct kwx_set *bed = kwx_set(test, kwx_policy(test));
	static struct cpumask seen;

	cpumask_clear(&seen);
	KUNIT_EXPECT_EQ(test, 0, kworkerx_percpu_call(bed->set, kwx_mark_cpu,
						      &seen));
	KUNIT_EXPECT_TRUE(test, cpumask_equal(&seen, cpu_online_mask));
	kwx_second_cpu(test);
	KUNIT_EXPECT_EQ(test, -EXDEV,
			kworkerx_percpu_call(bed->set, kwx_fail_on_second,
					     test));
}

struct kwx_caller {
	struct kworkerx_percpu	*set;
	struct cpumask		seen;
	bool			all;
	int			ret;
};

static void kwx_call_from_work(struct kwx_job *job)
{
	struct kwx_caller *caller = job->data;

	caller->ret = kworkerx_percpu_call(caller->set, kwx_mark_cpu,
					   &caller->seen);
	caller->all = cpumask_equal(&caller->seen, cpu_online_mask);
}

/* Its own CPU included, where nobody could answer while it waits. */
static void a_work_may_call_every_cpu(struct kunit *test)
{
	struct kwx_set *bed = kwx_set(test, KWORKERX_PERCPU_MOVE);
	struct kwx_job *job = kwx_job(test, NULL, 1);
	struct kwx_caller *caller;

	caller = kunit_kzalloc(test, sizeof(*caller), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, caller);
	caller->set = bed->set;
	caller->ret = 1;
	job->data = caller;
	job->action = kwx_call_from_work;
	kwx_queue_on(test, bed, kwx_first_cpu(), job);
	kwx_flush_set(test, bed);
	KUNIT_EXPECT_EQ(test, 0, caller->ret);
	KUNIT_EXPECT_TRUE(test, caller->all);
}

/*
 * Destruction
 */

static void destruction_runs_what_is_queued(struct kunit *test)
{
	struct kwx_set *bed = kwx_set(test, kwx_policy(test));
	struct kwx_job *busy = kwx_held_job(test, NULL, 1);
	struct kwx_job *job = kwx_job(test, NULL, 2);
	struct kwx_job *late = kwx_job(test, NULL, 3);
	int cpu = kwx_first_cpu();
	struct kworkerx_percpu *set = bed->set;
	struct kwx_call *end;

	kwx_hold_on(test, bed, cpu, busy);
	kwx_queue_on(test, bed, cpu, job);
	end = kwx_call(test, kwx_end_set, bed);
	kwx_call_blocks(test, end);
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN,
			kworkerx_percpu_queue_work_on(set, cpu, KWX_WORK(late)));
	kwx_release(busy);
	kwx_call_returns(test, end);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(late));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&kwx_refusals));

	/* The works outlive their set. */
	kworkerx_flush_work(KWX_WORK(job));
	KUNIT_EXPECT_FALSE(test, kworkerx_cancel_work_sync(KWX_WORK(job)));
	kwx_queue(test, kwx_worker(test), job);
	kworkerx_flush_work(KWX_WORK(job));
	KUNIT_EXPECT_EQ(test, 2, kwx_runs(job));
}

static void kwx_destroy_own_set(struct kwx_job *job)
{
	kworkerx_percpu_destroy(job->data);
}

static void a_work_that_destroys_its_own_set_is_reported(struct kunit *test)
{
	struct kwx_set *bed = kwx_set(test, KWORKERX_PERCPU_MOVE);
	struct kwx_job *job = kwx_job(test, NULL, 1);

	job->data = bed->set;
	job->action = kwx_destroy_own_set;
	kwx_misuse_begin();
	kwx_queue_on(test, bed, kwx_first_cpu(), job);
	kwx_flush_set(test, bed);
	kwx_misuse_end(test, "destroys its own set");
	kwx_expect_runs_on(test, bed, kwx_first_cpu());
}

static void an_armed_timer_is_taken_back_by_destruction(struct kunit *test)
{
	struct kwx_set *bed = kwx_set(test, kwx_policy(test));
	struct kwx_job *job = kwx_job(test, NULL, 1);

	KUNIT_EXPECT_EQ(test, 1,
			kworkerx_percpu_queue_delayed_work_on(bed->set,
							      kwx_first_cpu(),
							      &job->dwork,
							      HZ));
	kwx_misuse_begin();
	kwx_end_set(bed);
	kwx_misuse_end(test, "destroyed while the timer of");
	msleep(1500);
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
	KUNIT_EXPECT_FALSE(test,
			   kworkerx_cancel_delayed_work_sync(&job->dwork));
}

/*
 * CPUs that come and go
 */

static void what_is_queued_is_finished_before_the_cpu_is_gone(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kwx_set *bed = kwx_set(test, kwx_policy(test));
	struct kwx_job *jobs[4], *busy = kwx_held_job(test, NULL, 0);
	struct kwx_call *down;
	unsigned int i;

	kwx_hold_on(test, bed, outage->cpu, busy);
	for (i = 0; i < ARRAY_SIZE(jobs); i++) {
		jobs[i] = kwx_job(test, NULL, i);
		kwx_queue_on(test, bed, outage->cpu, jobs[i]);
	}
	down = kwx_start_outage(test, outage, busy);
	kwx_release(busy);
	kwx_call_returns(test, down);
	KUNIT_ASSERT_TRUE(test, outage->down);
	for (i = 0; i < ARRAY_SIZE(jobs); i++) {
		KUNIT_EXPECT_EQ(test, 1, kwx_runs(jobs[i]));
		KUNIT_EXPECT_EQ(test, outage->cpu, jobs[i]->cpu);
	}
}

/* What became of a job that was queued for a CPU that is absent. */
static void kwx_expect_policy(struct kunit *test, struct kwx_outage *outage,
			      struct kwx_job *job)
{
	switch (kwx_policy(test)) {
	case KWORKERX_PERCPU_MOVE:
		kwx_wait(test, &job->started);
		KUNIT_EXPECT_NE(test, outage->cpu, job->cpu);
		kwx_recover(test, outage);
		break;
	case KWORKERX_PERCPU_HOLD:
		msleep(200);
		KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
		kwx_recover(test, outage);
		kwx_wait(test, &job->started);
		KUNIT_EXPECT_EQ(test, outage->cpu, job->cpu);
		break;
	case KWORKERX_PERCPU_REFUSE:
		msleep(200);
		KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
		kwx_recover(test, outage);
		return;
	}
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

static int kwx_accepted(struct kunit *test)
{
	return kwx_policy(test) == KWORKERX_PERCPU_REFUSE ? -ENODEV : 1;
}

static void a_work_for_an_absent_cpu_follows_the_policy(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kwx_set *bed = kwx_set(test, kwx_policy(test));
	struct kwx_job *job = kwx_job(test, NULL, 1);
	int round;

	for (round = 0; round < 2; round++) {
		job = kwx_job(test, NULL, round);
		kwx_begin_outage(test, outage);
		KUNIT_EXPECT_EQ(test, kwx_accepted(test),
				kwx_try_on(bed, outage->cpu, job));
		kwx_expect_policy(test, outage, job);
		kwx_expect_runs_on(test, bed, outage->cpu);
	}
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&kwx_refusals));
}

static void a_timer_for_an_absent_cpu_follows_the_policy(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kwx_set *bed = kwx_set(test, kwx_policy(test));
	struct kwx_job *job = kwx_job(test, NULL, 1);
	bool refuses = kwx_accepted(test) < 0;

	kwx_arm_on(test, bed, outage->cpu, job);
	kwx_begin_outage(test, outage);
	kwx_expire_now(test, job);
	kwx_expect_policy(test, outage, job);
	KUNIT_EXPECT_EQ(test, (int)refuses, atomic_read(&kwx_refusals));
	KUNIT_EXPECT_FALSE(test, kworkerx_cancel_work_sync(KWX_WORK(job)));
	kwx_queue_on(test, bed, outage->cpu, job);
	kwx_flush_set(test, bed);
	KUNIT_EXPECT_EQ(test, 2 - refuses, kwx_runs(job));
}

static void a_timer_may_be_armed_for_an_absent_cpu(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kwx_set *bed = kwx_set(test, kwx_policy(test));
	struct kwx_job *job = kwx_job(test, NULL, 1);

	kwx_begin_outage(test, outage);
	KUNIT_EXPECT_EQ(test, kwx_accepted(test),
			kworkerx_percpu_queue_delayed_work_on(bed->set,
							      outage->cpu,
							      &job->dwork, 2));
	if (kwx_accepted(test) > 0)
		kwx_wait_expired(test, job);
	kwx_expect_policy(test, outage, job);
}

/* Expires after its CPU was away and came back. */
static void a_timer_outlives_an_absence(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kwx_set *bed = kwx_set(test, kwx_policy(test));
	struct kwx_job *job = kwx_job(test, NULL, 1);

	kwx_arm_on(test, bed, outage->cpu, job);
	kwx_begin_outage(test, outage);
	kwx_recover(test, outage);
	kwx_expire_now(test, job);
	kwx_wait(test, &job->started);
	KUNIT_EXPECT_EQ(test, outage->cpu, job->cpu);
}

/* Its first run goes on until the worker is to run nothing more. */
static void kwx_await_hold(struct kwx_job *job)
{
	struct kworkerx_worker *worker = kworkerx_current_worker();

	/* Needs the timers of its CPU. */
	while (kwx_runs(job) == 1 && !READ_ONCE(worker->holds))
		msleep(20);
}

/*
 * The way down waits for the first job, then the second one is late but runs
 * when the worker is told to run nothing more, and what is behind it cannot run
 * there.  The second one is not to start elsewhere before it has ended.
 */
static void works_that_come_late_are_not_lost(struct kunit *test)
{
	int late = kwx_accepted(test) > 0;
	struct kwx_outage *outage = kwx_outage(test);
	struct kwx_set *bed = kwx_urgent_set(test, kwx_policy(test));
	struct kwx_job *first = kwx_held_job(test, NULL, 1);
	struct kwx_job *second = kwx_held_job(test, NULL, 2);
	struct kwx_job *third = kwx_job(test, NULL, 3);
	struct kwx_call *down;

	second->action = kwx_await_hold;
	kwx_hold_on(test, bed, outage->cpu, first);
	down = kwx_start_outage(test, outage, first);
	KUNIT_EXPECT_EQ(test, kwx_accepted(test),
			kwx_try_on(bed, outage->cpu, second));
	KUNIT_EXPECT_EQ(test, kwx_accepted(test),
			kwx_try_on(bed, outage->cpu, third));
	kwx_release(first);
	if (late) {
		kwx_wait(test, &second->started);
		kwx_queue_on(test, bed, kwx_first_cpu(), second);
	}
	kwx_release(second);
	kwx_release(second);
	kwx_call_returns(test, down);
	KUNIT_ASSERT_TRUE(test, outage->down);
	kwx_recover(test, outage);
	kwx_flush_set(test, bed);
	KUNIT_EXPECT_EQ(test, 2 * late, kwx_runs(second));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&second->overlaps));
	KUNIT_EXPECT_EQ(test, late, kwx_runs(third));
	kwx_expect_runs_on(test, bed, outage->cpu);
}

/* What was accepted runs, though the set is being destroyed as the CPU goes. */
static void a_destruction_loses_nothing_of_a_cpu_that_goes(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kwx_set *bed = kwx_urgent_set(test, KWORKERX_PERCPU_MOVE);
	struct kwx_job *first = kwx_held_job(test, NULL, 1);
	struct kwx_job *second = kwx_held_job(test, NULL, 2);
	struct kwx_job *third = kwx_job(test, NULL, 3);
	struct kwx_call *down, *end;

	second->action = kwx_await_hold;
	kwx_hold_on(test, bed, outage->cpu, first);
	down = kwx_start_outage(test, outage, first);
	kwx_queue_on(test, bed, outage->cpu, second);
	kwx_queue_on(test, bed, outage->cpu, third);
	kwx_release(first);
	kwx_wait(test, &second->started);
	end = kwx_call(test, kwx_end_set, bed);
	kwx_call_blocks(test, end);
	kwx_release(second);
	kwx_call_returns(test, down);
	kwx_call_returns(test, end);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(second));
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(third));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&kwx_refusals));
	kwx_recover(test, outage);
}

/* Its CPU is away when it is armed, and back when its time comes. */
static void a_delayed_work_goes_home(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kwx_set *bed = kwx_set(test, KWORKERX_PERCPU_MOVE);
	struct kwx_job *job = kwx_job(test, NULL, 1);

	kwx_begin_outage(test, outage);
	kwx_arm_on(test, bed, outage->cpu, job);
	kwx_recover(test, outage);
	kwx_expire_now(test, job);
	kwx_wait(test, &job->started);
	KUNIT_EXPECT_EQ(test, outage->cpu, job->cpu);
}

/* The same for a set that was created while its CPU was away. */
static void a_delayed_work_goes_to_a_cpu_that_comes(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kwx_job *job = kwx_job(test, NULL, 1);
	struct kwx_set *bed;

	kwx_begin_outage(test, outage);
	bed = kwx_set(test, KWORKERX_PERCPU_MOVE);
	kwx_arm_on(test, bed, outage->cpu, job);
	kwx_recover(test, outage);
	kwx_expire_now(test, job);
	kwx_wait(test, &job->started);
	KUNIT_EXPECT_EQ(test, outage->cpu, job->cpu);
}

static int kwx_mod_on(struct kwx_set *bed, int cpu, struct kwx_job *job,
		      unsigned long delay)
{
	return kworkerx_percpu_mod_delayed_work_on(bed->set, cpu, &job->dwork,
						   delay);
}

static void a_delay_is_changed_on_whatever_cpu(struct kunit *test)
{
	struct kwx_set *bed = kwx_set(test, kwx_policy(test));
	int here = kwx_first_cpu(), there = kwx_second_cpu(test);
	struct kwx_job *job = kwx_job(test, NULL, 1);

	KUNIT_EXPECT_EQ(test, 1, kwx_mod_on(bed, here, job, 600 * HZ));
	KUNIT_EXPECT_EQ(test, 0, kwx_mod_on(bed, there, job, 600 * HZ));
	KUNIT_EXPECT_EQ(test, 0, kwx_mod_on(bed, there, job, 1));
	kwx_wait(test, &job->started);
	KUNIT_EXPECT_EQ(test, there, job->cpu);
	kwx_flush_set(test, bed);
	KUNIT_EXPECT_EQ(test, 1, kwx_mod_on(bed, here, job, 600 * HZ));
	KUNIT_EXPECT_EQ(test, 0, kwx_mod_on(bed, there, job, 0));
	kwx_wait(test, &job->started);
	KUNIT_EXPECT_EQ(test, there, job->cpu);
	kwx_flush_set(test, bed);
	KUNIT_EXPECT_EQ(test, 1, kwx_mod_on(bed, here, job, 0));
	kwx_wait(test, &job->started);
	KUNIT_EXPECT_EQ(test, here, job->cpu);
	KUNIT_EXPECT_EQ(test, 3, kwx_runs(job));

	kworkerx_disable_delayed_work(&job->dwork);
	KUNIT_EXPECT_EQ(test, -EBUSY, kwx_mod_on(bed, here, job, 1));
	kwx_misuse_begin();
	KUNIT_EXPECT_EQ(test, -EINVAL, kwx_mod_on(bed, -1, job, 1));
	kwx_misuse_end(test, "CPU -1 is not possible");
}

static void a_delay_is_not_changed_for_a_cpu_that_refuses(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kwx_set *bed = kwx_set(test, kwx_policy(test));
	struct kwx_job *job = kwx_job(test, NULL, 1);
	bool refuses = kwx_accepted(test) < 0;

	kwx_arm_on(test, bed, kwx_first_cpu(), job);
	kwx_begin_outage(test, outage);
	KUNIT_EXPECT_EQ(test, refuses ? -ENODEV : 0,
			kwx_mod_on(bed, outage->cpu, job, 600 * HZ));
	kwx_recover(test, outage);
	kwx_expire_now(test, job);
	kwx_wait(test, &job->started);
	KUNIT_EXPECT_EQ(test, refuses ? kwx_first_cpu() : outage->cpu, job->cpu);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&kwx_refusals));
}

/*
 * CPUs that are not the set's
 */

/* What is said to whoever queues for it. */
static const int kwx_outside[] = {
	[KWORKERX_PERCPU_MOVE] = 1,
	[KWORKERX_PERCPU_HOLD] = -EINVAL,
	[KWORKERX_PERCPU_REFUSE] = -ENODEV,
};

/* A CPU that is none of @cpus, which are the set's. */
static void kwx_expect_outside(struct kunit *test, struct kwx_set *bed, int cpu,
			       const struct cpumask *cpus)
{
	int expected = kwx_outside[kwx_policy(test)];
	struct kwx_job *job = kwx_job(test, NULL, 1);

	KUNIT_EXPECT_EQ(test, expected, kwx_try_on(bed, cpu, job));
	if (expected > 0) {
		kwx_wait(test, &job->started);
		KUNIT_EXPECT_TRUE(test, cpumask_test_cpu(job->cpu, cpus));
		kwx_flush_set(test, bed);
	}
	KUNIT_EXPECT_EQ(test, expected,
			kworkerx_percpu_queue_delayed_work_on(bed->set, cpu,
							      &job->dwork, 1));
	if (expected > 0) {
		kwx_wait(test, &job->started);
		KUNIT_EXPECT_TRUE(test, cpumask_test_cpu(job->cpu, cpus));
	}
	KUNIT_EXPECT_EQ(test, -ENODEV,
			kworkerx_percpu_call_on(bed->set, cpu,
						kwx_look_at_thread, test));
}

static void kwx_expect_calls(struct kunit *test, struct kwx_set *bed,
			     const struct cpumask *cpus)
{
	static struct cpumask seen;

	cpumask_clear(&seen);
	KUNIT_EXPECT_EQ(test, 0, kworkerx_percpu_call(bed->set, kwx_mark_cpu,
						      &seen));
	KUNIT_EXPECT_TRUE(test, cpumask_equal(&seen, cpus));
}

static void a_cpu_outside_the_mask_is_absent_for_ever(struct kunit *test)
{
	const struct kworkerx_percpu_attr attr = {
		.name = "kwxset/%u",
		.policy = kwx_policy(test),
		.cpumask = cpumask_of(kwx_first_cpu()),
	};
	struct kwx_outage *outage = kwx_outage(test);
	struct kwx_set *bed = kwx_set_attr(test, &attr);

	kwx_expect_outside(test, bed, outage->cpu, attr.cpumask);
	kwx_begin_outage(test, outage);
	kwx_expect_outside(test, bed, outage->cpu, attr.cpumask);
	kwx_recover(test, outage);
	kwx_expect_outside(test, bed, outage->cpu, attr.cpumask);
	kwx_expect_runs_on(test, bed, kwx_first_cpu());
	kwx_expect_calls(test, bed, attr.cpumask);
}

static void a_mask_without_a_cpu_is_refused(struct kunit *test)
{
	const struct kworkerx_percpu_attr attr[2] = { {
		.name = "kwxset/%u",
		.cpumask = cpu_none_mask,
	} };

	kwx_misuse_begin();
	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR_OR_ZERO(kworkerx_percpu_create(attr)));
	kwx_misuse_end(test, "created with invalid attributes");
	KUNIT_EXPECT_EQ(test, -E2BIG,
			PTR_ERR_OR_ZERO(__kworkerx_percpu_create(attr, sizeof(attr))));
}

/* Those are all, unless the kernel was booted with isolcpus= or nohz_full=. */
static void a_set_keeps_off_isolated_cpus(struct kunit *test)
{
	const struct kworkerx_percpu_attr attr = {
		.name = "kwxset/%u",
		.policy = kwx_policy(test),
	};
	struct kwx_set *bed = kwx_set_as_given(test, &attr);
	static struct cpumask cpus;
	int cpu;

	rcu_read_lock();
	cpumask_and(&cpus, housekeeping_cpumask(HK_TYPE_DOMAIN),
		    housekeeping_cpumask(HK_TYPE_WQ));
	rcu_read_unlock();
	cpumask_and(&cpus, &cpus, cpu_online_mask);
	for_each_online_cpu(cpu) {
		if (cpumask_test_cpu(cpu, &cpus)) {
			kwx_expect_runs_on(test, bed, cpu);
			continue;
		}
		/* A stand-in is looked for from here on. */
		set_cpus_allowed_ptr(current, cpumask_of(cpu));
		kwx_expect_outside(test, bed, cpu, &cpus);
		set_cpus_allowed_ptr(current, cpu_possible_mask);
	}
	kwx_expect_calls(test, bed, &cpus);
}

static void a_set_has_isolated_cpus_if_it_is_told_to(struct kunit *test)
{
	struct kwx_set *bed = kwx_set(test, kwx_policy(test));
	int cpu;

	for_each_online_cpu(cpu)
		kwx_expect_runs_on(test, bed, cpu);
	kwx_expect_calls(test, bed, cpu_online_mask);
}

/* A flush that waits behind works of a CPU that goes away comes to its end. */
static void a_flush_outlives_the_cpu(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kwx_set *bed = kwx_set(test, kwx_policy(test));
	struct kwx_job *busy = kwx_held_job(test, NULL, 1);
	struct kwx_call *down, *flush, *flush_work;

	kwx_hold_on(test, bed, outage->cpu, busy);
	down = kwx_start_outage(test, outage, busy);
	flush = kwx_call(test, kwx_flush_set_fn, bed->set);
	flush_work = kwx_call(test, kwx_flush_work_fn, KWX_WORK(busy));
	kwx_call_blocks(test, flush_work);
	kwx_call_blocks(test, flush);
	kwx_release(busy);
	kwx_call_returns(test, flush_work);
	kwx_call_returns(test, down);
	/* Nothing is held, but the flush itself may be until the CPU is back. */
	if (kwx_policy(test) == KWORKERX_PERCPU_HOLD)
		kwx_recover(test, outage);
	kwx_call_returns(test, flush);
	kwx_flush_set(test, bed);
}

/*
 * A flush has been on the first CPU and waits for the second one.  Then a work
 * moves from the last CPU to the first.  The flush does not make the CPU wait.
 */
static void a_flush_follows_a_work_that_moves(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kwx_set *bed = kwx_urgent_set(test, KWORKERX_PERCPU_MOVE);
	struct kwx_job *last = kwx_held_job(test, NULL, 1);
	struct kwx_job *late = kwx_job(test, NULL, 2);
	struct kwx_job *moves = kwx_job(test, NULL, 3);
	struct kwx_job *first = kwx_held_job(test, NULL, 4);
	struct kwx_job *second = kwx_held_job(test, NULL, 5);
	struct kwx_call *down, *flush;

	if (kwx_second_cpu(test) == outage->cpu)
		kunit_skip(test, "needs three CPUs");
	late->action = kwx_await_hold;
	kwx_hold_on(test, bed, kwx_second_cpu(test), second);
	kwx_hold_on(test, bed, outage->cpu, last);
	down = kwx_start_outage(test, outage, last);
	kwx_queue_on(test, bed, outage->cpu, late);
	kwx_queue_on(test, bed, outage->cpu, moves);
	flush = kwx_call(test, kwx_flush_set_fn, bed->set);
	kwx_call_blocks(test, flush);
	kworkerx_percpu_flush_on(bed->set, kwx_first_cpu());
	kwx_hold_on(test, bed, kwx_first_cpu(), first);

	kwx_release(last);
	kwx_call_returns(test, down);
	KUNIT_ASSERT_TRUE(test, outage->down);
	kwx_release(second);
	kworkerx_percpu_flush_on(bed->set, kwx_second_cpu(test));
	/* Now it would return. */
	msleep(200);
	kwx_call_blocks(test, flush);
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(moves));
	kwx_release(first);
	kwx_call_returns(test, flush);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(moves));
	KUNIT_EXPECT_EQ(test, kwx_first_cpu(), moves->cpu);
}

static void kwx_queue_itself(struct kwx_job *job)
{
	struct kwx_pair *pair = job->data;

	if (!READ_ONCE(pair->jobs[1]))
		kworkerx_percpu_queue_work_on(pair->set, job->id,
					      KWX_WORK(job));
}

static void a_running_work_that_queues_itself_lets_the_cpu_go(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kwx_set *bed = kwx_set(test, kwx_policy(test));
	struct kwx_job *job = kwx_job(test, NULL, outage->cpu);
	struct kwx_pair *pair = kunit_kzalloc(test, sizeof(*pair), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, pair);
	pair->set = bed->set;
	job->data = pair;
	job->action = kwx_queue_itself;
	kwx_queue_on(test, bed, outage->cpu, job);
	kwx_wait(test, &job->started);
	kwx_begin_outage(test, outage);
	kwx_recover(test, outage);
	WRITE_ONCE(pair->jobs[1], job);
	kwx_flush_set(test, bed);
	kwx_expect_runs_on(test, bed, outage->cpu);
}

static void a_cpu_that_comes_later_gets_its_worker(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	char name[TASK_COMM_LEN];
	struct kwx_job *job;
	struct kwx_set *bed;

	snprintf(name, sizeof(name), "kwxset/%d", outage->cpu);
	kwx_begin_outage(test, outage);
	bed = kwx_set(test, kwx_policy(test));
	KUNIT_EXPECT_NULL(test, kwx_find_thread(name));
	job = kwx_job(test, NULL, 1);
	KUNIT_EXPECT_EQ(test, -ENODEV,
			kworkerx_percpu_call_on(bed->set, outage->cpu,
						kwx_look_at_thread, test));
	KUNIT_EXPECT_EQ(test, kwx_accepted(test),
			kwx_try_on(bed, outage->cpu, job));
	kwx_expect_policy(test, outage, job);
	KUNIT_EXPECT_EQ(test, 100 + outage->cpu,
			kworkerx_percpu_call_on(bed->set, outage->cpu,
						kwx_look_at_thread, test));
	kwx_expect_runs_on(test, bed, outage->cpu);
}

static void a_flush_does_not_wait_for_a_cpu_that_has_not_come(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kwx_set *bed;

	kwx_begin_outage(test, outage);
	bed = kwx_set(test, kwx_policy(test));
	kwx_flush_set(test, bed);
	kwx_expect_runs_on(test, bed, kwx_first_cpu());
}

static void a_call_leaves_out_an_absent_cpu(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kwx_set *bed = kwx_set(test, kwx_policy(test));
	static struct cpumask seen;

	cpumask_clear(&seen);
	kwx_begin_outage(test, outage);
	KUNIT_EXPECT_EQ(test, -ENODEV,
			kworkerx_percpu_call_on(bed->set, outage->cpu,
						kwx_mark_cpu, &seen));
	KUNIT_EXPECT_EQ(test, 0, kworkerx_percpu_call(bed->set, kwx_mark_cpu,
						      &seen));
	KUNIT_EXPECT_TRUE(test, cpumask_equal(&seen, cpu_online_mask));
	kwx_recover(test, outage);
	KUNIT_EXPECT_EQ(test, 0,
			kworkerx_percpu_call_on(bed->set, outage->cpu,
						kwx_mark_cpu, &seen));
	KUNIT_EXPECT_TRUE(test, cpumask_equal(&seen, cpu_online_mask));
}

static int kwx_count(void *count)
{
	atomic_inc(count);
	return 0;
}

/* A stand-in of real-time priority would be faster than any second thought. */
static void a_call_is_not_moved_with_the_works(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kwx_set *bed = kwx_set_attr(test, &kwx_urgent);
	atomic_t count = ATOMIC_INIT(0);
	int i;

	kwx_begin_outage(test, outage);
	for (i = 0; i < 50; i++)
		KUNIT_EXPECT_EQ(test, -ENODEV,
				kworkerx_percpu_call_on(bed->set, outage->cpu,
							kwx_count, &count));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&count));
}

static void a_set_is_destroyed_while_a_cpu_is_absent(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kwx_set *bed = kwx_set(test, kwx_policy(test));
	struct kwx_job *job = kwx_job(test, NULL, 1);
	bool held = kwx_policy(test) == KWORKERX_PERCPU_HOLD;

	kwx_begin_outage(test, outage);
	KUNIT_EXPECT_EQ(test, kwx_accepted(test),
			kwx_try_on(bed, outage->cpu, job));
	kwx_call_returns(test, kwx_call(test, kwx_end_set, bed));
	KUNIT_EXPECT_EQ(test, (int)held, atomic_read(&kwx_refusals));
	KUNIT_EXPECT_EQ(test, kwx_policy(test) == KWORKERX_PERCPU_MOVE,
			kwx_runs(job));
	KUNIT_EXPECT_FALSE(test, kworkerx_cancel_work_sync(KWX_WORK(job)));
	kwx_recover(test, outage);
	msleep(100);
	KUNIT_EXPECT_EQ(test, kwx_policy(test) == KWORKERX_PERCPU_MOVE,
			kwx_runs(job));
}

static void a_held_work_can_be_cancelled(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kwx_set *bed = kwx_set(test, KWORKERX_PERCPU_HOLD);
	struct kwx_job *job = kwx_job(test, NULL, 1);

	kwx_begin_outage(test, outage);
	kwx_queue_on(test, bed, outage->cpu, job);
	KUNIT_EXPECT_TRUE(test, kworkerx_cancel_work_sync(KWX_WORK(job)));
	/* Nothing is held: nothing to wait for. */
	kwx_flush_set(test, bed);
	kwx_recover(test, outage);
	kwx_flush_set(test, bed);
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
}

/* Its CPU is absent, and this one stands in for it. */
static void a_moved_work_is_found_where_it_is(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kwx_set *bed = kwx_set(test, KWORKERX_PERCPU_MOVE);
	struct kwx_job *busy = kwx_held_job(test, NULL, 1);
	struct kwx_job *job = kwx_job(test, NULL, 2);
	struct kwx_call *flush;

	set_cpus_allowed_ptr(current, cpumask_of(kwx_first_cpu()));
	kwx_begin_outage(test, outage);
	kwx_hold_on(test, bed, kwx_first_cpu(), busy);
	kwx_queue_on(test, bed, outage->cpu, job);
	KUNIT_EXPECT_TRUE(test, kworkerx_cancel_work_sync(KWX_WORK(job)));
	kwx_queue_on(test, bed, outage->cpu, job);
	flush = kwx_call(test, kwx_flush_work_fn, KWX_WORK(job));
	kwx_call_blocks(test, flush);
	kwx_release(busy);
	kwx_call_returns(test, flush);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
	KUNIT_EXPECT_EQ(test, kwx_first_cpu(), job->cpu);
	set_cpus_allowed_ptr(current, cpu_possible_mask);
}

struct kwx_toggle {
	int	cpu;
	bool	stop;
	int	cycles;
};

static void kwx_toggle_fn(void *data)
{
	struct kwx_toggle *toggle = data;

	while (!READ_ONCE(toggle->stop)) {
		if (!kwx_cpu_down(toggle->cpu)) {
			toggle->cycles++;
			kwx_cpu_up(toggle->cpu);
		}
		cond_resched();
	}
}

static void kwx_use_a_set(struct kunit *test, int cpu)
{
	struct kwx_set *bed = kwx_set(test, kwx_policy(test));
	struct kwx_job *job = kwx_job(test, NULL, 1);
	int accepted = kwx_try_on(bed, cpu, job);

	kwx_end_set(bed);
	KUNIT_EXPECT_EQ(test, max(accepted, 0),
			kwx_runs(job) + atomic_read(&kwx_refusals));
}

static void creation_and_destruction_race_hotplug(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kwx_toggle *toggle = kunit_kzalloc(test, sizeof(*toggle),
						  GFP_KERNEL);
	struct kwx_call *call;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, toggle);
	kwx_begin_outage(test, outage);
	kwx_recover(test, outage);
	toggle->cpu = outage->cpu;
	call = kwx_call(test, kwx_toggle_fn, toggle);
	for (i = 0; i < 3; i++)
		kwx_use_a_set(test, outage->cpu);
	WRITE_ONCE(toggle->stop, true);
	kwx_call_returns(test, call);
	KUNIT_EXPECT_TRUE(test, cpu_online(outage->cpu));
	KUNIT_EXPECT_GT(test, toggle->cycles, 0);
}

#define KWX_POLICY_CASE(name) KUNIT_CASE_PARAM(name, kwx_policy_gen_params)

static struct kunit_case kwx_set_cases[] = {
	KWX_POLICY_CASE(each_cpu_has_a_thread_that_is_bound),
	KUNIT_CASE(invalid_attributes_are_refused),
	KUNIT_CASE(each_thread_has_its_scheduling_policy),
	KUNIT_CASE(a_policy_that_is_changed_outlives_an_absence),
	KWX_POLICY_CASE(a_work_runs_on_the_cpu_it_is_queued_on),
	KUNIT_CASE(a_work_is_queued_on_this_cpu),
	KWX_POLICY_CASE(a_delayed_work_runs_on_its_cpu),
	KUNIT_CASE(a_cpu_that_is_not_possible_is_refused),
	KWX_POLICY_CASE(a_pending_work_is_pending_for_every_cpu),
	KWX_POLICY_CASE(a_running_work_runs_again_where_it_runs),
	KWX_POLICY_CASE(works_of_one_cpu_keep_their_order),
	KUNIT_CASE(a_flush_waits_for_its_cpu),
	KUNIT_CASE(a_drain_waits_for_works_that_works_queue),
	KWX_POLICY_CASE(what_comes_later_does_not_make_a_flush_longer),
	KWX_POLICY_CASE(a_cancelled_work_does_not_run),
	KWX_POLICY_CASE(a_call_reaches_every_cpu),
	KUNIT_CASE(a_work_may_call_every_cpu),
	KWX_POLICY_CASE(destruction_runs_what_is_queued),
	KUNIT_CASE(a_work_that_destroys_its_own_set_is_reported),
	KWX_POLICY_CASE(an_armed_timer_is_taken_back_by_destruction),
	KWX_POLICY_CASE(what_is_queued_is_finished_before_the_cpu_is_gone),
	KWX_POLICY_CASE(a_work_for_an_absent_cpu_follows_the_policy),
	KWX_POLICY_CASE(a_timer_for_an_absent_cpu_follows_the_policy),
	KWX_POLICY_CASE(a_timer_may_be_armed_for_an_absent_cpu),
	KWX_POLICY_CASE(a_timer_outlives_an_absence),
	KWX_POLICY_CASE(works_that_come_late_are_not_lost),
	KUNIT_CASE(a_destruction_loses_nothing_of_a_cpu_that_goes),
	KUNIT_CASE(a_delayed_work_goes_home),
	KUNIT_CASE(a_delayed_work_goes_to_a_cpu_that_comes),
	KWX_POLICY_CASE(a_delay_is_changed_on_whatever_cpu),
	KWX_POLICY_CASE(a_delay_is_not_changed_for_a_cpu_that_refuses),
	KWX_POLICY_CASE(a_cpu_outside_the_mask_is_absent_for_ever),
	KUNIT_CASE(a_mask_without_a_cpu_is_refused),
	KWX_POLICY_CASE(a_set_keeps_off_isolated_cpus),
	KWX_POLICY_CASE(a_set_has_isolated_cpus_if_it_is_told_to),
	KWX_POLICY_CASE(a_flush_outlives_the_cpu),
	KWX_POLICY_CASE(a_flush_does_not_wait_for_a_cpu_that_has_not_come),
	KUNIT_CASE(a_flush_follows_a_work_that_moves),
	KWX_POLICY_CASE(a_running_work_that_queues_itself_lets_the_cpu_go),
	KWX_POLICY_CASE(a_cpu_that_comes_later_gets_its_worker),
	KWX_POLICY_CASE(a_call_leaves_out_an_absent_cpu),
	KUNIT_CASE(a_call_is_not_moved_with_the_works),
	KWX_POLICY_CASE(a_set_is_destroyed_while_a_cpu_is_absent),
	KUNIT_CASE(a_held_work_can_be_cancelled),
	KUNIT_CASE(a_moved_work_is_found_where_it_is),
	KWX_POLICY_CASE(creation_and_destruction_race_hotplug),
	{}
};

static struct kunit_suite kwx_set_suite = {
	.name = "kworkerx_percpu_set",
	.test_cases = kwx_set_cases,
};

kunit_test_suite(kwx_set_suite);
