/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_table.h - tables of iptables through libiptc, and images of what is ours in them.
 *
 * Ours are the chains whose names begin with XT_PREFIX, and the rules of built-in chains
 * that lead there.  An image refers to entries of the libiptc handle: it is valid until
 * the handle changes.
 */
#ifndef BACKEND_XT_TABLE_H
#define BACKEND_XT_TABLE_H

#include <errno.h>
#include <stdlib.h>

#include "backend/backend.h"
#include "backend/plan/plan.h"
#include "backend/rule_tag.h"

/* last, because it defines macros such as icmp_id */
#include <libiptc/libiptc.h>
#include <string.h>

#define XT_PREFIX "ipfw-"
#define XT_TABLES_IN_USE "/proc/thread-self/net/ip_tables_names"

enum xt_table_id { XT_RAW, XT_MANGLE, XT_NAT, XT_FILTER, XT_TABLES };

extern const char *const xt_table_name[XT_TABLES];

struct xt_item {
	const struct ipt_entry *entry; /* target is a name instead of its verdict */
	const char *target; /* chain, verdict, "" for none, or extension */
	__u32 index; /* in the chain */
	__u32 key; /* see xt_item_key(); 0: not computed */
	bool is_found; /* of a restored table: it is as planned */
	struct {
		__u8 kind, list; /* enum tag_kind */
		__s32 number;
	} tag;
};

struct xt_chain {
	const char *name;
	bool is_builtin;
	bool is_planned; /* set by those who compare */
	struct xt_item *item; /* of a built-in chain: those that are ours */
	__u32 count;
	__u32 length; /* number of entries, those of others included */
};

struct xt_image {
	struct xt_chain *chain; /* by name; malloc'ed */
	__u32 nchains;
	struct xt_item *item; /* of all chains; malloc'ed */
};

struct xt_tables {
	struct xtc_handle *handle[XT_TABLES]; /* NULL: not in use, or not read */
	struct xt_image image[XT_TABLES];
};

/* Reads a table, which comes into use by that: 0, or -errno with a text. */
int xt_table_open(struct xt_tables *t, enum xt_table_id id, struct fw_error *e);
/* Reads all tables in use. */
int xt_tables_open(struct xt_tables *t, struct fw_error *e);
void xt_tables_close(struct xt_tables *t);

struct xt_chain *xt_image_find(const struct xt_image *image, const char *name);

/*
 * Was an entry not built by us?  Ours have a key there, and the kernel keeps it, but a
 * table that is saved as text loses it.
 */
static inline bool xt_item_is_foreign(const struct xt_item *item)
{
	return !item->entry->nfcache && !item->is_found;
}

/* the name of a plan's chain in its table, and that table */
const char *xt_chain_name(const struct plan_chain *c);
enum xt_table_id xt_chain_table(const struct plan_chain *c);

static inline bool xt_name_is_ours(const char *name)
{
	return !strncmp(name, XT_PREFIX, sizeof(XT_PREFIX) - 1);
}

/* Is this entry a jump to a chain of this name without conditions? */
bool xt_item_is_jump(const struct xt_item *item, const char *target);

/* Can there be tables here, for this process?  0, or -errno with a text. */
int xt_check(struct fw_error *e);

/*
 * Has the kernel this match or target, in any revision?  0 or -errno.  libxtables asks
 * for revisions, too, but warns on stderr about those that the kernel does not have.
 */
int xt_extension_ask(const char *name, bool is_target);

/* errno after a failure of libiptc, which sets it to -ENOMEM or not at all in places. */
static inline int xt_errno(void)
{
	return errno ? abs(errno) : ENOMEM;
}

/* Why a table could not be read or changed, as a sentence; returns -code. */
int xt_refused(int code, const char *table, struct fw_error *e);

/* Has the kernel's own loader load a module. */
bool xt_module_load(const char *module);

#endif
