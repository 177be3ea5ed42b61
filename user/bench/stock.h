/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel's own worker needs beyond what the modules do.  Its header and
 * its source are cut out of a kernel's tree as the program is built: see
 * scripts/bench-native.sh.  Names that older kernels have are here, too.
 */
#ifndef _KWORKERX_USER_STOCK_H
#define _KWORKERX_USER_STOCK_H

#include <stdio.h>

#include "peer.h"

#define lockdep_set_class_and_name(lock, key, name)			\
	((void)(lock), (void)(key), (void)(name))

/* Trace events are off. */
#define trace_sched_kthread_work_queue_work(worker, work)	((void)0)
#define trace_sched_kthread_work_execute_start(work)		((void)0)
#define trace_sched_kthread_work_execute_end(work, func)	((void)(func))

/* It does not look at the result. */
#undef try_to_freeze
#define try_to_freeze()		((void)0)

/* The flags may be left out. */
#undef kzalloc_obj
#define kzalloc_obj(obj, ...)	kzalloc(sizeof(obj), GFP_KERNEL)

#define from_timer		timer_container_of
#define del_timer_sync		timer_delete_sync

static inline struct task_struct *
__kthread_create_on_node(int (*fn)(void *data), void *data, int node,
			 const char *format, va_list args)
{
	char name[TASK_COMM_LEN];

	vsnprintf(name, sizeof(name), format, args);
	return kthread_create_on_node(fn, data, node, "%s", name);
}

#include "kthread_worker.h"

#endif /* _KWORKERX_USER_STOCK_H */
