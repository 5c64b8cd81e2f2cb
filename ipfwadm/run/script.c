// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * script.c - starts a script so that each ipfwadm below it is the client.
 */
#include "ipfwadm/run/script.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipfwadm/run/client.h"
#include "ipfwadm/run/sandbox.h"
#include "ipfwadm/run/script_stale.h"

#define HEAD_MAX 256	/* bytes of a line with #! that Linux reads */

/* DEBUG comes before each command, also before that of the EXIT trap. */
static const char env_text[] =
	"set -T\n"
	"export " CLIENT_LINE "\n"
	"trap 'FW_WAS=$" CLIENT_LINE " " CLIENT_LINE "=\"$BASH_SOURCE:$LINENO\"' DEBUG\n"
	"trap 'echo \"$FW_WAS $BASH_COMMAND\" 2>/dev/null >|\"${BASH_ENV%%/env}/end\"' EXIT\n";

static void directory_remove(const char *dir)
{
	static const char *const names[] = { "socket", "env", "end", "bin/ipfwadm" };
	char path[PATH_MAX];

	for (size_t i = 0; i < FW_COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/bin", dir);
	rmdir(path);
	rmdir(dir);
}

static int directory_make(struct script *s)
{
	const char *const places[] = { geteuid() ? NULL : "/run", getenv("XDG_RUNTIME_DIR"),
				       getenv("TMPDIR"), "/tmp" };

	for (size_t i = 0; i < FW_COUNT(places); i++) {
		int n = places[i] && places[i][0] == '/' ?
			snprintf(s->dir, sizeof(s->dir), "%s/ipfwadm-run.XXXXXX", places[i]) : -1;

		if (n > 0 && n < SCRIPT_PATH_MAX - 20 && mkdtemp(s->dir)) {
			script_stale_each(places[i], directory_remove);
			return 0;
		}
	}
	s->dir[0] = '\0';
	return -errno;
}

/* "lib/ipfwadm/ipfwadm-client" beside the program's folder, or the program itself */
static void client_find(const struct script *s, char path[PATH_MAX])
{
	static const char *const names[] = { "lib/ipfwadm/ipfwadm-client", "lib/ipfwadm-client" };
	int folder = (int)(strrchr(s->program, '/') - s->program);

	for (size_t i = 0; i < FW_COUNT(names); i++)
		if (snprintf(path, PATH_MAX, "%.*s/../%s", folder, s->program, names[i]) <
			    PATH_MAX && access(path, X_OK) == 0)
			return;
	memcpy(path, s->program, PATH_MAX);
}

static int program_find(struct script *s)
{
	ssize_t len = readlink("/proc/self/exe", s->program, sizeof(s->program) - 1);

	s->program[len > 0 ? len : 0] = '\0';
	return len > 0 ? 0 : -errno;
}

int script_client_open(void)
{
	struct script s;
	char path[PATH_MAX];
	int err = program_find(&s);

	if (err)
		return err;
	client_find(&s, path);
	err = open(path, O_RDONLY | O_CLOEXEC);
	return err < 0 ? -errno : err;
}

static int file_write(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	if (!f)
		return -errno;
	fputs(text, f);
	return fclose(f) ? -errno : 0;
}

static void path_of(const struct script *s, const char *name, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s", s->dir, name);
}

/* In bin, which is empty. */
static int client_link(const struct script *s)
{
	char client[PATH_MAX], path[PATH_MAX];

	client_find(s, client);
	path_of(s, "bin/ipfwadm", path);
	return symlink(client, path) < 0 ? -errno : 0;
}

int script_prepare(struct script *s, struct fw_error *e)
{
	char path[PATH_MAX];
	int err = program_find(s);

	if (!err)
		err = directory_make(s);
	if (!err) {
		snprintf(s->socket, sizeof(s->socket), "%.80s/socket", s->dir);
		path_of(s, "env", path);
		err = file_write(path, env_text);
	}
	if (!err) {
		path_of(s, "bin", path);
		err = mkdir(path, 0755) < 0 || chmod(s->dir, 0755) < 0 ? -errno : client_link(s);
	}
	return err ? fw_error_set(e, -err, "cannot make a directory for the script: %s",
				  strerror(-err)) : 0;
}

static bool is_file(const char *path, const char *other)
{
	struct stat a, b;

	return stat(path, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

/*
 * In the script's process: bin, on a file system of its own that stays when the directory
 * is removed, is laid over the places where scripts name ipfwadm by its path.  The program
 * itself is not hidden, because it must be found; it is a client, too.
 */
static int places_cover(const struct script *s)
{
	static const char *const places[] = { "/usr/sbin", "/sbin" };
	char bin[PATH_MAX], path[PATH_MAX], options[2 * PATH_MAX];

	path_of(s, "bin", bin);
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("ipfwadm-run", bin, "tmpfs", MS_NOSUID | MS_NODEV, "size=64k,mode=755") < 0 ||
	    client_link(s) < 0)
		return -errno;
	for (size_t i = 0; i < FW_COUNT(places); i++) {
		snprintf(path, sizeof(path), "%s/ipfwadm", places[i]);
		snprintf(options, sizeof(options), "lowerdir=%s:%s", bin, places[i]);
		if (is_file(path, s->program) || (i && is_file(places[0], places[1])) ||
		    access(places[i], F_OK))
			continue;
		if (mount("ipfwadm-run", places[i], "overlay", MS_RDONLY, options) < 0)
			return -errno;
	}
	return 0;
}

static int environment_set(const struct script *s)
{
	const char *was = getenv("PATH");
	char path[PATH_MAX], *search = NULL;
	int bad;

	path_of(s, "env", path);
	if (s->confined)
		search = was ? strdup(was) : NULL;
	else if (asprintf(&search, "%s/bin:%s", s->dir,
			  was ? was : "/usr/sbin:/usr/bin:/sbin:/bin") < 0)
		search = NULL;
	bad = !search || setenv("PATH", search, 1) || setenv("BASH_ENV", path, 1) ||
	      setenv(CLIENT_SESSION, s->socket, 1) || setenv(CLIENT_PROGRAM, s->program, 1);
	free(search);
	return bad ? -ENOMEM : 0;
}

/* The words of a first line "#!INTERPRETER [ARGUMENT]", which are cut out of head. */
static size_t head_split(char *head, char *word[2])
{
	size_t n = 0;
	char *p = head + 2;

	head[strcspn(head, "\n")] = '\0';
	for (p += strspn(p, " \t"); *p && n < 2; n++) {
		word[n] = p;
		p += n ? strlen(p) : strcspn(p, " \t");
		if (*p)
			*p++ = '\0';
		p += strspn(p, " \t");
	}
	for (char *end = n == 2 ? strchr(word[1], '\0') : NULL;
	     end && end > word[1] && strchr(" \t\r", end[-1]);)
		*--end = '\0';
	return n;
}

/*
 * Executes the script as Linux would, but needs no permission to execute it, and what is
 * for sh is for bash, which sh was, and which alone knows the line of a command.
 */
static void script_execute(char *head, char **argv)
{
	size_t argc = 0, n = 0;
	char *word[2], *base;

	while (argv[argc])
		argc++;
	if (memcmp(head, "\177ELF", 4) == 0) {
		execv(argv[0], argv);
		return;
	}
	if (memcmp(head, "#!", 2) == 0)
		n = head_split(head, word);
	if (!n)
		word[n++] = (char *)"/bin/sh";

	char *args[argc + n + 1];

	memcpy(args, word, n * sizeof(*args));
	memcpy(args + n, argv, (argc + 1) * sizeof(*args));
	base = strrchr(word[0], '/');
	if (strcmp(base ? base + 1 : word[0], "sh") == 0) {
		args[0] = (char *)"bash";
		execvp("bash", args);
	}
	args[0] = word[0];
	execv(word[0], args);
}

/* What stays uncovered is harmless if it is a client, or not there. */
static int places_check(const struct script *s, struct fw_error *e)
{
	static const char *const names[] = { "/usr/sbin/ipfwadm", "/sbin/ipfwadm" };
	int err = geteuid() == 0 ? places_cover(s) : 0;

	for (size_t i = 0; err && i < FW_COUNT(names); i++)
		if (access(names[i], F_OK) == 0 && !is_file(names[i], s->program))
			return fw_error_set(e, -err, "%s would be called past 'run': %s",
					    names[i], strerror(-err));
	return 0;
}

static int confine(const struct script *s)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || dup2(fd, STDIN_FILENO) < 0 || dup2(s->output, STDOUT_FILENO) < 0 ||
	    dup2(s->output, STDERR_FILENO) < 0)
		return -errno;
	return sandbox_confine(s->confined);
}

/* The script's process; why it could not be started is written to the pipe. */
static void child_main(const struct script *s, char *head, char **argv, int pipe)
{
	struct fw_error e;
	sigset_t none;
	int err = s->confined ? confine(s) : 0;

	if (!err)
		err = environment_set(s);
	if (err)
		fw_error_set(&e, -err, "%s", strerror(-err));
	else
		err = s->confined ? 0 : places_check(s, &e);
	if (!err) {
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		script_execute(head, argv);
		fw_error_set(&e, errno, "%s", strerror(errno));
	}
	if (write(pipe, &e, sizeof(e)) < 0)
		_exit(126);
	_exit(127);
}

static int head_read(const char *name, char head[HEAD_MAX])
{
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t n = fd < 0 ? -1 : read(fd, head, HEAD_MAX - 1);
	int err = n < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return err;
}

int script_start(struct script *s, char **argv, struct fw_error *e)
{
	char head[HEAD_MAX] = "";
	struct fw_error why;
	int pipe[2], err = head_read(argv[0], head);

	s->name = argv[0];
	if (err)
		return fw_error_set(e, -err, "cannot read '%s': %s", argv[0], strerror(-err));
	if (pipe2(pipe, O_CLOEXEC) < 0)
		return fw_error_set(e, errno, "cannot start '%s': %s", argv[0], strerror(errno));
	s->pid = fork();
	if (s->pid == 0)
		child_main(s, head, argv, pipe[1]);
	if (s->pid < 0)
		err = fw_error_set(e, errno, "cannot start '%s': %s", argv[0], strerror(errno));
	close(pipe[1]);
	if (!err && read(pipe[0], &why, sizeof(why)) == sizeof(why))
		err = fw_error_set(e, why.code, "cannot start '%s': %.200s", argv[0], why.text);
	close(pipe[0]);
	return err;
}

void script_end_read(const struct script *s, char *buf, size_t size)
{
	char path[PATH_MAX];
	FILE *f;

	path_of(s, "end", path);
	f = fopen(path, "re");
	buf[0] = '\0';
	if (f && !fgets(buf, (int)size, f))
		buf[0] = '\0';
	if (f)
		fclose(f);
	buf[strcspn(buf, "\n")] = '\0';
}

void script_remove(struct script *s)
{
	if (s->dir[0])
		directory_remove(s->dir);
}
