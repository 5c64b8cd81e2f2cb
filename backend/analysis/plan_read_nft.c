// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plan_read_nft.c - our table as the JSON of nft list ruleset has it.
 *
 * A rule that is not known is an error only if packets can come to its chain.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "backend/analysis/json_words.h"
#include "backend/analysis/plan_read_nft.h"

#define TABLE "ipfwadm"

/* What becomes of a mark: (mark & keep) | value */
static bool mark_read(const json_t *key, const json_t *v, struct plan_action *a)
{
	const json_t *both = json_object_get(v, "|"), *kept;
	__u32 keep = 0, value = 0;

	if (both && !json_number(json_array_get(both, 1), ~0u, &value))
		return false;
	kept = both ? json_array_get(both, 0) : v;
	if (json_equal(kept, key))
		keep = ~0u;
	else if (json_object_get(kept, "&")) {
		kept = json_object_get(kept, "&");
		if (!json_equal(json_array_get(kept, 0), key) ||
		    !json_number(json_array_get(kept, 1), ~0u, &keep))
			return false;
	} else if (both || !json_number(v, ~0u, &value)) {
		return false;
	}
	a->bits.value = value;
	a->bits.mask = ~keep | value;
	return true;
}

static bool mangle_read(struct nft_plan_reader *x, const json_t *o)
{
	const json_t *key = json_object_get(o, "key"), *v = json_object_get(o, "value");
	const char *ct = json_text(json_object_get(key, "ct"), "key");
	const char *meta = json_text(json_object_get(key, "meta"), "key");
	const char *field = json_text(json_object_get(key, "payload"), "field");
	bool is_dscp = !strcmp(field, "dscp"), is_ecn = !strcmp(field, "ecn");
	struct plan_action *a;

	if (!strcmp(ct, "mark") || !strcmp(meta, "mark"))
		return mark_read(key, v,
				 plan_read_action(x->r, *ct ? PLAN_A_CT_MARK : PLAN_A_MARK));
	if (!is_dscp && !is_ecn)
		return false;
	a = plan_read_action(x->r, is_dscp ? PLAN_A_DSCP : PLAN_A_ECN);
	a->bits.mask = is_dscp ? 0x3f : 3;
	return (is_dscp ? json_dscp : json_ecn)(v, &a->bits.value);
}

static bool log_read(struct nft_plan_reader *x, const json_t *o)
{
	struct plan_action *a = plan_read_action(x->r, PLAN_A_LOG);
	const json_t *group = json_object_get(o, "group");
	const char *prefix = json_text(o, "prefix");
	__u32 n = 0;

	a->text = plan_copy(x->r->plan, prefix, strlen(prefix) + 1);
	if (group && !json_number(group, 0xffff, &n))
		return false;
	a->log_group = (__u16)n;
	return true;
}

static bool reject_read(struct nft_plan_reader *x, const json_t *o)
{
	struct plan_action *a = plan_read_action(x->r, PLAN_A_REJECT);
	bool is_host = json_is_word(json_object_get(o, "expr"), "host-unreachable");

	a->bits.value = is_host ? 1 : 3;
	return json_is_word(json_object_get(o, "type"), "icmp") &&
	       (is_host || json_is_word(json_object_get(o, "expr"), "port-unreachable"));
}

static bool nat_read(struct nft_plan_reader *x, enum plan_action_type type, const json_t *o)
{
	struct plan_action *a = plan_read_action(x->r, type);
	const json_t *port = json_object_get(o, "port"), *addr = json_object_get(o, "addr");
	const json_t *range = json_object_get(port, "range");
	__u32 lo = 0, hi = 0;

	if (json_object_get(o, "flags") || (!addr) != (type != PLAN_A_DNAT))
		return false;
	if (port && (!json_port(range ? json_array_get(range, 0) : port, &lo) ||
		     !json_port(range ? json_array_get(range, 1) : port, &hi)))
		return false;
	if (type == PLAN_A_MASQUERADE) {
		a->range = (struct plan_range){ (__u16)lo, (__u16)hi };
		return true;
	}
	if (type == PLAN_A_DNAT) {
		a->to.port = (__u16)lo;
		return lo == hi && json_addr(addr, &a->to.addr);
	}
	a->bits.value = lo;
	return lo == hi;
}

static bool jump_read(struct nft_plan_reader *x, enum plan_action_type type, const json_t *o)
{
	struct plan_action *a = plan_read_action(x->r, type);

	a->chain = plan_read_chain(x->r, NULL, json_text(o, "target"));
	return a->chain;
}

static bool expr_read(struct nft_plan_reader *x, const json_t *e)
{
	static const struct { const char *name; enum plan_action_type type; } actions[] = {
		{ "counter", PLAN_A_COUNTER }, { "accept", PLAN_A_ACCEPT }, { "drop", PLAN_A_DROP },
		{ "return", PLAN_A_RETURN }, { "jump", PLAN_A_JUMP }, { "goto", PLAN_A_GOTO },
		{ "redirect", PLAN_A_REDIRECT }, { "masquerade", PLAN_A_MASQUERADE },
		{ "dnat", PLAN_A_DNAT }, { "ct helper", PLAN_A_HELPER },
		{ "ct timeout", PLAN_A_TIMEOUT },
	};
	void *it = json_object_iter((json_t *)e);
	const char *name = it ? json_object_iter_key(it) : "";
	const json_t *v = it ? json_object_iter_value(it) : NULL;
	unsigned int i = 0;

	if (!strcmp(name, "match"))	/* what follows an action may depend on it */
		return !x->r->nactions && plan_read_nft_match(x, v);
	if (!strcmp(name, "mangle"))
		return mangle_read(x, v);
	if (!strcmp(name, "log"))
		return log_read(x, v);
	if (!strcmp(name, "reject"))
		return reject_read(x, v);
	while (i < FW_COUNT(actions) && strcmp(actions[i].name, name) != 0)
		i++;
	if (i == FW_COUNT(actions))
		return false;
	switch (actions[i].type) {
	case PLAN_A_JUMP:
	case PLAN_A_GOTO:
		return jump_read(x, actions[i].type, v);
	case PLAN_A_REDIRECT:
	case PLAN_A_MASQUERADE:
	case PLAN_A_DNAT:
		return nat_read(x, actions[i].type, v);
	case PLAN_A_HELPER:
	case PLAN_A_TIMEOUT:
		plan_read_action(x->r, actions[i].type)->text =
			plan_copy(x->r->plan, json_string_value(v), json_string_length(v) + 1);
		return json_is_string(v);
	default:
		plan_read_action(x->r, actions[i].type);
		return true;
	}
}

static bool is_ours(const json_t *o)
{
	return !strcmp(json_text(o, "family"), "ip") && !strcmp(json_text(o, "table"), TABLE);
}

/* Chains of others, by which packets may come. */
static bool is_others(const json_t *o)
{
	const char *family = json_text(o, "family");

	return *json_text(o, "hook") && strcmp(family, "ip6") != 0 && strcmp(family, "arp") != 0;
}

/* A dormant table does nothing; other flags are not known either. */
static int flags_read(struct nft_plan_reader *x, const json_t *o, __u32 at)
{
	if (strcmp(json_text(o, "family"), "ip") != 0 || strcmp(json_text(o, "name"), TABLE) != 0 ||
	    !json_object_get(o, "flags"))
		return 0;
	return plan_read_fail(x->r, at, 0, "a table with flags, as one that is dormant has");
}

static int chain_read(struct nft_plan_reader *x, const json_t *o, __u32 at)
{
	const char *name = json_text(o, "name"), *hook = json_text(o, "hook");
	const char *type = json_text(o, "type");
	struct plan_read *r = x->r;
	struct plan_chain *c;
	enum plan_hook h;

	if (!is_ours(o)) {
		r->nothers += is_others(o);
		return 0;
	}
	if (!*name || plan_read_chain(r, NULL, name))
		return plan_read_fail(r, at, 0, "no name of a new chain: '%.80s'", name);
	c = plan_chain_add(r->plan, NULL, plan_copy(r->plan, name, strlen(name) + 1));
	if (!*hook)
		return 0;
	h = plan_hook_find(plan_hook_names, hook);
	if (h == PLAN_HOOKS || (strcmp(type, "filter") != 0 && strcmp(type, "nat") != 0) ||
	    strcmp(json_text(o, "policy"), "accept") != 0)
		return plan_read_fail(r, at, 0, "chain '%.80s' has a hook, type or policy that is "
				      "not known", name);
	plan_chain_hook(r->plan, c, plan_copy(r->plan, type, strlen(type) + 1), h,
			(int)json_integer_value(json_object_get(o, "prio")));
	return 0;
}

static void unknown_note(struct nft_plan_reader *x, const struct plan_chain *c, __u32 at,
			 size_t expr, const json_t *e)
{
	char *text = json_dumps(e, JSON_COMPACT | JSON_ENCODE_ANY);

	if (!x->unknown[c->id].text[0]) {
		x->unknown[c->id].line = at;
		snprintf(x->unknown[c->id].text, sizeof(x->unknown[c->id].text),
			 "expr[%zu]: not known: %.100s", expr, text ? text : "");
	}
	free(text);
}

static int rule_read(struct nft_plan_reader *x, const json_t *o, __u32 at)
{
	const json_t *list = json_object_get(o, "expr");
	struct plan_chain *c;

	if (!is_ours(o))
		return 0;
	c = plan_read_chain(x->r, NULL, json_text(o, "chain"));
	if (!c || !json_is_array(list))
		return plan_read_fail(x->r, at, 0, "not a rule");
	x->r->nmatches = x->r->nactions = 0;
	x->has_hdrlength = false;
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!expr_read(x, json_array_get(list, i))) {
			unknown_note(x, c, at, i, json_array_get(list, i));
			return 0;
		}
	if (x->has_hdrlength)
		unknown_note(x, c, at, 0, list);
	plan_read_rule(x->r, c);
	return x->r->error.text[0] ? -EINVAL : 0;
}

static int objects_read(struct nft_plan_reader *x, const char *kind,
			int (*read)(struct nft_plan_reader *x, const json_t *o, __u32 at))
{
	int err = 0;

	for (size_t i = 0; i < json_array_size(x->all) && !err; i++) {
		const json_t *o = json_object_get(json_array_get(x->all, i), kind);

		err = o ? read(x, o, (__u32)i) : 0;
	}
	return err;
}

/* What is not known in chains that packets come to is an error. */
static int unknown_check(struct nft_plan_reader *x)
{
	const struct plan *p = x->r->plan;
	bool *reached = plan_alloc(x->r->plan, (p->nchains + 1) * sizeof(*reached)), changed = true;

	while (changed) {
		changed = false;
		for (const struct plan_chain *c = p->chains; c; c = c->next) {
			if (!reached[c->id] && c->hook == PLAN_HOOKS)
				continue;
			changed |= !reached[c->id];
			reached[c->id] = true;
			for (const struct plan_rule *r = c->rules; r; r = r->next)
				for (unsigned int i = 0; i < r->nactions; i++) {
					const struct plan_action *a = &r->action[i];

					if ((a->type != PLAN_A_JUMP && a->type != PLAN_A_GOTO) ||
					    reached[a->chain->id])
						continue;
					reached[a->chain->id] = changed = true;
				}
		}
	}
	for (const struct plan_chain *c = p->chains; c; c = c->next)
		if (reached[c->id] && x->unknown[c->id].text[0])
			return plan_read_fail(x->r, x->unknown[c->id].line, 0, "%s",
					      x->unknown[c->id].text);
	return 0;
}

static int table_read(struct nft_plan_reader *x)
{
	struct plan_read *r = x->r;
	int err;

	if (setjmp(r->no_memory))
		return -ENOMEM;
	plan_start(r->plan, &r->no_memory);
	err = objects_read(x, "table", flags_read);
	if (!err)
		err = objects_read(x, "chain", chain_read);
	if (err)
		return err;
	x->unknown = plan_alloc(r->plan, (r->plan->nchains + 1) * sizeof(*x->unknown));
	err = objects_read(x, "rule", rule_read);
	return err ? err : unknown_check(x) ? : plan_origins_find(r);
}

int plan_read_nft(struct plan_read *r, const struct plan *wanted, const char *text, size_t length)
{
	struct nft_plan_reader x = { .r = r };
	json_error_t e;
	json_t *document;
	int err = -ENOMEM;

	if (!plan_read_begin(r, wanted))
		return -ENOMEM;
	document = json_loadb(text, length, JSON_REJECT_DUPLICATES, &e);
	x.all = json_object_get(document, "nftables");
	if (!document)
		err = plan_read_fail(r, e.line > 0 ? (__u32)e.line : 0,
				     e.column > 0 ? (__u32)e.column : 0, "%s", e.text);
	else if (!json_is_array(x.all))
		err = plan_read_fail(r, 0, 0, "not the JSON of nft");
	else
		err = table_read(&x);
	json_decref(document);
	return err;
}
