/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two lanes: a worker that is KWORKERX_LANES.  Part of kworkerx.c, which includes this.
 *
 * The second queue is one more tail and one more list, under the same lock, to which
 * the same cmpxchg() appends.  The thread takes from it first.  That is all: a work is
 * removed by its neighbours, of whatever lane they are, and only who removes or follows
 * the last one looks which tail that is.  A queue of such a worker is GUARDED, so that
 * producers look at the work; for others there is nothing to look at.
 *
 * What is urgent comes first also if its producer has yet to link it: the holder of the
 * lock waits for that, as for any link.  And he looks at the others before: of two
 * works that one producer has queued, an urgent one and then another, he cannot find the
 * second and miss the first.
 *
 * Who waits for all waits behind the last of the others: when the thread comes to that,
 * nothing is left of what was urgent before.  If nothing else is queued, he waits behind
 * the last that is urgent, so that those which come later do not keep him.
 */
#ifndef _KWORKERX_LANES_H
#define _KWORKERX_LANES_H

/* In front of all that is queued. */
static struct list_head *kworkerx_head(struct kworkerx_worker *worker)
{
	struct kworkerx_lane *urgent = kworkerx_urgent(worker);

	return urgent ? &urgent->queue : &worker->queue;
}

/* What comes behind @pos, in the order in which it is to run; or NULL.  Locked. */
static struct list_head *kworkerx_step(struct kworkerx_worker *worker,
				       struct list_head *pos)
{
	struct kworkerx_lane *urgent = kworkerx_urgent(worker);

	if (urgent && pos == kworkerx_tail_node(READ_ONCE(urgent->tail)))
		pos = &worker->queue;
	return pos == kworkerx_last(worker) ? NULL : kworkerx_await_next(pos);
}

static bool kworkerx_lane_empty(struct kworkerx_lane *lane)
{
	return kworkerx_tail_node(READ_ONCE(lane->tail)) == &lane->queue;
}

/* As kworkerx_first(), of both lanes.  The lock is held. */
static struct list_head *kworkerx_foremost(struct kworkerx_worker *worker)
{
	struct kworkerx_lane *urgent = kworkerx_urgent(worker);
	/* Before the look at the other lane, by its acquire. */
	struct list_head *first = kworkerx_first(worker);

	lockdep_assert_held(&worker->lock);
	return urgent && !kworkerx_lane_empty(urgent) ?
	       kworkerx_await_next(&urgent->queue) : first;
}

/* As kworkerx_queue_empty(), of both lanes. */
static bool kworkerx_empty(struct kworkerx_worker *worker)
{
	struct kworkerx_lane *urgent = kworkerx_urgent(worker);

	return kworkerx_queue_empty(worker) &&
	       (!urgent || kworkerx_lane_empty(urgent));
}

/* Where @work, which is @worker's, is to be appended. */
static struct list_head **kworkerx_lane_of(struct kworkerx_worker *worker,
					   struct kworkerx_work *work)
{
	struct kworkerx_lane *urgent = kworkerx_urgent(worker);

	return urgent && (atomic_read(&work->state) & KWORKERX_WORK_URGENT) ?
	       &urgent->tail : &worker->tail;
}

/* Behind what it is to be inserted by a holder of the lock. */
static struct list_head *kworkerx_last_of(struct kworkerx_worker *worker,
					  struct kworkerx_work *work)
{
	return kworkerx_tail_node(READ_ONCE(*kworkerx_lane_of(worker, work)));
}

/* Is there a work that is not urgent?  Who waits in that lane is none. */
static bool kworkerx_has_others(struct kworkerx_worker *worker)
{
	struct list_head *node = &worker->queue;

	while (node != kworkerx_last(worker)) {
		node = kworkerx_await_next(node);
		if (kworkerx_node_work(node)->func != kworkerx_barrier_fn)
			return true;
	}
	return false;
}

/* Behind what somebody waits who waits for all. */
static struct list_head *kworkerx_end_of_all(struct kworkerx_worker *worker)
{
	struct kworkerx_lane *urgent = kworkerx_urgent(worker);

	return urgent && !kworkerx_has_others(worker) ?
	       kworkerx_tail_node(READ_ONCE(urgent->tail)) : kworkerx_last(worker);
}

/* @pos, or what is behind nothing but the work that runs. */
static struct list_head *kworkerx_place(struct kworkerx_worker *worker,
					struct list_head *pos)
{
	return pos == &worker->queue ? kworkerx_head(worker) : pos;
}

/* @work is the first of all.  A barrier has no lane but the one that it is in. */
static void kworkerx_keep_lane(struct kworkerx_worker *worker,
			       struct kworkerx_work *work)
{
	struct kworkerx_lane *urgent = kworkerx_urgent(worker);

	if (urgent && work->func == kworkerx_barrier_fn &&
	    !kworkerx_lane_empty(urgent))
		atomic_or(KWORKERX_WORK_URGENT, &work->state);
}

static void kworkerx_init_lane(struct kworkerx_lane *lane)
{
	lane->tail = kworkerx_tail(&lane->queue, KWORKERX_TAIL_BITS);
}

#endif /* _KWORKERX_LANES_H */
