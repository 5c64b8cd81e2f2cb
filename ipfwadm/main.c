// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main.c - global options, then a subcommand or a classic command line.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/choose.h"
#include "backend/plan/plan.h"
#include "ipfwadm/app/app.h"
#include "ipfwadm/app/config.h"
#include "ipfwadm/format/saved.h"

const struct subcommand subcommands[] = {
	{ "save", "[--counters]", "print the rules in force in saved form",
	  "\n"
	  "  --counters  with packet and byte counts\n",
	  save_run },
	{ "load", "[-n] [--append] FILE", "replace all rules by those of FILE, or add them",
	  "\n"
	  "  -n, --check only check the file\n"
	  "  --append    carry out the file's commands on the rules there are\n"
	  "  FILE        in saved form, or a flat script; - is the standard input\n",
	  load_run },
	{ "dump", "iptables|nft|json|ipfwadm [--partial] [FILE]",
	  "translate the rules in force, or those of FILE",
	  "\n"
	  "  --partial   print although some rules cannot be translated\n"
	  "\n"
	  "The exit status is 0 if every rule is exact, 3 if some are approximate,\n"
	  "4 if some cannot be translated; those are listed on stderr.\n",
	  dump_run },
	{ "trace", "-P PROTOCOL -S ADDRESS [PORT] -D ADDRESS [PORT] ...",
	  "show the whole way of a packet",
	  "\n"
	  "  -P PROTOCOL            tcp, udp, icmp or a number\n"
	  "  -S ADDRESS [PORT]      source; for icmp the type stands here\n"
	  "  -D ADDRESS [PORT]      destination\n"
	  "  -W NAME                interface it arrives on; without: we send it\n"
	  "  -y, -k                 with SYN, with ACK\n"
	  "  --flags FSRPAU         TCP flags by letter\n"
	  "  --state STATE          new, established, related or invalid\n"
	  "  --kept                 a rule with --keep-state accepted its connection\n"
	  "  --tos N, --ttl N, --length N, --id N, --code N\n"
	  "                         header fields; --code is that of ICMP\n"
	  "  --out NAME             where packets leave that no interface is near to\n"
	  "  --reply                trace the answer too\n"
	  "  --error TYPE[/CODE]    trace an ICMP error about it too: unreachable,\n"
	  "                         source-quench, time-exceeded or a number\n"
	  "  --rules FILE           rules and interfaces of FILE, not those in force\n"
	  "  -v                     tell why the other rules do not match\n",
	  trace_run },
	{ "refresh", "", "fit the rules in force to the interfaces, undo what others changed",
	  "", refresh_run },
	{ "shell", "[--keep-going] [--engine COMMAND] [FILE]", "work on the rules at a prompt",
	  "\n"
	  "  --keep-going  do not stop at the first error of FILE or the standard input\n"
	  "  --engine COMMAND\n"
	  "                what starts the engine, such as 'sudo ipfwadm engine'\n"
	  "  FILE          lines to carry out instead of asking for some\n"
	  "\n"
	  "The prompt completes with the TAB key; 'help' there tells more.\n",
	  shell_run },
	{ "backends", "", "show what can carry rules here", "", backends_run },
	{ "complete", "[WORD...]", "print what the last word may become, for shells", "",
	  complete_run },
	{ "version", "", "print the version", "", version_run },
	{ "help", "[SUBCOMMAND]", "print how to use the program", "", help_run },
	{ NULL, NULL, NULL, NULL, NULL },
};

void app_error(const struct app *app, const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fprintf(stderr, "%s: ", app->name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

void app_diags_tell(const struct app *app, const struct diags *diags)
{
	diags_print(stderr, diags, app->color);
}

int app_finish(const struct app *app, int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	app_error(app, "cannot write output: %s", strerror(errno));
	return STATUS_FAILED;
}

int app_backend_open(const struct app *app, struct backend *b)
{
	return app_backend_open_for(app, b, NULL, 0);
}

int app_backend_open_for(const struct app *app, struct backend *b,
			 const struct fw_edit *edit, size_t n)
{
	const char *spec = app->backend;
	struct fw_error e;
	int err;

	if (!spec)
		spec = backend_choose(edit, n, &e);
	if (!spec) {
		app_error(app, "%s", e.text);
		return -ENODEV;
	}
	err = backend_open(b, spec, &saved_format, app->trace, &e);
	if (err)
		app_error(app, "%s", e.text);
	b->mark_mask = app->mark_mask;
	return err;
}

const struct subcommand *subcommand_find(const char *name)
{
	const struct subcommand *s;

	for (s = subcommands; s->name; s++)
		if (strcmp(s->name, name) == 0)
			return s;
	return NULL;
}

/*
 * 2.3.0 took `--version' and `--help' for an invalid option -, and so do we for
 * scripts, which see what they always saw; a person at a terminal is answered.
 * `ipfwadm version' and `ipfwadm help' are for everybody.
 */
static bool person_asks(int argc, char **argv, const char *option)
{
	return argc == 2 && strcmp(argv[1], option) == 0 &&
	       (isatty(STDIN_FILENO) || isatty(STDOUT_FILENO));
}

/*
 * Whoever started us with a standard descriptor closed must not find messages
 * in the next file we open.
 */
static void descriptors_fill(void)
{
	int fd = open("/dev/null", O_RDWR | O_NOCTTY);

	while (fd >= 0 && fd <= STDERR_FILENO)
		fd = dup(fd);
	if (fd > STDERR_FILENO)
		close(fd);
}

static int subcommand_run(struct app *app, const struct subcommand *s, int argc,
			  char **argv)
{
	if (s->run != help_run && s->run != version_run && s->run != complete_run &&
	    !config_apply(app))
		return STATUS_USAGE;
	return s->run(app, argc, argv);
}

int app_run(struct app *app, int argc, char **argv)
{
	const struct subcommand *s;

	argc = globals_take(app, argc, argv);
	if (argc < 0)
		return STATUS_USAGE;
	if (person_asks(argc, argv, "--version"))
		return app_finish(app, version_run(app, argc, argv));
	if (person_asks(argc, argv, "--help"))
		return app_finish(app, help_run(app, 1, argv));
	if (argc > 1 && argv[1][0] != '-') {
		s = subcommand_find(argv[1]);
		if (s && argc > 2 && strcmp(argv[2], "--help") == 0) {
			help_subcommand(stdout, app, s);
			return app_finish(app, STATUS_OK);
		}
		if (s)
			return app_finish(app, subcommand_run(app, s, argc - 1, argv + 1));
		if (strcmp(argv[1], "engine") == 0)
			return config_apply(app) ? engine_run(app, argc - 1, argv + 1)
						 : STATUS_USAGE;
	}
	config_apply(app);	/* a script of old goes on whatever the file says */
	return app_finish(app, classic_run(app, argc, argv));
}

int main(int argc, char **argv)
{
	struct app app = { .name = argc > 0 ? argv[0] : "ipfwadm" };

	if (argc < 1)
		return STATUS_USAGE;
	if (fcntl(STDERR_FILENO, F_GETFD) < 0 || fcntl(STDOUT_FILENO, F_GETFD) < 0 ||
	    fcntl(STDIN_FILENO, F_GETFD) < 0)
		descriptors_fill();
	app.backend = getenv("IPFWADM_BACKEND");
	return app_run(&app, argc, argv);
}
