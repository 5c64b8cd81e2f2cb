// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_start.c - `ipfwadm shell' becomes the program of its own that has readline.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipfwadm/app/app.h"
#include "ipfwadm/app/sibling.h"

#define SHELL_NAME "ipfwadm-shell"

/* It becomes another process image, so this returns only if it cannot be had. */
int shell_run(struct app *app, int argc, char **argv)
{
	char path[PATH_MAX], mask[32];
	char **args = calloc((size_t)argc + 6, sizeof(*args));
	int n = 0, err = args ? sibling_path(path, SHELL_NAME) : -ENOMEM;

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
	app_error(app, "cannot start '%s': %s", SHELL_NAME, strerror(-err));
	return STATUS_FAILED;
}
