/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kworkerx_percpu - a worker on every CPU, through CPU hotplug.
 *
 * A work that is queued for a CPU runs on that CPU, while that CPU is online,
 * or not at all on it.  What was queued when a CPU starts to go away is
 * finished there before it is gone, and then nothing more runs there.  What
 * comes later is moved to another CPU, held until the CPU is back, or refused, as
 * the set's creator has chosen.
 *
 * A set has the CPUs of its mask.  Without one these are the housekeeping CPUs, of
 * the kinds domain and workqueue, as they are at its creation.  A CPU outside it
 * is absent for the set's life; a set that holds works refuses those for it by
 * -EINVAL.
 *
 * Who may call what, and from where:
 *
 *                           hard irq,     process   may     waits for
 *                           raw lock held context   sleep   functions
 *   queue_work, _on            yes          yes      no        no
 *   queue_delayed_work_on,
 *     mod_delayed_work_on      yes          yes      no        no
 *   in_work                    yes          yes      no        no
 *   flush, flush_on, drain      -           yes      yes       yes
 *   call, call_on               -           yes      yes       yes
 *   create                      -           yes      yes       no
 *   destroy                     -           yes      yes       yes
 *
 * Of a set that is KWORKERX_ANYWHERE the first line is legal in an NMI, and with a lock
 * of the scheduler held, too, as it is in kworkerx.h.
 *
 * A single work is flushed and cancelled by kworkerx_flush_work(),
 * kworkerx_cancel_work(), kworkerx_cancel_work_sync() and what there is for
 * delayed works: it knows where it is, whatever the CPUs do.  Who waits for works
 * that are held for an absent CPU does not keep the system from being suspended,
 * if he holds no lock that others need: see kworkerx.h.
 *
 * A CPU on its way down waits for the works that were queued on it, and for the
 * one that runs after them, before any of its kernel threads is parked.  So the
 * function of a work may wait for softirqs and timers of its CPU, with PREEMPT_RT
 * and threadirqs, too.  But it must not wait for CPU hotplug: no cpus_read_lock(),
 * no creation or destruction of a set, and no wait for works that are held for an
 * absent CPU.  Nobody else ever makes hotplug wait.
 *
 * A CPU that comes is online in any case.  If the set cannot have a worker there
 * (no memory, or the kernel refuses the policy), that is reported, and the CPU is
 * absent for the set until it comes the next time.
 *
 * The threads are the set's: it alone opens, closes and ends its workers, and
 * they refuse kworkerx_set_worker_attrs().  For lockdep the worker of each CPU is
 * a class of its own, so that a work may wait for those of another CPU.
 */
#ifndef _KWORKERX_PERCPU_H
#define _KWORKERX_PERCPU_H

#include "kworkerx.h"

struct kworkerx_percpu;

/**
 * enum kworkerx_percpu_policy - what becomes of a work whose CPU is absent
 * @KWORKERX_PERCPU_MOVE: it runs on another CPU; if it is delayed, only if its own
 *	is absent when the time is over
 * @KWORKERX_PERCPU_HOLD: it waits until the CPU is back.  For a CPU that is not the
 *	set's, who queues it gets -EINVAL.
 * @KWORKERX_PERCPU_REFUSE: who queues it gets -ENODEV
 *
 * The same holds for a work whose timer expires while its CPU is absent; there
 * is nobody to get the error then: see &kworkerx_percpu_attr.refused.
 */
enum kworkerx_percpu_policy {
	KWORKERX_PERCPU_MOVE,
	KWORKERX_PERCPU_HOLD,
	KWORKERX_PERCPU_REFUSE,
};

/**
 * struct kworkerx_percpu_attr - what a set shall be like
 * @name: name of the threads, where %u stands for the CPU
 * @flags: any of KWORKERX_ANYWHERE, KWORKERX_INHERIT and KWORKERX_LANES.  The threads
 *	of a set cannot be freezable: a suspend takes CPUs down after it has frozen
 *	what can be, and waits for the threads of these CPUs to park.
 * @policy: what becomes of works whose CPU is absent
 * @sched: policy of the threads and what belongs to it, as in &struct
 *	kworkerx_attrs; all zero is SCHED_NORMAL.  Threads that are bound cannot
 *	have a deadline policy.
 * @refused: called with each work that had been accepted and will not run
 *	after all: its timer expired for an absent CPU of a set that refuses, or
 *	of one that moves when no CPU was there to stand in, or while the set was
 *	being destroyed; or it was still held for an absent CPU then.  Where works
 *	are moved they run also while the set is being destroyed, as long as a CPU
 *	of it is there.
 *	Interrupts are off, and the work is idle only after the return: it must
 *	not be queued, flushed, cancelled or freed here.  NULL: nobody asks.
 * @cpumask: the CPUs that have a worker; not needed after the creation.  NULL
 *	stands for those that the kernel uses for its own unbound works, as they
 *	are then: none that isolcpus= or nohz_full= keeps free.  Other CPUs are
 *	absent for the set's life, and do not stand in for others.
 * @poll_us: how long the threads look for works before they sleep: see &struct
 *	kworkerx_attrs
 *
 * More fields may come at the end.  Callers tell the size that they were compiled
 * with: what they do not know is as if it were 0, which means what was before.
 */
struct kworkerx_percpu_attr {
	const char			*name;
	unsigned int			flags;
	enum kworkerx_percpu_policy	policy;
	struct sched_attr		sched;
	void (*refused)(struct kworkerx_work *work);
	const struct cpumask		*cpumask;
	unsigned int			poll_us;
};

/**
 * typedef kworkerx_percpu_func_t - a function to be called on a CPU
 * @arg: the caller's
 *
 * Runs as a work of that CPU.
 */
typedef int (*kworkerx_percpu_func_t)(void *arg);

struct kworkerx_percpu *
__kworkerx_percpu_create(const struct kworkerx_percpu_attr *attr, size_t size);

/**
 * kworkerx_percpu_create() - create a set of workers, one for each CPU
 * @attr: what it shall be like; not needed after the call
 *
 * CPUs of its mask that are online can be used on return, the others when they
 * come online.  End the set with kworkerx_percpu_destroy().
 *
 * Context: Process context, not from a work of a set.  May sleep.
 * Return: The set, or ERR_PTR() of -ENOMEM, of -EAGAIN if the kernel does not
 *	get another thread, of -EINTR if the caller was killed meanwhile, of
 *	-EINVAL for a missing name, another flag, an unknown policy or an empty mask,
 *	of -E2BIG if @attr has more than the module knows, or of what the kernel
 *	has against @attr->sched.
 */
static inline struct kworkerx_percpu *
kworkerx_percpu_create(const struct kworkerx_percpu_attr *attr)
{
	return __kworkerx_percpu_create(attr, sizeof(*attr));
}

void kworkerx_percpu_destroy(struct kworkerx_percpu *set);

int kworkerx_percpu_queue_work(struct kworkerx_percpu *set,
			       struct kworkerx_work *work);
int kworkerx_percpu_queue_work_on(struct kworkerx_percpu *set, int cpu,
				  struct kworkerx_work *work);
int kworkerx_percpu_queue_delayed_work_on(struct kworkerx_percpu *set, int cpu,
					  struct kworkerx_delayed_work *dwork,
					  unsigned long delay);
int kworkerx_percpu_mod_delayed_work_on(struct kworkerx_percpu *set, int cpu,
					struct kworkerx_delayed_work *dwork,
					unsigned long delay);

bool kworkerx_percpu_in_work(struct kworkerx_percpu *set);

void kworkerx_percpu_flush_on(struct kworkerx_percpu *set, int cpu);
void kworkerx_percpu_flush(struct kworkerx_percpu *set);
void kworkerx_percpu_drain(struct kworkerx_percpu *set);

int kworkerx_percpu_call_on(struct kworkerx_percpu *set, int cpu,
			    kworkerx_percpu_func_t func, void *arg);
int kworkerx_percpu_call(struct kworkerx_percpu *set,
			 kworkerx_percpu_func_t func, void *arg);

#endif /* _KWORKERX_PERCPU_H */
