// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * classic.c - a classic command line, carried out by a backend.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/choose.h"
#include "backend/ruleset.h"
#include "ipfwadm/classic/classic.h"
#include "ipfwadm/format/change.h"
#include "ipfwadm/format/exactness.h"
#include "ipfwadm/format/json.h"
#include "ipfwadm/format/listing.h"
#include "parser/option.h"
#include "parser/print.h"

/*
 * EINVAL is what a kernel of 2.0 could answer, so it is reported as 2.3.0 did.  Other
 * errors (a full disk, say) are reported in the backend's words.
 */
static int refusal_report(const struct app *app, const struct fw_error *e)
{
	fflush(stdout);
	if (e->code == EINVAL)
		fprintf(stderr, "ipfwadm: setsockopt failed: %s\n", strerror(EINVAL));
	else
		fprintf(stderr, "ipfwadm: %s\n", e->text);
	document_report(app->document, DOCUMENT_ERROR, NULL, 0, 0,
			e->code == EINVAL ? strerror(EINVAL) : e->text, NULL);
	return STATUS_REFUSED;
}

/* Scripts get nothing that 2.3.0 did not print; people and -v do. */
static void pattern_warn(const struct app *app, const struct command *c,
			 const struct fw_edit *edit)
{
	char buf[PRINT_WARNING_MAX];
	struct fw_text t;

	fw_text_init(&t, buf, sizeof(buf));
	if ((c->verbose || app_is_terminal(app, STDERR_FILENO)) && print_pattern_warning(&t, edit))
		app_warn(app, "%s", buf);
}

/* With -v or --json, what the backend cannot express exactly of the rule. */
static enum plan_exactness exactness_warn(const struct app *app, struct backend *b,
					  const struct fw_edit *edit)
{
	enum plan_exactness exactness = PLAN_EXACT;
	struct fw_ruleset rs;
	struct fw_error e;

	if (!b->ops->lower)
		return PLAN_EXACT;
	fw_ruleset_init(&rs);
	if (b->ops->load(b, &rs, &e) == 0)
		exactness = exactness_report_backend(app, b, &rs, edit);
	fw_ruleset_free(&rs);
	return exactness;
}

/* One edit after the other: those after a refused one are carried out, too. */
static int edits_run(const struct app *app, struct backend *b, const struct command *c,
		     const struct program *p)
{
	enum plan_exactness worst = PLAN_EXACT, exactness;
	struct fw_error e;
	int status = STATUS_OK;

	for (unsigned int i = 0; i < c->nedits; i++) {
		const struct fw_edit *edit = &p->edit[c->first_edit + i];

		if (c->verbose && !app->json)
			listing_verbose_edit(stdout, edit);
		pattern_warn(app, c, edit);
		if (b->ops->edit(b, edit, 1, &e) < 0) {
			status |= refusal_report(app, &e);
		} else if (c->verbose || app->json) {
			exactness = exactness_warn(app, b, edit);
			worst = exactness > worst ? exactness : worst;
		}
	}
	exactness_document(app, worst);
	return status;
}

/* The same with --json: what they have changed is the document. */
static int edits_run_json(const struct app *app, struct backend *b, const struct command *c,
			  const struct program *p)
{
	struct fw_ruleset before, after;
	int status = STATUS_FAILED, err;
	struct fw_error e;

	fw_ruleset_init(&before);
	fw_ruleset_init(&after);
	err = b->ops->load(b, &before, &e);
	if (!err) {
		status = edits_run(app, b, c, p);
		err = b->ops->load(b, &after, &e);
	}
	if (!err && change_print(app, &before, &after) < 0)
		err = fw_error_set(&e, ENOMEM, "out of memory");
	if (err)
		app_error(app, "%s", e.text);
	fw_ruleset_free(&before);
	fw_ruleset_free(&after);
	return err ? STATUS_FAILED : status;
}

/* 2.3.0 read the verdict from the errno of the check, and knew no redirect. */
static int verdict_report(const struct fw_packet *pkt, enum fw_verdict verdict, json_t *checks)
{
	static const char *const words[] = {
		[FW_V_DENY] = "denied", [FW_V_ACCEPT] = "accepted", [FW_V_REJECT] = "rejected",
		[FW_V_REDIRECT] = "redirected", [FW_V_MASQUERADE] = "masqueraded",
	};

	if (checks) {
		json_array_append_new(checks, json_pack("{s:o, s:s}", "packet", json_packet(pkt),
							"verdict", words[verdict]));
	} else if (verdict == FW_V_REDIRECT) {
		fflush(stdout);
		fprintf(stderr, "ipfwadm: setsockopt failed: %s\n", strerror(ECONNABORTED));
	} else {
		printf("packet %s\n", words[verdict]);
	}
	return verdict == FW_V_MASQUERADE || verdict == FW_V_REDIRECT ? STATUS_REFUSED : STATUS_OK;
}

static int checks_run(const struct app *app, struct backend *b, const struct command *c,
		      const struct program *p)
{
	json_t *checks = app->json ? json_array() : NULL;
	struct fw_decision d;
	struct fw_error e;
	int status = STATUS_OK;

	for (unsigned int i = 0; i < c->nchecks; i++) {
		const struct check *check = &p->check[c->first_check + i];

		if (c->verbose && !checks)
			listing_verbose_check(stdout, check);
		if (b->ops->check(b, c->list, &check->pkt, &check->dev, &d, &e) < 0)
			status |= refusal_report(app, &e);
		else
			status |= verdict_report(&check->pkt, d.verdict, checks);
	}
	if (checks)
		json_write_member(app, "checks", checks);
	return status;
}

static int list_run(const struct app *app, struct backend *b, const struct command *c)
{
	struct fw_ruleset rs;
	struct fw_error e;
	int err;

	fw_ruleset_init(&rs);
	err = c->zero ? b->ops->load_zero(b, c->list, &rs, &e) : b->ops->load(b, &rs, &e);
	if (err < 0) {
		app_error(app, "%s", e.text);
	} else if (app->json) {
		json_list_write(app, c->list, &rs.list[c->list]);
	} else {
		listing_rules(stdout, c, &rs.list[c->list]);
	}
	app_other_backends_warn(app, b->ops->name);
	fw_ruleset_free(&rs);
	return err < 0 ? STATUS_FAILED : STATUS_OK;
}

static int connections_run(const struct app *app, struct backend *b,
			   const struct command *c)
{
	struct fw_conn *conns = NULL;
	struct fw_error e;
	size_t n = 0;

	if (b->ops->connections(b, &conns, &n, &e) < 0) {
		app_error(app, "%s", e.text);
		return STATUS_FAILED;
	}
	if (app->json)
		json_connections_write(app, conns, n, fw_ticks_now());
	else
		listing_connections(stdout, c, conns, n, fw_ticks_now());
	free(conns);
	return STATUS_OK;
}

static int portfw_list_run(const struct app *app, struct backend *b, const struct command *c)
{
	struct fw_ruleset rs;
	struct fw_error e;
	int err;

	fw_ruleset_init(&rs);
	err = b->ops->load(b, &rs, &e);
	if (err < 0)
		app_error(app, "%s", e.text);
	else if (app->json)
		json_portfw_write(app, &rs.portfw);
	else
		listing_portfw(stdout, c, &rs.portfw);
	fw_ruleset_free(&rs);
	return err < 0 ? STATUS_FAILED : STATUS_OK;
}

static int command_execute(const struct app *app, const struct command *c,
		       const struct program *p)
{
	struct backend b;
	int status;

	if (c->kind == COMMAND_HELP) {
		app_help_classic(stdout);
		return STATUS_OK;
	}
	if (app_backend_open_for(app, &b, &p->edit[c->first_edit],
				 c->kind == COMMAND_EDIT ? c->nedits : 0) < 0)
		return STATUS_FAILED;
	switch (c->kind) {
	case COMMAND_EDIT:
		status = app->json ? edits_run_json(app, &b, c, p) : edits_run(app, &b, c, p);
		break;
	case COMMAND_CHECK:
		status = checks_run(app, &b, c, p);
		break;
	case COMMAND_MASQ_LIST:
		status = connections_run(app, &b, c);
		break;
	case COMMAND_PORTFW_LIST:
		status = portfw_list_run(app, &b, c);
		break;
	case COMMAND_TRACK_LIST:
	case COMMAND_TRACK_END:
	case COMMAND_TRACK_FLUSH:
	case COMMAND_TRACK_TIMEOUTS:
		status = classic_tracked_run(app, &b, c, p);
		break;
	default:
		status = list_run(app, &b, c);
	}
	backend_close(&b);
	return status;
}

/* What a mistake may have meant: that of *d, or the nearest of all long options. */
static const char *mistake_hint(const struct source *source, const struct diag *d,
				char buf[sizeof(d->hint)])
{
	const char *names[3] = { NULL }, *word, *near;
	char name[64];

	/* a place of no length may be in no text */
	if ((d->hint[0] && !strstr(d->hint, "'--")) || d->loc.end <= d->loc.begin + 2)
		return d->hint;
	word = source->text + d->loc.begin;
	if (strncmp(word, "--", 2) != 0)
		return d->hint;
	snprintf(name, sizeof(name), "%.*s", (int)(d->loc.end - d->loc.begin), word);
	names[0] = app_global_suggest(name + 2);
	near = option_suggest(name);
	if (near)
		names[names[0] != NULL] = near + 2;
	near = diag_suggest(name + 2, names);
	if (near)
		snprintf(buf, sizeof(d->hint), "did you mean '--%s'?", near);
	return near ? buf : "`ipfwadm help' lists the options";
}

static int usage_report(const struct app *app, const struct source *source,
			const struct diag *d)
{
	char buf[sizeof(d->hint)];
	const char *hint = mistake_hint(source, d, buf);

	fprintf(stderr, "%s: %s\n", app->name, d->text);
	if (d->trailer)
		fprintf(stderr, "Try `%s -h' for more information.\n", app->name);
	if (*hint && app_is_terminal(app, STDERR_FILENO))	/* scripts read what they knew */
		fprintf(stderr, "%s: %s\n", app->name, hint);
	document_report(app->document, DOCUMENT_ERROR, NULL, 0, 0, d->text, hint);
	return d->status;
}

int classic_run(struct app *app, int argc, char **argv)
{
	struct program program = { 0 };
	struct source source = { 0 };
	struct diags diags;
	int err, status;

	diags_init(&diags, &source);
	err = program_parse_argv(&program, argc, argv, &source, &diags);
	if (err && argc > 1 && isalpha((unsigned char)argv[1][0])) {
		status = app_no_command(app, argv[1]);	/* 2.3.0 had none that are words */
	} else if (err && diags.count > 0) {
		status = usage_report(app, &source, &diags.item[0]);
	} else if (err) {
		app_error(app, "%s", strerror(-err));
		status = STATUS_FAILED;
	} else {
		status = command_execute(app, &program.command[0], &program);
	}
	diags_free(&diags);
	program_free(&program);
	source_free(&source);
	return status;
}
