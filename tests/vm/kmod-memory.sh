#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Memory of the module's rules on a machine of 256 MB: a namespace of an ordinary user has
# little of it, whatever it asks for, and is told so; so have all namespaces of a user
# together; nobody is killed.
# slow
. tests/lib/suite.sh
. tests/lib/machine.sh

program_add unshare setpriv
chmod 755 "$scratch"	# for the users in the machine

# without the programs of other suites, which take a quarter of that memory
built=$(realpath "$BUILD") && mkdir -p "$BUILD"/{kernels,kmod,qemu} "$scratch/build" &&
	cp -r "$BUILD/bin" "$scratch/build" &&
	ln -s "$built"/{kernels,kmod,qemu} "$scratch/build" || exit
export BUILD=$scratch/build

n=40000
awk -v n=$n 'BEGIN {
	for (i = 0; i < n; i++)
		printf "-I -a deny -S 10.%d.%d.1\n", i / 250, i % 250
}' >"$scratch/plain"
# a user may send so much at once
mkdir "$scratch/plain.d" "$scratch/named.d"
split -l 1000 "$scratch/plain" "$scratch/plain.d/"
awk 'NR <= 12000 { print $0 " -W if" NR " --comment", "a-comment-of-some-length-" NR }' \
	"$scratch/plain" | split -l 500 - "$scratch/named.d/"

# shellcheck disable=SC2016 # for the machine
script='
ipfwadm="$BUILD/bin/ipfwadm --backend kmod"
setting=/proc/sys/net/ipv4/ipfwadm/rules_memory
excess="would take more memory than net.ipv4.ipfwadm.rules_memory"
# fill DIRECTORY: appends what is there until it is refused
fill() {
	for file in "$1"/*; do
		$ipfwadm load --append "$file" || return
	done
}
alone=$excess
[ $kernel != debug ] || alone=full
together="the network namespaces of this user would take more memory together"
# refused COMMAND...: it fails for want of memory that the namespace may have
refused() {
	if "$@" >out 2>&1; then return 1; fi
	grep -qF "$excess" out || { cat out; return 1; }
}
rules() { $ipfwadm save | grep -c -e "-a deny"; }
# measured NAME COMMAND...: a check of figures, which are those of 256 MB; the machine of the
# debug kernel has more, so that all rules fit
measured() {
	if [ $kernel != debug ]; then
		check "$@"
	else
		shift
		"$@" >/dev/null
	fi
}
user() { unshare --user --map-root-user --net "$@"; }
free() { awk "/^MemAvailable/ { print int(\$2 / 1024) }" /proc/meminfo; }
# settles MB: soon at least so much is available; grace periods have to pass
settles() {
	for i in $(seq 100); do
		[ "$(free)" -lt "$1" ] || return 0
		sleep 0.1
	done
	echo "$(free) MB are available"
	return 1
}

# in one namespace of a user
if [ "$1" = user ]; then
	cd /tmp
	check "some rules" $ipfwadm load $scratch/plain.d/aa
	measured "too many are refused" refused fill $scratch/plain.d
	before=$(rules)
	check "nothing has changed: $before" test $((before % 1000)) = 0 -a $before -gt 4000
	check "the limit stays" sh -c "! echo 1000000000 >$setting"
	check "a flush gives back" $ipfwadm load /dev/null
	measured "names and comments take memory as well" refused fill $scratch/named.d
	measured "so fewer fit: $(rules)" test "$(rules)" -lt "$before"
	for i in 1 2 3 4 5 6 7 8; do
		check "other rules in their place" $ipfwadm load $scratch/plain.d/aa
	done
	exit
fi

# one of many: it takes what it can get, says why that was all, and stays
if [ "$1" = many ]; then
	fill $scratch/plain.d 2>&1 | grep -o -e "$excess" -e "$together"
	echo full
	read end
	exit
fi

# connections, until there is no memory
if [ "$1" = connections ]; then
	conn=/proc/sys/net/ipv4/ipfwadm
	ip link set lo up
	$ipfwadm -I -a accept --keep-state
	for host in 1 "2 3"; do
		for i in $host; do ping -c 1 -W 1 127.0.0.$i >/dev/null; done
		echo "$(cat $conn/conn_count) $(cat $conn/conn_evicted)"
		read go
	done
	exit
fi
'
user_end='
cd /tmp
measured "the limit of a user is a part of the memory" \
	user sh -c "test \$(cat $setting) -le 4194304 -a \$(cat $setting) -gt 1000000"
before=$(free)
user sh /tmp/script user
for i in 1 2; do
	user sh /tmp/script user >/dev/null
done
check "what namespaces had is given back" settles $((before - 16))
# as_user UID WORD: the script in a namespace of that user, until it is told to end
as_user() {
	/usr/bin/setpriv --reuid $1 --regid $1 --clear-groups \
		/usr/bin/unshare --user --map-root-user --net sh /tmp/script $2
}
# says LINE FILE
says() {
	for i in $(seq 600); do
		! grep -q "$1" $2 || return 0
		sleep 0.1
	done
	cat $2
	return 1
}
mkfifo /tmp/hold
exec 3<>/tmp/hold
before=$(free)
for i in $(seq 8); do
	as_user 1000 many </tmp/hold >/tmp/many.$i 2>&1 &
	check "namespace $i of a user is as full as it may be" says full /tmp/many.$i
done
measured "some had enough alone" grep -qF "$excess" /tmp/many.1
check "the last ones found nothing left" grep -qF "$together" /tmp/many.8
measured "all have a 16th of the memory, and what a namespace takes" settles $((before - 28))
as_user 1001 many </tmp/hold >/tmp/other 2>&1 &
check "another user has his own" says "$alone" /tmp/other
yes | head -n 9 >&3
wait
check "all of it is given back" settles $((before - 16))
as_user 1000 connections </tmp/hold >/tmp/connections 2>&1 &
check "a user has a connection" says "^1 0$" /tmp/connections
echo 1 >/sys/module/ipfwadm/parameters/user_memory
echo >&3
check "without memory it ends for others, which there cannot be" says "^0 1$" /tmp/connections
echo >&3
wait
echo 0 >/sys/module/ipfwadm/parameters/user_memory
check "root has no limit" $ipfwadm load $scratch/plain
check "all of them" test "$(rules)" = 40000
check "but may set one" sh -c "echo 2000000 >$setting"
check "which refuses one more list" refused $ipfwadm load $scratch/plain
check "the rules stay" test "$(rules)" = 40000
check "a flush works" $ipfwadm -I -f
check "and one rule" $ipfwadm -I -a deny
'
for kernel in $kernels; do
	whole="kernel=$kernel BUILD=$(realpath "$BUILD"); scratch=$scratch; $script"
	{
		# shellcheck disable=SC2154 # of machine.sh
		printf '%s\n' "$machine_lib"
		printf '%s\n' "$whole"
	} >"$scratch/script"
	machine "$kernel" "$whole cp $scratch/script /tmp/script; $user_end" --memory 256 \
		--file "$scratch/plain" --file "$scratch/plain.d" --file "$scratch/named.d" \
		--file "$scratch/script" "${files[@]}"
done
suite_end
