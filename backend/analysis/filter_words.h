/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filter_words.h - numbers, addresses and names in the words of iptables and nft.
 *
 * All return false for what they do not know, and then change nothing.
 */
#ifndef BACKEND_FILTER_WORDS_H
#define BACKEND_FILTER_WORDS_H

#include <stddef.h>

#include "backend/analysis/cube.h"

struct filter_span { __u32 lo, hi; };

/* decimal, or hexadecimal behind 0x */
bool filter_number(const char *s, size_t length, __u32 max, __u32 *n);
/* "22", "1024:65535", ":1023", "1024:"; the separator may be another */
bool filter_span(const char *s, size_t length, char separator, __u32 max,
		 struct filter_span *span);
bool filter_addr(const char *s, size_t length, __u32 *addr);
/* an address, perhaps with a mask of any kind */
bool filter_net(const char *s, size_t length, __u32 *addr, __u32 *mask);
bool filter_proto(const char *s, __u32 *proto);
/* "8", "3/4", "echo-request" */
bool filter_icmp(const char *s, struct filter_span *type, struct filter_span *code);
/* FW_TCP_* of "SYN", in any case, up to the separator; "ALL", "NONE" */
bool filter_flags(const char *s, __u8 *flags);
/* "cs1", "af21", "ef" as the six bits of DSCP; "ect0" as the two of ECN; or a number */
bool filter_dscp(const char *s, __u32 *bits);
bool filter_ecn(const char *s, __u32 *bits);
/* FW_STATE_*, in any case; 0 for untracked, which no packet is */
bool filter_state(const char *s, size_t length, __u32 *state);

#endif
