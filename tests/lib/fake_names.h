/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fake_names.h - name services that answer at once, in the place of the system's.
 *
 * A name that begins with `h' is a host, with `m' one with three addresses,
 * with `n' a network, with `s' a service.
 */
#ifndef TESTS_FAKE_NAMES_H
#define TESTS_FAKE_NAMES_H

#include <arpa/inet.h>
#include <netdb.h>
#include <stddef.h>

struct hostent *gethostbyname(const char *name)
{
	static struct in_addr addrs[3];
	static char *list[4];
	static struct hostent h = {
		.h_addrtype = AF_INET,
		.h_length = sizeof(addrs[0]),
		.h_addr_list = list,
	};

	if (*name != 'h' && *name != 'm')
		return NULL;
	for (int i = 0; i < 3; i++) {
		addrs[i].s_addr = htonl(0x0a010101u + 0x90u * (unsigned int)i);
		list[i] = i && *name == 'h' ? NULL : (char *)&addrs[i];
	}
	return &h;
}

struct netent *getnetbyname(const char *name)
{
	static struct netent n = { .n_addrtype = AF_INET, .n_net = 0x7f000000 };

	return *name == 'n' ? &n : NULL;
}

struct servent *getservbyname(const char *name, const char *protocol)
{
	static struct servent s;

	(void)protocol;
	s.s_port = htons((unsigned char)name[0] ? (unsigned char)name[1] : 0);
	return *name == 's' ? &s : NULL;
}

#endif
