/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * findings.h - findings of lint as text.
 */
#ifndef IPFWADM_FINDINGS_H
#define IPFWADM_FINDINGS_H

#include "backend/analysis/lint.h"
#include "backend/interfaces.h"
#include "ipfwadm/app/app.h"
#include "kmod/core/text.h"

enum finding_severity { FINDING_NOTE, FINDING_WARNING, FINDING_OPEN };

static inline enum finding_severity finding_severity(const struct finding *f)
{
	if (f->kind == FINDING_UNDECIDED)
		return FINDING_OPEN;
	return f->kind == FINDING_REDUNDANT || f->kind == FINDING_POLICY ? FINDING_NOTE :
									   FINDING_WARNING;
}

/* the rules that findings are about */
struct finding_source {
	const struct fw_ruleset *rules;
	/* the number of a rule's line; NULL: there are none */
	unsigned int (*line)(const void *ctx, enum fw_list_id list, __u32 rule);
	const void *ctx;
};

/* "input rule 4 never matches: all its packets match rule 1 (line 3, accept) before it" */
void finding_show(struct fw_text *t, const struct finding_source *s, const struct finding *f);

/*
 * Prints warnings about rules, without notes, on stderr; of rules that before contains,
 * only what new ones have to do with.  app (NULL: the engine's answers have no documents),
 * before and ifs may be NULL.  What cannot be decided soon is left to lint.
 */
void findings_warn(const struct app *app, const struct fw_ruleset *rules,
		   const struct fw_ruleset *before, const struct fw_interfaces *ifs);

#endif
