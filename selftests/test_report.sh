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

# misuse: of both modules; keeps what the kernel says of it. Those who judge the
# console wait for the two markers.
misuse()
{
	times=$((times + 1))
	mark="kworkerx_selftest: $$ begins misuse $times,"
	echo 'kworkerx_kunit: begin expected warning' >/dev/kmsg
	echo "$mark" >/dev/kmsg
	echo 1 >$params/misuse
	said=$(log)
	echo 'kworkerx_kunit: end expected warning' >/dev/kmsg
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
misuse
check 'which they are' warned
misuse
check 'once' silent
start report=2
misuse
check 'so does who asks for them' warned
start report=1
misuse
check 'a message is a line of its own' told
check 'what is no number is refused' refused nonsense
check 'nor is there less than 0' refused -1
start report=0
misuse
check 'nothing is said' silent
echo 2 >$param
misuse
check 'nor later, of what was not said' silent
start report=0
echo 1 >$param
misuse
check 'a message can be asked for later' told
start
echo 0 >$param
misuse
check 'or nothing' silent
start report=1
echo 2 >$param
misuse
check 'or warnings' warned
unload
check 'the modules do not load with what is no number' refused_at_start nonsense
finish
