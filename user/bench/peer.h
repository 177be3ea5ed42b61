/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What both peers are compiled with: each header of the kernel that they include
 * is this one (see the Makefile).
 *
 * A warning is one instruction, as it is in the kernel on x86, so that nobody
 * keeps registers free for a call that never comes.  Here it ends the program.
 */
#ifndef _KWORKERX_USER_PEER_H
#define _KWORKERX_USER_PEER_H

#include "kernel.h"

#undef WARN
#define WARN(condition, ...)						\
({									\
	bool __failed = (condition);					\
									\
	if (unlikely(__failed))						\
		__asm__ __volatile__("ud2");				\
	if (0)								\
		machine_warn(__VA_ARGS__);				\
	unlikely(__failed);						\
})

#endif /* _KWORKERX_USER_PEER_H */
