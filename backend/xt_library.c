// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_library.c - libxtables, which knows what the kernel offers and likes to end
 * the process.  It cannot here.
 *
 * Whatever it would end the process for comes back by longjmp.  The question to
 * the kernel, where it ends it without asking anyone, is put by a function of ours.
 */
#include "backend/xt_library.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xtables.h>

#define KNOWN 32	/* more than the matches and targets that are used */

static jmp_buf refused;

__attribute__((noreturn, format(printf, 2, 3)))
static void library_fails(enum xtables_exittype status, const char *format, ...)
{
	(void)status;
	(void)format;
	longjmp(refused, 1);
}

/* Does the kernel offer this revision?  What cannot be asked is not offered. */
static int revision_offered(const char *name, uint8_t revision, int option)
{
	struct xt_get_revision ask = { .revision = revision };
	socklen_t size = sizeof(ask);
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	int err;

	if (fd < 0)
		return 0;
	strncpy(ask.name, name, sizeof(ask.name) - 1);
	err = getsockopt(fd, IPPROTO_IP, option, &ask, &size);
	close(fd);
	return err >= 0;
}

static struct xtables_globals globals = {
	.program_name = "ipfwadm",
	.program_version = "1",
	.exit_err = library_fails,
	.compat_rev = revision_offered,
};

/* false: the library does not work here */
static bool library_start(void)
{
	static bool started;

	if (!started)
		started = !xtables_init_all(&globals, NFPROTO_IPV4);
	return started;
}

bool xt_library_load(void)
{
	if (setjmp(refused))
		return false;
	return library_start() && xtables_load_ko(xtables_modprobe_program, true) >= 0;
}

/* the newest revision that the library and the kernel both know; -1 for none */
static int revision_find(const char *name, bool target)
{
	const struct xtables_target *t;
	const struct xtables_match *m;

	if (target) {
		t = xtables_find_target(name, XTF_TRY_LOAD);
		return t ? t->revision : -1;
	}
	m = xtables_find_match(name, XTF_TRY_LOAD, NULL);
	return m ? m->revision : -1;
}

static bool module_offered(const char *name, __u8 revision, bool target)
{
	if (setjmp(refused))
		return false;
	if (library_start() && revision_find(name, target) >= revision)
		return true;
	return revision_offered(name, revision, target ? IPT_SO_GET_REVISION_TARGET :
							 IPT_SO_GET_REVISION_MATCH);
}

bool xt_library_offers(const char *name, __u8 revision, bool target)
{
	static struct {
		char name[XT_EXTENSION_MAXNAMELEN];
		__u8 revision;
		bool target, offered;
	} known[KNOWN];
	static unsigned int count;
	bool offered;
	unsigned int i;

	for (i = 0; i < count; i++)
		if (known[i].revision == revision && known[i].target == target &&
		    !strcmp(known[i].name, name))
			return known[i].offered;
	offered = module_offered(name, revision, target);
	if (count < KNOWN) {
		snprintf(known[count].name, sizeof(known->name), "%s", name);
		known[count].revision = revision;
		known[count].target = target;
		known[count++].offered = offered;
	}
	return offered;
}

static bool module_missing(const struct xt_entry_match *x, bool target, char *what,
			   size_t size)
{
	const char *name = x->u.user.name;

	if (xt_library_offers(name, x->u.user.revision, target))
		return false;
	snprintf(what, size, "%s '%s'", target ? "target" : "match", name);
	return true;
}

/* Verdicts and chains are no modules. */
static bool target_is_module(const struct xt_entry_match *target)
{
	return target->u.user.match_size != XT_ALIGN(sizeof(struct xt_standard_target)) ||
	       target->u.user.revision || !strcmp(target->u.user.name, "REJECT");
}

bool xt_library_missing(const struct ipt_entry *e, char *what, size_t size)
{
	const struct xt_entry_match *x;
	const __u8 *byte = (const __u8 *)e;
	size_t at;

	for (at = sizeof(*e); at < e->target_offset; at += x->u.match_size) {
		x = (const struct xt_entry_match *)(byte + at);
		if (module_missing(x, false, what, size))
			return true;
	}
	x = (const struct xt_entry_match *)(byte + at);
	return target_is_module(x) && module_missing(x, true, what, size);
}
