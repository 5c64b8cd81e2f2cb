// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * text.c - text that is appended to a buffer of the caller.
 */
#include "kmod/core/text.h"

#define U64_DIGITS 20
#define BILLION 1000000000u

void fw_text_init(struct fw_text *t, char *buf, __u32 size)
{
	t->buf = buf;
	t->size = size;
	t->len = 0;
	buf[0] = '\0';
}

/* n bytes, or as many of them as fit */
static void text_append(struct fw_text *t, const char *s, __u32 n)
{
	__u32 end = t->size - 1;
	__u32 from = t->len < end ? t->len : end;
	__u32 fit = end - from < n ? end - from : n;
	char *to = t->buf + from;
	__u32 i;

	for (i = 0; i < fit; i++)
		to[i] = s[i];
	to[fit] = '\0';
	t->len += n;
}

void fw_text_char(struct fw_text *t, char c)
{
	if (t->len + 1 < t->size) {
		t->buf[t->len] = c;
		t->buf[t->len + 1] = '\0';
	}
	t->len++;
}

void fw_text_str(struct fw_text *t, const char *s)
{
	__u32 n = 0;

	while (s[n])
		n++;
	text_append(t, s, n);
}

void fw_text_strn(struct fw_text *t, const char *s, __u32 max)
{
	__u32 n = 0;

	while (n < max && s[n])
		n++;
	text_append(t, s, n);
}

/*
 * Removes the last nine digits of n and returns them.  Bit by bit, because a 32 bit
 * kernel has no 64 bit division.  Only numbers above 32 bits need it.
 */
static __u32 number_cut_billion(__u64 *n)
{
	__u64 quotient = 0;
	__u32 rest = 0;
	int bit;

	for (bit = 63; bit >= 0; bit--) {
		rest = rest << 1 | (*n >> bit & 1);
		quotient <<= 1;
		if (rest >= BILLION) {
			rest -= BILLION;
			quotient |= 1;
		}
	}
	*n = quotient;
	return rest;
}

/* Writes the digits of n, at least min, before end; returns their beginning. */
static char *number_put(char *end, __u32 n, unsigned int min)
{
	char *begin = end;

	while (n || (unsigned int)(end - begin) < min) {
		*--begin = '0' + n % 10;
		n /= 10;
	}
	return begin;
}

void fw_text_dec(struct fw_text *t, __u64 n)
{
	char digits[U64_DIGITS];
	char *end = digits + sizeof(digits), *begin = end;

	while (n >> 32)
		begin = number_put(begin, number_cut_billion(&n), 9);
	begin = number_put(begin, (__u32)n, begin == end);
	text_append(t, begin, (__u32)(end - begin));
}

void fw_text_hex(struct fw_text *t, __u64 n, unsigned int digits)
{
	char text[16];
	unsigned int i = sizeof(text);

	if (digits > sizeof(text))
		digits = sizeof(text);
	while (i && (n || sizeof(text) - i < digits)) {
		text[--i] = "0123456789ABCDEF"[n & 15];
		n >>= 4;
	}
	text_append(t, text + i, (__u32)sizeof(text) - i);
}

void fw_text_addr(struct fw_text *t, __u32 addr)
{
	char text[15];
	char *end = text + sizeof(text), *begin = end;
	unsigned int shift;

	for (shift = 0; shift < 32; shift += 8) {
		if (shift)
			*--begin = '.';
		begin = number_put(begin, addr >> shift & 255, 1);
	}
	text_append(t, begin, (__u32)(end - begin));
}

void fw_text_pad(struct fw_text *t, __u32 column)
{
	while (t->len < column)
		fw_text_char(t, ' ');
}
