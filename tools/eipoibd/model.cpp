// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include "model.hpp"

namespace eipoibd {

void Model::set(Link link)
{
	const Ifindex index = link.index;
	links_.insert_or_assign(index, std::move(link));
}

void Model::erase(Ifindex index)
{
	links_.erase(index);
	vlans_.erase(index);
	std::erase_if(fdb_, [&](const auto &item) {
		return item.first.bridge == index || item.second.port == index;
	});
}

void Model::set_vlans(Ifindex port, const PortVlans &vlans)
{
	vlans_.insert_or_assign(port, vlans);
}

void Model::erase_vlans(Ifindex port)
{
	vlans_.erase(port);
}

void Model::set_forwarding(Ifindex port, bool is_forwarding)
{
	if (const auto at = links_.find(port); at != links_.end())
		at->second.is_forwarding = is_forwarding;
}

void Model::learn(const FdbKey &key, Ifindex port)
{
	const auto [at, is_new] = fdb_.try_emplace(key, FdbEntry{port, order_});
	if (is_new)
		order_++;
	else
		at->second.port = port;
}

void Model::forget(const FdbKey &key)
{
	fdb_.erase(key);
}

const Link *Model::find(Ifindex index) const
{
	const auto at = links_.find(index);
	return at == links_.end() ? nullptr : &at->second;
}

const Link *Model::find(const std::string &name) const
{
	for (const auto &[index, link] : links_) {
		if (link.name == name)
			return &link;
	}
	return nullptr;
}

const PortVlans &Model::vlans(Ifindex port) const
{
	static const PortVlans none;
	const auto at = vlans_.find(port);
	return at == vlans_.end() ? none : at->second;
}

const FdbEntry *Model::find(const FdbKey &key) const
{
	const auto at = fdb_.find(key);
	return at == fdb_.end() ? nullptr : &at->second;
}

std::string Model::name(Ifindex index) const
{
	const Link *link = find(index);
	return link ? link->name : "#" + std::to_string(index.value);
}

} // namespace eipoibd
