// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * filter_nft_match.c - the conditions of a rule of nft.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/analysis/filter_nft.h"
#include "backend/analysis/filter_words.h"
#include "backend/analysis/json_words.h"
#include "backend/analysis/pieces.h"

#define VALUE_DEPTH_MAX 6	/* set, element, concatenation, range */

enum kind {
	KIND_NONE, KIND_ADDR, KIND_PORT, KIND_PROTO, KIND_NAME, KIND_STATE, KIND_TYPE, KIND_CODE,
	KIND_FLAGS, KIND_FAMILY, KIND_OTHER_FAMILY,
};

/* what a rule asks for: payload PROTOCOL FIELD, meta KEY or ct KEY */
static const struct field {
	const char *object, *protocol, *name;
	enum kind kind;
	unsigned int dim;
	__u32 classes;		/* what else never has it; 0: all have it */
} fields[] = {
	{ "payload", "ip", "saddr", KIND_ADDR, CUBE_SRC, 0 },
	{ "payload", "ip", "daddr", KIND_ADDR, CUBE_DST, 0 },
	{ "payload", "ip", "protocol", KIND_PROTO, 0, 0 },
	{ "payload", "tcp", "sport", KIND_PORT, CUBE_SPORT, CLASSES_TCP },
	{ "payload", "tcp", "dport", KIND_PORT, CUBE_DPORT, CLASSES_TCP },
	{ "payload", "udp", "sport", KIND_PORT, CUBE_SPORT, CLASSES_UDP },
	{ "payload", "udp", "dport", KIND_PORT, CUBE_DPORT, CLASSES_UDP },
	{ "payload", "th", "sport", KIND_PORT, CUBE_SPORT, CLASSES_TCP | CLASSES_UDP },
	{ "payload", "th", "dport", KIND_PORT, CUBE_DPORT, CLASSES_TCP | CLASSES_UDP },
	{ "payload", "tcp", "flags", KIND_FLAGS, 0, CLASSES_TCP },
	{ "payload", "icmp", "type", KIND_TYPE, CUBE_SPORT, CLASSES_ICMP },
	{ "payload", "icmp", "code", KIND_CODE, CUBE_CODE, CLASSES_ICMP },
	{ "payload", "ip6", NULL, KIND_OTHER_FAMILY, 0, 0 },
	{ "payload", "icmpv6", NULL, KIND_OTHER_FAMILY, 0, 0 },
	{ "meta", NULL, "iifname", KIND_NAME, CUBE_ARRIVES, 0 },
	{ "meta", NULL, "iif", KIND_NAME, CUBE_ARRIVES, 0 },
	{ "meta", NULL, "oifname", KIND_NAME, CUBE_LEAVES, 0 },
	{ "meta", NULL, "oif", KIND_NAME, CUBE_LEAVES, 0 },
	{ "meta", NULL, "l4proto", KIND_PROTO, 0, 0 },
	{ "meta", NULL, "nfproto", KIND_FAMILY, 0, 0 },
	{ "meta", NULL, "protocol", KIND_FAMILY, 0, 0 },
	{ "ct", NULL, "state", KIND_STATE, 0, 0 },
};

/* All packets of the rule are within classes; what else "th" might read is not known. */
static bool is_within(const struct filter_match *m, __u32 classes)
{
	__u32 i = 0;

	while (i < m->n && !(m->cube[i].set[CUBE_CLASS] & ~classes))
		i++;
	return i == m->n;
}

static const struct field *field_find(const struct nft_reader *r, const json_t *key)
{
	json_t *o;
	const char *object = nft_only(key, &o);

	if (!object || json_object_get(o, "dir"))	/* ct original ... */
		return NULL;
	for (unsigned int i = 0; i < FW_COUNT(fields); i++) {
		const struct field *f = &fields[i];
		bool is_th = f->protocol && !strcmp(f->protocol, "th");

		if (!strcmp(f->object, object) &&
		    (!f->protocol || json_is_word(json_object_get(o, "protocol"), f->protocol)) &&
		    (!f->name || json_is_word(json_object_get(o, f->protocol ? "field" : "key"),
					   f->name)))
			return is_th && !is_within(&r->match, f->classes) ? NULL : f;
	}
	return NULL;
}

/* One value of a field, or a range of them. */
static bool span_of(const struct field *f, const json_t *v, struct filter_span *span)
{
	json_t *range = json_object_get(v, "range"), *prefix = json_object_get(v, "prefix");
	const json_t *lo = range ? json_array_get(range, 0) : v;
	const json_t *hi = range ? json_array_get(range, 1) : v;
	__u32 length;

	if (prefix) {
		if (f->kind != KIND_ADDR ||
		    !json_addr(json_object_get(prefix, "addr"), &span->lo) ||
		    !json_number(json_object_get(prefix, "len"), 32, &length))
			return false;
		span->lo &= length ? ~0u << (32 - length) : 0;
		span->hi = span->lo | (length ? (1ull << (32 - length)) - 1 : ~0u);
		return true;
	}
	switch (f->kind) {
	case KIND_ADDR:
		return json_addr(lo, &span->lo) && json_addr(hi, &span->hi);
	case KIND_PROTO:
		return json_proto(lo, &span->lo) && json_proto(hi, &span->hi);
	case KIND_PORT:
		return json_number(lo, 0xffff, &span->lo) && json_number(hi, 0xffff, &span->hi);
	case KIND_TYPE:
		return json_icmp_type(lo, &span->lo) && json_icmp_type(hi, &span->hi);
	case KIND_CODE:
		return json_number(lo, 255, &span->lo) && json_number(hi, 255, &span->hi);
	default:
		return false;
	}
}

static int name_cube(struct nft_reader *r, const struct field *f, const json_t *v,
		     struct cube *c)
{
	char name[FW_IFNAMSIZ] = { 0 };
	size_t length = json_string_length(v);
	bool is_prefix;

	if (!json_is_string(v) || !length || length >= FW_IFNAMSIZ)
		return 1;
	is_prefix = json_string_value(v)[length - 1] == '*';
	memcpy(name, json_string_value(v), length - is_prefix);
	return filter_names(r->f, name, is_prefix, r->at, &c->set[f->dim]);
}

/* Cubes of one value: their number; negative: an error; 1 + most: it is not known. */
#define LEAF_MAX FILTER_ADDR_CUBES

static int leaf_cubes(struct nft_reader *r, const struct field *f, const json_t *v,
		      struct cube c[LEAF_MAX])
{
	struct filter_span span = { 0, 0 };
	__u32 state;
	int err;

	c[0] = filter_space_cube();
	if (json_is_word(v, "*"))
		return 1;
	switch (f->kind) {
	case KIND_NAME:
		err = name_cube(r, f, v, &c[0]);
		return err ? (err < 0 ? err : LEAF_MAX + 1) : 1;
	case KIND_STATE:
		if (!json_is_string(v) ||
		    !filter_state(json_string_value(v), json_string_length(v), &state))
			return LEAF_MAX + 1;
		c[0].set[CUBE_STATE] = state;
		return 1;
	case KIND_FAMILY:
		return json_is_word(v, "ipv4") || json_is_word(v, "ip") ? 1 :
		       json_is_word(v, "ipv6") || json_is_word(v, "ip6") ||
		       json_is_word(v, "arp") ? 0 :
		       LEAF_MAX + 1;
	case KIND_OTHER_FAMILY:
		return 0;
	default:
		break;
	}
	if (!span_of(f, v, &span) || span.lo > span.hi)
		return LEAF_MAX + 1;
	if (f->kind == KIND_PROTO)
		return (int)filter_proto_cubes(span.lo, span.hi, c);
	if (f->kind == KIND_ADDR)
		return (int)filter_addr_cubes(f->dim, span.lo, span.hi, c);
	c[0].range[f->dim] = (struct cube_range){ (__u16)span.lo, (__u16)span.hi };
	return 1;
}

/* The cubes of a set are collected in one array. */
struct collected {
	struct cube *cube;
	__u32 n, cap;
};

static int collect(struct nft_reader *r, struct collected *u, const struct cube *c, __u32 n)
{
	struct cube *bigger;

	if (!n)
		return 0;
	if (u->n + n > u->cap) {
		u->cap = 2 * (u->n + n);
		bigger = reallocarray(u->cube, u->cap, sizeof(*bigger));
		if (!bigger)
			return -ENOMEM;
		u->cube = bigger;
	}
	if (u->n + n > FILTER_CUBES_MAX)
		return filter_fail(r->f, r->at, 0, "a set of more than %d parts",
				   FILTER_CUBES_MAX);
	memcpy(u->cube + u->n, c, n * sizeof(*c));
	u->n += n;
	return 0;
}

static int value_collect(struct nft_reader *r, const json_t *key, const json_t *v,
			 struct collected *u, unsigned int depth);

/* "ip saddr . tcp dport": what all parts of the value have in common */
static int concat_collect(struct nft_reader *r, const json_t *keys, const json_t *v,
			  struct collected *u, unsigned int depth)
{
	const json_t *parts = json_object_get(v, "concat");
	struct filter_match m;
	size_t i;
	int err = filter_match_any(r->f, &m);

	if (!err && json_array_size(parts) != json_array_size(keys))
		return 1;
	for (i = 0; i < json_array_size(keys) && !err; i++) {
		struct collected one = { 0 };

		err = value_collect(r, json_array_get(keys, i), json_array_get(parts, i), &one,
				    depth + 1);
		if (!err)
			err = filter_match_and(r->f, &m, one.cube, one.n, false, r->at);
		free(one.cube);
	}
	return err ? err : collect(r, u, m.cube, m.n);
}

static int list_collect(struct nft_reader *r, const json_t *key, const json_t *list,
			struct collected *u, unsigned int depth)
{
	size_t i;
	int err = 0;

	for (i = 0; i < json_array_size(list) && !err; i++)
		err = value_collect(r, key, json_array_get(list, i), u, depth + 1);
	return err;
}

/* 0, an error, or 1: something is not known */
static int value_collect(struct nft_reader *r, const json_t *key, const json_t *v,
			 struct collected *u, unsigned int depth)
{
	const json_t *keys = json_object_get(key, "concat"), *elem = json_object_get(v, "elem");
	struct cube c[LEAF_MAX];
	const struct field *f;
	int n;

	if (depth > VALUE_DEPTH_MAX)
		return 1;
	if (elem)
		return value_collect(r, key, json_object_get(elem, "val"), u, depth + 1);
	if (json_object_get(v, "set"))
		return list_collect(r, key, json_object_get(v, "set"), u, depth);
	if (json_is_string(v) && json_string_value(v)[0] == '@') {
		const json_t *elements = nft_set_elements(r, "set", json_string_value(v) + 1);

		return elements ? list_collect(r, key, elements, u, depth) : 1;
	}
	if (keys)
		return concat_collect(r, keys, v, u, depth);
	if (json_is_array(v))	/* of states: one of them */
		return list_collect(r, key, v, u, depth);
	f = field_find(r, key);
	n = f && f->kind != KIND_FLAGS ? leaf_cubes(r, f, v, c) : LEAF_MAX + 1;
	if (n < 0 || n > LEAF_MAX)
		return n < 0 ? n : 1;
	for (int i = 0; i < n && f->classes; i++)
		c[i].set[CUBE_CLASS] &= f->classes;
	return collect(r, u, c, (__u32)n);
}

/* Whatever a field is compared with, the packet must have it. */
static int fields_demand(struct nft_reader *r, const json_t *key)
{
	const json_t *keys = json_object_get(key, "concat");
	size_t n = keys ? json_array_size(keys) : 1, i;
	int err = 0;

	for (i = 0; i < n && !err; i++) {
		const struct field *f = field_find(r, keys ? json_array_get(keys, i) : key);

		if (!f)
			return 1;
		if (f->kind == KIND_OTHER_FAMILY)
			err = filter_match_set(r->f, &r->match, CUBE_CLASS, 0, r->at);
		else if (f->classes)
			err = filter_match_set(r->f, &r->match, CUBE_CLASS, f->classes, r->at);
	}
	return err;
}

int nft_value_match(struct nft_reader *r, const json_t *key, const json_t *value, bool invert)
{
	struct filter_match before = r->match;
	struct collected u = { 0 };
	int err = fields_demand(r, key);

	if (!err)
		err = value_collect(r, key, value, &u, 0);
	if (!err)
		err = filter_match_and(r->f, &r->match, u.cube, u.n, invert, r->at);
	else
		r->match = before;
	free(u.cube);
	return err;
}

/* "tcp flags & MASK == FLAGS"; "tcp flags FLAGS": one of them, or with '!' none; 1: not known */
static int flags_match(struct nft_reader *r, const json_t *left, const json_t *right,
		       const char *op)
{
	const json_t *both = json_object_get(left, "&");
	const json_t *key = both ? json_array_get(both, 0) : left;
	const struct field *f = field_find(r, key);
	__u8 mask = 0, flags;
	bool differs = !strcmp(op, "!=");

	if (!f || f->kind != KIND_FLAGS || !json_tcp_flags(right, &flags))
		return 1;
	if (both) {
		if (!json_tcp_flags(json_array_get(both, 1), &mask) ||
		    (strcmp(op, "==") != 0 && !differs))
			return 1;
		return filter_match_flags(r->f, &r->match, mask, flags, differs, r->at);
	}
	/* compared with all eight bits, of which two are not known here */
	if ((strcmp(op, "in") != 0 && strcmp(op, "!") != 0) || json_object_get(right, "set"))
		return 1;
	return filter_match_flags(r->f, &r->match, flags, 0, op[0] != '!', r->at);
}

/* "ip saddr & MASK == VALUE", or 1 */
static int masked_match(struct nft_reader *r, const json_t *left, const json_t *right,
			bool differs)
{
	const json_t *both = json_object_get(left, "&");
	const struct field *f = field_find(r, json_array_get(both, 0));
	__u32 mask, value;

	if (!f || f->kind != KIND_ADDR || !json_addr(right, &value) ||
	    (!json_addr(json_array_get(both, 1), &mask) &&
	     !json_number(json_array_get(both, 1), ~0u, &mask)))
		return 1;
	if (value & ~mask)
		return differs ? 0 : filter_match_set(r->f, &r->match, CUBE_CLASS, 0, r->at);
	return filter_match_addr(r->f, &r->match, f->dim, value, mask, differs, r->at);
}

/* "tcp dport >= 1024" as a range, or 1 */
static int order_match(struct nft_reader *r, const json_t *left, const char *op,
		       const json_t *right)
{
	const struct field *f = field_find(r, left);
	bool is_less = op[0] == '<', is_equal = op[1] == '=';
	struct cube c = filter_space_cube();
	__u32 n;

	if (!f || f->kind != KIND_PORT || (op[0] != '<' && op[0] != '>') ||
	    !json_number(right, 0xffff, &n))
		return 1;
	c.range[f->dim] = is_less ? (struct cube_range){ 0, (__u16)n } :
				    (struct cube_range){ (__u16)n, 0xffff };
	c.set[CUBE_CLASS] = f->classes;
	if (!is_equal && n == (is_less ? 0 : 0xffff))
		c.set[CUBE_CLASS] = 0;
	else if (!is_equal && is_less)
		c.range[f->dim].hi--;
	else if (!is_equal)
		c.range[f->dim].lo++;
	return filter_match_and(r->f, &r->match, &c, 1, false, r->at);
}

/* "fib daddr type local", or 1 */
static int addr_type_match(struct nft_reader *r, const json_t *left, const json_t *right,
			   bool differs)
{
	const json_t *fib = json_object_get(left, "fib"), *flags = json_object_get(fib, "flags");
	const json_t *of = json_is_array(flags) ? json_array_get(flags, 0) : flags;
	bool is_source = json_is_word(of, "saddr");

	if (!json_is_word(json_object_get(fib, "result"), "type") || json_array_size(flags) > 1 ||
	    (!is_source && !json_is_word(of, "daddr")) || !json_is_string(right))
		return 1;
	return filter_match_addr_type(r->f, &r->match, is_source ? CUBE_SRC : CUBE_DST,
				      json_string_value(right), differs, r->at);
}

/* Is a value of that object the same for a packet wherever it is asked for? */
static bool is_constant(const json_t *left)
{
	json_t *o;
	const char *object = nft_only(left, &o);

	return object && (!strcmp(object, "fib") ||
			  json_is_word(json_object_get(o, "key"), "pkttype"));
}

int nft_match_read(struct nft_reader *r, const json_t *m)
{
	const json_t *left = json_object_get(m, "left"), *right = json_object_get(m, "right");
	const char *op = json_string_value(json_object_get(m, "op"));
	bool differs;
	int err = 1;

	if (!left || !right || !op)
		return nft_fail(r, "not a match:", m);
	differs = !strcmp(op, "!=");
	if (!strcmp(op, "!")) {
		err = flags_match(r, left, right, op);
	} else if (!strcmp(op, "==") || !strcmp(op, "in") || differs) {
		err = flags_match(r, left, right, op);
		if (err == 1 && json_object_get(left, "&"))
			err = strcmp(op, "in") != 0 ? masked_match(r, left, right, differs) : 1;
		else if (err == 1)
			err = nft_value_match(r, left, right, differs);
		if (err == 1)
			err = addr_type_match(r, left, right, differs);
	} else {
		err = order_match(r, left, op, right);
	}
	return err == 1 ? nft_unknown(r, m, is_constant(left)) : err;
}
