// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * old-forwards.c - the socket options of port forwarding: errors, edits, /proc.
 *
 * Runs with the preload library, as root, in a network namespace without forwards.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/old_forwards.h"
#include "tests/lib/old_options.h"
#include "tests/lib/tally.h"

#define OUTER "194.160.1.1"

static struct tally tally;
static int inet;	/* a socket */

static void expect(const char *what, long n, int got, int wanted)
{
	if (got == wanted)
		tally_pass(&tally);
	else
		tally_fail(&tally, "%s %ld: %d (%s), not %d", what, n, got, strerror(-got), wanted);
}

static void expect_text(const char *what, const char *path, const char *wanted)
{
	char *text = old_proc_text(path);

	if (text && !strcmp(text, wanted))
		tally_pass(&tally);
	else
		tally_fail(&tally, "%s: %s is\n%snot\n%s", what, path, text ? text : "unreadable\n",
			   wanted);
	free(text);
}

static int option(int number, const void *arg, size_t len)
{
	return old_option(inet, number, arg, len);
}

/* what 2.0 checked before an option's own function, and 2.2 likewise */
static void gate(int number)
{
	size_t size = number == OLD_MASQ_CTL ? sizeof(struct old_masq_ctl)
					     : sizeof(struct old_rule);
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0);
	char *end = pages + 4096;	/* nothing can be read from here on */
	bool is_2_2 = number == OLD_MASQ_CTL;

	if (pages == MAP_FAILED || mprotect(end, 4096, PROT_NONE))
		abort();
	old_admin(false);
	expect("unreadable before forbidden", number, option(number, end, 4), -EFAULT);
	expect("forbidden before too short", number, option(number, pages, 0), -EPERM);
	expect("forbidden before too long", number, option(number, pages, size + 1), -EPERM);
	expect("forbidden, nothing given", number, option(number, NULL, 4),
	       is_2_2 ? -EFAULT : -EPERM);
	old_admin(true);
	expect("an int cut off", number, option(number, end - 1, 4), -EFAULT);
	expect("a byte before the end", number, option(number, end - 1, 1),
	       is_2_2 ? -EINVAL : -EFAULT);
	expect("too short", number, option(number, pages, 0), -EINVAL);
	expect("too long", number, option(number, pages, size + 1), -EINVAL);
	expect("far too long", number, option(number, pages, 0x7fffffff), -EINVAL);
	expect("nothing given", number, option(number, NULL, 1), -EFAULT);
	expect("cut off", number, option(number, end - 8, 12), -EFAULT);
	munmap(pages, 8192);
}

static void numbers(void)
{
	static const int unknown[] = { 75, 77, 1344, 1348, 1600, 1604 };
	int value = 0;

	gate(OLD_MASQ_CTL);
	for (int i = 0; i < 3; i++) {
		gate(OLD_AUTOFW + i);
		gate(OLD_PORTFW + i);
	}
	for (unsigned int i = 0; i < FW_COUNT(unknown); i++)
		expect("unknown number", unknown[i], option(unknown[i], &value, 4), -ENOPROTOOPT);
}

#define HEAD_2_0 "Prot Local Addr/Port > Remote Addr/Port                        \n"

static void portfw_of_2_0(void)
{
	struct old_portfw p = { .protocol = IPPROTO_TCP, .laddr = 0xc2a00101, .lport = 80,
				.raddr = 0x0a000002, .rport = 8080, .dummy = 0xdead };
	char one = 0;

	expect_text("empty", "/proc/net/ip_portfw", HEAD_2_0);
	expect("delete from none", 0, option(OLD_PORTFW + 1, &p, sizeof(p)), -EINVAL);
	expect("add", 0, option(OLD_PORTFW, &p, sizeof(p)), 0);
	p.protocol = IPPROTO_UDP;
	expect("add", 1, option(OLD_PORTFW, &p, sizeof(p)), 0);
	p.rport = 81;
	expect("replace", 1, option(OLD_PORTFW, &p, sizeof(p)), 0);
	expect_text("added", "/proc/net/ip_portfw",
		    HEAD_2_0 "UDP 194.160.1.1/80 > 10.0.0.2/81                               \n"
			     "TCP 194.160.1.1/80 > 10.0.0.2/8080                             \n");
	p.protocol = IPPROTO_ICMP;
	expect("ICMP", 0, option(OLD_PORTFW, &p, sizeof(p)), -EINVAL);
	p.protocol = 256 + IPPROTO_TCP;
	expect("protocol above 255", 0, option(OLD_PORTFW, &p, sizeof(p)), -EINVAL);
	p.protocol = IPPROTO_TCP;
	for (int port = 0; port < 65536; port += port ? 4535 : 61000) {
		p.lport = (unsigned short)port;
		expect("port", port, option(OLD_PORTFW, &p, sizeof(p)), -EINVAL);
		expect("port", port, option(OLD_PORTFW + 1, &p, sizeof(p)), -EINVAL);
	}
	expect("an argument of one byte", 0, option(OLD_PORTFW, &one, 1), -EINVAL);
	p.lport = 80;
	expect("delete", 0, option(OLD_PORTFW + 1, &p, sizeof(p)), 0);
	expect("delete again", 0, option(OLD_PORTFW + 1, &p, sizeof(p)), -EINVAL);
	expect("flush", 0, option(OLD_PORTFW + 2, &one, 1), 0);
	expect_text("flushed", "/proc/net/ip_portfw", HEAD_2_0);
}

#define HEAD_AUTOFW "Type Prot Low  High Vis  Hid  Where    Last     CPto CPrt Timer Flags\n"

static void autofw_of_2_0(void)
{
	struct old_autofw a = { .next = &a, .type = 1, .low = 6970, .high = 7170, .flags = 2,
				.protocol = IPPROTO_UDP, .lastcontact = 7,
				.where = inet_addr("10.0.0.2") };
	struct old_autofw b = { .type = 2, .visible = 8000, .hidden = 80, .flags = 2,
				.protocol = IPPROTO_TCP, .where = inet_addr("10.0.0.3") };

	expect("delete from none", 1, option(OLD_AUTOFW + 1, &a, sizeof(a)), -EINVAL);
	expect("add", 2, option(OLD_AUTOFW, &a, sizeof(a)), 0);
	expect("add", 3, option(OLD_AUTOFW, &b, sizeof(b)), 0);
	expect_text("added", "/proc/net/ip_autofw", HEAD_AUTOFW
		    "   2    6 0000-0000/1F40 0050 0A000003 00000000 0000 0000      0    2\n"
		    "   1   11 1B3A-1C02/0000 0000 0A000002 00000000 0000 0000      0    2\n");
	expect("delete", 1, option(OLD_AUTOFW + 1, &b, sizeof(b)), 0);
	expect("delete again", 1, option(OLD_AUTOFW + 1, &b, sizeof(b)), -EINVAL);
	a.type = 4;
	expect("no such type", 4, option(OLD_AUTOFW, &a, sizeof(a)), -EINVAL);
	expect("flush", 1, option(OLD_AUTOFW + 2, &a, sizeof(a)), 0);
	expect_text("flushed", "/proc/net/ip_autofw", HEAD_AUTOFW);
}

static int masq(struct old_masq_ctl *ctl, int cmd)
{
	ctl->cmd = cmd;
	return option(OLD_MASQ_CTL, ctl, sizeof(*ctl));
}

static void header_of_2_2(void)
{
	struct old_masq_ctl ctl = { .target = 2, .name = "portfw" };

	expect("a module is loaded", 0, masq(&ctl, OLD_MASQ_NONE), 0);
	for (int cmd = OLD_MASQ_GET; cmd < 10; cmd += 2)
		expect("no such command", cmd, masq(&ctl, cmd), -EINVAL);
	expect("no such command", -1, masq(&ctl, -1), -EINVAL);
	expect("no such command", OLD_MASQ_INSERT, masq(&ctl, OLD_MASQ_INSERT), -EINVAL);
	ctl.target = 1;
	expect("no such target", 1, masq(&ctl, OLD_MASQ_FLUSH), -EINVAL);
	ctl.target = 3;
	expect("user entries", 3, masq(&ctl, OLD_MASQ_FLUSH), -ENOPKG);
	ctl.target = 2;
	memset(ctl.name, 'x', sizeof(ctl.name));
	expect("no such module", 0, masq(&ctl, OLD_MASQ_FLUSH), -ESRCH);
}

#define HEAD_PORTFW "Prot LAddr    LPort > RAddr    RPort PrCnt  Pref               \n"

static void portfw_of_2_2(void)
{
	struct old_masq_ctl ctl = { .target = 2, .name = "portfw" };
	struct old_masq_portfw *p = &ctl.u.portfw;
	const size_t size = offsetof(struct old_masq_ctl, u) + sizeof(*p);

	*p = (struct old_masq_portfw){ IPPROTO_TCP, inet_addr(OUTER), inet_addr("10.0.0.2"),
				       htons(80), htons(8080), 3 };
	expect("delete what is not there", 0, masq(&ctl, OLD_MASQ_DEL), 0);
	expect("add", 4, masq(&ctl, OLD_MASQ_ADD), 0);
	p->raddr = inet_addr("10.0.0.3");
	ctl.cmd = OLD_MASQ_ADD;
	expect("a short one", 0, option(OLD_MASQ_CTL, &ctl, size), 0);
	expect("a shorter one", 0, option(OLD_MASQ_CTL, &ctl, size - 1), -EINVAL);
	expect("a longer one", 0, option(OLD_MASQ_CTL, &ctl, size + 1), -EINVAL);
	p->raddr = 0;
	p->pref = 4;
	expect("change both", 0, masq(&ctl, OLD_MASQ_ADD), 0);
	expect_text("changed", "/proc/net/ip_masq/portfw", HEAD_PORTFW
		    "TCP  C2A00101    80 > 0A000003  8080     4     4               \n"
		    "TCP  C2A00101    80 > 0A000002  8080     4     4               \n");
	p->pref = 0;
	expect("no preference", 0, masq(&ctl, OLD_MASQ_ADD), -EINVAL);
	p->pref = -1;
	expect("less than none", 0, masq(&ctl, OLD_MASQ_ADD), -EINVAL);
	p->pref = 1;
	p->lport = htons(61000);
	expect("port", 61000, masq(&ctl, OLD_MASQ_ADD), -EINVAL);
	p->lport = htons(80);
	expect("delete both", 0, masq(&ctl, OLD_MASQ_DEL), 0);
	expect_text("deleted", "/proc/net//ip_masq/portfw", HEAD_PORTFW);
}

#define HEAD_MFW "FwMark > RAddr    RPort PrCnt  Pref                            \n"

static void mfw_of_2_2(void)
{
	struct old_masq_ctl ctl = { .target = 2, .name = "mfw" };
	struct old_masq_mfw *m = &ctl.u.mfw;
	static const char *const hosts[] = { "10.0.0.2", "10.0.0.3" };

	*m = (struct old_masq_mfw){ .fwmark = 16, .pref = 1 };
	expect("no host", 0, masq(&ctl, OLD_MASQ_ADD), -EINVAL);
	expect("unknown", 0, masq(&ctl, OLD_MASQ_DEL), -ESRCH);
	expect("unknown", 0, masq(&ctl, OLD_MASQ_SET), -EINVAL);
	for (int i = 0; i < 2; i++) {
		m->raddr = inet_addr(hosts[i]);
		expect("add", i, masq(&ctl, OLD_MASQ_ADD), 0);
	}
	m->raddr = inet_addr("10.0.0.4");
	expect("insert", 0, masq(&ctl, OLD_MASQ_INSERT), 0);
	expect_text("inserted", "/proc/net/ip_masq/mfw", HEAD_MFW
		    "0x10 > 0A000004     0     1     1                              \n"
		    "0x10 > 0A000002     0     1     1                              \n"
		    "0x10 > 0A000003     0     1     1                              \n");
	m->flags = 1;
	expect("the next one", 0, masq(&ctl, OLD_MASQ_SET), 0);
	m->flags = 0;
	m->pref = 5;
	expect("change", 0, masq(&ctl, OLD_MASQ_SET), 0);
	expect_text("changed", "/proc/net/ip_masq/mfw", HEAD_MFW
		    "0x10 > 0A000002     0     1     1                              \n"
		    "0x10 > 0A000003     0     1     1                              \n"
		    "0x10 > 0A000004     0     5     5                              \n");
	m->raddr = inet_addr("10.0.0.5");
	expect("another host", 0, masq(&ctl, OLD_MASQ_SET), -ESRCH);
	expect("another host", 0, masq(&ctl, OLD_MASQ_DEL), -ESRCH);
	m->pref = -1;
	expect("less than none", 0, masq(&ctl, OLD_MASQ_ADD), -EINVAL);
	m->pref = 1;
	m->fwmark = 0;
	expect("no mark", 0, masq(&ctl, OLD_MASQ_ADD), -EINVAL);
	expect("no mark", 0, masq(&ctl, OLD_MASQ_SET), -EINVAL);
	m->raddr = 0;
	expect("no mark", 0, masq(&ctl, OLD_MASQ_DEL), -ESRCH);
	expect("flush", 2, masq(&ctl, OLD_MASQ_FLUSH), 0);
	expect_text("flushed", "/proc/net/ip_masq/mfw", HEAD_MFW);
}

static void autofw_of_2_2(void)
{
	struct old_masq_ctl ctl = { .target = 2, .name = "autofw" };
	struct old_autofw *a = &ctl.u.autofw;

	*a = (struct old_autofw){ .type = 1, .low = 5, .high = 7, .flags = 2,
				  .protocol = IPPROTO_TCP, .where = inet_addr("10.0.0.2") };
	expect("add", 5, masq(&ctl, OLD_MASQ_ADD), 0);
	expect_text("added", "/proc/net/ip_masq/autofw", HEAD_AUTOFW
		    "   1    6 0005-0007/0000 0000 0A000002 00000000 0000 0000      0    2\n");
	expect("delete", 2, masq(&ctl, OLD_MASQ_DEL), 0);
	expect("delete what is not there", 1, masq(&ctl, OLD_MASQ_DEL), 0);
	expect_text("deleted", "/proc/net/ip_masq/autofw", HEAD_AUTOFW);
	a->low = 8;
	expect("an empty range", 0, masq(&ctl, OLD_MASQ_ADD), -EINVAL);
}

/* The tools flush their own kind. */
static void kinds_are_apart(void)
{
	struct old_portfw p = { .protocol = IPPROTO_TCP, .laddr = 0xc2a00101, .lport = 80,
				.raddr = 0x0a000002, .rport = 80 };
	struct old_autofw a = { .type = 1, .low = 5, .high = 7, .flags = 2,
				.protocol = IPPROTO_TCP, .where = inet_addr("10.0.0.2") };

	expect("add", 6, option(OLD_PORTFW, &p, sizeof(p)), 0);
	expect("add", 7, option(OLD_AUTOFW, &a, sizeof(a)), 0);
	expect("flush", 3, option(OLD_PORTFW + 2, &p, sizeof(p)), 0);
	expect("delete", 3, option(OLD_AUTOFW + 1, &a, sizeof(a)), 0);
}

static void roads(void)
{
	int net = open("/proc/net", O_RDONLY), fd = openat(net, "ip_masq//mfw", O_RDONLY);
	struct stat st;
	char text[8];

	expect("relative to a folder", 0, fd >= 0 && read(fd, text, 6) == 6 &&
	       !memcmp(text, "FwMark", 6), 1);
	close(fd);
	close(net);
	expect("stat", 0, stat("/proc/net/ip_masq/portfw", &st) || (st.st_mode & 0777) != 0444, 0);
	expect("access", 0, access("/proc/net/ip_portfw", R_OK), 0);
	expect("no such file", 0, access("/proc/net/ip_masq/user", R_OK), -1);
	expect("nor of that name elsewhere", 0, access("/proc/net/portfw", R_OK), -1);
}

/* Whatever the argument is, it is carried out or refused. */
static void by_chance(int number, struct random *chance)
{
	static const char *const names[] = { "portfw", "mfw", "autofw", "portfwx", "" };
	struct old_masq_ctl ctl;
	unsigned char *bytes = (unsigned char *)&ctl;
	size_t len;
	int err;

	for (size_t i = 0; i < sizeof(ctl); i++)
		bytes[i] = random_one_in(chance, 3) ? (unsigned char)random_word(chance) : 0;
	if (number == OLD_MASQ_CTL) {
		ctl.target = 2 + random_one_in(chance, 8);
		ctl.cmd = (int)random_below(chance, 9) - 1;
		strcpy(ctl.name, names[random_below(chance, FW_COUNT(names))]);
		len = random_one_in(chance, 4) ? random_below(chance, sizeof(ctl)) + 1
					       : sizeof(ctl);
	} else {
		len = 1 + random_below(chance, sizeof(struct old_rule));
	}
	err = option(number, &ctl, len);
	expect("by chance", number, err && err != -EINVAL && err != -ESRCH && err != -ENOPKG, 0);
}

static void hostile(void)
{
	struct old_masq_ctl ctl = { .target = 2 };
	struct random chance;

	random_seed(&chance, 7);
	for (int i = 0; i < 50; i++) {
		by_chance(OLD_MASQ_CTL, &chance);
		by_chance(i % 2 ? OLD_AUTOFW + i % 3 : OLD_PORTFW + i % 3, &chance);
	}
	for (int i = 0; i < 3; i++) {
		strcpy(ctl.name, (const char *const[]){ "portfw", "mfw", "autofw" }[i]);
		expect("flush after all", i, masq(&ctl, OLD_MASQ_FLUSH), 0);
	}
	expect_text("flushed", "/proc/net/ip_masq/mfw", HEAD_MFW);
	expect_text("flushed", "/proc/net/ip_autofw", HEAD_AUTOFW);
	expect_text("flushed", "/proc/net/ip_portfw", HEAD_2_0);
}

int main(void)
{
	inet = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
	if (inet < 0)
		return 1;
	numbers();
	portfw_of_2_0();
	autofw_of_2_0();
	header_of_2_2();
	portfw_of_2_2();
	mfw_of_2_2();
	autofw_of_2_2();
	kinds_are_apart();
	roads();
	hostile();
	return tally_end(&tally);
}
