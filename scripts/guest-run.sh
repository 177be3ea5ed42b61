#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# /init of the guest of run.sh: use the samples as a person would, and report
# it. The host looks for lines with "FAILED" and for the last line.
# shellcheck source=scripts/lib-guest.sh
. /lib-guest.sh
exec >"$report" 2>&1

# step WORDS: COMMAND: say what is done, and whether it worked.
step()
{
	what=$1
	shift
	if "$@"; then
		echo "* $what"
	else
		echo "* $what: FAILED"
	fi
}

same_sum() { [ "$(cut -d ' ' -f 1,2 /got)" = "$(cut -d ' ' -f 1,2 /want)" ]; }
# samplers N: the rows of /dev/kwxstat show N CPUs that take samples.
samplers()
{
	cat /dev/kwxstat >/stat
	cat /stat
	[ "$(grep -cE '^[0-9]+ +[1-9][0-9]* ' /stat)" = "$1" ]
}
set_online() { echo "$2" >"/sys/devices/system/cpu/cpu$1/online"; }
not_loaded() { ! grep -qE '^kw[xo]' /proc/modules; }
no_complaint()
{
	! dmesg | grep -E 'WARNING:|BUG:|Oops|Call Trace|disagrees|Unknown symbol'
}

dmesg -c >/dev/null
echo "Linux $(uname -r), $(nproc) processors"
step 'load kworkerx' insmod /kworkerx.ko
step 'load kwxsum, which uses it' insmod /kwxsum.ko
step 'switch on the kworkerx trace events' \
	sh -c 'echo 1 >/sys/kernel/tracing/events/kworkerx/enable'
step "write $(wc -c </data) bytes into /dev/kwxsum" sh -c 'cat /data >/dev/kwxsum'
echo 'the worker:'
# A kernel thread has no command line: ps shows its name in brackets.
# shellcheck disable=SC2009 # busybox has no pgrep -a for these
ps -o pid,comm | grep -E '^ *PID|kw[xo]' | grep -v kworker/
cat /dev/kwxsum >/got
echo "/dev/kwxsum says: $(cat /got)"
echo "cksum said:       $(cat /want)"
step 'both sums are the same' same_sum
echo 'the first works, as traced:'
grep -v '^#' /sys/kernel/tracing/trace | head -n 12 >/trace
cat /trace
step 'the trace shows works' test -s /trace
step 'unload kwxsum' rmmod kwxsum
step 'load kworkerx_percpu' insmod /kworkerx_percpu.ko
step 'load kwxstat, which uses it' insmod /kwxstat.ko
sleep 2
step '/dev/kwxstat knows every CPU' samplers "$(nproc)"
step 'take CPU 1 down' set_online 1 0
step '/dev/kwxstat misses it' samplers "$(nproc)"
step 'bring CPU 1 back' set_online 1 1
step '/dev/kwxstat knows it again' samplers "$(nproc)"
step 'unload kwxstat' rmmod kwxstat
step 'unload kworkerx_percpu' rmmod kworkerx_percpu
step 'unload kworkerx' rmmod kworkerx
step 'no module is left' not_loaded
step 'the kernel did not complain' no_complaint
echo '@@ done'
power_off
