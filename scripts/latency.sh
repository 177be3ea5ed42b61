#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: latency.sh KERNEL CONFIG
# Measure in QEMU how soon works run beside load, and how long somebody urgent waits
# for a worker beside a hog, with the stock worker and with kworkerx. The KERNEL "rt"
# is Debian's own with PREEMPT_RT, which has no checkers. Prints tables, which are
# latency.md in the results, too. The last line is "N passed, N failed, N skipped".
set -eu
. "$(dirname "$0")/lib.sh"

kernel=${1:-rt}
config=${2:-rt}
out=$outs/latency-$kernel
if [ "$kernel" = rt ]; then
	# shellcheck disable=SC2034 # lib-stock.sh reads it
	HEADERS=${HEADERS:-linux-headers-rt-$(dpkg --print-architecture)}
	. "$(dirname "$0")/lib-stock.sh"
	need_for_builds
	find_stock
else
	out=$out-$config
	find_kernel "$kernel" "$config"
fi
begin_run guest
build_copy latency CONFIG_KUNIT= W=1
build_part bench W=1
echo "samples=${SAMPLES:-1000} rounds=${ROUNDS:-3}" >"$out/latency"

say "measuring on Linux $kernel"
rc=0
counted boot latency "$out" "$build/kworkerx.ko" "$build/bench/kworkerx_latency.ko" \
	"$out/latency" || rc=$?

# rows BEGIN: of the table that has them.
rows() { grep -E "^\| ($1) \|" "$out/results"; }

failed=0
[ "$rc" = 0 ] || complain "the guest did not power off"
[ "$(tail -n 1 "$out/results")" = '@@ done' ] || complain "the guest did not finish"
cat >"$out/latency.md" <<END
- Kernel: $(head -n 1 "$out/results"), \`make latency KERNEL=$kernel\`
- Guest: $(grep -oE -e '-(accel|smp|icount) [^ ]*' "$out/qemu-cmd" | tr '\n' ' ')(1 us is 1000 instructions)

How long after its queueing a work began, in us (ratio to the stock worker):

| queued by | worker | median | 99 % | longest |
| --- | --- | ---: | ---: | ---: |
$(rows 'a thread|an interrupt')

How long a flush took, in us:

| what it waits for | worker | median | 99 % | longest |
| --- | --- | ---: | ---: | ---: |
$(rows 'a worker|a chain of two')
END
cat "$out/latency.md"
[ "$(grep -c '^| a' "$out/results")" = 16 ] || complain "rows are missing"
lends='^\| a (worker|chain of two) \| kworkerx, inherits \| [0-9.]+ \(0\.0'
[ "$(grep -cE "$lends" "$out/results")" = 2 ] || complain "who lends has to wait for the hog"
[ $failed = 0 ] || say "see $out"
echo "$((failed == 0)) passed, $failed failed, 0 skipped"
[ $failed = 0 ]
