/* SPDX-License-Identifier: GPL-2.0-only */
/* The operations of a workqueue, whatever its kind. */
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "compat.h"

#define op_work			work_struct
#define op_dwork		delayed_work
/* Nobody outside of kernel/workqueue.c knows. */
#define op_worker_size		0

#define op_init			INIT_WORK
#define op_init_delayed		INIT_DELAYED_WORK
#define op_flush_work		flush_work
#define op_cancel		cancel_work_sync
#define op_cancel_delayed	cancel_delayed_work_sync

struct op_worker {
	struct workqueue_struct	*wq;
	int			cpu;
};

static struct op_worker *op_wrap(struct workqueue_struct *wq, int cpu)
{
	struct op_worker *worker = wq ? kmalloc_obj(*worker, GFP_KERNEL) : NULL;

	if (worker)
		*worker = (struct op_worker){ .wq = wq, .cpu = cpu };
	else if (wq)
		destroy_workqueue(wq);
	return worker;
}

static void op_destroy(struct op_worker *worker)
{
	destroy_workqueue(worker->wq);
	kfree(worker);
}

static __always_inline bool op_queue(struct op_worker *worker,
				     struct work_struct *work)
{
	return queue_work_on(worker->cpu, worker->wq, work);
}

static __always_inline bool op_queue_delayed(struct op_worker *worker,
					     struct delayed_work *dwork,
					     unsigned long delay)
{
	return queue_delayed_work_on(worker->cpu, worker->wq, dwork, delay);
}

static __always_inline bool op_mod_delayed(struct op_worker *worker,
					   struct delayed_work *dwork,
					   unsigned long delay)
{
	return mod_delayed_work_on(worker->cpu, worker->wq, dwork, delay);
}

static __always_inline void op_flush_worker(struct op_worker *worker)
{
	flush_workqueue(worker->wq);
}
