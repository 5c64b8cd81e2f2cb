// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_entry.c - keys, digests and tags of entries.
 */
#include "backend/xtables/xt_entry.h"

#include <errno.h>
#include <linux/netfilter/xt_comment.h>
#include <stdlib.h>

#include "backend/text/emit_iptables.h"

#define FORM 2 /* increases when entries get another form for the same plan */

int xt_source_init(struct xt_source *s, const struct plan *p,
		   const struct fw_ruleset *rules, __s32 *const number[FW_LISTS],
		   const struct ruleset_format *format)
{
	const struct plan_chain *c;
	const struct plan_rule *r;
	unsigned int i;

	*s = (struct xt_source){.plan = p,
				.rules = rules,
				.format = format,
				.number = (const __s32 *const *)number};
	for (i = 0; i < FW_LISTS; i++) {
		s->tagged[i] = calloc(rules->list[i].count + 1, sizeof(s->tagged[i][0]));
		if (!s->tagged[i])
			return -ENOMEM;
	}
	for (c = p->chains; c; c = c->next)
		for (r = c->rules; r; r = r->next)
			if (xt_rule_counts(r) && !s->tagged[r->list][r->origin])
				s->tagged[r->list][r->origin] = r;
	return 0;
}

void xt_source_free(struct xt_source *s)
{
	unsigned int i;

	for (i = 0; i < FW_LISTS; i++)
		free(s->tagged[i]);
}

bool xt_target_is_standard(const char *target)
{
	return !strcmp(target, "ACCEPT") || !strcmp(target, "DROP") ||
	       !strcmp(target, "RETURN") || xt_name_is_ours(target);
}

static __u64 hash_word(__u64 hash, __u64 word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 29;
}

static __u64 hash_bytes(__u64 hash, const void *data, size_t len)
{
	const char *at = data;
	__u64 word;

	hash = hash_word(hash, len);
	for (; len >= sizeof(word); at += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		hash = hash_word(hash, word);
	}
	word = 0;
	memcpy(&word, at, len);
	return hash_word(hash, word);
}

static __u32 hash_fold(__u64 hash)
{
	return (__u32)(hash ^ hash >> 32);
}

static void settings_tag(struct rule_tag *tag, const struct xt_source *s)
{
	unsigned int i;

	tag->kind = TAG_SETTINGS;
	for (i = 0; i < FW_LISTS; i++)
		tag->settings.policy[i] = s->rules->list[i].policy;
	tag->settings.timeouts = s->rules->timeouts;
	tag->settings.mark_mask = s->plan->mark_mask;
	tag->settings.needs = s->plan->needs;
	tag->settings.log_group = s->plan->log_group;
}

static void rule_tag(struct rule_tag *tag, const struct xt_source *s,
		     const struct plan_rule *r)
{
	tag->kind = s->tagged[r->list][r->origin] == r ? TAG_RULE : TAG_MORE;
	tag->list = r->list;
	tag->number = xt_rule_number(s, r);
	if (tag->kind == TAG_RULE)
		tag->rule = *fw_list_rule(&s->rules->list[r->list], (__u32)r->origin);
}

void xt_rule_tag(struct rule_udata *u, const struct xt_source *s,
		 const struct plan_chain *c, const struct plan_rule *r)
{
	struct rule_tag tag = {.kind = TAG_NONE};

	if (xt_rule_counts(r))
		rule_tag(&tag, s, r);
	else if (r == c->rules && !strcmp(c->name, XT_SETTINGS_CHAIN))
		settings_tag(&tag, s);
	rule_tag_write(u, NULL, &tag);
}

static __u64 hash_text(__u64 hash, const char *text)
{
	return text ? hash_bytes(hash, text, strlen(text)) : hash;
}

static __u64 hash_match(__u64 hash, const struct plan_match *m)
{
	__u32 i;

	hash = hash_word(hash, (__u64)m->type << 1 | m->invert);
	switch (m->type) {
	case PLAN_M_PROTO:
	case PLAN_M_SPORT:
	case PLAN_M_DPORT:
	case PLAN_M_ICMP_TYPE:
	case PLAN_M_CT_ORIG_DPORT:
		return hash_bytes(hash, m->ranges.item,
				  m->ranges.count * sizeof(*m->ranges.item));
	case PLAN_M_IIFNAME:
	case PLAN_M_OIFNAME:
		for (i = 0; i < m->names.count; i++)
			hash = hash_text(hash, m->names.item[i]);
		return hash;
	case PLAN_M_TURN:
		return hash_word(hash_word(hash, m->turn.of), (__u64)m->turn.lo << 32 | m->turn.hi);
	default:
		return hash_word(hash, (__u64)m->bits.value << 32 | m->bits.mask);
	}
}

static __u64 hash_action(__u64 hash, const struct plan_action *a)
{
	hash = hash_word(hash, (__u64)a->log_group << 32 | a->type);
	switch (a->type) {
	case PLAN_A_LOG:
	case PLAN_A_HELPER:
		return hash_text(hash, a->text);
	case PLAN_A_JUMP:
	case PLAN_A_GOTO:
		return hash_text(hash, a->chain->name);
	case PLAN_A_DNAT:
		return hash_word(hash, (__u64)a->to.addr << 32 | a->to.port);
	case PLAN_A_MASQUERADE:
		return hash_word(hash, (__u32)a->range.lo << 16 | a->range.hi);
	default:
		return hash_word(hash, (__u64)a->bits.value << 32 | a->bits.mask);
	}
}

__u32 xt_rule_key(const struct xt_source *s, const struct plan_chain *c,
		  const struct plan_rule *r)
{
	struct rule_udata u;
	__u64 hash = hash_text(FORM, r->comment);
	unsigned int i;

	for (i = 0; i < r->nmatches; i++)
		hash = hash_match(hash, &r->match[i]);
	for (i = 0; i < r->nactions; i++)
		hash = hash_action(hash, &r->action[i]);
	xt_rule_tag(&u, s, c, r);
	return hash_fold(hash_bytes(hash, u.byte, u.len));
}

/*
 * The kernel writes the name only as far as its NUL.  The tag after a comment is part of
 * the key, and lost when a table is restored from text.
 */
static __u64 hash_extension(__u64 hash, const struct xt_entry_match *m)
{
	size_t size = m->u.match_size - sizeof(*m);

	hash = hash_bytes(hash, m->u.user.name,
			  strnlen(m->u.user.name, sizeof(m->u.user.name)));
	hash = hash_word(hash, m->u.user.revision);
	if (!strcmp(m->u.user.name, "comment"))
		size = strnlen((const char *)m->data, size);
	return hash_bytes(hash, m->data, size);
}

static const struct xt_entry_match *match_at(const struct ipt_entry *e, size_t at)
{
	return (const struct xt_entry_match *)((const __u8 *)e + at);
}

__u32 xt_entry_digest(const struct ipt_entry *e, const char *target)
{
	const struct xt_entry_match *t = match_at(e, e->target_offset);
	__u64 hash = hash_bytes(0, &e->ip, sizeof(e->ip));
	size_t at;

	for (at = sizeof(*e); at < e->target_offset; at += match_at(e, at)->u.match_size)
		hash = hash_extension(hash, match_at(e, at));
	hash = hash_bytes(hash, target, strlen(target));
	/* libiptc derives the data of a standard target from its name */
	if (*t->u.user.name && !xt_target_is_standard(target))
		hash = hash_extension(hash, t);
	return hash_fold(hash);
}

const char *xt_entry_comment(const struct ipt_entry *e)
{
	size_t at;

	for (at = sizeof(*e); at < e->target_offset; at += match_at(e, at)->u.match_size)
		if (!strcmp(match_at(e, at)->u.user.name, "comment") &&
		    match_at(e, at)->u.match_size >=
			    sizeof(struct xt_entry_match) +
				    sizeof(struct xt_comment_info))
			return (const char *)match_at(e, at)->data;
	return NULL;
}

const char *xt_entry_udata(const struct ipt_entry *e, size_t *len)
{
	const char *comment = xt_entry_comment(e);
	size_t size = sizeof(struct xt_comment_info), text;

	text = comment ? strnlen(comment, size - 1) + 1 : 0;
	*len = comment ? size - text : 0;
	return comment ? comment + text : NULL;
}

int xt_entry_tag(const struct ipt_entry *e, struct rule_tag *tag)
{
	size_t len;
	const char *udata = xt_entry_udata(e, &len);

	return rule_tag_read(tag, udata, len);
}

__u32 xt_item_key(struct xt_item *item)
{
	if (!item->key)
		item->key =
			item->entry->nfcache ^ xt_entry_digest(item->entry, item->target);
	return item->key;
}
