// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * translate_run.c - a script in the sandbox, served by this, its first process.
 *
 * Time is virtual: when all processes sleep, and none by a clock of its own, the clock
 * jumps to the first of those that called `sleep'.  When the script has ended it no longer
 * jumps, so that a safety net in the background never undoes what was made.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "backend/choose.h"
#include "backend/ruleset.h"
#include "ipfwadm/app/progress.h"
#include "ipfwadm/format/findings.h"
#include "ipfwadm/format/listing.h"
#include "ipfwadm/format/saved.h"
#include "ipfwadm/run/origins.h"
#include "ipfwadm/run/processes.h"
#include "ipfwadm/run/report.h"
#include "ipfwadm/run/report_page.h"
#include "ipfwadm/run/translate.h"

#define TICK_NS 5000000		/* between two looks at the processes */
#define OUTPUT_MAX (1u << 20)	/* bytes of the script's that are passed on */
#define CLOCK_MAX 3600.0	/* virtual seconds */

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void output_copy(struct translate *t, int fd)
{
	char buf[16384];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		size_t room = t->output < OUTPUT_MAX ? OUTPUT_MAX - t->output : 0;

		progress_end();	/* what the script prints shows it instead */
		fwrite(buf, 1, (size_t)n < room ? (size_t)n : room, stderr);
		t->output += (size_t)n;
		for (ssize_t i = 0; i < n; i++) {
			if (buf[i] == '\n') {
				translate_line(t);
				t->line_len = 0;
			} else if (t->line_len < sizeof(t->line) - 1) {
				t->line[t->line_len++] = buf[i];
			}
		}
		if (n < (ssize_t)sizeof(buf))
			break;
	}
}

static void children_reap(struct translate *t)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == t->script.pid) {
			t->status = status;
			t->has_ended = true;
		}
}

static void signal_take(struct translate *t, int signals)
{
	struct signalfd_siginfo info;

	while (read(signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			children_reap(t);
		else
			t->stopped = "stopped by a signal";
	}
}

/* A look at the processes; true: nothing more is to be expected of them. */
static bool processes_watch(struct translate *t, struct processes *last, double begin)
{
	struct processes p;
	bool rests;

	processes_look(&p);
	rests = p.is_idle && p.count == last->count && p.switches == last->switches;
	*last = p;
	if (p.pages * (unsigned long)sysconf(_SC_PAGESIZE) > SANDBOX_MEMORY)
		t->stopped = "it used too much memory";
	else if (now() - begin > t->seconds)
		t->stopped = "it took too long: see --time";
	else if (t->session.clock > CLOCK_MAX)
		t->stopped = "it waits for something that does not happen";
	if (t->stopped)
		return true;
	if (t->has_ended)
		return !p.count || rests;
	/* after a jump the processes are to be seen at work before the next one */
	if (rests && session_clock_jump(&t->session))
		last->switches = 0;
	return false;
}

static int timer_make(void)
{
	const struct itimerspec each = { { 0, TICK_NS }, { 0, TICK_NS } };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd >= 0)
		timerfd_settime(fd, 0, &each, NULL);
	return fd;
}

static void script_attend(struct translate *t, int signals, int output)
{
	struct processes last = { 0 };
	const int fds[] = { signals, output, timer_make() };
	double begin = now();
	bool ended = false;
	__u64 ticks;

	progress_begin(t->argv[0]);
	while (!ended) {
		session_serve(&t->session, fds, FW_COUNT(fds));
		signal_take(t, signals);
		output_copy(t, output);
		if (read(fds[2], &ticks, sizeof(ticks)) == sizeof(ticks))
			ended = processes_watch(t, &last, begin);
	}
	progress_end();
	close(fds[2]);
	kill(-1, SIGKILL);	/* all but this one */
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	output_copy(t, output);
}

/* The simulator's file is on the stage, where the script cannot reach it. */
static int backend_make(struct translate *t, struct backend *live, struct fw_error *e)
{
	struct fw_ruleset rs;
	char path[60], *text = NULL;
	int fd, err;
	size_t len;

	t->ifs.dev = calloc(t->machine.ninterfaces, sizeof(*t->ifs.dev));
	if (!t->ifs.dev)
		return fw_error_set(e, ENOMEM, "out of memory");
	for (size_t i = 0; i < t->machine.ninterfaces; i++) {
		const struct machine_interface *m = &t->machine.interface[i];
		struct fw_dev *dev = &t->ifs.dev[t->ifs.count];

		if (!m->addr)
			continue;
		memcpy(dev->name, m->name, strnlen(m->name, FW_IFNAMSIZ));
		dev->addr = m->addr;
		dev->mask = m->mask;
		t->ifs.count++;
	}
	fw_ruleset_init(&rs);
	err = saved_text(&rs, &t->ifs, SAVED_NO_COUNTERS, &text, &len);
	fd = err ? -1 : openat(t->sandbox.stage, "rules", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		err = -errno;
	if (fd >= 0)
		close(fd);
	free(text);
	if (err)
		return fw_error_set(e, -err, "cannot write rules: %s", strerror(-err));
	snprintf(path, sizeof(path), "sim:/proc/self/fd/%d/rules", t->sandbox.stage);
	return backend_open(live, path, t->app->format, false, e);
}

static void lists_print(const struct fw_ruleset *rs)
{
	static const enum fw_list_id lists[] = { FW_ACCT, FW_INPUT, FW_FORWARD, FW_OUTPUT };

	for (size_t i = 0; i < FW_COUNT(lists); i++) {
		struct command c = { .list = lists[i], .numeric = true, .extended = true };

		if (i)
			putchar('\n');
		listing_rules(stdout, &c, &rs->list[lists[i]]);
	}
}

/* Leaves the rules and the interfaces to whom the simulator's file belongs. */
static int result_write(const struct translate *t, const struct fw_ruleset *rs)
{
	char *text = NULL;
	size_t len;
	int err = saved_text(rs, &t->ifs, SAVED_SOME_COUNTERS, &text, &len);

	if (!err && write(t->result, text, len) != (ssize_t)len)
		err = -EIO;
	free(text);
	return err;
}

static int rules_print(struct translate *t)
{
	struct session_commands *s = &t->session.commands;
	struct rule_origins origins;
	struct rules_dump d = { .rs = &s->staged.rules, .ifs = &t->ifs, .origins = &origins,
				.partial = t->partial };
	int status = STATUS_FAILED;

	report_origins_name(s);
	if (origins_make(&origins, s) < 0) {
		app_error(t->app, "out of memory");
	} else if (t->format) {
		status = rules_dump(t->app, t->format, &d);
		findings_warn(t->app, d.rs, NULL, d.ifs);
	} else {
		lists_print(d.rs);
		status = result_write(t, d.rs) < 0 ? STATUS_FAILED : STATUS_OK;
	}
	if (status != STATUS_FAILED && t->report &&
	    report_page_write(t->report, &(struct report_page){ t->app, t->argv[0], d.rs, d.ifs,
								&origins }) < 0)
		status = STATUS_FAILED;
	origins_free(&origins);
	return status;
}

static int script_finish(struct translate *t)
{
	struct session_commands *s = &t->session.commands;
	bool left_out;
	int status;

	fflush(stderr);
	report_failures(s, &t->script);
	left_out = translate_report(t);
	if (t->stopped)
		app_error(t->app, "nothing printed: the script was ended: %s", t->stopped);
	else if (t->status)
		report_end(s, &t->script, t->status,
			   t->partial ? "the rules until then" : "nothing printed");
	if (t->stopped || (t->status && !t->partial))
		return STATUS_FAILED;
	status = rules_print(t);
	if (status != STATUS_FAILED && t->format && !t->app->json)
		translate_sysctls_print(t);
	return status == STATUS_FAILED || !left_out ? status : STATUS_LEFT_OUT;
}

static int script_run(struct translate *t, int signals, struct fw_error *e)
{
	int output[2], status = STATUS_FAILED, err;

	if (pipe2(output, O_CLOEXEC | O_NONBLOCK) < 0)
		return fw_error_set(e, errno, "%s", strerror(errno));
	fcntl(output[1], F_SETFL, 0);	/* the script's end waits */
	t->script.output = output[1];
	t->script.confined = t->seconds;
	err = script_prepare(&t->script, e);
	if (!err && session_listen(&t->session, t->script.socket) < 0)
		err = fw_error_set(e, errno, "cannot listen: %s", strerror(errno));
	if (!err)
		err = script_start(&t->script, t->argv, e);
	close(output[1]);
	if (!err) {
		script_attend(t, signals, output[0]);
		status = script_finish(t);
	}
	script_remove(&t->script, false);
	session_close(&t->session);
	close(output[0]);
	return err ? err : status;
}

/* For a script that reads them: it sees the rules to be. */
static void lists_update(void *ctx)
{
	struct translate *t = ctx;

	sandbox_lists_write(t->sandbox.stage, &t->session.commands.staged.rules);
}

int translate_script(struct translate *t)
{
	struct session_commands *s = &t->session.commands;
	struct fw_error e = { 0 };
	struct backend live;
	sigset_t set;
	int signals, status;

	sigemptyset(&set);
	for (size_t i = 0; i < 5; i++)
		sigaddset(&set, (const int[]){ SIGCHLD, SIGINT, SIGQUIT, SIGTERM, SIGHUP }[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	t->tools.machine = &t->machine;
	t->tools.backend = &s->staged.backend;
	t->session.listener = -1;
	s->app = t->app;
	s->tools = &t->tools;
	s->has_places = true;
	if (app_source_read(t->app, &t->source, t->argv[0], &e) == 0)
		s->script = &t->source;
	if (s->script && strstr(t->source.text, "/proc/net/ip_"))
		s->changed = lists_update;
	s->ctx = t;
	status = backend_make(t, &live, &e);
	if (!status) {
		status = staged_init(&s->staged, &live, &e);
		if (!status)
			status = script_run(t, signals, &e);
		staged_free(&s->staged);
		backend_close(&live);
	}
	if (status < 0) {
		app_error(t->app, "%s", e.text);
		status = STATUS_FAILED;
	}
	tools_free(&t->tools);
	source_free(&t->source);
	free(t->ifs.dev);
	close(signals);
	return app_finish(t->app, status);
}
