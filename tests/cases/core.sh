#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What 2.0.40, and a connection tracker, were recorded to do, done again by the core.
. tests/lib/suite.sh

count "$ASAN/tests/fwchk-vectors" tests/recorded/fwchk.jsonl.xz
count "$ASAN/tests/path-vectors" --backend sim tests/recorded/path.jsonl.xz
count "$ASAN/tests/state-vectors" --as-linux tests/recorded/states.jsonl.xz
count "$ASAN/tests/state-vectors" tests/recorded/states.jsonl.xz
suite_end
