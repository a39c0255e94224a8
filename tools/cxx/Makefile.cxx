# SPDX-License-Identifier: GPL-2.0
# Freestanding C++ objects for Kbuild.  Include this from a Kbuild file:
#     include $(dir $(lastword $(MAKEFILE_LIST)))cxx/Makefile.cxx
# and list foo.o in <module>-y as usual; foo.cpp is found next to the C sources.

cxx-dir := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))

# The C++ driver of the same compiler that builds the C objects.
KBUILD_CXX ?= $(subst clang,clang++,$(subst gcc,g++,$(CC)))

# Only the compiler's own headers: libstdc++ and the builtin ones, never libc's.
cxx-stdinc := $(shell $(KBUILD_CXX) -E -v -x c++ /dev/null 2>&1 >/dev/null | \
		sed -n -E 's@^ (/.*/(c\+\+|lib/gcc|lib/clang)/[^ ]*)$$@-isystem \1@p')

cxx-dialect := -std=gnu++20 -ffreestanding -fno-exceptions -fno-rtti \
	       -fno-threadsafe-statics -fno-use-cxa-atexit -fvisibility-inlines-hidden \
	       $(if $(CONFIG_CC_IS_GCC),-fno-gnu-unique)

cxx-warn := -Wall -Wextra -Wconversion -Wsign-conversion -Wundef -Wvla -Wshadow \
	    -Wcast-function-type -Wimplicit-fallthrough=5 -Wmissing-declarations \
	    -Wnon-virtual-dtor -Woverloaded-virtual -Wsuggest-override \
	    -Wframe-larger-than=$(or $(CONFIG_FRAME_WARN),2048) -Werror=return-type -Werror=vla

# Kbuild's code-generation flags for this object (arch, mitigations, ftrace, sanitizers,
# ccflags-y, CFLAGS_foo.o, -DMODULE ...) without the C dialect and the C warning set.
cxx-kflags = $(filter-out -std=% -W%,$(_c_flags) $(modkern_cflags)) \
	     $(filter -Wa$(comma)%,$(_c_flags) $(modkern_cflags))

# pahole cannot encode C++ types and deletes the .ko (kernels whose headers ship a vmlinux, 6.12+):
# line tables and function names only.
cxx-debug-$(CONFIG_DEBUG_INFO_BTF_MODULES) := -g1

cxx_flags = -Wp,-MMD,$(depfile) -nostdinc -nostdinc++ \
	    -isystem $(cxx-dir)/include $(cxx-stdinc) \
	    $(cxx-kflags) $(cxx-dialect) $(cxx-warn) $(cxx-debug-y) $(cxxflags-y) $(CXXFLAGS_$(target-stem).o) \
	    $(basename_flags) $(modname_flags)

# Fail on what a module cannot have: dynamic initialisation, guards, atexit, unwinding.
cmd_cxx_check = $(CONFIG_SHELL) $(cxx-dir)/check-cxx-object "$(NM)" "$(OBJDUMP)" $@

# Dissolve COMDAT groups while each object still stands alone.  Otherwise ld -r throws away the
# second copy of an inline function and fails on what points into it from outside its group:
# __mcount_loc, __patchable_function_entries, .orc_unwind_ip, .return_sites, ...
cmd_cxx_ungroup = $(if $(CONFIG_LD_IS_BFD), ; \
	$(LD) $(KBUILD_LDFLAGS) -r --force-group-allocation -o $(tmp-target) $@ ; mv $(tmp-target) $@)

quiet_cmd_cxx_o_cpp = CXX $(quiet_modtag) $@
      cmd_cxx_o_cpp = $(KBUILD_CXX) $(cxx_flags) -c -o $@ $< $(cmd_cxx_ungroup) $(cmd_objtool)

define rule_cxx_o_cpp
	$(call cmd_and_fixdep,cxx_o_cpp)
	$(call cmd,gen_objtooldep)
	$(call cmd,cxx_check)
endef

$(obj)/%.o: $(src)/%.cpp FORCE
	$(call if_changed_rule,cxx_o_cpp)

quiet_cmd_cxx_s_cpp = CXX $(quiet_modtag) $@
      cmd_cxx_s_cpp = $(KBUILD_CXX) $(cxx_flags) -fverbose-asm -S -o $@ $<

$(obj)/%.s: $(src)/%.cpp FORCE
	$(call if_changed_dep,cxx_s_cpp)
