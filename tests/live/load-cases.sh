#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each match and action that the emitters write, loaded into a kernel and read
# back: nothing may be dropped or changed on the way.
. tests/lib/suite.sh

# unshare has no name and is gone with its last process
unshare -n true 2>/dev/null || {
	skip "no network namespace can be made here (root?)"
	suite_end
}

for what in nft nft-listed iptables iptables-listed; do
	ok "$what is written" sh -c '"$1" "$2" >"$3"' - "$BUILD/tests/emit-cases" \
		$what "$scratch/$what"
done

nft_loads() {
	unshare -n sh -e -c 'nft -c -f "$1" && nft -f "$1" && nft -f "$1" &&
		nft list table ip ipfwadm >"$1.got"' - "$scratch/nft"
}

nft_listing() {
	sed -n 's/^\t\t//p' "$scratch/nft.got" | grep -v -e '^type ' -e '^l3proto ' |
		sort >"$scratch/got"
	sort "$scratch/nft-listed" | diff - "$scratch/got"
}

# restore and save as legacy or nft does
iptables_loads() {
	unshare -n sh -e -c 'iptables-$2-restore "$1" && iptables-$2-save >"$1.got"' - \
		"$scratch/iptables" "$1"
}

iptables_listing() {
	grep '^-A' "$scratch/iptables.got" | sort >"$scratch/got"
	sort "$scratch/iptables-listed" | diff - "$scratch/got"
}

ok "nft loads the cases, twice" nft_loads
if [[ $(nft --version) = *v1.0.6* ]]; then
	ok "nft lists what was loaded" nft_listing
else
	skip "the listings to compare with are those of nft 1.0.6"
fi
for variant in legacy nft; do
	if ! command -v iptables-$variant-restore >/dev/null; then
		skip "no iptables-$variant-restore"
		continue
	fi
	ok "iptables-$variant loads the cases" iptables_loads $variant
	ok "iptables-$variant saves what was loaded" iptables_listing
done
suite_end
