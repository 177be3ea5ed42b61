// SPDX-License-Identifier: GPL-2.0-only
/*
 * Torture of kworkerx_percpu.  It rides on kworkerx_torture, which takes CPUs away,
 * lets the load come and go, and is late where a race is decided: load it after that
 * one, unload it before, and read its own verdict on the console.
 *
 * Threads use a set of each policy, and make and end others.  What must hold:
 *
 *  - a work that a set has accepted runs once, or was taken back, or the set's
 *    owner was told that it will not run, which only those sets may do that refuse
 *    works, or are being destroyed: never less, never more, never two runs at once;
 *  - it runs on the CPU that it was queued for, or on another one of the set's if
 *    that moves works, and stays there;
 *  - a flush covers what was queued before it, wherever that has gone;
 *  - a call is made on its CPU, or is refused.
 *
 * Who has seen nothing of a kind has not been tortured: that is a failure, too.
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/torture.h>

#include "../kworkerx_compat.h"
#include "../modules/kworkerx_percpu.h"

torture_param(int, nusers, 1, "Number of threads for each kind of use and each policy");
torture_param(bool, hotplug, true, "CPUs go and come back meanwhile");

#define KWXT_FLAG	"kworkerx_percpu" TORTURE_FLAG
#define KWXT_SHARED	4
#define KWXT_POLICIES	3

/* A set, and what may be asked of it. */
struct kwxt_set {
	struct kworkerx_percpu		*set;
	enum kworkerx_percpu_policy	policy;
	struct cpumask			cpus;
	bool				ending;	/* works may be given back */
};

/* A work and what is known about it. */
struct kwxt_work {
	struct kworkerx_delayed_work	dwork;
	struct kwxt_set			*set;
	int				cpu;	/* the only one it is queued for, or -1 */
	bool				timed;	/* it had a delay, ever */
	bool				forbidden;
	atomic_t			again;	/* times to queue itself */
	atomic_t			running;
	atomic_t			added;	/* queueings that succeeded */
	atomic_t			taken;	/* and were taken back */
	atomic_t			told;	/* and of which the set's owner was told */
	atomic_t			ran;
};

/* A thread repeats its @step. */
struct kwxt_thread {
	struct task_struct		*task;
	void (*step)(struct kwxt_thread *thread);
	struct torture_random_state	rand;
	struct kwxt_set			*set;
};

struct kwxt_call {
	int				cpu;	/* the one it is for, or -1 */
	atomic_t			count;
};

/* What happens, and whether it takes CPUs that go. */
enum kwxt_event {
	KWXT_RAN, KWXT_TAKEN, KWXT_CALLED, KWXT_SETS,
	KWXT_MOVED, KWXT_HELD, KWXT_REFUSED, KWXT_TOLD, KWXT_EVENTS
};

#define KWXT_OF_HOTPLUG	KWXT_MOVED

static const char * const kwxt_names[] = {
	[KWXT_RAN] = "run", [KWXT_TAKEN] = "taken back", [KWXT_CALLED] = "calls",
	[KWXT_SETS] = "sets ended", [KWXT_MOVED] = "moved", [KWXT_HELD] = "held",
	[KWXT_REFUSED] = "refused", [KWXT_TOLD] = "given back",
};

static atomic_long_t kwxt_events[KWXT_EVENTS];
static atomic_t kwxt_failures;

static struct kwxt_set kwxt_sets[KWXT_POLICIES];
static struct kwxt_work kwxt_shared[KWXT_POLICIES][KWXT_SHARED];
static struct kwxt_thread *kwxt_threads;
static int kwxt_nthreads;
static bool kwxt_over;

static void kwxt_count(enum kwxt_event event)
{
	atomic_long_inc(&kwxt_events[event]);
}

/* The first few failures tell what went wrong, the others only repeat it. */
static void kwxt_check(bool good, const char *what, const struct kwxt_set *set)
{
	if (!good && atomic_inc_return(&kwxt_failures) <= 10)
		pr_alert(KWXT_FLAG "!!! %s (policy %d)\n", what, set->policy);
}

static unsigned int kwxt_below(struct torture_random_state *rand,
			       unsigned int limit)
{
	return (torture_random(rand) >> 3) % limit;
}

/* Online or not. */
static int kwxt_any_cpu(struct kwxt_set *set, struct torture_random_state *rand)
{
	int cpu = kwxt_below(rand, nr_cpu_ids) - 1;

	cpu = cpumask_next(cpu, &set->cpus);
	return cpu < nr_cpu_ids ? cpu : cpumask_first(&set->cpus);
}

/*
 * What works do
 */

/* Counts a queueing by its result, which it returns. */
static int kwxt_queued(struct kwxt_work *w, int cpu, int ret)
{
	struct kwxt_set *set = w->set;

	if (ret > 0) {
		atomic_inc(&w->added);
		if (set->policy == KWORKERX_PERCPU_HOLD && !cpu_online(cpu))
			kwxt_count(KWXT_HELD);
	} else if (ret == -ENODEV) {
		kwxt_check(set->policy == KWORKERX_PERCPU_REFUSE,
			   "a work was refused for want of a CPU", set);
		kwxt_count(KWXT_REFUSED);
	} else if (ret == -ESHUTDOWN) {
		kwxt_check(READ_ONCE(set->ending), "a work was refused", set);
	} else {
		kwxt_check(!ret || ret == -EBUSY, "a queueing failed", set);
	}
	return ret;
}

static int kwxt_queue(struct kwxt_work *w, int cpu)
{
	return kwxt_queued(w, cpu,
			   kworkerx_percpu_queue_work_on(w->set->set, cpu,
							 &w->dwork.work));
}

static int kwxt_delay(struct kwxt_work *w, int cpu, unsigned long delay)
{
	WRITE_ONCE(w->timed, true);
	return kwxt_queued(w, cpu,
			   kworkerx_percpu_queue_delayed_work_on(w->set->set, cpu,
								 &w->dwork, delay));
}

static int kwxt_mod(struct kwxt_work *w, int cpu, unsigned long delay)
{
	WRITE_ONCE(w->timed, true);
	return kwxt_queued(w, cpu,
			   kworkerx_percpu_mod_delayed_work_on(w->set->set, cpu,
							       &w->dwork, delay));
}

static void kwxt_took(struct kwxt_work *w, bool taken)
{
	if (!taken)
		return;
	atomic_inc(&w->taken);
	kwxt_count(KWXT_TAKEN);
}

/* Most are short; some sleep, also while their CPU goes. */
static void kwxt_spend_time(struct kwxt_work *w)
{
	unsigned int dice = (unsigned int)atomic_read(&w->ran) % 64;

	if (dice < 16)
		udelay(dice);
	else if (dice == 16)
		usleep_range(100, 5000);
}

static void kwxt_check_place(struct kwxt_work *w, int cpu)
{
	struct kwxt_set *set = w->set;
	bool moved = w->cpu >= 0 && cpu != w->cpu;

	kwxt_check(cpu_online(cpu) && cpumask_test_cpu(cpu, &set->cpus),
		   "a work runs where no worker can be", set);
	kwxt_check(!moved || set->policy == KWORKERX_PERCPU_MOVE,
		   "a work runs on another CPU", set);
	if (moved)
		kwxt_count(KWXT_MOVED);
}

static void kwxt_fn(struct kworkerx_work *work)
{
	struct kwxt_work *w = container_of(work, struct kwxt_work, dwork.work);
	int cpu = raw_smp_processor_id();

	kwxt_check(atomic_inc_return(&w->running) == 1,
		   "two runs of one work at once", w->set);
	kwxt_check(!READ_ONCE(w->forbidden), "a work ran after its cancelling",
		   w->set);
	kwxt_check_place(w, cpu);
	kwxt_spend_time(w);
	kwxt_check(raw_smp_processor_id() == cpu, "a work left its CPU", w->set);
	if (atomic_add_unless(&w->again, -1, 0))
		kwxt_queue(w, w->cpu >= 0 ? w->cpu : cpu);
	atomic_inc(&w->ran);
	kwxt_count(KWXT_RAN);
	atomic_dec(&w->running);
}

static void kwxt_refused(struct kworkerx_work *work)
{
	struct kwxt_work *w = container_of(work, struct kwxt_work, dwork.work);
	struct kwxt_set *set = w->set;

	kwxt_check(READ_ONCE(set->ending) ||
		   (set->policy == KWORKERX_PERCPU_REFUSE && READ_ONCE(w->timed)),
		   "a work was given back", set);
	atomic_inc(&w->told);
	kwxt_count(KWXT_TOLD);
}

static void kwxt_init_work(struct kwxt_work *w, struct kwxt_set *set, int cpu)
{
	kworkerx_init_delayed_work(&w->dwork, kwxt_fn);
	w->set = set;
	w->cpu = cpu;
}

/* Nobody queues @w any more, and it neither is pending nor runs. */
static void kwxt_check_over(struct kwxt_work *w)
{
	kwxt_check(!atomic_read(&w->running), "a work runs still", w->set);
	kwxt_check(atomic_read(&w->added) == atomic_read(&w->ran) +
		   atomic_read(&w->taken) + atomic_read(&w->told),
		   "a work was lost, or ran twice for one queueing", w->set);
}

static void kwxt_cancel_for_good(struct kwxt_work *w)
{
	kwxt_took(w, kworkerx_cancel_delayed_work_sync(&w->dwork));
	WRITE_ONCE(w->forbidden, true);
	kwxt_check_over(w);
}

/*
 * Fighters: all that may be done with a work at once, on all CPUs
 */

/* Mostly short; sometimes long enough for the CPU to go meanwhile. */
static unsigned long kwxt_some_delay(struct torture_random_state *rand)
{
	return kwxt_below(rand, kwxt_below(rand, 8) ? 4 : 100);
}

static void kwxt_use(struct kwxt_work *w, int cpu,
		     struct torture_random_state *rand)
{
	switch (kwxt_below(rand, 16)) {
	case 0 ... 5:
		kwxt_queue(w, cpu);
		break;
	case 6 ... 8:
		kwxt_delay(w, cpu, kwxt_some_delay(rand));
		break;
	case 9 ... 11:
		kwxt_mod(w, cpu, kwxt_some_delay(rand));
		break;
	case 12:
		kworkerx_flush_work_timeout(&w->dwork.work, kwxt_below(rand, 20));
		break;
	case 13:
		kwxt_took(w, kworkerx_cancel_delayed_work(&w->dwork));
		break;
	default:
		kwxt_took(w, kworkerx_cancel_delayed_work_sync(&w->dwork));
	}
}

static void kwxt_fighter(struct kwxt_thread *thread)
{
	struct kwxt_set *set = thread->set;

	kwxt_use(&kwxt_shared[set->policy][kwxt_below(&thread->rand, KWXT_SHARED)],
		 kwxt_any_cpu(set, &thread->rand), &thread->rand);
	if (!kwxt_below(&thread->rand, 8))
		usleep_range(10, 1000);
}

/*
 * Owners: a work of one CPU, which is freed
 */

static struct kwxt_work *kwxt_new_works(struct kwxt_set *set, unsigned int nr,
					struct torture_random_state *rand)
{
	struct kwxt_work *works = kcalloc(nr, sizeof(*works), GFP_KERNEL);
	unsigned int i;

	for (i = 0; works && i < nr; i++)
		kwxt_init_work(&works[i], set, kwxt_any_cpu(set, rand));
	return works;
}

static void kwxt_owner(struct kwxt_thread *thread)
{
	unsigned int i = kwxt_below(&thread->rand, 8);
	struct kwxt_work *w = kwxt_new_works(thread->set, 1, &thread->rand);

	if (!w)
		return;
	atomic_set(&w->again, kwxt_below(&thread->rand, 3));
	while (i--)
		kwxt_use(w, w->cpu, &thread->rand);
	/* It may be held for long. */
	if (!kwxt_below(&thread->rand, 4))
		kworkerx_flush_delayed_work(&w->dwork);
	else
		usleep_range(10, 100);
	kwxt_cancel_for_good(w);
	kfree(w);
}

/*
 * Flushers: what was accepted has run after a flush, and nobody was told that it
 * has not, as there was no timer
 */

static void kwxt_flush(struct kwxt_set *set, struct kwxt_work *works, int nr,
		       unsigned int dice)
{
	int i;

	if (dice == 0) {
		kworkerx_percpu_flush(set->set);
		return;
	}
	for (i = 0; i < nr; i++) {
		/* A flush of the CPU leaves out what has moved away. */
		if (dice == 1 && set->policy != KWORKERX_PERCPU_MOVE)
			kworkerx_percpu_flush_on(set->set, works[i].cpu);
		else
			kworkerx_flush_work(&works[i].dwork.work);
	}
}

static void kwxt_flusher(struct kwxt_thread *thread)
{
	unsigned int i, nr = 1 + kwxt_below(&thread->rand, 16);
	struct kwxt_set *set = thread->set;
	struct kwxt_work *works = kwxt_new_works(set, nr, &thread->rand);

	if (!works)
		return;
	for (i = 0; i < nr; i++)
		kwxt_check(kwxt_queue(&works[i], works[i].cpu),
			   "an idle work was pending", set);
	kwxt_flush(set, works, nr, kwxt_below(&thread->rand, 3));
	for (i = 0; i < nr; i++) {
		kwxt_check_over(&works[i]);
		kwxt_check(atomic_read(&works[i].ran) ==
			   atomic_read(&works[i].added),
			   "a flush did not cover a work", set);
	}
	kfree(works);
}

/*
 * Callers
 */

static int kwxt_called(void *arg)
{
	struct kwxt_call *call = arg;
	int cpu = raw_smp_processor_id();

	atomic_inc(&call->count);
	return call->cpu < 0 || cpu == call->cpu ? 0 : -EXDEV;
}

static void kwxt_caller(struct kwxt_thread *thread)
{
	struct kwxt_set *set = thread->set;
	struct kwxt_call call = { .cpu = kwxt_any_cpu(set, &thread->rand) };
	int ret, count;

	ret = kworkerx_percpu_call_on(set->set, call.cpu, kwxt_called, &call);
	count = atomic_read(&call.count);
	kwxt_check((!ret && count == 1) || (ret == -ENODEV && !count),
		   "a call went wrong", set);
	atomic_long_add(count, &kwxt_events[KWXT_CALLED]);

	call.cpu = -1;
	atomic_set(&call.count, 0);
	ret = kworkerx_percpu_call(set->set, kwxt_called, &call);
	count = atomic_read(&call.count);
	kwxt_check(!ret && count > 0 && count <= cpumask_weight(&set->cpus),
		   "calls went wrong", set);
	usleep_range(100, 5000);
}

/*
 * Creators: sets come and go, with works that are held, or that a CPU on its way
 * down was to run
 */

static bool kwxt_create(struct kwxt_set *set, bool all,
			struct torture_random_state *rand)
{
	struct kworkerx_percpu_attr attr = {
		.name = all ? "kwxt_set/%u" : "kwxt_brief/%u",
		.policy = set->policy,
		.refused = kwxt_refused,
		.cpumask = &set->cpus,
	};
	int cpu;

	cpumask_copy(&set->cpus, cpu_possible_mask);
	/* CPU 0 is there all the time, and works can always move. */
	for_each_possible_cpu(cpu)
		if (!all && cpu && !kwxt_below(rand, 3))
			cpumask_clear_cpu(cpu, &set->cpus);
	set->set = kworkerx_percpu_create(&attr);
	kwxt_check(!IS_ERR(set->set), "a set could not be created", set);
	return !IS_ERR(set->set);
}

static void kwxt_destroy(struct kwxt_set *set)
{
	WRITE_ONCE(set->ending, true);
	kworkerx_percpu_destroy(set->set);
	kwxt_count(KWXT_SETS);
}

static void kwxt_live(struct kwxt_set *set, struct kwxt_work *works,
		      unsigned int nr, struct torture_random_state *rand)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		atomic_set(&works[i].again, kwxt_below(rand, 3));
		if (kwxt_below(rand, 3))
			kwxt_queue(&works[i], works[i].cpu);
		else
			kwxt_delay(&works[i], works[i].cpu, kwxt_some_delay(rand));
	}
	if (!kwxt_below(rand, 4))
		kworkerx_percpu_drain(set->set);
	/* No timer may be left then; what is queued by it, may. */
	for (i = 0; i < nr; i++)
		if (works[i].timed)
			kwxt_took(&works[i],
				  kworkerx_cancel_delayed_work_sync(&works[i].dwork));
	kwxt_destroy(set);
	for (i = 0; i < nr; i++) {
		kwxt_check_over(&works[i]);
		kwxt_check(set->policy != KWORKERX_PERCPU_MOVE ||
			   !atomic_read(&works[i].told),
			   "a work that moves did not run", set);
	}
}

static void kwxt_creator(struct kwxt_thread *thread)
{
	unsigned int nr = 1 + kwxt_below(&thread->rand, 16);
	struct kwxt_set *set = kzalloc_obj(*set, GFP_KERNEL);
	struct kwxt_work *works;

	if (!set)
		return;
	set->policy = thread->set->policy;
	if (kwxt_create(set, false, &thread->rand)) {
		works = kwxt_new_works(set, nr, &thread->rand);
		if (works)
			kwxt_live(set, works, nr, &thread->rand);
		else
			kwxt_destroy(set);
		kfree(works);
	}
	kfree(set);
	usleep_range(1000, 10000);
}

/*
 * The frame
 */

static void (* const kwxt_steps[])(struct kwxt_thread *thread) = {
	kwxt_fighter, kwxt_owner, kwxt_flusher, kwxt_caller, kwxt_creator,
};

static int kwxt_torture(void *data)
{
	struct kwxt_thread *thread = data;

	while (!READ_ONCE(kwxt_over)) {
		thread->step(thread);
		stutter_wait("kwxt_percpu");
	}
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

/* True if all has happened that can. */
static bool kwxt_print_stats(void)
{
	enum kwxt_event event, wanted = hotplug && num_possible_cpus() > 1 ?
					KWXT_EVENTS : KWXT_OF_HOTPLUG;
	bool all = true;
	char line[256];
	int len = 0;
	long n;

	for (event = 0; event < KWXT_EVENTS; event++) {
		n = atomic_long_read(&kwxt_events[event]);
		len += scnprintf(line + len, sizeof(line) - len, " %s: %ld",
				 kwxt_names[event], n);
		if (event < wanted && !n)
			all = false;
	}
	pr_alert(KWXT_FLAG "%s failures: %d\n", line, atomic_read(&kwxt_failures));
	return all;
}

static void kwxt_end_sets(void)
{
	int i, j;

	for (i = 0; i < KWXT_POLICIES; i++) {
		if (IS_ERR_OR_NULL(kwxt_sets[i].set))
			continue;
		for (j = 0; j < KWXT_SHARED; j++)
			kwxt_cancel_for_good(&kwxt_shared[i][j]);
		kwxt_destroy(&kwxt_sets[i]);
	}
}

static void kwxt_exit(void)
{
	bool all;
	int i;

	/* Each may wait for a CPU to come back; all of them at once. */
	WRITE_ONCE(kwxt_over, true);
	for (i = 0; i < kwxt_nthreads; i++)
		kthread_stop(kwxt_threads[i].task);
	kwxt_end_sets();
	kfree(kwxt_threads);
	all = kwxt_print_stats();
	pr_alert(KWXT_FLAG "--- End of test: %s\n",
		 all && !atomic_read(&kwxt_failures) ? "SUCCESS" : "FAILURE");
}

static int kwxt_start_sets(void)
{
	int i, j;

	for (i = 0; i < KWXT_POLICIES; i++) {
		kwxt_sets[i].policy = i;
		if (!kwxt_create(&kwxt_sets[i], true, NULL))
			return PTR_ERR(kwxt_sets[i].set);
		for (j = 0; j < KWXT_SHARED; j++)
			kwxt_init_work(&kwxt_shared[i][j], &kwxt_sets[i], -1);
	}
	return 0;
}

static int kwxt_start_thread(int i)
{
	struct kwxt_thread *thread = &kwxt_threads[i];

	thread->set = &kwxt_sets[i % KWXT_POLICIES];
	thread->step = kwxt_steps[i / KWXT_POLICIES % ARRAY_SIZE(kwxt_steps)];
	thread->task = kthread_run(kwxt_torture, thread, "kwxt_percpu/%d", i);
	return PTR_ERR_OR_ZERO(thread->task);
}

static int __init kwxt_init(void)
{
	int nr = KWXT_POLICIES * ARRAY_SIZE(kwxt_steps) * max(nusers, 1);
	int ret;

	kwxt_threads = kcalloc(nr, sizeof(*kwxt_threads), GFP_KERNEL);
	ret = kwxt_threads ? kwxt_start_sets() : -ENOMEM;
	while (!ret && kwxt_nthreads < nr) {
		ret = kwxt_start_thread(kwxt_nthreads);
		kwxt_nthreads += !ret;
	}
	if (ret)
		kwxt_exit();
	return ret;
}

module_init(kwxt_init);
module_exit(kwxt_exit);

MODULE_AUTHOR("The kworkerx developers");
MODULE_DESCRIPTION("Torture of kworkerx_percpu");
MODULE_LICENSE("GPL");
