/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text.h - text that is appended to a buffer of the caller, never past its end.
 *
 * len is the length without the limit, so the text is truncated if len >= size.  The
 * buffer always ends in a NUL; size is at least 1.
 */
#ifndef FW_TEXT_H
#define FW_TEXT_H

#include "kmod/core/base.h"

struct fw_text {
	char *buf;
	__u32 size, len;
};

void fw_text_init(struct fw_text *t, char *buf, __u32 size);
void fw_text_char(struct fw_text *t, char c);
void fw_text_str(struct fw_text *t, const char *s);
void fw_text_strn(struct fw_text *t, const char *s, __u32 max);	/* to NUL or max */
void fw_text_dec(struct fw_text *t, __u64 n);
/* upper case, zero padded to digits */
void fw_text_hex(struct fw_text *t, __u64 n, unsigned int digits);
void fw_text_addr(struct fw_text *t, __u32 addr);	/* dotted quad */
void fw_text_pad(struct fw_text *t, __u32 column);	/* blanks up to column */

#endif
