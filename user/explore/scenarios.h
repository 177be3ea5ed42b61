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

/* One that is drawn at random. */
void scenario_generate(struct scenario *s, unsigned long long seed);
/* One of that name, which was generated once and perhaps made smaller. */
bool scenario_parse(struct scenario *s, const char *name);
/* Leaves out what it can so that @s still fails. */
void scenario_shrink(struct scenario *s, bool (*fails)(const struct scenario *s));
/* Somebody makes such a call. */
bool scenario_has_call(const struct scenario *s, enum op op);

#endif /* _KWORKERX_EXPLORE_SCENARIOS_H */
