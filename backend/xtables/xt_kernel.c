// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_kernel.c - what the kernel answers about its legacy tables, and takes.
 */
#include "backend/xtables/xt_kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define READ_ATTEMPTS 100

static int revision_ask(int fd, const char *name, __u8 revision, int option)
{
	struct xt_get_revision ask = { .revision = revision };
	socklen_t size = sizeof(ask);

	strncpy(ask.name, name, sizeof(ask.name) - 1);
	return getsockopt(fd, IPPROTO_IP, option, &ask, &size) < 0 ? -errno : 0;
}

bool xt_kernel_load(const char *module)
{
	char path[PATH_MAX] = "", *const none[] = { NULL };
	char name[64], *const args[] = { path, "-q", "--", name, NULL };
	int status, fd = open("/proc/sys/kernel/modprobe", O_RDONLY | O_CLOEXEC);
	ssize_t n;
	pid_t pid;

	if (fd < 0)
		return false;
	n = read(fd, path, sizeof(path) - 1);
	close(fd);
	if (n <= 0)
		return false;
	path[strcspn(path, "\n")] = '\0';
	snprintf(name, sizeof(name), "%s", module);
	if (!*path || posix_spawn(&pid, path, NULL, NULL, args, none))
		return false;
	return waitpid(pid, &status, 0) == pid && !status;
}

/* Asks for a target that always is there. */
static int tables_ask(int fd)
{
	int err = revision_ask(fd, XT_ERROR_TARGET, 0, IPT_SO_GET_REVISION_TARGET);

	if (err == -ENOPROTOOPT && xt_kernel_load("ip_tables"))
		err = revision_ask(fd, XT_ERROR_TARGET, 0, IPT_SO_GET_REVISION_TARGET);
	return err;
}

int xt_kernel_open(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

static int info_read(int fd, const char *table, struct ipt_getinfo *info)
{
	socklen_t size = sizeof(*info);

	memset(info, 0, sizeof(*info));
	strncpy(info->name, table, sizeof(info->name) - 1);
	return getsockopt(fd, IPPROTO_IP, IPT_SO_GET_INFO, info, &size) < 0 ? -errno : 0;
}

/* The sizes may be old when the entries are read. */
static int entries_read(int fd, const struct ipt_getinfo *info,
			struct ipt_get_entries **entries)
{
	socklen_t size = sizeof(**entries) + info->size;
	struct ipt_get_entries *e = calloc(1, size);
	int err;

	if (!e)
		return -ENOMEM;
	memcpy(e->name, info->name, sizeof(e->name));
	e->size = info->size;
	if (getsockopt(fd, IPPROTO_IP, IPT_SO_GET_ENTRIES, e, &size) < 0) {
		err = -errno;
		free(e);
		return err;
	}
	*entries = e;
	return 0;
}

int xt_kernel_read(int fd, const char *table, struct ipt_getinfo *info,
		   struct ipt_get_entries **entries)
{
	unsigned int i;
	int err = -EAGAIN;

	for (i = 0; i < READ_ATTEMPTS && err == -EAGAIN; i++) {
		err = info_read(fd, table, info);
		if (err == -ENOPROTOOPT && !tables_ask(fd))
			err = info_read(fd, table, info);
		if (!err)
			err = entries_read(fd, info, entries);
	}
	return err;
}

int xt_kernel_replace(int fd, const struct ipt_replace *r)
{
	socklen_t size = sizeof(*r) + r->size;

	return setsockopt(fd, IPPROTO_IP, IPT_SO_SET_REPLACE, r, size) < 0 ? -errno : 0;
}

int xt_kernel_count(int fd, const struct xt_counters_info *c)
{
	socklen_t size = sizeof(*c) + c->num_counters * sizeof(*c->counters);

	return setsockopt(fd, IPPROTO_IP, IPT_SO_SET_ADD_COUNTERS, c, size) < 0 ? -errno : 0;
}

bool xt_kernel_offers(const char *name, __u8 revision, bool target)
{
	int fd = xt_kernel_open(), err;

	if (fd < 0)
		return false;
	err = revision_ask(fd, name, revision, target ? IPT_SO_GET_REVISION_TARGET :
							IPT_SO_GET_REVISION_MATCH);
	close(fd);
	return !err;
}

int xt_kernel_check(struct fw_error *e)
{
	int fd = xt_kernel_open(), err = fd;

	if (fd >= 0) {
		err = tables_ask(fd);
		close(fd);
	}
	return err ? xt_kernel_refused(-err, "mangle", e) : 0;
}

int xt_kernel_refused(int code, const char *table, struct fw_error *e)
{
	switch (code) {
	case EPERM:
	case EACCES:
		return fw_error_set(e, EPERM, "the iptables rules need CAP_NET_ADMIN, which "
				    "this process does not have");
	case ENOPROTOOPT:
		return fw_error_set(e, ENODEV, "this kernel has no legacy iptables "
				    "(ip_tables)");
	case ENOENT:
		return fw_error_set(e, ENODEV, "this kernel has no table '%s' of legacy "
				    "iptables (iptable_%s)", table, table);
	case ENOMEM:
		return fw_error_set(e, ENOMEM, "out of memory");
	default:
		return fw_error_set(e, code, "cannot read table '%s' of iptables: %s", table,
				    strerror(code));
	}
}
