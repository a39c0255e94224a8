// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Views of packet bytes with one overflow-safe bounds check. Headers are read and written by
// value; no pointer into a packet is ever cast to a structure.
#pragma once

#include "types.hpp"

#include <optional>
#include <type_traits>

namespace kxx {

// What may be copied to and from the wire: no padding surprises, no alignment.
template <typename T>
concept WireType = std::is_trivially_copyable_v<T> && alignof(T) == 1;

// Read-only bytes, not owned.
class ByteView {
public:
	constexpr ByteView() = default;

	constexpr ByteView(const u8 *data, size_t size) : data_(data), size_(size)
	{
	}

	constexpr const u8 *data() const
	{
		return data_;
	}

	constexpr size_t size() const
	{
		return size_;
	}

	constexpr bool contains(size_t offset, size_t length) const
	{
		return offset <= size_ && length <= size_ - offset;
	}

	// Copy the T at @offset to @value. False, and nothing is copied, if it does not lie wholly
	// inside.
	template <WireType T> [[nodiscard]] bool read(T &value, size_t offset = 0) const
	{
		if (!contains(offset, sizeof(T)))
			return false;
		__builtin_memcpy(&value, data_ + offset, sizeof(T));
		return true;
	}

	// The same as a value. Compilers copy it more than once.
	template <WireType T> std::optional<T> load(size_t offset = 0) const
	{
		T value;
		if (!read(value, offset))
			return std::nullopt;
		return value;
	}

	// What is left from @offset on; empty if @offset lies outside.
	constexpr ByteView from(size_t offset) const
	{
		return offset <= size_ ? ByteView(data_ + offset, size_ - offset) : ByteView();
	}

	// The first @length bytes, or all if there are fewer.
	constexpr ByteView first(size_t length) const
	{
		return {data_, length < size_ ? length : size_};
	}

private:
	const u8 *data_ = nullptr;
	size_t size_ = 0;
};

// The bytes of @value, as they go on the wire.
template <WireType T> ByteView bytes_of(const T &value)
{
	return {reinterpret_cast<const u8 *>(&value), sizeof(T)};
}

// Writable bytes, not owned.
class ByteSpan {
public:
	constexpr ByteSpan() = default;

	constexpr ByteSpan(u8 *data, size_t size) : data_(data), size_(size)
	{
	}

	constexpr u8 *data() const
	{
		return data_;
	}

	constexpr size_t size() const
	{
		return size_;
	}

	constexpr ByteView view() const
	{
		return {data_, size_};
	}

	// Write @value at @offset. False, and nothing written, if it does not fit.
	template <WireType T> [[nodiscard]] bool store(const T &value, size_t offset = 0) const
	{
		if (!view().contains(offset, sizeof(T)))
			return false;
		__builtin_memcpy(data_ + offset, &value, sizeof(T));
		return true;
	}

private:
	u8 *data_ = nullptr;
	size_t size_ = 0;
};

// Fills a span from its start. From the first thing on that does not fit nothing is written.
class ByteWriter {
public:
	constexpr explicit ByteWriter(ByteSpan out) : out_(out)
	{
	}

	void put(ByteView bytes)
	{
		if (has_overflowed_ || !out_.view().contains(size_, bytes.size())) {
			has_overflowed_ = true;
			return;
		}
		if (bytes.size()) // an empty view may have no data at all
			__builtin_memcpy(out_.data() + size_, bytes.data(), bytes.size());
		size_ += bytes.size();
	}

	template <WireType T> void put(const T &value)
	{
		put(bytes_of(value));
	}

	constexpr bool has_overflowed() const
	{
		return has_overflowed_;
	}

	// What has been written.
	constexpr ByteSpan written() const
	{
		return {out_.data(), size_};
	}

private:
	ByteSpan out_;
	size_t size_ = 0;
	bool has_overflowed_ = false;
};

} // namespace kxx
