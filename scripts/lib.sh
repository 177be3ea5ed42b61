# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Shared by the scripts beside this file, which source it.

# What programs say is read here, so they have to say it in English.
export LC_ALL=C
top=$(cd "$(dirname "$0")/.." && pwd)
home=${HOME:-$(getent passwd "$(id -u)" | cut -d : -f 6)}
cache=${XDG_CACHE_HOME:-$home/.cache}/kworkerx
jobs=$(nproc)
umask 022
# Variables given to our make are not for the kernel's.
unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL

# Scripts that print a path on stdout are called in $(...): talk on stderr.
say() { echo "kworkerx: $*" >&2; }
die() { say "error: $*"; exit 1; }

# The processor of the test kernels: $ARCH, by Debian's name or by the kernel's. What
# the kernel's makefiles read is exported.
# shellcheck disable=SC2034 # for those that source this
case ${ARCH:-x86_64} in
x86_64 | x86 | amd64)
	arch=x86_64 suffix='' cross=''
	arch_dir=arch/x86 kernel_image=$arch_dir/boot/bzImage ;;
i386)
	arch=i386 suffix=-i386 cross=''
	arch_dir=arch/x86 kernel_image=$arch_dir/boot/bzImage
	export ARCH=i386 ;;
arm64 | aarch64)
	arch=arm64 suffix=-arm64 cross=aarch64-linux-gnu-
	arch_dir=arch/arm64 kernel_image=$arch_dir/boot/Image
	export ARCH=arm64 ;;
s390x | s390)
	arch=s390x suffix=-s390x cross=s390x-linux-gnu-
	arch_dir=arch/s390 kernel_image=$arch_dir/boot/bzImage
	export ARCH=s390 ;;
*)	die "ARCH is x86_64, arm64, i386 or s390x, not $ARCH" ;;
esac
[ -z "$cross" ] || export CROSS_COMPILE="${CROSS_COMPILE:-$cross}"

# lock NAME [COMMAND...]: wait for the named lock and hold it until this script ends,
# or until the command is true.
# Children inherit descriptor 9, so an orphan keeps the lock while it works.
lock()
{
	mkdir -p "$cache"
	exec 9>"$cache/$1.lock"
	flock -n 9 && return
	say "waiting for another $1 to finish"
	shift
	if [ $# = 0 ]; then
		flock 9
	else
		until flock -w "${TICK:-10}" 9 || "$@"; do :; done
	fi
}

case $cache in
*[[:space:]:]*)
	die "the kernel's makefiles cannot work in $cache. XDG_CACHE_HOME=DIR" \
		"names another place, without a space or a colon" ;;
esac
{ mkdir -p "$cache" && [ -w "$cache" ]; } 2>/dev/null ||
	die "cannot write to $cache. XDG_CACHE_HOME=DIR names another place"

# plain_path DIR: print a path to DIR that makefiles and QEMU can work with.
plain_path()
{
	case $1 in
	*[!A-Za-z0-9_/.~+-]*)
		link=$cache/links/$(printf %s "$1" | sha256sum | cut -c 1-12)
		mkdir -p "$cache/links"
		ln -sfn "$1" "$link"
		echo "$link" ;;
	*)	echo "$1" ;;
	esac
}

# Where results go: to OUT, or to out/ unless that is somebody else's.
outs=$(plain_path "$top")/out
if [ -n "${OUT:-}" ]; then
	mkdir -p "$OUT" || die "cannot write to $OUT"
	outs=$(plain_path "$(cd "$OUT" && pwd)")
	export OUT="$outs"
elif [ ! -w "$outs" ] && { [ -e "$outs" ] || [ ! -w "$top" ]; }; then
	outs=$cache/out
	export OUT="$outs"
	say "cannot write to $top/out, so results go to $outs (OUT=DIR: elsewhere)"
fi
top=$(plain_path "$top")

# ticker WORDS COMMAND...: until end_ticker or the end of this script, say twice a
# minute for how long this goes on already, and what COMMAND prints.
ticker()
{
	(
		words=$1 begin=$(date +%s) last=0
		shift
		while sleep 1 >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do
			seconds=$(($(date +%s) - begin))
			[ $((seconds - last)) -ge "${TICK:-30}" ] || continue
			last=$seconds
			more=$("$@" 2>/dev/null) || :
			say "$words, for $((seconds / 60)):$(printf %02d $((seconds % 60)))" \
				"min${more:+, $more}"
		done
	) >&2 8>&- 9>&- &
	ticker=$!
}

end_ticker()
{
	kill "$ticker" 2>/dev/null || :
	wait "$ticker" 2>/dev/null || :
}

# Who sits at a terminal can be asked for a password, by sudo.
as_root()
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif (: </dev/tty) 2>/dev/null; then
		sudo "$@"
	else
		sudo -n "$@"
	fi
}

# tally SUM NAME COMMAND...: run a command that ends with "N passed, N failed, N
# skipped", show what it prints, and add that line to the file SUM.
tally()
{
	tally=$1
	log=$outs/$2.log
	shift 2
	tally_rc=0
	"$@" >"$log" || { tally_rc=$?; say "not green: $log"; }
	cat "$log"
	# Nor is it green to fail without a failure, or to do nothing.
	tail -n 1 "$log" | awk -v rc=$tally_rc '
		/^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ {
			p = $1; f = $3; s = $5
		}
		END {
			if (!f && (rc || !p))
				f = 1
			print p + 0 " passed, " f + 0 " failed, " s + 0 " skipped"
		}' >>"$tally"
}

# sum_up SUM: print the sum of what was tallied; false if something failed.
sum_up()
{
	awk '{ p += $1; f += $3; s += $5 }
		END { print p " passed, " f " failed, " s " skipped"; exit f > 0 }' "$1"
}

# complain TEXT...: say what is wrong, and count it in $failed.
complain()
{
	say "error: $*"
	failed=$((failed + 1))
}

fails() { if "$@"; then return 1; fi; }

# score NAME RC: say how a case went that ended with RC, and count it.
score()
{
	if [ "$2" = 0 ]; then
		passed=$((passed + 1))
		echo "ok: $1"
	else
		failed=$((failed + 1))
		echo "NOT OK: $1"
	fi
}

# attempt NAME LOG COMMAND...: a case, in a shell of its own that ends with the first
# error, as it would not as a condition. rc is how it ended.
attempt()
{
	attempt=$1 attempt_log=$2
	shift 2
	set +e
	(set -eu; "$@") >"$attempt_log" 2>&1
	rc=$?
	set -e
	score "$attempt" $rc
	[ $rc = 0 ] || tail -n 20 "$attempt_log" | sed 's/^/    /'
}

# traced COMMAND...: with each of its commands in the log.
traced() { set -x; "$@"; }

# root_apt ARGUMENT...: apt-get as root, into install.log. sudo drops what the
# environment says about questions and proxies. What else installs packages, as a
# machine does when it boots for the first time, is waited for.
root_apt()
{
	set -- DEBIAN_FRONTEND="${DEBIAN_FRONTEND:-noninteractive}" LC_ALL=C \
		apt-get -qq -o DPkg::Lock::Timeout=600 "$@"
	[ -z "${http_proxy:-}" ] || set -- http_proxy="$http_proxy" "$@"
	[ -z "${https_proxy:-}" ] || set -- https_proxy="$https_proxy" "$@"
	[ -z "${no_proxy:-}" ] || set -- no_proxy="$no_proxy" "$@"
	tries=60
	until as_root env "$@" >"$cache/install.log" 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] && grep -qE 'Could not get lock|Unable to lock' \
			"$cache/install.log" || return 1
		[ $tries -lt 59 ] || say "waiting for another apt to finish"
		sleep "${TICK:-10}"
	done
}

# megabytes APT-GET...: how much that would download, if it can be told.
megabytes()
{
	"$@" --print-uris 2>/dev/null |
		awk '/^\047/ { n += $3 } END { if (n) printf ": %.1f MB to download", n / 1e6 }'
}

# update_lists: unless it was done just now. Those of a fresh machine are absent or out
# of date. One that cannot be read may be of no use here.
update_lists()
{
	[ -z "$(find "$cache/updated" -mmin -60 2>/dev/null)" ] || return 0
	say "reading this machine's package lists"
	root_apt update || {
		say "not all of them:"
		grep '^[EW]:' "$cache/install.log" >&2 || :
	}
	: >"$cache/updated"
}

# need PACKAGE...: install the packages that this machine misses.
need()
{
	missing=
	for pkg in "$@"; do
		dpkg-query -W -f '${Status}' "$pkg" 2>/dev/null |
			grep -q '^install ok installed' || missing="$missing $pkg"
	done
	[ -n "$missing" ] || return 0

	if ! as_root true 2>/dev/null; then
		say "this needs some packages; please have root run:"
		echo "  apt-get update && apt-get install -y$missing" >&2
		exit 1
	fi
	# Who needs it may hold any other lock, or be the child of somebody who does.
	exec 8>"$cache/packages.lock"
	flock 8
	update_lists
	set -- install -y --no-install-recommends
	# shellcheck disable=SC2086 # one word per package
	set -- "$@" $missing
	say "installing$missing$(megabytes apt-get -qq "$@")"
	ticker "still installing" tail -n 1 "$cache/install.log"
	root_apt "$@" || {
		rm -f "$cache/updated"
		die "apt-get could not install$missing, see $cache/install.log"
	}
	end_ticker
	exec 8>&-
}

need_for_builds()
{
	need gcc libc6-dev make flex bison bc libelf-dev libssl-dev xz-utils \
		bzip2 cpio kmod perl python3 rsync util-linux \
		${cross:+"gcc-${cross%-}"}
}

# newest_clang: print the version of the newest that this machine can install whole.
newest_clang()
{
	apt-cache search -n '^(clang|lld|llvm)-[0-9]+$' |
		sed -n 's/^[a-z]*-\([0-9]*\) .*/\1/p' | sort -n | uniq -c |
		awk '$1 == 3 { newest = $2 } END { print newest }' | grep .
}

# need_clang: have the kernel's makefiles take the newest clang. Who says LLVM= has
# chosen already.
need_clang()
{
	[ -z "${LLVM:-}" ] || return 0
	clang=$(newest_clang) || { update_lists; clang=$(newest_clang); } ||
		die "no package of clang here"
	need "clang-$clang" "lld-$clang" "llvm-$clang"
	export LLVM="-$clang"
}

# compiler: print the name of the one that the kernel's makefiles take.
compiler()
{
	case ${LLVM:-} in
	'')	echo "${CROSS_COMPILE:-}gcc" ;;
	-*)	echo "clang$LLVM" ;;
	*/)	echo "${LLVM}clang" ;;
	*)	echo clang ;;
	esac
}

# private_apt COMMAND...: apt with its own lists and cache in $aptroot, so that
# neither the configuration nor the state of the machine's apt changes.
aptroot=$cache/apt
private_apt()
{
	cmd=$1
	shift
	mkdir -p "$aptroot/state/lists/partial" "$aptroot/cache/archives/partial"
	[ -e "$aptroot/sources.list.d" ] || mkdir "$aptroot/sources.list.d"
	"$cmd" -o Dir::State="$aptroot/state" -o Dir::Cache="$aptroot/cache" \
		-o Dir::State::status=/dev/null \
		-o Dir::Etc::sourcelist="$aptroot/sources.list" \
		-o Dir::Etc::sourceparts="$aptroot/sources.list.d" \
		-o APT::Sandbox::User= "$@"
}

# read_lists: have private_apt know what its sources offer. One suite that is not
# there any more does not matter, as long as somebody else has what is wanted.
read_lists()
{
	say "reading package lists"
	private_apt apt-get update -qq >&2 || say "not all of them, see above"
}

# download PACKAGE...: by private_apt, into this folder.
download()
{
	say "fetching $*$(megabytes private_apt apt-get download -qq "$@")"
	ticker "still downloading" downloaded "$PWD"
	private_apt apt-get download -qq "$@" >&2 || set --
	end_ticker
	[ $# != 0 ]
}
downloaded() { echo "$(du -sm "$1" | cut -f 1) MB are there"; }

# debian_mirror: print where this Debian machine gets packages from.
debian_mirror()
{
	# The suite of the release's bare name, or of a name that moves, is the main
	# archive. Others have such suites, too, but do not say that they are Debian.
	# shellcheck disable=SC2016 # apt-get expands these
	apt-get indextargets --format '$(RELEASE) $(REPO_URI) $(SIGNED_BY) $(ORIGIN)' \
		'Created-By: Packages' | awk -v codename="${VERSION_CODENAME:-sid}" '
		$1 ~ "^(" codename "|(old)*stable|testing|unstable|sid)$" &&
		    $2 !~ /^cdrom:/ {
			n = 1 + / Debian$/ + /debian-archive-keyring/
			if (n > best) {
				best = n
				mirror = $2
			}
		}
		END { print mirror }' | grep . ||
		die "apt has no archive configured for ${VERSION_CODENAME:-Debian}"
}

# debian_suites SUITE...: print apt's lines for these suites of that mirror.
debian_suites()
{
	mirror=$(debian_mirror)
	for suite in "$@"; do
		echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
			"$mirror $suite main"
	done
}

# foreign_apt DIR SUITE PROCESSOR: from here on private_apt has the packages that
# Debian's SUITE has for another processor. It keeps its lists in DIR.
foreign_apt()
{
	. /etc/os-release
	[ "$ID" = debian ] || die "packages for $3 come from a Debian mirror only"
	# The machine's own apt is asked for the mirror.
	unset APT_CONFIG
	aptroot=$1
	mkdir -p "$aptroot"
	debian_suites "$2" >"$aptroot/sources.list"
	export APT_CONFIG="$aptroot/apt.conf"
	printf 'APT::Architecture%s "%s";\n' '' "$3" s "$3" >"$APT_CONFIG"
	say "reading the package lists of $2 for $3"
	private_apt apt-get update -qq >&2
}

# list_sources: print the project's files, without what was built among them.
# Works without git, too.
list_sources()
{
	(
		cd "$top" || exit
		git ls-files -co --exclude-standard 2>/dev/null |
			grep . || find . -name .git -prune -o -name out -prune -o \
			-type f ! -name '*.o' ! -name '.*.cmd' ! -name '*.mod*' \
			! -name '*.ko' -print
	) | while read -r file; do
		# git still lists a file that was just removed.
		[ ! -f "$top/$file" ] || echo "$file"
	done
}

# list_module_sources: print the files that the modules are made of.
list_module_sources() { awk '!/^#/ { print $1 }' "$top/scripts/sources.txt"; }

# list_modules: print their names, in the order in which they are loaded.
list_modules() { awk '!/^#/ && !n[$2]++ { print $2 }' "$top/scripts/sources.txt"; }

# copy_sources DIR: make DIR a copy of the project, so that two kernels never
# share objects.
copy_sources()
{
	rm -rf "$1"
	mkdir -p "$1"
	list_sources | rsync -a --files-from=- "$top/" "$1/"
}

# our_warnings KSRC DIR LOG: print the warnings in LOG about files of DIR, not those
# about files of KSRC. Whether a file's name is relative to DIR depends on the kernel.
our_warnings()
{
	awk -v ksrc="$1" -v dir="$2" '
	function ours(text,   n, i, words, line) {
		n = split(text, words, /[][ :,()"\047]+/)
		for (i = 1; i <= n; i++) {
			if (words[i] !~ /\.(c|h|S|o|ko|mod)$/)
				continue
			if (index(words[i], dir "/") == 1)
				return 1
			if (words[i] !~ /^\// &&
			    (getline line < (dir "/" words[i])) >= 0)
				return 1
		}
	}
	# A function of the kernel says what the one does that it became part of.
	/^ *inlined from / { caller = caller || ours($0) }
	tolower($0) ~ /(warning|error):/ {
		if (caller || index($0, ksrc "/") != 1 && (/modpost:/ || ours($0)))
			print
		caller = 0
	}' "$3"
}

# build_module KDIR KSRC DIR LOG [ARGUMENT...]: build the external module in DIR.
# Its warnings are shown, and with WERROR=1 they are errors. What is said about the
# kernel's files, or about tools that are not those it was built with, is neither.
build_module()
{
	kdir_=$1 ksrc_=$2 dir_=$3 log_=$4
	shift 4
	llvm_=$([ -n "${LLVM+set}" ] || "$top/scripts/llvm.sh" "$kdir_")
	make -C "$kdir_" M="$dir_" -j"$jobs" ${llvm_:+"$llvm_"} "$@" modules >"$log_" 2>&1 ||
		{ cat "$log_" >&2; die "the module in $dir_ does not build"; }
	if our_warnings "$ksrc_" "$dir_" "$log_" | grep . >&2; then
		# The next build has to say so, too.
		find "$dir_" -name '*.o' -delete
		[ "${WERROR:-0}" = 0 ] || die "warnings, see $log_"
		say "these warnings should not be, see $log_"
	fi
}

#
# A run in a guest: a kernel, $out for what comes of it, a copy of the project that is
# built for the kernel, and the guest
#

# find_kernel KERNEL CONFIG [TREE]: set $source, $kdir and $image to those of a test
# kernel. There is find_stock in lib-stock.sh for the distribution's own.
find_kernel()
{
	source=$("$top/scripts/fetch-source.sh" "$1")
	kdir=$("$top/scripts/build-kernel.sh" "$@")
	image=$kdir/$kernel_image
	need_for_builds
}

# begin_run LOCK: one at a time, with nothing of the last one in $out. The lock of
# those that boot is "guest": two of them slow each other past their time limits.
begin_run()
{
	lock "$1"
	# shellcheck disable=SC2154 # as each script has set it
	rm -rf "$out"
	mkdir -p "$out"
}

# update_copy DIR: make DIR a copy of the project, in which only what has changed is
# newer than what was built there. Times may be anybody's.
update_copy()
{
	copy_sources "$1.new"
	rsync -rlpc --delete --filter=':- .gitignore' "$1.new/" "$1/"
	rm -rf "$1.new"
}

# link_tree NAME: set $tree to a copy of $source into which a copy of the project is
# linked, as README.md says. What is there from before is updated, and no newer than it
# has to be.
link_tree()
{
	tree=$cache/tree/$1/$(basename "$source")
	mkdir -p "$cache/tree/$1"
	update_copy "$cache/tree/$1/kworkerx"
	[ ! -e "$tree" ] || return 0
	rm -rf "$tree.new"
	# Hard links; what is edited in it becomes a file of its own.
	cp -al "$source" "$tree.new"
	ln -s ../../kworkerx "$tree.new/lib/kworkerx"
	sed -i '$a source "lib/kworkerx/Kconfig"' "$tree.new/lib/Kconfig"
	sed -i '$a obj-$(CONFIG_KWORKERX) += kworkerx/' "$tree.new/lib/Makefile"
	mv "$tree.new" "$tree"
}

# build_copy NAME [ARGUMENT...]: build a copy of the project, $build, for that kernel.
# Our own kernels never change, so what was built for one is good still.
build_copy()
{
	build=$cache/module/$1
	shift
	case $kdir in
	"$cache"/build/*)
		build=$build-$(basename "$kdir")
		update_copy "$build" ;;
	*)	copy_sources "$build" ;;
	esac
	build_module "$kdir" "$source" "$build" "$out/build.log" "$@"
}

# build_part DIR [ARGUMENT...]: build what is in a folder of that copy, and stands on
# the modules.
build_part()
{
	part_=$1
	shift
	build_module "$kdir" "$source" "$build/$part_" \
		"$out/build-$(basename "$part_").log" \
		KBUILD_EXTRA_SYMBOLS="$build/Module.symvers" "$@"
}

# end_run RC RESULTS WANTED: judge the console of a guest that ended so, and what it
# reported, and print the sum with what was complained of before.
end_run()
{
	[ "$1" = 0 ] || complain "the guest did not power off"
	bad=$(python3 "$top/scripts/verdict.py" --console "$out/console.log" "$source")
	[ -z "$bad" ] || complain "the kernel complained: $(echo "$bad" | head -n 1)"
	[ "$2" = "$3" ] || complain "the guest says: $(cat "$out/results")"
	[ "$failed" = 0 ] || say "see $out"
	echo "$((failed == 0)) passed, $failed failed, 0 skipped"
	[ "$failed" = 0 ]
}

# counted COMMAND...: with a guest that has one CPU whose clock is the number of
# instructions it has run, and nothing that differs from one boot to the next.
counted()
{
	CPUS=1 ACCEL=tcg,thread=single APPEND='tsc=reliable nokaslr' \
	QEMU_ARGS='-icount shift=0,sleep=off -seed 1 -rtc base=2026-01-01,clock=vm' \
		"$@"
}

# boot NAME DIR [FILE...]: boot that kernel with guest-NAME.sh and the files, see
# qemu.sh. DIR gets what the guest reports.
boot()
{
	init_=$top/scripts/guest-$1.sh results_=$2
	shift 2
	"$top/scripts/qemu.sh" "$image" "$init_" "$results_" "$@"
}
