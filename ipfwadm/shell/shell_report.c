// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_report.c - messages: mistakes on a line, errors of an answer or a file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "ipfwadm/shell/shell.h"

int shell_line_refuse(struct shell *sh, const struct source *source, struct loc loc,
		      const char *hint, const char *format, ...)
{
	struct diags d;
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	diags_init(&d, source);
	diag_add(&d, loc, hint, "%s", text);
	fflush(stdout);
	diags_print(stderr, &d, sh->color);
	diags_free(&d);
	return SHELL_USAGE;
}

int shell_file_read(const char *name, struct source *source)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int err = fd < 0 ? -errno : source_read(source, name, fd);

	if (fd >= 0)
		close(fd);
	if (!err)
		return SHELL_OK;
	fflush(stdout);
	fprintf(stderr, "ipfwadm: cannot read '%s': %s\n", name, strerror(-err));
	return SHELL_FAILED;
}

int shell_answer_status(const json_t *answer)
{
	const json_t *status = json_object_get(answer, "status");

	return json_is_integer(status) ? (int)json_integer_value(status) : SHELL_FAILED;
}

const char *shell_answer_text(const json_t *answer, const char *name)
{
	const char *text = json_string_value(json_object_get(answer, name));

	return text ? text : "";
}

void shell_answer_report(const json_t *answer)
{
	const char *error = shell_answer_text(answer, "error");

	fflush(stdout);
	if (*error)
		fprintf(stderr, "ipfwadm: %s\n", error);
}
