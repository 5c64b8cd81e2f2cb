// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * run.c - `ipfwadm run': a script whose commands take effect in one step.
 *
 * Whatever ends this process before staged_commit() leaves the rules as they were, and
 * that is one step of the backend.  While the script's name for the socket exists, its
 * commands never reach the backend: it is removed when the rules are in force, or when
 * it is clear that nothing changes.
 */
#include "ipfwadm/run/run.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backend/choose.h"
#include "ipfwadm/app/progress.h"
#include "ipfwadm/format/change.h"
#include "ipfwadm/format/exactness.h"
#include "ipfwadm/format/findings.h"
#include "ipfwadm/run/confirm.h"
#include "ipfwadm/run/origins.h"
#include "ipfwadm/run/report.h"
#include "ipfwadm/run/report_page.h"
#include "ipfwadm/run/session.h"
#include "ipfwadm/run/ssh.h"

struct run {
	struct session session;
	struct script script;
	struct source source;	/* of the script */
	struct tools tools;
	struct machine machine;
	FILE *report;		/* for a page; NULL: none is wanted */
	bool dry, strict, force;
	unsigned int confirm;	/* seconds; 0: the rules stay */
	int keeper;		/* see confirm.h; -1: there is none */
	bool is_stopped;	/* by a signal, which the script got, too */
	int status;		/* of the script, as of wait() */
};

/* Ends what has ended; true: the script is among it. */
static bool children_reap(struct run *r)
{
	bool ended = false;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == r->script.pid) {
			r->status = status;
			ended = true;
		}
	return ended;
}

/* Serves the script's commands until it ends. */
static void script_attend(struct run *r, int signals)
{
	struct signalfd_siginfo info;
	bool ended = false;

	while (!ended) {
		session_serve(&r->session, &signals, 1);
		if (read(signals, &info, sizeof(info)) != sizeof(info))
			continue;
		if (info.ssi_signo == SIGCHLD) {
			ended = children_reap(r);
		} else {
			r->is_stopped = true;
			kill(r->script.pid, (int)info.ssi_signo);
		}
	}
}

/* Refuses what cannot be expressed, and reports what is not exact, as load does. */
static int commit(struct run *r)
{
	struct app *app = r->session.commands.app;
	struct staged *s = &r->session.commands.staged;
	struct fw_error e;
	char what[100];
	int err = 0;

	if (exactness_report_backend(app, &s->live, &s->rules, NULL) == PLAN_IMPOSSIBLE) {
		app_error(app, "nothing changed: the %s backend cannot express all rules",
			  s->ops.name);
		return STATUS_FAILED;
	}
	if (ssh_check(app, &s->live, &s->rules, r->force) < 0)
		return STATUS_FAILED;
	snprintf(what, sizeof(what), "run %.80s", r->script.name);
	prctl(PR_SET_CHILD_SUBREAPER, 0);	/* the process that confirms is not the script's */
	if (r->confirm)
		err = confirm_change_begin(app, &s->live, what, r->confirm, &r->keeper, &e);
	if (!err) {
		progress_begin("run: its rules");
		err = staged_commit(s, &e);
		progress_end();
		if (r->keeper >= 0)
			r->keeper = confirm_change_end(r->keeper, err);
	}
	if (err)
		app_error(app, "nothing changed: %s", e.text);
	else if (app->json && change_print(app, &s->before, &s->rules) < 0)
		err = -ENOMEM;
	return err ? STATUS_FAILED : STATUS_OK;
}

static int dry_finish(struct run *r)
{
	const struct session_commands *s = &r->session.commands;
	int differs = change_print(s->app, &s->staged.before, &s->staged.rules);

	findings_warn(s->app, &s->staged.rules, NULL, &s->staged.ifs);
	if (differs < 0)
		app_error(r->session.commands.app, "%s", strerror(-differs));
	return differs < 0 ? STATUS_FAILED : differs ? STATUS_DIFFERS : STATUS_OK;
}

static int page_write(struct run *r)
{
	struct session_commands *s = &r->session.commands;
	struct rule_origins origins;
	int err;

	report_origins_name(s);
	err = origins_make(&origins, s);
	if (err)
		app_error(s->app, "cannot write the report: %s", strerror(-err));
	else
		err = report_page_write(r->report, &(struct report_page){
			s->app, r->script.name, &s->staged.rules, &s->staged.ifs, &origins });
	origins_free(&origins);
	return err;
}

/* what was asked of a tool; the helpers of masquerading are in force by themselves */
static const char *const effects[TOOL_EFFECTS] = {
	[TOOL_LEFT_OUT] = "without effect",
	[TOOL_REFUSED] = "refused",
};

/* The script has ended. */
static int run_finish(struct run *r)
{
	struct app *app = r->session.commands.app;
	int status;

	report_failures(&r->session.commands, &r->script);
	report_tools(&r->session.commands, &r->script, effects);
	if (r->status) {
		report_end(&r->session.commands, &r->script, r->status, "nothing changed");
		return WIFEXITED(r->status) ? WEXITSTATUS(r->status) : 128 + WTERMSIG(r->status);
	}
	if (r->is_stopped) {
		app_error(app, "nothing changed: stopped by a signal");
		return STATUS_FAILED;
	}
	if (r->strict && r->session.commands.failed) {
		app_error(app, "nothing changed: commands failed");
		return STATUS_FAILED;
	}
	status = r->dry ? dry_finish(r) : commit(r);
	return status == STATUS_FAILED || !r->report || page_write(r) == 0 ? status : STATUS_FAILED;
}

static bool script_has(const struct source *script, const char *const words[])
{
	while (script->text && *words && !strstr(script->text, *words))
		words++;
	return script->text && *words;
}

/* files of 2.0, which today's kernel has not, or not so */
static const char *const words_of_files[] = {
	"/proc/net/ip_", "/proc/version", "/proc/sys/net/ipv4/ip_always_defrag", "netstat -M",
	NULL,
};
static const char *const words_of_places[] = { "bin/", NULL };
/* what asks a shell where a command is, which has another answer for a builtin */
static const char *const words_that_ask[] = { "command -", "type ", "hash ", NULL };

static int script_run(struct run *r, char **argv)
{
	struct app *app = r->session.commands.app;
	int signals, err, status = STATUS_FAILED;
	struct fw_error e;
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < 5; i++)
		sigaddset(&set, (const int[]){ SIGCHLD, SIGINT, SIGQUIT, SIGTERM, SIGHUP }[i]);
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_BLOCK, &set, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	r->script.has_files = script_has(&r->source, words_of_files);
	r->script.names_places = script_has(&r->source, words_of_places);
	r->script.asks_places = script_has(&r->source, words_that_ask);
	snprintf(r->script.mask, sizeof(r->script.mask), "--mark-mask=%#x", app->mark_mask);
	signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	err = signals < 0 ? fw_error_set(&e, errno, "%s", strerror(errno)) : 0;
	if (!err)
		err = script_prepare(&r->script, &e);
	if (!err && session_listen(&r->session, r->script.socket) < 0)
		err = fw_error_set(&e, errno, "cannot listen at '%s': %s", r->script.socket,
				   strerror(errno));
	if (!err)
		err = script_start(&r->script, argv, &e);
	if (err) {
		app_error(app, "%s", e.text);
	} else {
		script_attend(r, signals);
		status = run_finish(r);
	}
	script_remove(&r->script, !err && report_processes(&r->session.commands));
	session_close(&r->session);
	close(signals);
	return r->keeper < 0 ? status : confirm_prompt(app, r->keeper, r->confirm);
}

int run_run(struct app *app, int argc, char **argv)
{
	static const struct option options[] = {
		{ "confirm", required_argument, NULL, 'c' },
		{ "dry-run", no_argument, NULL, 'n' },
		{ "force", no_argument, NULL, 'f' },
		{ "native", no_argument, NULL, 'N' },
		{ "report", required_argument, NULL, 'r' },
		{ "strict", no_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	struct run r = { .session = { .commands.app = app, .listener = -1 }, .keeper = -1,
			 .script = { .has_tools = true, .backend = app->backend } };
	struct backend live;
	struct fw_error e;
	int c, status;

	while ((c = app_option(app, argc, argv, "+", options)) != -1) {
		if (c == 'n')
			r.dry = true;
		else if (c == 's')
			r.strict = true;
		else if (c == 'f')
			r.force = true;
		else if (c == 'N')
			r.script.has_tools = false;
		else if (c == 'r' && !r.report && !(r.report = report_page_open(app, optarg)))
			return STATUS_FAILED;
		else if (c == 'r')
			r.session.commands.has_places = true;
		else if (c != 'c')
			return app_usage(app, argv[0]);
		else if (!(r.confirm = confirm_seconds_parse(optarg)))
			return app_word_refuse(app, argv[0], "--confirm", optarg, NULL);
	}
	if (optind >= argc)
		return app_usage(app, argv[0]);
	if (app_backend_open(app, &live) < 0)
		return STATUS_FAILED;
	r.tools = (struct tools){ .machine = &r.machine, .of_system = true,
				  .backend = &r.session.commands.staged.backend,
				  .has_core = !live.ops->lower };
	if (r.script.has_tools)
		r.session.commands.tools = &r.tools;
	if (staged_init(&r.session.commands.staged, &live, &e) < 0) {
		app_error(app, "%s", e.text);
		status = STATUS_FAILED;
	} else {
		if (app_source_read(app, &r.source, argv[optind], &e) == 0)
			r.session.commands.script = &r.source;
		status = script_run(&r, argv + optind);
		source_free(&r.source);
	}
	app_other_backends_warn(app, live.ops->name);
	tools_free(&r.tools);
	staged_free(&r.session.commands.staged);
	backend_close(&live);
	return status;
}
