// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time, and timers: a thread that ticks calls their functions, as in a hard
 * interrupt.  As in the kernel, to arm a timer is to take a lock and to add it
 * to a list, which the time at which it expires selects.
 */
#include <pthread.h>
#include <stdlib.h>

#include "native.h"

#define NSEC_PER_JIFFY	(1000000000L / HZ)
#define BUCKETS		64

/* Written by the thread that ticks. */
unsigned long machine_jiffies;

/*
 * @lock: protects the rest, and what timers have
 * @clock: the next jiffy to look for timers in
 * @buckets: armed timers by the jiffy in which they expire, modulo BUCKETS
 * @running: whose function runs
 */
static struct {
	raw_spinlock_t		lock;
	unsigned long		clock;
	struct list_head	buckets[BUCKETS];
	struct timer_list	*running;
} base;

unsigned long native_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * HZ + now.tv_nsec / NSEC_PER_JIFFY;
}

u64 local_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

struct timespec native_timespec(unsigned long time)
{
	return (struct timespec){
		.tv_sec = time / HZ,
		.tv_nsec = time % HZ * NSEC_PER_JIFFY,
	};
}

/* The lock is held, as below.  The timer is in no list. */
static void arm(struct timer_list *timer, unsigned long expires)
{
	unsigned long when = expires;

	/* What has expired already does so with the next tick. */
	if (time_after_eq(base.clock, when))
		when = base.clock;
	WRITE_ONCE(timer->expires, expires);
	WRITE_ONCE(timer->machine.armed, true);
	list_add_tail(&timer->entry, &base.buckets[when % BUCKETS]);
}

static bool disarm(struct timer_list *timer)
{
	if (!timer->machine.armed)
		return false;
	WRITE_ONCE(timer->machine.armed, false);
	__list_del_entry(&timer->entry);
	return true;
}

/* A timer that is armed is so all the time for who looks without the lock. */
static int change(struct timer_list *timer, unsigned long expires,
		  bool only_armed)
{
	unsigned long flags;
	bool armed;

	raw_spin_lock_irqsave(&base.lock, flags);
	armed = timer->machine.armed;
	if (armed)
		__list_del_entry(&timer->entry);
	if (armed || !only_armed)
		arm(timer, expires);
	raw_spin_unlock_irqrestore(&base.lock, flags);
	return armed;
}

void add_timer(struct timer_list *timer)
{
	WARN_ONCE(timer_pending(timer), "a timer that is armed is armed");
	change(timer, timer->expires, false);
}

int mod_timer(struct timer_list *timer, unsigned long expires)
{
	return change(timer, expires, false);
}

int mod_timer_pending(struct timer_list *timer, unsigned long expires)
{
	return change(timer, expires, true);
}

int timer_delete(struct timer_list *timer)
{
	unsigned long flags;
	bool armed;

	if (!timer_pending(timer))
		return 0;
	raw_spin_lock_irqsave(&base.lock, flags);
	armed = disarm(timer);
	raw_spin_unlock_irqrestore(&base.lock, flags);
	return armed;
}

int timer_delete_sync_try(struct timer_list *timer)
{
	unsigned long flags;
	int ret = -1;

	raw_spin_lock_irqsave(&base.lock, flags);
	if (base.running != timer)
		ret = disarm(timer);
	raw_spin_unlock_irqrestore(&base.lock, flags);
	return ret;
}

int timer_delete_sync(struct timer_list *timer)
{
	int ret;

	while ((ret = timer_delete_sync_try(timer)) < 0)
		cpu_relax();
	return ret;
}

bool timer_pending(const struct timer_list *timer)
{
	return READ_ONCE(timer->machine.armed);
}

/* Drops the lock while the function runs, which may free the timer. */
static void expire(struct timer_list *timer)
{
	disarm(timer);
	base.running = timer;
	raw_spin_unlock(&base.lock);
	timer->function(timer);
	raw_spin_lock(&base.lock);
	base.running = NULL;
}

/* Who is armed again meanwhile is in a bucket that comes later. */
static void tick(void)
{
	struct list_head *bucket = &base.buckets[base.clock % BUCKETS];
	struct timer_list *timer, *next;
	LIST_HEAD(expired);

	list_for_each_entry_safe(timer, next, bucket, entry)
		if (time_after_eq(base.clock, timer->expires))
			list_move_tail(&timer->entry, &expired);
	base.clock++;
	while (!list_empty(&expired))
		expire(list_first_entry(&expired, struct timer_list, entry));
}

static void *tick_for_ever(void *unused)
{
	struct timespec next;

	machine_enter("ticks");
	for (;;) {
		next = native_timespec(machine_jiffies + 1);
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
		WRITE_ONCE(machine_jiffies, native_now());
		machine_irq_enter();
		raw_spin_lock(&base.lock);
		while (time_after_eq(machine_jiffies, base.clock))
			tick();
		raw_spin_unlock(&base.lock);
		machine_irq_exit();
	}
	return NULL;
}

void native_start_ticks(void)
{
	pthread_t thread;
	int i;

	for (i = 0; i < BUCKETS; i++)
		INIT_LIST_HEAD(&base.buckets[i]);
	machine_jiffies = native_now();
	base.clock = machine_jiffies + 1;
	if (pthread_create(&thread, NULL, tick_for_ever, NULL))
		abort();
	pthread_detach(thread);
}
