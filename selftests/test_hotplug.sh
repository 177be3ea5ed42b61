#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Bound workers go on while their CPU goes away and comes back.
. "$(dirname "$0")/functions.sh"

# On some processors each of them can, but one has to stay.
cpus=$(cd /sys/devices/system/cpu && echo cpu[1-9]*/online)
[ "$cpus" != 'cpu[1-9]*/online' ] || skip 'no CPU can be taken down'
begin 5

# switch 0|1: all CPUs that can be but the first, one after the other.
switch()
{
	for file in $cpus; do
		echo "$1" >"/sys/devices/system/cpu/$file" && go_on || return
	done
}

load kworkerx
load kworkerx_selftest traffic=1
for round in first second; do
	check "the $round time: workers go on while their CPUs go away" switch 0
	check "the $round time: and while they come back" switch 1
done
# Also where a check was left half way.
for file in $cpus; do
	echo 1 >"/sys/devices/system/cpu/$file"
done
unload
check 'no work was lost' none_lost 1
finish
