/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Accesses and atomic operations by means of the compiler, which sanitizers see.
 *
 * ThreadSanitizer knows no fences.  So an atomic operation here is as strong as
 * it is together with smp_mb__before_atomic() and smp_mb__after_atomic(), and
 * smp_mb() orders nothing for it: what rests on a full barrier alone, that is
 * on the order of a store and a load, is no data race to it, either.
 *
 * It knows no address dependencies, either, so it is told of them: who stores a
 * pointer by an operation that orders what came before has published what is at
 * that address, and who reads the pointer, from wherever it was copied to, comes
 * after that.
 */
#ifndef _KWORKERX_NATIVE_ATOMIC_H
#define _KWORKERX_NATIVE_ATOMIC_H

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>

/*
 * One stands for each address, since that may be freed already when a pointer to
 * it is read.  Those that share one are rare.
 */
extern char machine_places[1 << 16];

/* As __builtin_classify_type() has it. */
#define MACHINE_POINTER		5
#define MACHINE_LEADS(value)						\
	(__builtin_classify_type(value) == MACHINE_POINTER && (value))
/* Without the lowest bits, which may be flags. */
#define MACHINE_PLACE(value)						\
	(machine_places + ((uintptr_t)(value) >> 3) % sizeof(machine_places))
#define machine_publish(value)						\
	(MACHINE_LEADS(value) ? __tsan_release(MACHINE_PLACE(value)) : (void)0)
#define machine_reach(value)						\
	(MACHINE_LEADS(value) ? __tsan_acquire(MACHINE_PLACE(value)) : (void)0)
#else
#define machine_publish(value)	((void)(value))
#define machine_reach(value)	((void)(value))
#endif

#define MACHINE_LOAD(mem, order)					\
({									\
	__auto_type __loaded = __atomic_load_n((mem), (order));		\
									\
	machine_reach(__loaded);					\
	__loaded;							\
})
#define READ_ONCE(x)		MACHINE_LOAD(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, value)	__atomic_store_n(&(x), (value), __ATOMIC_RELAXED)
#define smp_load_acquire(mem)	MACHINE_LOAD((mem), __ATOMIC_ACQUIRE)
#define smp_store_release(mem, value)					\
do {									\
	__typeof__(*(mem)) __stored = (value);				\
									\
	machine_publish(__stored);					\
	__atomic_store_n((mem), __stored, __ATOMIC_RELEASE);		\
} while (0)
#define xchg(mem, value)						\
({									\
	__typeof__(*(mem)) __stored = (value);				\
									\
	machine_publish(__stored);					\
	__atomic_exchange_n((mem), __stored, __ATOMIC_SEQ_CST);		\
})
#define try_cmpxchg(mem, old, value)					\
({									\
	__typeof__(*(mem)) __stored = (value);				\
									\
	machine_publish(__stored);					\
	__atomic_compare_exchange_n((mem), (old), __stored, false,	\
				    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED); \
})
#define xadd(mem, value)						\
	__atomic_fetch_add((mem), (value), __ATOMIC_SEQ_CST)
#define machine_fetch_or(mem, value)					\
	__atomic_fetch_or((mem), (value), __ATOMIC_SEQ_CST)

#define atomic_or(value, v)	((void)machine_fetch_or(&(v)->counter, (value)))
#define atomic_andnot(value, v)						\
	((void)__atomic_fetch_and(&(v)->counter, ~(value), __ATOMIC_SEQ_CST))
#define atomic_add(value, v)	((void)xadd(&(v)->counter, (value)))
#define atomic_sub(value, v)	((void)xadd(&(v)->counter, -(value)))

/* As strong as a fence on x86, and the compiler does not complain of one. */
static inline void smp_mb(void)
{
	int local = 0;

	(void)xchg(&local, 1);
	barrier();
}

#endif /* _KWORKERX_NATIVE_ATOMIC_H */
