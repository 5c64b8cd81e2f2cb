#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The examples of the manuals work, each line of all pages, and the files that they name.
. tests/lib/suite.sh
export PATH=$PWD/$BUILD/bin:$PATH IPFWADM_BACKEND=sim:$scratch/sim

sed -n '/^\.Sh EXAMPLES/,$p' man/ipfwadm.conf.5 |
	sed -n '/^\.Bd/,/^\.Ed/p' | sed '/^\./d; s/\\e/\\/g' >"$scratch/example"
ok "the example of ipfwadm.conf(5) loads" ipfwadm load "$scratch/example"
ok "it is not empty" test "$(ipfwadm save | wc -l)" -gt 10
ipfwadm save >"$scratch/saved"
ok "what is saved loads" ipfwadm load "$scratch/saved"
ok "and is saved the same" diff "$scratch/saved" <(ipfwadm save)

# ipfwadm-state(7): what it shows of the core
sed -n '/^\.Bd/,/^\.Ed/p' man/ipfwadm-state.7 | sed -n '2,/^\.Ed/p' | sed '$d; s/^\\&//' \
	>"$scratch/table"
ok "the table of states is the core's" diff "$scratch/table" <("$BUILD/tests/state-table")
sed -n 's/^\.It Cm \([a-z0-9-]*\) Ta \([0-9]*\) Ta .*/\1 \2/p' man/ipfwadm-state.7 \
	>"$scratch/timeouts"
ok "the timeouts are the core's" diff "$scratch/timeouts" <("$BUILD/tests/state-table" timeouts)

# the grammar of ipfwadm.conf(5) has options that there are, and all of them
sed -n '/^\.Ss Grammar/,/^\.Ed/p' man/ipfwadm.conf.5 | grep -o '"--*[a-zA-Z-]*"' | tr -d '"' |
	sort -u >"$scratch/grammar"
ipfwadm help | sed -n '/^New options of rules/,/^$/s/^  \(--[a-z-]*\).*/\1/p' >"$scratch/options"
ok "all new options of rules are in the grammar" \
	test -z "$(grep -vxFf "$scratch/grammar" "$scratch/options")"
while read -r option; do
	ok "$option is one" eval 'ipfwadm help | grep -q -e "^  $option " -e "ipfwadm $option "'
done <"$scratch/grammar"

# the files
examples=$PWD/packaging/examples state=man/ipfwadm-state.7
for name in Workstation Server Gateway; do
	sed -n "/^\.Ss $name\$/,/^\.Ed/p" $state | sed '1,/^\.Bd/d; /^\.Ed/d' >"$scratch/recipe"
	ok "the file of $name is the manual's, which suite recipes tries, and closes IPv6" \
		diff <(sed '1,/see ipfwadm-state/d' "$examples/${name,}.rules") \
		<(cat "$scratch/recipe"; echo "ipv6 deny")
done
for file in "$examples"/*.rules; do
	ok "$(basename "$file") loads" ipfwadm load --strict "$file"
	ok "it is in the manual" grep -qxF ".It Pa $(basename "$file")" man/ipfwadm.8
done

# The lines, in a folder that has the files, in the order of the page.  The script does not
# switch on forwarding, which is not ours to do.
mkdir "$scratch/files" "$scratch/shims"
cp "$examples"/* "$scratch/files"
printf '#!/bin/sh\nexec "$@"\n' >"$scratch/shims/sudo"
chmod +x "$scratch/shims/sudo"
script=$scratch/files/rc.firewall
sed -i 's,^IPFW=.*,IPFW=ipfwadm,; /^PATH=/d; /modprobe/d; /ip_forward/d' "$script"
# 3: approximate, 6: it would change rules
line_works() {
	(cd "$scratch/files" && PATH=$scratch/shims:$PATH && eval "$1" </dev/null >"$scratch/out")
	[[ $? = [036] ]]
}
lines=0
while IFS= read -r line; do
	lines=$((lines + 1))
	case $line in
	'ipfwadm enable')	# by suite boot
		continue ;;
	esac
	ok "$line" line_works "$line"
done < <(sed -n 's/^\.Dl //p' man/*.[0-9] | sed 's/\\-/-/g; s/\\e/\\/g')
ok "there are such lines" test $lines -gt 15
ok "the rules of --confirm are kept" ipfwadm confirm

legacy_run() {
	sh "$script"
}
ipfwadm -M --forward -f # of the examples: dumps do not have them
ok "a legacy script runs" legacy_run
for format in nft iptables; do
	unset told
	ipfwadm dump $format >"$scratch/dump" 2>"$scratch/told"
	status=$?
	ok "nothing of it is left out of dump $format" test $status = 0 -o $status = 3
	[ ! -s "$scratch/told" ] || told=3
	ok "it is told what is not exact" test $status = "${told-0}"
done
suite_end
