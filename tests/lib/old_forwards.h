/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * old_forwards.h - what ipportfw, ipautofw and ipmasqadm handed to setsockopt(2), with the
 * types of their time, so that a compiler lays them out for its own processor.
 */
#ifndef TESTS_LIB_OLD_FORWARDS_H
#define TESTS_LIB_OLD_FORWARDS_H

#include <sys/types.h>

/* numbers: add, delete and flush follow one another */
enum { OLD_MASQ_CTL = 76, OLD_AUTOFW = 1345, OLD_PORTFW = 1601 };

/* host order */
struct old_portfw {
	unsigned short protocol;
	u_int32_t laddr, raddr;
	unsigned short lport, rport, dummy;
};

struct old_autofw {
	void *next;
	unsigned short type, low, hidden, high, visible, protocol;
	u_int32_t lastcontact, where;	/* network order */
	unsigned short ctlproto, ctlport, flags;
};

/* network order */
struct old_masq_portfw {
	unsigned short protocol;
	u_int32_t laddr, raddr;
	unsigned short lport, rport;
	int pref;
};

struct old_masq_mfw {
	u_int32_t fwmark, raddr;
	unsigned short rport, dummy;
	int pref;
	unsigned int flags;
};

enum { OLD_MASQ_NONE, OLD_MASQ_INSERT, OLD_MASQ_ADD, OLD_MASQ_SET, OLD_MASQ_DEL, OLD_MASQ_GET,
       OLD_MASQ_FLUSH };

struct old_masq_ctl {
	int target, cmd;
	char name[32];
	union {
		struct old_masq_portfw portfw;
		struct old_autofw autofw;
		struct old_masq_mfw mfw;
		unsigned char raw[256];
	} u;
};

#endif
