// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the nft backend says when system calls fail, as they do on kernels without
 * netfilter, without privilege, or without memory.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/nft/nft.h"
#include "tests/lib/fail_syscall.h"

/* a call that fails, and what is to be said of it */
struct failure {
	long call;
	int error;
	const char *text;
};

static const struct failure failure[] = {
	{ SYS_socket, EPROTONOSUPPORT, "this kernel has no netfilter netlink (nfnetlink)" },
	{ SYS_socket, EMFILE, "cannot open a netlink socket: Too many open files" },
	{ SYS_sendto, EPERM,
	 "the nftables rules need CAP_NET_ADMIN, which this process does not have" },
	{ SYS_sendto, ENOBUFS, "cannot ask nf_tables: No buffer space available" },
	{ SYS_recvfrom, ENOBUFS, "cannot ask nf_tables: No buffer space available" },
	{ SYS_recvfrom, EINVAL, "this kernel has no nf_tables" },
};

/* in a process of its own, since it cannot be undone; 0 if all is as it should be */
static int probe_fails(const struct failure *f)
{
	struct fw_error e = { .text = "" };

	fail_syscall(f->call, f->error);
	if (nft_ops.probe(NULL, &e) < 0 && strcmp(e.text, f->text) == 0)
		return 0;
	dprintf(2, "wanted: %s\ngot: %s\n", f->text, e.text);
	return 1;
}

static void failures_are_told(void **state)
{
	size_t i;
	int status;
	pid_t pid;

	(void)state;
	for (i = 0; i < sizeof(failure) / sizeof(failure[0]); i++) {
		/* others are told to be root */
		if (failure[i].error == EPERM && geteuid())
			continue;
		pid = fork();
		assert_true(pid >= 0);
		if (!pid)
			_exit(probe_fails(&failure[i]));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
	}
}

static void arguments_are_refused(void **state)
{
	struct fw_error e = { .text = "" };

	(void)state;
	assert_int_equal(nft_ops.probe("x", &e), -EINVAL);
	assert_string_equal(e.text, "backend 'nft' takes no ':x'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures_are_told),
		cmocka_unit_test(arguments_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
