/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kcompat.h - where kernels differ: every difference the module knows of.
 *
 * Written for 6.12; what follows makes older kernels look like it.  Included
 * before anything else by the build.
 */
#ifndef FW_KCOMPAT_H
#define FW_KCOMPAT_H

#include <linux/version.h>

#endif
