#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# /init of the guest of nmi.sh, which sends it NMIs for as long as it is there.
# shellcheck source=scripts/lib-guest.sh
. /lib-guest.sh
exec >"$report" 2>&1

# shellcheck disable=SC1091 # only the guest has it
. /nmi
insmod /kworkerx.ko
# It ends when all have come.
# shellcheck disable=SC2154 # from /nmi
insmod /kworkerx_torture_nmi.ko wanted="$wanted"
echo '@@ done'
power_off
