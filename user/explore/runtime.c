// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the modules call of the kernel, done by actors.
 */
#include <stdio.h>

#include "explore.h"
#include "memory.h"
#include "race.h"

unsigned long jiffies;

/* Where a call of the modules comes from, and a step there. */
#define STEP(what, mem)							\
do {									\
	self->pc = __builtin_return_address(0);				\
	sched_step((mem), true);					\
	trace_event((what), (const volatile void *)(mem));		\
} while (0)

/* What the actor has done is there for who acquires @mem from now on. */
static void release(const volatile void *mem)
{
	memory_drain(self);
	race_release(mem);
}

/*
 * Interrupts, preemption and RCU
 */

static bool in_section(const struct actor *actor)
{
	return actor->irqs_off || actor->preempt ||
	       actor->task.rcu_read_lock_nesting;
}

static void enter_section(void)
{
	if (!in_section(self))
		self->section_since = machine.step;
}

static void leave_section(void)
{
	if (in_section(self))
		return;
	race_release(&self->sections);
	self->sections++;
	sched_changed();
}

void local_irq_disable(void)
{
	STEP("interrupts off", &self->irqs_off);
	enter_section();
	self->irqs_off = true;
}

void local_irq_enable(void)
{
	STEP("interrupts on", &self->irqs_off);
	if (self->kind != ACTOR_THREAD)
		sched_fail("interrupts enabled in an interrupt");
	self->irqs_off = false;
	leave_section();
	sched_changed();
}

bool irqs_disabled(void)
{
	return self->irqs_off;
}

void preempt_disable(void)
{
	enter_section();
	self->preempt++;
}

void preempt_enable(void)
{
	self->preempt--;
	leave_section();
}

int preempt_count(void)
{
	return self->preempt;
}

bool in_task(void)
{
	return self->kind == ACTOR_THREAD;
}

bool in_nmi(void)
{
	return self->kind == ACTOR_NMI;
}

void might_sleep(void)
{
	if (self->irqs_off || self->preempt)
		sched_fail("may sleep where it must not");
}

/* All sections that there were when it began have been left. */
static bool grace_period_over(const struct actor *actor)
{
	const struct actor *other;

	for_each_actor(other, states.used & states.started & ~states.done)
		if (other != actor && in_section(other) &&
		    other->sections == actor->seen_sections[other - actors])
			return false;
	return true;
}

void synchronize_rcu(void)
{
	unsigned int i;

	STEP("waits for a grace period", NULL);
	might_sleep();
	for (i = 0; i < ACTORS; i++)
		self->seen_sections[i] = actors[i].sections;
	if (!grace_period_over(self))
		sched_block(grace_period_over, NULL);
	for (i = 0; i < ACTORS; i++) {
		memory_drain(&actors[i]);
		race_acquire(&actors[i].sections);
	}
	race_fence();
}

/*
 * Busy waits
 */

void cpu_relax(void)
{
	self->pc = __builtin_return_address(0);
	trace_event("looks in vain", NULL);
	sched_yield();
}

/* A loop that takes no lock, or goes on and on, waits for somebody. */
void cond_resched(void)
{
	STEP("may be preempted", &self->preempt);
	if (self->rounds++ > 1 || self->in_a_row++ > 8)
		sched_yield();
}

static bool has_changed(const struct actor *actor)
{
	switch (actor->size) {
	case 4:
		return *(const volatile u32 *)actor->mem != (u32)actor->value;
	default:
		return *(const volatile u64 *)actor->mem != actor->value;
	}
}

void machine_await_change(const volatile void *mem, unsigned int size,
			  unsigned long old)
{
	self->pc = __builtin_return_address(0);
	self->mem = mem;
	self->size = size;
	self->value = old;
	if (!has_changed(self))
		sched_block(has_changed, mem);
}

/*
 * Locks
 */

static bool lock_is_free(const struct actor *actor)
{
	return !((const volatile raw_spinlock_t *)actor->mem)->owner;
}

static void lock(raw_spinlock_t *lock)
{
	oracle_locks();
	preempt_disable();
	sched_step(lock, true);
	trace_event("locks", lock);
	memory_touch(lock);
	memory_drain_own(lock, sizeof(*lock));
	if (lock->owner == self)
		sched_fail("takes a lock that it holds");
	while (lock->owner)
		sched_block(lock_is_free, lock);
	lock->owner = self;
	self->rounds = 0;
	race_acquire(lock);
}

static void unlock(raw_spinlock_t *lock)
{
	sched_step(lock, true);
	trace_event("unlocks", lock);
	memory_touch(lock);
	if (lock->owner != self)
		sched_fail("gives back a lock that it does not hold");
	race_release(lock);
	memory_store_release(&lock->owner, sizeof(lock->owner), 0);
	oracle_unlocked(lock);
	sched_changed();
	preempt_enable();
}

void raw_spin_lock(raw_spinlock_t *l)
{
	self->pc = __builtin_return_address(0);
	lock(l);
}

void raw_spin_unlock(raw_spinlock_t *l)
{
	self->pc = __builtin_return_address(0);
	unlock(l);
}

void raw_spin_lock_irq(raw_spinlock_t *l)
{
	local_irq_disable();
	self->pc = __builtin_return_address(0);
	lock(l);
}

void raw_spin_unlock_irq(raw_spinlock_t *l)
{
	self->pc = __builtin_return_address(0);
	unlock(l);
	local_irq_enable();
}

/*
 * Sleeping and waking
 */

static void may_sleep_here(void)
{
	might_sleep();
	if (self->kind != ACTOR_THREAD)
		sched_fail("sleeps in an interrupt");
}

static bool is_awake(const struct actor *actor)
{
	return actor->task.__state == TASK_RUNNING;
}

void schedule(void)
{
	STEP("sleeps", &self->task.__state);
	may_sleep_here();
	oracle_sleeps();
	memory_drain(self);
	while (!is_awake(self))
		sched_block(is_awake, &self->task.__state);
	race_acquire(&self->task.__state);
	race_fence();
}

static int wake(struct task_struct *task, unsigned int states)
{
	race_fence();
	memory_drain(self);
	if (!(task->__state & states))
		return 0;
	release(&task->__state);
	task->__state = TASK_RUNNING;
	sched_changed();
	return 1;
}

/* A task that has ended stays until a grace period is over. */
static bool is_gone(const struct task_struct *task)
{
	const struct actor *actor = task->machine.actor;

	return actor_is(actor, states.done) && !(in_section(self) &&
				self->section_since <= actor->exit_step);
}

int wake_up_process(struct task_struct *task)
{
	STEP("wakes", &task->__state);
	oracle_wakes();
	if (is_gone(task))
		sched_fail("wakes a task that is gone");
	return wake(task, TASK_NORMAL);
}

long schedule_timeout_uninterruptible(long timeout)
{
	STEP("sleeps for a while", NULL);
	may_sleep_here();
	jiffies += timeout;
	sched_yield();
	return 0;
}

/*
 * Completions
 */

static bool is_complete(const struct actor *actor)
{
	return ((const struct completion *)actor->mem)->done;
}

void complete(struct completion *completion)
{
	STEP("completes", completion);
	oracle_completes();
	memory_touch(completion);
	release(completion);
	completion->done++;
	sched_changed();
}

unsigned long wait_for_completion_timeout(struct completion *completion,
					  unsigned long timeout)
{
	unsigned long since = jiffies;

	STEP("waits for completion", completion);
	may_sleep_here();
	if ((long)timeout < 0)
		sched_fail("a timeout below zero");
	oracle_waits(timeout);
	self->mem = completion;
	if (!completion->done && !timeout)
		return 0;
	if (!completion->done) {
		self->timed = timeout < NO_TIMEOUT;
		self->deadline = since + timeout;
		sched_block(is_complete, completion);
		self->timed = false;
	}
	if (!completion->done) {
		/* Who looks again and again waits for somebody. */
		if (timeout == 1)
			sched_yield();
		return 0;
	}
	race_acquire(completion);
	completion->done--;
	since = jiffies - since;
	return since < timeout ? timeout - since : 1;
}

bool try_wait_for_completion(struct completion *completion)
{
	STEP("is it complete?", completion);
	if (!completion->done)
		return false;
	race_acquire(completion);
	completion->done--;
	return true;
}

/* Others who wait may be faster. */
void wait_for_completion(struct completion *completion)
{
	while (!wait_for_completion_timeout(completion, MAX_SCHEDULE_TIMEOUT))
		;
}

/* A step takes a while. */
u64 local_clock(void)
{
	return machine.step * 200;
}

/*
 * Threads
 */

static void thread_main(struct actor *actor)
{
	struct machine_task *thread = &actor->task.machine;

	while (!is_awake(actor))
		sched_block(is_awake, &actor->task.__state);
	race_acquire(&actor->task.__state);
	thread->result = -EINTR;
	if (!thread->should_stop) {
		kthread_parkme();
		thread->result = thread->fn(thread->data);
	}
	STEP("ends", &thread->result);
	if (in_section(actor))
		sched_fail("a thread ends with something off");
	release(&thread->result);
}

struct task_struct *kthread_create_on_node(int (*fn)(void *data), void *data,
					   int node, const char *format, ...)
{
	struct actor *actor = sched_start(ACTOR_THREAD, "worker", thread_main,
					  NULL);

	actor->task.flags = PF_KTHREAD;
	actor->task.__state = TASK_UNINTERRUPTIBLE;
	actor->task.machine.fn = fn;
	actor->task.machine.data = data;
	actor->task.machine.actor = actor;
	actor->task.cpus_ptr = &actor->task.cpus_mask;
	memcpy(actor->task.comm, "worker", sizeof("worker"));
	return &actor->task;
}

void kthread_bind(struct task_struct *task, unsigned int cpu)
{
	if (task->__state != TASK_UNINTERRUPTIBLE)
		sched_fail("a thread is bound after it was woken");
}

void *kthread_func(struct task_struct *task)
{
	return task->machine.fn;
}

void *kthread_data(struct task_struct *task)
{
	return task->machine.data;
}

bool kthread_should_stop(void)
{
	STEP("is it to stop?", &self->task.machine.should_stop);
	race_load(&self->task.machine.should_stop, MACHINE_RELAXED, 0);
	return self->task.machine.should_stop;
}

bool kthread_should_park(void)
{
	STEP("is it to park?", &self->task.machine.should_park);
	race_load(&self->task.machine.should_park, MACHINE_RELAXED, 0);
	return self->task.machine.should_park;
}

static void unpark(struct task_struct *task)
{
	if (!task->machine.should_park)
		return;
	race_rmw(&task->machine.should_park, MACHINE_FULL);
	task->machine.should_park = false;
	wake(task, TASK_PARKED);
}

static bool has_ended(const struct actor *actor)
{
	return actor_is((const struct actor *)actor->mem, states.done);
}

int kthread_stop(struct task_struct *task)
{
	struct actor *actor = task->machine.actor;

	STEP("stops the thread", &task->machine.should_stop);
	may_sleep_here();
	if (is_gone(task))
		sched_fail("stops a thread that is gone");
	race_rmw(&task->machine.should_stop, MACHINE_FULL);
	task->machine.should_stop = true;
	unpark(task);
	sched_step(&task->__state, true);
	wake(task, TASK_NORMAL);
	self->mem = actor;
	if (!actor_is(actor, states.done))
		sched_block(has_ended, actor);
	race_acquire(&task->machine.result);
	return task->machine.result;
}

static bool is_parked(const struct actor *actor)
{
	const struct task_struct *task = (const void *)actor->mem;

	return task->machine.parked || actor_is(task->machine.actor, states.done);
}

int kthread_park(struct task_struct *task)
{
	STEP("parks the thread", &task->machine.should_park);
	may_sleep_here();
	if (is_gone(task))
		sched_fail("parks a thread that is gone");
	if (actor_is(task->machine.actor, states.done))
		return -ENOSYS;
	if (task->machine.should_park)
		sched_fail("report: a thread that is to park already is parked");
	race_rmw(&task->machine.should_park, MACHINE_FULL);
	task->machine.should_park = true;
	wake(task, TASK_NORMAL);
	self->mem = task;
	if (!is_parked(self))
		sched_block(is_parked, task);
	if (!task->machine.parked)
		return 0;
	race_acquire(&task->machine.parked);
	task->machine.parked--;
	if (task->__state != TASK_PARKED)
		sched_fail("report: a thread did not park");
	return 0;
}

void kthread_unpark(struct task_struct *task)
{
	STEP("unparks the thread", &task->machine.should_park);
	if (is_gone(task))
		sched_fail("unparks a thread that is gone");
	unpark(task);
}

void kthread_parkme(void)
{
	for (;;) {
		STEP("may park", &self->task.machine.should_park);
		memory_drain(self);
		self->task.__state = TASK_PARKED;
		if (!self->task.machine.should_park)
			break;
		release(&self->task.machine.parked);
		self->task.machine.parked++;
		sched_changed();
		while (!is_awake(self))
			sched_block(is_awake, &self->task.__state);
		race_acquire(&self->task.__state);
	}
	self->task.__state = TASK_RUNNING;
	race_fence();
}

int set_cpus_allowed_ptr(struct task_struct *task, const struct cpumask *mask)
{
	return mask->bits ? 0 : -EINVAL;
}

int sched_setattr_nocheck(struct task_struct *task, const struct sched_attr *attr)
{
	return attr->sched_policy == SCHED_NORMAL ? 0 : -EINVAL;
}

/* Freezing: who asks for it waits until the thread is frozen. */
void set_freezable(void)
{
	self->task.machine.freezable = true;
}

static bool is_thawed(const struct actor *actor)
{
	return !actor->task.machine.freezing;
}

bool try_to_freeze(void)
{
	STEP("may freeze", &self->task.machine.freezing);
	if (!self->task.machine.freezing)
		return false;
	if (!self->task.machine.freezable)
		sched_fail("a thread freezes that is not freezable");
	self->task.machine.frozen = true;
	while (!is_thawed(self))
		sched_block(is_thawed, &self->task.machine.freezing);
	self->task.machine.frozen = false;
	return true;
}

/*
 * Timers.  One that is armed may fire at any step, unless it is far away.  What
 * is known of it is its actor's: the timer may be gone when its function returns.
 */

static bool never(const struct actor *actor)
{
	return false;
}

static void timer_main(struct actor *actor)
{
	struct timer_list *timer = actor->arg;

	for (;;) {
		states.blocked &= ~actor_bit(actor);
		actor->timed = false;
		actor->armed = false;
		actor->running = true;
		memory_touch(timer);
		race_acquire(&actor->armed);
		enter_section();
		actor->irqs_off = true;
		trace_event("fires", timer);
		oracle_fires(timer);
		timer->function(timer);
		oracle_has_fired();
		STEP("has fired", &actor->armed);
		release(&actor->armed);
		actor->irqs_off = false;
		leave_section();
		actor->running = false;
		actor->timed = actor->armed && !actor->far;
		sched_changed();
		sched_block(never, &actor->armed);
	}
}

/*
 * What an interrupt does soon.  It comes on a CPU of its own, and no later than that
 * somebody waits for it.
 */

static bool is_queued(const struct actor *actor)
{
	return actor->armed;
}

static void irq_work_main(struct actor *actor)
{
	struct irq_work *work = actor->arg;

	for (;;) {
		if (!actor->armed)
			sched_block(is_queued, &actor->armed);
		actor->armed = false;
		actor->running = true;
		memory_touch(work);
		race_acquire(&actor->armed);
		enter_section();
		actor->irqs_off = true;
		trace_event("interrupts", work);
		work->func(work);
		STEP("is over", &actor->armed);
		release(&actor->armed);
		actor->irqs_off = false;
		leave_section();
		actor->running = false;
		sched_changed();
	}
}

bool irq_work_queue(struct irq_work *work)
{
	struct actor *actor = work->machine.actor;
	bool queued;

	STEP("raises an interrupt", work);
	oracle_wakes();
	if (!actor) {
		actor = sched_start(ACTOR_TIMER, "irq work", irq_work_main, work);
		work->machine.actor = actor;
	}
	queued = actor->armed;
	race_fence();
	release(&actor->armed);
	actor->armed = true;
	sched_changed();
	return !queued;
}

static bool irq_work_is_over(const struct actor *actor)
{
	const struct actor *other = (const void *)actor->mem;

	return !other->armed && !other->running;
}

void irq_work_sync(struct irq_work *work)
{
	struct actor *actor = work->machine.actor;

	STEP("waits for an interrupt", work);
	may_sleep_here();
	self->mem = actor;
	if (actor && !irq_work_is_over(self))
		sched_block(irq_work_is_over, actor);
	if (actor)
		race_acquire(&actor->armed);
}

static struct actor *timer_actor(struct timer_list *timer)
{
	struct actor *actor = timer->machine.actor;

	if (!actor) {
		actor = sched_start(ACTOR_TIMER, "timer", timer_main, timer);
		actor->until = never;
		states.blocked |= actor_bit(actor);
		timer->machine.actor = actor;
	}
	return actor;
}

static void arm(struct timer_list *timer, unsigned long expires)
{
	struct actor *actor = timer_actor(timer);

	timer->expires = expires;
	release(&actor->armed);
	actor->armed = true;
	actor->deadline = expires;
	actor->far = time_after_eq(expires, jiffies + NO_TIMEOUT);
	actor->timed = !actor->running && !actor->far;
	sched_changed();
}

static bool disarm(struct actor *actor)
{
	bool armed = actor->armed;

	race_acquire(&actor->armed);
	release(&actor->armed);
	actor->armed = false;
	if (!actor->running)
		actor->timed = false;
	return armed;
}

void add_timer(struct timer_list *timer)
{
	STEP("arms", &timer_actor(timer)->armed);
	memory_drain_own(timer, sizeof(*timer));
	if (timer_actor(timer)->armed)
		sched_fail("report: a timer that is armed is armed");
	arm(timer, timer->expires);
}

int mod_timer_pending(struct timer_list *timer, unsigned long expires)
{
	struct actor *actor = timer_actor(timer);

	STEP("changes the timer", &actor->armed);
	if (!disarm(actor))
		return 0;
	arm(timer, expires);
	return 1;
}

int timer_delete(struct timer_list *timer)
{
	struct actor *actor = timer_actor(timer);

	STEP("disarms", &actor->armed);
	return disarm(actor);
}

static bool timer_ends(const struct actor *actor)
{
	return !((const struct actor *)actor->mem)->running;
}

int timer_delete_sync(struct timer_list *timer)
{
	struct actor *actor = timer_actor(timer);

	STEP("disarms and waits", &actor->armed);
	self->mem = actor;
	if (!timer_ends(self))
		sched_block(timer_ends, actor);
	return disarm(actor);
}

int timer_delete_sync_try(struct timer_list *timer)
{
	struct actor *actor = timer_actor(timer);

	STEP("disarms unless it runs", &actor->armed);
	return actor->running ? -1 : disarm(actor);
}

bool timer_pending(const struct timer_list *timer)
{
	return timer->machine.actor && timer->machine.actor->armed;
}
