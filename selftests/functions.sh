# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Shared by the tests beside this file, which source it. They report in KTAP
# and exit with 4 where they cannot run, as kselftests do.

here=$(cd "$(dirname "$0")" && pwd)
params=/sys/module/kworkerx_selftest/parameters
number=0
failed=0

# skip WHY: must come before begin.
skip()
{
	echo "1..0 # SKIP $*"
	exit 4
}

# begin N: so many checks follow.
begin()
{
	[ "$(id -u)" = 0 ] || skip 'only root can load modules'
	! grep -q '^kworkerx' /proc/modules || skip 'kworkerx is in use'
	planned=$1
	trap unload EXIT
	mark="kworkerx_selftest: $$ begins"
	echo "$mark" >/dev/kmsg
	echo 'KTAP version 1'
	echo "1..$1"
}

# check WHAT COMMAND...
check()
{
	number=$((number + 1))
	what=$1
	shift
	if "$@"; then
		echo "ok $number $what"
	else
		echo "not ok $number $what"
		failed=$((failed + 1))
	fi
}

not() { ! "$@"; }

finish() { [ $number = "$planned" ] && [ $failed = 0 ]; }

# load MODULE [PARAMETER...]: built above, or beside the tests, or installed.
load()
{
	name=$1
	shift
	for file in "$here/../$name.ko" "$here/$name.ko"; do
		if [ -e "$file" ]; then
			insmod "$file" "$@" 2>&1
			return
		fi
	done
	modprobe "$name" "$@" 2>&1
}

loaded() { grep -q "^$1 " /proc/modules; }

# unload: whatever a test has left.
unload()
{
	for name in kworkerx_selftest_leaver kworkerx_selftest kworkerx_selftest_percpu \
		kworkerx_selftest_workqueue kworkerx_workqueue kworkerx_percpu kworkerx; do
		! loaded $name || rmmod $name
	done
}

# log: what the kernel has said since begin.
log() { dmesg | sed -n "/$mark/,\$p"; }

# go_on: more works run on all workers with traffic.
go_on()
{
	read -r went _ total <$params/go_on &&
		[ "$went" -gt 0 ] && [ "$went" = "$total" ]
}

# none_lost N: the module was unloaded N times with traffic, and no work was
# lost, or ran twice, in any of them.
none_lost()
{
	[ "$(log | grep -c 'kworkerx_selftest: each work ran once')" = "$1" ]
}
