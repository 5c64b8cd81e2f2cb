// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plan_note.c - how connection states of the kernel differ from ours, rule by rule.
 */
#include "backend/plan/plan.h"
#include "kmod/core/names.h"

static bool is_of(const struct fw_rule *r, __u16 kind)
{
	__u16 rule_kind = r->flags & FW_KIND_MASK;

	return rule_kind == FW_KIND_ALL || rule_kind == kind;
}

/* Does the state of a packet decide anything?  All states match every packet. */
static bool asks_state(const struct fw_rule *r)
{
	return (r->state && r->state != FW_STATES) || r->keep_state;
}

static bool is_of_tcp(const struct fw_rule *r)
{
	return asks_state(r) && is_of(r, FW_KIND_TCP);
}

static bool is_of_errors(const struct fw_rule *r)
{
	return asks_state(r) && is_of(r, FW_KIND_ICMP);
}

static bool is_of_others(const struct fw_rule *r)
{
	return asks_state(r) && is_of(r, FW_KIND_ALL);
}

static bool reads_commands(const struct fw_rule *r)
{
	return r->helper == FW_HELPER_FTP || r->helper == FW_HELPER_IRC;
}

static bool expects(const struct fw_rule *r)
{
	return r->helper != 0;
}

static const struct note {
	const char *text;
	bool (*concerns)(const struct fw_rule *r);
} notes[] = {
	{"any reset in the window closes a connection that one end has begun to close",
	 is_of_tcp},
	{"a SYN and its answer restart a connection, whichever interfaces they came in "
	 "by",
	 is_of_tcp},
	{"an ICMP error is related whatever sequence number or IP version it quotes",
	 is_of_errors},
	{"SCTP, DCCP and UDP-Lite have states of their own", is_of_others},
	{"the helper drops a command that is cut off, and reads numbers that are out of "
	 "range",
	 reads_commands},
	{"an invalid packet uses up what the helper expects", expects},
	{"what the helper expects may outlast the connection that announced it", expects},
};

const char *plan_note(const struct fw_rule *r, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < FW_COUNT(notes); i++)
		if (notes[i].concerns(r) && !n--)
			return notes[i].text;
	return NULL;
}
