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

#include "compat/overlay.h"
#include "compat/proc_mount.h"
#include "ipfwadm/run/client.h"
#include "ipfwadm/run/machine.h"
#include "ipfwadm/run/sandbox.h"
#include "ipfwadm/run/script_stale.h"

#define HEAD_MAX 256	/* bytes of a line with #! that Linux reads */

/*
 * DEBUG comes before each command, also before that of the EXIT trap.  A command of a shell
 * that reads no file has the line of that shell; what is set must not be missed by set -u,
 * nor be shown by set -x.
 */
static const char env_text[] =
	"{\n"
	"set -T\n"
	"export " CLIENT_LINE "\n"
	"FW_END=${BASH_ENV%/env}/end\n"
	"trap '{ [[ -z ${BASH_SOURCE-} || $BASH_SOURCE = \"${BASH_ENV-}\" ]] || "
	"FW_WAS=${" CLIENT_LINE "-} FW_LAST=${FW_RAN-} FW_RAN=$BASH_COMMAND "
	CLIENT_LINE "=\"$BASH_SOURCE:$LINENO ${BASH_SOURCE[1]-}:$BASH_LINENO "
	"${BASH_SOURCE[2]-}:${BASH_LINENO[1]-}\"; } 2>/dev/null' DEBUG\n"
	"trap '{ printf \"%s\\n\" \"${FW_WAS-}\" \"${FW_LAST-}\" >|\"$FW_END\"; } "
	"2>/dev/null' EXIT\n"
	"} 2>/dev/null\n";

/* Where bash can load the client, it starts no process for it. */
static const char builtins_text[] =
	"{ enable -f %s FW_NAME FW_SBIN FW_USR_SBIN; } 2>/dev/null\n";

/* Where no folder can be covered: functions whose names are paths, which bash alone has. */
static const char functions_text[] =
	"{ for FW_IN in /usr/sbin /sbin /usr/bin /bin /usr/local/sbin /usr/local/bin; do\n"
	"for FW_TO in \"${BASH_ENV%%/env}/\"%s/*; do\n"
	"FW_AS=$FW_IN/${FW_TO##*/}\n"
	"eval \"function $FW_AS { (exec -a $FW_AS ${FW_TO@Q} \\\"\\$@\\\") || return; }\"\n"
	"done; done\n"
	"unset FW_IN FW_TO FW_AS; } 2>/dev/null\n";

const char *script_name(size_t i)
{
	static const char *const names[] = {
		"ipfwadm", "ipfwadm-wrapper", "ipportfw", "ipautofw", "ipmasqadm",
	};

	return i < FW_COUNT(names) ? names[i] : NULL;
}

/* folders of links to the client */
static const struct folder {
	const char *name;
	const char *(*link)(size_t i);
} folders[] = {
	{ "bin", script_name },
	{ "tools", client_tool },
};

#define SBIN_PLACES 2	/* the first of overlay_places */

/* After this the commands of the script's processes take effect by themselves. */
static void session_end(const char *dir)
{
	static const char *const names[] = { "socket", "env", "end" };
	char path[PATH_MAX];

	for (size_t i = 0; i < FW_COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
}

static void directory_remove(const char *dir)
{
	char path[PATH_MAX];

	session_end(dir);
	for (size_t i = 0; i < FW_COUNT(folders); i++) {
		for (size_t n = 0; folders[i].link(n); n++) {
			snprintf(path, sizeof(path), "%s/%s/%s", dir, folders[i].name,
				 folders[i].link(n));
			unlink(path);
		}
		snprintf(path, sizeof(path), "%s/%s", dir, folders[i].name);
		rmdir(path);
	}
	rmdir(dir);
}

static int directory_make(struct script *s)
{
	const char *const parents[] = { geteuid() ? NULL : "/run", getenv("XDG_RUNTIME_DIR"),
				       getenv("TMPDIR"), "/tmp" };

	for (size_t i = 0; i < FW_COUNT(parents); i++) {
		int n = parents[i] && parents[i][0] == '/' ?
			snprintf(s->dir, sizeof(s->dir), "%s/ipfwadm-run.XXXXXX", parents[i]) : -1;

		if (n > 0 && n < SCRIPT_PATH_MAX - 20 && mkdtemp(s->dir)) {
			script_stale_each(parents[i], directory_remove);
			return 0;
		}
	}
	s->dir[0] = '\0';
	return -errno;
}

/* A file of lib/ipfwadm, or of lib, beside the program's folder. */
static bool library_find(const struct script *s, const char *name, char path[PATH_MAX])
{
	static const char *const folders_of[] = { "lib/ipfwadm", "lib" };
	int folder = (int)(strrchr(s->program, '/') - s->program);

	for (size_t i = 0; i < FW_COUNT(folders_of); i++)
		if (snprintf(path, PATH_MAX, "%.*s/../%s/%s", folder, s->program, folders_of[i],
			     name) < PATH_MAX && access(path, X_OK) == 0)
			return true;
	return false;
}

/* ipfwadm-client, or the program itself */
static void client_find(const struct script *s, char path[PATH_MAX])
{
	if (!library_find(s, "ipfwadm-client", path))
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

static int file_append(const char *path, const char *text)
{
	FILE *f = fopen(path, "ae");

	if (!f)
		return -errno;
	fputs(text, f);
	return fclose(f) ? -errno : 0;
}

static void path_of(const struct script *s, const char *name, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s", s->dir, name);
}

/* In a folder that is empty. */
static int folder_fill(const struct script *s, const struct folder *f)
{
	char client[PATH_MAX], path[PATH_MAX];

	client_find(s, client);
	for (size_t i = 0; f->link(i); i++) {
		snprintf(path, sizeof(path), "%s/%s/%s", s->dir, f->name, f->link(i));
		if (symlink(client, path) < 0)
			return -errno;
	}
	return 0;
}

/* A word of a shell, malloc'ed; NULL: out of memory. */
static char *quote(const char *text)
{
	char *quoted = malloc(4 * strlen(text) + 3), *to = quoted;

	if (!quoted)
		return NULL;
	*to++ = '\'';
	for (; *text; text++) {
		if (*text == '\'')
			to = stpcpy(to, "'\\''");
		else
			*to++ = *text;
	}
	strcpy(to, "'"); /* NOLINT: it fits */
	return quoted;
}

/* In the sandbox is only what is bound there. */
static int builtins_define(const struct script *s, const char *env)
{
	char library[PATH_MAX], *quoted, *text;
	int err;

	if (s->confined || s->asks_places || !library_find(s, "ipfwadm-bash.so", library))
		return 0;
	quoted = quote(library);
	if (!quoted || asprintf(&text, builtins_text, quoted) < 0) {
		free(quoted);
		return -ENOMEM;
	}
	err = file_append(env, text);
	free(quoted);
	free(text);
	return err;
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
		err = file_append(path, env_text);
		err = err ? err : builtins_define(s, path);
	}
	if (!err)
		err = chmod(s->dir, 0755) < 0 ? -errno : 0;
	for (size_t i = 0; !err && i < FW_COUNT(folders); i++) {
		path_of(s, folders[i].name, path);
		err = mkdir(path, 0755) < 0 ? -errno : folder_fill(s, &folders[i]);
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

/* The program itself is not hidden, because it must be found; it is a client, too. */
static bool holds_program(const struct script *s, const char *place)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/ipfwadm", place);
	return is_file(path, s->program);
}

/* Lays the folders over place i, below which what it was is still seen. */
static int place_cover(const struct script *s, size_t i)
{
	const char *place = overlay_places[i];
	char laid[3 * SCRIPT_PATH_MAX];
	bool has_bin = i < SBIN_PLACES && !holds_program(s, place);

	if (!overlay_place_is_own(i) || (!has_bin && !s->has_tools))
		return 0;
	snprintf(laid, sizeof(laid), "%s%s%s%s%s", s->has_tools ? s->dir : "",
		 s->has_tools ? "/tools" : "", s->has_tools && has_bin ? ":" : "",
		 has_bin ? s->dir : "", has_bin ? "/bin" : "");
	return overlay_lay(place, laid, s->has_tools);
}

/* Where administrators had put what they compiled; it is no loss if that cannot be. */
static void local_cover(const struct script *s)
{
	static const char *const places[] = { "/usr/local/sbin", "/usr/local/bin" };
	char bin[PATH_MAX];

	path_of(s, "bin", bin);
	for (size_t i = 0; i < FW_COUNT(places); i++)
		if (access(places[i], F_OK) == 0 && !holds_program(s, places[i]))
			overlay_lay(places[i], bin, false);
}

/* In the script's process; only those in which scripts name ipfwadm must be covered. */
static int places_cover(const struct script *s)
{
	char path[PATH_MAX];
	int err;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -errno;
	for (size_t i = 0; i < FW_COUNT(folders); i++) {
		/* a file system of its own, that stays when the directory is removed */
		path_of(s, folders[i].name, path);
		if (mount("ipfwadm-run", path, "tmpfs", MS_NOSUID | MS_NODEV, "size=64k,mode=755") <
		    0)
			return -errno;
		err = folder_fill(s, &folders[i]);
		if (err)
			return err;
	}
	path_of(s, "tools/" OVERLAY_COVERED, path);
	if (mkdir(path, 0755) < 0)
		return -errno;
	for (size_t i = 0; i < OVERLAY_PLACES; i++) {
		err = place_cover(s, i);
		if (err && i < SBIN_PLACES)
			return err;
	}
	local_cover(s);
	return 0;
}

/* Files are named from where we are, not from where a command will be. */
static int backend_set(const char *spec)
{
	const char *file = spec && strncmp(spec, "sim:", 4) == 0 ? spec + 4 : NULL;
	char cwd[PATH_MAX], *absolute = NULL;
	int err;

	if (!spec)
		return 0;
	if (!file || *file == '/')
		return setenv("IPFWADM_BACKEND", spec, 1);
	if (!getcwd(cwd, sizeof(cwd)) || asprintf(&absolute, "sim:%s/%s", cwd, file) < 0)
		return -1;
	err = setenv("IPFWADM_BACKEND", absolute, 1);
	free(absolute);
	return err;
}

/* bin, the user's own folders, tools, and the system's folders: malloc'ed, or NULL */
static char *path_make(const struct script *s)
{
	const char *was = getenv("PATH"), *p;
	char *path = NULL;

	was = was ? was : "/usr/sbin:/usr/bin:/sbin:/bin";
	for (p = was; *p; p += strcspn(p, ":"), p += *p == ':') {
		size_t len = strcspn(p, ":"), i = 0;

		while (i < OVERLAY_PLACES && (strlen(overlay_places[i]) != len ||
						strncmp(overlay_places[i], p, len) != 0))
			i++;
		if (i < OVERLAY_PLACES)
			break;
	}
	if (asprintf(&path, "%s/bin:%.*s%s%s%s%s", s->dir, (int)(p - was), was,
		     *p || p == was || p[-1] == ':' ? "" : ":", s->has_tools ? s->dir : "",
		     s->has_tools ? "/tools:" : "", p) < 0)
		path = NULL;
	return path;
}

static int environment_set(const struct script *s)
{
	char path[PATH_MAX], *search = NULL;
	int bad;

	path_of(s, "env", path);
	if (!s->confined)
		search = path_make(s);
	bad = (search ? setenv("PATH", search, 1) : !s->confined) || setenv("BASH_ENV", path, 1) ||
	      backend_set(s->backend) || setenv(CLIENT_SESSION, s->socket, 1) ||
	      setenv(CLIENT_PROGRAM, s->program, 1);
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
static int script_execute(char *head, char **argv, struct fw_error *e)
{
	size_t argc = 0, n = 0;
	char *word[2], *base;

	while (argv[argc])
		argc++;
	if (memcmp(head, "\177ELF", 4) == 0) {
		execv(argv[0], argv);
		return fw_error_set(e, errno, "%s", strerror(errno));
	}
	if (memcmp(head, "#!", 2) == 0)
		n = head_split(head, word);
	if (!n)
		word[n++] = (char *)"/bin/sh";

	char *args[argc + n + 1];

	memcpy(args, word, n * sizeof(*args));
	memcpy(args + n, argv, (argc + 1) * sizeof(*args));
	base = strrchr(word[0], '/');
	if (strcmp(base ? base + 1 : word[0], "sh") == 0 ||
	    (strcmp(base ? base + 1 : word[0], "ash") == 0 && access(word[0], X_OK) < 0)) {
		args[0] = (char *)"bash";
		execvp("bash", args);
	}
	args[0] = word[0];
	execv(word[0], args);
	/* it was elsewhere in its time */
	if (errno == ENOENT && base)
		execvp(base + 1, args);
	if (errno == ENOENT && strchr(word[0], '\r'))
		return fw_error_set(e, ENOENT, "its lines end as those of DOS: try tr -d '\\r'");
	if (errno == ENOENT)
		return fw_error_set(e, ENOENT, "'%s', which is to read it, is not there", word[0]);
	return fw_error_set(e, errno, "%s", strerror(errno));
}

/* The script goes on without them. */
static void files_mount(const struct script *s)
{
	const struct proc_mount p = { .mask = s->mask, .version = MACHINE_VERSION "\n" };
	struct fw_error e;
	int err = geteuid() == 0 ? proc_mount(&p, &e) : fw_error_set(&e, EPERM, "that is for root");

	if (err)
		fprintf(stderr, "ipfwadm: %s: the files of Linux 2.0 in /proc are missing: %s\n",
			s->name, e.text);
}

static int functions_define(const struct script *s, int why)
{
	char path[PATH_MAX], text[sizeof(functions_text) + sizeof("{bin,tools}")];

	if (s->names_places)
		fprintf(stderr, "ipfwadm: %s: /sbin/ipfwadm and others are functions of bash and "
			"no files, without a mount namespace: %s\n", s->name, strerror(why));
	path_of(s, "env", path);
	snprintf(text, sizeof(text), functions_text, s->has_tools ? "{bin,tools}" : "bin");
	return file_append(path, text);
}

/* What stays uncovered is harmless if it is a client, or not there. */
static int places_check(const struct script *s, struct fw_error *e)
{
	static const char *const names[] = { "/usr/sbin/ipfwadm", "/sbin/ipfwadm" };
	bool is_root = geteuid() == 0;
	int err = is_root ? places_cover(s) : -EPERM, bad;

	if (s->has_tools && s->has_files)
		files_mount(s);
	for (size_t i = 0; err && is_root && i < FW_COUNT(names); i++)
		if (access(names[i], F_OK) == 0 && !is_file(names[i], s->program))
			return fw_error_set(e, -err, "%s would be called past 'run': %s",
					    names[i], strerror(-err));
	bad = err ? functions_define(s, -err) : 0;
	return bad ? fw_error_set(e, -bad, "cannot define functions: %s", strerror(-bad)) : 0;
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
		script_execute(head, argv, &e);
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

bool script_end_read(const struct script *s, char *place, char *command, size_t size)
{
	char path[PATH_MAX];
	bool found;
	FILE *f;

	path_of(s, "end", path);
	f = fopen(path, "re");
	found = f && fgets(place, (int)size, f) && fgets(command, (int)size, f);
	if (f)
		fclose(f);
	found = found && place[0] != '\n';
	if (found)
		place[strcspn(place, "\n")] = command[strcspn(command, "\n")] = '\0';
	return found;
}

void script_remove(struct script *s, bool is_used)
{
	if (!s->dir[0])
		return;
	if (is_used)
		session_end(s->dir);
	else
		directory_remove(s->dir);
}
