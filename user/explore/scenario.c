// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a scenario is played, and the oracle: what must hold, told from what was
 * called and what has run, and from nothing inside the engine but its lists.
 *
 *  - A work that was accepted runs once, or was taken back once.
 *  - It never runs twice at once, nor on a thread that is not its worker's.
 *  - Who comes after another, in the same order as the calls, runs after it.
 *  - What was accepted before a call that waits has ended when that returns.
 *  - A run sees what was stored before each call that counted on it.
 *  - A call that nobody disturbs does what its description says.
 *  - Nothing runs that is disabled, on a worker that is plugged, parked or gone.
 *  - What a worker answers follows from the state of its life: see life.c.
 *
 * The events of the oracle are steps that conflict with each other, so that no
 * search takes two orders of them for the same.
 */
#include <stdio.h>

#include "explore.h"
#include "kworkerx_more.h"
#include "life.h"
#include "memory.h"
#include "race.h"
#include "scenarios.h"

#define RUNS		12
#define POSTS		12
/* The first actor, those of the scenario, and a thread. */
#define POSTERS		(MAX_ACTORS + 4)

/*
 * An acceptance: from which step to which the call took, and where the work went
 * by it.  Only those that go to the end of a queue at once are @plain; @first
 * comes before all others.
 */
struct acceptance {
	unsigned int	begin;
	unsigned int	end;
	unsigned int	worker;
	bool		plain;
	bool		first;
};

/*
 * @dwork: the work itself, as its owner has allocated it
 * @accepted: calls that have added an instance; @maybe_accepted were refused, or
 *	added one, which their result does not tell
 * @started, @ended: runs
 * @taken: instances taken back
 * @last: the latest acceptance
 * @calls: that may change what becomes of it, and are not over
 * @removals: of these, those that may take it back or move it
 * @disables: calls that were not undone; @enables: calls that undo
 * @events: of all kinds, to know whether something came in between
 * @far: its one instance is on a timer that does not expire
 * @unclear: calls have overlapped so that nobody can tell which instance is whose
 * @posts: stored before each call that queues it, plainly, once
 * @accepted_post: of each instance, the one before the call that added it
 * @posted: the same for each actor, as a count that others may read meanwhile
 * @promised: of that, what a run must have seen in the end
 * @seen: what the runs have seen
 * @results: written by each run
 */
struct tested_work {
	struct kworkerx_delayed_work	*dwork;
	unsigned int		accepted;
	unsigned int		maybe_accepted;
	unsigned int		started;
	unsigned int		ended;
	unsigned int		taken;
	struct acceptance	last;
	unsigned int		calls;
	unsigned int		removals;
	unsigned int		events;
	unsigned int		disables;
	unsigned int		enables;
	bool			delayed;
	bool			far;
	bool			freed;
	bool			unclear;
	unsigned int		again;
	unsigned int		has_posted;
	unsigned int		nr_posts;
	unsigned int		posts[POSTS];
	unsigned int		accepted_post[POSTS];
	unsigned int		posted[POSTERS];
	unsigned int		promised[POSTERS];
	unsigned int		seen[POSTERS];
	unsigned int		results[RUNS];
};

/*
 * @worker: NULL while there is none
 * @thread: of an embedded worker, or of one in a group
 * @plugs, @parked, @closed: calls that have returned and were not undone
 * @open: of a group, and others' works may go there
 * @closing: calls that drain or destroy it, and are not over; @ending: the latter
 * @endings: how often it was to be destroyed, which undoes plugs and parks
 * @grace: the work that ran when it was plugged or parked
 * @since: the step at which its latest function ended
 * @late: functions that have started since it was to freeze
 */
struct tested_worker {
	struct kworkerx_worker	*worker;
	struct task_struct	*thread;
	unsigned int		plugs;
	unsigned int		events;
	bool			parked;
	bool			closed;
	bool			gone;
	bool			open;
	unsigned int		closing;
	unsigned int		ending;
	unsigned int		endings;
	struct kworkerx_work	*grace;
	unsigned int		since;
	unsigned int		late;
};

const struct scenario *scenario;

static const char *const actor_names[MAX_ACTORS] = { "P", "Q", "R", "S" };

static struct tested_work works[WORKS];
static struct tested_worker workers[WORKERS];
/*
 * @end: the calls of an actor that is @limited are to return then
 * @late: so often it has begun to wait since
 */
static struct limit {
	bool			limited;
	unsigned long		end;
	unsigned int		late;
} limits[ACTORS];

/* What each actor queues by, if it does just now. */
static u8 queueing[ACTORS];
static bool gate;
static bool first_is_done;
static unsigned int running_actors;
static unsigned int reports;
static bool woken_by_hand;
/* That it is pending is the only reason to refuse a work, and it will run then. */
static bool only_queued;

/* Something happened that the oracle goes by: in its books, and nowhere else. */
static void event(const char *what)
{
	self->pc = NULL;
	sched_step(works, true);
	trace_event(what, works);
}

static void block_until(bool (*until)(const struct actor *actor),
			const volatile void *mem)
{
	self->mem = mem;
	if (!until(self))
		sched_block(until, mem);
	race_acquire(mem);
}

/*
 * Reports.  The kernel's format knows %ps and %pe, and all of it may be %pV.
 */

static void format_report(char *text, size_t size, const char *format,
			  va_list args)
{
	const struct va_format *whole;
	char plain[300];
	char *to = plain;
	va_list nested;

	if (strstr(format, "%pV")) {
		whole = va_arg(args, const struct va_format *);
		va_copy(nested, *whole->va);
		format_report(text, size, whole->fmt, nested);
		va_end(nested);
		return;
	}
	while (*format && to < plain + sizeof(plain) - 1) {
		*to++ = *format++;
		if (to - plain >= 2 && to[-1] == 'p' && to[-2] == '%')
			format += *format == 's' || *format == 'e';
	}
	*to = '\0';
	vsnprintf(text, size, plain, args);
}

static bool is_expected(const char *text)
{
	unsigned int i;

	for (i = 0; i < MAX_REPORTS && scenario->reports[i]; i++)
		if (strstr(text, scenario->reports[i]))
			return true;
	return false;
}

void machine_warn(const char *format, ...)
{
	char text[300];
	va_list args;

	va_start(args, format);
	format_report(text, sizeof(text), format, args);
	va_end(args);
	trace_event("reports", NULL);
	reports++;
	life_reported(text);
	if (!is_expected(text))
		sched_fail("report: %s", text);
}

char *kvasprintf(gfp_t flags, const char *format, va_list args)
{
	char *text = kmalloc(64, flags);

	vsnprintf(text, 64, format, args);
	return text;
}

/*
 * The lists
 */

static void check_node(struct kworkerx_worker *worker, struct list_head *node,
		       struct list_head *prev)
{
	struct kworkerx_work *work = container_of(node, struct kworkerx_work,
						  node);

	memory_touch(node);
	if (node->prev != prev)
		sched_fail("a node does not know what is before it");
	if (!(work->state.counter & KWORKERX_WORK_PENDING))
		sched_fail("a work is queued, and not pending");
	if (work->state.counter & KWORKERX_WORK_DELAYED)
		sched_fail("a work is queued, and delayed");
	if (work->worker != worker)
		sched_fail("a work is queued on another worker than it says");
}

static void check_lane(struct kworkerx_worker *worker, struct list_head *queue,
		       const struct list_head *tail)
{
	struct list_head *node, *prev = queue;
	unsigned int length = 0;

	for (node = prev->next; node; node = node->next) {
		check_node(worker, node, prev);
		prev = node;
		if (++length > 16)
			sched_fail("the queue is a ring");
	}
	if (!((unsigned long)tail & ~3UL))
		sched_fail("the tail is nowhere");
}

/* As the engine has it, but that is a step of who looks. */
static struct kworkerx_lane *second_lane(const struct kworkerx_worker *worker)
{
	return worker->more && (worker->flags & KWORKERX_LANES) ?
	       &worker->more->urgent : NULL;
}

static void check_queue(struct kworkerx_worker *worker)
{
	struct kworkerx_lane *urgent = second_lane(worker);

	check_lane(worker, &worker->queue, worker->tail);
	if (urgent)
		check_lane(worker, &urgent->queue, urgent->tail);
}

/*
 * A timer's function has put its work there: nobody else would.  If it has taken that
 * back, somebody may have claimed it since, but cannot link it.
 */
static void check_timer_queued(struct kworkerx_worker *worker)
{
	const struct kworkerx_delayed_work *dwork =
		container_of((const struct timer_list *)self->arg,
			     struct kworkerx_delayed_work, timer);
	int state = dwork->work.state.counter;

	if (life_asked(LIFE_TIMERS) == worker && dwork->work.worker == worker &&
	    dwork->work.node.prev && (state & KWORKERX_WORK_PENDING) &&
	    !(state & KWORKERX_WORK_DELAYED))
		life_meets(LIFE_TIMERS, worker->life, LIFE_YES);
}

void oracle_unlocked(raw_spinlock_t *lock)
{
	unsigned int i;

	life_unlocked();
	for (i = 0; i < WORKERS && !sched_late_stores(); i++) {
		if (!workers[i].worker || &workers[i].worker->lock != lock)
			continue;
		check_queue(workers[i].worker);
		if (self->kind == ACTOR_TIMER)
			check_timer_queued(workers[i].worker);
	}
}

void oracle_fires(struct timer_list *timer)
{
	life_ask(LIFE_TIMERS, container_of(timer, struct kworkerx_delayed_work,
					   timer)->work.worker);
}

void oracle_has_fired(void)
{
	life_answer(0);
}

/*
 * Runs
 */

static struct tested_work *find_work(const struct kworkerx_work *work)
{
	unsigned int i;

	for (i = 0; i < WORKS; i++)
		if (works[i].dwork && &works[i].dwork->work == work)
			return &works[i];
	sched_fail("a work runs that nobody knows");
}

/*
 * Whose thread runs, or NULL.  The structure of one that is gone may be another
 * one's now.
 */
static struct tested_worker *own_worker(void)
{
	struct tested_worker *found = NULL, *worker;

	for (worker = workers; worker < workers + WORKERS; worker++)
		if (worker->worker && worker->worker->task == current &&
		    (!found || found->gone))
			found = worker;
	return found;
}

/* No instance is pending, as far as calls that are over tell. */
static bool is_idle(const struct tested_work *work)
{
	return work->accepted == work->started + work->taken;
}

/* One instance is pending, as far as calls that are over tell. */
static bool is_waiting(const struct tested_work *work)
{
	return work->accepted == work->started + work->taken + 1;
}

/* Both wait, or @work did until now, and it is clear since when. */
static bool wait_for_same(const struct tested_work *work,
			  const struct tested_work *other)
{
	return other != work && other->dwork && !other->removals &&
	       !other->unclear && !work->unclear &&
	       is_waiting(other) &&
	       work->accepted >= work->started + work->taken &&
	       other->last.worker == work->last.worker;
}

static bool is_urgent(const struct tested_work *work)
{
	return scenario->urgent & (1u << (work - works));
}

/* Has one that runs now overtaken one that had to come first? */
static void check_order(const struct tested_work *work,
			const struct tested_worker *own)
{
	const struct tested_work *other;

	/* In a group works move to other workers. */
	if (scenario->kind == GROUPED)
		return;
	for (other = works; other < works + WORKS; other++) {
		if (!wait_for_same(work, other))
			continue;
		if (other->last.plain && work->last.plain &&
		    is_urgent(other) == is_urgent(work) &&
		    other->last.end < work->last.begin)
			sched_fail("a work overtakes one that was queued before");
		/* The thread has taken this one when the other was there. */
		if (other->last.first && work->last.end < other->last.begin &&
		    other->last.end < own->since)
			sched_fail("a work overtakes one that is first");
		if (other->last.plain && !work->last.first && is_urgent(other) &&
		    !is_urgent(work) && other->last.end < own->since)
			sched_fail("a work overtakes one that is urgent");
	}
}

static void check_worker(const struct tested_work *work,
			 struct tested_worker *own)
{
	bool grace = own->grace == &work->dwork->work;

	if (own->worker != work->dwork->work.worker && !work->calls)
		sched_fail("a work runs on another worker than it says");
	if (own->gone)
		sched_fail("a function runs on a worker that is gone");
	if ((own->plugs || own->parked) && !grace)
		sched_fail("a function starts on a worker that is plugged or parked");
	own->grace = NULL;
	/* It may have taken one already. */
	if (current->machine.freezing && ++own->late > 1)
		sched_fail("a function starts on a thread that is to freeze");
}

/* What was stored before calls that have returned is there. */
static void see_posts(struct tested_work *work, unsigned int run)
{
	unsigned int i;

	/* This run is for the instance of that number, or a later one. */
	for (i = 0; i <= run && i < work->accepted && !work->unclear; i++)
		race_plain_load(&work->posts[work->accepted_post[i]]);
	for (i = 0; i < POSTERS; i++)
		if (work->has_posted & (1u << i))
			work->seen[i] = READ_ONCE(work->posted[i]);
}

static void play(const struct call *calls);

static void run_again(struct kworkerx_work *work, struct tested_work *tested)
{
	if (tested->again && !tested->freed) {
		struct call calls[MAX_CALLS] = { { OP_QUEUE, tested - works, V } };

		tested->again--;
		jiffies++;
		play(calls);
	}
}

static void function(struct kworkerx_work *work)
{
	struct tested_work *tested = find_work(work);
	struct tested_worker *own;
	unsigned int run;

	event("a function starts");
	if (tested->freed)
		sched_fail("a work runs whose memory was freed");
	if (tested->started != tested->ended)
		sched_fail("a work runs twice at once");
	if (current->__state != TASK_RUNNING)
		sched_fail("a function does not start awake");
	if (tested->far)
		sched_fail("a work runs whose time has not come");
	run = tested->started++;
	tested->events++;
	own = own_worker();
	if (!own)
		sched_fail("a function runs on a thread that is no worker's");
	check_order(tested, own);
	check_worker(tested, own);
	life_meets(LIFE_WORKS, own->worker->life, LIFE_YES);
	see_posts(tested, run);
	if (run < RUNS)
		race_plain_store(&tested->results[run]);
	if (!run)
		play(scenario->functions[tested - works]);
	run_again(work, tested);
	event("a function ends");
	race_release(tested);
	tested->ended++;
	own->since = machine.step;
	sched_changed();
	tested->events++;
}

/*
 * Calls that queue
 */

static struct kworkerx_work *plain(const struct call *call)
{
	return &works[call->work].dwork->work;
}

static struct kworkerx_delayed_work *delayed(const struct call *call)
{
	return works[call->work].dwork;
}

static struct kworkerx_worker *target(const struct call *call)
{
	return workers[call->worker].worker;
}

/*
 * What a call began with.
 * @events, @worker_events: to know whether something came in between
 * @accepted: instances that it has to wait for
 * @started: runs that it has to wait for
 * @delayed: works that were given to their timers
 * @disables, @enables: of the work
 * @idle: of the work
 * @alone: nobody was in a call for it, and in end(): nor since
 * @quiet: nor for the worker
 * @closed: the worker accepts nothing
 */
struct before {
	const struct call	*call;
	struct tested_work	*work;
	struct tested_worker	*worker;
	unsigned int		step;
	unsigned int		events;
	unsigned int		worker_events;
	unsigned int		accepted[WORKS];
	unsigned int		started[WORKS];
	bool			delayed[WORKS];
	unsigned int		post;
	unsigned int		disables;
	unsigned int		enables;
	bool			idle;
	bool			alone;
	bool			quiet;
	bool			closed;
	bool			own;
};

/* On such a worker these are legal, and take no lock, in an NMI and in an interrupt. */
static bool is_unlocked(enum op op)
{
	return scenario->anywhere &&
	       (op == OP_QUEUE || op == OP_TRY || op == OP_NOWAKE);
}

/* Where no lock may be taken: in an NMI, and for all interrupts of such a worker. */
static bool is_refused_here(const struct call *call)
{
	if (self->kind == ACTOR_INTERRUPT)
		return scenario->anywhere && call->op == OP_FIRST;
	return self->kind == ACTOR_NMI && !is_unlocked(call->op);
}

static void begin(struct before *before, const struct call *call, bool removes)
{
	struct tested_work *work = &works[call->work];
	unsigned int i;

	*before = (struct before){
		.call = call,
		.work = work,
		.worker = &workers[call->worker],
		.events = ++work->events,
		.worker_events = ++workers[call->worker].events,
		.step = machine.step,
		.idle = is_idle(work),
		.disables = work->disables,
		.enables = work->enables,
		.alone = !work->calls && !work->disables &&
			 !work->maybe_accepted && scenario->kind != GROUPED &&
			 (work->started == work->ended ||
			  work->last.worker == call->worker),
		.closed = workers[call->worker].closed ||
			  workers[call->worker].gone || is_refused_here(call),
		.own = workers[call->worker].worker &&
		       workers[call->worker].worker->task == current && in_task(),
	};
	before->quiet = before->alone && !before->worker->closing;
	for (i = 0; i < WORKS; i++) {
		before->accepted[i] = works[i].accepted;
		before->started[i] = works[i].started;
		before->delayed[i] = works[i].delayed;
	}
	work->calls++;
	work->removals += removes;
	work->far = false;
}

static void end(struct before *before, bool removes)
{
	event("the call returns");
	before->work->calls--;
	before->work->removals -= removes;
	before->alone = before->alone && before->work->events == before->events;
	before->quiet = before->quiet && before->alone &&
			before->worker->events == before->worker_events;
	before->work->events++;
}

/* Stores something that the run to come must see. */
static void post(struct before *before)
{
	struct tested_work *work = before->work;
	unsigned int i = self - actors;

	work->has_posted |= 1u << i;
	if (work->nr_posts < POSTS) {
		before->post = work->nr_posts++;
		race_plain_store(&work->posts[before->post]);
	}
	WRITE_ONCE(work->posted[i], work->posted[i] + 1);
}

static void accept(struct before *before, bool plain)
{
	struct tested_work *work = before->work;

	/* A second one before the first has started: which is which? */
	work->unclear |= work->accepted > work->started + work->taken ||
			 work->calls;
	if (work->accepted < POSTS)
		work->accepted_post[work->accepted] = before->post;
	work->accepted++;
	work->delayed = !plain;
	work->last = (struct acceptance){
		.begin = before->step,
		.end = machine.step,
		.worker = before->call->worker,
		.plain = plain,
		.first = before->call->op == OP_FIRST,
	};
	work->promised[self - actors] = work->posted[self - actors];
}

static void check_queued(struct before *before, bool queued, bool plain)
{
	if (before->quiet && !before->own && before->idle && queued == before->closed)
		sched_fail(queued ? "it was queued although it must not" :
			   "it was refused for no reason");
	if (before->alone && before->own && before->idle && plain && !queued)
		sched_fail("a worker has refused a work of its own");
	if (queued)
		accept(before, plain);
	else if (only_queued)
		before->work->promised[self - actors] =
			before->work->posted[self - actors];
	if (queued && before->disables && before->enables == before->work->enables)
		sched_fail("a work that is disabled was queued");
}

/*
 * Does the answer come from the worker that was asked?  A work that runs on another
 * one of the group stays there.
 */
static void ask_to_queue(const struct call *call)
{
	const struct kworkerx_work *work = plain(call);
	bool delays = call->op == OP_DELAY || call->op == OP_DELAY_FAR ||
		      call->op == OP_TRY_DELAY;

	if (!work->worker || work->worker == target(call))
		life_ask(delays ? LIFE_DELAY : LIFE_QUEUE, target(call));
}

static void answer_to_queue(const struct before *before, int queued)
{
	if (before->work->events == before->events)
		life_answer(queued);
	else
		life_forget();
}

static void queue(const struct call *call)
{
	struct before before;
	bool is_plain = false;
	int queued;

	begin(&before, call, false);
	post(&before);
	ask_to_queue(call);
	queueing[self - actors] = call->op;
	switch (call->op) {
	case OP_FIRST:
		queued = kworkerx_queue_work_first(target(call), plain(call));
		break;
	case OP_TRY:
		queued = kworkerx_try_queue_work(target(call), plain(call));
		is_plain = true;
		break;
	case OP_NOWAKE:
		queued = kworkerx_queue_work_nowake(target(call), plain(call));
		is_plain = true;
		break;
	case OP_DELAY:
		queued = kworkerx_queue_delayed_work(target(call), delayed(call),
						     SOON);
		break;
	case OP_DELAY_FAR:
		queued = kworkerx_queue_delayed_work(target(call), delayed(call),
						     NO_TIMEOUT);
		break;
	case OP_TRY_DELAY:
		queued = kworkerx_try_queue_delayed_work(target(call),
							 delayed(call), SOON);
		break;
	default:
		queued = kworkerx_queue_work(target(call), plain(call));
		is_plain = true;
	}
	queueing[self - actors] = OP_NONE;
	answer_to_queue(&before, queued);
	end(&before, false);
	check_queued(&before, queued > 0, is_plain);
}

/* The interrupt may have come to whom the scheduler has given one of its locks. */
void oracle_locks(void)
{
	if (self->kind == ACTOR_NMI)
		sched_fail("an NMI takes a lock");
	if (self->kind == ACTOR_INTERRUPT && is_unlocked(queueing[self - actors]))
		sched_fail("who may have a lock of the scheduler takes one");
}

void oracle_wakes(void)
{
	if (queueing[self - actors] == OP_NOWAKE && scenario->kind != GROUPED)
		sched_fail("who queues without waking wakes");
}

static void wake_worker(const struct call *call)
{
	kworkerx_wake_worker(target(call));
}

static void mod(const struct call *call)
{
	static const unsigned long delays[OPS] = {
		[OP_MOD] = SOON,
		[OP_MOD_PENDING] = SOON,
		[OP_MOD_FAR] = NO_TIMEOUT,
	};
	struct before before;
	bool was_pending;

	begin(&before, call, true);
	post(&before);
	if (call->op == OP_MOD_PENDING) {
		was_pending = kworkerx_mod_pending_delayed_work(target(call),
			delayed(call), delays[call->op]);
		end(&before, true);
		before.work->unclear |= was_pending;
		return;
	}
	was_pending = kworkerx_mod_delayed_work(target(call), delayed(call),
						delays[call->op]);
	end(&before, true);
	before.work->unclear |= was_pending;
	/* Or it was refused. */
	before.work->far = was_pending && before.quiet && !before.closed &&
			   call->op == OP_MOD_FAR && is_waiting(before.work);
	if (was_pending)
		return;
	if (before.quiet && !before.closed) {
		accept(&before, call->op == OP_MOD_NOW);
		return;
	}
	before.work->maybe_accepted++;
	before.work->unclear = true;
}

/*
 * Calls that wait.  Others may have taken an instance back whose call is not over,
 * and so may a destruction, which reports it.
 */

static bool has_ended(const struct before *before, unsigned int i)
{
	const struct tested_work *work = &works[i];

	return work->ended + work->taken + work->removals + reports >=
	       before->accepted[i];
}

static void check_ended(const struct before *before, unsigned int i,
			const char *what)
{
	unsigned int run;

	if (!has_ended(before, i))
		sched_fail("%s returned too early", what);
	if (works[i].ended < before->started[i])
		sched_fail("%s returned while a function ran", what);
	for (run = 0; run < before->started[i] && run < RUNS; run++)
		race_plain_load(&works[i].results[run]);
}

/* Nobody else has a say in what becomes of it. */
static bool is_clear(const struct tested_work *work)
{
	return work->dwork && !work->unclear && !work->removals && !work->freed;
}

/* Of a work that has waited for its timer, or does now, nothing is promised. */
static void check_flushed(const struct before *before, unsigned int i,
			  const char *what)
{
	if (is_clear(&works[i]) && !before->delayed[i] && !works[i].delayed)
		check_ended(before, i, what);
}

static void check_worker_ended(const struct before *before, const char *what)
{
	unsigned int i;

	for (i = 0; i < WORKS; i++)
		if (works[i].accepted &&
		    works[i].last.worker == before->call->worker)
			check_flushed(before, i, what);
}

static void flush(const struct call *call)
{
	struct before before;
	int ret = 0;

	begin(&before, call, false);
	switch (call->op) {
	case OP_FLUSH_SOON:
		ret = kworkerx_flush_work_timeout(plain(call), SOON);
		break;
	case OP_FLUSH_DELAYED:
		kworkerx_flush_delayed_work(delayed(call));
		break;
	default:
		kworkerx_flush_work(plain(call));
	}
	end(&before, false);
	if (ret || before.own)
		return;
	if (call->op == OP_FLUSH_DELAYED && is_clear(before.work))
		check_ended(&before, call->work, "a flush of a delayed work");
	check_flushed(&before, call->work, "a flush");
}

static void flush_worker(const struct call *call)
{
	struct before before;
	int ret;

	begin(&before, call, false);
	life_ask(LIFE_FLUSH, target(call));
	ret = kworkerx_flush_worker_timeout(target(call),
		call->op == OP_FLUSH_WORKER ? MAX_SCHEDULE_TIMEOUT : SOON);
	life_answer(ret ?: 1);
	end(&before, false);
	if (!ret && scenario->kind != GROUPED)
		check_worker_ended(&before, "a flush of the worker");
}

static void cancel(const struct call *call)
{
	bool sync = call->op == OP_CANCEL_SYNC;
	struct before before;
	bool taken;

	begin(&before, call, true);
	taken = sync ? kworkerx_cancel_delayed_work_sync(delayed(call)) :
		       kworkerx_cancel_work(plain(call));
	end(&before, true);
	before.work->taken += taken;
	if (sync && !before.own)
		check_ended(&before, call->work, "a cancel");
}

static void disable(const struct call *call)
{
	bool sync = call->op == OP_DISABLE_SYNC;
	struct before before;
	bool taken;

	begin(&before, call, true);
	taken = sync ? kworkerx_disable_work_sync(plain(call)) :
		       kworkerx_disable_work(plain(call));
	end(&before, true);
	before.work->taken += taken;
	before.work->disables++;
	if (sync && !before.own)
		check_ended(&before, call->work, "a disabling");
}

static void enable(const struct call *call)
{
	struct before before;

	begin(&before, call, false);
	if (before.work->disables) {
		before.work->disables--;
		before.work->enables++;
		kworkerx_enable_work(plain(call));
	}
	end(&before, false);
}

/*
 * Calls for a worker
 */

static void hold(struct tested_worker *worker)
{
	worker->grace = worker->worker->current_work;
}

static void plug(const struct call *call)
{
	struct tested_worker *worker = &workers[call->worker];
	unsigned int endings = worker->endings;
	int ret;

	worker->events++;
	life_ask(LIFE_PLUG, target(call));
	ret = kworkerx_plug_worker(target(call));
	life_answer(ret ?: 1);
	event("the call returns");
	worker->events++;
	if (ret || worker->ending || endings != worker->endings)
		return;
	hold(worker);
	worker->plugs++;
}

static void unplug(const struct call *call)
{
	struct tested_worker *worker = &workers[call->worker];

	if (!worker->plugs)
		return;
	worker->plugs--;
	kworkerx_unplug_worker(target(call));
}

static void park(const struct call *call)
{
	struct tested_worker *worker = &workers[call->worker];
	unsigned int endings = worker->endings;
	struct before before;
	int ret;

	begin(&before, call, false);
	life_ask(LIFE_PARK, target(call));
	ret = kworkerx_park_worker(target(call));
	life_answer(ret ?: 1);
	end(&before, false);
	if (ret || worker->ending || endings != worker->endings)
		return;
	worker->parked = true;
	worker->grace = NULL;
}

static void unpark(const struct call *call)
{
	struct tested_worker *worker = &workers[call->worker];

	if (!worker->parked)
		return;
	worker->parked = false;
	life_ask(LIFE_UNPARK, worker->worker);
	kworkerx_unpark_worker(worker->worker);
	life_answer(0);
}

/* To be drained or destroyed undoes plugs; nothing is told of those then. */
static void begin_closing(struct before *before, const struct call *call,
			  bool destroys)
{
	begin(before, call, destroys);
	before->worker->closing++;
	before->worker->ending += destroys;
	before->worker->endings += destroys;
	before->worker->events++;
	if (destroys) {
		before->worker->plugs = 0;
		before->worker->parked = false;
	}
}

static bool holds_work(const struct kworkerx_worker *worker)
{
	const struct kworkerx_lane *urgent = second_lane(worker);
	const struct list_head *first = urgent ? urgent->queue.next : NULL;

	first = first ?: worker->queue.next;
	return worker->holds && first &&
	       container_of(first, struct kworkerx_work, node)->func == function;
}

/* The caller's wait is to end SOON, or with the present one. */
static void set_limit(bool limited)
{
	limits[self - actors] = (struct limit){ limited, jiffies + SOON };
}

/*
 * Time may have passed since @timeout was computed, but only once, and then the
 * thread may be about to complete what was waited for.
 */
void oracle_waits(unsigned long timeout)
{
	struct limit *limit = &limits[self - actors];
	struct kworkerx_worker *worker = life_asked(LIFE_FLUSH);

	if (worker && holds_work(worker))
		life_meets(LIFE_FLUSHERS, worker->life, LIFE_HELD);
	if (limit->limited && timeout && time_after_eq(jiffies, limit->end + 1) &&
	    ++limit->late > 2)
		sched_fail("a limit that does not limit");
}

static void drain(const struct call *call)
{
	struct before before;
	int ret;

	begin_closing(&before, call, false);
	set_limit(call->op == OP_DRAIN_SOON);
	life_ask(LIFE_DRAIN, target(call));
	ret = kworkerx_drain_worker_timeout(target(call),
		call->op == OP_DRAIN ? MAX_SCHEDULE_TIMEOUT : SOON);
	life_answer(ret ?: 1);
	end(&before, false);
	before.worker->closing--;
	before.worker->events++;
	set_limit(false);
	if (!ret)
		check_worker_ended(&before, "a drain");
}

static void destroy(const struct call *call)
{
	struct before before;
	int ret;

	begin_closing(&before, call, true);
	life_ask(LIFE_DESTROY, target(call));
	ret = kworkerx_destroy_worker_timeout(target(call),
		call->op == OP_DESTROY ? MAX_SCHEDULE_TIMEOUT : SOON);
	life_answer(ret ?: 1);
	end(&before, true);
	before.worker->closing--;
	before.worker->ending--;
	before.worker->events++;
	if (ret)
		return;
	before.worker->gone = true;
	check_worker_ended(&before, "a destruction");
}

static int called(void *arg)
{
	event("a call runs");
	++*(int *)arg;
	return 0;
}

static void call_worker(const struct call *call)
{
	struct before before;
	int runs = 0, ret;

	begin(&before, call, false);
	ret = kworkerx_call(target(call), called, &runs);
	end(&before, false);
	if (runs != !ret)
		sched_fail("a call ran %d times and returned %d", runs, ret);
	if (!ret && !before.own)
		check_worker_ended(&before, "a call");
}

/*
 * Works and workers come and go
 */

static void init_work(struct tested_work *work)
{
	kworkerx_init_delayed_work(work->dwork, function);
	if (is_urgent(work))
		kworkerx_set_work_urgent(&work->dwork->work, true);
}

static void free_work(const struct call *call)
{
	struct tested_work *work = &works[call->work];

	event("the work is freed");
	work->freed = true;
	kfree(work->dwork);
}

/*
 * For who knows that nobody else queues it twice: if it is pending already, then
 * it was claimed before, and is nobody's any more when it was cancelled.
 */
static void free_pending(const struct call *call)
{
	struct before before;
	bool queued;

	begin(&before, call, true);
	post(&before);
	queued = kworkerx_queue_work(target(call), plain(call));
	if (!queued && kworkerx_cancel_work_sync(plain(call)))
		before.work->taken++;
	end(&before, true);
	if (queued)
		accept(&before, true);
	else
		free_work(call);
}

/*
 * A group of two, as a set has one for each CPU: what a worker that is closed
 * does not take, the other one does, if it is open.
 */

static struct kworkerx_worker *divert(const struct kworkerx_group *group,
				      struct kworkerx_work *work, bool accepted)
{
	unsigned int i;

	for (i = 0; i < WORKERS && !scenario->alone; i++) {
		if (READ_ONCE(workers[i].open) &&
		    workers[i].worker != READ_ONCE(work->worker)) {
			life_diverted(true, accepted);
			return workers[i].worker;
		}
	}
	life_diverted(false, accepted);
	if (accepted)
		find_work(work)->taken++;
	return NULL;
}

static struct kworkerx_group group;

static unsigned int extra_flags(void)
{
	return (scenario->anywhere ? KWORKERX_ANYWHERE : 0) |
	       (scenario->inherits ? KWORKERX_INHERIT : 0) |
	       (scenario->polls ? KWORKERX_POLLS : 0) |
	       (scenario->urgent ? KWORKERX_LANES : 0);
}

static void evict(struct kworkerx_worker *worker)
{
	life_ask(LIFE_EVICT, worker);
	kworkerx_evict_worker(worker);
	life_answer(0);
}

static int serve(void *worker)
{
	while (!kthread_should_stop()) {
		if (kthread_should_park()) {
			evict(worker);
			kthread_parkme();
		}
		kworkerx_serve_worker(worker);
	}
	return 0;
}

static void open_worker(const struct call *call)
{
	struct tested_worker *worker = &workers[call->worker];

	life_ask(LIFE_OPEN, worker->worker);
	kworkerx_open_worker(worker->worker, worker->thread);
	life_answer(0);
	WRITE_ONCE(worker->open, true);
}

static void close_worker(const struct call *call)
{
	WRITE_ONCE(workers[call->worker].open, false);
	life_ask(LIFE_CLOSE, target(call));
	kworkerx_close_worker(target(call));
	life_answer(0);
}

static void hold_worker(const struct call *call)
{
	kworkerx_hold_worker(target(call));
}

static void leave_worker_at_once(const struct call *call)
{
	WRITE_ONCE(workers[call->worker].open, false);
	kworkerx_hold_worker(target(call));
	kthread_park(workers[call->worker].thread);
}

/* As kworkerx_percpu.c does it: what is queued runs, others get what is late. */
static void leave_worker(const struct call *call)
{
	WRITE_ONCE(workers[call->worker].open, false);
	kworkerx_flush_worker(target(call));
	leave_worker_at_once(call);
}

static void leave_worker_closed(const struct call *call)
{
	close_worker(call);
	leave_worker(call);
}

static void return_worker(const struct call *call)
{
	kthread_unpark(workers[call->worker].thread);
	open_worker(call);
}

static void end_worker_at_once(const struct call *call)
{
	struct tested_worker *worker = &workers[call->worker];

	WRITE_ONCE(worker->open, false);
	kthread_stop(worker->thread);
	life_ask(LIFE_FREE, worker->worker);
	kworkerx_free_worker(worker->worker);
	life_answer(0);
	event("the call returns");
	worker->gone = true;
}

static void end_worker(const struct call *call)
{
	close_worker(call);
	kworkerx_flush_worker(target(call));
	end_worker_at_once(call);
}

static void create_grouped(void)
{
	unsigned int i;

	group = (struct kworkerx_group){
		.divert = divert,
		.arms_closed = scenario->arms,
		.flags = extra_flags(),
	};
	for (i = 0; i < WORKERS; i++) {
		life_ask(LIFE_ALLOC, NULL);
		workers[i].worker = kworkerx_alloc_worker(&group, NULL);
		life_answer(0);
		workers[i].thread = kthread_create(serve, workers[i].worker,
						   "grouped");
		open_worker(&(struct call){ .worker = i });
		wake_up_process(workers[i].thread);
	}
}

/* A time is as long as it takes. */
static const struct kworkerx_attrs polling = { .poll_us = 1 };

static void create(struct tested_worker *worker)
{
	unsigned int flags = (scenario->freezable ? KWORKERX_FREEZABLE : 0) |
			     extra_flags();

	worker->gone = false;
	if (scenario->kind == EMBEDDED) {
		worker->worker = kzalloc(sizeof(*worker->worker), GFP_KERNEL);
		kworkerx_init_worker(worker->worker);
		life_turns(LIFE_INIT, LIFE_NONE, worker->worker->life);
		worker->worker->flags = flags;
		worker->thread = kthread_run(kworkerx_worker_fn, worker->worker,
					     "embedded");
	} else {
		life_ask(LIFE_CREATE, NULL);
		worker->worker = kworkerx_create_worker(flags, "created");
		life_answer(0);
		worker->thread = worker->worker->task;
		if (scenario->polls)
			kworkerx_set_worker_attrs(worker->worker, &polling);
	}
}

/* So many that the next one has the structure of one of them. */
static void create_many(const struct call *call)
{
	unsigned int i;

	for (i = 0; i < 65; i++) {
		create(&workers[call->worker]);
		destroy(&(struct call){ OP_DESTROY, WORKS - 1, call->worker });
	}
}

static void stop(const struct call *call)
{
	event("the thread is stopped");
	kthread_stop(workers[call->worker].thread);
	event("the call returns");
	workers[call->worker].thread = NULL;
}

/* A thread that was told to stop before it has run does not get that far. */
static void try_to_attach(const struct call *call)
{
	struct task_struct *task;
	int ret;

	task = kthread_run(kworkerx_worker_fn, workers[call->worker].worker,
			   "second");
	ret = kthread_stop(task);
	if (ret != -EBUSY && ret != -EINTR)
		sched_fail("a thread has served a worker that was not to be had");
}

static void free_worker(const struct call *call)
{
	struct tested_worker *worker = &workers[call->worker];

	event("the worker is freed");
	kfree(worker->worker);
	worker->gone = true;
	worker->worker = NULL;
}

/*
 * What is not a call
 */

static bool gate_is_open(const struct actor *actor)
{
	return gate;
}

static bool function_has_started(const struct actor *actor)
{
	return ((const struct tested_work *)actor->mem)->started;
}

static bool function_has_ended(const struct actor *actor)
{
	const struct tested_work *work = (const void *)actor->mem;

	return work->ended && work->started == work->ended;
}

static bool first_actor_is_done(const struct actor *actor)
{
	return first_is_done;
}

static const struct task_struct *by_hand;

static void note_held(void)
{
	const struct tested_worker *own = own_worker();

	if (own && holds_work(own->worker))
		life_meets(LIFE_WORKS, own->worker->life, LIFE_HELD);
}

/* Those who wait behind what has run. */
void oracle_completes(void)
{
	const struct tested_worker *own = own_worker();

	if (own && own->worker->holds)
		life_meets(LIFE_FLUSHERS, own->worker->life, LIFE_YES);
}

/* Who sleeps otherwise counts as load, and as hung. */
void oracle_sleeps(void)
{
	note_held();
	if (current->machine.fn && current->__state != TASK_IDLE &&
	    current->__state != TASK_RUNNING && by_hand != current)
		sched_fail("a thread idles in another state than TASK_IDLE");
}

static void sleep_by_hand(void)
{
	by_hand = current;
	set_current_state(TASK_UNINTERRUPTIBLE);
	if (!woken_by_hand)
		schedule();
	by_hand = NULL;
	__set_current_state(TASK_RUNNING);
	if (!woken_by_hand)
		sched_fail("a function was woken by somebody else");
}

static void wake_by_hand(const struct call *call)
{
	event("wakes the function");
	woken_by_hand = true;
	wake_up_process(workers[call->worker].thread);
}

static void check_timer(const struct call *call)
{
	const struct actor *timer = delayed(call)->timer.machine.actor;

	event("is the timer over?");
	if (timer && timer->running)
		sched_fail("a timer's function runs after its work was cancelled");
}

/* It had the structure of the work.  No call of it goes on any more. */
static void module_goes(const struct call *call)
{
	struct tested_work *work = &works[call->work];
	struct module module = {
		.base = (unsigned long)work->dwork,
		.size = sizeof(*work->dwork),
	};

	work->unclear = true;
	kworkerx_module_init();
	module_notifier->notifier_call(module_notifier, MODULE_STATE_GOING, &module);
	event("the call returns");
	if (work->started != work->ended)
		sched_fail("a work runs whose module has gone");
	free_work(call);
}

/* It had the worker. */
static void module_of_worker_goes(const struct call *call)
{
	struct tested_worker *worker = &workers[call->worker];
	struct module module = {
		.base = (unsigned long)worker->worker,
		.size = sizeof(*worker->worker),
	};
	unsigned int i;

	for (i = 0; i < WORKS; i++)
		works[i].unclear = true;
	kworkerx_module_init();
	module_notifier->notifier_call(module_notifier, MODULE_STATE_GOING, &module);
	event("the call returns");
	if (!actor_is(worker->thread->machine.actor, states.done))
		sched_fail("a worker has a thread whose module has gone");
	free_worker(call);
}

static bool is_frozen(const struct actor *actor)
{
	const struct task_struct *task = (const void *)actor->mem;

	return task->machine.frozen || actor_is(task->machine.actor, states.done);
}

static void freeze(const struct call *call)
{
	struct task_struct *task = workers[call->worker].thread;

	WRITE_ONCE(task->machine.freezing, true);
	wake_up_process(task);
	block_until(is_frozen, task);
}

static void thaw(const struct call *call)
{
	struct task_struct *task = workers[call->worker].thread;

	event("thaws");
	task->machine.freezing = false;
}

static const struct {
	const char *name;
	void (*play)(const struct call *call);
} ops[OPS] = {
	[OP_QUEUE] = { "queue", queue },
	[OP_FIRST] = { "queue first", queue },
	[OP_TRY] = { "try to queue", queue },
	[OP_NOWAKE] = { "queue without waking", queue },
	[OP_WAKE] = { "wake", wake_worker },
	[OP_DELAY] = { "queue delayed", queue },
	[OP_DELAY_FAR] = { "queue far", queue },
	[OP_TRY_DELAY] = { "try to delay", queue },
	[OP_MOD_NOW] = { "mod to now", mod },
	[OP_MOD] = { "mod", mod },
	[OP_MOD_FAR] = { "mod to far", mod },
	[OP_MOD_PENDING] = { "mod pending", mod },
	[OP_CANCEL] = { "cancel", cancel },
	[OP_CANCEL_SYNC] = { "cancel_sync", cancel },
	[OP_DISABLE] = { "disable", disable },
	[OP_DISABLE_SYNC] = { "disable_sync", disable },
	[OP_ENABLE] = { "enable", enable },
	[OP_FLUSH] = { "flush", flush },
	[OP_FLUSH_SOON] = { "flush for a while", flush },
	[OP_FLUSH_DELAYED] = { "flush delayed", flush },
	[OP_FLUSH_WORKER] = { "flush worker", flush_worker },
	[OP_FLUSH_WORKER_SOON] = { "flush worker for a while", flush_worker },
	[OP_PLUG] = { "plug", plug },
	[OP_UNPLUG] = { "unplug", unplug },
	[OP_PARK] = { "park", park },
	[OP_UNPARK] = { "unpark", unpark },
	[OP_DRAIN] = { "drain", drain },
	[OP_DRAIN_SOON] = { "drain for a while", drain },
	[OP_DESTROY] = { "destroy", destroy },
	[OP_DESTROY_SOON] = { "destroy for a while", destroy },
	[OP_CALL] = { "call", call_worker },
	[OP_TIMER_OVER] = { "timer over", check_timer },
	[OP_FREE] = { "free", free_work },
	[OP_FREE_PENDING] = { "queue, or cancel and free", free_pending },
	[OP_STOP] = { "stop", stop },
	[OP_FREE_WORKER] = { "free worker", free_worker },
	[OP_MODULE] = { "module goes", module_goes },
	[OP_MODULE_OF_WORKER] = { "module of the worker goes", module_of_worker_goes },
	[OP_FREEZE] = { "freeze", freeze },
	[OP_THAW] = { "thaw", thaw },
	[OP_CLOSE] = { "close", close_worker },
	[OP_OPEN] = { "open", open_worker },
	[OP_LEAVE] = { "leave", leave_worker },
	[OP_LEAVE_CLOSED] = { "leave closed", leave_worker_closed },
	[OP_HOLD] = { "hold", hold_worker },
	[OP_LEAVE_AT_ONCE] = { "leave at once", leave_worker_at_once },
	[OP_RETURN] = { "return", return_worker },
	[OP_END] = { "end", end_worker },
	[OP_END_AT_ONCE] = { "end at once", end_worker_at_once },
	[OP_SECOND] = { "second thread", try_to_attach },
	[OP_WAKE_BY_HAND] = { "wake by hand", wake_by_hand },
};

static void play_one(const struct call *call)
{
	switch (call->op) {
	case OP_GATE:
		block_until(gate_is_open, &gate);
		break;
	case OP_AWAIT_RUN:
		block_until(function_has_started, &works[call->work]);
		break;
	case OP_AWAIT_END:
		block_until(function_has_ended, &works[call->work]);
		break;
	case OP_AWAIT_FIRST:
		block_until(first_actor_is_done, &first_is_done);
		break;
	case OP_BUSY:
		event("busy?");
		kworkerx_work_busy(plain(call));
		break;
	case OP_INIT:
		event("initialises");
		init_work(&works[call->work]);
		break;
	case OP_CREATE:
		create(&workers[call->worker]);
		break;
	case OP_CREATE_MANY:
		create_many(call);
		break;
	case OP_START:
		workers[call->worker].thread = kthread_run(kworkerx_worker_fn,
			workers[call->worker].worker, "again");
		break;
	case OP_SLEEP_BY_HAND:
		sleep_by_hand();
		break;
	default:
		event(ops[call->op].name);
		ops[call->op].play(call);
	}
}

static void print_calls(const char *who, const struct call *calls)
{
	unsigned int i;

	if (!calls[0].op)
		return;
	printf("    %s:", who);
	for (i = 0; i < MAX_CALLS && calls[i].op; i++)
		printf("%s %s %c", i ? "," : "", ops[calls[i].op].name ?: "wait",
		       'A' + calls[i].work);
	printf("\n");
}

void scenario_print(void)
{
	unsigned int i;

	print_calls("before", scenario->setup);
	for (i = 0; i < WORKS; i++)
		print_calls("a function", scenario->functions[i]);
	for (i = 0; i < MAX_ACTORS; i++)
		print_calls(actor_names[i], scenario->actors[i].calls);
}

static bool nothing_is_taken_back(void)
{
	static const u8 others[] = {
		OP_MOD_NOW, OP_MOD, OP_MOD_FAR, OP_MOD_PENDING, OP_CANCEL,
		OP_CANCEL_SYNC, OP_DISABLE, OP_DISABLE_SYNC, OP_DRAIN,
		OP_DRAIN_SOON, OP_DESTROY, OP_DESTROY_SOON,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(others); i++)
		if (scenario_has_call(scenario, others[i]))
			return false;
	return true;
}

void scenario_select(const struct scenario *s)
{
	scenario = s;
	only_queued = s->kind == CREATED && nothing_is_taken_back();
}

static void play(const struct call *calls)
{
	unsigned int i;

	for (i = 0; i < MAX_CALLS && calls[i].op; i++)
		play_one(&calls[i]);
}

/*
 * A scenario from beginning to end
 */

static void actor_plays(struct actor *actor)
{
	play(actor->arg);
	event("is done");
	if (actor->arg == scenario->actors[0].calls) {
		race_release(&first_is_done);
		first_is_done = true;
	}
	race_release(&running_actors);
	running_actors -= actor->kind == ACTOR_THREAD;
	sched_changed();
}

static bool all_done(const struct actor *actor)
{
	return !running_actors;
}

static void prepare(void)
{
	unsigned int i;

	memset(works, 0, sizeof(works));
	memset(workers, 0, sizeof(workers));
	memset(limits, 0, sizeof(limits));
	memset(queueing, 0, sizeof(queueing));
	gate = false;
	first_is_done = false;
	woken_by_hand = false;
	reports = 0;
	running_actors = 0;
	life_reset();
	for (i = 0; i < WORKS; i++) {
		works[i].dwork = kzalloc(sizeof(*works[i].dwork), GFP_KERNEL);
		works[i].again = scenario->again[i];
		init_work(&works[i]);
	}
	if (scenario->kind == GROUPED)
		create_grouped();
	else
		create(&workers[V]);
}

static void start_actors(void)
{
	struct actor *started[MAX_ACTORS];
	unsigned int i;

	for (i = 0; i < MAX_ACTORS && scenario->actors[i].calls[0].op; i++) {
		unsigned int kind = scenario->actors[i].kind;

		started[i] = sched_start(kind, actor_names[i], actor_plays,
					 (void *)scenario->actors[i].calls);
		if (kind == ACTOR_THREAD)
			running_actors++;
		else
			started[i]->host = started[scenario->actors[i].host];
	}
}

/* Undoes what would keep works from running. */
static void let_run(struct tested_worker *worker)
{
	if (!worker->worker || worker->gone)
		return;
	for (; worker->plugs; worker->plugs--)
		kworkerx_unplug_worker(worker->worker);
	unpark(&(struct call){ .worker = worker - workers });
}

/* Takes back what waits for a time that does not come. */
static void finish_work(struct tested_work *work)
{
	struct kworkerx_delayed_work *dwork = work->dwork;

	if (work->freed)
		return;
	if (dwork->work.state.counter & KWORKERX_WORK_DELAYED &&
	    !timer_pending(&dwork->timer))
		sched_fail("a work waits for a timer that is not armed");
	if ((dwork->work.state.counter & KWORKERX_WORK_PENDING) &&
	    !(dwork->work.state.counter & KWORKERX_WORK_DELAYED) &&
	    !dwork->work.worker->holds)
		sched_fail("a work is queued, and nobody runs it");
	if (kworkerx_work_pending(&dwork->work))
		work->taken += kworkerx_cancel_delayed_work_sync(work->dwork);
}

static void check_work(const struct tested_work *work)
{
	unsigned int gone = work->started + work->taken, i;

	if (work->started != work->ended)
		sched_fail("a function has not ended");
	if (gone > work->accepted + work->maybe_accepted)
		sched_fail("a work ran or was taken back more often than it was queued");
	if (gone + reports < work->accepted)
		sched_fail("a work was queued, and did not run");
	if (!work->freed && kworkerx_work_pending(&work->dwork->work))
		sched_fail("a work is pending at the end");
	if (!work->freed && scenario->kind == CREATED &&
	    kworkerx_work_busy(&work->dwork->work))
		sched_fail("a work is busy at the end");
	for (i = 0; i < POSTERS && !work->taken && !work->unclear && !reports; i++)
		if (work->seen[i] < work->promised[i])
			sched_fail("a run did not see what was stored before it was asked for");
}

void scenario_main(struct actor *actor)
{
	unsigned int i;

	prepare();
	play(scenario->setup);
	start_actors();
	gate = true;
	sched_changed();
	sched_explore(true);
	block_until(all_done, &running_actors);
	sched_explore(false);
	for (i = 0; i < WORKERS; i++)
		let_run(&workers[i]);
	sched_quiesce();
	for (i = 0; i < WORKS; i++) {
		finish_work(&works[i]);
		check_work(&works[i]);
	}
	if (scenario->reported && !reports)
		sched_fail("what is wrong was not reported");
}
