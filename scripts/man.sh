#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Make the manual pages (section 9) from the kernel-doc, by the kernel's own
# tool, and print their directory. Every exported function must have one.
set -eu
. "$(dirname "$0")/lib.sh"

source=$("$top/scripts/fetch-source.sh" latest)
need python3
out=$outs/man
rm -rf "$out"
mkdir -p "$out/man9"
cd "$top"
# shellcheck disable=SC2046 # one word per file
python3 "$source/tools/docs/kernel-doc" -man -Werror $(list_module_sources) >"$out/all"
# A page begins with its title; that of a structure has two words.
awk -v dir="$out/man9" '
	/^\.TH / {
		page = $0
		sub(/^\.TH "(struct |enum )?/, "", page)
		sub(/".*/, "", page)
		file = dir "/" page ".9"
	}
	file { print >file }' "$out/all"
rm "$out/all"
missing=$(list_module_sources | xargs grep -ho 'EXPORT_SYMBOL_GPL([a-z_]*' | cut -d '(' -f 2 |
	while read -r symbol; do
		[ -s "$out/man9/$symbol.9" ] || echo "$symbol"
	done)
[ -z "$missing" ] || die "no page for" "$missing"
say "$(find "$out/man9" -type f | wc -l) pages; try: man -M $out kworkerx_queue_work"
echo "$out"
