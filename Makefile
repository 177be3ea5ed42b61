# SPDX-License-Identifier: GPL-2.0-only
# For people. The kernel's build system reads Kbuild instead.

# The kernel to build for, with "make" and "make clean".
KDIR ?= /lib/modules/$(shell uname -r)/build
# The kernel and the configuration to test, with "make check".
KERNEL ?= latest
CONFIG ?= $(if $(filter i386 s390x,$(ARCH)),plain,debug)

# Who names a compiler gets that one.
llvm = $(if $(filter-out undefined,$(origin LLVM))$(filter command,$(origin CC)),,$(shell \
	scripts/llvm.sh $(KDIR)))
kbuild = $(MAKE) -C $(KDIR) M=$(CURDIR) $(llvm)

version = $(shell sed -n 's/^.define KWORKERX_VERSION.*"\(.*\)"/\1/p' kworkerx.h)
# As the kernel calls itself. "make kernelrelease" is mistaken on Debian. Where the
# headers are gone, the name of their folder tells.
release = $(or $(shell sed -n 's/^.define UTS_RELEASE "\(.*\)"/\1/p' \
	$(KDIR)/include/generated/utsrelease.h 2>/dev/null),$(patsubst \
	/lib/modules/%/build,%,$(filter /lib/modules/%/build,$(KDIR))))
INSTALL_MOD_PATH ?= $(DESTDIR)
modules-dir = $(INSTALL_MOD_PATH)/lib/modules/$(release)
source-dir = $(DESTDIR)/usr/src/kworkerx-$(version)
stable-dir = $(DESTDIR)/usr/src/kworkerx
# $(call listed,COLUMN,CONDITION): of scripts/sources.txt.
listed = $(shell awk '!/^\#/ && $(2) { print $$$(1) }' scripts/sources.txt)
sources = $(call listed,1,1)
headers = $(call listed,1,$$3 == "public")
names = $(call listed,2,!n[$$2]++)
# Nobody installs tests.
engine = CONFIG_KWORKERX_KUNIT_TEST= CONFIG_KWORKERX_TORTURE_TEST=
# Who has the key of the kernel's builder has it sign the modules.
signed = $(if $(wildcard $(KDIR)/certs/signing_key.pem),,CONFIG_MODULE_SIG_ALL=)
# depmod is for a whole tree of modules, not for a stage of ours alone.
depmod = test ! -e $(modules-dir)/modules.order || \
	depmod $(if $(INSTALL_MOD_PATH),-b $(INSTALL_MOD_PATH)) $(release)

.PHONY: modules headers-there load unload install uninstall dkms undkms deb man version
.PHONY: kernel check check-all check-cross check-harness check-lockdep check-drivers check-install
.PHONY: check-setup check-newcomer check-kunit-py check-schedutil check-dropin
.PHONY: hotplug litmus torture nmi mutate coverage bench bench-check bench-baseline latency run style
.PHONY: explore bench-native torture-native tsan fuzz check-native clean help
.NOTPARALLEL:

modules: headers-there
	$(kbuild) modules
	@scripts/explain.sh built $(KDIR)

headers-there:
	@test $(words $(CURDIR)) = 1 || { \
		echo "The kernel's makefiles cannot work in a folder whose name" \
			"has a space: $(CURDIR)"; exit 1; } >&2
	@test -f $(KDIR)/Makefile || { \
		echo "No kernel headers in $(KDIR). To install them:"; \
		echo "  sudo apt-get install linux-headers-$$(uname -r)"; \
		echo "or name another kernel's with KDIR=."; exit 1; } >&2

load: modules
	@scripts/load.sh $(KDIR) $(names:=.ko)

unload:
	@scripts/load.sh unload $(names)

install: headers-there
	$(kbuild) $(engine) modules
	$(kbuild) $(engine) $(signed) INSTALL_MOD_PATH=$(INSTALL_MOD_PATH) \
		INSTALL_MOD_DIR=updates DEPMOD=true modules_install
	$(depmod)
	install -d $(source-dir)/$(release)
	install -m 644 $(headers) kworkerx.mk $(source-dir)
	install -m 644 Module.symvers $(source-dir)/$(release)
	ln -sfn kworkerx-$(version) $(stable-dir)

# The headers go with the last kernel that has them, unless DKMS needs them.
uninstall:
	@test -n "$(release)" || { \
		echo "Which kernel has $(KDIR) been for? Name its folder as" \
			"KDIR=/lib/modules/VERSION/build, even if it is gone."; \
		exit 1; } >&2
	rm -f $(patsubst %,$(modules-dir)/updates/%.ko*,$(names))
	test ! -d $(modules-dir)/updates || \
		rmdir --ignore-fail-on-non-empty $(modules-dir)/updates
	$(depmod)
	rm -rf $(source-dir)/$(release)
	test -e $(source-dir)/dkms.conf || \
		ls -d $(source-dir)/*/ >/dev/null 2>&1 || \
		rm -rf $(source-dir) $(stable-dir)

# For "dkms install kworkerx/VERSION".
dkms:
	install -d $(source-dir)/scripts $(source-dir)/modules
	install -m 644 COPYING README.md Kbuild Makefile kworkerx.mk \
		$(filter-out modules/%.c,$(sources)) $(source-dir)
	install -m 644 $(filter modules/%.c,$(sources)) $(source-dir)/modules
	install -m 644 scripts/sources.txt $(source-dir)/scripts
	install -m 755 scripts/explain.sh scripts/llvm.sh scripts/dkms-symvers.sh \
		$(source-dir)/scripts
	sed 's/#MODULE_VERSION#/$(version)/' dkms.conf >$(source-dir)/dkms.conf
	ln -sfn kworkerx-$(version) $(stable-dir)

# With what DKMS has built of it, for every kernel. The headers that "make install"
# put there stay.
undkms:
	if test -z "$(DESTDIR)" && \
		dkms status kworkerx/$(version) 2>/dev/null | grep -q .; then \
		dkms remove kworkerx/$(version) --all; fi
	rm -rf $(source-dir)/scripts $(source-dir)/modules $(source-dir)/dkms.conf
	ls -d $(source-dir)/*/ >/dev/null 2>&1 || \
		rm -rf $(source-dir) $(stable-dir)

deb:
	@scripts/build-deb.sh $(version)

man:
	@scripts/man.sh

version:
	@echo $(version)

kernel:
	@scripts/build-kernel.sh $(KERNEL) $(CONFIG)

check:
	@scripts/check.sh $(KERNEL) $(CONFIG)

check-all:
	@scripts/check-all.sh

check-cross:
	@scripts/check-cross.sh $(PROCESSORS)

check-harness:
	@scripts/check-harness.sh

check-lockdep:
	@scripts/lockdep.sh $(KERNEL)

check-drivers:
	@scripts/check-drivers.sh $(KERNEL)

check-dropin:
	@scripts/check-dropin.sh $(KERNEL) $(FILES)

check-schedutil:
	@scripts/check-schedutil.sh $(KERNEL)

check-kunit-py:
	@scripts/check-kunit-py.sh $(KERNEL)

check-install:
	@scripts/check-install.sh

check-setup:
	@scripts/check-setup.sh

check-newcomer: SUITE = trixie
check-newcomer:
	@scripts/check-newcomer.sh $(SUITE) $(USERS)

hotplug:
	@scripts/hotplug.sh $(KERNEL) $(CONFIG) $(CPUS)

bench:
	@$(if $(HERE),scripts/bench-here.sh $(KDIR) $(llvm),scripts/bench.sh full)

bench-native:
	@scripts/bench-native.sh $(KERNEL)

bench-check:
	@scripts/bench.sh check

bench-baseline:
	@scripts/bench.sh baseline

latency: KERNEL = rt
latency: CONFIG = rt
latency:
	@scripts/latency.sh $(KERNEL) $(CONFIG)

litmus:
	@scripts/litmus.sh

torture:
	@scripts/torture.sh $(KERNEL) $(CONFIG)

nmi:
	@scripts/nmi.sh $(KERNEL) $(CONFIG)

explore:
	@scripts/explore.sh

torture-native:
	@scripts/torture-native.sh

tsan:
	@SANITIZE=thread scripts/torture-native.sh

fuzz:
	@scripts/fuzz.sh

check-native:
	@scripts/check-native.sh

mutate: CONFIG = plain
mutate:
	@scripts/mutate.sh $(KERNEL) $(CONFIG) $(NAMES)

coverage:
	@scripts/coverage.sh $(KERNEL)

run:
	@scripts/run.sh $(filter rt,$(KERNEL))

style:
	@scripts/style.sh

# Works without headers, too.
clean:
	@if test -f $(KDIR)/Makefile; then $(kbuild) clean; fi
	rm -rf out

help:
	@echo 'make                build kworkerx.ko for the kernel of KDIR'
	@echo 'make load, unload   load the modules into the running kernel, unload them'
	@echo 'make install        install modules, headers, Module.symvers, kworkerx.mk'
	@echo 'make uninstall      remove these of the kernel of KDIR'
	@echo 'make dkms           put the source where DKMS looks for it'
	@echo 'make undkms         remove it, and what DKMS has built of it'
	@echo 'make deb            build the Debian package kworkerx-dkms'
	@echo 'make man            make manual pages of all functions, in out/man'
	@echo 'make check          run the KUnit suites and the selftests in QEMU'
	@echo 'make kernel         build the kernel that this is for, and print where it is'
	@echo 'make check-all      do so on all supported kernels and configurations'
	@echo 'make check-cross    build everything for other processors, without a warning'
	@echo 'make check-harness  show that "make check" turns red when it has to'
	@echo 'make check-drivers  run drivers of the kernel on kworkerx instead, in QEMU'
	@echo 'make check-dropin   compile all users of kthread_worker through the drop-in header'
	@echo 'make check-schedutil run schedutil on it, which queues under locks of the scheduler'
	@echo 'make check-install  try install, uninstall, DKMS and the package, in out/'
	@echo 'make check-setup    show what the scripts make of other machines than this'
	@echo 'make check-newcomer try run and check on a new Debian, in a chroot, as root'
	@echo 'make check-kunit-py run the suites built into a kernel, by kunit.py'
	@echo 'make check-lockdep  see lockdep report waits that could never end, in QEMU'
	@echo 'make hotplug        run works for long while CPUs come and go, with 4 and 8 CPUs'
	@echo 'make bench          measure it beside the stock kthread_worker and others, in QEMU'
	@echo 'make bench HERE=1   the same as root on the running kernel, of your own machine'
	@echo 'make bench-native   the same two workers in user space, on the real processors'
	@echo 'make bench-check    compare its instruction counts with bench/baseline.json'
	@echo 'make bench-baseline make the present counts the new baseline'
	@echo 'make latency        see how soon works run, and how long the urgent wait, in QEMU'
	@echo '                    on the Debian kernel with PREEMPT_RT, or that of KERNEL, CONFIG'
	@echo 'make litmus         prove the memory barriers on the kernel memory model'
	@echo 'make torture        torture the module in QEMU, with CPU hotplug'
	@echo 'make nmi            have NMIs queue works in QEMU, between any two instructions'
	@echo 'make explore        run the engine through all interleavings of many scenarios'
	@echo 'make torture-native the same torture in user space, on real threads'
	@echo 'make tsan           the same under ThreadSanitizer'
	@echo 'make fuzz           compare calls that libFuzzer makes up with a model'
	@echo 'make check-native   show that these three turn red when they have to'
	@echo 'make mutate         break the modules in many ways: do the suites see it?'
	@echo 'make coverage       print which lines and branches the suites run'
	@echo 'make run            try the modules and the samples on the stock kernel, in QEMU'
	@echo 'make run KERNEL=rt  on the one that it has with PREEMPT_RT'
	@echo 'make style          run checkpatch, kernel-doc, sparse and shellcheck'
	@echo 'make clean          remove what was built here, and out/'
	@echo
	@echo 'KDIR=DIR            headers or build tree [$(KDIR)]'
	@echo 'DESTDIR=DIR         what to prepend to every path that is installed'
	@echo 'INSTALL_MOD_PATH=DIR the same for modules only [$$(DESTDIR)]'
	@echo 'KERNEL=VERSION      latest, 6.12, 6.1 or another series on offer [$(KERNEL)]'
	@echo 'CONFIG=NAME         debug (KASAN, lockdep and others), plain, kcsan, rt or up [$(CONFIG)],'
	@echo '                    or clang (built by it: ThinLTO, kCFI, lockdep)'
	@echo 'SUITE=NAME          release of Debian for make check-newcomer [trixie]'
	@echo 'USERS=NAME          of these two there, root or newcomer [both]'
	@echo 'ARCH=NAME           of make check: x86_64, arm64, i386 or s390x [x86_64]'
	@echo 'PROCESSORS=NAME...  of make check-cross, as Debian calls them [all]'
	@echo 'FILES=FILE...       of the kernel, which ones to try with make check-dropin [all]'
	@echo 'CPUS=N              processors of the guest [4]'
	@echo 'ROUNDS=N            of make bench for each time [9], of make bench-native [301]'
	@echo 'AGAINST=DIR         sources of another engine to measure beside, in user space'
	@echo 'FLAGS=N             of the workers that are measured there, as in kworkerx.h [0]'
	@echo 'TIMEOUT=SECONDS     longest run of the guest [1800]'
	@echo 'NAMES=MUTATION...   which ones to try, of scripts/mutations.txt [all]'
	@echo 'SAMPLE=N SEED=N     instead of these so many that are drawn by chance'
	@echo 'DURATION=SECONDS    of the torture [60], which goes on until'
	@echo 'WORKS=N             so many works have run [0]'
	@echo 'SANITIZE=NAME       address or thread: has the compiler watch make torture-native'
	@echo 'BUDGET=SECONDS      that make explore takes [170]'
	@echo 'SCENARIO=TEXT       it explores those whose names have the text in them [all]'
	@echo 'SRC=DIR             other sources of the modules, in user space'
	@echo 'NMIS=N              of make nmi, to all CPUs together [20000]'
	@echo 'THREADS=N           of each kind in the torture [2]'
	@echo 'HOTPLUG=JIFFIES     between CPU hotplugs in the torture, 0 is never [200]'
	@echo 'OUT=DIR             where results go [out]'
	@echo 'WERROR=1            has warnings about our files be errors'
	@echo
	@echo 'Kernel sources and builds stay in $${XDG_CACHE_HOME:-~/.cache}/kworkerx. What'
	@echo 'is there is not looked up again: remove it to get newer sources.'
