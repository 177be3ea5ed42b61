// SPDX-License-Identifier: GPL-2.0-only
/*
 * usage: explore [OPTION]... [TEXT]
 * Explore the scenarios whose names have TEXT in them, each in a process of its
 * own, so that a crash is a failure like others.  See options[] below.
 */
#include <fnmatch.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "race.h"
#include "scenarios.h"
#include "search.h"

static struct {
	double		budget;
	unsigned int	bound;
	unsigned int	depth;
	unsigned long	draws;
	unsigned long long seed;
	long		jobs;
	bool		stop_at_first;
	bool		list;
	bool		verbose;
	const char	*replay;
} settings = {
	.budget = 110,
	.bound = RACE_DETECTION ? 2 : 3,
	.depth = 4,
	.draws = 20000,
	.seed = 1,
};

static const struct option options[] = {
	{ "budget", required_argument, NULL, 'b' },	/* seconds, for all */
	{ "bound", required_argument, NULL, 'p' },	/* preemptions */
	{ "depth", required_argument, NULL, 'd' },	/* of PCT */
	{ "draws", required_argument, NULL, 'n' },	/* schedules, at random */
	{ "seed", required_argument, NULL, 's' },	/* of these */
	{ "jobs", required_argument, NULL, 'j' },	/* processes */
	{ "stop-at-first", no_argument, NULL, 'f' },	/* that fails */
	{ "list", no_argument, NULL, 'l' },		/* names only */
	{ "verbose", no_argument, NULL, 'v' },		/* what was done for each */
	{ "replay", required_argument, NULL, 'r' },	/* one of them, by these
							 * choices (STEP:ACTOR,
							 * ...) or this seed
							 */
	{ }
};

static void parse(int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'b':
			settings.budget = atof(optarg);
			break;
		case 'p':
			settings.bound = atoi(optarg);
			break;
		case 'd':
			settings.depth = atoi(optarg);
			break;
		case 'n':
			settings.draws = strtoul(optarg, NULL, 0);
			break;
		case 's':
			settings.seed = strtoull(optarg, NULL, 0);
			break;
		case 'j':
			settings.jobs = atoi(optarg);
			break;
		case 'f':
			settings.stop_at_first = true;
			break;
		case 'l':
			settings.list = true;
			break;
		case 'v':
			settings.verbose = true;
			break;
		case 'r':
			settings.replay = optarg;
			break;
		default:
			exit(2);
		}
	}
}

/*
 * @pid: of its process, while it runs
 * @crashed: by which signal
 * @seconds: that it took
 */
struct job {
	pid_t			pid;
	bool			over;
	int			crashed;
	double			seconds;
	struct result		result;
};

static struct scenarios scenarios;
static struct job *jobs;

/* Exhaustively, then at random. */
static bool explore(struct result *result, double deadline)
{
	unsigned int bound = settings.bound;

	/* With the worker's thread these are three actors, or more. */
	if (scenario->actors[1].calls[0].op && bound)
		bound--;

	if (!search_exhaustively(result, scenario->bound ?: bound, deadline))
		return false;
	if (!search_by_priorities(result, settings.depth, settings.draws,
				  settings.seed, deadline))
		return false;
	return !RACE_DETECTION ||
	       search_at_random(result, settings.draws, settings.seed, deadline);
}

static void run_job(struct job *job, const struct scenario *which,
		    double deadline)
{
	double start = now();

	scenario = which;
	job->result.bound = -1;
	alarm(deadline - start + 60);
	explore(&job->result, deadline);
	job->seconds = now() - start;
	_exit(0);
}

/* One scenario may take the time of many, since most take less than theirs. */
static void start_job(unsigned int i, double end)
{
	double share = (end - now()) * settings.jobs / (scenarios.nr - i);
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid)
		run_job(&jobs[i], &scenarios.list[i], now() + 12 * share);
	jobs[i].pid = pid;
}

static bool has_failed(const struct job *job)
{
	return job->result.failed || job->crashed;
}

/* What is known to fail has to. */
static bool is_wrong(unsigned int i)
{
	return has_failed(&jobs[i]) != !!scenarios.list[i].known;
}

/* How it is said on the command line. */
static void print_schedule(const struct result *result)
{
	static const char *const modes[] = {
		[SCHED_PCT] = "pct",
		[SCHED_RANDOM] = "random",
	};
	unsigned int i;

	printf("again by --replay ");
	if (result->mode != SCHED_CHOICES)
		printf("%s:%llu:%u:%u", modes[result->mode], result->seed,
		       result->depth, result->drawn_for);
	else if (!result->nr_choices)
		printf("usual");
	for (i = 0; result->mode == SCHED_CHOICES && i < result->nr_choices; i++)
		printf("%s%u:%u", i ? "," : "", result->choices[i].step,
		       result->choices[i].actor);
	printf("\n");
}

static bool parse_schedule(struct result *result, const char *text)
{
	struct sched_choice *choice = result->choices;
	int len;

	result->mode = SCHED_PCT;
	if (sscanf(text, "pct:%llu:%u:%u", &result->seed, &result->depth,
		   &result->drawn_for) == 3)
		return true;
	result->mode = SCHED_RANDOM;
	if (sscanf(text, "random:%llu", &result->seed) == 1)
		return true;
	result->mode = SCHED_CHOICES;
	if (!strcmp(text, "usual"))
		return true;
	for (; choice < result->choices + MAX_CHOICES; choice++) {
		if (sscanf(text, "%u:%u%n", &choice->step, &choice->actor,
			   &len) != 2 || choice->actor >= ACTORS)
			return false;
		result->nr_choices++;
		text += len;
		if (!*text++)
			return true;
	}
	return false;
}

static int replay_from_text(const char *text)
{
	struct result result = { };

	if (scenarios.nr != 1 || !parse_schedule(&result, text)) {
		fprintf(stderr, "--replay wants a schedule, and the text of one scenario\n");
		return 2;
	}
	scenario = scenarios.list;
	search_replay(&result);
	return 0;
}

static void replay(unsigned int i)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		scenario = &scenarios.list[i];
		alarm(60);
		search_replay(&jobs[i].result);
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void report(unsigned int i)
{
	struct job *job = &jobs[i];
	struct result *result = &job->result;

	if (settings.verbose)
		printf("%s: %lu schedules of %lu steps in %.1f s, %.0f/s; %d preemptions%s%s\n",
		       scenarios.list[i].name, result->schedules,
		       result->steps / (result->schedules ?: 1), job->seconds,
		       result->schedules / job->seconds, result->bound,
		       has_failed(job) ? ": " : "", result->failure);
	if (!is_wrong(i))
		return;
	if (scenarios.list[i].known) {
		printf("NOT OK: %s: it does not fail any more: %s\n",
		       scenarios.list[i].name, scenarios.list[i].known);
		return;
	}
	if (job->crashed)
		printf("NOT OK: %s: crashed: %s\n", scenarios.list[i].name,
		       strsignal(job->crashed));
	else
		printf("NOT OK: %s: %s\n", scenarios.list[i].name,
		       result->failure);
	if (!result->failed || settings.stop_at_first)
		return;
	replay(i);
	print_schedule(result);
}

static unsigned int find_job(pid_t pid)
{
	unsigned int i;

	for (i = 0; i < scenarios.nr; i++)
		if (jobs[i].pid == pid)
			return i;
	abort();
}

/* Returns whether to go on. */
static bool await_job(void)
{
	int status;
	unsigned int i = find_job(wait(&status));

	jobs[i].over = true;
	if (WIFSIGNALED(status))
		jobs[i].crashed = WTERMSIG(status);
	report(i);
	return !(settings.stop_at_first && is_wrong(i));
}

static void run_jobs(void)
{
	double end = now() + settings.budget;
	unsigned int i, running = 0;
	bool go_on = true;

	for (i = 0; i < scenarios.nr && go_on; i++) {
		start_job(i, end);
		if (++running == settings.jobs) {
			go_on = await_job();
			running--;
		}
	}
	while (running--)
		await_job();
}

static int sum_up(double seconds)
{
	unsigned int i, passed = 0, failed = 0, skipped = 0, complete[8] = { };
	unsigned long schedules = 0;

	for (i = 0; i < scenarios.nr; i++) {
		schedules += jobs[i].result.schedules;
		if (!jobs[i].over)
			skipped++;
		else if (is_wrong(i))
			failed++;
		else
			passed++;
		if (jobs[i].over && !jobs[i].result.failed)
			complete[jobs[i].result.bound + 1]++;
	}
	printf("%lu schedules of %u scenarios in %.0f s, %.0f a second on each core\n",
	       schedules, scenarios.nr, seconds,
	       schedules / seconds / settings.jobs);
	for (i = 0; i < ARRAY_SIZE(complete); i++)
		if (complete[i])
			printf("%u of them: all with up to %d preemptions\n",
			       complete[i], (int)i - 1);
	printf("%u passed, %u failed, %u skipped\n", passed, failed, skipped);
	return failed || !passed;
}

/* Drops the scenarios that nobody asked for. */
static void select_scenarios(const char *text)
{
	unsigned int i, nr = 0;

	for (i = 0; i < scenarios.nr; i++)
		if (!text || strstr(scenarios.list[i].name, text))
			scenarios.list[nr++] = scenarios.list[i];
	scenarios.nr = nr;
}

int main(int argc, char **argv)
{
	double start = now();
	unsigned int i;

	settings.jobs = sysconf(_SC_NPROCESSORS_ONLN);
	parse(argc, argv);
	scenarios_add_all(&scenarios);
	select_scenarios(argv[optind]);
	if (settings.list) {
		for (i = 0; i < scenarios.nr; i++)
			puts(scenarios.list[i].name);
		return 0;
	}
	if (settings.replay)
		return replay_from_text(settings.replay);
	jobs = mmap(NULL, sizeof(*jobs) * MAX_SCENARIOS, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (jobs == MAP_FAILED) {
		perror("mmap");
		return 2;
	}
	run_jobs();
	return sum_up(now() - start);
}
