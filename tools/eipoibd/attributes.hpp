// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The attributes of one level of a netlink message. Of equal ones the last counts; what has another
// length than it should have is not there.
#pragma once

#include <libmnl/libmnl.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <type_traits>

namespace eipoibd {

// libmnl's own loops are macros that only C understands.
template <typename Visit>
void for_each_attribute(const void *begin, const void *end, const Visit &visit)
{
	const auto *attr = static_cast<const nlattr *>(begin);
	const auto left = [&] {
		return static_cast<const char *>(end) - reinterpret_cast<const char *>(attr);
	};
	for (; mnl_attr_ok(attr, static_cast<int>(left())); attr = mnl_attr_next(attr))
		visit(attr);
}

template <typename Visit> void for_each_nested(const nlattr *nest, const Visit &visit)
{
	const auto *begin = static_cast<const char *>(mnl_attr_get_payload(nest));
	for_each_attribute(begin, begin + mnl_attr_get_payload_len(nest), visit);
}

class Attributes {
public:
	// Those of @message, behind its @header_length bytes of header.
	Attributes(const nlmsghdr *message, std::size_t header_length)
	{
		// Not libmnl's tail, which is rounded up, beyond a message that is cut short.
		for_each_attribute(mnl_nlmsg_get_payload_offset(message, header_length),
				   reinterpret_cast<const char *>(message) + message->nlmsg_len,
				   [this](const nlattr *attr) { add(attr); });
	}

	// Those in @nest, none if that is null.
	explicit Attributes(const nlattr *nest)
	{
		if (nest)
			for_each_nested(nest, [this](const nlattr *attr) { add(attr); });
	}

	const nlattr *operator[](std::size_t type) const
	{
		return type < attrs_.size() ? attrs_[type] : nullptr;
	}

	template <typename T> std::optional<T> get(std::size_t type) const
	{
		static_assert(std::is_trivially_copyable_v<T>);
		const auto data = bytes(type);
		if (data.size() != sizeof(T))
			return std::nullopt;
		T value;
		std::memcpy(&value, data.data(), sizeof(T));
		return value;
	}

	std::string text(std::size_t type) const
	{
		const auto data = bytes(type);
		return {data.begin(), std::find(data.begin(), data.end(), '\0')};
	}

	std::span<const std::uint8_t> bytes(std::size_t type) const
	{
		const nlattr *attr = (*this)[type];
		if (!attr)
			return {};
		return {static_cast<const std::uint8_t *>(mnl_attr_get_payload(attr)),
			mnl_attr_get_payload_len(attr)};
	}

private:
	void add(const nlattr *attr)
	{
		if (const auto type = mnl_attr_get_type(attr); type < attrs_.size())
			attrs_[type] = attr;
	}

	std::array<const nlattr *, 128> attrs_{};
};

} // namespace eipoibd
