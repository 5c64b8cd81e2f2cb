#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: nft xtables
#
# Connections of real programs through a masquerading gateway: -M -l and -T -l show
# them, -T -d and -T -f end them.
#
#	client 10.1.0.2 - eth1 gateway ppp0 203.0.113.5 - 203.0.113.6 server
. tests/lib/network.sh
. tests/lib/suite.sh
export IPFWADM_BACKEND=$BACKEND
program=$BUILD/bin/ipfwadm
[ ! -x "$ASAN/bin/ipfwadm" ] || program=$ASAN/bin/ipfwadm
server=203.0.113.6 us=203.0.113.5 client=10.1.0.2

network_make() {
	gateway_make
	echo 1 >/proc/sys/net/netfilter/nf_conntrack_acct
}

# rows COMMAND...: of a listing, without what changes: expiry, masquerade ports
rows() {
	"$program" "$@" | tail -n +3 | sed -E 's/[0-9]+:[0-9]{2}\.[0-9]{2} +//; s/ +/ /g
		s/id [0-9]+ \([0-9]+\)/id N (N)/; s/\((6[1-5][0-9]{3})\)/(M)/' | sort
}

shows() {
	local expected=$1
	shift
	ok "$* shows them" diff <(printf '%s' "$expected" | sort) <(rows "$@")
}

network_make
"$program" -F -p deny
"$program" -F -a masquerade -W ppp0 -S 10.1.0.0/16
"$program" -I -a accept -P tcp -W eth1 -D 0.0.0.0/0 8080 -r 3128
tests/lib/echo.py serve tcp:3128 &
server tests/lib/echo.py serve tcp:80 tcp:25 udp:53 &
wait_until listens server 80 25 53
wait_until listens command 3128
talk_begin client $server web=tcp:5001:80 mail=tcp:5002:25 names=udp:5003:53 \
	proxied=tcp:5004:8080
ok "the client is connected" talk_is_ready
ok "ping" client ping -q -c 2 -i 0.2 $server

web="tcp established $client $server 5001 (M) -> 80
"
mail="tcp established $client $server 5002 (M) -> 25
"
names="udp established $client $server 5003 (M) -> 53
"
ping="icmp established $client $server 8 id N (N)
"
proxied="tcp established $client $server 5004 -> 8080 => 3128
"
shows "$web$mail$names$ping$proxied" -T -l -n
shows "$web$mail$proxied" -T -l -n -P tcp
shows "$web" -T -l -n -P tcp -D $server 80
shows "$web$mail" -T -l -n -P tcp -S 10.1.0.0/16 5001:5002
shows "$names" -T -l -n -P udp
shows "$ping" -T -l -n -P icmp -S $client 8
shows '' -T -l -n -S $server
ok "names are shown" grep -q ' 5003 (.*) -> domain$' <("$program" -T -l -P udp)

ok "masqueraded ones alone in the layout of 2.3.0" \
	diff <(printf '%s\n' "tcp $client $server 5001 (M) -> 80" \
		"tcp $client $server 5002 (M) -> 25" "udp $client $server 5003 (M) -> 53") \
	<(rows -M -l -n | grep -v icmp)
ok "the same masquerade ports in both listings" \
	diff <("$program" -M -l -n | grep -o '500[123] .*' | sort) \
	<("$program" -T -l -n | grep -o '500[123] .*' | sort)

# 2 echo requests and answers of 84 bytes
ok "packets and bytes both ways" grep -Eq '^    4   336 icmp' <("$program" -T -l -n -e)
ok "exact counters" grep -Eq '^       4        336 icmp' <("$program" -T -l -n -e -x)
ok "JSON tells all" python3 -c '
import json, sys
c = [c for c in json.load(sys.stdin)["tracked_connections"] if c["source_port"] == 5004][0]
assert c["protocol"] == "tcp" and c["state"] == "established", c
assert c["source"] == "10.1.0.2" and c["destination_port"] == 8080, c
assert c["redirect_port"] == 3128 and "masquerade_port" not in c, c
assert 0 < c["expires_seconds"] <= 432000 and c["sent"]["packets"] >= 3, c
' < <("$program" --json -T -l -P tcp)

rules=$(in_force)
ended=$("$program" -T -d -v -P tcp -D $server 25)
ok "-v tells what is ended: $ended" grep -q "^tcp .* 5002 (.*) -> 25\$" <<<"$ended"
shows "$web$names$ping$proxied" -T -l -n
ok "others go on" echoes web
ok "others go on, UDP" echoes names
ok "none to end is no mistake" "$program" -T -d -P tcp -D $server 99
"$program" -T -d -S $client
shows '' -T -l -n
ok "a new connection" client ping -q -c 1 $server
ok "is listed" grep -q icmp <("$program" -T -l)
ok "all are ended" "$program" -T -f
ok "none is left" test "$("$program" -T -l)" = 'IP tracked connections'
ok "JSON of none" test "$("$program" --json -T -l)" = \
	'{"version": 1, "tracked_connections": []}'
ok "rules are as before" test "$rules" = "$(in_force)"

seconds() {
	"$program" -T -s | awk -v name="$1" '$1 == name { print $2 }'
}
sysctl=/proc/sys/net/netfilter/nf_conntrack
ok "timeouts are set" "$program" -T -s tcp-fin-wait 33 udp-stream 44 icmp 5
ok "tcp-fin-wait" test "$(cat ${sysctl}_tcp_timeout_fin_wait) $(seconds tcp-fin-wait)" = '33 33'
ok "udp-stream" test "$(cat ${sysctl}_udp_timeout_stream) $(seconds udp-stream)" = '44 44'
ok "every timeout is shown" test "$(ls ${sysctl}_*_timeout* | grep -vcE 'icmpv6|frag6')" = \
	"$("$program" -T -s | tail -n +3 | grep -vc '^fragments ')"
ok "incomplete datagrams have one" test "$(seconds fragments)" = 30
ok "it is set" "$program" -T -s fragments 7
ok "it is IP's" test "$(cat /proc/sys/net/ipv4/ipfrag_time) $(seconds fragments)" = '7 7'
for name in syn-sent syn-recv established fin-wait close-wait last-ack time-wait close \
	max-retrans unacknowledged; do
	ok "tcp-$name is set" "$program" -T -s tcp-$name 123
	ok "and shown" test "$(cat ${sysctl}_tcp_timeout_${name//-/_}) $(seconds tcp-$name)" = \
		'123 123'
done
for name in udp udp-stream icmp gre gre-stream generic; do
	ok "$name is set" "$program" -T -s $name 124
	ok "and shown" test "$(seconds $name)" = 124
done
ok "they are set back" "$program" -T -s tcp-established 432000 udp 30 icmp 5
ok "the kernel has no tcp-syn-sent2" grep -q "no timeout 'tcp-syn-sent2'" \
	<("$program" -T -s tcp-syn-sent2 7 2>&1)
ok "an unknown name is told" grep -q "no timeout 'icpm'; did you mean 'icmp'" \
	<("$program" -T -s udp 7 icpm 7 2>&1)
ok "and nothing is set" test "$(seconds udp)" = 30
ok "what the kernel refuses is told" grep -q "cannot set timeout 'udp' to 2147483647" \
	<("$program" -T -s icmp 6 udp 2147483647 2>&1)
ok "and the others stay" test "$(seconds icmp)" = 5
client ping -q -c 1 $server >/dev/null
ok "a timeout is heeded" grep -Eq '^icmp established 00:0[0-5]' <("$program" -T -l)

# what others have: connections of IPv6 are none of ours, those of a zone are
nft -f - <<-END
	table inet other {
		chain out {
			type filter hook output priority -300
			ip daddr 127.0.0.7 ct zone set 7
		}
		chain in {
			type filter hook prerouting priority -300
			ip daddr 127.0.0.7 ct zone set 7
		}
		chain track {
			type filter hook input priority 0
			ct state new accept
		}
	}
END
"$program" -T -f
ping -q -c 1 ::1 >/dev/null
ping -q -c 1 127.0.0.7 >/dev/null
ok "one of a zone is listed" grep -q ' 127.0.0.7 ' <("$program" -T -l -n)
"$program" -T -d -D 127.0.0.7
ok "and ended" test "$("$program" -T -l)" = 'IP tracked connections'
"$program" -T -f
ok "that of IPv6 stays" test "$(cat ${sysctl}_count)" = 1

unprivileged() {
	setpriv --bounding-set=-net_admin --inh-caps=-net_admin "$program" "$@" 2>&1
}
for command in -l -f '-d -P tcp' '-l --follow'; do
	# shellcheck disable=SC2086 # words on purpose
	ok "without CAP_NET_ADMIN -T $command names it" grep -q 'need CAP_NET_ADMIN' \
		<(unprivileged -T $command)
done
suite_end
