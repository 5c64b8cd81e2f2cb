#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: nft xtables
#
# `ipfwadm ipv6': which packets pass the gate, and what else goes with it.
# vm/kmod-ipv6.sh does the same with the module.
#
#	peer 2001:db8:1::2 - eth1 gateway eth2 - 2001:db8:2::2 inner
. tests/lib/network.sh
. tests/lib/suite.sh
# shellcheck disable=SC2154 # of suite.sh
packets=tests/lib/ipv6_packets.py
export PATH=$PWD/$BUILD/bin:$PATH IPFWADM_BACKEND=$BACKEND

echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
host_add peer
host_add inner
link_add peer eth1 10.1.0.1/16 10.1.0.2/16
link_add inner eth2 10.2.0.1/16 10.2.0.2/16
for device in eth1:1::1 eth2:2::1; do
	ip -6 addr add "2001:db8:${device#*:}/64" dev "${device%%:*}" nodad
done
ip -6 addr add fe80::1/64 dev eth1 nodad
# these hosts need not answer
for neighbour in "2001:db8:1::2 eth1" "2001:db8:1::99 eth1" "2001:db8:2::2 eth2"; do
	# shellcheck disable=SC2086 # words
	ip -6 neigh replace ${neighbour% *} lladdr 02:00:00:00:00:99 dev ${neighbour#* }
done

# what other programs have
ip6tables-legacy -A INPUT -p tcp --dport 9999 -j ACCEPT
ip6tables-legacy -N theirs
ip6tables-legacy -A FORWARD -j theirs
ip6tables-legacy -t mangle -A PREROUTING -j MARK --set-mark 1
"$packets" watch | nft -f -
theirs() {
	nft -s list table ip6 watch
	ip6tables-legacy-save | sed -e '/^#/d' -e '/ipfw-ipv6/d' -e '/^:/s/ \[.*//'
}
theirs >"$scratch/theirs"
mine() {
	nft list ruleset | grep -c 'table ip6 ipfwadm'
	ip6tables-legacy-save | grep -c ipfw-ipv6
}

# passed_write FILE: the kinds of packets that pass
passed_write() {
	nft delete table ip6 watch
	"$packets" watch | nft -f -
	"$packets" ours
	peer "$packets" frames eth0 "$(ip -o link show eth1 | sed 's/.*ether \([^ ]*\).*/\1/')"
	wait_until last_is_through
	nft -j list table ip6 watch | "$packets" passed >"$1"
}

last_is_through() {
	nft list chain ip6 watch last | grep -q 'packets [1-9]'
}
"$packets" names | sort >"$scratch/names"
passed_write "$scratch/open"
ok "all kinds of packets pass the open gate" diff <(sort "$scratch/open") "$scratch/names"
ok "there are more than 30 of them" test "$(wc -l <"$scratch/names")" -gt 30

ok "ipv6 deny" ipfwadm ipv6 deny
ok "it is in force" test "$(ipfwadm ipv6)" = "ipv6 deny"
passed_write "$scratch/closed"
ok "those pass that should" diff <(grep '^+' "$scratch/names") <(sort "$scratch/closed")
all() {
	nft -s list ruleset
	ip6tables-legacy-save | sed -e '/^#/d' -e '/^:/s/ \[.*//'
}
all >"$scratch/all"
ok "a second time nothing changes" eval 'ipfwadm ipv6 deny && diff "$scratch/all" <(all)'
ok "what other programs have is as it was" diff "$scratch/theirs" <(theirs)
ok "no table for rules of IPv4 came of it" eval '! nft list table ip ipfwadm 2>/dev/null'
ok "JSON" eval 'ipfwadm --json ipv6 | grep -q "\"ipv6\": \"deny\""'

# with rules
ok "a rule is added" ipfwadm -I -a deny -S 192.0.2.1
ok "it stays in force" test "$(ipfwadm ipv6)" = "ipv6 deny"
ok "save has it" eval 'ipfwadm save >"$scratch/saved" && grep -qx "ipv6 deny" "$scratch/saved"'
ok "ipv6 accept" ipfwadm ipv6 accept
ok "nothing of it is left" test "$(mine | tr '\n' ' ')" = "0 0 "
ok "what other programs have is as it was, then" diff "$scratch/theirs" <(theirs)
ok "the rule is there" eval 'ipfwadm save | grep -q "192.0.2.1"'
ok "load closes it" eval 'ipfwadm load "$scratch/saved" && test "$(ipfwadm ipv6)" = "ipv6 deny"'
ok "and opens it" eval 'grep -v ipv6 "$scratch/saved" | ipfwadm load - 2>/dev/null &&
	test "$(ipfwadm ipv6)" = "ipv6 accept"'
{
	cat "$scratch/saved"
	echo "-M --forward -a -P udp -D 0.0.0.0/0 2700:2710 --trigger tcp 600"	# not of netfilter
	echo "-I -a accept -P tcp --helper pptp"	# not of the module
} >"$scratch/refused"
ok "a load that is refused leaves it" eval '! ipfwadm load "$scratch/refused" 2>/dev/null &&
	test "$(ipfwadm ipv6)" = "ipv6 accept"'
echo 'ipfwadm -I -a deny -S 192.0.2.2; ipfwadm ipv6 deny' >"$scratch/script"
ok "run closes it with the rules" eval 'ipfwadm run "$scratch/script" &&
	test "$(ipfwadm ipv6)" = "ipv6 deny" && ipfwadm save | grep -q "192.0.2.2"'
echo 'ipfwadm ipv6 accept; ipfwadm ipv6; exit 3' >"$scratch/script"
ok "one that fails does not" eval '! ipfwadm run "$scratch/script" >"$scratch/out" &&
	grep -qx "ipv6 accept" "$scratch/out" && test "$(ipfwadm ipv6)" = "ipv6 deny"'
ok "the shell stages it" eval 'printf "begin\nipv6 accept\ncommit\nipv6\n" |
	ipfwadm shell >"$scratch/out" 2>&1 && grep -qx "ipv6 accept" "$scratch/out"'
ok "append does what its lines say" eval 'echo ipv6 deny | ipfwadm load --append - &&
	test "$(ipfwadm ipv6)" = "ipv6 deny" && ipfwadm save | grep -q "192.0.2.2"'
echo '-I -d deny -S 192.0.2.99' | cat <(echo ipv6 accept) - >"$scratch/refused"
ok "edits that are refused leave it" eval '! ipfwadm load --append "$scratch/refused" 2>/dev/null &&
	test "$(ipfwadm ipv6)" = "ipv6 deny"'

# as text for other programs; nobody else changes what the module has
case $BACKEND in
nft)	ipfwadm dump nft >"$scratch/dump" 2>/dev/null
	restore() { nft -f "$scratch/dump"; }
	break_gate() { nft insert rule ip6 ipfwadm passes accept; } ;;
xtables)
	ipfwadm dump ip6tables >"$scratch/dump" 2>/dev/null
	restore() { ip6tables-legacy-restore -n "$scratch/dump"; }
	break_gate() { ip6tables-legacy -I INPUT -j ACCEPT; }
	ok "dump iptables says where it is" eval 'ipfwadm dump iptables 2>&1 >/dev/null |
		grep -q "ipfwadm dump ip6tables"' ;;
esac
if [ "$BACKEND" != kmod ]; then
	ok "it is opened" ipfwadm ipv6 accept
	ok "the dump loads" restore
	ok "what it has loaded is the gate" test "$(ipfwadm ipv6 2>&1)" = "ipv6 deny"
	ok "a change by others is told" eval 'break_gate && ipfwadm ipv6 2>&1 |
		grep -q "the gate for IPv6 was changed by others"'
	ok "refresh undoes it" eval 'ipfwadm refresh && test "$(ipfwadm ipv6 2>&1)" = "ipv6 deny"'
fi
[ "$BACKEND" != xtables ] || ip6tables-legacy -D INPUT -j ACCEPT
passed_write "$scratch/closed"
ok "the same packets pass" diff <(grep '^+' "$scratch/names") <(sort "$scratch/closed")

# the warning
warned() {
	"$@" 2>&1 >/dev/null | grep -q 'a global IPv6 address, which nothing filters'
}
unwarned() {
	! warned "$@"
}
ok "no warning while it is closed" unwarned ipfwadm backends
ipfwadm ipv6 accept
ok "nor while others filter" unwarned ipfwadm backends
ip6tables-legacy -F INPUT
nft delete table ip6 watch
ok "backends warns" warned ipfwadm backends
ok "load warns" warned ipfwadm load /dev/null
ok "ipv6 warns" warned ipfwadm ipv6
ok "the simulator does not" unwarned ipfwadm --backend "sim:$scratch/sim" backends
ip6tables-legacy -P INPUT DROP
ok "a policy is a filter" unwarned ipfwadm backends
ip6tables-legacy -P INPUT ACCEPT
nft 'table inet fw { chain in { type filter hook input priority 0; policy drop; }; }'
ok "one of table inet, too" unwarned ipfwadm backends
nft delete table inet fw
ip -6 addr flush dev eth1 scope global
ip -6 addr flush dev eth2 scope global
ok "without a global address there is none" unwarned ipfwadm backends

if [ "$BACKEND" = nft ]; then
	nft add table ip6 ipfwadm && nft add chain ip6 ipfwadm theirs
	ok "a table of others that has its name is not taken" eval '
		! ipfwadm ipv6 deny 2>"$scratch/told" && grep -q "another program" "$scratch/told"'
	ok "nor by a load" eval '! echo ipv6 deny | ipfwadm load - 2>/dev/null &&
		ipfwadm load /dev/null && nft list chain ip6 ipfwadm theirs >/dev/null'
	ok "and is no gate" test "$(ipfwadm ipv6)" = "ipv6 accept"
	nft delete table ip6 ipfwadm
fi

# elsewhere
ok "the simulator keeps it" eval 'ipfwadm --backend "sim:$scratch/sim" ipv6 deny 2>&1 |
	grep -q "the simulator filters no IPv6 packets" && grep -qx "ipv6 deny" "$scratch/sim"'
ok "a word that it does not know" eval '! ipfwadm ipv6 reject 2>/dev/null &&
	test "$(ipfwadm ipv6)" = "ipv6 accept"'
suite_end
