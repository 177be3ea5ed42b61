// SPDX-License-Identifier: GPL-2.0-only
/*
 * High-resolution timers.  As on a machine with two CPUs there are two threads
 * that call their functions, with interrupts off.
 */
#include <pthread.h>
#include <sys/prctl.h>

#include "framework.h"
#include "program.h"

/*
 * @lock: protects all but @thread
 * @changed: to wait for any change
 * @timers: those that are armed, in no order: they are few
 * @running: whose function runs
 * @stop: the thread is to end
 * @thread: of main()
 */
struct hrtimer_base {
	pthread_mutex_t		lock;
	pthread_cond_t		changed;
	struct list_head	timers;
	struct hrtimer		*running;
	bool			stop;
	pthread_t		thread;
};

static struct hrtimer_base bases[2];

static struct hrtimer *first_to_expire(struct hrtimer_base *base)
{
	struct hrtimer *timer, *first = NULL;

	list_for_each_entry(timer, &base->timers, entry)
		if (!first || timer->expires < first->expires)
			first = timer;
	return first;
}

/* Waits until @timer expires, if there is one, or something changes. */
static void wait_for(struct hrtimer_base *base, const struct hrtimer *timer)
{
	struct timespec end;

	if (!timer) {
		pthread_cond_wait(&base->changed, &base->lock);
		return;
	}
	end.tv_sec = timer->expires / NSEC_PER_SEC;
	end.tv_nsec = timer->expires % NSEC_PER_SEC;
	pthread_cond_timedwait(&base->changed, &base->lock, &end);
}

/* Called, and returns, with the lock; drops it meanwhile. */
static void expire(struct hrtimer_base *base, struct hrtimer *timer)
{
	enum hrtimer_restart restart;

	list_del_init(&timer->entry);
	base->running = timer;
	pthread_mutex_unlock(&base->lock);

	machine_irq_enter();
	restart = timer->function(timer);
	machine_irq_exit();

	pthread_mutex_lock(&base->lock);
	base->running = NULL;
	if (restart == HRTIMER_RESTART && !timer->cancelled)
		list_add(&timer->entry, &base->timers);
	pthread_cond_broadcast(&base->changed);
}

static void *serve(void *data)
{
	struct hrtimer_base *base = data;
	struct hrtimer *timer;

	machine_enter("hrtimers");
	/* As exact as can be. */
	prctl(PR_SET_TIMERSLACK, 1);
	pthread_mutex_lock(&base->lock);
	while (!base->stop) {
		timer = first_to_expire(base);
		if (timer && timer->expires <= local_clock())
			expire(base, timer);
		else
			wait_for(base, timer);
	}
	pthread_mutex_unlock(&base->lock);
	machine_leave();
	return NULL;
}

static int start_base(struct hrtimer_base *base)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&base->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&base->changed, &attr);
	INIT_LIST_HEAD(&base->timers);
	return pthread_create(&base->thread, NULL, serve, base);
}

bool start_hrtimers(void)
{
	return !start_base(&bases[0]) && !start_base(&bases[1]);
}

void stop_hrtimers(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		pthread_mutex_lock(&bases[i].lock);
		bases[i].stop = true;
		pthread_cond_broadcast(&bases[i].changed);
		pthread_mutex_unlock(&bases[i].lock);
		pthread_join(bases[i].thread, NULL);
	}
}

/* Only the thread that loads the module sets timers up. */
void machine_hrtimer_setup(struct hrtimer *timer,
			   enum hrtimer_restart (*fn)(struct hrtimer *timer))
{
	static unsigned int nr;

	timer->base = &bases[nr++ % ARRAY_SIZE(bases)];
	INIT_LIST_HEAD(&timer->entry);
	timer->function = fn;
}

void machine_hrtimer_start(struct hrtimer *timer, ktime_t delay)
{
	struct hrtimer_base *base = timer->base;

	pthread_mutex_lock(&base->lock);
	list_del_init(&timer->entry);
	timer->expires = local_clock() + delay;
	timer->cancelled = false;
	list_add(&timer->entry, &base->timers);
	pthread_cond_broadcast(&base->changed);
	pthread_mutex_unlock(&base->lock);
}

/* Waits for the function, too. */
void hrtimer_cancel(struct hrtimer *timer)
{
	struct hrtimer_base *base = timer->base;

	pthread_mutex_lock(&base->lock);
	list_del_init(&timer->entry);
	timer->cancelled = true;
	while (base->running == timer)
		pthread_cond_wait(&base->changed, &base->lock);
	pthread_mutex_unlock(&base->lock);
}

void hrtimer_forward_now(struct hrtimer *timer, ktime_t interval)
{
	u64 now = local_clock();

	while (timer->expires <= now)
		timer->expires += interval;
}
