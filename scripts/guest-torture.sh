#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# /init of the guest of torture.sh, which puts "seconds", "works", "params" and
# "percpu" into /torture: load both tortures, wait, unload them. The verdicts are on
# the console; the report is what happened, and "@@ done" at the end.
# shellcheck source=scripts/lib-guest.sh
. /lib-guest.sh
exec >"$report" 2>&1

# shellcheck disable=SC1091 # only the guest has it
. /torture
runs=/sys/module/kworkerx_torture/parameters/runs

insmod /torture.ko
insmod /kworkerx.ko
forget_leaks
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
find_leaks
echo '@@ done'
power_off
