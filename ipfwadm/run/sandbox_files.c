// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sandbox_files.c - files that scripts of the time read, as the machine is declared.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/ruleset.h"
#include "compat/portfw_proc.h"
#include "compat/proc_file.h"
#include "ipfwadm/format/listing.h"
#include "ipfwadm/run/sandbox.h"
#include "ipfwadm/run/tools.h"

/* our own, for scripts in the manner of Red Hat's */
static const char functions_text[] =
	"success() { echo -n '  [  OK  ]'; return 0; }\n"
	"failure() { echo -n '  [FAILED]'; return 1; }\n"
	"passed() { echo -n '  [PASSED]'; return 0; }\n"
	"action() { local text=$1 status; shift; echo -n \"$text\"; \"$@\"; status=$?\n"
	"\tif [ $status = 0 ]; then success; else failure; fi; echo; return $status; }\n"
	"daemon() { while [ \"${1#[-+]}\" != \"$1\" ]; do shift; done; \"$@\"; }\n"
	"pidofproc() { cat /var/run/$1.pid 2>/dev/null; }\n"
	"killproc() { local pid=`pidofproc $1`; [ -n \"$pid\" ] && kill ${2--TERM} $pid; }\n"
	"status() { if [ -n \"`pidofproc $1`\" ]; then echo \"$1 is running\"; else\n"
	"\techo \"$1 is stopped\"; return 3; fi; }\n";

#define PROC_NET "lib/modules/" MACHINE_RELEASE "/proc-net"	/* see proc_net_cover() */

static const char *const masq_modules[] = {
	"autofw", "cuseeme", "ftp", "irc", "portfw", "quake", "raudio", "vdolive",
};

/* a folder where files are made; the first failure ends it */
struct tree {
	int folder;
	int error;
};

static void folders_make(struct tree *t, const char *path)
{
	char part[PATH_MAX];

	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		if (mkdirat(t->folder, part, 0755) < 0 && errno != EEXIST && !t->error)
			t->error = -errno;
	}
}

/* A new file, as old as can be, by which it is known when it changes. */
static FILE *file_begin(struct tree *t, const char *path)
{
	int fd;
	FILE *f;

	folders_make(t, path);
	fd = t->error ? -1 : openat(t->folder, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
				    0644);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f && !t->error)
		t->error = -errno;
	return f;
}

static void file_end(struct tree *t, FILE *f)
{
	const struct timespec old[2] = { { 0 } };

	if (f && (fflush(f) || futimens(fileno(f), old) < 0) && !t->error)
		t->error = -errno;
	if (f)
		fclose(f);
}

__attribute__((format(printf, 3, 4)))
static void file_put(struct tree *t, const char *path, const char *format, ...)
{
	FILE *f = file_begin(t, path);
	va_list args;

	va_start(args, format);
	if (f)
		vfprintf(f, format, args);
	va_end(args);
	file_end(t, f);
}

static void names_put(struct tree *t, const struct machine *m)
{
	const char *dot = strchr(m->hostname, '.');
	FILE *f = file_begin(t, "etc/hosts");

	for (size_t i = 0; f && i < m->nhosts; i++) {	/* neighbours share a line */
		const struct machine_host *h = &m->host[i];

		if (i && h->addr == h[-1].addr)
			fprintf(f, " %s", h->name);
		else
			fprintf(f, "%s%s\t%s", i ? "\n" : "", tool_quad(h->addr), h->name);
	}
	if (f)
		fputc('\n', f);
	file_end(t, f);
	f = file_begin(t, "etc/resolv.conf");
	if (f && dot)
		fprintf(f, "domain %s\n", dot + 1);
	for (size_t i = 0; f && i < m->nnameservers; i++)
		fprintf(f, "nameserver %s\n", tool_quad(m->nameserver[i]));
	file_end(t, f);
	file_put(t, "etc/networks", "default\t0.0.0.0\nloopback\t127.0.0.0\n");
	file_put(t, "etc/host.conf", "order hosts\nmulti on\n");
	file_put(t, "etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n"
		 "networks: files\nservices: files\nprotocols: files\n");
	file_put(t, "etc/HOSTNAME", "%s\n", m->hostname);
}

/* Assignments of one interface, as several distributions have them. */
static void interface_put(struct tree *t, const struct machine *m,
			  const struct machine_interface *i)
{
	const char *addr = tool_quad(i->addr), *mask = tool_quad(i->mask);
	const char *net = tool_quad(i->addr & i->mask), *cast = tool_quad(i->addr | ~i->mask);
	char path[100];

	snprintf(path, sizeof(path), "etc/sysconfig/network-scripts/ifcfg-%s", i->name);
	file_put(t, path, "DEVICE=%s\nIPADDR=%s\nNETMASK=%s\nNETWORK=%s\nBROADCAST=%s\n"
		 "ONBOOT=yes\nBOOTPROTO=none\n", i->name, addr, mask, net, cast);
	snprintf(path, sizeof(path), "etc/dhcpc/dhcpcd-%s.info", i->name);
	file_put(t, path, "IPADDR=%s\nNETMASK=%s\nNETWORK=%s\nBROADCAST=%s\nGATEWAY=%s\n"
		 "HOSTNAME=%s\nDNS=%s\nLEASETIME=86400\n", addr, mask, net, cast,
		 tool_quad(m->gateway), m->hostname, tool_quad(m->nameserver[0]));
	if (strcmp(i->name, "eth0") != 0)
		return;
	for (int n = 0; n < 2; n++)
		file_put(t, n ? "etc/init.d/network" : "etc/rc.d/rc.inet1",
			 "IPADDR=%s\nNETMASK=%s\nNETWORK=%s\nBROADCAST=%s\nGATEWAY=%s\n", addr,
			 mask, net, cast, tool_quad(m->gateway));
	file_put(t, "etc/rc.config", "NETDEV_0=%s\nIPADDR_0=%s\nIP_FORWARD=no\nrc_done=done\n"
		 "rc_failed=failed\n", i->name, addr);
}

/* as wide as 2.0 printed it */
static void device_line_put(FILE *f, const struct machine_interface *i)
{
	int rx = strcmp(i->name, "lo") == 0 ? 2 : 1234, tx = rx == 2 ? 2 : 987;

	if (!i->is_up)
		fprintf(f, "%6s: No statistics available.\n", i->name);
	else
		fprintf(f, "%6s:%7d    0    0    0    0 %8d    0    0    0     0    0\n", i->name,
			rx, tx);
}

/* loopback: lo comes first, as in the kernel; else all others that are no alias */
static void devices_put(FILE *f, const struct machine *m, bool loopback)
{
	for (size_t n = 0; n < m->ninterfaces; n++) {
		const struct machine_interface *i = &m->interface[n];

		if (!strchr(i->name, ':') && i->is_up &&
		    (strcmp(i->name, "lo") == 0) == loopback)
			device_line_put(f, i);
	}
}

static void lists_put(struct tree *t, const struct fw_ruleset *rs)
{
	char path[PATH_MAX];

	for (int id = 0; id <= PROC_AUTOFW; id++) {
		FILE *f;

		if (id >= FW_LISTS && id < PROC_PORTFW)
			continue;
		snprintf(path, sizeof(path), PROC_NET "/%s", proc_file_names[id]);
		f = file_begin(t, path);
		if (f && id < FW_LISTS)
			listing_proc(f, (enum fw_list_id)id, &rs->list[id]);
		else if (f)
			portfw_proc_print(f, id, &rs->portfw);
		file_end(t, f);
	}
}

int sandbox_lists_write(int folder, const struct fw_ruleset *rs)
{
	struct tree t = { .folder = folder };

	lists_put(&t, rs);
	return t.error;
}

static void proc_net_put(struct tree *t, const struct machine *m)
{
	static const char *const empty[] = { "ip_masquerade", "ip_masq_app" };
	char path[PATH_MAX], line[256];
	struct fw_ruleset rs;
	FILE *f;

	fw_ruleset_init(&rs);
	lists_put(t, &rs);
	fw_ruleset_free(&rs);
	for (size_t i = 0; i < FW_COUNT(empty); i++) {
		snprintf(path, sizeof(path), PROC_NET "/%s", empty[i]);
		file_put(t, path, "%s", "");
	}
	f = file_begin(t, PROC_NET "/dev");
	if (f) {
		fputs("Inter-|   Receive                  |  Transmit\n"
		      " face |packets errs drop fifo frame|packets errs drop fifo colls carrier\n",
		      f);
		devices_put(f, m, true);
		devices_put(f, m, false);
	}
	file_end(t, f);
	f = file_begin(t, PROC_NET "/route");
	if (f)
		fprintf(f, "%-127s\n", "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric"
			"\tMask\t\tMTU\tWindow\tIRTT");
	for (size_t i = 0; f && i < m->nroutes; i++) {
		const struct machine_route *r = &m->route[i];

		snprintf(line, sizeof(line), "%s\t%08X\t%08X\t%04X\t0\t0\t0\t%08X\t1500\t0\t0",
			 r->interface, htonl(r->dest), htonl(r->gateway),
			 1u | (r->gateway ? 2 : 0) | (r->mask == ~0u ? 4 : 0), htonl(r->mask));
		fprintf(f, "%-127s\n", line);
	}
	file_end(t, f);
}

/* Has it interfaces to forward between? */
static bool is_gateway(const struct machine *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->ninterfaces; i++) {
		const struct machine_interface *dev = &m->interface[i];

		n += dev->is_up && dev->addr && dev->addr >> 24 != 127 && !strchr(dev->name, ':');
	}
	return n > 1;
}

int sandbox_files_write(int folder, const struct machine *m)
{
	static const char *const writable[] = { "motd", "issue", "hosts.deny", "hosts.allow" };
	static const char *const sysctls[] = { "ip_forward", "ip_dynaddr", "ip_always_defrag" };
	static const char modules[] = "lib/modules/" MACHINE_RELEASE;
	struct tree t = { .folder = folder };
	char path[100];

	names_put(&t, m);
	for (size_t i = 0; i < m->ninterfaces; i++)
		interface_put(&t, m, &m->interface[i]);
	file_put(&t, "etc/sysconfig/network", "NETWORKING=yes\nFORWARD_IPV4=%s\nHOSTNAME=%s\n"
		 "GATEWAY=%s\n", is_gateway(m) ? "yes" : "no", m->hostname, tool_quad(m->gateway));
	file_put(&t, "etc/rc.d/init.d/functions", "%s", functions_text);
	file_put(&t, "etc/init.d/functions", "%s", functions_text);
	/* the real ones are somebody else's, so that they cannot be written */
	for (size_t i = 0; i < FW_COUNT(writable); i++) {
		snprintf(path, sizeof(path), "etc/%s", writable[i]);
		file_put(&t, path, "%s", "");
	}
	for (size_t i = 0; i < FW_COUNT(masq_modules); i++) {
		snprintf(path, sizeof(path), "%s/ipv4/ip_masq_%s.o", modules, masq_modules[i]);
		file_put(&t, path, "%s", "");
	}
	proc_net_put(&t, m);
	for (size_t i = 0; i < FW_COUNT(sysctls); i++) {
		snprintf(path, sizeof(path), "proc/sys-net/ipv4/%s", sysctls[i]);
		file_put(&t, path, "0\n");
	}
	file_put(&t, "proc/version", MACHINE_VERSION "\n");
	file_put(&t, "proc/osrelease", MACHINE_RELEASE "\n");
	file_put(&t, "proc/modules", "%s", "");
	return t.error;
}
