#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: run.sh [rt]
# Show the modules at work on the distribution's own kernel: build them and the
# samples against the packaged headers, boot the packaged kernel in QEMU, compute
# a checksum there and take a CPU away from a set of workers. The machine's own
# kernel, its modules and its /boot stay as they are. With "rt" it is Debian's kernel
# with PREEMPT_RT. The last line is "N passed, N failed, N skipped".
set -eu
. "$(dirname "$0")/lib.sh"
flavour=${1:-}
out=$outs/run${flavour:+-$flavour}
# shellcheck disable=SC2034 # lib-stock.sh reads it
[ "$flavour" != rt ] || HEADERS=linux-headers-rt-$(dpkg --print-architecture)
. "$(dirname "$0")/lib-stock.sh"

need_for_builds
need qemu-system-x86 busybox-static
find_stock
begin_run guest

say "building kworkerx and its samples for Linux $abi"
build_copy run
for sample in kwxsum kwxstat; do
	build_part samples/$sample
done

cp "$image" "$out/data"
cksum <"$out/data" >"$out/want"
rc=0
export TIMEOUT="${TIMEOUT:-150}"
boot run "$out" "$build"/*.ko "$build"/samples/*/*.ko "$out/data" "$out/want" ||
	rc=$?

grep -v '^@@ ' "$out/results" || :
if [ $rc != 0 ] || [ "$(tail -n 1 "$out/results")" != '@@ done' ]; then
	die "the guest did not finish, see $out/console.log"
fi
! grep -q FAILED "$out/results" || die "see above and $out/console.log"
size=$(wc -c <"$out/data")
cat <<END

What happened: kworkerx and the samples kwxsum and kwxstat were built for
$PRETTY_NAME's own kernel, $abi, and loaded there in QEMU.
A file of $size bytes went through /dev/kwxsum, whose works ran on a
kworkerx worker thread. Its sum is the one that cksum computes. /dev/kwxstat
told what its works had measured on every CPU, also while one was taken down and
brought back. All modules unloaded, and the kernel had nothing to complain about.
Everything is in $out.

1 passed, 0 failed, 0 skipped
END
