// SPDX-License-Identifier: GPL-2.0-only
/*
 * Works whose memory goes while they are pending: CONFIG_DEBUG_OBJECTS_WORK
 * reports them and takes them out of the queue.  The stock worker is not told:
 * it runs, or walks over, what is in the memory now.
 *
 * Debug objects print five such reports a boot, for all kinds of objects: no
 * more cases like these.  Each has a function of its own to look for.
 */
#include <linux/slab.h>

#include "common.h"

static atomic_t kwx_ghosts;

/* Functions of works that must not run any more. */
#define KWX_GHOST(name)							\
	static void name(struct kworkerx_work *work)			\
	{								\
		atomic_inc(&kwx_ghosts);				\
	}

KWX_GHOST(kwx_freed_fn)
KWX_GHOST(kwx_freed_delayed_fn)
KWX_GHOST(kwx_again_fn)
KWX_GHOST(kwx_stack_fn)

static int kwx_debug_init(struct kunit *test)
{
	if (!IS_ENABLED(CONFIG_DEBUG_OBJECTS_WORK) ||
	    !IS_ENABLED(CONFIG_DEBUG_OBJECTS_FREE))
		kunit_skip(test, "needs debug objects for works that are freed");
	atomic_set(&kwx_ghosts, 0);
	return kwx_bed_init(test);
}

/* The queue is whole, and holds nothing but what is before and behind. */
static void kwx_expect_no_ghost(struct kunit *test, struct kwx_job *gate,
				struct kwx_job *behind)
{
	kwx_release(gate);
	KUNIT_EXPECT_EQ(test, 0, kworkerx_flush_worker(kwx_bed_worker(test)));
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(behind));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&kwx_ghosts));
}

static void a_pending_work_that_is_freed_is_taken_back(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 1);
	struct kworkerx_work *work = kzalloc(sizeof(*work), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, work);
	kworkerx_init_work(work, kwx_freed_fn);
	KUNIT_EXPECT_TRUE(test,
			  kworkerx_queue_work(kwx_bed_worker(test), work));
	kwx_misuse_begin();
	kfree(work);
	kwx_misuse_end(test, "type: kworkerx_work hint: kwx_freed_fn");
	kwx_expect_no_ghost(test, gate, kwx_queued(test, 2));
}

/* The timer is reported, too. */
static void an_armed_work_that_is_freed_is_taken_back(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 1);
	struct kworkerx_delayed_work *dwork = kzalloc(sizeof(*dwork),
						      GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, dwork);
	kworkerx_init_delayed_work(dwork, kwx_freed_delayed_fn);
	KUNIT_EXPECT_TRUE(test,
			  kworkerx_queue_delayed_work(kwx_bed_worker(test),
						      dwork, 3600 * HZ));
	kwx_misuse_begin();
	kfree(dwork);
	kwx_misuse_also(test, "type: timer_list hint: kworkerx_delayed_work_timer_fn");
	kwx_misuse_end(test, "type: kworkerx_work hint: kwx_freed_delayed_fn");
	kwx_expect_no_ghost(test, gate, kwx_queued(test, 2));
}

static void a_pending_work_that_is_initialised_is_taken_back(struct kunit *test)
{
	struct kworkerx_worker *bare = kwx_bare_worker(test);
	struct kwx_job *gate = kwx_running(test, 1);
	struct kworkerx_work *work = kunit_kzalloc(test, sizeof(*work),
						   GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, work);
	kworkerx_init_work(work, kwx_again_fn);
	KUNIT_EXPECT_TRUE(test, kworkerx_queue_work(bare, work));
	kwx_misuse_begin();
	kworkerx_init_work(work, kwx_again_fn);
	kwx_misuse_end(test, "type: kworkerx_work hint: kwx_again_fn");
	kwx_attach(test, bare);
	KUNIT_EXPECT_EQ(test, 0, kworkerx_flush_worker(bare));
	kwx_expect_no_ghost(test, gate, kwx_queued(test, 2));
}

/* Which is urgent here. */
static void a_pending_work_that_leaves_the_stack_is_taken_back(struct kunit *test)
{
	struct kworkerx_worker *worker = kworkerx_run_worker(KWORKERX_LANES,
							     "kwx_lanes");
	struct kworkerx_work work;
	struct kwx_job *gate;

	kwx_bed_change(test, kwx_keep_worker(test, worker));
	gate = kwx_running(test, 1);
	kworkerx_init_work_onstack(&work, kwx_stack_fn);
	kworkerx_set_work_urgent(&work, true);
	KUNIT_EXPECT_TRUE(test, kworkerx_queue_work(worker, &work));
	kwx_misuse_begin();
	kworkerx_destroy_work_on_stack(&work);
	kwx_misuse_end(test, "type: kworkerx_work hint: kwx_stack_fn");
	kwx_expect_no_ghost(test, gate, kwx_queued(test, 2));
}

static void kwx_count_fn(struct kworkerx_work *work)
{
	atomic_inc(&kwx_ghosts);
}

/* Nothing is reported here, and again for the same place on the stack. */
static void works_on_the_stack_come_and_go(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bed_worker(test);
	struct kworkerx_delayed_work dwork;
	struct kworkerx_work work;
	int round;

	for (round = 0; round < 2; round++) {
		kworkerx_init_work_onstack(&work, kwx_count_fn);
		kworkerx_init_delayed_work_onstack(&dwork, kwx_count_fn);
		KUNIT_EXPECT_TRUE(test, kworkerx_queue_work(worker, &work));
		KUNIT_EXPECT_TRUE(test, kworkerx_queue_delayed_work(worker,
								    &dwork, 1));
		kworkerx_flush_work(&work);
		kworkerx_flush_delayed_work(&dwork);
		kworkerx_destroy_work_on_stack(&work);
		kworkerx_destroy_delayed_work_on_stack(&dwork);
	}
	KUNIT_EXPECT_EQ(test, 4, atomic_read(&kwx_ghosts));
}

static struct kunit_case kwx_debug_cases[] = {
	KUNIT_CASE(works_on_the_stack_come_and_go),
	KUNIT_CASE(a_pending_work_that_is_freed_is_taken_back),
	KUNIT_CASE(an_armed_work_that_is_freed_is_taken_back),
	KUNIT_CASE(a_pending_work_that_is_initialised_is_taken_back),
	KUNIT_CASE(a_pending_work_that_leaves_the_stack_is_taken_back),
	{}
};

static struct kunit_suite kwx_debug_suite = {
	.name = "kworkerx_debug",
	.init = kwx_debug_init,
	.test_cases = kwx_debug_cases,
};

kunit_test_suite(kwx_debug_suite);
