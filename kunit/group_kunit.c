// SPDX-License-Identifier: GPL-2.0-only
/*
 * Workers of a group: threads that come and go, queues that close and open.
 */
#include "common.h"

/* Two workers, the second of which stands in for the first if it may. */
struct kwx_group {
	struct kworkerx_group	group;
	struct kworkerx_worker	*workers[2];
	struct task_struct	*tasks[2];
	struct kwx_log		*log;
	bool			declines;
	atomic_t		asked;		/* for works nobody counts on */
	atomic_t		asked_accepted;	/* for others */
};

static struct kworkerx_worker *kwx_divert(const struct kworkerx_group *ptr,
					  struct kworkerx_work *work,
					  bool accepted)
{
	struct kwx_group *group = container_of(ptr, struct kwx_group, group);

	atomic_inc(accepted ? &group->asked_accepted : &group->asked);
	return group->declines ? NULL : group->workers[1];
}

static int kwx_serve_fn(void *worker)
{
	while (!kthread_should_stop()) {
		kworkerx_serve_worker(worker);
		if (kthread_should_park())
			kthread_parkme();
	}
	return 0;
}

static void kwx_free_group(struct kunit_resource *res)
{
	struct kwx_group *group = res->data;
	int i;

	group->declines = true;
	for (i = 0; i < 2; i++) {
		kworkerx_close_worker(group->workers[i]);
		if (group->tasks[i])
			kthread_stop(group->tasks[i]);
		kworkerx_free_worker(group->workers[i]);
	}
	synchronize_rcu();
	kfree(group);
}

static void kwx_give_thread(struct kunit *test, struct kwx_group *group, int i)
{
	struct task_struct *task = kthread_create(kwx_serve_fn,
						  group->workers[i],
						  "kwx_group/%d", i);

	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	group->tasks[i] = task;
	kworkerx_open_worker(group->workers[i], task);
	wake_up_process(task);
}

static struct kwx_group *kwx_group_with(struct kunit *test, unsigned int flags)
{
	struct kwx_group *group = kzalloc(sizeof(*group), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, group);
	group->log = kwx_log(test);
	group->group.flags = flags;
	group->group.divert = kwx_divert;
	group->workers[0] = kworkerx_alloc_worker(&group->group, NULL);
	group->workers[1] = kworkerx_alloc_worker(&group->group, NULL);
	KUNIT_ASSERT_NOT_NULL(test, group->workers[0]);
	KUNIT_ASSERT_NOT_NULL(test, group->workers[1]);
	kwx_own(test, kwx_free_group, group);
	return group;
}

static struct kwx_group *kwx_group(struct kunit *test)
{
	return kwx_group_with(test, 0);
}

static void kwx_expect_try(struct kunit *test, int result,
			   struct kwx_group *group, int i, struct kwx_job *job)
{
	KUNIT_EXPECT_EQ(test, result,
			kworkerx_try_queue_work(group->workers[i],
						KWX_WORK(job)));
}

static void a_worker_collects_works_before_it_has_a_thread(struct kunit *test)
{
	struct kwx_group *group = kwx_group(test);
	struct kwx_job *job = kwx_job(test, group->log, 1);

	group->declines = true;
	kwx_expect_try(test, -ESHUTDOWN, group, 0, job);
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN,
			kworkerx_try_queue_delayed_work(group->workers[0],
							&job->dwork, 1));
	KUNIT_EXPECT_EQ(test, 2, atomic_read(&group->asked));

	kworkerx_open_worker(group->workers[0], NULL);
	kwx_expect_try(test, 1, group, 0, job);
	kwx_expect_try(test, 0, group, 0, job);
	kwx_expect_try(test, 0, group, 1, job);
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
	kwx_give_thread(test, group, 0);
	kwx_wait(test, &job->started);
	KUNIT_EXPECT_EQ(test, 2, atomic_read(&group->asked));
}

static void a_closed_worker_is_stood_in_for(struct kunit *test)
{
	struct kwx_group *group = kwx_group(test);
	struct kwx_job *job = kwx_job(test, group->log, 1);
	struct kwx_job *later = kwx_job(test, group->log, 2);

	kwx_give_thread(test, group, 1);
	kwx_expect_try(test, 1, group, 0, job);
	kwx_wait(test, &job->started);
	KUNIT_EXPECT_PTR_EQ(test, group->workers[1], KWX_WORK(job)->worker);
	KUNIT_EXPECT_EQ(test, 1,
			kworkerx_try_queue_delayed_work(group->workers[0],
							&later->dwork, 2));
	kwx_wait(test, &later->started);
	KUNIT_EXPECT_EQ(test, 2, atomic_read(&group->asked));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&group->asked_accepted));
}

static void a_timer_finds_another_worker_than_its_own(struct kunit *test)
{
	struct kwx_group *group = kwx_group(test);
	struct kwx_job *job = kwx_job(test, group->log, 1);

	kwx_give_thread(test, group, 1);
	kworkerx_open_worker(group->workers[0], NULL);
	KUNIT_EXPECT_EQ(test, 1,
			kworkerx_try_queue_delayed_work(group->workers[0],
							&job->dwork, HZ / 5));
	kworkerx_close_worker(group->workers[0]);
	kwx_wait(test, &job->started);
	KUNIT_EXPECT_PTR_EQ(test, group->workers[1], KWX_WORK(job)->worker);
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&group->asked_accepted));
}

static void an_evicted_queue_keeps_its_order(struct kunit *test)
{
	struct kwx_group *group = kwx_group(test);
	struct kwx_call *flush;
	int id;

	kworkerx_open_worker(group->workers[0], NULL);
	for (id = 1; id <= 4; id++)
		kwx_expect_try(test, 1, group, 0,
			       kwx_job(test, group->log, id));
	flush = kwx_call(test, kwx_flush_worker_fn, group->workers[0]);
	kwx_call_blocks(test, flush);
	kwx_give_thread(test, group, 1);
	kworkerx_evict_worker(group->workers[0]);
	/* The flush has moved along, behind what it waits for. */
	kwx_call_returns(test, flush);
	kwx_expect_log(test, group->log, 1, 2, 3, 4);
	KUNIT_EXPECT_EQ(test, 4, atomic_read(&group->asked_accepted));
}

/* The other one finds them in the order in which they would have run. */
static void an_evicted_queue_keeps_both_lanes(struct kunit *test)
{
	struct kwx_group *group = kwx_group_with(test, KWORKERX_LANES);
	struct kwx_job *gate = kwx_held_job(test, group->log, 0);
	struct kwx_call *flush, *flush_all;
	struct kwx_job *jobs[4];
	int i;

	kwx_give_thread(test, group, 1);
	kwx_expect_try(test, 1, group, 1, gate);
	kwx_wait(test, &gate->started);
	kworkerx_open_worker(group->workers[0], NULL);
	for (i = 0; i < 4; i++) {
		jobs[i] = kwx_job(test, group->log, 1 + i);
		kworkerx_set_work_urgent(KWX_WORK(jobs[i]), i % 2);
		kwx_expect_try(test, 1, group, 0, jobs[i]);
	}
	flush = kwx_call(test, kwx_flush_work_fn, KWX_WORK(jobs[3]));
	flush_all = kwx_call(test, kwx_flush_worker_fn, group->workers[0]);
	kwx_call_blocks(test, flush);
	kwx_call_blocks(test, flush_all);
	kworkerx_evict_worker(group->workers[0]);
	kwx_expect_try(test, 1, group, 1, kwx_job(test, group->log, 5));
	kwx_release(gate);
	kwx_call_returns(test, flush);
	kwx_call_returns(test, flush_all);
	kworkerx_flush_worker(group->workers[1]);
	kwx_expect_log(test, group->log, 0, 2, 4, 1, 3, 5);
	KUNIT_EXPECT_EQ(test, 4, atomic_read(&group->asked_accepted));
}

static void an_evicted_queue_that_nobody_takes_is_given_back(struct kunit *test)
{
	struct kwx_group *group = kwx_group(test);
	struct kwx_job *job = kwx_job(test, group->log, 1);
	struct kwx_call *flush;

	group->declines = true;
	kworkerx_open_worker(group->workers[0], NULL);
	kwx_expect_try(test, 1, group, 0, job);
	flush = kwx_call(test, kwx_flush_worker_fn, group->workers[0]);
	kwx_call_blocks(test, flush);
	kworkerx_evict_worker(group->workers[0]);
	kwx_call_returns(test, flush);
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
	KUNIT_EXPECT_FALSE(test, kworkerx_cancel_work_sync(KWX_WORK(job)));
	kwx_queue(test, kwx_worker(test), job);
	kwx_wait(test, &job->started);
}

static void a_thread_that_parks_leaves_the_works_of_an_open_queue(struct kunit *test)
{
	struct kwx_group *group = kwx_group(test);
	struct kwx_job *job = kwx_job(test, group->log, 1);

	kwx_give_thread(test, group, 0);
	kworkerx_flush_worker(group->workers[0]);
	KUNIT_ASSERT_EQ(test, 0, kthread_park(group->tasks[0]));
	/* Nothing is queued: nothing to wait for. */
	kworkerx_flush_worker(group->workers[0]);
	kwx_expect_try(test, 1, group, 0, job);
	kworkerx_open_worker(group->workers[0], group->tasks[0]);
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
	kthread_unpark(group->tasks[0]);
	kwx_wait(test, &job->started);
}

static void kwx_hold_fn(void *worker)
{
	kworkerx_hold_worker(worker);
}

static void a_held_worker_runs_nothing_more(struct kunit *test)
{
	struct kwx_group *group = kwx_group(test);
	struct kwx_job *busy = kwx_held_job(test, group->log, 1);
	struct kworkerx_worker *worker = group->workers[0];
	struct kwx_call *hold;

	kwx_give_thread(test, group, 0);
	kwx_expect_try(test, 1, group, 0, busy);
	kwx_wait(test, &busy->started);
	kwx_expect_try(test, 1, group, 0, kwx_job(test, group->log, 2));
	hold = kwx_call(test, kwx_hold_fn, worker);
	kwx_call_blocks(test, hold);
	kwx_release(busy);
	kwx_call_returns(test, hold);
	kwx_expect_try(test, 1, group, 0, kwx_job(test, group->log, 3));
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, kworkerx_flush_worker_timeout(worker, 2));
	kwx_expect_log(test, group->log, 1);
	KUNIT_ASSERT_EQ(test, 0, kthread_park(group->tasks[0]));
	kthread_unpark(group->tasks[0]);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, kworkerx_flush_worker_timeout(worker, 2));
	kwx_expect_log(test, group->log, 1);
	kworkerx_open_worker(worker, group->tasks[0]);
	kworkerx_flush_worker(worker);
	kwx_expect_log(test, group->log, 1, 2, 3);
}

static void a_running_work_stays_with_its_worker(struct kunit *test)
{
	struct kwx_group *group = kwx_group(test);
	struct kwx_job *job = kwx_held_job(test, group->log, 1);

	kwx_give_thread(test, group, 0);
	kwx_give_thread(test, group, 1);
	kwx_expect_try(test, 1, group, 0, job);
	kwx_wait(test, &job->started);
	kwx_expect_try(test, 1, group, 1, job);
	KUNIT_EXPECT_PTR_EQ(test, group->workers[0], KWX_WORK(job)->worker);
	kwx_release(job);
	kwx_wait(test, &job->started);
	kwx_release(job);
	kworkerx_flush_work(KWX_WORK(job));
	KUNIT_EXPECT_EQ(test, 2, kwx_runs(job));
}

static void a_worker_without_a_group_refuses_as_ever(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kwx_job *busy = kwx_held_job(test, NULL, 1);

	KUNIT_EXPECT_EQ(test, 1, kworkerx_try_queue_work(worker,
							 KWX_WORK(busy)));
	kwx_wait(test, &busy->started);
	KUNIT_EXPECT_EQ(test, 1,
			kworkerx_try_queue_delayed_work(worker, &busy->dwork,
							10 * HZ));
	KUNIT_EXPECT_EQ(test, 0, kworkerx_try_queue_work(worker,
							 KWX_WORK(busy)));
	KUNIT_EXPECT_EQ(test, 0,
			kworkerx_try_queue_delayed_work(worker, &busy->dwork,
							0));
}

static void a_work_of_a_closed_worker_goes_elsewhere_too(struct kunit *test)
{
	struct kwx_group *group = kwx_group(test);
	struct kwx_job *first = kwx_job(test, group->log, 1);
	struct kwx_job *timed = kwx_job(test, group->log, 2);

	kwx_give_thread(test, group, 1);
	KUNIT_EXPECT_TRUE(test, kworkerx_queue_work_first(group->workers[0],
							  KWX_WORK(first)));
	kwx_wait(test, &first->started);
	KUNIT_EXPECT_PTR_EQ(test, group->workers[1], KWX_WORK(first)->worker);

	kworkerx_open_worker(group->workers[0], NULL);
	KUNIT_EXPECT_EQ(test, 1,
			kworkerx_try_queue_delayed_work(group->workers[0],
							&timed->dwork, 600 * HZ));
	kworkerx_close_worker(group->workers[0]);
	kworkerx_flush_delayed_work(&timed->dwork);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(timed));
	KUNIT_EXPECT_PTR_EQ(test, group->workers[1], KWX_WORK(timed)->worker);
}

static void kwx_try_again(struct kwx_job *job)
{
	job->data = ERR_PTR(kworkerx_try_queue_work(job->worker, KWX_WORK(job)));
}

static void a_closed_worker_takes_nothing_from_its_own_works(struct kunit *test)
{
	struct kwx_group *group = kwx_group(test);
	struct kwx_job *job = kwx_held_job(test, group->log, 1);

	group->declines = true;
	job->worker = group->workers[0];
	job->action = kwx_try_again;
	kwx_give_thread(test, group, 0);
	kwx_expect_try(test, 1, group, 0, job);
	kwx_wait(test, &job->started);
	kworkerx_close_worker(group->workers[0]);
	kwx_release(job);
	kworkerx_flush_work(KWX_WORK(job));
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN, PTR_ERR(job->data));
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

struct kwx_short_flush {
	struct kworkerx_worker	*worker;
	int			ret;
};

static void kwx_short_flush_fn(void *arg)
{
	struct kwx_short_flush *flush = arg;

	flush->ret = kworkerx_flush_worker_timeout(flush->worker, 2 * HZ);
}

static void a_flush_that_has_moved_can_take_too_long(struct kunit *test)
{
	struct kwx_group *group = kwx_group(test);
	struct kwx_job *job = kwx_job(test, group->log, 1);
	struct kwx_short_flush *flush;
	struct kwx_call *call;

	flush = kunit_kzalloc(test, sizeof(*flush), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, flush);
	flush->worker = group->workers[0];
	kworkerx_open_worker(group->workers[0], NULL);
	kworkerx_open_worker(group->workers[1], NULL);
	kwx_expect_try(test, 1, group, 0, job);
	call = kwx_call(test, kwx_short_flush_fn, flush);
	kwx_call_blocks(test, call);
	kworkerx_evict_worker(group->workers[0]);
	kwx_call_returns(test, call);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, flush->ret);
	kwx_give_thread(test, group, 1);
	kwx_wait(test, &job->started);
}

static void only_the_group_controls_its_workers(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_group(test)->workers[0];
	struct kworkerx_attrs attrs = KWORKERX_ATTRS_INIT;

	attrs.cpumask = cpu_online_mask;
	kwx_misuse_begin();
	KUNIT_EXPECT_EQ(test, -EINVAL, kworkerx_set_worker_attrs(worker, &attrs));
	kwx_misuse_end(test, "attributes of worker (no thread), which is of a group");
	kwx_misuse_begin();
	KUNIT_EXPECT_EQ(test, -EINVAL, kworkerx_plug_worker(worker));
	kwx_misuse_end(test, "kworkerx: plug of worker (no thread), which is of a group");
	kwx_misuse_begin();
	KUNIT_EXPECT_EQ(test, -EINVAL, kworkerx_park_worker(worker));
	kwx_misuse_end(test, "park of worker (no thread), which is of a group");
	kwx_misuse_begin();
	KUNIT_EXPECT_EQ(test, -EINVAL, kworkerx_drain_worker(worker));
	kwx_misuse_end(test, "drain of worker (no thread), which is of a group");
	kwx_misuse_begin();
	KUNIT_EXPECT_EQ(test, -EINVAL, kworkerx_destroy_worker_timeout(worker, 0));
	kwx_misuse_end(test, "destroy of worker (no thread), which is of a group");
}

static struct kunit_case kwx_group_cases[] = {
	KUNIT_CASE(a_worker_collects_works_before_it_has_a_thread),
	KUNIT_CASE(a_closed_worker_is_stood_in_for),
	KUNIT_CASE(a_timer_finds_another_worker_than_its_own),
	KUNIT_CASE(an_evicted_queue_keeps_its_order),
	KUNIT_CASE(an_evicted_queue_keeps_both_lanes),
	KUNIT_CASE(an_evicted_queue_that_nobody_takes_is_given_back),
	KUNIT_CASE(a_thread_that_parks_leaves_the_works_of_an_open_queue),
	KUNIT_CASE(a_held_worker_runs_nothing_more),
	KUNIT_CASE(a_running_work_stays_with_its_worker),
	KUNIT_CASE(a_worker_without_a_group_refuses_as_ever),
	KUNIT_CASE(a_work_of_a_closed_worker_goes_elsewhere_too),
	KUNIT_CASE(a_closed_worker_takes_nothing_from_its_own_works),
	KUNIT_CASE(a_flush_that_has_moved_can_take_too_long),
	KUNIT_CASE(only_the_group_controls_its_workers),
	{}
};

static struct kunit_suite kwx_group_suite = {
	.name = "kworkerx_group",
	.test_cases = kwx_group_cases,
};

kunit_test_suite(kwx_group_suite);
