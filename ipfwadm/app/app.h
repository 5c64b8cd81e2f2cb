/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * app.h - what the parts of the program share: global options and subcommands.
 */
#ifndef IPFWADM_APP_H
#define IPFWADM_APP_H

#include <stdio.h>

#include "backend/backend.h"
#include "parser/diag.h"

#define IPFWADM_VERSION "3.0"

/* exit statuses; the classic ones are those of 2.3.0 */
enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
	STATUS_APPROXIMATE = 3,	/* dump: some rules are approximate */
	STATUS_LEFT_OUT = 4,	/* dump: some rules cannot be expressed */
	STATUS_REFUSED = 255,	/* classic: the kernel refused */
};

struct app {
	const char *name;	/* argv[0], as messages spell it */
	const char *backend;	/* by option, environment or file; NULL: what works */
	bool configured;	/* by file */
	bool json, color, trace;
	__u32 mark_mask;	/* 0 until it is known */
};

/* a word such as "dump": argv[0] is the word; returns an exit status */
struct subcommand {
	const char *name;
	const char *arguments;	/* for the usage line */
	const char *summary;	/* one line for --help */
	const char *details;	/* options, for NAME --help */
	int (*run)(struct app *app, int argc, char **argv);
};

extern const struct subcommand subcommands[];
const struct subcommand *subcommand_find(const char *name);	/* NULL: none */

/*
 * Takes the global options out of argv, wherever they stand, unless the word before
 * swallows them as 2.3.0 would have.  Returns the new argc, or -1 after a message.
 */
int globals_take(struct app *app, int argc, char **argv);

/* A whole command line, argv[0] included; the exit status. */
int app_run(struct app *app, int argc, char **argv);

int classic_run(struct app *app, int argc, char **argv);
int save_run(struct app *app, int argc, char **argv);
int load_run(struct app *app, int argc, char **argv);
int dump_run(struct app *app, int argc, char **argv);
int trace_run(struct app *app, int argc, char **argv);
int refresh_run(struct app *app, int argc, char **argv);
int shell_run(struct app *app, int argc, char **argv);
int engine_run(struct app *app, int argc, char **argv);
int backends_run(struct app *app, int argc, char **argv);
int complete_run(struct app *app, int argc, char **argv);
int version_run(struct app *app, int argc, char **argv);
int help_run(struct app *app, int argc, char **argv);

void help_classic(FILE *out);
void help_subcommand(FILE *out, const struct app *app, const struct subcommand *s);
/* "usage: ipfwadm NAME ..." on stderr; returns STATUS_USAGE */
int help_usage(const struct app *app, const char *name);

/* Opens the chosen backend; on failure tells why on stderr and returns < 0. */
int app_backend_open(const struct app *app, struct backend *b);
/* The same; one that is not named must be able to carry out these edits. */
int app_backend_open_for(const struct app *app, struct backend *b,
			 const struct fw_edit *edit, size_t n);

/*
 * Warns of rules that stand in other backends than the chosen one, unless that is the
 * simulator, which stands in nobody's way.
 */
void app_standing_warn(const struct app *app, const char *chosen);

/* "PROG: sentence" on stderr */
void app_error(const struct app *app, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Mistakes in a file, on stderr, with carets. */
void app_diags_tell(const struct app *app, const struct diags *diags);

/* Ends stdout; STATUS_FAILED and a message if it could not be written. */
int app_finish(const struct app *app, int status);

#endif
