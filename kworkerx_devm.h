/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Workers that end with their device.  Part of kworkerx.c, which includes this.
 */
#ifndef _KWORKERX_DEVM_H
#define _KWORKERX_DEVM_H

/* A worker that ends with its device. */
struct kworkerx_devres {
	struct kworkerx_worker	*worker;
	unsigned int		birth;
};

/* Unless it was destroyed by hand before. */
static void kworkerx_release(struct device *dev, void *data)
{
	struct kworkerx_devres *res = data;

	if (kworkerx_begin_end(res->worker, res->birth))
		kworkerx_end(res->worker, MAX_SCHEDULE_TIMEOUT);
}

/**
 * __devm_kworkerx_run_worker - the body of devm_kworkerx_run_worker()
 * @dev: the device
 * @worker: a worker that was just created, or ERR_PTR() of an error
 *
 * Context: Process context.  May sleep.
 * Return: @worker, or ERR_PTR() of an error.
 */
struct kworkerx_worker *
__devm_kworkerx_run_worker(struct device *dev, struct kworkerx_worker *worker)
{
	struct kworkerx_devres *res;

	if (IS_ERR(worker))
		return worker;
	res = devres_alloc(kworkerx_release, sizeof(*res), GFP_KERNEL);
	if (!res) {
		kworkerx_destroy_worker_timeout(worker, MAX_SCHEDULE_TIMEOUT);
		return ERR_PTR(-ENOMEM);
	}
	res->worker = worker;
	res->birth = worker->birth;
	devres_add(dev, res);
	wake_up_process(worker->task);
	return worker;
}
EXPORT_SYMBOL_GPL(__devm_kworkerx_run_worker);

#endif /* _KWORKERX_DEVM_H */
