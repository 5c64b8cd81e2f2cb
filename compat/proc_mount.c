// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/proc_mount.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FUSE_USE_VERSION 31
#include <fuse3/fuse.h>

#include "compat/overlay.h"
#include "compat/preload_helper.h"
#include "compat/proc_file.h"

#define LIBRARY "libfuse3.so.3"
#define COVERED "/proc/net"		/* a link to a folder of each process */
#define PLACE "/proc/tty/ldisc"		/* an empty folder that all kernels have */
#define LINK "/.proc-net"		/* of the file system: to PLACE */
#define OTHERS "/proc/self/net"
#define SYSCTLS "/proc/sys/net/ipv4"

static const char *helper_mask;	/* of struct proc_mount: FUSE has no other way to its functions */

static int link_target(char *target, size_t size, const char *path)
{
	int len = strcmp(path, LINK) ? snprintf(target, size, OTHERS "%s", path)
				     : snprintf(target, size, PLACE);

	return (size_t)len < size && access(target, F_OK) == 0 ? 0 : -ENOENT;
}

/* Becomes the helper, which writes the file's text. */
static void helper_exec(const char *name, bool zero, int out)
{
	const char *argv[] = { PRELOAD_SUBCOMMAND, PRELOAD_SUBCOMMAND, PRELOAD_MOUNTED, name,
			       helper_mask, zero ? "zero" : NULL, NULL };

	if (dup2(out, STDOUT_FILENO) == STDOUT_FILENO)
		execv("/proc/self/exe", (char **)argv);
	_exit(EIO);
}

/* A descriptor of the text that the file has now, or -errno. */
static int text_make(const char *name, bool zero)
{
	int fd = memfd_create("ipfwadm-compat", MFD_CLOEXEC), status;
	pid_t pid = fd < 0 ? -1 : fork();

	if (pid == 0)
		helper_exec(name, zero, fd);
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		status = EIO;
	else
		status = WEXITSTATUS(status);
	if (!status)
		return fd;
	if (fd >= 0)
		close(fd);
	return -status;
}

/* Of these a size of 0 would do, but the kernel's sendfile() stops there. */
static off_t text_size(const char *name)
{
	int fd = text_make(name, false);
	struct stat st;
	off_t size = fd >= 0 && fstat(fd, &st) == 0 ? st.st_size : 0;

	if (fd >= 0)
		close(fd);
	return size;
}

static int fs_getattr(const char *path, struct stat *st, struct fuse_file_info *fi)
{
	char target[PATH_MAX];

	(void)fi;
	*st = (struct stat){ .st_nlink = 1 };
	if (strcmp(path, "/") == 0 || strcmp(path, "/" PROC_MASQ_FOLDER) == 0)
		st->st_mode = S_IFDIR | 0555;
	else if (proc_file_find(path + 1) >= 0)
		*st = (struct stat){ .st_mode = S_IFREG | 0644, .st_nlink = 1,
				     .st_size = text_size(path + 1) };
	else
		st->st_mode = S_IFLNK | 0777;
	return S_ISLNK(st->st_mode) ? link_target(target, sizeof(target), path) : 0;
}

static int fs_readlink(const char *path, char *target, size_t size)
{
	return link_target(target, size, path);
}

static int fs_readdir(const char *path, void *ctx, fuse_fill_dir_t fill, off_t at,
		      struct fuse_file_info *fi, enum fuse_readdir_flags flags)
{
	const bool is_top = strcmp(path, "/") == 0;
	DIR *others = is_top ? opendir(OTHERS) : NULL;
	const struct dirent *entry;

	(void)at;
	(void)fi;
	(void)flags;
	if (is_top && !others)
		return -errno;
	for (int i = 0; i < PROC_FILES; i++) {
		const char *last = strrchr(proc_file_names[i], '/');

		if (is_top == !last)
			fill(ctx, last ? last + 1 : proc_file_names[i], NULL, 0, 0);
	}
	if (!is_top)
		return 0;
	fill(ctx, PROC_MASQ_FOLDER, NULL, 0, 0);
	while ((entry = readdir(others)))
		if (proc_file_find(entry->d_name) < 0)
			fill(ctx, entry->d_name, NULL, 0, 0);
	closedir(others);
	return 0;
}

/* As the preload library does: to open a list for reading and writing zeroes it. */
static int fs_open(const char *path, struct fuse_file_info *fi)
{
	int fd = text_make(path + 1, (fi->flags & O_ACCMODE) == O_RDWR);

	if (fd < 0)
		return fd;
	fi->fh = (uint64_t)fd;
	fi->direct_io = 1;
	return 0;
}

static int fs_read(const char *path, char *buf, size_t size, off_t at, struct fuse_file_info *fi)
{
	ssize_t n = pread((int)fi->fh, buf, size, at);

	(void)path;
	return n < 0 ? -errno : (int)n;
}

static int fs_release(const char *path, struct fuse_file_info *fi)
{
	(void)path;
	return close((int)fi->fh);
}

/* O_TRUNC is ignored, as in 2.0. */
static int fs_truncate(const char *path, off_t size, struct fuse_file_info *fi)
{
	(void)path;
	(void)size;
	(void)fi;
	return 0;
}

static const struct fuse_operations operations = {
	.getattr = fs_getattr, .readlink = fs_readlink, .readdir = fs_readdir,
	.open = fs_open, .read = fs_read, .release = fs_release, .truncate = fs_truncate,
};

typedef int (*fuse_main_fn)(int argc, char *argv[], const struct fuse_operations *op,
			    size_t size, void *ctx);

/* All but these and the standard ones: nobody must wait for the server to end. */
static void descriptors_close(int a, int b)
{
	const unsigned int low = (unsigned int)(a < b ? a : b);
	const unsigned int high = (unsigned int)(a < b ? b : a);

	close_range(STDERR_FILENO + 1, low - 1, 0);
	close_range(low + 1, high - 1, 0);
	close_range(high + 1, ~0u, 0);
}

/*
 * Answers the kernel until the file system is gone, from the mount on: when the other end
 * of pipe mounted is closed.
 */
static void server_run(fuse_main_fn run, int device, const int mounted[2])
{
	char place[32], none;
	char *argv[] = { (char *)"ipfwadm", (char *)"-f", (char *)"-s",
			 (char *)"-oattr_timeout=0,entry_timeout=0", place, NULL };
	int null;

	descriptors_close(device, mounted[0]);
	null = open("/dev/null", O_RDWR);
	snprintf(place, sizeof(place), "/dev/fd/%d", device);
	setsid();
	prctl(PR_SET_NAME, PROC_MOUNT_SERVER);
	if (read(mounted[0], &none, 1) == 0 && chdir("/") == 0 && dup2(null, 0) == 0 &&
	    dup2(null, 1) == 1 && dup2(null, 2) == 2)
		run(FW_COUNT(argv) - 1, argv, &operations, sizeof(operations), NULL);
	_exit(0);
}

/* Through a process that ends at once: the command must not find a child of its own. */
static int server_start(fuse_main_fn run, int device, int mounted[2])
{
	pid_t pid = pipe2(mounted, O_CLOEXEC) < 0 ? -1 : fork();

	if (pid == 0) {
		pid = fork();
		if (pid == 0)
			server_run(run, device, mounted);
		_exit(pid < 0);
	}
	return pid < 0 || waitpid(pid, NULL, 0) < 0 ? -1 : 0;
}

static int text_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return n < 0 ? -1 : 0;
}

static int user_become_root(void)
{
	char uid[32], gid[32];

	snprintf(uid, sizeof(uid), "0 %u 1\n", geteuid());
	snprintf(gid, sizeof(gid), "0 %u 1\n", getegid());
	if (unshare(CLONE_NEWUSER) < 0 || text_write("/proc/self/setgroups", "deny") < 0 ||
	    text_write("/proc/self/uid_map", uid) < 0)
		return -1;
	return text_write("/proc/self/gid_map", gid);
}

static int file_system_mount(int device, int mounted)
{
	char options[96];
	int link, err;

	snprintf(options, sizeof(options), "fd=%d,rootmode=40555,user_id=0,group_id=0,"
		 "allow_other,default_permissions", device);
	if (mount("ipfwadm", PLACE, "fuse", MS_NOSUID | MS_NODEV, options) < 0)
		return -1;
	close(mounted);
	link = open_tree(AT_FDCWD, PLACE LINK,
			 OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
	err = link < 0 ? -1 : move_mount(link, "", AT_FDCWD, COVERED, MOVE_MOUNT_F_EMPTY_PATH);
	if (link >= 0)
		close(link);
	return err;
}

/* An empty folder or file, for the other to be mounted there. */
static int place_make(const char *path, bool is_folder)
{
	int fd = is_folder ? mkdir(path, 0755) : open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (fd >= 0 && !is_folder)
		close(fd);
	return fd < 0 ? -1 : 0;
}

/* A name that this kernel has not: 2.0's was 0 at first. */
static int sysctl_add(const char *path)
{
	if (access(path, F_OK) == 0)
		return 0;
	return place_make(path, false) < 0 ? -1 : text_write(path, "0\n");
}

/* Those of today, each mounted under its own name, and those of 2.0. */
static int sysctls_mount(void)
{
	static const char *const olds[] = { "ip_always_defrag", "ip_dynaddr" };
	DIR *d = mkdir(PLACE "/ipv4", 0755) < 0 ? NULL : opendir(SYSCTLS);
	char from[PATH_MAX], to[PATH_MAX];
	const struct dirent *entry;
	int err = d ? 0 : -1;

	while (!err && (entry = readdir(d))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(from, sizeof(from), SYSCTLS "/%s", entry->d_name);
		snprintf(to, sizeof(to), PLACE "/ipv4/%s", entry->d_name);
		err = place_make(to, entry->d_type == DT_DIR) < 0 ? -1 :
			mount(from, to, NULL, MS_BIND | MS_REC, NULL);
	}
	if (d)
		closedir(d);
	for (size_t i = 0; !err && i < FW_COUNT(olds); i++) {
		snprintf(to, sizeof(to), PLACE "/ipv4/%s", olds[i]);
		err = sysctl_add(to);
	}
	return err < 0 ? err : mount(PLACE "/ipv4", SYSCTLS, NULL, MS_BIND | MS_REC, NULL);
}

static int version_mount(const char *version)
{
	if (place_make(PLACE "/version", false) < 0 || text_write(PLACE "/version", version) < 0)
		return -1;
	return mount(PLACE "/version", "/proc/version", NULL, MS_BIND, NULL);
}

static int commands_lay(const struct proc_mount *p)
{
	char program[PATH_MAX], path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
	int err = len < 0 || mkdir(PLACE "/bin", 0755) < 0 ? -1 : 0;

	program[len < 0 ? 0 : len] = '\0';
	for (size_t i = 0; !err && p->commands[i]; i++) {
		snprintf(path, sizeof(path), PLACE "/bin/%s", p->commands[i]);
		err = symlink(program, path);
	}
	if (err || mkdir(PLACE "/bin/" OVERLAY_COVERED, 0755) < 0)
		return -1;
	for (size_t i = 0; !err && i < OVERLAY_PLACES; i++)
		if (overlay_place_is_own(i))
			err = overlay_lay(overlay_places[i], PLACE "/bin", true);
	errno = -err;
	return err ? -1 : 0;
}

/* What is made of a tmpfs, which is seen itself only meanwhile. */
static int files_mount(const struct proc_mount *p)
{
	if (mount("ipfwadm", PLACE, "tmpfs", MS_NOSUID | MS_NODEV, "size=256k,mode=755") < 0 ||
	    sysctls_mount() < 0 || (p->version && version_mount(p->version) < 0) ||
	    (p->commands && commands_lay(p) < 0))
		return -1;
	return umount2(PLACE, MNT_DETACH);
}

int proc_mount(const struct proc_mount *p, struct fw_error *e)
{
	void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	fuse_main_fn run = NULL;
	int device, mounted[2], err = 0;

	helper_mask = p->mask;
	if (library)
		*(void **)&run = dlsym(library, "fuse_main_real");
	if (!run)
		return fw_error_set(e, ENOENT, "there is no " LIBRARY);
	if (geteuid() != 0 && user_become_root() < 0)
		return fw_error_set(e, errno, "cannot make a user namespace: %s", strerror(errno));
	device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (device < 0)
		return fw_error_set(e, errno, "cannot open '/dev/fuse': %s", strerror(errno));
	if (server_start(run, device, mounted) < 0)
		err = fw_error_set(e, errno, "cannot start a process: %s", strerror(errno));
	else if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		err = fw_error_set(e, errno, "cannot make a mount namespace: %s", strerror(errno));
	else if (files_mount(p) < 0)
		err = fw_error_set(e, errno, "cannot mount files of the time: %s", strerror(errno));
	else if (file_system_mount(device, mounted[1]) < 0)
		err = fw_error_set(e, errno, "cannot mount over " COVERED ": %s", strerror(errno));
	close(device);
	return err;
}
