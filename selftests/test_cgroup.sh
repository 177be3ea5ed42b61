#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A worker's thread can be in a cgroup: by hand, or in that of who creates it.
. "$(dirname "$0")/functions.sh"

[ -e /proc/self/cgroup ] || skip 'no cgroups'
root=$(sed -n 's/^[^ ]* \([^ ]*\) cgroup2 .*/\1/p' /proc/mounts | head -n 1)
mounted=
if [ -z "$root" ]; then
	root=/sys/fs/cgroup
	mount -t cgroup2 none $root || skip 'no cgroup2'
	mounted=$root
fi
begin 6
group=$root/kwxs-$$
mkdir "$group"

# thread NAME: its id.
thread() { grep -lx "$1" /proc/[0-9]*/comm | head -n 1 | cut -d / -f 3; }

# move ID DIR
move() { echo "$1" 2>/dev/null >"$2/cgroup.procs"; }

# is_in ID...: all of them are in the cgroup.
is_in()
{
	for id in "$@"; do
		grep -qx "0::/kwxs-$$" "/proc/$id/cgroup" || return
	done
}

# used: the time of CPUs that all has taken that was in the cgroup, in us.
used() { sed -n 's/^usage_usec //p' "$group/cpu.stat"; }

# is_charged: a work of the worker is.
is_charged()
{
	before=$(used)
	[ "$(cat $params/cgroup)" = "$worker" ] || return
	now=$(used)
	echo "# $before us before, $now after"
	[ "$now" -ge $((before + 10000)) ]
}

move $$ "$group"
load kworkerx
load kworkerx_selftest traffic=1
worker=$(thread kwxs_keeper)
bound=$(thread kwxs/0)
check 'who creates a worker is in a cgroup' is_in $$
check 'the worker is not' not is_in "$worker" "$bound"
move $$ "$root"
move "$worker" "$group"
check 'it can be moved there' is_in "$worker"
check 'what it does is charged there' is_charged
check 'one that is bound to a CPU cannot, by user space' not move "$bound" "$group"
move "$worker" "$root"
move $$ "$group"
echo 1 >$params/cgroup
check 'who creates workers has both in his cgroup' is_in "$worker" "$bound"
move $$ "$root"

unload
rmdir "$group"
[ -z "$mounted" ] || umount "$mounted"
finish
