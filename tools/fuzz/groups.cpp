// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Group memberships: whatever is reported, netdevices join and leave each group once and in the
// end have left all of them.

#include "events.hpp"
#include "mutate.hpp"
#include "port.hpp"

#include "groups.hpp"

#include <cstring>

using namespace eipoib;
using namespace fuzz;

namespace {

char devices[4];

// What a packet can tell at most: a group for each 8 bytes, with its membership and reporter.
constexpr std::size_t allocations_of(std::size_t packet)
{
	return 3 * (1 + packet / 8);
}

class Groups {
public:
	Groups()
	{
		must(table_.try_init(), "initialised");
	}

	~Groups()
	{
		unit::never_fail_allocation();
		table_.destroy(config());
		for (char &device : devices)
			must(unit::joined_groups(&device).empty(), "every group is left");
	}

	Groups(const Groups &) = delete;
	Groups &operator=(const Groups &) = delete;

	void happen(const Event &event);

private:
	static ConfigUpdater config()
	{
		return ConfigUpdater::promised_by_caller();
	}

	void designate(wire::PartitionId partition, char *device)
	{
		char *&designated = designated_[partition.value];
		char *const before = designated;
		if (!users_[partition.value])
			return;
		designated = device;
		table_.designate(partition, device);
		if (before)
			table_.retire(partition, before);
	}

	void remove(wire::PartitionId partition)
	{
		if (!users_[partition.value])
			return;
		if (users_[partition.value] == 1)
			designate(partition, nullptr);
		users_[partition.value]--;
		table_.remove_partition(partition);
	}

	GroupTable table_;
	char *designated_[2] = {};
	unsigned users_[2] = {};
	std::size_t allowed_ = unit::live_allocations() + 64;
	u32 now_ = 0xffff'f000;
};

void Groups::happen(const Event &event)
{
	const wire::PartitionId partition = {static_cast<u16>(event.how & 1)};
	const wire::MacAddress reporter = {{2, 0, 0, 0, 0, static_cast<u8>(event.how >> 1 & 7)}};
	const Bytes &bytes = event.bytes;
	const ByteView packet(bytes.data(), bytes.size());
	switch (event.what % group_happens::count) {
	case group_happens::report:
		(void)table_.snoop_tx(partition, reporter, packet, event.how & 0x80, now_);
		allowed_ += allocations_of(bytes.size());
		break;
	case group_happens::hear:
		table_.snoop_rx(partition, packet, now_);
		break;
	case group_happens::add:
		users_[partition.value] += table_.try_add_partition(partition);
		break;
	case group_happens::drop:
		remove(partition);
		break;
	case group_happens::designate:
		// A netdevice has one P_Key.
		designate(partition,
			  event.how & 8 ? nullptr
					: devices + 2 * partition.value + (event.how >> 1 & 1));
		break;
	case group_happens::forget:
		table_.forget_reporter(partition, event.how & 0x80 ? wire::MacAddress{} : reporter);
		break;
	case group_happens::tick:
		now_ += event.how * 1000u;
		table_.tick(now_);
		break;
	case group_happens::listen:
		(void)table_.set_listeners(
			reinterpret_cast<const wire::MacAddress *>(bytes.data()),
			static_cast<u32>(bytes.size() / sizeof(wire::MacAddress)));
		allowed_ += 2 * allocations_of(2 * bytes.size());
		break;
	case group_happens::no_memory:
		unit::fail_allocation_after(event.how);
		return;
	}
	unit::never_fail_allocation();
	unit::drain_deferred();
	unit::take_group_calls();
	must(unit::group_errors() == 0, "groups are joined and left once");
	must(unit::live_allocations() <= allowed_, "memory is bounded");
	for (std::size_t i = 0; i < std::size(devices); i++)
		must(designated_[i / 2] == devices + i || unit::joined_groups(devices + i).empty(),
		     "only designated netdevices are joined");
}

} // namespace

static Form form_of(const Event &event)
{
	const u8 what = event.what % group_happens::count;
	return what == group_happens::report || what == group_happens::hear ? Form::ip
									    : Form::bytes;
}

FUZZ_EVENTS(form_of)

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
	unit::reset_groups();
	{
		Groups groups;
		groups.happen({.what = group_happens::add, .how = 0, .bytes = {}});
		groups.happen({.what = group_happens::designate, .how = 0, .bytes = {}});
		Events events(data, size);
		while (const auto event = events.next())
			groups.happen(*event);
	}
	unit::drain_deferred();
	must(unit::live_allocations() == 0, "nothing is left");
	return 0;
}
