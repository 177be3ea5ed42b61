/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between the supported kernels and processors, and nothing else.
 * The newest spelling is the one that the code uses; each entry names the change
 * that brought it, so that it can go when the oldest kernel that needs it goes.
 */
#ifndef _KWORKERX_COMPAT_H
#define _KWORKERX_COMPAT_H

#include <linux/hrtimer.h>
#include <linux/lockdep.h>
#include <linux/processor.h>
#include <linux/slab.h>
#include <linux/timer.h>

/* 41cb08555c41 ("treewide, timers: Rename from_timer() to timer_container_of()") */
#ifndef timer_container_of
#define timer_container_of(var, callback_timer, timer_fieldname) \
	from_timer(var, callback_timer, timer_fieldname)
/* From the same series. */
#define timer_destroy_on_stack(timer) destroy_timer_on_stack(timer)
#define timer_delete_sync_try(timer) try_to_del_timer_sync(timer)
#endif

/* "compiler-context-analysis: Remove __cond_lock() function-like helper", 7.0 */
#ifndef __cond_lock
#define __cond_lock(lock, cond) (cond)
#endif

/* 2932ba8d9c99 ("slab: Introduce kmalloc_obj() and family") */
#ifndef kmalloc_obj
#define kmalloc_obj(var, flags) kmalloc(sizeof(var), (flags))
#endif
#ifndef kzalloc_obj
#define kzalloc_obj(var, flags) kzalloc(sizeof(var), (flags))
#endif

/* "lockdep: lockdep_set_notrack_class()", 6.11 */
#ifndef lockdep_set_notrack_class
#define lockdep_set_notrack_class(lock) lockdep_set_novalidate_class(lock)
#endif

/* 908a1d775422 ("hrtimers: Introduce hrtimer_setup() to replace hrtimer_init()") */
#ifdef KWORKERX_NO_HRTIMER_SETUP
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*function)(struct hrtimer *),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

/* A statement on some processors (arm, powerpc, s390), an expression on others. */
static inline void kworkerx_relax(void)
{
	cpu_relax();
}

#endif /* _KWORKERX_COMPAT_H */
