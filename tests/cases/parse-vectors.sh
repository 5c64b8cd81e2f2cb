#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The parser alone against the recordings of 2.3.0.
. tests/lib/suite.sh

wrapper=$(find /usr/lib -name libnss_wrapper.so -print -quit)
cat >"$scratch/hosts" <<EOF
127.0.0.1 localhost
10.5.5.5 single.example
10.1.1.1 multi.example
10.1.1.2 multi.example
10.1.2.3 multi.example
172.16.0.1 pair.example
172.16.0.2 pair.example
10.9.9.9 a-very-long-host-name.example.org
EOF
count env LD_PRELOAD="$wrapper" NSS_WRAPPER_HOSTS="$scratch/hosts" \
	"$BUILD/tests/parse-vectors" tests/recorded/{cli,lines,scripts}.jsonl
suite_end
