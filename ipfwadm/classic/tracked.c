// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tracked.c - commands on tracked connections (-T).
 *
 * Connections are printed as they are read, because there may be a million of them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ipfwadm/classic/classic.h"
#include "ipfwadm/format/change.h"
#include "ipfwadm/format/json.h"
#include "ipfwadm/format/listing.h"

static const char title[] = "IP tracked connections\n";

struct print_ctx {
	const struct command *c;
	size_t count;
};

static int row_print(const struct track_conn *conn, void *ctx)
{
	struct print_ctx *p = ctx;

	if (!p->count++) {
		fputs(title, stdout);
		listing_tracked_header(stdout, p->c);
	}
	listing_tracked(stdout, p->c, conn);
	return 0;
}

/* They are written one after the other, because they may be many. */
#define JSON_HEAD "{\"version\": %d, \"tracked_connections\": ["

static int json_print(const struct track_conn *conn, void *ctx)
{
	struct print_ctx *p = ctx;

	if (p->count++)
		fputs(",\n", stdout);
	else
		printf(JSON_HEAD "\n", JSON_VERSION);
	json_tracked_write(stdout, conn);
	return 0;
}

/* -v: a connection that is ended */
static int ended_print(const struct track_conn *conn, void *ctx)
{
	const struct print_ctx *p = ctx;

	listing_tracked(stdout, p->c, conn);
	return 0;
}

/* --json: the change */
static int ended_count(const struct track_conn *conn, void *ctx)
{
	(void)conn;
	((struct print_ctx *)ctx)->count++;
	return 0;
}

static int list_run(const struct app *app, struct backend *b, const struct command *c,
		    const struct track_filter *filter)
{
	static char buffer[64 * 1024];
	struct print_ctx ctx = { .c = c };
	struct fw_error e;
	int err;

	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	err = b->ops->track->list(b, filter, app->json ? json_print : row_print, &ctx, &e);
	if (app->json && !err && !ctx.count)
		printf(JSON_HEAD, JSON_VERSION);
	if (app->json && (ctx.count || !err)) {
		fputs(ctx.count ? "\n]" : "]", stdout);
		document_is_open(app->document);
	}
	if (!app->json && !err && !ctx.count)
		fputs(title, stdout);
	if (err)
		app_error(app, "%s", e.text);
	return err ? STATUS_FAILED : STATUS_OK;
}

static int end_run(const struct app *app, struct backend *b, const struct command *c,
		   const struct track_filter *filter)
{
	struct command verbose = *c;
	struct print_ctx ctx = { .c = &verbose };
	struct fw_error e;

	verbose.numeric = true;
	if (!b->ops->track->end(b, filter, app->json ? ended_count :
				c->verbose ? ended_print : NULL, &ctx, &e)) {
		change_document(app, ctx.count > 0);
		return STATUS_OK;
	}
	app_error(app, "%s", e.text);
	return STATUS_REFUSED;
}

static int flush_run(const struct app *app, struct backend *b)
{
	struct fw_error e;

	if (!b->ops->track->flush(b, &e)) {
		change_document(app, true);
		return STATUS_OK;
	}
	app_error(app, "%s", e.text);
	return STATUS_REFUSED;
}

static void timeouts_print(const struct app *app, const struct track_timeout *timeouts,
			   size_t n)
{
	json_t *o = app->json ? json_object() : NULL;

	if (!o)
		puts("IP tracked connection timeouts\ntimeout                   seconds");
	for (size_t i = 0; i < n; i++) {
		if (o)
			json_object_set_new(o, timeouts[i].name,
					    json_integer(timeouts[i].seconds));
		else
			printf("%-24s %8u\n", timeouts[i].name, timeouts[i].seconds);
	}
	if (o)
		json_write_member(app, "tracked_timeouts", o);
}

/* Reports a name that does not exist, with a suggestion if one is close. */
static bool timeout_check(const struct app *app, const char *name,
			  const struct track_timeout *timeouts, size_t n)
{
	const char **names = calloc(n + 1, sizeof(*names));
	const char *near = NULL;
	bool known = false;

	for (size_t i = 0; i < n; i++) {
		known |= strcmp(timeouts[i].name, name) == 0;
		if (names)
			names[i] = timeouts[i].name;
	}
	if (!known && names)
		near = diag_suggest(name, names);
	if (!known && near)
		app_error(app, "there is no timeout '%s'; did you mean '%s'?", name, near);
	else if (!known)
		app_error(app, "there is no timeout '%s'", name);
	free(names);
	return known;
}

/* Does a timeout get another value? */
static bool timeout_changes(const struct track_timeout *set, const struct track_timeout *timeouts,
			    size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(timeouts[i].name, set->name) == 0)
			return timeouts[i].seconds != set->seconds;
	return true;
}

static int timeouts_set(const struct app *app, struct backend *b, const struct program *p,
			const struct track_timeout *timeouts, size_t n)
{
	struct track_timeout *set = calloc(p->ntimeouts, sizeof(*set));
	bool is_change = false;
	struct fw_error e;
	int err;

	if (!set) {
		app_error(app, "%s", strerror(ENOMEM));
		return STATUS_FAILED;
	}
	for (unsigned int i = 0; i < p->ntimeouts; i++) {
		snprintf(set[i].name, sizeof(set[i].name), "%s", p->timeout[i].name);
		set[i].seconds = p->timeout[i].seconds;
		is_change |= timeout_changes(&set[i], timeouts, n);
	}
	err = b->ops->track->timeouts_set(b, set, p->ntimeouts, &e);
	if (err)
		app_error(app, "%s", e.text);
	else
		change_document(app, is_change);
	free(set);
	return err ? STATUS_REFUSED : STATUS_OK;
}

static int timeouts_run(const struct app *app, struct backend *b, const struct program *p)
{
	struct track_timeout *timeouts;
	struct fw_error e;
	int status = STATUS_OK;
	size_t n;

	if (b->ops->track->timeouts(b, &timeouts, &n, &e)) {
		app_error(app, "%s", e.text);
		return STATUS_FAILED;
	}
	for (unsigned int i = 0; i < p->ntimeouts; i++)
		if (!timeout_check(app, p->timeout[i].name, timeouts, n))
			status = STATUS_USAGE;
	if (!p->ntimeouts)
		timeouts_print(app, timeouts, n);
	else if (status == STATUS_OK)
		status = timeouts_set(app, b, p, timeouts, n);
	free(timeouts);
	return status;
}

int classic_tracked_run(const struct app *app, struct backend *b, const struct command *c,
			const struct program *p)
{
	struct track_filter filter = { p->filter, p->nfilters };

	switch (c->kind) {
	case COMMAND_TRACK_LIST:
		return c->follow ? classic_follow_run(app, b, c, &filter) :
				   list_run(app, b, c, &filter);
	case COMMAND_TRACK_END:
		return end_run(app, b, c, &filter);
	case COMMAND_TRACK_FLUSH:
		return flush_run(app, b);
	default:
		return timeouts_run(app, b, p);
	}
}
