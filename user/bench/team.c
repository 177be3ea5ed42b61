// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads on several processors, and how far apart these are.
 */
#include "bench.h"

/* Times that the line goes there and back, and how many such times are taken. */
#define TRIPS		100
#define TRIES		21

/*
 * @cpus: how many take part
 * @fn: what each of them calls
 * @arrived: how many are about to
 * @go: for the thread of each processor but the first
 * @done: one of them has returned
 */
static struct {
	unsigned int		cpus;
	void			(*fn)(unsigned int cpu);
	atomic_t		arrived;
	struct completion	go[TEAM_MAX];
	struct completion	done;
} team;

/* On a line of its own; whose turn it is. */
static unsigned int ball ____cacheline_aligned_in_smp;
static double trips[TRIES] ____cacheline_aligned_in_smp;

/* All begin as the last one comes. */
static void take_part(unsigned int cpu)
{
	atomic_inc(&team.arrived);
	while ((unsigned int)atomic_read(&team.arrived) < team.cpus)
		cpu_relax();
	team.fn(cpu);
}

static int member_fn(void *data)
{
	unsigned int cpu = (unsigned long)data;

	for (;;) {
		wait_for_completion(&team.go[cpu]);
		take_part(cpu);
		complete(&team.done);
	}
	return 0;
}

void team_start(unsigned int cpus)
{
	struct task_struct *task;
	unsigned long cpu;

	for (cpu = 1; cpu < cpus; cpu++) {
		task = kthread_create(member_fn, (void *)cpu, "member/%lu", cpu);
		bench_expect(!IS_ERR(task));
		kthread_bind(task, cpu);
		wake_up_process(task);
	}
}

void team_run(unsigned int cpus, void (*fn)(unsigned int cpu))
{
	unsigned int cpu;

	team.cpus = cpus;
	team.fn = fn;
	atomic_set(&team.arrived, 0);
	for (cpu = 1; cpu < cpus; cpu++)
		complete(&team.go[cpu]);
	take_part(0);
	for (cpu = 1; cpu < cpus; cpu++)
		wait_for_completion(&team.done);
}

static void return_ball(void)
{
	int i;

	for (i = 0; i < TRIES * TRIPS; i++) {
		while (!READ_ONCE(ball))
			cpu_relax();
		WRITE_ONCE(ball, 0);
	}
}

static void throw_ball(void)
{
	int i, j;
	u64 start;

	for (i = 0; i < TRIES; i++) {
		start = bench_now();
		for (j = 0; j < TRIPS; j++) {
			WRITE_ONCE(ball, 1);
			while (READ_ONCE(ball))
				cpu_relax();
		}
		trips[i] = (double)(bench_now() - start) / TRIPS;
	}
}

static void play(unsigned int cpu)
{
	if (cpu)
		return_ball();
	else
		throw_ball();
}

double team_distance(void)
{
	team_run(2, play);
	return bench_median(trips, TRIES);
}
