#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Rules follow their interfaces: loaded before there is one, while it
# is down, when it is renamed, made anew, moved to another namespace; and aliases.
# slow
. tests/lib/suite.sh
. tests/lib/machine.sh

# shellcheck disable=SC2016 # for the machine
script='
export IPFWADM_BACKEND=kmod
ipfwadm=$BUILD/bin/ipfwadm

# ask INTERFACE ADDRESS: what becomes of a packet that it receives
ask() {
	$ipfwadm -I -c -P udp -S 10.0.0.9 1 -D 10.0.0.1 2 -W $1 -V $2
}
# INTERFACE [ADDRESS]: the rule that denies what comes from there is bound, is not
bound() { test "$(ask $1 ${2:-10.0.0.1})" = "packet denied"; }
unbound() { test "$(ask $1 ${2:-10.0.0.1})" = "packet accepted"; }
deny() { $ipfwadm -I -a deny -W $1; }
flush() { $ipfwadm -I -f; }
add() { ip link add $1 type dummy && ip addr add 10.0.0.1/24 dev $1; }

deny x0
add x0
check "a rule that was there before its interface" unbound x0
deny x1
$ipfwadm -I -i deny -W x0
check "loaded while it is down" bound x0
$ipfwadm -I -d deny -W x0
check "the other is still the other" unbound x0
ip link set x0 up
check "comes up" bound x0
ip link set x0 down
check "goes down" unbound x0
$ipfwadm -I -a deny -P tcp
check "goes down, and another rule comes" unbound x0
ip link set x0 up
$ipfwadm -I -d deny -P tcp
check "comes up again" bound x0
ip link set x0 mtu 1400
ip addr add 10.0.3.1/24 dev x0
check "another address" bound x0
check "lists show nothing of it" sh -c "test \"\$($ipfwadm save | grep -c -- \"-W x0\")\" = 1"

ip link set x0 down
ip link set x0 name x1
check "renamed, a name that nobody was bound to" unbound x1
ip link set x1 up
check "the rule of the new name" bound x1
ip link set x1 down
ip link set x1 name x0
check "renamed back" unbound x0
ip link set x0 up
check "and up" bound x0
flush
deny x2
if ip link set x0 name x2 2>/dev/null; then
	check "renamed while it is up" bound x2
	ip link set x2 name x0
	ip link add x2 type dummy
	ip addr add 10.0.0.1/24 dev x2
	check "renamed while it is up, and another comes" unbound x2
	ip link del x2
fi
flush

deny x0
ip link del x0
add x0
check "deleted and made anew" unbound x0
ip link set x0 up
check "and up" bound x0
ip link set x0 down
flush
deny x0
ip link del x0
add x0
check "deleted while it was down" unbound x0
ip link set x0 up

unshare -n sh -c "$ipfwadm -I -a deny -W x0; echo \$\$ >/tmp/pid; exec sleep 1000" &
until [ -s /tmp/pid ]; do sleep 0.1; done
other=$(cat /tmp/pid)
there() { nsenter --net=/proc/$other/ns/net "$@"; }
ip link set x0 netns $other
there ip addr add 10.0.0.1/24 dev x0
there_asked() { there $ipfwadm -I -c -P udp -S 10.0.0.9 1 -D 10.0.0.1 2 -W x0 -V 10.0.0.1; }
there_is() { test "$(there_asked)" = "packet $1"; }
check "comes from another namespace" there_is accepted
there ip link set x0 up
check "and up" there_is denied
add x0
check "its name here is free" unbound x0
ip link set x0 up
check "for another one" bound x0
ip link del x0
there ip link set x0 netns 1
ip addr add 10.0.0.1/24 dev x0
check "comes back" unbound x0
ip link set x0 up
check "and up" bound x0
kill $other
flush

deny x0:1
ip addr add 10.0.0.2/24 dev x0 label x0:1
check "an alias comes" bound x0:1 10.0.0.2
check "it is not its interface" unbound x0
ip addr add 10.0.0.3/24 dev x0 label x0:1
ip addr del 10.0.0.2/24 dev x0
check "an alias has another address still" bound x0:1 10.0.0.3
ip link set x0 down
check "an alias goes down with its interface" unbound x0:1 10.0.0.3
ip addr add 10.0.0.4/24 dev x0 label x0:1
check "an address does not bring it up" unbound x0:1 10.0.0.4
$ipfwadm -I -i deny -W x0:1
check "loaded while an alias is down" bound x0:1 10.0.0.3
ip addr add 10.0.0.5/24 dev x0 label x0:2
check "another alias" bound x0:1 10.0.0.3
$ipfwadm -I -d deny -W x0:1
ip link set x0 up
check "an alias comes up with its interface" bound x0:1 10.0.0.3
ip addr del 10.0.0.1/24 dev x0
ip link set x0 down
ip addr add 10.0.0.3/24 dev x0 label x0:1
check "an alias goes, and comes while its interface is down" unbound x0:1 10.0.0.3
ip link set x0 up
flush
ip link del x0
add x0
ip addr add 10.0.0.3/24 dev x0 label x0:1
deny x1:1
ip link set x0 name x1
check "an alias whose interface is renamed" unbound x1:1 10.0.0.3
ip link set x1 up
check "and comes up" bound x1:1 10.0.0.3
if ip link set x1 name x2 2>/dev/null; then
	deny x3:1
	ip link set x2 name x3
	check "an alias whose interface is renamed while it is up" bound x3:1 10.0.0.3
	ip link set x3 name x1
fi
flush
ip link del x1

deny lo
check "lo" bound lo 127.0.0.1
ip link set lo down
check "lo goes down" unbound lo 127.0.0.1
ip link set lo up
check "lo comes up" bound lo 127.0.0.1
flush

deny x0
$ipfwadm save >/tmp/rules
(while [ ! -e /tmp/enough ]; do $ipfwadm load /tmp/rules; done) &
for i in 1 2 3 4 5 6 7 8; do
	add x0
	ip link set x0 up
	check "comes up while rules are replaced" bound x0
	ip link del x0
done
touch /tmp/enough
wait $!

deny x0
add x0
ip link set x0 up
check "the module goes while an interface is up" rmmod ipfwadm
check "and comes again" modprobe ipfwadm
deny x0
check "with an interface that was there before" bound x0
'
for kernel in $kernels; do
	machine "$kernel" "$script"
done
suite_end
