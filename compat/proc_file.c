// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc_file.c - the names of 2.0's files in /proc/net.
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
};

int proc_file_find(const char *name)
{
	for (int i = 0; i < PROC_FILES; i++)
		if (!strcmp(name, proc_file_names[i]))
			return i;
	return -1;
}
