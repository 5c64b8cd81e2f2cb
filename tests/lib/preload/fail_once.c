// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fail_once.c - for LD_PRELOAD: one allocation fails, the FAIL_AT-th of the program, or
 * with FAIL_CHILDREN of all its child processes together.
 *
 * The file FAIL_REACHED is created then, so that a test knows where to stop.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);

static atomic_long *left;	/* shared with children; NULL: nothing fails */
static pid_t first;		/* with FAIL_CHILDREN the process that is spared */
static const char *reached;

static void __attribute__((constructor)) begin(void)
{
	const char *at = getenv("FAIL_AT");
	void *page;

	if (!at)
		return;
	page = mmap(NULL, sizeof(*left), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		    -1, 0);
	if (page == MAP_FAILED)
		abort();
	reached = getenv("FAIL_REACHED");
	first = getenv("FAIL_CHILDREN") ? getpid() : 0;
	atomic_store((atomic_long *)page, atol(at));
	left = page;
}

static int fails(void)
{
	int fd;

	if (!left || getpid() == first || atomic_fetch_sub(left, 1) != 1)
		return 0;
	fd = open(reached, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (fd >= 0)
		close(fd);
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	return fails() ? NULL : __libc_realloc(p, size);
}
