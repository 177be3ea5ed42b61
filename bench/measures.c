// SPDX-License-Identifier: GPL-2.0-only
/*
 * The measures, compiled for each peer.  The file that includes this one
 * defines PEER, NAME, struct op_worker, struct op_work, op_create(),
 * op_destroy(), op_init() and op_queue(); and struct op_dwork and the other
 * operations where the peer has them all.
 *
 * Times are of loops; what an empty loop takes is a measure of its own.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/string.h>
#include <linux/timer.h>

#include "bench.h"

#ifndef op_create_percpu
#define op_create_percpu op_create
#endif

/* Enough works not to be reached. */
#define FAR	(100 * HZ)

struct item {
	struct op_work		work;
	struct bench_thread	*thread;
};

static struct op_work hold, last;

/*
 * Functions of works
 */

static void nop_fn(struct op_work *work)
{
}

static void done_fn(struct op_work *work)
{
	complete(&bench.done);
}

/* All counted works run on one worker. */
static void count_fn(struct op_work *work)
{
	int left = atomic_read(&bench.left) - 1;

	atomic_set(&bench.left, left);
	if (!left)
		complete(&bench.done);
}

static void count_atomic_fn(struct op_work *work)
{
	if (atomic_dec_and_test(&bench.left))
		complete(&bench.done);
}

static void item_fn(struct op_work *work)
{
	struct bench_thread *thread =
		container_of(work, struct item, work)->thread;

	if (!--thread->left)
		complete(&thread->done);
}

static void hold_fn(struct op_work *work)
{
	complete(&bench.started);
	wait_for_completion(&bench.go);
}

/*
 * Works and workers
 */

static struct op_work *init_works(unsigned int n,
				  void (*fn)(struct op_work *work))
{
	struct op_work *works = bench.memory;
	unsigned int i;

	memset(works, 0, n * sizeof(*works));
	for (i = 0; i < n; i++)
		op_init(&works[i], fn);
	reinit_completion(&bench.done);
	atomic_set(&bench.left, n);
	return works;
}

static u64 time_queue(struct op_worker *worker, struct op_work *works,
		      unsigned int n)
{
	u64 start = bench_now();
	unsigned int i;

	for (i = 0; i < n; i++)
		op_queue(worker, &works[i]);
	return bench_now() - start;
}

/* Waits until all that is queued has run. */
static void drain(struct op_worker *worker)
{
	op_init(&last, done_fn);
	reinit_completion(&bench.done);
	op_queue(worker, &last);
	wait_for_completion(&bench.done);
}

/* Keeps the worker busy, but not the CPU. */
static void hold_worker(struct op_worker *worker)
{
	reinit_completion(&bench.started);
	reinit_completion(&bench.go);
	op_init(&hold, hold_fn);
	op_queue(worker, &hold);
	wait_for_completion(&bench.started);
}

static void release_worker(struct op_worker *worker)
{
	complete(&bench.go);
	drain(worker);
}

/* Lets the worker fall asleep. */
static void settle(void)
{
	usleep_range(50, 100);
}

/*
 * Queueing
 */

static void measure_loop(void *worker, struct bench_run *run)
{
	struct op_work *works = init_works(run->n, nop_fn);
	u64 start = bench_now();
	unsigned int i;

	for (i = 0; i < run->n; i++)
		bench_nothing(worker, &works[i]);
	bench_report(run, "", run->n, bench_now() - start);
}

/* Works that were on this worker before. */
static void measure_queue_busy(void *worker, struct bench_run *run)
{
	struct op_work *works = init_works(run->n, nop_fn);
	u64 total;

	time_queue(worker, works, run->n);
	drain(worker);

	hold_worker(worker);
	total = time_queue(worker, works, run->n);
	release_worker(worker);
	bench_report(run, "", run->n, total);
}

static void measure_queue_new(void *worker, struct bench_run *run)
{
	struct op_work *works = init_works(run->n, nop_fn);
	u64 total;

	hold_worker(worker);
	total = time_queue(worker, works, run->n);
	release_worker(worker);
	bench_report(run, "", run->n, total);
}

static void measure_queue_pending(void *worker, struct bench_run *run)
{
	struct op_work *works = init_works(run->n, nop_fn);
	u64 total;

	hold_worker(worker);
	time_queue(worker, works, run->n);
	total = time_queue(worker, works, run->n);
	release_worker(worker);
	bench_report(run, "", run->n, total);
}

/* Wakes the worker, which does not run before the call has returned. */
static void measure_queue_idle(void *worker, struct bench_run *run)
{
	struct op_work *work = init_works(1, done_fn);
	u64 total = 0;
	unsigned int i;

	for (i = 0; i < run->n; i++) {
		settle();
		total += time_queue(worker, work, 1);
		wait_for_completion(&bench.done);
	}
	bench_report(run, "", run->n, total);
}

/*
 * From the first work queued to the last one run.  On one CPU the worker starts
 * when all are queued.
 */
static void measure_burst(void *worker, struct bench_run *run)
{
	struct op_work *works = init_works(run->n, count_fn);
	u64 start;

	settle();
	start = bench_now();
	time_queue(worker, works, run->n);
	wait_for_completion(&bench.done);
	bench_report(run, "", run->n, bench_now() - start);
}

static void measure_ping_pong(void *worker, struct bench_run *run)
{
	struct op_work *work = init_works(1, done_fn);
	u64 start, total = 0;
	unsigned int i;

	for (i = 0; i < run->n; i++) {
		start = bench_now();
		op_queue(worker, work);
		wait_for_completion(&bench.done);
		bench.latency[i] = bench_now() - start;
		total += bench.latency[i];
	}
	bench_report(run, "", run->n, total);
	bench_report_latency(run, run->n);
}

/*
 * Several producers
 */

static void init_threads(struct bench_run *run, unsigned int items)
{
	struct item *item = bench.memory;
	unsigned int i, j;

	memset(item, 0, run->arg * items * sizeof(*item));
	for (i = 0; i < run->arg; i++) {
		struct bench_thread *thread = &bench.thread[i];

		thread->items = item;
		thread->n = run->n / run->arg;
		thread->left = items;
		thread->latency = &bench.latency[i * thread->n];
		init_completion(&thread->done);
		for (j = 0; j < items; j++, item++) {
			op_init(&item->work, item_fn);
			item->thread = thread;
		}
	}
}

static void flood(struct bench_thread *thread)
{
	struct item *items = thread->items;
	unsigned int i;

	for (i = 0; i < thread->n; i++)
		op_queue(thread->worker, &items[i].work);
	wait_for_completion(&thread->done);
}

/* All works of all producers, from the start of them to the end. */
static void measure_producers(void *worker, struct bench_run *run)
{
	unsigned int i;

	init_threads(run, run->n / run->arg);
	for (i = 0; i < run->arg; i++)
		bench.thread[i].worker = worker;
	bench_report(run, "", run->n, bench_parallel(run->arg, flood));
}

static void measure_percpu(void *unused, struct bench_run *run)
{
	struct bench_thread *thread = bench.thread;
	unsigned int i;

	init_threads(run, run->n / run->arg);
	for (i = 0; i < run->arg; i++) {
		thread[i].worker = op_create_percpu(cpumask_nth(i, cpu_online_mask));
		bench.failed |= !thread[i].worker;
	}
	if (!bench.failed)
		bench_report(run, "", run->n, bench_parallel(run->arg, flood));
	while (i--)
		if (thread[i].worker)
			op_destroy(thread[i].worker);
}

/* What lib/test_workqueue.c does: the latency is that of the queueing. */
static void queue_and_wait(struct bench_thread *thread)
{
	struct item *item = thread->items;
	unsigned int i;

	for (i = 0; i < thread->n; i++) {
		thread->left = 1;
		thread->latency[i] = time_queue(thread->worker, &item->work, 1);
		wait_for_completion(&thread->done);
	}
}

static void measure_test_workqueue(void *worker, struct bench_run *run)
{
	unsigned int i;
	u64 total;

	init_threads(run, 1);
	for (i = 0; i < run->arg; i++)
		bench.thread[i].worker = worker;
	total = bench_parallel(run->arg, queue_and_wait);
	bench_report(run, "", run->n, total);
	bench_report_latency(run, run->n);
}

/*
 * Growth
 */

/* Workers, each of which gets one work. */
static void measure_grow_workers(void *unused, struct bench_run *run)
{
	struct op_work *works = init_works(run->arg, count_atomic_fn);
	struct op_worker **workers = (void *)&works[run->arg];
	u64 start = bench_now();
	unsigned int i, n;

	for (n = 0; n < run->arg; n++) {
		workers[n] = op_create(-1);
		if (!workers[n])
			break;
	}
	bench.failed |= n < run->arg;
	bench_report(run, ".create", n, bench_now() - start);

	start = bench_now();
	for (i = 0; i < n; i++)
		op_queue(workers[i], &works[i]);
	if (!bench.failed)
		wait_for_completion(&bench.done);
	bench_report(run, ".run", n, bench_now() - start);

	start = bench_now();
	for (i = 0; i < n; i++)
		op_destroy(workers[i]);
	bench_report(run, ".destroy", n, bench_now() - start);
}

static void measure_create_destroy(void *unused, struct bench_run *run)
{
	u64 start = bench_now();
	unsigned int i;

	for (i = 0; i < run->n; i++) {
		struct op_worker *worker = op_create(-1);

		if (worker)
			op_destroy(worker);
		else
			bench.failed = true;
	}
	bench_report(run, "", run->n, bench_now() - start);
}

#ifdef op_flush_work

/*
 * Flush
 */

static void measure_flush_idle(void *worker, struct bench_run *run)
{
	struct op_work *work = init_works(1, nop_fn);
	unsigned int i;
	u64 start;

	op_queue(worker, work);
	drain(worker);
	start = bench_now();
	for (i = 0; i < run->n; i++)
		op_flush_work(work);
	bench_report(run, "", run->n, bench_now() - start);
}

/* With the queueing. */
static void measure_flush_pending(void *worker, struct bench_run *run)
{
	struct op_work *work = init_works(1, nop_fn);
	u64 start = bench_now();
	unsigned int i;

	for (i = 0; i < run->n; i++) {
		op_queue(worker, work);
		op_flush_work(work);
	}
	bench_report(run, "", run->n, bench_now() - start);
}

/*
 * On one CPU the flusher takes over as it is told that the work has started,
 * and the work ends when the flusher sleeps.  Otherwise the work goes on for
 * long enough.
 */
static void running_fn(struct op_work *work)
{
	complete(&bench.started);
	while (!READ_ONCE(bench.flushing))
		cpu_relax();
	if (num_online_cpus() > 1)
		udelay(5);
}

static void measure_flush_running(void *worker, struct bench_run *run)
{
	struct op_work *work = init_works(1, running_fn);
	u64 start, total = 0;
	unsigned int i;

	for (i = 0; i < run->n; i++) {
		reinit_completion(&bench.started);
		bench.flushing = false;
		op_queue(worker, work);
		wait_for_completion(&bench.started);
		start = bench_now();
		WRITE_ONCE(bench.flushing, true);
		op_flush_work(work);
		total += bench_now() - start;
	}
	bench_report(run, "", run->n, total);
}

static void measure_flush_worker(void *worker, struct bench_run *run)
{
	u64 start = bench_now();
	unsigned int i;

	for (i = 0; i < run->n; i++)
		op_flush_worker(worker);
	bench_report(run, "", run->n, bench_now() - start);
}

/*
 * Cancel and timers
 */

static u64 time_cancel(struct op_work *works, unsigned int n)
{
	u64 start = bench_now();
	unsigned int i;

	for (i = 0; i < n; i++)
		op_cancel(&works[i]);
	return bench_now() - start;
}

static void measure_cancel_pending(void *worker, struct bench_run *run)
{
	struct op_work *works = init_works(2 * run->n, nop_fn);
	u64 total;

	hold_worker(worker);
	time_queue(worker, works, 2 * run->n);
	total = time_cancel(&works[run->n / 2], run->n);
	release_worker(worker);
	bench_report(run, "", run->n, total);
}

static struct op_dwork *init_dworks(unsigned int n)
{
	struct op_dwork *dworks = bench.memory;
	unsigned int i;

	memset(dworks, 0, n * sizeof(*dworks));
	for (i = 0; i < n; i++)
		op_init_delayed(&dworks[i], nop_fn);
	return dworks;
}

static void measure_delayed_cancel(void *worker, struct bench_run *run)
{
	struct op_dwork *dwork = init_dworks(1);
	u64 start = bench_now();
	unsigned int i;

	for (i = 0; i < run->n; i++) {
		op_queue_delayed(worker, dwork, FAR);
		op_cancel_delayed(dwork);
	}
	bench_report(run, "", run->n, bench_now() - start);
}

/* Arms a timer of a worker that sleeps, which is no reason to wake it. */
static void measure_delayed_idle(void *worker, struct bench_run *run)
{
	struct op_dwork *dwork = init_dworks(1);
	u64 start, total = 0;
	unsigned int i;

	for (i = 0; i < run->n; i++) {
		settle();
		start = bench_now();
		op_queue_delayed(worker, dwork, FAR);
		total += bench_now() - start;
		op_cancel_delayed(dwork);
	}
	bench_report(run, "", run->n, total);
}

/* The seconds change with each call, so that the timer moves. */
static u64 time_mod(struct op_worker *worker, struct op_dwork *dworks,
		    unsigned int stride, unsigned int n)
{
	u64 start = bench_now();
	unsigned int i;

	for (i = 0; i < n; i++)
		op_mod_delayed(worker, &dworks[i * stride],
			       FAR + (i % 8) * HZ);
	return bench_now() - start;
}

static void measure_mod_armed(void *worker, struct bench_run *run)
{
	struct op_dwork *dwork = init_dworks(1);
	u64 total;

	op_queue_delayed(worker, dwork, FAR);
	total = time_mod(worker, dwork, 0, run->n);
	op_cancel_delayed(dwork);
	bench_report(run, "", run->n, total);
}

/*
 * Growth
 */

static void measure_grow_pending(void *worker, struct bench_run *run)
{
	struct op_work *works = init_works(run->arg, nop_fn);
	unsigned int middle = min(run->arg, run->n);
	u64 start;

	hold_worker(worker);
	bench_report(run, ".queue", run->arg,
		     time_queue(worker, works, run->arg));
	bench_report(run, ".cancel", middle,
		     time_cancel(&works[(run->arg - middle) / 2], middle));
	start = bench_now();
	complete(&bench.go);
	op_flush_worker(worker);
	bench_report(run, ".flush", run->arg, bench_now() - start);
}

static u64 time_cancel_delayed(struct op_dwork *dworks, unsigned int n)
{
	u64 start = bench_now();
	unsigned int i;

	for (i = 0; i < n; i++)
		op_cancel_delayed(&dworks[i]);
	return bench_now() - start;
}

static void measure_grow_armed(void *worker, struct bench_run *run)
{
	struct op_dwork *dworks = init_dworks(run->arg);
	unsigned int i, middle = min(run->arg, run->n);
	struct op_dwork *first = &dworks[(run->arg - middle) / 2];
	u64 start = bench_now();

	for (i = 0; i < run->arg; i++)
		op_queue_delayed(worker, &dworks[i], FAR + i % 1024);
	bench_report(run, ".queue", run->arg, bench_now() - start);
	bench_report(run, ".mod", middle, time_mod(worker, first, 1, middle));
	bench_report(run, ".cancel", middle, time_cancel_delayed(first, middle));
	time_cancel_delayed(dworks, run->arg);
}

#define SYNC(measure) .run = (measure)
#else
#define SYNC(measure) .run = NULL
#endif

static void measure_size(void *unused, struct bench_run *run)
{
	bench_report(run, ".work", 1, sizeof(struct op_work));
#ifdef op_flush_work
	bench_report(run, ".delayed-work", 1, sizeof(struct op_dwork));
#endif
	if (op_worker_size)
		bench_report(run, ".worker", 1, op_worker_size);
}

#define PRODUCERS(count)						\
	{ "producers-" #count, "parallel", 4000, (count),		\
	  .run = measure_producers }
#define TEST_WORKQUEUE(count)						\
	{ "test_workqueue-" #count, "parallel", 400, (count),		\
	  .cpus = (count), .run = measure_test_workqueue }
#define PERCPU(count)							\
	{ "percpu-" #count, "parallel", 4000, (count), .cpus = (count),	\
	  .run = measure_percpu }
#define GROW_PENDING(count, most)					\
	{ "grow-pending-" #count, "grow", 100, (count),			\
	  .rounds = (most), SYNC(measure_grow_pending) }
#define GROW_ARMED(count, most)						\
	{ "grow-armed-" #count, "grow", 100, (count),			\
	  .rounds = (most), SYNC(measure_grow_armed) }
#define GROW_WORKERS(count, most)					\
	{ "grow-workers-" #count, "grow", 0, (count),			\
	  .rounds = (most), .run = measure_grow_workers }

static const struct bench_measure measures[] = {
	{ "size", "core", .rounds = 1, .run = measure_size },
	{ "loop", "core", 500, .run = measure_loop },
	{ "queue-busy", "core", 500, .run = measure_queue_busy },
	{ "queue-new", "core", 500, .run = measure_queue_new },
	{ "queue-pending", "core", 500, .run = measure_queue_pending },
	{ "queue-idle", "core", 100, .fifo = true, .run = measure_queue_idle },
	{ "burst", "core", 2000, .fifo = true, .run = measure_burst },
	{ "ping-pong-same", "core", 200, .same_cpu = true,
	  .run = measure_ping_pong },
	{ "ping-pong-other", "core", 200, .cpus = 2,
	  .run = measure_ping_pong },
	{ "flush-idle", "core", 500, SYNC(measure_flush_idle) },
	{ "flush-pending", "core", 100, SYNC(measure_flush_pending) },
	{ "flush-running", "core", 100, .fifo = true,
	  SYNC(measure_flush_running) },
	{ "flush-worker", "core", 100, SYNC(measure_flush_worker) },
	{ "cancel-pending", "core", 500, SYNC(measure_cancel_pending) },
	{ "delayed-cancel", "core", 500, SYNC(measure_delayed_cancel) },
	{ "delayed-idle", "core", 100, SYNC(measure_delayed_idle) },
	{ "mod-armed", "core", 500, SYNC(measure_mod_armed) },
	{ "create-destroy", "core", 20, .run = measure_create_destroy },
	PRODUCERS(1), PRODUCERS(2), PRODUCERS(4), PRODUCERS(8),
	TEST_WORKQUEUE(1), TEST_WORKQUEUE(2), TEST_WORKQUEUE(4),
	TEST_WORKQUEUE(8),
	PERCPU(1), PERCPU(2), PERCPU(4), PERCPU(8),
	GROW_PENDING(1, 0), GROW_PENDING(10, 0), GROW_PENDING(100, 0),
	GROW_PENDING(1000, 0), GROW_PENDING(10000, 0),
	GROW_PENDING(100000, 3), GROW_PENDING(1000000, 3),
	GROW_ARMED(1, 0), GROW_ARMED(10, 0), GROW_ARMED(100, 0),
	GROW_ARMED(1000, 0), GROW_ARMED(10000, 0), GROW_ARMED(100000, 3),
	GROW_WORKERS(1, 0), GROW_WORKERS(10, 0), GROW_WORKERS(100, 3),
	GROW_WORKERS(1000, 3),
	{ }
};

static void *peer_create(int cpu)
{
	return op_create(cpu);
}

static void peer_destroy(void *worker)
{
	op_destroy(worker);
}

const struct bench_peer PEER = {
	.name = NAME,
	.create = peer_create,
	.destroy = peer_destroy,
	.measures = measures,
};
