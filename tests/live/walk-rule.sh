#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A rule on its way from argv to the kernel's table, as README tells it: gdb lists the
# functions in the order in which they are first called.
[ "${1-}" = inside ] || {
	unshare -n nft list ruleset >/dev/null 2>&1 && command -v gdb >/dev/null || {
		echo "SKIP no nftables in a network namespace here (root?), or no gdb"
		echo "0 passed, 0 failed, 1 skipped"
		exit 77
	}
	exec unshare -n "$0" inside
}
. tests/lib/suite.sh
. tests/lib/walk.sh

walk="A rule, from argv to the table of the kernel"
program=$BUILD/bin/ipfwadm
export IPFWADM_BACKEND=nft
"$program" -I -a deny -S 192.0.2.9
walk_rows "$walk" | while read -r _ function; do
	printf 'tbreak %s\ncommands\nsilent\necho called %s\\n\ncontinue\nend\n' \
		"$function" "$function"
done >"$scratch/commands"
echo run >>"$scratch/commands"
within 60 gdb -nx -batch -x "$scratch/commands" --args "$program" -I -a deny -P tcp \
	-S 192.0.2.1 -D 0/0 80 2>"$scratch/errors" | sed -n 's/^called //p' >"$scratch/called"
ok "the rule is in force" grep -q 192.0.2.1 <("$program" -I -l -n)
walk_check "$walk" "$scratch/called"
suite_end
