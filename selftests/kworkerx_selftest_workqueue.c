// SPDX-License-Identifier: GPL-2.0-only
/*
 * What test_workqueue.sh needs inside the kernel: a workqueue of a name that root
 * chooses, and what its thread is like.
 */
#include <linux/completion.h>
#include <linux/module.h>
#include <linux/sched.h>

#include "kworkerx_workqueue.h"

static char *name = "kwxq";
module_param(name, charp, 0444);
MODULE_PARM_DESC(name, "of the workqueue");

static char thread[64];
module_param_string(thread, thread, sizeof(thread), 0444);
MODULE_PARM_DESC(thread, "policy, priority and nice value of its thread");

static struct kworkerx_workqueue *kwxq;

static void kwxq_fn(struct kworkerx_work *work)
{
	snprintf(thread, sizeof(thread), "%u %u %d", current->policy,
		 current->rt_priority, task_nice(current));
}

static DEFINE_KWORKERX_WORK(kwxq_work, kwxq_fn);

static int __init kwxq_init(void)
{
	kwxq = kworkerx_alloc_workqueue("%s", KWORKERX_WQ_UNBOUND, 0, name);
	if (!kwxq)
		return -ENOMEM;
	kworkerx_workqueue_queue_work(kwxq, &kwxq_work);
	kworkerx_flush_workqueue(kwxq);
	return 0;
}

static void __exit kwxq_exit(void)
{
	kworkerx_destroy_workqueue(kwxq);
}

module_init(kwxq_init);
module_exit(kwxq_exit);

MODULE_AUTHOR("The kworkerx developers");
MODULE_DESCRIPTION("What the selftest of kworkerx_workqueue needs inside the kernel");
MODULE_LICENSE("GPL");
