#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What those get who do not know the program: --help and --version at every place, what a
# mistyped word may mean, who may change the rules of the kernel.
. tests/lib/suite.sh

program=$PWD/$BUILD/bin/ipfwadm
export LC_ALL=C.UTF-8 IPFWADM_BACKEND=sim:$scratch/sim
gcc -shared -fPIC -o "$scratch/lookups.so" tests/lib/preload/count_lookups.c || exit 1
cd "$scratch" || exit 1

# begins TEXT COMMAND...: the command succeeds, and its output begins so
begins() {
	local out
	out=$("${@:2}" 2>&1 </dev/null) || { echo "status $?: $out"; return 1; }
	[[ $out = "$1"* ]] || { echo "$out"; return 1; }
}
# refused TEXT COMMAND...: it fails, and its last line is so
refused() {
	local out
	! out=$("${@:2}" 2>&1 </dev/null) || { echo "it succeeds: $out"; return 1; }
	[ "$(tail -n 1 <<<"$out")" = "$1" ] || { echo "$out"; return 1; }
}
# typed WORDS: the command, at a terminal
typed() {
	script -qec "ipfwadm $1" /dev/null </dev/null | tr -d '\r'
	return "${PIPESTATUS[0]}"
}
PATH=${program%/*}:$PATH

### --help and --version
mapfile -t names < <(ipfwadm help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z0-9]*\) .*/\1/p')
ok "there are subcommands" test ${#names[@]} -gt 20
for name in "${names[@]}"; do
	ok "$name --help" begins "usage: ipfwadm $name" ipfwadm "$name" --help
	ok "$name --version" begins "ipfwadm 3.0" ipfwadm "$name" --version
done
for words in --help '-I -l --help' '--help -I -a accept' '-A in --help' '--json --help -M' \
	'--frobnicate --help'; do
	# shellcheck disable=SC2086 # words on purpose
	ok "$words" begins "ipfwadm 3.0 - the firewall command" ipfwadm $words
done
for words in --version '-I -l --version' '--version -F -p deny' 'load --check --version x'; do
	# shellcheck disable=SC2086 # words on purpose
	ok "$words" begins "ipfwadm 3.0" ipfwadm $words
done
ok "save --counters --help" begins "usage: ipfwadm save" ipfwadm save --counters --help
ok "none of them changes rules" begins "IP firewall input rules, default policy: accept" \
	ipfwadm -I -l
for name in ipportfw ipautofw ipmasqadm; do
	for option in --help --version; do
		ok "$name $option" begins "$name of ipfwadm 3.0, see $name(8)" $name $option
	done
done
printf '#!/bin/sh\necho "for me: $1"\n' >script && chmod +x script
for option in --help --version; do
	ok "a script's own $option" begins "for me: $option" sh -c 'ipfwadm run "$@" 2>/dev/null' - ./script $option
	ok "a comment of this name" begins "" ipfwadm -O -a accept --comment $option
done
ok "both comments are there" test "$(grep -c -e '--comment \(--help\|--version\)$' sim)" = 2
ok "the shell's help" begins "usage: ipfwadm shell" ipfwadm-shell --help
ok "the shell's version" begins "ipfwadm-shell 3.0" ipfwadm-shell --version

### mistyped
try="Try \`ipfwadm -h' for more information."
for words in '--bakend nft -I -l' '--jsn save' '-I -a accept --stat new' '-I --frobnicate'; do
	# shellcheck disable=SC2086 # words on purpose
	ok "a script that says $words reads what it knew" refused "$try" ipfwadm $words
done
ok "--bakend at a terminal" refused "ipfwadm: did you mean '--backend'?" \
	typed '--bakend nft -I -l'
ok "--jsn" refused "ipfwadm: did you mean '--json'?" typed '--jsn save'
ok "--stat" refused "ipfwadm: did you mean '--state'?" typed '-I -a accept --stat new'
ok "--helo" refused "ipfwadm: did you mean '--help'?" typed '-I -l --helo'
# means WORD COMMAND...: it is refused, and a line suggests WORD
means() {
	! "${@:2}" >errors 2>&1 </dev/null && grep -q ": did you mean '$1'?\$" errors
}
# each option with its last letter wrong; the shell itself knows nothing of --log-group
for name in "${names[@]}"; do
	[[ $name != @(complete|version|help) ]] || continue
	for option in --json $(ipfwadm complete "$name" -- | grep -o '^--[^	]*'); do
		[ "$name $option" = "shell --log-group" ] ||
			ok "$name ${option%?}x" means "$option" ipfwadm "$name" "${option%?}x"
	done
done
ok "--frobnicate" refused "ipfwadm: \`ipfwadm help' lists the options" typed '-I --frobnicate'

### names of hosts
lookups() {
	: >lookups
	LD_PRELOAD=$scratch/lookups.so LOOKUPS=lookups "$@" 2>&1 </dev/null
	ok "$*: one lookup of each kind" test "$(sort lookups | uniq -c | grep -vc ' 1 ')" = 0
	ok "$*: there was one" grep -q '^host nowhere' lookups
}
lookups ipfwadm -I -a accept -S nowhere.example -D nowhere.example
lookups ipfwadm -I -a accept -V nowhere.example
lookups typed '-I -a accept -S nowhere.example'
printf -- '-I -a accept -S nowhere\n-I -a deny -D nowhere -V nowhere\n' >twice
lookups ipfwadm load twice
lookups ipfwadm trace -P tcp -S nowhere 1 -D nowhere 2
ok "any at a terminal" refused "ipfwadm: every address is 0.0.0.0/0" typed '-I -a deny -S any'

### who may
if [ "$(id -u)" = 0 ]; then
	cp "$program" program && chmod 755 . program
	nobody() {
		setpriv --reuid nobody --regid nogroup --clear-groups --inh-caps=-all \
			env -u IPFWADM_BACKEND "$scratch/program" "$@"
	}
	way="or try \`--backend sim:FILE'"
	for words in '' '--backend nft' '--backend xtables'; do
		for command in '-I -l' '-I -a deny' save 'load /dev/null' 'ipv6 deny' '-T -l'; do
			# shellcheck disable=SC2086 # words on purpose
			ok "$words $command of a user" grep -q "sudo .*$way" \
				<(nobody $words $command 2>&1)
		done
	done
else
	skip "needs root: what a user without rights is told"
fi
suite_end
