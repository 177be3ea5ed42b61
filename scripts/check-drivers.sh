#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: check-drivers.sh KERNEL
# Build drivers of the kernel that use kthread_worker so that they use kworkerx
# instead: through kworkerx_dropin.h, and converted by kworkerx.cocci. Build others,
# which use workqueues, through kworkerx_workqueue_dropin.h. Exercise them in QEMU on a
# kernel with KASAN and lockdep, and draw how late works of one of them are beside
# programs that are never idle, with and without a policy. The last line is "N passed,
# N failed, N skipped".
set -eu
. "$(dirname "$0")/lib.sh"

kernel=${1:-latest}
drivers='drivers/vdpa/vdpa_sim drivers/ptp drivers/gpu/drm/scheduler'
modules='vdpa_sim vdpa_sim_blk ptp ptp_mock gpu-sched drm-sched-tests'
users='vdpa_sim ptp drm-sched-tests'
ways='dropin converted'
# Those of workqueues.
# dm-crypt has its suites in the guest, and is built; it is not run yet.
queued='loop dm-thin-pool'
out=$outs/check-drivers-$kernel

source=$("$top/scripts/fetch-source.sh" "$kernel")
[ -d "$source/drivers/gpu/drm/scheduler/tests" ] ||
	die "only Linux 6.16 and later have all these drivers"
find_kernel "$kernel" drivers
need iproute2 coccinelle dmsetup
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
# The same of its workqueue, but for what is no driver's.
sed -e 's,/\*.*\*/,,' -e '/^ *\/\*/,/\*\//d' "$source/include/linux/workqueue.h" |
	grep -oE '^#define +[A-Za-z_]+|\<([a-z_]*work[a-z_]*|schedule_on_[a-z_]*|execute_in_[a-z_]*)\(|\<[_A-Z]*WQ_[A-Z_]+\>|\<system_[a-z_]*wq\>' |
	sed 's/^#define *//; s/($//' | sort -u |
	grep -vE '^(CONFIG|_LINUX|WORK_|WQ_(AFFN|DFL|MAX|UNBOUND_MAX)|__(INIT_(D|WORK_)|WORK_INIT_|WQ_(BH|DE|DR))|(freeze|thaw|print|wq)_|__init_work|show_(all|free)|work_static|workqueue_(init|off|on|prep|soft|unb))|_(noprof|key)$' \
		>"$out/workqueue-names"
for file in modules/kworkerx_workqueue_dropin.h docs/migration.md; do
	while read -r name; do
		grep -qw "$name" "$top/$file" || die "$file lacks $name"
	done <"$out/workqueue-names"
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

# sources_of DRIVER: the folder of one for workqueues, and its files but for headers.
sources_of()
{
	case $1 in
	loop)		echo drivers/block loop.c ;;
	dm-crypt)	echo drivers/md dm-crypt.c ;;
	dm-thin-pool)	echo drivers/md dm-thin.c dm-thin-metadata.c ;;
	esac
}

# queue DRIVER FOLDER FILE...: as its own folder would have it, with two more lines.
queue()
{
	own=$dir/$1 from=$source/$2
	mkdir "$own"
	(cd "$from" && find . -name '*.h' | cpio -pd --quiet "$own")
	{
		echo "obj-m := $1.o"
		shift 2
		for file in "$@"; do
			cp "$from/$file" "$own/"
			[ "$file" = "$(basename "$own").c" ] ||
				echo "$(basename "$own")-y += ${file%.c}.o"
		done
		echo "include $build/kworkerx.mk"
		echo "ccflags-y += \$(kworkerx-workqueue-dropin)"
	} >"$own/Kbuild"
	echo "obj-m += $(basename "$own")/" >>"$dir/Kbuild"
}

# The calls of the stock worker, and of the kernel's workqueues.
stock='kthread_[a-z_]*work'
stock_queues='(queue|schedule|flush|cancel|mod|disable|enable)_(delayed_)?work|'\
'(alloc|destroy|drain|__flush)_workqueue|system_[a-z_]*wq|__init_work|delayed_work'

# show_users DIR STOCK: what a driver takes from kworkerx, and that it takes nothing of
# that.
show_users()
{
	for module in $users; do
		file=$(find "$1" -name "$module.ko")
		modinfo -F depends "$file" | tr , '\n' | grep -qE '^kworkerx(_workqueue)?$' ||
			die "$module does not depend on kworkerx"
		! nm -u "$file" | grep -E " ($2)" >&2 ||
			die "$module uses what it should not, see above"
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
	show_users "$dir" "$stock"
	for module in $modules; do
		mv "$(find "$dir" -name "$module.ko")" "$build/$way-$module.ko"
	done
	echo "$way" >>"$out/ways"
	printf '%s\n' "${way}_vdpa" "${way}_ptp" "${way}_drm" >>"$out/suites"
	sed -n "s/.*\.name = \"\(drm_sched_.*_clients_.*\)\".*/${way}_\1/p" \
		"$source"/drivers/gpu/drm/scheduler/tests/*.c >>"$out/suites"
done

say "building the drivers of workqueues of Linux $kernel"
dir=$build/queued
rm -rf "$dir"
mkdir "$dir"
for module in $queued; do
	# shellcheck disable=SC2046 # one word per file
	queue "$module" $(sources_of "$module")
done
build_part queued
users=$queued show_users "$dir" "$stock_queues"
for module in $queued; do
	mv "$dir/$module/$module.ko" "$build/queued-$module.ko"
	echo "queued_$module" >>"$out/suites"
done
list_modules >"$out/load"

# The suites whose clients are workers. The others take a job's memory for alive
# after the job, which it is not on a machine as slow as this guest.
APPEND="${APPEND:-} kunit.filter_glob=drm_sched_*_clients_*"
export APPEND
lock guest
# shellcheck disable=SC2046 # one word per library
boot drivers "$out" "$out/ways" "$out/load" $(list_modules | sed "s|.*|$build/&.ko|") \
	"$build"/*-*.ko "$kdir"/drivers/vhost/*.ko "$kdir"/drivers/pps/*.ko \
	"$kdir/drivers/net/netdevsim/netdevsim.ko" \
	"$kdir"/drivers/md/dm-*.ko "$kdir"/drivers/md/persistent-data/*.ko \
	"$kdir"/crypto/aead.ko "$kdir"/crypto/crypto_hash.ko "$kdir"/lib/crypto/libmd5.ko \
	$(command -v vdpa) $(command -v dmsetup) \
	$(ldd "$(command -v vdpa)" "$(command -v dmsetup)" | grep -o '/[^ ]*[0-9] ' | sort -u) || :
sed -n 's/^@@ late //p' "$out/results" >"$out/late"
sed -i '/^@@ late /d' "$out/results"
python3 "$top/scripts/draw-late.py" "$out/late" "$out/late.svg" ||
	say "no picture of how late works are"
exec python3 "$top/scripts/verdict.py" "$out" "$out/suites" "$source"
