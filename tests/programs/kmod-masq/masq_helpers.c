// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/programs/kmod-masq/masq_helpers.h"

#include <errno.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kmod/core/track_packet.h"
#include "tests/programs/kmod-masq/gate.h"

#define TEXTS 20

static void say(int fd, const char *text)
{
	gate_need(send(fd, text, strlen(text), MSG_NOSIGNAL) == (long)strlen(text), "say");
}

/* a line, into text of 256 bytes */
static void hear(int fd, char *text)
{
	size_t n = 0;

	while (n < 255 && recv(fd, text + n, 1, 0) == 1 && text[n++] != '\n')
		;
	text[n] = '\0';
}

static void expect_line(int from, int to, const char *text)
{
	char heard[256];

	say(from, text);
	hear(to, heard);
	if (strcmp(heard, text))
		tally_fail(&gate_tally, "heard '%s', not '%s'", heard, text);
	else
		tally_pass(&gate_tally);
}

/* what the client says of a port of its own becomes that of the gate: which */
static long announced(int client, int server, const char *text, const char *format)
{
	unsigned int high = 0, low = 0;
	char heard[256];
	int n;

	say(client, text);
	hear(server, heard);
	n = sscanf(heard, format, &high, &low);
	if (n < 1)
		tally_fail(&gate_tally, "'%s' became '%s'", text, heard);
	return n == 2 ? high << 8 | low : high;
}

/* A connection that an outer address begins to the announced port reaches the client. */
static void data_begin(__u32 addr, int from, long port, int listening)
{
	int data = gate_socket(gate_outside, SOCK_STREAM, 0), accepted;
	const struct sockaddr_in at = gate_end(addr, from);
	struct pollfd p = { .fd = listening, .events = POLLIN };

	gate_expect("a port of masquerading",
	       port >= FW_MASQ_PORT_FIRST && port < FW_MASQ_PORT_END, 1);
	gate_need(!bind(data, (const struct sockaddr *)&at, sizeof(at)), "bind");
	gate_expect("data begin", gate_connect(data, GATE, (int)port), 0);
	gate_expect("inside", poll(&p, 1, WAIT), 1);
	accepted = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
	if (accepted >= 0) {
		expect_line(data, accepted, "a line of data\n");
		expect_line(accepted, data, "and one back\n");
		close(accepted);
	}
	close(data);
	close(listening);
}

/* The client connects to a server, whose end is returned. */
static int client_connect(int *client, int port)
{
	int listening = gate_bound(gate_outside, SOCK_STREAM, port, true), server;

	*client = gate_bound(gate_inside, SOCK_STREAM, 0, false);
	gate_expect("connects", gate_connect(*client, OUTSIDE, port), 0);
	server = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
	gate_need(server >= 0, "accept");
	close(listening);
	return server;
}

/* Data from outside are related: nothing else new may come in there. */
static void only_related(void)
{
	gate_rule("-I -p deny");
	gate_rule("-I -a accept -W eth0");
	gate_rule("-I -a accept -W ppp0 --state established,related");
}

/* The server names a port of its own, which the client reaches by a connection of its own. */
static void passive(int client, int server, const char *text, int port)
{
	int listening = gate_bound(gate_outside, SOCK_STREAM, port, true);
	int data = gate_bound(gate_inside, SOCK_STREAM, 0, false), accepted;

	expect_line(server, client, text);
	gate_expect("data begin", gate_connect(data, OUTSIDE, port), 0);
	accepted = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
	gate_need(accepted >= 0, "accept");
	expect_line(data, accepted, "a line of data\n");
	expect_line(accepted, data, "and one back\n");
	close(accepted);
	close(data);
	close(listening);
}

/* connections that have the helper, of whatever age */
static long helped(int port)
{
	char command[128];

	snprintf(command, sizeof(command), "sed -n 's/^TCP  %d  *\\([0-9]*\\)  *ftp *$/\\1/p' "
		 "/proc/self/net/ip_masq_app", port);
	return gate_printed(command);
}

static void address_put(__u8 *at, __u32 addr)
{
	addr = htonl(addr);
	memcpy(at, &addr, sizeof(addr));
}

/*
 * An ICMP error from outside about a segment of a connection whose numbers are mapped: what
 * it quotes is none of these, and its length stays.
 */
static void error_about(int server, int port)
{
	int fd = gate_socket(gate_outside, SOCK_RAW, IPPROTO_ICMP);
	int receiver = gate_socket(gate_inside, SOCK_RAW, IPPROTO_ICMP);
	__u8 error[36] = { 3, 1, [8] = 0x45, [11] = 40, [16] = 64, [17] = IPPROTO_TCP };
	const struct timeval wait = { .tv_sec = WAIT / 1000 };
	const struct sockaddr_in to = gate_end(GATE, 0);
	__u8 heard[128] = { 0 };
	struct sockaddr_in gate;
	socklen_t len = sizeof(gate);
	__u16 sum;

	gate_need(!getpeername(server, (struct sockaddr *)&gate, &len), "name the gate's port");
	address_put(error + 20, GATE);
	address_put(error + 24, OUTSIDE);
	memcpy(error + 28, &gate.sin_port, 2);
	error[30] = (__u8)(port >> 8);
	error[31] = (__u8)port;
	sum = htons(fw_sum_fold(fw_sum_add(0, error, sizeof(error))));
	memcpy(error + 2, &sum, sizeof(sum));
	setsockopt(receiver, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	gate_need(sendto(fd, error, sizeof(error), 0, (const struct sockaddr *)&to, sizeof(to)) ==
		  sizeof(error), "send an error");
	gate_expect("an error", recv(receiver, heard, sizeof(heard), 0), 20 + sizeof(error));
	gate_expect("its sum", fw_sum_fold(fw_sum_add(0, heard + 20, sizeof(error))), 0);
	address_put(error + 20, INSIDE);
	gate_expect("what it quotes", memcmp(heard + 28, error + 8, 2 + 2 + 2 + 2 + 2), 0);
	gate_expect("whose segment", memcmp(heard + 40, error + 20, 8), 0);
	close(fd);
	close(receiver);
}

static void ftp(int at)
{
	const long others = helped(at);
	int client, server = client_connect(&client, at), listening;
	long port;

	only_related();
	expect_line(server, client, "220 ready\r\n");
	expect_line(client, server, "USER anonymous\r\n");
	expect_line(server, client, "230 come in\r\n");
	listening = gate_bound(gate_inside, SOCK_STREAM, 4500, true);
	port = announced(client, server, "PORT 10,0,1,2,17,148\r\n", "PORT 192,0,2,1,%u,%u\r\n");
	data_begin(OUTSIDE, 20, port, listening);
	expect_line(server, client, "200 thanks\r\n");
	expect_line(client, server, "NOOP\r\n");
	gate_expect("the helper's connections", helped(at) - others, 1);
	expect_line(client, server, "PORT 10,0,1,9,17,148\r\n");
	listening = gate_bound(gate_inside, SOCK_STREAM, 4501, true);
	port = announced(client, server, "EPRT |1|10.0.1.2|4501|\r\n", "EPRT |1|192.0.2.1|%u|\r\n");
	data_begin(OUTSIDE, 1020, port, listening);
	gate_rule("-I -i accept -P icmp -W ppp0");
	error_about(server, at);
	gate_rule("-I -d accept -P icmp -W ppp0");
	expect_line(server, client, "226 complete\r\n");
	/* after those changes of the length */
	expect_line(client, server, "PASV\r\n");
	passive(client, server, "227 Entering Passive Mode (192,0,2,2,17,150)\r\n", 4502);
	expect_line(client, server, "EPSV\r\n");
	passive(client, server, "229 Entering Extended Passive Mode (|||4503|)\r\n", 4503);
	expect_line(server, client, "226 complete\r\n");
	expect_line(client, server, "QUIT\r\n");
	shutdown(client, SHUT_WR);
	gate_expect("the end", gate_receive(server, WAIT, NULL), 0);
	close(client);
	close(server);
}

/* Data come from a port of their own; the helper is the rule's. */
static void tftp(void)
{
	int client = gate_bound(gate_inside, SOCK_DGRAM, 0, false);
	int server = gate_bound(gate_outside, SOCK_DGRAM, 69, false);
	int data = gate_bound(gate_outside, SOCK_DGRAM, 1069, false);
	const struct sockaddr_in to = gate_end(OUTSIDE, 69);
	static const char request[] = "\0\1file\0octet";
	struct sockaddr_in from;

	gate_rule("-F -i masquerade -P udp -S 10.0.1.0/24 -D 0.0.0.0/0 69 -W ppp0 --helper tftp");
	gate_need(sendto(client, request, sizeof(request), 0, (const struct sockaddr *)&to,
		    sizeof(to)) == sizeof(request), "ask");
	gate_expect("a request", gate_receive(server, WAIT, &from), sizeof(request));
	gate_answer(data, &from, "data");
	gate_expect("data from another port", gate_receive(client, WAIT, &from), 4);
	gate_expect("which is the server's", ntohs(from.sin_port), 1069);
	gate_answer(client, &from, "ack");
	gate_expect("an acknowledgement", gate_receive(data, WAIT, &from), 3);
	close(client);
	close(server);
	close(data);
}

static void send_bytes(int fd, const void *bytes, size_t len)
{
	gate_need(send(fd, bytes, len, MSG_NOSIGNAL) == (long)len, "send");
}

/*
 * A client names a UDP port in binary, len bytes of which at from offset at; the server
 * sees another, and what it sends there from any port reaches the client.
 */
static void named_port(const char *name, int port, const __u8 *text, size_t len, size_t at)
{
	int client, server = client_connect(&client, port);
	int player = gate_bound(gate_inside, SOCK_DGRAM, text[at] << 8 | text[at + 1], false);
	int sender = gate_bound(gate_outside, SOCK_DGRAM, 0, false);
	struct sockaddr_in to;
	__u8 heard[64] = { 0 };

	printf("%s\n", name);
	send_bytes(client, text, len);
	gate_expect("as long as it was", recv(server, heard, len, MSG_WAITALL), (long)len);
	to = gate_end(GATE, heard[at] << 8 | heard[at + 1]);
	gate_expect("a port of masquerading", ntohs(to.sin_port) >= FW_MASQ_PORT_FIRST &&
					      ntohs(to.sin_port) < FW_MASQ_PORT_END, 1);
	heard[at] = text[at];
	heard[at + 1] = text[at + 1];
	gate_expect("the rest is unchanged", memcmp(heard, text, len), 0);
	gate_answer(sender, &to, "sound");
	gate_expect("sound", gate_receive(player, WAIT, NULL), 5);
	expect_line(server, client, "and it goes on\n");
	close(client);
	close(server);
	close(player);
	close(sender);
}

/* The game goes on from a port that the server names. */
static void quake(void)
{
	static const __u8 accept[] = { 0x80, 0, 0, 9, 0x81, 7005 & 255, 7005 >> 8, 0, 0 };
	int client = gate_bound(gate_inside, SOCK_DGRAM, 0, false);
	int server = gate_bound(gate_outside, SOCK_DGRAM, 26000, false);
	int game = gate_bound(gate_outside, SOCK_DGRAM, 7005, false);
	struct sockaddr_in to = gate_end(OUTSIDE, 26000), from, again;

	gate_answer(client, &to, "request");
	gate_expect("a request", gate_receive(server, WAIT, &from), 7);
	gate_answer(game, &from, "early");
	gate_expect("no game before it is accepted", gate_receive(client, SOON, NULL), -ETIMEDOUT);
	gate_need(sendto(server, accept, sizeof(accept), 0, (struct sockaddr *)&from,
			 sizeof(from)) == sizeof(accept), "accept");
	gate_expect("it is accepted", gate_receive(client, WAIT, NULL), sizeof(accept));
	gate_answer(game, &from, "game");
	gate_expect("the game", gate_receive(client, WAIT, &to), 4);
	gate_answer(client, &to, "move");
	gate_expect("a move", gate_receive(game, WAIT, &again), 4);
	gate_expect("from the same port", again.sin_port, from.sin_port);
	close(client);
	close(server);
	close(game);
}

/*
 * A message of CU-SeeMe with a list of two clients leaves one end with two addresses, and
 * arrives at the other with those that are expected there; its sum is verified by that.
 */
static void cuseeme_send(const char *what, int from, const struct sockaddr_in *to, int end,
			 __u8 *text, size_t len, const __u8 *expected)
{
	__u8 heard[128];

	gate_need(sendto(from, text, len, 0, (const struct sockaddr *)to, sizeof(*to)) ==
		  (long)len, "send");
	gate_expect(what, recv(end, heard, sizeof(heard), 0), (long)len);
	gate_expect("as expected", memcmp(heard, expected, len), 0);
}

static void cuseeme(int port)
{
	int client = gate_bound(gate_inside, SOCK_DGRAM, 7648, false), on = 1;
	int server = gate_bound(gate_outside, SOCK_DGRAM, port, false);
	const struct timeval wait = { .tv_sec = WAIT / 1000 };
	struct sockaddr_in to = gate_end(OUTSIDE, port), from;
	__u8 text[80] = { [23] = 101, [27] = 2, [79] = 7 }, expected[80];

	setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	gate_answer(client, &to, "short");
	gate_expect("a short message", gate_receive(server, WAIT, &from), 5);
	address_put(text + 4, OUTSIDE);
	address_put(text + 12, INSIDE);
	address_put(text + 68, INSIDE);
	memcpy(expected, text, sizeof(text));
	address_put(expected + 12, GATE);
	cuseeme_send("a message", client, &to, server, text, sizeof(text), expected);
	setsockopt(client, SOL_SOCKET, SO_NO_CHECK, &on, sizeof(on));
	cuseeme_send("one without a sum", client, &to, server, text, sizeof(text), expected);
	address_put(text + 4, GATE);
	address_put(text + 12, OUTSIDE);
	address_put(text + 68, GATE);
	memcpy(expected, text, sizeof(text));
	address_put(expected + 4, INSIDE);
	address_put(expected + 68, INSIDE);
	cuseeme_send("an answer", server, &from, client, text, sizeof(text), expected);
	address_put(expected + 68, GATE);
	cuseeme_send("one cut short", server, &from, client, text, 79, expected);
	close(client);
	close(server);
}

/*
 * The addresses that messages of CU-SeeMe name are not replaced where several are one buffer
 * on their way through the gate, so such a buffer is dropped, whichever message has some.
 */
void masq_helpers_merged(void)
{
	int client = gate_bound(gate_inside, SOCK_DGRAM, 7648, false);
	int server = gate_bound(gate_outside, SOCK_DGRAM, 7648, false);
	int plain = gate_bound(gate_outside, SOCK_DGRAM, 7649, false), size = 40;
	struct sockaddr_in to = gate_end(OUTSIDE, 7649), from;
	__u8 text[80] = { 0 };

	address_put(text + 40 + 12, INSIDE);
	gate_need(!setsockopt(client, SOL_UDP, UDP_SEGMENT, &size, sizeof(size)), "merge");
	gate_need(sendto(client, text, sizeof(text), 0, (const struct sockaddr *)&to,
			 sizeof(to)) == sizeof(text), "send");
	gate_expect("without a helper, one", gate_receive(plain, WAIT, &from), 40);
	gate_expect("and the other", gate_receive(plain, WAIT, &from), 40);
	to = gate_end(OUTSIDE, 7648);
	gate_need(sendto(client, text, sizeof(text), 0, (const struct sockaddr *)&to,
			 sizeof(to)) == sizeof(text), "send");
	gate_expect("none of two", gate_receive(server, SOON, &from), -ETIMEDOUT);
	gate_need(sendto(client, text + 40, 40, 0, (const struct sockaddr *)&to, sizeof(to)) == 40,
		  "send");
	gate_expect("a single one", gate_receive(server, WAIT, &from), 40);
	close(client);
	close(server);
	close(plain);
}

static void irc(void)
{
	int client, server = client_connect(&client, 6667), listening;
	long port;

	expect_line(server, client, ":server 001 hello\r\n");
	listening = gate_bound(gate_inside, SOCK_STREAM, 4502, true);
	port = announced(client, server, "PRIVMSG bob :\001DCC SEND file 167772418 4502\001\r\n",
			 "PRIVMSG bob :\001DCC SEND file 3221225985 %u\001\r\n");
	data_begin(OUTSIDE + 1, 3000, port, listening);
	expect_line(client, server, "PRIVMSG bob :sent\r\n");
	gate_rule("-I -f");
	gate_rule("-I -p accept");
	close(client);
	close(server);
}

/*
 * Texts whose length changes, over a wire that loses them, and what follows them on the
 * same connection.  The ports are those of the call before.
 */
void masq_helpers_impaired(void)
{
	const int first = 4600;
	int client, server = client_connect(&client, 21), listening = -1, own;
	char text[64];
	long port = 0;

	expect_line(server, client, "220 ready\r\n");
	expect_line(client, server, "USER anonymous\r\n");
	for (own = first; own < first + TEXTS; own++) {
		expect_line(server, client, "200 thanks\r\n");
		if (listening >= 0)
			close(listening);
		listening = gate_bound(gate_inside, SOCK_STREAM, own, true);
		snprintf(text, sizeof(text), "PORT 10,0,1,2,%d,%d\r\n", own >> 8, own & 255);
		port = announced(client, server, text, "PORT 192,0,2,1,%u,%u\r\n");
	}
	data_begin(OUTSIDE, 20, port, listening);
	gate_transfer("bytes out after them", client, server);
	gate_transfer("bytes in after them", server, client);
	close(client);
	close(server);
}

/* Ports of helpers in the table of forwards: these have them, their own ones no more. */
static void other_ports(const __u8 *raudio, size_t n)
{
	int client, server;

	gate_rule("-M --forward -a -P tcp -D 0.0.0.0/0 2121 --helper ftp");
	gate_rule("-M --forward -a -P tcp -D 0.0.0.0/0 7071 --helper raudio");
	gate_rule("-M --forward -a -P udp -D 0.0.0.0/0 7650 --helper cuseeme");
	ftp(2121);
	named_port("RealAudio on another port", 7071, raudio, n, 9);
	cuseeme(7650);
	server = client_connect(&client, 21);
	expect_line(client, server, "PORT 10,0,1,2,17,148\r\n");
	close(client);
	close(server);
	gate_rule("-M --forward -f");
	gate_rule("-I -f");
	gate_rule("-I -p accept");
}

void masq_helpers_test(void)
{
	static const __u8 raudio[] = { 'P', 'N', 'A', 0, 10, 0, 1, 0, 2, 27, 0, 0, 0 };
	static const __u8 vdolive[] = { 0, 0, 0, 20, 0, 0, 0, 1, 'V', 'D', 'O', ' ', 'L',
					'i', 'v', 'e', 0, 1, 27, 1 };

	ftp(21);
	named_port("RealAudio", 7070, raudio, sizeof(raudio), 9);
	named_port("VDOLive", 7000, vdolive, sizeof(vdolive), 18);
	irc();
	quake();
	cuseeme(7648);
	tftp();
	other_ports(raudio, sizeof(raudio));
}
