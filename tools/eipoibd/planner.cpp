// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include "planner.hpp"

#include <algorithm>

#include "names.hpp"

namespace eipoibd {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_delay{250};
constexpr milliseconds longest_delay{60'000};

// A frame takes less to come back to where it came from.
constexpr milliseconds echo{200};

// What a driver in trouble can make us remember.
constexpr std::size_t max_sightings = 4096;

} // namespace

bool is_ours(const Link &clone)
{
	return clone.alias.starts_with(alias_prefix);
}

std::optional<Binding> binding_of(const Link &clone)
{
	if (!clone.vif || !clone.vif->mac)
		return std::nullopt;
	return Binding{clone.master, *clone.vif->mac, clone.vif->vlan};
}

const Link *find_vif(const Model &model, const Binding &binding)
{
	for (const auto &[index, link] : model.links()) {
		if (binding_of(link) == binding)
			return &link;
	}
	return nullptr;
}

bool has_moved_here(milliseconds heard_there, milliseconds heard_here)
{
	return heard_there > heard_here + echo;
}

struct Planner::Round {
	const Model &model;
	Time now;
	Topology topology;
	Demand demand{};
	std::map<Binding, const Link *> vifs{};
	std::set<Binding> kept{}; // what is wanted and allowed
	Plan plan{};

	Round(const Model &m, Time t) : model(m), now(t), topology(m)
	{
		for (const auto &[index, link] : model.links()) {
			if (const auto binding = binding_of(link))
				vifs.emplace(*binding, &link);
		}
	}

	void wake_at(Time time)
	{
		plan.deadline = std::min(plan.deadline.value_or(time), time);
	}
};

void Planner::set_config(Config config)
{
	config_ = std::move(config);
	delays_.clear();
}

Plan Planner::plan(const Model &model, Time now)
{
	Round round(model, now);
	adopt(round);
	round.demand = demand(model, round.topology, config_, sightings_);
	select(round);
	add_missing(round);
	remove_unwanted(round);
	check_sightings(round);
	forget_the_past(round);
	return std::move(round.plan);
}

// What an earlier run made for a source that no bridge knows is in use until it proves idle.
void Planner::adopt(Round &round)
{
	if (has_adopted_)
		return;
	has_adopted_ = true;
	for (const auto &[binding, clone] : round.vifs) {
		if (is_ours(*clone) && !round.topology.is_bridged(binding.outlet()))
			sightings_.try_emplace(binding, Sighting{round.now, clone->tx_packets});
	}
}

const Planner::Delay *Planner::delay_of(Round &round, const Binding &binding) const
{
	const auto at = delays_.find(binding);
	if (at == delays_.end() || at->second.until <= round.now)
		return nullptr;
	round.wake_at(at->second.until);
	return &at->second;
}

// All of the host's own, and of each port as many as it may have: those that have a VIF first.
void Planner::select(Round &round)
{
	using Rank = std::tuple<bool, std::uint64_t, Binding>;
	std::vector<Rank> guests;
	for (const auto &[binding, want] : round.demand) {
		if (want.is_own)
			round.kept.insert(binding);
		else
			guests.emplace_back(!round.vifs.contains(binding), want.order, binding);
	}
	std::sort(guests.begin(), guests.end());

	std::map<Capped, std::size_t> counts;
	for (const auto &[is_new, order, binding] : guests) {
		const Want &want = round.demand.at(binding);
		const Delay *delay = delay_of(round, binding);
		if (delay && delay->obstacle == Obstacle::elsewhere)
			continue;
		const Capped port{want.source, binding.pif};
		if (counts[port] < config_.max_per_port) {
			counts[port]++;
			round.kept.insert(binding);
		} else {
			round.plan.capped.insert(port);
		}
	}
}

namespace {

// A VLAN has one P_Key: that which is in use, if one is.
PKey pkey_of(const Model &model, const Topology &topology, const Config &config,
	     const Binding &binding, const Link &lower)
{
	for (const Ifindex slave : topology.slaves(binding.pif)) {
		const Link *clone = model.find(slave);
		const auto &vif = clone->vif;
		if (!vif || !(vif->mac || vif->is_any) || vif->vlan != binding.vlan)
			continue;
		return partition(clone->pkey) == partition(lower.pkey) ? PKey{} : clone->pkey;
	}
	return config.pkey(binding.vlan);
}

} // namespace

void Planner::add_missing(Round &round)
{
	Names names(round.model, taken_);
	for (const Binding &binding : round.kept) {
		if (round.vifs.contains(binding) || delay_of(round, binding))
			continue;
		const Link *lower = round.model.find(round.model.find(binding.pif)->lower);
		if (!lower)
			continue;
		const PKey pkey = pkey_of(round.model, round.topology, config_, binding, *lower);
		if (auto name = names.take(*lower, pkey)) {
			round.plan.steps.emplace_back(AddVif{binding, round.demand.at(binding),
							     lower->index, std::move(name->text),
							     pkey, name->partition, name->index});
		}
	}
}

void Planner::remove_unwanted(Round &round)
{
	for (const auto &[index, link] : round.model.links()) {
		if (link.kind != Kind::ipoib || !is_ours(link))
			continue;
		const auto binding = binding_of(link);
		if (!binding) {
			remove(round, link, {}); // we died while we made it
			continue;
		}
		if (!config_.has_pif(round.model.name(binding->pif)))
			continue;
		if (round.kept.contains(*binding)) {
			idle_since_.erase(*binding);
			continue;
		}
		const Time since = idle_since_.try_emplace(*binding, round.now).first->second;
		// Somebody else has a contested MAC.
		if (link.vif->is_contested || round.now >= since + config_.linger)
			remove(round, link, binding);
		else
			round.wake_at(since + config_.linger);
	}
}

void Planner::remove(Round &round, const Link &clone, const std::optional<Binding> &binding)
{
	if (!delay_of(round, {clone.index, {}, {}}))
		round.plan.steps.emplace_back(RemoveVif{clone.index, binding});
}

void Planner::check_sightings(Round &round)
{
	for (auto at = sightings_.begin(); at != sightings_.end();) {
		if (is_over(round, at->first)) {
			at = sightings_.erase(at);
			continue;
		}
		const auto &[binding, sighting] = *at++;
		const auto vif = round.vifs.find(binding);
		if (vif == round.vifs.end() || round.topology.is_bridged(binding.outlet()))
			continue;
		const Time end = sighting.checked + config_.idle;
		if (end <= round.now)
			round.plan.steps.emplace_back(ProbeVif{vif->second->index, binding});
		else
			round.wake_at(end);
	}
}

// What is known otherwise, and what has no VIF and gets none: it is seen again if it still sends.
bool Planner::is_over(const Round &round, const Binding &binding)
{
	const auto want = round.demand.find(binding);
	return want == round.demand.end() || want->second.is_own ||
	       !(round.vifs.contains(binding) || round.kept.contains(binding));
}

void Planner::forget_the_past(const Round &round)
{
	std::erase_if(idle_since_,
		      [&](const auto &item) { return !round.vifs.contains(item.first); });
	std::erase_if(delays_, [&](const auto &item) {
		const Binding &binding = item.first;
		return binding.mac == Mac{} ? !round.model.find(binding.pif)
					    : !round.demand.contains(binding);
	});
}

void Planner::see(const Binding &binding, Time now)
{
	if (sightings_.size() < max_sightings)
		sightings_.try_emplace(binding, Sighting{now});
}

void Planner::observe(const Binding &binding, std::uint64_t tx_packets, Time now)
{
	const auto at = sightings_.find(binding);
	if (at == sightings_.end())
		return;
	if (at->second.tx_packets == tx_packets)
		sightings_.erase(at);
	else
		at->second = {now, tx_packets};
}

void Planner::put_off(const Binding &binding, Obstacle obstacle, Time now)
{
	const auto [at, is_first] = delays_.try_emplace(binding, Delay{now, first_delay, obstacle});
	Delay &delay = at->second;
	if (!is_first)
		delay.length = std::min(delay.length * 2, longest_delay);
	delay.until = now + delay.length;
	delay.obstacle = obstacle;
}

void Planner::succeeded(const Binding &binding)
{
	delays_.erase(binding);
}

void Planner::set_taken(const AddVif &step)
{
	taken_.insert({step.lower, step.partition, step.index});
}

} // namespace eipoibd
