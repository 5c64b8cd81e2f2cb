// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fwchk_kmod.c - the module decides about recorded packets: each is asked about, and
 * what the kernel logs is read back.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/kmod/kmod.h"
#include "backend/kmod/kmod_message.h"
#include "tests/lib/namespace.h"
#include "tests/programs/fwchk/fwchk.h"

static struct {
	struct recorded_devs devs;	/* that the namespace has */
	int ns, log;			/* descriptors */
	struct backend backend;
	struct kmod_link link;
	bool open;
} machine = { .ns = -1, .log = -1 };

/* what the module said about a packet */
struct answer {
	struct fw_decision decision;
	json_t *matched;
	char log[4096];
};

static int devices_make(const struct recorded_devs *devs)
{
	char script[1024] = "link set lo up\n";
	size_t len = strlen(script);
	__u32 i;

	for (i = 0; i < devs->count && len < sizeof(script); i++) {
		const char *name = devs->dev[i].name;
		__u32 a = devs->dev[i].addr;

		if (strcmp(name, "lo") != 0)
			len += (size_t)snprintf(script + len, sizeof(script) - len,
						"link add %s type dummy\n"
						"addr add %u.%u.%u.%u/32 dev %s\n"
						"link set %s up\n",
						name, a >> 24, a >> 16 & 255, a >> 8 & 255,
						a & 255, name, name);
	}
	return len < sizeof(script) ? namespace_run("ip -batch -", script) : -E2BIG;
}

static void machine_close(void)
{
	if (machine.open) {
		kmod_link_close(&machine.link);
		kmod_ops.close(&machine.backend);
	}
	if (machine.ns >= 0)
		close(machine.ns);
	if (machine.log >= 0)
		close(machine.log);
	machine.ns = machine.log = -1;
	machine.open = false;
}

static int link_open(struct fw_error *e)
{
	int err;

	machine.backend = (struct backend){ .ops = &kmod_ops };
	err = kmod_ops.open(&machine.backend, NULL, e);
	if (err)
		return err;
	err = kmod_link_open(&machine.link, e);
	if (err)
		kmod_ops.close(&machine.backend);
	return err;
}

/* A namespace with these devices, and the end of the kernel's log. */
static int machine_open(const struct recorded_devs *devs, struct fw_error *e)
{
	int err;

	machine.log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (machine.log < 0 || lseek(machine.log, 0, SEEK_END) < 0)
		return fw_error_set(e, errno, "cannot read /dev/kmsg");
	machine.ns = namespace_new();
	if (machine.ns < 0)
		return fw_error_set(e, -machine.ns, "cannot make a namespace");
	err = devices_make(devs);
	if (err)
		return fw_error_set(e, -err, "cannot make the interfaces");
	err = link_open(e);
	machine.open = !err;
	machine.devs = *devs;
	return err;
}

static void kmod_begin(struct tally *t, const struct fwchk_set *set)
{
	struct fw_error e = { .text = "" };
	int err = 0;

	if (!machine.open || memcmp(&machine.devs, &set->devs, sizeof(set->devs)) != 0) {
		machine_close();
		err = machine_open(&set->devs, &e);
	}
	if (!err)
		err = kmod_ops.replace(&machine.backend, &set->rules, &e);
	if (err)
		tally_fail(t, "rule set %lld: %s", set->number, e.text);
}

/* What rules logged since last time: records "PRIORITY,...;TEXT\n" of our kind. */
static void log_read(char *to, size_t size)
{
	char record[8192], *text, *end;
	size_t len = 0;
	ssize_t n;

	to[0] = '\0';
	while ((n = read(machine.log, record, sizeof(record) - 1)) > 0 || errno == EPIPE) {
		if (n <= 0)
			continue;
		record[n] = '\0';
		text = strchr(record, ';');
		end = strchr(record, '\n');
		if (text && end && strncmp(text, ";IP ", 4) == 0 && len < size)
			len += (size_t)snprintf(to + len, size - len, "<%ld>%.*s",
						strtol(record, NULL, 10) & 7,
						(int)(end - text), text + 1);
	}
}

static int answer_take(const struct nlmsghdr *h, void *ctx)
{
	struct answer *answer = ctx;
	const struct nlattr *a;
	size_t i;

	mnl_attr_for_each (a, h, sizeof(struct genlmsghdr)) {
		const __u32 *rule = mnl_attr_get_payload(a);

		if (mnl_attr_get_type(a) != IPFWADM_A_MATCHED)
			continue;
		for (i = 0; i < mnl_attr_get_payload_len(a) / sizeof(*rule); i++)
			json_array_append_new(answer->matched, json_integer(rule[i]));
	}
	return kmod_decision_read(h, &answer->decision);
}

/* The accounting list decides nothing, so the backend does not ask it. */
static int accounting_ask(const struct fwchk_packet *p, struct answer *answer)
{
	struct netlink_refusal why;
	struct kmod_request r;
	int err = kmod_request_begin(&r, &machine.link, IPFWADM_CMD_CHECK);

	if (err)
		return err;
	mnl_attr_put_u32(r.message, IPFWADM_A_LIST, p->list);
	if (p->direction == FW_DIR_OUT)
		mnl_attr_put(r.message, IPFWADM_A_OUTGOING, 0, NULL);
	kmod_packet_put(r.message, &p->pkt);
	kmod_device_put(r.message, p->dev);
	err = kmod_link_query(&machine.link, &r, false, answer_take, answer, &why);
	kmod_request_free(&r);
	return err;
}

static int decision_ask(const struct fwchk_packet *p, struct answer *answer)
{
	struct fw_error e;
	int err = kmod_ops.check(&machine.backend, p->list, &p->pkt, p->dev,
				    &answer->decision, &e);

	if (!err && answer->decision.by == FW_BY_RULE)
		json_array_append_new(answer->matched,
				      json_integer(answer->decision.rule));
	return err;
}

static void kmod_packet(struct tally *t, struct fwchk_set *set,
			const struct fwchk_packet *p)
{
	struct answer answer = { .matched = json_array() };
	int err = -ENODEV;

	if (machine.open)
		err = p->list == FW_ACCT ? accounting_ask(p, &answer) :
					   decision_ask(p, &answer);
	if (err) {
		tally_fail(t, "rule set %lld packet %zu: %s", set->number, p->index,
			   strerror(-err));
		json_decref(answer.matched);
		return;
	}
	log_read(answer.log, sizeof(answer.log));
	fwchk_compare(t, set, p, &answer.decision, answer.matched, answer.log);
}

/* Who only asks counts nothing. */
static void kmod_end(struct tally *t, const struct fwchk_set *set)
{
	struct fw_ruleset now;
	struct fw_error e = { .text = "rules are missing, or counted" };
	bool same;
	int list;
	__u32 i;

	if (!machine.open)
		return;
	fw_ruleset_init(&now);
	same = !kmod_ops.load(&machine.backend, &now, &e);
	for (list = 0; list < FW_LISTS && same; list++) {
		same = now.list[list].count == set->rules.list[list].count;
		for (i = 0; i < now.list[list].count && same; i++)
			same = !fw_list_rule(&now.list[list], i)->pcnt;
	}
	if (!same)
		tally_fail(t, "rule set %lld afterwards: %s", set->number, e.text);
	fw_ruleset_free(&now);
}

static void kmod_report(struct tally *t)
{
	(void)t;
	machine_close();
}

const struct fwchk_judge fwchk_kmod = {
	.name = "kmod",
	.begin = kmod_begin,
	.packet = kmod_packet,
	.end = kmod_end,
	.report = kmod_report,
};
