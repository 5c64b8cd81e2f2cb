/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * app.h - one run of the program: global options, configuration, errors, help.
 *
 * main.c holds the table of subcommands.  app_main() reads the global options and the
 * configuration file, finds the subcommand and returns its exit status.  Output is
 * complete if that status says so: app_finish() ends every run.  The engine calls
 * app_run() once for each command line of a shell.
 */
#ifndef IPFWADM_APP_H
#define IPFWADM_APP_H

#include <getopt.h>
#include <stdio.h>

#include "backend/backend.h"
#include "compat/portfw_front.h"
#include "ipfwadm/app/document.h"
#include "ipfwadm/app/version.h"
#include "parser/diag.h"

/* exit statuses; the classic ones are those of 2.3.0 */
enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
	STATUS_APPROXIMATE = 3,	/* dump: some rules are approximate */
	STATUS_LEFT_OUT = 4,	/* dump: some rules cannot be expressed */
	STATUS_UNDECIDED = 5,	/* lint, diff, prove: within the budget */
	STATUS_DIFFERS = 6,	/* load --check, run --dry-run, prove: yes; lint: warnings */
	STATUS_REFUSED = 255,	/* classic: the kernel refused */
};

struct app;

/* argv[0] is the name; returns an exit status */
typedef int (*app_run_fn)(struct app *app, int argc, char **argv);

#define SUBCOMMAND_NO_CONFIG 1		/* works even if the configuration is wrong */
#define SUBCOMMAND_TAKES_COMMAND 2	/* from its first argument on words are another's */
#define SUBCOMMAND_TEXT 4		/* prints no JSON */

struct app_subcommand {
	const char *name;	/* NULL in the last row: any other command line */
	app_run_fn run;
	const char *arguments;	/* for the usage line */
	const char *summary;	/* one line for --help; NULL: not shown there */
	const char *details;	/* options, for NAME --help */
	unsigned int flags;	/* SUBCOMMAND_* */
};

/* another name of the program, which has a command line of its own */
struct app_alias {
	const char *name;	/* NULL in the last row */
	app_run_fn run;
	const char *manual;	/* its page, for --help; NULL: those words are its own, too */
};

struct app {
	const char *name;	/* argv[0], as messages spell it */
	const struct app_subcommand *subcommands;
	const struct app_alias *aliases;
	const struct ruleset_format *format;	/* for backends */
	const char *backend;	/* by option, environment or file; NULL: the first that works */
	bool backend_is_configured;	/* by file */
	bool json, color, trace;
	bool help, version;	/* all that is asked for */
	struct document *document;	/* of this run with --json, else NULL */
	__u32 mark_mask;	/* 0 until it is known */
	__u16 log_group;	/* 0: rules log to the kernel's log */
	/* In the engine the only text that commands may read; NULL: files are opened. */
	const struct source *only_source;
	/* In the session of a script: what is opened instead of a backend; else NULL. */
	const struct backend *staged;
	__u32 terminals;	/* there, bit N: descriptor N of the command is one */
};

/* The program; does not return to anything but main(). */
int app_main(struct app *app, int argc, char **argv);

/* A command line, argv[0] included: options, subcommand; the exit status. */
int app_run(struct app *app, int argc, char **argv);

/*
 * Removes the global options from argv, wherever they are, unless the word before
 * takes them as its argument, as in 2.3.0.  Returns the new argc, or -1 after a message.
 */
int app_globals_read(struct app *app, int argc, char **argv);

/* The row of the program's name, without its folder; NULL: it is ipfwadm. */
const struct app_alias *app_alias_find(const struct app *app, const char *name);

/*
 * Sets from /etc/ipfwadm.conf what neither command line nor environment has set, and
 * defaults for the rest.  Returns false if a line is wrong, which is reported; the
 * other lines take effect.
 */
bool app_config_read(struct app *app);

/* A number whose set bits are one block of at least 16. */
bool app_mark_mask_parse(const char *word, __u32 *mask);

/* A number from 1 to 65535. */
bool app_log_group_parse(const char *word, __u16 *group);
/* Puts it into the environment for a program that is started; 0 or -errno. */
int app_log_group_export(const struct app *app);

/*
 * Reads a whole file, "-" for the standard input.  Returns 0 and text that
 * source_free() frees, or -errno with a message in *e.
 */
int app_source_read(const struct app *app, struct source *source, const char *name,
		    struct fw_error *e);

/* Opens the chosen backend; on failure reports why and returns < 0. */
int app_backend_open(const struct app *app, struct backend *b);
/* The same; one that is not named must be able to carry out these edits. */
int app_backend_open_for(const struct app *app, struct backend *b,
			 const struct fw_edit *edit, size_t n);

/* The same without a report: why not is in e. */
int app_backend_try(const struct app *app, struct backend *b, const struct fw_edit *edit,
		    size_t n, struct fw_error *e);

/* For the programs of port forwarding and their socket options. */
struct portfw_host app_portfw_host(struct app *app);

/* Does this spec (NULL: none works) name a backend of the kernel, and not the simulator? */
bool app_backend_is_kernel(const char *spec);

/*
 * Warns of rules in other backends than the chosen one (a name, a spec, or NULL for
 * none), where they filter as well.
 * The simulator filters nothing, so if it is the chosen one no other is in its way.
 */
void app_other_backends_warn(const struct app *app, const char *chosen);

/* Is a standard descriptor of the command a terminal? */
bool app_is_terminal(const struct app *app, int fd);

/*
 * Warns of chains of other programs that packets pass as well, by one of these hooks
 * (bits 1 << enum plan_hook), unless the simulator is the chosen backend.  marks: and of
 * those whose rules set bits of the mark mask.
 */
void app_foreign_chains_warn(const struct app *app, const char *chosen,
			     unsigned int hooks, bool marks);

/*
 * Warns if this host has a global IPv6 address and nothing filters what comes to it, unless
 * the simulator is the chosen backend.
 */
void app_ipv6_warn(const struct app *app, const char *chosen);

/* Warns of helpers that masquerading has to do without: b->helpers_missing. */
void app_helpers_missing_warn(const struct app *app, const struct backend *b);

/* Begins the document of --json, unless there is one; false after a message. */
bool app_document_begin(struct app *app);
/* Forgets it: what is printed is text, or has been printed. */
void app_document_drop(struct app *app);

/* "PROG: sentence" on stderr, and in the document of --json, as these all */
void app_error(const struct app *app, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* "PROG: warning: sentence" */
void app_warn(const struct app *app, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* "PROG: sentence", which is no complaint */
void app_note(const struct app *app, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* "FILE:LINE: warning: sentence" */
void app_warn_line(const struct app *app, const char *file, unsigned int line,
		   const char *text);

/* Mistakes in a file, on stderr, with carets. */
void app_diags_print(const struct app *app, const struct diags *diags);

/*
 * Ends stdout.  Returns status, or STATUS_FAILED after a message if stdout was not
 * written whole or JSON ran out of memory.
 */
int app_finish(struct app *app, int status);

/* From now on failed allocations of jansson are recorded. */
void app_json_watch(void);

/* Has one failed since the last call? */
bool app_json_exhausted(void);

int app_help(struct app *app, int argc, char **argv);
int app_version(struct app *app, int argc, char **argv);
void app_help_classic(FILE *out);
/* A line for each global option, as the details of a subcommand have them. */
extern const char app_global_options[];
void app_help_subcommand(FILE *out, const struct app *app, const struct app_subcommand *s);
/* Reports that there is no such subcommand, and which is meant; returns STATUS_USAGE. */
int app_no_command(const struct app *app, const char *word);
/* The subcommand of that name; NULL if there is none, or none that help may show. */
const struct app_subcommand *app_subcommand_find(const struct app *app, const char *name);
/* The global option, without dashes, that is near to name; NULL: none is. */
const char *app_global_suggest(const char *name);
/* A note of the option near to word, without dashes; one of own (NULL ends it) or a global one */
void app_option_suggest(const struct app *app, const char *word, const char *const *own);
/* getopt_long(), which says besides what an unknown long option may mean. */
int app_option(const struct app *app, int argc, char **argv, const char *letters,
	       const struct option *own);
/* "usage: ipfwadm NAME ..." on stderr; returns STATUS_USAGE */
int app_usage(const struct app *app, const char *name);
/*
 * Reports that taker, the subcommand or an option of it, does not take word, and which of known is
 * near: names of options without dashes if word is one, else words.  NULL ends them, and known may
 * be NULL.  Then as app_usage().
 */
int app_word_refuse(const struct app *app, const char *name, const char *taker, const char *word,
		    const char *const *known);

#endif
