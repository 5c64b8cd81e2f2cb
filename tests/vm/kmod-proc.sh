#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Readers of /proc/net/ip_input and its siblings, of the module; and
# how long a long list takes.
# slow
. tests/lib/suite.sh
. tests/lib/machine.sh

# shellcheck disable=SC2016 # for the machine
script='
$BUILD/tests/kmod-proc
$BUILD/tests/kmod-proc 2040
$BUILD/tests/kmod-proc-i386 2

hundredths() { sed "s/ .*//; s/\.//" /proc/uptime; }
load() {
	awk -v n="$1" "BEGIN {
		for (i = 0; i < n; i++)
			printf \"-A in -a -P udp -S 10.%d.%d.%d/32\n\", i / 65536,
				i / 256 % 256, i % 256
	}" | $BUILD/bin/ipfwadm --backend kmod load -
}
# listings TIMES: how long all of them take, and the lines of the last
listings() {
	local begin=$(hundredths) n
	for n in $(seq "$1"); do
		lines=$(dd if=/proc/net/ip_acct bs=4096 2>/dev/null | wc -l)
	done
	spent=$(($(hundredths) - begin))
	echo "$1 listings of $lines lines: $spent/100 s"
}
check "load some rules" load $((most / 10))
listings 10
few=$spent
check "load many rules" load $most
# as many lines in all; tried again, since the processor is not ours alone
for try in 1 2 3; do
	listings 1
	[ $spent -gt $((few * 4)) ] || break
done
check "all are listed" [ "$lines" = $((most + 1)) ]
check "in a time that grows with their number" [ $spent -le $((few * 4)) ]
'
for kernel in $kernels; do
	machine "$kernel" "most=$(amount 20000 100000); $script" --memory 1024 --time 1800
done
suite_end
