#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: nft xtables
# root
#
# Where `ipfwadm logd' writes, which group rules log to, and what it says when it cannot.
. tests/lib/suite.sh

# shellcheck disable=SC2154 # of suite.sh
[ -n "$INSIDE" ] || INSIDE=1 exec unshare -mn "$0"
ip link set lo up
export IPFWADM_BACKEND=$BACKEND
ipfwadm=$BUILD/bin/ipfwadm
line='IP fw-in acc lo UDP 127.0.0.1:4000 127.0.0.1:9 L=29 S=0x00 I='

# The command succeeds after some time.
comes_true() {
	local _
	for _ in $(seq $((100 * ${TIME_FACTOR:-1}))); do
		"$@" && return
		sleep 0.1
	done
	return 1
}

groups_in_force() {
	if [ "$BACKEND" = nft ]; then
		nft list ruleset | grep -c "prefix.* group $1 "
	else
		iptables-legacy-save | grep -c "nflog-group $1\$"
	fi
}

# logs ARGUMENT...: starts logd, sends a packet and ends it
logs() {
	"$ipfwadm" --log-group 3 logd "$@" >"$scratch/out" 2>"$scratch/errors" &
	logd=$!
	comes_true grep -q '^ *3 ' /proc/net/netfilter/nfnetlink_log || return
	python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 4000))
s.sendto(b"x", ("127.0.0.1", 9))'
}

appears() {
	comes_true grep -sqF "$line" "$1"
	local found=$?
	kill $logd
	wait $logd 2>/dev/null
	return $found
}

printf -- '-I -a accept -P udp -S 0/0 -D 0/0 9 -o\n' >"$scratch/rules"
ok "rules are loaded" "$ipfwadm" --log-group 3 load "$scratch/rules"
ok "they log to the group" test "$(groups_in_force 3)" = 1
ok "an edit keeps the group" "$ipfwadm" -I -a deny -P udp -S 0/0 -D 0/0 10 -o
ok "the new rule has it" test "$(groups_in_force 3)" = 2
ok "save says that nothing was changed" \
	test "$("$ipfwadm" save 2>&1 >/dev/null)" = ""
ok "the dump has it" eval '"$ipfwadm" --log-group 3 dump nft "$scratch/rules" |
	grep -q "log prefix \"IP fw-in acc \" group 3 accept"'
ok "the dump of iptables has it" eval '"$ipfwadm" --log-group 3 dump iptables "$scratch/rules" |
	grep -q -e "-j NFLOG --nflog-group 3 --nflog-prefix \"IP fw-in acc \""'
dump_loads() {
	local loader='nft -f -' format=nft
	"$ipfwadm" load /dev/null
	[ "$BACKEND" = nft ] || loader=iptables-legacy-restore format=iptables
	"$ipfwadm" --log-group 3 dump $format "$scratch/rules" | $loader
}
ok "the dump is loaded" dump_loads
ok "its rules are known" eval '"$ipfwadm" save | grep -q -- "^-I -a accept .* 9 -o"'
ok "an edit keeps its group" "$ipfwadm" -I -a deny -P udp -S 0/0 -D 0/0 10 -o
ok "the new rule has it, too" test "$(groups_in_force 3)" = 2
ok "the environment has it for children" eval 'IPFWADM_LOG_GROUP=5 "$ipfwadm" dump nft \
	"$scratch/rules" | grep -q "group 5"'

logs -
ok "a line on the standard output" appears "$scratch/out"
ok "which has nothing before it" grep -qF "^$line" <(sed 's/^/^/' "$scratch/out")
logs "$scratch/file"
ok "a line in a file" appears "$scratch/file"
ok "as klogd wrote it" grep -q "^[A-Z][a-z][a-z] [ 0-9][0-9] [0-9:]\{8\} $(hostname) kernel: IP" \
	"$scratch/file"

# our own /dev/log
mkdir "$scratch/dev"
touch "$scratch/dev/null"
mount --bind /dev/null "$scratch/dev/null"
mount --rbind "$scratch/dev" /dev
python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("/dev/log")
s.settimeout(20)
print(s.recv(1000).decode(), file=open(sys.argv[1], "w"))' "$scratch/syslog" &
reader=$!
comes_true test -S /dev/log
logs
wait $reader
ok "a line to syslog" grep -q "^<14>.* kernel: $line" "$scratch/syslog"

ok "a second listener is refused" eval '"$ipfwadm" --log-group 3 logd - 2>&1 |
	grep -q "log group 3: Operation not permitted, or another process"'
kill $logd
umount -l /dev
umount -l "$scratch/dev/null"
"$ipfwadm" logd - 2>"$scratch/errors"
ok "no group: status 2" test $? = 2
ok "no group: says what to do" grep -q "no log group: '--log-group N'" "$scratch/errors"
"$ipfwadm" --log-group 65536 logd - 2>"$scratch/errors"
ok "no such group" grep -q "invalid log group '65536': a number from 1 to 65535" "$scratch/errors"
ok "without a group rules log to the kernel's log" "$ipfwadm" load "$scratch/rules"
ok "no rule has the group" test "$(groups_in_force 3)" = 0
suite_end
