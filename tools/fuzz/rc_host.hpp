// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// What the core of vib asks of the glue for a reliable connection: vib_k_rc_*() as a class.
#pragma once

#include "abi_rc.h"

namespace fuzz {

class RcHost {
public:
	virtual ~RcHost() = default;

	virtual int gather(u32 seq, u32 offset, u8 *to, u32 len) = 0;
	virtual int scatter(u32 seq, u32 offset, const u8 *from, u32 len) = 0;
	virtual int local(u32 seq) = 0;
	virtual void sent(u32 seq, int status) = 0;
	virtual u32 buffers() const = 0;
	virtual bool take() = 0;
	virtual int fill(u32 offset, const u8 *from, u32 len) = 0;
	virtual void received(const vib_rc_received &how) = 0;
	virtual bool may_access(u32 key, u64 address, u32 len, u8 access) const = 0;
	virtual u8 *at(u64 address) = 0; // that may be accessed
	virtual bool may_invalidate(u32 key) const = 0;
	virtual void broken() = 0;
};

// Zeroed, always the same memory: for each input new memory takes longer than the input.
vib_fabric *fresh_fabric();

} // namespace fuzz
