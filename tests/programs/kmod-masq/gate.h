/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gate.h - a gate that masquerades, with a host on either side, and their sockets.
 *
 *	inside 10.0.1.2 ---- 10.0.1.1 gate 192.0.2.1 ---- 192.0.2.2 outside
 *
 * The outside has no route to the inside, and a second address, 192.0.2.3.
 */
#ifndef TESTS_GATE_H
#define TESTS_GATE_H

#include <arpa/inet.h>
#include <netinet/in.h>

#include "kmod/core/conn.h"
#include "tests/lib/tally.h"

#define INSIDE 0x0a000102u
#define GATE 0xc0000201u	/* its address outside */
#define OUTSIDE 0xc0000202u

#define WAIT 60000	/* ms for what must come */
#define SOON 300	/* ms in which what must not come would have come */

extern struct tally gate_tally;
extern int gate_inside, gate_self, gate_outside;	/* namespaces */
extern unsigned int gate_bytes;	/* of a transfer */

/* Makes the three; the gate has no rules. */
void gate_make(void);

/* Ends the program unless it was done. */
void gate_need(bool done, const char *what);
/* One test. */
void gate_expect(const char *what, long got, long wanted);

void gate_enter(int ns);
void gate_run(int ns, const char *command);
/* one command of ipfwadm in the gate */
void gate_rule(const char *words);
/* the last number that a command prints in the gate */
long gate_printed(const char *command);

struct sockaddr_in gate_end(__u32 addr, int port);
int gate_socket(int ns, int type, int proto);
/* a socket at port, 0: any; listening, if it is for TCP and listens */
int gate_bound(int ns, int type, int port, bool listens);
/* 0 or -errno */
long gate_connect(int fd, __u32 addr, int port);
/* bytes that arrive within wait ms, or -errno; *from, unless NULL: who sent them */
long gate_receive(int fd, int wait, struct sockaddr_in *from);
/* Many bytes from one end of a connection to the other, which must be right; then a FIN. */
void gate_transfer(const char *what, int from, int to);
void gate_answer(int fd, const struct sockaddr_in *to, const char *text);

#endif
