/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * number.h - numbers and addresses as 2.3.0 read them, by strtol: leading blanks, a
 * sign and leading zeros are allowed, trailing characters are not.
 */
#ifndef PARSER_NUMBER_H
#define PARSER_NUMBER_H

#include "kmod/core/base.h"

/* -1 unless the whole of s is a decimal number from 0 to max */
long number_parse(const char *s, long max);
/* likewise hexadecimal, 0 to ff, perhaps with 0x */
int hexbyte_parse(const char *s);
/* four decimal bytes; inet_aton accepts more */
bool dotted_parse(const char *s, __u32 *addr);
/* 0 to 32 bits, or a dotted quad of any bit pattern */
bool mask_parse(const char *s, __u32 *mask);

#endif
