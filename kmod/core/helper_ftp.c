// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * helper_ftp.c - PORT and EPRT of the client, 227 and 229 of the server.
 */
#include "kmod/core/helper.h"

#include "kmod/core/text_scan.h"

/*
 * Numbers with separators between them, and after the last one the byte end, or any
 * byte if end is 0.  Returns the bytes read without that byte, 0 if it is not so.
 */
static __u32 numbers_read(const __u8 *text, __u32 len, __u8 sep, __u8 end, __u32 *number,
			  unsigned int count)
{
	unsigned int i = 0;
	__u32 at;

	number[0] = 0;
	for (at = 0; at < len; at++) {
		if (fw_is_digit(text[at])) {
			number[i] = number[i] * 10 + text[at] - '0';
		} else if (text[at] == sep) {
			if (++i == count)
				return 0;
			number[i] = 0;
		} else {
			return i == count - 1 && (!end || text[at] == end) ? at : 0;
		}
	}
	return 0;
}

static __u32 address_of(const __u32 *number, struct fw_finding *f)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		f->out_of_range |= number[i] > 255;
	return number[0] << 24 | number[1] << 16 | number[2] << 8 | number[3];
}

/* h,h,h,h,p,p */
static enum fw_scan scan_six(const __u8 *text, __u32 len, __u32 at, __u8 end,
			     struct fw_finding *f)
{
	__u32 number[6], n = numbers_read(text + at, len - at, ',', end, number, 6);

	if (!n)
		return FW_SCAN_BROKEN;
	f->addr = address_of(number, f);
	f->port = (__u16)(number[4] << 8 | number[5]);
	f->out_of_range |= number[4] > 255 || number[5] > 255 || !f->port;
	f->at = (__u16)at;
	f->len = (__u16)n;
	return FW_SCAN_FOUND;
}

/* A port, and the delimiter. */
static enum fw_scan scan_port(const __u8 *text, __u32 len, __u32 at, __u8 delimiter,
			      struct fw_finding *f)
{
	__u32 port = 0;

	for (; at < len && fw_is_digit(text[at]); at++) {
		port = port * 10 + text[at] - '0';
		if (port > 65535)
			f->out_of_range = true;
		port &= 0xffff;
	}
	if (at == len || text[at] != delimiter || !port)
		return FW_SCAN_BROKEN;
	f->port = (__u16)port;
	f->len = (__u16)(at + 1 - f->at);
	return FW_SCAN_FOUND;
}

/* Any printable character but a digit may delimit. */
static bool is_delimiter(__u8 c)
{
	return c > ' ' && c < 127 && !fw_is_digit(c);
}

/* d1dADDRESSdPORTd */
static enum fw_scan scan_extended(const __u8 *text, __u32 len, __u32 at,
				  struct fw_finding *f)
{
	__u32 number[4], n;
	__u8 d;

	f->at = (__u16)at;
	if (len - at <= 3)
		return FW_SCAN_BROKEN;
	d = text[at];
	if (!is_delimiter(d) || text[at + 1] != '1' || text[at + 2] != d)
		return FW_SCAN_BROKEN;
	at += 3;
	n = numbers_read(text + at, len - at, '.', d, number, 4);
	if (!n)
		return FW_SCAN_BROKEN;
	f->addr = address_of(number, f);
	return scan_port(text, len, at + n + 1, d, f);
}

/* dddPORTd */
static enum fw_scan scan_extended_passive(const __u8 *text, __u32 len, __u32 at,
					  struct fw_finding *f)
{
	f->at = (__u16)at;
	f->own_addr = true;
	if (len - at <= 3)
		return FW_SCAN_BROKEN;
	if (!is_delimiter(text[at]) || text[at + 1] != text[at] ||
	    text[at + 2] != text[at])
		return FW_SCAN_BROKEN;
	return scan_port(text, len, at + 3, text[at], f);
}

/*
 * Where the arguments of a command begin: behind the first skip after the word, of
 * four letters.  0 if the line is not that command, len if it is cut before.
 */
static __u32 arguments_at(const __u8 *text, __u32 len, const char *word, __u8 skip)
{
	__u32 at;

	if (!fw_text_begins(text, len < 4 ? len : 4, word))
		return 0;
	for (at = 4; at < len && skip && text[at] != skip; at++)
		;
	at += !!skip;
	return at < len ? at : len;
}

enum fw_scan fw_scan_ftp(const __u8 *text, __u32 len, unsigned int dir,
			 struct fw_finding *f)
{
	__u32 at;

	*f = (struct fw_finding){ 0 };
	if (!len)
		return FW_SCAN_NOTHING;
	if (dir == FW_ORIGINAL) {
		at = arguments_at(text, len, "PORT", ' ');
		if (at)
			return scan_six(text, len, at, '\r', f);
		at = arguments_at(text, len, "EPRT", ' ');
		return at ? scan_extended(text, len, at, f) : FW_SCAN_NOTHING;
	}
	at = arguments_at(text, len, "227 ", 0);
	if (at) {
		while (at < len && !fw_is_digit(text[at]))
			at++;
		return scan_six(text, len, at, 0, f);
	}
	at = arguments_at(text, len, "229 ", '(');
	return at ? scan_extended_passive(text, len, at, f) : FW_SCAN_NOTHING;
}
