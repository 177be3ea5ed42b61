#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: bench-native.sh KERNEL
# Measure the engine beside the stock worker of KERNEL on the processors of this
# machine, both compiled in user space (user/bench), in ROUNDS rounds. SRC has the
# sources; AGAINST has those of another engine to measure it beside instead. FLAGS is
# what workers are created with, but not those of AGAINST. The report, which is bench.md
# in the folder of the build, too, is followed by "N passed, N failed, N skipped", where
# each row of the table is one.
set -eu
. "$(dirname "$0")/lib.sh"

kernel=${1:?usage: bench-native.sh KERNEL}
rounds=${ROUNDS:-301}
source=$(cd "${SRC:-$top}" && pwd)
against=${AGAINST:+$(cd "$AGAINST" && pwd)}
flags=${FLAGS:-0}
out=$outs/bench-native${AGAINST:+-against}
report=$out/bench.md

# The rows of the table, beside one for each number of producers.
one_core='queue-busy queue-pending take queue-take-same cancel-pending cancel-idle
	flush-idle delayed-cancel mod-armed'
two_cores='queue-take-other round-trip-polls round-trip-sleeps poll-us-to-polls
	poll-us-to-sleeps cancel-running'

# cut_out FILE FIRST LAST: print the lines from one that matches FIRST to one that
# matches LAST.
cut_out()
{
	awk -v first="$2" -v last="$3" '
		!begun && $0 ~ first {
			begun = 1
			print "#line " NR " \"" FILENAME "\""
		}
		begun
		begun && $0 ~ last { ended = 1; exit }
		END { exit !ended }' "$1" ||
		die "$1 has no lines from \"$2\" to \"$3\", so where is the stock worker?"
}

# The stock worker's part of the kernel's files, which never comes into the
# project. What is the same as before keeps its time.
cut_stock()
{
	cut_out "$1/include/linux/kthread.h" '^struct kthread_work;' \
		'^void kthread_destroy_worker[(]' >"$out/header"
	{
		echo '#include "stock.h"'
		cut_out "$1/kernel/kthread.c" '^void __kthread_init_worker[(]' \
			'^EXPORT_SYMBOL.*[(]kthread_destroy_worker[)]'
	} >"$out/source"
	cmp -s "$out/header" "$out/kthread_worker.h" ||
		mv "$out/header" "$out/kthread_worker.h"
	cmp -s "$out/source" "$out/kthread_worker.c" ||
		mv "$out/source" "$out/kthread_worker.c"
}

# The version that a kernel's tree says it has.
version_of()
{
	awk '/^(VERSION|PATCHLEVEL|SUBLEVEL) = / { v = v "." $3 }
		END { print substr(v, 2) }' "$1/Makefile"
}

describe()
{
	model=$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)
	virtual=
	! grep -q -w hypervisor /proc/cpuinfo || virtual=', virtual'
	cat <<-END
	- Run: \`make bench-native ROUNDS=$rounds${FLAGS:+ FLAGS=$FLAGS}\` beside $beside
	- Machine: ${model:-unknown CPU}$virtual, $cpus CPUs, load average $(cut -d ' ' -f 1 /proc/loadavg)
	- Compiler: $(gcc --version | head -n 1)
	END
}

# expected_rows CPUS: print the names of those that take so many or fewer.
expected_rows()
{
	echo "$one_core"
	[ "$1" -gt 1 ] || return 0
	echo "$two_cores"
	n=2
	while [ $n -lt "$1" ]; do
		echo "producers-$n"
		n=$((n * 2))
	done
	echo "producers-$1"
}

# There are rows of that name in the table, with nine figures each, all above zero.
row_is_good()
{
	awk -F '|' -v name=" $1 " '
		$2 == name {
			rows++
			gsub(/[()]| to /, " ")
			n += split($4 " " $5 " " $6, figures, " ")
			for (i in figures)
				good += figures[i] ~ /^[0-9]+([.][0-9]+)?$/ &&
					figures[i] > 0
		}
		END { exit !(rows && n == 9 * rows && good == n) }' "$report"
}

[ "$(uname -m)" = x86_64 ] || die "this counts the cycles of x86-64 processors"
mkdir -p "$cache" "$out"
need gcc libc6-dev make binutils
if [ -n "$against" ]; then
	beside="the engine of $against"
else
	tree=$("$top/scripts/fetch-source.sh" "$kernel")
	cut_stock "$tree"
	beside="the stock worker of Linux $(version_of "$tree")"
fi
# Time does not tell make of other folders, nor of flags.
if [ "$source $against $flags" != "$(cat "$out/folders" 2>/dev/null)" ]; then
	rm -f "$out"/*.o
	echo "$source $against $flags" >"$out/folders"
fi
make -s -C "$top/user" -j"$jobs" O="$out" SRC="$source" STOCK="$out" \
	AGAINST="$against" FLAGS="$flags" bench >&2

cpus=$(nproc)
[ "$cpus" -le 64 ] || cpus=64
say "measuring in $rounds rounds"
rc=0
describe >"$report"
timeout -k 5 "${TIMEOUT:-900}" "$out/bench" "$rounds" >>"$report" || rc=$?
cat "$report"

passed=0
failed=0
skipped=0
[ $rc = 0 ] || complain "the benchmark ends with $rc"
for row in $(expected_rows "$cpus"); do
	if row_is_good "$row"; then
		passed=$((passed + 1))
	else
		complain "no good row $row"
	fi
done
if [ "$cpus" = 1 ]; then
	for row in $two_cores producers; do
		if grep -q "^- Skipped: $row, " "$report"; then
			skipped=$((skipped + 1))
		else
			complain "nothing about row $row"
		fi
	done
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
