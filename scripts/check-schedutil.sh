#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: check-schedutil.sh KERNEL
# Convert a governor of CPU frequencies that is part of the scheduler, schedutil, so that
# it queues on kworkerx under the lock of a CPU's queue, without an irq_work of its
# own. Exercise it in QEMU, on a kernel with KASAN and lockdep that kworkerx is built
# into, over a driver without hardware; and see lockdep report it where its workers are
# not made for that. The last line is "N passed, N failed, N skipped".
set -eu
. "$(dirname "$0")/lib.sh"

kernel=${1:-latest}
governor=kernel/sched/cpufreq_schedutil.c
out=$outs/check-schedutil-$kernel

source=$("$top/scripts/fetch-source.sh" "$kernel")
need coccinelle
begin_run schedutil

# put FILE: from $out into the tree, unless it is there already.
put()
{
	cmp -s "$out/$(basename "$1")" "$tree/$1" ||
		cp --remove-destination "$out/$(basename "$1")" "$tree/$1"
}

# By the semantic patch that is for all drivers, and by that for what this one gains.
convert()
{
	cp "$source/$governor" "$out/"
	for patch in modules/kworkerx.cocci schedutil/anywhere.cocci; do
		spatch --sp-file "$top/$patch" --in-place --very-quiet \
			"$out/$(basename $governor)" >>"$out/spatch.log" 2>&1 ||
			die "spatch failed, see $out/spatch.log"
	done
	! grep -nE 'kthread_[a-z_]*work[a-z_]*\(|irq_work' \
		"$out/$(basename $governor)" >&2 ||
		die "not converted, see above"
	put $governor
}

link_tree schedutil
convert
cp "$source/kernel/sched/Makefile" "$out/"
# shellcheck disable=SC2016 # make expands it
echo 'CFLAGS_build_utility.o += -I$(srctree)/lib/kworkerx' >>"$out/Makefile"
put kernel/sched/Makefile
find_kernel "$kernel" schedutil "$tree"
build=$cache/tree/schedutil/kworkerx
build_module "$kdir" "$source" "$build/schedutil" "$out/build.log"
# Who runs this next, maybe for other sources, has the same folders.
cp "$image" "$build/schedutil/kworkerx_cpufreq.ko" "$out/"
image=$out/$(basename "$image")
driver=$out/kworkerx_cpufreq.ko

echo kworkerx_cpufreq >"$out/load"
for suite in frequencies governors limits hotplug suspend; do
	echo schedutil_$suite >>"$out/suites"
done
lock guest
boot schedutil "$out" "$driver" || :
tally "$out/sum" check-schedutil \
	python3 "$top/scripts/verdict.py" "$out" "$out/suites" "$source"

# A worker that is not KWORKERX_ANYWHERE wakes its thread with the lock of a queue held,
# maybe of the queue that the thread is on. Then the guest hangs.
reported() { grep -qF "$1" "$out/broken/console.log" 2>/dev/null; }

say "the same with workers that are not made for this"
QEMU_ARGS="-pidfile '$out/pid'" APPEND=sugov_flags=0 TIMEOUT=300 \
	boot schedutil "$out/broken" "$driver" >"$out/broken.log" 2>&1 &
until reported '</TASK>' || ! kill -0 $! 2>/dev/null; do
	sleep 1
done
kill "$(cat "$out/pid")" || :
wait $! || :
passed=0 failed=0
rc=0
{ reported 'possible circular locking dependency detected' &&
	reported ' sugov_update_' && reported '(&rq->__lock)'; } || rc=1
score 'lockdep reports a worker that is not KWORKERX_ANYWHERE' $rc
echo "$passed passed, $failed failed, 0 skipped" >>"$out/sum"
sum_up "$out/sum"
