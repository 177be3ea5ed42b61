# SPDX-License-Identifier: GPL-2.0-only
# For Kbuild files: what kworkerx_compat.h cannot probe for by the preprocessor.

# 908a1d775422 ("hrtimers: Introduce hrtimer_setup() to replace hrtimer_init()")
ifeq ($(shell grep -s hrtimer_setup $(srctree)/include/linux/hrtimer.h),)
ccflags-y += -DKWORKERX_NO_HRTIMER_SETUP
endif
