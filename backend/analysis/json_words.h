/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json_words.h - numbers, addresses and names in the JSON of nft.
 */
#ifndef BACKEND_JSON_WORDS_H
#define BACKEND_JSON_WORDS_H

#include <jansson.h>
#include <string.h>

#include "kmod/core/base.h"

/* the string of a member, "" if it has none */
const char *json_text(const json_t *o, const char *key);

static inline bool json_is_word(const json_t *v, const char *word)
{
	return json_is_string(v) && !strcmp(json_string_value(v), word);
}

/* a number up to max, or a word that is one */
bool json_number(const json_t *v, __u32 max, __u32 *n);
bool json_port(const json_t *v, __u32 *n);
bool json_proto(const json_t *v, __u32 *n);
bool json_addr(const json_t *v, __u32 *addr);
bool json_icmp_type(const json_t *v, __u32 *n);
bool json_dscp(const json_t *v, __u32 *bits);
bool json_ecn(const json_t *v, __u32 *bits);
/* all flags of "syn", ["fin", "syn"], {"|": [...]}, or a number */
bool json_tcp_flags(const json_t *v, __u8 *flags);

#endif
