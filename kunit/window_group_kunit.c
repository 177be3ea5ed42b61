// SPDX-License-Identifier: GPL-2.0-only
/*
 * Windows of those who are not the works of one worker: of flushers, and of
 * groups and sets of workers.
 */
#include <linux/cpuhotplug.h>
#include <linux/delay.h>
#include <linux/slab.h>

#include "../kworkerx_compat.h"
#include "../modules/kworkerx_percpu.h"
#include "common.h"

/*
 * Barriers: the works of those who wait, on their stacks
 */

/* The thread of the bed's worker is held as it comes to @point. */
static struct kwx_window *kwx_hold_thread(struct kunit *test,
					  const struct kwx_point *point)
{
	struct task_struct *task = kwx_bed_worker(test)->task;

	kwx_flush(test, kwx_bed_worker(test));
	kwx_go_to(task, 0);
	kwx_go_to(current, 3);
	return kwx_open_window(test, point, task);
}

struct kwx_flusher {
	struct kworkerx_worker	*worker;
	struct kwx_window	*window;
	struct completion	left;
};

static struct kwx_flusher *kwx_flusher(struct kunit *test)
{
	struct kwx_flusher *flusher = kwx_calloc(test, 1, sizeof(*flusher));

	flusher->worker = kwx_bed_worker(test);
	init_completion(&flusher->left);
	return flusher;
}

/* As often as the thread is too slow to get hold of the barrier. */
static int kwx_flush_briefly(void *data)
{
	unsigned long end = jiffies + KWX_TIMEOUT / 2;
	struct kwx_flusher *flusher = data;
	int ret;

	do {
		ret = kworkerx_flush_worker_timeout(flusher->worker, 1);
	} while (ret == -ETIMEDOUT && time_before(jiffies, end) &&
		 !atomic_read(&flusher->window->caught));
	return ret;
}

/* Its time is over, but the thread has got hold of its barrier. */
static void a_flush_that_is_late_waits_for_its_turn(struct kunit *test)
{
	struct kwx_flusher *flusher = kwx_flusher(test);
	struct kwx_side *flush;

	flusher->window = kwx_hold_thread(test, &kwx_at_work_execute_start);
	flush = kwx_side(test, 1, kwx_flush_briefly, flusher);
	kwx_begin_side(test, flush);
	KUNIT_ASSERT_TRUE(test, kwx_caught(flusher->window));
	/* Some jiffies. */
	msleep(50);
	kwx_call_blocks(test, flush->call);
	kwx_let_go(test, flusher->window, flush);
	KUNIT_EXPECT_EQ(test, 0, flush->ret);
}

/* Where the barrier was is something else now. */
static noinline int kwx_use_stack(struct kwx_flusher *leaver)
{
	struct kwx_window *window = leaver->window;
	u8 stack[128 * sizeof(long)];
	int spoilt = 0;
	size_t i;

	memset(stack, 0x5a, sizeof(stack));
	barrier_data(stack);
	complete(&leaver->left);
	while (!READ_ONCE(window->go) && !READ_ONCE(window->late))
		usleep_range(100, 200);
	/* The thread comes to its next wait. */
	msleep(50);
	barrier_data(stack);
	for (i = 0; i < sizeof(stack); i++)
		spoilt += stack[i] != 0x5a;
	return spoilt;
}

static int kwx_flush_and_leave(void *data)
{
	struct kwx_flusher *leaver = data;

	kworkerx_flush_worker(leaver->worker);
	return kwx_use_stack(leaver);
}

static void nothing_touches_a_flusher_that_has_left(struct kunit *test)
{
	struct kwx_flusher *leaver = kwx_flusher(test);
	struct kwx_side *flush;

	leaver->window = kwx_hold_thread(test, &kwx_at_work_execute_end);
	flush = kwx_side(test, 1, kwx_flush_and_leave, leaver);
	kwx_begin_side(test, flush);
	KUNIT_ASSERT_TRUE(test, kwx_caught(leaver->window));
	kwx_wait(test, &leaver->left);
	kwx_let_go(test, leaver->window, flush);
	KUNIT_EXPECT_EQ(test, 0, flush->ret);
}

static void kwx_do_nothing(struct kworkerx_work *work)
{
}

/* KASAN sees it if the thread looks at the work thereafter. */
static void a_work_can_be_freed_as_it_ends(struct kunit *test)
{
	struct kwx_window *window =
		kwx_hold_thread(test, &kwx_at_work_execute_end);
	struct kworkerx_work *work = kzalloc_obj(*work, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, work);
	kworkerx_init_work(work, kwx_do_nothing);
	KUNIT_EXPECT_TRUE(test, kworkerx_queue_work(kwx_bed_worker(test), work));
	KUNIT_ASSERT_TRUE(test, kwx_caught(window));
	kfree(work);
	kwx_let_go(test, window, NULL);
	kwx_flush(test, kwx_bed_worker(test));
}

/*
 * Groups: two workers, the second of which stands in for the first
 */

struct kwx_pair {
	struct kworkerx_group	group;
	struct kworkerx_worker	*workers[2];
	struct task_struct	*task;		/* of the second */
	struct kwx_job		*job;
	bool			declines;
};

static struct kworkerx_worker *kwx_stand_in(const struct kworkerx_group *group,
					    struct kworkerx_work *work,
					    bool accepted)
{
	struct kwx_pair *pair = container_of(group, struct kwx_pair, group);

	return pair->declines ? NULL : pair->workers[1];
}

static int kwx_serve_fn(void *worker)
{
	while (!kthread_should_stop())
		kworkerx_serve_worker(worker);
	return 0;
}

static void kwx_free_pair(struct kunit_resource *res)
{
	struct kwx_pair *pair = res->data;
	int i;

	pair->declines = true;
	for (i = 0; i < 2; i++)
		kworkerx_close_worker(pair->workers[i]);
	if (pair->task)
		kthread_stop(pair->task);
	for (i = 0; i < 2; i++)
		kworkerx_free_worker(pair->workers[i]);
	synchronize_rcu();
	kfree(pair);
}

static struct kwx_pair *kwx_pair(struct kunit *test)
{
	struct kwx_pair *pair = kzalloc_obj(*pair, GFP_KERNEL);
	struct task_struct *task;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, pair);
	pair->group.divert = kwx_stand_in;
	for (i = 0; i < 2; i++) {
		pair->workers[i] = kworkerx_alloc_worker(&pair->group, NULL);
		KUNIT_ASSERT_NOT_NULL(test, pair->workers[i]);
	}
	kwx_own(test, kwx_free_pair, pair);
	task = kthread_create(kwx_serve_fn, pair->workers[1], "kwx_pair");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	pair->task = task;
	kworkerx_open_worker(pair->workers[0], NULL);
	kworkerx_open_worker(pair->workers[1], task);
	wake_up_process(task);
	kwx_flush(test, pair->workers[1]);
	kwx_go_to(current, 3);
	pair->job = kwx_bed_job(test, 1);
	kwx_queue(test, pair->workers[0], pair->job);
	return pair;
}

static int kwx_evict(void *data)
{
	struct kwx_pair *pair = data;

	kworkerx_evict_worker(pair->workers[0]);
	return 0;
}

/*
 * A work was taken off the queue that is evicted, and is in no other one yet.
 */

static int kwx_pair_cancel(void *data)
{
	struct kwx_pair *pair = data;

	return kworkerx_cancel_work(KWX_WORK(pair->job));
}

static int kwx_pair_cancel_sync(void *data)
{
	struct kwx_pair *pair = data;

	return kworkerx_cancel_work_sync(KWX_WORK(pair->job));
}

static int kwx_pair_flush(void *data)
{
	struct kwx_pair *pair = data;

	return kworkerx_flush_work(KWX_WORK(pair->job));
}

static int kwx_pair_queue(void *data)
{
	struct kwx_pair *pair = data;

	return kworkerx_try_queue_work(pair->workers[1], KWX_WORK(pair->job));
}

static const struct kwx_move {
	const char	*name;
	int (*act)(void *pair);
	int		ret;
	int		runs;
	enum kwx_pace	pace;
	bool		declines;
} kwx_moves[] = {
	{ "cancel", kwx_pair_cancel, true, 0, KWX_SPINS },
	{ "cancel_sync", kwx_pair_cancel_sync, true, 0, KWX_SPINS },
	{ "flush", kwx_pair_flush, true, 1, KWX_SPINS },
	{ "try", kwx_pair_queue, 0, 1 },
	{ "cancel, declined", kwx_pair_cancel, false, 0, KWX_SPINS, true },
	{ "cancel_sync, declined", kwx_pair_cancel_sync, false, 0, KWX_SPINS,
	  true },
	{ "flush, declined", kwx_pair_flush, false, 0, KWX_SPINS, true },
	{ "try, declined", kwx_pair_queue, 0, 0, KWX_RETURNS, true },
};

static void kwx_move_desc(const struct kwx_move *move, char *desc)
{
	strscpy(desc, move->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kwx_moves, kwx_moves, kwx_move_desc);

static void a_work_that_moves_is_met_by(struct kunit *test)
{
	const struct kwx_move *move = test->param_value;
	struct kwx_pair *pair = kwx_pair(test);
	struct kwx_job *gate = kwx_held_job(test, NULL, 0);
	struct kwx_window *window;
	struct kwx_side *evict, *other;

	kwx_go_to(pair->task, 3);
	kwx_hold(test, pair->workers[1], gate);
	pair->declines = move->declines;
	window = kwx_open_window(test, &kwx_at_work_queue_work,
				 KWX_WORK(pair->job));
	evict = kwx_side(test, 0, kwx_evict, pair);
	other = kwx_side(test, 1, move->act, pair);
	kwx_begin_side(test, evict);
	KUNIT_ASSERT_TRUE(test, kwx_caught(window));
	kwx_meanwhile(test, other, move->pace);
	kwx_let_go(test, window, evict);
	if (move->runs && move->pace != KWX_RETURNS)
		kwx_call_blocks(test, other->call);
	else
		kwx_expect_return(test, other);
	kwx_release(gate);
	kwx_call_returns(test, other->call);
	kwx_flush(test, pair->workers[1]);
	KUNIT_EXPECT_EQ(test, move->ret, other->ret);
	KUNIT_EXPECT_EQ(test, move->runs, kwx_runs(pair->job));
}

/* The second worker's thread falls asleep as the work comes to it. */
static void a_thread_that_falls_asleep_misses_no_work_that_moves(struct kunit *test)
{
	struct kwx_pair *pair = kwx_pair(test);
	struct kwx_side *evict = kwx_side(test, 1, kwx_evict, pair);
	struct kwx_window *window;

	kwx_go_to(pair->task, 0);
	window = kwx_open_window(test, &kwx_at_worker_idle, pair->workers[1]);
	kwx_queue(test, pair->workers[1], kwx_job(test, NULL, 0));
	KUNIT_ASSERT_TRUE(test, kwx_caught(window));
	kwx_meanwhile(test, evict, KWX_RETURNS);
	kwx_let_go(test, window, NULL);
	kwx_wait(test, &pair->job->started);
}

static void a_thread_that_sleeps_is_woken_for_a_work_that_moves(struct kunit *test)
{
	struct kwx_pair *pair = kwx_pair(test);

	kwx_await_state(test, pair->task, TASK_IDLE);
	kwx_evict(pair);
	kwx_wait(test, &pair->job->started);
}

/*
 * Sets
 */

struct kwx_crew {
	struct kworkerx_percpu	*set;
	int			cpu;
	struct kwx_job		*job;
};

static void kwx_free_crew(struct kunit_resource *res)
{
	kworkerx_percpu_destroy(res->data);
}

static struct kwx_crew *kwx_crew(struct kunit *test, int cpu)
{
	const struct kworkerx_percpu_attr attr = {
		.name = "kwxcrew/%u",
		.policy = KWORKERX_PERCPU_REFUSE,
		.cpumask = cpu_possible_mask,
	};
	struct kwx_crew *crew = kwx_calloc(test, 1, sizeof(*crew));

	crew->set = kworkerx_percpu_create(&attr);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, crew->set);
	kwx_own(test, kwx_free_crew, crew->set);
	crew->cpu = cpu;
	crew->job = kwx_bed_job(test, 1);
	return crew;
}

static int kwx_crew_queue(void *data)
{
	struct kwx_crew *crew = data;

	return kworkerx_percpu_queue_work_on(crew->set, crew->cpu,
					     KWX_WORK(crew->job));
}

static void a_thread_of_a_set_that_falls_asleep_misses_no_work(struct kunit *test)
{
	struct kwx_job *first = kwx_job(test, NULL, 0);
	struct kwx_window *window;
	struct kwx_side *queue;
	struct kwx_crew *crew;

	crew = kwx_crew(test, cpumask_first(cpu_online_mask));
	queue = kwx_side(test, 1, kwx_crew_queue, crew);
	kwx_go_to(current, 3);
	KUNIT_EXPECT_EQ(test, 1,
			kworkerx_percpu_queue_work_on(crew->set, crew->cpu,
						      KWX_WORK(first)));
	kworkerx_percpu_flush(crew->set);
	window = kwx_open_window(test, &kwx_at_worker_idle,
				 KWX_WORK(first)->worker);
	KUNIT_EXPECT_EQ(test, 1,
			kworkerx_percpu_queue_work_on(crew->set, crew->cpu,
						      KWX_WORK(first)));
	KUNIT_ASSERT_TRUE(test, kwx_caught(window));
	kwx_meanwhile(test, queue, KWX_RETURNS);
	kwx_let_go(test, window, NULL);
	KUNIT_EXPECT_EQ(test, 1, queue->ret);
	kwx_wait(test, &crew->job->started);
}

/*
 * The last CPU goes down.  Hotplug waits for a grace period before, and so for
 * whoever is held: he must come to the window after that.
 */
static struct {
	int			cpu;
	struct kwx_side		*producer;
	struct kwx_window	*window;
} kwx_descent;

static int kwx_descend(unsigned int cpu)
{
	if (cpu != kwx_descent.cpu)
		return 0;
	complete(&kwx_descent.producer->begin);
	kwx_caught(kwx_descent.window);
	return 0;
}

static void kwx_free_state(struct kunit_resource *res)
{
	cpuhp_remove_state_nocalls((long)res->data);
}

/* Called before that of the set, which is there for longer. */
static void kwx_before_descent(struct kunit *test)
{
	int state = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN,
					      "kworkerx/kunit:online", NULL,
					      kwx_descend);

	KUNIT_ASSERT_GT(test, state, 0);
	kwx_own(test, kwx_free_state, (void *)(long)state);
}

static void kwx_down_fn(void *data)
{
	struct kwx_outage *outage = data;

	outage->down = !kwx_cpu_down(outage->cpu);
}

static bool kwx_closed(struct kworkerx_worker *worker)
{
	return READ_ONCE(worker->life) == KWORKERX_CLOSED;
}

static void a_cpu_that_goes_down_refuses_a_half_queued_work(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kwx_job *first = kwx_job(test, NULL, 0);
	struct kwx_call *down;
	struct kwx_crew *crew;

	if (!IS_ENABLED(CONFIG_HOTPLUG_CPU))
		kunit_skip(test, "needs CPU hotplug");
	crew = kwx_crew(test, outage->cpu);
	KUNIT_EXPECT_EQ(test, 1,
			kworkerx_percpu_queue_work_on(crew->set, crew->cpu,
						      KWX_WORK(first)));
	kworkerx_percpu_flush(crew->set);
	kwx_go_to(current, 2);
	kwx_descent.cpu = outage->cpu;
	kwx_descent.window = kwx_open_window(test, &kwx_at_work_queue_work,
					     KWX_WORK(crew->job));
	kwx_descent.producer = kwx_side(test, 1, kwx_crew_queue, crew);
	kwx_before_descent(test);
	down = kwx_call(test, kwx_down_fn, outage);
	kwx_wait(test, &kwx_descent.producer->begun);
	KUNIT_EXPECT_TRUE(test, kwx_until(kwx_closed(KWX_WORK(first)->worker)));
	kwx_let_go(test, kwx_descent.window, kwx_descent.producer);
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&kwx_descent.window->caught));
	KUNIT_EXPECT_EQ(test, -ENODEV, kwx_descent.producer->ret);
	kwx_call_returns(test, down);
	KUNIT_EXPECT_TRUE(test, outage->down);
	kwx_recover(test, outage);
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(crew->job));
}

static struct kunit_case kwx_window_group_cases[] = {
	KUNIT_CASE(a_flush_that_is_late_waits_for_its_turn),
	KUNIT_CASE(nothing_touches_a_flusher_that_has_left),
	KUNIT_CASE(a_work_can_be_freed_as_it_ends),
	KUNIT_CASE_PARAM(a_work_that_moves_is_met_by, kwx_moves_gen_params),
	KUNIT_CASE(a_thread_that_falls_asleep_misses_no_work_that_moves),
	KUNIT_CASE(a_thread_that_sleeps_is_woken_for_a_work_that_moves),
	KUNIT_CASE(a_thread_of_a_set_that_falls_asleep_misses_no_work),
	KUNIT_CASE_SLOW(a_cpu_that_goes_down_refuses_a_half_queued_work),
	{}
};

static struct kunit_suite kwx_window_group_suite = {
	.name = "kworkerx_window_group",
	.init = kwx_window_init,
	.exit = kwx_window_exit,
	.test_cases = kwx_window_group_cases,
};

kunit_test_suite(kwx_window_group_suite);
