// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * core-show.c - the 2.0 kernel's log lines and /proc lines, at their edges.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "kmod/core/show.h"

static void assert_log(const char *want, const struct fw_rule *r, enum fw_list_id list,
		       enum fw_direction direction, const struct fw_packet *pkt,
		       const struct fw_dev *dev)
{
	const struct fw_walk w = { .list = list, .direction = direction, .dev = dev };
	char got[512];
	struct fw_text t;

	fw_text_init(&t, got, sizeof(got));
	fw_show_log(&t, &r->match, &w, pkt);
	assert_string_equal(got, want);
}

static void log_lines(void **state)
{
	const struct fw_dev eth0 = { .name = "eth0" };
	struct fw_rule r = { .flags = FW_POLICY_REJECT };
	struct fw_packet pkt = {
		.saddr = 0xc0a8010a, .daddr = 0xc6336407, .proto = FW_PROTO_TCP,
		.sport = 1025, .dport = 80, .len = 44, .tos = 0x10, .id = 258,
		.frag_off = FW_IP_DF, .ttl = 63,
	};

	(void)state;
	assert_log("IP fw-in rej eth0 TCP 192.168.1.10:1025 198.51.100.7:80 "
		   "L=44 S=0x10 I=258 F=0x4000 T=63",
		   &r, FW_INPUT, FW_DIR_IN, &pkt, &eth0);
	r.flags = FW_POLICY_DENY;
	assert_log("IP fw-out deny - TCP 192.168.1.10:1025 198.51.100.7:80 "
		   "L=44 S=0x10 I=258 F=0x4000 T=63",
		   &r, FW_OUTPUT, FW_DIR_IN, &pkt, NULL);
	/* redirecting wins over masquerading; the stored port, even 0 */
	r.flags = FW_POLICY_MASQ | FW_REDIR;
	assert_log("IP fw-fwd acc/r0 - TCP 192.168.1.10:1025 198.51.100.7:80 "
		   "L=44 S=0x10 I=258 F=0x4000 T=63",
		   &r, FW_FORWARD, FW_DIR_IN, &pkt, NULL);
	r.nsp = 2;
	r.pts[2] = 8080;
	assert_log("IP fw-in acc/r8080 - TCP 192.168.1.10:1025 198.51.100.7:80 "
		   "L=44 S=0x10 I=258 F=0x4000 T=63",
		   &r, FW_INPUT, FW_DIR_IN, &pkt, NULL);
	pkt.frag_off = FW_IP_MF | 2;
	assert_log("IP acct in eth0 TCP 192.168.1.10:65535 198.51.100.7:65535 "
		   "L=44 S=0x10 I=258 F=0x2002 T=63",
		   &r, FW_ACCT, FW_DIR_IN, &pkt, &eth0);
	pkt.proto = FW_PROTO_ICMP;
	assert_log("IP acct out eth0 ICMP/255 192.168.1.10 198.51.100.7 "
		   "L=44 S=0x10 I=258 F=0x2002 T=63",
		   &r, FW_ACCT, FW_DIR_OUT, &pkt, &eth0);
}

/* as many as a header holds, in i386 byte order; a bad count is not followed */
static void log_shows_options(void **state)
{
	const struct fw_rule r = { .flags = FW_POLICY_MASQ };
	struct fw_dev dev = { 0 };
	struct fw_packet pkt = {
		.proto = 47, .len = 60, .noptions = 2, .options = { 0x01020304, 0xff000080 }
	};
	unsigned int i;

	(void)state;
	memcpy(dev.name, "sixteen-letters!", FW_IFNAMSIZ);
	assert_log("IP fw-fwd acc/masq sixteen-letters! PROTO=47 0.0.0.0 0.0.0.0 "
		   "L=60 S=0x00 I=0 F=0x0000 T=0 O=0x04030201 O=0x800000FF",
		   &r, FW_FORWARD, FW_DIR_IN, &pkt, &dev);
	pkt.noptions = 255;
	for (i = 0; i < FW_PACKET_OPTIONS; i++)
		pkt.options[i] = i << 24;
	assert_log("IP fw-fwd acc/masq sixteen-letters! PROTO=47 0.0.0.0 0.0.0.0 "
		   "L=60 S=0x00 I=0 F=0x0000 T=0 O=0x00000000 O=0x00000001 O=0x00000002 "
		   "O=0x00000003 O=0x00000004 O=0x00000005 O=0x00000006 O=0x00000007 "
		   "O=0x00000008 O=0x00000009",
		   &r, FW_FORWARD, FW_DIR_IN, &pkt, &dev);
}

static void assert_rule(const char *want, const struct fw_rule *r)
{
	char got[FW_SHOW_RULE_MAX];
	struct fw_text t;

	fw_text_init(&t, got, sizeof(got));
	fw_show_rule(&t, r);
	assert_true(t.len < sizeof(got));
	assert_string_equal(got, want);
}

static void rule_lines(void **state)
{
	struct fw_rule r = {
		.src = 0x0a000000, .smsk = 0xff000000, .dst = 0xc0a80101,
		.dmsk = 0xffffffff, .via = 0xc0a80101, .flags = 0x86d, .nsp = 2, .ndp = 2,
		.pts = { 1024, 65535, 80, 443, 3128 }, .tosand = 1, .tosxor = 0x10,
		.vianame = "eth0",
	};

	(void)state;
	assert_rule("0A000000/FF000000->C0A80101/FFFFFFFF eth0 C0A80101 86D 2 2 "
		    "0          0          1024 65535 80 443 3128 0 0 0 0 0 A01 X10\n",
		    &r);
	memset(&r, 0xff, sizeof(r));
	assert_rule("FFFFFFFF/FFFFFFFF->FFFFFFFF/FFFFFFFF "
		    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff "
		    "FFFFFFFF FFFF 255 255 18446744073709551615 18446744073709551615 "
		    "65535 65535 65535 65535 65535 65535 65535 65535 65535 65535 AFF XFF\n",
		    &r);
	r = (struct fw_rule){ .pcnt = 1234567890, .bcnt = 12345678901 };
	assert_rule("00000000/00000000->00000000/00000000 - 00000000 0 0 0 "
		    "1234567890 12345678901 0 0 0 0 0 0 0 0 0 0 A00 X00\n",
		    &r);
}

static void assert_header(const char *want, enum fw_list_id id, __u32 policy)
{
	char got[64];
	struct fw_text t;

	fw_text_init(&t, got, sizeof(got));
	fw_show_header(&t, id, policy);
	assert_string_equal(got, want);
}

static void headers(void **state)
{
	(void)state;
	assert_header("IP firewall input rules, default 4\n", FW_INPUT, FW_POLICY_ACCEPT);
	assert_header("IP firewall output rules, default 256\n", FW_OUTPUT, FW_POLICY_REJECT);
	assert_header("IP firewall forward rules, default 516\n", FW_FORWARD, FW_POLICY_MASQ);
	assert_header("IP accounting rules\n", FW_ACCT, FW_POLICY_ACCEPT);
	assert_header("IP firewall input rules, default -1\n", FW_INPUT, 0xffffffff);
	assert_header("IP firewall input rules, default -2147483648\n", FW_INPUT, 0x80000000);
}

static void assert_conn(const char *want, const struct fw_conn *c)
{
	char got[FW_SHOW_CONN + 1], padded[FW_SHOW_CONN + 1];
	struct fw_text t;

	snprintf(padded, sizeof(padded), "%-127s\n", want);
	fw_text_init(&t, got, sizeof(got));
	fw_show_conn(&t, c, 1000);
	assert_string_equal(got, padded);
}

/* The 128 bytes of each line of ip_masquerade. */
static void masqueraded_lines(void **state)
{
	struct fw_conn c = {
		.proto = FW_PROTO_TCP, .saddr = 0xc0a8010a, .sport = 1025,
		.daddr = 0xc6336407, .dport = 80, .mport = 61000, .expires = 91000,
	};
	const __u32 free[3] = { 4096, 4095, 0 };
	char got[FW_SHOW_CONN + 1], padded[FW_SHOW_CONN + 1];
	struct fw_text t;

	(void)state;
	assert_conn("TCP C0A8010A:0401 C6336407:0050 EE48 00000000      0      0   90000",
		    &c);
	c.init_seq = 0xdeadbeef;
	c.delta = -10;
	c.previous_delta = 123;
	c.expires = 999;
	assert_conn("TCP C0A8010A:0401 C6336407:0050 EE48 DEADBEEF    -10    123       0",
		    &c);
	c = (struct fw_conn){
		.proto = FW_PROTO_ICMP, .saddr = 0xc0a8010a, .sport = 7, .daddr = 0xc6336407,
		.dport = 0x0800, .mport = 61001, .delta = -1234567, .expires = 13500,
	};
	assert_conn("ICMP C0A8010A:0007 C6336407:0008 EE49 00000000 -1234567      0   12500",
		    &c);
	fw_text_init(&t, got, sizeof(got));
	fw_show_conns_header(&t, free);
	snprintf(padded, sizeof(padded), "%-127s\n",
		 "Prc FromIP   FPrt ToIP     TPrt Masq Init-seq  Delta PDelta Expires "
		 "(free=4096,4095,0)");
	assert_string_equal(got, padded);
}

static void helper_lines(void **state)
{
	char got[2 * FW_SHOW_HELPER + 1];
	struct fw_text t;

	(void)state;
	fw_text_init(&t, got, sizeof(got));
	fw_show_helpers_header(&t);
	fw_show_helper(&t, &fw_masq_helpers[0], 21, 12);
	assert_string_equal(got, "prot port    n_attach name             \n"
				 "TCP  21      12       ftp              \n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(log_lines),
		cmocka_unit_test(log_shows_options),
		cmocka_unit_test(rule_lines),
		cmocka_unit_test(headers),
		cmocka_unit_test(helper_lines),
		cmocka_unit_test(masqueraded_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
