#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A freezable worker runs nothing while the system is frozen, and loses nothing.
. "$(dirname "$0")/functions.sh"

power=/sys/power
delay=/sys/module/suspend/parameters/pm_test_delay
for file in $power/state $power/pm_test $delay; do
	[ -w "$file" ] || skip "no $file"
done
begin 16
# The suspend waits in a loop, which emulators calibrate wrongly for all CPUs but
# the first.
taskset -p 1 $$ >/dev/null 2>&1

# Freezes the system for so many seconds, and goes no further into the suspend.
freeze()
{
	echo freezer >$power/pm_test
	echo "$1" >$delay
	echo freeze >$power/state
}

cycles()
{
	for _ in $(seq "$1"); do
		freeze 0 || return
	done
}

# waits BLOCKS: three freezes, each with waits of its own, which end in any case.
waits()
{
	for _ in 1 2 3; do
		rc=0
		echo "$1" >$params/wait && freeze 0 || rc=$?
		seen=$(cat $params/wait)
		echo "# $rc, $seen"
		[ "$rc, $seen" = '0, all went on' ] || return
	done
}

# saw RESULT: it is among those of the module.
saw() { echo "$seen" | grep -qw "$1"; }

was=$(cat $delay)
patience=$(cat $power/pm_freeze_timeout)
# What does not freeze is found out before this test is stopped.
echo 8000 >$power/pm_freeze_timeout
load kworkerx
load kworkerx_selftest "$@"
echo 1 >$params/freeze
check 'the system freezes and thaws' freeze 1
seen=$(cat $params/freeze)
echo "# $seen"
check 'the worker is frozen' saw frozen=1
check 'a work that runs when the freeze begins ends before it' saw finished=1
check 'what is queued, or expires, does not run before the thaw' saw kept=1
check 'who waits for it can give up, and take a work back' saw waits=1
check 'all of it runs after the thaw' saw runs=3
check 'who waits for it goes on after the thaw' saw flushed=1
check 'a worker that is destroyed while it is frozen ends after the thaw' saw ended=1
check 'a parked worker is frozen as others are' saw sleeps=1
check 'a worker is parked while it is frozen' saw parks=1
check 'their works run after the thaw, when they are unparked' saw unparked=2
check 'who waits for a worker that freezes does not keep the system from it' waits 0
check 'nor who waits for a work that blocks until the thaw' waits 1
unload

load kworkerx
load kworkerx_selftest traffic=1 "$@"
check 'the system freezes and thaws five times amid traffic' cycles 5
check 'all workers go on after the thaw' go_on
unload
check 'no work was lost' none_lost 1

echo none >$power/pm_test
echo "$was" >$delay
echo "$patience" >$power/pm_freeze_timeout
finish
