/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the engine tells lockdep about a worker or a work: nothing without a class,
 * and nothing at all without lockdep.  Only kworkerx.c includes this.
 */
#ifndef _KWORKERX_LOCKDEP_H
#define _KWORKERX_LOCKDEP_H

#include <linux/debug_locks.h>
#include <linux/lockdep.h>
#include <linux/string.h>

#include "kworkerx.h"

#ifdef CONFIG_LOCKDEP
static inline void kworkerx_map_init(struct lockdep_map *map,
				     struct kworkerx_class *class)
{
	memset(map, 0, sizeof(*map));
	if (class)
		lockdep_init_map(map, class->name, &class->key, 0);
}

static inline void kworkerx_map_copy(struct lockdep_map *to,
				     struct lockdep_map *from)
{
	lockdep_copy_map(to, from);
}

static inline void kworkerx_map_hold(struct lockdep_map *map)
{
	if (map->key)
		lock_map_acquire(map);
}

static inline void kworkerx_map_drop(struct lockdep_map *map)
{
	if (map->key)
		lock_map_release(map);
}

/* Once lockdep has stopped, after a report, its counts mean nothing. */
static inline bool kworkerx_locks_changed(int locks)
{
	return debug_locks && lockdep_depth(current) != locks;
}
#else
static inline void kworkerx_map_init(struct lockdep_map *map,
				     struct kworkerx_class *class)
{
}

static inline void kworkerx_map_copy(struct lockdep_map *to,
				     struct lockdep_map *from)
{
}

static inline void kworkerx_map_hold(struct lockdep_map *map) {}
static inline void kworkerx_map_drop(struct lockdep_map *map) {}

static inline bool kworkerx_locks_changed(int locks)
{
	return false;
}
#endif

/* As if it was taken and given back. */
static inline void kworkerx_map_touch(struct lockdep_map *map)
{
	kworkerx_map_hold(map);
	kworkerx_map_drop(map);
}

#endif /* _KWORKERX_LOCKDEP_H */
