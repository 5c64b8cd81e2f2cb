/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * abi.h - the socket options of Linux 2.0: their numbers and what they carry.
 *
 * The kernel module and programs compile this unchanged.  The structures of 2.0
 * hold pointers and longs, so there are two layouts of a rule: that of i386,
 * for 32-bit programs, and that of a 64-bit compilation of the same header, as
 * on Alpha.  All padding is spelled out, so every compiler agrees on them.
 *
 * Addresses and the packet's headers are in network order, the rest in the
 * machine's.
 */
#ifndef COMPAT_ABI_H
#define COMPAT_ABI_H

#include "kmod/core/match.h"

/* commands; the value is the command's part of an option number */
enum abi_command {
	ABI_INSERT,
	ABI_APPEND,
	ABI_DELETE,
	ABI_FLUSH,
	ABI_ZERO,
	ABI_POLICY,	/* this and the following: not of accounting */
	ABI_CHECK,
	ABI_TIMEOUTS,	/* of no list, though it has a number of forward's */
};

#define ABI_NUMBER(list, command) (64 + 256 * (list) + (command))

struct abi_option {
	enum abi_command command;
	enum fw_list_id list;
};

enum abi_layout {
	ABI_32,
	ABI_64,
};

/* three parts that a rule has in both layouts */
struct abi_nets {
	__be32 src, dst, smsk, dmsk, via;
};

struct abi_ports {
	__u16 flg, nsp, ndp, pts[FW_MAX_PORTS];
};

struct abi_rest {
	__u8 tosand, tosxor;
	char vianame[FW_IFNAMSIZ];	/* a NUL ends it unless it fills all */
};

/* links, the device and the counters are the kernel's: ignored */
struct abi_rule32 {
	__u32 next;
	struct abi_nets nets;
	__u32 viadev;
	struct abi_ports ports;
	__u8 pad[2];
	__u32 pcnt, bcnt;
	struct abi_rest rest;
	__u8 tail[2];
};

struct abi_rule64 {
	__u64 next;
	struct abi_nets nets;
	__u8 pad1[4];
	__u64 viadev;
	struct abi_ports ports;
	__u8 pad2[6];
	__u64 pcnt, bcnt;
	struct abi_rest rest;
	__u8 tail[6];
};

/* the same in both layouts */
struct abi_packet {
	__u8 version_ihl, tos;
	__be16 len, id, frag_off;
	__u8 ttl, proto;
	__be16 sum;
	__be32 saddr, daddr;
	__u8 transport[20];	/* TCP, UDP or ICMP header */
	__be32 via;
	char vianame[FW_IFNAMSIZ];
};

struct abi_timeouts {
	__s32 tcp, tcpfin, udp;	/* ABI_HZ in a second; 0 stays as it is */
};

#define ABI_HZ 100

/* The argument of an option; bytes after its length must be 0. */
union abi_argument {
	struct abi_rule32 rule32;
	struct abi_rule64 rule64;
	struct abi_packet packet;
	struct abi_timeouts timeouts;
	__u32 policy;
};

/* false if 2.0 had no option of that number */
bool abi_option_find(int number, struct abi_option *o);

/* size of a rule, which is the longest argument of any option */
__u32 abi_rule_size(enum abi_layout layout);

/*
 * Reads the edit of any option but ABI_CHECK.  Returns -EINVAL if the argument's length
 * or port counts are impossible.  The caller checks the rule.
 */
int abi_edit_read(struct fw_edit *e, const struct abi_option *o, enum abi_layout layout,
		  const union abi_argument *arg, __u32 len);

/* Reads packet and device of ABI_CHECK; the device has no mask. */
int abi_packet_read(struct fw_packet *pkt, struct fw_dev *dev,
		    const union abi_argument *arg, __u32 len);

/* what ABI_CHECK returns: 0 or -errno */
int abi_verdict_error(enum fw_verdict verdict);

#endif
