# SPDX-License-Identifier: GPL-2.0-only
# For the Kbuild of a module that uses kworkerx:
#
#	include /usr/src/kworkerx/kworkerx.mk
#
# or the same of a folder in which kworkerx was built. "ccflags-y += -include
# kworkerx_dropin.h" after that makes a driver for kthread_worker use kworkerx.

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
