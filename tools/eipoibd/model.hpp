// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// What is known of this network namespace: links, VLANs of bridge ports, and the MACs that bridges
// have learnt. It decides nothing.
#pragma once

#include <bitset>
#include <map>

#include "types.hpp"

namespace eipoibd {

enum class Kind : std::uint8_t { other, pif, ipoib, bridge, vlan, bond, macvlan };

// What a clone is as slave of a PIF.
struct Vif {
	std::optional<Mac> mac; // none: not bound, or to any
	VlanId vlan;
	bool is_any = false;
	bool is_contested = false;
};

struct Link {
	Ifindex index;
	std::string name;
	Kind kind = Kind::other;
	Ifindex lower; // none if it is in another namespace
	Ifindex master;
	std::optional<Mac> mac;
	std::string alias;
	bool is_up = false;
	bool is_forwarding = true; // as port of a bridge
	std::uint64_t tx_packets = 0;

	VlanId vlan;		     // of a VLAN device
	bool is_8021q = true;	     // the tags of a VLAN device or of a bridge
	bool is_vlan_aware = false;  // a bridge
	bool has_one_active = false; // a bond
	Ifindex active;		     // of these

	std::optional<std::uint64_t> subnet; // prefix of an IPoIB interface's GID
	PKey pkey;			     // of an IPoIB interface
	std::uint16_t clone_index = 0;
	std::optional<Vif> vif; // a clone under a PIF
};

// The VLANs of a VLAN-aware bridge's port, or of the bridge itself.
struct PortVlans {
	std::bitset<4096> members;
	std::bitset<4096> untagged; // leave without a tag
	VlanId pvid;
};

// A MAC that a bridge knows at one of its ports; no port's own one.
struct FdbKey {
	Ifindex bridge;
	Mac mac;
	VlanId vlan; // none unless the bridge is VLAN-aware

	friend auto operator<=>(const FdbKey &, const FdbKey &) = default;
};

struct FdbEntry {
	Ifindex port;
	std::uint64_t order; // in which they came
};

class Model {
public:
	void set(Link link);
	void erase(Ifindex index);
	void set_vlans(Ifindex port, const PortVlans &vlans);
	void erase_vlans(Ifindex port);
	void set_forwarding(Ifindex port, bool is_forwarding);
	void learn(const FdbKey &key, Ifindex port);
	void forget(const FdbKey &key);

	const Link *find(Ifindex index) const;
	const Link *find(const std::string &name) const;
	const PortVlans &vlans(Ifindex port) const;
	const FdbEntry *find(const FdbKey &key) const;

	// What anybody calls it.
	std::string name(Ifindex index) const;

	const std::map<Ifindex, Link> &links() const
	{
		return links_;
	}

	const std::map<FdbKey, FdbEntry> &fdb() const
	{
		return fdb_;
	}

private:
	std::map<Ifindex, Link> links_;
	std::map<Ifindex, PortVlans> vlans_;
	std::map<FdbKey, FdbEntry> fdb_;
	std::uint64_t order_ = 0;
};

} // namespace eipoibd
