#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Proofs of plans: those of random rule sets, of recorded scripts and of recorded rule
# sets are proved, and mistakes are found with a packet, in plans and in the lowerings.
# long
. tests/lib/suite.sh

export IPFWADM_BACKEND=sim

count "$BUILD/tests/plan-prove" --seed 1 --count "$(amount 6 1000)"
count "$ASAN/tests/plan-prove" --seed 2 --count "$(amount 1 20)"
count "$BUILD/tests/plan-prove" --count "$(amount 8 1)" tests/recorded/scripts.jsonl
count "$BUILD/tests/plan-prove" --count "$(amount 40 1)" tests/recorded/fwchk.jsonl.xz
[ -z "${LONG-}" ] || count "$BUILD/tests/plan-prove" --mutate --seed 3 --count 20

# rules that use all of the language
cat >"$scratch/rules" <<'END'
interface lo 127.0.0.1/8
interface eth0 192.168.1.1/24
interface eth0:1 192.168.1.9/24
interface ppp0 198.51.100.17/32
-I -p accept
-I -a deny -P tcp -S 10.0.0.0/8 -D 0/0 20:30 -W eth0
-I -a accept -P tcp -y -S 0/0 -D 192.168.1.0/24 25 -o
-I -a accept -P tcp -k -S 172.16.0.0/12 -D 0/0 1024:2000 -b
-I -a reject -P udp -S 0/0 53 80 -D 192.168.1.0/24
-I -a accept -P tcp -D 0/0 8080 -r 3128
-I -a accept -P udp -S 10.3.0.0/16 -D 0/0 --state new --keep-state
-F -p deny
-F -a masquerade -S 192.168.1.0/24 -W ppp0
-F -a accept -P tcp -S 10.2.0.0/16 -D 0/0 80 -b
-O -p accept
-O -a accept -P tcp -D 0/0 23 -t 0x61 0x52
-O -a reject -P udp -D 203.0.113.0/24 -W eth0
-A both -a -P icmp -W ppp0
-A both -a -S 192.168.1.0/24 -D 0/0 -b
-A in -a -P tcp -D 0/0 1000:65535
-A both -a -P udp -W eth0
END

# named: the rules that are not exact
named() {
	grep -o 'approximate: -[AIFO] rule [0-9]*'
}

# ports that are forwarded, also by turns, where the forward list masquerades all answers
cat >"$scratch/forwards" <<'END'
interface lo 127.0.0.1/8
interface eth0 192.168.1.1/24
interface ppp0 198.51.100.17/32
-I -p deny
-I -a accept -P tcp -S 10.0.0.0/8 -D 198.51.100.17 80:443
-I -a reject -P udp -S 0/0 53 -D 0/0 6000:6005
-I -a accept -P udp -D 0/0 6000:6100 --keep-state
-I -a accept -P tcp -D 0/0 8080 -r 3128
-I -a accept -S 192.168.1.0/24 -W eth0
-F -p deny
-F -a masquerade -S 192.168.1.0/24 -W ppp0
-O -p accept
-O -a deny -P tcp -S 198.51.100.17 443 -D 203.0.113.0/24
-O -a deny -P tcp -D 192.168.1.5 8081
-A both -a -P tcp -S 198.51.100.17 80
-M --forward -a -P tcp -D 198.51.100.17 80 --to 192.168.1.5:8080 --weight 3 --left 1
-M --forward -a -P tcp -D 198.51.100.17 80 --to 192.168.1.6:8080 --weight 2
-M --forward -a -P tcp -D 198.51.100.17 443 --to 192.168.1.6
-M --forward -a -P udp -D 0.0.0.0/0 6000:6010 --to 192.168.1.7
-M --forward -a --mark 16 --to 192.168.1.8
END
grep -v ' -r ' "$scratch/forwards" >"$scratch/exact"
for target in nft iptables; do
	ok "forwarded ports for $target" diff <(echo "$target: alike for every packet") \
		<("$BUILD/bin/ipfwadm" prove --for $target "$scratch/exact" 2>&1)
done
{ cat "$scratch/exact"; echo '-M --forward -a -P tcp -D 0.0.0.0/0 70:90 --to 192.168.1.9'; } \
	>"$scratch/overlap"
for target in nft iptables; do
	"$BUILD/bin/ipfwadm" prove --for $target "$scratch/overlap" >"$scratch/out" 2>"$scratch/err"
	ok "$target: forwards that their connections move behind another one are named" \
		test $? = 3
	ok "$target: the three of them" test "$(grep -c ': its connections move' "$scratch/err")" = 3
done

# proved TARGET: but for rules that dump reports, too, as it does those with addresses
proved() {
	local rc
	"$BUILD/bin/ipfwadm" prove --for "$1" "$scratch/rules" >"$scratch/out" 2>"$scratch/err"
	rc=$?
	"$BUILD/bin/ipfwadm" dump "$1" "$scratch/rules" 2>&1 >/dev/null | named >"$scratch/dumped"
	grep "^$1: alike" "$scratch/out" && [ $rc = 3 ] &&
		named <"$scratch/err" | grep . && ! named <"$scratch/err" |
		grep -vxF -f "$scratch/dumped"
}
ok 'rules of all kinds for nft' proved nft
ok 'rules of all kinds for iptables' proved iptables

# refused STATUS TEXT FORMAT: dump --prove prints nothing but why
refused() {
	"$ASAN/bin/ipfwadm" dump --prove "$3" "$scratch/rules" >"$scratch/out" 2>"$scratch/err"
	[ $? = "$1" ] && [ ! -s "$scratch/out" ] && grep -qF "$2" "$scratch/err" ||
		! cat "$scratch/err"
}
ok 'dump --prove: rules that are not exact' refused 3 'what is not exact cannot be proved' nft
ok 'dump --prove: the same for iptables' refused 3 'what is not exact cannot be proved' iptables
ok 'dump --prove: what no proof is about' refused 2 'only nft and iptables are proved' ipfwadm

# within_budget MILLIONS: alike but for what dump reports, or undecided
within_budget() {
	"$ASAN/bin/ipfwadm" prove --budget "$1" "$scratch/rules" >"$scratch/out" 2>&1
	case $? in 3 | 5) ;; *) cat "$scratch/out"; return 1 ;; esac
}
for budget in 1 2 3 5 20; do
	ok "within $budget million comparisons" within_budget $budget
done

objects=$(find "$BUILD/ipfwadm" "$BUILD/compat" -name '*.o' ! -path '*/shell/*' ! -name client_main.o)

# planted FILE SED TARGET: the program with the mistake tells of a packet
planted() {
	local program=$scratch/planted rules=$scratch/rules
	case $what in *forwarded* | *of\ a\ forward*) rules=$scratch/exact ;; esac
	sed "$2" "backend/plan/$1" >"$scratch/$1"
	! cmp -s "backend/plan/$1" "$scratch/$1" || return
	# shellcheck disable=SC2086 # objects are words
	gcc -std=gnu11 -O1 -w -I. -D_GNU_SOURCE -o "$program" "$scratch/$1" $objects \
		"$BUILD"/lib{parser,backend,core}.a -lmnl -lip4tc -lip6tc -lxtables -ljansson || return
	within 60 "$program" prove --for "$3" "$rules" >"$scratch/out" 2>&1
	[ $? = 6 ] && grep -q '^    translated: ' "$scratch/out" || ! cat "$scratch/out"
}

n=0 every=$(amount 4 1)
while read -r file target what; do
	case $file in '' | '#'*) continue ;; esac
	read -r sed
	n=$((n + 1))
	[ $((n % every)) != 0 ] || ok "planted: $what" planted "$file" "$sed" "${target%:}"
done <tests/cases/prove.mutants
suite_end
