#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# /init of the guest of check-drivers.sh: load the modules that /load lists, exercise
# the drivers that were built in each of the ways that /ways lists, then those of
# workqueues, and report what verdict.py reads. The modules of a way have its name before
# their own.
# shellcheck source=scripts/lib-guest.sh
. /lib-guest.sh
exec 3>"$report"

netdevsim=/sys/bus/netdevsim

load()
{
	name=$1
	shift
	insmod "/$way-$name.ko" "$@"
}
uses_kworkerx() { grep -q "^kworkerx .*[ ,]$1," /proc/modules; }
uses_workqueue() { grep -q "^kworkerx_workqueue .*[ ,]$1," /proc/modules; }

# The loader by hand: the libraries of the host's programs lie in /.
vdpa() { /ld-linux-x86-64.so.2 --library-path / /vdpa "$@"; }
dm() { DM_DISABLE_UDEV=1 /ld-linux-x86-64.so.2 --library-path / /dmsetup "$@" >/dev/null; }

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
	mount -t ext4 "$disk" /mnt && sha256sum -c /sums && umount /mnt
}

in_flight()
{
	number=$(printf '%d:' "$(stat -L -c 0x%t "$disk")" "$(stat -L -c 0x%T "$disk")")
	awk '{ exit !($1 + $2) }' "/sys/dev/block/${number%:}/inflight"
}

# A writer that comes too late would make a file of that name.
keep_busy()
{
	while [ -b "$disk" ] && [ ! -e /stop ] && dd "$@" bs=64k 2>/dev/null; do :; done
}
readers()
{
	for _ in 1 2; do
		keep_busy if="$disk" of=/dev/null iflag=direct &
	done
	try 10 in_flight
}
traffic()
{
	for _ in 1 2; do
		keep_busy if=/dev/zero of="$disk" oflag=direct count=512 &
	done
	readers
}

# The steps of whoever has a new block device in $disk.
files()
{
	step 'make a filesystem' mke2fs -q "$disk"
	step 'mount it' mount -t ext4 "$disk" /mnt
	step 'write files' fill
	step 'the files are as written' read_back
}

block_device()
{
	step 'load vdpa_sim' load vdpa_sim
	step 'load vdpa_sim_blk' load vdpa_sim_blk
	step 'vdpa_sim uses kworkerx' uses_kworkerx vdpa_sim
	step 'create a block device' vdpa dev add name blk0 mgmtdev vdpasim_blk
	step 'virtio_vdpa has it' try 10 test -b /dev/vda
	disk=/dev/vda
	files
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

# make_disk N MEGABYTES: /dev/loopN, of zeros.
make_disk()
{
	dd if=/dev/zero of="/file$1" bs=1M count="$2" 2>/dev/null &&
		losetup "/dev/loop$1" "/file$1"
}
drop_disk() { losetup -d "/dev/loop$1" && rm "/file$1"; }

# thread_of NAME: its process id.
thread_of()
{
	grep -l "^$1" /proc/[0-9]*/comm 2>/dev/null | sed -n '1s/[^0-9]//gp'
}

# in_group GROUP COMMAND...
in_group()
{
	group=$1
	shift
	sh -c "echo \$\$ >$group/cgroup.procs && exec \"\$@\"" sh "$@"
}

groups=/sys/fs/cgroup
make_group()
{
	mount -t cgroup2 none $groups && echo '+cpu +io' >$groups/cgroup.subtree_control &&
		mkdir $groups/one
}
usage() { sed -n 's/^usage_usec //p' $groups/one/cpu.stat; }
read_disk() { dd if="$disk" of=/dev/null bs=64k count=100 iflag=direct 2>/dev/null; }

# thread_in_group NAME: of a workqueue; the group is charged for its works.
thread_in_group()
{
	pid=$(thread_of "$1") && echo "$pid" >$groups/one/cgroup.procs &&
		grep -qx "$pid" $groups/one/cgroup.procs || return
	before=$(usage)
	read_disk && read_disk
	after=$(usage)
	echo "    # $1 took $((after - before)) us in its cgroup" >>/steps
	echo "$pid" >$groups/cgroup.procs
	[ "$after" -gt "$before" ]
}

loop_device()
{
	step 'load loop' load loop
	step 'loop uses kworkerx_workqueue' uses_workqueue loop
	step 'make a disk of a file' make_disk 0 64
	disk=/dev/loop0
	files
	step 'its works ran on kworkerx' ran loop_rootcg_workfn 20
	step 'make a cgroup' make_group
	step 'read from within it' in_group $groups/one \
		dd if=/dev/loop0 of=/dev/null bs=64k count=50 iflag=direct
	step 'its works for a cgroup ran on kworkerx' ran loop_workfn 5
	step 'its thread works in a cgroup' thread_in_group loop0
	step 'remove the cgroup' rmdir $groups/one
	umount $groups
	step 'have traffic' traffic
	step 'take the file away under traffic' losetup -d /dev/loop0
	touch /stop
	wait
	rm /stop
	step 'unload loop after the last one' try 30 rmmod loop
	rm /file0
}

# secret OPTION...: a table of dm-crypt.
secret() { echo "0 131072 crypt aes-xts-plain64 $key 0 /dev/loop0 0${*:+ $# $*}"; }

# With each set of threads that the driver can have.
reload()
{
	for options in same_cpu_crypt 'no_read_workqueue no_write_workqueue' high_priority \
		'same_cpu_crypt submit_from_crypt_cpus' ''; do
		# shellcheck disable=SC2086 # one word per option
		dm reload secret --table "$(secret $options)" && dm suspend secret &&
			dm resume secret || return
	done
}

encrypted() { ! head -c 65536 /dev/loop0 | cmp -s - /plain; }
start_crypt()
{
	step 'load loop' load loop
	step 'make a disk of a file' make_disk 0 64
	step 'load dm-crypt' load dm-crypt
	step 'dm-crypt uses kworkerx_workqueue' uses_workqueue dm_crypt
	key=$(head -c 64 /dev/urandom | od -An -v -tx1 | tr -d ' \n')
	disk=/dev/mapper/secret
}
end_crypt()
{
	step 'unload dm-crypt' try 10 rmmod dm_crypt
	step 'the disk goes' try 10 drop_disk 0
	step 'unload loop' try 10 rmmod loop
}

crypt_device()
{
	start_crypt
	step 'map an encrypted device' dm create secret --table "$(secret)"
	files
	head -c 65536 $disk >/plain
	step 'what is on the disk is encrypted' encrypted
	step 'its works ran on kworkerx' ran kcryptd_crypt 20
	step 'have readers' readers
	step 'reload the table under load' reload
	step 'and once more' reload
	step 'its works ran on kworkerx' ran kcryptd_crypt 20
	step 'have traffic on files that are gone' traffic
	step 'take the device away under traffic' dm remove --force --retry secret
	wait
	step 'map it again' dm create secret --table "$(secret same_cpu_crypt)"
	files
	step 'remove it' dm remove --retry secret
	end_crypt
}

thin_device()
{
	step 'load loop' load loop
	step 'make disks of two files' make_disk 0 64
	step 'the second' make_disk 1 8
	for module in dm-bufio dm-bio-prison dm-persistent-data; do
		step "load $module" insmod /$module.ko
	done
	step 'load dm-thin-pool' load dm-thin-pool no_space_timeout=3
	step 'dm-thin-pool uses kworkerx_workqueue' uses_workqueue dm_thin_pool
	step 'make a pool' dm create pool --table \
		'0 131072 thin-pool /dev/loop1 /dev/loop0 128 0'
	step 'make a thin device' dm message pool 0 'create_thin 0'
	step 'map it' dm create thin --table '0 131072 thin /dev/mapper/pool 0'
	disk=/dev/mapper/thin
	files
	step 'suspend it without a flush' dm suspend --noflush thin
	step 'take a snapshot' dm message pool 0 'create_snap 1 0'
	step 'resume it' dm resume thin
	step 'its works ran on kworkerx' saw do_worker 20
	step 'so did those on the stack' saw do_noflush_start 1
	step 'and the delayed one, again and again' try 10 saw do_waker 3
	step 'overwrite the origin' dd if=/dev/urandom of="$disk" bs=1M count=16
	step 'map the snapshot' dm create snap --table '0 131072 thin /dev/mapper/pool 1'
	disk=/dev/mapper/snap
	step 'its files are as written' read_back
	echo >$trace/trace
	step 'make a device that is larger than the pool' dm message pool 0 'create_thin 2'
	step 'map it' dm create big --table '0 409600 thin /dev/mapper/pool 2'
	step 'fill the pool, until it is given up' \
		fails dd if=/dev/zero of=/dev/mapper/big bs=1M oflag=direct
	step 'the other delayed work ran' ran do_no_space_timeout 1
	step 'have readers' readers
	step 'take the device away under traffic' dm remove --force --retry snap
	wait
	for device in big thin pool; do
		step "remove $device" dm remove --force --retry $device
	done
	step 'unload dm-thin-pool' try 10 rmmod dm_thin_pool
	for module in dm_persistent_data dm_bio_prison dm_bufio; do
		step "unload $module" rmmod $module
	done
	step 'the disks go' try 10 drop_disk 0
	step 'the second' drop_disk 1
	step 'unload loop' try 10 rmmod loop
}
fails() { ! "$@"; }

# lateness: how long after they were queued works of the cipher started, in us.
lateness()
{
	awk '{
		for (i = 1; i < NF && $i !~ /^[0-9]+\.[0-9]+:$/; i++);
		now = $i * 1000000
	}
	/kworkerx_work_queue_work: .*function=kcryptd_crypt/ {
		sub(/.*work struct=/, ""); queued[$1] = now
	}
	/kworkerx_work_execute_start: .*function kcryptd_crypt/ {
		sub(/.*work struct /, ""); sub(/:.*/, "")
		if ($0 in queued)
			printf " %d", now - queued[$0]
		delete queued[$0]
	}' $trace/trace
}

# late NAME POLICY: how late works of dm-crypt are beside programs that are never idle.
late()
{
	name=$1 hogs=''
	echo "$2" >/sys/module/kworkerx_workqueue/parameters/policies
	step "map a device ($name)" dm create secret --table "$(secret)"
	step "its thread is $name" \
		[ "$(cut -d ' ' -f 41 /proc/"$(thread_of kcryptd-)"/stat)" = "$3" ]
	for _ in $(seq $((2 * $(nproc)))); do
		while :; do :; done &
		hogs="$hogs $!"
	done
	echo >$trace/trace
	step "read it beside programs that are never idle ($name)" \
		dd if="$disk" of=/dev/null bs=4k count=300 iflag=direct
	# shellcheck disable=SC2086 # one word per process
	kill $hogs
	# shellcheck disable=SC2086 # one word per process
	wait $hogs 2>/dev/null
	lateness >/lateness
	step "works were late ($name)" [ "$(wc -w </lateness)" -ge 100 ]
	echo "@@ late $name$(cat /lateness)" >&3
	step "remove the device ($name)" dm remove --retry secret
}

policy()
{
	start_crypt
	late normal 'none=nice:0' 0
	late fifo 'kcryptd-=fifo:10' 1
	end_crypt
}

mkdir /mnt
forget_leaks
while read -r module; do
	insmod "/$module.ko"
	echo "@@ load $module $?" >&3
done </load
trace_works
for module in vhost_iotlb vringh pps_core aead crypto_hash libmd5; do
	insmod /$module.ko
done
while read -r way; do
	suite "${way}_vdpa" block_device
	suite "${way}_ptp" clock
	suite "${way}_drm" scheduler
done </ways
way=queued
suite queued_loop loop_device
suite queued_dm-thin-pool thin_device
tac /load | while read -r module; do
	rmmod "$module"
	echo "@@ unload $module $?" >&3
done

find_leaks >&3
echo "@@ done $suites" >&3
power_off
