/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Queueing by who has interrupts off: in a hard interrupt, under a raw lock, in an NMI or
 * with a lock of the scheduler; and without waking the thread.  Part of kworkerx.c, which
 * includes this.
 *
 * Who has them off is told apart at the beginning, by the flags that are saved in any
 * case.  What he would pay for the look at where he is, he saves at the end, where nothing
 * is to be restored.
 */
#ifndef _KWORKERX_OFF_H
#define _KWORKERX_OFF_H

static bool kworkerx_anywhere(struct kworkerx_worker *worker)
{
	return !IS_ERR_OR_NULL(worker) && kworkerx_has(worker, KWORKERX_ANYWHERE);
}

/* May somebody who has interrupts off, and queues there, take no lock? */
static bool kworkerx_unlocked(struct kworkerx_worker *worker)
{
	return in_nmi() || kworkerx_anywhere(worker);
}

/*
 * The caller, who may not take a lock, has claimed @work.  Publishes it on a worker
 * that is made for that, or gives it back.  Returns 1, or -EAGAIN.
 */
static int kworkerx_publish_unlocked(struct kworkerx_worker *worker,
				     struct kworkerx_work *work, unsigned int how)
{
	kworkerx_work_func_t func = work->func;
	bool fit = kworkerx_anywhere(worker);

	if (fit && !(how & KWORKERX_FIRST) && kworkerx_fits(worker, work)) {
		trace_kworkerx_work_queue_work(worker, work);
		if (kworkerx_append_open(kworkerx_lane_of(worker, work),
					 &work->node)) {
			trace_kworkerx_worker_queued(worker);
			if (!(how & KWORKERX_NOWAKE))
				kworkerx_kick_late(worker);
			return 1;
		}
	}
	kworkerx_unclaim(work);
	kworkerx_report(!fit, "%ps queued in an NMI on a worker that is not KWORKERX_ANYWHERE",
			func);
	return -EAGAIN;
}

/* kworkerx_queue_slowly() for a caller who has interrupts off. */
static noinline int kworkerx_queue_slowly_off(struct kworkerx_worker *worker,
					      struct kworkerx_work *work,
					      unsigned int how)
{
	struct kworkerx_worker *owner;

	if (kworkerx_unlocked(worker))
		return kworkerx_publish_unlocked(worker, work, how);
	owner = kworkerx_settle_and_publish(worker, work, how);
	return owner && kworkerx_kick(owner) ? 1 : -ESHUTDOWN;
}

/* @work could not be claimed, for which there may be a reason that is reported. */
static __always_inline void kworkerx_refused(struct kworkerx_worker *worker,
					     struct kworkerx_work *work)
{
	if (unlikely(!worker || READ_ONCE(work->worker) != worker))
		kworkerx_check_refused(worker, work);
}

/* The same for who may have had interrupts off. */
static noinline bool kworkerx_queue_refused(struct kworkerx_worker *worker,
					    struct kworkerx_work *work,
					    unsigned long flags)
{
	local_irq_restore(flags);
	if (!irqs_disabled_flags(flags) || !kworkerx_unlocked(worker))
		kworkerx_refused(worker, work);
	return false;
}

/* @work could not be claimed at once. */
static noinline bool kworkerx_queue_off_after_all(struct kworkerx_worker *worker,
						  struct kworkerx_work *work)
{
	if (unlikely(kworkerx_claim_after_all(work)))
		return kworkerx_queue_slowly_off(worker, work, 0) > 0;
	if (!kworkerx_unlocked(worker))
		kworkerx_refused(worker, work);
	return false;
}

/* kworkerx_queue_work() for a caller who has interrupts off, maybe in an NMI. */
static noinline bool kworkerx_queue_off(struct kworkerx_worker *worker,
					struct kworkerx_work *work)
{
	if (unlikely(!kworkerx_try_claim(work, KWORKERX_WORK_IDLE)))
		return kworkerx_queue_off_after_all(worker, work);
	if (likely(!in_nmi() && kworkerx_fits(worker, work) &&
		   !static_branch_unlikely(&kworkerx_queueing_traced) &&
		   kworkerx_append(worker, &work->node)))
		return kworkerx_kick(worker);
	return kworkerx_queue_slowly_off(worker, work, 0) > 0;
}

/**
 * kworkerx_queue_work_nowake - queue a work, and leave the thread asleep
 * @worker: where to run it
 * @work: what to run
 *
 * For who queues several works, or has something to do before the worker's thread
 * may preempt him: kworkerx_wake_worker() comes later.  If he forgets, the work waits
 * for the next one that is queued there, or for somebody who flushes.  A thread that
 * is awake runs it in its turn.  Otherwise as kworkerx_queue_work().
 *
 * The stock worker has no such function.
 *
 * Context: As kworkerx_queue_work().
 * Return: As kworkerx_queue_work().
 */
bool kworkerx_queue_work_nowake(struct kworkerx_worker *worker,
				struct kworkerx_work *work)
{
	unsigned long flags;
	bool queued;

	local_irq_save(flags);
	if (!kworkerx_claim(work))
		return kworkerx_queue_refused(worker, work, flags);
	if (irqs_disabled_flags(flags) && kworkerx_unlocked(worker))
		queued = kworkerx_publish_unlocked(worker, work,
						   KWORKERX_NOWAKE) > 0;
	else
		queued = kworkerx_settle_and_publish(worker, work, 0);
	local_irq_restore(flags);
	return queued;
}
EXPORT_SYMBOL_GPL(kworkerx_queue_work_nowake);

/**
 * kworkerx_wake_worker - have the thread run what is queued
 * @worker: the worker
 *
 * After kworkerx_queue_work_nowake(); otherwise it does no harm.
 *
 * Context: As kworkerx_queue_work().
 */
void kworkerx_wake_worker(struct kworkerx_worker *worker)
{
	unsigned long flags;

	if (kworkerx_report(IS_ERR_OR_NULL(worker), "wake-up of worker %pe", worker))
		return;
	local_irq_save(flags);
	if (!irqs_disabled_flags(flags) || !kworkerx_unlocked(worker))
		kworkerx_kick(worker);
	else if (!kworkerx_report(!kworkerx_anywhere(worker),
				  "wake-up of worker %s in an NMI",
				  kworkerx_name(worker)))
		kworkerx_kick_late(worker);
	local_irq_restore(flags);
}
EXPORT_SYMBOL_GPL(kworkerx_wake_worker);

#endif /* _KWORKERX_OFF_H */
