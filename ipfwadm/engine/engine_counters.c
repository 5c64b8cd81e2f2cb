// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * engine_counters.c - counters of rules that stay, though all are replaced.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ipfwadm/engine/engine_private.h"
#include "parser/print.h"

#define NONE 0xffffffffu

/* rules of a list by what they say; those that say the same in their order */
struct index {
	const struct fw_list *list;
	enum fw_list_id id;
	__u32 *head, *next;	/* mask + 1 of them; one of each rule */
	__u32 mask;
};

static void rule_text(char buf[PRINT_RULE_MAX], enum fw_list_id id,
		      const struct fw_rule *r)
{
	struct fw_text t;

	fw_text_init(&t, buf, PRINT_RULE_MAX);
	print_rule(&t, FW_OP_APPEND, id, r);
}

static __u32 text_hash(const char *text)
{
	__u32 h = 2166136261u;

	while (*text)
		h = (h ^ (unsigned char)*text++) * 16777619u;
	return h;
}

static int index_make(struct index *x, const struct fw_list *list, enum fw_list_id id)
{
	char buf[PRINT_RULE_MAX];

	*x = (struct index){ .list = list, .id = id, .mask = 15 };
	while (x->mask < list->count)
		x->mask = 2 * x->mask + 1;
	x->head = malloc(((size_t)x->mask + 1) * sizeof(*x->head));
	x->next = malloc(((size_t)list->count + 1) * sizeof(*x->next));
	if (!x->head || !x->next)
		return -ENOMEM;
	memset(x->head, 0xff, ((size_t)x->mask + 1) * sizeof(*x->head));
	for (__u32 i = list->count; i-- > 0;) {
		__u32 *head;

		rule_text(buf, id, fw_list_rule(list, i));
		head = &x->head[text_hash(buf) & x->mask];
		x->next[i] = *head;
		*head = i;
	}
	return 0;
}

/* Takes the first rule that says the same out of the index, or is NULL. */
static const struct fw_rule *index_take(struct index *x, const struct fw_rule *r)
{
	char want[PRINT_RULE_MAX], have[PRINT_RULE_MAX];
	__u32 *link;

	rule_text(want, x->id, r);
	for (link = &x->head[text_hash(want) & x->mask]; *link != NONE;
	     link = &x->next[*link]) {
		const struct fw_rule *found = fw_list_rule(x->list, *link);

		rule_text(have, x->id, found);
		if (strcmp(want, have) == 0) {
			*link = x->next[*link];
			return found;
		}
	}
	return NULL;
}

static int list_keep(struct fw_list *to, const struct fw_list *from, enum fw_list_id id)
{
	struct index x;
	int err = index_make(&x, from, id);

	for (__u32 i = 0; i < to->count && !err; i++) {
		struct fw_rule *r = fw_list_rule(to, i);
		const struct fw_rule *old = index_take(&x, r);

		if (old) {
			r->pcnt = old->pcnt;
			r->bcnt = old->bcnt;
		}
	}
	free(x.head);
	free(x.next);
	return err;
}

int engine_counters_keep(struct fw_ruleset *to, const struct fw_ruleset *from)
{
	int err = 0;

	for (int i = 0; i < FW_LISTS && !err; i++)
		err = list_keep(&to->list[i], &from->list[i], (enum fw_list_id)i);
	return err;
}
