// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * parser-inverse.c - what is printed is read back as the same, and printed the
 * same again: for rules by chance, more than 100,000 of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "parser/print.h"
#include "tests/lib/edits.h"
#include "tests/lib/random.h"

#define EDITS 2000
#define ROUNDS 60

/* any name, most bytes being ASCII */
static void name_make(struct random *r, char name[FW_IFNAMSIZ])
{
	unsigned int n = 1 + random_below(r, FW_IFNAMSIZ);

	memset(name, 0, FW_IFNAMSIZ);
	for (unsigned int i = 0; i < n; i++) {
		name[i] = (char)(random_one_in(r, 8) ? 1 + random_below(r, 255) :
						       ' ' + random_below(r, 95));
	}
}

static void net_make(struct random *r, __u32 *addr, __u32 *mask)
{
	switch (random_below(r, 4)) {
	case 0:
		*mask = 0;
		break;
	case 1:
		*mask = random_word(r);
		break;
	default:
		*mask = ~0u << random_below(r, 32);
	}
	*addr = random_word(r) & *mask;
}

/* up to max slots of one side, the first two a range now and then */
static __u8 ports_make(struct random *r, struct fw_rule *rule, __u16 *slot,
		       unsigned int max, __u16 range)
{
	unsigned int n = random_one_in(r, 2) ? 0 : random_below(r, max + 1);

	for (unsigned int i = 0; i < n; i++)
		slot[i] = (__u16)random_word(r);
	if (n >= 2 && random_one_in(r, 2)) {
		rule->flags |= range;
		slot[1] = (__u16)(slot[0] + random_below(r, 65536u - slot[0]));
	}
	return (__u8)n;
}

/* protocol, ports and the redirect port behind them */
static void kind_make(struct random *r, enum fw_list_id list, struct fw_rule *rule)
{
	unsigned int kind = random_below(r, 4), room = FW_MAX_PORTS;

	rule->flags |= (__u16)kind;
	if (list == FW_INPUT && kind != FW_KIND_ICMP && random_one_in(r, 4)) {
		rule->flags |= FW_REDIR;
		room--;
	}
	if (kind != FW_KIND_ALL)
		rule->nsp = ports_make(r, rule, rule->pts, room, FW_SRNG);
	if (kind == FW_KIND_TCP || kind == FW_KIND_UDP)
		rule->ndp = ports_make(r, rule, rule->pts + rule->nsp, room - rule->nsp,
				       FW_DRNG);
	if (rule->flags & FW_REDIR)
		rule->pts[rule->nsp + rule->ndp] = (__u16)random_word(r);
}

static void policy_make(struct random *r, enum fw_list_id list, struct fw_rule *rule)
{
	static const __u16 policies[] = { FW_POLICY_DENY, FW_POLICY_ACCEPT,
					  FW_POLICY_REJECT };
	static const __u16 directions[] = { 0, FW_ACCTIN, FW_ACCTOUT };

	if (list == FW_ACCT) {
		rule->flags |= directions[random_below(r, 3)];
		return;
	}
	rule->flags |= policies[random_below(r, 3)];
	if (!(rule->flags & FW_ACCEPT))
		return;
	rule->keep_state = random_one_in(r, 4);
	if (list == FW_FORWARD && (rule->flags & FW_KIND_MASK) != FW_KIND_ICMP &&
	    random_one_in(r, 2))
		rule->flags |= FW_MASQ;
}

static void extensions_make(struct random *r, struct fw_rule *rule)
{
	if (random_one_in(r, 3))
		rule->state = (__u8)random_below(r, FW_STATES + 1);
	if (random_one_in(r, 3))
		rule->helper = (__u8)random_below(r, FW_HELPERS);
	if (random_one_in(r, 3)) {
		unsigned int n = random_below(r, FW_COMMENT_MAX + 1);

		for (unsigned int i = 0; i < n; i++)
			rule->comment[i] = (char)(' ' + random_below(r, 95));
	}
}

static void rule_make(struct random *r, enum fw_list_id list, struct fw_edit *e)
{
	static const __u16 flags[] = { FW_BIDIR, FW_TCPACK, FW_TCPSYN, FW_PRN };
	struct fw_rule *rule = &e->rule;

	net_make(r, &rule->src, &rule->smsk);
	net_make(r, &rule->dst, &rule->dmsk);
	kind_make(r, list, rule);
	policy_make(r, list, rule);
	for (unsigned int i = 0; i < FW_COUNT(flags); i++)
		rule->flags |= random_one_in(r, 4) ? flags[i] : 0;
	rule->via = random_one_in(r, 3) ? random_word(r) : 0;
	if (random_one_in(r, 3))
		name_make(r, rule->vianame);
	rule->tosand = random_one_in(r, 3) ? (__u8)random_word(r) : 0xff;
	rule->tosxor = random_one_in(r, 3) ? (__u8)random_word(r) : 0;
	extensions_make(r, rule);
	e->op = random_below(r, 3) + FW_OP_APPEND;
	e->counters = e->op != FW_OP_DELETE && random_one_in(r, 2);
	if (e->counters) {
		rule->pcnt = (__u64)random_word(r) << random_below(r, 33);
		rule->bcnt = random_one_in(r, 9) ? ~0ull : random_word(r);
	}
}

/* Delete of a side has no target. */
static void portfw_make(struct random *r, struct fw_edit *e)
{
	struct fw_portfw *f = &e->portfw.forward;

	e->op = FW_OP_PORTFW;
	e->list = FW_FORWARD;
	e->portfw.op = random_below(r, FW_PORTFW_ZERO + 1);
	e->portfw.cut = e->portfw.op >= FW_PORTFW_DELETE && e->portfw.op <= FW_PORTFW_FLUSH &&
			random_one_in(r, 2);
	e->counters = e->portfw.op <= FW_PORTFW_INSERT && random_one_in(r, 2);
	f->weight = f->left = FW_PORTFW_WEIGHT;
	if (e->portfw.op > FW_PORTFW_DELETE_SIDE)
		return;
	f->proto = random_one_in(r, 2) ? FW_PROTO_TCP : FW_PROTO_UDP;
	f->low = f->high = (__u16)(1 + random_below(r, FW_PORTFW_PORT_MAX));
	if (random_one_in(r, 5)) {
		f->mark = 1 + (random_word(r) >> 1);
		f->low = f->high = 0;
		f->proto *= random_one_in(r, 2);
	} else if (random_one_in(r, 2)) {
		f->flags = FW_PORTFW_ANY_ADDR;
		f->high = (__u16)(f->low + random_below(r, 65536u - f->low));
	} else {
		f->addr = random_word(r);
	}
	if (e->portfw.op == FW_PORTFW_DELETE_SIDE)
		return;
	if (f->flags & FW_PORTFW_ANY_ADDR && random_one_in(r, 3)) {
		f->flags |= FW_PORTFW_SAME_PORT;
	} else if (f->flags & FW_PORTFW_ANY_ADDR && random_one_in(r, 2)) {
		f->trigger_proto = random_one_in(r, 2) ? FW_PROTO_TCP : FW_PROTO_UDP;
		f->trigger_port = (__u16)(1 + random_below(r, 65535));
		f->trigger_time = FW_PORTFW_TRIGGER_TIME;
	} else {
		f->to = random_word(r);
		if (f->low == f->high && random_one_in(r, 2)) {
			f->flags |= FW_PORTFW_HAS_PORT;
			f->to_port = (__u16)random_word(r);
		}
	}
	if (e->portfw.op == FW_PORTFW_DELETE)
		return;
	if (f->trigger_port && random_one_in(r, 2))
		f->trigger_time = random_word(r) >> 1;
	f->weight = f->left = 1 + random_below(r, 1000);
	if (e->counters) {
		f->conns = random_word(r);
		f->left = 1 + random_below(r, f->weight);
	}
}

static void edit_make(struct random *r, struct fw_edit *e)
{
	static const __u32 policies[] = {
		FW_POLICY_DENY, FW_POLICY_ACCEPT, FW_POLICY_REJECT, FW_POLICY_MASQ,
	};

	memset(e, 0, sizeof(*e));
	e->list = random_below(r, FW_LISTS);
	switch (random_below(r, 40)) {
	case 0:
		e->op = random_one_in(r, 2) ? FW_OP_FLUSH : FW_OP_ZERO;
		break;
	case 1:
		e->op = FW_OP_POLICY;
		e->list = random_below(r, 3);
		e->policy = policies[random_below(r, e->list == FW_FORWARD ? 4 : 3)];
		break;
	case 2:
		e->op = FW_OP_TIMEOUTS;
		e->list = FW_FORWARD;
		e->timeouts.tcp = random_word(r) >> 1;
		e->timeouts.tcpfin = random_word(r) >> 1;
		e->timeouts.udp = random_word(r) >> 1;
		break;
	case 3:
	case 4:
	case 5:
		portfw_make(r, e);
		break;
	default:
		rule_make(r, e->list, e);
	}
}

static void random_edits(void **state)
{
	static struct fw_edit edits[EDITS];
	static struct command commands[EDITS];
	struct program p = { .command = commands, .edit = edits };
	struct random r;

	(void)state;
	random_seed(&r, 1996);
	p.ncommands = p.nedits = EDITS;
	for (unsigned int round = 0; round < ROUNDS; round++) {
		for (unsigned int i = 0; i < EDITS; i++) {
			edit_make(&r, &edits[i]);
			commands[i] = (struct command) { .kind = COMMAND_EDIT,
							 .first_edit = i,
							 .nedits = 1 };
		}
		assert_true(program_inverse(&p));
	}
}

/* the longest that there is fits, and is cut nowhere */
static void longest_rule(void **state)
{
	struct fw_edit e = { .op = FW_OP_APPEND, .list = FW_INPUT, .counters = true };
	struct command c = { .kind = COMMAND_EDIT, .nedits = 1 };
	struct program p = { .command = &c, .ncommands = 1, .edit = &e, .nedits = 1 };
	char buf[PRINT_RULE_MAX];
	struct fw_text t;

	(void)state;
	e.rule = (struct fw_rule) {
		.src = 0xc8c8c800,
		.smsk = 0xfffffefd,
		.dst = 0xc8c8c800,
		.dmsk = 0xfffffefd,
		.via = 0xc8c8c8c8,
		.flags = FW_KIND_TCP | FW_ACCEPT | FW_REDIR | FW_PRN | FW_BIDIR |
			 FW_TCPACK | FW_TCPSYN,
		.nsp = 5,
		.ndp = 4,
		.tosxor = 1,
		.state = FW_STATES,
		.keep_state = 1,
		.helper = FW_HELPER_NETBIOS_NS,
		.pcnt = ~0ull,
		.bcnt = ~0ull,
	};
	memset(e.rule.vianame, '\'', sizeof(e.rule.vianame));
	memset(e.rule.comment, '\'', FW_COMMENT_MAX);
	for (unsigned int i = 0; i < FW_MAX_PORTS; i++)
		e.rule.pts[i] = 65535;
	fw_text_init(&t, buf, sizeof(buf));
	print_edit(&t, &e);
	assert_true(t.len < sizeof(buf));
	e.rule.src &= e.rule.smsk;
	e.rule.dst &= e.rule.dmsk;
	assert_true(program_inverse(&p));
}

static void extensions_printed(void **state)
{
	struct fw_rule r = { .state = FW_STATE_NEW | FW_STATE_RELATED, .keep_state = 1,
			     .helper = FW_HELPER_FTP, .comment = "it's" };
	char buf[PRINT_RULE_MAX];
	struct fw_text t;

	(void)state;
	fw_text_init(&t, buf, sizeof(buf));
	print_extensions(&t, &r);
	assert_string_equal(buf, "--state new,related --keep-state --helper ftp "
				 "--comment 'it'\\''s'");
	fw_text_init(&t, buf, sizeof(buf));
	print_extensions(&t, &(struct fw_rule){ .flags = FW_ACCEPT });
	assert_string_equal(buf, "");
}

static void interface_printed(void **state)
{
	struct fw_dev dev = { "eth0:1", 0x0a000001, 0xffffff00 };
	char buf[64];
	struct fw_text t;

	(void)state;
	fw_text_init(&t, buf, sizeof(buf));
	print_interface(&t, &dev);
	assert_string_equal(buf, "interface eth0:1 10.0.0.1/24");
	dev.mask = 0xff00ff00;
	fw_text_init(&t, buf, sizeof(buf));
	print_interface(&t, &dev);
	assert_string_equal(buf, "interface eth0:1 10.0.0.1/255.0.255.0");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_edits),
		cmocka_unit_test(longest_rule),
		cmocka_unit_test(extensions_printed),
		cmocka_unit_test(interface_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
