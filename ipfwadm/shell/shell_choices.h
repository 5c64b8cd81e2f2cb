/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shell_choices.h - candidates for the word at the cursor.
 */
#ifndef IPFWADM_SHELL_CHOICES_H
#define IPFWADM_SHELL_CHOICES_H

#include "ipfwadm/shell/shell.h"
#include "parser/expect.h"

struct choice {
	char *word;		/* instead of the word at the cursor */
	char *about;		/* a few words on it, perhaps empty */
};

struct choices {
	struct choice *item;	/* malloc'ed */
	unsigned int count, room;
	const char *word;	/* the one at the cursor, as far as it is typed */
	unsigned int fixed;	/* bytes of it that are not replaced: "-P" of "-Ptc" */
	bool files;		/* file names are candidates, too */
	const char *open;	/* a placeholder if any word will do, or NULL */
	bool first;		/* of the options, categories only */
	bool rule;		/* options of rules only, and -a */
	bool quick;		/* for the hint: no requests, no name services */
};

/* Candidates for the end of text, which is what was typed. */
void shell_choices_make(struct choices *c, struct shell *sh, const char *text, bool quick);
void shell_choices_free(struct choices *c);

/* Adds word, after the fixed bytes, if it begins with the rest of what was typed. */
void shell_choices_add(struct choices *c, const char *word, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* shell_values.c: for the argument that x expects */
void shell_choices_values(struct choices *c, struct shell *sh, const struct expect *x);
void shell_choices_interfaces(struct choices *c, struct shell *sh, bool addresses);
void shell_choices_numbers(struct choices *c, struct shell *sh, char list);
void shell_choices_words(struct choices *c, const char *const *words);

#endif
