// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmod-dump.c - connections and expectations of a module that resizes its table: what is
 * reported is of one dump.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "backend/kmod/kmod_track.h"

#define MESSAGE 1024

/* the kernel is the other end of a pair, whose answers wait to be read */
struct world {
	struct kmod_link link;
	int kernel;
	__u32 sequence;	/* of the last dump */
	__u32 reported[8];
	size_t n;
};

static struct world *world_new(void)
{
	struct world *w = calloc(1, sizeof(*w));
	int pair[2];

	assert_non_null(w);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	w->link.netlink.socket = mnl_socket_fdopen(pair[0]);
	assert_non_null(w->link.netlink.socket);
	w->link.netlink.answer = malloc(64 * 1024);
	assert_non_null(w->link.netlink.answer);
	w->kernel = pair[1];
	return w;
}

/* How many requests there were. */
static size_t world_free(struct world *w)
{
	char request[MESSAGE];
	size_t n = 0;

	while (recv(w->kernel, request, sizeof(request), MSG_DONTWAIT) > 0)
		n++;
	kmod_link_close(&w->link);
	close(w->kernel);
	free(w);
	return n;
}

static void message_send(const struct world *w, __u16 type, __u16 flags, __u16 attribute,
			 const void *item, size_t size)
{
	char buf[MESSAGE] __attribute__((aligned(4)));
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);

	mnl_nlmsg_put_extra_header(h, sizeof(struct genlmsghdr));
	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_MULTI | flags;
	h->nlmsg_seq = w->sequence;
	if (item)
		mnl_attr_put(h, attribute, size, item);
	assert_int_equal(send(w->kernel, buf, h->nlmsg_len, 0), h->nlmsg_len);
}

/* The next dump has connections with the numbers first ... first + n - 1. */
static void conns_answer(struct world *w, __u32 first, __u32 n, bool interrupted)
{
	struct ipfwadm_conn conn = { .proto = FW_PROTO_UDP };

	w->sequence++;
	for (conn.id = first; conn.id < first + n; conn.id++)
		message_send(w, 0x20, interrupted && conn.id == first ? NLM_F_DUMP_INTR : 0,
			     IPFWADM_A_CONN, &conn, sizeof(conn));
	message_send(w, NLMSG_DONE, 0, 0, NULL, 0);
}

static int conn_take(const struct ipfwadm_conn *conn, void *ctx)
{
	struct world *w = ctx;

	assert_true(w->n < 8);
	w->reported[w->n++] = conn->id;
	return 0;
}

static int expect_take(const struct ipfwadm_expect *expect, void *ctx)
{
	struct world *w = ctx;

	assert_true(w->n < 8);
	w->reported[w->n++] = expect->master;
	return 0;
}

static int conn_refuse(const struct ipfwadm_conn *conn, void *ctx)
{
	conn_take(conn, ctx);
	return -ENOSPC;
}

static int conns_read(struct world *w, kmod_conn_fn each)
{
	struct netlink_refusal why;

	return kmod_conns_read(&w->link, NULL, each, w, &why);
}

static void an_interrupted_dump_is_read_again(void **state)
{
	struct world *w = world_new();

	(void)state;
	conns_answer(w, 1, 2, true);
	conns_answer(w, 1, 3, true);
	conns_answer(w, 5, 2, false);
	conns_answer(w, 9, 1, false);
	assert_int_equal(conns_read(w, conn_take), 0);
	assert_int_equal(w->n, 2);
	assert_int_equal(w->reported[0], 5);
	assert_int_equal(w->reported[1], 6);
	assert_int_equal(world_free(w), 3);
}

static void the_last_attempt_counts(void **state)
{
	struct world *w = world_new();
	__u32 i;

	(void)state;
	for (i = 1; i <= KMOD_DUMPS_MAX + 1; i++)
		conns_answer(w, 10 * i, 2, true);
	assert_int_equal(conns_read(w, conn_take), 0);
	assert_int_equal(w->n, 2);
	assert_int_equal(w->reported[0], 10 * KMOD_DUMPS_MAX);
	assert_int_equal(world_free(w), KMOD_DUMPS_MAX);
}

static void expectations_are_read_again(void **state)
{
	struct ipfwadm_expect expect = { .master = 7 };
	struct netlink_refusal why;
	struct world *w = world_new();

	(void)state;
	for (w->sequence = 1; w->sequence <= 2; w->sequence++) {
		message_send(w, 0x20, w->sequence == 1 ? NLM_F_DUMP_INTR : 0, IPFWADM_A_EXPECT,
			     &expect, sizeof(expect));
		message_send(w, NLMSG_DONE, 0, 0, NULL, 0);
		expect.master = 8;
	}
	assert_int_equal(kmod_expects_read(&w->link, expect_take, w, &why), 0);
	assert_int_equal(w->n, 1);
	assert_int_equal(w->reported[0], 8);
	assert_int_equal(world_free(w), 2);
}

/* What is refused, and what cannot be read, ends the dump. */
static void failures(void **state)
{
	struct world *w = world_new();
	__u32 number = 0;

	(void)state;
	conns_answer(w, 1, 2, false);
	assert_int_equal(conns_read(w, conn_refuse), -ENOSPC);
	assert_int_equal(w->n, 1);
	w->sequence++;
	message_send(w, 0x20, 0, IPFWADM_A_CONN, &number, sizeof(number));
	message_send(w, NLMSG_DONE, 0, 0, NULL, 0);
	assert_int_equal(conns_read(w, conn_take), -EPROTO);
	assert_int_equal(w->n, 1);
	assert_int_equal(world_free(w), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_interrupted_dump_is_read_again),
		cmocka_unit_test(the_last_attempt_counts),
		cmocka_unit_test(expectations_are_read_again),
		cmocka_unit_test(failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
