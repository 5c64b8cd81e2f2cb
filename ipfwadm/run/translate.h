/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * translate.h - `ipfwadm translate' and `try': a script in the sandbox, and its rules.
 *
 *	sandbox*.c		the sandbox
 *	machine.c, tool*.c	the machine that the script sees there, and its tools
 *	processes.c		whether its processes do anything
 *	origins.c		the line that each rule comes from
 *	translate_run.c		the order of all this, in the sandbox
 *	report_page.c		the rules as a page for a browser
 *	translate_report.c	what else the script has done
 *	translate.c		the command line
 */
#ifndef IPFWADM_TRANSLATE_H
#define IPFWADM_TRANSLATE_H

#include "ipfwadm/format/rules_dump.h"
#include "ipfwadm/run/sandbox.h"
#include "ipfwadm/run/script.h"
#include "ipfwadm/run/session.h"
#include "parser/source.h"

/* The options of both, for their help. */
#define TRANSLATE_DECLARATION \
	"  --interface NAME=ADDRESS/BITS[,peer=ADDRESS][,down]\n" \
	"               an interface that the script sees; without: those of this machine\n" \
	"  --gateway ADDRESS\n" \
	"               the default route\n" \
	"  --host NAME=ADDRESS\n" \
	"               a name that is known there\n" \
	"  --hostname NAME\n" \
	"               the machine's own name, with its domain\n" \
	"  --nameserver ADDRESS\n" \
	"               as in /etc/resolv.conf\n" \
	"  --report FILE\n" \
	"               write a page for a browser, with each rule's translations\n" \
	"  --time SECONDS\n" \
	"               that the script may take; 60\n"

#define TRANSLATE_REFUSALS 5	/* that are reported */

struct translate {
	struct app *app;
	struct machine machine;
	struct sandbox sandbox;
	char **argv;			/* of the script */
	const struct dump_format *format;	/* NULL: `try' */
	bool partial;
	FILE *report;			/* for a page; NULL: none is wanted */
	unsigned int seconds;		/* that the script may take */
	int result;			/* a file: what `try' leaves */
	/* in the sandbox */
	struct tools tools;
	struct session session;
	struct script script;
	struct source source;		/* of the script */
	struct fw_interfaces ifs;
	int status;			/* of the script, as of wait() */
	bool has_ended;
	const char *stopped;		/* why it was stopped; NULL: it was not */
	size_t output;			/* bytes that it has printed */
	char line[160];			/* the last one, as far as it is known */
	size_t line_len;
	char refusal[TRANSLATE_REFUSALS][160];	/* lines that report what it may not do */
	size_t nrefusals;
};

int translate_run(struct app *app, int argc, char **argv);
int try_run(struct app *app, int argc, char **argv);

/* Carries the script out, in the sandbox's first process; returns an exit status. */
int translate_script(struct translate *t);

/* Has a line of the script's output, which refusals are looked for in. */
void translate_line(struct translate *t);
/* What else the script has done, on stderr; true: something of it is not translated. */
bool translate_report(struct translate *t);
/* The sysctls that it has set, as remarks on stdout. */
void translate_sysctls_print(struct translate *t);

#endif
