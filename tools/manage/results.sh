# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# For guest scripts some of whose tests are in a program.

# results CMD...: each line that CMD prints is a result: "ok TEXT", or "not ok TEXT", a tab and why.
results() {
	local verdict text why count=0

	exec {results}< <("$@" 2>&1 || echo "not ok $*	status $?")
	while IFS=$'\t' read -r -u "$results" text why; do
		case $text in
		'not ok '*) verdict=1 ;;
		'ok '*) verdict=0 ;;
		*) verdict=1 why=$text text="not ok $1" ;;
		esac
		tap_result "${text#*ok }" "$verdict" "$why"
		count=$((count + 1))
	done
	exec {results}<&-
	((count)) || not_ok "$*" "it printed nothing"
}
