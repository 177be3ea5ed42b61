// SPDX-License-Identifier: GPL-2.0-only
/*
 * Somebody is held in a place where a race is decided, by a probe at the trace
 * event there, until somebody else has done his part.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>

#include "common.h"

/* Longer than any test. */
#define KWX_HOUR	(3600 * HZ)

/*
 * What a case has.  Who is held keeps a CPU from everybody else: it is the
 * first one; those who meet him have the next, and the test the last.
 */
struct kwx_scene {
	struct kunit		*test;
	struct kworkerx_worker	*worker;	/* NULL once it is gone */
	struct kworkerx_worker	*elsewhere;
	struct kwx_job		*job;		/* NULL once it is gone */
	struct kwx_job		*gate;		/* runs before the job, or NULL */
	struct kwx_window	*window;
	struct kwx_side		*held;		/* or NULL: it is the thread */
	struct kwx_side		*other;
	bool			stored;		/* before the other's call */
	int			ret;		/* of that */
	bool			seen;		/* by the job */
};

/* The id of the job, in the log. */
#define KWX_ID		1

/* What a side may do with a scene. */
#define KWX_ACT(name, call)						\
static int kwx_do_##name(void *data)					\
{									\
	struct kwx_scene *scene = data;					\
	struct kworkerx_worker *worker __maybe_unused = scene->worker;	\
	struct kworkerx_delayed_work *dwork __maybe_unused =		\
		&scene->job->dwork;					\
									\
	return call;							\
}

KWX_ACT(queue, kworkerx_queue_work(worker, &dwork->work))
KWX_ACT(first, kworkerx_queue_work_first(worker, &dwork->work))
KWX_ACT(try, kworkerx_try_queue_work(worker, &dwork->work))
KWX_ACT(elsewhere, kworkerx_queue_work(scene->elsewhere, &dwork->work))
KWX_ACT(delayed, kworkerx_queue_delayed_work(worker, dwork, 0))
KWX_ACT(arm, kworkerx_queue_delayed_work(worker, dwork, KWX_HOUR))
KWX_ACT(mod, kworkerx_mod_delayed_work(worker, dwork, 0))
KWX_ACT(mod_hour, kworkerx_mod_delayed_work(worker, dwork, KWX_HOUR))
KWX_ACT(mod_armed, kwx_do_arm(scene) && kwx_do_mod(scene))
KWX_ACT(repend, kworkerx_mod_pending_delayed_work(worker, dwork, 0))
KWX_ACT(repend_hour, kworkerx_mod_pending_delayed_work(worker, dwork, KWX_HOUR))
KWX_ACT(cancel, kworkerx_cancel_work(&dwork->work))
KWX_ACT(cancel_sync, kworkerx_cancel_work_sync(&dwork->work))
KWX_ACT(queue_and_cancel, kwx_do_queue(scene) && kwx_do_cancel(scene))
KWX_ACT(disable_sync, kworkerx_disable_work_sync(&dwork->work))
KWX_ACT(flush, kworkerx_flush_work(&dwork->work))
KWX_ACT(flush_delayed, kworkerx_flush_delayed_work(dwork))
KWX_ACT(flush_armed, kwx_do_arm(scene) && kwx_do_flush_delayed(scene))
KWX_ACT(flush_worker, kworkerx_flush_worker(worker))
KWX_ACT(drain, kworkerx_drain_worker(worker))
KWX_ACT(park, kworkerx_park_worker(worker))
KWX_ACT(plug, kworkerx_plug_worker(worker))
KWX_ACT(busy, kworkerx_work_busy(&dwork->work))
KWX_ACT(pending, kworkerx_work_pending(&dwork->work))
KWX_ACT(remaining, kworkerx_delayed_work_remaining(dwork))

static int kwx_do_destroy(void *data)
{
	struct kwx_scene *scene = data;

	kwx_destroy_worker(scene->test, scene->worker);
	scene->worker = NULL;
	return 0;
}

/* KASAN sees whoever finds the job thereafter. */
static int kwx_do_free(void *data)
{
	struct kwx_scene *scene = data;

	kwx_end_job(scene->test, scene->job);
	scene->job = NULL;
	return 0;
}

/* A CPU that idled would have its timers expired by another one. */
static int kwx_do_meet_timer(void *data)
{
	struct kwx_scene *scene = data;
	bool armed = kworkerx_queue_delayed_work(scene->worker,
						 &scene->job->dwork, 1);

	while (armed && !atomic_read(&scene->window->caught))
		cond_resched();
	return armed;
}

static int kwx_do_expire(void *data)
{
	struct kwx_scene *scene = data;

	kworkerx_queue_delayed_work(scene->worker, &scene->job->dwork, 1);
	while (atomic_read(&KWX_WORK(scene->job)->state) & KWORKERX_WORK_DELAYED)
		cond_resched();
	return 0;
}

static int kwx_called(void *arg)
{
	return 42;
}

static int kwx_do_call(void *data)
{
	struct kwx_scene *scene = data;

	return kworkerx_call(scene->worker, kwx_called, NULL);
}

static int kwx_do_plugged_queue(void *data)
{
	struct kwx_scene *scene = data;

	return kworkerx_plug_worker(scene->worker) ?: kwx_do_queue(scene);
}

static void kwx_plug_and_queue(struct kwx_job *job)
{
	kwx_do_plugged_queue(job->data);
}

/* As the thread falls asleep after it, it finds nothing that may run. */
static int kwx_do_plug_from_work(void *data)
{
	struct kwx_scene *scene = data;
	struct kwx_job *job = kwx_job(scene->test, NULL, 0);

	job->data = scene;
	job->action = kwx_plug_and_queue;
	return kworkerx_queue_work(scene->worker, KWX_WORK(job));
}

static int kwx_do_unplug(void *data)
{
	struct kwx_scene *scene = data;

	kworkerx_unplug_worker(scene->worker);
	return 0;
}

struct kwx_row {
	const char	*name;
	int (*act)(void *scene);
	int		ret;
	int		runs;		/* of the job, in the end */
	enum kwx_pace	pace;
	bool		in_turn;	/* not before the gate is open */
	bool		irq;
	bool		sees;		/* the job, what was stored before */
	bool		armed;		/* its timer, in the end */
	bool		idle;		/* there is no gate */
	int (*hold)(void *scene);	/* if not what others hold */
	bool		beaten;		/* the held one: it returns 0 or an error */
	bool		timer_first;	/* is let go, before the other acts */
	void (*undo)(struct kworkerx_worker *worker);
	const char	*report;
};

static void kwx_row_desc(const struct kwx_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

static void kwx_look(struct kwx_job *job)
{
	struct kwx_scene *scene = job->data;

	scene->seen = READ_ONCE(scene->stored);
}

static struct kwx_scene *kwx_scene(struct kunit *test)
{
	struct kwx_scene *scene =
		kunit_kzalloc(test, sizeof(*scene), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, scene);
	scene->test = test;
	scene->worker = kwx_bed_worker(test);
	scene->elsewhere = kwx_worker(test);
	scene->job = kwx_bed_job(test, KWX_ID);
	scene->job->action = kwx_look;
	scene->job->data = scene;
	kwx_go_to(current, 3);
	return scene;
}

/* The thread is not held; unless the row has none, it waits at a gate. */
static struct kwx_scene *kwx_gated_scene(struct kunit *test)
{
	const struct kwx_row *row = test->param_value;
	struct kwx_scene *scene = kwx_scene(test);

	kwx_go_to(scene->worker->task, 3);
	if (!row || !row->idle)
		scene->gate = kwx_running(test, 0);
	return scene;
}

/* The thread is held, as it comes to @point. */
static struct kwx_scene *kwx_held_scene(struct kunit *test,
					const struct kwx_point *point)
{
	struct kwx_scene *scene = kwx_scene(test);

	kwx_go_to(scene->worker->task, 0);
	scene->window = kwx_open_window(test, point, scene->worker->task);
	return scene;
}

/* How often did the job run? */
static int kwx_ran(struct kunit *test)
{
	struct kwx_log *log = kwx_bed_log(test);
	unsigned int i;
	int runs = 0;

	for (i = 0; i < log->nr; i++)
		runs += log->id[i] == KWX_ID;
	return runs;
}

static void kwx_expect_row(struct kunit *test, struct kwx_scene *scene)
{
	const struct kwx_row *row = test->param_value;

	KUNIT_EXPECT_EQ(test, row->ret, scene->ret);
	KUNIT_EXPECT_EQ(test, row->runs, kwx_ran(test));
	if (scene->held)
		KUNIT_EXPECT_EQ(test, row->beaten, scene->held->ret <= 0);
	if (row->sees)
		KUNIT_EXPECT_TRUE(test, scene->seen);
	if (scene->job)
		KUNIT_EXPECT_EQ(test, row->armed,
				timer_pending(&scene->job->dwork.timer));
}

/* Nobody is held any more. */
static void kwx_conclude(struct kunit *test, struct kwx_scene *scene)
{
	const struct kwx_row *row = test->param_value;

	if (row->in_turn)
		kwx_call_blocks(test, scene->other->call);
	else
		kwx_expect_return(test, scene->other);
	if (scene->gate)
		kwx_release(scene->gate);
	kwx_call_returns(test, scene->other->call);
	if (row->report)
		kwx_misuse_end(test, row->report);
	if (row->undo)
		row->undo(scene->worker);
	if (scene->worker)
		kwx_flush(test, scene->worker);
	kwx_expect_row(test, scene);
}

static void kwx_meet(struct kunit *test, struct kwx_scene *scene)
{
	const struct kwx_row *row = test->param_value;

	KUNIT_ASSERT_TRUE(test, kwx_caught(scene->window));
	if (row->report)
		kwx_misuse_begin();
	kwx_meanwhile(test, scene->other, row->pace);
	kwx_let_go(test, scene->window, scene->held);
	kwx_conclude(test, scene);
}

static void kwx_act_fn(void *data)
{
	struct kwx_scene *scene = data;
	const struct kwx_row *row = scene->test->param_value;

	scene->ret = row->act(scene);
}

static int kwx_act(void *data)
{
	struct kwx_scene *scene = data;
	const struct kwx_row *row = scene->test->param_value;

	WRITE_ONCE(scene->stored, true);
	if (row->irq)
		kwx_in_irq(kwx_act_fn, scene);
	else
		kwx_act_fn(scene);
	return scene->ret;
}

/*
 * A producer has claimed the work, and has not queued it yet: the work is
 * pending, but nowhere.  Who looks for it waits for the producer.
 */

static const struct kwx_row kwx_claimed[] = {
	{ "cancel", kwx_do_cancel, true, 0, KWX_SPINS },
	{ "cancel in irq", kwx_do_cancel, true, 0, KWX_SPINS, .irq = true },
	{ "cancel_sync", kwx_do_cancel_sync, true, 0, KWX_SPINS },
	{ "cancel_sync, free", kwx_do_free, 0, 0, KWX_SPINS },
	{ "disable_sync", kwx_do_disable_sync, true, 0, KWX_SPINS },
	{ "flush", kwx_do_flush, true, 1, KWX_SPINS, .in_turn = true },
	{ "flush_delayed", kwx_do_flush_delayed, true, 1, KWX_SPINS,
	  .in_turn = true },
	{ "mod", kwx_do_mod, true, 1, KWX_SPINS, .sees = true },
	{ "mod in irq", kwx_do_mod, true, 1, KWX_SPINS, .irq = true,
	  .sees = true },
	{ "mod, later", kwx_do_mod_hour, true, 0, KWX_SPINS, .armed = true },
	{ "mod_pending", kwx_do_repend, true, 1, KWX_SPINS },
	{ "mod_pending, later", kwx_do_repend_hour, true, 0, KWX_SPINS,
	  .armed = true },
	{ "busy", kwx_do_busy, true, 1, KWX_SPINS },
	{ "pending", kwx_do_pending, true, 1 },
	{ "queue", kwx_do_queue, false, 1, .sees = true },
	{ "queue in irq", kwx_do_queue, false, 1, .irq = true, .sees = true },
	{ "queue first", kwx_do_first, false, 1, .sees = true },
	{ "queue first in irq", kwx_do_first, false, 1, .irq = true,
	  .sees = true },
	{ "queue_delayed", kwx_do_delayed, false, 1, .sees = true },
	{ "queue_delayed in irq", kwx_do_delayed, false, 1, .irq = true,
	  .sees = true },
	{ "try", kwx_do_try, 0, 1, .sees = true },
	{ "queue elsewhere", kwx_do_elsewhere, false, 1, KWX_SPINS,
	  .report = "while worker kwx_test has it" },
	{ "park", kwx_do_park, 0, 1, KWX_SLEEPS, .in_turn = true,
	  .undo = kworkerx_unpark_worker },
	{ "plug", kwx_do_plug, 0, 1, .undo = kworkerx_unplug_worker },
	{ "drain", kwx_do_drain, 0, 0, KWX_SLEEPS, .in_turn = true,
	  .beaten = true },
	{ "destroy", kwx_do_destroy, 0, 0, KWX_SLEEPS, .in_turn = true,
	  .beaten = true, .report = "which is being destroyed" },
	/* Others who can hold a work like this. */
	{ "cancel_sync of first", kwx_do_cancel_sync, true, 0, KWX_SPINS,
	  .hold = kwx_do_first },
	{ "flush of first", kwx_do_flush, true, 1, KWX_SPINS, .in_turn = true,
	  .hold = kwx_do_first },
	{ "drain of first", kwx_do_drain, 0, 0, KWX_SLEEPS, .in_turn = true,
	  .beaten = true, .hold = kwx_do_first },
	{ "cancel_sync of delayed", kwx_do_cancel_sync, true, 0, KWX_SPINS,
	  .hold = kwx_do_delayed },
	{ "flush of delayed", kwx_do_flush, true, 1, KWX_SPINS,
	  .in_turn = true, .hold = kwx_do_delayed },
	{ "drain of delayed", kwx_do_drain, 0, 0, KWX_SLEEPS, .in_turn = true,
	  .beaten = true, .hold = kwx_do_delayed },
	{ "cancel_sync of try", kwx_do_cancel_sync, true, 0, KWX_SPINS,
	  .hold = kwx_do_try },
	{ "flush of try", kwx_do_flush, true, 1, KWX_SPINS, .in_turn = true,
	  .hold = kwx_do_try },
	{ "drain of try", kwx_do_drain, 0, 0, KWX_SLEEPS, .in_turn = true,
	  .beaten = true, .hold = kwx_do_try },
	/* This one was armed, and is held under the lock: it never vanishes. */
	{ "pending of mod", kwx_do_pending, true, 1, .hold = kwx_do_mod_armed },
	{ "queue of mod", kwx_do_queue, false, 1, .hold = kwx_do_mod_armed },
	{ "remaining of mod", kwx_do_remaining, 0, 1,
	  .hold = kwx_do_mod_armed },
	{ "cancel_sync of mod", kwx_do_cancel_sync, true, 0, KWX_SPINS,
	  .hold = kwx_do_mod_armed },
	{ "drain of mod", kwx_do_drain, 0, 1, KWX_SPINS, .in_turn = true,
	  .hold = kwx_do_mod_armed },
};

KUNIT_ARRAY_PARAM(kwx_claimed, kwx_claimed, kwx_row_desc);

static void a_work_that_is_half_queued_is_met_by(struct kunit *test)
{
	const struct kwx_row *row = test->param_value;
	struct kwx_scene *scene = kwx_gated_scene(test);

	scene->window = kwx_open_window(test, &kwx_at_work_queue_work,
					KWX_WORK(scene->job));
	scene->held = kwx_side(test, 0, row->hold ?: kwx_do_queue, scene);
	scene->other = kwx_side(test, 1, kwx_act, scene);
	kwx_begin_side(test, scene->held);
	kwx_meet(test, scene);
}

/*
 * The same, but the work was never queued before: nobody knows where to look.
 */

static const struct kwx_row kwx_new[] = {
	{ "cancel", kwx_do_cancel, true, 0, KWX_SPINS },
	{ "cancel_sync", kwx_do_cancel_sync, true, 0, KWX_SPINS },
	{ "flush", kwx_do_flush, true, 1, KWX_SPINS, .in_turn = true },
	{ "mod", kwx_do_mod, true, 1, KWX_SPINS },
	{ "busy", kwx_do_busy, true, 1, KWX_SPINS },
	{ "queue", kwx_do_queue, false, 1, KWX_SPINS },
	{ "queue elsewhere", kwx_do_elsewhere, false, 1, KWX_SPINS,
	  .report = "while worker kwx_test has it" },
};

KUNIT_ARRAY_PARAM(kwx_new, kwx_new, kwx_row_desc);

/* @held is stopped as it has written to @word, or has looked at it. */
static void kwx_hold_at(struct kunit *test, struct kwx_scene *scene,
			const struct kwx_point *point, void *word,
			int (*held)(void *scene))
{
	scene->held = kwx_side(test, 0, held, scene);
	scene->window = kwx_watch(test, point, word, scene->held->call->task);
}

static void a_new_work_that_is_claimed_is_met_by(struct kunit *test)
{
	struct kwx_scene *scene = kwx_gated_scene(test);

	kwx_hold_at(test, scene, &kwx_at_write, &KWX_WORK(scene->job)->state,
		    kwx_do_queue);
	scene->other = kwx_side(test, 1, kwx_act, scene);
	kwx_begin_side(test, scene->held);
	kwx_meet(test, scene);
}

/*
 * A canceller has moved the tail back, and goes on to leave the queue as if it
 * were empty.
 */
static void the_last_work_is_cancelled_as_another_one_comes(struct kunit *test)
{
	struct kwx_scene *scene = kwx_gated_scene(test);
	struct kwx_job *next = kwx_job(test, NULL, 0);

	kwx_queue(test, scene->worker, scene->job);
	kwx_hold_at(test, scene, &kwx_at_write, &scene->worker->tail,
		    kwx_do_cancel_sync);
	kwx_begin_side(test, scene->held);
	KUNIT_ASSERT_TRUE(test, kwx_caught(scene->window));
	kwx_queue(test, scene->worker, next);
	kwx_let_go(test, scene->window, scene->held);
	KUNIT_EXPECT_TRUE(test, scene->held->ret);
	/* Where it is not linked, all who look for it would spin. */
	KUNIT_EXPECT_PTR_EQ(test, &KWX_WORK(next)->node,
			    scene->worker->queue.next);
	WRITE_ONCE(scene->worker->queue.next, &KWX_WORK(next)->node);
	kwx_release(scene->gate);
	kwx_wait(test, &next->started);
	KUNIT_EXPECT_EQ(test, 0, kwx_ran(test));
}

/*
 * A producer has queued the work, and has yet to wake the thread.
 */

static const struct kwx_row kwx_pushed[] = {
	{ "cancel", kwx_do_cancel, true, 0 },
	{ "cancel_sync", kwx_do_cancel_sync, true, 0 },
	{ "cancel_sync, free", kwx_do_free, 0, 0 },
	{ "mod", kwx_do_mod, true, 1 },
	{ "mod, later", kwx_do_mod_hour, true, 0, .armed = true },
	{ "queue", kwx_do_queue, false, 1 },
	{ "flush", kwx_do_flush, true, 1 },
	{ "flush_worker", kwx_do_flush_worker, 0, 1 },
	{ "call", kwx_do_call, 42, 1 },
	{ "drain", kwx_do_drain, 0, 1 },
	{ "destroy", kwx_do_destroy, 0, 1 },
	{ "park", kwx_do_park, 0, 1, .undo = kworkerx_unpark_worker },
	{ "plug", kwx_do_plug, 0, 1, .undo = kworkerx_unplug_worker },
};

KUNIT_ARRAY_PARAM(kwx_pushed, kwx_pushed, kwx_row_desc);

static void a_work_that_nobody_was_woken_for_is_met_by(struct kunit *test)
{
	struct kwx_scene *scene = kwx_scene(test);

	kwx_go_to(scene->worker->task, 3);
	scene->window = kwx_open_window(test, &kwx_at_worker_queued,
					scene->worker);
	scene->held = kwx_side(test, 0, kwx_do_queue, scene);
	scene->other = kwx_side(test, 1, kwx_act, scene);
	kwx_await_state(test, scene->worker->task, TASK_IDLE);
	kwx_begin_side(test, scene->held);
	kwx_meet(test, scene);
}

/*
 * A timer has expired, and has yet to lock the worker.
 */

static const struct kwx_row kwx_fired[] = {
	{ "cancel", kwx_do_cancel, true, 0, KWX_SPINS },
	{ "cancel in irq", kwx_do_cancel, true, 0, KWX_SPINS, .irq = true },
	{ "cancel_sync", kwx_do_cancel_sync, true, 0, KWX_SPINS },
	{ "cancel_sync, free", kwx_do_free, 0, 0, KWX_SPINS },
	{ "disable_sync", kwx_do_disable_sync, true, 0, KWX_SPINS },
	{ "mod", kwx_do_mod, true, 1, KWX_SPINS },
	{ "mod in irq", kwx_do_mod, true, 1, KWX_SPINS, .irq = true },
	{ "mod, later", kwx_do_mod_hour, true, 0, KWX_SPINS, .armed = true },
	{ "mod_pending", kwx_do_repend, true, 1, KWX_SPINS },
	{ "mod_pending, later", kwx_do_repend_hour, true, 0, KWX_SPINS,
	  .armed = true },
	{ "flush", kwx_do_flush, false, 1 },
	{ "flush_delayed", kwx_do_flush_delayed, true, 1, KWX_SPINS,
	  .in_turn = true },
	{ "queue", kwx_do_queue, false, 1, .sees = true },
	{ "queue elsewhere", kwx_do_elsewhere, false, 1,
	  .report = "while worker kwx_test has it" },
	{ "busy", kwx_do_busy, true, 1 },
	{ "pending", kwx_do_pending, true, 1 },
	{ "remaining", kwx_do_remaining, 0, 1 },
	{ "flush_worker", kwx_do_flush_worker, 0, 1, .idle = true },
	{ "park", kwx_do_park, 0, 1, .idle = true,
	  .undo = kworkerx_unpark_worker },
	{ "drain", kwx_do_drain, 0, 1, .idle = true },
	{ "destroy", kwx_do_destroy, 0, 0, KWX_SPINS, .idle = true,
	  .report = "destroyed while the timer of" },
};

KUNIT_ARRAY_PARAM(kwx_fired, kwx_fired, kwx_row_desc);

static void kwx_hold_timer(struct kunit *test, struct kwx_scene *scene)
{
	scene->window = kwx_open_window(test, &kwx_at_work_expire,
					KWX_WORK(scene->job));
	scene->held = kwx_side(test, 0, kwx_do_meet_timer, scene);
}

static void a_timer_that_fires_is_met_by(struct kunit *test)
{
	struct kwx_scene *scene = kwx_gated_scene(test);

	kwx_hold_timer(test, scene);
	scene->other = kwx_side(test, 1, kwx_act, scene);
	kwx_begin_side(test, scene->held);
	kwx_meet(test, scene);
}

static void two_mods_meet_a_timer_that_fires(struct kunit *test)
{
	struct kwx_scene *scene = kwx_gated_scene(test);
	struct kwx_side *mods[2];
	int i;

	kwx_hold_timer(test, scene);
	for (i = 0; i < 2; i++)
		mods[i] = kwx_side(test, 1 + i, kwx_do_mod, scene);
	kwx_begin_side(test, scene->held);
	KUNIT_ASSERT_TRUE(test, kwx_caught(scene->window));
	for (i = 0; i < 2; i++)
		kwx_meanwhile(test, mods[i], KWX_SPINS);
	kwx_let_go(test, scene->window, scene->held);
	for (i = 0; i < 2; i++) {
		kwx_call_returns(test, mods[i]->call);
		KUNIT_EXPECT_TRUE(test, mods[i]->ret);
	}
	kwx_release(scene->gate);
	kwx_flush(test, scene->worker);
	KUNIT_EXPECT_EQ(test, 1, kwx_ran(test));
}

/*
 * A canceller has found such a timer, and given up the lock to wait for it.
 * The timer leaves the work where it is.
 */

static const struct kwx_row kwx_awaited[] = {
	{ "queue", kwx_do_queue, false, 0 },
	{ "mod", kwx_do_mod, true, 0 },
	{ "mod, later", kwx_do_mod_hour, true, 0 },
	{ "mod_pending", kwx_do_repend, false, 0 },
	{ "cancel", kwx_do_cancel, false, 0 },
	{ "pending", kwx_do_pending, true, 0 },
	{ "flush", kwx_do_flush, false, 0 },
	{ "destroy", kwx_do_destroy, 0, 0, KWX_SPINS, .idle = true },
	{ "late queue", kwx_do_queue, false, 0, .timer_first = true },
	{ "late mod", kwx_do_mod, true, 0, .timer_first = true },
	{ "late mod, later", kwx_do_mod_hour, true, 0, .timer_first = true },
	{ "late cancel", kwx_do_cancel, false, 0, .timer_first = true },
	{ "late pending", kwx_do_pending, true, 0, .timer_first = true },
	{ "late cancel_sync", kwx_do_cancel_sync, true, 0,
	  .timer_first = true, .beaten = true },
	{ "late destroy", kwx_do_destroy, 0, 0, KWX_SPINS, .idle = true,
	  .timer_first = true },
};

KUNIT_ARRAY_PARAM(kwx_awaited, kwx_awaited, kwx_row_desc);

static void a_cancel_that_awaits_a_timer_is_met_by(struct kunit *test)
{
	const struct kwx_row *row = test->param_value;
	struct kwx_scene *scene = kwx_gated_scene(test);
	struct kwx_window *window, *timers;
	struct kwx_side *timer;

	kwx_hold_timer(test, scene);
	timers = scene->window;
	timer = scene->held;
	window = kwx_open_window(test, &kwx_at_work_await_timer,
				 KWX_WORK(scene->job));
	scene->held = kwx_side(test, 1, kwx_do_cancel_sync, scene);
	scene->other = kwx_side(test, 2, kwx_act, scene);
	kwx_begin_side(test, timer);
	KUNIT_ASSERT_TRUE(test, kwx_caught(timers));
	kwx_begin_side(test, scene->held);
	KUNIT_ASSERT_TRUE(test, kwx_caught(window));

	if (row->timer_first)
		kwx_let_go(test, timers, timer);
	kwx_meanwhile(test, scene->other, row->pace);
	if (!row->timer_first)
		kwx_let_go(test, timers, timer);
	KUNIT_EXPECT_EQ(test, row->pace == KWX_RETURNS,
			completion_done(&scene->other->call->done));
	kwx_let_go(test, window, scene->held);
	kwx_conclude(test, scene);
}

/*
 * The thread has taken the work, and has yet to call its function.
 */

static const struct kwx_row kwx_taken[] = {
	{ "cancel", kwx_do_cancel, false, 1 },
	{ "cancel_sync", kwx_do_cancel_sync, false, 1, KWX_SLEEPS },
	{ "cancel_sync, free", kwx_do_free, 0, 1, KWX_SLEEPS },
	{ "disable_sync", kwx_do_disable_sync, false, 1, KWX_SLEEPS },
	{ "flush", kwx_do_flush, true, 1, KWX_SLEEPS },
	{ "flush_delayed", kwx_do_flush_delayed, true, 1, KWX_SLEEPS },
	{ "flush_worker", kwx_do_flush_worker, 0, 1, KWX_SLEEPS },
	{ "queue", kwx_do_queue, true, 2 },
	{ "queue elsewhere", kwx_do_elsewhere, false, 1,
	  .report = "while worker kwx_test has it" },
	{ "mod", kwx_do_mod, false, 2 },
	{ "mod, later", kwx_do_mod_hour, false, 1, .armed = true },
	{ "mod_pending", kwx_do_repend, false, 1 },
	{ "busy", kwx_do_busy, true, 1 },
	{ "pending", kwx_do_pending, false, 1 },
	{ "park", kwx_do_park, 0, 1, KWX_SLEEPS,
	  .undo = kworkerx_unpark_worker },
	{ "plug", kwx_do_plug, 0, 1, .undo = kworkerx_unplug_worker },
	{ "drain", kwx_do_drain, 0, 1, KWX_SLEEPS },
	{ "destroy", kwx_do_destroy, 0, 1, KWX_SLEEPS },
};

KUNIT_ARRAY_PARAM(kwx_taken, kwx_taken, kwx_row_desc);

static void kwx_meet_thread(struct kunit *test, const struct kwx_point *point)
{
	struct kwx_scene *scene = kwx_held_scene(test, point);

	scene->other = kwx_side(test, 1, kwx_act, scene);
	kwx_queue(test, scene->worker, scene->job);
	kwx_meet(test, scene);
}

static void a_work_that_is_taken_is_met_by(struct kunit *test)
{
	kwx_meet_thread(test, &kwx_at_work_execute_start);
}

/*
 * The function has returned, but the thread has not said so.
 */

static const struct kwx_row kwx_ended[] = {
	{ "cancel", kwx_do_cancel, false, 1 },
	{ "cancel_sync", kwx_do_cancel_sync, false, 1, KWX_SLEEPS },
	{ "cancel_sync, free", kwx_do_free, 0, 1, KWX_SLEEPS },
	{ "disable_sync", kwx_do_disable_sync, false, 1, KWX_SLEEPS },
	{ "flush", kwx_do_flush, true, 1, KWX_SLEEPS },
	{ "queue", kwx_do_queue, true, 2 },
	{ "queue elsewhere", kwx_do_elsewhere, false, 1,
	  .report = "while worker kwx_test has it" },
	{ "mod", kwx_do_mod, false, 2 },
	{ "busy", kwx_do_busy, true, 1 },
	{ "pending", kwx_do_pending, false, 1 },
	{ "drain", kwx_do_drain, 0, 1, KWX_SLEEPS },
	{ "destroy", kwx_do_destroy, 0, 1, KWX_SLEEPS },
};

KUNIT_ARRAY_PARAM(kwx_ended, kwx_ended, kwx_row_desc);

static void a_work_that_has_ended_is_met_by(struct kunit *test)
{
	kwx_meet_thread(test, &kwx_at_work_execute_end);
}

/*
 * The thread is about to sleep: it has said so, and looks around for the last
 * time.  Each action is one that it must not miss.
 */

static const struct kwx_row kwx_nudges[] = {
	{ "queue", kwx_do_queue, true, 1 },
	{ "queue first", kwx_do_first, true, 1 },
	{ "mod", kwx_do_mod_armed, true, 1 },
	{ "timer", kwx_do_expire, 0, 1 },
	{ "unplug", kwx_do_unplug, 0, 1, .hold = kwx_do_plug_from_work },
	{ "flush", kwx_do_flush_worker, 0, 0, KWX_SLEEPS },
	{ "flush_delayed", kwx_do_flush_armed, true, 1, KWX_SLEEPS },
	{ "call", kwx_do_call, 42, 0, KWX_SLEEPS },
	{ "cancel of the last", kwx_do_queue_and_cancel, true, 0 },
	{ "drain", kwx_do_drain, 0, 0, KWX_SLEEPS },
	{ "park", kwx_do_park, 0, 0, .undo = kworkerx_unpark_worker },
	{ "destroy", kwx_do_destroy, 0, 0, KWX_SLEEPS },
};

KUNIT_ARRAY_PARAM(kwx_nudges, kwx_nudges, kwx_row_desc);

static void a_thread_that_falls_asleep_misses_no(struct kunit *test)
{
	const struct kwx_row *row = test->param_value;
	struct kwx_scene *scene = kwx_held_scene(test, &kwx_at_worker_idle);

	scene->other = kwx_side(test, 1, kwx_act, scene);
	/* What brings it here. */
	if (row->hold)
		row->hold(scene);
	else
		kwx_queue(test, scene->worker, kwx_job(test, NULL, 0));
	kwx_meet(test, scene);
}

static int kwx_do_detach(void *data)
{
	struct kwx_scene *scene = data;

	kwx_detach_fn(scene->worker);
	return 0;
}

static void a_thread_that_falls_asleep_can_be_stopped(struct kunit *test)
{
	struct kwx_scene *scene = kwx_scene(test);

	/* It ends before what was made earlier. */
	scene->worker = kwx_bare_worker(test);
	scene->job = kwx_bed_job(test, KWX_ID);
	kwx_attach(test, scene->worker);
	kwx_flush(test, scene->worker);
	kwx_go_to(scene->worker->task, 0);
	scene->window = kwx_open_window(test, &kwx_at_worker_idle,
					scene->worker);
	scene->other = kwx_side(test, 1, kwx_do_detach, scene);
	kwx_queue(test, scene->worker, scene->job);
	KUNIT_ASSERT_TRUE(test, kwx_caught(scene->window));
	kwx_meanwhile(test, scene->other, KWX_SLEEPS);
	kwx_let_go(test, scene->window, scene->other);
	KUNIT_EXPECT_EQ(test, 1, kwx_ran(test));
}

static struct kunit_case kwx_window_cases[] = {
	KUNIT_CASE_PARAM(a_work_that_is_half_queued_is_met_by,
			 kwx_claimed_gen_params),
	KUNIT_CASE_PARAM(a_new_work_that_is_claimed_is_met_by,
			 kwx_new_gen_params),
	KUNIT_CASE(the_last_work_is_cancelled_as_another_one_comes),
	KUNIT_CASE_PARAM(a_work_that_nobody_was_woken_for_is_met_by,
			 kwx_pushed_gen_params),
	KUNIT_CASE_PARAM(a_timer_that_fires_is_met_by, kwx_fired_gen_params),
	KUNIT_CASE(two_mods_meet_a_timer_that_fires),
	KUNIT_CASE_PARAM(a_cancel_that_awaits_a_timer_is_met_by,
			 kwx_awaited_gen_params),
	KUNIT_CASE_PARAM(a_work_that_is_taken_is_met_by, kwx_taken_gen_params),
	KUNIT_CASE_PARAM(a_work_that_has_ended_is_met_by, kwx_ended_gen_params),
	KUNIT_CASE_PARAM(a_thread_that_falls_asleep_misses_no,
			 kwx_nudges_gen_params),
	KUNIT_CASE(a_thread_that_falls_asleep_can_be_stopped),
	{}
};

static struct kunit_suite kwx_window_suite = {
	.name = "kworkerx_window",
	.init = kwx_window_init,
	.exit = kwx_window_exit,
	.test_cases = kwx_window_cases,
};

kunit_test_suite(kwx_window_suite);
