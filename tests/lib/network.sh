# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Hosts around a gateway for suites written in shell, each in a network namespace:
#
#	. tests/lib/network.sh		# first: the suite is the gateway from here on
#	. tests/lib/suite.sh
#	host_add client			# client COMMAND... runs there
#	link_add client eth1 10.1.0.1/16 10.1.0.2/16
#
# All of it, programs too, ends with the suite, whatever ends that.  Rules are in force
# with the backend $BACKEND, nft unless it says otherwise.

export BACKEND=${BACKEND:-nft}
if [ "${1-}" != inside ]; then
	case $BACKEND in
	nft) try='nft list ruleset' ;;
	xtables) try='iptables-legacy -t mangle -S' ;;
	sim) try=true ;;
	kmod) try="$PWD/${BUILD:-build}/bin/ipfwadm --backend kmod -M -l" ;;
	esac
	# shellcheck disable=SC2086 # words
	enter=(unshare --net --mount --pid --fork --mount-proc --kill-child)
	"${enter[@]}" $try >/dev/null 2>&1 || {
		echo "SKIP no $BACKEND in a network namespace here (root?)"
		echo "0 passed, 0 failed, 1 skipped"
		exit 77
	}
	exec "${enter[@]}" "$0" inside
fi

ip link set lo up
echo 1 >/proc/sys/net/ipv4/ip_forward

# host_add NAME: a host, and a command to run others there
host_add() {
	local pid
	unshare -n sleep 3600 &
	pid=$!
	# a sleeper has its namespace a moment after it has started
	until [ "$(readlink "/proc/$pid/ns/net")" != "$(readlink /proc/$$/ns/net)" ]; do
		sleep 0.01
	done
	eval "$1() { nsenter -t $pid -n \"\$@\"; }; ${1}_pid=$pid"
	"$1" ip link set lo up
}

# link_add NAME DEVICE OURS THEIRS [THEIR_DEVICE]: a wire from here to a host
link_add() {
	local name=$1 device=$2 ours=$3 theirs=$4 their_device=${5-eth0} pid=${1}_pid
	ip link add "$device" type veth peer name "$their_device" netns "${!pid}"
	ip addr add "$ours" dev "$device"
	ip link set "$device" up
	"$name" ip addr add "$theirs" dev "$their_device"
	"$name" ip link set "$their_device" up
}

# gateway_make: client 10.1.0.2 - eth1 gateway ppp0 203.0.113.5 - 203.0.113.6 server
gateway_make() {
	host_add client
	host_add server
	link_add client eth1 10.1.0.1/16 10.1.0.2/16
	link_add server ppp0 203.0.113.5/30 203.0.113.6/30
	client ip route add default via 10.1.0.1
}

# all rules that are in force, without counters
in_force() {
	case $BACKEND in
	nft) nft list ruleset | sed 's/counter packets [0-9]* bytes [0-9]*//' ;;
	xtables) iptables-legacy-save | sed -e '/^#/d' -e '/^:/s/ \[.*//' ;;
	esac
}

# listens NAME PORT...: does something there, TCP or UDP?  NAME may be "command": here.
listens() {
	local name=$1 port
	shift
	for port; do
		# state 0A is TCP listening, 07 is UDP
		"$name" grep -Eqs ":$(printf %04X "$port") 0{8}(0{24})?:0000 0[A7]" \
			/proc/net/tcp /proc/net/udp /proc/net/tcp6 || return 1
	done
}

# wait_until COMMAND...: tries for ten seconds, longer on a slow machine
wait_until() {
	local tries=0
	until "$@"; do
		((tries++ < 100 * ${TIME_FACTOR:-1})) || return 1
		sleep 0.1
	done
}

# talk_begin NAME ADDRESS CONNECTION...: has a host open connections, see echo.py
talk_begin() {
	coproc talk { "$1" tests/lib/echo.py talk "${@:2}"; }
}

talk_is_ready() {
	local ready
	read -r ready <&"${talk[0]}" && [ "$ready" = ready ]
}

# echoes CONNECTION: does one of them still work?
echoes() {
	local answer
	echo "$1" >&"${talk[1]}"
	read -r answer <&"${talk[0]}"
	[ "$answer" = yes ]
}

talk_end() {
	# shellcheck disable=SC2154 # bash sets it
	local pid=$talk_PID
	# shellcheck disable=SC1083,SC2093 # a descriptor is closed, nothing is run
	eval "exec ${talk[1]}>&-"
	wait "$pid"
}

# ssh_serve NAME: an SSH server there, whose one user, root, has his home in $scratch
# shellcheck disable=SC2154 # scratch is of suite.sh
ssh_serve() {
	mkdir -m 700 "$scratch/home" "$scratch/home/.ssh"
	ssh-keygen -q -t ed25519 -N '' -f "$scratch/key"
	cp "$scratch/key.pub" "$scratch/home/.ssh/authorized_keys"
	dropbearkey -t ed25519 -f "$scratch/host" >/dev/null 2>&1
	echo "root:x:0:0:root:$scratch/home:/bin/sh" >"$scratch/passwd"
	LD_PRELOAD=libnss_wrapper.so NSS_WRAPPER_PASSWD=$scratch/passwd \
		NSS_WRAPPER_GROUP=/etc/group "$1" dropbear -F -s -p 22 -r "$scratch/host" \
		2>"$scratch/dropbear" &
	wait_until listens "$1" 22
}

# ssh_to ADDRESS COMMAND: the client has it run there
ssh_to() {
	client ssh -i "$scratch/key" -o StrictHostKeyChecking=no -o BatchMode=yes \
		-o ConnectTimeout=3 \
		-o UserKnownHostsFile="$scratch/known" -o LogLevel=ERROR "root@$1" "$2"
}
