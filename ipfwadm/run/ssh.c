// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ssh.c - would rules cut the ssh connection by which they are loaded?
 */
#include "ipfwadm/run/ssh.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kmod/core/names.h"
#include "parser/print.h"

#define PARENTS_MAX 64		/* that are looked at */
#define TCP_ESTABLISHED 1	/* of /proc/net/tcp */

struct connection {
	__u32 client, server;
	__u16 client_port, server_port;
};

/* "CLIENT PORT SERVER PORT"; what is not IPv4 is not for these rules. */
static bool environment_find(struct connection *c)
{
	const char *text = getenv("SSH_CONNECTION");
	char client[16], server[16];
	struct in_addr a, b;

	if (!text || sscanf(text, "%15s %hu %15s %hu", client, &c->client_port, server,
			    &c->server_port) != 4 ||
	    inet_pton(AF_INET, client, &a) != 1 || inet_pton(AF_INET, server, &b) != 1)
		return false;
	c->client = ntohl(a.s_addr);
	c->server = ntohl(b.s_addr);
	return true;
}

/* Does a process have this socket open? */
static bool socket_is_of(pid_t pid, unsigned long inode)
{
	char path[64], link[64], wanted[64];
	const struct dirent *entry;
	bool found = false;
	ssize_t len;
	DIR *dir;

	snprintf(wanted, sizeof(wanted), "socket:[%lu]", inode);
	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	while (dir && !found && (entry = readdir(dir))) {
		len = readlinkat(dirfd(dir), entry->d_name, link, sizeof(link) - 1);
		link[len > 0 ? len : 0] = '\0';
		found = strcmp(link, wanted) == 0;
	}
	if (dir)
		closedir(dir);
	return found;
}

/* An established connection of a process; in tcp6 the last word is an IPv4 address. */
static bool process_find(struct connection *c, pid_t pid, const char *table)
{
	unsigned int local, remote, local_port, remote_port, state;
	char line[512], local_text[33], remote_text[33];
	bool found = false;
	unsigned long inode;
	FILE *f = fopen(table, "re");

	while (f && !found && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*s %32[0-9A-F]:%x %32[0-9A-F]:%x %x %*s %*s %*s %*s %*s %lu",
			   local_text, &local_port, remote_text, &remote_port, &state,
			   &inode) != 6 || state != TCP_ESTABLISHED || !socket_is_of(pid, inode))
			continue;
		local = (unsigned int)strtoul(strrchr(local_text, '\0') - 8, NULL, 16);
		remote = (unsigned int)strtoul(strrchr(remote_text, '\0') - 8, NULL, 16);
		*c = (struct connection){ ntohl(remote), ntohl(local), (__u16)remote_port,
					  (__u16)local_port };
		found = true;
	}
	if (f)
		fclose(f);
	return found;
}

/* The parent of a process, and its name. */
static pid_t parent_of(pid_t pid, char name[64])
{
	char path[64], line[512];
	int parent = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	name[0] = '\0';
	/* "PID (NAME) STATE PARENT", where the name may have blanks */
	if (f && fgets(line, sizeof(line), f) && strrchr(line, ')')) {
		sscanf(strrchr(line, ')') + 1, " %*c %d", &parent);
		sscanf(line, "%*d (%63[^)]", name);
	}
	if (f)
		fclose(f);
	return parent;
}

static bool connection_find(struct connection *c)
{
	char name[64];
	pid_t pid = getpid(), parent;

	if (environment_find(c))
		return true;
	for (int n = 0; n < PARENTS_MAX && pid > 1; n++, pid = parent) {
		parent = parent_of(pid, name);
		if (strncmp(name, "sshd", 4) == 0 &&
		    (process_find(c, pid, "/proc/net/tcp") ||
		     process_find(c, pid, "/proc/net/tcp6")))
			return true;
	}
	return false;
}

/* The interface by which a host is reached: that of the longest prefix. */
static void route_find(__u32 host, char name[FW_IFNAMSIZ])
{
	unsigned int to, mask, best = 0;
	char line[256], dev[FW_IFNAMSIZ + 1];
	FILE *f = fopen("/proc/net/route", "re");

	name[0] = '\0';
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%16s %x %*x %*x %*d %*d %*d %x", dev, &to, &mask) == 3 &&
		    (host & ntohl(mask)) == ntohl(to) && (!name[0] || ntohl(mask) > best)) {
			best = ntohl(mask);
			snprintf(name, FW_IFNAMSIZ, "%.15s", dev);
		}
	if (f)
		fclose(f);
}

/*
 * The interface that the client is behind, with the address that connects to it if it is
 * there; lo for a client here.
 */
static bool device_find(const struct connection *c, const struct fw_interfaces *ifs,
			struct fw_dev *dev)
{
	char name[FW_IFNAMSIZ];
	bool found = false;

	route_find(c->client, name);
	for (__u32 i = 0; i < ifs->count; i++)
		if (ifs->dev[i].addr == c->client)
			strcpy(name, "lo");
	for (__u32 i = 0; i < ifs->count; i++)
		if (strncmp(ifs->dev[i].name, name, FW_IFNAMSIZ) == 0 &&
		    (!found || ifs->dev[i].addr == c->server)) {
			*dev = ifs->dev[i];
			found = true;
		}
	return found;
}

struct walk {
	const struct connection *connection;
	const struct fw_ruleset *rs;
	const struct fw_dev *dev;
	char why[PRINT_RULE_MAX + 100];	/* what denies the last packet */
};

/* Does a segment of the connection pass? */
static bool passes(struct walk *w, enum fw_list_id id, __u8 state)
{
	const struct connection *c = w->connection;
	struct fw_list list = w->rs->list[id];
	struct fw_packet in = {
		.saddr = c->client, .daddr = c->server, .sport = c->client_port,
		.dport = c->server_port, .proto = FW_PROTO_TCP, .tcpflags = FW_TCP_ACK,
		.ttl = 64, .len = 40, .state = state,
	};
	struct fw_packet out = in;
	struct fw_walk walk = { .list = id, .dev = w->dev };
	struct fw_decision d;
	struct fw_text t;

	out.saddr = in.daddr;
	out.daddr = in.saddr;
	out.sport = in.dport;
	out.dport = in.sport;
	fw_list_walk(&list, &walk, id == FW_INPUT ? &in : &out, &d);
	if (d.verdict == FW_V_ACCEPT)
		return true;
	fw_text_init(&t, w->why, sizeof(w->why));
	fw_text_str(&t, fw_list_names[id]);
	if (d.rule < 0) {
		fw_text_str(&t, " default policy ");
		fw_text_str(&t, fw_policy_name(list.policy));
		return false;
	}
	fw_text_str(&t, " rule ");
	fw_text_dec(&t, (__u64)d.rule + 1);
	fw_text_str(&t, ", '");
	print_rule(&t, FW_OP_APPEND, id, fw_list_rule(&list, (__u32)d.rule));
	fw_text_str(&t, "'");
	return false;
}

/*
 * Connections may not be tracked yet: then the first segment, of either side, is new, and
 * it must pass for the rest to be established.
 */
static bool survives(struct walk *w)
{
	return passes(w, FW_INPUT, FW_STATE_ESTABLISHED) &&
	       passes(w, FW_OUTPUT, FW_STATE_ESTABLISHED) &&
	       (passes(w, FW_OUTPUT, FW_STATE_NEW) || passes(w, FW_INPUT, FW_STATE_NEW));
}

static bool person_agrees(void)
{
	char line[16] = "";

	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return false;
	fputs("Put the rules in force anyway? (y/n) ", stderr);
	fflush(stderr);
	return fgets(line, sizeof(line), stdin) && strchr("yY", line[0]);
}

int ssh_check(const struct app *app, struct backend *b, const struct fw_ruleset *rs, bool force)
{
	struct fw_interfaces ifs = { 0 };
	struct connection c = { 0 };
	struct walk w = { .connection = &c, .rs = rs };
	char address[INET_ADDRSTRLEN];
	struct fw_dev dev;
	struct fw_error e;
	bool cuts;

	/* the simulator filters nothing, nor do rules that are only staged */
	if (app->staged || strcmp(b->ops->name, "sim") == 0 || !connection_find(&c) ||
	    b->ops->interfaces(b, &ifs, &e) < 0)
		return 0;
	w.dev = &dev;
	cuts = device_find(&c, &ifs, &dev) && !survives(&w);
	free(ifs.dev);
	if (!cuts)
		return 0;
	inet_ntop(AF_INET, &(struct in_addr){ htonl(c.client) }, address, sizeof(address));
	app_error(app, "your ssh connection from %s port %u would be cut by %s", address,
		  c.client_port, w.why);
	if (force || person_agrees())
		return 0;
	app_error(app, "nothing changed; --force does it all the same");
	return -EPERM;
}
