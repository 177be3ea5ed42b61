// SPDX-License-Identifier: GPL-2.0-only
/*
 * kwxsum - the checksum of all that is written to /dev/kwxsum.
 *
 *	# echo hello >/dev/kwxsum
 *	# cat /dev/kwxsum
 *	3015617425 6
 *
 * These are the CRC and the number of bytes that cksum(1) prints for the same
 * data, as POSIX defines them.
 *
 * write() only copies the data, in chunks, and hands each to a worker of
 * kworkerx.  The worker folds them into the sum first in first out and one at
 * a time, without which a CRC would be wrong.  The sum needs no lock for the
 * same reason: all that touches it, to read it or to start a new one included,
 * is a work on that one worker.
 *
 * The sum is the device's and not the open file's, so that one process can
 * read what another has written.  Opening with O_TRUNC, as the shell does for
 * ">", starts a new one; ">>" adds to the old.  Chunks of processes that write
 * at the same time interleave, as they do in a pipe.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/crc32.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/poll.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include <kworkerx.h>

/**
 * struct kwxsum_chunk - data on its way to the sum
 * @work: folds the chunk and frees it
 * @size: what the chunk takes of KWXSUM_IN_FLIGHT_MAX
 * @len: bytes in @data
 * @data: copied from user space
 */
struct kwxsum_chunk {
	struct kworkerx_work	work;
	u32			size;
	u32			len;
	u8			data[];
};

/* The longest @data: with what precedes it, the chunk fills an allocation. */
#define KWXSUM_LEN_MAX		(SZ_16K - sizeof(struct kwxsum_chunk))

/* How much memory writers may fill before they have to wait. */
#define KWXSUM_IN_FLIGHT_MAX	SZ_1M

/* The sum of what was written before. */
struct kwxsum_query {
	u32			crc;
	u64			bytes;
};

static void kwxsum_report_fn(struct kworkerx_work *work);
static DEFINE_KWORKERX_DELAYED_WORK(kwxsum_report, kwxsum_report_fn);

static struct {
	/* Constant while the device is registered. */
	struct kworkerx_worker	*worker;

	/* Only for works of @worker, which run one at a time. */
	u32			crc;
	u64			bytes;
	/* The same: what was folded, and since when, for the next report. */
	u64			traffic;
	unsigned long		since;

	/* Writers wait here for room; its lock protects what follows. */
	wait_queue_head_t	room;
	size_t			in_flight;
	unsigned int		chunks;
} kwxsum = {
	.room = __WAIT_QUEUE_HEAD_INITIALIZER(kwxsum.room),
};

/*
 * Room for chunks
 */

static bool kwxsum_has_room(size_t size)
{
	lockdep_assert_held(&kwxsum.room.lock);
	return kwxsum.in_flight + size <= KWXSUM_IN_FLIGHT_MAX;
}

static int kwxsum_get_room(size_t size, bool nonblock)
{
	int err;

	spin_lock(&kwxsum.room.lock);
	if (nonblock)
		err = kwxsum_has_room(size) ? 0 : -EAGAIN;
	else
		err = wait_event_interruptible_locked(kwxsum.room,
						      kwxsum_has_room(size));
	if (!err) {
		kwxsum.in_flight += size;
		kwxsum.chunks++;
	}
	spin_unlock(&kwxsum.room.lock);
	return err;
}

static void kwxsum_put_room(size_t size)
{
	spin_lock(&kwxsum.room.lock);
	kwxsum.in_flight -= size;
	kwxsum.chunks--;
	wake_up_locked(&kwxsum.room);
	spin_unlock(&kwxsum.room.lock);
}

/*
 * On the worker
 */

static void kwxsum_free_chunk(struct kwxsum_chunk *chunk)
{
	size_t size = chunk->size;

	kfree(chunk);
	kwxsum_put_room(size);
}

static void kwxsum_fold_fn(struct kworkerx_work *work)
{
	struct kwxsum_chunk *chunk =
		container_of(work, struct kwxsum_chunk, work);
	unsigned long now = jiffies;

	/* Refused while it is armed; otherwise this chunk ends a pause. */
	if (kworkerx_queue_delayed_work(kwxsum.worker, &kwxsum_report, HZ))
		kwxsum.since = now;

	kwxsum.crc = crc32_be(kwxsum.crc, chunk->data, chunk->len);
	kwxsum.bytes += chunk->len;
	kwxsum.traffic += chunk->len;
	kwxsum_free_chunk(chunk);
}

/* Once a second while there is traffic; the first chunk after that arms it. */
static void kwxsum_report_fn(struct kworkerx_work *work)
{
	unsigned long now = jiffies;

	if (!kwxsum.traffic)
		return;

	pr_info("%llu bytes/s, %u chunks queued\n",
		div64_ul(kwxsum.traffic * HZ, now - kwxsum.since),
		READ_ONCE(kwxsum.chunks));
	kwxsum.traffic = 0;
	kwxsum.since = now;
	kworkerx_queue_delayed_work(kwxsum.worker, &kwxsum_report, HZ);
}

/* Called behind all that was written before, by kworkerx_call(). */
static int kwxsum_reset(void *unused)
{
	kwxsum.crc = 0;
	kwxsum.bytes = 0;
	return 0;
}

static int kwxsum_query(void *arg)
{
	struct kwxsum_query *query = arg;

	query->crc = kwxsum.crc;
	query->bytes = kwxsum.bytes;
	return 0;
}

/*
 * The device
 */

static struct kwxsum_chunk *kwxsum_new_chunk(size_t len, bool nonblock)
{
	struct kwxsum_chunk *chunk;
	size_t size = struct_size(chunk, data, len);
	int err;

	err = kwxsum_get_room(size, nonblock);
	if (err)
		return ERR_PTR(err);

	chunk = kmalloc(size, GFP_KERNEL);
	if (!chunk) {
		kwxsum_put_room(size);
		return ERR_PTR(-ENOMEM);
	}

	kworkerx_init_work(&chunk->work, kwxsum_fold_fn);
	chunk->size = size;
	return chunk;
}

/* Returns how much could be copied, or an error if that is nothing. */
static ssize_t kwxsum_write_chunk(const char __user *buf, size_t len,
				  bool nonblock)
{
	struct kwxsum_chunk *chunk = kwxsum_new_chunk(len, nonblock);

	if (IS_ERR(chunk))
		return PTR_ERR(chunk);

	len -= copy_from_user(chunk->data, buf, len);
	if (!len) {
		kwxsum_free_chunk(chunk);
		return -EFAULT;
	}

	/* Not refused: the work is new, and an open file keeps the worker. */
	chunk->len = len;
	kworkerx_queue_work(kwxsum.worker, &chunk->work);
	return len;
}

static ssize_t kwxsum_write(struct file *file, const char __user *buf,
			    size_t count, loff_t *ppos)
{
	bool nonblock = file->f_flags & O_NONBLOCK;
	ssize_t done = 0, ret;

	while (done < count) {
		ret = kwxsum_write_chunk(buf + done,
					 min(count - done, KWXSUM_LEN_MAX),
					 nonblock);
		if (ret < 0)
			return done ?: ret;
		done += ret;
	}
	return done;
}

/* POSIX appends the length, its least significant byte first, and inverts. */
static u32 kwxsum_finish(u32 crc, u64 bytes)
{
	for (; bytes; bytes >>= 8) {
		u8 byte = bytes;

		crc = crc32_be(crc, &byte, sizeof(byte));
	}
	return ~crc;
}

static int kwxsum_show(struct seq_file *m, void *unused)
{
	struct kwxsum_query query;

	kworkerx_call(kwxsum.worker, kwxsum_query, &query);
	seq_printf(m, "%u %llu\n", kwxsum_finish(query.crc, query.bytes),
		   query.bytes);
	return 0;
}

static int kwxsum_fsync(struct file *file, loff_t start, loff_t end,
			int datasync)
{
	kworkerx_flush_worker(kwxsum.worker);
	return 0;
}

/* Reading waits for the worker only, never for other processes. */
static __poll_t kwxsum_poll(struct file *file, poll_table *wait)
{
	__poll_t mask = EPOLLIN | EPOLLRDNORM;

	poll_wait(file, &kwxsum.room, wait);
	spin_lock(&kwxsum.room.lock);
	if (kwxsum_has_room(sizeof(struct kwxsum_chunk) + KWXSUM_LEN_MAX))
		mask |= EPOLLOUT | EPOLLWRNORM;
	spin_unlock(&kwxsum.room.lock);
	return mask;
}

static int kwxsum_open(struct inode *inode, struct file *file)
{
	int err;

	/* Set by misc_open(), but it is where seq_file keeps its own. */
	file->private_data = NULL;
	err = single_open(file, kwxsum_show, NULL);
	if (err)
		return err;

	if ((file->f_mode & FMODE_WRITE) && (file->f_flags & O_TRUNC))
		kworkerx_call(kwxsum.worker, kwxsum_reset, NULL);
	return 0;
}

static const struct file_operations kwxsum_fops = {
	.owner		= THIS_MODULE,
	.open		= kwxsum_open,
	.release	= single_release,
	.read		= seq_read,
	.llseek		= seq_lseek,
	.write		= kwxsum_write,
	.fsync		= kwxsum_fsync,
	.poll		= kwxsum_poll,
};

static struct miscdevice kwxsum_device = {
	.minor		= MISC_DYNAMIC_MINOR,
	.name		= "kwxsum",
	.fops		= &kwxsum_fops,
};

static int __init kwxsum_init(void)
{
	int err;

	kwxsum.worker = kworkerx_run_worker(0, "kwxsum");
	if (IS_ERR(kwxsum.worker))
		return PTR_ERR(kwxsum.worker);

	err = misc_register(&kwxsum_device);
	if (err)
		kworkerx_destroy_worker(kwxsum.worker);
	return err;
}

static void __exit kwxsum_exit(void)
{
	misc_deregister(&kwxsum_device);
	/*
	 * No file is open any more, but chunks may be queued yet, and they arm
	 * the report: it can be cancelled for good only after them.
	 */
	kworkerx_flush_worker(kwxsum.worker);
	kworkerx_cancel_delayed_work_sync(&kwxsum_report);
	kworkerx_destroy_worker(kwxsum.worker);
	WARN_ON(kwxsum.in_flight || kwxsum.chunks);
}

module_init(kwxsum_init);
module_exit(kwxsum_exit);

MODULE_AUTHOR("The kworkerx developers");
MODULE_DESCRIPTION("Checksum of what is written to a device, a sample of kworkerx");
MODULE_LICENSE("GPL");
