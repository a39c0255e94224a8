# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Debian roots made by mmdebstrap, and running commands in them.

# bookworm_sources DIR: the machine's entries for Debian 12 itself.
bookworm_sources() {
	local LIST PARTS file

	eval "$(apt-config shell LIST Dir::Etc::sourcelist/f PARTS Dir::Etc::sourceparts/d)"
	for file in "$LIST" "$PARTS"/*.list; do
		[[ ! -s $file ]] ||
			sed -n -E '/^deb (\[[^]]*\] )?[^ ]+ bookworm/p' "$file" >> "$1/machine.list"
	done
	for file in "$PARTS"/*.sources; do
		[[ ! -s $file ]] || awk -v RS= -v ORS='\n\n' '/(^|\n)Suites: *bookworm/' "$file" \
			>> "$1/machine.sources"
	done
	find "$1" -name 'machine.*' -size +0
}

# apt_access: how the machine reaches its mirrors and takes their dates.
apt_access() {
	apt-config dump | grep -i -E '^Acquire::((https?|ftp)::proxy|Check-)'
}

# make_root DIR [OPTION...]: a minimal Debian 12, with these options of mmdebstrap.
make_root() {
	local sources tmp status=0
	tmp=$(mktemp -d)

	mapfile -t sources < <(bookworm_sources "$tmp")
	if ((${#sources[@]})); then
		apt_access > "$tmp/access"
		mmdebstrap --quiet --variant=minbase --aptopt="$tmp/access" "${@:2}" \
			bookworm "$1" "${sources[@]}" &&
			cp "$tmp/access" "$1/etc/apt/apt.conf.d/access" &&
			cp /etc/resolv.conf "$1/etc/resolv.conf" || status=1
	else
		echo "apt has no source for bookworm"
		status=1
	fi
	rm -rf "$tmp"
	return "$status"
}

# enter_root ROOT DIR CMD...: run CMD in DIR of ROOT, with nothing of this machine's
# environment.
enter_root() {
	# shellcheck disable=SC2016
	unshare --mount --pid --fork --kill-child bash -c '
		mount --make-rprivate / && mount -t proc proc "$1/proc" &&
		mount -t sysfs sys "$1/sys" && mount --rbind /dev "$1/dev" || exit
		root=$1 dir=$2
		shift 2
		exec env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb \
			DEBIAN_FRONTEND=noninteractive chroot "$root" \
			sh -c "cd \"\$1\" && shift && exec \"\$@\"" - "$dir" "$@"
	' - "$@" < /dev/null
}
