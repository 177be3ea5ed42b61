#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: check-newcomer.sh SUITE [root] [newcomer]
# Do what the README says as somebody would who has just installed this release of
# Debian: in a chroot in the cache, which debootstrap makes of this machine's
# mirror, as root, and on another such machine as a user who has sudo; or as one of
# them only, beside another run that does the other. It takes root, half an hour and
# 8 GB, which stay there if something fails. The last line is "N passed, N failed, N
# skipped".
set -eu
. "$(dirname "$0")/lib.sh"
. /etc/os-release

suite=${1:?usage: check-newcomer.sh SUITE [root] [newcomer]}
base=$cache/newcomer/$suite.tar
path=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
passed=0
failed=0

[ "$(id -u)" = 0 ] || die "to make a chroot takes root"
# What is mounted and started from here on is gone when this script is, whatever ends
# it: with the first process of these namespaces the kernel ends all others. A shell
# is interrupted in a wait, and not before its child ends elsewhere.
if [ -z "${CONFINED:-}" ]; then
	CONFINED=yes setpriv --pdeathsig KILL \
		unshare --pid --mount-proc --kill-child "$0" "$@" &
	wait $!
	exit
fi

shift
need debootstrap
mirror=$(debian_mirror)
mkdir -p "$cache/newcomer"
lock "newcomer-$suite"
if [ ! -e "$base" ]; then
	say "making a Debian $suite, some 70 MB to download"
	rm -rf --one-file-system "$base.tmp" "$base.new"
	debootstrap --variant=minbase "$suite" "$base.tmp" "$mirror" >"$base.log" 2>&1 ||
		die "no Debian $suite, see $base.log"
	rm -f "$base.tmp"/var/cache/apt/archives/*.deb
	tar -C "$base.tmp" -cf "$base.new" .
	rm -rf --one-file-system "$base.tmp"
	mv "$base.new" "$base"
fi

# step WORDS COMMAND: its log is kept.
step()
{
	attempt "$user: $1" "$out/$(echo "$1" | tr -cs 'A-Za-z0-9\n' -).log" \
		traced "$2"
}

# Both with the environment of a login.
in_root()
{
	chroot "$root" env -i PATH="$path" HOME=/root DEBIAN_FRONTEND=noninteractive "$@"
}
as_user()
{
	chroot --userspec="$user:" "$root" env -i PATH="$path" HOME="$home" USER="$user" "$@"
}
install() { in_root apt-get install -y -qq --no-install-recommends "$@"; }

# A mount point, with all that is mounted in it.
remove_machine()
{
	! mountpoint -q "$root" || umount -lR "$root"
	rm -rf --one-file-system "$root"
}

# With make, sudo and a clone of the project.
new_machine()
{
	remove_machine
	mkdir "$root"
	mount --bind "$root" "$root"
	tar -C "$root" -xf "$base"
	# As each machine has that boots a kernel.
	mkdir -p "$root/lib/modules"
	cp /etc/resolv.conf "$root/etc/"
	echo "127.0.0.1 localhost $(hostname)" >"$root/etc/hosts"
	apt-config dump | grep -i '^Acquire.*proxy' \
		>"$root/etc/apt/apt.conf.d/80proxy" || :
	mount -t proc proc "$root/proc"
	mount -t sysfs -o ro sysfs "$root/sys"
	mount --rbind /dev "$root/dev"
	in_root apt-get update -qq
	install make sudo
	[ "$user" = root ] || in_root useradd -m "$user"
	copy_sources "$root$clone"
	mkdir -p "$root$home/.cache/kworkerx"
	: >"$root$home/.cache/kworkerx/guest.lock"
	in_root chown -R "$user:" "$home"
	# Its guests and those of this machine are never there at the same time.
	: >>"$cache/guest.lock"
	chmod a+w "$cache/guest.lock"
	mount --bind "$cache/guest.lock" "$root$home/.cache/kworkerx/guest.lock"
	echo "$user ALL=(ALL) NOPASSWD: ALL" >"$root/etc/sudoers.d/newcomer"
	snapshot >"$out/before"
}

# What is not the package manager's, but for the cache and out/.
snapshot()
{
	(cd "$root" && find boot lib/modules usr/lib/modules usr/src root home opt srv \
		-path "${home#/}/.cache" -prune -o \
		-path "${clone#/}/out" -prune -o -print 2>/dev/null | sort)
}

leaves_the_machine_alone()
{
	snapshot | diff "$out/before" -
	in_root dpkg --get-selections >"$out/packages"
	fails grep -E '^(linux-(image|headers|base|binary)|initramfs|dracut|grub)' \
		"$out/packages"
}

runs() { as_user make -C "$clone" run; }

# hold SECONDS FILE: the lock of a package manager that is busy.
hold()
{
	perl -e 'use Fcntl; open F, ">>", $ARGV[1] or die;
		my $lock = pack("ssx4qqix4", F_WRLCK, 0, 0, 0, 0);
		fcntl F, F_SETLK, $lock or die;
		sleep $ARGV[0]' "$1" "$root/var/lib/$2" &
}

# As on its first boot, and with a suite that is no longer there. What is fetched is
# said before, with its size.
runs_at_first()
{
	echo "deb $mirror $suite-gone main" >>"$root/etc/apt/sources.list"
	fails in_root apt-get update
	hold 20 apt/lists/lock
	hold 60 dpkg/lock-frontend
	rm -f "$root"/var/lib/apt/lists/*_*
	runs >"$out/first" 2>&1 || { cat "$out/first"; return 1; }
	grep 'the kernel had nothing to complain about' "$out/first"
	grep 'waiting for another apt' "$out/first"
	grep 'not all of them' "$out/first"
	grep 'installing .*: [1-9][0-9.]* MB to download' "$out/first"
	grep 'fetching linux-headers-.*: [1-9][0-9.]* MB to download' "$out/first"
}

# A folder that cannot be written, with a space in its name; no HOME; no network;
# and programs that could speak German.
runs_anywhere()
{
	install locales "gcc-$(in_root gcc -dumpversion)-locales"
	echo 'de_DE.UTF-8 UTF-8' >"$root/etc/locale.gen"
	in_root locale-gen
	mkdir -p "$root/mnt/a folder"
	mount --bind "$root$clone" "$root/mnt/a folder"
	mount -o remount,bind,ro "$root/mnt/a folder"
	unshare -n chroot --userspec="$user:" "$root" env -i PATH="$path" \
		LANG=de_DE.UTF-8 LANGUAGE=de make -C '/mnt/a folder' run
}

# DKMS has a key of its own there, too.
checks_install()
{
	as_user make -C "$clone" check-install
	fails ls "$root/var/lib/dkms/mok.key"
}

# There are no headers but those in the cache: a link does.
undoes_dkms()
{
	abi=$(readlink "$root$home"/.cache/kworkerx/stock/debian-*)
	mkdir -p "$root/lib/modules/$abi"
	ln -s "$home/.cache/kworkerx/stock/$abi/deb/usr/src/linux-headers-$abi" \
		"$root/lib/modules/$abi/build"
	in_root make -C "$clone" dkms
	in_root dkms install "kworkerx/$(in_root make -s -C "$clone" version)" -k "$abi"
	ls "$root/lib/modules/$abi"/updates/dkms/kworkerx.ko*
	in_root make -C "$clone" undkms
	[ -z "$(in_root dkms status)" ]
	(cd "$root" && find lib/modules/ usr/src) >"$out/left"
	fails grep kworkerx "$out/left"
	rm -r "$root/lib/modules/$abi"
}

# How far it is, is said.
builds_kernel()
{
	as_user "$clone/scripts/build-kernel.sh" latest debug >"$out/kernel" 2>&1 ||
		{ cat "$out/kernel"; return 1; }
	grep 'fetching linux-source-.*: [1-9][0-9.]* MB to download' "$out/kernel"
	grep 'of about 1200 objects' "$out/kernel"
}

# A tool that came after the kernel is no error, and there is no warning of ours. The
# results are where they were wanted.
checks()
{
	printf '%s\n' '#!/bin/sh' 'echo v9.99' >"$root/usr/local/bin/pahole"
	chmod 755 "$root/usr/local/bin/pahole"
	as_user make -C "$clone" check WERROR=1 OUT='/tmp/my results'
	grep 'pahole version differs' \
		"$root/tmp/my results/check-latest-debug/build.log"
	fails ls "$root$clone/out/check-latest-debug"
}

finds_all_in_the_cache()
{
	unshare -n chroot --userspec="$user:" "$root" env -i PATH="$path" HOME="$home" \
		"$clone/scripts/build-kernel.sh" latest debug
}

steps_of_root()
{
	step 'make run, at first boot' runs_at_first
	step 'nothing but packages, of which none boots' leaves_the_machine_alone
	step 'make check-install' checks_install
	step 'make undkms' undoes_dkms
	step 'nothing but packages after that' leaves_the_machine_alone
}

steps_of_newcomer()
{
	step 'a kernel for make check' builds_kernel
	step 'the kernel without a network' finds_all_in_the_cache
	step 'make run, with sudo' runs
	step 'make run, from anywhere' runs_anywhere
	step 'make check' checks
	step 'nothing but packages, of which none boots' leaves_the_machine_alone
}

[ $# -gt 0 ] || set -- root newcomer
for user; do
	out=$outs/check-newcomer-$suite-$user
	root=$cache/newcomer/$suite-$user
	home=/root
	[ "$user" = root ] || home=/home/$user
	clone=$home/kworkerx
	begin_run "newcomer-$suite-$user"
	step 'a new Debian' new_machine
	# Nothing can be told without it.
	[ $rc != 0 ] || steps_of_"$user"
	[ $failed != 0 ] || remove_machine
done
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
