#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Run check.sh on every kernel and configuration that the README lists. The last
# line sums up.
set -eu
. "$(dirname "$0")/lib.sh"

mkdir -p "$outs"
sum=$outs/check-all
: >"$sum"

for kernel in 6.1 6.12 latest; do
	for config in plain debug kcsan rt up; do
		# PREEMPT_RT is for x86 since 6.12.
		[ $kernel-$config != 6.1-rt ] || continue
		tally "$sum" "check-$kernel-$config" \
			"$top/scripts/check.sh" $kernel $config
		say "$kernel $config: $(tail -n 1 "$sum")"
	done
done
sum_up "$sum"
