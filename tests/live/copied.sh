#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: sim nft xtables
#
# A copy of the program, alone: nothing of the build or of the tree is there.  It lists,
# appends by name, loads and dumps; only the prompt is a program of its own.
if [ -z "${COPIED_INSIDE-}" ]; then
	unshare -mn true 2>/dev/null || {
		echo "SKIP no namespaces can be made here"
		echo "0 passed, 0 failed, 1 skipped"
		exit 77
	}
	COPIED_INSIDE=1 exec unshare -mn "$0" "$@"
fi
. tests/lib/suite.sh

cp "$BUILD/bin/ipfwadm" "$scratch"
mount -t tmpfs none "$PWD" || exit 1
cd "$scratch" || exit 1
ok "the tree is hidden" test ! -e "$OLDPWD/tests"
export IPFWADM_BACKEND=$BACKEND
[ "$BACKEND" != sim ] || IPFWADM_BACKEND=sim:$scratch/rules
ip link set lo up

# prints TEXT COMMAND...: the command succeeds without complaints and prints the text,
# runs of blanks being one
prints() {
	local text=$1
	shift
	"$@" >out 2>err && [ ! -s err ] && tr -s ' ' <out | grep -qF -- "$text" || {
		cat out err
		return 1
	}
}

ok "a policy" ./ipfwadm -I -p deny
ok "a rule by names" ./ipfwadm -I -a accept -P tcp -S localhost -D 192.0.2.1 smtp www
ok "is listed by names" prints 'acc tcp localhost 192.0.2.1 any -> smtp,http' \
	./ipfwadm -I -l
ok "and by numbers" prints 'acc tcp 127.0.0.1 192.0.2.1 * -> 25,80' \
	./ipfwadm -I -l -n
ok "it is saved" prints '-I -a accept -P tcp -S 127.0.0.1/32 -D 192.0.2.1/32 25 80' \
	./ipfwadm save
cp out saved
echo '-I -a reject -P udp -S localhost domain' >>saved
ok "a file is loaded" ./ipfwadm load saved
ok "and is in force" prints 'rej udp localhost anywhere domain -> any' \
	./ipfwadm -I -l
ok "dumped for nft" prints 'ip saddr 127.0.0.1 ip daddr 192.0.2.1 tcp dport { 25, 80 }' \
	./ipfwadm dump nft
ok "dumped for iptables" prints '-m multiport --dports 25,80' ./ipfwadm dump iptables
ok "dumped as JSON" prints '"policy": "deny"' ./ipfwadm dump json
ok "a packet is traced" prints 'rule 1' \
	./ipfwadm trace -P tcp -S 127.0.0.1 1025 -D 192.0.2.1 25 -y -W lo
ok "help" prints 'ipfwadm' ./ipfwadm -h
no_prompt() {
	! ./ipfwadm shell >out 2>&1 && grep -q 'ipfwadm-shell' out
}
ok "the prompt is said to be elsewhere" no_prompt
ok "a rule is deleted" ./ipfwadm -I -d accept -P tcp -S localhost -D 192.0.2.1 smtp www
ok "and gone" test "$(./ipfwadm save | grep -c "25 80")" = 0
umount "$OLDPWD"
suite_end
