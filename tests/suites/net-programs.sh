#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Real programs through a masquerading gateway, with a set of rules as in 1996 and
# with one that keeps state.  Each program must work, and must fail without its
# rule.
#
#	client 10.1.0.2 - eth1 gateway ppp0 203.0.113.5 - 203.0.113.6 server
if [ "${1-}" != inside ]; then
	unshare -n nft list ruleset >/dev/null 2>&1 || {
		echo "SKIP no nftables in a network namespace here (root?)"
		echo "0 passed, 0 failed, 1 skipped"
		exit 77
	}
	# whatever ends this ends all of it: programs, namespaces and all
	exec unshare --net --mount --pid --fork --mount-proc --kill-child "$0" inside
fi
. tests/lib/suite.sh
servers=$PWD/tests/lib/net_servers.py
inner=10.1.0.0/16 server=203.0.113.6 us=203.0.113.5

unshare -n sleep 600 &
client_ns=$!
unshare -n sleep 600 &
server_ns=$!

client() {
	nsenter -t $client_ns -n "$@"
}

server() {
	nsenter -t $server_ns -n "$@"
}

# a sleeper has its namespace a moment after it has started
namespaces_wait() {
	local pid
	for pid in $client_ns $server_ns; do
		until [ "$(readlink /proc/$pid/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do
			sleep 0.01
		done
	done
}

network_make() {
	ip link set lo up
	ip link add eth1 type veth peer name eth0 netns $client_ns
	ip link add ppp0 type veth peer name eth0 netns $server_ns
	ip addr add 10.1.0.1/16 dev eth1
	ip addr add $us/30 dev ppp0
	ip link set eth1 up
	ip link set ppp0 up
	client ip link set lo up
	client ip addr add 10.1.0.2/16 dev eth0
	client ip link set eth0 up
	client ip route add default via 10.1.0.1
	server ip link set lo up
	server ip addr add $server/30 dev eth0
	server ip link set eth0 up
	echo 1 >/proc/sys/net/ipv4/ip_forward
	echo 0 >/proc/sys/net/ipv4/icmp_ratelimit
}

# the server knows no way to the inner net: what is not masqueraded gets no answer
servers_start() {
	mkdir "$scratch/files"
	echo "the very page" >"$scratch/files/page"
	server "$servers" http 80 "$scratch/files" >/dev/null 2>&1 &
	server "$servers" http 8080 "$scratch/files" >/dev/null 2>&1 &
	server "$servers" dns 192.0.2.80 &
	"$servers" proxy 3128 "$scratch/proxied" &
	server "$servers" ftp "$scratch/files" >/dev/null 2>&1 &
}

# listening PORT...: in this namespace; state 0A is TCP listening, 07 is UDP
listening() {
	local port
	for port; do
		grep -q ":$(printf %04X "$port") 00000000:0000 0[A7]" /proc/net/tcp \
			/proc/net/udp || return 1
	done
}
export -f listening

servers_wait() {
	local tries=0
	until server bash -c 'listening 80 8080 53 21' && listening 3128; do
		((tries++ < 100)) || return 1
		sleep 0.1
	done
}

# rules_load FILE [WITHOUT]: all rules but those marked with WITHOUT
rules_load() {
	grep -v "# ${2:-nothing}\$" "$1" >"$scratch/rules"
	"$BUILD/bin/ipfwadm" --backend nft load "$scratch/rules"
}

# what is remembered of an earlier try must not help the next one
connections_forget() {
	"$BUILD/bin/ipfwadm" --backend nft -T -f
}

page_is() {
	[ "$("$@" 2>/dev/null)" = "the very page" ]
}

try_http() {
	page_is client curl -s -m 2 http://$server/page
}

try_dns() {
	[ "$(client dig +short +time=1 +tries=1 @$server www.example A)" = 192.0.2.80 ]
}

try_ping() {
	client ping -q -n -c 1 -W 1 $server >/dev/null
}

# two hops: we, and the one who was asked
try_traceroute() {
	client traceroute -n -q 1 -w 1 -m 2 $server |
		awk '/^ [12] / { hops = hops $2 " " } END { exit hops != "10.1.0.1 '$server' " }'
}

try_ftp_passive() {
	page_is client curl -s -m 2 ftp://$server/page
}

try_ftp_active() {
	page_is client curl -s -m 2 --ftp-port - ftp://$server/page
}

try_redirect() {
	rm -f "$scratch/proxied"
	page_is client curl -s -m 2 http://$server:8080/page &&
		[ "$(cat "$scratch/proxied")" = "$server 8080" ]
}

programs='http dns ping traceroute ftp_passive ftp_active redirect'

# Answers pass for what they look like: TCP that does not begin a connection, UDP
# from port 53, ICMP.
cat >"$scratch/classic" <<END
-I -p deny
-O -p accept
-F -p deny
-I -a accept -W lo
-I -a accept -W eth1 -S $inner
-I -a accept -P tcp -W ppp0 -k
-I -a accept -P udp -W ppp0 -S 0.0.0.0/0 53
-I -a accept -P icmp -W ppp0
-I -i accept -P tcp -W ppp0 -S 0.0.0.0/0 20 -D $us # ftp_active
-I -i accept -P tcp -S $inner -D 0.0.0.0/0 8080 -r 3128 # redirect
-F -a masquerade -P tcp -S $inner -D 0.0.0.0/0 80 # http
-F -a masquerade -P udp -S $inner -D 0.0.0.0/0 53 # dns
-F -a masquerade -P udp -S $inner -D 0.0.0.0/0 33434:33534 # traceroute
-F -a masquerade -P tcp -S $inner -D 0.0.0.0/0 21
-F -a masquerade -P tcp -S $inner 1024:65535 -D 0.0.0.0/0 1024:65535 # ftp_passive
-F -a masquerade -P tcp -S $inner -D 0.0.0.0/0 20
-F -a deny -P tcp -S $inner
-F -a deny -P udp -S $inner
-F -a masquerade -S $inner # ping
END

# Nothing passes but what a remembered connection lets pass.
cat >"$scratch/stateful" <<END
-I -p deny
-O -p deny
-F -p deny
-I -a accept -W lo
-I -a accept -W eth1 -S $inner --state new
-I -i accept -P tcp -S $inner -D 0.0.0.0/0 8080 -r 3128 --keep-state # redirect
-O -a accept -W ppp0 -S $us --state new --keep-state
-O -a accept -P icmp -S 10.1.0.1/32 11 --state related
-F -a masquerade -P tcp -S $inner -D 0.0.0.0/0 80 --keep-state # http
-F -a masquerade -P udp -S $inner -D 0.0.0.0/0 53 --keep-state # dns
-F -a masquerade -P udp -S $inner -D 0.0.0.0/0 33434:33534 --keep-state # traceroute
-F -a masquerade -P tcp -S $inner -D 0.0.0.0/0 21 --keep-state --helper ftp # ftp_passive
-F -a deny -P tcp -S $inner
-F -a deny -P udp -S $inner
-F -a masquerade -S $inner --keep-state # ping
END
sed 's/# ftp_passive/# ftp_active/' "$scratch/stateful" >"$scratch/stateful.active"

namespaces_wait
network_make
servers_start
servers_wait || { fail "the servers do not start"; suite_end; }

for set in classic stateful; do
	for program in $programs; do
		file=$scratch/$set
		[ "$program-$set" != ftp_active-stateful ] || file+=.active
		connections_forget
		ok "$set: rules load" rules_load "$file"
		ok "$set: $program works" try_$program
		connections_forget
		ok "$set: rules load without $program" rules_load "$file" $program
		ok "$set: $program fails without its rule" eval "! try_$program"
	done
done
suite_end
