/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the modules need of the kernel, for programs: each header of the kernel
 * that they include is this one (see the Makefile).
 *
 * Here is what does not depend on how threads run.  The rest is the machine's:
 * machine.h of the folder that a program was built with, and the functions that
 * are declared below.  A machine is either real threads (native/) or actors that
 * take turns as a scheduler of ours decides (explore/).
 *
 * Each thing is the least that keeps the contract of the kernel's own, as far as
 * the modules rely on it.
 */
#ifndef _KWORKERX_USER_KERNEL_H
#define _KWORKERX_USER_KERNEL_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * Types and the compiler
 */

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;
typedef unsigned int gfp_t;

#undef __always_inline
#define __always_inline		inline __attribute__((__always_inline__))
#define noinline		__attribute__((__noinline__))
#define __printf(fmt, args)	__attribute__((__format__(__printf__, fmt, args)))
#define __maybe_unused		__attribute__((__unused__))
#define __init
#define __exit
#define __percpu
#define __rcu
#define __acquires(lock)
#define __releases(lock)
#define __release(lock)		((void)0)

#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#define BIT(nr)			(1UL << (nr))
#define prefetchw(address)	__builtin_prefetch(address, 1)
#define barrier()		__asm__ __volatile__("" : : : "memory")
#define __stringify_1(x)	#x
#define __stringify(x)		__stringify_1(x)
#define __cat_1(a, b)		a ## b
#define __cat(a, b)		__cat_1(a, b)
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define container_of(ptr, type, member)					\
	((type *)((char *)(ptr) - offsetof(type, member)))
#define IS_ENABLED(option)	0
#define data_race(expr)		(expr)

#define min_t(type, a, b)	min((type)(a), (type)(b))
#define min(a, b)							\
({									\
	__typeof__(a) __a = (a);					\
	__typeof__(b) __b = (b);					\
									\
	__a < __b ? __a : __b;						\
})
#define max(a, b)							\
({									\
	__typeof__(a) __a = (a);					\
	__typeof__(b) __b = (b);					\
									\
	__a > __b ? __a : __b;						\
})

#define SMP_CACHE_BYTES		64
#define ____cacheline_aligned_in_smp	__attribute__((__aligned__(SMP_CACHE_BYTES)))

#define MAX_ERRNO		4095
#define IS_ERR_VALUE(x)		((unsigned long)(x) >= (unsigned long)-MAX_ERRNO)
#define IS_ERR(ptr)		unlikely(IS_ERR_VALUE(ptr))
#define IS_ERR_OR_NULL(ptr)	(unlikely(!(ptr)) || IS_ERR(ptr))
#define ERR_PTR(error)		((void *)(long)(error))
#define ERR_CAST(ptr)		((void *)(ptr))
#define PTR_ERR(ptr)		((long)(ptr))

/*
 * What there is in a program, too, or has no meaning there
 */

#define EXPORT_SYMBOL(symbol)
#define EXPORT_SYMBOL_GPL(symbol)
#define EXPORT_TRACEPOINT_SYMBOL_GPL(name)
#define MODULE_AUTHOR(text)
#define MODULE_DESCRIPTION(text)
#define MODULE_VERSION(text)
#define MODULE_LICENSE(text)
#define MODULE_PARM_DESC(name, text)
#define module_param_named(name, variable, type, mode)
/* Other modules are what a program says, which tells of their end by the notifier. */
#define CONFIG_MODULES		1
#define MODULE_STATE_GOING	2
#define NOTIFY_DONE		0
#define NOTIFY_OK		1
struct module { unsigned long base, size; };
struct notifier_block {
	int (*notifier_call)(struct notifier_block *block, unsigned long event,
			     void *module);
};

extern struct notifier_block *module_notifier;
__attribute__((__weak__)) struct notifier_block *module_notifier;
#define register_module_notifier(block)	(module_notifier = (block), 0)
#define unregister_module_notifier(block)	((void)(block))
#define module_name(module)	((void)(module), "other")
#define within_module(addr, module)	((addr) - (module)->base < (module)->size)
#define THIS_MODULE		NULL
#define __module_get(module)	((void)(module))
#define module_put(module)	((void)(module))
/* For the program to call: kworkerx_module_init() of kworkerx.c, and so on. */
#define module_init(fn)							\
	int __cat(KBUILD_MODNAME, _module_init)(void);			\
	int __cat(KBUILD_MODNAME, _module_init)(void) { return fn(); }
#define module_exit(fn)							\
	void __cat(KBUILD_MODNAME, _module_exit)(void);			\
	void __cat(KBUILD_MODNAME, _module_exit)(void) { fn(); }

struct static_key_false { int enabled; };
#define DEFINE_STATIC_KEY_FALSE(name)	struct static_key_false name
#define static_branch_unlikely(key)	unlikely((key)->enabled)
#define static_branch_inc(key)		((void)(key)->enabled++)
#define static_branch_dec(key)		((void)(key)->enabled--)

/* Trace events are off. */
#define TP_PROTO(...)		__VA_ARGS__
#define TP_ARGS(...)		__VA_ARGS__
#define DECLARE_EVENT_CLASS(...)
#define DEFINE_EVENT(class, name, proto, args)				\
	static inline void trace_ ## name(proto) { }
#define DEFINE_EVENT_FN(class, name, proto, args, reg, unreg)		\
	DEFINE_EVENT(class, name, PARAMS(proto), PARAMS(args))
#define PARAMS(...)		__VA_ARGS__
#define TRACE_EVENT(name, proto, ...)					\
	static inline void trace_ ## name(proto) { }

/* There is no lockdep. */
struct lock_class_key { };
struct lockdep_map { };
#define lockdep_depth(task)	0
#define lockdep_set_notrack_class(lock)	((void)(lock))
#define lockdep_assert_held(lock)	((void)(lock))
#define might_lock(lock)	((void)(lock))
#define debug_show_held_locks(task)	((void)(task))

/*
 * Lists
 */

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

#define LIST_HEAD_INIT(name)	{ &(name), &(name) }
#define LIST_HEAD(name)		struct list_head name = LIST_HEAD_INIT(name)

static inline void INIT_LIST_HEAD(struct list_head *list)
{
	list->next = list;
	list->prev = list;
}

static inline void __list_add(struct list_head *node, struct list_head *prev,
			      struct list_head *next)
{
	next->prev = node;
	node->next = next;
	node->prev = prev;
	prev->next = node;
}

static inline void list_add(struct list_head *node, struct list_head *head)
{
	__list_add(node, head, head->next);
}

static inline void list_add_tail(struct list_head *node, struct list_head *head)
{
	__list_add(node, head->prev, head);
}

static inline void __list_del_entry(struct list_head *node)
{
	node->next->prev = node->prev;
	node->prev->next = node->next;
}

static inline void list_del_init(struct list_head *node)
{
	__list_del_entry(node);
	INIT_LIST_HEAD(node);
}

static inline void list_splice_init(struct list_head *list, struct list_head *head)
{
	if (list->next == list)
		return;
	list->next->prev = head;
	list->prev->next = head->next;
	head->next->prev = list->prev;
	head->next = list->next;
	INIT_LIST_HEAD(list);
}

static inline void list_move(struct list_head *node, struct list_head *head)
{
	__list_del_entry(node);
	list_add(node, head);
}

static inline void list_move_tail(struct list_head *node, struct list_head *head)
{
	__list_del_entry(node);
	list_add_tail(node, head);
}

static inline bool list_empty(const struct list_head *head)
{
	return head->next == head;
}

#define list_entry(ptr, type, member)	container_of(ptr, type, member)
#define list_first_entry(head, type, member)				\
	list_entry((head)->next, type, member)
#define list_first_entry_or_null(head, type, member)			\
	(list_empty(head) ? NULL : list_first_entry(head, type, member))
#define list_for_each(pos, head)					\
	for (pos = (head)->next; pos != (head); pos = pos->next)
#define list_for_each_entry(pos, head, member)				\
	for (pos = list_entry((head)->next, __typeof__(*pos), member);	\
	     &pos->member != (head);					\
	     pos = list_entry(pos->member.next, __typeof__(*pos), member))
#define list_for_each_entry_safe(pos, n, head, member)			\
	for (pos = list_entry((head)->next, __typeof__(*pos), member),	\
	     n = list_entry(pos->member.next, __typeof__(*pos), member);	\
	     &pos->member != (head);					\
	     pos = n, n = list_entry(n->member.next, __typeof__(*n), member))

/*
 * The machine: accesses to memory that others may see, atomic operations,
 * interrupts and preemption, raw spinlocks, the caller's task, and what a thread
 * is beyond the fields that modules look at (struct machine_task).
 */

struct task_struct;
typedef struct { int counter; } atomic_t;
typedef struct { long counter; } atomic_long_t;

#include "machine.h"

/* Unless the machine has its own. */
#ifndef local_irq_save
#define local_irq_save(flags)						\
do {									\
	(flags) = !irqs_disabled();					\
	local_irq_disable();						\
} while (0)
#define local_irq_restore(flags)					\
do {									\
	if (flags)							\
		local_irq_enable();					\
} while (0)
#define irqs_disabled_flags(flags)	(!(flags))
#endif
#define softirq_count()		0
#define local_bh_enable()	((void)0)

#define ATOMIC_INIT(value)		{ (value) }
#define ATOMIC_LONG_INIT(value)		{ (value) }
#define atomic_read(v)			READ_ONCE((v)->counter)
#define atomic_set(v, value)		WRITE_ONCE((v)->counter, (value))
#define atomic_try_cmpxchg(v, old, value)	try_cmpxchg(&(v)->counter, old, value)
#define smp_store_mb(var, value)	((void)xchg(&(var), (value)))

/*
 * Reports
 */

/* The format is the kernel's.  A machine says what a report means there. */
void machine_warn(const char *format, ...);

#define WARN(condition, ...)						\
({									\
	bool __failed = (condition);					\
									\
	if (unlikely(__failed))						\
		machine_warn(__VA_ARGS__);				\
	unlikely(__failed);						\
})
#define WARN_ONCE(condition, ...)	WARN(condition, __VA_ARGS__)
#define WARN_ON(condition)		WARN(condition, "%s", #condition)
#define WARN_ON_ONCE(condition)		WARN(condition, "%s", #condition)
#define pr_err(...)			machine_warn(__VA_ARGS__)

/* What %pV stands for. */
struct va_format {
	const char	*fmt;
	va_list		*va;
};

/*
 * Memory
 */

#define GFP_KERNEL	0u
#define GFP_ATOMIC	0u

void *kmalloc(size_t size, gfp_t flags);
void *kzalloc(size_t size, gfp_t flags);
void kfree(const void *mem);
char *kvasprintf(gfp_t flags, const char *format, va_list args);
int vsnprintf(char *text, size_t size, const char *format, va_list args);

static inline __printf(2, 3) char *kasprintf(gfp_t flags, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = kvasprintf(flags, format, args);
	va_end(args);
	return text;
}

/* Fits, or is cut off. */
static inline long strscpy(char *to, const char *from, size_t size)
{
	size_t len = strnlen(from, size);

	if (len == size)
		len--;
	memcpy(to, from, len);
	to[len] = '\0';
	return len;
}

/*
 * Tasks, CPUs and policies
 */

#define TASK_COMM_LEN		16
#define TASK_RUNNING		0x0000
#define TASK_INTERRUPTIBLE	0x0001
#define TASK_UNINTERRUPTIBLE	0x0002
#define TASK_PARKED		0x0040
#define TASK_NORMAL		(TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)
#define TASK_IDLE		(TASK_UNINTERRUPTIBLE | 0x0400)
#define TASK_FREEZABLE_UNSAFE	0x2000
#define PF_KTHREAD		0x00200000
#define MAX_SCHEDULE_TIMEOUT	((long)(~0UL >> 1))

#define NUMA_NO_NODE		(-1)
#define MAX_NUMNODES		1
#define node_online(node)	((node) == 0)
#define nr_cpu_ids		2
#define cpu_possible(cpu)	((cpu) < 2)
#define cpu_to_node(cpu)	((void)(cpu), 0)

struct cpumask { unsigned long bits; };
typedef struct cpumask cpumask_var_t[1];
#define alloc_cpumask_var(mask, flags)	((void)(mask), true)
#define free_cpumask_var(mask)		((void)(mask))
#define cpumask_copy(to, from)		((void)(*(to) = *(from)))

#define SCHED_NORMAL		0
#define SCHED_FIFO		1
/* So that no task is urgent. */
#define MAX_RT_PRIO		0
/* The C library may have a structure of this name. */
#define sched_attr		kernel_sched_attr
struct sched_attr {
	u32 sched_policy;
	s32 sched_nice;
	u32 sched_priority;
};

/*
 * @__state: written by the task itself, and by who wakes it
 * @flags: PF_KTHREAD or 0; constant
 * @prio: which nobody has raised here
 * @rcu_read_lock_nesting: the task's own
 * @comm: name; constant
 * @cpus_mask: where it may run
 * @cpus_ptr: the same here, where nobody is kept from migrating
 * @machine: what the machine needs
 */
struct task_struct {
	unsigned int		__state;
	unsigned int		flags;
	int			prio;
	int			rcu_read_lock_nesting;
	char			comm[TASK_COMM_LEN];
	struct cpumask		cpus_mask;
	const struct cpumask	*cpus_ptr;
	struct machine_task	machine;
};

#define __set_current_state(state)	WRITE_ONCE(current->__state, (state))
#define set_current_state(state)	smp_store_mb(current->__state, (state))

#define time_after_eq(a, b)	((long)((a) - (b)) >= 0)
#define time_before(a, b)	(!time_after_eq(a, b))

/* Every task has a CPU for itself. */
#define single_task_running()	true
#define need_resched()		false
u64 local_clock(void);
#define NSEC_PER_USEC		1000L

void schedule(void);
long schedule_timeout_uninterruptible(long timeout);
int wake_up_process(struct task_struct *task);
int set_cpus_allowed_ptr(struct task_struct *task, const struct cpumask *mask);
int sched_setattr_nocheck(struct task_struct *task, const struct sched_attr *attr);

__printf(4, 5) struct task_struct *
kthread_create_on_node(int (*fn)(void *data), void *data, int node,
		       const char *format, ...);
/* It stays. */
#define get_task_struct(task)	(task)
#define put_task_struct(task)	((void)(task))
void kthread_bind(struct task_struct *task, unsigned int cpu);
int kthread_stop(struct task_struct *task);
bool kthread_should_stop(void);
int kthread_park(struct task_struct *task);
void kthread_unpark(struct task_struct *task);
bool kthread_should_park(void);
void kthread_parkme(void);
void *kthread_func(struct task_struct *task);
void *kthread_data(struct task_struct *task);
#define kthread_create(fn, data, ...)					\
	kthread_create_on_node(fn, data, NUMA_NO_NODE, __VA_ARGS__)
#define kthread_run(fn, data, ...)					\
({									\
	struct task_struct *__task = kthread_create(fn, data, __VA_ARGS__); \
									\
	if (!IS_ERR(__task))						\
		wake_up_process(__task);				\
	__task;								\
})

/*
 * RCU: a section with interrupts or preemption off is a read-side section.
 */

#define rcu_preempt_depth()	READ_ONCE(current->rcu_read_lock_nesting)
#define rcu_read_lock()		((void)current->rcu_read_lock_nesting++)
#define rcu_read_unlock()	((void)current->rcu_read_lock_nesting--)
void synchronize_rcu(void);
/* To wait for one that is over already is always right. */
#define get_state_synchronize_rcu()	0UL
#define cond_synchronize_rcu(state)	((void)(state), synchronize_rcu())
#define cond_resched_tasks_rcu_qs()	cond_resched()

/*
 * Completions
 */

struct completion { unsigned int done; };
/* The stock worker's. */
#define COMPLETION_INITIALIZER_ONSTACK(completion)	{ 0 }
#define init_completion(completion)	((void)((completion)->done = 0))
#define DECLARE_COMPLETION_ONSTACK(name)	struct completion name = { 0 }
#define reinit_completion(completion)	init_completion(completion)

/* The waiter may free the completion as soon as it is done. */
void complete(struct completion *completion);
void wait_for_completion(struct completion *completion);
bool try_wait_for_completion(struct completion *completion);
static inline int wait_for_completion_state(struct completion *completion,
					    unsigned int state)
{
	wait_for_completion(completion);
	return 0;
}

unsigned long wait_for_completion_timeout(struct completion *completion,
					  unsigned long timeout);

/* Whoever has it may sleep, and nobody asks who that is. */
struct mutex { struct completion free; };
#define DEFINE_MUTEX(name)	struct mutex name = { { 1 } }
#define mutex_lock(mutex)	wait_for_completion(&(mutex)->free)
#define mutex_unlock(mutex)	complete(&(mutex)->free)
#define rt_mutex		mutex
#define rt_mutex_init(lock)	((void)(*(lock) = (struct mutex){ { 1 } }))
#define rt_mutex_lock		mutex_lock
#define rt_mutex_unlock		mutex_unlock

/*
 * Timers
 */

#define TIMER_IRQSAFE		0x00200000

struct timer_list {
	struct list_head	entry;
	unsigned long		expires;
	void (*function)(struct timer_list *timer);
	u32			flags;
	struct machine_timer	machine;
};

#define __TIMER_INITIALIZER(fn, timer_flags)				\
	{ .function = (fn), .flags = (timer_flags) }
#define timer_setup(timer, fn, timer_flags)				\
	((void)(*(timer) = (struct timer_list)__TIMER_INITIALIZER(fn, timer_flags)))
#define timer_setup_on_stack(timer, fn, timer_flags)			\
	timer_setup(timer, fn, timer_flags)
#define timer_destroy_on_stack(timer)	((void)(timer))
#define timer_container_of(var, timer, member)				\
	container_of(timer, __typeof__(*var), member)

/* The C library has one, too. */
#define timer_delete	kernel_timer_delete
void add_timer(struct timer_list *timer);
int mod_timer(struct timer_list *timer, unsigned long expires);
int mod_timer_pending(struct timer_list *timer, unsigned long expires);
int timer_delete(struct timer_list *timer);
int timer_delete_sync(struct timer_list *timer);
int timer_delete_sync_try(struct timer_list *timer);
bool timer_pending(const struct timer_list *timer);

/*
 * What an interrupt does soon for who cannot do it himself.
 */

struct irq_work {
	void (*func)(struct irq_work *work);
	struct machine_irq_work	machine;
};

#define IRQ_WORK_INIT_HARD(fn)	((struct irq_work){ .func = (fn) })
bool irq_work_queue(struct irq_work *work);
void irq_work_sync(struct irq_work *work);

/*
 * Devices: their resources are freed with them, which no program tries.
 */

struct device;
#define devres_alloc(release, size, flags)				\
	((void)(release), kzalloc(size, flags))
#define devres_free(res)	kfree(res)
#define devres_add(dev, res)	((void)(dev), (void)(res))

#define struct_size(ptr, array, nr)					\
	(sizeof(*(ptr)) + (nr) * sizeof((ptr)->array[0]))
#define kmalloc_obj(obj, flags)	kmalloc(sizeof(obj), flags)
#define kzalloc_obj(obj, flags)	kzalloc(sizeof(obj), flags)

#endif /* _KWORKERX_USER_KERNEL_H */
