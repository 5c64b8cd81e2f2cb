// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * filter_match.c - conditions of rules as cubes.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/analysis/filter.h"
#include "backend/analysis/pieces.h"

/* at most so many parts are around a cube */
#define AROUND_MAX (32 * CUBE_BITS + 2 * CUBE_RANGES + CUBE_SETS)

struct cube filter_space_cube(void)
{
	return (struct cube){
		.range = { { 0, 0xffff }, { 0, 0xffff } },
		.set = { ~0u, ~0u, ~0u, ~0u },
	};
}

int filter_match_any(struct filter *f, struct filter_match *m)
{
	m->n = 1;
	m->cube = filter_alloc(f, 1, sizeof(*m->cube));
	if (!m->cube)
		return -ENOMEM;
	*m->cube = filter_space_cube();
	return 0;
}

/* The packets outside of c, as disjoint cubes: their number. */
static __u32 cube_around(const struct cube *c, struct cube out[AROUND_MAX])
{
	struct cube rest = filter_space_cube();
	__u32 n = 0, i, bit;

	for (i = 0; i < CUBE_SETS; i++) {
		out[n] = rest;
		out[n].set[i] &= ~c->set[i];
		rest.set[i] &= c->set[i];
		n += out[n].set[i] != 0;
	}
	for (i = 0; i < CUBE_RANGES; i++) {
		if (c->range[i].lo) {
			out[n] = rest;
			out[n++].range[i].hi = c->range[i].lo - 1;
		}
		if (c->range[i].hi < 0xffff) {
			out[n] = rest;
			out[n++].range[i].lo = c->range[i].hi + 1;
		}
		rest.range[i] = c->range[i];
	}
	for (i = 0; i < CUBE_BITS; i++)
		for (bit = 1u << 31; bit; bit >>= 1) {
			if (!(c->bits[i].mask & bit))
				continue;
			rest.bits[i].mask |= bit;
			out[n] = rest;
			out[n++].bits[i].value |= ~c->bits[i].value & bit;
			rest.bits[i].value |= c->bits[i].value & bit;
		}
	return n;
}

static int match_meet(struct filter *f, struct filter_match *m, const struct cube *c, __u32 n,
		      __u32 line)
{
	struct cube *out, both;
	size_t count = 0, k;
	__u32 i, j;

	for (i = 0; i < m->n; i++)
		for (j = 0; j < n; j++)
			count += cube_meets(&m->cube[i], &c[j]);
	if (count > FILTER_CUBES_MAX)
		return filter_fail(f, line, 0, "conditions of more than %d parts",
				   FILTER_CUBES_MAX);
	out = filter_alloc(f, count + 1, sizeof(*out));
	if (!out)
		return -ENOMEM;
	for (i = 0, k = 0; i < m->n; i++)
		for (j = 0; j < n; j++)
			if (cube_intersect(&m->cube[i], &c[j], &both))
				out[k++] = both;
	m->cube = out;
	m->n = (__u32)k;
	return 0;
}

int filter_match_and(struct filter *f, struct filter_match *m, const struct cube *c, __u32 n,
		     bool invert, __u32 line)
{
	struct cube around[AROUND_MAX];
	__u32 i;
	int err = 0;

	if (!invert)
		return match_meet(f, m, c, n, line);
	for (i = 0; i < n && !err; i++)
		if (!cube_is_empty(&c[i]))
			err = match_meet(f, m, around, cube_around(&c[i], around), line);
	return err;
}

int filter_match_addr(struct filter *f, struct filter_match *m, unsigned int dim, __u32 value,
		      __u32 mask, bool invert, __u32 line)
{
	struct cube c = filter_space_cube();

	c.bits[dim] = (struct cube_bits){ value & mask, mask };
	return filter_match_and(f, m, &c, 1, invert, line);
}

int filter_match_set(struct filter *f, struct filter_match *m, unsigned int dim, __u32 set,
		     __u32 line)
{
	struct cube c = filter_space_cube();

	c.set[dim] = set;
	return filter_match_and(f, m, &c, 1, false, line);
}

/* protocols that have classes of their own: from lo to hi, or the gaps between them */
static const struct {
	__u8 lo, hi;
	__u32 classes;
} protos[] = {
	{ 0, 0, CLASSES_OTHER }, { 1, 1, CLASSES_ICMP }, { 2, 5, CLASSES_OTHER },
	{ 6, 6, CLASSES_TCP }, { 7, 16, CLASSES_OTHER }, { 17, 17, CLASSES_UDP },
	{ 18, 255, CLASSES_OTHER },
};

__u32 filter_proto_cubes(__u32 lo, __u32 hi, struct cube out[FILTER_PROTO_CUBES])
{
	__u32 n = 0;

	for (unsigned int i = 0; i < FW_COUNT(protos); i++) {
		__u32 from = lo > protos[i].lo ? lo : protos[i].lo;
		__u32 to = hi < protos[i].hi ? hi : protos[i].hi;

		if (from > to)
			continue;
		out[n] = filter_space_cube();
		out[n].set[CUBE_CLASS] = protos[i].classes;
		if (protos[i].classes == CLASSES_OTHER)
			out[n].range[CUBE_PROTOCOL] = (struct cube_range){ from, to };
		n++;
	}
	return n;
}

int filter_match_proto(struct filter *f, struct filter_match *m, __u32 lo, __u32 hi,
		       bool invert, __u32 line)
{
	struct cube c[FILTER_PROTO_CUBES];

	return filter_match_and(f, m, c, filter_proto_cubes(lo, hi, c), invert, line);
}

__u32 filter_addr_cubes(unsigned int dim, __u32 lo, __u32 hi, struct cube out[FILTER_ADDR_CUBES])
{
	__u64 at = lo, end = (__u64)hi + 1;
	__u32 n = 0;

	while (at < end) {
		__u64 size = at ? at & -at : 1ull << 32;

		while (size > end - at)
			size /= 2;
		out[n] = filter_space_cube();
		out[n++].bits[dim] = (struct cube_bits){ (__u32)at, (__u32)-size };
		at += size;
	}
	return n;
}

int filter_match_flags(struct filter *f, struct filter_match *m, __u8 mask, __u8 flags,
		       bool invert, __u32 line)
{
	struct cube c = filter_space_cube();
	__u32 class, classes = 0;

	for (class = 0; class < 16; class++) {
		__u8 has = (class & CLASS_SYN ? FW_TCP_SYN : 0) |
			   (class & CLASS_RST ? FW_TCP_RST : 0) |
			   (class & CLASS_ACK ? FW_TCP_ACK : 0) |
			   (class & CLASS_FIN ? FW_TCP_FIN : 0);

		if (!((has ^ flags) & mask & (FW_TCP_SYN | FW_TCP_RST | FW_TCP_ACK | FW_TCP_FIN)))
			classes |= 1u << class;
	}
	c.set[CUBE_CLASS] = classes;
	if (mask & FW_TCP_PSH)
		c.bits[CUBE_FACTS].mask |= 1u << FACT_PSH;
	if (mask & FW_TCP_URG)
		c.bits[CUBE_FACTS].mask |= 1u << FACT_URG;
	c.bits[CUBE_FACTS].value = (flags & FW_TCP_PSH ? 1u << FACT_PSH : 0) |
				   (flags & FW_TCP_URG ? 1u << FACT_URG : 0);
	if (flags & ~mask)
		c.set[CUBE_CLASS] = 0;
	c.bits[CUBE_FACTS].value &= c.bits[CUBE_FACTS].mask;
	return filter_match_and(f, m, &c, 1, invert, line) ? :
	       filter_match_set(f, m, CUBE_CLASS, CLASSES_TCP, line);
}

int filter_match_icmp(struct filter *f, struct filter_match *m, __u8 type_lo, __u8 type_hi,
		      __u8 lo, __u8 hi, bool invert, __u32 line)
{
	struct cube c = filter_space_cube();

	c.range[CUBE_SPORT] = (struct cube_range){ type_lo, type_hi };
	c.range[CUBE_CODE] = (struct cube_range){ lo, hi };
	return filter_match_and(f, m, &c, 1, invert, line) ? :
	       filter_match_set(f, m, CUBE_CLASS, CLASSES_ICMP, line);
}

static int match_fact(struct filter *f, struct filter_match *m, const char *key, bool invert,
		      __u32 line)
{
	struct cube c = filter_space_cube();
	int fact = filter_fact(f->space, key);

	if (fact < 0)
		return filter_fail(f, line, 0, "more than %d conditions that are not known",
				   FILTER_FACTS_MAX - FACT_UNKNOWN);
	c.bits[CUBE_FACTS] = (struct cube_bits){ 1u << fact, 1u << fact };
	return filter_match_and(f, m, &c, 1, invert, line);
}

int filter_match_unknown(struct filter *f, struct filter_match *m, const char *text,
			 bool is_shared, __u32 line)
{
	char key[FILTER_TEXT_MAX];

	if (is_shared && strlen(text) < FILTER_TEXT_MAX)
		snprintf(key, sizeof(key), "%s", text);
	else
		snprintf(key, sizeof(key), "%s %u of %s: %s", f->unit, line, f->title, text);
	return match_fact(f, m, key, false, line);
}

int filter_match_addr_type(struct filter *f, struct filter_match *m, unsigned int dim,
			   const char *type, bool invert, __u32 line)
{
	char key[FILTER_TEXT_MAX];
	size_t n = (size_t)snprintf(key, sizeof(key), "%s address is ",
				    dim == CUBE_SRC ? "source" : "destination");

	for (; *type && n + 1 < sizeof(key); type++)
		key[n++] = (char)tolower((unsigned char)*type);
	key[n] = 0;
	return match_fact(f, m, key, invert, line);
}
