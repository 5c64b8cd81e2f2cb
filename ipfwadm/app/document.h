/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * document.h - the one document that a run with --json prints; or one of each event, of a
 * run that follows them.
 *
 * It is printed when the run ends, because it also contains the diagnostics: what was
 * reported on stderr meanwhile.  A run that has neither prints none.  Without --json
 * app->document is NULL, for which these functions do nothing.
 */
#ifndef IPFWADM_DOCUMENT_H
#define IPFWADM_DOCUMENT_H

#include <jansson.h>

/* Of all documents; it changes when a member changes its meaning or goes. */
#define JSON_VERSION 1

enum document_severity { DOCUMENT_ERROR, DOCUMENT_WARNING, DOCUMENT_NOTE };

struct document;

/* An empty one, which document_free() frees; NULL without memory. */
struct document *document_new(void);
void document_free(struct document *d);

/* Takes the members of an object over, and releases it. */
void document_add(struct document *d, json_t *members);

/* Its version and one member, but not its end, have been printed. */
void document_is_open(struct document *d);

/* What was reported, in the words of stderr; file and hint may be NULL, line 0: unknown. */
void document_report(struct document *d, enum document_severity severity, const char *file,
		     unsigned int line, unsigned int column, const char *text,
		     const char *hint);
/* The same of a rule, forward or policy that is not exact: severity says how little. */
void document_report_rule(struct document *d, const char *severity, const char *command,
			  const char *text);

/* How exact all is that the document is about, in a word; the one of highest rank stays. */
void document_exactness(struct document *d, unsigned int rank, const char *word);

/* Prints it on stdout. */
void document_print(const struct document *d);

/* The same on one line, of one of several documents. */
void document_print_line(const struct document *d);

#endif
