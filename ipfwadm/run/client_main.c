// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * client_main.c - ipfwadm-client, which a script started by `ipfwadm run' finds as
 * ipfwadm: small and static, because such a script starts it a thousand times.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ipfwadm/run/client.h"

int main(int argc, char **argv)
{
	const char *program = getenv(CLIENT_PROGRAM);
	int status = client_run(argc, argv);

	if (status >= 0)
		return status;
	if (program)
		execv(program, argv);
	dprintf(STDERR_FILENO, "ipfwadm-client: started by 'ipfwadm run', not by people\n");
	return 2;
}
