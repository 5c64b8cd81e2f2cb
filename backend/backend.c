// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * backend.c - the error that a backend reports, and the clock of its connections.
 */
#include "backend/backend.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int fw_error_set(struct fw_error *e, int code, const char *format, ...)
{
	va_list args;

	if (e) {
		*e = (struct fw_error){ .code = code };
		va_start(args, format);
		vsnprintf(e->text, sizeof(e->text), format, args);
		va_end(args);
	}
	return -code;
}

int fw_error_rights(struct fw_error *e, const char *what)
{
	if (geteuid())
		return fw_error_set(e, EPERM, "%s need root: `sudo ipfwadm ...', or try "
					      "`--backend sim:FILE'", what);
	return fw_error_set(e, EPERM, "%s need CAP_NET_ADMIN, which this process does not have",
			    what);
}

__u64 fw_ticks_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (__u64)ts.tv_sec * FW_HZ + (__u64)ts.tv_nsec / (1000000000 / FW_HZ);
}
