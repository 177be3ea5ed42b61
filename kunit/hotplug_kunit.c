// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sets of workers while CPUs go and come without a pause.
 *
 * Producers on every CPU queue their items for every CPU, at once or delayed,
 * and cancel some.  Every other storm is on workers with two lanes, where every other
 * item is urgent.  Meanwhile all CPUs but the first go and come at random.
 * The oracles: each item that was accepted ran, was taken back or was reported
 * as refused, exactly once; it ran on its own CPU (or, where works are moved and
 * that one was absent meanwhile, on another), bound, with the CPU online; never
 * twice at a time; and not after the end of the set.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "../modules/kworkerx_percpu.h"
#include "common.h"

static int rounds = 1;
module_param(rounds, int, 0444);
MODULE_PARM_DESC(rounds, "storms with each policy");
static int cycles = 8;
module_param(cycles, int, 0444);
MODULE_PARM_DESC(cycles, "CPUs to take down in each storm");
static int works = 1000;
module_param(works, int, 0444);
MODULE_PARM_DESC(works, "works to run at least in each storm");

/* A producer has that many at a time. */
#define KWX_ITEMS	16

struct kwx_storm;

/**
 * struct kwx_item - a work and what became of it
 * @dwork: the work; its owner alone queues it
 * @storm: of which it is a part
 * @home: the CPU where it is queued
 * @roams: it is queued on any CPU, also while it runs
 * @changes: those of @home when it was queued
 * @running: runs that have not ended
 * @runs: runs that have ended
 * @refused: how often it was given back
 * @accepted: how often it was queued.  For the owner only.
 * @cancelled: how often the owner has taken it back.  For the owner only.
 */
struct kwx_item {
	struct kworkerx_delayed_work	dwork;
	struct kwx_storm		*storm;
	int				home;
	bool				roams;
	int				changes;
	atomic_t			running;
	atomic_t			runs;
	atomic_t			refused;
	int				accepted;
	int				cancelled;
};

struct kwx_producer {
	struct kwx_storm	*storm;
	struct task_struct	*task;
	struct rnd_state	rnd;
	int			cpu;
	atomic_t		changes;	/* odd while the CPU may be absent */
	atomic_t		calls;
	struct kwx_item		items[KWX_ITEMS];
};

struct kwx_storm {
	struct kunit			*test;
	struct kworkerx_percpu		*set;
	enum kworkerx_percpu_policy	policy;
	atomic_t			runs;
	atomic_t			moved;
	atomic_t			declined;	/* told so at once */
	atomic_t			unbound;	/* not on the CPU of the thread */
	atomic_t			strays;		/* not at home */
	atomic_t			twice;		/* two at once */
	atomic_t			strange;	/* errors not foreseen */
	bool				over;		/* the set is no more */
	atomic_t			late;		/* ran then */
	int				nr;
	struct kwx_producer		producers[];
};

/* Was its CPU there since the item was queued? */
static bool kwx_home_stayed(struct kwx_item *item)
{
	return !(item->changes & 1) && item->changes ==
	       atomic_read(&item->storm->producers[item->home].changes);
}

static void kwx_check_place(struct kwx_item *item)
{
	struct kwx_storm *storm = item->storm;
	int cpu = raw_smp_processor_id();

	if (!cpumask_equal(current->cpus_ptr, cpumask_of(cpu)) ||
	    !cpu_online(cpu))
		atomic_inc(&storm->unbound);
	if (item->roams || cpu == item->home)
		return;
	if (storm->policy == KWORKERX_PERCPU_MOVE && !kwx_home_stayed(item))
		atomic_inc(&storm->moved);
	else
		atomic_inc(&storm->strays);
}

static void kwx_item_fn(struct kworkerx_work *work)
{
	struct kwx_item *item = container_of(work, struct kwx_item, dwork.work);
	struct kwx_storm *storm = item->storm;

	if (atomic_inc_return(&item->running) != 1)
		atomic_inc(&storm->twice);
	if (READ_ONCE(storm->over))
		atomic_inc(&storm->late);
	atomic_inc(&storm->runs);
	kwx_check_place(item);
	if (!(atomic_read(&item->runs) % 64)) {
		usleep_range(50, 500);
		kwx_check_place(item);
	}
	atomic_dec(&item->running);
	/* The last touch, ordered: see kwx_note_home(). */
	atomic_inc_return(&item->runs);
}

static void kwx_item_refused(struct kworkerx_work *work)
{
	atomic_inc(&container_of(work, struct kwx_item, dwork.work)->refused);
}

static int kwx_count_call(void *data)
{
	atomic_inc(data);
	return 0;
}

static u32 kwx_random(struct kwx_producer *producer, u32 below)
{
	return prandom_u32_state(&producer->rnd) % below;
}

/* Unless the item is still queued, or runs: what was noted then is for that. */
static void kwx_note_home(struct kwx_item *item)
{
	if (item->accepted == atomic_read(&item->runs) +
	    atomic_read(&item->refused) + item->cancelled)
		item->changes = atomic_read(&item->storm->producers[item->home].changes);
}

static void kwx_queue_item(struct kwx_producer *producer, struct kwx_item *item)
{
	struct kwx_storm *storm = producer->storm;
	int cpu = item->home, ret;

	kwx_note_home(item);
	if (item->roams)
		cpu = kwx_random(producer, storm->nr);
	if (kwx_random(producer, 4))
		ret = kworkerx_percpu_queue_work_on(storm->set, cpu,
						    &item->dwork.work);
	else
		ret = kworkerx_percpu_queue_delayed_work_on(storm->set, cpu,
							    &item->dwork,
							    kwx_random(producer,
								       4));
	if (ret > 0)
		item->accepted++;
	else if (ret == -ENODEV && storm->policy == KWORKERX_PERCPU_REFUSE)
		atomic_inc(&storm->declined);
	else if (ret)
		atomic_inc(&storm->strange);
}

static void kwx_cancel_item(struct kwx_item *item)
{
	if (kworkerx_cancel_delayed_work_sync(&item->dwork))
		item->cancelled++;
	if (atomic_read(&item->running))
		atomic_inc(&item->storm->twice);
}

/* All that is done to works besides queueing them, now and then. */
static void kwx_meddle(struct kwx_producer *producer, struct kwx_item *item)
{
	struct kwx_storm *storm = producer->storm;
	int cpu = kwx_random(producer, storm->nr), ret;

	switch (kwx_random(producer, 16)) {
	case 0:
		kwx_cancel_item(item);
		break;
	case 1:
		ret = kworkerx_percpu_call_on(storm->set, cpu, kwx_count_call,
					      &producer->calls);
		if (ret && ret != -ENODEV)
			atomic_inc(&storm->strange);
		break;
	case 2:
		set_cpus_allowed_ptr(current, cpumask_of(producer->cpu));
		break;
	case 3:
		/* What is held is waited for until its CPU is back. */
		if (storm->policy != KWORKERX_PERCPU_HOLD)
			kworkerx_percpu_flush_on(storm->set, cpu);
		break;
	}
}

static int kwx_producer_fn(void *data)
{
	struct kwx_producer *producer = data;
	struct kwx_storm *storm = producer->storm;
	unsigned int i, j;

	for (i = 0; !kthread_should_stop(); i++) {
		for (j = 0; j < KWX_ITEMS; j++)
			kwx_queue_item(producer, &producer->items[j]);
		kwx_meddle(producer, &producer->items[i % KWX_ITEMS]);
		/* Time enough for the CPUs to go: see kwx_blow(). */
		usleep_range(3000 * storm->nr, 12000 * storm->nr);
	}
	return 0;
}

static void kwx_init_producer(struct kwx_storm *storm, int cpu)
{
	struct kwx_producer *producer = &storm->producers[cpu];
	struct kwx_item *item;
	unsigned int i;

	producer->storm = storm;
	producer->cpu = cpu;
	prandom_seed_state(&producer->rnd, cpu + 1);
	for (i = 0; i < KWX_ITEMS; i++) {
		item = &producer->items[i];
		kworkerx_init_delayed_work(&item->dwork, kwx_item_fn);
		item->storm = storm;
		item->home = (cpu + i) % storm->nr;
		kworkerx_set_work_urgent(&item->dwork.work, i % 2);
		item->roams = i >= KWX_ITEMS - 4;
	}
}

static void kwx_make_producer(struct kwx_storm *storm, int cpu)
{
	struct kwx_producer *producer = &storm->producers[cpu];

	producer->task = kthread_create(kwx_producer_fn, producer,
					"kwxload/%d", cpu);
	KUNIT_ASSERT_FALSE(storm->test, IS_ERR(producer->task));
	set_cpus_allowed_ptr(producer->task, cpumask_of(cpu));
}

/* The works see the change before the CPU goes, and after it has come. */
static void kwx_flip(struct kwx_storm *storm, int cpu)
{
	atomic_t *changes = &storm->producers[cpu].changes;
	int err;

	if (cpu_online(cpu)) {
		atomic_inc_return(changes);
		err = kwx_cpu_down(cpu);
	} else {
		err = kwx_cpu_up(cpu);
		atomic_inc_return(changes);
	}
	if (err)
		atomic_inc(&storm->strange);
}

/* Any CPU but the first, which cannot go on x86. */
static int kwx_blow(struct kwx_storm *storm, unsigned long seed)
{
	struct rnd_state rnd;
	int cpu, down = 0;

	prandom_seed_state(&rnd, seed);
	/* If CPUs do not go or come as told, that will not end. */
	while ((down < cycles || atomic_read(&storm->runs) < works) &&
	       !atomic_read(&storm->strange)) {
		cpu = 1 + prandom_u32_state(&rnd) % (storm->nr - 1);
		kwx_flip(storm, cpu);
		down += !cpu_online(cpu);
		cond_resched();
	}
	return down;
}

static void kwx_calm(struct kwx_storm *storm)
{
	int cpu;

	for (cpu = 1; cpu < storm->nr; cpu++)
		if (!cpu_online(cpu))
			kwx_flip(storm, cpu);
	for (cpu = 0; cpu < storm->nr; cpu++)
		kthread_stop(storm->producers[cpu].task);
}

/* No timer is armed when the set ends: that would be reported. */
static void kwx_end_delays(struct kwx_storm *storm)
{
	struct kwx_item *item;
	int cpu;

	for (cpu = 0; cpu < storm->nr; cpu++)
		for (item = storm->producers[cpu].items;
		     item < storm->producers[cpu].items + KWX_ITEMS; item++)
			while (atomic_read(&item->dwork.work.state) &
			       KWORKERX_WORK_DELAYED)
				msleep(20);
}

static void kwx_judge_item(struct kwx_storm *storm, struct kwx_item *item)
{
	KUNIT_EXPECT_EQ(storm->test, item->accepted,
			atomic_read(&item->runs) + atomic_read(&item->refused) +
			item->cancelled);
	KUNIT_EXPECT_EQ(storm->test, KWORKERX_WORK_IDLE,
			atomic_read(&item->dwork.work.state) &
			~(KWORKERX_WORK_TIMED | KWORKERX_WORK_URGENT));
}

static void kwx_judge(struct kwx_storm *storm, int down)
{
	struct kunit *test = storm->test;
	int cpu, i, refused = 0, calls = 0;

	for (cpu = 0; cpu < storm->nr; cpu++) {
		calls += atomic_read(&storm->producers[cpu].calls);
		for (i = 0; i < KWX_ITEMS; i++) {
			kwx_judge_item(storm, &storm->producers[cpu].items[i]);
			refused += atomic_read(&storm->producers[cpu].items[i].refused);
		}
	}
	KUNIT_EXPECT_GE(test, down, cycles);
	KUNIT_EXPECT_GE(test, atomic_read(&storm->runs), works);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&storm->unbound));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&storm->strays));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&storm->twice));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&storm->strange));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&storm->late));
	if (storm->policy != KWORKERX_PERCPU_REFUSE)
		KUNIT_EXPECT_EQ(test, 0, refused);
	/* Not for the log of the test, which old kernels keep short. */
	pr_info("kworkerx: policy %d, %d CPUs, %d taken down, %d works run, %d of them moved, %d refused at once and %d later, %d calls\n",
		storm->policy, storm->nr, down, atomic_read(&storm->runs),
		atomic_read(&storm->moved), atomic_read(&storm->declined),
		refused, calls);
}

static struct kwx_storm *kwx_storm(struct kunit *test,
				   enum kworkerx_percpu_policy policy,
				   unsigned int flags)
{
	const struct kworkerx_percpu_attr attr = {
		.name = "kwxstorm/%u",
		.flags = flags,
		.policy = policy,
		.refused = kwx_item_refused,
		.cpumask = cpu_possible_mask,
	};
	int cpu, nr = num_online_cpus();
	struct kwx_storm *storm;

	if (nr < 2 || !IS_ENABLED(CONFIG_HOTPLUG_CPU))
		kunit_skip(test, "needs CPUs that can be taken down");
	storm = kunit_kzalloc(test, struct_size(storm, producers, nr),
			      GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, storm);
	storm->test = test;
	storm->policy = policy;
	storm->nr = nr;
	storm->set = kworkerx_percpu_create(&attr);
	KUNIT_ASSERT_FALSE(test, IS_ERR(storm->set));
	for (cpu = 0; cpu < nr; cpu++)
		kwx_init_producer(storm, cpu);
	return storm;
}

/* The generators of newer kernels get the test, too. */
#ifdef KUNIT_CASE_PARAM_WITH_INIT
#define KWX_TEST_ARGUMENT struct kunit *test,
#else
#define KWX_TEST_ARGUMENT
#endif

/* Numbers the storms from 1; each policy has its turn in every round. */
static const void *kwx_forecast(KWX_TEST_ARGUMENT const void *prev, char *desc)
{
	static const char * const names[] = { "move", "hold", "refuse" };
	unsigned long nr = (unsigned long)prev;

	if (nr >= rounds * ARRAY_SIZE(names))
		return NULL;
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s, round %lu%s",
		 names[nr % ARRAY_SIZE(names)], nr / ARRAY_SIZE(names) + 1,
		 nr % 2 ? "" : ", two lanes");
	return (void *)(nr + 1);
}

static void no_work_is_lost_in_a_storm(struct kunit *test)
{
	unsigned long nr = (unsigned long)test->param_value;
	struct kwx_storm *storm = kwx_storm(test, (nr - 1) % 3,
					    nr % 2 ? KWORKERX_LANES : 0);
	int cpu, down;

	for (cpu = 0; cpu < storm->nr; cpu++)
		kwx_make_producer(storm, cpu);
	/* None of them has touched the storm if one cannot be made. */
	for (cpu = 0; cpu < storm->nr; cpu++)
		wake_up_process(storm->producers[cpu].task);
	down = kwx_blow(storm, nr);
	kwx_calm(storm);
	kwx_end_delays(storm);
	kworkerx_percpu_destroy(storm->set);
	WRITE_ONCE(storm->over, true);
	msleep(100);
	kwx_judge(storm, down);
}

static struct kunit_case kwx_hotplug_cases[] = {
	KUNIT_CASE_PARAM(no_work_is_lost_in_a_storm, kwx_forecast),
	{}
};

static struct kunit_suite kwx_hotplug_suite = {
	.name = "kworkerx_hotplug",
	.test_cases = kwx_hotplug_cases,
};

kunit_test_suite(kwx_hotplug_suite);

MODULE_DESCRIPTION("KUnit suite of kworkerx: sets of workers through CPU hotplug");
MODULE_LICENSE("GPL");
