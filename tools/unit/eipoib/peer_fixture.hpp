// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// One VIF, 00:02:c9:43:3b:f1 on QPN 000048, and peers that send it frames made to order.
#pragma once

#include "fixture.hpp"

namespace unit {

inline std::string hex(u64 value, int digits)
{
	char text[20];
	snprintf(text, sizeof(text), "%0*llx", digits, static_cast<unsigned long long>(value));
	return text;
}

inline std::string gid(u64 guid)
{
	return "fe80000000000000" + hex(guid, 16);
}

// A remote queue pair.
struct Peer {
	u32 qpn;
	u64 guid;
	u16 lid;

	std::string address() const
	{
		return "80" + hex(qpn, 6) + gid(guid);
	}

	std::string link(const char *ethertype, bool has_grh) const
	{
		return (has_grh ? "01" : "00") + hex(qpn, 6) +
		       (has_grh ? gid(guid) : std::string(32, '0')) + ethertype + hex(lid, 4);
	}

	std::string remac(u8 variant = 2) const
	{
		return hex(variant, 2) + hex(qpn, 6) + hex(lid, 4);
	}

	// The payload of an ARP packet, @trailer behind it.
	std::string arp(const char *operation, const char *ip, const std::string &target,
			const std::string &trailer) const
	{
		return std::string("0020 0800 14 04") + operation + address() + ip + target +
		       "0a000001" + trailer;
	}
};

inline std::string announcement(u8 flags, const std::string &sender,
				const std::string &target = "000000000000")
{
	return "65495042 01" + hex(flags, 2) + sender + target;
}

inline const char *const mac_of_vif = "0002c9433bf1";

class PeerFixture : public CoreTest {
protected:
	static constexpr u8 teb = 1, request = 2, bare = 4;
	static inline const std::string nobody = std::string(40, '0');
	static inline const std::string to_all = "00ffffffff12401bffff000000000000ffffffff";

	void SetUp() override
	{
		CoreTest::SetUp();
		vif_ = add_bound(0x48, mac_of_vif);
		take_vif_calls();
	}

	// A broadcast ARP request of @peer from 10.0.0.2.
	std::string arp(const Peer &peer, const std::string &trailer = "", bool has_grh = true)
	{
		return outcome(rx(vif_,
				  from_hex(peer.link("0806", has_grh) +
					   peer.arp("0001", "0a000002", nobody, trailer)),
				  true));
	}

	// A bare announcement of @peer to the VIF or to all.
	std::string announce(const Peer &peer, const std::string &mac, u8 flags = teb,
			     const std::string &target = "000000000000", bool is_group = true)
	{
		return outcome(rx(vif_,
				  from_hex(peer.link("8035", is_group) +
					   peer.arp("0003", "00000000", peer.address(),
						    announcement(flags | bare, mac, target))),
				  is_group));
	}

	// A transparent frame of @peer.
	std::string transparent(const Peer &peer, const std::string &from,
				const std::string &to = "ffffffffffff", bool is_group = true)
	{
		return outcome(rx(vif_,
				  from_hex(peer.link("6558", is_group) + to + from + "88b501"),
				  is_group));
	}

	// The source MAC that a translated unicast frame of @peer enters ethX with.
	std::string source_of(const Peer &peer)
	{
		const auto plan = rx(vif_, from_hex(peer.link("0800", false) +
						    "4500001400000000 40010000 0a000002 0a000001"));
		return plan.verdict == EIPOIB_FORWARD ? to_hex(plan.header + 6, 6) : outcome(plan);
	}

	static Bytes ipv4_to(const std::string &mac, std::size_t length = 34,
			     const std::string &from = mac_of_vif)
	{
		Bytes frame = from_hex(mac + from +
				       "0800 4500001400000000 40010000 0a000001"
				       "0a000002");
		frame.resize(length);
		return frame;
	}

	// The 20-byte address that an IPv4 frame to @mac leaves for, marked "teb" if it is
	// transparent, or why it does not leave.
	static std::string way(const TxResult &plan)
	{
		if (plan.verdict == EIPOIB_HOLD && plan.flags & EIPOIB_PLAN_FLOOD) {
			EXPECT_EQ(to_hex(plan.header, 24), to_all + "65580000");
			EXPECT_EQ(plan.pull, 0);
			return "flooded and held";
		}
		if (plan.verdict != EIPOIB_FORWARD)
			return outcome(plan);
		const std::string address = to_hex(plan.header, 20);
		if (address == to_all)
			return plan.flags & EIPOIB_PLAN_TEB ? "flooded" : "broadcast";
		return (plan.flags & EIPOIB_PLAN_TEB ? "teb " : "") + address;
	}

	std::string way_to(const std::string &mac, bool is_held = false)
	{
		return way(tx(ipv4_to(mac), {.is_held = is_held}));
	}

	// The bare announcement at the end of @sent's payload, and that it is one.
	static std::string said(const Sent &sent)
	{
		EXPECT_EQ(sent.header.substr(40), "80350000");
		EXPECT_EQ(sent.payload.substr(0, 16), "0020080014040003");
		EXPECT_EQ(sent.payload.size(), 2u * 74);
		return sent.payload.substr(112);
	}

	static std::string plain(const std::string &spaced)
	{
		const Bytes bytes = from_hex(spaced);
		return to_hex(bytes.data(), bytes.size());
	}

	eipoib_vif *vif_ = nullptr;
};

} // namespace unit
