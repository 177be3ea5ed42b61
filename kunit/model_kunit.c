// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random sequences of calls, each compared with a model that is too simple to be
 * wrong.  One thread makes all calls, and what may run has run before the next
 * one, so that the model knows everything.
 */
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/random.h>

#include "common.h"

static uint model_seed;
module_param(model_seed, uint, 0444);
MODULE_PARM_DESC(model_seed, "of one more sequence, 0 for a new one");

#define KWX_WORKERS	2
#define KWX_WORKS	5
#define KWX_STEPS	300
#define KWX_FAR		(3600UL * HZ)

struct kwx_model_worker {
	struct kworkerx_worker	*worker;
	bool			lanes;		/* it has two */
	struct list_head	urgent;		/* what is queued in the other one */
	struct list_head	queue;		/* what is queued, in order */
	unsigned int		plugs;
};

struct kwx_model_work {
	struct kwx_job		*job;
	struct list_head	node;
	struct kwx_model_worker	*at;		/* pending there, or NULL */
	bool			delayed;
	bool			urgent;
	unsigned int		disables;
	int			runs;
};

struct kwx_model {
	struct kunit		*test;
	struct rnd_state	random;
	struct kwx_model_worker	workers[KWX_WORKERS];
	struct kwx_model_work	works[KWX_WORKS];
	struct kwx_log		*log;
	unsigned int		step;
	const char		*call;
};

static u32 kwx_pick(struct kwx_model *model, u32 range)
{
	return prandom_u32_state(&model->random) % range;
}

#define KWX_MODEL_EQ(model, expected, is)				\
	KUNIT_EXPECT_EQ_MSG((model)->test, (int)(expected), (int)(is),	\
			    "step %u: %s", (model)->step, (model)->call)

/* All that an unplugged worker has runs, in order.  Returns how many. */
static unsigned int kwx_model_run(struct kwx_model *model,
				  struct kwx_model_worker *at)
{
	struct kwx_model_work *work, *next;
	unsigned int nr = 0;

	if (at->plugs)
		return 0;
	KWX_MODEL_EQ(model, 0, kworkerx_flush_worker(at->worker));
	list_splice_init(&at->urgent, &at->queue);
	list_for_each_entry_safe(work, next, &at->queue, node) {
		list_del_init(&work->node);
		work->at = NULL;
		work->runs++;
		if (nr < model->log->nr)
			KWX_MODEL_EQ(model, work->job->id, model->log->id[nr]);
		nr++;
	}
	return nr;
}

static void kwx_model_queue(struct kwx_model_work *work,
			    struct kwx_model_worker *at, bool first)
{
	work->at = at;
	work->delayed = false;
	if (first)
		list_add(&work->node, at->lanes ? &at->urgent : &at->queue);
	else
		list_add_tail(&work->node, at->lanes && work->urgent ?
			      &at->urgent : &at->queue);
}

static void kwx_model_arm(struct kwx_model_work *work,
			  struct kwx_model_worker *at)
{
	work->at = at;
	work->delayed = true;
}

static bool kwx_model_take_back(struct kwx_model_work *work)
{
	bool pending = work->at;

	list_del_init(&work->node);
	work->at = NULL;
	work->delayed = false;
	return pending;
}

static bool kwx_model_idle(struct kwx_model_work *work)
{
	return !work->at && !work->disables;
}

/*
 * The calls.  @at is where the work is pending, or any worker: to queue a work
 * that is pending elsewhere is misuse, and has tests of its own.
 */

static void kwx_call_queue(struct kwx_model *model, struct kwx_model_work *work,
			   struct kwx_model_worker *at)
{
	bool idle = kwx_model_idle(work);

	if (idle)
		kwx_model_queue(work, at, false);
	KWX_MODEL_EQ(model, idle,
		     kworkerx_queue_work(at->worker, KWX_WORK(work->job)));
}

static void kwx_call_queue_first(struct kwx_model *model,
				 struct kwx_model_work *work,
				 struct kwx_model_worker *at)
{
	bool idle = kwx_model_idle(work);

	if (idle)
		kwx_model_queue(work, at, true);
	KWX_MODEL_EQ(model, idle, kworkerx_queue_work_first(at->worker,
							    KWX_WORK(work->job)));
}

static void kwx_call_delay(struct kwx_model *model, struct kwx_model_work *work,
			   struct kwx_model_worker *at)
{
	bool idle = kwx_model_idle(work);

	if (idle)
		kwx_model_arm(work, at);
	KWX_MODEL_EQ(model, idle,
		     kworkerx_queue_delayed_work(at->worker, &work->job->dwork,
						 KWX_FAR));
}

static void kwx_model_mod(struct kwx_model_work *work,
			  struct kwx_model_worker *at, unsigned long delay)
{
	kwx_model_take_back(work);
	if (delay)
		kwx_model_arm(work, at);
	else
		kwx_model_queue(work, at, false);
}

static void kwx_call_mod(struct kwx_model *model, struct kwx_model_work *work,
			 struct kwx_model_worker *at)
{
	unsigned long delay = kwx_pick(model, 2) * KWX_FAR;
	bool added = kwx_model_idle(work);

	if (!work->disables)
		kwx_model_mod(work, at, delay);
	KWX_MODEL_EQ(model, !added,
		     kworkerx_mod_delayed_work(at->worker, &work->job->dwork,
					       delay));
}

static void kwx_call_mod_pending(struct kwx_model *model,
				 struct kwx_model_work *work,
				 struct kwx_model_worker *at)
{
	unsigned long delay = kwx_pick(model, 2) * KWX_FAR;
	bool pending = work->at;

	if (pending)
		kwx_model_mod(work, at, delay);
	KWX_MODEL_EQ(model, pending,
		     kworkerx_mod_pending_delayed_work(at->worker,
						       &work->job->dwork,
						       delay));
}

static void kwx_call_cancel(struct kwx_model *model, struct kwx_model_work *work,
			    struct kwx_model_worker *at)
{
	KWX_MODEL_EQ(model, kwx_model_take_back(work),
		     kworkerx_cancel_work(KWX_WORK(work->job)));
}

static void kwx_call_cancel_sync(struct kwx_model *model,
				 struct kwx_model_work *work,
				 struct kwx_model_worker *at)
{
	KWX_MODEL_EQ(model, kwx_model_take_back(work),
		     kworkerx_cancel_delayed_work_sync(&work->job->dwork));
}

static void kwx_call_disable(struct kwx_model *model,
			     struct kwx_model_work *work,
			     struct kwx_model_worker *at)
{
	work->disables++;
	KWX_MODEL_EQ(model, kwx_model_take_back(work),
		     kworkerx_disable_work_sync(KWX_WORK(work->job)));
}

static void kwx_call_enable(struct kwx_model *model, struct kwx_model_work *work,
			    struct kwx_model_worker *at)
{
	if (!work->disables)
		return;
	work->disables--;
	KWX_MODEL_EQ(model, !work->disables,
		     kworkerx_enable_work(KWX_WORK(work->job)));
}

/* On a plugged worker it would wait forever. */
static void kwx_call_flush_delayed(struct kwx_model *model,
				   struct kwx_model_work *work,
				   struct kwx_model_worker *at)
{
	bool delayed = work->delayed;

	if (work->at && work->at->plugs)
		return;
	if (delayed)
		kwx_model_queue(work, at, false);
	KWX_MODEL_EQ(model, delayed,
		     kworkerx_flush_delayed_work(&work->job->dwork));
}

static void kwx_call_set_urgent(struct kwx_model *model,
				struct kwx_model_work *work,
				struct kwx_model_worker *at)
{
	work->urgent = !work->urgent;
	kworkerx_set_work_urgent(KWX_WORK(work->job), work->urgent);
}

static void kwx_call_plug(struct kwx_model *model, struct kwx_model_work *work,
			  struct kwx_model_worker *at)
{
	at->plugs++;
	KWX_MODEL_EQ(model, 0, kworkerx_plug_worker(at->worker));
}

static void kwx_call_unplug(struct kwx_model *model, struct kwx_model_work *work,
			    struct kwx_model_worker *at)
{
	if (!at->plugs)
		return;
	at->plugs--;
	kworkerx_unplug_worker(at->worker);
}

static const struct kwx_model_call {
	const char *name;
	void (*call)(struct kwx_model *model, struct kwx_model_work *work,
		     struct kwx_model_worker *at);
} kwx_model_calls[] = {
	{ "queue", kwx_call_queue },
	{ "queue_first", kwx_call_queue_first },
	{ "queue_delayed", kwx_call_delay },
	{ "mod", kwx_call_mod },
	{ "mod_pending", kwx_call_mod_pending },
	{ "cancel", kwx_call_cancel },
	{ "cancel_sync", kwx_call_cancel_sync },
	{ "disable", kwx_call_disable },
	{ "enable", kwx_call_enable },
	{ "flush_delayed", kwx_call_flush_delayed },
	{ "set_urgent", kwx_call_set_urgent },
	{ "plug", kwx_call_plug },
	{ "unplug", kwx_call_unplug },
};

/* Does each work look as the model says? */
static void kwx_model_compare(struct kwx_model *model)
{
	unsigned int i;

	for (i = 0; i < KWX_WORKS; i++) {
		struct kwx_model_work *work = &model->works[i];
		struct kwx_job *job = work->job;

		KWX_MODEL_EQ(model, work->runs, kwx_runs(job));
		KWX_MODEL_EQ(model, !!work->at,
			     kworkerx_work_pending(KWX_WORK(job)));
		KWX_MODEL_EQ(model, !!work->at,
			     kworkerx_work_busy(KWX_WORK(job)));
		KWX_MODEL_EQ(model, work->delayed,
			     !!kworkerx_delayed_work_remaining(&job->dwork));
	}
}

static void kwx_model_step(struct kwx_model *model)
{
	const struct kwx_model_call *call =
		&kwx_model_calls[kwx_pick(model, ARRAY_SIZE(kwx_model_calls))];
	struct kwx_model_work *work = &model->works[kwx_pick(model, KWX_WORKS)];
	struct kwx_model_worker *at = work->at;

	if (!at)
		at = &model->workers[kwx_pick(model, KWX_WORKERS)];
	model->call = call->name;
	call->call(model, work, at);
	KWX_MODEL_EQ(model, kwx_model_run(model, at), model->log->nr);
	model->log->nr = 0;
	kwx_model_compare(model);
}

static struct kwx_model *kwx_new_model(struct kunit *test, u32 seed)
{
	struct kwx_model *model = kunit_kzalloc(test, sizeof(*model),
						GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, model);
	model->test = test;
	model->log = kwx_log(test);
	prandom_seed_state(&model->random, seed);
	for (i = 0; i < KWX_WORKERS; i++) {
		model->workers[i].lanes = i % 2;
		model->workers[i].worker =
			kwx_keep_worker(test, kworkerx_run_worker(i % 2 ? KWORKERX_LANES : 0,
								  "kwx_test"));
		INIT_LIST_HEAD(&model->workers[i].urgent);
		INIT_LIST_HEAD(&model->workers[i].queue);
	}
	for (i = 0; i < KWX_WORKS; i++) {
		model->works[i].job = kwx_job(test, model->log, i);
		INIT_LIST_HEAD(&model->works[i].node);
	}
	return model;
}

static const u32 kwx_seeds[] = { 1, 2, 3, 4, 0 };

static void kwx_seed_desc(const u32 *seed, char *desc)
{
	if (*seed)
		snprintf(desc, KUNIT_PARAM_DESC_SIZE, "seed=%u", *seed);
	else
		strscpy(desc, "a seed of its own", KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kwx_seeds, kwx_seeds, kwx_seed_desc);

static void random_calls_do_what_the_model_says(struct kunit *test)
{
	u32 seed = *(const u32 *)test->param_value;
	struct kwx_model *model;

	if (!seed)
		seed = model_seed ?: get_random_u32();
	kunit_info(test, "model_seed=%u", seed);
	model = kwx_new_model(test, seed);
	for (model->step = 0; model->step < KWX_STEPS; model->step++) {
		kwx_model_step(model);
		if (test->status == KUNIT_FAILURE)
			break;
	}
}

static struct kunit_case kwx_model_cases[] = {
	KUNIT_CASE_PARAM(random_calls_do_what_the_model_says,
			 kwx_seeds_gen_params),
	{}
};

static struct kunit_suite kwx_model_suite = {
	.name = "kworkerx_model",
	.test_cases = kwx_model_cases,
};

kunit_test_suite(kwx_model_suite);
