#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: dkms-symvers.sh keep|drop DIR
# Run by DKMS in the build directory: keep its Module.symvers in DIR, or drop it.
set -eu

case $1 in
keep)	install -D -m 644 Module.symvers "$2/Module.symvers" ;;
drop)	rm -rf "$2" ;;
esac
