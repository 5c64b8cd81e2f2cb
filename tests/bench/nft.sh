#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Speed of rules in force with nftables, beside nft and iptables-nft on the same
# work, in turns.  Rows: job, ours, peer, their ratio, and the ratio to reach.
# RUNS=9 times each (medians); RULES=10000.
if [ -z "${NFT_BENCH_INSIDE-}" ]; then
	unshare -n true 2>/dev/null || {
		echo "SKIP no network namespace can be made here (root?)"
		exit 0
	}
	NFT_BENCH_INSIDE=1 exec unshare -n "$0" "$@"
fi
set -eu
PATH=$PWD/${BUILD:-build}/bin:$PATH
measure=$PWD/tests/bench/measure.py
export IPFWADM_BACKEND=nft
runs=${RUNS:-9} rules=${RULES:-10000}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ipfwadm-bench.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

# microseconds that a command takes, added to a file; times: in a row, for each
timed() {
	local to=$1
	shift
	python3 "$measure" "$times" "$@" >>"$to"
}

median() {
	sort -n "$1" | sed -n "$(((runs + 1) / 2))p"
}

# row JOB TARGET [BEFORE]: the commands in the arrays ours and peer, in turns; before
# each the function BEFORE
row() {
	local job=$1 target=$2 before=${3:-:} i
	rm -f ours peer
	for ((i = 0; i < runs; i++)); do
		$before
		timed ours "${ours[@]}"
		$before
		timed peer "${peer[@]}"
	done
	awk -v job="$job" -v target="$target" -v ours="$(median ours)" \
		-v peer="$(median peer)" 'BEGIN {
		printf "%-36s %9.2f ms %9.2f ms %6.2f %6s\n", job, ours / 1000, peer / 1000,
			ours / peer, target }'
}

make_rules() {
	python3 - "$1" <<-'END'
		import sys
		for i in range(int(sys.argv[1])):
		    print(f"-I -a deny -P tcp -S 10.{i >> 8 & 255}.{i & 255}.0/24 "
		          f"-D 0.0.0.0/0 {1000 + i % 60000}")
	END
}

printf '%-36s %12s %12s %6s %6s\n' "job" "ours" "peer" "ratio" "target"

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
