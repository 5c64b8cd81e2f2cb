#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The recorded ways of packets shuffled, by the kernel with rules on nftables: other
# rules, other packets, each time others.
#
#	SEED=N SCENARIOS=N tests/suites/paths-random.sh
# slow
. tests/lib/suite.sh
seed=${SEED:-$(($(date +%s%N) / 1000 % 1000000000))}

unshare -n nft list ruleset >/dev/null 2>&1 || {
	skip "no nftables in a network namespace here (root?)"
	suite_end
}

echo "SEED=$seed"
count "$BUILD/tests/path-random" --backend nft --seed "$seed" \
	--count "${SCENARIOS:-80}" tests/recorded/path.jsonl.xz
suite_end
