// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dump.c - translate rules without touching anything.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "backend/choose.h"
#include "backend/text/emit.h"
#include "backend/interfaces.h"
#include "backend/ruleset.h"
#include "ipfwadm/app/app.h"
#include "ipfwadm/format/json.h"
#include "ipfwadm/format/saved.h"
#include "kmod/core/names.h"
#include "parser/print.h"

/* what is to be dumped and where it stands */
struct dump {
	struct fw_ruleset rs;
	struct fw_interfaces ifs;
	bool partial;
};

static void report_tell(const struct app *app, enum fw_list_id list, __u32 index,
			const struct fw_rule *r, const struct plan_report *report)
{
	const char *word = report->exactness == PLAN_IMPOSSIBLE ? "left out" : "approximate";
	char buf[PRINT_RULE_MAX];
	struct fw_text t;

	fw_text_init(&t, buf, sizeof(buf));
	print_rule(&t, FW_OP_APPEND, list, r);
	app_error(app, "%s: -%c rule %u, '%s': %s", word, print_list(list), index + 1, buf,
		  report->reason);
}

/* Lists on stderr what is not exact; the exit status that this means. */
static int reports_tell(const struct app *app, const struct dump *d, const struct plan *p)
{
	enum plan_exactness worst = PLAN_EXACT;
	int list;
	__u32 i;

	for (list = 0; list < FW_LISTS; list++) {
		const struct plan_report *report = &p->policy_report[list];

		if (report->exactness != PLAN_EXACT)
			app_error(app, "%s: -%c policy %s: %s",
				  report->exactness == PLAN_IMPOSSIBLE ?
				  "left out" : "approximate", print_list(list),
				  fw_policy_name(d->rs.list[list].policy), report->reason);
		if (report->exactness > worst)
			worst = report->exactness;
		for (i = 0; i < p->nreports[list]; i++) {
			report = &p->report[list][i];
			if (report->exactness == PLAN_EXACT)
				continue;
			report_tell(app, list, i, fw_list_rule(&d->rs.list[list], i), report);
			if (report->exactness > worst)
				worst = report->exactness;
		}
	}
	if (worst == PLAN_IMPOSSIBLE)
		return STATUS_LEFT_OUT;
	return worst == PLAN_APPROXIMATE ? STATUS_APPROXIMATE : STATUS_OK;
}

/* iptables-restore has no words for timeouts: what -M -s asked for is told. */
static int timeouts_tell(const struct app *app, const struct fw_timeouts *t, int status)
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
	if (!p) {
		app_error(app, "out of memory");
		return STATUS_FAILED;
	}
	status = reports_tell(app, d, p);
	if (target == PLAN_XTABLES)
		status = timeouts_tell(app, &d->rs.timeouts, status);
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
	if (saved_write(stdout, &d->rs, SAVED_SOME_COUNTERS) == 0)
		return STATUS_OK;
	app_error(app, "out of memory");
	return STATUS_FAILED;
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

/* Rules and interfaces of a file; without interface lines those of the system. */
static int file_read(struct app *app, const char *name, struct dump *d)
{
	struct program program = { 0 };
	struct source source = { 0 };
	struct fw_error e;
	int status = STATUS_OK;

	if (saved_parse(name, app->color, &source, &program) < 0) {
		status = STATUS_USAGE;
	} else if (saved_apply(&program, &source, &d->rs, &d->ifs, stderr, &e) < 0 ||
		   (d->ifs.count == 0 && interfaces_system(&d->ifs, &e) < 0)) {
		app_error(app, "%s", e.text);
		status = STATUS_FAILED;
	}
	program_free(&program);
	source_free(&source);
	return status;
}

static int backend_read(struct app *app, struct dump *d)
{
	int status = STATUS_OK;
	struct fw_error e;
	struct backend b;

	if (app_backend_open(app, &b) < 0)
		return STATUS_FAILED;
	if (b.ops->load(&b, &d->rs, &e) < 0 || b.ops->interfaces(&b, &d->ifs, &e) < 0) {
		app_error(app, "%s", e.text);
		status = STATUS_FAILED;
	}
	app_standing_warn(app, b.ops->name);
	backend_close(&b);
	return status;
}

int dump_run(struct app *app, int argc, char **argv)
{
	static const struct option options[] = {
		{ "partial", no_argument, NULL, 'p' },
		{ NULL, 0, NULL, 0 },
	};
	struct dump d = { .partial = false };
	unsigned int i;
	int c, status;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c != 'p')
			return help_usage(app, argv[0]);
		d.partial = true;
	}
	if (optind >= argc || optind + 2 < argc)
		return help_usage(app, argv[0]);
	for (i = 0; i < FW_COUNT(formats); i++)
		if (strcmp(argv[optind], formats[i].name) == 0)
			break;
	if (i == FW_COUNT(formats)) {
		app_error(app, "cannot dump as '%s': the formats are nft, iptables, json "
			       "and ipfwadm", argv[optind]);
		return STATUS_USAGE;
	}
	fw_ruleset_init(&d.rs);
	status = optind + 1 < argc ? file_read(app, argv[optind + 1], &d) :
				     backend_read(app, &d);
	if (status == STATUS_OK)
		status = formats[i].dump(app, &d);
	free(d.ifs.dev);
	fw_ruleset_free(&d.rs);
	return status;
}
