#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Fetch the distribution's own kernel image into the cache, install its headers
# and print its version. The machine's own kernel, its modules and its /boot
# stay as they are.
set -eu
. "$(dirname "$0")/lib.sh"
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

need_for_builds
need "$headers"
abi=$(stock_abi)
[ -e "$cache/stock/vmlinuz-$abi" ] || fetch_image
echo "$abi"
