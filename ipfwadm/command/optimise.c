// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * optimise.c - the rules without those that are not needed, proved to do the same.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "backend/analysis/lint.h"
#include "backend/analysis/optimise.h"
#include "backend/ruleset.h"
#include "ipfwadm/app/progress.h"
#include "ipfwadm/command/placed.h"
#include "ipfwadm/command/subcommands.h"
#include "ipfwadm/format/rules_dump.h"
#include "kmod/core/names.h"

static const char *plural(__u32 n)
{
	return n == 1 ? "" : "s";
}

/* What became of a list; false: it could not be proved. */
static bool list_report(const struct app *app, enum fw_list_id list, __u32 count,
			const struct optimised *o)
{
	const char *name = fw_list_names[list];

	if (o->error == -E2BIG)
		app_warn(app, "%s is as it was: not proved within the budget", name);
	else if (o->error)
		app_warn(app, "%s is as it was: internal error: the shorter list would differ",
			 name);
	else if (o->removed || o->merged)
		app_note(app, "%s: %u rule%s in place of %u, alike for every packet; who counts "
			 "differs", name, count, plural(count), count + o->removed + o->merged);
	return !o->error;
}

static int rules_optimise(struct app *app, struct fw_ruleset *rs, __u64 budget)
{
	struct optimised done[FW_LISTS];
	int err, status = STATUS_OK;

	progress_begin("optimise");
	err = optimise_rules(rs, budget, done);
	progress_end();
	if (err) {
		app_error(app, "cannot optimise the rules: %s",
			  err == -EBADE ? "internal error: the core contradicts the analysis" :
			  err == -E2BIG ? "they name too many interfaces" : strerror(-err));
		return STATUS_FAILED;
	}
	for (int list = 0; list < FW_ACCT; list++)
		if (!list_report(app, (enum fw_list_id)list, rs->list[list].count, &done[list]))
			status = STATUS_UNDECIDED;
	return status;
}

int command_optimise(struct app *app, int argc, char **argv)
{
	static const struct option options[] = {
		{ "budget", required_argument, NULL, 'b' },
		{ "maps", no_argument, NULL, 'm' },
		{ "to", required_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	struct fw_interfaces ifs = { 0 };
	struct fw_ruleset rs;
	struct rules_dump d = { .rs = &rs, .ifs = &ifs };
	const struct dump_format *format;
	const char *to = "ipfwadm";
	__u64 budget = ANALYSIS_BUDGET;
	int c, status, dumped;

	while ((c = app_option(app, argc, argv, "", options)) != -1) {
		if (c == 't')
			to = optarg;
		else if (c == 'm')
			d.maps = true;
		else if (c != 'b')
			return app_usage(app, argv[0]);
		else if (!(budget = budget_parse(optarg)))
			return app_word_refuse(app, argv[0], "--budget", optarg, NULL);
	}
	if (argc - optind > 1)
		return app_word_refuse(app, argv[0], argv[0], argv[optind + 1], NULL);
	format = rules_dump_format(app, to);
	if (!format)
		return STATUS_USAGE;
	fw_ruleset_init(&rs);
	status = command_rules_read(app, argv[optind], false, &rs, &ifs);
	if (status == STATUS_OK)
		status = rules_optimise(app, &rs, budget);
	if (status == STATUS_OK || status == STATUS_UNDECIDED) {
		dumped = rules_dump(app, format, &d);
		status = dumped == STATUS_OK ? status : dumped;
	}
	free(ifs.dev);
	fw_ruleset_free(&rs);
	return status;
}
