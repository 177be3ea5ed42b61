#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Show that torture-native.sh, with sanitizers as well, and fuzz.sh turn red
# when they have to, and for the right reason: on copies of the sources, each
# broken in one way of scripts/mutations.txt. The last line is "N passed, N failed,
# N skipped".
set -eu
. "$(dirname "$0")/lib.sh"

need python3 rsync
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0
failed=0

# Chance has a say in what a mutant does wrong: it has so many short runs.
TRIES=9

# run COLOUR TEXT SCRIPT [VARIABLE=VALUE...]: false if the script does not end
# like that, or does not say TEXT.
run()
{
	colour_=$1 text_=$2 script_=$3
	shift 3
	seconds=3 params=
	[ "$colour_" = green ] || seconds=1 params=patience=5
	is=green
	env SRC="$tmp/source" OUT="$tmp/$script_.$sanitize" \
		SANITIZE="$sanitize" DURATION=$seconds PARAMS=$params "$@" \
		"$top/scripts/$script_" >"$tmp/log" 2>&1 || is=red
	[ $is = "$colour_" ] && grep -qE "$text_" "$tmp/log"
}

# expect COLOUR TEXT MUTATION SCRIPT [VARIABLE=VALUE...]: break a copy (unless
# there is no mutation), and see what the script says of it.
expect()
{
	colour=$1 text=$2 mutation=$3 script=$4
	shift 4
	copy_sources "$tmp/source"
	[ -z "$mutation" ] || "$top/scripts/mutant.py" "$tmp/source" "$mutation"
	# The last case may have left what was made of another one.
	touch "$tmp/source/kworkerx.c"
	name="$script ${sanitize:+-fsanitize=$sanitize }${mutation:-as it is}"
	tries=1
	[ "$colour" = green ] || tries=$TRIES
	for try in $(seq $tries); do
		if run "$colour" "$text" "$script" "$@"; then
			passed=$((passed + 1))
			echo "ok: $name: $is, try $try"
			return
		fi
	done
	failed=$((failed + 1))
	echo "NOT OK: $name: $is, wanted $colour and \"$text\":"
	sed 's/^/    /' "$tmp/log"
}

good='^1 passed, 0 failed, 0 skipped$'
# What the torture says of a work or an event; a race shows in several ways.
wrong='torture:!!! an? '
differs='fuzz: step .* expected, not'

sanitize=
expect green "$good" '' torture-native.sh
expect red 'fewer works' '' torture-native.sh WORKS=1000000000 TIMEOUT=1
expect red "$wrong" cancel-no-wait torture-native.sh
expect red "$wrong" flush-one-off torture-native.sh
expect red 'it hangs' kick-skipped torture-native.sh

sanitize=address
expect green "$good" '' torture-native.sh
# Whoever comes too late does so by more than it takes to free a worker.
expect red 'heap-use-after-free' last-touch torture-native.sh \
	PARAMS='patience=5 nowners=8 irq_interval=100 window_delay=2000'

sanitize=thread
expect green "$good" '' torture-native.sh
expect red 'data race' append-release torture-native.sh

sanitize=
expect green "$good" '' fuzz.sh
expect red "$differs" first-last fuzz.sh
expect red "$differs" enable-too-much fuzz.sh

echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
