// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the model uses of what the suites share: workers and jobs that end with
 * their test, and the log of their runs.
 */
#include "common.h"

void kwx_own(struct kunit *test, kunit_resource_free_t free, void *data)
{
	if (test->nr_resources == KUNIT_RESOURCES)
		fuzz_fail("a test has too many resources");
	test->resources[test->nr_resources++] =
		(struct kunit_resource){ .free = free, .data = data };
}

static void free_memory(struct kunit_resource *res)
{
	kfree(res->data);
}

void *kunit_kzalloc(struct kunit *test, size_t size, gfp_t flags)
{
	void *mem = kzalloc(size, flags);

	if (mem)
		kwx_own(test, free_memory, mem);
	return mem;
}

static void free_worker(struct kunit_resource *res)
{
	kworkerx_destroy_worker(res->data);
}

struct kworkerx_worker *kwx_keep_worker(struct kunit *test,
					struct kworkerx_worker *worker)
{
	if (IS_ERR_OR_NULL(worker))
		fuzz_fail("a worker could not be created");
	kwx_own(test, free_worker, worker);
	return worker;
}

struct kwx_log *kwx_log(struct kunit *test)
{
	struct kwx_log *log = kunit_kzalloc(test, sizeof(*log), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, log);
	raw_spin_lock_init(&log->lock);
	return log;
}

static void write_log(struct kwx_log *log, int id)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&log->lock, flags);
	if (log->nr < KWX_LOG_MAX)
		log->id[log->nr++] = id;
	raw_spin_unlock_irqrestore(&log->lock, flags);
}

static void run_job(struct kworkerx_work *work)
{
	struct kwx_job *job = container_of(work, struct kwx_job, dwork.work);

	atomic_inc(&job->runs);
	write_log(job->log, job->id);
}

static void free_job(struct kunit_resource *res)
{
	struct kwx_job *job = res->data;

	kworkerx_cancel_delayed_work_sync(&job->dwork);
	kfree(job);
}

struct kwx_job *__kwx_job(struct kunit *test, struct kwx_log *log, int id,
			  bool held, struct kworkerx_class *class)
{
	struct kwx_job *job = kzalloc(sizeof(*job), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, job);
	kworkerx_init_delayed_work(&job->dwork, run_job);
	job->log = log;
	job->id = id;
	kwx_own(test, free_job, job);
	return job;
}
