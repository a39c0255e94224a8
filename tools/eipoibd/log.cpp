// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include "log.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>

#include "json.hpp"

namespace eipoibd {

namespace {

// RFC 3339, UTC, milliseconds.
std::string timestamp()
{
	using namespace std::chrono;
	const auto now = system_clock::now();
	const std::time_t seconds = system_clock::to_time_t(now);
	const auto rest = duration_cast<milliseconds>(now.time_since_epoch()) % 1000;
	std::tm parts{};
	char date[32];
	char text[48];

	gmtime_r(&seconds, &parts);
	std::strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &parts);
	std::snprintf(text, sizeof(text), "%s.%03dZ", date, static_cast<int>(rest.count()));
	return text;
}

bool needs_quotes(const std::string &text)
{
	return text.empty() || std::any_of(text.begin(), text.end(), [](unsigned char c) {
		       return c <= ' ' || c >= 0x7f || c == '"' || c == '=';
	       });
}

std::string show(const Field &field, bool is_quoted)
{
	if (const auto *number = std::get_if<long>(&field.value))
		return std::to_string(*number);
	const auto &text = std::get<std::string>(field.value);
	return is_quoted || needs_quotes(text) ? json_string(text) : text;
}

} // namespace

void Log::info(std::string_view event, const Fields &fields)
{
	write("info", event, fields);
}

void Log::warning(std::string_view event, const Fields &fields)
{
	write("warning", event, fields);
}

void Log::error(std::string_view event, const Fields &fields)
{
	write("error", event, fields);
}

void Log::write(std::string_view level, std::string_view event, const Fields &fields)
{
	if (format_ == Format::json)
		write_json(level, event, fields);
	else
		write_text(level, event, fields);
	out_.flush();
}

void Log::write_text(std::string_view level, std::string_view event, const Fields &fields)
{
	if (level != "info")
		out_ << level << ": ";
	out_ << event;
	for (const Field &field : fields)
		out_ << ' ' << field.name << '=' << show(field, false);
	out_ << '\n';
}

void Log::write_json(std::string_view level, std::string_view event, const Fields &fields)
{
	out_ << "{\"time\":" << json_string(timestamp()) << ",\"level\":" << json_string(level)
	     << ",\"event\":" << json_string(event);
	for (const Field &field : fields)
		out_ << ',' << json_string(field.name) << ':' << show(field, true);
	out_ << "}\n";
}

} // namespace eipoibd
