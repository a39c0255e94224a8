// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <gtest/gtest.h>

#include <sstream>

#include "config.hpp"

namespace eipoibd {
namespace {

using namespace std::chrono_literals;

Config parse(const std::string &text)
{
	std::istringstream in(text);
	return parse_config(in, "file");
}

std::string complaint(const std::string &text)
{
	try {
		parse(text);
	} catch (const ConfigError &error) {
		return error.what();
	}
	return "none";
}

TEST(ConfigTest, nothing_is_fine)
{
	const Config config = parse("");
	EXPECT_TRUE(config.has_pif("eth4"));
	EXPECT_FALSE(config.is_ignored("vnet1"));
	EXPECT_EQ(config.max_per_port, 64u);
	EXPECT_EQ(config.linger, 300s);
	EXPECT_EQ(config.idle, 300s);
	EXPECT_EQ(config.pkey({}), PKey{});
	EXPECT_EQ(config.pkey({3}), PKey{0x8003});
}

TEST(ConfigTest, everything)
{
	const Config config = parse("# a comment\n"
				    "\n"
				    "pif = eth4 eth5  # another\r\n"
				    "\tignore-port=en* bond0\n"
				    "max-per-port = 8\n"
				    "linger = 0\n"
				    "idle = 10\n"
				    "pkey.3 = 0x13\n"
				    "pkey.4 = 0x8014\n"
				    "pkey.4094 = 21"); // no end of line
	EXPECT_TRUE(config.has_pif("eth5"));
	EXPECT_FALSE(config.has_pif("eth6"));
	EXPECT_TRUE(config.is_ignored("eno1"));
	EXPECT_EQ(config.max_per_port, 8u);
	EXPECT_EQ(config.linger, 0s);
	EXPECT_EQ(config.idle, 10s);
	EXPECT_EQ(config.pkey({3}), PKey{0x8013});
	EXPECT_EQ(config.pkey({4}), PKey{0x8014});
	EXPECT_EQ(config.pkey({4094}), PKey{0x8015});
	EXPECT_EQ(config.pkey({5}), PKey{0x8005});
}

TEST(ConfigTest, what_is_wrong_and_where)
{
	EXPECT_EQ(complaint("\nlinger"), "file:2: '=' is missing");
	EXPECT_EQ(complaint("linger ="), "file:1: 'linger' has no value");
	EXPECT_EQ(complaint("= 3"), "file:1: '' is no setting");
	EXPECT_EQ(complaint("lingers = 3"), "file:1: 'lingers' is no setting");
	EXPECT_EQ(complaint("linger = -1"), "file:1: '-1' is no number from 0 to 604800");
	EXPECT_EQ(complaint("linger = 1s"), "file:1: '1s' is no number from 0 to 604800");
	EXPECT_EQ(complaint("linger = 99999999999999999999"),
		  "file:1: '99999999999999999999' is no number from 0 to 604800");
	EXPECT_EQ(complaint("idle = 0"), "file:1: '0' is no number from 1 to 604800");
	EXPECT_EQ(complaint("max-per-port = 4097"), "file:1: '4097' is no number from 0 to 4096");
	EXPECT_EQ(complaint("pkey.0 = 3"), "file:1: '0' is no number from 1 to 4094");
	EXPECT_EQ(complaint("pkey.4095 = 3"), "file:1: '4095' is no number from 1 to 4094");
	EXPECT_EQ(complaint("pkey. = 3"), "file:1: '' is no number from 1 to 4094");
	EXPECT_EQ(complaint("pkey.3 = 0x"), "file:1: '0x' is no number from 1 to 65535");
	EXPECT_EQ(complaint("pkey.3 = 0x10000"), "file:1: '0x10000' is no number from 1 to 65535");
	EXPECT_EQ(complaint("pkey.3 = 0x8000"), "file:1: '0x8000' is no P_Key");
}

TEST(ConfigTest, a_file_that_is_not_there)
{
	EXPECT_NO_THROW(read_config("/nonexistent/eipoibd.conf", false));
	EXPECT_THROW(read_config("/nonexistent/eipoibd.conf", true), ConfigError);
	EXPECT_THROW(read_config("/", true), ConfigError);
}

} // namespace
} // namespace eipoibd
