// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_comment.c - where an entry comes from, in its comment.
 */
#include "backend/xtables/xt_comment.h"

#include <string.h>

#include "backend/text/emit_iptables.h"

static const struct fw_rule *rule_of(const struct xt_words *w, const struct plan_rule *r)
{
	return fw_list_rule(&w->rules->list[r->list], (__u32)r->origin);
}

static void settings_fill(struct nft_origin *o, const struct xt_words *w)
{
	unsigned int i;

	o->kind = NFT_ORIGIN_SETTINGS;
	for (i = 0; i < FW_LISTS; i++)
		o->settings.policy[i] = w->rules->list[i].policy;
	o->settings.timeouts = w->rules->timeouts;
	o->settings.mark_mask = w->plan->mark_mask;
	o->settings.needs = w->plan->needs;
}

static void origin_fill(struct nft_origin *o, const struct xt_words *w,
			const struct plan_chain *c, const struct plan_rule *r)
{
	const __s32 *order;

	if (r == c->rules && !strcmp(c->name, XT_SETTINGS_CHAIN)) {
		settings_fill(o, w);
	} else if (xt_rule_counts(r)) {
		order = w->order[r->list];
		o->kind = NFT_ORIGIN_RULE;
		o->list = r->list;
		o->order = order ? order[r->origin] : r->origin;
		o->rule = *rule_of(w, r);
	}
}

bool xt_comment_make(struct xt_comment_info *comment, const struct xt_words *w,
		     const struct plan_chain *c, const struct plan_rule *r)
{
	char described[EMIT_ORIGIN];
	const char *text = r->comment;
	struct nft_origin o = { .kind = NFT_ORIGIN_NONE };
	struct nft_udata u;
	struct fw_text t;

	if (r->origin >= 0) {
		fw_text_init(&t, described, sizeof(described));
		w->format->describe(&t, r->list, rule_of(w, r));
		text = described;
	}
	if (!text)
		return false;
	memset(comment, 0, sizeof(*comment));
	fw_text_init(&t, comment->comment, sizeof(comment->comment));
	emit_iptables_comment(&t, text, emit_iptables_room(w->rules, r));
	origin_fill(&o, w, c, r);
	nft_origin_write(&u, NULL, &o);
	memcpy(comment->comment + strlen(comment->comment) + 1, u.byte, u.len);
	return true;
}

int xt_comment_read(struct nft_origin *o, const struct xt_comment_info *comment)
{
	size_t size = sizeof(comment->comment);
	size_t text = strnlen(comment->comment, size - 1) + 1;

	return nft_origin_read(o, comment->comment + text, size - text);
}
