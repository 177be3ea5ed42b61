#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: nmi.sh KERNEL CONFIG
# Have NMIS come to all CPUs of a guest in QEMU, between any two instructions, while
# works are queued and cancelled that the NMIs queue as well. The last line is "N
# passed, N failed, N skipped".
set -eu
. "$(dirname "$0")/lib.sh"

[ "$arch" = x86_64 ] || die "QEMU has NMIs for x86_64"
out=$outs/nmi-$1-$2

find_kernel "$1" "$2"
begin_run guest
build_copy nmi
echo "wanted=${NMIS:-20000}" >"$out/nmi"

say "sending ${NMIS:-20000} NMIs to Linux $1 ($2)"
monitor=$out/monitor
python3 "$top/scripts/send-nmis.py" "$monitor" "$out/console.log" 9>&- &
sender=$!
rc=0
QEMU_ARGS="-monitor unix:$monitor,server=on,wait=off ${QEMU_ARGS:-}" \
APPEND="apic_extnmi=all ${APPEND:-}" \
	boot nmi "$out" "$out/nmi" "$build/kworkerx.ko" \
	"$build/torture/kworkerx_torture_nmi.ko" || rc=$?
kill $sender 2>/dev/null || :

grep -aoE 'kworkerx-nmi: .*' "$out/console.log" || :
failed=0
grep -qa 'kworkerx-nmi: SUCCESS' "$out/console.log" || complain "no success on the console"
# Taking a work is part of kworkerx_serve...
for function in queue serve cancel; do
	grep -qaE "kworkerx-nmi: in [a-z_]*$function" "$out/console.log" ||
		complain "no NMI has come in the middle of kworkerx_${function}..."
done
end_run "$rc" "$(cat "$out/results")" '@@ done'
