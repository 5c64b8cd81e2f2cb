// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sandbox_changes.c - what a script has changed: all files that are not as old as can be.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipfwadm/run/sandbox.h"

#define VALUE_MAX 80	/* bytes of a sysctl that are reported */

/* net.ipv4.ip_forward of "/proc/sys/net/ipv4/ip_forward", and its value on one line */
static void sysctl_report(const char *path, sandbox_change_fn fn, void *ctx)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	char name[PATH_MAX], value[VALUE_MAX + 1] = "";
	ssize_t n = fd < 0 ? 0 : read(fd, value, VALUE_MAX);

	if (fd >= 0)
		close(fd);
	for (ssize_t i = 0; i < n; i++)
		if (!isprint((unsigned char)value[i]))
			value[i] = ' ';
	while (n > 0 && value[n - 1] == ' ')
		value[--n] = '\0';
	snprintf(name, sizeof(name), "%s", path + strlen("/proc/sys/"));
	for (char *p = name; *p; p++)
		*p = *p == '/' ? '.' : (char)(*p < ' ' ? '?' : *p);
	fn(ctx, name, value);
}

/* Links are not followed, because a script can make them. */
static int folder_walk(const char *folder, const char *front, sandbox_change_fn fn, void *ctx)
{
	char *roots[] = { (char *)folder, NULL }, path[PATH_MAX];
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
	dev_t device = 0;
	FTSENT *entry;

	while (fts && (entry = fts_read(fts))) {
		if (entry->fts_info == FTS_D && strncmp(entry->fts_name, "ipfwadm-run.", 12) == 0)
			fts_set(fts, entry, FTS_SKIP);
		/* what is of another device, such as the script, was mounted */
		device = entry->fts_level == FTS_ROOTLEVEL ? entry->fts_statp->st_dev : device;
		if (entry->fts_info == FTS_D || entry->fts_info == FTS_DP ||
		    entry->fts_statp->st_dev != device ||
		    (!S_ISCHR(entry->fts_statp->st_mode) && entry->fts_statp->st_mtime == 0))
			continue;
		snprintf(path, sizeof(path), "%s%s", front, entry->fts_path + strlen(folder));
		/* a device of an upper layer stands for a file that was removed */
		if (strncmp(path, "/proc/sys/", 10) == 0)
			sysctl_report(entry->fts_path, fn, ctx);
		else
			fn(ctx, path, S_ISCHR(entry->fts_statp->st_mode) ? "" : NULL);
	}
	if (!fts)
		return -errno;
	fts_close(fts);
	return 0;
}

int sandbox_changes(const struct sandbox *s, sandbox_change_fn fn, void *ctx)
{
	static const char *const folders[] = { "/proc/sys/net", "/tmp", "/var", "/run", "/root" };
	int err = 0;

	for (size_t i = 0; i < FW_COUNT(folders); i++)
		if (access(folders[i], F_OK) == 0)
			err |= folder_walk(folders[i], folders[i], fn, ctx);
	if (s->etc_is_copy)
		err |= folder_walk("/etc", "/etc", fn, ctx);
	else if (fchdir(s->stage) == 0)
		err |= folder_walk("upper", "/etc", fn, ctx);
	return err;
}
