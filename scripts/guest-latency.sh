#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# /init of the guest of latency.sh, which puts parameters into /latency: measure waits,
# and how soon works run while the CPU has other things to do. The report has the
# version of the kernel, the rows, and "@@ done".
# shellcheck source=scripts/lib-guest.sh
. /lib-guest.sh
exec >"$report" 2>&1

# measure PARAMETER...
measure()
{
	# shellcheck disable=SC2046 # one word per parameter
	insmod /kworkerx_latency.ko "$@" $(cat /latency) && rmmod kworkerx_latency ||
		echo "nothing is measured with $*"
}

# Processes come and go, read what takes locks, and are in system calls.
load()
{
	while :; do
		dd if=/dev/zero of=/dev/null bs=64k count=100
		cat /proc/[0-9]*/stat /proc/self/maps
	done >/dev/null 2>&1
}

uname -r
# Nothing goes to the console meanwhile.
dmesg -n 1
insmod /kworkerx.ko
measure waits=1
load &
load &
measure
rmmod kworkerx || echo 'kworkerx does not unload'
dmesg | sed -n 's/.*kworkerx_latency: //p'
dmesg | grep -E 'WARNING:|BUG:|Oops|Call Trace|Unknown symbol' || echo '@@ done'
power_off
