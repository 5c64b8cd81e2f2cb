// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * live_backend.c - rules in force by way of a backend.
 */
#include <errno.h>
#include <stdio.h>

#include "backend/nft/nft.h"
#include "backend/plan/plan.h"
#include "backend/kmod/kmod.h"
#include "backend/xtables/xtables.h"
#include "parser/print.h"
#include "tests/programs/paths/live.h"

static void rule_describe(struct fw_text *t, enum fw_list_id list, const struct fw_rule *r)
{
	print_rule(t, FW_OP_APPEND, list, r);
}

static const struct ruleset_format format = { .describe = rule_describe };

static struct backend backend;

static int error_tell(int err, const struct fw_error *e)
{
	if (err < 0)
		fprintf(stderr, "%s: %s\n", backend.ops->name, e->text);
	return err;
}

static int rules_load(const struct backend_ops *ops, const struct fw_ruleset *rs)
{
	struct fw_error e = { .code = 0 };
	int err;

	backend = (struct backend){
		.ops = ops, .format = &format, .mark_mask = BACKEND_MARK_MASK,
	};
	err = backend.ops->open(&backend, NULL, &e);
	if (!err)
		err = backend.ops->replace(&backend, rs, &e);
	return error_tell(err, &e);
}

/* Backends look up interfaces themselves, where they have been made. */
static int nft_load(const struct fw_ruleset *rs, const struct fw_dev *devs, __u32 ndevs)
{
	(void)devs;
	(void)ndevs;
	return rules_load(&nft_ops, rs);
}

static int kmod_load(const struct fw_ruleset *rs, const struct fw_dev *devs, __u32 ndevs)
{
	(void)devs;
	(void)ndevs;
	return rules_load(&kmod_ops, rs);
}

static int xtables_load(const struct fw_ruleset *rs, const struct fw_dev *devs, __u32 ndevs)
{
	(void)devs;
	(void)ndevs;
	return rules_load(&xtables_ops, rs);
}

static int rules_count(struct fw_ruleset *rs)
{
	struct fw_error e = { .code = 0 };
	struct fw_ruleset now;
	int list, err;

	fw_ruleset_init(&now);
	err = backend.ops->load(&backend, &now, &e);
	if (err < 0)
		return error_tell(err, &e);
	for (list = 0; list < FW_LISTS; list++)
		if (now.list[list].count != rs->list[list].count)
			err = -EPROTO;
	fw_ruleset_free(rs);
	*rs = now;
	return err;
}

static void rules_unload(void)
{
	if (backend.state)
		backend.ops->close(&backend);
}

const struct live live_nft = {
	.name = "nft",
	.conntrack = true,
	.load = nft_load,
	.counters = rules_count,
	.unload = rules_unload,
};

const struct live live_xtables = {
	.name = "xtables",
	.conntrack = true,
	.load = xtables_load,
	.counters = rules_count,
	.unload = rules_unload,
};

const struct live live_kmod = {
	.name = "kmod",
	.load = kmod_load,
	.counters = rules_count,
	.unload = rules_unload,
};
