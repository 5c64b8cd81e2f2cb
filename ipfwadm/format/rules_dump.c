// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rules_dump.c - rules as text for other programs.
 */
#include "ipfwadm/format/rules_dump.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/analysis/lint.h"
#include "backend/analysis/prove.h"
#include "backend/plan/plan_commands.h"
#include "backend/ruleset.h"
#include "backend/text/emit.h"
#include "backend/text/emit_gate.h"
#include "ipfwadm/format/exactness.h"
#include "ipfwadm/format/json.h"
#include "ipfwadm/format/saved.h"

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

/* Is it proved?  Returns an exit status, after a sentence if it is not. */
static int plan_prove(const struct app *app, const struct rules_dump *d, const struct plan *p,
		      int status)
{
	struct proof proof;
	int answer;

	if (status == STATUS_APPROXIMATE || status == STATUS_LEFT_OUT) {
		app_error(app, "nothing printed: what is not exact cannot be proved");
		return status;
	}
	answer = prove_plan(d->rs, p, d->ifs->dev, d->ifs->count, ANALYSIS_BUDGET, &proof);
	if (answer == PROVE_SAME)
		return STATUS_OK;
	if (answer == PROVE_DIFFERS) {
		app_error(app, "nothing printed: it would not do what the rules do: a packet "
			       "differs by %s, see `ipfwadm prove'", proof.what);
		return STATUS_DIFFERS;
	}
	app_error(app, "nothing printed: it is not proved: %s",
		  answer < 0 ? strerror(-answer) : proof.reason);
	return answer < 0 ? STATUS_FAILED : STATUS_UNDECIDED;
}

static int plan_dump(struct app *app, const struct rules_dump *d, enum plan_target target)
{
	struct plan_options options = {
		.devs = d->ifs->dev, .ndevs = d->ifs->count, .mark_mask = app->mark_mask,
		.log_group = app->log_group, .is_text = true,
	};
	struct emit_options emit = {
		.rules = d->rs, .describe = saved_format.describe, .counters = true,
		.origins = d->origins, .maps = d->maps,
	};
	struct plan *p;
	int status, err = -EIO;

	p = target == PLAN_NFT ? plan_lower_nft(d->rs, &options) :
				 plan_lower_xtables(d->rs, &options);
	if (!p || (!d->maps && plan_commands_add(p, d->rs, &saved_format))) {
		app_error(app, "out of memory");
		plan_free(p);
		return STATUS_FAILED;
	}
	status = exactness_status[exactness_report(app, d->rs, p, d->notes)];
	if (d->prove)
		status = plan_prove(app, d, p, status);
	if (d->prove && status != STATUS_OK) {
		plan_free(p);
		return status;
	}
	if (target == PLAN_XTABLES)
		status = timeouts_report(app, &d->rs->timeouts, status);
	if (status == STATUS_LEFT_OUT && !d->partial) {
		app_error(app, "nothing printed: use --partial to print the other rules");
	} else {
		err = target == PLAN_NFT ? emit_nft(d->out, p, &emit) :
					   emit_iptables(d->out, p, &emit);
		if (err < 0) {
			app_error(app, "cannot write output: %s", strerror(-err));
			status = STATUS_FAILED;
		}
	}
	if (!err && d->rs->denies_ipv6 && target == PLAN_NFT)
		emit_gate_nft(d->out);
	else if (!err && d->rs->denies_ipv6)
		app_note(app, "'ipv6 deny' is for ip6tables: see `ipfwadm dump ip6tables'");
	plan_free(p);
	return status;
}

static int nft_dump(struct app *app, const struct rules_dump *d)
{
	return plan_dump(app, d, PLAN_NFT);
}

static int iptables_dump(struct app *app, const struct rules_dump *d)
{
	return plan_dump(app, d, PLAN_XTABLES);
}

/* The gate for IPv6 is all that it has. */
static int ip6tables_dump(struct app *app, const struct rules_dump *d)
{
	(void)app;
	if (d->rs->denies_ipv6)
		emit_gate_ip6tables(d->out);
	else
		fputs("# ipv6 accept\n", d->out);
	return STATUS_OK;
}

static int json_dump(struct app *app, const struct rules_dump *d)
{
	json_ruleset_write(app, d->rs, d->ifs, d->origins, true);
	return STATUS_OK;
}

static int ipfwadm_dump(struct app *app, const struct rules_dump *d)
{
	(void)app;
	saved_write(d->out, d->rs, d->origins ? d->ifs : NULL, d->origins, SAVED_SOME_COUNTERS);
	return STATUS_OK;
}

static const struct dump_format {
	const char *name;
	int (*dump)(struct app *app, const struct rules_dump *d);
	bool is_proved;		/* what it prints can be */
} formats[] = {
	{ "nft", nft_dump, true },
	{ "iptables", iptables_dump, true },
	{ "ip6tables", ip6tables_dump, false },
	{ "json", json_dump, false },
	{ "ipfwadm", ipfwadm_dump, false },
};

const struct dump_format *rules_dump_format(struct app *app, const char *name)
{
	size_t i = 0;

	while (i < FW_COUNT(formats) && strcmp(formats[i].name, name) != 0)
		i++;
	if (i == FW_COUNT(formats)) {
		app_error(app, "cannot dump as '%s': the formats are nft, iptables, ip6tables, "
			  "json and ipfwadm", name);
		return NULL;
	}
	app->json |= formats[i].dump == json_dump;
	return app_document_begin(app) ? &formats[i] : NULL;
}

/* With --json the text is a member of the document. */
static int text_dump(struct app *app, const struct dump_format *format, struct rules_dump *d)
{
	char *text = NULL;
	size_t len = 0;
	json_t *string;
	int status;

	d->out = open_memstream(&text, &len);
	if (!d->out) {
		app_error(app, "out of memory");
		return STATUS_FAILED;
	}
	status = format->dump(app, d);
	if (fclose(d->out)) {
		app_error(app, "out of memory");
		status = STATUS_FAILED;
	} else if (len) {
		string = json_stringn(text, len);
		if (string)
			document_add(app->document, json_pack("{s:s, s:o}", "format", format->name,
							      "text", string));
		else
			app_error(app, "nothing printed: it has bytes that JSON cannot have");
		status = string ? status : STATUS_FAILED;
	}
	free(text);
	return status;
}

int rules_dump(struct app *app, const struct dump_format *format, struct rules_dump *d)
{
	d->out = stdout;
	if (d->prove && !format->is_proved) {
		app_error(app, "only nft and iptables are proved");
		return STATUS_USAGE;
	}
	if (d->maps && format->dump != nft_dump) {
		app_error(app, "only nft has maps");
		return STATUS_USAGE;
	}
	return app->json && format->dump != json_dump ? text_dump(app, format, d) :
							format->dump(app, d);
}
