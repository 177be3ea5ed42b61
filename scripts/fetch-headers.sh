#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: fetch-headers.sh PROCESSOR PACKAGE SUITE TOOLS
# Put the headers that Debian's SUITE has for kernels of another processor into the
# cache, and print the directory, which has them as its build/. PACKAGE is the one
# that depends on the newest. The programs that take part in a build have to run on
# this machine, so these are from the suite TOOLS. Nothing is installed.
set -eu
. "$(dirname "$0")/lib.sh"

usage="usage: fetch-headers.sh PROCESSOR PACKAGE SUITE TOOLS"
processor=${1:?$usage}
package=${2:?$usage}
suite=${3:?$usage}
tools=${4:?$usage}
dir=$cache/headers/$processor-$suite

# depends PACKAGE PREFIX: print the first that PACKAGE depends on whose name begins so.
depends()
{
	private_apt apt-cache show --no-all-versions "$1" |
		sed -n 's/^Depends://p' | tr , '\n' |
		sed -n "s/^ *\($2[^ ]*\).*/\1/p" | head -n 1 | grep .
}

# unpack PACKAGE...: into deb/
unpack()
{
	(cd "$tmp" && download "$@")
	for deb in "$tmp"/*.deb; do
		dpkg-deb -x "$deb" "$tmp/deb"
		rm "$deb"
	done
}

if [ ! -d "$dir" ]; then
	mkdir -p "$cache/headers"
	rm -rf "$cache"/headers/tmp.*
	tmp=$(mktemp -d "$cache/headers/tmp.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT

	foreign_apt "$tmp/apt" "$suite" "$processor"
	headers=$(depends "$package" linux-headers-)
	common=$(depends "$headers" linux-headers-)
	kbuild=$(depends "$headers" linux-kbuild-)
	unpack "$headers" "$common"

	# Of the same series, if not of the same version.
	series=$(echo "$kbuild" | sed 's/^linux-kbuild-\([0-9]*\.[0-9]*\).*/\1/')
	foreign_apt "$tmp/apt" "$tools" "$(dpkg --print-architecture)"
	ours=$(private_apt apt-cache search -n "^linux-kbuild-$series([.+]|$)" |
		cut -d ' ' -f 1 | sort -V | tail -n 1)
	[ -n "$ours" ] || die "$tools has no linux-kbuild of Linux $series"
	unpack "$ours"

	cd "$tmp/deb/usr"
	[ "$ours" = "$kbuild" ] || ln -s "$ours" "lib/$kbuild"
	# They say where they were meant to be.
	sed -i "s|/usr/src/|$dir&|" src/*/Makefile
	ln -s "usr/src/$headers" ../build
	mv "$tmp/deb" "$dir"
fi
echo "$dir"
