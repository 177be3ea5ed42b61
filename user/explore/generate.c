// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scenarios that nobody thought of: drawn at random, and made smaller when they
 * fail.
 */
#include <stdio.h>

#include "scenarios.h"

/*
 * What an actor may do, in one go: what is held back is let go again, or it would
 * wait for itself.  @nmis: for NMIs, too; @threads: not for interrupts; @alone: not
 * beside another of its kind, of which one would be refused.
 */
static const struct {
	u8	op;
	u8	then;
	bool	nmis;
	bool	threads;
	bool	alone;
} choices[] = {
	{ OP_QUEUE, .nmis = true },
	{ OP_QUEUE, .nmis = true },
	{ OP_FIRST },
	{ OP_TRY, .nmis = true },
	{ OP_NOWAKE, OP_WAKE, .nmis = true },
	{ OP_DELAY },
	{ OP_DELAY_FAR },
	{ OP_TRY_DELAY },
	{ OP_MOD_NOW },
	{ OP_MOD },
	{ OP_MOD_FAR },
	{ OP_MOD_PENDING },
	{ OP_CANCEL },
	{ OP_BUSY },
	{ OP_DISABLE, OP_ENABLE },
	{ OP_PLUG, OP_UNPLUG },
	{ OP_CANCEL_SYNC, .threads = true },
	{ OP_DISABLE_SYNC, OP_ENABLE, .threads = true },
	{ OP_FLUSH, .threads = true },
	{ OP_FLUSH_SOON, .threads = true },
	{ OP_FLUSH_DELAYED, .threads = true },
	{ OP_FLUSH_WORKER, .threads = true },
	{ OP_FLUSH_WORKER_SOON, .threads = true },
	{ OP_CALL, .threads = true },
	{ OP_PARK, OP_UNPARK, .threads = true, .alone = true },
	{ OP_DRAIN, .threads = true, .alone = true },
	{ OP_DESTROY, .threads = true, .alone = true },
};

static unsigned long long state;

static unsigned int draw(unsigned int range)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (state >> 33) % range;
}

static void draw_calls(struct call *calls, enum actor_kind kind, bool *alone)
{
	unsigned int nr = 0, wanted = 1 + draw(3), pick, work;

	while (nr < wanted) {
		pick = draw(ARRAY_SIZE(choices));
		work = draw(2);
		if ((choices[pick].threads && kind != ACTOR_THREAD) ||
		    (!choices[pick].nmis && kind == ACTOR_NMI) ||
		    (choices[pick].alone && *alone))
			continue;
		*alone |= choices[pick].alone;
		calls[nr++] = (struct call){ choices[pick].op, work, V };
		if (choices[pick].then)
			calls[nr++] = (struct call){ choices[pick].then, work, V };
		/* Nothing is promised to who comes later. */
		if (choices[pick].op == OP_DESTROY)
			break;
	}
}

void scenario_generate(struct scenario *s, unsigned long long seed)
{
	static const u8 setups[] = { OP_NONE, OP_QUEUE, OP_DELAY, OP_DELAY_FAR };
	unsigned int i, nr;
	bool alone = false;

	state = seed * 0x9e3779b97f4a7c15ULL + 1;
	*s = (struct scenario){ .generated = true };
	snprintf(s->name, sizeof(s->name), "generated from %llu", seed);
	nr = 2 + draw(2);
	s->setup[0] = (struct call){ setups[draw(ARRAY_SIZE(setups))], A, V };
	s->again[A] = !draw(4);
	s->anywhere = !draw(3);
	for (i = 0; i < nr; i++) {
		if (i && !draw(3))
			s->actors[i].kind = s->anywhere && draw(2) ?
					    ACTOR_NMI : ACTOR_INTERRUPT;
		draw_calls(s->actors[i].calls, s->actors[i].kind, &alone);
	}
	s->urgent = draw(2) ? 0 : draw(1u << WORKS);
	if (scenario_has_call(s, OP_DESTROY)) {
		s->reports[0] = "destroyed";
		s->reports[1] = "unplugged, but not plugged";
	}
}

/*
 * Smaller: without one of the calls, or the two that belong together.  What was
 * left out becomes part of the name, so that the name is enough to make it again.
 */

static unsigned int length(const struct call *calls, unsigned int i)
{
	unsigned int pick;

	for (pick = 0; pick < ARRAY_SIZE(choices); pick++)
		if (choices[pick].op == calls[i].op && choices[pick].then)
			return 2;
	return 1;
}

static void remove_call(struct scenario *s, unsigned int actor, unsigned int i)
{
	struct call *calls = s->actors[actor].calls;
	unsigned int nr = length(calls, i), end = strlen(s->name);

	snprintf(s->name + end, sizeof(s->name) - end, "-%u.%u", actor, i);
	memmove(calls + i, calls + i + nr, (MAX_CALLS - i - nr) * sizeof(*calls));
	memset(calls + MAX_CALLS - nr, 0, nr * sizeof(*calls));
	/* An actor without calls is the end of the list. */
	if (calls[0].op)
		return;
	memmove(&s->actors[actor], &s->actors[actor + 1],
		(MAX_ACTORS - actor - 1) * sizeof(s->actors[0]));
	memset(&s->actors[MAX_ACTORS - 1], 0, sizeof(s->actors[0]));
}

/* An interrupt needs somebody to interrupt. */
static bool makes_sense(const struct scenario *s)
{
	return s->actors[0].calls[0].op && s->actors[0].kind == ACTOR_THREAD;
}

static bool shrink_once(struct scenario *s,
			bool (*fails)(const struct scenario *s))
{
	unsigned int actor, i;
	struct scenario less;

	for (actor = 0; actor < MAX_ACTORS; actor++) {
		for (i = 0; i < MAX_CALLS && s->actors[actor].calls[i].op;
		     i += length(s->actors[actor].calls, i)) {
			less = *s;
			remove_call(&less, actor, i);
			if (makes_sense(&less) && fails(&less)) {
				*s = less;
				return true;
			}
		}
	}
	return false;
}

void scenario_shrink(struct scenario *s, bool (*fails)(const struct scenario *s))
{
	while (shrink_once(s, fails))
		;
}

bool scenario_parse(struct scenario *s, const char *name)
{
	unsigned long long seed;
	unsigned int actor, i;
	int end;

	if (sscanf(name, "generated from %llu%n", &seed, &end) != 1)
		return false;
	scenario_generate(s, seed);
	for (name += end;
	     sscanf(name, "-%u.%u%n", &actor, &i, &end) == 2 &&
	     actor < MAX_ACTORS && i < MAX_CALLS; name += end)
		remove_call(s, actor, i);
	return !*name;
}
