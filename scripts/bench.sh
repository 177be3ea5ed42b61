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

find_kernel latest plain
begin_run guest
build_copy bench CONFIG_KUNIT=
build_part bench W=1

# measure NAME PARAMETER...: boot, and leave the figures in NAME/results.
measure()
{
	run=$out/$1
	shift
	mkdir "$run"
	echo "$*" >"$run/parameters"
	list_modules >"$run/load"
	# shellcheck disable=SC2046 # one word per module
	boot bench "$run" $(list_modules | sed "s|.*|$build/&.ko|") \
		"$build/bench/kworkerx_bench.ko" "$run/load" "$run/parameters" ||
		die "the guest did not finish, see $run/console.log"
}

count() { counted measure "$@" instructions=1; }

report() { python3 "$top/scripts/bench-report.py" "$@"; }

case $mode in
full)
	count instructions rounds=5
	count again rounds=5
	# One queues and one works. For the others, more than many a machine has.
	export APPEND=tsc=reliable TIMEOUT="${TIMEOUT:-1800}"
	CPUS=2 measure time groups=core,grow rounds="$rounds" scale=4
	CPUS=8 measure parallel groups=parallel rounds="$rounds"
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
