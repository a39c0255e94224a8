// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Fault injection: the dice.

#include "fault.hpp"

namespace vib {

namespace {

// All bits of the result depend on all bits of @value (the finaliser of SplitMix64).
constexpr u64 mix(u64 value)
{
	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
	value = (value ^ value >> 27) * 0x94d049bb133111eb;
	return value ^ value >> 31;
}

} // namespace

void Faults::set(u32 fault, u32 value)
{
	bool any = false;

	settings_[fault].store(value);
	for (const Shared<u32> &setting : settings_)
		any |= setting.load() != 0;
	any_.store(any);
}

void Faults::seed(u64 seed)
{
	seed_.store(seed);
	packets_.store(0);
}

u64 Faults::draw(u64 packet, u32 fault) const
{
	return mix(mix(seed_.load() + packet) + fault + 1);
}

bool Faults::strikes(u64 packet, u32 fault)
{
	// The upper half: the lower one chooses the bit that flips.
	if ((draw(packet, fault) >> 32) % VIB_FAULT_SCALE >= settings_[fault].load())
		return false;
	counts_[fault].add(1);
	return true;
}

vib_fate Faults::fate(size_t size)
{
	vib_fate fate = UNHARMED;

	if (!any_.load())
		return fate;
	const u64 packet = packets_.add(1);
	if (strikes(packet, VIB_FAULT_LOSS)) {
		fate.copies = 0;
		return fate;
	}
	if (strikes(packet, VIB_FAULT_DUPLICATE))
		fate.copies = 2;
	if (strikes(packet, VIB_FAULT_CORRUPT)) {
		fate.is_damaged = true;
		fate.flip = static_cast<u32>(draw(packet, VIB_FAULT_CORRUPT)) %
			    static_cast<u32>((size + VIB_VCRC_LEN) * 8);
	}
	if (const u64 delay = settings_[VIB_FAULT_DELAY].load()) {
		counts_[VIB_FAULT_DELAY].add(1);
		fate.delay = delay * 1000;
	}
	if (strikes(packet, VIB_FAULT_REORDER))
		fate.delay += VIB_REORDER_NS;
	return fate;
}

} // namespace vib
