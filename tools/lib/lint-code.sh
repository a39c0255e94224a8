# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash disable=SC2154
# Rules of the suite lint that need a tool of their own: coccinelle, clang-tidy, Python.
# S_DIR is source_open's.

# The kernel's semantic patches that a network driver can break.  Not here: those for
# device trees, buses, PCI, clocks and user memory, none of which we touch.
SEMANTIC=(api/{alloc/alloc_cast,alloc/zalloc-simple,atomic_as_refcounter,err_cast,kfree_mismatch}
	api/{kfree_sensitive,kstrdup,kvmalloc,memdup,string_choices} free/{ifnullfree,kfree,kfreeaddr}
	iterators/{itnull,list_entry_update,use_after_iter}
	locks/{call_kern,double_lock,flags,mini_lock}
	misc/{array_size,array_size_dup,badty,boolconv,cond_no_effect,cstptr,do_div,doubleinit}
	misc/{excluded_middle,flexible_array,ifcol,minmax,newline_in_nl_msg,noderef,orplus,returnvar}
	misc/{semicolon,struct_size,swap,test_addr,uninitialized_var,warn}
	null/{deref_null,eno,kmerr} tests/{doublebitand,doubletest,odd_ptr_err,unsigned_lesser_than_zero})

# semantic_patch PATCH FILE...: what it reports of these files.
semantic_patch() {
	local patch=$S_DIR/scripts/coccinelle/$1.cocci options
	shift

	[[ -s $patch ]] || {
		echo "$patch: not there"
		return
	}
	read -r -a options <<< "$(sed -n 's@^// Options: *@@p' "$patch")"
	spatch -D report --very-quiet --timeout 60 "${options[@]}" --cocci-file "$patch" \
		-I include -I include/uapi -I drivers/net/eipoib -I drivers/infiniband/sw/vib "$@" 2>&1
}

# coccinelle: all of them on all C files that become modules.
coccinelle() {
	passed "$S_KEY $(hash_files . drivers include kunit) $(spatch --version)" semantic_patches
}

semantic_patches() {
	local patch said files status=0

	mapfile -t files < <(find drivers kunit -name '*.c' | sort)
	for patch in "${SEMANTIC[@]}"; do
		said=$(semantic_patch "$patch" "${files[@]}")
		[[ -z $said ]] || {
			printf '%s:\n%s\n' "$patch" "$said"
			status=1
		}
	done
	return "$status"
}

# A file with what these must find; else spatch may be looking at nothing.
semantic_patches_can_fail() {
	local file patch status=0
	file=$(mktemp --suffix=.c)

	cat > "$file" <<- 'EOT'
		int f(struct net_device *dev, spinlock_t *lock, int n)
		{
			if (dev)
				kfree(dev);
			dev->mtu = n;
			spin_lock(lock);
			if (!n)
				return 0;
			spin_unlock(lock);
			return 1;
		}
	EOT
	for patch in free/ifnullfree free/kfree locks/mini_lock; do
		[[ -n $(semantic_patch "$patch" "$file") ]] || {
			echo "$patch finds nothing wrong"
			status=1
		}
	done
	rm -f "$file"
	return "$status"
}

CXX_INCLUDES=(-Iinclude -Iinclude/cxx -Iinclude/uapi -Ikunit)
CXX_FREESTANDING=(-ffreestanding -fno-exceptions -fno-rtti)
CXX_WARNINGS=(-std=gnu++20 -Wall -Wextra -Wconversion -Wsign-conversion)

# tidy DIR FILE... -- FLAGS...: clang-tidy, with what decides on its result: all in DIR.
tidy() {
	local dir=$1 files=()
	shift

	while [[ $1 != -- ]]; do
		files+=("$1")
		shift
	done
	passed "$(hash_files . .clang-tidy include kunit "$dir") $(clang-tidy --version)" \
		quiet_tidy "${files[@]}" "$@" "${CXX_WARNINGS[@]}"
}

# quiet_tidy ARGS...: without the count of what it suppressed in headers of others.
quiet_tidy() {
	local log status=0

	log=$(clang-tidy --quiet "$@" 2> /dev/null) || status=$?
	printf '%s' "${log:+$log$'\n'}"
	return "$status"
}

# tidy_core DIR: a module's C++, which is one translation unit.
tidy_core() {
	tidy "$1" "$1/core/all.cpp" -- "${CXX_FREESTANDING[@]}" "${CXX_INCLUDES[@]}" "-I$1" "-I$1/core"
}

tidy_cases() {
	local core=drivers/net/eipoib

	tidy "$core" kunit/tables.cpp -- "${CXX_FREESTANDING[@]}" "${CXX_INCLUDES[@]}" "-I$core" \
		"-I$core/core"
}

tidy_program() {
	tidy "tools/$1" "tools/$1"/*.cpp -- -Iinclude/uapi "-Itools/$1" '-DEIPOIBD_VERSION="1"'
}

tidy_can_fail() {
	local file status=0
	file=$(mktemp --suffix=.cpp)

	echo 'int main(int argc, char **) { const char c = argc; return argc == argc && c; }' > "$file"
	quiet_tidy "--config-file=.clang-tidy" "$file" -- "${CXX_WARNINGS[@]}" || status=$?
	rm -f "$file"
	((status))
}

# python_files: every file of ours that Python reads.
python_files() {
	find tools kunit -type f \( -name '*.py' -o ! -name '*.*' \) -exec \
		awk 'FNR == 1 && (FILENAME ~ /\.py$/ || /^#!.*python/) { print FILENAME } { nextfile }' {} + |
		sort
}

python_rules_can_fail() {
	local dir status=0
	dir=$(mktemp -d)

	echo 'known = 1' > "$dir/there.py"
	printf 'from there import *\nprint(known)\n' > "$dir/good.py"
	printf 'from there import *\nprint(unknown)\n' > "$dir/bad.py"
	tools/lint/names.py "$dir"/{there,good}.py && ! tools/lint/names.py "$dir"/{there,bad}.py ||
		status=1
	rm -rf "$dir"
	return "$status"
}

# Each line names something that is not there.
documents_can_fail() {
	local file status=0
	file=$(mktemp --suffix=.rst)

	while read -r line; do
		echo "$line" > "$file"
		! tools/lint/documents.py "$file" > /dev/null || {
			echo "lets pass: $line"
			status=1
		}
	done <<- 'EOT'
		See ``tools/nothing``.
		See ``core/nothing.cpp``.
		Run ``tools/check nothing``.
		Held by ``unit/eipoib/peer_test.cpp: No.such``.
		As `said before`_.
		As :doc:`nothing` says.
		http://nowhere
	EOT
	rm -f "$file"
	return "$status"
}
