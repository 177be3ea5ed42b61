# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # used by those, and from lib.sh
# Sourced after lib.sh by the scripts that use the distribution's own kernel.

. /etc/os-release

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

# Set abi, image and kdir, and download the image if it is not there.
find_stock()
{
	abi=$(stock_abi)
	[ -e "$cache/stock/vmlinuz-$abi" ] || fetch_image
	image=$cache/stock/vmlinuz-$abi
	kdir=/lib/modules/$abi/build
}
