// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Which groups are joined where and when: GroupTable with the calls it makes.

#include "fixture.hpp"

#include "groups.hpp"
#include "wire/checksum.hpp"

#include <memory>
#include <thread>

namespace unit {
namespace {

using namespace eipoib;
using wire::MacAddress;
using wire::PartitionId;

constexpr PartitionId partition = {0x7fff};
constexpr PartitionId other_partition = {3};
constexpr MacAddress guest = {{0x52, 0x54, 0, 0, 0, 1}};
constexpr MacAddress other_guest = {{0x52, 0x54, 0, 0, 0, 2}};

// Groups as reported, and as the fabric has them.
constexpr u32 group = 0xe1010203;
const std::string joined_group = "00ffffffff12401bffff00000000000001010203";
const std::string all_hosts = "00ffffffff12401bffff00000000000000000001";
const std::string all_nodes = "00ffffffff12601bffff00000000000000000001";

std::string hex(u64 value, int digits)
{
	char text[20];
	snprintf(text, sizeof(text), "%0*llx", digits, static_cast<unsigned long long>(value));
	return text;
}

MacAddress mac(std::string_view text)
{
	MacAddress address;
	const Bytes bytes = from_hex(text);
	std::copy(bytes.begin(), bytes.end(), address.bytes_);
	return address;
}

Bytes igmp(const std::string &message)
{
	Bytes packet = from_hex("4500 0000 0000 0000 0102 0000 0a000001 e0000016" + message);
	packet[3] = static_cast<u8>(packet.size());
	packet[2] = static_cast<u8>(packet.size() >> 8);
	wire::InternetSum sum;
	sum.add(ByteView(packet.data() + 20, packet.size() - 20));
	const Be16 checksum = sum.checksum();
	std::copy_n(checksum.bytes_, 2, &packet[22]);
	return packet;
}

Bytes v2_report(u32 of)
{
	return igmp("1600 0000" + hex(of, 8));
}

Bytes v2_leave(u32 of)
{
	return igmp("1700 0000" + hex(of, 8));
}

// One record of type @type without sources for each of @count groups from @first on.
Bytes v3_report(u32 type, u32 first, u32 count = 1)
{
	std::string records;
	for (u32 i = 0; i < count; i++)
		records += hex(type, 2) + "000000" + hex(first + i, 8);
	return igmp("2200 0000 0000" + hex(count, 4) + records);
}

const Bytes igmp_query = igmp("1164 0000 00000000");

Bytes mld(u32 type, const std::string &of)
{
	Bytes packet = from_hex("60000000 0020 00 01 fe80000000000000 0000000000000001"
				"ff02000000000000 0000000000000016 3a00 0502 0000 0100" +
				hex(type, 2) + "00 0000 0000 0000" + of);
	wire::Ipv6Header header;
	std::copy_n(packet.data(), sizeof(header), reinterpret_cast<u8 *>(&header));
	header.next_header_ = wire::next_header_icmp6;
	const Be16 checksum =
		wire::sum_with_pseudo_header(header, ByteView(&packet[48], packet.size() - 48))
			.checksum();
	std::copy_n(checksum.bytes_, 2, &packet[50]);
	return packet;
}

const Bytes mld_query = mld(130, std::string(32, '0'));
const std::string group6 = "ff0e0000000000000000000000010203";
const std::string joined_group6 = "00ffffffff12601bffff00000000000000010203";

class GroupsTest : public testing::Test {
protected:
	void SetUp() override
	{
		ASSERT_EQ(live_allocations(), 0u);
		reset_groups();
		table_ = std::make_unique<GroupTable>();
		ASSERT_TRUE(table_->try_init());
		ASSERT_TRUE(table_->try_add_partition(partition));
		table_->designate(partition, dev_);
		take_group_calls();
	}

	void TearDown() override
	{
		never_fail_allocation();
		table_->destroy(ConfigUpdater::promised_by_caller());
		for (void *dev : {dev_, dev2_, dev3_, dev_ + 3, dev_ + 4, dev_ + 5})
			EXPECT_TRUE(joined_groups(dev).empty());
		EXPECT_EQ(group_errors(), 0u);
		EXPECT_EQ(live_allocations(), 0u);
	}

	SnoopResult tx(const Bytes &packet, MacAddress reporter = guest,
		       PartitionId from = partition)
	{
		return table_->snoop_tx(from, reporter, ByteView(packet.data(), packet.size()),
					false, now_);
	}

	void rx(const Bytes &packet, PartitionId from = partition)
	{
		table_->snoop_rx(from, ByteView(packet.data(), packet.size()), now_);
	}

	// Let @ms pass, as the glue's timer sees it.
	void pass(u32 ms)
	{
		for (; ms >= 1000; ms -= 1000) {
			now_ += 1000;
			table_->tick(now_);
		}
		now_ += ms;
		table_->tick(now_);
	}

	// The same with a querier that asks every 125 s, but nobody answers.
	void pass_with_querier(u32 ms, const Bytes &query = igmp_query)
	{
		for (u32 since_query = 125'000; ms; ms -= 1000, since_query += 1000) {
			if (since_query >= 125'000) {
				rx(query);
				since_query = 0;
			}
			pass(1000);
		}
	}

	bool is_joined(const std::string &address = joined_group, void *dev = nullptr)
	{
		return joined_groups(dev ? dev : dev_).contains(address);
	}

	char devices_[6];
	char *const dev_ = devices_;
	char *const dev2_ = devices_ + 1;
	char *const dev3_ = devices_ + 2;
	std::unique_ptr<GroupTable> table_;
	u32 now_ = 0xffffffffu - 5'000; // the clock wraps in most tests
};

TEST_F(GroupsTest, a_designated_vif_is_in_the_groups_of_all_hosts)
{
	EXPECT_EQ(joined_groups(dev_), (std::set<std::string>{all_hosts, all_nodes}));
}

TEST_F(GroupsTest, a_report_joins_once)
{
	EXPECT_EQ(tx(v2_report(group)), SnoopResult::taken);
	EXPECT_EQ(tx(v2_report(group)), SnoopResult::taken);
	EXPECT_EQ(tx(v3_report(2, group), other_guest), SnoopResult::taken);
	EXPECT_EQ(take_group_calls(), (std::vector<GroupCall>{{true, dev_, joined_group}}));
}

TEST_F(GroupsTest, groups_that_share_a_mac_do_not_mix)
{
	tx(v2_report(0xe0010203));
	EXPECT_FALSE(is_joined());
	tx(v2_report(0xe1010203));
	EXPECT_TRUE(is_joined());
	tx(v2_leave(0xe0010203));
	pass(3000);
	EXPECT_TRUE(is_joined());
	EXPECT_FALSE(is_joined("00ffffffff12401bffff00000000000000010203"));
}

TEST_F(GroupsTest, mld)
{
	EXPECT_EQ(tx(mld(131, group6)), SnoopResult::taken);
	EXPECT_TRUE(is_joined(joined_group6));
	EXPECT_EQ(tx(mld(132, group6)), SnoopResult::taken);
	pass(2000);
	EXPECT_FALSE(is_joined(joined_group6));
}

TEST_F(GroupsTest, a_leave_takes_effect_after_two_seconds)
{
	tx(v2_report(group));
	tx(v2_leave(group));
	pass(1999);
	EXPECT_TRUE(is_joined());
	pass(1);
	EXPECT_FALSE(is_joined());
}

// Hosts repeat what they say.
TEST_F(GroupsTest, a_repeated_leave_does_not_delay_the_first)
{
	tx(v3_report(4, group));
	tx(v3_report(3, group));
	pass(1000);
	tx(v3_report(3, group));
	pass(1000);
	EXPECT_FALSE(is_joined());
}

TEST_F(GroupsTest, a_report_takes_a_leave_back)
{
	tx(v2_report(group));
	tx(v2_leave(group));
	pass(1000);
	tx(v2_report(group));
	take_group_calls();
	pass(10'000);
	EXPECT_TRUE(is_joined());
	EXPECT_TRUE(take_group_calls().empty());
}

TEST_F(GroupsTest, the_leave_of_one_is_not_that_of_another)
{
	tx(v2_report(group));
	tx(v2_report(group), other_guest);
	tx(v2_leave(group));
	pass(10'000);
	EXPECT_TRUE(is_joined());
	tx(v2_leave(group), other_guest);
	pass(2000);
	EXPECT_FALSE(is_joined());
}

TEST_F(GroupsTest, the_leave_of_a_stranger_is_nobodys)
{
	tx(v2_report(group));
	tx(v2_leave(group), other_guest);
	pass(10'000);
	EXPECT_TRUE(is_joined());
}

// They differ in the upper 32 bits, which the fabric's group does not have.
TEST_F(GroupsTest, two_ip_groups_share_a_group_of_the_fabric)
{
	const std::string twin = "ff050000000000000000000000010203";
	tx(mld(131, group6));
	tx(mld(131, twin));
	EXPECT_EQ(take_group_calls(), (std::vector<GroupCall>{{true, dev_, joined_group6}}));
	tx(mld(132, group6));
	pass(5000);
	EXPECT_TRUE(is_joined(joined_group6));
	tx(mld(132, twin));
	pass(5000);
	EXPECT_FALSE(is_joined(joined_group6));
}

TEST_F(GroupsTest, without_a_querier_nothing_ages)
{
	tx(v2_report(group));
	tx(mld(131, group6));
	pass(1'000'000);
	EXPECT_TRUE(is_joined());
	EXPECT_TRUE(is_joined(joined_group6));
	tx(v2_leave(group));
	tx(mld(132, group6));
	pass(2000);
	EXPECT_FALSE(is_joined());
	EXPECT_FALSE(is_joined(joined_group6));
}

TEST_F(GroupsTest, with_a_querier_silence_ages)
{
	tx(v3_report(4, group));
	pass_with_querier(259'000);
	EXPECT_TRUE(is_joined());
	pass_with_querier(1000);
	EXPECT_FALSE(is_joined());
}

TEST_F(GroupsTest, a_guest_may_be_the_querier)
{
	tx(v3_report(4, group), other_guest);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(tx(igmp_query), SnoopResult::taken);
		pass(100'000);
	}
	EXPECT_FALSE(is_joined());
}

TEST_F(GroupsTest, who_answers_stays)
{
	tx(v3_report(4, group));
	take_group_calls();
	for (int i = 0; i < 10; i++) {
		rx(igmp_query);
		tx(v3_report(2, group));
		pass(125'000);
	}
	EXPECT_TRUE(is_joined());
	EXPECT_TRUE(take_group_calls().empty());
}

TEST_F(GroupsTest, a_querier_of_one_family_does_not_ask_for_the_other)
{
	tx(v3_report(4, group));
	tx(mld(131, group6));
	pass_with_querier(300'000);
	EXPECT_FALSE(is_joined());
	EXPECT_TRUE(is_joined(joined_group6));
	pass_with_querier(300'000, mld_query);
	EXPECT_FALSE(is_joined(joined_group6));
}

TEST_F(GroupsTest, a_querier_of_another_partition_does_not_ask_here)
{
	ASSERT_TRUE(table_->try_add_partition(other_partition));
	tx(v3_report(4, group));
	for (int i = 0; i < 4; i++) {
		rx(igmp_query, other_partition);
		pass(100'000);
	}
	EXPECT_TRUE(is_joined());
}

// Whoever reported long before the first question has not failed to answer any.
TEST_F(GroupsTest, a_new_querier_gives_time_to_answer)
{
	tx(v3_report(4, group));
	pass(1'000'000);
	rx(igmp_query);
	pass(250'000);
	EXPECT_TRUE(is_joined());
	rx(igmp_query);
	pass(9000);
	EXPECT_TRUE(is_joined());
	pass(1000);
	EXPECT_FALSE(is_joined());
}

TEST_F(GroupsTest, a_querier_that_fell_silent_asks_no_more)
{
	now_ = 1'000'000'000;
	rx(igmp_query);
	tx(v3_report(4, group));
	pass(1'000'000);
	EXPECT_TRUE(is_joined());
}

// What makes up for a new querier does so for its family and its partition alone.
TEST_F(GroupsTest, a_new_querier_elsewhere_gives_no_time_here)
{
	ASSERT_TRUE(table_->try_add_partition(other_partition));
	tx(mld(131, group6));
	rx(mld_query);
	pass(200'000);
	rx(mld_query);
	rx(igmp_query);
	rx(mld_query, other_partition);
	pass(59'000);
	EXPECT_TRUE(is_joined(joined_group6));
	pass(1000);
	EXPECT_FALSE(is_joined(joined_group6));
}

// Half of the clock's range is where a difference changes its sign.
TEST_F(GroupsTest, the_clock_runs_half_its_way_round)
{
	auto pass_half_a_clock = [&](auto meanwhile) {
		for (u32 passed = 0; passed < 0x80000000; passed += 200'000) {
			meanwhile();
			now_ += 200'000;
			table_->tick(now_);
		}
	};
	auto expect_to_age = [&] {
		EXPECT_TRUE(is_joined());
		pass_with_querier(259'000);
		EXPECT_TRUE(is_joined());
		pass_with_querier(1000);
		EXPECT_FALSE(is_joined());
	};

	// Nobody asks.
	tx(v2_report(group));
	rx(igmp_query);
	pass_half_a_clock([] {});
	expect_to_age();

	// Somebody asks and others answer.
	tx(v2_report(group));
	pass_half_a_clock([&] {
		rx(igmp_query);
		rx(v2_report(group));
	});
	pass_with_querier(59'000);
	EXPECT_TRUE(is_joined());
	pass_with_querier(1000);
	EXPECT_FALSE(is_joined());

	tx(v2_report(group));
	tx(v2_leave(group));
	pass(1999);
	EXPECT_TRUE(is_joined());
	pass(1);
	EXPECT_FALSE(is_joined());
}

// In IGMPv2 and MLDv1 one answer is enough for the querier, so the other members keep silent.
TEST_F(GroupsTest, a_report_from_the_fabric_keeps_silent_guests)
{
	tx(v2_report(group));
	tx(mld(131, group6));
	take_group_calls();
	for (int i = 0; i < 10; i++) {
		rx(igmp_query);
		rx(mld_query);
		rx(v2_report(group));
		rx(mld(131, group6));
		pass(125'000);
	}
	EXPECT_TRUE(take_group_calls().empty());
	EXPECT_TRUE(is_joined());
	pass_with_querier(260'000);
	EXPECT_FALSE(is_joined());
	pass_with_querier(260'000, mld_query);
	EXPECT_FALSE(is_joined(joined_group6));
}

TEST_F(GroupsTest, a_guests_report_keeps_other_silent_guests)
{
	tx(v2_report(group));
	tx(v2_report(group), other_guest);
	for (int i = 0; i < 10; i++) {
		rx(igmp_query);
		tx(v2_report(group), other_guest);
		pass(125'000);
	}
	tx(v2_leave(group), other_guest);
	pass(5000);
	EXPECT_TRUE(is_joined());
}

// IGMPv3 members answer for themselves.
TEST_F(GroupsTest, a_report_that_silences_nobody_keeps_nobody)
{
	tx(v3_report(4, group));
	tx(v3_report(4, group), other_guest);
	for (int i = 0; i < 4; i++) {
		rx(igmp_query);
		rx(v3_report(2, group));
		tx(v3_report(2, group), other_guest);
		pass(125'000);
	}
	tx(v3_report(3, group), other_guest);
	pass(2000);
	EXPECT_FALSE(is_joined());
}

TEST_F(GroupsTest, a_report_from_the_fabric_is_nobodys_here)
{
	rx(v2_report(group));
	rx(v3_report(4, group));
	rx(mld(131, group6));
	EXPECT_TRUE(take_group_calls().empty());
	// Neither does a leave.
	tx(v2_report(group));
	rx(v2_leave(group));
	pass(10'000);
	EXPECT_TRUE(is_joined());
}

TEST_F(GroupsTest, what_is_no_report)
{
	Bytes wrong = v2_report(group);
	wrong[22] ^= 1;
	EXPECT_EQ(tx(wrong), SnoopResult::malformed);
	EXPECT_EQ(table_->snoop_tx(partition, guest, ByteView(wrong.data(), wrong.size()), true,
				   now_),
		  SnoopResult::taken);
	Bytes udp = v2_report(group);
	udp[9] = 17;
	EXPECT_EQ(tx(udp), SnoopResult::nothing);
	EXPECT_EQ(tx(v2_report(group + 1), MacAddress{}), SnoopResult::nothing);
	EXPECT_EQ(tx(v2_report(group + 1), guest, other_partition), SnoopResult::nothing);
	take_group_calls();
	tx({});
	rx(wrong);
	EXPECT_TRUE(take_group_calls().empty());
}

TEST_F(GroupsTest, partitions_are_apart)
{
	ASSERT_TRUE(table_->try_add_partition(other_partition));
	table_->designate(other_partition, dev2_);
	tx(v2_report(group));
	EXPECT_EQ(joined_groups(dev2_),
		  (std::set<std::string>{"00ffffffff12401b800300000000000000000001",
					 "00ffffffff12601b800300000000000000000001"}));
	tx(v2_report(group), guest, other_partition);
	EXPECT_TRUE(is_joined("00ffffffff12401b800300000000000001010203", dev2_));
	tx(v2_leave(group), guest, other_partition);
	pass(5000);
	EXPECT_TRUE(is_joined());
	EXPECT_FALSE(is_joined("00ffffffff12401b800300000000000001010203", dev2_));

	table_->designate(other_partition, dev3_);
	table_->retire(other_partition, dev2_);
	EXPECT_TRUE(is_joined());
	EXPECT_TRUE(joined_groups(dev2_).empty());

	table_->remove_partition(other_partition);
	EXPECT_TRUE(joined_groups(dev3_).empty());
	EXPECT_TRUE(is_joined());
	EXPECT_EQ(tx(v2_report(group), guest, other_partition), SnoopResult::nothing);
}

TEST_F(GroupsTest, a_partition_goes_with_its_last_user)
{
	ASSERT_TRUE(table_->try_add_partition(partition));
	tx(v2_report(group));
	table_->remove_partition(partition);
	EXPECT_TRUE(is_joined());
	table_->remove_partition(partition);
	EXPECT_TRUE(joined_groups(dev_).empty());
	table_->remove_partition(partition);
}

// Make before break.
TEST_F(GroupsTest, another_vif_takes_over)
{
	tx(v2_report(group));
	take_group_calls();
	const std::set<std::string> all = {all_hosts, all_nodes, joined_group};

	table_->designate(partition, dev2_);
	EXPECT_EQ(joined_groups(dev2_), all);
	EXPECT_EQ(joined_groups(dev_), all);

	// In between: joins go to the new one alone, leaves to both.
	tx(v2_report(0xe0010101));
	tx(v2_leave(group));
	pass(2000);
	EXPECT_FALSE(is_joined());
	EXPECT_FALSE(is_joined(joined_group, dev2_));
	EXPECT_FALSE(is_joined("00ffffffff12401bffff00000000000000010101"));
	EXPECT_TRUE(is_joined("00ffffffff12401bffff00000000000000010101", dev2_));

	table_->retire(partition, dev_);
	EXPECT_TRUE(joined_groups(dev_).empty());
	EXPECT_EQ(joined_groups(dev2_).size(), 3u);
	take_group_calls();
	table_->retire(partition, dev_);
	EXPECT_TRUE(take_group_calls().empty());
}

TEST_F(GroupsTest, a_vif_takes_over_again_before_it_was_retired)
{
	tx(v2_report(group));
	table_->designate(partition, dev2_);
	tx(v2_report(0xe0010101));
	take_group_calls();
	table_->designate(partition, dev_);
	EXPECT_EQ(
		take_group_calls(),
		(std::vector<GroupCall>{{true, dev_, "00ffffffff12401bffff00000000000000010101"}}));
	table_->retire(partition, dev2_);
	EXPECT_EQ(joined_groups(dev_).size(), 4u);
	EXPECT_TRUE(joined_groups(dev2_).empty());
}

TEST_F(GroupsTest, to_designate_the_designated_changes_nothing)
{
	tx(v2_report(group));
	take_group_calls();
	table_->designate(partition, dev_);
	table_->retire(partition, dev_);
	table_->retire(partition, dev2_);
	table_->retire(partition, nullptr);
	table_->retire(other_partition, dev_);
	table_->designate(other_partition, dev_);
	EXPECT_TRUE(take_group_calls().empty());
	EXPECT_TRUE(is_joined());
}

// The last VIF loses its carrier, guests talk on among themselves, another one comes up.
TEST_F(GroupsTest, nobody_is_designated_for_a_while)
{
	tx(v2_report(group));
	table_->designate(partition, nullptr);
	EXPECT_TRUE(is_joined());
	table_->retire(partition, dev_);
	EXPECT_TRUE(joined_groups(dev_).empty());
	take_group_calls();

	tx(v2_report(0xe0010101));
	tx(v2_leave(group));
	pass(5000);
	EXPECT_TRUE(take_group_calls().empty());
	table_->designate(partition, dev2_);
	EXPECT_EQ(joined_groups(dev2_),
		  (std::set<std::string>{all_hosts, all_nodes,
					 "00ffffffff12401bffff00000000000000010101"}));
}

// More than are remembered: the oldest places go, never that of the last one.
TEST_F(GroupsTest, vifs_that_nobody_retires)
{
	for (int i = 1; i < 6; i++) {
		table_->designate(partition, dev_ + i);
		EXPECT_TRUE(is_joined(all_hosts, dev_ + i));
		EXPECT_TRUE(is_joined(all_hosts, dev_ + i - 1));
	}
	EXPECT_FALSE(is_joined(all_hosts, dev_));
	EXPECT_FALSE(is_joined(all_hosts, dev2_));
}

TEST_F(GroupsTest, a_free_place_is_taken_before_that_of_an_unretired_vif)
{
	for (int i = 1; i < 4; i++)
		table_->designate(partition, dev_ + i);
	table_->designate(partition, dev2_);
	table_->retire(partition, dev_);
	table_->designate(partition, dev_ + 4);
	for (int i = 1; i < 5; i++)
		EXPECT_TRUE(is_joined(all_hosts, dev_ + i));
}

TEST_F(GroupsTest, a_reporter_is_forgotten)
{
	ASSERT_TRUE(table_->try_add_partition(other_partition));
	table_->designate(other_partition, dev2_);
	tx(v3_report(4, 0xe0010101, 10));
	tx(v2_report(group), other_guest);
	tx(v2_report(group), guest, other_partition);
	table_->forget_reporter(partition, guest);
	EXPECT_EQ(joined_groups(dev_).size(), 3u);
	EXPECT_TRUE(is_joined());
	EXPECT_EQ(joined_groups(dev2_).size(), 3u);
	table_->forget_reporter(partition, guest);
	EXPECT_EQ(joined_groups(dev_).size(), 3u);
}

// Zero is what a VIF for any MAC is bound to.
TEST_F(GroupsTest, no_reporter_is_forgotten)
{
	table_->forget_reporter(partition, {});
	EXPECT_EQ(joined_groups(dev_).size(), 2u);
}

TEST_F(GroupsTest, listeners)
{
	const MacAddress list[] = {mac("01005e0000fb"), mac("3333ff123456"), mac("333300000fab"),
				   mac("01005e010203"), mac("0180c2000000"), mac("01005e000101"),
				   mac("333300000001"), mac("01005e000001")};
	EXPECT_TRUE(table_->set_listeners(list, std::size(list)));
	const std::set<std::string> all = {all_hosts, all_nodes,
					   "00ffffffff12401bffff000000000000000000fb",
					   "00ffffffff12601bffff000000000001ff123456",
					   "00ffffffff12601bffff00000000000000000fab"};
	EXPECT_EQ(joined_groups(dev_), all);
	EXPECT_EQ(take_group_calls().size(), 3u);

	// They neither age nor change with another's leave, and a partition that comes later has
	// them, too.
	tx(v2_report(0xe00000fb));
	tx(v2_leave(0xe00000fb));
	pass_with_querier(600'000);
	EXPECT_EQ(joined_groups(dev_), all);
	ASSERT_TRUE(table_->try_add_partition(other_partition));
	table_->designate(other_partition, dev2_);
	EXPECT_TRUE(is_joined("00ffffffff12401b8003000000000000000000fb", dev2_));

	// A new list takes the place of the old one, and what is in both is not touched.
	take_group_calls();
	EXPECT_TRUE(table_->set_listeners(list, 1));
	EXPECT_EQ(joined_groups(dev_),
		  (std::set<std::string>{all_hosts, all_nodes,
					 "00ffffffff12401bffff000000000000000000fb"}));
	EXPECT_EQ(take_group_calls().size(), 4u);
	EXPECT_TRUE(table_->set_listeners(nullptr, 0));
	EXPECT_EQ(joined_groups(dev_).size(), 2u);
}

TEST_F(GroupsTest, a_list_is_joined_before_the_old_one_is_left)
{
	const MacAddress before = mac("01005e0000fb"), after = mac("01005e0000fc");
	table_->set_listeners(&before, 1);
	take_group_calls();
	table_->set_listeners(&after, 1);
	const auto calls = take_group_calls();
	ASSERT_EQ(calls.size(), 2u);
	EXPECT_TRUE(calls[0].is_join);
	EXPECT_FALSE(calls[1].is_join);
}

TEST_F(GroupsTest, a_guest_keeps_what_the_host_stops_listening_to)
{
	const MacAddress listened = mac("01005e0000fb");
	table_->set_listeners(&listened, 1);
	tx(v2_report(0xe00000fb));
	table_->set_listeners(nullptr, 0);
	EXPECT_TRUE(is_joined("00ffffffff12401bffff000000000000000000fb"));
	tx(v2_leave(0xe00000fb));
	pass(2000);
	EXPECT_FALSE(is_joined("00ffffffff12401bffff000000000000000000fb"));
}

TEST_F(GroupsTest, a_new_list_does_not_hasten_a_leave)
{
	tx(v2_report(group));
	tx(v2_leave(group));
	table_->set_listeners(nullptr, 0);
	EXPECT_TRUE(is_joined());
}

TEST_F(GroupsTest, listeners_are_bounded)
{
	std::vector<MacAddress> list;
	for (u32 i = 0; i < GroupTable::max_listeners + 1; i++)
		list.push_back(mac("33330001" + hex(i, 4)));
	EXPECT_TRUE(table_->set_listeners(list.data(), GroupTable::max_listeners));
	EXPECT_EQ(joined_groups(dev_).size(), GroupTable::max_listeners + 2);
	EXPECT_FALSE(table_->set_listeners(list.data(), GroupTable::max_listeners + 1));
	EXPECT_EQ(joined_groups(dev_).size(), GroupTable::max_listeners + 2);
	// They take no room from guests.
	EXPECT_EQ(tx(v3_report(4, 0xe1000000, GroupTable::max_memberships_of_reporter)),
		  SnoopResult::taken);
}

TEST_F(GroupsTest, a_reporter_is_bounded)
{
	const u32 most = GroupTable::max_memberships_of_reporter;
	EXPECT_EQ(tx(v3_report(4, 0xe1000000, most)), SnoopResult::taken);
	EXPECT_EQ(tx(v2_report(0xe2000000)), SnoopResult::limit);
	EXPECT_FALSE(is_joined("00ffffffff12401bffff00000000000002000000"));
	// Others are not concerned, and what is known may be repeated and left.
	EXPECT_EQ(tx(v2_report(0xe2000000), other_guest), SnoopResult::taken);
	EXPECT_EQ(tx(v3_report(2, 0xe1000000, most)), SnoopResult::taken);
	EXPECT_EQ(tx(v2_leave(0xe1000000)), SnoopResult::taken);
	pass(2000);
	EXPECT_EQ(tx(v2_report(0xe2000000)), SnoopResult::taken);
	EXPECT_EQ(tx(v2_report(0xe3000000)), SnoopResult::limit);
}

TEST_F(GroupsTest, what_fits_of_a_report_is_taken)
{
	const u32 most = GroupTable::max_memberships_of_reporter;
	EXPECT_EQ(tx(v3_report(4, 0xe1000000, most + 10)), SnoopResult::limit);
	EXPECT_EQ(joined_groups(dev_).size(), most + 2);
}

TEST_F(GroupsTest, a_flood_is_bounded)
{
	ASSERT_TRUE(table_->try_add_partition(other_partition));
	table_->designate(other_partition, dev2_);
	const MacAddress listened = mac("01005e0000fb");
	table_->set_listeners(&listened, 1);
	table_->set_listeners(nullptr, 0);
	tx(v2_report(group));
	const std::size_t before = live_allocations();
	for (u32 i = 0; i < 200; i++) {
		const PartitionId from = i % 2 ? partition : other_partition;
		tx(v3_report(4, 0xe2000000 + i * 1000, 200), mac("0200000000" + hex(i, 2)), from);
	}
	EXPECT_EQ(joined_groups(dev_).size() + joined_groups(dev2_).size(),
		  GroupTable::max_memberships + 4);
	EXPECT_EQ(tx(v2_report(group + 1)), SnoopResult::limit);
	EXPECT_EQ(tx(v2_report(group)), SnoopResult::taken);

	// It is over when the flood has aged.
	for (int i = 0; i < 3; i++) {
		for (PartitionId in : {partition, other_partition})
			rx(igmp_query, in);
		tx(v2_report(group));
		pass(100'000);
	}
	EXPECT_EQ(live_allocations(), before);
	EXPECT_TRUE(is_joined());
	EXPECT_EQ(tx(v2_report(group + 1)), SnoopResult::taken);
}

// Whatever allocation fails, nothing is half done, and it works once there is memory.
TEST_F(GroupsTest, without_memory_a_report_is_ignored)
{
	for (std::size_t successes = 0; successes < 3; successes++) {
		const std::size_t before = live_allocations();
		fail_allocation_after(successes);
		EXPECT_EQ(tx(v2_report(group)), SnoopResult::no_memory);
		never_fail_allocation();
		EXPECT_EQ(live_allocations(), before);
		EXPECT_TRUE(take_group_calls().empty());
	}
	EXPECT_EQ(tx(v2_report(group)), SnoopResult::taken);
	EXPECT_TRUE(is_joined());
}

TEST_F(GroupsTest, without_memory_listeners_come_later)
{
	const MacAddress list[] = {mac("01005e0000fb"), mac("01005e0000fc")};
	for (std::size_t successes = 0; successes < 4; successes++) {
		fail_allocation_after(successes);
		EXPECT_TRUE(table_->set_listeners(list, 2));
		EXPECT_LT(joined_groups(dev_).size(), 4u);
		table_->tick(now_);
		EXPECT_LT(joined_groups(dev_).size(), 4u);
		never_fail_allocation();
		pass(1000);
		EXPECT_EQ(joined_groups(dev_).size(), 4u);
		table_->set_listeners(nullptr, 0);
		EXPECT_EQ(joined_groups(dev_).size(), 2u);
	}
}

TEST_F(GroupsTest, without_memory_there_is_no_partition)
{
	fail_allocation_after(0);
	EXPECT_FALSE(table_->try_add_partition(other_partition));
	// Known ones need none.
	never_fail_allocation();
	fail_allocation_after(1);
	EXPECT_TRUE(table_->try_add_partition(other_partition));
	never_fail_allocation();
	table_->designate(other_partition, dev2_);
	pass(1000);
	EXPECT_EQ(joined_groups(dev2_).size(), 2u);
}

TEST(Groups, without_memory_there_is_no_table)
{
	for (std::size_t successes = 0; successes < 4; successes++) {
		GroupTable table;
		fail_allocation_after(successes);
		EXPECT_FALSE(table.try_init());
		never_fail_allocation();
		table.destroy(ConfigUpdater::promised_by_caller());
		EXPECT_EQ(live_allocations(), 0u);
	}
}

// Joins and leaves of one group by several CPUs alternate, as the fake checks.
TEST_F(GroupsTest, packets_on_several_cpus)
{
	auto run = [&](u8 number) {
		const MacAddress reporter = {{2, 0, 0, 0, 0, number}};
		const Bytes join = v2_report(group), leave = v2_leave(group);
		u32 now = now_;
		for (int i = 0; i < 2000; i++) {
			table_->snoop_tx(partition, reporter, ByteView(join.data(), join.size()),
					 false, now);
			table_->snoop_tx(partition, reporter, ByteView(leave.data(), leave.size()),
					 false, now);
			now += 2000;
			table_->tick(now);
		}
	};
	std::thread first(run, u8{1}), second(run, u8{2});
	first.join();
	second.join();
}

} // namespace
} // namespace unit
