// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_commit.c - edited tables put in force: all of them, or none.
 *
 * A table changes at once, but one after the other.  Table mangle decides, and the others
 * carry out what its marks say.  So tables that the plan uses are committed before
 * mangle, and those that it does not use any more after it.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "backend/xtables/xt_worker.h"
#include "backend/xtables/xt_write.h"

static bool plan_uses(const struct plan *p, enum xt_table_id id)
{
	const struct plan_chain *c;

	for (c = p->chains; c; c = c->next)
		if (xt_chain_table(c) == id)
			return true;
	return false;
}

/* The counters of the built-in chains' policies, by number of their entries: malloc'ed.
 */
static struct xt_counters_info *policies_read(struct xtc_handle *h, enum xt_table_id id)
{
	struct xt_counters_info *info;
	struct xt_counters policy[PLAN_HOOKS];
	__u32 at[PLAN_HOOKS], count = 0, i, n = 0;
	const char *name;

	for (name = iptc_first_chain(h); name; name = iptc_next_chain(h)) {
		const struct ipt_entry *e = iptc_first_rule(name, h);

		for (; e; e = iptc_next_rule(e, h))
			count++;
		if (n < PLAN_HOOKS && iptc_get_policy(name, &policy[n], h)) {
			at[n++] = count++;
		} else {
			count += 2; /* the entry with the name, and the return */
		}
	}
	count++; /* the entry at the end */
	info = calloc(1, sizeof(*info) + count * sizeof(*info->counters));
	if (!info)
		return NULL;
	strcpy(info->name, xt_table_name[id]); /* NOLINT: it fits */
	for (i = 0; i < n; i++) {
		info->counters[at[i]] = policy[i];
		if (policy[i].pcnt || policy[i].bcnt)
			info->num_counters = count;
	}
	return info;
}

/*
 * Commits one table: 0 or -errno.  libiptc 1.8.9 subtracts from the counters of policies
 * what it has read.  That is added again here, without libiptc, which has no means for
 * it.
 */
static int table_commit(struct xtc_handle *h, const struct xt_counters_info *policies)
{
	int fd;

	if (!iptc_commit(h))
		return -xt_errno();
	fd = policies->num_counters ? socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
	if (fd < 0)
		return 0;
	setsockopt(fd, IPPROTO_IP, IPT_SO_SET_ADD_COUNTERS, policies,
		   (socklen_t)(sizeof(*policies) +
			       policies->num_counters * sizeof(*policies->counters)));
	close(fd);
	return 0;
}

/* A copy of an entry that libiptc can add again, at the end or at a place. */
static bool entry_copy(struct xtc_handle *to, const char *chain,
		       const struct xt_item *item, __u32 at, bool append)
{
	struct ipt_entry *e = malloc(item->entry->next_offset);
	struct xt_entry_target *t;
	bool ok;

	if (!e)
		return false;
	memcpy(e, item->entry, item->entry->next_offset);
	t = (struct xt_entry_target *)((char *)e + e->target_offset);
	if (!*t->u.user.name) /* libiptc has its verdict, and takes the name */
		strncpy(t->u.user.name, item->target, sizeof(t->u.user.name) - 1);
	ok = append ? iptc_append_entry(chain, e, to)
		    : iptc_insert_entry(chain, e, at, to);
	free(e);
	return ok;
}

/* Removes all that is ours, but for chains that are to come back. */
static bool ours_remove(struct xtc_handle *now, const struct xt_image *image)
{
	const struct xt_chain *c;
	__u32 i, k;
	bool ok = true;

	for (i = 0; i < image->nchains && ok; i++) {
		c = &image->chain[i];
		if (!c->is_builtin)
			ok = iptc_flush_entries(c->name, now);
		for (k = c->count; c->is_builtin && k-- > 0 && ok;)
			ok = iptc_delete_num_entry(c->name, c->item[k].index, now);
	}
	return ok;
}

static bool ours_restore(struct xtc_handle *now, const struct xt_image *image,
			 const struct xt_image *before)
{
	const struct xt_chain *c;
	__u32 i, k;
	bool ok = true;

	for (i = 0; i < image->nchains && ok; i++) {
		c = &image->chain[i];
		if (!c->is_builtin && !xt_image_find(before, c->name))
			ok = iptc_delete_chain(c->name, now);
	}
	for (i = 0; i < before->nchains && ok; i++)
		if (!iptc_is_chain(before->chain[i].name, now))
			ok = iptc_create_chain(before->chain[i].name, now);
	for (i = 0; i < before->nchains && ok; i++) {
		c = &before->chain[i];
		for (k = 0; k < c->count && ok; k++)
			ok = entry_copy(now, c->name, &c->item[k], c->item[k].index,
					!c->is_builtin);
	}
	return ok;
}

/* Puts our part of a committed table back as it was before. */
static void table_undo(enum xt_table_id id, const struct xt_tables *before)
{
	struct xt_tables now = {.handle = {NULL}};
	struct xt_counters_info *policies = NULL;

	if (!xt_table_open(&now, id, NULL))
		policies = policies_read(now.handle[id], id);
	if (policies && ours_remove(now.handle[id], &now.image[id]) &&
	    ours_restore(now.handle[id], &now.image[id], &before->image[id]))
		table_commit(now.handle[id], policies);
	free(policies);
	xt_tables_close(&now);
}

static unsigned int order_choose(enum xt_table_id order[XT_TABLES], const struct plan *p,
				 const bool is_edited[XT_TABLES])
{
	unsigned int n = 0, id;

	for (id = 0; id < XT_TABLES; id++)
		if (is_edited[id] && id != XT_MANGLE && plan_uses(p, id))
			order[n++] = id;
	if (is_edited[XT_MANGLE])
		order[n++] = XT_MANGLE;
	for (id = 0; id < XT_TABLES; id++)
		if (is_edited[id] && id != XT_MANGLE && !plan_uses(p, id))
			order[n++] = id;
	return n;
}

/* Commits the first n tables of order; undone when one fails. */
static int tables_commit(struct xt_tables *t, const enum xt_table_id *order,
			 unsigned int n, struct xt_counters_info *const *policies,
			 const struct xt_tables *before, struct fw_error *e)
{
	unsigned int done;
	int err = 0;

	for (done = 0; done < n; done++) {
		err = table_commit(t->handle[order[done]], policies[order[done]]);
		if (err)
			break;
	}
	if (!err)
		return 0;
	err = xt_write_refused(-err, order[done], e);
	while (done-- > 0)
		table_undo(order[done], before);
	return err;
}

/* All that may fail without a table being changed comes before the first commit. */
int xt_commit(struct xt_tables *t, const struct plan *p, const bool is_edited[XT_TABLES],
	      struct fw_error *e)
{
	struct xt_counters_info *policies[XT_TABLES] = {NULL};
	struct xt_tables before = {.handle = {NULL}};
	enum xt_table_id order[XT_TABLES];
	unsigned int n = order_choose(order, p, is_edited), i;
	int err = 0;

	for (i = 0; i < n && !err; i++) {
		policies[order[i]] = policies_read(t->handle[order[i]], order[i]);
		if (!policies[order[i]])
			err = fw_error_set(e, ENOMEM, "out of memory");
		else if (i + 1 < n) /* NOLINT: policies is freed at the end */
			err = xt_table_open(&before, order[i], e);
	}
	if (!err && n && !xt_worker_is_awaited())
		err = fw_error_set(e, ECANCELED,
				   "the program that wanted this has ended");
	if (!err)
		err = tables_commit(t, order, n, policies, &before, e);
	for (i = 0; i < XT_TABLES; i++)
		free(policies[i]);
	xt_tables_close(&before);
	return err;
}
