// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * preload.c - libipfwadm-compat.so: a program finds the kernel of 2.0 that it expects.
 *
 * The library replaces functions of the C library.  It serves the IP_FW_* socket options,
 * which a helper carries out (preload_helper.h), and the files of proc_file.h.  Any
 * other call goes on to the C library as it is and costs no system call.
 *
 * An open file is a memfd with the text, written by the helper when it is opened and
 * again when a reader goes back to its beginning.  The memfd itself says which file it is,
 * by a modification time that no other file has, so no table follows dup(), fork() and
 * exec().  stat() and access() answer for a file of today's /proc with the same mode.
 *
 * Differences from 2.0: opening for reading and writing zeroes all of a list at once, not
 * line by line, and writing to a descriptor is possible, without effect on rules.  A path
 * that points nowhere ends the program, where the kernel said EFAULT.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "compat/abi_portfw.h"
#include "compat/preload_helper.h"
#include "compat/preload_path.h"

#define EXPORT __attribute__((visibility("default")))
#define LAYOUT (sizeof(long) == 4 ? ABI_32 : ABI_64)

/* modification time of our memfds: nanoseconds of 1970, and the number of the file */
#define MARK 20401996

/* what headers do not declare: fortified calls, stat() of old and of 64-bit programs */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int dir, const char *path, int flags);
int __openat64_2(int dir, const char *path, int flags);
int __xstat(int version, const char *path, struct stat *st);
int __xstat64(int version, const char *path, struct stat64 *st);
int __lxstat(int version, const char *path, struct stat *st);
int __lxstat64(int version, const char *path, struct stat64 *st);
int __fxstatat(int version, int dir, const char *path, struct stat *st, int flags);
int __fxstatat64(int version, int dir, const char *path, struct stat64 *st, int flags);
int __stat64_time64(const char *path, void *st);
int __lstat64_time64(const char *path, void *st);
int __fstatat64_time64(int dir, const char *path, void *st, int flags);

#define FUNCTIONS(X)                                                                     \
	X(setsockopt) X(open) X(open64) X(openat) X(openat64) X(fopen) X(fopen64)        \
	X(freopen) X(freopen64) X(lseek) X(lseek64) X(rewind) X(fseek) X(fseeko)         \
	X(fseeko64) X(stat) X(stat64) X(lstat) X(lstat64) X(fstatat) X(fstatat64)        \
	X(__xstat) X(__xstat64) X(__lxstat) X(__lxstat64) X(__fxstatat) X(__fxstatat64)  \
	X(__stat64_time64) X(__lstat64_time64) X(__fstatat64_time64) X(statx) X(access)  \
	X(eaccess) X(euidaccess) X(faccessat) X(getxattr) X(lgetxattr)

/* the functions of the C library */
#define MEMBER(name) __typeof__(name) *name;
static struct {
	FUNCTIONS(MEMBER)
} next;

static bool is_active;		/* constant after the start */
static bool has_files;		/* this process has, or had, one of ours open */

/* Other libraries may call us before our constructor ran. */
static void functions_find(void)
{
#define FIND(name) next.name = (__typeof__(name) *)dlsym(RTLD_NEXT, #name);
	FUNCTIONS(FIND)
}

#define NEXT(name) (*(next.name ? next.name : (functions_find(), next.name)))

/* The number of the file of ours that is open there, or -1. */
static int file_of(int fd)
{
	struct stat st;
	int saved = errno, file = -1;

	if (has_files && !fstat(fd, &st) && !st.st_nlink && !st.st_mtim.tv_sec &&
	    st.st_mtim.tv_nsec >= MARK && st.st_mtim.tv_nsec < MARK + PROC_FILES)
		file = (int)(st.st_mtim.tv_nsec - MARK);
	errno = saved;
	return file;
}

__attribute__((constructor)) static void start(void)
{
	functions_find();
	is_active = preload_helper_init();
	has_files = is_active;
	has_files = is_active && (file_of(0) >= 0 || file_of(1) >= 0 || file_of(2) >= 0);
}

/* The number of the file of ours with that path, or -1. */
static int file_at(int dir, const char *path)
{
	return is_active && path ? preload_path_file(dir, path) : -1;
}

/* not /proc/net: under `compat --mount' its files are links */
static const char *stand_in(int file)
{
	return file < FW_LISTS ? "/proc/sys/net/ipv4/ip_forward" : "/proc/self/net/dev";
}

/* May the caller of setsockopt() change the network of that socket?  Changes nothing. */
static bool is_admin(int fd)
{
	struct ifreq r = { .ifr_name = "lo" };

	return ioctl(fd, SIOCSIFMETRIC, &r) >= 0 || errno != EPERM;
}

static int text_write(int fd, int file, bool zero)
{
	const char *const words[3] = { "file", proc_file_names[file], zero ? "zero" : NULL };
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
					   { .tv_nsec = MARK + file } };
	int err = preload_helper_run(words, fd, fd);

	return err || !futimens(fd, times) ? err : errno;
}

/* A reader is about to go back to the beginning: what it reads then is up to date. */
static void text_renew(int fd)
{
	int saved = errno, file = file_of(fd), writable;
	char link[32];

	if (file >= 0 && lseek64(fd, 0, SEEK_CUR) > 0) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		writable = NEXT(open)(link, O_RDWR | O_CLOEXEC);
		if (writable >= 0) {
			text_write(writable, file,
				   (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR);
			close(writable);
		}
	}
	errno = saved;
}

/* a file that is being opened */
struct opening {
	const char *path;	/* to be opened instead */
	int fd;			/* its text; -1: it is none of ours */
	char link[32];		/* path of the text */
};

static int zero_permission(int file)
{
	int s, err = 0;

	if (NEXT(faccessat)(AT_FDCWD, stand_in(file), W_OK, AT_EACCESS))
		return errno;
	s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s < 0)
		return errno;
	if (!is_admin(s))
		err = EPERM;
	close(s);
	return err;
}

/* Makes the text of a file of ours.  Returns false, with errno, if that cannot be opened. */
static bool opening_begin(struct opening *o, int dir, const char *path, int flags)
{
	int file = file_at(dir, path), saved = errno, err = 0;

	*o = (struct opening){ .path = path, .fd = -1 };
	if (file < 0)
		return true;
	if ((flags & O_ACCMODE) != O_RDONLY)
		err = zero_permission(file);
	if (!err) {
		o->fd = memfd_create(proc_file_names[file], MFD_CLOEXEC);
		err = o->fd < 0 ? errno : 0;
	}
	if (!err && fchmod(o->fd, file < FW_LISTS ? 0644 : 0444))
		err = errno;
	if (!err)
		err = text_write(o->fd, file, (flags & O_ACCMODE) == O_RDWR);
	if (err && o->fd >= 0)
		close(o->fd);
	snprintf(o->link, sizeof(o->link), "/proc/self/fd/%d", o->fd);
	o->path = o->link;
	has_files = true;
	errno = err ? err : saved;
	return !err;
}

static void opening_end(const struct opening *o)
{
	int saved = errno;

	if (o->fd >= 0)
		close(o->fd);
	errno = saved;
}

static int file_open(__typeof__(openat) *call, int dir, const char *path, int flags, mode_t mode)
{
	struct opening o;
	int fd;

	if (!opening_begin(&o, dir, path, flags))
		return -1;
	if (o.fd >= 0)
		flags &= ~(O_TRUNC | O_NOFOLLOW);
	fd = call(dir, o.path, flags, mode);
	opening_end(&o);
	return fd;
}

static mode_t mode_given(int flags, va_list args)
{
	/* O_TMPFILE contains O_DIRECTORY */
	return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(args, mode_t) : 0;
}

#define OPEN_AT(name, call)                                                              \
	EXPORT int name(int dir, const char *path, int flags, ...)                       \
	{                                                                                \
		mode_t mode;                                                             \
		va_list args;                                                            \
											\
		va_start(args, flags);                                                   \
		mode = mode_given(flags, args);                                          \
		va_end(args);                                                            \
		return file_open(NEXT(call), dir, path, flags, mode);                    \
	}
OPEN_AT(openat, openat)
OPEN_AT(openat64, openat64)

#define OPEN(name, call)                                                                 \
	EXPORT int name(const char *path, int flags, ...)                                \
	{                                                                                \
		mode_t mode;                                                             \
		va_list args;                                                            \
											\
		va_start(args, flags);                                                   \
		mode = mode_given(flags, args);                                          \
		va_end(args);                                                            \
		return file_open(NEXT(call), AT_FDCWD, path, flags, mode);               \
	}
OPEN(open, openat)
OPEN(open64, openat64)

/* of programs that were compiled with _FORTIFY_SOURCE */
#define OPEN_FORTIFIED(name, params, call, dir)                                          \
	EXPORT int name params                                                           \
	{                                                                                \
		return file_open(NEXT(call), dir, path, flags, 0);                       \
	}
OPEN_FORTIFIED(__open_2, (const char *path, int flags), openat, AT_FDCWD)
OPEN_FORTIFIED(__open64_2, (const char *path, int flags), openat64, AT_FDCWD)
OPEN_FORTIFIED(__openat_2, (int dir, const char *path, int flags), openat, dir)
OPEN_FORTIFIED(__openat64_2, (int dir, const char *path, int flags), openat64, dir)

static int stream_flags(const char *mode)
{
	if (strchr(mode, '+'))
		return O_RDWR;
	return mode[0] == 'r' ? O_RDONLY : O_WRONLY;
}

#define OPEN_STREAM(name, params, args)                                                  \
	EXPORT FILE *name params                                                         \
	{                                                                                \
		struct opening o;                                                        \
		FILE *stream;                                                            \
											\
		if (!opening_begin(&o, AT_FDCWD, path, stream_flags(mode)))              \
			return NULL;                                                     \
		stream = NEXT(name) args;                                                \
		opening_end(&o);                                                         \
		return stream;                                                           \
	}
OPEN_STREAM(fopen, (const char *path, const char *mode), (o.path, mode))
OPEN_STREAM(fopen64, (const char *path, const char *mode), (o.path, mode))
OPEN_STREAM(freopen, (const char *path, const char *mode, FILE *old), (o.path, mode, old))
OPEN_STREAM(freopen64, (const char *path, const char *mode, FILE *old), (o.path, mode, old))

/* calls that answer for a file of today */
#define ANSWER(type, name, params, dir, args)                                            \
	EXPORT type name params                                                          \
	{                                                                                \
		int file = file_at(dir, path);                                           \
											\
		if (file >= 0)                                                           \
			path = stand_in(file);                                           \
		return NEXT(name) args;                                                  \
	}
ANSWER(int, stat, (const char *path, struct stat *st), AT_FDCWD, (path, st))
ANSWER(int, stat64, (const char *path, struct stat64 *st), AT_FDCWD, (path, st))
ANSWER(int, lstat, (const char *path, struct stat *st), AT_FDCWD, (path, st))
ANSWER(int, lstat64, (const char *path, struct stat64 *st), AT_FDCWD, (path, st))
ANSWER(int, fstatat, (int dir, const char *path, struct stat *st, int flags), dir,
       (dir, path, st, flags))
ANSWER(int, fstatat64, (int dir, const char *path, struct stat64 *st, int flags), dir,
       (dir, path, st, flags))
ANSWER(int, __xstat, (int v, const char *path, struct stat *st), AT_FDCWD, (v, path, st))
ANSWER(int, __xstat64, (int v, const char *path, struct stat64 *st), AT_FDCWD, (v, path, st))
ANSWER(int, __lxstat, (int v, const char *path, struct stat *st), AT_FDCWD, (v, path, st))
ANSWER(int, __lxstat64, (int v, const char *path, struct stat64 *st), AT_FDCWD, (v, path, st))
ANSWER(int, __fxstatat, (int v, int dir, const char *path, struct stat *st, int flags), dir,
       (v, dir, path, st, flags))
ANSWER(int, __fxstatat64, (int v, int dir, const char *path, struct stat64 *st, int flags), dir,
       (v, dir, path, st, flags))
ANSWER(int, __stat64_time64, (const char *path, void *st), AT_FDCWD, (path, st))
ANSWER(int, __lstat64_time64, (const char *path, void *st), AT_FDCWD, (path, st))
ANSWER(int, __fstatat64_time64, (int dir, const char *path, void *st, int flags), dir,
       (dir, path, st, flags))
ANSWER(int, statx, (int dir, const char *path, int flags, unsigned int mask, struct statx *st), dir,
       (dir, path, flags, mask, st))
ANSWER(int, access, (const char *path, int mode), AT_FDCWD, (path, mode))
ANSWER(int, eaccess, (const char *path, int mode), AT_FDCWD, (path, mode))
ANSWER(int, euidaccess, (const char *path, int mode), AT_FDCWD, (path, mode))
ANSWER(int, faccessat, (int dir, const char *path, int mode, int flags), dir,
       (dir, path, mode, flags))
ANSWER(ssize_t, getxattr, (const char *path, const char *name, void *value, size_t size),
       AT_FDCWD, (path, name, value, size))
ANSWER(ssize_t, lgetxattr, (const char *path, const char *name, void *value, size_t size),
       AT_FDCWD, (path, name, value, size))

#define SEEK(name, type)                                                                 \
	EXPORT type name(int fd, type offset, int whence)                                \
	{                                                                                \
		if (!offset && whence == SEEK_SET)                                       \
			text_renew(fd);                                                  \
		return NEXT(name)(fd, offset, whence);                                   \
	}
SEEK(lseek, off_t)
SEEK(lseek64, off64_t)

/* The text is renewed if some was read; what the stream has of the old one is dropped. */
static void stream_renew(FILE *stream)
{
	int saved = errno, fd = has_files ? fileno(stream) : -1;

	if (fd >= 0 && file_of(fd) >= 0) {
		fflush(stream);
		text_renew(fd);
	}
	errno = saved;
}

#define SEEK_STREAM(name, type)                                                          \
	EXPORT int name(FILE *stream, type offset, int whence)                           \
	{                                                                                \
		if (!offset && whence == SEEK_SET)                                       \
			stream_renew(stream);                                            \
		return NEXT(name)(stream, offset, whence);                               \
	}
SEEK_STREAM(fseek, long)
SEEK_STREAM(fseeko, off_t)
SEEK_STREAM(fseeko64, off64_t)

EXPORT void rewind(FILE *stream)
{
	stream_renew(stream);
	NEXT(rewind)(stream);
}

static bool is_inet(int fd)
{
	int domain, saved = errno;
	socklen_t len = sizeof(domain);
	bool inet = !getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) && domain == AF_INET;

	errno = saved;
	return inet;
}

/* What 2.2 read at first of an argument: an int, or a byte of a short one. */
static size_t first_size(int len)
{
	return len >= (int)sizeof(int) ? sizeof(int) : len > 0;
}

/*
 * Carries out an option, arg is empty.  Errors in the order of 2.0, which read a whole
 * int even if the length said that the argument was shorter.  The kernel tells what
 * of it can be read.  Returns 0 or a positive errno.
 */
static int option_set(int fd, int number, const void *value, socklen_t len, int arg)
{
	char text[16];
	const char *const words[3] = { "option", LAYOUT == ABI_32 ? "32" : "64", text };
	bool is_2_2 = number == ABI_MASQ_CTL;
	size_t first = is_2_2 ? first_size((int)len) : value ? sizeof(int) : 0;

	if (first && pwrite(arg, value, first, 0) != (ssize_t)first)
		return EFAULT;
	if (!is_admin(fd))
		return EPERM;
	if (len < 1 || len > (is_2_2 ? sizeof(struct abi_masq_ctl) : abi_rule_size(LAYOUT)))
		return EINVAL;
	if (ftruncate(arg, 0) || pwrite(arg, value, len, 0) != (ssize_t)len)
		return EFAULT;
	snprintf(text, sizeof(text), "%d", number);
	return preload_helper_run(words, arg, fd);
}

EXPORT int setsockopt(int fd, int level, int number, const void *value, socklen_t len)
{
	struct abi_option option;
	int arg, err, saved = errno;

	if (!is_active || level != IPPROTO_IP ||
	    !(abi_option_find(number, &option) || abi_portfw_find(number)) || !is_inet(fd))
		return NEXT(setsockopt)(fd, level, number, value, len);
	arg = memfd_create("IP_FW", MFD_CLOEXEC);
	err = arg < 0 ? errno : option_set(fd, number, value, len, arg);
	if (arg >= 0)
		close(arg);
	errno = err ? err : saved;
	return err ? -1 : 0;
}
