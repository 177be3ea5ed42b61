// SPDX-License-Identifier: GPL-2.0-only
// Convert a driver from kthread_worker to kworkerx:
//
//	spatch --sp-file kworkerx.cocci --dir DRIVER --include-headers --in-place
//
// Add "-D started" for source that was written for Linux before 6.14, where a
// worker is started as it is created. A worker that is bound to a CPU and named
// by a format with arguments, as was possible then, is left to you.
//
// Confidence: High
// Options: --include-headers

virtual started

// One rule for each: they are often side by side, and one match there would hide
// the next.
@type_worker@
@@
- struct kthread_worker
+ struct kworkerx_worker

@type_work@
@@
- struct kthread_work
+ struct kworkerx_work

@type_delayed@
@@
- struct kthread_delayed_work
+ struct kworkerx_delayed_work

@typedefs@
typedef kthread_work_func_t, kworkerx_work_func_t;
@@
- kthread_work_func_t
+ kworkerx_work_func_t

@initialisers@
expression work, fn;
@@
(
- KTHREAD_WORK_INIT(work, fn)
+ KWORKERX_WORK_INIT(work, fn)
|
- KTHREAD_DELAYED_WORK_INIT(work, fn)
+ KWORKERX_DELAYED_WORK_INIT(work, fn)
)

@works@
declarer name DEFINE_KTHREAD_WORK, DEFINE_KWORKERX_WORK;
identifier work, fn;
@@
- DEFINE_KTHREAD_WORK(work, fn);
+ DEFINE_KWORKERX_WORK(work, fn);

@delayed_works@
declarer name DEFINE_KTHREAD_DELAYED_WORK, DEFINE_KWORKERX_DELAYED_WORK;
identifier work, fn;
@@
- DEFINE_KTHREAD_DELAYED_WORK(work, fn);
+ DEFINE_KWORKERX_DELAYED_WORK(work, fn);

@creators_started depends on started@
expression flags, cpu, fmt;
expression list args;
@@
(
- kthread_create_worker(args)
+ kworkerx_run_worker(args)
|
- kthread_create_worker_on_cpu(cpu, flags, fmt)
+ kworkerx_run_worker_on_cpu(cpu, flags, fmt)
)

@creators depends on !started@
expression flags, cpu, fmt;
expression list args;
@@
(
- kthread_create_worker(args)
+ kworkerx_create_worker(args)
|
- kthread_create_worker_on_cpu(cpu, flags, fmt)
+ kworkerx_create_worker_on_cpu(cpu, flags, fmt)
)

@names@
symbol kthread_worker_fn, kthread_delayed_work_timer_fn,
	kthread_init_worker, kthread_init_work,
	kthread_init_delayed_work, kthread_create_worker_on_node,
	kthread_run_worker, kthread_run_worker_on_cpu, kthread_destroy_worker,
	kthread_queue_work, kthread_queue_delayed_work,
	kthread_mod_delayed_work, kthread_flush_work, kthread_flush_worker,
	kthread_cancel_work_sync, kthread_cancel_delayed_work_sync;
@@
(
- KTW_FREEZABLE
+ KWORKERX_FREEZABLE
|
- kthread_worker_fn
+ kworkerx_worker_fn
|
- kthread_delayed_work_timer_fn
+ kworkerx_delayed_work_timer_fn
|
- kthread_init_worker
+ kworkerx_init_worker
|
- kthread_init_work
+ kworkerx_init_work
|
- kthread_init_delayed_work
+ kworkerx_init_delayed_work
|
- kthread_create_worker_on_node
+ kworkerx_create_worker_on_node
|
- kthread_run_worker
+ kworkerx_run_worker
|
- kthread_run_worker_on_cpu
+ kworkerx_run_worker_on_cpu
|
- kthread_destroy_worker
+ kworkerx_destroy_worker
|
- kthread_queue_work
+ kworkerx_queue_work
|
- kthread_queue_delayed_work
+ kworkerx_queue_delayed_work
|
- kthread_mod_delayed_work
+ kworkerx_mod_delayed_work
|
- kthread_flush_work
+ kworkerx_flush_work
|
- kthread_flush_worker
+ kworkerx_flush_worker
|
- kthread_cancel_work_sync
+ kworkerx_cancel_work_sync
|
- kthread_cancel_delayed_work_sync
+ kworkerx_cancel_delayed_work_sync
)

// Keep <linux/kthread.h>, which has more than workers.
@has@
@@
#include <linux/kthread.h>

@depends on has && (type_worker || type_work || type_delayed || typedefs || initialisers || works || delayed_works || creators || creators_started || names)@
@@
#include <linux/kthread.h>
+ #include <kworkerx.h>

@depends on !has && (type_worker || type_work || type_delayed || typedefs || works || delayed_works)@
@@
#include <...>
+ #include <kworkerx.h>
