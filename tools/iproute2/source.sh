# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Source packages of Debian, from where the machine's own apt gets its binary
# packages.  The machine's configuration is read and never changed.

# source_entries FILE: the deb-src form of the entries of one of apt's files.
source_entries() {
	case $1 in
	*.sources)	sed -E 's/^(Types:).*/\1 deb-src/I' "$1" ;;
	*)		sed -nE '/cdrom:/d; s/^[[:space:]]*deb(-src)?([[:space:]])/deb-src\2/p' \
				"$1" | sort -u ;;
	esac
}

# write_sources DIR: fill DIR with source entries.
write_sources() {
	local LIST PARTS file

	eval "$(apt-config shell LIST Dir::Etc::sourcelist/f PARTS Dir::Etc::sourceparts/d)"
	for file in "$LIST" "$PARTS"/*.list "$PARTS"/*.sources; do
		[[ ! -s $file ]] || source_entries "$file" > "$1/${file##*/}" || return
	done
}

# apt_source WORK ARGS...: apt-get with nothing but WORK/etc as its sources.
apt_source() {
	local work=$1
	shift

	apt-get -q -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$work/etc" \
		-o Dir::State::lists="$work/lists" -o Dir::Cache="$work/cache" \
		-o APT::Sandbox::User=root "$@" < /dev/null
}

# fetch_source PACKAGE VERSION WORK: leave the unpacked source in WORK/source.
# apt accepts only what has the hash of the signed index.
fetch_source() {
	local package=$1 version=$2 work=$3

	say "downloading the source of $package $version"
	mkdir -p "$work"/{etc,lists/partial,cache/archives/partial,get} || return
	write_sources "$work/etc" || return
	# One source that does not answer may be one that is not needed.
	apt_source "$work" update > "$work/apt.log" 2>&1
	(cd "$work/get" && apt_source "$work" source --only-source "$package=$version") \
		>> "$work/apt.log" 2>&1 || {
		tail -n 20 "$work/apt.log" >&2
		say "cannot get the source of $package $version"
		return 1
	}
	mv "$work/get/$package"-*/ "$work/source"
}
