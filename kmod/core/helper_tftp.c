// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * helper_tftp.c - the data of a TFTP request comes from a port of its own.
 */
#include "kmod/core/helper.h"

#define READ_REQUEST 1
#define WRITE_REQUEST 2

bool fw_scan_tftp(const __u8 *text, __u32 len)
{
	return len >= 2 && !text[0] &&
	       (text[1] == READ_REQUEST || text[1] == WRITE_REQUEST);
}
