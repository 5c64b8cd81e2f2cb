#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: nft xtables
#
# Packet marks that another program sets, at every hook and in every bit of ours, decide
# nothing and stay.
#
#	client 10.1.0.2 - eth1 gateway ppp0 203.0.113.5 - 203.0.113.6 server
. tests/lib/network.sh
. tests/lib/suite.sh
export PATH=$PWD/$BUILD/bin:$PATH IPFWADM_BACKEND=$BACKEND
client=10.1.0.2 us=203.0.113.5 server=203.0.113.6

network_make() {
	gateway_make
	server ip route add default via $us
	server nft -f - <<-END
		table ip seen {
			counter inner { }
			counter ours { }
			chain in {
				type filter hook prerouting priority -400
				ip saddr $client counter name inner
				ip saddr $us counter name ours
			}
		}
	END
}

# pings HOST WHAT: HOST has an answer, and the server has seen WHAT, inner or ours
pings() {
	server nft reset counters table ip seen >"$scratch/forgotten"
	"$1" ping -q -c 1 -W 1 $server >"$scratch/ping" || return
	server nft list counter ip seen "$2" | grep -q 'packets 1 '
}

unanswered() {
	! "$1" ping -q -c 1 -W 0.3 $server >"$scratch/ping"
}

hooks='prerouting -301 -151 -149 -101
input -151 -1 300
forward -151 -149 -1 0
output -301 -151 -1
postrouting -151 -149 99 101'

# marks_set MARK: another program does, around each chain of ours
marks_set() {
	local hook priorities priority
	{
		printf 'table ip theirs\ndelete table ip theirs\ntable ip theirs {\n'
		while read -r hook priorities; do
			for priority in $priorities; do
				echo "chain ${hook}_${priority/-/m} {"
				echo "type filter hook $hook priority $priority;"
				echo "meta mark set $1; }"
			done
		done <<<"$hooks"
		echo "chain last { type filter hook postrouting priority 400;"
		echo "meta mark != $1 counter; }; }"
	} | nft -f -
}

# every packet left as it was marked
marks_stay() {
	! nft list chain ip theirs last | grep 'packets [1-9]'
}

# nothing that the client sends to the server is concerned by the others
accepting_load() {
	ipfwadm load - <<-END
		-F -p deny
		-F -a accept -P icmp -S 10.1.0.0/16 -D $server
		-F -a accept -P icmp -S $server -D 10.1.0.0/16
		-F -a masquerade -P udp -S 10.1.0.0/16
		-I -a reject -P tcp -D 0/0 113
		-I -a accept -P tcp -W eth1 -D 0/0 8080 -r 3128
		-O -a reject -P tcp -D 0/0 114
		-I -a accept -P tcp -D 0/0 115 --keep-state
	END
}

masquerading_load() {
	ipfwadm load - <<-END
		-F -p deny
		-F -a masquerade -S 10.1.0.0/16 -D $server
		-O -a reject -P tcp -D 0/0 114
	END
}

# a remembered connection would pass
denying_load() {
	ipfwadm load - <<-END
		-I -a accept -P tcp -D 0/0 115 --keep-state
		-I -a deny -W eth1 -P icmp
	END
}

network_make
for mark in 0x10000 0x20000 0x40000 0x80000 0x100000 0xff0000 0xffffffff; do
	ok "$mark is set" marks_set $mark
	ok "$mark: rules that accept" accepting_load
	ok "$mark: what is accepted leaves as it is" pings client inner
	ok "$mark: we send" pings command ours
	ok "$mark: it stays" marks_stay
	ok "$mark: rules that masquerade" masquerading_load
	ok "$mark: what is masqueraded is" pings client ours
	ok "$mark: that stays, too" marks_stay
	ok "$mark: rules that deny" denying_load
	ok "$mark: what is denied is" unanswered client
done
ok "no mark is left" marks_set 0
ok "rules that masquerade" masquerading_load
ok "what is masqueraded is" pings client ours
suite_end
