// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_lock.c - the lock that all programs share that change iptables rules.
 */
#include "backend/xtables/xt_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define LOCK_FILE "/run/xtables.lock"
#define PATIENCE_MS 5000 /* after which the lock is waited for again */

static __s64 missed_ms; /* when it was last waited for in vain; 0: never */

static __s64 clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* iptables has the same default, and reads the same variable */
static const char *lock_path(void)
{
	const char *path = secure_getenv("XTABLES_LOCKFILE");

	return path && *path ? path : LOCK_FILE;
}

static void pause_briefly(unsigned int attempts)
{
	struct timespec ts = {.tv_nsec = 1000L * (attempts < 10 ? 100 : 1000)};

	nanosleep(&ts, NULL);
}

void xt_lock_missed(void)
{
	missed_ms = clock_ms();
}

static __s64 wait_end(void)
{
	__s64 now = clock_ms();

	return missed_ms && now - missed_ms < PATIENCE_MS ? now
							  : now + 1000 * XT_LOCK_SECONDS;
}

int xt_lock_take(struct fw_error *e)
{
	const char *path = lock_path();
	__s64 end = wait_end();
	int fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
	unsigned int attempts = 0;
	int err = 0;

	if (fd < 0 && errno == EACCES && geteuid())
		return fw_error_rights(e, "the iptables rules");
	if (fd < 0)
		return fw_error_set(e, errno,
				    "cannot open the lock of iptables, %.100s: %s", path,
				    strerror(errno));
	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			err = fw_error_set(e, errno,
					   "cannot take the lock of iptables, "
					   "%.100s: %s",
					   path, strerror(errno));
		else if (clock_ms() > end)
			err = fw_error_set(e, ETIMEDOUT,
					   "another program has held the lock of "
					   "iptables, %.100s, for %d seconds",
					   path, XT_LOCK_SECONDS);
		if (err == -ETIMEDOUT)
			xt_lock_missed();
		if (err) {
			close(fd);
			return err;
		}
		pause_briefly(attempts++);
	}
	return fd;
}

void xt_lock_drop(int fd)
{
	close(fd);
}
