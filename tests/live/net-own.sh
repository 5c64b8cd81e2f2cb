#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: nft xtables
#
# What masquerading leaves alone, and what it follows: packets of the gateway itself keep
# their port, and a flow goes on with the new address when the gateway gets another.
#
#	client 10.1.0.2 - eth1 gateway ppp0 203.0.113.5 - 203.0.113.6 server
. tests/lib/network.sh
. tests/lib/suite.sh
export PATH=$PWD/$BUILD/bin:$PATH IPFWADM_BACKEND=$BACKEND
client=10.1.0.2 us=203.0.113.5 new=203.0.113.9 server=203.0.113.6

host_add client
host_add server
link_add client eth1 10.1.0.1/16 $client/16
link_add server ppp0 $us/24 $server/24
client ip route add default via 10.1.0.1
ip route add default via $server
sysctl -qw net.ipv4.conf.all.promote_secondaries=1 net.ipv4.conf.ppp0.promote_secondaries=1
server nft -f - <<END
table ip seen {
	chain in {
		type filter hook prerouting priority -400
		udp dport 4500 ip saddr $us udp sport { 500, 5060, 61000 } counter comment "own"
		udp dport 53 ip saddr $client counter comment "inner"
		udp dport 53 ip saddr $us udp sport 61000-65095 counter comment "old"
		udp dport 53 ip saddr $new udp sport 61000-65095 counter comment "new"
	}
}
END

# sends NAME FROM PORT TO PORT: a datagram; NAME may be "command": from here
sends() {
	"$1" python3 -c 'import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((sys.argv[1], int(sys.argv[2])))
s.sendto(b"x", (sys.argv[3], int(sys.argv[4])))' "${@:2}"
}

# seen WHAT NUMBER: so many such packets have come to the server
seen() {
	[ "$(server nft list chain ip seen in |
		sed -n "s/.*packets \([0-9]*\) .*\"$1\".*/\1/p")" = "$2" ]
}

ipfwadm -F -p deny
ipfwadm -F -a m -W ppp0 -S 0/0
for port in 500 5060 61000; do
	ok "the gateway sends from port $port" sends command $us $port $server 4500
done
ok "with these ports" wait_until seen own 3
ok "and has no masqueraded connections" test -z "$(ipfwadm -M -l -n | tail -n +3)"

ok "the client sends" sends client $client 5000 $server 53
ok "masqueraded" wait_until seen old 1
ip addr add $new/24 dev ppp0
ip addr del $us/24 dev ppp0
ip route replace default via $server
ok "the same flow, after the address has changed" sends client $client 5000 $server 53
ok "has the new address" wait_until seen new 1
ok "and not the old one" seen old 1
ip addr add $us/24 dev ppp0
ip addr del $new/24 dev ppp0
ip route replace default via $server
ok "once more" sends client $client 5000 $server 53
ok "and back again" wait_until seen old 2
ok "nothing was let out as it came" seen inner 0
suite_end
