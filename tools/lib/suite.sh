# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# For the files in tools/suites.  A suite is an executable that says in its head
#     # about: one line            # default: yes or no
#     # needs: packages or groups  # order: a number, small ones run first
# writes its log to standard output, progress through check and progress, and
# ends in suite_end.

. "${BASH_SOURCE[0]%/*}/common.sh"
. "$TOP/tools/lib/packages.sh"

SUITE_PASSED=0
SUITE_FAILED=0
SUITE_OUTPUT=$(mktemp)
trap 'rm -f "$SUITE_OUTPUT"' EXIT
# Progress goes to tools/check's output; without tools/check, to the log.
{ true >&3; } 2> /dev/null || exec 3>&1

progress() {
	printf '     %s\n' "$*" >&3
}

# check TEXT CMD...: one check of the suite.  CMD's output goes to the log, and
# to the progress if CMD fails.
check() {
	local text=$1 status=0
	shift

	echo "## $text"
	"$@" > "$SUITE_OUTPUT" 2>&1 || status=$?
	cat "$SUITE_OUTPUT"
	if ((status)); then
		SUITE_FAILED=$((SUITE_FAILED + 1))
		progress "FAILED: $text (status $status)"
		tail -n 80 "$SUITE_OUTPUT" | sed 's/^/     | /' >&3
	else
		SUITE_PASSED=$((SUITE_PASSED + 1))
		progress "ok: $text"
	fi
	return "$status"
}

# suite_end: exit with the suite's status; a suite that checked nothing failed.
suite_end() {
	echo "## $SUITE_PASSED passed, $SUITE_FAILED failed"
	((SUITE_FAILED == 0 && SUITE_PASSED > 0))
	exit
}
