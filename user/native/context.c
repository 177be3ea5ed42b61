// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts, preemption and locks.
 */
#include <sched.h>

#include "native.h"

#ifdef __SANITIZE_THREAD__
char machine_places[1 << 16];
#endif

#ifdef NATIVE_RCU
/* A processor may be needed by whom one waits for. */
void cpu_relax(void)
{
	static __thread unsigned int spins;

	if (++spins % 64)
		__builtin_ia32_pause();
	else
		sched_yield();
}

static void enter_section(void)
{
	if (!current->machine.sections++)
		native_rcu_read_lock();
}

static void leave_section(void)
{
	if (!--current->machine.sections)
		native_rcu_read_unlock();
}

void local_irq_disable(void)
{
	if (current->machine.irqs_off)
		return;
	current->machine.irqs_off = true;
	enter_section();
}

void local_irq_enable(void)
{
	if (!current->machine.irqs_off)
		return;
	current->machine.irqs_off = false;
	leave_section();
}

bool irqs_disabled(void)
{
	return current->machine.irqs_off;
}

void preempt_disable(void)
{
	current->machine.preempt++;
	enter_section();
}

void preempt_enable(void)
{
	current->machine.preempt--;
	leave_section();
}

int preempt_count(void)
{
	return current->machine.preempt;
}

bool in_task(void)
{
	return !current->machine.in_irq;
}

void might_sleep(void)
{
	WARN_ONCE(current->machine.sections, "sleeps where it must not");
}

void machine_irq_enter(void)
{
	current->machine.in_irq = true;
	local_irq_disable();
}

void machine_irq_exit(void)
{
	local_irq_enable();
	current->machine.in_irq = false;
}
#else
__thread int machine_preempt;

void synchronize_rcu(void)
{
}
#endif

/*
 * Locks: one byte is set while somebody has it, another one while the second
 * contender waits for that.  With NATIVE_RCU the third waits until nobody else
 * does, which needs nobody in particular to run.
 */

#ifdef NATIVE_RCU
static void await_turn(raw_spinlock_t *lock)
{
	u32 nobody;

	do {
		while (READ_ONCE(lock->value))
			cpu_relax();
		nobody = 0;
	} while (!try_cmpxchg(&lock->value, &nobody, NATIVE_LOCKED));
}

void native_lock_slowly(raw_spinlock_t *lock)
{
	u32 old = machine_fetch_or(&lock->value, NATIVE_PENDING);

	if (old & NATIVE_PENDING) {
		await_turn(lock);
		return;
	}
	while (smp_load_acquire(&lock->locked))
		cpu_relax();
	WRITE_ONCE(lock->locked_pending, NATIVE_LOCKED);
}
#endif

static __always_inline void take(raw_spinlock_t *lock)
{
	u32 nobody = 0;

	preempt_disable();
	if (unlikely(!try_cmpxchg(&lock->value, &nobody, NATIVE_LOCKED)))
		native_lock_slowly(lock);
}

static __always_inline void give_back(raw_spinlock_t *lock)
{
	smp_store_release(&lock->locked, 0);
}

void raw_spin_lock(raw_spinlock_t *lock)
{
	take(lock);
}

void raw_spin_unlock(raw_spinlock_t *lock)
{
	give_back(lock);
	preempt_enable();
}

void raw_spin_lock_irq(raw_spinlock_t *lock)
{
	local_irq_disable();
	take(lock);
}

void raw_spin_unlock_irq(raw_spinlock_t *lock)
{
	give_back(lock);
	local_irq_enable();
	preempt_enable();
}

unsigned long machine_lock_irqsave(raw_spinlock_t *lock)
{
	unsigned long flags;

	local_irq_save(flags);
	take(lock);
	return flags;
}

void raw_spin_unlock_irqrestore(raw_spinlock_t *lock, unsigned long flags)
{
	give_back(lock);
	local_irq_restore(flags);
	preempt_enable();
}
