/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * random_rules.h - rules that the language can say, by chance.
 *
 * plan_random.h has rules that only a program could make, too, and packets.
 */
#ifndef TESTS_LIB_RANDOM_RULES_H
#define TESTS_LIB_RANDOM_RULES_H

#include "kmod/core/list.h"
#include "tests/lib/random.h"

/* What the language can say for a list; fw_rule_check() lets it pass. */
void random_rule(struct random *r, enum fw_list_id list, struct fw_rule *rule);

/* An edit of port forwards, of few that recur; some are refused. */
void random_portfw_edit(struct random *r, struct fw_edit *e);

#endif
