#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: nft xtables
# root
#
# Rules that others put into our chains, and rules of ours that others delete.
if [ -z "${FOREIGN_INSIDE-}" ]; then
	unshare -n true 2>/dev/null || {
		echo "SKIP no network namespace can be made here (root?)"
		echo "0 passed, 0 failed, 1 skipped"
		exit 77
	}
	FOREIGN_INSIDE=1 exec unshare -n "$0" "$@"
fi
. tests/lib/suite.sh
export PATH=$PWD/$BUILD/bin:$PATH IPFWADM_BACKEND=$BACKEND

ip link set lo up
ip link add eth0 type bridge
ip addr add 10.0.0.1/24 dev eth0

script() {
	ipfwadm -I -f
	ipfwadm -I -p deny
	ipfwadm -I -a accept -W lo
	ipfwadm -I -a accept -P tcp -D 198.51.100.7 25
}

# what somebody does who lets himself in, and how many such rules there are
intrude_nft() {
	nft insert rule ip ipfwadm "$1" tcp dport 22 accept
}
intrude_xtables() {
	iptables-legacy -t mangle -I "ipfw-$1" -p tcp --dport 22 -j ACCEPT
}
in_force_nft() {
	nft list ruleset | sed '/^\tchain record {/,/^\t}/d'
}
in_force_xtables() {
	iptables-legacy-save
}
# chains may be in another order after all are written again
ours_sorted() {
	in_force_$BACKEND | grep -v -e '^#' -e '^:' -e ipfw-record -e '^$' | sort
}
intruders() {
	in_force_$BACKEND | grep -c 'dport 22'
}

# names COMMAND...: it succeeds, and names what others have done
names() {
	"$@" >"$scratch/out" 2>"$scratch/told" || {
		cat "$scratch/told"
		return 1
	}
	grep -q 'changed by others: .*that was not loaded' "$scratch/told"
}

silent() {
	"$@" 2>"$scratch/told" && [ ! -s "$scratch/told" ]
}

same() {
	ipfwadm save 2>"$scratch/told" | diff "$scratch/saved" - && [ ! -s "$scratch/told" ]
}

script
ipfwadm save >"$scratch/saved"
intrude_$BACKEND input
ok "a script that is run again says what it undoes" names script
ok "and ends with what it says" same
ok "the rule of others is gone" test "$(intruders)" = 0

intrude_$BACKEND input
intrude_$BACKEND forward
for command in "-I -a deny -S 192.0.2.1" "-I -i deny -S 192.0.2.1" \
	"-I -d deny -S 192.0.2.1" "-I -d deny -S 192.0.2.1" "-I -z" "-I -l -z" "-A -a" \
	"-A -d" "-F -a m -S 10.0.0.0/8" "-F -d m -S 10.0.0.0/8" \
	"-O -p deny" "-O -p accept" "-F -p deny" "-F -p accept"; do
	# shellcheck disable=SC2086 # words
	ok "$command works and names it" names ipfwadm $command
done
ok "the rules of others are left" test "$(intruders)" = 2
ok "a flush of another list, too" names ipfwadm -O -f
nft add table ip mine
for command in -a -d -i -d; do
	ok "-O $command says nothing when others change other rules" silent \
		ipfwadm -O $command deny -S 192.0.2.1
done
ok "it removes them" test "$(intruders)" = 0
ok "ours are the same" same

for command in "refresh" "load $scratch/saved"; do
	intrude_$BACKEND output
	# shellcheck disable=SC2086 # words
	ok "$command names it" names ipfwadm $command
	ok "$command: it is gone" test "$(intruders)" = 0
	ok "$command: ours are the same" same
done

# rules of ours that others delete; what is left counts on
delete_nft() {
	nft delete rule ip ipfwadm input handle \
		"$(nft -a list chain ip ipfwadm input | sed -n 's/.*198.51.100.7.* # handle //p')"
}
delete_xtables() {
	iptables-legacy -t mangle -D ipfw-input 2
}
empty_nft() {
	nft flush chain ip ipfwadm "$1"
}
empty_xtables() {
	iptables-legacy -t mangle -F "ipfw-$1"
}
# lost COMMAND...: it works, and names a rule that is gone
lost() {
	"$@" >"$scratch/out" 2>"$scratch/told" || {
		cat "$scratch/told"
		return 1
	}
	grep -q 'changed by others: rule 2 of the input list was deleted' "$scratch/told"
}
counters() {
	ipfwadm save --counters | grep -v ' -p '
}
delete_$BACKEND
for command in "-I -l" "save" "-I -z" "-I -a deny -S 192.0.2.1" \
	"-O -i deny -S 192.0.2.1" "-O -d deny -S 192.0.2.1" \
	"-I -d deny -S 192.0.2.1" "-A -a" "-A -d" "-F -p accept" refresh; do
	# shellcheck disable=SC2086 # words
	ok "$command names a rule that was deleted" lost ipfwadm $command
done
ok "it is put back" same
ok "and nothing else is told" silent ipfwadm -I -a deny -S 192.0.2.1
ok "nor then" silent ipfwadm -I -d deny -S 192.0.2.1
ping -c 2 -q 127.0.0.1 >/dev/null
counters >"$scratch/counters"
delete_$BACKEND
ok "refresh again" lost ipfwadm refresh
ok "what is left has its counters" diff "$scratch/counters" <(counters)
ok "which are some" grep -q '^\[[1-9]' "$scratch/counters"
empty_$BACKEND input
ok "-l tells of a list that was emptied" grep -q 'rule 1 of the input list was deleted' \
	<(ipfwadm -I -l 2>&1)
ok "refresh" ipfwadm refresh
ok "puts the rules back" same
empty_$BACKEND input
ok "a script" script
ok "ends with what it says" same
empty_$BACKEND output
empty_$BACKEND input
ok "so does load" ipfwadm load "$scratch/saved"
ok "with the same rules" same
delete_$BACKEND
ipfwadm -A -a -P udp 2>"$scratch/told"
ok "-O -f leaves the other list" lost ipfwadm -O -f
ok "until it is refreshed" ipfwadm refresh
ok "with what was added meanwhile" test "-A -a -P udp" = \
	"$(ipfwadm save | diff "$scratch/saved" - | sed -n 's/^[<>] //p')"
ipfwadm -A -d -P udp

# a chain that leads to ours, and what masquerades, is deleted by others
ipfwadm -F -a m -S 10.0.0.0/8 -W eth0
ipfwadm save >"$scratch/saved"
ours_sorted >"$scratch/before"
case $BACKEND in
nft) flush() { nft flush chain ip ipfwadm masqueraded; nft flush chain ip ipfwadm input-hook; } ;;
xtables) flush() { iptables-legacy -t nat -F; iptables-legacy -t mangle -F PREROUTING; } ;;
esac
for command in "-F -p accept" "-I -f" "refresh"; do
	flush
	# shellcheck disable=SC2086 # words
	ok "$command works after a flush" ipfwadm $command
	[ "$command" != "-I -f" ] || ipfwadm load "$scratch/saved"
	ok "$command: all is as before" diff "$scratch/before" \
		<(ours_sorted)
	ok "$command: ours are the same" same
done

# each rule of the chains around the lists is deleted in turn
case $BACKEND in
nft)
	around='local-output input-hook forward-hook forwarded-output fragments'
	chain_list() { nft list chain ip ipfwadm "$1"; }
	chain_delete() {
		nft delete rule ip ipfwadm "$1" handle "$(nft -a list chain ip ipfwadm "$1" |
			sed -n 's/.*# handle //p' | sed -n "$(($2 + 1))p")"
	} ;;
xtables)
	around='ipfw-local ipfw-prerouting ipfw-forwarding ipfw-broken ipfw-translating'
	chain_list() { iptables-legacy -t mangle -S "$1"; }
	chain_delete() { iptables-legacy -t mangle -D "$1" "$2"; } ;;
esac
for chain in $around; do
	chain_list "$chain" >"$scratch/chain"
	for ((k = 1; ; k++)); do
		chain_delete "$chain" $k 2>"$scratch/told" || break
		ipfwadm -I -i deny -S 192.0.2.9 2>"$scratch/told"
		ipfwadm -I -d deny -S 192.0.2.9 2>"$scratch/told"
		ok "rule $k of $chain comes back to its place" \
			diff "$scratch/chain" <(chain_list "$chain")
	done
	ok "there are some in $chain" test $k -gt 2
done
ok "ours are the same" same

# all rules are deleted, and others have theirs
case $BACKEND in
nft) flush() { nft flush table ip ipfwadm; } ;;
xtables) flush() { for t in raw mangle nat filter; do iptables-legacy -t $t -F; done; } ;;
esac
for command in "-O -f" "-I -p deny" "-A -f" "-I -a accept -W lo"; do
	flush
	intrude_$BACKEND input
	# shellcheck disable=SC2086 # words
	ok "$command works among rules of others alone" grep -q 'changed by others' \
		<(ipfwadm $command 2>&1 || echo failed)
	ok "$command: a script" script
	ok "$command: ends with what it says" test "$(ipfwadm save 2>/dev/null |
		grep -c -e '-I -p deny' -e '-I -a accept')" = 3
done
ipfwadm load "$scratch/saved"

# a dormant table does nothing
dormant() {
	nft list table ip ipfwadm | grep -q 'flags dormant'
}
# sleeps COMMAND...: it fails, prints no rule and says why
sleeps() {
	local status
	"$@" >"$scratch/out" 2>"$scratch/told"
	status=$?
	[ $status != 0 ] && [ ! -s "$scratch/out" ] && grep -q 'is dormant' "$scratch/told"
}
make_dormant() {
	script && nft 'add table ip ipfwadm { flags dormant; }' && dormant
}
if [ "$BACKEND" = nft ]; then
	ok "the table is made dormant" make_dormant
	for command in "-I -l" "-I -l -z" "-I -z" save "dump nft" "dump iptables" "prove live"; do
		# shellcheck disable=SC2086 # words
		ok "dormant: $command tells that no rule is in force" sleeps ipfwadm $command
	done
	for command in "-I -a deny -S 192.0.2.1" "-I -d accept -W lo" "-O -p deny" "-I -f" refresh \
		"load $scratch/saved"; do
		make_dormant 2>/dev/null
		# shellcheck disable=SC2086 # words
		ok "dormant: $command" ipfwadm $command
		ok "dormant: after $command it does something" eval '! dormant'
	done
	ipfwadm ipv6 deny && nft 'add table ip6 ipfwadm { flags dormant; }'
	ipfwadm ipv6 >/dev/null 2>"$scratch/told"
	ok "a dormant gate is told" grep -q 'gate for IPv6 was changed' "$scratch/told"
	ipfwadm refresh 2>/dev/null
	ok "and closed again" eval '! nft list table ip6 ipfwadm | grep -q dormant'
fi

# a dump in the tables of iptables-nft
ipfwadm dump iptables - </dev/null >"$scratch/dump"
ipfwadm load - </dev/null
flush_all_nft() { nft flush ruleset; }
flush_all_xtables() {
	for t in raw mangle nat filter; do
		iptables-legacy -t $t -F
		iptables-legacy -t $t -X
	done
}
flush_all_$BACKEND
ok "a dump loads into iptables-nft" iptables-nft-restore -n "$scratch/dump"
ipfwadm -I -a deny -S 192.0.2.1 2>"$scratch/told"
ok "the first rule is told of it" grep -q 'rules of a dump .* iptables-nft' "$scratch/told"
ok "the second is not" silent ipfwadm -I -a deny -S 192.0.2.2
suite_end
