/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * portfw_proc.h - the files in /proc/net that listed forwards: ip_portfw and ip_autofw of
 * patched 2.0 kernels, those below ip_masq of 2.2.  Each lists one kind.
 */
#ifndef COMPAT_PORTFW_PROC_H
#define COMPAT_PORTFW_PROC_H

#include <stdio.h>

#include "kmod/core/portfw.h"

/* One of proc_file.h from PROC_PORTFW on. */
void portfw_proc_print(FILE *out, int file, const struct fw_portfw_table *t);

/* Records of ip_portfw, which ipportfw lists; end follows each. */
void portfw_proc_records(FILE *out, const struct fw_portfw_table *t, const char *end);

#endif
