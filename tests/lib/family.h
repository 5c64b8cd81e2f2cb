/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * family.h - talks to the module as kmod/ipfwadm_uapi.h says, attribute by attribute,
 * so that tests can say what no client would.
 */
#ifndef TESTS_FAMILY_H
#define TESTS_FAMILY_H

#include <libmnl/libmnl.h>
#include <stddef.h>

#include "kmod/core/list.h"
#include "kmod/ipfwadm_uapi.h"

/* a socket of this thread's network namespace */
struct family {
	struct mnl_socket *nl;
	__u16 id;		/* message type */
	__u32 group;		/* "changes" */
	__u32 conns_group;	/* "connections" */
	__u32 seq;
	__u32 portid;
};

/* how a request ended */
struct answer {
	int error;		/* 0 or -errno, of the module or of the socket */
	char text[128];		/* the sentence, or empty */
	int offset;		/* of the attribute at fault, or -1 */
	int missing;		/* type of a missing attribute, or -1 */
	int missing_nest;	/* offset of the nest in which it is missing, or -1 */
	bool interrupted;	/* a message of a dump said so */
};

/* 0 or -errno. */
int family_open(struct family *f);
void family_close(struct family *f);

/* Begins a message in buf; flags besides NLM_F_REQUEST and, if no dump, NLM_F_ACK. */
struct nlmsghdr *family_message(struct family *f, void *buf, __u8 command, __u16 flags);

/* Sends a message and does not wait: 0 or -errno. */
int family_send(struct family *f, const struct nlmsghdr *nlh);

/*
 * Takes what was answered until the end; take may be NULL.  A request that nobody
 * answers ends with -EAGAIN.
 */
void family_receive(struct family *f, mnl_cb_t take, void *ctx, struct answer *a);

/* Both. */
void family_ask(struct family *f, const struct nlmsghdr *nlh, mnl_cb_t take, void *ctx,
		struct answer *a);

/* The attributes of a message or a nest by type, those above max left aside. */
void family_attrs(const struct nlmsghdr *nlh, const struct nlattr **tb, int max);
void family_nest_attrs(const struct nlattr *nest, const struct nlattr **tb, int max);

/* A rule with all its members, and back; a nest of that type. */
struct nlattr *family_rule_put(struct nlmsghdr *nlh, int type, const struct fw_rule *r);
void family_rule_get(const struct nlattr *nest, struct fw_rule *r);

/* An EDIT nest with all that the edit's operation needs. */
struct nlattr *family_edit_put(struct nlmsghdr *nlh, const struct fw_edit *e);

/* Appends the forwards of all messages of a dump, up to cap; how many, or -errno. */
long family_forwards(struct family *f, struct fw_portfw *forwards, size_t cap);

/* A transaction of n edits; 0 or -errno. */
int family_edit(struct family *f, const struct fw_edit *edits, size_t n);

struct family_status {
	__u32 generation, features;
	__u32 policy[FW_ACCT], count[FW_LISTS];
	struct fw_timeouts timeouts;
};

int family_status(struct family *f, struct family_status *status);

/* The rules of a list, up to cap; how many there were, or -errno. */
long family_rules(struct family *f, enum fw_list_id list, bool zero, struct fw_rule *rules,
		  size_t cap);

#endif
