#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# xtables: libxtables ends the process, libiptc fails, memory ends, at each place in turn.
# Every time the user gets a sentence and a status, and the tables are as before.
# long
# slow
BACKEND=xtables
. tests/lib/network.sh
. tests/lib/suite.sh
export PATH=$PWD/$BUILD/bin:$PATH IPFWADM_BACKEND=xtables
program=$PWD/$BUILD/bin/ipfwadm
cc -shared -fPIC -D_GNU_SOURCE -fno-builtin -Wno-missing-prototypes -o "$scratch/fail_at.so" \
	tests/lib/preload/fail_at.c
cd "$scratch" || exit 1

listed() {
	iptables-legacy-save | grep -e '^-A' -e '^:ipfw' | sed '/^:/s/\[.*//'
}

# tries WHAT EVERY COMMAND...: every EVERYth call of WHAT fails, from the first on, until
# the command ends without so many.  It fails with a sentence, or does not need the call.
tries() {
	local what=$1 every=$2 n status before after
	shift 2
	ipfwadm load set-few || return
	before=$(listed)
	for ((n = 1; n < 100000; n += every)); do
		rm -f reached
		FAIL_WHAT=$what FAIL_AT=$n FAIL_REACHED=$PWD/reached \
			LD_PRELOAD=$PWD/fail_at.so "$program" "$@" >out 2>err
		status=$?
		after=$(listed)
		[ -e reached ] || break
		if [ $status -ge 128 ] && [ $status != 255 ]; then
			echo "$what $n: status $status"
			return 1
		elif [ $status = 0 ]; then
			[ "$after" = "$before" ] && { echo "$what $n: said done"; return 1; }
			ipfwadm load set-few || return
		elif ! [ -s err ]; then
			echo "$what $n: status $status without a sentence"
			return 1
		elif [ "$after" != "$before" ]; then
			echo "$what $n: $(cat err)"
			diff <(echo "$before") <(echo "$after")
			return 1
		fi
	done
	[ "$n" -gt 1 ] && [ $status = 0 ] && [ "$after" != "$before" ]
}

cat >set-few <<-'END'
	-I -a deny -P tcp -S 192.0.2.1 -D 0/0 25 -o
	-O -a accept -P icmp -S 10.0.0.1 -b
	-A -a -b -S 10.0.0.2
END
cat >set-more <<-'END'
	-I -a reject -P tcp -S 192.0.2.1 -b -o
	-F -a m -S 192.168.0.0/16
	-I -a accept -P tcp -D 10.0.0.1 80 -r 3128
	-F -p reject
	-O -i deny -P tcp -S 192.0.2.3 1 2 3 -b -o -t 0x01 0x10
END
alloc=7
[ -z "${LONG-}" ] || alloc=1
for what in libxtables libiptc; do
	ok "$what fails in an append" tries $what 1 -I -a deny -P tcp -S 192.0.2.7 -D 0/0 25 -o
	ok "$what fails in a policy" tries $what 1 -F -p masquerade
	ok "$what fails in a load" tries $what 1 load set-more
done
ok "libiptc fails in a deletion" tries libiptc 1 -A -d -b -S 10.0.0.2
ok "memory ends in an append" tries alloc $alloc -I -a deny -P tcp -S 192.0.2.7 -D 0/0 25 -o
ok "memory ends in a policy" tries alloc $alloc -F -p masquerade
ok "memory ends in a deletion" tries alloc $alloc -A -d -b -S 10.0.0.2
ok "memory ends in a load" tries alloc $((3 * alloc)) load set-more

### a worker whose parent has ended changes nothing; one that is killed is an error
ipfwadm load set-few
good=$(listed)
: >"$XTABLES_LOCKFILE"
exec 8<"$XTABLES_LOCKFILE"
flock 8
ipfwadm -I -a deny -S 192.0.2.8 2>/dev/null &
sleep 0.3
kill -9 $!
wait $! 2>/dev/null
flock -u 8
sleep 0.3
ok "a command that was killed before it had the lock changes nothing" \
	test "$good" = "$(listed)"
flock 8
ipfwadm -I -a deny -S 192.0.2.8 2>err &
sleep 0.3
kill -9 "$(pgrep -P $!)"
wait $!
status=$?
flock -u 8
exec 8<&-
ok "a worker that is killed is an error" test $status != 0
ok "in a sentence" grep -q "ended without a report" err
ok "and nothing has changed" test "$good" = "$(listed)"
suite_end
