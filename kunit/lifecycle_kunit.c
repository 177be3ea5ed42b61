// SPDX-License-Identifier: GPL-2.0-only
/*
 * How workers and works come to be and end.
 */
#include <linux/cpumask.h>
#include <linux/nodemask.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <uapi/linux/sched/types.h>

#include "common.h"

/* The thread of a worker that the test embeds; ends with the test. */
struct kwx_thread {
	struct task_struct	*task;
	int			result;
};

static void kwx_stop_fn(void *data)
{
	struct kwx_thread *thread = data;

	thread->result = kthread_stop(thread->task);
	thread->task = NULL;
}

static void kwx_free_thread(struct kunit_resource *res)
{
	struct kwx_thread *thread = res->data;

	if (thread->task)
		kwx_stop_fn(thread);
}

/* Like kwx_attach(), with a name, and for more than one thread. */
static struct kwx_thread *kwx_begin(struct kunit *test,
				    struct kworkerx_worker *worker,
				    const char *name)
{
	struct kwx_thread *thread;

	thread = kunit_kzalloc(test, sizeof(*thread), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, thread);
	thread->task = kthread_create(kworkerx_worker_fn, worker, "%s", name);
	KUNIT_ASSERT_FALSE(test, IS_ERR(thread->task));
	KUNIT_ASSERT_PTR_EQ(test, (void *)thread,
			    kunit_alloc_resource(test, NULL, kwx_free_thread,
						 GFP_KERNEL, thread));
	wake_up_process(thread->task);
	return thread;
}

static void kwx_stop(struct kunit *test, struct kwx_thread *thread, int result)
{
	kwx_call_returns(test, kwx_call(test, kwx_stop_fn, thread));
	KUNIT_EXPECT_EQ(test, result, thread->result);
}

/* Workers that a case ends itself. */
static struct kworkerx_worker *kwx_created(struct kunit *test)
{
	struct kworkerx_worker *worker = kworkerx_create_worker(0, "kwx_life");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, worker);
	return worker;
}

static void kwx_destroyed(struct kunit *test, struct kworkerx_worker *worker)
{
	kwx_call_returns(test, kwx_call(test, kwx_destroy_worker_fn, worker));
}

/*
 * Initialisers
 */

static DECLARE_COMPLETION(kwx_static_ran);

static void kwx_static_fn(struct kworkerx_work *work)
{
	complete(&kwx_static_ran);
}

static DEFINE_KWORKERX_WORKER(kwx_static_worker);
static DEFINE_KWORKERX_WORK(kwx_static_work, kwx_static_fn);
static DEFINE_KWORKERX_DELAYED_WORK(kwx_static_dwork, kwx_static_fn);

static void kwx_expect_same(struct kunit *test, const struct kworkerx_work *a,
			    const struct kworkerx_work *b)
{
	KUNIT_EXPECT_PTR_EQ(test, a->node.next, b->node.next);
	KUNIT_EXPECT_PTR_EQ(test, a->node.prev, b->node.prev);
	KUNIT_EXPECT_PTR_EQ(test, a->func, b->func);
	KUNIT_EXPECT_PTR_EQ(test, a->worker, b->worker);
	KUNIT_EXPECT_EQ(test, atomic_read(&a->state), atomic_read(&b->state));
}

static void *kwx_garbage(struct kunit *test, size_t size)
{
	void *memory = kunit_kzalloc(test, size, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, memory);
	return memset(memory, 0xa5, size);
}

static void both_initialisers_of_a_work_agree(struct kunit *test)
{
	static DEFINE_KWORKERX_WORK(fixed, kwx_static_fn);
	struct kworkerx_work *work = kwx_garbage(test, sizeof(*work));

	kworkerx_init_work(work, kwx_static_fn);
	kwx_expect_same(test, &fixed, work);
	KUNIT_EXPECT_PTR_EQ(test, (void *)work->func, (void *)kwx_static_fn);
	KUNIT_EXPECT_NULL(test, work->worker);
	KUNIT_EXPECT_NULL(test, work->node.next);
	KUNIT_EXPECT_NULL(test, work->node.prev);
	KUNIT_EXPECT_EQ(test, KWORKERX_WORK_IDLE, atomic_read(&work->state));
}

static void both_initialisers_of_a_delayed_work_agree(struct kunit *test)
{
	static DEFINE_KWORKERX_DELAYED_WORK(fixed, kwx_static_fn);
	struct kworkerx_delayed_work *dwork = kwx_garbage(test, sizeof(*dwork));
	const u32 flags = TIMER_DEFERRABLE | TIMER_PINNED | TIMER_IRQSAFE;

	kworkerx_init_delayed_work(dwork, kwx_static_fn);
	kwx_expect_same(test, &fixed.work, &dwork->work);
	KUNIT_EXPECT_PTR_EQ(test, (void *)fixed.timer.function,
			    (void *)dwork->timer.function);
	KUNIT_EXPECT_EQ(test, fixed.timer.flags & flags,
			dwork->timer.flags & flags);
	KUNIT_EXPECT_EQ(test, TIMER_IRQSAFE, dwork->timer.flags & flags);
	KUNIT_EXPECT_FALSE(test, timer_pending(&dwork->timer));
	timer_delete_sync(&dwork->timer);
}

static void both_initialisers_of_a_worker_agree(struct kunit *test)
{
	static DEFINE_KWORKERX_WORKER(fixed);
	struct kworkerx_worker *worker = kwx_garbage(test, sizeof(*worker));

	kworkerx_init_worker(worker);
	KUNIT_EXPECT_PTR_EQ(test, fixed.task, worker->task);
	KUNIT_EXPECT_EQ(test, fixed.flags, worker->flags);
	KUNIT_EXPECT_EQ(test, fixed.created, worker->created);
	KUNIT_EXPECT_STREQ(test, fixed.comm, worker->comm);
	KUNIT_EXPECT_PTR_EQ(test, fixed.sleeper, worker->sleeper);
	KUNIT_EXPECT_PTR_EQ(test, fixed.current_work, worker->current_work);
	KUNIT_EXPECT_PTR_EQ(test, fixed.queue.next, worker->queue.next);
	KUNIT_EXPECT_PTR_EQ(test, &fixed.queue, fixed.tail);
	KUNIT_EXPECT_PTR_EQ(test, &worker->queue, worker->tail);
	KUNIT_EXPECT_TRUE(test, list_empty(&fixed.delayed_work_list));
	KUNIT_EXPECT_TRUE(test, list_empty(&worker->delayed_work_list));
}

static void a_work_takes_no_more_than_five_words(struct kunit *test)
{
	KUNIT_EXPECT_LE(test, sizeof(struct kworkerx_work) -
			sizeof(struct lockdep_map), 5 * sizeof(long));
}

static void what_is_defined_statically_works(struct kunit *test)
{
	struct kwx_thread *thread = kwx_begin(test, &kwx_static_worker,
					      "kwx_static");

	reinit_completion(&kwx_static_ran);
	KUNIT_EXPECT_TRUE(test, kworkerx_queue_work(&kwx_static_worker,
						    &kwx_static_work));
	kwx_wait(test, &kwx_static_ran);
	KUNIT_EXPECT_TRUE(test, kworkerx_queue_delayed_work(&kwx_static_worker,
							    &kwx_static_dwork,
							    1));
	kwx_wait(test, &kwx_static_ran);
	kwx_flush(test, &kwx_static_worker);
	kwx_stop(test, thread, 0);
}

/*
 * Creation
 */

/* A thread that was never woken is in this state, one that idles is not. */
static void kwx_expect_unwoken(struct kunit *test,
			       struct kworkerx_worker *worker)
{
	KUNIT_EXPECT_EQ(test, (unsigned int)TASK_UNINTERRUPTIBLE,
			READ_ONCE(worker->task->__state));
}

static void a_created_thread_is_not_woken(struct kunit *test)
{
	struct kworkerx_worker *worker =
		kwx_keep_worker(test, kworkerx_create_worker(0, "kwx_life"));

	kwx_expect_unwoken(test, worker);
}

static void a_thread_that_is_run_is_woken(struct kunit *test)
{
	struct kworkerx_worker *worker =
		kwx_keep_worker(test, kworkerx_run_worker(0, "kwx_life"));

	kwx_await_state(test, worker->task, TASK_IDLE);
}

static void a_queue_before_the_first_wake_wakes_the_thread(struct kunit *test)
{
	struct kworkerx_worker *worker =
		kwx_keep_worker(test, kworkerx_create_worker(0, "kwx_life"));
	struct kwx_job *job = kwx_job(test, NULL, 1);

	kwx_queue(test, worker, job);
	kwx_wait(test, &job->started);
	kwx_await_state(test, worker->task, TASK_IDLE);
}

static void a_timer_before_the_first_wake_wakes_the_thread(struct kunit *test)
{
	struct kworkerx_worker *worker =
		kwx_keep_worker(test, kworkerx_create_worker(0, "kwx_life"));
	struct kwx_job *job = kwx_job(test, NULL, 1);

	KUNIT_EXPECT_TRUE(test,
			  kworkerx_queue_delayed_work(worker, &job->dwork, 1));
	kwx_wait(test, &job->started);
}

static void a_flush_before_the_first_wake_wakes_the_thread(struct kunit *test)
{
	struct kworkerx_worker *worker =
		kwx_keep_worker(test, kworkerx_create_worker(0, "kwx_life"));

	kwx_flush(test, worker);
	kwx_await_state(test, worker->task, TASK_IDLE);
}

static void a_thread_takes_its_name_from_the_format(struct kunit *test)
{
	struct kworkerx_worker *worker;

	worker = kwx_keep_worker(test, kworkerx_create_worker(0, "kwx_%s/%d",
							      "name", 7));
	KUNIT_EXPECT_STREQ(test, worker->task->comm, "kwx_name/7");
}

static void a_name_is_formatted_once(struct kunit *test)
{
	struct kworkerx_worker *worker;

	worker = kwx_keep_worker(test, kworkerx_run_worker(0, "%s", "100%d"));
	KUNIT_EXPECT_STREQ(test, worker->task->comm, "100%d");
}

static void a_long_name_is_cut(struct kunit *test)
{
	struct kworkerx_worker *worker;

	worker = kwx_keep_worker(test, kworkerx_run_worker(0, "kwx_%s",
							   "0123456789abcdef"));
	KUNIT_EXPECT_STREQ(test, worker->task->comm, "kwx_0123456789a");
	kwx_flush(test, worker);
	KUNIT_EXPECT_STREQ(test, worker->comm, "kwx_0123456789a");
}

static void kwx_see_policy(struct kwx_job *job)
{
	job->id = current->policy;
}

static void a_policy_set_before_the_first_work_holds_for_it(struct kunit *test)
{
	struct kworkerx_worker *worker =
		kwx_keep_worker(test, kworkerx_create_worker(0, "kwx_life"));
	struct kwx_job *job = kwx_job(test, NULL, -1);

	job->action = kwx_see_policy;
	sched_set_fifo_low(worker->task);
	kwx_queue(test, worker, job);
	kwx_flush(test, worker);
	KUNIT_EXPECT_EQ(test, SCHED_FIFO, job->id);
}

/* The calls are expanded one by one: a report is printed once for each. */
static void unknown_flags_are_refused(struct kunit *test)
{
	struct kworkerx_worker *worker;
	unsigned int bit;

	kwx_misuse_begin();
	for (bit = fls(KWORKERX_LANES); bit < 32; bit++) {
		worker = kworkerx_create_worker(BIT(bit), "kwx_flags");
		KUNIT_EXPECT_EQ(test, -EINVAL, PTR_ERR_OR_ZERO(worker));
		worker = kworkerx_run_worker(BIT(bit) | KWORKERX_FREEZABLE,
					     "kwx_flags");
		KUNIT_EXPECT_EQ(test, -EINVAL, PTR_ERR_OR_ZERO(worker));
	}
	kwx_misuse_end(test, "created with flags");
}

static void a_node_that_is_not_online_is_refused(struct kunit *test)
{
	const int nodes[] = { -2, INT_MIN, MAX_NUMNODES, INT_MAX,
			      first_unset_node(node_online_map) };
	struct kworkerx_worker *worker;
	unsigned int i;

	kwx_misuse_begin();
	for (i = 0; i < ARRAY_SIZE(nodes); i++) {
		worker = kworkerx_create_worker_on_node(0, nodes[i], "kwx");
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL, PTR_ERR_OR_ZERO(worker),
				    "node %d", nodes[i]);
	}
	kwx_misuse_end(test, "which is not online");
}

/*
 * Workers without a thread, and threads that come and go
 */

static void a_worker_without_a_thread_collects_works(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bare_worker(test);
	struct kwx_log *log = kwx_log(test);
	int id;

	for (id = 1; id <= 4; id++)
		kwx_queue(test, worker, kwx_job(test, log, id));
	KUNIT_EXPECT_NULL(test, worker->task);
	KUNIT_EXPECT_EQ(test, 0, log->nr);

	kwx_begin(test, worker, "kwx_own");
	kwx_flush(test, worker);
	kwx_expect_log(test, log, 1, 2, 3, 4);
}

static void an_attached_thread_is_the_workers_task(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bare_worker(test);
	struct kwx_thread *thread = kwx_begin(test, worker, "kwx_own");

	kwx_flush(test, worker);
	KUNIT_EXPECT_PTR_EQ(test, thread->task, READ_ONCE(worker->task));
	KUNIT_EXPECT_STREQ(test, "kwx_own", worker->comm);
	kwx_stop(test, thread, 0);
	KUNIT_EXPECT_NULL(test, READ_ONCE(worker->task));
}

/* Stops @thread while @job runs, so that it finds works behind it. */
static void kwx_stop_during(struct kunit *test, struct kwx_thread *thread,
			    struct kwx_job *job)
{
	struct kwx_call *stop = kwx_call(test, kwx_stop_fn, thread);

	kwx_call_blocks(test, stop);
	kwx_release(job);
	kwx_call_returns(test, stop);
	KUNIT_EXPECT_EQ(test, 0, thread->result);
}

static void a_stopped_thread_leaves_works_to_the_next(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bare_worker(test);
	struct kwx_thread *first = kwx_begin(test, worker, "kwx_first");
	struct kwx_log *log = kwx_log(test);
	struct kwx_job *job = kwx_held_job(test, log, 1);

	kwx_hold(test, worker, job);
	kwx_queue(test, worker, kwx_job(test, log, 2));
	kwx_queue(test, worker, kwx_job(test, log, 3));
	kwx_stop_during(test, first, job);
	kwx_expect_log(test, log, 1);
	KUNIT_EXPECT_NULL(test, READ_ONCE(worker->task));

	kwx_begin(test, worker, "kwx_second");
	kwx_queue(test, worker, kwx_job(test, log, 4));
	kwx_flush(test, worker);
	kwx_expect_log(test, log, 1, 2, 3, 4);
	KUNIT_EXPECT_STREQ(test, "kwx_second", worker->comm);
}

static void kwx_see_thread(struct kwx_job *job)
{
	job->data = current;
}

static void a_second_thread_is_turned_away(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bare_worker(test);
	struct kwx_thread *first = kwx_begin(test, worker, "kwx_first");
	struct kwx_thread *second;
	struct kwx_job *job = kwx_job(test, NULL, 1);

	job->action = kwx_see_thread;
	kwx_flush(test, worker);
	kwx_misuse_begin();
	second = kwx_begin(test, worker, "kwx_second");
	kwx_await_state(test, second->task, TASK_IDLE);
	kwx_misuse_end(test, "attached to worker");

	KUNIT_EXPECT_PTR_EQ(test, first->task, READ_ONCE(worker->task));
	kwx_queue(test, worker, job);
	kwx_flush(test, worker);
	KUNIT_EXPECT_PTR_EQ(test, (void *)first->task, job->data);

	kwx_stop(test, second, -EBUSY);
	kwx_queue(test, worker, job);
	kwx_flush(test, worker);
	KUNIT_EXPECT_EQ(test, 2, kwx_runs(job));
}

static void a_flusher_of_what_runs_outlives_the_thread(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bare_worker(test);
	struct kwx_thread *thread = kwx_begin(test, worker, "kwx_own");
	struct kwx_job *job = kwx_held_job(test, NULL, 1);
	struct kwx_job *next = kwx_job(test, NULL, 2);
	struct kwx_call *flush;

	kwx_hold(test, worker, job);
	kwx_queue(test, worker, next);
	flush = kwx_call(test, kwx_flush_work_fn, KWX_WORK(job));
	kwx_call_blocks(test, flush);
	kwx_stop_during(test, thread, job);
	kwx_call_returns(test, flush);
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(next));
}

static void a_flusher_of_what_is_queued_waits_for_the_next(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bare_worker(test);
	struct kwx_thread *first = kwx_begin(test, worker, "kwx_first");
	struct kwx_job *job = kwx_held_job(test, NULL, 1);
	struct kwx_job *next = kwx_job(test, NULL, 2);
	struct kwx_call *flush;

	kwx_hold(test, worker, job);
	kwx_queue(test, worker, next);
	flush = kwx_call(test, kwx_flush_work_fn, KWX_WORK(next));
	kwx_call_blocks(test, flush);
	kwx_stop_during(test, first, job);
	kwx_call_blocks(test, flush);

	kwx_begin(test, worker, "kwx_second");
	kwx_call_returns(test, flush);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(next));
}

/*
 * Destruction
 */

static void a_worker_that_never_ran_can_be_destroyed(struct kunit *test)
{
	kwx_destroyed(test, kwx_created(test));
}

static void destruction_runs_what_is_queued(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_created(test);
	struct kwx_log *log = kwx_log(test);
	struct kwx_job *job = kwx_held_job(test, log, 1);
	struct kwx_call *destroy;
	int id;

	kwx_hold(test, worker, job);
	for (id = 2; id <= 5; id++)
		kwx_queue(test, worker, kwx_job(test, log, id));
	destroy = kwx_call(test, kwx_destroy_worker_fn, worker);
	kwx_call_blocks(test, destroy);
	kwx_release(job);
	kwx_call_returns(test, destroy);
	kwx_expect_log(test, log, 1, 2, 3, 4, 5);
}

static void the_destruction_of_no_worker_is_reported(struct kunit *test)
{
	kwx_misuse_begin();
	kworkerx_destroy_worker(NULL);
	kworkerx_destroy_worker(ERR_PTR(-ENOMEM));
	kwx_misuse_end(test, "destroy of worker");
}

static void the_destruction_of_an_embedded_worker_is_refused(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bare_worker(test);
	struct kwx_job *job;

	kwx_begin(test, worker, "kwx_own");
	job = kwx_job(test, NULL, 1);
	kwx_misuse_begin();
	kworkerx_destroy_worker(worker);
	kwx_misuse_end(test, "destroyed already");
	kwx_queue(test, worker, job);
	kwx_flush(test, worker);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

/* A worker that destroys itself could not end; the second call is too late. */
static void a_second_destruction_returns_at_once(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_created(test);
	struct kwx_job *job = kwx_held_job(test, NULL, 1);
	struct kwx_call *destroy;

	kwx_hold(test, worker, job);
	destroy = kwx_call(test, kwx_destroy_worker_fn, worker);
	kwx_call_blocks(test, destroy);
	kwx_misuse_begin();
	kwx_destroyed(test, worker);
	kwx_misuse_end(test, "destroyed already");
	kwx_call_blocks(test, destroy);
	kwx_release(job);
	kwx_call_returns(test, destroy);

	kwx_misuse_begin();
	kwx_destroyed(test, worker);
	kwx_misuse_end(test, "destroyed already");
}

static void kwx_destroy_from_job(struct kwx_job *job)
{
	kworkerx_destroy_worker(job->worker);
}

static void a_work_cannot_destroy_its_own_worker(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kwx_job *job = kwx_job(test, NULL, 1);
	struct kwx_job *next = kwx_job(test, NULL, 2);

	job->worker = worker;
	job->action = kwx_destroy_from_job;
	kwx_misuse_begin();
	kwx_queue(test, worker, job);
	kwx_flush(test, worker);
	kwx_misuse_end(test, "kworkerx: destroy of worker");
	kwx_queue(test, worker, next);
	kwx_wait(test, &next->started);
}

static void a_work_can_destroy_another_worker(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kworkerx_worker *other = kwx_created(test);
	struct kwx_job *job = kwx_job(test, NULL, 1);
	struct kwx_job *last = kwx_job(test, NULL, 2);

	job->worker = other;
	job->action = kwx_destroy_from_job;
	kwx_queue(test, other, last);
	kwx_queue(test, worker, job);
	kwx_flush(test, worker);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(last));
}

/* Everything that queues is refused while @worker is being destroyed. */
static void kwx_expect_refusals(struct kunit *test,
				struct kworkerx_worker *worker,
				struct kwx_job *job)
{
	kwx_misuse_begin();
	KUNIT_EXPECT_FALSE(test, kworkerx_queue_work(worker, KWX_WORK(job)));
	KUNIT_EXPECT_FALSE(test,
			   kworkerx_queue_delayed_work(worker, &job->dwork, 0));
	KUNIT_EXPECT_FALSE(test,
			   kworkerx_queue_delayed_work(worker, &job->dwork, 1));
	/* Nothing was added: who counts references has none to take. */
	KUNIT_EXPECT_TRUE(test,
			  kworkerx_mod_delayed_work(worker, &job->dwork, 0));
	KUNIT_EXPECT_TRUE(test,
			  kworkerx_mod_delayed_work(worker, &job->dwork, 1));
	kwx_misuse_end(test, "which is being destroyed");
}

static void a_worker_being_destroyed_refuses_works(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_created(test);
	struct kworkerx_worker *other = kwx_worker(test);
	struct kwx_log *log = kwx_log(test);
	struct kwx_job *job = kwx_held_job(test, log, 1);
	struct kwx_job *late = kwx_job(test, log, 3);
	struct kwx_call *destroy;

	kwx_hold(test, worker, job);
	kwx_queue(test, worker, kwx_job(test, log, 2));
	destroy = kwx_call(test, kwx_destroy_worker_fn, worker);
	kwx_call_blocks(test, destroy);
	kwx_expect_refusals(test, worker, late);
	kwx_release(job);
	kwx_call_returns(test, destroy);
	kwx_expect_log(test, log, 1, 2);

	kwx_queue(test, other, late);
	kwx_wait(test, &late->started);
}

/* An allocator promises no more, and no more is worth having. */
static void a_worker_can_be_embedded_anywhere(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, __alignof__(unsigned long),
			__alignof__(struct kworkerx_worker));
	if (IS_ENABLED(CONFIG_64BIT) && !IS_ENABLED(CONFIG_LOCKDEP) &&
	    !IS_ENABLED(CONFIG_DEBUG_SPINLOCK))
		KUNIT_EXPECT_LE(test, sizeof(struct kworkerx_worker), (size_t)192);
	/* Producers and the thread do not write to one cache line. */
	KUNIT_EXPECT_GE(test, offsetof(struct kworkerx_worker, lock),
			offsetof(struct kworkerx_worker, tail) + 64);
}

static void a_destroyed_worker_refuses_works(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_created(test);
	struct kwx_job *job = kwx_job(test, NULL, 1);

	kwx_destroyed(test, worker);
	kwx_expect_refusals(test, worker, job);
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
}

static void a_flush_of_a_destroyed_worker_is_reported(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_created(test);

	kwx_destroyed(test, worker);
	kwx_misuse_begin();
	kwx_flush(test, worker);
	kwx_misuse_end(test, "kworkerx: flush of worker");
}

static void works_of_a_destroyed_worker_are_idle(struct kunit *test)
{
	struct kworkerx_worker *other = kwx_worker(test);
	struct kworkerx_worker *worker = kwx_created(test);
	struct kwx_job *job = kwx_job(test, NULL, 1);

	kwx_queue(test, worker, job);
	kwx_destroyed(test, worker);
	kwx_call_returns(test, kwx_call(test, kwx_flush_work_fn,
					KWX_WORK(job)));
	KUNIT_EXPECT_FALSE(test, kworkerx_cancel_work_sync(KWX_WORK(job)));
	KUNIT_EXPECT_FALSE(test,
			   kworkerx_cancel_delayed_work_sync(&job->dwork));
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
	KUNIT_EXPECT_PTR_EQ(test, worker, KWX_WORK(job)->worker);

	kwx_queue(test, other, job);
	kwx_flush(test, other);
	KUNIT_EXPECT_EQ(test, 2, kwx_runs(job));
	KUNIT_EXPECT_PTR_EQ(test, other, KWX_WORK(job)->worker);
}

/* The structure of a worker is used again: its old works are not the new's. */
static void a_new_worker_knows_nothing_of_the_last(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_created(test);
	struct kwx_job *job = kwx_job(test, NULL, 1);
	struct kwx_job *busy;

	kwx_queue(test, worker, job);
	kwx_destroyed(test, worker);
	worker = kwx_worker(test);
	busy = kwx_held_job(test, NULL, 2);
	KUNIT_EXPECT_EQ(test, 0, worker->flags);
	KUNIT_EXPECT_STREQ(test, "kwx_test", worker->comm);
	kwx_hold(test, worker, busy);
	kwx_call_returns(test, kwx_call(test, kwx_flush_work_fn,
					KWX_WORK(job)));
	KUNIT_EXPECT_FALSE(test, kworkerx_cancel_work_sync(KWX_WORK(job)));
	kwx_release(busy);
}

/* Stops the thread of a created worker, which is not for its owner to do. */
static void kwx_stop_bare(void *worker)
{
	kthread_stop(((struct kworkerx_worker *)worker)->task);
}

/* A thread that was stopped by others has run all that was queued by then. */
static void destruction_takes_back_what_a_bare_stop_left(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_created(test);
	struct kworkerx_worker *other = kwx_worker(test);
	struct kwx_log *log = kwx_log(test);
	struct kwx_job *job = kwx_held_job(test, log, 1);
	struct kwx_job *early = kwx_job(test, log, 2);
	struct kwx_job *left = kwx_job(test, log, 3);
	struct kwx_call *flush, *stop;

	kwx_hold(test, worker, job);
	kwx_queue(test, worker, early);
	stop = kwx_call(test, kwx_stop_bare, worker);
	kwx_call_blocks(test, stop);
	kwx_release(job);
	kwx_call_returns(test, stop);
	kwx_expect_log(test, log, 1, 2);
	kwx_queue(test, worker, left);
	flush = kwx_call(test, kwx_flush_worker_fn, worker);
	kwx_call_blocks(test, flush);

	kwx_misuse_begin();
	kwx_destroyed(test, worker);
	kwx_misuse_end(test, "destroyed after its thread was stopped");
	kwx_call_returns(test, flush);
	kwx_expect_log(test, log, 1, 2);
	kwx_queue(test, other, left);
	kwx_flush(test, other);
	kwx_expect_log(test, log, 1, 2, 3);
}

/*
 * Many
 */

static void many_workers_come_and_go(struct kunit *test)
{
	struct kwx_job *job = kwx_job(test, NULL, 1);
	struct kworkerx_worker *worker;
	int i;

	for (i = 0; i < 200; i++) {
		worker = kworkerx_create_worker(0, "kwx_%d", i);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, worker);
		KUNIT_EXPECT_TRUE(test, kworkerx_queue_work(worker,
							    KWX_WORK(job)));
		kworkerx_destroy_worker(worker);
		KUNIT_ASSERT_EQ(test, i + 1, kwx_runs(job));
	}
}

static void many_workers_live_side_by_side(struct kunit *test)
{
	struct kworkerx_worker *workers[50];
	struct kwx_job *jobs[50];
	char name[TASK_COMM_LEN];
	int i;

	for (i = 0; i < ARRAY_SIZE(workers); i++) {
		workers[i] = kwx_keep_worker(test,
					     kworkerx_run_worker(0, "kwx_%d", i));
		jobs[i] = kwx_held_job(test, NULL, i);
		kwx_hold(test, workers[i], jobs[i]);
	}
	for (i = 0; i < ARRAY_SIZE(workers); i++) {
		snprintf(name, sizeof(name), "kwx_%d", i);
		KUNIT_EXPECT_STREQ(test, name, workers[i]->task->comm);
		KUNIT_EXPECT_EQ(test, 1, kwx_runs(jobs[i]));
		kwx_release(jobs[i]);
		kwx_flush(test, workers[i]);
		kwx_destroy_worker(test, workers[i]);
	}
}

/* What one thread did; every thread has its own. */
struct kwx_cycles {
	unsigned int	failed;
	atomic_t	ran;
	struct completion done;
	struct kworkerx_work work;
};

static void kwx_cycle_work_fn(struct kworkerx_work *work)
{
	struct kwx_cycles *cycles =
		container_of(work, struct kwx_cycles, work);

	atomic_inc(&cycles->ran);
	complete(&cycles->done);
}

static struct kwx_cycles *kwx_cycles(struct kunit *test, unsigned int nr)
{
	struct kwx_cycles *cycles;

	cycles = kunit_kcalloc(test, nr, sizeof(*cycles), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cycles);
	while (nr--) {
		init_completion(&cycles[nr].done);
		kworkerx_init_work(&cycles[nr].work, kwx_cycle_work_fn);
	}
	return cycles;
}

static void kwx_expect_cycles(struct kunit *test, struct kwx_cycles *cycles,
			      unsigned int nr, int each)
{
	while (nr--) {
		KUNIT_EXPECT_EQ(test, 0, cycles[nr].failed);
		KUNIT_EXPECT_EQ(test, each, atomic_read(&cycles[nr].ran));
	}
}

KUNIT_ARRAY_PARAM(kwx_threads, kwx_threads, kwx_threads_desc);

static void kwx_create_and_destroy(void *data)
{
	struct kwx_cycles *cycles = data;
	struct kworkerx_worker *worker;
	unsigned int i;

	for (i = 0; i < 20; i++) {
		worker = kworkerx_create_worker(0, "kwx_cycle");
		if (IS_ERR(worker)) {
			cycles->failed++;
			continue;
		}
		if (!kworkerx_queue_work(worker, &cycles->work))
			cycles->failed++;
		kworkerx_destroy_worker(worker);
	}
}

static void threads_create_workers_side_by_side(struct kunit *test)
{
	unsigned int nr = kwx_nr_threads(test);
	struct kwx_cycles *cycles = kwx_cycles(test, nr);

	kwx_calls(test, kwx_create_and_destroy, cycles, sizeof(*cycles), nr);
	kwx_expect_cycles(test, cycles, nr, 20);
}

/*
 * The last touch: the work that a producer has queued lets another thread end
 * the worker while the producer may still be in its call.
 */
struct kwx_ending {
	struct kwx_cycles		*cycles;
	struct kworkerx_worker		*worker;
	struct task_struct		*task;	/* of an embedded worker */
	struct completion		begin;
	struct completion		queued;
	bool				stop;
};

static void kwx_ending_producer(void *data)
{
	struct kwx_ending *ending = data;

	for (;;) {
		wait_for_completion(&ending->begin);
		if (ending->stop)
			return;
		if (!kworkerx_queue_work(ending->worker,
					 &ending->cycles->work))
			ending->cycles->failed++;
		complete(&ending->queued);
	}
}

/* Ends the worker as soon as the work has run, then waits for the producer. */
static void kwx_end_by(struct kwx_ending *ending,
		       void (*end)(struct kwx_ending *ending))
{
	complete(&ending->begin);
	if (!wait_for_completion_timeout(&ending->cycles->done, KWX_TIMEOUT))
		ending->cycles->failed++;
	end(ending);
	wait_for_completion(&ending->queued);
}

static void kwx_end_created(struct kwx_ending *ending)
{
	kworkerx_destroy_worker(ending->worker);
}

static void kwx_end_embedded(struct kwx_ending *ending)
{
	kthread_stop(ending->task);
	kfree(ending->worker);
}

static void kwx_cycle_created(struct kwx_ending *ending)
{
	ending->worker = kworkerx_run_worker(0, "kwx_brief");
	if (IS_ERR(ending->worker))
		ending->cycles->failed++;
	else
		kwx_end_by(ending, kwx_end_created);
}

static void kwx_cycle_embedded(struct kwx_ending *ending)
{
	struct kworkerx_worker *worker = kmalloc(sizeof(*worker), GFP_KERNEL);

	if (!worker) {
		ending->cycles->failed++;
		return;
	}
	kworkerx_init_worker(worker);
	ending->worker = worker;
	ending->task = kthread_run(kworkerx_worker_fn, worker, "kwx_brief");
	if (!IS_ERR(ending->task)) {
		kwx_end_by(ending, kwx_end_embedded);
		return;
	}
	ending->cycles->failed++;
	kfree(worker);
}

static struct kwx_ending *kwx_ending(struct kunit *test,
				     struct kwx_cycles *cycles)
{
	struct kwx_ending *ending;

	ending = kunit_kzalloc(test, sizeof(*ending), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ending);
	ending->cycles = cycles;
	init_completion(&ending->begin);
	init_completion(&ending->queued);
	kwx_call(test, kwx_ending_producer, ending);
	return ending;
}

#define KWX_ENDINGS	20

static void kwx_end_many(void *data)
{
	struct kwx_ending *ending = *(struct kwx_ending **)data;
	unsigned int i;

	for (i = 0; i < KWX_ENDINGS; i++) {
		/* The worker of the last time is gone, but the work names it. */
		kworkerx_init_work(&ending->cycles->work, kwx_cycle_work_fn);
		if (i % 2)
			kwx_cycle_created(ending);
		else
			kwx_cycle_embedded(ending);
	}
	ending->stop = true;
	complete(&ending->begin);
}

static void a_worker_may_end_under_its_last_producer(struct kunit *test)
{
	unsigned int i, nr = kwx_nr_threads(test);
	struct kwx_cycles *cycles = kwx_cycles(test, nr);
	struct kwx_ending **endings;

	endings = kunit_kcalloc(test, nr, sizeof(*endings), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, endings);
	for (i = 0; i < nr; i++)
		endings[i] = kwx_ending(test, &cycles[i]);
	kwx_calls(test, kwx_end_many, endings, sizeof(*endings), nr);
	kwx_expect_cycles(test, cycles, nr, KWX_ENDINGS);
}

static struct kunit_case kwx_lifecycle_cases[] = {
	KUNIT_CASE(both_initialisers_of_a_work_agree),
	KUNIT_CASE(both_initialisers_of_a_delayed_work_agree),
	KUNIT_CASE(both_initialisers_of_a_worker_agree),
	KUNIT_CASE(a_work_takes_no_more_than_five_words),
	KUNIT_CASE(what_is_defined_statically_works),
	KUNIT_CASE(a_created_thread_is_not_woken),
	KUNIT_CASE(a_thread_that_is_run_is_woken),
	KUNIT_CASE(a_queue_before_the_first_wake_wakes_the_thread),
	KUNIT_CASE(a_timer_before_the_first_wake_wakes_the_thread),
	KUNIT_CASE(a_flush_before_the_first_wake_wakes_the_thread),
	KUNIT_CASE(a_thread_takes_its_name_from_the_format),
	KUNIT_CASE(a_name_is_formatted_once),
	KUNIT_CASE(a_long_name_is_cut),
	KUNIT_CASE(a_policy_set_before_the_first_work_holds_for_it),
	KUNIT_CASE(unknown_flags_are_refused),
	KUNIT_CASE(a_node_that_is_not_online_is_refused),
	KUNIT_CASE(a_worker_without_a_thread_collects_works),
	KUNIT_CASE(an_attached_thread_is_the_workers_task),
	KUNIT_CASE(a_stopped_thread_leaves_works_to_the_next),
	KUNIT_CASE(a_second_thread_is_turned_away),
	KUNIT_CASE(a_flusher_of_what_runs_outlives_the_thread),
	KUNIT_CASE(a_flusher_of_what_is_queued_waits_for_the_next),
	KUNIT_CASE(a_worker_that_never_ran_can_be_destroyed),
	KUNIT_CASE(destruction_runs_what_is_queued),
	KUNIT_CASE(the_destruction_of_no_worker_is_reported),
	KUNIT_CASE(the_destruction_of_an_embedded_worker_is_refused),
	KUNIT_CASE(a_second_destruction_returns_at_once),
	KUNIT_CASE(a_work_cannot_destroy_its_own_worker),
	KUNIT_CASE(a_work_can_destroy_another_worker),
	KUNIT_CASE(a_worker_being_destroyed_refuses_works),
	KUNIT_CASE(a_worker_can_be_embedded_anywhere),
	KUNIT_CASE(a_destroyed_worker_refuses_works),
	KUNIT_CASE(a_flush_of_a_destroyed_worker_is_reported),
	KUNIT_CASE(works_of_a_destroyed_worker_are_idle),
	KUNIT_CASE(a_new_worker_knows_nothing_of_the_last),
	KUNIT_CASE(destruction_takes_back_what_a_bare_stop_left),
	KUNIT_CASE_SLOW(many_workers_come_and_go),
	KUNIT_CASE_SLOW(many_workers_live_side_by_side),
	KUNIT_CASE_PARAM(threads_create_workers_side_by_side,
			 kwx_threads_gen_params),
	KUNIT_CASE_PARAM(a_worker_may_end_under_its_last_producer,
			 kwx_threads_gen_params),
	{}
};

static struct kunit_suite kwx_lifecycle_suite = {
	.name = "kworkerx_lifecycle",
	.test_cases = kwx_lifecycle_cases,
};

kunit_test_suite(kwx_lifecycle_suite);
