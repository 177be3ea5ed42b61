// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver for CPU frequencies that changes nothing, and counts who asks for it.
 *
 * It cannot switch fast, so that a governor which runs in the scheduler has to ask from
 * a thread of its own.  CPUs 0 and 1 share a policy and each other one has its own, since
 * there are two ways then by which schedutil comes to its queueing.  That thread may run
 * on the CPUs of its policy only, or anywhere for an odd CPU: there other CPUs ask, too,
 * with the lock of that one's queue.
 */
#include <linux/cpufreq.h>
#include <linux/cpumask.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>

#include "kworkerx.h"

/* In kHz.  A busy CPU is given a quarter more at a time, rounded up. */
static struct cpufreq_frequency_table kwx_table[] = {
	{ .frequency = 1000000 },
	{ .frequency = 1500000 },
	{ .frequency = 2000000 },
	{ .frequency = 2500000 },
	{ .frequency = 3000000 },
	{ .frequency = 3500000 },
	{ .frequency = 4000000 },
	{ .frequency = CPUFREQ_TABLE_END },
};

/* Protects the counts, which are read without it. */
static DEFINE_MUTEX(kwx_lock);

static unsigned int kwx_ups;
module_param_named(ups, kwx_ups, uint, 0444);
MODULE_PARM_DESC(ups, "Changes to a higher frequency, by works of kworkerx");

static unsigned int kwx_downs;
module_param_named(downs, kwx_downs, uint, 0444);
MODULE_PARM_DESC(downs, "Changes to a lower frequency, by works of kworkerx");

static unsigned int kwx_others;
module_param_named(others, kwx_others, uint, 0444);
MODULE_PARM_DESC(others, "Changes by somebody else");

static int kwx_target_index(struct cpufreq_policy *policy, unsigned int index)
{
	mutex_lock(&kwx_lock);
	if (!kworkerx_current_worker())
		kwx_others++;
	else if (kwx_table[index].frequency > policy->cur)
		kwx_ups++;
	else
		kwx_downs++;
	mutex_unlock(&kwx_lock);
	return 0;
}

static int kwx_init(struct cpufreq_policy *policy)
{
	if (policy->cpu < 2 && nr_cpu_ids >= 2) {
		cpumask_set_cpu(0, policy->cpus);
		cpumask_set_cpu(1, policy->cpus);
	} else {
		policy->dvfs_possible_from_any_cpu = policy->cpu & 1;
	}
	policy->freq_table = kwx_table;
	policy->cur = kwx_table[0].frequency;
	policy->transition_delay_us = 1;
	return 0;
}

static struct cpufreq_driver kwx_driver = {
	.name		= "kworkerx",
	.init		= kwx_init,
	.verify		= cpufreq_generic_frequency_table_verify,
	.target_index	= kwx_target_index,
};

static int __init kwx_cpufreq_init(void)
{
	return cpufreq_register_driver(&kwx_driver);
}

static void __exit kwx_cpufreq_exit(void)
{
	cpufreq_unregister_driver(&kwx_driver);
}

module_init(kwx_cpufreq_init);
module_exit(kwx_cpufreq_exit);
MODULE_DESCRIPTION("CPU frequencies without hardware, for a test of kworkerx");
MODULE_LICENSE("GPL");
