// SPDX-License-Identifier: GPL-2.0-only
/*
 * usage: torture [PARAMETER=NUMBER...]
 *
 * Loads the modules, waits, and unloads them: at least "seconds" seconds, then
 * until "works" works have run, but "limit" seconds at most.  The parameters are
 * these and the module's.  Exits with 1 if fewer works ran; the verdict is what
 * the torture prints.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "program.h"

torture_param(int, seconds, 60, "Shortest time to go on (s)");
torture_param(int, works, 0, "Number of works to run");
torture_param(int, limit, 900, "Longest time to go on (s)");
torture_param(int, slack, 50, "How much longer sleeps may take (us)");
torture_param(int, yields, 0, "How often to let others run before a sleep");

static bool parse(const char *arg)
{
	const char *sign = strchr(arg, '=');
	char *end;
	long value;

	if (!sign)
		return false;
	value = strtol(sign + 1, &end, 10);
	return end != sign + 1 && !*end &&
	       machine_set_param(arg, sign - arg, value);
}

static bool over(u64 start)
{
	u64 passed = (local_clock() - start) / NSEC_PER_SEC;

	return passed >= (u64)limit ||
	       (passed >= (u64)seconds && works_run() >= works);
}

/* False if the module does not load. */
static bool run_module(void)
{
	u64 start = local_clock();

	if (kworkerx_torture_module_init())
		return false;
	while (!over(start))
		usleep(10000);
	pr_alert("torture: %ld works in %.1f s\n", works_run(),
		 (double)(local_clock() - start) / NSEC_PER_SEC);
	expect_end();
	kworkerx_torture_module_exit();
	return true;
}

int main(int argc, char **argv)
{
	bool loaded;
	int i;

	for (i = 1; i < argc; i++) {
		if (!parse(argv[i])) {
			fprintf(stderr, "torture: %s is no parameter\n", argv[i]);
			return 1;
		}
	}
	/* Threads inherit it. */
	prctl(PR_SET_TIMERSLACK, slack * NSEC_PER_USEC);
	machine_yields = yields;
	machine_enter("main");
	if (!start_hrtimers() || !start_watchdog() || kworkerx_module_init())
		return 1;
	loaded = run_module();
	stop_hrtimers();
	kworkerx_module_exit();
	machine_leave();
	if (works_run() < works)
		pr_alert("torture: fewer works ran than %d\n", works);
	return !loaded || works_run() < works;
}
