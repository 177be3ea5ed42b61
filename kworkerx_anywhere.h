/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From an NMI, and with a lock of the scheduler held: a worker that is
 * KWORKERX_ANYWHERE.  Part of kworkerx.c, which includes this.
 *
 * The work is in the queue at once, by the same cmpxchg() as any other: flush and
 * cancel see it.  What is left to an interrupt (irq_work) is the wake-up, and to tell
 * debug objects.  The interrupt does what kworkerx_wake() does for all: under the lock,
 * so that it meets neither a function that sleeps by itself nor a thread that is gone.
 *
 * The interrupt is the structure's, which is kept when its worker ends.  Whoever
 * raises it has interrupts off since before the work was linked; so after a grace
 * period nobody raises it any more, and who waits for it then can free it.
 */
#ifndef _KWORKERX_ANYWHERE_H
#define _KWORKERX_ANYWHERE_H

/* Tells debug objects of what has come in NMIs.  The lock is held. */
static void kworkerx_see_all(struct kworkerx_worker *worker)
{
	struct list_head *node = kworkerx_head(worker);

	if (!IS_ENABLED(CONFIG_DEBUG_OBJECTS_WORK))
		return;
	while ((node = kworkerx_step(worker, node)))
		kworkerx_debug_see(kworkerx_node_work(node));
}

static void kworkerx_wake_late(struct irq_work *wake)
{
	struct kworkerx_worker *worker =
		container_of(wake, struct kworkerx_more, wake)->worker;
	unsigned long flags;

	raw_spin_lock_irqsave(&worker->lock, flags);
	kworkerx_see_all(worker);
	kworkerx_wake(worker);
	raw_spin_unlock_irqrestore(&worker->lock, flags);
}

/* The caller has published something that debug objects or the thread have to see. */
static void kworkerx_kick_late(struct kworkerx_worker *worker)
{
	if (kworkerx_sleeps(worker) || IS_ENABLED(CONFIG_DEBUG_OBJECTS_WORK))
		irq_work_queue(&worker->more->wake);
}

#endif /* _KWORKERX_ANYWHERE_H */
