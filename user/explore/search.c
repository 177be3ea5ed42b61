// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exhaustive search goes through all lists of choices with at most so many
 * preemptions, those with few of them first (CHESS; Musuvathi and others, 2008).
 * Where somebody has to be chosen because who ran cannot go on, all who can are
 * tried, and it counts as no preemption.
 *
 * Two preemptions of one actor by the same other one, an access apart, lead to
 * the same if what the others do until it goes on does not conflict with that
 * access.  So the later one is tried first, and the earlier one only if
 * something in all that followed from it does conflict.
 *
 * Beyond the bound PCT draws schedules at random (Burckhardt and others, 2010):
 * priorities, and steps at which who runs becomes the least urgent.  One that
 * needs @depth of them in order is hit with a probability of at least
 * 1 / (actors * steps ^ (depth - 1)).
 */
#include <stdio.h>
#include <time.h>

#include "search.h"

double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static bool try_schedule(struct result *result, struct schedule *schedule)
{
	sched_run(schedule, scenario_main);
	result->schedules++;
	result->steps += schedule->steps;
	if (schedule->steps > result->length)
		result->length = schedule->steps;
	if (!schedule->failure)
		return true;
	result->failed = true;
	snprintf(result->failure, sizeof(result->failure), "%s",
		 schedule->failure);
	result->mode = schedule->mode;
	result->seed = schedule->seed;
	result->depth = schedule->depth;
	result->drawn_for = schedule->length;
	return false;
}

/*
 * Exhaustive search.  For each choice of the list: @options are those behind it,
 * @window what followed from it, @later, for each actor, what followed from
 * having it preempt one access later, if @known.
 */
static struct {
	struct sched_choice	choices[MAX_CHOICES];
	struct sched_accesses	windows[MAX_CHOICES];
	struct sched_option	options[MAX_CHOICES][STEP_LIMIT];
	struct sched_accesses	later[MAX_CHOICES][ACTORS];
	bool			known[MAX_CHOICES][ACTORS];
	unsigned int		bound;
	double			deadline;
	bool			out_of_time;
} search;

static bool conflicts(const struct sched_option *option,
		      const struct sched_accesses *accesses)
{
	unsigned int i;

	if (accesses->all || !option->mem)
		return true;
	for (i = 0; i < accesses->nr; i++)
		if (accesses->access[i].mem == option->mem)
			return option->write || accesses->access[i].write;
	return false;
}

static bool search_from(struct result *result, unsigned int depth,
			unsigned int preemptions);

static bool try_choice(struct result *result, unsigned int depth,
		       unsigned int preemptions,
		       const struct sched_option *option, unsigned int actor)
{
	search.choices[depth] = (struct sched_choice){
		.step = option->step,
		.actor = actor,
	};
	search.windows[depth].nr = 0;
	search.windows[depth].all = false;
	return search_from(result, depth + 1, preemptions + !option->forced);
}

static bool try_option(struct result *result, unsigned int depth,
		       unsigned int preemptions,
		       const struct sched_option *option)
{
	bool *known = search.known[depth];
	unsigned int i;

	for (i = 0; i < ACTORS; i++) {
		if (!(option->others & (1u << i)) ||
		    (!option->forced && preemptions == search.bound)) {
			known[i] = false;
			continue;
		}
		if (known[i] && !option->forced &&
		    !conflicts(option, &search.later[depth][i]))
			continue;
		if (!try_choice(result, depth, preemptions, option, i))
			return false;
		search.later[depth][i] = search.windows[depth];
		known[i] = !option->forced;
	}
	return true;
}

static bool same_stretch(const struct sched_option *option,
			 const struct sched_option *next)
{
	return !next->forced && next->actor == option->actor;
}

/* All schedules that begin with the first @depth choices. */
static bool search_from(struct result *result, unsigned int depth,
			unsigned int preemptions)
{
	struct sched_option *options = search.options[depth];
	struct schedule schedule = {
		.mode = SCHED_CHOICES,
		.choices = search.choices,
		.nr_choices = depth,
		.windows = search.windows,
		.options = options,
		.record_all = preemptions < search.bound,
	};
	unsigned int i;

	if (!try_schedule(result, &schedule)) {
		memcpy(result->choices, search.choices, sizeof(search.choices));
		result->nr_choices = depth;
		return false;
	}
	if (!(result->schedules % 256) && now() > search.deadline)
		search.out_of_time = true;
	memset(search.known[depth], false, sizeof(search.known[depth]));
	for (i = schedule.nr_options; i--; ) {
		if (search.out_of_time || depth == MAX_CHOICES - 1)
			break;
		if (i + 1 == schedule.nr_options ||
		    !same_stretch(&options[i], &options[i + 1]))
			memset(search.known[depth], false,
			       sizeof(search.known[depth]));
		if (!try_option(result, depth, preemptions, &options[i]))
			return false;
	}
	return true;
}

bool search_exhaustively(struct result *result, unsigned int bound,
			 double deadline)
{
	search.deadline = deadline;
	search.out_of_time = false;
	for (search.bound = 0; search.bound <= bound; search.bound++) {
		if (!search_from(result, 0, 0))
			return false;
		if (search.out_of_time)
			return true;
		if ((int)search.bound > result->bound)
			result->bound = search.bound;
	}
	return true;
}

static bool search_randomly(struct result *result, struct schedule *schedule,
			    unsigned long schedules, double deadline)
{
	unsigned long i;

	for (i = 0; i < schedules; i++, schedule->seed++) {
		/* What is drawn must not depend on what came before. */
		if (i % 1024 == 64)
			schedule->length = result->length;
		if (!try_schedule(result, schedule))
			return false;
		if (!(i % 256) && now() > deadline)
			break;
	}
	return true;
}

bool search_by_priorities(struct result *result, unsigned int depth,
			  unsigned long schedules, unsigned long long seed,
			  double deadline)
{
	struct schedule schedule = {
		.mode = SCHED_PCT,
		.depth = depth,
		.seed = seed,
		.length = result->length ?: 100,
	};

	return search_randomly(result, &schedule, schedules, deadline);
}

bool search_at_random(struct result *result, unsigned long schedules,
		      unsigned long long seed, double deadline)
{
	struct schedule schedule = {
		.mode = SCHED_RANDOM,
		.seed = seed,
	};

	return search_randomly(result, &schedule, schedules, deadline);
}

void search_replay(struct result *result)
{
	struct schedule schedule = {
		.mode = result->mode,
		.choices = result->choices,
		.nr_choices = result->nr_choices,
		.seed = result->seed,
		.depth = result->depth,
		.length = result->drawn_for,
	};

	trace_on = true;
	sched_run(&schedule, scenario_main);
	trace_on = false;
	trace_print();
	printf("%s\n", schedule.failure ?: "nothing went wrong");
}
