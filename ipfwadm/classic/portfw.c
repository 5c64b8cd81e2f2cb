// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * portfw.c - the program by its other names: ipportfw, ipautofw, ipmasqadm.
 */
#include <string.h>

#include "compat/portfw_front.h"
#include "ipfwadm/classic/classic.h"

/* Messages have the name without its folder. */
int classic_portfw_run(struct app *app, int argc, char **argv)
{
	const struct portfw_host host = app_portfw_host(app);
	char *slash = strrchr(argv[0], '/');

	if (slash)
		argv[0] = slash + 1;
	if (strcmp(argv[0], "ipportfw") == 0)
		return ipportfw_run(&host, argc, argv);
	if (strcmp(argv[0], "ipautofw") == 0)
		return ipautofw_run(&host, argc, argv);
	return ipmasqadm_run(&host, argc, argv);
}
