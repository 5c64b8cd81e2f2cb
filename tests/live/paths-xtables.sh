#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What 2.0.40 was recorded to do with packets, done again by the kernel with rules
# in force on xtables.  What it does otherwise is counted by reason.
# long
. tests/lib/suite.sh
paths=tests/recorded/path.jsonl.xz

unshare -n iptables-legacy -t mangle -S >/dev/null 2>&1 || {
	skip "no legacy iptables in a network namespace here (root?)"
	suite_end
}

count "$BUILD/tests/path-vectors" --backend xtables $paths

xz -dc $paths | head -n 10 >"$scratch/some.jsonl"
count "$ASAN/tests/path-vectors" --backend xtables "$scratch/some.jsonl"

# a rule that matters is loaded wrong: every time it must be noticed
xz -dc $paths | head -n "$(amount 40 100000)" >"$scratch/some.jsonl"
count "$BUILD/tests/path-vectors" --backend xtables-planted "$scratch/some.jsonl"

ok "no network of the tests is left" sh -c '! ip -o link | grep veth'
suite_end
