#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# /init of the guest of check-drivers.sh: exercise the drivers that were built
# in each of the ways that /ways lists, and report what verdict.py reads. The
# modules of a way have its name before their own.
# shellcheck source=scripts/lib-guest.sh
. /lib-guest.sh
exec 3>"$report"

netdevsim=/sys/bus/netdevsim

load() { insmod "/$way-$1.ko"; }
uses_kworkerx() { grep -q "^kworkerx .*[ ,]$1," /proc/modules; }

# The loader by hand: the libraries of the host's vdpa lie in /.
vdpa() { /ld-linux-x86-64.so.2 --library-path / /vdpa "$@"; }

fill()
{
	for i in 1 2 3 4 5 6; do
		dd if=/dev/urandom of=/mnt/$i bs=64k count=$((i * 8)) 2>/dev/null ||
			return
	done
	sha256sum /mnt/? >/sums && umount /mnt && echo 3 >/proc/sys/vm/drop_caches
}

read_back()
{
	mount -t ext4 /dev/vda /mnt && sha256sum -c /sums && umount /mnt
}

in_flight() { awk '{ exit !($1 + $2) }' /sys/block/vda/inflight; }

# A writer that comes too late would make a file of that name.
keep_busy() { while [ -b /dev/vda ] && dd "$@" bs=64k 2>/dev/null; do :; done; }
traffic()
{
	for _ in 1 2; do
		keep_busy if=/dev/vda of=/dev/null iflag=direct &
		keep_busy if=/dev/zero of=/dev/vda oflag=direct count=512 &
	done
	try 10 in_flight
}

block_device()
{
	step 'load vdpa_sim' load vdpa_sim
	step 'load vdpa_sim_blk' load vdpa_sim_blk
	step 'vdpa_sim uses kworkerx' uses_kworkerx vdpa_sim
	step 'create a block device' vdpa dev add name blk0 mgmtdev vdpasim_blk
	step 'virtio_vdpa has it' try 10 test -b /dev/vda
	step 'make a filesystem' mke2fs -q /dev/vda
	step 'mount it' mount -t ext4 /dev/vda /mnt
	step 'write files' fill
	step 'the files are as written' read_back
	step 'the queues ran on kworkerx' ran vdpasim_work_fn 20
	step 'have traffic' traffic
	step 'unload vdpa_sim_blk under traffic' rmmod vdpa_sim_blk
	wait
	step 'the device is gone' test ! -b /dev/vda
	rm -f /dev/vda
	step 'unload vdpa_sim' rmmod vdpa_sim
}

new_clock() { echo '1 1' >$netdevsim/new_device && try 10 test -e /dev/ptp0; }
remove_clock() { echo 1 >$netdevsim/del_device && try 10 test ! -e /dev/ptp0; }
many_clocks()
{
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		new_clock && remove_clock || return
	done
}

clock()
{
	step 'load ptp' load ptp
	step 'load ptp_mock' load ptp_mock
	step 'load netdevsim' insmod /netdevsim.ko
	step 'ptp uses kworkerx' uses_kworkerx ptp
	step 'create a mock clock' new_clock
	# It runs every five seconds.
	sleep 12
	step 'aux work ran and was rescheduled' ran ptp_aux_kworker 2
	step 'remove the clock while its timer is armed' remove_clock
	step 'ten clocks come and go' many_clocks
	step 'unload netdevsim' rmmod netdevsim
	step 'unload ptp_mock' rmmod ptp_mock
	step 'unload ptp' rmmod ptp
}

scheduler()
{
	step 'load gpu-sched' load gpu-sched
	step 'load drm-sched-tests, which runs them' load drm-sched-tests
	step 'drm-sched-tests uses kworkerx' uses_kworkerx drm_sched_tests
	step 'its clients ran on kworkerx' ran drm_sched_client_work 2
	for dir in /sys/kernel/debug/kunit/drm_sched_*/; do
		name=$(basename "$dir")
		echo "@@ suite ${way}_$name"
		sed "s/$name/${way}_$name/" "$dir/results"
		echo "@@ end ${way}_$name"
		suites=$((suites + 1))
	done >&3
	step 'unload drm-sched-tests' rmmod drm-sched-tests
	step 'unload gpu-sched' rmmod gpu-sched
}

mkdir /mnt
forget_leaks
insmod /kworkerx.ko
echo "@@ load kworkerx $?" >&3
trace_works
for module in vhost_iotlb vringh pps_core; do
	insmod /$module.ko
done
while read -r way; do
	suite "${way}_vdpa" block_device
	suite "${way}_ptp" clock
	suite "${way}_drm" scheduler
done </ways
rmmod kworkerx
echo "@@ unload kworkerx $?" >&3

find_leaks >&3
echo "@@ done $suites" >&3
power_off
