// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sim-helper.c - helpers of masqueraded connections: what a client says of itself is
 * rewritten, both ends keep their own sequence numbers, and what was announced comes in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "backend/sim/host.h"
#include "backend/sim/tracker.h"
#include "kmod/core/adjust.h"

#define CLIENT 0x0a000002	/* 10.0.0.2 */
#define SERVER 0xc6336407
#define OTHER 0xc6336408
#define MASQ 0xcb007105	/* 203.0.113.5 */
#define FIRST FW_MASQ_PORT_FIRST	/* 61000 is 238,72 */

static const struct fw_dev devs[] = {
	{ "lo", 0x7f000001, 0xff000000 },
	{ "eth0", 0x0a000001, 0xffffff00 },
	{ "ppp0", MASQ, 0xffffffff },
};

/* a host that masquerades, and what left it last */
struct world {
	struct fw_ruleset rules;
	struct fw_rule rule;
	struct sim_tracker tracker;
	struct sim_host host;
	bool left, delivered;
	struct fw_packet pkt;
	struct fw_track_packet view;
	char text[256];
	__u8 state;	/* of the last packet */
};

static void event_note(void *ctx, const struct sim_event *ev)
{
	struct world *w = ctx;

	if (ev->step == SIM_STEP_TRACK)
		w->state = ev->seen->state;
	w->delivered |= ev->step == SIM_STEP_DELIVER;
	if (ev->step != SIM_STEP_XMIT)
		return;
	w->left = true;
	w->pkt = *ev->pkt;
	w->view = *ev->view;
	if (ev->view->payload)
		memcpy(w->text, ev->view->payload, ev->view->payload_len);
	w->text[ev->view->payload_len] = '\0';
}

/* So many connections can have changed texts. */
static struct world *world_new(__u8 helper, __u16 helps)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	assert_int_equal(sim_tracker_init(&w->tracker, 16, 16, 8, helps + 1), 0);
	for (int i = 0; i < FW_LISTS; i++)
		w->rules.list[i].policy = FW_POLICY_ACCEPT;
	w->rule = (struct fw_rule){.flags = FW_ACCEPT | FW_MASQ, .tosand = 0xff,
				   .helper = helper};
	w->rules.list[FW_FORWARD].slots = &w->rule;
	w->rules.list[FW_FORWARD].count = w->rules.list[FW_FORWARD].cap = 1;
	w->rules.timeouts = (struct fw_timeouts){ 900, 120, 300 };
	w->host = (struct sim_host){
		.rules = &w->rules, .track = &w->tracker.table.track,
		.routes = { .dev = devs, .count = FW_COUNT(devs), .gateway = MASQ },
		.on_event = event_note, .ctx = w,
	};
	return w;
}

static void world_free(struct world *w)
{
	sim_tracker_free(&w->tracker);
	free(w);
}

/* One packet with a text. */
static void receive(struct world *w, struct fw_packet pkt, struct fw_track_packet view,
		    const char *text, __u32 len)
{
	view.key = (struct fw_key){ pkt.saddr, pkt.daddr, pkt.sport, pkt.dport, pkt.proto, 0 };
	view.has_key = true;
	view.tcpflags = pkt.tcpflags;
	view.win = 8192;
	view.payload = (const __u8 *)text;
	view.payload_len = len;
	pkt.ttl = 64;
	pkt.len = (__u16)(40 + len);
	view.total = pkt.len;
	w->left = w->delivered = false;
	w->state = 0;
	sim_host_receive(&w->host, &pkt, &view,
			 pkt.saddr == CLIENT ? &devs[1] : &devs[2]);
}

static void datagram(struct world *w, __u32 saddr, __u16 sport, __u32 daddr, __u16 dport,
		     const char *text, __u32 len)
{
	receive(w, (struct fw_packet){.saddr = saddr, .daddr = daddr, .sport = sport,
				      .dport = dport, .proto = FW_PROTO_UDP},
		(struct fw_track_packet){ 0 }, text, len);
}

/* Two ends, each with the numbers that it has sent and that it has received. */
struct end {
	__u32 addr, peer_addr;
	__u16 port, peer_port;
	__u32 sent, received;
};

struct talk {
	struct world *w;
	struct end end[2];
};

/*
 * An end sends a segment, which must arrive with the numbers that the other end expects;
 * the other end learns who has sent it.  again: it repeats its last one.
 */
static void say(struct talk *t, unsigned int from, __u8 flags, const char *text)
{
	struct end *me = &t->end[from], *peer = &t->end[!from];
	struct world *w = t->w;
	bool syn = flags & FW_TCP_SYN;

	receive(w, (struct fw_packet){.saddr = me->addr, .daddr = me->peer_addr,
				      .sport = me->port, .dport = me->peer_port,
				      .proto = FW_PROTO_TCP, .tcpflags = flags},
		(struct fw_track_packet){.seq = me->sent, .ack = me->received}, text,
		(__u32)strlen(text));
	assert_true(w->left);
	if (flags & FW_TCP_ACK) {
		assert_int_equal(w->view.seq, syn ? w->view.seq : peer->received);
		assert_int_equal(w->view.ack, peer->sent);
	}
	me->sent += (__u32)strlen(text) + syn;
	peer->received = w->view.seq + w->view.payload_len + syn;
	peer->peer_addr = w->pkt.saddr;
	peer->peer_port = w->pkt.sport;
}

static void handshake(struct talk *t, unsigned int from)
{
	say(t, from, FW_TCP_SYN, "");
	t->end[!from].peer_addr = t->w->pkt.saddr;
	say(t, !from, FW_TCP_SYN | FW_TCP_ACK, "");
	assert_int_equal(t->w->state, FW_STATE_ESTABLISHED);
	say(t, from, FW_TCP_ACK, "");
	assert_int_equal(t->w->state, FW_STATE_ESTABLISHED);
}

/* The client has a control connection to that port. */
static struct talk talk_begin(struct world *w, __u16 port)
{
	struct talk t = {.w = w, .end = {
		{ CLIENT, SERVER, 1025, port, 1000, 0 },
		{ SERVER, 0, port, 0, 0xfffffff0, 0 },
	}};

	handshake(&t, 0);
	say(&t, 1, FW_TCP_ACK, "220 ready\r\n");
	say(&t, 0, FW_TCP_ACK, "USER x\r\n");
	say(&t, 1, FW_TCP_ACK, "331 yes\r\n");
	return t;
}

static void command(struct talk *t, const char *text, const char *leaves)
{
	say(t, 0, FW_TCP_ACK, text);
	assert_string_equal(t->w->text, leaves);
	say(t, 1, FW_TCP_ACK, "200 fine\r\n");
	assert_int_equal(t->w->state, FW_STATE_ESTABLISHED);
}

/* The server connects to what was announced, and both talk. */
static void announced_comes_in(struct world *w, __u32 from, __u16 port, __u16 inner)
{
	struct talk data = {.w = w, .end = {
		{ CLIENT, 0, inner, 0, 70, 0 }, { from, MASQ, 20, port, 90, 0 },
	}};

	say(&data, 1, FW_TCP_SYN, "");
	assert_int_equal(w->state, FW_STATE_RELATED);
	assert_int_equal(w->pkt.daddr, CLIENT);
	assert_int_equal(w->pkt.dport, inner);
	say(&data, 0, FW_TCP_SYN | FW_TCP_ACK, "");
	assert_int_equal(w->state, FW_STATE_ESTABLISHED);
	assert_int_equal(w->pkt.saddr, MASQ);
	assert_int_equal(w->pkt.sport, port);
	say(&data, 1, FW_TCP_ACK, "a page");
	say(&data, 0, FW_TCP_ACK | FW_TCP_FIN, "");
	assert_int_equal(w->state, FW_STATE_ESTABLISHED);
}

static void port_is_rewritten(void **state)
{
	struct world *w = world_new(0, 4);
	struct talk t = talk_begin(w, 21);

	(void)state;
	command(&t, "PORT 10,0,0,2,19,137\r\n", "PORT 203,0,113,5,238,73\r\n");
	announced_comes_in(w, SERVER, FIRST + 1, 5001);
	/* shorter, longer, and the other command; numbers differ by the sum */
	command(&t, "port 10,0,0,2,000000019,000000000000138\r\n",
		"port 203,0,113,5,238,74\r\n");
	announced_comes_in(w, SERVER, FIRST + 2, 5002);
	command(&t, "EPRT !1!10.0.0.2!5003!\r\n", "EPRT !1!203.0.113.5!61003!\r\n");
	announced_comes_in(w, SERVER, FIRST + 3, 5003);
	/* from the ports of the first, which the server has not closed */
	command(&t, "PORT 10,0,0,2,19,137\r\n", "PORT 203,0,113,5,238,76\r\n");
	announced_comes_in(w, SERVER, FIRST + 4, 5001);
	command(&t, "NOOP\r\n", "NOOP\r\n");
	world_free(w);
}

/*
 * To the inner end a connection from the ports of an earlier one is that, whose numbers it
 * answers with; the server resets that, and begins again.
 */
static void inner_end_remembers_an_earlier_connection(void **state)
{
	struct world *w = world_new(0, 4);
	struct talk t = talk_begin(w, 21);
	struct talk data = {.w = w, .end = {
		{ CLIENT, 0, 5001, 0, 5000, 4000 }, { SERVER, MASQ, 20, FIRST + 2, 90, 5000 },
	}};

	(void)state;
	command(&t, "PORT 10,0,0,2,19,137\r\n", "PORT 203,0,113,5,238,73\r\n");
	announced_comes_in(w, SERVER, FIRST + 1, 5001);
	command(&t, "PORT 10,0,0,2,19,137\r\n", "PORT 203,0,113,5,238,74\r\n");
	say(&data, 1, FW_TCP_SYN, "");
	assert_int_equal(w->state, FW_STATE_RELATED);
	data.end[0].received = data.end[1].sent = 4000;
	say(&data, 0, FW_TCP_ACK, "");
	assert_int_equal(w->pkt.sport, FIRST + 2);
	say(&data, 1, FW_TCP_RST, "");
	w->host.now += FW_TRACK_HZ;
	data.end[0].sent = 70;
	data.end[1].sent = 90;
	say(&data, 1, FW_TCP_SYN, "");
	assert_int_equal(w->state, FW_STATE_RELATED);
	assert_int_equal(w->pkt.dport, 5001);
	say(&data, 0, FW_TCP_SYN | FW_TCP_ACK, "");
	assert_int_equal(w->pkt.sport, FIRST + 2);
	say(&data, 1, FW_TCP_ACK, "a page");
	/* it has come about: a reset ends it, as in 2.0 */
	say(&data, 1, FW_TCP_RST | FW_TCP_ACK, "");
	w->host.now += FW_TRACK_HZ;
	receive(w, (struct fw_packet){.saddr = SERVER, .daddr = MASQ, .sport = 20,
				      .dport = FIRST + 2, .proto = FW_PROTO_TCP,
				      .tcpflags = FW_TCP_SYN},
		(struct fw_track_packet){ .seq = 900 }, "", 0);
	assert_false(w->left);
	world_free(w);
}

static void a_repeated_command_is_the_same(void **state)
{
	struct world *w = world_new(0, 4);
	struct talk t = talk_begin(w, 21);
	struct end client = t.end[0];
	__u32 received = t.end[1].received;

	(void)state;
	say(&t, 0, FW_TCP_ACK, "PORT 10,0,0,2,19,137\r\n");
	t.end[0] = client;
	t.end[1].received = received;
	command(&t, "PORT 10,0,0,2,19,137\r\n", "PORT 203,0,113,5,238,73\r\n");
	assert_int_equal(w->tracker.table.track.count, 2);
	command(&t, "NOOP\r\n", "NOOP\r\n");
	announced_comes_in(w, SERVER, FIRST + 1, 5001);
	world_free(w);
}

static void only_the_server_comes_in(void **state)
{
	struct world *w = world_new(0, 4);
	struct talk t = talk_begin(w, 21);
	struct talk data = {.w = w, .end = {
		{ CLIENT, 0, 5001, 0, 70, 0 }, { OTHER, MASQ, 20, FIRST + 1, 90, 0 },
	}};

	(void)state;
	command(&t, "PORT 10,0,0,2,19,137\r\n", "PORT 203,0,113,5,238,73\r\n");
	receive(w, (struct fw_packet){.saddr = data.end[1].addr, .daddr = MASQ, .sport = 20,
				      .dport = FIRST + 1, .proto = FW_PROTO_TCP,
				      .tcpflags = FW_TCP_SYN},
		(struct fw_track_packet){ 0 }, "", 0);
	assert_false(w->left);
	assert_int_equal(w->state, FW_STATE_NEW);
	/* and not when its time is over */
	w->host.now += 300 * FW_TRACK_HZ;
	receive(w, (struct fw_packet){.saddr = SERVER, .daddr = MASQ, .sport = 20,
				      .dport = FIRST + 1, .proto = FW_PROTO_TCP,
				      .tcpflags = FW_TCP_SYN},
		(struct fw_track_packet){ 0 }, "", 0);
	assert_false(w->left);
	assert_int_equal(w->state, FW_STATE_NEW);
	world_free(w);
}

static void what_is_left_alone(void **state)
{
	struct world *w = world_new(0, 4);
	struct talk t = talk_begin(w, 21);

	(void)state;
	/* a third party; a number that is none; an address that has left already */
	command(&t, "PORT 10,0,0,3,19,137\r\n", "PORT 10,0,0,3,19,137\r\n");
	command(&t, "PORT 10,0,0,2,19,256\r\n", "PORT 10,0,0,2,19,256\r\n");
	say(&t, 0, FW_TCP_ACK, "PORT 10,0,");
	command(&t, "0,2,19,137\r\n", "0,2,19,137\r\n");
	assert_int_equal(w->tracker.table.track.count, 1);
	/* the word alone may leave */
	say(&t, 0, FW_TCP_ACK, "POR");
	command(&t, "T 10,0,0,2,19,137\r\n", "T 203,0,113,5,238,73\r\n");
	announced_comes_in(w, SERVER, FIRST + 1, 5001);
	world_free(w);
}

static void passive_is_related(void **state)
{
	struct world *w = world_new(0, 4);
	struct talk t = talk_begin(w, 21);
	struct talk data = {.w = w, .end = {
		{ CLIENT, SERVER, 1026, 5001, 70, 0 }, { SERVER, 0, 5001, 0, 90, 0 },
	}};

	(void)state;
	command(&t, "PASV\r\n", "PASV\r\n");
	say(&t, 1, FW_TCP_ACK, "227 (198,51,100,7,19,137)\r\n");
	assert_string_equal(w->text, "227 (198,51,100,7,19,137)\r\n");
	say(&data, 0, FW_TCP_SYN, "");
	assert_int_equal(w->state, FW_STATE_RELATED);
	assert_int_equal(w->pkt.sport, FIRST + 1);
	/* also from the ports of one that has closed */
	say(&data, 1, FW_TCP_SYN | FW_TCP_ACK, "");
	say(&data, 0, FW_TCP_ACK, "");
	say(&data, 0, FW_TCP_ACK | FW_TCP_FIN, "");
	data.end[0].sent++;
	data.end[1].received++;
	say(&data, 1, FW_TCP_ACK | FW_TCP_FIN, "");
	data.end[1].sent++;
	data.end[0].received++;
	say(&data, 0, FW_TCP_ACK, "");
	command(&t, "PASV\r\n", "PASV\r\n");
	say(&t, 1, FW_TCP_ACK, "227 (198,51,100,7,19,137)\r\n");
	say(&data, 0, FW_TCP_SYN, "");
	assert_int_equal(w->state, FW_STATE_RELATED);
	assert_int_equal(w->pkt.sport, FIRST + 1);
	say(&data, 0, FW_TCP_SYN, "");
	assert_int_equal(w->state, FW_STATE_RELATED);
	world_free(w);
}

/* No rule masquerades its data: it is kept, as its master is, and masqueraded so. */
static void passive_is_kept(void **state)
{
	struct world *w = world_new(FW_HELPER_FTP, 4);
	struct talk t, data = {.w = w, .end = {
		{ CLIENT, SERVER, 1026, 5001, 70, 0 }, { SERVER, 0, 5001, 0, 90, 0 },
	}};

	(void)state;
	w->rule.keep_state = 1;
	t = talk_begin(w, 21);
	w->rules.list[FW_FORWARD].policy = FW_POLICY_DENY;
	w->rules.list[FW_FORWARD].count = 0;
	command(&t, "PASV\r\n", "PASV\r\n");
	say(&t, 1, FW_TCP_ACK, "227 (198,51,100,7,19,137)\r\n");
	say(&data, 0, FW_TCP_SYN, "");
	assert_true(w->left);
	assert_int_equal(w->pkt.saddr, MASQ);
	assert_int_equal(w->pkt.sport, FIRST + 1);
	world_free(w);
}

static void what_cannot_be_rewritten_is_dropped(void **state)
{
	struct world *w = world_new(0, 1);
	struct talk t = talk_begin(w, 21);

	(void)state;
	*fw_masq_used(w->host.track, FW_PROTO_TCP) = FW_MASQ_MAX;
	receive(w, (struct fw_packet){.saddr = CLIENT, .daddr = SERVER, .sport = 1025,
				      .dport = 21, .proto = FW_PROTO_TCP,
				      .tcpflags = FW_TCP_ACK},
		(struct fw_track_packet){.seq = t.end[0].sent, .ack = t.end[0].received},
		"PORT 10,0,0,2,19,137\r\n", 22);
	assert_false(w->left);
	*fw_masq_used(w->host.track, FW_PROTO_TCP) = 1;
	command(&t, "PORT 10,0,0,2,19,137\r\n", "PORT 203,0,113,5,238,73\r\n");
	world_free(w);
}

static void dcc_comes_from_anyone(void **state)
{
	struct world *w = world_new(0, 4);
	struct talk t = talk_begin(w, 6667);

	(void)state;
	command(&t, "PRIVMSG x :\1DCC SEND f 167772162 5001\1\r\n",
		"PRIVMSG x :\1DCC SEND f 3405803781 61001\1\r\n");
	announced_comes_in(w, OTHER, FIRST + 1, 5001);
	command(&t, "PING\r\n", "PING\r\n");
	world_free(w);
}

static void real_audio_names_ports(void **state)
{
	static const char hello[] = "PNA\0\12" "\0\1\0\2\33\131" "\0\7\0\2\33\132";
	struct world *w = world_new(0, 4);
	struct talk t = talk_begin(w, 7070);

	(void)state;
	receive(w, (struct fw_packet){.saddr = CLIENT, .daddr = SERVER, .sport = 1025,
				      .dport = 7070, .proto = FW_PROTO_TCP,
				      .tcpflags = FW_TCP_ACK},
		(struct fw_track_packet){.seq = t.end[0].sent, .ack = t.end[0].received},
		hello, sizeof(hello) - 1);
	assert_true(w->left);
	assert_memory_equal(w->text, "PNA\0\12" "\0\1\0\2\356\111" "\0\7\0\2\356\112",
			    sizeof(hello) - 1);
	datagram(w, SERVER, 9000, MASQ, FIRST + 2, "sound", 5);
	assert_int_equal(w->state, FW_STATE_RELATED);
	assert_int_equal(w->pkt.daddr, CLIENT);
	assert_int_equal(w->pkt.dport, 7002);
	world_free(w);
}

static void tftp_is_answered_from_another_port(void **state)
{
	struct world *w = world_new(FW_HELPER_TFTP, 4);

	(void)state;
	datagram(w, CLIENT, 1025, SERVER, 69, "\0\1f", 3);
	assert_int_equal(w->pkt.sport, FIRST);
	datagram(w, SERVER, 3000, MASQ, FIRST, "\0\3", 2);
	assert_true(w->left);
	assert_int_equal(w->pkt.dport, 1025);
	assert_int_equal(w->state, FW_STATE_ESTABLISHED);
	datagram(w, CLIENT, 1025, SERVER, 3000, "\0\4", 2);
	assert_int_equal(w->pkt.sport, FIRST);
	assert_int_equal(w->state, FW_STATE_ESTABLISHED);
	/* nobody else may answer then */
	datagram(w, SERVER, 3001, MASQ, FIRST, "\0\3", 2);
	assert_false(w->left);
	world_free(w);
}

#define CUSEEME_CLIENTS 56
#define CUSEEME_CLIENT 12

static void put32(char *at, __u32 value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (char)(value >> (24 - 8 * i));
}

static __u32 get32(const char *at)
{
	__u32 value = 0;

	for (int i = 0; i < 4; i++)
		value = value << 8 | (__u8)at[i];
	return value;
}

/* A message of CU-SeeMe with room for three clients, of which count are valid. */
static __u32 cuseeme_make(char *text, __u32 to, __u32 from, __u8 kind, __u8 count)
{
	const __u32 len = CUSEEME_CLIENTS + 3 * CUSEEME_CLIENT;

	for (__u32 i = 0; i < len; i++)
		text[i] = (char)i;
	put32(text + 4, to);
	put32(text + 12, from);
	text[22] = text[26] = 0;
	text[23] = (char)kind;
	text[27] = (char)count;
	return len;
}

/* The last one has left with that text. */
static void cuseeme_left(const struct world *w, const char *expected, __u32 len)
{
	assert_true(w->left);
	assert_int_equal(w->view.payload_len, len);
	assert_memory_equal(w->text, expected, len);
}

static void cuseeme_names_the_client(void **state)
{
	struct world *w = world_new(0, 4);
	char text[256], leaves[256];
	__u32 len = cuseeme_make(text, SERVER, CLIENT, 101, 3);

	(void)state;
	/* the first message already; a list is the server's */
	put32(text + CUSEEME_CLIENTS, CLIENT);
	memcpy(leaves, text, len);
	put32(leaves + 12, MASQ);
	datagram(w, CLIENT, 7648, SERVER, 7648, text, len);
	assert_int_equal(w->state, FW_STATE_NEW);
	cuseeme_left(w, leaves, len);
	/* whole headers only */
	datagram(w, CLIENT, 7648, SERVER, 7648, text, 25);
	cuseeme_left(w, text, 25);
	datagram(w, CLIENT, 7648, SERVER, 7648, text, 26);
	cuseeme_left(w, leaves, 26);
	/* nobody stays nobody; another address was replaced, too */
	put32(text + 12, 0);
	datagram(w, CLIENT, 7648, SERVER, 7648, text, len);
	cuseeme_left(w, text, len);
	put32(text + 12, OTHER);
	datagram(w, CLIENT, 7648, SERVER, 7648, text, len);
	cuseeme_left(w, leaves, len);
	/* to another port it is no such message */
	datagram(w, CLIENT, 7648, SERVER, 7649, text, len);
	cuseeme_left(w, text, len);
	world_free(w);
}

/* An answer to the client, in which address n of the list is the masquerade's. */
static void cuseeme_answer(struct world *w, __u8 kind, __u8 count, __u32 len, unsigned int n,
			   bool is_changed)
{
	const __u32 at = CUSEEME_CLIENTS + n * CUSEEME_CLIENT;
	char text[256], leaves[256];

	cuseeme_make(text, MASQ, SERVER, kind, count);
	put32(text + at, MASQ);
	memcpy(leaves, text, sizeof(text));
	put32(leaves + 4, CLIENT);
	if (is_changed)
		put32(leaves + at, CLIENT);
	datagram(w, SERVER, 7648, MASQ, FIRST, text, len);
	assert_int_equal(w->pkt.daddr, CLIENT);
	cuseeme_left(w, leaves, len);
}

static void cuseeme_answers_name_the_client(void **state)
{
	const __u32 all = CUSEEME_CLIENTS + 3 * CUSEEME_CLIENT;
	struct world *w = world_new(0, 4);
	char text[256];
	__u32 len;

	(void)state;
	len = cuseeme_make(text, SERVER, CLIENT, 1, 0);
	datagram(w, CLIENT, 7648, SERVER, 7648, text, len);
	cuseeme_answer(w, 101, 3, all, 0, true);
	cuseeme_answer(w, 101, 3, all, 2, true);
	cuseeme_answer(w, 101, 255, all, 2, true);
	/* behind the list, cut off, in no list */
	cuseeme_answer(w, 101, 2, all, 2, false);
	cuseeme_answer(w, 101, 3, all - 1, 2, false);
	cuseeme_answer(w, 101, 3, CUSEEME_CLIENTS, 2, false);
	cuseeme_answer(w, 101, 3, CUSEEME_CLIENTS - 1, 2, false);
	cuseeme_answer(w, 100, 3, all, 0, false);
	/* the first one alone */
	len = cuseeme_make(text, MASQ, SERVER, 101, 3);
	put32(text + CUSEEME_CLIENTS, MASQ);
	put32(text + CUSEEME_CLIENTS + CUSEEME_CLIENT, MASQ);
	datagram(w, SERVER, 7648, MASQ, FIRST, text, len);
	assert_int_equal(get32(w->text + 4), CLIENT);
	assert_int_equal(get32(w->text + 12), SERVER);
	assert_int_equal(get32(w->text + CUSEEME_CLIENTS), CLIENT);
	assert_int_equal(get32(w->text + CUSEEME_CLIENTS + CUSEEME_CLIENT), MASQ);
	/* to nobody, a cut header; by another server */
	put32(text + 4, 0);
	datagram(w, SERVER, 7648, MASQ, FIRST, text, CUSEEME_CLIENTS);
	cuseeme_left(w, text, CUSEEME_CLIENTS);
	put32(text + 4, MASQ);
	datagram(w, SERVER, 7648, MASQ, FIRST, text, 25);
	cuseeme_left(w, text, 25);
	datagram(w, OTHER, 7648, MASQ, FIRST, text, len);
	cuseeme_left(w, text, len);
	world_free(w);
}

/* Edges of SACK blocks are acknowledgements; what is malformed is left alone. */
static void sack_edges_are_mapped(void **state)
{
	const struct fw_adjust a = { 1000, 0, 4 };
	__u8 options[] = { 1, 5, 10, 0, 0, 3, 0xe8, 0, 0, 4, 0x10, 5, 7, 1, 2, 3, 4, 9 };

	(void)state;
	fw_adjust_sack(&a, options, sizeof(options));
	assert_memory_equal(options, ((__u8[]){ 1, 5, 10, 0, 0, 3, 0xe8, 0, 0, 4, 0xc }), 11);
	assert_int_equal(options[17], 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(port_is_rewritten),
		cmocka_unit_test(inner_end_remembers_an_earlier_connection),
		cmocka_unit_test(a_repeated_command_is_the_same),
		cmocka_unit_test(only_the_server_comes_in),
		cmocka_unit_test(what_is_left_alone),
		cmocka_unit_test(passive_is_related),
		cmocka_unit_test(passive_is_kept),
		cmocka_unit_test(what_cannot_be_rewritten_is_dropped),
		cmocka_unit_test(dcc_comes_from_anyone),
		cmocka_unit_test(real_audio_names_ports),
		cmocka_unit_test(tftp_is_answered_from_another_port),
		cmocka_unit_test(cuseeme_names_the_client),
		cmocka_unit_test(cuseeme_answers_name_the_client),
		cmocka_unit_test(sack_edges_are_mapped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
