/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The life of a worker: what the scenarios have met of the two tables at the top of
 * kworkerx.c.
 */
#ifndef _KWORKERX_EXPLORE_LIFE_H
#define _KWORKERX_EXPLORE_LIFE_H

#include "sched.h"
#include "kworkerx.h"

/* What takes a worker to another state; from LIFE_QUEUE on, what it is asked. */
enum life_request {
	LIFE_NOTHING,
	LIFE_INIT,
	LIFE_CREATE,
	LIFE_CREATE_AGAIN,	/* of the structure of a dead one */
	LIFE_ALLOC,
	LIFE_UNPARK,
	LIFE_CLOSE,
	LIFE_EVICT,
	LIFE_OPEN,
	LIFE_FREE,
	LIFE_QUEUE,
	LIFE_DELAY,
	LIFE_TIMERS,
	LIFE_FLUSH,
	LIFE_PLUG,
	LIFE_PARK,
	LIFE_DRAIN,
	LIFE_DESTROY,
	LIFE_WORKS,
	LIFE_FLUSHERS,
	LIFE_REQUESTS,
};

enum life_answer {
	LIFE_YES	= BIT(0),
	LIFE_OWN	= BIT(1),	/* to one of its own works, not to others */
	LIFE_HELD	= BIT(2),	/* waits for ->holds */
	LIFE_DIVERTED	= BIT(3),	/* to another worker of the group */
	LIFE_TAKEN	= BIT(4),	/* back */
	LIFE_BUSY	= BIT(5),
	LIFE_NO_THREAD	= BIT(6),
	LIFE_REFUSED	= BIT(7),	/* not reported */
	LIFE_REPORTED	= BIT(8),	/* refused, and that was reported */
	LIFE_GROUPED	= BIT(9),	/* the same, since it is of a group */
};

#define LIFE_ANSWERS	10

/* There is no worker yet. */
#define LIFE_NONE	(KWORKERX_DEAD + 1)
#define LIFE_STATES	(KWORKERX_DEAD + 2)

/*
 * @turns: by what, and to which state, as a bit for each state from which
 * @answers: that were given in which state
 */
struct life {
	u16	turns[LIFE_REQUESTS][LIFE_STATES];
	u16	answers[LIFE_REQUESTS][LIFE_STATES];
};

/* All that was met in this process. */
extern struct life life_met;

/* A schedule begins. */
void life_reset(void);
/* The actor asks something, and gets an answer: 1, an error, or 0 if it is unknown. */
void life_ask(enum life_request request, struct kworkerx_worker *worker);
void life_answer(int ret);
/* It is not known who answers. */
void life_forget(void);
/* Of what the actor has asked last. */
struct kworkerx_worker *life_asked(enum life_request request);
/* Meanwhile: a report, and a work that its group has or has not found another place. */
void life_reported(const char *text);
void life_diverted(bool found, bool accepted);
/* It gives a lock back: a turn that it makes is made. */
extern unsigned int life_turning;
void life_turn_ends(void);
static inline void life_unlocked(void)
{
	if (unlikely(life_turning) && (life_turning & actor_bit(self)))
		life_turn_ends();
}

/* What is no request. */
void life_meets(enum life_request request, unsigned int state,
		enum life_answer answer);
const struct turn *life_turns(enum life_request by, unsigned int from,
			      unsigned int to);

void life_add(struct life *life, const struct life *more);
/* Says what is missing, if something is, or else how much there is. */
bool life_complete(const struct life *life, bool verbose);

#endif /* _KWORKERX_EXPLORE_LIFE_H */
