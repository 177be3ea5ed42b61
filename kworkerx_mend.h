/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a function leaves on its thread, and how that is mended: the list is at the
 * top of kworkerx.c, which alone includes this.
 */
#ifndef _KWORKERX_MEND_H
#define _KWORKERX_MEND_H

#include <linux/bottom_half.h>
#include <linux/cred.h>
#include <linux/debug_locks.h>
#include <linux/irqflags.h>
#include <linux/kthread.h>
#include <linux/lockdep.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "kworkerx.h"
#include "kworkerx_lockdep.h"
#include "kworkerx_report.h"

/*
 * A function has returned with something that the next one must not inherit:
 * undoes what can be undone.  These are looked at on every kernel (interrupts,
 * RCU and locks only where a kernel that is made for debugging keeps a count of
 * them).  Nobody can give back a lock for somebody else.
 */
static noinline void kworkerx_mend(kworkerx_work_func_t func, const char *name,
				   int locks, int rcu)
{
	kworkerx_report(READ_ONCE(current->__state) != TASK_RUNNING,
			"%ps on worker %s left its thread about to sleep",
			func, name);
	__set_current_state(TASK_RUNNING);

	kworkerx_report(irqs_disabled(), "%ps on worker %s left interrupts off",
			func, name);
	local_irq_enable();

	/* Before that of RCU, which with PREEMPT_RT they have inside. */
	kworkerx_report(softirq_count(), "%ps on worker %s left bottom halves off",
			func, name);
	while (softirq_count())
		local_bh_enable();

	kworkerx_report(rcu_preempt_depth() > rcu,
			"%ps on worker %s left an RCU read-side section open",
			func, name);
	while (rcu_preempt_depth() > rcu)
		rcu_read_unlock();

	kworkerx_report(preempt_count(), "%ps on worker %s left preemption off",
			func, name);
	while (preempt_count())
		preempt_enable();

	if (kworkerx_report(kworkerx_locks_changed(locks),
			    "%ps on worker %s left with a lock", func, name) &&
	    READ_ONCE(kworkerx_report_how))
		debug_show_held_locks(current);
}

#ifdef CONFIG_DEBUG_ATOMIC_SLEEP
#define KWORKERX_MEMALLOC_FLAGS						\
	(PF_MEMALLOC | PF_MEMALLOC_NOFS | PF_MEMALLOC_NOIO | PF_MEMALLOC_PIN)

/* The same for what a kernel that is made for debugging looks at, too. */
static void kworkerx_mend_more(kworkerx_work_func_t func, const char *name)
{
	if (kworkerx_report(pagefault_disabled(),
			    "%ps on worker %s left page faults off", func, name))
		current->pagefault_disabled = 0;
#ifdef CONFIG_SMP
	kworkerx_report(current->migration_disabled,
			"%ps on worker %s left migration off", func, name);
	while (current->migration_disabled)
		migrate_enable();
#endif
	if (kworkerx_report(current->flags & KWORKERX_MEMALLOC_FLAGS,
			    "%ps on worker %s left its thread with flags of memalloc_*_save()",
			    func, name))
		current->flags &= ~KWORKERX_MEMALLOC_FLAGS;
	if (kworkerx_report(current->plug, "%ps on worker %s left a block plug",
			    func, name))
		current->plug = NULL;
	if (kworkerx_report(current->journal_info,
			    "%ps on worker %s left a transaction of a journal",
			    func, name))
		current->journal_info = NULL;
	if (kworkerx_report(current->mm, "%ps on worker %s left a user's memory in use",
			    func, name))
		kthread_unuse_mm(current->mm);
	if (kworkerx_report(current_cred() != current_real_cred(),
			    "%ps on worker %s left with credentials of somebody else",
			    func, name))
		revert_creds(current_real_cred());
}
#else
static void kworkerx_mend_more(kworkerx_work_func_t func, const char *name) {}
#endif

/* A kernel that is not made for debugging pays for two comparisons. */
static bool kworkerx_leaked(int locks, int rcu)
{
	if (IS_ENABLED(CONFIG_DEBUG_ATOMIC_SLEEP) &&
	    (irqs_disabled() || rcu_preempt_depth() != rcu))
		return true;
	return preempt_count() || READ_ONCE(current->__state) ||
	       kworkerx_locks_changed(locks);
}

#endif /* _KWORKERX_MEND_H */
