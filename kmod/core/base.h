/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * base.h - the few words that kernel and user space spell differently.
 *
 * The core is compiled unchanged into the kernel module, the simulator and the
 * tests.  It uses fixed-width types from <linux/types.h>, error numbers from
 * <linux/errno.h>, and the macros below, whose definitions are token for token
 * those of both worlds, so that defining them again is no redefinition; only
 * NULL has as many spellings as there are compilers.
 */
#ifndef FW_BASE_H
#define FW_BASE_H

#include <linux/types.h>
#include <linux/errno.h>

#define bool _Bool
#define true 1
#define false 0
#undef NULL
#define NULL ((void *)0)

#define FW_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
