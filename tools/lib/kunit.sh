# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash disable=SC2034
# Read after modules.sh: modules_open() then makes the KUnit modules instead.

BUILD_INPUTS=(drivers/net/eipoib include tools/cxx kunit)
MODULES=(kunit eipoib_kunit mock_ipoib eipoib_glue_kunit)

# Counted in the sources: a table that is left out, or not gone through, is missed.
KUNIT_TABLES=$(cat "$TOP"/kunit/cases/*_cases.hpp | grep -c '{\.name = ')

# kunit_judge KTAP: each suite has as many results as it should, and all are good. A
# suite's results are indented, those of a table's cases twice.
kunit_judge() {
	local suite required passed status=0

	while read -r suite required; do
		[[ $suite != eipoib ]] || required=$((required + KUNIT_TABLES))
		passed=$(sed -n "/^    # Subtest: $suite\$/,/^[a-z ]*ok [0-9]* $suite\$/p" "$1" |
			grep -c '^  *ok [0-9]')
		progress "$suite: $passed/$required"
		((passed == required)) || status=1
	done < <(grep -v '^#' "$TOP/kunit/required")
	! grep -B 6 'not ok ' "$1" && return "$status"
}

# lay_out DIR: our tests, and lib/kunit of the distribution's source, which its
# kernels are built without.  What hangs on hooks in the kernel proper goes:
# task_struct has no room for the current test, nobody announces modules.
lay_out() {
	snapshot_tree "$TOP" "$1" && echo 'obj-m += kunit/' > "$1/Kbuild" &&
		cp "$S_DIR"/lib/kunit/*.[ch] "$1/kunit/lib/" && sed -i \
		-e 's/current->kunit_test/kunit_current/' \
		-e 's/^#include "try-catch-impl.h"/&\nstatic struct kunit *kunit_current;/' \
		-e '/hooks-impl\.h\|&kunit_running\|&kunit_hooks\|kunit_install_hooks/d' \
		-e '/kunit_bus_\|kunit_free_boot_suites/d' \
		-e 's/^#ifdef CONFIG_MODULES\|^#if !IS_MODULE(CONFIG_KUNIT)/#if 0/' \
		"$1/kunit/lib/test.c"
}
