// SPDX-License-Identifier: GPL-2.0-only
/*
 * kwxstat - how busy each CPU is, as measured by the CPU itself.
 *
 *	# cat /dev/kwxstat
 *	cpu samples late_avg_us late_max_us
 *	0       412          31         840
 *	1       398          29         516
 *	2   offline
 *
 * Ten times a second a work of a per-CPU set looks on every CPU how much later
 * than it was due it runs: that is what the timer, the scheduler and the works
 * before it have taken.  The numbers of a CPU are written by works of that CPU
 * alone, and are read there, too, by kworkerx_percpu_call(): so there is no
 * lock and nothing atomic, although readers see numbers that belong together.
 *
 * The set holds the work of a CPU that goes away.  It samples again when the
 * CPU is back; what it finds late then is not counted if that is a second.
 */
#include <linux/cpumask.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/seq_file.h>

#include <kworkerx_percpu.h>

#define KWXSTAT_PERIOD	(HZ / 10)

/**
 * struct kwxstat_sample - what one CPU knows of itself
 * @dwork: takes the next sample
 * @due: when that is
 * @count: samples so far
 * @sum_us: by how much they were late in total
 * @max_us: by how much at most
 */
struct kwxstat_sample {
	struct kworkerx_delayed_work	dwork;
	ktime_t				due;
	u64				count;
	u64				sum_us;
	u64				max_us;
};

/* A reader's copy of the numbers. */
struct kwxstat_row {
	bool	online;
	u64	count;
	u64	sum_us;
	u64	max_us;
};

static struct kworkerx_percpu *kwxstat_set;
static DEFINE_PER_CPU(struct kwxstat_sample, kwxstat_samples);

static void kwxstat_rearm(struct kwxstat_sample *sample, int cpu)
{
	sample->due = ktime_add_us(ktime_get(),
				   jiffies_to_usecs(KWXSTAT_PERIOD));
	kworkerx_percpu_queue_delayed_work_on(kwxstat_set, cpu, &sample->dwork,
					      KWXSTAT_PERIOD);
}

static void kwxstat_fn(struct kworkerx_work *work)
{
	struct kwxstat_sample *sample =
		container_of(work, struct kwxstat_sample, dwork.work);
	s64 late = max_t(s64, 0, ktime_us_delta(ktime_get(), sample->due));

	/* So late is only a CPU that was away. */
	if (late < USEC_PER_SEC) {
		sample->count++;
		sample->sum_us += late;
		sample->max_us = max_t(u64, sample->max_us, late);
	}
	kwxstat_rearm(sample, raw_smp_processor_id());
}

/* On the CPU: no sample is taken meanwhile. */
static int kwxstat_copy(void *rows)
{
	struct kwxstat_sample *sample = raw_cpu_ptr(&kwxstat_samples);
	struct kwxstat_row *row = rows;

	row[raw_smp_processor_id()] = (struct kwxstat_row) {
		.online = true,
		.count = sample->count,
		.sum_us = sample->sum_us,
		.max_us = sample->max_us,
	};
	return 0;
}

static void kwxstat_print(struct seq_file *m, int cpu,
			  const struct kwxstat_row *row)
{
	if (!row->online)
		seq_printf(m, "%-3d %7s\n", cpu, "offline");
	else
		seq_printf(m, "%-3d %7llu %11llu %11llu\n", cpu, row->count,
			   row->count ? div64_u64(row->sum_us, row->count) : 0,
			   row->max_us);
}

static int kwxstat_show(struct seq_file *m, void *unused)
{
	struct kwxstat_row *rows;
	int cpu, err;

	rows = kcalloc(nr_cpu_ids, sizeof(*rows), GFP_KERNEL);
	if (!rows)
		return -ENOMEM;
	err = kworkerx_percpu_call(kwxstat_set, kwxstat_copy, rows);
	if (!err) {
		seq_puts(m, "cpu samples late_avg_us late_max_us\n");
		for_each_present_cpu(cpu)
			kwxstat_print(m, cpu, &rows[cpu]);
	}
	kfree(rows);
	return err;
}

static int kwxstat_open(struct inode *inode, struct file *file)
{
	/* Set by misc_open(), but it is where seq_file keeps its own. */
	file->private_data = NULL;
	return single_open(file, kwxstat_show, NULL);
}

static const struct file_operations kwxstat_fops = {
	.owner		= THIS_MODULE,
	.open		= kwxstat_open,
	.release	= single_release,
	.read		= seq_read,
	.llseek		= seq_lseek,
};

static struct miscdevice kwxstat_device = {
	.minor		= MISC_DYNAMIC_MINOR,
	.name		= "kwxstat",
	.mode		= 0444,
	.fops		= &kwxstat_fops,
};

static void kwxstat_stop(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		kworkerx_cancel_delayed_work_sync(&per_cpu(kwxstat_samples,
							   cpu).dwork);
	kworkerx_percpu_destroy(kwxstat_set);
}

static int __init kwxstat_init(void)
{
	static const struct kworkerx_percpu_attr attr = {
		.name = "kwxstat/%u",
		.policy = KWORKERX_PERCPU_HOLD,
	};
	struct kwxstat_sample *sample;
	int cpu, err;

	kwxstat_set = kworkerx_percpu_create(&attr);
	if (IS_ERR(kwxstat_set))
		return PTR_ERR(kwxstat_set);

	for_each_possible_cpu(cpu) {
		sample = &per_cpu(kwxstat_samples, cpu);
		kworkerx_init_delayed_work(&sample->dwork, kwxstat_fn);
		if (cpu_present(cpu))
			kwxstat_rearm(sample, cpu);
	}
	err = misc_register(&kwxstat_device);
	if (err)
		kwxstat_stop();
	return err;
}

static void __exit kwxstat_exit(void)
{
	misc_deregister(&kwxstat_device);
	kwxstat_stop();
}

module_init(kwxstat_init);
module_exit(kwxstat_exit);

MODULE_AUTHOR("The kworkerx developers");
MODULE_DESCRIPTION("How late works run on each CPU, a sample of kworkerx_percpu");
MODULE_LICENSE("GPL");
