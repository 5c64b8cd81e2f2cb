/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_table.h - our table as the kernel dumps it.
 */
#ifndef BACKEND_NFT_TABLE_H
#define BACKEND_NFT_TABLE_H

#include <obstack.h>
#include <setjmp.h>

#include "backend/nft/nft_batch.h"
#include "backend/store/store_record.h"

struct nft_rule {
	struct nft_rule *next;
	__u64 handle;
	__u64 packets, bytes;	/* of its counter, if it has one */
	const struct nlattr *expressions;	/* NULL: none */
	const void *udata;
	__u32 udata_len;
	bool counts;
	/* set by nft_view_read() */
	__u8 tag;		/* enum tag_kind */
	__u8 list;		/* of the rule it belongs to, and its number there */
	__s32 order;
	struct fw_rule *owner;	/* that rule; NULL: none, or not known */
	bool planned;		/* it is as it should be */
};

struct nft_chain {
	const char *name;
	const char *type;	/* NULL: no base chain, and the next three say nothing */
	__u32 hook, policy;
	__s32 priority;
	struct nft_rule *rules, **tail;
	bool known;		/* set by nft_view_read(): it is a chain of the plan */
};

struct nft_table {
	bool present;
	bool owned;		/* by a process that alone may change it */
	bool dormant;		/* none of its rules is in force */
	struct nft_chain **chain;	/* by name */
	__u32 nchains, chains_cap;
	struct nft_chain *last;	/* found last: rules come chain by chain */
	struct obstack memory;
	jmp_buf no_memory;
};

/* Is there such a table, and does another program own it?  No more is read. */
int nft_table_find(struct nft_table *t, struct netlink *l, struct fw_error *e);

/*
 * Reads the table; 0, -EAGAIN when it changed meanwhile, or another error with a
 * text.  To be freed in any case.
 */
int nft_table_read(struct nft_table *t, struct netlink *l, struct fw_error *e);
/* Likewise just one chain of it, with nothing but its rules, if it has any. */
int nft_table_read_chain(struct nft_table *t, struct netlink *l, const char *name,
			 struct fw_error *e);
/*
 * Reads the newest entry of the record, and no more of it, however long it is.  false:
 * there is none.
 */
bool nft_record_head_read(struct store_record_head *head);
void nft_table_free(struct nft_table *t);

struct nft_chain *nft_table_chain(const struct nft_table *t, const char *name);

/*
 * Reads a chain's counters and sets them to 0 in one step.  each: for every rule
 * that counts.  0 or -errno; -EOPNOTSUPP on kernels before 6.2.
 */
typedef void (*nft_count_fn)(void *ctx, const struct nft_rule *r);
int nft_table_reset(struct netlink *l, const char *chain, nft_count_fn each, void *ctx);

#endif
