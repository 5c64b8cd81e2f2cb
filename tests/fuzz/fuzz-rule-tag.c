// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz-rule-tag.c - any bytes as the user data of a kernel rule.  What is
 * understood must be written and read back as the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "backend/rule_tag.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool settings_same(const struct rule_settings *a, const struct rule_settings *b)
{
	return !memcmp(a->policy, b->policy, sizeof(a->policy)) &&
	       !memcmp(&a->timeouts, &b->timeouts, sizeof(a->timeouts)) &&
	       a->mark_mask == b->mark_mask && a->needs == b->needs &&
	       a->log_group == b->log_group;
}

static bool origins_same(const struct rule_tag *a, const struct rule_tag *b)
{
	return a->kind == b->kind && a->list == b->list && a->number == b->number &&
	       settings_same(&a->settings, &b->settings) &&
	       fw_rule_equal(&a->rule, &b->rule) && a->rule.nsp == b->rule.nsp &&
	       !memcmp(a->rule.pts, b->rule.pts, sizeof(a->rule.pts)) &&
	       a->rule.tosand == b->rule.tosand && a->rule.tosxor == b->rule.tosxor &&
	       !strcmp(a->rule.comment, b->rule.comment);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rule_tag t, again;
	struct rule_udata u;

	rule_tag_comment(data, size);
	if (rule_tag_read(&t, data, size))
		return 0;
	rule_tag_write(&u, NULL, &t);
	if (u.len > RULE_TAG_UDATA_MAX || rule_tag_read(&again, u.byte, u.len) ||
	    !origins_same(&t, &again))
		abort();
	return 0;
}
