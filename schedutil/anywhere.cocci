// SPDX-License-Identifier: GPL-2.0-only
// What is done by hand to cpufreq_schedutil.c, after kworkerx.cocci: its worker
// takes works under the lock of a CPU's queue. So the irq_work goes that was
// there to queue them, and the flag that tells whether it is raised: of a work
// that is pending the worker knows.
//
// The boot parameter sugov_flags=0 takes that back: lockdep has to see it.

@structure@
@@
struct sugov_policy {
...
- struct irq_work irq_work;
...
- struct kworkerx_worker worker;
+ struct kworkerx_worker *worker;
- struct task_struct *thread;
- bool work_in_progress;
...
};

@queues@
symbol true;
expression policy;
@@
- if (!policy->work_in_progress) {
-	policy->work_in_progress = true;
-	irq_work_queue(&policy->irq_work);
- }
+ kworkerx_queue_work(policy->worker, &policy->work);

@@
expression policy, value;
@@
- policy->work_in_progress = value;

@raised@
identifier fn, arg;
@@
- static void fn(struct irq_work *arg) { ... }

@@
expression policy;
identifier raised.fn;
@@
- init_irq_work(&policy->irq_work, fn);

@@
expression policy;
@@
- irq_work_sync(&policy->irq_work);

@creates@
symbol kworkerx_worker_fn;
expression policy;
expression list name;
identifier fn;
idexpression t;
@@
fn(...)
{
...
- kworkerx_init_worker(&policy->worker);
- t = kthread_create(kworkerx_worker_fn, &policy->worker, name);
+ policy->worker = kworkerx_create_worker(sugov_flags, name);
+ t = IS_ERR(policy->worker) ? ERR_CAST(policy->worker) : policy->worker->task;
<...
- kthread_stop(t);
+ kworkerx_destroy_worker(policy->worker);
...>
- policy->thread = t;
...
}

@ends@
expression policy;
@@
- kworkerx_flush_worker(&policy->worker);
- kthread_stop(policy->thread);
+ kworkerx_destroy_worker(policy->worker);

@depends on creates@
@@
#include "sched.h"
+ static unsigned int sugov_flags = KWORKERX_ANYWHERE;
+ core_param(sugov_flags, sugov_flags, uint, 0444);
