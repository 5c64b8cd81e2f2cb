// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hook.c - what a verdict means at the hook of its list.
 */
#include "kmod/core/hook.h"

struct fw_outcome fw_list_outcome(enum fw_list_id list, enum fw_verdict verdict)
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
