// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmod-failslab.c - every control operation of the module with each of its
 * allocations made to fail once: it ends with an error and nothing has changed, or
 * it did without that memory and is complete.
 *
 * usage: kmod-failslab [MODULE.ko]
 *
 * Needs a kernel with FAILSLAB, FAIL_PAGE_ALLOC, their debugfs files and the filter
 * by stack: only what is allocated on behalf of the module fails.  With a file, that
 * module, which must not be loaded, is loaded first, each allocation of that failing
 * once, too.  Leaks are found by kmemleak, which whoever runs this looks at last.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/lib/edits.h"
#include "tests/lib/family.h"
#include "tests/lib/old_options.h"
#include "tests/lib/tally.h"

#define DEBUGFS "/sys/kernel/debug/"
/* where modules are, in x86-64 without random places */
#define MODULES_BEGIN	"0xffffffffa0000000"
#define MODULES_END	"0xffffffffff000000"
#define RULES_MAX 600
#define BASE_RULES 40		/* rules of each list before an operation */
#define BULK 500		/* edits; their array is of several pages */
#define TRIES_MAX 3000

static struct tally tally;

#define check(good, ...) \
	((good) ? tally_pass(&tally) : tally_fail(&tally, __VA_ARGS__))

static void must(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

static void file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	must(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), path);
	close(fd);
}

/* both kinds of failures fail silently, and whatever the flags of an allocation */
static void failures_configure(void)
{
	file_write(DEBUGFS "failslab/verbose", "0");
	file_write(DEBUGFS "failslab/ignore-gfp-wait", "N");
	file_write(DEBUGFS "fail_page_alloc/verbose", "0");
	file_write(DEBUGFS "fail_page_alloc/ignore-gfp-wait", "N");
	file_write(DEBUGFS "fail_page_alloc/ignore-gfp-highmem", "N");
	file_write(DEBUGFS "fail_page_alloc/min-order", "0");
}

static void limit_write(const char *name, const char *value)
{
	static const char *const kinds[] = { "failslab", "fail_page_alloc" };
	char path[128];

	for (size_t i = 0; i < FW_COUNT(kinds); i++) {
		snprintf(path, sizeof(path), DEBUGFS "%s/%s", kinds[i], name);
		file_write(path, value);
	}
}

/* The addresses of a function of the kernel, from "0x..." to the next symbol's. */
static void function_find(const char *name, char begin[24], char end[24])
{
	FILE *f = fopen("/proc/kallsyms", "re");
	char symbol[256], address[17];
	bool found = false;

	must(f, "/proc/kallsyms");
	while (fscanf(f, "%16s %*c %255s%*[^\n]", address, symbol) == 2) {
		if (found && strcmp(begin + 2, address) != 0)
			break;
		if (strcmp(symbol, name) == 0) {
			snprintf(begin, 24, "0x%s", address);
			found = true;
		}
	}
	fclose(f);
	must(found, name);
	snprintf(end, 24, "0x%s", address);
}

/*
 * Only what is called by a module, of which there is one.  A slab cache that cannot be made
 * has Linux 6.12 print a trace and leak its name, which are faults of its own.
 */
static void failures_limit(void)
{
	char begin[24], end[24];

	function_find("__kmem_cache_create_args", begin, end);
	limit_write("reject-start", begin);
	limit_write("reject-end", end);
	limit_write("require-start", MODULES_BEGIN);
	limit_write("require-end", MODULES_END);
}

static int nth;

/* From here on allocation n of this thread fails. */
static void failure_arm(unsigned int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", n);

	must(pwrite(nth, text, len, 0) == len, "fail-nth");
}

/* Has it failed? */
static bool failure_disarm(void)
{
	char text[16] = "";

	must(pread(nth, text, sizeof(text) - 1, 0) > 0, "fail-nth");
	must(pwrite(nth, "0", 1, 0) == 1, "fail-nth");
	return !strtoul(text, NULL, 10);
}

/* what is in force */
struct snapshot {
	struct family_status status;
	struct fw_rule rules[FW_LISTS][RULES_MAX];
};

static struct family family;
static int old_socket;

static void snapshot_take(struct snapshot *s)
{
	memset(s, 0, sizeof(*s));
	must(!family_status(&family, &s->status), "status");
	s->status.generation = 0;
	for (enum fw_list_id list = 0; list < FW_LISTS; list++)
		must(family_rules(&family, list, false, s->rules[list], RULES_MAX) ==
		     s->status.count[list], "rules");
}

static bool snapshot_same(const struct snapshot *a, const struct snapshot *b)
{
	if (memcmp(&a->status, &b->status, sizeof(a->status)))
		return false;
	for (enum fw_list_id list = 0; list < FW_LISTS; list++)
		for (__u32 i = 0; i < a->status.count[list]; i++)
			if (!rules_same(&a->rules[list][i], &b->rules[list][i]))
				return false;
	return true;
}

static struct fw_edit edit_numbered(enum fw_op op, enum fw_list_id list, __u32 i)
{
	return (struct fw_edit) {
		.op = op, .list = list, .counters = op != FW_OP_DELETE,
		.rule = { .src = i, .smsk = ~0u, .flags = FW_ACCEPT, .tosand = 0xff,
			  .vianame = "eth0", .pcnt = i, .bcnt = i },
	};
}

/* rules of which some list has room for one more, and some has not */
static void base_set(void)
{
	static struct fw_edit edits[FW_LISTS * BASE_RULES];
	struct fw_edit *e = edits;
	struct nlmsghdr *nlh;
	char buf[64];
	struct answer a;

	nlh = family_message(&family, buf, IPFWADM_CMD_EDIT, 0);
	mnl_attr_put(nlh, IPFWADM_A_REPLACE, 0, NULL);
	family_ask(&family, nlh, NULL, NULL, &a);
	must(!a.error, "replace");
	for (enum fw_list_id list = 0; list < FW_LISTS; list++)
		for (__u32 i = 0; i < BASE_RULES - list * 8; i++)
			*e++ = edit_numbered(FW_OP_APPEND, list, 1 + i);
	must(!family_edit(&family, edits, e - edits), "rules to begin with");
}

/* the operations: each 0 or -errno */

static int edits_do(enum fw_op op, __u32 number)
{
	struct fw_edit edits[FW_LISTS];

	for (enum fw_list_id list = 0; list < FW_LISTS; list++)
		edits[list] = edit_numbered(op, list, number);
	return family_edit(&family, edits, FW_LISTS);
}

static int append_do(void)
{
	return edits_do(FW_OP_APPEND, 1000);
}

static int insert_do(void)
{
	return edits_do(FW_OP_INSERT, 1000);
}

static int delete_first_do(void)
{
	return edits_do(FW_OP_DELETE, 1);
}

static int delete_inner_do(void)
{
	return edits_do(FW_OP_DELETE, 7);
}

/* what is refused after something has been done */
static int refused_do(void)
{
	struct fw_edit edits[] = {
		edit_numbered(FW_OP_APPEND, FW_INPUT, 1000),
		edit_numbered(FW_OP_INSERT, FW_INPUT, 1000),
		edit_numbered(FW_OP_DELETE, FW_INPUT, 7),
		{ .op = FW_OP_ZERO, .list = FW_INPUT },
		{ .op = FW_OP_FLUSH, .list = FW_OUTPUT },
		edit_numbered(FW_OP_DELETE, FW_INPUT, 7),
	};

	return family_edit(&family, edits, FW_COUNT(edits));
}

static int mixed_do(void)
{
	struct fw_edit edits[] = {
		edit_numbered(FW_OP_DELETE, FW_FORWARD, 7),
		edit_numbered(FW_OP_APPEND, FW_FORWARD, 1000),
		{ .op = FW_OP_FLUSH, .list = FW_INPUT },
		edit_numbered(FW_OP_INSERT, FW_INPUT, 1000),
		{ .op = FW_OP_ZERO, .list = FW_ACCT },
		{ .op = FW_OP_POLICY, .list = FW_OUTPUT, .policy = FW_POLICY_DENY },
		{ .op = FW_OP_TIMEOUTS, .timeouts = { 11, 12, 13 } },
	};

	return family_edit(&family, edits, FW_COUNT(edits));
}

static int bulk_do(void)
{
	static struct fw_edit edits[BULK];

	for (__u32 i = 0; i < BULK; i++)
		edits[i] = edit_numbered(FW_OP_APPEND, FW_INPUT, i);
	return family_edit(&family, edits, BULK);
}

static int zero_do(void)
{
	struct fw_edit e = { .op = FW_OP_ZERO, .list = FW_INPUT };

	return family_edit(&family, &e, 1);
}

static int replace_do(void)
{
	struct fw_edit e = edit_numbered(FW_OP_APPEND, FW_INPUT, 5);
	char buf[1024];
	struct nlmsghdr *nlh = family_message(&family, buf, IPFWADM_CMD_EDIT, 0);
	struct answer a;

	mnl_attr_put(nlh, IPFWADM_A_REPLACE, 0, NULL);
	family_edit_put(nlh, &e);
	family_ask(&family, nlh, NULL, NULL, &a);
	return a.error;
}

static int status_do(void)
{
	struct family_status s;

	return family_status(&family, &s);
}

static int rules_do(void)
{
	long n = family_rules(&family, FW_FORWARD, false, NULL, 0);

	return n < 0 ? (int)n : n == BASE_RULES ? 0 : -EPROTO;
}

static int rules_zero_do(void)
{
	long n = family_rules(&family, FW_FORWARD, true, NULL, 0);

	return n < 0 ? (int)n : n == BASE_RULES ? 0 : -EPROTO;
}

static int check_do(void)
{
	char buf[256];
	struct nlmsghdr *nlh = family_message(&family, buf, IPFWADM_CMD_CHECK, 0);
	struct nlattr *nest;
	struct answer a;

	mnl_attr_put_u32(nlh, IPFWADM_A_LIST, FW_INPUT);
	nest = mnl_attr_nest_start(nlh, IPFWADM_A_PACKET);
	mnl_attr_put_u32(nlh, IPFWADM_PACKET_SADDR, 1);
	mnl_attr_put_u32(nlh, IPFWADM_PACKET_DADDR, 2);
	mnl_attr_put_u8(nlh, IPFWADM_PACKET_PROTO, FW_PROTO_UDP);
	mnl_attr_put_u16(nlh, IPFWADM_PACKET_LENGTH, 100);
	mnl_attr_nest_end(nlh, nest);
	nest = mnl_attr_nest_start(nlh, IPFWADM_A_DEVICE);
	mnl_attr_put_strz(nlh, IPFWADM_DEVICE_NAME, "lo");
	mnl_attr_put_u32(nlh, IPFWADM_DEVICE_ADDR, 0x7f000001);
	mnl_attr_nest_end(nlh, nest);
	family_ask(&family, nlh, NULL, NULL, &a);
	return a.error;
}

static int old_append_do(void)
{
	struct fw_edit e = edit_numbered(FW_OP_APPEND, FW_INPUT, 1000);
	struct random r;

	random_seed(&r, 1);
	return old_rule_option(old_socket, FW_INPUT, OLD_APPEND, &e.rule, &r);
}

static int old_delete_do(void)
{
	struct fw_edit e = edit_numbered(FW_OP_DELETE, FW_INPUT, 7);
	struct random r;

	random_seed(&r, 1);
	return old_rule_option(old_socket, FW_INPUT, OLD_DELETE, &e.rule, &r);
}

static int old_flush_do(void)
{
	return old_flush(old_socket, FW_INPUT);
}

static int old_policy_do(void)
{
	return old_policy(old_socket, FW_INPUT, FW_POLICY_DENY);
}

/* a reader of /proc; one who may write zeroes */
static int proc_do(int flags)
{
	static char text[65536];
	int fd = open(old_proc_path[FW_INPUT], flags), err = 0;
	ssize_t len;

	if (fd < 0)
		return -errno;
	do {
		len = read(fd, text, sizeof(text));
		if (len < 0)
			err = -errno;
	} while (len > 0);
	close(fd);
	return err;
}

static int proc_read_do(void)
{
	return proc_do(O_RDONLY);
}

static int proc_zero_do(void)
{
	return proc_do(O_RDWR);
}

/* a new namespace, to come back from */
static int namespace_do(void)
{
	int back = open("/proc/self/ns/net", O_RDONLY), err = 0;

	must(back >= 0, "/proc/self/ns/net");
	if (unshare(CLONE_NEWNET))
		err = -errno;
	else
		must(!setns(back, CLONE_NEWNET), "setns");
	close(back);
	return err;
}

static const struct op {
	const char *name;
	int (*run)(void);
	int refused;		/* -errno that it has when all is well */
	bool partly;		/* reading: what was read before the failure is zeroed */
} ops[] = {
	{ "append", append_do, 0, false },
	{ "insert", insert_do, 0, false },
	{ "delete the first", delete_first_do, 0, false },
	{ "delete an inner one", delete_inner_do, 0, false },
	{ "mixed edits", mixed_do, 0, false },
	{ "refused edits", refused_do, -EINVAL, false },
	{ "many edits", bulk_do, 0, false },
	{ "zero", zero_do, 0, false },
	{ "replace", replace_do, 0, false },
	{ "status", status_do, 0, false },
	{ "list", rules_do, 0, false },
	{ "list and zero", rules_zero_do, 0, false },
	{ "check", check_do, 0, false },
	{ "old append", old_append_do, 0, false },
	{ "old delete", old_delete_do, 0, false },
	{ "old flush", old_flush_do, 0, false },
	{ "old policy", old_policy_do, 0, false },
	{ "/proc", proc_read_do, 0, false },
	{ "/proc that zeroes", proc_zero_do, 0, true },
	{ "a new namespace", namespace_do, 0, false },
};

static void op_check(const struct op *op)
{
	static struct snapshot before, after, now;
	unsigned int n;
	bool failed;
	int err;

	base_set();
	snapshot_take(&before);
	err = op->run();
	check(err == op->refused, "%s: %d without any failure", op->name, err);
	snapshot_take(&after);
	for (n = 1; n < TRIES_MAX; n++) {
		base_set();
		failure_arm(n);
		err = op->run();
		failed = failure_disarm();
		snapshot_take(&now);
		if (err && op->partly)
			check(!memcmp(&now.status, &before.status, sizeof(now.status)),
			      "%s: failure %u: other rules", op->name, n);
		else
			check(snapshot_same(&now, err ? &before : &after),
			      "%s: failure %u, error %d: other rules", op->name, n, err);
		check(!err || err == op->refused || (failed && (err == -ENOMEM ||
		      err == -ENOBUFS)), "%s: failure %u: error %d", op->name, n, err);
		if (!failed)
			break;
	}
	check(n < TRIES_MAX, "%s: no end of failures", op->name);
	printf("%s: %u allocations failed\n", op->name, n - 1);
}

/* Loads the module, with a failure at each allocation of that before it succeeds. */
static void load_check(const char *path)
{
	int fd = open(path, O_RDONLY), err = 0;
	unsigned int n;
	bool failed = true;

	must(fd >= 0, path);
	for (n = 1; failed && n < TRIES_MAX; n++) {
		failure_arm(n);
		err = syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
		failed = failure_disarm();
		check(!err || failed, "load: failure %u: error %d", n, err);
		if (!err && failed)
			must(!syscall(SYS_delete_module, "ipfwadm", 0), "unload");
	}
	check(!failed, "load: no end of failures");
	printf("load: %u allocations failed\n", n - 2);
	close(fd);
}

int main(int argc, char **argv)
{
	if (access(DEBUGFS "failslab/require-start", W_OK) ||
	    access(DEBUGFS "fail_page_alloc/min-order", W_OK)) {
		puts("SKIP this kernel's allocations cannot be made to fail");
		puts("0 passed, 0 failed, 1 skipped");
		return 77;
	}
	setbuf(stdout, NULL);
	failures_configure();
	failures_limit();
	nth = open("/proc/thread-self/fail-nth", O_RDWR);
	must(nth >= 0, "fail-nth");
	if (argc > 1)
		load_check(argv[1]);
	must(!old_namespace(), "a network namespace");
	must(!family_open(&family), "the module's family");
	old_socket = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
	must(old_socket >= 0, "a raw socket");
	for (size_t i = 0; i < FW_COUNT(ops); i++)
		op_check(&ops[i]);
	family_close(&family);
	return tally_end(&tally);
}
