# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Sourced first by the inits guest-*.sh, beside which qemu.sh puts it.

# mount_at TYPE DIR: if the kernel has that.
mount_at() { [ ! -d "$2" ] || mount -t "$1" "$1" "$2"; }

/bin/busybox --install -s /bin
mount_at proc /proc
mount_at sysfs /sys
mount_at devtmpfs /dev
mount_at debugfs /sys/kernel/debug
mount_at tracefs /sys/kernel/tracing

# What is reported goes to the host, out of reach of printk. See qemu.sh.
report=/dev/${report:-ttyS1}
stty -F "$report" raw

#
# Suites of steps, for verdict.py. Who has them writes to descriptor 3 what it reads.
#

suites=0

# suite NAME COMMAND: run COMMAND, whose steps are the tests of this suite.
suite()
{
	count=0
	: >/steps
	"$2"
	{
		echo "@@ suite $1"
		printf '%s\n' 'KTAP version 1' '1..1' '    KTAP version 1' \
			"    # Subtest: $1" "    1..$count"
		cat /steps
		if grep -q '^ *not ok' /steps; then
			echo "not ok 1 $1"
		else
			echo "ok 1 $1"
		fi
		echo "@@ end $1"
	} >&3
	suites=$((suites + 1))
}

# step WORDS COMMAND: do one of them.
step()
{
	what=$1
	shift
	count=$((count + 1))
	if "$@"; then
		echo "    ok $count $what" >>/steps
	else
		echo "    not ok $count $what" >>/steps
	fi
}

# try SECONDS COMMAND: run it until it succeeds, for so long.
try()
{
	left=$1
	shift
	until "$@"; do
		left=$((left - 1))
		[ $left -gt 0 ] || return 1
		sleep 1
	done
}

trace=/sys/kernel/tracing

# trace_works: from now on, those of kworkerx, of the stock worker and of workqueues.
trace_works()
{
	echo 1 >$trace/events/kworkerx/enable
	for event in "$trace"/events/sched/sched_kthread_work_* \
		"$trace"/events/workqueue/workqueue_execute_start; do
		echo 1 >"$event/enable"
	done
}

# saw FUNCTION TIMES: at least so often on a worker of ours, never on a stock one, or
# on a stock workqueue.
saw()
{
	stock=$(grep -cE "(sched_kthread_work|workqueue_execute_start).*$1" $trace/trace)
	ours=$(grep -c "kworkerx_work_execute_start.*function $1" $trace/trace)
	echo "    # $1 ran $ours times on kworkerx, $stock times elsewhere" >>/steps
	[ "$stock" = 0 ] && [ "$ours" -ge "$2" ]
}

# The same, and the trace starts anew after that.
ran()
{
	seen=0
	saw "$@" || seen=1
	echo >$trace/trace
	return $seen
}

#
# The end
#

leaks=/sys/kernel/debug/kmemleak
forget_leaks() { [ ! -e $leaks ] || echo clear >$leaks; }

# find_leaks: print the leaks since then, where the kernel looks for them.
find_leaks()
{
	[ -e $leaks ] || return 0
	# kmemleak spares young objects, and its first scan may see a stale
	# pointer where the second does not.
	sleep 6
	# It refuses where it has turned itself off.
	! { echo scan && echo scan; } >$leaks || echo '@@ leak scanned'
	sed 's/^/@@ leak /' $leaks
}

# power_off: once everything is reported.
power_off()
{
	exec >/dev/null 2>&1 3>&-
	echo 'kworkerx: the guest is done' >/dev/kmsg
	poweroff -f
}
