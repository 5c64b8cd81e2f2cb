// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_values.c - words that options may have: names of this system, numbers
 * of rules.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <netdb.h>
#include <string.h>

#include "ipfwadm/shell/shell_choices.h"
#include "ipfwadm/shell/shell_rules.h"
#include "parser/print.h"
#include "parser/services.h"

/* a few words on words */
static const char *const abouts[][2] = {
	{ "accept", "let it pass" },
	{ "deny", "drop it silently" },
	{ "reject", "drop it and tell the sender" },
	{ "masquerade", "let it pass with our address" },
	{ "in", "packets that arrive" },
	{ "out", "packets that leave" },
	{ "both", "both ways" },
	{ "all", "any protocol" },
	{ "new", "begins a connection" },
	{ "established", "packets have been seen both ways" },
	{ "related", "belongs to a known connection" },
	{ "invalid", "belongs to nothing" },
};

void choices_words(struct choices *c, const char *const *words)
{
	for (; *words; words++) {
		const char *about = "";

		for (unsigned int i = 0; i < FW_COUNT(abouts); i++)
			if (strcmp(abouts[i][0], *words) == 0)
				about = abouts[i][1];
		choices_add(c, *words, "%s", about);
	}
}

void choices_states(struct choices *c)
{
	static const char *const states[] = {
		"new", "established", "related", "invalid", NULL,
	};
	const char *typed = c->word + c->fixed, *comma = strrchr(typed, ',');

	if (comma)
		c->fixed += (unsigned int)(comma + 1 - typed);
	else
		c->fixed += *typed == '!';
	choices_words(c, states);
}

void choices_hosts(struct choices *c)
{
	const struct hostent *h;
	const struct netent *n;

	c->open = "ADDRESS[/MASK]";
	if (c->quick)
		return;
	sethostent(1);
	while ((h = gethostent())) {
		char address[INET_ADDRSTRLEN];

		if (h->h_addrtype != AF_INET || !h->h_addr_list[0])
			continue;
		inet_ntop(AF_INET, h->h_addr_list[0], address, sizeof(address));
		choices_add(c, h->h_name, "%s", address);
		for (char **alias = h->h_aliases; *alias; alias++)
			choices_add(c, *alias, "%s", address);
	}
	endhostent();
	setnetent(1);
	while ((n = getnetent())) {
		__u32 net = n->n_net;

		choices_add(c, n->n_name, "network %u.%u.%u.%u", net >> 24, net >> 16 & 255,
			    net >> 8 & 255, net & 255);
	}
	endnetent();
}

void choices_services(struct choices *c, const char *protocol)
{
	unsigned int kind = protocol[0] == 'u' ? FW_KIND_UDP : FW_KIND_TCP, i = 0;
	const struct servent *s;
	const char *name;

	c->open = "PORT[:PORT]";
	if (c->quick)
		return;
	setservent(1);
	while ((s = getservent())) {
		if (s->s_proto[0] != (kind == FW_KIND_UDP ? 'u' : 't'))
			continue;
		choices_add(c, s->s_name, "%u/%s", ntohs((__u16)s->s_port), s->s_proto);
		for (char **alias = s->s_aliases; *alias; alias++)
			choices_add(c, *alias, "%u/%s", ntohs((__u16)s->s_port), s->s_proto);
	}
	endservent();
	while ((name = services_next(&i, kind)))
		choices_add(c, name, "%d", services_port(name, kind));
}

static void icmp_types(struct choices *c)
{
	static const char *const types[][2] = {
		{ "0", "echo reply" }, { "3", "destination unreachable" },
		{ "4", "source quench" }, { "5", "redirect" }, { "8", "echo request" },
		{ "11", "time exceeded" }, { "12", "parameter problem" },
		{ "13", "timestamp request" }, { "14", "timestamp reply" },
		{ "17", "address mask request" }, { "18", "address mask reply" },
	};

	c->open = "TYPE";
	for (unsigned int i = 0; i < FW_COUNT(types); i++)
		choices_add(c, types[i][0], "%s", types[i][1]);
}

void choices_interfaces(struct choices *c, struct shell *sh, bool addresses)
{
	json_t *answer, *interface;
	size_t i;

	c->open = addresses ? "ADDRESS" : "INTERFACE";
	if (c->quick)
		return;
	answer = client_call(sh, json_pack("{s:s}", "do", "about"));
	json_array_foreach(json_object_get(answer, "interfaces"), i, interface) {
		const char *name = answer_text(interface, "name");
		const char *address = answer_text(interface, "address");

		choices_add(c, addresses ? address : name, "%s", addresses ? name : address);
	}
	json_decref(answer);
}

void choices_numbers(struct choices *c, struct shell *sh, char list)
{
	struct rules rules;
	json_t *answer;
	int id = 0;

	c->open = "NUMBER";
	if (c->quick)
		return;
	while (id < FW_LISTS - 1 && print_list((enum fw_list_id)id) != list)
		id++;
	answer = rules_ask(sh);
	if (answer && rules_read(&rules, rules_text(answer)) == 0) {
		for (unsigned int i = 1; i <= rules.count[id]; i++) {
			char number[16], buf[PRINT_RULE_MAX];
			struct fw_text t;

			fw_text_init(&t, buf, sizeof(buf));
			print_rule(&t, FW_OP_APPEND, (enum fw_list_id)id,
				   &rules_rule(&rules, (enum fw_list_id)id, i)->rule);
			snprintf(number, sizeof(number), "%u", i);
			choices_add(c, number, "%s", buf);
		}
		rules_free(&rules);
	}
	json_decref(answer);
}

/* what the kernel has timeouts for */
static void timeout_names(struct choices *c)
{
	static const char prefix[] = "nf_conntrack_";
	DIR *dir = opendir("/proc/sys/net/netfilter");
	const struct dirent *entry;

	c->open = "NAME SECONDS ...";
	while (dir && (entry = readdir(dir))) {
		char name[NAME_MAX + 1], *end;

		if (strncmp(entry->d_name, prefix, sizeof(prefix) - 1) != 0)
			continue;
		snprintf(name, sizeof(name), "%s", entry->d_name + sizeof(prefix) - 1);
		end = strstr(name, "_timeout");
		if (!end || strncmp(name, "icmpv6", 6) == 0 || strncmp(name, "frag6", 5) == 0)
			continue;
		memmove(end, end + 8, strlen(end + 8) + 1);
		for (char *p = name; (p = strchr(p, '_'));)
			*p = '-';
		choices_add(c, name, "a timeout");
	}
	if (dir)
		closedir(dir);
}

static void tos_masks(struct choices *c, unsigned int nth)
{
	static const char *const xors[][2] = {
		{ "10", "minimum delay" }, { "08", "maximum throughput" },
		{ "04", "maximum reliability" }, { "02", "minimum cost" },
	};

	c->open = nth ? "XOR" : "AND";
	if (nth == 0)
		choices_add(c, "01", "clear all but the lowest bit");
	for (unsigned int i = 0; nth == 1 && i < FW_COUNT(xors); i++)
		choices_add(c, xors[i][0], "%s", xors[i][1]);
}

static void masq_timeouts(struct choices *c, unsigned int nth)
{
	static const char *const defaults[][2] = {
		{ "900", "TCP" }, { "120", "TCP after both sides have closed" },
		{ "300", "UDP" },
	};

	c->open = "SECONDS";
	if (nth < FW_COUNT(defaults))
		choices_add(c, defaults[nth][0], "%s, seconds; 0 keeps what there is",
			    defaults[nth][1]);
}

static void endpoint_words(struct choices *c, const struct expect *x)
{
	if (x->nth == 0)
		choices_hosts(c);
	else if (x->protocol[0] == 'i' && x->option == 'S')
		icmp_types(c);
	else if (x->protocol[0] == 't' || x->protocol[0] == 'u')
		choices_services(c, x->protocol);
}

void choices_values(struct choices *c, struct shell *sh, const struct expect *x)
{
	const char *const *words = expect_words(x);

	if (x->option == AST_STATE) {
		choices_states(c);
	} else if (words) {
		choices_words(c, words);
	} else if (x->option == 'S' || x->option == 'D') {
		endpoint_words(c, x);
	} else if (x->option == 'W' || x->option == 'V') {
		choices_interfaces(c, sh, x->option == 'V');
	} else if (x->option == 'r') {
		choices_services(c, x->protocol);
	} else if (x->option == 't') {
		tos_masks(c, x->nth);
	} else if (x->option == 's' && x->given['T']) {
		if (x->nth % 2 == 0)
			timeout_names(c);
		else
			c->open = "SECONDS";
	} else if (x->option == 's') {
		masq_timeouts(c, x->nth);
	} else if (x->option == AST_COMMENT) {
		c->open = "TEXT";
	}
}
