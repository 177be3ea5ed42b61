#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# /init of the guest of bench.sh: load the benchmark with the parameters in
# /parameters and report its lines. The last one is "@@ done".
# shellcheck source=scripts/lib-guest.sh
. /lib-guest.sh
exec >"$report" 2>&1

# each COMMAND: of the modules that are listed on standard input.
each()
{
	while read -r module; do
		case $1 in
		insmod)	insmod "/$module.ko" || return ;;
		rmmod)	rmmod "$module" || return ;;
		esac
	done
}

uname -r
# Nothing goes to the console while times are taken.
dmesg -n 1
# Whether the thread that wakes another goes on is not for chance to decide.
# shellcheck disable=SC2046 # one word per parameter
echo NO_WAKEUP_PREEMPTION >/sys/kernel/debug/sched/features &&
	each insmod </load && insmod /kworkerx_bench.ko $(cat /parameters) &&
	rmmod kworkerx_bench && tac /load | each rmmod && loaded=yes
dmesg | sed -n 's/.*kworkerx_bench: @@/@@/p'
dmesg | grep -E 'WARNING:|BUG:|Oops|Call Trace|Unknown symbol' || [ -z "$loaded" ] ||
	echo '@@ done'
power_off
