#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The analysis of rules: against every packet that short lists can tell apart, which
# notices the mistakes of tests/cases/analysis.mutants (in make check some of them), and within
# its budget on lists that are made to exceed it.
# long
. tests/lib/suite.sh

export PATH=$PWD/$BUILD/bin:$PATH IPFWADM_BACKEND=sim

count "$ASAN/tests/analysis-oracle" "$(amount 60 1000)" 1
count "$BUILD/tests/analysis-oracle" "$(amount 200 20000)" 2

# noticed FILE SED: the oracle fails with the mistake in it
noticed() {
	local dir=$scratch/planted
	rm -rf "$dir" && mkdir -p "$dir/backend/analysis"
	cp backend/analysis/*.[ch] "$dir/backend/analysis"
	sed -i "$2" "$dir/backend/analysis/$1"
	! cmp -s "backend/analysis/$1" "$dir/backend/analysis/$1" &&
		gcc -std=gnu11 -O1 -w -I"$dir" -I. -D_GNU_SOURCE -o "$dir/oracle" \
			"$dir"/backend/analysis/*.c tests/programs/analysis-oracle.c \
			"$BUILD"/{libtest,libbackend,libcore}.a -ljansson || return
	! within 60 "$dir/oracle" 1500 3 >"$dir/out"
}

n=0 every=$(amount 9 1)
while read -r file rule; do
	case $file in '' | '#'*) continue ;; esac
	read -r sed
	n=$((n + 1))
	[ $((n % every)) != 0 ] || ok "planted: $rule" noticed "${file%:}" "$sed"
done <tests/cases/analysis.mutants

# clauses N: rules that ask for three of 64 bits each, so that whether they match every
# packet is as hard a question as any
clauses() {
	python3 - "$1" <<'END'
import random, socket, struct, sys
r = random.Random(7)
def net(bits):
    mask = sum(1 << b for b in bits)
    return "/".join(socket.inet_ntoa(struct.pack(">I", n))
                    for n in (r.getrandbits(32) & mask, mask))
for _ in range(int(sys.argv[1])):
    bits = r.sample(range(64), 3)
    print("-I -a accept -S", net(b for b in bits if b < 32),
          "-D", net(b - 32 for b in bits if b >= 32))
END
}

# status N COMMAND...: it ends so
status() {
	local wanted=$1
	shift
	"$@" >"$scratch/out" 2>"$scratch/err"
	[ $? = "$wanted" ] && [ ! -s "$scratch/err" ]
}

cd "$scratch" || exit 1
cat >rules <<'END'
-I -p deny
-I -a accept -P tcp -S 10.0.0.0/8 -D 0.0.0.0/0 25 --comment mail
-I -a accept -P tcp -S 10.1.0.0/16 -D 0.0.0.0/0 25
-I -a accept -P tcp -S 10.0.0.0/8 -D 0.0.0.0/0 80 443
-I -a deny -P tcp -S 10.0.0.0/8 -D 0.0.0.0/0 443 -o
-I -a accept -P udp -S 192.168.0.0/25 -D 0.0.0.0/0
-I -a accept -P udp -S 192.168.0.128/25 -D 0.0.0.0/0
-I -a deny -S 172.16.0.0/16 -D 0.0.0.0/0
-I -a deny -S 172.17.0.0/16 -D 0.0.0.0/0 -o
-F -a accept -S 10.0.0.0/8 -D 0.0.0.0/0
-A both -a -S 10.0.0.0/8 -D 0.0.0.0/0
-A both -a -S 10.0.0.0/8 -D 0.0.0.0/0
-M --forward -a -P tcp -D 192.0.2.1 80 --to 10.0.0.2
END
ipfwadm optimise rules >fewer 2>notes
ok 'optimise: what it leaves' diff - <(grep -v '^[#]' fewer) <<'END'
-M -s 900 120 300
-I -p deny
-F -p accept
-O -p accept
-M --forward -a -P tcp -D 192.0.2.1 80 --to 10.0.0.2 --weight 10
-A -a -S 10.0.0.0/8 -D 0.0.0.0/0
-A -a -S 10.0.0.0/8 -D 0.0.0.0/0
-I -a accept -P tcp -S 10.0.0.0/8 -D 0.0.0.0/0 25 80 443 --comment mail
-I -a accept -P udp -S 192.168.0.0/24 -D 0.0.0.0/0
-I -a deny -S 172.17.0.0/16 -D 0.0.0.0/0 -o
END
ok 'optimise: what it reports' diff - notes <<'END'
ipfwadm: forward: 0 rules in place of 1, alike for every packet; who counts differs
ipfwadm: input: 3 rules in place of 8, alike for every packet; who counts differs
END
ok 'optimise: it is alike' ipfwadm diff --level log rules fewer
ok 'optimise: nothing is left to do' diff fewer <(ipfwadm optimise fewer 2>&1)
ok 'optimise: as another program has it' diff \
	<(ipfwadm optimise --to nft rules 2>/dev/null) <(ipfwadm dump nft fewer 2>/dev/null)
{ echo '-I -p deny'; printf -- '-I -a accept -S 10.0.%d.1\n' {0..9} 3; } >hosts
ipfwadm optimise --to nft --maps hosts >maps 2>/dev/null
ok 'optimise --maps: one lookup' grep -qx $'\t\tip saddr vmap @input-1' maps
ok 'optimise --maps: an element for each rule that is left' test "$(grep -c ' : accept,$' maps)" = 10
ok 'dump --maps: the repetition is a rule' test 10:1 = \
	"$(ipfwadm dump --maps nft hosts | grep -c ' : accept,$'):$(
	ipfwadm dump --maps nft hosts | grep -c 'ip saddr 10.0.3.1 counter')"
ok 'dump --maps: of nft alone' test 2 = "$(ipfwadm dump --maps iptables hosts 2>/dev/null; echo $?)"
{ echo '-I -p deny'; clauses 320; } >hard
echo '-I -p accept' >simple
ok 'lint: a budget that does not suffice' status 5 ipfwadm lint --budget 2 hard
ok 'what is undecided is named' grep -q 'default policy of input is undecided' out
ok 'and counted' grep -qE 'notes?, [0-9]+ undecided$' out
ok 'diff: a budget that does not suffice' status 5 ipfwadm diff --budget 1 hard simple
# to find them takes fewer comparisons than to prove that they are not needed
{ printf '%s\n' '-I -p deny' '-I -a accept -S 10.0.0.0/8 -D 0.0.0.0/0'
  for ((i = 1; i < 700; i++)); do
	echo "-I -a accept -S 10.0.$((i >> 8)).$((i & 255)) -D 0.0.0.0/0"
  done; } >many
ipfwadm optimise --budget 1 many >fewer 2>err
ok 'optimise: a budget that does not suffice' test $? = 5
ok 'optimise: the list is as it was' test "$(grep -c '^-I -a' fewer)" = 700
ok 'optimise: it is reported' grep -qx \
	'ipfwadm: warning: input is as it was: not proved within the budget' err
ok 'optimise: a budget that does' test "$(ipfwadm optimise many 2>/dev/null | grep -c '^-I -a')" = 1
ok 'it is not said to be alike' cmp -s out - <<END
forward, output: alike for every packet
input: undecided within the budget
END
# a long block list, where each with each would be more than the budget
awk 'BEGIN { for (i = 0; i < 50000; i++)
	printf "-I -a deny -S 10.%d.%d.%d\n", i / 65536, i / 256 % 256, i % 256 }' >blocked
ok 'lint of a long list' ipfwadm lint blocked
ok 'all of it is decided' test "$(ipfwadm lint blocked)" = \
	'50000 rules: 0 warnings, 0 notes, nothing undecided'
within 20 ipfwadm lint --budget 100 hard >out
ok 'a hostile list ends' test $? != 124
suite_end
