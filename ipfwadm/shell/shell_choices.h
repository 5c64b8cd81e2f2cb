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
	unsigned int fixed;	/* bytes of it that stay: "-P" of "-Ptc" */
	bool files;		/* names of files will do as well */
	const char *open;	/* what is wanted where any word will do, or NULL */
	bool first;		/* of the options, categories only */
	bool rule;		/* options of rules only, and -a */
	bool quick;		/* only what costs nothing: for the hint */
};

/* Candidates for the end of text, which is what was typed. */
void choices_make(struct choices *c, struct shell *sh, const char *text, bool quick);
void choices_free(struct choices *c);

/* Adds word, behind what stays, if the typed word is the beginning of it. */
void choices_add(struct choices *c, const char *word, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* shell_values.c: for the argument that x expects */
void choices_values(struct choices *c, struct shell *sh, const struct expect *x);
void choices_interfaces(struct choices *c, struct shell *sh, bool addresses);
void choices_numbers(struct choices *c, struct shell *sh, char list);
void choices_words(struct choices *c, const char *const *words);

#endif
