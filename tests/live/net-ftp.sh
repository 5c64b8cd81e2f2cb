#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: nft xtables
#
# What a script of 1996 expects of ip_masq_ftp and ip_masq_irc, with real programs
# and no word of helpers or states in the rules: FTP, active and passive, and a file
# sent by IRC, through the rules in force and through what is dumped for iptables.
#
#	client 192.168.1.2 - eth0 gateway ppp0 198.51.100.17 - 203.0.113.6 server
#	                                                       203.0.113.7 its friend
. tests/lib/network.sh
. tests/lib/suite.sh
irc_file=$PWD/tests/lib/irc_file.py servers=$PWD/tests/lib/net_servers.py
export PATH=$PWD/$BUILD/bin:$PATH
server=203.0.113.6 friend=203.0.113.7 us=198.51.100.17
# nft is what is chosen when nobody chooses
unset IPFWADM_BACKEND
[ "$BACKEND" = nft ] || export IPFWADM_BACKEND=$BACKEND

network_make() {
	host_add client
	host_add server
	link_add client eth0 192.168.1.1/24 192.168.1.2/24
	link_add server ppp0 $us/32 $server/24
	ip route add 203.0.113.0/24 dev ppp0
	client ip route add default via 192.168.1.1
	server ip addr add $friend/24 dev eth0
	server ip route add $us/32 dev eth0
}

servers_start() {
	mkdir "$scratch/files"
	echo "the very page" >"$scratch/files/page"
	server "$servers" ftp "$scratch/files" >/dev/null 2>&1 &
	server "$servers" ftp "$scratch/files" 2121 >/dev/null 2>&1 &
	server python3 "$irc_file" server $server 6667 $friend 2>/dev/null &
}

# old_script WITHOUT: what rc.firewall did, less the lines marked so
old_script() {
	grep -v "# $1\$" <<-END
		ipfwadm -I -f; ipfwadm -O -f; ipfwadm -F -f; ipfwadm -A -f
		ipfwadm -I -p deny; ipfwadm -O -p deny; ipfwadm -F -p deny
		ipfwadm -I -a accept -W eth0 -S 192.168.1.0/24
		ipfwadm -O -a accept -W eth0
		ipfwadm -I -a accept -W ppp0 -P tcp -k -D $us # answers
		ipfwadm -I -a accept -W ppp0 -P tcp -y -S 0/0 ftp-data -D $us 1024:65535 # data
		ipfwadm -I -a accept -W ppp0 -P tcp -y -S $friend -D $us 1024:65535 # friend
		ipfwadm -I -a deny -o
		ipfwadm -O -a accept -W ppp0 -S $us
		ipfwadm -O -a deny -o
		ipfwadm -F -a deny -S 0.0.0.0/0 -D 192.168.1.0/24
		ipfwadm -F -a m -W ppp0 -S 192.168.1.0/24 -D 0.0.0.0/0 # masquerading
		ipfwadm -M -s 7200 60 300
	END
}

# with_WAY WITHOUT: puts the script in force
with_backend() {
	old_script "$1" >"$scratch/script"
	sh -e "$scratch/script"
}

with_dump() {
	rm -f "$scratch/sim"
	(
		export IPFWADM_BACKEND=sim:$scratch/sim
		with_backend "$1" && ipfwadm dump iptables >"$scratch/dump"
	)
	# 3: that rules are approximate was told
	case $? in 0 | 3) iptables-legacy-restore "$scratch/dump" ;; *) return 1 ;; esac
}

# Connections that ended must not help the next try.
forget() {
	nft flush ruleset
	printf '*%s\nCOMMIT\n' raw mangle nat filter | iptables-legacy-restore
	ip link set ppp0 down && ip link set ppp0 up
	ip route replace 203.0.113.0/24 dev ppp0
}

try_passive() {	# PORT
	[ "$(client curl -s -m 2 "ftp://$server:${1:-21}/page")" = "the very page" ]
}

try_active() {	# PORT
	[ "$(client curl -s -m 2 --ftp-port - "ftp://$server:${1:-21}/page")" = "the very page" ]
}

try_irc() {
	[ "$(client python3 "$irc_file" send $server 6667 192.168.1.2)" = \
		"$us the very file" ]
}

programs_try() {
	local way=$1 program
	forget
	ok "$way: the script runs" with_$way nothing
	for program in passive active irc; do
		ok "$way: $program works" try_$program
	done
	while read -r program line; do
		forget
		ok "$way: the script runs without '$line'" with_$way "$line"
		ok "$way: $program needs '$line'" eval "! try_$program"
	done <<-END
		passive answers
		active data
		irc friend
		passive masquerading
		active masquerading
	END
}

# with_module PORTS: a script that loads ip_masq_ftp for these ports; in one step
with_module() {
	forget
	{ old_script nothing && echo "modprobe ip_masq_ftp ${1:+ports=$1}"; } >"$scratch/script"
	ipfwadm run "$scratch/script"
}

# what is in force, through the text of a dump
through_text() {
	ipfwadm save >"$scratch/saved" || return
	case $BACKEND in
	nft) ipfwadm dump nft "$scratch/saved" >"$scratch/dump" ;;
	xtables) ipfwadm dump iptables "$scratch/saved" >"$scratch/dump" ;;
	esac
	case $? in 0 | 3) forget ;; *) return 1 ;; esac
	case $BACKEND in
	nft) nft -f "$scratch/dump" ;;
	xtables) iptables-legacy-restore "$scratch/dump" ;;
	esac
}

ports_try() {
	forget
	with_backend nothing
	ok "no helper on another port" eval '! try_active 2121'
	ok "ports=21,2121" with_module 21,2121
	ok "active on the one" try_active
	ok "active on the other" try_active 2121
	ok "passive on the other" try_passive 2121
	ok "through the text" through_text
	ok "saved as it was" diff "$scratch/saved" <(ipfwadm save)
	ok "active on the other, through the text" try_active 2121
	ok "ports=2121" with_module 2121
	ok "active on the one port" try_active 2121
	ok "no helper on its own port" eval '! try_active'
	ok "no ports" with_module ''
	ok "only its own" test "$(ipfwadm -M --forward -l)" = "IP port forwarding entries"
}

# what deletes the rules that set helpers
helpers_nft() {
	nft -a list chain ip ipfwadm masquerading | sed -n 's/.*ct helper set .* # handle \(.*\)/\
		nft delete rule ip ipfwadm masquerading handle \1/p' | grep nft
}

helpers_xtables() {
	iptables-legacy -t raw -S | sed -n 's/^-A \(.* --helper .*\)/iptables-legacy -t raw -D \1/p'
}

# the helper does it: without it nobody connects from outside
helpers_try() {
	local program
	for program in active irc; do
		forget
		with_backend nothing
		helpers_$BACKEND >"$scratch/delete"
		ok "two helpers are set" test "$(wc -l <"$scratch/delete")" = 2
		ok "they are deleted" sh -e "$scratch/delete"
		ok "$program needs the helper" eval "! try_$program"
	done
}

# Does the masqueraded connection to a port expire within so many seconds?
expires_within() {	# PORT LEAST MOST
	ipfwadm -M -l -n | awk -v port="$1" -v least="$2" -v most="$3" '
		$NF == port {
			split($2, time, ":")
			left = 60 * time[1] + time[2]
			found += least < left && left <= most
		}
		END { exit !found }'
}

# the last of them
udp_is_listed() {
	ipfwadm -M -l -n | grep -q '^udp .* 4$'
}

timeouts_try() {
	forget
	with_backend nothing
	try_irc
	client python3 - <<-END &
		import socket, time
		ftp = socket.create_connection(("$server", 21))
		irc = socket.create_connection(("$server", 6667))
		ftp.recv(512)
		socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"", ("$server", 4))
		time.sleep(20)
	END
	wait_until udp_is_listed
	ok "an open TCP connection has the first timeout" expires_within 6667 7000 7200
	case $BACKEND in
	nft) ok "one of FTP may have to wait longer" expires_within 21 7200 1000000 ;;
	xtables) ok "so has one of FTP" expires_within 21 7000 7200 ;;
	esac
	ok "a closed one has the second" expires_within 6667 50 60
	ok "UDP has the third" expires_within 4 290 300
}

# --helper without masquerading: of forwarded connections, and of our own
with_helper_of() {
	case $1 in
	forwarded)
		ipfwadm -F -p deny && ipfwadm -F -a accept -P tcp -S 192.168.1.0/24 \
			-D 0/0 21 "${@:2}" --keep-state ;;
	local)
		ipfwadm -I -p deny && ipfwadm -O -a accept -P tcp -D 0/0 21 "${@:2}" &&
			ipfwadm -I -a accept --state established,related ;;
	esac
}

try_as() {	# forwarded|local passive|active
	local port=() as=client
	[ "$2" = passive ] || port=(--ftp-port -)
	[ "$1" = forwarded ] || as=
	[ "$($as curl -s -m 2 "${port[@]}" ftp://$server/page)" = "the very page" ]
}

named_helpers_try() {
	local whose way
	server ip route replace 192.168.1.0/24 via $us dev eth0 onlink
	for whose in forwarded local; do
		for way in passive active; do
			forget
			ok "$whose, --helper ftp" with_helper_of $whose --helper ftp
			ok "$whose, $way works" try_as $whose $way
		done
		forget
		ok "$whose, no helper" with_helper_of $whose
		ok "$whose, active needs it" eval "! try_as $whose active"
	done
	server ip route del 192.168.1.0/24
}

network_make
servers_start
wait_until listens server 21 2121 6667 || { fail "the servers do not start"; suite_end; }
programs_try backend
helpers_try
ports_try
named_helpers_try
[ "$BACKEND" != nft ] || programs_try dump
timeouts_try
suite_end
