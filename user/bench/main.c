// SPDX-License-Identifier: GPL-2.0-only
/*
 * usage: bench ROUNDS
 *
 * Measures the engine beside the stock worker.  In each round both do each
 * measure, a few times in a row; who was second in the round before goes first.
 * Prints a table: of each row the medians of all rounds, and the quartiles.  A
 * ratio is one of two figures of the same round.
 *
 * What two processors do depends on how far apart they are, which a host may
 * change at any time.  It is measured in each round, and rows of several processors
 * have the rounds in which these were near apart from those in which they were
 * far.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench.h"

#define ROWS		48
/* Times that a peer does a measure in a round; the first one is for the caches. */
#define TRIES		6
/* Of what shows how fast the core is. */
#define STEPS		4000
/* As many cycles there and back are far: processors that share no cache. */
#define FAR		400

enum { THEIRS, OURS, PEERS };
/* Which rounds: ANY is for what one processor does. */
enum kind { ANY, IS_NEAR, IS_FAR };

static const struct bench_peer * const peers[PEERS] = {
	[THEIRS] = &bench_theirs,
	[OURS] = &bench_ours,
};

/*
 * @measure: which one, in the table of each peer
 * @cpus: processors that take part
 * @name: of the row
 * @cycles: of one operation, in each round
 */
struct row {
	unsigned int	measure;
	unsigned int	cpus;
	char		name[32];
	double		*cycles[PEERS];
};

static struct row rows[ROWS];
static unsigned int nr_rows;
static unsigned int nr_rounds;
/* Of each round, or 0 with one processor. */
static double *distances;
/* Room for a figure of each round. */
static double *scratch;

/* The median and the quartiles. */
struct summary {
	double	low, median, high;
};

void bench_die(const char *what)
{
	fprintf(stderr, "bench: not so: %s\n", what);
	exit(1);
}

/*
 * Statistics
 */

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

double bench_median(double *values, unsigned int n)
{
	qsort(values, n, sizeof(*values), compare);
	return values[n / 2];
}

/* Sorts @values. */
static struct summary summarise(double *values, unsigned int n)
{
	double median = bench_median(values, n);

	return (struct summary){
		.low = values[n / 4],
		.median = median,
		.high = values[n - 1 - n / 4],
	};
}

static bool is_of(unsigned int round, enum kind kind)
{
	return kind == ANY || (kind == IS_FAR) == (distances[round] >= FAR);
}

static unsigned int count_rounds(enum kind kind)
{
	unsigned int round, n = 0;

	for (round = 0; round < nr_rounds; round++)
		n += is_of(round, kind);
	return n;
}

/* Fewer tell nothing: the processors were moved during most of them. */
static bool enough_rounds(enum kind kind)
{
	return 10 * count_rounds(kind) >= nr_rounds;
}

/* Collects the rounds of one peer, or the ratios if it is PEERS. */
static struct summary summarise_row(const struct row *row, enum kind kind, int peer)
{
	unsigned int round, n = 0;

	for (round = 0; round < nr_rounds; round++) {
		if (!is_of(round, kind))
			continue;
		scratch[n++] = peer < PEERS ? row->cycles[peer][round] :
			       row->cycles[OURS][round] / row->cycles[THEIRS][round];
	}
	return summarise(scratch, n);
}

static struct summary summarise_distances(enum kind kind)
{
	unsigned int round, n = 0;

	for (round = 0; round < nr_rounds; round++)
		if (is_of(round, kind))
			scratch[n++] = distances[round];
	return summarise(scratch, n);
}

/*
 * What is measured
 */

static void *allocate(size_t size)
{
	void *mem = kzalloc(size, GFP_KERNEL);

	bench_expect(mem);
	return mem;
}

static void add_row(unsigned int measure, unsigned int cpus)
{
	const struct bench_measure *what = &peers[THEIRS]->measures[measure];
	struct row *row = &rows[nr_rows++];
	int peer;

	bench_expect(nr_rows <= ROWS);
	row->measure = measure;
	row->cpus = cpus;
	snprintf(row->name, sizeof(row->name), what->each ? "%s-%u" : "%s",
		 what->name, cpus);
	for (peer = 0; peer < PEERS; peer++)
		row->cycles[peer] = allocate(nr_rounds * sizeof(double));
}

/* Where there are enough processors, and for 2, 4, 8 and so on, and all of them. */
static void add_rows(unsigned int cpus)
{
	const struct bench_measure *measures = peers[THEIRS]->measures;
	unsigned int i, n;

	for (i = 0; measures[i].name; i++) {
		if (measures[i].cpus > cpus) {
			printf("- Skipped: %s, which takes %u processors: there is %u\n",
			       measures[i].name, measures[i].cpus, cpus);
			continue;
		}
		add_row(i, measures[i].cpus);
		if (!measures[i].each)
			continue;
		for (n = 2 * measures[i].cpus; n < cpus; n *= 2)
			add_row(i, n);
		if (cpus > measures[i].cpus)
			add_row(i, cpus);
	}
}

static double measure(const struct bench_peer *peer, const struct row *row)
{
	const struct bench_measure *what = &peer->measures[row->measure];
	double tries[TRIES];
	int i;

	for (i = 0; i < TRIES; i++)
		tries[i] = what->run(row->cpus);
	return bench_median(tries + 1, TRIES - 1);
}

static void run_round(unsigned int round, unsigned int cpus)
{
	unsigned int i;
	int turn, peer;

	distances[round] = cpus > 1 ? team_distance() : 0;
	for (i = 0; i < nr_rows; i++) {
		for (turn = 0; turn < PEERS; turn++) {
			peer = (turn + round) % PEERS;
			rows[i].cycles[peer][round] = measure(peers[peer], &rows[i]);
		}
	}
}

/*
 * What is printed
 */

static u64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* Additions of which each needs the result of the one before: a core's cycle. */
static void add(void)
{
	unsigned long sum = 0;
	int i;

	for (i = 0; i < STEPS; i += 4)
		__asm__ __volatile__("addq $1, %0; addq $1, %0; addq $1, %0; addq $1, %0"
				     : "+r" (sum));
}

static void add_atomically(void)
{
	static atomic_t sum ____cacheline_aligned_in_smp;
	int i;

	for (i = 0; i < STEPS; i++)
		atomic_inc(&sum);
}

/* Cycles of one of the STEPS that @fn takes. */
static double step(void (*fn)(void))
{
	double tries[TRIES];
	u64 start;
	int i;

	for (i = 0; i < TRIES; i++) {
		start = bench_now();
		fn();
		tries[i] = (double)(bench_now() - start) / STEPS;
	}
	return bench_median(tries, TRIES);
}

static void print_clock(u64 cycles, u64 ns)
{
	printf("- TSC: %.0f MHz; a cycle of the core takes %.2f of its cycles, ",
	       1000.0 * cycles / ns, step(add));
	printf("an atomic operation %.1f\n", step(add_atomically));
	printf("- Rounds: %u in %.1f s\n", nr_rounds, ns / 1e9);
}

static const char *kind_name(enum kind kind)
{
	return kind == ANY ? "one" : kind == IS_FAR ? "far" : "near";
}

static void print_cores(double before, double after)
{
	struct summary distance;
	enum kind kind;

	printf("- Cores: a cache line there and back took %.0f cycles before, %.0f after; ",
	       before, after);
	for (kind = IS_NEAR; kind <= IS_FAR; kind++) {
		if (!count_rounds(kind))
			continue;
		distance = summarise_distances(kind);
		printf("%s in %u rounds, %.0f (%.0f to %.0f); ", kind_name(kind),
		       count_rounds(kind), distance.median, distance.low,
		       distance.high);
	}
	printf("far is %u and more\n", FAR);
}

static void print_cycles(struct summary cycles)
{
	int digits = cycles.median < 1000;

	printf(" %.*f (%.*f to %.*f) |", digits, cycles.median, digits, cycles.low,
	       digits, cycles.high);
}

static void print_row(const struct row *row, enum kind kind)
{
	struct summary ratio = summarise_row(row, kind, PEERS);
	int peer;

	printf("| %s | %s |", row->name, kind_name(kind));
	for (peer = 0; peer < PEERS; peer++)
		print_cycles(summarise_row(row, kind, peer));
	printf(" %.2f (%.2f to %.2f) |\n", ratio.median, ratio.low, ratio.high);
}

static void print_rows(enum kind kind)
{
	unsigned int i;

	for (i = 0; i < nr_rows; i++)
		if (kind == ANY ? rows[i].cpus == 1 : rows[i].cpus > 1)
			print_row(&rows[i], kind);
}

static void print_table(void)
{
	printf("\n| TSC cycles of an operation | cores | %s | %s | ratio |\n",
	       peers[THEIRS]->name, peers[OURS]->name);
	printf("| --- | --- | ---: | ---: | ---: |\n");
	print_rows(ANY);
	if (enough_rounds(IS_NEAR))
		print_rows(IS_NEAR);
	if (enough_rounds(IS_FAR))
		print_rows(IS_FAR);
}

static void run(unsigned int cpus)
{
	double before = cpus > 1 ? team_distance() : 0;
	u64 ns = now_ns(), cycles = bench_now();
	unsigned int round;

	for (round = 0; round < nr_rounds; round++)
		run_round(round, cpus);
	print_clock(bench_now() - cycles, now_ns() - ns);
	if (cpus > 1)
		print_cores(before, team_distance());
	print_table();
}

int main(int argc, char **argv)
{
	unsigned int cpus;
	int peer;

	nr_rounds = argc == 2 ? atoi(argv[1]) : 0;
	if (!nr_rounds || nr_rounds > 100000) {
		fputs("usage: bench ROUNDS\n", stderr);
		return 1;
	}
	machine_enter("main");
	machine_bind(0);
	cpus = machine_cpus();
	if (cpus > TEAM_MAX)
		cpus = TEAM_MAX;
	distances = allocate(nr_rounds * sizeof(*distances));
	scratch = allocate(nr_rounds * sizeof(*scratch));
	team_start(cpus);
	for (peer = 0; peer < PEERS; peer++)
		peers[peer]->create(cpus);
	add_rows(cpus);
	run(cpus);
	for (peer = 0; peer < PEERS; peer++)
		peers[peer]->destroy();
	bench_expect(!machine_reports());
	return 0;
}
