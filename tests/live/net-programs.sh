#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: nft xtables
#
# Real programs through a masquerading gateway, with a set of rules as in 1996 and
# with one that keeps state.  Each program must work, and must fail without its
# rule.
#
#	client 10.1.0.2 - eth1 gateway ppp0 203.0.113.5 - 203.0.113.6 server
# slow
. tests/lib/network.sh
. tests/lib/suite.sh
servers=$PWD/tests/lib/net_servers.py
inner=10.1.0.0/16 server=203.0.113.6 us=203.0.113.5
wait=$((2 * ${TIME_FACTOR:-1}))

network_make() {
	gateway_make
	echo 0 >/proc/sys/net/ipv4/icmp_ratelimit
}

# the server knows no way to the inner net: what is not masqueraded gets no answer
servers_start() {
	mkdir "$scratch/files"
	echo "the very page" >"$scratch/files/page"
	server "$servers" http 80 "$scratch/files", http 8080 "$scratch/files", \
		dns 192.0.2.80, ftp "$scratch/files" >/dev/null 2>&1 &
	"$servers" proxy 3128 "$scratch/proxied" &
	ssh_serve server
}

servers_wait() {
	wait_until listens server 80 8080 53 21 && wait_until listens command 3128
}

# rules_load FILE [WITHOUT]: all rules but those marked with WITHOUT
rules_load() {
	grep -v "# ${2:-nothing}\$" "$1" >"$scratch/rules"
	"$BUILD/bin/ipfwadm" --backend "$BACKEND" load "$scratch/rules"
}

# what is remembered of an earlier try must not help the next one
connections_forget() {
	"$BUILD/bin/ipfwadm" --backend "$BACKEND" -T -f
}

page_is() {
	[ "$("$@" 2>/dev/null)" = "the very page" ]
}

try_http() {
	page_is client curl -s -m $wait http://$server/page
}

try_dns() {
	[ "$(client dig +short +time=$wait +tries=1 @$server www.example A)" = 192.0.2.80 ]
}

try_ping() {
	client ping -q -n -c 1 -W $wait $server >/dev/null
}

# two hops: we, and the one who was asked
try_traceroute() {
	client traceroute -n -q 1 -w $wait -m 2 $server |
		awk '/^ [12] / { hops = hops $2 " " } END { exit hops != "10.1.0.1 '$server' " }'
}

try_ftp_passive() {
	page_is client curl -s -m $wait ftp://$server/page
}

try_ftp_active() {
	page_is client curl -s -m $wait --ftp-port - ftp://$server/page
}

try_redirect() {
	rm -f "$scratch/proxied"
	page_is client curl -s -m $wait http://$server:8080/page &&
		[ "$(cat "$scratch/proxied")" = "$server 8080" ]
}

try_ssh() {
	[ "$(ssh_to $server 'echo the very host')" = "the very host" ]
}

programs='http dns ping traceroute ftp_passive ftp_active redirect'
# sshd wants another user
read -r _ _ users </proc/self/uid_map
[ "$users" -lt 65535 ] || programs+=' ssh'

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
-F -a masquerade -P tcp -S $inner -D 0.0.0.0/0 22 # ssh
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
-F -a masquerade -P tcp -S $inner -D 0.0.0.0/0 22 --keep-state # ssh
-F -a masquerade -P udp -S $inner -D 0.0.0.0/0 53 --keep-state # dns
-F -a masquerade -P udp -S $inner -D 0.0.0.0/0 33434:33534 --keep-state # traceroute
-F -a masquerade -P tcp -S $inner -D 0.0.0.0/0 21 --keep-state --helper ftp # ftp_passive
-F -a deny -P tcp -S $inner
-F -a deny -P udp -S $inner
-F -a masquerade -S $inner --keep-state # ping
END
sed 's/# ftp_passive/# ftp_active/' "$scratch/stateful" >"$scratch/stateful.active"

network_make
servers_start
servers_wait || { fail "the servers do not start"; suite_end; }

# what netstat of net-tools prints of connections is what -M -l does
try_netstat() {
	rules_load "$scratch/$set"	# the last try was without a rule
	connections_forget
	try_http && try_dns && try_ssh || return
	netstat -M -n | awk '/->/ { print $1, $3, $4, $5, $7, $8 }' >"$scratch/printed"
	"$BUILD/bin/ipfwadm" --backend "$BACKEND" -M -l -e -n |
		awk '/->/ { print $1, $6, $7, $8, $11, $9 }' | diff "$scratch/printed" - &&
		test "$(wc -l <"$scratch/printed")" = 3
}

sets='classic stateful' without=yes
if [ "$BACKEND" = kmod ] && [ -z "${LONG-}" ]; then
	sets=stateful without=
fi
for set in $sets; do
	for program in $programs; do
		file=$scratch/$set
		[ "$program-$set" != ftp_active-stateful ] || file+=.active
		connections_forget
		ok "$set: rules load" rules_load "$file"
		ok "$set: $program works" try_$program
		[ -n "$without" ] || continue
		connections_forget
		ok "$set: rules load without $program" rules_load "$file" $program
		ok "$set: $program fails without its rule" eval "! try_$program"
	done
	[ "$BACKEND" != kmod ] || ok "$set: netstat" try_netstat
done
suite_end
