#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: hotplug.sh KERNEL CONFIG [CPUS...]
# Run the suite kworkerx_hotplug for long, on guests with that many processors
# (4 and 8 if none is named): in each one at least 1,080 times a CPU is taken
# down and 518,400 works run, in storms that are short enough for the kernel's
# detector of hung tasks. The last line sums up.
set -eu
. "$(dirname "$0")/lib.sh"

kernel=${1:-latest}
config=${2:-debug}
[ $# -lt 2 ] || shift 2
[ $# -gt 0 ] || set -- 4 8
mkdir -p "$outs"
sum=$outs/hotplug
: >"$sum"

for cpus in "$@"; do
	tally "$sum" "hotplug-$cpus" \
		env CPUS="$cpus" TIMEOUT="${TIMEOUT:-7200}" \
		"$top/scripts/check.sh" "$kernel" "$config" kworkerx_hotplug \
		rounds=18 cycles=20 works=9600
done
sum_up "$sum"
