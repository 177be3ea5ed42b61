// SPDX-License-Identifier: GPL-2.0-only
/*
 * Windows of a few instructions, in the queue and where its thread goes to
 * sleep.  There is no trace event there: somebody is held by a breakpoint on a
 * word that he has just written to, or has looked at.
 */
#include <linux/cpumask.h>
#include <linux/irq_work.h>
#include <linux/rtmutex.h>

#include "common.h"
#include "../kworkerx_more.h"

/* The first CPU is for who is held, the next for who meets him. */
static int kwx_window_queue_init(struct kunit *test)
{
	int err = kwx_window_init(test);

	if (err)
		return err;
	kwx_go_to(current, 3);
	kwx_go_to(kwx_bed_worker(test)->task, 3);
	return 0;
}

/* What follows is for a worker that has two lanes. */
static void kwx_widen(struct kunit *test)
{
	kwx_bed_change(test, kwx_keep_worker(test,
					     kworkerx_run_worker(KWORKERX_LANES,
								 "kwx_lanes")));
	kwx_go_to(kwx_bed_worker(test)->task, 3);
}

/* What a side may do with a job. */
#define KWX_DO(name, call)						\
static int kwx_do_##name(void *data)					\
{									\
	struct kwx_job *job = data;					\
									\
	return call;							\
}

KWX_DO(queue, kworkerx_queue_work(job->worker, KWX_WORK(job)))
KWX_DO(cancel, kworkerx_cancel_work_sync(KWX_WORK(job)))
KWX_DO(flush, kworkerx_flush_work(KWX_WORK(job)))

/*
 * A thread that finds nothing to do is held on its way to sleep
 */

static const struct kwx_stop {
	const char	*name;
	size_t		word;
	bool		lanes;	/* it has two, and the work is urgent */
	bool		more;	/* the word is there */
} kwx_stops[] = {
	{ "sleeper", offsetof(struct kworkerx_worker, sleeper) },
	{ "queue", offsetof(struct kworkerx_worker, queue.next) },
	{ "tail", offsetof(struct kworkerx_worker, tail) },
	{ "sleeper, urgent", offsetof(struct kworkerx_worker, sleeper), true },
	{ "tail, urgent", offsetof(struct kworkerx_worker, tail), true },
	{ "urgent tail", offsetof(struct kworkerx_more, urgent.tail), true, true },
};

static void kwx_stop_desc(const struct kwx_stop *stop, char *desc)
{
	strscpy(desc, stop->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kwx_stops, kwx_stops, kwx_stop_desc);

static void a_work_reaches_a_thread_that_falls_asleep_at(struct kunit *test)
{
	const struct kwx_stop *stop = test->param_value;
	struct kworkerx_worker *worker;
	struct kwx_window *window;
	struct kwx_job *job;
	void *from;

	if (stop->lanes)
		kwx_widen(test);
	worker = kwx_bed_worker(test);
	job = kwx_job(test, NULL, 1);
	kworkerx_set_work_urgent(KWX_WORK(job), stop->lanes);
	kwx_go_to(worker->task, 0);
	kwx_await_state(test, worker->task, TASK_IDLE);
	from = stop->more ? (void *)worker->more : worker;
	window = kwx_watch(test, &kwx_at_access, from + stop->word, worker->task);
	wake_up_process(worker->task);
	KUNIT_ASSERT_TRUE(test, kwx_caught(window));
	kwx_queue(test, worker, job);
	kwx_let_go(test, window, NULL);
	kwx_wait(test, &job->started);
}

/*
 * A producer is held as it puts a work into the queue
 */

struct kwx_link {
	struct kwx_job		*job;
	struct kwx_side		*producer;
	struct kwx_window	*window;
};

/* It is to be held when it has written to @word. */
static struct kwx_link *kwx_link(struct kunit *test,
				 struct kworkerx_worker *worker,
				 struct kwx_job *job, void *word)
{
	struct kwx_link *link = kunit_kzalloc(test, sizeof(*link), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, link);
	job->worker = worker;
	link->job = job;
	link->producer = kwx_side(test, 0, kwx_do_queue, job);
	link->window = kwx_watch(test, &kwx_at_write, word,
				 link->producer->call->task);
	return link;
}

/* Behind the exchange of the tail, and before the link. */
static struct kwx_link *kwx_half_linked(struct kunit *test, struct kwx_job *job)
{
	return kwx_link(test, kwx_bed_worker(test), job,
			&KWX_WORK(job)->node.prev);
}

static void kwx_link_begins(struct kunit *test, struct kwx_link *link)
{
	kwx_begin_side(test, link->producer);
	KUNIT_ASSERT_TRUE(test, kwx_caught(link->window));
}

static void kwx_link_ends(struct kunit *test, struct kwx_link *link)
{
	kwx_let_go(test, link->window, link->producer);
	KUNIT_EXPECT_TRUE(test, link->producer->ret);
}

static void kwx_meet_link(struct kunit *test, struct kwx_link *link,
			  struct kwx_side *other)
{
	kwx_link_begins(test, link);
	kwx_meanwhile(test, other, KWX_SPINS);
	kwx_link_ends(test, link);
}

static void a_half_linked_work_keeps_its_place(struct kunit *test)
{
	struct kwx_job *job = kwx_bed_job(test, 1);
	struct kwx_link *link = kwx_half_linked(test, job);

	kwx_link_begins(test, link);
	KUNIT_EXPECT_FALSE(test, kworkerx_queue_work(kwx_bed_worker(test),
						     KWX_WORK(job)));
	kwx_queued(test, 2);
	KUNIT_EXPECT_EQ(test, 0, kwx_bed_log(test)->nr);
	kwx_link_ends(test, link);
	kwx_flush(test, kwx_bed_worker(test));
	kwx_expect_log(test, kwx_bed_log(test), 1, 2);
}

/* One that is queued behind it is not overtaken by what is not urgent. */
static void a_half_linked_work_keeps_its_lane(struct kunit *test)
{
	struct kwx_job *busy, *job, *next;
	struct kwx_link *link;

	kwx_widen(test);
	busy = kwx_running(test, 1);
	job = kwx_bed_job(test, 2);
	next = kwx_bed_job(test, 3);
	kworkerx_set_work_urgent(KWX_WORK(job), true);
	kworkerx_set_work_urgent(KWX_WORK(next), true);
	link = kwx_half_linked(test, job);
	/* The thread will spin with interrupts off: not where the test is. */
	if (num_online_cpus() < 3)
		kunit_skip(test, "needs 3 CPUs");
	kwx_go_to(kwx_bed_worker(test)->task, 1);
	kwx_go_to(current, 2);
	kwx_link_begins(test, link);
	kwx_queue(test, kwx_bed_worker(test), next);
	kwx_queued(test, 4);
	kwx_release(busy);
	/* Time to run it if it were wrong. */
	usleep_range(20000, 21000);
	KUNIT_EXPECT_EQ(test, 1, kwx_bed_log(test)->nr);
	kwx_link_ends(test, link);
	kwx_flush(test, kwx_bed_worker(test));
	kwx_expect_log(test, kwx_bed_log(test), 1, 2, 3, 4);
}

static void a_flush_waits_for_a_half_linked_work(struct kunit *test)
{
	struct kwx_job *busy = kwx_running(test, 1);
	struct kwx_job *job = kwx_bed_job(test, 2);
	struct kwx_link *link = kwx_half_linked(test, job);
	struct kwx_side *flush = kwx_side(test, 1, kwx_do_flush, job);

	kwx_meet_link(test, link, flush);
	kwx_call_blocks(test, flush->call);
	kwx_release(busy);
	kwx_call_returns(test, flush->call);
	KUNIT_EXPECT_TRUE(test, flush->ret);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

static void a_cancel_finds_a_half_linked_work(struct kunit *test)
{
	struct kwx_job *busy = kwx_running(test, 1);
	struct kwx_job *job = kwx_bed_job(test, 2);
	struct kwx_link *link = kwx_half_linked(test, job);
	struct kwx_side *cancel = kwx_side(test, 1, kwx_do_cancel, job);

	kwx_meet_link(test, link, cancel);
	kwx_call_returns(test, cancel->call);
	KUNIT_EXPECT_TRUE(test, cancel->ret);
	kwx_release(busy);
	kwx_flush(test, kwx_bed_worker(test));
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
}

/* The last work is taken away while a producer appends to it. */
static void a_cancelled_work_does_not_take_the_next_along(struct kunit *test)
{
	struct kwx_job *busy = kwx_running(test, 1);
	struct kwx_job *last = kwx_queued(test, 2);
	struct kwx_link *link = kwx_half_linked(test, kwx_bed_job(test, 3));
	struct kwx_side *cancel = kwx_side(test, 1, kwx_do_cancel, last);

	kwx_meet_link(test, link, cancel);
	kwx_call_returns(test, cancel->call);
	KUNIT_EXPECT_TRUE(test, cancel->ret);
	kwx_release(busy);
	kwx_flush(test, kwx_bed_worker(test));
	kwx_expect_log(test, kwx_bed_log(test), 1, 3);
}

/* Taken off the queue, not started yet: neither pending nor running. */
static void a_cancel_finds_a_work_that_is_about_to_start(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bed_worker(test);
	struct kwx_job *job = kwx_held_job(test, NULL, 1);
	struct kwx_side *cancel = kwx_side(test, 1, kwx_do_cancel, job);
	struct kwx_window *window;

	kwx_go_to(worker->task, 0);
	window = kwx_watch(test, &kwx_at_write, &worker->current_work,
			   worker->task);
	kwx_queue(test, worker, job);
	KUNIT_ASSERT_TRUE(test, kwx_caught(window));
	kwx_meanwhile(test, cancel, KWX_SPINS);
	kwx_let_go(test, window, NULL);
	kwx_call_blocks(test, cancel->call);
	kwx_release(job);
	kwx_call_returns(test, cancel->call);
	KUNIT_EXPECT_FALSE(test, cancel->ret);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

/*
 * A work moves from one worker to another while somebody who looks for it waits
 * for the lock of the first: he finds it on the second.
 */

static const struct kwx_seek {
	const char	*name;
	int (*fn)(void *job);
	int		runs;
} kwx_seeks[] = {
	{ "cancel", kwx_do_cancel, 0 },
	{ "flush", kwx_do_flush, 1 },
};

static void kwx_seek_desc(const struct kwx_seek *seek, char *desc)
{
	strscpy(desc, seek->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kwx_seeks, kwx_seeks, kwx_seek_desc);

/* With interrupts off; it does not come to its end before they are on again. */
static void kwx_begin_spinning(struct kwx_side *side)
{
	u64 late = 0, begun = 0;

	complete(&side->begin);
	while (!completion_done(&side->begun) && kwx_spin(&late, 1000))
		;
	while (kwx_spin(&begun, 5))
		;
}

static void a_work_that_moves_is_found_where_it_is_by(struct kunit *test)
{
	const struct kwx_seek *seek = test->param_value;
	struct kworkerx_worker *first = kwx_worker(test);
	struct kwx_job *busy = kwx_running(test, 1);
	struct kwx_job *job = kwx_job(test, NULL, 2);
	struct kwx_side *mover = kwx_side(test, 0, kwx_do_queue, job);
	struct kwx_side *seeker = kwx_side(test, 1, seek->fn, job);
	unsigned long flags;

	kwx_queue(test, first, job);
	kwx_flush(test, first);
	job->worker = kwx_bed_worker(test);

	raw_spin_lock_irqsave(&first->lock, flags);
	kwx_begin_spinning(mover);
	kwx_begin_spinning(seeker);
	raw_spin_unlock_irqrestore(&first->lock, flags);
	kwx_call_returns(test, mover->call);
	KUNIT_EXPECT_TRUE(test, mover->ret);
	if (seek->runs)
		kwx_call_blocks(test, seeker->call);
	else
		kwx_call_returns(test, seeker->call);
	kwx_release(busy);
	kwx_call_returns(test, seeker->call);
	KUNIT_EXPECT_TRUE(test, seeker->ret);
	KUNIT_EXPECT_EQ(test, 1 + seek->runs, kwx_runs(job));
}

/*
 * A producer is held behind the link of its work: that is the last that it does
 * to the queue, but not to the worker
 */

/* Returns with the producer held, and its work run. */
static struct kwx_link *kwx_part(struct kunit *test,
				 struct kworkerx_worker *worker)
{
	struct kwx_link *link = kwx_link(test, worker, kwx_job(test, NULL, 1),
					 &worker->queue.next);

	kwx_go_to(worker->task, 3);
	kwx_await_state(test, worker->task, TASK_IDLE);
	kwx_link_begins(test, link);
	/* The producer has not come to that. */
	wake_up_process(worker->task);
	kwx_wait(test, &link->job->started);
	return link;
}

static int kwx_do_detach(void *worker)
{
	kwx_detach_fn(worker);
	return 0;
}

static void a_thread_waits_for_the_last_producer(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bare_worker(test);
	struct kwx_side *detach = kwx_side(test, 1, kwx_do_detach, worker);
	struct kwx_link *link;

	kwx_attach(test, worker);
	kwx_flush(test, worker);
	link = kwx_part(test, worker);
	kwx_meanwhile(test, detach, KWX_SPINS);
	kwx_link_ends(test, link);
	kwx_call_returns(test, detach->call);
}

/* Where nobody can be held the test ends before it has. */
static void kwx_destroy_part(struct kunit_resource *res)
{
	struct kworkerx_worker **worker = res->data;

	if (!IS_ERR_OR_NULL(*worker))
		kworkerx_destroy_worker(*worker);
	*worker = NULL;
}

/* Here the worker is what the producer still finds: see KASAN. */
static void a_created_worker_outlives_its_last_producer(struct kunit *test)
{
	struct kworkerx_worker **worker = kunit_kzalloc(test, sizeof(*worker),
							GFP_KERNEL);
	struct kwx_link *link;

	KUNIT_ASSERT_NOT_NULL(test, worker);
	*worker = kworkerx_run_worker(0, "kwx_part");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, *worker);
	kwx_own(test, kwx_destroy_part, worker);
	link = kwx_part(test, *worker);
	kworkerx_destroy_worker(*worker);
	*worker = NULL;
	kwx_link_ends(test, link);
}

static struct kunit_case kwx_window_queue_cases[] = {
	KUNIT_CASE_PARAM(a_work_reaches_a_thread_that_falls_asleep_at,
			 kwx_stops_gen_params),
	KUNIT_CASE(a_half_linked_work_keeps_its_place),
	KUNIT_CASE(a_half_linked_work_keeps_its_lane),
	KUNIT_CASE(a_flush_waits_for_a_half_linked_work),
	KUNIT_CASE(a_cancel_finds_a_half_linked_work),
	KUNIT_CASE(a_cancelled_work_does_not_take_the_next_along),
	KUNIT_CASE(a_cancel_finds_a_work_that_is_about_to_start),
	KUNIT_CASE_PARAM(a_work_that_moves_is_found_where_it_is_by,
			 kwx_seeks_gen_params),
	KUNIT_CASE(a_thread_waits_for_the_last_producer),
	KUNIT_CASE(a_created_worker_outlives_its_last_producer),
	{}
};

static struct kunit_suite kwx_window_queue_suite = {
	.name = "kworkerx_window_queue",
	.init = kwx_window_queue_init,
	.exit = kwx_window_exit,
	.test_cases = kwx_window_queue_cases,
};

kunit_test_suite(kwx_window_queue_suite);
