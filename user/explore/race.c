// SPDX-License-Identifier: GPL-2.0-only
#include "memory.h"
#include "race.h"

/*
 * A clock for each actor.  Should one ever run over, nothing is told of the rest
 * of the schedule.
 */
typedef u8 clock_vector __attribute__((__vector_size__(16)));

#define CLOCK_MAX	255
#define PLACES		2048

/*
 * @generation: the schedule that it belongs to
 * @released: what who acquires here gets
 * @plain_store, @store, @plain_load, @load: when each actor did so last
 */
struct place {
	const volatile void	*mem;
	unsigned int		generation;
	clock_vector		released;
	clock_vector		plain_store;
	clock_vector		store;
	clock_vector		plain_load;
	clock_vector		load;
};

static struct place places[PLACES];
static unsigned int generation;
static bool ran_over;

/* How many pointers an actor has in mind, and how much they lead to. */
#define POINTERS	8
#define POINTEE		128

/*
 * @now: of each actor, all that happens before its next access
 * @fenced: of that, what its next relaxed store releases
 * @loaded: what its next full barrier acquires
 * @pointers: that it has loaded without acquiring, and what came with them
 */
static struct {
	clock_vector	now;
	clock_vector	fenced;
	clock_vector	loaded;
	unsigned int	nr_pointers;
	struct {
		unsigned long	value;
		clock_vector	released;
	} pointers[POINTERS];
} clocks[ACTORS + 1];

static unsigned int who(const struct actor *actor)
{
	unsigned int i = actor - actors;

	/* Before the first actor nothing happens. */
	return i < ACTORS ? i : ACTORS;
}

static void join(clock_vector *to, const clock_vector *from)
{
	clock_vector later = (clock_vector)(*from > *to);

	*to = (*from & later) | (*to & ~later);
}

static bool all_before(const clock_vector *times, const clock_vector *now)
{
	union { clock_vector later; unsigned long word[2]; } u;

	u.later = (clock_vector)(*times > *now);
	return !(u.word[0] | u.word[1]);
}

/* NULL if nobody has been there yet. */
static struct place *find(const volatile void *mem, unsigned int *free)
{
	unsigned int i = (unsigned long)mem * 0x9e3779b97f4a7c15UL >> 53;

	for (; places[i].generation == generation; i = (i + 1) % PLACES)
		if (places[i].mem == mem)
			return &places[i];
	*free = i;
	return NULL;
}

static struct place *place(const volatile void *mem)
{
	unsigned int i;
	struct place *p = find(mem, &i);

	if (p)
		return p;
	places[i] = (struct place){ .mem = mem, .generation = generation };
	return &places[i];
}

/* Time goes on for an actor when others may get to know what it did. */
static void tick(unsigned int i)
{
	if (++clocks[i].now[i] == CLOCK_MAX)
		ran_over = true;
}

void race_reset(void)
{
	unsigned int i;

	generation++;
	ran_over = false;
	memset(clocks, 0, sizeof(clocks));
	for (i = 0; i < ACTORS; i++)
		clocks[i].now[i] = 1;
}

void race_order(const struct actor *from, const struct actor *to)
{
	unsigned int i = who(from);

	join(&clocks[who(to)].now, &clocks[i].now);
	if (i < ACTORS)
		tick(i);
}

/* Does a pointer lead the actor to @mem that brings it behind @times? */
static bool depends(unsigned int i, const volatile void *mem,
		    const clock_vector *times)
{
	clock_vector now;
	unsigned int j;

	for (j = 0; j < POINTERS; j++) {
		now = clocks[i].now;
		join(&now, &clocks[i].pointers[j].released);
		if ((unsigned long)mem - clocks[i].pointers[j].value < POINTEE &&
		    all_before(times, &now))
			return true;
	}
	return false;
}

static void check(const volatile void *mem, const clock_vector *times,
		  const char *what)
{
	unsigned int i = who(self);

	if (unlikely(!all_before(times, &clocks[i].now)) &&
	    !depends(i, mem, times) && !ran_over)
		sched_fail("race: %s", what);
}

/* A marked access races with plain ones only. */
static struct place *marked(const volatile void *mem, bool load, bool store)
{
	struct place *p = place(mem);
	unsigned int i = who(self);

	check(mem, &p->plain_store, "a marked access and a plain store");
	if (store)
		check(mem, &p->plain_load, "a marked store and a plain load");
	if (load)
		p->load[i] = clocks[i].now[i];
	if (store)
		p->store[i] = clocks[i].now[i];
	return p;
}

void race_load(const volatile void *mem, enum machine_order order,
	       unsigned long value)
{
	struct place *p = marked(mem, true, false);
	unsigned int i = who(self), j;

	if (order != MACHINE_RELAXED) {
		join(&clocks[i].now, &p->released);
		return;
	}
	join(&clocks[i].loaded, &p->released);
	j = clocks[i].nr_pointers++ % POINTERS;
	clocks[i].pointers[j].value = value & ~7UL;
	clocks[i].pointers[j].released = p->released;
}

void race_store(const volatile void *mem, enum machine_order order, bool same)
{
	struct place *p = marked(mem, false, !same);
	unsigned int i = who(self);

	if (order == MACHINE_RELAXED) {
		p->released = clocks[i].fenced;
		return;
	}
	p->released = clocks[i].now;
	tick(i);
}

void race_fence(void)
{
	unsigned int i = who(self);

	join(&clocks[i].now, &clocks[i].loaded);
	clocks[i].fenced = clocks[i].now;
	tick(i);
}

/* It goes on with what was released here before. */
void race_rmw(const volatile void *mem, enum machine_order order)
{
	struct place *p = marked(mem, true, true);
	unsigned int i = who(self);

	if (order == MACHINE_RELAXED) {
		join(&clocks[i].loaded, &p->released);
		join(&p->released, &clocks[i].fenced);
		return;
	}
	join(&clocks[i].loaded, &p->released);
	race_fence();
	join(&p->released, &clocks[i].fenced);
}

void race_acquire(const volatile void *mem)
{
	join(&clocks[who(self)].now, &place(mem)->released);
}

void race_release(const volatile void *mem)
{
	unsigned int i = who(self);

	join(&place(mem)->released, &clocks[i].now);
	tick(i);
}

void race_plain_load(const volatile void *mem)
{
	struct place *p = place(mem);
	unsigned int i = who(self);

	check(mem, &p->plain_store, "a plain load and a plain store");
	check(mem, &p->store, "a plain load and a marked store");
	p->plain_load[i] = clocks[i].now[i];
}

void race_plain_store(const volatile void *mem)
{
	struct place *p = place(mem);
	unsigned int i = who(self);

	check(mem, &p->plain_store, "a plain store and a plain store");
	check(mem, &p->store, "a plain store and a marked store");
	check(mem, &p->plain_load, "a plain store and a plain load");
	check(mem, &p->load, "a plain store and a marked load");
	p->plain_store[i] = clocks[i].now[i];
}

/* As if all of it were stored to. */
void race_free(const volatile void *mem, size_t size)
{
	const volatile char *byte = mem;
	unsigned int unused;
	size_t i;

	for (i = 0; i < size; i += 4)
		if (find(byte + i, &unused))
			race_plain_store(byte + i);
}

/*
 * What the compiler calls
 */

static void plain(const volatile void *mem, unsigned int size, bool store,
		  const void *pc)
{
	self->pc = pc;
	sched_step(mem, store);
	trace_event(store ? "writes (plain)" : "reads (plain)", mem);
	memory_touch(mem);
	memory_drain_own(mem, size);
	if (store)
		race_plain_store(mem);
	else
		race_plain_load(mem);
}

#define HOOKS(size)							\
void __tsan_read ## size(const void *mem);				\
void __tsan_write ## size(const void *mem);				\
void __tsan_volatile_read ## size(const void *mem);			\
void __tsan_volatile_write ## size(const void *mem);			\
									\
void __tsan_read ## size(const void *mem)				\
{									\
	plain(mem, size, false, __builtin_return_address(0));		\
}									\
									\
void __tsan_write ## size(const void *mem)				\
{									\
	plain(mem, size, true, __builtin_return_address(0));		\
}									\
									\
void __tsan_volatile_read ## size(const void *mem) { }			\
void __tsan_volatile_write ## size(const void *mem) { }

HOOKS(1)
HOOKS(2)
HOOKS(4)
HOOKS(8)
HOOKS(16)

void __tsan_read_range(const void *mem, size_t size);
void __tsan_write_range(const void *mem, size_t size);
void __tsan_func_entry(const void *pc);
void __tsan_func_exit(void);
void __tsan_init(void);

void __tsan_read_range(const void *mem, size_t size)
{
	size_t i;

	for (i = 0; i < size; i += 8)
		plain((const char *)mem + i, 8, false, __builtin_return_address(0));
}

void __tsan_write_range(const void *mem, size_t size)
{
	size_t i;

	for (i = 0; i < size; i += 8)
		plain((const char *)mem + i, 8, true, __builtin_return_address(0));
}

void __tsan_func_entry(const void *pc) { }
void __tsan_func_exit(void) { }
void __tsan_init(void) { }
