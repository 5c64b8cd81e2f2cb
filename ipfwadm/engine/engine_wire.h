/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine_wire.h - the protocol of the shell and its engine, and its frames.
 *
 * The shell (ipfwadm-shell) knows the language and the terminal.  The engine
 * (`ipfwadm engine') knows the backends.  The engine reads frames from
 * descriptor 0 and writes frames to descriptor 1:
 *
 *	length	4 bytes, the most significant first; at most ENGINE_FRAME_MAX
 *	kind	1 byte, enum engine_frame
 *	payload	length bytes
 *
 * A peer that sends anything else is disconnected.
 *
 *	shell				engine
 *					HELLO {"protocol": 2}
 *	REQUEST {"do": ...}
 *					OUTPUT, ERRORS: what is printed, in pieces
 *					ANSWER {"status": 0, ...}
 *	CANCEL		the request ends early, with an ANSWER, unless it
 *			changes rules
 *					NOTICE {"text": ...} at any time
 *
 * There is one request at a time.  "status" is an exit status; if it is not 0,
 * "error" may be a sentence without full stop.  Requests:
 *
 *   about ["greets": true]
 *	"backend": its name and file; "netns": "" for the first one;
 *	"interfaces": [{"name": "eth0", "address": "192.168.1.1"}, ...]
 *	With "greets" it also warns of IPv6 packets that nothing filters.
 *   run "words": [...] ["edits": [...]] ["text": ..., "name": ...]
 *	a command line without the program's name, which prints: a classic one, or
 *	save, dump, trace, refresh, ipv6, backends or version.  The engine opens no files;
 *	a file that the command names is "text", called "name" in messages.  With
 *	"edits", a trace by what they would make of the rules
 *   rules ["edits": [...]]
 *	"backend", "state", "text": the rules in force, in saved form with counters, and
 *	"staged": what the edits would make of them
 *   commit "edits": [...] ["expect": STATE] ["confirm": SECONDS]
 *	all of them in one step, or none: "edit" is the index of the refused one,
 *	"changed" is true if the rules are not in the state that is expected.
 *	"before": the text of the rules before, "state": what they are now.  With
 *	"confirm" the rules go back unless a confirm follows, see below
 *   replace "text": ... ["expect": STATE]
 *	likewise; rules that stay keep the counters that they have
 *   confirm, revert
 *	what has been committed stays, or goes back at once: the answer comes when
 *	the rules are back
 *
 * "unknown" is true in the answer to a request that may have changed rules or not,
 * because its process ended too early.
 *
 * A commit with "confirm" is taken back when its time is over, when the shell is gone,
 * and when it ends in any other way than with status 0, in that case before it is
 * answered.  "confirm" in the answer is the time that is left, in seconds.  A NOTICE
 * with "reverted" true reports that the rules are back.  Until then it is tried again
 * every second.  One with "confirmed" true reports that they stay, because somebody
 * else has confirmed.
 *
 * An edit is a line in saved form, or an object:
 *
 *	{"line": LINE, "verbose": true}		printed as -v does
 *	{"insert": N, "line": LINE}		before rule N, from 1, of LINE's list
 *	{"delete": N, "list": "I"}
 *	{"move": N, "to": M, "list": "I"}	rule N becomes rule M
 *	{"load": TEXT}				instead of all rules
 *
 * A STATE is a digest of all rules without their counters.  LINE, TEXT, "words", "text",
 * "staged" and "before" are texts as of engine_wire_text().
 */
#ifndef IPFWADM_ENGINE_WIRE_H
#define IPFWADM_ENGINE_WIRE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define ENGINE_PROTOCOL 2
#define ENGINE_FRAME_MAX (512u << 20)
#define ENGINE_PIECE_MAX (64u << 10)	/* of OUTPUT and ERRORS */
#define ENGINE_CONFIRM_MAX (24u * 60 * 60)	/* seconds */
#define ENGINE_STATE_SIZE 24	/* of a STATE and its NUL */

enum engine_frame {
	ENGINE_HELLO = 'H',
	ENGINE_REQUEST = 'Q',
	ENGINE_CANCEL = 'C',
	ENGINE_OUTPUT = 'O',
	ENGINE_ERRORS = 'E',
	ENGINE_ANSWER = 'A',
	ENGINE_NOTICE = 'N',
};

/* a buffer of bytes to be sent, or that were received */
struct engine_wire {
	char *buf;		/* malloc'ed */
	size_t first, used, size;	/* bytes [first, used) are not yet taken out */
};

struct wire_frame {
	char kind;
	char *payload;		/* in the wire's buffer, until its next change */
	size_t length;
};

void engine_wire_free(struct engine_wire *w);

static inline size_t engine_wire_length(const struct engine_wire *w)
{
	return w->used - w->first;
}

/* Adds a frame that is to be sent: 0, -ENOMEM or -EMSGSIZE. */
int engine_wire_add(struct engine_wire *w, char kind, const void *payload, size_t length);
int engine_wire_add_json(struct engine_wire *w, char kind, const json_t *doc);

/* Adds bytes without a frame: 0, or -ENOMEM. */
int engine_wire_append(struct engine_wire *w, const void *bytes, size_t length);

/*
 * Rules, lines and words may hold any byte, while JSON is UTF-8: such a text is a string
 * with one code point for each byte.
 */
json_t *engine_wire_text(const char *bytes, size_t length);
/* Its bytes, malloc'ed, with a NUL after them.  NULL: no string, or no memory. */
char *engine_wire_text_bytes(const json_t *text, size_t *length);

/* Sends what fd accepts: 0, or -errno. */
int engine_wire_send(struct engine_wire *w, int fd);

/* Receives what fd has: the number of bytes, 0 at its end, or -errno (-EAGAIN: nothing). */
long engine_wire_receive(struct engine_wire *w, int fd);

/* The next whole frame: 1, 0 if there is none yet, or -EPROTO. */
int engine_wire_next(struct engine_wire *w, struct wire_frame *f);

#endif
