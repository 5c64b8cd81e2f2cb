// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmod-netlink-events.c - events of connections: which there are and of whom, who may listen,
 * and that those that are lost are counted.
 *
 * usage: kmod-netlink-events
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/family.h"
#include "tests/lib/namespace.h"
#include "tests/lib/tally.h"

#define NOBODY 65534
#define BUFFER (8 << 20)
#define WAIT 20000	/* ms for what must come */
#define SOON 300	/* ms in which what must not come would have come */
#define FLOOD 4000	/* connections, more than wait to be sent */
#define PORT 5000

static struct tally tally;

#define check(good, ...) \
	((good) ? tally_pass(&tally) : tally_fail(&tally, __VA_ARGS__))

static void must(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

/* Opens f in a namespace of its own, with lo and a rule that needs states.  Nothing expires. */
static void begin(struct family *f)
{
	must(namespace_new() >= 0, "namespace");
	must(!namespace_run("ip link set lo up", NULL), "lo");
	must(!family_open(f), "family_open");
	must(!namespace_run("$BUILD/bin/ipfwadm --backend kmod -I -a accept --state new", NULL),
	     "a rule with a state");
	must(!namespace_run("$BUILD/bin/ipfwadm --backend kmod -T -s udp 3600", NULL),
	     "a long timeout");
}

static int listen_to(struct family *f)
{
	const int size = BUFFER;

	must(!setsockopt(mnl_socket_get_fd(f->nl), SOL_SOCKET, SO_RCVBUFFORCE, &size,
			 sizeof(size)), "receive buffer");
	return mnl_socket_setsockopt(f->nl, NETLINK_ADD_MEMBERSHIP, &f->conns_group,
				     sizeof(f->conns_group));
}

/* events that have come */
struct heard {
	unsigned int n[IPFWADM_EVENT_DESTROYED + 1];
	struct ipfwadm_conn last[IPFWADM_EVENT_DESTROYED + 1];
	__u64 lost;
	bool is_ordered;	/* numbers of new ones grow */
};

static void message_take(struct heard *h, const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *g = mnl_nlmsg_get_payload(nlh);
	struct ipfwadm_conn conn;
	const struct nlattr *a;

	if (g->cmd != IPFWADM_CMD_CONNS_CHANGED)
		return;
	mnl_attr_for_each(a, nlh, sizeof(*g)) {
		if (mnl_attr_get_type(a) == IPFWADM_A_LOST)
			h->lost += mnl_attr_get_u32(a);
		if (mnl_attr_get_type(a) != IPFWADM_A_CONN)
			continue;
		memcpy(&conn, mnl_attr_get_payload(a), sizeof(conn));
		must(conn.event && conn.event <= IPFWADM_EVENT_DESTROYED, "an event");
		if (conn.event == IPFWADM_EVENT_NEW && h->n[IPFWADM_EVENT_NEW])
			h->is_ordered &= conn.id > h->last[IPFWADM_EVENT_NEW].id;
		h->last[conn.event] = conn;
		h->n[conn.event]++;
	}
}

/* Takes events until there were so many, reported or lost, or none comes for wait ms. */
static void hear(struct family *f, struct heard *h, unsigned int enough, int wait)
{
	struct pollfd fd = { .fd = mnl_socket_get_fd(f->nl), .events = POLLIN };
	static char buf[65536];
	const struct nlmsghdr *nlh;
	int len;

	while (h->n[1] + h->n[2] + h->n[3] + h->lost < enough && poll(&fd, 1, wait) == 1) {
		len = (int)recv(fd.fd, buf, sizeof(buf), 0);
		must(len > 0, "receive");
		for (nlh = (const void *)buf; mnl_nlmsg_ok(nlh, len);
		     nlh = mnl_nlmsg_next(nlh, &len))
			message_take(h, nlh);
	}
}

static int udp_socket(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	must(fd >= 0, "socket");
	return fd;
}

static void datagram_send(int fd, __u16 port)
{
	const struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port),
					.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	must(sendto(fd, "x", 1, 0, (const void *)&to, sizeof(to)) == 1, "send");
}

/* A connection of TCP over lo. */
static void connection_make(int ends[2])
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(PORT),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	must(listening >= 0, "socket");
	setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	must(!bind(listening, (const void *)&at, sizeof(at)) && !listen(listening, 1), "listen");
	ends[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(!connect(ends[0], (const void *)&at, sizeof(at)), "connect");
	ends[1] = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
	must(ends[1] >= 0, "accept");
	close(listening);
}

static int count_take(const struct nlmsghdr *nlh, void *ctx)
{
	const struct nlattr *tb[IPFWADM_A_COUNT + 1];

	family_attrs(nlh, tb, IPFWADM_A_COUNT);
	*(unsigned int *)ctx = tb[IPFWADM_A_COUNT] ? mnl_attr_get_u32(tb[IPFWADM_A_COUNT]) : 0;
	return MNL_CB_OK;
}

/* There were so many. */
static void conns_end(struct family *f, unsigned int expected)
{
	unsigned int count = 0;
	char buf[256];
	struct answer a;

	family_ask(f, family_message(f, buf, IPFWADM_CMD_CONNS_END, 0), count_take, &count, &a);
	check(!a.error && count == expected, "end: error %d, %u ended", a.error, count);
}

/* A connection from its first packet to its end. */
static void life_check(void)
{
	struct heard h = { .is_ordered = true };
	struct family f, listener;
	const struct ipfwadm_conn *c;
	int ends[2];

	begin(&f);
	must(!family_open(&listener), "family_open");
	check(!listen_to(&listener), "root may listen");
	connection_make(ends);
	hear(&listener, &h, 2, WAIT);
	check(h.n[IPFWADM_EVENT_NEW] == 1 && h.n[IPFWADM_EVENT_ASSURED] == 1,
	      "%u new, %u assured", h.n[IPFWADM_EVENT_NEW], h.n[IPFWADM_EVENT_ASSURED]);
	c = &h.last[IPFWADM_EVENT_NEW];
	check(c->proto == IPPROTO_TCP && c->dport == PORT && c->saddr == INADDR_LOOPBACK &&
	      c->packets[0] == 1 && !c->packets[1], "new: port %u, %llu packets", c->dport,
	      (unsigned long long)c->packets[0]);
	check(h.last[IPFWADM_EVENT_ASSURED].id == c->id &&
	      h.last[IPFWADM_EVENT_ASSURED].flags & IPFWADM_CONN_ASSURED, "the same is assured");
	conns_end(&f, 1);
	hear(&listener, &h, 3, WAIT);
	c = &h.last[IPFWADM_EVENT_DESTROYED];
	check(h.n[IPFWADM_EVENT_DESTROYED] == 1 && c->id == h.last[IPFWADM_EVENT_NEW].id &&
	      c->packets[0] == 2 && c->packets[1] == 1, "destroyed: %llu and %llu packets",
	      (unsigned long long)c->packets[0], (unsigned long long)c->packets[1]);
	hear(&listener, &h, 4, SOON);
	check(h.n[1] + h.n[2] + h.n[3] == 3 && !h.lost, "nothing else");
	close(ends[0]);
	close(ends[1]);
	family_close(&listener);
	family_close(&f);
}

/* What happens in other namespaces, one of which ends, is not ours. */
static void namespaces_check(void)
{
	struct heard h = { .is_ordered = true };
	struct family f, other;
	int fd;

	begin(&f);
	must(!listen_to(&f), "listen");
	begin(&other);
	fd = udp_socket();
	datagram_send(fd, PORT);
	conns_end(&other, 1);
	datagram_send(fd, PORT);
	close(fd);
	family_close(&other);
	must(namespace_new() >= 0, "namespace");
	hear(&f, &h, 1, SOON);
	check(!h.n[1] && !h.n[2] && !h.n[3] && !h.lost, "events of another namespace");
	family_close(&f);
}

/* 0 or the error with which a user may not listen. */
static int user_listens(void)
{
	struct family f;
	int status;
	pid_t pid = fork();

	must(pid >= 0, "fork");
	if (!pid) {
		if (setuid(NOBODY) || family_open(&f))
			_exit(255);
		_exit(mnl_socket_setsockopt(f.nl, NETLINK_ADD_MEMBERSHIP, &f.conns_group,
					    sizeof(f.conns_group)) ? errno : 0);
	}
	must(waitpid(pid, &status, 0) == pid && WIFEXITED(status), "wait");
	return WEXITSTATUS(status);
}

/*
 * What sends the events has this processor to itself only after us: more than wait to be
 * sent are lost, and each is reported or counted.
 */
static void flood_check(void)
{
	const struct sched_param first = { .sched_priority = 1 }, none = { 0 };
	struct heard h = { .is_ordered = true };
	struct family f, listener;
	cpu_set_t here;
	int fd = -1, i;

	begin(&f);
	must(!family_open(&listener), "family_open");
	must(!listen_to(&listener), "listen");
	CPU_ZERO(&here);
	CPU_SET(0, &here);
	must(!sched_setaffinity(0, sizeof(here), &here), "stay on a processor");
	fd = udp_socket();
	must(!sched_setscheduler(0, SCHED_FIFO, &first), "go first");
	for (i = 0; i < FLOOD; i++)
		datagram_send(fd, (__u16)(10000 + i));
	must(!sched_setscheduler(0, SCHED_OTHER, &none), "go on");
	hear(&listener, &h, FLOOD, WAIT);
	check(h.n[IPFWADM_EVENT_NEW] + h.lost == FLOOD && h.lost > 0 && h.is_ordered,
	      "%u events, %llu lost", h.n[IPFWADM_EVENT_NEW], (unsigned long long)h.lost);
	check(h.n[IPFWADM_EVENT_NEW] >= IPFWADM_EVENTS_MAX, "%u events",
	      h.n[IPFWADM_EVENT_NEW]);
	h = (struct heard){ .is_ordered = true };
	conns_end(&f, FLOOD);
	hear(&listener, &h, FLOOD, WAIT);
	check(h.n[IPFWADM_EVENT_DESTROYED] + h.lost == FLOOD, "%u destroyed, %llu lost",
	      h.n[IPFWADM_EVENT_DESTROYED], (unsigned long long)h.lost);
	close(fd);
	family_close(&listener);
	family_close(&f);
}

int main(void)
{
	life_check();
	namespaces_check();
	int why = user_listens();

	check(why == EPERM, "a user may not listen: %d", why);
	flood_check();
	return tally_end(&tally);
}
