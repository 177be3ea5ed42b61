/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the measures and the module that runs them know of each other.
 *
 * A peer is something that runs works in order: its file defines the
 * operations op_queue(), op_flush_work() and so on, and includes measures.c,
 * so that each measure is compiled for each peer and calls it directly.
 */
#ifndef _KWORKERX_BENCH_H
#define _KWORKERX_BENCH_H

#include <linux/completion.h>
#include <linux/ktime.h>
#include <linux/timex.h>
#include <linux/types.h>

struct task_struct;

/**
 * struct bench_run - one round of one measure on one peer
 * @n: how many operations to time
 * @arg: what the measure makes of it: producers, pending works, CPUs
 */
struct bench_run {
	unsigned int	n;
	unsigned int	arg;
	/* private: for reports */
	const char	*measure;
	const char	*peer;
};

/**
 * struct bench_measure - what to measure, the same table for every peer
 * @name: unique
 * @group: for the module parameter of this name
 * @n: operations in a round
 * @arg: see struct bench_run
 * @cpus: how many the machine has at least
 * @rounds: at most, where one takes long; 0 for no limit
 * @same_cpu: the worker is on the CPU of who queues, not on another
 * @fifo: who queues is more urgent than the worker
 * @run: does it, on a new worker; NULL if the peer has no such operation
 */
struct bench_measure {
	const char	*name;
	const char	*group;
	unsigned int	n;
	unsigned int	arg;
	unsigned int	cpus;
	unsigned int	rounds;
	bool		same_cpu;
	bool		fifo;
	void		(*run)(void *worker, struct bench_run *run);
};

/**
 * struct bench_peer - something that runs works in order
 * @name: of the peer
 * @create: a worker, bound to a CPU or (-1) not; NULL if there is no memory
 * @destroy: a worker
 * @measures: the table, closed by an entry without a name
 */
struct bench_peer {
	const char			*name;
	void				*(*create)(int cpu);
	void				(*destroy)(void *worker);
	const struct bench_measure	*measures;
};

extern const struct bench_peer bench_kthread, bench_ordered, bench_bound,
			       bench_floor, bench_kworkerx,
			       bench_kworkerx_workqueue;

/**
 * struct bench_thread - one of several that queue at the same time
 * @worker: where to queue
 * @items: its works
 * @n: how many operations it has to do
 * @left: works of its that have yet to run
 * @done: none is left
 * @latency: one for each operation, or unused
 */
struct bench_thread {
	void			*worker;
	void			*items;
	unsigned int		n;
	unsigned int		left;
	struct completion	done;
	u64			*latency;
	/* private: */
	void			(*fn)(struct bench_thread *thread);
};

#define BENCH_THREADS	8
#define BENCH_WORKS	1000000
#define BENCH_LATENCIES	100000

/**
 * struct bench - what the measures share; one runs at a time
 * @instructions: the unit is an instruction, not a nanosecond
 * @failed: there was no memory
 * @flushing: somebody is about to flush the work that runs
 * @started: a work has begun
 * @go: it may end
 * @done: none is left
 * @left: works that have yet to run
 * @memory: for the works of a round
 * @latency: for those of single operations
 * @thread: for bench_parallel()
 */
struct bench {
	bool			instructions;
	bool			failed;
	bool			flushing;
	struct completion	started;
	struct completion	go;
	struct completion	done;
	atomic_t		left;
	void			*memory;
	u64			*latency;
	struct bench_thread	thread[BENCH_THREADS];
};

extern struct bench bench;

/* With QEMU's -icount shift=0 the TSC counts instructions. */
static inline u64 bench_now(void)
{
	return bench.instructions ? get_cycles() : ktime_get_ns();
}

bool bench_nothing(void *worker, void *work);
void bench_report(const struct bench_run *run, const char *what,
		  unsigned int n, u64 total);
void bench_report_latency(const struct bench_run *run, unsigned int n);
u64 bench_parallel(unsigned int threads, void (*fn)(struct bench_thread *));

#endif /* _KWORKERX_BENCH_H */
