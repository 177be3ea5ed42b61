// SPDX-License-Identifier: GPL-2.0-only
/*
 * A lock that somebody else has, without NATIVE_RCU: as fair, and with as many
 * cache lines on their way, as it is in the kernel.
 *
 * The second contender sets a byte of the lock and waits for the first one to
 * clear another.  Further ones queue, each waiting on a line of its own until it
 * is the first of the queue, which waits for those two.
 */
#include <stdlib.h>

#include "native.h"

/* Threads that have ever had to queue, and one. */
#define WAITERS		1024
/* How often to look whether the second contender has taken over. */
#define LOOKS		512

/*
 * @next: who came after; written by that one
 * @first: nobody is before us in the queue; written by who was
 * @number: of the thread, not 0; constant
 */
struct waiter {
	struct waiter	*next;
	bool		first;
	u16		number;
};

/* A thread waits for one lock at a time. */
static __thread struct waiter self ____cacheline_aligned_in_smp;
/* By number; each is written by its thread before others are told the number. */
static struct waiter *waiters[WAITERS];
static atomic_t nr_waiters;

static struct waiter *prepare(void)
{
	if (!self.number) {
		self.number = atomic_inc_return(&nr_waiters);
		if (self.number >= WAITERS)
			abort();
		waiters[self.number] = &self;
	}
	self.next = NULL;
	self.first = false;
	return &self;
}

static bool try_lock(raw_spinlock_t *lock, u32 value)
{
	return try_cmpxchg(&lock->value, &value, NATIVE_LOCKED);
}

static void pass_on(struct waiter *me)
{
	struct waiter *next;

	while (!(next = READ_ONCE(me->next)))
		cpu_relax();
	smp_store_release(&next->first, true);
}

/* The first one takes the lock, and with it the last one the queue away. */
static void lock_as_first(raw_spinlock_t *lock, struct waiter *me)
{
	u32 value;

	while ((value = smp_load_acquire(&lock->value)) & NATIVE_BUSY)
		cpu_relax();
	if (value == (u32)me->number << NATIVE_TAIL && try_lock(lock, value))
		return;
	WRITE_ONCE(lock->locked, 1);
	pass_on(me);
}

static void queue(raw_spinlock_t *lock)
{
	struct waiter *me = prepare();
	u16 last;

	if (!READ_ONCE(lock->value) && try_lock(lock, 0))
		return;
	last = xchg(&lock->tail, me->number);
	if (last) {
		smp_store_release(&waiters[last]->next, me);
		while (!smp_load_acquire(&me->first))
			cpu_relax();
	}
	lock_as_first(lock, me);
}

/* Sets it, and tells how the lock was: the rest of it may be newer. */
static u32 set_pending(raw_spinlock_t *lock)
{
	bool was_set;

	__asm__ __volatile__("lock btsl %2, %1"
			     : "=@ccc" (was_set), "+m" (lock->value)
			     : "I" (NATIVE_PENDING_BIT) : "memory");
	return (READ_ONCE(lock->value) & ~NATIVE_PENDING) |
	       (was_set ? NATIVE_PENDING : 0);
}

void native_lock_slowly(raw_spinlock_t *lock)
{
	u32 value = READ_ONCE(lock->value);
	int looks = LOOKS;

	/* The second contender is about to take over. */
	for (; value == NATIVE_PENDING && looks; looks--) {
		cpu_relax();
		value = READ_ONCE(lock->value);
	}
	if (value & ~NATIVE_LOCKED) {
		queue(lock);
		return;
	}

	value = set_pending(lock);
	if (value & ~NATIVE_LOCKED) {
		if (!(value & NATIVE_PENDING))
			WRITE_ONCE(lock->pending, 0);
		queue(lock);
		return;
	}
	while (smp_load_acquire(&lock->locked))
		cpu_relax();
	WRITE_ONCE(lock->locked_pending, NATIVE_LOCKED);
}
