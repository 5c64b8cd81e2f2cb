#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The packages on Debian with systemd, in a machine that boots again and again from one
# disk: the rules are in force before an interface is up, whatever happens in between.
# BACKENDS: those to try.
# long
# root
. tests/lib/suite.sh
. tests/lib/machine.sh
. tests/lib/packages.sh
[ "${LONG-}" ] || {
	skip "Debian is booted in make check-long; make check has its packages in suite deb"
	suite_end
}
root=$scratch/root

# disk_make KERNEL BACKEND: the root and what boots it
disk_make() {
	local version image from headers name
	{ read -r version; read -r image; read -r from; read -r headers; } \
		< <(tests/qemu/kernel "$1")
	mkdir -p "$root/"{root,usr/lib/modules} "$scratch/initrd/"{bin,lib/modules,dev,root} &&
		tar -xf "$(tests/qemu/debian-root)" -C "$root" --numeric-owner &&
		cp -r "$from/lib/modules/$version" "$root/lib/modules/" &&
		cp "$image" "$scratch/kernel" &&
		cp -r "$debs" "$root/root/3.0" && cp -r "$newer" "$root/root/3.1" || return
	rm "$root"/root/*/ipfwadm-dkms*
	if [ "$2" = xtables ]; then	# the matches of package iptables
		cp -r --parents /usr/lib/*/xtables "$root" || return
	fi
	if [ "$2" = kmod ]; then
		make -s module B="$BUILD" KDIR="$headers" &&
			cp "$BUILD/kmod/$version/ipfwadm.ko" "$root/lib/modules/$version/" &&
			depmod -b "$root" "$version" &&
			echo ipfwadm >"$root/etc/modules-load.d/firewall.conf" || return
	fi
	cp tests/vm/debian.stages "$root/root/stages"
	# the network of ifupdown, and that of networkd; each records what it finds
	cat >"$root/root/found" <<-END
		#!/bin/sh
		! command -v ipfwadm >/dev/null || ipfwadm save >/run/found.\$1
	END
	cat >"$root/etc/network/interfaces" <<-END
		auto eth0
		iface eth0 inet static
			pre-up /root/found ifupdown
			address 192.0.2.1/24
	END
	printf '[Match]\nName=eth1\n[Network]\nAddress=198.51.100.1/24\n' \
		>"$root/etc/systemd/network/eth1.network"
	mkdir "$root/etc/systemd/system/systemd-networkd.service.d"
	printf '[Service]\nExecStartPre=+/root/found networkd\n' \
		>"$root/etc/systemd/system/systemd-networkd.service.d/found.conf"
	# the journal has when an interface goes up
	cat >"$root/etc/systemd/system/links.service" <<-END
		[Unit]
		DefaultDependencies=no
		Before=ipfwadm.service network-pre.target
		[Service]
		ExecStart=ip -o monitor link
		[Install]
		WantedBy=sysinit.target
	END
	cat >"$root/etc/systemd/system/stage.service" <<-END
		[Unit]
		DefaultDependencies=no
		After=multi-user.target network.target
		[Service]
		Type=idle
		ExecStart=sh -c ". /root/stages >/dev/ttyS1 2>&1"
		ExecStopPost=systemctl --no-block poweroff
		[Install]
		WantedBy=multi-user.target emergency.target
	END
	chmod 755 "$root/root/found"
	: >"$root/etc/machine-id"	# or systemd enables all units at its first boot
	chroot "$root" systemctl -q enable links stage systemd-networkd &&
		chroot "$root" sh -c 'dpkg -i /root/3.0/*.deb' &&
		mkfs.ext4 -q -d "$root" "$scratch/disk" 1G || return
	for name in virtio_pci virtio_blk; do
		modprobe -d "$from" -S "$version" --show-depends $name
	done | awk '$1 == "insmod" { print $2 }' | xargs -r cp -t "$scratch/initrd/lib/modules"
	find "$scratch/initrd" -name '*.xz' -exec xz -d {} +
	cp "$(command -v busybox)" "$scratch/initrd/bin/busybox"
	cat >"$scratch/initrd/init" <<-END
		#!/bin/busybox sh
		busybox mount -t devtmpfs dev /dev
		for n in 1 2 3 4 5; do
			for file in /lib/modules/*; do busybox insmod \$file 2>/dev/null; done
		done
		until [ -b /dev/vda ]; do busybox sleep 0.1; done
		busybox mount -t ext4 /dev/vda /root
		busybox mount --move /dev /root/dev
		exec busybox switch_root /root /sbin/init
	END
	chmod 755 "$scratch/initrd/init"
	(cd "$scratch/initrd" && find . | cpio -o -H newc --quiet) >"$scratch/initrd.cpio"
}

# boot STAGE BACKEND: what debian.stages has of this name, in the machine
boot() {
	local out nic=user,restrict=on,model=virtio-net-pci
	local options="console=ttyS0 quiet panic=-1 mitigations=off norandmaps no_timer_check"
	: >"$scratch/serial"
	timeout $((600 * ${TIME_FACTOR:-1})) qemu-system-x86_64 -M q35 -cpu max -accel tcg \
		-m 512 -nodefaults -no-user-config -display none -no-reboot \
		-kernel "$scratch/kernel" -initrd "$scratch/initrd.cpio" \
		-append "$options net.ifnames=0 stage=$1 backend=$2" \
		-drive "file=$scratch/disk,format=raw,if=virtio" \
		-nic $nic -nic $nic -serial "file:$scratch/console" \
		-serial "file:$scratch/serial" </dev/null 2>/dev/null
	out=$(tr -d '\r' <"$scratch/serial")
	printf '%s\n' "$1 ($2):" "$out"
	counts_add "$out"
	[[ $out = *"$1 ends" ]] || {
		fail "$1 does not end"
		tail -n 40 "$scratch/console"
	}
}

ok "the packages are made" packages_make
ok "those of a newer version" packages_newer
# shellcheck disable=SC2154 # of machine.sh
for kernel in $kernels; do
	for backend in ${BACKENDS:-nft xtables kmod}; do
		echo "Linux $kernel, $backend"
		ok "a disk is made" disk_make "$kernel" "$backend"
		for stage in fresh enabled upgraded mistake emergency mended disabled purged; do
			boot $stage "$backend"
		done
		rm -rf "${root:?}" "$scratch"/{initrd,disk}
	done
done
suite_end
