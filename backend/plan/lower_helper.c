// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lower_helper.c - the helpers that rules ask for.
 */
#include <string.h>

#include "backend/plan/lower.h"
#include "kmod/core/names.h"

struct helper_type {
	const char *tcp, *udp;	/* the kernel's names, NULL: not for it */
};

static const struct helper_type helper_type[FW_HELPERS] = {
	[FW_HELPER_AMANDA] = { .udp = "amanda" },
	[FW_HELPER_FTP] = { .tcp = "ftp" },
	[FW_HELPER_H323] = { .tcp = "Q.931", .udp = "RAS" },
	[FW_HELPER_IRC] = { .tcp = "irc" },
	[FW_HELPER_NETBIOS_NS] = { .udp = "netbios-ns" },
	[FW_HELPER_PPTP] = { .tcp = "pptp" },
	[FW_HELPER_SANE] = { .tcp = "sane" },
	[FW_HELPER_SIP] = { .tcp = "sip", .udp = "sip" },
	[FW_HELPER_SNMP] = { .udp = "snmp" },
	[FW_HELPER_TFTP] = { .udp = "tftp" },
};

const struct plan_helper *lower_helper_declare(struct lower *l, __u8 helper, __u8 proto)
{
	const struct helper_type *t = &helper_type[helper];
	struct plan *p = l->plan;
	struct plan_helper *h = p->helpers;

	for (; h < p->helpers + p->nhelpers; h++)
		if (h->helper == helper && h->proto == proto)
			return h;
	p->nhelpers++;
	*h = (struct plan_helper){ .helper = helper, .proto = proto };
	h->type = proto == FW_PROTO_TCP ? t->tcp : t->udp;
	h->name = plan_text(p, "%s-%s", fw_helper_name(helper),
			    fw_protocol_name(proto));
	return h;
}

unsigned int lower_helpers(struct lower *l, const struct fw_rule *r,
			   const struct plan_helper **helper)
{
	const struct helper_type *t = &helper_type[r->helper];
	__u16 kind = r->flags & FW_KIND_MASK;
	unsigned int n = 0;

	if (t->tcp && (kind == FW_KIND_ALL || kind == FW_KIND_TCP))
		helper[n++] = lower_helper_declare(l, r->helper, FW_PROTO_TCP);
	if (t->udp && (kind == FW_KIND_ALL || kind == FW_KIND_UDP))
		helper[n++] = lower_helper_declare(l, r->helper, FW_PROTO_UDP);
	if (r->helper && !n)
		lower_report(l, PLAN_APPROXIMATE,
			     "no helper is attached, for it is not for the protocol of "
			     "the rule");
	return n;
}

/* What is not known yet where helpers are attached, or not asked there. */
static void early_report(struct lower *l, const struct fw_rule *r, enum fw_list_id list,
			 __u32 index)
{
	if (list != FW_INPUT && (r->via || r->vianame[0]))
		lower_report(l, PLAN_APPROXIMATE,
			     "the helper is attached to every connection that fits the "
			     "rule, whatever interface it leaves by");
	if (index || r->state)
		lower_report(l, PLAN_APPROXIMATE,
			     "the helper is attached to every connection that fits the "
			     "rule, even if an earlier rule has decided");
}

/* The rule of one protocol: the target needs one that is named. */
static struct fw_rule early_rule(const struct fw_rule *r, enum fw_list_id list, __u8 proto)
{
	struct fw_rule early = *r;

	early.state = 0;
	if (list != FW_INPUT) {
		early.via = 0;
		memset(early.vianame, 0, sizeof(early.vianame));
	}
	if (!(r->flags & FW_KIND_MASK))
		early.nsp = early.ndp = 0;
	early.flags = (__u16)((r->flags & ~FW_KIND_MASK) |
			      (proto == FW_PROTO_TCP ? FW_KIND_TCP : FW_KIND_UDP));
	return early;
}

/*
 * Helpers are attached before the connection is tracked, so the rule's conditions
 * are asked once more, in table raw.
 */
void lower_helpers_early(struct lower *l, struct plan_chain *c, enum fw_list_id list,
			 __u32 index)
{
	const struct lower_view view = {
		.list = list, .alias = list == FW_INPUT, .single = true,
	};
	const struct fw_rule *r = fw_list_rule(&l->rules->list[list], index);
	const struct plan_helper *helper[LOWER_HELPERS];
	unsigned int i, n = lower_helpers(l, r, helper);

	if (n)
		early_report(l, r, list, index);
	for (i = 0; i < n; i++) {
		const struct fw_rule early = early_rule(r, list, helper[i]->proto);
		struct lower_actions as = { .n = 0 };

		lower_conditions(l, &early, &view);
		if (lower_is_never(l))
			continue;
		lower_act_text(&as, PLAN_A_HELPER, helper[i]->type);
		lower_add_conjuncts(l, c, list, index, &as);
	}
}
