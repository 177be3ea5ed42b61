// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sees that works run, and that the torture ends once it shall.  If that takes
 * long, prints what each thread does.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "program.h"

/* Longer than anything takes. */
torture_param(int, patience, 30, "Longest time without a work, or to end (s)");

/* Works that run prove nothing any more. */
static bool ending;

void expect_end(void)
{
	WRITE_ONCE(ending, true);
}

long works_run(void)
{
	char text[MACHINE_PARAM_SIZE];

	machine_runs->get(text, NULL);
	return atol(text);
}

static void print_threads(void)
{
	char command[64];

	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
	snprintf(command, sizeof(command), "eu-stack -p %d", getpid());
	fflush(stdout);
	if (system(command))
		pr_alert("torture: %s does not work\n", command);
}

static void *watch(void *unused)
{
	long runs, last = -1;
	int idle = 0;

	while (idle < patience) {
		sleep(1);
		runs = works_run();
		idle = runs == last || READ_ONCE(ending) ? idle + 1 : 0;
		last = runs;
	}
	pr_alert("torture: it hangs, with %ld works run\n", last);
	print_threads();
	_exit(1);
}

bool start_watchdog(void)
{
	pthread_t thread;

	return !pthread_create(&thread, NULL, watch, NULL) &&
	       !pthread_detach(thread);
}
