// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_gate.c - the gate for IPv6 as entries of ip6tables.
 *
 * What passes the gate returns from its chain, because rules of others come after it.
 */
#include "backend/xtables/xt_gate.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "kmod/core/gate.h"
#include "backend/plan/plan.h"
#include "backend/xtables/xt_lock.h"
#include "backend/xtables/xt_table.h"

/* last, because it defines macros */
#include <libiptc/libip6tc.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter_ipv6/ip6t_hl.h>

#define IN_USE "/proc/thread-self/net/ip6_tables_names"
#define TABLE "filter"
#define ENTRY_MAX 512
#define ENTRIES_MAX 32
#define ATTEMPTS 100

/* names as libip6tc reads them: all bytes */
static const xt_chainlabel gate = XT_PREFIX "ipv6";
static const xt_chainlabel hooks[] = { "INPUT", "FORWARD" };

/* an entry being put together */
struct entry {
	union {
		struct ip6t_entry ip;
		char byte[ENTRY_MAX];
	};
};

static void match_add(struct entry *x, const char *name, __u8 revision, const void *data,
		      size_t len)
{
	struct xt_entry_match *m = (void *)(x->byte + x->ip.next_offset);

	m->u.user.match_size = (__u16)XT_ALIGN(sizeof(*m) + len);
	m->u.user.revision = revision;
	snprintf(m->u.user.name, sizeof(m->u.user.name), "%s", name);
	memcpy(m->data, data, len);
	x->ip.next_offset = (__u16)(x->ip.next_offset + m->u.user.match_size);
}

/* Ends an entry: target is a chain or verdict, which libip6tc looks up. */
static void entry_end(struct entry *x, const char *target)
{
	struct xt_standard_target *t = (void *)(x->byte + x->ip.next_offset);

	x->ip.target_offset = x->ip.next_offset;
	t->target.u.user.target_size = XT_ALIGN(sizeof(*t));
	snprintf(t->target.u.user.name, sizeof(t->target.u.user.name), "%s", target);
	x->ip.next_offset = (__u16)(x->ip.next_offset + t->target.u.user.target_size);
}

static void entry_begin(struct entry *x)
{
	memset(x, 0, sizeof(*x));
	x->ip.next_offset = XT_ALIGN(sizeof(x->ip));
}

/* type: of ICMPv6, if the rule has some */
static void entry_make(struct entry *x, const struct fw_gate_rule *r, __u8 type)
{
	const struct xt_conntrack_mtinfo3 known = {
		.match_flags = XT_CONNTRACK_STATE,
		.state_mask = XT_CONNTRACK_STATE_BIT(IP_CT_ESTABLISHED) |
			      XT_CONNTRACK_STATE_BIT(IP_CT_RELATED),
	};
	const struct ip6t_hl_info near = { .mode = IP6T_HL_EQ, .hop_limit = FW_GATE_NEAR };
	const struct ip6t_icmp icmp = { .type = type, .code = { 0, 0xff } };
	const struct xt_udp udp = { .spts = { r->sport, r->sport },
				    .dpts = { r->dport, r->dport } };

	entry_begin(x);
	if (r->is_loopback) {
		memcpy(x->ip.ipv6.iniface, "lo", sizeof("lo"));
		memset(x->ip.ipv6.iniface_mask, 0xff, sizeof("lo"));
	}
	if (r->is_link_local) {
		x->ip.ipv6.src = (struct in6_addr){ .s6_addr = { 0xfe, 0x80 } };
		x->ip.ipv6.smsk = (struct in6_addr){ .s6_addr = { 0xff, 0xc0 } };
	}
	if (type || r->dport) {
		x->ip.ipv6.proto = type ? IPPROTO_ICMPV6 : IPPROTO_UDP;
		x->ip.ipv6.flags = IP6T_F_PROTO;
	}
	if (r->is_known)
		match_add(x, "conntrack", 3, &known, sizeof(known));
	if (r->is_near)
		match_add(x, "hl", 0, &near, sizeof(near));
	if (type)
		match_add(x, "icmp6", 0, &icmp, sizeof(icmp));
	if (r->dport)
		match_add(x, "udp", 0, &udp, sizeof(udp));
	entry_end(x, IP6TC_LABEL_RETURN);
}

/* All entries of the chain; returns their number. */
static unsigned int entries_make(struct entry entry[ENTRIES_MAX])
{
	const struct fw_gate_rule *r;
	unsigned int n = 0, type;

	for (r = fw_gate_rules; r->about; r++)
		for (type = r->icmp_first; type <= r->icmp_last; type++)
			entry_make(&entry[n++], r, (__u8)type);
	entry_begin(&entry[n]);
	entry_end(&entry[n++], IP6TC_LABEL_DROP);
	return n;
}

/* Beyond its name the kernel leaves bytes of a match as they were. */
static bool match_same(const struct xt_entry_match *a, const struct xt_entry_match *b)
{
	return a->u.match_size == b->u.match_size &&
	       a->u.user.revision == b->u.user.revision &&
	       !strcmp(a->u.user.name, b->u.user.name) &&
	       !memcmp(a->data, b->data, a->u.match_size - sizeof(*a));
}

static bool entry_same(const struct entry *x, const struct ip6t_entry *e, const char *target)
{
	const struct xt_entry_target *t = (const void *)(x->byte + x->ip.target_offset);
	const void *ours = &x->ip.ipv6, *theirs = &e->ipv6;	/* padding ends them */
	const struct xt_entry_match *a, *b;
	unsigned int at = sizeof(*e);

	if (strcmp(t->u.user.name, target) != 0 || x->ip.target_offset != e->target_offset ||
	    memcmp(ours, theirs, offsetof(struct ip6t_ip6, invflags) + 1) != 0)
		return false;
	for (; at < x->ip.target_offset; at += a->u.match_size) {
		a = (const void *)(x->byte + at);
		b = (const void *)((const char *)e + at);
		if (!match_same(a, b))
			return false;
	}
	return true;
}

static bool is_jump(const struct ip6t_entry *e, struct xtc_handle *h)
{
	struct entry jump;

	entry_begin(&jump);
	entry_end(&jump, gate);
	return e && entry_same(&jump, e, ip6tc_get_target(e, h));
}

static bool is_as_made(struct xtc_handle *h)
{
	struct entry entry[ENTRIES_MAX];
	unsigned int n = entries_make(entry), i;
	const struct ip6t_entry *e = ip6tc_first_rule(gate, h);

	for (i = 0; i < n && e; i++, e = ip6tc_next_rule(e, h))
		if (!entry_same(&entry[i], e, ip6tc_get_target(e, h)))
			return false;
	if (i < n || e)
		return false;
	for (i = 0; i < FW_COUNT(hooks); i++)
		if (!is_jump(ip6tc_first_rule(hooks[i], h), h))
			return false;
	return true;
}

static int failed(struct fw_error *e)
{
	int code = xt_errno();

	if (code == EPERM || code == EACCES || code == ENOMEM)
		return xt_refused(code, TABLE, e);
	if (code == ENOPROTOOPT || code == ENOENT)
		return fw_error_set(e, ENODEV, "this kernel has no table '" TABLE "' of legacy "
				    "ip6tables (ip6table_filter)");
	return fw_error_set(e, code, "table '" TABLE "' of ip6tables: %s", strerror(code));
}

static struct xtc_handle *table_open(struct fw_error *e)
{
	struct xtc_handle *h;

	errno = 0;
	h = ip6tc_init(TABLE);
	if (!h && errno == ENOPROTOOPT && xt_module_load("ip6_tables"))
		h = ip6tc_init(TABLE);
	if (!h)
		failed(e);
	return h;
}

/* Reading a table that is not in use would bring it into use. */
static bool is_in_use(void)
{
	FILE *in = fopen(IN_USE, "re");
	bool found = false;
	char line[64];

	while (in && !found && fgets(line, sizeof(line), in))
		found = !strcmp(line, TABLE "\n");
	if (in)
		fclose(in);
	return found;
}

int xt_gate_read(struct xt_gate *g, struct fw_error *e)
{
	struct fw_error why = { .code = EIO };
	struct xtc_handle *h;

	*g = (struct xt_gate){ .is_closed = false };
	if (!is_in_use())
		return 0;
	h = table_open(&why);
	if (!h) {
		if (e)
			*e = why;
		return -why.code;
	}
	g->is_closed = ip6tc_is_chain(gate, h);
	g->is_changed = g->is_closed && !is_as_made(h);
	ip6tc_free(h);
	return 0;
}

/* Takes out the jumps to the chain that are in a hook. */
static bool jumps_delete(const xt_chainlabel hook, struct xtc_handle *h)
{
	const struct ip6t_entry *e = ip6tc_first_rule(hook, h);
	unsigned int at = 0;

	while (e) {
		if (strcmp(ip6tc_get_target(e, h), gate) != 0) {
			e = ip6tc_next_rule(e, h);
			at++;
			continue;
		}
		if (!ip6tc_delete_num_entry(hook, at, h))
			return false;
		e = ip6tc_first_rule(hook, h);
		at = 0;
	}
	return true;
}

static bool gate_open(struct xtc_handle *h)
{
	unsigned int i;

	for (i = 0; i < FW_COUNT(hooks); i++)
		if (!jumps_delete(hooks[i], h))
			return false;
	return !ip6tc_is_chain(gate, h) ||
	       (ip6tc_flush_entries(gate, h) && ip6tc_delete_chain(gate, h));
}

static bool gate_close(struct xtc_handle *h)
{
	struct entry entry[ENTRIES_MAX], jump;
	unsigned int n = entries_make(entry), i;

	if (!ip6tc_create_chain(gate, h))
		return false;
	for (i = 0; i < n; i++)
		if (!ip6tc_append_entry(gate, &entry[i].ip, h))
			return false;
	for (i = 0; i < FW_COUNT(hooks); i++) {
		entry_begin(&jump);
		entry_end(&jump, gate);
		if (!ip6tc_insert_entry(hooks[i], &jump.ip, 0, h))
			return false;
	}
	return true;
}

/* 0, -EAGAIN if somebody without the lock was faster, or -errno with a text. */
static int gate_set(bool closes, struct fw_error *e)
{
	struct fw_error why = { .code = EIO };
	struct xtc_handle *h = table_open(&why);
	int err = 0;

	errno = 0;
	if (!h)
		err = fw_error_set(e, why.code, "%s", why.text);
	else if (!gate_open(h) || (closes && !gate_close(h)) || !ip6tc_commit(h))
		err = errno == EAGAIN ? -EAGAIN : failed(e);
	if (h)
		ip6tc_free(h);
	return err;
}

int xt_gate_set(bool closes, struct fw_error *e)
{
	int lock = xt_lock_take(e), err, i;
	struct xt_gate g;

	if (lock < 0)
		return lock;
	err = xt_gate_read(&g, e);
	if (!err && (g.is_closed != closes || g.is_changed)) {
		err = -EAGAIN;
		for (i = 0; i < ATTEMPTS && err == -EAGAIN; i++)
			err = gate_set(closes, e);
	}
	xt_lock_drop(lock);
	return err == -EAGAIN ? fw_error_set(e, EAGAIN, "others change ip6tables without pause") :
				err;
}

int xt_gate_foreign(foreign_chain_fn each, void *ctx)
{
	struct foreign_chain c = { .name = "chain INPUT of ip6tables table " TABLE,
				   .hook = PLAN_INPUT, .sees_ipv6 = true };
	struct xt_counters counters;
	struct xtc_handle *h;
	struct fw_error e;
	const char *policy;

	if (!is_in_use())
		return 0;
	h = table_open(&e);
	if (!h)
		return -e.code;
	policy = ip6tc_get_policy(hooks[0], &counters, h);
	c.drops = policy && !strcmp(policy, "DROP");
	c.is_empty = !ip6tc_first_rule(hooks[0], h);
	each(ctx, &c);
	ip6tc_free(h);
	return 0;
}
