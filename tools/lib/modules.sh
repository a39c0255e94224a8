# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash disable=SC2034
# Laying out the build directory and building the modules in it.

. "${BASH_SOURCE[0]%/*}/ipoib.sh"

# What goes into the modules.
BUILD_INPUTS=(Kbuild drivers include tools/cxx)
MODULES=(vib ib_ipoib eth_ipoib)

# Not a defect of the sources: Debian's headers know their exact compiler.
BUILD_NOISE='the compiler differs from the one used to build the kernel'

# snapshot_tree FROM TO: copy what modules are built from, so that an edit
# during the build changes neither the build nor its key.
snapshot_tree() {
	local path

	for path in "${BUILD_INPUTS[@]}"; do
		[[ -e $1/$path ]] || die "$path is missing"
		mkdir -p "$(dirname "$2/$path")"
		cp -rL "$1/$path" "$2/$path"
	done
}

# lay_out DIR: a complete build directory for kernel_open's kernel.
lay_out() {
	snapshot_tree "$TOP" "$1" && patch_ipoib "$1" "$K_SERIES"
}

# kbuild DIR ARGS...: run the kernel's build system over a laid-out directory.
kbuild() {
	local dir=$1
	shift

	# Debian's headers name the compiler x86_64-linux-gnu-gcc-12 themselves.
	make -C "$K_DIR/headers/" M="$dir" -j 2 "$@" < /dev/null
}

# keep_log LOG: a failed build's directory goes away, its log does not.
keep_log() {
	cp "$1" "$(cache_dir)/build-failed.log"
	say "the whole log: $(cache_dir)/build-failed.log"
}

# build_key DIR: what decides the result of building DIR.
build_key() {
	local name
	{
		echo "$K_KEY $S_KEY"
		hash_files "$1" .
		cat "$TOP"/tools/lib/{modules,ipoib}.sh | sha256sum
		cache_dir
		for name in x86_64-linux-gnu-gcc-12 x86_64-linux-gnu-g++-12 ld pahole; do
			"$name" --version 2>&1 | head -n 1
		done
	} | hash_text
}

# modules_tree DIR MODULE...: DIR as a /lib/modules/RELEASE that depmod and modprobe
# understand: Debian's modules in kernel/, ours in updates/, which wins.
modules_tree() {
	local tmp

	mkdir -p "$1/updates" && ln -s "$K_DIR/modules/kernel" "$1/kernel" &&
		cp "$K_DIR"/modules/modules.* "$1/" && cp "${@:2}" "$1/updates/" || return
	tmp=$(mktemp -d)
	mkdir -p "$tmp/lib/modules"
	ln -s "$1" "$tmp/lib/modules/$K_RELEASE"
	depmod -b "$tmp" "$K_RELEASE" || return
	rm -rf "$tmp"
}

# build_modules DIR LAYOUT: build LAYOUT, leave modules and trees in DIR.
build_modules() {
	local dir=$1 layout=$2 log=$1/build.log module bad

	say "building for $K_RELEASE"
	kbuild "$layout" W=1 modules > "$log" 2>&1 || {
		grep -E -A 6 'error|Error|ERROR|undefined!|cannot work' "$log" | tail -n 60 >&2
		keep_log "$log"
		return 1
	}
	bad=$(grep -E -i -A 4 'warning' "$log" | grep -v "$BUILD_NOISE")
	if grep -E -i 'warning' <<< "$bad" > /dev/null; then
		printf '%s\n' "$bad" >&2
		say "warnings count as errors"
		keep_log "$log"
		return 1
	fi
	for module in "${MODULES[@]}"; do
		find "$layout" -name "$module.ko" -exec cp -t "$dir" {} +
		[[ -s $dir/$module.ko ]] || {
			say "the build made no $module.ko"
			return 1
		}
	done
	cp "$layout/Module.symvers" "$dir/" && modules_tree "$dir/modules" "$dir"/*.ko
}

# modules_open: set B_DIR for kernel_open's and source_open's kernel: the three
# modules, and modules/ as the guest's /lib/modules/RELEASE.
modules_open() {
	local layout key status=0

	layout=$(mktemp -d "$(cache_dir)/new.XXXXXX")
	key=$(lay_out "$layout" >&2 && build_key "$layout") || {
		rm -rf "$layout"
		return 1
	}
	B_DIR=$(cache_dir)/build/$K_RELEASE-$key
	locked "build-$K_SERIES" cached build "$K_RELEASE-$key" modules -- \
		make_modules "$layout" || status=$?
	rm -rf "$layout"
	return "$status"
}

make_modules() {
	build_modules "$1" "$2" &&
		manifest_write "$1" modules build.log modules "${MODULES[@]/%/.ko}"
}
