#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: qemu.sh IMAGE INIT OUT [FILE...]
# Boot IMAGE, for the processor $ARCH, with busybox, INIT as /init, and lib-guest.sh and
# the FILEs beside it. OUT gets console.log, results (what the guest reports on the device that is
# named $report there, or ttyS1, out of reach of printk) and qemu-cmd, which boots the
# same guest again. The guest ends by powering off; any other end, and running longer
# than $TIMEOUT seconds, fails, and adds "@@ qemu" to the results, so that what else
# is their last line is not.
# ACCEL, QEMU_ARGS and APPEND choose the accelerator and add to the command lines
# of QEMU and of the kernel.
set -eu
. "$(dirname "$0")/lib.sh"

[ $# -ge 3 ] || die "usage: qemu.sh IMAGE INIT OUT [FILE...]"
boot=$1
init=$2
mkdir -p "$3"
out=$(cd "$3" && pwd)
shift 3
cpus=${CPUS:-4}
mem=${MEM:-1024}
limit=${TIMEOUT:-1800}

# pack INIT ARCHIVE [FILE...]: make an initramfs.
pack()
{
	root=$(mktemp -d "$out/tmp.XXXXXX")
	mkdir "$root/bin" "$root/dev" "$root/proc" "$root/sys"
	cp "$busybox" "$root/bin/busybox"
	ln -s busybox "$root/bin/sh"
	cp "$1" "$root/init"
	chmod 755 "$root/init"
	cp "$top/scripts/lib-guest.sh" "$root/"
	archive=$2
	shift 2
	[ $# = 0 ] || cp "$@" "$root/"
	(cd "$root" && find . | cpio -o -H newc -R 0:0 --quiet) >"$archive"
	rm -rf "$root"
}

# Beside others an emulated CPU may be away for half a minute: hangs of minutes are
# bugs, of seconds are not.
patience='rcupdate.rcu_cpu_stall_timeout=120 watchdog_thresh=60 workqueue.watchdog_thresh=120'

# guest ACCEL DIR: write the command line to DIR/qemu-cmd. A socket for each
# CPU makes QEMU deal the CPUs out to both NUMA nodes.
guest()
{
	half=$((mem / 2))
	numa="-object memory-backend-ram,id=m0,size=${half}M \\
	    -object memory-backend-ram,id=m1,size=${half}M \\
	    -numa node,nodeid=0,memdev=m0 -numa node,nodeid=1,memdev=m1"
	uart="-serial 'file:$2/console.log'"
	# For a machine with a single UART, or none.
	virtio="-chardev 'file,id=results,path=$2/results' \\
	    -device virtconsole,chardev=results"
	case $arch in
	x86_64)
		machine="qemu-system-x86_64 -machine q35 $numa"
		serial="$uart -serial 'file:$2/results'"
		console=ttyS0 ;;
	i386)
		machine="qemu-system-x86_64 -machine q35"
		serial="$uart -serial 'file:$2/results'"
		console=ttyS0 ;;
	arm64)
		machine="qemu-system-aarch64 -machine virt -cpu cortex-a72 $numa"
		serial="$uart -device virtio-serial-device $virtio"
		console='ttyAMA0 report=hvc0' ;;
	s390x)
		machine="qemu-system-s390x -machine s390-ccw-virtio"
		serial="-chardev 'file,id=console,path=$2/console.log' \\
	    -device sclpconsole,chardev=console \\
	    -device virtio-serial-ccw $virtio"
		console='ttysclp0 report=hvc0' ;;
	esac
	cat >"$2/qemu-cmd" <<-END
	exec $machine -accel $1 \\
	    -smp cpus=$cpus,sockets=$cpus -m $mem \\
	    -display none -nodefaults -monitor none -no-reboot $serial \\
	    -kernel '$boot' -initrd '$2/initramfs' ${QEMU_ARGS:-} \\
	    -append 'console=$console panic=-1 oops=panic no5lvl mitigations=off tsc=reliable log_buf_len=4M $patience ${APPEND:-}'
	END
}

# fetch_busybox: one that runs there.
fetch_busybox()
(
	tmp=$(mktemp -d "$cache/tmp.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	cd "$tmp"
	foreign_apt "$tmp/apt" bookworm "$arch"
	download busybox-static
	dpkg-deb -x busybox-static_*.deb deb
	mv deb/bin/busybox "$busybox"
)

# A /dev/kvm that opens may still hang its guests. Trust it after one guest
# with this image came up and powered off; remember that for this host's boot.
choose_accel()
{
	verdict=$cache/kvm/$(cat /proc/sys/kernel/random/boot_id)-$(
		sha256sum <"$boot" | cut -c 1-12)
	if [ ! -e "$verdict" ]; then
		mkdir -p "$cache/kvm"
		echo "tcg,thread=multi" >"$verdict.tmp"
		if [ -z "$cross" ] && [ -w /dev/kvm ]; then
			probe=$(mktemp -d "$out/tmp.XXXXXX")
			printf '#!/bin/sh\nexec busybox poweroff -f\n' >"$probe/init"
			pack "$probe/init" "$probe/initramfs"
			guest "kvm -cpu host" "$probe"
			say "trying KVM"
			! timeout --foreground -k 2 15 sh "$probe/qemu-cmd" >"$probe/log" 2>&1 ||
				echo "kvm -cpu host" >"$verdict.tmp"
			rm -rf "$probe"
		fi
		mv "$verdict.tmp" "$verdict"
	fi
	cat "$verdict"
}

need cpio
case $arch in
x86_64 | i386)	need qemu-system-x86 ;;
arm64)		need qemu-system-arm ;;
s390x)		need qemu-system-misc ;;
esac
if [ $arch = x86_64 ]; then
	need busybox-static
	busybox=/bin/busybox
else
	busybox=$cache/busybox-$arch
	[ -e "$busybox" ] || fetch_busybox
fi
rm -rf "$out"/tmp.* "$out/console.log" "$out/results"
pack "$init" "$out/initramfs" "$@"
accel=${ACCEL:-$(choose_accel)}
guest "$accel" "$out"
say "booting under ${accel%%[ ,]*} (at most $((limit / 60)) min)"

# QEMU's own threads race as well: a CPU may hit a breakpoint that another one,
# patching the kernel, has replaced long ago (seen with 7.2 on a busy machine).
# As long as no module is there, that is not about us.
struck()
{
	sed -n '/Oops: int3/,$s/.*Modules linked in://p' "$out/console.log" |
		grep -q '^[[:space:]]*$'
}

# What a guest with tests has on its console.
# shellcheck disable=SC2317 # ticker calls it
progress() { echo "$(grep -acE '\] +ok [0-9]+ ' "$out/console.log") tests done"; }

# In the foreground ^C ends it, too.
for attempt in 1 2 3; do
	rc=0
	ticker "the guest runs" progress
	timeout --foreground -k 5 "$limit" sh "$out/qemu-cmd" >&2 || rc=$?
	end_ticker
	struck || break
	say "QEMU broke the guest before a module was there (attempt $attempt)"
done
[ "$rc" != 124 ] || say "the guest was stopped after $limit s"
[ "$rc" = 0 ] || echo "@@ qemu $rc" >>"$out/results"
exit "$rc"
