// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc_file.c - the names of the old files in /proc/net.
 */
#include <string.h>

#include "compat/proc_file.h"

const char *const proc_file_names[PROC_FILES] = {
	[FW_FORWARD] = "ip_forward",
	[FW_INPUT] = "ip_input",
	[FW_OUTPUT] = "ip_output",
	[FW_ACCT] = "ip_acct",
	[PROC_MASQUERADE] = "ip_masquerade",
	[PROC_MASQ_APP] = "ip_masq_app",
	[PROC_PORTFW] = "ip_portfw",
	[PROC_AUTOFW] = "ip_autofw",
	[PROC_MASQ_PORTFW] = PROC_MASQ_FOLDER "/portfw",
	[PROC_MASQ_AUTOFW] = PROC_MASQ_FOLDER "/autofw",
	[PROC_MASQ_MFW] = PROC_MASQ_FOLDER "/mfw",
};

int proc_file_find(const char *name)
{
	for (int i = 0; i < PROC_FILES; i++)
		if (!strcmp(name, proc_file_names[i]))
			return i;
	return -1;
}
