// SPDX-License-Identifier: GPL-2.0-only
/*
 * What test_suspend.sh needs inside the kernel: a set of each policy, and a thread
 * that goes on queueing works on every CPU of each, whether it is there or not.  And
 * for test_report.sh: misuse of each module.
 */
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/iopoll.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "kworkerx_percpu.h"
#include "kworkerx_compat.h"

/* Polls: nothing that is waited for here wakes anybody. */
#define kwxp_await(op, args...)						\
({									\
	bool __val;							\
									\
	!read_poll_timeout(op, __val, __val, 1000, 10 * USEC_PER_SEC,	\
			   false, args);				\
})

enum { KWXP_NOW, KWXP_DELAYED, KWXP_KINDS };

struct kwxp_set;

/* A work of one CPU of a set, and what became of it. */
struct kwxp_job {
	struct kworkerx_delayed_work	dwork;
	struct kwxp_set			*set;
	int				cpu;
	int				accepted;
	atomic_t			ran;
	atomic_t			refused;
	int				before;		/* ran, when last asked */
};

struct kwxp_set {
	const char		*name;
	struct kworkerx_percpu	*set;
	struct kwxp_job		*jobs;		/* KWXP_KINDS for each CPU */
	atomic_t		elsewhere;	/* ran on another CPU */
	int			away;		/* accepted or pending, its CPU absent */
	int			rejected;	/* not accepted */
};

static struct kwxp_set kwxp_sets[] = {
	[KWORKERX_PERCPU_MOVE] = { .name = "move" },
	[KWORKERX_PERCPU_HOLD] = { .name = "hold" },
	[KWORKERX_PERCPU_REFUSE] = { .name = "refuse" },
};

/* Those that were there at the beginning. */
static struct cpumask kwxp_cpus;
/* Held while works are queued; protects what is not atomic in the above. */
static DEFINE_MUTEX(kwxp_queueing);
static struct task_struct *kwxp_thread;

/* Sleeps, so that a CPU that goes finds it running. */
static void kwxp_fn(struct kworkerx_work *work)
{
	struct kwxp_job *job = container_of(work, struct kwxp_job, dwork.work);

	if (raw_smp_processor_id() != job->cpu)
		atomic_inc(&job->set->elsewhere);
	usleep_range(5000, 10000);
	atomic_inc(&job->ran);
}

static void kwxp_refused(struct kworkerx_work *work)
{
	struct kwxp_job *job = container_of(work, struct kwxp_job, dwork.work);

	atomic_inc(&job->refused);
}

static void kwxp_queue(struct kwxp_job *job, int kind, unsigned long delay)
{
	bool away = !cpu_online(job->cpu);
	int ret;

	if (!cpumask_test_cpu(job->cpu, &kwxp_cpus))
		return;
	if (kind == KWXP_NOW)
		ret = kworkerx_percpu_queue_work_on(job->set->set, job->cpu,
						    &job->dwork.work);
	else
		ret = kworkerx_percpu_queue_delayed_work_on(job->set->set, job->cpu,
							    &job->dwork, delay);
	job->accepted += ret > 0;
	job->set->away += ret >= 0 && away;
	job->set->rejected += ret < 0;
}

static struct kwxp_job *kwxp_job(struct kwxp_set *set, int cpu, int kind)
{
	return &set->jobs[cpu * KWXP_KINDS + kind];
}

#define for_each_kwxp_set(set)						\
	for (set = kwxp_sets; set < kwxp_sets + ARRAY_SIZE(kwxp_sets); set++)

#define for_each_kwxp_job(set, job)					\
	for (job = (set)->jobs; job < kwxp_job((set), nr_cpu_ids, 0); job++)

/* Goes on while the system is frozen, on any CPU that is there. */
static int kwxp_thread_fn(void *unused)
{
	unsigned long round = 0;
	struct kwxp_set *set;
	struct kwxp_job *job;

	while (!kthread_should_stop()) {
		mutex_lock(&kwxp_queueing);
		for_each_kwxp_set(set)
			for_each_kwxp_job(set, job)
				kwxp_queue(job, (job - set->jobs) % KWXP_KINDS,
					   round++ % (HZ / 4));
		mutex_unlock(&kwxp_queueing);
		usleep_range(2000, 4000);
	}
	return 0;
}

/* What was accepted ran once, or was refused once. */
static bool kwxp_settled(struct kwxp_set *set)
{
	struct kwxp_job *job;

	for_each_kwxp_job(set, job)
		if (atomic_read(&job->ran) + atomic_read(&job->refused) != job->accepted)
			return false;
	return true;
}

static int kwxp_refusals(struct kwxp_set *set)
{
	struct kwxp_job *job;
	int sum = 0;

	for_each_kwxp_job(set, job)
		sum += atomic_xchg(&job->refused, 0);
	return sum;
}

/* Sums up what was since the last time: a line for each set. */
static int kwxp_settle(char *buffer, const struct kernel_param *kp)
{
	struct kwxp_set *set;
	struct kwxp_job *job;
	int len = 0;

	mutex_lock(&kwxp_queueing);
	for_each_kwxp_set(set) {
		len += sysfs_emit_at(buffer, len, "%s settled=%d away=%d",
				     set->name, kwxp_await(kwxp_settled, set),
				     !!set->away);
		for_each_kwxp_job(set, job) {
			job->accepted = 0;
			atomic_set(&job->ran, 0);
		}
		len += sysfs_emit_at(buffer, len, " rejected=%d elsewhere=%d refused=%d\n",
				     !!set->rejected,
				     !!atomic_xchg(&set->elsewhere, 0),
				     !!kwxp_refusals(set));
		set->away = 0;
		set->rejected = 0;
	}
	mutex_unlock(&kwxp_queueing);
	return len;
}

static const struct kernel_param_ops kwxp_settle_ops = { .get = kwxp_settle };
module_param_cb(settle, &kwxp_settle_ops, NULL, 0444);
MODULE_PARM_DESC(settle, "read to have all works end, and to see what became of them");

static bool kwxp_went_on(struct kwxp_job *job)
{
	return atomic_read(&job->ran) - job->before >= 2;
}

/* How many works run again and again from now on, of those of CPUs that are online. */
static int kwxp_go_on(char *buffer, const struct kernel_param *kp)
{
	int went = 0, all = 0;
	struct kwxp_set *set;
	struct kwxp_job *job;

	for_each_kwxp_set(set)
		for_each_kwxp_job(set, job)
			job->before = atomic_read(&job->ran);
	for_each_kwxp_set(set) {
		for_each_kwxp_job(set, job) {
			if (!cpu_online(job->cpu))
				continue;
			if (all++ == went && kwxp_await(kwxp_went_on, job))
				went++;
		}
	}
	return sysfs_emit(buffer, "%d of %d\n", went, all);
}

static const struct kernel_param_ops kwxp_go_on_ops = { .get = kwxp_go_on };
module_param_cb(go_on, &kwxp_go_on_ops, NULL, 0444);
MODULE_PARM_DESC(go_on, "read to see whether works run on every CPU of every set");

/* Names a function of this module, and no worker and no set. */
static int kwxp_misuse(const char *val, const struct kernel_param *kp)
{
	struct kworkerx_work work;

	kworkerx_init_work_onstack(&work, kwxp_fn);
	kworkerx_queue_work(NULL, &work);
	kworkerx_destroy_work_on_stack(&work);
	kworkerx_percpu_destroy(NULL);
	return 0;
}

static const struct kernel_param_ops kwxp_misuse_ops = { .set = kwxp_misuse };
module_param_cb(misuse, &kwxp_misuse_ops, NULL, 0200);
MODULE_PARM_DESC(misuse, "write to have both modules report");

static int kwxp_create(struct kwxp_set *set)
{
	struct kworkerx_percpu_attr attr = {
		.name = "kwxp/%u",
		.policy = set - kwxp_sets,
		.refused = kwxp_refused,
		.cpumask = &kwxp_cpus,
	};
	struct kwxp_job *job;
	int i;

	set->jobs = kcalloc(nr_cpu_ids * KWXP_KINDS, sizeof(*job), GFP_KERNEL);
	if (!set->jobs)
		return -ENOMEM;
	for (i = 0; i < nr_cpu_ids * KWXP_KINDS; i++) {
		job = &set->jobs[i];
		job->set = set;
		job->cpu = i / KWXP_KINDS;
		kworkerx_init_delayed_work(&job->dwork, kwxp_fn);
	}
	set->set = kworkerx_percpu_create(&attr);
	return PTR_ERR_OR_ZERO(set->set);
}

static void kwxp_destroy(struct kwxp_set *set)
{
	struct kwxp_job *job;

	if (!set->jobs)
		return;
	for_each_kwxp_job(set, job)
		kworkerx_cancel_delayed_work_sync(&job->dwork);
	if (!IS_ERR_OR_NULL(set->set))
		kworkerx_percpu_destroy(set->set);
	kfree(set->jobs);
}

static void __exit kwxp_exit(void)
{
	struct kwxp_set *set;

	if (!IS_ERR_OR_NULL(kwxp_thread))
		kthread_stop(kwxp_thread);
	for_each_kwxp_set(set)
		kwxp_destroy(set);
}

static int __init kwxp_init(void)
{
	struct kwxp_set *set;
	int err = 0;

	cpumask_copy(&kwxp_cpus, cpu_online_mask);
	for_each_kwxp_set(set)
		err = err ?: kwxp_create(set);
	if (!err) {
		kwxp_thread = kthread_run(kwxp_thread_fn, NULL, "kwxp_thread");
		err = PTR_ERR_OR_ZERO(kwxp_thread);
	}
	if (err)
		for_each_kwxp_set(set)
			kwxp_destroy(set);
	return err;
}

module_init(kwxp_init);
module_exit(kwxp_exit);
MODULE_DESCRIPTION("What the selftest of kworkerx_percpu needs inside the kernel");
MODULE_LICENSE("GPL");
