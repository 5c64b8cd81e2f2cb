#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What rules are lowered to is what the core means by them: random rule sets and
# packets, planted mistakes that must be noticed, and recorded packets.
# long
. tests/lib/suite.sh

count "$BUILD/tests/plan-property" --seed 1 --count "$(amount 1000000 50000000)"
count "$ASAN/tests/plan-property" --seed 2 --count 20000
count "$ASAN/tests/plan-property" --seed 3 --mutate
for plan in nft xtables; do
	count "$BUILD/tests/fwchk-vectors" --plan $plan tests/recorded/fwchk.jsonl.xz
done
suite_end
