#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: nft xtables
# long
#
# Connections through forwarded ports: which list sees what, targets that take turns,
# deletion while connections live, hairpins, errors, and what the tables keep.
#
#	client 198.51.100.7 - ext gateway int 10.0.0.1 - 10.0.0.2 target
#	                                  dmz 10.0.1.1 - 10.0.1.2 other
. tests/lib/network.sh
. tests/lib/suite.sh
export PATH=$PWD/$BUILD/bin:$PATH IPFWADM_BACKEND=$BACKEND
us=198.51.100.1

host_add client
host_add target
host_add other
link_add client ext $us/24 198.51.100.7/24
link_add target int 10.0.0.1/24 10.0.0.2/24
link_add other dmz 10.0.1.1/24 10.0.1.2/24
target ip route add default via 10.0.0.1
other ip route add default via 10.0.1.1
for host in target other; do
	$host tests/lib/echo.py serve tcp:8080 udp:5353 tcp:80 udp:1500 &
	$host nft 'table ip seen { chain in { type filter hook prerouting priority -400
		tcp flags & (syn | ack) == syn counter; }; }'
	wait_until listens $host 8080 5353 80 1500
done
tests/lib/echo.py serve tcp:7 udp:5353 &
service=$!
wait_until listens command 7 5353

not() { ! "$@"; }

# takes SPEC [ADDRESS]: does a connection of the client echo?
echoed() { client tests/lib/echo.py try "${2-$us}" "$1"; }

# the SYNs of the client that a target has seen
syns() { "$1" nft list table ip seen | sed -n 's/.*packets \([0-9]*\) .*/\1/p'; }

# the packets that list $1 counted, rule by rule
packets() { ipfwadm "-$1" -l -n -e -x | awk 'NR > 2 { printf "%s ", $1 }'; }

load() {
	ipfwadm -T -f
	printf '%s\n' "$@" | ipfwadm load - 2>"$scratch/said"
}

masq='-F -a masquerade -S 10.0.0.0/8 -W ext'
web="-M --forward -a -P tcp -D $us 80 --to 10.0.0.2:8080"
dns="-M --forward -a -P udp -D $us 53 --to 10.0.0.2:5353"

# all that 2.0 needed: the forward list denies, and masquerades the answers
load '-F -p deny' "$masq" "$web" "$dns"
ok "TCP through a denying forward list" echoed tcp:0:80
ok "UDP" echoed udp:0:53
ok "another port is not forwarded" not echoed tcp:0:8080
load '-I -a deny -P tcp -D 0/0 80' "$masq" "$web"
ok "the input list decides who may connect" not echoed tcp:0:80
load "$web"
ok "without a rule" echoed tcp:0:80
ok "to an address that is not the host's nothing is forwarded" \
	not echoed tcp:0:80 198.51.100.9

# what each list sees, and what it does not; the last row of a pair must count nothing
sightings() {
	local proto=$1 port=$2 inner=$3 n=$4 in answers none i
	load '-F -p deny' "$masq" "-M --forward -a -P $proto -D $us $port --to 10.0.0.2:$inner" \
		"-I -a accept -P $proto -D $us $port" "-I -a accept -P $proto -S 10.0.0.2 $inner" \
		"-I -a accept -P $proto -D 10.0.0.2" \
		"-O -a accept -P $proto -D 10.0.0.2 $inner" "-O -a accept -P $proto -S $us $port" \
		"-O -a accept -P $proto -S 10.0.0.2" \
		"-A in -a -P $proto -D $us $port" "-A in -a -P $proto -S 10.0.0.2 $inner" \
		"-A out -a -P $proto -D 10.0.0.2 $inner" "-A out -a -P $proto -S $us $port" \
		"-A out -a -P $proto -S 10.0.0.2" "-A -a -P $proto -D $us $port -b"
	for ((i = 0; i < n; i++)); do
		ok "$proto: a connection for the lists" echoed "$proto:0:$port"
	done
	sleep 1
	read -r in answers none <<<"$(packets I)"
	ok "$proto: input: to the outer side, and from the target" \
		test "$in" -gt 3 -a "$answers" -gt 3 -a "$none" = 0
	ok "$proto: output: to the target, and from the outer side" \
		diff <(packets O) <(echo -n "$in $answers 0 ")
	ok "$proto: accounting: the same, and with -b each packet once" \
		diff <(packets A) <(echo -n "$in $answers $in $answers 0 $((in + answers)) ")
	ok "$proto: forward: answers only" diff <(packets F) <(echo -n "$answers ")
}
sightings tcp 80 8080 1
sightings udp 53 5353 4
ok "udp: each packet of a client and each answer" test "$(packets F)" = "4 "

# -k: all packets but the first, all answers, nothing that the target begins
load '-F -p deny' '-F -a masquerade -k -P tcp -S 10.0.0.0/8 -W ext' "$web" \
	"-I -a accept -k -P tcp -D $us 80" "-I -a accept -y -P tcp -D $us 80" \
	'-I -a accept -k -P tcp -S 10.0.0.2' '-I -a accept -P tcp -S 10.0.0.2' \
	'-O -a accept -k -P tcp -D 10.0.0.2' '-O -a accept -y -P tcp -D 10.0.0.2' \
	"-O -a accept -k -P tcp -S $us" "-O -a accept -P tcp -S $us" \
	"-A -a -k -P tcp -D $us 80 -b" "-A -a -P tcp -D $us 80 -b"
ok "-k: a connection" echoed tcp:0:80
sleep 1
read -r in first answers none <<<"$(packets I)"
ok "-k: input: all but the first packet" test "$in" -gt 3 -a "$first" = 1
ok "-k: and all answers" test "$answers" -gt 3 -a "$none" = 0
ok "-k: forward: all answers" diff <(packets F) <(echo -n "$answers ")
ok "-k: output: the same" diff <(packets O) <(echo -n "$in 1 $answers 0 ")
ok "-k: with -b each of them once" \
	diff <(packets A) <(echo -n "$((in + answers)) $((in + 1 + answers)) ")
client tests/lib/echo.py serve tcp:8081 &
wait_until listens client 8081
ok "-k: nothing that the target begins" not target tests/lib/echo.py try 198.51.100.7 tcp:0:8081

# -M -l, and a connection that the forward did not make
load '-F -p deny' "$masq" "$web"
talk_begin client $us a=tcp:4001:80
ok "a connection" talk_is_ready
ok "is listed with its target" grep -Eq \
	'^tcp +[0-9]+:[0-9.]+ 10.0.0.2 +198.51.100.7 +8080 \(80\) -> 4001$' <(ipfwadm -M -l -n)

ok "and tracked as it came" grep -Eq \
	'^tcp +.* 198.51.100.7 +198.51.100.1 +.*4001 -> 80( |$)' <(ipfwadm -T -l -n)

# another target in its place: the connection keeps its own
ipportfw -A -t$us/80 -R 10.0.1.2/8080
ok "ipportfw -A replaces the target" test "$(ipportfw -L | grep -c TCP)" = 1
ok "the connection keeps its target" echoes a
before="$(syns other) $(syns target)"
ok "a new one" echoed tcp:0:80
ok "has the new target" test "$(syns other) $(syns target)" = \
	"$((${before% *} + 1)) ${before#* }"
ipportfw -A -t$us/80 -R 10.0.0.2/8080

# deletion as in 2.2, then as in 2.0
ipmasqadm portfw -d -P tcp -L $us 80
ok "portfw -d lets it live" echoes a
ok "a new one is the host's" not echoed tcp:0:80
ipfwadm -I -a accept
ok "and another edit leaves it alone" echoes a
talk_end
load '-F -p deny' "$masq" "$web"
talk_begin client $us a=tcp:4002:80
ok "another connection" talk_is_ready
ipportfw -D -t$us/80
ok "ipportfw -D cuts it" not echoes a
talk_end
ok "and nothing remains" test "$(ipportfw -L | wc -l)" = 2
ipfwadm -I -p accept
ok "not in the table either" not grep -q port-forwards <(in_force)

# a flow that the host has answered itself until the forward was there
load "$masq"
talk_begin client $us a=udp:4003:5353
ok "a local service" talk_is_ready
kill $service
ipfwadm -M --forward -a -P udp -D $us 5353 --to 10.0.0.2
ok "its next packet goes to the target" echoes a
talk_end

# several targets, by weight, in a row; in the middle of a round after an edit and a load
turns() {
	local before after i
	for ((i = 0; i < $1; i++)); do
		before=$(syns target)
		echoed tcp:0:80 || echo -n '?'
		after=$(syns target)
		[ "$after" = "$before" ] && echo -n B || echo -n A
	done
}
two="$web --weight 3"
second="-M --forward -a -P tcp -D $us 80 --to 10.0.1.2:8080 --weight 2"
load "$masq" "$two" "$second"
ok "turns" test "$(turns 6)" = AAABBA
ipfwadm save --counters >"$scratch/turns"
ok "connections are counted" grep -q "^\[4\] .*--weight 3 --left 2" "$scratch/turns"
ipfwadm -M --forward -a -P tcp -D $us 81 --to 10.0.0.2:8080
ok "an edit of another forward goes on with them" test "$(turns 2)" = AA
ipfwadm load "$scratch/turns" 2>"$scratch/said"
ok "so does a load" test "$(turns 5)" = AABBA
ok "and what is listed" grep -q '^ *7 .* 2 *3$' <(ipfwadm -M --forward -l -n -e)
ipfwadm -M --forward -z
ok "zeroed" not grep -q '^\[[1-9][0-9]*\]' <(ipfwadm save --counters)

# edits keep everything else
load '-F -p deny' "$masq" "$web" "$dns" "-I -a accept -P tcp -D $us 80"
ok "a connection to be counted" echoed tcp:0:80
sleep 1
before=$(ipfwadm save --counters)
for ((i = 0; i < $(amount 10 100); i++)); do
	ipfwadm -M --forward -a -P udp -D $us $((1000 + i)) --to 10.0.0.2
	ipfwadm -M --forward -d -P udp -D $us $((1000 + i))
done
ok "after many edits all is as before" diff <(echo "$before") <(ipfwadm save --counters)
ok "and works" echoed tcp:0:80
ok "unchanged by others" test -z "$(ipfwadm -M --forward -l 2>&1 >/dev/null)"

# from here on targets send again what was not answered
load '-F -p deny' "$web"
ok "answers need a verdict" not echoed tcp:0:80

# hairpins
load '-F -p deny' '-F -a masquerade -S 10.0.0.0/8' "$web"
ok "a client beside its target fails, as in 2.0" \
	not target tests/lib/echo.py try $us tcp:0:80
ok "one on another inner network does not" other tests/lib/echo.py try $us tcp:0:80

# ranges on every own address, marks
load "$masq" '-M --forward -a -P udp -D 0/0 1400:1600 --to 10.0.0.2'
ok "a range keeps the port" echoed udp:0:1500
ok "not for other hosts" not target tests/lib/echo.py try 198.51.100.7 udp:0:1500
marks='table ip others { chain in { type filter hook prerouting priority -500
	tcp dport 80 meta mark set 5; }; }'
nft "$marks"
load "$masq" '-M --forward -a --mark 5 --to 10.0.1.2:8080'
before=$(syns other)
ok "by mark" echoed tcp:0:80
ok "to its target" test "$(syns other)" = $((before + 1))
nft delete table ip others

# path MTU: an error from outside about an answer reaches the target
load '-F -p deny' "$masq" "$web"
talk_begin client $us a=tcp:4004:80
ok "a connection to have errors" talk_is_ready
client ip link set eth0 mtu 1500
target nft 'table ip errors { chain in { type filter hook prerouting priority 0
	icmp type destination-unreachable counter; }; }'
client python3 tests/lib/icmp_error.py 198.51.100.7 $us 80 4004
wait_until grep -q 'packets [1-9]' <(target nft list table ip errors) || :
ok "an error from outside reaches the target" grep -q 'packets 1 ' \
	<(target nft list table ip errors)
talk_end

# what cannot be is refused, and nothing is changed
before=$(ipfwadm save)
refused() {
	ok "refused: $1" grep -q "$1" <(ipfwadm -M --forward "${@:2}" 2>&1)
	ok "without a change" test "$(ipfwadm save)" = "$before"
}
refused 'cannot learn a host .*, use --backend kmod or sim' \
	-a -P udp -D 0/0 6970:7170 --trigger tcp 7070
refused 'cannot keep the source port' -a -P udp -D 0/0 6970:7170 --same-port
refused '0.0.0.0 is no target' -a -P udp -D 1.2.3.4 80 --to 0.0.0.0

# saved, loaded, restored from text, dumped
load '-F -p deny' "$masq" "$two" "$second" "$dns"
ipfwadm save >"$scratch/saved"
ipfwadm load "$scratch/saved"
ok "a round trip" diff "$scratch/saved" <(ipfwadm save)
ok "refresh finds nothing to do" test -z "$(ipfwadm refresh 2>&1)"
restore() {
	case $BACKEND in
	nft) nft list ruleset >"$scratch/text" && nft flush ruleset && nft -f "$scratch/text" ;;
	xtables)
		iptables-legacy-save -c >"$scratch/text" &&
			iptables-legacy-restore -c "$scratch/text"
		;;
	esac
}
ok "restored from text" restore
ok "the same forwards" diff "$scratch/saved" <(ipfwadm save)
ok "without a warning" test -z "$(ipfwadm -M --forward -l 2>&1 >/dev/null)"
ok "they work" test "$(turns 5)" = AAABB
ipfwadm -I -a deny -P tcp -D $us 23
ok "and are edited" test "$(turns 5)" = AAABB
case $BACKEND in
nft)
	nft delete rule ip ipfwadm port-forwards handle \
		"$(nft -a list table ip ipfwadm | sed -n '/dnat to.*5353/s/.*handle //p')"
	;;
xtables) iptables-legacy -t nat -D ipfw-port-forwards 7 ;;
esac
ok "a forward that others delete is missed" grep -q changed <(ipfwadm save 2>&1)
ipfwadm refresh 2>/dev/null
ok "and comes back" echoed udp:0:53

# without the record the comments tell which forwards there are
case $BACKEND in
nft) nft flush chain ip ipfwadm record ;;
xtables) iptables-legacy -t mangle -F ipfw-record ;;
esac
ok "a lost record is told of" grep -q 'the record .* is missing' <(ipfwadm save 2>&1)
ok "the forwards are known" diff "$scratch/saved" <(ipfwadm save 2>"$scratch/said" | grep -v 23)
ipfwadm refresh 2>"$scratch/said"
ok "and stay" diff "$scratch/saved" <(ipfwadm save 2>&1 | grep -v 23)

# a dump forwards in the same way
ipfwadm save >"$scratch/saved"
case $BACKEND in
nft)
	ipfwadm dump nft >"$scratch/dump" 2>"$scratch/said"
	ok "status of a dump" test $? = 0
	nft flush ruleset
	nft -f "$scratch/dump"
	;;
xtables)
	ipfwadm dump iptables >"$scratch/dump" 2>"$scratch/said"
	ok "status of a dump" test $? = 0
	for table in raw mangle nat filter; do
		iptables-legacy -t $table -F
		iptables-legacy -t $table -X
	done
	iptables-legacy-restore -n "$scratch/dump"
	;;
esac
ok "and nothing is said" test ! -s "$scratch/said"
ipfwadm -T -f
ok "a dump has the turns" test "$(turns 5)" = AAABB
ok "and UDP" echoed udp:0:53
# what differs is named
printf '%s\n' "$web" '-M --forward -a -P udp -D 0/0 6000:6100 --same-port' >"$scratch/forwards"
format=$([ "$BACKEND" = nft ] && echo nft || echo iptables)
ipfwadm dump "$format" --partial "$scratch/forwards" >"$scratch/dump" 2>"$scratch/said"
ok "a dump that leaves one out has status 4" test $? = 4
ok "and names it" grep -q "left out: '-M .* --same-port .*': netfilter cannot keep" "$scratch/said"
ok "and that accepted answers are translated" \
	grep -q "approximate: '-M .*': answers that the forward list accepts" "$scratch/said"
ok "the other one is dumped" grep -q "comment.*$web" "$scratch/dump"
suite_end
