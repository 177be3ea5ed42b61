// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a worker's life is, as the two tables at the top of kworkerx.c have it.  What
 * is met and not here fails at once; what is here and was not met, at the end.
 *
 * The state that a request meets is known if it turns the worker itself, or else if
 * nobody turned one while it was made, which takes until the lock is given back.
 * Others are not looked at, and neither is anything where stores are seen late.
 */
#include <stdio.h>

#include "explore.h"
#include "life.h"

#define S(state)	BIT(KWORKERX_ ## state)

/*
 * The first table, and what becomes of ->holds.  That a new structure is dead is
 * what it is created from.
 */
static const struct turn {
	unsigned int		from;	/* a bit for each */
	enum life_request	by;
	unsigned int		to;
	enum { SAME, MORE, LESS, NONE, NO_THREAD } holds;
} turns[] = {
	{ S(DEAD),		LIFE_CREATE,		KWORKERX_OPEN },
	{ S(DEAD),		LIFE_ALLOC,		KWORKERX_CLOSED },
	{ BIT(LIFE_NONE),	LIFE_INIT,		KWORKERX_OPEN },
	{ S(OPEN),		LIFE_PARK,		KWORKERX_PARKED, MORE },
	{ S(PARKED),		LIFE_UNPARK,		KWORKERX_OPEN, LESS },
	{ S(OPEN) | S(PARKED),	LIFE_DESTROY,		KWORKERX_ENDING, NONE },
	{ S(ENDING),		LIFE_DESTROY,		KWORKERX_DEAD },
	{ S(ENDING),		LIFE_DESTROY,		KWORKERX_OPEN },
	/* What is closed can be closed. */
	{ S(OPEN) | S(CLOSED),	LIFE_CLOSE,		KWORKERX_CLOSED },
	{ S(OPEN) | S(CLOSED),	LIFE_EVICT,		KWORKERX_CLOSED },
	{ S(CLOSED) | S(OPEN),	LIFE_OPEN,		KWORKERX_OPEN, NO_THREAD },
	{ S(CLOSED) | S(OPEN),	LIFE_FREE,		KWORKERX_DEAD },
	{ S(DEAD),		LIFE_CREATE_AGAIN,	KWORKERX_OPEN },
};

/*
 * The second one, with its notes:
 *
 * (1) LIFE_OWN and LIFE_REFUSED, while somebody drains
 * (2) LIFE_YES, if the group says so
 * (3) LIFE_BUSY, LIFE_NO_THREAD
 * (4) LIFE_GROUPED
 * (5) LIFE_HELD
 */
#define ADMITS		(LIFE_YES | LIFE_OWN | LIFE_REFUSED)
#define ENDS		(LIFE_OWN | LIFE_REPORTED)
/* Nobody may stand in. */
#define CLOSES		(LIFE_DIVERTED | LIFE_REFUSED)

static const u16 answers[LIFE_REQUESTS][LIFE_STATES] = {
#define ROW(request, open, parked, ending, closed, dead)		\
	[LIFE_ ## request] = { open, parked, ending, closed, dead }
	ROW(QUEUE, ADMITS, ADMITS, ENDS, CLOSES, LIFE_REPORTED),
	ROW(DELAY, ADMITS, ADMITS, ENDS, CLOSES | LIFE_YES, LIFE_REPORTED),
	/*
	 * Of a work that still runs there, the thread is still there.  In a group one
	 * may fire while it is to be taken back.
	 */
	ROW(TIMERS, LIFE_YES, LIFE_YES, LIFE_YES,
	    LIFE_DIVERTED | LIFE_TAKEN | LIFE_YES,
	    LIFE_REPORTED | LIFE_DIVERTED | LIFE_TAKEN),
	ROW(FLUSH, LIFE_YES, LIFE_YES, LIFE_YES, LIFE_YES, LIFE_REPORTED),
	ROW(PLUG, LIFE_YES | LIFE_GROUPED, LIFE_YES, LIFE_REPORTED, LIFE_GROUPED,
	    LIFE_REPORTED),
	ROW(PARK, LIFE_YES | LIFE_GROUPED | LIFE_NO_THREAD, LIFE_BUSY,
	    LIFE_REPORTED, LIFE_GROUPED, LIFE_REPORTED),
	ROW(DRAIN, LIFE_YES | LIFE_GROUPED, LIFE_YES, LIFE_REPORTED, LIFE_GROUPED,
	    LIFE_REPORTED),
	/* One that is embedded cannot be destroyed. */
	ROW(DESTROY, LIFE_YES | LIFE_GROUPED | LIFE_REPORTED,
	    LIFE_YES | LIFE_REPORTED, LIFE_REPORTED, LIFE_GROUPED, LIFE_REPORTED),
	/* Evicted or freed: if another one takes them, they are not taken back. */
	ROW(WORKS, LIFE_YES | LIFE_HELD, LIFE_YES | LIFE_HELD, LIFE_YES,
	    LIFE_YES | LIFE_HELD | LIFE_DIVERTED | LIFE_TAKEN,
	    LIFE_DIVERTED | LIFE_TAKEN),
	/* Those who wait although the worker is held, or since it is. */
	ROW(FLUSHERS, LIFE_YES | LIFE_HELD, LIFE_YES | LIFE_HELD, 0,
	    LIFE_YES | LIFE_HELD, 0),
};

static const char *const request_names[LIFE_REQUESTS] = {
	"nothing", "init", "create", "create again", "alloc", "unpark", "close",
	"evict", "open", "free", "queue", "delay", "timers", "flush", "plug", "park",
	"drain", "destroy", "works", "flushers",
};

static const char *const state_names[LIFE_STATES] = {
	"OPEN", "PARKED", "ENDING", "CLOSED", "DEAD", "-",
};

static const char *const answer_names[LIFE_ANSWERS] = {
	"yes", "own works", "held", "diverted", "taken back", "busy", "no thread",
	"refused", "refused, reported", "refused as of a group",
};

struct life life_met;

/*
 * What each actor asks, as an enum life_request, and what is known of that.
 * @state: that it met, if @turned; else the one of the beginning
 * @turns: how many there were then
 * @own: one of the worker's own works asks, and others are refused
 * @answer: that was seen meanwhile, or 0
 * @unclear: something else was reported, or stores are seen late
 * @turn, @turning, @holds: while it turns a worker: how, which, and what ->holds was
 */
static u8 requests[ACTORS];
static struct {
	struct kworkerx_worker	*worker;
	unsigned int		state;
	unsigned int		turns;
	bool			turned;
	bool			own;
	bool			unclear;
	enum life_answer	answer;
	const struct turn	*turn;
	const struct kworkerx_worker *turning;
	unsigned int		holds;
} asked[ACTORS];

/* How many begin and end there were, and which actors are in between. */
static unsigned int nr_turns;
unsigned int life_turning;

void life_reset(void)
{
	memset(requests, LIFE_NOTHING, sizeof(requests));
	life_turning = 0;
}

static const struct turn *find_turn(enum life_request by, unsigned int from,
				    unsigned int to)
{
	const struct turn *turn;

	for (turn = turns; turn < turns + ARRAY_SIZE(turns); turn++)
		if (turn->by == by && turn->to == to && (turn->from & BIT(from)))
			return turn;
	sched_fail("not in the table: %s, by %s, to %s", state_names[from],
		   request_names[by], state_names[to]);
}

const struct turn *life_turns(enum life_request by, unsigned int from,
			      unsigned int to)
{
	life_met.turns[by][to] |= BIT(from);
	return find_turn(by, from, to);
}

/* From the engine: see WRITE_ONCE(). */
unsigned int machine_life(const volatile void *life)
{
	return *(const volatile u8 *)life;
}

void machine_turned(volatile void *life, unsigned int from, unsigned long to)
{
	struct kworkerx_worker *worker =
		container_of((u8 *)life, struct kworkerx_worker, life);
	enum life_request by = requests[self - actors];

	nr_turns++;
	life_turning |= actor_bit(self);
	asked[self - actors].turn = NULL;
	if (sched_late_stores())
		return;
	if (by == LIFE_CREATE && worker->birth > 1)
		by = LIFE_CREATE_AGAIN;
	asked[self - actors].turn = life_turns(by, from, to);
	asked[self - actors].turning = worker;
	asked[self - actors].holds = worker->holds;
	if (asked[self - actors].turned)
		return;
	asked[self - actors].turned = true;
	asked[self - actors].state = from;
}

static bool queue_is_right(const struct kworkerx_worker *worker)
{
	bool closed = (unsigned long)worker->tail & 2;

	return closed == (worker->drains || worker->life >= KWORKERX_ENDING);
}

static bool holds_are_right(const struct kworkerx_worker *worker,
			    const struct turn *turn, unsigned int before)
{
	switch (turn->holds) {
	case MORE:
		return worker->holds == before + 1;
	case LESS:
		return worker->holds == before - 1;
	case NONE:
		return !worker->holds;
	case NO_THREAD:
		return worker->holds == !worker->task;
	default:
		return worker->holds == before;
	}
}

void life_turn_ends(void)
{
	const struct kworkerx_worker *worker = asked[self - actors].turning;
	const struct turn *turn = asked[self - actors].turn;

	life_turning &= ~actor_bit(self);
	nr_turns++;
	if (turn && !holds_are_right(worker, turn, asked[self - actors].holds))
		sched_fail("not in the table: held %u times by %s, to %s",
			   worker->holds, request_names[turn->by],
			   state_names[turn->to]);
	if (turn && !queue_is_right(worker))
		sched_fail("the queue is not as open as the worker, by %s, to %s",
			   request_names[turn->by], state_names[turn->to]);
}

/* While somebody turns a worker its state and its holds do not fit. */
void life_meets(enum life_request request, unsigned int state,
		enum life_answer answer)
{
	if (likely(life_met.answers[request][state] & answer) ||
	    life_turning || sched_late_stores())
		return;
	if (!(answers[request][state] & answer))
		sched_fail("not in the table: %s in %s: %s", request_names[request],
			   state_names[state],
			   answer_names[__builtin_ctz(answer)]);
	life_met.answers[request][state] |= answer;
}

void life_ask(enum life_request request, struct kworkerx_worker *worker)
{
	requests[self - actors] = request;
	asked[self - actors] = (typeof(asked[0])){
		.worker = worker,
		.state = worker ? worker->life : LIFE_NONE,
		.turns = nr_turns,
		.own = worker && worker->task == current && in_task() &&
		       (worker->drains || worker->life == KWORKERX_ENDING),
		.unclear = sched_late_stores(),
	};
}

void life_forget(void)
{
	requests[self - actors] = LIFE_NOTHING;
}

struct kworkerx_worker *life_asked(enum life_request request)
{
	return requests[self - actors] == request ?
	       asked[self - actors].worker : NULL;
}

void life_reported(const char *text)
{
	const struct kworkerx_worker *worker = asked[self - actors].worker;

	if (!requests[self - actors])
		return;
	if (worker && strstr(text, "destroyed while the timer"))
		life_meets(LIFE_TIMERS, worker->life, LIFE_REPORTED);
	else if (strstr(text, ", which is of a group"))
		asked[self - actors].answer = LIFE_GROUPED;
	else if (strstr(text, ", which is ") || strstr(text, "destroyed already"))
		asked[self - actors].answer = LIFE_REPORTED;
	else
		asked[self - actors].unclear = true;
}

void life_diverted(bool found, bool accepted)
{
	enum life_request request = requests[self - actors];
	enum life_answer answer = found ? LIFE_DIVERTED :
				  accepted ? LIFE_TAKEN : LIFE_REFUSED;

	if (request != LIFE_EVICT && request != LIFE_FREE)
		asked[self - actors].answer = answer;
	else if (accepted)
		life_meets(LIFE_WORKS, asked[self - actors].worker->life, answer);
}

/* It is reported once that a worker is gone: silence says nothing then. */
static enum life_answer translate(int ret)
{
	unsigned int state = asked[self - actors].state;

	if (asked[self - actors].answer)
		return asked[self - actors].answer;
	switch (ret) {
	case 1:
	case -ETIMEDOUT:
		return asked[self - actors].own ? LIFE_OWN : LIFE_YES;
	case -EBUSY:
		return LIFE_BUSY;
	case -ESRCH:
		return LIFE_NO_THREAD;
	case -ESHUTDOWN:
		return state == KWORKERX_ENDING || state == KWORKERX_DEAD ? 0 :
		       LIFE_REFUSED;
	default:
		return 0;
	}
}

void life_answer(int ret)
{
	enum life_answer answer = translate(ret);

	if (answer && !asked[self - actors].unclear &&
	    requests[self - actors] >= LIFE_QUEUE &&
	    (asked[self - actors].turned ||
	     asked[self - actors].turns == nr_turns))
		life_meets(requests[self - actors],
			   asked[self - actors].state, answer);
	life_forget();
}

void life_add(struct life *life, const struct life *more)
{
	unsigned int request, state;

	for (request = 0; request < LIFE_REQUESTS; request++) {
		for (state = 0; state < LIFE_STATES; state++) {
			life->turns[request][state] |= more->turns[request][state];
			life->answers[request][state] |=
				more->answers[request][state];
		}
	}
}

/* Says so if it was not, or anyway, and counts it. */
static bool tell(bool met, bool verbose, unsigned int count[2])
{
	count[met]++;
	if (!met)
		printf("NOT OK: not met: ");
	else if (verbose)
		printf("met: ");
	return !met || verbose;
}

static void tell_turns(const struct life *life, bool verbose,
		       unsigned int count[2])
{
	const struct turn *turn;
	unsigned int from;

	for (turn = turns; turn < turns + ARRAY_SIZE(turns); turn++)
		for (from = 0; from < LIFE_STATES; from++)
			if ((turn->from & BIT(from)) &&
			    tell(life->turns[turn->by][turn->to] & BIT(from),
				 verbose, count))
				printf("%s, by %s, to %s\n", state_names[from],
				       request_names[turn->by],
				       state_names[turn->to]);
}

static void tell_answers(const struct life *life, enum life_request request,
			 bool verbose, unsigned int count[2])
{
	unsigned int state, i;

	for (state = 0; state < LIFE_STATES; state++)
		for (i = 0; i < LIFE_ANSWERS; i++)
			if ((answers[request][state] & BIT(i)) &&
			    tell(life->answers[request][state] & BIT(i), verbose,
				 count))
				printf("%s in %s: %s\n", request_names[request],
				       state_names[state], answer_names[i]);
}

bool life_complete(const struct life *life, bool verbose)
{
	unsigned int nr_turns[2] = { }, nr_answers[2] = { }, i;

	tell_turns(life, verbose, nr_turns);
	for (i = 0; i < LIFE_REQUESTS; i++)
		tell_answers(life, i, verbose, nr_answers);
	printf("the life of a worker: %u of %u transitions met, %u of %u answers\n",
	       nr_turns[true], nr_turns[true] + nr_turns[false],
	       nr_answers[true], nr_answers[true] + nr_answers[false]);
	return !nr_turns[false] && !nr_answers[false];
}
