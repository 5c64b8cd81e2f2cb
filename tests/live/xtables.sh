#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Rules in force with legacy iptables: what stands in the kernel, who else changes it,
# and what happens when something fails.  All in a network namespace of its own.
# slow
BACKEND=xtables
. tests/lib/network.sh
. tests/lib/suite.sh

export PATH=$PWD/$BUILD/bin:$PATH
export IPFWADM_BACKEND=xtables
program=$PWD/$BUILD/bin/ipfwadm
root=$PWD
cd "$scratch" || exit 1

ip link add eth0 type bridge
ip addr add 10.0.0.1/24 dev eth0

tables="raw mangle nat filter"

fresh() {
	local t
	for t in $tables; do
		iptables-legacy -w -t "$t" -F
		iptables-legacy -w -t "$t" -X
	done
}

equal() {
	diff <(printf '%s\n' "$1") <(printf '%s\n' "$2")
}

rules() {
	ipfwadm "-$1" -l -n | tail -n +3 | wc -l
}

# all that is in force, with counters when so asked
listed() {
	iptables-legacy-save "$@" | sed -e '/^#/d' -e '/^:/s/\[.*//' -e /ipfw-record/d
}

### a table appears when it is needed
used=$(cat /proc/net/ip_tables_names)
ok "a listing changes nothing" ipfwadm -I -l
ok "no table is in use" equal "$used" "$(cat /proc/net/ip_tables_names)"
ok "no rule, no chain" ipfwadm -F -f
ok "a rule that is not there" says "Invalid argument" ipfwadm -F -d deny -S 1.2.3.4
ok "no table is in use after that" equal "$used" "$(cat /proc/net/ip_tables_names)"
ok "a rule in table mangle" ipfwadm -I -a deny -S 192.0.2.1
ok "that is the only table" equal mangle "$(cat /proc/net/ip_tables_names)"

### what is in force is what is dumped
fresh
ipfwadm -I -a deny -S 192.0.2.1 -o
ipfwadm -F -a m -S 10.0.0.0/8 -b
ipfwadm -O -i reject -P tcp -D 0/0 25 -t 0x01 0x10
ipfwadm -A -a -P udp -b -S 10.0.0.1
ipfwadm -I -i accept -P tcp -D 10.0.0.1 80 -r 3128
listed >ours
ipfwadm dump iptables >dump 2>approximate
ok "the dump loads" iptables-legacy-restore dump
listed >theirs
ok "and is what was in force" cmp ours theirs
ok "a dump loaded by iptables is ours" test -z "$(ipfwadm -I -l 2>&1 >listing)"
ok "it takes a command" ipfwadm -F -p deny
ok "and back" ipfwadm -F -p accept
ok "it is refreshed to itself" ipfwadm refresh
listed >theirs
ok "and the same is in force" cmp ours theirs
echo '-I -a deny -S 192.0.2.1' >saved
ok "load replaces it" ipfwadm load saved
ok "then it is ours" test -z "$(ipfwadm -I -l 2>&1 >listing)"

### nothing of others is touched
fresh
iptables-legacy-restore -c <<-'END'
	*mangle
	:mine - [0:0]
	[3:300] -A PREROUTING -s 1.2.3.4/32 -m comment --comment theirs -j mine
	[1:2] -A mine -p tcp -m tcp --dport 25 -j MARK --set-xmark 0x1/0xffffffff
	[5:6] -A FORWARD -j mine
	COMMIT
	*filter
	:INPUT ACCEPT [0:0]
	:other-chain - [0:0]
	[7:700] -A INPUT -p udp -m udp --dport 53 -j other-chain
	[8:9] -A other-chain -j RETURN
	COMMIT
	*nat
	[7:8] -A POSTROUTING -s 172.16.0.0/12 -o eth9 -j MASQUERADE
	COMMIT
END
foreign() {
	listed -c | grep -v ipfw-
}
before=$(foreign)
for command in "-I -a deny -S 10.0.0.0/8" "-F -a m -S 192.168.0.0/16" "-F -p deny" \
	"-A -a -b" "-O -i reject -P tcp -D 0/0 25" "-A -l -z" "-I -z" "-F -f" "refresh"; do
	# shellcheck disable=SC2086 # words
	ok "ipfwadm $command" ipfwadm $command
done
ipfwadm save >saved
ok "ipfwadm load" ipfwadm load saved
ok "rules of others are as before, and so is what they counted" equal "$before" "$(foreign)"
ok "rules of others come behind ours" equal "-A PREROUTING -j ipfw-prerouting" \
	"$(iptables-legacy -t mangle -S PREROUTING | sed -n 2p)"
iptables-legacy -t mangle -D PREROUTING -j ipfw-prerouting
iptables-legacy -t mangle -A PREROUTING -j ipfw-prerouting
ok "unless somebody wants it otherwise" ipfwadm -I -a deny -S 192.0.2.9
ok "then it stays so" equal "-A PREROUTING -j ipfw-prerouting" \
	"$(iptables-legacy -t mangle -S PREROUTING | tail -n 1)"

### counters survive what happens to other rules; -l -z takes each packet once
fresh
ipfwadm -O -a accept -P icmp -S 10.0.0.1 -b
ping -c 3 -i 0.01 -W 1 10.0.0.1 >ping.log
counted() {
	ipfwadm "-$1" -l -n -x -e | awk 'NR == 3 { print $1 }'
}
ok "packets are counted" test "$(counted O)" -ge 3
was=$(counted O)
ipfwadm -O -a deny -S 192.0.2.1
ipfwadm -F -a m -S 192.0.2.0/24
ipfwadm -F -p reject
ipfwadm -O -a reject -S 192.0.2.2 -t 0x01 0x10
ipfwadm -F -f
ok "counters survive edits of other rules" equal "$was" "$(counted O)"
ipfwadm save --counters >saved
ok "load with counters" ipfwadm load saved
ok "they are loaded" equal "$was" "$(counted O)"
ping -f -c 2000 -q 10.0.0.1 >ping.log &
sum=0
while kill -0 $! 2>/dev/null; do
	n=$(ipfwadm -O -l -z -n -x -e | awk 'NR == 3 { print $1 }')
	sum=$((sum + n))
	ipfwadm -O -i deny -P tcp -S 192.0.2.3 1 2 3 -b -o
	n=$(ipfwadm -O -l -z -n -x -e | awk 'NR == 4 { print $1 }')
	sum=$((sum + n))
	ipfwadm -O -d deny -P tcp -S 192.0.2.3 1 2 3 -b -o
done
sum=$((sum + $(counted O) - was))
sent=$(awk '/transmitted/ { print $1 + $4 }' ping.log)
ok "no packet is lost or counted twice by -l -z and edits" equal "$sent" "$sum"

### an entry is what a rule costs, and its comment half of it: rules that log share a chain;
### where a command needs several entries, the last has the comment
fresh
for i in 1 1 2; do
	ipfwadm -I -a deny -S 192.0.2.$i -o
done
ipfwadm -I -a accept -P tcp -b -S 192.0.2.3 80 -o -t 0x01 0x10
ipfwadm save >saved
entries=$(iptables-legacy -t mangle -S ipfw-input)
ok "a rule that logs is one entry" equal 3 "$(grep -c "\-s 192.0.2.[12]" <<<"$entries")"
ok "one for two directions has a comment for the second" equal "RETURN LOG TOS RETURN" \
	"$(sed -n '/comment.*-b/s/.* -j \([A-Z]*\).*/\1/p' <<<"$entries" | xargs)"
iptables-legacy-save -t mangle >text
iptables-legacy-restore text
ok "restored from text, equal rules are two" equal "$(cat saved)" "$(ipfwadm save 2>&1)"
ok "one of them goes" ipfwadm -I -d deny -S 192.0.2.1 -o
ok "the other stays" equal 3 "$(rules I)"
iptables-legacy-save -t mangle | awk '/ -j LOG/ && !n++ { next } { print }' >text
iptables-legacy-restore text
ok "a rule whose log is taken out is known" ipfwadm refresh
ok "all are there" equal 3 "$(rules I)"

### changes by others
fresh
ipfwadm -I -a deny -S 192.0.2.1
ipfwadm -I -a deny -S 192.0.2.2 -o
ipfwadm -I -a deny -S 192.0.2.3
ipfwadm -F -a reject -S 192.0.2.4
good=$(listed)
tampered() {
	local what=$1
	shift
	iptables-legacy "$@" || return
	ipfwadm -I -l 2>&1 >listing | grep -q "warning: the rules were changed by others" || {
		echo "$what is not told"
		return 1
	}
	grep -q "were changed by others" <(ipfwadm -I -p accept 2>&1) || return
	ipfwadm refresh 2>listing || return
	equal "$good" "$(listed)" || return
	[ -z "$(ipfwadm -I -l 2>&1 >listing)" ]
}
ok "a rule more" tampered "a rule more" -t mangle -I ipfw-input -s 6.6.6.6 -j ACCEPT
ok "a rule more at the end" tampered "a rule more" -t mangle -A ipfw-input -j ACCEPT
ok "a jump that is missing" tampered "a jump" -t mangle -F PREROUTING
ok "a jump more" tampered "a jump" -t mangle -A INPUT -j ipfw-input
ok "a jump with a condition" tampered "a jump" -t mangle -R PREROUTING 1 -p tcp \
	-j ipfw-prerouting
ok "another table" tampered "another table" -t filter -F ipfw-rejected
ok "a chain more" tampered "a chain more" -t nat -N ipfw-other
ok "a rule less of the broken" tampered "the broken" -t mangle -D ipfw-broken 2
ok "what a rule logs" tampered "a part" -t mangle -D ipfw-input-log-deny 1
ok "what rules that log do" tampered "a part" -t mangle -F ipfw-input-log-deny
ok "another rule" tampered "another rule" -t mangle -R ipfw-input 3 -s 192.0.2.33 -j DROP
ok "no rule is gone" equal 3 "$(rules I)"
ipfwadm -A -a -S 192.0.2.5 -b
iptables-legacy -t mangle -N theirs
iptables-legacy -t mangle -A theirs -j ipfw-acct-1
ipfwadm -I -a deny -S 192.0.2.6 -o
iptables-legacy -t mangle -A theirs -g ipfw-input-log-deny
ok "chains that others use: -f works" ipfwadm -A -f
ok "for a list, too" ipfwadm -I -f
ok "no rule is left" equal 0 "$(rules A)"
ok "they stay" grep -q "there is a chain ipfw-acct-1 in table mangle that others use (it can go" \
	<(ipfwadm refresh 2>&1)
ok "what they do stays" equal "LOG DROP" "$(iptables-legacy -t mangle -S ipfw-input-log-deny |
	sed -n 's/.* -j \([A-Z]*\).*/\1/p' | xargs)"
iptables-legacy -t mangle -F theirs
ok "they go when nobody uses them" ipfwadm refresh
ok "nothing is left" equal "" "$(iptables-legacy -t mangle -S | grep -e acct -e log-deny)"
ok "nothing is told" equal "" "$(ipfwadm -I -l 2>&1 >listing)"

### interfaces
fresh
ipfwadm -I -a deny -V 10.0.9.9
ok "an address that nobody has matches nothing" \
	grep -q '0x0>>0x1c=0x0:0x3' <(iptables-legacy -t mangle -S ipfw-input)
ip addr add 10.0.9.9/32 dev eth0
ok "a change of interfaces is no change by others" test -z "$(ipfwadm -I -l 2>&1 >listing)"
ok "refresh" ipfwadm refresh
ok "the rule follows the address" grep -q -- '-i eth0' <(iptables-legacy -t mangle -S ipfw-input)
good=$(listed -c)
ok "refresh again" ipfwadm refresh
ok "changes nothing" equal "$good" "$(listed -c)"
ip addr del 10.0.9.9/32 dev eth0
ok "an edit has others follow, too" ipfwadm -I -p reject
ok "the rule has followed" \
	grep -q '0x0>>0x1c=0x0:0x3' <(iptables-legacy -t mangle -S ipfw-input)

### the exact -c on rules in force
fresh
ipfwadm -I -p deny
ipfwadm -I -a accept -P tcp -S 0/0 -D 10.0.0.1 25
ok "a check is answered" equal "packet accepted" \
	"$(ipfwadm -I -c -P tcp -W eth0 -V 10.0.0.1 -S 1.1.1.1 1 -D 10.0.0.1 25)"
ok "by the policy too" equal "packet denied" \
	"$(ipfwadm -I -c -P tcp -W eth0 -V 10.0.0.1 -S 1.1.1.1 1 -D 10.0.0.1 26)"
ok "not for an interface that is not there" says "Invalid argument" \
	ipfwadm -I -c -P tcp -W eth7 -V 10.0.0.1 -S 1.1.1.1 1 -D 10.0.0.1 26

### who may not
fresh
ipfwadm -I -a deny -S 192.0.2.1
good=$(listed -c)
refused_to_nobody "$program"
ok "nothing has changed" equal "$good" "$(listed -c)"
ok "no lock can be had" says "cannot open the lock of iptables, /nowhere/lock" \
	env XTABLES_LOCKFILE=/nowhere/lock "$program" -I -f
exec 8<"$XTABLES_LOCKFILE"
flock 8
(sleep 0.3; flock -u 8) &
ok "a lock held by another is waited for" ipfwadm -I -a deny -S 192.0.2.7
wait
flock 8
ok "but not for ever" says "has held the lock of iptables" ipfwadm -I -a deny -S 192.0.2.8
exec 8<&-
ok "and then nothing has changed" equal 2 "$(rules I)"

### a table that fails, and what a kernel may lack
cc -shared -fPIC -D_GNU_SOURCE -o "$scratch/fails.so" "$root/tests/lib/preload/iptables_fails.c"
with() {
	env LD_PRELOAD="$scratch/fails.so" "$@"
}
fresh
iptables-legacy -t nat -A POSTROUTING -s 172.16.0.1 -j ACCEPT
ipfwadm -O -a accept -P icmp -S 10.0.0.1 -b
ping -c 3 -i 0.01 -W 1 10.0.0.1 >ping.log
cat >set-more <<-'END'
	-I -a reject -P tcp -S 192.0.2.1 -b -o
	-F -a m -S 192.168.0.0/16
	-I -a accept -P tcp -D 10.0.0.1 80 -r 3128
	-F -p reject
END
ipfwadm save --counters >set-few
for old in few more; do
	new='more'
	[ "$old" = few ] || new='few'
	ipfwadm load "set-$old"
	good=$(listed -c)
	for n in 1 2 3; do
		ok "table $n fails on the way from $old to $new" says "out of memory" \
			with IPTABLES_FAIL_AT=$n "$program" load set-$new
		ok "then no table has changed" equal "$good" "$(listed -c)"
	done
done
ipfwadm load set-few
good=$(listed -c)
for n in 1 2; do
	ok "table $n fails in an edit" says "out of memory" \
		with IPTABLES_FAIL_AT=$n "$program" -F -p masquerade
	ok "then no table has changed" equal "$good" "$(listed -c)"
done
for lack in "match 'u32'" "match 'comment'" "target 'CONNMARK'" "target 'MASQUERADE'"; do
	name=${lack#* \'}
	ok "a kernel without $lack" says "this kernel has no $lack of iptables" \
		with IPTABLES_LACKS="${name%\'}" "$program" load set-more
	ok "then nothing has changed" equal "$good" "$(listed -c)"
done
ok "a kernel without legacy tables" says "this kernel has no legacy iptables" \
	with IPTABLES_NONE=1 "$program" -I -l
ok "and none has been used" says "this kernel has no legacy iptables" \
	unshare -n env LD_PRELOAD="$scratch/fails.so" IPTABLES_NONE=1 "$program" -I -a deny

### timeouts are those of all connections
timeouts() {
	local name
	for name in tcp_timeout_established tcp_timeout_fin_wait tcp_timeout_time_wait \
		udp_timeout udp_timeout_stream; do
		echo -n "$(cat /proc/sys/net/netfilter/nf_conntrack_$name) "
	done
}
fresh
ok "timeouts are set" ipfwadm -M -s 100 10 20
ok "in their places" equal "100 100 10 20 20 " "$(timeouts)"
ok "they are kept" grep -qx -e '-M -s 100 10 20' <(ipfwadm save)
ok "0 leaves one as it is" ipfwadm -M -s 0 0 30
ok "so it does" equal "100 100 10 30 30 " "$(timeouts)"
ok "those of 2.0 are set when somebody says so" ipfwadm -M -s 0 0 300
ok "and are" equal "100 100 10 300 300 " "$(timeouts)"
ok "a table that fails" says "out of memory" with IPTABLES_FAIL_AT=1 "$program" -M -s 7 8 9
ok "sets them back" equal "100 100 10 300 300 " "$(timeouts)"
ok "other rules leave them alone" ipfwadm -I -a deny -S 192.0.2.1
ok "as they are" equal "100 100 10 300 300 " "$(timeouts)"

### killed at any moment: the old rules or the new
# kills it at a random moment; learns how long it takes, so that about half are killed
# before their end
within=10000 # microseconds
killed() {
	local status=0
	"$@" &
	sleep "$(printf '0.%06d' $((RANDOM * 32768 % within)))"
	kill -9 $! 2>/dev/null
	wait $! || status=$?
	if [ $status -gt 128 ]; then
		within=$((within < 500000 ? within * 11 / 10 : within))
	else
		within=$((within > 100 ? within * 10 / 11 : within))
	fi
}
python3 - <<-'END'
	for name, verb in ("old", "deny"), ("new", "reject"):
	    with open(name, "w") as f:
	        for i in range(5000):
	            f.write(f"-I -a {verb} -P tcp -S 10.{i // 256}.{i % 256}.0/24 -D 0/0 25\n")
END
fresh
mangle() {
	iptables-legacy-save -t mangle | sed -e '/^[#:]/d' -e /ipfw-record/d
}
ipfwadm load old
mangle >old.list
ipfwadm load new
mangle >new.list
mixed=0 seen_old=0 seen_new=0
which=old
for i in $(seq "${KILLS:-100}"); do
	killed ipfwadm load $which
	mangle >now.list
	if cmp -s now.list old.list; then
		seen_old=$((seen_old + 1)) which=new
	elif cmp -s now.list new.list; then
		seen_new=$((seen_new + 1)) which=old
	else
		mixed=$((mixed + 1))
	fi
done 2>/dev/null
ok "killed while loading: never a mix" equal 0 $mixed
ok "both have been seen" test $seen_old -gt 0 -a $seen_new -gt 0

# under the lock: a change by who was killed is done to its end
settled() {
	flock "$XTABLES_LOCKFILE" iptables-legacy-save -c | sed -e '/^#/d' -e '/^:/s/\[.*//' \
		-e /ipfw-record/d
}
fresh
ipfwadm -O -a accept -P icmp -S 10.0.0.1 -b
ping -c 3 -i 0.01 -W 1 10.0.0.1 >ping.log
ipfwadm -F -a m -S 10.0.0.0/8
ipfwadm -F -f
settled >without
ipfwadm -F -a m -S 10.0.0.0/8
settled >with
mixed=0 seen_with=0 seen_without=0 within=10000
for i in $(seq "${KILLS:-100}"); do
	if cmp -s now.list without; then
		killed ipfwadm -F -a m -S 10.0.0.0/8
	else
		killed ipfwadm -F -f
	fi
	settled >now.list
	if cmp -s now.list with; then
		seen_with=$((seen_with + 1))
	elif cmp -s now.list without; then
		seen_without=$((seen_without + 1))
	else
		mixed=$((mixed + 1))
	fi
done 2>/dev/null
ok "killed in the midst of one command: all tables or none, and all is counted" \
	equal 0 $mixed
ok "both have been seen, too" test $seen_with -gt 0 -a $seen_without -gt 0

### many at once, and others who change rules of their own all the time
fresh
each=${APPENDS:-100}
worker() {
	local i
	for ((i = 0; i < each; i++)); do
		ipfwadm -I -a deny -P tcp -S "10.$1.$((i / 256)).$((i % 256))" || echo "$1 $i"
	done
}
others() {
	local i
	for ((i = 0; i < each; i++)); do
		iptables-legacy -w -t mangle -A PREROUTING -s "172.16.$1.$i" || echo "$1 $i"
	done
}
for w in 1 2 3 4 5 6 7 8; do
	worker $w >"worker.$w" 2>&1 &
done
for w in 1 2; do
	others $w >"others.$w" 2>&1 &
done
wait
ok "nobody fails" equal "" "$(cat worker.*)"
ok "no rule is lost" equal $((8 * each)) "$(rules I)"
ok "the others do not fail" equal "" "$(cat others.*)"
ok "no rule of others is lost" equal $((2 * each)) \
	"$(iptables-legacy -t mangle -S PREROUTING | grep -c 172.16)"
fresh
mixed_worker() {
	local i
	for ((i = 0; i < each / 5; i++)); do
		ipfwadm -F -a m -S "10.$1.$i.0/24" -b
		ipfwadm -I -i accept -S "10.$1.$i.0/24" -b
		ipfwadm -O -a deny -S "10.$1.$i.0/24"
		ipfwadm -O -d deny -S "10.$1.$i.0/24"
	done
}
for w in 1 2 3 4; do
	mixed_worker $w >"worker.$w" 2>&1 &
done
wait
ok "nobody fails with rules of all sorts" equal "" "$(cat worker.[1-4])"
ok "all are there" equal "$((4 * (each / 5))) $((4 * (each / 5))) 0" \
	"$(rules F) $(rules I) $(rules O)"
ok "and as they should be" test -z "$(ipfwadm -I -l 2>&1 >listing)"

### random rule sets and edits
cd "$root" || exit 1
suite_end
