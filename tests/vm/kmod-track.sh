#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Connections that the module tracks: -T, settings, limits, namespaces
# of users, and hooks that are there only while rules need them.
# slow
. tests/lib/suite.sh
. tests/lib/machine.sh

# shellcheck disable=SC2016 # for the machine
script='
ipfwadm="$BUILD/bin/ipfwadm --backend kmod"
settings=/proc/sys/net/ipv4/ipfwadm
# told TEXT COMMAND...: it fails and says this
told() {
	local text=$1
	shift
	if "$@" >out 2>&1; then return 1; fi
	grep -qF -e "$text" out || { cat out; return 1; }
}
count() { cat $settings/conn_count; }
# connections PATTERN: how many lines of -T -l match
connections() { $ipfwadm -T -l -n | grep -c -e "$1"; }
replies() { ping -c 1 -W 2 127.0.0.1 >/dev/null; }
# begin NUMBER: so many connections
begin() {
	for n in $(seq "$1"); do
		ping -c 1 -W 1 "127.0.1.$n" >/dev/null
	done
}

cd /tmp
check "nothing is tracked without rules that need it" replies
check "no connection" test "$(count)" = 0
check "a rule with a state" $ipfwadm -I -i deny --state invalid
check "ping" replies
check "a connection" test "$(count)" = 1
check "is listed" test "$(connections 127.0.0.1)" = 1
check "as established" sh -c "$ipfwadm -T -l -n | grep -q icmp.*established"
check "is ended" $ipfwadm -T -d -P icmp
check "and gone" test "$(count)" = 0

check "deny what is not kept" $ipfwadm -I -p deny
check "no answer" sh -c "! ping -c 1 -W 1 127.0.0.1 >/dev/null"
check "keep what is sent" $ipfwadm -O -i accept --keep-state
check "an answer" replies
check "by the state" sh -c "! $ipfwadm save -c | grep -q \"^\[[1-9].*-I\""
check "flush connections" $ipfwadm -T -f
check "none is left" test "$(count)" = 0
check "accept" $ipfwadm -I -p accept

check "timeouts by name" sh -c "$ipfwadm -T -s | grep -q \"tcp-established *432000\""
check "one is set" $ipfwadm -T -s icmp 77
check "and shown" sh -c "$ipfwadm -T -s | grep -q \"^icmp  *77\""
check "no such timeout" told "tcp-nothing" $ipfwadm -T -s tcp-nothing 5
check "ping" replies
check "new connections have it" sh -c "$ipfwadm --json -T -l -n | grep -q \"7[567]\""

echo 4 >$settings/conn_max
check "a rule that needs states" $ipfwadm -I -i accept --state new,established
check "flush" $ipfwadm -T -f
begin 20
check "no more than the limit" test "$(count)" -le 4
check "the oldest make way for new ones" test "$(count)" -ge 1
echo 65536 >$settings/conn_max

# near the limit; local addresses that are not those of lo
echo 64 >$settings/conn_max
ip addr add 10.1.1.1/24 dev lo
check "a long time" $ipfwadm -T -s icmp 64000
near() {
	for n in $(seq "$1"); do
		ping -c 1 -W 1 10.1.1.1 >/dev/null
	done
}
# expiries: the seconds that connections have, shortest first
expiries() {
	$ipfwadm --json -T -l -n | tr "," "\n" | sed -n "s/.*expires_seconds\": *//p" | sort -n
}
check "flush" $ipfwadm -T -f
near 70
check "a 64th is kept" test "$(count)" = 63
check "old ones have their time" test "$(expiries | tail -n 1)" -gt 60000
check "near the limit they have less" test "$(expiries | head -n 1)" -lt 10000
check "evicted" test "$(cat $settings/conn_evicted)" -gt 0
check "none dropped" test "$(cat $settings/conn_dropped)" = 0
check "nobody is the administrator" test "$(cat $settings/conn_reserve_from)" = 0.0.0.0/32
check "these are" sh -c "echo 10.1.1.7/24 >$settings/conn_reserve_from"
check "shown" test "$(cat $settings/conn_reserve_from)" = 10.1.1.0/24
for wrong in 10.1.1.0 10.1.1.0/33 10.1.1/24 x/8 10.1.1.0/x; do
	check "not $wrong" sh -c "! echo $wrong >$settings/conn_reserve_from"
done
near 2
check "they have what is kept" test "$(count)" = 64
echo 65536 >$settings/conn_max
echo 0.0.0.0/32 >$settings/conn_reserve_from
check "buckets" test "$(cat $settings/conn_buckets)" = 1024
check "a namespace without rules has none" unshare -n sh -c \
	"test \$(cat $settings/conn_buckets) = 0"

check "a namespace has its own table" unshare -n sh -c "test \$(cat $settings/conn_count) = 0"
user() { unshare --user --map-root-user --net "$@"; }
check "a user cannot raise the limit" user sh -c "! echo 1000000 >$settings/conn_max"
check "and has one" user sh -c "test \$(cat $settings/conn_max) -le 65536"

check "flush rules" $ipfwadm load /dev/null
check "old connections are followed" test "$(count)" -ge 1
check "and end" $ipfwadm -T -f
check "unload with rules and connections" sh -c "$ipfwadm -I -i accept --state new &&
	ping -c 1 127.0.0.1 >/dev/null && rmmod ipfwadm"
check "load" modprobe ipfwadm
'
for kernel in $kernels_all; do
	machine "$kernel" "BUILD=$(realpath "$BUILD"); $script" \
		--file "$(type -P unshare)" --file "$(type -P ping)"
done
suite_end
