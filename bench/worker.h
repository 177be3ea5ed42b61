/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The operations of kthread_worker and of kworkerx, which differ in PREFIX
 * only.
 */
#include <linux/args.h>

#define op_worker		CONCATENATE(PREFIX, _worker)
#define op_work			CONCATENATE(PREFIX, _work)
#define op_dwork		CONCATENATE(PREFIX, _delayed_work)
#define op_worker_size		sizeof(struct op_worker)

#define op_init			CONCATENATE(PREFIX, _init_work)
#define op_init_delayed		CONCATENATE(PREFIX, _init_delayed_work)
#define op_queue		CONCATENATE(PREFIX, _queue_work)
#define op_queue_delayed	CONCATENATE(PREFIX, _queue_delayed_work)
#define op_mod_delayed		CONCATENATE(PREFIX, _mod_delayed_work)
#define op_flush_work		CONCATENATE(PREFIX, _flush_work)
#define op_flush_worker		CONCATENATE(PREFIX, _flush_worker)
#define op_cancel		CONCATENATE(PREFIX, _cancel_work_sync)
#define op_cancel_delayed	CONCATENATE(PREFIX, _cancel_delayed_work_sync)
#define op_destroy		CONCATENATE(PREFIX, _destroy_worker)

static struct op_worker *op_create(int cpu)
{
	struct op_worker *worker;

	if (cpu < 0)
		worker = CONCATENATE(PREFIX, _run_worker)(0, "bench");
	else
		worker = CONCATENATE(PREFIX, _run_worker_on_cpu)(cpu, 0,
								 "bench/%u");
	return IS_ERR(worker) ? NULL : worker;
}
