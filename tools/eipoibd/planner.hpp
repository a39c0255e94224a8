// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Compares what there is with what there should be. It remembers only what the kernel does not:
// since when a VIF is not needed, and what did not work.
#pragma once

#include <set>
#include <variant>

#include "demand.hpp"

namespace eipoibd {

// Clones whose alias begins so are ours, and nothing else is.
inline constexpr const char *alias_prefix = "eipoibd";

bool is_ours(const Link &clone);

// What a clone is bound to, if it is.
std::optional<Binding> binding_of(const Link &clone);

// The clone that is bound to it, or nullptr.
const Link *find_vif(const Model &model, const Binding &binding);

// Make a clone and a VIF of it.
struct AddVif {
	Binding binding;
	Want want;
	Ifindex lower;
	std::string name;
	PKey pkey; // none: that of lower
	PKey partition;
	std::uint16_t index;
};

struct RemoveVif {
	Ifindex clone;
	std::optional<Binding> binding;
};

// See whether it still sends, and say so with Planner::observe().
struct ProbeVif {
	Ifindex clone;
	Binding binding;
};

using Step = std::variant<AddVif, RemoveVif, ProbeVif>;

// A port that has more MACs than it may have.
struct Capped {
	Ifindex port;
	Ifindex pif;

	friend auto operator<=>(const Capped &, const Capped &) = default;
};

struct Plan {
	std::vector<Step> steps;
	std::optional<Time> deadline; // when to plan again, whatever happens
	std::set<Capped> capped;
};

// Whether a MAC that a peer has been heard under is here now: it was heard here after it was heard
// there, and not just because the one heard the other.
bool has_moved_here(std::chrono::milliseconds heard_there, std::chrono::milliseconds heard_here);

enum class Obstacle : std::uint8_t {
	failure,   // the kernel refused
	elsewhere, // a peer has the MAC
};

class Planner {
public:
	explicit Planner(Config config) : config_(std::move(config))
	{
	}

	const Config &config() const
	{
		return config_;
	}

	void set_config(Config config);

	Plan plan(const Model &model, Time now);

	// A PIF has no VIF for that source.
	void see(const Binding &binding, Time now);

	// The answer to ProbeVif.
	void observe(const Binding &binding, std::uint64_t tx_packets, Time now);

	// The step did not work, or must not be done now: not again before some time has passed,
	// which grows. A clone that cannot be removed is put off as the binding of nothing to it.
	void put_off(const Binding &binding, Obstacle obstacle, Time now);

	// It worked.
	void succeeded(const Binding &binding);

	// Somebody whom we do not see has a clone with that index.
	void set_taken(const AddVif &step);

private:
	struct Delay {
		Time until;
		std::chrono::milliseconds length;
		Obstacle obstacle;
	};

	struct Round; // one call of plan()

	void adopt(Round &round);
	void select(Round &round);
	void add_missing(Round &round);
	void remove_unwanted(Round &round);
	void remove(Round &round, const Link &clone, const std::optional<Binding> &binding);
	void check_sightings(Round &round);
	static bool is_over(const Round &round, const Binding &binding);
	void forget_the_past(const Round &round);
	const Delay *delay_of(Round &round, const Binding &binding) const;

	Config config_;
	Sightings sightings_;
	std::map<Binding, Time> idle_since_;
	std::map<Binding, Delay> delays_;
	std::set<std::tuple<Ifindex, PKey, std::uint16_t>> taken_;
	bool has_adopted_ = false;
};

} // namespace eipoibd
