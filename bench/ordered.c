// SPDX-License-Identifier: GPL-2.0-only
/* The peer with the same promise: an ordered workqueue. */
#define PEER	bench_ordered
#define NAME	"ordered_workqueue"

#include "workqueue.h"

/* The scheduler places it, whatever @cpu. */
static struct op_worker *op_create(int cpu)
{
	return op_wrap(alloc_ordered_workqueue("bench", 0), WORK_CPU_UNBOUND);
}

#include "measures.c"
