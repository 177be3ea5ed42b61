#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: coverage.sh KERNEL
# Run the suites and the selftests, and print which part of the modules they ran,
# lines and branches, and what not. Fails under 95 % of a module's lines, or where
# a suite fails. The last line is "N passed, N failed, N skipped".
set -eu
. "$(dirname "$0")/lib.sh"

kernel=${1:-latest}
least=95
run=$outs/check-$kernel-gcov$suffix
out=$outs/coverage-$kernel$suffix

need lcov
code=$(list_module_sources | grep '\.c$')
# shellcheck disable=SC2086 # one word per file; kernels take the path or the name
BUILD_ARGS=$(for file in $code; do
	printf 'GCOV_PROFILE_%s.o=y ' "${file%.c}" "$(basename "$file" .c)"
done) \
	"$top/scripts/check.sh" "$kernel" gcov
rm -rf "$out"
mkdir -p "$out"
cd "$out"
sed -n 's/^@@ gcov //p' "$run/results" | awk '
	$1 == "begin" { file = $2; next }
	{ print | "base64 -d >" file }'
for module in $(list_modules); do
	[ -s "$module.gcda" ] || die "the guest sent no coverage of $module"
	cp "$run/$module.gcno" .
done
(cd "$top" && echo "$code" | xargs cp -t "$out")
lcov -q -c -d . -o all --rc lcov_branch_coverage=1 >lcov.log 2>&1 ||
	die "see $out/lcov.log"
# shellcheck disable=SC2046 # one word per file
lcov -q -e all $(echo "$code" | sed 's|^|*/|') -o info \
	--rc lcov_branch_coverage=1 >>lcov.log 2>&1 || die "see $out/lcov.log"

awk -F '[:,]' -v least=$least '
	$1 == "SF" {
		file = $2
		sub(/.*\//, "", file)
		for (n = 1; (getline text < file) > 0; n++)
			source[n] = text
	}
	$1 == "DA" && $3 == 0 { print file ":" $2 ": not run:" source[$2] }
	$1 == "BRDA" && $5 + 0 == 0 { missed[$2]++ }
	$1 == "DA" && $3 > 0 { run[$2] = 1 }
	/^(LF|LH|BRF|BRH):/ { count[$1] = $2 }
	$1 == "end_of_record" {
		for (n in missed)
			if (n in run)
				print file ":" n ": " missed[n] " not taken:" source[n]
		printf "%s: %d of %d lines, %d of %d branches\n", file,
			count["LH"], count["LF"], count["BRH"], count["BRF"]
		count["LH"] * 100 >= least * count["LF"] ? passed++ : failed++
		split("", missed); split("", run); split("", count)
	}
	END {
		failed += NR == 0
		print passed + 0 " passed, " failed + 0 " failed, 0 skipped"
		exit failed > 0
	}' info
