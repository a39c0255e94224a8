# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash disable=SC2154
# Patching the distribution's ipoib, for tools/build and for DKMS.  Their own are
# say and die; K_SERIES is the kernel's series, S_DIR has parts of its source and
# S_VERSION is what that is of.

# apply_patch DIR PATCH: strictly: no fuzz, no guessing, nothing applied twice.
apply_patch() {
	local log file

	log=$(patch -d "$1" -p1 --fuzz=0 --batch --forward --no-backup-if-mismatch \
		--reject-file=- < "$2" 2>&1) && return
	file=$(sed -n "s/^patching file '\?\([^']*\)'\?.*/\1/p; /FAILED/q" <<< "$log" | tail -n 1)
	printf '%s\n' "$log" >&2
	say "${2#"$TOP/"} does not apply to ${file:-any file} of linux-source-$K_SERIES $S_VERSION"
	return 1
}

# patch_ipoib DIR SERIES: put the distribution's ipoib with our series next to
# the copy of our own files in DIR.
patch_ipoib() {
	local subdir=drivers/infiniband/ulp/ipoib patch file

	mkdir -p "$1/distribution/$subdir"
	cp "$S_DIR/$subdir"/* "$1/distribution/$subdir/"
	for patch in "$TOP/$subdir/$2"/*.patch; do
		[[ -e $patch ]] || die "$subdir/$2 holds no patch"
		apply_patch "$1/distribution" "$patch" || return
	done
	for file in "$1/distribution/$subdir"/*; do
		[[ ! -e $1/$subdir/${file##*/} ]] ||
			die "$subdir/${file##*/} would hide the distribution's file of that name"
		mv "$file" "$1/$subdir/"
	done
	rm -rf "$1/distribution"
}
