// SPDX-License-Identifier: GPL-2.0-only
/*
 * The measures, compiled for each peer, whose functions differ in PREFIX only.
 * HEADER declares them, PEER is the table that all this ends in, and FLAGS is what
 * its workers are created with.
 *
 * The caller is on the first processor.  Works of one worker are never queued on
 * the other.  Nothing is subtracted for the loops.
 */
#include HEADER

#include "bench.h"

#define op_worker		__cat(PREFIX, _worker)
#define op_work			__cat(PREFIX, _work)
#define op_dwork		__cat(PREFIX, _delayed_work)
#define op_create		__cat(PREFIX, _create_worker)
#define op_destroy		__cat(PREFIX, _destroy_worker)
#define op_init			__cat(PREFIX, _init_work)
#define op_init_delayed		__cat(PREFIX, _init_delayed_work)
#define op_queue		__cat(PREFIX, _queue_work)
#define op_queue_delayed	__cat(PREFIX, _queue_delayed_work)
#define op_mod_delayed		__cat(PREFIX, _mod_delayed_work)
#define op_flush		__cat(PREFIX, _flush_work)
#define op_cancel		__cat(PREFIX, _cancel_work_sync)
#define op_cancel_delayed	__cat(PREFIX, _cancel_delayed_work_sync)

/* Works of a batch: they fit into the nearest cache, with those of the peer. */
#define BATCH		256
/* Works that are on their way from one processor to the other, at most. */
#define RING		64
/* Works that go that way. */
#define STREAM		4096
/* Works of each producer. */
#define FLOOD		1024
/* Times that somebody waits for a work. */
#define TRIPS		20
/* Cycles in which the worker's thread has nothing more to do; has fallen asleep. */
#define IDLE		5000
#define ASLEEP		50000
/* For so many microseconds a thread polls that does so by itself. */
#define POLL_US		1000
/* Cycles that a work goes on after somebody has begun to wait for it. */
#define RUNS_ON		10000
/* Enough for a timer not to expire. */
#define FAR		(100 * HZ)

/* @done: it has run; written by its function, and by who queues it */
struct item {
	struct op_work		work;
	bool			done;
} ____cacheline_aligned_in_smp;

/*
 * @same: its thread is on the first processor
 * @other: its thread is on the second one, or there is no such worker
 * @works: for @same; the last one to run tells the time
 * @hold: keeps @same busy until it is released
 * @dwork: for @same
 * @ring: for @other
 * @polled: for a worker that one measure is about
 * @flood: for @same, FLOOD from each processor
 */
static struct op_worker *same;
static struct op_worker *other;
static struct item works[BATCH];
static struct item hold;
static struct op_dwork dwork;
static struct item ring[RING];
static struct item polled;
static struct item (*flood)[FLOOD];

/* The work that holds the worker has started, may end; all works have run. */
static struct completion started, go, finished;
/* When it ended, and when the last work ran. */
static u64 released, ended;
/* Somebody waits for the work that runs, or is about to. */
static bool awaited;
/* When each processor began to queue and when it had queued all. */
static u64 flood_start[TEAM_MAX], flood_end[TEAM_MAX];

/*
 * Functions of works
 */

static void nop_fn(struct op_work *work)
{
}

static void hold_fn(struct op_work *work)
{
	complete(&started);
	wait_for_completion(&go);
	released = bench_now();
}

static void last_fn(struct op_work *work)
{
	ended = bench_now();
	complete(&finished);
}

static void item_fn(struct op_work *work)
{
	WRITE_ONCE(container_of(work, struct item, work)->done, true);
}

static void awaited_fn(struct op_work *work)
{
	complete(&started);
	while (!READ_ONCE(awaited))
		cpu_relax();
	bench_spin(RUNS_ON);
}

/*
 * One processor.  While the caller does not sleep, the worker's thread does not
 * run: it sleeps in a work.
 */

static void hold_worker(void)
{
	bench_expect(op_queue(same, &hold.work));
	wait_for_completion(&started);
}

/* Returns what it took to run what is queued, of which works[BATCH - 1] is last. */
static u64 release_worker(void)
{
	complete(&go);
	wait_for_completion(&finished);
	return ended - released;
}

static u64 time_queue(unsigned int accepted)
{
	unsigned int i, n = 0;
	u64 start, end;

	start = bench_now();
	for (i = 0; i < BATCH; i++)
		n += op_queue(same, &works[i].work);
	end = bench_now();
	bench_expect(n == accepted);
	return end - start;
}

static double measure_queue_busy(unsigned int cpus)
{
	u64 cycles;

	hold_worker();
	cycles = time_queue(BATCH);
	release_worker();
	return (double)cycles / BATCH;
}

static double measure_queue_pending(unsigned int cpus)
{
	u64 cycles;

	hold_worker();
	time_queue(BATCH);
	cycles = time_queue(0);
	release_worker();
	return (double)cycles / BATCH;
}

static double measure_take(unsigned int cpus)
{
	hold_worker();
	time_queue(BATCH);
	return (double)release_worker() / BATCH;
}

static double measure_queue_take(unsigned int cpus)
{
	u64 cycles;

	hold_worker();
	cycles = time_queue(BATCH);
	cycles += release_worker();
	return (double)cycles / BATCH;
}

/* Every second one, so that none of them is the first or the last. */
static double measure_cancel_pending(unsigned int cpus)
{
	unsigned int i, n = 0;
	u64 start, end;

	hold_worker();
	time_queue(BATCH);
	start = bench_now();
	for (i = 1; i < BATCH - 1; i += 2)
		n += op_cancel(&works[i].work);
	end = bench_now();
	release_worker();
	bench_expect(n == BATCH / 2 - 1);
	return (double)(end - start) / n;
}

static double measure_cancel_idle(unsigned int cpus)
{
	unsigned int i, n = 0;
	u64 start, end;

	start = bench_now();
	for (i = 0; i < BATCH; i++)
		n += op_cancel(&works[i].work);
	end = bench_now();
	bench_expect(!n);
	return (double)(end - start) / BATCH;
}

static double measure_flush_idle(unsigned int cpus)
{
	unsigned int i;
	u64 start;

	start = bench_now();
	for (i = 0; i < BATCH; i++)
		op_flush(&works[i].work);
	return (double)(bench_now() - start) / BATCH;
}

static double measure_delayed_cancel(unsigned int cpus)
{
	unsigned int i, n = 0;
	u64 start, end;

	start = bench_now();
	for (i = 0; i < BATCH; i++) {
		n += op_queue_delayed(same, &dwork, FAR);
		n += op_cancel_delayed(&dwork);
	}
	end = bench_now();
	bench_expect(n == 2 * BATCH);
	return (double)(end - start) / BATCH;
}

static double measure_mod_armed(unsigned int cpus)
{
	unsigned int i, n = 0;
	u64 start, end;

	bench_expect(op_queue_delayed(same, &dwork, FAR));
	start = bench_now();
	for (i = 0; i < BATCH; i++)
		n += op_mod_delayed(same, &dwork, FAR + i % 8 * HZ);
	end = bench_now();
	bench_expect(n == BATCH && op_cancel_delayed(&dwork));
	return (double)(end - start) / BATCH;
}

/*
 * Two processors: one queues, the other one's thread runs
 */

/* On the second processor, or NULL if the peer does not know how. */
static struct op_worker *create_poller(void)
{
#ifdef KWORKERX_POLLS
	struct cpumask second = { .bits = BIT(1) };
	struct kworkerx_attrs attrs = KWORKERX_ATTRS_INIT;
	struct op_worker *worker;

	attrs.cpumask = &second;
	attrs.poll_us = POLL_US;
	worker = kworkerx_create_worker_attrs(&attrs, 0, "poller");
	bench_expect(!IS_ERR(worker));
	return worker;
#else
	return NULL;
#endif
}

static void await_item(struct item *item)
{
	while (!READ_ONCE(item->done))
		cpu_relax();
}

static void queue_item(struct op_worker *worker, struct item *item)
{
	item->done = false;
	bench_expect(op_queue(worker, &item->work));
}

static double time_round_trips(struct op_worker *worker, struct item *item,
			       u64 pause)
{
	double trips[TRIPS];
	unsigned int i;
	u64 start;

	for (i = 0; i < TRIPS; i++) {
		bench_spin(pause);
		start = bench_now();
		queue_item(worker, item);
		await_item(item);
		trips[i] = bench_now() - start;
	}
	return bench_median(trips, TRIPS);
}

/* The thread polls where it would sleep, once it was woken. */
static void start_polling(void)
{
	WRITE_ONCE(machine_spins, true);
	queue_item(other, &ring[0]);
	await_item(&ring[0]);
	bench_spin(IDLE);
}

static void stop_polling(void)
{
	WRITE_ONCE(machine_spins, false);
	bench_spin(ASLEEP);
}

static double measure_stream(unsigned int cpus)
{
	unsigned int i;
	u64 start, end;

	start_polling();
	start = bench_now();
	for (i = 0; i < STREAM; i++) {
		await_item(&ring[i % RING]);
		queue_item(other, &ring[i % RING]);
	}
	for (i = 0; i < RING; i++)
		await_item(&ring[i]);
	end = bench_now();
	stop_polling();
	return (double)(end - start) / STREAM;
}

static double measure_round_trip_polls(unsigned int cpus)
{
	double trip;

	start_polling();
	trip = time_round_trips(other, &ring[0], IDLE);
	stop_polling();
	return trip;
}

static double measure_round_trip_sleeps(unsigned int cpus)
{
	return time_round_trips(other, &ring[0], ASLEEP);
}

/* With a worker whose thread polls by itself, or the peer has none. */
static bool time_poller(u64 pause, double *trip)
{
	struct op_worker *poller = create_poller();

	if (!poller)
		return false;
	op_init(&polled.work, item_fn);
	*trip = time_round_trips(poller, &polled, pause);
	op_destroy(poller);
	return true;
}

static double measure_polls_to_polls(unsigned int cpus)
{
	double trip;

	return time_poller(IDLE, &trip) ? trip : measure_round_trip_polls(cpus);
}

static double measure_polls_to_sleeps(unsigned int cpus)
{
	double trip;

	return time_poller(ASLEEP, &trip) ? trip : measure_round_trip_sleeps(cpus);
}

static double measure_cancel_running(unsigned int cpus)
{
	struct op_work running;
	double waits[TRIPS];
	unsigned int i;
	u64 start;

	op_init(&running, awaited_fn);
	for (i = 0; i < TRIPS; i++) {
		WRITE_ONCE(awaited, false);
		bench_expect(op_queue(other, &running));
		wait_for_completion(&started);
		start = bench_now();
		WRITE_ONCE(awaited, true);
		bench_expect(!op_cancel(&running));
		waits[i] = bench_now() - start;
	}
	return bench_median(waits, TRIPS);
}

/*
 * Several processors: all queue on a worker that is busy
 */

static void queue_flood(unsigned int cpu)
{
	struct item *items = flood[cpu];
	unsigned int i, n = 0;

	flood_start[cpu] = bench_now();
	for (i = 0; i < FLOOD; i++)
		n += op_queue(same, &items[i].work);
	flood_end[cpu] = bench_now();
	bench_expect(n == FLOOD);
}

/* Brings the works, whose lines the worker's thread has had, back to here. */
static void fetch_flood(unsigned int cpu)
{
	unsigned int i;

	for (i = 0; i < FLOOD; i++)
		WRITE_ONCE(flood[cpu][i].done, false);
}

/* From when the first one begins to when the last one has queued all. */
static double measure_producers(unsigned int cpus)
{
	unsigned int cpu;
	u64 start, end;

	team_run(cpus, fetch_flood);
	hold_worker();
	team_run(cpus, queue_flood);
	bench_expect(op_queue(same, &works[BATCH - 1].work));
	release_worker();

	start = flood_start[0];
	end = flood_end[0];
	for (cpu = 1; cpu < cpus; cpu++) {
		start = min(start, flood_start[cpu]);
		end = max(end, flood_end[cpu]);
	}
	return (double)(end - start) / FLOOD;
}

static const struct bench_measure measures[] = {
	{ "queue-busy", 1, .run = measure_queue_busy },
	{ "queue-pending", 1, .run = measure_queue_pending },
	{ "take", 1, .run = measure_take },
	{ "queue-take-same", 1, .run = measure_queue_take },
	{ "cancel-pending", 1, .run = measure_cancel_pending },
	{ "cancel-idle", 1, .run = measure_cancel_idle },
	{ "flush-idle", 1, .run = measure_flush_idle },
	{ "delayed-cancel", 1, .run = measure_delayed_cancel },
	{ "mod-armed", 1, .run = measure_mod_armed },
	{ "queue-take-other", 2, .run = measure_stream },
	{ "round-trip-polls", 2, .run = measure_round_trip_polls },
	{ "round-trip-sleeps", 2, .run = measure_round_trip_sleeps },
	{ "poll-us-to-polls", 2, .run = measure_polls_to_polls },
	{ "poll-us-to-sleeps", 2, .run = measure_polls_to_sleeps },
	{ "cancel-running", 2, .run = measure_cancel_running },
	{ "producers", 2, .each = true, .run = measure_producers },
	{ }
};

/*
 * Creation
 */

static struct op_worker *create_worker(unsigned int cpu)
{
	struct op_worker *worker = op_create(FLAGS, "bench");

	bench_expect(!IS_ERR(worker));
	kthread_bind(worker->task, cpu);
	wake_up_process(worker->task);
	return worker;
}

static void create_works(unsigned int cpus)
{
	unsigned int i, j;

	op_init(&hold.work, hold_fn);
	for (i = 0; i < BATCH; i++)
		op_init(&works[i].work, nop_fn);
	op_init(&works[BATCH - 1].work, last_fn);
	op_init_delayed(&dwork, nop_fn);
	for (i = 0; i < RING; i++) {
		op_init(&ring[i].work, item_fn);
		ring[i].done = true;
	}
	flood = kzalloc(cpus * sizeof(*flood), GFP_KERNEL);
	bench_expect(flood);
	for (i = 0; i < cpus; i++)
		for (j = 0; j < FLOOD; j++)
			op_init(&flood[i][j].work, nop_fn);
}

/* What is idle in a measure was on the worker before. */
static void create(unsigned int cpus)
{
	create_works(cpus);
	same = create_worker(0);
	if (cpus > 1)
		other = create_worker(1);
	hold_worker();
	time_queue(BATCH);
	release_worker();
}

static void destroy(void)
{
	op_destroy(same);
	if (other)
		op_destroy(other);
}

const struct bench_peer PEER = {
	.name = NAME,
	.create = create,
	.destroy = destroy,
	.measures = measures,
};
