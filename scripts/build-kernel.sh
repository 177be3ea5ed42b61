#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: build-kernel.sh KERNEL CONFIG [TREE]
# Build a test kernel from configs/ for the processor $ARCH and print its build
# directory, which has the image and is a KDIR for external modules. CONFIG is one
# of the fragments there. TREE is what link_tree made of the source: it is made
# again, as far as it has changed.
set -eu
. "$(dirname "$0")/lib.sh"

kernel=${1:?usage: build-kernel.sh KERNEL CONFIG}
config=${2:?usage: build-kernel.sh KERNEL CONFIG}
tree=${3:-}
case $config in
plain | debug | gcov | kcsan)
	fragments="$top/configs/base.config $top/configs/$config.config" ;;
rt | up | drivers | schedutil | clang)
	fragments="$top/configs/base.config $top/configs/debug.config
		$top/configs/$config.config" ;;
*)	die "CONFIG is plain, debug, kcsan, clang, rt, up, drivers, schedutil" \
		"or gcov, not $config" ;;
esac
[ $arch = x86_64 ] || fragments="$fragments $top/configs/$arch.config"

# What a fragment says replaces what an earlier one says.
# shellcheck disable=SC2086 # one word per fragment
options=$(awk '/^CONFIG_/ || /^# CONFIG_.* is not set$/ {
		match($0, /CONFIG_[A-Za-z0-9_]+/)
		symbol = substr($0, RSTART, RLENGTH)
		if (!(symbol in line))
			symbols[n++] = symbol
		line[symbol] = $0
	}
	END { for (i = 0; i < n; i++) print line[symbols[i]] }' $fragments)

# Print the lines of the fragments that .config lacks. A symbol that this kernel
# does not know at all is no loss, nor is another processor's; everything else is:
# Kconfig drops unmet options silently, and a checker that is off finds nothing.
missing_options()
{
	echo "$options" | grep -vxFf "$dir/.config" | while read -r line; do
		symbol=$(echo "$line" | sed 's/^[# ]*CONFIG_\([A-Za-z0-9_]*\).*/\1/')
		case $line in
		'#'*)	# Absent is as good as off.
			grep -q "^CONFIG_$symbol=" "$dir/.config" || continue ;;
		esac
		! grep -rqwE --include='Kconfig*' --exclude-dir=arch \
			"(menu)?config $symbol" "$source" "$source/$arch_dir" ||
			echo "$line"
	done
}

# Called where "set -e" does not reach, hence the chain.
build()
{
	{ [ -n "$tree" ] || rm -rf "$dir"; } &&
	mkdir -p "$dir" &&
	echo "$options" >"$dir/fragments" &&
	make -s -C "$source" O="$dir" KCONFIG_ALLCONFIG="$dir/fragments" allnoconfig &&
	missing=$(missing_options) &&
	{ [ -z "$missing" ] || { echo "Kconfig dropped:" "$missing"; false; }; } &&
	make -s -C "$source" O="$dir" -j"$jobs" "$(basename "$kernel_image")" modules
}

# All configurations have about as many, but for the one of the drivers.
progress() { echo "$(find "$dir" -name '*.o' | wc -l) of about 1200 objects"; }

source=${tree:-$("$top/scripts/fetch-source.sh" "$kernel")}
# A kernel that another compiler built is another one.
need_for_builds
case $config in
clang)	need_clang ;;
esac
compiler=$("$(compiler)" --version | head -n 1)
key=$(echo "$options$compiler" | sha256sum | cut -c 1-12)
name=$(basename "$source")-$config$suffix-$key
dir=$cache/build/$name
done_with() { [ -z "$tree" ] && [ -e "$dir/complete" ]; }
# Another build may be of this kernel: then there is no need to have its lock.
done_with || lock build done_with
if ! done_with; then
	[ -e "$dir/complete" ] ||
		say "building $name: ten minutes on two processors, and 0.5 GB (log: $dir.log)"
	mkdir -p "$cache/build"
	ticker "building the kernel" progress
	build >"$dir.log" 2>&1 || { tail -n 20 "$dir.log" >&2; die "no $name"; }
	end_ticker
	: >"$dir/complete"
fi
echo "$dir"
