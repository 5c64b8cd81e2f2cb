// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * delivered.c - what a namespace delivers to itself, recorded and swallowed.
 */
#include "tests/lib/delivered.h"

#include <linux/netfilter.h>

#include "tests/lib/namespace.h"

#define LOG_GROUP 5

static const char delivered_table[] =
	"table ip delivered {\n"
	"	chain input {\n"
	"		type filter hook input priority 2147483646;\n"
	"		log group 5\n"
	"		drop\n"
	"	}\n"
	"}\n";

/* behind connection tracking, before anything else */
static const char invalid_table[] =
	"table ip invalid {\n"
	"	chain prerouting {\n"
	"		type filter hook prerouting priority -199;\n"
	"		ct state invalid log group 5\n"
	"	}\n"
	"}\n";

int delivered_open(struct delivered *d)
{
	int err = packet_log_open(&d->log, LOG_GROUP, 0);

	if (!err)
		err = namespace_run("nft -f -", delivered_table);
	if (err < 0)
		packet_log_close(&d->log);
	return err;
}

int delivered_watch_invalid(void)
{
	return namespace_run("nft -f -", invalid_table);
}

void delivered_close(struct delivered *d)
{
	packet_log_close(&d->log);
}

/* who is told of delivered packets */
struct receiver {
	delivered_fn take;
	void *ctx;
};

static void packet_tell(const struct logged_packet *p, void *ctx)
{
	const struct receiver *r = ctx;

	r->take(r->ctx, p->bytes, p->len, p->hook != NF_INET_LOCAL_IN);
}

void delivered_take(struct delivered *d, delivered_fn take, void *ctx)
{
	struct receiver r = {take, ctx};

	packet_log_take(&d->log, false, packet_tell, &r);
}
