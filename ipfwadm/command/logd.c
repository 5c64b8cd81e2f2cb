// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * logd.c - `ipfwadm logd': the log line of 2.0 for packets that rules send to NFLOG.
 *
 * A rule's prefix is what the line begins with; the rest is read from the packet.
 */
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "backend/interfaces.h"
#include "backend/netlink/nflog.h"
#include "backend/sim/packet_read.h"
#include "backend/sim/route.h"
#include "ipfwadm/command/subcommands.h"
#include "kmod/core/show.h"

#define LINE_MAX_BYTES 512	/* one with all IP options has 340 */

struct logd {
	const char *path;	/* NULL: syslog; "-": standard output */
	FILE *out;		/* while a datagram is written */
	int err;		/* why the file could not be opened */
	char host[64];
	struct fw_interfaces ifs;	/* with the aliases, which have no index */
	time_t ifs_read;
};

/* Returns false if it is no prefix of ours.  received: the interface is the receiving one. */
static bool prefix_read(const char *prefix, bool *received)
{
	static const char *const begins[] = {
		"IP fw-in ", "IP acct in ", "IP fw-fwd ", "IP fw-out ", "IP acct out ",
	};
	size_t i;

	for (i = 0; i < FW_COUNT(begins); i++)
		if (!strncmp(prefix, begins[i], strlen(begins[i])))
			break;
	*received = i < 2;
	return i < FW_COUNT(begins);
}

/* The interface; on input its alias that has the packet's destination address. */
static const struct fw_dev *dev_find(struct logd *d, struct fw_dev *dev, __u32 index,
				     const struct fw_packet *pkt, bool received)
{
	struct sim_routes all;
	char name[IF_NAMESIZE] = "";
	struct fw_error ignored;

	*dev = (struct fw_dev){ .addr = 0 };
	if (!index || !if_indextoname(index, name))
		return NULL;
	memcpy(dev->name, name, strnlen(name, FW_IFNAMSIZ));
	if (!received)
		return dev;
	if (d->ifs_read != time(NULL)) {
		d->ifs_read = time(NULL);
		free(d->ifs.dev);
		interfaces_system(&d->ifs, &ignored);
	}
	all = (struct sim_routes){ .dev = d->ifs.dev, .count = d->ifs.count };
	return sim_alias(&all, dev, pkt->daddr);
}

/* klogd wrote "Mar  1 12:00:00 gate kernel: " into files before each line. */
static void file_write(const struct logd *d, const char *line)
{
	char when[32];
	time_t now = time(NULL);
	struct tm tm;

	if (d->out == stdout) {
		fprintf(d->out, "%s\n", line);
		return;
	}
	strftime(when, sizeof(when), "%b %e %H:%M:%S", localtime_r(&now, &tm));
	fprintf(d->out, "%s %s kernel: %s\n", when, d->host, line);
}

static void packet_log(void *ctx, const struct nflog_packet *p)
{
	struct logd *d = ctx;
	char line[LINE_MAX_BYTES];
	struct fw_packet pkt;
	struct fw_dev dev;
	struct fw_text t;
	bool received;

	if (!prefix_read(p->prefix, &received) || d->err)
		return;
	/* opened for each datagram, because files are rotated */
	if (d->path && !d->out) {
		d->out = strcmp(d->path, "-") ? fopen(d->path, "ae") : stdout;
		d->err = d->out ? 0 : errno;
		if (d->err)
			return;
	}
	sim_packet_read(&pkt, p->ip, p->len);
	pkt.len = (__u16)(p->ip[2] << 8 | p->ip[3]);
	fw_text_init(&t, line, sizeof(line));
	fw_text_str(&t, p->prefix);
	fw_show_log_packet(&t, dev_find(d, &dev, received ? p->in : p->out, &pkt, received),
			   &pkt);
	if (d->out)
		file_write(d, line);
	else
		syslog(LOG_INFO, "%s", line);
}

static bool datagram_log(const struct app *app, struct logd *d, const struct netlink *l)
{
	int err = nflog_receive(l, packet_log, d);

	if (err == -ENOBUFS)
		app_error(app, "lines were lost: packets come faster than they are written");
	else if (err)
		app_error(app, "cannot read the log group: %s", strerror(-err));
	if (d->out && (d->out == stdout ? fflush(d->out) : fclose(d->out)))
		d->err = errno;
	d->out = NULL;
	if (d->err)
		app_error(app, "cannot write '%s': %s", d->path, strerror(d->err));
	return !d->err && (!err || err == -ENOBUFS);
}

int command_logd(struct app *app, int argc, char **argv)
{
	struct logd d = { .path = argv[1] };
	struct fw_error e;
	struct netlink l;

	if (argc > 2 || (d.path && d.path[0] == '-' && d.path[1]))
		return app_word_refuse(app, argv[0], argv[0], argv[argc - 1], NULL);
	if (!app->log_group) {
		app_error(app, "no log group: '--log-group N', or 'log-group N' in "
			       "/etc/ipfwadm.conf, says where rules log to");
		return STATUS_USAGE;
	}
	if (nflog_open(&l, app->log_group, &e)) {
		app_error(app, "%s", e.text);
		netlink_close(&l);
		return STATUS_FAILED;
	}
	if (!d.path)
		openlog("kernel", 0, LOG_USER);
	gethostname(d.host, sizeof(d.host) - 1);
	while (datagram_log(app, &d, &l))
		;
	free(d.ifs.dev);
	netlink_close(&l);
	return STATUS_FAILED;
}
