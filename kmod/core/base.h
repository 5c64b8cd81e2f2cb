/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * base.h - the few words that kernel and user space spell differently.
 *
 * The core is compiled unchanged into the kernel module, the simulator and the tests.
 * It uses fixed-width types of <linux/types.h>, error numbers of <linux/errno.h>,
 * __struct_group() of <linux/stddef.h> and the macros below.  Their definitions are token
 * for token those of kernel and user space, so they are no redefinitions; only NULL
 * differs between compilers.
 */
#ifndef FW_BASE_H
#define FW_BASE_H

#include <linux/types.h>
#include <linux/errno.h>
#include <linux/stddef.h>

#define bool _Bool
#define true 1
#define false 0
#undef NULL
#define NULL ((void *)0)

#define FW_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
