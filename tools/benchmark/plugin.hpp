// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// What this plugin uses of QEMU's interface for TCG plugins, version 1. Debian has no header for
// it.
#ifndef EIPOIB_BENCHMARK_PLUGIN_HPP
#define EIPOIB_BENCHMARK_PLUGIN_HPP

#include <cstddef>
#include <cstdint>

extern "C" {

using qemu_plugin_id_t = std::uint64_t;
struct qemu_info_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };

using translation_cb = void (*)(qemu_plugin_id_t, qemu_plugin_tb *);
using execution_cb = void (*)(unsigned int vcpu, void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, translation_cb);
void qemu_plugin_register_vcpu_tb_exec_inline(qemu_plugin_tb *, qemu_plugin_op, void *counter,
					      std::uint64_t addend);
void qemu_plugin_register_vcpu_insn_exec_cb(qemu_plugin_insn *, execution_cb, qemu_plugin_cb_flags,
					    void *data);
std::size_t qemu_plugin_tb_n_insns(const qemu_plugin_tb *);
std::uint64_t qemu_plugin_tb_vaddr(const qemu_plugin_tb *);
qemu_plugin_insn *qemu_plugin_tb_get_insn(const qemu_plugin_tb *, std::size_t index);
const void *qemu_plugin_insn_data(const qemu_plugin_insn *);
std::size_t qemu_plugin_insn_size(const qemu_plugin_insn *);

} // extern "C"

#endif
