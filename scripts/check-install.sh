#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Try "make install" and "make uninstall", DKMS, the Debian package, a consumer
# of each, and what is said when something is missing, for the distribution's
# own kernel. Everything stays in out/. The last line is "N passed, N failed, N
# skipped".
set -eu
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-stock.sh"

out=$outs/check-install
need_for_builds
need qemu-system-x86 busybox-static dkms
find_stock
begin_run install
mkdir "$out/tmp"
build=$cache/module/install
copy_sources "$build"
version=$(make -s -C "$build" version)
stage=$out/stage
modules=$stage/lib/modules/$abi
usr_src=$stage/usr/src/kworkerx-$version
passed=0
failed=0

step() { attempt "$1" "$out/step.log" traced "$2"; }
none_in() { [ -z "$(find "$@" -name '*kworkerx*')" ]; }
ours() { make -C "$build" KDIR="$kdir" "$@"; }

# consumer NAME KWORKERX: build the template against what is in KWORKERX.
consumer()
{
	rm -rf "${out:?}/$1"
	cp -r "$top/samples/minimal" "$out/$1"
	make -C "$kdir" M="$out/$1" KWORKERX="$2" modules
}

installs()
{
	# What depmod wants of a tree of modules.
	mkdir -p "$modules"
	: >"$modules/modules.order"
	: >"$modules/modules.builtin"
	ours DESTDIR="$stage" install
	# Some kernels have their modules compressed.
	ls "$modules"/updates/kworkerx.ko* "$modules"/updates/kworkerx_percpu.ko* \
		"$modules"/updates/kworkerx_workqueue.ko*
	grep '^updates/kworkerx_percpu.ko[.a-z]*: updates/kworkerx.ko' \
		"$modules/modules.dep"
	ls "$usr_src/kworkerx.h" "$usr_src/kworkerx_percpu.h" \
		"$usr_src/kworkerx_dropin.h" "$usr_src/kworkerx_dropin_fmt.h" \
		"$usr_src/kworkerx_workqueue.h" "$usr_src/kworkerx_workqueue_dropin.h" \
		"$usr_src/$abi/Module.symvers"
	[ "$(modinfo -F version "$modules"/updates/kworkerx.ko*)" = "$version" ]
}

serves_a_consumer()
{
	consumer installed "$stage/usr/src/kworkerx"
	[ "$(modinfo -F depends "$out/installed/minimal.ko")" = kworkerx ]
}

explains_symvers()
{
	mv "$usr_src/$abi" "$out/tmp"
	fails consumer lost "$stage/usr/src/kworkerx" >"$out/explained" 2>&1
	mv "$out/tmp/$abi" "$usr_src"
	grep 'Build kworkerx for this kernel first' "$out/explained"
	make -C "$kdir" M="$out/lost" KWORKERX="$usr_src" clean
}

uninstalls()
{
	ours DESTDIR="$stage" uninstall
	none_in "$stage"
	fails ls "$modules/updates"
}

# What others have there stays.
uninstalls_without_headers()
{
	ours DESTDIR="$stage" install
	: >"$modules/updates/other.ko"
	gone=/lib/modules/$abi/build
	fails ls "$gone"
	make -C "$build" KDIR="$gone" DESTDIR="$stage" uninstall
	none_in "$stage"
	rm "$modules/updates/other.ko"
	fails make -C "$build" KDIR=/nonexistent DESTDIR="$stage" uninstall \
		>"$out/explained" 2>&1
	grep 'Name its folder' "$out/explained"
}

heeds_mod_path()
{
	ours DESTDIR="$out/a" INSTALL_MOD_PATH="$out/b" install
	ls "$out/b/lib/modules/$abi/updates"/kworkerx.ko*
	fails ls "$out/a/lib"
	ours DESTDIR="$out/a" INSTALL_MOD_PATH="$out/b" uninstall
	none_in "$out/a" "$out/b"
}

# dkms_in COMMAND...: with trees and a key of its own.
dkms_in()
{
	as_root env mok_signing_key="$out/mok.key" mok_certificate="$out/mok.pub" \
		dkms --no-depmod --dkmstree "$out/dkms" --sourcetree "$out/src/usr/src" \
		--installtree "$out/modules" --kernelsourcedir "$kdir" "$@" \
		>"$out/dkms.log" 2>&1 || { cat "$out/dkms.log"; return 1; }
	cat "$out/dkms.log"
	fails grep -i deprecated "$out/dkms.log"
}

dkms_adds()
{
	mkdir -p "$out/dkms" "$out/modules/$abi"
	ln -s "$kdir" "$out/modules/$abi/build"
	ours DESTDIR="$out/src" dkms
	# Consumers find all headers in one folder, however they came there.
	ls "$out/src/usr/src/kworkerx/kworkerx_percpu.h"
	cp -r "$top/samples/minimal" "$out/src/usr/src/example-1"
	dkms_in add kworkerx/"$version"
}

dkms_builds()
{
	dkms_in build kworkerx/"$version" -k "$abi"
	ls "$out/src/usr/src/kworkerx/$abi/Module.symvers"
}

dkms_installs() { dkms_in install kworkerx/"$version" -k "$abi"; }
dkms_removes()
{
	dkms_in remove kworkerx/"$version" --all
	none_in "$out/modules"
	fails ls "$out/src/usr/src/kworkerx/$abi"
}

# Not what "make install" put there.
undoes_dkms()
{
	ours DESTDIR="$out/undo" INSTALL_MOD_PATH="$out/b" install
	ours DESTDIR="$out/undo" dkms
	ours DESTDIR="$out/undo" undkms
	fails ls "$out/undo/usr/src/kworkerx/dkms.conf"
	ls "$out/undo/usr/src/kworkerx/$abi"
	ours DESTDIR="$out/undo" INSTALL_MOD_PATH="$out/b" uninstall
	none_in "$out/undo"
	ours DESTDIR="$out/undo" dkms
	ours DESTDIR="$out/undo" undkms
	none_in "$out/undo"
}

# Without the dependency, the alphabet decides.
dkms_builds_consumer_last()
{
	dkms_in add kworkerx/"$version"
	dkms_in add example/1
	dkms_in autoinstall -k "$abi"
	dkms_in status >"$out/status"
	[ "$(grep -c installed "$out/status")" = 2 ]
}

unpacked() { find "$out/modules" -name "$1.ko*"; }
loads()
{
	for module in $(list_modules) minimal; do
		file=$(unpacked "$module")
		cp "$file" "$out/tmp"
		case $file in
		*.xz) xz -d "$out/tmp/$(basename "$file")" ;;
		*.gz) gzip -d "$out/tmp/$(basename "$file")" ;;
		*.zst) zstd -d "$out/tmp/$(basename "$file")" ;;
		esac
	done
	lock guest
	TIMEOUT=${TIMEOUT:-150} boot install "$out/guest" "$out"/tmp/*.ko
	cat "$out/guest/results"
	[ "$(cat "$out/guest/results")" = '@@ done' ]
}

builds_package()
{
	package=$("$top/scripts/build-deb.sh" "$version")
	dpkg-deb --info "$package"
	[ "$(dpkg-deb -f "$package" Version)" = "$version" ]
	dpkg-deb -x "$package" "$out/deb"
	diff -r -x "$abi" "$out/src/usr/src/kworkerx-$version" \
		"$out/deb/usr/src/kworkerx-$version"
}

# A tag, where there is one, and every module have the same version.
agrees_on_version()
{
	for module in "$build"/kworkerx*.ko; do
		[ "$(modinfo -F version "$module")" = "$version" ]
	done
	tag=$(git -C "$top" describe --exact-match --match 'v*' 2>/dev/null) ||
		tag=v$version
	[ "$tag" = "v$version" ]
}

explains_headers()
{
	fails make -C "$build" KDIR=/nonexistent >"$out/explained" 2>&1
	grep 'apt-get install linux-headers' "$out/explained"
}

explains_build()
{
	ours >"$out/explained" 2>&1
	grep 'no KUnit' "$out/explained"
	if [ -e "$kdir/vmlinux" ]; then
		fails grep 'Skipping BTF' "$out/explained"
	else
		grep 'Skipping BTF generation" is harmless' "$out/explained"
	fi
}

explains_key()
{
	"$top/scripts/explain.sh" refused "$kdir" 'insmod: ERROR: could not insert
		module kworkerx.ko: Key was rejected by service' \
		>"$out/explained" 2>&1
	grep mokutil "$out/explained"
}

# would ARGUMENT...: print what is done to build for that kernel, where DKMS does it.
would() { make -n -C "$out/src/usr/src/kworkerx" KDIR="$out/clang" "$@" modules; }

# Only the configuration of a kernel that a clang has built, and the names of that.
takes_clang()
{
	mkdir -p "$out/clang/include/config" "$out/clang/bin"
	: >"$out/clang/Makefile"
	echo CONFIG_CLANG_VERSION=0 >"$out/clang/include/config/auto.conf"
	would >"$out/plain"
	fails grep LLVM "$out/plain"
	echo CONFIG_CLANG_VERSION=990102 >"$out/clang/include/config/auto.conf"
	CC=gcc would | grep ' LLVM=1 '
	{
		would LLVM=-16
		LLVM=-16 would
		would CC=clang-16
	} >"$out/plain"
	fails grep -E 'LLVM=(1|-99)' "$out/plain"
	printf '#!/bin/sh\n' >"$out/clang/bin/clang-99"
	chmod 755 "$out/clang/bin/clang-99"
	PATH="$out/clang/bin:$PATH" would | grep ' LLVM=1 '
	cp "$out/clang/bin/clang-99" "$out/clang/bin/ld.lld-99"
	PATH="$out/clang/bin:$PATH" would | grep ' LLVM=-99 '
}

step 'make install' installs
step 'a consumer of what was installed' serves_a_consumer
step 'a missing Module.symvers is explained' explains_symvers
step 'make uninstall' uninstalls
step 'make uninstall, its headers gone' uninstalls_without_headers
step 'INSTALL_MOD_PATH' heeds_mod_path
step 'dkms add' dkms_adds
step 'dkms build' dkms_builds
step 'dkms install' dkms_installs
step 'dkms remove' dkms_removes
step 'make undkms' undoes_dkms
step 'dkms builds what a consumer depends on first' dkms_builds_consumer_last
step 'the Debian package' builds_package
step 'one version everywhere' agrees_on_version
step 'missing headers are explained' explains_headers
step 'what a build says or leaves out is explained' explains_build
step 'a rejected key is explained' explains_key
step "a kernel built by clang gets that, or the user's" takes_clang
# Last, since it may have to wait for another guest.
step "what dkms built loads on Linux $abi" loads

echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
