#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: nft xtables
#
# Rules in force follow the interfaces: ipfwadm refresh, and the hooks that call it.
#
#	neighbour 10.1.0.2 - eth0 10.1.0.1, and 10.2.0.2 - eth1 10.2.0.1
. tests/lib/network.sh
. tests/lib/suite.sh
export PATH=$PWD/$BUILD/bin:$PATH IPFWADM_BACKEND=$BACKEND

network_make() {
	host_add neighbour
	link_add neighbour eth0 10.1.0.1/24 10.1.0.2/24 eth0
	link_add neighbour eth1 10.2.0.1/24 10.2.0.2/24 eth1
}

# the number of the rules' generation: every transaction makes a new one
generation_nft() {
	python3 - <<-END
		import socket
		import struct
		link = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
		link.send(struct.pack("=IHHIIBBH", 20, 10 << 8 | 16, 1, 1, 0, 0, 0, 0))
		print(struct.unpack_from(">I", link.recv(4096), 24)[0])
	END
}

# or how often our programs have replaced a table
generation_xtables() {
	wc -c <"$IPTABLES_REPLACED"
}

replacements_count() {
	cc -shared -fPIC -D_GNU_SOURCE -o "$scratch/fails.so" tests/lib/preload/iptables_fails.c
	export IPTABLES_REPLACED=$scratch/replaced LD_PRELOAD=$scratch/fails.so
	: >"$IPTABLES_REPLACED"
}

# changes NUMBER COMMAND...: it takes that many transactions
changes() {
	local before number=$1
	before=$(generation_$BACKEND)
	shift
	"$@" && [ -n "$before" ] && [ $(($(generation_$BACKEND) - before)) = "$number" ]
}

# the packets that an input rule has counted, by its place
counted() {
	ipfwadm save --counters | sed -n 's/^\[\([0-9]*\):[0-9]*\] -I .*/\1/p' | sed -n "$1p"
}

# counts RULE NUMBER ADDRESS: pings there are counted so many times
counts() {
	local before
	before=$(counted "$1")
	neighbour ping -q -n -c 3 -i 0.1 -W 1 "$3" >/dev/null &&
		[ $(($(counted "$1") - before)) = "$2" ]
}

hook() {
	sed "s,^PATH=.*,PATH=$PATH," packaging/hooks/ipfwadm >"$scratch/hook"
	env -u IPFWADM_BACKEND "$@" sh "$scratch/hook"
}

network_make
[ $BACKEND = nft ] || replacements_count
ok "without rules there is nothing to do" changes 0 ipfwadm refresh
ok "and no table comes of it" test -z "$(in_force)"

nft 'table ip other { chain c { type filter hook input priority 0; counter; }; }'
ipfwadm -A in -a -W eth0
ipfwadm -I -a accept -P icmp -V 10.9.0.1
ipfwadm -I -a accept -P icmp -W eth0:1
ipfwadm -I -a accept -P icmp
ok "nobody has the address: the rule matches nothing" counts 1 0 10.1.0.1
ok "the next but one does" counts 3 3 10.1.0.1
ok "nothing has changed, so refresh changes nothing" changes 0 ipfwadm refresh

ip addr add 10.9.0.1/32 dev eth0
kept=$(counted 3)
ok "an address comes: one transaction" changes 1 ipfwadm refresh
ok "the other rule's counter is kept" test "$(counted 3)" = "$kept"
ok "the accounting rule's, too" test \
	"$(ipfwadm save --counters | sed -n 's/^\[\(.*\):.*-A .*/\1/p')" -gt 0
ok "the rule matches" counts 1 3 10.1.0.1
ok "but not elsewhere" counts 1 0 10.2.0.1
ok "a second refresh changes nothing" changes 0 ipfwadm refresh
ok "nor does one that comes with an address nobody asks for" eval \
	'ip addr add 10.8.0.1/32 dev eth0 && changes 0 ipfwadm refresh'

kept=$(counted 1)
ip addr del 10.9.0.1/32 dev eth0
ip addr add 10.9.0.1/32 dev eth1
ok "a listing has its counter although it is another interface's" \
	test "$kept" -gt 0 -a "$(counted 1)" = "$kept"
ok "the address moves: one transaction" changes 1 ipfwadm refresh
ok "the rule has kept its counter" test "$(counted 1)" = "$kept"
ok "it matches there" counts 1 3 10.2.0.1
ok "and here no more" counts 1 0 10.1.0.1
ok "a second refresh changes nothing" changes 0 ipfwadm refresh

ip addr add 10.1.0.9/24 dev eth0 label eth0:1
ok "an alias comes: one transaction" changes 1 ipfwadm refresh
ok "it receives what is sent to it" counts 2 3 10.1.0.9
ok "and nothing else" counts 2 0 10.1.0.1

ip addr del 10.9.0.1/32 dev eth1
ok "the address goes; a hook sees to it" changes 1 hook IFACE=eth1
ok "the rule matches nothing" counts 1 0 10.2.0.1
ok "the hook has nothing to do" changes 0 hook IFACE=eth1
ip addr add 10.9.0.1/32 dev eth1
ok "it leaves the rules to the simulator" changes 0 hook IPFWADM_BACKEND=sim
ok "it says nothing" test -z "$(hook IFACE=eth1 2>&1)"
ok "and has done it" changes 0 ipfwadm refresh
ok "the rule matches again" counts 1 3 10.2.0.1

ok "the rules are the same as ever" diff - <(ipfwadm save | grep -- '^-[AI] .*-a') <<END
-A in -a -W eth0
-I -a accept -P icmp -V 10.9.0.1
-I -a accept -P icmp -W eth0:1
-I -a accept -P icmp
END
ok "and what others have, too" test "$(nft list table ip other | grep -c counter)" = 1

# packets that come while rules are made anew for other interfaces
no_packet_lost() {
	local before pid device=eth1 other=lo
	before=$(counted 3)
	neighbour ping -q -n -f -c 3000 -W 1 10.1.0.1 >"$scratch/ping" &
	pid=$!
	while kill -0 $pid 2>/dev/null; do
		ip addr del 10.9.0.1/32 dev $device
		ip addr add 10.9.0.1/32 dev $other
		ipfwadm refresh || return
		read -r device other <<<"$other $device"
	done
	echo "$before $(counted 3) $(grep transmitted "$scratch/ping")"
	[ $(($(counted 3) - before)) = \
		"$(sed -n 's/ packets transmitted.*//p' "$scratch/ping")" ]
}
[ $BACKEND != nft ] || ok "no packet of other rules is lost" no_packet_lost

case $BACKEND in
nft) nft add rule ip ipfwadm input counter drop ;;
xtables) iptables-legacy -t mangle -A ipfw-input -j DROP ;;
esac
ok "a rule that others have added goes" changes 1 ipfwadm refresh
ok "and the others stay" test "$(in_force | grep -c 'comment "-I')" = 3
suite_end
