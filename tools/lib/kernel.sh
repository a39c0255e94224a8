# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash disable=SC2034
# Kernels to build against and to boot: Debian's, or a directory with one's own.
# A kernel directory has boot/{vmlinuz,vmlinux,config,release,initramfs},
# modules/{kernel/,modules.*} and headers (for make -C).

# cached KIND KEY MANIFEST... -- CMD DIR ARGS...: make the cache's directory
# KIND/KEY with CMD unless it is there and matches its manifests.
cached() {
	local kind=$1 dir tmp names=()
	dir=$(cache_dir)/$1/$2
	shift 2

	while [[ $1 != -- ]]; do
		names+=("$1")
		shift
	done
	shift
	intact "$dir" "${names[@]}" && return
	[[ ! -e $dir ]] || say "$dir is damaged and is made again"
	rm -rf "$dir"
	tmp=$(mktemp -d "$(cache_dir)/new.XXXXXX")
	chmod 755 "$tmp"
	"$1" "$tmp" "${@:2}" || {
		rm -rf "$tmp"
		return 1
	}
	mkdir -p "${dir%/*}"
	mv -T "$tmp" "$dir"
	cache_prune "$kind"
}

intact() {
	local name

	for name in "${@:2}"; do
		manifest_ok "$1" "$name" || return
	done
}

extract_recipe() {
	sha256sum < "$TOP/tools/lib/extract.sh"
}

fetch_and_extract_kernel() {
	local dir=$1 series=$2 records=$3 files=() file name version arch sha deps

	while read -r name version arch sha deps; do
		[[ $name != linux-source-* ]] || continue
		file=$(fetch_deb "$name" "$version" "$arch" "$sha") || return
		files+=("$file")
	done <<< "$(order_records "$records")"
	say "unpacking kernel $series"
	extract_kernel "$dir" "${files[@]}"
}

# order_records RECORDS: image, headers, common, kbuild, source.
order_records() {
	local pattern

	for pattern in linux-image- 'linux-headers-.*-amd64 ' 'linux-headers-.*-common ' \
		       linux-kbuild- linux-source-; do
		grep -E "^$pattern" <<< "$1"
	done
}

fetch_and_extract_source() {
	local dir=$1 series=$2 records=$3 deb name version arch sha deps

	read -r name version arch sha deps <<< "$(grep '^linux-source-' <<< "$records")"
	deb=$(fetch_deb "$name" "$version" "$arch" "$sha") || return
	say "unpacking parts of $name $version"
	extract_source "$dir" "$series" "$deb"
}

# kernel_open KERNEL MANIFEST...: set K_SERIES, K_DIR, K_RELEASE and K_KEY for
# 6.1, 6.12 or a directory.  MANIFEST says what will be used: boot, headers.
kernel_open() {
	local records

	if [[ -d $1 ]]; then
		own_kernel_open "$1"
		return
	fi
	[[ " ${SERIES_ALL[*]} " == *" $1 "* ]] ||
		die "--kernel $1: neither of ${SERIES_ALL[*]} nor a directory"
	need "${PACKAGES_KERNEL[@]}"
	K_SERIES=$1
	records=$(series_debs "$1") || exit
	K_KEY=$1-$({ grep -v '^linux-source-' <<< "$records"; extract_recipe; } | hash_text)
	K_DIR=$(cache_dir)/kernel/$K_KEY
	locked "kernel-$1" cached kernel "$K_KEY" "${@:2}" -- \
		fetch_and_extract_kernel "$1" "$records" || die "no kernel $1"
	K_RELEASE=$(< "$K_DIR/boot/release")
}

# own_kernel_make DIR FROM: a kernel directory of a directory with vmlinuz or
# bzImage (and perhaps vmlinux), headers, and lib/modules/RELEASE.
own_kernel_make() {
	local dir=$1 from=$2 name release

	name=vmlinuz
	[[ -e $from/$name ]] || name=bzImage
	release=$(basename "$from"/lib/modules/*)
	mkdir "$dir/boot" && cp -L "$from/$name" "$dir/boot/vmlinuz" &&
		echo "$release" > "$dir/boot/release" &&
		cp -a "$from/lib/modules/$release" "$dir/modules" || return
	uncompressed_image "$dir/boot/vmlinuz" "$dir/boot/vmlinux" ||
		rm -f "$dir/boot/vmlinux"
	rm -f "$dir/modules/build" "$dir/modules/source"
	ln -s "$(realpath "$from/headers")" "$dir/headers" &&
		make_initramfs "$dir/modules" "$release" "$dir/boot/initramfs" &&
		manifest_write "$dir" boot boot modules
}

own_kernel_open() {
	local from
	from=$(realpath "$1")

	[[ -e $from/vmlinuz || -e $from/bzImage ]] || die "$1: neither vmlinuz nor bzImage"
	[[ -e $from/headers/Makefile ]] || die "$1: no headers to build modules against"
	K_RELEASE=$(cd "$from/lib/modules" 2> /dev/null && echo *)
	[[ -d $from/lib/modules/$K_RELEASE/kernel ]] ||
		die "$1: lib/modules must hold exactly one release"
	need "${PACKAGES_KERNEL[@]}"
	K_SERIES=$(cut -d . -f 1,2 <<< "$K_RELEASE" | cut -d - -f 1)
	K_KEY=own-$({ echo "$from"; extract_recipe
		      hash_files "$from" lib/modules
		      sha256sum "$from"/{vmlinuz,bzImage} "$from"/headers/{.config,Module.symvers}
		    } 2> /dev/null | hash_text)
	K_DIR=$(cache_dir)/kernel/$K_KEY
	locked "kernel-$K_KEY" cached kernel "$K_KEY" boot -- own_kernel_make "$from" ||
		die "$1 cannot be used as a kernel"
}

# source_open SERIES: set S_DIR, S_KEY and S_VERSION for the parts of the
# distribution's kernel source that SOURCE_KEPT names.
source_open() {
	local records

	[[ " ${SERIES_ALL[*]} " == *" $1 "* ]] ||
		die "kernel series $1: the project has patches for ${SERIES_ALL[*]} only"
	need xz-utils
	records=$(series_debs "$1") || exit
	records=$(grep '^linux-source-' <<< "$records")
	S_VERSION=$(cut -d ' ' -f 2 <<< "$records")
	S_KEY=$1-$({ echo "$records"; extract_recipe; } | hash_text)
	S_DIR=$(cache_dir)/source/$S_KEY
	locked "source-$1" cached source "$S_KEY" source -- \
		fetch_and_extract_source "$1" "$records" || die "no source of kernel $1"
}
