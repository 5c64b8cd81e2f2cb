// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * filter_words.c - numbers, addresses and names in the words of iptables and nft.
 */
#include "backend/analysis/filter_words.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "kmod/core/packet.h"

struct word { const char *name; __u32 number; };

static bool word_find(const struct word *w, const char *s, size_t length, __u32 *n)
{
	for (; w->name; w++)
		if (strlen(w->name) == length && !strncasecmp(w->name, s, length)) {
			*n = w->number;
			return true;
		}
	return false;
}

bool filter_number(const char *s, size_t length, __u32 max, __u32 *n)
{
	static const char digits[] = "0123456789abcdef";
	bool hex = length > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X');
	__u64 value = 0;
	size_t i = hex ? 2 : 0;

	if (i == length)
		return false;
	for (; i < length; i++) {
		const char *digit = memchr(digits, s[i] | (s[i] >= 'A' ? 0x20 : 0), hex ? 16 : 10);

		if (!digit)
			return false;
		value = value * (hex ? 16 : 10) + (__u64)(digit - digits);
		if (value > max)
			return false;
	}
	*n = (__u32)value;
	return true;
}

bool filter_span(const char *s, size_t length, char separator, __u32 max,
		 struct filter_span *span)
{
	const char *middle = memchr(s, separator, length);
	size_t first = middle ? (size_t)(middle - s) : length;
	struct filter_span r = { 0, max };

	if (!length || (first && !filter_number(s, first, max, &r.lo)))
		return false;
	if (!middle)
		r.hi = r.lo;
	else if (first + 1 < length &&
		 !filter_number(middle + 1, length - first - 1, max, &r.hi))
		return false;
	if (r.lo > r.hi)
		return false;
	*span = r;
	return true;
}

bool filter_addr(const char *s, size_t length, __u32 *addr)
{
	char text[INET_ADDRSTRLEN];
	struct in_addr in;

	if (length >= sizeof(text))
		return false;
	memcpy(text, s, length);
	text[length] = 0;
	if (inet_pton(AF_INET, text, &in) != 1)
		return false;
	*addr = ntohl(in.s_addr);
	return true;
}

bool filter_net(const char *s, size_t length, __u32 *addr, __u32 *mask)
{
	const char *slash = memchr(s, '/', length);
	size_t first = slash ? (size_t)(slash - s) : length, rest = length - first - 1;
	__u32 a, bits;

	if (!filter_addr(s, first, &a))
		return false;
	*addr = a;
	*mask = ~0u;
	if (!slash || filter_addr(slash + 1, rest, mask))
		return true;
	if (!filter_number(slash + 1, rest, 32, &bits))
		return false;
	*mask = bits ? ~0u << (32 - bits) : 0;
	return true;
}

bool filter_proto(const char *s, __u32 *proto)
{
	static const struct word names[] = {
		{ "icmp", 1 }, { "igmp", 2 }, { "ipencap", 4 }, { "ipip", 94 }, { "tcp", 6 },
		{ "egp", 8 }, { "udp", 17 }, { "dccp", 33 }, { "ipv6", 41 }, { "rsvp", 46 },
		{ "gre", 47 }, { "esp", 50 }, { "ipv6-crypt", 50 }, { "ah", 51 },
		{ "ipv6-auth", 51 }, { "icmpv6", 58 }, { "ipv6-icmp", 58 }, { "ospf", 89 },
		{ "pim", 103 }, { "comp", 108 }, { "ipcomp", 108 }, { "vrrp", 112 },
		{ "l2tp", 115 }, { "sctp", 132 }, { "udplite", 136 }, { NULL, 0 },
	};

	return filter_number(s, strlen(s), 255, proto) || word_find(names, s, strlen(s), proto);
}

bool filter_icmp(const char *s, struct filter_span *type, struct filter_span *code)
{
	static const struct word names[] = {
		{ "echo-reply", 0 }, { "pong", 0 }, { "destination-unreachable", 3 },
		{ "source-quench", 4 }, { "redirect", 5 }, { "echo-request", 8 }, { "ping", 8 },
		{ "router-advertisement", 9 }, { "router-solicitation", 10 },
		{ "time-exceeded", 11 }, { "ttl-exceeded", 11 }, { "parameter-problem", 12 },
		{ "timestamp-request", 13 }, { "timestamp-reply", 14 }, { "info-request", 15 },
		{ "info-reply", 16 }, { "address-mask-request", 17 },
		{ "address-mask-reply", 18 }, { NULL, 0 },
	}, codes[] = {	/* of destination-unreachable */
		{ "network-unreachable", 0 }, { "host-unreachable", 1 },
		{ "protocol-unreachable", 2 }, { "port-unreachable", 3 },
		{ "fragmentation-needed", 4 }, { NULL, 0 },
	};
	const char *slash = strchr(s, '/');
	size_t length = slash ? (size_t)(slash - s) : strlen(s);
	__u32 n, c;

	if (!slash && word_find(codes, s, length, &c)) {
		*type = (struct filter_span){ 3, 3 };
		*code = (struct filter_span){ c, c };
		return true;
	}
	if (!filter_number(s, length, 254, &n) && !word_find(names, s, length, &n))
		return false;
	*code = (struct filter_span){ 0, 255 };
	if (slash && !filter_number(slash + 1, strlen(slash + 1), 255, &code->lo))
		return false;
	if (slash)
		code->hi = code->lo;
	*type = (struct filter_span){ n, n };
	return true;
}

bool filter_flags(const char *s, __u8 *flags)
{
	static const struct word names[] = {
		{ "FIN", FW_TCP_FIN }, { "SYN", FW_TCP_SYN }, { "RST", FW_TCP_RST },
		{ "PSH", FW_TCP_PSH }, { "ACK", FW_TCP_ACK }, { "URG", FW_TCP_URG },
		{ "ALL", 0x3f }, { "NONE", 0 }, { NULL, 0 },
	};
	__u32 all = 0, one;

	for (;; s++) {
		size_t length = strcspn(s, ",");

		if (!word_find(names, s, length, &one))
			return false;
		all |= one;
		s += length;
		if (!*s)
			break;
	}
	*flags = (__u8)all;
	return true;
}

bool filter_state(const char *s, size_t length, __u32 *state)
{
	static const struct word names[] = {
		{ "NEW", FW_STATE_NEW }, { "ESTABLISHED", FW_STATE_ESTABLISHED },
		{ "RELATED", FW_STATE_RELATED }, { "INVALID", FW_STATE_INVALID },
		{ "UNTRACKED", 0 }, { NULL, 0 },
	};

	return word_find(names, s, length, state);
}

bool filter_dscp(const char *s, __u32 *bits)
{
	static const struct word names[] = {
		{ "be", 0 }, { "df", 0 }, { "le", 1 }, { "ef", 46 }, { "va", 44 }, { NULL, 0 },
	};
	size_t length = strlen(s);

	if (length == 3 && !strncasecmp(s, "cs", 2) && s[2] >= '0' && s[2] <= '7')
		*bits = 8 * (__u32)(s[2] - '0');
	else if (length == 4 && !strncasecmp(s, "af", 2) && s[2] >= '1' && s[2] <= '4' &&
		 s[3] >= '1' && s[3] <= '3')
		*bits = 8 * (__u32)(s[2] - '0') + 2 * (__u32)(s[3] - '0');
	else
		return filter_number(s, length, 63, bits) || word_find(names, s, length, bits);
	return true;
}

bool filter_ecn(const char *s, __u32 *bits)
{
	static const struct word names[] = {
		{ "not-ect", 0 }, { "ect1", 1 }, { "ect0", 2 }, { "ce", 3 }, { NULL, 0 },
	};

	return filter_number(s, strlen(s), 3, bits) || word_find(names, s, strlen(s), bits);
}
