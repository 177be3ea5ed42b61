/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the machine share.
 */
#ifndef _KWORKERX_NATIVE_NATIVE_H
#define _KWORKERX_NATIVE_NATIVE_H

#include <time.h>

#include "kernel.h"

/*
 * What a lock is.  Who finds it taken calls the function, of context.c with
 * NATIVE_RCU, of spinlock.c without.
 */
#define NATIVE_LOCKED		0x1u
#define NATIVE_PENDING_BIT	8
#define NATIVE_PENDING		0x100u
#define NATIVE_BUSY		0xffffu
#define NATIVE_TAIL		16
void native_lock_slowly(raw_spinlock_t *lock);

/* Of time.c.  In jiffies, as exact as the system's clock. */
unsigned long native_now(void);
struct timespec native_timespec(unsigned long time);
void native_start_ticks(void);

/*
 * Of rcu.c, which is liburcu.  Without NATIVE_RCU nothing is ever freed that a
 * reader could see.
 */
#ifdef NATIVE_RCU
void native_rcu_add_thread(void);
void native_rcu_remove_thread(void);
void native_rcu_read_lock(void);
void native_rcu_read_unlock(void);
void native_rcu_free(void *mem);
#else
static inline void native_rcu_add_thread(void) { }
static inline void native_rcu_remove_thread(void) { }
static inline void native_rcu_free(void *mem) { }
#endif

#endif /* _KWORKERX_NATIVE_NATIVE_H */
