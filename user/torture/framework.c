// SPDX-License-Identifier: GPL-2.0-only
/*
 * The torture framework, as far as the torture uses it.
 */
#include <stdio.h>
#include <time.h>

#include "framework.h"

/* Constant once main() runs. */
static struct machine_param *params;
const struct kernel_param_ops *machine_runs;

torture_param(int, haste, 1, "What to divide delays by");

/* Whether the torture halts; written by the thread that makes it. */
static bool halted;
static struct task_struct *stutter_task;
/* Constant once there is that thread. */
static long stutter_halt, stutter_run;

void machine_add_param(struct machine_param *param)
{
	param->next = params;
	params = param;
}

bool machine_set_param(const char *name, size_t len, int value)
{
	struct machine_param *param;

	for (param = params; param; param = param->next) {
		if (strlen(param->name) == len && !memcmp(param->name, name, len)) {
			*param->value = value;
			return true;
		}
	}
	return false;
}

void machine_print(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	fflush(stdout);
}

/*
 * Time
 */

void udelay(unsigned long us)
{
	u64 end = local_clock() + us * NSEC_PER_USEC / max(haste, 1);

	while (local_clock() < end)
		cpu_relax();
}

void usleep_range(unsigned long min, unsigned long max)
{
	struct timespec time = { .tv_nsec = min * NSEC_PER_USEC };

	might_sleep();
	nanosleep(&time, NULL);
}

/* Who sleeps like this is woken by nobody but kthread_stop(). */
long schedule_timeout_interruptible(long timeout)
{
	while (timeout-- > 0 && !kthread_should_stop())
		schedule_timeout_uninterruptible(1);
	return 0;
}

/*
 * The framework
 */

/* SplitMix64, which takes any seed: the time and the place do. */
unsigned long torture_random(struct torture_random_state *rand)
{
	u64 x;

	if (!rand->state)
		rand->state = local_clock() ^ (uintptr_t)rand << 32;
	rand->state += 0x9e3779b97f4a7c15;
	x = rand->state;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

int machine_torture_create(int (*fn)(void *data), void *data, const char *name,
			   struct task_struct **task)
{
	struct task_struct *new = kthread_run(fn, data, "%s", name);

	if (IS_ERR(new))
		return PTR_ERR(new);
	*task = new;
	return 0;
}

void machine_torture_stop(struct task_struct **task)
{
	if (*task)
		kthread_stop(*task);
	*task = NULL;
}

bool torture_must_stop(void)
{
	return kthread_should_stop();
}

void torture_kthread_stopping(const char *name)
{
	while (!kthread_should_stop())
		schedule_timeout_uninterruptible(1);
}

static int stutter(void *unused)
{
	while (!kthread_should_stop()) {
		schedule_timeout_interruptible(stutter_run);
		WRITE_ONCE(halted, true);
		schedule_timeout_interruptible(stutter_halt);
		WRITE_ONCE(halted, false);
	}
	return 0;
}

int torture_stutter_init(long halt, long run)
{
	stutter_halt = halt;
	stutter_run = run;
	return torture_create_kthread(stutter, NULL, stutter_task);
}

void stutter_wait(const char *name)
{
	while (READ_ONCE(halted) && !kthread_should_stop())
		schedule_timeout_uninterruptible(1);
	cond_resched();
}

bool torture_cleanup_begin(void)
{
	torture_stop_kthread(stutter, stutter_task);
	return false;
}

int torture_shuffle_init(long interval)
{
	pr_alert("torture: the system moves the threads about as it likes\n");
	return 0;
}

int torture_onoff_init(long holdoff, long interval, void (*fn)(void))
{
	if (interval)
		pr_alert("torture: no CPU can be taken away\n");
	return 0;
}
