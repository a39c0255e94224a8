// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The instruction that tells the plugin to write down what it has counted: a NOP of eight bytes
// whose displacement nobody else uses.
#ifndef EIPOIB_BENCHMARK_MARK_HPP
#define EIPOIB_BENCHMARK_MARK_HPP

#define EIPOIB_MARK_BYTES 0x0f, 0x1f, 0x84, 0x00, 0x65, 0x69, 0x70, 0x6f
#define EIPOIB_STRING(...) #__VA_ARGS__
#define EIPOIB_BYTES(...) EIPOIB_STRING(__VA_ARGS__)

#endif
