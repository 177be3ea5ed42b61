# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # used by those, and from lib.sh
# Sourced after lib.sh by the scripts that use the distribution's own kernel. It is
# unpacked into the cache, headers and all: to install the headers may install the
# kernel, which the machine would boot the next time.

. /etc/os-release

# The metapackage of the headers of the newest kernel.
case $ID in
debian)	headers=${HEADERS:-linux-headers-$(dpkg --print-architecture)} ;;
*)	headers=${HEADERS:-linux-headers-generic} ;;
esac

# The machine's own sources, with lists of our own, which take no root to read.
use_own_sources()
{
	aptroot=$cache/stock/apt
	mkdir -p "$aptroot"
	rm -rf "$aptroot/sources.list" "$aptroot/sources.list.d"
	ln -s /etc/apt/sources.list /etc/apt/sources.list.d "$aptroot/"
	read_lists
}

# unpack PACKAGE...: into deb/, with those that they are nothing without. What it
# takes to use headers is added to the file needs: the image would want an initramfs.
# Called where "set -e" does not reach.
unpack()
{
	mkdir debs
	(cd debs && download "$@") || return
	: >depends
	for deb in debs/*.deb; do
		dpkg-deb -x "$deb" deb || return
		package=$(dpkg-deb -f "$deb" Package)
		echo "$package" >>unpacked
		# Of those that will do the first.
		dpkg-deb -f "$deb" Depends | tr , '\n' |
			sed -n 's/^ *\([^ :|(]\{1,\}\).*/\1/p' >list
		cat list >>depends
		case $package in
		linux-image-* | linux-binary-*) ;;
		*)	grep -v '^linux-' list >>needs || : ;;
		esac
	done
	rm -r debs
	more=$(grep -E '^linux-(headers|kbuild|compiler|binary)-' depends |
		sort -u | grep -vxFf unpacked) || :
	# shellcheck disable=SC2086 # one word per package
	[ -z "$more" ] || unpack $more
}

fetch_stock()
{
	use_own_sources
	# It depends on the headers of one kernel.
	abi=$(private_apt apt-cache show --no-all-versions "$headers" |
		sed -n 's/^Depends:.*linux-headers-\([0-9][^ ,]*\).*/\1/p')
	[ -n "$abi" ] || die "no package $headers here"
	rm -rf "$cache"/stock/tmp.*
	tmp=$(mktemp -d "$cache/stock/tmp.XXXXXX")
	(cd "$tmp" && unpack "linux-headers-$abi" "linux-image-$abi") ||
		die "cannot download the headers and the image of Linux $abi"
	image=$(find "$tmp/deb/boot" "$tmp/deb/lib/modules" "$tmp/deb/usr/lib/modules" \
		-name 'vmlinu[xz]*' -size +1M ! -path '*/build/*' 2>/dev/null | head -n 1)
	[ -n "$image" ] || die "no kernel in the packages of Linux $abi"
	cp "$image" "$tmp/vmlinuz"
	# The drivers are most of it.
	rm -rf "$tmp/deb/lib/modules" "$tmp/deb/usr/lib/modules" "$tmp/deb/boot"
	# Makefiles name the place where they were meant to be.
	dir=$cache/stock/$abi
	find "$tmp"/deb/usr/src/*/ -maxdepth 1 -type f \
		\( -name Makefile -o -name .kernelvariables \) \
		-exec sed -i "s|/usr/[srclib]*/linux-|$dir/deb&|g" {} +
	rm -rf "$dir"
	mv -T "$tmp" "$dir"
	ln -sfn "$abi" "$cache/stock/$ID-${VERSION_ID:-}-$headers"
}

# Set $abi, $image, $kdir and $source, as find_kernel does, to those of the
# distribution's own kernel. What was fetched once is kept.
find_stock()
{
	dir=$cache/stock/$ID-${VERSION_ID:-}-$headers
	lock stock
	[ -e "$dir/vmlinuz" ] || fetch_stock
	dir=$(readlink -f "$dir")
	abi=$(basename "$dir")
	image=$dir/vmlinuz
	kdir=$dir/deb/usr/src/linux-headers-$abi
	source=$kdir
	# shellcheck disable=SC2046 # one word per package
	need $(sort -u "$dir/needs")
}
