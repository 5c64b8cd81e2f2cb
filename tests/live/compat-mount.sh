#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: sim nft xtables
#
# `ipfwadm compat --mount': 2.0's files for static programs and redirections of shells.
# shellcheck disable=SC2016 # for shells within
. tests/lib/suite.sh
# shellcheck disable=SC2154 # of suite.sh
[ -n "${INSIDE-}" ] || INSIDE=1 exec unshare -n "$0"
export ipfwadm=$PWD/$BUILD/bin/ipfwadm IPFWADM_BACKEND=$BACKEND
[ "$BACKEND" != sim ] || IPFWADM_BACKEND=sim:$scratch/sim
[ -w /dev/fuse ] || {
	skip "no /dev/fuse"
	suite_end
}

# static COMMAND: by a static shell whose commands are its own
static() {
	within 20 "$ipfwadm" compat --mount busybox sh -c "$1"
}
header='^IP accounting rules$'

ok "rules are loaded" "$ipfwadm" load <(echo '[5:500] -A -a -P udp -S 192.0.2.1 -D 0/0 53')
ok "the program is static" eval '! ldd "$(command -v busybox)"'
static 'busybox cat /proc/net/ip_acct' >"$scratch/acct"
ok "a static cat" grep -q '^C0000201/FFFFFFFF->.* 5          500 ' "$scratch/acct"
ok "a redirection" diff "$scratch/acct" <(static 'busybox cat </proc/net/ip_acct')
ok "by reads of a byte" diff "$scratch/acct" \
	<(static 'busybox dd if=/proc/net/ip_acct bs=1 2>/dev/null')
ok "the preload library reads the same" \
	diff "$scratch/acct" <("$ipfwadm" compat cat /proc/net/ip_acct)
"$ipfwadm" -M --forward -a -P tcp -D 194.160.1.1 80 --to 10.0.0.2:80
for file in ip_input ip_output ip_forward ip_masquerade ip_masq_app ip_portfw ip_autofw \
	ip_masq/portfw ip_masq/autofw ip_masq/mfw; do
	ok "$file" diff <("$ipfwadm" compat cat /proc/net/$file) \
		<(static "busybox cat </proc/net/$file")
	ok "$file is a file" static "busybox test -f /proc/net/$file"
	ok "$file is one for a dynamic program" within 20 "$ipfwadm" compat --mount \
		sh -c "stat -c %F /proc/net/$file | grep -q '^regular'"
done
ok "they are listed" static 'busybox ls /proc/net | busybox grep -qx ip_masq_app'
ok "and those of 2.2 in their folder" diff <(printf '%s\n' autofw mfw portfw) \
	<(static 'busybox ls /proc/net/ip_masq')
ok "a forward is in the file of its kind" eval '[ "$(static "busybox grep -c 80 \
	/proc/net/ip_portfw /proc/net/ip_masq/portfw /proc/net/ip_masq/mfw" |
	busybox sed s/.*://)" = "1
1
0" ]'
ok "the other files are there" static 'busybox grep -q lo: /proc/net/dev'
ok "what is not there is not" eval '! static "busybox test -e /proc/net/ip_fwchains"'
ok "an edit is seen by what is opened afterwards" static '
	busybox cat /proc/net/ip_input >/dev/null
	"$ipfwadm" -I -a deny -S 192.0.2.9
	busybox grep -q ^C0000209/FFFFFFFF /proc/net/ip_input'
static 'busybox cat 0<>/proc/net/ip_acct >/dev/null'
ok "opened for reading and writing it zeroes" \
	grep -q ' 0          0  ' <("$ipfwadm" compat cat /proc/net/ip_acct)
ok "reading alone does not" grep -q ' 5          500 ' "$scratch/acct"
ok "nothing can be made there" eval '! static "busybox touch /proc/net/x" 2>/dev/null'
ok "a dynamic shell" eval '"$ipfwadm" compat --mount sh -c "cat </proc/net/ip_acct" |
	grep -q "$header"'
ok "outside nothing is mounted" eval '! [ -e /proc/net/ip_acct ]'
ok "ip_always_defrag is there, and is what was written" eval '
	[ "$(static "cd /proc/sys/net/ipv4; busybox cat ip_always_defrag
	echo 1 >ip_always_defrag; busybox cat ip_always_defrag")" = "0
1" ]'
ok "the other settings are those of today" static '
	cd /proc/sys/net/ipv4 && echo 1 >ip_forward && [ -f ip_dynaddr ] &&
	[ -f conf/lo/rp_filter ]'
ok "which are written for all" grep -qx 1 /proc/sys/net/ipv4/ip_forward
ok "outside there is none of 2.0" eval '! [ -e /proc/sys/net/ipv4/ip_always_defrag ]'
for command in /sbin/modprobe /usr/sbin/insmod /sbin/rmmod; do
	ok "$command of a module of 2.0" static "$command ip_masq_ftp"
done
static '/sbin/modprobe ip_masq_quake' 2>"$scratch/errors"
ok "one that this backend masquerades without is told" \
	test "$?-$(grep -c 'ip_masq_quake. has no effect' "$scratch/errors")" = \
	"0-$([ "$BACKEND" = sim ] && echo 0 || echo 1)"
# helpers MODULE: how many ports of the helper are forwarded by rules then
helpers() {
	static "/sbin/insmod ip_masq_$1.o ports=7648,7650 2>/dev/null
	'$ipfwadm' -M --forward -l -n 2>/dev/null | busybox grep -c '(helper $1)'
	/sbin/rmmod ip_masq_$1"
}
ok "ports of one that only 2.0 had" test "$(helpers cuseeme)" = "$([ "$BACKEND" = sim ] &&
	echo 2 || echo 0)"
ok "which go with it" test "$("$ipfwadm" -M --forward -l -n | grep -c '(helper')" = 0
ok "one that never was" test "$(static '/sbin/modprobe ip_masq_nonsense 2>&1; echo $?')" = \
	"modprobe: Can't locate module ip_masq_nonsense
255"
ok "another one is left to the system" eval '
	! static "/sbin/modprobe ipfwadm-nonsense" 2>"$scratch/errors" &&
	! grep -q "Can.t locate" "$scratch/errors"'
static 'exit 7'
ok "the exit status" test $? = 7
ok "a child that stays reads on" eval '
	static "(busybox sleep 1; busybox cat /proc/net/ip_acct >$scratch/late) &"
	sleep 3
	grep -q "$header" "$scratch/late"'
ok "the command has no child that it did not start" static 'wait; [ -z "$(busybox pidof fuse)" ]'

# the server ends with the last process of the mount namespace
servers() {
	local pid
	for pid in /proc/[0-9]*; do
		readlink "$pid/fd/"* 2>/dev/null | grep -q '^/dev/fuse$' &&
			[ "$(readlink "$pid/ns/net")" = "$(readlink /proc/self/ns/net)" ] &&
			echo "$pid"
	done
}
sleep 1
ok "no server is left" test -z "$(servers)"

# an ordinary user becomes root of a namespace
user() {
	setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}
if [ "$BACKEND" = sim ] && [ "$(id -u)" = 0 ]; then
	chmod 755 "$scratch"
	chmod 644 "$scratch/sim"
	if user test -w /dev/fuse; then
		ok "an ordinary user" eval 'user "$ipfwadm" compat --mount \
			busybox cat /proc/net/ip_acct | grep -q "$header"'
	else
		user "$ipfwadm" compat --mount busybox true 2>"$scratch/errors"
		ok "without a right to /dev/fuse: status 1" test $? = 1
		ok "why" grep -q "cannot open '/dev/fuse': Permission denied" "$scratch/errors"
	fi
fi
ok "without a command: usage" eval '"$ipfwadm" compat --mount 2>&1 | grep -q ^usage:'
suite_end
