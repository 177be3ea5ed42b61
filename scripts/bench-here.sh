#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: bench-here.sh KDIR [ARGUMENT...]
# Measure kworkerx beside its peers on the kernel that runs, whose headers KDIR
# has: build the module of bench/, load it ROUNDS times, and unload all. For a
# machine of one's own, since it takes root and marks the kernel as tainted. The
# arguments are for make.
set -eu
. "$(dirname "$0")/lib.sh"

kdir=${1:?usage: bench-here.sh KDIR [ARGUMENT...]}
shift
rounds=${ROUNDS:-9}
out=$outs/bench-here
source=/usr/src

# Die unless modules can be loaded here, and may.
check_machine()
{
	if [ -e /.dockerenv ] || [ -e /run/.containerenv ] ||
	   systemd-detect-virt --container --quiet 2>/dev/null; then
		die "this is a container: the kernel that runs is not its own"
	fi
	[ -e /proc/modules ] ||
		die "the kernel that runs, $(uname -r), is one without modules"
	[ "$(cat /proc/sys/kernel/modules_disabled)" = 0 ] ||
		die "this machine loads no more modules until it boots again:" \
			"kernel.modules_disabled is set"
	as_root true 2>/dev/null ||
		die "to load modules takes root: sudo make bench HERE=1"
	caps=$(as_root sed -n 's/^CapEff:[[:space:]]*/0x/p' /proc/self/status)
	[ $((caps >> 16 & 1)) = 1 ] ||
		die "root may not load modules here: it lacks CAP_SYS_MODULE"
	! grep -q '^kworkerx ' /proc/modules ||
		die "kworkerx is loaded already: make unload"
	[ -f "$kdir/Makefile" ] ||
		die "no kernel headers in $kdir. To install them:" \
			"sudo apt-get install linux-headers-$(uname -r)"
}

# What we have loaded, and the console as it was.
clean_up()
{
	for module in kworkerx_bench $(list_modules | tac); do
		! grep -q "^$module " /proc/modules || as_root rmmod "$module"
	done
	as_root dmesg -n "$level"
}

# measure ROUND: load the benchmark, which has ended when it is loaded, and add
# what it says to the results.
measure()
{
	mark="kworkerx_bench: round $1 of $$"
	echo "$mark" | as_root tee /dev/kmsg >/dev/null
	as_root insmod "$build/bench/kworkerx_bench.ko" rounds=1 scale=4
	as_root rmmod kworkerx_bench
	as_root dmesg | sed "1,/$mark/d" >"$out/dmesg"
	[ -s "$out/dmesg" ] || die "the kernel's log is too short for a round"
	! grep -E 'WARNING:|BUG:|Oops|Call Trace' "$out/dmesg" >&2 ||
		die "the kernel complains, see $out/dmesg"
	sed -n 's/.*kworkerx_bench: @@/@@/p' "$out/dmesg" >>"$out/results"
}

check_machine
need_for_builds
begin_run here
build_copy here CONFIG_KWORKERX_KUNIT_TEST= CONFIG_KWORKERX_TORTURE_TEST= "$@"
build_part bench "$@"

# Nothing goes to the console while times are taken.
level=$(cut -f 1 /proc/sys/kernel/printk)
trap clean_up EXIT
as_root dmesg -n 1
# shellcheck disable=SC2046 # one word per module
"$top/scripts/load.sh" "$kdir" $(list_modules | sed "s|.*|$build/&.ko|")
uname -r >"$out/results"
round=1
while [ $round -le "$rounds" ]; do
	say "round $round of $rounds"
	measure $round
	round=$((round + 1))
done
echo '@@ done' >>"$out/results"
python3 "$top/scripts/bench-report.py" here "$out"
