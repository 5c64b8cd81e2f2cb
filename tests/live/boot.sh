#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: nft xtables
# root
#
# `ipfwadm enable' and `disable', and the unit that loads the rules at boot, in an /etc of
# the suite's own.
. tests/lib/suite.sh
# shellcheck disable=SC2154 # of suite.sh
[ -n "${INSIDE-}" ] || INSIDE=1 exec unshare -mn "$0"
ipfwadm=$PWD/$BUILD/bin/ipfwadm
export IPFWADM_BACKEND=$BACKEND
mount -t tmpfs tmpfs "$scratch"
mkdir "$scratch/upper" "$scratch/work" "$scratch/bin" "$scratch/root"
mount -t overlay overlay -o "lowerdir=/etc,upperdir=$scratch/upper,workdir=$scratch/work" /etc

# a systemctl that records what it is asked for
cat >"$scratch/bin/systemctl" <<END
#!/bin/sh
echo "\$@" >>"$scratch/asked"
[ ! -e "$scratch/fails" ]
END
chmod 755 "$scratch/bin/systemctl"
system_path=$PATH
PATH=$scratch/bin:$PATH

rules() {
	"$ipfwadm" load - <<END
-I -p deny
[7:700] -I -a accept -P tcp -S 0/0 -D 0/0 22
END
}
ok "rules are loaded" rules
ok "enable" eval '"$ipfwadm" enable >"$scratch/out"'
ok "it says what is done" grep -q '/etc/ipfwadm.rules, which is loaded at boot' "$scratch/out"
ok "no word of IPv6 where there is none" eval '! "$ipfwadm" enable 2>&1 | grep IPv6'
ip link set lo up
ip -6 address add 2001:db8::1/64 dev lo
ok "a warning where there is" eval '"$ipfwadm" enable 2>&1 >/dev/null |
	grep -q "warning: this host has a global IPv6 address, which nothing filters"'
ok "systemctl was asked" grep -qx -- '-q enable ipfwadm.service' "$scratch/asked"
ok "the rules are in the file" diff <("$ipfwadm" save) /etc/ipfwadm.rules
ok "which only root reads" test "$(stat -c %a /etc/ipfwadm.rules)" = 600
ok "nothing else is left" test "$(echo /etc/ipfwadm.rules*)" = /etc/ipfwadm.rules

# on a terminal load says what will become of the rules
on_terminal() {
	script -qec "$ipfwadm load $1" /dev/null
}
"$ipfwadm" save >"$scratch/rules"
ok "a load on a terminal names enable" eval 'on_terminal "$scratch/rules" |
	grep -q "gone at the next boot; .ipfwadm enable"'
ok "not that of the file of the unit" eval \
	'! on_terminal /etc/ipfwadm.rules | grep "next boot"'

# what the unit does at boot and on reload
load=$(sed -n 's,^ExecStart=/sbin/ipfwadm ,,p' packaging/ipfwadm.service)
ok "no rules" "$ipfwadm" load /dev/null
# shellcheck disable=SC2086 # words
ok "the unit's command puts them in force" "$ipfwadm" $load
ok "they are those" diff /etc/ipfwadm.rules <("$ipfwadm" save)
ok "reload does the same" grep -qx "ExecReload=/sbin/ipfwadm $load" packaging/ipfwadm.service
"$ipfwadm" save >"$scratch/before"
cp /etc/ipfwadm.rules "$scratch/kept"
echo '-I -a nonsense' >>/etc/ipfwadm.rules
# shellcheck disable=SC2086 # words
ok "a file with a mistake is refused" eval '! "$ipfwadm" $load 2>/dev/null'
ok "and changes nothing" diff "$scratch/before" <("$ipfwadm" save)
cp "$scratch/kept" /etc/ipfwadm.rules
if command -v systemd-analyze >/dev/null; then
	mkdir -p "$scratch/root/sbin"
	ok "the units are well-formed" test -z "$(PATH=$system_path systemd-analyze verify \
		--man=no --recursive-errors=no packaging/ipfwadm*.service 2>&1 |
		grep -v -e 'is not executable' -e 'Failed to' -e 'No such file')"
fi
ok "it is before the network" grep -q '^Before=network-pre.target' packaging/ipfwadm.service

touch "$scratch/fails"
ok "systemctl fails: so does enable" eval '! "$ipfwadm" enable 2>"$scratch/errors"'
ok "it says that nothing loads them" grep -q 'but nothing loads them at boot' "$scratch/errors"
rm "$scratch/fails"
rm "$scratch/bin/systemctl"
PATH=$scratch/bin "$ipfwadm" enable 2>"$scratch/errors"
ok "no systemctl: status 1" test $? = 1
ok "no systemctl: why" grep -q "cannot start 'systemctl'" "$scratch/errors"
ok "of the simulator nothing is kept" eval '! "$ipfwadm" --backend sim:"$scratch/sim" enable \
	2>"$scratch/errors" && grep -q "rules of the simulator" "$scratch/errors" &&
	cmp "$scratch/kept" /etc/ipfwadm.rules'
printf '#!/bin/sh\necho "$@" >>"%s"\n' "$scratch/asked" >"$scratch/bin/systemctl"
chmod 755 "$scratch/bin/systemctl"
rm "$scratch/asked"
ok "enable --closed" eval '"$ipfwadm" enable --closed | grep -q "until it is, everything is denied"'
ok "systemctl was asked for both" test "$(grep -c -x -e '-q enable ipfwadm.service' \
	-e '-q enable ipfwadm-closed.service' "$scratch/asked")" = 2
rm "$scratch/asked"
ok "disable" eval '"$ipfwadm" disable | grep -q "No rules are loaded at boot"'
ok "systemctl was asked for that" diff "$scratch/asked" <(
	printf -- '-q disable %s\n' ipfwadm.service ipfwadm-closed.service)
ok "the file stays" cmp "$scratch/kept" /etc/ipfwadm.rules
ok "the rules stay" diff "$scratch/before" <("$ipfwadm" save)
cd /
umount /etc
umount -l "$scratch"
suite_end
