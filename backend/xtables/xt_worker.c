// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_worker.c - a process that changes tables.
 */
#include "backend/xtables/xt_worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backend/ruleset.h"

/* the fixed part of a report; rules follow, list by list */
struct head {
	int status;
	struct fw_error error;
	char warning[256];
	__u32 helpers_missing;
	__u32 count[FW_LISTS], policy[FW_LISTS];
	struct fw_timeouts timeouts;
	__u32 forwards;
};

/* of this process, if it is a worker */
static struct {
	int pipe; /* 0: this is no worker */
	const char *words; /* for libxtables at the moment */
} self;

static bool bytes_write(int fd, const void *data, size_t len)
{
	const char *at = data;
	ssize_t n;

	for (; len; at += n, len -= (size_t)n) {
		n = write(fd, at, len);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n <= 0)
			return false;
	}
	return true;
}

static bool bytes_read(int fd, void *data, size_t len)
{
	char *at = data;
	ssize_t n;

	for (; len; at += n, len -= (size_t)n) {
		n = read(fd, at, len);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n <= 0)
			return false;
	}
	return true;
}

/* A report that cannot be sent is missed by the parent, which is an error there. */
static void report_send(int status, const struct fw_error *e, const struct xt_report *r)
{
	struct head h = {.status = status};
	unsigned int i;
	bool sent;

	if (e)
		h.error = *e;
	if (r) {
		memcpy(h.warning, r->warning, sizeof(h.warning));
		h.helpers_missing = r->helpers_missing;
		h.timeouts = r->rules.timeouts;
		h.forwards = r->rules.portfw.count;
		for (i = 0; i < FW_LISTS; i++) {
			h.count[i] = r->rules.list[i].count;
			h.policy[i] = r->rules.list[i].policy;
		}
	}
	sent = bytes_write(self.pipe, &h, sizeof(h));
	for (i = 0; i < FW_LISTS && sent; i++)
		sent = !h.count[i] ||
		       bytes_write(self.pipe, fw_list_rule(&r->rules.list[i], 0),
				   h.count[i] * sizeof(struct fw_rule));
	if (sent && h.forwards)
		bytes_write(self.pipe, r->rules.portfw.entry,
			    h.forwards * sizeof(struct fw_portfw));
}

void xt_worker_fail(int code, const char *text)
{
	struct fw_error e = {.code = code};

	snprintf(e.text, sizeof(e.text), "libxtables refuses '%.150s': %s",
		 self.words ? self.words : "", text);
	report_send(-code, &e, NULL);
	_exit(1);
}

/* The first handler at exit is the last one that was registered. */
static void on_exit_of_library(void)
{
	xt_worker_fail(EOPNOTSUPP, "it has ended the process");
}

void xt_worker_doing(const char *words)
{
	self.words = words;
}

bool xt_worker_is_running(void)
{
	return self.pipe;
}

bool xt_worker_is_awaited(void)
{
	struct pollfd p = {.fd = self.pipe};

	return poll(&p, 1, 0) >= 0 && !(p.revents & POLLERR);
}

__attribute__((noreturn)) static void worker_main(int fd, xt_job_fn job, void *ctx)
{
	struct fw_error e = {.text = ""};
	struct xt_report report = {.warning = ""};
	int status;

	setsid();
	signal(SIGPIPE, SIG_IGN);
	self.pipe = fd;
	fw_ruleset_init(&report.rules);
	status = atexit(on_exit_of_library) ? fw_error_set(&e, ENOMEM, "out of memory")
					    : job(ctx, &report, &e);
	report_send(status, &e, &report);
	_exit(0);
}

static int rules_read(int fd, const struct head *h, struct fw_ruleset *rs)
{
	unsigned int i;

	rs->timeouts = h->timeouts;
	for (i = 0; i < FW_LISTS; i++) {
		struct fw_list *l = &rs->list[i];

		l->policy = h->policy[i];
		if (!h->count[i])
			continue;
		l->slots = calloc(h->count[i], sizeof(*l->slots));
		if (!l->slots)
			return -ENOMEM;
		l->cap = l->count = h->count[i];
		if (!bytes_read(fd, l->slots, l->count * sizeof(*l->slots)))
			return -EPIPE;
	}
	if (!h->forwards)
		return 0;
	rs->portfw.entry = calloc(h->forwards, sizeof(*rs->portfw.entry));
	if (!rs->portfw.entry)
		return -ENOMEM;
	rs->portfw.cap = rs->portfw.count = h->forwards;
	return bytes_read(fd, rs->portfw.entry, h->forwards * sizeof(*rs->portfw.entry)) ? 0 :
											-EPIPE;
}

static int report_read(int fd, struct xt_report *report, struct fw_error *e)
{
	struct head h;
	int err;

	fw_ruleset_init(&report->rules);
	report->warning[0] = '\0';
	if (!bytes_read(fd, &h, sizeof(h)))
		return fw_error_set(e, EPIPE,
				    "the process that changes iptables has ended "
				    "without a report");
	if (h.status) {
		if (e)
			*e = h.error;
		return h.status;
	}
	memcpy(report->warning, h.warning, sizeof(report->warning));
	report->helpers_missing = h.helpers_missing;
	err = rules_read(fd, &h, &report->rules);
	if (err)
		fw_ruleset_free(&report->rules);
	return err == -ENOMEM ? fw_error_set(e, ENOMEM, "out of memory")
	       : err          ? fw_error_set(e, EPIPE,
					     "the process that changes iptables has ended "
						      "within its report")
			      : 0;
}

int xt_worker_run(xt_job_fn job, void *ctx, struct xt_report *report, struct fw_error *e)
{
	int fd[2], err;
	pid_t pid;

	*report = (struct xt_report){.warning = ""};
	fw_ruleset_init(&report->rules);
	if (pipe2(fd, O_CLOEXEC))
		return fw_error_set(e, errno, "cannot make a pipe: %s", strerror(errno));
	pid = fork();
	if (!pid) {
		close(fd[0]);
		worker_main(fd[1], job, ctx);
	}
	err = errno;
	close(fd[1]);
	if (pid < 0)
		err = fw_error_set(e, err, "cannot start a process: %s", strerror(err));
	else
		err = report_read(fd[0], report, e);
	close(fd[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return err;
}
