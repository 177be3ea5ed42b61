// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "memory.h"
#include "race.h"

/*
 * Allocations: one after the other, none used again in the same schedule, and
 * filled with a pattern when they are freed.
 */

#define ARENA_SIZE	65536
#define FREED		0x6b6b6b6b6b6b6b6bULL
#define ALIGNED		__attribute__((__aligned__(64)))

/*
 * @size: of the memory that follows, which is as well aligned
 * @freed: it was given back
 */
struct block {
	size_t	size;
	bool	freed;
} ALIGNED;

static char arena[ARENA_SIZE] ALIGNED;
/* For each line of the arena, whether it was freed. */
static bool freed_lines[ARENA_SIZE / 64];
static size_t arena_used;
static bool arena_has_freed;

/* The sections that hold the static variables of the modules. */
#define SECTION_BOUNDS(name)						\
	extern char __start_ ## name[] __attribute__((__weak__));	\
	extern char __stop_ ## name[] __attribute__((__weak__))
SECTION_BOUNDS(module_data);
SECTION_BOUNDS(module_bss);

static void reset_modules(void)
{
	static char pristine[8192];
	static size_t size;

	if (!size) {
		size = __stop_module_data - __start_module_data;
		memcpy(pristine, __start_module_data, size);
	}
	memcpy(__start_module_data, pristine, size);
	memset(__start_module_bss, 0, __stop_module_bss - __start_module_bss);
}

void *kmalloc(size_t size, gfp_t flags)
{
	struct block *block = (struct block *)(arena + arena_used);

	size = (size + 63) / 64 * 64;
	arena_used += sizeof(*block) + size;
	if (arena_used > ARENA_SIZE)
		sched_fail("out of memory");
	block->size = size;
	block->freed = false;
	return block + 1;
}

void *kzalloc(size_t size, gfp_t flags)
{
	return memset(kmalloc(size, flags), 0, size);
}

void kfree(const void *mem)
{
	struct block *block = (struct block *)mem - 1;

	if (!mem)
		return;
	if (block->freed)
		sched_fail("freed twice");
	trace_event("frees", mem);
	memory_drain(self);
	race_free(mem, block->size);
	block->freed = true;
	arena_has_freed = true;
	memset(block + 1, (u8)FREED, block->size);
	memset(&freed_lines[((char *)mem - arena) / 64], true, block->size / 64);
}

void memory_touch(const volatile void *mem)
{
	size_t offset = (const volatile char *)mem - arena;

	if (unlikely(arena_has_freed) && offset < ARENA_SIZE &&
	    freed_lines[offset / 64])
		sched_fail("use after free");
}

const char *memory_check(void)
{
	struct block *block;
	size_t offset, i;

	if (!arena_has_freed)
		return NULL;
	for (offset = 0; offset < arena_used;
	     offset += sizeof(*block) + block->size) {
		block = (struct block *)(arena + offset);
		for (i = 0; block->freed && i < block->size / sizeof(u64); i++)
			if (((u64 *)(block + 1))[i] != FREED)
				return "freed memory was written to";
	}
	return NULL;
}

/*
 * Stores that only their actor sees
 */

#define STORES	32

/*
 * @release: others see it after all that came before
 * @rmw: an atomic operation: nobody stores to its place in between
 */
struct store {
	volatile void	*mem;
	unsigned int	size;
	bool		release;
	bool		rmw;
	unsigned long	value;
};

static struct {
	unsigned int	nr;
	struct store	store[STORES];
} buffers[ACTORS];
static unsigned int nr_buffered;

static void write_memory(volatile void *mem, unsigned int size,
			 unsigned long value)
{
	switch (size) {
	case 1:
		*(volatile u8 *)mem = value;
		break;
	case 2:
		*(volatile u16 *)mem = value;
		break;
	case 4:
		*(volatile u32 *)mem = value;
		break;
	default:
		*(volatile u64 *)mem = value;
	}
}

static unsigned long read_memory(const volatile void *mem, unsigned int size)
{
	switch (size) {
	case 1:
		return *(const volatile u8 *)mem;
	case 2:
		return *(const volatile u16 *)mem;
	case 4:
		return *(const volatile u32 *)mem;
	default:
		return *(const volatile u64 *)mem;
	}
}

static bool overlaps(const struct store *store, const volatile void *mem,
		     unsigned int size)
{
	const volatile char *a = store->mem, *b = mem;

	return a < b + size && b < a + store->size;
}

/* The oldest store that has to leave the buffer before the one at @i. */
static unsigned int before(unsigned int buffer, unsigned int i)
{
	struct store *store = buffers[buffer].store;
	unsigned int j;

	if (store[i].release)
		return 0;
	for (j = 0; j < i; j++)
		if (overlaps(&store[j], store[i].mem, store[i].size))
			return j;
	return i;
}

static void let_go(unsigned int buffer, unsigned int i)
{
	struct store *store = buffers[buffer].store, gone;
	unsigned int first, nr;

	while ((first = before(buffer, i)) != i) {
		nr = buffers[buffer].nr;
		let_go(buffer, first);
		i -= nr - buffers[buffer].nr;
	}
	gone = store[i];
	memmove(store + i, store + i + 1,
		(--buffers[buffer].nr - i) * sizeof(*store));
	nr_buffered--;
	memory_touch(gone.mem);
	write_memory(gone.mem, gone.size, gone.value);
}

void memory_drain(struct actor *actor)
{
	unsigned int buffer = actor - actors;

	if (!nr_buffered || buffer >= ACTORS)
		return;
	while (buffers[buffer].nr)
		let_go(buffer, 0);
}

static void drain_place(unsigned int buffer, const volatile void *mem,
			unsigned int size, bool rmw)
{
	unsigned int i;

	for (i = 0; i < buffers[buffer].nr; i++) {
		struct store *store = &buffers[buffer].store[i];

		if (overlaps(store, mem, size) && (!rmw || store->rmw)) {
			let_go(buffer, i);
			i = -1;
		}
	}
}

void memory_drain_own(const volatile void *mem, unsigned int size)
{
	if (unlikely(nr_buffered))
		drain_place(self - actors, mem, size, false);
}

/* Atomic operations of others on a place come before a store to it. */
static void drain_others(const volatile void *mem, unsigned int size)
{
	unsigned int i;

	for (i = 0; nr_buffered && i < ACTORS; i++)
		if (i != self - actors)
			drain_place(i, mem, size, true);
}

void memory_drain_some(void)
{
	unsigned int buffer;

	if (!nr_buffered || sched_random(4))
		return;
	do
		buffer = sched_random(ACTORS);
	while (!buffers[buffer].nr);
	let_go(buffer, sched_random(buffers[buffer].nr));
}

static void put(volatile void *mem, unsigned int size, unsigned long value,
		bool release, bool rmw)
{
	unsigned int buffer = self - actors;

	/* Where the compiler stores, too, unknown to us, it must not be later. */
	if (sched_on_own_stack(mem)) {
		if (release)
			memory_drain(self);
		write_memory(mem, size, value);
		return;
	}
	if (buffers[buffer].nr == STORES)
		let_go(buffer, 0);
	buffers[buffer].store[buffers[buffer].nr++] = (struct store){
		.mem = mem,
		.size = size,
		.release = release,
		.rmw = rmw,
		.value = value,
	};
	nr_buffered++;
}

/* What the actor has stored last, or what everybody sees. */
static unsigned long look_up(const volatile void *mem, unsigned int size)
{
	unsigned int buffer = self - actors, i;

	for (i = nr_buffered ? buffers[buffer].nr : 0; i--; ) {
		struct store *store = &buffers[buffer].store[i];

		if (store->mem == mem && store->size == size)
			return store->value;
		if (overlaps(store, mem, size)) {
			memory_drain(self);
			break;
		}
	}
	return read_memory(mem, size);
}

void memory_reset(void)
{
	unsigned int i;

	reset_modules();
	memset(freed_lines, false, (arena_used + 63) / 64);
	arena_used = 0;
	arena_has_freed = false;
	for (i = 0; nr_buffered && i < ACTORS; i++)
		buffers[i].nr = 0;
	nr_buffered = 0;
}

/*
 * What the modules call at a step where something is to be decided
 */

#define HERE()	(self->pc = __builtin_return_address(0))

unsigned long machine_load(const volatile void *mem, unsigned int size,
			   enum machine_order order)
{
	unsigned long value;

	HERE();
	sched_step(mem, false);
	trace_event("reads", mem);
	memory_touch(mem);
	value = look_up(mem, size);
	race_load(mem, order, value);
	return value;
}

void machine_store(volatile void *mem, unsigned int size, unsigned long value,
		   enum machine_order order)
{
	HERE();
	sched_step(mem, true);
	trace_event("writes", mem);
	memory_touch(mem);
	race_store(mem, order, read_memory(mem, size) == value);
	if (sched_late_stores()) {
		put(mem, size, value, order == MACHINE_RELEASE, false);
		return;
	}
	drain_others(mem, size);
	write_memory(mem, size, value);
}

void memory_store_release(volatile void *mem, unsigned int size,
			  unsigned long value)
{
	if (sched_late_stores())
		put(mem, size, value, true, false);
	else
		write_memory(mem, size, value);
}

static unsigned long operate(enum machine_op op, unsigned long old,
			     unsigned long value)
{
	switch (op) {
	case MACHINE_OR:
		return old | value;
	case MACHINE_ANDNOT:
		return old & ~value;
	case MACHINE_ADD:
		return old + value;
	default:
		return value;
	}
}

unsigned long machine_rmw(volatile void *mem, unsigned int size,
			  enum machine_op op, unsigned long value,
			  enum machine_order order)
{
	unsigned long old;

	HERE();
	sched_step(mem, true);
	trace_event("changes", mem);
	memory_touch(mem);
	race_rmw(mem, order);
	drain_others(mem, size);
	if (order == MACHINE_FULL)
		memory_drain(self);
	else
		memory_drain_own(mem, size);
	old = read_memory(mem, size);
	value = operate(op, old, value);
	if (order != MACHINE_FULL && sched_late_stores())
		put(mem, size, value, false, true);
	else
		write_memory(mem, size, value);
	return old;
}

static bool equal(unsigned long a, unsigned long b, unsigned int size)
{
	return size == 4 ? (u32)a == (u32)b : a == b;
}

bool machine_cmpxchg(volatile void *mem, unsigned int size, unsigned long *old,
		     unsigned long value)
{
	unsigned long was;

	HERE();
	sched_step(mem, true);
	trace_event("tries to change", mem);
	memory_touch(mem);
	memory_drain_own(mem, size);
	was = read_memory(mem, size);
	/* What fails stores nothing, and may see what was. */
	if (equal(was, *old, size)) {
		drain_others(mem, size);
		was = read_memory(mem, size);
	}
	if (!equal(was, *old, size)) {
		race_load(mem, MACHINE_RELAXED, was);
		*old = was;
		return false;
	}
	memory_drain(self);
	race_rmw(mem, MACHINE_FULL);
	write_memory(mem, size, value);
	return true;
}

void machine_fence(void)
{
	memory_drain(self);
	race_fence();
}
