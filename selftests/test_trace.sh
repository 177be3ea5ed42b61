#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The tracepoints tell what happens to a work, with the fields they promise.
. "$(dirname "$0")/functions.sh"

tracing=/sys/kernel/tracing
[ -d $tracing ] || skip 'no tracefs'
[ -e $tracing/trace ] || mount -t tracefs tracefs $tracing
[ -e $tracing/trace ] || skip "nothing in $tracing"
begin 7
load kworkerx
load kworkerx_selftest
events=$tracing/events/kworkerx

# has EVENT FIELD...: these and no others.
has()
{
	got=$(sed -n 's/^\tfield:.*[ *]\([a-z]*\);\toffset.*/\1/p' \
		"$events/kworkerx_$1/format" | tr '\n' ' ')
	shift
	[ "$got" = "$* " ]
}

fields()
{
	has work_queue_work work function worker &&
		has worker_queued worker &&
		has worker_idle worker &&
		has work_expire work function worker &&
		has work_await_timer work function worker &&
		has work_execute_start work function &&
		has work_execute_end work function &&
		has work_cancel work function worker pending running
}

# trace: what a run and a cancel leave, without who and when.
trace()
{
	: >$tracing/trace
	echo 1 >$params/run
	sed -n '/kwxs_count_fn/s/.*kworkerx_work_//p' $tracing/trace
}

# event N: the N-th line.
event() { echo "$seen" | sed -n "$1p"; }

matches() { event "$1" | grep -qxE "$2"; }

# value N FIELD: in the N-th line.
value() { event "$1" | sed -n "s/.*$2[= ]\([0-9a-f]\{8,\}\).*/\1/p"; }

# same FIELD N N: in both lines; and not empty.
same() { [ -n "$(value "$2" "$1")" ] && [ "$(value "$2" "$1")" = "$(value "$3" "$1")" ]; }

names()
{
	same struct 1 2 && same struct 1 3 && not same struct 1 4 &&
		same worker 1 4
}

ptr='([0-9a-f]{8}){1,2}'
fn='kwxs_count_fn( \[kworkerx_selftest\])?'
check 'the fields are those of the interface' fields
# Addresses as they are: early after boot the kernel hides them all alike.
hash=$(cat $tracing/options/hash-ptr)
echo 0 >$tracing/options/hash-ptr
echo 1 >$events/enable
seen=$(trace)
echo "$seen" | sed 's/^/# /'
check 'a queueing is traced' \
	matches 1 "queue_work: work struct=$ptr function=$fn worker=$ptr"
check 'the start of a work is traced' \
	matches 2 "execute_start: work struct $ptr: function $fn"
check 'its end is traced' \
	matches 3 "execute_end: work struct $ptr: function $fn"
check 'a cancel is traced, with what it found' \
	matches 4 "cancel: work struct=$ptr function=$fn worker=$ptr pending=1 running=0"
check 'they tell works apart, and name their worker' names
echo 0 >$events/enable
seen=$(trace)
echo "$hash" >$tracing/options/hash-ptr
check 'nothing is traced when they are off' [ -z "$seen" ]
finish
