#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A real kernel that lacks something which rules on nftables need: a sentence tells
# the cause, the exit status is the classic one, and nothing has changed.
# slow
. tests/lib/suite.sh
. tests/lib/machine.sh

# shellcheck disable=SC2016 # for the machine
script='
export IPFWADM_BACKEND=nft
program=$BUILD/bin/ipfwadm
modules=/lib/modules/$(uname -r)
mkdir /run/hidden

# unload everything of netfilter
unload() {
	local before= now=x
	until [ "$now" = "$before" ]; do
		before=$now
		for name in $(lsmod |
			sed -nE "s/^((nft?|x|ip|xt)_?[a-z0-9_]*|nfnetlink) .*/\1/p"); do
			rmmod "$name" 2>/dev/null
		done
		now=$(lsmod)
	done
}

# without MODULE...: as if the kernel had been built so
without() {
	mv /run/hidden/* "$modules" 2>/dev/null
	unload
	for name; do
		mv "$modules/$name.ko" /run/hidden || echo "FAIL there is no $name"
	done
}

# says STATUS SENTENCE WORDS...
says() {
	local status=$1 sentence=$2 out got
	shift 2
	out=$($program "$@" 2>&1)
	got=$?
	case $out in *"$sentence"*) ;; *) echo "$out"; return 1 ;; esac
	[ $got = $status ] || { echo "$out; exit status $got"; return 1; }
}

# lacks WHAT SENTENCE WORDS...: it is refused, and what stands is as it was
lacks() {
	local what=$1 sentence=$2 before
	shift 2
	before=$($program save 2>&1)
	check "without $what: ipfwadm $*" says 255 "$sentence" "$@"
	check "without $what, $*: nothing has changed" test "$before" = "$($program save 2>&1)"
}

clean() {
	$program load /dev/null
}

without nfnetlink nf_tables
check "no netlink: list" says 1 "this kernel has no netfilter netlink (nfnetlink)" -I -l
check "no netlink: change" says 1 "this kernel has no netfilter netlink (nfnetlink)" -I -a deny
check "no netlink: it is told why" \
	says 0 "this kernel has no netfilter netlink (nfnetlink)" backends

without nf_tables
check "no nf_tables: list" says 1 "this kernel has no nf_tables" -I -l
check "no nf_tables: change" says 255 "this kernel has no nf_tables" -I -a deny
echo "-I -a deny" >/run/rules
check "no nf_tables: load" says 1 "this kernel has no nf_tables" load /run/rules

without nf_conntrack
$program -I -a deny -S 192.0.2.1
lacks nf_conntrack "it lacks expression '\''ct'\'' (modules nf_conntrack and nft_ct)" \
	-I -a accept --state new
lacks nf_conntrack "modules nf_conntrack" -F -a masquerade -S 10.0.0.0/8
lacks nf_conntrack "modules nf_conntrack" -I -a accept -P tcp -r 3128
lacks nf_conntrack "modules nf_conntrack" -F -a accept --keep-state
lacks nf_conntrack "modules nf_conntrack" -F -p masquerade
check "no nf_conntrack: -T -l" says 1 "nf_conntrack" -T -l
check "no nf_conntrack: -T -f" says 255 "nf_conntrack" -T -f
check "no nf_conntrack: -T -s" says 1 "nf_conntrack" -T -s
check "no nf_conntrack: -M -l" says 1 "nf_conntrack" -M -l
check "no nf_conntrack: plain rules do" says 0 "" -I -a deny -S 192.0.2.2

clean
without nft_masq
lacks nft_masq "module nft_masq" -F -a masquerade -S 10.0.0.0/8
clean
without nft_redir
lacks nft_redir "module nft_redir" -I -a accept -P tcp -r 3128
clean
without nft_reject_ipv4
lacks nft_reject "module nft_reject_ipv4" -I -a reject
clean
without nft_log
lacks nft_log "modules nft_log and nf_log_syslog" -I -a deny -o
clean
without nf_log_syslog
lacks nf_log_syslog "nf_log_syslog" -I -a deny -o
clean
without nft_chain_nat
lacks nft_chain_nat "chain type '\''nat'\''" -F -a masquerade -S 10.0.0.0/8

# 2.0 masqueraded without helpers whose modules were not loaded
masquerades_without() {
	local what=$1 found
	for helper in $what; do
		lacks "$helper" "helper" -F -a accept --helper $helper
	done
	check "$backend, $what: load" says 0 "" load /run/masquerading
	for helper in $what; do
		check "$backend: load names $helper" \
			says 0 "without the helper $helper" load /run/masquerading
		check "$backend: -v names $helper" \
			says 0 "the helper $helper" -F -i masquerade -S 10.0.0.0/8 -v
		check "$backend: backends names $helper" \
			says 0 "without the helper $helper" backends
	done
	check "$backend, $what: a classic command says nothing" \
		test -z "$($program -F -a masquerade -S 10.1.0.0/16 2>&1)"
	check "$backend, $what: nor does save" test -z "$($program save 2>&1 >/dev/null)"
	check "$backend, $what: nothing was changed by others" \
		test -z "$($program refresh 2>&1)"
	for helper in ftp irc; do
		found=$($program backends 2>&1 | grep -c "without the helper $helper")
		case " $what " in
		*" $helper "*) check "$backend: without $helper" test "$found" = 1 ;;
		*) check "$backend: with $helper" test "$found" = 0 ;;
		esac
	done
	clean
}

echo "-F -a masquerade" >/run/masquerading
for backend in nft xtables; do
	export IPFWADM_BACKEND=$backend
	clean
	without nf_conntrack_irc
	masquerades_without irc
	without nf_conntrack_ftp
	masquerades_without ftp
	without nf_conntrack_irc nf_conntrack_ftp
	masquerades_without "ftp irc"
	$program load /run/masquerading 2>/dev/null
	mv /run/hidden/* "$modules"
	check "$backend: load uses a module once it is there" \
		test -z "$($program load /run/masquerading 2>&1)"
	check "$backend: and it is not missing any more" \
		test -z "$($program backends 2>&1 >/dev/null)"
	clean
done
export IPFWADM_BACKEND=nft
without
check "with all of it masquerading works" says 0 "" -F -a masquerade
check "and all the rest" says 0 "" -I -a reject -o --state new
'
for kernel in $kernels; do
	machine "$kernel" "$script" --no-module "${plugins[@]}"
done
suite_end
