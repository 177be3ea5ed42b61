// SPDX-License-Identifier: GPL-2.0-only
/*
 * A schedule for people: who did what, where in the source.  Where an instruction
 * comes from is in the program's debug information, which addr2line reads.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sched.h"

#define EVENTS	32768
#define PLACES	1024
/* As many as anybody reads, from the beginning and from the end. */
#define FIRST	250
#define LAST	150

struct event {
	unsigned int		step;
	const struct actor	*actor;
	const char		*name;
	const char		*what;
	const void		*pc;
};

/* Where an instruction is. */
struct place {
	const void		*pc;
	char			text[64];
};

bool trace_on;

static struct event events[EVENTS];
static unsigned int nr_events;
static struct place places[PLACES];
static unsigned int nr_places;

void trace_event(const char *what, const volatile void *mem)
{
	if (likely(!trace_on) || nr_events == EVENTS)
		return;
	events[nr_events++] = (struct event){
		.step = machine.step,
		.actor = self,
		.name = self->name,
		.what = what,
		.pc = self->pc,
	};
}

static struct place *find_place(const void *pc)
{
	unsigned int i;

	for (i = 0; i < nr_places; i++)
		if (places[i].pc == pc)
			return &places[i];
	return NULL;
}

/* The next one to show behind that one. */
static unsigned int next_shown(unsigned int i)
{
	return ++i == FIRST && nr_events > FIRST + LAST ? nr_events - LAST : i;
}

static void collect_places(void)
{
	unsigned int i;

	nr_places = 0;
	for (i = 0; i < nr_events && nr_places < PLACES; i = next_shown(i))
		if (events[i].pc && !find_place(events[i].pc))
			places[nr_places++] = (struct place){ .pc = events[i].pc };
}

/*
 * A line is "ADDRESS: FUNCTION at FILE:LINE", or " (inlined by) " and the same
 * for the function that this one is part of.  The first that is not one of our
 * headers says most.
 */
static void note_place(struct place *place, const char *line)
{
	const char *at = strstr(line, " at "), *number = strrchr(line, ':');
	const char *function = strstr(line, ": ");

	if (line[0] == ' ')
		function = strchr(line, ')');
	if (!at || !number || !function || place->text[0] ||
	    strstr(at, "machine.h") || strstr(at, "kernel.h"))
		return;
	function += strspn(function, ":) ");
	snprintf(place->text, sizeof(place->text), "%.*s:%d",
		 (int)(at - function), function, atoi(number + 1));
}

static void read_places(FILE *lines)
{
	struct place *place = places - 1;
	char line[1024];

	while (fgets(line, sizeof(line), lines)) {
		if (line[0] != ' ')
			place++;
		if (place >= places && place < places + nr_places)
			note_place(place, line);
	}
}

static void find_places(void)
{
	static char command[PLACES * 20 + 4096 + 32];
	char program[4096] = "";
	unsigned int i;
	size_t len;
	FILE *lines;

	if (readlink("/proc/self/exe", program, sizeof(program) - 1) < 0)
		return;
	len = sprintf(command, "addr2line -afipe '%s'", program);
	/* The call comes before what it returns to. */
	for (i = 0; i < nr_places; i++)
		len += sprintf(command + len, " %lx",
			       (unsigned long)places[i].pc - 1);
	lines = popen(command, "r");
	if (!lines)
		return;
	read_places(lines);
	pclose(lines);
}

void trace_print(void)
{
	const struct actor *last = NULL;
	const struct place *place;
	unsigned int i;

	collect_places();
	find_places();
	for (i = 0; i < nr_events; i = next_shown(i)) {
		struct event *event = &events[i];

		place = event->pc ? find_place(event->pc) : NULL;
		printf("%5u  %-7s %-24s %s\n", event->step,
		       event->actor == last ? "" : event->name, event->what,
		       place ? place->text : "");
		last = event->actor;
	}
	nr_events = 0;
}
