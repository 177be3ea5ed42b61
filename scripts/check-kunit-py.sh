#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: check-kunit-py.sh KERNEL [ARCH...]
# Link the project into a kernel tree, and run its suites there as the kernel's
# developers do: built in, by kunit.py, under User-mode Linux (um) and under QEMU
# (x86_64).
# The last line is "N passed, N failed, N skipped".
set -eu
. "$(dirname "$0")/lib.sh"

kernel=${1:-latest}
[ $# = 0 ] || shift
[ $# != 0 ] || set -- um x86_64
out=$outs/check-kunit-py-$kernel

source=$("$top/scripts/fetch-source.sh" "$kernel")
need_for_builds
need qemu-system-x86
begin_run tree
link_tree kunit-py

# kunit.py takes any /dev/kvm that opens, also one that hangs its guests. It
# finds a QEMU that emulates instead.
mkdir "$out/bin"
cat >"$out/bin/qemu-system-x86_64" <<-END
	#!/bin/sh
	for arg; do
	    shift
	    [ "\$arg" != kvm ] || arg=tcg,thread=multi
	    set -- "\$@" "\$arg"
	done
	exec $(command -v qemu-system-x86_64) "\$@"
END
chmod 755 "$out/bin/qemu-system-x86_64"
export PATH="$out/bin:$PATH"

# kunit_py VERB ARCH [ARGUMENT...]: User-mode Linux keeps its one processor.
kunit_py()
{
	verb=$1 arch=$2
	shift 2
	[ "$arch" = um ] || set -- --kconfig_add=CONFIG_SMP=y "$@"
	(cd "$tree" && python3 tools/testing/kunit/kunit.py "$verb" \
		--arch="$arch" --build_dir="$cache/build/kunit-$arch-$kernel" \
		--kunitconfig=lib/kworkerx --jobs="$jobs" "$@")
}

# build ARCH
build()
{
	say "building Linux $kernel for $1"
	kunit_py build "$1" >"$out/build-$1.log" 2>&1 ||
		{ tail -n 20 "$out/build-$1.log" >&2; die "no kernel for $1"; }
}

passed=0
failed=0
skipped=0
# count ARCH WORD: the number before or after which kunit.py puts the word.
count()
{
	sed -n "s/.*Testing complete.*[ ,]$2: \([0-9]*\).*/\1/p" "$out/$1.log" |
		grep . || echo 0
}

# run ARCH: a run without a result has failed as well.
run()
{
	arch=$1
	say "running kunit.py on $arch"
	# A kernel that gives up the TSC stops all CPUs for that, and waits for
	# the one that a test holds.
	[ "$arch" = um ] || set -- "$arch" --qemu_args='-smp 4' \
		--kernel_args=tsc=reliable
	rc=0
	kunit_py run "$@" --timeout=600 >"$out/$arch.log" 2>&1 || rc=$?
	grep -v ' \[PASSED\]' "$out/$arch.log" | tail -n 30
	good=$(count "$arch" passed)
	bad=$(($(count "$arch" failed) + $(count "$arch" crashed) +
		$(count "$arch" errors)))
	[ $rc = 0 ] && [ "$good" != 0 ] || [ $bad != 0 ] || bad=1
	echo "$arch: $good passed, $bad failed"
	passed=$((passed + good))
	failed=$((failed + bad))
	skipped=$((skipped + $(count "$arch" skipped)))
}

for arch in "$@"; do
	build "$arch"
done
for arch in "$@"; do
	[ "$arch" = um ] || lock guest
	run "$arch"
done

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
