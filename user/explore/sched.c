// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>

#include "sched.h"
#include "memory.h"
#include "race.h"

#define STACK_SIZE	16384
#define NEVER		0x7fffffffu
#define CHANGES		8

struct machine machine;

#ifdef EXPLORE_PLAIN
struct task_struct *machine_current(void)
{
	return machine.task;
}
#endif

struct actor actors[ACTORS];
struct actor_states states;
struct actor *self;

static char stacks[ACTORS][STACK_SIZE] __attribute__((__aligned__(64)));
static struct actor boot;

/*
 * @stop: the step at which something is to be decided, which is machine.stop
 *	unless each step is looked at for another reason
 * @next: of the choices, the one to come
 * @changed: priorities have to be looked at again
 * @quiescing: the first actor waits until nobody else can go on
 * @since: the first step that is explored
 * @owners: whom each choice that preempts has preempted, until they go on
 */
static struct {
	struct schedule		*schedule;
	unsigned int		stop;
	unsigned int		next;
	unsigned int		since;
	bool			exploring;
	bool			changed;
	bool			quiescing;
	unsigned int		nr_windows;
	struct actor		*owners[64];
	unsigned int		changes[CHANGES];
	unsigned int		nr_changes;
	int			lowest;
	unsigned long long	random;
} sched;

/*
 * Switches stacks: what a call must preserve goes to the old one and comes from
 * the new one.
 */
void sched_switch_stack(void **old, void *new);

#ifdef __x86_64__
__asm__(".text\n"
	".globl sched_switch_stack\n"
	"sched_switch_stack:\n"
	"	push %rbp; push %rbx; push %r12; push %r13; push %r14; push %r15\n"
	"	mov %rsp, (%rdi)\n"
	"	mov %rsi, %rsp\n"
	"	pop %r15; pop %r14; pop %r13; pop %r12; pop %rbx; pop %rbp\n"
	"	ret\n");

#define SAVED_REGISTERS	6
#else
#error "How are stacks switched on this processor?"
#endif

/* xorshift64* */
unsigned int sched_random(unsigned int range)
{
	sched.random ^= sched.random >> 12;
	sched.random ^= sched.random << 25;
	sched.random ^= sched.random >> 27;
	return (sched.random * 0x2545f4914f6cdd1dULL >> 32) % range;
}

bool sched_late_stores(void)
{
	return sched.schedule->mode == SCHED_RANDOM && sched.exploring;
}

bool sched_on_own_stack(const volatile void *mem)
{
	const volatile char *stack = stacks[self - actors];

	return (const volatile char *)mem - stack < STACK_SIZE &&
	       (const volatile char *)mem >= stack;
}

/*
 * Who can go on?
 */

static bool can_start(const struct actor *actor)
{
	const struct actor *host = actor->host;

	return !actor_is(host, states.done | states.interrupted) &&
	       (actor->kind == ACTOR_NMI || !host->irqs_off);
}

/* A bit for each.  Those who need time to pass are in @by_time only. */
static unsigned int ready(unsigned int *by_time)
{
	unsigned int alive = states.used &
			     ~(states.done | states.interrupted | states.spun);
	unsigned int now = alive & states.started & ~states.blocked;
	struct actor *actor;

	*by_time = 0;
	for_each_actor(actor, alive & states.blocked) {
		if (actor->until(actor))
			now |= actor_bit(actor);
		else if (actor->timed)
			*by_time |= actor_bit(actor);
	}
	for_each_actor(actor, alive & ~states.started)
		if (can_start(actor))
			now |= actor_bit(actor);
	return now;
}

/* Of those who wait for time to pass, who waits least? */
static struct actor *earliest(unsigned int by_time)
{
	struct actor *actor, *best = NULL;

	for_each_actor(actor, by_time)
		if (!best || actor->deadline < best->deadline)
			best = actor;
	return best;
}

static struct actor *usual(unsigned int now, unsigned int by_time)
{
	if (now)
		return &actors[__builtin_ctz(now)];
	return by_time ? earliest(by_time) : NULL;
}

/*
 * Going on with somebody else
 */

static void close_windows(const struct actor *owner)
{
	unsigned int i;

	for (i = 0; i < sched.nr_windows; i++)
		if (sched.owners[i] == owner)
			sched.owners[i] = NULL;
}

static bool windows_open(void)
{
	unsigned int i;

	for (i = 0; i < sched.nr_windows; i++)
		if (sched.owners[i])
			return true;
	return false;
}

/* Time has passed for who goes on although what it waits for has not come. */
static void pass_time(struct actor *actor)
{
	if (actor_is(actor, states.blocked) && actor->timed &&
	    !actor->until(actor) &&
	    (long)(actor->deadline - jiffies) > 0)
		jiffies = actor->deadline;
}

/* An interrupt sees all that its CPU has stored. */
static void start(struct actor *actor)
{
	states.started |= actor_bit(actor);
	memory_drain(actor->host);
	states.interrupted |= actor_bit(actor->host);
	race_order(actor->host, actor);
}

static void set_stop(void);

static void go_on_with(struct actor *next)
{
	struct actor *old = self;

	if (next == old) {
		set_stop();
		return;
	}
	pass_time(next);
	if (!actor_is(next, states.started))
		start(next);
	close_windows(next);
	self = next;
	next->in_a_row = 0;
	machine.task = next->host ? &next->host->task : &next->task;
	set_stop();
	sched_switch_stack(&old->stack_pointer, next->stack_pointer);
}

static void __attribute__((__noreturn__)) leave(void)
{
	void *unused;

	self = &boot;
	sched_switch_stack(&unused, boot.stack_pointer);
	__builtin_unreachable();
}

void sched_fail(const char *format, ...)
{
	static char text[400];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	sched.schedule->failure = text;
	leave();
}

/*
 * What a search looks at
 */

static void note_access(struct sched_accesses *set, const volatile void *mem,
			bool write)
{
	unsigned int i;

	if (!mem || set->nr == ACCESSES) {
		set->all = true;
		return;
	}
	for (i = 0; i < set->nr; i++) {
		if (set->access[i].mem == mem) {
			set->access[i].write |= write;
			return;
		}
	}
	set->access[set->nr].mem = mem;
	set->access[set->nr++].write = write;
}

/* Behind the last choice; what comes before it was noted without that choice. */
static bool is_new(void)
{
	return sched.exploring && sched.schedule->mode == SCHED_CHOICES &&
	       sched.next == sched.schedule->nr_choices;
}

static void note_in_windows(const volatile void *mem, bool write)
{
	unsigned int i;

	if (!sched.schedule->windows || !is_new())
		return;
	for (i = 0; i < sched.nr_windows; i++)
		if (sched.owners[i] && sched.owners[i] != self)
			note_access(&sched.schedule->windows[i], mem, write);
	if (!windows_open() && !sched.schedule->record_all)
		set_stop();
}

static void note_option(unsigned int others, bool forced, struct actor *actor,
			const volatile void *mem, bool write)
{
	struct schedule *schedule = sched.schedule;
	struct sched_option *option = &schedule->options[schedule->nr_options++];

	*option = (struct sched_option){
		.step = machine.step,
		.others = others,
		.actor = actor - actors,
		.forced = forced,
		.write = write,
		.mem = mem,
	};
}

/*
 * The modes.  @forced: who ran cannot go on, or shall not.
 */

static struct actor *choose_listed(unsigned int now, unsigned int by_time,
				   bool forced, const volatile void *mem,
				   bool write)
{
	struct schedule *schedule = sched.schedule;
	struct actor *next = forced ? usual(now, by_time) : self;
	const struct sched_choice *choice;
	unsigned int others;

	if (sched.next < schedule->nr_choices) {
		choice = &schedule->choices[sched.next];
		if (choice->step != machine.step)
			return next;
		if (!((now | by_time) & (1u << choice->actor)))
			sched_fail("actor %u cannot go on at step %u",
				   choice->actor, choice->step);
		/* A choice that was forced keeps nobody from going on. */
		sched.owners[sched.next] = forced ? NULL : self;
		sched.nr_windows = ++sched.next;
		return &actors[choice->actor];
	}

	others = (now | by_time) & ~(next ? 1u << (next - actors) : 0);
	if (schedule->options && (forced || schedule->record_all) && others &&
	    sched.exploring)
		note_option(others, forced, next, mem, write);
	else if (schedule->record_all && sched.exploring)
		note_option(0, forced, next, mem, write);
	return next;
}

static struct actor *choose_by_priority(unsigned int ready)
{
	struct actor *actor, *best = NULL;

	for_each_actor(actor, ready)
		if (!best || actor->priority > best->priority)
			best = actor;
	return best;
}

static struct actor *choose_at_random(unsigned int ready, bool forced)
{
	unsigned int pick;

	if (!forced && sched_random(8))
		return self;
	if (!ready)
		return NULL;
	for (pick = sched_random(__builtin_popcount(ready)); pick; pick--)
		ready &= ready - 1;
	return &actors[__builtin_ctz(ready)];
}

static struct actor *choose(bool forced, const volatile void *mem, bool write)
{
	unsigned int by_time, now = ready(&by_time);

	if (forced && !now) {
		/* The others who have looked in vain look again. */
		states.spun &= actor_bit(self);
		now = ready(&by_time);
	}
	if (forced && !(now | by_time)) {
		states.spun = 0;
		now = ready(&by_time);
	}
	switch (sched.exploring ? sched.schedule->mode : SCHED_USUAL) {
	case SCHED_CHOICES:
		return choose_listed(now, by_time, forced, mem, write);
	case SCHED_PCT:
		return choose_by_priority(now | by_time);
	case SCHED_RANDOM:
		return choose_at_random(now | by_time, forced);
	default:
		return forced ? usual(now, by_time) : self;
	}
}

/* At which step is there something to decide next? */
static unsigned int next_stop(void)
{
	struct schedule *schedule = sched.schedule;

	if (!sched.exploring)
		return STEP_LIMIT;
	switch (schedule->mode) {
	case SCHED_CHOICES:
		if (sched.next < schedule->nr_choices)
			return schedule->choices[sched.next].step;
		return schedule->record_all || windows_open() ? 0 : STEP_LIMIT;
	case SCHED_PCT:
		if (sched.changed)
			return 0;
		return sched.nr_changes ?
		       sched.changes[sched.nr_changes - 1] : STEP_LIMIT;
	case SCHED_RANDOM:
		return 0;
	default:
		return STEP_LIMIT;
	}
}

static void set_stop(void)
{
	sched.stop = next_stop();
	machine.stop = trace_on || RACE_DETECTION ? 0 : sched.stop;
}

static void change_priority(void)
{
	if (sched.nr_changes &&
	    machine.step >= sched.changes[sched.nr_changes - 1]) {
		sched.nr_changes--;
		self->priority = sched.lowest--;
	}
	sched.changed = false;
}

void sched_step(const volatile void *mem, bool write)
{
	if (++machine.step < sched.stop)
		return;
	if (machine.step >= STEP_LIMIT)
		sched_fail("it does not end");
	memory_drain_some();
	if (sched.schedule->mode == SCHED_PCT)
		change_priority();
	if (!is_new() || sched.schedule->record_all)
		go_on_with(choose(false, mem, write));
	note_in_windows(mem, write);
}

static void deadlock(void)
{
	static char text[300];
	struct actor *actor;
	unsigned int len = 0;

	text[0] = '\0';
	for_each_actor(actor, states.used & states.started & ~states.done)
		if (len < sizeof(text) && actor->kind != ACTOR_TIMER)
			len += snprintf(text + len, sizeof(text) - len, " %s",
					actor->name);
	sched_fail("nobody can go on; those who wait:%s", text);
}

/* Who runs cannot go on now, or shall not. */
static void give_way(void)
{
	struct actor *next;

	machine.step++;
	if (machine.step >= STEP_LIMIT)
		sched_fail("it does not end");
	next = choose(true, NULL, true);
	if (!next && sched.quiescing)
		next = &actors[0];
	if (!next)
		deadlock();
	go_on_with(next);
}

void sched_block(bool (*until)(const struct actor *actor),
		 const volatile void *mem)
{
	self->until = until;
	self->mem = mem;
	trace_event("waits", mem);
	memory_drain(self);
	states.blocked |= actor_bit(self);
	give_way();
	states.blocked &= ~actor_bit(self);
	note_in_windows(mem, true);
}

static bool never(const struct actor *actor)
{
	return false;
}

void sched_quiesce(void)
{
	sched.quiescing = true;
	sched_block(never, NULL);
	sched.quiescing = false;
}

void sched_yield(void)
{
	self->priority = sched.lowest--;
	states.spun |= actor_bit(self);
	give_way();
	states.spun &= ~actor_bit(self);
}

void sched_changed(void)
{
	if (sched.schedule->mode != SCHED_PCT || !sched.exploring)
		return;
	sched.changed = true;
	sched.stop = 0;
	machine.stop = 0;
}

/*
 * A schedule
 */

static void actor_main(void)
{
	struct actor *actor = self;

	actor->main(actor);
	memory_drain(actor);
	states.done |= actor_bit(actor);
	actor->exit_step = machine.step;
	if (actor->host) {
		states.interrupted &= ~actor_bit(actor->host);
		race_order(actor, actor->host);
	}
	if (actor == &actors[0])
		leave();
	give_way();
	__builtin_unreachable();
}

struct actor *sched_start(enum actor_kind kind, const char *name,
			  void (*main)(struct actor *actor), void *arg)
{
	/* Of one that has ended nothing is needed before the first choice. */
	unsigned int old = sched.exploring ? 0 : states.done;
	struct actor *actor = &actors[__builtin_ctz(old ?: ~states.used)];
	void **stack;

	if (actor >= actors + ACTORS)
		sched_fail("too many actors");

	*actor = (struct actor){
		.kind = kind,
		.name = name,
		.main = main,
		.arg = arg,
		.irqs_off = kind == ACTOR_INTERRUPT || kind == ACTOR_NMI,
		.priority = sched_random(1 << 20) + 1,
	};
	states.used |= actor_bit(actor);
	states.done &= ~actor_bit(actor);
	if (kind == ACTOR_THREAD || kind == ACTOR_TIMER)
		states.started |= actor_bit(actor);
	stack = (void **)stacks[actor - actors + 1];
	*--stack = NULL;	/* aligns the stack as a call would */
	*--stack = (void *)actor_main;
	actor->stack_pointer = stack - SAVED_REGISTERS;
	race_order(self, actor);
	return actor;
}

static int later(const void *a, const void *b)
{
	return *(const unsigned int *)b - *(const unsigned int *)a;
}

/* The steps at which who runs becomes the least urgent, the first one last. */
static void draw_changes(void)
{
	const struct schedule *schedule = sched.schedule;
	unsigned int i;

	sched.nr_changes = schedule->depth ? schedule->depth - 1 : 0;
	for (i = 0; i < sched.nr_changes; i++)
		sched.changes[i] = sched.since + sched_random(schedule->length + 1);
	qsort(sched.changes, sched.nr_changes, sizeof(*sched.changes), later);
}

void sched_explore(bool on)
{
	struct schedule *schedule = sched.schedule;
	unsigned int i;

	if (on) {
		sched.since = machine.step;
		draw_changes();
	} else {
		/* What comes now is not noted. */
		for (i = 0; i < sched.nr_windows; i++)
			if (sched.owners[i] && schedule->windows)
				schedule->windows[i].all = true;
		schedule->steps = machine.step - sched.since;
		for (i = 0; i < ACTORS; i++)
			memory_drain(&actors[i]);
	}
	sched.exploring = on;
	sched.changed = on;
	set_stop();
}

void sched_run(struct schedule *schedule, void (*main)(struct actor *actor))
{
	states = (struct actor_states){ };
	sched.schedule = schedule;
	sched.next = 0;
	sched.nr_windows = 0;
	sched.exploring = false;
	sched.quiescing = false;
	sched.lowest = 0;
	sched.random = schedule->seed * 0x9e3779b97f4a7c15ULL | 1;
	schedule->failure = NULL;
	schedule->nr_options = 0;
	machine.step = 0;
	self = &boot;
	race_reset();
	memory_reset();
	set_stop();

	sched_start(ACTOR_THREAD, "main", main, NULL);
	go_on_with(&actors[0]);
	if (!schedule->failure)
		schedule->failure = memory_check();
}
