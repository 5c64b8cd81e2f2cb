#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# diff of rule sets that iptables and nft have written: a firewall that was carried over by
# hand to both of them, with each of the mistakes that are made then; lists of 2.0; what is
# not known; and what is refused, with its place.
. tests/lib/suite.sh

dir=tests/cases/diff-filters
ipfwadm=$ASAN/bin/ipfwadm

# differs STATUS A B TEXT...: diff ends so, and prints lines with these texts
differs() {
	local wanted=$1 text status
	"$ipfwadm" diff "$2" "$3" >"$scratch/out" 2>"$scratch/err"
	status=$?
	for text in "${@:4}"; do
		grep -qF -e "$text" "$scratch/out" "$scratch/err" || status="no '$text'"
	done
	[ "$status" = "$wanted" ] || ! cat "$scratch/out" "$scratch/err" <(echo "status: $status")
}

# mistake NAME SED TEXT...: in the rules of iptables, against the right ones of nft
mistake() {
	sed "$2" $dir/right.iptables >"$scratch/wrong"
	ok "mistake: $1" test "$(cmp "$scratch/wrong" $dir/right.iptables)"
	ok "named: $1" differs 1 $dir/right.nft "$scratch/wrong" "${@:3}"
}

ok 'the right ones are alike' differs 0 $dir/right.iptables $dir/right.nft \
	'input: alike for every packet' 'forward: alike for every packet' \
	'output: alike for every packet'
mistake 'ACK is forgotten' '/INPUT -i ppp0 -p tcp.*RST,ACK/s/ ! --tcp-flags RST,ACK NONE//' \
	'input: differs' ' SYN, arrives on ppp0' "accepted" 'policy of inet filter input'
mistake 'the order is wrong' '/-A INPUT -i ppp0 -j spoofed/d
	/-A INPUT -p icmp/i -A INPUT -i ppp0 -j spoofed' \
	'input: differs' 'tcp 127.' 'arrives on ppp0' 'inet filter outside' '-j ACCEPT'
mistake 'a mask is inverted' 's,INPUT -s 192.168.1.0/24,INPUT -s 0.0.0.7/0.0.0.255,' \
	'input: differs' 'tcp 192.168.1.' 'arrives on eth0' 'policy of filter INPUT'
mistake 'a filter knows the port from before NAT' \
	'/-A INPUT -s 192/s/ -j/ -p tcp --dport 80 -j/' \
	'input: differs' 'redirected, to port 3128' 'policy of filter INPUT'
mistake 'a source is translated before it is filtered' \
	's/-A POSTROUTING -s 192.168.1.0.24/-A POSTROUTING/' \
	'output: differs' 'masqueraded' 'leaves by ppp0'
mistake 'nobody is masqueraded' '/MASQUERADE/d' \
	'forward: differs' 'leaves by ppp0' 'masqueraded' 'ip nat postrouting'
mistake 'an interface is the other one' '/FORWARD -s 192/s/-i eth0 -o ppp0/-i ppp0 -o eth0/' \
	'forward: differs' 'arrives on eth0, leaves by ppp0' 'policy of filter FORWARD'
mistake 'source and destination are exchanged' '/FORWARD -i ppp0.*udp/s/--sport/--dport/
	/FORWARD -d.*udp/s/--sport/--dport/' 'forward: differs' 'udp ' 'policy of filter FORWARD'
mistake 'a port is left out of a range' 's/INPUT\(.*\)--dport 1024:/INPUT\1--dport 1025:/' \
	'input: differs' ':1024 ' 'policy of filter INPUT'
mistake 'a policy is accept' 's/:FORWARD DROP/:FORWARD ACCEPT/' \
	'forward: differs' 'policy of inet filter forward' 'policy of filter FORWARD'
mistake 'a RETURN is an ACCEPT' 's/-j RETURN/-j ACCEPT/' \
	'input: differs' 'tcp 203.0.113.66:' '-s 203.0.113.66/32 -j ACCEPT'
mistake 'the type of service is not set' '/--set-tos/d' \
	'forward: differs' ':23 ' 'type of service becomes 0x'
mistake 'a rejection is silent' 's/-j REJECT --reject-with icmp-host.*/-j DROP/' \
	'output: differs' 'rejected' 'denied' '10.'

# the same as lists of 2.0, without what these know of masquerading and local packets
cat >"$scratch/lists" <<'END'
-I -p deny
-I -a accept -W lo
-I -a deny -S 10.0.0.0/8 -W eth0
-I -a accept -P tcp -k -W eth0
-I -a accept -P tcp -D 0/0 22 25 1000:1010
-I -a accept -P icmp -S 0/0 8
-F -p accept
-O -p accept
-O -a reject -P udp -D 0/0 53 -W eth0
-O -a accept -P tcp -D 0/0 23 -t 0x01 0x10
END
cat >"$scratch/chains" <<'END'
*mangle
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -p tcp --dport 23 -j TOS --set-tos 0x10/0xfe
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:in - [0:0]
[3:180] -A INPUT -j in
-A in -i lo -j ACCEPT
-A in -s 10.0.0.0/8 -i eth0 -j DROP
-A in -i eth0 -p tcp -m tcp ! --tcp-flags ACK,RST NONE -j ACCEPT
-A in -p tcp -m multiport --dports 22,25,1000:1010 -j ACCEPT
-A in -p icmp -m icmp --icmp-type 8 -j ACCEPT
-A FORWARD -j in
-A FORWARD -j DROP
-A FORWARD -o eth0 -p udp -m udp --dport 53 -j ACCEPT
-A OUTPUT -o eth0 -p udp -m udp --dport 53 -m comment --comment "no names" -j REJECT
COMMIT
END
sed 's/-A FORWARD -j DROP//; s/:FORWARD ACCEPT/:FORWARD DROP/' "$scratch/chains" |
	sed 's/^-A FORWARD -j in/-A FORWARD -o eth0 -p udp --dport 53 -g udp/
	s/^-A FORWARD -o eth0 -p udp -m udp.*/-A FORWARD -j in/
	s/^:in - .*/&\n:udp - [0:0]\n:out - [0:0]/
	s/^-A OUTPUT -o/-A udp -i lo -j REJECT\n-A udp -s 10.0.0.0\/8 -i eth0 -j DROP\n-A udp -j DROP\n&/' \
	>"$scratch/alike"
ok 'lists of 2.0 and chains' differs 0 "$scratch/lists" "$scratch/alike"
sed -i '/-A in -p icmp/d' "$scratch/alike"
ok 'lists of 2.0, and one rule is missing' differs 1 "$scratch/lists" "$scratch/alike" \
	'input rule 5 (line 6): -I -a accept -P icmp' 'forward: differs' 'type 8 code 0'
ok 'another level' test "$("$ipfwadm" diff --level counters "$scratch/lists" \
	"$scratch/alike" 2>&1; echo $?)" = "$ipfwadm: rules of iptables and nft are compared \
by verdict or packet
2"

# table RULE...: a table filter with these rules
table() {
	printf '%s\n' '*filter' ':INPUT DROP [0:0]' ':FORWARD ACCEPT [0:0]' \
		':OUTPUT ACCEPT [0:0]' ':a - [0:0]' ':b - [0:0]' "$@" COMMIT
}
table '-A INPUT -m limit --limit 5/sec -j ACCEPT' >"$scratch/one"
table '-A INPUT -m limit --limit 6/sec -j ACCEPT' >"$scratch/two"
ok 'what is not known may match or not' differs 5 "$scratch/one" "$scratch/two" \
	'input: undecided' 'limit --limit' 'output: alike for every packet'
ok 'it is the same if the file is' differs 0 "$scratch/one" "$scratch/one"
table '-A INPUT -m limit --limit 6/sec -j DROP' >"$scratch/two"
table >"$scratch/none"
ok 'both readings agree' differs 0 "$scratch/two" "$scratch/none"
table '-A INPUT -m addrtype --dst-type LOCAL -j ACCEPT' >"$scratch/one"
table '-A INPUT -m addrtype --dst-type LOCAL -j a' '-A a -j ACCEPT' >"$scratch/two"
ok 'what depends on the packet alone is shared' differs 0 "$scratch/one" "$scratch/two"
for match in 'set --match-set hosts src' 'string --string GET --algo bm' 'u32 --u32 0=1'; do
	table "-A INPUT -m $match -j ACCEPT" >"$scratch/one"
	table "-A INPUT -m $match -j a" '-A a -j ACCEPT' >"$scratch/two"
	ok "what may change on its way is not: $match" differs 5 "$scratch/one" "$scratch/two" \
		"input: undecided because of what is not known: line 7 of the second: $match"
done
ok 'a difference in spite of it' differs 1 "$scratch/none" \
	<(table '-A INPUT -p udp -j ACCEPT' '-A INPUT -m limit --limit 1/sec -j ACCEPT')

ok 'an inverted source' differs 0 <(table '-A INPUT ! -s 10.0.0.0/8 -j ACCEPT') \
	<(table '-A INPUT -s 10.0.0.0/8 -j DROP' '-A INPUT -j ACCEPT')
nat=$'*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -m state --state'
ok 'nat sees first packets only' differs 0 "$scratch/none" \
	<(table; printf '%s\n' "$nat ESTABLISHED -j REDIRECT" COMMIT)
ok 'and those it sees' differs 1 <(table '-A INPUT -j ACCEPT') \
	<(table '-A INPUT -j ACCEPT'; printf '%s\n' "$nat NEW -j REDIRECT" COMMIT) redirected

ok 'it sees none that is invalid' differs 1 <(printf '%s\n' '-I -p accept' '-F -p masquerade' \
	'-O -p accept') \
	<(printf '%s\n' '*nat' ':POSTROUTING ACCEPT [0:0]' '-A POSTROUTING -j MASQUERADE' COMMIT) \
	'invalid' ': masqueraded' ': accepted'

# rules and what dump makes of them; marks and states of connections are known there
for rules in packaging/examples/*.rules; do
	{ printf 'interface %s\n' 'eth0 192.0.2.1/24' 'eth1 192.168.1.1/24' 'ppp0 198.51.100.7/32'
	  grep -v '^interface' "$rules"; } >"$scratch/rules"
	"$ipfwadm" dump iptables "$scratch/rules" >"$scratch/dump" 2>/dev/null
	ok "its own dump: $rules" differs 0 "$scratch/rules" "$scratch/dump" \
		'forward: alike for every packet'
	sed -i 's/-p tcp -m tcp --dport 2[0-9] /&-s 10.77.0.0\/16 /' "$scratch/dump"
	ok "altered: $rules" test "$("$ipfwadm" diff "$scratch/dump" "$scratch/rules" \
		>/dev/null 2>&1; echo $?)" != "$(grep -q 10.77.0 "$scratch/dump"; echo $?)"
done

# refused TEXT LINE...: in a table filter
refused() {
	table "${@:2}" >"$scratch/bad"
	ok "refused: ${*:2}" differs 2 "$scratch/none" "$scratch/bad" "$scratch/bad:$1"
}
refused "7:22: unknown option '--fwmark'" '-A INPUT -s 10.0.0.1 --fwmark 3 -j ACCEPT'
refused "7:13: no chain, and no target that is known: 'NFQUEUE'" '-A INPUT -j NFQUEUE'
refused "7:13: not an address: 'example'" '-A INPUT -s example -j DROP'
refused "7:36: not a port: '70000'" '-A INPUT -p tcp -m tcp     --dport 70000 -j DROP'
refused "7:21: not known behind a target: '-s'" '-A INPUT -j DROP    -s 10.0.0.1'
refused "8: chain 'a': a circle of jumps" '-A a -j b' '-A b -j a'
refused "7: chain 'a': a circle of jumps" '-A a -g a'
refused "7:1: not a line of iptables-save: '-I'" '-I INPUT -j DROP'
refused "7:4: no such chain: 'c'" '-A c -j DROP'
refused "7:11: a quote is not closed" '-A INPUT  "a'

# json EXPR [SET]: a table of nft with one rule
json() {
	printf '{"nftables": [{"chain": {"family": "ip", "table": "t", "name": "c", "type": "filter",
	"hook": "input", "prio": 0, "policy": "drop"}}, %s{"rule": {"family": "ip", "table": "t",
	"chain": "c", "handle": 2, "expr": [%s]}}]}\n' "${2-}" "$1"
}
ok 'nft and iptables' differs 0 <(json '{"accept": null}') <(table '-A INPUT -j ACCEPT')
# json_set FLAGS: a rule that accepts from the one address of a set
json_set() {
	json '{"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}},
		"right": "@s"}}, {"accept": null}' \
		'{"set": {"family": "ip", "table": "t", "name": "s", "flags": '"$1"',
		"elem": ["10.0.0.1"]}}, '
}
for order in '<|0:999' '<=|0:1000' '>|1001:65535' '>=|1000:65535'; do
	ok "nft: ports ${order%|*} 1000" differs 0 \
		<(json '{"match": {"op": "'"${order%|*}"'", "left": {"payload": {"protocol": "tcp",
			"field": "dport"}}, "right": 1000}}, {"accept": null}') \
		<(table "-A INPUT -p tcp -m tcp --dport ${order#*|} -j ACCEPT")
done
table '-A INPUT -s 10.0.0.1 -j ACCEPT' >"$scratch/one"
ok 'nft: a set' differs 0 <(json_set '["constant"]') "$scratch/one"
for flags in '"timeout"' '"dynamic"' '["interval", "timeout"]'; do
	ok "nft: a set that changes: $flags" differs 5 <(json_set "$flags") "$scratch/one" '@s'
done
ok 'nft: flags of which none is set' differs 0 <(json '{"match": {"op": "!", "left": {"payload":
	{"protocol": "tcp", "field": "flags"}}, "right": ["syn", "ack"]}}, {"accept": null}') \
	<(table '-A INPUT -p tcp -m tcp --tcp-flags SYN,ACK NONE -j ACCEPT')
for op in '==|' '!=|! '; do
	ok "nft: the type of an address ${op%|*}" differs 0 <(json '{"match": {"op": "'"${op%|*}"'",
		"left": {"fib": {"result": "type", "flags": ["daddr"]}}, "right": "local"}},
		{"accept": null}') \
		<(table "-A INPUT -m addrtype ${op#*|}--dst-type LOCAL -j ACCEPT")
done
table '-A INPUT -m addrtype --dst-type LOCAL,MULTICAST -j ACCEPT' >"$scratch/one"
ok 'several types of an address are not known' differs 5 "$scratch/one" "$scratch/none" \
	'LOCAL,MULTICAST'
# table_flags FLAGS
table_flags() {
	json '{"accept": null}' '{"table": {"family": "ip", "name": "t", "flags": '"$1"'}}, '
}
table '-A INPUT -j ACCEPT' >"$scratch/one"
for flags in '"dormant"' '["dormant"]' '["owner", "dormant"]' '"t"'; do
	ok "nft: a table with flags $flags" differs 2 <(table_flags "$flags") "$scratch/one" \
		"nftables[1]: a table that may be dormant"
done
for flags in '"owner"' '["owner", "persist"]'; do
	ok "nft: a table with flags $flags" differs 0 <(table_flags "$flags") "$scratch/one"
done
json '{"counter": null}, {"queue": {"num": 3}}' >"$scratch/bad"
ok 'nft: an expression that is not known' differs 2 "$scratch/bad" "$scratch/none" \
	"$scratch/bad: nftables[1]: expr[1]: unknown expression: {\"queue\""
json '{"jump": {"target": "x"}}' >"$scratch/bad"
ok 'nft: a chain that is not there' differs 2 "$scratch/bad" "$scratch/none" 'no such chain'
json '{"match": {"op": "==", "left": {"meta": {"key": "mark"}}, "right": 3}}, {"accept": null}' \
	>"$scratch/one"
ok 'nft: a condition that is not known' differs 5 "$scratch/one" "$scratch/none" 'undecided'
echo '{"nftables": [' >"$scratch/bad"
ok 'nft: no JSON' differs 2 "$scratch/bad" "$scratch/none" "$scratch/bad:2:"
python3 -c 'print("{\"nftables\": " + "[" * 100000)' >"$scratch/bad"
ok 'nft: nested without end' differs 2 "$scratch/bad" "$scratch/none" "$scratch/bad:1:"
suite_end
