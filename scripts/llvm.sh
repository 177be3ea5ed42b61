#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: llvm.sh KDIR
# A kernel that clang built wants its modules from clang: if that of KDIR is one, print
# what tells the kernel's makefiles so. It is the same version if that has a name of
# its own here.
set -eu

here() { command -v "$1" >/dev/null; }

# Header packages have auto.conf, build directories both.
version=$(sed -n 's/^CONFIG_CLANG_VERSION=\([1-9][0-9]*\)[0-9]\{4\}$/\1/p' \
	"$1/include/config/auto.conf" "$1/.config" 2>/dev/null | head -n 1)
if here "clang-$version" && here "ld.lld-$version"; then
	echo "LLVM=-$version"
elif [ -n "$version" ]; then
	echo LLVM=1
fi
