/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine of the explorer: actors that take turns on one thread.
 *
 * Before each access to memory that others may see, each lock, wake-up and so
 * on, the actor is at a step, where another one may go on instead: see sched.h.
 * A step at which nothing is to be decided costs a comparison.
 *
 * With EXPLORE_PLAIN the compiler calls us before plain accesses, too
 * (-fsanitize=thread), and races between them are found: see race.c.
 */
#ifndef _KWORKERX_EXPLORE_MACHINE_H
#define _KWORKERX_EXPLORE_MACHINE_H

/*
 * @step: how many steps the present schedule has taken
 * @stop: at which step something is to be decided; 0 is at each
 * @task: of the actor that runs, or that it has interrupted
 */
struct machine {
	unsigned int		step;
	unsigned int		stop;
	struct task_struct	*task;
};

extern struct machine machine;

/* What an access orders, and what it is. */
enum machine_order {
	MACHINE_RELAXED,
	MACHINE_ACQUIRE,
	MACHINE_RELEASE,
	MACHINE_FULL,
};

enum machine_op {
	MACHINE_SET,
	MACHINE_OR,
	MACHINE_ANDNOT,
	MACHINE_ADD,
};

/* Steps at which something is to be decided. */
unsigned long machine_load(const volatile void *mem, unsigned int size,
			   enum machine_order order);
void machine_store(volatile void *mem, unsigned int size, unsigned long value,
		   enum machine_order order);
unsigned long machine_rmw(volatile void *mem, unsigned int size,
			  enum machine_op op, unsigned long value,
			  enum machine_order order);
bool machine_cmpxchg(volatile void *mem, unsigned int size, unsigned long *old,
		     unsigned long value);
void machine_fence(void);

/* In instrumented code nothing of ours may be accessed. */
#ifdef EXPLORE_PLAIN
struct task_struct *machine_current(void);
#define current			machine_current()
#define machine_decides()	true
#define machine_fences()	true
#else
#define current			(machine.task)
#define machine_fences()	unlikely(!machine.stop)

/* Who decides takes the step itself. */
static __always_inline bool machine_decides(void)
{
	if (unlikely(machine.step + 1 >= machine.stop))
		return true;
	machine.step++;
	return false;
}
#endif

#define __machine_load(mem, order)					\
({									\
	const volatile __typeof__(*(mem)) *__from = (mem);		\
									\
	(__typeof__(*(mem)))(machine_decides() ?			\
		machine_load(__from, sizeof(*__from), (order)) :	\
		(unsigned long)*__from);				\
})

#define __machine_store(mem, value, order)				\
do {									\
	volatile __typeof__(*(mem)) *__to = (mem);			\
	__typeof__(*(mem)) __value = (value);				\
									\
	if (machine_decides())						\
		machine_store(__to, sizeof(*__to),			\
			      (unsigned long)__value, (order));		\
	else								\
		*__to = __value;					\
} while (0)

#define __machine_xchg(mem, value, order)				\
({									\
	volatile __typeof__(*(mem)) *__mem = (mem);			\
	__typeof__(*(mem)) __new = (__typeof__(*(mem)))(value), __was;	\
									\
	if (machine_decides()) {					\
		__was = (__typeof__(*(mem)))machine_rmw(__mem,		\
			sizeof(*__mem), MACHINE_SET,			\
			(unsigned long)__new, (order));			\
	} else {							\
		__was = *__mem;						\
		*__mem = __new;						\
	}								\
	__was;								\
})

#define READ_ONCE(x)		__machine_load(&(x), MACHINE_RELAXED)

/* A worker's ->life is told from all else by how the engine calls it. */
unsigned int machine_life(const volatile void *life);
void machine_turned(volatile void *life, unsigned int from, unsigned long to);
#define WRITE_ONCE(x, value)						\
do {									\
	const bool __turns = !__builtin_strcmp(#x, "worker->life");	\
	unsigned int __from = __turns ? machine_life(&(x)) : 0;		\
									\
	__machine_store(&(x), (value), MACHINE_RELAXED);		\
	if (__turns)							\
		machine_turned(&(x), __from, (unsigned long)(value));	\
} while (0)

#define smp_load_acquire(mem)	__machine_load((mem), MACHINE_ACQUIRE)
#define smp_store_release(mem, value)					\
	__machine_store((mem), (value), MACHINE_RELEASE)
#define xchg(mem, value)	__machine_xchg((mem), (value), MACHINE_FULL)
#define xchg_relaxed(mem, value)					\
	__machine_xchg((mem), (value), MACHINE_RELAXED)

#define try_cmpxchg(mem, old, value)					\
({									\
	volatile __typeof__(*(mem)) *__mem = (mem);			\
	__typeof__(*(mem)) *__old = (old);				\
	__typeof__(*(mem)) __new = (value);				\
	bool __done;							\
									\
	if (machine_decides()) {					\
		unsigned long __was = (unsigned long)*__old;		\
									\
		__done = machine_cmpxchg(__mem, sizeof(*__mem), &__was,	\
					 (unsigned long)__new);		\
		*__old = (__typeof__(*(mem)))__was;			\
	} else {							\
		__typeof__(*(mem)) __was = *__mem;			\
									\
		__done = __was == *__old;				\
		if (__done)						\
			*__mem = __new;					\
		*__old = __was;						\
	}								\
	__done;								\
})

/* Orders nothing by itself, as the kernel has it. */
static inline void machine_atomic(enum machine_op op, int value, atomic_t *v)
{
	machine_rmw(&v->counter, sizeof(v->counter), op, value,
		    MACHINE_RELAXED);
}

#define atomic_or(value, v)	machine_atomic(MACHINE_OR, (value), (v))
#define atomic_andnot(value, v)	machine_atomic(MACHINE_ANDNOT, (value), (v))
#define atomic_add(value, v)	machine_atomic(MACHINE_ADD, (value), (v))
#define atomic_sub(value, v)	machine_atomic(MACHINE_ADD, -(value), (v))
#define atomic_inc(v)		atomic_add(1, v)
#define atomic_dec(v)		atomic_sub(1, v)

/* On one thread a barrier is something only where stores may be seen late. */
static inline void smp_mb(void)
{
	barrier();
	if (machine_fences())
		machine_fence();
}

#define smp_mb__before_atomic()	smp_mb()
#define smp_mb__after_atomic()	smp_mb()

/* Others have to go on before who waits busily looks again. */
void cpu_relax(void);
void machine_await_change(const volatile void *mem, unsigned int size,
			  unsigned long old);

#define smp_cond_load_acquire(mem, condition)				\
({									\
	__typeof__(*(mem)) VAL;						\
									\
	while (VAL = smp_load_acquire(mem), !(condition))		\
		machine_await_change((mem), sizeof(*(mem)),		\
				     (unsigned long)VAL);		\
	VAL;								\
})

/*
 * Interrupts and preemption
 */

void local_irq_disable(void);
void local_irq_enable(void);
bool irqs_disabled(void);
void preempt_disable(void);
void preempt_enable(void);
int preempt_count(void);
bool in_task(void);
bool in_nmi(void);
void might_sleep(void);
void cond_resched(void);

/*
 * Locks
 */

typedef struct { struct actor *owner; } raw_spinlock_t;

#define __RAW_SPIN_LOCK_UNLOCKED(lock)	{ NULL }
#define DEFINE_RAW_SPINLOCK(lock)	raw_spinlock_t lock = { NULL }
#define raw_spin_lock_init(lock)	((void)((lock)->owner = NULL))
void raw_spin_lock(raw_spinlock_t *lock);
void raw_spin_unlock(raw_spinlock_t *lock);
void raw_spin_lock_irq(raw_spinlock_t *lock);
void raw_spin_unlock_irq(raw_spinlock_t *lock);
#define raw_spin_lock_irqsave(lock, flags)				\
do {									\
	local_irq_save(flags);						\
	raw_spin_lock(lock);						\
} while (0)
#define raw_spin_unlock_irqrestore(lock, flags)				\
do {									\
	raw_spin_unlock(lock);						\
	local_irq_restore(flags);					\
} while (0)

/*
 * Tasks and time
 */

/*
 * @fn, @data: what the thread runs; constant
 * @actor: who runs it; constant
 * @parked: waited for by who parks it
 * @should_stop, @should_park, @freezing: what it was asked for
 * @freezable: it heeds @freezing
 * @frozen: and does so now
 * @result: what @fn has returned
 */
struct machine_task {
	int (*fn)(void *data);
	void			*data;
	struct actor		*actor;
	unsigned int		parked;
	bool			should_stop;
	bool			should_park;
	bool			freezable;
	bool			freezing;
	bool			frozen;
	int			result;
};

/* @actor: who runs its function, NULL before it is armed for the first time */
struct machine_timer {
	struct actor		*actor;
};

/* @actor: who runs its function, NULL before it is queued for the first time */
struct machine_irq_work {
	struct actor		*actor;
};

#define HZ	100
extern unsigned long jiffies;

#define freezing(task)	READ_ONCE((task)->machine.freezing)
void set_freezable(void);
bool try_to_freeze(void);
#define __refrigerator(check)	try_to_freeze()

#endif /* _KWORKERX_EXPLORE_MACHINE_H */
