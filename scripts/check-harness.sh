#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Show that verdict.py, mutate.py, .ci/run, the suites, bench-report.py, bench-native.sh
# and explore.sh turn red when they have to, and for the right reason: give them a
# healthy run, then the same run with one thing broken at a time. And that qemu.sh
# tries again when it should, and only then.
# The last line is "N passed, N failed, N skipped".
# shellcheck disable=SC2016 # the $ in quotes are sed's
set -eu
. "$(dirname "$0")/lib.sh"

source=$("$top/scripts/fetch-source.sh" latest)
need python3
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0
failed=0

# healthy DIR: what a good run of two suites leaves behind.
healthy()
{
	rm -rf "$1"
	mkdir "$1"
	printf '%s\n' kworkerx_a kworkerx_b >"$1/suites"
	printf '%s\n' '*-up-* kworkerx_a *' '*-6.1-* kworkerx_a a_two' \
		'*-rt-* kworkerx_a a_th*' >"$1/skips"
	printf '%s\n' kworkerx 'kworkerx_kunit n=1' >"$1/load"
	cat >"$1/results" <<-'END'
	@@ load kworkerx 0
	@@ load kworkerx_kunit 0
	@@ suite kworkerx_a
	KTAP version 1
	1..1
	    KTAP version 1
	    # Subtest: kworkerx_a
	    # module: kworkerx_kunit
	    1..3
	    ok 1 a_one
	    ok 2 a_two # SKIP not on this machine
	        KTAP version 1
	        # Subtest: a_three
	        ok 1 n=1
	        ok 2 n=2
	    # a_three: pass:2 fail:0 skip:0 total:2
	    ok 3 a_three
	# kworkerx_a: pass:2 fail:0 skip:1 total:3
	# Totals: pass:3 fail:0 skip:1 total:4
	ok 1 kworkerx_a
	@@ end kworkerx_a
	@@ suite kworkerx_b
	KTAP version 1
	1..1
	    KTAP version 1
	    # Subtest: kworkerx_b
	    1..2
	    ok 1 b_one
	    ok 2 b_two
	ok 1 kworkerx_b
	@@ end kworkerx_b
	@@ unload kworkerx_kunit 0
	@@ unload kworkerx 0
	@@ leak scanned
	@@ done 2
	END
	cat >"$1/console.log" <<-'END'
	[    1.000000] Linux version 6.1.0
	[    1.500000] kmemleak: Kernel memory leak detector initialized (mem pool available: 9)
	[    2.000000]     ok 1 b_one
	[    2.100000] kworkerx_kunit: begin expected warning
	[    2.200000] ------------[ cut here ]------------
	[    2.300000] WARNING: CPU: 0 PID: 40 at kworkerx.c:1 kworkerx_queue+0x1/0x2
	[    2.350000] kworkerx: misuse of worker kwx_test
	[    2.400000] Call Trace:
	[    2.500000] ---[ end trace 0000000000000000 ]---
	[    2.600000] kworkerx_kunit: end expected warning: 1 of "misuse of worker"
	[    2.700000]     ok 2 b_two
	[    2.900000] kworkerx: the guest is done
	[    3.000000] reboot: Power down
	END
}

# expect COLOUR TEXT NAME [FILE SED]: break FILE with SED, and look for TEXT
# in the verdict.
expect()
{
	run=$tmp/run
	healthy "$run"
	[ $# -lt 5 ] || sed -i "$5" "$run/$4"
	colour=green
	judge >"$tmp/out" 2>&1 || colour=red
	# A red run must close with a count of failures, too.
	if [ $colour = "$1" ] && grep -qF "$2" "$tmp/out" &&
	   { [ $colour = green ] || tail -n 1 "$tmp/out" |
		grep -qE '^[0-9]+ passed, [1-9][0-9]* failed, [0-9]+ skipped$'; }; then
		passed=$((passed + 1))
		echo "ok: $3: $1"
	else
		failed=$((failed + 1))
		echo "NOT OK: $3: $colour, wanted $1 and \"$2\":"
		sed 's/^/    /' "$tmp/out"
	fi
}

kind=x86_64-6.1-debug-4
judge() { python3 "$top/scripts/verdict.py" "$run" "$run/suites" "$source" $kind; }

short='the guest did not finish'
marker='unbalanced marker'
cut='------------[ cut here ]------------'
rule=$(printf '%066d' 0 | tr 0 =)

expect green '5 passed, 0 failed, 1 skipped' 'a healthy run'
# There all but the last result of a parametrised test are lost.
linux61='/^        KTAP/d; /Subtest: a_three/d; /ok 1 n=1/d'
expect green '5 passed, 0 failed, 1 skipped' 'a healthy run on Linux 6.1' \
	results "$linux61"
# Nor does the last one say that it was skipped.
kind=x86_64-6.1-up-1
expect green '3 passed, 0 failed, 3 skipped' 'skipped parameters on Linux 6.1' \
	results "$linux61; s/pass:2 fail:0 skip:0/pass:0 fail:0 skip:2/; s/ok 3 a_three/& # SKIP/"
kind=x86_64-6.1-debug-4
expect red '(lost) of a_three may not be skipped' 'parameters that nobody lets skip' \
	results "$linux61; s/pass:2 fail:0 skip:0/pass:0 fail:0 skip:2/; s/ok 3 a_three/& # SKIP/"
kind=x86_64-latest-rt-4
expect red 'a_two of a_two may not be skipped' 'a test skipped on another kernel'
kind=x86_64-6.1-debug-4
expect red '"kworkerx_a a_o*" may be skipped, and nothing is' 'a skip that nobody needs' \
	skips '$a *-6.1-* kworkerx_a a_o*'
expect green '5 passed, 0 failed, 1 skipped' 'a skip in a suite that is not to run' \
	skips '$a *-6.1-* kworkerx_c *'
expect red 'b_one of b_one may not be skipped' 'a test that is skipped' \
	results 's/ok 1 b_one/& # SKIP/'
expect red 'n=1 of a_three may not be skipped' 'a parameter that is skipped' \
	results 's/ok 1 n=1/& # SKIP/'
expect red 'kworkerx_a: (lost) failed' 'a failed parameter on Linux 6.1' \
	results "$linux61; s/pass:2 fail:0/pass:1 fail:1/; s/ok 3 a_three/not &/"
expect red '4 passed, 1 failed, 1 skipped' 'a failed test' \
	results 's/ok 2 b_two/not ok 2 b_two/; s/^ok 1 kworkerx_b/not &/'
expect red 'kworkerx_a: n=2 failed' 'a failed parameter' \
	results 's/ok 2 n=2/not ok 2 n=2/; s/ok 3 a_three/not &/'
expect red 'failed outside of its tests' 'a suite that fails by itself' \
	results 's/^ok 1 kworkerx_b/not &/'
expect red 'a_three failed outside' 'a test that fails past its parameters' \
	results 's/ok 3 a_three/not &/'
expect red 'suite kworkerx_b did not run' 'a missing suite' \
	results '/suite kworkerx_b/,/end kworkerx_b/d; s/done 2/done 1/'
expect red 'suite kworkerx_b is not in' 'a suite that nobody listed' \
	suites '/kworkerx_b/d'
expect red '1 results where 2 were planned' 'a test missing at the end' \
	results '/ok 2 b_two/d'
expect red 'result 1 is missing' 'a test missing at the start' \
	results '/ok 1 b_one/d'
expect red 'result 1 is missing' 'a missing parameter' \
	results '/ok 1 n=1/d'
expect red 'None were planned' 'a suite without a plan' \
	results '/^    1\.\.2/d'
expect red 'ran only in part' 'a suite that stops in the middle' \
	results '/    ok 2 b_two/,/^ok 1 kworkerx_b/d'
expect red 'kworkerx_b: holds no test' 'an empty suite' \
	results '/    1\.\.2/,/^ok 1 kworkerx_b/d'
expect red 'unknown directive' 'a test that is to be done' \
	results 's/ok 2 b_two/& # TODO/'
expect red 'no test passed' 'only skipped tests' \
	results 's/^\( *ok . [abn]_*=*[a-z0-9]*\)$/\1 # SKIP/'
expect red "$short" 'no token' results '/@@ done/d'
expect red "$short" 'a token with another number of suites' \
	results 's/@@ done 2/@@ done 3/'
expect red "$short" 'a token cut short' results 's/@@ done 2/@@ do/'
expect red "$short" 'a guest that does not power off' results '$a @@ qemu 124'
expect red "$short" 'a guest that dies in a suite' results '/ok 2 b_two/,$d'
expect red "$short" 'a guest that never came up' results d
expect red 'load kworkerx_kunit 0' 'a module that does not load' \
	results 's/load kworkerx_kunit 0/load kworkerx_kunit 1/'
expect red 'told to load nothing' 'nothing to load' load d
expect red 'unload kworkerx 0' 'a module that does not unload' \
	results 's/unload kworkerx 0/unload kworkerx 1/'
expect green '5 passed, 0 failed, 1 skipped' 'a leak detector that is short of memory' \
	console.log '/ok 1 b_one/a kmemleak: Cannot allocate a scan area, scanning the full object'
expect red 'looked for leaks: kmemleak: Cannot' 'a leak detector that has no memory' \
	console.log '/ok 1 b_one/a kmemleak: Cannot allocate a kmemleak_object structure'
expect red 'looked for leaks: kmemleak: Kernel' 'a leak detector that turns itself off' \
	console.log '/ok 1 b_one/a kmemleak: Kernel memory leak detector disabled'
expect red 'nobody looked for leaks' 'a scan for leaks that fails' \
	results '/leak scanned/d'
expect red 'kmemleak' 'a leak' \
	results '/unload kworkerx 0/a @@ leak unreferenced object 0xffff (size 64):'
expect red 'kernel complained' 'a splat' \
	console.log '$a BUG: KASAN: slab-use-after-free in kworkerx_queue+0x1'
expect red 'kernel complained' 'a warning that no test announced' \
	console.log '/expected warning/d'
expect red 'kernel complained' 'a hung task' \
	console.log '$a INFO: task x:1 blocked for more than 120 seconds.\nCall Trace:'
expect red 'kernel complained' 'another splat between the markers' \
	console.log '/end expected/i WARNING: possible recursive locking detected'
expect red 'kernel complained' 'a warning instead of the one expected' \
	console.log 's/misuse of worker kwx_test/refcount_t: underflow; use-after-free./'
expect red 'kernel complained' 'another warning beside the one expected' \
	console.log "/end expected/i $cut\nWARNING: at lib/list_debug.c:1\n---[ end trace"
expect red 'kernel complained' 'another warning amid the one expected' \
	console.log '/Call Trace/a WARNING: CPU: 1 PID: 41 at lib/list_debug.c:1'
expect red '1 reports "misuse of worker", 2 announced' 'a report less than expected' \
	console.log 's/: 1 of/: 2 of/'
expect red '2 reports "misuse of worker", 1 announced' 'a report more than expected' \
	console.log "/end expected/i $cut\nWARNING: at 1\nmisuse of worker a\n---[ end trace"
expect green '5 passed, 0 failed, 1 skipped' 'a second report that is expected, too' \
	console.log "/end expected/i $cut\nWARNING: at 1\na leak\n---[ end trace\nkworkerx_kunit: also expected warning: 1 of \"a leak\""
expect red '0 reports "a leak", 1 announced' 'a second report that does not come' \
	console.log '/end expected/i kworkerx_kunit: also expected warning: 1 of "a leak"'
expect red '0 reports "misuse of worker"' 'a report before the case began' \
	console.log '/begin expected/{h;d};/end trace/G'
expect red 'kernel complained' 'a warning where lockdep is expected' \
	console.log 's/expected warning/expected deadlock/'
expect red 'kernel complained' 'a splat amid an expected warning' \
	console.log '/Call Trace/a BUG: KASAN: slab-use-after-free in kworkerx_queue'
race='$a [ 4.0] '$rule'\n[ 4.0] BUG: KCSAN: data-race in f / g\n'
race=$race'[ 4.0] read to 0x1 of 8 bytes by task 7 on cpu 0:\n[ 4.0]  f+0x1/0x2\n'
race=$race'[ 4.0]  g+0x1/0x2'
expect green '5 passed, 0 failed, 1 skipped' 'a race in which no module has part' \
	console.log "$race\n[ 4.0] $rule"
expect red 'kernel complained' 'a race with a module' \
	console.log "$race [kworkerx]\n[ 4.0] $rule"
expect red 'kernel complained' 'another splat amid a race' \
	console.log "$race\nBUG: KASAN: slab-use-after-free\n[ 4.0] $rule"
unwritten="$(printf '%053d' 0 | tr 0 =)\nBUG: KMSAN: uninit-value in f+0x1/0x2\n"
unwritten="$unwritten f+0x1/0x2\n\nUninit was created at:\n g+0x1/0x2"
expect red ' BUG: KMSAN: uninit-value in f' 'a use of what was never written' \
	console.log "\$a $unwritten"
expect red ' BUG: KMSAN: uninit-value in f' 'such a use in a warning that is expected' \
	console.log "/Call Trace/a $unwritten"
# The kernel traces who cannot map a new thread's stack: a test makes that fail.
fork='kthreadd: vmalloc error: size 16384, vm_struct allocation failed, mode:0xcc0\n'
fork=$fork'CPU: 1 UID: 0 PID: 2 Comm: kthreadd\nHardware name: linux,dummy-virt (DT)\n'
expect green '5 passed, 0 failed, 1 skipped' 'a fork that fails' \
	console.log "/ok 1 b_one/a ${fork}Call trace:\n show_stack+0x18/0x24 (C)"
array=${fork%%vm_struct*}'failed to allocated page array size 32'${fork#*failed}
expect green '5 passed, 0 failed, 1 skipped' 'a fork that fails later' \
	console.log "/ok 1 b_one/a ${array}Call trace:\n show_stack+0x18/0x24 (C)"
expect red 'kernel complained: Call trace:' 'a trace of something else' \
	console.log '/ok 1 b_one/a Call trace:\n show_stack+0x18/0x24 (C)'
expect red 'kernel complained: Call trace:' 'another allocation that fails' \
	console.log "/ok 1 b_one/a ${fork%%vm_struct*}page order 0\nCall trace:"
expect red 'kernel complained: Call trace:' 'a second trace behind a fork that fails' \
	console.log "/ok 1 b_one/a ${fork}Call trace:\n f+0x1/0x2\nCall trace:"
expect red 'kernel complained: BUG:' 'another splat amid a fork that fails' \
	console.log "/ok 1 b_one/a ${fork}BUG: KASAN: use-after-free in f\nCall trace:"
expect red "$marker" 'a begin without its end' console.log '/end expected/d'
expect red "$marker" 'an end without its begin' console.log '/begin expected/d'
expect red "$marker" 'a marker twice' console.log '/begin expected/p'
expect green '5 passed, 0 failed, 1 skipped' 'a marker that the console replays' \
	console.log '/begin expected/{h;p;s/.*/** replaying previous printk message **/p;g}'
expect red 'console is empty' 'no console' console.log d
expect red 'cut short' 'a console cut after its first line' console.log 2,\$d
expect red 'not complete' 'a console with a gap' \
	console.log 's/.*ok 1 b_one/** 7 printk messages dropped **/'

# And when is a mutation caught? The first boot is the run, the second one is $then.
judge()
{
	python3 - "$top/scripts" "$run" "$then" "$end" "$source" $kind <<-'END'
	import os, shutil, sys
	scripts, run, then, end, source, kind = sys.argv[1:]
	sys.path.insert(0, scripts)
	import mutate

	class Guest(mutate.Guest):
	    suites = run + '/suites'
	    def boot(self, out):
	        boot = then if out.endswith('-again') else run
	        for name in ('console.log', 'results'):
	            shutil.copy(os.path.join(boot, name), out)
	        return end if boot == run else None

	shutil.rmtree(run + '/out', ignore_errors=True)
	mutate.MODULES = 'kworkerx', 'kunit/kworkerx_kunit'
	mutate.write = lambda *_: None
	run_ = mutate.run
	mutate.run = lambda *args: run_(*('true',) if args[0] == 'make' else args)
	try:
	    print('seen:', Guest(run + '/out', kind, '', '', source, '', '').judge('m', None))
	except mutate.Unclear as unclear:
	    print('unclear:', unclear)
	END
}

then=$tmp/run
end=
expect green 'seen: None' 'a mutation that survives'
cp -r "$tmp/run" "$tmp/well"
then=$tmp/well
expect green 'seen: None: kworkerx_b: b_two failed' 'a mutation that fails a case' \
	results 's/ok 2 b_two/not &/; s/^ok 1 kworkerx_b/not &/'
expect green 'the kernel complained: BUG: KASAN' 'a mutation that the kernel reports' \
	console.log 's/.*ok 1 b_one/BUG: KASAN: use-after-free/;/begin/,$d'
expect green 'seen: None' 'a guest that dies once' results '/ok 2 b_two/,$d'
end='fell silent'
expect green 'seen: None' 'a guest that hangs once' results '/ok 2 b_two/,$d'
then=$tmp/run
expect green 'seen: the guest fell silent' 'a mutation that hangs' \
	results '/ok 2 b_two/,$d'
end=
expect green 'unclear: the guest died' 'a guest that dies twice' \
	results '/ok 2 b_two/,$d'

# A CI run whose make is broken.
healthy()
{
	rm -rf "$1"
	mkdir "$1"
	printf '#!/bin/sh\necho "1 passed, 0 failed, 0 skipped"\n' >"$1/make"
	chmod 755 "$1/make"
}

judge()
{
	rc=0
	PATH=$run:$PATH "$top/.ci/run" || rc=1
	[ ! -e "$run/builder" ] || timeout 10 sh -c \
		'while kill -0 "$1" 2>/dev/null; do sleep 0.1; done' \
		- "$(cat "$run/builder")" || rc=1
	return $rc
}

expect green ' passed, 0 failed, 0 skipped' 'a CI run'
expect red '0 passed, ' 'a make that does nothing' make 2d
expect red ', 1 failed, 0 skipped' 'a target that prints no sum' \
	make '2s/^/[ "$2" = style ] || /'
expect red ', 1 failed, 0 skipped' 'a target that does nothing' \
	make '2s/^/[ "$2" != style ] || set -- echo 0 passed, 0 failed, 0 skipped; [ "$1" != echo ] || exec "$@"; /'
expect red ', 1 failed, 0 skipped' 'a target that fails behind its sum' \
	make '$a [ "$2" != style ]'

expect green ' passed, 0 failed, 0 skipped' 'a CI run that ends before its kernels' \
	make '2s|^|case $2 in kernel) echo $$ >"$(dirname "$0")/builder"; exec sleep 1000 ;; explore) until [ -s "$(dirname "$0")/builder" ]; do sleep 0.1; done ;; esac; |'

# The same for a sum that a script of ours adds up.
judge()
{
	mkdir -p "$top/out"
	: >"$run/sum"
	tally "$run/sum" harness "$run/make"
	sum_up "$run/sum"
}

expect green '1 passed, 0 failed, 0 skipped' 'a run that is tallied'
expect red '1 passed, 1 failed, 0 skipped' 'a run that fails behind its sum' \
	make '$a exit 1'
expect red '0 passed, 1 failed, 0 skipped' 'a run without a sum' make 2d
expect red '0 passed, 1 failed, 0 skipped' 'a run that passes nothing' \
	make 's/1 passed/0 passed/'

# A compiler that speaks the language of who calls it.
healthy()
{
	rm -rf "$1"
	mkdir -p "$1/scripts"
	cp "$top/scripts/lib.sh" "$top/scripts/llvm.sh" "$1/scripts/"
	cat >"$1/scripts/build" <<-'END'
	#!/bin/sh
	set -eu
	. "$(dirname "$0")/lib.sh"
	echo 'unsigned int x = -1;' >"$top/x.c"
	build_module "$top" /nowhere "$top" "$top/log"
	echo '1 passed, 0 failed, 0 skipped'
	END
	cat >"$1/make" <<-'END'
	#!/bin/sh
	[ "${LC_ALL:-}" = C ] || { echo 'x.c:1:1: Warnung: ohne Grund'; exit; }
	echo 'x.c:1:1: warning: for no reason'
	END
	chmod 755 "$1/make" "$1/scripts/build"
}

judge()
{
	PATH=$run:$PATH LC_ALL=de_DE.UTF-8 WERROR=1 "$run/scripts/build" ||
		{ echo '0 passed, 1 failed, 0 skipped'; return 1; }
}

expect green '1 passed' 'a build without a warning' make '$s/.*/echo fine/'
expect red 'warning: for no reason' 'a warning in German'

# A QEMU that, the first time, lets the guest die of what is not the guest's.
healthy()
{
	rm -rf "$1"
	mkdir "$1"
	cat >"$1/qemu-system-x86_64" <<-END
	#!/bin/sh
	echo >>$1/boots
	[ \$(wc -l <$1/boots) = 1 ] || exec echo fine >$1/console.log
	printf '%s\r\n' 'Oops: int3: 0000' 'Modules linked in:' >$1/console.log
	END
	chmod 755 "$1/qemu-system-x86_64"
	: >"$1/init"
}

judge()
{
	PATH=$run:$PATH ACCEL=tcg "$top/scripts/qemu.sh" /dev/null "$run/init" "$run"
	echo "boots: $(wc -l <"$run/boots")"
}

expect green 'boots: 2' 'a QEMU that fails once'
expect green 'boots: 3' 'a QEMU that fails on and on' qemu-system-x86_64 '/fine/d'
expect green 'boots: 1' 'a module that fails' qemu-system-x86_64 \
	's/linked in:/& kworkerx(O)/'

# The same for the benchmark in user space, of which there is a copy to break.
healthy() { copy_sources "$1"; }
judge() { ROUNDS=1 TIMEOUT=10 "$run/scripts/bench-native.sh" latest; }

main=user/bench/main.c
expect green ' passed, 0 failed, ' 'a native benchmark'
expect red 'no good row flush-idle' 'a row that is missing' \
	user/bench/measures.c '/{ "flush-idle"/d'
expect red 'no good row flush-idle' 'figures that are nothing' \
	$main 's|return values.n / 2.|return 0|'
expect red 'ends with 1' 'a native benchmark that finds a fault' \
	$main 's/(!machine_reports/(machine_reports/'
expect red 'ends with 132' 'a native benchmark that dies' \
	$main 's/machine_bind(0)/__builtin_trap()/'
expect red 'ends with 124' 'a native benchmark that hangs' \
	$main 's/machine_bind(0)/for (;;)/'

# The same for the explorer: one scenario, and what fails has to fail again, step
# by step, when the schedule that was printed is replayed.
judge()
{
	SRC=$run BUDGET=10 SCENARIO=$scenario "$run/scripts/explore.sh" >"$tmp/log" &&
		{ cat "$tmp/log"; return; }
	for program in explore explore-plain; do
		schedule=$(sed -n 's/^again by --replay //p' "$run/out/$program.log")
		[ -n "$schedule" ] || continue
		grep '^ *[0-9][0-9]*  ' "$run/out/$program.log" >"$tmp/steps"
		"$run/out/user/$program" --replay "$schedule" "$scenario" |
			grep '^ *[0-9][0-9]*  ' | cmp -s - "$tmp/steps" &&
			echo "$program: the same again"
	done
	grep -v '^ *[0-9][0-9]*  ' "$tmp/log"
	false
}

scenario='append, unlink and insert at once'
expect green '2 passed, 0 failed, 0 skipped' 'a scenario of the explorer'
expect red 'at once: a work is queued, and nobody' 'a wake-up that is lost' \
	kworkerx.c 's/READ_ONCE(worker->sleeper))/false)/'
expect red 'explore: the same again' 'a schedule that is replayed' \
	kworkerx.c 's/!try_cmpxchg(&worker->tail, &prev, node)/xchg(\&worker->tail, node) == node/'
expect red 'explore-plain: the same again' 'a race of plain accesses' \
	kworkerx.c 's/smp_store_release(&prev->next, node)/WRITE_ONCE(prev->next, node)/'
expect red 'at once: it does not end' 'an engine that spins' \
	kworkerx.c '/bool kworkerx_append(/,/^}/s/^{/{ for (;;) cpu_relax();/'
expect red 'crashed: ' 'an engine that crashes' \
	kworkerx.c '/bool kworkerx_append(/,/^}/s/^{/{ __builtin_trap();/'

# What it has met of the tables at the top of kworkerx.c: nothing that is not there,
# and with all scenarios everything.
judge() { SRC=$run BUDGET=1 SCENARIO=$scenario "$run/scripts/explore.sh"; }

scenario='plug, unplug | destroy, idle'
expect red 'not in the table: ENDING, by destroy, to CLOSED' 'another transition' \
	kworkerx.c 's/BIT(KWORKERX_ENDING), KWORKERX_DEAD)/BIT(KWORKERX_ENDING), KWORKERX_CLOSED)/'
expect red 'not in the table: plug in ENDING: yes' 'another answer' \
	kworkerx.c '/^static int kworkerx_in_time(/,/^}/s/life < KWORKERX_E/life <= KWORKERX_E/'
expect red 'not in the table: held 1 times by destroy, to ENDING' 'a hold that stays' \
	kworkerx.c 's/kworkerx_set_holds(worker, 0);/;/'
expect red 'not as open as the worker, by create, to OPEN' 'a queue that stays closed' \
	kworkerx.c '/^static bool kworkerx_turn(/,/^}/s/kworkerx_close_or_open(worker);//'
scenario='no such scenario'
expect red 'no scenario has "no such scenario" in its name' 'a scenario that is not there'
scenario=
expect green ' passed, 0 failed, 0 skipped' 'all scenarios of the explorer'
expect red 'not met: DEAD, by create again, to OPEN' 'a transition without a scenario' \
	user/explore/scenarios.c '/{ OP_CREATE_MANY/d'
expect red 'not met: ENDING, by destroy, to OPEN' 'a transition that is left out' \
	kworkerx.c '/BIT(KWORKERX_ENDING), KWORKERX_OPEN);/d'

# Mutations that the suites missed once.
healthy()
{
	copy_sources "$1"
	python3 -B "$top/scripts/mutant.py" "$1" "$mutation"
}

judge() { SRC=$run BUDGET=20 SCENARIO=$scenario "$run/scripts/explore.sh"; }

mutation=rearm-asleep scenario='mod to now | mod to now, idle'
expect red 'nobody runs it' 'a delay of nothing that wakes nobody'
mutation=attach-dead scenario='a thread for a worker that is gone'
expect red 'served a worker that was not to be had' 'a thread for a worker that is gone'
mutation=plug-ending scenario='plug, unplug | destroy, idle'
expect red 'not in the table: ' 'a plug of a worker that ends'

# The same for the torture of sets, with guests and for a short time.
healthy() { copy_sources "$1"; }
judge() { DURATION=10 "$run/scripts/torture.sh" latest plain; }

expect green '1 passed, 0 failed, 0 skipped' 'a torture'
expect red 'torture:!!! a work was lost' 'a set that loses works it has accepted' \
	modules/kworkerx_percpu.c 's/!other && accepted && set->attr.refused/false \&\& set->attr.refused/'

# The same with guests: one suite, on a kernel that boots fast, and an init that
# is broken where the pattern says.
find_kernel latest plain
lock guest
out=$tmp
build_copy guest W=1

healthy()
{
	rm -rf "$1"
	mkdir "$1"
	echo $suite >"$1/suites"
	{ list_modules; echo kworkerx_kunit; } >"$1/load"
	cp "$top/scripts/guest-check.sh" "$1/init"
}

judge()
{
	APPEND=kunit.filter_glob=$suite TIMEOUT=$limit CPUS=2 \
		"$top/scripts/qemu.sh" "$image" "$run/init" "$run" "$run/load" \
		"$build"/kworkerx*.ko "$build/kunit/kworkerx_kunit.ko" || :
	python3 "$top/scripts/verdict.py" "$run" "$run/suites" "$source"
}

limit=300
suite=kworkerx_group
expect green ' passed, 0 failed' 'a guest'
expect red "$short" 'a guest that powers off too soon' \
	init 's/^suites=0/poweroff -f/'
expect red "$short" 'a guest that panics' init 's/^suites=0/exit/'
expect red 'load kworkerx_kunit 0' 'a guest without a module' \
	init '/^forget_leaks/i rm /kworkerx_kunit.ko'
expect red 'unload kworkerx 0' 'a guest that keeps a module' \
	init 's/^tac \/load/grep _kunit \/load/'
limit=20
expect red "$short" 'a guest that hangs' init 's/^suites=0/sleep 1000/'

# And with something broken in the modules: the cases fail.
broken=kunit/common.c
break_module()
{
	cp "$top/$broken" "$build/$broken"
	broken=$1
	sed -i "$2" "$build/$broken"
	build_module "$kdir" "$source" "$build" "$tmp/build.log" W=1
}

limit=300
suite=kworkerx_flush
break_module kunit/common.c 's/\(&job->running)\) != 1/\1 == 1/'
expect red 'ran twice at once' 'works that run twice at once'
break_module kunit/common.c '/kworkerx_report_round, /d'
expect red 'reports of: waits for its own worker' \
	'a second report that stays away'
break_module kunit/common.c 's/kwx_flush_worker_fn, worker)/kwx_flush_worker_fn, \&worker)/'
expect red 'the stack of a test may be gone' 'a call that uses the stack'
# Nothing that it uses is freed, its code neither.
break_module kunit/common.c 's/KWX_TIMEOUT/HZ/; /complete_all(&crowd->go)/d'
expect red 'unexpected report "unload kworkerx_kunit 1"' 'a call that hangs'
suite=kworkerx_percpu_set
break_module modules/kworkerx_percpu.c '/^static int kworkerx_percpu_teardown(/,/^}/s/^\treturn 0;/\treturn cpu_active(cpu) ? 0 : -EBUSY;/'
expect red 'kwx_cpu_down(outage->cpu) == -16' 'a CPU that does not go when it is told to'

# The same for the benchmark: two measures, as they were and as they are.
healthy()
{
	rm -rf "$1"
	mkdir -p "$1/instructions"
	cat >"$1/baseline" <<-'END'
	{ "kernel": "7.3.4",
	"queue-busy": {"kthread_worker": 90.0, "kworkerx": 30.0},
	"flush-idle": {"kthread_worker": 64.0, "kworkerx": 60.0} }
	END
	cat >"$1/instructions/results" <<-'END'
	7.3.4
	@@ queue-busy kthread_worker 100 9000
	@@ queue-busy kworkerx 100 3000
	@@ flush-idle kthread_worker 10 640
	@@ flush-idle kworkerx 10 600
	@@ done
	END
}

judge() { python3 "$top/scripts/bench-report.py" check "$run" "$run/baseline"; }

r=instructions/results
expect green '2 passed, 0 failed, 0 skipped' 'a benchmark as before'
expect green '2 passed, 0 failed, 0 skipped' 'a gain' $r 's/ 3000/ 2000/'
expect green '2 passed, 0 failed, 0 skipped' 'a loss of 3 %' $r 's/ 3000/ 3090/'
expect red 'NOT OK: queue-busy 30 -> 31 (+3.3 %)' 'a loss of more' \
	$r 's/ 3000/ 3100/'
expect green '2 passed, 0 failed, 0 skipped' \
	'a kernel on which both take longer' $r 's/ 3000/ 6000/; s/ 9000/ 18000/'
expect red '1 passed, 1 failed' 'a loss behind that of the stock worker' \
	$r 's/ 3000/ 6500/; s/ 9000/ 18000/'
expect red 'flush-idle: not in this run' 'a measure that is lost' \
	$r '/flush-idle/d'
expect red 'flush-idle: not in' 'a measure without a baseline' \
	baseline '/flush-idle/d; s/30.0},/30.0} }/'
expect red 'queue-busy: not in this run' 'a measure of one peer only' \
	$r '/queue-busy kthread/d'
expect red 'did not finish' 'a benchmark cut short' $r '/@@ done/d'
expect red 'what is' 'a line cut short' $r 's/ 3000$//'
expect red 'did not finish' 'a benchmark that did not run' $r '/@@/d'

echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
