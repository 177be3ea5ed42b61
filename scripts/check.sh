#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: check.sh KERNEL CONFIG [SUITE [PARAMETER...]]
# Build the modules for a test kernel, run the KUnit suites and the selftests on
# it in QEMU and judge the result. The last line is "N passed, N failed, N
# skipped". With a SUITE that has a module of its own run only that, with these
# parameters.
set -eu
. "$(dirname "$0")/lib.sh"

kernel=${1:-latest}
config=${2:-debug}
suite=${3:-}
[ $# -lt 3 ] || shift 3
[ "$config" != up ] || export CPUS=1
out=$outs/check-$kernel-$config$suffix${suite:+-$suite-${CPUS:-4}}

find_kernel "$kernel" "$config"
begin_run guest
# shellcheck disable=SC2086 # one word per argument
build_copy guest W=1 ${BUILD_ARGS:-}
find "$build" -name '*.gcno' -exec cp {} "$out" \;

if [ -n "$suite" ]; then
	echo "$suite" >"$out/suites"
	{ list_modules; echo "${suite}_kunit $*"; } >"$out/load"
	set --
else
	cp "$top/kunit/suites" "$out/"
	{ list_modules; printf '%s\n' kworkerx_kunit kworkerx_hotplug_kunit; } >"$out/load"
	set -- "$build"/selftests/*.ko "$build"/selftests/*.sh
fi

cp "$top/kunit/skips" "$out/"
# The leak checker looks at every page.
export MEM="${MEM:-512}"
say "running ${suite:-the suites} on Linux $kernel ($config, $arch)"
boot check "$out" "$out/load" "$build"/*.ko "$build"/kunit/*.ko "$@" || :
exec python3 "$top/scripts/verdict.py" "$out" "$out/suites" "$source" \
	"$arch-$kernel-$config-${CPUS:-4}"
