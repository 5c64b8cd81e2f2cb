// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trace_run.c - `ipfwadm trace': packets, and the packets that they cause.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/choose.h"
#include "backend/plan/plan.h"
#include "backend/ruleset.h"
#include "backend/sim/fragments.h"
#include "backend/sim/packet_read.h"
#include "backend/sim/sim.h"
#include "backend/sim/sim_state.h"
#include "backend/trace.h"
#include "ipfwadm/command/subcommands.h"
#include "ipfwadm/command/packet_args.h"
#include "ipfwadm/command/pcap_file.h"
#include "ipfwadm/command/trace.h"
#include "ipfwadm/format/json.h"
#include "kmod/core/track_packet.h"

#define TITLE_MAX 320
#define NAMES_MAX 200

/* everything that the packets of one trace share */
struct world {
	struct fw_interfaces ifs;
	struct sim_state sim;	/* of the simulator's file, or of other rules */
	struct sim_host host;
	json_t *json;		/* the packets traced so far, or NULL */
	bool verbose, states;
	struct trace_svg svg;	/* if its out is not NULL */
	unsigned int packets;
	unsigned int hooks;	/* of netfilter that they pass: 1 << enum plan_hook */
	__u32 first;		/* the tick of the first packet */
};

/* NULL after a message that names those there are. */
static const struct fw_dev *dev_find(const struct app *app, const struct world *world,
				     const char *name)
{
	char names[NAMES_MAX], *at = names;
	char padded[FW_IFNAMSIZ] = "";
	__u32 i;

	if (strlen(name) <= FW_IFNAMSIZ)
		memcpy(padded, name, strlen(name));
	for (i = 0; padded[0] && i < world->ifs.count; i++)
		if (fw_name_equal(world->ifs.dev[i].name, padded))
			return &world->ifs.dev[i];
	*at = '\0';
	for (i = 0; i < world->ifs.count && at < names + sizeof(names) - FW_IFNAMSIZ - 3; i++)
		at += sprintf(at, "%s%.*s", i ? ", " : "", FW_IFNAMSIZ, world->ifs.dev[i].name);
	app_error(app, "there is no interface '%s'; there are: %s", name, names);
	return NULL;
}

/* the default gateway of the system, 0: none */
static __u32 gateway_system(void)
{
	unsigned int dest, gateway, found = 0;
	FILE *routes = fopen("/proc/net/route", "re");
	char line[256];

	while (routes && !found && fgets(line, sizeof(line), routes))
		if (sscanf(line, "%*s %x %x", &dest, &gateway) == 2 && dest == 0)
			found = ntohl(gateway);
	if (routes)
		fclose(routes);
	return found;
}

/*
 * Chooses the default route: by --out, else by the point-to-point interface, else the
 * default gateway of the system.  A device's own address serves as a gateway.
 */
static int gateway_choose(const struct app *app, const struct packet_args *w,
			  struct world *world)
{
	const struct fw_dev *dev = NULL;
	__u32 i;

	if (w->out) {
		dev = dev_find(app, world, w->out);
		if (!dev)
			return -ENODEV;
	}
	for (i = 0; !dev && i < world->ifs.count; i++)
		if (world->ifs.dev[i].mask == 0xffffffff)
			dev = &world->ifs.dev[i];
	world->host.routes.gateway = dev ? dev->addr : gateway_system();
	return 0;
}

/* "packet 1: tcp ... arrives on eth0" */
static void title_make(char title[TITLE_MAX], const struct world *world,
		       const struct fw_packet *pkt, const struct fw_dev *dev, const char *what)
{
	char buf[256];
	struct fw_text t;

	fw_text_init(&t, buf, sizeof(buf));
	trace_packet_show(&t, pkt);
	snprintf(title, TITLE_MAX, "packet %u%s: %s, %s%.*s", world->packets, what, buf,
		 dev ? "arrives on " : "sent by this host", dev ? FW_IFNAMSIZ : 0,
		 dev ? dev->name : "");
}

static void json_add(struct world *world, const struct fw_packet *pkt,
		     const struct fw_dev *dev, const struct trace *t)
{
	json_t *o = json_object();

	json_object_set_new(o, "packet", json_packet(pkt));
	if (dev)
		json_object_set_new(o, "arrives_on", json_name(dev->name));
	json_object_set_new(o, "steps", trace_json(t));
	json_array_append_new(world->json, o);
}

/* Hooks of netfilter that packets that make these steps pass. */
static unsigned int steps_hooks(const struct trace *t)
{
	static const unsigned int hooks[] = {
		[SIM_STEP_ACCT_IN] = 1 << PLAN_PREROUTING,
		[SIM_STEP_FORWARD] = 1 << PLAN_FORWARD,
		[SIM_STEP_ICMP_SEND] = 1 << PLAN_OUTPUT,
		[SIM_STEP_XMIT] = 1 << PLAN_POSTROUTING,
		[SIM_STEP_DELIVER] = 1 << PLAN_INPUT,
	};
	unsigned int passed = 0;
	__u32 i;

	for (i = 0; i < t->nsteps; i++)
		if (t->step[i].event.step < FW_COUNT(hooks))
			passed |= hooks[t->step[i].event.step];
	return passed;
}

/*
 * Walks one packet through the host and prints it; t records the steps.  view may be
 * NULL.
 */
static void packet_trace(struct world *world, const struct fw_packet *pkt,
			 const struct fw_track_packet *view, const struct fw_dev *dev,
			 const char *what, struct trace *t)
{
	char title[TITLE_MAX];

	world->packets++;
	t->rules = &world->sim.rules;
	t->states = world->states;
	world->host.ctx = t;
	if (dev)
		sim_host_receive(&world->host, pkt, view, dev);
	else
		sim_host_send(&world->host, pkt, view, pkt->proto == FW_PROTO_TCP);
	world->hooks |= steps_hooks(t) | (dev ? 0 : 1 << PLAN_OUTPUT);
	if (world->json) {
		json_add(world, pkt, dev, t);
		return;
	}
	title_make(title, world, pkt, dev, what);
	if (world->svg.out) {
		trace_svg_add(&world->svg, t, title);
		return;
	}
	printf("%s%s\n", world->packets > 1 ? "\n" : "", title);
	trace_show(stdout, t, world->verbose);
}

/* The step by which the traced packet itself left or was delivered, or NULL. */
static const struct trace_step *step_find(const struct trace *t, enum sim_step step, __u8 proto)
{
	__u32 i;

	for (i = 0; i < t->nsteps; i++)
		if (t->step[i].event.step == step && t->step[i].pkt.proto == proto)
			return &t->step[i];
	return NULL;
}

/* What the peer answers to a packet that reached it. */
static struct fw_packet reply_make(const struct fw_packet *sent)
{
	struct fw_packet reply = *sent;

	reply.saddr = sent->daddr;
	reply.daddr = sent->saddr;
	reply.sport = sent->dport;
	reply.dport = sent->sport;
	reply.tos = 0;
	reply.ttl = 64;
	reply.state = 0;
	if (sent->tcpflags & FW_TCP_SYN)
		reply.tcpflags = FW_TCP_SYN | FW_TCP_ACK;
	else
		reply.tcpflags = sent->tcpflags & FW_TCP_RST ? 0 : FW_TCP_ACK;
	if (sent->icmp_type == FW_ICMP_ECHO)
		reply.icmp_type = FW_ICMP_ECHOREPLY;
	else if (sent->icmp_type >= 13)
		reply.icmp_type = sent->icmp_type + 1;	/* request, reply pairs */
	return reply;
}

/* An ICMP error of the packet's destination about it. */
static struct fw_packet error_make(const struct fw_packet *sent, __u8 type, __u8 code)
{
	struct fw_packet error = {
		.saddr = sent->daddr, .daddr = sent->saddr, .proto = FW_PROTO_ICMP,
		.ttl = 64, .len = 56, .icmp_type = type, .icmp_code = code,
		.quote = {
			.proto = sent->proto, .saddr = sent->saddr, .daddr = sent->daddr,
			.sport = sent->sport, .dport = sent->dport,
			.icmp_type = sent->icmp_type, .icmp_code = sent->icmp_code,
		},
	};

	if (sent->proto == FW_PROTO_ICMP)
		error.quote.sport = sent->icmp_id;
	return error;
}

/* The clock is that many ticks after the first packet. */
static void clock_set(struct world *world, __u32 at)
{
	world->host.now = world->sim.tracker.now = world->first + at;
}

/* A packet that was asked for, its reply, an error about it. */
static int arg_trace(const struct app *app, struct world *world,
		     const struct packet_arg *arg)
{
	struct trace first = { 0 }, reply = { 0 }, error = { 0 };
	const struct trace_step *came;	/* to who answers */
	const struct fw_dev *dev = NULL;
	struct fw_packet pkt;
	bool failed;

	if (arg->interface) {
		dev = dev_find(app, world, arg->interface);
		if (!dev)
			return STATUS_FAILED;
	}
	clock_set(world, arg->at);
	packet_trace(world, &arg->pkt, NULL, dev, "", &first);
	came = step_find(&first, SIM_STEP_XMIT, arg->pkt.proto);
	dev = came ? &came->dev : NULL;
	if (!came)	/* this host answers itself */
		came = step_find(&first, SIM_STEP_DELIVER, arg->pkt.proto);
	if ((arg->reply || arg->error) && !came)
		app_error(app, "the packet arrives nowhere, so nobody answers it");
	if (arg->reply && came) {
		pkt = reply_make(&came->pkt);
		packet_trace(world, &pkt, NULL, dev, " (reply)", &reply);
	}
	if (arg->error && came) {
		pkt = error_make(&came->pkt, arg->error_type, arg->error_code);
		packet_trace(world, &pkt, NULL, dev, " (ICMP error)", &error);
	}
	failed = first.failed || reply.failed || error.failed;
	trace_clear(&first);
	trace_clear(&reply);
	trace_clear(&error);
	if (failed)
		app_error(app, "out of memory");
	return failed ? STATUS_FAILED : STATUS_OK;
}

/*
 * A packet of a capture arrives by the interface that leads to its source, or by the one
 * that was named; one of the host's own is sent.
 */
static int captured_trace(const struct app *app, struct world *world, const __u8 *ip,
			  __u32 total, const struct fw_dev *named)
{
	const struct sim_routes *routes = &world->host.routes;
	const struct fw_dev *dev = named;
	struct fw_track_packet view;
	struct trace t = { 0 };
	struct fw_packet pkt;
	bool failed;
	__u32 hop;

	sim_packet_read(&pkt, ip, total);
	fw_track_packet_read(&view, ip, total, total);
	if (sim_addr_kind(routes, pkt.saddr) == SIM_ADDR_OWN)
		dev = NULL;
	else if (!dev)
		dev = sim_route(routes, pkt.saddr, &hop);
	if (!view.fault && dev && !fw_track_sum_ok(ip, total))
		view.fault = FW_WHY_CHECKSUM;
	packet_trace(world, &pkt, &view, dev, "", &t);
	failed = t.failed;
	trace_clear(&t);
	if (failed)
		app_error(app, "out of memory");
	return failed ? STATUS_FAILED : STATUS_OK;
}

/* All packets of a capture; fragments are put together first. */
static int pcap_trace(const struct app *app, struct world *world,
		      const struct packet_args *w)
{
	const __u32 timeout = world->sim.tracker.set.timeout[FW_TIMEOUT_FRAGMENTS];
	struct pcap_file *f = pcap_file_open(app, w->pcap);
	struct fragments *fragments = fragments_new();
	const struct fw_dev *named = w->interface ? dev_find(app, world, w->interface) : NULL;
	int status = STATUS_OK, more = -1;
	const __u8 *ip;
	size_t total;
	__u32 len, at;

	if (!fragments)
		app_error(app, "out of memory");
	else if (f && (named || !w->interface))
		more = 1;
	while (more > 0 && status == STATUS_OK) {
		more = pcap_file_next(f, &ip, &len, &at);
		if (more <= 0)
			break;
		clock_set(world, at);
		total = datagram_length(ip, len);
		if (total && datagram_is_fragment(ip))
			total = fragments_add(fragments, ip, total, false, world->host.now,
					      timeout * FW_TRACK_HZ, &ip);
		if (total)
			status = captured_trace(app, world, ip, (__u32)total, named);
	}
	fragments_free(fragments);
	pcap_file_close(f);
	return more < 0 ? STATUS_FAILED : status;
}

/* Do the rules look at connections? */
static bool rules_use_states(const struct fw_ruleset *rs)
{
	unsigned int list;
	__u32 i;

	for (list = 0; list < FW_LISTS; list++) {
		for (i = 0; i < rs->list[list].count; i++) {
			const struct fw_rule *r = fw_list_rule(&rs->list[list], i);

			if (r->state || r->keep_state || r->helper)
				return true;
		}
	}
	return false;
}

static int world_trace(const struct app *app, struct world *world,
		       const struct packet_args *w)
{
	int status = STATUS_OK;
	unsigned int i;

	world->first = world->sim.tracker.now;
	world->host = (struct sim_host){
		.rules = &world->sim.rules, .track = &world->sim.tracker.table.track,
		.routes = { .dev = world->ifs.dev, .count = world->ifs.count },
		.on_event = trace_event, .on_match = trace_matched,
	};
	if (gateway_choose(app, w, world) < 0)
		return STATUS_FAILED;
	world->verbose = w->verbose;
	world->json = app->json ? json_array() : NULL;
	if (w->svg && !app->json && trace_svg_begin(&world->svg) < 0)
		return STATUS_FAILED;
	world->states = w->verbose || w->count != 1 || w->packet[0].reply ||
			w->packet[0].error || rules_use_states(&world->sim.rules);
	if (w->pcap) {
		fw_ruleset_classify(&world->sim.rules);
		status = pcap_trace(app, world, w);
	}
	for (i = 0; i < w->count && status == STATUS_OK; i++)
		status = arg_trace(app, world, &w->packet[i]);
	if (world->json)
		json_write_member(app, "trace", world->json);
	if (world->svg.out && trace_svg_end(&world->svg, stdout) < 0) {
		app_error(app, "out of memory");
		status = STATUS_FAILED;
	}
	return status;
}

/* Of the simulator all of its file is read; it is locked if connections stay there. */
static int sim_read(struct backend *b, struct world *world, bool keep, struct fw_error *e)
{
	int err = keep ? sim_state_begin(b, &world->sim, e)
		       : sim_state_peek(b, &world->sim, e);

	return err ? err : sim_state_interfaces(&world->sim, &world->ifs, e);
}

static int world_read(const struct app *app, struct world *world, struct backend *b,
		      const struct packet_args *w)
{
	struct fw_error e;
	int err;

	if (b->ops == &sim_ops) {
		err = sim_read(b, world, w->keep, &e);
	} else if (w->keep) {
		err = fw_error_set(&e, EOPNOTSUPP,
				   "connections can be kept in the simulator alone");
	} else if (b->ops) {
		err = b->ops->load(b, &world->sim.rules, &e);
		if (!err)
			err = b->ops->interfaces(b, &world->ifs, &e);
	} else if (command_rules_read(app, w->rules, true, &world->sim.rules,
				      &world->ifs)) {
		return -EIO;
	} else {
		err = 0;
	}
	if (!err)
		err = sim_state_track(&world->sim, &e);
	if (err)
		app_error(app, "%s", e.text);
	return err;
}

int command_trace(struct app *app, int argc, char **argv)
{
	struct world world = { .sim = { .file = { .fd = -1 } } };
	static struct packet_args w;
	struct backend b = { 0 };
	struct fw_error e;
	int status = STATUS_FAILED;

	if (command_packet_read(app, argc, argv, &w) < 0) {
		app_usage(app, argv[0]);
		return STATUS_USAGE;
	}
	if (!w.rules && app_backend_open(app, &b) < 0)
		return STATUS_FAILED;
	fw_ruleset_init(&world.sim.rules);
	if (!world_read(app, &world, w.rules ? &b : trace_unwrap(&b), &w))
		status = world_trace(app, &world, &w);
	if (status == STATUS_OK && w.keep &&
	    sim_state_write(trace_unwrap(&b), &world.sim, &world.sim.rules, &e)) {
		app_error(app, "%s", e.text);
		status = STATUS_FAILED;
	}
	if (status == STATUS_OK && b.ops)
		app_foreign_chains_warn(app, b.ops->name, world.hooks, false);
	free(world.ifs.dev);
	sim_state_end(&world.sim);
	backend_close(&b);
	return status;
}
