// SPDX-License-Identifier: GPL-2.0-only
/*
 * kworkerx_percpu - a worker on every CPU, through CPU hotplug.
 *
 * THE GUARANTEE
 *
 * A work that is queued for a CPU runs on that CPU, with that CPU online, or
 * not at all on it.  It rests on three things: what its thread is, when its
 * queue is open, and who waits for whom.
 *
 * THE THREAD is one of smpboot_register_percpu_thread(), as are the kernel's
 * own (ksoftirqd, the hotplug threads).  No other kthread of a module will do:
 * the scheduler throws every thread off a dying CPU, bound or not, before the
 * first hotplug callback of a module is called, except for those that are
 * marked as per-CPU, and only smpboot marks them so.  It creates them for CPUs
 * that are or come online, bound before they run for the first time; it parks
 * them while the CPU is still online, and binds them again before it lets them
 * run.  In between they are in TASK_PARKED, from which no wake-up of ours gets
 * them out.  So the thread runs on its CPU while that is online, or not at
 * all; with one exception: told to stop, it wakes wherever it can, and finds
 * that smpboot has nothing for it to do but to leave.
 *
 * smpboot knows nothing of a set's mask: a CPU that is not the set's has a
 * thread, too, which sleeps in smpboot's loop, as it has no worker.
 *
 * THE QUEUE is opened by the startup callback of a dynamic hotplug state (one
 * instance of it for each set).  When it is closed again depends on what becomes
 * of works whose CPU is absent.  These are the steps of a CPU's way down, all on
 * that CPU and with the CPU online:
 *
 *  1. The CPU turns inactive; no other thread can be scheduled to it.  Ours
 *     can, and goes on running works.
 *  2. Teardown, of every set that has the CPU:
 *      a) ->present is false.  The CPU stands in for no other one any more.
 *      b) A set that refuses works, or that is being destroyed, closes the
 *         queue: producers and timers find this out at the very cmpxchg() (or
 *         under the lock) that would have queued the work, so a work is either
 *         in the queue for good or turned away.  The others leave it open.
 *      c) A flush waits for what is in the queue, on this CPU.  "What was
 *         queued is finished on it before it is gone" is this flush; it is
 *         bounded, as works that come later (and those that works queue for
 *         themselves) do not make it longer.  They may run as long as it lasts.
 *      d) kworkerx_hold_worker(): from here on the worker runs nothing but the
 *         barriers of flushers, which wait for what ran.  It waits until that
 *         has ended.  What has come since c) stays in the queue.
 *  3. smpboot parks its threads one after the other, ksoftirqd and ours among
 *     them.  Ours leaves its loop, in which it had nothing to do since 2.  A
 *     set that moves works has smpboot call it back in the thread, before it
 *     parks: it closes the queue and gives what is left, the oldest first, to
 *     the worker of another CPU; from then on producers and timers go there by
 *     themselves.  A set that holds works leaves them where they are, in an
 *     open queue that nobody serves.  Where works are refused none is left.
 *  4. The scheduler waits until no other thread is on the CPU, and it stops.
 *
 * No work runs while smpboot parks threads, so none can wait for one that is
 * parked already.  That matters with PREEMPT_RT or threadirqs, where timers and
 * softirqs of the CPU wait for its ksoftirqd.
 *
 * A set that moves works closes the queue in 3, not earlier: a work that runs
 * here and is queued again cannot go elsewhere before it has ended.
 *
 * The flush in 2 makes sure that the thread has been in its loop once, without
 * which smpboot would not call back in 3.
 *
 * The way up:
 *
 *  1. smpboot creates the thread if this is the CPU's first time, parked.
 *  2. The CPU is online, on its own.  smpboot binds the thread and unparks it.
 *     It finds no worker that it is the thread of, and sleeps in smpboot's loop;
 *     or one that is held since the way down, of which it runs nothing.
 *  3. Startup, if the CPU is the set's.  At the CPU's first time it gives the
 *     thread its policy, and creates the worker if there is none.  Then it names
 *     the thread to the worker, lets go of that, and opens the queue, in one
 *     critical section: held works are the first to run.  ->present is true, and
 *     the thread is woken.
 *
 * What fails in startup makes the creation of a set fail.  Later it is reported,
 * and the CPU is online all the same: for the set it is absent until it comes
 * the next time, and teardown has nothing to do.
 *
 * An attempt that fails half way runs the other sequence from where it is:
 * startup opens what teardown has closed and lets go of what it holds, and it is
 * called if teardown was.
 *
 * WHICH CPUS: those of &kworkerx_percpu_attr.cpumask, or of the housekeeping
 * masks as they are at creation.  Any other one is absent for the set's life.  It
 * has no worker, so kworkerx_percpu_target() decides at once: a set that moves
 * works takes a stand-in, one that refuses them says -ENODEV, and one that holds
 * them -EINVAL, as they would be held for ever.  A CPU of the set that is present
 * has a worker from the creation on, whether it is online or not (closed; open
 * and without a thread where works are held); one that is not, from its first
 * startup on.
 *
 * A TIMER names the worker that its work is for, and looks at the queue of that
 * one, under its lock, when it expires: it finds what a producer would find at
 * that time.  Only there is nobody then who could be told of a refusal, hence
 * &kworkerx_percpu_attr.refused.  Where works are moved a timer is armed on a
 * worker that is closed, too, as its CPU may be back when it expires.
 *
 * NEVER ON TWO CPUS AT ONCE: the workers of a set are a group of the engine's,
 * which queues a work that is running on one of them nowhere else.  A work
 * changes from one worker to the next only while it is claimed, and neither
 * running nor in a queue.
 *
 * WHO WAITS FOR WHOM: hotplug waits in teardown, for works that were queued when
 * the CPU began to go down, and for the one that runs when these have ended.
 * Works must not wait for hotplug.  As the thread parks it waits for barriers of
 * flushers, and for ->moving, which nobody holds while he waits for a work.
 * Producers have interrupts off while they look for a worker and hold no lock:
 * nobody waits for one that sleeps.  Those who flush or call hold nothing either
 * while they wait; who waits for a worker that is held is frozen in that wait
 * when the system is suspended.
 *
 * For lockdep the worker of each CPU is a class of its own: a work may wait for
 * those of another CPU.
 *
 * CREATION AND DESTRUCTION are ordered against hotplug by the registration of
 * the threads and that of the callbacks, each of which takes cpus_read_lock()
 * by itself.  Threads come first and go last.  Whatever happens between the two
 * is an ordinary way up or down of a CPU whose worker is not open yet, or held
 * (or, where works are held, that of an absent CPU, which nobody can add to any
 * more).  Each registration undoes what it has done if it fails.
 *
 * A destruction refuses producers by ->dying, before anything else.  Then it
 * takes the set down on one CPU after the other, as in 2, whatever its policy.
 * What was accepted before, and whose timer expires meanwhile, still runs if
 * works are moved and there is a CPU that is not taken down yet.  What is left
 * when the threads have stopped is given back: see &kworkerx_percpu_attr.refused.
 */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/sched/isolation.h>
#include <linux/slab.h>
#include <linux/smpboot.h>

#include "kworkerx_compat.h"
#include "kworkerx_report.h"
#include "kworkerx_percpu.h"

/**
 * struct kworkerx_percpu_slot - what a set has for each possible CPU
 * @task: the thread; smpboot's
 * @worker: NULL until the CPU needs one, and for one that is not the set's
 * @present: the CPU is not on its way down, and what is queued will run on it
 * @queued: how often somebody tried to queue a work from this CPU, wherever to
 * @class: of the worker, for lockdep
 */
struct kworkerx_percpu_slot {
	struct task_struct	*task;
	struct kworkerx_worker	*worker;
	bool			present;
	unsigned long		queued;
	struct kworkerx_class	class;
};

/**
 * struct kworkerx_percpu - a set
 * @attr: as given at creation; constant
 * @threads: for smpboot
 * @group: for the engine
 * @node: for the hotplug state
 * @list: link in kworkerx_percpu_sets
 * @cpus: those that the set has workers for; constant
 * @slots: one for each possible CPU
 * @moving: held while works move to another CPU
 * @moves: how often they did.  Protected by @moving.
 * @complete: it was created, and a CPU that comes may fail to become part of it
 * @dying: it is being destroyed
 */
struct kworkerx_percpu {
	struct kworkerx_percpu_attr	attr;
	struct smp_hotplug_thread	threads;
	struct kworkerx_group		group;
	struct hlist_node		node;
	struct list_head		list;
	cpumask_var_t			cpus;
	struct kworkerx_percpu_slot __percpu *slots;
	struct mutex			moving;	/* protects @moves */
	unsigned long			moves;
	bool				complete;
	bool				dying;
};

/* A function to be called on a CPU, and its result. */
struct kworkerx_percpu_call {
	struct kworkerx_work	work;
	kworkerx_percpu_func_t	func;
	void			*arg;
	int			ret;
};

static enum cpuhp_state kworkerx_percpu_state;

/* Protects the list. */
static DEFINE_RAW_SPINLOCK(kworkerx_percpu_lock);
/* Where threads look for the set that they are of. */
static LIST_HEAD(kworkerx_percpu_sets);

static struct kworkerx_percpu_slot *
kworkerx_percpu_slot(struct kworkerx_percpu *set, int cpu)
{
	return per_cpu_ptr(set->slots, cpu);
}

static struct kworkerx_worker *
kworkerx_percpu_worker(struct kworkerx_percpu *set, int cpu)
{
	/* Pairs with kworkerx_percpu_open(): the worker is initialised. */
	return smp_load_acquire(&kworkerx_percpu_slot(set, cpu)->worker);
}

static bool kworkerx_percpu_present(struct kworkerx_percpu *set, int cpu)
{
	/* Pairs with kworkerx_percpu_startup(): the worker is open. */
	return smp_load_acquire(&kworkerx_percpu_slot(set, cpu)->present);
}

static void kworkerx_percpu_call_fn(struct kworkerx_work *work)
{
	struct kworkerx_percpu_call *call =
		container_of(work, struct kworkerx_percpu_call, work);

	call->ret = call->func(call->arg);
}

static void kworkerx_percpu_init_call(struct kworkerx_percpu_call *call,
				      kworkerx_percpu_func_t func, void *arg,
				      int ret, bool onstack)
{
	*call = (struct kworkerx_percpu_call) {
		.func = func,
		.arg = arg,
		.ret = ret,
	};
	/* No class, as in kworkerx_call(): calls may call elsewhere. */
	__kworkerx_init_work(&call->work, kworkerx_percpu_call_fn, NULL,
			     onstack);
}

/*
 * If the CPU is still there after the call was queued, then the flush of its
 * teardown comes behind it.  If not, the call may be held: it is taken back.
 */
static int kworkerx_percpu_await(struct kworkerx_percpu *set, int cpu,
				 struct kworkerx_percpu_call *call)
{
	/* Between the queueing and the read; pairs with the teardown. */
	smp_mb();
	if (!kworkerx_percpu_present(set, cpu))
		kworkerx_cancel_work_sync(&call->work);
	kworkerx_flush_work(&call->work);
	return call->ret;
}

/*
 * The threads: smpboot's callbacks, called by the thread itself
 */

static struct kworkerx_percpu *kworkerx_percpu_mine(unsigned int cpu)
{
	struct kworkerx_percpu *set, *mine = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&kworkerx_percpu_lock, flags);
	list_for_each_entry(set, &kworkerx_percpu_sets, list) {
		if (READ_ONCE(kworkerx_percpu_slot(set, cpu)->task) == current) {
			mine = set;
			break;
		}
	}
	raw_spin_unlock_irqrestore(&kworkerx_percpu_lock, flags);
	return mine;
}

/* Not before startup has given the worker its thread, and woken that. */
static int kworkerx_percpu_should_serve(unsigned int cpu)
{
	struct kworkerx_worker *worker =
		kworkerx_percpu_worker(kworkerx_percpu_mine(cpu), cpu);

	return worker && READ_ONCE(worker->task);
}

static void kworkerx_percpu_serve(unsigned int cpu)
{
	kworkerx_serve_worker(kworkerx_percpu_worker(kworkerx_percpu_mine(cpu),
						     cpu));
}

/* Step 3 of the way down. */
static void kworkerx_percpu_park(unsigned int cpu)
{
	struct kworkerx_percpu *set = kworkerx_percpu_mine(cpu);
	struct kworkerx_worker *worker = kworkerx_percpu_worker(set, cpu);

	if (!worker || set->attr.policy != KWORKERX_PERCPU_MOVE)
		return;
	mutex_lock(&set->moving);
	kworkerx_evict_worker(worker);
	set->moves++;
	mutex_unlock(&set->moving);
}

/*
 * Who stands in for a CPU that is absent
 */

/* This CPU if possible, or the next one. */
static struct kworkerx_worker *
kworkerx_percpu_stand_in(struct kworkerx_percpu *set)
{
	int cpu;

	for_each_cpu_wrap(cpu, cpu_possible_mask, raw_smp_processor_id())
		if (kworkerx_percpu_present(set, cpu))
			return kworkerx_percpu_worker(set, cpu);
	return NULL;
}

/* A function that is to be called on a CPU is not called on another one. */
static struct kworkerx_worker *
kworkerx_percpu_divert(const struct kworkerx_group *group,
		       struct kworkerx_work *work, bool accepted)
{
	struct kworkerx_percpu *set =
		container_of(group, struct kworkerx_percpu, group);
	struct kworkerx_worker *other = NULL;

	if (work->func == kworkerx_percpu_call_fn)
		return NULL;
	/* What was accepted runs, if there is a CPU to run it. */
	if (set->attr.policy == KWORKERX_PERCPU_MOVE &&
	    (accepted || !READ_ONCE(set->dying)))
		other = kworkerx_percpu_stand_in(set);
	if (!other && accepted && set->attr.refused)
		set->attr.refused(work);
	return other;
}

/*
 * The hotplug state
 */

static struct kworkerx_worker *
kworkerx_percpu_get_worker(struct kworkerx_percpu *set, int cpu)
{
	struct kworkerx_percpu_slot *slot = kworkerx_percpu_slot(set, cpu);
	struct kworkerx_worker *worker = slot->worker;

	if (worker)
		return worker;
	worker = kworkerx_alloc_worker(&set->group, &slot->class);
	/* Until startup opens it no thread comes past for who flushes it. */
	if (worker)
		kworkerx_hold_worker(worker);
	/* Pairs with kworkerx_percpu_worker(). */
	smp_store_release(&slot->worker, worker);
	return worker;
}

/* Before the first work.  What is changed later is not for us to change back. */
static int kworkerx_percpu_set_sched(struct kworkerx_percpu *set,
				     struct kworkerx_percpu_slot *slot)
{
	if (slot->worker && slot->worker->task)
		return 0;
	return sched_setattr_nocheck(slot->task, &set->attr.sched);
}

static int kworkerx_percpu_try_startup(struct kworkerx_percpu *set, int cpu)
{
	struct kworkerx_percpu_slot *slot = kworkerx_percpu_slot(set, cpu);
	struct kworkerx_worker *worker;
	int err = kworkerx_percpu_set_sched(set, slot);

	if (err)
		return err;
	worker = kworkerx_percpu_get_worker(set, cpu);
	if (!worker)
		return -ENOMEM;
	kworkerx_open_worker(worker, slot->task);
	/* Pairs with kworkerx_percpu_present(). */
	smp_store_release(&slot->present, true);
	return 0;
}

/*
 * A CPU does not stay away because a set cannot have it: it is absent for the set
 * until it comes the next time.
 */
static int kworkerx_percpu_startup(unsigned int cpu, struct hlist_node *node)
{
	struct kworkerx_percpu *set =
		container_of(node, struct kworkerx_percpu, node);
	int err;

	if (!cpumask_test_cpu(cpu, set->cpus))
		return 0;
	err = kworkerx_percpu_try_startup(set, cpu);
	if (!set->complete)
		return err;
	kworkerx_report(err, "CPU %u came without a worker of set %s: error %d",
			cpu, set->attr.name, err);
	return 0;
}

/* Nothing runs after it: what a work may wait for goes with the CPU. */
static int kworkerx_percpu_teardown(unsigned int cpu, struct hlist_node *node)
{
	struct kworkerx_percpu *set =
		container_of(node, struct kworkerx_percpu, node);
	struct kworkerx_worker *worker = kworkerx_percpu_worker(set, cpu);

	if (!kworkerx_percpu_present(set, cpu))
		return 0;
	WRITE_ONCE(kworkerx_percpu_slot(set, cpu)->present, false);
	/* Before the flush; pairs with kworkerx_percpu_await(). */
	smp_mb();
	if (set->attr.policy == KWORKERX_PERCPU_REFUSE || set->dying)
		kworkerx_close_worker(worker);
	/* Urgent works that never end may keep the others from running, not the CPU. */
	kworkerx_flush_worker_timeout(worker, set->attr.flags & KWORKERX_LANES ?
				      HZ : MAX_SCHEDULE_TIMEOUT);
	kworkerx_hold_worker(worker);
	return 0;
}

/*
 * Creation and destruction
 */

static void kworkerx_percpu_link(struct kworkerx_percpu *set)
{
	raw_spin_lock_irq(&kworkerx_percpu_lock);
	list_add(&set->list, &kworkerx_percpu_sets);
	raw_spin_unlock_irq(&kworkerx_percpu_lock);
}

static void kworkerx_percpu_unlink(struct kworkerx_percpu *set)
{
	raw_spin_lock_irq(&kworkerx_percpu_lock);
	list_del(&set->list);
	raw_spin_unlock_irq(&kworkerx_percpu_lock);
}

/* There is no thread, or no thread any more. */
static void kworkerx_percpu_free(struct kworkerx_percpu *set)
{
	struct kworkerx_percpu_slot *slot;
	int cpu;

	for_each_possible_cpu(cpu) {
		slot = kworkerx_percpu_slot(set, cpu);
		if (slot->worker)
			kworkerx_free_worker(slot->worker);
	}
	/* The group outlives its workers: see kworkerx_alloc_worker(). */
	synchronize_rcu();
	for_each_possible_cpu(cpu)
		lockdep_unregister_key(&kworkerx_percpu_slot(set, cpu)->class.key);
	free_percpu(set->slots);
	free_cpumask_var(set->cpus);
	kfree_const(set->attr.name);
	kfree(set);
}

/* Of the CPUs that are given, or that the kernel runs its own unbound works on. */
static void kworkerx_percpu_choose_cpus(struct kworkerx_percpu *set)
{
	if (set->attr.cpumask) {
		cpumask_and(set->cpus, set->attr.cpumask, cpu_possible_mask);
		return;
	}
	rcu_read_lock();
	cpumask_and(set->cpus, housekeeping_cpumask(HK_TYPE_DOMAIN),
		    housekeeping_cpumask(HK_TYPE_WQ));
	rcu_read_unlock();
}

static struct kworkerx_percpu *
kworkerx_percpu_alloc(const struct kworkerx_percpu_attr *attr)
{
	struct kworkerx_percpu *set = kzalloc_obj(*set, GFP_KERNEL);

	if (!set)
		return NULL;
	set->attr = *attr;
	set->attr.name = kstrdup_const(attr->name, GFP_KERNEL);
	set->slots = alloc_percpu(struct kworkerx_percpu_slot);
	if (!set->attr.name || !set->slots ||
	    !zalloc_cpumask_var(&set->cpus, GFP_KERNEL)) {
		free_percpu(set->slots);
		kfree_const(set->attr.name);
		kfree(set);
		return NULL;
	}

	kworkerx_percpu_choose_cpus(set);
	mutex_init(&set->moving);
	set->group.divert = kworkerx_percpu_divert;
	set->group.arms_closed = attr->policy == KWORKERX_PERCPU_MOVE;
	set->group.flags = attr->flags | (attr->poll_us ? KWORKERX_POLLS : 0);
	set->group.poll_us = attr->poll_us;
	set->threads.store = &set->slots->task;
	set->threads.thread_comm = set->attr.name;
	set->threads.thread_should_run = kworkerx_percpu_should_serve;
	set->threads.thread_fn = kworkerx_percpu_serve;
	set->threads.park = kworkerx_percpu_park;
	return set;
}

static void kworkerx_percpu_init_classes(struct kworkerx_percpu *set)
{
	struct kworkerx_class *class;
	int cpu;

	for_each_possible_cpu(cpu) {
		class = &kworkerx_percpu_slot(set, cpu)->class;
		class->name = set->attr.name;
		lockdep_register_key(&class->key);
	}
}

/*
 * CPUs that may come have a worker, too: delayed works wait there until they have,
 * and where works are held, all that is queued.
 */
static int kworkerx_percpu_get_workers(struct kworkerx_percpu *set)
{
	struct kworkerx_worker *worker;
	int cpu;

	for_each_cpu_and(cpu, cpu_present_mask, set->cpus) {
		worker = kworkerx_percpu_get_worker(set, cpu);
		if (!worker)
			return -ENOMEM;
		if (set->attr.policy == KWORKERX_PERCPU_HOLD)
			kworkerx_open_worker(worker, NULL);
	}
	return 0;
}

static int kworkerx_percpu_register(struct kworkerx_percpu *set)
{
	int err;

	err = kworkerx_percpu_get_workers(set);
	if (err)
		return err;
	err = smpboot_register_percpu_thread(&set->threads);
	if (err)
		return err;
	err = cpuhp_state_add_instance(kworkerx_percpu_state, &set->node);
	if (err)
		smpboot_unregister_percpu_thread(&set->threads);
	return err;
}

static bool kworkerx_percpu_attr_valid(const struct kworkerx_percpu_attr *attr)
{
	return attr->name &&
	       !(attr->flags & ~(KWORKERX_ANYWHERE | KWORKERX_INHERIT |
				 KWORKERX_LANES)) &&
	       attr->policy <= KWORKERX_PERCPU_REFUSE &&
	       (!attr->cpumask ||
		cpumask_intersects(attr->cpumask, cpu_possible_mask));
}

/**
 * __kworkerx_percpu_create - the body of kworkerx_percpu_create()
 * @given: what the set shall be like
 * @size: how large the caller believes that to be
 *
 * Context: Process context, not from a work of a set.  May sleep.
 * Return: The set, or ERR_PTR() of an error.
 */
struct kworkerx_percpu *
__kworkerx_percpu_create(const struct kworkerx_percpu_attr *given, size_t size)
{
	struct kworkerx_percpu_attr attr = { };
	struct kworkerx_percpu *set;
	int err;

	if (size > sizeof(attr))
		return ERR_PTR(-E2BIG);
	memcpy(&attr, given, size);
	if (kworkerx_report(!kworkerx_percpu_attr_valid(&attr),
			    "set %s created with invalid attributes", attr.name))
		return ERR_PTR(-EINVAL);

	set = kworkerx_percpu_alloc(&attr);
	if (!set)
		return ERR_PTR(-ENOMEM);

	kworkerx_percpu_init_classes(set);
	kworkerx_percpu_link(set);
	err = kworkerx_percpu_register(set);
	if (!err) {
		WRITE_ONCE(set->complete, true);
		return set;
	}

	kworkerx_percpu_unlink(set);
	kworkerx_percpu_free(set);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_GPL(__kworkerx_percpu_create);

/**
 * kworkerx_percpu_in_work - is the caller a work of a set?
 * @set: the set
 *
 * Context: Any but NMI.
 * Return: true if it is called by the function of one, in process context.
 */
bool kworkerx_percpu_in_work(struct kworkerx_percpu *set)
{
	struct kworkerx_worker *worker = kworkerx_current_worker();

	return worker && READ_ONCE(worker->group) == &set->group;
}
EXPORT_SYMBOL_GPL(kworkerx_percpu_in_work);

/**
 * kworkerx_percpu_destroy - run what is queued, end a set
 * @set: the set
 *
 * Nothing more can be queued: that is refused.  What is queued for a CPU that
 * is online runs.  What is held for one that is not is taken back: see
 * &kworkerx_percpu_attr.refused.  A delayed work whose timer is still armed is
 * taken back as if cancelled, and reported: cancel it first.
 *
 * Afterwards works that were last queued on the set can be flushed and
 * cancelled, which returns at once, freed, or queued elsewhere.  @set is gone.
 * A call from one of the set's own works is left out, and reported.
 *
 * Context: Process context, not from a work of a set.  May sleep.
 */
void kworkerx_percpu_destroy(struct kworkerx_percpu *set)
{
	if (kworkerx_report(IS_ERR_OR_NULL(set), "destroy of set %pe", set) ||
	    kworkerx_report(kworkerx_percpu_in_work(set),
			    "a work of set %s destroys its own set",
			    set->attr.name))
		return;

	WRITE_ONCE(set->dying, true);
	/* Teardown, on every CPU: closes the queues and runs what is there. */
	cpuhp_state_remove_instance(kworkerx_percpu_state, &set->node);
	smpboot_unregister_percpu_thread(&set->threads);
	kworkerx_percpu_unlink(set);
	kworkerx_percpu_free(set);
}
EXPORT_SYMBOL_GPL(kworkerx_percpu_destroy);

/*
 * Queueing
 */

static bool kworkerx_percpu_bad_cpu(int cpu)
{
	return kworkerx_report(cpu < 0 || cpu >= nr_cpu_ids || !cpu_possible(cpu),
			       "CPU %d is not possible", cpu);
}

/*
 * Before a work is queued, since its function may let somebody destroy the set: who
 * drains the set has to look again.
 */
static void kworkerx_percpu_count(struct kworkerx_percpu *set)
{
	this_cpu_inc(set->slots->queued);
}

/*
 * Finds who takes what is to be queued for a CPU, and counts that: an error if the
 * CPU was never there, or is not the set's, and nobody stands in for it.
 */
static struct kworkerx_worker *
kworkerx_percpu_target(struct kworkerx_percpu *set, int cpu)
{
	struct kworkerx_worker *worker;

	if (kworkerx_percpu_bad_cpu(cpu))
		return ERR_PTR(-EINVAL);
	if (READ_ONCE(set->dying))
		return ERR_PTR(-ESHUTDOWN);
	worker = kworkerx_percpu_worker(set, cpu);
	if (!worker && set->attr.policy == KWORKERX_PERCPU_MOVE)
		worker = kworkerx_percpu_stand_in(set);
	if (worker) {
		kworkerx_percpu_count(set);
		return worker;
	}
	/* Works would be held for ever. */
	if (set->attr.policy == KWORKERX_PERCPU_HOLD &&
	    !cpumask_test_cpu(cpu, set->cpus))
		return ERR_PTR(-EINVAL);
	return ERR_PTR(-ENODEV);
}

/* Says why something was not queued, while the set is still there. */
static int kworkerx_percpu_result(struct kworkerx_percpu *set, int ret)
{
	if (ret != -ESHUTDOWN)
		return ret;
	return READ_ONCE(set->dying) ? -ESHUTDOWN : -ENODEV;
}

/**
 * kworkerx_percpu_queue_work_on - queue a work on a CPU
 * @set: where to run it
 * @cpu: the CPU
 * @work: what to run
 *
 * A work that is running on one CPU of the set and is queued on another runs
 * once more on the one where it is running.  Works of one CPU run in the order
 * in which they were queued; those that are moved to another CPU keep no order
 * with those that were queued after them.
 *
 * Context: Any, if the set is KWORKERX_ANYWHERE: see kworkerx_queue_work().  For others
 *	any but NMI, not with a lock of the scheduler held.
 * Return: 1 if the work was queued; 0 if it was pending already or is being
 *	cancelled; -ENODEV if the CPU is absent, or the work is still running
 *	on one that is just going, and the set refuses that; -ENODEV also if
 *	the set holds works but the CPU was not present at its creation and
 *	never came; -ESHUTDOWN if the set is being destroyed; -EINVAL if the
 *	CPU is not possible, or not the set's, which would hold the work for ever;
 *	-EAGAIN if it was refused because the call must not take a lock here.
 */
int kworkerx_percpu_queue_work_on(struct kworkerx_percpu *set, int cpu,
				  struct kworkerx_work *work)
{
	struct kworkerx_worker *worker = kworkerx_percpu_target(set, cpu);

	if (IS_ERR(worker))
		return PTR_ERR(worker);
	return kworkerx_percpu_result(set, kworkerx_try_queue_work(worker, work));
}
EXPORT_SYMBOL_GPL(kworkerx_percpu_queue_work_on);

/**
 * kworkerx_percpu_queue_work - queue a work on this CPU
 * @set: where to run it
 * @work: what to run
 *
 * Who can migrate meanwhile finds it on the CPU where the call was.
 *
 * Context: As kworkerx_percpu_queue_work_on().
 * Return: As kworkerx_percpu_queue_work_on().
 */
int kworkerx_percpu_queue_work(struct kworkerx_percpu *set,
			       struct kworkerx_work *work)
{
	return kworkerx_percpu_queue_work_on(set, raw_smp_processor_id(), work);
}
EXPORT_SYMBOL_GPL(kworkerx_percpu_queue_work);

/**
 * kworkerx_percpu_queue_delayed_work_on - queue a work on a CPU after a delay
 * @set: where to run it
 * @cpu: the CPU
 * @dwork: what to run
 * @delay: how long to wait, in jiffies; 0 queues at once, without a timer
 *
 * The CPU may go and come back while the timer is armed; what counts is
 * whether it is there when the timer expires.
 *
 * Context: Any but NMI, not with a lock of the scheduler held.
 * Return: As kworkerx_percpu_queue_work_on(), by what is at the time of the
 *	call.
 */
int kworkerx_percpu_queue_delayed_work_on(struct kworkerx_percpu *set, int cpu,
					  struct kworkerx_delayed_work *dwork,
					  unsigned long delay)
{
	struct kworkerx_worker *worker = kworkerx_percpu_target(set, cpu);

	if (IS_ERR(worker))
		return PTR_ERR(worker);
	return kworkerx_percpu_result(set,
		kworkerx_try_queue_delayed_work(worker, dwork, delay));
}
EXPORT_SYMBOL_GPL(kworkerx_percpu_queue_delayed_work_on);

/**
 * kworkerx_percpu_mod_delayed_work_on - change the delay of a work, or queue it
 * @set: where to run it
 * @cpu: the CPU
 * @dwork: what to run
 * @delay: how long to wait from now on, in jiffies; 0 queues at once
 *
 * A work that is pending, on whatever CPU of the set, starts its wait again, for
 * @cpu.  One that is not is queued as by kworkerx_percpu_queue_delayed_work_on().
 *
 * Context: Any but NMI, not with a lock of the scheduler held.
 * Return: As kworkerx_percpu_queue_delayed_work_on(); 0 if the work was pending,
 *	and has its new delay; -EBUSY if it is being cancelled or disabled.
 */
int kworkerx_percpu_mod_delayed_work_on(struct kworkerx_percpu *set, int cpu,
					struct kworkerx_delayed_work *dwork,
					unsigned long delay)
{
	struct kworkerx_worker *worker = kworkerx_percpu_target(set, cpu);

	if (IS_ERR(worker))
		return PTR_ERR(worker);
	return kworkerx_percpu_result(set,
		kworkerx_try_mod_delayed_work(worker, dwork, delay));
}
EXPORT_SYMBOL_GPL(kworkerx_percpu_mod_delayed_work_on);

/*
 * Waiting
 */

/**
 * kworkerx_percpu_flush_on - wait for all that is queued on a CPU now
 * @set: the set
 * @cpu: the CPU
 *
 * Waits for works that are held until the CPU is back, too, but not for those
 * that have been moved from it to another CPU, nor for timers.
 *
 * Context: Process context, not from a work of that CPU.  May sleep.
 */
void kworkerx_percpu_flush_on(struct kworkerx_percpu *set, int cpu)
{
	struct kworkerx_worker *worker;

	might_sleep();
	if (kworkerx_percpu_bad_cpu(cpu))
		return;
	worker = kworkerx_percpu_worker(set, cpu);
	if (worker)
		kworkerx_flush_worker(worker);
}
EXPORT_SYMBOL_GPL(kworkerx_percpu_flush_on);

/* Waits for a move that is going on. */
static unsigned long kworkerx_percpu_nr_moves(struct kworkerx_percpu *set)
{
	unsigned long moves;

	mutex_lock(&set->moving);
	moves = set->moves;
	mutex_unlock(&set->moving);
	return moves;
}

/* Flushers' own: has no part in what works are moved for. */
static int kworkerx_percpu_pass(void *unused)
{
	return 0;
}

/*
 * Comes behind what is queued there now.  Where nobody would run it, and where the
 * caller must not wait, it stays idle.
 */
static void kworkerx_percpu_come_behind(struct kworkerx_percpu *set, int cpu,
					struct kworkerx_percpu_call *call)
{
	struct kworkerx_worker *worker;

	kworkerx_percpu_init_call(call, kworkerx_percpu_pass, NULL, -ENODEV, false);
	if (!kworkerx_percpu_present(set, cpu))
		return;
	worker = kworkerx_percpu_worker(set, cpu);
	if (READ_ONCE(worker->task) != current)
		kworkerx_try_queue_work(worker, &call->work);
}

/* Waits for it; or, if it has not run there, for what is queued by now. */
static void kworkerx_percpu_await_pass(struct kworkerx_percpu *set, int cpu,
				       struct kworkerx_percpu_call *call)
{
	if (kworkerx_percpu_await(set, cpu, call))
		kworkerx_percpu_flush_on(set, cpu);
}

static void kworkerx_percpu_flush_together(struct kworkerx_percpu *set,
					   struct kworkerx_percpu_call *calls)
{
	int cpu;

	for_each_possible_cpu(cpu)
		kworkerx_percpu_come_behind(set, cpu, &calls[cpu]);
	for_each_possible_cpu(cpu)
		kworkerx_percpu_await_pass(set, cpu, &calls[cpu]);
}

static void kworkerx_percpu_flush_in_turn(struct kworkerx_percpu *set)
{
	int cpu;

	for_each_possible_cpu(cpu)
		kworkerx_percpu_flush_on(set, cpu);
}

/**
 * kworkerx_percpu_flush - wait for all that is queued now, on every CPU
 * @set: the set
 *
 * As kworkerx_percpu_flush_on(), but waits for works that are moved meanwhile,
 * too.  What is queued later makes it longer only if a CPU goes meanwhile, or if
 * there was no memory to look at all CPUs at once: then it looks at one after the
 * other.
 *
 * Context: Process context, not from a work of the set.  May sleep.
 */
void kworkerx_percpu_flush(struct kworkerx_percpu *set)
{
	struct kworkerx_percpu_call *calls;
	unsigned long moves;

	might_sleep();
	/* Who frees memory may have to wait for works: nothing is tried for it. */
	calls = kcalloc(nr_cpu_ids, sizeof(*calls), GFP_NOWAIT | __GFP_NOWARN);
	/* A work may move past us, to a CPU where we have been. */
	do {
		moves = kworkerx_percpu_nr_moves(set);
		if (calls)
			kworkerx_percpu_flush_together(set, calls);
		else
			kworkerx_percpu_flush_in_turn(set);
	} while (moves != kworkerx_percpu_nr_moves(set));
	kfree(calls);
}
EXPORT_SYMBOL_GPL(kworkerx_percpu_flush);

static unsigned long kworkerx_percpu_nr_queued(struct kworkerx_percpu *set)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(kworkerx_percpu_slot(set, cpu)->queued);
	return sum;
}

/**
 * kworkerx_percpu_drain - wait until works have stopped to queue works
 * @set: the set
 *
 * Flushes until nothing was queued during a whole flush, so that works which
 * queue others on whatever CPU have come to their end.  It is for the caller
 * to see that nobody else queues; a work that goes on queueing itself is
 * waited for as long as it does.
 *
 * Context: Process context, not from a work of the set.  May sleep.
 */
void kworkerx_percpu_drain(struct kworkerx_percpu *set)
{
	unsigned long before;

	do {
		before = kworkerx_percpu_nr_queued(set);
		kworkerx_percpu_flush(set);
	} while (kworkerx_percpu_nr_queued(set) != before);
}
EXPORT_SYMBOL_GPL(kworkerx_percpu_drain);

/*
 * Calls
 */

static int kworkerx_percpu_start(struct kworkerx_percpu *set, int cpu,
				 struct kworkerx_percpu_call *call)
{
	struct kworkerx_worker *worker = kworkerx_percpu_worker(set, cpu);
	int ret;

	if (!worker)
		return -ENODEV;
	if (READ_ONCE(worker->task) == current) {
		/* A work of this very CPU cannot wait for another one. */
		call->ret = call->func(call->arg);
		return 0;
	}
	kworkerx_percpu_count(set);
	ret = kworkerx_try_queue_work(worker, &call->work);
	return min(kworkerx_percpu_result(set, ret), 0);
}

/**
 * kworkerx_percpu_call_on - call a function on a CPU, and return its result
 * @set: whose worker is to call it
 * @cpu: the CPU
 * @func: the function
 * @arg: its argument
 *
 * The function runs behind all that is queued on that CPU, on that CPU and no
 * other, whatever the policy of the set.  From a work of that CPU it is called
 * at once.
 *
 * Context: Process context.  May sleep.
 * Return: What the function returns; or -ENODEV if the CPU is absent or goes
 *	away before the function's turn, -ESHUTDOWN if the set is being
 *	destroyed, -EINVAL if the CPU is not possible.
 */
int kworkerx_percpu_call_on(struct kworkerx_percpu *set, int cpu,
			    kworkerx_percpu_func_t func, void *arg)
{
	struct kworkerx_percpu_call call;
	int err;

	might_sleep();
	if (kworkerx_percpu_bad_cpu(cpu))
		return -EINVAL;
	kworkerx_percpu_init_call(&call, func, arg, -ENODEV, true);
	err = kworkerx_percpu_start(set, cpu, &call);
	if (!err)
		err = kworkerx_percpu_await(set, cpu, &call);
	kworkerx_destroy_work_on_stack(&call.work);
	return err;
}
EXPORT_SYMBOL_GPL(kworkerx_percpu_call_on);

/**
 * kworkerx_percpu_call - call a function on every CPU, and wait
 * @set: whose workers are to call it
 * @func: the function
 * @arg: its argument
 *
 * Calls it on each CPU that is online during the whole call, and on each one
 * that comes or goes meanwhile maybe.  CPUs do it at the same time.
 *
 * From a work of the set it waits for works on other CPUs: it is for the
 * caller to see that these do not wait for this one.
 *
 * Context: Process context.  May sleep.
 * Return: 0, -ENOMEM, -ESHUTDOWN if the set is being destroyed, or what the
 *	function returned on the first CPU where that was not 0.
 */
int kworkerx_percpu_call(struct kworkerx_percpu *set,
			 kworkerx_percpu_func_t func, void *arg)
{
	struct kworkerx_percpu_call *calls;
	int cpu, ret, err = 0;

	might_sleep();
	calls = kcalloc(nr_cpu_ids, sizeof(*calls), GFP_KERNEL);
	if (!calls)
		return -ENOMEM;

	for_each_possible_cpu(cpu) {
		kworkerx_percpu_init_call(&calls[cpu], func, arg, 0, false);
		if (kworkerx_percpu_present(set, cpu) &&
		    kworkerx_percpu_start(set, cpu, &calls[cpu]) == -ESHUTDOWN)
			err = -ESHUTDOWN;
	}
	for_each_possible_cpu(cpu) {
		ret = kworkerx_percpu_await(set, cpu, &calls[cpu]);
		err = err ?: ret;
	}
	kfree(calls);
	return err;
}
EXPORT_SYMBOL_GPL(kworkerx_percpu_call);

static int __init kworkerx_percpu_init(void)
{
	int ret = cpuhp_setup_state_multi(CPUHP_AP_ONLINE_DYN,
					  "kworkerx:online",
					  kworkerx_percpu_startup,
					  kworkerx_percpu_teardown);

	if (ret < 0)
		return ret;
	kworkerx_percpu_state = ret;
	return 0;
}

static void __exit kworkerx_percpu_exit(void)
{
	cpuhp_remove_multi_state(kworkerx_percpu_state);
}

module_init(kworkerx_percpu_init);
module_exit(kworkerx_percpu_exit);

MODULE_AUTHOR("The kworkerx developers");
MODULE_DESCRIPTION("A worker of kworkerx on every CPU, through CPU hotplug");
MODULE_VERSION(KWORKERX_VERSION);
MODULE_LICENSE("GPL");
