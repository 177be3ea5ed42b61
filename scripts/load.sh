#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: load.sh KDIR MODULE... | load.sh unload NAME...
# Load modules, and explain it if the kernel refuses one; or unload those of these
# that are loaded, the last one first.
set -eu
. "$(dirname "$0")/lib.sh"

kdir=$1
shift
if [ "$kdir" = unload ]; then
	for module in $(printf '%s\n' "$@" | tac); do
		! grep -q "^$module " /proc/modules || as_root rmmod "$module"
	done
	exit
fi
for module in "$@"; do
	message=$(as_root insmod "$module" 2>&1) || {
		echo "$message" >&2
		"$top/scripts/explain.sh" refused "$kdir" "$message"
		exit 1
	}
done
