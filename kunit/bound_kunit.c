// SPDX-License-Identifier: GPL-2.0-only
/*
 * Workers that are bound to a CPU or made for a NUMA node.
 */
#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/smp.h>
#include <linux/topology.h>

#include "common.h"

static struct kworkerx_worker *kwx_created_on(struct kunit *test, int cpu)
{
	return kwx_keep_worker(test,
			       kworkerx_create_worker_on_cpu(cpu, 0, "kwx/%u"));
}

/* A CPU, its worker, and a job that notices when it is not there. */
struct kwx_seat {
	int			cpu;
	struct kworkerx_worker	*worker;
	struct kwx_job		*job;
	unsigned int		strays;
};

/* Looks before and after a sleep: bound is bound. */
static void kwx_check_seat(struct kwx_job *job)
{
	struct kwx_seat *seat = job->data;

	if (raw_smp_processor_id() != seat->cpu)
		seat->strays++;
	schedule_timeout_uninterruptible(1);
	if (raw_smp_processor_id() != seat->cpu)
		seat->strays++;
}

static struct kwx_seat *kwx_seat(struct kunit *test, int cpu)
{
	struct kwx_seat *seat = kunit_kzalloc(test, sizeof(*seat), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, seat);
	seat->cpu = cpu;
	seat->worker = kwx_created_on(test, cpu);
	seat->job = kwx_job(test, NULL, cpu);
	seat->job->data = seat;
	seat->job->action = kwx_check_seat;
	return seat;
}

static void kwx_expect_seated(struct kunit *test, struct kwx_seat *seat,
			      int runs)
{
	kwx_flush(test, seat->worker);
	KUNIT_EXPECT_EQ_MSG(test, runs, kwx_runs(seat->job), "CPU %d",
			    seat->cpu);
	KUNIT_EXPECT_EQ_MSG(test, 0, seat->strays, "CPU %d", seat->cpu);
}

/* Exactly @cpu, for good, as far as user space is concerned. */
static void kwx_expect_bound(struct kunit *test, struct kworkerx_worker *worker,
			     int cpu)
{
	struct task_struct *task = worker->task;

	KUNIT_EXPECT_TRUE_MSG(test,
			      cpumask_equal(task->cpus_ptr, cpumask_of(cpu)),
			      "CPU %d: mask %*pbl", cpu,
			      cpumask_pr_args(task->cpus_ptr));
	KUNIT_EXPECT_EQ(test, 1, task->nr_cpus_allowed);
	KUNIT_EXPECT_TRUE(test, task->flags & PF_NO_SETAFFINITY);
}

/* A thread that was never woken is in this state, one that idles is not. */
static void kwx_expect_unwoken(struct kunit *test,
			       struct kworkerx_worker *worker)
{
	KUNIT_EXPECT_EQ(test, (unsigned int)TASK_UNINTERRUPTIBLE,
			READ_ONCE(worker->task->__state));
}

/*
 * Creation
 */

static void a_worker_is_bound_before_its_thread_runs(struct kunit *test)
{
	struct kworkerx_worker *worker;
	int cpu;

	for_each_online_cpu(cpu) {
		worker = kwx_created_on(test, cpu);
		kwx_expect_unwoken(test, worker);
		kwx_expect_bound(test, worker, cpu);
	}
}

static void a_worker_that_is_run_is_bound_and_woken(struct kunit *test)
{
	struct kworkerx_worker *worker;
	int cpu;

	for_each_online_cpu(cpu) {
		worker = kworkerx_run_worker_on_cpu(cpu, 0, "kwx/%u");
		kwx_keep_worker(test, worker);
		kwx_await_state(test, worker->task, TASK_IDLE);
		kwx_expect_bound(test, worker, cpu);
		KUNIT_EXPECT_EQ(test, cpu, task_cpu(worker->task));
	}
}

static void a_bound_worker_that_never_ran_can_be_destroyed(struct kunit *test)
{
	struct kworkerx_worker *worker;
	int cpu;

	for_each_online_cpu(cpu) {
		worker = kworkerx_create_worker_on_cpu(cpu, 0, "kwx/%u");
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, worker);
		kwx_call_returns(test, kwx_call(test, kwx_destroy_worker_fn,
						worker));
	}
}

static void the_name_of_a_bound_worker_tells_its_cpu(struct kunit *test)
{
	struct kworkerx_worker *worker;
	char name[TASK_COMM_LEN];
	int cpu;

	for_each_online_cpu(cpu) {
		worker = kwx_created_on(test, cpu);
		snprintf(name, sizeof(name), "kwx/%u", cpu);
		KUNIT_EXPECT_STREQ(test, name, worker->task->comm);
		kwx_flush(test, worker);
		KUNIT_EXPECT_STREQ(test, name, worker->task->comm);
		KUNIT_EXPECT_STREQ(test, name, worker->comm);
	}
}

static void the_name_of_a_bound_worker_may_hide_its_cpu(struct kunit *test)
{
	int cpu = cpumask_last(cpu_online_mask);
	struct kworkerx_worker *worker;

	worker = kworkerx_run_worker_on_cpu(cpu, 0, "kwx_plain");
	kwx_keep_worker(test, worker);
	KUNIT_EXPECT_STREQ(test, "kwx_plain", worker->task->comm);
	kwx_expect_bound(test, worker, cpu);
}

static void a_cpu_that_is_not_possible_is_refused(struct kunit *test)
{
	const int cpus[] = { -1, INT_MIN, nr_cpu_ids, nr_cpu_ids + 1, INT_MAX,
			     cpumask_next_zero(-1, cpu_possible_mask) };
	struct kworkerx_worker *worker;
	unsigned int i;

	kwx_misuse_begin();
	for (i = 0; i < ARRAY_SIZE(cpus); i++) {
		worker = kworkerx_create_worker_on_cpu(cpus[i], 0, "kwx/%u");
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL, PTR_ERR_OR_ZERO(worker),
				    "CPU %d", cpus[i]);
		worker = kworkerx_run_worker_on_cpu(cpus[i], 0, "kwx/%u");
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL, PTR_ERR_OR_ZERO(worker),
				    "CPU %d", cpus[i]);
	}
	kwx_misuse_end(test, "which is not possible");
}

static void unknown_flags_of_a_bound_worker_are_refused(struct kunit *test)
{
	struct kworkerx_worker *worker;
	unsigned int bit;

	kwx_misuse_begin();
	for (bit = fls(KWORKERX_LANES); bit < 32; bit++) {
		worker = kworkerx_run_worker_on_cpu(0, BIT(bit), "kwx/%u");
		KUNIT_EXPECT_EQ(test, -EINVAL, PTR_ERR_OR_ZERO(worker));
	}
	kwx_misuse_end(test, "created with flags");
}

static void a_bound_worker_can_be_freezable(struct kunit *test)
{
	struct kworkerx_worker *worker;

	worker = kworkerx_run_worker_on_cpu(cpumask_last(cpu_online_mask),
					    KWORKERX_FREEZABLE, "kwx/%u");
	kwx_keep_worker(test, worker);
	kwx_await_state(test, worker->task, TASK_IDLE);
	/* A kernel that cannot freeze leaves all its threads as they are. */
	KUNIT_EXPECT_EQ(test, IS_ENABLED(CONFIG_FREEZER),
			!(worker->task->flags & PF_NOFREEZE));
	kwx_expect_bound(test, worker, cpumask_last(cpu_online_mask));
}

/*
 * Where works run
 */

static void every_work_runs_on_the_cpu_of_its_worker(struct kunit *test)
{
	struct kwx_seat *seat;
	int cpu, i;

	for_each_online_cpu(cpu) {
		seat = kwx_seat(test, cpu);
		for (i = 0; i < 10; i++) {
			kwx_queue(test, seat->worker, seat->job);
			kwx_flush(test, seat->worker);
		}
		kwx_expect_seated(test, seat, 10);
		kwx_expect_bound(test, seat->worker, cpu);
	}
}

static void kwx_queue_seat(void *data)
{
	struct kwx_seat *seat = data;

	kworkerx_queue_work(seat->worker, KWX_WORK(seat->job));
}

/* In the interrupt that asks the other CPU to do it. */
static void it_does_not_matter_which_cpu_queues(struct kunit *test)
{
	struct kwx_seat *seat;
	int cpu, from, runs;

	for_each_online_cpu(cpu) {
		seat = kwx_seat(test, cpu);
		runs = 0;
		for_each_online_cpu(from) {
			KUNIT_EXPECT_EQ(test, 0,
					smp_call_function_single(from,
								 kwx_queue_seat,
								 seat, true));
			kwx_expect_seated(test, seat, ++runs);
		}
	}
}

static void kwx_delay_seat(void *data)
{
	struct kwx_seat *seat = data;

	kworkerx_queue_delayed_work(seat->worker, &seat->job->dwork, 1);
}

static void it_does_not_matter_on_which_cpu_a_timer_expires(struct kunit *test)
{
	struct kwx_seat *seat;
	int cpu, from, runs;

	for_each_online_cpu(cpu) {
		seat = kwx_seat(test, cpu);
		runs = 0;
		for_each_online_cpu(from) {
			KUNIT_EXPECT_EQ(test, 0,
					smp_call_function_single(from,
								 kwx_delay_seat,
								 seat, true));
			kwx_wait(test, &seat->job->started);
			kwx_expect_seated(test, seat, ++runs);
		}
	}
}

static void a_work_that_moves_runs_on_the_cpu_of_its_new_worker(struct kunit *test)
{
	struct kwx_seat *seat, *home = NULL;
	int cpu, runs = 0;

	for_each_online_cpu(cpu) {
		seat = kwx_seat(test, cpu);
		if (!home)
			home = seat;
		home->cpu = cpu;
		kwx_queue(test, seat->worker, home->job);
		kwx_flush(test, seat->worker);
		KUNIT_EXPECT_EQ(test, ++runs, kwx_runs(home->job));
		KUNIT_EXPECT_EQ(test, 0, home->strays);
	}
}

static void a_cpu_can_have_several_workers(struct kunit *test)
{
	struct kwx_seat *seats[3];
	int cpu, i;

	for_each_online_cpu(cpu) {
		for (i = 0; i < ARRAY_SIZE(seats); i++) {
			seats[i] = kwx_seat(test, cpu);
			kwx_queue(test, seats[i]->worker, seats[i]->job);
		}
		for (i = 0; i < ARRAY_SIZE(seats); i++)
			kwx_expect_seated(test, seats[i], 1);
	}
}

/* A ring of all CPUs: each job queues that of the next one. */
struct kwx_ring {
	atomic_t		left;
	struct completion	done;
	struct kwx_place {
		struct kwx_ring		*ring;
		struct kwx_place	*next;
		struct kworkerx_worker	*worker;
		struct kwx_job		*job;
		int			cpu;
		unsigned int		strays;
	} places[];
};

static void kwx_pass_on(struct kwx_job *job)
{
	struct kwx_place *place = job->data;
	struct kwx_place *next = place->next;

	if (raw_smp_processor_id() != place->cpu)
		place->strays++;
	if (atomic_dec_and_test(&place->ring->left))
		complete(&place->ring->done);
	else
		kworkerx_queue_work(next->worker, KWX_WORK(next->job));
}

static struct kwx_ring *kwx_ring(struct kunit *test, unsigned int nr, int laps)
{
	struct kwx_ring *ring;
	struct kwx_place *place;
	int cpu = -1;

	ring = kunit_kzalloc(test, struct_size(ring, places, nr), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ring);
	atomic_set(&ring->left, nr * laps);
	init_completion(&ring->done);
	for (place = ring->places; place < ring->places + nr; place++) {
		cpu = cpumask_next(cpu, cpu_online_mask);
		place->cpu = cpu;
		place->ring = ring;
		place->next = place + 1;
		place->worker = kwx_created_on(test, cpu);
		place->job = kwx_job(test, NULL, cpu);
		place->job->data = place;
		place->job->action = kwx_pass_on;
	}
	ring->places[nr - 1].next = ring->places;
	return ring;
}

static void workers_of_all_cpus_pass_work_around(struct kunit *test)
{
	const unsigned int nr = num_online_cpus();
	struct kwx_ring *ring = kwx_ring(test, nr, 50);
	unsigned int i;

	kwx_queue(test, ring->places[0].worker, ring->places[0].job);
	kwx_wait(test, &ring->done);
	for (i = 0; i < nr; i++) {
		KUNIT_EXPECT_EQ(test, 50, kwx_runs(ring->places[i].job));
		KUNIT_EXPECT_EQ(test, 0, ring->places[i].strays);
		KUNIT_EXPECT_EQ(test, 0,
				atomic_read(&ring->places[i].job->overlaps));
	}
}

static void workers_of_all_cpus_run_at_the_same_time(struct kunit *test)
{
	struct kwx_job **jobs = kunit_kcalloc(test, nr_cpu_ids, sizeof(*jobs),
					      GFP_KERNEL);
	int cpu;

	KUNIT_ASSERT_NOT_NULL(test, jobs);
	for_each_online_cpu(cpu) {
		struct kworkerx_worker *worker = kwx_created_on(test, cpu);

		jobs[cpu] = kwx_held_job(test, NULL, cpu);
		kwx_hold(test, worker, jobs[cpu]);
	}
	for_each_online_cpu(cpu) {
		KUNIT_EXPECT_EQ(test, cpu, jobs[cpu]->cpu);
		KUNIT_EXPECT_EQ(test, 1, atomic_read(&jobs[cpu]->running));
		kwx_release(jobs[cpu]);
	}
}

static void each_bound_worker_keeps_the_order(struct kunit *test)
{
	struct kworkerx_worker *worker;
	struct kwx_job *busy;
	struct kwx_log *log;
	int cpu, id;

	for_each_online_cpu(cpu) {
		worker = kwx_created_on(test, cpu);
		log = kwx_log(test);
		busy = kwx_held_job(test, log, 1);
		kwx_hold(test, worker, busy);
		for (id = 2; id <= 6; id++)
			kwx_queue(test, worker, kwx_job(test, log, id));
		kwx_release(busy);
		kwx_flush(test, worker);
		kwx_expect_log(test, log, 1, 2, 3, 4, 5, 6);
	}
}

/*
 * Nodes
 */

static int kwx_node_of(struct task_struct *task)
{
	return page_to_nid(virt_to_page(task));
}

static void the_thread_of_a_bound_worker_is_on_its_node(struct kunit *test)
{
	int cpu;

	for_each_online_cpu(cpu)
		KUNIT_EXPECT_EQ(test, cpu_to_node(cpu),
				kwx_node_of(kwx_created_on(test, cpu)->task));
}

static struct kworkerx_worker *kwx_created_at(struct kunit *test, int node)
{
	return kwx_keep_worker(test,
			       kworkerx_create_worker_on_node(0, node, "kwx_%d",
							      node));
}

static void the_thread_of_a_worker_is_on_the_node_asked_for(struct kunit *test)
{
	struct kworkerx_worker *worker;
	char name[TASK_COMM_LEN];
	struct kwx_job *job;
	int node;

	for_each_online_node(node) {
		worker = kwx_created_at(test, node);
		job = kwx_job(test, NULL, node);
		kwx_expect_unwoken(test, worker);
		KUNIT_EXPECT_EQ(test, node, kwx_node_of(worker->task));
		snprintf(name, sizeof(name), "kwx_%d", node);
		KUNIT_EXPECT_STREQ(test, name, worker->task->comm);
		kwx_queue(test, worker, job);
		kwx_wait(test, &job->started);
	}
}

static int kwx_idle_thread(void *unused)
{
	set_current_state(TASK_IDLE);
	while (!kthread_should_stop()) {
		schedule();
		set_current_state(TASK_IDLE);
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

/*
 * Newer kernels prefer the CPUs of the node for every kthread, older ones do
 * not: what any other thread gets on this kernel is what the worker has to get.
 */
static void kwx_expect_mask_of_kthreads(struct kunit *test, int node)
{
	struct kworkerx_worker *worker = kwx_created_at(test, node);
	struct task_struct *other;

	other = kthread_create_on_node(kwx_idle_thread, NULL, node, "kwx_other");
	KUNIT_ASSERT_FALSE(test, IS_ERR(other));
	wake_up_process(other);
	wake_up_process(worker->task);
	kwx_await_state(test, other, TASK_IDLE);
	kwx_await_state(test, worker->task, TASK_IDLE);
	KUNIT_EXPECT_FALSE(test, cpumask_empty(worker->task->cpus_ptr));
	KUNIT_EXPECT_TRUE_MSG(test, cpumask_equal(worker->task->cpus_ptr,
						  other->cpus_ptr),
			      "node %d: mask %*pbl", node,
			      cpumask_pr_args(worker->task->cpus_ptr));
	KUNIT_EXPECT_FALSE(test, worker->task->flags & PF_NO_SETAFFINITY);
	kthread_stop(other);
}

static void a_node_means_for_a_worker_what_it_means_for_threads(struct kunit *test)
{
	int node;

	kwx_expect_mask_of_kthreads(test, NUMA_NO_NODE);
	for_each_online_node(node)
		kwx_expect_mask_of_kthreads(test, node);
}

/*
 * CPUs that come and go
 */

/* All that an owner does with a worker, whatever became of its CPU. */
static void kwx_expect_works(struct kunit *test, struct kworkerx_worker *worker)
{
	struct kwx_log *log = kwx_log(test);
	int id;

	for (id = 1; id <= 3; id++)
		kwx_queue(test, worker, kwx_job(test, log, id));
	kwx_flush(test, worker);
	kwx_expect_log(test, log, 1, 2, 3);
}

static void kwx_expect_end(struct kunit *test, struct kworkerx_worker *worker)
{
	kwx_call_returns(test, kwx_call(test, kwx_destroy_worker_fn, worker));
}

static struct kworkerx_worker *kwx_bound(struct kunit *test, int cpu)
{
	struct kworkerx_worker *worker;

	worker = kworkerx_create_worker_on_cpu(cpu, 0, "kwx/%u");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, worker);
	return worker;
}

static void a_worker_for_an_offline_cpu_runs_its_works(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kworkerx_worker *worker;

	kwx_begin_outage(test, outage);
	worker = kwx_bound(test, outage->cpu);
	kwx_expect_unwoken(test, worker);
	kwx_expect_bound(test, worker, outage->cpu);
	kwx_expect_works(test, worker);
	kwx_recover(test, outage);
	kwx_expect_works(test, worker);
	kwx_expect_end(test, worker);
}

static void a_worker_for_an_offline_cpu_can_be_destroyed(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kworkerx_worker *worker;

	kwx_begin_outage(test, outage);
	worker = kwx_bound(test, outage->cpu);
	kwx_expect_end(test, worker);
	worker = kwx_bound(test, outage->cpu);
	kwx_expect_works(test, worker);
	kwx_expect_end(test, worker);
}

/* Nothing wakes the thread in the meantime: it stays where it is. */
static void an_unused_worker_for_an_offline_cpu_stays_bound(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kwx_seat *seat;

	kwx_begin_outage(test, outage);
	seat = kwx_seat(test, outage->cpu);
	kwx_recover(test, outage);
	kwx_queue(test, seat->worker, seat->job);
	kwx_expect_seated(test, seat, 1);
	kwx_expect_bound(test, seat->worker, outage->cpu);
}

static void an_idle_bound_worker_outlives_its_cpu(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kworkerx_worker *worker = kwx_bound(test, outage->cpu);

	kwx_expect_works(test, worker);
	kwx_begin_outage(test, outage);
	kwx_expect_works(test, worker);
	kwx_recover(test, outage);
	kwx_expect_works(test, worker);
	kwx_expect_end(test, worker);
}

static void queued_works_outlive_their_cpu(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kworkerx_worker *worker = kwx_bound(test, outage->cpu);
	struct kwx_log *log = kwx_log(test);
	struct kwx_job *busy = kwx_held_job(test, log, 1);
	struct kwx_call *flush;
	int id;

	kwx_hold(test, worker, busy);
	for (id = 2; id <= 5; id++)
		kwx_queue(test, worker, kwx_job(test, log, id));
	flush = kwx_call(test, kwx_flush_worker_fn, worker);
	kwx_call_blocks(test, flush);
	kwx_begin_outage(test, outage);
	kwx_release(busy);
	kwx_call_returns(test, flush);
	kwx_expect_log(test, log, 1, 2, 3, 4, 5);
	kwx_recover(test, outage);
	kwx_expect_works(test, worker);
	kwx_expect_end(test, worker);
}

static void kwx_run_until_told(struct kwx_job *job)
{
	while (!READ_ONCE(job->data))
		cond_resched();
	job->cpu = raw_smp_processor_id();
}

static void a_running_work_outlives_its_cpu(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kworkerx_worker *worker = kwx_bound(test, outage->cpu);
	struct kwx_job *job = kwx_job(test, NULL, 1);

	job->action = kwx_run_until_told;
	kwx_queue(test, worker, job);
	kwx_wait(test, &job->started);
	kwx_begin_outage(test, outage);
	WRITE_ONCE(job->data, job);
	kwx_flush(test, worker);
	KUNIT_EXPECT_NE(test, outage->cpu, job->cpu);
	kwx_recover(test, outage);
	kwx_expect_works(test, worker);
	kwx_expect_end(test, worker);
}

/* It is armed on the CPU that goes, and expires on another. */
static void an_armed_timer_outlives_its_cpu(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kwx_seat *seat = kwx_seat(test, outage->cpu);

	seat->job->action = NULL;
	smp_call_function_single(outage->cpu, kwx_delay_seat, seat, true);
	kworkerx_mod_delayed_work(seat->worker, &seat->job->dwork, 2 * HZ);
	kwx_begin_outage(test, outage);
	kwx_wait(test, &seat->job->started);
	kwx_recover(test, outage);
	kwx_expect_works(test, seat->worker);
}

static void kwx_destroy_in_outage(struct kunit *test, bool used)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kworkerx_worker *worker = kwx_bound(test, outage->cpu);

	if (used)
		kwx_expect_works(test, worker);
	kwx_begin_outage(test, outage);
	kwx_expect_end(test, worker);
}

static void an_idle_bound_worker_can_be_destroyed_later(struct kunit *test)
{
	kwx_destroy_in_outage(test, true);
}

static void an_unwoken_bound_worker_can_be_destroyed_later(struct kunit *test)
{
	kwx_destroy_in_outage(test, false);
}

/* Works are queued all the time that the CPU goes and comes back. */
struct kwx_traffic {
	struct kworkerx_worker	*worker;
	struct kwx_job		*job;
	unsigned int		accepted;
	bool			stop;
};

static void kwx_traffic_fn(void *data)
{
	struct kwx_traffic *traffic = data;

	while (!READ_ONCE(traffic->stop)) {
		if (kworkerx_queue_work(traffic->worker,
					KWX_WORK(traffic->job)))
			traffic->accepted++;
		cond_resched();
	}
}

static void kwx_expect_traffic(struct kunit *test, struct kwx_traffic *traffic)
{
	reinit_completion(&traffic->job->started);
	kwx_wait(test, &traffic->job->started);
}

static void no_work_is_lost_while_a_cpu_goes_and_comes(struct kunit *test)
{
	struct kwx_outage *outage = kwx_outage(test);
	struct kwx_traffic *traffic = kunit_kzalloc(test, sizeof(*traffic),
						    GFP_KERNEL);
	struct kwx_call *call;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, traffic);
	traffic->worker = kwx_bound(test, outage->cpu);
	traffic->job = kwx_job(test, NULL, 1);
	call = kwx_call(test, kwx_traffic_fn, traffic);
	for (i = 0; i < 3; i++) {
		kwx_expect_traffic(test, traffic);
		outage->down = !kwx_cpu_down(outage->cpu);
		kwx_expect_traffic(test, traffic);
		if (outage->down)
			outage->down = kwx_cpu_up(outage->cpu);
	}
	WRITE_ONCE(traffic->stop, true);
	kwx_call_returns(test, call);
	kwx_expect_end(test, traffic->worker);
	KUNIT_EXPECT_EQ(test, traffic->accepted, kwx_runs(traffic->job));
	KUNIT_EXPECT_TRUE(test, cpu_online(outage->cpu));
}

static struct kunit_case kwx_bound_cases[] = {
	KUNIT_CASE(a_worker_is_bound_before_its_thread_runs),
	KUNIT_CASE(a_worker_that_is_run_is_bound_and_woken),
	KUNIT_CASE(a_bound_worker_that_never_ran_can_be_destroyed),
	KUNIT_CASE(the_name_of_a_bound_worker_tells_its_cpu),
	KUNIT_CASE(the_name_of_a_bound_worker_may_hide_its_cpu),
	KUNIT_CASE(a_cpu_that_is_not_possible_is_refused),
	KUNIT_CASE(unknown_flags_of_a_bound_worker_are_refused),
	KUNIT_CASE(a_bound_worker_can_be_freezable),
	KUNIT_CASE(every_work_runs_on_the_cpu_of_its_worker),
	KUNIT_CASE(it_does_not_matter_which_cpu_queues),
	KUNIT_CASE(it_does_not_matter_on_which_cpu_a_timer_expires),
	KUNIT_CASE(a_work_that_moves_runs_on_the_cpu_of_its_new_worker),
	KUNIT_CASE(a_cpu_can_have_several_workers),
	KUNIT_CASE(workers_of_all_cpus_pass_work_around),
	KUNIT_CASE(workers_of_all_cpus_run_at_the_same_time),
	KUNIT_CASE(each_bound_worker_keeps_the_order),
	KUNIT_CASE(the_thread_of_a_bound_worker_is_on_its_node),
	KUNIT_CASE(the_thread_of_a_worker_is_on_the_node_asked_for),
	KUNIT_CASE(a_node_means_for_a_worker_what_it_means_for_threads),
	KUNIT_CASE_SLOW(a_worker_for_an_offline_cpu_runs_its_works),
	KUNIT_CASE_SLOW(a_worker_for_an_offline_cpu_can_be_destroyed),
	KUNIT_CASE_SLOW(an_unused_worker_for_an_offline_cpu_stays_bound),
	KUNIT_CASE_SLOW(an_idle_bound_worker_outlives_its_cpu),
	KUNIT_CASE_SLOW(queued_works_outlive_their_cpu),
	KUNIT_CASE_SLOW(a_running_work_outlives_its_cpu),
	KUNIT_CASE_SLOW(an_armed_timer_outlives_its_cpu),
	KUNIT_CASE_SLOW(an_idle_bound_worker_can_be_destroyed_later),
	KUNIT_CASE_SLOW(an_unwoken_bound_worker_can_be_destroyed_later),
	KUNIT_CASE_SLOW(no_work_is_lost_while_a_cpu_goes_and_comes),
	{}
};

static struct kunit_suite kwx_bound_suite = {
	.name = "kworkerx_bound",
	.test_cases = kwx_bound_cases,
};

kunit_test_suite(kwx_bound_suite);
