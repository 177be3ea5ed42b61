#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A suspend takes CPUs down after it has frozen what can be; sets of every policy
# lose nothing by it.
. "$(dirname "$0")/functions.sh"

power=/sys/power
delay=/sys/module/suspend/parameters/pm_test_delay
params=/sys/module/kworkerx_selftest_percpu/parameters
for file in $power/state $power/pm_test $power/mem_sleep $delay; do
	[ -w "$file" ] || skip "no $file"
done
grep -q deep $power/mem_sleep || skip 'no suspend takes CPUs down'
[ -e /sys/devices/system/cpu/cpu1/online ] || skip 'no CPU can be taken down'
begin 18
# As in test_freezer.sh.
taskset -p 1 $$ >/dev/null 2>&1

# suspend: goes as far as to take all CPUs down but one, waits, and comes back.
suspend()
{
	echo deep >$power/mem_sleep && echo processors >$power/pm_test &&
		echo 1 >$delay && echo mem >$power/state
}

# saw SET RESULT...: they are what became of the works of this set.
saw() { echo "$seen" | grep -qx "$*"; }

was=$(cat $delay)
slept=$(sed 's/.*\[\(.*\)\].*/\1/' $power/mem_sleep)
load kworkerx
load kworkerx_percpu
load kworkerx_selftest_percpu
go_on
cat $params/settle >/dev/null
for round in first second third; do
	check "the $round time: the system suspends and resumes" suspend
	check "the $round time: works run on every CPU" go_on
	seen=$(cat $params/settle)
	echo "$seen" | sed 's/^/# /'
	check "the $round time: each work ran once, or was refused" \
		[ "$(echo "$seen" | grep -c settled=1)" = 3 ]
	check "the $round time: works were moved" \
		saw 'move settled=1 away=1 rejected=0 elsewhere=1 refused=0'
	check "the $round time: works were held" \
		saw 'hold settled=1 away=1 rejected=0 elsewhere=0 refused=0'
	check "the $round time: works were refused" \
		saw 'refuse settled=1 away=. rejected=1 elsewhere=0 refused=1'
done
unload
echo none >$power/pm_test
echo "$was" >$delay
echo "$slept" >$power/mem_sleep
finish
