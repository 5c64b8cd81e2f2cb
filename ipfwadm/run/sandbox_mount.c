// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sandbox_mount.c - what is where in the sandbox.
 *
 * All is made on a tmpfs, the stage, which covers /tmp until the end; then it is
 * detached, and only the layers that were made of it are seen.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipfwadm/run/sandbox.h"
#include "ipfwadm/run/script.h"
#include "ipfwadm/run/tools.h"

#define STAGE "/tmp"
#define TMPFS_OPTIONS "size=64m,nr_inodes=8k,mode="
#define COPY_MAX 65536	/* bytes of a file that is copied */
#define COPIES_MAX 8192	/* entries of a folder that is copied; folders count twice */
#define FLAGS (MS_NOSUID | MS_NODEV)

static const char *const devices[] = { "null", "zero", "full", "random", "urandom" };

/* The folders of commands: the tools of the time come before them. */
static const char *const command_folders[] = {
	"/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin",
};

/* What is shown of this system; every other folder in / is an empty one of the script's. */
static const char *const shown[] = {
	"bin", "sbin", "lib", "lib32", "lib64", "libx32", "usr", "etc", "dev", "proc", "sys",
	"tmp",		/* the stage, and the script's own later */
};

/* By which files are known that the script has not changed: see sandbox_changes(). */
static const struct timespec old[2] = { { 0 } };

static bool is_folder(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int propagation_end(struct sandbox *s)
{
	(void)s;
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

static int read_only_set(int fd)
{
	struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
					     MOUNT_ATTR_NODEV };

	return fd < 0 ? mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &ro, sizeof(ro)) :
			mount_setattr(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &ro, sizeof(ro));
}

/* The script's folder, if it is shown: a private folder itself stays private. */
static bool script_folder(const struct sandbox *s, char path[PATH_MAX])
{
	memcpy(path, s->script, PATH_MAX);
	dirname(path);
	return strcmp(path, STAGE) != 0 && strcmp(path, "/var") != 0 &&
	       strcmp(path, "/run") != 0 && strcmp(path, "/") != 0;
}

/* Takes hold of what will be covered: devices, and the script's folder. */
static int mounts_take(struct sandbox *s)
{
	struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID };
	char path[PATH_MAX];

	for (size_t i = 0; i < FW_COUNT(devices); i++) {
		snprintf(path, sizeof(path), "/dev/%s", devices[i]);
		s->device[i] = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
		/* they can be written all the same, but not changed */
		if (s->device[i] >= 0 &&
		    mount_setattr(s->device[i], "", AT_EMPTY_PATH, &ro, sizeof(ro)) < 0)
			return -1;
	}
	if (s->ncopies)
		return 0;
	s->file = open_tree(AT_FDCWD, s->script, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (script_folder(s, path))
		s->folder = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (s->file < 0 || read_only_set(s->file) < 0 ||
	    (s->folder >= 0 && read_only_set(s->folder) < 0))
		return -1;
	return 0;
}

static int root_close(struct sandbox *s)
{
	(void)s;
	return read_only_set(-1);
}

static int file_copy(int from, const char *path, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	off_t at = 0;
	ssize_t n = fd < 0 ? -1 : 1;

	while (n > 0)
		n = sendfile(fd, from, &at, 1 << 20);
	if (fd >= 0)
		futimens(fd, old);
	if (fd >= 0)
		close(fd);
	return n < 0 ? -1 : 0;
}

/* One entry, unless ours has its name; what cannot be read stays out. */
static void entry_copy(const FTSENT *entry, const char *to)
{
	char target[PATH_MAX];
	ssize_t len;
	int fd;

	if (entry->fts_info == FTS_D) {
		mkdir(to, 0755);
	} else if (entry->fts_info == FTS_SL || entry->fts_info == FTS_SLNONE) {
		len = readlink(entry->fts_path, target, sizeof(target) - 1);
		target[len > 0 ? len : 0] = '\0';
		if (symlink(target, to) == 0)
			utimensat(AT_FDCWD, to, old, AT_SYMLINK_NOFOLLOW);
	} else if (entry->fts_info == FTS_F && entry->fts_statp->st_size <= COPY_MAX) {
		fd = open(entry->fts_path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (fd >= 0) {
			file_copy(fd, to, entry->fts_statp->st_mode & 0777);
			close(fd);
		}
	}
}

/* A folder, without what is no file. */
static int folder_copy(const char *from, const char *folder)
{
	char *roots[] = { (char *)from, NULL }, to[2 * PATH_MAX];
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	const FTSENT *entry;

	for (int n = 0; n < COPIES_MAX && fts && (entry = fts_read(fts)); n++) {
		snprintf(to, sizeof(to), "%s%s", folder, entry->fts_path + strlen(from));
		entry_copy(entry, to);
	}
	return !fts || fts_close(fts) < 0 ? -1 : 0;
}

/* Folders that are not there yet, above path; the first that cannot be entered is covered. */
static void folders_make(const char *path)
{
	char part[PATH_MAX], inside[PATH_MAX + 4];

	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		snprintf(inside, sizeof(inside), "%s/.", part);
		if (mkdir(part, 0755) < 0 && access(inside, X_OK) < 0)
			mount("ipfwadm-sandbox", part, "tmpfs", FLAGS, TMPFS_OPTIONS "755");
	}
}

/* Root's rights to files would reach the sockets of others in there. */
static int script_folder_copy(struct sandbox *s)
{
	char path[PATH_MAX], copy[PATH_MAX + 8];

	if (!script_folder(s, path))
		return 0;
	snprintf(copy, sizeof(copy), STAGE "%s", path);
	folders_make(copy);
	if (fchdir(s->folder) < 0 || folder_copy(".", copy) < 0 || close(s->folder) < 0)
		return -1;
	s->folder = open_tree(AT_FDCWD, copy, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	return s->folder < 0 ? -1 : read_only_set(s->folder);
}

static int client_link(const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), STAGE "/bin/%s", name);
	return link(STAGE "/bin/ipfwadm", path);
}

static int stage_make(struct sandbox *s)
{
	static const char *const folders[] = { "bin", "upper", "work" };

	if (mount("ipfwadm-sandbox", STAGE, "tmpfs", FLAGS, TMPFS_OPTIONS "755") < 0)
		return -1;
	s->stage = open(STAGE, O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < FW_COUNT(folders); i++)
		if (mkdirat(s->stage, folders[i], 0755) < 0)
			return -1;
	if (file_copy(s->client, STAGE "/bin/ipfwadm", 0755) < 0)
		return -1;
	for (size_t i = 1; script_name(i); i++)
		if (client_link(script_name(i)) < 0)
			return -1;
	for (size_t i = 0; tools_name(i); i++)
		if (client_link(tools_name(i)) < 0)
			return -1;
	if (client_link("sh") < 0 || (s->is_roots && script_folder_copy(s) < 0))
		return -1;
	errno = -sandbox_files_write(s->stage, s->machine);
	return errno ? -1 : 0;
}

/* The kernel makes no overlay of a folder in which something is mounted. */
static int etc_copy(struct sandbox *s)
{
	if (folder_copy("/etc", STAGE "/etc") < 0)
		return -1;
	s->etc_is_copy = true;
	return mount(STAGE "/etc", "/etc", NULL, MS_BIND, NULL);
}

static int layers_lay(struct sandbox *s)
{
	const char *lib = is_folder("/lib") ? "/lib" : "/usr/lib";
	char options[PATH_MAX];

	for (size_t i = 0; i < FW_COUNT(command_folders); i++) {
		if (!is_folder(command_folders[i]))
			continue;
		snprintf(options, sizeof(options), "lowerdir=" STAGE "/bin:%s", command_folders[i]);
		if (mount("ipfwadm-sandbox", command_folders[i], "overlay", FLAGS | MS_RDONLY,
			  options) < 0)
			return -1;
	}
	snprintf(options, sizeof(options), "lowerdir=" STAGE "/lib:%s", lib);
	if (mount("ipfwadm-sandbox", lib, "overlay", FLAGS | MS_RDONLY, options) < 0)
		return -1;
	if (mount("ipfwadm-sandbox", "/etc", "overlay", FLAGS,
		  "lowerdir=" STAGE "/etc:/etc,upperdir=" STAGE "/upper,workdir=" STAGE
		  "/work,userxattr") < 0)
		return etc_copy(s);
	return 0;
}

/* /proc/net is a link to a folder of each process, so another link is laid over it. */
static int proc_net_cover(void)
{
	int fd, err;

	if (symlink("/lib/modules/" MACHINE_RELEASE "/proc-net", STAGE "/net") < 0)
		return -1;
	fd = open_tree(AT_FDCWD, STAGE "/net",
		       OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
	err = fd < 0 ? -1 : move_mount(fd, "", AT_FDCWD, "/proc/net", MOVE_MOUNT_F_EMPTY_PATH);
	if (fd >= 0)
		close(fd);
	return err;
}

static int proc_mount(struct sandbox *s)
{
	static const char *const files[][2] = {
		{ STAGE "/proc/version", "/proc/version" },
		{ STAGE "/proc/modules", "/proc/modules" },
		{ STAGE "/proc/osrelease", "/proc/sys/kernel/osrelease" },
	};

	(void)s;
	if (mount("proc", "/proc", "proc", FLAGS | MS_NOEXEC, NULL) < 0 ||
	    mount("/proc/sys", "/proc/sys", NULL, MS_BIND, NULL) < 0 ||
	    mount(STAGE "/proc/sys-net", "/proc/sys/net", NULL, MS_BIND, NULL) < 0)
		return -1;
	for (size_t i = 0; i < FW_COUNT(files); i++)
		if (access(files[i][1], F_OK) == 0 &&
		    mount(files[i][0], files[i][1], NULL, MS_BIND, NULL) < 0)
			return -1;
	return proc_net_cover();
}

static int devices_make(struct sandbox *s)
{
	static const char *const files[] = { "console", "tty", "tty8", "initctl" };
	char path[PATH_MAX];
	int fd;

	if (mount("ipfwadm-sandbox", "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, TMPFS_OPTIONS "755") <
	    0)
		return -1;
	for (size_t i = 0; i < FW_COUNT(devices) + FW_COUNT(files); i++) {
		snprintf(path, sizeof(path), "/dev/%s", i < FW_COUNT(devices) ? devices[i] :
			 files[i - FW_COUNT(devices)]);
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
		if (fd < 0)
			return -1;
		close(fd);
		if (i >= FW_COUNT(devices) || s->device[i] < 0)
			continue;
		if (move_mount(s->device[i], "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) < 0)
			return -1;
		close(s->device[i]);
	}
	return symlink("/proc/self/fd", "/dev/fd") < 0 || mkdir("/dev/shm", 01777) < 0 ? -1 : 0;
}

static bool is_shown(const char *name)
{
	for (size_t i = 0; i < FW_COUNT(shown); i++)
		if (strcmp(shown[i], name) == 0)
			return true;
	return name[0] == '.';
}

static int others_cover(void)
{
	const struct dirent *entry;
	char path[NAME_MAX + 2];
	DIR *d = opendir("/");
	int err = d ? 0 : -1;

	while (!err && (entry = readdir(d))) {
		snprintf(path, sizeof(path), "/%s", entry->d_name);
		if (!is_shown(entry->d_name) && is_folder(path))
			err = mount("ipfwadm-sandbox", path, "tmpfs", FLAGS, TMPFS_OPTIONS "755");
	}
	if (d)
		closedir(d);
	return err;
}

static int folders_cover(struct sandbox *s)
{
	static const char *const below[] = {
		"/var/lock", "/var/lock/subsys", "/var/log", "/var/tmp", "/var/spool", "/var/state",
		"/var/lib", "/run/lock",
	};
	char path[PATH_MAX];

	if (others_cover() < 0)
		return -1;
	for (size_t i = 0; i < FW_COUNT(below); i++)
		mkdir(below[i], 0755);	/* there is a /run where there is none */
	if (is_folder("/var") &&
	    (symlink("/run", "/var/run") < 0 ||
	     utimensat(AT_FDCWD, "/var/run", old, AT_SYMLINK_NOFOLLOW) < 0))
		return -1;
	for (size_t i = 0; i < s->machine->ninterfaces; i++) {
		const char *name = s->machine->interface[i].name;
		FILE *f;

		if (strncmp(name, "ppp", 3) != 0 || !s->machine->interface[i].is_up)
			continue;
		snprintf(path, sizeof(path), "/run/%s.pid", name);
		f = fopen(path, "we");
		if (f)
			fputs("1\n", f);
		if (!f || fclose(f) || utimensat(AT_FDCWD, path, old, 0) < 0)
			return -1;
	}
	return 0;
}

static int stage_detach(struct sandbox *s)
{
	(void)s;
	if (umount2(STAGE, MNT_DETACH) < 0)
		return -1;
	return mount("ipfwadm-sandbox", STAGE, "tmpfs", FLAGS, TMPFS_OPTIONS "1777");
}

static int script_place(struct sandbox *s)
{
	char folder[PATH_MAX];
	int fd;

	for (size_t i = 0; i < s->ncopies; i++) {
		if (!s->copy[i].path)
			continue;
		folders_make(s->copy[i].path);
		if (access(s->copy[i].path, R_OK) < 0 &&
		    file_copy(s->copy[i].fd, s->copy[i].path, 0755) < 0 && i == 0)
			return -1;
		close(s->copy[i].fd);
	}
	if (s->ncopies)
		return 0;
	folders_make(s->script);
	memcpy(folder, s->script, sizeof(folder));
	dirname(folder);
	if (s->folder >= 0 && access(s->script, R_OK) < 0 &&
	    move_mount(s->folder, "", AT_FDCWD, folder, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return -1;
	if (access(s->script, R_OK) < 0) {
		fd = open(s->script, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
		if (fd < 0 || close(fd) < 0 ||
		    move_mount(s->file, "", AT_FDCWD, s->script, MOVE_MOUNT_F_EMPTY_PATH) < 0)
			return -1;
	}
	close(s->file);
	if (s->folder >= 0)
		close(s->folder);
	return 0;
}

int sandbox_mount(struct sandbox *s, struct fw_error *e)
{
	static const struct {
		const char *what;
		int (*step)(struct sandbox *s);
	} steps[] = {
		{ "cannot make the mounts private", propagation_end },
		{ "cannot open what the script needs", mounts_take },
		{ "cannot make the file system read-only", root_close },
		{ "cannot write the files of the time", stage_make },
		{ "cannot mount overlays (is something mounted below /usr/sbin, /usr/bin or /lib?)",
		  layers_lay },
		{ "cannot mount /proc", proc_mount },
		{ "cannot make /dev", devices_make },
		{ "cannot mount private folders", folders_cover },
		{ "cannot mount /tmp", stage_detach },
		{ "cannot show the script", script_place },
	};

	s->folder = s->file = -1;
	umask(022);
	for (size_t i = 0; i < FW_COUNT(steps); i++)
		if (steps[i].step(s) < 0)
			return fw_error_set(e, errno, "%s: %s", steps[i].what, strerror(errno));
	return chdir("/") < 0 ? fw_error_set(e, errno, "cannot enter /: %s", strerror(errno)) : 0;
}
