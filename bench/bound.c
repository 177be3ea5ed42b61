// SPDX-License-Identifier: GPL-2.0-only
/* A workqueue whose works run where they are queued. */
#define PEER	bench_bound
#define NAME	"bound_workqueue"

#include "workqueue.h"

/* One work at a time, as a worker has it: the works of a worker may sleep. */
static struct op_worker *op_create(int cpu)
{
	return op_wrap(alloc_workqueue("bench", WQ_PERCPU, 1),
		       cpu < 0 ? WORK_CPU_UNBOUND : cpu);
}

/* As most use it. */
static struct op_worker *op_create_percpu(int cpu)
{
	return op_wrap(alloc_workqueue("bench", WQ_PERCPU, 0), cpu);
}

#define op_create_percpu op_create_percpu
#include "measures.c"
