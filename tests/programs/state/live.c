// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * live.c - recorded scenarios as real packets through a router with rules.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "kmod/core/track.h"
#include "tests/lib/jsonl.h"
#include "tests/lib/namespace.h"
#include "tests/lib/recorded.h"
#include "tests/lib/router.h"
#include "tests/programs/state/scenario.h"
#include "tests/programs/state/scenario_text.h"
#include "tests/programs/state/state_backend.h"
#include "tests/programs/state/state_reasons.h"

#define LOG_GROUP 6
#define OWN_MARK 1 /* of what the test sends by the router; no bit of the rules' mask */
#define PACKET_MAX 65536
#define ADDRS 256

static const struct fw_dev devs[] = {
	{"in", 0x0a000001, 0xffffff00},
	{"out", 0xcb007101, 0xffffff00},
};
#define GATEWAY 0xcb0071fe

/*
 * The router's own stack is silent, so that every packet is one of the scenario.  What
 * connection tracking says is logged before any rule.
 */
static const char tables[] =
	"delete table ip delivered\n"
	"table ip watched {\n"
	"	chain silent {\n"
	"		type filter hook output priority -400;\n"
	"		meta mark != 1 drop\n"
	"	}\n"
	"	chain arriving {\n"
	"		type filter hook prerouting priority -199;\n" PACKET_LOG_BY_STATE(
		6) "	}\n"
		   "	chain sent {\n"
		   "		type filter hook output priority "
		   "-199;\n" PACKET_LOG_BY_STATE(6) "	}\n"
						    "}\n";

/* the rules that count a state, in each list */
static const __u8 states[] = {
	FW_STATE_NEW,
	FW_STATE_ESTABLISHED,
	FW_STATE_RELATED,
	FW_STATE_INVALID,
};
static const char *const words[] = {"new", "established", "related", "invalid"};

static struct rig {
	const struct state_backend *backend; /* NULL: not open */
	struct router router;
	struct packet_log log;
	struct fw_ruleset rules; /* as loaded, with the counters last read */
	char *helpers; /* that rules assign, as JSON */
	bool planted;
	__u32 addr[ADDRS], naddrs; /* that packets of scenarios named */
	bool has_fragments; /* incomplete datagrams, which only time removes */
} rig;

/* a packet that was sent, and what was seen of it */
struct seen {
	__u8 bytes[PACKET_MAX];
	size_t len;
	__u8 state, dir; /* FW_STATE_*, 0: no rule counted it */
	unsigned int counted; /* packets that rules counted */
	__u64 counted_bytes;
	bool left[FW_COUNT(devs)];
};

struct run {
	const struct state_backend *backend;
	const json_t *scenario;
	struct timespec begin;
	long late_ms; /* longest time behind the recording */
	char what[512]; /* the first disagreement; "" if there is none */
};

static long elapsed_ms(const struct run *run)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - run->begin.tv_sec) * 1000 +
	       (now.tv_nsec - run->begin.tv_nsec) / 1000000;
}

static void __attribute__((format(printf, 2, 3)))
differs(struct run *run, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(run->what, sizeof(run->what), format, args);
	va_end(args);
}

void state_lines_add(struct state_lines *lines, const char *format, ...)
{
	va_list args;

	if (lines->n == FW_COUNT(lines->line))
		return;
	va_start(args, format);
	vsnprintf(lines->line[lines->n++], sizeof(*lines->line), format, args);
	va_end(args);
}

/* The rules: of each list, those that assign helpers, then one for each state. */
static int rules_make(struct fw_ruleset *rs, const json_t *helpers, bool planted)
{
	static const char lists[] = "IO";
	const json_t *port;
	const char *helper;
	unsigned int l, i;
	char line[128];
	int err = 0;

	fw_ruleset_init(rs);
	for (l = 0; l < 2 && !err; l++) {
		json_object_foreach((json_t *)helpers, helper, port)
		{
			snprintf(line, sizeof(line),
				 "-%c -a accept -P %s -D 0.0.0.0/0 %lld "
				 "--state new --helper %s",
				 lists[l], strcmp(helper, "tftp") ? "tcp" : "udp",
				 json_integer_value(port), helper);
			err = err ? err : recorded_command(rs, line);
		}
		for (i = 0; i < FW_COUNT(states) && !err; i++) {
			snprintf(line, sizeof(line), "-%c -a accept --state %s", lists[l],
				 words[planted && i < 2 ? !i : i]);
			err = recorded_command(rs, line);
		}
	}
	return err;
}

static void rules_unload(void)
{
	if (!rig.helpers)
		return;
	rig.backend->live->unload();
	fw_ruleset_free(&rig.rules);
	free(rig.helpers);
	rig.helpers = NULL;
}

/* Puts rules in force that assign these helpers, unless they are in force already. */
static int rules_load(const json_t *helpers, bool planted)
{
	char *text = helpers ? json_dumps(helpers, JSON_SORT_KEYS) : strdup("");
	int err;

	if (!text)
		return -ENOMEM;
	if (rig.helpers && !strcmp(text, rig.helpers) && rig.planted == planted) {
		free(text);
		return 0;
	}
	rules_unload();
	rig.helpers = text;
	rig.planted = planted;
	err = rules_make(&rig.rules, helpers, planted) ? -EINVAL : 0;
	if (!err)
		err = rig.backend->live->load(&rig.rules, devs, FW_COUNT(devs));
	if (err)
		rules_unload();
	return err;
}

/* Tells the router of all hosts of its nets that packets name. */
static int neighbours_set(const json_t *packets)
{
	__u32 added[ADDRS], n = 0, k;
	__u8 bytes[20] __attribute__((aligned(4)));
	const json_t *packet;
	size_t i, at;

	json_array_foreach(packets, i, packet)
	{
		if (scenario_bytes(packet, bytes, sizeof(bytes)) < sizeof(bytes))
			continue;
		for (at = 12; at < 20; at += 4) {
			__u32 addr = ntohl(*(const __be32 *)(bytes + at));

			for (k = 0; k < rig.naddrs && rig.addr[k] != addr; k++)
				;
			if (k < rig.naddrs || k == ADDRS)
				continue;
			rig.addr[rig.naddrs++] = added[n++] = addr;
		}
	}
	return n ? router_neighbours(&rig.router, added, n) : 0;
}

static void rig_close(void)
{
	if (!rig.backend)
		return;
	rules_unload();
	rig.backend->close();
	packet_log_close(&rig.log);
	router_close(&rig.router);
	rig = (struct rig){.backend = NULL};
}

static int rig_open(const struct state_backend *b)
{
	const int mark = OWN_MARK;
	cpu_set_t one;
	int err;

	/* one processor: packets are handled in the order in which they are sent */
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	sched_setaffinity(0, sizeof(one), &one);
	err = router_open(&rig.router, devs, FW_COUNT(devs), GATEWAY);
	if (err)
		return err;
	err = packet_log_open(&rig.log, LOG_GROUP, 0);
	if (!err)
		err = b->open();
	if (!err)
		rig.backend = b;
	if (!err && setsockopt(rig.router.raw, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)))
		err = -errno;
	if (!err)
		err = namespace_run("nft -f -", tables);
	return err;
}

static const struct {
	const char *name;
	long value;
} defaults[] = {
	{"tcp_timeout_syn_sent", 120},
	{"tcp_timeout_syn_recv", 60},
	{"tcp_timeout_established", 432000},
	{"tcp_timeout_fin_wait", 120},
	{"tcp_timeout_close_wait", 60},
	{"tcp_timeout_last_ack", 30},
	{"tcp_timeout_time_wait", 120},
	{"tcp_timeout_close", 10},
	{"tcp_timeout_max_retrans", 300},
	{"tcp_timeout_unacknowledged", 300},
	{"udp_timeout", 30},
	{"udp_timeout_stream", 120},
	{"icmp_timeout", 30},
	{"gre_timeout", 30},
	{"gre_timeout_stream", 180},
	{"generic_timeout", 600},
	{"ipfrag_time", 30},
	{"tcp_loose", 1},
	{"tcp_be_liberal", 0},
	{"tcp_ignore_invalid_rst", 0},
	{"tcp_max_retrans", 3},
	{"checksum", 1},
};

static int settings_set(const json_t *set)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < FW_COUNT(defaults) && !err; i++)
		err = rig.backend->setting(
			defaults[i].name,
			(long)jsonl_int(set, defaults[i].name, defaults[i].value));
	return err;
}

/* A router as the scenario begins: empty table, settings, rules. */
static int rig_prepare(const struct state_backend *b, const json_t *scenario,
		       bool planted)
{
	int err = 0;

	if (rig.has_fragments)
		rig_close();
	if (!rig.backend)
		err = rig_open(b);
	if (!err)
		err = rules_load(json_object_get(scenario, "helper"), planted);
	if (!err)
		err = settings_set(json_object_get(scenario, "set"));
	if (!err)
		err = neighbours_set(json_object_get(scenario, "packets"));
	return err ? err : b->flush();
}

static void logged(const struct logged_packet *p, void *ctx)
{
	struct seen *s = ctx;

	s->dir = p->dir;
}

/* What rules of a list counted since they were last asked. */
static int counters_take(struct seen *s, enum fw_list_id id)
{
	struct fw_ruleset now;
	unsigned int first, i;
	int err;

	fw_ruleset_init(&now);
	err = fw_ruleset_copy(&now, &rig.rules);
	if (!err)
		err = rig.backend->live->counters(&now);
	if (err) {
		fw_ruleset_free(&now);
		return err;
	}
	first = now.list[id].count - FW_COUNT(states);
	for (i = 0; i < now.list[id].count; i++) {
		const struct fw_rule *new = fw_list_rule(&now.list[id], i);
		const struct fw_rule *old = fw_list_rule(&rig.rules.list[id], i);

		if (new->pcnt == old->pcnt)
			continue;
		s->counted += (unsigned int)(new->pcnt - old->pcnt);
		s->counted_bytes += new->bcnt - old->bcnt;
		s->state = i < first ? FW_STATE_NEW : states[i - first];
	}
	fw_ruleset_free(&rig.rules);
	rig.rules = now;
	return 0;
}

static void packet_left(void *ctx, const __u8 *packet, size_t len, bool checksummed)
{
	(void)packet;
	(void)len;
	(void)checksummed;
	*(bool *)ctx = true;
}

/* Sends the packet and waits until all that follows from it has happened. */
static int packet_send(const json_t *packet, struct seen *s)
{
	const char *iface = scenario_string(packet, "iface");
	struct sockaddr_in to = {.sin_family = AF_INET};
	const struct router_link *l;
	unsigned int i;
	int err = 0;

	*s = (struct seen){.dir = FW_NO_DIR};
	s->len = scenario_bytes(packet, s->bytes, sizeof(s->bytes));
	if (!strcmp(iface, "local")) {
		memcpy(&to.sin_addr, s->bytes + 16, sizeof(to.sin_addr));
		/* a rule or a helper may refuse it, which is seen by its not leaving */
		if (sendto(rig.router.raw, s->bytes, s->len, 0, (struct sockaddr *)&to,
			   sizeof(to)) < 0 &&
		    errno != EPERM)
			err = -errno;
	} else {
		l = router_link(&rig.router, iface);
		err = wire_send(&l->wire, s->bytes, s->len);
	}
	for (i = 0; i < FW_COUNT(devs) && !err; i++)
		err = wire_settle(&rig.router.link[i].wire, devs[i].addr, packet_left,
				  &s->left[i]);
	if (!err)
		err = counters_take(s, strcmp(iface, "local") ? FW_INPUT : FW_OUTPUT);
	return err ? err : packet_log_take(&rig.log, false, logged, s);
}

static int line_compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int string_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Where the seconds of a line of a table begin, and what is behind them. */
static const char *line_left(const char *line, long *left, const char **helper)
{
	const char *at = line;
	char *end;
	int i;

	for (i = 0; i < 5 && at; i++)
		at = strchr(at + 1, ' ');
	if (!at)
		return line;
	*left = strtol(at, &end, 10);
	*helper = end;
	return at;
}

/* Seconds may be fewer by those that have passed, and each side rounds in its own way. */
static bool entry_agrees(const struct run *run, size_t packet, const char *recorded,
			 const char *mine)
{
	long theirs = 0, ours = 0;
	const char *their_helper = "", *our_helper = "";
	size_t len = line_left(recorded, &theirs, &their_helper) - recorded;

	if ((size_t)(line_left(mine, &ours, &our_helper) - mine) != len ||
	    strncmp(recorded, mine, len) != 0 || strcmp(their_helper, our_helper) != 0)
		return false;
	return (ours <= theirs + 1 && ours >= theirs - 2 - run->late_ms / 1000) ||
	       state_reason_left(run->scenario, packet, recorded, theirs, ours);
}

/* Compares lines with those recorded, in the order of their texts. */
static void lines_compare(struct run *run, size_t packet, struct state_lines *lines,
			  const json_t *recorded, const char *what, bool are_entries)
{
	const char *sorted[512];
	size_t n = json_array_size(recorded), i;

	if (n > FW_COUNT(sorted)) {
		differs(run, "packet %zu: too large a table was recorded", packet);
		return;
	}
	for (i = 0; i < n; i++)
		sorted[i] = json_string_value(json_array_get(recorded, i));
	qsort(sorted, n, sizeof(*sorted), string_compare);
	qsort(lines->line, lines->n, sizeof(*lines->line), line_compare);
	for (i = 0; (i < n || i < lines->n) && !*run->what; i++) {
		const char *theirs = i < n ? sorted[i] : "absent";
		const char *mine = i < lines->n ? lines->line[i] : "absent";

		if (i < n && i < lines->n &&
		    (are_entries ? entry_agrees(run, packet, theirs, mine)
				 : !strcmp(theirs, mine)))
			continue;
		differs(run, "packet %zu: %s is %s, recorded %s", packet, what, mine,
			theirs);
	}
}

static const char *state_word(const struct seen *s)
{
	unsigned int i;

	for (i = 0; i < FW_COUNT(states); i++)
		if (s->state == states[i])
			return words[i];
	return "none";
}

static void state_compare(struct run *run, const json_t *packet, size_t number,
			  const struct seen *s)
{
	const char *state = scenario_string(packet, "state");
	const char *dir = scenario_string(packet, "dir");
	const char *mine = s->dir == FW_ORIGINAL ? "original"
			   : s->dir == FW_REPLY  ? "reply"
						 : "-";
	bool unseen = !strcmp(state, "held") || !strcmp(state, "dropped");

	if (s->counted != !unseen || (!unseen && strcmp(state, state_word(s)) != 0))
		differs(run, "packet %zu: state is %s (%u counted), recorded %s", number,
			state_word(s), s->counted, state);
	else if (strcmp(dir, mine) != 0)
		differs(run, "packet %zu: direction is %s, recorded %s", number, mine,
			dir);
	else if (json_object_get(packet, "whole") &&
		 jsonl_int(packet, "whole", 0) != (long long)s->counted_bytes)
		differs(run, "packet %zu: rules saw %llu bytes, recorded %lld", number,
			(unsigned long long)s->counted_bytes,
			jsonl_int(packet, "whole", 0));
}

static void leaves_compare(struct run *run, const json_t *packet, size_t number,
			   const struct seen *s)
{
	const char *leaves = scenario_string(packet, "leaves");
	unsigned int i;

	for (i = 0; i < FW_COUNT(devs) && !*run->what; i++)
		if (s->left[i] != !strcmp(leaves, devs[i].name))
			differs(run, "packet %zu: %s by %s, recorded %s", number,
				s->left[i] ? "left" : "did not leave", devs[i].name,
				leaves);
}

/* Waits until the time of a packet; notes how late it is. */
static void packet_await(struct run *run, const json_t *packet, long *time_ms)
{
	long late;

	*time_ms = (long)jsonl_int(packet, "t", *time_ms);
	late = elapsed_ms(run) - *time_ms;
	if (late < 0)
		usleep((useconds_t)(-late * 1000));
	else if (late > run->late_ms)
		run->late_ms = late;
}

static void packets_run(struct run *run, struct tally *t)
{
	const json_t *packets = json_object_get(run->scenario, "packets");
	const json_t *table = NULL, *expected = NULL, *packet;
	static struct state_lines lines;
	bool explained;
	long time_ms = 0;
	static struct seen seen;
	size_t i;
	int err;

	clock_gettime(CLOCK_MONOTONIC, &run->begin);
	json_array_foreach(packets, i, packet)
	{
		if (json_object_get(packet, "table"))
			table = json_object_get(packet, "table");
		if (json_object_get(packet, "expected"))
			expected = json_object_get(packet, "expected");
		packet_await(run, packet, &time_ms);
		if (!strcmp(scenario_string(packet, "state"), "held"))
			rig.has_fragments = true;
		err = packet_send(packet, &seen);
		lines.n = 0;
		if (!err)
			err = run->backend->table(&lines, table);
		if (err) {
			differs(run, "packet %zu: %s", i + 1, strerror(-err));
			return;
		}
		explained = !seen.counted &&
			    state_reason_unseen(packet, seen.bytes, seen.len);
		if (!explained)
			state_compare(run, packet, i + 1, &seen);
		if (!*run->what && !explained)
			leaves_compare(run, packet, i + 1, &seen);
		if (!*run->what)
			lines_compare(run, i + 1, &lines, table, "an entry", true);
		lines.n = 0;
		if (!*run->what && run->backend->expected &&
		    !run->backend->expected(&lines))
			lines_compare(run, i + 1, &lines, expected, "an expectation",
				      false);
		if (*run->what)
			return;
		tally_packet(t);
	}
}

/* Are there packets whose state the wrong rules of --planted take for another? */
static bool has_planted(const json_t *scenario)
{
	const json_t *packet;
	size_t i;

	json_array_foreach(json_object_get(scenario, "packets"), i, packet)
	{
		const char *state = scenario_string(packet, "state");

		if (!strcmp(state, "new") || !strcmp(state, "established"))
			return true;
	}
	return false;
}

void state_live_run(struct tally *t, const struct state_backend *b,
		    const json_t *scenario, bool planted)
{
	const char *name = jsonl_str(scenario, "name");
	struct run run;
	int err, tries = 0;

	if (planted && !has_planted(scenario)) {
		tally_skip(t);
		return;
	}
	do {
		run = (struct run){.backend = b, .scenario = scenario};
		err = rig_prepare(b, scenario, planted);
		if (err)
			differs(&run, "cannot be set up: %s", strerror(-err));
		else
			packets_run(&run, t);
	} while (*run.what && run.late_ms > SCENARIO_LATE && ++tries < SCENARIO_TRIES);
	if (!*run.what == !planted)
		tally_pass(t);
	else if (planted)
		tally_fail(t, "%s: wrong rules were not noticed", name);
	else
		tally_fail(t, "%s: %s", name, run.what);
}

void state_live_end(void)
{
	rig_close();
	state_reasons_print();
}
