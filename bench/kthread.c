// SPDX-License-Identifier: GPL-2.0-only
/* The peer that the others are compared with: the stock kthread_worker. */
#include <linux/kthread.h>

#define PREFIX	kthread
#define PEER	bench_kthread
#define NAME	"kthread_worker"

#include "worker.h"
#include "measures.c"
