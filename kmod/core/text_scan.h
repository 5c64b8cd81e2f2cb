/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text_scan.h - what helpers ask of bytes.
 */
#ifndef FW_TEXT_SCAN_H
#define FW_TEXT_SCAN_H

#include "kmod/core/base.h"

static inline bool fw_is_digit(__u8 c)
{
	return c >= '0' && c <= '9';
}

/* Are these len bytes the first of word, which has upper case, in any case? */
static inline bool fw_text_begins(const __u8 *text, __u32 len, const char *word)
{
	__u32 i;

	for (i = 0; i < len; i++) {
		__u8 c = text[i];

		if (c >= 'a' && c <= 'z')
			c = (__u8)(c - 'a' + 'A');
		if (c != (__u8)word[i])
			return false;
	}
	return true;
}

/* The same, case included. */
static inline bool fw_text_is(const __u8 *text, __u32 len, const char *word)
{
	__u32 i;

	for (i = 0; i < len && text[i] == (__u8)word[i]; i++)
		;
	return i == len;
}

#endif
