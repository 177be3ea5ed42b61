// SPDX-License-Identifier: GPL-2.0-only
/*
 * Creation that fails: for want of memory, one allocation after the other, or
 * because the creator is killed.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/kallsyms.h>
#include <linux/nodemask.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "../kworkerx_compat.h"
#include "../modules/kworkerx_percpu.h"
#include "common.h"

/* A set copies a name that is not constant; %u of a worker is its CPU, too. */
static char kwx_made[TASK_COMM_LEN] = "kwxmade/%u";

/* Those that have been stopped take a moment to be gone. */
static void kwx_expect_no_thread(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, kwx_until(!kwx_find_thread("kwxmade")));
}

/*
 * What creates something, and what ends it.  Of the allocations that the
 * creator makes itself at least @fixed, and so many for each CPU, make it fail;
 * newer kernels have one more for each thread, its name.
 */
struct kwx_maker {
	const char	*name;
	void *(*make)(const struct kwx_maker *maker);
	void (*end)(void *made);
	unsigned int	fixed;
	unsigned int	online;
	unsigned int	present;
	enum kworkerx_percpu_policy policy;
};

/* For those that need something to begin with. */
static struct device *kwx_device;
static struct kworkerx_percpu *kwx_callee;

static void *kwx_create(const struct kwx_maker *maker)
{
	return kworkerx_create_worker(0, kwx_made, 0);
}

static void *kwx_run(const struct kwx_maker *maker)
{
	return kworkerx_run_worker(0, kwx_made, 0);
}

static void *kwx_on_node(const struct kwx_maker *maker)
{
	return kworkerx_create_worker_on_node(0, first_online_node, kwx_made,
					      0);
}

static void *kwx_on_cpu(const struct kwx_maker *maker)
{
	return kworkerx_create_worker_on_cpu(0, 0, kwx_made);
}

static void *kwx_run_on_cpu(const struct kwx_maker *maker)
{
	return kworkerx_run_worker_on_cpu(0, 0, kwx_made);
}

static void *kwx_with_attrs(const struct kwx_maker *maker)
{
	struct kworkerx_attrs attrs = KWORKERX_ATTRS_INIT;

	attrs.cpumask = cpu_possible_mask;
	return kworkerx_create_worker_attrs(&attrs, 0, kwx_made, 0);
}

static void *kwx_of_device(const struct kwx_maker *maker)
{
	return devm_kworkerx_run_worker(kwx_device, 0, kwx_made, 0);
}

static void kwx_end_device(void *worker)
{
	root_device_unregister(kwx_device);
	kwx_device = __root_device_register("kwxmade", NULL);
}

static void *kwx_set(const struct kwx_maker *maker)
{
	const struct kworkerx_percpu_attr attr = {
		.name = kwx_made,
		.policy = maker->policy,
	};

	return kworkerx_percpu_create(&attr);
}

static void kwx_end_set(void *set)
{
	kworkerx_percpu_destroy(set);
}

static void *kwx_of_group(const struct kwx_maker *maker)
{
	static const struct kworkerx_group group;

	return kworkerx_alloc_worker(&group, NULL) ?: ERR_PTR(-ENOMEM);
}

static void kwx_end_of_group(void *worker)
{
	kworkerx_free_worker(worker);
	synchronize_rcu();
}

static int kwx_count_call(void *calls)
{
	atomic_inc(calls);
	return 0;
}

static void *kwx_call_all(const struct kwx_maker *maker)
{
	atomic_t calls = ATOMIC_INIT(0);
	int err = kworkerx_percpu_call(kwx_callee, kwx_count_call, &calls);

	if (atomic_read(&calls) == (err ? 0 : num_online_cpus()))
		return ERR_PTR(err);
	return ERR_PTR(-EBADE);
}

static void kwx_end_nothing(void *made)
{
}

/* The name, the worker, and what the creation of a thread takes. */
#define KWX_WORKER_FIXED	3

static const struct kwx_maker kwx_makers[] = {
	{ "create", kwx_create, kwx_destroy_worker_fn, KWX_WORKER_FIXED },
	{ "run", kwx_run, kwx_destroy_worker_fn, KWX_WORKER_FIXED },
	{ "node", kwx_on_node, kwx_destroy_worker_fn, KWX_WORKER_FIXED },
	{ "CPU", kwx_on_cpu, kwx_destroy_worker_fn, KWX_WORKER_FIXED },
	{ "run on CPU", kwx_run_on_cpu, kwx_destroy_worker_fn,
	  KWX_WORKER_FIXED },
	{ "attributes", kwx_with_attrs, kwx_destroy_worker_fn,
	  KWX_WORKER_FIXED + IS_ENABLED(CONFIG_CPUMASK_OFFSTACK) },
	{ "device", kwx_of_device, kwx_end_device, KWX_WORKER_FIXED + 1 },
	/* The set, its name; for each CPU two of the thread; where to hold. */
	{ "moving set", kwx_set, kwx_end_set, 2, 2, 0, KWORKERX_PERCPU_MOVE },
	{ "holding set", kwx_set, kwx_end_set, 2, 2, 1, KWORKERX_PERCPU_HOLD },
	{ "refusing set", kwx_set, kwx_end_set, 2, 2, 0,
	  KWORKERX_PERCPU_REFUSE },
};

/* These create no thread. */
static const struct kwx_maker kwx_threadless[] = {
	{ "of a group", kwx_of_group, kwx_end_of_group, 1 },
	{ "call", kwx_call_all, kwx_end_nothing, 1 },
};

static void kwx_maker_desc(const struct kwx_maker *maker, char *desc)
{
	strscpy(desc, maker->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kwx_makers, kwx_makers, kwx_maker_desc);
KUNIT_ARRAY_PARAM(kwx_threadless, kwx_threadless, kwx_maker_desc);

static void kwx_free_beginnings(struct kunit_resource *res)
{
	kworkerx_percpu_destroy(kwx_callee);
	root_device_unregister(kwx_device);
}

static int kwx_creation_init(struct kunit *test)
{
	const struct kworkerx_percpu_attr attr = {
		.name = "kwxcallee/%u",
		.cpumask = cpu_possible_mask,
	};

	kwx_device = __root_device_register("kwxmade", NULL);
	kwx_callee = kworkerx_percpu_create(&attr);
	if (IS_ERR(kwx_device) || IS_ERR(kwx_callee))
		return -ENOMEM;
	kwx_own(test, kwx_free_beginnings, NULL);
	return 0;
}

/*
 * Memory
 */

#ifdef CONFIG_FAILSLAB
/*
 * Lets the @nth allocation of @task fail from now on, or none if that is 0.
 * Returns how many were still to come before the one that was to fail.
 */
static unsigned int kwx_fail(struct task_struct *task, unsigned int nth)
{
	return xchg(&task->fail_nth, nth);
}
#else
static unsigned int kwx_fail(struct task_struct *task, unsigned int nth)
{
	return 0;
}
#endif

/*
 * The structures of workers that others have ended are used again, so that
 * the next ones need no memory: takes them all.
 */
struct kwx_hoard {
	struct kworkerx_group	group;
	struct kworkerx_worker	*workers[8192];
	unsigned int		nr;
};

static void kwx_free_hoard(struct kunit_resource *res)
{
	struct kwx_hoard *hoard = res->data;

	while (hoard->nr)
		kworkerx_free_worker(hoard->workers[--hoard->nr]);
	synchronize_rcu();
	kfree(hoard);
}

/* For the case that wants allocations to fail. */
static struct kwx_hoard *kwx_hoard(struct kunit *test)
{
	struct kwx_hoard *hoard;
	void *memory;

	kwx_fail(current, 1);
	memory = kmalloc(1, GFP_KERNEL);
	kwx_fail(current, 0);
	kfree(memory);
	if (memory)
		kunit_skip(test, "needs failslab, for allocations that may wait");

	hoard = kzalloc_obj(*hoard, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, hoard);
	kwx_own(test, kwx_free_hoard, hoard);
	return hoard;
}

static void kwx_hoard_all(struct kunit *test, struct kwx_hoard *hoard)
{
	struct kworkerx_worker *worker;

	do {
		KUNIT_ASSERT_LT(test, hoard->nr, ARRAY_SIZE(hoard->workers));
		kwx_fail(current, 1);
		worker = kworkerx_alloc_worker(&hoard->group, NULL);
		kwx_fail(current, 0);
		if (worker)
			hoard->workers[hoard->nr++] = worker;
	} while (worker);
}

/*
 * Makes something while the @nth allocation of @task fails.  False if there are
 * fewer.  Some can be done without: those of the kernel's own checkers.
 */
static bool kwx_make_without(struct kunit *test, struct task_struct *task,
			     unsigned int nth, unsigned int *failed)
{
	const struct kwx_maker *maker = test->param_value;
	unsigned int left;
	void *made;

	kwx_fail(task, nth);
	made = maker->make(maker);
	left = kwx_fail(task, 0);
	if (IS_ERR(made)) {
		/* A fork is not always that precise. */
		if (task == current || made != ERR_PTR(-EAGAIN))
			KUNIT_EXPECT_EQ_MSG(test, -ENOMEM, PTR_ERR(made),
					    "number %u", nth);
		++*failed;
	} else {
		maker->end(made);
	}
	kwx_expect_no_thread(test);
	return !left;
}

/* How many allocations of @task have each made creation fail. */
static unsigned int kwx_sweep(struct kunit *test, struct task_struct *task)
{
	struct kwx_hoard *hoard = kwx_hoard(test);
	unsigned int nth = 0, failed = 0;

	do {
		KUNIT_ASSERT_LT(test, nth, 1000U);
		kwx_hoard_all(test, hoard);
	} while (kwx_make_without(test, task, ++nth, &failed));
	kunit_info(test, "%u of %u allocations", failed, nth - 1);
	return failed;
}

static void creation_survives_each_allocation_that_fails(struct kunit *test)
{
	const struct kwx_maker *maker = test->param_value;

	KUNIT_EXPECT_GE(test, kwx_sweep(test, current),
			maker->fixed + maker->online * num_online_cpus() +
			maker->present * num_present_cpus());
}

static void what_creates_no_thread_survives_that_too(struct kunit *test)
{
	creation_survives_each_allocation_that_fails(test);
}

static void creation_survives_each_fork_that_fails(struct kunit *test)
{
	const struct kwx_maker *maker = test->param_value;
	struct task_struct *kthreadd = kwx_find_thread("kthreadd");

	KUNIT_EXPECT_GE(test, kwx_sweep(test, kthreadd),
			max(1U, maker->online * num_online_cpus()));
}

/*
 * Hotplug callbacks
 */

static int kwx_this_cpu(void *unused)
{
	return raw_smp_processor_id();
}

static void kwx_free_set(struct kunit_resource *res)
{
	kworkerx_percpu_destroy(res->data);
}

static struct kworkerx_percpu *kwx_keep_set(struct kunit *test)
{
	const struct kworkerx_percpu_attr attr = { .name = kwx_made };
	struct kworkerx_percpu *set = kworkerx_percpu_create(&attr);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, set);
	kwx_own(test, kwx_free_set, set);
	return set;
}

static void kwx_expect_on(struct kunit *test, struct kworkerx_percpu *set,
			  int cpu)
{
	KUNIT_EXPECT_EQ(test, cpu, kworkerx_percpu_call_on(set, cpu,
							   kwx_this_cpu, NULL));
}

/* Who calls them on @cpu. */
static struct task_struct *kwx_hotplug_thread(struct kunit *test, int cpu)
{
	struct task_struct *thread;
	char name[TASK_COMM_LEN];

	snprintf(name, sizeof(name), "cpuhp/%d", cpu);
	thread = kwx_find_thread(name);
	if (!thread)
		kunit_skip(test, "needs SMP");
	return thread;
}

/*
 * A CPU that comes makes hundreds of allocations for others before it is a
 * set's turn, not always as many.  A trace event tells when it is.
 */
struct kwx_turn {
	struct tracepoint	*event;
	struct task_struct	*thread;
};

static void kwx_turn_fn(void *data, unsigned int cpu, int target, int state,
			int (*callback)(unsigned int cpu,
					struct hlist_node *node),
			struct hlist_node *node)
{
	struct kwx_turn *turn = data;
	char name[KSYM_SYMBOL_LEN];

	if (current != READ_ONCE(turn->thread))
		return;
	sprint_symbol_no_offset(name, (unsigned long)callback);
	kwx_fail(current, strstarts(name, "kworkerx_percpu_startup"));
}

static void kwx_pick_event(struct tracepoint *event, void *data)
{
	struct kwx_turn *turn = data;

	if (!strcmp(event->name, "cpuhp_multi_enter"))
		turn->event = event;
}

static void kwx_free_turn(struct kunit_resource *res)
{
	struct kwx_turn *turn = res->data;

	tracepoint_probe_unregister(turn->event, kwx_turn_fn, turn);
	tracepoint_synchronize_unregister();
}

/* Lets startup in @thread find no memory. */
static struct kwx_turn *kwx_fail_turn(struct kunit *test,
				      struct task_struct *thread)
{
	struct kwx_turn *turn = kunit_kzalloc(test, sizeof(*turn), GFP_KERNEL);

	if (!IS_ENABLED(CONFIG_TRACEPOINTS))
		kunit_skip(test, "needs tracepoints");
	KUNIT_ASSERT_NOT_NULL(test, turn);
	for_each_kernel_tracepoint(kwx_pick_event, turn);
	turn->thread = thread;
	KUNIT_ASSERT_EQ(test, 0, tracepoint_probe_register(turn->event,
							   kwx_turn_fn, turn));
	kwx_own(test, kwx_free_turn, turn);
	return turn;
}

/* A set that is created while a CPU is not even there has no worker for it. */
static struct kworkerx_percpu *kwx_keep_set_without(struct kunit *test, int cpu)
{
	struct kworkerx_percpu *set;

	cpumask_clear_cpu(cpu, &__cpu_present_mask);
	set = kwx_keep_set(test);
	cpumask_set_cpu(cpu, &__cpu_present_mask);
	return set;
}

static void a_cpu_comes_although_its_worker_has_no_memory(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct task_struct *thread = kwx_hotplug_thread(test, outage->cpu);
	struct kworkerx_percpu *set;
	struct kwx_turn *turn;

	kwx_begin_outage(test, outage);
	set = kwx_keep_set_without(test, outage->cpu);
	kwx_hoard_all(test, kwx_hoard(test));
	turn = kwx_fail_turn(test, thread);
	kwx_misuse_begin();
	KUNIT_EXPECT_EQ(test, 0, kwx_cpu_up(outage->cpu));
	kwx_misuse_end(test, "came without a worker of set kwxmade/%u");
	WRITE_ONCE(turn->thread, NULL);
	kwx_fail(thread, 0);
	KUNIT_ASSERT_TRUE(test, cpu_online(outage->cpu));
	KUNIT_EXPECT_EQ(test, -ENODEV,
			kworkerx_percpu_call_on(set, outage->cpu, kwx_this_cpu, NULL));

	/* The next time it does. */
	kwx_begin_outage(test, outage);
	kwx_recover(test, outage);
	kwx_expect_on(test, set, outage->cpu);
}

/*
 * Others that make creation fail
 */

static void a_policy_that_the_kernel_refuses_undoes_creation(struct kunit *test)
{
	const struct kworkerx_percpu_attr attr = {
		.name = kwx_made,
		.sched.sched_policy = SCHED_FIFO,
		.sched.sched_priority = 1000,
	};

	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR_OR_ZERO(kworkerx_percpu_create(&attr)));
	kwx_expect_no_thread(test);
}

/* A creator that has a fatal signal pending. */
struct kwx_victim {
	const struct kwx_maker	*maker;
	struct task_struct	*kthreadd;
	struct cpumask		mask;		/* of kthreadd */
	void			*made;
};

/*
 * More urgent than kthreadd, and on the same CPU, it has given up before that
 * can begin to create a thread.
 */
static void kwx_make_killed(void *data)
{
	int cpu = cpumask_first(cpu_online_mask);
	struct kwx_victim *victim = data;

	set_cpus_allowed_ptr(current, cpumask_of(cpu));
	cpumask_copy(&victim->mask, victim->kthreadd->cpus_ptr);
	set_cpus_allowed_ptr(victim->kthreadd, cpumask_of(cpu));
	sched_set_fifo(current);
	allow_signal(SIGKILL);
	send_sig(SIGKILL, current, 1);
	victim->made = victim->maker->make(victim->maker);
	set_cpus_allowed_ptr(victim->kthreadd, &victim->mask);
}

static void a_killed_creator_is_told_so(struct kunit *test)
{
	struct kwx_victim *victim = kunit_kzalloc(test, sizeof(*victim),
						  GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, victim);
	victim->maker = test->param_value;
	victim->kthreadd = kwx_find_thread("kthreadd");
	kwx_call_returns(test, kwx_call(test, kwx_make_killed, victim));
	KUNIT_EXPECT_EQ(test, -EINTR, PTR_ERR_OR_ZERO(victim->made));
	if (!IS_ERR(victim->made))
		victim->maker->end(victim->made);
	kwx_expect_no_thread(test);

	victim->made = victim->maker->make(victim->maker);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, victim->made);
	victim->maker->end(victim->made);
}

static struct kunit_case kwx_creation_cases[] = {
	KUNIT_CASE_PARAM(creation_survives_each_allocation_that_fails,
			 kwx_makers_gen_params),
	KUNIT_CASE_PARAM(what_creates_no_thread_survives_that_too,
			 kwx_threadless_gen_params),
	KUNIT_CASE_PARAM(creation_survives_each_fork_that_fails,
			 kwx_makers_gen_params),
	KUNIT_CASE(a_cpu_comes_although_its_worker_has_no_memory),
	KUNIT_CASE(a_policy_that_the_kernel_refuses_undoes_creation),
	KUNIT_CASE_PARAM(a_killed_creator_is_told_so, kwx_makers_gen_params),
	{}
};

static struct kunit_suite kwx_creation_suite = {
	.name = "kworkerx_creation",
	.init = kwx_creation_init,
	.test_cases = kwx_creation_cases,
};

kunit_test_suite(kwx_creation_suite);
