// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// A host as the kernel would describe it, built link by link.
#pragma once

#include <gtest/gtest.h>

#include "planner.hpp"

namespace eipoibd {

using namespace std::chrono_literals;

inline constexpr Mac pif_mac{{0x00, 0x02, 0xc9, 0x43, 0x3b, 0xf1}};
inline constexpr Mac bridge_mac{{0x02, 0, 0, 0, 0, 0xb2}};
inline constexpr std::uint64_t one_fabric = 0xfe80'0000'0000'0000;
inline constexpr std::uint64_t other_fabric = 0xfe80'0000'0000'0001;

constexpr Mac guest_mac(int n)
{
	return {{0x52, 0x54, 0, 0, static_cast<std::uint8_t>(n >> 8),
		 static_cast<std::uint8_t>(n)}};
}

class Scene : public testing::Test {
protected:
	Ifindex add(Link link)
	{
		link.index = {next_++};
		link.is_up = true;
		model_.set(link);
		return link.index;
	}

	void change(Ifindex index, const auto &edit)
	{
		Link link = *model_.find(index);
		edit(link);
		model_.set(link);
	}

	Ifindex add_ib(const std::string &name, std::uint64_t subnet = one_fabric)
	{
		Link link;
		link.name = name;
		link.kind = Kind::ipoib;
		link.subnet = subnet;
		link.pkey = {0xffff};
		return add(link);
	}

	Ifindex add_pif(const std::string &name, Ifindex lower, const Mac &mac = pif_mac)
	{
		Link link;
		link.name = name;
		link.kind = Kind::pif;
		link.lower = lower;
		link.mac = mac;
		return add(link);
	}

	Ifindex add_bridge(const std::string &name, bool is_vlan_aware = false)
	{
		Link link;
		link.name = name;
		link.kind = Kind::bridge;
		link.mac = bridge_mac;
		link.is_vlan_aware = is_vlan_aware;
		return add(link);
	}

	Ifindex add_port(const std::string &name, Ifindex bridge)
	{
		Link link;
		link.name = name;
		link.master = bridge;
		link.mac = Mac{{0xfe, 0x54, 0, 0, 0, static_cast<std::uint8_t>(next_)}};
		return add(link);
	}

	Ifindex add_vlan(const std::string &name, Ifindex lower, std::uint16_t vlan)
	{
		Link link;
		link.name = name;
		link.kind = Kind::vlan;
		link.lower = lower;
		link.mac = model_.find(lower)->mac;
		link.vlan = {vlan};
		return add(link);
	}

	Ifindex add_macvlan(const std::string &name, Ifindex lower, const Mac &mac)
	{
		Link link;
		link.name = name;
		link.kind = Kind::macvlan;
		link.lower = lower;
		link.mac = mac;
		return add(link);
	}

	void enslave(Ifindex port, Ifindex master)
	{
		change(port, [&](Link &link) { link.master = master; });
	}

	// A VIF that is there already, of the P_Key that belongs to @vlan by convention.
	Ifindex add_vif(const std::string &name, Ifindex pif, std::uint16_t index, const Mac &mac,
			std::uint16_t vlan = 0, const std::string &alias = alias_prefix)
	{
		Link link;
		link.name = name;
		link.kind = Kind::ipoib;
		link.lower = model_.find(pif)->lower;
		link.master = pif;
		link.alias = alias;
		link.pkey = {static_cast<std::uint16_t>(vlan ? 0x8000 | vlan : 0xffff)};
		link.clone_index = index;
		link.vif = Vif{.mac = mac, .vlan = {vlan}};
		return add(link);
	}

	void learn(Ifindex bridge, Ifindex port, const Mac &mac, std::uint16_t vlan = 0)
	{
		model_.learn({bridge, mac, {vlan}}, port);
	}

	void set_vlans(Ifindex port, std::initializer_list<std::uint16_t> tagged,
		       std::initializer_list<std::uint16_t> untagged)
	{
		PortVlans vlans;
		for (const auto vlan : tagged)
			vlans.members.set(vlan);
		for (const auto vlan : untagged) {
			vlans.members.set(vlan);
			vlans.untagged.set(vlan);
			vlans.pvid = {vlan};
		}
		model_.set_vlans(port, vlans);
	}

	// Plans and, as the kernel would, does it; says what was done, sorted.
	std::vector<std::string> settle(Planner &planner)
	{
		std::vector<std::string> done;
		for (int i = 0; i < 10; i++) {
			last_ = planner.plan(model_, now_);
			for (const Step &step : last_.steps)
				done.push_back(
					std::visit([&](const auto &s) { return apply(s); }, step));
			if (last_.steps.empty())
				break;
		}
		std::sort(done.begin(), done.end());
		return done;
	}

	std::string apply(const AddVif &step)
	{
		Link link;
		link.name = step.name;
		link.kind = Kind::ipoib;
		link.lower = step.lower;
		link.master = step.binding.pif;
		link.alias = alias_prefix;
		link.pkey = step.pkey ? step.pkey : model_.find(step.lower)->pkey;
		link.clone_index = step.index;
		link.vif = Vif{.mac = step.binding.mac, .vlan = step.binding.vlan};
		add(link);
		return "+" + step.name + " " + text(step.binding);
	}

	std::string apply(const RemoveVif &step)
	{
		const std::string name = model_.name(step.clone);
		model_.erase(step.clone);
		return "-" + name;
	}

	std::string apply(const ProbeVif &step)
	{
		return "?" + model_.name(step.clone);
	}

	std::string text(const Binding &binding) const
	{
		return model_.name(binding.pif) + " " + binding.mac.text() +
		       (binding.vlan ? " " + std::to_string(binding.vlan.value) : "");
	}

	Model model_;
	Time now_{1h};
	Plan last_;

private:
	int next_ = 1;
};

using Steps = std::vector<std::string>;

} // namespace eipoibd
