#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: torture.sh KERNEL CONFIG
# Run the torture modules on a test kernel in QEMU: for DURATION seconds, and
# until WORKS works have run, with THREADS of each kind, taking a CPU away or
# bringing one back every HOTPLUG jiffies (0: never). PARAMS has more of the
# module's parameters. The last line is "N passed, N failed, N skipped".
set -eu
. "$(dirname "$0")/lib.sh"

kernel=${1:-latest}
config=${2:-debug}
duration=${DURATION:-60}
works=${WORKS:-0}
threads=${THREADS:-2}
hotplug=${HOTPLUG:-200}
out=$outs/torture-$kernel-$config$suffix

find_kernel "$kernel" "$config"
begin_run guest
build_copy guest W=1

params="onoff_interval=$hotplug ${PARAMS:-}"
for kind in producers irqs posters fighters cancellers stoppers callers; do
	params="n$kind=$threads $params"
done
percpu="nusers=$(((threads + 1) / 2))"
[ "$hotplug" != 0 ] || percpu="$percpu hotplug=0"
printf '%s\n' "seconds=$duration" "works=$works" "params='$params'" \
	"percpu='$percpu'" >"$out/torture"

say "torturing on Linux $kernel ($config, $arch) for $duration s"
rc=0
export TIMEOUT="${TIMEOUT:-$((duration * 3 + works / 500 + 300))}"
boot torture "$out" "$out/torture" "$kdir/kernel/torture.ko" "$build"/*.ko \
	"$build"/torture/*.ko || rc=$?

grep -aE 'kworkerx(_percpu)?-torture:' "$out/console.log" | tail -n 20 || :
failed=0
for torture in kworkerx kworkerx_percpu; do
	grep -qa "$torture-torture:--- End of test: SUCCESS" "$out/console.log" ||
		complain "no success of $torture on the console"
done
# Only these two lines, in this order: anything else is an error of the guest.
end_run "$rc" "$(sed -e '/^@@ leak scanned$/d' -e 's/[0-9]*$//' "$out/results")" 'works run: 
@@ done'
