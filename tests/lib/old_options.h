/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * old_options.h - a program of 1996: what it hands to setsockopt(2), and what
 * the kernel must show for it.
 *
 * The structures are those of the 2.0 header, written down again from the
 * description of that interface and with the types it had, so that a compiler
 * lays them out for its own processor.
 */
#ifndef TESTS_LIB_OLD_OPTIONS_H
#define TESTS_LIB_OLD_OPTIONS_H

#include <netinet/in.h>
#include <stddef.h>

#include "kmod/core/list.h"
#include "tests/lib/random.h"

enum old_command {
	OLD_INSERT, OLD_APPEND, OLD_DELETE, OLD_FLUSH, OLD_ZERO, OLD_POLICY, OLD_CHECK,
	OLD_TIMEOUTS,
};

#define OLD_NUMBER(list, command) (64 + (command) + 256 * (list))

struct old_rule {
	struct old_rule *next;
	struct in_addr src, dst, smsk, dmsk, via;
	void *viadev;
	unsigned short flg, nsp, ndp, pts[10];
	unsigned long pcnt, bcnt;
	unsigned char tosand, tosxor;
	char vianame[16];
};

struct old_packet {
	unsigned char ip[20], transport[20];
	struct in_addr via;
	char vianame[16];
};

struct old_timeouts {
	int tcp, tcpfin, udp;
};

/* What the kernel has to ignore is filled with garbage. */
void old_rule_write(struct old_rule *to, const struct fw_rule *from, struct random *r);

/* 0 or -errno */
int old_option(int socket, int number, const void *arg, size_t len);
int old_rule_option(int socket, enum fw_list_id list, enum old_command command,
		    const struct fw_rule *rule, struct random *r);
int old_policy(int socket, enum fw_list_id list, int policy);
int old_flush(int socket, enum fw_list_id list);
int old_zero(int socket, enum fw_list_id list);

/* /proc/net/ip_forward and so on, by list number */
extern const char *const old_proc_path[FW_LISTS];

/* All of a file in one piece, malloc'ed; NULL if it cannot be read. */
char *old_proc_text(const char *path);

/* A rule that the old interface can say, of kinds that no language has unless is_plain. */
void old_random_rule(struct random *r, enum fw_list_id list, struct fw_rule *rule,
		     bool is_plain);

#define OLD_RULES 512

/* what the kernel should have */
struct old_model {
	struct fw_rule slots[FW_LISTS][2 * OLD_RULES];
	struct fw_list list[FW_LISTS];
};

void old_model_init(struct old_model *m);
/* What the kernel should return: 0 or -errno.  Full lists take no more. */
int old_model_edit(struct old_model *m, enum fw_list_id list, enum old_command command,
		   const struct fw_rule *rule);
/* The file's text, malloc'ed, but that the counters of rules are what they are. */
char *old_model_text(const struct old_model *m, enum fw_list_id list);

/* A namespace of one's own with lo up, 127.0.0.1; 0 or -errno. */
int old_namespace(void);
int old_lo_set(int socket, bool up);

/* n datagrams of len bytes, at most 100, from and to port 7777 of 127.0.0.1. */
void old_datagrams_send(unsigned int n, size_t len);

/* Takes CAP_NET_ADMIN from this thread, or gives it back. */
void old_admin(bool on);

#endif
