// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Reliable connections over a link that loses, repeats and reorders: every request is carried out
// exactly once and in its order, or the connection ends with a reason.

#include "rc_fixture.hpp"

namespace unit {
namespace {

struct Weather {
	const char *name;
	Faults faults;
};

void PrintTo(const Weather &weather, std::ostream *out)
{
	*out << weather.name;
}

class RcLossyTest : public RcTest, public ::testing::WithParamInterface<std::tuple<Weather, u32>> {
protected:
	void SetUp() override
	{
		RcTest::SetUp();
		const auto &[weather, seed] = GetParam();
		faults = weather.faults;
		random.seed(seed);
		a.attr.timeout = 1;
		b.attr.timeout = 1;
		connect();
		for (End *end : {&a, &b})
			end->memory = pattern(65536);
	}

	// A word that only @end's atomics change, and what they add up to.
	static constexpr u64 WORD = 32768;

	// A WRITE, and what must be read behind it. A READ may see what is written later, unless
	// that waits (IBA 9.5).
	void write_and_read(End &from)
	{
		const Bytes data = pattern(1 + below(900));
		from.write(2048, data, VIB_RC_FENCE);
		reads_.push_back({&from, from.read(2048, static_cast<u32>(data.size())), data});
	}

	// A buffer for each message that is to come.
	void provide_all(const std::vector<Bytes> &to_a, const std::vector<Bytes> &to_b)
	{
		provide_for(a, to_a.size());
		provide_for(b, to_b.size());
	}

	static void provide_for(End &end, std::size_t messages)
	{
		const std::size_t have =
			end.received.size() + end.buffers.size() + (end.taken ? 1 : 0);
		end.provide(static_cast<u32>(messages - have), 1500);
	}

	struct Read {
		End *end;
		u32 seq;
		Bytes expected;
	};
	struct Atomic {
		End *end;
		u32 seq;
		u64 expected;
	};
	std::vector<Read> reads_;
	std::vector<Atomic> atomics_;
};

TEST_P(RcLossyTest, EverythingOnceAndInOrder)
{
	constexpr u32 ROUNDS = 40;
	std::vector<Bytes> to_a, to_b;
	u64 sum_a = a.word(WORD), sum_b = b.word(WORD);

	const auto one = [&](End &from, End &to, u64 &sum, std::vector<Bytes> &messages) {
		switch (below(6)) {
		case 0:
		case 1:
			messages.push_back(pattern(below(1500)));
			from.send(messages.back(), random() & 1 ? VIB_RC_IMM : 0);
			break;
		case 2:
			write_and_read(from);
			break;
		case 3:
			messages.push_back({});
			from.write(40000, {}, VIB_RC_IMM, 1);
			break;
		case 4:
			reads_.push_back({&from, from.read(0, 1000),
					  Bytes(to.memory.begin(), to.memory.begin() + 1000)});
			break;
		default: {
			const u64 add = 1 + below(9);
			atomics_.push_back({&from, from.atomic(WORD, add), sum});
			sum += add;
		}
		}
	};

	for (u32 round = 0; round < ROUNDS; round++) {
		for (u32 count = below(12); count; count--) {
			one(a, b, sum_b, to_b);
			one(b, a, sum_a, to_a);
		}
		if (random() & 1)
			provide_all(to_a, to_b);
		settle();
		pass_time();
		if (round % 8 == 7) {
			provide_all(to_a, to_b);
			run();
		}
		ASSERT_FALSE(a.broken || b.broken);
		ASSERT_FALSE(HasFailure());
	}

	for (auto [end, messages] : {std::pair{&a, &to_a}, std::pair{&b, &to_b}}) {
		ASSERT_EQ(end->received.size(), messages->size());
		for (std::size_t i = 0; i < messages->size(); i++) {
			if (!end->received[i].how.is_write) {
				EXPECT_EQ(end->received[i].data, (*messages)[i]) << i;
			}
		}
		EXPECT_EQ(end->done.size(), end->requests.size());
		for (const Completion &done : end->done)
			EXPECT_EQ(done.status, VIB_RC_OK) << done.seq;
	}
	for (const Read &read : reads_)
		EXPECT_TRUE(read.end->requests[read.seq] == read.expected) << read.seq;
	for (const Atomic &atomic : atomics_) {
		u64 old;
		__builtin_memcpy(&old, atomic.end->requests[atomic.seq].data(), sizeof(old));
		EXPECT_EQ(old, atomic.expected) << atomic.seq;
	}
	EXPECT_EQ(a.word(WORD), sum_a);
	EXPECT_EQ(b.word(WORD), sum_b);
}

INSTANTIATE_TEST_SUITE_P(
	Links, RcLossyTest,
	::testing::Combine(
		::testing::Values(Weather{"Clear", {}}, Weather{"Lossy", {.loss = 50}},
				  Weather{"Duplicating", {.duplicates = 200}},
				  Weather{"Reordering", {.reorders = 100}},
				  Weather{"Foul", {.loss = 40, .duplicates = 40, .reorders = 40}}),
		::testing::Range(1u, 21u)),
	[](const auto &test) {
		return std::string(std::get<0>(test.param).name) +
		       std::to_string(std::get<1>(test.param));
	});

// Few retries on a bad link: some connections break. What was said to be done was done, what
// arrived is a beginning of what was sent, without a gap.
TEST_F(RcTest, BrokenConnectionsDoNotLie)
{
	u32 broken = 0, survived = 0;

	for (u32 seed = 1; seed <= 200; seed++) {
		a = End();
		b = End();
		SetUp();
		random.seed(seed);
		link.clear();
		faults = {.loss = 60, .duplicates = 50, .reorders = 50};
		a.attr.retry_count = 1;
		a.attr.timeout = 1;
		connect();
		b.provide(20, 2000);
		for (int i = 0; i < 20; i++)
			a.send(pattern(below(2000)));
		run();

		ASSERT_EQ(a.done.size(), 20u) << seed;
		u32 good = 0;
		while (good < 20 && a.done[good].status == VIB_RC_OK)
			good++;
		EXPECT_LE(good, b.received.size()) << seed;
		if (good < 20) {
			EXPECT_EQ(a.done[good].status, VIB_RC_RETRIES_EXCEEDED) << seed;
			EXPECT_TRUE(a.broken);
		}
		for (u32 i = good + 1; i < 20; i++)
			EXPECT_EQ(a.done[i].status, VIB_RC_FLUSHED) << seed;
		for (std::size_t i = 0; i < b.received.size(); i++)
			EXPECT_EQ(b.received[i].data, a.requests[i]) << seed;
		(good < 20 ? broken : survived)++;
	}
	EXPECT_GT(broken, 10u);
	EXPECT_GT(survived, 10u);
}

} // namespace
} // namespace unit
