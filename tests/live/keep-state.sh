#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: nft xtables
#
# Connections that --keep-state has remembered go on whatever happens to the rules,
# until they end; new ones are asked.
#
#	client 10.1.0.2 - eth1 gateway ppp0 203.0.113.5 - 203.0.113.6 server
. tests/lib/network.sh
. tests/lib/suite.sh
export PATH=$PWD/$BUILD/bin:$PATH IPFWADM_BACKEND=$BACKEND
inner=10.1.0.0/16 us=203.0.113.5 server=203.0.113.6
connections='web=tcp:5001:80 proxied=tcp:5002:8080 plain=tcp:5003:25 names=udp:5004:53'

# what is not masqueraded has an answer, too
network_make() {
	gateway_make
	server ip route add default via $us
}

cat >"$scratch/stateful" <<END
-I -p deny
-O -p deny
-F -p deny
-I -a accept -W eth1 -P tcp -S $inner -D 0.0.0.0/0 8080 -r 3128 --keep-state
-I -a accept -W eth1 -S $inner
-F -a masquerade -P tcp -S $inner -D 0.0.0.0/0 80 --keep-state
-F -a accept -S $inner --keep-state
-O -a accept -W ppp0 --state new
END

cat >"$scratch/closed" <<END
-I -p deny
-O -p deny
-F -p deny
END

all_echo() {
	local name
	for name in web proxied plain names; do
		echoes $name || { echo "$name does not"; return 1; }
	done
}

none_echoes() {
	local name
	for name in web proxied plain names; do
		! echoes $name || { echo "$name does"; return 1; }
	done
}

refused() {
	! client tests/lib/echo.py try $server "$1"
}

all_refused() {
	refused tcp:5011:80 && refused tcp:5012:8080 && refused tcp:5013:25 &&
		refused udp:5014:53
}

# Do our rules look at connections at all?
tracks() {
	in_force | grep -q -e '\<ct ' -e conntrack -e connmark -e CONNMARK
}

untampered() {
	[ -z "$(ipfwadm -I -l 2>&1 >"$scratch/list")" ]
}

masquerade_ports() {
	ipfwadm -M -l -n | grep -o '500[0-9].*'
}

network_make
tests/lib/echo.py serve tcp:3128 &
server tests/lib/echo.py serve tcp:80 tcp:25 udp:53 &
wait_until listens server 80 25 53
wait_until listens command 3128

ok "rules that keep state load" ipfwadm load "$scratch/stateful"
# shellcheck disable=SC2086 # words on purpose
talk_begin client $server $connections
ok "connections are made" talk_is_ready
ports=$(masquerade_ports)
ok "one is masqueraded" test "$(wc -l <<<"$ports")" = 1

ok "rules that let nothing pass replace them" ipfwadm load "$scratch/closed"
ok "no rule keeps state" eval '! ipfwadm save | grep keep-state'
ok "the connections go on" all_echo
ok "with the same masquerade port" test "$(masquerade_ports)" = "$ports"
ok "new ones are refused" all_refused
ok "all of it is as it should be" untampered

for edit in '-I -a deny -S 192.0.2.1' '-A -a -b' '-F -p reject' '-F -p deny' \
	'-F -a masquerade -S 192.0.2.1' '-F -f' '-I -d deny -S 192.0.2.1' refresh; do
	# shellcheck disable=SC2086 # words on purpose
	ok "ipfwadm $edit" ipfwadm $edit
done
ok "they go on after single changes" all_echo
ok "new ones are refused still" all_refused
ok "all of it is as it should be after single changes" untampered
ipfwadm save >"$scratch/saved"
ok "what was saved loads" ipfwadm load "$scratch/saved"
ok "they go on after that" all_echo

ok "one of them is ended" ipfwadm -T -d -P tcp -D $server 25
ok "and only that" eval '! echoes plain && echoes web && echoes proxied && echoes names'
ok "all are ended" ipfwadm -T -f
ok "none goes on" none_echoes
ok "nothing looks at connections any more" eval '! tracks'
ok "all of it is as it should be at the end" untampered

# single commands, and connections that end by themselves
ipfwadm load "$scratch/stateful"
ok "a connection, and its rule goes" eval "
	client tests/lib/echo.py try $server udp:5021:53 &&
	ipfwadm -F -d accept -S $inner --keep-state"
ok "others still keep state, so all are honoured" \
	client tests/lib/echo.py try $server udp:5021:53
ok "a new one is refused" refused udp:5022:53
ipfwadm -F -f
ipfwadm -I -f
ok "the last such rule is gone, it is honoured" \
	client tests/lib/echo.py try $server udp:5021:53
ipfwadm -T -d -P udp
ok "it has ended" refused udp:5021:53
ipfwadm -T -d -P tcp
ipfwadm -O -f
ok "the next change takes away what looked for it" eval '! tracks'

# one may begin at the very moment when the rules go
begins_late() {
	local pid round
	for round in 1 2 3 4 5 6 7 8; do
		ipfwadm load "$scratch/stateful"
		ipfwadm -T -f
		client tests/lib/echo.py many $server 53 &
		pid=$!
		until ipfwadm -T -l -n | grep -q ' -> 53$'; do :; done
		ipfwadm load "$scratch/closed"
		wait $pid || return
	done
}
ok "connections that begin while rules are replaced" begins_late

# who has never kept state has no tracking
case $BACKEND in
nft) nft delete table ip ipfwadm ;;
xtables) printf '*%s\nCOMMIT\n' raw mangle nat filter | iptables-legacy-restore ;;
esac
ipfwadm load "$scratch/closed"
ipfwadm -I -a accept -P tcp -y
ok "plain rules do not look at connections" eval '! tracks'
suite_end
