// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * store_ops.c - what nft and xtables do alike as backends of struct backend_ops.
 */
#include "backend/store/store_ops.h"

#include <errno.h>

#include "backend/interfaces.h"
#include "backend/plan/plan.h"
#include "backend/ruleset.h"

int store_argument_check(const char *name, const char *arg, struct fw_error *e)
{
	return arg ? fw_error_set(e, EINVAL, "backend '%s' takes no ':%.80s'", name, arg)
		   : 0;
}

int store_able(const struct fw_edit *edit, size_t n, struct fw_error *e)
{
	const char *refusal = NULL;
	size_t i;

	for (i = 0; i < n && !refusal; i++)
		if (edit[i].op == FW_OP_PORTFW && edit[i].portfw.op <= FW_PORTFW_INSERT)
			refusal = plan_portfw_refusal(&edit[i].portfw.forward);
	if (!refusal)
		return 0;
	fw_error_set(e, EOPNOTSUPP, "%s" PLAN_PORTFW_ELSEWHERE, refusal);
	if (e)
		e->edit = i - 1;
	return -EOPNOTSUPP;
}

int store_interfaces(struct backend *b, struct fw_interfaces *ifs, struct fw_error *e)
{
	(void)b;
	return interfaces_system(ifs, e);
}

int store_check(struct backend *b, enum fw_list_id list, const struct fw_packet *pkt,
		const struct fw_dev *dev, struct fw_decision *d, struct fw_error *e)
{
	const struct fw_walk walk = {.list = list, .dev = dev};
	struct fw_ruleset rs;
	int err;

	fw_ruleset_init(&rs);
	err = b->ops->load(b, &rs, e);
	if (!err)
		err = interfaces_system_check(dev, e);
	if (!err)
		fw_list_walk(&rs.list[list], &walk, pkt, d);
	fw_ruleset_free(&rs);
	return err;
}
