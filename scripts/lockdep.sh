#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: lockdep.sh KERNEL
# Run the suite kworkerx_lockdep, a boot for each case since lockdep stops at its
# first report, and look for the report on the console. The last line sums up.
set -eu
. "$(dirname "$0")/lib.sh"

kernel=${1:-latest}
# Of a deadlock between two CPUs lockdep needs no more to know.
export CPUS="${CPUS:-2}"
mkdir -p "$outs"
sum=$outs/lockdep
: >"$sum"

while read -r case report; do
	tally "$sum" "lockdep-$case" \
		env APPEND="kunit.filter_glob=kworkerx_lockdep.$case" \
		"$top/scripts/check.sh" "$kernel" debug kworkerx_lockdep
	console=$outs/check-$kernel-debug$suffix-kworkerx_lockdep-$CPUS/console.log
	{ grep -qF "is trying to acquire lock:" "$console" &&
	  grep -qF "$report" "$console"; } || {
		say "no report about $report: $console"
		echo "0 passed, 1 failed, 0 skipped" >>"$sum"
	}
done <<END
flush_of_a_work_under_a_lock_that_it_takes ((work)kwx_taker)
cancel_of_a_work_under_a_lock_that_it_takes ((work)kwx_taker)
flush_of_a_worker_under_a_lock_that_its_work_takes ((worker)"kwx_one")
two_workers_that_flush_each_others_works ((worker)"kwx_two")
a_work_of_a_set_that_takes_the_lock_of_hotplug (kwxdep/%u)
two_works_of_a_set_that_call_each_others_cpu (kwxdep/%u)
END
sum_up "$sum"
