# SPDX-License-Identifier: GPL-2.0-only
# For people. The kernel's build system reads Kbuild instead.

# The kernel to build for, with "make" and "make clean".
KDIR ?= /lib/modules/$(shell uname -r)/build
# The kernel and the configuration to test, with "make check".
KERNEL ?= latest
CONFIG ?= debug

kbuild = $(MAKE) -C $(KDIR) M=$(CURDIR)

.PHONY: modules check check-harness hotplug litmus torture mutate coverage bench
.PHONY: bench-check bench-baseline run style clean help
.NOTPARALLEL:

modules:
	@test -f $(KDIR)/Makefile || { \
		echo "No kernel headers in $(KDIR). To install them:"; \
		echo "  sudo apt-get install linux-headers-$$(uname -r)"; \
		echo "or name another kernel's with KDIR=."; exit 1; } >&2
	$(kbuild) modules

check:
	@scripts/check.sh $(KERNEL) $(CONFIG)

check-harness:
	@scripts/check-harness.sh

hotplug:
	@scripts/hotplug.sh $(KERNEL) $(CONFIG) $(CPUS)

bench:
	@scripts/bench.sh full

bench-check:
	@scripts/bench.sh check

bench-baseline:
	@scripts/bench.sh baseline

litmus:
	@scripts/litmus.sh

torture:
	@scripts/torture.sh $(KERNEL)

mutate:
	@scripts/mutate.sh $(KERNEL) plain $(NAMES)

coverage:
	@scripts/coverage.sh $(KERNEL)

run:
	@scripts/run.sh

style:
	@scripts/style.sh

# Works without headers, too.
clean:
	@if test -f $(KDIR)/Makefile; then $(kbuild) clean; fi
	rm -rf out

help:
	@echo 'make                build kworkerx.ko for the kernel of KDIR'
	@echo 'make check          run the KUnit suites in QEMU, on a kernel built for it'
	@echo 'make check-harness  show that "make check" turns red when it has to'
	@echo 'make hotplug        run works for long while CPUs come and go, with 4 and 8 CPUs'
	@echo 'make bench          measure it beside the stock kthread_worker and others, in QEMU'
	@echo 'make bench-check    compare its instruction counts with bench/baseline.json'
	@echo 'make bench-baseline make the present counts the new baseline'
	@echo 'make litmus         prove the memory barriers on the kernel memory model'
	@echo 'make torture        torture the module in QEMU, with CPU hotplug'
	@echo 'make mutate         break the modules in many ways: do the suites see it?'
	@echo 'make coverage       print which lines and branches the suites run'
	@echo 'make run            try the modules and the samples on the stock kernel, in QEMU'
	@echo 'make style          run checkpatch, kernel-doc, sparse and shellcheck'
	@echo 'make clean          remove what was built here, and out/'
	@echo
	@echo 'KDIR=DIR            headers or build tree [$(KDIR)]'
	@echo 'KERNEL=VERSION      latest, 6.12, 6.1 or another series on offer [$(KERNEL)]'
	@echo 'CONFIG=NAME         debug (KASAN, lockdep and others) or plain [$(CONFIG)]'
	@echo 'CPUS=N              processors of the guest [4]'
	@echo 'ROUNDS=N            of each time that make bench takes [9]'
	@echo 'TIMEOUT=SECONDS     longest run of the guest [900]'
	@echo 'NAMES=MUTATION...   which ones to try, of scripts/mutations [all]'
	@echo 'DURATION=SECONDS    of the torture [60], which goes on until'
	@echo 'WORKS=N             so many works have run [0]'
	@echo 'THREADS=N           of each kind in the torture [2]'
	@echo 'HOTPLUG=JIFFIES     between CPU hotplugs in the torture, 0 is never [200]'
	@echo
	@echo 'Kernel sources and builds stay in $${XDG_CACHE_HOME:-~/.cache}/kworkerx. What'
	@echo 'is there is not looked up again: remove it to get newer sources.'
