// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * emit_cases.c - each match and action of a plan, and its spelling.
 */
#include "tests/lib/emit_cases.h"

#define COUNTED(type, ...) (const type[]){ __VA_ARGS__ }
#define COUNT_OF(type, ...) sizeof((const type[]){ __VA_ARGS__ }) / sizeof(type)

#define MATCHES(...) \
	.rule.match = COUNTED(struct plan_match, __VA_ARGS__), \
	.rule.nmatches = COUNT_OF(struct plan_match, __VA_ARGS__)
#define ACTIONS(...) \
	.rule.action = COUNTED(struct plan_action, __VA_ARGS__), \
	.rule.nactions = COUNT_OF(struct plan_action, __VA_ARGS__)

#define DROP_IF(...) MATCHES(__VA_ARGS__), ACTIONS(ACT(DROP))

/* matches, and with NOT inverted ones */
#define ON(t) { .type = PLAN_M_##t }
#define NOT(t) { .type = PLAN_M_##t, .invert = true }
#define BITS(t, v, m) { .type = PLAN_M_##t, .bits = { v, m } }
#define NOT_BITS(t, v, m) { .type = PLAN_M_##t, .invert = true, .bits = { v, m } }
#define ONE(n) { n, n }
#define RANGE_LIST(...) \
	.ranges = { COUNTED(struct plan_range, __VA_ARGS__), \
		    COUNT_OF(struct plan_range, __VA_ARGS__) }
#define RANGES(t, ...) { .type = PLAN_M_##t, RANGE_LIST(__VA_ARGS__) }
#define NOT_RANGES(t, ...) \
	{ .type = PLAN_M_##t, .invert = true, RANGE_LIST(__VA_ARGS__) }
#define NAME_LIST(...) \
	.names = { (const char *const[]){ __VA_ARGS__ }, \
		   sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *) }
#define NAMES(t, ...) { .type = PLAN_M_##t, NAME_LIST(__VA_ARGS__) }
#define NOT_NAMES(t, ...) { .type = PLAN_M_##t, .invert = true, NAME_LIST(__VA_ARGS__) }
#define NAMES_NONE(t) { .type = PLAN_M_##t }

/* actions */
#define ACT(t) { .type = PLAN_A_##t }
#define SET(t, v, m) { .type = PLAN_A_##t, .bits = { v, m } }
#define VALUE(t, v) SET(t, v, 0)
#define PORTS(t, l, h) { .type = PLAN_A_##t, .range = { l, h } }
#define TEXT(t, s) { .type = PLAN_A_##t, .text = s }
#define CALL(t) { .type = PLAN_A_##t, .chain = &called }

static const struct plan_chain called = { .name = "called" };

const struct emit_case emit_cases[] = {
	{ .name = "no match", ACTIONS(ACT(DROP)),
	  .nft = "drop",
	  .iptables = "-j DROP" },
	{ .name = "never", DROP_IF(ON(NEVER)),
	  .nft = "ip version != 4 drop",
	  .iptables = "-m u32 --u32 \"0x0>>0x1c=0x0:0x3\" -j DROP" },
	{ .name = "always", DROP_IF(NOT(NEVER)),
	  .nft = "drop",
	  .iptables = "-j DROP" },
	{ .name = "host", DROP_IF(BITS(SADDR, 0x0a000001, ~0u)),
	  .nft = "ip saddr 10.0.0.1 drop",
	  .iptables = "-s 10.0.0.1/32 -j DROP" },
	{ .name = "not a host", DROP_IF(NOT_BITS(DADDR, 0x0a000001, ~0u)),
	  .nft = "ip daddr != 10.0.0.1 drop",
	  .iptables = "! -d 10.0.0.1/32 -j DROP" },
	{ .name = "net", DROP_IF(BITS(DADDR, 0x0a010000, 0xffff0000)),
	  .nft = "ip daddr 10.1.0.0/16 drop",
	  .iptables = "-d 10.1.0.0/16 -j DROP" },
	{ .name = "half of all", DROP_IF(BITS(DADDR, 0x80000000, 0x80000000)),
	  .nft = "ip daddr 128.0.0.0/1 drop",
	  .iptables = "-d 128.0.0.0/1 -j DROP" },
	{ .name = "any address", DROP_IF(BITS(SADDR, 0, 0)),
	  .nft = "drop",
	  .iptables = "-j DROP" },
	{ .name = "no address", DROP_IF(NOT_BITS(SADDR, 0, 0)),
	  .nft = "ip version != 4 drop",
	  .iptables = "-m u32 --u32 \"0x0>>0x1c=0x0:0x3\" -j DROP" },
	{ .name = "bits outside the mask", DROP_IF(BITS(SADDR, 0x0a000001, 0xffffff00)),
	  .nft = "ip version != 4 drop",
	  .iptables = "-m u32 --u32 \"0x0>>0x1c=0x0:0x3\" -j DROP" },
	{ .name = "odd mask", DROP_IF(BITS(SADDR, 0x0a000200, 0xff00ff00)),
	  .nft = "ip saddr & 255.0.255.0 == 10.0.2.0 drop",
	  .iptables = "-s 10.0.2.0/255.0.255.0 -j DROP" },
	{ .name = "not an odd mask", DROP_IF(NOT_BITS(DADDR, 1, 1)),
	  .nft = "ip daddr & 0.0.0.1 != 0.0.0.1 drop",
	  .iptables = "! -d 0.0.0.1/0.0.0.1 -j DROP" },
	{ .name = "two sources", DROP_IF(BITS(SADDR, 0x0a000000, 0xff000000),
	  NOT_BITS(SADDR, 0x0a000100, 0xff00ff00)),
	  .nft = "ip saddr 10.0.0.0/8 ip saddr & 255.0.255.0 != 10.0.1.0 drop",
	  .iptables =
	    "-s 10.0.0.0/8 -m u32 ! --u32 \"0xc&0xff00ff00=0xa000100\" -j DROP" },
	{ .name = "two destinations", DROP_IF(NOT_BITS(DADDR, 0x0a000000, 0xff000000),
	  BITS(DADDR, 1, 1)),
	  .nft = "ip daddr != 10.0.0.0/8 ip daddr & 0.0.0.1 == 0.0.0.1 drop",
	  .iptables = "! -d 10.0.0.0/8 -m u32 --u32 \"0x10&0x1=0x1\" -j DROP" },
	{ .name = "tcp", DROP_IF(RANGES(PROTO, ONE(6))),
	  .nft = "ip protocol tcp drop",
	  .iptables = "-p tcp -j DROP" },
	{ .name = "not udp", DROP_IF(NOT_RANGES(PROTO, ONE(17))),
	  .nft = "ip protocol != udp drop",
	  .iptables = "! -p udp -j DROP" },
	{ .name = "protocol 200", DROP_IF(RANGES(PROTO, ONE(200))),
	  .nft = "ip protocol 200 drop",
	  .iptables = "-p 200 -j DROP" },
	{ .name = "protocol 0", DROP_IF(RANGES(PROTO, ONE(0))),
	  .nft = "ip protocol 0 drop",
	  .listed = "ip protocol ip drop",
	  .iptables = "-m u32 --u32 \"0x8>>0x10&0xff=0x0\" -j DROP" },
	{ .name = "several protocols",
	  DROP_IF(RANGES(PROTO, ONE(17), ONE(6), { 50, 60 })),
	  .nft = "ip protocol { tcp, udp, 50-60 } drop",
	  .iptables = "-m u32 --u32 \"0x8>>0x10&0xff=0x6,0x11,0x32:0x3c\" -j DROP" },
	{ .name = "none of several protocols",
	  DROP_IF(NOT_RANGES(PROTO, ONE(6), ONE(17))),
	  .nft = "ip protocol != { tcp, udp } drop",
	  .iptables = "-m u32 ! --u32 \"0x8>>0x10&0xff=0x6,0x11\" -j DROP" },
	{ .name = "any protocol", DROP_IF(RANGES(PROTO, { 0, 100 }, { 90, 255 })),
	  .nft = "drop",
	  .iptables = "-j DROP" },
	{ .name = "port", DROP_IF(RANGES(PROTO, ONE(6)), RANGES(DPORT, ONE(80))),
	  .nft = "tcp dport 80 drop",
	  .iptables = "-p tcp -m tcp --dport 80 -j DROP" },
	{ .name = "port 0", DROP_IF(RANGES(PROTO, ONE(17)), RANGES(SPORT, ONE(0))),
	  .nft = "udp sport 0 drop",
	  .iptables = "-p udp -m udp --sport 0 -j DROP" },
	{ .name = "not a port", DROP_IF(RANGES(PROTO, ONE(17)),
	  NOT_RANGES(DPORT, ONE(53))),
	  .nft = "udp dport != 53 drop",
	  .iptables = "-p udp -m udp ! --dport 53 -j DROP" },
	{ .name = "ports both ways", DROP_IF(RANGES(PROTO, ONE(6)),
	  RANGES(SPORT, { 1024, 65535 }), RANGES(DPORT, ONE(22))),
	  .nft = "tcp sport 1024-65535 tcp dport 22 drop",
	  .iptables = "-p tcp -m tcp --sport 1024:65535 --dport 22 -j DROP" },
	{ .name = "set of ports", DROP_IF(RANGES(PROTO, ONE(6)),
	  RANGES(DPORT, ONE(443), ONE(80), { 1024, 65535 })),
	  .nft = "tcp dport { 80, 443, 1024-65535 } drop",
	  .iptables = "-p tcp -m multiport --dports 80,443,1024:65535 -j DROP" },
	{ .name = "overlapping ports", DROP_IF(RANGES(PROTO, ONE(6)),
	  RANGES(SPORT, { 10, 20 }, ONE(15), ONE(21), { 18, 30 }, ONE(7), ONE(7))),
	  .nft = "tcp sport { 7, 10-30 } drop",
	  .iptables = "-p tcp -m multiport --sports 7,10:30 -j DROP" },
	{ .name = "ports that make one range", DROP_IF(RANGES(PROTO, ONE(17)),
	  NOT_RANGES(DPORT, ONE(5), ONE(4), ONE(3))),
	  .nft = "udp dport != 3-5 drop",
	  .iptables = "-p udp -m udp ! --dport 3:5 -j DROP" },
	{ .name = "none of several ports", DROP_IF(RANGES(PROTO, ONE(17)),
	  RANGES(SPORT, ONE(53), ONE(123)), NOT_RANGES(DPORT, ONE(1), ONE(3))),
	  .nft = "udp sport { 53, 123 } udp dport != { 1, 3 } drop",
	  .iptables =
	    "-p udp -m multiport --sports 53,123 -m multiport ! --dports 1,3 -j DROP" },
	{ .name = "port given twice", DROP_IF(RANGES(PROTO, ONE(6)),
	  RANGES(DPORT, { 1, 100 }), NOT_RANGES(DPORT, ONE(80))),
	  .nft = "tcp dport 1-100 tcp dport != 80 drop",
	  .iptables =
	    "-p tcp -m tcp --dport 1:100 -m multiport ! --dports 80 -j DROP" },
	{ .name = "every port", DROP_IF(RANGES(PROTO, ONE(6)),
	  RANGES(DPORT, { 0, 1000 }, { 1001, 65535 })),
	  .nft = "ip protocol tcp ip frag-off & 0x1fff == 0 drop",
	  .listed = "ip protocol tcp ip frag-off & 8191 == 0 drop",
	  .iptables = "-p tcp ! -f -j DROP" },
	{ .name = "no port", DROP_IF(RANGES(PROTO, ONE(6)),
	  NOT_RANGES(DPORT, { 0, 65535 })),
	  .nft = "ip protocol tcp ip version != 4 drop",
	  .iptables = "-p tcp -m u32 --u32 \"0x0>>0x1c=0x0:0x3\" -j DROP" },
	{ .name = "a range upside down", DROP_IF(RANGES(PROTO, ONE(6)),
	  RANGES(DPORT, { 9, 8 }, ONE(7))),
	  .nft = "tcp dport 7 drop",
	  .iptables = "-p tcp -m tcp --dport 7 -j DROP" },
	{ .name = "ports of two protocols", DROP_IF(RANGES(PROTO, ONE(6), ONE(17)),
	  RANGES(DPORT, ONE(53))),
	  .nft = "ip protocol { tcp, udp } th dport 53 drop" },
	{ .name = "icmp type", DROP_IF(RANGES(PROTO, ONE(1)), RANGES(ICMP_TYPE, ONE(8))),
	  .nft = "icmp type echo-request drop",
	  .iptables = "-p icmp -m icmp --icmp-type 8 -j DROP" },
	{ .name = "not an icmp type", DROP_IF(RANGES(PROTO, ONE(1)),
	  NOT_RANGES(ICMP_TYPE, ONE(5))),
	  .nft = "icmp type != redirect drop",
	  .iptables = "-p icmp -m icmp ! --icmp-type 5 -j DROP" },
	{ .name = "icmp type without a name", DROP_IF(RANGES(PROTO, ONE(1)),
	  RANGES(ICMP_TYPE, ONE(44))),
	  .nft = "icmp type 44 drop",
	  .iptables = "-p icmp -m icmp --icmp-type 44 -j DROP" },
	{ .name = "icmp type 255", DROP_IF(RANGES(PROTO, ONE(1)),
	  RANGES(ICMP_TYPE, ONE(255))),
	  .nft = "icmp type 255 drop",
	  .iptables =
	    "-p icmp -m u32 --u32 \"0x4&0x1fff=0x0\" -m u32 --u32 "
	    "\"0x0>>0x16&0x3c@0x0>>0x18=0xff\" -j DROP" },
	{ .name = "icmp types", DROP_IF(RANGES(PROTO, ONE(1)),
	  RANGES(ICMP_TYPE, ONE(8), ONE(0), { 3, 5 }, ONE(300))),
	  .nft = "icmp type { echo-reply, 3-5, echo-request } drop",
	  .iptables =
	    "-p icmp -m u32 --u32 \"0x4&0x1fff=0x0\" -m u32 --u32 "
	    "\"0x0>>0x16&0x3c@0x0>>0x18=0x0,0x3:0x5,0x8\" -j DROP" },
	{ .name = "none of several icmp types", DROP_IF(RANGES(PROTO, ONE(1)),
	  NOT_RANGES(ICMP_TYPE, ONE(8), ONE(0))),
	  .nft = "icmp type != { echo-reply, echo-request } drop",
	  .iptables =
	    "-p icmp -m u32 --u32 \"0x4&0x1fff=0x0\" -m u32 ! --u32 "
	    "\"0x0>>0x16&0x3c@0x0>>0x18=0x0,0x8\" -j DROP" },
	{ .name = "syn", DROP_IF(RANGES(PROTO, ONE(6)),
	  BITS(TCP_FLAGS, FW_TCP_SYN, FW_TCP_SYN | FW_TCP_ACK | FW_TCP_RST)),
	  .nft = "tcp flags & (syn | rst | ack) == syn drop",
	  .listed = "tcp flags syn / syn,rst,ack drop",
	  .iptables = "-p tcp -m tcp --tcp-flags SYN,RST,ACK SYN -j DROP" },
	{ .name = "ack or rst", DROP_IF(RANGES(PROTO, ONE(6)),
	  NOT_BITS(TCP_FLAGS, 0, FW_TCP_ACK | FW_TCP_RST)),
	  .nft = "tcp flags & (rst | ack) != 0x0 drop",
	  .listed = "tcp flags rst,ack drop",
	  .iptables = "-p tcp -m tcp ! --tcp-flags RST,ACK NONE -j DROP" },
	{ .name = "neither ack nor rst", DROP_IF(RANGES(PROTO, ONE(6)),
	  BITS(TCP_FLAGS, 0, FW_TCP_ACK | FW_TCP_RST)),
	  .nft = "tcp flags & (rst | ack) == 0x0 drop",
	  .listed = "tcp flags ! rst,ack drop",
	  .iptables = "-p tcp -m tcp --tcp-flags RST,ACK NONE -j DROP" },
	{ .name = "one flag", DROP_IF(RANGES(PROTO, ONE(6)),
	  BITS(TCP_FLAGS, FW_TCP_FIN, FW_TCP_FIN)),
	  .nft = "tcp flags & fin == fin drop",
	  .iptables = "-p tcp -m tcp --tcp-flags FIN FIN -j DROP" },
	{ .name = "not syn, with a port", DROP_IF(RANGES(PROTO, ONE(6)),
	  RANGES(DPORT, ONE(25)),
	  NOT_BITS(TCP_FLAGS, FW_TCP_SYN, FW_TCP_SYN | FW_TCP_ACK | FW_TCP_RST)),
	  .nft = "tcp dport 25 tcp flags & (syn | rst | ack) != syn drop",
	  .listed = "tcp dport 25 tcp flags != syn / syn,rst,ack drop",
	  .iptables =
	    "-p tcp -m tcp --dport 25 ! --tcp-flags SYN,RST,ACK SYN -j DROP" },
	{ .name = "flags twice", DROP_IF(RANGES(PROTO, ONE(6)),
	  BITS(TCP_FLAGS, FW_TCP_SYN, FW_TCP_SYN | FW_TCP_ACK),
	  NOT_BITS(TCP_FLAGS, 0, FW_TCP_FIN | FW_TCP_URG)),
	  .nft = "tcp flags & (syn | ack) == syn tcp flags & (fin | urg) != 0x0 drop",
	  .listed = "tcp flags syn / syn,ack tcp flags fin,urg drop",
	  .iptables =
	    "-p tcp -m tcp --tcp-flags SYN,ACK SYN -m u32 --u32 \"0x4&0x1fff=0x0\" "
	    "-m u32 ! --u32 \"0x0>>0x16&0x3c@0xc>>0x10&0x21=0x0\" -j DROP" },
	{ .name = "flags that iptables has no names for", DROP_IF(RANGES(PROTO, ONE(6)),
	  BITS(TCP_FLAGS, 0x40, 0xc0)),
	  .nft = "tcp flags & (ecn | cwr) == ecn drop",
	  .listed = "tcp flags ecn / ecn,cwr drop",
	  .iptables =
	    "-p tcp -m u32 --u32 \"0x4&0x1fff=0x0\" -m u32 --u32 "
	    "\"0x0>>0x16&0x3c@0xc>>0x10&0xc0=0x40\" -j DROP" },
	{ .name = "any flags", DROP_IF(RANGES(PROTO, ONE(6)), BITS(TCP_FLAGS, 0, 0)),
	  .nft = "ip protocol tcp ip frag-off & 0x1fff == 0 drop",
	  .listed = "ip protocol tcp ip frag-off & 8191 == 0 drop",
	  .iptables = "-p tcp ! -f -j DROP" },
	{ .name = "receiving interface", DROP_IF(NAMES(IIFNAME, "eth0")),
	  .nft = "iifname \"eth0\" drop",
	  .iptables = "-i eth0 -j DROP" },
	{ .name = "not an interface", DROP_IF(NOT_NAMES(IIFNAME, "eth0")),
	  .nft = "iifname != \"eth0\" drop",
	  .iptables = "! -i eth0 -j DROP" },
	{ .name = "sending interface", .place = EMIT_IN_FORWARD,
	  DROP_IF(NAMES(OIFNAME, "ppp0")),
	  .nft = "oifname \"ppp0\" drop",
	  .iptables = "-o ppp0 -j DROP" },
	{ .name = "several interfaces", DROP_IF(NAMES(IIFNAME, "eth0", "eth1")),
	  .nft = "iifname { \"eth0\", \"eth1\" } drop" },
	{ .name = "no interface", DROP_IF(NAMES_NONE(IIFNAME)),
	  .nft = "ip version != 4 drop",
	  .iptables = "-m u32 --u32 \"0x0>>0x1c=0x0:0x3\" -j DROP" },
	{ .name = "interface of 15 bytes", DROP_IF(NAMES(IIFNAME, "abcdefghijklmno")),
	  .nft = "iifname \"abcdefghijklmno\" drop",
	  .iptables = "-i abcdefghijklmno -j DROP" },
	{ .name = "interface with a star", DROP_IF(NAMES(IIFNAME, "eth*")),
	  .nft = "iifname \"eth\\*\" drop",
	  .iptables = "-i eth* -j DROP" },
	{ .name = "interface of 15 bytes and a star",
	  DROP_IF(NAMES(IIFNAME, "abcdefghijklmn*")),
	  .iptables = "-i abcdefghijklmn* -j DROP" },
	{ .name = "interface with a star inside", DROP_IF(NAMES(IIFNAME, "e*h")),
	  .nft = "iifname \"e*h\" drop",
	  .iptables = "-i e*h -j DROP" },
	{ .name = "interface with a plus", DROP_IF(NAMES(IIFNAME, "eth+")),
	  .nft = "iifname \"eth+\" drop" },
	{ .name = "interface with a quote", DROP_IF(NAMES(IIFNAME, "e\"h")),
	  .iptables = "-i \"e\\\"h\" -j DROP",
	  .saved = "-i e\"h -j DROP" },
	{ .name = "interface with a backslash", DROP_IF(NAMES(IIFNAME, "e\\h")),
	  .nft = "iifname \"e\\h\" drop",
	  .iptables = "-i \"e\\\\h\" -j DROP",
	  .saved = "-i e\\h -j DROP" },
	{ .name = "interface with a backslash and a star",
	  DROP_IF(NAMES(IIFNAME, "e\\*")),
	  .iptables = "-i \"e\\\\*\" -j DROP",
	  .saved = "-i e\\* -j DROP" },
	{ .name = "interface that looks like an option", DROP_IF(NAMES(IIFNAME, "-p")),
	  .nft = "iifname \"-p\" drop",
	  .iptables = "-i -p -j DROP" },
	{ .name = "interface with signs", DROP_IF(NAMES(IIFNAME, "$a;{#}")),
	  .nft = "iifname \"$a;{#}\" drop",
	  .iptables = "-i \"$a;{#}\" -j DROP",
	  .saved = "-i $a;{#} -j DROP" },
	{ .name = "state", DROP_IF(BITS(CT_STATE, FW_STATE_NEW, 0)),
	  .nft = "ct state new drop",
	  .iptables = "-m conntrack --ctstate NEW -j DROP" },
	{ .name = "states", DROP_IF(BITS(CT_STATE, FW_STATES, 0)),
	  .nft = "ct state invalid,established,related,new drop",
	  .iptables =
	    "-m conntrack --ctstate INVALID,NEW,RELATED,ESTABLISHED -j DROP" },
	{ .name = "not states",
	  DROP_IF(NOT_BITS(CT_STATE, FW_STATE_ESTABLISHED | FW_STATE_RELATED, 0)),
	  .nft = "ct state & (established | related) == 0x0 drop",
	  .listed = "ct state ! established,related drop",
	  .iptables = "-m conntrack ! --ctstate RELATED,ESTABLISHED -j DROP" },
	{ .name = "not a state", DROP_IF(NOT_BITS(CT_STATE, FW_STATE_INVALID, 0)),
	  .nft = "ct state & invalid == 0x0 drop",
	  .listed = "ct state ! invalid drop",
	  .iptables = "-m conntrack ! --ctstate INVALID -j DROP" },
	{ .name = "no state", DROP_IF(BITS(CT_STATE, 0, 0)),
	  .nft = "ip version != 4 drop",
	  .iptables = "-m u32 --u32 \"0x0>>0x1c=0x0:0x3\" -j DROP" },
	{ .name = "replies to what is masqueraded", DROP_IF(ON(CT_STATUS_SNAT),
	  ON(CT_REPLY)),
	  .nft = "ct status snat ct direction reply drop",
	  .iptables =
	    "-m conntrack --ctstate SNAT -m conntrack --ctdir REPLY -j DROP" },
	{ .name = "answers to what is redirected", DROP_IF(ON(CT_STATUS_DNAT),
	  ON(CT_REPLY)),
	  .nft = "ct status dnat ct direction reply drop",
	  .iptables =
	    "-m conntrack --ctstate DNAT -m conntrack --ctdir REPLY -j DROP" },
	{ .name = "not redirected", DROP_IF(NOT(CT_STATUS_DNAT)),
	  .nft = "ct status & dnat == 0x0 drop",
	  .listed = "ct status ! dnat drop",
	  .iptables = "-m conntrack ! --ctstate DNAT -j DROP" },
	{ .name = "expected by a helper", DROP_IF(ON(CT_STATUS_EXPECTED)),
	  .nft = "ct status expected drop",
	  .iptables = "-m conntrack --ctstatus EXPECTED -j DROP" },
	{ .name = "not expected by a helper", DROP_IF(NOT(CT_STATUS_EXPECTED)),
	  .nft = "ct status & expected == 0x0 drop",
	  .listed = "ct status ! expected drop",
	  .iptables = "-m conntrack ! --ctstatus EXPECTED -j DROP" },
	{ .name = "confirmed", DROP_IF(ON(CT_STATUS_CONFIRMED)),
	  .nft = "ct status confirmed drop",
	  .iptables = "-m conntrack --ctstatus CONFIRMED -j DROP" },
	{ .name = "not confirmed", DROP_IF(NOT(CT_STATUS_CONFIRMED)),
	  .nft = "ct status & confirmed == 0x0 drop",
	  .listed = "ct status ! confirmed drop",
	  .iptables = "-m conntrack ! --ctstatus CONFIRMED -j DROP" },
	{ .name = "neither masqueraded nor reply", DROP_IF(NOT(CT_STATUS_SNAT),
	  NOT(CT_REPLY)),
	  .nft = "ct status & snat == 0x0 ct direction original drop",
	  .listed = "ct status ! snat ct direction original drop",
	  .iptables =
	    "-m conntrack ! --ctstate SNAT -m conntrack --ctdir ORIGINAL -j DROP" },
	{ .name = "mark bits", DROP_IF(BITS(MARK, 0x10000, 0xffff0000)),
	  .nft = "meta mark & 0xffff0000 == 0x00010000 drop",
	  .listed = "meta mark 0x00010000/16 drop",
	  .iptables = "-m mark --mark 0x10000/0xffff0000 -j DROP" },
	{ .name = "not mark bits", DROP_IF(NOT_BITS(MARK, 0, 0x30000)),
	  .nft = "meta mark & 0x00030000 != 0x00000000 drop",
	  .iptables = "-m mark ! --mark 0x0/0x30000 -j DROP" },
	{ .name = "whole mark, and bits of it", DROP_IF(BITS(MARK, 0x12, ~0u),
	  NOT_BITS(MARK, 1, 1)),
	  .nft = "meta mark 0x00000012 meta mark & 0x00000001 != 0x00000001 drop",
	  .iptables = "-m mark --mark 0x12 -m mark ! --mark 0x1/0x1 -j DROP" },
	{ .name = "connection mark", DROP_IF(BITS(CT_MARK, 0x20000, 0x20000)),
	  .nft = "ct mark & 0x00020000 == 0x00020000 drop",
	  .iptables = "-m connmark --mark 0x20000/0x20000 -j DROP" },
	{ .name = "later fragment", DROP_IF(ON(FRAGMENT)),
	  .nft = "ip frag-off & 0x1fff != 0 drop",
	  .listed = "ip frag-off & 8191 != 0 drop",
	  .iptables = "-f -j DROP" },
	{ .name = "not a later fragment", DROP_IF(NOT(FRAGMENT)),
	  .nft = "ip frag-off & 0x1fff == 0 drop",
	  .listed = "ip frag-off & 8191 == 0 drop",
	  .iptables = "! -f -j DROP" },
	{ .name = "fragment at 1", DROP_IF(ON(FRAGMENT_AT_1)),
	  .nft = "ip frag-off & 0x1fff == 1 drop",
	  .listed = "ip frag-off & 8191 == 1 drop",
	  .iptables = "-m u32 --u32 \"0x4&0x1fff=0x1\" -j DROP" },
	{ .name = "later fragment, not at 1", DROP_IF(ON(FRAGMENT), NOT(FRAGMENT_AT_1)),
	  .nft = "ip frag-off & 0x1fff != 0 ip frag-off & 0x1fff != 1 drop",
	  .listed = "ip frag-off & 8191 != 0 ip frag-off & 8191 != 1 drop",
	  .iptables = "-f -m u32 ! --u32 \"0x4&0x1fff=0x1\" -j DROP" },
	{ .name = "short tcp", DROP_IF(RANGES(PROTO, ONE(6)), BITS(SHORT, 16, 0)),
	  .nft =
	    "ip protocol tcp ip hdrlength . ip length { 5 . 0-35, 6 . 0-39, 7 . "
	    "0-43, 8 . 0-47, 9 . 0-51, 10 . 0-55, 11 . 0-59, 12 . 0-63, 13 . 0-67, "
	    "14 . 0-71, 15 . 0-75 } drop",
	  .iptables =
	    "-p tcp -m u32 ! --u32 "
	    "\"0x0&0xf00ffff=0x5000024:0x5ffffff,0x6000028:0x6ffffff,0x700002c:0x7fff"
	    "fff,0x8000030:0x8ffffff,0x9000034:0x9ffffff,0xa000000:0xffffffff&&0x0&0x"
	    "f00ffff=0x0:0x9ffffff,0xa000038:0xaffffff,0xb00003c:0xbffffff,0xc000040:"
	    "0xcffffff,0xd000044:0xdffffff,0xe000048:0xeffffff,0xf00004c:0xfffffff\" "
	    "-j DROP" },
	{ .name = "plain", DROP_IF(BITS(PLAIN, 16, 0)),
	  .nft = "ip hdrlength 5 ip length >= 36 drop",
	  .iptables = "-m u32 --u32 \"0x0&0xf00ffff=0x5000024:0x500ffff\" -j DROP" },
	{ .name = "not short", DROP_IF(NOT_BITS(SHORT, 8, 0)),
	  .nft =
	    "ip hdrlength . ip length != { 5 . 0-27, 6 . 0-31, 7 . 0-35, 8 . 0-39, 9 "
	    ". 0-43, 10 . 0-47, 11 . 0-51, 12 . 0-55, 13 . 0-59, 14 . 0-63, 15 . "
	    "0-67 } drop",
	  .iptables =
	    "-m u32 --u32 "
	    "\"0x0&0xf00ffff=0x500001c:0x5ffffff,0x6000020:0x6ffffff,0x7000024:0x7fff"
	    "fff,0x8000028:0x8ffffff,0x900002c:0x9ffffff,0xa000000:0xffffffff&&0x0&0x"
	    "f00ffff=0x0:0x9ffffff,0xa000030:0xaffffff,0xb000034:0xbffffff,0xc000038:"
	    "0xcffffff,0xd00003c:0xdffffff,0xe000040:0xeffffff,0xf000044:0xfffffff\" "
	    "-j DROP" },
	{ .name = "dscp", DROP_IF(BITS(DSCP, 0x04, 0x3f)),
	  .nft = "ip dscp 0x04 drop",
	  .iptables = "-m tos --tos 0x10/0xfc -j DROP" },
	{ .name = "dscp bits", DROP_IF(NOT_BITS(DSCP, 0x10, 0x30)),
	  .nft = "@nh,8,8 & 0xc0 != 0x40 drop",
	  .iptables = "-m tos ! --tos 0x40/0xc0 -j DROP" },
	{ .name = "ecn", DROP_IF(BITS(ECN, 2, 3)),
	  .nft = "ip ecn ect0 drop",
	  .iptables = "-m tos --tos 0x02/0x03 -j DROP" },
	{ .name = "ecn bit", DROP_IF(BITS(ECN, 1, 1)),
	  .nft = "@nh,8,8 & 0x1 == 0x1 drop",
	  .iptables = "-m tos --tos 0x01/0x01 -j DROP" },
	{ .name = "counter", ACTIONS(ACT(COUNTER)),
	  .nft = "counter",
	  .listed = "counter packets 0 bytes 0",
	  .iptables = "" },
	{ .name = "accept", ACTIONS(ACT(COUNTER), ACT(ACCEPT)),
	  .nft = "counter accept",
	  .listed = "counter packets 0 bytes 0 accept",
	  .iptables = "-j ACCEPT" },
	{ .name = "return", ACTIONS(ACT(RETURN)),
	  .nft = "return",
	  .iptables = "-j RETURN" },
	{ .name = "jump", ACTIONS(CALL(JUMP)),
	  .nft = "jump called",
	  .iptables = "-j called" },
	{ .name = "goto", ACTIONS(CALL(GOTO)),
	  .nft = "goto called",
	  .iptables = "-g called" },
	{ .name = "log", ACTIONS(TEXT(LOG, "IP fw-in rej ")),
	  .nft = "log prefix \"IP fw-in rej \"",
	  .iptables = "-j LOG --log-prefix \"IP fw-in rej \"" },
	{ .name = "log prefix too long for iptables",
	  ACTIONS(TEXT(LOG, "123456789 123456789 123456789 ")),
	  .nft = "log prefix \"123456789 123456789 123456789 \"" },
	{ .name = "log prefix with a quote", ACTIONS(TEXT(LOG, "a\"b c")),
	  .iptables = "-j LOG --log-prefix \"a\\\"b c\"" },
	{ .name = "several actions", ACTIONS(ACT(COUNTER), TEXT(LOG, "x y"),
	  VALUE(DSCP, 4), ACT(DROP)),
	  .nft = "counter log prefix \"x y\" ip dscp set 0x04 drop",
	  .listed =
	    "counter packets 0 bytes 0 log prefix \"x y\" ip dscp set 0x04 drop" },
	{ .name = "tos", ACTIONS(SET(TOS, 0x10, 0xc0)),
	  .iptables = "-j TOS --set-tos 0x10/0x3f" },
	{ .name = "dscp set", ACTIONS(VALUE(DSCP, 0x3f)),
	  .nft = "ip dscp set 0x3f" },
	{ .name = "ecn set", ACTIONS(VALUE(ECN, 1)),
	  .nft = "ip ecn set ect1" },
	{ .name = "mark set", ACTIONS(SET(MARK, 0x10000, 0xffff0000)),
	  .nft = "meta mark set meta mark & 0x0000ffff | 0x00010000",
	  .listed = "meta mark set meta mark & 0x0001ffff | 0x00010000",
	  .iptables = "-j MARK --set-xmark 0x10000/0xffff0000" },
	{ .name = "mark cleared", ACTIONS(SET(MARK, 0, 0xffff0000)),
	  .nft = "meta mark set meta mark & 0x0000ffff",
	  .iptables = "-j MARK --set-xmark 0x0/0xffff0000" },
	{ .name = "whole mark set", ACTIONS(SET(MARK, 7, ~0u)),
	  .nft = "meta mark set 0x00000007",
	  .iptables = "-j MARK --set-xmark 0x7/0xffffffff" },
	{ .name = "connection mark set", ACTIONS(SET(CT_MARK, 0x20000, 0x20000)),
	  .nft = "ct mark set ct mark & 0xfffdffff | 0x00020000",
	  .listed = "ct mark set ct mark | 0x00020000",
	  .iptables = "-j CONNMARK --set-xmark 0x20000/0x20000" },
	{ .name = "helper", .place = EMIT_IN_RAW, MATCHES(RANGES(PROTO, ONE(6)),
	  RANGES(DPORT, ONE(21))), ACTIONS(TEXT(HELPER, "ftp")),
	  .nft = "tcp dport 21 ct helper set \"ftp\"",
	  .iptables = "-p tcp -m tcp --dport 21 -j CT --helper ftp" },
	{ .name = "host unreachable", .place = EMIT_IN_FORWARD,
	  ACTIONS(VALUE(REJECT, 1)),
	  .nft = "reject with icmp host-unreachable",
	  .iptables = "-j REJECT --reject-with icmp-host-unreachable" },
	{ .name = "port unreachable", .place = EMIT_IN_FORWARD,
	  ACTIONS(VALUE(REJECT, 3)),
	  .nft = "reject with icmp port-unreachable",
	  .listed = "reject",
	  .iptables = "-j REJECT --reject-with icmp-port-unreachable" },
	{ .name = "other unreachable", .place = EMIT_IN_FORWARD,
	  ACTIONS(VALUE(REJECT, 2)) },
	{ .name = "redirect", .place = EMIT_IN_REDIRECT, MATCHES(RANGES(PROTO, ONE(6))),
	  ACTIONS(VALUE(REDIRECT, 8080)),
	  .nft = "ip protocol tcp redirect to :8080",
	  .iptables = "-p tcp -j REDIRECT --to-ports 8080" },
	{ .name = "redirect to the same port", .place = EMIT_IN_REDIRECT,
	  MATCHES(RANGES(PROTO, ONE(17)), RANGES(DPORT, ONE(53))),
	  ACTIONS(VALUE(REDIRECT, 0)),
	  .nft = "udp dport 53 redirect",
	  .iptables = "-p udp -m udp --dport 53 -j REDIRECT" },
	{ .name = "redirect nothing", .place = EMIT_IN_REDIRECT,
	  MATCHES(RANGES(PROTO, ONE(6)), ON(NEVER)), ACTIONS(VALUE(REDIRECT, 80)),
	  .nft = "ip protocol tcp ip version != 4 redirect to :80",
	  .iptables =
	    "-p tcp -m u32 --u32 \"0x0>>0x1c=0x0:0x3\" -j REDIRECT --to-ports 80" },
	{ .name = "masquerade", .place = EMIT_IN_MASQUERADE,
	  MATCHES(RANGES(PROTO, ONE(17)), BITS(MARK, 0x10000, 0x10000)),
	  ACTIONS(PORTS(MASQUERADE, 61000, 65095)),
	  .nft =
	    "ip protocol udp meta mark & 0x00010000 == 0x00010000 masquerade to "
	    ":61000-65095",
	  .iptables =
	    "-p udp -m mark --mark 0x10000/0x10000 -j MASQUERADE --to-ports "
	    "61000-65095" },
	{ .name = "masquerade any port", .place = EMIT_IN_MASQUERADE,
	  ACTIONS(PORTS(MASQUERADE, 0, 0)),
	  .nft = "masquerade",
	  .iptables = "-j MASQUERADE" },
	{ .name = "comment", ACTIONS(ACT(DROP)),
	  .rule.comment = "a plain one",
	  .nft = "drop comment \"a plain one\"",
	  .iptables = "-m comment --comment \"a plain one\" -j DROP" },
	{ .name = "comment with quotes", ACTIONS(ACT(DROP)),
	  .rule.comment = "say \"a\" \\ $b # *",
	  .nft = "drop comment \"say 'a' \\ $b # *\"",
	  .iptables = "-m comment --comment \"say \\\"a\\\" \\\\ $b # *\" -j DROP" },
	{ .name = "comment with control bytes", ACTIONS(ACT(DROP)),
	  .rule.comment = "a\nb\177c",
	  .nft = "drop comment \"a?b?c\"",
	  .iptables = "-m comment --comment \"a?b?c\" -j DROP" },
	{ .name = "comment of 127 bytes", ACTIONS(ACT(DROP)),
	  .rule.comment =
	    "1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 "
	    "1234567 1234567 1234567 1234567 1234567 1234567 1234567",
	  .nft =
	    "drop comment \"1234567 1234567 1234567 1234567 1234567 1234567 1234567 "
	    "1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 "
	    "1234567\"",
	  .iptables =
	    "-m comment --comment \"1234567 1234567 1234567 1234567 1234567 1234567 "
	    "1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 "
	    "1234567\" -j DROP" },
	{ .name = "comment of 128 bytes", ACTIONS(ACT(DROP)),
	  .rule.comment =
	    "1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 "
	    "1234567 1234567 1234567 1234567 1234567 1234567 12345678",
	  .nft =
	    "drop comment \"1234567 1234567 1234567 1234567 1234567 1234567 1234567 "
	    "1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 "
	    "1234...\"",
	  .iptables =
	    "-m comment --comment \"1234567 1234567 1234567 1234567 1234567 1234567 "
	    "1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 "
	    "12345678\" -j DROP" },
	{ .name = "comment of 255 bytes", ACTIONS(ACT(DROP)),
	  .rule.comment =
	    "1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 "
	    "1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 "
	    "1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 "
	    "1234567 1234567 1234567 1234567 1234567",
	  .nft =
	    "drop comment \"1234567 1234567 1234567 1234567 1234567 1234567 1234567 "
	    "1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 "
	    "1234...\"",
	  .iptables =
	    "-m comment --comment \"1234567 1234567 1234567 1234567 1234567 1234567 "
	    "1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 "
	    "1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 "
	    "1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567\" -j "
	    "DROP" },
	{ .name = "comment of 256 bytes", ACTIONS(ACT(DROP)),
	  .rule.comment =
	    "1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 "
	    "1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 "
	    "1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 "
	    "1234567 1234567 1234567 1234567 12345678",
	  .nft =
	    "drop comment \"1234567 1234567 1234567 1234567 1234567 1234567 1234567 "
	    "1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 "
	    "1234...\"",
	  .iptables =
	    "-m comment --comment \"1234567 1234567 1234567 1234567 1234567 1234567 "
	    "1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 "
	    "1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 "
	    "1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234...\" -j "
	    "DROP" },
	{ .name = "comment cut within a character", ACTIONS(ACT(DROP)),
	  .rule.comment =
	    "1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 "
	    "1234567 1234567 1234567 1234567 1234567 1234567 123é 89",
	  .nft =
	    "drop comment \"1234567 1234567 1234567 1234567 1234567 1234567 1234567 "
	    "1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 123...\"",
	  .iptables =
	    "-m comment --comment \"1234567 1234567 1234567 1234567 1234567 1234567 "
	    "1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 "
	    "123é 89\" -j DROP" },
};

const size_t emit_cases_count = FW_COUNT(emit_cases);
