// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * counters.c - counters of rules that are in the old set and the new one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ipfwadm/format/counters.h"
#include "parser/print.h"

#define NONE 0xffffffffu

/* hash table of a list's rules by their text; equal rules are in list order */
struct index {
	const struct fw_list *list;
	enum fw_list_id id;
	__u32 *head;		/* mask + 1 buckets */
	__u32 *next;		/* of each rule */
	__u32 mask;
};

static __u32 text_hash(const char *text)
{
	__u32 h = 2166136261u;

	while (*text)
		h = (h ^ (unsigned char)*text++) * 16777619u;
	return h;
}

static int index_build(struct index *x, const struct fw_list *list, enum fw_list_id id)
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

		print_rule_text(buf, id, fw_list_rule(list, i));
		head = &x->head[text_hash(buf) & x->mask];
		x->next[i] = *head;
		*head = i;
	}
	return 0;
}

/* Removes the first equal rule from the index and returns it, or NULL. */
static const struct fw_rule *index_remove(struct index *x, const struct fw_rule *r)
{
	char text[PRINT_RULE_MAX], other[PRINT_RULE_MAX];
	__u32 *link;

	print_rule_text(text, x->id, r);
	for (link = &x->head[text_hash(text) & x->mask]; *link != NONE;
	     link = &x->next[*link]) {
		const struct fw_rule *found = fw_list_rule(x->list, *link);

		if (strcmp(text, print_rule_text(other, x->id, found)) == 0) {
			*link = x->next[*link];
			return found;
		}
	}
	return NULL;
}

static int list_copy(struct fw_list *to, const struct fw_list *from, enum fw_list_id id)
{
	struct index x;
	int err = index_build(&x, from, id);

	for (__u32 i = 0; i < to->count && !err; i++) {
		struct fw_rule *r = fw_list_rule(to, i);
		const struct fw_rule *old = index_remove(&x, r);

		if (old) {
			r->pcnt = old->pcnt;
			r->bcnt = old->bcnt;
		}
	}
	free(x.head);
	free(x.next);
	return err;
}

int counters_copy(struct fw_ruleset *to, const struct fw_ruleset *from)
{
	int err = 0;

	for (int i = 0; i < FW_LISTS && !err; i++)
		err = list_copy(&to->list[i], &from->list[i], (enum fw_list_id)i);
	return err;
}
