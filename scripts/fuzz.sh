#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Have libFuzzer make up sequences of calls for DURATION seconds, and compare
# each call with the model of kunit/model_kunit.c. SRC has the sources. What it
# has learned stays in out/fuzz/corpus. The last line is "N passed, N failed, N
# skipped".
set -eu
. "$(dirname "$0")/lib.sh"

source=$(cd "${SRC:-$top}" && pwd)
out=$outs/fuzz
log=$out/log

mkdir -p "$cache" "$out/corpus"
need clang libclang-rt-dev make liburcu-dev
make -s -j"$jobs" -C "$top/user" O="$out" SRC="$source" fuzz >&2

# As long as those of the suite, or short ones would keep it busy for minutes.
for seed in 1 2 3 4 5 6 7 8; do
	head -c 400 /dev/urandom >"$out/corpus/seed-$seed"
done
duration=${DURATION:-60}
say "fuzzing for $duration s"
rm -f "$out"/crash-* "$out"/leak-* "$out"/timeout-*
rc=0
"$out/fuzz" -max_total_time="$duration" -max_len=400 -timeout=10 \
	-detect_leaks=0 -print_final_stats=1 -artifact_prefix="$out/" "$out/corpus" \
	>"$log" 2>&1 || rc=$?
grep -aE '^(fuzz: |Done |SUMMARY: )' "$log" || :

failed=0
[ $rc = 0 ] || complain "the fuzzer ends with $rc, see $log"
for found in "$out"/crash-* "$out"/leak-* "$out"/timeout-*; do
	[ ! -e "$found" ] || say "to see it again: $out/fuzz $found"
done
[ "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" -ge $((10 * duration)) ] ||
	complain "less than ten sequences a second"

echo "$((failed == 0)) passed, $failed failed, 0 skipped"
[ $failed = 0 ]
