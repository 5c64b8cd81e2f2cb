#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The recorded ways of packets shuffled, by the kernel with rules on nftables and on
# legacy iptables: other rules and other packets.  Seeds are fixed, so that every run
# does the same; most of these meet with what recordings seldom show.
#
#	SEED=N SCENARIOS=N tests/live/paths-random.sh
# slow
# long
. tests/lib/suite.sh
per_seed=${SCENARIOS:-$(amount 5 200)}

# shuffled BACKEND SEED...: some networks from each seed on
shuffled() {
	local backend=$1 seed
	shift
	for seed; do
		echo "$backend SEED=$seed"
		count "$BUILD/tests/path-random" --backend "$backend" --seed "$seed" \
			--count "$per_seed" tests/recorded/path.jsonl.xz
	done
}

if unshare -n nft list ruleset >/dev/null 2>&1; then
	# shellcheck disable=SC2086 # several
	shuffled nft ${SEED:-64 188 754 885 1000 100043 100372 102895}
else
	skip "no nftables in a network namespace here (root?)"
fi
if unshare -n iptables-legacy -t mangle -S >/dev/null 2>&1; then
	# shellcheck disable=SC2086
	shuffled xtables ${SEED:-142 293 461 1000 1354}
else
	skip "no legacy iptables in a network namespace here (root?)"
fi
suite_end
