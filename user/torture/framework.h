/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the torture needs of the kernel beyond what the modules do: delays,
 * high-resolution timers, and the torture framework.  Each header of the kernel
 * that it includes is this one (see the Makefile).
 *
 * Of the framework there are the parameters, the threads and the halts.  Threads
 * are moved about by the system as it likes, and no CPU goes away.
 */
#ifndef _KWORKERX_USER_FRAMEWORK_H
#define _KWORKERX_USER_FRAMEWORK_H

#include <limits.h>

#include "kernel.h"

#define fallthrough		__attribute__((__fallthrough__))
#define pr_alert(...)		machine_print(__VA_ARGS__)
#define tracepoint_synchronize_unregister()	synchronize_rcu()

__printf(1, 2) void machine_print(const char *format, ...);

static inline void *kcalloc(size_t nr, size_t size, gfp_t flags)
{
	return kzalloc(nr * size, flags);
}

/* As scattered as the framework's users want it. */
static inline u32 hash_32(u32 value, unsigned int bits)
{
	return value * 0x9e3779b1u >> (32 - bits);
}

/*
 * Time
 */

#define NSEC_PER_SEC		1000000000L
#define time_after(a, b)	((long)((b) - (a)) < 0)

typedef s64 ktime_t;

#define ns_to_ktime(ns)		((ktime_t)(ns))

void udelay(unsigned long us);
void usleep_range(unsigned long min, unsigned long max);
long schedule_timeout_interruptible(long timeout);

enum hrtimer_restart {
	HRTIMER_NORESTART,
	HRTIMER_RESTART,
};

struct hrtimer_base;

/*
 * @base: the thread that calls @function; constant
 * @entry: in its list of armed timers, or empty.  Protected by its lock.
 * @expires: of the local_clock().  Protected by its lock while the timer is
 *	armed, @function's while it runs.
 * @cancelled: @function cannot arm it any more.  Protected by its lock.
 */
struct hrtimer {
	struct hrtimer_base	*base;
	struct list_head	entry;
	u64			expires;
	bool			cancelled;
	enum hrtimer_restart (*function)(struct hrtimer *timer);
};

void machine_hrtimer_setup(struct hrtimer *timer,
			   enum hrtimer_restart (*fn)(struct hrtimer *timer));
void machine_hrtimer_start(struct hrtimer *timer, ktime_t delay);
void hrtimer_cancel(struct hrtimer *timer);
void hrtimer_forward_now(struct hrtimer *timer, ktime_t interval);
/* They go by one clock, and call from hard interrupts only. */
#define hrtimer_setup(timer, fn, clock, mode)	machine_hrtimer_setup(timer, fn)
#define hrtimer_start(timer, delay, mode)	machine_hrtimer_start(timer, delay)

/*
 * Parameters
 */

/* @value: read and written before there are threads */
struct machine_param {
	const char		*name;
	int			*value;
	struct machine_param	*next;
};

void machine_add_param(struct machine_param *param);

#define torture_param(type, name, init, text)				\
	static type name = (init);					\
									\
	static void __attribute__((__constructor__)) name ## _add(void)	\
	{								\
		static struct machine_param param = { #name, &name, NULL }; \
									\
		machine_add_param(&param);				\
	}

struct kernel_param;

struct kernel_param_ops {
	int (*get)(char *buffer, const struct kernel_param *param);
};

/* There is one such, which the program reads. */
extern const struct kernel_param_ops *machine_runs;

#define module_param_cb(name, ops, arg, mode)				\
	static void __attribute__((__constructor__)) name ## _add(void)	\
	{								\
		machine_ ## name = (ops);				\
	}
#define MODULE_PARM_DESC(name, text)
#define MACHINE_PARAM_SIZE	64
#define sysfs_emit(buffer, ...)						\
	snprintf((buffer), MACHINE_PARAM_SIZE, __VA_ARGS__)
int snprintf(char *to, size_t size, const char *format, ...);

/*
 * The torture framework
 */

#define TORTURE_FLAG	"-torture:"

struct torture_random_state { u64 state; };

#define torture_random_init(rand)	((void)((rand)->state = 0))
unsigned long torture_random(struct torture_random_state *rand);

#define torture_create_kthread(fn, data, task)				\
	machine_torture_create((fn), (data), #fn, &(task))
#define torture_stop_kthread(fn, task)	machine_torture_stop(&(task))
int machine_torture_create(int (*fn)(void *data), void *data, const char *name,
			   struct task_struct **task);
void machine_torture_stop(struct task_struct **task);

static inline bool torture_init_begin(const char *type, int verbose)
{
	return true;
}

static inline void torture_init_end(void) { }
bool torture_cleanup_begin(void);
static inline void torture_cleanup_end(void) { }

bool torture_must_stop(void);
void torture_kthread_stopping(const char *name);
static inline void torture_shutdown_absorb(const char *name) { }

int torture_stutter_init(long halt, long run);
void stutter_wait(const char *name);

/* What there is not says so when it is asked for. */
int torture_shuffle_init(long interval);
int torture_onoff_init(long holdoff, long interval, void (*fn)(void));
static inline void torture_shuffle_task_register(struct task_struct *task) { }
static inline void torture_onoff_stats(void) { }

static inline bool torture_onoff_failures(void)
{
	return false;
}

#endif /* _KWORKERX_USER_FRAMEWORK_H */
