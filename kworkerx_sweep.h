/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A module that goes: what it has left on workers is taken back, or waited for.  Part
 * of kworkerx.c, which includes this at its end.
 *
 * To know a work by its module there are the addresses of its function and of its
 * structure, and that of its worker.  Looked at are all workers that were created, and
 * those that are embedded while they have a thread.  Works that wait on an embedded
 * worker without one are not found: nothing leads to it.
 */
#ifndef _KWORKERX_SWEEP_H
#define _KWORKERX_SWEEP_H

#ifdef CONFIG_MODULES
/* So many works are looked at with interrupts off.  Programs may have less. */
#ifndef KWORKERX_STEP
#define KWORKERX_STEP	100
#endif

/**
 * struct kworkerx_sweep - a search for what a module that goes has left behind
 * @mod: the module
 * @found: how many works of it were on the worker that is looked at
 * @func: the function of the last one
 * @pos: a node of the queue that is looked at; what is before it was looked at
 * @behind: for what runs; the thread stays behind it until its queue was looked at
 *	again, so that a work that queues itself is not running whenever we look
 * @task: the thread of a worker inside the module, or NULL
 */
struct kworkerx_sweep {
	struct module		*mod;
	unsigned int		found;
	kworkerx_work_func_t	func;
	struct list_head	*pos;
	struct kworkerx_barrier	behind;
	struct task_struct	*task;
};

static bool kworkerx_goes(struct kworkerx_sweep *sweep, const void *address)
{
	return within_module((unsigned long)address, sweep->mod);
}

/* Nor can the works stay of a worker that is inside the module. */
static bool kworkerx_found(struct kworkerx_sweep *sweep,
			   struct kworkerx_worker *worker,
			   struct kworkerx_work *work, kworkerx_work_func_t func)
{
	if (func == kworkerx_barrier_fn ||
	    !(kworkerx_goes(sweep, work) || kworkerx_goes(sweep, func) ||
	      kworkerx_goes(sweep, worker)))
		return false;
	sweep->func = func;
	sweep->found++;
	return true;
}

/* Takes @work back if it cannot stay, unless its timer's function is about to leave. */
static bool kworkerx_sweep_work(struct kworkerx_sweep *sweep,
				struct kworkerx_worker *worker,
				struct kworkerx_work *work)
{
	return kworkerx_found(sweep, worker, work, work->func) &&
	       kworkerx_try_stop(worker, work, atomic_read(&work->state));
}

/* What is on neither list is armed no less: whoever takes it back needs no list. */
static void kworkerx_sweep_timers(struct kworkerx_sweep *sweep,
				  struct kworkerx_worker *worker)
{
	struct kworkerx_work *work;
	unsigned int seen = 0;
	LIST_HEAD(unseen);

	raw_spin_lock_irq(&worker->lock);
	list_splice_init(&worker->delayed_work_list, &unseen);
	while (!list_empty(&unseen)) {
		work = list_first_entry(&unseen, struct kworkerx_work, node);
		list_move(&work->node, &worker->delayed_work_list);
		kworkerx_sweep_work(sweep, worker, work);
		if (++seen % KWORKERX_STEP)
			continue;
		raw_spin_unlock_irq(&worker->lock);
		raw_spin_lock_irq(&worker->lock);
	}
	raw_spin_unlock_irq(&worker->lock);
}

/* Looks at so many works behind the place.  False if there are no more. */
static bool kworkerx_sweep_step(struct kworkerx_sweep *sweep,
				struct kworkerx_worker *worker)
{
	struct list_head *next;
	unsigned int seen;

	for (seen = 0; seen < KWORKERX_STEP; seen++) {
		next = kworkerx_step(worker, sweep->pos);
		if (!next)
			return false;
		if (!kworkerx_sweep_work(sweep, worker, kworkerx_node_work(next)))
			sweep->pos = next;
	}
	return true;
}

/*
 * Lets go of the worker for a moment.  A barrier keeps the place; if the thread comes
 * past it, what was before has gone.  A group may move it to another worker, with what
 * is behind it.
 */
static struct kworkerx_worker *kworkerx_sweep_pause(struct kworkerx_sweep *sweep,
						    struct kworkerx_worker *worker)
{
	struct kworkerx_barrier place;
	int state;

	kworkerx_insert_barrier(worker, sweep->pos, &place);
	raw_spin_unlock_irq(&worker->lock);
	local_irq_disable();
	worker = kworkerx_lock_work(&place.work, &state);
	if (state & KWORKERX_WORK_PENDING) {
		sweep->pos = place.work.node.prev;
		kworkerx_unlink(worker, &place.work.node);
		return worker;
	}
	raw_spin_unlock_irq(&worker->lock);
	wait_for_completion(&place.done);
	raw_spin_lock_irq(&worker->lock);
	sweep->pos = kworkerx_head(worker);
	return worker;
}

/*
 * True if a work runs that has to end first: @sweep->behind is inserted behind it.  The
 * thread of a worker inside the module is to go when nothing was found there.
 */
static bool kworkerx_sweep_queue(struct kworkerx_sweep *sweep,
				 struct kworkerx_worker *worker)
{
	bool runs;

	raw_spin_lock_irq(&worker->lock);
	sweep->pos = kworkerx_head(worker);
	while (kworkerx_sweep_step(sweep, worker))
		worker = kworkerx_sweep_pause(sweep, worker);
	runs = !kworkerx_running(worker, NULL) &&
	       kworkerx_found(sweep, worker, READ_ONCE(worker->current_work),
			      worker->current_func);
	if (runs) {
		kworkerx_insert_barrier(worker, kworkerx_head(worker),
					&sweep->behind);
		sweep->behind.stays = true;
		kworkerx_wake(worker);
	} else if (!sweep->found && worker->task && kworkerx_goes(sweep, worker)) {
		sweep->task = get_task_struct(worker->task);
	}
	raw_spin_unlock_irq(&worker->lock);
	return runs;
}

static bool kworkerx_sweep_worker(struct kworkerx_sweep *sweep,
				  struct kworkerx_worker *worker)
{
	bool runs;

	sweep->found = 0;
	kworkerx_sweep_timers(sweep, worker);
	runs = kworkerx_sweep_queue(sweep, worker);
	if (sweep->found)
		kworkerx_say("module %s goes with %u work(s) left on worker %s, %ps is one",
			     module_name(sweep->mod), sweep->found,
			     kworkerx_name(worker), sweep->func);
	if (sweep->task)
		kworkerx_say("module %s goes with worker %s inside, which has a thread",
			     module_name(sweep->mod), kworkerx_name(worker));
	return runs;
}

/* The thread, which waits for us, keeps the worker. */
static void kworkerx_sweep_behind(struct kworkerx_sweep *sweep)
{
	struct kworkerx_barrier *behind = &sweep->behind;

	kworkerx_await_freezably(&behind->done, MAX_SCHEDULE_TIMEOUT);
	if (!behind->resume)
		return;
	mutex_lock(&kworkerx_walk);
	kworkerx_sweep_worker(sweep, behind->work.worker);
	mutex_unlock(&kworkerx_walk);
	complete(behind->resume);
}

/* Returns the one behind @worker, or the first one. */
static struct kworkerx_worker *kworkerx_next_worker(struct kworkerx_worker *worker)
{
	struct list_head *next;

	lockdep_assert_held(&kworkerx_walk);
	raw_spin_lock_irq(&kworkerx_workers_lock);
	next = worker ? worker->list.next : kworkerx_workers.next;
	raw_spin_unlock_irq(&kworkerx_workers_lock);
	return next == &kworkerx_workers ? NULL :
	       list_entry(next, struct kworkerx_worker, list);
}

/* Returns whether something of the module was found. */
static bool kworkerx_sweep_all(struct kworkerx_sweep *sweep)
{
	struct kworkerx_worker *worker = NULL;
	bool runs = false, found = false;

	sweep->task = NULL;
	mutex_lock(&kworkerx_walk);
	while (!runs && !sweep->task && (worker = kworkerx_next_worker(worker))) {
		runs = kworkerx_sweep_worker(sweep, worker);
		found |= sweep->found || sweep->task;
	}
	mutex_unlock(&kworkerx_walk);

	if (runs)
		kworkerx_sweep_behind(sweep);
	if (sweep->task) {
		kthread_stop(sweep->task);
		put_task_struct(sweep->task);
	}
	return found;
}

/*
 * Takes back the works that a module leaves behind, and waits for those that run: for
 * what has its function or its structure there, and on a worker that is there.  Until
 * nothing was found twice: what runs may have queued something behind our back.
 */
static int kworkerx_module_event(struct notifier_block *block,
				 unsigned long event, void *mod)
{
	struct kworkerx_sweep sweep = { .mod = mod };
	unsigned int clean = 0;

	if (event != MODULE_STATE_GOING)
		return NOTIFY_DONE;
	while (clean < 2) {
		clean++;
		if (kworkerx_sweep_all(&sweep)) {
			clean = 0;
			schedule_timeout_uninterruptible(1);
		}
	}
	return NOTIFY_OK;
}

static struct notifier_block kworkerx_modules = {
	.notifier_call	= kworkerx_module_event,
};
#else
static struct notifier_block kworkerx_modules;
#endif

#endif /* _KWORKERX_SWEEP_H */
