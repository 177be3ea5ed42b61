// SPDX-License-Identifier: GPL-2.0-only
/* kworkerx itself. */
#include <kworkerx.h>

#define PREFIX	kworkerx
#define PEER	bench_kworkerx
#define NAME	"kworkerx"

#include "worker.h"
#include "measures.c"
