# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Making a kernel directory and a source directory of Debian's packages.  The
# caches of both are keyed by this file's content too.

# What a guest may load: everything around networks, InfiniBand and virtio.
MODULES_KEPT=(
	arch block crypto lib mm net virt
	fs/{9p,binfmt_misc,configfs,fscache,fuse,netfs,nls,overlayfs,squashfs}
	drivers/infiniband/{core,sw,ulp/ipoib}
	drivers/net/{bonding,ipvlan,ppp,team,vxlan,wireguard}
	drivers/net/{dummy,geneve,gtp,ifb,macsec,macvlan,macvtap,net_failover,netconsole,nlmon}
	drivers/net/{tap,tun,veth,virtio_net,vrf,vsockmon,mii,mdio,netdevsim,netkit,bareudp,amt}
	drivers/{vhost,virtio,ptp,pps,vdpa}
	drivers/block/{brd,loop,null_blk,virtio_blk,zram}
	drivers/char/{hw_random,virtio_console,ipmi}
)

# What the tools take from the kernel's source.
SOURCE_KEPT=(
	Documentation/infiniband/ipoib.rst
	drivers/infiniband/ulp/ipoib
	include/kunit
	lib/kunit
	scripts/checkpatch.pl
	scripts/coccinelle
	scripts/const_structs.checkpatch
	scripts/spelling.txt
	scripts/kernel-doc
)

# uncompressed_image BZIMAGE OUT: the ELF image inside, whose PVH entry starts
# faster under emulation than unpacking it there; the boot protocol's header
# says where it lies.
uncompressed_image() {
	local sectors start length magic unpack

	header() { # OFFSET BYTES
		od -A n -t "u$2" -j "$1" -N "$2" "$3" | tr -d ' '
	}
	sectors=$(header 497 1 "$1")
	start=$(((sectors + 1) * 512 + $(header 584 4 "$1")))
	length=$(header 588 4 "$1")
	magic=$(od -A n -t x1 -j "$start" -N 4 "$1" | tr -d ' ')
	case $magic in
	fd377a58) unpack='xz -dc --single-stream' ;;
	28b52ffd) unpack='zstd -dcq' ;;
	1f8b*) unpack='gzip -dcq' ;;
	*) return 1 ;;
	esac
	# The payload ends in its unpacked size, which xz and zstd call trailing
	# garbage: judge by what came out.
	tail -c "+$((start + 1))" "$1" | head -c "$((length - 4))" | $unpack > "$2" 2> /dev/null
	[[ $(od -A n -t x1 -N 4 "$2" | tr -d ' ') == 7f454c46 ]]
}

# extract_modules FROM TO: the modules worth keeping, uncompressed.
extract_modules() {
	local kept path

	mkdir -p "$2/kernel" && cp "$1"/modules.{builtin,builtin.modinfo,order} "$2" || return
	for kept in "${MODULES_KEPT[@]}"; do
		for path in "$1/kernel/$kept" "$1/kernel/$kept".ko*; do
			[[ -e $path ]] || continue
			path=${path#"$1/"}
			mkdir -p "$2/${path%/*}" && mv "$1/$path" "$2/$path" || return
		done
	done
	find "$2/kernel" -name '*.ko.xz' -print0 | xargs -0 -r -n 32 -P 2 xz -d
}

# extract_image DIR DEB: boot/ and modules/ of a kernel directory.
extract_image() {
	local dir=$1 release

	dpkg -x "$2" "$dir/image" && release=$(basename "$dir"/image/lib/modules/*) &&
		mkdir "$dir/boot" && echo "$release" > "$dir/boot/release" &&
		cp "$dir/image/boot/config-$release" "$dir/boot/config" &&
		cp "$dir/image/boot/vmlinuz-$release" "$dir/boot/vmlinuz" &&
		extract_modules "$dir/image/lib/modules/$release" "$dir/modules" &&
		rm -rf "$dir/image" || return
	uncompressed_image "$dir/boot/vmlinuz" "$dir/boot/vmlinux" ||
		rm -f "$dir/boot/vmlinux"
	make_initramfs "$dir/modules" "$release" "$dir/boot/initramfs"
}

# extract_headers DIR DEB...: usr/ and headers of a kernel directory.
extract_headers() {
	local dir=$1 flavour deb
	shift

	for deb; do
		dpkg -x "$deb" "$dir" || return
	done
	rm -rf "${dir:?}"/{usr/share,lib,etc}
	flavour=usr/src/linux-headers-$(< "$dir/boot/release")
	# Relative: the directory gets its final name only when it is complete.
	ln -s "$flavour" "$dir/headers" &&
		sed -i "s@^include /usr/src/@include \$(dir \$(lastword \$(MAKEFILE_LIST)))../@" \
			"$dir/$flavour/Makefile"
}

# extract_kernel DIR IMAGE HEADERS COMMON KBUILD (.deb files)
extract_kernel() {
	extract_image "$1" "$2" && extract_headers "$1" "${@:3}" &&
		manifest_write "$1" boot boot modules && manifest_write "$1" headers usr
}

# extract_source DIR SERIES DEB
extract_source() {
	local dir=$1 tarball=./usr/src/linux-source-$2.tar.xz

	# tar fails if one of them is missing, and so if the stream breaks off.
	dpkg-deb --fsys-tarfile "$3" | tar -x -O "$tarball" | xz -dc -T 2 |
		tar -x -C "$dir" --strip-components=1 "${SOURCE_KEPT[@]/#/linux-source-$2/}" ||
		return
	manifest_write "$dir" source Documentation drivers include lib scripts
}

# make_initramfs MODULES RELEASE OUT: busybox and the modules that reach the
# machine's own file system, in the order of the names in modules/order; tools/vm
# appends its init and what it says about the run.
make_initramfs() {
	local dir what file
	dir=$(mktemp -d)

	mkdir -p "$dir"/depmod/lib/modules "$dir"/root/{bin,modules,proc,sys,dev,ro,rw,root} &&
		cp /bin/busybox "$dir/root/bin/busybox" &&
		ln -s "$1" "$dir/depmod/lib/modules/$2" && depmod -b "$dir/depmod" "$2" &&
		modprobe -d "$dir/depmod" -S "$2" -a --show-depends virtio_pci 9pnet_virtio 9p \
			overlay > "$dir/depends" || return
	while read -r what file; do
		[[ $what == insmod && ! -e $dir/root/modules/${file##*/} ]] || continue
		cp "$file" "$dir/root/modules/" || return
		echo "${file##*/}" >> "$dir/root/modules/order"
	done < "$dir/depends"
	(cd "$dir/root" && find . -print0 | sort -z | cpio --quiet -0 -H newc -R 0:0 -o) > "$3" &&
		rm -rf "$dir"
}
