// SPDX-License-Identifier: GPL-2.0-only
/*
 * A lock-free list and a thread that takes all of it at once, as the worker of
 * vhost does: what it costs to have works run in order, without a way to flush
 * or to cancel them.
 */
#include <linux/kthread.h>
#include <linux/llist.h>
#include <linux/slab.h>

#include "compat.h"

#define PEER	bench_floor
#define NAME	"floor"

struct op_work {
	struct llist_node	node;
	unsigned long		queued;
	void			(*func)(struct op_work *work);
};

struct op_worker {
	struct llist_head	list;
	struct task_struct	*task;
};

#define op_worker_size	sizeof(struct op_worker)

static void floor_run(struct llist_node *batch)
{
	struct op_work *work, *next;

	llist_for_each_entry_safe(work, next, batch, node) {
		clear_bit(0, &work->queued);
		/* What is refused before this is seen by the function. */
		smp_mb__after_atomic();
		work->func(work);
		cond_resched();
	}
}

static int floor_fn(void *data)
{
	struct op_worker *worker = data;
	struct llist_node *batch;

	while (!kthread_should_stop()) {
		set_current_state(TASK_IDLE);
		batch = llist_del_all(&worker->list);
		if (!batch && !kthread_should_stop())
			schedule();
		__set_current_state(TASK_RUNNING);
		floor_run(llist_reverse_order(batch));
	}
	return 0;
}

static struct op_worker *op_create(int cpu)
{
	struct op_worker *worker = kzalloc_obj(*worker, GFP_KERNEL);

	if (!worker)
		return NULL;

	if (cpu < 0)
		worker->task = kthread_create(floor_fn, worker, "bench");
	else
		worker->task = kthread_create_on_cpu(floor_fn, worker, cpu,
						     "bench/%u");
	if (IS_ERR(worker->task)) {
		kfree(worker);
		return NULL;
	}
	wake_up_process(worker->task);
	return worker;
}

static void op_destroy(struct op_worker *worker)
{
	kthread_stop(worker->task);
	kfree(worker);
}

static __always_inline void op_init(struct op_work *work,
				    void (*func)(struct op_work *work))
{
	work->queued = 0;
	work->func = func;
}

static __always_inline bool op_queue(struct op_worker *worker,
				     struct op_work *work)
{
	if (test_and_set_bit(0, &work->queued))
		return false;
	if (llist_add(&work->node, &worker->list))
		wake_up_process(worker->task);
	return true;
}

#include "measures.c"
