/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory of a schedule: what is allocated, what was freed, and stores that
 * others do not see yet.
 */
#ifndef _KWORKERX_EXPLORE_MEMORY_H
#define _KWORKERX_EXPLORE_MEMORY_H

#include "sched.h"

/* Everything as it was before the first schedule. */
void memory_reset(void);
/* NULL, or what is wrong with it at the end. */
const char *memory_check(void);
/* An access, which must not be to freed memory. */
void memory_touch(const volatile void *mem);

/*
 * Where stores are seen late, each actor has a buffer.  A store leaves it at any
 * time, but behind those to the same place that came first; a release behind
 * all of them.
 */
void memory_drain(struct actor *actor);
/* What the actor itself must see of its stores to @mem by a plain access. */
void memory_drain_own(const volatile void *mem, unsigned int size);
/* A store that no step precedes. */
void memory_store_release(volatile void *mem, unsigned int size,
			  unsigned long value);
/* Maybe lets go of a store of somebody. */
void memory_drain_some(void);

#endif /* _KWORKERX_EXPLORE_MEMORY_H */
