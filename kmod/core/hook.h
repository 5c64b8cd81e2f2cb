/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hook.h - what a verdict means at the hook of its list.
 */
#ifndef FW_HOOK_H
#define FW_HOOK_H

#include "kmod/core/match.h"

/* What becomes of a packet after a list; the caller carries it out. */
enum fw_action {
	FW_PASS,
	FW_DROP,
	FW_ANSWER,		/* drop, and send an ICMP error to the sender */
	FW_REDIRECT,		/* receive it here, at fw_decision.redirport */
	FW_MASQUERADE,
};

struct fw_outcome {
	enum fw_action action;
	__u8 icmp_code;		/* FW_ANSWER: of destination unreachable */
};

static inline struct fw_outcome fw_list_outcome(enum fw_list_id list,
						enum fw_verdict verdict)
{
	struct fw_outcome out = { .action = FW_DROP };

	if (list == FW_ACCT) {
		out.action = FW_PASS;
		return out;
	}
	switch (verdict) {
	case FW_V_ACCEPT:
		out.action = FW_PASS;
		break;
	case FW_V_MASQUERADE:
		out.action = list == FW_FORWARD ? FW_MASQUERADE : FW_PASS;
		break;
	case FW_V_REDIRECT:
		if (list == FW_INPUT)
			out.action = FW_REDIRECT;
		else if (list == FW_OUTPUT)
			out.action = FW_PASS;
		break;
	case FW_V_REJECT:
		out.action = FW_ANSWER;
		out.icmp_code = list == FW_INPUT ? FW_UNREACH_PORT : FW_UNREACH_HOST;
		break;
	case FW_V_DENY:
		break;
	}
	return out;
}

#endif
