// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * portfw.c - the program by its other names: ipportfw, ipautofw, ipmasqadm.
 */
#include <errno.h>
#include <string.h>

#include "backend/choose.h"
#include "compat/portfw_front.h"
#include "ipfwadm/classic/classic.h"

/* Errors are reported by the front end, in words of its own. */
static int backend_open_for(void *ctx, struct backend *b, const struct fw_edit *edit, size_t n,
			    struct fw_error *e)
{
	const struct app *app = ctx;
	const char *spec = app->backend;
	int err;

	if (app->staged) {
		*b = *app->staged;
		return 0;
	}
	*b = (struct backend){ .ops = NULL };
	if (!spec)
		spec = backend_choose(edit, n, e);
	if (!spec)
		return -ENODEV;
	err = backend_open(b, spec, app->format, app->trace, e);
	b->mark_mask = app->mark_mask;
	return err;
}

/* Messages have the name without its folder. */
int classic_portfw_run(struct app *app, int argc, char **argv)
{
	const struct portfw_host host = { backend_open_for, backend_close, app };
	char *slash = strrchr(argv[0], '/');

	if (slash)
		argv[0] = slash + 1;
	if (strcmp(argv[0], "ipportfw") == 0)
		return ipportfw_run(&host, argc, argv);
	if (strcmp(argv[0], "ipautofw") == 0)
		return ipautofw_run(&host, argc, argv);
	return ipmasqadm_run(&host, argc, argv);
}
