#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Show that torture-native.sh, with sanitizers as well, and fuzz.sh turn red
# when they have to, and for the right reason: on copies of the sources, each
# broken in one way of scripts/mutations. The last line is "N passed, N failed,
# N skipped".
set -eu
. "$(dirname "$0")/lib.sh"

need python3 rsync
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0
failed=0

# expect COLOUR TEXT MUTATION SCRIPT [VARIABLE=VALUE...]: break a copy (unless
# there is no mutation), and look for TEXT in what the script says of it.
expect()
{
	colour=$1 text=$2 mutation=$3 script=$4
	shift 4
	rm -rf "$tmp/out"
	copy_sources "$tmp/source"
	[ -z "$mutation" ] || "$top/scripts/mutant.py" "$tmp/source" "$mutation"
	is=green
	env SRC="$tmp/source" OUT="$tmp/out" "$@" "$top/scripts/$script" \
		>"$tmp/log" 2>&1 || is=red
	if [ $is = "$colour" ] && grep -qE "$text" "$tmp/log"; then
		passed=$((passed + 1))
		echo "ok: $script $* ${mutation:-as it is}: $is"
	else
		failed=$((failed + 1))
		echo "NOT OK: $script $* $mutation: $is, wanted $colour and \"$text\":"
		sed 's/^/    /' "$tmp/log"
	fi
}

good='^1 passed, 0 failed, 0 skipped$'

expect green "$good" '' torture-native.sh DURATION=2
expect red 'fewer works' '' torture-native.sh DURATION=1 WORKS=1000000000 TIMEOUT=2
expect red 'a work ran on after' cancel-no-wait torture-native.sh DURATION=5
expect red 'a work runs still' take-current-late torture-native.sh DURATION=10 \
	PARAMS=ncancellers=8
expect red 'it hangs' kick-skipped torture-native.sh DURATION=5 PARAMS=patience=4
expect red 'heap-use-after-free' last-touch torture-native.sh DURATION=10 \
	SANITIZE=address PARAMS="nowners=8 irq_interval=20"
expect green "$good" '' torture-native.sh DURATION=5 SANITIZE=thread
expect red 'data race' append-release torture-native.sh DURATION=5 SANITIZE=thread
expect green "$good" '' fuzz.sh DURATION=5
expect red 'fuzz: step .* expected, not' first-last fuzz.sh DURATION=20
expect red 'fuzz: step .* expected, not' enable-too-much fuzz.sh DURATION=20

echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
