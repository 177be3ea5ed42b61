#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Modules come and go amid traffic, and only in an order that can be; what they leave
# behind is found.
. "$(dirname "$0")/functions.sh"

rounds=2
[ -e /sys/module ] || skip 'no loadable modules'
begin 19

# refused SYMBOL MODULE: it does not load, for want of this symbol.
refused()
{
	! load "$2" >/dev/null && ! loaded "$2" && log | grep -q "$2: Unknown symbol $1"
}

# in_use MODULE: it does not unload.
in_use() { ! rmmod "$1" 2>/dev/null && loaded "$1"; }

reload_consumer()
{
	for _ in $(seq $rounds); do
		load kworkerx_selftest traffic=1 && go_on &&
			rmmod kworkerx_selftest || return
	done
}

reload_both()
{
	for _ in $(seq $rounds); do
		load kworkerx && load kworkerx_selftest traffic=1 && go_on &&
			in_use kworkerx && rmmod kworkerx_selftest &&
			rmmod kworkerx || return
	done
}

check 'a consumer does not load before kworkerx' \
	refused kworkerx_queue_work kworkerx_selftest
check 'nor does kworkerx_percpu' refused kworkerx_alloc_worker kworkerx_percpu
# left WHAT TEXT: a module goes that has left that behind, and the kernel says so.
left()
{
	mark="kworkerx_selftest: $1 is left"
	echo "$mark" >/dev/kmsg
	load kworkerx_selftest_leaver leave="$1" && rmmod kworkerx_selftest_leaver &&
		log | grep -q "kworkerx: module kworkerx_selftest_leaver goes with $2"
}

left_queued()
{
	echo 1 >$params/keeper
	left "$1" '250 work(s) left on worker kwxs_keeper, kwxl_fn '
	rc=$?
	echo 0 >$params/keeper
	return $rc
}

left_running()
{
	left "$1" '1 work(s) left on worker kwxs_keeper, kwxl_slow_fn ' &&
		log | grep -q 'a slow work has ended'
}

left_worker()
{
	left worker '1 work(s) left on worker kwxl_worker, kwxs_count_fn ' &&
		log | grep -q 'goes with worker kwxl_worker inside'
}

# goes_on: the worker on which works were left runs those of others, and no other ones.
goes_on() { [ "$(cat $params/keeper)" = '1 idle' ] && ! log | grep -q 'a work ran'; }

load kworkerx
load kworkerx_percpu
check 'kworkerx does not unload before kworkerx_percpu' in_use kworkerx
rmmod kworkerx_percpu
load kworkerx_selftest traffic=1
check 'kworkerx does not unload before a consumer' in_use kworkerx
check 'the consumer does not notice' go_on
rmmod kworkerx_selftest
check 'a consumer loads and unloads amid traffic' reload_consumer
rmmod kworkerx
check 'kworkerx loads and unloads with it' reload_both
check 'no work was lost' none_lost $((2 * rounds + 1))

load kworkerx report=1
load kworkerx_selftest
check 'a module goes while works of it are queued' left_queued queued
check 'a module goes while works of it are in both lanes' left_queued both
check 'the worker goes on' goes_on
check 'a module goes while its timers are armed' \
	left armed '250 work(s) left on worker kwxs_keeper, kwxl_fn '
check 'a module goes with a worker inside' left_worker
check 'a module goes while its function is that of an armed work' \
	left lent '1 work(s) left on worker kwxs_keeper, kwxl_fn '
check 'the worker goes on' goes_on
check 'a module goes while a work of it runs' left_running running
check 'a module goes while a work of it runs again and again' left_running again
check 'a module goes while an urgent work of it does' left_running urgent
check 'the worker goes on' goes_on
finish
