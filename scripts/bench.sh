#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: bench.sh full|check|baseline
# Measure kworkerx beside its peers on the newest kernel in QEMU.
#   full      instructions (twice, which must agree) and time, everything;
#             prints the tables and leaves bench.md, bench.json and bench.svg
#   check     instructions of the most used calls, against bench/baseline.json
#   baseline  the same, to become the new baseline
set -eu
. "$(dirname "$0")/lib.sh"

mode=${1:?usage: bench.sh full|check|baseline}
rounds=${ROUNDS:-9}
out=$outs/bench-$mode
kdir=$("$top/scripts/build-kernel.sh" latest plain)
source=$("$top/scripts/fetch-source.sh" latest)
need_for_builds
lock guest
rm -rf "$out"
mkdir -p "$out"
build=$cache/module/bench
copy_sources "$build"
build_module "$kdir" "$source" "$build" "$out/build.log" CONFIG_KUNIT=
build_module "$kdir" "$source" "$build/bench" "$out/build-bench.log" W=1 \
	KBUILD_EXTRA_SYMBOLS="$build/Module.symvers"

# guest NAME PARAMETER...: boot, and leave the figures in NAME/results.
guest()
{
	dir=$out/$1
	shift
	mkdir "$dir"
	echo "$*" >"$dir/parameters"
	"$top/scripts/qemu.sh" "$kdir/arch/x86/boot/bzImage" \
		"$top/scripts/guest-bench.sh" "$dir" "$build/kworkerx.ko" \
		"$build/bench/kworkerx_bench.ko" "$dir/parameters" ||
		die "the guest did not finish, see $dir/console.log"
}

# One CPU whose clock is the number of instructions it has run, and nothing
# that differs from one boot to the next.
count()
{
	CPUS=1 ACCEL=tcg,thread=single APPEND='tsc=reliable nokaslr' \
	QEMU_ARGS='-icount shift=0,sleep=off -seed 1 -rtc base=2026-01-01,clock=vm' \
		guest "$@" instructions=1
}

report() { python3 "$top/scripts/bench-report.py" "$@"; }

case $mode in
full)
	count instructions rounds=5
	count again rounds=5
	# One queues and one works. For the others, more than many a machine has.
	export APPEND=tsc=reliable TIMEOUT="${TIMEOUT:-1800}"
	CPUS=2 guest time groups=core,grow rounds="$rounds" scale=4
	CPUS=8 guest parallel groups=parallel rounds="$rounds"
	report full "$out"
	;;
check)
	count instructions groups=core rounds=5
	report check "$out" "$top/bench/baseline.json"
	;;
baseline)
	count instructions groups=core rounds=5
	report baseline "$out" "$top/bench/baseline.json"
	;;
esac
