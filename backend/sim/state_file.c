// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * state_file.c - a file that is read whole and replaced whole.
 *
 * The lock is on the file itself, so that no second file is left over.  A writer puts a
 * new file in place of the old one, so after waiting for the lock a process may hold
 * the lock of a removed file.  It compares inodes and begins again.
 *
 * The new text is written to a temporary file in the same folder, which then gets the
 * name.  Only the owner of the lock creates it, so its name is always the same and the
 * next writer removes what a killed one left.  If another user occupies that name, a
 * random one is taken.
 *
 * A symbolic link is followed as the kernel does with fs.protected_symlinks, whatever
 * that is set to: not one that another user has put into a folder that all can write.
 *
 * Nothing is synced to the disk, because the file represents the memory of a kernel.
 */
#include "backend/sim/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LOCK_WAIT_S	10
#define LOCK_POLL_NS	1000000
#define LINKS_MAX	40	/* as the kernel */
#define FILE_MAX	(256u << 20)	/* bytes; a million rules are far less */

/* Links are resolved before; a FIFO or a terminal must neither block nor become ours. */
#define OPEN_FLAGS	(O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW)

/* Reports errno; of a long path the end, which differs. */
static int file_error(struct fw_error *e, const char *what, const char *path)
{
	int code = errno;
	size_t len = strlen(path), max = 120;

	return fw_error_set(e, code, "cannot %s '%s%s': %s", what,
			    len > max ? "..." : "",
			    len > max ? path + len - max : path, strerror(code));
}

/* length of the directory part of path, with its slash, or 0 */
static size_t directory_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) + 1 : 0;
}

/* The rule of fs.protected_symlinks: whose links count in a sticky folder. */
static bool link_is_trusted(const char *path, const struct stat *link)
{
	size_t len = directory_len(path);
	char *folder = len ? strndup(path, len) : strdup(".");
	struct stat st;
	bool trusted;

	trusted = folder && !stat(folder, &st) &&
		  (!(st.st_mode & S_ISVTX) || !(st.st_mode & S_IWOTH) ||
		   link->st_uid == geteuid() || link->st_uid == st.st_uid);
	free(folder);
	return trusted;
}

/*
 * Replaces path by the target of the link.  Returns 1, 0 if it is no link (or does not
 * exist), or -errno.
 */
static int link_follow(char **path)
{
	int fd = open(*path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	char target[PATH_MAX + 1];
	struct stat st;
	ssize_t len;
	size_t dir;
	char *joined;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	/* owner and target are of the same link, as the descriptor is */
	len = fstat(fd, &st) || !S_ISLNK(st.st_mode) ? 0 : readlinkat(fd, "", target, PATH_MAX);
	close(fd);
	if (len <= 0)
		return len ? -EIO : 0;
	if (!link_is_trusted(*path, &st))
		return -EACCES;
	target[len] = '\0';
	dir = target[0] == '/' ? 0 : directory_len(*path);
	if (asprintf(&joined, "%.*s%s", (int)dir, *path, target) < 0)
		return -ENOMEM;
	free(*path);
	*path = joined;
	return 1;
}

/* A link stays a link: its target is replaced, which need not exist yet. */
static int path_resolve(char **path)
{
	int i, err;

	for (i = 0; i < LINKS_MAX; i++) {
		err = link_follow(path);
		if (err <= 0)
			return err;
	}
	return -ELOOP;
}

static int file_examine(struct state_file *f, struct fw_error *e)
{
	if (fstat(f->fd, &f->st))
		return file_error(e, "examine", f->path);
	if (S_ISREG(f->st.st_mode))
		return 0;
	return fw_error_set(e, ENOTSUP, "'%.120s' is not a regular file", f->path);
}

static int path_set(struct state_file *f, const char *path, struct fw_error *e)
{
	int err;

	*f = (struct state_file){ .fd = -1, .path = strdup(path) };
	if (!f->path)
		return fw_error_set(e, ENOMEM, "out of memory");
	err = path_resolve(&f->path);
	if (!err)
		return 0;
	errno = -err;
	return file_error(e, "follow", f->path);
}

int state_file_open(struct state_file *f, const char *path, struct fw_error *e)
{
	int err = path_set(f, path, e);

	if (!err) {
		f->fd = open(f->path, O_RDONLY | OPEN_FLAGS);
		if (f->fd >= 0)
			err = file_examine(f, e);
		else if (errno != ENOENT)
			err = file_error(e, "open", f->path);
	}
	if (err)
		state_file_close(f);
	return err;
}

static void fd_close(struct state_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

void state_file_close(struct state_file *f)
{
	fd_close(f);
	free(f->path);
	f->path = NULL;
}

/* Is the file that is open the one that has the name? */
static bool file_in_place(const struct state_file *f)
{
	struct stat now;

	return !lstat(f->path, &now) && now.st_dev == f->st.st_dev &&
	       now.st_ino == f->st.st_ino;
}

/* Opened for writing: without that permission the file must not be replaced either. */
static int file_open_or_create(struct state_file *f, struct fw_error *e)
{
	f->created = false;
	f->fd = open(f->path, O_RDWR | OPEN_FLAGS);
	if (f->fd < 0 && errno == ENOENT) {
		f->fd = open(f->path, O_RDWR | O_CREAT | O_EXCL | OPEN_FLAGS, 0644);
		f->created = f->fd >= 0;
		if (f->fd < 0 && errno == EEXIST)
			return -EAGAIN;	/* created by another process */
	}
	if (f->fd < 0)
		return file_error(e, "open", f->path);
	return file_examine(f, e);
}

static bool time_is_over(const struct timespec *end)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > end->tv_sec ||
	       (now.tv_sec == end->tv_sec && now.tv_nsec >= end->tv_nsec);
}

/* 0: locked and in place, -EAGAIN: not yet */
static int file_lock_try(struct state_file *f, struct fw_error *e)
{
	int err = file_open_or_create(f, e);

	if (err)
		return err;
	if (flock(f->fd, LOCK_EX | LOCK_NB)) {
		if (errno == EWOULDBLOCK || errno == EINTR)
			return -EAGAIN;
		return file_error(e, "lock", f->path);
	}
	return file_in_place(f) ? 0 : -EAGAIN;
}

/*
 * Polls, because a wait in the kernel can only be bounded by a signal, which a library
 * should not use.
 */
static int file_lock_wait(struct state_file *f, struct fw_error *e)
{
	const struct timespec poll = { .tv_nsec = LOCK_POLL_NS };
	struct timespec end = { 0 };
	int err;

	while ((err = file_lock_try(f, e)) == -EAGAIN) {
		fd_close(f);
		if (!end.tv_sec) {
			clock_gettime(CLOCK_MONOTONIC, &end);
			end.tv_sec += LOCK_WAIT_S;
		} else if (time_is_over(&end)) {
			return fw_error_set(e, EBUSY,
					    "another ipfwadm holds the lock on '%.120s'",
					    f->path);
		}
		nanosleep(&poll, NULL);
	}
	return err;
}

int state_file_lock(struct state_file *f, const char *path, struct fw_error *e)
{
	int err = path_set(f, path, e);

	if (!err)
		err = file_lock_wait(f, e);
	if (err)
		state_file_unlock(f);
	return err;
}

void state_file_unlock(struct state_file *f)
{
	if (f->created && f->fd >= 0 && file_in_place(f))
		unlink(f->path);
	state_file_close(f);
}

/* Reads until the end or until size bytes are there. */
static int fd_read(int fd, char *buf, size_t size, size_t *len)
{
	ssize_t n;

	for (*len = 0; *len < size; *len += n) {
		n = read(fd, buf + *len, size - *len);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n < 0)
			return -errno;
		else if (n == 0)
			return 0;
	}
	return 0;
}

/* Reads as many bytes as the file had when it was opened. */
int state_file_read(struct state_file *f, char **text, size_t *len, struct fw_error *e)
{
	size_t size = f->fd >= 0 ? f->st.st_size : 0;
	int err;

	*len = 0;
	*text = NULL;
	if (size > FILE_MAX) {
		errno = EFBIG;
		return file_error(e, "read", f->path);
	}
	*text = malloc(size + 1);
	if (!*text)
		return fw_error_set(e, ENOMEM, "out of memory");
	err = fd_read(f->fd, *text, size, len);
	if (err) {
		free(*text);
		*text = NULL;
		errno = -err;
		return file_error(e, "read", f->path);
	}
	(*text)[*len] = '\0';
	return 0;
}

static int fd_write(int fd, const char *text, size_t len)
{
	ssize_t n;

	while (len) {
		n = write(fd, text, len);
		if (n == 0)
			errno = EIO;
		if (n == 0 || (n < 0 && errno != EINTR))
			return -errno;
		if (n > 0) {
			text += n;
			len -= n;
		}
	}
	return 0;
}

/* The new file gets owner and mode of the old one. */
static int fd_give_to(int fd, const struct stat *old)
{
	struct stat now;

	if (fstat(fd, &now))
		return -errno;
	if ((now.st_uid != old->st_uid || now.st_gid != old->st_gid) &&
	    fchown(fd, old->st_uid, old->st_gid))
		return -errno;
	return fchmod(fd, old->st_mode & 07777) ? -errno : 0;
}

/* the new file, before it gets the name of the old one */
struct temporary {
	char *path;		/* malloc'ed */
	int fd;
};

static int temporary_create(struct temporary *t, const char *file)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	size_t dir = directory_len(file);

	if (asprintf(&t->path, "%.*s.%s.new", (int)dir, file, file + dir) < 0) {
		t->path = NULL;
		return -ENOMEM;
	}
	t->fd = open(t->path, flags, 0600);
	if (t->fd >= 0 || errno != EEXIST)
		return t->fd < 0 ? -errno : 0;
	/* left by a writer that was killed, or put there by another user */
	if (!unlink(t->path))
		t->fd = open(t->path, flags, 0600);
	if (t->fd >= 0)
		return 0;
	free(t->path);
	if (asprintf(&t->path, "%.*s.%s.XXXXXX", (int)dir, file, file + dir) < 0) {
		t->path = NULL;
		return -ENOMEM;
	}
	t->fd = mkostemp(t->path, O_CLOEXEC);
	return t->fd < 0 ? -errno : 0;
}

/*
 * The new file is locked like the old one, because other processes can open it as soon
 * as it has the name.
 */
static int temporary_prepare(const struct temporary *t, const struct stat *old)
{
	return flock(t->fd, LOCK_EX | LOCK_NB) ? -errno : fd_give_to(t->fd, old);
}

/* Some file systems report only at close() that the disk is full. */
static int temporary_write(const struct temporary *t, const char *text, size_t len)
{
	int err = fd_write(t->fd, text, len), again;

	if (err)
		return err;
	again = dup(t->fd);
	return again < 0 || close(again) ? -errno : 0;
}

/*
 * The two files exchange their names, then the old one is removed.  A rename over the
 * old one would make ext4 flush the new text to the disk, which takes longer than all
 * the rest.
 */
static int temporary_install(const struct temporary *t, const struct state_file *f)
{
	if (!file_in_place(f))
		return -ESTALE;
	if (!syscall(SYS_renameat2, AT_FDCWD, t->path, AT_FDCWD, f->path, RENAME_EXCHANGE)) {
		unlink(t->path);
		return 0;
	}
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	return rename(t->path, f->path) ? -errno : 0;
}

/* Writes t and installs it; *step is what was tried last. */
static int temporary_use(const struct temporary *t, struct state_file *f,
			 const char *text, size_t len, const char **step)
{
	int err;

	*step = "keep owner and mode in";
	err = temporary_prepare(t, &f->st);
	if (err)
		return err;
	*step = "write";
	err = temporary_write(t, text, len);
	if (err)
		return err;
	*step = "install";
	return temporary_install(t, f);
}

int state_file_replace(struct state_file *f, const char *text, size_t len,
		       struct fw_error *e)
{
	const char *step = "create";
	struct temporary t;
	int err = temporary_create(&t, f->path);

	if (!err) {
		err = temporary_use(&t, f, text, len, &step);
		if (err)
			unlink(t.path);
		else
			f->created = false;
		close(t.fd);
	}
	if (err) {
		errno = -err;
		file_error(e, step, t.path ? t.path : f->path);
	}
	free(t.path);
	return err;
}
