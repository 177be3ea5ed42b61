#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: mutate.sh KERNEL CONFIG [NAME...]
# Break the modules in each way that scripts/mutations.txt lists (or those with
# these names), and have the explorer look at each, for BUDGET seconds twice;
# then, at what it does not see, the KUnit suites on a test kernel in QEMU: see
# mutate.py. SAMPLE=N takes so many that are drawn by chance instead, always the
# same ones for one SEED. GUEST=no leaves the suites out. TIMEOUT is for each guest,
# and SILENCE is how long it may say nothing; both are in seconds.
set -eu
. "$(dirname "$0")/lib.sh"

kernel=${1:-latest}
config=${2:-plain}
[ $# -lt 2 ] || shift 2
out=$outs/mutate-$kernel-$config$suffix
# A guest that hangs is noticed otherwise; one that is slow proves nothing.
export TIMEOUT="${TIMEOUT:-1200}"
# The suites of a plain kernel say something every two seconds; where it looks
# for leaks a kernel is silent for most of a minute.
silence=120
[ "$config" != plain ] || silence=40
export SILENCE="${SILENCE:-$silence}"

need gcc libc6-dev make binutils python3
begin_run mutate
if [ "${GUEST:-}" = no ]; then
	exec python3 "$top/scripts/mutate.py" "$out" "$config" --names "$@"
fi

# What fails as it is, proves nothing by failing. SKIP_BASELINE=1 spares that.
[ -n "${SKIP_BASELINE:-}" ] || "$top/scripts/check.sh" "$kernel" "$config" >&2 ||
	die "the suites fail on the engine as it is"
find_kernel "$kernel" "$config"
need procps
build_copy mutate
python3 "$top/scripts/mutate.py" "$out" "$config" \
	--guest "$arch-$kernel-$config-${CPUS:-4}" "$build" "$kdir" "$source" \
	"$image" "$cache/guest.lock" --names "$@"
