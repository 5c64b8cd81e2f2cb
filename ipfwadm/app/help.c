// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * help.c - the text of -h and --help, options by their rows.
 *
 * -h keeps the form of 2.3.0, because scripts read its first line.
 */
#include <ctype.h>
#include <string.h>

#include "ipfwadm/app/app.h"
#include "parser/option.h"

#define SUBCOMMANDS_MAX 63
#define OPTIONS_MAX 31		/* of a subcommand */

static const char tracking[] =
	"Tracked connections:\n"
	"  -T -l            list them; with -P, -S, -D some; with -e packets and bytes\n"
	"  -T -l --follow   print what happens to them, until it is interrupted\n"
	"  -T -d            end those that -P, -S, -D choose\n"
	"  -T -f            end all\n"
	"  -T -s            show the timeouts by name\n"
	"  -T -s name seconds ...\n"
	"                   set timeouts\n";

static const char forwarding[] =
	"Port forwarding:\n"
	"  -M --forward -l  list the forwards; with -e connections made\n"
	"  -M --forward -a, -i, -d, -f, -z\n"
	"                   append, insert, delete, delete all, set counters to zero;\n"
	"                   with -P tcp or udp, -D address port or low:high, and\n";

const char app_global_options[] =
	"Global options:\n"
	"  --backend NAME   where the rules are: kmod, nft, xtables, sim or sim:FILE\n"
	"  --json           one JSON document: listings, changes, what was reported\n"
	"  --color          coloured messages\n"
	"  --mark-mask MASK bits of the packet mark that translations may use\n"
	"  --log-group N    rules with -o log to group N of NFLOG, for ipfwadm logd\n"
	"  --trace-backend  print every call of the backend on stderr\n"
	"  --version        print the version\n"
	"  --help           print this help\n";

static void usage_print(FILE *out, const char *front, const struct option_row *o)
{
	fprintf(out, "%s ipfwadm %s %s [options] (%s)\n", front, o->name, o->args,
		o->help);
}

static void classic_usage(FILE *out)
{
	const char *front = "Usage:";

	for (const struct option_row *o = options; o->name; o++) {
		if (o->kind != OPTION_CATEGORY || o->id == 'T')
			continue;
		usage_print(out, front, o);
		front = "      ";
	}
	fputs("       ipfwadm -h (print this help (or try 'ipfwadm help'))\n", out);
}

/* one option, its help in the given column or on the next line */
static void option_print(FILE *out, const struct option_row *o, int column)
{
	char left[64];

	snprintf(left, sizeof(left), "%s %s", o->name, o->args ? o->args : "");
	if ((int)strlen(left) > column - 4)
		fprintf(out, "  %s\n%*s%s\n", left, column, "", o->help);
	else
		fprintf(out, "  %-*s%s\n", column - 2, left, o->help);
}

/* in the order of 2.3.0 */
static void classic_options(FILE *out)
{
	static const char commands[] = "iadlzfpsc", parameters[] = "PSDVWbekmnortvxy";

	fputs("\nCommands:\n", out);
	for (const char *c = commands; *c; c++)
		option_print(out, option_by_letter((unsigned char)*c, false), 15);
	fputs("\nOptions:\n", out);
	for (const char *c = parameters; *c; c++)
		option_print(out, option_by_letter((unsigned char)*c, false), 15);
}

void app_help_classic(FILE *out)
{
	fputs("ipfwadm 2.3.0, 1996/07/30\n\n", out);
	classic_usage(out);
	classic_options(out);
}

static void options_new_print(FILE *out, bool portfw)
{
	for (const struct option_row *o = options; o->name; o++)
		if (o->kind == OPTION_NEW && o->id != OPT_FORWARD &&
		    (portfw ? o->portfw : o->with & DO_RULE && o->lists[0] != 'M'))
			option_print(out, o, 19);
}

static void help_all(FILE *out, const struct app *app)
{
	const struct app_subcommand *s;

	fprintf(out, "ipfwadm %s - the firewall command of Linux 2.0, for today\n\n",
		IPFWADM_VERSION);
	classic_usage(out);
	usage_print(out, "      ", option_by_id('T'));
	for (s = app->subcommands; s->name; s++)
		if (s->summary)
			fprintf(out, "       ipfwadm %s%s%s\n", s->name,
				*s->arguments ? " " : "", s->arguments);
	classic_options(out);
	fputs("\nNew options of rules:\n", out);
	options_new_print(out, false);
	fprintf(out, "\n%s\n%s", tracking, forwarding);
	options_new_print(out, true);
	fputs("\nSubcommands:\n", out);
	for (s = app->subcommands; s->name; s++)
		if (s->summary)
			fprintf(out, "  %-10s %s\n", s->name, s->summary);
	fprintf(out, "\n%s\nSee ipfwadm(8) and ipfwadm.conf(5).\n", app_global_options);
}

const struct app_subcommand *app_subcommand_find(const struct app *app, const char *name)
{
	for (const struct app_subcommand *s = app->subcommands; s->name; s++)
		if (s->summary && strcmp(s->name, name) == 0)
			return s;
	return NULL;
}

/* What other firewalls call a command of ours; NULL: nothing. */
static const char *word_elsewhere(const char *word)
{
	static const char *const words[][2] = {
		{ "list", "save" }, { "ls", "save" },	       { "show", "save" },
		{ "restore", "load" }, { "status", "backends" },
	};

	for (unsigned int i = 0; i < FW_COUNT(words); i++)
		if (strcmp(words[i][0], word) == 0)
			return words[i][1];
	return NULL;
}

int app_no_command(const struct app *app, const char *word)
{
	const char *names[SUBCOMMANDS_MAX + 1] = { NULL }, *near;
	unsigned int n = 0;

	for (const struct app_subcommand *s = app->subcommands; s->name; s++)
		if (s->summary && n < SUBCOMMANDS_MAX)
			names[n++] = s->name;
	near = word_elsewhere(word);
	if (!near)
		near = diag_suggest(word, names);
	if (near)
		app_error(app, "no command \"%s\"; did you mean \"%s\"? (`ipfwadm help' lists "
			  "all)", word, near);
	else
		app_error(app, "no command \"%s\"; `ipfwadm help' lists them", word);
	return STATUS_USAGE;
}

static void subcommand_usage(FILE *out, const struct app *app, const struct app_subcommand *s)
{
	fprintf(out, "usage: %s %s%s%s\n", app->name, s->name, *s->arguments ? " " : "",
		s->arguments);
}

void app_help_subcommand(FILE *out, const struct app *app, const struct app_subcommand *s)
{
	subcommand_usage(out, app, s);
	fprintf(out, "\n%c%s.\n%s", toupper((unsigned char)s->summary[0]), s->summary + 1,
		s->details);
}

int app_usage(const struct app *app, const char *name)
{
	const struct app_subcommand *s = app_subcommand_find(app, name);
	char usage[256];

	subcommand_usage(stderr, app, s);
	fprintf(stderr, "`%s help %s' says more.\n", app->name, name);
	snprintf(usage, sizeof(usage), "usage: ipfwadm %s %s", name, s->arguments);
	document_report(app->document, DOCUMENT_ERROR, NULL, 0, 0, usage, NULL);
	return STATUS_USAGE;
}

/* without their dashes; NULL ends them */
static const char *const global_names[] = {
	"backend", "json", "color", "mark-mask", "log-group", "trace-backend", "help", "version",
	NULL,
};

const char *app_global_suggest(const char *name)
{
	return diag_suggest(name, global_names);
}

void app_option_suggest(const struct app *app, const char *word, const char *const *own)
{
	const char *names[OPTIONS_MAX + 1] = { NULL }, *near;
	unsigned int n = 0;

	for (; global_names[n]; n++)
		names[n] = global_names[n];
	while (n < OPTIONS_MAX && *own)
		names[n++] = *own++;
	near = diag_suggest(word, names);
	if (near)
		app_note(app, "did you mean '--%s'?", near);
}

int app_option(const struct app *app, int argc, char **argv, const char *letters,
	       const struct option *own)
{
	int c = getopt_long(argc, argv, letters, own, NULL);
	const char *names[OPTIONS_MAX + 1] = { NULL };

	if (c != '?' || optopt)
		return c;
	for (unsigned int i = 0; i < OPTIONS_MAX && own[i].name; i++)
		names[i] = own[i].name;
	app_option_suggest(app, argv[optind - 1] + strlen("--"), names);
	return c;
}

int app_word_refuse(const struct app *app, const char *name, const char *taker, const char *word,
		    const char *const *known)
{
	static const char *const none[] = { NULL };
	bool is_option = strncmp(word, "--", 2) == 0;
	const char *near = known && !is_option ? diag_suggest(word, known) : NULL;

	if (near)
		app_error(app, "'%s' does not take '%s'; did you mean '%s'?", taker, word, near);
	else
		app_error(app, "'%s' does not take '%s'", taker, word);
	if (is_option)
		app_option_suggest(app, word + strlen("--"), known ? known : none);
	return app_usage(app, name);
}

int app_help(struct app *app, int argc, char **argv)
{
	const struct app_subcommand *s;

	if (argc > 2)
		return app_usage(app, argv[0]);
	if (argc < 2) {
		help_all(stdout, app);
		return STATUS_OK;
	}
	s = app_subcommand_find(app, argv[1]);
	if (!s)
		return app_no_command(app, argv[1]);
	app_help_subcommand(stdout, app, s);
	return STATUS_OK;
}

int app_version(struct app *app, int argc, char **argv)
{
	(void)app;
	(void)argc;
	(void)argv;
	printf("ipfwadm %s\n", IPFWADM_VERSION);
	return STATUS_OK;
}
