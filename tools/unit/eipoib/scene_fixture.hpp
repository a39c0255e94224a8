// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The scene of kunit/cases/scene.hpp, set up.
#pragma once

#include "fixture.hpp"

#include "cases/scene.hpp"

#include <map>

namespace unit {

class SceneTest : public CoreTest {
protected:
	void SetUp() override
	{
		CoreTest::SetUp();
		vif_[0x48] = add_bound(0x48, "0002c9433bf1");
		vif_[0x49] = add_bound(0x49, "52540067e9bd");
		vif_[0x4a] = add_bound(0x4a, "0002c9433bf1", 3, 0x8003);
		vif_[0x4d] = add_bound(0x4d, "any", 5, 0x8005);
		for (const eipoib::cases::Teaching &t : eipoib::cases::teachings)
			ASSERT_EQ(outcome(rx(vif_[t.vif_qpn], from_hex(t.frame), true)), t.outcome);
		reset_calls();
	}

	std::map<u32, eipoib_vif *> vif_;
};

inline std::string normal(const std::string &hex)
{
	const Bytes bytes = from_hex(hex);
	return to_hex(bytes.data(), bytes.size());
}

} // namespace unit
