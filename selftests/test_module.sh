#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Modules come and go amid traffic, and only in an order that can be.
. "$(dirname "$0")/functions.sh"

rounds=2
[ -e /sys/module ] || skip 'no loadable modules'
begin 8

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
finish
