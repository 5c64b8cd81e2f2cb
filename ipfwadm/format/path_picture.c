// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * path_picture.c - the path of a packet through a host of 2.0, as a picture.
 */
#include "ipfwadm/format/path_picture.h"

void markup_print(FILE *out, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			putc((unsigned char)*text < ' ' && *text != '\n' && *text != '\t' ? '?' :
			     *text, out);
		}
}

static void line_print(FILE *out, int x, int y, const char *text)
{
	if (!text)
		return;
	fprintf(out, "<text x=\"%d\" y=\"%d\">", x, y);
	markup_print(out, text);
	fputs("</text>", out);
}

static void box_print(FILE *out, int x, int y, int width, bool is_passed)
{
	fprintf(out, "<rect%s x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\"/>",
		is_passed ? " class=\"passed\"" : "", x, y, width, width > 200 ? 40 : 50);
}

void path_picture_print(FILE *out, const struct path_picture *w)
{
	static const int left[PICTURE_LISTS] = { 150, 370, 590 };

	fputs("<path d=\"M40 115H150M290 115H370M510 115H590M730 115H750M220 90V50H270"
	      "M490 50H660V90\"/>", out);
	line_print(out, 60, 105, "arrives");
	box_print(out, 270, 30, 220, w->is_local);
	line_print(out, 380, 55, "programs of this host");
	for (int i = 0; i < PICTURE_LISTS; i++) {
		if (w->link)
			fprintf(out, "<a href=\"#%s\">", w->link[i]);
		box_print(out, left[i], 90, 140, w->list[i].is_passed);
		line_print(out, left[i] + 70, 112, w->list[i].text[0]);
		line_print(out, left[i] + 70, 130, w->list[i].text[1]);
		if (w->link)
			fputs("</a>", out);
	}
	line_print(out, PICTURE_WIDTH / 2, 18, w->above);
	line_print(out, PICTURE_WIDTH / 2, 175, w->below);
}
