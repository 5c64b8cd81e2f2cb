#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Speed of rules in force with legacy iptables, beside its own tools on the same work,
# in turns.  Rows: job, ours, peer, their ratio, and the ratio to reach.
# RUNS and RULES: rows.bash.
if [ -z "${XTABLES_BENCH_INSIDE-}" ]; then
	unshare -n iptables-legacy -t mangle -S >/dev/null 2>&1 || {
		echo "SKIP no legacy iptables in a network namespace here (root?)"
		exit 0
	}
	XTABLES_BENCH_INSIDE=1 exec unshare -n "$0" "$@"
fi
. tests/bench/rows.bash
export IPFWADM_BACKEND=xtables XTABLES_LOCKFILE=$scratch/lock

flush() {
	iptables-legacy -t mangle -F
	iptables-legacy -t mangle -X
}
empty() {
	flush
	ipfwadm -I -a deny -S 192.0.2.1
	ipfwadm -I -d deny -S 192.0.2.1
}

rows_head
times=11
ours=(ipfwadm -I -a deny -P tcp -S 192.0.2.1 -D 0/0 80)
peer=(iptables-legacy -t mangle -A ipfw-input -p tcp -s 192.0.2.1 --dport 80 -j DROP)
row "append to an empty list" 0.6 empty
times=1

make_rules "$rules" >rules
ipfwadm load rules
ipfwadm dump iptables >rules.iptables
ours=(ipfwadm load rules)
peer=(iptables-legacy-restore rules.iptables)
row "load $rules rules" 1 flush

ipfwadm load rules
ours=(ipfwadm -I -l -n -e)
peer=(iptables-legacy-save -c)
row "list $rules rules with counters" 1.5
