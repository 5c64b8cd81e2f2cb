// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_entry.c - a plan's rule as the entry of an ip_tables table.
 */
#include "backend/xtables/xt_entry.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/xt_CONNMARK.h>
#include <linux/netfilter/xt_CT.h>
#include <linux/netfilter/xt_DSCP.h>
#include <linux/netfilter/xt_LOG.h>
#include <linux/netfilter/xt_MARK.h>
#include <linux/netfilter_ipv4/ipt_REJECT.h>
#include <stdio.h>
#include <string.h>

#include "backend/text/emit_iptables.h"

#define LOG_LEVEL 4	/* warning, as iptables has it */

void *xt_entry_add(struct xt_builder *b, const char *name, __u8 revision, size_t size)
{
	size_t whole = XT_ALIGN(sizeof(struct xt_entry_match)) + XT_ALIGN(size);
	struct xt_entry_match *m = (struct xt_entry_match *)(b->byte + b->len);

	if (whole > sizeof(b->byte) - b->len ||
	    strlen(name) >= sizeof(m->u.user.name)) {
		b->error = -EINVAL;
		return NULL;
	}
	memset(m, 0, whole);
	m->u.user.match_size = (__u16)whole;
	m->u.user.revision = revision;
	strcpy(m->u.user.name, name);	/* NOLINT: it fits */
	b->len += whole;
	return m->data;
}

/* a verdict, a chain, or nothing */
static void add_standard(struct xt_builder *b, const char *name)
{
	xt_entry_add(b, XT_STANDARD_TARGET, 0, sizeof(int));
	b->target = name;
}

static void add_log(struct xt_builder *b, const char *prefix)
{
	struct xt_log_info *log = xt_entry_add(b, "LOG", 0, sizeof(*log));

	if (!log)
		return;
	if (strlen(prefix) > EMIT_IPTABLES_PREFIX)
		b->error = -EINVAL;
	log->level = LOG_LEVEL;
	strncpy(log->prefix, prefix, EMIT_IPTABLES_PREFIX);
}

static void add_tos(struct xt_builder *b, const struct plan_action *a)
{
	struct xt_tos_target_info *tos = xt_entry_add(b, "TOS", 1, sizeof(*tos));

	if (!tos)
		return;
	tos->tos_value = (__u8)a->bits.value;
	tos->tos_mask = (__u8)~a->bits.mask;
}

static void add_mark(struct xt_builder *b, const struct plan_action *a)
{
	struct xt_mark_tginfo2 *mark = xt_entry_add(b, "MARK", 2, sizeof(*mark));

	if (!mark)
		return;
	mark->mark = a->bits.value;
	mark->mask = a->bits.mask;
}

static void add_connmark_1(struct xt_builder *b, const struct plan_action *a)
{
	struct xt_connmark_tginfo1 *mark = xt_entry_add(b, "CONNMARK", 1, sizeof(*mark));

	if (!mark)
		return;
	mark->mode = XT_CONNMARK_SET;
	mark->ctmark = a->bits.value;
	mark->ctmask = a->bits.mask;
	mark->nfmask = ~0u;
}

static bool connmark_is_new(void)
{
	static int offered = -1;

	if (offered < 0)
		offered = xt_kernel_offers("CONNMARK", 2, true);
	return offered;
}

/* iptables lists the newest revision only, which here came with Linux 4.17. */
static void add_connmark(struct xt_builder *b, const struct plan_action *a)
{
	struct xt_connmark_tginfo2 *mark;

	if (!connmark_is_new()) {
		add_connmark_1(b, a);
		return;
	}
	mark = xt_entry_add(b, "CONNMARK", 2, sizeof(*mark));
	if (!mark)
		return;
	mark->mode = XT_CONNMARK_SET;
	mark->ctmark = a->bits.value;
	mark->ctmask = a->bits.mask;
	mark->nfmask = ~0u;
}

static void add_helper(struct xt_builder *b, const char *type)
{
	struct xt_ct_target_info_v1 *ct = xt_entry_add(b, "CT", 2, sizeof(*ct));

	if (!ct)
		return;
	if (strlen(type) >= sizeof(ct->helper))
		b->error = -EINVAL;
	strncpy(ct->helper, type, sizeof(ct->helper) - 1);
}

static void add_reject(struct xt_builder *b, __u32 code)
{
	struct ipt_reject_info *reject = xt_entry_add(b, "REJECT", 0, sizeof(*reject));

	if (!reject)
		return;
	if (code != 1 && code != 3)
		b->error = -EINVAL;
	reject->with = code == 1 ? IPT_ICMP_HOST_UNREACHABLE : IPT_ICMP_PORT_UNREACHABLE;
}

static void add_nat(struct xt_builder *b, const char *name, struct plan_range ports)
{
	struct nf_nat_ipv4_multi_range_compat *nat = xt_entry_add(b, name, 0, sizeof(*nat));

	if (!nat)
		return;
	nat->rangesize = 1;
	if (!ports.lo && !ports.hi)
		return;
	nat->range[0].flags = NF_NAT_RANGE_PROTO_SPECIFIED;
	nat->range[0].min.tcp.port = htons(ports.lo);
	nat->range[0].max.tcp.port = htons(ports.hi);
}

static void add_action(struct xt_builder *b, const struct plan_action *a)
{
	__u16 port;

	switch (a->type) {
	case PLAN_A_LOG:
		add_log(b, a->text);
		break;
	case PLAN_A_TOS:
		add_tos(b, a);
		break;
	case PLAN_A_MARK:
		add_mark(b, a);
		break;
	case PLAN_A_CT_MARK:
		add_connmark(b, a);
		break;
	case PLAN_A_HELPER:
		add_helper(b, a->text);
		break;
	case PLAN_A_ACCEPT:
		add_standard(b, "ACCEPT");
		break;
	case PLAN_A_DROP:
		add_standard(b, "DROP");
		break;
	case PLAN_A_REJECT:
		add_reject(b, a->bits.value);
		break;
	case PLAN_A_RETURN:
		add_standard(b, "RETURN");
		break;
	case PLAN_A_GOTO:
		xt_builder_entry(b)->ip.flags |= IPT_F_GOTO;
		add_standard(b, a->chain->name);
		break;
	case PLAN_A_JUMP:
		add_standard(b, a->chain->name);
		break;
	case PLAN_A_REDIRECT:
		port = (__u16)a->bits.value;
		add_nat(b, "REDIRECT", (struct plan_range){ port, port });
		break;
	case PLAN_A_MASQUERADE:
		add_nat(b, "MASQUERADE", a->range);
		break;
	default:
		b->error = -EINVAL;
		break;
	}
}

static void add_target(struct xt_builder *b, const struct plan_rule *r)
{
	const struct plan_action *target = NULL;
	unsigned int i;

	for (i = 0; i < r->nactions; i++) {
		if (r->action[i].type == PLAN_A_COUNTER)
			continue;
		if (target)
			b->error = -EINVAL;
		target = &r->action[i];
	}
	if (target)
		add_action(b, target);
	else
		add_standard(b, "");
}

static void add_comment(struct xt_builder *b, const struct xt_comment_info *comment)
{
	struct xt_comment_info *to = xt_entry_add(b, "comment", 0, sizeof(*to));

	if (to)
		*to = *comment;
}

int xt_entry_build(struct xt_builder *b, const struct plan_rule *r,
		   const struct xt_comment_info *comment)
{
	struct ipt_entry *entry = xt_builder_entry(b);
	struct emit_rule s;

	memset(entry, 0, sizeof(*entry));
	b->len = sizeof(*entry);
	b->error = emit_rule_simplify(&s, r);
	if (b->error)
		return b->error;
	xt_entry_matches(b, &s);
	if (comment)
		add_comment(b, comment);
	entry->target_offset = (__u16)b->len;
	b->target = NULL;
	add_target(b, r);
	entry->next_offset = (__u16)b->len;
	if (!b->target)
		b->target = xt_entry_target(entry)->u.user.name;
	return b->error;
}

/* bytes of data that are not the kernel's own */
static size_t data_size(const struct xt_entry_match *m)
{
	size_t whole = m->u.user.match_size - XT_ALIGN(sizeof(*m));

	if (!strcmp(m->u.user.name, "CT"))
		return offsetof(struct xt_ct_target_info_v1, ct);
	return whole;
}

/* Names may have anything behind their end. */
static bool module_same(const struct xt_entry_match *a, const struct xt_entry_match *b)
{
	return !strcmp(a->u.user.name, b->u.user.name) &&
	       a->u.user.match_size == b->u.user.match_size &&
	       a->u.user.revision == b->u.user.revision &&
	       !memcmp(a->data, b->data, data_size(a));
}

static const struct xt_entry_match *match_at(const struct ipt_entry *e, size_t offset)
{
	return (const struct xt_entry_match *)((const __u8 *)e + offset);
}

static bool match_is_comment(const struct xt_entry_match *m)
{
	return !strcmp(m->u.user.name, "comment") &&
	       m->u.user.match_size == XT_ALIGN(sizeof(*m)) +
				       XT_ALIGN(sizeof(struct xt_comment_info));
}

const struct xt_comment_info *xt_entry_comment(const struct ipt_entry *e)
{
	size_t at;

	for (at = sizeof(*e); at < e->target_offset; at += match_at(e, at)->u.match_size)
		if (match_is_comment(match_at(e, at)))
			return (const struct xt_comment_info *)match_at(e, at)->data;
	return NULL;
}

static bool matches_same(const struct ipt_entry *a, const struct ipt_entry *b,
			 unsigned int flags)
{
	size_t at;

	if (a->target_offset != b->target_offset)
		return false;
	for (at = sizeof(*a); at < a->target_offset; at += match_at(a, at)->u.match_size) {
		const struct xt_entry_match *x = match_at(a, at), *y = match_at(b, at);

		if (!(flags & XT_ENTRY_TEXT) && match_is_comment(x) && match_is_comment(y))
			continue;
		if (!module_same(x, y))
			return false;
	}
	return true;
}

bool xt_entry_same(const struct xt_rule *a, const struct xt_rule *b, unsigned int flags)
{
	const struct xt_entry_target *x = xt_entry_target(a->entry);
	const struct xt_entry_target *y = xt_entry_target(b->entry);

	if (memcmp(&a->entry->ip, &b->entry->ip, sizeof(a->entry->ip)) != 0 ||
	    !matches_same(a->entry, b->entry, flags))
		return false;
	if (xt_target_is_standard(x) || xt_target_is_standard(y))
		return xt_target_is_standard(x) && xt_target_is_standard(y) &&
		       !strcmp(a->target, b->target);
	return module_same((const struct xt_entry_match *)x,
			   (const struct xt_entry_match *)y);
}

bool xt_entry_lacks(const struct ipt_entry *e, char *what, size_t size)
{
	const struct xt_entry_target *target = xt_entry_target(e);
	const struct xt_entry_match *m;
	size_t at;

	for (at = sizeof(*e); at < e->target_offset; at += m->u.match_size) {
		m = match_at(e, at);
		if (xt_kernel_offers(m->u.user.name, m->u.user.revision, false))
			continue;
		snprintf(what, size, "match '%s'", m->u.user.name);
		return true;
	}
	if (xt_target_is_standard(target) ||
	    xt_kernel_offers(target->u.user.name, target->u.user.revision, true))
		return false;
	snprintf(what, size, "target '%s'", target->u.user.name);
	return true;
}
