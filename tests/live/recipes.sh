#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: sim nft xtables
#
# The rules that ipfwadm-state(7) begins with, each with what it must allow, and at least
# twice as much that it must refuse.
#
#	outside 203.0.113.7, admin .8 - eth0 .1  us  eth1 10.1.0.1 - 10.1.0.2 inside
#	                                         us  eth2 192.0.2.1 - 192.0.2.2 ftp, .3 www
#
# In the simulator conversations are traced: the states are those of its own tracker.
[ "$BACKEND" = sim ] || . tests/lib/network.sh
. tests/lib/suite.sh
servers=$PWD/tests/lib/net_servers.py echo=$PWD/tests/lib/echo.py
ipfwadm=$PWD/$BUILD/bin/ipfwadm
declare -A address=([outside]=203.0.113.7 [admin]=203.0.113.8 [forger]=10.1.0.9
	[inside]=10.1.0.2 [ftp]=192.0.2.2 [www]=192.0.2.3)
# where a node's packets arrive, and whose program it is
declare -A nic=([outside]=eth0 [admin]=eth0 [forger]=eth0 [inside]=eth1 [ftp]=eth2
	[www]=eth2)
declare -A host=([outside]=outside [admin]=outside [forger]=outside [inside]=inside
	[ftp]=dmz [www]=dmz [us]=command)
declare -A own=([eth0]=203.0.113.1 [eth1]=10.1.0.1 [eth2]=192.0.2.1)

network_make() {
	local name
	for name in outside inside dmz; do
		host_add $name
	done
	link_add outside eth0 203.0.113.1/24 203.0.113.7/24
	link_add inside eth1 10.1.0.1/16 10.1.0.2/16
	link_add dmz eth2 192.0.2.1/28 192.0.2.2/28
	outside ip addr add 203.0.113.8/24 dev eth0
	outside ip addr add 10.1.0.9/32 dev lo
	dmz ip addr add 192.0.2.3/28 dev eth0
	outside ip route add default via 203.0.113.1
	inside ip route add default via 10.1.0.1
	dmz ip route add default via 192.0.2.1
	# forged packets are for the rules to refuse
	for name in all eth0; do
		echo 0 >/proc/sys/net/ipv4/conf/$name/rp_filter
	done
	echo 0 >/proc/sys/net/ipv4/icmp_ratelimit
	mkdir "$scratch/files"
	echo "the very page" >"$scratch/files/page"
	outside "$servers" ftp "$scratch/files" >/dev/null 2>&1 &
	dmz "$servers" ftp "$scratch/files" >/dev/null 2>&1 &
	for name in outside inside dmz command; do
		$name "$echo" serve tcp:22 tcp:25 tcp:80 tcp:113 tcp:443 tcp:2000 udp:53 \
			udp:123 udp:2000 &
	done
	for name in outside inside dmz command; do
		wait_until listens $name 22 25 80 113 443 2000 53 123
	done
	wait_until listens outside 21
	wait_until listens dmz 21
}

# to FROM NODE: the address by which a node is reached from another
to() {
	if [ "$2" = us ]; then
		echo "${own[${nic[$1]}]}"
	else
		echo "${address[$2]}"
	fi
}

# page RUN WAY TARGET: an FTP session, which is refused when five seconds are over
page() {
	# shellcheck disable=SC2086 # words
	[ "$($1 curl -s -m 5 $2 "ftp://$3/page")" = "the very page" ]
}

# probe FROM NODE WHAT PORT: does it work?  PORT is ours.
probe_live() {
	local run=${host[$1]} from=() target way=--disable-epsv
	target=$(to "$1" "$2")
	case $3 in
	ping)
		[ "$1" = us ] || from=(-I "${address[$1]}")
		$run ping -q -c 1 -W 3 "${from[@]}" "$target" ;;
	ftp-*)
		[ "$3" = ftp-passive ] || way='--ftp-port -'
		# a session may fail by chance on a machine that does other things
		page "$run" "$way" "$target" || page "$run" "$way" "$target" ;;
	*)
		[ "$1" = us ] || from=("${address[$1]}")
		$run "$echo" try "$target" "${3%:*}:$4:${3#*:}" "${from[@]}" ;;
	esac >/dev/null 2>&1
}

# arrives PACKETS OPTION...: do so many packets reach their destinations, and all of them?
arrives() {
	local steps count=$1
	shift
	steps=$("$ipfwadm" --json trace "$@" 2>/dev/null | grep '"step":')
	[[ $steps != *dropped* ]] && [ "$(grep -cE 'sent|delivered' <<<"$steps")" = "$count" ]
}

# conversation SOURCE TARGET DEVICE PROTOCOL OURS THEIRS: a packet, its answer, and both
# again.  DEVICE is where it arrives, "" if we send it.  States are the tracker's.
conversation() {
	local source=$1 target=$2 device=$3 protocol=$4 ours=$5 theirs=$6 on=()
	local there=(-P "$4" -S "$1" "$5" -D "$2" "$6") back=(-P "$4" -S "$2" "$6" -D "$1" "$5")
	local first=() second=() answer=()
	[ -z "$device" ] || on=(-W "$device")
	[ "$protocol" != tcp ] || first=(-y) answer=(-y -k) second=(-k)
	if [ "$protocol" = icmp ]; then
		there=(-P icmp -S "$source" 8 -D "$target")
		back=(-P icmp -S "$target" 0 -D "$source")
	fi
	there+=("${on[@]}")
	if [ "$target" = "${own[${device:-eth0}]}" ]; then	# we answer
		arrives 4 "${there[@]}" "${first[@]}" "${back[@]}" "${answer[@]}" \
			"${there[@]}" "${second[@]}" "${back[@]}" "${second[@]}"
	else
		arrives 4 "${there[@]}" "${first[@]}" --reply "${there[@]}" "${second[@]}" --reply
	fi
}

# session WAY SOURCE TARGET PORT: all packets of an FTP session
session() {
	local capture=$scratch/capture.$4 masquerade=()
	[ "$3" != "${address[outside]}" ] || masquerade=("${own[eth0]}")
	# it prints how many packets it wrote
	arrives "$(tests/lib/ftp_capture.py "$capture" "${1#ftp-}" "$2" "$4" "$3" \
		"${masquerade[@]}")" --pcap "$capture"
}

probe_sim() {
	local source=203.0.113.1 target came_by=
	[ "$1" = us ] || source=${address[$1]} came_by=${nic[$1]}
	target=$(to "$1" "$2")
	case $3 in
	ping)	conversation "$source" "$target" "$came_by" icmp 0 0 ;;
	ftp-*)	session "$3" "$source" "$target" "$4" ;;
	*)	conversation "$source" "$target" "$came_by" "${3%:*}" "$4" "${3#*:}" ;;
	esac
}

probe() {
	if [ "$BACKEND" = sim ]; then
		probe_sim "$@"
	else
		probe_live "$@"
	fi
}

# probes PORT < "FROM NODE WHAT": prints those that work, all tried at once
probes() {
	local port=$1 from node what pids=()
	while read -r from node what; do
		port=$((port + 1))
		{ ! probe "$from" "$node" "$what" $port </dev/null ||
			echo "$from $node $what"; } &
		pids+=($!)
	done
	wait "${pids[@]}"
}

recipe_rules() {
	if [ "$BACKEND" = sim ]; then
		printf 'interface %s\n' 'eth0 203.0.113.1/24' 'eth1 10.1.0.1/16' \
			'eth2 192.0.2.1/28'
	fi
	sed -n "/^\.Ss $1\$/,/^\.Ed/p" man/ipfwadm-state.7 | sed '1,/^\.Bd/d; /^\.Ed/d'
}

# recipe NAME < "allow|refuse FROM NODE WHAT"
recipe() {
	cat >"$scratch/lines"
	sed -n 's/^allow //p' "$scratch/lines" | sort >"$scratch/allowed"
	sed -n 's/^refuse //p' "$scratch/lines" | sort >"$scratch/refused"
	ok "$1: twice as much is refused" \
		test "$(wc -l <"$scratch/refused")" -ge $((2 * $(wc -l <"$scratch/allowed")))
	recipe_rules "$1" >"$scratch/rules"
	if [ "$BACKEND" = sim ]; then
		cp "$scratch/rules" "$scratch/state"
		ok "$1 loads" "$ipfwadm" -I -l
	else
		ok "$1 loads" "$ipfwadm" load "$scratch/rules"
		"$ipfwadm" -T -f
	fi
	port=$((port + 100))
	sort "$scratch/allowed" "$scratch/refused" | probes $port >"$scratch/works"
	while read -r line; do
		ok "$1: $line is allowed" grep -qxF "$line" "$scratch/works"
	done <"$scratch/allowed"
	while read -r line; do
		ok "$1: $line is refused" eval '! grep -qxF "$line" "$scratch/works"'
	done <"$scratch/refused"
	if [ "$BACKEND" != sim ] && grep -q '^refuse forger' "$scratch/lines"; then
		ok "$1: forged packets are refused by their rule" forged_counted
	fi
}

# The answer to a forged packet would go elsewhere, so its rule must have counted it.
forged_counted() {
	"$ipfwadm" -I -l -e -x -n | awk -v least="$(grep -c '^refuse forger' "$scratch/lines")" '
		/ deny / && / 10\.1\.0\.0\/16 / { met = $1 >= least } END { exit !met }'
}

port=20000
if [ "$BACKEND" = sim ]; then
	export IPFWADM_BACKEND=sim:$scratch/state
else
	export IPFWADM_BACKEND=$BACKEND
	network_make
	# what is refused later works when there are no rules
	cat >"$scratch/without" <<-END
		admin us tcp:25
		forger www udp:53
		ftp inside udp:53
		ftp outside tcp:80
		inside ftp ftp-active
		inside us tcp:22
		outside ftp ftp-active
		outside ftp ftp-passive
		outside ftp tcp:2000
		outside inside ping
		outside us ping
		outside us tcp:22
		outside us udp:123
		outside www tcp:443
		us outside tcp:80
	END
	# its answer goes to the inside
	ok "all works without rules" diff <(grep -v ^forger "$scratch/without") \
		<(probes $port <"$scratch/without" | sort)
fi

recipe Workstation <<-END
	allow us outside tcp:80
	allow us outside udp:53
	allow us outside ping
	allow us inside tcp:22
	refuse outside us tcp:22
	refuse outside us tcp:80
	refuse outside us tcp:113
	refuse outside us udp:53
	refuse outside us udp:2000
	refuse outside us ping
	refuse inside us tcp:22
	refuse outside inside tcp:80
	refuse inside outside udp:53
END

recipe Server <<-END
	allow outside us tcp:80
	allow outside us tcp:443
	allow outside us ping
	allow admin us tcp:22
	allow us outside udp:53
	refuse outside us tcp:22
	refuse outside us tcp:25
	refuse outside us tcp:2000
	refuse outside us udp:53
	refuse outside us udp:123
	refuse admin us tcp:25
	refuse admin us udp:2000
	refuse us outside tcp:80
	refuse us outside tcp:25
	refuse us outside udp:123
	refuse us outside ping
	refuse outside inside tcp:80
END

recipe Gateway <<-END
	allow inside outside tcp:80
	allow inside outside udp:53
	allow inside outside ping
	allow inside outside ftp-active
	allow inside outside ftp-passive
	allow inside us tcp:22
	allow us outside tcp:80
	refuse outside us tcp:22
	refuse outside us tcp:25
	refuse outside us tcp:80
	refuse outside us udp:53
	refuse outside us udp:123
	refuse outside us ping
	refuse outside inside tcp:22
	refuse outside inside tcp:80
	refuse outside inside udp:53
	refuse outside inside ping
	refuse forger us tcp:22
	refuse forger us udp:53
	refuse www us tcp:22
	refuse www inside tcp:80
	refuse www outside udp:53
END

recipe "DMZ with FTP" <<-END
	allow outside ftp ftp-active
	allow outside ftp ftp-passive
	allow outside www tcp:80
	allow outside www tcp:443
	allow inside www tcp:80
	allow inside ftp tcp:22
	allow inside outside tcp:80
	allow inside outside udp:53
	allow inside us tcp:22
	refuse outside www tcp:22
	refuse outside www tcp:25
	refuse outside www udp:53
	refuse outside www ping
	refuse outside ftp tcp:22
	refuse outside ftp tcp:80
	refuse outside ftp tcp:2000
	refuse outside ftp udp:2000
	refuse outside us tcp:22
	refuse outside us tcp:80
	refuse outside us udp:53
	refuse outside us ping
	refuse outside inside tcp:80
	refuse outside inside udp:53
	refuse outside inside ping
	refuse forger www tcp:80
	refuse forger us udp:53
	refuse ftp outside tcp:80
	refuse ftp inside tcp:22
	refuse www inside udp:53
	refuse www us tcp:22
	refuse www outside ping
END
suite_end
