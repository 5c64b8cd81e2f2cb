#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Completion offers what the program knows.
. tests/lib/suite.sh
. packaging/completion/ipfwadm.bash

# completes WORDS... : what is offered for the last of the words, on one line
completes() {
	COMP_WORDS=("$BUILD/bin/ipfwadm" "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	_ipfwadm
	echo "${COMPREPLY[*]}"
}
offers() {
	local expected=$1 offered
	shift
	offered=$(completes "$@")
	ok "after '$*': $offered" test "$offered" = "$expected"
}

known=$("$BUILD/bin/ipfwadm" help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z0-9]*\) .*/\1/p')
offers "$(echo $known)" ''
offers 'trace translate try' tr
offers '--interface' translate --i
offers 'accept' -I -a a
offers 'deny' -Ia d
offers 'masquerade' -F -p m
offers 'all tcp udp icmp' -I -a accept -P ''
offers 'established' -I -a accept --state e
offers '--keep-state' -I -a accept --k
offers 'nft' dump n
offers '--counters' save ''
offers '--keep-going' shell --k
offers '--flags' trace --fl
offers 'icmp' trace -P i
offers 'icmp' trace --rules x --keep -P i
offers '-Pudp' -I -Pu
offers 'new,established' -I --state new,e
if ls /proc/sys/net/netfilter/nf_conntrack_*_timeout* >/dev/null 2>&1; then
	offers 'tcp-established' -T -s tcp-e
	offers 'udp udp-stream' -Ts udp
fi
offers '' -T -d d
offers '--follow' -T -l --f
ok 'options after -T' grep -qx -- $'-d\tend the connections that -P, -S and -D choose' \
	<("$BUILD/bin/ipfwadm" complete -T -)
ok 'options elsewhere' grep -q $'^-d\tdelete the first' <("$BUILD/bin/ipfwadm" complete -I -)
offers '' -I -l --fo
helpers=$("$BUILD/bin/ipfwadm" -I -a accept --helper '?' 2>&1)
for helper in $(completes --helper ''); do
	ok "the helper $helper is known" grep -qw -- "$helper" <<<"$helpers"
done
suite_end
