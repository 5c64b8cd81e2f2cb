#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Speed of rules in force with legacy iptables, beside its own tools on the same work,
# in turns.  Rows: job, ours, peer, their ratio, and the ratio to reach.
# RUNS=9 times each (medians), single commands ten in a row; RULES=10000.
if [ -z "${XTABLES_BENCH_INSIDE-}" ]; then
	unshare -n iptables-legacy -t mangle -S >/dev/null 2>&1 || {
		echo "SKIP no legacy iptables in a network namespace here (root?)"
		exit 0
	}
	XTABLES_BENCH_INSIDE=1 exec unshare -n "$0" "$@"
fi
set -eu
PATH=$PWD/${BUILD:-build}/bin:$PATH
export IPFWADM_BACKEND=xtables
runs=${RUNS:-9} rules=${RULES:-10000}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ipfwadm-bench.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
export XTABLES_LOCKFILE=$scratch/lock

# microseconds that a command takes, added to a file
timed() {
	local to=$1 begin end
	shift
	begin=${EPOCHREALTIME/./}
	"$@" >/dev/null
	end=${EPOCHREALTIME/./}
	echo $((end - begin)) >>"$to"
}

median() {
	sort -n "$1" | sed -n "$(((runs + 1) / 2))p"
}

# row JOB TARGET OURS PEER TIMES: functions of these names, in turns, each from an empty
# list; what they do, they do so many times
row() {
	local job=$1 target=$2 ours=$3 peer=$4 times=$5 i
	rm -f ours peer
	for ((i = 0; i < runs; i++)); do
		$before
		timed ours "$ours"
		$before
		timed peer "$peer"
	done
	awk -v job="$job" -v target="$target" -v ours="$(median ours)" -v times="$times" \
		-v peer="$(median peer)" 'BEGIN {
		printf "%-36s %9.2f ms %9.2f ms %6.2f %6s\n", job, ours / 1000 / times,
			peer / 1000 / times, ours / peer, target }'
}

flush() {
	iptables-legacy -t mangle -F
	iptables-legacy -t mangle -X
}
empty() {
	flush
	ipfwadm -I -a deny -S 192.0.2.1
	ipfwadm -I -d deny -S 192.0.2.1
}

printf '%-36s %12s %12s %6s %6s\n' "job" "ours" "peer" "ratio" "target"

ours_append() {
	for n in 1 2 3 4 5 6 7 8 9 10; do
		ipfwadm -I -a deny -P tcp -S 192.0.2.$n -D 0/0 80
	done
}
peer_append() {
	for n in 1 2 3 4 5 6 7 8 9 10; do
		iptables-legacy -t mangle -A ipfw-input -p tcp -s 192.0.2.$n --dport 80 -j DROP
	done
}
before=empty
row "append to an empty list" 0.6 ours_append peer_append 10

python3 - "$rules" >rules <<-'END'
	import sys
	for i in range(int(sys.argv[1])):
	    print(f"-I -a deny -P tcp -S 10.{i >> 8 & 255}.{i & 255}.0/24 "
	          f"-D 0.0.0.0/0 {1000 + i % 60000}")
END
ipfwadm load rules
ipfwadm dump iptables >rules.iptables
ours_load() { ipfwadm load rules; }
peer_load() { iptables-legacy-restore rules.iptables; }
before=flush
row "load $rules rules" 1 ours_load peer_load 1

ipfwadm load rules
ours_list() { ipfwadm -I -l -n -e; }
peer_list() { iptables-legacy-save -c; }
before=:
row "list $rules rules with counters" 1.5 ours_list peer_list 1
