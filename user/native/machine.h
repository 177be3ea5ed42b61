/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine of real threads: each task is a POSIX thread, which sleeps on a
 * futex, and processors are those that the process may use.
 *
 * Macros on the command line choose what it is good for:
 *
 *  - With NATIVE_RCU it finds faults.  A section with interrupts or preemption
 *    off, or with a lock held, is a read-side section of liburcu, and
 *    synchronize_rcu() waits for it.  Atomic operations are the compiler's, so
 *    that sanitizers see them, and who waits busily lets others run, since there
 *    may be more threads than processors.
 *  - With ThreadSanitizer as well (__SANITIZE_THREAD__, which the compiler
 *    defines) marked accesses order no more than the kernel's do: see atomic.h.
 *  - Without NATIVE_RCU it costs what the kernel on x86 costs, as far as a
 *    program can: see atomic-x86.h.  Nothing waits for readers, so memory that
 *    readers may still see is never freed.
 *
 * In both cases locks are out of line, as with CONFIG_PREEMPT, and the second
 * contender waits on a pending bit, as in the kernel.  Further ones are queued
 * without NATIVE_RCU only.
 */
#ifndef _KWORKERX_NATIVE_MACHINE_H
#define _KWORKERX_NATIVE_MACHINE_H

extern __thread struct task_struct *machine_task;

#define current			machine_task

#ifdef NATIVE_RCU
#include "atomic.h"
#else
#include "atomic-x86.h"
#endif

/* An atomic operation on x86 is a full barrier. */
#define smp_mb__before_atomic()	barrier()
#define smp_mb__after_atomic()	barrier()

static inline bool atomic_add_unless(atomic_t *v, int value, int unless)
{
	int old = READ_ONCE(v->counter);

	do {
		if (old == unless)
			return false;
	} while (!try_cmpxchg(&v->counter, &old, old + value));
	return true;
}

#define atomic_inc(v)		atomic_add(1, v)
#define atomic_dec(v)		atomic_sub(1, v)
#define atomic_inc_return(v)	(xadd(&(v)->counter, 1) + 1)
#define atomic_long_inc(v)	((void)xadd(&(v)->counter, 1))
#define atomic_long_read(v)	READ_ONCE((v)->counter)

#define smp_cond_load_acquire(mem, condition)				\
({									\
	__typeof__(*(mem)) VAL;						\
									\
	while (VAL = smp_load_acquire(mem), !(condition))		\
		cpu_relax();						\
	VAL;								\
})

/*
 * Interrupts and preemption.  Timers' functions run between machine_irq_enter() and
 * machine_irq_exit().
 */

#define cond_resched()		((void)0)

#ifdef NATIVE_RCU
void cpu_relax(void);
void local_irq_disable(void);
void local_irq_enable(void);
bool irqs_disabled(void);
void preempt_disable(void);
void preempt_enable(void);
int preempt_count(void);
bool in_task(void);
void might_sleep(void);
void machine_irq_enter(void);
void machine_irq_exit(void);
#else
/* As the kernel lays it out: of hard interrupts in the upper half. */
#define MACHINE_HARDIRQ		0x10000
extern __thread int machine_preempt;

#define cpu_relax()		__builtin_ia32_pause()
#define might_sleep()		((void)0)
#define preempt_count()		READ_ONCE(machine_preempt)
#define in_task()		(!(preempt_count() & MACHINE_HARDIRQ))
#define machine_irq_enter()	((void)(machine_preempt += MACHINE_HARDIRQ))
#define machine_irq_exit()	((void)(machine_preempt -= MACHINE_HARDIRQ))

/* An addition to memory each, as it is with the kernel's variable of a CPU. */
static __always_inline void preempt_disable(void)
{
	machine_preempt++;
	barrier();
}

static __always_inline void preempt_enable(void)
{
	barrier();
	machine_preempt--;
}

/* No program can disable interrupts: a nop stands for cli and for sti. */
#define X86_EFLAGS_IF		0x200UL

static __always_inline unsigned long machine_flags(void)
{
	unsigned long flags;

	__asm__ __volatile__("pushfq; popq %0" : "=rm" (flags) : : "memory");
	return flags;
}

static __always_inline void local_irq_disable(void)
{
	__asm__ __volatile__("nop" : : : "memory");
}

static __always_inline void local_irq_enable(void)
{
	__asm__ __volatile__("nop" : : : "memory");
}

#define irqs_disabled()		(!(machine_flags() & X86_EFLAGS_IF))
#define local_irq_save(flags)						\
do {									\
	(flags) = machine_flags();					\
	local_irq_disable();						\
} while (0)
#define local_irq_restore(flags)					\
do {									\
	if ((flags) & X86_EFLAGS_IF)					\
		local_irq_enable();					\
} while (0)
#define irqs_disabled_flags(flags)	(!((flags) & X86_EFLAGS_IF))
#endif

/*
 * Locks
 */

/*
 * @value is 0 while nobody has the lock or waits for it.  @tail is who queued
 * last for it, as spinlock.c has it.
 */
typedef union {
	u32 value;
	struct {
		u8 locked;
		u8 pending;
		u16 tail;
	};
	u16 locked_pending;
} raw_spinlock_t;

#define __RAW_SPIN_LOCK_UNLOCKED(lock)	{ 0 }
#define DEFINE_RAW_SPINLOCK(lock)	raw_spinlock_t lock = { 0 }
#define raw_spin_lock_init(lock)	((void)((lock)->value = 0))
void raw_spin_lock(raw_spinlock_t *lock);
void raw_spin_unlock(raw_spinlock_t *lock);
void raw_spin_lock_irq(raw_spinlock_t *lock);
void raw_spin_unlock_irq(raw_spinlock_t *lock);
unsigned long machine_lock_irqsave(raw_spinlock_t *lock);
void raw_spin_unlock_irqrestore(raw_spinlock_t *lock, unsigned long flags);
#define raw_spin_lock_irqsave(lock, flags)				\
	((void)((flags) = machine_lock_irqsave(lock)))

/*
 * Tasks and time
 */

/*
 * @fn, @data: what the thread runs; constant
 * @thread: that runs it; constant once the task was created
 * @irqs_off, @in_irq, @preempt, @sections: the task's own, with NATIVE_RCU only.
 *	The last is how many reasons there are for a read-side section of RCU.
 * @asleep: the task is in a system call of the futex, or about to be, and has to
 *	be woken by another one; written by the task
 * @parked: bits that tell that it has parked, or ended; the task sets them, and
 *	wakes others for it
 * @should_stop, @should_park: what it was asked for; written by others
 * @result: what @fn has returned; for who joins the thread
 */
struct machine_task {
	int (*fn)(void *data);
	void			*data;
	unsigned long		thread;
	int			preempt;
	int			sections;
	bool			irqs_off;
	bool			in_irq;
	bool			asleep;
	atomic_t		parked;
	bool			should_stop;
	bool			should_park;
	int			result;
};

struct machine_irq_work { };
#define in_nmi()		false

/* @armed: it is in a list; protected by the lock of timers, read without it */
struct machine_timer {
	bool			armed;
};

/* Makes the calling thread a task, and no task any more. */
void machine_enter(const char *name);
void machine_leave(void);

/* Who would sleep in schedule() spins instead.  For a program to change. */
extern bool machine_spins;
/* How often who would sleep lets others run before.  Constant with threads. */
extern unsigned int machine_yields;
/* How many reports there were. */
unsigned int machine_reports(void);

/* How many processors the process may use, and to bind the caller to one of them. */
unsigned int machine_cpus(void);
void machine_bind(unsigned int cpu);

#define HZ	1000
extern unsigned long machine_jiffies;
#define jiffies	READ_ONCE(machine_jiffies)

/* Nobody freezes. */
#define freezing(task)		((void)(task), false)
#define set_freezable()		((void)0)
#define try_to_freeze()		false
#define __refrigerator(check)	false

#endif /* _KWORKERX_NATIVE_MACHINE_H */
