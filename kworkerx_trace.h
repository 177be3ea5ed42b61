/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trace events of kworkerx.  The fields carry the names that the kernel gives
 * to those of its sched_kthread_work_* events: a script for these serves here
 * once it names the other system.
 *
 * There is one in each place where a thread that is held up for long meets all
 * that others can do meanwhile: who looks for a race attaches a probe there.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM kworkerx

#if !defined(_KWORKERX_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _KWORKERX_TRACE_H

#include <linux/tracepoint.h>

struct kworkerx_work;
struct kworkerx_worker;

DECLARE_EVENT_CLASS(kworkerx_work,

	TP_PROTO(struct kworkerx_worker *worker, struct kworkerx_work *work),

	TP_ARGS(worker, work),

	TP_STRUCT__entry(
		__field(void *, work)
		__field(void *, function)
		__field(void *, worker)
	),

	TP_fast_assign(
		__entry->work = work;
		__entry->function = work->func;
		__entry->worker = worker;
	),

	TP_printk("work struct=%p function=%ps worker=%p",
		  __entry->work, __entry->function, __entry->worker)
);

DECLARE_EVENT_CLASS(kworkerx_worker,

	TP_PROTO(struct kworkerx_worker *worker),

	TP_ARGS(worker),

	TP_STRUCT__entry(
		__field(void *, worker)
	),

	TP_fast_assign(
		__entry->worker = worker;
	),

	TP_printk("worker=%p", __entry->worker)
);

/* While one of the next two is on, works are queued the slow way. */
int kworkerx_trace_queueing(void);
void kworkerx_untrace_queueing(void);

/* @work is PENDING, and about to be put on the queue of @worker. */
DEFINE_EVENT_FN(kworkerx_work, kworkerx_work_queue_work,
		TP_PROTO(struct kworkerx_worker *worker, struct kworkerx_work *work),
		TP_ARGS(worker, work),
		kworkerx_trace_queueing, kworkerx_untrace_queueing);

/*
 * Something was put on the queue of @worker, and has maybe run since; its
 * thread is yet to be woken if it sleeps.
 */
DEFINE_EVENT_FN(kworkerx_worker, kworkerx_worker_queued,
		TP_PROTO(struct kworkerx_worker *worker),
		TP_ARGS(worker),
		kworkerx_trace_queueing, kworkerx_untrace_queueing);

/* The thread of @worker sleeps unless it finds something now. */
DEFINE_EVENT(kworkerx_worker, kworkerx_worker_idle,
	     TP_PROTO(struct kworkerx_worker *worker),
	     TP_ARGS(worker));

/* The timer of @work has expired, and takes the lock of @worker next. */
DEFINE_EVENT(kworkerx_work, kworkerx_work_expire,
	     TP_PROTO(struct kworkerx_worker *worker, struct kworkerx_work *work),
	     TP_ARGS(worker, work));

/* Who cancels @work has given up the lock to wait for its timer. */
DEFINE_EVENT(kworkerx_work, kworkerx_work_await_timer,
	     TP_PROTO(struct kworkerx_worker *worker, struct kworkerx_work *work),
	     TP_ARGS(worker, work));

DECLARE_EVENT_CLASS(kworkerx_work_execute,

	TP_PROTO(struct kworkerx_work *work, void *function),

	TP_ARGS(work, function),

	TP_STRUCT__entry(
		__field(void *, work)
		__field(void *, function)
	),

	TP_fast_assign(
		__entry->work = work;
		__entry->function = function;
	),

	TP_printk("work struct %p: function %ps",
		  __entry->work, __entry->function)
);

/* The function of @work is about to run. */
DEFINE_EVENT(kworkerx_work_execute, kworkerx_work_execute_start,
	     TP_PROTO(struct kworkerx_work *work, void *function),
	     TP_ARGS(work, function));

/* The function has returned; @work is an address only, it may be gone. */
DEFINE_EVENT(kworkerx_work_execute, kworkerx_work_execute_end,
	     TP_PROTO(struct kworkerx_work *work, void *function),
	     TP_ARGS(work, function));

/*
 * @work is being cancelled on @worker: it was taken back from the queue or
 * the timer (pending=1) or had nothing to take back (pending=0), and the
 * canceller will wait for its running function (running=1) or not.
 */
TRACE_EVENT(kworkerx_work_cancel,

	TP_PROTO(struct kworkerx_worker *worker, struct kworkerx_work *work,
		 bool pending, bool running),

	TP_ARGS(worker, work, pending, running),

	TP_STRUCT__entry(
		__field(void *, work)
		__field(void *, function)
		__field(void *, worker)
		__field(bool, pending)
		__field(bool, running)
	),

	TP_fast_assign(
		__entry->work = work;
		__entry->function = work->func;
		__entry->worker = worker;
		__entry->pending = pending;
		__entry->running = running;
	),

	TP_printk("work struct=%p function=%ps worker=%p pending=%d running=%d",
		  __entry->work, __entry->function, __entry->worker,
		  __entry->pending, __entry->running)
);

#endif /* _KWORKERX_TRACE_H */

/* This part must be outside the guard. */
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE kworkerx_trace
#include <trace/define_trace.h>
