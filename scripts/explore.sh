#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: explore.sh
# Compile the engine into the explorer (user/explore) and go through the schedules
# of its scenarios: first as they are, then with plain accesses as steps, races
# and late stores. All together have to meet all that the tables at the top of
# kworkerx.c say of the life of a worker, and nothing else. BUDGET is how many
# seconds that takes, SCENARIO is a text that a scenario's name has in it. The last
# line is "N passed, N failed, N skipped".
set -eu
. "$(dirname "$0")/lib.sh"

budget=${BUDGET:-170}
need gcc libc6-dev make binutils
mkdir -p "$outs"
make -s -C "$top/user" -j"$jobs" O="$outs/user" SRC="${SRC:-$top}" explore

sum=$(mktemp)
trap 'rm -f "$sum"' EXIT
tally "$sum" explore "$outs/user/explore" --budget $((budget * 3 / 5)) \
	"${SCENARIO:-}"
tally "$sum" explore-plain "$outs/user/explore-plain" \
	--budget $((budget * 2 / 5)) "${SCENARIO:-}"
sum_up "$sum"
