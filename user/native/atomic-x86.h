/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Accesses and atomic operations by the instructions that the kernel has for them
 * on x86, where the compiler might choose others.
 */
#ifndef _KWORKERX_NATIVE_ATOMIC_X86_H
#define _KWORKERX_NATIVE_ATOMIC_X86_H

#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, value)						\
	((void)(*(volatile __typeof__(x) *)&(x) = (value)))

#define smp_load_acquire(mem)						\
({									\
	__typeof__(*(mem)) __loaded = READ_ONCE(*(mem));		\
									\
	barrier();							\
	__loaded;							\
})
#define smp_store_release(mem, value)					\
do {									\
	barrier();							\
	WRITE_ONCE(*(mem), (value));					\
} while (0)

/* An exchange with memory is locked in any case. */
#define xchg(mem, value)						\
({									\
	__typeof__(*(mem)) __value = (value);				\
									\
	__asm__ __volatile__("xchg %0, %1"				\
			     : "+r" (__value), "+m" (*(mem)) : : "memory"); \
	__value;							\
})

#define xadd(mem, value)						\
({									\
	__typeof__(*(mem)) __value = (value);				\
									\
	__asm__ __volatile__("lock xadd %0, %1"				\
			     : "+r" (__value), "+m" (*(mem)) : : "memory", "cc"); \
	__value;							\
})

#define try_cmpxchg(mem, old, value)					\
({									\
	__typeof__(*(mem)) *__old = (old);				\
	__typeof__(*(mem)) __was = *__old;				\
	__typeof__(*(mem)) __new = (value);				\
	bool __done;							\
									\
	__asm__ __volatile__("lock cmpxchg %3, %1"			\
			     : "=@ccz" (__done), "+m" (*(mem)), "+a" (__was) \
			     : "r" (__new) : "memory");			\
	if (unlikely(!__done))						\
		*__old = __was;						\
	likely(__done);							\
})

/* The operand of four bytes makes it an operation of four bytes. */
#define MACHINE_LOCKED(instruction, value, v)				\
	__asm__ __volatile__("lock " instruction " %1, %0"		\
			     : "+m" ((v)->counter) : "ir" (value) : "memory", "cc")

static __always_inline void atomic_or(int value, atomic_t *v)
{
	MACHINE_LOCKED("orl", value, v);
}

static __always_inline void atomic_andnot(int value, atomic_t *v)
{
	MACHINE_LOCKED("andl", ~value, v);
}

static __always_inline void atomic_add(int value, atomic_t *v)
{
	MACHINE_LOCKED("addl", value, v);
}

static __always_inline void atomic_sub(int value, atomic_t *v)
{
	MACHINE_LOCKED("subl", value, v);
}

/* For a lock: who finds it taken wants to know how. */
static __always_inline u32 machine_fetch_or(u32 *mem, u32 value)
{
	return __atomic_fetch_or(mem, value, __ATOMIC_SEQ_CST);
}

/* Cheaper than mfence, which is what the compiler would take. */
static __always_inline void smp_mb(void)
{
	__asm__ __volatile__("lock addl $0, -4(%%rsp)" : : : "memory", "cc");
}

#endif /* _KWORKERX_NATIVE_ATOMIC_X86_H */
