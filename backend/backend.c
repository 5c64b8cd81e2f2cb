// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * backend.c - the error that a backend reports.
 */
#include "backend/backend.h"

#include <stdarg.h>
#include <stdio.h>


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
