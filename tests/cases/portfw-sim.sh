#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Port forwarding in the language, and what a simulated host does with it: which list
# sees what, deletion while connections live, turns, triggers, what is refused.
. tests/lib/suite.sh

state=$scratch/state
export IPFWADM_BACKEND=sim:$state
PATH=$PWD/$ASAN/bin:$PATH

# takes RULES...: a fresh host between a client and the network 10.0.0.0/24
host() {
	{
		printf 'interface %s\n' 'lo 127.0.0.1/8' 'ext 194.160.1.1/24' 'int 10.0.0.1/24'
		printf '%s\n' "$@"
	} >"$state"
}

# takes PACKET...: the steps of its way but the tracker's, without the padding
way() {
	ipfwadm trace --out ext "$@" | grep -vE '^(packet|  (state|connection))|^$' |
		sed 's/^ *//; s/  */ /g'
}

# takes NAME EXPECTED PACKET...
goes() {
	local name=$1 expected=$2
	shift 2
	ok "$name" diff <(echo "$expected") <(way "$@")
}

masq='-F -a masquerade -S 10.0.0.0/24'
client='-P tcp -S 5.5.5.5 1000 -D 194.160.1.1 80 -W ext'
target='-P tcp -S 10.0.0.2 8080 -D 5.5.5.5 1000 -W int'
forward='-M --forward -a -P tcp -D 194.160.1.1 80 --to 10.0.0.2:8080'

# a table with everything, saved and read back
host '-M --forward -a -P tcp -D 194.160.1.1 80 --to 10.0.0.2:8080 --weight 3' \
	'-M --forward -a -P udp -D 0.0.0.0/0 6970:7170 --trigger tcp 7070 --trigger-time 60' \
	'-M --forward -i -P udp -D 0.0.0.0/0 6000:6100 --same-port' \
	'[7] -M --forward -a --mark 0x10 --to 10.0.0.3 --weight 0' \
	'[3] -M --forward -a -P tcp -D 194.160.1.1 80 --to 10.0.0.4:80 --weight 9 --left 4' \
	'-M --forward -a -P tcp -D 0.0.0.0/0 7071 --helper raudio'
ok "a listing" diff - <(ipfwadm -M --forward -l -n -e) <<'END'
IP port forwarding entries
   conns prot address              ports        target               port    left weight
       0 udp  0.0.0.0/0            6000:6100    (same port)          -         10     10
       0 tcp  194.160.1.1          80           10.0.0.2             8080       3      3
       0 udp  0.0.0.0/0            6970:7170    (tcp 7070)           -         10     10
       7 all  mark 16                           10.0.0.3             -          0      0
       3 tcp  194.160.1.1          80           10.0.0.4             80         4      9
       0 tcp  0.0.0.0/0            7071         (helper raudio)      -         10     10
END
ipfwadm save --counters >"$scratch/saved"
ok "saved forwards are loaded" ipfwadm load "$scratch/saved"
ok "and are the same" diff "$scratch/saved" <(ipfwadm save --counters)
ok "counters are zeroed" ipfwadm -M --forward -z
ok "all of them" test -z "$(ipfwadm -M --forward -l -n -e | awk 'NR > 2 && $1')"
ok "JSON" test "$(ipfwadm --json -M --forward -l | python3 -c '
import json, sys
print([(f["address"], f["ports"], f["target"], f["mark"]) for f in json.load(sys.stdin)["forwards"]][1])')" = \
	"('194.160.1.1', [[80, 80]], '10.0.0.2', None)"
ok "an outer side is deleted" ipfwadm -M --forward -d -P tcp -D 194.160.1.1 80
ok "with all its targets" test "$(ipfwadm save | grep -c -- --forward)" = 4
ok "what is not there is refused" test "$(
	ipfwadm -M --forward -d -P tcp -D 194.160.1.1 80 2>&1; echo $?)" = \
	"ipfwadm: setsockopt failed: Invalid argument
255"
ok "all are deleted" ipfwadm -M --forward -f
ok "a file without forwards leaves none" test "$(ipfwadm -M --forward -l)" = \
	"IP port forwarding entries"

# takes MESSAGE ARGUMENT...: refused with that message, and nothing changed
refused() {
	local message=$1 out before
	shift
	before=$(<"$state")
	out=$(ipfwadm "$@" 2>&1)
	ok "refused: $*" test "${out%%$'\n'*}" = "ipfwadm: $message" -a "$(<"$state")" = "$before"
}
f='-M --forward -a -P tcp'
refused '--forward only allowed in combination with -M' -I --forward -a accept
refused '--to only allowed in combination with --forward' -I -a accept --to 10.0.0.2
refused 'no policy allowed with --forward' -M --forward -a accept -P tcp -D 1.2.3.4 80 --to 1.1.1.1
refused '-P tcp or -P udp required with --forward' -M --forward -a -D 1.2.3.4 80 --to 1.1.1.1
refused '-P tcp or -P udp required with --forward' -M --forward -a -P icmp -D 1.2.3.4 --to 1.1.1.1
refused '-D or --mark required with --forward' $f --to 10.0.0.2
refused '--to, --trigger, --same-port, or --helper required with --forward' $f -D 1.2.3.4 80
refused 'one port or one range required with --forward' $f -D 1.2.3.4 80 81 --to 10.0.0.2
refused 'one address required with --forward' $f -D 1.2.3.0/24 80 --to 10.0.0.2
refused 'an address has forwarded ports from 1 to 60999' $f -D 1.2.3.4 61000 --to 10.0.0.2
refused 'a range of ports keeps its ports' $f -D 1.2.3.4 80:90 --to 10.0.0.2:80
refused 'every own address required with --trigger, --same-port, and --helper' $f -D 1.2.3.4 80 --same-port
refused '--to and --same-port exclude each other' $f -D 0/0 80 --same-port --to 10.0.0.2
refused '--to and --helper exclude each other' $f -D 0/0 80 --helper ftp --to 10.0.0.2
refused '--helper and --mark exclude each other' -M --forward -a --mark 7 --helper ftp
refused 'helper "quake" requires -P udp' $f -D 0/0 80 --helper quake
refused 'one port required with --helper' $f -D 0/0 80:81 --helper ftp
refused 'helper "cuseeme" requires -P udp' $f -D 0/0 80 --helper cuseeme
refused 'masquerading had no helper "tftp"' $f -D 0/0 80 --helper tftp
refused 'helper "quake" only allowed in combination with --forward' -F -a m --helper quake
refused '-S not allowed with --forward' $f -S 5.5.5.5 -D 1.2.3.4 80 --to 10.0.0.2
refused '-o not allowed with --forward' $f -o -D 1.2.3.4 80 --to 10.0.0.2
refused '--cut not allowed with --forward and this command' $f --cut -D 1.2.3.4 80 --to 10.0.0.2
refused '--weight 0 only allowed in combination with --mark' $f --weight 0 -D 1.2.3.4 80 --to 1.1.1.1
refused 'invalid mark "0"' -M --forward -a --mark 0 --to 10.0.0.2
refused '--forward only allowed with -a, -i, -d, -f, -l, or -z command' -M --forward -s 1 2 3

# which list sees what
host '-F -p deny' "$masq" "$forward" '-A -a -D 194.160.1.1 80 -P tcp -b'
goes "a client's packet skips the forward list" "accounting in ext counted by rule 1: -A -a -P tcp -S 0.0.0.0/0 -D 194.160.1.1/32 80 -b
input ext accepted by default policy: no rule of 0 matches
port forward ext forwarded by rule 1: $forward --weight 10
now tcp 5.5.5.5:1000 -> 10.0.0.2:8080 SYN
output int accepted by default policy: no rule of 0 matches
accounting out int counted by no rule
sent int tcp 5.5.5.5:1000 -> 10.0.0.2:8080 SYN" $client -y
ok "as a picture, with the boxes that it passes" diff - \
	<(ipfwadm trace --svg --out ext $client -y --reply | python3 -c '
import sys, xml.etree.ElementTree as tree
for g in tree.parse(sys.stdin).getroot().findall("{*}g"):
    print(*(("*" if e.get("class") else "") + (e.text or "") for e in g.iter()
            if e.text or e.get("class")), sep="|")' |
	sed -E 's/\|(\*\|[fo]|packet|leaves)/\n&/g') <<'END'
arrives|programs of this host|*|input: accepted|by default policy|forward
|*|output: accepted|by default policy
|packet 1: tcp 5.5.5.5:1000 -> 194.160.1.1:80 SYN, arrives on ext
|leaves by int: tcp 5.5.5.5:1000 -> 10.0.0.2:8080 SYN
arrives|programs of this host|*|input: accepted|by default policy
|*|forward: masqueraded|by rule 1
|*|output: accepted|by default policy
|packet 2 (reply): tcp 10.0.0.2:8080 -> 5.5.5.5:1000 SYN,ACK, arrives on int
|leaves by ext: tcp 194.160.1.1:80 -> 5.5.5.5:1000 SYN,ACK
END
ipfwadm trace $client -y --keep >/dev/null
goes "an answer passes the forward list and is masqueraded" "accounting in int counted by no rule
input int accepted by default policy: no rule of 0 matches
forward ext masqueraded by rule 1: -F -a masquerade -S 10.0.0.0/24 -D 0.0.0.0/0
masquerade ext now tcp 194.160.1.1:80 -> 5.5.5.5:1000 SYN,ACK
output ext accepted by default policy: no rule of 0 matches
accounting out ext counted by rule 1: -A -a -P tcp -S 0.0.0.0/0 -D 194.160.1.1/32 80 -b
sent ext tcp 194.160.1.1:80 -> 5.5.5.5:1000 SYN,ACK" $target -yk
ok "it is listed as masqueraded" diff <(ipfwadm -M -l -n | sed 's/1[45]:[0-9.]*/TIME/') - <<'END'
IP masquerading entries
prot expire   source               destination          ports
tcp  TIME 10.0.0.2             5.5.5.5              8080 (80) -> 1000
END
ok "an error from outside about an answer reaches the target" \
	grep -q '^sent int icmp .* -> 10.0.0.2 type 3 code 4 about tcp 10.0.0.2:8080 -> 5.5.5.5:1000' \
	<(way $target -yk --error 3/4)
ok "an error from inside skips the forward list" \
	grep -q '^sent ext icmp 194.160.1.1 -> 5.5.5.5 type 3 code 1 about tcp 5.5.5.5:1000 -> 194.160.1.1:80' \
	<(way $client -k --error 3/1)
ipfwadm -F -d masquerade -S 10.0.0.0/24
ipfwadm -F -p accept
ok "an answer that is only accepted shows the inner address" grep -qx \
	'sent ext tcp 10.0.0.2:8080 -> 5.5.5.5:1000 SYN,ACK' <(way $target -yk)

# deletion while a connection lives: as 2.2, then as 2.0
host "$masq" "$forward"
ipfwadm trace $client -y --keep >/dev/null
ipfwadm -M --forward -d -P tcp -D 194.160.1.1 80
ok "it lives on" grep -q '^port forward ext belongs' <(way $client -k)
ok "a new one is the host's" grep -q '^delivered' <(way ${client/1000/1001} -y)
host "$masq" "$forward"
ipfwadm trace $client -y --keep >/dev/null
ipportfw -D -t194.160.1.1/80
ok "it is cut from outside" grep -q '^delivered' <(way $client -k)
ok "answers are masqueraded still" grep -q '^sent ext tcp 194.160.1.1:80' <(way $target -k)
ipportfw -A -t194.160.1.1/80 -R 10.0.0.9/80
ok "and it works again to the old target" \
	grep -q '^sent int tcp 5.5.5.5:1000 -> 10.0.0.2:8080' <(way $client -k)
ok "new ones go to the new one" \
	grep -q '^sent int tcp 5.5.5.5:1001 -> 10.0.0.9:80' <(way ${client/1000/1001} -y)

# a flow that the host answered itself until the forward was there
host "$masq"
dns='-P udp -S 5.5.5.5 1000 -D 194.160.1.1 53 -W ext'
ipfwadm trace $dns --keep >/dev/null
ipfwadm -M --forward -a -P udp -D 194.160.1.1 53 --to 10.0.0.2
ok "its next packet goes to the target" grep -q '^sent int udp 5.5.5.5:1000 -> 10.0.0.2:53' \
	<(way $dns)

# other packets
host "$masq" "$forward"
ok "UDP is not TCP" grep -q '^delivered' <(way ${client/tcp/udp})
ok "another port is the host's" grep -q '^delivered' <(way ${client/80/81} -y)
ok "no SYN is needed" grep -q '^port forward ext forwarded by rule 1' <(way $client -k)
ok "what the input list denies is not forwarded" test -z "$(
	ipfwadm -I -i deny -S 5.5.5.5; way $client -y | grep 'port forward')"
ok "from the host itself it is not taken" test -z "$(
	way -P tcp -S 194.160.1.1 1000 -D 194.160.1.1 80 -y | grep 'port forward')"

# by mark, by trigger, the same port
host "$masq" '-M --forward -a --mark 7 --to 10.0.0.7' \
	'-M --forward -a -P udp -D 0/0 6970:7170 --trigger tcp 7070' \
	'-M --forward -a -P udp -D 0/0 6000:6100 --same-port'
ok "by mark" grep -q '^sent int tcp 5.5.5.5:1000 -> 10.0.0.7:80' <(way $client -y --mark 7)
ok "without the mark" grep -q '^delivered' <(way $client -y)
audio='-P udp -S 5.5.5.5 6000 -D 194.160.1.1 7000 -W ext'
ok "before the trigger" grep -q '^delivered' <(way $audio)
ipfwadm trace --out ext -P tcp -S 10.0.0.5 1000 -D 5.5.5.5 7070 -W int -y --keep >/dev/null
ok "to the host that triggered it" grep -q '^sent int udp 5.5.5.5:6000 -> 10.0.0.5:7000' \
	<(way $audio)
ok "not after the time" grep -q '^delivered' <(way --at 16 $audio)
ok "the same port" grep -q '^sent ext udp 194.160.1.1:6001 -> 5.5.5.5:6000' \
	<(way -P udp -S 10.0.0.5 6001 -D 5.5.5.5 6000 -W int)

# each front end clears its own kind
ipfwadm -M --forward -a -P tcp -D 0/0 7071 --helper raudio
ipautofw -F
ok "ipautofw -F leaves marks and ports of helpers" test "$(ipfwadm save | grep -c -- --forward)" = 2
ipmasqadm mfw -A -m 7 -r 10.0.0.8
ipmasqadm mfw -S -m 7 -r 10.0.0.8
ok "mfw -S takes the next target, whatever host is given" diff - <(
	ipmasqadm mfw -L -n 2>"$scratch/said" | awk 'NR > 1 { print $2 }'
) <<<"10.0.0.8
10.0.0.7"
ipmasqadm mfw -E -m 7 -r 10.0.0.9 2>"$scratch/said"
ok "mfw -E of another host" grep -q '^mfw: setsockopt failed: No such process' "$scratch/said"

# hairpin: 2.0 sent the answers past the host, so it does not work
host "$masq" "$forward"
ok "a client beside its target: the target sees the client itself" \
	grep -q '^sent int tcp 10.0.0.3:1000 -> 10.0.0.2:8080' \
	<(way -P tcp -S 10.0.0.3 1000 -D 194.160.1.1 80 -W int -y)

# what cannot be done with forwards says so
printf '%s\n' '-I -p deny' "$forward" >"$scratch/forwards"
printf '%s\n' '-M --forward -a -P udp -D 0/0 6000:6100 --same-port' >"$scratch/same"
moves='-M --forward -a -P tcp -D 194.160.1.1 80 --to 10.0.0.2:8080 --weight 10'
why='connections move it behind a forward that takes some of the same packets'
printf '%s\n' '-F -p deny' "$moves" '-M --forward -a -P tcp -D 0/0 80:90 --to 10.0.0.3' \
	'-M --forward -a -P tcp -D 194.160.1.1 8080 --to 10.0.0.4' >"$scratch/moving"
{ sed -n '1p;3p;4p' "$scratch/moving"; echo "$moves"; } >"$scratch/staying"
echo '-I -p deny' >"$scratch/none"
status_of() { "$@" >/dev/null 2>"$scratch/said"; echo $?; }
for format in nft iptables; do
	ok "dump $format has it" test "$(status_of ipfwadm dump $format "$scratch/forwards")" = 3
	ok "and tells what differs" grep -q "approximate: '-M --forward" "$scratch/said"
	ok "dump $format leaves one out" test "$(status_of ipfwadm dump $format "$scratch/same")" = 4
	ok "and tells" grep -q "left out: '-M --forward" "$scratch/said"
	# a connection moves the first behind the second, which takes its packets then
	ok "dump $format of forwards that change their order" \
		test "$(status_of ipfwadm dump $format "$scratch/moving")" = 3
	ok "names the one that moves" grep -qx "ipfwadm: approximate: '$moves': its $why" \
		"$scratch/said"
	ok "and it alone" test "$(grep -c approximate "$scratch/said")" = 1
	ok "prove $format agrees" test "$(status_of ipfwadm prove --for $format "$scratch/moving")" = 3
	ok "behind the range it stays" \
		test "$(status_of ipfwadm dump $format "$scratch/staying")" = 0
done
ok "diff does not call them alike" \
	test "$(status_of ipfwadm diff "$scratch/forwards" "$scratch/none")" = 1
ok "it names a packet and the forward" diff - <(cd "$scratch" && ipfwadm diff forwards none) <<END
forwarded ports: differs
  tcp 203.0.113.1:1024 -> 194.160.1.1:80 SYN
    forwards: by forward 1 (line 2): $forward --weight 10
    none: not forwarded
input, forward, output: alike for every packet
END
ok "the same ones are" \
	test "$(status_of ipfwadm diff "$scratch/forwards" "$scratch/forwards")" = 0
suite_end
