#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: nft xtables
#
# What a backend cannot express exactly is reported by whatever adds it: all of it by load
# and by -v, and by every command what lets more through than the rule says.
. tests/lib/network.sh
. tests/lib/suite.sh
export PATH=$PWD/$BUILD/bin:$PATH IPFWADM_BACKEND=$BACKEND
cd "$scratch" || exit 1

ip link add ppp0 type veth peer name other
ip addr add 198.51.100.17/24 dev ppp0
ip link add eth9 type veth peer name another
ip addr add 10.9.0.1/24 dev eth9
ip addr add 10.9.1.1/24 dev eth9 label eth9:1

# prints TEXT COMMAND...: the command succeeds, and prints that, "" for nothing
prints() {
	local text=$1 got
	shift
	got=$("$@" 2>&1 >out) &&
		if [ "$text" ]; then grep -qF -- "$text" <<<"$got"; else [ -z "$got" ]; fi || {
		echo "$got"
		return 1
	}
}

# refuses COMMAND...: it fails, and the rules are what they were
refuses() {
	local before
	before=$(ipfwadm save)
	! "$@" 2>err && [ "$before" = "$(ipfwadm save)" ] && grep -q 'nothing changed' err
}

masquerading='-F -a masquerade -W ppp0 -S 192.168.1.0/24'
case $BACKEND in
nft)	inexact='-O -a reject -W ppp0 -D 203.0.113.0/24'
	exact='-O -a deny -D 203.0.113.0/24'
	sentence='a masqueraded packet is dropped without an answer'
	more='-O -a accept -W eth9'
	fewer='-O -a deny -W eth9'
	more_sentence='packets that leave by an alias of the interface match too' ;;
xtables) inexact='-O -a accept -P tcp -S 0/0 61000:62000'
	exact='-O -a accept -P tcp -S 0/0 61000:65095'
	sentence='masqueraded packets do not match'
	more='-O -a deny -P udp -S 0/0 61000:65094'
	fewer='-O -a accept -P udp -S 0/0 61000:65094'
	more_sentence=$sentence ;;
esac
printf '%s\n' "$masquerading" "$inexact" >inexact
printf '%s\n' "$masquerading" "$exact" >exact

# shellcheck disable=SC2086 # words
{
	ok "load reports it" prints "approximate: -O rule 1, " ipfwadm load inexact
	ok "with the sentence" prints "$sentence" ipfwadm load inexact
	ok "load of exact rules does not" prints "" ipfwadm load exact
	ok "load -n reports it" prints "$sentence" ipfwadm load -n inexact
	ok "load --append does" prints "$sentence" ipfwadm load --append inexact
	ipfwadm load exact
	ok "load --strict refuses it" refuses ipfwadm load --strict inexact
	ok "with --append, too" refuses ipfwadm load --strict --append inexact
	ok "load -n --strict fails" eval '! ipfwadm load -n --strict inexact 2>err'
	ok "load --strict of exact rules" prints "" ipfwadm load --strict exact
	ok "a classic command reports nothing" prints "" ipfwadm $inexact
	ok "with -v it does" prints "$sentence" ipfwadm $inexact -v
	ok "with -v of an exact rule it does not" prints "" ipfwadm $exact -v
	ok "what lets more through is reported by every command" \
		prints "lets more through than it says: $more_sentence" ipfwadm $more
	ok "inserted, too" prints "$more_sentence" ipfwadm ${more/-a/-i}
	ok "what lets less through is not" prints "" ipfwadm $fewer
	ok "nor is another rule behind it" prints "" ipfwadm -O -a accept -S 10.0.0.1
	ok "nor its deletion" prints "" ipfwadm ${more/-a/-d}
	if [ "$BACKEND" = xtables ]; then
		for words in "-F -p masquerade" "$masquerading"; do
			ipfwadm load /dev/null
			ok "as long as nothing masquerades it is exact" prints "" ipfwadm $more
			ok "what masquerades is told" prints "$more_sentence" ipfwadm $words
			ok "once" prints "" ipfwadm -F -a masquerade -S 10.9.0.0/16
		done
	fi
}
suite_end
