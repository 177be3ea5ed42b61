// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module that does wrong: it goes while works of it are queued, armed or running
 * on a worker of kworkerx_selftest, which stays, or with a worker inside.
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/string.h>

#include "kworkerx.h"
#include "kworkerx_selftest.h"

static char *leave = "";
module_param(leave, charp, 0444);
MODULE_PARM_DESC(leave, "what is left: queued, both, armed, running, again, urgent, lent or worker");

/* More than are looked at in one go. */
static struct kworkerx_delayed_work kwxl_works[250];
static DEFINE_KWORKERX_WORKER(kwxl_worker);
static int kwxl_rounds;

static void kwxl_fn(struct kworkerx_work *work)
{
	pr_info("kworkerx_selftest_leaver: a work ran\n");
}

static void kwxl_slow_fn(struct kworkerx_work *work)
{
	msleep(200);
	pr_info("kworkerx_selftest_leaver: a slow work has ended\n");
	if (kwxl_rounds)
		kworkerx_queue_work(work->worker, work);
}

/* In both lanes, or in one. */
static void kwxl_queue_all(unsigned long delay, bool both)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(kwxl_works); i++) {
		kworkerx_init_delayed_work(&kwxl_works[i], kwxl_fn);
		kworkerx_set_work_urgent(&kwxl_works[i].work, both && i % 2);
		kworkerx_queue_delayed_work(kwxs_keeper, &kwxl_works[i], delay);
	}
}

static void kwxl_run(int rounds, bool urgent)
{
	struct kworkerx_work *work = &kwxl_works[0].work;

	kwxl_rounds = rounds;
	kworkerx_init_work(work, kwxl_slow_fn);
	kworkerx_set_work_urgent(work, urgent);
	kworkerx_queue_work(kwxs_keeper, work);
	while (kworkerx_work_pending(work))
		usleep_range(1000, 2000);
}

static int kwxl_start_worker(void)
{
	struct task_struct *task;

	task = kthread_run(kworkerx_worker_fn, &kwxl_worker, "kwxl_worker");
	if (IS_ERR(task))
		return PTR_ERR(task);
	kworkerx_queue_delayed_work(&kwxl_worker, &kwxs_lent, 60 * HZ);
	return kworkerx_flush_worker(&kwxl_worker);
}

/* A structure that stays, with a function that does not. */
static void kwxl_queue_lent(void)
{
	kworkerx_init_delayed_work(&kwxs_lent, kwxl_fn);
	kworkerx_queue_delayed_work(kwxs_keeper, &kwxs_lent, 60 * HZ);
}

static int __init kwxl_init(void)
{
	if (!strcmp(leave, "queued"))
		kwxl_queue_all(0, false);
	else if (!strcmp(leave, "both"))
		kwxl_queue_all(0, true);
	else if (!strcmp(leave, "armed"))
		kwxl_queue_all(60 * HZ, false);
	else if (!strcmp(leave, "running"))
		kwxl_run(0, false);
	else if (!strcmp(leave, "again"))
		kwxl_run(1, false);
	else if (!strcmp(leave, "urgent"))
		kwxl_run(1, true);
	else if (!strcmp(leave, "lent"))
		kwxl_queue_lent();
	else if (!strcmp(leave, "worker"))
		return kwxl_start_worker();
	else
		return -EINVAL;
	return 0;
}

static void __exit kwxl_exit(void)
{
}

module_init(kwxl_init);
module_exit(kwxl_exit);
MODULE_DESCRIPTION("Leaves works behind, for the selftests of kworkerx");
MODULE_LICENSE("GPL");
