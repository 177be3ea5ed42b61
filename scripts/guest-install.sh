#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# /init of the guest of check-install.sh: load what was installed, and unload
# it. The report is what went wrong, and "@@ done" at the end.
# shellcheck source=scripts/lib-guest.sh
. /lib-guest.sh
exec >"$report" 2>&1

dmesg -c >/dev/null
insmod /kworkerx.ko
insmod /kworkerx_percpu.ko
insmod /kworkerx_workqueue.ko
insmod /minimal.ko
sleep 2
dmesg | grep -q 'minimal: runs on minimal' || echo 'the consumer did not run'
rmmod minimal
rmmod kworkerx_workqueue
rmmod kworkerx_percpu
rmmod kworkerx
! grep kworkerx /proc/modules
dmesg | grep -E 'WARNING:|BUG:|Oops|Call Trace|disagrees|Unknown symbol'
echo '@@ done'
power_off
