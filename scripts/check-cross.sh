#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: check-cross.sh [PROCESSOR...]
# Build the modules, and all that is built on them, for other processors, against the
# headers of Debian's own kernels for these, without a warning of ours. The last line
# is "N passed, N failed, N skipped".
set -eu
. "$(dirname "$0")/lib.sh"

# Debian's name of the processor, the compiler's, the headers of its usual kernel and
# the suite that has them; and one whose tools run on this machine.
kernels='arm64	aarch64-linux-gnu-	linux-headers-arm64		bookworm		bookworm
arm64	aarch64-linux-gnu-	linux-headers-arm64		bookworm-backports	bookworm-backports
armhf	arm-linux-gnueabihf-	linux-headers-armmp		bookworm		bookworm
armhf	arm-linux-gnueabihf-	linux-headers-armmp		bookworm-backports	bookworm-backports
i386	-			linux-headers-686		bookworm		bookworm
ppc64el	powerpc64le-linux-gnu-	linux-headers-powerpc64le	bookworm		bookworm
ppc64el	powerpc64le-linux-gnu-	linux-headers-powerpc64le	bookworm-backports	bookworm-backports
riscv64	riscv64-linux-gnu-	linux-headers-riscv64		trixie			bookworm-backports
s390x	s390x-linux-gnu-	linux-headers-s390x		bookworm		bookworm
s390x	s390x-linux-gnu-	linux-headers-s390x		bookworm-backports	bookworm-backports'

out=$outs/check-cross
copy=$cache/module/cross
export WERROR=1

# build PART HEADERS CROSS LOG: in a shell of its own: die ends that. BTF is for who
# loads them, and takes another tool.
build()
(
	build_module "$2/build" "$2" "$copy/$1" "$4" W=1 CROSS_COMPILE="$3" \
		CC="$3gcc" CONFIG_DEBUG_INFO_BTF_MODULES= KWORKERX="$copy" \
		KBUILD_EXTRA_SYMBOLS="$([ "$1" = . ] || echo "$copy/Module.symvers")"
)

# build_objects PART HEADERS CROSS LOG OBJECT...: what modules are linked of.
build_objects()
{
	part=$1 headers=$2 compiler=$3 log=$4
	shift 4
	make -C "$headers/build" M="$copy/$part" -j"$jobs" W=1 KCFLAGS=-Werror \
		CROSS_COMPILE="$compiler" CC="${compiler}gcc" "$@" >"$log" 2>&1 ||
		{ cat "$log" >&2; return 1; }
}

# build_all HEADERS CROSS LOGS: Debian's kernels can run neither the suites nor the
# torture, so these are not linked.
build_all()
{
	copy_sources "$copy" &&
	for part in . samples/kwxsum samples/kwxstat samples/minimal selftests bench; do
		build "$part" "$1" "$2" "$3-$(basename "$part").log" || return
	done &&
	build_objects kunit "$1" "$2" "$3-kunit.log" kworkerx_kunit.o \
		kworkerx_hotplug_kunit.o kworkerx_lockdep_kunit.o &&
	build_objects torture "$1" "$2" "$3-torture.log" kworkerx_torture.o
}

# refuse_warnings HEADERS CROSS LOGS: a warning is told, and refused.
refuse_warnings()
{
	copy_sources "$copy" &&
	for file in modules/kworkerx_percpu.c kunit/common.c; do
		echo 'int kwx_stray(void) { return 0; }' >>"$copy/$file" || return
	done &&
	! build . "$1" "$2" "$3.log" 2>"$3.told" &&
	grep 'warning: no previous prototype for [^ ]*kwx_stray' "$3.told" &&
	! build_objects kunit "$1" "$2" "$3-kunit.log" common.o 2>"$3-kunit.told" &&
	grep 'error: no previous prototype for [^ ]*kwx_stray' "$3-kunit.told"
}

# verdict NAME COMMAND...
verdict()
{
	name=$1
	shift
	rc=0
	"$@" || rc=$?
	score "$name" $rc
}

need_for_builds
lock cross
rm -rf "$out"
mkdir -p "$out"
passed=0
failed=0
while read -r processor cross package suite tools <&3; do
	case " ${*:-$processor} " in
	*" $processor "*) ;;
	*) continue ;;
	esac
	cross=${cross#-}
	[ -z "$cross" ] || need "gcc-${cross%-}"
	dir=$("$top/scripts/fetch-headers.sh" "$processor" "$package" "$suite" "$tools")
	abi=$(basename "$(readlink "$dir/build")")
	[ $passed != 0 ] || verdict "a warning for $abi is refused" \
		refuse_warnings "$dir" "$cross" "$out/warning"
	verdict "$abi" build_all "$dir" "$cross" "$out/$abi"
done 3<<END
$kernels
END
[ $((passed + failed)) -gt 0 ] || die "not among the processors here: $*"
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
