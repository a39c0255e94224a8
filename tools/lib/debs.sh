# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Kernel packages of one Debian series: which they are, and getting them.  A
# .deb is used only if it has the SHA256 that apt's signed index states.

# index_show PACKAGE[=VERSION]...: the index's records of these packages, one
# line each: name version architecture sha256 depends
index_show() {
	apt-cache show --no-all-versions "$@" 2> /dev/null | awk '
		function flush() {
			if (name != "" && !seen[name]++)
				print name, version, arch, sha, deps
			name = version = arch = sha = ""; deps = "-"
		}
		BEGIN			{ deps = "-" }
		/^Package: /		{ flush(); name = $2 }
		/^Version: /		{ version = $2 }
		/^Architecture: /	{ arch = $2 }
		/^SHA256: /		{ sha = $2 }
		/^Depends: /		{ deps = substr($0, 10); gsub(/ *\([^)]*\)| /, "", deps) }
		END			{ flush() }'
}

# depends_like REGEX: of the records on standard input, the first dependency
# that matches.
depends_like() {
	awk '{ print $5 }' | sed 's/[,|]/\n/g' | grep -E -m 1 "^$1\$"
}

# resolve_kernel SERIES: print the records of the packages that make up the
# newest kernel of a series: image, headers (3 packages) and source.
resolve_kernel() {
	local series=$1 meta=-$1 records image headers version names
	[[ $series != 6.1 ]] || meta=

	records=$(index_show "linux-image$meta-amd64" "linux-headers$meta-amd64")
	image=$(depends_like 'linux-image-[0-9].*-amd64' <<< "$records") || return
	headers=$(depends_like 'linux-headers-[0-9].*-amd64' <<< "$records") || return
	version=$(awk '$1 ~ /^linux-image/ { print $2 }' <<< "$records")
	records=$(index_show "$image=$version" "$headers=$version")
	names=("$image" "$headers"
	       "$(depends_like 'linux-headers-.*-common' <<< "$records")"
	       "$(depends_like 'linux-kbuild-.*' <<< "$records")"
	       "linux-source-$series")
	records=$(index_show "${names[@]/%/=$version}")
	if (($(wc -l <<< "$records") != ${#names[@]})); then
		say "kernel series $series: image is $version, but not all of" \
		    "${names[*]} exist in that version; is the package index complete?"
		return 1
	fi
	printf '%s\n' "$records"
}

# index_id: a hash that changes whenever apt's index or its sources do.
index_id() {
	find /var/lib/apt/lists /etc/apt -type f ! -name lock -printf '%p %s %T@\n' | sort | hash_text
}

# series_debs SERIES: resolve_kernel, remembered for this very index, and with a
# newer index if this one lacks the series.
series_debs() {
	local file records
	[[ $(dpkg --print-architecture) == amd64 ]] || die "only amd64 is supported"

	file=$(cache_dir)/index/$1-$(index_id)
	[[ ! -s $file ]] || {
		cat "$file"
		return
	}
	records=$(resolve_kernel "$1" 2> /dev/null) || {
		locked apt apt_refresh force
		records=$(resolve_kernel "$1") || die "kernel series $1 cannot be found with apt"
	}
	file=$(cache_dir)/index/$1-$(index_id)
	mkdir -p "${file%/*}"
	rm -f "${file%/*}/$1"-*
	printf '%s\n' "$records" | tee "$file.$$" && mv "$file.$$" "$file"
}

deb_ok() {
	[[ -f $1 ]] && sha256sum --status -c <<< "$2  $1"
}

# fetch_deb NAME VERSION ARCH SHA256: download into the cache unless there, and
# print the file's name.
fetch_deb() {
	local dir tmp file
	dir=$(cache_dir)/deb
	file=$dir/$1_$2_$3.deb

	if ! deb_ok "$file" "$4"; then
		mkdir -p "$dir"
		tmp=$(mktemp -d "$dir/get.XXXXXX")
		say "downloading $1 $2"
		(cd "$tmp" && apt-get -qq -o APT::Sandbox::User=root download "$1=$2") >&2 || {
			# The mirror may have moved on since the index was fetched.
			locked apt apt_refresh force
			(cd "$tmp" && apt-get -qq -o APT::Sandbox::User=root download "$1=$2") >&2 ||
				die "cannot download $1 $2"
		}
		mv "$tmp"/*.deb "$file"
		rmdir "$tmp"
		deb_ok "$file" "$4" || die "$file does not have the SHA256 of apt's index"
	fi
	printf '%s\n' "$file"
}
