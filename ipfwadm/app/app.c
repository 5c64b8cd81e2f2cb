// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * app.c - what all subcommands use: messages, the backend, files, the end of output.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/choose.h"
#include "ipfwadm/app/app.h"
#include "kmod/core/names.h"
#include "parser/command.h"

static void report(const struct app *app, enum document_severity severity, const char *format,
		   va_list args)
{
	char text[2048];

	vsnprintf(text, sizeof(text), format, args);
	fflush(stdout);
	fprintf(stderr, "%s: %s%s\n", app->name,
		severity == DOCUMENT_WARNING ? "warning: " : "", text);
	document_report(app->document, severity, NULL, 0, 0, text, NULL);
}

void app_error(const struct app *app, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(app, DOCUMENT_ERROR, format, args);
	va_end(args);
}

void app_warn(const struct app *app, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(app, DOCUMENT_WARNING, format, args);
	va_end(args);
}

void app_note(const struct app *app, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(app, DOCUMENT_NOTE, format, args);
	va_end(args);
}

void app_warn_line(const struct app *app, const char *file, unsigned int line,
		   const char *text)
{
	fprintf(stderr, "%s:%u: warning: %s\n", file, line, text);
	document_report(app->document, DOCUMENT_WARNING, file, line, 0, text, NULL);
}

void app_diags_print(const struct app *app, const struct diags *diags)
{
	unsigned int line, column;

	diags_print(stderr, diags, app->color);
	for (unsigned int i = 0; i < diags->count && i < DIAG_MAX; i++) {
		const struct diag *d = &diags->item[i];

		source_position(diags->source, d->loc.begin, &line, &column);
		document_report(app->document, DOCUMENT_ERROR, diags->source->name, line, column,
				d->text, d->hint);
	}
}

/*
 * A JSON document lacks whatever could not be allocated.  No caller checks each
 * member: jansson's allocator records the failure, and app_finish() reports it.
 */
static bool json_exhausted;

static void *json_malloc(size_t size)
{
	void *p = malloc(size);

	json_exhausted |= !p;
	return p;
}

void app_json_watch(void)
{
	json_set_alloc_funcs(json_malloc, free);
}

bool app_json_exhausted(void)
{
	bool exhausted = json_exhausted;

	json_exhausted = false;
	return exhausted;
}

bool app_document_begin(struct app *app)
{
	if (!app->json || app->document)
		return true;
	app->document = document_new();
	if (!app->document)
		app_error(app, "out of memory");
	return app->document;
}

void app_document_drop(struct app *app)
{
	document_free(app->document);
	app->document = NULL;
}

int app_finish(struct app *app, int status)
{
	if (app->document)
		document_print(app->document);
	app_document_drop(app);
	if (fflush(stdout) || ferror(stdout)) {
		app_error(app, "cannot write output: %s", strerror(errno));
		return STATUS_FAILED;
	}
	if (app_json_exhausted()) {
		app_error(app, "out of memory");
		return STATUS_FAILED;
	}
	return status;
}

bool app_is_terminal(const struct app *app, int fd)
{
	return app->staged ? (app->terminals >> fd & 1) != 0 : isatty(fd) != 0;
}

int app_backend_open(const struct app *app, struct backend *b)
{
	return app_backend_open_for(app, b, NULL, 0);
}

int app_backend_try(const struct app *app, struct backend *b, const struct fw_edit *edit,
		    size_t n, struct fw_error *e)
{
	const char *spec = app->backend;
	int err;

	if (app->staged) {
		*b = *app->staged;
		return 0;
	}
	*b = (struct backend){ .ops = NULL };
	if (!spec)
		spec = backend_choose(edit, n, e);
	if (!spec)
		return -ENODEV;
	err = backend_open(b, spec, app->format, app->trace, e);
	b->mark_mask = app->mark_mask;
	b->log_group = app->log_group;
	return err;
}

int app_backend_open_for(const struct app *app, struct backend *b,
			 const struct fw_edit *edit, size_t n)
{
	struct fw_error e;
	int err = app_backend_try(app, b, edit, n, &e);

	if (err == -ENODEV && !app->backend && geteuid())
		app_error(app, "the rules of the kernel need root: `sudo %s ...', or try "
			  "`--backend sim:FILE'", app->name);
	else if (err)
		app_error(app, "%s", e.text);
	return err;
}

static int portfw_open(void *ctx, struct backend *b, const struct fw_edit *edit, size_t n,
		       struct fw_error *e)
{
	return app_backend_try(ctx, b, edit, n, e);
}

struct portfw_host app_portfw_host(struct app *app)
{
	return (struct portfw_host){ portfw_open, backend_close, app };
}

void app_helpers_missing_warn(const struct app *app, const struct backend *b)
{
	for (unsigned int helper = 0; helper < FW_HELPERS; helper++)
		if (b->helpers_missing & 1u << helper)
			app_warn(app, "masqueraded connections go without the "
				  "helper %s, because the kernel has no module for it "
				  "(nf_conntrack_%s)", fw_helper_name(helper),
				  fw_helper_name(helper));
}

/* A copy, because callers free what they read. */
static int only_source_copy(const struct source *only, struct source *source,
			    struct fw_error *e)
{
	char *text;

	if (!only->text)
		return fw_error_set(e, EACCES, "the engine opens no files");
	text = malloc(only->len + 1);
	if (!text)
		return fw_error_set(e, ENOMEM, "out of memory");
	memcpy(text, only->text, only->len);
	text[only->len] = '\0';
	*source = (struct source){ .name = only->name, .text = text, .len = only->len };
	return 0;
}

int app_source_read(const struct app *app, struct source *source, const char *name,
		    struct fw_error *e)
{
	bool is_stdin = strcmp(name, "-") == 0;
	int fd, err;

	if (app->only_source)
		return only_source_copy(app->only_source, source, e);
	if (app->staged && is_stdin)
		return fw_error_set(e, EOPNOTSUPP, "a script that 'run' carries out can give no "
						   "standard input to ipfwadm");
	fd = is_stdin ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return fw_error_set(e, errno, "cannot open '%s': %s", name, strerror(errno));
	err = source_read(source, name, fd);
	if (!is_stdin)
		close(fd);
	if (err)
		return fw_error_set(e, -err, "cannot read '%s': %s", name, strerror(-err));
	return 0;
}
