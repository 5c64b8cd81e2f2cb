#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What 2.0.40, and a connection tracker, were recorded to do, done again by the core.
. tests/lib/suite.sh

count "$ASAN/tests/fwchk-vectors" tests/recorded/fwchk.jsonl.xz
count "$ASAN/tests/fwchk-vectors" --padding 1 tests/recorded/fwchk.jsonl.xz
count "$ASAN/tests/path-vectors" --backend sim tests/recorded/path.jsonl.xz
count "$ASAN/tests/state-vectors" --as-linux tests/recorded/states.jsonl.xz
# our own ways differ from it on purpose, and nowhere else
own() {
	"$ASAN/tests/state-vectors" tests/recorded/states.jsonl.xz >"$scratch/own"
	local status=$?
	grep -v ^differs "$scratch/own"
	return $status
}
count own
ok "what differs on purpose" \
	diff <(grep ^differs "$scratch/own") tests/cases/state-differences
suite_end
