/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine.h - what the shell and its engine say to each other.
 *
 * The shell (ipfwadm-shell) knows the language and the terminal; the engine
 * (`ipfwadm engine') knows the backends.  The engine reads frames from
 * descriptor 0 and writes frames to descriptor 1:
 *
 *	length	4 bytes, the most significant first; at most ENGINE_FRAME_MAX
 *	kind	1 byte, enum engine_frame
 *	payload	length bytes
 *
 * A peer that sends anything else is not listened to any more.
 *
 *	shell				engine
 *					HELLO {"protocol": 1}
 *	REQUEST {"do": ...}
 *					OUTPUT, ERRORS: what is printed, in pieces
 *					ANSWER {"status": 0, ...}
 *	CANCEL		the request under way ends early, with an ANSWER, unless
 *			it changes rules
 *					NOTICE {"text": ...} at any time
 *
 * There is one request at a time.  "status" is an exit status; if it is not 0,
 * "error" may be a sentence without full stop.  Requests:
 *
 *   about
 *	"backend": its name and file; "netns": "" for the first one;
 *	"interfaces": [{"name": "eth0", "address": "192.168.1.1"}, ...]
 *   run "words": [...] ["edits": [...]]
 *	a command line without the program's name, which prints; with "edits", a
 *	trace by what they would make of the rules
 *   rules ["edits": [...]]
 *	"state", "text": the rules in force, in saved form with counters, and
 *	"staged": what the edits would make of them
 *   commit "edits": [...] ["expect": STATE] ["confirm": SECONDS]
 *	all of them in one step, or none: "edit" is the index of the refused one,
 *	"changed" is true if the rules are not in the state that is expected.
 *	"before": the text of the rules before, "state": what they are now.  With
 *	"confirm" they go back by themselves, even if the shell is gone.
 *   replace "text": ... ["expect": STATE]
 *	likewise; rules that stay keep the counters that they have
 *   confirm, revert
 *	what has been committed stays, or goes back at once
 *
 * An edit is a line in saved form, or an object:
 *
 *	{"line": LINE, "verbose": true}		printed as -v does
 *	{"insert": N, "line": LINE}		before rule N, from 1, of LINE's list
 *	{"delete": N, "list": "I"}
 *	{"move": N, "to": M, "list": "I"}	rule N becomes rule M
 *	{"load": TEXT}				instead of all rules
 *
 * A STATE is a word that stands for all rules but their counters.
 */
#ifndef IPFWADM_ENGINE_H
#define IPFWADM_ENGINE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define ENGINE_PROTOCOL 1
#define ENGINE_FRAME_MAX (512u << 20)
#define ENGINE_PIECE_MAX (64u << 10)	/* of OUTPUT and ERRORS */
#define ENGINE_CONFIRM_MAX (24u * 60 * 60)	/* seconds */

enum engine_frame {
	ENGINE_HELLO = 'H',
	ENGINE_REQUEST = 'Q',
	ENGINE_CANCEL = 'C',
	ENGINE_OUTPUT = 'O',
	ENGINE_ERRORS = 'E',
	ENGINE_ANSWER = 'A',
	ENGINE_NOTICE = 'N',
};

/* bytes on their way, in or out */
struct wire {
	char *buf;		/* malloc'ed */
	size_t first, used, size;	/* bytes [first, used) wait */
};

struct wire_frame {
	char kind;
	char *payload;		/* in the wire, until it is touched again */
	size_t length;
};

void wire_free(struct wire *w);

static inline size_t wire_waiting(const struct wire *w)
{
	return w->used - w->first;
}

/* Adds a frame to what is to be sent: 0, -ENOMEM or -EMSGSIZE. */
int wire_add(struct wire *w, char kind, const void *payload, size_t length);
int wire_add_json(struct wire *w, char kind, const json_t *doc);

/* Adds bare bytes: 0, or -ENOMEM. */
int wire_append(struct wire *w, const void *bytes, size_t length);

/* Sends what fd takes: 0, or -errno. */
int wire_send(struct wire *w, int fd);

/* Receives what fd has: bytes, 0 at its end, or -errno (-EAGAIN: nothing yet). */
long wire_receive(struct wire *w, int fd);

/* The next whole frame: 1, 0 if there is none yet, or -EPROTO. */
int wire_next(struct wire *w, struct wire_frame *f);

#endif
