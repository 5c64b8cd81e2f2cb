// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * document.c - the one document that a run with --json prints.
 */
#include "ipfwadm/app/document.h"

#include <stdlib.h>

#include "parser/print.h"

struct document {
	json_t *members, *diagnostics;
	bool is_open;
	unsigned int exactness;	/* the rank of its word */
};

struct document *document_new(void)
{
	struct document *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->members = json_object();
	d->diagnostics = json_array();
	return d;
}

void document_add(struct document *d, json_t *members)
{
	if (d)
		json_object_update(d->members, members);
	json_decref(members);
}

void document_is_open(struct document *d)
{
	d->is_open = true;
}

/* A sentence may quote bytes that are no UTF-8; they are written as in the saved form. */
static json_t *sentence(const char *text)
{
	char buf[2048];
	struct fw_text t;

	fw_text_init(&t, buf, sizeof(buf));
	print_utf8(&t, text, sizeof(buf));
	return json_string(buf);
}

void document_report(struct document *d, enum document_severity severity, const char *file,
		     unsigned int line, unsigned int column, const char *text,
		     const char *hint)
{
	static const char *const words[] = {
		[DOCUMENT_ERROR] = "error", [DOCUMENT_WARNING] = "warning",
		[DOCUMENT_NOTE] = "note",
	};

	if (!d)
		return;
	json_array_append_new(d->diagnostics, json_pack(
		"{s:s, s:o*, s:o*, s:o*, s:o, s:o*}", "severity", words[severity],
		"file", file ? sentence(file) : NULL, "line", line ? json_integer(line) : NULL,
		"column", column ? json_integer(column) : NULL, "text", sentence(text),
		"hint", hint && *hint ? sentence(hint) : NULL));
}

void document_report_rule(struct document *d, const char *severity, const char *command,
			  const char *text)
{
	if (d)
		json_array_append_new(d->diagnostics, json_pack(
			"{s:s, s:o, s:s}", "severity", severity, "command", sentence(command),
			"text", text));
}

void document_exactness(struct document *d, unsigned int rank, const char *word)
{
	if (!d || rank < d->exactness)
		return;
	d->exactness = rank;
	json_object_set_new(d->members, "exactness", json_string(word));
}

void document_free(struct document *d)
{
	if (!d)
		return;
	json_decref(d->members);
	json_decref(d->diagnostics);
	free(d);
}

static json_t *document_whole(const struct document *d)
{
	json_t *whole = d->is_open ? json_object() : json_pack("{s:i}", "version", JSON_VERSION);

	json_object_update(whole, d->members);
	if (json_array_size(d->diagnostics))
		json_object_set(whole, "diagnostics", d->diagnostics);
	return whole;
}

void document_print_line(const struct document *d)
{
	json_t *whole = document_whole(d);

	json_dumpf(whole, stdout, JSON_ENSURE_ASCII);
	fputc('\n', stdout);
	json_decref(whole);
}

void document_print(const struct document *d)
{
	json_t *whole = document_whole(d);

	if (d->is_open) {
		fputs(json_object_size(whole) ? ", " : "", stdout);
		json_dumpf(whole, stdout, JSON_ENSURE_ASCII | JSON_EMBED);
		fputs("}\n", stdout);
	} else if (json_object_size(whole) > 1) {
		json_dumpf(whole, stdout, JSON_ENSURE_ASCII | JSON_INDENT(2));
		fputc('\n', stdout);
	}
	json_decref(whole);
}
