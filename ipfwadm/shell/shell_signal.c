// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_signal.c - signals: flags, and a pipe for poll().
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "ipfwadm/shell/shell.h"

static volatile sig_atomic_t interrupt_seen, end_seen;
static int ends[2] = { -1, -1 };	/* of a pipe: one byte per signal */

static void on_signal(int signal)
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

void shell_signals_catch(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return;
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);	/* the engine becomes no zombie */
}

bool shell_interrupted(void)
{
	return interrupt_seen || end_seen;
}

void shell_interrupted_clear(void)
{
	char buf[64];

	if (interrupt_seen)
		clearerr(stdout);	/* an shell_interrupted write is no failure */
	interrupt_seen = 0;
	while (read(ends[0], buf, sizeof(buf)) > 0)
		;
}

bool shell_hung_up(void)
{
	return end_seen;
}

int shell_interrupt_fd(void)
{
	return ends[0];
}
