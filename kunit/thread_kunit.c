// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a worker's thread runs, and in what state works find and leave it.
 */
#include <linux/blkdev.h>
#include <linux/cpumask.h>
#include <linux/cred.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/time64.h>
#include <linux/uaccess.h>

#include "common.h"

/*
 * Attributes
 */

struct kwx_policy {
	const char		*name;
	struct sched_attr	sched;
};

static const struct kwx_policy kwx_policies[] = {
	{ "normal", { .sched_policy = SCHED_NORMAL, .sched_nice = 5 } },
	{ "urgent", { .sched_policy = SCHED_NORMAL, .sched_nice = -7 } },
	{ "batch", { .sched_policy = SCHED_BATCH, .sched_nice = 1 } },
	{ "idle", { .sched_policy = SCHED_IDLE } },
	{ "fifo", { .sched_policy = SCHED_FIFO, .sched_priority = 3 } },
	{ "rr", { .sched_policy = SCHED_RR, .sched_priority = 4 } },
	{ "deadline", { .sched_policy = SCHED_DEADLINE,
			.sched_runtime = 2 * NSEC_PER_MSEC,
			.sched_deadline = 50 * NSEC_PER_MSEC,
			.sched_period = 50 * NSEC_PER_MSEC } },
};

static void kwx_policy_desc(const struct kwx_policy *policy, char *desc)
{
	strscpy(desc, policy->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kwx_policies, kwx_policies, kwx_policy_desc);

/* What a work saw of its own thread. */
struct kwx_seen {
	unsigned int	policy;
	int		nice;
	unsigned int	priority;
	struct cpumask	mask;
};

static void kwx_look(struct kwx_job *job)
{
	struct kwx_seen *seen = job->data;

	seen->policy = current->policy;
	seen->nice = task_nice(current);
	seen->priority = current->rt_priority;
	cpumask_copy(&seen->mask, current->cpus_ptr);
}

/* What a work that is queued now sees. */
static struct kwx_seen *kwx_seen(struct kunit *test,
				 struct kworkerx_worker *worker)
{
	struct kwx_job *job = kwx_job(test, NULL, 1);

	job->data = kunit_kzalloc(test, sizeof(struct kwx_seen), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, job->data);
	job->action = kwx_look;
	kwx_queue(test, worker, job);
	kwx_flush(test, worker);
	return job->data;
}

static void kwx_expect_policy(struct kunit *test, const struct kwx_seen *seen,
			      const struct sched_attr *sched)
{
	KUNIT_EXPECT_EQ(test, sched->sched_policy, seen->policy);
	KUNIT_EXPECT_EQ(test, sched->sched_nice, seen->nice);
	KUNIT_EXPECT_EQ(test, sched->sched_priority, seen->priority);
}

static struct kworkerx_worker *
kwx_worker_with(struct kunit *test, const struct kworkerx_attrs *attrs)
{
	return kwx_keep_worker(test, kworkerx_create_worker_attrs(attrs, 0,
								  "kwx_attrs"));
}

static void the_first_work_finds_the_policy_of_the_attributes(struct kunit *test)
{
	const struct kwx_policy *policy = test->param_value;
	struct kworkerx_attrs attrs = KWORKERX_ATTRS_INIT;
	struct kworkerx_worker *worker;

	attrs.sched = policy->sched;
	worker = kwx_worker_with(test, &attrs);
	kwx_expect_policy(test, kwx_seen(test, worker), &policy->sched);
}

static void the_first_work_finds_the_mask_of_the_attributes(struct kunit *test)
{
	const struct cpumask *mask = cpumask_of(cpumask_last(cpu_online_mask));
	struct kworkerx_attrs attrs = KWORKERX_ATTRS_INIT;
	struct kwx_seen *seen;

	attrs.cpumask = mask;
	seen = kwx_seen(test, kwx_worker_with(test, &attrs));
	KUNIT_EXPECT_TRUE(test, cpumask_equal(mask, &seen->mask));
	kwx_expect_policy(test, seen, &attrs.sched);
}

static void attributes_change_while_a_work_runs(struct kunit *test)
{
	const struct kwx_policy *policy = test->param_value;
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kworkerx_attrs attrs = KWORKERX_ATTRS_INIT;
	struct kwx_job *job = kwx_held_job(test, NULL, 1);

	kwx_hold(test, worker, job);
	attrs.sched = policy->sched;
	KUNIT_EXPECT_EQ(test, 0, kworkerx_set_worker_attrs(worker, &attrs));
	KUNIT_EXPECT_EQ(test, policy->sched.sched_policy, worker->task->policy);
	kwx_release(job);
	kwx_expect_policy(test, kwx_seen(test, worker), &policy->sched);
}

static void the_mask_changes_while_a_work_runs(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kworkerx_attrs attrs = KWORKERX_ATTRS_INIT;
	struct kwx_job *job = kwx_held_job(test, NULL, 1);
	struct kwx_seen *seen;
	int cpu;

	kwx_hold(test, worker, job);
	kwx_release(job);
	for_each_online_cpu(cpu) {
		attrs.cpumask = cpumask_of(cpu);
		KUNIT_EXPECT_EQ(test, 0, kworkerx_set_worker_attrs(worker,
								   &attrs));
		seen = kwx_seen(test, worker);
		KUNIT_EXPECT_TRUE(test, cpumask_equal(attrs.cpumask,
						      &seen->mask));
	}
}

static void refused_attributes_change_nothing(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kwx_seen *before = kwx_seen(test, worker), *after;
	struct kworkerx_attrs attrs = KWORKERX_ATTRS_INIT;

	attrs.cpumask = cpumask_of(cpumask_first(cpu_online_mask));
	attrs.sched.sched_policy = SCHED_FIFO;
	attrs.sched.sched_priority = 0;
	KUNIT_EXPECT_EQ(test, -EINVAL, kworkerx_set_worker_attrs(worker, &attrs));
	attrs.cpumask = cpu_none_mask;
	attrs.sched.sched_priority = 1;
	KUNIT_EXPECT_EQ(test, -EINVAL, kworkerx_set_worker_attrs(worker, &attrs));

	after = kwx_seen(test, worker);
	KUNIT_EXPECT_EQ(test, before->policy, after->policy);
	KUNIT_EXPECT_TRUE(test, cpumask_equal(&before->mask, &after->mask));
}

static void kwx_stay_here(struct kwx_job *job)
{
	migrate_disable();
	complete(&job->started);
	wait_for_completion(&job->release);
	migrate_enable();
}

/* While the thread must not migrate its mask seems to be that CPU alone. */
static void refused_attributes_change_nothing_of_a_bound_moment(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kwx_job *job = kwx_held_job(test, NULL, 1);
	struct kwx_seen *before = kwx_seen(test, worker), *after;
	struct kworkerx_attrs attrs = KWORKERX_ATTRS_INIT;

	job->action = kwx_stay_here;
	kwx_hold(test, worker, job);
	kwx_release(job);
	kwx_wait(test, &job->started);
	attrs.cpumask = cpu_online_mask;
	attrs.sched.sched_policy = SCHED_FIFO;
	attrs.sched.sched_priority = 0;
	KUNIT_EXPECT_EQ(test, -EINVAL, kworkerx_set_worker_attrs(worker, &attrs));
	kwx_release(job);
	after = kwx_seen(test, worker);
	KUNIT_EXPECT_TRUE(test, cpumask_equal(&before->mask, &after->mask));
}

/* One that was compiled with more than there is. */
static void attributes_of_tomorrow_are_refused(struct kunit *test)
{
	struct kworkerx_attrs attrs[2] = { KWORKERX_ATTRS_INIT };

	KUNIT_EXPECT_EQ(test, -E2BIG,
			__kworkerx_set_worker_attrs(kwx_worker(test), attrs,
						    sizeof(attrs)));
}

#ifdef CONFIG_TASKS_RCU
static void kwx_go_on(struct kwx_job *job)
{
	if (!READ_ONCE(job->data))
		kworkerx_queue_work(job->worker, KWX_WORK(job));
}

static void kwx_synchronize_tasks(void *unused)
{
	synchronize_rcu_tasks();
}

static void a_worker_that_is_never_idle_holds_up_nobody(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kwx_job *job = kwx_job(test, NULL, 1);

	job->worker = worker;
	job->action = kwx_go_on;
	kwx_queue(test, worker, job);
	kwx_call_returns(test, kwx_call(test, kwx_synchronize_tasks, NULL));
	WRITE_ONCE(job->data, job);
	kwx_flush(test, worker);
}
#else
static void a_worker_that_is_never_idle_holds_up_nobody(struct kunit *test)
{
	kunit_skip(test, "needs RCU Tasks");
}
#endif

static void refused_attributes_create_no_worker(struct kunit *test)
{
	struct kworkerx_attrs attrs = KWORKERX_ATTRS_INIT;

	attrs.sched.sched_policy = 77;
	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR_OR_ZERO(kworkerx_create_worker_attrs(&attrs, 0,
								     "kwx")));
	attrs.sched.sched_policy = SCHED_NORMAL;
	attrs.cpumask = cpu_none_mask;
	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR_OR_ZERO(kworkerx_create_worker_attrs(&attrs, 0,
								     "kwx")));
}

static void attributes_need_a_thread(struct kunit *test)
{
	struct kworkerx_attrs attrs = KWORKERX_ATTRS_INIT;

	KUNIT_EXPECT_EQ(test, -ESRCH,
			kworkerx_set_worker_attrs(kwx_bare_worker(test), &attrs));
	kwx_misuse_begin();
	KUNIT_EXPECT_EQ(test, -EINVAL, kworkerx_set_worker_attrs(NULL, &attrs));
	kwx_misuse_end(test, "attributes of worker");
}

/*
 * What a work leaves behind
 */

static DEFINE_MUTEX(kwx_mutex);

static void kwx_leave_irqs_off(struct kwx_job *job)
{
	local_irq_disable();
}

static void kwx_leave_rcu_open(struct kwx_job *job)
{
	rcu_read_lock();
	rcu_read_lock();
}

static void kwx_leave_bh_off(struct kwx_job *job)
{
	local_bh_disable();
}

static void kwx_leave_preemption_off(struct kwx_job *job)
{
	preempt_disable();
	preempt_disable();
}

static void kwx_leave_with_mutex(struct kwx_job *job)
{
	mutex_lock(&kwx_mutex);
}

static void kwx_unlock_mutex(struct kwx_job *job)
{
	mutex_unlock(&kwx_mutex);
}

static void kwx_leave_about_to_sleep(struct kwx_job *job)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
}

static void kwx_leave_page_faults_off(struct kwx_job *job)
{
	pagefault_disable();
}

static void kwx_leave_migration_off(struct kwx_job *job)
{
	migrate_disable();
}

static void kwx_leave_memalloc_flags(struct kwx_job *job)
{
	memalloc_noio_save();
}

static void kwx_leave_plug(struct kwx_job *job)
{
	static struct blk_plug plug;

	blk_start_plug(&plug);
}

static void kwx_leave_journal(struct kwx_job *job)
{
	current->journal_info = job;
}

static void kwx_leave_mm(struct kwx_job *job)
{
	kthread_use_mm(job->data);
}

static void kwx_leave_creds(struct kwx_job *job)
{
	override_creds(job->data);
}

/* @always: seen on every kernel */
static const struct kwx_leak {
	const char	*name;
	void (*take)(struct kwx_job *job);
	void (*give)(struct kwx_job *job);
	const char	*report;
	bool		always;
} kwx_leaks[] = {
	{ "state", kwx_leave_about_to_sleep, NULL, "left its thread about to sleep", true },
	{ "page faults", kwx_leave_page_faults_off, NULL, "left page faults off" },
	{ "migration", kwx_leave_migration_off, NULL, "left migration off" },
	{ "memalloc", kwx_leave_memalloc_flags, NULL, "left its thread with flags of memalloc" },
	{ "plug", kwx_leave_plug, NULL, "left a block plug" },
	{ "journal", kwx_leave_journal, NULL, "left a transaction of a journal" },
	{ "mm", kwx_leave_mm, NULL, "left a user's memory in use" },
	{ "credentials", kwx_leave_creds, NULL, "left with credentials of somebody else" },
	{ "interrupts", kwx_leave_irqs_off, NULL, "left interrupts off" },
	{ "rcu", kwx_leave_rcu_open, NULL, "left an RCU read-side section open" },
	{ "bh", kwx_leave_bh_off, NULL, "left bottom halves off" },
	{ "preemption", kwx_leave_preemption_off, NULL, "left preemption off" },
	{ "lock", kwx_leave_with_mutex, kwx_unlock_mutex, "left with a lock" },
};

static void kwx_leak_desc(const struct kwx_leak *leak, char *desc)
{
	strscpy(desc, leak->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kwx_leaks, kwx_leaks, kwx_leak_desc);

static void kwx_put_mm(struct kunit_resource *res)
{
	mmput(res->data);
}

static void kwx_put_cred(struct kunit_resource *res)
{
	put_cred(res->data);
}

/* What belongs to somebody else: the memory of the first process, credentials. */
static void *kwx_leak_data(struct kunit *test, const struct kwx_leak *leak)
{
	struct task_struct *task;
	struct mm_struct *mm;
	struct cred *cred;
	struct pid *pid;

	if (leak->take == kwx_leave_creds) {
		cred = prepare_creds();
		KUNIT_ASSERT_NOT_NULL(test, cred);
		kwx_own(test, kwx_put_cred, cred);
		return cred;
	}
	if (leak->take != kwx_leave_mm)
		return NULL;
	pid = find_get_pid(1);
	task = get_pid_task(pid, PIDTYPE_PID);
	put_pid(pid);
	KUNIT_ASSERT_NOT_NULL(test, task);
	mm = get_task_mm(task);
	put_task_struct(task);
	KUNIT_ASSERT_NOT_NULL(test, mm);
	kwx_own(test, kwx_put_mm, mm);
	return mm;
}

/* A clean state is one in which the next work can sleep. */
static void kwx_expect_clean(struct kwx_job *job)
{
	KUNIT_EXPECT_EQ(job->test, 0, preempt_count());
	KUNIT_EXPECT_FALSE(job->test, irqs_disabled());
	KUNIT_EXPECT_EQ(job->test, 0, rcu_preempt_depth());
	KUNIT_EXPECT_EQ(job->test, TASK_RUNNING, READ_ONCE(current->__state));
	KUNIT_EXPECT_FALSE(job->test, pagefault_disabled());
	KUNIT_EXPECT_FALSE(job->test, current->flags & PF_MEMALLOC_NOIO);
	KUNIT_EXPECT_NULL(job->test, current->plug);
	KUNIT_EXPECT_NULL(job->test, current->journal_info);
	KUNIT_EXPECT_NULL(job->test, current->mm);
	KUNIT_EXPECT_PTR_EQ(job->test, current_cred(), current_real_cred());
#ifdef CONFIG_SMP
	KUNIT_EXPECT_EQ(job->test, 0, current->migration_disabled);
#endif
	schedule_timeout_uninterruptible(1);
}

static void what_a_work_leaves_is_reported_and_mended(struct kunit *test)
{
	const struct kwx_leak *leak = test->param_value;
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kwx_job *leaky = kwx_job(test, NULL, 1);
	struct kwx_job *giver = kwx_job(test, NULL, 2);
	struct kwx_job *next = kwx_job(test, NULL, 3);

	if (!leak->always && (!IS_ENABLED(CONFIG_PROVE_LOCKING) ||
			      !IS_ENABLED(CONFIG_DEBUG_ATOMIC_SLEEP)))
		kunit_skip(test, "needs a kernel for debugging");
	if (leak->take == kwx_leave_plug && !IS_ENABLED(CONFIG_BLOCK))
		kunit_skip(test, "needs block devices");
	if (leak->take == kwx_leave_migration_off && !IS_ENABLED(CONFIG_SMP))
		kunit_skip(test, "needs somewhere to migrate to");
	leaky->action = leak->take;
	leaky->data = kwx_leak_data(test, leak);
	giver->action = leak->give;
	next->action = kwx_expect_clean;

	kwx_misuse_begin();
	kwx_queue(test, worker, leaky);
	kwx_queue(test, worker, giver);
	kwx_queue(test, worker, next);
	kwx_flush(test, worker);
	kwx_misuse_end(test, leak->report);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(next));
}

/* Works that take and give back are nobody's business. */
static void kwx_take_and_give(struct kwx_job *job)
{
	mutex_lock(&kwx_mutex);
	rcu_read_lock();
	preempt_disable();
	local_irq_disable();
	local_irq_enable();
	preempt_enable();
	rcu_read_unlock();
	mutex_unlock(&kwx_mutex);
}

static void a_work_that_gives_back_is_not_reported(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kwx_job *job = kwx_job(test, NULL, 1);

	job->action = kwx_take_and_give;
	kwx_queue(test, worker, job);
	kwx_flush(test, worker);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

static struct kunit_case kwx_thread_cases[] = {
	KUNIT_CASE_PARAM(the_first_work_finds_the_policy_of_the_attributes,
			 kwx_policies_gen_params),
	KUNIT_CASE(the_first_work_finds_the_mask_of_the_attributes),
	KUNIT_CASE_PARAM(attributes_change_while_a_work_runs,
			 kwx_policies_gen_params),
	KUNIT_CASE(the_mask_changes_while_a_work_runs),
	KUNIT_CASE(refused_attributes_change_nothing),
	KUNIT_CASE(refused_attributes_change_nothing_of_a_bound_moment),
	KUNIT_CASE(attributes_of_tomorrow_are_refused),
	KUNIT_CASE_SLOW(a_worker_that_is_never_idle_holds_up_nobody),
	KUNIT_CASE(refused_attributes_create_no_worker),
	KUNIT_CASE(attributes_need_a_thread),
	KUNIT_CASE_PARAM(what_a_work_leaves_is_reported_and_mended,
			 kwx_leaks_gen_params),
	KUNIT_CASE(a_work_that_gives_back_is_not_reported),
	{}
};

static struct kunit_suite kwx_thread_suite = {
	.name = "kworkerx_thread",
	.test_cases = kwx_thread_cases,
};

kunit_test_suite(kwx_thread_suite);
