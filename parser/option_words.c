// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * option_words.c - candidates for the arguments of options: words of the language,
 * names of this system.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <net/if.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kmod/core/names.h"
#include "kmod/core/rule.h"
#include "parser/expect.h"
#include "parser/nameservice.h"

/* a candidate and a few words on it */
struct word {
	const char *word, *about;
};

static void words_add(struct candidates *c, const struct word *w, unsigned int n)
{
	for (; n; n--, w++)
		c->add(c, w->word, w->about);
}

void candidates_words(struct candidates *c, const char *const *words)
{
	static const struct word abouts[] = {
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

	for (; *words; words++) {
		const char *about = "";

		for (unsigned int i = 0; i < FW_COUNT(abouts); i++)
			if (strcmp(abouts[i].word, *words) == 0)
				about = abouts[i].about;
		c->add(c, *words, about);
	}
}

void words_directions(struct candidates *c, const struct expect *x)
{
	(void)x;
	candidates_words(c, option_directions);
}

void words_policies(struct candidates *c, const struct expect *x)
{
	if (!x->given['A'] && !x->given['T'])
		candidates_words(c, fw_policy_names);
}

void words_protocols(struct candidates *c, const struct expect *x)
{
	(void)x;
	candidates_words(c, fw_kind_names);
}

/* STATE,STATE...; a leading ! negates them */
void words_states(struct candidates *c, const struct expect *x)
{
	const char *comma = strrchr(c->typed, ',');

	(void)x;
	c->fixed = comma ? (size_t)(comma + 1 - c->typed) : c->typed[0] == '!';
	candidates_words(c, fw_state_names);
}

void words_helpers(struct candidates *c, const struct expect *x)
{
	static const char *const masq[] = { "cuseeme", "ftp", "irc", "quake", "raudio", "vdolive",
					    NULL };

	candidates_words(c, x->given['M'] ? masq : fw_helper_names + 1);
}

/* ADDRESS[:PORT] */
void words_to(struct candidates *c, const struct expect *x)
{
	(void)x;
	c->open = "ADDRESS[:PORT]";
}

void words_number(struct candidates *c, const struct expect *x)
{
	c->open = x->option->args;
}

/* PROTOCOL PORT */
void words_trigger(struct candidates *c, const struct expect *x)
{
	static const char *const protocols[] = { "tcp", "udp", NULL };

	if (x->nth == 0)
		candidates_words(c, protocols);
	else
		c->open = "PORT";
}

void words_comment(struct candidates *c, const struct expect *x)
{
	(void)x;
	c->open = "TEXT";
}

static void hosts_add(struct candidates *c)
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
		c->add(c, h->h_name, address);
		for (char **alias = h->h_aliases; *alias; alias++)
			c->add(c, *alias, address);
	}
	endhostent();
	setnetent(1);
	while ((n = getnetent())) {
		char about[32];
		__u32 net = n->n_net;

		snprintf(about, sizeof(about), "network %u.%u.%u.%u", net >> 24,
			 net >> 16 & 255, net >> 8 & 255, net & 255);
		c->add(c, n->n_name, about);
	}
	endnetent();
}

void words_services(struct candidates *c, const struct expect *x)
{
	unsigned int kind = x->protocol[0] == 'u' ? FW_KIND_UDP : FW_KIND_TCP, i = 0;
	const struct servent *s;
	const char *name;
	char about[32];

	c->open = "PORT[:PORT]";
	if (c->quick)
		return;
	setservent(1);
	while ((s = getservent())) {
		if (s->s_proto[0] != (kind == FW_KIND_UDP ? 'u' : 't'))
			continue;
		snprintf(about, sizeof(about), "%u/%s", ntohs((__u16)s->s_port), s->s_proto);
		c->add(c, s->s_name, about);
		for (char **alias = s->s_aliases; *alias; alias++)
			c->add(c, *alias, about);
	}
	endservent();
	while ((name = services_next(&i, kind))) {
		snprintf(about, sizeof(about), "%d", services_port(name, kind));
		c->add(c, name, about);
	}
}

/* -S and -D: an address, then ports, or ICMP types after the source */
void words_endpoint(struct candidates *c, const struct expect *x)
{
	static const struct word types[] = {
		{ "0", "echo reply" }, { "3", "destination unreachable" },
		{ "4", "source quench" }, { "5", "redirect" }, { "8", "echo request" },
		{ "11", "time exceeded" }, { "12", "parameter problem" },
		{ "13", "timestamp request" }, { "14", "timestamp reply" },
		{ "17", "address mask request" }, { "18", "address mask reply" },
	};

	if (x->nth == 0) {
		hosts_add(c);
	} else if (x->protocol[0] == 'i' && x->option->id == 'S') {
		c->open = "TYPE";
		words_add(c, types, FW_COUNT(types));
	} else if (x->protocol[0] == 't' || x->protocol[0] == 'u') {
		words_services(c, x);
	}
}

void words_via(struct candidates *c, const struct expect *x)
{
	(void)x;
	c->open = "ADDRESS";
}

void words_interfaces(struct candidates *c, const struct expect *x)
{
	struct if_nameindex *all = NULL;

	(void)x;
	c->open = "INTERFACE";
	if (!c->quick)
		all = if_nameindex();
	for (const struct if_nameindex *i = all; i && i->if_name; i++)
		c->add(c, i->if_name, "");
	if (all)
		if_freenameindex(all);
}

void words_tos(struct candidates *c, const struct expect *x)
{
	static const struct word and = { "01", "clear all but the lowest bit" };
	static const struct word xors[] = {
		{ "10", "minimum delay" }, { "08", "maximum throughput" },
		{ "04", "maximum reliability" }, { "02", "minimum cost" },
	};

	c->open = x->nth ? "XOR" : "AND";
	if (x->nth)
		words_add(c, xors, FW_COUNT(xors));
	else
		words_add(c, &and, 1);
}

void words_timeouts(struct candidates *c, const struct expect *x)
{
	static const struct word defaults[] = {
		{ "900", "TCP, seconds; 0 keeps what there is" },
		{ "120", "TCP after both sides have closed, seconds; 0 keeps what there is" },
		{ "300", "UDP, seconds; 0 keeps what there is" },
	};

	c->open = "SECONDS";
	if (x->nth < FW_COUNT(defaults))
		words_add(c, &defaults[x->nth], 1);
}

/* NAME SECONDS ...: the names of the kernel, nf_conntrack_NAME_timeout_STATE */
void words_track_timeouts(struct candidates *c, const struct expect *x)
{
	static const char prefix[] = "nf_conntrack_";
	struct dirent **entry = NULL;
	int n = 0;

	c->open = x->nth % 2 ? "SECONDS" : "NAME SECONDS ...";
	if (x->nth % 2 == 0)
		n = scandir("/proc/sys/net/netfilter", &entry, NULL, alphasort);
	for (int i = 0; i < n; free(entry[i++])) {
		char name[NAME_MAX + 1], *end;

		if (strncmp(entry[i]->d_name, prefix, sizeof(prefix) - 1) != 0)
			continue;
		snprintf(name, sizeof(name), "%s", entry[i]->d_name + sizeof(prefix) - 1);
		end = strstr(name, "_timeout");
		if (!end || strncmp(name, "icmpv6", 6) == 0 || strncmp(name, "frag6", 5) == 0)
			continue;
		memmove(end, end + 8, strlen(end + 8) + 1);
		for (char *p = name; (p = strchr(p, '_'));)
			*p = '-';
		c->add(c, name, "a timeout");
	}
	free(entry);
}
