/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trace events that call one probe each, which gets no data, instead of those of
 * kernel.h that are off.
 */
#ifndef _KWORKERX_USER_PROBES_H
#define _KWORKERX_USER_PROBES_H

#include "kernel.h"

#undef DEFINE_EVENT
#undef DEFINE_EVENT_FN
#undef TRACE_EVENT
#undef EXPORT_TRACEPOINT_SYMBOL_GPL

static inline int machine_no_hook(void)
{
	return 0;
}

#define MACHINE_EVENT(name, proto, args, reg, unreg)			\
	struct machine_probe_ ## name {					\
		void (*fn)(void *data, PARAMS(proto));			\
	};								\
	extern struct machine_probe_ ## name machine_probe_ ## name;	\
									\
	static inline void trace_ ## name(proto)			\
	{								\
		__typeof__(machine_probe_ ## name.fn) probe =		\
			READ_ONCE(machine_probe_ ## name.fn);		\
									\
		if (unlikely(probe))					\
			probe(NULL, args);				\
	}								\
									\
	static inline int						\
	register_trace_ ## name(void (*probe)(void *data, proto), void *data) \
	{								\
		reg();							\
		WRITE_ONCE(machine_probe_ ## name.fn, probe);	\
		return 0;						\
	}								\
									\
	static inline int						\
	unregister_trace_ ## name(void (*probe)(void *data, proto), void *data) \
	{								\
		WRITE_ONCE(machine_probe_ ## name.fn, NULL);	\
		unreg();						\
		return 0;						\
	}

#define DEFINE_EVENT_FN(class, name, proto, args, reg, unreg)		\
	MACHINE_EVENT(name, PARAMS(proto), PARAMS(args), reg, unreg)
#define DEFINE_EVENT(class, name, proto, args)				\
	MACHINE_EVENT(name, PARAMS(proto), PARAMS(args),		\
		      machine_no_hook, machine_no_hook)
#define TRACE_EVENT(name, proto, args, ...)				\
	MACHINE_EVENT(name, PARAMS(proto), PARAMS(args),		\
		      machine_no_hook, machine_no_hook)
#define EXPORT_TRACEPOINT_SYMBOL_GPL(name)				\
	struct machine_probe_ ## name machine_probe_ ## name

#endif /* _KWORKERX_USER_PROBES_H */
