/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * abi_portfw.h - the socket options of port forwarding: of patched 2.0 kernels, and the
 * one of 2.2 for all its masquerading modules.
 *
 * Structures have one layout on all machines but for the pointer with which that of
 * ipautofw begins.  2.0 had addresses and ports in the machine's order, ipautofw its
 * address in network order, 2.2 both in network order but for ipautofw's ports.
 */
#ifndef COMPAT_ABI_PORTFW_H
#define COMPAT_ABI_PORTFW_H

#include "compat/abi.h"
#include "kmod/core/portfw.h"

/* numbers; the three of a table follow one another: add, delete, flush */
enum {
	ABI_MASQ_CTL = 76,
	ABI_AUTOFW = 1345,
	ABI_PORTFW = 1601,
};

/* of 2.0, without the preference, and of 2.2 */
struct abi_portfw {
	__u16 protocol;
	__u8 pad[2];
	__u32 laddr, raddr;
	__u16 lport, rport;
	__s32 pref;
};

struct abi_mfw {
	__u32 fwmark;
	__be32 raddr;
	__be16 rport;
	__u8 pad[2];
	__s32 pref;
	__u32 flags;
};

#define ABI_MFW_SCHEDULE 1	/* flag: the next target, now */

struct abi_autofw {
	__u16 type;
	__u16 low, hidden, high, visible;
	__u16 protocol;
	__u32 lastcontact;	/* the kernel's */
	__be32 where;
	__u16 ctlproto, ctlport;
	__u16 flags;
	__u8 tail[2];
};

enum abi_autofw_type { ABI_AUTOFW_RANGE = 1, ABI_AUTOFW_PORT, ABI_AUTOFW_DIRECT };

#define ABI_AUTOFW_USETIME	2
#define ABI_AUTOFW_SECURE	4

union abi_portfw_argument {
	struct abi_portfw portfw;
	struct abi_mfw mfw;
	struct {
		__u32 next;
		struct abi_autofw autofw;
	} autofw32;
	struct {
		__u64 next;
		struct abi_autofw autofw;
	} autofw64;
	__u8 raw[256];
};

enum abi_masq_target { ABI_MASQ_MODULE = 2, ABI_MASQ_USER };

enum abi_masq_command {
	ABI_MASQ_NONE,		/* loads the module */
	ABI_MASQ_INSERT,
	ABI_MASQ_ADD,
	ABI_MASQ_SET,
	ABI_MASQ_DELETE,
	ABI_MASQ_FLUSH = 6,
	ABI_MASQ_COMMANDS,
};

struct abi_masq_ctl {
	__s32 target, command;
	char name[32];		/* of the module */
	union abi_portfw_argument u;
};

static inline bool abi_portfw_find(int number)
{
	return number == ABI_MASQ_CTL || (number >= ABI_AUTOFW && number < ABI_AUTOFW + 3) ||
	       (number >= ABI_PORTFW && number < ABI_PORTFW + 3);
}

/* The forward that ipautofw's structure describes; its own fw_portfw_check() fails if none. */
void abi_autofw_read(struct fw_portfw *f, const struct abi_autofw *a);

#endif
