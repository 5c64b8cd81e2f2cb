// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sim-host.c - the way through a host where the recordings do not go: lo,
 * broadcasts, aliases, no route, kept connections, packets that go round.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "backend/sim/host.h"
#include "backend/sim/tracker.h"
#include "kmod/core/text.h"

#define LO 0x7f000001
#define ETH0 0xc0a80101	/* 192.168.1.1/24 */
#define ALIAS 0xc0a80201	/* 192.168.2.1/24 */
#define PPP0 0xcb007105	/* 203.0.113.5/30 */
#define GATEWAY 0xcb007106
#define INNER 0xc0a8010a
#define PEER 0xc6336407
#define FAR 0x08080808

static const struct fw_dev devs[] = {
	{ "lo", LO, 0xff000000 },
	{ "eth0", ETH0, 0xffffff00 },
	{ "eth0:1", ALIAS, 0xffffff00 },
	{ "ppp0", PPP0, 0xfffffffc },
};

#define DEV_ETH0 (&devs[1])
#define DEV_PPP0 (&devs[3])

/* a host; what happens is written down in trace */
struct host {
	struct fw_ruleset rules;
	struct fw_rule slots[FW_LISTS];
	struct sim_tracker tracker;
	struct sim_host sim;
	char buf[8192];
	struct fw_text trace;
	unsigned int loops;
};

static const char *step_name(enum sim_step step)
{
	static const char *const name[] = {
		[SIM_STEP_ACCT_IN] = "acct_in",	 [SIM_STEP_INPUT] = "input",
		[SIM_STEP_FORWARD] = "forward",	 [SIM_STEP_OUTPUT] = "output",
		[SIM_STEP_ACCT_OUT] = "acct_out", [SIM_STEP_MASQUERADE] = "masq",
		[SIM_STEP_DEMASQUERADE] = "demasq", [SIM_STEP_MASQ_ICMP] = "masq_icmp",
		[SIM_STEP_ICMP_SEND] = "icmp",	 [SIM_STEP_XMIT] = "xmit",
		[SIM_STEP_DELIVER] = "deliver",	 [SIM_STEP_DROP] = "drop",
	};

	return name[step];
}

static void event_write(void *ctx, const struct sim_event *ev)
{
	struct host *h = ctx;
	struct fw_text *t = &h->trace;

	if (ev->step == SIM_STEP_TRACK || ev->step == SIM_STEP_STORE)
		return;
	if (t->len)
		fw_text_char(t, ' ');
	fw_text_str(t, step_name(ev->step));
	if (ev->step == SIM_STEP_ICMP_SEND) {
		fw_text_dec(t, ev->icmp_type);
		fw_text_char(t, '/');
		fw_text_dec(t, ev->icmp_code);
	} else if (ev->dev) {
		fw_text_char(t, '@');
		fw_text_strn(t, ev->dev->name, FW_IFNAMSIZ);
	}
	if (ev->step == SIM_STEP_DROP) {
		fw_text_char(t, '=');
		fw_text_dec(t, ev->reason);
		h->loops += ev->reason == SIM_DROP_LOOP;
	}
}

static struct host *host_new(void)
{
	struct host *h = calloc(1, sizeof(*h));
	int i;

	assert_non_null(h);
	for (i = 0; i < FW_LISTS; i++) {
		h->rules.list[i].policy = FW_POLICY_ACCEPT;
		h->rules.list[i].slots = &h->slots[i];
		h->rules.list[i].cap = 1;
	}
	h->rules.timeouts = (struct fw_timeouts){ 900, 120, 300 };
	assert_int_equal(sim_tracker_init(&h->tracker, 16, 16, 4, 4), 0);
	h->sim = (struct sim_host){
		.rules = &h->rules, .track = &h->tracker.table.track, .count = true,
		.routes = { .dev = devs, .count = FW_COUNT(devs), .gateway = GATEWAY },
		.on_event = event_write, .ctx = h,
	};
	return h;
}

static void host_free(struct host *h)
{
	sim_tracker_free(&h->tracker);
	free(h);
}

static struct fw_packet udp(__u32 saddr, __u32 daddr)
{
	return (struct fw_packet){
		.saddr = saddr, .daddr = daddr, .proto = FW_PROTO_UDP, .ttl = 64,
		.sport = 1024, .dport = 53, .len = 28,
	};
}

static void assert_received(struct host *h, struct fw_packet pkt, const struct fw_dev *dev,
			    const char *want)
{
	fw_text_init(&h->trace, h->buf, sizeof(h->buf));
	sim_host_receive(&h->sim, &pkt, NULL, dev);
	assert_string_equal(h->buf, want);
}

static void assert_sent(struct host *h, struct fw_packet pkt, bool queued, int result,
			const char *want)
{
	fw_text_init(&h->trace, h->buf, sizeof(h->buf));
	assert_int_equal(sim_host_send(&h->sim, &pkt, NULL, queued), result);
	assert_string_equal(h->buf, want);
}

static void what_is_local(void **state)
{
	static const __u32 own[] = { 0, 0xffffffff, LO, 0x7fffffff, ETH0, ETH0 - 1, ALIAS,
				     0xc0a801ff, PPP0, PPP0 - 1, PPP0 + 2, 0xe0000001,
				     0xefffffff };
	static const __u32 foreign[] = { INNER, GATEWAY, FAR, 0xf0000001, 0xc0a803ff, 1 };
	struct host *h = host_new();
	size_t i;

	(void)state;
	for (i = 0; i < FW_COUNT(own); i++)
		assert_int_not_equal(sim_addr_kind(&h->sim.routes, own[i]), SIM_ADDR_FOREIGN);
	for (i = 0; i < FW_COUNT(foreign); i++)
		assert_int_equal(sim_addr_kind(&h->sim.routes, foreign[i]), SIM_ADDR_FOREIGN);
	host_free(h);
}

static const struct fw_dev *route_of(const struct host *h, __u32 daddr)
{
	__u32 hop;

	return sim_route(&h->sim.routes, daddr, &hop);
}

static void routes(void **state)
{
	struct host *h = host_new();

	(void)state;
	assert_ptr_equal(route_of(h, INNER), DEV_ETH0);
	assert_ptr_equal(route_of(h, GATEWAY), DEV_PPP0);
	assert_ptr_equal(route_of(h, FAR), DEV_PPP0);
	assert_ptr_equal(route_of(h, PPP0), &devs[0]);
	assert_ptr_equal(route_of(h, 0x7f010203), &devs[0]);
	assert_ptr_equal(route_of(h, 0xc0a801ff), DEV_ETH0);
	h->sim.routes.gateway = 0;
	assert_null(route_of(h, FAR));
	h->sim.routes.gateway = 0x01010101;
	assert_null(route_of(h, FAR));
	h->sim.routes.count = 0;
	assert_null(route_of(h, ETH0));
	host_free(h);
}

/* in either order of the devices; one without a network takes no part */
static void the_smallest_network_is_the_way(void **state)
{
	static const struct fw_dev wide_first[] = {
		{ "none", 0, 0 },
		{ "wide", 0x0a000001, 0xff000000 },
		{ "near", 0x0a010001, 0xffff0000 },
		{ "last", 0x0a020001, 0xff000000 },
	};
	struct host *h = host_new();

	(void)state;
	h->sim.routes.dev = wide_first;
	h->sim.routes.count = FW_COUNT(wide_first);
	h->sim.routes.gateway = 0;
	assert_ptr_equal(route_of(h, 0x0a010203), &wide_first[2]);
	assert_ptr_equal(route_of(h, 0x0a030203), &wide_first[1]);
	assert_null(route_of(h, FAR));
	host_free(h);
}

static void no_route(void **state)
{
	struct host *h = host_new();

	(void)state;
	h->sim.routes.gateway = 0;
	assert_sent(h, udp(ETH0, FAR), false, -ENETUNREACH, "drop=2");
	assert_sent(h, udp(ETH0, FAR), true, -ENETUNREACH, "drop=2");
	assert_received(h, udp(INNER, FAR), DEV_ETH0,
			"acct_in@eth0 input@eth0 drop@eth0=2 icmp3/0 "
			"output@eth0 acct_out@eth0 xmit@eth0");
	host_free(h);
}

static void what_goes_out_by_lo_comes_in(void **state)
{
	struct host *h = host_new();

	(void)state;
	assert_sent(h, udp(ETH0, PPP0), false, 0,
		    "output@lo acct_out@lo xmit@lo acct_in@lo input@lo demasq@lo deliver@lo");
	h->rules.list[FW_INPUT].policy = FW_POLICY_REJECT;
	/* the error about it is our own too, and is itself rejected in silence */
	assert_sent(h, udp(ETH0, PPP0), false, 0,
		    "output@lo acct_out@lo xmit@lo acct_in@lo input@lo drop@lo=0 icmp3/3 "
		    "output@lo acct_out@lo xmit@lo acct_in@lo input@lo drop@lo=0 icmp3/3");
	h->rules.list[FW_OUTPUT].policy = FW_POLICY_REJECT;
	assert_sent(h, udp(ETH0, PPP0), false, -EPERM, "output@lo drop@lo=0");
	assert_sent(h, udp(ETH0, PPP0), true, 0, "output@lo drop@lo=0");
	host_free(h);
}

/* The error about a masqueraded packet finds its way to the inner host. */
static void output_reject_reaches_who_is_masqueraded(void **state)
{
	struct host *h = host_new();

	(void)state;
	h->rules.list[FW_FORWARD].policy = FW_POLICY_MASQ;
	h->rules.list[FW_OUTPUT].count = 1;
	h->slots[FW_OUTPUT] = (struct fw_rule){
		.flags = FW_KIND_UDP | FW_POLICY_REJECT, .tosand = 0xff
	};
	assert_received(h, udp(INNER, FAR), DEV_ETH0,
			"acct_in@eth0 input@eth0 forward@ppp0 masq@ppp0 output@ppp0 "
			"drop@ppp0=0 icmp3/1 output@lo acct_out@lo xmit@lo "
			"acct_in@lo input@lo demasq@lo output@eth0 acct_out@eth0 xmit@eth0");
	host_free(h);
}

static void broadcasts_are_heard_by_their_sender(void **state)
{
	struct host *h = host_new();

	(void)state;
	assert_sent(h, udp(ETH0, 0xc0a801ff), false, 0,
		    "output@eth0 acct_out@eth0 output@lo acct_out@lo xmit@lo xmit@eth0 "
		    "acct_in@lo input@lo demasq@lo deliver@lo");
	/* no answers to them */
	h->rules.list[FW_INPUT].policy = FW_POLICY_REJECT;
	assert_received(h, udp(INNER, 0xc0a801ff), DEV_ETH0,
			"acct_in@eth0 input@eth0 drop@eth0=0 icmp3/3");
	assert_received(h, udp(INNER, 0xe0000001), DEV_ETH0,
			"acct_in@eth0 input@eth0 drop@eth0=0 icmp3/3");
	host_free(h);
}

static void input_sees_the_alias(void **state)
{
	const struct fw_dev longest = { "eth0567890123456", ETH0, 0xffffff00 };
	struct host *h = host_new();

	(void)state;
	assert_received(h, udp(INNER, ALIAS), DEV_ETH0,
			"acct_in@eth0 input@eth0:1 demasq@eth0:1 deliver@eth0:1");
	assert_received(h, udp(GATEWAY, ALIAS), DEV_PPP0,
			"acct_in@ppp0 input@ppp0 demasq@ppp0 deliver@ppp0");
	assert_received(h, udp(INNER, ALIAS), &longest,
			"acct_in@eth0567890123456 input@eth0567890123456 "
			"demasq@eth0567890123456 deliver@eth0567890123456");
	host_free(h);
}

static void forwarding_can_be_off(void **state)
{
	struct host *h = host_new();
	struct fw_packet answer = udp(FAR, PPP0);

	(void)state;
	h->rules.list[FW_FORWARD].policy = FW_POLICY_MASQ;
	assert_received(h, udp(INNER, FAR), DEV_ETH0,
			"acct_in@eth0 input@eth0 forward@ppp0 masq@ppp0 output@ppp0 "
			"acct_out@ppp0 xmit@ppp0");
	h->sim.no_forwarding = true;
	assert_received(h, udp(INNER, FAR), DEV_ETH0,
			"acct_in@eth0 input@eth0 drop@eth0=4");
	/* but answers to those masqueraded pass, as in 2.0 */
	answer.sport = 53;
	answer.dport = 61000;
	assert_received(h, answer, DEV_PPP0,
			"acct_in@ppp0 input@ppp0 demasq@ppp0 output@eth0 acct_out@eth0 "
			"xmit@eth0");
	host_free(h);
}

static void errors_from_inside_skip_the_forward_list(void **state)
{
	struct host *h = host_new();
	struct fw_packet error = {
		.saddr = INNER, .daddr = FAR, .proto = FW_PROTO_ICMP, .ttl = 64, .len = 56,
		.icmp_type = FW_ICMP_UNREACH,
		.quote = { .proto = FW_PROTO_UDP, .saddr = FAR, .sport = 53,
			   .daddr = INNER, .dport = 1024 },
	};

	(void)state;
	assert_received(h, error, DEV_ETH0,
			"acct_in@eth0 input@eth0 masq_icmp@ppp0 forward@ppp0 output@ppp0 "
			"acct_out@ppp0 xmit@ppp0");
	h->rules.list[FW_FORWARD].policy = FW_POLICY_MASQ;
	assert_received(h, udp(INNER, FAR), DEV_ETH0,
			"acct_in@eth0 input@eth0 forward@ppp0 masq@ppp0 output@ppp0 "
			"acct_out@ppp0 xmit@ppp0");
	assert_received(h, error, DEV_ETH0,
			"acct_in@eth0 input@eth0 masq_icmp@ppp0 output@ppp0 acct_out@ppp0 "
			"xmit@ppp0");
	host_free(h);
}

static void kept_connections_stay_masqueraded(void **state)
{
	struct host *h = host_new();
	struct fw_packet pkt = udp(INNER, FAR);

	(void)state;
	h->rules.list[FW_FORWARD].policy = FW_POLICY_MASQ;
	assert_received(h, pkt, DEV_ETH0,
			"acct_in@eth0 input@eth0 forward@ppp0 masq@ppp0 output@ppp0 "
			"acct_out@ppp0 xmit@ppp0");
	h->rules.list[FW_FORWARD].policy = FW_POLICY_DENY;
	pkt.kept = true;
	assert_received(h, pkt, DEV_ETH0,
			"acct_in@eth0 input@eth0 forward@ppp0 masq@ppp0 output@ppp0 "
			"acct_out@ppp0 xmit@ppp0");
	pkt.sport++;
	assert_received(h, pkt, DEV_ETH0,
			"acct_in@eth0 input@eth0 forward@ppp0 output@ppp0 acct_out@ppp0 "
			"xmit@ppp0");
	host_free(h);
}

static void what_cannot_be_masqueraded_is_dropped(void **state)
{
	struct host *h = host_new();
	struct fw_packet pkt = udp(INNER, FAR);

	(void)state;
	h->rules.list[FW_FORWARD].policy = FW_POLICY_MASQ;
	pkt.proto = 47;
	assert_received(h, pkt, DEV_ETH0,
			"acct_in@eth0 input@eth0 forward@ppp0 masq@ppp0 drop@ppp0=3");
	/* a host without a table does not masquerade */
	h->sim.track = NULL;
	assert_received(h, pkt, DEV_ETH0,
			"acct_in@eth0 input@eth0 forward@ppp0 output@ppp0 acct_out@ppp0 "
			"xmit@ppp0");
	host_free(h);
}

static void redirecting_elsewhere_than_in_input(void **state)
{
	struct host *h = host_new();
	int i;

	(void)state;
	for (i = 0; i < FW_LISTS; i++)
		h->slots[i] = (struct fw_rule){ .flags = FW_ACCEPT | FW_REDIR, .pts = { 80 },
						.tosand = 0xff };
	h->rules.list[FW_FORWARD].count = 1;
	assert_received(h, udp(INNER, FAR), DEV_ETH0,
			"acct_in@eth0 input@eth0 forward@ppp0 drop@ppp0=0");
	h->rules.list[FW_OUTPUT].count = 1;
	assert_sent(h, udp(ETH0, INNER), false, 0, "output@eth0 acct_out@eth0 xmit@eth0");
	h->rules.list[FW_INPUT].count = 1;
	assert_received(h, udp(INNER, FAR), DEV_ETH0,
			"acct_in@eth0 input@eth0 demasq@eth0 deliver@eth0");
	host_free(h);
}

static void counters_are_left_alone_if_asked(void **state)
{
	struct host *h = host_new();
	int i;

	(void)state;
	for (i = 0; i < FW_LISTS; i++) {
		h->slots[i] = (struct fw_rule){ .flags = FW_ACCEPT, .tosand = 0xff };
		h->rules.list[i].count = 1;
	}
	h->sim.count = false;
	assert_received(h, udp(INNER, FAR), DEV_ETH0,
			"acct_in@eth0 input@eth0 forward@ppp0 output@ppp0 acct_out@ppp0 "
			"xmit@ppp0");
	for (i = 0; i < FW_LISTS; i++)
		assert_int_equal(h->slots[i].pcnt, 0);
	h->sim.count = true;
	assert_received(h, udp(INNER, FAR), DEV_ETH0,
			"acct_in@eth0 input@eth0 forward@ppp0 output@ppp0 acct_out@ppp0 "
			"xmit@ppp0");
	for (i = 0; i < FW_LISTS; i++)
		assert_int_equal(h->slots[i].pcnt, i == FW_ACCT ? 2 : 1);
	host_free(h);
}

/* An entry that translates an own address to itself would go round for ever. */
static void going_round_ends(void **state)
{
	struct host *h = host_new();
	const struct fw_entry like = {
		.proto = FW_PROTO_UDP, .saddr = PPP0, .sport = 61000, .maddr = PPP0,
		.daddr = PPP0, .dport = 1024, .masq = FW_CONN_NO_DADDR,
	};
	struct fw_packet pkt = udp(PPP0, PPP0);

	(void)state;
	assert_non_null(fw_masq_add(&h->tracker.table.track, &like, 0));
	pkt.dport = 61000;
	pkt.ttl = 0;	/* 255 hops */
	fw_text_init(&h->trace, h->buf, sizeof(h->buf));
	assert_int_equal(sim_host_send(&h->sim, &pkt, NULL, false), 0);
	assert_int_equal(h->loops, 1);
	host_free(h);
}

/* Packets of our own are numbered, whether or not they leave. */
static void ids_count_up(void **state)
{
	struct host *h = host_new();

	(void)state;
	h->sim.next_id = 65535;
	assert_sent(h, udp(ETH0, INNER), false, 0, "output@eth0 acct_out@eth0 xmit@eth0");
	assert_int_equal(h->sim.next_id, 0);
	h->rules.list[FW_OUTPUT].policy = FW_POLICY_DENY;
	assert_sent(h, udp(ETH0, INNER), true, 0, "output@eth0 drop@eth0=0");
	assert_int_equal(h->sim.next_id, 1);
	host_free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_local),
		cmocka_unit_test(routes),
		cmocka_unit_test(the_smallest_network_is_the_way),
		cmocka_unit_test(no_route),
		cmocka_unit_test(what_goes_out_by_lo_comes_in),
		cmocka_unit_test(output_reject_reaches_who_is_masqueraded),
		cmocka_unit_test(broadcasts_are_heard_by_their_sender),
		cmocka_unit_test(input_sees_the_alias),
		cmocka_unit_test(forwarding_can_be_off),
		cmocka_unit_test(errors_from_inside_skip_the_forward_list),
		cmocka_unit_test(kept_connections_stay_masqueraded),
		cmocka_unit_test(what_cannot_be_masqueraded_is_dropped),
		cmocka_unit_test(redirecting_elsewhere_than_in_input),
		cmocka_unit_test(counters_are_left_alone_if_asked),
		cmocka_unit_test(going_round_ends),
		cmocka_unit_test(ids_count_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
