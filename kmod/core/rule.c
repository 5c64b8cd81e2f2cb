// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rule.c - validity and equality of rules.
 */
#include "kmod/core/rule.h"

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
