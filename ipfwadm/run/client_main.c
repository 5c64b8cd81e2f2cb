// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * client_main.c - ipfwadm-client, which a script started by `ipfwadm run' finds as
 * ipfwadm: small and static, because such a script starts it a thousand times.  In the
 * sandbox it is also sh, which was bash, and not bash in its mode as sh.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipfwadm/run/client.h"

int main(int argc, char **argv)
{
	const char *program = getenv(CLIENT_PROGRAM), *slash;
	int status;

	slash = argc ? strrchr(argv[0], '/') : NULL;
	if (argc && strcmp(slash ? slash + 1 : argv[0], "sh") == 0) {
		argv[0] = (char *)"bash";
		execvp("bash", argv);
		argv[0] = (char *)"sh";
		execvp("dash", argv);
		return 127;
	}
	status = client_run(argc, argv);
	if (status >= 0)
		return status;
	if (program)
		execv(program, argv);
	dprintf(STDERR_FILENO, "ipfwadm-client: started by 'ipfwadm run', not by people\n");
	return 2;
}
