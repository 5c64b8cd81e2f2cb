#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make install puts everything below DESTDIR, and uninstall takes it away.
. tests/lib/suite.sh

root=$scratch/root
files() {
	(cd "$root" && find . -type f | sort)
}
# make_it GOAL [PREFIX]
make_it() {
	make -s B="$BUILD" DESTDIR="$root" PREFIX="${2:-/usr}" "$1"
}
cat >"$scratch/expected" <<EOF
./etc/network/if-post-down.d/ipfwadm
./etc/network/if-up.d/ipfwadm
./etc/networkd-dispatcher/off.d/ipfwadm
./etc/networkd-dispatcher/routable.d/ipfwadm
./etc/ppp/ip-down.d/ipfwadm
./etc/ppp/ip-up.d/ipfwadm
./usr/lib/ipfwadm/ipfwadm-bash.so
./usr/lib/ipfwadm/ipfwadm-client
./usr/lib/libipfwadm-compat-i386.so
./usr/lib/libipfwadm-compat.so
./usr/lib/modprobe.d/ipfwadm.conf
./usr/lib/systemd/system/ipfwadm-closed.service
./usr/lib/systemd/system/ipfwadm.service
./usr/sbin/ipfwadm
./usr/sbin/ipfwadm-shell
./usr/share/bash-completion/completions/ipfwadm
./usr/share/doc/ipfwadm/examples/accounting.rules
./usr/share/doc/ipfwadm/examples/gateway.rules
./usr/share/doc/ipfwadm/examples/rc.firewall
./usr/share/doc/ipfwadm/examples/server.rules
./usr/share/doc/ipfwadm/examples/workstation.rules
./usr/share/fish/vendor_completions.d/ipfwadm.fish
./usr/share/man/man4/ip_fw.4
./usr/share/man/man5/ipfwadm-json.5
./usr/share/man/man5/ipfwadm.conf.5
./usr/share/man/man7/ipfwadm-state.7
./usr/share/man/man8/ipautofw.8
./usr/share/man/man8/ipfwadm-shell.8
./usr/share/man/man8/ipfwadm.8
./usr/share/man/man8/ipmasqadm.8
./usr/share/man/man8/ipportfw.8
./usr/share/zsh/vendor-completions/_ipfwadm
EOF
# a compiler that knows of 32 bits, without a C library for them
printf '#!/bin/sh\ncase " $* " in *" -m32 "*-shared*) exit 1 ;; esac\nexec gcc "$@"\n' >"$scratch/cc"
chmod +x "$scratch/cc"
needs_i386() {
	make -n B="$scratch/none" CC="$1" all | grep -q compat-i386
}
ok "a library of 32 bits" needs_i386 gcc
ok "none without a C library of 32 bits" eval '! needs_i386 "$scratch/cc"'
ok "install" make_it install
ok "what is installed" diff "$scratch/expected" <(files)
ok "its other names" test "$(readlink "$root"/usr/sbin/ip{portfw,autofw,masqadm} | sort -u)" = ipfwadm
ok "it runs" "$root/usr/sbin/ipfwadm" version
ok "an old program runs" eval "IPFWADM_BACKEND=sim:$scratch/sim \"$root/usr/sbin/ipfwadm\" \
	compat cat /proc/net/ip_masquerade | grep -q ^Prc"
for hook in "$root"/etc/*/*.d/ipfwadm; do
	ok "$hook can be run" test -x "$hook"
done

# a kernel that has both successors built in
if command -v depmod modprobe >/dev/null; then
	modules=$scratch/kernel/lib/modules/6.1.0
	mkdir -p "$modules"
	: >"$modules/modules.order"
	printf 'kernel/net/netfilter/%s.ko\n' nf_nat nf_nat_ftp nf_nat_irc \
		>"$modules/modules.builtin"
	depmod -b "$scratch/kernel" 6.1.0 2>/dev/null
	masq_load() {
		modprobe -d "$scratch/kernel" -S 6.1.0 -C "$root/usr/lib/modprobe.d" "$@"
	}
	for module in '' _ftp _irc _raudio _vdolive _cuseeme _quake; do
		ok "modprobe ip_masq$module" masq_load ip_masq$module
	done
	ok "modprobe ip_masq_ftp with ports" masq_load ip_masq_ftp ports=21,2121
	ok "not everything can be loaded" eval "! masq_load -q ip_masq_none"
	for module in ftp irc; do
		ok "ip_masq_$module is nf_nat_$module" \
			test "$(masq_load -R ip_masq_$module)" = nf_nat_$module
	done
else
	skip "no modprobe here"
fi
ok "uninstall" make_it uninstall
left() {
	(cd "$root" && find . ! -type d)
}
ok "nothing is left" test -z "$(left)"

# a PREFIX of its own: scripts of 1996 find /sbin/ipfwadm all the same
ok "install below /opt" make_it install /opt/fw
ok "it is where it should be" test -x "$root/opt/fw/sbin/ipfwadm"
ok "/sbin/ipfwadm is a link to it" test "$(readlink "$root/sbin/ipfwadm")" = /opt/fw/sbin/ipfwadm
if unshare -r true 2>/dev/null; then
	answers() {
		mkdir -p "$root/lib64" "$root/lib" "$root/usr" "$root/proc"
		unshare -rm sh -c 'for d in lib lib64 usr; do mount --rbind /$d "$1/$d"; done
			exec chroot "$1" /sbin/ipfwadm -h' - "$root" | grep -q "^ipfwadm 2.3.0"
	}
	ok "it answers there" answers
else
	skip "no user namespace here"
fi
ok "uninstall from /opt" make_it uninstall /opt/fw
ok "nothing is left there" test -z "$(left)"
suite_end
