// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "parser/number.h"

#define DOTTED_MAX 19	/* 2.3.0 cut longer texts and so refused them */

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The number before end; *s moves after it.  -1: there is none. */
static long number_until(const char **s, char end, long max)
{
	const char *p = *s;
	long n = 0;
	bool minus = false, digits = false;

	if (!digit(*p)) {
		while (isspace((unsigned char)*p))
			p++;
		minus = *p == '-';
		if (minus || *p == '+')
			p++;
	}
	for (; digit(*p); p++) {
		digits = true;
		if (n <= max)
			n = n * 10 + (*p - '0');
	}
	if (!digits || *p != end || n > max || (minus && n))
		return -1;
	*s = p + 1;
	return n;
}

long number_parse(const char *s, long max)
{
	return number_until(&s, '\0', max);
}

int hexbyte_parse(const char *s)
{
	char *end;
	long n = strtol(s, &end, 16);

	return *end || end == s || n < 0 || n > 0xff ? -1 : (int)n;
}

bool dotted_parse(const char *s, __u32 *addr)
{
	__u32 a = 0;

	if (strnlen(s, DOTTED_MAX + 1) > DOTTED_MAX)
		return false;
	for (unsigned int i = 0; i < 4; i++) {
		long byte = number_until(&s, i < 3 ? '.' : '\0', 255);

		if (byte < 0)
			return false;
		a = a << 8 | (__u32)byte;
	}
	*addr = a;
	return true;
}

bool mask_parse(const char *s, __u32 *mask)
{
	long bits;

	if (dotted_parse(s, mask))
		return true;
	bits = number_parse(s, 32);
	if (bits < 0)
		return false;
	*mask = bits ? 0xffffffffu << (32 - bits) : 0;
	return true;
}
