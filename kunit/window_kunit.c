// SPDX-License-Identifier: GPL-2.0-only
/*
 * A thread is held in a place where a race is decided, by a probe at the trace
 * event there, until somebody else has done his part.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/timekeeping.h>
#include <linux/tracepoint.h>

#include "../kworkerx_trace.h"
#include "common.h"

/* Longer than the other side takes, shorter than any watchdog's patience. */
#define KWX_HOLD_NS	(5ULL * NSEC_PER_SEC)

/* The first who comes to the place because of @what stays until @go. */
struct kwx_window {
	const void		*what;
	atomic_t		caught;
	struct completion	reached;
	bool			go;
	bool			late;
};

static void kwx_stay(struct kwx_window *window, const void *what)
{
	u64 end;

	if (what != window->what || atomic_xchg(&window->caught, 1))
		return;
	complete(&window->reached);
	end = ktime_get_mono_fast_ns() + KWX_HOLD_NS;
	while (!READ_ONCE(window->go) && ktime_get_mono_fast_ns() < end)
		cpu_relax();
	window->late = !READ_ONCE(window->go);
}

static void kwx_probe_idle(void *window, struct kworkerx_worker *worker)
{
	kwx_stay(window, worker);
}

static void kwx_probe_claimed(void *window, struct kworkerx_worker *worker,
			      struct kworkerx_work *work)
{
	kwx_stay(window, work);
}

static void kwx_free_idle(struct kunit_resource *res)
{
	struct kwx_window *window = res->data;

	WRITE_ONCE(window->go, true);
	unregister_trace_kworkerx_worker_idle(kwx_probe_idle, window);
	tracepoint_synchronize_unregister();
}

static void kwx_free_claimed(struct kunit_resource *res)
{
	struct kwx_window *window = res->data;

	WRITE_ONCE(window->go, true);
	unregister_trace_kworkerx_work_queue_work(kwx_probe_claimed, window);
	tracepoint_synchronize_unregister();
}

static struct kwx_window *kwx_window(struct kunit *test, const void *what)
{
	struct kwx_window *window = kunit_kzalloc(test, sizeof(*window),
						  GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, window);
	window->what = what;
	init_completion(&window->reached);
	return window;
}

static void kwx_go(struct kunit *test, struct kwx_window *window)
{
	WRITE_ONCE(window->go, true);
	KUNIT_EXPECT_FALSE(test, window->late);
}

/* What a case has, and what its other side, on a CPU of its own, does with it. */
struct kwx_scene {
	struct kworkerx_worker	*worker;
	struct kwx_job		*job;
	void (*act)(struct kwx_scene *scene);
	struct kwx_call		*call;
	struct completion	begin;
	struct completion	begun;
	bool			ret;	/* of the call that is tried */
};

static int kwx_window_init(struct kunit *test)
{
	if (num_online_cpus() < 3)
		kunit_skip(test, "needs three CPUs");
	return kwx_bed_init(test);
}

static struct kwx_scene *kwx_scene(struct kunit *test)
{
	struct kwx_scene *scene =
		kunit_kzalloc(test, sizeof(*scene), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, scene);
	scene->worker = kwx_bed_worker(test);
	scene->job = kwx_bed_job(test, 1);
	init_completion(&scene->begin);
	init_completion(&scene->begun);
	return scene;
}

/*
 * Who is held keeps a CPU from everybody else: it is the first one, the other
 * side has the second one, and the test the last one.
 */

static void kwx_go_to(struct task_struct *task, unsigned int nth)
{
	unsigned int cpu = cpumask_first(cpu_online_mask);

	while (nth--)
		cpu = cpumask_next(cpu, cpu_online_mask);
	set_cpus_allowed_ptr(task, cpumask_of(cpu));
}

static void kwx_other_side_fn(void *data)
{
	struct kwx_scene *scene = data;

	kwx_go_to(current, 1);
	wait_for_completion(&scene->begin);
	complete(&scene->begun);
	scene->act(scene);
}

static void kwx_take_places(struct kunit *test, struct kwx_scene *scene,
			    void (*act)(struct kwx_scene *scene))
{
	scene->act = act;
	scene->call = kwx_call(test, kwx_other_side_fn, scene);
	kwx_go_to(scene->worker->task, 0);
	kwx_go_to(current, 2);
	kwx_call_blocks(test, scene->call);
}

static void kwx_let_act(struct kunit *test, struct kwx_scene *scene)
{
	complete(&scene->begin);
	kwx_wait(test, &scene->begun);
}

/*
 * The thread is about to sleep: it has said so, and looks around for the last
 * time.  Each action is one that it must not miss.
 */

struct kwx_nudge {
	const char *name;
	void (*act)(struct kwx_scene *scene);
	bool	runs;	/* the job, in the end */
	bool	waits;
	bool	plugged;
};

static void kwx_nudge_queue(struct kwx_scene *scene)
{
	kworkerx_queue_work(scene->worker, KWX_WORK(scene->job));
}

static void kwx_nudge_first(struct kwx_scene *scene)
{
	kworkerx_queue_work_first(scene->worker, KWX_WORK(scene->job));
}

/* What the timer does, which is late where the CPU of the timer is held. */
static void kwx_nudge_mod(struct kwx_scene *scene)
{
	kworkerx_queue_delayed_work(scene->worker, &scene->job->dwork,
				    3600 * HZ);
	kworkerx_mod_delayed_work(scene->worker, &scene->job->dwork, 0);
}

static void kwx_nudge_unplug(struct kwx_scene *scene)
{
	kworkerx_unplug_worker(scene->worker);
}

static void kwx_nudge_flush(struct kwx_scene *scene)
{
	kworkerx_flush_worker(scene->worker);
}

static void kwx_nudge_drain(struct kwx_scene *scene)
{
	kworkerx_drain_worker(scene->worker);
}

static void kwx_nudge_park(struct kwx_scene *scene)
{
	kworkerx_park_worker(scene->worker);
	kworkerx_unpark_worker(scene->worker);
}

static const struct kwx_nudge kwx_nudges[] = {
	{ "queue", kwx_nudge_queue, .runs = true },
	{ "queue first", kwx_nudge_first, .runs = true },
	{ "mod", kwx_nudge_mod, .runs = true },
	{ "unplug", kwx_nudge_unplug, .runs = true, .plugged = true },
	{ "flush", kwx_nudge_flush, .waits = true },
	{ "drain", kwx_nudge_drain, .waits = true },
	{ "park", kwx_nudge_park, .waits = true },
};

static void kwx_nudge_desc(const struct kwx_nudge *nudge, char *desc)
{
	strscpy(desc, nudge->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kwx_nudges, kwx_nudges, kwx_nudge_desc);

static void a_thread_that_falls_asleep_misses_no(struct kunit *test)
{
	const struct kwx_nudge *nudge = test->param_value;
	struct kwx_scene *scene = kwx_scene(test);
	struct kwx_window *window = kwx_window(test, scene->worker);

	KUNIT_ASSERT_EQ(test, 0,
			register_trace_kworkerx_worker_idle(kwx_probe_idle,
							    window));
	kwx_own(test, kwx_free_idle, window);
	if (nudge->plugged)
		KUNIT_ASSERT_EQ(test, 0, kworkerx_plug_worker(scene->worker));
	kwx_take_places(test, scene, nudge->act);
	/* What brings it here. */
	kwx_queue(test, scene->worker,
		  nudge->plugged ? scene->job : kwx_job(test, NULL, 0));
	kwx_wait(test, &window->reached);

	kwx_let_act(test, scene);
	if (nudge->waits)
		kwx_call_blocks(test, scene->call);
	else
		kwx_call_returns(test, scene->call);
	kwx_go(test, window);
	kwx_call_returns(test, scene->call);
	if (nudge->runs)
		kwx_wait(test, &scene->job->started);
	KUNIT_EXPECT_EQ(test, nudge->runs, kwx_runs(scene->job));
}

/*
 * A producer has claimed the work, and has not queued it yet: the work is
 * pending, but nowhere.  Who looks for it waits for the producer.
 */

struct kwx_search {
	const char *name;
	void (*look)(struct kwx_scene *scene);
	bool	found;	/* what that returns */
	int	runs;	/* of the work, in the end */
	bool	waits;	/* until it has run */
};

static void kwx_look_cancel(struct kwx_scene *scene)
{
	scene->ret = kworkerx_cancel_work(KWX_WORK(scene->job));
}

static void kwx_look_cancel_sync(struct kwx_scene *scene)
{
	scene->ret = kworkerx_cancel_work_sync(KWX_WORK(scene->job));
}

static void kwx_look_disable_sync(struct kwx_scene *scene)
{
	scene->ret = kworkerx_disable_work_sync(KWX_WORK(scene->job));
}

static void kwx_look_flush(struct kwx_scene *scene)
{
	scene->ret = kworkerx_flush_work(KWX_WORK(scene->job)) ||
		     kwx_runs(scene->job);
}

static void kwx_look_flush_delayed(struct kwx_scene *scene)
{
	scene->ret = kworkerx_flush_delayed_work(&scene->job->dwork) ||
		     kwx_runs(scene->job);
}

static void kwx_look_mod(struct kwx_scene *scene)
{
	scene->ret = kworkerx_mod_delayed_work(scene->worker, &scene->job->dwork, 0);
}

static void kwx_look_queue(struct kwx_scene *scene)
{
	scene->ret = kworkerx_queue_work(scene->worker, KWX_WORK(scene->job));
}

static const struct kwx_search kwx_searches[] = {
	{ "cancel", kwx_look_cancel, true, 0 },
	{ "cancel_sync", kwx_look_cancel_sync, true, 0 },
	{ "disable_sync", kwx_look_disable_sync, true, 0 },
	{ "flush", kwx_look_flush, true, 1, true },
	{ "flush_delayed", kwx_look_flush_delayed, true, 1, true },
	{ "mod", kwx_look_mod, true, 1 },
	{ "queue", kwx_look_queue, false, 1 },
};

static void kwx_search_desc(const struct kwx_search *search, char *desc)
{
	strscpy(desc, search->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kwx_searches, kwx_searches, kwx_search_desc);

static void kwx_produce_fn(void *data)
{
	struct kwx_scene *scene = data;

	kwx_go_to(current, 0);
	kworkerx_queue_work(scene->worker, KWX_WORK(scene->job));
}

static void a_work_that_is_half_queued_is_found_by(struct kunit *test)
{
	const struct kwx_search *search = test->param_value;
	struct kwx_scene *scene = kwx_scene(test);
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_window *window = kwx_window(test, KWX_WORK(scene->job));
	struct kwx_call *producer;

	KUNIT_ASSERT_EQ(test, 0,
			register_trace_kworkerx_work_queue_work(kwx_probe_claimed,
								window));
	kwx_own(test, kwx_free_claimed, window);
	kwx_take_places(test, scene, search->look);
	producer = kwx_call(test, kwx_produce_fn, scene);
	kwx_wait(test, &window->reached);

	kwx_let_act(test, scene);
	if (search->found) {
		/* Time to find nothing, and to go on if it were wrong. */
		msleep(20);
		KUNIT_EXPECT_FALSE(test, completion_done(&scene->call->done));
	} else {
		kwx_call_returns(test, scene->call);
	}
	kwx_go(test, window);
	kwx_call_returns(test, producer);
	if (!search->waits)
		kwx_call_returns(test, scene->call);
	kwx_release(gate);
	kwx_call_returns(test, scene->call);
	kworkerx_flush_worker(scene->worker);
	KUNIT_EXPECT_EQ(test, search->found, scene->ret);
	KUNIT_EXPECT_EQ(test, search->runs, kwx_runs(scene->job));
}

static struct kunit_case kwx_window_cases[] = {
	KUNIT_CASE_PARAM(a_thread_that_falls_asleep_misses_no,
			 kwx_nudges_gen_params),
	KUNIT_CASE_PARAM(a_work_that_is_half_queued_is_found_by,
			 kwx_searches_gen_params),
	{}
};

static void kwx_window_exit(struct kunit *test)
{
	set_cpus_allowed_ptr(current, cpu_possible_mask);
}

static struct kunit_suite kwx_window_suite = {
	.name = "kworkerx_window",
	.init = kwx_window_init,
	.exit = kwx_window_exit,
	.test_cases = kwx_window_cases,
};

kunit_test_suite(kwx_window_suite);
