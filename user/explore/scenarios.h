/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KWORKERX_EXPLORE_SCENARIOS_H
#define _KWORKERX_EXPLORE_SCENARIOS_H

#include "explore.h"

#define MAX_SCENARIOS	4096

struct scenarios {
	unsigned int	nr;
	struct scenario	list[MAX_SCENARIOS];
};

/* All that there are. */
void scenarios_add_all(struct scenarios *scenarios);

/* A timer may expire in it. */
bool scenario_has_timer(const struct scenario *s);

#endif /* _KWORKERX_EXPLORE_SCENARIOS_H */
