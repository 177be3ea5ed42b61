/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the suite of the model needs of the kernel beyond what the modules do:
 * KUnit, and randomness, which is the input that the fuzzer makes up.  Each
 * header of the kernel that it includes is this one (see the Makefile).
 */
#ifndef _KWORKERX_USER_FUZZ_H
#define _KWORKERX_USER_FUZZ_H

#include "kernel.h"

typedef unsigned int uint;

int snprintf(char *to, size_t size, const char *format, ...);

/* For inline functions of the suites' header that the model does not call. */
#define NSEC_PER_MSEC	1000000L
u64 local_clock(void);
#define spinlock_t	raw_spinlock_t
struct perf_event;

#define module_param(name, type, mode)
#define MODULE_PARM_DESC(name, text)

/*
 * Randomness
 */

struct rnd_state { };

#define prandom_seed_state(state, seed)	((void)(state), (void)(seed))
u32 prandom_u32_state(struct rnd_state *state);
#define get_random_u32()	1u

/*
 * KUnit
 */

enum kunit_status {
	KUNIT_SUCCESS,
	KUNIT_FAILURE,
};

struct kunit_resource;
typedef void (*kunit_resource_free_t)(struct kunit_resource *res);

struct kunit_resource {
	kunit_resource_free_t	free;
	void			*data;
};

#define KUNIT_RESOURCES	32

/*
 * @status: a test with KUNIT_FAILURE does not go on
 * @resources: what ends with it, the last first
 */
struct kunit {
	const void		*param_value;
	void			*priv;
	enum kunit_status	status;
	struct kunit_resource	resources[KUNIT_RESOURCES];
	unsigned int		nr_resources;
};

struct kunit_case {
	void (*run_case)(struct kunit *test);
	const void *(*params)(void);
};

struct kunit_suite {
	const char		*name;
	struct kunit_case	*test_cases;
};

extern struct kunit_suite *fuzz_suite;

#define KUNIT_CASE(fn)			{ .run_case = (fn) }
#define KUNIT_CASE_SLOW(fn)		KUNIT_CASE(fn)
#define KUNIT_CASE_PARAM(fn, gen)	{ .run_case = (fn), .params = (gen) }
#define kunit_test_suite(suite)		struct kunit_suite *fuzz_suite = &(suite)

/* Of several parameters, the first. */
#define KUNIT_PARAM_DESC_SIZE	64
#define KUNIT_ARRAY_PARAM(name, array, describe)			\
	static const void *name ## _gen_params(void)			\
	{								\
		(void)(describe);					\
		return array;						\
	}

#define kunit_info(test, ...)	((void)(test))
void *kunit_kzalloc(struct kunit *test, size_t size, gfp_t flags);

/* Prints what is wrong, and aborts. */
__printf(1, 2) void fuzz_fail(const char *format, ...);

#define KUNIT_EXPECT_EQ_MSG(test, a, b, format, ...)			\
do {									\
	long __a = (a), __b = (b);					\
									\
	if (__a != __b)							\
		fuzz_fail(format ": %ld expected, not %ld",		\
			  __VA_ARGS__, __a, __b);			\
} while (0)
#define KUNIT_ASSERT_NOT_NULL(test, ptr)				\
do {									\
	if (!(ptr))							\
		fuzz_fail("%s is NULL", #ptr);				\
} while (0)

/*
 * What libFuzzer calls, and the program calls of the modules
 */

int fuzz_begin(int *argc, char ***argv) __asm__("LLVMFuzzerInitialize");
int fuzz_one(const u8 *data, size_t size) __asm__("LLVMFuzzerTestOneInput");
int kworkerx_module_init(void);

#endif /* _KWORKERX_USER_FUZZ_H */
