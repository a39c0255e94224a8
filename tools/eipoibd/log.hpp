// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// One line an event, for people or as JSON.
#pragma once

#include <initializer_list>
#include <ostream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace eipoibd {

struct Field {
	std::string_view name;
	std::variant<std::string, long> value;
};

using Fields = std::vector<Field>;

class Log {
public:
	enum class Format { text, json };

	Log(std::ostream &out, Format format) : out_(out), format_(format)
	{
	}

	void info(std::string_view event, const Fields &fields = {});
	void warning(std::string_view event, const Fields &fields = {});
	void error(std::string_view event, const Fields &fields = {});

private:
	void write(std::string_view level, std::string_view event, const Fields &fields);
	void write_text(std::string_view level, std::string_view event, const Fields &fields);
	void write_json(std::string_view level, std::string_view event, const Fields &fields);

	std::ostream &out_;
	Format format_;
};

} // namespace eipoibd
