// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Structure-aware mutation. libFuzzer knows bytes; what it made of a frame would fail the first
// length or checksum in it nearly always. So most of what follows from the rest of a frame is put
// right afterwards, and some of it is left to lie.
#pragma once

#include "input.hpp"

#include <random>

namespace fuzz {

// What some bytes are.
enum class Form : u8 {
	bytes,
	ethernet,
	link, // what ib_ipoib says of a frame, and the frame
	ip,   // by its version
	wire, // InfiniBand, from the LRH on
	mad,
	smp,	    // an LID, then a MAD
	attributes, // of netlink
};

// Put lengths, checksums and link headers right, each with a chance of 7 in 8.
void repair(Bytes &bytes, Form form, std::minstd_rand &random);

// LLVMFuzzerCustomMutator() of a target whose inputs are events, or one @form.
std::size_t mutate_events(u8 *data, std::size_t size, std::size_t max_size, unsigned seed,
			  Form (*form_of)(const Event &event));
std::size_t mutate_bytes(u8 *data, std::size_t size, std::size_t max_size, unsigned seed,
			 Form form);

// LLVMFuzzerCustomCrossOver() of one whose inputs are events: some of each, in their order.
std::size_t cross_events(const u8 *a, std::size_t a_size, const u8 *b, std::size_t b_size, u8 *out,
			 std::size_t max_size, unsigned seed);

} // namespace fuzz

// Hooks of a target of events.
#define FUZZ_EVENTS(form_of)                                                                       \
	extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t *data, std::size_t size,       \
						       std::size_t max_size, unsigned seed)        \
	{                                                                                          \
		return fuzz::mutate_events(data, size, max_size, seed, form_of);                   \
	}                                                                                          \
	extern "C" std::size_t LLVMFuzzerCustomCrossOver(                                          \
		const std::uint8_t *a, std::size_t a_size, const std::uint8_t *b,                  \
		std::size_t b_size, std::uint8_t *out, std::size_t max_size, unsigned seed)        \
	{                                                                                          \
		return fuzz::cross_events(a, a_size, b, b_size, out, max_size, seed);              \
	}

// The hook of a target of bytes.
#define FUZZ_BYTES(form)                                                                           \
	extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t *data, std::size_t size,       \
						       std::size_t max_size, unsigned seed)        \
	{                                                                                          \
		return fuzz::mutate_bytes(data, size, max_size, seed, form);                       \
	}
