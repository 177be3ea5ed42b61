#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: check-dropin.sh KERNEL [FILE...]
# Compile each file of the kernel outside of kernel/ that uses kthread_worker, found by
# grep, or only those that are named, through kworkerx_dropin.h: with the flags that an
# allmodconfig has for it, without a warning, and without a symbol of the stock worker in
# the object. See also that kworkerx_workqueue_dropin.h refuses in words what it does not
# have. The last line is "N passed, N failed, N skipped".
set -eu
. "$(dirname "$0")/lib.sh"

kernel=${1:?usage: check-dropin.sh KERNEL [FILE...]}
shift
out=$outs/check-dropin-$kernel
source=$("$top/scripts/fetch-source.sh" "$kernel")
need_for_builds
lock dropin
rm -rf "$out"
mkdir -p "$out"
kdir=$cache/dropin/$(basename "$source")
passed=0
failed=0

# The flags depend on what is configured, but nothing has to be built for them.
if [ ! -e "$kdir/complete" ]; then
	say "configuring all modules of Linux $kernel (log: $out/config.log)"
	rm -rf "$kdir"
	mkdir -p "$kdir"
	{
		make -s -C "$source" O="$kdir" allmodconfig &&
		make -s -C "$source" O="$kdir" -j"$jobs" modules_prepare
	} >"$out/config.log" 2>&1 || die "no allmodconfig, see $out/config.log"
	: >"$kdir/complete"
fi

names='(DEFINE_)?(kthread|KTHREAD|KTW)_([A-Za-z]+_)*(work|WORK|worker|WORKER)(_[A-Za-z]+)*'
list_users()
{
	(cd "$source" && grep -rlwE "$names|KTW_FREEZABLE" --include='*.c' .) |
		sed 's,^\./,,' | grep -vE '^(kernel|Documentation|tools|scripts)/' | sort
}

# Some, tests, are no units of their own but included by one: print that, or the file.
unit_of()
{
	(cd "$source/$(dirname "$1")/.." && grep -rlE --include='*.c' \
		"^#include \"([a-z]+/)?$(basename "$1")\"" "$PWD" ||
		echo "$source/$1") | head -n 1 | sed "s,^$source/,,"
}

# The command that compiled it, up to what is done to the object then.
command_of()
{
	sed -n "s/^saved*cmd_.* := //p" "$kdir/$(dirname "$1")/.$(basename "$1" .c).o.cmd" |
		sed 's/ ; .*//; s/ *$//'
}

# Those of a core that has works in structures which it shares, and their users.
shares_works()
{
	[ "$1" = drivers/spi/spi.c ] || grep -q drm_vblank_work "$source/$1"
}

# defines MACRO FILE: or a header beside it does, that it includes.
defines()
(
	cd "$source/$(dirname "$2")"
	set -- "$1" "$(basename "$2")"
	# shellcheck disable=SC2046 # one word per header
	cat "$2" $(sed -n 's/^#include "\(.*\)".*/\1/p' "$2") 2>/dev/null |
		grep -qE "^[ 	]*#[ 	]*define[ 	]+$1\\>"
)

options()
{
	echo "-I$top -I$top/modules -include kworkerx_dropin.h"
	! defines pr_fmt "$1" || echo -DKWORKERX_DROPIN_OWN_FMT
	! defines dev_fmt "$1" || echo -DKWORKERX_DROPIN_OWN_DEV_FMT
	! shares_works "$1" || echo -DKWORKERX_DROPIN_CORES
}

# compile FILE: by the kernel's makefiles first, which leave the command.
compile()
{
	object=$out/object.o
	make -s -C "$source" O="$kdir" "${1%.c}.o"
	command=$(command_of "$1")
	echo "$command" | grep -q -- ' -c -o '
	command=$(echo "$command" | sed "s,-c -o [^ ]*,$(options "$1" | tr '\n' ' ')-c -o $object,")
	compiled=0
	(cd "$kdir" && eval "$command") 2>"$out/warnings" || compiled=1
	cat "$out/warnings"
	[ $compiled = 0 ] && [ ! -s "$out/warnings" ]
	# The command was understood.
	nm "$object" | grep -q kworkerx || ! nm "$kdir/${1%.c}.o" | grep -qwE "U $names"
	! nm -u "$object" | grep -wE "$names"
}

# A macro, and what the compiler says of it.
refused()
{
	cat >"$out/refused.c" <<-END
	#include <linux/workqueue.h>
	struct kernel { struct work_struct work; };
	#include "kworkerx_workqueue_dropin.h"
	void use(struct workqueue_struct *wq, struct work_struct *work, work_func_t fn,
		 struct rcu_work *rwork, struct kernel *kernel);
	void use(struct workqueue_struct *wq, struct work_struct *work, work_func_t fn,
		 struct rcu_work *rwork, struct kernel *kernel)
	{
		$1;
	}
	END
	command=$(command_of "$user" | sed "s,-c -o [^ ]*,-I$top -I$top/modules -c -o $out/object.o,; s,[^ ]*$,$out/refused.c,")
	if (cd "$kdir" && eval "$command") 2>"$out/warnings"; then
		[ -z "$2" ] && [ ! -s "$out/warnings" ]
	else
		cat "$out/warnings"
		[ -n "$2" ] && grep -q "error: .*kworkerx: $2" "$out/warnings"
	fi
}

[ $# -gt 0 ] || list_users >"$out/users"
[ $# = 0 ] || printf '%s\n' "$@" >"$out/users"
while read -r user <&3; do
	attempt "$user" "$out/$(echo "$user" | tr / _).log" compile "$(unit_of "$user")"
done 3<"$out/users"

# Any unit has the flags for them.
user=$(unit_of "$(head -n 1 "$out/users")")
while IFS=: read -r code words <&3; do
	attempt "${words:+refused: }$code" "$out/refused.log" refused "$code" "$words"
done 3<<END
INIT_WORK(work, fn); queue_work(wq, work)
queue_work(system_long_wq, work); work_busy(work)
INIT_WORK(&kernel->work, fn):this work is inside a structure of the kernel
INIT_RCU_WORK(rwork, fn):works that wait for a grace period of RCU
queue_rcu_work(wq, rwork):works that wait for a grace period of RCU
flush_rcu_work(rwork):works that wait for a grace period of RCU
to_rcu_work(work):works that wait for a grace period of RCU
apply_workqueue_attrs(wq, NULL):attributes are given to a workqueue when
alloc_workqueue_attrs():attributes are given to a workqueue when
free_workqueue_attrs(NULL):attributes are given to a workqueue when
workqueue_congested(0, wq):nobody counts
workqueue_sysfs_register(wq):a workqueue has no folder in sysfs
show_one_workqueue(wq):what a workqueue does is told by
*work_data_bits(work) = 0:what is in a work is its own
END
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
