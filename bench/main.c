// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measures kworkerx and its peers, round by round in turn, while it is loaded.
 * Prints a line for each figure, for scripts/bench-report.py to read:
 *
 *	@@ MEASURE PEER OPERATIONS TOTAL
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "bench.h"

static char *groups = "core,parallel,grow";
module_param(groups, charp, 0444);
MODULE_PARM_DESC(groups, "What to measure");

static unsigned int rounds = 5;
module_param(rounds, uint, 0444);
MODULE_PARM_DESC(rounds, "How many times");

static unsigned int scale = 1;
module_param(scale, uint, 0444);
MODULE_PARM_DESC(scale, "By how much to make the rounds longer");

module_param_named(instructions, bench.instructions, bool, 0444);
MODULE_PARM_DESC(instructions, "The TSC counts instructions: use it");

struct bench bench = {
	.started = COMPLETION_INITIALIZER(bench.started),
	.go = COMPLETION_INITIALIZER(bench.go),
	.done = COMPLETION_INITIALIZER(bench.done),
};

static const struct bench_peer * const peers[] = {
	&bench_kthread, &bench_ordered, &bench_bound, &bench_floor,
	&bench_kworkerx, &bench_kworkerx_workqueue,
};

/* Peers are called from another file: so is this. */
bool bench_nothing(void *worker, void *work)
{
	return true;
}

/*
 * Reports
 */

void bench_report(const struct bench_run *run, const char *what,
		  unsigned int n, u64 total)
{
	pr_info("@@ %s%s %s %u %llu\n", run->measure, what, run->peer, n,
		total);
}

static int compare(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

void bench_report_latency(const struct bench_run *run, unsigned int n)
{
	u64 *latency = bench.latency;

	sort(latency, n, sizeof(*latency), compare, NULL);
	bench_report(run, ".p50", 1, latency[n * 50 / 100]);
	bench_report(run, ".p90", 1, latency[n * 90 / 100]);
	bench_report(run, ".p95", 1, latency[n * 95 / 100]);
	bench_report(run, ".p99", 1, latency[n * 99 / 100]);
}

/*
 * Several threads
 */

static DECLARE_COMPLETION(begin);
static DECLARE_COMPLETION(left);
static atomic_t running;
static u64 end;

static int thread_fn(void *data)
{
	struct bench_thread *thread = data;

	wait_for_completion(&begin);
	thread->fn(thread);
	if (atomic_dec_and_test(&running))
		end = bench_now();
	kthread_complete_and_exit(&left, 0);
}

static struct task_struct *create_thread(unsigned int i)
{
	unsigned int cpu = cpumask_nth(i % num_online_cpus(), cpu_online_mask);

	return kthread_create_on_cpu(thread_fn, &bench.thread[i], cpu,
				     "bench/%u");
}

/* The time from when all may begin to when the last one has ended. */
u64 bench_parallel(unsigned int threads, void (*fn)(struct bench_thread *))
{
	struct task_struct *task;
	unsigned int i, n;
	u64 start;

	reinit_completion(&begin);
	for (n = 0; n < threads; n++) {
		bench.thread[n].fn = fn;
		task = create_thread(n);
		if (IS_ERR(task))
			break;
		wake_up_process(task);
	}
	bench.failed |= n < threads;
	atomic_set(&running, n);
	start = bench_now();
	complete_all(&begin);
	for (i = 0; i < n; i++)
		wait_for_completion(&left);
	return end - start;
}

/*
 * Rounds
 */

static bool wanted(const struct bench_measure *measure)
{
	return strstr(groups, measure->group) &&
	       num_online_cpus() >= measure->cpus;
}

static int run_once(const struct bench_peer *peer,
		    const struct bench_measure *measure)
{
	struct bench_run run = {
		.measure = measure->name,
		.peer = peer->name,
		.n = measure->n * scale,
		.arg = measure->arg,
	};
	void *worker = peer->create(measure->same_cpu ?
				    cpumask_first(cpu_online_mask) :
				    cpumask_last(cpu_online_mask));

	if (!worker)
		return -ENOMEM;

	if (measure->fifo)
		sched_set_fifo_low(current);
	measure->run(worker, &run);
	if (measure->fifo)
		sched_set_normal(current, 0);
	peer->destroy(worker);
	return bench.failed ? -ENOMEM : 0;
}

/* All peers have the same table, but for what they cannot do. */
static int run_measure(unsigned int which)
{
	unsigned int most = peers[0]->measures[which].rounds ?: rounds;
	unsigned int round, i;
	int err = 0;

	for (round = 0; round < min(rounds, most); round++) {
		for (i = 0; i < ARRAY_SIZE(peers) && !err; i++) {
			const struct bench_measure *measure =
				&peers[i]->measures[which];

			if (measure->run)
				err = run_once(peers[i], measure);
		}
	}
	return err;
}

static int run_measures(void)
{
	const struct bench_measure *table = peers[0]->measures;
	unsigned int i;
	int err = 0;

	for (i = 0; table[i].name && !err; i++)
		if (wanted(&table[i]))
			err = run_measure(i);
	return err;
}

static int __init bench_init(void)
{
	int err = -ENOMEM;

	bench.memory = vmalloc(BENCH_WORKS * 96UL);
	bench.latency = vmalloc_array(BENCH_LATENCIES, sizeof(*bench.latency));
	if (bench.memory && bench.latency) {
		set_cpus_allowed_ptr(current,
				     cpumask_of(cpumask_first(cpu_online_mask)));
		err = run_measures();
	}
	vfree(bench.memory);
	vfree(bench.latency);
	return err;
}

/* Without it the module could not be unloaded. */
static void __exit bench_exit(void)
{
}

module_init(bench_init);
module_exit(bench_exit);

MODULE_AUTHOR("The kworkerx developers");
MODULE_DESCRIPTION("Measures kworkerx beside its peers");
MODULE_LICENSE("GPL");
