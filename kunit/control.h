/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the suites share that control works and workers beyond queue, flush and
 * cancel.
 *
 * What must not wait is called while some job is running and held, so that a
 * wait does not end.  What must wait is called in a thread, and seen to sleep.
 */
#ifndef _KWORKERX_KUNIT_CONTROL_H
#define _KWORKERX_KUNIT_CONTROL_H

#include "common.h"

#define AN_HOUR		(3600UL * HZ)
#define ROUNDS		200

static inline bool is_armed(struct kwx_job *job)
{
	return timer_pending(&job->dwork.timer);
}

static inline bool queue(struct kunit *test, struct kwx_job *job)
{
	return kworkerx_queue_work(kwx_bed_worker(test), KWX_WORK(job));
}

static inline bool queue_after(struct kunit *test, struct kwx_job *job,
			       unsigned long delay)
{
	return kworkerx_queue_delayed_work(kwx_bed_worker(test), &job->dwork,
					   delay);
}

static inline bool queue_first(struct kunit *test, struct kwx_job *job)
{
	return kworkerx_queue_work_first(kwx_bed_worker(test), KWX_WORK(job));
}

static inline struct kwx_job *armed(struct kunit *test, int id)
{
	struct kwx_job *job = kwx_bed_job(test, id);

	KUNIT_EXPECT_TRUE(test, queue_after(test, job, AN_HOUR));
	return job;
}

/* Lets the worker go and waits for all that is queued. */
static inline void finish(struct kunit *test, struct kwx_job *gate)
{
	kwx_release(gate);
	kwx_flush(test, kwx_bed_worker(test));
}

/* A function under test, to be called from anywhere, and what it returned. */
struct op {
	struct kworkerx_worker *worker;
	struct kwx_job *job;
	unsigned long delay;
	long ret;
};

static inline void cancel_op(void *arg)
{
	struct op *op = arg;

	op->ret = kworkerx_cancel_work(KWX_WORK(op->job));
}

static inline void cancel_sync_op(void *arg)
{
	struct op *op = arg;

	op->ret = kworkerx_cancel_work_sync(KWX_WORK(op->job));
}

static inline void flush_work_op(void *arg)
{
	struct op *op = arg;

	op->ret = kworkerx_flush_work(KWX_WORK(op->job));
}

static inline void flush_delayed_op(void *arg)
{
	struct op *op = arg;

	op->ret = kworkerx_flush_delayed_work(&op->job->dwork);
}

static inline void flush_work_timeout_op(void *arg)
{
	struct op *op = arg;

	op->ret = kworkerx_flush_work_timeout(KWX_WORK(op->job), op->delay);
}

static inline void flush_worker_timeout_op(void *arg)
{
	struct op *op = arg;

	op->ret = kworkerx_flush_worker_timeout(op->worker, op->delay);
}

/* Calls @fn on @job at the place of the test. */
static inline long at_place(struct kunit *test, void (*fn)(void *arg),
			    struct kwx_job *job, unsigned long delay)
{
	const struct kwx_where *place = test->param_value;
	struct op op = { kwx_bed_worker(test), job, delay, -1 };

	place->call(fn, &op);
	return op.ret;
}

/* The same as a call that may sleep, in a thread of its own. */
struct waiter {
	struct op op;
	struct kwx_call *call;
};

static inline struct waiter *begin(struct kunit *test, void (*fn)(void *arg),
				   struct kwx_job *job, unsigned long delay)
{
	struct waiter *waiter = kunit_kzalloc(test, sizeof(*waiter),
					      GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, waiter);
	waiter->op = (struct op){ kwx_bed_worker(test), job, delay, -1 };
	waiter->call = kwx_call(test, fn, &waiter->op);
	return waiter;
}

static inline struct waiter *begin_and_block(struct kunit *test,
					     void (*fn)(void *arg),
					     struct kwx_job *job)
{
	struct waiter *waiter = begin(test, fn, job, MAX_SCHEDULE_TIMEOUT);

	kwx_call_blocks(test, waiter->call);
	return waiter;
}

static inline void ends(struct kunit *test, struct waiter *waiter, long ret)
{
	kwx_call_returns(test, waiter->call);
	KUNIT_EXPECT_EQ(test, ret, waiter->op.ret);
}

/* @fn does not wait, or for nothing that needs a release. */
static inline void now(struct kunit *test, void (*fn)(void *arg),
		       struct kwx_job *job, long ret)
{
	ends(test, begin(test, fn, job, MAX_SCHEDULE_TIMEOUT), ret);
}

/* One of those that race for a job. */
struct racer {
	struct kworkerx_worker *worker;
	struct kwx_job *job;
	unsigned int nr;
	unsigned int seed;
	unsigned int rounds;
	int added;
	int taken;
	int failed;
};

/* One in four does something else than the others. */
static inline bool is_odd(struct racer *me)
{
	return me->nr % 4 == 1;
}

static inline unsigned int next_random(struct racer *me)
{
	me->seed = me->seed * 1664525 + 1013904223;
	return me->seed >> 16;
}

static inline void queue_somehow(struct racer *me)
{
	struct kworkerx_delayed_work *dwork = &me->job->dwork;
	unsigned int random = next_random(me);
	unsigned long delay = random / 8 % 3;

	switch (random % 5) {
	case 0:
		me->added += kworkerx_queue_work(me->worker, &dwork->work);
		break;
	case 1:
		me->added += kworkerx_queue_work_first(me->worker,
						       &dwork->work);
		break;
	case 2:
		me->added += kworkerx_queue_delayed_work(me->worker, dwork,
							 delay);
		break;
	case 3:
		me->added += !kworkerx_mod_delayed_work(me->worker, dwork,
							delay);
		break;
	default:
		kworkerx_mod_pending_delayed_work(me->worker, dwork, delay);
	}
}

/* Runs @fn on one job in the threads of the test, and adds up. */
static inline void race(struct kunit *test, void (*fn)(void *arg))
{
	unsigned int i, nr = kwx_nr_threads(test);
	struct racer *racers = kwx_calloc(test, nr, sizeof(*racers));
	struct kwx_job *job = kwx_job(test, NULL, 1);
	int open = 0;

	for (i = 0; i < nr; i++) {
		racers[i].worker = kwx_bed_worker(test);
		racers[i].job = job;
		racers[i].nr = i;
		racers[i].seed = i;
	}
	kwx_calls(test, fn, racers, sizeof(*racers), nr);
	for (i = 0; i < nr; i++) {
		open += racers[i].added - racers[i].taken;
		KUNIT_EXPECT_EQ(test, 0, racers[i].failed);
	}
	open -= kworkerx_cancel_delayed_work_sync(&job->dwork);
	KUNIT_EXPECT_EQ(test, open, kwx_runs(job));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&job->overlaps));
}

#endif /* _KWORKERX_KUNIT_CONTROL_H */
