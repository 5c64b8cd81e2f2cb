#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: nft xtables
# root
#
# What would cut the connection that rules are loaded by is refused, and what would not
# is not: each verdict is compared with what becomes of a connection.
. tests/lib/network.sh
. tests/lib/suite.sh
export IPFWADM_BACKEND=$BACKEND PATH=$PWD/$BUILD/bin:$PATH

host_add client
link_add client eth1 10.1.0.1/16 10.1.0.2/16
export SSH_CONNECTION='10.1.0.2 5001 10.1.0.1 22'
tests/lib/echo.py serve tcp:22 &
server=$!
wait_until listens command 22

# All connections are tracked from their begin.  One that is not would be by the first
# segment of either side, which is sshd's prompt; this server never speaks first.
nft 'table ip tracked { chain out { type filter hook output priority 0; ct state new; }; }'

fresh() {
	ipfwadm load --force /dev/null
}

# verdict_holds PORT RULES: with RULES the connection is cut if, and only if, that is told
verdict_holds() {
	local SSH_CONNECTION="10.1.0.2 $1 10.1.0.1 22"
	fresh
	printf '%s\n' "$2" >"$scratch/rules"
	talk_begin client 10.1.0.1 ssh=tcp:$1:22 && talk_is_ready && echoes ssh || return 1
	ipfwadm load "$scratch/rules" </dev/null 2>"$scratch/told"
	status=$?
	ipfwadm load --force "$scratch/rules" 2>/dev/null
	if echoes ssh; then real=0; else real=1; fi
	fresh
	talk_end
	[ $status = $real ] || { echo "status $status, $(cat "$scratch/told")"; return 1; }
}

port=5001	# of one that was closed the client has to wait for
while read -r rules; do
	ok "$rules" verdict_holds $((port++)) "$(tr ';' '\n' <<<"$rules")"
done <<'EOR'
-I -p deny
-O -p reject
-I -a deny -S 10.1.0.0/16 -P tcp
-I -a deny -P tcp -D 10.1.0.1 22 -W eth1
-I -a deny -P tcp -D 10.1.0.1 22 -W lo
-I -a deny -P tcp -y
-I -p deny;-I -a accept -P tcp -S 10.1.0.2 -D 10.1.0.1 22
-I -p deny;-I -a accept -V 10.1.0.1
-I -p deny;-I -a accept -W eth0
-O -a deny -P tcp -S 10.1.0.1 22 -k
-I -p deny;-I -a accept --state established,related
-F -p deny
EOR

told() {
	grep -q "$1" "$scratch/told" || { cat "$scratch/told"; return 1; }
}
# tries COMMAND...: its status; what it says is in told
tries() {
	"$@" >"$scratch/told" 2>&1 </dev/null
}
printf '%s\n' '-I -a accept -W lo' '-I -a deny -P tcp -D 10.1.0.1 22' >"$scratch/cuts"
printf '#!/bin/sh\nipfwadm -I -p deny\n' >"$scratch/script"
fresh
ok "load refuses" eval '! tries ipfwadm load "$scratch/cuts"'
ok "the connection is told" told 'from 10.1.0.2 port 5001 would be cut by'
ok "the rule is told" told "by input rule 2, '-I -a deny -P tcp .* 10.1.0.1/32 22'"
ok "load --append refuses" eval '! tries ipfwadm load --append "$scratch/cuts"'
ok "load --confirm refuses" eval '! tries ipfwadm load --confirm 9 "$scratch/cuts"'
ok "run refuses" eval '! tries ipfwadm run "$scratch/script"'
ok "the policy is told" told "would be cut by input default policy deny"
ok "nothing changed" eval '! ipfwadm save | grep -q deny'
ok "run --force does it" tries ipfwadm run --force "$scratch/script"
ok "it is done" eval 'ipfwadm save | grep -q -- "-I -p deny"'

# on a terminal it is asked
fresh
# asked ANSWER: the status of the command
asked() {
	script -qec "ipfwadm load $scratch/cuts" "$scratch/told" >/dev/null <<<"$1"
}
ok "no is no" eval '! asked n'
ok "it is asked" told 'Put the rules in force anyway'
ok "nothing changed after no" eval '! ipfwadm save | grep -q deny'
ok "yes is yes" asked y
ok "it is done after yes" eval 'ipfwadm save | grep -q deny'

# other connections, and those of nobody
fresh
for other in '2001:db8::1 5001 2001:db8::2 22' '10.1.0.2 5001 10.1.0.1' 'x' ''; do
	SSH_CONNECTION=$other
	ok "'$other' is no connection of these rules" tries ipfwadm load "$scratch/cuts"
	fresh
done

# without the variable: a parent that is called sshd
unset SSH_CONNECTION
cp /bin/bash "$scratch/sshd"
client tests/lib/echo.py serve tcp:7 &
wait_until client grep -q ':0007 00000000:0000 0A' /proc/net/tcp
printf '%s\n' '-I -a deny -P tcp -S 10.1.0.2 7' >"$scratch/cuts"
by_parent() {
	"$scratch/sshd" -c 'exec 3<>/dev/tcp/10.1.0.2/7; sh -c "ipfwadm load $0 3>&-"; exit $?' \
		"$scratch/cuts" </dev/null >"$scratch/told" 2>&1
}
ok "the sshd among the parents counts" eval '! by_parent'
ok "its connection is told" told 'from 10.1.0.2 port 7 would be cut by input rule 1'
ok "without one nothing is refused" tries ipfwadm load "$scratch/cuts"
kill $server
suite_end
