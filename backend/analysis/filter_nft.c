// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * filter_nft.c - the JSON of nft list ruleset as chains.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/analysis/filter_nft.h"
#include "backend/analysis/filter_words.h"
#include "backend/analysis/json_words.h"

int nft_fail(struct nft_reader *r, const char *what, const json_t *value)
{
	char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
	char place[32] = "";
	int err;

	if (r->expr >= 0)
		snprintf(place, sizeof(place), "expr[%d]: ", r->expr);
	err = filter_fail(r->f, r->at, 0, "%s%s %.100s", place, what, text ? text : "");
	free(text);
	return err;
}

const char *nft_only(const json_t *o, json_t **value)
{
	void *it = json_object_iter((json_t *)o);

	if (!it || json_object_size(o) != 1)
		return NULL;
	*value = json_object_iter_value(it);
	return json_object_iter_key(it);
}

int nft_unknown(struct nft_reader *r, const json_t *e, bool is_shared)
{
	char *text = json_dumps(e, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
	int err = text ? filter_match_unknown(r->f, &r->match, text, is_shared, r->at) : -ENOMEM;

	free(text);
	return err;
}

/* Is it of packets that the analysis is about? */
static bool is_ipv4(const json_t *o)
{
	return !strcmp(json_text(o, "family"), "ip") || !strcmp(json_text(o, "family"), "inet");
}

static void table_name(const json_t *o, char name[128])
{
	snprintf(name, 128, "%s %.100s", json_text(o, "family"), json_text(o, "table"));
}

/* Do its elements come and go?  A single flag may be a string. */
static bool set_changes(const json_t *flags)
{
	size_t n = json_is_string(flags) ? 1 : json_array_size(flags);

	for (size_t i = 0; i < n; i++) {
		const json_t *flag = json_is_string(flags) ? flags : json_array_get(flags, i);

		if (json_is_string(flag) && (!strcmp(json_string_value(flag), "dynamic") ||
					     !strcmp(json_string_value(flag), "timeout")))
			return true;
	}
	return false;
}

const json_t *nft_set_elements(const struct nft_reader *r, const char *kind, const char *name)
{
	char table[128];

	for (size_t i = 0; i < json_array_size(r->all); i++) {
		const json_t *o = json_object_get(json_array_get(r->all, i), kind);

		if (!o || strcmp(json_text(o, "name"), name) != 0)
			continue;
		table_name(o, table);
		if (strcmp(table, r->table) != 0)
			continue;
		if (set_changes(json_object_get(o, "flags")))
			return NULL;
		return json_object_get(o, "elem") ? json_object_get(o, "elem") : r->none;
	}
	return NULL;
}

/* What a dormant table has does nothing; other flags are of who may change it. */
static int table_read(struct nft_reader *r, const json_t *o)
{
	const json_t *flags = json_object_get(o, "flags");

	for (size_t i = 0; is_ipv4(o) && flags && (i == 0 || i < json_array_size(flags)); i++) {
		const json_t *flag = json_is_array(flags) ? json_array_get(flags, i) : flags;

		if (!json_is_word(flag, "owner") && !json_is_word(flag, "persist"))
			return nft_fail(r, "a table that may be dormant:", o);
	}
	return 0;
}

static int chain_read(struct nft_reader *r, const json_t *o)
{
	const char *hook = json_text(o, "hook");
	struct filter_chain *c;
	char table[128];

	if (!is_ipv4(o))	/* those of IPv6 and ARP see other packets */
		return *hook && strcmp(json_text(o, "family"), "ip6") != 0 &&
		       strcmp(json_text(o, "family"), "arp") != 0 ?
		       nft_fail(r, "a base chain of a family that is not known", o) : 0;
	table_name(o, table);
	if (!*json_text(o, "name") || filter_chain_find(r->f, table, json_text(o, "name")))
		return nft_fail(r, "no name of a new chain:", o);
	c = filter_chain_add(r->f, table, json_text(o, "name"));
	if (!c)
		return -ENOMEM;
	if (!*hook)
		return 0;
	c->hook = plan_hook_find(plan_hook_names, hook);
	if (c->hook == PLAN_HOOKS || !json_is_integer(json_object_get(o, "prio")))
		return nft_fail(r, "unknown hook:", o);
	c->is_base = true;
	c->is_nat = !strcmp(json_text(o, "type"), "nat");
	c->priority = (int)json_integer_value(json_object_get(o, "prio"));
	if (!strcmp(json_text(o, "policy"), "drop"))
		c->policy = FILTER_DROP;
	return 0;
}

/* What the packets of r->match meet. */
static int rule_end(struct nft_reader *r)
{
	struct filter_rule *rule = filter_rule_add(r->f, r->chain, &r->match, r->at);

	if (!rule)
		return -ENOMEM;
	rule->what = r->rule.what;
	rule->target = r->rule.target;
	rule->tosand = r->rule.tosand;
	rule->tosxor = r->rule.tosxor;
	rule->addr = r->rule.addr;
	rule->port = r->rule.port;
	rule->text = r->rule.text;
	return 0;
}

/* accept, jump and so on; 1: it is something else */
static int verdict_read(struct nft_reader *r, const char *name, const json_t *value)
{
	static const struct { const char *name; enum filter_do what; } verdicts[] = {
		{ "accept", FILTER_ACCEPT }, { "drop", FILTER_DROP }, { "reject", FILTER_REJECT },
		{ "return", FILTER_RETURN }, { "continue", FILTER_CONTINUE },
		{ "jump", FILTER_JUMP }, { "goto", FILTER_GOTO },
	};
	unsigned int i = 0;

	while (i < FW_COUNT(verdicts) && strcmp(verdicts[i].name, name) != 0)
		i++;
	if (i == FW_COUNT(verdicts))
		return 1;
	r->rule.what = verdicts[i].what;
	r->rule.target = NULL;
	if (r->rule.what != FILTER_JUMP && r->rule.what != FILTER_GOTO)
		return 0;
	r->rule.target = filter_chain_find(r->f, r->table, json_text(value, "target"));
	return r->rule.target && !r->rule.target->is_base ? 0 :
	       nft_fail(r, "no such chain:", value);
}

/* Each element of a verdict map is a rule; that of all values comes last. */
static int vmap_read(struct nft_reader *r, const json_t *map)
{
	const json_t *key = json_object_get(map, "key"), *data = json_object_get(map, "data");
	const struct filter_match match = r->match;
	bool is_named = json_is_string(data) && json_string_value(data)[0] == '@';
	const json_t *list = is_named ? nft_set_elements(r, "map", json_string_value(data) + 1) :
					json_object_get(data, "set");
	size_t n = json_array_size(list), i;
	int err = 0;

	if (!key || !json_is_array(list))
		return nft_fail(r, "a map that is not known:", map);
	for (i = 0; i < 2 * n && !err; i++) {
		const json_t *e = json_array_get(list, i < n ? i : i - n);
		const json_t *what = json_array_get(e, 1);
		const json_t *value = json_array_get(e, 0), *inner = json_object_get(value, "elem");
		json_t *argument;
		const char *verdict = nft_only(what, &argument);
		bool is_rest;

		value = inner ? json_object_get(inner, "val") : value;
		is_rest = json_is_string(value) && !strcmp(json_string_value(value), "*");
		if (is_rest != (i >= n))
			continue;
		r->match = match;
		err = nft_value_match(r, key, value, false);
		if (!err)
			err = verdict ? verdict_read(r, verdict, argument) : 1;
		err = err == 1 ? nft_fail(r, "an element that is not known:", e) : err ? err :
		      rule_end(r);
	}
	return err;
}

static int nat_read(struct nft_reader *r, const char *name, const json_t *o)
{
	const json_t *addr = json_object_get(o, "addr"), *port = json_object_get(o, "port");
	bool has_addr = json_is_string(addr) &&
			filter_addr(json_string_value(addr), json_string_length(addr),
				    &r->rule.addr) && r->rule.addr;
	bool is_source = !strcmp(name, "snat") || !strcmp(name, "masquerade");

	r->rule.what = is_source ? FILTER_SNAT : FILTER_DNAT;
	if (strcmp(name + 1, "nat") == 0 && !has_addr)
		return nft_fail(r, "an address that is not known:", o);
	if (strcmp(name + 1, "nat") != 0 && addr)
		return nft_fail(r, "an address of what has none:", o);
	if (port && !is_source) {	/* those of the source are chosen as they can be */
		if (!json_is_integer(port) || json_integer_value(port) < 1 ||
		    json_integer_value(port) > 0xffff)
			return nft_fail(r, "a port that is not known:", o);
		r->rule.port = (__u16)json_integer_value(port);
	}
	return 0;
}

/* "ip dscp set": of what packets contain only the type of service is compared. */
static int mangle_read(struct nft_reader *r, const json_t *o)
{
	const json_t *key = json_object_get(o, "key"), *value = json_object_get(o, "value");
	const json_t *payload = json_object_get(key, "payload");
	const char *field = json_text(payload, "field");
	bool is_dscp = !strcmp(field, "dscp"), is_ecn = !strcmp(field, "ecn");
	bool is_known = false;
	__u32 n = 0;

	if (!payload || !strcmp(field, "ttl"))
		return 0;	/* marks, priorities, options of TCP */
	if (json_is_integer(value) && json_integer_value(value) >= 0)
		is_known = (__u64)json_integer_value(value) < (is_dscp ? 64 : 4);
	if (is_known)
		n = (__u32)json_integer_value(value);
	else if (json_is_string(value))
		is_known = (is_dscp ? filter_dscp : filter_ecn)(json_string_value(value), &n);
	if ((!is_dscp && !is_ecn) || !is_known)
		return nft_fail(r, "a change that is not known:", o);
	n <<= is_dscp ? 2 : 0;
	r->rule.tosxor = (__u8)((r->rule.tosxor & (is_dscp ? 0x03 : 0xfc)) | n);
	r->rule.tosand &= is_dscp ? 0x03 : 0xfc;
	return 0;
}

static bool is_any(const char *s, const char *const *names)
{
	while (*names && strcmp(*names, s) != 0)
		names++;
	return *names;
}

/* 0; 1: the rule is over; or an error */
static int expr_read(struct nft_reader *r, const json_t *e)
{
	static const char *const unknown[] = {
		"limit", "quota", "ct count", "meter", "set", "socket", NULL,
	}, *const harmless[] = {
		"counter", "log", "comment", "ct helper", "ct timeout", "ct expectation",
		"secmark", "dup", "last", NULL,
	}, *const nat[] = { "snat", "dnat", "masquerade", "redirect", NULL };
	json_t *value;
	const char *name = nft_only(e, &value);
	bool changes = r->rule.tosand != 0xff;
	int err;

	if (!name)
		return nft_fail(r, "unknown expression:", e);
	if (is_any(name, harmless))
		return 0;
	if (!strcmp(name, "mangle"))
		return mangle_read(r, value);
	if (changes && (!strcmp(name, "match") || !strcmp(name, "vmap") || is_any(name, unknown)))
		return nft_fail(r, "a condition behind a change:", e);
	if (!strcmp(name, "match"))
		return nft_match_read(r, value);
	if (is_any(name, unknown))
		return nft_unknown(r, e, false);
	if (!strcmp(name, "vmap"))
		return vmap_read(r, value) ? : 1;
	err = is_any(name, nat) ? nat_read(r, name, value) : verdict_read(r, name, value);
	if (err)
		return err == 1 ? nft_fail(r, "unknown expression:", e) : err;
	return rule_end(r) ? : 1;
}

static int rule_read(struct nft_reader *r, const json_t *o)
{
	const json_t *list = json_object_get(o, "expr");
	char table[128], text[256];
	int err, n;

	if (!is_ipv4(o))
		return 0;
	table_name(o, table);
	r->chain = filter_chain_find(r->f, table, json_text(o, "chain"));
	if (!r->chain || !json_is_array(list))
		return nft_fail(r, "not a rule:", o);
	r->table = r->chain->table;
	n = snprintf(text, sizeof(text), "%s %.80s, handle %" JSON_INTEGER_FORMAT, table,
		     json_text(o, "chain"), json_integer_value(json_object_get(o, "handle")));
	r->rule = (struct filter_rule){ .tosand = 0xff,
					.text = filter_text(r->f, text, (size_t)n) };
	err = r->rule.text ? filter_match_any(r->f, &r->match) : -ENOMEM;
	for (r->expr = 0; r->expr < (int)json_array_size(list) && !err; r->expr++)
		err = expr_read(r, json_array_get(list, (size_t)r->expr));
	if (!err)	/* what it does besides counting */
		err = rule_end(r);
	r->expr = -1;
	return err == 1 ? 0 : err;
}

static int objects_read(struct nft_reader *r, const char *kind,
			int (*read)(struct nft_reader *r, const json_t *o))
{
	int err = 0;

	for (r->at = 0; r->at < json_array_size(r->all) && !err; r->at++) {
		const json_t *o = json_object_get(json_array_get(r->all, r->at), kind);

		err = o ? read(r, o) : 0;
	}
	return err;
}

int filter_nft_read(struct filter *f, const char *text, size_t length)
{
	struct nft_reader r = { .f = f, .expr = -1, .none = json_array() };
	json_error_t e;
	json_t *document = json_loadb(text, length, JSON_REJECT_DUPLICATES, &e);
	int err;

	if (!document) {
		err = filter_fail(f, e.line > 0 ? (__u32)e.line : 0,
				  e.column > 0 ? (__u32)e.column : 0, "%s", e.text);
	} else {
		f->unit = "nftables";
		r.all = json_object_get(document, "nftables");
		err = json_is_array(r.all) && r.none ? objects_read(&r, "table", table_read) :
		      filter_fail(f, 0, 0, "not the JSON of nft");
		if (!err)
			err = objects_read(&r, "chain", chain_read);
		if (!err)
			err = objects_read(&r, "rule", rule_read);
		if (!err)
			err = filter_finish(f);
	}
	json_decref(document);
	json_decref(r.none);
	return err;
}
