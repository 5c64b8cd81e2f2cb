// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmod-portfw.c - programs behind port forwards of the module, with real sockets.
 *
 *	kmod-portfw
 *
 * Runs where the module is loaded, as root, in network namespaces of its own; the rules
 * are the gate's, targets are inside.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/datagram.h"
#include "tests/lib/namespace.h"
#include "tests/programs/kmod-masq/gate.h"

#define MTU_MIN 552	/* of a path whose error tells none */
#define ICMP_TOO_BIG 4	/* code */

/* what a forward of 2.0 needs, and nothing else passes */
static void rules_make(void)
{
	gate_rule("load /dev/null");
	gate_rule("-T -f");
	gate_rule("-F -p deny");
	gate_rule("-F -a masquerade -S 10.0.1.0/24 -W ppp0");
}

static long packets(const char *comment)
{
	char command[256];

	snprintf(command, sizeof(command),
		 "IPFWADM_BACKEND=kmod $BUILD/bin/ipfwadm save -c |"
		 "sed -n 's/^\\[\\([0-9]*\\):.*--comment %s$/\\1/p'", comment);
	return gate_printed(command);
}

/* the connections that forward n of the listing has made */
static long made(int n)
{
	char command[256];

	snprintf(command, sizeof(command),
		 "IPFWADM_BACKEND=kmod $BUILD/bin/ipfwadm -M --forward -l -n -e |"
		 "awk 'NR == %d { print $1 }'", n + 2);
	return gate_printed(command);
}

/* A connection of the outside to the gate, which a listener inside accepts, or -errno. */
static long client_connect(int listening, int port, int *client, int *server)
{
	struct sockaddr_in from = gate_end(0, 0);
	socklen_t len = sizeof(from);
	long err;

	*client = gate_bound(gate_outside, SOCK_STREAM, 0, false);
	err = gate_connect(*client, GATE, port);
	if (err)
		return err;
	*server = accept4(listening, (struct sockaddr *)&from, &len, SOCK_CLOEXEC);
	if (*server < 0)
		return -errno;
	gate_expect("the target sees the client", ntohl(from.sin_addr.s_addr), OUTSIDE);
	return 0;
}

/* Does a word arrive at the other end? */
static long word(int from, int to)
{
	if (send(from, "word", 4, MSG_NOSIGNAL) != 4)
		return -errno;
	return gate_receive(to, WAIT, NULL);
}

/* Every list sees what it saw in 2.0; the path of the first packet needs no rule. */
static void sightings_begin(const char *proto, const char *outer, const char *inner,
			    const char *with_ack)
{
	static const char *const rules[] = {
		"-A in -i -P $PROTO -S 192.0.2.2 -D 192.0.2.1 $OUTER -W ppp0 $N client-acct-in",
		"-A in -i $K -P $PROTO -D 192.0.2.1 $OUTER $N client-acct-k",
		"-I -i accept -P $PROTO -S 192.0.2.2 -D 192.0.2.1 $OUTER -W ppp0 $N client-input",
		"-F -i masquerade -P $PROTO -S 192.0.2.2 $N client-forward",
		"-O -i accept -P $PROTO -S 192.0.2.2 -D 10.0.1.2 $INNER -W eth0 $N client-output",
		"-A out -i -P $PROTO -S 192.0.2.2 -D 10.0.1.2 $INNER -W eth0 $N client-acct-out",
		"-A in -i -P $PROTO -S 10.0.1.2 $INNER -D 192.0.2.2 -W eth0 $N target-acct-in",
		"-I -i accept -P $PROTO -S 10.0.1.2 $INNER -D 192.0.2.2 -W eth0 $N target-input",
		"-F -i masquerade $K -P $PROTO -S 10.0.1.2 $INNER -W ppp0 $N target-forward",
		"-O -i accept -P $PROTO -S 192.0.2.1 $OUTER -D 192.0.2.2 -W ppp0 $N target-output",
		"-A out -i -P $PROTO -S 192.0.2.1 $OUTER -D 192.0.2.2 -W ppp0 $N target-acct-out",
		"-A -i -P $PROTO -D 192.0.2.1 $OUTER -b $N both",
	};

	setenv("PROTO", proto, 1);
	setenv("OUTER", outer, 1);
	setenv("INNER", inner, 1);
	setenv("K", with_ack, 1);
	setenv("N", "--comment", 1);
	rules_make();
	for (size_t i = 0; i < FW_COUNT(rules); i++)
		gate_rule(rules[i]);
	gate_rule("-M --forward -a -P $PROTO -D 192.0.2.1 $OUTER --to 10.0.1.2:$INNER");
}

/* At least so many packets each way; without: those of the client that have no ACK. */
static void sightings_check(long least, long without)
{
	long in = packets("client-input"), out = packets("target-input");

	gate_expect("many packets", in > least, 1);
	gate_expect("accounting of them", packets("client-acct-in"), in);
	gate_expect("all but the first with ACK", packets("client-acct-k"), in - without);
	gate_expect("none in the forward list", packets("client-forward"), 0);
	gate_expect("all leave", packets("client-output"), in);
	gate_expect("and are counted", packets("client-acct-out"), in);
	gate_expect("many answers", out > least, 1);
	gate_expect("accounting of these", packets("target-acct-in"), out);
	gate_expect("all with ACK in the forward list", packets("target-forward"), out);
	gate_expect("all answers leave", packets("target-output"), out);
	gate_expect("and are counted, too", packets("target-acct-out"), out);
	gate_expect("each packet once in both directions", packets("both"), in + out);
}

static void sightings_of_tcp(void)
{
	int listening = gate_bound(gate_inside, SOCK_STREAM, 8080, true), a = -1, b = -1;

	sightings_begin("tcp", "80", "8080", "-k");
	gate_expect("connects", client_connect(listening, 80, &a, &b), 0);
	gate_transfer("bytes in", a, b);
	gate_transfer("bytes out", b, a);
	gate_expect("one connection", made(1), 1);
	gate_expect("is listed as masqueraded",
		    gate_printed("IPFWADM_BACKEND=kmod $BUILD/bin/ipfwadm -M -l -n |"
				 "grep -c '^tcp .* 10.0.1.2  *192.0.2.2  *8080 (80) -> '"), 1);
	gate_expect("and as tracked",
		    gate_printed("IPFWADM_BACKEND=kmod $BUILD/bin/ipfwadm -T -l -n |"
				 "grep -c '192.0.2.2 *192.0.2.1 .* 80'"), 1);
	sightings_check(10, 1);
	close(a);
	close(b);
	gate_rule("-I -i deny -S 192.0.2.2");
	gate_expect("the input list says who connects", client_connect(listening, 80, &a, &b),
		    -EINPROGRESS);
	close(a);
	close(listening);
}

static void sightings_of_udp(void)
{
	int client = gate_bound(gate_outside, SOCK_DGRAM, 4000, false);
	int target = gate_bound(gate_inside, SOCK_DGRAM, 5353, false);
	const struct sockaddr_in to = gate_end(GATE, 53);
	struct sockaddr_in from;

	sightings_begin("udp", "53", "5353", "");
	for (int i = 0; i < 4; i++) {
		gate_answer(client, &to, "question");
		gate_expect("a question", gate_receive(target, WAIT, &from), 8);
		gate_answer(target, &from, "answer");
		gate_expect("an answer", gate_receive(client, WAIT, NULL), 6);
	}
	sightings_check(3, 0);
	close(target);
	close(client);
}

/* Two targets take turns by their weights. */
static void turns(void)
{
	int listening[2], i, a, b;

	rules_make();
	gate_rule("-M --forward -a -P tcp -D 192.0.2.1 80 --to 10.0.1.2:8081 --weight 2");
	gate_rule("-M --forward -a -P tcp -D 192.0.2.1 80 --to 10.0.1.2:8082 --weight 1");
	for (i = 0; i < 2; i++)
		listening[i] = gate_bound(gate_inside, SOCK_STREAM, 8081 + i, true);
	for (i = 0; i < 6; i++) {
		gate_expect("connects in turn",
			    client_connect(listening[i % 3 == 2], 80, &a, &b), 0);
		gate_expect("a word", word(a, b), 4);
		gate_expect("an answer", word(b, a), 4);
		close(a);
		close(b);
	}
	gate_expect("four of the first", made(1), 4);
	gate_expect("two of the second", made(2), 2);
	gate_rule("-M --forward -z");
	gate_expect("zeroed", made(1) + made(2), 0);

	/* in the middle of a round after a load */
	gate_expect("connects", client_connect(listening[0], 80, &a, &b), 0);
	close(a);
	close(b);
	gate_run(gate_self, "export IPFWADM_BACKEND=kmod && "
			    "$BUILD/bin/ipfwadm save --counters >/tmp/turns && "
			    "$BUILD/bin/ipfwadm load /tmp/turns");
	for (i = 1; i < 4; i++) {
		gate_expect("goes on", client_connect(listening[i % 3 == 2], 80, &a, &b), 0);
		close(a);
		close(b);
	}
	close(listening[0]);
	close(listening[1]);
}

/* Another target in the place of one: connections keep theirs. */
static void replacing(void)
{
	int listening[2], a, b, c, d;

	for (int i = 0; i < 2; i++)
		listening[i] = gate_bound(gate_inside, SOCK_STREAM, 8081 + i, true);
	rules_make();
	gate_rule("-M --forward -a -P tcp -D 192.0.2.1 80 --to 10.0.1.2:8081");
	gate_expect("connects", client_connect(listening[0], 80, &a, &b), 0);
	gate_run(gate_self, "IPFWADM_BACKEND=kmod $BUILD/bin/ipportfw -A -t192.0.2.1/80 "
			    "-R 10.0.1.2/8082");
	gate_expect("a word to the old target", word(a, b), 4);
	gate_expect("and back", word(b, a), 4);
	gate_expect("a new one has the new target", client_connect(listening[1], 80, &c, &d), 0);
	gate_expect("one forward", made(1), 1);
	close(a);
	close(b);
	close(c);
	close(d);
	close(listening[0]);
	close(listening[1]);
}

/* Deletion while connections live: as 2.2 without --cut, as 2.0 with it. */
static void deletion(void)
{
	int listening = gate_bound(gate_inside, SOCK_STREAM, 8080, true);
	int a = -1, b = -1, other;

	rules_make();
	gate_rule("-M --forward -a -P tcp -D 192.0.2.1 80 --to 10.0.1.2:8080");
	gate_expect("connects", client_connect(listening, 80, &a, &b), 0);
	gate_rule("-M --forward -d -P tcp -D 192.0.2.1 80");
	gate_expect("it lives on", word(a, b), 4);
	gate_expect("both ways", word(b, a), 4);
	other = gate_bound(gate_outside, SOCK_STREAM, 0, false);
	gate_expect("a new one is the gate's", gate_connect(other, GATE, 80), -ECONNREFUSED);
	close(other);
	gate_rule("-M --forward -a -P tcp -D 192.0.2.1 80 --to 10.0.1.2:8080");
	gate_rule("-M --forward -d -P tcp -D 192.0.2.1 80 --cut");
	gate_expect("answers still arrive", word(b, a), 4);
	gate_expect("but the gate resets who gets them", gate_receive(a, WAIT, NULL), -ECONNRESET);
	close(a);
	close(b);
	close(listening);
}

/*
 * UDP: one entry for each client; a flow that the gate has answered goes to the target when
 * there is a forward; one that is cut works again when there is another.
 */
static void datagrams(void)
{
	int local = gate_bound(gate_self, SOCK_DGRAM, 53, false);
	int client = gate_bound(gate_outside, SOCK_DGRAM, 4000, false);
	int other = gate_bound(gate_outside, SOCK_DGRAM, 4001, false);
	int target = gate_bound(gate_inside, SOCK_DGRAM, 5353, false);
	const struct sockaddr_in to = gate_end(GATE, 53);
	struct sockaddr_in from;

	rules_make();
	gate_rule("-I -a accept --state new,established");
	gate_answer(client, &to, "before");
	gate_expect("before there is a forward", gate_receive(local, WAIT, &from), 6);
	gate_answer(local, &from, "own");
	gate_expect("the gate answers", gate_receive(client, WAIT, NULL), 3);
	gate_rule("-M --forward -a -P udp -D 192.0.2.1 53 --to 10.0.1.2:5353");
	gate_answer(client, &to, "question");
	gate_expect("its next packet goes to the target", gate_receive(target, WAIT, &from), 8);
	gate_expect("from the client", ntohs(from.sin_port), 4000);
	gate_answer(target, &from, "answer");
	gate_expect("which answers", gate_receive(client, WAIT, &from), 6);
	gate_expect("from the gate's address", ntohl(from.sin_addr.s_addr), GATE);
	gate_expect("and port", ntohs(from.sin_port), 53);
	gate_answer(other, &to, "another");
	gate_expect("another client", gate_receive(target, WAIT, &from), 7);
	gate_expect("has its own entry", ntohs(from.sin_port), 4001);
	gate_rule("-M --forward -f --cut");
	gate_answer(client, &to, "cut");
	gate_expect("cut, it is the gate's", gate_receive(local, WAIT, NULL), 3);
	gate_rule("-M --forward -a -P udp -D 192.0.2.1 53 --to 10.0.1.2:9");
	gate_answer(client, &to, "again");
	gate_expect("then the target's again", gate_receive(target, WAIT, NULL), 5);
	gate_enter(gate_self);
	gate_need(!namespace_sysctl("ipv4/ip_forward", "0"), "stop forwarding");
	gate_answer(client, &to, "also now");
	gate_expect("also while nothing is forwarded", gate_receive(target, WAIT, NULL), 8);
	gate_enter(gate_self);
	gate_need(!namespace_sysctl("ipv4/ip_forward", "1"), "forward");
	close(other);
	close(client);
	close(target);
	close(local);
}

/* An error about an answer, as a router outside sends it: the path is too narrow. */
static void too_big_send(__u16 port)
{
	const struct fw_packet error = {
		.saddr = OUTSIDE + 1, .daddr = GATE, .proto = FW_PROTO_ICMP, .ttl = 64,
		.icmp_type = FW_ICMP_UNREACH, .icmp_code = ICMP_TOO_BIG,
		.quote = { .saddr = GATE, .daddr = OUTSIDE, .sport = 53, .dport = port,
			   .proto = FW_PROTO_UDP },
	};
	const struct sockaddr_in to = gate_end(GATE, 0);
	static __u8 bytes[DATAGRAM_MAX];
	size_t len = datagram_build(&error, bytes);
	int fd = gate_socket(gate_outside, SOCK_RAW, IPPROTO_RAW);

	gate_need(sendto(fd, bytes, len, 0, (const struct sockaddr *)&to, sizeof(to)) == (long)len,
		  "send an error");
	close(fd);
}

/* Errors about what passes a forward, in both directions. */
static void errors(void)
{
	int client = gate_bound(gate_outside, SOCK_DGRAM, 4000, false);
	int target = gate_bound(gate_inside, SOCK_DGRAM, 5353, false);
	const struct sockaddr_in to = gate_end(GATE, 53);
	int discover = IP_PMTUDISC_DO, mtu = 0, i;
	socklen_t len = sizeof(mtu);

	rules_make();
	gate_rule("-M --forward -a -P udp -D 192.0.2.1 53 --to 10.0.1.2:5353");
	gate_answer(client, &to, "question");
	gate_expect("a question", gate_receive(target, WAIT, NULL), 8);
	gate_expect("the target connects", gate_connect(target, OUTSIDE, 4000), 0);
	setsockopt(target, IPPROTO_IP, IP_MTU_DISCOVER, &discover, sizeof(discover));
	too_big_send(4000);
	for (i = 0; i < 100 && mtu != MTU_MIN; i++) {
		usleep(20000);
		getsockopt(target, IPPROTO_IP, IP_MTU, &mtu, &len);
	}
	gate_expect("the target learns the path's MTU", mtu, MTU_MIN);
	close(client);
	while (gate_receive(target, 0, NULL) == -EMSGSIZE)
		;
	gate_need(send(target, "answer", 6, 0) == 6, "answer");
	gate_expect("the target learns that nobody listens", gate_receive(target, WAIT, NULL),
		    -ECONNREFUSED);
	close(target);
	client = gate_bound(gate_outside, SOCK_DGRAM, 4001, false);
	gate_expect("a client connects", gate_connect(client, GATE, 53), 0);
	gate_need(send(client, "question", 8, 0) == 8, "ask");
	gate_expect("and learns it of the target", gate_receive(client, WAIT, NULL), -ECONNREFUSED);
	close(client);
}

/* By mark, by a trigger, and connections that keep their port. */
static void other_kinds(void)
{
	static const char marks[] =
		"table ip marks {\n"
		"	chain pre {\n"
		"		type filter hook prerouting priority -250;\n"
		"		udp dport 7 meta mark set 7\n"
		"	}\n"
		"}\n";
	int client = gate_bound(gate_outside, SOCK_DGRAM, 6000, false);
	int target = gate_bound(gate_inside, SOCK_DGRAM, 7, false), audio;
	const struct sockaddr_in marked = gate_end(GATE, 7), to = gate_end(GATE, 7000);
	struct sockaddr_in out = gate_end(OUTSIDE, 7070), from;

	rules_make();
	gate_rule("-M --forward -a --mark 7 --to 10.0.1.2");
	gate_answer(client, &marked, "plain");
	gate_expect("without the mark", gate_receive(target, SOON, NULL), -ETIMEDOUT);
	gate_enter(gate_self);
	gate_need(!namespace_run("nft -f -", marks), "mark");
	gate_answer(client, &marked, "marked");
	gate_expect("with the mark", gate_receive(target, WAIT, NULL), 6);
	gate_run(gate_self, "nft delete table ip marks");
	gate_rule("-M --forward -a -P udp -D 0/0 6970:7170 --trigger udp 7070");
	audio = gate_bound(gate_inside, SOCK_DGRAM, 7000, false);
	gate_answer(client, &to, "early");
	gate_expect("before the trigger", gate_receive(audio, SOON, NULL), -ETIMEDOUT);
	gate_answer(audio, &out, "control");
	gate_answer(client, &to, "sound");
	gate_expect("to the host that triggered it", gate_receive(audio, WAIT, NULL), 5);
	gate_rule("-M --forward -a -P udp -D 0/0 6000:6100 --same-port");
	close(audio);
	audio = gate_bound(gate_inside, SOCK_DGRAM, 7777, false);
	out = gate_end(OUTSIDE, 6000);
	gate_answer(audio, &out, "kept");
	gate_expect("outwards", gate_receive(client, WAIT, &from), 4);
	gate_expect("with the same port", ntohs(from.sin_port), 7777);
	gate_answer(client, &from, "back");
	gate_expect("and back", gate_receive(audio, WAIT, NULL), 4);
	close(audio);
	close(target);
	close(client);
}

/*
 * A client beside its target is answered past the gate, so it does not connect; one of
 * another inner network does, if the answers are masqueraded; the gate itself is none.
 */
static void hairpin(void)
{
	int beside = namespace_new(), listening, own, a, b;
	char text[512];

	gate_enter(gate_self);
	snprintf(text, sizeof(text),
		 "link add br0 type bridge\n"
		 "addr del 10.0.1.1/24 dev eth0\n"
		 "addr add 10.0.1.1/24 dev br0\n"
		 "link set eth0 master br0\n"
		 "link add eth1 type veth peer name eth0 netns /proc/%d/fd/%d\n"
		 "link set eth1 master br0\n"
		 "link set eth1 up\n"
		 "link set br0 up\n", (int)getpid(), beside);
	gate_need(!namespace_run("ip -batch -", text), "put a client beside the target");
	gate_run(beside, "ip link set eth0 up && ip addr add 10.0.1.3/24 dev eth0 &&"
			 "ip route add default via 10.0.1.1");
	rules_make();
	gate_rule("-M --forward -a -P tcp -D 192.0.2.1 80 --to 10.0.1.2:8080");
	listening = gate_bound(gate_inside, SOCK_STREAM, 8080, true);
	a = gate_bound(beside, SOCK_STREAM, 0, false);
	setsockopt(a, SOL_SOCKET, SO_SNDTIMEO, &(struct timeval){ .tv_usec = 1000 * SOON },
		   sizeof(struct timeval));
	gate_expect("beside its target", gate_connect(a, GATE, 80), -EINPROGRESS);
	gate_expect("which was asked", made(1), 1);
	close(a);
	own = gate_bound(gate_self, SOCK_STREAM, 0, false);
	gate_expect("the gate itself", gate_connect(own, GATE, 80), -ECONNREFUSED);
	close(own);
	gate_expect("made none", made(1), 1);

	gate_run(gate_self, "ip link set eth1 nomaster && ip addr add 10.0.2.1/24 dev eth1");
	gate_run(beside, "ip addr flush dev eth0 && ip addr add 10.0.2.3/24 dev eth0 &&"
			 "ip route add default via 10.0.2.1");
	gate_rule("-F -a masquerade -S 10.0.1.0/24 -W eth1");
	a = gate_bound(beside, SOCK_STREAM, 0, false);
	gate_expect("of another inner network", gate_connect(a, GATE, 80), 0);
	b = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
	gate_need(b >= 0, "accept");
	gate_expect("a word", word(a, b), 4);
	gate_expect("an answer", word(b, a), 4);
	close(a);
	close(b);
	close(listening);
}

int main(void)
{
	gate_make();
	sightings_of_tcp();
	sightings_of_udp();
	turns();
	replacing();
	deletion();
	datagrams();
	errors();
	other_kinds();
	hairpin();
	return tally_end(&gate_tally);
}
