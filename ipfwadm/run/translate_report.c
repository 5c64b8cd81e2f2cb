// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * translate_report.c - what a script in the sandbox has done besides making rules.
 */
#include <string.h>

#include "ipfwadm/run/report.h"
#include "ipfwadm/run/translate.h"

#define FILES_MAX 20	/* that are named */

/* Messages of programs that met the sandbox. */
static const char *const refusals[] = {
	"Read-only file system", "Operation not permitted", "Permission denied",
	"Network is unreachable", "Network unreachable", "Function not implemented",
	"Resource temporarily unavailable", "Cannot allocate memory", "Out of memory",
	"memory exhausted", "No space left on device", "File size limit exceeded",
	"command not found",
};

void translate_line(struct translate *t)
{
	t->line[t->line_len] = '\0';
	for (size_t i = 0; i < FW_COUNT(refusals); i++) {
		if (!strstr(t->line, refusals[i]))
			continue;
		if (t->nrefusals < TRANSLATE_REFUSALS)
			report_clean(memcpy(t->refusal[t->nrefusals], t->line, sizeof(t->line)));
		t->nrefusals++;
		return;
	}
}

static const char *const effects[TOOL_EFFECTS] = {
	[TOOL_KEPT] = "as now: masquerading does this by itself",
	[TOOL_LEFT_OUT] = "not translated",
	[TOOL_REFUSED] = "not done in the sandbox",
};

/* what sandbox_changes() finds */
struct changes {
	struct translate *t;
	size_t files, foreign;
	bool prints;		/* sysctls on stdout; else all but those that are printed */
};

/* Of masquerading and fragments, which the kernel of today does without being asked. */
static bool sysctl_is_known(const char *name)
{
	return strcmp(name, "net.ipv4.ip_always_defrag") != 0 &&
	       strncmp(name, "net.ipv4.ip_masq", 16) != 0;
}

static void change_report(void *ctx, const char *path, const char *value)
{
	struct changes *c = ctx;
	bool is_sysctl = strncmp(path, "net.", 4) == 0;
	char name[200];

	if (c->prints) {
		if (is_sysctl && sysctl_is_known(path))
			printf("%s#\t%s = %s\n", c->files++ ? "" :
			       "# The script sets these sysctls, for a file in /etc/sysctl.d:\n",
			       path, value);
		return;
	}
	if (is_sysctl) {
		bool is_known = sysctl_is_known(path);

		c->foreign += !is_known;
		app_note(c->t->app, "%s: %s = %s", is_known ? "sysctl" : "not translated", path,
			  value);
	} else if (c->files++ < FILES_MAX) {
		snprintf(name, sizeof(name), "%s", path);
		app_note(c->t->app, "%s in the sandbox alone: %s",
			  value ? "removed" : "written", report_clean(name));
	}
}

static void sleeper_report(void *ctx, const char *at, double seconds)
{
	struct translate *t = ctx;
	char buf[REPORT_PLACE];

	app_note(t->app, "not carried out: %swhat a process in the background does %.0f "
		  "seconds after the script's end ('run --confirm' takes rules back more safely)",
		  report_place(buf, &t->script, at), seconds);
}

bool translate_report(struct translate *t)
{
	const struct tools *tools = &t->tools;
	struct changes c = { .t = t };

	report_tools(&t->session.commands, &t->script, effects);
	if (sandbox_changes(&t->sandbox, change_report, &c) < 0)
		app_error(t->app, "the sandbox cannot be searched for changes");
	if (c.files > FILES_MAX)
		app_note(t->app, "  and %zu files more", c.files - FILES_MAX);
	session_sleepers(&t->session, sleeper_report, t);
	for (size_t i = 0; i < t->nrefusals && i < TRANSLATE_REFUSALS; i++)
		app_note(t->app, "the sandbox refused: %s", t->refusal[i]);
	if (t->nrefusals > TRANSLATE_REFUSALS)
		app_note(t->app, "  and %zu times more", t->nrefusals - TRANSLATE_REFUSALS);
	return tools->count[TOOL_LEFT_OUT] || tools->count[TOOL_REFUSED] || c.foreign;
}

void translate_sysctls_print(struct translate *t)
{
	struct changes c = { .t = t, .prints = true };

	sandbox_changes(&t->sandbox, change_report, &c);
}
