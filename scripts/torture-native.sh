#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Run the torture in user space, on real threads: for DURATION seconds, and
# until WORKS works have run, but TIMEOUT seconds at most. SANITIZE=address or
# thread watches it. SRC has the sources, PARAMS more of the torture's
# parameters. The last line is "N passed, N failed, N skipped".
#
# Left alone the torture spends its time in delays: a work has 1 us of them on
# average, and each sleep costs several. Where the number of works is what
# matters, there are next to no delays, so many producers and workers that what
# runs seldom has to wait for what does not, and whoever has to lets others run
# a few times before it sleeps. The other threads are as many as ever.
set -eu
. "$(dirname "$0")/lib.sh"

sanitize=${SANITIZE:-}
source=$(cd "${SRC:-$top}" && pwd)
works=${WORKS:-0}
out=$outs/torture-native${sanitize:+-$sanitize}
log=$out/log

mkdir -p "$cache" "$out"
need gcc libc6-dev make liburcu-dev elfutils
make -s -j"$jobs" -C "$top/user" O="$out" SRC="$source" SANITIZE="$sanitize" torture >&2

say "torturing in user space${sanitize:+, with -fsanitize=$sanitize}"
mixture=
if [ "$works" -gt 0 ]; then
	mixture='window_delay=0 haste=100 stutter=0 irq_interval=5000 slack=500
		yields=4 nworkers=12 nproducers=96'
fi
rc=0
# shellcheck disable=SC2086 # one word per parameter
"$out/torture" seconds="${DURATION:-60}" works="$works" \
	limit="${TIMEOUT:-900}" $mixture ${PARAMS:-} >"$log" 2>&1 || rc=$?
grep -aE '^(kworkerx-)?torture: |^kworkerx-torture:|^SUMMARY: ' "$log" | tail -n 20
sed '1,/it hangs/d' "$log"

failed=0
[ $rc = 0 ] || complain "the torture ends with $rc"
grep -aq 'kworkerx-torture:--- End of test: SUCCESS' "$log" ||
	complain "no success"
report=$(grep -aE -m 1 'WARNING: |ERROR: ' "$log") &&
	complain "a report: $report"

[ $failed = 0 ] || say "see $log"
echo "$((failed == 0)) passed, $failed failed, 0 skipped"
[ $failed = 0 ]
