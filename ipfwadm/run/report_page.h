/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report_page.h - what a script's rules become, as a page for a browser.
 */
#ifndef IPFWADM_REPORT_PAGE_H
#define IPFWADM_REPORT_PAGE_H

#include "ipfwadm/format/rules_dump.h"

struct report_page {
	const struct app *app;
	const char *name;			/* of the script */
	const struct fw_ruleset *rs;
	const struct fw_interfaces *ifs;
	const struct rule_origins *origins;
};

/* NULL after a message. */
FILE *report_page_open(const struct app *app, const char *path);

/*
 * Writes the page, which needs no other file, and closes out: 0, or -errno after a
 * message.
 */
int report_page_write(FILE *out, const struct report_page *page);

#endif
