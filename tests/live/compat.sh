#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: sim nft xtables
#
# Old programs with the preload library: the socket options with every errno, the files
# of 2.0 by every function, in programs of 32 and 64 bits; and nothing else is changed.
# shellcheck disable=SC2016 # for shells within
. tests/lib/network.sh
. tests/lib/suite.sh
ipfwadm=$PWD/$BUILD/bin/ipfwadm
export IPFWADM_BACKEND=$BACKEND
[ "$BACKEND" != sim ] || IPFWADM_BACKEND=sim:$scratch/sim

compat() {
	"$ipfwadm" compat "$@"
}

kind=--library
[ "$BACKEND" != sim ] || kind=--simulator
count compat "$BUILD/tests/kmod-sockopt" $kind "$(amount 160 8)"
count compat "$BUILD/tests/kmod-sockopt-i386-dynamic" $kind "$(amount 320 8)"
"$ipfwadm" load /dev/null
count compat "$BUILD/tests/old-forwards"
count compat "$BUILD/tests/old-forwards-i386-dynamic"
for program in "$BUILD/tests/old-files" "$BUILD/tests/old-files-i386-dynamic"; do
	count compat "$program" roads
	echo '[5:500] -A -a -P udp -S 192.0.2.1 -D 0/0 53' | "$ipfwadm" load -
	count compat "$program" zero
done

# commands of the system
ok "cat" eval 'compat cat /proc/net/ip_acct | grep -q "^C0000201/FFFFFFFF->"'
ok "no library, no file" eval '! cat /proc/net/ip_acct'
ok "ls" eval 'compat ls -l /proc/net/ip_acct | grep -q "^-rw-r--r--"'
ok "test" compat sh -c 'test -f /proc/net/ip_masquerade'
ok "a shell reads" compat sh -c 'read -r a b c </proc/net/ip_acct && [ "$c" = rules ]'
ok "a descriptor of the parent" \
	compat sh -c 'exec 5</proc/net/ip_acct; cat <&5 | grep -q "^IP accounting rules"'
ok "in its folder" compat sh -c 'cd /proc/net && grep -q accounting ip_acct'
ok "options of the command are its own" \
	test "$(compat echo --json --backend nft)" = '--json --backend nft'
ok "ipfwadm within" compat "$ipfwadm" -I -a deny -S 192.0.2.9
ok "it did so" eval '"$ipfwadm" save | grep -q 192.0.2.9'
compat false
ok "its exit status" test $? = 1
compat "$scratch/none" 2>"$scratch/errors"
ok "no such command" test $? = 127
ok "no such command is reported" grep -q "cannot start '$scratch/none'" "$scratch/errors"
ok "a file of the simulator by its path" eval '[ "$BACKEND" != sim ] ||
	(cd "$scratch" && IPFWADM_BACKEND=sim:sim "$ipfwadm" compat sh -c \
		"cd / && cat /proc/net/ip_acct" | grep -q ^C0000201)'

# system calls for what is not ours, with and without
calls() {
	local n=$1
	shift
	strace -f -o "$scratch/calls" "$@" "$BUILD/tests/old-files" others "$n" || return
	grep -vc 'resumed>\|exit\|+++\|---' "$scratch/calls"
}
few=$(calls 10 "$ipfwadm" compat)
many=$(calls 1010 "$ipfwadm" compat)
plain_few=$(calls 10)
plain_many=$(calls 1010)
ok "no system call more ($few, $many; $plain_few, $plain_many)" \
	test $((many - few)) = $((plain_many - plain_few))

memory_checks() {
	"$ipfwadm" load /dev/null
	ok "valgrind" compat valgrind -q --error-exitcode=9 "$BUILD/tests/old-files" roads
	forwarder=(valgrind -q --error-exitcode=9 "$BUILD/tests/old-portfw" ipportfw)
	ok "of forwards, too" compat "${forwarder[@]}" -A -t 194.160.1.1/80 -R 10.0.0.2/80
	ok "and their file" grep -q "^TCP 194.160.1.1/80 > 10.0.0.2/80" \
		<(compat "${forwarder[@]}" -L)
	"$ipfwadm" load /dev/null
	count env ASAN_OPTIONS=verify_asan_link_order=0 "$ASAN/bin/ipfwadm" compat \
		"$BUILD/tests/old-forwards"
	count env ASAN_OPTIONS=verify_asan_link_order=0 "$ipfwadm" compat \
		"$ASAN/tests/old-files" roads
}
[ "$BACKEND" != sim ] || memory_checks

# a host behind us, seen by netstat of net-tools
masqueraded() {
	host_add inside
	host_add outside
	link_add inside eth1 192.168.1.1/24 192.168.1.20/24
	link_add outside eth0 203.0.113.1/24 203.0.113.80/24
	inside ip route add default via 192.168.1.1
	"$ipfwadm" load /dev/null
	compat "$BUILD/tests/old-ipfwadm" "$ipfwadm" -F -a masquerade -S 192.168.1.0/24
	inside python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 1027))
s.sendto(b"x", ("203.0.113.80", 80))'
}
simulated() {
	printf 'interface %s\n' 'eth0 203.0.113.1/24' 'eth1 192.168.1.1/24' >"$scratch/sim"
	compat "$BUILD/tests/old-ipfwadm" "$ipfwadm" -F -a masquerade -S 192.168.1.0/24
	"$ipfwadm" trace --keep --out eth0 -P udp -S 192.168.1.20 1027 -D 203.0.113.80 80 \
		-W eth1 >"$scratch/trace"
}
[ "$BACKEND" != sim ] || simulated
[ "$BACKEND" = sim ] || masqueraded
compat netstat -M -n >"$scratch/netstat"
ok "netstat -M" grep -Eq \
	'^udp +([0-4]:[0-9.]+|5:00.00) 192.168.1.20 +203.0.113.80 +1027 -> 80 \(6[0-9]{4}\)' \
	"$scratch/netstat"
compat cat /proc/net/ip_masquerade >"$scratch/masquerade"
ok "free ports" grep -q '(free=4095,4096,4096) *$' "$scratch/masquerade"
ok "lines of 128 bytes" test "$(stat -c %s "$scratch/masquerade")" = 256
ok "helpers" eval 'compat cat /proc/net/ip_masq_app | grep -q "^TCP  21      0        ftp "'
suite_end
