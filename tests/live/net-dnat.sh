#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: nft xtables
#
# Ports that another program forwards, as containers have them, beside ours: both work,
# neither touches the other, and its marks stay.
#
#	client 198.51.100.7 - ext gateway int 10.0.0.1 - 10.0.0.2 target
#	                                  ctr 172.17.0.1 - 172.17.0.2 container
. tests/lib/network.sh
. tests/lib/suite.sh
export PATH=$PWD/$BUILD/bin:$PATH IPFWADM_BACKEND=$BACKEND
us=198.51.100.1

host_add client
host_add target
host_add container
link_add client ext $us/24 198.51.100.7/24
link_add target int 10.0.0.1/24 10.0.0.2/24
link_add container ctr 172.17.0.1/16 172.17.0.2/16
target ip route add default via 10.0.0.1
container ip route add default via 172.17.0.1
for host in target container; do
	$host tests/lib/echo.py serve tcp:8080 udp:5353 &
	wait_until listens $host 8080 5353
	$host nft 'table ip seen { chain in { type filter hook prerouting priority -150
		ct state new meta l4proto { tcp, udp } counter; }; }'
done

not() { ! "$@"; }
echoed() { client tests/lib/echo.py try $us "$1"; }
began() { "$1" nft list table ip seen | sed -n 's/.*packets \([0-9]*\) .*/\1/p'; }

# takes HOST PROTOCOL:0:PORT...: each is answered by that host
served() {
	local host=$1 before spec
	shift
	for spec; do
		before=$(began "$host")
		echoed "$spec" && [ "$(began "$host")" = $((before + 1)) ] || return
	done
}

# what a container runtime has, and a mark of its own on each connection
theirs_make() {
	case $BACKEND in
	nft)
		nft -f - <<-END
			table ip containers {
				chain DOCKER {
					tcp dport 8000 counter dnat to 172.17.0.2:8080
					udp dport 5300 counter dnat to 172.17.0.2:5353
				}
				chain PREROUTING {
					type nat hook prerouting priority -100
					fib daddr type local jump DOCKER
				}
				chain POSTROUTING {
					type nat hook postrouting priority 100
					ip saddr 172.17.0.0/16 oifname != "ctr" counter masquerade
				}
			}
		END
		;;
	xtables)
		iptables-legacy-restore -n <<-END
			*nat
			:DOCKER - [0:0]
			-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
			-A POSTROUTING -s 172.17.0.0/16 ! -o ctr -j MASQUERADE
			-A DOCKER -p tcp --dport 8000 -j DNAT --to-destination 172.17.0.2:8080
			-A DOCKER -p udp --dport 5300 -j DNAT --to-destination 172.17.0.2:5353
			COMMIT
		END
		;;
	esac
	nft -f - <<-'END'
		table ip marks {
			counter unmarked { }
			counter marked { }
			chain begins {
				type filter hook prerouting priority -180
				ct state new ct mark set ct mark and 0xffff0000 or 0x2a
				meta mark set 0x15
			}
			chain forwarded {
				ct mark and 0x0000ffff != 0x2a counter name unmarked
				meta mark != 0x15 counter name unmarked
				counter name marked
			}
			chain leaves {
				type filter hook postrouting priority 400
				iifname { ext, int, ctr } jump forwarded
			}
		}
	END
}

theirs_end() {
	nft delete table ip marks
	case $BACKEND in
	nft) nft delete table ip containers ;;
	xtables)
		iptables-legacy -t nat -D PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
		iptables-legacy -t nat -D POSTROUTING -s 172.17.0.0/16 ! -o ctr -j MASQUERADE
		iptables-legacy -t nat -F DOCKER
		iptables-legacy -t nat -X DOCKER
		;;
	esac
}

# their rules, without counters
theirs() {
	case $BACKEND in
	nft) nft list table ip containers | sed 's/counter packets [0-9]* bytes [0-9]*//' ;;
	xtables) iptables-legacy -t nat -S | grep -v ipfw ;;
	esac
	nft list chain ip marks begins
}

load() {
	ipfwadm -T -f
	printf '%s\n' "$@" | ipfwadm load - 2>"$scratch/said"
}

packets() { ipfwadm "-$1" -l -n -e -x | awk 'NR > 2 { printf "%s ", $1 }'; }

masq='-F -a masquerade -S 10.0.0.0/8 -W ext'
web="-M --forward -a -P tcp -D $us 80 --to 10.0.0.2:8080"
dns="-M --forward -a -P udp -D $us 53 --to 10.0.0.2:5353"
to='-F -a accept -D 172.17.0.2' from='-F -a accept -S 172.17.0.2'
ours='tcp:0:80 udp:0:53' foreign='tcp:0:8000 udp:0:5300'

# theirs first, and then ours first
for order in 'theirs ours' 'ours theirs'; do
	for who in $order; do
		[ $who = theirs ] && theirs_make
		[ $who = ours ] && load '-F -p deny' "$masq" "$to" "$from" "$web" "$dns"
	done
	before=$(theirs)
	# shellcheck disable=SC2086 # words
	ok "$order: ours go to our target" served target $ours
	# shellcheck disable=SC2086
	ok "$order: theirs to the container" served container $foreign
	ok "$order: other ports are the host's" not echoed tcp:0:81
	ok "$order: their rules stay" test "$(theirs)" = "$before"
	[ "$order" = 'ours theirs' ] || theirs_end
	[ "$order" = 'ours theirs' ] || ipfwadm load /dev/null
done

# only ours skip the forward list; both ways of theirs are asked
load '-F -p deny' "$masq" "$to" "$from" "$web" "$dns"
ok "one of each" eval 'echoed tcp:0:80 && echoed tcp:0:8000'
sleep 1
read -r answers in out <<<"$(packets F)"
ok "the forward list has seen our answers, and theirs both ways" \
	test "$answers" -gt 3 -a "$in" -gt 3 -a "$out" -gt 3
load '-F -p deny' "$masq" "$from" "$web" "$dns"
# shellcheck disable=SC2086
ok "without a rule for them theirs are denied" not served container tcp:0:8000
ok "ours are not" served target tcp:0:80

# connections of both, while ours come and go
load '-F -p deny' "$masq" "$to" "$from" "$web" "$dns"
talk_begin client $us a=tcp:4001:80 b=tcp:4002:8000 c=udp:4003:53 d=udp:4004:5300
ok "four connections" talk_is_ready
ok "ours are listed as masqueraded, theirs are not" diff - <(
	ipfwadm -M -l -n | awk 'NR > 2 { print $1, $3, $NF }' | sort
) <<-END
	tcp 10.0.0.2 4001
	udp 10.0.0.2 4003
END
ok "all are tracked" test "$(ipfwadm -T -l -n | grep -c '400[1-4]')" = 4
rules=$(theirs)
ipfwadm -M --forward -a -P tcp -D $us 81 --to 10.0.0.2:8080
ipfwadm -I -a deny -P tcp -D $us 23
ok "all live on after edits" eval 'echoes a && echoes b && echoes c && echoes d'
ipmasqadm portfw -d -P udp -L $us 53
ok "portfw -d leaves all alone" eval 'echoes a && echoes b && echoes c && echoes d'
ipportfw -C
ok "ipportfw -C cuts ours" eval '! echoes a'
ok "and none of theirs" eval 'echoes b && echoes d'
ipfwadm -M --forward -a -P tcp -D $us 8000 --to 10.0.0.2:8080
ok "a forward for their port leaves their connection alone" echoes b
ipfwadm -M --forward -f --cut
ok "and so does its end" echoes b
ipfwadm load /dev/null
ok "without any rules, too" eval 'echoes b && echoes d'
talk_end
ok "their rules are as they were" test "$(theirs)" = "$rules"
ok "and work" served container tcp:0:8000 udp:0:5300

# a packet that was translated before it came to our forwards is none of ours
load "$masq" "-M --forward -a -P tcp -D $us 8000 --to 10.0.0.2:8080"
case $BACKEND in
nft) nft 'table ip containers { chain first { type nat hook prerouting priority -110
	tcp dport 8000 dnat to 172.17.0.2:8080; }; }' ;;
xtables) iptables-legacy -t nat -I PREROUTING -p tcp --dport 8000 -j DNAT \
	--to-destination 172.17.0.2:8080 ;;
esac
ipfwadm -T -f
ok "who translates first has the connection" served container tcp:0:8000
ok "it is none of ours" test "$(ipfwadm -M -l -n | wc -l)" -le 2
ok "and is not counted" grep -q '^ *0 tcp' <(ipfwadm -M --forward -l -n -e)

ok "all marks of others stayed" not grep -q 'packets [1-9]' <(nft list counter ip marks unmarked)
ok "of many packets" grep -q 'packets [1-9][0-9]' <(nft list counter ip marks marked)
suite_end
