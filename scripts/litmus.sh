#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Run the litmus tests of litmus/ with herd7 on the memory model of the newest
# kernel source. The last line is "N passed, N failed, N skipped".
set -eu
. "$(dirname "$0")/lib.sh"
. /etc/os-release

# The model wants a newer herd7 than stable Debian releases have. Unpack that
# of unstable with the libraries that it was built for, and start it with
# their own loader.
fetch_herd()
{
	tmp=$cache/herd.tmp
	aptroot=$tmp/apt
	rm -rf "$tmp"
	mkdir -p "$aptroot"
	debian_suites sid >"$aptroot/sources.list"
	read_lists
	(cd "$tmp" && download herdtools7 libc6 libgmp10) ||
		die "apt-get cannot download herdtools7"
	for deb in "$tmp"/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$tmp" --wildcards \
			--no-wildcards-match-slash './usr/bin/herd7' \
			'./usr/share/herdtools7/herd' './usr/lib/*/*.so*' 2>/dev/null || :
	done
	cat >"$tmp/herd7" <<-'END'
	#!/bin/sh
	usr=$(dirname "$0")/usr
	libs=$(echo "$usr"/lib/*-linux-gnu*)
	export HERDLIB="$usr/share/herdtools7/herd"
	exec "$libs"/ld-linux*.so.* --library-path "$libs" "$usr/bin/herd7" "$@"
	END
	chmod +x "$tmp/herd7"
	"$tmp/herd7" -version >/dev/null || die "herd7 does not start"
	rm -rf "$aptroot" "$tmp"/*.deb
	mv -T "$tmp" "$cache/herd"
}

need python3
mkdir -p "$cache"
if [ "$ID" = debian ]; then
	lock herd
	[ -e "$cache/herd" ] || fetch_herd
	herd=$cache/herd/herd7
else
	need herdtools7
	herd=herd7
fi
exec python3 "$top/scripts/litmus.py" "$herd" \
	"$("$top/scripts/fetch-source.sh" latest)"
