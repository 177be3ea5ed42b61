/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scenarios: what actors do with the engine, and what must hold whatever the
 * schedule.
 */
#ifndef _KWORKERX_EXPLORE_EXPLORE_H
#define _KWORKERX_EXPLORE_EXPLORE_H

#include "sched.h"
#include "kworkerx.h"

/* A time that does not pass in any schedule, and one that may. */
#define NO_TIMEOUT	1000000UL
#define SOON		3UL

#define MAX_CALLS	5
#define MAX_ACTORS	4
#define MAX_REPORTS	3

enum { A, B, C, WORKS };
enum { V, W, WORKERS };

/* What an actor, a function, or the setting-up can do. */
enum op {
	OP_NONE,
	OP_QUEUE,
	OP_FIRST,
	OP_TRY,
	OP_NOWAKE,
	OP_WAKE,
	OP_DELAY,
	OP_DELAY_FAR,
	OP_TRY_DELAY,
	OP_MOD_NOW,
	OP_MOD,
	OP_MOD_FAR,
	OP_MOD_PENDING,
	OP_CANCEL,
	OP_CANCEL_SYNC,
	OP_DISABLE,
	OP_DISABLE_SYNC,
	OP_ENABLE,
	OP_FLUSH,
	OP_FLUSH_SOON,
	OP_FLUSH_DELAYED,
	OP_FLUSH_WORKER,
	OP_FLUSH_WORKER_SOON,
	OP_BUSY,
	OP_TIMER_OVER,		/* nothing of it runs */
	OP_PLUG,
	OP_UNPLUG,
	OP_PARK,
	OP_UNPARK,
	OP_DRAIN,
	OP_DRAIN_SOON,
	OP_DESTROY,
	OP_DESTROY_SOON,
	OP_CALL,
	OP_CREATE,
	OP_FREE,		/* the memory of a work */
	OP_FREE_PENDING,	/* or queue it, if it is not pending */
	OP_INIT,		/* a work, again */
	OP_STOP,		/* the thread of an embedded worker */
	OP_START,		/* another thread for it */
	OP_SECOND,		/* a thread too many */
	OP_FREE_WORKER,		/* one that is embedded */
	OP_MODULE,		/* a module goes that had the work */
	OP_MODULE_OF_WORKER,
	OP_FREEZE,
	OP_THAW,
	OP_SLEEP_BY_HAND,	/* in a function: only WAKE_BY_HAND ends it */
	OP_WAKE_BY_HAND,
	OP_GATE,		/* wait until the others have started */
	OP_AWAIT_RUN,		/* wait until a function has started */
	OP_AWAIT_END,
	OP_AWAIT_FIRST,		/* wait until the first actor is done */
	OP_CLOSE,		/* a worker of a group */
	OP_OPEN,
	OP_LEAVE,		/* its thread goes away, as with its CPU */
	OP_LEAVE_CLOSED,	/* the same, without a flush */
	OP_HOLD,
	OP_LEAVE_AT_ONCE,	/* or with what is queued */
	OP_RETURN,
	OP_END,
	OP_END_AT_ONCE,
	OP_CREATE_MANY,		/* and destroy them */
	OPS,
};

struct call {
	u8	op;
	u8	work;
	u8	worker;
};

enum worker_kind { CREATED, EMBEDDED, GROUPED };

/*
 * @name: for people
 * @kind: of the workers
 * @freezable: the workers are
 * @anywhere: works can be queued on the workers in an NMI
 * @inherits: who waits for the workers lends his priority
 * @polls: their threads look for works before they sleep
 * @urgent: these works are, as a mask, on workers that have two lanes
 * @alone: no worker of the group stands in for another
 * @arms: a worker of the group arms timers while it is closed
 * @generated: nobody thought of it
 * @functions: what the function of each work does in its first run
 * @again: how often each work queues itself
 * @setup: calls before all others, not explored
 * @actors: who makes which calls; an interrupt has the actor @host
 * @reports: a report with one of these texts is as it should be
 * @reported: there has to be one
 * @bound: most preemptions that are explored exhaustively, or 0 for the usual
 *	number
 * @draws: so many times the usual number at random, or 0
 */
struct scenario {
	char			name[80];
	enum worker_kind	kind;
	bool			freezable;
	bool			anywhere;
	bool			inherits;
	bool			polls;
	u8			urgent;
	bool			alone;
	bool			arms;
	bool			generated;
	struct call		functions[WORKS][MAX_CALLS];
	u8			again[WORKS];
	struct call		setup[MAX_CALLS];
	struct {
		u8		kind;
		u8		host;
		struct call	calls[MAX_CALLS];
	} actors[MAX_ACTORS];
	const char		*reports[MAX_REPORTS];
	bool			reported;
	unsigned int		bound;
	unsigned int		draws;
};

/* The one that is explored. */
extern const struct scenario *scenario;
void scenario_select(const struct scenario *s);
void scenario_print(void);
/* What the first actor does: the scenario from beginning to end. */
void scenario_main(struct actor *actor);

/* The engine's: so it comes to know of modules. */
int kworkerx_module_init(void);

/* A lock was given back: what it protects must be in order. */
void oracle_unlocked(raw_spinlock_t *lock);
/* Somebody is about to take a lock; to wake somebody, or have an interrupt do it. */
void oracle_locks(void);
void oracle_wakes(void);
/* Somebody is about to wait, for so long at most. */
void oracle_waits(unsigned long timeout);
/* Somebody is about to sleep. */
void oracle_sleeps(void);
/* Somebody lets go on who waits. */
void oracle_completes(void);
/* The function of a timer begins, and has ended. */
void oracle_fires(struct timer_list *timer);
void oracle_has_fired(void);

#endif /* _KWORKERX_EXPLORE_EXPLORE_H */
