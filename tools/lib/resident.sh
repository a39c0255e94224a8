# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# The programs that guest scripts run all the time.  They travel in the initramfs
# and lie in the guest's memory, at their own paths: each start of a program that
# has to fetch its libraries over 9p takes twice the time.

RESIDENT=(bash sh awk basename cat chmod cmp comm cp cut date dd diff dirname dmesg echo env expr
	  false find grep head hostname kill ln ls mkdir mktemp mount mv od paste printf ps pgrep
	  pkill readlink realpath rm rmdir sed seq sha256sum sleep sort stat sync sysctl tail tee
	  test timeout touch tr true umount uniq wc xargs
	  insmod kmod lsmod modprobe rmmod modinfo ip bridge tc ss ping arping ethtool brctl
	  vconfig ifconfig nc jq tcpdump opensm)

# links_and_target FILE...: print each file with all links on the way to it, the
# directories spelled without links.
links_and_target() {
	local file dir

	for file; do
		while [[ -e $file ]]; do
			dir=$(cd -P "${file%/*}/" && pwd)
			file=${dir%/}/${file##*/}
			echo "$file"
			[[ -L $file ]] || break
			file=$(readlink "$file")
			[[ $file == /* ]] || file=$dir/$file
		done
	done
}

# resident_files PROGRAM...: print all files that these and RESIDENT consist of.
resident_files() {
	local programs libraries name

	mapfile -t programs < <(
		for name in "${RESIDENT[@]}"; do
			PATH=/usr/sbin:/usr/bin:/sbin:/bin type -P "$name"
		done
		printf '%s\n' "$@"
	)
	mapfile -t libraries < <(ldd "${programs[@]}" 2> /dev/null |
		sed -n -E 's@^\s+(.* => )?(/[^ ]+) \(0x.*@\2@p' | sort -u)
	{
		for name in /bin /sbin /lib /lib64; do
			[[ ! -L $name ]] || echo "$name"
		done
		links_and_target "${programs[@]}" "${libraries[@]}" /etc/ld.so.cache
	} | sort -u
}

# resident_copy DIR PROGRAM...: put them below DIR.
resident_copy() (
	local files dir=$1
	shift

	cd / && mapfile -t files < <(resident_files "$@") &&
		cp -a --parents -t "$dir" "${files[@]#/}"
)
