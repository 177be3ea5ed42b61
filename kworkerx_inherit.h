/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who waits lends his priority to the thread, and the thread may look for works for
 * a while before it sleeps: workers that are KWORKERX_INHERIT, or have been given a
 * time to poll.  Part of kworkerx.c, which includes this.
 *
 * While it serves the worker the thread owns a mutex of the kernel's, that of the
 * present turn.  Whoever waits blocks on it, for which the kernel makes the owner as
 * urgent as him; and if the owner waits for another such worker, that one's thread, too.
 * At each barrier the thread goes on to a mutex that nobody has to do with, and gives
 * back the other: those who wait there come out, one after the other, and whose barrier
 * is not done yet goes to wait at the next one.
 *
 *	thread					who waits
 *	lock(next)				turn = ->turn, and uses it
 *	complete(his barrier)			is his barrier done?
 *	->turn = next				lock(turn)	blocks
 *	unlock(turn)		--->		unlock(turn), and again
 *
 * Who uses the next one finds his barrier done, if it is; who uses the one before gets
 * it.  Not if the thread took that again, at once: it may be the more urgent of the two,
 * by others who wait, and then the kernel lets it.  So it takes none that is in use.
 *
 * Lockdep knows of the wait for a worker already; these mutexes tell it nothing.
 */
#ifndef _KWORKERX_INHERIT_H
#define _KWORKERX_INHERIT_H

static void kworkerx_init_turns(struct kworkerx_more *more, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		rt_mutex_init(&more->turns[i].mutex);
		lockdep_set_notrack_class(&more->turns[i].mutex);
	}
}

/* The present one, to be given back; NULL if the thread is away. */
static struct kworkerx_turn *kworkerx_get_turn(struct kworkerx_worker *worker)
{
	struct kworkerx_turn *turn;

	raw_spin_lock_irq(&worker->lock);
	turn = worker->more->turn;
	if (turn)
		turn->users++;
	raw_spin_unlock_irq(&worker->lock);
	return turn;
}

static void kworkerx_put_turn(struct kworkerx_worker *worker,
			      struct kworkerx_turn *turn)
{
	raw_spin_lock_irq(&worker->lock);
	turn->users--;
	raw_spin_unlock_irq(&worker->lock);
}

/* Waits for @done, and lends the caller's priority meanwhile. */
static noinline void kworkerx_lend(struct kworkerx_worker *worker,
				   struct completion *done)
{
	struct kworkerx_turn *turn;
	bool is_done;

	do {
		turn = kworkerx_get_turn(worker);
		if (!turn) {
			is_done = wait_for_completion_timeout(done, 1);
			continue;
		}
		is_done = try_wait_for_completion(done);
		if (!is_done) {
			rt_mutex_lock(&turn->mutex);
			rt_mutex_unlock(&turn->mutex);
		}
		kworkerx_put_turn(worker, turn);
	} while (!is_done);
}

/* Takes one that is not in use. */
static struct kworkerx_turn *kworkerx_next_turn(struct kworkerx_worker *worker)
{
	struct kworkerx_more *more = worker->more;
	struct kworkerx_turn *turn, *next = NULL;

	for (;;) {
		raw_spin_lock_irq(&worker->lock);
		for (turn = more->turns; turn < more->turns + KWORKERX_TURNS; turn++)
			if (turn != more->turn && !turn->users)
				next = turn;
		raw_spin_unlock_irq(&worker->lock);
		if (next)
			break;
		/* So many have to come out of so many, and to run for that. */
		schedule_timeout_uninterruptible(1);
	}
	rt_mutex_lock(&next->mutex);
	return next;
}

/* Has @next, or nothing, be what who waits blocks on. */
static void kworkerx_turn_over(struct kworkerx_worker *worker,
			       struct kworkerx_turn *next)
{
	struct kworkerx_turn *last;

	raw_spin_lock_irq(&worker->lock);
	last = worker->more->turn;
	worker->more->turn = next;
	raw_spin_unlock_irq(&worker->lock);
	if (last)
		rt_mutex_unlock(&last->mutex);
}

/* The thread comes past a barrier. */
static noinline void kworkerx_hand_over(struct kworkerx_worker *worker,
					struct kworkerx_work *work)
{
	struct kworkerx_turn *next = kworkerx_next_turn(worker);

	kworkerx_run(worker, work, kworkerx_barrier_fn);
	kworkerx_turn_over(worker, next);
}

/*
 * A thread that has nothing to do but to leave gets the priority of who waits for
 * that, as far as a policy can say it.
 */
static void kworkerx_hurry(struct kworkerx_worker *worker, struct task_struct *task)
{
	struct sched_attr attr = {
		.sched_policy = SCHED_FIFO,
		.sched_priority = min(MAX_RT_PRIO - 1 - current->prio,
				      MAX_RT_PRIO - 1),
	};

	if ((worker->flags & KWORKERX_INHERIT) && current->prio < MAX_RT_PRIO)
		sched_setattr_nocheck(task, &attr);
}

/* Looks for something to do, while nobody else has anything for this CPU. */
static bool kworkerx_poll(struct kworkerx_worker *worker, u64 until)
{
	while (kworkerx_empty(worker)) {
		if (!single_task_running() || need_resched() ||
		    kworkerx_dismissed(worker) || local_clock() >= until)
			return false;
		cpu_relax();
	}
	return true;
}

/*
 * Nothing is queued.  Polls for as long as that has been worth it: twice as long the
 * next time if a work has come soon after, half as long if not.
 */
static noinline void kworkerx_rest(struct kworkerx_worker *worker)
{
	struct kworkerx_more *more = worker->more;
	u64 limit = READ_ONCE(more->poll);
	u64 begin;

	if (!limit || READ_ONCE(worker->holds)) {
		kworkerx_idle(worker, true);
		return;
	}
	begin = local_clock();
	more->window = min(more->window, limit);
	if (kworkerx_poll(worker, begin + more->window))
		return;
	kworkerx_idle(worker, true);
	if (local_clock() - begin < limit)
		more->window = max(2 * more->window, limit / 8);
	else
		more->window /= 2;
}

/* Gives @worker, which is not open yet, what its flags ask for. */
static bool kworkerx_get_more(struct kworkerx_worker *worker)
{
	unsigned int turns = worker->flags & KWORKERX_INHERIT ? KWORKERX_TURNS : 0;
	struct kworkerx_more *more;

	if (!(worker->flags & ~KWORKERX_FREEZABLE))
		return true;
	more = kzalloc(struct_size(more, turns, turns), GFP_KERNEL);
	if (!more)
		return false;
	more->worker = worker;
	more->wake = IRQ_WORK_INIT_HARD(kworkerx_wake_late);
	kworkerx_init_lane(&more->urgent);
	kworkerx_init_turns(more, turns);
	WRITE_ONCE(worker->more, more);
	return true;
}

/* A grace period has passed since the worker's end. */
static void kworkerx_put_more(struct kworkerx_worker *worker)
{
	if (!worker->more)
		return;
	irq_work_sync(&worker->more->wake);
	kfree(worker->more);
	WRITE_ONCE(worker->more, NULL);
}

/* A worker that was not created to poll has nowhere to keep it. */
static void kworkerx_set_poll(struct kworkerx_worker *worker, unsigned int us)
{
	if (kworkerx_has(worker, KWORKERX_POLLS))
		WRITE_ONCE(worker->more->poll, (u64)us * NSEC_PER_USEC);
}

#endif /* _KWORKERX_INHERIT_H */
