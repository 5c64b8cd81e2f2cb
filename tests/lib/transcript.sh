# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Commands shown together with what they print, run again.

# transcribe: a transcript's commands on stdin, the whole transcript on stdout
transcribe() {
	local line command=
	run() {	# the command read so far
		local status
		[ -n "$command" ] || return
		eval "$command" 2>&1 </dev/null
		status=$?
		[ $status = 0 ] || echo "? $status"
		command=
	}
	while IFS= read -r line; do
		case $line in
		'$ '*)	run
			command=${line#\$ } ;;
		'> '*)	command+=$'\n'${line#> } ;;
		'%% '*)	run ;;
		*)	continue ;;
		esac
		printf '%s\n' "$line"
	done
	run
}

# router_make: the interfaces of the guides in a network namespace, an /etc of the suite's
# own there, and in $scratch/bin a systemctl that does nothing
# shellcheck disable=SC2154 # scratch is of suite.sh
router_make() {
	ip link add eth0 type veth peer name ppp0
	ip addr add 192.168.1.1/24 dev eth0
	ip addr add 198.51.100.17/32 dev ppp0
	ip link set eth0 up
	ip link set ppp0 up
	mkdir "$scratch/bin" "$scratch/etc"
	printf '#!/bin/sh\n' >"$scratch/bin/systemctl"
	chmod +x "$scratch/bin/systemctl"
	# without what an ordinary user cannot read
	cp -r /etc/. "$scratch/etc" 2>/dev/null
	mount --bind "$scratch/etc" /etc
}

# document_holds FILE: what its console blocks show is what happens in $scratch; with
# BLESS=1 it is written there
# shellcheck disable=SC2154 # scratch is of suite.sh
document_holds() {
	local status
	# all but what stands in console blocks are remarks in a transcript
	sed '/^```console$/,/^```$/{/^```/!b};s/^/%% /' "$1" >"$scratch.in"
	(cd "$scratch" && transcribe <"$scratch.in" 2>&1) | sed 's/^%% //; /^? [0-9]*$/d' \
		>"$scratch.out"
	[ -z "${BLESS-}" ] || cp "$scratch.out" "$1"
	diff -u "$1" "$scratch.out"
	status=$?
	rm "$scratch.in" "$scratch.out"
	return $status
}
