/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a worker has that has asked for more than a queue and a thread.  Part of
 * kworkerx.c, which includes this.
 */
#ifndef _KWORKERX_MORE_H
#define _KWORKERX_MORE_H

/*
 * So many, less one, may have been let go by the thread that somebody has yet to come
 * out of.
 */
#define KWORKERX_TURNS	16

/**
 * struct kworkerx_turn - what one blocks on who waits for a worker that inherits
 * @mutex: the thread's, while it is the worker's turn
 * @users: how many have to do with it besides; protected by the worker's lock
 */
struct kworkerx_turn {
	struct rt_mutex		mutex;
	unsigned int		users;
};

/**
 * struct kworkerx_lane - a second queue of a worker
 * @tail: its last node, as &kworkerx_worker.tail
 * @queue: the list it is the tail of, as &kworkerx_worker.queue
 */
struct kworkerx_lane {
	struct list_head	*tail;
	struct list_head	queue;
};

/**
 * struct kworkerx_more - what a worker has that has asked for more
 * @worker: whose it is; constant
 * @wake: does what a caller may not do who has an NMI or a lock of the scheduler
 * @turn: that of @turns which the thread owns, or NULL while it does not serve the
 *	worker.  Protected by the worker's lock.
 * @locks: how many lockdep knows of that the thread has for itself; the thread's own
 * @poll: how long the thread looks for works before it sleeps, at most, in ns; read
 *	and written without a lock
 * @window: how long it does at present; the thread's own
 * @urgent: the works that run before the others, if the worker is KWORKERX_LANES
 * @turns: mutexes, of which the thread owns one, and who waits blocks on it; none if
 *	nobody lends
 */
struct kworkerx_more {
	struct kworkerx_worker	*worker;
	struct irq_work		wake;
	struct kworkerx_turn	*turn;
	int			locks;
	u64			poll;
	u64			window;
	struct kworkerx_lane	urgent;
	struct kworkerx_turn	turns[];
};

/*
 * Has @worker been given what @flag asks for?  An owner may have written it to the flags of
 * one that is embedded, in vain.
 */
static __always_inline bool kworkerx_has(struct kworkerx_worker *worker,
					 unsigned int flag)
{
	return READ_ONCE(worker->more) && (worker->flags & flag);
}

/* The second queue of a worker that has one. */
static __always_inline struct kworkerx_lane *
kworkerx_urgent(struct kworkerx_worker *worker)
{
	struct kworkerx_more *more = READ_ONCE(worker->more);

	return more && (worker->flags & KWORKERX_LANES) ? &more->urgent : NULL;
}

#endif /* _KWORKERX_MORE_H */
