#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Run the checkers of style on everything that has one. The kernel's own come
# from the newest kernel source.
set -eu
. "$(dirname "$0")/lib.sh"

mkdir -p "$cache" "$outs"
need sparse shellcheck perl python3
find_kernel latest debug
cd "$top"
passed=0
failed=0
# What sparse has to say is no warning here, but what this is about.
WERROR=1

# Static initialisers name their variable more than once, or not at all, and
# TRACE_EVENT() has a layout of its own, in the kernel, too.
ignored=MACRO_ARG_REUSE,MACRO_ARG_UNUSED,OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT
# What stands in for the kernel's own headers does what is theirs to do, and
# programs have neither its types nor its attributes.
ignored_user=$ignored,ALLOC_WITH_SIZEOF,AVOID_EXTERNS,COMPLEX_MACRO,DATA_RACE,EMBEDDED_FUNCTION_NAME,ENOSYS,EXPORT_SYMBOL,FUNCTION_ARGUMENTS,IS_ENABLED_CONFIG,LIKELY_MISUSE,MACRO_ARG_PRECEDENCE,MACRO_WITH_FLOW_CONTROL,MEMORY_BARRIER,NEW_TYPEDEFS,PREFER_DEFINED_ATTRIBUTE_MACRO,PREFER_KERNEL_TYPES,VOLATILE

# checkpatch_files IGNORED: those that are listed on standard input
checkpatch_files()
{
	xargs perl "$source/scripts/checkpatch.pl" --no-tree --strict --quiet \
		--no-summary --show-types --ignore "$1" -f
}

checkpatch()
{
	list_sources | grep '\.[ch]$' | grep -v '^\(\./\)\?user/' |
		checkpatch_files "$ignored" &&
	list_sources | grep '^\(\./\)\?user/.*\.[ch]$' |
		checkpatch_files "$ignored_user"
}

kernel_doc()
{
	list_module_sources | xargs python3 "$source/tools/docs/kernel-doc" -none -Wall \
		-Werror bench/*.[ch]
}

# sparse_module DIR [ARGUMENT...]
sparse_module()
{
	dir=$1
	shift
	build_module "$kdir" "$source" "$dir" "$outs/sparse.log" \
		C=2 CHECK="sparse -include $outs/sparse.h" "$@"
	# The kernel goes on without a checker that it does not like.
	grep -q '^  CHECK ' "$outs/sparse.log" || die "sparse did not run"
}

# Distributions ship a sparse that is older than their newest kernel: teach it
# a keyword, and a builtin that static assertions use.
sparse_build()
{
	cat >"$outs/sparse.h" <<-END
	#define __typeof_unqual__ __typeof__
	#define __builtin_strlen(s) (sizeof(s) - 1)
	END
	lock style
	build=$cache/module/style
	copy_sources "$build"
	sparse_module "$build"
	sparse_module "$build/bench" KBUILD_EXTRA_SYMBOLS="$build/Module.symvers"
}

shell_scripts()
{
	shellcheck -x -P scripts:selftests scripts/*.sh selftests/*.sh .ci/run
}

spdx()
{
	! list_sources | grep -vx -e COPYING -e ./COPYING | while read -r file; do
		head -n 3 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0-only' ||
			echo "$file: no SPDX line"
	done | grep .
}

for check in checkpatch kernel_doc sparse_build shell_scripts spdx; do
	# A shell of its own: die ends the check, not the script.
	rc=0
	(set -e; $check) 2>&1 || rc=$?
	score "$check" $rc
done

echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
