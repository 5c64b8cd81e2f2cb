// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_exec.c - `ipfwadm shell' becomes ipfwadm-shell, which links readline.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "ipfwadm/command/subcommands.h"

#define SHELL_SUFFIX "-shell"	/* its name is that of this program and this */

int command_shell(struct app *app, int argc, char **argv)
{
	char path[PATH_MAX + sizeof(SHELL_SUFFIX)], mask[32];
	char **args = calloc((size_t)argc + 6, sizeof(*args));
	ssize_t len = readlink("/proc/self/exe", path, PATH_MAX);
	int n = 0, err = args ? app_log_group_export(app) : -ENOMEM;

	if (len < 0)	/* without /proc: as it was started */
		len = snprintf(path, PATH_MAX, "%s", (const char *)getauxval(AT_EXECFN));
	memcpy(path + len, SHELL_SUFFIX, sizeof(SHELL_SUFFIX));
	if (!err) {
		args[n++] = path;
		snprintf(mask, sizeof(mask), "--mark-mask=%#x", app->mark_mask);
		args[n++] = mask;
		if (app->trace)
			args[n++] = "--trace-backend";
		if (app->color)
			args[n++] = "--color";
		if (app->json)
			args[n++] = "--json";
		for (int i = 1; i < argc; i++)
			args[n++] = argv[i];
		if (app->backend)
			err = setenv("IPFWADM_BACKEND", app->backend, 1) ? -errno : 0;
	}
	if (!err) {
		execv(path, args);
		err = -errno;
	}
	free(args);
	app_error(app, "cannot start '%s': %s", "ipfwadm" SHELL_SUFFIX, strerror(-err));
	return STATUS_FAILED;
}
