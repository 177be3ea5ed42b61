// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer's target: each byte of the input is one random number for the
 * model, and the sequence of calls ends with the input.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

/* The input that is left, and the test that reads it. */
static const u8 *input;
static size_t left;
static struct kunit *reader;

u32 prandom_u32_state(struct rnd_state *state)
{
	if (left) {
		left--;
		return *input++;
	}
	/* It ends after this step. */
	reader->status = KUNIT_FAILURE;
	return 0;
}

void fuzz_fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("fuzz: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	abort();
}

static void end_test(struct kunit *test)
{
	struct kunit_resource *res;

	while (test->nr_resources) {
		res = &test->resources[--test->nr_resources];
		res->free(res);
	}
}

int fuzz_begin(int *argc, char ***argv)
{
	machine_enter("fuzzer");
	return kworkerx_module_init();
}

int fuzz_one(const u8 *data, size_t size)
{
	struct kunit_case *test_case = fuzz_suite->test_cases;
	struct kunit test = { .param_value = test_case->params() };

	input = data;
	left = size;
	reader = &test;
	test_case->run_case(&test);
	end_test(&test);
	if (machine_reports())
		fuzz_fail("there was a report");
	return 0;
}
