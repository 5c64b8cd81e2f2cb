/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * many_rules.h - large rule files around a few rules that matter.
 */
#ifndef TESTS_NET_MANY_RULES_H
#define TESTS_NET_MANY_RULES_H

#include "kmod/core/base.h"

/*
 * The text of a file with count rules, those of must[] among them; malloc'ed.
 * The others match nothing outside 172.16.0.0/12, and are different in each
 * version; where the rules of must[] stand differs as well.
 */
char *many_rules_text(const char *const *must, unsigned int nmust, unsigned int count,
		      unsigned int version);

#endif
