/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * way.h - the way of a packet through a host of 2.0, as a picture.
 */
#ifndef IPFWADM_WAY_H
#define IPFWADM_WAY_H

#include <stdbool.h>
#include <stdio.h>

enum { WAY_INPUT, WAY_FORWARD, WAY_OUTPUT, WAY_LISTS };

#define WAY_HEIGHT 190
#define WAY_WIDTH 760

struct way {
	struct {
		char text[2][48];	/* two lines */
		bool is_passed;		/* drawn so */
	} list[WAY_LISTS];
	bool is_local;			/* it ends at, or comes from, programs of this host */
	const char *above, *below;	/* lines of text; NULL: none */
	/* names of the lists' sections of a page, which are linked to; NULL: none */
	const char *const *link;
};

/* What <svg> has for a picture that is WAY_HEIGHT high. */
void way_print(FILE *out, const struct way *w);

/* For HTML and SVG; control characters as "?". */
void way_text_print(FILE *out, const char *text);

#endif
