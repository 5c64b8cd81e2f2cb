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
{ echo '-I -p deny'; clauses 320; } >hard
echo '-I -p accept' >simple
ok 'lint: a budget that does not suffice' status 5 ipfwadm lint --budget 2 hard
ok 'what is undecided is named' grep -q 'default policy of input is undecided' out
ok 'and counted' grep -qE 'notes?, [0-9]+ undecided$' out
ok 'diff: a budget that does not suffice' status 5 ipfwadm diff --budget 1 hard simple
ok 'it is not said to be alike' cmp -s out - <<END
forward, output: alike for every packet
input: undecided within the budget
END
within 20 ipfwadm lint --budget 100 hard >out
ok 'a hostile list ends' test $? != 124
suite_end
