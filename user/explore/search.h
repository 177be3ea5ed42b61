/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ways through the schedules of a scenario.
 */
#ifndef _KWORKERX_EXPLORE_SEARCH_H
#define _KWORKERX_EXPLORE_SEARCH_H

#include "explore.h"

#define MAX_CHOICES	48

/*
 * @schedules: how many were tried
 * @steps: of all of them
 * @bound: exhaustive search was complete up to so many preemptions; -1 if it
 *	was not even with none
 * @length: of the longest
 * @failed: @failure says what went wrong, in a schedule that is drawn again by
 *	@mode and @choices, or @seed, @depth and @drawn_for
 */
struct result {
	unsigned long		schedules;
	unsigned long		steps;
	int			bound;
	unsigned int		length;
	bool			failed;
	char			failure[400];
	enum sched_mode		mode;
	unsigned int		nr_choices;
	struct sched_choice	choices[MAX_CHOICES];
	unsigned long long	seed;
	unsigned int		depth;
	unsigned int		drawn_for;
};

/*
 * Each of these returns false if a schedule fails.  They stop at @deadline, in
 * seconds of CPU time that the process has taken.
 */
double now(void);
bool search_exhaustively(struct result *result, unsigned int bound,
			 double deadline);
bool search_by_priorities(struct result *result, unsigned int depth,
			  unsigned long schedules, unsigned long long seed,
			  double deadline);
bool search_at_random(struct result *result, unsigned long schedules,
		      unsigned long long seed, double deadline);

/* The one that failed, again, told step by step. */
void search_replay(struct result *result);

#endif /* _KWORKERX_EXPLORE_SEARCH_H */
