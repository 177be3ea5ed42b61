/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the measures, which are compiled for each peer, and the program that runs
 * them know of each other.
 */
#ifndef _KWORKERX_USER_BENCH_H
#define _KWORKERX_USER_BENCH_H

#include "kernel.h"

/**
 * struct bench_measure - what to measure, the same table for every peer
 * @name: of the row
 * @cpus: how many processors it takes
 * @each: there is a row for each number of processors that @run is given, from
 *	@cpus on
 * @run: does it once, on @cpus processors or more.  Returns cycles of one
 *	operation.
 */
struct bench_measure {
	const char	*name;
	unsigned int	cpus;
	bool		each;
	double		(*run)(unsigned int cpus);
};

/**
 * struct bench_peer - a worker with its thread, and works for it
 * @name: of the peer
 * @create: makes what the measures need, for so many processors
 * @destroy: undoes that
 * @measures: the table, closed by an entry without a name
 */
struct bench_peer {
	const char			*name;
	void				(*create)(unsigned int cpus);
	void				(*destroy)(void);
	const struct bench_measure	*measures;
};

/* The stock worker, or what else the engine is measured beside; the engine. */
extern const struct bench_peer bench_theirs, bench_ours;

/* Cycles of the TSC.  What comes before is done, what comes after has not begun. */
static __always_inline u64 bench_now(void)
{
	u32 low, high;

	__asm__ __volatile__("lfence; rdtsc; lfence"
			     : "=a" (low), "=d" (high) : : "memory");
	return (u64)high << 32 | low;
}

static inline void bench_spin(u64 cycles)
{
	u64 start = bench_now();

	while (bench_now() - start < cycles)
		cpu_relax();
}

/* What has to be true, or the figures mean nothing: the program ends. */
#define bench_expect(condition)						\
do {									\
	if (unlikely(!(condition)))					\
		bench_die(#condition);					\
} while (0)

void bench_die(const char *what) __attribute__((__noreturn__));

/* The median of some values, which it sorts. */
double bench_median(double *values, unsigned int n);

/*
 * Of team.c: a thread on each processor but the caller's, which is the first.
 */

#define TEAM_MAX	64

void team_start(unsigned int cpus);
/* Calls @fn on the first @cpus processors at once, and waits until all return. */
void team_run(unsigned int cpus, void (*fn)(unsigned int cpu));
/* Cycles that a cache line takes from the first processor to the second and back. */
double team_distance(void);

#endif /* _KWORKERX_USER_BENCH_H */
