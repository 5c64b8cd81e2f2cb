// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * packet_args.c - the arguments of trace, which describe packets.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ipfwadm/command/packet_args.h"
#include "kmod/core/entry.h"
#include "kmod/core/names.h"
#include "parser/nameservice.h"

struct reader {
	const struct app *app;
	int argc, i;
	char **argv;
	struct packet_args *args;
	struct packet_arg *cur;	/* the packet that is described now */
	const char *sport, *dport;	/* resolved when the protocol is known */
	bool has_source, has_destination, has_protocol, has_length, has_time;
};

static int number_read(const struct reader *r, const char *what, const char *word,
		       unsigned long max, unsigned long *n)
{
	char *end;

	errno = 0;
	if (isdigit((unsigned char)word[0])) {
		*n = strtoul(word, &end, 0);
		if (!errno && !*end && *n <= max)
			return 0;
	}
	app_error(r->app, "invalid %s '%s': a number from 0 to %lu is needed", what, word,
		  max);
	return -EINVAL;
}

static int address_read(const struct reader *r, const char *word, __u32 *addr)
{
	__u32 *addrs = NULL;
	int n = name_host_addresses(word, &addrs);

	if (n > 0)
		*addr = addrs[0];
	free(addrs);
	if (n > 0)
		return 0;
	app_error(r->app, "host '%s' not found", word);
	return -EINVAL;
}

static int protocol_read(struct reader *r, const char *word)
{
	static const __u8 protocols[] = { FW_PROTO_TCP, FW_PROTO_UDP, FW_PROTO_ICMP };
	unsigned long n;
	unsigned int i;

	r->has_protocol = true;
	for (i = 0; *word && i < FW_COUNT(protocols); i++) {
		if (strncmp(fw_protocol_name(protocols[i]), word, strlen(word)) == 0) {
			r->cur->pkt.proto = protocols[i];
			return 0;
		}
	}
	if (!isdigit((unsigned char)word[0])) {
		app_error(r->app, "invalid protocol '%s': tcp, udp, icmp or a number is needed",
			  word);
		return -EINVAL;
	}
	if (number_read(r, "protocol", word, 255, &n) < 0)
		return -EINVAL;
	r->cur->pkt.proto = (__u8)n;
	return 0;
}

static int flags_read(struct reader *r, const char *word)
{
	static const char letters[] = "FSRPAU";
	const char *p, *found;

	for (p = word; *p; p++) {
		found = strchr(letters, toupper((unsigned char)*p));
		if (!found) {
			app_error(r->app,
				  "invalid TCP flag '%c' in '%s': letters of FSRPAU are needed",
				  *p, word);
			return -EINVAL;
		}
		r->cur->pkt.tcpflags |= (__u8)(1u << (found - letters));
	}
	return 0;
}

static int state_read(struct reader *r, const char *word)
{
	unsigned int i;

	for (i = 0; *word && fw_state_names[i]; i++) {
		if (strncasecmp(fw_state_names[i], word, strlen(word)) == 0) {
			r->cur->pkt.state = (__u8)(1u << i);
			return 0;
		}
	}
	app_error(r->app, "invalid state '%s': new, established, related or invalid is needed",
		  word);
	return -EINVAL;
}

/* TYPE or TYPE/CODE; types of errors that quote a packet have names */
static int error_read(struct reader *r, const char *word)
{
	static const struct {
		const char *name;
		__u8 type;
	} names[] = {
		{ "unreachable", 3 }, { "source-quench", 4 }, { "time-exceeded", 11 },
	};
	char copy[32];
	unsigned long n;
	unsigned int i;
	char *slash;

	r->cur->error = true;
	if (strlen(word) >= sizeof(copy))
		return number_read(r, "ICMP error", word, 255, &n);
	memcpy(copy, word, strlen(word) + 1);
	slash = strchr(copy, '/');
	if (slash) {
		*slash++ = '\0';
		if (number_read(r, "ICMP code", slash, 255, &n) < 0)
			return -EINVAL;
		r->cur->error_code = (__u8)n;
	}
	for (i = 0; *copy && i < FW_COUNT(names); i++) {
		if (strncmp(names[i].name, copy, strlen(copy)) == 0) {
			r->cur->error_type = names[i].type;
			return 0;
		}
	}
	if (number_read(r, "ICMP error", copy, 255, &n) < 0)
		return -EINVAL;
	r->cur->error_type = (__u8)n;
	return 0;
}

/* The argument of an option: the rest of the word, or the next one. */
static const char *argument(struct reader *r, const char *rest)
{
	if (*rest)
		return rest;
	if (r->i + 1 < r->argc)
		return r->argv[++r->i];
	app_error(r->app, "option '%s' requires an argument", r->argv[r->i]);
	return NULL;
}

/* -S and -D: an address and a port, if there is one */
static int end_read(struct reader *r, const char *word, __u32 *addr, const char **port)
{
	const char *next = r->i + 1 < r->argc ? r->argv[r->i + 1] : "-";

	if (address_read(r, word, addr) < 0)
		return -EINVAL;
	if (next[0] != '-') {
		*port = next;
		r->i++;
	}
	return 0;
}

static int byte_read(const struct reader *r, const char *what, const char *word, __u8 *byte)
{
	unsigned long n;

	if (number_read(r, what, word, 255, &n) < 0)
		return -EINVAL;
	*byte = (__u8)n;
	return 0;
}

/* Seconds with a fraction, in ticks. */
static int time_read(struct reader *r, const char *word)
{
	char *end;
	double seconds = strtod(word, &end);

	r->has_time = true;
	if (isdigit((unsigned char)word[0]) && !*end && seconds <= FW_TIMEOUT_LONGEST) {
		r->cur->at = (__u32)(seconds * FW_TRACK_HZ + 0.5);
		return 0;
	}
	app_error(r->app, "invalid time '%s': seconds since the first packet are needed",
		  word);
	return -EINVAL;
}

static int letter_read(struct reader *r, char letter, const char *arg)
{
	switch (letter) {
	case 'P':
		return protocol_read(r, arg);
	case 'S':
		r->has_source = true;
		return end_read(r, arg, &r->cur->pkt.saddr, &r->sport);
	case 'D':
		r->has_destination = true;
		return end_read(r, arg, &r->cur->pkt.daddr, &r->dport);
	default:
		r->cur->interface = arg;
		return 0;
	}
}

static int long_read(struct reader *r, const char *name, const char *arg)
{
	struct fw_packet *pkt = &r->cur->pkt;
	unsigned long n = 0;
	int err;

	if (strcmp(name, "flags") == 0)
		return flags_read(r, arg);
	if (strcmp(name, "state") == 0)
		return state_read(r, arg);
	if (strcmp(name, "error") == 0)
		return error_read(r, arg);
	if (strcmp(name, "at") == 0)
		return time_read(r, arg);
	if (strcmp(name, "tos") == 0)
		return byte_read(r, "type of service", arg, &pkt->tos);
	if (strcmp(name, "ttl") == 0)
		return byte_read(r, "time to live", arg, &pkt->ttl);
	if (strcmp(name, "code") == 0)
		return byte_read(r, "ICMP code", arg, &pkt->icmp_code);
	if (strcmp(name, "rules") == 0)
		return r->args->rules = arg, 0;
	if (strcmp(name, "pcap") == 0)
		return r->args->pcap = arg, 0;
	if (strcmp(name, "out") == 0)
		return r->args->out = arg, 0;
	err = number_read(r, name, arg, strcmp(name, "mark") ? 65535 : 0xffffffff, &n);
	if (strcmp(name, "length") == 0) {
		pkt->len = (__u16)n;
		r->has_length = true;
	} else if (strcmp(name, "mark") == 0) {
		pkt->mark = (__u32)n;
	} else {
		pkt->id = (__u16)n;
	}
	return err;
}

static int long_option_read(struct reader *r, const char *word)
{
	static const char *const with_argument[] = {
		"flags", "state", "error", "tos", "ttl", "code", "out", "rules", "length", "id",
		"at", "pcap", "mark",
	};
	static const char *const flags[] = { "reply", "kept", "keep", "svg" };
	const char *names[FW_COUNT(with_argument) + FW_COUNT(flags) + 1] = { NULL };
	size_t len = strcspn(word, "=");
	const char *arg;
	unsigned int i;

	if (strcmp(word, "reply") == 0)
		return r->cur->reply = true, 0;
	if (strcmp(word, "kept") == 0)
		return r->cur->pkt.kept = true, 0;
	if (strcmp(word, "keep") == 0)
		return r->args->keep = true, 0;
	if (strcmp(word, "svg") == 0)
		return r->args->svg = true, 0;
	for (i = 0; i < FW_COUNT(with_argument); i++) {
		if (strlen(with_argument[i]) != len ||
		    strncmp(with_argument[i], word, len) != 0)
			continue;
		arg = word[len] ? word + len + 1 : argument(r, "");
		return arg ? long_read(r, with_argument[i], arg) : -EINVAL;
	}
	app_error(r->app, "unknown option '--%s'", word);
	memcpy(names, with_argument, sizeof(with_argument));
	memcpy(names + FW_COUNT(with_argument), flags, sizeof(flags));
	app_option_suggest(r->app, word, names);
	return -EINVAL;
}

static int word_read(struct reader *r, const char *word)
{
	const char *arg;

	if (word[0] != '-' || word[1] == '\0') {
		app_error(r->app, "unexpected word '%s'", word);
		return -EINVAL;
	}
	if (word[1] == '-')
		return long_option_read(r, word + 2);
	if (strchr("PSDW", word[1])) {
		arg = argument(r, word + 2);
		return arg ? letter_read(r, word[1], arg) : -EINVAL;
	}
	for (word++; *word; word++) {
		if (*word == 'y')
			r->cur->pkt.tcpflags |= FW_TCP_SYN;
		else if (*word == 'k')
			r->cur->pkt.tcpflags |= FW_TCP_ACK;
		else if (*word == 'v')
			r->args->verbose = true;
		else {
			app_error(r->app, "unknown option '-%c'", *word);
			return -EINVAL;
		}
	}
	return 0;
}

static int port_read(const struct reader *r, const char *word, __u16 *port)
{
	unsigned int kind = r->cur->pkt.proto == FW_PROTO_TCP ? FW_KIND_TCP : FW_KIND_UDP;
	unsigned long n;
	int found = isdigit((unsigned char)word[0]) ? -1 : name_service_port(word, kind);

	if (found >= 0) {
		*port = (__u16)found;
		return 0;
	}
	if (number_read(r, "port", word, 65535, &n) < 0)
		return -EINVAL;
	*port = (__u16)n;
	return 0;
}

/* Ports and lengths depend on the protocol, so they are read last. */
static int packet_complete(struct reader *r)
{
	static const struct {
		__u8 proto;
		__u16 header;
	} headers[] = {
		{ FW_PROTO_TCP, 20 }, { FW_PROTO_UDP, 8 }, { FW_PROTO_ICMP, 8 },
	};
	struct fw_packet *pkt = &r->cur->pkt;
	bool ports = pkt->proto == FW_PROTO_TCP || pkt->proto == FW_PROTO_UDP;
	unsigned int i;

	if (!r->has_protocol || !r->has_source || !r->has_destination) {
		app_error(r->app, "a packet needs -P, -S and -D");
		return -EINVAL;
	}
	if ((r->sport || r->dport) && !ports && pkt->proto != FW_PROTO_ICMP) {
		app_error(r->app, "only tcp, udp and icmp have ports or types");
		return -EINVAL;
	}
	if (pkt->proto == FW_PROTO_ICMP && r->dport) {
		app_error(r->app, "the ICMP type stands behind -S, not behind -D");
		return -EINVAL;
	}
	if (pkt->proto == FW_PROTO_ICMP && r->sport &&
	    byte_read(r, "ICMP type", r->sport, &pkt->icmp_type) < 0)
		return -EINVAL;
	if (ports && r->sport && port_read(r, r->sport, &pkt->sport) < 0)
		return -EINVAL;
	if (ports && r->dport && port_read(r, r->dport, &pkt->dport) < 0)
		return -EINVAL;
	for (i = 0; !r->has_length && i < FW_COUNT(headers); i++)
		if (headers[i].proto == pkt->proto)
			pkt->len = 20 + headers[i].header;
	if (pkt->proto == FW_PROTO_ICMP)
		pkt->icmp_id = 1;
	return 0;
}

/* Begins the next packet; it is at the time of the one before. */
static int packet_begin(struct reader *r)
{
	struct packet_args *args = r->args;

	if (args->count == PACKET_ARGS_MAX) {
		app_error(r->app, "at most %d packets can be traced at once: use --pcap",
			  PACKET_ARGS_MAX);
		return -EINVAL;
	}
	r->cur = &args->packet[args->count];
	*r->cur = (struct packet_arg){ .pkt = { .ttl = 64, .len = 20 } };
	if (args->count)
		r->cur->at = args->packet[args->count - 1].at;
	args->count++;
	r->sport = r->dport = NULL;
	r->has_source = r->has_destination = r->has_protocol = false;
	r->has_length = r->has_time = false;
	return 0;
}

/* Does this word begin another packet?  --at or -P do, once there is one. */
static bool begins_another(const struct reader *r, const char *word)
{
	if (strncmp(word, "--at", 4) == 0 && (!word[4] || word[4] == '='))
		return r->has_protocol;
	return strncmp(word, "-P", 2) == 0 && r->has_protocol;
}

int command_packet_read(const struct app *app, int argc, char **argv,
			struct packet_args *args)
{
	struct reader r = { .app = app, .argc = argc, .argv = argv, .args = args };

	*args = (struct packet_args){ .count = 0 };
	if (packet_begin(&r) < 0)
		return -EINVAL;
	for (r.i = 1; r.i < argc; r.i++) {
		if (begins_another(&r, argv[r.i]) &&
		    (packet_complete(&r) < 0 || packet_begin(&r) < 0))
			return -EINVAL;
		if (word_read(&r, argv[r.i]) < 0)
			return -EINVAL;
	}
	if (!args->pcap)
		return packet_complete(&r);
	if (args->count > 1 || r.has_protocol || r.has_source || r.has_destination) {
		app_error(app, "packets are those of --pcap or of -P, -S and -D, not both");
		return -EINVAL;
	}
	args->interface = r.cur->interface;
	args->count = 0;
	return 0;
}
