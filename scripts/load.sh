#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: load.sh KDIR MODULE...
# Load modules, and explain it if the kernel refuses one.
set -eu
. "$(dirname "$0")/lib.sh"

kdir=$1
shift
for module in "$@"; do
	message=$(as_root insmod "$module" 2>&1) || {
		echo "$message" >&2
		"$top/scripts/explain.sh" refused "$kdir" "$message"
		exit 1
	}
done
