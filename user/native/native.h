/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the machine share.
 */
#ifndef _KWORKERX_NATIVE_NATIVE_H
#define _KWORKERX_NATIVE_NATIVE_H

#include <time.h>

#include "kernel.h"

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
