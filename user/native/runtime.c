// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads, sleeping and waking, memory and reports.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <linux/futex.h>
#include <sys/syscall.h>

#include "native.h"

/* Bits of machine_task.parked. */
#define PARKED		1
#define ENDED		2

/* Threads are many at times, and have nothing large on their stacks. */
#define STACK_SIZE	(256 * 1024)

__thread struct task_struct *machine_task;
bool machine_spins;
unsigned int machine_yields;

/* Those that the process may use; constant once there is a task. */
static cpu_set_t usable_cpus;

/*
 * Sleeping and waking
 */

/* Without a time in @until it may sleep for ever, and always for less. */
static void futex_wait(const void *mem, u32 old, const struct timespec *until)
{
	syscall(SYS_futex, mem, FUTEX_WAIT_BITSET_PRIVATE, old, until, NULL,
		FUTEX_BITSET_MATCH_ANY);
}

/* Does not access the memory, which may be gone. */
static void futex_wake(const void *mem, int nr)
{
	syscall(SYS_futex, mem, FUTEX_WAKE_PRIVATE, nr, NULL, NULL, 0);
}

/*
 * The store of ->asleep comes before the load of the state, and a waker's store
 * of the state before its load of ->asleep: one of the two sees the other.
 */
static void sleep_until_woken(struct task_struct *task)
{
	unsigned int state;

	xchg(&task->machine.asleep, true);
	while ((state = smp_load_acquire(&task->__state)) != TASK_RUNNING)
		futex_wait(&task->__state, state, NULL);
	WRITE_ONCE(task->machine.asleep, false);
}

void schedule(void)
{
	struct task_struct *task = current;
	unsigned int left = machine_yields;

	might_sleep();
	while (READ_ONCE(machine_spins)) {
		if (smp_load_acquire(&task->__state) == TASK_RUNNING)
			return;
		cpu_relax();
	}
	while (left-- && smp_load_acquire(&task->__state) != TASK_RUNNING)
		sched_yield();
	sleep_until_woken(task);
}

static int wake(struct task_struct *task, unsigned int states)
{
	unsigned int state;

	/* What the caller stored comes before the state is read. */
	smp_mb();
	state = READ_ONCE(task->__state);
	if (!(state & states) ||
	    !try_cmpxchg(&task->__state, &state, TASK_RUNNING))
		return 0;
	if (READ_ONCE(task->machine.asleep))
		futex_wake(&task->__state, 1);
	return 1;
}

int wake_up_process(struct task_struct *task)
{
	return wake(task, TASK_NORMAL);
}

/* Who raises an interrupt takes it himself. */
bool irq_work_queue(struct irq_work *work)
{
	work->func(work);
	return true;
}

void irq_work_sync(struct irq_work *work)
{
}

long schedule_timeout_uninterruptible(long timeout)
{
	struct timespec time = native_timespec(timeout);

	might_sleep();
	clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
	return 0;
}

void complete(struct completion *completion)
{
	xadd(&completion->done, 1);
	futex_wake(&completion->done, 1);
}

bool try_wait_for_completion(struct completion *completion)
{
	unsigned int done = smp_load_acquire(&completion->done);

	while (done)
		if (try_cmpxchg(&completion->done, &done, done - 1))
			return true;
	return false;
}

void wait_for_completion(struct completion *completion)
{
	unsigned int left = machine_yields;

	might_sleep();
	while (!try_wait_for_completion(completion)) {
		if (!left) {
			futex_wait(&completion->done, 0, NULL);
		} else {
			left--;
			sched_yield();
		}
	}
}

unsigned long wait_for_completion_timeout(struct completion *completion,
					  unsigned long timeout)
{
	unsigned long end = native_now() + timeout;
	struct timespec until = native_timespec(end);

	if (timeout == MAX_SCHEDULE_TIMEOUT) {
		wait_for_completion(completion);
		return timeout;
	}
	might_sleep();
	while (!try_wait_for_completion(completion)) {
		if (time_after_eq(native_now(), end))
			return 0;
		futex_wait(&completion->done, 0, &until);
	}
	return max((long)(end - native_now()), 1L);
}

/*
 * Processors
 */

static void start(void)
{
	sched_getaffinity(0, sizeof(usable_cpus), &usable_cpus);
	native_start_ticks();
}

unsigned int machine_cpus(void)
{
	return CPU_COUNT(&usable_cpus);
}

/* Of usable processors, those whose numbers are in @mask. */
static cpu_set_t choose_cpus(unsigned long mask)
{
	unsigned int cpu, nr = 0;
	cpu_set_t set;

	CPU_ZERO(&set);
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &usable_cpus))
			continue;
		if (nr < 64 && mask >> nr & 1)
			CPU_SET(cpu, &set);
		nr++;
	}
	return set;
}

/* Where there is no such processor, any will do, as when one is offline. */
static void bind(unsigned long thread, unsigned long mask)
{
	cpu_set_t set = choose_cpus(mask);

	if (!CPU_COUNT(&set))
		set = usable_cpus;
	pthread_setaffinity_np(thread, sizeof(set), &set);
}

void machine_bind(unsigned int cpu)
{
	bind(pthread_self(), 1UL << cpu);
}

void kthread_bind(struct task_struct *task, unsigned int cpu)
{
	bind(task->machine.thread, 1UL << cpu);
}

int set_cpus_allowed_ptr(struct task_struct *task, const struct cpumask *mask)
{
	if (!mask->bits)
		return -EINVAL;
	bind(task->machine.thread, mask->bits);
	return 0;
}

/* Other policies need privileges, and could stop the whole system. */
int sched_setattr_nocheck(struct task_struct *task, const struct sched_attr *attr)
{
	return attr->sched_policy == SCHED_NORMAL ? 0 : -EINVAL;
}

/*
 * Threads
 */

static struct task_struct *new_task(const char *name)
{
	struct task_struct *task = kzalloc(sizeof(*task), GFP_KERNEL);

	if (!task)
		abort();
	strscpy(task->comm, name, sizeof(task->comm));
	/* None tells what it was bound to. */
	task->cpus_mask.bits = ~0UL;
	task->cpus_ptr = &task->cpus_mask;
	return task;
}

void machine_enter(const char *name)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, start);
	machine_task = new_task(name);
	machine_task->machine.thread = pthread_self();
	native_rcu_add_thread();
}

void machine_leave(void)
{
	native_rcu_free(machine_task);
	native_rcu_remove_thread();
}

static void *thread_main(void *data)
{
	struct task_struct *task = data;
	struct machine_task *thread = &task->machine;

	machine_task = task;
	native_rcu_add_thread();
	pthread_setname_np(pthread_self(), task->comm);
	schedule();
	thread->result = -EINTR;
	if (!kthread_should_stop()) {
		kthread_parkme();
		thread->result = thread->fn(thread->data);
	}
	atomic_or(ENDED, &thread->parked);
	futex_wake(&thread->parked, INT32_MAX);
	native_rcu_remove_thread();
	return NULL;
}

static int start_thread(struct task_struct *task)
{
	pthread_attr_t attr;
	pthread_t thread;
	int ret;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	ret = pthread_create(&thread, &attr, thread_main, task);
	pthread_attr_destroy(&attr);
	if (!ret)
		task->machine.thread = thread;
	return -ret;
}

struct task_struct *kthread_create_on_node(int (*fn)(void *data), void *data,
					   int node, const char *format, ...)
{
	char name[TASK_COMM_LEN];
	struct task_struct *task;
	va_list args;
	int error;

	va_start(args, format);
	vsnprintf(name, sizeof(name), format, args);
	va_end(args);
	task = new_task(name);
	task->flags = PF_KTHREAD;
	task->__state = TASK_UNINTERRUPTIBLE;
	task->machine.fn = fn;
	task->machine.data = data;
	error = start_thread(task);
	if (error) {
		kfree(task);
		return ERR_PTR(error);
	}
	return task;
}

void *kthread_func(struct task_struct *task)
{
	return task->machine.fn;
}

void *kthread_data(struct task_struct *task)
{
	return task->machine.data;
}

bool kthread_should_stop(void)
{
	return READ_ONCE(current->machine.should_stop);
}

bool kthread_should_park(void)
{
	return READ_ONCE(current->machine.should_park);
}

/* Those who wake it in this moment may still look at the task. */
int kthread_stop(struct task_struct *task)
{
	int result;

	might_sleep();
	xchg(&task->machine.should_stop, true);
	kthread_unpark(task);
	wake(task, TASK_NORMAL);
	pthread_join(task->machine.thread, NULL);
	result = task->machine.result;
	native_rcu_free(task);
	return result;
}

int kthread_park(struct task_struct *task)
{
	int parked;

	xchg(&task->machine.should_park, true);
	if (task == current)
		return 0;
	might_sleep();
	wake(task, TASK_NORMAL);
	while (!(parked = smp_load_acquire(&task->machine.parked.counter)))
		futex_wait(&task->machine.parked, 0, NULL);
	return parked & ENDED ? -ENOSYS : 0;
}

void kthread_unpark(struct task_struct *task)
{
	/* Who parks it next waits again. */
	atomic_andnot(PARKED, &task->machine.parked);
	xchg(&task->machine.should_park, false);
	wake(task, TASK_PARKED);
}

void kthread_parkme(void)
{
	for (;;) {
		set_current_state(TASK_PARKED);
		if (!kthread_should_park())
			break;
		atomic_or(PARKED, &current->machine.parked);
		futex_wake(&current->machine.parked, INT32_MAX);
		schedule();
	}
	__set_current_state(TASK_RUNNING);
}

/*
 * Memory, aligned as the largest of the modules' structures
 */

void *kmalloc(size_t size, gfp_t flags)
{
	void *mem;

	return posix_memalign(&mem, SMP_CACHE_BYTES, size) ? NULL : mem;
}

void *kzalloc(size_t size, gfp_t flags)
{
	void *mem = kmalloc(size, flags);

	return mem ? memset(mem, 0, size) : NULL;
}

void kfree(const void *mem)
{
	free((void *)mem);
}

char *kvasprintf(gfp_t flags, const char *format, va_list args)
{
	char *text;

	return vasprintf(&text, format, args) < 0 ? NULL : text;
}

/*
 * Reports, each of which is printed once and counted
 */

#define REPORTS		64

static pthread_mutex_t reports_lock = PTHREAD_MUTEX_INITIALIZER;
/* Their formats, as far as there is room.  Protected by the lock. */
static const char *reports[REPORTS];
static unsigned int nr_printed;
static unsigned int nr_reports;

static bool was_printed(const char *format)
{
	unsigned int i;

	for (i = 0; i < nr_printed; i++)
		if (reports[i] == format)
			return true;
	if (nr_printed < REPORTS)
		reports[nr_printed++] = format;
	return false;
}

/* The kernel names the function at an address, by %ps, or an error, by %pe. */
static void print(const char *format, va_list args)
{
	char plain[256], *sign;

	strscpy(plain, format, sizeof(plain));
	for (sign = plain; (sign = strstr(sign, "%p")); sign += 2)
		if (sign[2] == 's' || sign[2] == 'e')
			memmove(sign + 2, sign + 3, strlen(sign + 2));
	fputs("WARNING: ", stderr);
	vfprintf(stderr, plain, args);
	fputc('\n', stderr);
}

void machine_warn(const char *format, ...)
{
	const struct va_format *whole;
	va_list args;

	pthread_mutex_lock(&reports_lock);
	nr_reports++;
	va_start(args, format);
	/* %pV is a format and its arguments. */
	whole = strstr(format, "%pV") ? va_arg(args, const struct va_format *) : NULL;
	if (!was_printed(whole ? whole->fmt : format)) {
		if (whole)
			print(whole->fmt, *whole->va);
		else
			print(format, args);
	}
	va_end(args);
	pthread_mutex_unlock(&reports_lock);
}

unsigned int machine_reports(void)
{
	unsigned int nr;

	pthread_mutex_lock(&reports_lock);
	nr = nr_reports;
	pthread_mutex_unlock(&reports_lock);
	return nr;
}
