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
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "life.h"
#include "race.h"
#include "scenarios.h"
#include "search.h"

static struct {
	double		budget;
	unsigned int	bound;
	unsigned int	depth;
	unsigned long	draws;
	unsigned long long seed;
	unsigned int	generate;
	long		jobs;
	bool		stop_at_first;
	bool		list;
	bool		all;
	bool		verbose;
	const char	*replay;
} settings = {
	.budget = 110,
	.bound = RACE_DETECTION ? 2 : 3,
	.depth = 4,
	.draws = 2000,
	.seed = 1,
	.generate = 200,
};

static const struct option options[] = {
	{ "budget", required_argument, NULL, 'b' },	/* seconds of each CPU */
	{ "bound", required_argument, NULL, 'p' },	/* preemptions */
	{ "depth", required_argument, NULL, 'd' },	/* of PCT */
	{ "draws", required_argument, NULL, 'n' },	/* schedules, at random */
	{ "seed", required_argument, NULL, 's' },	/* of these */
	{ "generate", required_argument, NULL, 'g' },	/* scenarios, from seed on */
	{ "jobs", required_argument, NULL, 'j' },	/* processes */
	{ "stop-at-first", no_argument, NULL, 'f' },	/* fault */
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
		case 'g':
			settings.generate = atoi(optarg);
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
 * @life: what it has met of the life of a worker
 * @scenario: what is left of it, if it was generated and fails
 */
struct job {
	pid_t			pid;
	bool			over;
	int			crashed;
	double			seconds;
	struct life		life;
	struct result		result;
	struct scenario		scenario;
};

static struct scenarios scenarios;
static struct job *jobs;

static bool has_timer(const struct scenario *s)
{
	return scenario_has_call(s, OP_DELAY) || scenario_has_call(s, OP_MOD) ||
	       scenario_has_call(s, OP_TRY_DELAY);
}

/* One preemption less where more than a thread of ours and the worker's act. */
static unsigned int usual_bound(void)
{
	if (scenario->bound)
		return scenario->bound;
	if (settings.bound &&
	    (scenario->actors[1].calls[0].op || has_timer(scenario)))
		return settings.bound - 1;
	return settings.bound;
}

/* The few schedules with a preemption first, then some of all, then the rest. */
static bool explore(struct result *result, double deadline)
{
	unsigned long draws = settings.draws * (scenario->draws ?: 1);
	unsigned int bound = usual_bound();

	if (!search_exhaustively(result, bound ? 1 : 0, deadline))
		return false;
	if (!search_by_priorities(result, settings.depth, draws, settings.seed,
				  deadline))
		return false;
	if (RACE_DETECTION &&
	    !search_at_random(result, draws, settings.seed, deadline))
		return false;
	return bound <= 1 || search_exhaustively(result, bound, deadline);
}

/* Whether it does so soon, without a look at where that comes from. */
static bool fails(const struct scenario *s)
{
	struct result result = { .bound = -1 };

	scenario_select(s);
	return !explore(&result, now() + 2);
}

/* What runs away ends. */
static void limit_time(double seconds)
{
	struct rlimit limit = {
		.rlim_cur = now() + seconds + 1,
		.rlim_max = RLIM_INFINITY,
	};

	setrlimit(RLIMIT_CPU, &limit);
}

/* What is left fails sooner than all of it did; if not, it is as it was. */
static void shrink(struct job *job)
{
	struct scenario smaller = job->scenario;
	struct result result = { .bound = -1 };

	limit_time(120);
	scenario_shrink(&smaller, fails);
	scenario_select(&smaller);
	if (explore(&result, now() + 10))
		return;
	job->scenario = smaller;
	job->result = result;
}

static void run_job(struct job *job, double deadline)
{
	double start = now();

	scenario_select(&job->scenario);
	job->result.bound = -1;
	limit_time(deadline - start + 20);
	if (!explore(&job->result, deadline) && job->scenario.generated &&
	    !settings.stop_at_first)
		shrink(job);
	job->seconds = now() - start;
	job->life = life_met;
	_exit(0);
}

/* How much CPU time those that are over have taken of each CPU. */
static double spent(void)
{
	struct rusage usage;

	getrusage(RUSAGE_CHILDREN, &usage);
	return (usage.ru_utime.tv_sec + usage.ru_utime.tv_usec / 1e6 +
		usage.ru_stime.tv_sec + usage.ru_stime.tv_usec / 1e6) /
	       settings.jobs;
}

/* One scenario may take the time of many, since most take less than theirs. */
static void start_job(unsigned int i)
{
	double limit = 12 * (settings.budget - spent()) * settings.jobs /
		       (scenarios.nr - i);
	pid_t pid;

	if (limit < 0)
		limit = 0;
	jobs[i].scenario = scenarios.list[i];
	fflush(stdout);
	pid = fork();
	if (!pid)
		run_job(&jobs[i], now() + limit);
	jobs[i].pid = pid;
}

static bool has_failed(const struct job *job)
{
	return job->result.failed || job->crashed;
}

/* That it took too long shows no fault. */
static bool shows_fault(unsigned int i)
{
	return has_failed(&jobs[i]) && jobs[i].crashed != SIGXCPU;
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
	scenario_select(scenarios.list);
	search_replay(&result);
	return 0;
}

static void replay(struct job *job)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		scenario_select(&job->scenario);
		scenario_print();
		limit_time(60);
		search_replay(&job->result);
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void report(unsigned int i)
{
	struct job *job = &jobs[i];
	const struct result *result = &job->result;
	const char *name = job->scenario.name;

	if (settings.verbose)
		printf("%s: %lu schedules of %lu steps in %.1f s, %.0f/s; %d preemptions%s%s\n",
		       name, result->schedules,
		       result->steps / (result->schedules ?: 1), job->seconds,
		       result->schedules / job->seconds, result->bound,
		       has_failed(job) ? ": " : "", result->failure);
	if (!has_failed(&jobs[i]))
		return;
	if (job->crashed)
		printf("NOT OK: %s: crashed: %s\n", name,
		       strsignal(job->crashed));
	else
		printf("NOT OK: %s: %s\n", name, result->failure);
	if (!result->failed || settings.stop_at_first)
		return;
	replay(job);
	print_schedule(result);
}

/* One that is over may have had the same number. */
static unsigned int find_job(pid_t pid)
{
	unsigned int i;

	for (i = 0; i < scenarios.nr; i++)
		if (jobs[i].pid == pid && !jobs[i].over)
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
	return !(settings.stop_at_first && shows_fault(i));
}

static void run_jobs(void)
{
	unsigned int i, running = 0;
	bool go_on = true;

	for (i = 0; i < scenarios.nr && go_on; i++) {
		start_job(i);
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
	bool all = settings.all;
	struct life life = { };

	for (i = 0; i < scenarios.nr; i++) {
		life_add(&life, &jobs[i].life);
		schedules += jobs[i].result.schedules;
		if (!jobs[i].over)
			skipped++;
		else if (has_failed(&jobs[i]))
			failed++;
		else
			passed++;
		/* One that was cut off does not tell what it has met. */
		all = all && jobs[i].over && !jobs[i].crashed;
		if (jobs[i].over && !jobs[i].result.failed)
			complete[jobs[i].result.bound + 1]++;
	}
	printf("%lu schedules of %u scenarios in %.0f s of each CPU, %.0f a second there\n",
	       schedules, scenarios.nr, seconds,
	       schedules / seconds / settings.jobs);
	for (i = 0; i < ARRAY_SIZE(complete); i++)
		if (complete[i])
			printf("%u of them: all with up to %d preemptions\n",
			       complete[i], (int)i - 1);
	/* Some of the scenarios meet some of it. */
	if (all) {
		if (life_complete(&life, settings.verbose))
			passed++;
		else
			failed++;
	}
	printf("%u passed, %u failed, %u skipped\n", passed, failed, skipped);
	return failed || !passed;
}

/* Drops the scenarios that nobody asked for. */
static void select_scenarios(const char *text)
{
	unsigned int i, nr = 0;

	if (text && scenario_parse(scenarios.list, text)) {
		scenarios.nr = 1;
		return;
	}
	for (i = 0; i < scenarios.nr; i++)
		if (!text || strstr(scenarios.list[i].name, text))
			scenarios.list[nr++] = scenarios.list[i];
	scenarios.nr = nr;
	if (!nr)
		fprintf(stderr, "no scenario has \"%s\" in its name\n", text);
}

int main(int argc, char **argv)
{
	unsigned int i;

	settings.jobs = sysconf(_SC_NPROCESSORS_ONLN);
	parse(argc, argv);
	if (settings.generate > MAX_SCENARIOS / 2)
		settings.generate = MAX_SCENARIOS / 2;
	scenarios_add_all(&scenarios);
	for (i = 0; i < settings.generate; i++)
		scenario_generate(&scenarios.list[scenarios.nr++],
				  settings.seed + i);
	settings.all = !argv[optind] || !*argv[optind];
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
	return sum_up(spent());
}
