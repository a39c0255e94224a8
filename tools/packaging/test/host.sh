# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash disable=SC2153,SC2154
# What the suite package does outside the booted machine.  DIR is its own
# directory.  Roots are layers: the installed host is DIR/host.upper on BASE, the
# disks are made of that and a layer of theirs, and so is the host that lives on
# without a boot.

. "$TOP/tools/lib/debs.sh"
. "$TOP/tools/lib/kernel.sh"
. "$TOP/tools/lib/root.sh"
. "$TOP/tools/lib/vm.sh"
. "$TOP/tools/packaging/test/refusals.sh"

# The hypervisor of a small site.
PACKAGES_HOST=(systemd-sysv udev dbus initramfs-tools linux-image-amd64 linux-headers-amd64
	       iproute2 iputils-ping ifupdown ethtool rdma-core opensm procps)
PACKAGES_OURS=(eth-ipoib-dkms eth-ipoib-utils)
declare -A CONFIG=([6.1]=ifupdown [6.12]=networkd)
NEXT_VERSION=0.1+next

# Seconds from the start of QEMU to its end.
BOOT_LIMIT=900
KERNEL_ARGUMENTS='root=/dev/vda rw fsck.mode=skip console=ttyS0 loglevel=5 panic=-1 oops=panic
mitigations=off tsc=reliable no_timer_check random.trust_cpu=on systemd.show_status=0'
KERNEL_ARGUMENTS=${KERNEL_ARGUMENTS//$'\n'/ }

# What the packages are made of.
DEB_INPUTS=(Documentation Kbuild README.md drivers include tools)

# base_make DIR: what a disk under QEMU needs is all that its initramfs has.
base_make() {
	make_root "$1/root" --include="$(IFS=, && echo "${PACKAGES_HOST[*]}")" --essential-hook='
		mkdir -p "$1/etc/initramfs-tools/conf.d" "$1/usr/share/initramfs-tools/modules.d"
		echo MODULES=list > "$1/etc/initramfs-tools/conf.d/test"
		printf "%s\n" virtio_pci virtio_blk ext4 > "$1/usr/share/initramfs-tools/modules.d/test"
		' && manifest_write "$1" root root
}

# base_open: set BASE.
base_open() {
	local key

	key=$({
		series_debs 6.1
		echo "${PACKAGES_HOST[*]}"
		declare -f base_make
		cat "$TOP/tools/lib/root.sh"
	} | hash_text)
	locked "root" cached root "$key" root -- base_make || return
	BASE=$(cache_dir)/root/$key/root
}

# mount_root NAME LOWER: DIR/NAME is LOWER with a layer of its own.
mount_root() {
	local dir=$DIR/$1

	mkdir -p "$dir" "$dir.upper" "$dir.work" &&
		mount -t overlay -o "lowerdir=$2,upperdir=$dir.upper,workdir=$dir.work" overlay "$dir"
}

# with_apt NAME LOWER: mount_root, and what apt has downloaded for others.
with_apt() {
	mount_root "$@" && mkdir -p "$(cache_dir)/apt/partial" &&
		mount --bind "$(cache_dir)/apt" "$DIR/$1/var/cache/apt/archives" &&
		enter_root "$DIR/$1" / apt-get -q update
}

# debs_make DIR: the packages, and the modules of a next version.
debs_make() {
	with_apt build "$BASE" && cp -r "$DEBS_TREE" "$DIR/build/eth_ipoib" &&
		ln -s tools/packaging/debian "$DIR/build/eth_ipoib/debian" &&
		enter_root "$DIR/build" /eth_ipoib apt-get -q -y build-dep --no-install-recommends . &&
		rm "$DIR/build/eth_ipoib/debian" &&
		enter_root "$DIR/build" /eth_ipoib tools/packaging/build /debs &&
		enter_root "$DIR/build" /eth_ipoib tools/packaging/build --dkms \
			--version "$NEXT_VERSION" /debs/next &&
		cp -r "$DIR/build/debs" "$1/debs" && manifest_write "$1" debs debs &&
		umount -R "$DIR/build" && rm -rf "$DIR"/build*
}

# debs_open: set DEBS.
debs_open() {
	local key
	DEBS_TREE=$DIR/tree

	mkdir "$DEBS_TREE" && (cd "$TOP" && cp -r "${DEB_INPUTS[@]}" "$DEBS_TREE/") || return
	key=$({
		echo "$BASE"
		hash_files "$DEBS_TREE" .
	} | hash_text)
	locked "debs" cached debs "$key" debs -- debs_make || return
	rm -rf "$DEBS_TREE"
	DEBS=$(cache_dir)/debs/$key/debs
}

in_host() {
	enter_root "$DIR/$HOST" / "$@"
}

# release ROOT SERIES: print the release of the kernel there.
release() {
	basename "$DIR/$1/lib/modules/$2".*
}

# is_built SERIES: DKMS has installed both modules, and depmod prefers ours.
is_built() {
	local release
	release=$(release "$HOST" "$1")

	in_host dkms status
	in_host dkms status -m eth-ipoib -k "$release" | grep -q ': installed$' &&
		[[ $(in_host modinfo -k "$release" -F eipoib ib_ipoib) ]] &&
		in_host modprobe -S "$release" --show-depends ib_ipoib |
			tail -n 1 | grep '/updates/dkms/eth_ipoib.ko'
}

install_first() {
	HOST=host
	with_apt host "$BASE" && cp -r "$DEBS" "$DIR/host/debs" &&
		in_host sh -c 'apt-get -q -y install --no-install-recommends /debs/*.deb' &&
		is_built 6.1
}

install_kernel() {
	in_host apt-get -q -y install --no-install-recommends linux-source-6.12 \
		linux-image-6.12-amd64 linux-headers-6.12-amd64 && is_built 6.12
}

# configure ROOT CONFIG: as examples/README says.
configure() {
	local from=$1/usr/share/doc/eth-ipoib-utils/examples to=$1/etc/systemd/network

	cp "$from"/*.link "$to/" || return
	case $2 in
	ifupdown)
		cp "$from/ifupdown/eth4" "$1/etc/network/interfaces.d/" &&
			chroot "$1" systemctl -q disable eipoibd
		;;
	networkd)
		cp "$from/networkd"/* "$to/" && echo 'pif = eth4' > "$1/etc/eipoibd.conf" &&
			chroot "$1" systemctl -q enable systemd-networkd eipoibd
		;;
	esac
}

# Drivers that cannot matter, but with which depmod takes minutes under emulation.
MODULES_DROPPED=(sound drivers/{gpu,media,staging,iio,hid,input,usb,mtd,hwmon,platform,isdn}
		 drivers/net/{ethernet,wireless,usb,can})

# make_disk SERIES: DIR/disk, and DIR/vmlinuz and DIR/initrd of that kernel.
make_disk() {
	local root=$DIR/disk.root release built dir

	built=$("$TOP/tools/build" --kernel "$1") && mount_root disk.root "$LOWER" &&
		release=$(release disk.root "$1") || return
	for dir in "${MODULES_DROPPED[@]}"; do
		rm -rf "$root"/lib/modules/*/kernel/"$dir"
	done
	"$TOP/tools/packaging/test/fabric" "$root" "$release" "$built/vib.ko" &&
		configure "$root" "${CONFIG[$1]}" && rm -rf "$root"/{debs,usr/src/linux-source-*.tar.xz} &&
		cp "$root/boot/vmlinuz-$release" "$DIR/vmlinuz" &&
		cp "$root/boot/initrd.img-$release" "$DIR/initrd" &&
		mke2fs -q -t ext4 -O ^has_journal -d "$root" "$DIR/disk" 8G &&
		umount "$root" && rm -rf "$root"*
}

# boot SERIES PHASE: boot the disk once; what test/boot says, and that it said so
# in this boot.
boot() {
	local nonce status='' said='' share=$DIR/share pid deadline trouble

	nonce=$(od -A n -N 16 -t x1 /dev/urandom | tr -d ' \n')
	rm -rf "$share" && mkdir "$share" &&
		cp "$TOP/tools/lib/guest.sh" "$TOP/tools/packaging/test/boot" "$share/" || return
	printf '%s=%q\n' NONCE "$nonce" PHASE "$2" CONFIG "${CONFIG[$1]}" > "$share/run.conf"
	echo "PACKAGES=(${PACKAGES_OURS[*]})" >> "$share/run.conf"
	qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot \
		-accel tcg,thread=single,tb-size=256 -cpu max -m 1024 -smp 1 \
		-kernel "$DIR/vmlinuz" -initrd "$DIR/initrd" -append "$KERNEL_ARGUMENTS" \
		-drive "file=$DIR/disk,format=raw,if=virtio,cache=unsafe" \
		-serial "file:$share/console" -object rng-random,id=rng,filename=/dev/urandom \
		-device virtio-rng-pci,rng=rng \
		-virtfs "local,path=$share,mount_tag=share,security_model=none" < /dev/null &
	pid=$!
	deadline=$((SECONDS + BOOT_LIMIT))
	while kill -0 "$pid" 2> /dev/null && ((SECONDS < deadline)); do
		sleep 0.2
	done
	kill -KILL "$pid" 2> /dev/null && echo "it did not end in $BOOT_LIMIT s"
	wait "$pid"
	cat "$share/log" 2> /dev/null
	trouble=$(grep -a -E -m 1 "$KERNEL_TROUBLE" "$share/console" | tr -d '\r')
	read -r said status < "$share/status"
	[[ -z $trouble && $said == "$nonce" && $status == 0 ]] && return
	echo "${trouble:-status ${status:-unknown}}; the end of the console:"
	tail -n 60 "$share/console" | tr -d '\r'
	return 1
}
