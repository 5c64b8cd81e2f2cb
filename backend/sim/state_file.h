/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state_file.h - a file that is read and replaced as a whole.
 *
 * A missing file is an empty one.  Readers need no lock: they see the old text
 * or the new one.  Writers lock it:
 *
 *	state_file_lock
 *	state_file_read		the present content
 *	state_file_replace	perhaps
 *	state_file_unlock	always
 */
#ifndef BACKEND_STATE_FILE_H
#define BACKEND_STATE_FILE_H

#include <sys/stat.h>

#include "backend/backend.h"

struct state_file {
	char *path;		/* symbolic links followed; malloc'ed */
	int fd;			/* open, locked if meant for writing */
	struct stat st;
	bool created;		/* by us, and still empty */
};

/* For reading only.  A missing file gives f->fd -1 and is no error. */
int state_file_open(struct state_file *f, const char *path, struct fw_error *e);
void state_file_close(struct state_file *f);

/* For writing.  Waits some seconds for others, then gives up with -EBUSY. */
int state_file_lock(struct state_file *f, const char *path, struct fw_error *e);
void state_file_unlock(struct state_file *f);

/* *text: malloc'ed, *len bytes and a NUL */
int state_file_read(struct state_file *f, char **text, size_t *len, struct fw_error *e);

/* Replaces the whole content, or nothing on error.  Once per lock. */
int state_file_replace(struct state_file *f, const char *text, size_t len,
		       struct fw_error *e);

#endif
