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
