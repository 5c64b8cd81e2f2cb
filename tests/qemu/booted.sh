# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Machines of tests/qemu/run that have booted, for its shell: to boot takes longer than
# most commands.  One that waits for its image is kept in $BUILD/qemu.
#
# shellcheck disable=SC2154 # of run

# booted_name: where the machine that this run needs is kept; nothing if most have others
booted_name() {
	local key
	case $kernel,$cpus,$memory,$kernel_options,${plugin[*]} in
	6.*,1,512,, | 6.*,1,1024,,) ;;
	*) return ;;
	esac
	key=$({
		stat -Lc '%n %s %Y' "$(type -P qemu-system-x86_64)" "$image" "$here"/{run,booted.sh}
		cksum <"$base/base.cpio"
	} | cksum | cut -d ' ' -f 1)
	echo "$BUILD/qemu/booted-$version-$memory-$key"
}

# booted_describe DISK PORT: what only these machines have
booted_describe() {
	# shellcheck disable=SC2054 # of qemu
	qemu+=(-initrd "$base/base.cpio" -drive "if=none,id=disk,format=raw,readonly=on,file=$1"
		-device virtio-blk-pci,drive=disk
		-chardev "$2,id=port4" -device virtserialport,chardev=port4,nr=4)
}

# booted_make FILE: boots until the machine waits, and keeps it
booted_make() {
	local to=$1 part=$scratch/booted
	mkdir "$part" && mkfifo "$part/commands" && : >"$part/disk" || return
	machine_describe "$part" -monitor stdio
	booted_describe "$part/disk" null
	setpriv --pdeathsig TERM timeout -k 5 $((60 * ${TIME_FACTOR:-1})) \
		setpriv --pdeathsig KILL "${qemu[@]}" <>"$part/commands" >/dev/null 2>&1 &
	machine=$!
	until [ -s "$part/port3" ]; do
		kill -0 $machine 2>/dev/null && sleep 0.1 || break
	done
	printf '%s\n' "migrate \"exec:cat >'$part/state'\"" quit >"$part/commands"
	wait $machine
	machine=
	[ "$(cat "$part/port3")" = booted ] && [ -s "$part/state" ] || return
	# and not those of an earlier kernel, emulator or first process
	rm -f "${to%-*}"-* && cp "$part/state" "$to.part" && mv "$to.part" "$to"
}

# booted FILE: there is one, if that can be
booted() {
	[ "$1" ] || return
	{
		flock 9 && { [ -e "$1" ] || booted_make "$1"; }
	} 9>"$BUILD/qemu/lock"
}
