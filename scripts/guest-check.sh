#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# /init of the guest of check.sh: load the modules that /load lists with their
# parameters, one a line, which runs the tests, then run the selftests that are
# there. Lines of the report that start with @@ are for verdict.py. The last one says
# that everything before it arrived.
# shellcheck source=scripts/lib-guest.sh
. /lib-guest.sh
exec 3>"$report"

# A test that makes its own allocation fail (current->fail_nth) wants no stack
# trace of that, and GFP_KERNEL allocations to fail, too.
fail=/sys/kernel/debug/failslab
if [ -d $fail ]; then
	echo N >$fail/ignore-gfp-wait
	echo 0 >$fail/verbose
fi

forget_leaks

while read -r mod args; do
	# shellcheck disable=SC2086 # one word per parameter
	insmod "/$mod.ko" $args
	echo "@@ load $mod $?" >&3
done </load

suites=0
for dir in /sys/kernel/debug/kunit/*/; do
	[ -e "$dir/results" ] || continue
	name=${dir%/}
	name=${name##*/}
	echo "@@ suite $name" >&3
	cat "$dir/results" >&3
	echo "@@ end $name" >&3
	suites=$((suites + 1))
done

tac /load | while read -r mod args; do
	rmmod "$mod"
	echo "@@ unload $mod $?" >&3
done

# A selftest reports flat, where KUnit nests; one that is skipped has no test.
for file in /test_*.sh; do
	[ -e "$file" ] || continue
	name=kworkerx_self$(basename "$file" .sh)
	echo "@@ suite $name" >&3
	result='ok'
	# The console has it. To look through all of it takes a selftest seconds.
	dmesg -c >/dev/null
	timeout 120 sh "$file" >/report 2>&1 || [ $? = 4 ] || result='not ok'
	sed 's/^1\.\.0 # \(SKIP.*\)/KTAP version 1\n1..1\nok 1 all # \1/' /report |
		sed 's/^/    /' >&3
	echo "$result 1 $name" >&3
	echo "@@ end $name" >&3
	suites=$((suites + 1))
done

find_leaks >&3

# What ran of the modules that were built to tell.
find /sys/kernel/debug/gcov -name '*.gcda' 2>/dev/null | while read -r file; do
	echo "@@ gcov begin $(basename "$file")" >&3
	base64 "$file" | sed 's/^/@@ gcov /' >&3
done

echo "@@ done $suites" >&3
power_off
