// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Result<T>: a value or the reason why there is none. It cannot be ignored and it never throws.
#pragma once

#include "types.hpp"

namespace kxx {

// T or E. Both are kept side by side: T is small and trivially copyable wherever this is used.
template <typename T, typename E> class [[nodiscard]] Result {
public:
	constexpr Result(T value) : value_(value), ok_(true)
	{
	}

	constexpr Result(E error) : error_(error), ok_(false)
	{
	}

	constexpr bool is_ok() const
	{
		return ok_;
	}

	// Only when is_ok().
	constexpr const T &value() const
	{
		return value_;
	}

	// Only when !is_ok().
	constexpr E error() const
	{
		return error_;
	}

private:
	T value_{};
	E error_{};
	bool ok_;
};

} // namespace kxx

// The value of a Result, or return its error from the calling function (a GNU statement
// expression).
#define TRY(expr)                                                                                  \
	({                                                                                         \
		auto try_result_ = (expr);                                                         \
		if (!try_result_.is_ok())                                                          \
			return try_result_.error();                                                \
		try_result_.value();                                                               \
	})
