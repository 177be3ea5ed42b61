#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Show the modules at work on the distribution's own kernel: build them and the
# samples against the packaged headers, boot the packaged kernel in QEMU, compute
# a checksum there and take a CPU away from a set of workers. The machine's own
# kernel, its modules and its /boot stay as they are.
set -eu
. "$(dirname "$0")/lib.sh"
. /etc/os-release

out=$top/out/run
case $ID in
debian)	headers=linux-headers-$(dpkg --print-architecture) ;;
*)	headers=linux-headers-generic ;;
esac

# The headers' metapackage depends on those of the newest stock kernel.
stock_abi()
{
	dpkg-query -W -f '${Depends}' "$headers" |
		sed 's/.*linux-headers-\([0-9][^ ,]*\).*/\1/'
}

# The image must be of the same version as the headers, so if the archive
# moved on, the headers follow.
fetch_image()
{
	say "downloading the kernel image"
	export DEBIAN_FRONTEND=noninteractive
	{ as_root apt-get update -qq && as_root apt-get install -y -qq \
		--no-install-recommends "$headers"
	} >"$cache/install.log" 2>&1 || say "could not look for newer $headers"
	abi=$(stock_abi)
	rm -rf "$cache"/stock/tmp.*
	mkdir -p "$cache/stock"
	tmp=$(mktemp -d "$cache/stock/tmp.XXXXXX")
	(cd "$tmp" && apt-get -o APT::Sandbox::User=root \
		download -qq "linux-image-$abi") >&2 ||
		die "apt-get cannot download linux-image-$abi"
	dpkg-deb -x "$tmp"/*.deb "$tmp/deb"
	mv "$tmp/deb/boot/vmlinuz-$abi" "$cache/stock/"
	rm -rf "$tmp"
}

need_for_builds
need "$headers" qemu-system-x86 busybox-static
lock guest
abi=$(stock_abi)
[ -e "$cache/stock/vmlinuz-$abi" ] || fetch_image
image=$cache/stock/vmlinuz-$abi
kdir=/lib/modules/$abi/build

rm -rf "$out"
mkdir -p "$out"
build=$cache/module/run
say "building kworkerx and its samples for Linux $abi"
copy_sources "$build"
build_module "$kdir" /usr/src "$build" "$out/build.log"
for sample in kwxsum kwxstat; do
	build_module "$kdir" /usr/src "$build/samples/$sample" \
		"$out/build-$sample.log" \
		KBUILD_EXTRA_SYMBOLS="$build/Module.symvers"
done

cp "$image" "$out/data"
cksum <"$out/data" >"$out/want"
rc=0
TIMEOUT=${TIMEOUT:-150} "$top/scripts/qemu.sh" "$image" \
	"$top/scripts/guest-run.sh" "$out" "$build"/*.ko "$build"/samples/*/*.ko \
	"$out/data" "$out/want" || rc=$?

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
END
