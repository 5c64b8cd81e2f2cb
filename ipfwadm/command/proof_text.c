// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proof_text.c - what proofs are about, and packets that they find, for people.
 */
#include "ipfwadm/command/proof_text.h"

#include <string.h>

#include "ipfwadm/command/trace.h"
#include "kmod/core/names.h"
#include "kmod/core/text.h"

const struct proof_target proof_targets[PROOF_TARGETS] = {
	[PLAN_NFT] = { "nft", "nft", plan_lower_nft, plan_read_nft,
		       "nft -j list table ip ipfwadm" },
	[PLAN_XTABLES] = { "iptables", "xtables", plan_lower_xtables, plan_read_iptables,
			   "iptables-legacy-save || iptables-save" },
};

const char *proof_verdict_name(const struct traversal_end *e)
{
	if (e->verdict == PLAN_V_REJECT)
		return "rejected";
	if (e->verdict == PLAN_V_DROP)
		return "denied";
	if (e->forward)
		return "forwarded";
	return e->redirected ? "redirected" : e->masqueraded ? "masqueraded" : "accepted";
}

void proof_end_show(struct fw_text *t, const struct traversal_end *e, __u8 tos)
{
	const char *separator = "; ";
	unsigned int step;

	fw_text_str(t, proof_verdict_name(e));
	if (e->verdict == PLAN_V_REJECT)
		fw_text_str(t, e->reject_code == 3 ? " with port unreachable" :
						     " with host unreachable");
	if (e->redirected && e->redirport) {
		fw_text_str(t, ", to port ");
		fw_text_dec(t, e->redirport);
	}
	if (e->forward) {
		fw_text_str(t, ", to ");
		fw_text_addr(t, e->forward_addr);
		fw_text_char(t, ':');
		fw_text_dec(t, e->forward_port);
	}
	if (e->answered)
		fw_text_str(t, ", from the address that was asked for");
	if (e->verdict == PLAN_V_ACCEPT && e->tos != tos) {
		fw_text_str(t, ", type of service becomes 0x");
		fw_text_hex(t, e->tos, 2);
	}
	if (e->kept)
		fw_text_str(t, ", connection kept");
	if (e->helped)
		fw_text_str(t, ", with helper");
	for (step = 0; step < STEPS; step++) {
		const struct traversal_count *c = &e->counted[step];

		if (!c->times)
			continue;
		fw_text_str(t, separator);
		separator = ", ";
		fw_text_str(t, traversal_step_name(step));
		fw_text_str(t, c->rule < 0 ? " another rule" : " rule ");
		if (c->rule >= 0)
			fw_text_dec(t, (__u32)c->rule + 1);
		if (c->times > 1) {
			fw_text_str(t, " and ");
			fw_text_dec(t, c->times - 1);
			fw_text_str(t, " more");
		}
		if (e->logged[step].times)
			fw_text_str(t, " (logged)");
	}
}

static void device_show(struct fw_text *t, const char *what, const struct fw_dev *dev)
{
	if (!dev)
		return;
	fw_text_str(t, what);
	fw_text_strn(t, dev->name, FW_IFNAMSIZ);
}

void proof_packet_show(struct fw_text *t, const struct traversal_packet *p)
{
	static const char *const paths[PATHS] = {
		[PATH_PROXY] = ", answer of a redirected connection",
		[PATH_REPLY] = ", answer to a masqueraded connection",
		[PATH_DATA] = ", begins what a helper expects",
		[PATH_ASKED] = ", answer to what a helper expected",
		[PATH_ERROR] = ", error about a masqueraded connection",
		[PATH_KEPT] = ", of a masqueraded connection that is kept",
		[PATH_CLIENT] = ", of a connection to a forwarded port",
		[PATH_ANSWER] = ", answer of the target of a forwarded port",
	};

	trace_packet_show(t, &p->pkt);
	if (p->pkt.frag_off & FW_IP_OFFSET)
		fw_text_str(t, " later fragment");
	device_show(t, ", arrives on ", p->in);
	device_show(t, ", leaves by ", p->out);
	for (unsigned int i = 0; fw_state_names[i]; i++)
		if (p->pkt.state == 1u << i) {
			fw_text_str(t, ", ");
			fw_text_str(t, fw_state_names[i]);
		}
	if (paths[p->path])
		fw_text_str(t, paths[p->path]);
	if (p->pkt.kept && p->path != PATH_KEPT)
		fw_text_str(t, ", kept");
}

unsigned long proof_inexact_count(const struct plan *p)
{
	unsigned long n = 0;

	for (int list = 0; list < FW_LISTS; list++) {
		n += p->policy_report[list].exactness != PLAN_EXACT;
		for (__u32 i = 0; i < p->nreports[list]; i++)
			n += p->report[list][i].exactness != PLAN_EXACT;
	}
	return n;
}

void proof_error_show(struct fw_text *t, const char *name, enum plan_target target,
		      const struct filter_error *e)
{
	fw_text_str(t, name);
	if (e->line) {
		fw_text_str(t, target == PLAN_NFT ? ": nftables[" : ":");
		fw_text_dec(t, e->line);
		fw_text_str(t, target == PLAN_NFT ? "]" : "");
	}
	if (e->column) {
		fw_text_char(t, ':');
		fw_text_dec(t, e->column);
	}
	fw_text_str(t, ": ");
	fw_text_str(t, e->text);
}
