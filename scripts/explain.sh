#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: explain.sh built KDIR | explain.sh refused KDIR MESSAGE
# Explain what a build for the kernel of KDIR has said or left out, or why a
# module was not loaded.
set -eu

note() { echo "kworkerx: $*" >&2; }

# Header packages have auto.conf, build directories both.
has() { grep -qs "^CONFIG_$1=y" "$kdir/include/config/auto.conf" "$kdir/.config"; }

built()
{
	! has DEBUG_INFO_BTF_MODULES || [ -e "$kdir/vmlinux" ] ||
		note "\"Skipping BTF generation\" is harmless: the headers come" \
			"without vmlinux, so BPF programs cannot look into" \
			"these modules' types."
	grep -qs '^CONFIG_KUNIT=[ym]' "$kdir/include/config/auto.conf" ||
		note "this kernel has no KUnit, so the test suites were not" \
			"built. \"make check\" runs them on a kernel of its own."
}

refused()
{
	case $1 in
	*'Key was rejected'* | *'Required key not available'*)
		note "Secure Boot is on, and nobody this kernel trusts has" \
			"signed the modules. Sign them with a key of yours" \
			"that is enrolled:"
		note "  mokutil --import MOK.der, and reboot to confirm"
		note "  $kdir/scripts/sign-file sha256 MOK.priv MOK.der kworkerx.ko"
		note "DKMS does both with its own key, /var/lib/dkms/mok.pub." ;;
	*'Invalid module format'*)
		note "it was built for another kernel than the one that runs;" \
			"\"dmesg\" says more." ;;
	*'Unknown symbol'*)
		note "kworkerx.ko comes first, then what uses it. \"dmesg\"" \
			"names the symbols." ;;
	esac
}

kdir=$2
case $1 in
built)	built ;;
refused) refused "$3" ;;
esac
