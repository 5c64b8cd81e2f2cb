// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * quick.c - the program that a script starts a thousand times.
 *
 * To start a program with the system's C library takes longer than to change a rule.
 * This one has a small library linked into it, and does nothing but a single edit
 * whose words say all: numbers, no names; on the simulator it lists, too.  Whatever
 * else there is (names, subcommands, other backends) and whatever goes wrong is the
 * whole program's, which takes the place of this one before anything was changed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/nft.h"
#include "backend/plugin.h"
#include "backend/ruleset.h"
#include "backend/sim.h"
#include "backend/trace.h"
#include "backend/xtables.h"
#include "ipfwadm/app.h"
#include "ipfwadm/beside.h"
#include "ipfwadm/config.h"
#include "ipfwadm/listing.h"
#include "ipfwadm/saved.h"

#define WHOLE_NAME "ipfwadm-whole"

/* in the order of backends.c */
const struct backend_info backends[] = {
	{ .name = "kmod", .sign = "/proc/net/ip_acct", .absent = "" },
	{ .name = "nft", .ops = &nft_ops },
	{ .name = "xtables", .ops = &xtables_ops },
	{ .name = "sim", .ops = &sim_ops, .named_only = true },
	{ .name = NULL },
};

static char **words;	/* of the command line, as it came */

_Noreturn static void whole_run(void)
{
	char path[PATH_MAX];
	int err = program_beside(path, WHOLE_NAME);

	if (!err) {
		execv(path, words);
		err = -errno;
	}
	fprintf(stderr, "ipfwadm: cannot start '%s': %s\n", WHOLE_NAME, strerror(-err));
	exit(STATUS_FAILED);
}

void app_error(const struct app *app, const char *format, ...)
{
	(void)app;
	(void)format;
	whole_run();
}

void app_diags_tell(const struct app *app, const struct diags *diags)
{
	(void)app;
	(void)diags;
	whole_run();
}

const struct backend_ops *plugin_load(const char *name, struct fw_error *e)
{
	(void)name;
	(void)e;
	whole_run();
}

int trace_open(struct backend *b, const struct backend_ops *ops, const char *arg,
	       struct fw_error *e)
{
	(void)b;
	(void)ops;
	(void)arg;
	(void)e;
	whole_run();
}

static bool edit_done(struct backend *b, const struct fw_edit *edit)
{
	struct fw_error e;

	return !b->ops->edit(b, edit, 1, &e);
}

/* Of a kernel's rules more is to be told: whether others filter there, too. */
static bool list_done(struct backend *b, const struct command *c)
{
	struct fw_ruleset rs;
	struct fw_error e;

	fw_ruleset_init(&rs);
	if (b->ops != &sim_ops || b->ops->load(b, &rs, &e))
		return false;
	listing_rules(stdout, c, &rs.list[c->list]);
	return fflush(stdout) == 0;
}

static bool is_single_edit(const struct command *c)
{
	return c->kind == COMMAND_EDIT && c->nedits == 1 && !c->verbose;
}

static bool is_plain_list(const struct command *c)
{
	return c->kind == COMMAND_LIST && c->numeric && !c->zero;
}

static bool command_done(const struct app *app, const struct program *p)
{
	const struct command *c = &p->command[0];
	const char *spec = app->backend ? app->backend : backend_choose(NULL);
	struct fw_error e;
	struct backend b;
	bool done;

	if (!spec || backend_open(&b, spec, &saved_format, false, &e))
		return false;
	b.mark_mask = app->mark_mask;
	done = is_plain_list(c) ? list_done(&b, c) :
				  edit_done(&b, &p->edit[c->first_edit]);
	backend_close(&b);
	return done;
}

static bool classic_done(const struct app *app, int argc, char **argv)
{
	struct program program = { 0 };
	struct source source = { 0 };
	struct diags diags;

	diags_init(&diags, &source);
	if (program_parse_argv(&program, argc, argv, &source, &diags))
		return false;
	return (is_single_edit(&program.command[0]) || is_plain_list(&program.command[0])) &&
	       command_done(app, &program);	/* memory goes with the process */
}

/* Changes the order of argv. */
static bool words_done(int argc, char **argv)
{
	struct app app = { .name = "ipfwadm", .backend = getenv("IPFWADM_BACKEND") };

	argc = globals_take(&app, argc, argv);
	if (argc < 2 || argv[1][0] != '-' || app.json || app.trace || !config_apply(&app))
		return false;
	return classic_done(&app, argc, argv);
}

int main(int argc, char **argv)
{
	size_t size = ((size_t)argc + 1) * sizeof(*argv);
	char **own = malloc(size);

	words = argv;
	/* what is preloaded works on the C library, which is not here */
	if (!own || argc < 2 || getenv("LD_PRELOAD"))
		whole_run();
	memcpy(own, argv, size);
	if (!words_done(argc, own))
		whole_run();
	return STATUS_OK;
}
