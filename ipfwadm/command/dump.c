// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dump.c - rules translated for other programs.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "backend/choose.h"
#include "backend/ruleset.h"
#include "backend/plan/plan_commands.h"
#include "backend/text/emit.h"
#include "ipfwadm/command/subcommands.h"
#include "ipfwadm/format/exactness.h"
#include "ipfwadm/format/json.h"
#include "ipfwadm/format/saved.h"

struct dump {
	struct fw_ruleset rs;
	struct fw_interfaces ifs;
	bool partial;
	bool notes;	/* also print where the kernel's states differ */
};

static const int exactness_status[] = {
	[PLAN_EXACT] = STATUS_OK,
	[PLAN_APPROXIMATE] = STATUS_APPROXIMATE,
	[PLAN_IMPOSSIBLE] = STATUS_LEFT_OUT,
};

/* iptables-restore cannot set timeouts, so those of -M -s are reported. */
static int timeouts_report(const struct app *app, const struct fw_timeouts *t, int status)
{
	if (t->tcp == FW_TIMEOUT_TCP && t->tcpfin == FW_TIMEOUT_TCPFIN &&
	    t->udp == FW_TIMEOUT_UDP)
		return status;
	app_error(app, "approximate: -M -s %u %u %u: iptables cannot set the timeouts of "
		       "masqueraded connections, which keep the kernel's", t->tcp, t->tcpfin,
		  t->udp);
	return status == STATUS_OK ? STATUS_APPROXIMATE : status;
}

static int plan_dump(struct app *app, struct dump *d, enum plan_target target)
{
	struct plan_options options = {
		.devs = d->ifs.dev, .ndevs = d->ifs.count, .mark_mask = app->mark_mask,
		.is_text = true,
	};
	struct emit_options emit = { &d->rs, saved_format.describe, true };
	struct plan *p;
	int status, err;

	p = target == PLAN_NFT ? plan_lower_nft(&d->rs, &options) :
				 plan_lower_xtables(&d->rs, &options);
	if (!p || plan_commands_add(p, &d->rs, saved_format.describe)) {
		app_error(app, "out of memory");
		plan_free(p);
		return STATUS_FAILED;
	}
	status = exactness_status[exactness_report(app->name, &d->rs, p, d->notes)];
	if (target == PLAN_XTABLES)
		status = timeouts_report(app, &d->rs.timeouts, status);
	if (status == STATUS_LEFT_OUT && !d->partial) {
		app_error(app, "nothing printed: use --partial to print the other rules");
	} else {
		err = target == PLAN_NFT ? emit_nft(stdout, p, &emit) :
					   emit_iptables(stdout, p, &emit);
		if (err < 0) {
			app_error(app, "cannot write output: %s", strerror(-err));
			status = STATUS_FAILED;
		}
	}
	plan_free(p);
	return status;
}

static int nft_dump(struct app *app, struct dump *d)
{
	return plan_dump(app, d, PLAN_NFT);
}

static int iptables_dump(struct app *app, struct dump *d)
{
	return plan_dump(app, d, PLAN_XTABLES);
}

static int json_dump(struct app *app, struct dump *d)
{
	(void)app;
	json_ruleset_write(stdout, &d->rs, &d->ifs, true);
	return STATUS_OK;
}

static int ipfwadm_dump(struct app *app, struct dump *d)
{
	(void)app;
	saved_write(stdout, &d->rs, SAVED_SOME_COUNTERS);
	return STATUS_OK;
}

static const struct format {
	const char *name;
	int (*dump)(struct app *app, struct dump *d);
} formats[] = {
	{ "nft", nft_dump },
	{ "iptables", iptables_dump },
	{ "json", json_dump },
	{ "ipfwadm", ipfwadm_dump },
};

int command_dump(struct app *app, int argc, char **argv)
{
	static const struct option options[] = {
		{ "partial", no_argument, NULL, 'p' },
		{ NULL, 0, NULL, 0 },
	};
	struct dump d = { .partial = false };
	unsigned int i;
	int c, status;

	while ((c = getopt_long(argc, argv, "v", options, NULL)) != -1) {
		if (c == 'p')
			d.partial = true;
		else if (c == 'v')
			d.notes = true;
		else
			return app_usage(app, argv[0]);
	}
	if (optind >= argc || optind + 2 < argc)
		return app_usage(app, argv[0]);
	for (i = 0; i < FW_COUNT(formats); i++)
		if (strcmp(argv[optind], formats[i].name) == 0)
			break;
	if (i == FW_COUNT(formats)) {
		app_error(app, "cannot dump as '%s': the formats are nft, iptables, json "
			       "and ipfwadm", argv[optind]);
		return STATUS_USAGE;
	}
	fw_ruleset_init(&d.rs);
	status = command_rules_read(app, optind + 1 < argc ? argv[optind + 1] : NULL, false, &d.rs,
				    &d.ifs);
	if (optind + 1 == argc)
		app_other_backends_warn(app, app->backend ? app->backend :
							    backend_choose(NULL, 0, NULL));
	if (status == STATUS_OK)
		status = formats[i].dump(app, &d);
	free(d.ifs.dev);
	fw_ruleset_free(&d.rs);
	return status;
}
