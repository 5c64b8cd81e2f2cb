// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rule.c - validity and equality of rules.
 */
#include "kmod/core/packet.h"

static int rule_refuse(enum fw_field *field, enum fw_field about)
{
	if (field)
		*field = about;
	return -EINVAL;
}

static bool comment_valid(const char *comment)
{
	unsigned int i;

	for (i = 0; i <= FW_COMMENT_MAX; i++) {
		if (!comment[i])
			return true;
		if (comment[i] < ' ' || comment[i] > '~')
			return false;
	}
	return false;
}

static bool ports_valid(const struct fw_rule *r)
{
	unsigned int used = (unsigned int)r->nsp + r->ndp + !!(r->flags & FW_REDIR);

	return used <= FW_MAX_PORTS && !(r->flags & FW_SRNG && r->nsp < 2) &&
	       !(r->flags & FW_DRNG && r->ndp < 2);
}

/* Only a rule that accepts can remember a connection, and not for accounting. */
static bool keep_state_valid(const struct fw_rule *r, enum fw_list_id list)
{
	if (!r->keep_state)
		return true;
	return r->keep_state == 1 && r->flags & FW_ACCEPT && list != FW_ACCT;
}

int fw_rule_check(const struct fw_rule *r, enum fw_list_id list,
		  enum fw_field *field)
{
	if ((unsigned int)list >= FW_LISTS)
		return rule_refuse(field, FW_FIELD_LIST);
	if (r->flags & ~FW_FLAGS)
		return rule_refuse(field, FW_FIELD_FLAGS);
	if (!ports_valid(r))
		return rule_refuse(field, FW_FIELD_PORTS);
	if (r->state & ~FW_STATES)
		return rule_refuse(field, FW_FIELD_STATE);
	if (!keep_state_valid(r, list))
		return rule_refuse(field, FW_FIELD_KEEP_STATE);
	if (r->helper >= FW_HELPERS)
		return rule_refuse(field, FW_FIELD_HELPER);
	if (!comment_valid(r->comment))
		return rule_refuse(field, FW_FIELD_COMMENT);
	if (field)
		*field = FW_FIELD_NONE;
	return 0;
}

bool fw_name_equal(const char a[FW_IFNAMSIZ], const char b[FW_IFNAMSIZ])
{
	unsigned int i;

	for (i = 0; i < FW_IFNAMSIZ && a[i] == b[i]; i++)
		if (!a[i])
			return true;
	return i == FW_IFNAMSIZ;
}

/* As in 2.0 only the sum of the counts is compared, so a:b c equals a b:c. */
static bool ports_equal(const struct fw_match *a, const struct fw_match *b)
{
	unsigned int used = (unsigned int)a->nsp + a->ndp, i;

	if (used != (unsigned int)b->nsp + b->ndp)
		return false;
	for (i = 0; i < used && i < FW_MAX_PORTS; i++)
		if (a->pts[i] != b->pts[i])
			return false;
	return true;
}

bool fw_match_equal(const struct fw_match *a, const struct fw_match *b)
{
	return a->src == b->src && a->dst == b->dst && a->smsk == b->smsk &&
	       a->dmsk == b->dmsk && a->via == b->via && a->flags == b->flags &&
	       a->state == b->state && a->keep_state == b->keep_state &&
	       a->helper == b->helper && ports_equal(a, b) &&
	       fw_name_equal(a->vianame, b->vianame);
}

static const char *const helper_names[FW_HELPERS] = {
	[FW_HELPER_AMANDA] = "amanda",
	[FW_HELPER_FTP] = "ftp",
	[FW_HELPER_H323] = "h323",
	[FW_HELPER_IRC] = "irc",
	[FW_HELPER_NETBIOS_NS] = "netbios-ns",
	[FW_HELPER_PPTP] = "pptp",
	[FW_HELPER_SANE] = "sane",
	[FW_HELPER_SIP] = "sip",
	[FW_HELPER_SNMP] = "snmp",
	[FW_HELPER_TFTP] = "tftp",
};

const char *fw_helper_name(unsigned int id)
{
	return id < FW_HELPERS ? helper_names[id] : NULL;
}

static bool text_equal(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

enum fw_helper_id fw_helper_find(const char *name)
{
	unsigned int id;

	for (id = FW_HELPER_NONE + 1; id < FW_HELPERS; id++)
		if (text_equal(helper_names[id], name))
			return (enum fw_helper_id)id;
	return FW_HELPER_NONE;
}
