# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash disable=SC2034
# Debian packages: what is missing gets installed, the rest is left alone.

# What unpacking a kernel, building modules, starting a VM and writing tests in
# one need.
PACKAGES_KERNEL=(xz-utils zstd cpio kmod busybox-static)
PACKAGES_BUILD=(make gcc-12 g++-12 gcc g++ binutils bc patch xz-utils zstd kmod pahole libelf1
		python3-minimal libssl3)
PACKAGES_VM=(qemu-system-x86 "${PACKAGES_KERNEL[@]}" opensm iproute2 procps)
PACKAGES_GUEST=(bridge-utils vlan net-tools ethtool iputils-ping arping tcpdump iperf3
		infiniband-diags python3 netcat-openbsd socat jq)
# The clients and servers of tools/translate.
PACKAGES_TRANSLATE=(ndisc6 radvd dnsmasq-base isc-dhcp-client isc-dhcp-server isc-dhcp-relay lldpd)
PACKAGES_EIPOIBD=(make g++ libc6-dev libmnl-dev)
# What the scripts of tools/manage look with.
PACKAGES_MANAGE=(linux-perf bpftrace openvswitch-switch)
# tools/bench, beside what its guest script needs.
PACKAGES_BENCH=(g++ libc6-dev jq bsdextrautils)

# The users of verbs in tools/vib.
PACKAGES_VERBS=(ibverbs-providers ibverbs-utils rdmacm-utils perftest python3-pyverbs)

missing_packages() {
	local pkg

	for pkg; do
		[[ $(dpkg-query -W -f '${db:Status-Status}' "$pkg" 2> /dev/null) == installed ]] ||
			echo "$pkg"
	done
}

# apt_refresh [force]: fetch the package index unless it is there and recent.
apt_refresh() {
	local stamp

	stamp=$(cache_dir)/apt-updated
	if [[ ${1-} != force && -n $(find "$stamp" -mmin -60 2> /dev/null) ]] &&
	   compgen -G '/var/lib/apt/lists/*_Packages*' > /dev/null; then
		return
	fi
	say "fetching the package index"
	apt-get -qq -o DPkg::Lock::Timeout=300 update >&2 || die "apt-get update failed"
	touch "$stamp"
}

install_packages() {
	local missing

	# Somebody else may have installed them while we waited for the lock.
	mapfile -t missing < <(missing_packages "$@")
	((${#missing[@]})) || return 0
	((EUID == 0)) || die "not installed: ${missing[*]} (run as root to install)"
	apt_refresh
	say "installing ${missing[*]}"
	DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 \
		-o Dpkg::Use-Pty=0 install --no-install-recommends "${missing[@]}" \
		> "$(cache_dir)/apt.log" 2>&1 < /dev/null || {
		tail -n 20 "$(cache_dir)/apt.log" >&2
		die "apt-get install failed"
	}
}

# need PACKAGE...: install those that are missing.
need() {
	[[ -z $(missing_packages "$@") ]] || locked apt install_packages "$@"
}

# expand_packages WORD...: print packages, a group's name (build, vm, guest, translate, manage,
# verbs) being replaced by its packages.
expand_packages() {
	local word

	for word; do
		case $word in
		build) printf '%s\n' "${PACKAGES_BUILD[@]}" ;;
		vm) printf '%s\n' "${PACKAGES_VM[@]}" ;;
		guest) printf '%s\n' "${PACKAGES_GUEST[@]}" ;;
		translate) printf '%s\n' "${PACKAGES_TRANSLATE[@]}" ;;
		manage) printf '%s\n' "${PACKAGES_MANAGE[@]}" ;;
		verbs) printf '%s\n' "${PACKAGES_VERBS[@]}" ;;
		*) printf '%s\n' "$word" ;;
		esac
	done | sort -u
}
