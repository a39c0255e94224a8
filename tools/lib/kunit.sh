# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash disable=SC2034
# For suites: KUnit tests inside a kernel.  modules_open() then makes their modules
# instead of the product's; what a suite starts is not concerned.

. "${BASH_SOURCE[0]%/*}/debs.sh"
. "${BASH_SOURCE[0]%/*}/extract.sh"
. "${BASH_SOURCE[0]%/*}/kernel.sh"
. "${BASH_SOURCE[0]%/*}/modules.sh"

BUILD_INPUTS=(drivers/net/eipoib include tools/cxx kunit)
KUNIT_MODULES=(eipoib_kunit mock_ipoib eipoib_glue_kunit)

# Counted in the sources: a table that is left out, or not gone through, is missed.
KUNIT_TABLES=$(cat "$TOP"/kunit/cases/*_cases.hpp | grep -c '{\.name = ')

# kunit_is_ours: the kernel of kernel_open was built without KUnit.
kunit_is_ours() {
	! grep -q '^CONFIG_KUNIT=' "$K_DIR/headers/.config"
}

# lay_out DIR: our tests, and lib/kunit of the distribution's source for kernels that
# are built without it.  What hangs on hooks in the kernel proper goes: task_struct
# has no room for the current test, nobody announces modules.
lay_out() {
	snapshot_tree "$TOP" "$1" && echo 'obj-m += kunit/' > "$1/Kbuild" || return
	kunit_is_ours || return 0
	cp "$S_DIR"/lib/kunit/*.[ch] "$1/kunit/lib/" && sed -i \
		-e 's/current->kunit_test/kunit_current/' \
		-e 's/^#include "try-catch-impl.h"/&\nstatic struct kunit *kunit_current;/' \
		-e '/hooks-impl\.h\|&kunit_running\|&kunit_hooks\|kunit_install_hooks/d' \
		-e '/kunit_bus_\|kunit_free_boot_suites/d' \
		-e 's/^#ifdef CONFIG_MODULES\|^#if !IS_MODULE(CONFIG_KUNIT)/#if 0/' \
		"$1/kunit/lib/test.c"
}

# kunit_build KERNEL DIR: leave in DIR/built where the modules are, in DIR/kunit which
# kunit.ko is theirs.
kunit_build() {
	kernel_open "$1" headers boot
	source_open "$K_SERIES"
	MODULES=("${KUNIT_MODULES[@]}")
	! kunit_is_ours || MODULES+=(kunit)
	modules_open && echo "$B_DIR" > "$2/built" || return
	kunit_is_ours && echo "$B_DIR/kunit.ko" > "$2/kunit" ||
		echo "$K_DIR/modules/kernel/lib/kunit/kunit.ko" > "$2/kunit"
}

# kunit_run KERNEL DIR OPTION...: leave what the kernel said in DIR/ktap.  Readers want
# two CPUs.
kunit_run() {
	cat > "$2/script" <<- 'EOT'
		#!/bin/bash
		cd "$1" && insmod "$2" enable=1 && insmod eipoib_kunit.ko && rmmod eipoib_kunit &&
			insmod mock_ipoib.ko && insmod eipoib_glue_kunit.ko &&
			rmmod eipoib_glue_kunit mock_ipoib kunit && dmesg --notime
	EOT
	chmod +x "$2/script" &&
		"$TOP/tools/vm" --kernel "$1" --no-modules --memory 512 "${@:3}" "$2/script" \
			"$(< "$2/built")" "$(< "$2/kunit")" > "$2/ktap"
}

# kunit_judge KTAP [one-cpu]: each suite has as many results as it should, and all are
# good.  A suite's results are indented, those of a table's cases twice.
kunit_judge() {
	local suite required alone passed status=0

	while read -r suite required alone; do
		[[ ! ${2-} || ! $alone ]] || required=$alone
		[[ $suite != eipoib ]] || required=$((required + KUNIT_TABLES))
		passed=$(sed -n "/^    # Subtest: $suite\$/,/^[a-z ]*ok [0-9]* $suite\$/p" "$1" |
			grep '^  *ok [0-9]' | grep -c -v '# SKIP')
		progress "$suite: $passed/$required"
		((passed == required)) || status=1
	done < <(grep -v '^#' "$TOP/kunit/required")
	! grep -B 6 'not ok ' "$1" && return "$status"
}

# run_kunit KERNEL [OPTION...]: three checks; options are for tools/vm.  BUILT is then
# where the modules are.
run_kunit() {
	local dir name=${1##*/}
	dir=$(mktemp -d)

	BUILT=
	if check "KUnit's modules for $name" kunit_build "$1" "$dir"; then
		BUILT=$(< "$dir/built")
		check "its tests run on $name" kunit_run "$1" "$dir" "${@:2}"
		check "and all pass on $name" kunit_judge "$dir/ktap"
	fi
	rm -rf "$dir"
}
