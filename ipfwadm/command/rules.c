// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rules.c - whole rule sets: save, load, refresh.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/analysis/lint.h"
#include "backend/choose.h"
#include "backend/interfaces.h"
#include "backend/ruleset.h"
#include "ipfwadm/app/progress.h"
#include "ipfwadm/command/lint.h"
#include "ipfwadm/command/subcommands.h"
#include "ipfwadm/format/change.h"
#include "ipfwadm/format/exactness.h"
#include "ipfwadm/format/json.h"
#include "ipfwadm/format/saved.h"
#include "ipfwadm/run/confirm.h"
#include "ipfwadm/run/ssh.h"
#include "parser/command.h"

struct load_options {
	const char *file;
	bool append, check_only, compare, strict, force;
	unsigned int confirm;	/* seconds; 0: what is loaded stays */
};

int command_source_parse(const struct app *app, struct source *source, struct program *program)
{
	const char *name = source->name;
	struct diags diags;
	int err = program_parse_text(program, source, &diags);

	if (diags.count > 0)
		app_diags_print(app, &diags);
	else if (err)
		app_error(app, "%s: %s", name, strerror(-err));
	if (err && strncmp(source->text, "#!", 2) == 0)
		app_error(app, "'%s' is a script: run it by 'ipfwadm run %s', or see what it does "
			  "by 'ipfwadm translate %s'", name, name, name);
	diags_free(&diags);
	return err;
}

int command_source_read(const struct app *app, const char *name, struct source *source)
{
	struct fw_error e;
	int err = app_source_read(app, source, name, &e);

	if (err)
		app_error(app, "%s", e.text);
	return err;
}

int command_file_parse(const struct app *app, const char *name, struct source *source,
		       struct program *program)
{
	int err = command_source_read(app, name, source);

	return err ? err : command_source_parse(app, source, program);
}

/* Reports a refused edit with the line that it is in. */
static void refusal_report(const struct app *app, const struct source *source,
			 const struct program *p, const struct fw_error *e)
{
	const struct command *c;
	unsigned int line, column;

	if (e->edit >= p->nedits) {
		app_error(app, "%s", e->text);
		return;
	}
	c = &p->command[p->edit[e->edit].origin];
	source_position(source, c->loc.begin, &line, &column);
	app_error(app, "%s:%u: %s", source->name, line, e->text);
}

/* Can the chosen backend carry it out? */
static int program_check(const struct app *app, const struct source *source,
			 const struct program *p)
{
	struct fw_error e = { .edit = p->nedits };
	int err = 0;

	if (app->backend)
		err = backend_able(app->backend, p->edit, p->nedits, &e);
	else if (backend_choose(NULL, 0, NULL) &&
		 !backend_choose(p->edit, p->nedits, &e))
		err = -EOPNOTSUPP;
	if (err < 0)
		refusal_report(app, source, p, &e);
	return err;
}

static int file_rules_read(const struct app *app, const char *name, bool must_load,
			   struct fw_ruleset *rs, struct fw_interfaces *ifs)
{
	struct program program = { 0 };
	struct source source = { 0 };
	struct fw_error e;
	int status = STATUS_OK;

	if (command_file_parse(app, name, &source, &program) < 0) {
		status = STATUS_USAGE;
	} else if (must_load && program_check(app, &source, &program) < 0) {
		status = STATUS_FAILED;
	} else if (saved_apply(&program, &source, rs, ifs, app, &e) < 0 ||
		   (ifs->count == 0 && interfaces_system(ifs, &e) < 0)) {
		app_error(app, "%s", e.text);
		status = STATUS_FAILED;
	}
	program_free(&program);
	source_free(&source);
	return status;
}

int command_rules_read(const struct app *app, const char *name, bool must_load,
		       struct fw_ruleset *rs, struct fw_interfaces *ifs)
{
	int status = STATUS_OK;
	struct fw_error e;
	struct backend b;

	if (name)
		return file_rules_read(app, name, must_load, rs, ifs);
	if (app_backend_open(app, &b) < 0)
		return STATUS_FAILED;
	if (b.ops->load(&b, rs, &e) < 0 || b.ops->interfaces(&b, ifs, &e) < 0) {
		app_error(app, "%s", e.text);
		status = STATUS_FAILED;
	}
	backend_close(&b);
	return status;
}

int command_save(struct app *app, int argc, char **argv)
{
	static const struct option options[] = {
		{ "counters", no_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 },
	};
	struct fw_ruleset rs;
	struct fw_error e;
	struct backend b;
	bool counters = false;
	int c, err;

	while ((c = app_option(app, argc, argv, "c", options)) != -1) {
		if (c != 'c')
			return app_usage(app, argv[0]);
		counters = true;
	}
	if (optind != argc)
		return app_word_refuse(app, argv[0], argv[0], argv[optind], NULL);
	if (app_backend_open(app, &b) < 0)
		return STATUS_FAILED;
	fw_ruleset_init(&rs);
	err = b.ops->load(&b, &rs, &e);
	if (err < 0)
		app_error(app, "%s", e.text);
	else if (app->json)
		json_ruleset_write(app, &rs, NULL, NULL, counters);
	else
		saved_write(stdout, &rs, NULL, NULL,
			    counters ? SAVED_ALL_COUNTERS : SAVED_NO_COUNTERS);
	fw_ruleset_free(&rs);
	app_other_backends_warn(app, b.ops->name);
	backend_close(&b);
	return err < 0 ? STATUS_FAILED : STATUS_OK;
}

/* Reports what of rs is not exact; -EOPNOTSUPP if that is refused. */
static int exactness_check(const struct app *app, struct backend *b,
			   const struct fw_ruleset *rs, bool strict)
{
	enum plan_exactness worst = exactness_report_backend(app, b, rs, NULL);

	if (worst == PLAN_IMPOSSIBLE || (strict && worst == PLAN_APPROXIMATE)) {
		app_error(app, "nothing changed: the %s backend cannot express all rules%s",
			  b->ops->name, worst == PLAN_IMPOSSIBLE ? "" : " exactly");
		return -EOPNOTSUPP;
	}
	return 0;
}

/* May these rules be put in force?  -errno after a message. */
static int ruleset_check(const struct app *app, struct backend *b, const struct fw_ruleset *rs,
			 const struct load_options *o)
{
	int err = exactness_check(app, b, rs, o->strict);

	return err ? err : ssh_check(app, b, rs, o->force);
}

/* The same of the rules as edits will have changed them. */
static int edits_check(const struct app *app, struct backend *b, const struct program *p,
		       const struct load_options *o)
{
	struct fw_ruleset rs;
	struct fw_error e;
	int err;

	fw_ruleset_init(&rs);
	err = b->ops->load(b, &rs, &e);
	if (err < 0)
		app_error(app, "%s", e.text);
	else if (fw_ruleset_edit_all(&rs, p->edit, p->nedits, &e) == 0)
		err = ruleset_check(app, b, &rs, o);
	fw_ruleset_free(&rs);
	return err;
}

/* Before a change that is to be confirmed; *fd is -1 if it is not. */
static int change_begin(const struct app *app, struct backend *b, const struct load_options *o,
			int *fd)
{
	struct fw_error e;
	char what[100];
	int err = 0;

	*fd = -1;
	if (!o->confirm)
		return 0;
	snprintf(what, sizeof(what), "load %.80s", o->file);
	err = confirm_change_begin(app, b, what, o->confirm, fd, &e);
	if (err)
		app_error(app, "nothing changed: %s", e.text);
	return err;
}

/* After the change; the backend is closed before anybody is asked. */
static int change_end(const struct app *app, struct backend *b, const struct load_options *o,
		      int fd, int err)
{
	if (fd >= 0)
		fd = confirm_change_end(fd, err);
	app_helpers_missing_warn(app, b);
	app_other_backends_warn(app, b->ops->name);
	if (!err && !app->staged)
		app_ipv6_warn(app, b->ops->name);
	backend_close(b);
	if (fd >= 0)
		return confirm_prompt(app, fd, o->confirm);
	return err < 0 ? STATUS_FAILED : STATUS_OK;
}

static int rules_append(struct app *app, const struct source *source,
			const struct program *p, const struct load_options *o)
{
	struct fw_error e = { .edit = p->nedits };
	struct backend b;
	int fd = -1, err;

	if (app_backend_open_for(app, &b, p->edit, p->nedits) < 0)
		return STATUS_FAILED;
	err = edits_check(app, &b, p, o);
	if (!err)
		err = change_begin(app, &b, o, &fd);
	if (err < 0) {
		backend_close(&b);
		return STATUS_FAILED;
	}
	progress_begin("load");
	err = b.ops->edit(&b, p->edit, p->nedits, &e);
	progress_end();
	if (err < 0)
		refusal_report(app, source, p, &e);
	return change_end(app, &b, o, fd, err);
}

static int backend_replace(const struct app *app, const struct fw_ruleset *rs,
			   const struct load_options *o)
{
	int fd = -1, err = 0;
	struct fw_error e;
	struct backend b;

	if (app_backend_open(app, &b) < 0)
		return STATUS_FAILED;
	err = ruleset_check(app, &b, rs, o);
	if (!err)
		err = change_begin(app, &b, o, &fd);
	if (!err) {
		progress_begin("load");
		err = b.ops->replace(&b, rs, &e);
		progress_end();
		if (err < 0)
			app_error(app, "%s", e.text);
	}
	return change_end(app, &b, o, fd, err);
}

/* Without a backend that works here, the file alone is checked. */
static int backend_check(const struct app *app, const struct fw_ruleset *rs,
			 const struct load_options *o)
{
	struct fw_error e;
	struct backend b;
	int err;

	if (!app->backend ||
	    backend_open(&b, app->backend, app->format, app->trace, &e) < 0)
		return STATUS_OK;
	b.mark_mask = app->mark_mask;
	b.log_group = app->log_group;
	err = exactness_check(app, &b, rs, o->strict);
	backend_close(&b);
	return err < 0 ? STATUS_FAILED : STATUS_OK;
}

/* Frees the program early, because a million rules need its memory. */
static int rules_replace(struct app *app, const struct source *source,
			 struct program *p, const struct load_options *o)
{
	struct fw_interfaces ifs = { 0 };
	const char *spec = app->backend;
	struct app chosen = *app;
	int status = STATUS_FAILED;
	struct fw_ruleset rs;
	struct fw_error e;
	int err;

	if (o->check_only && program_check(app, source, p) < 0)
		return STATUS_FAILED;
	/* the edits are gone when it is opened; if none can, opening reports why */
	chosen.backend = spec ? spec : backend_choose(p->edit, p->nedits, &e);
	fw_ruleset_init(&rs);
	err = saved_apply(p, source, &rs, &ifs, app, &e);
	if (!o->check_only)
		program_free(p);
	if (err < 0)
		app_error(app, "%s", e.text);
	else
		status = o->check_only ? backend_check(&chosen, &rs, o) :
					 backend_replace(&chosen, &rs, o);
	free(ifs.dev);
	fw_ruleset_free(&rs);
	return status;
}

/* The rules as the file would leave them. */
static int wanted_make(const struct app *app, const struct source *source, struct program *p,
		       const struct load_options *o, const struct fw_ruleset *now,
		       struct fw_ruleset *wanted)
{
	struct fw_error e = { .edit = p->nedits };
	struct fw_interfaces ifs = { 0 };
	int err;

	if (!o->append) {
		err = saved_apply(p, source, wanted, &ifs, app, &e);
		free(ifs.dev);
		if (err)
			app_error(app, "%s", e.text);
		return err;
	}
	err = fw_ruleset_copy(wanted, now);
	if (err)
		app_error(app, "%s", strerror(-err));
	else
		err = fw_ruleset_edit_all(wanted, p->edit, p->nedits, &e);
	if (err && e.edit < p->nedits)
		refusal_report(app, source, p, &e);
	return err;
}

/* What the file would change of the rules in force. */
static int rules_compare(const struct app *app, const struct source *source,
			 struct program *p, const struct load_options *o)
{
	struct fw_ruleset now, wanted;
	struct fw_error e;
	struct backend b;
	int differs = -EIO, err;

	if (app_backend_open_for(app, &b, p->edit, p->nedits) < 0)
		return STATUS_FAILED;
	fw_ruleset_init(&now);
	fw_ruleset_init(&wanted);
	err = b.ops->load(&b, &now, &e);
	if (err)
		app_error(app, "%s", e.text);
	if (!err)
		err = wanted_make(app, source, p, o, &now, &wanted);
	if (!err)
		err = exactness_check(app, &b, &wanted, o->strict);
	if (!err)
		differs = change_print(app, &now, &wanted);
	backend_close(&b);
	fw_ruleset_free(&now);
	fw_ruleset_free(&wanted);
	return differs < 0 ? STATUS_FAILED : differs ? STATUS_DIFFERS : STATUS_OK;
}

/* 0 or -errno after a message */
static int rules_read(const struct app *app, struct fw_ruleset *rs)
{
	struct fw_error e;
	struct backend b;
	int err = app_backend_open(app, &b);

	if (err)
		return err;
	err = b.ops->load(&b, rs, &e);
	if (err)
		app_error(app, "%s", e.text);
	backend_close(&b);
	return err;
}

/* Carries the file out; with --json what that has changed is printed. */
static int rules_load(struct app *app, const struct source *source, struct program *p,
		      const struct load_options *o)
{
	bool reports = app->json && !o->check_only;
	struct fw_ruleset before, after;
	int status = STATUS_FAILED;

	fw_ruleset_init(&before);
	fw_ruleset_init(&after);
	if (!reports || rules_read(app, &before) == 0)
		status = o->append && !o->check_only ? rules_append(app, source, p, o) :
						       rules_replace(app, source, p, o);
	if (reports && status == STATUS_OK &&
	    (rules_read(app, &after) < 0 || change_print(app, &before, &after) < 0))
		status = STATUS_FAILED;
	fw_ruleset_free(&before);
	fw_ruleset_free(&after);
	return status;
}

/* Warns of rules of a file that is right. */
static void file_lint(const struct app *app, const struct source *source, struct program *p)
{
	struct placed placed = { .name = source->name, .source = *source, .program = *p };
	struct lint_counts counts;

	fw_ruleset_init(&placed.rules);
	if (placed_apply(app, &placed, NULL) == STATUS_OK)
		lint_print(app, &placed, ANALYSIS_BUDGET, false, stderr, &counts);
	placed.program = (struct program){ .ncommands = 0 };	/* they are the caller's */
	placed.source = (struct source){ .name = NULL };
	placed_free(&placed);
}

/* Interfaces are the system's, or of the simulator's own file. */
static void interfaces_warn(const struct app *app, const struct source *source,
			    const struct program *p)
{
	unsigned int line, column, i = 0;
	char text[400];

	while (i < p->ncommands && p->command[i].kind != COMMAND_INTERFACE)
		i++;
	if (i == p->ncommands)
		return;
	source_position(source, p->command[i].loc.begin, &line, &column);
	snprintf(text, sizeof(text), "interfaces are left out, for only rules are loaded; "
		 "`--backend sim:%.200s' has both", source->name);
	app_warn_line(app, source->name, line, text);
}

static int program_load(struct app *app, const struct source *source, struct program *p,
			const struct load_options *o)
{
	int status;

	interfaces_warn(app, source, p);
	if (o->compare)
		return rules_compare(app, source, p, o);
	status = rules_load(app, source, p, o);
	if (status != STATUS_OK)
		return status;
	if (o->check_only)
		file_lint(app, source, p);
	else if (isatty(STDERR_FILENO) && strcmp(o->file, BOOT_RULES) != 0 &&
		 app_backend_is_kernel(app->backend ? app->backend : backend_choose(NULL, 0, NULL)))
		app_note(app, "these rules are gone at the next boot; "
			  "`ipfwadm enable' keeps them");
	return STATUS_OK;
}

int command_load(struct app *app, int argc, char **argv)
{
	static const struct option options[] = {
		{ "append", no_argument, NULL, 'a' },
		{ "check", no_argument, NULL, 'C' },
		{ "confirm", required_argument, NULL, 'c' },
		{ "force", no_argument, NULL, 'f' },
		{ "strict", no_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	struct load_options o = { .file = NULL };
	struct program program = { 0 };
	struct source source = { 0 };
	int c, status;

	while ((c = app_option(app, argc, argv, "an", options)) != -1) {
		if (c == 'a')
			o.append = true;
		else if (c == 'n')
			o.check_only = true;
		else if (c == 'C')
			o.compare = true;
		else if (c == 's')
			o.strict = true;
		else if (c == 'f')
			o.force = true;
		else if (c != 'c')
			return app_usage(app, argv[0]);
		else if (!(o.confirm = confirm_seconds_parse(optarg)))
			return app_word_refuse(app, argv[0], "--confirm", optarg, NULL);
	}
	if (argc - optind > 1)
		return app_word_refuse(app, argv[0], argv[0], argv[optind + 1], NULL);
	if (optind == argc)
		return app_usage(app, argv[0]);
	o.file = argv[optind];
	if (command_file_parse(app, o.file, &source, &program) < 0)
		status = STATUS_USAGE;
	else
		status = program_load(app, &source, &program, &o);
	program_free(&program);
	source_free(&source);
	return status;
}

static int backend_refresh(const struct app *app)
{
	struct fw_error e;
	struct backend b;
	int err;

	if (app_backend_open(app, &b) < 0)
		return STATUS_FAILED;
	err = b.ops->refresh(&b, &e);
	if (err < 0)
		app_error(app, "%s", e.text);
	backend_close(&b);
	return err < 0 ? STATUS_FAILED : STATUS_OK;
}

/* Refreshes every backend that may hold rules, unless one is chosen. */
int command_refresh(struct app *app, int argc, char **argv)
{
	struct app one = *app;
	bool found = false;
	int status = STATUS_OK;

	if (argc != 1)
		return app_word_refuse(app, argv[0], argv[0], argv[1], NULL);
	for (const struct backend_info *info = backends;
	     info->name && (!app->backend || app->backend_is_configured); info++) {
		if (!backend_holds(info))
			continue;
		found = true;
		one.backend = info->name;
		if (backend_refresh(&one) != STATUS_OK)
			status = STATUS_FAILED;
	}
	return found ? status : backend_refresh(app);
}
