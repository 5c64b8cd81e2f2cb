/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * path_picture.h - the path of a packet through a host of 2.0, as a picture.
 */
#ifndef IPFWADM_PATH_PICTURE_H
#define IPFWADM_PATH_PICTURE_H

#include <stdbool.h>
#include <stdio.h>

enum { PICTURE_INPUT, PICTURE_FORWARD, PICTURE_OUTPUT, PICTURE_LISTS };

#define PICTURE_HEIGHT 190
#define PICTURE_WIDTH 760

struct path_picture {
	struct {
		char text[2][48];	/* two lines */
		bool is_passed;		/* drawn so */
	} list[PICTURE_LISTS];
	bool is_local;			/* it ends at, or comes from, programs of this host */
	const char *above, *below;	/* lines of text; NULL: none */
	/* names of the lists' sections of a page, which are linked to; NULL: none */
	const char *const *link;
};

/* What <svg> has for a picture that is PICTURE_HEIGHT high. */
void path_picture_print(FILE *out, const struct path_picture *w);

/* For HTML and SVG; control characters as "?". */
void markup_print(FILE *out, const char *text);

#endif
