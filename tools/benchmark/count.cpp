// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// A plugin for QEMU that counts what the guest executes: -plugin count.so,out=DIR. Whenever the
// guest executes the instruction of mark.hpp, DIR/N, N = 1, 2 ..., gets a line for each block of
// instructions that has been executed so far: its address in hex, and how many instructions that
// were. What runs below the kernel's half of the addresses is one line, address 0.
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "mark.hpp"
#include "plugin.hpp"

extern "C" {
__attribute__((visibility("default"))) extern const int qemu_plugin_version;
const int qemu_plugin_version = 1;
__attribute__((visibility("default"))) int
qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *, int argc, char **argv);
}

namespace {

constexpr unsigned char mark[] = {EIPOIB_MARK_BYTES};

// By address. QEMU has one host thread for all CPUs, as tools/vm starts it; nodes stay where they
// are.
std::unordered_map<std::uint64_t, std::uint64_t> counters;
std::string directory;
unsigned int marks;

void write_down(unsigned int, void *)
{
	const std::string path = directory + '/' + std::to_string(++marks);
	const std::unique_ptr<std::FILE, int (*)(std::FILE *)> file(std::fopen(path.c_str(), "w"),
								    std::fclose);
	if (!file)
		return;
	for (const auto &[address, count] : counters) {
		if (count)
			std::fprintf(file.get(), "%llx %llu\n",
				     static_cast<unsigned long long>(address),
				     static_cast<unsigned long long>(count));
	}
}

bool is_mark(const qemu_plugin_insn *insn)
{
	return qemu_plugin_insn_size(insn) == sizeof(mark) &&
	       !std::memcmp(qemu_plugin_insn_data(insn), mark, sizeof(mark));
}

void translated(qemu_plugin_id_t, qemu_plugin_tb *tb)
{
	const std::uint64_t address = qemu_plugin_tb_vaddr(tb);
	const std::size_t count = qemu_plugin_tb_n_insns(tb);
	const bool is_kernel = address >> 63;

	qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64,
						 &counters[is_kernel ? address : 0], count);
	for (std::size_t i = 0; i < count && !is_kernel; i++) {
		qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		if (is_mark(insn))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, write_down,
							       QEMU_PLUGIN_CB_NO_REGS, nullptr);
	}
}

} // namespace

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *, int argc, char **argv)
{
	constexpr std::string_view out = "out=";

	if (argc != 1 || !std::string_view(argv[0]).starts_with(out)) {
		std::fputs("count.so: out=DIR is wanted\n", stderr);
		return -1;
	}
	directory = argv[0] + out.size();
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
