// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * json_words.c - numbers, addresses and names in the JSON of nft.
 */
#include "backend/analysis/json_words.h"

#include "backend/analysis/filter_words.h"

#define DEPTH_MAX 6		/* of flags that are combined */

const char *json_text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

bool json_number(const json_t *v, __u32 max, __u32 *n)
{
	if (json_is_integer(v) && json_integer_value(v) >= 0 && json_integer_value(v) <= max) {
		*n = (__u32)json_integer_value(v);
		return true;
	}
	return json_is_string(v) &&
	       filter_number(json_string_value(v), json_string_length(v), max, n);
}

bool json_port(const json_t *v, __u32 *n)
{
	return json_number(v, 0xffff, n);
}

bool json_proto(const json_t *v, __u32 *n)
{
	return json_number(v, 0xff, n) ||
	       (json_is_string(v) && filter_proto(json_string_value(v), n));
}

bool json_addr(const json_t *v, __u32 *addr)
{
	return json_is_string(v) &&
	       filter_addr(json_string_value(v), json_string_length(v), addr);
}

bool json_icmp_type(const json_t *v, __u32 *n)
{
	struct filter_span type, code;

	if (json_number(v, 0xff, n))
		return true;
	if (!json_is_string(v) || !filter_icmp(json_string_value(v), &type, &code) ||
	    code.hi != 255)
		return false;
	*n = type.lo;
	return true;
}

bool json_dscp(const json_t *v, __u32 *bits)
{
	return json_number(v, 0x3f, bits) ||
	       (json_is_string(v) && filter_dscp(json_string_value(v), bits));
}

bool json_ecn(const json_t *v, __u32 *bits)
{
	return json_number(v, 3, bits) ||
	       (json_is_string(v) && filter_ecn(json_string_value(v), bits));
}

static bool flags_of(const json_t *v, __u8 *flags, unsigned int depth)
{
	const json_t *list = json_is_array(v) ? v : json_object_get(v, "|");
	__u32 n;
	__u8 one;

	*flags = 0;
	if (json_is_integer(v)) {
		if (!json_number(v, 0x3f, &n))
			return false;
		*flags = (__u8)n;
		return true;
	}
	if (json_is_string(v))
		return filter_flags(json_string_value(v), flags);
	if (!list || depth > DEPTH_MAX)
		return false;
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (!flags_of(json_array_get(list, i), &one, depth + 1))
			return false;
		*flags |= one;
	}
	return true;
}

bool json_tcp_flags(const json_t *v, __u8 *flags)
{
	return flags_of(v, flags, 0);
}
