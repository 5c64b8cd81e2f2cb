// SPDX-License-Identifier: GPL-2.0-or-later
#include "kmod/core/track.h"
#include "tests/programs/state/scenario_kmod.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "backend/kmod/kmod.h"
#include "backend/kmod/kmod_track.h"
#include "backend/ruleset.h"
#include "kmod/core/packet.h"
#include "tests/lib/jsonl.h"
#include "tests/lib/namespace.h"
#include "tests/programs/state/scenario_text.h"

#define STATES 4 /* rules of a list: each state with the helper's port, then without */
#define CONNS 4096
#define PACKET 65536
#define OWN_MARK 1

static struct rig {
	int ns, tun[2], raw;
	bool open;
	struct backend backend;
	struct kmod_link link;
	unsigned long long seen[FW_LISTS][STATES]; /* packets counted so far */
} rig;

static const char *const tun_names[2] = {"in", "out"};

static const char setup[] = "link set lo up\n"
			    "addr add 10.0.0.1/24 dev in\n"
			    "addr add 203.0.113.1/24 dev out\n"
			    "link set in up mtu 65535\n"
			    "link set out up mtu 65535\n"
			    "route add default dev out\n";

/* What the stack sends by itself is no part of a scenario. */
static const char silence[] = "table ip silence {\n"
			      "	chain output {\n"
			      "		type filter hook output priority -500;\n"
			      "		meta mark != 1 drop\n"
			      "	}\n"
			      "}\n";

static const struct {
	const char *name, *value;
} sysctls[] = {
	{"ipv4/ip_forward", "1"},
	{"ipv4/conf/all/rp_filter", "0"},
	{"ipv4/conf/default/rp_filter", "0"},
	{"ipv4/conf/all/send_redirects", "0"},
	{"ipv4/conf/in/rp_filter", "0"},
	{"ipv4/conf/out/rp_filter", "0"},
};

static int tun_open(const char *name)
{
	struct ifreq r = {.ifr_flags = IFF_TUN | IFF_NO_PI};
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	strcpy(r.ifr_name, name);
	if (ioctl(fd, TUNSETIFF, &r)) {
		close(fd);
		return -errno;
	}
	return fd;
}

static int raw_open(void)
{
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW), mark = OWN_MARK;

	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)))
		return -errno;
	return fd < 0 ? -errno : fd;
}

static int rig_open(struct fw_error *e)
{
	size_t i;
	int err;

	rig = (struct rig){.ns = namespace_new(), .tun = {-1, -1}, .raw = -1};
	if (rig.ns < 0)
		return fw_error_set(e, -rig.ns, "cannot make a namespace");
	for (i = 0; i < 2; i++) {
		rig.tun[i] = tun_open(tun_names[i]);
		if (rig.tun[i] < 0)
			return fw_error_set(e, -rig.tun[i], "cannot make a tunnel");
	}
	rig.raw = raw_open();
	err = namespace_run("ip -batch -", setup);
	if (!err)
		err = namespace_run("nft -f -", silence);
	for (i = 0; i < FW_COUNT(sysctls) && !err; i++)
		err = namespace_sysctl(sysctls[i].name, sysctls[i].value);
	if (err || rig.raw < 0)
		return fw_error_set(e, EIO, "cannot make a router");
	rig.backend = (struct backend){.ops = &kmod_ops};
	err = kmod_ops.open(&rig.backend, NULL, e);
	if (!err)
		err = kmod_link_open(&rig.link, e);
	rig.open = !err;
	return err;
}

void scenario_kmod_end(void)
{
	if (!rig.open)
		return;
	kmod_link_close(&rig.link);
	kmod_ops.close(&rig.backend);
	close(rig.tun[0]);
	close(rig.tun[1]);
	close(rig.raw);
	close(rig.ns);
	rig.open = false;
}

static int rule_add(struct fw_ruleset *rs, enum fw_list_id list, __u8 state,
		    enum fw_helper_id helper, __u16 flags, __u16 port)
{
	struct fw_edit edit = {
		.op = FW_OP_APPEND,
		.list = list,
		.rule =
			{
				.flags = flags | FW_ACCEPT,
				.tosand = 0xff,
				.state = state,
				.helper = helper,
			},
	};

	if (helper) {
		edit.rule.ndp = 1;
		edit.rule.pts[0] = port;
	}
	return fw_ruleset_edit(rs, &edit);
}

/* Rules for each state; those with the helper's port first. */
static int rules_add(struct fw_ruleset *rs, enum fw_list_id list, const json_t *helpers)
{
	static const struct {
		const char *name;
		enum fw_helper_id id;
		__u16 flags;
	} known[] = {
		{"ftp", FW_HELPER_FTP, FW_KIND_TCP},
		{"irc", FW_HELPER_IRC, FW_KIND_TCP},
		{"tftp", FW_HELPER_TFTP, FW_KIND_UDP},
	};
	unsigned int i, bit;
	int err = 0;

	for (i = 0; i < FW_COUNT(known); i++) {
		long long port = jsonl_int(helpers, known[i].name, -1);

		for (bit = 0; bit < STATES && port >= 0 && !err; bit++)
			err = rule_add(rs, list, (__u8)(1 << bit), known[i].id,
				       known[i].flags, (__u16)port);
	}
	for (bit = 0; bit < STATES && !err; bit++)
		err = rule_add(rs, list, (__u8)(1 << bit), FW_HELPER_NONE, FW_KIND_ALL,
			       0);
	return err;
}

static int rules_load(const json_t *scenario, struct fw_error *e)
{
	const json_t *helpers = json_object_get(scenario, "helper");
	struct fw_ruleset rs;
	int err;

	fw_ruleset_init(&rs);
	err = rules_add(&rs, FW_INPUT, helpers);
	if (!err)
		err = rules_add(&rs, FW_OUTPUT, helpers);
	if (!err)
		err = kmod_ops.replace(&rig.backend, &rs, e);
	fw_ruleset_free(&rs);
	memset(rig.seen, 0, sizeof(rig.seen));
	return err;
}

static int flag_set(const char *name, bool value)
{
	char path[64];

	snprintf(path, sizeof(path), "ipv4/ipfwadm/%s", name);
	return namespace_sysctl(path, value ? "1" : "0");
}

static int settings_load(const struct fw_track_settings *set, struct fw_error *e)
{
	struct track_timeout timeouts[FW_TIMEOUTS] = {0};
	char number[16];
	size_t i;
	int err = flag_set("as_linux", set->own == FW_OWN_NONE) ||
		  flag_set("tcp_loose", set->tcp_loose) ||
		  flag_set("tcp_be_liberal", set->tcp_liberal) ||
		  flag_set("tcp_ignore_invalid_rst", set->tcp_ignore_invalid_rst) ||
		  flag_set("checksum", set->checksum);

	snprintf(number, sizeof(number), "%u", set->tcp_max_retrans);
	if (err || namespace_sysctl("ipv4/ipfwadm/tcp_max_retrans", number))
		return fw_error_set(e, EIO, "cannot change a setting");
	snprintf(number, sizeof(number), "%u", set->timeout[FW_TIMEOUT_FRAGMENTS]);
	if (namespace_sysctl("ipv4/ipfrag_time", number))
		return fw_error_set(e, EIO, "cannot change ipfrag_time");
	for (i = 0; i < FW_TIMEOUTS; i++) {
		strcpy(timeouts[i].name, fw_timeout_table[i].name);
		timeouts[i].seconds = set->timeout[i];
	}
	return kmod_ops.track->timeouts_set(&rig.backend, timeouts, FW_TIMEOUTS, e);
}

static int settings_read(struct fw_track_settings *set, const json_t *scenario, __u16 own)
{
	const char *name;
	json_t *value;

	fw_track_settings_default(set);
	set->own = own;
	json_object_foreach(json_object_get(scenario, "set"), name,
			    value) if (!scenario_setting(set, name,
							 (__u32)json_integer_value(
								 value))) return -ENOENT;
	return 0;
}

struct conns {
	struct ipfwadm_conn conn[CONNS];
	size_t n;
};

static int conn_take(const struct ipfwadm_conn *conn, void *ctx)
{
	struct conns *all = ctx;

	if (all->n < CONNS)
		all->conn[all->n++] = *conn;
	return 0;
}

static int conn_order(const void *a, const void *b)
{
	const struct ipfwadm_conn *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static int conns_get(struct conns *all)
{
	struct netlink_refusal why;
	int err;

	all->n = 0;
	err = kmod_conns_read(&rig.link, NULL, conn_take, all, &why);
	qsort(all->conn, all->n, sizeof(*all->conn), conn_order);
	return err;
}

static void table_compare(const struct conns *all, const json_t *table, size_t packet,
			  int slack, struct scenario_run *run)
{
	char mine[256];
	size_t i;

	for (i = 0; i < all->n && run->agrees; i++) {
		const char *line = json_string_value(json_array_get(table, i));
		const struct ipfwadm_conn *conn = &all->conn[i];
		const struct fw_entry c = {
			.saddr = conn->saddr,
			.daddr = conn->daddr,
			.sport = conn->sport,
			.dport = conn->dport,
			.proto = conn->proto,
			.state = conn->tcp_state,
			.flags = conn->flags & ~IPFWADM_CONN_KEPT,
			.helper = conn->helper,
		};

		if (!scenario_entry_agrees(&c, conn->seconds, slack, line ? line : "",
					   mine, sizeof(mine)))
			scenario_say(run, packet, "an entry", line ? line : "absent",
				     mine);
	}
	if (run->agrees && i < json_array_size(table))
		scenario_say(run, packet, "an entry",
			     json_string_value(json_array_get(table, i)), "absent");
}

struct expects {
	char text[CONNS][SCENARIO_EXPECT];
	size_t n;
};

static int expect_take(const struct ipfwadm_expect *e, void *ctx)
{
	struct expects *all = ctx;
	const struct fw_expect expect = {
		.saddr = e->saddr,
		.daddr = e->daddr,
		.dport = e->dport,
		.proto = e->proto,
		.any_source = e->any_source,
	};

	if (all->n < CONNS)
		scenario_expect_text(&expect, all->text[all->n++]);
	return 0;
}

/* The state whose rules have counted a packet in that list; 0: none. */
static int state_get(enum fw_list_id list, __u8 *state, struct fw_error *e)
{
	struct fw_ruleset rs;
	unsigned long long now[FW_LISTS][STATES] = {0};
	unsigned int l;
	__u32 i;
	int err;

	fw_ruleset_init(&rs);
	err = kmod_ops.load(&rig.backend, &rs, e);
	if (err)
		return err;
	*state = 0;
	for (l = 0; l < FW_LISTS; l++)
		for (i = 0; i < rs.list[l].count; i++)
			now[l][i % STATES] += fw_list_rule(&rs.list[l], i)->pcnt;
	for (i = 0; i < STATES; i++)
		if (now[list][i] != rig.seen[list][i])
			*state = (__u8)(1 << i);
	memcpy(rig.seen, now, sizeof(now));
	fw_ruleset_free(&rs);
	return 0;
}

/* Which way a packet went in its connection, as far as the counters of these say. */
static const char *dir_get(const struct conns *before, const struct conns *after)
{
	size_t i, j;

	for (i = 0; i < after->n; i++) {
		const struct ipfwadm_conn *c = &after->conn[i];
		const __u64 none[2] = {0, 0}, *was = none;

		for (j = 0; j < before->n; j++)
			if (before->conn[j].id == c->id)
				was = before->conn[j].packets;
		if (c->packets[0] != was[0])
			return "original";
		if (c->packets[1] != was[1])
			return "reply";
	}
	return NULL;
}

/* Empties both tunnels; returns the one that a packet came out of, "-": none. */
static const char *tunnels_take(void)
{
	static __u8 bytes[PACKET];
	const char *leaves = "-";
	size_t i;

	for (i = 0; i < 2; i++)
		while (read(rig.tun[i], bytes, sizeof(bytes)) > 0)
			/* IPv6 is the interface's own */
			if (bytes[0] >> 4 == 4)
				leaves = tun_names[i];
	return leaves;
}

static int packet_send(const char *iface, const __u8 *bytes, size_t len)
{
	struct sockaddr_in to = {.sin_family = AF_INET};
	int in = strcmp(iface, "in") != 0;

	if (strcmp(iface, "local") != 0)
		return write(rig.tun[in], bytes, len) < 0 ? -errno : 0;
	memcpy(&to.sin_addr, bytes + 16, 4);
	return sendto(rig.raw, bytes, len, 0, (struct sockaddr *)&to, sizeof(to)) < 0
		       ? -errno
		       : 0;
}

struct play {
	struct conns before, after;
	struct expects expects;
	const json_t *table, *expected;
	bool helpers;
	long long start; /* of the scenario, ms */
	long long begin; /* the same, as if packets had been as late as the last one, ms */
	long long time; /* of the packet, ms after the begin */
	long long late; /* the most that a packet was, ms */
};

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Seconds by which what is left may differ: one, and what a busy machine has been late. */
static int slack_get(const struct play *p)
{
	return (int)(1 + (now_ms() - p->start - p->time) / 1000);
}

/* Waits until ms after the begin. */
static void wait_until(const struct play *p, long long ms)
{
	long long left = p->begin + ms - now_ms();

	if (left > 0)
		usleep((useconds_t)left * 1000);
}

/* 2.0 denies packets that are too short for their protocol before any rule. */
static bool is_denied_early(const __u8 *ip, size_t len)
{
	size_t hlen = 4u * (ip[0] & 15), total = (size_t)ip[2] << 8 | ip[3];

	return len >= 20 && ((ip[9] == FW_PROTO_TCP && total < hlen + 16) ||
			     (ip[9] == FW_PROTO_UDP && total < hlen + 8));
}

static void packet_play(struct play *p, const json_t *packet, size_t number,
			struct scenario_run *run)
{
	static __u8 bytes[PACKET];
	const char *iface = scenario_string(packet, "iface"), *dir, *leaves;
	const char *recorded = scenario_string(packet, "state"), *mine;
	const char *hook = scenario_string(packet, "hook");
	size_t len =
		scenario_hex(scenario_string(packet, "packet"), bytes, sizeof(bytes));
	bool own = !strcmp(iface, "local");
	struct netlink_refusal why;
	struct fw_error e = {.text = ""};
	__u8 state = 0;
	int sent = packet_send(iface, bytes, len);
	long long late = now_ms() - p->time - p->begin;

	/* Timeouts count from when it was sent, so the rest is as much later. */
	p->begin += late;
	if (late > p->late)
		p->late = late;

	leaves = tunnels_take();
	if (state_get(own ? FW_OUTPUT : FW_INPUT, &state, &e) || conns_get(&p->after)) {
		scenario_say(run, number, "the module", "answers", e.text);
		return;
	}
	mine = scenario_state(state);
	/* Neither of a held nor of a dropped packet do rules see anything. */
	if (!state && !strcmp(recorded, "held"))
		mine = "held";
	if (!state && !strcmp(recorded, "invalid") && is_denied_early(bytes, len)) {
		mine = recorded;
		leaves = scenario_string(packet, "leaves");
	}
	if (strcmp(mine, recorded) != 0) {
		scenario_say(run, number, sent ? strerror(-sent) : "state", recorded,
			     mine);
		return;
	}
	dir = dir_get(&p->before, &p->after);
	if (dir && strcmp(dir, scenario_string(packet, "dir")) != 0) {
		scenario_say(run, number, "direction", scenario_string(packet, "dir"),
			     dir);
		return;
	}
	if ((!strcmp(hook, "forward") || !strcmp(hook, "output")) &&
	    strcmp(leaves, scenario_string(packet, "leaves")) != 0) {
		scenario_say(run, number, "way out", scenario_string(packet, "leaves"),
			     leaves);
		return;
	}
	table_compare(&p->after, p->table, number, slack_get(p), run);
	p->before = p->after;
	if (!run->agrees || !p->helpers)
		return;
	p->expects.n = 0;
	if (kmod_expects_read(&rig.link, expect_take, &p->expects, &why))
		scenario_say(run, number, "expectations", "readable", why.text);
	scenario_expected_compare(p->expects.text, p->expects.n, p->expected, number,
				  run);
}

static int scenario_begin(const json_t *scenario, __u16 own, struct fw_error *e)
{
	struct fw_track_settings set;
	int err = rig.open ? 0 : rig_open(e);

	if (!err && settings_read(&set, scenario, own))
		return fw_error_set(e, ENOENT, "a setting is unknown");
	if (!err)
		err = kmod_ops.track->flush(&rig.backend, e);
	if (!err)
		err = rules_load(scenario, e);
	return err ? err : settings_load(&set, e);
}

/* Once; ms that the latest packet was late, by which a timeout may have passed. */
static long long scenario_play(const json_t *scenario, __u16 own, struct scenario_run *run)
{
	static struct play p;
	struct fw_error e = {.text = ""};
	bool held = false;
	json_t *packet;
	size_t i;

	*run = (struct scenario_run){.agrees = true};
	if (scenario_begin(scenario, own, &e)) {
		scenario_say(run, 0, "the router", "ready", e.text);
		scenario_kmod_end();
		return 0;
	}
	tunnels_take();
	p.before.n = 0;
	p.table = p.expected = NULL;
	p.helpers = json_object_get(scenario, "helper");
	p.start = p.begin = now_ms();
	p.time = p.late = 0;
	json_array_foreach(json_object_get(scenario, "packets"), i, packet)
	{
		if (json_object_get(packet, "t"))
			p.time = jsonl_int(packet, "t", 0);
		wait_until(&p, p.time);
		if (json_object_get(packet, "table"))
			p.table = json_object_get(packet, "table");
		if (json_object_get(packet, "expected"))
			p.expected = json_object_get(packet, "expected");
		held |= !strcmp(scenario_string(packet, "state"), "held");
		packet_play(&p, packet, i + 1, run);
		if (!run->agrees)
			break;
		run->packets++;
	}
	/* Fragments that still wait would be put together with those of the next. */
	if (held || !run->agrees)
		scenario_kmod_end();
	return p.late;
}

void scenario_kmod_run(const json_t *scenario, __u16 own, struct scenario_run *run)
{
	unsigned int tries = 0;
	long long late;

	do {
		late = scenario_play(scenario, own, run);
	} while (!run->agrees && late > SCENARIO_LATE && ++tries < SCENARIO_TRIES);
}
