// SPDX-License-Identifier: GPL-2.0-only
/* A workqueue with a thread of its own, or one on each CPU. */
#include <kworkerx_workqueue.h>

#include "compat.h"

#define PEER	bench_kworkerx_workqueue
#define NAME	"kworkerx_workqueue"

#define op_work			kworkerx_work
#define op_dwork		kworkerx_delayed_work
/* Nobody outside of kworkerx_workqueue.c knows. */
#define op_worker_size		0

#define op_init			kworkerx_init_work
#define op_init_delayed		kworkerx_init_delayed_work
#define op_flush_work		kworkerx_flush_work
#define op_cancel		kworkerx_cancel_work_sync
#define op_cancel_delayed	kworkerx_cancel_delayed_work_sync

struct op_worker {
	struct kworkerx_workqueue	*wq;
	int				cpu;
};

static struct op_worker *op_create_kind(int cpu, bool percpu)
{
	struct kworkerx_workqueue_attr attr = KWORKERX_WORKQUEUE_ATTR_INIT;
	struct op_worker *worker = kmalloc_obj(*worker, GFP_KERNEL);

	if (!worker)
		return NULL;
	attr.name = "bench";
	attr.percpu = percpu;
	attr.cpumask = cpu < 0 ? NULL : cpumask_of(cpu);
	worker->cpu = cpu < 0 ? KWORKERX_WORK_CPU_UNBOUND : cpu;
	worker->wq = kworkerx_workqueue_create(&attr);
	if (!IS_ERR(worker->wq))
		return worker;
	kfree(worker);
	return NULL;
}

/* The scheduler has no choice of a CPU for the one thread. */
static struct op_worker *op_create(int cpu)
{
	return op_create_kind(cpu, false);
}

static struct op_worker *op_create_percpu(int cpu)
{
	return op_create_kind(cpu, true);
}

static void op_destroy(struct op_worker *worker)
{
	kworkerx_destroy_workqueue(worker->wq);
	kfree(worker);
}

static __always_inline bool op_queue(struct op_worker *worker,
				     struct kworkerx_work *work)
{
	return kworkerx_queue_work_on(worker->cpu, worker->wq, work);
}

static __always_inline bool op_queue_delayed(struct op_worker *worker,
					     struct kworkerx_delayed_work *dwork,
					     unsigned long delay)
{
	return kworkerx_queue_delayed_work_on(worker->cpu, worker->wq, dwork, delay);
}

static __always_inline bool op_mod_delayed(struct op_worker *worker,
					   struct kworkerx_delayed_work *dwork,
					   unsigned long delay)
{
	return kworkerx_mod_delayed_work_on(worker->cpu, worker->wq, dwork, delay);
}

static __always_inline void op_flush_worker(struct op_worker *worker)
{
	kworkerx_flush_workqueue(worker->wq);
}

#define op_create_percpu op_create_percpu
#include "measures.c"
