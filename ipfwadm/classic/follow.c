// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * follow.c - what happens to tracked connections (-T -l --follow).
 *
 * An event is a line, or with --json a document on a line.  Both are written as soon as they
 * come, and whole: the first signal that asks for the end is received between them.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "ipfwadm/classic/classic.h"
#include "ipfwadm/format/json.h"
#include "ipfwadm/format/listing.h"

struct print_ctx {
	const struct app *app;
	const struct command *c;
	bool begun;	/* the header has been printed */
};

static const char *const words[] = {
	[TRACK_NEW] = "new", [TRACK_ASSURED] = "assured", [TRACK_CHANGED] = "changed",
	[TRACK_ENDED] = "ended",
};

static void on_event(enum track_event event, const struct track_conn *conn, void *ctx)
{
	const struct print_ctx *p = ctx;
	struct document *d;

	if (!p->app->json) {
		printf("%-8s ", words[event]);
		listing_tracked(stdout, p->c, conn);
		return;
	}
	d = document_new();
	if (!d)
		return;
	document_add(d, json_tracked_event(words[event], conn));
	document_print_line(d);
	document_free(d);
}

static void on_lost(__u32 count, void *ctx)
{
	const struct print_ctx *p = ctx;
	struct app app = *p->app;
	char number[16] = "";

	app.document = app.json ? document_new() : NULL;
	if (count)
		snprintf(number, sizeof(number), "%u ", count);
	app_warn(&app, "%sevents were lost: they come faster than they are printed", number);
	if (!app.document)
		return;
	document_add(app.document, json_pack("{s:s, s:o*}", "event", "lost", "count",
					     count ? json_integer(count) : NULL));
	document_print_line(app.document);
	document_free(app.document);
}

/* Output that cannot be written ends it. */
static bool on_pause(void *ctx)
{
	struct print_ctx *p = ctx;

	if (!p->begun && !p->app->json) {
		fputs("IP tracked connection events\nevent    ", stdout);
		listing_tracked_header(stdout, p->c);
	}
	p->begun = true;
	return !fflush(stdout);
}

static int stop;	/* can be read when a signal has asked for the end */

static void on_signal(int signal)
{
	int error = errno;

	(void)signal;
	eventfd_write(stop, 1);
	errno = error;
}

/* The first one interrupts a write, too, and a second one ends the program.  0 or -errno. */
static int signals_receive(void)
{
	static const int ends[] = { SIGHUP, SIGINT, SIGTERM };
	const struct sigaction receive = {
		.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND,
	};
	struct sigaction was;

	stop = eventfd(0, EFD_CLOEXEC);
	if (stop < 0)
		return -errno;
	for (size_t i = 0; i < FW_COUNT(ends); i++)
		if (!sigaction(ends[i], NULL, &was) && was.sa_handler != SIG_IGN)
			sigaction(ends[i], &receive, NULL);
	return 0;
}

int classic_follow_run(const struct app *app, struct backend *b, const struct command *c,
		       const struct track_filter *filter)
{
	static char buffer[64 * 1024];
	struct print_ctx ctx = { .app = app, .c = c };
	struct track_listener listener = {
		.filter = filter, .on_event = on_event, .on_lost = on_lost,
		.on_pause = on_pause, .ctx = &ctx,
	};
	struct fw_error e;
	int err;

	if (!b->ops->track->follow) {
		app_error(app, "backend '%s' has no events of connections", b->ops->name);
		return STATUS_FAILED;
	}
	err = signals_receive();
	if (err) {
		app_error(app, "cannot receive signals: %s", strerror(-err));
		return STATUS_FAILED;
	}
	listener.stop = stop;
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	err = b->ops->track->follow(b, &listener, &e);
	if (err)
		app_error(app, "%s", e.text);
	close(stop);
	return err ? STATUS_FAILED : STATUS_OK;
}
