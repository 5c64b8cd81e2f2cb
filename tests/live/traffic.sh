#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# slow
# long
# root
#
# Real programs through a gateway that tracks connections: what Linux says of every
# packet, and what our tracker says of the same packet.  The wire of the client loses,
# duplicates and reorders packets for some of them.
#
#	client 10.1.0.2 - impairer - eth1 gateway eth2 203.0.113.5 - 203.0.113.6 server
. tests/lib/network.sh
. tests/lib/suite.sh
servers=$PWD/tests/lib/net_servers.py offload=$PWD/tests/lib/offload.py
server=203.0.113.6

# The order of packets is known where one processor handles them all.
all_processors=$(taskset -p $$ | sed 's/.*: //')
taskset -cp "$(taskset -cp $$ | sed 's/.*: \([0-9]*\).*/\1/')" $$ >/dev/null

network_make() {
	host_add client
	host_add impairer
	host_add server
	link_add impairer eth1 10.1.0.1/16 0.0.0.0 gateway
	link_add server eth2 203.0.113.5/24 $server/24
	ip link add near type veth peer name far
	# shellcheck disable=SC2154 # of host_add
	ip link set near netns "$client_pid" name eth0
	# shellcheck disable=SC2154
	ip link set far netns "$impairer_pid" name client
	client ip addr add 10.1.0.2/16 dev eth0
	client ip link set eth0 up
	impairer ip link set client up
	client ip route add default via 10.1.0.1
	server ip route add default via 203.0.113.5
	client "$offload" eth0
	impairer "$offload" client gateway
	server "$offload" eth0
	"$offload" eth1 eth2
	echo 0 >/proc/sys/net/ipv4/icmp_ratelimit
	"$BUILD/bin/ipfwadm" --backend nft -F -a accept -P tcp -D 0.0.0.0/0 21 --helper ftp
}

# wire LOSS DUPLICATE REORDER: what happens to packets of the client, of 1000
wire() {
	# $! is the program
	nsenter -t "$impairer_pid" -n "$BUILD/tests/impair" 1 "$@" client gateway \
		>"$scratch/wire" &
	wire_pid=$!
	wait_until grep -q ready "$scratch/wire"
}

# wire_end none|many: ends it; so many were to be lost, duplicated and reordered
wire_end() {
	kill "$wire_pid"
	wait "$wire_pid"
	ok "$1 $(tail -n 1 "$scratch/wire")" awk -v amount="$1" '
		/^lost/ && amount == "none" { met = $2 + $4 + $6 == 0 }
		/^lost/ && amount == "many" { met = $2 + 0 > 50 && $4 + 0 > 50 && $6 + 0 > 50 }
		END { exit !met }' "$scratch/wire"
}

servers_start() {
	mkdir "$scratch/files"
	head -c 400000 /dev/urandom >"$scratch/files/page"
	head -c "$(amount 2000000 20000000)" /dev/urandom >"$scratch/files/large"
	server "$servers" http 80 "$scratch/files" >/dev/null 2>&1 &
	server "$servers" ftp "$scratch/files" >/dev/null 2>&1 &
	server "$servers" dns 192.0.2.80 &
	server iperf3 -s -4 >/dev/null &
	wait_until listens server 80 21 53 5201
}

# NFS over TCP, of a server that is a program, where it is installed
nfs_start() {
	mkdir "$scratch/export" "$scratch/recovery"
	mount -t tmpfs tmpfs "$scratch/export" # whose files have handles
	cp "$scratch/files/page" "$scratch/export"
	cat >"$scratch/ganesha.conf" <<-END
		NFS_CORE_PARAM { Protocols = 4; Enable_NLM = false; Enable_RQUOTA = false;
			Plugins_Dir = $(dirname "$(find /usr/lib -name libfsalvfs.so)"); }
		NFSv4 { Graceless = true; RecoveryRoot = $scratch/recovery;
			Only_Numeric_Owners = true; }
		NFS_KRB5 { Active_krb5 = false; }
		EXPORT { Export_Id = 1; Path = $scratch/export; Pseudo = /files; Access_Type = RO;
			Protocols = 4; Transports = TCP; SecType = sys; FSAL { Name = VFS; } }
	END
	server ganesha.nfsd -F -L "$scratch/ganesha.log" -f "$scratch/ganesha.conf" \
		-p "$scratch/ganesha.pid" &
	nfs_pid=$!
	wait_until listens server 2049
}

nfs_end() {
	kill -9 $nfs_pid
	wait $nfs_pid 2>/dev/null
	umount "$scratch/export"
}

nfs_try() {
	local n
	for n in $(seq "$(amount 3 50)"); do
		rm -f "$scratch/fetched"
		client nfs-cp "nfs://$server/files/page?version=4" "$scratch/fetched" &&
			cmp "$scratch/fetched" "$scratch/files/page" || return
	done
}

# watched NAME OPTION... -- COMMAND: every packet of the command is compared
watched() {
	local name=$1 options=()
	shift
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	rm -f "$scratch/end" && mkfifo "$scratch/end"
	: >"$scratch/said"
	taskset "$all_processors" "$BUILD/tests/state-traffic" "${options[@]}" "$name" \
		<"$scratch/end" >"$scratch/said" 2>&1 &
	exec 9>"$scratch/end"
	wait_until grep -q ready "$scratch/said"
	ok "$name works" "${@:2}"
	exec 9>&-
	wait $!
	watched_status=$?
	count watched_say
}

watched_say() {
	cat "$scratch/said"
	return $watched_status
}

fetch() {
	client curl -s -S -m 60 -o "$scratch/fetched" "$@"
}

http_try() {
	local n
	for n in $(seq "$(amount 8 300)"); do
		fetch http://$server/page && cmp "$scratch/fetched" "$scratch/files/page" ||
			return
	done
	fetch http://$server/large && cmp "$scratch/fetched" "$scratch/files/large"
}

# a client that goes away in the middle, and one for whom nobody listens
broken_try() {
	local n
	for n in $(seq "$(amount 10 100)"); do
		client curl -s http://$server/large | head -c 100000 >/dev/null
		client curl -s http://$server:81/
	done
	true
}

ftp_try() {
	local n way
	for n in $(seq "$(amount 1 20)"); do
		for way in '' --disable-epsv '--ftp-port -' '--ftp-port - --disable-eprt'; do
			# shellcheck disable=SC2086 # words
			fetch $way ftp://$server/page &&
				cmp "$scratch/fetched" "$scratch/files/page" || return
		done
	done
}

dns_try() {
	local n
	for n in $(seq "$(amount 20 200)"); do
		client dig +short +time=2 +tries=2 @$server "host$n.example" A >/dev/null || return
	done
	# nobody listens there, which the server reports
	! client dig +time=1 +tries=1 -p 54 @$server www.example A >/dev/null
}

ping_try() {
	client ping -q -c "$(amount 50 500)" -i 0.01 $server &&
		client ping -q -c "$(amount 20 100)" -i 0.01 -s 4000 $server
}

ssh_try() {
	local n
	for n in $(seq "$(amount 3 20)"); do
		ssh_to $server 'head -c 300000 /dev/zero; sleep 0.1' >"$scratch/fetched" ||
			return
	done
}

bulk_try() {	# OPTION...
	# shellcheck disable=SC2046 # words
	client timeout 60 iperf3 -c $server $(amount "-n 3M" "-t 10") -b 100M "$@" \
		>"$scratch/iperf3" || { cat "$scratch/iperf3"; return 1; }
}

bulk_all_try() {
	bulk_try && bulk_try -R && bulk_try -P 4 -b 30M && bulk_try -u -b 20M
}

# It gives up when packets of its control connection are lost too often.
bulk_impaired_try() {
	bulk_try
	bulk_try -R
	bulk_try -P 4 -b 30M
	bulk_try -u -b 20M
	true
}

network_make
servers_start || { fail "the servers do not start"; suite_end; }
wire 0 0 0
watched curl --none-invalid --at-least 1000 -- http_try
watched ftp --none-invalid --at-least 400 -- ftp_try
watched dns --none-invalid --at-least 40 -- dns_try
watched ping --none-invalid --at-least 100 -- ping_try
if ssh_serve server; then
	watched ssh --none-invalid --at-least 100 -- ssh_try
else
	fail "dropbear: $(cat "$scratch/dropbear")"
fi
if ! command -v ganesha.nfsd nfs-cp >"$scratch/which"; then
	skip "nfs: ganesha.nfsd and nfs-cp are not installed"
elif nfs_start; then
	watched nfs --none-invalid --at-least 50 -- nfs_try
	nfs_end
else
	fail "ganesha: $(cat "$scratch/ganesha.log")"
fi
watched "curl, cut off" -- broken_try
watched iperf3 --at-least 3000 -- bulk_all_try
wire_end none
wire 10 10 30
watched "iperf3, impaired" --at-least "$(amount 3000 50000)" -- bulk_impaired_try
watched "curl, impaired" -- http_try
watched "ftp, impaired" -- ftp_try
wire_end many
wire 20 20 100
watched "iperf3, impaired more" --at-least "$(amount 2000 20000)" -- bulk_impaired_try
wire_end many
[ -z "${LONG-}" ] || ok "200,000 packets: $suite_packets" test "$suite_packets" -ge 200000
suite_end
