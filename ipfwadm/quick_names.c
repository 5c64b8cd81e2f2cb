// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * quick_names.c - parser/names.h where there are only numbers.
 *
 * The system's name services need the system's C library: a command with a name in it
 * is not understood here, and goes to the whole program.
 */
#include "parser/names.h"

int name_addresses(const char *name, __u32 **addrs)
{
	(void)name;
	*addrs = NULL;
	return -1;
}

int name_host_addresses(const char *name, __u32 **addrs)
{
	return name_addresses(name, addrs);
}

int name_service_system(const char *name, unsigned int kind)
{
	(void)name;
	(void)kind;
	return -1;
}

int name_service_port(const char *name, unsigned int kind)
{
	return name_service_system(name, kind);
}

const char *name_service_suggest(const char *name, unsigned int kind)
{
	(void)name;
	(void)kind;
	return NULL;
}

void names_forget(void)
{
}

bool name_of_address(__u32 addr, char *buf, size_t size)
{
	(void)addr;
	(void)buf;
	(void)size;
	return false;
}

bool name_of_port(__u16 port, unsigned int kind, char *buf, size_t size)
{
	return name_of_address(port + kind, buf, size);
}
