// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The C face of what belongs to links: faults, checksums, captures.

#include "crc.hpp"
#include "fabric.hpp"
#include "packet.hpp"
#include "pcap.hpp"

namespace {

vib::Faults &faults_of(vib_fabric *fabric, u32 hca, u32 direction)
{
	return fabric->hca[hca].faults[direction];
}

const vib::Faults &faults_of(const vib_fabric *fabric, u32 hca, u32 direction)
{
	return fabric->hca[hca].faults[direction];
}

} // namespace

void vib_fault_set(vib_fabric *fabric, u32 hca, u32 direction, u32 fault, u32 value)
{
	faults_of(fabric, hca, direction).set(fault, value);
}

u32 vib_fault_get(const vib_fabric *fabric, u32 hca, u32 direction, u32 fault)
{
	return faults_of(fabric, hca, direction).get(fault);
}

u64 vib_fault_count(const vib_fabric *fabric, u32 hca, u32 direction, u32 fault)
{
	return faults_of(fabric, hca, direction).count(fault);
}

void vib_fault_seed(vib_fabric *fabric, u32 hca, u32 direction, u64 seed)
{
	faults_of(fabric, hca, direction).seed(seed);
}

void vib_link_fate(vib_fabric *fabric, u32 hca, u32 direction, const u8 *wire, u32 len,
		   vib_fate *fate)
{
	const auto lrh = kxx::ByteView(wire, len).load<vib::wire::Lrh>();

	// What an HCA sends to itself is on no link.
	if (direction == VIB_OUTBOUND && lrh && fabric->hca[hca].port.owns(lrh->dlid.get()))
		*fate = vib::UNHARMED;
	else
		*fate = faults_of(fabric, hca, direction).fate(len);
}

void vib_damage(u8 *wire, u32 len, u32 flip)
{
	vib_seal(wire, len);
	wire[flip / 8] ^= static_cast<u8>(1 << flip % 8);
}

void vib_seal(u8 *wire, u32 len)
{
	vib::seal({wire, size_t{len} + VIB_VCRC_LEN});
}

bool vib_is_intact(const u8 *wire, u32 len)
{
	return vib::is_intact({wire, len});
}

void vib_pcap_head(bool erf, u8 *out)
{
	const vib::PcapHead head{.link_type = vib::PcapHead::type(erf)};
	__builtin_memcpy(out, &head, sizeof(head));
}

u32 vib_pcap_record(bool erf, u64 now, u32 len, u8 *out)
{
	const vib::ErfHead inner(now, len);
	const u32 more = erf ? sizeof(inner) : 0;
	const vib::PcapRecord record(now, len + more);

	__builtin_memcpy(out, &record, sizeof(record));
	__builtin_memcpy(out + sizeof(record), &inner, more);
	return sizeof(record) + more;
}
