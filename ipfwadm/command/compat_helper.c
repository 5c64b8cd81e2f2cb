// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * compat_helper.c - a request of the preload library, carried out by a backend.
 *
 *	compat-helper option 32|64 NUMBER	the argument is at descriptor 0, a socket
 *						of the program at 1
 *	compat-helper file NAME [zero]		its text goes to descriptor 1
 *	compat-helper mounted NAME [zero]	likewise, which is empty
 *
 * The exit status is an errno.  What 2.0 had no errno for is reported on stderr, too.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/choose.h"
#include "backend/ruleset.h"
#include "compat/portfw_option.h"
#include "compat/portfw_proc.h"
#include "compat/preload_helper.h"
#include "compat/proc_file.h"
#include "ipfwadm/command/subcommands.h"
#include "ipfwadm/format/listing.h"
#include "kmod/core/show.h"

/* Returns the errno of a refusal.  A kernel of 2.0 knew EINVAL for what it lacks. */
static int refused(const struct app *app, const struct fw_error *e)
{
	if (e->code != EINVAL && e->code != EPERM && e->code != ESRCH && e->code != ENOPKG)
		app_error(app, "%s", e->text);
	return e->code == EOPNOTSUPP ? EINVAL : e->code;
}

/* Enters the network namespace of a socket, which may not be that of the program. */
static int namespace_enter(int socket)
{
	struct stat here, there;
	int fd = ioctl(socket, SIOCGSKNS), err = 0;

	if (fd < 0 || fstat(fd, &there) || stat("/proc/self/ns/net", &here))
		err = errno;
	else if ((here.st_ino != there.st_ino || here.st_dev != there.st_dev) &&
		 setns(fd, CLONE_NEWNET))
		err = errno;
	if (fd >= 0)
		close(fd);
	return err;
}

static int edit_run(const struct app *app, const struct fw_edit *edit)
{
	struct fw_error e;
	struct backend b;
	int err = app_backend_open_for(app, &b, edit, 1);

	if (err)
		return -err;
	err = b.ops->edit(&b, edit, 1, &e) ? refused(app, &e) : 0;
	backend_close(&b);
	return err;
}

static int check_run(const struct app *app, enum fw_list_id list, const struct fw_packet *pkt,
		     const struct fw_dev *dev)
{
	struct fw_decision d;
	struct fw_error e;
	struct backend b;
	int err = app_backend_open(app, &b);

	if (err)
		return -err;
	err = b.ops->check(&b, list, pkt, dev, &d, &e) ? refused(app, &e)
						       : -abi_verdict_error(d.verdict);
	backend_close(&b);
	return err;
}

static bool edit_has_rule(const struct fw_edit *edit)
{
	return edit->op == FW_OP_APPEND || edit->op == FW_OP_INSERT || edit->op == FW_OP_DELETE;
}

static int portfw_run(struct app *app, enum abi_layout layout, int number,
		      const union portfw_option *arg, __u32 len)
{
	const struct portfw_host host = app_portfw_host(app);
	struct fw_error e;

	return portfw_option_run(&host, number, layout, arg, len, &e) ? refused(app, &e) : 0;
}

static int option_run(struct app *app, enum abi_layout layout, int number)
{
	union {
		union abi_argument rule;
		union portfw_option portfw;
	} arg = { 0 };
	struct abi_option option;
	struct fw_packet pkt;
	struct fw_edit edit;
	struct fw_dev dev;
	ssize_t len = pread(STDIN_FILENO, &arg, sizeof(arg), 0);
	int err = namespace_enter(STDOUT_FILENO);

	if (err)
		return err;
	if (len >= 0 && abi_portfw_find(number))
		return portfw_run(app, layout, number, &arg.portfw, (__u32)len);
	if (len < 0 || !abi_option_find(number, &option))
		return EIO;
	if (option.command == ABI_CHECK) {
		err = abi_packet_read(&pkt, &dev, &arg.rule, (__u32)len);
		return err ? -err : check_run(app, option.list, &pkt, &dev);
	}
	err = abi_edit_read(&edit, &option, layout, &arg.rule, (__u32)len);
	if (!err && edit_has_rule(&edit))
		err = fw_rule_check(&edit.rule, edit.list, NULL);
	return err ? -err : edit_run(app, &edit);
}

static void text_put(const struct fw_text *t)
{
	fwrite(t->buf, 1, t->len, stdout);
}

static int rules_print(const struct app *app, struct backend *b, enum fw_list_id id, bool zero)
{
	struct fw_ruleset rs;
	struct fw_error e;

	fw_ruleset_init(&rs);
	if (zero ? b->ops->load_zero(b, id, &rs, &e) : b->ops->load(b, &rs, &e))
		return refused(app, &e);
	listing_proc(stdout, id, &rs.list[id]);
	fw_ruleset_free(&rs);
	return 0;
}

static __u32 ports_free(const struct fw_conn *conn, size_t n, __u8 proto)
{
	__u32 used = 0;

	for (size_t i = 0; i < n; i++)
		used += conn[i].proto == proto;
	return used < FW_MASQ_MAX ? FW_MASQ_MAX - used : 0;
}

static void connections_print(const struct fw_conn *conn, size_t n)
{
	const __u32 free[3] = { ports_free(conn, n, FW_PROTO_UDP),
				ports_free(conn, n, FW_PROTO_TCP),
				ports_free(conn, n, FW_PROTO_ICMP) };
	char buf[FW_SHOW_CONN + 1];
	__u64 now = fw_ticks_now();
	struct fw_text t;

	fw_text_init(&t, buf, sizeof(buf));
	fw_show_conns_header(&t, free);
	text_put(&t);
	for (size_t i = 0; i < n; i++) {
		fw_text_init(&t, buf, sizeof(buf));
		fw_show_conn(&t, &conn[i], now);
		text_put(&t);
	}
}

/* Helpers that only 2.0 had are of backends that take rules as they are. */
static void helpers_print(const struct backend *b, const struct fw_portfw_table *forwards,
			  const struct fw_conn *conn, size_t n)
{
	char buf[FW_SHOW_HELPER + 1];
	struct fw_text t;

	fw_text_init(&t, buf, sizeof(buf));
	fw_show_helpers_header(&t);
	text_put(&t);
	for (int i = 0; i < FW_MASQ_HELPERS; i++) {
		const struct fw_masq_helper *h = &fw_masq_helpers[i];

		__u16 port;

		if (b->ops->lower && h->id > FW_HELPERS)
			continue;
		for (__u32 j = 0; (port = fw_portfw_helper_port(forwards, h, j)); j++) {
			__u32 attached = 0;

			for (size_t k = 0; k < n; k++)
				attached += conn[k].proto == h->proto &&
					    conn[k].dport == port;
			fw_text_init(&t, buf, sizeof(buf));
			fw_show_helper(&t, h, port, attached);
			text_put(&t);
		}
	}
}

static int masquerade_print(const struct app *app, struct backend *b, int file)
{
	struct fw_conn *conn = NULL;
	struct fw_ruleset rs;
	struct fw_error e;
	size_t n = 0;
	int err;

	fw_ruleset_init(&rs);
	err = b->ops->load(b, &rs, &e);
	if (!err)
		err = b->ops->connections(b, &conn, &n, &e);
	if (!err && file == PROC_MASQUERADE)
		connections_print(conn, n);
	else if (!err)
		helpers_print(b, &rs.portfw, conn, n);
	free(conn);
	fw_ruleset_free(&rs);
	return err ? refused(app, &e) : 0;
}

static int forwards_print(const struct app *app, struct backend *b, int file)
{
	struct fw_ruleset rs;
	struct fw_error e;
	int err;

	fw_ruleset_init(&rs);
	err = b->ops->load(b, &rs, &e);
	if (!err)
		portfw_proc_print(stdout, file, &rs.portfw);
	fw_ruleset_free(&rs);
	return err ? refused(app, &e) : 0;
}

static int file_run(const struct app *app, int file, bool is_empty, bool zero)
{
	struct backend b;
	int err = file < 0 ? -EIO : app_backend_open(app, &b);

	if (err)
		return -err;
	if (!is_empty && ftruncate(STDOUT_FILENO, 0))	/* there may be an older text */
		err = errno;
	else if (file < FW_LISTS)
		err = rules_print(app, &b, (enum fw_list_id)file, zero);
	else if (file < PROC_PORTFW)
		err = masquerade_print(app, &b, file);
	else
		err = forwards_print(app, &b, file);
	backend_close(&b);
	return !err && fflush(stdout) ? errno : err;
}

int command_compat_helper(struct app *app, int argc, char **argv)
{
	app_config_read(app);	/* a program of old works whatever the file says */
	app->name = "ipfwadm";
	if (argc == 4 && !strcmp(argv[1], "option"))
		return option_run(app, strcmp(argv[2], "32") ? ABI_64 : ABI_32, atoi(argv[3]));
	if (argc >= 3 && (!strcmp(argv[1], "file") || !strcmp(argv[1], PRELOAD_MOUNTED)))
		return file_run(app, proc_file_find(argv[2]), *argv[1] == 'm', argc > 3);
	return EIO;
}
