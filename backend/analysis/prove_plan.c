// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * prove_plan.c - the parts of a proof in order, and what it ends with.
 */
#include <stdio.h>
#include <string.h>

#include "backend/analysis/lint.h"
#include "backend/analysis/prove_state.h"

void prove_undecided(struct prove *p, enum fw_list_id list, __s32 rule, const char *reason)
{
	if (p->answer != PROVE_SAME)
		return;
	p->answer = PROVE_UNDECIDED;
	p->proof->list = list;
	p->proof->rule = rule;
	p->proof->reason = reason;
}

const struct fw_dev *prove_alias(const struct prove *p, const struct fw_dev *dev, __u32 daddr)
{
	size_t n = strlen(dev->name);
	__u32 i;

	for (i = 0; i < p->ndevs && daddr != dev->addr; i++)
		if (p->devs[i].addr == daddr && !strncmp(p->devs[i].name, dev->name, n) &&
		    p->devs[i].name[n] == ':')
			return &p->devs[i];
	return dev;
}

const struct fw_dev *prove_usual_device(const struct prove *p)
{
	__u32 i = 0;

	while (i < p->ndevs && (dev_is_alias(&p->devs[i]) || dev_is_loopback(&p->devs[i])))
		i++;
	return i < p->ndevs ? &p->devs[i] : &p->any;
}

/* The interfaces of the packet are copied, for they may be gone with the proof's parts. */
static void difference_record(struct prove *p, const struct traversal *core,
			      const struct traversal *plan, const char *what)
{
	struct proof *proof = p->proof;
	const struct fw_dev **dev[3] = {
		&proof->packet.in, &proof->packet.alias, &proof->packet.out,
	};
	int i;

	p->answer = PROVE_DIFFERS;
	proof->packet = *core->packet;
	proof->what = what;
	proof->core = core->end;
	proof->plan = plan->end;
	for (i = 0; i < 3; i++)
		if (*dev[i]) {
			proof->dev[i] = **dev[i];
			*dev[i] = &proof->dev[i];
		}
}

__u32 prove_path_states(enum packet_path path)
{
	switch (path) {
	case PATH_DATA:
		return FW_STATE_ESTABLISHED | FW_STATE_RELATED;
	case PATH_CLIENT:
	case PATH_ANSWER:
		return FW_STATE_ESTABLISHED | FW_STATE_RELATED;
	case PATH_ERROR:
		return FW_STATE_RELATED;
	case PATH_PROXY:
	case PATH_REPLY:
	case PATH_ASKED:
	case PATH_KEPT:
		return FW_STATE_ESTABLISHED;
	default:
		return FW_STATES;
	}
}

/* What helpers expect, and connections that are kept, have ports; errors are ICMP's. */
bool prove_packet_exists(const struct traversal_packet *p)
{
	__u8 proto = p->pkt.proto, type = p->pkt.icmp_type;
	bool has_ports = proto == FW_PROTO_TCP || proto == FW_PROTO_UDP;
	bool is_error = proto == FW_PROTO_ICMP &&
			(type == FW_ICMP_UNREACH || type == FW_ICMP_SOURCEQUENCH ||
			 type == FW_ICMP_TIMXCEED);

	if (!(prove_path_states(p->path) & p->pkt.state))
		return false;
	switch (p->path) {
	case PATH_DATA:
	case PATH_ASKED:
	case PATH_KEPT:
		return has_ports;
	case PATH_ERROR:
		return is_error;
	case PATH_CLIENT:
	case PATH_ANSWER:
		return p->pkt.state == FW_STATE_RELATED ? is_error : has_ports;
	default:
		return true;
	}
}

static __u32 turn_number(void *ctx, const struct plan_rule *r)
{
	return prove_turn_number(ctx, r);
}

bool prove_try(struct prove *p, const struct traversal_packet *packet)
{
	struct traversal core = { .rules = p->rs, .packet = packet, .plan = p->plan,
				  .forwards = p->forwards };
	struct traversal plan = core;
	struct traversal_packet leaving;
	const char *what;

	if (!prove_packet_exists(packet))
		return false;
	if (p->plan->needs & PLAN_PORTFW && !packet->out) {
		leaving = *packet;
		leaving.out = prove_usual_device(p);
		core.packet = plan.packet = &leaving;
	}
	plan.turn = turn_number;
	plan.ctx = p;
	p->proof->walks++;
	traversal_by_core(&core);
	traversal_by_plan(&plan);
	what = core.inexact || plan.inexact ? NULL : traversal_difference(&core, &plan);
	if (what && p->answer != PROVE_DIFFERS)
		difference_record(p, &core, &plan, what);
	return what;
}

/* a name and an address that no rule and no other interface has */
static void any_make(struct prove *p)
{
	unsigned int n = 0, list;
	bool taken = true;
	__u32 i;

	for (; taken; n++) {
		taken = false;
		p->any = (struct fw_dev){ .addr = 0xc0000201 + n, .mask = ~0u };
		snprintf(p->any.name, sizeof(p->any.name), "any%u", n);
		for (i = 0; i < p->ndevs; i++)
			taken |= fw_name_equal(p->devs[i].name, p->any.name) ||
				 p->devs[i].addr == p->any.addr;
		for (list = 0; list < FW_LISTS; list++)
			for (i = 0; i < p->rs->list[list].count; i++) {
				const struct fw_rule *r = fw_list_rule(&p->rs->list[list], i);

				taken |= fw_name_equal(r->vianame, p->any.name) ||
					 r->via == p->any.addr;
			}
	}
}

int prove_plan(const struct fw_ruleset *rs, const struct plan *plan, const struct fw_dev *devs,
	       __u32 ndevs, __u64 budget, struct proof *proof)
{
	struct prove p = {
		.rs = rs, .plan = plan, .devs = devs, .ndevs = ndevs, .proof = proof,
		.cover = { .budget = budget, .limit = ANALYSIS_LIMIT },
	};
	int err;

	*proof = (struct proof){ .rule = -1 };
	any_make(&p);
	err = prove_blocks_make(&p);
	if (!err)
		err = prove_between(&p);
	if (!err && p.answer != PROVE_DIFFERS)
		err = prove_lists(&p);
	if (!err && p.answer != PROVE_DIFFERS)
		err = prove_turns(&p);
	cover_free(&p.cover);
	prove_blocks_free(&p);
	return err ? err : p.answer;
}
