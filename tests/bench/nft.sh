#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Speed of rules in force with nftables, beside nft and iptables-nft on the same
# work, in turns.  Rows: job, ours, peer, their ratio, and the ratio to reach.
# RUNS and RULES: rows.bash.
if [ -z "${NFT_BENCH_INSIDE-}" ]; then
	unshare -n true 2>/dev/null || {
		echo "SKIP no network namespace can be made here (root?)"
		exit 0
	}
	NFT_BENCH_INSIDE=1 exec unshare -n "$0" "$@"
fi
. tests/bench/rows.bash
export IPFWADM_BACKEND=nft

rows_head
empty() {
	nft flush ruleset
	ipfwadm -I -a deny -S 192.0.2.1
	ipfwadm -I -d deny -S 192.0.2.1
}
flush() { nft flush ruleset; }

times=11
ours=(ipfwadm -I -a deny -P tcp -S 192.0.2.1 -D 0/0 80)
peer=(nft add rule ip ipfwadm input ip saddr 192.0.2.1 tcp dport 80 counter drop)
row "append to an empty list" 0.33 empty

make_rules "$rules" >rules
ipfwadm load rules
ipfwadm dump nft >rules.nft
row "append to $rules rules" 0.9
flush
times=1

ours=(ipfwadm load rules)
peer=(nft -f rules.nft)
row "load $rules rules" 0.65 flush

ipfwadm load rules
ours=(ipfwadm -I -l -n -e)
peer=(nft list ruleset)
row "list $rules rules with counters" 0.35

make_rules 1000 | sed 's/^/ipfwadm /' >script
python3 - >peer_script <<-'END'
	for i in range(1000):
	    print(f"iptables-nft -A INPUT -p tcp -s 10.{i >> 8 & 255}.{i & 255}.0/24 "
	          f"--dport {1000 + i} -j DROP")
END
ours=(bash ./script)
peer=(bash ./peer_script)
runs=$((runs < 3 ? runs : 3))
if command -v iptables-nft >/dev/null; then
	row "script of 1000 commands" 0.5 flush
fi
