# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Runs the guest scripts of tools/e2e, or of another directory, and judges what
# they print.  Their heads:
#     # hosts: N        (default 2)
#     # vm: OPTION...   more options for tools/vm
#     # runs: here      on the host, and starts VMs itself: see tools/lib/vms.sh
# E2E=REGEX in the environment picks some of them, E2E_SHARE=N is their argument: one Nth of all that
# they could do.

# e2e_header SCRIPT FIELD
e2e_header() {
	sed -n "s/^# $2: *//p; /^[^#]/q" "$1"
}

# e2e_vm SCRIPT KERNEL DIR [OPTION...]: run one script; its output, status and
# seconds land in DIR.
e2e_vm() {
	local script=$1 kernel=$2 dir=$3 hosts options status=0 start=$SECONDS
	shift 3

	hosts=$(e2e_header "$script" hosts)
	read -r -a options <<< "$(e2e_header "$script" vm)"
	cd "$TOP" || return
	if [[ $(e2e_header "$script" runs) == here ]]; then
		"$script" "$kernel" "$dir/out" > "$dir/tap" 2> "$dir/stderr" || status=$?
	else
		tools/vm --kernel "$kernel" --hosts "${hosts:-2}" "${options[@]}" "$@" \
			--out "$dir/out" "$script" ${E2E_SHARE:+"$E2E_SHARE"} \
			> "$dir/tap" 2> "$dir/stderr" || status=$?
	fi
	echo "$status" > "$dir/status"
	echo "$((SECONDS - start))" > "$dir/seconds"
	printf '     %s on %s: %s of %s ok, %s s\n' "${script##*/}" "${kernel##*/}" \
		"$(grep -c '^ok ' "$dir/tap")" "$(tap_plan "$dir/tap")" "$(< "$dir/seconds")" >&3
}

# tap_plan FILE: how many results the plan promises.
tap_plan() {
	sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$1" | tail -n 1
}

# e2e_judge DIR: complain unless the script succeeded and kept to its plan.
e2e_judge() {
	local plan good

	plan=$(tap_plan "$1/tap")
	good=$(grep -c '^ok ' "$1/tap")
	if grep -q '^not ok' "$1/tap"; then
		sed -n '/^not ok/,/^ok /p' "$1/tap" | grep -v '^ok '
	elif [[ -z $plan ]]; then
		echo "no plan: it broke off after:"
		tail -n 5 "$1/tap"
	elif ((plan == 0 || plan != good)); then
		echo "the plan is $plan, but $good are ok"
	elif [[ $(< "$1/status") == 0 ]]; then
		return
	fi
	tail -n 60 "$1/stderr"
	echo "status $(< "$1/status")"
	return 1
}

# run_e2e KERNEL [FOLDER [OPTION...]]: all scripts of tools/FOLDER, two at a time, with
# these options for tools/vm.
run_e2e() {
	local kernel=$1 folder=${2:-e2e} options=("${@:3}") dir scripts=() script name
	dir=$(mktemp -d)

	for script in "$TOP/tools/$folder"/[0-9][0-9]*-*.sh; do
		[[ ! ${script##*/} =~ ${E2E:-.} ]] || scripts+=("$script")
	done
	# Built once, not by two at a time.
	check "modules for ${kernel##*/}" "$TOP/tools/build" --kernel "$kernel" || return
	export -f e2e_vm e2e_header tap_plan
	export TOP
	for script in "${scripts[@]}"; do
		name=$(basename "$script" .sh)
		mkdir "$dir/$name"
		printf '%s\0' "$script" "$kernel" "$dir/$name" "${options[@]}"
	done | xargs -0 -r -n $((3 + ${#options[@]})) -P 2 bash -c 'e2e_vm "$@"' -
	for script in "${scripts[@]}"; do
		name=$(basename "$script" .sh)
		echo "### $name"
		cat "$dir/$name/tap"
		check "$name on ${kernel##*/}" e2e_judge "$dir/$name"
	done
	if ((SUITE_FAILED)); then
		progress "consoles and logs are in $dir"
	else
		rm -rf "$dir"
	fi
}
