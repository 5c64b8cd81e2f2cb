// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * filter_iptables_rule.c - the conditions of a rule of iptables-save.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "backend/analysis/filter_iptables.h"
#include "backend/analysis/pieces.h"

/* what is asked for by the rest of a list "a,b,c"; returns its length, and goes on */
static size_t part_next(const char **at, const char **part)
{
	size_t length = strcspn(*at, ",");

	*part = *at;
	*at += length + ((*at)[length] == ',');
	return length;
}

static bool is_any(const char *s, const char *const *names)
{
	while (*names && strcmp(*names, s) != 0)
		names++;
	return *names;
}

/* Does another option than those of a module that is not known begin at word i? */
static bool is_own_option(const struct ipt_reader *r, __u32 i)
{
	static const char *const own[] = {
		"-m", "--match", "-j", "--jump", "-g", "--goto", "-s", "--source", "--src", "-d",
		"--destination", "--dst", "-i", "--in-interface", "-o", "--out-interface", "-p",
		"--protocol", "--proto", "-f", "--fragment", NULL,
	};

	if (i < r->n && !strcmp(r->word[i].text, "!"))
		i++;
	return i >= r->n || is_any(r->word[i].text, own);
}

/* What begins at word from is not known: up to the next option, or the next that is ours. */
static int unknown_take(struct ipt_reader *r, __u32 from, bool one_option, bool is_shared)
{
	char text[4 * FILTER_TEXT_MAX];
	size_t length = 0;

	for (__u32 i = from; i < r->n; i++) {
		if (i >= r->at && (is_own_option(r, i) ||
				   (one_option && strchr("-!", r->word[i].text[0]))))
			break;
		if (length < sizeof(text))
			length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s",
						   length ? " " : "", r->word[i].text);
		if (i >= r->at)
			r->at = i + 1;
	}
	return filter_match_unknown(r->f, &r->match, text, is_shared, r->line);
}

static int addrs_read(struct ipt_reader *r, unsigned int dim, bool invert)
{
	struct cube c[32];
	const char *list = ipt_take(r, "an address"), *part;
	__u32 n = 0, addr, mask;

	if (!list)
		return -EINVAL;
	do {
		size_t length = part_next(&list, &part);

		if (n == FW_COUNT(c) || !filter_net(part, length, &addr, &mask)) {
			r->at--;
			return ipt_fail(r, "not an address:");
		}
		c[n] = filter_space_cube();
		c[n++].bits[dim] = (struct cube_bits){ addr & mask, mask };
	} while (*list);
	return filter_match_and(r->f, &r->match, c, n, invert, r->line);
}

static int addr_range_read(struct ipt_reader *r, unsigned int dim, bool invert)
{
	struct cube c[FILTER_ADDR_CUBES];
	const char *s = ipt_take(r, "a range of addresses"), *dash;
	__u32 lo, hi;

	if (!s)
		return -EINVAL;
	dash = strchr(s, '-');
	if (!filter_addr(s, dash ? (size_t)(dash - s) : strlen(s), &lo) ||
	    !filter_addr(dash ? dash + 1 : s, strlen(dash ? dash + 1 : s), &hi) || lo > hi) {
		r->at--;
		return ipt_fail(r, "not a range of addresses:");
	}
	return filter_match_and(r->f, &r->match, c, filter_addr_cubes(dim, lo, hi, c), invert,
				r->line);
}

static int name_read(struct ipt_reader *r, unsigned int dim, bool invert)
{
	const char *s = ipt_take(r, "an interface");
	char name[FW_IFNAMSIZ] = { 0 };
	size_t length = s ? strlen(s) : 0;
	bool is_prefix;
	__u32 set;
	int err;

	if (!s)
		return -EINVAL;
	if (!length || length >= FW_IFNAMSIZ) {
		r->at--;
		return ipt_fail(r, "not an interface:");
	}
	is_prefix = s[length - 1] == '+';
	memcpy(name, s, length - is_prefix);
	err = filter_names(r->f, name, is_prefix, r->line, &set);
	return err ? err : filter_match_set(r->f, &r->match, dim, invert ? ~set : set, r->line);
}

static int proto_read(struct ipt_reader *r, bool invert)
{
	const char *s = ipt_take(r, "a protocol");
	__u32 proto;

	if (!s || !strcmp(s, "all"))
		return s ? 0 : -EINVAL;
	if (!filter_proto(s, &proto)) {
		r->at--;
		return ipt_fail(r, "unknown protocol");
	}
	if (!proto)
		return 0;	/* all, too */
	r->proto = invert ? 0 : proto;
	return filter_match_proto(r->f, &r->match, proto, proto, invert, r->line);
}

/* dims: 1 << CUBE_SPORT, 1 << CUBE_DPORT, or both: of one of the two */
static int ports_read(struct ipt_reader *r, unsigned int dims, bool invert)
{
	struct cube c[2 * 16];
	__u32 n = 0, from = r->at - 1;
	const char *list = ipt_take(r, "a port"), *part;
	struct filter_span span;

	if (!list)
		return -EINVAL;
	if (r->proto != FW_PROTO_TCP && r->proto != FW_PROTO_UDP) {
		r->at--;
		return unknown_take(r, from - (from && r->word[from - 1].text[0] == '!'), true,
				    false);
	}
	do {
		size_t length = part_next(&list, &part);

		if (n + 2 > FW_COUNT(c) || !filter_span(part, length, ':', 0xffff, &span)) {
			r->at--;
			return ipt_fail(r, "not a port:");
		}
		for (unsigned int dim = 0; dim < CUBE_RANGES; dim++)
			if (dims >> dim & 1) {
				c[n] = filter_space_cube();
				c[n++].range[dim] = (struct cube_range){ (__u16)span.lo,
									 (__u16)span.hi };
			}
	} while (*list);
	return filter_match_and(r->f, &r->match, c, n, invert, r->line);
}

static int flags_read(struct ipt_reader *r, bool invert)
{
	const char *mask = ipt_take(r, "flags"), *flags = ipt_take(r, "flags");
	__u8 m, f;

	if (!mask || !flags)
		return -EINVAL;
	if (!filter_flags(mask, &m) || !filter_flags(flags, &f)) {
		r->at--;
		return ipt_fail(r, "unknown flags");
	}
	return filter_match_flags(r->f, &r->match, m, f, invert, r->line);
}

static int syn_read(struct ipt_reader *r, bool invert)
{
	return filter_match_flags(r->f, &r->match,
				  FW_TCP_SYN | FW_TCP_RST | FW_TCP_ACK | FW_TCP_FIN, FW_TCP_SYN,
				  invert, r->line);
}

static int icmp_read(struct ipt_reader *r, bool invert)
{
	const char *s = ipt_take(r, "a type of ICMP");
	struct filter_span type, code;

	if (!s)
		return -EINVAL;
	if (!invert && (!strcmp(s, "any") || !strcmp(s, "255")))
		return filter_match_proto(r->f, &r->match, FW_PROTO_ICMP, FW_PROTO_ICMP, false,
					  r->line);
	if (!filter_icmp(s, &type, &code)) {
		r->at--;
		return ipt_fail(r, "unknown type of ICMP");
	}
	return filter_match_icmp(r->f, &r->match, (__u8)type.lo, (__u8)type.hi, (__u8)code.lo,
				 (__u8)code.hi, invert, r->line);
}

static int state_read(struct ipt_reader *r, bool invert)
{
	__u32 from = r->at - 1, states = 0, one;
	const char *list = ipt_take(r, "a state"), *part;

	if (!list)
		return -EINVAL;
	if (strstr(list, "NAT")) {	/* of the connection's addresses: SNAT, DNAT */
		r->at--;
		return unknown_take(r, from - (r->word[from - 1].text[0] == '!'), true, false);
	}
	do {
		size_t length = part_next(&list, &part);

		if (!filter_state(part, length, &one)) {
			r->at--;
			return ipt_fail(r, "unknown state");
		}
		states |= one;
	} while (*list);
	return filter_match_set(r->f, &r->match, CUBE_STATE, invert ? ~states : states, r->line);
}

/* --src-type, --dst-type: one type of an address; several, or what limits it, is not known */
static int addr_type_read(struct ipt_reader *r, unsigned int dim, bool invert)
{
	__u32 from = r->at - 1 - invert;
	const char *type = ipt_take(r, "a type of address");

	if (!type)
		return -EINVAL;
	if (strchr(type, ',') || (r->at < r->n && !strncmp(r->word[r->at].text, "--limit", 7)))
		return unknown_take(r, from, false, true);
	return filter_match_addr_type(r->f, &r->match, dim, type, invert, r->line);
}

/* -m: modules whose options are known are their options alone */
static int module_read(struct ipt_reader *r)
{
	static const char *const known[] = {
		"tcp", "udp", "icmp", "state", "conntrack", "multiport", "comment", "iprange",
		"addrtype", NULL,
	}, *const shared[] = {	/* the same for a packet at every rule of both texts */
		"devgroup", "length", "mac", "owner", "physdev", "pkttype", "policy",
		"rpfilter", NULL,
	};
	const char *name = ipt_take(r, "a match");

	if (!name)
		return -EINVAL;
	return is_any(name, known) ? 0 : unknown_take(r, r->at - 1, false, is_any(name, shared));
}

enum kind {
	KIND_ADDR, KIND_RANGE, KIND_ADDR_TYPE, KIND_NAME, KIND_PROTO, KIND_PORTS, KIND_FLAGS,
	KIND_SYN, KIND_ICMP,
	KIND_STATE, KIND_MODULE, KIND_COMMENT, KIND_FRAGMENT, KIND_JUMP, KIND_GOTO,
};

static const struct option {
	const char *name, *also;
	enum kind kind;
	unsigned int dim;
} options[] = {
	{ "-s", "--source", KIND_ADDR, CUBE_SRC }, { "--src", "--source", KIND_ADDR, CUBE_SRC },
	{ "-d", "--destination", KIND_ADDR, CUBE_DST }, { "--dst", "", KIND_ADDR, CUBE_DST },
	{ "--src-range", "", KIND_RANGE, CUBE_SRC }, { "--dst-range", "", KIND_RANGE, CUBE_DST },
	{ "--src-type", "", KIND_ADDR_TYPE, CUBE_SRC },
	{ "--dst-type", "", KIND_ADDR_TYPE, CUBE_DST },
	{ "-i", "--in-interface", KIND_NAME, CUBE_ARRIVES },
	{ "-o", "--out-interface", KIND_NAME, CUBE_LEAVES },
	{ "-p", "--protocol", KIND_PROTO, 0 }, { "--proto", "", KIND_PROTO, 0 },
	{ "--sport", "--source-port", KIND_PORTS, 1u << CUBE_SPORT },
	{ "--sports", "--source-ports", KIND_PORTS, 1u << CUBE_SPORT },
	{ "--dport", "--destination-port", KIND_PORTS, 1u << CUBE_DPORT },
	{ "--dports", "--destination-ports", KIND_PORTS, 1u << CUBE_DPORT },
	{ "--ports", "--port", KIND_PORTS, 1u << CUBE_SPORT | 1u << CUBE_DPORT },
	{ "--tcp-flags", "", KIND_FLAGS, 0 }, { "--syn", "", KIND_SYN, 0 },
	{ "--icmp-type", "", KIND_ICMP, 0 }, { "--state", "--ctstate", KIND_STATE, 0 },
	{ "-m", "--match", KIND_MODULE, 0 }, { "--comment", "", KIND_COMMENT, 0 },
	{ "-f", "--fragment", KIND_FRAGMENT, 0 }, { "-j", "--jump", KIND_JUMP, 0 },
	{ "-g", "--goto", KIND_GOTO, 0 },
};

static const struct option *option_find(const char *name)
{
	for (unsigned int i = 0; i < FW_COUNT(options); i++)
		if (!strcmp(options[i].name, name) || !strcmp(options[i].also, name))
			return &options[i];
	return NULL;
}

bool ipt_is_option(const char *word)
{
	return option_find(word) || !strcmp(word, "!");
}

static int option_read(struct ipt_reader *r, const struct option *o, bool invert,
		       struct filter_rule *rule)
{
	switch (o->kind) {
	case KIND_ADDR:
		return addrs_read(r, o->dim, invert);
	case KIND_RANGE:
		return addr_range_read(r, o->dim, invert);
	case KIND_ADDR_TYPE:
		return addr_type_read(r, o->dim, invert);
	case KIND_NAME:
		return name_read(r, o->dim, invert);
	case KIND_PROTO:
		return proto_read(r, invert);
	case KIND_PORTS:
		return ports_read(r, o->dim, invert);
	case KIND_FLAGS:
		return flags_read(r, invert);
	case KIND_SYN:
		return syn_read(r, invert);
	case KIND_ICMP:
		return icmp_read(r, invert);
	case KIND_STATE:
		return state_read(r, invert);
	case KIND_MODULE:
		return module_read(r);
	case KIND_COMMENT:
		return ipt_take(r, "a comment") ? 0 : -EINVAL;
	case KIND_FRAGMENT:
		return unknown_take(r, r->at - 1 - invert, true, true);
	case KIND_JUMP:
	case KIND_GOTO:
		return ipt_target_read(r, rule, o->kind == KIND_GOTO);
	}
	return -EINVAL;
}

int ipt_rule_read(struct ipt_reader *r, struct filter_rule *rule)
{
	int err = 0;

	r->proto = 0;
	while (r->at < r->n && !err) {
		__u32 from = r->at;
		bool invert = !strcmp(r->word[r->at].text, "!");
		const struct option *o;

		r->at += invert;
		if (r->at == r->n)
			return filter_fail(r->f, r->line, r->word[from].column, "'!' of nothing");
		o = option_find(r->word[r->at].text);
		if (!o && strncmp(r->word[r->at].text, "--ct", 4) != 0 &&
		    strcmp(r->word[r->at].text, "--tcp-option") != 0)
			return ipt_fail(r, "unknown option");
		r->at++;
		/* as it was written before 2010: -s ! 10.0.0.0/8 */
		if (o && !invert && r->at < r->n && !strcmp(r->word[r->at].text, "!") &&
		    o->kind < KIND_SYN) {
			invert = true;
			r->at++;
		}
		err = o ? option_read(r, o, invert, rule) : unknown_take(r, from, true, false);
	}
	return err;
}
