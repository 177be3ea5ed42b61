// SPDX-License-Identifier: GPL-2.0-only
/*
 * A template: the least that a module does with kworkerx.  Build it with
 *
 *	make -C /lib/modules/$(uname -r)/build M="$PWD" modules
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

#include <kworkerx.h>

static struct kworkerx_worker *worker;

static void minimal_once(struct kworkerx_work *work)
{
	pr_info("runs on %s\n", current->comm);
}

static void minimal_again(struct kworkerx_work *work);

static DEFINE_KWORKERX_WORK(once, minimal_once);
static DEFINE_KWORKERX_DELAYED_WORK(again, minimal_again);

static void minimal_again(struct kworkerx_work *work)
{
	kworkerx_queue_delayed_work(worker, &again, HZ);
}

static int __init minimal_init(void)
{
	worker = kworkerx_run_worker(0, "minimal");
	if (IS_ERR(worker))
		return PTR_ERR(worker);

	kworkerx_queue_work(worker, &once);
	kworkerx_queue_delayed_work(worker, &again, HZ);
	return 0;
}

static void __exit minimal_exit(void)
{
	/* Before its worker goes: the timer may be armed. */
	kworkerx_cancel_delayed_work_sync(&again);
	kworkerx_destroy_worker(worker);
}

module_init(minimal_init);
module_exit(minimal_exit);
MODULE_DESCRIPTION("The least that one can do with kworkerx");
MODULE_LICENSE("GPL");
