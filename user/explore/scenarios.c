// SPDX-License-Identifier: GPL-2.0-only
/*
 * The scenarios: each pair of operations, from each state that a work can be in,
 * as two threads, and as a thread that is interrupted; and those that were thought
 * of one by one.
 */
#include <stdio.h>

#include "scenarios.h"

/*
 * Pairs
 */

/*
 * @sleeps: not for interrupts
 * @ends: others are refused, and that is reported
 * @rare: only beside those that are not
 */
static const struct operation {
	const char	*name;
	struct call	calls[2];
	bool		sleeps;
	bool		ends;
	bool		rare;
} operations[] = {
	{ "queue", { { OP_QUEUE, A } } },
	{ "expire", { { OP_DELAY, A } } },
	{ "mod", { { OP_MOD, A } } },
	{ "mod to now", { { OP_MOD_NOW, A } } },
	{ "cancel", { { OP_CANCEL, A } } },
	{ "disable, enable", { { OP_DISABLE, A }, { OP_ENABLE, A } } },
	{ "plug, unplug", { { OP_PLUG }, { OP_UNPLUG } } },
	{ "cancel_sync", { { OP_CANCEL_SYNC, A } }, .sleeps = true },
	{ "disable_sync, enable", { { OP_DISABLE_SYNC, A }, { OP_ENABLE, A } },
	  .sleeps = true },
	{ "flush", { { OP_FLUSH, A } }, .sleeps = true },
	{ "flush worker", { { OP_FLUSH_WORKER } }, .sleeps = true },
	{ "park, unpark", { { OP_PARK }, { OP_UNPARK } }, .sleeps = true },
	{ "drain", { { OP_DRAIN } }, .sleeps = true },
	{ "destroy", { { OP_DESTROY } }, .sleeps = true, .ends = true },
	{ "queue first", { { OP_FIRST, A } }, .rare = true },
	{ "queue without waking, wake", { { OP_NOWAKE, A }, { OP_WAKE } },
	  .rare = true },
	{ "mod pending", { { OP_MOD_PENDING, A } }, .rare = true },
	{ "flush for a while", { { OP_FLUSH_SOON, A } }, .sleeps = true,
	  .rare = true },
	{ "flush delayed", { { OP_FLUSH_DELAYED, A } }, .sleeps = true,
	  .rare = true },
	{ "call", { { OP_CALL } }, .sleeps = true, .rare = true },
	{ "drain for a while", { { OP_DRAIN_SOON } }, .sleeps = true,
	  .rare = true },
	{ "destroy for a while", { { OP_DESTROY_SOON } }, .sleeps = true,
	  .ends = true, .rare = true },
};

static bool makes_call(const struct call *calls, enum op op)
{
	unsigned int i;

	for (i = 0; i < MAX_CALLS && calls[i].op; i++)
		if (calls[i].op == op)
			return true;
	return false;
}

bool scenario_has_call(const struct scenario *s, enum op op)
{
	unsigned int i;

	for (i = 0; i < MAX_ACTORS; i++)
		if (makes_call(s->actors[i].calls, op))
			return true;
	for (i = 0; i < WORKS; i++)
		if (makes_call(s->functions[i], op))
			return true;
	return makes_call(s->setup, op);
}

/* In what state the operations find the work. */
static const struct state {
	const char	*name;
	struct call	setup[2];
	struct call	function;
} work_states[] = {
	{ "idle", { } },
	{ "queued", { { OP_QUEUE, A } } },
	{ "running", { { OP_QUEUE, A }, { OP_AWAIT_RUN, A } }, { OP_GATE } },
	{ "delayed", { { OP_DELAY, A } } },
};

static struct scenario *add(struct scenarios *scenarios,
			    const struct state *state)
{
	struct scenario *s = &scenarios->list[scenarios->nr++];

	memcpy(s->setup, state->setup, sizeof(state->setup));
	s->functions[A][0] = state->function;
	return s;
}

static void expect_reports(struct scenario *s)
{
	s->reports[0] = "destroyed";
	s->reports[1] = "unplugged, but not plugged";
	s->reports[2] = "unparked, but not parked";
}

static void add_threads(struct scenarios *scenarios, const struct operation *one,
			const struct operation *other,
			const struct state *state)
{
	struct scenario *s = add(scenarios, state);

	snprintf(s->name, sizeof(s->name), "%s | %s, %s", one->name, other->name,
		 state->name);
	memcpy(s->actors[0].calls, one->calls, sizeof(one->calls));
	memcpy(s->actors[1].calls, other->calls, sizeof(other->calls));
	if (one->ends || other->ends)
		expect_reports(s);
}

static void add_interrupt(struct scenarios *scenarios,
			  const struct operation *one,
			  const struct operation *other,
			  const struct state *state)
{
	struct scenario *s = add(scenarios, state);

	snprintf(s->name, sizeof(s->name), "%s, interrupted by %s, %s", one->name,
		 other->name, state->name);
	memcpy(s->actors[0].calls, one->calls, sizeof(one->calls));
	memcpy(s->actors[1].calls, other->calls, sizeof(other->calls));
	s->actors[1].kind = ACTOR_INTERRUPT;
	if (one->ends)
		expect_reports(s);
}

/* A worker whose waiters lend it their priority. */
static void add_lending(struct scenarios *scenarios, const struct operation *one,
			const struct operation *other,
			const struct state *state)
{
	struct scenario *s;

	if (!one->sleeps || !other->sleeps)
		return;
	add_threads(scenarios, one, other, state);
	s = &scenarios->list[scenarios->nr - 1];
	strcat(s->name, ", lending");
	s->inherits = true;
}

/* A work that is urgent, on a worker with two lanes, where another one waits. */
static void add_urgent(struct scenarios *scenarios, const struct operation *one,
		       const struct operation *other,
		       const struct state *state)
{
	struct scenario *s;

	if (state->function.op)
		return;
	add_threads(scenarios, one, other, state);
	s = &scenarios->list[scenarios->nr - 1];
	strcat(s->name, ", urgent");
	s->urgent = 1u << A;
	s->setup[2] = s->setup[1];
	s->setup[1] = s->setup[0];
	s->setup[0] = (struct call){ OP_QUEUE, B };
}

/* What may be called in an NMI, of a worker that is made for that. */
static void add_nmi(struct scenarios *scenarios, const struct operation *one,
		    enum op op, const struct state *state)
{
	struct scenario *s = add(scenarios, state);

	snprintf(s->name, sizeof(s->name), "%s, NMI with %s, %s", one->name,
		 op == OP_TRY ? "try" : "queue without waking, wake", state->name);
	s->anywhere = true;
	memcpy(s->actors[0].calls, one->calls, sizeof(one->calls));
	s->actors[1].calls[0] = (struct call){ op, A };
	if (op == OP_NOWAKE)
		s->actors[1].calls[1] = (struct call){ OP_WAKE };
	s->actors[1].kind = ACTOR_NMI;
	if (one->ends)
		expect_reports(s);
}

static void add_sequence(struct scenarios *scenarios, const struct operation *one,
			 const struct operation *other,
			 const struct state *state)
{
	struct scenario *s = add(scenarios, state);
	unsigned int nr = one->calls[1].op ? 2 : 1;

	snprintf(s->name, sizeof(s->name), "%s, then %s, %s", one->name,
		 other->name, state->name);
	memcpy(s->actors[0].calls, one->calls, sizeof(one->calls));
	memcpy(s->actors[0].calls + nr, other->calls, sizeof(other->calls));
	if (one->ends || other->ends)
		expect_reports(s);
}

static void add_pairs(struct scenarios *scenarios, const struct state *state)
{
	const struct operation *one, *other;

	for (other = operations; other < operations + ARRAY_SIZE(operations);
	     other++) {
		add_nmi(scenarios, other, OP_TRY, state);
		add_nmi(scenarios, other, OP_NOWAKE, state);
		for (one = operations; one <= other; one++) {
			if (one->rare)
				continue;
			add_threads(scenarios, one, other, state);
			add_lending(scenarios, one, other, state);
			add_urgent(scenarios, one, other, state);
		}
		for (one = operations; !one->rare; one++) {
			if (!one->sleeps)
				add_interrupt(scenarios, other, one, state);
			if (!other->rare && !strcmp(state->name, "queued"))
				add_sequence(scenarios, one, other, state);
		}
	}
}

/*
 * One by one
 */

#define CALLS(...)	.calls = { __VA_ARGS__ }

static const struct scenario singles[] = {
	/* For what the others do not meet of the tables in life.c. */
	{
		.name = "works of its own, on a worker that is drained and parked",
		.functions = { [A] = { { OP_GATE }, { OP_QUEUE, B }, { OP_DELAY, C } } },
		.setup = { { OP_QUEUE, A }, { OP_AWAIT_RUN, A } },
		.actors = {
			{ CALLS({ OP_PARK }, { OP_TRY, A }, { OP_TRY_DELAY, A },
				{ OP_UNPARK }) },
			{ CALLS({ OP_DRAIN }) },
		},
	},
	{
		.name = "works of its own, on a worker that ends",
		.functions = { [A] = { { OP_GATE }, { OP_QUEUE, B }, { OP_DELAY, C } } },
		.setup = { { OP_QUEUE, A }, { OP_AWAIT_RUN, A } },
		.actors = { { CALLS({ OP_DESTROY }) } },
		.reports = { "destroyed while the timer" },
	},
	{
		.name = "what waits on a worker that is plugged",
		.actors = {
			{ CALLS({ OP_PLUG }, { OP_QUEUE, A }, { OP_FLUSH_WORKER_SOON },
				{ OP_UNPLUG }) },
		},
	},
	{
		.name = "what waits on a worker that is parked",
		.actors = {
			{ CALLS({ OP_PARK }, { OP_QUEUE, A }, { OP_FLUSH_WORKER_SOON },
				{ OP_DRAIN_SOON }, { OP_UNPARK }) },
		},
	},
	{
		.name = "an embedded worker is parked, and cannot be destroyed",
		.kind = EMBEDDED,
		.actors = { { CALLS({ OP_PARK }, { OP_DESTROY }) } },
		.reports = { "not created" },
		.reported = true,
	},
	{
		.name = "a worker without a thread cannot be parked",
		.kind = EMBEDDED,
		.actors = { { CALLS({ OP_STOP }, { OP_PARK }) } },
	},
	{
		.name = "the structure of a worker is used again",
		.bound = 1,
		.setup = { { OP_CREATE_MANY, A, W } },
		.actors = {
			{ CALLS({ OP_CREATE, A, W }, { OP_QUEUE, A, W },
				{ OP_FLUSH_WORKER, A, W }) },
		},
	},
	{
		.name = "a group: a worker that is open is not for others to hold",
		.kind = GROUPED,
		.actors = {
			{ CALLS({ OP_PLUG }, { OP_PARK }, { OP_DRAIN },
				{ OP_DESTROY }, { OP_OPEN }) },
		},
		.reports = { "which is of a group" },
		.reported = true,
	},
	{
		.name = "a group: a worker that is closed is not for others to hold",
		.kind = GROUPED,
		.setup = { { OP_CLOSE } },
		.actors = {
			{ CALLS({ OP_PLUG }, { OP_PARK }, { OP_DRAIN },
				{ OP_DESTROY }, { OP_CLOSE }) },
		},
		.reports = { "which is of a group" },
		.reported = true,
	},
	{
		.name = "a group: a worker that is closed refuses works",
		.kind = GROUPED,
		.alone = true,
		.setup = { { OP_DELAY, A }, { OP_CLOSE } },
		.actors = { { CALLS({ OP_TRY, B }, { OP_TRY_DELAY, B }) } },
	},
	{
		.name = "a group: a worker that is closed diverts what is delayed",
		.kind = GROUPED,
		.setup = { { OP_CLOSE } },
		.actors = { { CALLS({ OP_TRY_DELAY, A }) } },
	},
	{
		.name = "a group: a worker that is closed arms timers",
		.kind = GROUPED,
		.arms = true,
		.setup = { { OP_CLOSE } },
		.actors = { { CALLS({ OP_TRY_DELAY, A }) } },
	},
	{
		.name = "a group: what waits on a worker that is closed",
		.kind = GROUPED,
		.functions = { [A] = { { OP_GATE } } },
		.setup = { { OP_QUEUE, A }, { OP_AWAIT_RUN, A }, { OP_QUEUE, B } },
		.actors = {
			{ CALLS({ OP_CLOSE }, { OP_HOLD }, { OP_FLUSH_WORKER_SOON },
				{ OP_OPEN }) },
		},
	},
	{
		.name = "a group: a worker leaves with what is queued",
		.kind = GROUPED,
		.alone = true,
		.setup = { { OP_HOLD }, { OP_QUEUE, A } },
		.actors = { { CALLS({ OP_LEAVE_AT_ONCE }, { OP_RETURN }) } },
	},
	{
		.name = "a group: a worker is open, and has no thread",
		.kind = GROUPED,
		.actors = { { CALLS({ OP_STOP }, { OP_OPEN }, { OP_QUEUE, A }) } },
	},
	{
		.name = "a group: a worker ends with what is queued",
		.kind = GROUPED,
		.setup = { { OP_HOLD }, { OP_QUEUE, A } },
		.actors = { { CALLS({ OP_END_AT_ONCE }) } },
	},
	{
		.name = "a group: a worker ends with what nobody takes",
		.kind = GROUPED,
		.alone = true,
		.setup = { { OP_HOLD }, { OP_QUEUE, A } },
		.actors = { { CALLS({ OP_END_AT_ONCE }) } },
	},
	{
		.name = "two producers and a canceller",
		.actors = {
			{ CALLS({ OP_QUEUE, A }, { OP_QUEUE, B }, { OP_QUEUE, A }) },
			{ CALLS({ OP_CANCEL_SYNC, A }, { OP_QUEUE, B }) },
		},
	},
	{
		.name = "append, unlink and insert at once",
		.setup = { { OP_QUEUE, A } },
		.actors = {
			{ CALLS({ OP_QUEUE, B }, { OP_QUEUE, C }) },
			{ CALLS({ OP_CANCEL, A }, { OP_CANCEL, B }) },
			{ CALLS({ OP_FLUSH, A }) },
		},
	},
	{
		.name = "the function frees its work",
		.functions = { [A] = { { OP_FREE, A } } },
		.actors = {
			{ CALLS({ OP_QUEUE, A }) },
			{ CALLS({ OP_QUEUE, B }, { OP_FLUSH_WORKER }) },
		},
	},
	{
		.name = "cancel, then free",
		.setup = { { OP_QUEUE, A } },
		.actors = {
			{ CALLS({ OP_CANCEL_SYNC, A }, { OP_FREE, A }) },
			{ CALLS({ OP_QUEUE, B }, { OP_FLUSH, B }) },
		},
	},
	{
		.name = "cancel a delayed work, then free it",
		.setup = { { OP_DELAY, A } },
		.actors = {
			{ CALLS({ OP_CANCEL_SYNC, A }, { OP_FREE, A }) },
			{ CALLS({ OP_QUEUE, B }, { OP_FLUSH, B }) },
		},
	},
	{
		.name = "a delayed work is flushed, and gets another delay",
		.setup = { { OP_DELAY, A } },
		.actors = {
			{ CALLS({ OP_FLUSH_DELAYED, A }) },
			{ CALLS({ OP_MOD_PENDING, A }) },
		},
	},
	{
		.name = "a work queues itself while it is cancelled",
		.again = { [A] = 2 },
		.setup = { { OP_QUEUE, A } },
		.actors = {
			{ CALLS({ OP_CANCEL_SYNC, A }) },
			{ CALLS({ OP_FLUSH, A }) },
		},
	},
	{
		.name = "two drain",
		.again = { [A] = 1 },
		.setup = { { OP_QUEUE, A } },
		.actors = {
			{ CALLS({ OP_DRAIN }) },
			{ CALLS({ OP_DRAIN }, { OP_QUEUE, B }) },
		},
	},
	{
		.name = "an embedded worker ends with its last work",
		.kind = EMBEDDED,
		.actors = {
			{ CALLS({ OP_QUEUE, A }) },
			{ CALLS({ OP_AWAIT_END, A }, { OP_STOP }, { OP_FREE_WORKER }) },
		},
	},
	{
		.name = "a refused queueing promises a run that sees all",
		.draws = 50,
		.actors = {
			{ CALLS({ OP_QUEUE, A }, { OP_QUEUE, A }, { OP_QUEUE, A }) },
			{ CALLS({ OP_QUEUE, A }, { OP_QUEUE, A }) },
		},
	},
	{
		.name = "a work that is disabled cannot be queued",
		.again = { [A] = 1 },
		.setup = { { OP_QUEUE, A } },
		.actors = {
			{ CALLS({ OP_DISABLE, A }, { OP_QUEUE, A }, { OP_FIRST, A },
				{ OP_ENABLE, A }, { OP_QUEUE, A }) },
			{ CALLS({ OP_QUEUE, A }) },
		},
	},
	{
		.name = "the last producer, and a thread that goes to sleep",
		.draws = 50,
		.actors = {
			{ CALLS({ OP_QUEUE, B }, { OP_QUEUE, A }, { OP_QUEUE, C }) },
		},
	},
	{
		.name = "a group: a worker leaves while works come",
		.bound = 1,
		.draws = 20,
		.kind = GROUPED,
		.actors = {
			{ CALLS({ OP_QUEUE, A, V }, { OP_QUEUE, B, V }) },
			{ CALLS({ OP_LEAVE, A, V }) },
		},
	},
	{
		.name = "a group: a worker leaves and returns while a work is flushed",
		.bound = 1,
		.draws = 20,
		.kind = GROUPED,
		.actors = {
			{ CALLS({ OP_QUEUE, A, V }, { OP_FLUSH, A }) },
			{ CALLS({ OP_LEAVE, A, V }, { OP_RETURN, A, V }) },
		},
	},
	{
		.name = "a group: a worker leaves while a work is cancelled",
		.kind = GROUPED,
		.setup = { { OP_QUEUE, A, V } },
		.actors = {
			{ CALLS({ OP_CANCEL_SYNC, A }, { OP_QUEUE, A, V }) },
			{ CALLS({ OP_LEAVE, A, V }) },
		},
	},
	{
		.name = "a group: a timer expires while its worker leaves",
		.kind = GROUPED,
		.setup = { { OP_DELAY, A, V } },
		.actors = { { CALLS({ OP_LEAVE, A, V }) } },
	},
	{
		.name = "a group: closed, with nobody to stand in",
		.kind = GROUPED,
		.alone = true,
		.setup = { { OP_DELAY, A, V } },
		.actors = {
			{ CALLS({ OP_CLOSE, A, V }, { OP_OPEN, A, V }) },
			{ CALLS({ OP_QUEUE, B, V }) },
		},
	},
	{
		.name = "a group: a work that runs on one worker is queued on the other",
		.kind = GROUPED,
		.setup = { { OP_QUEUE, A, V } },
		.actors = {
			{ CALLS({ OP_TRY, A, W }, { OP_TRY, A, V }) },
			{ CALLS({ OP_TRY, A, W }) },
		},
	},
	{
		.name = "a group: works that wait move, and so does who flushes",
		.kind = GROUPED,
		.functions = { [A] = { { OP_GATE } } },
		.setup = { { OP_QUEUE, A, V }, { OP_AWAIT_RUN, A } },
		.actors = {
			{ CALLS({ OP_QUEUE, B, V }, { OP_FLUSH, B }) },
			{ CALLS({ OP_LEAVE, A, V }) },
		},
	},
	{
		.name = "a freezable worker freezes between two works",
		.freezable = true,
		.actors = {
			{ CALLS({ OP_QUEUE, A }, { OP_QUEUE, B }, { OP_FLUSH_WORKER }) },
			{ CALLS({ OP_FREEZE }, { OP_THAW }) },
		},
	},
	{
		.name = "a freezable worker has much to do when it freezes",
		.freezable = true,
		.functions = { [A] = { { OP_GATE } } },
		.setup = { { OP_QUEUE, A }, { OP_QUEUE, B }, { OP_QUEUE, C } },
		.actors = { { CALLS({ OP_FREEZE }, { OP_THAW }) } },
	},
	{
		.name = "an urgent work comes before those that wait",
		.functions = { [A] = { { OP_AWAIT_FIRST } } },
		.setup = { { OP_QUEUE, A }, { OP_AWAIT_RUN, A } },
		.actors = { { CALLS({ OP_QUEUE, B }, { OP_FIRST, C }) } },
	},
	{
		.name = "who cancels what runs does not wait for others",
		.functions = { [A] = { { OP_GATE } }, [B] = { { OP_AWAIT_FIRST } } },
		.setup = { { OP_QUEUE, A }, { OP_QUEUE, B }, { OP_AWAIT_RUN, A } },
		.actors = { { CALLS({ OP_CANCEL_SYNC, A }) } },
	},
	{
		.name = "who flushes does not wait for what comes later",
		.functions = { [B] = { { OP_AWAIT_FIRST } } },
		.setup = { { OP_QUEUE, A }, { OP_QUEUE, B } },
		.actors = { { CALLS({ OP_FLUSH, A }) } },
	},
	{
		.name = "limits, and a work that takes longer",
		.functions = { [A] = { { OP_AWAIT_FIRST } } },
		.setup = { { OP_QUEUE, A } },
		.actors = {
			{ CALLS({ OP_FLUSH_SOON, A }, { OP_FLUSH_WORKER_SOON },
				{ OP_DRAIN_SOON }, { OP_DESTROY_SOON }) },
		},
	},
	{
		.name = "a destruction with a limit while somebody parks",
		.functions = { [A] = { { OP_AWAIT_FIRST } } },
		.setup = { { OP_QUEUE, A } },
		.actors = {
			{ CALLS({ OP_DESTROY_SOON }) },
			{ CALLS({ OP_PARK }, { OP_UNPARK }) },
		},
		.reports = { "destroyed", "unplugged, but not plugged",
			     "unparked, but not parked" },
	},
	{
		.name = "a drain and a destruction that took too long are undone",
		.functions = { [A] = { { OP_AWAIT_FIRST } } },
		.setup = { { OP_QUEUE, A } },
		.actors = {
			{ CALLS({ OP_DRAIN_SOON }, { OP_QUEUE, B },
				{ OP_DESTROY_SOON }, { OP_QUEUE, C }, { OP_PLUG }) },
		},
	},
	{
		.name = "a flush of a work whose timer does not expire",
		.setup = { { OP_DELAY_FAR, A } },
		.actors = {
			{ CALLS({ OP_FLUSH, A }, { OP_FLUSH_WORKER }) },
			{ CALLS({ OP_FLUSH_DELAYED, A }) },
		},
	},
	{
		.name = "disabled twice, enabled once",
		.actors = {
			{ CALLS({ OP_DISABLE, A }, { OP_DISABLE_SYNC, A },
				{ OP_ENABLE, A }, { OP_QUEUE, A }) },
		},
	},
	{
		.name = "a work of a worker that is drained queues another",
		.functions = { [A] = { { OP_QUEUE, B } }, [B] = { { OP_CALL } } },
		.setup = { { OP_QUEUE, A } },
		.actors = { { CALLS({ OP_DRAIN }, { OP_DESTROY }) } },
	},
	{
		.name = "works that wait for their own worker",
		.functions = { [A] = { { OP_FLUSH, A }, { OP_FLUSH_WORKER },
				       { OP_CANCEL_SYNC, A }, { OP_CALL } } },
		.actors = { { CALLS({ OP_QUEUE, A }, { OP_FLUSH, A }) } },
		.reports = { "waits for its own worker" },
		.reported = true,
	},
	{
		.name = "a second thread",
		.actors = { { CALLS({ OP_QUEUE, A }, { OP_SECOND }, { OP_FLUSH, A }) } },
		.reports = { "attached to worker" },
	},
	{
		.name = "a thread for a worker that is gone",
		.actors = { { CALLS({ OP_QUEUE, A }, { OP_DESTROY }, { OP_SECOND }) } },
		.reports = { "attached to worker" },
	},
	{
		.name = "a bare kthread_stop, and who waits meanwhile",
		.setup = { { OP_QUEUE, A }, { OP_AWAIT_END, A } },
		.actors = {
			{ CALLS({ OP_STOP }, { OP_DESTROY }) },
			{ CALLS({ OP_CALL }) },
			{ CALLS({ OP_FLUSH_WORKER }) },
		},
		.reports = { "after its thread was stopped", "destroyed" },
	},
	{
		.name = "a group: a worker ends while its timers are armed",
		.kind = GROUPED,
		.setup = { { OP_DELAY_FAR, A, V } },
		.actors = {
			{ CALLS({ OP_QUEUE, B, V }, { OP_END, A, V },
				{ OP_CANCEL_SYNC, A }) },
		},
		.reports = { "destroyed while the timer" },
	},
	{
		.name = "a group: a work whose worker is closed queues itself",
		.kind = GROUPED,
		.again = { [A] = 2 },
		.setup = { { OP_QUEUE, A, V } },
		.actors = { { CALLS({ OP_LEAVE, A, V }, { OP_RETURN, A, V }) } },
	},
	{
		.name = "a group: a worker comes back, and has to run works",
		.kind = GROUPED,
		.alone = true,
		.actors = {
			{ CALLS({ OP_LEAVE, A, V }, { OP_FLUSH_WORKER, A, V },
				{ OP_RETURN, A, V }, { OP_QUEUE, A, V },
				{ OP_FLUSH, A }) },
		},
	},
	{
		.name = "a group: a worker is closed, and leaves at once",
		.kind = GROUPED,
		.functions = { [A] = { { OP_GATE } } },
		.setup = { { OP_QUEUE, A, V }, { OP_AWAIT_RUN, A },
			   { OP_QUEUE, B, V } },
		.actors = { { CALLS({ OP_LEAVE_CLOSED, A, V }) } },
	},
	{
		.name = "a work that is pending is cancelled and freed",
		.actors = {
			{ CALLS({ OP_QUEUE, A }) },
			{ CALLS({ OP_FREE_PENDING, A }) },
		},
	},
	{
		.name = "a work that runs is queued on another worker",
		.functions = { [A] = { { OP_AWAIT_FIRST } } },
		.setup = { { OP_CREATE, A, W }, { OP_QUEUE, A, V },
			   { OP_AWAIT_RUN, A } },
		.actors = { { CALLS({ OP_QUEUE, A, W }, { OP_DELAY, A, W }) } },
		.reports = { "while worker" },
		.reported = true,
	},
	{
		.name = "a work that is pending on one worker is delayed on another",
		.setup = { { OP_CREATE, A, W }, { OP_DELAY_FAR, A, V } },
		.actors = { { CALLS({ OP_MOD_PENDING, A, W }) } },
		.reports = { "while worker" },
		.reported = true,
	},
	{
		.name = "a work that is about to expire is delayed",
		.setup = { { OP_DELAY, A } },
		.actors = { { CALLS({ OP_MOD_FAR, A }) } },
	},
	{
		.name = "a worker is destroyed while a timer is armed",
		.setup = { { OP_DELAY_FAR, A } },
		.actors = { { CALLS({ OP_DESTROY }, { OP_FREE, A }) } },
		.reports = { "destroyed while the timer" },
		.reported = true,
	},
	{
		.name = "an embedded worker cannot be destroyed",
		.kind = EMBEDDED,
		.actors = {
			{ CALLS({ OP_QUEUE, A }, { OP_DESTROY }, { OP_QUEUE, B }) },
		},
		.reports = { "not created" },
		.reported = true,
	},
	{
		.name = "a drain with a limit, of a work that queues itself",
		.again = { [A] = 20 },
		.setup = { { OP_QUEUE, A } },
		.reports = { "goes on queueing" },
		.actors = { { CALLS({ OP_DRAIN_SOON }) } },
	},
	{
		.name = "a plug, then a flush of what runs",
		.functions = { [A] = { { OP_GATE } } },
		.setup = { { OP_QUEUE, A }, { OP_AWAIT_RUN, A } },
		.actors = {
			{ CALLS({ OP_PLUG }, { OP_FLUSH, A }, { OP_UNPLUG }) },
		},
	},
	{
		.name = "a plug, then a cancel of what runs",
		.functions = { [A] = { { OP_GATE } } },
		.setup = { { OP_QUEUE, A }, { OP_AWAIT_RUN, A } },
		.actors = {
			{ CALLS({ OP_PLUG }, { OP_CANCEL_SYNC, A }, { OP_UNPLUG }) },
		},
	},
	{
		.name = "a cancelled timer is over",
		.setup = { { OP_DELAY, A } },
		.actors = {
			{ CALLS({ OP_CANCEL_SYNC, A }, { OP_TIMER_OVER, A }) },
		},
	},
	{
		.name = "a function that sleeps by hand",
		.bound = 3,
		.functions = { [A] = { { OP_SLEEP_BY_HAND } } },
		.actors = {
			{ CALLS({ OP_QUEUE, B }, { OP_QUEUE, A }) },
			{ CALLS({ OP_AWAIT_RUN, A }, { OP_WAKE_BY_HAND }) },
		},
	},
	{
		.name = "a group: a function that sleeps by hand",
		.kind = GROUPED,
		.functions = { [A] = { { OP_SLEEP_BY_HAND } } },
		.actors = {
			{ CALLS({ OP_QUEUE, A, V }, { OP_QUEUE, B, V }) },
			{ CALLS({ OP_AWAIT_RUN, A }, { OP_WAKE_BY_HAND }) },
		},
	},
	{
		.name = "a bare kthread_stop, and who drains meanwhile",
		.setup = { { OP_QUEUE, A }, { OP_AWAIT_END, A } },
		.actors = {
			{ CALLS({ OP_STOP }, { OP_DESTROY }) },
			{ CALLS({ OP_DRAIN }) },
		},
		.reports = { "after its thread was stopped", "destroyed" },
	},
	{
		.name = "destroyed twice, while another worker is created",
		.bound = 3,
		.reports = { "not created or destroyed already" },
		.actors = {
			{ CALLS({ OP_DESTROY, A, V }, { OP_DESTROY, A, V }) },
			{ CALLS({ OP_CREATE, A, W }, { OP_QUEUE, A, W }) },
		},
	},
	{
		.name = "a module goes, and others' works come and go",
		.bound = 3,
		.setup = { { OP_QUEUE, B }, { OP_QUEUE, A } },
		.actors = {
			{ CALLS({ OP_MODULE, A }) },
			{ CALLS({ OP_FIRST, C }, { OP_CANCEL, B }, { OP_QUEUE, B }) },
		},
		.reports = { "module other goes with" },
	},
	{
		.name = "a module goes, its work runs and queues itself",
		.bound = 3,
		.again = { [A] = 20 },
		.setup = { { OP_QUEUE, A } },
		.actors = {
			{ CALLS({ OP_MODULE, A }) },
			{ CALLS({ OP_QUEUE, B }, { OP_FLUSH, B }) },
		},
		.reports = { "module other goes with" },
	},
	{
		.name = "a module goes, its timer fires",
		.bound = 3,
		.setup = { { OP_DELAY, A }, { OP_DELAY, B } },
		.actors = {
			{ CALLS({ OP_MODULE, A }) },
			{ CALLS({ OP_MOD, B }, { OP_CANCEL_SYNC, B }) },
		},
		.reports = { "module other goes with" },
	},
	{
		.name = "a module goes, what it has left waits for a plug",
		.bound = 3,
		.functions = { [A] = { { OP_GATE } } },
		.setup = { { OP_QUEUE, A }, { OP_AWAIT_RUN, A }, { OP_PLUG },
			   { OP_QUEUE, B }, { OP_QUEUE, A } },
		.actors = {
			{ CALLS({ OP_MODULE, A }, { OP_UNPLUG }) },
			{ CALLS({ OP_QUEUE, C }) },
		},
		.reports = { "module other goes with" },
		.reported = true,
	},
	{
		.name = "a module goes, the worker is destroyed",
		.bound = 3,
		.setup = { { OP_QUEUE, B }, { OP_DELAY_FAR, A } },
		.actors = {
			{ CALLS({ OP_MODULE, A }) },
			{ CALLS({ OP_DESTROY }) },
		},
		.reports = { "module other goes with", "destroyed while the timer" },
		.reported = true,
	},
	{
		.name = "a module goes, another worker is created and destroyed",
		.setup = { { OP_QUEUE, A } },
		.actors = {
			{ CALLS({ OP_MODULE, A }) },
			{ CALLS({ OP_CREATE, A, W }, { OP_QUEUE, B, W },
				{ OP_DESTROY, A, W }) },
		},
		.reports = { "module other goes with" },
	},
	{
		.name = "a module goes, the thread of an embedded worker is stopped",
		.kind = EMBEDDED,
		.functions = { [A] = { { OP_GATE } } },
		.setup = { { OP_QUEUE, A }, { OP_AWAIT_RUN, A }, { OP_QUEUE, B },
			   { OP_QUEUE, C } },
		.actors = {
			{ CALLS({ OP_MODULE, A }) },
			{ CALLS({ OP_STOP }, { OP_START }) },
		},
		.reports = { "module other goes with" },
	},
	{
		.name = "the module of an embedded worker goes",
		.kind = EMBEDDED,
		.bound = 3,
		.setup = { { OP_QUEUE, B }, { OP_AWAIT_RUN, B }, { OP_QUEUE, B },
			   { OP_DELAY, A } },
		.actors = { { CALLS({ OP_MODULE_OF_WORKER }) } },
		.reports = { "module other goes with" },
		.reported = true,
	},
	{
		.name = "a group: a timer expires, its work runs where it is closed",
		.kind = GROUPED,
		.functions = { [A] = { { OP_GATE } } },
		.setup = { { OP_QUEUE, A, V }, { OP_AWAIT_RUN, A },
			   { OP_DELAY, A, V }, { OP_CLOSE, A, V } },
		.actors = { { CALLS({ OP_BUSY, A }) } },
	},
	{
		.name = "a group: a module goes, a thread leaves",
		.kind = GROUPED,
		.setup = { { OP_QUEUE, B, V }, { OP_QUEUE, A, V } },
		.actors = {
			{ CALLS({ OP_MODULE, A }) },
			{ CALLS({ OP_LEAVE, A, V }, { OP_RETURN, A, V }) },
		},
		.reports = { "module other goes with" },
	},
	{
		.name = "a group: a module goes, a worker ends",
		.kind = GROUPED,
		.setup = { { OP_QUEUE, B, V }, { OP_QUEUE, A, V } },
		.actors = {
			{ CALLS({ OP_MODULE, A }) },
			{ CALLS({ OP_END, A, V }) },
		},
		.reports = { "module other goes with" },
	},
	/* Who lends his priority. */
	{
		.name = "who waits for one worker lends by another one's function",
		.inherits = true,
		.functions = { [A] = { { OP_GATE }, { OP_FLUSH, B } } },
		.setup = { { OP_CREATE, A, W }, { OP_QUEUE, A }, { OP_QUEUE, B, W } },
		.actors = {
			{ CALLS({ OP_FLUSH, A }, { OP_QUEUE, C, W }) },
			{ CALLS({ OP_FLUSH_WORKER }, { OP_FLUSH_WORKER, A, W }) },
		},
	},
	{
		.name = "three lend",
		.inherits = true,
		.setup = { { OP_QUEUE, A }, { OP_QUEUE, B } },
		.actors = {
			{ CALLS({ OP_FLUSH, A }, { OP_FLUSH, B }) },
			{ CALLS({ OP_FLUSH_WORKER }) },
			{ CALLS({ OP_CANCEL_SYNC, B }) },
		},
	},
	{
		.name = "a thread that is away is lent nothing",
		.kind = GROUPED,
		.inherits = true,
		.setup = { { OP_QUEUE, A } },
		.actors = {
			{ CALLS({ OP_LEAVE }, { OP_RETURN }) },
			{ CALLS({ OP_FLUSH, A }) },
		},
	},
	{
		.name = "a thread polls",
		.polls = true,
		.actors = {
			{ CALLS({ OP_QUEUE, A }, { OP_FLUSH, A }, { OP_QUEUE, A }) },
			{ CALLS({ OP_PLUG }, { OP_QUEUE, B }, { OP_UNPLUG }) },
		},
	},
	{
		.name = "a thread polls, and is to end",
		.polls = true,
		.inherits = true,
		.actors = {
			{ CALLS({ OP_QUEUE, A }) },
			{ CALLS({ OP_DESTROY }) },
		},
		.reports = { "destroyed" },
	},
	/* Two lanes, and one of the urgent works is not linked yet. */
	{
		.name = "one that is urgent waits behind one in flight, and a third comes",
		.urgent = 1u << A | 1u << B,
		.functions = { [C] = { { OP_GATE } } },
		.setup = { { OP_QUEUE, C }, { OP_AWAIT_RUN, C } },
		.actors = {
			{ CALLS({ OP_QUEUE, A }) },
			{ CALLS({ OP_QUEUE, B }, { OP_QUEUE, C }) },
		},
	},
	{
		.name = "a flush of all, and one that is urgent in flight",
		.urgent = 1u << A | 1u << B,
		.actors = {
			{ CALLS({ OP_QUEUE, A }) },
			{ CALLS({ OP_QUEUE, C }, { OP_QUEUE, B }, { OP_FLUSH_WORKER }) },
		},
	},
	{
		.name = "two lanes and a plug, and one that is urgent in flight",
		.urgent = 1u << A | 1u << B,
		.setup = { { OP_PLUG }, { OP_QUEUE, C } },
		.actors = {
			{ CALLS({ OP_QUEUE, A }) },
			{ CALLS({ OP_QUEUE, B }, { OP_FLUSH_WORKER_SOON }) },
			{ CALLS({ OP_CANCEL, C }, { OP_UNPLUG }) },
		},
	},
	{
		.name = "one that is urgent is queued before another one",
		.urgent = 1u << A,
		.functions = { [C] = { { OP_AWAIT_END, A } } },
		.setup = { { OP_QUEUE, B } },
		.actors = {
			{ CALLS({ OP_CANCEL, B }, { OP_QUEUE, A }, { OP_QUEUE, C }) },
		},
		.bound = 3,
	},
	{
		.name = "a worker that is embedded lends nothing, also without a thread",
		.kind = EMBEDDED,
		.inherits = true,
		.setup = { { OP_STOP }, { OP_QUEUE, A } },
		.actors = {
			{ CALLS({ OP_FLUSH, A }) },
			{ CALLS({ OP_START }) },
		},
		.reports = { "which is embedded, has flags" },
	},
	/* Two lanes. */
	{
		.name = "an urgent work, and others before and behind",
		.urgent = 1u << A,
		.functions = { [C] = { { OP_GATE } } },
		.setup = { { OP_QUEUE, C }, { OP_AWAIT_RUN, C } },
		.actors = {
			{ CALLS({ OP_QUEUE, B }, { OP_CANCEL, B }, { OP_FLUSH, A }) },
			{ CALLS({ OP_QUEUE, A }, { OP_FLUSH_WORKER }) },
		},
	},
	{
		.name = "two that are urgent, one of them taken back",
		.urgent = 1u << A | 1u << B,
		.setup = { { OP_QUEUE, A } },
		.actors = {
			{ CALLS({ OP_QUEUE, B }, { OP_QUEUE, C }) },
			{ CALLS({ OP_CANCEL_SYNC, A }, { OP_FLUSH, B }) },
		},
	},
	{
		.name = "what is first comes before what is urgent",
		.urgent = 1u << A | 1u << B,
		.functions = { [A] = { { OP_GATE } } },
		.setup = { { OP_QUEUE, A }, { OP_AWAIT_RUN, A } },
		.actors = {
			{ CALLS({ OP_QUEUE, B }, { OP_FIRST, C }) },
			{ CALLS({ OP_CANCEL_SYNC, A }) },
		},
	},
	{
		.name = "two lanes, and a plug",
		.urgent = 1u << A,
		.setup = { { OP_PLUG }, { OP_QUEUE, B } },
		.actors = {
			{ CALLS({ OP_QUEUE, A }, { OP_FLUSH_WORKER_SOON },
				{ OP_CANCEL, A }) },
			{ CALLS({ OP_FLUSH_SOON, B }, { OP_UNPLUG }) },
		},
	},
	{
		.name = "an urgent work queues itself, and somebody waits for all",
		.urgent = 1u << A,
		.again = { [A] = 2 },
		.actors = {
			{ CALLS({ OP_QUEUE, A }, { OP_FLUSH_WORKER }) },
			{ CALLS({ OP_QUEUE, B }, { OP_DRAIN }) },
		},
	},
	{
		.name = "two lanes, and a thread that polls and is lent to",
		.urgent = 1u << A,
		.polls = true,
		.inherits = true,
		.actors = {
			{ CALLS({ OP_QUEUE, A }, { OP_FLUSH, A }) },
			{ CALLS({ OP_QUEUE, B }, { OP_FLUSH_WORKER }) },
		},
	},
	{
		.name = "a thread of two lanes freezes",
		.urgent = 1u << A,
		.freezable = true,
		.actors = {
			{ CALLS({ OP_QUEUE, B }, { OP_QUEUE, A }) },
			{ CALLS({ OP_FREEZE }, { OP_THAW }) },
		},
	},
	{
		.name = "a module goes whose works are in both lanes",
		.urgent = 1u << A,
		.setup = { { OP_QUEUE, C }, { OP_QUEUE, B }, { OP_QUEUE, A } },
		.actors = {
			{ CALLS({ OP_MODULE, A }) },
			{ CALLS({ OP_FLUSH_WORKER }) },
		},
		.reports = { "module other goes with" },
	},
	{
		.name = "a worker that is embedded has one lane",
		.kind = EMBEDDED,
		.urgent = 1u << A,
		.setup = { { OP_QUEUE, B }, { OP_QUEUE, A } },
		.actors = {
			{ CALLS({ OP_CANCEL_SYNC, A }, { OP_FLUSH, B }, { OP_STOP }) },
		},
		.reports = { "which is embedded, has flags" },
	},
	{
		.name = "a group: two lanes, a worker leaves with what is queued",
		.kind = GROUPED,
		.urgent = 1u << A | 1u << C,
		.setup = { { OP_QUEUE, B }, { OP_QUEUE, A } },
		.actors = {
			{ CALLS({ OP_LEAVE_AT_ONCE }, { OP_RETURN }) },
			{ CALLS({ OP_QUEUE, C }, { OP_FLUSH, A }) },
		},
	},
	{
		.name = "a group: two lanes, a worker ends, a timer expires",
		.kind = GROUPED,
		.urgent = 1u << A,
		.setup = { { OP_QUEUE, B }, { OP_DELAY, A } },
		.actors = {
			{ CALLS({ OP_END }) },
			{ CALLS({ OP_FLUSH, B }, { OP_QUEUE, C, W }) },
		},
		.reports = { "destroyed while the timer" },
	},
	{
		.name = "a group: a worker ends, and its timer expires",
		.kind = GROUPED,
		.setup = { { OP_DELAY, A } },
		.actors = { { CALLS({ OP_END }) } },
		.reports = { "destroyed while the timer" },
	},
	{
		.name = "a group of one: two lanes, a worker ends, a timer expires",
		.kind = GROUPED,
		.alone = true,
		.urgent = 1u << A,
		.setup = { { OP_QUEUE, B }, { OP_DELAY, A } },
		.actors = { { CALLS({ OP_END }) } },
		.reports = { "destroyed while the timer" },
	},
	{
		.name = "an NMI queues in both lanes",
		.anywhere = true,
		.urgent = 1u << A,
		.setup = { { OP_QUEUE, B } },
		.actors = {
			{ CALLS({ OP_CANCEL, B }, { OP_FLUSH_WORKER }) },
			{ CALLS({ OP_QUEUE, A }, { OP_QUEUE, C }), .kind = ACTOR_NMI },
		},
	},
	{
		.name = "an NMI queues what is urgent on a worker that ends",
		.anywhere = true,
		.urgent = 1u << A,
		.actors = {
			{ CALLS({ OP_QUEUE, B }, { OP_DESTROY }) },
			{ CALLS({ OP_QUEUE, A }), .kind = ACTOR_NMI },
		},
		.reports = { "destroyed" },
	},
	/* From anywhere. */
	{
		.name = "an NMI queues what others queue and cancel",
		.anywhere = true,
		.actors = {
			{ CALLS({ OP_QUEUE, B }, { OP_QUEUE, A }) },
			{ CALLS({ OP_CANCEL_SYNC, A }, { OP_FLUSH, B }) },
			{ CALLS({ OP_QUEUE, A }, { OP_QUEUE, C }), .kind = ACTOR_NMI },
		},
	},
	{
		.name = "an NMI queues what runs",
		.anywhere = true,
		.functions = { [A] = { { OP_GATE } } },
		.setup = { { OP_QUEUE, A }, { OP_AWAIT_RUN, A } },
		.actors = {
			{ CALLS({ OP_CANCEL_SYNC, A }) },
			{ CALLS({ OP_QUEUE, A }), .kind = ACTOR_NMI },
			{ CALLS({ OP_QUEUE, B }, { OP_FLUSH_WORKER }) },
		},
	},
	{
		.name = "two NMIs queue",
		.anywhere = true,
		.actors = {
			{ CALLS({ OP_QUEUE, C }) },
			{ CALLS({ OP_CANCEL, A }) },
			{ CALLS({ OP_QUEUE, A }), .kind = ACTOR_NMI },
			{ CALLS({ OP_QUEUE, B }), .kind = ACTOR_NMI, .host = 1 },
		},
	},
	{
		.name = "an NMI leaves the thread asleep, which sleeps by itself",
		.anywhere = true,
		.functions = { [A] = { { OP_SLEEP_BY_HAND } } },
		.actors = {
			{ CALLS({ OP_QUEUE, A }, { OP_AWAIT_RUN, A },
				{ OP_WAKE_BY_HAND }) },
			{ CALLS({ OP_QUEUE, B }), .kind = ACTOR_NMI },
		},
	},
	{
		.name = "an NMI queues on a worker that ends",
		.anywhere = true,
		.actors = {
			{ CALLS({ OP_FLUSH, A }, { OP_DESTROY }) },
			{ CALLS({ OP_CANCEL, B }) },
			{ CALLS({ OP_QUEUE, A }), .kind = ACTOR_NMI, .host = 1 },
		},
	},
	{
		.name = "an interrupt queues on a worker that is made for NMIs",
		.anywhere = true,
		.actors = {
			{ CALLS({ OP_QUEUE, A }, { OP_FLUSH_WORKER }) },
			{ CALLS({ OP_QUEUE, B }, { OP_TRY, A }),
			  .kind = ACTOR_INTERRUPT },
		},
	},
	{
		.name = "a group: an NMI queues, a worker leaves and returns",
		.kind = GROUPED,
		.anywhere = true,
		.actors = {
			{ CALLS({ OP_LEAVE_CLOSED }, { OP_RETURN }) },
			{ CALLS({ OP_QUEUE, B }) },
			{ CALLS({ OP_TRY, A }), .kind = ACTOR_NMI, .host = 1 },
		},
	},
	{
		.name = "an NMI queues where that was not asked for",
		.actors = {
			{ CALLS({ OP_QUEUE, A }) },
			{ CALLS({ OP_QUEUE, B }), .kind = ACTOR_NMI },
		},
		.reports = { "in an NMI" },
	},
	{
		.name = "what takes a lock is refused in an NMI",
		.anywhere = true,
		.actors = {
			{ CALLS({ OP_QUEUE, A }) },
			{ CALLS({ OP_CANCEL, A }), .kind = ACTOR_NMI },
			{ CALLS({ OP_FIRST, B }, { OP_PLUG }, { OP_BUSY, A }),
			  .kind = ACTOR_NMI },
			{ CALLS({ OP_DELAY, A }, { OP_MOD, A }),
			  .kind = ACTOR_NMI },
		},
		.reports = { "in an NMI" },
	},
	{
		.name = "an embedded worker gets another thread",
		.kind = EMBEDDED,
		.actors = {
			{ CALLS({ OP_STOP }, { OP_START }) },
			{ CALLS({ OP_QUEUE, A }, { OP_FLUSH, A }) },
		},
	},
};

void scenarios_add_all(struct scenarios *scenarios)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(singles); i++)
		scenarios->list[scenarios->nr++] = singles[i];
	for (i = 0; i < ARRAY_SIZE(work_states); i++)
		add_pairs(scenarios, &work_states[i]);
}
