#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What 2.0.40 was recorded to do with packets, done again by the kernel with the
# rules that `ipfwadm dump nft' prints.  What it does otherwise is counted by reason.
. tests/lib/suite.sh
paths=tests/recorded/path.jsonl.xz

unshare -n nft list ruleset >/dev/null 2>&1 || {
	skip "no nftables in a network namespace here (root?)"
	suite_end
}

count "$BUILD/tests/path-vectors" --backend nft-text $paths

# shellcheck disable=SC2154 # of suite.sh
xz -dc $paths | head -n 10 >"$scratch/some.jsonl"
count "$ASAN/tests/path-vectors" --backend nft-text "$scratch/some.jsonl"

# a rule that matters is loaded wrong: every time it must be noticed
xz -dc $paths | head -n 40 >"$scratch/some.jsonl"
count "$BUILD/tests/path-vectors" --backend nft-text-planted "$scratch/some.jsonl"

ok "no network of the tests is left" sh -c '! ip -o link | grep veth'
suite_end
