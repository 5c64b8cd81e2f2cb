#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Rules in force with nftables: what stands in the kernel, who else changes it,
# and what happens when something fails.  All in a network namespace of its own.
# slow
# root
. tests/lib/network.sh
. tests/lib/suite.sh

export PATH=$PWD/$BUILD/bin:$PATH
unset IPFWADM_BACKEND
program=$PWD/$BUILD/bin/ipfwadm
root=$PWD
cd "$scratch" || exit 1

ip link add eth0 type bridge
ip addr add 10.0.0.1/24 dev eth0

fresh() {
	nft flush ruleset
}

equal() {
	diff <(printf '%s\n' "$1") <(printf '%s\n' "$2")
}

rules() {
	ipfwadm "-$1" -l -n | tail -n +3 | wc -l
}

# without what was counted, and how it came
listed() {
	nft list ruleset | sed -e 's/packets [0-9]* bytes [0-9]*/packets bytes/' \
		-e '/^\tchain record {/,/^\t}/d' | grep -v '^$'
}

### the choice of a backend
fresh
ok "nft is chosen where it works" ipfwadm -I -a deny -S 192.0.2.1
ok "and holds the rule" grep -q "192.0.2.1" <(nft list table ip ipfwadm)
ok "backends tells of it" grep -A 1 '^nft' <(ipfwadm backends)

### a table appears when it is needed
fresh
ok "a listing changes nothing" ipfwadm -I -l
ok "there is no table" equal "$(nft list ruleset)" ""
ok "no rule, no table" ipfwadm -F -f
ok "there still is none" equal "$(nft list ruleset)" ""
ok "a rule that is not there" says "Invalid argument" ipfwadm -F -d deny -S 1.2.3.4
ok "there still is none after that" equal "$(nft list ruleset)" ""

### nothing of others is touched
fresh
nft -f - <<-'END'
	table ip mine {
		counter seen { packets 7 bytes 700; }
		set s { type ipv4_addr; flags timeout; elements = { 1.2.3.4 timeout 1d } }
		chain input { type filter hook input priority 0; policy accept;
			counter packets 3 bytes 300 comment "theirs"
			ip saddr @s jump ipfwadm
		}
		chain ipfwadm { counter packets 1 bytes 2 drop; }
	}
	table ip6 ipfwadm {
		chain input { counter packets 5 bytes 50; }
	}
	table inet ipfwadm {
		chain input { tcp dport { 1, 5-9 } accept; }
	}
END
foreign() {
	nft -j list table ip mine
	nft -j list table ip6 ipfwadm
	nft -j list table inet ipfwadm
}
before=$(foreign | sed 's/"expires": [0-9]*//')
for command in "-I -a deny -S 10.0.0.0/8" "-F -a m -S 192.168.0.0/16" "-F -p deny" \
	"-A -a -b" "-O -i reject -P tcp -D 0/0 25" "-A -l -z" "-I -z" "-F -f" "refresh"; do
	# shellcheck disable=SC2086 # words
	ok "ipfwadm $command" ipfwadm $command
done
ipfwadm save >saved
ok "ipfwadm load" ipfwadm load saved
ok "tables of others are as before" equal "$before" \
	"$(foreign | sed 's/"expires": [0-9]*//')"

### counters survive what happens to other rules; -l -z takes each packet once
fresh
ipfwadm -O -a accept -P icmp -S 10.0.0.1 -b
ping -c 3 -i 0.01 -W 1 10.0.0.1 >ping.log
counted() {
	ipfwadm "-$1" -l -n -x -e | awk 'NR == 3 { print $1 }'
}
ok "packets are counted" test "$(counted O)" -ge 3
was=$(counted O)
ipfwadm -O -a deny -S 192.0.2.1
ipfwadm -F -a m -S 192.0.2.0/24
ipfwadm -F -p reject
ipfwadm -O -a reject -S 192.0.2.2 -t 0x01 0x10
ipfwadm -F -f
ok "counters survive edits of other rules" equal "$was" "$(counted O)"
ipfwadm save --counters >saved
ok "load with counters" ipfwadm load saved
ok "they are loaded" equal "$was" "$(counted O)"
ping -f -c 2000 -q 10.0.0.1 >ping.log &
sum=0
while kill -0 $! 2>/dev/null; do
	n=$(ipfwadm -O -l -z -n -x -e | awk 'NR == 3 { print $1 }')
	sum=$((sum + n))
done
sum=$((sum + $(counted O) - was))
sent=$(awk '/transmitted/ { print $1 + $4 }' ping.log)
ok "no packet is lost or counted twice by -l -z" equal "$sent" "$sum"

### changes by others
fresh
ipfwadm -I -a deny -S 192.0.2.1
ipfwadm -I -a deny -S 192.0.2.2
ipfwadm -I -a deny -S 192.0.2.3
good=$(listed)
tampered() {
	local what=$1
	shift
	nft "$@" || return
	ipfwadm -I -l 2>&1 >listing | grep -q "warning: the rules were changed by others" || {
		echo "$what is not told"
		return 1
	}
	grep -q "were changed by others" <(ipfwadm -I -p accept 2>&1) || return
	ipfwadm refresh 2>listing || return
	equal "$good" "$(listed)" || return
	[ -z "$(ipfwadm -I -l 2>&1 >listing)" ]
}
handle() {
	nft -a list chain ip ipfwadm input | sed -n "s/.*$1.*# handle //p"
}
ok "a rule more" tampered "a rule more" insert rule ip ipfwadm input ip saddr 6.6.6.6 accept
ok "a rule more at the end" tampered "a rule more" add rule ip ipfwadm input accept
ok "glue that is missing" tampered "glue" flush chain ip ipfwadm input-hook
ok "a chain more" tampered "a chain more" add chain ip ipfwadm other
ok "a rule less of the truncated" tampered "fragments" flush chain ip ipfwadm fragments
ok "another rule" tampered "another rule" replace rule ip ipfwadm input \
	handle "$(handle 192.0.2.2)" ip saddr 192.0.2.22 counter drop
ok "no rule is gone" equal 3 "$(rules I)"
ipfwadm dump nft >dump
nft -f dump
ok "a dump loaded by nft is ours" test -z "$(ipfwadm -I -l 2>&1 >listing)"
grep -v settings: dump | nft -f -
good=$(listed)
ok "a dump without the policies is not listed" says "loaded by another program" ipfwadm -F -l
ok "nor refreshed to nothing" says "loaded by another program" ipfwadm refresh
ok "it stays" equal "$good" "$(listed)"
ok "a policy is set" ipfwadm -F -p deny
ok "and the rules stay" equal 3 "$(rules I)"
ipfwadm load saved
ok "load replaces it" test -z "$(ipfwadm -I -l 2>&1 >listing)"

### interfaces
fresh
ipfwadm -I -a deny -V 10.0.9.9
ok "an address that nobody has matches nothing" grep -q 'version != 4' <(nft list ruleset)
ip addr add 10.0.9.9/32 dev eth0
ok "a change of interfaces is no change by others" test -z "$(ipfwadm -I -l 2>&1 >listing)"
ok "refresh" ipfwadm refresh
ok "the rule follows the address" grep -q 'iifname "eth0" counter' <(nft list ruleset)
good=$(nft -a list ruleset)
ok "refresh again" ipfwadm refresh
ok "changes nothing" equal "$good" "$(nft -a list ruleset)"
ip addr del 10.0.9.9/32 dev eth0
ok "an edit has others follow, too" ipfwadm -I -p reject
ok "the rule has followed" grep -q 'version != 4' <(nft list ruleset)
for i in $(seq 400); do
	printf 'link add many%s type bridge\naddr add 10.0.8.8/32 dev many%s\n' "$i" "$i"
done | ip -batch -
ok "a rule for hundreds of interfaces" ipfwadm -I -a deny -V 10.0.8.8
ok "holds them all" equal 400 "$(nft list chain ip ipfwadm input | grep -o '"many' | wc -l)"
ok "and is known again" test -z "$(ipfwadm -I -l 2>&1 >listing)"
seq 400 | sed 's/.*/link del many&/' | ip -batch -

### the exact -c on rules in force
fresh
ipfwadm -I -p deny
ipfwadm -I -a accept -P tcp -S 0/0 -D 10.0.0.1 25
ok "a check is answered" equal "packet accepted" \
	"$(ipfwadm -I -c -P tcp -W eth0 -V 10.0.0.1 -S 1.1.1.1 1 -D 10.0.0.1 25)"
ok "by the policy too" equal "packet denied" \
	"$(ipfwadm -I -c -P tcp -W eth0 -V 10.0.0.1 -S 1.1.1.1 1 -D 10.0.0.1 26)"
ok "not for an interface that is not there" says "Invalid argument" \
	ipfwadm -I -c -P tcp -W eth7 -V 10.0.0.1 -S 1.1.1.1 1 -D 10.0.0.1 26

### who may not
fresh
ipfwadm -I -a deny -S 192.0.2.1
good=$(nft -a list ruleset)
refused_to_nobody "$program" --backend nft
ok "nothing has changed" equal "$good" "$(nft -a list ruleset)"
fresh
cat >own.py <<-'END'
	# a table that its maker owns, as long as this runs
	import socket, struct, sys
	def attr(kind, data):
	    return struct.pack("HH", 4 + len(data), kind) + data + b"\0" * (-len(data) % 4)
	def message(kind, flags, data, family, resource):
	    body = struct.pack("!BBH", family, 0, resource) + data
	    return struct.pack("IHHII", 16 + len(body), kind, flags, 0, 0) + body
	s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
	s.bind((0, 0))
	s.send(message(16, 1, b"", 0, 10) +
	       message(10 << 8, 0x401, attr(1, b"ipfwadm\0") + attr(2, b"\0\0\0\2"), 2, 0) +
	       message(17, 1, b"", 0, 10))
	print("made", flush=True)
	sys.stdin.read()
END
mkfifo hold
python3 own.py <hold >owned &
exec 9>hold
for _ in $(seq 50); do grep -q made owned && break; sleep 0.05; done
ok "a table that another program owns" says "belongs to another program" \
	ipfwadm -I -a deny -S 192.0.2.1
ok "load into it" says "belongs to another program" ipfwadm load saved
exec 9>&-
wait

### no gap while rules are loaded
for i in $(seq 0 1499); do
	echo "-I -a deny -P tcp -S 10.$((i / 256)).$((i % 256)).0/24 -D 0/0 25"
done >many
cat >stream.py <<-'END'
	# datagrams to ourselves for some seconds: how many were sent, how many came
	import socket, sys, time
	receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	receiver.bind(("127.0.0.1", 999))
	receiver.setblocking(False)
	sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	sent = came = 0
	end = time.monotonic() + float(sys.argv[1])
	while time.monotonic() < end:
	    try:
	        sent += 1
	        sender.sendto(b"x", ("127.0.0.1", 999))
	        receiver.recv(8)
	        came += 1
	    except OSError:
	        pass
	print(sent, came)
END
loads=0
stream_while_loading() {
	local pid
	ipfwadm load "$1" || return
	python3 stream.py "${STREAM_SECONDS:-4}" >stream &
	pid=$!
	loads=0
	while kill -0 $pid 2>/dev/null; do
		ipfwadm load "$1" || return
		loads=$((loads + 1))
	done
	wait $pid
	read -r sent came <stream
}
{ echo "-I -a deny -P udp -S 127.0.0.1" && cat many; } >denying
stream_while_loading denying
ok "rules were loaded, datagrams sent" test $loads -gt 3 -a "$sent" -gt 10000
ok "what is denied never passes" equal 0 "$came"
{
	printf -- '-%s -p deny\n' I O
	printf -- '-%s -a accept -P udp -S 127.0.0.1\n' I O
	cat many
} >accepting
stream_while_loading accepting
ok "rules were loaded again" test $loads -gt 3 -a "$sent" -gt 10000
ok "what is accepted always passes" equal "$sent" "$came"

### the root of a user namespace, whose messages are no larger than a setting
for n in 600 60000; do
	seq $n | sed 's/.*/-I -a deny -P udp -S 10.0.0.1 -D 10.0.0.2 53 -o/' >many.$n
done
as_user=(unshare -rn "$program" --backend nft load)
ok "many rules by the root of a user namespace" "${as_user[@]}" many.600
if [ "$(cat /proc/sys/net/core/wmem_max)" -le 4194304 ]; then
	ok "too many: the setting is named" says 'larger than net.core.wmem_max' \
		"${as_user[@]}" many.60000
fi
suite_end
