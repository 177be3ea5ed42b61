/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The operations of kthread_worker and of kworkerx, which differ in PREFIX
 * only.
 */
#include "compat.h"

#define op_worker		__PASTE(PREFIX, _worker)
#define op_work			__PASTE(PREFIX, _work)
#define op_dwork		__PASTE(PREFIX, _delayed_work)
#define op_worker_size		sizeof(struct op_worker)

#define op_init			__PASTE(PREFIX, _init_work)
#define op_init_delayed		__PASTE(PREFIX, _init_delayed_work)
#define op_queue		__PASTE(PREFIX, _queue_work)
#define op_queue_delayed	__PASTE(PREFIX, _queue_delayed_work)
#define op_mod_delayed		__PASTE(PREFIX, _mod_delayed_work)
#define op_flush_work		__PASTE(PREFIX, _flush_work)
#define op_flush_worker		__PASTE(PREFIX, _flush_worker)
#define op_cancel		__PASTE(PREFIX, _cancel_work_sync)
#define op_cancel_delayed	__PASTE(PREFIX, _cancel_delayed_work_sync)
#define op_destroy		__PASTE(PREFIX, _destroy_worker)

static struct op_worker *op_create(int cpu)
{
	struct op_worker *worker;

	if (cpu < 0)
		worker = __PASTE(PREFIX, _run_worker)(0, "bench");
	else
		worker = __PASTE(PREFIX, _run_worker_on_cpu)(cpu, 0, "bench/%u");
	return IS_ERR(worker) ? NULL : worker;
}
