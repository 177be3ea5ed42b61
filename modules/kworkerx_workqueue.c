// SPDX-License-Identifier: GPL-2.0-only
/*
 * kworkerx_workqueue - the workqueue of old: threads of its own.
 *
 * WHAT IT IS MADE OF
 *
 * A workqueue with one thread is a worker, one with a thread on each CPU is a set,
 * and nearly everything that is asked of it is asked of that.  What is added here:
 *
 *  - the interface of <linux/workqueue.h>, and what its flags mean;
 *  - draining of a set, which refuses others meanwhile;
 *  - the workqueues that are always there, and the one of them that is the default.
 *
 * DRAINING A SET
 *
 * As with a worker, only its own works may queue while it is drained or destroyed.
 * Nothing closes the queues of a set for that, so producers look at ->drains.  They
 * have preemption off from that look until the work is queued, and who drains waits
 * for a grace period of RCU after he has counted himself: from then on whoever found
 * the workqueue open has queued, and the works are there to be waited for.
 *
 * Timers that expire meanwhile queue their works: these were accepted before.
 *
 * THE LAST TOUCH
 *
 * Once a work is queued it may run, and its function may let somebody destroy the
 * workqueue.  So who queues does not look at the structure after that.
 */
#include <linux/device.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched/prio.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kworkerx_compat.h"
#include "kworkerx_report.h"
#include "kworkerx_percpu.h"
#include "kworkerx_workqueue.h"

/**
 * struct kworkerx_workqueue - a workqueue
 * @worker: the one thread's, or NULL; constant
 * @set: of a worker on each CPU, or NULL; constant
 * @flags: of these, KWORKERX_*; constant
 * @shared: it is always there, for everybody.  Written before others see it.
 * @ending: it is being destroyed.  Written by who does that, for reports.
 * @drains: how many drain the set
 * @name: for reports; constant
 */
struct kworkerx_workqueue {
	struct kworkerx_worker	*worker;
	struct kworkerx_percpu	*set;
	unsigned int		flags;
	bool			shared;
	bool			ending;
	atomic_t		drains;
	char			name[];
};

/*
 * The module parameter
 */

static char *kworkerx_workqueue_policies;
module_param_named(policies, kworkerx_workqueue_policies, charp, 0644);
MODULE_PARM_DESC(policies, "Of the workqueues whose names begin so, when they are created: NAME=fifo:N, =rr:N or =nice:N, with commas in between");

/* Of what comes behind NAME=.  Returns whether it was understood. */
static bool kworkerx_workqueue_parse(const char *text, struct sched_attr *sched)
{
	static const struct {
		const char *name;
		u32 policy;
	} policies[] = {
		{ "fifo:", SCHED_FIFO }, { "rr:", SCHED_RR }, { "nice:", SCHED_NORMAL },
	};
	size_t len;
	int i, nr;

	for (i = 0; i < ARRAY_SIZE(policies); i++) {
		len = str_has_prefix(text, policies[i].name);
		if (!len || kstrtoint(text + len, 10, &nr))
			continue;
		sched->sched_policy = policies[i].policy;
		sched->sched_priority = sched->sched_policy ? nr : 0;
		sched->sched_nice = sched->sched_policy ? 0 : nr;
		return true;
	}
	return false;
}

/* One entry of the parameter: does it give a workqueue of that name a policy? */
static bool kworkerx_workqueue_try_entry(char *entry, const char *name,
					 struct sched_attr *sched)
{
	char *policy = strrchr(entry, '=');

	if (kworkerx_report(!policy, "workqueue policy \"%s\" is none", entry))
		return false;
	*policy++ = '\0';
	return str_has_prefix(name, entry) &&
	       !kworkerx_report(!kworkerx_workqueue_parse(policy, sched),
				"workqueue policy \"%s\" is none", policy);
}

/* The first entry that fits.  Where there is none @sched stays as it is. */
static int kworkerx_workqueue_look_up(const char *name, struct sched_attr *sched)
{
	char *copy, *rest, *entry;

	kernel_param_lock(THIS_MODULE);
	copy = kstrdup(kworkerx_workqueue_policies ?: "", GFP_KERNEL);
	kernel_param_unlock(THIS_MODULE);
	if (!copy)
		return -ENOMEM;
	rest = strim(copy);
	while ((entry = strsep(&rest, ",")))
		if (*entry && kworkerx_workqueue_try_entry(entry, name, sched))
			break;
	kfree(copy);
	return 0;
}

/*
 * Creation
 */

static struct kworkerx_workqueue *kworkerx_workqueue_new(const char *name)
{
	struct kworkerx_workqueue *wq;
	size_t size = strlen(name) + 1;

	wq = kzalloc(struct_size(wq, name, size), GFP_KERNEL);
	if (wq)
		strscpy(wq->name, name, size);
	return wq;
}

static int kworkerx_workqueue_get_worker(struct kworkerx_workqueue *wq,
					 struct kworkerx_class *class,
					 const struct kworkerx_workqueue_attr *attr)
{
	const struct kworkerx_attrs attrs = {
		.sched = attr->sched,
		.cpumask = attr->cpumask,
		.node = attr->node,
		.poll_us = attr->poll_us,
	};
	unsigned int flags = attr->flags | (attr->poll_us ? KWORKERX_POLLS : 0);
	struct kworkerx_worker *worker;

	worker = __kworkerx_create_worker(class, flags, attr->node, "%s", attr->name);
	worker = __kworkerx_give_attrs(worker, &attrs);
	if (IS_ERR(worker))
		return PTR_ERR(worker);
	wq->worker = worker;
	return 0;
}

/* The name of a set is a format. */
static char *kworkerx_workqueue_set_name(const char *name)
{
	char *format = kasprintf(GFP_KERNEL, "%s/%%u", name);
	char *wild;

	if (!format)
		return NULL;
	while ((wild = strchr(format, '%')) && wild[2])
		*wild = '_';
	return format;
}

static int kworkerx_workqueue_get_set(struct kworkerx_workqueue *wq,
				      const struct kworkerx_workqueue_attr *attr)
{
	char *name = kworkerx_workqueue_set_name(attr->name);
	const struct kworkerx_percpu_attr set_attr = {
		.name = name,
		.flags = attr->flags,
		.policy = KWORKERX_PERCPU_MOVE,
		.sched = attr->sched,
		.cpumask = attr->cpumask ?: cpu_possible_mask,
		.poll_us = attr->poll_us,
	};
	struct kworkerx_percpu *set;

	if (!name)
		return -ENOMEM;
	set = kworkerx_percpu_create(&set_attr);
	kfree(name);
	if (IS_ERR(set))
		return PTR_ERR(set);
	wq->set = set;
	return 0;
}

/**
 * __kworkerx_workqueue_create - the body of kworkerx_workqueue_create()
 * @class: lockdep class of the one thread, or NULL if lockdep is to leave it alone
 * @given: what the workqueue shall be like
 * @size: how large the caller believes that to be
 *
 * Context: Process context, not from a work of a set.  May sleep.
 * Return: The workqueue, or ERR_PTR() of an error.
 */
struct kworkerx_workqueue *
__kworkerx_workqueue_create(struct kworkerx_class *class,
			    const struct kworkerx_workqueue_attr *given, size_t size)
{
	struct kworkerx_workqueue_attr attr = { };
	struct kworkerx_workqueue *wq;
	int err;

	if (size > sizeof(attr))
		return ERR_PTR(-E2BIG);
	memcpy(&attr, given, size);
	if (kworkerx_report(!attr.name, "a workqueue created without a name"))
		return ERR_PTR(-EINVAL);
	wq = kworkerx_workqueue_new(attr.name);
	if (!wq)
		return ERR_PTR(-ENOMEM);
	wq->flags = attr.flags;
	if (attr.percpu)
		err = kworkerx_workqueue_get_set(wq, &attr);
	else
		err = kworkerx_workqueue_get_worker(wq, class, &attr);
	if (!err)
		return wq;
	kfree(wq);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_GPL(__kworkerx_workqueue_create);

/* Those that say that there is one thread. */
#define KWORKERX_WQ_ONE							\
	(KWORKERX_WQ_UNBOUND | KWORKERX_WQ_FREEZABLE | KWORKERX_WQ_ORDERED)

#define KWORKERX_WQ_FLAGS						\
	(KWORKERX_WQ_ONE | KWORKERX_WQ_BH | KWORKERX_WQ_MEM_RECLAIM |	\
	 KWORKERX_WQ_HIGHPRI | KWORKERX_WQ_CPU_INTENSIVE | KWORKERX_WQ_SYSFS | \
	 KWORKERX_WQ_POWER_EFFICIENT | KWORKERX_WQ_PERCPU)

/* What flags of the kernel's mean here. */
static void kworkerx_workqueue_obey(struct kworkerx_workqueue_attr *attr,
				    unsigned int flags)
{
	attr->percpu = !(flags & KWORKERX_WQ_ONE);
	if (flags & KWORKERX_WQ_FREEZABLE)
		attr->flags |= KWORKERX_FREEZABLE;
	if (flags & (KWORKERX_WQ_HIGHPRI | KWORKERX_WQ_BH))
		attr->sched.sched_nice = MIN_NICE;
}

/* The name is to be freed. */
static struct kworkerx_workqueue *
kworkerx_workqueue_alloc(struct kworkerx_class *class, const char *name,
			 unsigned int flags)
{
	struct kworkerx_workqueue_attr attr = KWORKERX_WORKQUEUE_ATTR_INIT;
	struct kworkerx_workqueue *wq = NULL;

	attr.name = name;
	kworkerx_workqueue_obey(&attr, flags);
	if (name && !kworkerx_workqueue_look_up(name, &attr.sched))
		wq = __kworkerx_workqueue_create(class, &attr, sizeof(attr));
	kfree(name);
	return IS_ERR(wq) ? NULL : wq;
}

/**
 * __kworkerx_alloc_workqueue - the body of kworkerx_alloc_workqueue()
 * @class: as of __kworkerx_workqueue_create()
 * @fmt: printf-style name of the workqueue
 * @flags: KWORKERX_WQ_*
 * @max_active: how many of its works may run at the same time on a CPU, or 0
 *
 * Context: Process context, not from a work of a set.  May sleep.
 * Return: The workqueue, or NULL.
 */
struct kworkerx_workqueue *
__kworkerx_alloc_workqueue(struct kworkerx_class *class, const char *fmt,
			   unsigned int flags, int max_active, ...)
{
	va_list args;
	char *name;

	if (kworkerx_report(flags & ~KWORKERX_WQ_FLAGS || max_active < 0,
			    "workqueue %s created with flags 0x%x, %d works at once",
			    fmt, flags, max_active))
		return NULL;
	va_start(args, max_active);
	name = kvasprintf(GFP_KERNEL, fmt, args);
	va_end(args);
	return kworkerx_workqueue_alloc(class, name, flags);
}
EXPORT_SYMBOL_GPL(__kworkerx_alloc_workqueue);

static void kworkerx_workqueue_release(void *wq)
{
	kworkerx_destroy_workqueue(wq);
}

/**
 * __devm_kworkerx_alloc_workqueue - the body of devm_kworkerx_alloc_workqueue()
 * @dev: the device
 * @wq: the workqueue that is to end with it, or NULL
 *
 * Context: Process context.  May sleep.
 * Return: The workqueue, or NULL.
 */
struct kworkerx_workqueue *
__devm_kworkerx_alloc_workqueue(struct device *dev, struct kworkerx_workqueue *wq)
{
	if (!wq || devm_add_action_or_reset(dev, kworkerx_workqueue_release, wq))
		return NULL;
	return wq;
}
EXPORT_SYMBOL_GPL(__devm_kworkerx_alloc_workqueue);

/*
 * Queueing
 */

static bool kworkerx_workqueue_bad(struct kworkerx_workqueue *wq,
				   struct kworkerx_work *work)
{
	return kworkerx_report(IS_ERR_OR_NULL(wq), "%ps queued on workqueue %pe",
			       work->func, wq);
}

/*
 * The set is drained: only its own works may queue, in a place where one may look for
 * the thread, which takes a lock.
 */
static noinline bool kworkerx_workqueue_admits_own(struct kworkerx_workqueue *wq,
						   struct kworkerx_work *work)
{
	bool nowhere = wq->flags & KWORKERX_ANYWHERE && irqs_disabled();

	if (!in_nmi() && !nowhere && kworkerx_percpu_in_work(wq->set))
		return true;
	/* To be refused while it is only drained is nobody's fault. */
	kworkerx_report(READ_ONCE(wq->ending),
			"%ps queued on workqueue %s, which is being destroyed",
			work->func, wq->name);
	return false;
}

/*
 * May @work be queued on the set?  Preemption is off until it was, for who drains: see
 * kworkerx_workqueue_drain_set().
 */
static bool kworkerx_workqueue_admits(struct kworkerx_workqueue *wq,
				      struct kworkerx_work *work)
{
	return likely(!atomic_read(&wq->drains)) ||
	       kworkerx_workqueue_admits_own(wq, work);
}

/* With preemption off. */
static int kworkerx_workqueue_cpu(int cpu)
{
	return cpu == KWORKERX_WORK_CPU_UNBOUND ? smp_processor_id() : cpu;
}

/**
 * kworkerx_queue_work_on - queue a work on a CPU
 * @cpu: the CPU, or KWORKERX_WORK_CPU_UNBOUND for this one.  It means nothing to a
 *	workqueue with one thread.
 * @wq: where to run it
 * @work: what to run
 *
 * Works of one CPU run in the order in which they were queued.  A work whose CPU is
 * absent runs on another one.  One that runs, and is queued on another CPU, runs
 * again where it runs.
 *
 * What the caller stored before the call is visible to the function, as with
 * kworkerx_queue_work().
 *
 * While the workqueue is drained others than its own works are refused, and so they
 * are, and reported, while it is destroyed.
 *
 * Context: Any, if the workqueue is KWORKERX_ANYWHERE: see kworkerx_queue_work().  For
 *	others any but NMI, not with a lock of the scheduler held.
 * Return: true if the work was queued; false if it was pending already, is being
 *	cancelled or disabled, or the call was refused.
 */
bool kworkerx_queue_work_on(int cpu, struct kworkerx_workqueue *wq,
			    struct kworkerx_work *work)
{
	int ret = 0;

	if (kworkerx_workqueue_bad(wq, work))
		return false;
	if (wq->worker)
		return kworkerx_queue_work(wq->worker, work);
	preempt_disable();
	if (kworkerx_workqueue_admits(wq, work))
		ret = kworkerx_percpu_queue_work_on(wq->set,
						    kworkerx_workqueue_cpu(cpu),
						    work);
	preempt_enable();
	return ret > 0;
}
EXPORT_SYMBOL_GPL(kworkerx_queue_work_on);

/**
 * kworkerx_queue_delayed_work_on - queue a work on a CPU after a delay
 * @cpu: as of kworkerx_queue_work_on()
 * @wq: where to run it
 * @dwork: what to run
 * @delay: how long to wait, in jiffies; 0 queues at once, without a timer
 *
 * Context: Any but NMI, not with a lock of the scheduler held.
 * Return: true if the work was queued or its timer armed; otherwise as
 *	kworkerx_queue_work_on().
 */
bool kworkerx_queue_delayed_work_on(int cpu, struct kworkerx_workqueue *wq,
				    struct kworkerx_delayed_work *dwork,
				    unsigned long delay)
{
	int ret = 0;

	if (kworkerx_workqueue_bad(wq, &dwork->work))
		return false;
	if (wq->worker)
		return kworkerx_queue_delayed_work(wq->worker, dwork, delay);
	preempt_disable();
	if (kworkerx_workqueue_admits(wq, &dwork->work))
		ret = kworkerx_percpu_queue_delayed_work_on(wq->set,
							    kworkerx_workqueue_cpu(cpu),
							    dwork, delay);
	preempt_enable();
	return ret > 0;
}
EXPORT_SYMBOL_GPL(kworkerx_queue_delayed_work_on);

/**
 * kworkerx_mod_delayed_work_on - change the delay of a work, or queue it
 * @cpu: as of kworkerx_queue_work_on()
 * @wq: where to run it
 * @dwork: what to run
 * @delay: how long to wait from now on, in jiffies; 0 queues at once
 *
 * A work that is pending on the workqueue starts its wait again, for @cpu.  One that is
 * not is queued as by kworkerx_queue_delayed_work_on().
 *
 * Context: Any but NMI, not with a lock of the scheduler held.
 * Return: false if this call has added a run; true if it has not, because the work was
 *	pending, is being cancelled or disabled, or the call was refused.
 */
bool kworkerx_mod_delayed_work_on(int cpu, struct kworkerx_workqueue *wq,
				  struct kworkerx_delayed_work *dwork,
				  unsigned long delay)
{
	int ret = 0;

	if (kworkerx_workqueue_bad(wq, &dwork->work))
		return true;
	if (wq->worker)
		return kworkerx_mod_delayed_work(wq->worker, dwork, delay);
	preempt_disable();
	if (kworkerx_workqueue_admits(wq, &dwork->work))
		ret = kworkerx_percpu_mod_delayed_work_on(wq->set,
							  kworkerx_workqueue_cpu(cpu),
							  dwork, delay);
	preempt_enable();
	return ret <= 0;
}
EXPORT_SYMBOL_GPL(kworkerx_mod_delayed_work_on);

/*
 * Waiting
 */

/**
 * kworkerx_flush_workqueue - wait for all that is queued now
 * @wq: the workqueue
 *
 * Waits for every work that was queued before the call, on every CPU.  Does not wait
 * for works that are queued later, those of works that it waits for included, nor for
 * works that wait for their timer.  See kworkerx_percpu_flush() for when later works
 * may make it longer after all.
 *
 * Context: Process context, not from a work of the workqueue, which is reported.  May
 *	sleep.
 */
void kworkerx_flush_workqueue(struct kworkerx_workqueue *wq)
{
	might_sleep();
	if (kworkerx_report(IS_ERR_OR_NULL(wq), "flush of workqueue %pe", wq))
		return;
	if (wq->worker)
		kworkerx_flush_worker(wq->worker);
	else
		kworkerx_percpu_flush(wq->set);
}
EXPORT_SYMBOL_GPL(kworkerx_flush_workqueue);

static void kworkerx_workqueue_drain_set(struct kworkerx_workqueue *wq)
{
	atomic_inc(&wq->drains);
	/* Who found the workqueue open has preemption off: he has queued after this. */
	synchronize_rcu();
	kworkerx_percpu_drain(wq->set);
}

/* Of its own, to a work, on whatever CPU: would wait for itself. */
static bool kworkerx_workqueue_own(struct kworkerx_workqueue *wq, const char *what)
{
	return kworkerx_report(kworkerx_percpu_in_work(wq->set),
			       "%s of workqueue %s by its own work", what, wq->name);
}

/**
 * kworkerx_drain_workqueue - wait until a workqueue has nothing to do
 * @wq: the workqueue
 *
 * Waits for all that is queued, and for what these works queue in turn.  Meanwhile
 * nobody else can queue there: that is refused, but not reported.  Works whose timer
 * expires meanwhile run; for those that wait for their timer at the end this does not
 * wait.
 *
 * Context: Process context, not from a work of the workqueue, which is reported.  May
 *	sleep.
 */
void kworkerx_drain_workqueue(struct kworkerx_workqueue *wq)
{
	might_sleep();
	if (kworkerx_report(IS_ERR_OR_NULL(wq), "drain of workqueue %pe", wq))
		return;
	if (wq->worker) {
		kworkerx_drain_worker(wq->worker);
	} else if (!kworkerx_workqueue_own(wq, "drain")) {
		kworkerx_workqueue_drain_set(wq);
		atomic_dec(&wq->drains);
	}
}
EXPORT_SYMBOL_GPL(kworkerx_drain_workqueue);

/* Returns whether the threads have ended. */
static bool kworkerx_workqueue_end(struct kworkerx_workqueue *wq)
{
	if (wq->worker)
		return !kworkerx_destroy_worker_timeout(wq->worker,
							MAX_SCHEDULE_TIMEOUT);
	if (kworkerx_workqueue_own(wq, "destroy"))
		return false;
	WRITE_ONCE(wq->ending, true);
	kworkerx_workqueue_drain_set(wq);
	kworkerx_percpu_destroy(wq->set);
	return true;
}

/**
 * kworkerx_destroy_workqueue - run what is queued, end the threads of a workqueue
 * @wq: the workqueue
 *
 * From the call on only its own works can queue on it; for others that is refused and
 * reported.  What is queued runs, what it queues in turn, too.  A delayed work whose
 * timer is still armed then is taken back as if cancelled, and reported: cancel it
 * first.
 *
 * Afterwards works that were last queued on it can be flushed and cancelled, which
 * returns at once, freed, or queued elsewhere.  @wq is gone.
 *
 * A workqueue that is NULL, an ERR_PTR() or one of those that are always there is left
 * alone and reported, and so is a call from one of its own works.
 *
 * Context: Process context, not from a work of a set.  May sleep.
 */
void kworkerx_destroy_workqueue(struct kworkerx_workqueue *wq)
{
	might_sleep();
	if (kworkerx_report(IS_ERR_OR_NULL(wq), "destroy of workqueue %pe", wq) ||
	    kworkerx_report(wq->shared, "destroy of workqueue %s, which is everybody's",
			    wq->name))
		return;
	if (kworkerx_workqueue_end(wq))
		kfree(wq);
}
EXPORT_SYMBOL_GPL(kworkerx_destroy_workqueue);

/*
 * Those that are always there
 */

/* The default one: a thread on each CPU. */
struct kworkerx_workqueue *kworkerx_system_percpu_wq;
EXPORT_SYMBOL_GPL(kworkerx_system_percpu_wq);
/* The same of high priority. */
struct kworkerx_workqueue *kworkerx_system_highpri_wq;
EXPORT_SYMBOL_GPL(kworkerx_system_highpri_wq);
/* One thread, wherever the scheduler has it. */
struct kworkerx_workqueue *kworkerx_system_dfl_wq;
EXPORT_SYMBOL_GPL(kworkerx_system_dfl_wq);
/* The same for what takes long. */
struct kworkerx_workqueue *kworkerx_system_long_wq;
EXPORT_SYMBOL_GPL(kworkerx_system_long_wq);
/* The same, and it is frozen when the system is suspended. */
struct kworkerx_workqueue *kworkerx_system_freezable_wq;
EXPORT_SYMBOL_GPL(kworkerx_system_freezable_wq);

/* What kworkerx_schedule_on_each_cpu() has each CPU do. */
static int kworkerx_workqueue_call_work(void *func_ptr)
{
	kworkerx_work_func_t func = *(kworkerx_work_func_t *)func_ptr;
	struct kworkerx_work work;

	__kworkerx_init_work(&work, func, NULL, true);
	func(&work);
	kworkerx_destroy_work_on_stack(&work);
	return 0;
}

/**
 * kworkerx_schedule_on_each_cpu - run a function on each CPU, and wait
 * @func: the function, which gets a work that is nobody's
 *
 * On the default workqueue, on each CPU that is online during the whole call, and on
 * each one that comes or goes meanwhile maybe.  CPUs do it at the same time.  The
 * function runs on its CPU and no other.  From a work of the default workqueue it is
 * called at once on that CPU, and waited for on the others.
 *
 * The kernel's own holds off CPU hotplug instead.
 *
 * Context: Process context.  May sleep.
 * Return: 0 or -ENOMEM.
 */
int kworkerx_schedule_on_each_cpu(kworkerx_work_func_t func)
{
	return kworkerx_percpu_call(kworkerx_system_percpu_wq->set,
				    kworkerx_workqueue_call_work, &func);
}
EXPORT_SYMBOL_GPL(kworkerx_schedule_on_each_cpu);

/* What kworkerx_work_on_cpu() has a CPU do. */
struct kworkerx_work_for_cpu {
	long (*fn)(void *arg);
	void *arg;
	long ret;
};

static int kworkerx_workqueue_call_for_cpu(void *call)
{
	struct kworkerx_work_for_cpu *wfc = call;

	wfc->ret = wfc->fn(wfc->arg);
	return 0;
}

/**
 * kworkerx_work_on_cpu - call a function on a CPU, and return its result
 * @cpu: the CPU
 * @fn: the function
 * @arg: its argument
 *
 * As a work of the default workqueue, behind all that is queued there, on that CPU
 * and no other.  From a work of that CPU it is called at once.
 *
 * Context: Process context.  May sleep.
 * Return: What the function returns; -ENODEV if the CPU is absent or goes away
 *	before its turn (the kernel's own takes another one then), -EINVAL if it is not
 *	possible.
 */
long kworkerx_work_on_cpu(int cpu, long (*fn)(void *arg), void *arg)
{
	struct kworkerx_work_for_cpu wfc = { .fn = fn, .arg = arg };
	int err = kworkerx_percpu_call_on(kworkerx_system_percpu_wq->set, cpu,
					  kworkerx_workqueue_call_for_cpu, &wfc);

	return err ?: wfc.ret;
}
EXPORT_SYMBOL_GPL(kworkerx_work_on_cpu);

/**
 * kworkerx_current_is_keventd - is the caller a work of the default workqueue?
 *
 * The name is that of its threads in Linux 2.6; the kernel has no such function any
 * more.
 *
 * Context: Any but NMI.
 * Return: true if it is called by the function of one, in process context.
 */
bool kworkerx_current_is_keventd(void)
{
	return kworkerx_percpu_in_work(kworkerx_system_percpu_wq->set);
}
EXPORT_SYMBOL_GPL(kworkerx_current_is_keventd);

/**
 * __kworkerx_execute_in_process_context - the body of
 *	kworkerx_execute_in_process_context()
 * @class: lockdep class of the work
 * @fn: the function
 * @ew: memory that lasts until it has run
 *
 * Context: Any but NMI, not with a lock of the scheduler held.
 * Return: 0 if it was called, 1 if it was scheduled.
 */
int __kworkerx_execute_in_process_context(struct kworkerx_class *class,
					  kworkerx_work_func_t fn,
					  struct kworkerx_execute_work *ew)
{
	if (!in_interrupt()) {
		fn(&ew->work);
		return 0;
	}
	__kworkerx_init_work(&ew->work, fn, class, false);
	kworkerx_schedule_work(&ew->work);
	return 1;
}
EXPORT_SYMBOL_GPL(__kworkerx_execute_in_process_context);

/* In the order of their creation. */
static const struct {
	struct kworkerx_workqueue **wq;
	const char *name;
	unsigned int flags;
} kworkerx_workqueue_shared[] = {
	{ &kworkerx_system_percpu_wq, "kworkerx", KWORKERX_WQ_PERCPU },
	{ &kworkerx_system_highpri_wq, "kworkerx_high",
	  KWORKERX_WQ_PERCPU | KWORKERX_WQ_HIGHPRI },
	{ &kworkerx_system_dfl_wq, "kworkerx_dfl", KWORKERX_WQ_UNBOUND },
	{ &kworkerx_system_long_wq, "kworkerx_long", KWORKERX_WQ_UNBOUND },
	{ &kworkerx_system_freezable_wq, "kworkerx_freeze", KWORKERX_WQ_FREEZABLE },
};

/* The last one first, of those that are there. */
static void kworkerx_workqueue_exit(void)
{
	int i = ARRAY_SIZE(kworkerx_workqueue_shared);

	while (i--) {
		if (!*kworkerx_workqueue_shared[i].wq)
			continue;
		(*kworkerx_workqueue_shared[i].wq)->shared = false;
		kworkerx_destroy_workqueue(*kworkerx_workqueue_shared[i].wq);
	}
}

static int __init kworkerx_workqueue_init(void)
{
	static struct kworkerx_class classes[ARRAY_SIZE(kworkerx_workqueue_shared)];
	struct kworkerx_workqueue *wq;
	int i;

	for (i = 0; i < ARRAY_SIZE(kworkerx_workqueue_shared); i++) {
		classes[i].name = kworkerx_workqueue_shared[i].name;
		wq = __kworkerx_alloc_workqueue(&classes[i], "%s",
						kworkerx_workqueue_shared[i].flags, 0,
						kworkerx_workqueue_shared[i].name);
		if (!wq) {
			kworkerx_workqueue_exit();
			return -ENOMEM;
		}
		wq->shared = true;
		*kworkerx_workqueue_shared[i].wq = wq;
	}
	return 0;
}

module_init(kworkerx_workqueue_init);
module_exit(kworkerx_workqueue_exit);

MODULE_AUTHOR("The kworkerx developers");
MODULE_DESCRIPTION("The workqueue of old on kworkerx: threads of its own, and a default one");
MODULE_VERSION(KWORKERX_VERSION);
MODULE_LICENSE("GPL");
