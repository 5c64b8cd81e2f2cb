// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sim_child.c - edits of the simulator's file, each by a process of its own.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backend/backend.h"
#include "backend/choose.h"
#include "tests/lib/mini_format.h"
#include "tests/programs/sim-robust/sim_child.h"

unsigned int passed, failed;
char dir[sizeof(dir)] = "/tmp/sim-robust-XXXXXX";
char file[sizeof(dir) + 8];
struct report *report;

void sim_child_begin(void)
{
	if (!mkdtemp(dir))
		die(dir);
	snprintf(file, sizeof(file), "%s/state", dir);
	report = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (report == MAP_FAILED)
		die("mmap");
}

void check(bool good, const char *format, ...)
{
	va_list args;

	good ? passed++ : failed++;
	fputs(good ? "ok    " : "FAIL  ", stdout);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

void die(const char *what)
{
	perror(what);
	exit(1);
}

void file_put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) < 0 || fclose(f))
		die(path);
}

char *file_get(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;

	if (!f || getdelim(&text, &size, '\0', f) < 0) {
		free(text);
		text = strdup("");
	}
	if (f)
		fclose(f);
	return text;
}

unsigned int names_count(const char *path)
{
	DIR *d = opendir(path);
	unsigned int n = 0;

	if (!d)
		die(path);
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

int sim_edit(const char *path, enum fw_op op, __u32 src)
{
	struct fw_edit edit = { .op = op, .list = FW_INPUT, .rule = mini_rule(src) };
	struct backend b;
	char spec[PATH_MAX + 8];
	int err;

	snprintf(spec, sizeof(spec), "sim:%s", path);
	err = backend_open(&b, spec, &mini_format, false, &report->error);
	if (err)
		return err;
	err = b.ops->edit(&b, &edit, 1, &report->error);
	backend_close(&b);
	return err;
}

int sim_load(const char *path, struct fw_ruleset *rs)
{
	struct backend b;
	char spec[PATH_MAX + 8];
	int err;

	fw_ruleset_init(rs);
	snprintf(spec, sizeof(spec), "sim:%s", path);
	err = backend_open(&b, spec, &mini_format, false, &report->error);
	if (err)
		return err;
	err = b.ops->load(&b, rs, &report->error);
	backend_close(&b);
	return err;
}

int sim_count(const char *path)
{
	struct fw_ruleset rs;
	int err = sim_load(path, &rs);
	int n = (int)rs.list[FW_INPUT].count;

	fw_ruleset_free(&rs);
	return err ? err : n;
}

int child_edit(const char *path, prepare_fn prepare, const void *arg)
{
	pid_t pid;
	int status;

	memset(report, 0, sizeof(*report));
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		if (prepare)
			prepare(arg);
		_exit(-sim_edit(path, FW_OP_APPEND, 4711));
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

void check_refused(const char *path, int err, prepare_fn prepare, const void *arg,
		   const char *what)
{
	char *before = file_get(file), *after;
	unsigned int names = names_count(dir);
	int got = child_edit(path, prepare, arg);

	after = file_get(file);
	check(got == -err && report->error.code == err && report->error.text[0] &&
	      !strcmp(before, after) && names_count(dir) == names,
	      "%s: %s", what, got ? report->error.text : "it worked");
	free(before);
	free(after);
}

void check_works(const char *path, const char *what)
{
	int before = sim_count(path), err = child_edit(path, NULL, NULL);

	check(!err && sim_count(path) == before + 1, "%s: %s", what,
	      err ? report->error.text : "works");
}
