/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What happens before what, and races of plain accesses.
 *
 * Each actor has a vector clock.  What an access orders is what the kernel's
 * memory model says of it, not what x86 does: a load that acquires gets the
 * clock of the store that releases to the same place, a full barrier makes the
 * relaxed accesses around it do so, and who accesses what a loaded pointer leads
 * to comes behind what was released with the pointer.  Two accesses to one place race if one of
 * them is plain, one is a store, and neither happens before the other.
 */
#ifndef _KWORKERX_EXPLORE_RACE_H
#define _KWORKERX_EXPLORE_RACE_H

#include "sched.h"

#ifdef EXPLORE_PLAIN
#define RACE_DETECTION	true
void race_reset(void);
/* All that @from has done happens before what @to does from now on. */
void race_order(const struct actor *from, const struct actor *to);
/* @value: what it got, by which it may find what it accesses next. */
void race_load(const volatile void *mem, enum machine_order order,
	       unsigned long value);
/* @same: what it stores was there already, which no plain load can tell. */
void race_store(const volatile void *mem, enum machine_order order, bool same);
void race_rmw(const volatile void *mem, enum machine_order order);
void race_fence(void);
/* What was done under the name of @mem, by any actor, and what comes now. */
void race_acquire(const volatile void *mem);
void race_release(const volatile void *mem);
/* Plain accesses, of people who are not compiled for it. */
void race_plain_load(const volatile void *mem);
void race_plain_store(const volatile void *mem);
void race_free(const volatile void *mem, size_t size);
#else
#define RACE_DETECTION	false
static inline void race_reset(void) { }
static inline void race_order(const struct actor *from, const struct actor *to) { }
static inline void race_load(const volatile void *mem, enum machine_order order,
			     unsigned long value) { }
static inline void race_store(const volatile void *mem, enum machine_order order,
			      bool same) { }
static inline void race_rmw(const volatile void *mem, enum machine_order order) { }
static inline void race_fence(void) { }
static inline void race_acquire(const volatile void *mem) { }
static inline void race_release(const volatile void *mem) { }
static inline void race_plain_load(const volatile void *mem) { }
static inline void race_plain_store(const volatile void *mem) { }
static inline void race_free(const volatile void *mem, size_t size) { }
#endif

#endif /* _KWORKERX_EXPLORE_RACE_H */
