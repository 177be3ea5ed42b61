// SPDX-License-Identifier: GPL-2.0-only
/*
 * RCU is liburcu's.  This file knows nothing of kernel.h, since both have the same
 * names.
 *
 * ThreadSanitizer does not see into the library, so it is told: what a reader
 * did in its section comes before what follows a grace period.
 */
#include <stdlib.h>
#include <urcu.h>

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#else
#define __tsan_acquire(mem)	((void)(mem))
#define __tsan_release(mem)	((void)(mem))
#endif

void native_rcu_add_thread(void);
void native_rcu_remove_thread(void);
void native_rcu_read_lock(void);
void native_rcu_read_unlock(void);
void native_rcu_free(void *mem);
void native_synchronize_rcu(void)
	__asm__("synchronize_rcu");

/* To be freed after a grace period. */
struct garbage {
	struct rcu_head	head;
	void		*mem;
};

/* Stands for all grace periods, for ThreadSanitizer. */
static char grace_periods;

void native_rcu_add_thread(void)
{
	rcu_register_thread();
}

void native_rcu_remove_thread(void)
{
	rcu_unregister_thread();
}

void native_rcu_read_lock(void)
{
	rcu_read_lock();
}

void native_rcu_read_unlock(void)
{
	__tsan_release(&grace_periods);
	rcu_read_unlock();
}

/* What the modules call; the library's has another name behind its macro. */
void native_synchronize_rcu(void)
{
	synchronize_rcu();
	__tsan_acquire(&grace_periods);
}

static void free_garbage(struct rcu_head *head)
{
	struct garbage *garbage = caa_container_of(head, struct garbage, head);

	__tsan_acquire(&grace_periods);
	free(garbage->mem);
	free(garbage);
}

void native_rcu_free(void *mem)
{
	struct garbage *garbage = malloc(sizeof(*garbage));

	if (!garbage)
		abort();
	garbage->mem = mem;
	__tsan_release(&grace_periods);
	call_rcu(&garbage->head, free_garbage);
}
