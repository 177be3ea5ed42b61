#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What a report of misuse is, is up to a parameter of kworkerx.
. "$(dirname "$0")/functions.sh"

param=/sys/module/kworkerx/parameters/report
params=/sys/module/kworkerx_selftest_percpu/parameters
times=0
[ -w /dev/kmsg ] || skip 'no log'
[ "$(cat /proc/sys/kernel/panic_on_warn 2>/dev/null || echo 0)" = 0 ] ||
	skip 'a warning panics'
begin 13

# start [PARAMETER]: what was reported once is forgotten.
start()
{
	unload
	load kworkerx "$@" && load kworkerx_percpu && load kworkerx_selftest_percpu
}

# misuse N: of both modules, each of which says so by N warnings; keeps what the kernel
# says of it. The markers are for those who judge the console.
misuse()
{
	times=$((times + 1))
	mark="kworkerx_selftest: $$ begins misuse $times,"
	echo 'kworkerx_kunit: begin expected warning' >/dev/kmsg
	echo "$mark" >/dev/kmsg
	echo 1 >$params/misuse
	said=$(log)
	echo "kworkerx_kunit: also expected warning: $1 of \"queued on worker\"" >/dev/kmsg
	echo "kworkerx_kunit: end expected warning: $1 of \"destroy of set\"" >/dev/kmsg
}

# said N TEXT: so many lines have that.
said() { [ "$(echo "$said" | grep -c "$2")" = "$1" ]; }

both()
{
	said 1 'kworkerx: kwxp_fn.* queued on worker ' &&
		said 1 'kworkerx: destroy of set '
}
warned() { both && said 2 'WARNING: ' && said 2 'Call [Tt]race:'; }
told() { both && said 0 'WARNING: ' && said 0 'Call [Tt]race:'; }
silent() { said 0 'kworkerx: ' && said 0 'WARNING: '; }
is() { [ "$(cat $param)" = "$1" ]; }
# refused VALUE: it is none, now or at the beginning.
refused() { ! echo "$1" 2>/dev/null >$param && is 1; }
refused_at_start() { ! load kworkerx "report=$1" >/dev/null && ! loaded kworkerx; }

start
check 'who says nothing gets warnings' is 2
misuse 1
check 'which they are' warned
misuse 0
check 'once' silent
start report=2
misuse 1
check 'so does who asks for them' warned
start report=1
misuse 0
check 'a message is a line of its own' told
check 'what is no number is refused' refused nonsense
check 'nor is there less than 0' refused -1
start report=0
misuse 0
check 'nothing is said' silent
echo 2 >$param
misuse 0
check 'nor later, of what was not said' silent
start report=0
echo 1 >$param
misuse 0
check 'a message can be asked for later' told
start
echo 0 >$param
misuse 0
check 'or nothing' silent
start report=1
echo 2 >$param
misuse 1
check 'or warnings' warned
unload
check 'the modules do not load with what is no number' refused_at_start nonsense
finish
