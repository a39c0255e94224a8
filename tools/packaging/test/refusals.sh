# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash disable=SC2153,SC2154
# The life of the installed host that takes no boot: an upgrade, what cannot be
# built and says why, and the end.  For host.sh.

OURS=eth-ipoib

# go_on: a layer for what happens to the host from here, which has no headers of
# 6.1 any more: one kernel to build for is enough.
go_on() {
	HOST=later
	with_apt later "$LOWER" && NEWEST=$(release later 6.12) &&
		rm "$DIR/later/lib/modules/$(release later 6.1)/build"
}

# initramfs_ipoib RELEASE: print the marker of the ib_ipoib in its initramfs, which
# must have one.
initramfs_ipoib() {
	# shellcheck disable=SC2016
	in_host sh -c 'rm -rf /tmp/initrd && unmkinitramfs "/boot/initrd.img-$1" /tmp/initrd &&
		file=$(find /tmp/initrd -name "ib_ipoib.ko*" | grep .) && modinfo -F eipoib "$file"' - "$1"
}

# version_is VERSION: that one has modules for the newest kernel, and no other has any.
version_is() {
	in_host dkms status
	[[ $(in_host dkms status -k "$NEWEST") == "$OURS/$1, $NEWEST, x86_64: installed" &&
	   $(in_host sh -c "echo /usr/src/$OURS-*") == "/usr/src/$OURS-$1" ]]
}

# An administrator whose root is on the fabric has ib_ipoib in the initramfs.
upgrade() {
	in_host sh -c 'echo ib_ipoib >> /etc/initramfs-tools/modules' &&
		in_host update-initramfs -u -k "$NEWEST" && [[ $(initramfs_ipoib "$NEWEST") ]] &&
		touch "$DIR/stamp" &&
		in_host sh -c 'apt-get -q -y install --no-install-recommends /debs/next/*.deb' &&
		version_is "$NEXT_VERSION" && [[ $(initramfs_ipoib "$NEWEST") ]] &&
		[[ $DIR/$HOST/boot/initrd.img-$NEWEST -nt $DIR/stamp ]]
}

# state: print what dpkg thinks of the package.
state() {
	in_host dpkg-query -W -f '${Status}' eth-ipoib-dkms
}

# refused REGEX CMD...: CMD fails in the host and says so.
refused() {
	local regex=$1 status=0 said
	shift

	said=$(in_host "$@" 2>&1) || status=$?
	printf '%s\nstatus %d\n' "$said" "$status"
	((status > 0 && status < 126)) && [[ $said =~ $regex ]]
}

# not_built REGEX: a new build for the newest kernel fails, and leaves none.
not_built() {
	in_host dkms remove "$OURS/$NEXT_VERSION" -k "$NEWEST" > /dev/null 2>&1
	refused "$1" dkms build "$OURS/$NEXT_VERSION" -k "$NEWEST" &&
		! in_host dkms status -m "$OURS" -k "$NEWEST" | grep -E 'built|installed'
}

missing_source() {
	in_host dpkg --purge --force-depends linux-source-6.12 &&
		rm -rf "$DIR/$HOST/var/lib/eth-ipoib" &&
		refused 'linux-source-6.12 is not installed.*apt install linux-source-6.12' \
			apt-get -q -y install --reinstall "/debs/next/eth-ipoib-dkms_${NEXT_VERSION}_all.deb" &&
		[[ $(state) == 'install ok half-configured' ]] &&
		in_host apt-get -q -y install --no-install-recommends linux-source-6.12 &&
		[[ $(state) == 'install ok installed' ]] && version_is "$NEXT_VERSION"
}

other_version() {
	local id=$DIR/$HOST/lib/modules/$NEWEST/build/include/generated/package.h status=0
	id=$DIR/$HOST$(in_host realpath "${id#"$DIR/$HOST"}")

	cp "$id" "$DIR/id" && sed -i 's/Debian .*"/Debian 6.12.1-1"/' "$id" || return
	not_built 'linux-source-6.12 is .*, but .* is 6.12.1-1\. Boot the kernel' || status=1
	cp "$DIR/id" "$id"
	return "$status"
}

corrupted_patch() {
	local patch status=0
	patch=$DIR/$HOST/usr/src/$OURS-$NEXT_VERSION/drivers/infiniband/ulp/ipoib/6.12/0007-lid-to-gid.patch

	cp "$patch" "$DIR/patch" && sed -i '/^@@/ { n; s/^ .*/ this line is nowhere/ }' "$patch" || return
	not_built '0007-lid-to-gid.patch does not apply to drivers/.* of linux-source-6.12' || status=1
	cp "$DIR/patch" "$patch"
	return "$status"
}

vendor_stack() {
	local status=0

	mkdir "$DIR/$HOST/usr/src/ofa_kernel" || return
	not_built "a vendor's RDMA stack is installed .*: remove that stack" || status=1
	rmdir "$DIR/$HOST/usr/src/ofa_kernel"
	return "$status"
}

other_series() {
	local modules=$DIR/$HOST/lib/modules/6.6.13-amd64 status=0

	mkdir "$modules" && ln -s "../$NEWEST/build" "$modules/build" || return
	refused 'BUILD_EXCLUSIVE directive which does not match this kernel' \
		dkms build "$OURS/$NEXT_VERSION" -k 6.6.13-amd64 &&
		[[ $(state) == 'install ok installed' ]] || status=1
	rm -rf "$modules"
	return "$status"
}

purge_initramfs() {
	[[ $(initramfs_ipoib "$NEWEST") ]] &&
		in_host apt-get -q -y purge "${PACKAGES_OURS[@]}" && initramfs_ipoib "$NEWEST" &&
		[[ ! $(initramfs_ipoib "$NEWEST") && ! -e $DIR/$HOST/var/lib/eth-ipoib ]]
}

# Without packages; what they needed is still there.
make_install() {
	mkdir "$DIR/$HOST/source" && (cd "$TOP" && cp -r Makefile "${DEB_INPUTS[@]}" "$DIR/$HOST/source/") &&
		enter_root "$DIR/$HOST" /source make modules_install RELEASE="$NEWEST" &&
		[[ $(in_host modinfo -k "$NEWEST" -F eipoib ib_ipoib) ]] &&
		in_host modprobe -S "$NEWEST" --show-depends ib_ipoib |
			tail -n 1 | grep '/updates/drivers/net/eipoib/eth_ipoib.ko'
}
