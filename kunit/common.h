/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the suites share: workers that end with their test, jobs that can be
 * held, calls in a thread of their own, and expected reports.
 */
#ifndef _KWORKERX_KUNIT_COMMON_H
#define _KWORKERX_KUNIT_COMMON_H

#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/iopoll.h>
#include <linux/kthread.h>
#include <linux/sched/clock.h>
#include <linux/spinlock.h>

#include "../kworkerx.h"

/* KUnit of 6.1 has no speed attribute. */
#ifndef KUNIT_CASE_SLOW
#define KUNIT_CASE_SLOW(test_name) KUNIT_CASE(test_name)
#endif

/* Longer than anything takes on a slow machine; a wait that long is a hang. */
#define KWX_TIMEOUT	(60 * HZ)

/* Whether a race is run once more: a slow machine has fewer rounds of it. */
static inline bool kwx_once_more(unsigned int round, unsigned int rounds,
				 unsigned long begin)
{
	return round < rounds && time_before(jiffies, begin + KWX_TIMEOUT / 6);
}

/* Whether @cond comes true within that time. */
#define kwx_until(cond)							\
({									\
	bool __true;							\
									\
	!read_poll_timeout((bool), __true, __true, 100,			\
			   jiffies_to_usecs(KWX_TIMEOUT), false, cond);	\
})

#define KWX_LOG_MAX	64

/* The order in which jobs ran. */
struct kwx_log {
	spinlock_t	lock;	/* protects what follows */
	unsigned int	nr;
	int		id[KWX_LOG_MAX];
};

/*
 * A work, or a delayed work, that leaves a trace of its runs.  As it starts it
 * writes its id to the log and completes @started; while it is held it then
 * waits for @release; then it calls @action.
 */
struct kwx_job {
	struct kworkerx_delayed_work	dwork;
	struct kunit			*test;
	struct kwx_log			*log;
	int				id;
	bool				held;
	struct completion		started;
	struct completion		release;
	void (*action)(struct kwx_job *job);
	struct kworkerx_worker		*worker;	/* for @action */
	void				*data;		/* for @action */
	atomic_t			runs;		/* runs started */
	atomic_t			running;	/* runs not ended */
	atomic_t			overlaps;	/* two at once: never */
	int				cpu;		/* of the last run */
	unsigned long			when;		/* jiffies of it */
};

#define KWX_WORK(job)	(&(job)->dwork.work)

/*
 * A function that runs in a thread of its own, for calls that may block.  What it
 * uses is not on the stack of the test, which may end before.
 */
struct kwx_call {
	struct kunit		*test;
	void (*fn)(void *arg);
	void			*arg;
	struct task_struct	*task;
	struct completion	entered;
	struct completion	done;
};

/* What most cases start from: test->priv, where kwx_bed_init() is .init. */
struct kwx_bed {
	struct kworkerx_worker		*worker;
	struct kwx_log			*log;
};

int kwx_bed_init(struct kunit *test);

/*
 * Every place that makes a job is a class of its own for lockdep: jobs of
 * different tests, and those of one test that wait for each other, have nothing
 * to do with each other.
 */
#define KWX_CLASS	KWORKERX_CLASS("(work)kwx_job_fn")

/* Jobs of the bed's log: queued on its worker, or running there and held. */
struct kwx_job *__kwx_queued(struct kunit *test, struct kwx_job *job);
struct kwx_job *__kwx_running(struct kunit *test, struct kwx_job *job);

static inline struct kworkerx_worker *kwx_bed_worker(struct kunit *test)
{
	return ((struct kwx_bed *)test->priv)->worker;
}

/* What follows is for another worker. */
static inline void kwx_bed_change(struct kunit *test,
				  struct kworkerx_worker *worker)
{
	((struct kwx_bed *)test->priv)->worker = worker;
}

static inline struct kwx_log *kwx_bed_log(struct kunit *test)
{
	return ((struct kwx_bed *)test->priv)->log;
}

#define kwx_bed_job(test, id)	kwx_job(test, kwx_bed_log(test), id)
#define kwx_bed_held_job(test, id)					\
	kwx_held_job(test, kwx_bed_log(test), id)
#define kwx_queued(test, id)	__kwx_queued(test, kwx_bed_job(test, id))
#define kwx_queued_held(test, id)					\
	__kwx_queued(test, kwx_bed_held_job(test, id))
#define kwx_running(test, id)						\
	__kwx_running(test, kwx_bed_held_job(test, id))

/*
 * True for @ms from *@end on, which is 0 at first: to wait with interrupts off.
 * An emulated CPU may have a wrong idea of a udelay().
 */
static inline bool kwx_spin(u64 *end, unsigned int ms)
{
	u64 now = local_clock();

	if (!*end)
		*end = now + (u64)ms * NSEC_PER_MSEC;
	cpu_relax();
	return now < *end;
}

static inline int kwx_runs(struct kwx_job *job)
{
	return atomic_read(&job->runs);
}

/* @free ends @data with the test, before what was owned earlier. */
void kwx_own(struct kunit *test, kunit_resource_free_t free, void *data);

/* Memory that is zero, for what outlives a failed test's stack: calls, works. */
void *kwx_calloc(struct kunit *test, size_t nr, size_t size);

/* The last CPU goes away.  It comes back with the end of the test at the latest. */
struct kwx_outage {
	int	cpu;
	bool	down;
};

struct kwx_outage *kwx_outage(struct kunit *test);
void kwx_begin_outage(struct kunit *test, struct kwx_outage *outage);
void kwx_recover(struct kunit *test, struct kwx_outage *outage);
/* Begins it in a thread, which comes as far as to wait for @busy. */
struct kwx_call *kwx_start_outage(struct kunit *test, struct kwx_outage *outage,
				  struct kwx_job *busy);

#ifdef CONFIG_HOTPLUG_CPU
static inline int kwx_cpu_down(int cpu)
{
	return remove_cpu(cpu);
}

static inline int kwx_cpu_up(int cpu)
{
	return add_cpu(cpu);
}
#else
static inline int kwx_cpu_down(int cpu)
{
	return -EOPNOTSUPP;
}

static inline int kwx_cpu_up(int cpu)
{
	return -EOPNOTSUPP;
}
#endif

/* Test resources: all of these end by themselves with the test. */
struct kworkerx_worker *kwx_keep_worker(struct kunit *test,
					struct kworkerx_worker *worker);
void kwx_destroy_worker(struct kunit *test, struct kworkerx_worker *worker);
struct kwx_log *kwx_log(struct kunit *test);
struct kwx_job *__kwx_job(struct kunit *test, struct kwx_log *log, int id,
			  bool held, struct kworkerx_class *class);
void kwx_end_job(struct kunit *test, struct kwx_job *job);
struct kwx_call *kwx_call(struct kunit *test, void (*fn)(void *arg), void *arg);

#define kwx_worker(test)						\
	kwx_keep_worker(test, kworkerx_run_worker(0, "kwx_test"))
#define kwx_job(test, log, id)	__kwx_job(test, log, id, false, KWX_CLASS)
/* Each run waits for one kwx_release(). */
#define kwx_held_job(test, log, id)					\
	__kwx_job(test, log, id, true, KWX_CLASS)

/* As many threads as @nr start @fn together, on the elements of @args. */
void kwx_calls(struct kunit *test, void (*fn)(void *arg), void *args,
	       size_t size, unsigned int nr);

/* How many threads concurrency is tried with; for KUNIT_ARRAY_PARAM(). */
#define KWX_THREADS_MAX	8
extern const unsigned int kwx_threads[4];
void kwx_threads_desc(const unsigned int *nr, char *desc);

static inline unsigned int kwx_nr_threads(struct kunit *test)
{
	return *(const unsigned int *)test->param_value;
}

/*
 * Calls that come upon a timer as it fires: each of @nr guests waits for the
 * worker's lock, then the timer of @job expires and its function waits for it.
 */
struct kwx_guest {
	void (*fn)(void *arg);
	void			*arg;
};

void kwx_meet_timer(struct kunit *test, struct kworkerx_worker *worker,
		    struct kwx_job *job, const struct kwx_guest *guests,
		    unsigned int nr);

/* A worker that is embedded, without a thread, and a thread for it. */
struct kworkerx_worker *kwx_bare_worker(struct kunit *test);
void kwx_attach(struct kunit *test, struct kworkerx_worker *worker);

/* Ready-made functions for kwx_call(). */
void kwx_detach_fn(void *bare_worker);
void kwx_destroy_worker_fn(void *worker);
void kwx_flush_work_fn(void *work);
void kwx_flush_worker_fn(void *worker);
void kwx_cancel_work_fn(void *work);

/* Calls @fn(@arg) on this CPU in a hard interrupt that hits the caller. */
void kwx_in_irq(void (*fn)(void *arg), void *arg);
/* Calls @fn(@arg) with a raw lock held and interrupts off. */
void kwx_in_raw_lock(void (*fn)(void *arg), void *arg);

/* NMIs, of this CPU's own making, while the test runs; it is skipped without them. */
void kwx_open_nmi(struct kunit *test);
/* Calls @fn(@arg) in one that hits the caller. */
void kwx_in_nmi(void (*fn)(void *arg), void *arg);

/* Where functions that do not sleep must work; for KUNIT_ARRAY_PARAM(). */
struct kwx_where {
	const char *name;
	void (*call)(void (*fn)(void *arg), void *arg);
};

extern const struct kwx_where kwx_wheres[3];
void kwx_where_desc(const struct kwx_where *where, char *desc);

void kwx_flush(struct kunit *test, struct kworkerx_worker *worker);
void kwx_queue(struct kunit *test, struct kworkerx_worker *worker,
	       struct kwx_job *job);
void kwx_hold(struct kunit *test, struct kworkerx_worker *worker,
	      struct kwx_job *job);
void kwx_release(struct kwx_job *job);
void kwx_wait(struct kunit *test, struct completion *done);
void kwx_wait_expired(struct kunit *test, struct kwx_job *job);
void kwx_await_state(struct kunit *test, struct task_struct *task,
		     unsigned int state);
struct task_struct *kwx_find_thread(const char *name);
/* Ends the held job @from and waits until @to, the next held one, runs. */
void kwx_step(struct kunit *test, struct kwx_job *from, struct kwx_job *to);
void kwx_call_blocks(struct kunit *test, struct kwx_call *call);
void kwx_call_returns(struct kunit *test, struct kwx_call *call);
void kwx_expect_order(struct kunit *test, struct kwx_log *log,
		      const int *ids, unsigned int nr);

/* kwx_expect_log(test, log, 1, 2, 3): exactly these ran, in this order. */
#define kwx_expect_log(test, log, ...)					\
	do {								\
		const int __ids[] = { __VA_ARGS__ };			\
									\
		kwx_expect_order(test, log, __ids, ARRAY_SIZE(__ids));	\
	} while (0)

/* The function of a job, as reports name it. */
#define KWX_JOB_FN	"kwx_job_fn [kworkerx_kunit]"

/*
 * Around a call that is misuse: a warning with the text @report comes between
 * the two, and no other one but those that are named before the end.
 */
void kwx_misuse_begin(void);
void kwx_misuse_also(struct kunit *test, const char *report);
void kwx_misuse_end(struct kunit *test, const char *report);
void kwx_misuse_end_perhaps(struct kunit *test, const char *report);

/*
 * Windows.  Somebody is held in a place where a race is decided, by a probe at
 * the trace event there, until somebody else has done his part.  Who is held
 * keeps a CPU from everybody else, so each side has one of its own.
 */

struct kwx_window;

/* A trace event, or a write to memory, or also a read. */
struct kwx_point {
	int (*open)(struct kwx_window *window);
	void (*close)(struct kwx_window *window);
};

extern const struct kwx_point kwx_at_work_queue_work, kwx_at_worker_queued,
	kwx_at_worker_idle, kwx_at_work_expire, kwx_at_work_await_timer,
	kwx_at_work_execute_start, kwx_at_work_execute_end, kwx_at_write,
	kwx_at_access;

/* The first who comes to the point because of @what stays until @go. */
struct kwx_window {
	const struct kwx_point	*point;
	const void		*what;	/* work, worker or task; or memory */
	struct task_struct	*task;	/* that writes there */
	struct perf_event * __percpu *breaks;
	atomic_t		caught;
	bool			go;
	bool			late;
};

/* One who takes part, on a CPU of his own. */
struct kwx_side {
	int (*fn)(void *arg);
	void			*arg;
	int			ret;
	unsigned int		nth;	/* CPU that is online */
	struct completion	begin;
	struct completion	begun;
	struct kwx_call		*call;
};

/* While one side is held, does the other return? */
enum kwx_pace {
	KWX_RETURNS,
	KWX_SPINS,	/* or sleeps: it does not matter which */
	KWX_SLEEPS,
};

int kwx_window_init(struct kunit *test);
void kwx_window_exit(struct kunit *test);
struct kwx_window *kwx_open_window(struct kunit *test,
				   const struct kwx_point *point,
				   const void *what);
/* Opens one for @task, at what it does to @word. */
struct kwx_window *kwx_watch(struct kunit *test, const struct kwx_point *point,
			     void *word, struct task_struct *task);
void kwx_stay(struct kwx_window *window, const void *what);
/* Waits until somebody is held. */
bool kwx_caught(struct kwx_window *window);
/* @held: who is in the window, NULL if that is the thread of a worker. */
void kwx_let_go(struct kunit *test, struct kwx_window *window,
		struct kwx_side *held);
void kwx_go_to(struct task_struct *task, unsigned int nth);
struct kwx_side *kwx_side(struct kunit *test, unsigned int nth,
			  int (*fn)(void *arg), void *arg);
void kwx_begin_side(struct kunit *test, struct kwx_side *side);
void kwx_expect_return(struct kunit *test, struct kwx_side *side);
/* Has @other act while somebody is held, who has come there already. */
void kwx_meanwhile(struct kunit *test, struct kwx_side *other,
		   enum kwx_pace pace);

#endif /* _KWORKERX_KUNIT_COMMON_H */
