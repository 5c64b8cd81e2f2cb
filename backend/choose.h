/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * choose.h - the table of backends: found by name, probed, chosen, opened.
 *
 * Choice: by name ("nft", "sim:FILE"), else the first of the table that works here.
 */
#ifndef BACKEND_CHOOSE_H
#define BACKEND_CHOOSE_H

#include "backend/backend.h"

/* A backend by name. */
struct backend_info {
	const char *name;
	const char *summary;	/* for `ipfwadm backends' */
	const struct backend_ops *ops;
	const char *sign;	/* NULL, or a file without which it does not work, */
	const char *absent;	/* and what it means when that is not there */
	bool named_only;	/* never chosen by itself */
};

/* in the order of automatic choice; the last name is NULL */
extern const struct backend_info backends[];

/* 0 if it works here; else the reason in *e.  Changes nothing. */
int backend_probe(const struct backend_info *info, const char *arg, struct fw_error *e);

/* Can the kernel have rules of ours in this backend? */
bool backend_holds(const struct backend_info *info);

/*
 * The name of the first that works here and can carry out these edits, of which there
 * may be none; NULL and the reason in *e if there is none.
 */
const char *backend_choose(const struct fw_edit *edit, size_t n, struct fw_error *e);

/* Can the backend that spec names carry out these edits?  0, or -errno and *e. */
int backend_able(const char *spec, const struct fw_edit *edit, size_t n,
		 struct fw_error *e);

/*
 * Opens the backend that spec ("sim", "sim:FILE", "nft", ...) names.  With
 * trace, every call is printed on stderr (the wrapper in trace.c).
 */
int backend_open(struct backend *b, const char *spec,
		 const struct ruleset_format *format, bool trace,
		 struct fw_error *e);
void backend_close(struct backend *b);

#endif
