// SPDX-License-Identifier: GPL-2.0-only
/*
 * Queueing: what is accepted, in which order it runs, and what it sees.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/irq_work.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/timer.h>

#include "common.h"
#include "../kworkerx_trace.h"

static void kwx_expect_refused(struct kunit *test,
			       struct kworkerx_worker *worker,
			       struct kwx_job *job)
{
	KUNIT_EXPECT_FALSE(test, kworkerx_queue_work(worker, KWX_WORK(job)));
}

/* For actions: queues what ->data is, as long as there were few runs. */
#define KWX_REPEATS	10

static void kwx_queue_other(struct kwx_job *job)
{
	struct kwx_job *other = job->data;

	if (kwx_runs(other) < KWX_REPEATS)
		kworkerx_queue_work(job->worker, KWX_WORK(other));
}

static struct kwx_job *kwx_chained(struct kunit *test,
				   struct kworkerx_worker *worker, int id)
{
	struct kwx_job *job = kwx_job(test, NULL, id);

	job->worker = worker;
	job->data = job;
	job->action = kwx_queue_other;
	return job;
}

/*
 * What is accepted
 */

static void a_pending_work_is_refused(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kwx_job *busy = kwx_held_job(test, NULL, 1);
	struct kwx_job *job = kwx_job(test, NULL, 2);

	kwx_hold(test, worker, busy);
	kwx_queue(test, worker, job);
	kwx_expect_refused(test, worker, job);
	kwx_release(busy);
	kwx_flush(test, worker);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
	kwx_queue(test, worker, job);
	kwx_flush(test, worker);
	KUNIT_EXPECT_EQ(test, 2, kwx_runs(job));
}

static void a_running_work_can_be_queued_once_more(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kwx_job *job = kwx_held_job(test, NULL, 1);

	kwx_hold(test, worker, job);
	kwx_queue(test, worker, job);
	kwx_expect_refused(test, worker, job);
	kwx_release(job);
	kwx_wait(test, &job->started);
	kwx_release(job);
	kwx_flush(test, worker);
	KUNIT_EXPECT_EQ(test, 2, kwx_runs(job));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&job->overlaps));
}

/* A work whose timer is armed is pending, too. */
static void a_work_that_waits_for_its_timer_is_refused(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kwx_job *job = kwx_job(test, NULL, 1);

	KUNIT_EXPECT_TRUE(test, kworkerx_queue_delayed_work(worker, &job->dwork,
							    1000 * HZ));
	kwx_expect_refused(test, worker, job);
	kwx_flush(test, worker);
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
	KUNIT_EXPECT_TRUE(test, kworkerx_cancel_delayed_work_sync(&job->dwork));
}

static void a_work_keeps_the_worker_that_it_was_queued_on(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kwx_job *job = kwx_held_job(test, NULL, 1);
	struct kworkerx_work *work = KWX_WORK(job);

	KUNIT_EXPECT_NULL(test, work->worker);
	kwx_hold(test, worker, job);
	KUNIT_EXPECT_PTR_EQ(test, worker, work->worker);
	kwx_release(job);
	kwx_flush(test, worker);
	KUNIT_EXPECT_PTR_EQ(test, worker, work->worker);
	kworkerx_cancel_work_sync(work);
	KUNIT_EXPECT_PTR_EQ(test, worker, work->worker);
}

/*
 * Order
 */

static void works_run_in_the_order_of_their_queueing(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kwx_log *log = kwx_log(test);
	struct kwx_job *busy = kwx_held_job(test, log, 1);
	int id;

	kwx_hold(test, worker, busy);
	for (id = 2; id <= 8; id++)
		kwx_queue(test, worker, kwx_job(test, log, id));
	kwx_release(busy);
	kwx_flush(test, worker);
	kwx_expect_log(test, log, 1, 2, 3, 4, 5, 6, 7, 8);
}

#define KWX_ITEMS	200

struct kwx_producer {
	struct kworkerx_worker	*worker;
	unsigned int		refused;
	unsigned int		strays;		/* ran out of order */
	unsigned int		runs;
	struct kwx_item {
		struct kworkerx_work	work;
		struct kwx_producer	*producer;
		unsigned int		nr;
	} items[KWX_ITEMS];
};

static void kwx_item_fn(struct kworkerx_work *work)
{
	struct kwx_item *item = container_of(work, struct kwx_item, work);
	struct kwx_producer *producer = item->producer;

	if (item->nr != producer->runs++ % KWX_ITEMS)
		producer->strays++;
}

static struct kwx_producer *kwx_producers(struct kunit *test, unsigned int nr,
					  struct kworkerx_worker *worker)
{
	struct kwx_producer *producers;
	unsigned int i, j;

	producers = kunit_kcalloc(test, nr, sizeof(*producers), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, producers);
	for (i = 0; i < nr; i++) {
		producers[i].worker = worker;
		for (j = 0; j < KWX_ITEMS; j++) {
			producers[i].items[j].producer = &producers[i];
			producers[i].items[j].nr = j;
			kworkerx_init_work(&producers[i].items[j].work,
					   kwx_item_fn);
		}
	}
	return producers;
}

/* Ends the worker, then looks at what it ran. */
static void kwx_expect_produced(struct kunit *test,
				struct kworkerx_worker *worker,
				struct kwx_producer *producers,
				unsigned int nr, unsigned int runs)
{
	unsigned int i;

	kworkerx_destroy_worker(worker);
	for (i = 0; i < nr; i++) {
		KUNIT_EXPECT_EQ(test, 0, producers[i].refused);
		KUNIT_EXPECT_EQ(test, 0, producers[i].strays);
		KUNIT_EXPECT_EQ(test, runs, producers[i].runs);
	}
}

static void kwx_produce(void *data)
{
	struct kwx_producer *producer = data;
	unsigned int i;

	for (i = 0; i < KWX_ITEMS; i++)
		if (!kworkerx_queue_work(producer->worker,
					 &producer->items[i].work))
			producer->refused++;
}

KUNIT_ARRAY_PARAM(kwx_threads, kwx_threads, kwx_threads_desc);

/* The items outlive the worker: a case that fails waits for its threads. */
static void the_works_of_each_producer_run_in_order(struct kunit *test)
{
	unsigned int nr = kwx_nr_threads(test);
	struct kworkerx_worker *worker = kworkerx_run_worker(0, "kwx_order");
	struct kwx_producer *producers;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, worker);
	producers = kwx_producers(test, nr, worker);
	kwx_calls(test, kwx_produce, producers, sizeof(*producers), nr);
	kwx_expect_produced(test, worker, producers, nr, KWX_ITEMS);
}

/* Two producers that queue in turns: 1, 3, 5, 7 and 2, 4, 6, 8. */
struct kwx_turns {
	struct kworkerx_worker	*worker;
	struct kwx_job		*jobs[4];
	struct completion	mine;
	struct completion	*theirs;
};

static void kwx_queue_in_turn(void *data)
{
	struct kwx_turns *turns = data;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(turns->jobs); i++) {
		wait_for_completion_timeout(&turns->mine, KWX_TIMEOUT);
		kworkerx_queue_work(turns->worker, KWX_WORK(turns->jobs[i]));
		complete(turns->theirs);
	}
}

static void producers_that_take_turns_are_served_in_turns(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kwx_log *log = kwx_log(test);
	struct kwx_job *busy = kwx_held_job(test, log, 0);
	struct kwx_turns *turns;
	int i;

	turns = kunit_kcalloc(test, 2, sizeof(*turns), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, turns);
	for (i = 0; i < 2; i++) {
		turns[i].worker = worker;
		init_completion(&turns[i].mine);
		turns[i].theirs = &turns[!i].mine;
	}
	for (i = 0; i < 8; i++)
		turns[i % 2].jobs[i / 2] = kwx_job(test, log, i + 1);

	kwx_hold(test, worker, busy);
	complete(&turns[0].mine);
	kwx_calls(test, kwx_queue_in_turn, turns, sizeof(*turns), 2);
	kwx_release(busy);
	kwx_flush(test, worker);
	kwx_expect_log(test, log, 0, 1, 2, 3, 4, 5, 6, 7, 8);
}

/*
 * Contexts
 */

struct kwx_place {
	struct kworkerx_worker	*worker;
	struct kwx_job		*job;
	unsigned int		calls;
	unsigned int		accepted;
	bool			wrong;
	raw_spinlock_t		lock;
	struct irq_work		irq_work;
	struct timer_list	timer;
	struct completion	done;
};

static void kwx_queue_here(struct kwx_place *place, bool here)
{
	unsigned int i;

	place->wrong = place->wrong || !here;
	for (i = 0; i < place->calls; i++)
		if (kworkerx_queue_work(place->worker, KWX_WORK(place->job)))
			place->accepted++;
}

static void kwx_without_interrupts(struct kwx_place *place)
{
	unsigned long flags;

	local_irq_save(flags);
	kwx_queue_here(place, irqs_disabled());
	if (!irqs_disabled())
		place->wrong = true;
	local_irq_restore(flags);
}

static void kwx_under_raw_lock(struct kwx_place *place)
{
	raw_spin_lock(&place->lock);
	kwx_queue_here(place, !irqs_disabled());
	if (irqs_disabled())
		place->wrong = true;
	raw_spin_unlock(&place->lock);
}

static void kwx_irq_work_fn(struct irq_work *irq_work)
{
	kwx_queue_here(container_of(irq_work, struct kwx_place, irq_work),
		       in_hardirq());
}

static void kwx_in_hard_interrupt(struct kwx_place *place)
{
	place->irq_work = IRQ_WORK_INIT_HARD(kwx_irq_work_fn);
	irq_work_queue(&place->irq_work);
	irq_work_sync(&place->irq_work);
}

static void kwx_place_timer_fn(struct timer_list *timer)
{
	struct kwx_place *place = container_of(timer, struct kwx_place, timer);

	kwx_queue_here(place, in_serving_softirq() && !in_hardirq());
	complete(&place->done);
}

static void kwx_in_soft_interrupt(struct kwx_place *place)
{
	timer_setup(&place->timer, kwx_place_timer_fn, 0);
	mod_timer(&place->timer, jiffies);
	wait_for_completion(&place->done);
	timer_delete_sync(&place->timer);
}

static const struct kwx_context {
	const char *name;
	void (*queue)(struct kwx_place *place);
} kwx_contexts[] = {
	{ "interrupts off", kwx_without_interrupts },
	{ "raw spinlock held", kwx_under_raw_lock },
	{ "hard interrupt", kwx_in_hard_interrupt },
	{ "soft interrupt", kwx_in_soft_interrupt },
};

static void kwx_context_desc(const struct kwx_context *context, char *desc)
{
	strscpy(desc, context->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kwx_contexts, kwx_contexts, kwx_context_desc);

static struct kwx_place *kwx_place(struct kunit *test)
{
	struct kwx_place *place;

	place = kunit_kzalloc(test, sizeof(*place), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, place);
	place->worker = kwx_worker(test);
	place->job = kwx_held_job(test, NULL, 1);
	raw_spin_lock_init(&place->lock);
	init_completion(&place->done);
	return place;
}

static void a_work_can_be_queued_in(struct kunit *test)
{
	const struct kwx_context *context = test->param_value;
	struct kwx_place *place = kwx_place(test);

	/* The thread sleeps: it is woken from there. */
	kwx_await_state(test, place->worker->task, TASK_IDLE);
	place->calls = 1;
	context->queue(place);
	KUNIT_EXPECT_EQ(test, 1, place->accepted);
	kwx_wait(test, &place->job->started);

	place->calls = 2;
	context->queue(place);
	KUNIT_EXPECT_EQ(test, 2, place->accepted);
	KUNIT_EXPECT_FALSE(test, place->wrong);
	kwx_release(place->job);
	kwx_release(place->job);
	kwx_flush(test, place->worker);
	KUNIT_EXPECT_EQ(test, 2, kwx_runs(place->job));
}

/* What a function finds as it starts. */
struct kwx_scene {
	struct task_struct	*task;
	unsigned int		state;
	bool			irqs_off;
	int			preempt;
	int			rcu;
	int			locks;
};

static void kwx_look_around(struct kwx_job *job)
{
	struct kwx_scene *scene = job->data;

	scene->task = current;
	scene->state = READ_ONCE(current->__state);
	scene->irqs_off = irqs_disabled();
	scene->preempt = preempt_count();
	scene->rcu = rcu_preempt_depth();
#ifdef CONFIG_LOCKDEP
	scene->locks = current->lockdep_depth;
#endif
	msleep(20);
}

static void a_function_runs_on_the_thread_and_may_sleep(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kwx_scene *scene = kunit_kzalloc(test, sizeof(*scene),
						GFP_KERNEL);
	struct kwx_job *job = kwx_job(test, NULL, 1);

	KUNIT_ASSERT_NOT_NULL(test, scene);
	job->data = scene;
	job->action = kwx_look_around;
	kwx_await_state(test, worker->task, TASK_IDLE);
	kwx_queue(test, worker, job);
	kwx_flush(test, worker);
	KUNIT_EXPECT_PTR_EQ(test, worker->task, scene->task);
	KUNIT_EXPECT_EQ(test, TASK_RUNNING, scene->state);
	KUNIT_EXPECT_FALSE(test, scene->irqs_off);
	KUNIT_EXPECT_EQ(test, 0, scene->preempt);
	KUNIT_EXPECT_EQ(test, 0, scene->rcu);
	/* To lockdep the worker and the work are locks. */
	KUNIT_EXPECT_EQ(test, scene->locks, debug_locks ? 2 * IS_ENABLED(CONFIG_LOCKDEP) : 0);
}

/* Sleeps on the worker's thread; whoever wakes that shortens it. */
static void kwx_nap(struct kwx_job *job)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	job->data = (void *)schedule_timeout(2 * HZ);
}

/* But for who has queued it, just before: he has come to his end here. */
static void nobody_wakes_a_thread_that_runs_a_work(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kwx_job *job = kwx_held_job(test, NULL, 1);
	struct kwx_job *jobs[4];
	int i;

	for (i = 0; i < ARRAY_SIZE(jobs); i++)
		jobs[i] = kwx_job(test, NULL, 2 + i);
	job->action = kwx_nap;
	kwx_hold(test, worker, job);
	kwx_release(job);
	kwx_await_state(test, worker->task, TASK_UNINTERRUPTIBLE);

	kwx_queue(test, worker, jobs[0]);
	KUNIT_EXPECT_TRUE(test, kworkerx_queue_work_first(worker,
							  KWX_WORK(jobs[1])));
	KUNIT_EXPECT_FALSE(test, kworkerx_mod_delayed_work(worker,
							   &jobs[2]->dwork, 0));
	KUNIT_EXPECT_TRUE(test, kworkerx_queue_delayed_work(worker,
							    &jobs[3]->dwork, 1));
	kwx_flush(test, worker);
	KUNIT_EXPECT_NULL(test, job->data);
	for (i = 0; i < ARRAY_SIZE(jobs); i++)
		kwx_wait(test, &jobs[i]->started);
}

/*
 * What a function may do to works
 */

static void a_work_can_queue_itself(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kwx_job *job = kwx_chained(test, worker, 1);
	int i;

	kwx_queue(test, worker, job);
	for (i = 0; i < KWX_REPEATS; i++)
		kwx_wait(test, &job->started);
	kwx_flush(test, worker);
	KUNIT_EXPECT_EQ(test, KWX_REPEATS, kwx_runs(job));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&job->overlaps));
}

static void two_works_can_queue_each_other(struct kunit *test)
{
	struct kworkerx_worker *workers[] = { kwx_worker(test),
					      kwx_worker(test) };
	struct kwx_job *jobs[2];
	int i;

	/* Each job lives on a worker of its own and queues the other there. */
	for (i = 0; i < 2; i++)
		jobs[i] = kwx_chained(test, workers[!i], i);
	for (i = 0; i < 2; i++)
		jobs[i]->data = jobs[!i];
	kwx_queue(test, workers[0], jobs[0]);
	for (i = 0; i < 2 * KWX_REPEATS; i++)
		kwx_wait(test, &jobs[i % 2]->started);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, KWX_REPEATS, kwx_runs(jobs[i]));
}

/* A work that its own function frees or makes another. */
struct kwx_mortal {
	struct kworkerx_work	work;
	struct kworkerx_worker	*worker;
	atomic_t		*runs;
};

static void kwx_free_self(struct kworkerx_work *work)
{
	struct kwx_mortal *mortal =
		container_of(work, struct kwx_mortal, work);

	atomic_inc(mortal->runs);
	kfree(mortal);
}

static void kwx_become_mortal(struct kworkerx_work *work)
{
	struct kwx_mortal *mortal =
		container_of(work, struct kwx_mortal, work);

	atomic_inc(mortal->runs);
	kworkerx_init_work(work, kwx_free_self);
	kworkerx_queue_work(mortal->worker, work);
}

static void kwx_mortal_fn(struct kworkerx_work *work)
{
}

/* @worker: a second one */
static void kwx_become_another(struct kworkerx_work *work)
{
	struct kwx_mortal *mortal =
		container_of(work, struct kwx_mortal, work);
	struct kworkerx_worker *own = kworkerx_current_worker();

	kworkerx_init_work(work, kwx_mortal_fn);
	if (kworkerx_queue_work(own, work) && kworkerx_cancel_work(work) &&
	    kworkerx_queue_work(mortal->worker, work))
		atomic_inc(mortal->runs);
}

/* It is no longer the one that runs, though it has its memory. */
static void a_new_work_in_old_memory_may_run_elsewhere(struct kunit *test)
{
	struct kwx_mortal *mortal = kunit_kzalloc(test, sizeof(*mortal),
						  GFP_KERNEL);
	atomic_t *queued = kwx_calloc(test, 1, sizeof(*queued));
	struct kworkerx_worker *worker = kwx_worker(test);

	KUNIT_ASSERT_NOT_NULL(test, mortal);
	kworkerx_init_work(&mortal->work, kwx_become_another);
	mortal->worker = kwx_worker(test);
	mortal->runs = queued;
	KUNIT_EXPECT_TRUE(test, kworkerx_queue_work(worker, &mortal->work));
	kwx_flush(test, worker);
	kwx_flush(test, mortal->worker);
	KUNIT_EXPECT_EQ(test, 1, atomic_read(queued));
}

static bool kwx_queue_mortal(struct kworkerx_worker *worker,
			     kworkerx_work_func_t func, atomic_t *runs)
{
	struct kwx_mortal *mortal = kzalloc(sizeof(*mortal), GFP_KERNEL);

	if (!mortal)
		return false;
	kworkerx_init_work(&mortal->work, func);
	mortal->worker = worker;
	mortal->runs = runs;
	return kworkerx_queue_work(worker, &mortal->work);
}

/* Queues twenty of them, which end before the worker does. */
static int kwx_run_mortals(struct kunit *test, kworkerx_work_func_t func)
{
	struct kworkerx_worker *worker = kworkerx_create_worker(0, "kwx_free");
	atomic_t runs = ATOMIC_INIT(0);
	int i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, worker);
	for (i = 0; i < 20; i++)
		KUNIT_EXPECT_TRUE(test, kwx_queue_mortal(worker, func, &runs));
	kworkerx_flush_worker(worker);
	kworkerx_destroy_worker(worker);
	return atomic_read(&runs);
}

static void a_work_can_free_itself(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 20, kwx_run_mortals(test, kwx_free_self));
}

static void a_work_can_initialise_and_queue_itself(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 40, kwx_run_mortals(test, kwx_become_mortal));
}

/*
 * A function that has given its work away goes on, and the memory is another
 * work meanwhile.
 */
struct kwx_reborn {
	struct kworkerx_work	work;
	struct completion	given;
	struct completion	release;
	struct completion	ran;
	atomic_t		runs;
};

static void kwx_reborn_fn(struct kworkerx_work *work)
{
	struct kwx_reborn *reborn = container_of(work, struct kwx_reborn, work);

	atomic_inc(&reborn->runs);
	complete(&reborn->ran);
}

static void kwx_give_away(struct kworkerx_work *work)
{
	struct kwx_reborn *reborn = container_of(work, struct kwx_reborn, work);

	kworkerx_init_work(work, kwx_reborn_fn);
	complete(&reborn->given);
	wait_for_completion(&reborn->release);
}

static void kwx_free_reborn(struct kunit_resource *res)
{
	struct kwx_reborn *reborn = res->data;

	complete_all(&reborn->release);
	kworkerx_cancel_work_sync(&reborn->work);
}

/* Returns while @worker still runs the old one. */
static struct kwx_reborn *kwx_reborn(struct kunit *test,
				     struct kworkerx_worker *worker)
{
	struct kwx_reborn *reborn = kunit_kzalloc(test, sizeof(*reborn),
						  GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, reborn);
	init_completion(&reborn->given);
	init_completion(&reborn->release);
	init_completion(&reborn->ran);
	kworkerx_init_work(&reborn->work, kwx_give_away);
	kwx_own(test, kwx_free_reborn, reborn);
	KUNIT_EXPECT_TRUE(test, kworkerx_queue_work(worker, &reborn->work));
	kwx_wait(test, &reborn->given);
	return reborn;
}

/* Only a call that waits for a run waits for that at this address. */
static void an_address_that_comes_back_is_another_work(struct kunit *test)
{
	struct kworkerx_worker *first = kwx_worker(test);
	struct kworkerx_worker *second = kwx_worker(test);
	struct kwx_reborn *reborn = kwx_reborn(test, first);
	struct kworkerx_work *work = &reborn->work;

	KUNIT_EXPECT_FALSE(test, kworkerx_work_busy(work));
	KUNIT_EXPECT_EQ(test, 0, kworkerx_flush_work_timeout(work, HZ));
	kwx_call_returns(test, kwx_call(test, kwx_cancel_work_fn, work));
	KUNIT_EXPECT_TRUE(test, kworkerx_queue_work(second, work));
	kwx_wait(test, &reborn->ran);
	kwx_flush(test, second);
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&reborn->runs));

	KUNIT_EXPECT_TRUE(test, kworkerx_queue_work(first, work));
	KUNIT_EXPECT_FALSE(test, kworkerx_queue_work(first, work));
	KUNIT_EXPECT_TRUE(test, kworkerx_cancel_work(work));
	KUNIT_EXPECT_TRUE(test, kworkerx_queue_work(first, work));
	complete(&reborn->release);
	kwx_flush(test, first);
	KUNIT_EXPECT_EQ(test, 2, atomic_read(&reborn->runs));
}

struct kwx_reborn_cancel {
	struct kworkerx_work	*work;
	bool			ret;
};

static void kwx_reborn_cancel_fn(void *arg)
{
	struct kwx_reborn_cancel *cancel = arg;

	cancel->ret = kworkerx_cancel_work_sync(cancel->work);
}

static void a_cancel_may_wait_for_the_last_work_at_an_address(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kwx_reborn *reborn = kwx_reborn(test, worker);
	struct kwx_reborn_cancel *cancel = kunit_kzalloc(test, sizeof(*cancel),
							 GFP_KERNEL);
	struct kwx_call *call;

	KUNIT_ASSERT_NOT_NULL(test, cancel);
	cancel->work = &reborn->work;
	KUNIT_EXPECT_TRUE(test, kworkerx_queue_work(worker, cancel->work));
	call = kwx_call(test, kwx_reborn_cancel_fn, cancel);
	KUNIT_EXPECT_TRUE(test,
			  kwx_until(!kworkerx_work_pending(cancel->work)));
	complete(&reborn->release);
	kwx_call_returns(test, call);
	KUNIT_EXPECT_TRUE(test, cancel->ret);
	kwx_flush(test, worker);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&reborn->runs));
}

/*
 * Events: what a caller stored before it queued is seen by the run to come,
 * also when the work was pending already.
 */
struct kwx_events {
	struct kworkerx_work	work;
	struct kworkerx_worker	*worker;
	unsigned int		rounds;
	struct kwx_source {
		struct kwx_events	*events;
		unsigned int		stored;
		unsigned int		seen;
		bool			lost;
	} sources[KWX_THREADS_MAX];
};

static void kwx_events_fn(struct kworkerx_work *work)
{
	struct kwx_events *events = container_of(work, struct kwx_events, work);
	struct kwx_source *source;

	for (source = events->sources;
	     source < events->sources + KWX_THREADS_MAX; source++)
		WRITE_ONCE(source->seen, READ_ONCE(source->stored));
}

static bool kwx_spin_until_seen(struct kwx_source *source, unsigned int nr)
{
	unsigned long end = jiffies + KWX_TIMEOUT;

	while (READ_ONCE(source->seen) != nr) {
		if (time_after(jiffies, end))
			return false;
		cpu_relax();
		cond_resched();
	}
	return true;
}

/* Of all sources together: those that spin leave the worker little time. */
#define KWX_ROUNDS	400

/*
 * Each round waits for a varying time, so that the queueing meets the thread
 * at every point of its way to sleep; 100 us is longer than that way.
 */
static void kwx_send_events(void *data)
{
	struct kwx_source *source = data;
	struct kwx_events *events = source->events;
	unsigned int nr;

	for (nr = 1; nr <= events->rounds && !source->lost; nr++) {
		WRITE_ONCE(source->stored, nr);
		kworkerx_queue_work(events->worker, &events->work);
		source->lost = !kwx_spin_until_seen(source, nr);
		ndelay(nr * 7919 % 1000 * 100);
	}
}

static void no_event_is_lost(struct kunit *test)
{
	unsigned int i, nr = kwx_nr_threads(test);
	struct kwx_events *events = kunit_kzalloc(test, sizeof(*events),
						  GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, events);
	kworkerx_init_work(&events->work, kwx_events_fn);
	events->worker = kwx_worker(test);
	events->rounds = KWX_ROUNDS / nr;
	for (i = 0; i < nr; i++)
		events->sources[i].events = events;
	kwx_calls(test, kwx_send_events, events->sources,
		  sizeof(events->sources[0]), nr);
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_FALSE_MSG(test, events->sources[i].lost,
				       "source %u, event %u", i,
				       events->sources[i].stored);
}

/*
 * Several workers
 */

static void an_idle_work_can_move_to_another_worker(struct kunit *test)
{
	struct kworkerx_worker *first = kwx_worker(test);
	struct kworkerx_worker *second = kwx_worker(test);
	struct kwx_job *job = kwx_held_job(test, NULL, 1);

	kwx_hold(test, first, job);
	kwx_release(job);
	kwx_flush(test, first);
	kwx_hold(test, second, job);
	KUNIT_EXPECT_PTR_EQ(test, second, KWX_WORK(job)->worker);
	/* The first one is free while the second is busy. */
	kwx_flush(test, first);
	kwx_release(job);
	kwx_flush(test, second);
	KUNIT_EXPECT_EQ(test, 2, kwx_runs(job));
}

static void a_work_pending_elsewhere_is_refused(struct kunit *test)
{
	struct kworkerx_worker *first = kwx_worker(test);
	struct kworkerx_worker *second = kwx_worker(test);
	struct kwx_job *busy = kwx_held_job(test, NULL, 1);
	struct kwx_job *job = kwx_job(test, NULL, 2);

	kwx_hold(test, first, busy);
	kwx_queue(test, first, job);
	kwx_misuse_begin();
	kwx_expect_refused(test, second, job);
	kwx_misuse_end(test, "has it");
	kwx_flush(test, second);
	KUNIT_EXPECT_EQ(test, 0, kwx_runs(job));
	KUNIT_EXPECT_PTR_EQ(test, first, KWX_WORK(job)->worker);
	kwx_release(busy);
	kwx_flush(test, first);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

static void a_work_running_elsewhere_is_refused(struct kunit *test)
{
	struct kworkerx_worker *first = kwx_worker(test);
	struct kworkerx_worker *second = kwx_worker(test);
	struct kwx_job *job = kwx_held_job(test, NULL, 1);

	kwx_hold(test, first, job);
	kwx_misuse_begin();
	kwx_expect_refused(test, second, job);
	kwx_misuse_end(test, "has it");
	kwx_flush(test, second);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
	kwx_queue(test, first, job);
	kwx_release(job);
	kwx_release(job);
	kwx_flush(test, first);
	KUNIT_EXPECT_EQ(test, 2, kwx_runs(job));

	kwx_release(job);
	kwx_queue(test, second, job);
	kwx_flush(test, second);
	KUNIT_EXPECT_EQ(test, 3, kwx_runs(job));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&job->overlaps));
}

static void a_work_can_queue_another_elsewhere(struct kunit *test)
{
	struct kworkerx_worker *first = kwx_worker(test);
	struct kworkerx_worker *second = kwx_worker(test);
	struct kwx_job *job = kwx_chained(test, second, 1);
	struct kwx_job *other = kwx_job(test, NULL, 2);

	job->data = other;
	kwx_queue(test, first, job);
	kwx_flush(test, first);
	kwx_flush(test, second);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(other));
	KUNIT_EXPECT_PTR_EQ(test, second, KWX_WORK(other)->worker);
}

struct kwx_bounce {
	struct kworkerx_worker	*workers[2];
	struct kwx_job		*job;
	int			accepted;
};

static void kwx_bounce_fn(void *data)
{
	struct kwx_bounce *bounce = data;
	unsigned int i;

	for (i = 0; i < 500; i++) {
		if (kworkerx_queue_work(bounce->workers[i % 2],
					KWX_WORK(bounce->job)))
			bounce->accepted++;
		ndelay(i * 7919 % 500 * 100);
	}
}

static void kwx_dawdle(struct kwx_job *job)
{
	ndelay(15000);
}

static void a_work_that_bounces_runs_on_one_worker_at_once(struct kunit *test)
{
	unsigned int i, nr = kwx_nr_threads(test);
	struct kworkerx_worker *workers[] = { kwx_worker(test),
					      kwx_worker(test) };
	struct kwx_job *job = kwx_job(test, NULL, 1);
	struct kwx_bounce *bounces;
	int accepted = 0;

	bounces = kunit_kcalloc(test, nr, sizeof(*bounces), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, bounces);
	job->action = kwx_dawdle;
	for (i = 0; i < nr; i++) {
		bounces[i].workers[0] = workers[i % 2];
		bounces[i].workers[1] = workers[!(i % 2)];
		bounces[i].job = job;
	}
	kwx_misuse_begin();
	kwx_calls(test, kwx_bounce_fn, bounces, sizeof(*bounces), nr);
	kwx_misuse_end(test, "has it");
	for (i = 0; i < nr; i++)
		accepted += bounces[i].accepted;
	kwx_flush(test, workers[0]);
	kwx_flush(test, workers[1]);
	KUNIT_EXPECT_EQ(test, accepted, kwx_runs(job));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&job->overlaps));
}

/*
 * Misuse
 */

static void no_worker_at_all_is_reported(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kwx_job *job = kwx_job(test, NULL, 1);

	kwx_misuse_begin();
	kwx_expect_refused(test, NULL, job);
	kwx_expect_refused(test, ERR_PTR(-ENOMEM), job);
	kwx_misuse_end(test, "queued on worker");
	kwx_queue(test, worker, job);
	kwx_flush(test, worker);

	kwx_misuse_begin();
	kwx_expect_refused(test, NULL, job);
	kwx_expect_refused(test, ERR_PTR(-ENOMEM), job);
	kwx_misuse_end(test, "queued on worker");
	kwx_queue(test, worker, job);
	kwx_flush(test, worker);
	KUNIT_EXPECT_EQ(test, 2, kwx_runs(job));
}

static void a_work_without_a_function_is_reported(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kworkerx_work *work = kunit_kzalloc(test, sizeof(*work),
						   GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, work);
	kworkerx_init_work(work, NULL);
	kwx_misuse_begin();
	KUNIT_EXPECT_FALSE(test, kworkerx_queue_work(worker, work));
	KUNIT_EXPECT_FALSE(test, kworkerx_queue_work(worker, work));
	kwx_misuse_end(test, "a work without a function queued");
	kwx_flush(test, worker);
}

static void kwx_no_fn(struct kworkerx_work *work)
{
}

static void a_work_that_was_never_initialised_is_reported(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kworkerx_work *work = kunit_kzalloc(test, sizeof(*work),
						   GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, work);
	work->func = kwx_no_fn;
	kwx_misuse_begin();
	KUNIT_EXPECT_FALSE(test, kworkerx_queue_work(worker, work));
	kwx_misuse_end(test, "but not initialised");
	kwx_flush(test, worker);

	/* Nothing is left of the attempt. */
	kworkerx_init_work(work, kwx_no_fn);
	KUNIT_EXPECT_TRUE(test, kworkerx_queue_work(worker, work));
	kwx_flush(test, worker);
}

/*
 * Memory that comes back from the allocator holds what somebody left there: a
 * work as it was while pending, or what user space has made to look like one.
 * What it points to is not to be trusted.
 */
static void memory_that_looks_pending_is_initialised(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kworkerx_worker *nobody = kunit_kzalloc(test, sizeof(*nobody),
						       GFP_KERNEL);
	struct kworkerx_worker *const claims[] = {
		worker, nobody, (struct kworkerx_worker *)0x6b6b6b6b6b6b6b6bUL,
	};
	struct kwx_job *busy = kwx_held_job(test, NULL, 1);
	struct kwx_job *pending = kwx_job(test, NULL, 2);
	struct kwx_job *job = kwx_job(test, NULL, 3);
	kworkerx_work_func_t func = KWX_WORK(job)->func;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, nobody);
	kwx_hold(test, worker, busy);
	kwx_queue(test, worker, pending);
	for (i = 0; i < ARRAY_SIZE(claims); i++) {
		*KWX_WORK(job) = *KWX_WORK(pending);
		KWX_WORK(job)->worker = claims[i];
		kworkerx_init_work(KWX_WORK(job), func);
	}
	kwx_queue(test, worker, job);
	kwx_release(busy);
	kwx_flush(test, worker);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(pending));
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
}

/* Whoever re-initialises a work between its runs has a new one. */
static void an_idle_work_is_initialised_again(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kwx_job *job = kwx_job(test, NULL, 1);
	kworkerx_work_func_t func = KWX_WORK(job)->func;

	kwx_queue(test, worker, job);
	kwx_flush(test, worker);
	kworkerx_init_work(KWX_WORK(job), func);
	KUNIT_EXPECT_NULL(test, KWX_WORK(job)->worker);
	kwx_queue(test, worker, job);
	kwx_flush(test, worker);
	KUNIT_EXPECT_EQ(test, 2, kwx_runs(job));
}

/*
 * Trace events
 */

enum kwx_event_kind { KWX_QUEUED, KWX_START, KWX_END, KWX_CANCEL };

struct kwx_event {
	enum kwx_event_kind	kind;
	struct kworkerx_worker	*worker;
	struct kworkerx_work	*work;
	void			*func;
	bool			pending;
	bool			running;
};

/* Events come from under raw locks, too. */
struct kwx_trace {
	raw_spinlock_t		lock;	/* protects what follows */
	unsigned int		nr;
	struct kwx_event	events[32];
};

static void kwx_note(struct kwx_trace *trace, struct kwx_event event)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&trace->lock, flags);
	if (trace->nr < ARRAY_SIZE(trace->events))
		trace->events[trace->nr++] = event;
	raw_spin_unlock_irqrestore(&trace->lock, flags);
}

static void kwx_probe_queue(void *trace, struct kworkerx_worker *worker,
			    struct kworkerx_work *work)
{
	kwx_note(trace, (struct kwx_event){ .kind = KWX_QUEUED,
		 .worker = worker, .work = work, .func = work->func });
}

static void kwx_probe_start(void *trace, struct kworkerx_work *work, void *func)
{
	kwx_note(trace, (struct kwx_event){ .kind = KWX_START,
		 .work = work, .func = func });
}

static void kwx_probe_end(void *trace, struct kworkerx_work *work, void *func)
{
	kwx_note(trace, (struct kwx_event){ .kind = KWX_END,
		 .work = work, .func = func });
}

static void kwx_probe_cancel(void *trace, struct kworkerx_worker *worker,
			     struct kworkerx_work *work, bool pending,
			     bool running)
{
	kwx_note(trace, (struct kwx_event){ .kind = KWX_CANCEL,
		 .worker = worker, .work = work, .func = work->func,
		 .pending = pending, .running = running });
}

static void kwx_free_trace(struct kunit_resource *res)
{
	unregister_trace_kworkerx_work_queue_work(kwx_probe_queue, res->data);
	unregister_trace_kworkerx_work_execute_start(kwx_probe_start,
						     res->data);
	unregister_trace_kworkerx_work_execute_end(kwx_probe_end, res->data);
	unregister_trace_kworkerx_work_cancel(kwx_probe_cancel, res->data);
	tracepoint_synchronize_unregister();
}

static struct kwx_trace *kwx_trace(struct kunit *test)
{
	struct kwx_trace *trace = kunit_kzalloc(test, sizeof(*trace),
						GFP_KERNEL);

	if (!IS_ENABLED(CONFIG_TRACEPOINTS))
		kunit_skip(test, "needs tracepoints");
	KUNIT_ASSERT_NOT_NULL(test, trace);
	raw_spin_lock_init(&trace->lock);
	KUNIT_EXPECT_EQ(test, 0,
			register_trace_kworkerx_work_queue_work(kwx_probe_queue,
								trace));
	KUNIT_EXPECT_EQ(test, 0,
			register_trace_kworkerx_work_execute_start(kwx_probe_start,
								   trace));
	KUNIT_EXPECT_EQ(test, 0,
			register_trace_kworkerx_work_execute_end(kwx_probe_end,
								 trace));
	KUNIT_EXPECT_EQ(test, 0,
			register_trace_kworkerx_work_cancel(kwx_probe_cancel,
							    trace));
	KUNIT_ASSERT_PTR_EQ(test, (void *)trace,
			    kunit_alloc_resource(test, NULL, kwx_free_trace,
						 GFP_KERNEL, trace));
	return trace;
}

static void kwx_expect_event(struct kunit *test, const struct kwx_event *event,
			     enum kwx_event_kind kind,
			     struct kworkerx_worker *worker,
			     struct kworkerx_work *work)
{
	KUNIT_EXPECT_EQ(test, kind, event->kind);
	KUNIT_EXPECT_PTR_EQ(test, worker, event->worker);
	KUNIT_EXPECT_PTR_EQ(test, work, event->work);
}

static void a_work_is_traced_as_queued_started_and_ended(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kwx_trace *trace = kwx_trace(test);
	struct kwx_job *job = kwx_job(test, NULL, 1);
	struct kworkerx_work *work = KWX_WORK(job);
	unsigned int i;

	kwx_queue(test, worker, job);
	kwx_wait(test, &job->started);
	kwx_await_state(test, worker->task, TASK_IDLE);
	KUNIT_ASSERT_EQ(test, 3U, trace->nr);
	kwx_expect_event(test, &trace->events[0], KWX_QUEUED, worker, work);
	kwx_expect_event(test, &trace->events[1], KWX_START, NULL, work);
	kwx_expect_event(test, &trace->events[2], KWX_END, NULL, work);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_PTR_EQ(test, (void *)work->func,
				    trace->events[i].func);
}

/* A work that its function has made another, and one that it has freed. */
static void the_end_of_a_work_is_traced_with_the_function_that_ran(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kwx_trace *trace = kwx_trace(test);
	static const struct kwx_event ends[] = {
		{ .kind = KWX_START, .func = kwx_become_mortal },
		{ .kind = KWX_END, .func = kwx_become_mortal },
		{ .kind = KWX_START, .func = kwx_free_self },
		{ .kind = KWX_END, .func = kwx_free_self },
	};
	static atomic_t runs;
	unsigned int i, nr = 0;

	atomic_set(&runs, 0);
	KUNIT_EXPECT_TRUE(test, kwx_queue_mortal(worker, kwx_become_mortal,
						 &runs));
	kwx_flush(test, worker);
	kwx_flush(test, worker);
	KUNIT_EXPECT_EQ(test, 2, atomic_read(&runs));
	for (i = 0; i < trace->nr && nr < ARRAY_SIZE(ends); i++) {
		if (trace->events[i].work != trace->events[0].work ||
		    trace->events[i].kind == KWX_QUEUED)
			continue;
		KUNIT_EXPECT_EQ(test, ends[nr].kind, trace->events[i].kind);
		KUNIT_EXPECT_PTR_EQ(test, ends[nr].func, trace->events[i].func);
		nr++;
	}
	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(ends), nr);
}

static void a_flush_is_traced_as_a_work_of_its_own(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kwx_trace *trace = kwx_trace(test);
	struct kworkerx_work *work;

	kwx_await_state(test, worker->task, TASK_IDLE);
	kwx_flush(test, worker);
	kwx_await_state(test, worker->task, TASK_IDLE);
	KUNIT_ASSERT_EQ(test, 3U, trace->nr);
	work = trace->events[0].work;
	KUNIT_EXPECT_NOT_NULL(test, work);
	kwx_expect_event(test, &trace->events[0], KWX_QUEUED, worker, work);
	kwx_expect_event(test, &trace->events[1], KWX_START, NULL, work);
	kwx_expect_event(test, &trace->events[2], KWX_END, NULL, work);
}

static void kwx_expect_cancel(struct kunit *test, struct kwx_trace *trace,
			      struct kwx_job *job, bool pending, bool running)
{
	unsigned int i;

	for (i = 0; i < trace->nr; i++)
		if (trace->events[i].kind == KWX_CANCEL)
			break;
	KUNIT_ASSERT_LT(test, i, trace->nr);
	kwx_expect_event(test, &trace->events[i], KWX_CANCEL,
			 KWX_WORK(job)->worker, KWX_WORK(job));
	KUNIT_EXPECT_EQ(test, pending, trace->events[i].pending);
	KUNIT_EXPECT_EQ(test, running, trace->events[i].running);
	trace->nr = 0;
}

static void a_cancel_is_traced_with_what_it_found(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kwx_trace *trace = kwx_trace(test);
	struct kwx_job *job = kwx_held_job(test, NULL, 1);
	struct kwx_call *cancel;
	bool again;
	int i;

	for (i = 0; i < 2; i++) {
		again = i;
		kwx_hold(test, worker, job);
		if (again)
			kwx_queue(test, worker, job);
		cancel = kwx_call(test, kwx_cancel_work_fn, KWX_WORK(job));
		kwx_call_blocks(test, cancel);
		kwx_expect_cancel(test, trace, job, again, true);
		kwx_release(job);
		kwx_call_returns(test, cancel);
	}
	kwx_flush(test, worker);
	trace->nr = 0;
	KUNIT_EXPECT_FALSE(test, kworkerx_cancel_work_sync(KWX_WORK(job)));
	kwx_expect_cancel(test, trace, job, false, false);
	KUNIT_EXPECT_EQ(test, 2, kwx_runs(job));
}

static void a_cancel_of_a_pending_work_is_traced_so(struct kunit *test)
{
	struct kworkerx_worker *worker = kwx_worker(test);
	struct kwx_trace *trace = kwx_trace(test);
	struct kwx_job *busy = kwx_held_job(test, NULL, 1);
	struct kwx_job *job = kwx_job(test, NULL, 2);

	kwx_hold(test, worker, busy);
	kwx_queue(test, worker, job);
	KUNIT_EXPECT_TRUE(test, kworkerx_cancel_work_sync(KWX_WORK(job)));
	kwx_expect_cancel(test, trace, job, true, false);
	kwx_release(busy);
}

static struct kunit_case kwx_queue_cases[] = {
	KUNIT_CASE(a_new_work_in_old_memory_may_run_elsewhere),
	KUNIT_CASE(a_pending_work_is_refused),
	KUNIT_CASE(a_running_work_can_be_queued_once_more),
	KUNIT_CASE(a_work_that_waits_for_its_timer_is_refused),
	KUNIT_CASE(a_work_keeps_the_worker_that_it_was_queued_on),
	KUNIT_CASE(works_run_in_the_order_of_their_queueing),
	KUNIT_CASE_PARAM(the_works_of_each_producer_run_in_order,
			 kwx_threads_gen_params),
	KUNIT_CASE(producers_that_take_turns_are_served_in_turns),
	KUNIT_CASE_PARAM(a_work_can_be_queued_in, kwx_contexts_gen_params),
	KUNIT_CASE(a_function_runs_on_the_thread_and_may_sleep),
	KUNIT_CASE(nobody_wakes_a_thread_that_runs_a_work),
	KUNIT_CASE(a_work_can_queue_itself),
	KUNIT_CASE(two_works_can_queue_each_other),
	KUNIT_CASE(a_work_can_free_itself),
	KUNIT_CASE(a_work_can_initialise_and_queue_itself),
	KUNIT_CASE(an_address_that_comes_back_is_another_work),
	KUNIT_CASE(a_cancel_may_wait_for_the_last_work_at_an_address),
	KUNIT_CASE_PARAM(no_event_is_lost, kwx_threads_gen_params),
	KUNIT_CASE(an_idle_work_can_move_to_another_worker),
	KUNIT_CASE(a_work_pending_elsewhere_is_refused),
	KUNIT_CASE(a_work_running_elsewhere_is_refused),
	KUNIT_CASE(a_work_can_queue_another_elsewhere),
	KUNIT_CASE_PARAM(a_work_that_bounces_runs_on_one_worker_at_once,
			 kwx_threads_gen_params),
	KUNIT_CASE(no_worker_at_all_is_reported),
	KUNIT_CASE(a_work_without_a_function_is_reported),
	KUNIT_CASE(a_work_that_was_never_initialised_is_reported),
	KUNIT_CASE(memory_that_looks_pending_is_initialised),
	KUNIT_CASE(an_idle_work_is_initialised_again),
	KUNIT_CASE(a_work_is_traced_as_queued_started_and_ended),
	KUNIT_CASE(the_end_of_a_work_is_traced_with_the_function_that_ran),
	KUNIT_CASE(a_flush_is_traced_as_a_work_of_its_own),
	KUNIT_CASE(a_cancel_is_traced_with_what_it_found),
	KUNIT_CASE(a_cancel_of_a_pending_work_is_traced_so),
	{}
};

static struct kunit_suite kwx_queue_suite = {
	.name = "kworkerx_queue",
	.test_cases = kwx_queue_cases,
};

kunit_test_suite(kwx_queue_suite);
