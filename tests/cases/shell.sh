#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The shell without a terminal, what its two processes are made of, and an engine
# that is told nonsense.
. tests/lib/suite.sh

export IPFWADM_BACKEND=sim:$scratch/sim HOME=$scratch PATH=/usr/sbin:/usr/bin:/sbin:/bin
ipfwadm=$PWD/$ASAN/bin/ipfwadm

# runs TEXT [OPTION...]: lines on the standard input; $out and $status
runs() {
	local text=$1
	shift
	out=$(printf '%s' "$text" | within 60 "$ipfwadm" shell "$@" 2>&1)
	status=$?
}
rules() {
	"$ipfwadm" save | grep -c -- ' -a '
}
fresh() {
	rm -f "$scratch/sim"
}

# what is linked
for program in ipfwadm ipfwadm-shell; do
	ok "$program runs" test -x "$BUILD/bin/$program"
done
for file in "$BUILD/bin/ipfwadm" "$BUILD"/lib/ipfwadm/*.so; do
	ok "$file has no readline" bash -c '! ldd "$1" | grep -qi readline' - "$file"
done
ok 'nor its symbols' \
	bash -c '! nm -D --undefined-only "$1" | grep -qE " (readline|rl_|add_history)"' - \
	"$BUILD/bin/ipfwadm"
ok 'the shell has no netfilter library' \
	bash -c '! ldd "$1" | grep -qE "nftnl|libmnl|iptc|xtables|netfilter"' - \
	"$BUILD/bin/ipfwadm-shell"
ok 'the shell has readline' grep -q readline <(ldd "$BUILD/bin/ipfwadm-shell")
ok 'the shell opens no library by itself' \
	bash -c '! nm -D --undefined-only "$1" | grep -qE " dlopen"' - "$BUILD/bin/ipfwadm-shell"

# lines, errors, exit statuses
fresh
runs $'-I -a accept -P tcp\nipfwadm -I -a deny\n# a remark\n\n-I -l -n\n'
ok 'lines are carried out: 0' test $status = 0
ok 'a listing comes out' grep -q '^deny  *all' <<<"$out"
for name in 'wlan+' '!lo' 'eth*'; do
	runs $'-I -f\n-I -a deny -W '"$name"$'\ninsert -I 1 -a deny -W '"$name"$'\n'
	ok "-W $name is a name, and told to be one" \
		test "$(grep -c '^warning: -W .* is a name, not a pattern' <<<"$out")" = 2
done
runs $'-I -f\n-I -a accept\n-I -a acept\n-I -a deny\n'
ok 'a mistake: 2' test $status = 2
ok 'its line is told' grep -q '^-:3:7: error: invalid policy "acept"' <<<"$out"
ok 'with a suggestion' grep -q "did you mean 'accept'" <<<"$out"
ok 'what stands before it is in force, what stands behind it not' test "$(rules)" = 1
runs $'-I -f\n-I -a accept\n-I -a acept\nnonsense\n-I -a deny\n' -k
ok 'with -k it goes on' test "$(rules)" = 2
ok 'and fails in the end' test $status = 2
ok 'both mistakes are told' test "$(grep -c '^-:[34]:' <<<"$out")" = 2
runs $'-I -f\n-I -a accept\n-I -d deny\n-I -a deny\n'
ok 'a refused edit: 255' test $status = 255
ok 'its line is told, too' grep -q '^-:3:1: error: there is no such rule' <<<"$out"
ok 'those before it are in force' test "$(rules)" = 1
runs $'-I -f\n-I -a accept\n-I -d deny\n-I -a deny\n' --keep-going
ok 'with --keep-going those behind it as well' test "$(rules)" = 2
runs $'-I -a deny -S 1.2.3.4'
ok 'a last line without an end' test "$status $(rules)" = '0 3'
runs ''
ok 'no lines at all: 0' test "$status$out" = 0
runs $'-I -a accept \\\n --comment "two lines"\n'
ok 'a line may be continued' test $status = 0
runs $'begin\n-I -f\nundo\nundo\n'
ok 'nothing staged: 1' test $status = 1
runs $'begin\n-I -f\n'
ok 'what is only staged is dropped' grep -q 'is dropped' <<<"$out"
ok 'and not in force' test "$(rules)" = 4
runs $'begin\n-I -f\n-I -a deny -W eth9\ncommit\nshow -I\n'
ok 'a transaction in a script' grep -q '1 .*-I -a deny -W eth9' <<<"$out"
runs $'interface eth0 1.2.3.4/24\n'
ok 'what only files may hold' grep -q 'is for files only' <<<"$out"
runs $'-I -a accept | cat\n'
ok 'what only other shells do' grep -q "needs a shell" <<<"$out"
runs $'-I -l --json\n'
ok 'listings as JSON' grep -q '"rules"' <<<"$out"
runs $'-I -c -P tcp -S 1.1.1.1 1 -D 2.2.2.2 2 -V 127.0.0.1 -W lo\n'
ok 'a check' grep -q '^packet' <<<"$out"
runs $'trace --rules /dev/null -P udp -S 127.0.0.1 1 -D 127.0.0.1 2\n'
ok 'a trace' grep -q '^packet 1' <<<"$out"
runs $'begin\n-I -i deny -P udp\ntrace -P udp -S 127.0.0.1 1 -D 127.0.0.1 2 -W lo\nabort\n'
ok 'a trace by staged rules' grep -q 'denied by rule 1: -I -a deny -P udp' <<<"$out"
runs $'quit\nnonsense\n'
ok 'quit ends it' test $status = 0

# another engine, and nobody's prompt
out=$(printf -- '-I -a deny -S 9.9.9.9\n-I -l -n\n' | within 60 "$ipfwadm" shell --engine \
	"IPFWADM_BACKEND=sim:$scratch/other exec $ipfwadm engine" 2>&1)
ok 'an engine of choice' grep -q '9\.9\.9\.9' "$scratch/other"
ok 'it answers' grep -q '^deny  *all  *9\.9\.9\.9' <<<"$out"
if [ "$(id -u)" = 0 ]; then
	mkdir "$scratch/bin" "$scratch/nobody"
	cp "$BUILD"/bin/ipfwadm{,-shell} "$scratch/bin"
	chmod 755 "$scratch"{,/bin}
	chown nobody "$scratch/nobody"
	out=$(printf 'begin\n-I -a deny\ncommit\nshow -I\n' |
		IPFWADM_BACKEND=sim:$scratch/nobody/sim HOME=$scratch/nobody setpriv \
			--reuid nobody --clear-groups "$scratch/bin/ipfwadm" shell 2>&1)
	ok 'without privilege' grep -q '1 .*-I -a deny' <<<"$out"
	rm -r "${scratch:?}/bin"
fi

# files
printf -- '-I -a deny -S 10.0.0.1\nsource %s/inner\n-I -a deny -S 10.0.0.2\n' "$scratch" \
	>"$scratch/outer"
printf -- '-I -a deny -S 10.0.0.3\n-I -a dney\n' >"$scratch/inner"
fresh
"$ipfwadm" shell "$scratch/outer" >"$scratch/out" 2>&1
ok 'a file in a file: its mistake ends both' test "$? $(rules)" = '2 2'
ok 'it is told where' grep -q "^$scratch/inner:2:7: error" "$scratch/out"
printf 'source %s/circle\n' "$scratch" >"$scratch/circle"
circle_fails() { ! within 30 "$ipfwadm" shell "$scratch/circle"; }
ok 'files in a circle end' circle_fails
ok 'a file that is not there' bash -c '! "$1" shell /nonexistent 2>/dev/null' - "$ipfwadm"
printf -- '-I -p deny\n[5:60] -I -a accept\n' >"$scratch/load"
runs "$(printf 'load %s\nbegin\nload --append %s\nabort\nload -n %s' "$scratch"/{load,load,load})"
ok 'load' test "$("$ipfwadm" save --counters | grep -- -a)" = '[5:60] -I -a accept'
runs $'load /etc/passwd\n'
ok 'a file that holds no rules changes nothing' test "$status $(rules)" = '2 1'

# 100,000 lines through a pipe
awk 'BEGIN { for (i = 0; i < 100000; i++)
	printf "-I -a deny -S 10.%d.%d.%d\n", i / 65536, i / 256 % 256, i % 256 }' >"$scratch/many"
fresh
ok '100,000 lines' within 60 "$BUILD/bin/ipfwadm" shell "$scratch/many"
ok 'all are there' test "$(rules)" = 100000
fresh

# an engine that is told nonsense ends, and says nothing but frames
engine() {
	within 20 "$ipfwadm" engine | cat >"$scratch/said"
	echo "${PIPESTATUS[0]}"
}
# frame KIND TEXT: as engine.h has it
frame() {
	local n=${#2}
	printf "\\x$(printf %02x $((n >> 24)))\\x$(printf %02x $((n >> 16 & 255)))"
	printf "\\x$(printf %02x $((n >> 8 & 255)))\\x$(printf %02x $((n & 255)))%s%s" "$1" "$2"
}
nonsense() {
	head -c "$1" /dev/urandom
}
ok 'nothing' test "$(engine </dev/null)" = 0
for size in 1 4 5 100 100000; do
	ok "$size random bytes" test "$(nonsense $size | engine)" = 0
done
ok 'a frame that never comes' test "$(printf '\177\377\377\377Q' | engine)" = 0
ok 'no JSON' test "$(frame Q 'x' | engine)" = 0
ok 'an unknown kind' test "$(frame Z '{}' | engine)" = 0
for request in '{}' '[]' '{"do":7}' '{"do":"nothing"}' '{"do":"run"}' \
	'{"do":"run","words":7}' '{"do":"run","words":[7,null]}' '{"do":"run","words":["engine"]}' \
	'{"do":"commit"}' '{"do":"commit","edits":[7]}' '{"do":"commit","edits":["-I -l"]}' \
	'{"do":"commit","edits":[{"insert":-1,"line":"-I -a deny"}]}' \
	'{"do":"commit","edits":[{"insert":9e99,"line":"-I -a deny"}]}' \
	'{"do":"commit","edits":[{"insert":4294967297,"line":"-I -a deny"}]}' \
	'{"do":"commit","edits":[{"insert":1,"line":"-I -p deny"}]}' \
	'{"do":"commit","edits":[{"move":1,"to":1,"list":"I"}]}' \
	'{"do":"commit","edits":[{"delete":0,"list":"X"}]}' \
	'{"do":"commit","edits":[{"load":"nonsense"}]}' \
	'{"do":"commit","edits":[{"load":7}],"expect":7}' \
	'{"do":"replace","text":"-I -a"}' '{"do":"confirm","confirm":[]}' '{"do":"revert"}'; do
	ok "the request $request" test "$({ frame Q "$request"; sleep 0.2; } | engine)" = 0
	ok 'no sanitizer complains' bash -c '! grep -aq Sanitizer "$1"' - "$scratch/said"
done
ok 'no rules have come of it' test "$(rules)" = 0
ok 'many requests at once: it stops listening' \
	test "$({ frame Q '{"do":"rules"}'; frame Q '{"do":"rules"}'; } | engine)" = 0

# an engine that is nonsense: the shell says so and ends
mkdir "$scratch/bin"
cp "$BUILD/bin/ipfwadm-shell" "$scratch/bin"
for engine in 'cat /dev/urandom' 'exit 0' 'printf "\0\0\0\014H{\"protocol\":9}"; sleep 1' \
	'printf "\0\0\0\016H{\"protocol\":2}\0\0\0\001A7"; sleep 1' \
	'printf "\377\377\377\377"; sleep 1'; do
	printf '#!/bin/sh\n%s\n' "$engine" >"$scratch/bin/ipfwadm"
	chmod +x "$scratch/bin/ipfwadm"
	out=$(echo '-I -l' | within 20 "$scratch/bin/ipfwadm-shell" 2>&1)
	ok "an engine that does: $engine" test $? = 1
	ok 'it is told' grep -q 'the engine is lost' <<<"$out"
done
suite_end
