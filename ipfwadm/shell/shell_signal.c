// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_signal.c - Ctrl-C and hang-up, noted where poll() can see them.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "ipfwadm/shell/shell.h"

static volatile sig_atomic_t interrupt_seen, end_seen;
static int ends[2] = { -1, -1 };	/* of a pipe: one byte per signal */

static void note(int signal)
{
	int saved = errno;
	ssize_t n;

	if (signal == SIGINT)
		interrupt_seen = 1;
	else
		end_seen = 1;
	n = write(ends[1], "", 1);
	(void)n;	/* a full pipe is readable already */
	errno = saved;
}

void signals_catch(void)
{
	struct sigaction action = { .sa_handler = note };

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return;
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);	/* an engine that ends leaves nothing behind */
}

bool interrupted(void)
{
	return interrupt_seen || end_seen;
}

void interrupted_clear(void)
{
	char buf[64];

	if (interrupt_seen)
		clearerr(stdout);	/* what it cut short is no failure to write */
	interrupt_seen = 0;
	while (read(ends[0], buf, sizeof(buf)) > 0)
		;
}

bool hung_up(void)
{
	return end_seen;
}

int interrupt_fd(void)
{
	return ends[0];
}
