# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What a machine of tests/qemu/run has, as archives of cpio, for the shell of run:
#
#	base.cpio	the first process, busybox and the kernel's own modules, in
#			$BUILD/qemu/VERSION
#	programs.cpio	the build, and what it needs; in $BUILD/qemu
#	image		of this run: the programs, ipfwadm.ko, files, and the command
#
# shellcheck disable=SC2154 # of run

# what a command can ask the kernel for
modules="virtio_pci virtio_console virtio_blk veth dummy bridge tun nfnetlink
	nfnetlink_hook nf_defrag_ipv4
	nf_tables nft_ct nft_nat nft_masq nft_redir nft_reject_ipv4 nft_log nfnetlink_log nft_limit
	nft_compat nft_chain_nat nf_conntrack_netlink nf_nat_ftp nf_conntrack_ftp
	nf_nat_irc nf_conntrack_irc nf_conntrack_tftp nft_objref
	ip_tables iptable_filter iptable_nat iptable_mangle iptable_raw xt_conntrack
	xt_LOG nf_log_syslog xt_mark xt_CT xt_comment xt_u32 xt_tcpudp sch_netem
	xt_connmark xt_MASQUERADE xt_nat xt_state ipt_REJECT
	ip6table_filter ip6table_mangle xt_hl"

# archive DIRECTORY FILE [OPTION...]: the paths on standard input, from there, into FILE
archive() {
	local from=$1 to
	to=$(realpath "$2") || return
	shift 2
	(cd "$from" && cpio -o -H newc -R 0:0 --quiet "$@" -O "$to")
}

# add DIRECTORY FILE: all that is in it
archive_add() {
	find "$1" -mindepth 1 -printf '%P\n' | archive "$1" "$2" -A
}

# the kernel's own modules, unpacked, into $1
modules_unpack() {
	local file name
	for name in $modules; do
		modprobe -d "$root" -S "$version" --show-depends "$name" 2>/dev/null
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | xargs -r cp -t "$1" || return
	find "$1" -name '*.xz' -print0 | xargs -0 -r xz -d || return
	for file in "$root/lib/modules/$version"/modules.{builtin*,order}; do
		[ ! -e "$file" ] || cp "$file" "$1" || return
	done
}

# base.cpio, and the tree that is in it, in $1
base_make() {
	local to=$1 tree=$1/tree name
	[ "$to/base.cpio" -nt "$here/image.sh" ] && [ "$to/base.cpio" -nt "$here/init" ] && return
	rm -rf "$to" && mkdir -p "$tree"/usr/{bin,sbin,lib/modules/"$version",lib64,lib32} || return
	for name in bin sbin lib lib64 lib32; do
		ln -s usr/$name "$tree/$name"
	done
	cp "$here/init" "$tree/init" || return
	cp "$(command -v busybox)" "$tree/usr/bin/busybox" || return
	ln -s ../bin/busybox "$tree/usr/sbin/modprobe"
	modules_unpack "$tree/usr/lib/modules/$version" && depmod -b "$tree/usr" "$version" &&
		find "$tree" -mindepth 1 -printf '%P\n' | archive "$tree" "$to/base.part" &&
		mv "$to/base.part" "$to/base.cpio"
}

# ipfwadm.ko for this kernel is $1
module_build() {
	[ ! -e "$1" ] || return 0
	make -s -C "$here/../.." B="$(realpath -m "$BUILD")" module KDIR="$headers" >&2
}

# a tree of ipfwadm.ko, and of what modprobe has to know, in $2, of the base in $1
module_tree() {
	local own=$BUILD/kmod/$version/ipfwadm.ko to=$2/usr/lib/modules/$version
	module_build "$own" || return
	[ "$2/done" -nt "$own" ] && return
	rm -rf "$2" && mkdir -p "${to%/*}" &&
		cp -r "$1/tree/usr/lib/modules/$version" "$to" || return
	# nine tenths of it are for a debugger
	mkdir "$to/kernel" && strip -g -o "$to/kernel/ipfwadm.ko" "$own" || return
	depmod -b "$2/usr" "$version" && rm "$to"/*.ko && touch "$2/done"
}

# quoted for a shell
quote() {
	printf "'%s' " "${@//\'/\'\\\'\'}"
}

# run_put COMMAND...: what the machine has to do, into $scratch/tree
run_put() {
	local name
	mkdir -p "$scratch/tree/run" || return
	{
		echo "module=$module"
		echo "module_parameters=$(quote "$module_options")"
		echo "modules=$(quote "$load")"
	} >"$scratch/tree/run/machine"
	{
		echo "cd $(quote "$PWD") || exit 125"
		for name in BUILD ASAN LC_ALL TZ ASAN_OPTIONS UBSAN_OPTIONS; do
			[ "${!name+set}" ] && echo "export $name=$(quote "${!name}")"
		done
		echo "export HOME=/root"
		echo "exec $(quote "$@")"
	} >"$scratch/tree/run/command"
}

# absolute paths of everything named, one a line
files_named() {
	local name

	for name in /etc/{passwd,group,services,protocols,nsswitch.conf}; do
		[ -e "$name" ] && echo "$name"
	done
	# what the programs of build/tests run; busybox's own would not do
	type -P sh ip nft
	for name in "${files[@]}"; do
		[ -e "$name" ] || die "$name is not there"
		find -L "$(realpath -s "$name")" ! -type d
	done
	name=$(type -P "$1") && realpath -s "$name"
	pwd
}

# what the files on standard input need: interpreters and libraries; and these files
files_needed() {
	local names elf=() line magic interpreter program
	readarray -t names

	for line in "${names[@]}"; do
		magic=
		[ -f "$line" ] && LC_ALL=C read -r -d '' -n 4 magic <"$line" 2>/dev/null
		case $magic in
		'#!'*)
			read -r line <"$line"
			read -r interpreter program _ <<<"${line#'#!'}"
			names+=("$interpreter")
			[ "${interpreter##*/}" != env ] || program=$(type -P "$program") &&
				[ -e "$program" ] && names+=("$program") ;;
		esac
	done
	for line in "${names[@]}"; do
		magic=
		[ -f "$line" ] && LC_ALL=C read -r -d '' -n 4 magic <"$line" 2>/dev/null
		[ "$magic" != $'\x7fELF' ] || elf+=("$line")
	done
	printf '%s\n' "${names[@]}"
	[ ${#elf[@]} = 0 ] || ldd "${elf[@]}" 2>/dev/null |
		sed -nE 's,^\s+(.* => )?(/[^ ]+) \(0x.*,\2,p' | sort -u
}

# paths, with all the directories above them, as the image has them
paths_image() {
	sed -E 's,^/(bin|sbin|lib|lib64|lib32)/,/usr/\1/,; s,^/,,' | awk '{
		for (i = 1; i <= length($0); i++)
			if (substr($0, i, 1) == "/")
				print substr($0, 1, i - 1)
		print
	}' | sort -u
}

# programs.cpio in $1: the build without what is for a debugger, two thirds of it, and
# without the tests of functions, which run at home
programs_make() {
	local to=$1/programs.cpio tree=$1/stripped built name folders=() needed=()
	built=$(realpath -s "$BUILD")
	for name in "$built"/{bin,lib,tests}; do
		[ ! -d "$name" ] || folders+=("$name")
	done
	[ ${#folders[@]} != 0 ] || die "nothing is built in $BUILD"
	[ ! -e "$to" ] || readarray -t needed <"$1/programs.needed"
	[ "$to" -nt "$here/image.sh" ] && [ "$(cat "$1/programs")" = "${folders[*]}" ] &&
		[ -z "$(find "${folders[@]}" "${needed[@]}" -cnewer "$to" 2>&1)" ] && return
	rm -rf "$tree" "$to" && mkdir -p "$tree" || return
	find "${folders[@]}" -path "$built/tests/unit" -prune -o \
		-type f -perm -u+x ! -name '*.o' -print >"$1/programs.list"
	while read -r name; do
		mkdir -p "$tree${name%/*}" && cp "$name" "$tree$name" || return
		strip -g "$tree$name" 2>/dev/null
	done <"$1/programs.list"
	files_needed <"$1/programs.list" | grep -vxFf "$1/programs.list" >"$1/programs.needed"
	paths_image <"$1/programs.needed" | archive / "$to.part" -L &&
		archive_add "$tree" "$to.part" && rm -rf "$tree" || return
	cpio -it --quiet <"$to.part" >"$1/programs.paths" &&
		echo "${folders[*]}" >"$1/programs" && mv "$to.part" "$to"
}

# image_make COMMAND...: $scratch/image, to be unpacked over the base in $base
image_make() {
	local kept=$BUILD/qemu
	mkdir -p "$kept" && base=$kept/$version || return
	# one run at a time
	{
		flock 9 && base_make "$base" || return
		if [ "$module" ]; then
			module_tree "$base" "$base/own" && cp -r "$base/own" "$scratch/tree" &&
				rm "$scratch/tree/done" || return
		fi
		# elsewhere it is of another build
		[ ! -L "$kept" ] || kept=$scratch/build
		mkdir -p "$kept" && programs_make "$kept" &&
			cp "$kept"/programs.{cpio,paths} "$scratch" || return
	} 9>"$BUILD/qemu/lock"
	run_put "$@" && files_named "$@" >"$scratch/named" || return
	mv "$scratch/programs.cpio" "$scratch/image" || return
	# none twice: of a file with a second name on this machine the kernel would keep neither
	files_needed <"$scratch/named" | grep -vx / | paths_image |
		grep -vxFf "$scratch/programs.paths" | archive / "$scratch/image" -A -L &&
		archive_add "$scratch/tree" "$scratch/image"
}
