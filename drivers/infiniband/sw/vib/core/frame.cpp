// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// What an adapter that carries IPoIB itself has to know of a frame that arrives.

#include "abi_offload.h"
#include "inet_wire.hpp"
#include "wire.hpp"

#include <optional>

namespace vib {
namespace {

// The GID in an IPoIB address (RFC 4391 section 9.1.1), behind flags and queue pair number.
bool is_gid_of(const wire::Gid &gid, const u8 *address)
{
	return !__builtin_memcmp(&gid, address + 4, sizeof(gid));
}

u32 qpn_of(const u8 *address)
{
	return static_cast<u32>(address[1]) << 16 | static_cast<u32>(address[2]) << 8 | address[3];
}

u8 kind_of(const wire::Grh &grh, const vib_frame_context &context)
{
	if (!grh.dgid.is_multicast())
		return VIB_FRAME_HOST;
	if (context.src_qpn == qpn_of(context.own) && is_gid_of(grh.sgid, context.own))
		return VIB_FRAME_NONE;
	return is_gid_of(grh.dgid, context.broadcast) ? VIB_FRAME_BROADCAST : VIB_FRAME_MULTICAST;
}

} // namespace
} // namespace vib

vib_frame vib_frame_describe(const vib_frame_context *context, const u8 *bytes, u32 len)
{
	const kxx::ByteView view(bytes, len);
	const auto ipoib = view.load<vib::inet::Ipoib>(VIB_GRH_LEN);
	vib_frame frame{.kind = VIB_FRAME_NONE, .protocol = 0};

	if (!ipoib)
		return frame;
	frame.protocol = __builtin_bit_cast(u16, ipoib->type);
	frame.kind = context->has_grh ? vib::kind_of(*view.load<vib::wire::Grh>(), *context)
				      : u8{VIB_FRAME_HOST};
	return frame;
}
