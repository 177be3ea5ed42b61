#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# /init of the guest of check-schedutil.sh, which has four CPUs: exercise schedutil over
# kworkerx_cpufreq.ko, and report what verdict.py reads.
# shellcheck source=scripts/lib-guest.sh
. /lib-guest.sh
exec 3>"$report"

cpus=/sys/devices/system/cpu
policies=$cpus/cpufreq
counts=/sys/module/kworkerx_cpufreq/parameters

# A shell that is busy on one CPU after the other, and sleeps in between.
cat >/wander <<'END'
while :; do
	for mask in 1 2 4 8; do
		taskset -p $mask $$ >/dev/null 2>&1
		i=0
		while [ $i -lt 500 ]; do i=$((i + 1)); done
		sleep 0.02
	done
done
END

busy='while :; do :; done'

# at CPU KHZ: is that its frequency?
at() { [ "$(cat $policies/policy"$1"/scaling_cur_freq)" = "$2" ]; }

# Something short runs there, so that there is something to decide.
idle_at() { taskset -c "$1" true; at "$@"; }

# govern NAME: all CPUs, by that governor.
govern()
{
	for policy in "$policies"/policy*; do
		echo "$1" >"$policy/scaling_governor" || return
	done
}

# threads N: has the governor so many?
threads() { [ "$(cat /proc/[0-9]*/comm 2>/dev/null | grep -c '^sugov:')" = "$1" ]; }

# changed BY TIMES: since the driver was loaded.
changed()
{
	number=$(cat "$counts/$1")
	echo "    # $1: $number" >>/steps
	[ "$number" -ge "$2" ]
}

# named N SED: does this find so many different names in the trace?
named()
{
	[ "$(sed -n "$2" $trace/trace | sort -u | wc -l)" = "$1" ]
}

# CPU 0 with CPU 1, 2, and 3, each with a thread of its own.
shared() { [ "$(cat $policies/policy0/related_cpus)" = '0 1' ]; }

frequencies()
{
	step 'CPUs 0 and 1 share a policy' shared
	step 'schedutil takes over' govern schedutil
	step 'it has a thread for each policy' threads 3
	echo 0 >$policies/schedutil/rate_limit_us
	for cpu in 0 2 3; do
		step "CPU $cpu gets slower while it is idle" try 60 idle_at $cpu 1000000
		taskset -c $cpu sh -c "$busy" &
		step "CPU $cpu gets faster while it is busy" try 60 at $cpu 4000000
		kill $!
		wait $!
	done
	step 'its works asked for higher frequencies' changed ups 9
	step 'and for lower ones' changed downs 3
	step 'they were queued on three workers' named 3 \
		's/.*queue_work: .*function=sugov_work worker=//p'
	step 'and ran on three threads' named 3 \
		's/.*\(sugov:[0-9]\)-.*execute_start: .*function sugov_work/\1/p'
	step 'they ran on kworkerx' ran sugov_work 12
}

come_and_go()
{
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		govern performance && try 10 threads 0 && govern schedutil &&
			threads 3 || return
	done
}

governors()
{
	step 'schedutil comes and goes, ten times' come_and_go
	step 'it works after that' ran sugov_work 10
}

# limit FILE KHZ: for all CPUs.
limit()
{
	for policy in "$policies"/policy*; do
		echo "$2" >"$policy/$1" || return
	done
}

# within KHZ KHZ: all CPUs are.
within()
{
	cat "$policies"/policy*/scaling_cur_freq |
		awk -v low="$1" -v high="$2" '$1 < low || $1 > high { exit 1 }'
}

narrow()
{
	for low in 1000000 2000000 3000000 2000000 1000000; do
		high=$((low + 500000))
		limit scaling_max_freq 4000000 && limit scaling_min_freq $low &&
			limit scaling_max_freq $high && try 10 within $low $high ||
			return
	done
}

limits()
{
	step 'frequencies stay within limits that move' narrow
	step 'the limits go' limit scaling_max_freq 4000000
	step 'it works after that' try 30 ran sugov_work 10
}

# switch CPU 0|1 THREADS: take it down or up; the governor has so many threads then.
switch() { echo "$2" >"$cpus/cpu$1/online" && try 10 threads "$3"; }

hotplug()
{
	for round in first second third; do
		step "the $round time: a CPU of a policy goes" switch 1 0 3
		step "the $round time: it comes back" switch 1 1 3
		for cpu in 2 3; do
			step "the $round time: CPU $cpu and its policy go" switch $cpu 0 2
			step "the $round time: they come back" switch $cpu 1 3
		done
	done
	step 'it works after that' ran sugov_work 10
}

suspend()
{
	echo deep >/sys/power/mem_sleep && echo processors >/sys/power/pm_test &&
		echo 1 >/sys/module/suspend/parameters/pm_test_delay &&
		echo mem >/sys/power/state
}

suspends()
{
	# As in the selftests, by one CPU only: it waits in a loop.
	taskset -p 1 $$ >/dev/null
	for round in first second; do
		step "the $round time: the system suspends and resumes" suspend
		step "the $round time: all threads are back" try 10 threads 3
	done
	step 'it works after that' try 30 ran sugov_work 10
	step 'lockdep still looks' grep -q 'debug_locks: *1' /proc/lockdep_stats
}

forget_leaks
echo 0 >$trace/options/hash-ptr
trace_works
insmod /kworkerx_cpufreq.ko
echo "@@ load kworkerx_cpufreq $?" >&3
suite schedutil_frequencies frequencies
wanderers=
for _ in 1 2 3 4; do
	sh /wander &
	wanderers="$wanderers $!"
done
suite schedutil_governors governors
suite schedutil_limits limits
suite schedutil_hotplug hotplug
suite schedutil_suspend suspends
rmmod kworkerx_cpufreq
echo "@@ unload kworkerx_cpufreq $?" >&3
# shellcheck disable=SC2086 # one word each
kill $wanderers

find_leaks >&3
echo "@@ done $suites" >&3
power_off
