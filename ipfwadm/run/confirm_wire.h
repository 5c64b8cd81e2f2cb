/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * confirm_wire.h - the messages to and from the process that takes a change back.
 *
 * It listens at an abstract socket, whose name can be bound once in a network namespace,
 * for each file of the simulator and for the kernel.  A connection, that of the starter
 * too, is a SOCK_SEQPACKET of messages: a letter, and perhaps a text.
 */
#ifndef IPFWADM_CONFIRM_WIRE_H
#define IPFWADM_CONFIRM_WIRE_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

#define CONFIRM_SECONDS_MAX (24u * 60 * 60)
#define CONFIRM_TEXT_MAX 400

enum confirm_message {
	/* to it */
	CONFIRM_MADE = 'M',	/* the change is made: the time begins */
	CONFIRM_CANCEL = 'C',	/* the change was not made */
	CONFIRM_KEEP = 'K',
	CONFIRM_REVERT = 'R',
	CONFIRM_ASK = 'A',
	/* from it */
	CONFIRM_READY = 'r',	/* to the starter, at the beginning */
	CONFIRM_KEPT = 'k',	/* to all; it ends */
	CONFIRM_REVERTED = 'b',	/* to all; it ends */
	CONFIRM_DELAYED = 'd',	/* to all: the rules cannot be put back, and why */
	CONFIRM_REFUSED = 'n',	/* why it cannot be kept, or started */
	CONFIRM_ABOUT = 'a',	/* whose change it is */
};

struct confirm_start {
	pid_t starter;
	const char *backend;	/* what was opened: a name, or sim:FILE */
	const char *before;	/* rules in saved form, with counters */
	const char *what;	/* "run rc.firewall" */
	unsigned int seconds;
	bool is_tied;		/* reverts when the starter ends, also after CONFIRM_MADE */
};

/* Where the change of a backend is held (NULL: the kernel's); the size of the address. */
socklen_t confirm_address(const char *backend, struct sockaddr_un *a);

/* 0 or -errno; never waits. */
int confirm_send(int fd, enum confirm_message kind, const char *text);

/* Waits for a message: its letter, 0 at the end, or -errno; its text, or "". */
int confirm_receive(int fd, char text[CONFIRM_TEXT_MAX]);

#endif
