/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * processes.h - the processes of a PID namespace, looked at by its first one.
 */
#ifndef IPFWADM_PROCESSES_H
#define IPFWADM_PROCESSES_H

#include <stdbool.h>

struct processes {
	unsigned int count;
	bool is_idle;			/* all sleep in the kernel, none by a clock of its own */
	unsigned long long switches;	/* context switches of all, and their numbers */
	unsigned long pages;		/* of memory */
};

/* All but the first and those that have ended. */
void processes_look(struct processes *p);

#endif
