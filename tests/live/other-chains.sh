#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: nft xtables
#
# Chains of other programs: `trace' and `backends' name those that packets pass, and
# `backends' those that set bits of our mark mask.
. tests/lib/network.sh
. tests/lib/suite.sh
export PATH=$PWD/$BUILD/bin:$PATH IPFWADM_BACKEND=$BACKEND

ip link add eth0 type bridge
ip addr add 10.0.0.1/24 dev eth0
ip link set eth0 up
unknown='too, whose verdict is not known'
arrives='trace -W eth0 -P tcp -S 10.0.0.7 1025 -D 10.0.0.1 25'
leaves='trace -P udp -S 10.0.0.1 1025 -D 10.0.0.7 53'

# tells COMMAND...: its warnings, without the program's name
tells() {
	ipfwadm "$@" 2>&1 >"$scratch/out" | sed 's/^ipfwadm: warning: //' >"$scratch/told"
}

# words on purpose
# shellcheck disable=SC2086
named() {
	tells $2 && grep -qF "packets pass $1, $unknown" "$scratch/told"
}
# shellcheck disable=SC2086
unnamed() {
	tells $2 && ! grep -qF "$1" "$scratch/told"
}
marked() {
	tells backends && grep -qF "rules of $1 set bits $2 of marks" "$scratch/told"
}
# shellcheck disable=SC2086
silent() {
	tells $1 && [ ! -s "$scratch/told" ] || { cat "$scratch/told"; false; }
}

ipfwadm -I -p deny
ipfwadm -I -a accept -P tcp -D 10.0.0.1 25
ipfwadm -F -a m -S 10.0.0.0/24
for command in backends "$arrives" "$leaves"; do
	ok "ipfwadm $command: our own chains are not named" silent "$command"
done

nft -f - <<'END'
table inet fw {
	chain in { type filter hook input priority 0; policy drop; }
	chain out { type filter hook output priority 0; meta mark set 0x1; }
	chain empty { type filter hook input priority 1; }
	chain uncalled { accept; }
}
table ip6 fw {
	chain in { type filter hook input priority 0; policy drop; }
}
table ip theirs {
	chain c { }
}
END
in='chain in of table inet fw (policy drop)' out='chain out of table inet fw'
ok "backends names a chain that drops" named "$in" backends
ok "and one that has rules" named "$out" backends
ok "trace names the one that the packet passes" named "$in" "$arrives"
ok "and not the other" unnamed "$out" "$arrives"
ok "for a packet that leaves it is the other way round" named "$out" "$leaves"
ok "there, too" unnamed "$in" "$leaves"
ok "an empty chain that accepts is not named" unnamed "chain empty" backends
ok "nor one without a hook" unnamed "chain uncalled" backends
ok "nor one of IPv6" unnamed "ip6" backends
ok "nor are marks outside of our mask" unnamed "mark mask" backends
ok "the simulator is in no other program's way" unnamed "$in" \
	"--backend sim:$scratch/sim backends"

while read -r bits statement; do
	nft flush chain ip theirs c
	nft "add rule ip theirs c $statement"
	ok "'$statement' sets bits of our mask" marked "chain c of table ip theirs" "$bits"
done <<'END'
0x10000 meta mark set 0x10001
0x40000 meta mark set meta mark or 0x40000
0xff0000 meta mark set meta mark and 0xff00ffff xor 0xff0000
0xffff0000 ct mark set 0x1
0xffff0000 ct mark set meta mark
0xff0000 ct mark set ct mark and 0xff00ffff
END
while read -r statement; do
	nft flush chain ip theirs c
	ok "'$statement' is a rule" nft "add rule ip theirs c $statement"
	ok "'$statement' does not" unnamed "chain c of table ip theirs" backends
done <<'END'
meta mark set 0xffff
meta mark set meta mark and 0xffff
ct mark set ct mark or 0x7
meta mark set ct mark
tcp dport 0x1000 counter accept
END
nft flush ruleset
[ "$BACKEND" = xtables ] || ipfwadm load /dev/null

for iptables in iptables-legacy iptables-nft; do
	of='table ip'
	[ $iptables = iptables-nft ] || of='iptables table'
	$iptables -P INPUT DROP
	$iptables -N theirs
	$iptables -t mangle -N theirs
	$iptables -A OUTPUT -j theirs
	ok "$iptables: a policy is named" named "chain INPUT of $of filter (policy drop)" "$arrives"
	ok "$iptables: a rule is" named "chain OUTPUT of $of filter" "$leaves"
	ok "$iptables: by backends, too" named "chain OUTPUT of $of filter" backends
	ok "$iptables: not what the packet does not pass" unnamed INPUT "$leaves"
	while read -r bits target; do
		# shellcheck disable=SC2086
		$iptables -t mangle -A theirs -j $target
		ok "$iptables: $target sets bits of our mask" \
			marked "chain theirs of $of mangle" "$bits"
		$iptables -t mangle -F theirs
	done <<-'END'
		0x20000 MARK --set-xmark 0x20000/0xff0000
		0xffff0000 CONNMARK --set-mark 1
		0xff0000 CONNMARK --save-mark --mask 0xffffff
	END
	while read -r target; do
		# shellcheck disable=SC2086
		$iptables -t mangle -A theirs -j $target
		ok "$iptables: $target does not" unnamed "mark mask" backends
		$iptables -t mangle -F theirs
	done <<-'END'
		MARK --set-mark 0x1
		CONNMARK --set-xmark 0x1/0xff
		CONNMARK --restore-mark
	END
	$iptables -P INPUT ACCEPT
	$iptables -F
done
suite_end
