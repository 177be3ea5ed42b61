// SPDX-License-Identifier: GPL-2.0-only
/*
 * Draining and destruction: what they wait for, whom they keep out, and what
 * is left when their time is over.
 *
 * A job that is held decides how far the worker has come.  As it ends, the
 * worker takes what comes next before anybody who waits can look: when the next
 * held job has started, the barrier before it has been passed.
 */
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/irq_work.h>
#include <linux/preempt.h>

#include "common.h"

#define AN_HOUR		(3600UL * HZ)
#define ROUNDS		50
/* Works that queued themselves so many times while it drained are reported. */
#define MANY_TIMES	10

KUNIT_ARRAY_PARAM(threads, kwx_threads, kwx_threads_desc);

static bool is_armed(struct kwx_job *job)
{
	return timer_pending(&job->dwork.timer);
}

static struct kwx_job *armed(struct kunit *test,
			     struct kworkerx_worker *worker, int id,
			     unsigned long delay)
{
	struct kwx_job *job = kwx_bed_job(test, id);

	KUNIT_EXPECT_TRUE(test, kworkerx_queue_delayed_work(worker, &job->dwork,
							    delay));
	return job;
}

/* A worker that the case destroys. */
static struct kworkerx_worker *mortal(struct kunit *test)
{
	struct kworkerx_worker *worker = kworkerx_run_worker(0, "kwx_mortal");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, worker);
	return worker;
}

/* A drain or a destruction in a thread of its own. */
struct wait {
	struct kworkerx_worker *worker;
	unsigned long timeout;
	struct kwx_call *call;
	int ret;
};

static void drain_fn(void *arg)
{
	struct wait *wait = arg;

	wait->ret = kworkerx_drain_worker(wait->worker);
}

static void drain_timeout_fn(void *arg)
{
	struct wait *wait = arg;

	wait->ret = kworkerx_drain_worker_timeout(wait->worker, wait->timeout);
}

static void destroy_fn(void *arg)
{
	struct wait *wait = arg;

	wait->ret = kworkerx_destroy_worker_timeout(wait->worker,
						    wait->timeout);
}

static struct wait *begin_for(struct kunit *test, void (*fn)(void *arg),
			      struct kworkerx_worker *worker,
			      unsigned long timeout)
{
	struct wait *wait = kunit_kzalloc(test, sizeof(*wait), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, wait);
	wait->worker = worker;
	wait->timeout = timeout;
	wait->call = kwx_call(test, fn, wait);
	return wait;
}

static struct wait *begin(struct kunit *test, void (*fn)(void *arg),
			  struct kworkerx_worker *worker)
{
	return begin_for(test, fn, worker, MAX_SCHEDULE_TIMEOUT);
}

static struct wait *begin_and_block(struct kunit *test, void (*fn)(void *arg),
				    struct kworkerx_worker *worker)
{
	struct wait *wait = begin(test, fn, worker);

	kwx_call_blocks(test, wait->call);
	return wait;
}

static void ends(struct kunit *test, struct wait *wait, int ret)
{
	kwx_call_returns(test, wait->call);
	KUNIT_EXPECT_EQ(test, ret, wait->ret);
}

static void drain_now(struct kunit *test, struct kworkerx_worker *worker)
{
	ends(test, begin(test, drain_fn, worker), 0);
}

static void destroy_now(struct kunit *test, struct kworkerx_worker *worker)
{
	ends(test, begin(test, destroy_fn, worker), 0);
}

/* It accepts works, also delayed ones, and runs them. */
static void expect_usable(struct kunit *test, struct kworkerx_worker *worker)
{
	struct kwx_job *job = kwx_job(test, NULL, 1);
	struct kwx_job *delayed = kwx_job(test, NULL, 2);

	kwx_queue(test, worker, job);
	KUNIT_EXPECT_TRUE(test, kworkerx_queue_delayed_work(worker,
							    &delayed->dwork,
							    1));
	kwx_wait(test, &job->started);
	kwx_wait(test, &delayed->started);
	kwx_flush(test, worker);
	drain_now(test, worker);
}

/* All the ways to queue @job; how many of them are accepted? */
static int queue_every_way(struct kworkerx_worker *worker, struct kwx_job *job)
{
	return kworkerx_queue_work(worker, KWX_WORK(job)) +
	       kworkerx_queue_work_first(worker, KWX_WORK(job)) +
	       kworkerx_queue_delayed_work(worker, &job->dwork, 0) +
	       kworkerx_queue_delayed_work(worker, &job->dwork, 1) +
	       !kworkerx_mod_delayed_work(worker, &job->dwork, 0) +
	       !kworkerx_mod_delayed_work(worker, &job->dwork, 1) +
	       kworkerx_mod_pending_delayed_work(worker, &job->dwork, 0);
}

static void queue_next(struct kwx_job *job)
{
	struct kwx_job *next = job->data;

	WARN_ON(!kworkerx_queue_work(job->worker, KWX_WORK(next)));
}

/* The run of @job queues @next. */
static void chain(struct kworkerx_worker *worker, struct kwx_job *job,
		  struct kwx_job *next)
{
	job->worker = worker;
	job->data = next;
	job->action = queue_next;
}

/*
 * What a drain waits for
 */

static void a_drain_of_an_idle_worker_ends(struct kunit *test)
{
	struct kworkerx_worker *unwoken =
		kwx_keep_worker(test, kworkerx_create_worker(0, "kwx_test"));

	drain_now(test, kwx_bed_worker(test));
	drain_now(test, unwoken);
	expect_usable(test, unwoken);
}

static void a_drain_waits_for_all_that_is_queued(struct kunit *test)
{
	struct kwx_job *first = kwx_running(test, 1);
	struct kwx_job *second = kwx_queued_held(test, 2);
	struct wait *drain =
		begin_and_block(test, drain_fn, kwx_bed_worker(test));

	kwx_release(first);
	kwx_wait(test, &second->started);
	kwx_call_blocks(test, drain->call);
	kwx_release(second);
	ends(test, drain, 0);
	kwx_expect_log(test, kwx_bed_log(test), 1, 2);
}

/* Each is the only one there is while it runs: the queue is empty then. */
static void check_chain(struct kunit *test, struct kworkerx_worker *worker,
			void (*fn)(void *arg))
{
	struct kwx_job *jobs[4];
	struct wait *wait;
	int i;

	for (i = 3; i >= 0; i--) {
		jobs[i] = kwx_bed_held_job(test, i);
		if (i < 3)
			chain(worker, jobs[i], jobs[i + 1]);
	}
	kwx_hold(test, worker, jobs[0]);
	wait = begin_and_block(test, fn, worker);
	for (i = 0; i < 3; i++) {
		kwx_release(jobs[i]);
		kwx_wait(test, &jobs[i + 1]->started);
		msleep(20);
		kwx_call_blocks(test, wait->call);
	}
	kwx_release(jobs[3]);
	ends(test, wait, 0);
	kwx_expect_log(test, kwx_bed_log(test), 0, 1, 2, 3);
}

static void a_drain_waits_for_what_works_queue_in_turn(struct kunit *test)
{
	check_chain(test, kwx_bed_worker(test), drain_fn);
	expect_usable(test, kwx_bed_worker(test));
}

static void a_drain_waits_for_works_that_queue_each_other(struct kunit *test)
{
	struct kwx_job *ping = kwx_bed_held_job(test, 1);
	struct kwx_job *pong = kwx_bed_job(test, 2);
	struct wait *drain;
	int i;

	chain(kwx_bed_worker(test), ping, pong);
	chain(kwx_bed_worker(test), pong, ping);
	kwx_hold(test, kwx_bed_worker(test), ping);
	drain = begin_and_block(test, drain_fn, kwx_bed_worker(test));
	for (i = 0; i < 3; i++) {
		kwx_release(ping);
		kwx_wait(test, &ping->started);
	}
	ping->action = NULL;
	kwx_release(ping);
	ends(test, drain, 0);
	kwx_expect_log(test, kwx_bed_log(test), 1, 2, 1, 2, 1, 2, 1);
}

static void a_drain_does_not_wait_for_armed_timers(struct kunit *test)
{
	struct kwx_job *job = armed(test, kwx_bed_worker(test), 1, AN_HOUR);

	drain_now(test, kwx_bed_worker(test));
	KUNIT_EXPECT_TRUE(test, is_armed(job));
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
}

static void a_timer_that_expires_during_a_drain_is_waited_for(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct wait *drain =
		begin_and_block(test, drain_fn, kwx_bed_worker(test));
	struct kwx_job *job = kwx_bed_held_job(test, 1);

	kwx_release(gate);
	ends(test, drain, 0);
	KUNIT_EXPECT_TRUE(test,
			  kworkerx_queue_delayed_work(kwx_bed_worker(test),
						      &job->dwork, 2));
	kwx_hold(test, kwx_bed_worker(test), gate);
	drain = begin_and_block(test, drain_fn, kwx_bed_worker(test));
	kwx_wait_expired(test, job);
	kwx_release(gate);
	kwx_wait(test, &job->started);
	kwx_call_blocks(test, drain->call);
	kwx_release(job);
	ends(test, drain, 0);
	kwx_expect_log(test, kwx_bed_log(test), 0, 0, 1);
}

/*
 * Works that never end
 */

/* Has the held @job, which queues itself, run once more in the next round. */
static void one_more_round(struct kunit *test, struct kwx_job *job,
			   struct wait *drain)
{
	kwx_release(job);
	kwx_wait(test, &job->started);
	kwx_call_blocks(test, drain->call);
}

/* A report before its time is not announced, and turns the run red. */
static void a_work_that_goes_on_queueing_itself_is_reported_by_name(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);
	struct wait *drain;
	int times;

	chain(kwx_bed_worker(test), job, job);
	drain = begin_and_block(test, drain_fn, kwx_bed_worker(test));
	for (times = 1; times < MANY_TIMES; times++)
		one_more_round(test, job, drain);
	kwx_misuse_begin();
	one_more_round(test, job, drain);
	kwx_misuse_end(test, KWX_JOB_FN " goes on queueing while worker kwx_test is drained");
	one_more_round(test, job, drain);
	job->action = NULL;
	kwx_release(job);
	ends(test, drain, 0);
	KUNIT_EXPECT_EQ(test, MANY_TIMES + 2, kwx_runs(job));
	expect_usable(test, kwx_bed_worker(test));
}

/*
 * Who may queue meanwhile
 */

static int do_nothing(void *arg)
{
	return 0;
}

static void call_fn(void *arg)
{
	struct wait *wait = arg;

	wait->ret = kworkerx_call(wait->worker, do_nothing, NULL);
}

static void outsiders_are_refused_while_a_worker_drains(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bed_worker(test);
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = kwx_bed_job(test, 1);
	struct wait *drain = begin_and_block(test, drain_fn, worker);

	KUNIT_EXPECT_EQ(test, 0, queue_every_way(worker, job));
	KUNIT_EXPECT_FALSE(test, kworkerx_work_pending(KWX_WORK(job)));
	ends(test, begin(test, call_fn, worker), -ESHUTDOWN);
	kwx_release(gate);
	ends(test, drain, 0);
	kwx_queue(test, worker, job);
	kwx_flush(test, worker);
	kwx_expect_log(test, kwx_bed_log(test), 0, 1);
}

/* Queues @job in every way, and takes down where that was. */
struct outsider {
	struct kworkerx_worker *worker;
	struct kwx_job *job;
	bool hit_the_thread;
	int accepted;
};

static struct outsider *new_outsider(struct kunit *test)
{
	struct outsider *me = kwx_calloc(test, 1, sizeof(*me));

	me->worker = kwx_bed_worker(test);
	me->job = kwx_bed_job(test, 1);
	me->accepted = -1;
	return me;
}

static void queue_as_outsider(void *arg)
{
	struct outsider *me = arg;

	me->hit_the_thread = in_hardirq() && current == me->worker->task;
	me->accepted = queue_every_way(me->worker, me->job);
}

static void queue_in_irq(struct kwx_job *job)
{
	kwx_in_irq(queue_as_outsider, job->data);
}

static void an_interrupt_on_the_workers_cpu_is_an_outsider(struct kunit *test)
{
	struct outsider *me = new_outsider(test);
	struct kwx_job *gate;
	struct wait *drain;

	if (!arch_irq_work_has_interrupt())
		kunit_skip(test, "needs interrupts on demand");
	gate = kwx_running(test, 0);
	drain = begin_and_block(test, drain_fn, kwx_bed_worker(test));
	gate->data = me;
	gate->action = queue_in_irq;
	kwx_release(gate);
	ends(test, drain, 0);
	KUNIT_EXPECT_TRUE(test, me->hit_the_thread);
	KUNIT_EXPECT_EQ(test, 0, me->accepted);
	kwx_expect_log(test, kwx_bed_log(test), 0);
}

static void queue_on_another(struct kwx_job *job)
{
	queue_as_outsider(job->data);
}

static void a_work_of_another_worker_is_an_outsider(struct kunit *test)
{
	struct kworkerx_worker *other = kwx_worker(test);
	struct outsider *me = new_outsider(test);
	struct kwx_job *gate = kwx_running(test, 0);
	struct wait *drain =
		begin_and_block(test, drain_fn, kwx_bed_worker(test));
	struct kwx_job *job = kwx_job(test, NULL, 2);

	job->data = me;
	job->action = queue_on_another;
	kwx_queue(test, other, job);
	kwx_flush(test, other);
	KUNIT_EXPECT_EQ(test, 0, me->accepted);
	kwx_release(gate);
	ends(test, drain, 0);
}

/* One job for each way; counts what is accepted. */
static void queue_all_ways(struct kwx_job *job)
{
	struct kwx_job **jobs = job->data;
	struct kworkerx_worker *worker = job->worker;

	job->id = kworkerx_queue_work(worker, KWX_WORK(jobs[0])) +
		  kworkerx_queue_work_first(worker, KWX_WORK(jobs[1])) +
		  kworkerx_queue_delayed_work(worker, &jobs[2]->dwork, 0) +
		  !kworkerx_mod_delayed_work(worker, &jobs[3]->dwork, 0) +
		  kworkerx_queue_delayed_work(worker, &jobs[4]->dwork, AN_HOUR);
}

static void its_own_works_may_queue_in_every_way(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct wait *drain =
		begin_and_block(test, drain_fn, kwx_bed_worker(test));
	struct kwx_job **jobs = kwx_calloc(test, 5, sizeof(*jobs));
	int i;

	for (i = 0; i < 5; i++)
		jobs[i] = kwx_bed_job(test, i + 1);
	gate->worker = kwx_bed_worker(test);
	gate->data = jobs;
	gate->action = queue_all_ways;
	kwx_release(gate);
	ends(test, drain, 0);
	KUNIT_EXPECT_EQ(test, 5, gate->id);
	kwx_expect_log(test, kwx_bed_log(test), 0, 2, 1, 3, 4);
	KUNIT_EXPECT_TRUE(test, is_armed(jobs[4]));
}

static void what_was_queued_before_can_be_cancelled_meanwhile(struct kunit *test)
{
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = kwx_queued(test, 1);
	struct wait *drain =
		begin_and_block(test, drain_fn, kwx_bed_worker(test));

	KUNIT_EXPECT_TRUE(test, kworkerx_cancel_work_sync(KWX_WORK(job)));
	KUNIT_EXPECT_FALSE(test, kworkerx_queue_work(kwx_bed_worker(test),
						     KWX_WORK(job)));
	kwx_release(gate);
	ends(test, drain, 0);
	kwx_expect_log(test, kwx_bed_log(test), 0);
}

/*
 * Not forever
 */

static void times_out(struct kunit *test, void (*fn)(void *arg),
		      struct kworkerx_worker *worker)
{
	struct wait wait = { .worker = worker, .timeout = 2 };

	fn(&wait);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, wait.ret);
}

static void check_timeout(struct kunit *test, struct kworkerx_worker *worker,
			  void (*fn)(void *arg))
{
	struct kwx_job *gate = kwx_bed_held_job(test, 0);
	struct kwx_job *late = kwx_bed_job(test, 3);
	struct kwx_job *delayed = armed(test, worker, 4, AN_HOUR);

	kwx_hold(test, worker, gate);
	kwx_queue(test, worker, kwx_bed_job(test, 1));
	kwx_queue(test, worker, kwx_bed_job(test, 2));
	times_out(test, fn, worker);
	times_out(test, fn, worker);
	kwx_queue(test, worker, late);
	KUNIT_EXPECT_TRUE(test, is_armed(delayed));
	KUNIT_EXPECT_TRUE(test, kworkerx_mod_delayed_work(worker,
							  &delayed->dwork, 0));
	kwx_release(gate);
	kwx_flush(test, worker);
	kwx_expect_log(test, kwx_bed_log(test), 0, 1, 2, 3, 4);
	expect_usable(test, worker);
}

static void a_drain_that_times_out_leaves_the_worker_usable(struct kunit *test)
{
	check_timeout(test, kwx_bed_worker(test), drain_timeout_fn);
}

static void a_drain_times_out_in_a_later_round(struct kunit *test)
{
	struct kwx_job *first = kwx_bed_held_job(test, 1);
	struct kwx_job *second = kwx_bed_held_job(test, 2);
	struct wait *drain;

	chain(kwx_bed_worker(test), first, second);
	kwx_hold(test, kwx_bed_worker(test), first);
	drain = begin_for(test, drain_timeout_fn, kwx_bed_worker(test), HZ / 2);
	kwx_call_blocks(test, drain->call);
	kwx_release(first);
	kwx_wait(test, &second->started);
	ends(test, drain, -ETIMEDOUT);
	kwx_release(second);
	expect_usable(test, kwx_bed_worker(test));
}

static void a_work_that_queues_itself_takes_no_more_than_the_time(struct kunit *test)
{
	struct kwx_job *job = kwx_bed_job(test, 1);
	struct wait *drain;

	chain(kwx_bed_worker(test), job, job);
	kwx_misuse_begin();
	kwx_queue(test, kwx_bed_worker(test), job);
	drain = begin_for(test, drain_timeout_fn, kwx_bed_worker(test), HZ / 2);
	ends(test, drain, -ETIMEDOUT);
	kwx_misuse_end_perhaps(test,
			       KWX_JOB_FN " goes on queueing while worker kwx_test is drained");
	WRITE_ONCE(job->action, NULL);
	drain_now(test, kwx_bed_worker(test));
	expect_usable(test, kwx_bed_worker(test));
}

static void a_drain_within_its_time_is_0(struct kunit *test)
{
	struct kwx_job *job = kwx_queued(test, 1);

	ends(test,
	     begin_for(test, drain_timeout_fn, kwx_bed_worker(test),
		       KWX_TIMEOUT),
	     0);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

static void a_drain_of_a_plugged_worker_waits(struct kunit *test)
{
	struct wait *drain;
	struct kwx_job *job;

	KUNIT_EXPECT_EQ(test, 0, kworkerx_plug_worker(kwx_bed_worker(test)));
	job = kwx_queued(test, 1);
	times_out(test, drain_timeout_fn, kwx_bed_worker(test));
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
	drain = begin_and_block(test, drain_fn, kwx_bed_worker(test));
	kworkerx_unplug_worker(kwx_bed_worker(test));
	ends(test, drain, 0);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

/*
 * Several at a time
 */

static void outsiders_are_refused_until_the_last_drain_ends(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_bed_worker(test);
	struct kwx_job *gate = kwx_running(test, 0);
	struct kwx_job *job = kwx_bed_job(test, 1);
	struct wait *drains[2];
	int i;

	for (i = 0; i < 2; i++)
		drains[i] = begin_and_block(test, drain_fn, worker);
	times_out(test, drain_timeout_fn, worker);
	KUNIT_EXPECT_EQ(test, 0, queue_every_way(worker, job));
	kwx_release(gate);
	for (i = 0; i < 2; i++)
		ends(test, drains[i], 0);
	kwx_queue(test, worker, job);
	kwx_flush(test, worker);
	kwx_expect_log(test, kwx_bed_log(test), 0, 1);
}

struct racer {
	struct kworkerx_worker *worker;
	struct kwx_job *job;
	unsigned int nr;
	int accepted;
	int failed;
	bool over;
};

/* Some drain, some flush, all queue. */
static void drain_and_queue_fn(void *arg)
{
	struct racer *me = arg;
	unsigned int round;

	for (round = 0; round < ROUNDS; round++) {
		me->accepted += kworkerx_queue_work(me->worker,
						    KWX_WORK(me->job));
		if ((round + me->nr) % 3 == 0)
			me->failed += kworkerx_drain_worker(me->worker) != 0;
		else if ((round + me->nr) % 3 == 1)
			me->failed += kworkerx_flush_worker(me->worker) != 0;
		else
			kworkerx_drain_worker_timeout(me->worker, round % 2);
	}
}

static void drains_and_flushes_and_queueings_add_up(struct kunit *test)
{
	unsigned int i, nr = kwx_nr_threads(test);
	struct racer *racers = kwx_calloc(test, nr, sizeof(*racers));

	for (i = 0; i < nr; i++) {
		racers[i].worker = kwx_bed_worker(test);
		racers[i].job = kwx_job(test, NULL, i);
		racers[i].nr = i;
	}
	kwx_calls(test, drain_and_queue_fn, racers, sizeof(*racers), nr);
	kwx_flush(test, kwx_bed_worker(test));
	for (i = 0; i < nr; i++) {
		KUNIT_EXPECT_EQ(test, 0, racers[i].failed);
		KUNIT_EXPECT_EQ(test, racers[i].accepted,
				kwx_runs(racers[i].job));
	}
	expect_usable(test, kwx_bed_worker(test));
}

static void a_destruction_waits_for_a_drain(struct kunit *test)
{
	struct kworkerx_worker *worker = mortal(test);
	struct kwx_job *gate = kwx_bed_held_job(test, 0);
	struct wait *drain, *destroy;

	kwx_hold(test, worker, gate);
	drain = begin_and_block(test, drain_fn, worker);
	destroy = begin_and_block(test, destroy_fn, worker);
	kwx_release(gate);
	ends(test, drain, 0);
	ends(test, destroy, 0);
}

/* A drain that ends must not take back what the destruction has begun. */
static void a_drain_that_ends_does_not_revive_a_dying_worker(struct kunit *test)
{
	struct kworkerx_worker *worker = mortal(test);
	struct kwx_job *gate = kwx_bed_held_job(test, 0);
	struct kwx_job *job = kwx_bed_job(test, 1);
	struct wait *drain, *destroy;

	kwx_hold(test, worker, gate);
	drain = begin_for(test, drain_timeout_fn, worker, HZ / 4);
	kwx_call_blocks(test, drain->call);
	destroy = begin_and_block(test, destroy_fn, worker);
	ends(test, drain, -ETIMEDOUT);

	kwx_misuse_begin();
	KUNIT_EXPECT_EQ(test, 0, queue_every_way(worker, job));
	KUNIT_EXPECT_EQ(test, -EINVAL, kworkerx_destroy_worker_timeout(worker, 1));
	kwx_misuse_also(test, "queued on worker");
	kwx_misuse_end(test, "destroyed, but not created or destroyed already");
	kwx_release(gate);
	ends(test, destroy, 0);
	kwx_expect_log(test, kwx_bed_log(test), 0);
}

/* Drains while the worker is destroyed, and once after that. */
static void drain_to_the_end_fn(void *arg)
{
	struct racer *me = arg;

	while (!READ_ONCE(me->over))
		kworkerx_drain_worker_timeout(me->worker, 1);
	kworkerx_drain_worker(me->worker);
}

/* A late drain would damage the structure's next worker. */
static void destroy_amid_drains(struct kunit *test)
{
	struct racer *racer = kunit_kzalloc(test, sizeof(*racer), GFP_KERNEL);
	struct kwx_call *call;

	KUNIT_ASSERT_NOT_NULL(test, racer);
	racer->worker = mortal(test);
	call = kwx_call(test, drain_to_the_end_fn, racer);
	kwx_wait(test, &call->entered);
	destroy_now(test, racer->worker);
	WRITE_ONCE(racer->over, true);
	kwx_call_returns(test, call);
}

static void drains_of_a_worker_that_dies_do_no_harm(struct kunit *test)
{
	struct kworkerx_worker *worker;
	int i;

	kwx_misuse_begin();
	for (i = 0; i < 20; i++)
		destroy_amid_drains(test);
	kwx_misuse_end(test, "kworkerx: drain of worker kwx_mortal, which is ");
	worker = kwx_worker(test);
	expect_usable(test, worker);
	drain_now(test, worker);
	expect_usable(test, worker);
}

/*
 * Drains that cannot be
 */

static void a_drain_of_no_worker_is_reported(struct kunit *test)
{
	kwx_misuse_begin();
	KUNIT_EXPECT_EQ(test, -EINVAL, kworkerx_drain_worker(ERR_PTR(-ENOMEM)));
	KUNIT_EXPECT_EQ(test, -EINVAL, kworkerx_drain_worker_timeout(NULL, 1));
	kwx_misuse_end(test, "kworkerx: drain of worker -");
}

static void drain_own(struct kwx_job *job)
{
	job->id = kworkerx_drain_worker(job->worker);
}

static void a_work_cannot_drain_its_own_worker(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);

	job->worker = kwx_bed_worker(test);
	job->action = drain_own;
	kwx_misuse_begin();
	kwx_release(job);
	kwx_flush(test, kwx_bed_worker(test));
	kwx_misuse_end(test, "drain of worker kwx_test by " KWX_JOB_FN ", its own work");
	KUNIT_EXPECT_EQ(test, -EDEADLK, job->id);
	expect_usable(test, kwx_bed_worker(test));
}

/*
 * Destruction
 */

static void a_destruction_runs_what_works_queue_in_turn(struct kunit *test)
{
	check_chain(test, mortal(test), destroy_fn);
}

static void queue_next_later(struct kwx_job *job)
{
	struct kwx_job *next = job->data;

	job->id = kworkerx_queue_delayed_work(job->worker, &next->dwork, AN_HOUR);
}

static void a_timer_that_a_dying_worker_arms_is_taken_back(struct kunit *test)
{
	struct kworkerx_worker *worker = mortal(test);
	struct kwx_job *gate = kwx_bed_held_job(test, 7);
	struct kwx_job *next = kwx_bed_job(test, 8);
	struct wait *destroy;

	chain(worker, gate, next);
	gate->action = queue_next_later;
	kwx_hold(test, worker, gate);
	destroy = begin_and_block(test, destroy_fn, worker);
	kwx_misuse_begin();
	kwx_release(gate);
	ends(test, destroy, 0);
	kwx_misuse_end(test, "destroyed while the timer of");
	KUNIT_EXPECT_EQ(test, 1, gate->id);
	KUNIT_EXPECT_FALSE(test, is_armed(next));
	kwx_expect_log(test, kwx_bed_log(test), 7);
}

static void arm_next_and_stay(struct kwx_job *job)
{
	queue_next_later(job);
	complete(&job->started);
	wait_for_completion(&job->release);
}

/* Works that arm themselves meanwhile are not lost. */
static void a_destruction_that_gives_up_leaves_timers_armed(struct kunit *test)
{
	struct kworkerx_worker *worker = mortal(test);
	struct kwx_job *gate = kwx_bed_held_job(test, 7);
	struct kwx_job *next = kwx_bed_job(test, 8);
	struct wait *destroy;

	chain(worker, gate, next);
	gate->action = arm_next_and_stay;
	kwx_hold(test, worker, gate);
	destroy = begin_for(test, destroy_fn, worker, HZ);
	kwx_call_blocks(test, destroy->call);
	kwx_release(gate);
	kwx_wait(test, &gate->started);
	ends(test, destroy, -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, 1, gate->id);
	KUNIT_EXPECT_TRUE(test, is_armed(next));
	kwx_release(gate);
	kworkerx_flush_delayed_work(&next->dwork);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(next));
	destroy_now(test, worker);
}

static void a_timer_that_expires_during_a_destruction_is_run(struct kunit *test)
{
	struct kworkerx_worker *worker = mortal(test);
	struct kwx_job *gate = kwx_bed_held_job(test, 0);
	struct kwx_job *next = kwx_bed_job(test, 2);
	struct kwx_job *job = armed(test, worker, 1, 2);
	struct wait *destroy;

	chain(worker, job, next);
	kwx_hold(test, worker, gate);
	destroy = begin_and_block(test, destroy_fn, worker);
	kwx_wait_expired(test, job);
	kwx_release(gate);
	ends(test, destroy, 0);
	kwx_expect_log(test, kwx_bed_log(test), 0, 1, 2);
}

static void armed_timers_are_taken_back_and_reported(struct kunit *test)
{
	struct kworkerx_worker *worker = mortal(test);
	struct kwx_job *jobs[3];
	int i;

	for (i = 0; i < 3; i++)
		jobs[i] = armed(test, worker, i, AN_HOUR + i);
	kwx_misuse_begin();
	destroy_now(test, worker);
	kwx_misuse_end(test, "destroyed while the timer of kwx_job_fn [kworkerx_kunit] is armed");
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_FALSE(test, is_armed(jobs[i]));
		KUNIT_EXPECT_FALSE(test, kworkerx_work_pending(KWX_WORK(jobs[i])));
		kwx_queue(test, kwx_bed_worker(test), jobs[i]);
	}
	kwx_flush(test, kwx_bed_worker(test));
	kwx_expect_log(test, kwx_bed_log(test), 0, 1, 2);
}

static void a_plugged_worker_runs_what_is_queued_as_it_dies(struct kunit *test)
{
	struct kworkerx_worker *worker = mortal(test);

	KUNIT_EXPECT_EQ(test, 0, kworkerx_plug_worker(worker));
	KUNIT_EXPECT_EQ(test, 0, kworkerx_plug_worker(worker));
	kwx_queue(test, worker, kwx_bed_job(test, 1));
	destroy_now(test, worker);
	kwx_expect_log(test, kwx_bed_log(test), 1);
}

static void check_parked(struct kunit *test, struct kworkerx_worker *worker)
{
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, worker);
	KUNIT_EXPECT_EQ(test, 0, kworkerx_park_worker(worker));
	kwx_queue(test, worker, kwx_bed_job(test, 1));
	destroy_now(test, worker);
	kwx_expect_log(test, kwx_bed_log(test), 1);
}

static void a_parked_worker_runs_what_is_queued_as_it_dies(struct kunit *test)
{
	check_parked(test, mortal(test));
}

static void a_worker_that_was_parked_before_it_ran_can_be_destroyed(struct kunit *test)
{
	check_parked(test, kworkerx_create_worker(0, "kwx_mortal"));
}

static void a_destruction_that_times_out_leaves_the_worker_usable(struct kunit *test)
{
	struct kworkerx_worker *worker = mortal(test);

	check_timeout(test, worker, destroy_fn);
	destroy_now(test, worker);
}

static void a_destruction_that_times_out_leaves_a_drain_alone(struct kunit *test)
{
	struct kworkerx_worker *worker = mortal(test);
	struct kwx_job *gate = kwx_bed_held_job(test, 0);
	struct kwx_job *job = kwx_bed_job(test, 1);
	struct wait *drain;

	kwx_hold(test, worker, gate);
	drain = begin_and_block(test, drain_fn, worker);
	times_out(test, destroy_fn, worker);
	kwx_call_blocks(test, drain->call);
	KUNIT_EXPECT_EQ(test, 0, queue_every_way(worker, job));
	kwx_release(gate);
	ends(test, drain, 0);
	expect_usable(test, worker);
	destroy_now(test, worker);
}

static void destroy_own(struct kwx_job *job)
{
	job->id = kworkerx_destroy_worker_timeout(job->worker, 1);
}

static void a_work_cannot_destroy_its_own_worker_in_time(struct kunit *test)
{
	struct kwx_job *job = kwx_running(test, 1);

	job->worker = kwx_bed_worker(test);
	job->action = destroy_own;
	kwx_misuse_begin();
	kwx_release(job);
	kwx_flush(test, kwx_bed_worker(test));
	kwx_misuse_end(test, "destroy of worker kwx_test by " KWX_JOB_FN ", its own work");
	KUNIT_EXPECT_EQ(test, -EDEADLK, job->id);
	expect_usable(test, kwx_bed_worker(test));
}

/* The worker dies under timers that fire: what was accepted runs or is back. */
static void check_dying_timers(struct kunit *test, unsigned int nr)
{
	struct kworkerx_worker *worker = mortal(test);
	struct kwx_job *job = kwx_job(test, NULL, 1);
	struct kwx_job *next = kwx_job(test, NULL, 2);

	chain(worker, job, next);
	KUNIT_EXPECT_TRUE(test, kworkerx_queue_delayed_work(worker, &job->dwork,
							    1));
	usleep_range(nr * 200, nr * 200 + 50);
	destroy_now(test, worker);
	KUNIT_EXPECT_FALSE(test, kworkerx_work_busy(KWX_WORK(job)));
	KUNIT_EXPECT_FALSE(test, is_armed(job));
	KUNIT_EXPECT_EQ(test, kwx_runs(job), kwx_runs(next));
}

static void a_timer_that_fires_as_the_worker_dies_is_run_or_taken_back(struct kunit *test)
{
	unsigned int i;

	kwx_misuse_begin();
	for (i = 0; i < 30; i++)
		check_dying_timers(test, i);
	kwx_misuse_end(test, "destroyed while the timer of");
}

/* Who stops the thread of a created worker leaves nobody to run the call. */
static void a_call_that_nobody_will_run_ends_with_its_worker(struct kunit *test)
{
	struct kworkerx_worker *worker = mortal(test);
	struct wait *call;

	kwx_await_state(test, worker->task, TASK_IDLE);
	kthread_stop(worker->task);
	call = begin_and_block(test, call_fn, worker);
	kwx_misuse_begin();
	destroy_now(test, worker);
	kwx_misuse_end(test, "destroyed after its thread was stopped");
	ends(test, call, -ESHUTDOWN);
}

/*
 * After the end
 */

static void flush_and_cancel_after_the_end_do_not_wait(struct kunit *test)
{
	struct kworkerx_worker *worker = mortal(test);
	struct kwx_job *job = kwx_job(test, NULL, 1);
	struct kworkerx_work *work = KWX_WORK(job);

	kwx_queue(test, worker, job);
	destroy_now(test, worker);
	KUNIT_EXPECT_FALSE(test, kworkerx_flush_work(work));
	KUNIT_EXPECT_EQ(test, 0, kworkerx_flush_work_timeout(work, 1));
	KUNIT_EXPECT_FALSE(test, kworkerx_flush_delayed_work(&job->dwork));
	KUNIT_EXPECT_FALSE(test, kworkerx_cancel_work(work));
	KUNIT_EXPECT_FALSE(test, kworkerx_cancel_work_sync(work));
	KUNIT_EXPECT_FALSE(test, kworkerx_cancel_delayed_work(&job->dwork));
	KUNIT_EXPECT_FALSE(test, kworkerx_disable_work(work));
	KUNIT_EXPECT_FALSE(test, kworkerx_disable_work_sync(work));
	KUNIT_EXPECT_FALSE(test, kworkerx_enable_work(work));
	KUNIT_EXPECT_TRUE(test, kworkerx_enable_work(work));
	KUNIT_EXPECT_FALSE(test, kworkerx_work_busy(work));
	KUNIT_EXPECT_EQ(test, 0UL,
			kworkerx_delayed_work_remaining(&job->dwork));
	kwx_queue(test, kwx_bed_worker(test), job);
	drain_now(test, kwx_bed_worker(test));
	KUNIT_EXPECT_EQ(test, 2, kwx_runs(job));
}

#define expect_dead(test, error, call, report)				\
	do {								\
		kwx_misuse_begin();					\
		KUNIT_EXPECT_EQ((test), (error), (call));		\
		kwx_misuse_end((test), (report));			\
	} while (0)

static void a_dead_worker_refuses_everything_and_says_so(struct kunit *test)
{
	struct kworkerx_worker *worker = mortal(test);

	destroy_now(test, worker);
	expect_dead(test, -ESHUTDOWN, kworkerx_drain_worker(worker),
		    "drain of worker");
	expect_dead(test, -ESHUTDOWN, kworkerx_flush_worker_timeout(worker, 1),
		    "which is destroyed");
	expect_dead(test, -ESHUTDOWN, kworkerx_plug_worker(worker),
		    "plug of worker kwx_mortal, which is destroyed");
	expect_dead(test, -ESHUTDOWN, kworkerx_park_worker(worker),
		    "park of worker kwx_mortal, which is destroyed");
	expect_dead(test, -ESHUTDOWN, kworkerx_call(worker, do_nothing, NULL),
		    "which is being destroyed");
	expect_dead(test, -EINVAL, kworkerx_destroy_worker_timeout(worker, 1),
		    "destroyed, but not created or destroyed already");
}

/*
 * Workers of devices
 */

static struct device *new_device(struct kunit *test)
{
	/* Linux 6.1 runs suites before it has a directory for their module. */
	struct device *dev = __root_device_register("kwx_device", NULL);

	KUNIT_ASSERT_FALSE(test, IS_ERR(dev));
	return dev;
}

static void unregister_fn(void *dev)
{
	root_device_unregister(dev);
}

static void a_device_takes_its_worker_with_it(struct kunit *test)
{
	struct device *dev = new_device(test);
	struct kworkerx_worker *worker =
		devm_kworkerx_run_worker(dev, 0, "kwx_%s", "devm");
	struct kwx_job *gate = kwx_bed_held_job(test, 0);
	struct kwx_job *next = kwx_bed_job(test, 1);
	struct kwx_call *call;

	KUNIT_EXPECT_FALSE(test, IS_ERR(worker));
	KUNIT_EXPECT_STREQ(test, "kwx_devm", worker->task->comm);
	chain(worker, gate, next);
	kwx_hold(test, worker, gate);
	call = kwx_call(test, unregister_fn, dev);
	kwx_call_blocks(test, call);
	kwx_release(gate);
	kwx_call_returns(test, call);
	kwx_expect_log(test, kwx_bed_log(test), 0, 1);
	expect_dead(test, -ESHUTDOWN, kworkerx_drain_worker(worker),
		    "which is destroyed");
}

/* How many others get their structure before one that has the structure of @gone. */
static unsigned int next_in_line(struct kunit *test, struct kworkerx_worker *gone)
{
	static const struct kworkerx_group group;
	struct kworkerx_worker *worker;
	unsigned int nr = 0;

	do {
		worker = kworkerx_alloc_worker(&group, NULL);
		KUNIT_ASSERT_NOT_NULL(test, worker);
		kworkerx_free_worker(worker);
		KUNIT_ASSERT_LT(test, ++nr, 20000U);
	} while (worker != gone);
	return nr - 1;
}

/* A worker that has the structure of @gone. */
static struct kworkerx_worker *heir(struct kunit *test,
				    struct kworkerx_worker *gone)
{
	static const struct kworkerx_group group;
	struct kworkerx_worker *worker;
	unsigned int nr;

	/* All of them take turns. */
	next_in_line(test, gone);
	for (nr = next_in_line(test, gone); nr; nr--)
		kworkerx_free_worker(kworkerx_alloc_worker(&group, NULL));
	worker = kworkerx_run_worker(0, "kwx_heir");
	KUNIT_ASSERT_PTR_EQ(test, worker, gone);
	return worker;
}

static void a_devices_worker_may_be_destroyed_by_hand(struct kunit *test)
{
	struct device *dev = new_device(test);
	struct kworkerx_worker *worker =
		devm_kworkerx_run_worker(dev, 0, "kwx_devm");
	struct kwx_job *job = kwx_bed_job(test, 1);
	struct kworkerx_worker *other;

	KUNIT_ASSERT_FALSE(test, IS_ERR(worker));
	kworkerx_destroy_worker(worker);
	other = heir(test, worker);
	/* Is nothing to that of somebody else. */
	root_device_unregister(dev);
	kwx_queue(test, other, job);
	kwx_flush(test, other);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
	kworkerx_destroy_worker(other);
}

static void a_structure_is_not_used_again_soon(struct kunit *test)
{
	struct kworkerx_worker *gone = kworkerx_run_worker(0, "kwx_gone");
	struct kworkerx_worker *worker;
	unsigned int i;

	KUNIT_ASSERT_FALSE(test, IS_ERR(gone));
	kworkerx_destroy_worker(gone);
	for (i = 0; i < 64; i++) {
		worker = kworkerx_run_worker(0, "kwx_soon");
		KUNIT_ASSERT_FALSE(test, IS_ERR(worker));
		KUNIT_EXPECT_PTR_NE(test, worker, gone);
		kworkerx_destroy_worker(worker);
	}
	expect_dead(test, -EINVAL, kworkerx_destroy_worker_timeout(gone, 1),
		    "destroyed, but not created or destroyed already");
	kworkerx_destroy_worker(heir(test, gone));
}

static void cancel_job(void *job)
{
	kworkerx_cancel_delayed_work_sync(&((struct kwx_job *)job)->dwork);
}

/* Resources end in reverse order: the cancel comes before the destruction. */
static void a_devices_delayed_work_is_cancelled_before(struct kunit *test)
{
	struct device *dev = new_device(test);
	struct kworkerx_worker *worker =
		devm_kworkerx_run_worker(dev, 0, "kwx_devm");
	struct kwx_job *job = kwx_bed_job(test, 1);

	KUNIT_EXPECT_FALSE(test, IS_ERR(worker));
	KUNIT_EXPECT_EQ(test, 0, devm_add_action(dev, cancel_job, job));
	KUNIT_EXPECT_TRUE(test, kworkerx_queue_delayed_work(worker, &job->dwork,
							    AN_HOUR));
	root_device_unregister(dev);
	KUNIT_EXPECT_FALSE(test, is_armed(job));
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
}

static void a_device_is_left_alone_when_its_worker_cannot_be(struct kunit *test)
{
	struct device *dev = new_device(test);
	struct kworkerx_worker *worker;

	kwx_misuse_begin();
	worker = devm_kworkerx_run_worker(dev, BIT(31), "kwx_devm");
	kwx_misuse_end(test, "created with flags");
	KUNIT_EXPECT_EQ(test, -EINVAL, PTR_ERR_OR_ZERO(worker));
	root_device_unregister(dev);
}

static struct kunit_case drain_cases[] = {
	KUNIT_CASE(a_drain_of_an_idle_worker_ends),
	KUNIT_CASE(a_drain_waits_for_all_that_is_queued),
	KUNIT_CASE(a_drain_waits_for_what_works_queue_in_turn),
	KUNIT_CASE(a_drain_waits_for_works_that_queue_each_other),
	KUNIT_CASE(a_drain_does_not_wait_for_armed_timers),
	KUNIT_CASE(a_timer_that_expires_during_a_drain_is_waited_for),
	KUNIT_CASE_PARAM(drains_and_flushes_and_queueings_add_up,
			 threads_gen_params),
	KUNIT_CASE(a_work_that_goes_on_queueing_itself_is_reported_by_name),
	KUNIT_CASE(outsiders_are_refused_while_a_worker_drains),
	KUNIT_CASE(an_interrupt_on_the_workers_cpu_is_an_outsider),
	KUNIT_CASE(a_work_of_another_worker_is_an_outsider),
	KUNIT_CASE(its_own_works_may_queue_in_every_way),
	KUNIT_CASE(what_was_queued_before_can_be_cancelled_meanwhile),
	KUNIT_CASE(a_drain_that_times_out_leaves_the_worker_usable),
	KUNIT_CASE(a_drain_times_out_in_a_later_round),
	KUNIT_CASE(a_work_that_queues_itself_takes_no_more_than_the_time),
	KUNIT_CASE(a_drain_within_its_time_is_0),
	KUNIT_CASE(a_drain_of_a_plugged_worker_waits),
	KUNIT_CASE(outsiders_are_refused_until_the_last_drain_ends),
	KUNIT_CASE(a_destruction_waits_for_a_drain),
	KUNIT_CASE(a_drain_that_ends_does_not_revive_a_dying_worker),
	KUNIT_CASE_SLOW(drains_of_a_worker_that_dies_do_no_harm),
	KUNIT_CASE(a_drain_of_no_worker_is_reported),
	KUNIT_CASE(a_work_cannot_drain_its_own_worker),
	KUNIT_CASE(a_destruction_runs_what_works_queue_in_turn),
	KUNIT_CASE(a_timer_that_a_dying_worker_arms_is_taken_back),
	KUNIT_CASE(a_destruction_that_gives_up_leaves_timers_armed),
	KUNIT_CASE(a_timer_that_expires_during_a_destruction_is_run),
	KUNIT_CASE(armed_timers_are_taken_back_and_reported),
	KUNIT_CASE(a_plugged_worker_runs_what_is_queued_as_it_dies),
	KUNIT_CASE(a_parked_worker_runs_what_is_queued_as_it_dies),
	KUNIT_CASE(a_worker_that_was_parked_before_it_ran_can_be_destroyed),
	KUNIT_CASE(a_destruction_that_times_out_leaves_the_worker_usable),
	KUNIT_CASE(a_destruction_that_times_out_leaves_a_drain_alone),
	KUNIT_CASE(a_work_cannot_destroy_its_own_worker_in_time),
	KUNIT_CASE_SLOW(a_timer_that_fires_as_the_worker_dies_is_run_or_taken_back),
	KUNIT_CASE(a_call_that_nobody_will_run_ends_with_its_worker),
	KUNIT_CASE(flush_and_cancel_after_the_end_do_not_wait),
	KUNIT_CASE(a_dead_worker_refuses_everything_and_says_so),
	KUNIT_CASE(a_device_takes_its_worker_with_it),
	KUNIT_CASE(a_devices_worker_may_be_destroyed_by_hand),
	KUNIT_CASE_SLOW(a_structure_is_not_used_again_soon),
	KUNIT_CASE(a_devices_delayed_work_is_cancelled_before),
	KUNIT_CASE(a_device_is_left_alone_when_its_worker_cannot_be),
	{}
};

static struct kunit_suite drain_suite = {
	.name = "kworkerx_drain",
	.init = kwx_bed_init,
	.test_cases = drain_cases,
};

kunit_test_suite(drain_suite);
