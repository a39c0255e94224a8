// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB

#include "mutate.hpp"

#include <algorithm>
#include <cstring>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t *data, std::size_t size, std::size_t max_size);

namespace fuzz {

namespace {

using Sequence = std::vector<Event>;

constexpr std::size_t room = 256; // what one change may add

Sequence parse(const u8 *data, std::size_t size)
{
	Sequence sequence;
	Events events(data, size);
	while (auto event = events.next())
		sequence.push_back(std::move(*event));
	return sequence;
}

// As many as have room.
std::size_t write(const Sequence &sequence, u8 *data, std::size_t max_size)
{
	std::size_t size = 0;
	for (const Event &event : sequence) {
		Bytes bytes;
		Events::append(bytes, event.what, event.how, event.bytes);
		if (bytes.size() > max_size - size)
			break;
		std::copy(bytes.begin(), bytes.end(), data + size);
		size += bytes.size();
	}
	return size;
}

void mutate(Bytes &bytes)
{
	const std::size_t size = bytes.size();
	bytes.resize(size + room);
	bytes.resize(LLVMFuzzerMutate(bytes.data(), size, bytes.size()));
}

class Mutation {
public:
	Mutation(Sequence &sequence, unsigned seed, Form (*form_of)(const Event &event))
		: sequence_(sequence), random_(seed), form_of_(form_of)
	{
	}

	void operator()()
	{
		if (sequence_.empty())
			sequence_.push_back({static_cast<u8>(random_()), 0, {}});
		const std::size_t at = random_() % sequence_.size();
		Event &event = sequence_[at];
		switch (random_() % 8) {
		case 0:
			event.what = static_cast<u8>(random_());
			break;
		case 1:
			event.how = static_cast<u8>(random_());
			break;
		case 2:
			sequence_.insert(place(), Event(event));
			break;
		case 3:
			sequence_.erase(sequence_.begin() + static_cast<std::ptrdiff_t>(at));
			break;
		case 4:
			std::swap(event, sequence_[random_() % sequence_.size()]);
			break;
		default:
			mutate(event.bytes);
			repair(event.bytes, form_of_(event), random_);
		}
	}

	std::minstd_rand &random()
	{
		return random_;
	}

private:
	Sequence::iterator place()
	{
		return sequence_.begin() +
		       static_cast<std::ptrdiff_t>(random_() % (sequence_.size() + 1));
	}

	Sequence &sequence_;
	std::minstd_rand random_;
	Form (*form_of_)(const Event &event);
};

} // namespace

std::size_t mutate_events(u8 *data, std::size_t size, std::size_t max_size, unsigned seed,
			  Form (*form_of)(const Event &event))
{
	Sequence sequence = parse(data, size);
	Mutation mutation(sequence, seed, form_of);
	do
		mutation();
	while (mutation.random()() % 2);
	return write(sequence, data, max_size);
}

std::size_t mutate_bytes(u8 *data, std::size_t size, std::size_t max_size, unsigned seed, Form form)
{
	std::minstd_rand random(seed);
	const std::size_t changed = LLVMFuzzerMutate(data, size, max_size);
	Bytes bytes(data, data + changed);
	repair(bytes, form, random);
	const std::size_t fits = std::min(bytes.size(), max_size);
	std::copy_n(bytes.begin(), fits, data);
	return fits;
}

std::size_t cross_events(const u8 *a, std::size_t a_size, const u8 *b, std::size_t b_size, u8 *out,
			 std::size_t max_size, unsigned seed)
{
	std::minstd_rand random(seed);
	const Sequence first = parse(a, a_size), second = parse(b, b_size);
	Sequence sequence;
	auto from = second.begin();
	for (const Event &event : first) {
		sequence.push_back(event);
		while (from != second.end() && random() % 4 == 0)
			sequence.push_back(*from++);
	}
	sequence.insert(sequence.end(), from, second.end());
	return write(sequence, out, max_size);
}

} // namespace fuzz
