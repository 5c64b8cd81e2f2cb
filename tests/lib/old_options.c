// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * old_options.c - a program of 1996, and what the kernel owes it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kmod/core/show.h"
#include "tests/lib/old_options.h"
#include "tests/lib/random_rules.h"

static void fill(void *at, size_t n, struct random *r)
{
	for (unsigned char *byte = at; n; n--)
		*byte++ = (unsigned char)random_word(r);
}

void old_rule_write(struct old_rule *to, const struct fw_rule *from, struct random *r)
{
	fill(to, sizeof(*to), r);
	to->src.s_addr = htonl(from->src);
	to->smsk.s_addr = htonl(from->smsk);
	to->dst.s_addr = htonl(from->dst);
	to->dmsk.s_addr = htonl(from->dmsk);
	to->via.s_addr = htonl(from->via);
	to->flg = from->flags;
	to->nsp = from->nsp;
	to->ndp = from->ndp;
	memcpy(to->pts, from->pts, sizeof(to->pts));
	to->tosand = from->tosand;
	to->tosxor = from->tosxor;
	for (int i = 0; i < FW_IFNAMSIZ && (i == 0 || from->vianame[i - 1]); i++)
		to->vianame[i] = from->vianame[i];
}

int old_option(int socket, int number, const void *arg, size_t len)
{
	return setsockopt(socket, IPPROTO_IP, number, arg, (socklen_t)len) ? -errno : 0;
}

int old_rule_option(int socket, enum fw_list_id list, enum old_command command,
		    const struct fw_rule *rule, struct random *r)
{
	struct old_rule old;

	old_rule_write(&old, rule, r);
	return old_option(socket, OLD_NUMBER(list, command), &old, sizeof(old));
}

int old_policy(int socket, enum fw_list_id list, int policy)
{
	return old_option(socket, OLD_NUMBER(list, OLD_POLICY), &policy, sizeof(policy));
}

int old_flush(int socket, enum fw_list_id list)
{
	int dummy = 0;

	return old_option(socket, OLD_NUMBER(list, OLD_FLUSH), &dummy, 1);
}

int old_zero(int socket, enum fw_list_id list)
{
	int dummy = 0;

	return old_option(socket, OLD_NUMBER(list, OLD_ZERO), &dummy, 1);
}

const char *const old_proc_path[FW_LISTS] = {
	[FW_FORWARD] = "/proc/net/ip_forward",
	[FW_INPUT] = "/proc/net/ip_input",
	[FW_OUTPUT] = "/proc/net/ip_output",
	[FW_ACCT] = "/proc/net/ip_acct",
};

char *old_proc_text(const char *path)
{
	FILE *in = fopen(path, "r");
	char *text = NULL;
	size_t room = 0;

	if (!in)
		return NULL;
	if (getdelim(&text, &room, '\0', in) < 0) {
		free(text);
		text = NULL;
	}
	fclose(in);
	return text;
}

/* names of all lengths, up to one that no NUL ends */
static void random_name(struct random *r, char name[FW_IFNAMSIZ])
{
	__u32 len = random_below(r, FW_IFNAMSIZ + 1);

	memset(name, 0, FW_IFNAMSIZ);
	for (__u32 i = 0; i < len; i++)
		name[i] = (char)('a' + random_below(r, 3));
}

void old_random_rule(struct random *r, enum fw_list_id list, struct fw_rule *rule,
		     bool is_plain)
{
	random_rule(r, list, rule);
	rule->state = 0;
	rule->keep_state = 0;
	rule->helper = FW_HELPER_NONE;
	memset(rule->comment, 0, sizeof(rule->comment));
	rule->pcnt = 0;
	rule->bcnt = 0;
	if (is_plain)
		return;
	if (random_one_in(r, 4)) {
		rule->flags |=
			random_word(r) & (FW_FLAGS & ~(FW_SRNG | FW_DRNG | FW_REDIR));
		rule->src = random_word(r);
		rule->tosand = (__u8)random_word(r);
		rule->tosxor = (__u8)random_word(r);
		for (int i = rule->nsp + rule->ndp + 1; i < FW_MAX_PORTS; i++)
			rule->pts[i] = (__u16)random_word(r);
	}
	if (random_one_in(r, 8))
		random_name(r, rule->vianame);
}

void old_model_init(struct old_model *m)
{
	for (int i = 0; i < FW_LISTS; i++)
		m->list[i] = (struct fw_list){
			.slots = m->slots[i],
			.cap = 2 * OLD_RULES,
			.first = OLD_RULES,
			.policy = i == FW_ACCT ? 0 : FW_ACCEPT,
		};
}

int old_model_edit(struct old_model *m, enum fw_list_id list, enum old_command command,
		   const struct fw_rule *rule)
{
	struct fw_list *l = &m->list[list];

	switch (command) {
	case OLD_INSERT:
		return fw_rule_check(rule, list, NULL) ? -EINVAL
						       : fw_list_insert(l, rule);
	case OLD_APPEND:
		return fw_rule_check(rule, list, NULL) ? -EINVAL
						       : fw_list_append(l, rule);
	case OLD_DELETE:
		return fw_list_delete(l, rule);
	case OLD_FLUSH:
		fw_list_flush(l);
		l->first = OLD_RULES;
		return 0;
	default:
		return -EINVAL;
	}
}

char *old_model_text(const struct old_model *m, enum fw_list_id list)
{
	const struct fw_list *l = &m->list[list];
	size_t room = (l->count + 1) * FW_SHOW_RULE_MAX;
	char *text = malloc(room);
	struct fw_text t;

	if (!text)
		return NULL;
	fw_text_init(&t, text, (__u32)room);
	fw_show_header(&t, list, l->policy);
	for (__u32 i = 0; i < l->count; i++)
		fw_show_rule(&t, fw_list_rule(l, i));
	return text;
}

int old_lo_set(int socket, bool up)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = up ? IFF_UP : 0 };

	return ioctl(socket, SIOCSIFFLAGS, &lo) ? -errno : 0;
}

int old_namespace(void)
{
	int s, err;

	if (unshare(CLONE_NEWNET))
		return -errno;
	s = socket(AF_INET, SOCK_DGRAM, 0);
	if (s < 0)
		return -errno;
	err = old_lo_set(s, true);
	close(s);
	return err;
}

void old_datagrams_send(unsigned int n, size_t len)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(7777),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	char data[100] = "";

	if (s < 0 || len > sizeof(data) || bind(s, (struct sockaddr *)&to, sizeof(to)))
		abort();
	while (n--)
		if (sendto(s, data, len, 0, (struct sockaddr *)&to, sizeof(to)) < 0 ||
		    recv(s, data, len, 0) < 0)
			abort();
	close(s);
}

void old_admin(bool on)
{
	struct __user_cap_header_struct who = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2];

	if (syscall(SYS_capget, &who, caps))
		abort();
	if (on)
		caps[0].effective |= 1u << CAP_NET_ADMIN;
	else
		caps[0].effective &= ~(1u << CAP_NET_ADMIN);
	if (syscall(SYS_capset, &who, caps))
		abort();
}
