#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The parameter of the module gives the threads of a workqueue a policy, and the module
# comes and goes.
. "$(dirname "$0")/functions.sh"

module=/sys/module/kworkerx_workqueue
user=kworkerx_selftest_workqueue
begin 12
load kworkerx
check 'kworkerx_workqueue does not load without kworkerx_percpu' \
	not load kworkerx_workqueue
load kworkerx_percpu
load kworkerx_workqueue 'policies=kwx_a=fifo:3,kwx_b=rr:4'

# thread NAME: of a workqueue of that name, its policy, priority and nice value.
thread()
{
	load $user "name=$1" && cat /sys/module/$user/parameters/thread && rmmod $user
}

check 'a workqueue has the policy of its name' [ "$(thread kwx_a)" = '1 3 0' ]
check 'so has one whose name begins so' [ "$(thread kwx_b-7)" = '2 4 0' ]
check 'another one has none' [ "$(thread kwx)" = '0 0 0' ]
check 'nor has one with the name inside its own' [ "$(thread a_kwx_a)" = '0 0 0' ]
echo 'kwx_a=nice:-5,kwx=nice:7' >$module/parameters/policies
check 'the policies can be changed' [ "$(thread kwx_a)" = '0 0 -5' ]
check 'the first that fits counts' [ "$(thread kwx_b)" = '0 0 7' ]
check 'nothing was reported' not sh -c "dmesg | sed -n '/$mark/,\$p' | grep -q 'is none'"
echo 'kwx_a=best:5' >$module/parameters/policies
echo 1 >/sys/module/kworkerx/parameters/report
check 'what is no policy is ignored' [ "$(thread kwx_a)" = '0 0 0' ]
check 'and reported' sh -c "dmesg | grep -q 'workqueue policy \"best:5\" is none'"

load $user
check 'the module does not unload before its users' not rmmod kworkerx_workqueue
rmmod $user
check 'it does then' rmmod kworkerx_workqueue
finish
