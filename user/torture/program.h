/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the program of the torture share.
 */
#ifndef _KWORKERX_USER_PROGRAM_H
#define _KWORKERX_USER_PROGRAM_H

#include "framework.h"

/* Of the modules. */
int kworkerx_module_init(void);
void kworkerx_module_exit(void);
int kworkerx_torture_module_init(void);
void kworkerx_torture_module_exit(void);

/* Of framework.c.  False if there is no such parameter; @name has @len bytes. */
bool machine_set_param(const char *name, size_t len, int value);

/* Of hrtimer.c. */
bool start_hrtimers(void);
void stop_hrtimers(void);

/* Of watchdog.c. */
bool start_watchdog(void);
void expect_end(void);
long works_run(void);

#endif /* _KWORKERX_USER_PROGRAM_H */
