#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The simulator's file: bad conditions (sim-robust), and the program on state
# files of any content.  What cannot be read is told with its place and kept.
. tests/lib/suite.sh

ipfwadm=$ASAN/bin/ipfwadm
state=$scratch/state
export IPFWADM_BACKEND=sim:$state

add() {
	"$ipfwadm" -I -a deny -S "$1"
}

# takes NAME: the state file must be refused at PLACE, saying WHY, and kept
refused() {
	local name=$1 place=$2 why=$3 out status
	cp "$state" "$scratch/before"
	out=$(add 10.0.0.1 2>&1)
	status=$?
	ok "$name: an edit fails" test $status = 255
	ok "$name: the place and the reason are told" \
		grep -qF "$state:$place: $why" <<<"$out"
	ok "$name: the file is kept" cmp "$state" "$scratch/before"
	ok "$name: a listing fails" test -z "$("$ipfwadm" -I -l -n 2>/dev/null)"
}

# takes NAME COUNT: the file must be accepted and hold COUNT input rules after an edit
accepted() {
	local name=$1 count=$2
	ok "$name: an edit works" add 10.0.0.1
	ok "$name: $count rules then" \
		test "$("$ipfwadm" -I -l -n | tail -n +3 | wc -l)" = "$count"
}

megabyte() {
	head -c 1048576 /dev/zero | tr '\0' "$1"
}

rules() {
	awk -v n="$1" -v op="$2" 'BEGIN {
		for (i = 0; i < n; i++)
			printf "-I -%s deny -S 10.%d.%d.%d\n", op,
				i / 65536, i / 256 % 256, i % 256
	}'
}

count "$BUILD/tests/sim-robust"

rm -f "$state"
accepted 'no file' 1
: >"$state"
accepted 'an empty file' 1
printf -- '-I -a accept -S 1.2.3.4' >"$state"
accepted 'no newline at the end' 2
printf '\n\n# nothing\n' >"$state"
accepted 'nothing but blank lines' 1
{ printf '# '; megabyte a; } >"$state"
accepted 'a comment of a megabyte' 1
{ printf -- '-I -a accept'; megabyte ' '; } >"$state"
accepted 'a megabyte of blanks' 2

printf -- '-I -p deny\n-I -a accept -S 1.2.3.4\r\n' >"$state"
refused 'a line that ends as on DOS' 2:24 'carriage return'
printf -- '-I -p deny\n-I -a accept\0 -S 1.2.3.4\n' >"$state"
refused 'a NUL' 2:13 'control character'
printf '\177ELF\2\1\1\0\0\0' >"$state"
refused 'a program' 1:1 'control character'
megabyte a >"$state"
refused 'a word of a megabyte' 1:1 'unknown command "aaaa'
{ printf -- '-I -a accept -S '; megabyte 1; } >"$state"
refused 'an address of a megabyte' 1:17 'host/network "1111'
printf -- '-I -a accept --comment "open\n' >"$state"
refused 'an open quote' 1:24 'a quote is not closed'
printf -- '-I -a accept\n-I -l\n' >"$state"
refused 'a command that changes nothing' 2:4 'only commands that change rules'

rules 100000 a >"$state"
accepted '100,000 rules' 100001
rules 100000 i >"$state"
accepted '100,000 rules, each at the head' 100001

# connections
connection='connection proto=17 saddr=10.0.0.1 daddr=10.0.0.2 maddr=10.0.0.1'
printf -- '-I -p deny\ntime 5.00\n%s expires=9000\n' "$connection" >"$state"
accepted 'a connection' 1
ok 'a connection: it is kept' grep -qx "$connection expires=9000" "$state"
printf -- '-I -p deny\ntime 5\n%s sport=65536\n' "$connection" >"$state"
refused 'a port of a connection' 3:66 'no such number'
printf -- '-I -p deny\n%s\n' "$connection" >"$state"
refused 'a connection without a clock' 2:1 'unknown command "connection"'
printf -- 'time 5\n-I -p deny\n' >"$state"
refused 'rules behind the clock' 2:1 'rules come before the connections'
printf -- '-I -p deny\ntime 5\n%s\0 sport=7\n' "$connection" >"$state"
ok 'a NUL in a connection' grep -q ': control character among the conn' <(add 10.0.0.1 2>&1)
{ echo 'time 5'; yes "$connection" | awk 'NR > 16384 { exit }
	{ print $0 " expires=9000 sport=" NR " mport=" NR }'; } >"$state"
accepted '16384 connections' 1
echo "$connection expires=9000 sport=20000 mport=20000" >>"$state"
cp "$state" "$scratch/before"
ok 'one more' eval '! add 10.0.0.1 2>"$scratch/why"'
ok 'one more: why' grep -q ':16[0-9]*:[0-9]*: too many connections' "$scratch/why"
ok 'one more: the file is kept' cmp "$state" "$scratch/before"
rm "$state"

# what a helper changes, and the connection that it announced
tests/lib/ftp_capture.py "$scratch/ftp" active 10.0.0.2 1025 203.0.113.7 203.0.113.1 >/dev/null
printf '%s\n' 'interface eth0 10.0.0.1/24' 'interface ppp0 203.0.113.1/24' \
	'-F -a masquerade -W ppp0' >"$state"
ok 'the text of a PORT: in JSON' grep -q '"203,0,113,1,238,73"' \
	<("$ipfwadm" --json trace --pcap "$scratch/ftp")
"$ipfwadm" trace --keep --pcap "$scratch/ftp" >"$scratch/trace"
ok 'the text of a PORT' \
	grep -qx '  helper          ppp0    the text says now 203,0,113,1,238,73' "$scratch/trace"
ok 'an announced connection is from its server' \
	grep -qE '^tcp +last-ack .* 203\.0\.113\.7 +203\.0\.113\.1 +20 -> 61001 => 5001$' \
	<("$ipfwadm" -T -l -n)
ok 'numbers that differ are listed' \
	grep -qE '^tcp .* 1009 +3 +0 10\.0\.0\.2 .* 1025 \(61000\) -> 21$' \
	<("$ipfwadm" -M -l -n -e)
rm "$state"

# an address in a datagram, which a helper changes
python3 - "$scratch/cuseeme" <<-'END'
	import struct, sys
	message = bytes(12) + bytes((10, 0, 0, 2)) + bytes(10)
	udp = struct.pack("!HHHH", 7648, 7648, 8 + len(message), 0) + message
	ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0)
	ip += bytes((10, 0, 0, 2, 203, 0, 113, 7))
	ip = ip[:10] + struct.pack("!H", 65535 - sum(struct.unpack("!10H", ip)) % 65535) + ip[12:]
	with open(sys.argv[1], "wb") as f:
	    f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
	    f.write(struct.pack("<IIII", 1000, 0, len(ip + udp), len(ip + udp)) + ip + udp)
END
printf '%s\n' 'interface eth0 10.0.0.1/24' 'interface ppp0 203.0.113.1/24' \
	'-F -a masquerade -W ppp0' >"$state"
ok 'the address in a message of CU-SeeMe' \
	grep -qx '  helper          ppp0    the text says now 203.0.113.1' \
	<("$ipfwadm" trace --pcap "$scratch/cuseeme")
rm "$state"

# what the program says and how it ends when the file cannot be written
"$ipfwadm" -I -f
before=$(md5sum <"$state")
out=$(trap '' XFSZ; prlimit --fsize=20 "$ipfwadm" -I -a deny 2>&1)
ok 'a file that may not grow: status 255' test $? = 255
ok 'a file that may not grow: told' grep -q 'File too large' <<<"$out"
ok 'a file that may not grow: kept' test "$(md5sum <"$state")" = "$before"

# many programs at once
for writer in 1 2 3 4; do
	for i in {1..20}; do
		add "10.0.$writer.$i" || echo "writer $writer, rule $i"
	done &
done >"$scratch/writers" 2>&1
wait
ok '4 programs at once: all succeed' test ! -s "$scratch/writers"
ok '4 programs at once: 80 rules' \
	test "$("$ipfwadm" -I -l -n | tail -n +3 | sort -u | wc -l)" = 80
for writer in 1 2 3 4; do
	for i in {1..10}; do
		"$ipfwadm" trace --keep -P udp -S "10.9.$writer.$i" 1 -D 127.0.0.1 2 -W lo ||
			echo "writer $writer, packet $i" >&2
	done &
done >/dev/null 2>"$scratch/writers"
wait
ok '4 traces at once: all succeed' test ! -s "$scratch/writers"
ok '4 traces at once: 40 connections' \
	test "$("$ipfwadm" -T -l -n | tail -n +3 | sort -u | wc -l)" = 40
# counters beyond those of 2.3.0
wide() {
	printf '[%s:%s] -A in -a\n' "$1" "$1" >"$scratch/wide"
	ok "a counter of $1" test "$("$ipfwadm" load "$scratch/wide" &&
		"$ipfwadm" -A -l -n | tail -n 1 | cut -c 1-11)" = "$2 $2"
}
wide 99999 99999
wide 100000 ' 100K'
wide 9999000 '9999K'
wide 9999500 '  10M'
wide 9999000000 '9999M'
wide 12345678901 '  12G'
wide 123456789012 ' 123G'
wide 9999000000000 '9999G'
wide 12345678901234 '  12T'

# other users' links and names in a folder that all can write
if [ "$(id -u)" = 0 ]; then
	chmod 755 "$scratch"
	mkdir -m 1777 "$scratch/all"
	as_nobody() { setpriv --reuid nobody --clear-groups "$@"; }
	echo '-I -p deny' >"$scratch/precious"
	as_nobody ln -s "$scratch/precious" "$scratch/all/planted"
	for command in '-I -f' '-I -l' '-I -a accept'; do
		# shellcheck disable=SC2086
		ok "a planted link: $command fails" \
			bash -c '! "$@"' - "$ipfwadm" --backend "sim:$scratch/all/planted" $command
	done
	ok 'a planted link: its target stays' test "$(cat "$scratch/precious")" = '-I -p deny'
	ln -s "$scratch/precious" "$scratch/all/own"
	ok 'a link of our own' "$ipfwadm" --backend "sim:$scratch/all/own" -I -a accept
	ok 'it stays one' test -L "$scratch/all/own"
	as_nobody mkdir -p "$scratch/all/.file.new/full"
	ok 'a name that another occupies' \
		"$ipfwadm" --backend "sim:$scratch/all/file" -I -a accept
	ok 'it is not needed' test "$(ls -A "$scratch/all")" = $'.file.new\nfile\nown\nplanted'
	cp "$BUILD/bin/ipfwadm" "$scratch/all/program"
	touch "$scratch/all/.state.new"
	ok 'a name that root occupies' as_nobody "$scratch/all/program" \
		--backend "sim:$scratch/all/state" -I -a accept
	# without a name, and without a backend
	as_user() {
		as_nobody env -u IPFWADM_BACKEND -u XDG_RUNTIME_DIR HOME="$scratch/all" \
			"$scratch/all/program" "$@"
	}
	ok 'a user without XDG_RUNTIME_DIR' as_user --backend sim -I -p deny
	ok 'has a simulator at home' grep -qx -e '-I -p deny' "$scratch/all/.ipfwadm.sim"
	as_user -I -p deny 2>"$scratch/told"
	ok 'without privilege the way out is told' diff "$scratch/told" - <<-END
		$scratch/all/program: the rules of the kernel need root: \`sudo $scratch/all/program ...', or try \`--backend sim:FILE'
	END
	rm -r "$scratch/all"
fi
ok 'nothing but the state file is left' test "$(echo "$scratch"/.[!.]*)" = "$scratch/.[!.]*"
suite_end
