#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: fetch-source.sh KERNEL
# Put a kernel source package of the distribution into the cache and print the
# directory. KERNEL is a series (6.1) or "latest", the newest series on offer.
# What was fetched once is kept: remove the cache to ask again.
set -eu
. "$(dirname "$0")/lib.sh"

kernel=${1:?usage: fetch-source.sh KERNEL}
dir=$cache/source

# Debian names its suites in a list of our own: one machine then sees all the
# supported kernels. Elsewhere the machine's own suites have to do.
write_sources()
{
	rm -rf "$cache/apt/sources.list" "$cache/apt/sources.list.d"
	if [ "$ID" != debian ]; then
		ln -s /etc/apt/sources.list "$cache/apt/sources.list"
		ln -s /etc/apt/sources.list.d "$cache/apt/sources.list.d"
		return
	fi
	debian_suites bookworm bookworm-backports trixie trixie-backports \
		>"$cache/apt/sources.list"
}

# Print "SERIES PACKAGE" for each source package, oldest series first.
list_packages()
{
	private_apt apt-cache search -n '^linux-source-[0-9.]+$' |
		sed -n 's/^linux-source-\([0-9.]*\) .*/\1/p' | sort -V |
		while read -r series; do
			echo "${series%.0} linux-source-$series"
		done
}

if [ -e "$dir/$kernel" ]; then
	readlink -f "$dir/$kernel"
	exit
fi
need_for_builds
lock source
if [ ! -e "$dir/$kernel" ]; then
	. /etc/os-release
	rm -rf "$dir"/tmp.*
	mkdir -p "$dir" "$cache/apt"
	write_sources
	read_lists
	list_packages >"$dir/list"
	if [ "$kernel" = latest ]; then
		package=$(tail -n 1 "$dir/list" | cut -d ' ' -f 2)
	else
		package=$(awk -v k="$kernel" '$1 == k { print $2 }' "$dir/list")
	fi
	[ -n "$package" ] || die "no source package of Linux $kernel here, only:" \
		"$(cut -d ' ' -f 1 "$dir/list" | tr '\n' ' ')"

	tmp=$(mktemp -d "$dir/tmp.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	cd "$tmp"
	download "$package" || die "apt-get cannot download $package"
	deb=$(echo ./*.deb)
	name=$package-$(dpkg-deb -f "$deb" Version)
	if [ ! -d "$dir/$name" ]; then
		say "unpacking $name, which takes about a minute and 1.7 GB"
		dpkg-deb -x "$deb" deb
		mkdir tree
		tar -x --strip-components=1 -C tree \
			-f "$(find deb/usr/src -type f -name 'linux-source-*.tar.*')"
		[ -f tree/Kbuild ] || die "$package holds no kernel source"
		mv tree "$dir/$name"
	fi
	# A link made under another name and renamed is there whole or not at all.
	ln -s "$name" link
	mv -T link "$dir/$kernel"
fi
readlink -f "$dir/$kernel"
