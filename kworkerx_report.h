/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How the modules of kworkerx report misuse; not for others.  A parameter of
 * kworkerx.ko decides what a report is: see kworkerx_say().
 */
#ifndef _KWORKERX_REPORT_H
#define _KWORKERX_REPORT_H

#include <linux/atomic.h>
#include <linux/compiler.h>

/* The parameter. */
extern unsigned int kworkerx_report_how;

__printf(1, 2) void kworkerx_say(const char *format, ...);

/* Tests begin another round to have what was said before said again. */
extern int kworkerx_report_round;

/* Whether it is the first time in this round. */
static inline bool kworkerx_first_report(int *reported)
{
	int round = READ_ONCE(kworkerx_report_round);

	return xchg(reported, round) != round;
}

/* Says once a round what is wrong, if it is, and whether it is. */
#define kworkerx_report(condition, ...)					\
({									\
	static int __reported;						\
	bool __wrong = (condition);					\
									\
	if (unlikely(__wrong) && kworkerx_first_report(&__reported))	\
		kworkerx_say(__VA_ARGS__);				\
	unlikely(__wrong);						\
})

#endif /* _KWORKERX_REPORT_H */
