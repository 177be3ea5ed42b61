#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: coverage.sh KERNEL
# Run the KUnit suites and print which part of kworkerx.c they ran, and which
# lines not. Fails under 95 % of the lines, or where a suite fails. The last
# line is "N passed, N failed, N skipped".
set -eu
. "$(dirname "$0")/lib.sh"

kernel=${1:-latest}
least=95
run=$outs/check-$kernel-gcov
out=$outs/coverage-$kernel

BUILD_ARGS=GCOV_PROFILE_kworkerx.o=y "$top/scripts/check.sh" "$kernel" gcov
need gcc
rm -rf "$out"
mkdir -p "$out"
cd "$out"
sed -n 's/^@@ gcov //p' "$run/results" | base64 -d >kworkerx.gcda
[ -s kworkerx.gcda ] || die "the guest sent no coverage"
cp "$run/kworkerx.gcno" "$top/kworkerx.c" .
gcov -b kworkerx.gcda >summary 2>gcov.log || die "see $out/gcov.log"

# "File", "Lines executed:98.10% of 420", and so on.
sed -n "/^File '.*kworkerx.c'/,/^\$/p" summary
echo "lines that no test ran:"
grep -a '#####:' kworkerx.c.gcov | sed 's/^ *#####: *//' || echo "none"
echo "branches that no test took: $(grep -acE \
	'^branch +[0-9]+ (never executed|taken 0%)' kworkerx.c.gcov)," \
	"marked in $out/kworkerx.c.gcov"
lines=$(sed -n "/^File '.*kworkerx.c'/,/^\$/s/^Lines executed:\([0-9]*\).*/\1/p" summary)
failed=0
[ "${lines:-0}" -ge $least ] || failed=1
echo "$((1 - failed)) passed, $failed failed, 0 skipped"
[ $failed = 0 ] || die "${lines:-0} % of the lines, wanted $least"
