#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# /init of the guest of check.sh: load the modules that /load lists with their
# parameters, one a line, which runs the tests, then run the selftests that are
# there, and report on ttyS1, or where qemu.sh says. Lines that start with @@ are for
# verdict.py. The last one says that everything before it arrived.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mount -t debugfs debugfs /sys/kernel/debug
report=/dev/${report:-ttyS1}
stty -F "$report" raw
exec 3>"$report"

# A test that makes its own allocation fail (current->fail_nth) wants no stack
# trace of that, and GFP_KERNEL allocations to fail, too.
fail=/sys/kernel/debug/failslab
if [ -d $fail ]; then
	echo N >$fail/ignore-gfp-wait
	echo 0 >$fail/verbose
fi

leaks=/sys/kernel/debug/kmemleak
[ ! -e $leaks ] || echo clear >$leaks

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
	timeout 120 sh "$file" >/report 2>&1 || [ $? = 4 ] || result='not ok'
	sed 's/^1\.\.0 # \(SKIP.*\)/KTAP version 1\n1..1\nok 1 all # \1/' /report |
		sed 's/^/    /' >&3
	echo "$result 1 $name" >&3
	echo "@@ end $name" >&3
	suites=$((suites + 1))
done

if [ -e $leaks ]; then
	# kmemleak spares young objects, and its first scan may see a stale
	# pointer where the second does not.
	sleep 6
	# It refuses where it has turned itself off.
	! { echo scan && echo scan; } >$leaks || echo "@@ leak scanned" >&3
	sed 's/^/@@ leak /' $leaks >&3
fi

# What ran of the modules that were built to tell.
find /sys/kernel/debug/gcov -name '*.gcda' 2>/dev/null | while read -r file; do
	echo "@@ gcov begin $(basename "$file")" >&3
	base64 "$file" | sed 's/^/@@ gcov /' >&3
done

echo "@@ done $suites" >&3
exec 3>&-
echo 'kworkerx: the guest is done' >/dev/kmsg
poweroff -f
