// SPDX-License-Identifier: GPL-2.0-only
#include <linux/delay.h>
#include <linux/hw_breakpoint.h>
#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/kmsg_dump.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/tracepoint.h>
#ifdef CONFIG_X86
#include <asm/nmi.h>
#endif

#include "../kworkerx_compat.h"
#include "../kworkerx_report.h"
#include "../kworkerx_trace.h"
#include "common.h"

/*
 * Resources end in the reverse order of their creation, so a failed assertion
 * leaves nothing behind: the jobs that a worker runs are created after it, and
 * are let go and cancelled before it is destroyed.
 */
void kwx_own(struct kunit *test, kunit_resource_free_t free, void *data)
{
	KUNIT_ASSERT_PTR_EQ(test, data,
			    kunit_alloc_resource(test, NULL, free, GFP_KERNEL,
						 data));
}

void *kwx_calloc(struct kunit *test, size_t nr, size_t size)
{
	void *memory = kunit_kcalloc(test, nr, size, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, memory);
	return memory;
}

static void kwx_free_worker(struct kunit_resource *res)
{
	kworkerx_destroy_worker(res->data);
}

static bool kwx_is_worker(struct kunit *test, struct kunit_resource *res,
			  void *worker)
{
	return res->free == kwx_free_worker && res->data == worker;
}

/* Has @worker destroyed at the end of the test. */
struct kworkerx_worker *kwx_keep_worker(struct kunit *test,
					struct kworkerx_worker *worker)
{
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, worker);
	kwx_own(test, kwx_free_worker, worker);
	return worker;
}

/* Destroys a kept worker now. */
void kwx_destroy_worker(struct kunit *test, struct kworkerx_worker *worker)
{
	KUNIT_ASSERT_EQ(test, 0,
			kunit_destroy_resource(test, kwx_is_worker, worker));
}

struct kwx_log *kwx_log(struct kunit *test)
{
	struct kwx_log *log = kunit_kzalloc(test, sizeof(*log), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, log);
	spin_lock_init(&log->lock);
	return log;
}

static void kwx_write(struct kwx_log *log, int id)
{
	unsigned long flags;

	spin_lock_irqsave(&log->lock, flags);
	if (log->nr < KWX_LOG_MAX)
		log->id[log->nr++] = id;
	spin_unlock_irqrestore(&log->lock, flags);
}

static void kwx_job_fn(struct kworkerx_work *work)
{
	struct kwx_job *job = container_of(work, struct kwx_job, dwork.work);
	void (*action)(struct kwx_job *job);

	if (atomic_inc_return(&job->running) != 1)
		atomic_inc(&job->overlaps);
	atomic_inc(&job->runs);
	job->cpu = raw_smp_processor_id();
	job->when = jiffies;
	if (job->log)
		kwx_write(job->log, job->id);
	complete(&job->started);
	if (job->held)
		wait_for_completion(&job->release);
	/* Cases take it away while the job goes on queueing itself. */
	action = READ_ONCE(job->action);
	if (action)
		action(job);
	atomic_dec(&job->running);
}

static void kwx_free_job(struct kunit_resource *res)
{
	struct kwx_job *job = res->data;

	complete_all(&job->release);
	kworkerx_cancel_delayed_work_sync(&job->dwork);
	KUNIT_EXPECT_EQ_MSG(job->test, 0, atomic_read(&job->overlaps),
			    "job %d ran twice at once", job->id);
	kfree(job);
}

static bool kwx_is_job(struct kunit *test, struct kunit_resource *res,
		       void *job)
{
	return res->free == kwx_free_job && res->data == job;
}

/* Cancels and frees a job now. */
void kwx_end_job(struct kunit *test, struct kwx_job *job)
{
	KUNIT_ASSERT_EQ(test, 0, kunit_destroy_resource(test, kwx_is_job, job));
}

struct kwx_job *__kwx_job(struct kunit *test, struct kwx_log *log, int id,
			  bool held, struct kworkerx_class *class)
{
	struct kwx_job *job = kzalloc_obj(*job, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, job);
	__kworkerx_init_work(KWX_WORK(job), kwx_job_fn, class, false);
	timer_setup(&job->dwork.timer, kworkerx_delayed_work_timer_fn,
		    TIMER_IRQSAFE);
	job->test = test;
	job->log = log;
	job->id = id;
	job->held = held;
	init_completion(&job->started);
	init_completion(&job->release);
	kwx_own(test, kwx_free_job, job);
	return job;
}

void kwx_release(struct kwx_job *job)
{
	complete(&job->release);
}

void kwx_wait(struct kunit *test, struct completion *done)
{
	KUNIT_ASSERT_NE(test, 0UL,
			wait_for_completion_timeout(done, KWX_TIMEOUT));
}

void kwx_flush(struct kunit *test, struct kworkerx_worker *worker)
{
	kwx_call_returns(test, kwx_call(test, kwx_flush_worker_fn, worker));
}

/* Queues @job, which must not be pending. */
void kwx_queue(struct kunit *test, struct kworkerx_worker *worker,
	       struct kwx_job *job)
{
	KUNIT_EXPECT_TRUE(test, kworkerx_queue_work(worker, KWX_WORK(job)));
}

/* Queues a held job and waits until it runs: the worker is busy from now on. */
void kwx_hold(struct kunit *test, struct kworkerx_worker *worker,
	      struct kwx_job *job)
{
	KUNIT_ASSERT_TRUE(test, job->held);
	kwx_queue(test, worker, job);
	kwx_wait(test, &job->started);
}

void kwx_step(struct kunit *test, struct kwx_job *from, struct kwx_job *to)
{
	kwx_release(from);
	kwx_wait(test, &to->started);
}

/* Waits until the timer of @job has put it into the queue. */
void kwx_wait_expired(struct kunit *test, struct kwx_job *job)
{
	const atomic_t *state = &KWX_WORK(job)->state;

	KUNIT_ASSERT_TRUE(test, kwx_until(!(atomic_read(state) &
					    KWORKERX_WORK_DELAYED)));
}

int kwx_bed_init(struct kunit *test)
{
	struct kwx_bed *bed = kunit_kzalloc(test, sizeof(*bed), GFP_KERNEL);

	if (!bed)
		return -ENOMEM;
	bed->worker = kwx_worker(test);
	bed->log = kwx_log(test);
	test->priv = bed;
	return 0;
}

struct kwx_job *__kwx_queued(struct kunit *test, struct kwx_job *job)
{
	kwx_queue(test, kwx_bed_worker(test), job);
	return job;
}

struct kwx_job *__kwx_running(struct kunit *test, struct kwx_job *job)
{
	kwx_hold(test, kwx_bed_worker(test), job);
	return job;
}

struct kwx_bare {
	struct kworkerx_worker	worker;
	struct task_struct	*task;
};

void kwx_detach_fn(void *bare_worker)
{
	struct kwx_bare *bare = container_of(bare_worker, struct kwx_bare,
					     worker);

	kthread_stop(bare->task);
	bare->task = NULL;
}

static void kwx_free_bare(struct kunit_resource *res)
{
	struct kwx_bare *bare = res->data;

	if (bare->task)
		kwx_detach_fn(&bare->worker);
	kfree(bare);
}

struct kworkerx_worker *kwx_bare_worker(struct kunit *test)
{
	struct kwx_bare *bare = kzalloc(sizeof(*bare), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, bare);
	kworkerx_init_worker(&bare->worker);
	kwx_own(test, kwx_free_bare, bare);
	return &bare->worker;
}

/* Starts a thread for a bare worker; it ends by kwx_detach_fn(). */
void kwx_attach(struct kunit *test, struct kworkerx_worker *worker)
{
	struct kwx_bare *bare = container_of(worker, struct kwx_bare, worker);
	struct task_struct *task;

	task = kthread_run(kworkerx_worker_fn, worker, "kwx_bare");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	bare->task = task;
}

static int kwx_call_thread(void *data)
{
	struct kwx_call *call = data;

	complete_all(&call->entered);
	call->fn(call->arg);
	complete_all(&call->done);
	return 0;
}

/* Lets go the jobs of a test that has ended: somebody may wait for them. */
static void kwx_release_jobs(struct kunit *test)
{
	struct kunit_resource *res;
	unsigned long flags;

	spin_lock_irqsave(&test->lock, flags);
	list_for_each_entry(res, &test->resources, node)
		if (res->free == kwx_free_job)
			complete_all(&((struct kwx_job *)res->data)->release);
	spin_unlock_irqrestore(&test->lock, flags);
}

/* What was there before a call that hangs is the call's for good, and so is its code. */
static void kwx_abandon(struct kunit *test)
{
	unsigned long flags;

	__module_get(THIS_MODULE);
	spin_lock_irqsave(&test->lock, flags);
	INIT_LIST_HEAD(&test->resources);
	spin_unlock_irqrestore(&test->lock, flags);
}

static void kwx_free_call(struct kunit_resource *res)
{
	struct kwx_call *call = res->data;

	if (!completion_done(&call->done))
		kwx_release_jobs(call->test);
	if (WARN(!wait_for_completion_timeout(&call->done, KWX_TIMEOUT),
		 "kworkerx_kunit: %ps hangs\n", call->fn)) {
		kwx_abandon(call->test);
		return;
	}
	put_task_struct(call->task);
	kfree(call);
}

static void kwx_expect_shared(struct kunit *test, const void *arg)
{
	KUNIT_ASSERT_FALSE_MSG(test, object_is_on_stack(arg),
			       "the stack of a test may be gone before a call");
}

/* Calls @fn(@arg) in a thread of its own. */
struct kwx_call *kwx_call(struct kunit *test, void (*fn)(void *arg), void *arg)
{
	struct kwx_call *call = kzalloc_obj(*call, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, call);
	kwx_expect_shared(test, arg);
	call->test = test;
	call->fn = fn;
	call->arg = arg;
	init_completion(&call->entered);
	init_completion(&call->done);
	call->task = kthread_create(kwx_call_thread, call, "kwx_call");
	KUNIT_ASSERT_FALSE(test, IS_ERR(call->task));
	get_task_struct(call->task);
	wake_up_process(call->task);
	kwx_own(test, kwx_free_call, call);
	return call;
}

/* What the threads of one kwx_calls() wait for, so that none is early. */
struct kwx_crowd {
	struct completion	go;
	struct kwx_start {
		struct kwx_crowd	*crowd;
		void (*fn)(void *arg);
		void			*arg;
	} starts[KWX_THREADS_MAX];
};

static void kwx_start_fn(void *data)
{
	struct kwx_start *start = data;

	wait_for_completion(&start->crowd->go);
	start->fn(start->arg);
}

void kwx_calls(struct kunit *test, void (*fn)(void *arg), void *args,
	       size_t size, unsigned int nr)
{
	struct kwx_call *calls[KWX_THREADS_MAX];
	struct kwx_crowd *crowd;
	unsigned int i;

	KUNIT_ASSERT_LE(test, nr, (unsigned int)KWX_THREADS_MAX);
	kwx_expect_shared(test, args);
	crowd = kwx_calloc(test, 1, sizeof(*crowd));
	init_completion(&crowd->go);
	for (i = 0; i < nr; i++) {
		crowd->starts[i].crowd = crowd;
		crowd->starts[i].fn = fn;
		crowd->starts[i].arg = args + i * size;
		calls[i] = kwx_call(test, kwx_start_fn, &crowd->starts[i]);
	}
	complete_all(&crowd->go);
	for (i = 0; i < nr; i++)
		kwx_call_returns(test, calls[i]);
}

const unsigned int kwx_threads[4] = { 1, 2, 4, 8 };

void kwx_threads_desc(const unsigned int *nr, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "threads=%u", *nr);
}

static bool kwx_sleeps(struct task_struct *task, unsigned int state)
{
	return (READ_ONCE(task->__state) & ~TASK_FREEZABLE_UNSAFE) == state;
}

/* Sleeps on: who waits for a mutex on his way, or for memory, runs soon. */
static bool kwx_sleeps_on(struct task_struct *task, unsigned int state)
{
	unsigned long sleeps = READ_ONCE(task->nvcsw);

	if (!kwx_sleeps(task, state))
		return false;
	usleep_range(20000, 21000);
	return kwx_sleeps(task, state) && READ_ONCE(task->nvcsw) == sleeps;
}

/* An idle worker sleeps in TASK_IDLE, a thread that was never woken not. */
void kwx_await_state(struct kunit *test, struct task_struct *task,
		     unsigned int state)
{
	KUNIT_ASSERT_TRUE(test, kwx_until(kwx_sleeps_on(task, state)));
}

/* Waits until @call sleeps for good. */
void kwx_call_blocks(struct kunit *test, struct kwx_call *call)
{
	kwx_wait(test, &call->entered);
	KUNIT_ASSERT_TRUE(test, kwx_until(kwx_sleeps_on(call->task,
							TASK_UNINTERRUPTIBLE) ||
					  completion_done(&call->done)));
	KUNIT_ASSERT_FALSE_MSG(test, completion_done(&call->done),
			       "%ps returned early", call->fn);
}

void kwx_call_returns(struct kunit *test, struct kwx_call *call)
{
	KUNIT_ASSERT_NE_MSG(test, 0UL,
			    wait_for_completion_timeout(&call->done,
							KWX_TIMEOUT),
			    "%ps hangs", call->fn);
}

/* The oldest thread whose name begins like this, or NULL.  It may be ending. */
struct task_struct *kwx_find_thread(const char *name)
{
	struct task_struct *task;

	rcu_read_lock();
	for_each_process(task) {
		if (!strncmp(task->comm, name, strlen(name))) {
			rcu_read_unlock();
			return task;
		}
	}
	rcu_read_unlock();
	return NULL;
}

struct kwx_meeting {
	struct kworkerx_worker	*worker;
	struct kwx_job		*job;
	struct completion	armed;
	bool			locked;
	bool			expired;
	bool			over;
	/* The host is the first one. */
	struct kwx_attendee {
		struct kwx_meeting	*meeting;
		struct kwx_guest	guest;
		unsigned int		cpu;
		struct kwx_call		*call;
	} attendees[KWX_THREADS_MAX + 1];
};

/* A CPU that idled would have its timers expired by another one. */
static void kwx_arm_and_spin(void *arg)
{
	struct kwx_attendee *host = arg;
	struct kwx_meeting *meeting = host->meeting;

	set_cpus_allowed_ptr(current, cpumask_of(host->cpu));
	kworkerx_queue_delayed_work(meeting->worker, &meeting->job->dwork,
				    HZ / 10);
	complete(&meeting->armed);
	while (!READ_ONCE(meeting->over))
		cond_resched();
}

static void kwx_join_meeting(void *arg)
{
	struct kwx_attendee *self = arg;

	set_cpus_allowed_ptr(current, cpumask_of(self->cpu));
	while (!READ_ONCE(self->meeting->locked))
		cond_resched();
	self->guest.fn(self->guest.arg);
}

/* Longer than the other side takes, shorter than any watchdog's patience. */
#define KWX_HOLD_MS	5000

/* Bounded, so that a timer that does not come fails the test. */
static void kwx_hold_lock(struct kwx_meeting *meeting)
{
	struct timer_list *timer = &meeting->job->dwork.timer;
	u64 late = 0, met = 0;
	unsigned long flags;

	raw_spin_lock_irqsave(&meeting->worker->lock, flags);
	WRITE_ONCE(meeting->locked, true);
	while (timer_pending(timer) && kwx_spin(&late, KWX_HOLD_MS))
		;
	meeting->expired = !timer_pending(timer);
	while (kwx_spin(&met, 1))
		;
	raw_spin_unlock_irqrestore(&meeting->worker->lock, flags);
	WRITE_ONCE(meeting->over, true);
}

/* If a test ends early, those who have come so far go, too. */
static void kwx_end_meeting(struct kunit_resource *res)
{
	struct kwx_meeting *meeting = res->data;

	WRITE_ONCE(meeting->locked, true);
	WRITE_ONCE(meeting->over, true);
}

/* Everybody has a CPU of his own; the last one is left for the test. */
static struct kwx_meeting *kwx_meeting(struct kunit *test,
				       const struct kwx_guest *guests,
				       unsigned int nr)
{
	struct kwx_meeting *meeting = kwx_calloc(test, 1, sizeof(*meeting));
	unsigned int i, cpu = cpumask_first(cpu_online_mask);

	init_completion(&meeting->armed);
	for (i = 0; i <= nr; i++) {
		meeting->attendees[i].meeting = meeting;
		meeting->attendees[i].cpu = cpu;
		cpu = cpumask_next(cpu, cpu_online_mask);
		if (i == 0)
			continue;
		kwx_expect_shared(test, guests[i - 1].arg);
		meeting->attendees[i].guest = guests[i - 1];
	}
	set_cpus_allowed_ptr(current, cpumask_of(cpu));
	return meeting;
}

void kwx_meet_timer(struct kunit *test, struct kworkerx_worker *worker,
		    struct kwx_job *job, const struct kwx_guest *guests,
		    unsigned int nr)
{
	struct kwx_meeting *meeting;
	unsigned int i;

	if (num_online_cpus() < nr + 2)
		kunit_skip(test, "needs %u CPUs", nr + 2);
	meeting = kwx_meeting(test, guests, nr);
	meeting->worker = worker;
	meeting->job = job;
	for (i = nr; i > 0; i--)
		meeting->attendees[i].call = kwx_call(test, kwx_join_meeting,
						      &meeting->attendees[i]);
	meeting->attendees[0].call = kwx_call(test, kwx_arm_and_spin,
					      &meeting->attendees[0]);
	kwx_own(test, kwx_end_meeting, meeting);
	kwx_wait(test, &meeting->armed);
	kwx_hold_lock(meeting);
	KUNIT_EXPECT_TRUE(test, meeting->expired);
	for (i = 0; i <= nr; i++)
		kwx_call_returns(test, meeting->attendees[i].call);
	set_cpus_allowed_ptr(current, cpu_possible_mask);
}

struct kwx_irq_call {
	struct irq_work	irq;
	void (*fn)(void *arg);
	void		*arg;
};

static void kwx_irq_call_fn(struct irq_work *irq)
{
	struct kwx_irq_call *call = container_of(irq, struct kwx_irq_call, irq);

	call->fn(call->arg);
}

void kwx_in_irq(void (*fn)(void *arg), void *arg)
{
	struct kwx_irq_call call = {
		.irq = IRQ_WORK_INIT_HARD(kwx_irq_call_fn),
		.fn = fn,
		.arg = arg,
	};

	/* It comes as interrupts are enabled, before anybody else runs here. */
	local_irq_disable();
	irq_work_queue(&call.irq);
	local_irq_enable();
	irq_work_sync(&call.irq);
}

void kwx_in_raw_lock(void (*fn)(void *arg), void *arg)
{
	static DEFINE_RAW_SPINLOCK(lock);
	unsigned long flags;

	raw_spin_lock_irqsave(&lock, flags);
	fn(arg);
	raw_spin_unlock_irqrestore(&lock, flags);
}

#ifdef CONFIG_X86
static struct kwx_nmi {
	void (*fn)(void *arg);
	void			*arg;
	struct task_struct	*task;
} kwx_nmi;

static int kwx_nmi_handler(unsigned int type, struct pt_regs *regs)
{
	if (READ_ONCE(kwx_nmi.task) != current)
		return NMI_DONE;
	WRITE_ONCE(kwx_nmi.task, NULL);
	kwx_nmi.fn(kwx_nmi.arg);
	return NMI_HANDLED;
}

static void kwx_close_nmi(struct kunit_resource *res)
{
	unregister_nmi_handler(NMI_LOCAL, "kwx_nmi");
}

void kwx_open_nmi(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, 0, register_nmi_handler(NMI_LOCAL, kwx_nmi_handler,
						      0, "kwx_nmi"));
	kwx_own(test, kwx_close_nmi, &kwx_nmi);
}

void kwx_in_nmi(void (*fn)(void *arg), void *arg)
{
	preempt_disable();
	kwx_nmi.fn = fn;
	kwx_nmi.arg = arg;
	WRITE_ONCE(kwx_nmi.task, current);
	asm volatile("int $2" : : : "memory");
	preempt_enable();
}
#else
void kwx_open_nmi(struct kunit *test)
{
	kunit_skip(test, "no NMI can be had here");
}

void kwx_in_nmi(void (*fn)(void *arg), void *arg) {}
#endif

static void kwx_in_task(void (*fn)(void *arg), void *arg)
{
	fn(arg);
}

const struct kwx_where kwx_wheres[3] = {
	{ "task", kwx_in_task },
	{ "hard interrupt", kwx_in_irq },
	{ "raw lock", kwx_in_raw_lock },
};

void kwx_where_desc(const struct kwx_where *where, char *desc)
{
	strscpy(desc, where->name, KUNIT_PARAM_DESC_SIZE);
}

static void kwx_end_outage(struct kunit_resource *res)
{
	struct kwx_outage *outage = res->data;

	if (outage->down)
		kwx_cpu_up(outage->cpu);
}

/* Made first, it ends last. */
struct kwx_outage *kwx_outage(struct kunit *test)
{
	struct kwx_outage *outage = kunit_kzalloc(test, sizeof(*outage),
						  GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, outage);
	outage->cpu = cpumask_last(cpu_online_mask);
	if (num_online_cpus() < 2 || !IS_ENABLED(CONFIG_HOTPLUG_CPU))
		kunit_skip(test, "needs two CPUs, one of which can be taken down");
	kwx_own(test, kwx_end_outage, outage);
	return outage;
}

void kwx_begin_outage(struct kunit *test, struct kwx_outage *outage)
{
	KUNIT_ASSERT_EQ(test, 0, kwx_cpu_down(outage->cpu));
	outage->down = true;
	KUNIT_ASSERT_FALSE(test, cpu_online(outage->cpu));
}

void kwx_recover(struct kunit *test, struct kwx_outage *outage)
{
	KUNIT_ASSERT_EQ(test, 0, kwx_cpu_up(outage->cpu));
	outage->down = false;
}

static void kwx_down_fn(void *data)
{
	struct kwx_outage *outage = data;

	outage->down = !kwx_cpu_down(outage->cpu);
}

/* Does somebody wait for all that is queued behind @busy, which runs? */
static bool kwx_awaited(struct kwx_job *busy)
{
	struct kworkerx_worker *worker = KWX_WORK(busy)->worker;
	struct kworkerx_work *last;
	unsigned long tail;
	bool awaited;

	raw_spin_lock_irq(&worker->lock);
	/* The lowest bits are for producers. */
	tail = (unsigned long)READ_ONCE(worker->tail) & ~3UL;
	last = container_of((struct list_head *)tail, struct kworkerx_work, node);
	awaited = &last->node != &worker->queue &&
		  last->func != KWX_WORK(busy)->func;
	raw_spin_unlock_irq(&worker->lock);
	return awaited;
}

struct kwx_call *kwx_start_outage(struct kunit *test, struct kwx_outage *outage,
				  struct kwx_job *busy)
{
	struct kwx_call *down = kwx_call(test, kwx_down_fn, outage);

	KUNIT_ASSERT_TRUE(test, kwx_until(kwx_awaited(busy)));
	KUNIT_ASSERT_TRUE(test, cpu_online(outage->cpu));
	return down;
}

void kwx_destroy_worker_fn(void *worker)
{
	kworkerx_destroy_worker(worker);
}

void kwx_flush_work_fn(void *work)
{
	kworkerx_flush_work(work);
}

void kwx_flush_worker_fn(void *worker)
{
	kworkerx_flush_worker(worker);
}

void kwx_cancel_work_fn(void *work)
{
	kworkerx_cancel_work_sync(work);
}

void kwx_expect_order(struct kunit *test, struct kwx_log *log,
		      const int *ids, unsigned int nr)
{
	unsigned int i;

	KUNIT_EXPECT_EQ(test, nr, log->nr);
	for (i = 0; i < min(nr, log->nr); i++)
		KUNIT_EXPECT_EQ_MSG(test, ids[i], log->id[i], "at place %u", i);
}

/*
 * A report cuts in on the thread that prints, if there is one: kunit.py does not
 * understand half a result.  Give it a moment to sleep again; it may be kept
 * from that by whom a case holds.
 */
static void kwx_await_printer(void)
{
	struct task_struct *printer = kwx_find_thread("pr/");
	unsigned int state;

	if (printer)
		read_poll_timeout(READ_ONCE, state, state == TASK_INTERRUPTIBLE,
				  100, 100000, false, printer->__state);
}

/* Where the kernel's log was when the misuse began. */
static struct kmsg_dump_iter kwx_misuse_log;

void kwx_misuse_begin(void)
{
	kwx_await_printer();
	WRITE_ONCE(kworkerx_report_round, kworkerx_report_round + 1);
	pr_info("kworkerx_kunit: begin expected warning\n");
	kmsg_dump_rewind(&kwx_misuse_log);
	kwx_misuse_log.cur_seq = kwx_misuse_log.next_seq;
}

/* The name of a function is followed by its module, unless that is built in. */
static const char *kwx_as_printed(const char *text)
{
	static const char module[] = " [kworkerx_kunit]";
	static char printed[256];
	char *at;

	strscpy(printed, text, sizeof(printed));
	at = strstr(printed, module);
	if (IS_BUILTIN(CONFIG_KWORKERX_KUNIT_TEST) && at)
		strscpy(at, text + (at - printed) + strlen(module),
			printed + sizeof(printed) - at);
	return printed;
}

static unsigned int kwx_logged(const char *text)
{
	struct kmsg_dump_iter iter = kwx_misuse_log;
	static char line[512];
	unsigned int nr = 0;
	size_t len;

	while (kmsg_dump_get_line(&iter, false, line, sizeof(line) - 1, &len)) {
		line[len] = '\0';
		nr += strstr(line, text) && !strstr(line, "expected warning");
	}
	return nr;
}

static void kwx_misuse(struct kunit *test, const char *marker,
		       const char *report, bool perhaps)
{
	unsigned int wanted = 1;
	unsigned int logged;

	report = kwx_as_printed(report);
	logged = kwx_logged(report);
	if (perhaps && !logged)
		wanted = 0;
	pr_info("kworkerx_kunit: %s expected warning: %u of \"%s\"\n", marker, wanted,
		report);
	KUNIT_EXPECT_EQ_MSG(test, wanted, logged, "reports of: %s", report);
}

void kwx_misuse_also(struct kunit *test, const char *report)
{
	kwx_misuse(test, "also", report, false);
}

void kwx_misuse_end(struct kunit *test, const char *report)
{
	kwx_misuse(test, "end", report, false);
}

/* Where it takes longer than the machine may have had. */
void kwx_misuse_end_perhaps(struct kunit *test, const char *report)
{
	kwx_misuse(test, "end", report, true);
}

/*
 * Windows
 */

/* Called in any context. */
void kwx_stay(struct kwx_window *window, const void *what)
{
	u64 end = 0;

	if ((what != window->what && current != window->what) ||
	    atomic_xchg(&window->caught, 1))
		return;
	while (!READ_ONCE(window->go) && kwx_spin(&end, KWX_HOLD_MS))
		;
	WRITE_ONCE(window->late, !READ_ONCE(window->go));
}

static void kwx_probe_worker(void *window, struct kworkerx_worker *worker)
{
	kwx_stay(window, worker);
}

static void kwx_probe_work(void *window, struct kworkerx_worker *worker,
			   struct kworkerx_work *work)
{
	kwx_stay(window, work);
}

static void kwx_probe_execute(void *window, struct kworkerx_work *work,
			      void *function)
{
	kwx_stay(window, work);
}

#define KWX_POINT(name, probe)						\
static int kwx_open_##name(struct kwx_window *window)			\
{									\
	return register_trace_kworkerx_##name(probe, window);		\
}									\
									\
static void kwx_close_##name(struct kwx_window *window)			\
{									\
	unregister_trace_kworkerx_##name(probe, window);		\
}									\
									\
const struct kwx_point kwx_at_##name = {				\
	.open = kwx_open_##name,					\
	.close = kwx_close_##name,					\
}

KWX_POINT(work_queue_work, kwx_probe_work);
KWX_POINT(worker_queued, kwx_probe_worker);
KWX_POINT(worker_idle, kwx_probe_worker);
KWX_POINT(work_expire, kwx_probe_work);
KWX_POINT(work_await_timer, kwx_probe_work);
KWX_POINT(work_execute_start, kwx_probe_execute);
KWX_POINT(work_execute_end, kwx_probe_execute);

static void kwx_close_window(struct kunit_resource *res)
{
	struct kwx_window *window = res->data;

	WRITE_ONCE(window->go, true);
	window->point->close(window);
	tracepoint_synchronize_unregister();
}

struct kwx_window *kwx_open_window(struct kunit *test,
				   const struct kwx_point *point,
				   const void *what)
{
	struct kwx_window *window = kunit_kzalloc(test, sizeof(*window),
						  GFP_KERNEL);
	int err;

	KUNIT_ASSERT_NOT_NULL(test, window);
	window->point = point;
	window->what = what;
	err = point->open(window);
	if (err)
		kunit_skip(test, "nobody can be held there: %d", err);
	kwx_own(test, kwx_close_window, window);
	return window;
}

struct kwx_window *kwx_watch(struct kunit *test, const struct kwx_point *point,
			     void *word, struct task_struct *task)
{
	struct kwx_window *window = kwx_open_window(test, point, word);

	WRITE_ONCE(window->task, task);
	return window;
}

bool kwx_caught(struct kwx_window *window)
{
	return kwx_until(atomic_read(&window->caught));
}

void kwx_go_to(struct task_struct *task, unsigned int nth)
{
	unsigned int cpu = cpumask_first(cpu_online_mask);

	while (nth--)
		cpu = cpumask_next(cpu, cpu_online_mask);
	set_cpus_allowed_ptr(task, cpumask_of(cpu));
}

static void kwx_side_fn(void *data)
{
	struct kwx_side *side = data;

	kwx_go_to(current, side->nth);
	wait_for_completion(&side->begin);
	complete(&side->begun);
	side->ret = side->fn(side->arg);
}

static void kwx_dismiss_side(struct kunit_resource *res)
{
	struct kwx_side *side = res->data;

	complete(&side->begin);
}

struct kwx_side *kwx_side(struct kunit *test, unsigned int nth,
			  int (*fn)(void *arg), void *arg)
{
	struct kwx_side *side = kwx_calloc(test, 1, sizeof(*side));

	kwx_expect_shared(test, arg);
	side->fn = fn;
	side->arg = arg;
	side->nth = nth;
	init_completion(&side->begin);
	init_completion(&side->begun);
	side->call = kwx_call(test, kwx_side_fn, side);
	kwx_own(test, kwx_dismiss_side, side);
	kwx_call_blocks(test, side->call);
	return side;
}

void kwx_begin_side(struct kunit *test, struct kwx_side *side)
{
	complete(&side->begin);
	kwx_wait(test, &side->begun);
}

/* If not, the test goes on, to let go who is held. */
void kwx_expect_return(struct kunit *test, struct kwx_side *side)
{
	KUNIT_EXPECT_NE(test, 0UL,
			wait_for_completion_timeout(&side->call->done,
						    KWX_TIMEOUT / 6));
}

void kwx_meanwhile(struct kunit *test, struct kwx_side *other,
		   enum kwx_pace pace)
{
	kwx_begin_side(test, other);
	switch (pace) {
	case KWX_RETURNS:
		kwx_expect_return(test, other);
		break;
	case KWX_SPINS:
		/* Time to return if it were wrong. */
		usleep_range(20000, 21000);
		KUNIT_EXPECT_FALSE(test, completion_done(&other->call->done));
		break;
	case KWX_SLEEPS:
		kwx_call_blocks(test, other->call);
	}
}

void kwx_let_go(struct kunit *test, struct kwx_window *window,
		struct kwx_side *held)
{
	bool late;

	WRITE_ONCE(window->go, true);
	late = READ_ONCE(window->late);
	KUNIT_EXPECT_FALSE(test, late);
	if (held)
		kwx_call_returns(test, held->call);
}

#ifdef CONFIG_HAVE_HW_BREAKPOINT
static void kwx_break_fn(struct perf_event *event,
			 struct perf_sample_data *data, struct pt_regs *regs)
{
	struct kwx_window *window = event->overflow_handler_context;

	if (READ_ONCE(window->task) == current)
		kwx_stay(window, window->what);
}

static int kwx_break_at(struct kwx_window *window, unsigned int type)
{
	struct perf_event_attr attr;

	hw_breakpoint_init(&attr);
	attr.bp_addr = (unsigned long)window->what;
	attr.bp_len = HW_BREAKPOINT_LEN_4;
	attr.bp_type = type;
	window->breaks = register_wide_hw_breakpoint(&attr, kwx_break_fn,
						     window);
	/* For a compiler that knows address spaces, only a number leaves one. */
	return PTR_ERR_OR_ZERO((void *)(unsigned long __force)window->breaks);
}

static int kwx_open_write(struct kwx_window *window)
{
	return kwx_break_at(window, HW_BREAKPOINT_W);
}

static int kwx_open_access(struct kwx_window *window)
{
	return kwx_break_at(window, HW_BREAKPOINT_RW);
}

static void kwx_close_memory(struct kwx_window *window)
{
	unregister_wide_hw_breakpoint(window->breaks);
}
#else
static int kwx_open_write(struct kwx_window *window)
{
	return -ENODEV;
}

#define kwx_open_access	kwx_open_write

static void kwx_close_memory(struct kwx_window *window) {}
#endif

const struct kwx_point kwx_at_write = {
	.open = kwx_open_write,
	.close = kwx_close_memory,
};

const struct kwx_point kwx_at_access = {
	.open = kwx_open_access,
	.close = kwx_close_memory,
};

int kwx_window_init(struct kunit *test)
{
	if (!IS_ENABLED(CONFIG_TRACEPOINTS))
		kunit_skip(test, "needs trace events");
	if (num_online_cpus() < 4)
		kunit_skip(test, "needs four CPUs");
	return kwx_bed_init(test);
}

void kwx_window_exit(struct kunit *test)
{
	set_cpus_allowed_ptr(current, cpu_possible_mask);
}

MODULE_DESCRIPTION("KUnit suites of kworkerx");
MODULE_LICENSE("GPL");
