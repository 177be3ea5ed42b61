#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: build-deb.sh VERSION
# Build the Debian package kworkerx-dkms from debian/ and print its path. The
# changelog that it has to have is made here, from the version.
set -eu
. "$(dirname "$0")/lib.sh"

version=${1:?usage: build-deb.sh VERSION}
out=$outs/deb
mkdir -p "$cache" "$out"
need build-essential debhelper dh-dkms
build=$out/kworkerx-$version
rm -rf "$out"
copy_sources "$build"
# The time of the last commit, so that the same source makes the same package.
date=$(cd "$top" && git log -1 --format=%cD 2>/dev/null) || date=$(date -R)
cat >"$build/debian/changelog" <<END
kworkerx ($version) unstable; urgency=medium

  * Version $version.

 -- The kworkerx developers <kworkerx@localhost>  $date
END
(cd "$build" && dpkg-buildpackage -b -us -uc) >"$out/build.log" 2>&1 ||
	{ tail -n 20 "$out/build.log" >&2; die "no package"; }
rm -rf "$build"
ls "$out"/*.deb
