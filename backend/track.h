/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * track.h - the connections that a kernel tracks, masqueraded or not.
 *
 * They are reported one by one, so that their number has no limit.
 */
#ifndef BACKEND_TRACK_H
#define BACKEND_TRACK_H

#include <stddef.h>

#include "kmod/core/packet.h"

struct backend;
struct fw_error;

struct track_counters {
	__u64 packets, bytes;
};

struct track_conn {
	__u8 proto;
	const char *state;	/* "established" and the like; lasts */
	__u32 seconds;		/* until it is forgotten, if nothing more comes */
	/* of its first packet */
	__u32 saddr, daddr;
	__u16 sport, dport;	/* 0 unless has_ports */
	bool has_ports;
	__u8 icmp_type, icmp_code;
	__u16 icmp_id;
	bool masqueraded;
	__u32 maddr;		/* its source outside; ICMP: mport is the id */
	__u16 mport;
	bool redirected;
	__u32 raddr;		/* where it went instead */
	__u16 rport;
	bool counted;		/* else the kernel does not count */
	struct track_counters out, back;
};

/*
 * Connections are chosen by rules: those whose first packet one of them matches.
 * Of a rule only protocol, addresses and ports are looked at.
 */
struct track_filter {
	const struct fw_rule *rule;
	size_t count;
};

/*
 * Of an entry that was begun from outside: its first packet went from the peer to the
 * masquerade address, and on to the inner end.
 */
void track_conn_turn(struct track_conn *c);

/* Receives a connection, which lasts for the call.  Returns 0, or -errno to end it. */
typedef int (*track_fn)(const struct track_conn *c, void *ctx);

/* Does a rule of the filter match the first packet?  One without rules chooses all. */
bool track_chosen(const struct track_filter *filter, const struct track_conn *c);

/*
 * The state of a connection of the tracker in kmod/core, FW_ENTRY_* in flags, in the
 * words of track_conn.state.
 */
const char *track_state_name(__u8 proto, __u8 tcp_state, __u8 flags);

/* what has happened to a connection */
enum track_event {
	TRACK_NEW,
	TRACK_ASSURED,		/* it is not ended early any more */
	TRACK_CHANGED,		/* its state has, say */
	TRACK_ENDED,
};

struct track_listener {
	const struct track_filter *filter;
	/* Receives an event of a connection that the filter chooses; c lasts for the call. */
	void (*on_event)(enum track_event event, const struct track_conn *c, void *ctx);
	/* Receives the number of events that were lost; 0: it is not known. */
	void (*on_lost)(__u32 count, void *ctx);
	/*
	 * Called when events begin to be received, and whenever those that came together
	 * have been reported.  Returns false to end.
	 */
	bool (*on_pause)(void *ctx);
	void *ctx;
	int stop;		/* a descriptor; the end when it can be read */
};

#define TRACK_NAME_SIZE 48

/* how long a connection in that state may be silent: "tcp-established" */
struct track_timeout {
	char name[TRACK_NAME_SIZE];
	__u32 seconds;
};

/*
 * The timeouts of the tracker in kmod/core, of which seconds are given, in the order of
 * their names; malloc'ed.  0 or -ENOMEM.
 */
int track_timeouts_make(const __u32 *seconds, struct track_timeout **timeouts, size_t *n);

struct track_ops {
	int (*list)(struct backend *b, const struct track_filter *filter, track_fn each,
		    void *ctx, struct fw_error *e);
	/* Ends connections; calls each just before. */
	int (*end)(struct backend *b, const struct track_filter *filter, track_fn each,
		   void *ctx, struct fw_error *e);
	/* Ends all. */
	int (*flush)(struct backend *b, struct fw_error *e);
	/* All timeouts there are, by name; malloc'ed. */
	int (*timeouts)(struct backend *b, struct track_timeout **timeouts, size_t *n,
			struct fw_error *e);
	/* Sets some of them, all or none. */
	int (*timeouts_set)(struct backend *b, const struct track_timeout *timeouts,
			    size_t n, struct fw_error *e);
	/* Reports events until the listener ends it.  NULL: there are none. */
	int (*follow)(struct backend *b, const struct track_listener *l,
		      struct fw_error *e);
};

#endif
