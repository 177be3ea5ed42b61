// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the scripts beside this file need inside the kernel: a worker that is
 * frozen with the system and another that looks at it meanwhile, works that wait
 * for frozen workers, single works for the tracepoints, a worker that keeps what
 * another module leaves there, traffic that goes on until the module is unloaded, and
 * workers in the cgroup of whoever asks for it.
 */
#include <linux/cgroup.h>
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/freezer.h>
#include <linux/iopoll.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/timer.h>

#include "kworkerx.h"
#include "kworkerx_compat.h"
#include "kworkerx_selftest.h"

static bool freezable = true;
module_param(freezable, bool, 0444);
MODULE_PARM_DESC(freezable, "the workers are frozen with the system");
static bool traffic;
module_param(traffic, bool, 0444);
MODULE_PARM_DESC(traffic, "queue works on a bound worker of each online CPU");

static unsigned int kwxs_flags(void)
{
	return freezable ? KWORKERX_FREEZABLE : 0;
}

/* Polls: nothing that is waited for here wakes anybody. */
#define kwxs_await(op, args...)						\
({									\
	unsigned long __val;						\
									\
	!read_poll_timeout(op, __val, __val, 1000, 10 * USEC_PER_SEC,	\
			   false, args);				\
})

/*
 * The freezer: the subject runs a work as the freeze begins, has one behind it
 * in the queue, and gets two more while it is frozen.
 */

static struct kworkerx_worker *kwxs_subject;
static struct kworkerx_worker *kwxs_observer;
static struct kworkerx_worker *kwxs_flusher;
static struct kworkerx_worker *kwxs_destroyer;
static struct kworkerx_worker *kwxs_parked;	/* before the freeze */
static struct kworkerx_worker *kwxs_parkee;	/* while it is frozen */
static struct kworkerx_worker *kwxs_doomed;	/* frozen, too */
static atomic_t kwxs_runs;	/* of the three that have to wait */
static atomic_t kwxs_parked_runs;	/* of those that were parked */

/* What the observer saw. */
static struct {
	bool	frozen;		/* the subject */
	bool	finished;	/* before that: the work that was running */
	bool	kept;		/* the others did not run until the thaw */
	bool	waits;		/* a flush of one took too long, a cancel did not */
	bool	flushed;	/* the flush of the subject ended after the thaw */
	bool	ended;		/* and so did the destruction of the doomed */
	bool	sleeps;		/* the parked worker is frozen, too */
	bool	parks;		/* one that is frozen is parked at once */
} kwxs_seen;

static bool kwxs_finished;

static void kwxs_count_fn(struct kworkerx_work *work)
{
	atomic_inc(&kwxs_runs);
}

static void kwxs_count_parked_fn(struct kworkerx_work *work)
{
	atomic_inc(&kwxs_parked_runs);
}

static void kwxs_finish_fn(struct kworkerx_work *work)
{
	if (!kwxs_await(freezing, current))
		return;
	msleep(50);
	WRITE_ONCE(kwxs_finished, true);
}

static void kwxs_until_freeze_fn(struct kworkerx_work *work)
{
	kwxs_await(freezing, current);
}

/* As frozen(), which is not for modules. */
static bool kwxs_frozen(struct kworkerx_worker *worker)
{
	return READ_ONCE(worker->task->__state) & TASK_FROZEN;
}

static bool kwxs_expired(struct kworkerx_delayed_work *dwork)
{
	return !kworkerx_delayed_work_remaining(dwork);
}

static DEFINE_KWORKERX_WORK(kwxs_running, kwxs_finish_fn);
static DEFINE_KWORKERX_WORK(kwxs_behind, kwxs_count_fn);
static DEFINE_KWORKERX_WORK(kwxs_plain, kwxs_count_fn);
static DEFINE_KWORKERX_WORK(kwxs_cancelled, kwxs_count_fn);
static DEFINE_KWORKERX_DELAYED_WORK(kwxs_delayed, kwxs_count_fn);
static DEFINE_KWORKERX_WORK(kwxs_before_freeze, kwxs_count_parked_fn);
static DEFINE_KWORKERX_WORK(kwxs_until_freeze, kwxs_until_freeze_fn);
static DEFINE_KWORKERX_WORK(kwxs_in_freeze, kwxs_count_parked_fn);

/* These begin while the subject is frozen. */
static void kwxs_flush_fn(struct kworkerx_work *work)
{
	kworkerx_flush_worker(kwxs_subject);
	kwxs_seen.flushed = kwxs_seen.waits && !kwxs_frozen(kwxs_subject);
}

static void kwxs_destroy_fn(struct kworkerx_work *work)
{
	kworkerx_destroy_worker(kwxs_doomed);
	kwxs_doomed = NULL;
	kwxs_seen.ended = kwxs_seen.waits && !kwxs_frozen(kwxs_subject);
}

static DEFINE_KWORKERX_WORK(kwxs_flush, kwxs_flush_fn);
static DEFINE_KWORKERX_WORK(kwxs_destroy, kwxs_destroy_fn);

/* At once: before the thaw, which would let it go on. */
static void kwxs_park_frozen(void)
{
	kwxs_seen.sleeps = kwxs_await(kwxs_frozen, kwxs_parked);
	if (!kwxs_await(kwxs_frozen, kwxs_parkee))
		return;
	kwxs_seen.parks = !kworkerx_park_worker(kwxs_parkee) &&
			  kwxs_frozen(kwxs_parkee);
	kworkerx_queue_work(kwxs_parkee, &kwxs_in_freeze);
}

static void kwxs_observe_fn(struct kworkerx_work *work)
{
	kwxs_seen.frozen = kwxs_await(kwxs_frozen, kwxs_subject);
	if (!kwxs_seen.frozen)
		return;
	kwxs_seen.finished = READ_ONCE(kwxs_finished);
	kworkerx_queue_work(kwxs_subject, &kwxs_plain);
	kworkerx_queue_delayed_work(kwxs_subject, &kwxs_delayed, 1);
	if (!kwxs_await(kwxs_expired, &kwxs_delayed))
		return;
	kworkerx_queue_work(kwxs_subject, &kwxs_cancelled);
	kworkerx_queue_work(kwxs_flusher, &kwxs_flush);
	if (kwxs_await(kwxs_frozen, kwxs_doomed))
		kworkerx_queue_work(kwxs_destroyer, &kwxs_destroy);
	kwxs_park_frozen();
	/* Time enough to do what is not to be done. */
	kwxs_seen.waits =
		kworkerx_flush_work_timeout(&kwxs_plain, HZ / 5) == -ETIMEDOUT &&
		kworkerx_cancel_work_sync(&kwxs_cancelled);
	kwxs_seen.kept = !atomic_read(&kwxs_runs) && kwxs_frozen(kwxs_subject);
}

static DEFINE_KWORKERX_WORK(kwxs_observe, kwxs_observe_fn);

static int kwxs_begin_watch(const char *val, const struct kernel_param *kp)
{
	struct kworkerx_worker *doomed = kworkerx_run_worker(kwxs_flags(),
							     "kwxs_doomed");

	if (IS_ERR(doomed))
		return PTR_ERR(doomed);
	kwxs_doomed = doomed;
	memset(&kwxs_seen, 0, sizeof(kwxs_seen));
	kwxs_finished = false;
	atomic_set(&kwxs_runs, 0);
	atomic_set(&kwxs_parked_runs, 0);
	kworkerx_park_worker(kwxs_parked);
	kworkerx_queue_work(kwxs_parked, &kwxs_before_freeze);
	kworkerx_queue_work(kwxs_parkee, &kwxs_until_freeze);
	kworkerx_queue_work(kwxs_subject, &kwxs_running);
	kworkerx_queue_work(kwxs_subject, &kwxs_behind);
	kworkerx_queue_work(kwxs_observer, &kwxs_observe);
	return 0;
}

/* How many works of the two have run, after none has while they were parked. */
static int kwxs_unpark(void)
{
	int early = atomic_read(&kwxs_parked_runs);

	kworkerx_unpark_worker(kwxs_parked);
	/* It is reported if that was not done. */
	kworkerx_unpark_worker(kwxs_parkee);
	kworkerx_flush_worker(kwxs_parked);
	kworkerx_flush_worker(kwxs_parkee);
	return early ? -early : atomic_read(&kwxs_parked_runs);
}

static int kwxs_end_watch(char *buffer, const struct kernel_param *kp)
{
	kworkerx_flush_worker(kwxs_observer);
	kworkerx_flush_worker(kwxs_flusher);
	kworkerx_flush_worker(kwxs_destroyer);
	if (kwxs_doomed)
		kworkerx_destroy_worker(kwxs_doomed);
	kworkerx_flush_delayed_work(&kwxs_delayed);
	return sysfs_emit(buffer,
			  "frozen=%d finished=%d kept=%d waits=%d flushed=%d ended=%d sleeps=%d parks=%d unparked=%d runs=%d\n",
			  kwxs_seen.frozen, kwxs_seen.finished, kwxs_seen.kept,
			  kwxs_seen.waits, kwxs_seen.flushed, kwxs_seen.ended,
			  kwxs_seen.sleeps, kwxs_seen.parks, kwxs_unpark(),
			  atomic_read(&kwxs_runs));
}

static const struct kernel_param_ops kwxs_freeze_ops = {
	.set = kwxs_begin_watch,
	.get = kwxs_end_watch,
};
module_param_cb(freeze, &kwxs_freeze_ops, NULL, 0644);
MODULE_PARM_DESC(freeze, "write before a freeze, read what was seen after it");

/*
 * Waiting in a freeze: works of freezable workers wait, each in its way, for what
 * another worker will not do before the thaw, and a freezable thread that is no
 * worker's waits for a plugged one.
 */

struct kwxs_wait {
	const char		*how;
	bool			(*wait)(struct kwxs_wait *wait);
	struct kworkerx_worker	*waiter;
	struct kworkerx_worker	*other;
	struct kworkerx_work	work;		/* the waiter's */
	struct kworkerx_work	first;		/* the other's, runs as it freezes */
	struct kworkerx_work	behind;		/* that one */
	bool			good;
};

/* What runs as a freeze begins ends when this is done. */
static DECLARE_COMPLETION(kwxs_gate);

static bool kwxs_wait_flush(struct kwxs_wait *wait)
{
	return kworkerx_flush_work(&wait->behind);
}

static bool kwxs_wait_flush_timeout(struct kwxs_wait *wait)
{
	return !kworkerx_flush_work_timeout(&wait->behind, 60 * HZ);
}

static bool kwxs_wait_flush_worker(struct kwxs_wait *wait)
{
	return !kworkerx_flush_worker(wait->other);
}

/* It runs, and so is not taken back. */
static bool kwxs_wait_cancel(struct kwxs_wait *wait)
{
	return !kworkerx_cancel_work_sync(&wait->first);
}

static int kwxs_called(void *arg)
{
	return 42;
}

static bool kwxs_wait_call(struct kwxs_wait *wait)
{
	return kworkerx_call(wait->other, kwxs_called, NULL) == 42;
}

static bool kwxs_wait_drain(struct kwxs_wait *wait)
{
	return !kworkerx_drain_worker(wait->other);
}

static struct kwxs_wait kwxs_waits[] = {
	{ "flush", kwxs_wait_flush },
	{ "flush_timeout", kwxs_wait_flush_timeout },
	{ "flush_worker", kwxs_wait_flush_worker },
	{ "cancel", kwxs_wait_cancel },
	{ "call", kwxs_wait_call },
	{ "drain", kwxs_wait_drain },
};

static struct kworkerx_worker *kwxs_plugged;
static bool kwxs_plain_good;

static void kwxs_wait_fn(struct kworkerx_work *work)
{
	struct kwxs_wait *wait = container_of(work, struct kwxs_wait, work);

	WRITE_ONCE(wait->good, wait->wait(wait));
}

static void kwxs_first_fn(struct kworkerx_work *work)
{
	/* For lockdep a work holds itself and its worker. */
	if (kwxs_await(freezing, current))
		wait_for_completion_state(&kwxs_gate, TASK_UNINTERRUPTIBLE |
					  TASK_FREEZABLE_UNSAFE);
}

static void kwxs_behind_fn(struct kworkerx_work *work)
{
}

static int kwxs_plain_fn(void *unused)
{
	set_freezable();
	WRITE_ONCE(kwxs_plain_good, !kworkerx_flush_worker(kwxs_plugged));
	while (!kthread_freezable_should_stop(NULL))
		msleep(20);
	return 0;
}

static struct task_struct *kwxs_plain_thread;

static bool kwxs_taken(struct kworkerx_work *work)
{
	return !kworkerx_work_pending(work);
}

static int kwxs_start_wait(struct kwxs_wait *wait)
{
	wait->good = false;
	kworkerx_queue_work(wait->other, &wait->first);
	if (!kwxs_await(kwxs_taken, &wait->first))
		return -ETIMEDOUT;
	/* It is urgent, and would come before. */
	kworkerx_queue_work(wait->other, &wait->behind);
	kworkerx_queue_work(wait->waiter, &wait->work);
	return kwxs_await(kwxs_taken, &wait->work) ? 0 : -ETIMEDOUT;
}

static int kwxs_start_plain(void)
{
	struct task_struct *thread;

	kworkerx_plug_worker(kwxs_plugged);
	kworkerx_queue_work(kwxs_plugged, &kwxs_plain);
	kwxs_plain_good = false;
	thread = kthread_run(kwxs_plain_fn, NULL, "kwxs_plain");
	if (IS_ERR(thread)) {
		kworkerx_unplug_worker(kwxs_plugged);
		return PTR_ERR(thread);
	}
	kwxs_plain_thread = thread;
	return 0;
}

static int kwxs_begin_wait(const char *val, const struct kernel_param *kp)
{
	bool blocks = false;
	int i, err = kwxs_plain_thread ? -EBUSY : kstrtobool(val, &blocks);

	reinit_completion(&kwxs_gate);
	if (!blocks)
		complete_all(&kwxs_gate);
	for (i = 0; i < ARRAY_SIZE(kwxs_waits) && !err; i++)
		err = kwxs_start_wait(&kwxs_waits[i]);
	if (!err)
		err = kwxs_start_plain();
	/* Time enough to come to their waits. */
	msleep(50);
	return err;
}

static bool kwxs_done(bool *good)
{
	return READ_ONCE(*good);
}

/* Nothing is in their way any more.  Returns whether the thread has come back. */
static bool kwxs_let_go(void)
{
	bool good;

	complete_all(&kwxs_gate);
	if (!kwxs_plain_thread)
		return false;
	kworkerx_unplug_worker(kwxs_plugged);
	good = kwxs_await(kwxs_done, &kwxs_plain_good);
	kthread_stop(kwxs_plain_thread);
	kwxs_plain_thread = NULL;
	return good;
}

/* Names those that have not come back, or with something wrong. */
static int kwxs_end_wait(char *buffer, const struct kernel_param *kp)
{
	int i, len = 0;

	if (!kwxs_let_go())
		len += sysfs_emit_at(buffer, len, "thread ");
	for (i = 0; i < ARRAY_SIZE(kwxs_waits); i++)
		if (!kwxs_await(kwxs_done, &kwxs_waits[i].good))
			len += sysfs_emit_at(buffer, len, "%s ", kwxs_waits[i].how);
	return len + sysfs_emit_at(buffer, len, len ? "did not go on\n" : "all went on\n");
}

static const struct kernel_param_ops kwxs_wait_ops = {
	.set = kwxs_begin_wait,
	.get = kwxs_end_wait,
};
module_param_cb(wait, &kwxs_wait_ops, NULL, 0644);
MODULE_PARM_DESC(wait, "write before a freeze, 1 to have works that do not end; read after it");

/* For the tracepoints: a work that runs, and one that is taken back. */
static int kwxs_run(const char *val, const struct kernel_param *kp)
{
	kworkerx_queue_work(kwxs_subject, &kwxs_plain);
	kworkerx_flush_work(&kwxs_plain);
	kworkerx_queue_delayed_work(kwxs_subject, &kwxs_delayed, 60 * HZ);
	kworkerx_cancel_delayed_work_sync(&kwxs_delayed);
	return 0;
}

static const struct kernel_param_ops kwxs_run_ops = { .set = kwxs_run };
module_param_cb(run, &kwxs_run_ops, NULL, 0200);
MODULE_PARM_DESC(run, "write to run a work, and to cancel another");

/*
 * What another module leaves on a worker of this one.
 */

struct kworkerx_worker *kwxs_keeper;
EXPORT_SYMBOL_GPL(kwxs_keeper);
struct kworkerx_delayed_work kwxs_lent =
	KWORKERX_DELAYED_WORK_INIT(kwxs_lent, kwxs_count_fn);
EXPORT_SYMBOL_GPL(kwxs_lent);

static int kwxs_plug(const char *val, const struct kernel_param *kp)
{
	bool plug;
	int ret;

	ret = kstrtobool(val, &plug);
	if (!ret && plug)
		return kworkerx_plug_worker(kwxs_keeper);
	if (!ret)
		kworkerx_unplug_worker(kwxs_keeper);
	return ret;
}

/* How many runs it takes to run a work, and whether the one that is lent is pending. */
static int kwxs_serve(char *buffer, const struct kernel_param *kp)
{
	int before = atomic_read(&kwxs_runs);

	kworkerx_queue_work(kwxs_keeper, &kwxs_plain);
	kworkerx_flush_worker(kwxs_keeper);
	return sysfs_emit(buffer, "%d %s\n", atomic_read(&kwxs_runs) - before,
			  kworkerx_work_pending(&kwxs_lent.work) ? "pending" : "idle");
}

static const struct kernel_param_ops kwxs_keeper_ops = {
	.set = kwxs_plug,
	.get = kwxs_serve,
};
module_param_cb(keeper, &kwxs_keeper_ops, NULL, 0644);
MODULE_PARM_DESC(keeper, "write 1 to plug a worker, 0 to unplug it; read to run a work there");

/*
 * Traffic: a thread queues one work and delays another, a timer queues a third.
 */

enum { KWXS_THREAD, KWXS_DELAYED, KWXS_TIMER, KWXS_JOBS };

struct kwxs_job {
	struct kworkerx_delayed_work	dwork;
	struct kwxs_stream		*stream;
};

struct kwxs_stream {
	struct kworkerx_worker		*worker;
	struct kwxs_job			jobs[KWXS_JOBS];
	struct task_struct		*thread;
	struct timer_list		timer;
	atomic_t			queued;
	atomic_t			ran;
	int				before;	/* of them, when last asked */
};

static struct kwxs_stream *kwxs_streams;
static int kwxs_nr_streams;

static void kwxs_job_fn(struct kworkerx_work *work)
{
	struct kwxs_job *job = container_of(work, struct kwxs_job, dwork.work);

	atomic_inc(&job->stream->ran);
}

static void kwxs_queue(struct kwxs_stream *stream, int job)
{
	if (kworkerx_queue_work(stream->worker, &stream->jobs[job].dwork.work))
		atomic_inc(&stream->queued);
}

static int kwxs_thread_fn(void *data)
{
	struct kwxs_stream *stream = data;

	while (!kthread_should_stop()) {
		kwxs_queue(stream, KWXS_THREAD);
		if (kworkerx_queue_delayed_work(stream->worker,
						&stream->jobs[KWXS_DELAYED].dwork, 1))
			atomic_inc(&stream->queued);
		usleep_range(2000, 4000);
	}
	return 0;
}

static void kwxs_timer_fn(struct timer_list *timer)
{
	struct kwxs_stream *stream = timer_container_of(stream, timer, timer);

	kwxs_queue(stream, KWXS_TIMER);
	mod_timer(timer, jiffies + 1);
}

static int kwxs_start_stream(struct kwxs_stream *stream, int cpu)
{
	int i;

	for (i = 0; i < KWXS_JOBS; i++) {
		stream->jobs[i].stream = stream;
		kworkerx_init_delayed_work(&stream->jobs[i].dwork, kwxs_job_fn);
	}
	stream->worker = kworkerx_run_worker_on_cpu(cpu, kwxs_flags(),
						    "kwxs/%u");
	if (IS_ERR(stream->worker))
		return PTR_ERR(stream->worker);
	stream->thread = kthread_run(kwxs_thread_fn, stream, "kwxs_thread/%d",
				     cpu);
	if (IS_ERR(stream->thread)) {
		kworkerx_destroy_worker(stream->worker);
		return PTR_ERR(stream->thread);
	}
	timer_setup(&stream->timer, kwxs_timer_fn, 0);
	mod_timer(&stream->timer, jiffies + 1);
	return 0;
}

/* What is queued runs before the worker ends; what is only delayed does not. */
static bool kwxs_stop_stream(struct kwxs_stream *stream)
{
	kthread_stop(stream->thread);
	timer_shutdown_sync(&stream->timer);
	if (kworkerx_cancel_delayed_work_sync(&stream->jobs[KWXS_DELAYED].dwork))
		atomic_dec(&stream->queued);
	kworkerx_destroy_worker(stream->worker);
	return atomic_read(&stream->ran) &&
	       atomic_read(&stream->ran) == atomic_read(&stream->queued);
}

static void kwxs_stop_streams(void)
{
	bool good = true;

	while (kwxs_nr_streams)
		good &= kwxs_stop_stream(&kwxs_streams[--kwxs_nr_streams]);
	if (kwxs_streams)
		pr_info("kworkerx_selftest: %s\n", good ?
			"each work ran once" : "works were lost, or ran twice");
	kfree(kwxs_streams);
}

static int kwxs_start_streams(void)
{
	int cpu, err = 0;

	kwxs_streams = kcalloc(nr_cpu_ids, sizeof(*kwxs_streams), GFP_KERNEL);
	if (!kwxs_streams)
		return -ENOMEM;
	cpus_read_lock();
	for_each_online_cpu(cpu) {
		err = kwxs_start_stream(&kwxs_streams[kwxs_nr_streams], cpu);
		if (err)
			break;
		kwxs_nr_streams++;
	}
	cpus_read_unlock();
	if (err)
		kwxs_stop_streams();
	return err;
}

static bool kwxs_went_on(struct kwxs_stream *stream)
{
	return atomic_read(&stream->ran) - stream->before >= 5;
}

/* How many workers run more works from now on. */
static int kwxs_go_on(char *buffer, const struct kernel_param *kp)
{
	int i;

	for (i = 0; i < kwxs_nr_streams; i++)
		kwxs_streams[i].before = atomic_read(&kwxs_streams[i].ran);
	for (i = 0; i < kwxs_nr_streams; i++)
		if (!kwxs_await(kwxs_went_on, &kwxs_streams[i]))
			break;
	return sysfs_emit(buffer, "%d of %d\n", i, kwxs_nr_streams);
}

static const struct kernel_param_ops kwxs_go_on_ops = { .get = kwxs_go_on };
module_param_cb(go_on, &kwxs_go_on_ops, NULL, 0444);
MODULE_PARM_DESC(go_on, "read to see whether all workers with traffic go on");

/*
 * Cgroups: a worker that any CPU will do for, and those with traffic, which are bound.
 */

/* For so long that it is seen in what the cgroup has used. */
static void kwxs_spin_fn(struct kworkerx_work *work)
{
	mdelay(20);
}

static DEFINE_KWORKERX_WORK(kwxs_spin, kwxs_spin_fn);

static int kwxs_attach(const char *val, const struct kernel_param *kp)
{
	int i, err = cgroup_attach_task_all(current, kwxs_keeper->task);

	for (i = 0; i < kwxs_nr_streams && !err; i++)
		err = cgroup_attach_task_all(current, kwxs_streams[i].worker->task);
	return err;
}

static int kwxs_run_spin(char *buffer, const struct kernel_param *kp)
{
	kworkerx_queue_work(kwxs_keeper, &kwxs_spin);
	kworkerx_flush_work(&kwxs_spin);
	return sysfs_emit(buffer, "%d\n", task_pid_nr(kwxs_keeper->task));
}

static const struct kernel_param_ops kwxs_cgroup_ops = {
	.set = kwxs_attach,
	.get = kwxs_run_spin,
};
module_param_cb(cgroup, &kwxs_cgroup_ops, NULL, 0644);
MODULE_PARM_DESC(cgroup, "write to have workers in the cgroup of who writes; read to run a work on one, whose id it is");

static struct kworkerx_worker **const kwxs_workers[] = {
	&kwxs_subject, &kwxs_observer, &kwxs_flusher, &kwxs_destroyer,
	&kwxs_parked, &kwxs_parkee, &kwxs_plugged, &kwxs_keeper,
};

static void kwxs_destroy_worker(struct kworkerx_worker *worker)
{
	if (!IS_ERR_OR_NULL(worker))
		kworkerx_destroy_worker(worker);
}

static void kwxs_destroy_workers(void)
{
	int i;

	for (i = ARRAY_SIZE(kwxs_workers) - 1; i >= 0; i--)
		kwxs_destroy_worker(*kwxs_workers[i]);
	for (i = 0; i < ARRAY_SIZE(kwxs_waits); i++) {
		kwxs_destroy_worker(kwxs_waits[i].waiter);
		kwxs_destroy_worker(kwxs_waits[i].other);
	}
}

/* Each in a line of its own: for lockdep they are of different kinds. */
static int kwxs_create_wait(struct kwxs_wait *wait)
{
	kworkerx_init_work(&wait->work, kwxs_wait_fn);
	kworkerx_init_work(&wait->first, kwxs_first_fn);
	kworkerx_init_work(&wait->behind, kwxs_behind_fn);
	kworkerx_set_work_urgent(&wait->behind, true);
	wait->waiter = kworkerx_run_worker(kwxs_flags(), "kwxs_waiter");
	wait->other = kworkerx_run_worker(kwxs_flags() | KWORKERX_LANES,
					  "kwxs_other");
	return PTR_ERR_OR_ZERO(wait->waiter) ?: PTR_ERR_OR_ZERO(wait->other);
}

static int kwxs_create_workers(void)
{
	int i, err = 0;

	kwxs_subject = kworkerx_run_worker(kwxs_flags(), "kwxs_subject");
	kwxs_observer = kworkerx_run_worker(0, "kwxs_observer");
	kwxs_flusher = kworkerx_run_worker(0, "kwxs_flusher");
	kwxs_destroyer = kworkerx_run_worker(0, "kwxs_destroyer");
	kwxs_parked = kworkerx_run_worker(kwxs_flags(), "kwxs_parked");
	kwxs_parkee = kworkerx_run_worker(kwxs_flags(), "kwxs_parkee");
	kwxs_plugged = kworkerx_run_worker(0, "kwxs_plugged");
	kwxs_keeper = kworkerx_run_worker(KWORKERX_LANES, "kwxs_keeper");
	for (i = 0; i < ARRAY_SIZE(kwxs_workers) && !err; i++)
		err = PTR_ERR_OR_ZERO(*kwxs_workers[i]);
	for (i = 0; i < ARRAY_SIZE(kwxs_waits) && !err; i++)
		err = kwxs_create_wait(&kwxs_waits[i]);
	return err;
}

static int __init kwxs_init(void)
{
	int err = kwxs_create_workers();

	if (!err && traffic)
		err = kwxs_start_streams();
	if (err)
		kwxs_destroy_workers();
	return err;
}

static void __exit kwxs_exit(void)
{
	kwxs_let_go();
	kwxs_stop_streams();
	kwxs_destroy_workers();
}

module_init(kwxs_init);
module_exit(kwxs_exit);
MODULE_DESCRIPTION("What the selftests of kworkerx need inside the kernel");
MODULE_LICENSE("GPL");
