#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Which backend is chosen, and by what; and that rules in others are told of.
. tests/lib/network.sh
. tests/lib/suite.sh
export PATH=$PWD/$BUILD/bin:$PATH
unset IPFWADM_BACKEND
# this mount namespace is the suite's own
mount -t tmpfs none /etc
conf=/etc/ipfwadm.conf

chosen() {
	"$@" backends | sed -n 's/^\([a-z]*\) .* (chosen)$/\1/p'
}

# says TEXT COMMAND...: that is on its standard error, whatever its status
says() {
	local wanted=$1 got
	shift
	got=$("$@" 2>&1 >"$scratch/out")
	grep -qF -- "$wanted" <<<"$got" || {
		echo "$got"
		return 1
	}
}

silent() {
	[ -z "$("$@" 2>&1 >"$scratch/out")" ]
}

status() {
	local wanted=$1
	shift
	"$@" >"$scratch/out" 2>&1
	[ $? = "$wanted" ]
}

ok "without a word the first that works is" test "$(chosen ipfwadm)" = nft
echo "backend sim:$scratch/of-file" >$conf
ok "the file chooses" test "$(chosen ipfwadm)" = sim
ipfwadm -I -a deny -S 192.0.2.1
ok "classic commands heed it" grep -q 192.0.2.1 "$scratch/of-file"
ok "and nothing came into the kernel" test -z "$(nft list ruleset)"
export IPFWADM_BACKEND=xtables
ok "the environment chooses before the file" test "$(chosen ipfwadm)" = xtables
ok "the command line before both" test "$(chosen ipfwadm --backend nft)" = nft
unset IPFWADM_BACKEND

printf '# comment\n\n  backend\tnft # and why\nmark-mask 0x00ffff00\n' >$conf
ipfwadm -F -a m -S 192.0.2.0/24
ok "the mask of the file is used" grep -q 0x00000100 <(nft list table ip ipfwadm)
ok "that of the command line before it" grep -q 0x00010000 \
	<(ipfwadm --backend "sim:$scratch/new" -F -a m
	  ipfwadm --backend "sim:$scratch/new" --mark-mask 0xffff0000 dump nft)
ok "blanks and comments mean nothing" silent ipfwadm save

# mistakes: told with place and cure, and nothing that was in use before fails
mistake() {
	local line=$1 place=$2 cure=$3
	printf 'mark-mask 0xffff0000\n%b\n' "$line" >$conf
	ok "'$line' is told with its place" says "$conf:2:$place: error: " ipfwadm save
	ok "'$line' with its cure" says "$cure" ipfwadm save
	ok "'$line': a subcommand stops" status 2 ipfwadm save
	ok "'$line': a classic command tells, too" says "$conf:2:$place: " ipfwadm -I -l
	ok "'$line': but goes on" status 0 ipfwadm -I -a deny -S 192.0.2.2
}
mistake 'bakend nft' 1 "did you mean 'backend'"
mistake 'backend ntf' 9 "did you mean 'nft'"
mistake 'backend' 1 'one of kmod, nft, xtables'
mistake 'backend nft nft' 13 'has one value'
mistake 'mark-mask 0xff' 11 'at least 16 bits'
mistake 'mark-mask 65535x' 11 'at least 16 bits'
mistake 'log-group 0' 11 'a number from 1 to 65535'
mistake 'log-group +5' 11 'a number from 1 to 65535'
mistake '\0001backend nft' 1 'did you mean'
mistake 'x\0000y' 1 'a line is'
mistake '\0000' 1 'a line is'
mistake '\0000\nbackend ntf' 1 'a line is'
mistake "$(printf '%09999d' 0)" 1 'a line is'
rm $conf
mkdir $conf
ok "what cannot be read is told" says "$conf" ipfwadm save
ok "and does not keep a classic command back" status 0 ipfwadm -I -p deny
rmdir $conf
head -c 100000 /dev/urandom >$conf
ok "garbage is told" status 2 ipfwadm save
ok "and stops no classic command" status 0 ipfwadm -I -p accept
rm $conf

# rules elsewhere
tables=/proc/net/ip_tables_names
ok "rules here alone are not told of" silent ipfwadm save
ok "to look for others brings no iptables into use" test ! -s $tables
if ipfwadm --backend xtables -O -a deny -S 192.0.2.9 2>"$scratch/why"; then
	for words in save 'dump nft' '-I -l' backends 'load --append /dev/null' 'load saved'; do
		[ "$words" != 'load saved' ] || ipfwadm save >saved 2>"$scratch/err"
		# shellcheck disable=SC2086 # words on purpose
		ok "ipfwadm $words tells of rules in xtables" \
			says 'warning: there are rules in xtables, too' ipfwadm $words
	done
	rm -f saved
	ok "it says so of nft, too" says 'warning: there are rules in nft, too' \
		ipfwadm --backend xtables save
	ok "a command that changes rules says nothing" silent ipfwadm -I -a deny
	ok "nor does the simulator" silent ipfwadm --backend "sim:$scratch/of-file" save
	ipfwadm --backend xtables load /dev/null 2>"$scratch/err"
	ok "what was told to take them away does" silent ipfwadm save
	ipfwadm --backend xtables -O -p deny
	ok "a policy counts as well" says 'rules in xtables, too' ipfwadm -I -l
else
	skip "no legacy iptables here: $(cat "$scratch/why")"
fi

# a dump that iptables-nft has loaded is in tables that neither backend reads
if command -v iptables-nft-restore >/dev/null; then
	printf -- '-I -p deny\n-I -a accept -W lo\n' >"$scratch/rules"
	ipfwadm load /dev/null 2>"$scratch/err"
	nft delete table ip ipfwadm
	ipfwadm dump iptables "$scratch/rules" >"$scratch/dump"
	iptables-nft-restore -n "$scratch/dump"
	ok "-a that begins a second firewall tells of it" says 'dump are in force in iptables-nft' \
		ipfwadm -I -a deny -S 192.0.2.9
	for words in save '-I -l' backends; do
		# shellcheck disable=SC2086 # words on purpose
		ok "ipfwadm $words tells of a dump in iptables-nft" \
			says 'dump are in force in iptables-nft' ipfwadm $words
	done
	iptables-nft-save 2>"$scratch/err" | grep -v ipfw- | iptables-nft-restore
	ok "what was told to take it away does" eval \
		'! ipfwadm save 2>&1 | grep -q iptables-nft'
else
	skip "no iptables-nft here"
fi

# what a backend refuses, it is asked for
echo '-M --forward -a -P udp -D 0/0 6970:7170 --same-port' >"$scratch/refused"
for backend in nft xtables; do
	for words in "load -n" load "trace -P udp -S 192.0.2.9 1025 -D 127.0.0.1 53 --rules"; do
		# shellcheck disable=SC2086 # words on purpose
		ok "$backend: $words refuses what load does" says 'cannot keep the source port' \
			ipfwadm --backend $backend $words "$scratch/refused"
	done
done
suite_end
