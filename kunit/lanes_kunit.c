// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two lanes: works that are urgent run before the others, and are works as any in all
 * else.
 *
 * As in other suites a held job keeps the worker busy while something is made of its
 * queue, and the next held one that starts tells how far it has come.
 */
#include <linux/cpumask.h>
#include <linux/kthread.h>

#include "../kworkerx_trace.h"
#include "../modules/kworkerx_percpu.h"
#include "control.h"

KUNIT_ARRAY_PARAM(places, kwx_wheres, kwx_where_desc);
KUNIT_ARRAY_PARAM(threads, kwx_threads, kwx_threads_desc);

/* Workers that have two lanes, and what else they may be. */
struct kind {
	const char	*name;
	unsigned int	flags;
	unsigned int	poll_us;
};

static const struct kind kinds[] = {
	{ "lanes", KWORKERX_LANES },
	{ "anywhere", KWORKERX_LANES | KWORKERX_ANYWHERE },
	{ "inherits", KWORKERX_LANES | KWORKERX_INHERIT },
	{ "freezable", KWORKERX_LANES | KWORKERX_FREEZABLE },
	{ "polls", KWORKERX_LANES | KWORKERX_ANYWHERE | KWORKERX_INHERIT, 100 },
};

/* These have one. */
static const struct kind narrow[] = {
	{ "one lane", 0 },
	{ "one lane, anywhere", KWORKERX_ANYWHERE },
	{ "one lane, inherits", KWORKERX_INHERIT },
};

static void kind_desc(const struct kind *kind, char *desc)
{
	strscpy(desc, kind->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kinds, kinds, kind_desc);

/* The case destroys it, or has the test do so. */
static struct kworkerx_worker *mortal(struct kunit *test, const struct kind *kind)
{
	struct kworkerx_attrs attrs = KWORKERX_ATTRS_INIT;
	struct kworkerx_worker *worker;

	attrs.poll_us = kind->poll_us;
	worker = kworkerx_create_worker_attrs(&attrs, kind->flags, "kwx_lanes");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, worker);
	return worker;
}

/* What follows is for a worker of this kind. */
static struct kworkerx_worker *use(struct kunit *test, const struct kind *kind)
{
	struct kworkerx_worker *worker = kwx_keep_worker(test, mortal(test, kind));

	kwx_bed_change(test, worker);
	return worker;
}

/* That of the test's parameter. */
static struct kworkerx_worker *use_kind(struct kunit *test)
{
	return use(test, test->param_value);
}

static struct kwx_job *urgent(struct kwx_job *job)
{
	kworkerx_set_work_urgent(KWX_WORK(job), true);
	return job;
}

#define urgent_job(test, id)		urgent(kwx_bed_job(test, id))
#define urgent_queued(test, id)		__kwx_queued(test, urgent_job(test, id))
#define urgent_held(test, id)						\
	__kwx_queued(test, urgent(kwx_bed_held_job(test, id)))
#define urgent_running(test, id)					\
	__kwx_running(test, urgent(kwx_bed_held_job(test, id)))

/*
 * The order
 */

/**
 * struct scene - what is done while nothing runs, and in which order works run then
 * @name: what it is about
 * @steps: letters, see take_step(), each before the job that it is done to
 * @order: of the jobs that ran, by a worker that has two lanes
 * @narrow: by one that has a single lane
 */
struct scene {
	const char *name;
	const char *steps;
	const char *order;
	const char *narrow;
};

static const struct scene scenes[] = {
	{ "each lane keeps its order",
	  "q1 u2 q3 u4 q5 u6", "246135", "123456" },
	{ "what is first comes before all",
	  "q1 u2 f3 u4 q5", "32415", "31245" },
	{ "several that are first", "u1 f2 f3 u4 q5 f6", "632145", "632145" },
	{ "an urgent one is first", "q1 u2 +3 f3 u4", "3241", "3124" },
	{ "other ways to queue", "q1 +2 t2 +3 w3 +4 z4 q5", "23415", "12345" },
	{ "all are urgent", "u1 u2 u3", "123", "123" },
	{ "the first is taken back", "q1 u2 u3 c2 u4 q5", "3415", "1345" },
	{ "one in the middle is taken back",
	  "q1 u2 u3 u4 c3 u5", "2451", "1245" },
	{ "the last is taken back", "q1 u2 u3 c3 u4 q5", "2415", "1245" },
	{ "the only one is taken back", "q1 u2 s2 q3 u4", "413", "134" },
	{ "others are taken back", "q1 u2 q3 c1 u4 c3 q5 q3", "2453", "2453" },
	{ "all are taken back, and queued",
	  "q1 u2 s1 s2 q1 u2 c2 c1 q1 u2", "21", "12" },
	{ "a pending work stays where it is",
	  "q1 q2 +2 r2 u3 u4 -4 r4 q5", "34125", "12345" },
	{ "a lane that was changed is taken the next time",
	  "q1 q2 +2 c2 q2 u3 -3 c3 q3", "213", "123" },
	{ "a delay of nothing is no way out",
	  "u1 q2 q3 +3 m3 -1 m1 u4", "3421", "2314" },
	{ "a timer expires", "q1 +2 a2 e2 u3 q4", "2314", "1234" },
	{ "a work whose timer is armed becomes urgent",
	  "q1 a2 +2 e2 q3", "213", "123" },
	{ "a work whose timer is armed is urgent no more",
	  "q1 +2 a2 -2 e2 u3", "312", "123" },
	{ "a timer is not waited for", "q1 +2 a2 m2 q3 u4", "2413", "1234" },
	{ "a work that is disabled stays urgent",
	  "q1 u2 d2 r2 d2 n2 r2 n2 q2", "21", "12" },
	{ "a work that is disabled becomes urgent",
	  "q1 d2 +2 n2 q2 u3 d3 -3 n3 q3", "213", "123" },
	{ "a work that is initialised is not urgent",
	  "q1 +2 i2 q2 u3", "312", "123" },
};

static void scene_desc(const struct scene *scene, char *desc)
{
	strscpy(desc, scene->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(scenes, scenes, scene_desc);

/* Returns whether it went as it had to. */
static bool take_step(struct kunit *test, char step, struct kwx_job *job)
{
	struct kworkerx_worker *worker = kwx_bed_worker(test);
	struct kworkerx_delayed_work *dwork = &job->dwork;
	struct kworkerx_work *work = &dwork->work;

	switch (step) {
	case '+':	/* is urgent from now on, or not */
	case '-':
		kworkerx_set_work_urgent(work, step == '+');
		return true;
	case 'i':
		kworkerx_init_work(work, work->func);
		return true;
	case 'u':	/* urgent, and queued */
		kworkerx_set_work_urgent(work, true);
		fallthrough;
	case 'q':
		return kworkerx_queue_work(worker, work);
	case 'r':	/* refused */
		return !kworkerx_queue_work(worker, work);
	case 'f':
		return kworkerx_queue_work_first(worker, work);
	case 't':
		return kworkerx_try_queue_work(worker, work) == 1;
	case 'w':
		return kworkerx_queue_work_nowake(worker, work);
	case 'z':
		return kworkerx_queue_delayed_work(worker, dwork, 0);
	case 'a':	/* its timer is armed, later it expires, or is not waited for */
		return kworkerx_queue_delayed_work(worker, dwork, AN_HOUR);
	case 'e':
		if (!kworkerx_mod_pending_delayed_work(worker, dwork, 1))
			return false;
		kwx_wait_expired(test, job);
		return true;
	case 'm':
		return kworkerx_mod_delayed_work(worker, dwork, 0);
	case 'c':
		return kworkerx_cancel_work(work);
	case 's':
		return kworkerx_cancel_work_sync(work);
	case 'd':
		kworkerx_disable_work(work);
		return true;
	case 'n':
		kworkerx_enable_work(work);
		return true;
	}
	return false;
}

static void take_steps(struct kunit *test, const struct scene *scene,
		       const struct kind *kind)
{
	struct kwx_job *jobs[10] = { };
	const char *at;

	for (at = scene->steps; ; at += 3) {
		struct kwx_job **job = &jobs[at[1] - '0'];

		if (!*job)
			*job = kwx_bed_job(test, at[1]);
		KUNIT_EXPECT_TRUE_MSG(test, take_step(test, at[0], *job),
				      "%s: step %.2s", kind->name, at);
		if (!at[2])
			break;
	}
}

/* What was held is let go, and runs in this order. */
static void expect_scene(struct kunit *test, const char *order,
			 const struct kind *kind, const char *held)
{
	struct kwx_log *log = kwx_bed_log(test);
	char ran[KWX_LOG_MAX + 1] = "";
	unsigned int i;

	kwx_flush(test, kwx_bed_worker(test));
	for (i = 0; i < log->nr; i++)
		ran[i] = log->id[i];
	KUNIT_EXPECT_STREQ_MSG(test, order, ran, "%s, %s", kind->name, held);
}

/* The thread runs something else meanwhile. */
static void play_behind(struct kunit *test, const struct scene *scene,
			const struct kind *kind, const char *order)
{
	struct kwx_job *gate;

	use(test, kind);
	gate = kwx_running(test, 0);
	kwx_bed_log(test)->nr = 0;
	take_steps(test, scene, kind);
	kwx_release(gate);
	expect_scene(test, order, kind, "busy");
}

/* The thread sleeps meanwhile. */
static void play_plugged(struct kunit *test, const struct scene *scene,
			 const struct kind *kind, const char *order)
{
	struct kworkerx_worker *worker = use(test, kind);

	kwx_bed_log(test)->nr = 0;
	KUNIT_EXPECT_EQ(test, 0, kworkerx_plug_worker(worker));
	take_steps(test, scene, kind);
	kworkerx_unplug_worker(worker);
	expect_scene(test, order, kind, "plugged");
}

static void works_run_in_the_order_of_their_lanes(struct kunit *test)
{
	const struct scene *scene = test->param_value;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		play_behind(test, scene, &kinds[i], scene->order);
		play_plugged(test, scene, &kinds[i], scene->order);
	}
	for (i = 0; i < ARRAY_SIZE(narrow); i++) {
		play_behind(test, scene, &narrow[i], scene->narrow);
		play_plugged(test, scene, &narrow[i], scene->narrow);
	}
}

/* Works that run choose, too. */
static void queue_both(struct kwx_job *job)
{
	struct kwx_job **others = job->data;

	kworkerx_queue_work(job->worker, KWX_WORK(others[0]));
	kworkerx_queue_work(job->worker, KWX_WORK(others[1]));
}

/* @job, which is not queued yet, queues 8, and then 9, which is urgent. */
static void has_two_queued(struct kunit *test, struct kwx_job *job)
{
	struct kwx_job **others = kwx_calloc(test, 2, sizeof(*others));

	others[0] = kwx_bed_job(test, 8);
	others[1] = urgent_job(test, 9);
	job->data = others;
	job->worker = kwx_bed_worker(test);
	job->action = queue_both;
}

static void a_work_may_choose_the_lane_of_its_next_run(struct kunit *test)
{
	struct kworkerx_worker *worker = use_kind(test);
	struct kwx_job *job = urgent(kwx_bed_held_job(test, 1));

	kwx_hold(test, worker, job);
	kwx_queued(test, 2);
	kworkerx_set_work_urgent(KWX_WORK(job), false);
	kwx_queue(test, worker, job);
	kwx_release(job);
	kwx_release(job);
	kwx_flush(test, worker);
	kwx_expect_log(test, kwx_bed_log(test), 1, 2, 1);
}

static void a_work_is_urgent_wherever_there_are_two_lanes(struct kunit *test)
{
	struct kworkerx_worker *plain = kwx_bed_worker(test);
	struct kworkerx_worker *worker = use_kind(test);
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *other = kwx_bed_job(test, 1);
	struct kwx_job *job = urgent_job(test, 2);

	kwx_queue(test, plain, other);
	kwx_queue(test, plain, job);
	kwx_flush(test, plain);
	kwx_queue(test, worker, other);
	kwx_queue(test, worker, job);
	finish(test, gate);
	kwx_queue(test, plain, other);
	kwx_queue(test, plain, job);
	kwx_flush(test, plain);
	kwx_expect_log(test, kwx_bed_log(test), 0, 1, 2, 2, 1, 1, 2);
}

/*
 * Where it is queued
 */

static void try_op(void *arg)
{
	struct op *op = arg;

	op->ret = kworkerx_try_queue_work(op->worker, KWX_WORK(op->job));
}

static void nowake_op(void *arg)
{
	struct op *op = arg;

	op->ret = kworkerx_queue_work_nowake(op->worker, KWX_WORK(op->job));
}

static void queue_op(void *arg)
{
	struct op *op = arg;

	op->ret = kworkerx_queue_work(op->worker, KWX_WORK(op->job));
}

static void urgent_works_are_queued_in(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct kworkerx_worker *worker = use(test, &kinds[i]);
		struct kwx_job *job = urgent_job(test, 1);
		struct kwx_job *gate;

		/* Nobody else wakes the thread. */
		KUNIT_EXPECT_EQ(test, 1, at_place(test, queue_op, job, 0));
		kwx_wait(test, &job->started);
		gate = kwx_running(test, 0);
		kwx_bed_log(test)->nr = 0;
		kwx_queued(test, 2);
		KUNIT_EXPECT_EQ(test, 1, at_place(test, queue_op,
						  urgent_job(test, 3), 0));
		KUNIT_EXPECT_EQ(test, 1, at_place(test, try_op,
						  urgent_job(test, 4), 0));
		KUNIT_EXPECT_EQ(test, 1, at_place(test, nowake_op,
						  urgent_job(test, 5), 0));
		KUNIT_EXPECT_EQ(test, 1, at_place(test, queue_op,
						  kwx_bed_job(test, 6), 0));
		kwx_release(gate);
		kwx_flush(test, worker);
		kwx_expect_log(test, kwx_bed_log(test), 3, 4, 5, 2, 6);
	}
}

static long in_nmi_of(struct kunit *test, void (*fn)(void *arg),
		      struct kwx_job *job)
{
	struct op op = { kwx_bed_worker(test), job, 0, -1 };

	kwx_in_nmi(fn, &op);
	return op.ret;
}

static const struct kind nmi_kinds[] = {
	{ "lanes", KWORKERX_LANES | KWORKERX_ANYWHERE },
	{ "inherits", KWORKERX_LANES | KWORKERX_ANYWHERE | KWORKERX_INHERIT },
};

KUNIT_ARRAY_PARAM(nmi_kinds, nmi_kinds, kind_desc);

static void urgent_works_are_queued_in_an_nmi(struct kunit *test)
{
	struct kworkerx_worker *worker;
	struct kwx_job *job, *gate;

	kwx_open_nmi(test);
	worker = use_kind(test);
	job = urgent_job(test, 1);
	KUNIT_EXPECT_EQ(test, 1, in_nmi_of(test, queue_op, job));
	kwx_wait(test, &job->started);
	gate = kwx_running(test, 2);
	kwx_queued(test, 3);
	KUNIT_EXPECT_EQ(test, 1, in_nmi_of(test, queue_op, urgent_job(test, 4)));
	KUNIT_EXPECT_EQ(test, 1, in_nmi_of(test, queue_op, kwx_bed_job(test, 5)));
	urgent_queued(test, 6);
	KUNIT_EXPECT_EQ(test, 1, in_nmi_of(test, try_op, urgent_job(test, 7)));
	KUNIT_EXPECT_EQ(test, 1, in_nmi_of(test, nowake_op, urgent_job(test, 8)));
	kwx_release(gate);
	kwx_flush(test, worker);
	kwx_expect_log(test, kwx_bed_log(test), 1, 2, 4, 6, 7, 8, 3, 5);
}

/* They were told by an interrupt, which looks through both lanes. */
static void debug_objects_know_what_an_nmi_has_queued(struct kunit *test)
{
	struct kwx_job *jobs[2], *gate;
	unsigned int i;

	kwx_open_nmi(test);
	use_kind(test);
	gate = kwx_running(test, 0);
	jobs[0] = urgent_job(test, 1);
	jobs[1] = kwx_bed_job(test, 2);
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, 1, in_nmi_of(test, queue_op, jobs[i]));
		KUNIT_EXPECT_FALSE(test, atomic_read(&KWX_WORK(jobs[i])->state) &
				   KWORKERX_WORK_UNSEEN);
	}
	finish(test, gate);
}

static void both_lanes_are_closed_to_an_nmi(struct kunit *test)
{
	struct kworkerx_worker *worker;
	struct kwx_job *gate, *job;
	struct kwx_call *destroy;

	kwx_open_nmi(test);
	worker = mortal(test, test->param_value);
	gate = kwx_bed_held_job(test, 1);
	job = urgent_job(test, 2);
	kwx_hold(test, worker, gate);
	destroy = kwx_call(test, kwx_destroy_worker_fn, worker);
	KUNIT_EXPECT_TRUE(test, kwx_until(READ_ONCE(worker->life) ==
					  KWORKERX_ENDING));
	kwx_bed_change(test, worker);
	KUNIT_EXPECT_EQ(test, -EAGAIN, in_nmi_of(test, try_op, job));
	KUNIT_EXPECT_FALSE(test, kworkerx_work_pending(KWX_WORK(job)));
	kwx_release(gate);
	kwx_call_returns(test, destroy);
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
}

/*
 * Idle, plugged, parked
 */

static void an_urgent_work_wakes_an_idle_thread(struct kunit *test)
{
	struct kworkerx_worker *worker = use_kind(test);
	struct kwx_job *job = urgent_job(test, 1);
	unsigned int i;

	for (i = 0; i < 2; i++) {
		kwx_await_state(test, worker->task, TASK_IDLE);
		kwx_queue(test, worker, job);
		kwx_wait(test, &job->started);
		kwx_await_state(test, worker->task, TASK_IDLE);
		KUNIT_EXPECT_TRUE(test,
				  kworkerx_queue_work_nowake(worker, KWX_WORK(job)));
		KUNIT_EXPECT_TRUE(test, kworkerx_work_pending(KWX_WORK(job)));
		kworkerx_wake_worker(worker);
		kwx_wait(test, &job->started);
	}
}

static void count_one_idle(void *data, struct kworkerx_worker *worker)
{
	if (worker->task == current)
		atomic_inc((atomic_t *)data);
}

static void forget_idle(struct kunit_resource *res)
{
	unregister_trace_kworkerx_worker_idle(count_one_idle, res->data);
	tracepoint_synchronize_unregister();
}

static atomic_t *count_idle(struct kunit *test)
{
	atomic_t *count = kwx_calloc(test, 1, sizeof(*count));

	if (register_trace_kworkerx_worker_idle(count_one_idle, count))
		kunit_skip(test, "needs trace events");
	kwx_own(test, forget_idle, count);
	return count;
}

/* Does the thread, which polls, come to @job without having gone to sleep? */
static bool polled(struct kunit *test, struct kwx_job *other, struct kwx_job *job,
		   atomic_t *idle)
{
	struct kworkerx_worker *worker = kwx_bed_worker(test);
	int before;

	kwx_queue(test, worker, other);
	kwx_wait(test, &other->started);
	before = atomic_read(idle);
	/* It has looked at its queue. */
	if (!kwx_until(!READ_ONCE(worker->current_work)))
		return false;
	kwx_queue(test, worker, job);
	kwx_wait(test, &job->started);
	return atomic_read(idle) == before;
}

static void a_thread_that_polls_sees_an_urgent_work(struct kunit *test)
{
	const struct kind poller = { "polls", KWORKERX_LANES, 10 * USEC_PER_SEC };
	struct kwx_job *other, *job;
	atomic_t *idle;

	if (num_online_cpus() == 1)
		kunit_skip(test, "who queues it is on another CPU");
	idle = count_idle(test);
	use(test, &poller);
	other = kwx_bed_job(test, 1);
	job = urgent_job(test, 2);
	/* Others may want its CPU, for a moment. */
	KUNIT_EXPECT_TRUE(test, kwx_until(polled(test, other, job, idle)));
}

static void park_op(void *arg)
{
	struct op *op = arg;

	op->ret = kworkerx_park_worker(op->worker);
}

/* The thread has come to rest, and runs none of what is queued. */
static void expect_still(struct kunit *test, struct kwx_job *job)
{
	kwx_await_state(test, kwx_bed_worker(test)->task, TASK_IDLE);
	KUNIT_EXPECT_TRUE(test, kworkerx_work_pending(KWX_WORK(job)));
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
}

static void a_plug_holds_back_both_lanes(struct kunit *test)
{
	struct kworkerx_worker *worker = use_kind(test);
	struct kwx_job *job;
	struct waiter *flush;

	KUNIT_EXPECT_EQ(test, 0, kworkerx_plug_worker(worker));
	now(test, flush_worker_timeout_op, NULL, 0);
	job = urgent_queued(test, 1);
	expect_still(test, job);
	/* There is something to wait for. */
	ends(test, begin(test, flush_worker_timeout_op, NULL, 2), -ETIMEDOUT);
	flush = begin_and_block(test, flush_work_op, job);
	kwx_queued(test, 2);
	urgent_queued(test, 3);
	expect_still(test, job);
	kworkerx_unplug_worker(worker);
	ends(test, flush, true);
	kwx_flush(test, worker);
	kwx_expect_log(test, kwx_bed_log(test), 1, 3, 2);
}

static void a_plug_does_not_hold_back_who_waits_for_what_runs(struct kunit *test)
{
	struct kworkerx_worker *worker = use_kind(test);
	struct kwx_job *job = urgent_running(test, 1);
	struct waiter *flush, *cancel;

	KUNIT_EXPECT_EQ(test, 0, kworkerx_plug_worker(worker));
	kwx_queued(test, 2);
	urgent_queued(test, 3);
	flush = begin_and_block(test, flush_work_op, job);
	cancel = begin_and_block(test, cancel_sync_op, job);
	kwx_release(job);
	ends(test, flush, true);
	ends(test, cancel, false);
	kwx_expect_log(test, kwx_bed_log(test), 1);
	kworkerx_unplug_worker(worker);
	kwx_flush(test, worker);
	kwx_expect_log(test, kwx_bed_log(test), 1, 3, 2);
}

static void a_park_waits_for_what_runs_and_for_no_lane(struct kunit *test)
{
	struct kworkerx_worker *worker = use_kind(test);
	struct kwx_job *job = kwx_running(test, 1);
	struct kwx_job *next = urgent_queued(test, 2);
	struct waiter *park = begin_and_block(test, park_op, NULL);

	kwx_queued(test, 3);
	kwx_release(job);
	ends(test, park, 0);
	expect_still(test, next);
	urgent_queued(test, 4);
	kworkerx_unpark_worker(worker);
	kwx_flush(test, worker);
	kwx_expect_log(test, kwx_bed_log(test), 1, 2, 4, 3);
}

/*
 * Flush
 */

static void a_flush_of_an_urgent_work_waits_for_it_alone(struct kunit *test)
{
	struct kwx_job *gate, *other, *job, *behind;
	struct waiter *flush;

	use_kind(test);
	gate = kwx_running(test, 0);
	other = kwx_queued_held(test, 1);
	job = urgent_held(test, 2);
	behind = urgent_held(test, 3);
	flush = begin_and_block(test, flush_work_op, job);
	kwx_step(test, gate, job);
	kwx_call_blocks(test, flush->call);
	kwx_step(test, job, behind);
	ends(test, flush, true);
	kwx_step(test, behind, other);
	finish(test, other);
	kwx_expect_log(test, kwx_bed_log(test), 0, 2, 3, 1);
}

static void a_flush_of_another_work_waits_for_urgent_ones_too(struct kunit *test)
{
	struct kwx_job *gate, *before, *job, *later, *behind;
	struct waiter *flush;

	use_kind(test);
	gate = kwx_running(test, 0);
	before = urgent_held(test, 1);
	job = kwx_queued_held(test, 2);
	behind = kwx_queued_held(test, 3);
	flush = begin_and_block(test, flush_work_op, job);
	later = urgent_held(test, 4);
	kwx_step(test, gate, before);
	kwx_step(test, before, later);
	kwx_step(test, later, job);
	kwx_call_blocks(test, flush->call);
	kwx_step(test, job, behind);
	ends(test, flush, true);
	finish(test, behind);
}

/* Whatever is queued, nothing of it is waited for. */
static void a_flush_of_a_running_work_waits_for_no_lane(struct kunit *test)
{
	struct kwx_job *job, *other, *next;
	struct waiter *flush;

	use_kind(test);
	job = kwx_running(test, 1);
	other = kwx_queued_held(test, 2);
	next = urgent_held(test, 3);
	flush = begin_and_block(test, flush_work_op, job);
	kwx_step(test, job, next);
	ends(test, flush, true);
	flush = begin_and_block(test, flush_work_op, next);
	kwx_step(test, next, other);
	ends(test, flush, true);
	finish(test, other);
}

static void a_flush_of_the_worker_waits_for_both_lanes(struct kunit *test)
{
	struct kwx_job *gate, *other, *job, *later;
	struct waiter *flush;

	use_kind(test);
	gate = kwx_running(test, 0);
	other = kwx_queued_held(test, 1);
	job = urgent_held(test, 2);
	flush = begin_and_block(test, flush_worker_timeout_op, NULL);
	later = kwx_queued_held(test, 3);
	kwx_step(test, gate, job);
	kwx_step(test, job, other);
	kwx_call_blocks(test, flush->call);
	kwx_step(test, other, later);
	ends(test, flush, 0);
	finish(test, later);
}

static void a_flush_of_the_worker_waits_for_urgent_works_alone(struct kunit *test)
{
	struct kwx_job *gate, *jobs[3];
	struct waiter *flush;
	unsigned int i;

	use_kind(test);
	gate = kwx_running(test, 0);
	for (i = 0; i < 2; i++)
		jobs[i] = urgent_held(test, 1 + i);
	flush = begin_and_block(test, flush_worker_timeout_op, NULL);
	jobs[2] = urgent_held(test, 3);
	kwx_step(test, gate, jobs[0]);
	kwx_step(test, jobs[0], jobs[1]);
	kwx_call_blocks(test, flush->call);
	kwx_step(test, jobs[1], jobs[2]);
	ends(test, flush, 0);
	finish(test, jobs[2]);
}

/* It has an end, so that a test that fails has one. */
static void queue_again(struct kwx_job *job)
{
	if (kwx_runs(job) < KWX_LOG_MAX)
		kworkerx_queue_work(job->worker, KWX_WORK(job));
}

/* A held job that is urgent and queues itself. */
static struct kwx_job *endless(struct kunit *test, int id)
{
	struct kwx_job *job = urgent(kwx_bed_held_job(test, id));

	job->worker = kwx_bed_worker(test);
	job->action = queue_again;
	return job;
}

static void a_work_that_queues_itself_does_not_keep_a_flush(struct kunit *test)
{
	struct kwx_job *job;
	struct waiter *flush;

	use_kind(test);
	job = __kwx_running(test, endless(test, 1));
	flush = begin_and_block(test, flush_worker_timeout_op, NULL);
	kwx_step(test, job, job);
	ends(test, flush, 0);
	/* Pending, and running again. */
	kwx_queue(test, kwx_bed_worker(test), job);
	flush = begin_and_block(test, flush_worker_timeout_op, NULL);
	kwx_step(test, job, job);
	kwx_call_blocks(test, flush->call);
	kwx_step(test, job, job);
	ends(test, flush, 0);
	WRITE_ONCE(job->action, NULL);
	finish(test, job);
}

/*
 * Somebody waits for one of the others, which has run: he may wait on, but who comes
 * now finds nothing but urgent works.
 */
static void a_flush_does_not_wait_for_who_waits(struct kunit *test)
{
	struct kwx_job *job, *other;
	struct waiter *early, *flush;

	use_kind(test);
	other = kwx_running(test, 1);
	kwx_queue(test, kwx_bed_worker(test), other);
	early = begin_and_block(test, flush_work_op, other);
	kwx_step(test, other, other);
	job = __kwx_queued(test, endless(test, 2));
	kwx_step(test, other, job);
	flush = begin_and_block(test, flush_worker_timeout_op, NULL);
	kwx_step(test, job, job);
	ends(test, flush, 0);
	WRITE_ONCE(job->action, NULL);
	kwx_release(job);
	ends(test, early, true);
}

static void a_flush_of_an_armed_work_takes_its_lane(struct kunit *test)
{
	struct kwx_job *gate, *job;
	struct waiter *flush;

	use_kind(test);
	gate = kwx_running(test, 0);
	kwx_queued(test, 1);
	job = urgent(armed(test, 2));
	flush = begin_and_block(test, flush_delayed_op, job);
	KUNIT_EXPECT_FALSE(test, is_armed(job));
	finish(test, gate);
	ends(test, flush, true);
	kwx_expect_log(test, kwx_bed_log(test), 0, 2, 1);
}

static void who_waited_too_long_leaves_nothing_in_either_lane(struct kunit *test)
{
	struct kwx_job *gate, *job;

	use_kind(test);
	gate = kwx_running(test, 0);
	job = urgent_queued(test, 1);
	ends(test, begin(test, flush_worker_timeout_op, NULL, 2), -ETIMEDOUT);
	ends(test, begin(test, flush_work_timeout_op, job, 2), -ETIMEDOUT);
	urgent_queued(test, 2);
	ends(test, begin(test, flush_work_timeout_op, job, 2), -ETIMEDOUT);
	kwx_queued(test, 3);
	ends(test, begin(test, flush_worker_timeout_op, NULL, 2), -ETIMEDOUT);
	ends(test, begin(test, flush_work_timeout_op, gate, 2), -ETIMEDOUT);
	urgent_queued(test, 4);
	kwx_queued(test, 5);
	finish(test, gate);
	kwx_expect_log(test, kwx_bed_log(test), 0, 1, 2, 4, 3, 5);
}

/*
 * Cancel
 */

static void a_cancel_waits_for_what_runs_and_for_no_lane(struct kunit *test)
{
	struct kwx_job *job, *next, *other;
	struct waiter *cancel;

	use_kind(test);
	job = __kwx_running(test, endless(test, 1));
	other = kwx_queued_held(test, 2);
	next = urgent_held(test, 3);
	kwx_queue(test, kwx_bed_worker(test), job);
	cancel = begin_and_block(test, cancel_sync_op, job);
	KUNIT_EXPECT_FALSE(test, queue(test, job));
	kwx_step(test, job, next);
	ends(test, cancel, true);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
	KUNIT_EXPECT_FALSE(test, kworkerx_work_busy(KWX_WORK(job)));
	/* It is as urgent as before. */
	job->action = NULL;
	kwx_release(job);
	KUNIT_EXPECT_TRUE(test, queue(test, job));
	kwx_step(test, next, job);
	finish(test, other);
	kwx_expect_log(test, kwx_bed_log(test), 1, 3, 1, 2);
}

static void a_flush_returns_although_its_urgent_work_is_cancelled(struct kunit *test)
{
	struct kwx_job *gate, *job, *behind, *other;
	struct waiter *flush;

	use_kind(test);
	gate = kwx_running(test, 0);
	other = kwx_queued_held(test, 1);
	job = urgent_queued(test, 2);
	flush = begin_and_block(test, flush_work_op, job);
	now(test, cancel_op, job, true);
	behind = urgent_held(test, 3);
	kwx_step(test, gate, behind);
	ends(test, flush, true);
	kwx_step(test, behind, other);
	finish(test, other);
}

/* One in four changes the lane all the time, and takes the work back. */
static void change_or_queue_fn(void *arg)
{
	struct racer *me = arg;
	struct kworkerx_work *work = KWX_WORK(me->job);
	unsigned int round;

	for (round = 0; round < ROUNDS; round++) {
		if (!is_odd(me)) {
			queue_somehow(me);
			continue;
		}
		kworkerx_set_work_urgent(work, next_random(me) % 2);
		if (!(next_random(me) % 4))
			me->taken += kworkerx_cancel_work_sync(work);
	}
}

static void lanes_that_are_changed_amid_queueings_lose_nothing(struct kunit *test)
{
	use(test, &kinds[0]);
	race(test, change_or_queue_fn);
	urgent_queued(test, 1);
	kwx_flush(test, kwx_bed_worker(test));
	kwx_expect_log(test, kwx_bed_log(test), 1);
}

/*
 * Drain and destruction
 */

static void drain_op(void *arg)
{
	struct op *op = arg;

	op->ret = kworkerx_drain_worker_timeout(op->worker, op->delay);
}

static void destroy_op(void *arg)
{
	struct op *op = arg;

	op->ret = kworkerx_destroy_worker_timeout(op->worker, op->delay);
}

static void a_drain_waits_for_both_lanes_and_closes_both(struct kunit *test)
{
	struct kworkerx_worker *worker = use_kind(test);
	struct kwx_job *gate = urgent(kwx_bed_held_job(test, 1));
	struct kwx_job *late = urgent_job(test, 2);
	struct kwx_job *last = kwx_bed_held_job(test, 3);
	struct waiter *drain;

	has_two_queued(test, gate);
	kwx_hold(test, worker, gate);
	kwx_queue(test, worker, last);
	drain = begin_and_block(test, drain_op, NULL);
	KUNIT_EXPECT_FALSE(test, queue(test, late));
	KUNIT_EXPECT_FALSE(test, queue_first(test, late));
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN,
			kworkerx_try_queue_work(worker, KWX_WORK(late)));
	KUNIT_EXPECT_FALSE(test, kworkerx_work_pending(KWX_WORK(late)));
	/* What it queues takes the lanes that it should, though they are closed. */
	kwx_step(test, gate, last);
	kwx_call_blocks(test, drain->call);
	kwx_release(last);
	ends(test, drain, 0);
	kwx_expect_log(test, kwx_bed_log(test), 1, 9, 3, 8);
	kwx_queue(test, worker, late);
	kwx_wait(test, &late->started);
}

/* After so many rounds in which nothing but it was queued. */
static void an_urgent_work_that_goes_on_queueing_itself_is_reported(struct kunit *test)
{
	struct kwx_job *job;
	struct waiter *drain;
	unsigned int round;

	use_kind(test);
	job = __kwx_running(test, endless(test, 1));
	kwx_misuse_begin();
	drain = begin_and_block(test, drain_op, NULL);
	for (round = 0; round < 10; round++) {
		kwx_step(test, job, job);
		kwx_call_blocks(test, drain->call);
	}
	kwx_misuse_end(test, KWX_JOB_FN " goes on queueing while worker kwx_lanes is drained");
	WRITE_ONCE(job->action, NULL);
	kwx_release(job);
	ends(test, drain, 0);
}

static void a_destruction_runs_what_is_in_both_lanes(struct kunit *test)
{
	struct kworkerx_worker *worker = mortal(test, test->param_value);
	struct kwx_job *gate = kwx_bed_held_job(test, 1);
	struct kwx_job *timed = urgent_job(test, 4);
	struct kwx_job *late = urgent_job(test, 5);
	struct waiter *destroy, *flush;

	kwx_bed_change(test, worker);
	has_two_queued(test, gate);
	kwx_hold(test, worker, gate);
	kwx_queued(test, 2);
	urgent_queued(test, 3);
	KUNIT_EXPECT_TRUE(test, queue_after(test, timed, AN_HOUR));
	destroy = begin_and_block(test, destroy_op, NULL);
	kwx_misuse_begin();
	KUNIT_EXPECT_FALSE(test, queue(test, late));
	kwx_misuse_end(test, KWX_JOB_FN " queued on worker kwx_lanes, which is being destroyed");
	flush = begin_and_block(test, flush_delayed_op, timed);
	kwx_release(gate);
	ends(test, destroy, 0);
	ends(test, flush, true);
	kwx_expect_log(test, kwx_bed_log(test), 1, 3, 4, 9, 2, 8);
	KUNIT_EXPECT_FALSE(test, kworkerx_flush_work(KWX_WORK(timed)));
	KUNIT_EXPECT_FALSE(test, kworkerx_cancel_work_sync(KWX_WORK(timed)));
}

static void a_destruction_that_took_too_long_opens_both_lanes(struct kunit *test)
{
	struct kworkerx_worker *worker = use_kind(test);
	struct kwx_job *gate = kwx_running(test, 1);

	urgent_queued(test, 2);
	ends(test, begin(test, destroy_op, NULL, 2), -ETIMEDOUT);
	ends(test, begin(test, drain_op, NULL, 2), -ETIMEDOUT);
	kwx_queued(test, 3);
	urgent_queued(test, 4);
	kwx_release(gate);
	kwx_flush(test, worker);
	kwx_expect_log(test, kwx_bed_log(test), 1, 2, 4, 3);
}

static void stop_fn(void *worker)
{
	kthread_stop(((struct kworkerx_worker *)worker)->task);
}

/* Which nobody should do to a worker that was created.  It runs what it has. */
static void a_thread_that_is_stopped_leaves_neither_lane_behind(struct kunit *test)
{
	struct kworkerx_worker *worker = mortal(test, test->param_value);
	struct kwx_job *early = urgent_job(test, 1);
	struct kwx_job *left = kwx_bed_job(test, 2);
	struct kwx_job *last = urgent_job(test, 3);
	struct kwx_call *flush;

	KUNIT_EXPECT_EQ(test, 0, kworkerx_plug_worker(worker));
	kwx_queue(test, worker, early);
	kwx_call_returns(test, kwx_call(test, stop_fn, worker));
	kwx_expect_log(test, kwx_bed_log(test), 1);
	kwx_queue(test, worker, left);
	kwx_queue(test, worker, last);
	flush = kwx_call(test, kwx_flush_work_fn, KWX_WORK(last));
	kwx_call_blocks(test, flush);
	kwx_misuse_begin();
	kwx_call_returns(test, kwx_call(test, kwx_destroy_worker_fn, worker));
	kwx_misuse_end(test, "destroyed after its thread was stopped");
	kwx_call_returns(test, flush);
	KUNIT_EXPECT_FALSE(test, kworkerx_work_pending(KWX_WORK(left)));
	KUNIT_EXPECT_FALSE(test, kworkerx_work_pending(KWX_WORK(last)));
	kwx_expect_log(test, kwx_bed_log(test), 1);
}

/* It can be had at the creation only. */
static void an_embedded_worker_has_one_lane(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bare_worker(test);
	struct kwx_job *job = kwx_bed_job(test, 1);

	worker->flags = KWORKERX_LANES;
	kwx_queue(test, worker, job);
	kwx_queue(test, worker, urgent_job(test, 2));
	kwx_misuse_begin();
	kwx_attach(test, worker);
	kwx_wait(test, &job->started);
	kwx_misuse_end(test, ", which is embedded, has flags 0x10");
	kwx_flush(test, worker);
	KUNIT_EXPECT_EQ(test, 0, worker->flags);
	kwx_expect_log(test, kwx_bed_log(test), 1, 2);
}

/*
 * Sets
 */

static const enum kworkerx_percpu_policy policies[] = {
	KWORKERX_PERCPU_MOVE, KWORKERX_PERCPU_HOLD, KWORKERX_PERCPU_REFUSE,
};

static void policy_desc(const enum kworkerx_percpu_policy *policy, char *desc)
{
	static const char * const names[] = { "move", "hold", "refuse" };

	strscpy(desc, names[*policy], KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(policies, policies, policy_desc);

static void free_set(struct kunit_resource *res)
{
	kworkerx_percpu_destroy(res->data);
}

/*
 * Of the policy that is the test's parameter.  Its threads are not preempted by who
 * takes their CPU down.
 */
static struct kworkerx_percpu *percpu(struct kunit *test)
{
	const struct kworkerx_percpu_attr attr = {
		.name = "kwx_lanes/%u",
		.flags = KWORKERX_LANES,
		.policy = *(const enum kworkerx_percpu_policy *)test->param_value,
		.sched.sched_policy = SCHED_FIFO,
		.sched.sched_priority = 1,
		.cpumask = cpu_possible_mask,
	};
	struct kworkerx_percpu *set = kworkerx_percpu_create(&attr);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, set);
	kwx_own(test, free_set, set);
	return set;
}

static void flush_set_fn(void *set)
{
	kworkerx_percpu_flush(set);
}

static void flush_set(struct kunit *test, struct kworkerx_percpu *set)
{
	kwx_call_returns(test, kwx_call(test, flush_set_fn, set));
}

static struct kwx_job *queue_on(struct kunit *test, struct kworkerx_percpu *set,
				int cpu, struct kwx_job *job)
{
	KUNIT_EXPECT_EQ(test, 1,
			kworkerx_percpu_queue_work_on(set, cpu, KWX_WORK(job)));
	return job;
}

/* Runs while others are queued there. */
static struct kwx_job *hold_on(struct kunit *test, struct kworkerx_percpu *set,
			       int cpu, struct kwx_job *gate)
{
	queue_on(test, set, cpu, gate);
	kwx_wait(test, &gate->started);
	return gate;
}

static void the_workers_of_a_set_have_two_lanes(struct kunit *test)
{
	struct kworkerx_percpu *set = percpu(test);
	int cpu = cpumask_first(cpu_online_mask);
	struct kwx_job *gate = hold_on(test, set, cpu, kwx_bed_held_job(test, 1));

	queue_on(test, set, cpu, kwx_bed_job(test, 2));
	queue_on(test, set, cpu, urgent_job(test, 3));
	KUNIT_EXPECT_EQ(test, 1,
			kworkerx_percpu_queue_delayed_work_on(set, cpu,
							      &urgent_job(test, 4)->dwork,
							      0));
	kwx_release(gate);
	flush_set(test, set);
	kwx_expect_log(test, kwx_bed_log(test), 1, 3, 4, 2);
}

static void a_cpu_that_goes_finishes_both_lanes(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kworkerx_percpu *set = percpu(test);
	struct kwx_job *jobs[4], *gate = kwx_bed_held_job(test, 0);
	struct kwx_call *down;
	unsigned int i;

	hold_on(test, set, outage->cpu, gate);
	for (i = 0; i < ARRAY_SIZE(jobs); i++) {
		jobs[i] = kwx_bed_job(test, 1 + i);
		kworkerx_set_work_urgent(KWX_WORK(jobs[i]), i % 2);
		queue_on(test, set, outage->cpu, jobs[i]);
	}
	down = kwx_start_outage(test, outage, gate);
	kwx_release(gate);
	kwx_call_returns(test, down);
	KUNIT_ASSERT_TRUE(test, outage->down);
	for (i = 0; i < ARRAY_SIZE(jobs); i++)
		KUNIT_EXPECT_EQ(test, outage->cpu, jobs[i]->cpu);
	kwx_expect_log(test, kwx_bed_log(test), 0, 2, 4, 1, 3);
}

/* It goes on until the worker is to run nothing more. */
static void await_hold(struct kwx_job *job)
{
	struct kworkerx_worker *worker = kworkerx_current_worker();

	while (!READ_ONCE(worker->holds))
		schedule_timeout_uninterruptible(1);
}

static const enum kworkerx_percpu_policy lasting[] = {
	KWORKERX_PERCPU_MOVE, KWORKERX_PERCPU_HOLD,
};

KUNIT_ARRAY_PARAM(lasting, lasting, policy_desc);

/*
 * What comes late, while the CPU goes, cannot run there: it moves, or stays and gets
 * company from what comes while the CPU is away.
 */
static void what_a_cpu_leaves_in_both_lanes_runs(struct kunit *test)
{
	bool moves = *(const enum kworkerx_percpu_policy *)test->param_value ==
		     KWORKERX_PERCPU_MOVE;
	struct kwx_outage *outage = kwx_outage(test);
	struct kworkerx_percpu *set = percpu(test);
	struct kwx_job *first = kwx_bed_held_job(test, 1);
	struct kwx_job *second = kwx_bed_held_job(test, 2);
	struct kwx_call *down;

	second->action = await_hold;
	hold_on(test, set, outage->cpu, first);
	queue_on(test, set, outage->cpu, kwx_bed_job(test, 7));
	down = kwx_start_outage(test, outage, first);
	queue_on(test, set, outage->cpu, second);
	kwx_step(test, first, second);
	queue_on(test, set, outage->cpu, kwx_bed_job(test, 3));
	queue_on(test, set, outage->cpu, urgent_job(test, 4));
	kwx_release(second);
	kwx_call_returns(test, down);
	KUNIT_ASSERT_TRUE(test, outage->down);
	if (moves) {
		flush_set(test, set);
		kwx_expect_log(test, kwx_bed_log(test), 1, 7, 2, 4, 3);
		return;
	}
	queue_on(test, set, outage->cpu, kwx_bed_job(test, 5));
	queue_on(test, set, outage->cpu, urgent_job(test, 6));
	kwx_recover(test, outage);
	flush_set(test, set);
	kwx_expect_log(test, kwx_bed_log(test), 1, 7, 2, 4, 6, 3, 5);
}

static struct kunit_case lanes_cases[] = {
	KUNIT_CASE_PARAM(works_run_in_the_order_of_their_lanes, scenes_gen_params),
	KUNIT_CASE_PARAM(a_work_may_choose_the_lane_of_its_next_run,
			 kinds_gen_params),
	KUNIT_CASE_PARAM(a_work_is_urgent_wherever_there_are_two_lanes,
			 kinds_gen_params),
	KUNIT_CASE_PARAM(urgent_works_are_queued_in, places_gen_params),
	KUNIT_CASE_PARAM(urgent_works_are_queued_in_an_nmi, nmi_kinds_gen_params),
	KUNIT_CASE_PARAM(debug_objects_know_what_an_nmi_has_queued,
			 nmi_kinds_gen_params),
	KUNIT_CASE_PARAM(both_lanes_are_closed_to_an_nmi, nmi_kinds_gen_params),
	KUNIT_CASE_PARAM(an_urgent_work_wakes_an_idle_thread, kinds_gen_params),
	KUNIT_CASE(a_thread_that_polls_sees_an_urgent_work),
	KUNIT_CASE_PARAM(a_plug_holds_back_both_lanes, kinds_gen_params),
	KUNIT_CASE_PARAM(a_plug_does_not_hold_back_who_waits_for_what_runs,
			 kinds_gen_params),
	KUNIT_CASE_PARAM(a_park_waits_for_what_runs_and_for_no_lane,
			 kinds_gen_params),
	KUNIT_CASE_PARAM(a_flush_of_an_urgent_work_waits_for_it_alone,
			 kinds_gen_params),
	KUNIT_CASE_PARAM(a_flush_of_another_work_waits_for_urgent_ones_too,
			 kinds_gen_params),
	KUNIT_CASE_PARAM(a_flush_of_a_running_work_waits_for_no_lane,
			 kinds_gen_params),
	KUNIT_CASE_PARAM(a_flush_of_the_worker_waits_for_both_lanes,
			 kinds_gen_params),
	KUNIT_CASE_PARAM(a_flush_of_the_worker_waits_for_urgent_works_alone,
			 kinds_gen_params),
	KUNIT_CASE_PARAM(a_work_that_queues_itself_does_not_keep_a_flush,
			 kinds_gen_params),
	KUNIT_CASE_PARAM(a_flush_does_not_wait_for_who_waits, kinds_gen_params),
	KUNIT_CASE_PARAM(a_flush_of_an_armed_work_takes_its_lane,
			 kinds_gen_params),
	KUNIT_CASE_PARAM(who_waited_too_long_leaves_nothing_in_either_lane,
			 kinds_gen_params),
	KUNIT_CASE_PARAM(a_cancel_waits_for_what_runs_and_for_no_lane,
			 kinds_gen_params),
	KUNIT_CASE_PARAM(a_flush_returns_although_its_urgent_work_is_cancelled,
			 kinds_gen_params),
	KUNIT_CASE_PARAM(lanes_that_are_changed_amid_queueings_lose_nothing,
			 threads_gen_params),
	KUNIT_CASE_PARAM(a_drain_waits_for_both_lanes_and_closes_both,
			 kinds_gen_params),
	KUNIT_CASE_PARAM(an_urgent_work_that_goes_on_queueing_itself_is_reported,
			 kinds_gen_params),
	KUNIT_CASE_PARAM(a_destruction_runs_what_is_in_both_lanes,
			 kinds_gen_params),
	KUNIT_CASE_PARAM(a_destruction_that_took_too_long_opens_both_lanes,
			 kinds_gen_params),
	KUNIT_CASE_PARAM(a_thread_that_is_stopped_leaves_neither_lane_behind,
			 kinds_gen_params),
	KUNIT_CASE(an_embedded_worker_has_one_lane),
	KUNIT_CASE_PARAM(the_workers_of_a_set_have_two_lanes, policies_gen_params),
	KUNIT_CASE_PARAM(a_cpu_that_goes_finishes_both_lanes, policies_gen_params),
	KUNIT_CASE_PARAM(what_a_cpu_leaves_in_both_lanes_runs, lasting_gen_params),
	{}
};

static struct kunit_suite lanes_suite = {
	.name = "kworkerx_lanes",
	.init = kwx_bed_init,
	.test_cases = lanes_cases,
};

kunit_test_suite(lanes_suite);
