// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fail_at.c - one call fails, for LD_PRELOAD.
 *
 *	FAIL_AT=N		the Nth call, of
 *	FAIL_WHAT=alloc		malloc, calloc and realloc: there is no memory
 *	FAIL_WHAT=libiptc	what changes or commits a table: ENOMEM
 *	FAIL_WHAT=libxtables	what finds or parses an extension: ends the process
 *	FAIL_REACHED=FILE	grows by a byte when it does
 *
 * Calls of a child go on counting where its parent was.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct ipt_entry;
struct xtc_handle;

static int calls;

static bool fails(const char *what)
{
	const char *wanted = getenv("FAIL_WHAT"), *at = getenv("FAIL_AT");
	const char *reached = getenv("FAIL_REACHED");
	int fd;

	if (!wanted || !at || strcmp(wanted, what) != 0 || ++calls != atoi(at))	/* NOLINT */
		return false;
	fd = reached ? open(reached, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
	if (fd >= 0) {
		(void)!write(fd, ".", 1);
		close(fd);
	}
	errno = ENOMEM;
	return true;
}

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);

void *malloc(size_t size)
{
	return fails("alloc") ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return fails("alloc") ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	return fails("alloc") ? NULL : __libc_realloc(p, size);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int iptc_append_entry(const char *chain, const struct ipt_entry *e, struct xtc_handle *h)
{
	return fails("libiptc") ? 0 : NEXT(iptc_append_entry)(chain, e, h);
}

int iptc_insert_entry(const char *chain, const struct ipt_entry *e, unsigned int at,
		      struct xtc_handle *h)
{
	return fails("libiptc") ? 0 : NEXT(iptc_insert_entry)(chain, e, at, h);
}

int iptc_delete_num_entry(const char *chain, unsigned int at, struct xtc_handle *h)
{
	return fails("libiptc") ? 0 : NEXT(iptc_delete_num_entry)(chain, at, h);
}

int iptc_create_chain(const char *chain, struct xtc_handle *h)
{
	return fails("libiptc") ? 0 : NEXT(iptc_create_chain)(chain, h);
}

int iptc_delete_chain(const char *chain, struct xtc_handle *h)
{
	return fails("libiptc") ? 0 : NEXT(iptc_delete_chain)(chain, h);
}

int iptc_flush_entries(const char *chain, struct xtc_handle *h)
{
	return fails("libiptc") ? 0 : NEXT(iptc_flush_entries)(chain, h);
}

int iptc_commit(struct xtc_handle *h)
{
	return fails("libiptc") ? 0 : NEXT(iptc_commit)(h);
}

struct xtc_handle *iptc_init(const char *table)
{
	return fails("libiptc") ? NULL : NEXT(iptc_init)(table);
}

struct xtables_match *xtables_find_match(const char *name, int load, void *matches)
{
	if (fails("libxtables"))
		exit(1);
	return NEXT(xtables_find_match)(name, load, matches);
}

struct xtables_target *xtables_find_target(const char *name, int load)
{
	if (fails("libxtables"))
		exit(1);
	return NEXT(xtables_find_target)(name, load);
}

void xtables_option_mpcall(unsigned int c, char **argv, bool invert, struct xtables_match *m,
			   void *fw)
{
	if (fails("libxtables"))
		exit(2);
	NEXT(xtables_option_mpcall)(c, argv, invert, m, fw);
}

void xtables_option_tpcall(unsigned int c, char **argv, bool invert, struct xtables_target *t,
			   void *fw)
{
	if (fails("libxtables"))
		exit(2);
	NEXT(xtables_option_tpcall)(c, argv, invert, t, fw);
}
