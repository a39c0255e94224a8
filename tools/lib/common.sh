# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash disable=SC2034
# What every tool needs: messages, the cache directory, locks, and manifests
# that prove a cached directory is still what was put there.

TOP=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd -P)
export LC_ALL=C.UTF-8

# The series the project supports, oldest first.
SERIES_ALL=(6.1 6.12)

say() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die() {
	say "$*"
	exit 1
}

# cache_dir: print the directory for downloads and everything made of them.
# It lies outside the tree and may be deleted at any time.
cache_dir() {
	local dir=${EIPOIB_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/eth_ipoib}

	mkdir -p "$dir"
	(cd "$dir" && pwd -P)
}

# locked NAME CMD...: run CMD while holding the cache's lock NAME, so that two
# runs at once do one job once.
locked() {
	local name=$1 fd status=0
	shift

	mkdir -p "$(cache_dir)/lock"
	exec {fd}> "$(cache_dir)/lock/$name"
	flock "$fd"
	"$@" {fd}>&- || status=$?
	exec {fd}>&-
	return "$status"
}

# hash_text: print a short hash of standard input.
hash_text() {
	sha256sum | cut -c 1-16
}

# hash_files DIR PATH...: print a hash of the names and contents of all files
# under DIR/PATH..., wherever DIR is.
hash_files() (
	cd "$1" && shift
	find "$@" -type f -print0 | sort -z | xargs -0 -r sha256sum | hash_text
)

# manifest_write DIR NAME PATH...: record what DIR/PATH... contain.
manifest_write() (
	cd "$1" || exit
	name=$2
	shift 2
	find "$@" -type f -print0 | sort -z | xargs -0 -r sha256sum > "MANIFEST.$name"
	sha256sum "MANIFEST.$name" > "MANIFEST.$name.sum"
)

# manifest_ok DIR NAME: true if every recorded file still has its content.
manifest_ok() (
	cd "$1" 2> /dev/null || exit 1
	[[ -s MANIFEST.$2 && -s MANIFEST.$2.sum ]] || exit 1
	sha256sum --quiet --strict -c "MANIFEST.$2.sum" > /dev/null 2>&1 || exit 1
	sha256sum --quiet --strict -c "MANIFEST.$2" > /dev/null 2>&1 || exit 1
	touch MANIFEST."$2".sum
)

# cache_prune KIND: drop the entries of a kind that nobody used for two weeks, and
# what a killed run left unfinished.
cache_prune() {
	local dir

	find "$(cache_dir)" -maxdepth 1 -name 'new.*' -ctime +0 -exec rm -rf {} +
	for dir in "$(cache_dir)/$1"/*/; do
		[[ -d $dir ]] || continue
		[[ -n $(find "$dir" -maxdepth 1 -ctime -14 -print -quit) ]] || rm -rf "$dir"
	done
}
