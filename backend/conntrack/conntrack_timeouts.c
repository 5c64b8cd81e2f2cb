// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conntrack_timeouts.c - how long the kernel remembers connections that are silent.
 *
 * They are sysctls of the network namespace, a file each: tcp-syn-sent is
 * nf_conntrack_tcp_timeout_syn_sent.  Only "fragments" is a sysctl of IP: incomplete
 * datagrams wait there, because tracking reassembles them before it looks at them.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/conntrack/conntrack.h"

#define SYSCTLS "/proc/sys/net/netfilter"
#define PREFIX "nf_conntrack_"
#define TIMEOUT "_timeout"
#define FRAGMENTS "fragments"
#define FRAGMENTS_FILE "/proc/sys/net/ipv4/ipfrag_time"

static void replace(char *s, char from, char to)
{
	for (; *s; s++)
		if (*s == from)
			*s = to;
}

/* Returns false if the file is no timeout of IPv4 connections. */
static bool name_of_file(char name[TRACK_NAME_SIZE], const char *file)
{
	const char *proto = file + strlen(PREFIX), *timeout, *state;

	if (strncmp(file, PREFIX, strlen(PREFIX)) != 0)
		return false;
	timeout = strstr(proto, TIMEOUT);
	if (!timeout || !strncmp(proto, "icmpv6_", 7) || !strncmp(proto, "frag6_", 6))
		return false;
	state = timeout + strlen(TIMEOUT);
	if (*state && *state != '_')
		return false;
	if (snprintf(name, TRACK_NAME_SIZE, "%.*s%s", (int)(timeout - proto), proto, state) >=
	    TRACK_NAME_SIZE)
		return false;
	replace(name, '_', '-');
	return true;
}

#define FILE_SIZE (sizeof(SYSCTLS "/" PREFIX TIMEOUT) + TRACK_NAME_SIZE)

/* name is one that name_of_file has made */
static void file_of_name(char file[FILE_SIZE], const char *name)
{
	size_t proto = strcspn(name, "-");

	if (!strcmp(name, FRAGMENTS)) {
		memcpy(file, FRAGMENTS_FILE, sizeof(FRAGMENTS_FILE));
		return;
	}
	snprintf(file, FILE_SIZE, SYSCTLS "/" PREFIX "%.*s" TIMEOUT "%s", (int)proto, name,
		 name + proto);
	replace(file + strlen(SYSCTLS), '-', '_');
}

static int timeout_read(struct track_timeout *t)
{
	char file[FILE_SIZE];
	FILE *in;
	int n;

	file_of_name(file, t->name);
	in = fopen(file, "re");
	if (!in)
		return -errno;
	n = fscanf(in, "%u", &t->seconds);
	fclose(in);
	return n == 1 ? 0 : -EIO;
}

static int timeout_write(const struct track_timeout *t)
{
	char file[FILE_SIZE], digits[16];
	int fd, len, err = 0;

	file_of_name(file, t->name);
	len = snprintf(digits, sizeof(digits), "%u\n", t->seconds);
	fd = open(file, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, digits, (size_t)len) != len)
		err = -errno;
	close(fd);
	return err;
}

static int timeout_compare(const void *a, const void *b)
{
	const struct track_timeout *x = a, *y = b;

	return strcmp(x->name, y->name);
}

struct timeouts {
	struct track_timeout *t;	/* malloc'ed */
	size_t count, cap;
};

static int timeouts_add(struct timeouts *all, const char name[TRACK_NAME_SIZE])
{
	struct track_timeout *t;

	if (all->count == all->cap) {
		size_t cap = all->cap ? 2 * all->cap : 64;
		struct track_timeout *bigger = reallocarray(all->t, cap, sizeof(*t));

		if (!bigger)
			return -ENOMEM;
		all->t = bigger;
		all->cap = cap;
	}
	t = &all->t[all->count++];
	memcpy(t->name, name, TRACK_NAME_SIZE);
	return timeout_read(t);
}

static int timeouts_read(struct timeouts *all)
{
	char name[TRACK_NAME_SIZE];
	DIR *dir = opendir(SYSCTLS);
	const struct dirent *entry;
	int err = 0;

	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while (!err && (entry = readdir(dir)))
		if (name_of_file(name, entry->d_name))
			err = timeouts_add(all, name);
	closedir(dir);
	if (err || !all->count)
		return err;
	memcpy(name, FRAGMENTS, sizeof(FRAGMENTS));
	return timeouts_add(all, name);
}

int conntrack_timeouts(struct track_timeout **timeouts, size_t *n, struct fw_error *e)
{
	struct timeouts all = { NULL, 0, 0 };
	int err = timeouts_read(&all);

	if (err || !all.count) {
		free(all.t);
		if (err)
			return fw_error_set(e, -err, "cannot read the timeouts: %s",
					    strerror(-err));
		return fw_error_set(e, ENOENT, "this kernel does not track connections "
				    "(nf_conntrack)");
	}
	qsort(all.t, all.count, sizeof(*all.t), timeout_compare);
	*timeouts = all.t;
	*n = all.count;
	return 0;
}

static const struct track_timeout *timeout_find(const struct timeouts *all,
						const struct track_timeout *wanted)
{
	for (size_t i = 0; i < all->count; i++)
		if (timeout_compare(&all->t[i], wanted) == 0)
			return &all->t[i];
	return NULL;
}

/* the first n of set, as they were before */
static void timeouts_restore(const struct timeouts *before, const struct track_timeout *set,
			     size_t n)
{
	const struct track_timeout *old;

	while (n--) {
		old = timeout_find(before, &set[n]);
		if (old)
			timeout_write(old);
	}
}

static int timeouts_write(const struct timeouts *before, const struct track_timeout *set,
			  size_t n, struct fw_error *e)
{
	size_t i;
	int err;

	for (i = 0; i < n; i++)
		if (!timeout_find(before, &set[i]))
			return fw_error_set(e, ENOENT, "there is no timeout '%.47s'",
					    set[i].name);
	for (i = 0; i < n; i++) {
		err = timeout_write(&set[i]);
		if (err) {
			fw_error_set(e, -err, "cannot set timeout '%.47s' to %u: %s",
				     set[i].name, set[i].seconds, strerror(-err));
			timeouts_restore(before, set, i);
			return err;
		}
	}
	return 0;
}

int conntrack_timeouts_set(const struct track_timeout *timeouts, size_t n,
			   struct fw_error *e)
{
	struct timeouts before = { NULL, 0, 0 };
	int err = conntrack_timeouts(&before.t, &before.count, e);

	if (err)
		return err;
	err = timeouts_write(&before, timeouts, n, e);
	free(before.t);
	return err;
}
