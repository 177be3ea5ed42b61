/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the suites of workqueues share: one that ends with its test, of either kind.
 */
#ifndef _KWORKERX_KUNIT_WORKQUEUE_H
#define _KWORKERX_KUNIT_WORKQUEUE_H

#include <linux/cpumask.h>

#include "../modules/kworkerx_workqueue.h"
#include "common.h"

#define AN_HOUR		(3600UL * HZ)
#define ANY_CPU		KWORKERX_WORK_CPU_UNBOUND

/* Ends with the test, or earlier. */
struct kwx_wq {
	struct kworkerx_workqueue	*wq;
};

static inline void kwx_end_wq(void *data)
{
	struct kwx_wq *bed = data;
	struct kworkerx_workqueue *wq = bed->wq;

	bed->wq = NULL;
	if (wq)
		kworkerx_destroy_workqueue(wq);
}

static inline void kwx_free_wq(struct kunit_resource *res)
{
	kwx_end_wq(res->data);
}

static inline struct kwx_wq *kwx_keep_wq(struct kunit *test,
					 struct kworkerx_workqueue *wq)
{
	struct kwx_wq *bed = kwx_calloc(test, 1, sizeof(*bed));

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, wq);
	bed->wq = wq;
	kwx_own(test, kwx_free_wq, bed);
	return bed;
}

static inline struct kwx_wq *kwx_wq_of(struct kunit *test, bool percpu)
{
	struct kworkerx_workqueue_attr attr = KWORKERX_WORKQUEUE_ATTR_INIT;

	attr.name = "kwx_wq";
	attr.percpu = percpu;
	return kwx_keep_wq(test, kworkerx_workqueue_create(&attr));
}

static inline bool kwx_wq_try(struct kwx_wq *bed, int cpu, struct kwx_job *job)
{
	return kworkerx_queue_work_on(cpu, bed->wq, KWX_WORK(job));
}

static inline void kwx_wq_queue(struct kunit *test, struct kwx_wq *bed, int cpu,
				struct kwx_job *job)
{
	KUNIT_EXPECT_TRUE(test, kwx_wq_try(bed, cpu, job));
}

/* Queues a job and waits until it has begun. */
static inline void kwx_wq_run(struct kunit *test, struct kwx_wq *bed, int cpu,
			      struct kwx_job *job)
{
	kwx_wq_queue(test, bed, cpu, job);
	kwx_wait(test, &job->started);
}

static inline void kwx_flush_wq_fn(void *wq)
{
	kworkerx_flush_workqueue(wq);
}

static inline void kwx_wq_flush(struct kunit *test, struct kwx_wq *bed)
{
	kwx_call_returns(test, kwx_call(test, kwx_flush_wq_fn, bed->wq));
}

static inline int kwx_this_cpu(void)
{
	return cpumask_first(cpu_online_mask);
}

static inline int kwx_other_cpu(struct kunit *test)
{
	int cpu = cpumask_next(kwx_this_cpu(), cpu_online_mask);

	if (cpu >= nr_cpu_ids)
		kunit_skip(test, "needs two CPUs");
	return cpu;
}

/* What a job notes of the thread that it runs on. */
struct kwx_thread {
	char	comm[TASK_COMM_LEN];
	int	policy;
	int	priority;
	int	nice;
	bool	freezable;
	bool	bound;
};

static inline void kwx_note_thread(struct kwx_job *job)
{
	struct kwx_thread *thread = job->data;

	get_task_comm(thread->comm, current);
	thread->policy = current->policy;
	thread->priority = current->rt_priority;
	thread->nice = task_nice(current);
	thread->freezable = !(current->flags & PF_NOFREEZE);
	thread->bound = current->flags & PF_NO_SETAFFINITY;
}

/* The thread that runs works which are queued for @cpu. */
static inline struct kwx_thread *kwx_wq_thread(struct kunit *test,
					       struct kwx_wq *bed, int cpu)
{
	struct kwx_thread *thread = kwx_calloc(test, 1, sizeof(*thread));
	struct kwx_job *job = kwx_job(test, NULL, 1);

	job->data = thread;
	job->action = kwx_note_thread;
	kwx_wq_queue(test, bed, cpu, job);
	kwx_wq_flush(test, bed);
	KUNIT_EXPECT_EQ(test, 1, kwx_runs(job));
	return thread;
}

#endif /* _KWORKERX_KUNIT_WORKQUEUE_H */
