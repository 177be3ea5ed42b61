// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waits that could never end, which lockdep reports before one does: nothing
 * hangs here, since what is waited for is idle.  The stock worker says nothing,
 * until it hangs.
 *
 * Lockdep stops at its first report, so that each case wants a boot of its own,
 * with kunit.filter_glob=kworkerx_lockdep.CASE on the command line of Linux.
 */
#include <kunit/test.h>
#include <linux/cpu.h>
#include <linux/debug_locks.h>
#include <linux/module.h>
#include <linux/mutex.h>

#include "../modules/kworkerx_percpu.h"

/* What a case uses is in test->priv; works cannot wait for others of a class. */
struct kwx_pair {
	struct kworkerx_worker	*one;
	struct kworkerx_worker	*two;
};

static DEFINE_MUTEX(kwx_mutex);

static void kwx_take_mutex(struct kworkerx_work *work)
{
	mutex_lock(&kwx_mutex);
	mutex_unlock(&kwx_mutex);
}

static DEFINE_KWORKERX_WORK(kwx_taker, kwx_take_mutex);

static int kwx_lockdep_init(struct kunit *test)
{
	struct kwx_pair *pair = kunit_kzalloc(test, sizeof(*pair), GFP_KERNEL);

	if (!IS_ENABLED(CONFIG_PROVE_LOCKING) || !debug_locks)
		kunit_skip(test, "needs CONFIG_PROVE_LOCKING, and no report before");
	KUNIT_ASSERT_NOT_NULL(test, pair);
	test->priv = pair;
	pair->one = kworkerx_run_worker(0, "kwx_one");
	pair->two = kworkerx_run_worker(0, "kwx_two");
	KUNIT_ASSERT_FALSE(test, IS_ERR(pair->one) || IS_ERR(pair->two));
	return 0;
}

static void kwx_lockdep_exit(struct kunit *test)
{
	struct kwx_pair *pair = test->priv;

	if (pair && !IS_ERR_OR_NULL(pair->one))
		kworkerx_destroy_worker(pair->one);
	if (pair && !IS_ERR_OR_NULL(pair->two))
		kworkerx_destroy_worker(pair->two);
}

/* Around what lockdep is to report, once. */
static void kwx_report_begin(struct kunit *test)
{
	KUNIT_ASSERT_TRUE(test, debug_locks);
	pr_info("kworkerx_kunit: begin expected deadlock\n");
}

/* @name is a class that has part in it. */
static void kwx_report_end(struct kunit *test, const char *name)
{
	pr_info("kworkerx_kunit: end expected deadlock: 1 of \"%s\"\n", name);
	KUNIT_EXPECT_FALSE_MSG(test, debug_locks, "no report");
}

static void kwx_run(struct kworkerx_worker *worker, struct kworkerx_work *work)
{
	kworkerx_queue_work(worker, work);
	kworkerx_flush_worker(worker);
}

static void flush_of_a_work_under_a_lock_that_it_takes(struct kunit *test)
{
	struct kwx_pair *pair = test->priv;

	kwx_run(pair->one, &kwx_taker);
	kwx_report_begin(test);
	mutex_lock(&kwx_mutex);
	kworkerx_flush_work(&kwx_taker);
	mutex_unlock(&kwx_mutex);
	kwx_report_end(test, "(work)kwx_taker");
}

static void cancel_of_a_work_under_a_lock_that_it_takes(struct kunit *test)
{
	struct kwx_pair *pair = test->priv;

	kwx_run(pair->one, &kwx_taker);
	kwx_report_begin(test);
	mutex_lock(&kwx_mutex);
	kworkerx_cancel_work_sync(&kwx_taker);
	mutex_unlock(&kwx_mutex);
	kwx_report_end(test, "(work)kwx_taker");
}

static void flush_of_a_worker_under_a_lock_that_its_work_takes(struct kunit *test)
{
	struct kwx_pair *pair = test->priv;

	kwx_run(pair->one, &kwx_taker);
	kwx_report_begin(test);
	mutex_lock(&kwx_mutex);
	kworkerx_flush_worker(pair->one);
	mutex_unlock(&kwx_mutex);
	kwx_report_end(test, "(worker)\"kwx_one\"");
}

static void kwx_nop(struct kworkerx_work *work) {}
static DEFINE_KWORKERX_WORK(kwx_on_one, kwx_nop);
static DEFINE_KWORKERX_WORK(kwx_on_two, kwx_nop);

static void kwx_flush_one(struct kworkerx_work *work)
{
	kworkerx_flush_work(&kwx_on_one);
}

static void kwx_flush_two(struct kworkerx_work *work)
{
	kworkerx_flush_work(&kwx_on_two);
}

static DEFINE_KWORKERX_WORK(kwx_one_waits, kwx_flush_two);
static DEFINE_KWORKERX_WORK(kwx_two_waits, kwx_flush_one);

/* One after the other here, but what if it were at the same time? */
static void two_workers_that_flush_each_others_works(struct kunit *test)
{
	struct kwx_pair *pair = test->priv;

	kwx_run(pair->one, &kwx_on_one);
	kwx_run(pair->two, &kwx_on_two);
	kwx_run(pair->one, &kwx_one_waits);
	kwx_report_begin(test);
	kwx_run(pair->two, &kwx_two_waits);
	kwx_report_end(test, "(worker)\"kwx_two\"");
}

static int kwx_take_hotplug_lock(void *unused)
{
	cpus_read_lock();
	cpus_read_unlock();
	return 0;
}

/* Its CPU could not go away. */
static void a_work_of_a_set_that_takes_the_lock_of_hotplug(struct kunit *test)
{
	const struct kworkerx_percpu_attr attr = { .name = "kwxdep/%u" };
	struct kworkerx_percpu *set = kworkerx_percpu_create(&attr);

	KUNIT_ASSERT_FALSE(test, IS_ERR(set));
	KUNIT_EXPECT_EQ(test, 0,
			kworkerx_percpu_call_on(set, 0, kwx_take_hotplug_lock,
						NULL));
	kwx_report_begin(test);
	kworkerx_percpu_destroy(set);
	kwx_report_end(test, "kwxdep/%u");
}

struct kwx_other_call {
	struct kworkerx_percpu	*set;
	int			cpu;
};

static int kwx_do_nothing(void *unused)
{
	return 0;
}

static int kwx_call_other(void *data)
{
	struct kwx_other_call *other = data;

	return kworkerx_percpu_call_on(other->set, other->cpu, kwx_do_nothing,
				       NULL);
}

/* One after the other here, again. */
static void two_works_of_a_set_that_call_each_others_cpu(struct kunit *test)
{
	const struct kworkerx_percpu_attr attr = { .name = "kwxdep/%u" };
	struct kwx_other_call other = { kworkerx_percpu_create(&attr), 1 };

	KUNIT_ASSERT_FALSE(test, IS_ERR(other.set));
	KUNIT_EXPECT_EQ(test, 0, kworkerx_percpu_call_on(other.set, 0,
							 kwx_call_other, &other));
	other.cpu = 0;
	kwx_report_begin(test);
	KUNIT_EXPECT_EQ(test, 0, kworkerx_percpu_call_on(other.set, 1,
							 kwx_call_other, &other));
	kwx_report_end(test, "kwxdep/%u");
	kworkerx_percpu_destroy(other.set);
}

static struct kunit_case kwx_lockdep_cases[] = {
	KUNIT_CASE(flush_of_a_work_under_a_lock_that_it_takes),
	KUNIT_CASE(cancel_of_a_work_under_a_lock_that_it_takes),
	KUNIT_CASE(flush_of_a_worker_under_a_lock_that_its_work_takes),
	KUNIT_CASE(two_workers_that_flush_each_others_works),
	KUNIT_CASE(a_work_of_a_set_that_takes_the_lock_of_hotplug),
	KUNIT_CASE(two_works_of_a_set_that_call_each_others_cpu),
	{}
};

static struct kunit_suite kwx_lockdep_suite = {
	.name = "kworkerx_lockdep",
	.init = kwx_lockdep_init,
	.exit = kwx_lockdep_exit,
	.test_cases = kwx_lockdep_cases,
};

kunit_test_suite(kwx_lockdep_suite);

MODULE_DESCRIPTION("KUnit suite of kworkerx: what lockdep reports of waits");
MODULE_LICENSE("GPL");
