// SPDX-License-Identifier: GPL-2.0-only
/*
 * NMIs that come at any time, on all CPUs, and queue what threads of those CPUs queue,
 * cancel and flush as well.  Something outside of the guest sends them: see
 * scripts/nmi.sh.
 *
 * In the end each acceptance must have become a run or have been taken back, and what
 * was interrupted is told: how many have come in the middle of which function.
 */
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/kallsyms.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/ptrace.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <asm/nmi.h>

#include "kworkerx.h"

static unsigned int wanted = 10000;
module_param(wanted, uint, 0444);
MODULE_PARM_DESC(wanted, "Go on until so many NMIs have come");
static unsigned int seconds = 300;
module_param(seconds, uint, 0444);
MODULE_PARM_DESC(seconds, "But not for longer");

#define KWXN_JOBS	4
#define KWXN_HITS	65536
#define KWXN_NAMES	64

static struct kwxn_job {
	struct kworkerx_work	work;
	atomic_t		accepted;
	atomic_t		runs;
	atomic_t		taken;
} kwxn_jobs[KWXN_JOBS];

static struct kworkerx_worker *kwxn_worker;
static struct task_struct **kwxn_threads;

/* Where NMIs have come; the latest ones. */
static unsigned long kwxn_hits[KWXN_HITS];
static bool kwxn_on = true;
static atomic_t kwxn_nmis = ATOMIC_INIT(0);
static atomic_t kwxn_queued = ATOMIC_INIT(0);

static void kwxn_fn(struct kworkerx_work *work)
{
	atomic_inc(&container_of(work, struct kwxn_job, work)->runs);
}

static void kwxn_accept(struct kwxn_job *job, bool accepted)
{
	if (accepted)
		atomic_inc(&job->accepted);
}

static int kwxn_nmi(unsigned int type, struct pt_regs *regs)
{
	struct kwxn_job *job;
	unsigned int nr;
	bool queued;

	/* They go on coming until the guest is gone. */
	if (!READ_ONCE(kwxn_on))
		return NMI_HANDLED;
	nr = atomic_inc_return(&kwxn_nmis);
	job = &kwxn_jobs[nr % KWXN_JOBS];
	kwxn_hits[nr % KWXN_HITS] = instruction_pointer(regs);
	if (nr % 3) {
		queued = kworkerx_try_queue_work(kwxn_worker, &job->work) > 0;
	} else {
		queued = kworkerx_queue_work_nowake(kwxn_worker, &job->work);
		kworkerx_wake_worker(kwxn_worker);
	}
	kwxn_accept(job, queued);
	atomic_add(queued, &kwxn_queued);
	return NMI_HANDLED;
}

static int kwxn_thread(void *unused)
{
	struct kwxn_job *job;

	while (!kthread_should_stop()) {
		job = &kwxn_jobs[get_random_u32_below(KWXN_JOBS)];
		switch (get_random_u32_below(8)) {
		case 0:
			kworkerx_flush_work(&job->work);
			break;
		case 1:
			atomic_add(kworkerx_cancel_work_sync(&job->work),
				   &job->taken);
			break;
		case 2:
		case 3:
			atomic_add(kworkerx_cancel_work(&job->work), &job->taken);
			break;
		default:
			kwxn_accept(job, kworkerx_queue_work(kwxn_worker,
							     &job->work));
		}
		cond_resched();
	}
	return 0;
}

static void kwxn_stop_threads(void)
{
	unsigned int i;

	for (i = 0; i < nr_cpu_ids; i++)
		if (!IS_ERR_OR_NULL(kwxn_threads[i]))
			kthread_stop(kwxn_threads[i]);
	kfree(kwxn_threads);
}

static int kwxn_start_threads(void)
{
	unsigned int cpu;

	kwxn_threads = kcalloc(nr_cpu_ids, sizeof(*kwxn_threads), GFP_KERNEL);
	if (!kwxn_threads)
		return -ENOMEM;
	for_each_online_cpu(cpu) {
		kwxn_threads[cpu] = kthread_create(kwxn_thread, NULL, "kwxn/%u", cpu);
		if (IS_ERR(kwxn_threads[cpu]))
			return PTR_ERR(kwxn_threads[cpu]);
		kthread_bind(kwxn_threads[cpu], cpu);
		wake_up_process(kwxn_threads[cpu]);
	}
	return 0;
}

/* In which functions of kworkerx have they come, and how often? */
static void kwxn_tell_hits(void)
{
	static char names[KWXN_NAMES][KSYM_SYMBOL_LEN];
	static unsigned int counts[KWXN_NAMES];
	char name[KSYM_SYMBOL_LEN];
	unsigned int i, at, inside = 0;

	for (i = 0; i < KWXN_HITS; i++) {
		if (!kwxn_hits[i])
			continue;
		sprint_symbol_no_offset(name, kwxn_hits[i]);
		if (!strstr(name, " [kworkerx]"))
			continue;
		inside++;
		for (at = 0; at < KWXN_NAMES - 1 && names[at][0]; at++)
			if (!strcmp(names[at], name))
				break;
		strscpy(names[at], name, KSYM_SYMBOL_LEN);
		counts[at]++;
	}
	for (at = 0; at < KWXN_NAMES && names[at][0]; at++)
		pr_alert("kworkerx-nmi: in %s: %u\n", names[at], counts[at]);
	pr_alert("kworkerx-nmi: %d came, %u of them in kworkerx, %d have queued\n",
		 atomic_read(&kwxn_nmis), inside, atomic_read(&kwxn_queued));
}

static bool kwxn_add_up(void)
{
	bool good = true;
	unsigned int i;

	for (i = 0; i < KWXN_JOBS; i++) {
		struct kwxn_job *job = &kwxn_jobs[i];
		int runs = atomic_read(&job->runs);
		int taken = atomic_read(&job->taken);

		if (atomic_read(&job->accepted) != runs + taken)
			good = false;
		pr_alert("kworkerx-nmi: work %u: %d accepted, %d ran, %d taken back\n",
			 i, atomic_read(&job->accepted), runs, taken);
	}
	return good;
}

static void kwxn_wait(void)
{
	unsigned long end = jiffies + seconds * HZ;

	while (atomic_read(&kwxn_nmis) < wanted && time_before(jiffies, end))
		msleep(100);
}

static int __init kwxn_init(void)
{
	unsigned int i;
	int err;

	kwxn_worker = kworkerx_run_worker(KWORKERX_ANYWHERE, "kwxn");
	if (IS_ERR(kwxn_worker))
		return PTR_ERR(kwxn_worker);
	for (i = 0; i < KWXN_JOBS; i++)
		kworkerx_init_work(&kwxn_jobs[i].work, kwxn_fn);
	err = kwxn_start_threads();
	if (!err)
		err = register_nmi_handler(NMI_LOCAL, kwxn_nmi, 0, "kwxn");
	if (!err) {
		pr_alert("kworkerx-nmi: ready\n");
		kwxn_wait();
		WRITE_ONCE(kwxn_on, false);
		/* Who has come before has gone. */
		synchronize_rcu();
	}
	kwxn_stop_threads();
	/* Without a flush, which would find what was not woken up for. */
	for (i = 0; i < KWXN_JOBS; i++)
		while (kworkerx_work_busy(&kwxn_jobs[i].work))
			msleep(20);
	kworkerx_destroy_worker(kwxn_worker);
	if (err)
		return err;
	kwxn_tell_hits();
	pr_alert("kworkerx-nmi: %s\n", kwxn_add_up() &&
		 atomic_read(&kwxn_nmis) >= wanted ? "SUCCESS" : "FAILURE");
	return 0;
}

static void __exit kwxn_exit(void)
{
	unregister_nmi_handler(NMI_LOCAL, "kwxn");
}

module_init(kwxn_init);
module_exit(kwxn_exit);

MODULE_DESCRIPTION("NMIs that queue works");
MODULE_LICENSE("GPL");
