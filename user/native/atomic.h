/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Accesses and atomic operations by means of the compiler, which sanitizers see.
 *
 * ThreadSanitizer knows no fences.  So an atomic operation here is as strong as
 * it is together with smp_mb__before_atomic() and smp_mb__after_atomic(), and
 * smp_mb() orders nothing for it: what rests on a full barrier alone, that is
 * on the order of a store and a load, is no data race to it, either.  To read a
 * pointer by READ_ONCE() orders what is reached by it, which is an acquire to
 * ThreadSanitizer, since it does not follow addresses.
 */
#ifndef _KWORKERX_NATIVE_ATOMIC_H
#define _KWORKERX_NATIVE_ATOMIC_H

#ifdef __SANITIZE_THREAD__
/* As __builtin_classify_type() has it. */
#define MACHINE_POINTER		5
#define MACHINE_ONCE(x)							\
	(__builtin_classify_type(x) == MACHINE_POINTER ?		\
	 __ATOMIC_ACQUIRE : __ATOMIC_RELAXED)
#else
#define MACHINE_ONCE(x)		__ATOMIC_RELAXED
#endif

#define READ_ONCE(x)		__atomic_load_n(&(x), MACHINE_ONCE(x))
#define WRITE_ONCE(x, value)	__atomic_store_n(&(x), (value), __ATOMIC_RELAXED)
#define smp_load_acquire(mem)	__atomic_load_n((mem), __ATOMIC_ACQUIRE)
#define smp_store_release(mem, value)					\
	__atomic_store_n((mem), (value), __ATOMIC_RELEASE)
#define xchg(mem, value)						\
({									\
	__atomic_exchange_n((mem), (value), __ATOMIC_SEQ_CST);		\
})
#define xchg_relaxed(mem, value)					\
	__atomic_exchange_n((mem), (value), __ATOMIC_RELAXED)
#define try_cmpxchg(mem, old, value)					\
	__atomic_compare_exchange_n((mem), (old), (value), false,	\
				    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)
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
