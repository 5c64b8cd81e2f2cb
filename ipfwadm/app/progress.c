// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * progress.c - that something goes on: a thread that waits and writes, and no more, so that
 * nothing else has to expect a signal or to call it.
 */
#include "ipfwadm/app/progress.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static pthread_t thread;
static bool is_running, is_over;	/* the second under mutex */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static void *line_show(void *what)
{
	struct timespec at;

	clock_gettime(CLOCK_REALTIME, &at);
	pthread_mutex_lock(&mutex);
	for (int seconds = 1; !is_over; seconds++) {
		at.tv_sec++;
		while (!is_over && pthread_cond_timedwait(&changed, &mutex, &at) == 0)
			;
		if (!is_over)
			dprintf(STDERR_FILENO, "%s: %d s\r", (const char *)what, seconds);
		else if (seconds > 1)
			dprintf(STDERR_FILENO, "\033[K");
	}
	pthread_mutex_unlock(&mutex);
	return NULL;
}

void progress_begin(const char *what)
{
	sigset_t all, was;

	if (is_running || !isatty(STDERR_FILENO))
		return;
	is_over = false;
	sigfillset(&all);	/* signals are for the thread that expects them */
	pthread_sigmask(SIG_SETMASK, &all, &was);
	is_running = pthread_create(&thread, NULL, line_show, (void *)what) == 0;
	pthread_sigmask(SIG_SETMASK, &was, NULL);
}

void progress_end(void)
{
	if (!is_running)
		return;
	pthread_mutex_lock(&mutex);
	is_over = true;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&mutex);
	pthread_join(thread, NULL);
	is_running = false;
}
