// SPDX-License-Identifier: GPL-2.0-only
/*
 * How soon works run, and how long somebody urgent waits for a worker that is not:
 * the stock worker and kworkerx, in turn, while this is loaded.  Prints the rows of
 * tables, for scripts/latency.sh.
 *
 * All is on one CPU: the load that somebody else makes, the workers, and who measures.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/sort.h>
#include <linux/vmalloc.h>
#include <uapi/linux/sched/types.h>

#include <kworkerx.h>

#include "compat.h"

static bool waits;
module_param(waits, bool, 0444);
MODULE_PARM_DESC(waits, "Measure waits beside a hog, not how soon works run");

static unsigned int samples = 1000;
module_param(samples, uint, 0444);
MODULE_PARM_DESC(samples, "How many works of each worker");

static unsigned int rounds = 3;
module_param(rounds, uint, 0444);
MODULE_PARM_DESC(rounds, "How many waits for each worker");

/* Priorities of SCHED_FIFO. */
#define HOG		10
#define WAITER		20
#define WORKER		50
#define PRODUCER	60

/* Between two works, and what comes to that at random. */
#define PAUSE		(200 * NSEC_PER_USEC)

/* No wait is longer: the hog ends. */
#define PATIENCE	(20 * NSEC_PER_SEC)

/*
 * A worker, and another one that it waits for if it is one of a chain.
 * @flags: of kworkerx_create_worker(), if it is not a stock one
 * @value: of each sample, in ns
 */
struct subject {
	const char			*name;
	bool				is_stock;
	bool				is_chain;
	unsigned int			flags;
	struct kthread_worker		*stock[2];
	struct kthread_work		stock_work[2];
	struct kworkerx_worker		*ours[2];
	struct kworkerx_work		our_work[2];
	u64				*value;
};

/* The first one is what the others are compared with. */
static struct subject latencies[] = {
	{ "stock worker", .is_stock = true },
	{ "the same again", .is_stock = true },
	{ "kworkerx" },
	{ "kworkerx, anywhere", .flags = KWORKERX_ANYWHERE },
	{ "kworkerx, inherits", .flags = KWORKERX_INHERIT },
};

static struct subject single_waits[] = {
	{ "stock worker", .is_stock = true },
	{ "kworkerx" },
	{ "kworkerx, inherits", .flags = KWORKERX_INHERIT },
};

static struct subject chain_waits[] = {
	{ "stock worker", .is_stock = true, .is_chain = true },
	{ "kworkerx", .is_chain = true },
	{ "kworkerx, inherits", .flags = KWORKERX_INHERIT, .is_chain = true },
};

static DECLARE_COMPLETION(ran);
static DECLARE_COMPLETION(hogging);
/* When the last work was queued, and began. */
static u64 asked, begun;

/*
 * Workers
 */

static int set_fifo(struct task_struct *task, unsigned int priority)
{
	struct sched_attr attr = {
		.sched_policy = priority ? SCHED_FIFO : SCHED_NORMAL,
		.sched_priority = priority,
	};

	return sched_setattr_nocheck(task, &attr);
}

static void queue(struct subject *s, int i)
{
	if (s->is_stock)
		kthread_queue_work(s->stock[i], &s->stock_work[i]);
	else
		kworkerx_queue_work(s->ours[i], &s->our_work[i]);
}

static void flush(struct subject *s, int i)
{
	if (s->is_stock)
		kthread_flush_work(&s->stock_work[i]);
	else
		kworkerx_flush_work(&s->our_work[i]);
}

static void run_first(struct subject *s)
{
	begun = ktime_get_ns();
	if (s->is_chain) {
		queue(s, 1);
		flush(s, 1);
	}
	complete(&ran);
}

static void stock_first_fn(struct kthread_work *work)
{
	run_first(container_of(work, struct subject, stock_work[0]));
}

static void our_first_fn(struct kworkerx_work *work)
{
	run_first(container_of(work, struct subject, our_work[0]));
}

static void stock_second_fn(struct kthread_work *work)
{
}

static void our_second_fn(struct kworkerx_work *work)
{
}

static void destroy(struct subject *s)
{
	int i;

	for (i = 0; i < 2; i++) {
		if (!IS_ERR_OR_NULL(s->stock[i]))
			kthread_destroy_worker(s->stock[i]);
		if (!IS_ERR_OR_NULL(s->ours[i]))
			kworkerx_destroy_worker(s->ours[i]);
		s->stock[i] = NULL;
		s->ours[i] = NULL;
	}
	vfree(s->value);
	s->value = NULL;
}

/* For lockdep both are of different kinds: each has a line of its own. */
static int create_ours(struct subject *s, unsigned int cpu, unsigned int priority)
{
	kworkerx_init_work(&s->our_work[0], our_first_fn);
	kworkerx_init_work(&s->our_work[1], our_second_fn);
	s->ours[0] = kworkerx_run_worker_on_cpu(cpu, s->flags, "first/%u");
	s->ours[1] = kworkerx_run_worker_on_cpu(cpu, s->flags, "second/%u");
	if (IS_ERR(s->ours[0]) || IS_ERR(s->ours[1]))
		return -ENOMEM;
	return set_fifo(s->ours[0]->task, priority);
}

static int create_stock(struct subject *s, unsigned int cpu, unsigned int priority)
{
	kthread_init_work(&s->stock_work[0], stock_first_fn);
	kthread_init_work(&s->stock_work[1], stock_second_fn);
	s->stock[0] = kthread_run_worker_on_cpu(cpu, 0, "first/%u");
	s->stock[1] = kthread_run_worker_on_cpu(cpu, 0, "second/%u");
	if (IS_ERR(s->stock[0]) || IS_ERR(s->stock[1]))
		return -ENOMEM;
	return set_fifo(s->stock[0]->task, priority);
}

static int create(struct subject *s, unsigned int n, unsigned int priority)
{
	unsigned int cpu = cpumask_first(cpu_online_mask);

	s->value = vmalloc_array(n, sizeof(*s->value));
	if (!s->value)
		return -ENOMEM;
	return s->is_stock ? create_stock(s, cpu, priority) :
			     create_ours(s, cpu, priority);
}

/*
 * Statistics
 */

static int compare(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/* In us, and as a ratio to that of the first subject. */
static int print_value(char *to, size_t size, u64 value, u64 first)
{
	u64 ratio = div64_u64(100 * value, max(first, 1ULL));
	u32 digits, digit;

	ratio = div_u64_rem(ratio, 100, &digits);
	value = div_u64_rem(div_u64(value, 100), 10, &digit);
	return scnprintf(to, size, " %llu.%u (%llu.%02u) |", value, digit, ratio,
			 digits);
}

static void print_rows(const char *what, struct subject *s, unsigned int nr,
		       unsigned int n)
{
	const unsigned int ranks[] = { n / 2, n - 1 - n / 100, n - 1 };
	unsigned int i, j;
	char text[128];
	int len;

	for (i = 0; i < nr; i++) {
		sort(s[i].value, n, sizeof(*s[i].value), compare, NULL);
		for (j = 0, len = 0; j < ARRAY_SIZE(ranks); j++)
			len += print_value(text + len, sizeof(text) - len,
					   s[i].value[ranks[j]],
					   s[0].value[ranks[j]]);
		pr_info("| %s | %s |%s\n", what, s[i].name, text);
	}
}

/*
 * How soon works run
 */

static struct hrtimer timer;
/* For whom it is. */
static struct subject *timed;

static void queue_first(struct subject *s)
{
	asked = ktime_get_ns();
	queue(s, 0);
}

static enum hrtimer_restart timer_fn(struct hrtimer *timer)
{
	queue_first(timed);
	return HRTIMER_NORESTART;
}

/* As the load goes on for a while. */
static void queue_from_interrupt(struct subject *s)
{
	timed = s;
	hrtimer_start(&timer, ns_to_ktime(PAUSE + get_random_u32() % PAUSE),
		      HRTIMER_MODE_REL_PINNED_HARD);
}

static void queue_from_thread(struct subject *s)
{
	usleep_range(PAUSE / NSEC_PER_USEC, 2 * PAUSE / NSEC_PER_USEC);
	queue_first(s);
}

static u64 take_latency(struct subject *s, void (*fn)(struct subject *s))
{
	fn(s);
	wait_for_completion(&ran);
	return begun - asked;
}

static int measure_latencies(const char *what, void (*fn)(struct subject *s))
{
	const unsigned int nr = ARRAY_SIZE(latencies);
	struct subject *s;
	unsigned int i, j;
	int err = 0;

	for (i = 0; i < nr && !err; i++)
		err = create(&latencies[i], samples, WORKER);
	for (i = 0; i < samples && !err; i++) {
		for (j = 0; j < nr; j++) {
			s = &latencies[(i + j) % nr];
			s->value[i] = take_latency(s, fn);
		}
	}
	if (!err)
		print_rows(what, latencies, nr, samples);
	for (i = 0; i < nr; i++)
		destroy(&latencies[i]);
	return err;
}

/*
 * How long somebody waits for a worker that is not urgent, beside who is more urgent
 * than the worker, on its CPU, and less than him
 */

static int hog_fn(void *unused)
{
	u64 end = ktime_get_ns() + PATIENCE;

	set_fifo(current, HOG);
	complete(&hogging);
	while (!kthread_should_stop()) {
		if (ktime_get_ns() < end)
			cpu_relax();
		else
			msleep(20);
	}
	return 0;
}

static u64 take_wait(struct subject *s, struct task_struct *hog)
{
	u64 start;

	wake_up_process(hog);
	wait_for_completion(&hogging);
	start = ktime_get_ns();
	queue(s, 0);
	flush(s, 0);
	start = ktime_get_ns() - start;
	wait_for_completion(&ran);
	return start;
}

static int measure_wait(struct subject *s, unsigned int round)
{
	unsigned int cpu = cpumask_first(cpu_online_mask);
	struct task_struct *hog = kthread_create_on_cpu(hog_fn, NULL, cpu, "hog/%u");

	if (IS_ERR(hog))
		return PTR_ERR(hog);
	s->value[round] = take_wait(s, hog);
	kthread_stop(hog);
	return 0;
}

static int measure_waits(const char *what, struct subject *s, unsigned int nr)
{
	unsigned int i, j;
	int err = 0;

	for (i = 0; i < nr && !err; i++)
		err = create(&s[i], rounds, 0);
	for (i = 0; i < rounds; i++)
		for (j = 0; j < nr && !err; j++)
			err = measure_wait(&s[j], i);
	if (!err)
		print_rows(what, s, nr, rounds);
	for (i = 0; i < nr; i++)
		destroy(&s[i]);
	return err;
}

/*
 * The module
 */

static int measure(void)
{
	int err = set_fifo(current, waits ? WAITER : PRODUCER);

	if (err)
		return err;
	if (waits)
		return measure_waits("a worker", single_waits,
				     ARRAY_SIZE(single_waits)) ?:
		       measure_waits("a chain of two", chain_waits,
				     ARRAY_SIZE(chain_waits));
	return measure_latencies("a thread", queue_from_thread) ?:
	       measure_latencies("an interrupt", queue_from_interrupt);
}

static int __init latency_init(void)
{
	int err;

	samples = max(samples, 1U);
	rounds = max(rounds, 1U);
	hrtimer_setup(&timer, timer_fn, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	set_cpus_allowed_ptr(current, cpumask_of(cpumask_first(cpu_online_mask)));
	err = measure();
	sched_set_normal(current, 0);
	return err;
}

/* Without it the module could not be unloaded. */
static void __exit latency_exit(void)
{
}

module_init(latency_init);
module_exit(latency_exit);

MODULE_AUTHOR("The kworkerx developers");
MODULE_DESCRIPTION("Measures how soon workers begin, and how long they keep the urgent");
MODULE_LICENSE("GPL");
