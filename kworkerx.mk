# SPDX-License-Identifier: GPL-2.0-only
# For the Kbuild of a module that uses kworkerx:
#
#	include /usr/src/kworkerx/kworkerx.mk
#
# or the same of a folder in which kworkerx was built. One more line makes a driver use
# it: for kthread_worker "ccflags-y += -include kworkerx_dropin.h", for workqueues
# "ccflags-y += $(kworkerx-workqueue-dropin)".

kworkerx-dir := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))

# Installed headers are all in one folder.
ccflags-y += $(addprefix -I,$(kworkerx-dir) $(wildcard $(kworkerx-dir)/modules))

# What kworkerx exports: of the kernel to build for, where it is installed; or
# of the last build.
kworkerx-symvers := $(firstword $(wildcard \
	$(kworkerx-dir)/$(KERNELRELEASE)/Module.symvers \
	$(kworkerx-dir)/Module.symvers))

ifneq ($(kworkerx-symvers),)
KBUILD_EXTRA_SYMBOLS += $(kworkerx-symvers)
else ifeq ($(filter %/Makefile.clean,$(MAKEFILE_LIST)),)
$(error There is no Module.symvers of kworkerx for Linux $(KERNELRELEASE) in \
	$(kworkerx-dir). Build kworkerx for this kernel first: "make" there, \
	"make install" to install it, or "dkms install kworkerx" with DKMS)
endif

# The files of the folder that have a definition of that name, or include a header of
# the folder that has.
kworkerx-define = $(shell cd $(src) && for file in *.c; do \
	cat $$file $$(sed -n 's/^\#include "\(.*\)".*/\1/p' $$file) 2>/dev/null | \
		grep -qE '^[ 	]*\#[ 	]*define[ 	]+$(1)\>' && echo $$file; done)

# For the drop-in headers: see kworkerx_dropin_fmt.h.
$(foreach file,$(call kworkerx-define,pr_fmt), \
	$(eval CFLAGS_$(file:.c=.o) += -DKWORKERX_DROPIN_OWN_FMT))
$(foreach file,$(call kworkerx-define,dev_fmt), \
	$(eval CFLAGS_$(file:.c=.o) += -DKWORKERX_DROPIN_OWN_DEV_FMT))

# The headers that files of the folder include by <>, each once, those of the kernel
# but for those that make trace events.
kworkerx-included = $(shell cat $(wildcard $(src)/*.[ch]) /dev/null | \
	sed -n 's/^[ 	]*\#[ 	]*include[ 	]*<\([^>]*\)>.*/\1/p' | \
	awk '!n[$$0]++ && !/^trace\//')
kworkerx-of-kernel = $(foreach header,$(1),$(if $(wildcard \
	$(addsuffix /$(header),$(srctree)/include $(srctree)/include/uapi \
		$(srctree)/arch/$(SRCARCH)/include)),$(header)))

# What a driver for workqueues is compiled with: its structures that are the kernel's
# are read before the names change.
kworkerx-workqueue-dropin = $(addprefix -include ,$(call kworkerx-of-kernel, \
	$(kworkerx-included)) kworkerx_workqueue_dropin.h)
