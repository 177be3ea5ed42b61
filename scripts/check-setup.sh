#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Show what the scripts make of machines that are not like this one: what they say,
# fetch, build and refuse there. Programs that stand in for the machine's own are in
# front of them, so nothing of a case is installed or boots. The last line is "N
# passed, N failed, N skipped".
# shellcheck disable=SC2016 # what stands in for programs expands it
set -eu
. "$(dirname "$0")/lib.sh"

need_for_builds
need busybox-static
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0
failed=0

# Scripts and programs that everybody may read, and a cache for each case.
chmod 755 "$tmp"
tree=$tmp/tree
copy_sources "$tree"
mkdir "$tmp/bin"
export PATH="$tmp/bin:$PATH" TMP="$tmp"

# program NAME: one that stands in, from standard input.
program()
{
	{ echo '#!/bin/sh'; cat; } >"$tmp/bin/$1"
	chmod 755 "$tmp/bin/$1"
}

says() { grep -qe "$1" "$tmp/said" || { echo "does not say: $1"; return 1; }; }
says_not() { fails grep -e "$1" "$tmp/said"; }

# here COMMAND...: shell that has sourced lib.sh; what it prints is what it said.
here()
{
	sh -eu -c ". '$tree/scripts/lib.sh'; $*" "$tree/scripts/here" >"$tmp/said" 2>&1
}

on_its_own() { export XDG_CACHE_HOME="$tmp/cache"; unset OUT WERROR; "$1"; }

# case_of WORDS COMMAND: with an empty cache.
case_of()
{
	rm -rf "${tmp:?}/cache" "${tmp:?}/bin"
	mkdir "$tmp/bin"
	: >"$tmp/said"
	attempt "$1" "$tmp/log" on_its_own "$2"
	[ $rc = 0 ] || sed 's/^/    /' "$tmp/said"
}

#
# Warnings
#

# builds LINE...: build a module whose compiler says that, relative to its folder
# or not.
builds()
{
	mkdir -p "$tmp/m/sub"
	: >"$tmp/m/ours.c"
	: >"$tmp/m/sub/ours.o"
	printf '%s\n' "$@" >"$tmp/compiler"
	program make <<-'END'
	case ${LC_ALL:-$LANG} in
	C | C.*) cat "$TMP/compiler" ;;
	*)	sed 's/warning:/Warnung:/' "$TMP/compiler" ;;
	esac
	END
	here "build_module /kernel /source $tmp/m $tmp/build.log"
}

# Each of them: shown, and an error only if it is asked for.
counts_our_warnings()
{
	for line in "$tmp/m/ours.c:1:2: warning: one" 'ours.c:1:2: warning: two' \
		'sub/ours.o: warning: objtool: three' \
		'WARNING: modpost: missing MODULE_DESCRIPTION() in ours.o' \
		"ld: warning: $tmp/m/ours.o: missing .note.GNU-stack" \
		"    inlined from 'f' at $tmp/m/ours.c:1:2:
/source/include/linux/string.h:5:6: warning: four"; do
		builds "$line"
		says "$(echo "$line" | tail -n 1)"
		WERROR=1 fails builds "$line"
	done
}

tools_are_not_ours()
{
	export WERROR=1
	builds 'warning: the compiler differs from the one used to build the kernel' \
		'  The kernel was built by: x86_64-linux-gnu-gcc-13 13.3.0' \
		'  You are using:           gcc-13 13.3.0' \
		'warning: pahole version differs from the one used to build the kernel' \
		'WARNING: Module.symvers is missing.' \
		'make[3]: warning: jobserver unavailable: using -j1.' \
		'/source/include/linux/string.h:5:6: warning: theirs' \
		'./include/linux/string.h:5:6: warning: theirs' \
		"/source/include/linux/string.h:5:6: warning: as $tmp/m/ours.c" \
		'arch/x86/boot/ours.c:5:6: warning: theirs'
	says_not .
}

warnings_in_german()
{
	export LC_ALL=de_DE.UTF-8 LANG=de_DE.UTF-8 LANGUAGE=de
	builds 'ours.c:1:2: warning: one'
	says 'warning: one'
}

#
# Folders
#

no_home()
{
	unset HOME XDG_CACHE_HOME
	here 'echo "$cache"'
	says "^$(getent passwd "$(id -u)" | cut -d : -f 6)/.cache/kworkerx$"
}

# One whose home is not there, and one who may not write to the project's folder.
nobody()
{
	runuser=
	[ "$(id -u)" != 0 ] || runuser='setpriv --reuid=65534 --regid=65534 --clear-groups'
	[ -n "$runuser" ] || chmod -R a-w "$tree"
	# shellcheck disable=SC2086 # one word per argument
	$runuser "$@" >"$tmp/said" 2>&1 && rc=0 || rc=$?
	chmod -R u+w "$tree"
	return $rc
}

no_place_for_a_cache()
{
	fails nobody env -u XDG_CACHE_HOME HOME=/nonexistent "$tree/scripts/load.sh" unload x
	says 'XDG_CACHE_HOME=DIR names'
	XDG_CACHE_HOME="$tmp/a b" fails here true
	says 'XDG_CACHE_HOME=DIR'
	fails ls "$tmp/a b"
}

read_only_folder()
{
	mkdir -m 777 "$tmp/cache" "$tmp/results"
	nobody sh -c ". '$tree/scripts/lib.sh'; echo \$outs" "$tree/scripts/here"
	says "^$tmp/cache/kworkerx/out$"
	says 'cannot write to .*/tree/out, so results go to'
	nobody env OUT="$tmp/results" sh -c ". '$tree/scripts/lib.sh'; echo \$outs" \
		"$tree/scripts/here"
	says "^$tmp/results$"
	says_not 'cannot write'
}

# Relative to where it is said, and with a name that makefiles do not like.
another_place_for_results()
{
	cd "$tmp"
	OUT='my results' here 'echo "to $outs"; : >"$outs/file"'
	says '^to [a-z0-9A-Z/.]*$'
	ls 'my results/file'
}

odd_folder()
{
	mv "$tree" "$tmp/a 'tree', too"
	rc=0
	sh -eu -c '. "$TMP/a '\''tree'\'', too/scripts/lib.sh"
		echo "at $top"
		cd "$top" && ls kworkerx.c
		copy_sources "$TMP/copy"
		make -n -C "$top/user" O="$outs/user" SRC="$top" explore' \
		"$tmp/a 'tree', too/scripts/here" >"$tmp/said" 2>&1 || rc=$?
	mv "$tmp/a 'tree', too" "$tree"
	[ $rc = 0 ]
	says '^at [a-z0-9A-Z/.]*$'
	ls "$tmp/copy/kworkerx.c"
	fails make -C "$tmp/copy" CURDIR="$tmp/a b" KDIR="$tmp" headers-there
}

#
# Packages
#

# A user with a sudo that keeps nothing, on a machine without any packages, whose
# apt is busy twice and misses one of its lists.
new_machine()
{
	program id <<-'END'
	echo 1000
	END
	program sudo <<-'END'
	[ "$1" != -n ] || shift
	exec env -i PATH="$PATH" TMP="$TMP" "$@"
	END
	program dpkg-query <<-'END'
	exit 1
	END
	program apt-get <<-'END'
	echo "$* [$DEBIAN_FRONTEND $http_proxy $https_proxy]" >>"$TMP/cache/apt"
	case $* in
	*--print-uris*)
		echo "'http://deb/x.deb' x.deb 12300000 SHA256:0"
		echo "'http://deb/y.deb' y.deb 100000 SHA256:0" ;;
	*update*)
		echo 'E: The repository does not have a Release file.' >&2
		exit 100 ;;
	*install*)
		echo x >>"$TMP/cache/tries"
		[ "$(wc -l <"$TMP/cache/tries")" -gt 2 ] || {
			echo "E: Could not get lock /var/lib/apt/lists/lock." >&2
			exit 100
		}
		[ ! -e "$TMP/cache/broken" ] || exit 100 ;;
	esac
	END
	mkdir -p "$tmp/cache"
}

installs_packages()
{
	new_machine
	export http_proxy=http://proxy:1 https_proxy=http://proxy:2 TICK=0
	unset DEBIAN_FRONTEND
	here need one two
	cp "$tmp/cache/apt" "$tmp/calls"
	says 'installing one two: 12.4 MB to download'
	says 'waiting for another apt'
	says 'not all of them'
	cp "$tmp/calls" "$tmp/said"
	says 'update .*[[]noninteractive http://proxy:1 http://proxy:2]'
	says 'DPkg::Lock::Timeout=[0-9].* install .*one two [[]noninteractive http://proxy:1'
	[ "$(grep -vc print-uris "$tmp/calls")" = 4 ]
}

says_what_it_could_not_install()
{
	new_machine
	: >"$tmp/cache/broken"
	TICK=0 fails here need one
	says 'could not install one'
}

says_what_root_has_to_do()
{
	new_machine
	program sudo <<-'END'
	exit 1
	END
	fails here need one
	says 'have root run:'
	says 'apt-get install -y one'
	fails ls "$tmp/cache/apt"
}

# Whatever lock a script holds then. A script that waits for itself never ends.
installs_under_each_lock()
{
	new_machine
	export TICK=0
	locks=$(sed -En 's/^(\t+|.*[|&] )?(lock|begin_run) ([a-z]+)( .*)?$/\3/p' \
		"$tree"/scripts/*.sh | sort -u)
	[ "$(echo "$locks" | grep -cxE 'guest|install|style')" = 3 ]
	for lock in $locks; do
		timeout 60 sh -eu -c ". '$tree/scripts/lib.sh'; lock $lock; need one" \
			"$tree/scripts/here" >"$tmp/said" 2>&1
	done
}

# mirror_of LINE...: of these targets of apt.
mirror_of()
{
	printf '%s\n' "$@" >"$tmp/targets"
	program apt-get <<-'END'
	cat "$TMP/targets"
	END
	here 'VERSION_CODENAME=trixie; debian_mirror'
}

finds_the_mirror()
{
	key=/usr/share/keyrings/debian-archive-keyring.gpg
	mirror_of 'trixie-security http://security Debian' 'trixie http://a  Debian'
	says '^http://a$'
	mirror_of 'stable http://chrome /usr/share/keyrings/chrome.gpg Google' \
		"trixie http://docker /etc/apt/keyrings/docker.asc Docker" \
		"stable-security http://security $key Debian" "stable http://a $key Debian"
	says '^http://a$'
	# Before the first update nobody says who they are.
	mirror_of 'stable http://chrome /usr/share/keyrings/chrome.gpg ' \
		"stable http://a $key "
	says '^http://a$'
	mirror_of "trixie cdrom://x $key " 'testing http://a  '
	says '^http://a$'
	fails mirror_of 'nodistro http://node  '
	says 'no archive configured for trixie'
}

# As root, and those that are there, in an order in which they go.
unloads()
{
	new_machine
	program grep <<-'END'
	exit 0
	END
	program sudo <<-'END'
	[ "$1" != -n ] || shift
	echo "sudo $*"
	END
	make -s -C "$tree" unload >"$tmp/said" 2>&1
	rm "$tmp/bin/grep"
	says 'sudo rmmod kworkerx$'
	[ "$(head -n 1 "$tmp/said")" = 'sudo rmmod kworkerx_workqueue' ]
	"$tree/scripts/load.sh" unload kworkerx_gone
}

#
# Kernels
#

# archive: a folder of packages, and an apt that has them and nothing else. One of its
# lists cannot be read.
archive()
{
	mkdir -p "$tmp/cache" "$tmp/debs"
	rm -f "$tmp"/debs/*
	program apt-get <<-'END'
	case $* in
	*--print-uris*)
		echo "'http://deb/x.deb' x.deb 1000000 SHA256:0"
		exit ;;
	*indextargets*)
		. /etc/os-release
		echo "$VERSION_CODENAME http://deb  Debian"
		exit ;;
	*update*) exit 100 ;;
	*download*) ;;
	*)	exit 1 ;;
	esac
	while [ "$1" != download ]; do shift; done
	for package; do
		case $package in
		download | -*) ;;
		*)	cp "$TMP/debs/$package.deb" . || exit ;;
		esac
	done
	END
	program apt-cache <<-'END'
	case $* in
	*search*) echo 'linux-source-9.9 - source' ;;
	*show*)
		for package; do :; done
		dpkg-deb -f "$TMP/debs/$package.deb" ;;
	esac
	END
	# It is asked for what headers need, and has all of that.
	program dpkg-query <<-'END'
	echo "$*" >>"$TMP/cache/asked"
	echo 'install ok installed'
	END
}

# package NAME DEPENDS: made of the folder pack, which is gone then.
package()
{
	mkdir -p "$tmp/pack/DEBIAN"
	cat >"$tmp/pack/DEBIAN/control" <<-END
	Package: $1
	Version: 1
	Architecture: all
	Maintainer: nobody <nobody@localhost>
	Description: nothing
	Depends: $2
	END
	dpkg-deb -b "$tmp/pack" "$tmp/debs/$1.deb"
	rm -r "$tmp/pack"
}

# image PATH: a package's, of a size that an image has.
image()
{
	mkdir -p "$tmp/pack/$(dirname "$1")"
	head -c 2000000 /dev/zero >"$tmp/pack/$1"
}

# found: what find_stock makes of that. There, make says that it found the kernel.
found()
{
	sh -eu -c '. "$TMP/tree/scripts/lib.sh"; . "$TMP/tree/scripts/lib-stock.sh"; find_stock
		[ "$(wc -c <"$image")" = 2000000 ]
		make -s -C "$kdir" modules; ls "$kdir/scripts/mark"' \
		"$tree/scripts/here" >"$tmp/said" 2>&1
	says '^a module'
	fails grep -E 'linux-|initramfs' "$tmp/cache/asked"
}

# As Debian has it, which names the folders in full.
debian_headers()
{
	mkdir -p "$tmp/pack/usr/src/linux-headers-9.9-x"
	echo 'include /usr/src/linux-headers-9.9-common/Makefile' \
		>"$tmp/pack/usr/src/linux-headers-9.9-x/Makefile"
	ln -s ../../lib/linux-kbuild-9.9/scripts "$tmp/pack/usr/src/linux-headers-9.9-x/"
	package linux-headers-9.9-x "linux-base (>= 4), linux-headers-9.9-common (= 1),
 linux-image-9.9-x (= 1) | linux-image-9.9-x-unsigned (= 1), linux-kbuild-9.9, $1"
	mkdir -p "$tmp/pack/usr/src/linux-headers-9.9-common"
	printf 'modules:\n\t@echo a module\n' \
		>"$tmp/pack/usr/src/linux-headers-9.9-common/Makefile"
	package linux-headers-9.9-common 'linux-kbuild-9.9'
	mkdir -p "$tmp/pack/usr/lib/linux-kbuild-9.9/scripts"
	: >"$tmp/pack/usr/lib/linux-kbuild-9.9/scripts/mark"
	package linux-kbuild-9.9 'libc6 (>= 2)'
	package "${HEADERS:=linux-headers-meta}" 'linux-headers-9.9-x (= 1)'
	export HEADERS
}

# Headers that depend on the image; it is where it has always been.
stock_of_debian_13()
{
	archive
	debian_headers 'gcc-14'
	image boot/vmlinuz-9.9-x
	package linux-image-9.9-x 'kmod, linux-base, initramfs-tools | linux-initramfs-tool'
	found
	grep 'gcc-14$' "$tmp/cache/asked"
	# It is there now, so nobody is asked.
	program apt-get <<-'END'
	exit 1
	END
	found
}

stock_of_newer_kernels()
{
	archive
	debian_headers 'gcc-16-for-host'
	image usr/lib/modules/9.9-x/vmlinuz
	package linux-binary-9.9-x 'linux-base'
	package linux-image-9.9-x 'linux-binary-9.9-x (= 1), initramfs-tools'
	found
}

# Two packages that know each other by relative links.
stock_of_ubuntu()
{
	archive
	HEADERS=linux-headers-meta
	mkdir -p "$tmp/pack/usr/src/linux-headers-9.9-generic" \
		"$tmp/pack/lib/modules/9.9-generic"
	ln -s ../linux-headers-9.9/Makefile "$tmp/pack/usr/src/linux-headers-9.9-generic/"
	ln -s /usr/src/linux-headers-9.9-generic "$tmp/pack/lib/modules/9.9-generic/build"
	mkdir "$tmp/pack/usr/src/linux-headers-9.9-generic/scripts"
	: >"$tmp/pack/usr/src/linux-headers-9.9-generic/scripts/mark"
	package linux-headers-9.9-generic 'linux-headers-9.9, libc6 (>= 2), libelf1t64'
	mkdir -p "$tmp/pack/usr/src/linux-headers-9.9"
	printf 'modules:\n\t@echo a module\n' \
		>"$tmp/pack/usr/src/linux-headers-9.9/Makefile"
	package linux-headers-9.9 coreutils
	image boot/vmlinuz-9.9-generic
	package linux-image-9.9-generic 'kmod, linux-base, linux-modules-9.9-generic'
	package linux-headers-meta 'linux-headers-9.9-generic'
	export HEADERS
	found
}

# One list less does not matter, and it is said what is fetched.
fetches_source()
{
	archive
	mkdir -p "$tmp/linux" "$tmp/pack/usr/src"
	: >"$tmp/linux/Kbuild"
	tar -C "$tmp" -cJf "$tmp/pack/usr/src/linux-source-9.9.tar.xz" linux
	package linux-source-9.9 binutils
	"$tree/scripts/fetch-source.sh" 9.9 >"$tmp/said" 2>&1
	says 'fetching linux-source-9.9: 1.0 MB to download'
	says "^$tmp/cache/kworkerx/source/linux-source-9.9-1$"
}

# build_with VERSION: print where the kernel is that this compiler has built.
build_with()
{
	export VERSION="$1"
	TICK=1 "$tree/scripts/build-kernel.sh" latest plain 2>"$tmp/said"
}

# builds_kernels: a kernel's source, and programs that seem to build it.
builds_kernels()
{
	mkdir -p "$tmp/cache/kworkerx/source/linux-9.9"
	ln -s linux-9.9 "$tmp/cache/kworkerx/source/latest"
	program dpkg-query <<-'END'
	echo 'install ok installed'
	END
	program gcc <<-'END'
	echo "gcc (Debian) $VERSION"
	END
	program make <<-'END'
	echo "make ${LLVM+with LLVM=$LLVM} $*" >>"$TMP/made"
	for arg; do
		case $arg in
		O=*)	dir=${arg#O=} ;;
		allnoconfig) cp "$dir/fragments" "$dir/.config" ;;
		bzImage) : >"$dir/one.o"; sleep "${PAUSE:-0}" ;;
		esac
	done
	END
	: >"$tmp/made"
}

keeps_compilers_apart()
{
	builds_kernels
	export PAUSE=3
	old=$(build_with 12.2.0)
	says 'building the kernel, for 0:0[123] min, 1 of about 1200 objects'
	new=$(build_with 14.2.0)
	[ "$old" != "$new" ]
	[ "$(build_with 12.2.0)" = "$old" ]
	says_not building
}

# Who wants a kernel that somebody builds has no use for his lock.
waits_no_longer_than_needed()
{
	mkdir -p "$tmp/cache/kworkerx"
	flock "$tmp/cache/kworkerx/build.lock" sh -c ': >"$TMP/cache/held"; exec sleep 15' &
	until [ -e "$tmp/cache/held" ]; do sleep 0.1; done
	TICK=1 here lock build true
	says 'waiting for another build'
	fails env TICK=1 timeout 3 sh -c ". '$tree/scripts/lib.sh'; lock build false" \
		"$tree/scripts/here"
}

# copies: for a kernel of ours, with a compiler that notes what it compiles.
copies()
{
	: >"$tmp/compiled"
	program make <<-'END'
	for arg; do
		case $arg in
		M=*)	dir=${arg#M=} ;;
		esac
	done
	for file in "$dir"/*.c "$dir"/modules/*.c; do
		[ "${file%.c}.o" -nt "$file" ] && continue
		echo "${file##*/}" >>"$TMP/compiled"
		: >"${file%.c}.o"
		! grep -q 'of no use' "$file" || echo "$file:1:1: warning: of no use"
	done
	END
	here "kdir=\$cache/build/one source=/source out=$tmp; build_copy copy"
}

# Whatever its time says. And who was warned is warned again.
builds_what_has_changed()
{
	copies
	grep -qx kworkerx_percpu.c "$tmp/compiled"
	copies
	[ ! -s "$tmp/compiled" ]
	echo '/* of no use */' >>"$tree/kworkerx.c"
	touch -d 2001-01-01 "$tree/kworkerx.c"
	copies
	[ "$(cat "$tmp/compiled")" = kworkerx.c ]
	says 'warning: of no use'
	copies
	says 'warning: of no use'
	rm "$tree/modules/kworkerx_percpu.c"
	copies
	fails ls "$tmp"/cache/kworkerx/module/copy-one/modules/kworkerx_percpu.c
}

# builds_by TEXT CONFIG [LLVM]: make is called so.
builds_by()
{
	: >"$tmp/made"
	(
		unset LLVM
		[ $# -lt 3 ] || export LLVM="$3"
		"$tree/scripts/build-kernel.sh" latest "$2"
	) >"$tmp/said" 2>&1
	[ "$(grep -c "$1" "$tmp/made")" = 2 ] || { cat "$tmp/made"; return 1; }
}

# One that lacks its linker is none.
finds_the_newest_clang()
{
	builds_kernels
	program apt-cache <<-'END'
	printf '%s - x\n' clang-9 lld-9 llvm-9 clang-19 lld-19 llvm-19 clang-20 llvm-20
	END
	for clang in clang-19 clang-16 /llvm/clang; do
		echo "echo $clang" | program "${clang#/llvm/}"
	done
	builds_by 'make  ' plain
	builds_by 'with LLVM=-19 ' clang
	builds_by 'with LLVM=-16 ' clang -16
	builds_by "with LLVM=$tmp/bin/ " clang "$tmp/bin/"
	builds_by 'with LLVM=1 ' plain 1
	builds_by 'with LLVM= ' up ''
	program apt-cache </dev/null
	rm -rf "$tmp/cache/kworkerx/build"
	fails builds_by 'with LLVM=-19 ' clang
	says 'no package of clang here'
}

builds_modules_by_clang()
{
	builds_kernels
	mkdir -p "$tmp/kernel/include/config"
	auto=$tmp/kernel/include/config/auto.conf
	build='build_module $TMP/kernel $TMP/kernel $TMP/kernel $TMP/log'
	echo CONFIG_CLANG_VERSION=190107 >"$auto"
	program clang-19 </dev/null
	program ld.lld-19 </dev/null
	here "unset LLVM; $build" && grep 'make  .* LLVM=-19 modules' "$tmp/made"
	: >"$tmp/made"
	here "export LLVM=-16; $build" && grep 'make with LLVM=-16 .* modules' "$tmp/made"
	fails grep LLVM=-19 "$tmp/made"
	echo CONFIG_CLANG_VERSION=0 >"$auto"
	here "unset LLVM; $build" && fails grep 'make  .* LLVM=' "$tmp/made"
}

# How far it is, where it has tests.
guest_goes_on()
{
	mkdir -p "$tmp/guest"
	program dpkg-query <<-'END'
	echo 'install ok installed'
	END
	program qemu-system-x86_64 <<-'END'
	printf '[    1.0]     ok 1 a_case\r\n[    1.1]     ok 2 b_case\r\n' \
		>"$TMP/guest/console.log"
	sleep 3
	END
	ACCEL=tcg TICK=1 "$tree/scripts/qemu.sh" /dev/null "$tree/scripts/lib.sh" \
		"$tmp/guest" >"$tmp/said" 2>&1
	says 'at most 30 min'
	says 'the guest runs, for 0:0[123] min, 2 tests done'
}

# Not for as long as it would have run.
ends_guest_by_interrupt()
{
	mkdir -p "$tmp/guest"
	program dpkg-query <<-'END'
	echo 'install ok installed'
	END
	program qemu-system-x86_64 <<-'END'
	trap 'echo interrupted >"$TMP/guest/end"; exit' INT
	: >"$TMP/guest/runs"
	while sleep 0.1; do :; done
	END
	export ACCEL=tcg
	python3 - "$tree/scripts/qemu.sh" /dev/null "$tree/scripts/lib.sh" \
		"$tmp/guest" <<-'END'
	import os, signal, subprocess, sys, time
	guest = subprocess.Popen(sys.argv[1:], start_new_session=True, preexec_fn=
	    lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
	while not os.path.exists(sys.argv[4] + '/runs'):
	    time.sleep(0.1)
	os.killpg(guest.pid, signal.SIGINT)
	try:
	    guest.wait(10)
	finally:
	    subprocess.run(['pkill', '-s', str(guest.pid)])
	END
	ls "$tmp/guest/end"
}

case_of 'warnings about our files' counts_our_warnings
case_of 'warnings about tools and the kernel' tools_are_not_ours
case_of 'a machine that speaks German' warnings_in_german
case_of 'no HOME' no_home
case_of 'no place for a cache' no_place_for_a_cache
case_of 'a folder that cannot be written' read_only_folder
case_of 'OUT' another_place_for_results
case_of 'a folder with an odd name' odd_folder
case_of 'packages of a new machine' installs_packages
case_of 'a package that cannot be installed' says_what_it_could_not_install
case_of 'packages, while there are locks' installs_under_each_lock
case_of 'a user who is not root' says_what_root_has_to_do
case_of 'the mirror of Debian' finds_the_mirror
case_of 'make unload' unloads
case_of 'the kernel of Debian 13' stock_of_debian_13
case_of 'the kernel of later releases' stock_of_newer_kernels
case_of 'the kernel of Ubuntu' stock_of_ubuntu
case_of 'the source of a kernel' fetches_source
case_of 'a kernel for each compiler' keeps_compilers_apart
case_of 'a kernel that another one builds' waits_no_longer_than_needed
case_of 'the newest clang, or what LLVM says' finds_the_newest_clang
case_of 'a module for a kernel of clang' builds_modules_by_clang
case_of 'a guest that takes a while' guest_goes_on
case_of 'a guest that is interrupted' ends_guest_by_interrupt
case_of 'a kernel that the modules were built for' builds_what_has_changed

echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
