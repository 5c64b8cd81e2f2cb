#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Rule sets in the manner of docker, ufw and ferm, loaded into kernels and listed by the
# kernel's tools: diff reads both spellings of each and finds them alike, or says what it
# does not know; and packets in the kernel meet what the readers say.
# long
. tests/lib/suite.sh

# shellcheck disable=SC2154 # of suite.sh
dir=$scratch ipfwadm=$BUILD/bin/ipfwadm

if ! unshare -n iptables-legacy -t nat -S >/dev/null 2>&1 ||
   ! unshare -n nft list ruleset >/dev/null 2>&1; then
	skip "no legacy iptables and nftables in a network namespace here (root?)"
	suite_end
fi

# made KIND SEED: the set, and what the kernel lists of it
made() {
	python3 tests/lib/filter_sets.py "$1" "$2" iptables >"$dir/set.iptables" &&
	python3 tests/lib/filter_sets.py "$1" "$2" nft >"$dir/set.nft" &&
	unshare -n sh -ec 'cd "$0"
		iptables-legacy-restore <set.iptables
		iptables-legacy-save >iptables
		nft -f set.nft
		nft -j list ruleset >nft
		command -v iptables-nft-restore >/dev/null || exit 0
		nft flush ruleset
		iptables-nft-restore <set.iptables
		iptables-nft-save >iptables-nft
		nft -j list ruleset >nft-iptables' "$dir"
}

# compared A B: alike, or undecided with the reason; never a difference
compared() {
	"$ipfwadm" diff "$dir/$1" "$dir/$2" >"$dir/out" 2>&1
	case $? in
	0) ;;
	5) ! grep -vE 'alike for|undecided (because of what is not known: |within the budget)' \
		"$dir/out" ;;
	*) cat "$dir/out"; return 1 ;;
	esac
}

# refused FILE: with its place
refused() {
	"$ipfwadm" diff "$dir/$1" "$dir/iptables" >"$dir/out" 2>&1
	[ $? = 2 ] && grep -q "^$ipfwadm: $dir/$1: nftables\[[0-9]*\]: expr\[[0-9]*\]: unknown" \
		"$dir/out" || ! cat "$dir/out"
}

cat >"$dir/lists" <<'END'
-I -p deny
-I -a accept -W eth1
-I -a accept -P tcp -k
-F -p deny
-F -a masquerade -S 172.17.0.0/16 -W eth0
-O -p accept
END

# read_beside_lists FILE...: beside lists of 2.0, with what either does to a packet
read_beside_lists() {
	for file; do
		"$ipfwadm" diff "$dir/lists" "$dir/$file" >"$dir/out" 2>&1
		[ $? = 1 ] && grep -q '^    .*/lists: ' "$dir/out" && grep -q "^    .*/$file: " \
			"$dir/out" || ! cat "$dir/out" || return
	done
}

packets=$(amount 170 200)
for kind in docker ufw ferm; do
	for seed in $(seq 1 "$(amount 10 1)" 20); do
		ok "$kind $seed is loaded" made $kind "$seed"
		ok "$kind $seed: iptables and nft" compared iptables nft
		ok "$kind $seed: other than lists of 2.0" read_beside_lists iptables nft
		if [ -e "$dir/iptables-nft" ]; then
			ok "$kind $seed: both kinds of iptables" compared iptables iptables-nft
			ok "$kind $seed: what nft has no words for" refused nft-iptables
		fi
		for format in iptables nft; do
			count "$BUILD/tests/filter-live" $format "$dir/set.$format" "$dir/$format" \
				"$seed" "$packets"
		done
	done
done
[ $suite_packets -ge 2000 ] || fail "$suite_packets packets"
suite_end
