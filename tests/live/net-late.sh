#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: nft xtables
#
# Packets that a rule redirects or masquerades, but that the kernel cannot translate
# any more: they must not leave as they are.
#
#	client 10.1.0.2 - eth1 gateway ppp0 203.0.113.5 - 203.0.113.6 server
. tests/lib/network.sh
. tests/lib/suite.sh
export PATH=$PWD/$BUILD/bin:$PATH IPFWADM_BACKEND=$BACKEND
client=10.1.0.2 us=203.0.113.5 server=203.0.113.6

# what is not translated would have an answer, too
network_make() {
	gateway_make
	server ip route add default via $us
	server nft -f - <<-END
		table ip seen {
			counter resets { }
			counter inner { }
			chain in {
				type filter hook prerouting priority -400
				tcp flags rst counter name resets
				ip saddr $client counter name inner
			}
		}
	END
}

# seen WHAT: how many packets the server has seen since it was asked last
seen() {
	sleep 0.1
	server nft reset counter ip seen "$1" | sed -n 's/.*packets \([0-9]*\) .*/\1/p'
}

reset_send() {
	client tests/lib/tcp_packet.py $client 4000 "$1" "$2" R
}

# resets ADDRESS PORT NUMBER: one is sent, and so many come to the server
resets() {
	seen resets >"$scratch/forgotten"
	reset_send "$1" "$2" && [ "$(seen resets)" = "$3" ]
}

# packets that -r has let in but that were not redirected
delivered() {
	nft list counters table ip delivered | grep -o 'packets [0-9]*'
}

network_make
server tests/lib/echo.py serve tcp:80 tcp:8080 udp:53 &
tests/lib/echo.py serve tcp:3128 &
wait_until listens server 80 8080 53
wait_until listens command 3128

cat >"$scratch/open" <<-END
	-F -a accept --state new,established
	-F -a accept
END
cat >"$scratch/redirect" <<-END
	-I -a accept -P tcp -W eth1 -D 0.0.0.0/0 8080 -r 3128
	-I -a accept -P tcp -W eth1 -D 0.0.0.0/0 0 -r
END

### packets that no connection can begin with
ok "no rule" ipfwadm load "$scratch/open"
ok "a reset out of the blue goes through" resets $server 8080 1
ok "rules that redirect" ipfwadm load "$scratch/redirect"
ok "connections are redirected" client tests/lib/echo.py try $server tcp:5000:8080
ok "a reset out of the blue is not, and does not go through" resets $server 8080 0
ok "one to another port does" resets $server 80 1
ok "what redirecting does not concern does: port 0" resets $server 0 1
nft -f - <<-END
	table ip delivered {
		counter c { }
		chain c {
			type filter hook input priority 400
			tcp flags rst counter name c
		}
	}
END
reset_send 10.1.0.1 80
ok "one for us is delivered" test "$(delivered)" = "packets 1"
reset_send 10.1.0.1 8080
ok "but not if it were to be redirected" test "$(delivered)" = "packets 1"

### connections that began without
ipfwadm load "$scratch/open"
talk_begin client $server web=tcp:5001:8080 names=udp:5002:53
ok "connections are made" talk_is_ready
ok "nobody translates" test "$(seen inner)" -gt 0
ok "they echo" eval 'echoes web && echoes names'
ok "rules that redirect are loaded" ipfwadm load "$scratch/redirect"
seen inner >"$scratch/forgotten"
ok "an old connection does not go on" eval '! echoes web'
ok "and nothing of it goes through" test "$(seen inner)" = 0

talk_end
ipfwadm load "$scratch/open"
talk_begin client $server web=tcp:5003:80 names=udp:5004:53
ok "connections are made again" talk_is_ready
ok "masquerading is turned on" ipfwadm -F -i masquerade -W ppp0 -S 10.1.0.0/16
seen inner >"$scratch/forgotten"
ok "an old connection does not go on, TCP" eval '! echoes web'
ok "nor does UDP" eval '! echoes names'
ok "the address of the inside does not get out" test "$(seen inner)" = 0
ok "new connections do" client tests/lib/echo.py try $server tcp:5005:80
ok "new ones of UDP, too" client tests/lib/echo.py try $server udp:5006:53
ok "the old ones are ended" ipfwadm -T -d -S $client
ok "then they are masqueraded" echoes names
ok "still it does not get out" test "$(seen inner)" = 0
suite_end
