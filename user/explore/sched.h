/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Actors that take turns, and how the next one is chosen.
 *
 * An actor is a thread, an interrupt, an NMI or a timer's function.  One at a
 * time runs, until it blocks, ends or comes to a step at which another one is
 * chosen.  Time does not pass by itself: a timer that is armed, and a wait that
 * has a limit, may go on at any step, and then it is that late.
 *
 * A schedule is the list of the choices that were not the usual ones.  The usual
 * one is to go on with who runs or, where that cannot be, with the first who
 * can; those who need time to pass come last.
 */
#ifndef _KWORKERX_EXPLORE_SCHED_H
#define _KWORKERX_EXPLORE_SCHED_H

#include "kernel.h"

#define ACTORS		12
#define STEP_LIMIT	20000

enum actor_kind {
	ACTOR_THREAD,
	ACTOR_INTERRUPT,	/* where its host has interrupts on */
	ACTOR_NMI,		/* anywhere */
	ACTOR_TIMER,		/* an interrupt of a CPU of its own */
};

/*
 * @task: of a thread
 * @stack_pointer: while it does not run
 * @main: what it does
 * @arg: for @main
 * @name: for people
 * @pc: where it calls us from
 * @host: whom an interrupt interrupts
 * @until: NULL if it can go on; it is blocked until this is true
 * @mem, @size, @value: what @until looks at
 * @timed: it may go on without that, when time has passed until @deadline
 * @armed, @running, @far: of a timer: it will fire, its function runs, it will not
 *	fire before the end
 * @preempt: how often it has preemption off
 * @rounds: how often it could be preempted since it took a lock
 * @in_a_row: the same since others ran
 * @sections: RCU read-side sections that it has left
 * @section_since: step at which the present one began
 * @seen_sections: of all, as they were when it began to wait for a grace period
 */
struct actor {
	struct task_struct	task;
	void			*stack_pointer;
	void (*main)(struct actor *actor);
	void			*arg;
	const char		*name;
	const void		*pc;
	enum actor_kind		kind;
	struct actor		*host;

	bool (*until)(const struct actor *actor);
	const volatile void	*mem;
	unsigned int		size;
	unsigned long		value;
	bool			timed;
	unsigned long		deadline;
	bool			armed;
	bool			running;
	bool			far;

	bool			irqs_off;
	int			preempt;
	unsigned int		rounds;
	unsigned int		in_a_row;
	unsigned int		sections;
	unsigned int		section_since;
	unsigned int		exit_step;
	unsigned int		seen_sections[ACTORS];
	int			priority;
};

/* How a schedule is drawn. */
enum sched_mode {
	SCHED_USUAL,	/* no choice but the usual one */
	SCHED_CHOICES,	/* those of a list, where people or a search made them */
	SCHED_PCT,	/* random priorities, which change at random steps */
	SCHED_RANDOM,	/* anybody, with stores that are seen late */
};

struct sched_choice {
	unsigned int	step;
	unsigned int	actor;
};

/* What a search wants to know of a step: who else could have gone on? */
struct sched_option {
	unsigned int		step;
	unsigned short		others;		/* a bit for each actor */
	unsigned char		actor;		/* who went on */
	bool			forced;		/* not with who ran before */
	bool			write;
	const volatile void	*mem;		/* NULL conflicts with all */
};

#define ACCESSES	64

/* What the others have accessed while somebody was preempted. */
struct sched_accesses {
	unsigned int	nr;
	bool		all;
	struct {
		const volatile void	*mem;
		bool			write;
	} access[ACCESSES];
};

/*
 * One schedule, as it is asked for and as it went.
 *
 * @choices, @nr_choices: of SCHED_CHOICES
 * @windows: for each choice that preempts, what others do until who was
 *	preempted goes on; added to from the last choice on
 * @record: note @options behind the last choice; where not @record_all, only
 *	those where somebody had to be chosen
 * @seed, @depth: of the random modes
 * @length: estimate of the steps, for SCHED_PCT
 * @steps: that were explored
 * @failure: what went wrong, or NULL
 */
struct schedule {
	enum sched_mode		mode;
	const struct sched_choice *choices;
	unsigned int		nr_choices;
	struct sched_accesses	*windows;
	struct sched_option	*options;
	unsigned int		nr_options;
	bool			record_all;
	unsigned long long	seed;
	unsigned int		depth;
	unsigned int		length;
	unsigned int		steps;
	const char		*failure;
};

extern struct actor actors[ACTORS];
extern struct actor *self;

/*
 * What the actors are, a bit for each.
 *
 * @used: there is one
 * @started: of interrupts, too
 * @done: it has ended
 * @blocked: until its @until is true
 * @interrupted: its CPU does something else
 * @spun: it has looked in vain since others ran
 */
struct actor_states {
	unsigned int	used;
	unsigned int	started;
	unsigned int	done;
	unsigned int	blocked;
	unsigned int	interrupted;
	unsigned int	spun;
};

extern struct actor_states states;

static inline unsigned int actor_bit(const struct actor *actor)
{
	return 1u << (actor - actors);
}

static inline bool actor_is(const struct actor *actor, unsigned int states)
{
	return states & actor_bit(actor);
}

/* The actors of @set, one after the other. */
#define for_each_actor(actor, set)					\
	for (unsigned int __set = (set);				\
	     __set && (actor = &actors[__builtin_ctz(__set)], true);	\
	     __set &= __set - 1)

/* Runs @main as the first actor, and all that it starts, to the end. */
void sched_run(struct schedule *schedule, void (*main)(struct actor *actor));

/* From here on choices are made, until sched_explore(false). */
void sched_explore(bool on);

struct actor *sched_start(enum actor_kind kind, const char *name,
			  void (*main)(struct actor *actor), void *arg);

/* A step: the actor is about to access @mem, NULL for anything at all. */
void sched_step(const volatile void *mem, bool write);
void sched_block(bool (*until)(const struct actor *actor),
		 const volatile void *mem);
/* @until may have become true for somebody, or somebody can interrupt. */
void sched_changed(void);
/* The first actor: until nobody else can go on. */
void sched_quiesce(void);
/* Others go on first. */
void sched_yield(void);
bool sched_late_stores(void);
bool sched_on_own_stack(const volatile void *mem);
unsigned int sched_random(unsigned int range);

/* Ends the schedule. */
__printf(1, 2) __attribute__((__noreturn__))
void sched_fail(const char *format, ...);

/* For people: what happens now, and where. */
extern bool trace_on;
void trace_event(const char *what, const volatile void *mem);
void trace_print(void);

#endif /* _KWORKERX_EXPLORE_SCHED_H */
