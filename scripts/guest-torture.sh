#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# /init of the guest of torture.sh, which puts "seconds", "works", "params" and
# "percpu" into /torture: load both tortures, wait, unload them. The verdicts are on
# the console; ttyS1 gets what happened, and "@@ done" at the end.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mount -t debugfs debugfs /sys/kernel/debug
stty -F /dev/ttyS1 raw
exec >/dev/ttyS1 2>&1

# shellcheck disable=SC1091 # only the guest has it
. /torture
runs=/sys/module/kworkerx_torture/parameters/runs
leaks=/sys/kernel/debug/kmemleak

insmod /torture.ko
insmod /kworkerx.ko
[ ! -e $leaks ] || echo clear >$leaks
# shellcheck disable=SC2154,SC2086 # from /torture; one word per parameter
insmod /kworkerx_torture.ko $params || echo 'the torture does not load'
insmod /kworkerx_percpu.ko
# shellcheck disable=SC2154,SC2086 # as above
insmod /kworkerx_torture_percpu.ko $percpu || echo 'that of sets does not load'

# shellcheck disable=SC2154 # from /torture
while sleep 1; do
	seconds=$((seconds - 1))
	[ "$seconds" -gt 0 ] || [ "$(cat $runs)" -lt "$works" ] || break
done
echo "works run: $(cat $runs)"

for mod in kworkerx_torture_percpu kworkerx_torture kworkerx_percpu kworkerx \
	torture; do
	rmmod $mod || echo "$mod does not unload"
done
if [ -e $leaks ]; then
	# kmemleak spares young objects, and its first scan may see a stale
	# pointer where the second does not.
	sleep 6
	echo scan >$leaks
	echo scan >$leaks
	cat $leaks
fi
echo '@@ done'
exec >/dev/null 2>&1
poweroff -f
