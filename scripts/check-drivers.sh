#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: check-drivers.sh KERNEL
# Build drivers of the kernel that use kthread_worker so that they use kworkerx
# instead: through kworkerx_dropin.h, and converted by kworkerx.cocci. Exercise
# them in QEMU on a kernel with KASAN and lockdep. The last line is "N passed,
# N failed, N skipped".
set -eu
. "$(dirname "$0")/lib.sh"

kernel=${1:-latest}
drivers='drivers/vdpa/vdpa_sim drivers/ptp drivers/gpu/drm/scheduler'
modules='vdpa_sim vdpa_sim_blk ptp ptp_mock gpu-sched drm-sched-tests'
users='vdpa_sim ptp drm-sched-tests'
ways='dropin converted'
out=$outs/check-drivers-$kernel

source=$("$top/scripts/fetch-source.sh" "$kernel")
[ -d "$source/drivers/gpu/drm/scheduler/tests" ] ||
	die "only Linux 6.16 and later have all these drivers"
find_kernel "$kernel" drivers
need iproute2 coccinelle
begin_run drivers
build_copy drivers CONFIG_KUNIT=

# Whatever this kernel's kthread_worker has must have its counterpart.
sed '/^ \*/d' "$source/include/linux/kthread.h" |
	grep -owE '(DEFINE_)?(kthread|KTHREAD|KTW)_[A-Za-z_]*' |
	grep -iE 'work|KTW' | sort -u >"$out/names"
for file in modules/kworkerx_dropin.h modules/kworkerx.cocci docs/migration.md; do
	while read -r name; do
		grep -qw "$name" "$top/$file" || die "$file lacks $name"
	done <"$out/names"
done

# The one line for a driver's Kbuild.
dropin()
{
	for driver in $drivers; do
		echo "subdir-ccflags-y += -I$build -I$build/modules" \
			"-include kworkerx_dropin.h" \
			>>"$1/$(basename "$driver")/Makefile"
	done
}

# Twice: the second time there must be nothing left to convert.
converted()
{
	patch=$top/modules/kworkerx.cocci
	spatch --sp-file "$patch" --dir "$1" --include-headers --in-place \
		--very-quiet >"$out/spatch.log" 2>&1 ||
		die "spatch failed, see $out/spatch.log"
	! grep -rnE 'kthread_([a-z_]*_)?work' "$1" --include='*.[ch]' >&2 ||
		die "not converted, see above"
	spatch --sp-file "$patch" --dir "$1" --include-headers \
		--very-quiet >"$out/again.diff" 2>>"$out/spatch.log"
	[ ! -s "$out/again.diff" ] ||
		die "a second conversion changes something, see $out/again.diff"
	# By hand: the works of this function are on the stack.
	sed -i -e '/^static void .*_two_clients_test(/,/^}/{' \
		-e 's/kworkerx_init_work(/kworkerx_init_work_onstack(/' \
		-e 's/kworkerx_flush_\(work(&client.*\)/&\n\t\tkworkerx_destroy_\1/' \
		-e 's/destroy_work(/destroy_work_on_stack(/' -e '}' \
		"$1/scheduler/tests/tests_scheduler.c"
	for driver in $drivers; do
		echo "subdir-ccflags-y += -I$build" \
			>>"$1/$(basename "$driver")/Makefile"
	done
}

# show_users DIR: what a driver takes from kworkerx, and from the stock worker.
show_users()
{
	for module in $users; do
		file=$(find "$1" -name "$module.ko")
		modinfo -F depends "$file" | tr , '\n' | grep -qx kworkerx ||
			die "$module does not depend on kworkerx"
		! nm -u "$file" | grep -E 'kthread_[a-z_]*work' >&2 ||
			die "$module uses the stock worker"
		say "$module uses" "$(nm -u "$file" | grep -o 'kworkerx_.*' |
			tr '\n' ' ')"
	done
}

for way in $ways; do
	say "building the drivers of Linux $kernel ($way)"
	dir=$build/$way
	rm -rf "$dir"
	mkdir "$dir"
	for driver in $drivers; do
		cp -r "$source/$driver" "$dir/"
		echo "obj-m += $(basename "$driver")/" >>"$dir/Kbuild"
	done
	"$way" "$dir"
	build_part "$way"
	show_users "$dir"
	for module in $modules; do
		mv "$(find "$dir" -name "$module.ko")" "$build/$way-$module.ko"
	done
	echo "$way" >>"$out/ways"
	printf '%s\n' "${way}_vdpa" "${way}_ptp" "${way}_drm" >>"$out/suites"
	sed -n "s/.*\.name = \"\(drm_sched_.*_clients_.*\)\".*/${way}_\1/p" \
		"$source"/drivers/gpu/drm/scheduler/tests/*.c >>"$out/suites"
done
echo kworkerx >"$out/load"

# The suites whose clients are workers. The others take a job's memory for alive
# after the job, which it is not on a machine as slow as this guest.
APPEND="${APPEND:-} kunit.filter_glob=drm_sched_*_clients_*"
export APPEND
lock guest
# shellcheck disable=SC2046 # one word per library
boot drivers "$out" "$out/ways" "$build/kworkerx.ko" "$build"/*-*.ko "$kdir"/drivers/vhost/*.ko "$kdir"/drivers/pps/*.ko \
	"$kdir/drivers/net/netdevsim/netdevsim.ko" \
	$(command -v vdpa) $(ldd "$(command -v vdpa)" | grep -o '/[^ ]*') || :
exec python3 "$top/scripts/verdict.py" "$out" "$out/suites" "$source"
