// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nameservice.c - queries to the system's name services, with a cache.
 *
 * The cache is not locked: one thread uses it.  names_forget() empties it.
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "kmod/core/rule.h"
#include "parser/diag.h"
#include "parser/nameservice.h"

/* kinds of queries: the numbers of a name, the name of a number */
enum question {
	ASK_ADDRESSES,
	ASK_HOST,
	ASK_NAME,
	ASK_SERVICES,			/* is there a list? */
	ASK_PORT,			/* + kind */
	ASK_SERVICE = ASK_PORT + 4,	/* + kind */
};

struct answer {
	struct answer *next;
	unsigned int question;
	int count;		/* of addresses, or the port; -1: unknown */
	void *data;		/* __u32 addresses, or a name */
	char key[];
};

#define BUCKETS 1024

static struct answer *answers[BUCKETS];
static unsigned int nanswers;

static struct answer **bucket(unsigned int question, const char *key)
{
	unsigned int h = question;

	while (*key)
		h = h * 31 + (unsigned char)*key++;
	return &answers[h % BUCKETS];
}

static const struct answer *answer_find(unsigned int question, const char *key)
{
	const struct answer *a;

	for (a = *bucket(question, key); a; a = a->next)
		if (a->question == question && strcmp(a->key, key) == 0)
			return a;
	return NULL;
}

/* Takes data; false without memory, when the caller still owns data. */
static bool answer_keep(unsigned int question, const char *key, int count, void *data)
{
	struct answer **b = bucket(question, key);
	size_t size = strlen(key) + 1;
	struct answer *a = malloc(sizeof(*a) + size);

	if (!a)
		return false;
	*a = (struct answer){ *b, question, count, data };
	memcpy(a->key, key, size);
	*b = a;
	nanswers++;
	return true;
}

void names_forget(void)
{
	for (unsigned int i = 0; nanswers && i < BUCKETS; i++) {
		while (answers[i]) {
			struct answer *a = answers[i];

			answers[i] = a->next;
			free(a->data);
			free(a);
			nanswers--;
		}
	}
}

/* Caller frees the copy. */
static int addresses_copy(const __u32 *addrs, int count, __u32 **copy)
{
	*copy = NULL;
	if (count <= 0)
		return count;
	*copy = calloc((size_t)count, sizeof(**copy));
	if (!*copy)
		return -1;
	memcpy(*copy, addrs, (size_t)count * sizeof(**copy));
	return count;
}

/* short forms such as 127.1, which gethostbyname accepts */
static bool short_address(const char *name, struct in_addr *addr)
{
	/* inet_aton ignores everything after a blank */
	return name[0] >= '0' && name[0] <= '9' && !strpbrk(name, " \t\n\v\f\r") &&
	       inet_aton(name, addr);
}

static int host_ask(const char *name, __u32 **addrs)
{
	const struct hostent *h;
	struct in_addr addr;
	int n = 0;

	if (short_address(name, &addr)) {
		*addrs = malloc(sizeof(**addrs));
		if (!*addrs)
			return -1;
		**addrs = ntohl(addr.s_addr);
		return 1;
	}
	h = gethostbyname(name);

	if (!h || h->h_addrtype != AF_INET || h->h_length != (int)sizeof(struct in_addr))
		return -1;
	while (h->h_addr_list[n])
		n++;
	*addrs = calloc((size_t)n + 1, sizeof(**addrs));
	if (!*addrs)
		return -1;
	for (int i = 0; i < n; i++) {
		memcpy(&(*addrs)[i], h->h_addr_list[i], sizeof(**addrs));
		(*addrs)[i] = ntohl((*addrs)[i]);
	}
	return n;
}

static int network_ask(const char *name, __u32 **addrs)
{
	const struct netent *n = getnetbyname(name);

	if (!n || n->n_addrtype != AF_INET)
		return -1;
	*addrs = malloc(sizeof(**addrs));
	if (!*addrs)
		return -1;
	**addrs = n->n_net;
	return 1;
}

static int addresses_find(enum question question, const char *name, __u32 **addrs)
{
	const struct answer *a = answer_find(question, name);
	__u32 *found = NULL;
	int n = -1;

	if (a)
		return addresses_copy(a->data, a->count, addrs);
	if (question == ASK_ADDRESSES)
		n = network_ask(name, &found);
	if (n < 0 && question == ASK_ADDRESSES)
		n = name_host_addresses(name, &found);	/* which remembers it, too */
	else if (n < 0)
		n = host_ask(name, &found);
	n = addresses_copy(found, n, addrs);
	if (!answer_keep(question, name, n, found))
		free(found);
	return n;
}

int name_addresses(const char *name, __u32 **addrs)
{
	return addresses_find(ASK_ADDRESSES, name, addrs);
}

int name_host_addresses(const char *name, __u32 **addrs)
{
	return addresses_find(ASK_HOST, name, addrs);
}

static const char *protocol(unsigned int kind)
{
	switch (kind) {
	case FW_KIND_TCP:
		return "tcp";
	case FW_KIND_UDP:
		return "udp";
	default:
		return NULL;
	}
}

int name_service_port(const char *name, unsigned int kind)
{
	const struct answer *a = answer_find(ASK_PORT + kind, name);
	const struct servent *s;
	int port;

	if (a)
		return a->count;
	if (!protocol(kind))
		return -1;
	s = getservbyname(name, protocol(kind));
	port = s ? ntohs((__u16)s->s_port) : services_port(name, kind);
	answer_keep(ASK_PORT + kind, name, port, NULL);
	return port;
}

const char *name_service_suggest(const char *name, unsigned int kind)
{
	const char *words[512];
	unsigned int i = 0, n = 0;

	while (n < FW_COUNT(words) - 1) {
		words[n] = services_next(&i, kind);
		if (!words[n])
			break;
		n++;
	}
	words[n] = NULL;
	return diag_suggest(name, words);
}

static bool name_copy(const char *name, char *buf, size_t size)
{
	if (!name || strlen(name) >= size)
		return false;
	memcpy(buf, name, strlen(name) + 1);
	return true;
}

static const char *address_ask(__u32 addr, unsigned int kind)
{
	__u32 wire = htonl(addr);
	const struct hostent *h = gethostbyaddr(&wire, sizeof(wire), AF_INET);
	const struct netent *n;

	(void)kind;
	if (h)
		return h->h_name;
	n = getnetbyaddr(addr, AF_INET);
	return n ? n->n_name : NULL;
}

/* does the system have a list of services? */
static bool services_known(void)
{
	const struct answer *a = answer_find(ASK_SERVICES, "");
	bool known;

	if (a)
		return a->count;
	setservent(0);
	known = getservent();
	endservent();
	answer_keep(ASK_SERVICES, "", known, NULL);
	return known;
}

/* A system with a list prints the names that it would have printed with 2.3.0. */
static const char *service_ask(__u32 port, unsigned int kind)
{
	const struct servent *s = getservbyport(htons((__u16)port), protocol(kind));

	if (s)
		return s->s_name;
	return services_known() ? NULL : services_name((__u16)port, kind);
}

static bool name_find(unsigned int question, __u32 number, unsigned int kind,
		      const char *(*ask)(__u32, unsigned int), char *buf, size_t size)
{
	const struct answer *a;
	const char *name;
	char key[16];
	bool found;
	char *own;

	snprintf(key, sizeof(key), "%u", number);
	a = answer_find(question, key);
	if (a)
		return name_copy(a->data, buf, size);
	name = ask(number, kind);
	own = name ? strdup(name) : NULL;
	found = name_copy(name, buf, size);
	if ((name && !own) || !answer_keep(question, key, 0, own))
		free(own);
	return found;
}

bool name_of_address(__u32 addr, char *buf, size_t size)
{
	return name_find(ASK_NAME, addr, 0, address_ask, buf, size);
}

bool name_of_port(__u16 port, unsigned int kind, char *buf, size_t size)
{
	return protocol(kind) &&
	       name_find(ASK_SERVICE + kind, port, kind, service_ask, buf, size);
}
