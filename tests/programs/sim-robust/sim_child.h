/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sim_child.h - edits of the simulator's file, each by a process of its own.
 */
#ifndef TESTS_SIM_CHILD_H
#define TESTS_SIM_CHILD_H

#include <stdbool.h>

#include "backend/ruleset.h"

#define START "interface eth0 167772161 4294967040\nrule 1 4 1 7 420\n"

extern unsigned int passed, failed;
extern char dir[sizeof("/tmp/sim-robust-XXXXXX")];
extern char file[sizeof(dir) + 8];	/* the state file of most checks, in dir */

/* what children report, in memory shared with them */
extern struct report {
	struct fw_error error;
	unsigned int done;
} *report;

/* Makes dir, names file and maps report; ends the program if it cannot. */
void sim_child_begin(void);

void check(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));
_Noreturn void die(const char *what);

void file_put(const char *path, const char *text);

/* Caller frees; empty if there is no such file. */
char *file_get(const char *path);

/* Counts the names in a directory. */
unsigned int names_count(const char *path);

/* Edits the input list in this process: 0 or -errno. */
int sim_edit(const char *path, enum fw_op op, __u32 src);

/* Reads the rules into rs: 0 or -errno.  Caller frees rs. */
int sim_load(const char *path, struct fw_ruleset *rs);

/* Returns the number of rules in the input list or -errno. */
int sim_count(const char *path);

/* what a child does before it edits */
typedef void (*prepare_fn)(const void *arg);

/* Appends in a child: 0, -errno, or the number of the signal that killed it. */
int child_edit(const char *path, prepare_fn prepare, const void *arg);

/* The edit must fail with err, say why, and leave file and directory alone. */
void check_refused(const char *path, int err, prepare_fn prepare, const void *arg,
		   const char *what);
void check_works(const char *path, const char *what);

#endif
