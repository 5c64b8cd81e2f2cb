// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plan_read_nft_match.c - the conditions of a rule of nft as those of a plan.
 */
#include "backend/analysis/json_words.h"
#include "backend/analysis/filter_words.h"
#include "backend/analysis/plan_read_nft.h"

/* One value, a range of them, or a set of these. */
static bool ranges_read(struct nft_plan_reader *x, struct plan_match *m, const json_t *v,
			bool (*word)(const json_t *v, __u32 *n))
{
	const json_t *set = json_object_get(v, "set"), *range = json_object_get(v, "range");
	__u32 lo, hi;

	for (size_t i = 0; i < json_array_size(set); i++)
		if (json_object_get(json_array_get(set, i), "set") ||
		    !ranges_read(x, m, json_array_get(set, i), word))
			return false;
	if (set)
		return true;
	if (!word(range ? json_array_get(range, 0) : v, &lo) ||
	    !word(range ? json_array_get(range, 1) : v, &hi) || lo > hi)
		return false;
	plan_read_range(x->r, m, lo, hi);
	return true;
}

/* "<", "<=", ">" or ">=" a port, as a range */
static bool order_read(struct nft_plan_reader *x, struct plan_match *m, const char *op,
		       const json_t *v)
{
	bool is_less = op[0] == '<', is_strict = !op[1];
	__u32 n;

	if ((op[0] != '<' && op[0] != '>') || !json_port(v, &n) ||
	    (is_strict && n == (is_less ? 0 : 0xffff)))
		return false;
	n += is_strict ? (is_less ? -1 : 1) : 0;
	plan_read_range(x->r, m, is_less ? 0 : n, is_less ? n : 0xffff);
	return true;
}

static bool word_read(const json_t *v, __u32 *n)
{
	return json_addr(v, n) || (json_is_integer(v) && json_number(v, ~0u, n));
}

/* bits: of an address or mark, all of them or those of a prefix; mask: of "&", or NULL */
static bool bits_read(struct plan_match *m, const json_t *mask, const json_t *v)
{
	const json_t *prefix = json_object_get(v, "prefix");
	__u32 length;

	m->bits.mask = ~0u;
	if (mask)
		return word_read(mask, &m->bits.mask) && word_read(v, &m->bits.value);
	if (!prefix)
		return word_read(v, &m->bits.value);
	if (!word_read(json_object_get(prefix, "addr"), &m->bits.value) ||
	    !json_number(json_object_get(prefix, "len"), 32, &length))
		return false;
	m->bits.mask = length ? ~0u << (32 - length) : 0;
	return true;
}

/* mask: of "&", or NULL; then some of the flags are set, or with '!' none */
static bool tcp_flags_read(struct plan_match *m, const char *op, const json_t *mask,
			   const json_t *v)
{
	__u8 set, among;

	if (!json_tcp_flags(v, &set))
		return false;
	m->bits.value = set;
	if (mask) {
		m->bits.mask = json_tcp_flags(mask, &among) ? among : 0;
		return m->bits.mask;
	}
	if (strcmp(op, "in") != 0 && strcmp(op, "!") != 0)
		return false;
	m->bits.mask = set;
	m->bits.value = 0;
	m->invert = op[0] == 'i';
	return true;
}

/* bits: one of them is set, in place of a set of values that are compared */
static bool states_read(struct plan_match *m, bool bits, const json_t *v)
{
	const json_t *list = bits && json_is_array(v) ? v : json_object_get(v, "set");
	__u32 one;

	if (list) {
		for (size_t i = 0; i < json_array_size(list); i++)
			if (!json_is_string(json_array_get(list, i)) ||
			    !states_read(m, bits, json_array_get(list, i)))
				return false;
		return json_array_size(list);
	}
	if (!json_is_string(v) ||
	    !filter_state(json_string_value(v), json_string_length(v), &one) || !one)
		return false;
	m->bits.value |= one;
	return true;
}

static bool names_read(struct nft_plan_reader *x, struct plan_match *m, const json_t *v)
{
	const json_t *set = json_object_get(v, "set");
	size_t n = set ? json_array_size(set) : 1;
	const char **names = plan_alloc(x->r->plan, n * sizeof(*names));

	for (size_t i = 0; i < n; i++) {
		const json_t *one = set ? json_array_get(set, i) : v;
		size_t length = json_string_length(one);

		/* with an asterisk at the end it is a pattern */
		if (!length || length >= FW_IFNAMSIZ || json_string_value(one)[length - 1] == '*')
			return false;
		names[i] = plan_copy(x->r->plan, json_string_value(one), length + 1);
	}
	m->names.item = names;
	m->names.count = (__u32)n;
	return true;
}

/* "ip hdrlength . ip length": lengths that are too short, of each length of a header */
static bool short_read(struct plan_match *m, const json_t *v)
{
	const json_t *set = json_object_get(v, "set");
	size_t n = json_array_size(set);

	for (size_t i = 0; i < n; i++) {
		const json_t *pair = json_object_get(json_array_get(set, i), "concat");
		const json_t *range = json_object_get(json_array_get(pair, 1), "range");
		__u32 words, lo, hi;

		if (!json_number(json_array_get(pair, 0), 15, &words) || words != i + 5 ||
		    !json_number(json_array_get(range, 0), 0xffff, &lo) || lo ||
		    !json_number(json_array_get(range, 1), 0xffff, &hi) || hi < 4 * words)
			return false;
		if (!i)
			m->bits.value = hi + 1 - 4 * words;
		if (hi != 4 * words + m->bits.value - 1)
			return false;
	}
	return n == 11;
}

static bool fragment_read(struct plan_match *m, const json_t *mask, const json_t *v)
{
	__u32 n, all;

	if (!json_number(mask, 0xffff, &all) || all != FW_IP_OFFSET || !json_number(v, 1, &n))
		return false;
	m->type = n ? PLAN_M_FRAGMENT_AT_1 : PLAN_M_FRAGMENT;
	m->invert ^= !n;
	return true;
}

/* bits of the byte that contains both */
static bool tos_read(struct plan_match *m, const json_t *mask, const json_t *v)
{
	__u32 bits, value, shift;

	if (!json_number(mask, 0xff, &bits) || !json_number(v, 0xff, &value))
		return false;
	m->type = bits & 3 ? PLAN_M_ECN : PLAN_M_DSCP;
	shift = bits & 3 ? 0 : 2;
	m->bits.mask = bits >> shift;
	m->bits.value = value >> shift;
	return !(bits & 3 && bits & ~3u) && !(value & ~bits);
}

static bool payload_read(struct nft_plan_reader *x, const json_t *key, struct plan_match *m,
			 const char *op, const json_t *mask, const json_t *v)
{
	const char *protocol = json_text(key, "protocol"), *field = json_text(key, "field");
	bool is_ip = !strcmp(protocol, "ip"), is_th = !strcmp(protocol, "th");
	bool is_tcp = !strcmp(protocol, "tcp"), is_udp = !strcmp(protocol, "udp");
	__u32 n, at = 0, length = 0;

	if (!strcmp(json_text(key, "base"), "nh"))
		return mask && json_number(json_object_get(key, "offset"), 0xff, &at) && at == 8 &&
		       json_number(json_object_get(key, "len"), 0xff, &length) && length == 8 &&
		       tos_read(m, mask, v);
	if (is_tcp && !strcmp(field, "flags")) {
		m->type = PLAN_M_TCP_FLAGS;
		plan_read_proto(x->r, FW_PROTO_TCP);
		return tcp_flags_read(m, op, mask, v);
	}
	if (is_ip && !strcmp(field, "frag-off"))
		return fragment_read(m, mask, v);
	if (is_ip && (!strcmp(field, "saddr") || !strcmp(field, "daddr"))) {
		m->type = field[0] == 's' ? PLAN_M_SADDR : PLAN_M_DADDR;
		return bits_read(m, mask, v);
	}
	if (mask)
		return false;
	if ((is_tcp || is_udp || is_th) && (!strcmp(field, "sport") || !strcmp(field, "dport"))) {
		m->type = field[0] == 's' ? PLAN_M_SPORT : PLAN_M_DPORT;
		if (!is_th)
			plan_read_proto(x->r, is_tcp ? FW_PROTO_TCP : FW_PROTO_UDP);
		return op[0] == '=' || op[0] == '!' ? ranges_read(x, m, v, json_port) :
						      order_read(x, m, op, v);
	}
	if (is_ip && !strcmp(field, "length") && x->has_hdrlength && !strcmp(op, ">=")) {
		m->type = PLAN_M_PLAIN;
		x->has_hdrlength = false;
		if (!json_number(v, 0xffff, &n) || n <= PLAN_IP_HEADER)
			return false;
		m->bits.value = n - PLAN_IP_HEADER;
		return true;
	}
	if (op[0] != '=' && op[0] != '!')
		return false;
	if (is_ip && !strcmp(field, "protocol")) {
		m->type = PLAN_M_PROTO;
		return ranges_read(x, m, v, json_proto);
	}
	if (!strcmp(protocol, "icmp") && !strcmp(field, "type")) {
		m->type = PLAN_M_ICMP_TYPE;
		plan_read_proto(x->r, FW_PROTO_ICMP);
		return ranges_read(x, m, v, json_icmp_type);
	}
	if (is_ip && !strcmp(field, "dscp")) {
		m->type = PLAN_M_DSCP;
		m->bits.mask = 0x3f;
		return json_dscp(v, &m->bits.value);
	}
	if (is_ip && !strcmp(field, "ecn")) {
		m->type = PLAN_M_ECN;
		m->bits.mask = 3;
		return json_ecn(v, &m->bits.value);
	}
	if (is_ip && !strcmp(field, "version")) {	/* another one than that of the table */
		m->type = PLAN_M_NEVER;
		m->invert ^= true;
		return json_number(v, 15, &n) && n == 4;
	}
	return false;
}

/* One flag of a connection's status: is it set? */
static bool status_read(struct plan_match *m, const char *op, const json_t *v)
{
	static const struct { const char *name; enum plan_match_type type; } flags[] = {
		{ "snat", PLAN_M_CT_STATUS_SNAT }, { "dnat", PLAN_M_CT_STATUS_DNAT },
		{ "expected", PLAN_M_CT_STATUS_EXPECTED },
		{ "confirmed", PLAN_M_CT_STATUS_CONFIRMED },
	};

	m->invert = op[0] == '!';
	if (strcmp(op, "in") != 0 && strcmp(op, "!") != 0)
		return false;
	for (unsigned int i = 0; i < FW_COUNT(flags); i++)
		if (json_is_word(v, flags[i].name)) {
			m->type = flags[i].type;
			return true;
		}
	return false;
}

static bool ct_read(const json_t *key, struct plan_match *m, const char *op, const json_t *mask,
		    const json_t *v)
{
	const char *name = json_text(key, "key");

	if (json_object_get(key, "dir"))
		return false;
	if (!strcmp(name, "mark")) {
		m->type = PLAN_M_CT_MARK;
		return bits_read(m, mask, v);
	}
	if (mask)
		return false;
	if (!strcmp(name, "state")) {
		m->type = PLAN_M_CT_STATE;
		return states_read(m, op[0] != '=' && strcmp(op, "!=") != 0, v);
	}
	if (!strcmp(name, "status"))
		return status_read(m, op, v);
	m->type = PLAN_M_CT_REPLY;
	m->invert ^= json_is_word(v, "original");
	return !strcmp(name, "direction") &&
	       (json_is_word(v, "original") || json_is_word(v, "reply"));
}

static bool meta_read(struct nft_plan_reader *x, const json_t *key, struct plan_match *m,
		      const json_t *mask, const json_t *v)
{
	const char *name = json_text(key, "key");

	if (!strcmp(name, "mark")) {
		m->type = PLAN_M_MARK;
		return bits_read(m, mask, v);
	}
	if (mask)
		return false;
	if (!strcmp(name, "l4proto")) {
		m->type = PLAN_M_PROTO;
		return ranges_read(x, m, v, json_proto);
	}
	m->type = name[0] == 'i' ? PLAN_M_IIFNAME : PLAN_M_OIFNAME;
	return (!strcmp(name, "iifname") || !strcmp(name, "oifname")) && names_read(x, m, v);
}

/* "fib daddr type local" */
static bool fib_read(const json_t *fib, struct plan_match *m, const json_t *v)
{
	const json_t *flags = json_object_get(fib, "flags");

	m->type = PLAN_M_LOCAL;
	if (json_is_array(flags) && json_array_size(flags) == 1)
		flags = json_array_get(flags, 0);
	return json_is_word(flags, "daddr") &&
	       json_is_word(json_object_get(fib, "result"), "type") &&
	       json_is_word(v, "local");
}

/* "numgen inc mod N != RANGE" */
static bool turn_read(const json_t *o, struct plan_match *m, const json_t *v)
{
	const json_t *range = json_object_get(v, "range");
	bool is_else = m->invert;

	m->type = PLAN_M_TURN;
	m->invert = false;
	return is_else && json_is_word(json_object_get(o, "mode"), "inc") &&
	       !json_integer_value(json_object_get(o, "offset")) &&
	       json_number(json_object_get(o, "mod"), 0xffff, &m->turn.of) &&
	       json_number(range ? json_array_get(range, 0) : v, 0xffff, &m->turn.lo) &&
	       json_number(range ? json_array_get(range, 1) : v, 0xffff, &m->turn.hi);
}

static bool is_hdrlength(const json_t *left)
{
	const json_t *payload = json_object_get(left, "payload");

	return json_is_word(json_object_get(payload, "field"), "hdrlength");
}

/*
 * Equality, or what the reader of the field takes besides: order, and flags of which some
 * ("in") or none ("!") are set.
 */
static bool op_is_known(const json_t *left, const char *op)
{
	const char *field = json_text(json_object_get(left, "payload"), "field");
	const char *key = json_text(json_object_get(left, "ct"), "key");

	if (!strcmp(op, "==") || !strcmp(op, "!="))
		return strcmp(key, "status") != 0;
	if (!strcmp(op, "in") || !strcmp(op, "!"))
		return !strcmp(field, "flags") || !strcmp(key, "state") || !strcmp(key, "status");
	return !strcmp(field, "sport") || !strcmp(field, "dport") || !strcmp(field, "length");
}

/* {"op", "left", "right"}; false: it is not known */
bool plan_read_nft_match(struct nft_plan_reader *x, const json_t *o)
{
	const json_t *left = json_object_get(o, "left"), *v = json_object_get(o, "right");
	const json_t *both = json_object_get(left, "&");
	const json_t *mask = both ? json_array_get(both, 1) : NULL;
	const json_t *key = both ? json_array_get(both, 0) : left, *concat, *inner;
	const char *op = json_text(o, "op");
	struct plan_match *m, made;
	__u32 n;
	bool known;

	if (!mask && is_hdrlength(left)) {	/* the length of the packet follows */
		x->has_hdrlength = json_number(v, 5, &n) && n == 5 && !strcmp(op, "==");
		return x->has_hdrlength;
	}
	if (!op_is_known(left, op))
		return false;
	/* conditions of protocols come first */
	made = (struct plan_match){ .invert = op[0] == '!' };
	concat = json_object_get(left, "concat");
	if (concat) {
		made.type = PLAN_M_SHORT;
		known = json_array_size(concat) == 2 && is_hdrlength(json_array_get(concat, 0)) &&
			json_is_word(json_object_get(json_object_get(json_array_get(concat, 1),
								  "payload"), "field"), "length") &&
			short_read(&made, v);
	} else if ((inner = json_object_get(key, "payload"))) {
		known = payload_read(x, inner, &made, op, mask, v);
	} else if ((inner = json_object_get(key, "ct"))) {
		known = ct_read(inner, &made, op, mask, v);
	} else if ((inner = json_object_get(key, "meta"))) {
		known = meta_read(x, inner, &made, mask, v);
	} else if ((inner = json_object_get(key, "fib"))) {
		known = fib_read(inner, &made, v);
	} else {
		inner = json_object_get(key, "numgen");
		known = inner && turn_read(inner, &made, v);
	}
	m = plan_read_match(x->r, made.type, made.invert);
	*m = made;
	return known;
}
