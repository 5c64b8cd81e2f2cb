// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * report.c - what a person is told about a script that was run.
 */
#include "ipfwadm/run/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compat/proc_mount.h"
#include "ipfwadm/format/saved.h"

#define PROCESSES_MAX 20	/* that are named */
#define CALLERS_MAX 2		/* of a function, that are named */
#define CALLERS_SIZE (CALLERS_MAX * 64 + 12)

/* Does line n of a file, from 1, end with a backslash? */
static bool is_continued(const char *name, unsigned long n)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	FILE *f = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? fdopen(fd, "r") : NULL;
	size_t size = 0;
	char *line = NULL;
	ssize_t len = 0;

	while (f && n-- && len >= 0)
		len = getline(&line, &size, f);
	n = len > 1 && line[len - 1] == '\n' && line[len - 2] == '\\';
	free(line);
	if (f)
		fclose(f);
	else if (fd >= 0)
		close(fd);
	return n;
}

/* The colon of "FILE:12" or "FILE:12 ...", or NULL. */
static const char *line_colon(const char *at)
{
	const char *colon = at ? strchr(at, ':') : NULL;

	while (colon && (unsigned char)colon[1 + strspn(colon + 1, "~0123456789")] > ' ')
		colon = strchr(colon + 1, ':');
	return colon;
}

/*
 * The line of "FILE:12", with the file's name in name; 0: there is none.  bash may name a
 * command that is continued by a later one of its lines.
 */
static unsigned long place_split(char name[REPORT_PLACE], const char *at)
{
	const char *colon = line_colon(at);
	unsigned long n;

	if (!colon || colon == at)
		return 0;
	n = strtoul(colon + 1 + (colon[1] == '~'), NULL, 10);
	snprintf(name, REPORT_PLACE, "%.*s", (int)(colon - at), at);
	while (n > 1 && is_continued(name, n - 1))
		n--;
	return n;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The calls of "FILE:12 FILE:30 OTHER:45", as ", called at 30, OTHER:45". */
static const char *callers_write(char buf[CALLERS_SIZE], const char *at)
{
	char name[REPORT_PLACE], caller[REPORT_PLACE];
	unsigned long line = place_split(name, at);
	size_t len = 0;

	buf[0] = '\0';
	for (int n = 0; n < CALLERS_MAX && line; n++) {
		at = strchr(line_colon(at), ' ');
		line = at ? place_split(caller, ++at) : 0;
		if (line)
			len += (size_t)snprintf(buf + len, CALLERS_SIZE - len, "%s%.40s%s%lu",
						n ? ", " : ", called at ",
						strcmp(name, caller) ? base_name(caller) : "",
						strcmp(name, caller) ? ":" : "", line);
	}
	return buf;
}

char *report_clean(char *text)
{
	for (char *p = text; p && *p; p++)
		*p = (unsigned char)*p < ' ' || *p == 127 ? '?' : *p;
	return text;
}

const char *report_place(char buf[REPORT_PLACE], const struct script *script, const char *at)
{
	char name[REPORT_PLACE], callers[CALLERS_SIZE];
	unsigned long n = place_split(name, at);

	buf[0] = '\0';
	if (n && strcmp(name, script->name) == 0)
		snprintf(buf, REPORT_PLACE, "%sline %lu%s: ", strstr(at, ":~") ? "near " : "", n,
			 callers_write(callers, at));
	else if (n)
		snprintf(buf, REPORT_PLACE, "%.170s:%lu%s: ", name, n, callers_write(callers, at));
	return report_clean(buf);
}

static char *report_origin(const char *at)
{
	char name[REPORT_PLACE], callers[CALLERS_SIZE], *text = NULL;
	unsigned long n = place_split(name, at);

	if (!n || asprintf(&text, strstr(at, ":~") ? "%.40s near %lu" : "%.40s:%lu%s",
			   base_name(name), n, callers_write(callers, at)) < 0)
		return NULL;
	return report_clean(text);
}

void report_origins_name(struct session_commands *s)
{
	for (size_t i = 0; s->place && i < s->count; i++) {
		char *at = s->place[i];

		s->place[i] = report_origin(at);
		free(at);
	}
}

static const char *text_of(const char *text)
{
	return text ? text : "(out of memory)";
}

void report_failures(const struct session_commands *s, const struct script *script)
{
	char buf[REPORT_PLACE];
	size_t i;

	for (i = 0; i < s->failed && i < SESSION_FAILURES; i++) {
		const struct session_failure *f = &s->failure[i];

		if (i == 0)
			fprintf(stderr, "%s: %zu of %zu commands failed: ", s->app->name,
				s->failed, s->count);
		else
			fprintf(stderr, "%s:   ", s->app->name);
		fprintf(stderr, "%s'%s': %s\n", report_place(buf, script, f->at),
			text_of(f->command), text_of(f->message));
	}
	if (i < s->failed)
		app_error(s->app, "  and %zu more", s->failed - i);
}

void report_tools(const struct session_commands *s, const struct script *script,
		  const char *const effects[TOOL_EFFECTS])
{
	const struct tools *t = s->tools;
	char buf[REPORT_PLACE];
	size_t i;

	for (i = 0; t && i < t->nrecords && i < TOOLS_RECORDS; i++) {
		const struct tool_record *r = &t->record[i];

		if (!effects[r->effect])
			continue;
		app_note(s->app, "%s: %s'%s'", effects[r->effect],
			  report_place(buf, script, r->at),
			  r->command ? report_clean(r->command) : "(out of memory)");
	}
	if (t && i < t->nrecords)
		app_note(s->app, "  and %zu calls more", t->nrecords - i);
}

void report_end(const struct session_commands *s, const struct script *script, int status,
		const char *effect)
{
	const struct session_failure *last = &s->last;
	char end[REPORT_PLACE], command[REPORT_PLACE], buf[REPORT_PLACE], how[40];

	if (WIFSIGNALED(status))
		snprintf(how, sizeof(how), "was ended by signal %d", WTERMSIG(status));
	else
		snprintf(how, sizeof(how), "failed with status %d", WEXITSTATUS(status));
	if (script_end_read(script, end, command, sizeof(end)))
		app_error(s->app, "%s: '%s' %s: %s'%s'", effect, script->name, how,
			  report_place(buf, script, end), command);
	else if (last->message && last->message[0])
		app_error(s->app, "%s: '%s' %s; its last command: %s'%s': %s",
			  effect, script->name, how, report_place(buf, script, last->at),
			  text_of(last->command), last->message);
	else
		app_error(s->app, "%s: '%s' %s", effect, script->name, how);
}

/* They have become ours when their parents ended. */
/* The one of 2.0's files. */
static bool process_is_server(int pid)
{
	char path[64], name[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	f = fopen(path, "re");
	if (f && !fgets(name, sizeof(name), f))
		name[0] = '\0';
	if (f)
		fclose(f);
	return strcmp(name, PROC_MOUNT_SERVER "\n") == 0;
}

bool report_processes(const struct session_commands *s)
{
	bool found = false;
	char path[64], name[REPORT_PLACE];
	FILE *f, *children;
	int pid;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	children = fopen(path, "re");
	for (int n = 0; n < PROCESSES_MAX && children && fscanf(children, "%d", &pid) == 1; n++) {
		size_t len;

		if (process_is_server(pid))	/* it ends with the script's last process */
			continue;

		snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
		f = fopen(path, "re");
		len = f ? fread(name, 1, sizeof(name) - 1, f) : 0;
		for (size_t i = 0; i < len; i++)	/* arguments end with NUL */
			if ((unsigned char)name[i] < ' ')
				name[i] = i + 1 < len ? ' ' : '\0';
		name[len] = '\0';
		found |= len > 0;
		if (len)
			app_note(s->app, "process %d still waits: '%s'; its commands will take "
				  "effect one by one", pid, name);
		if (f)
			fclose(f);
	}
	if (children)
		fclose(children);
	return found;
}
