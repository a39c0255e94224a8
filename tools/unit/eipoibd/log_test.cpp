// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <sstream>

#include "json.hpp"
#include "log.hpp"

namespace eipoibd {
namespace {

TEST(JsonTest, strings)
{
	EXPECT_EQ(json_string(""), R"("")");
	EXPECT_EQ(json_string("vnet1"), R"("vnet1")");
	EXPECT_EQ(json_string("a\"b\\c\n\t\x01"), R"("a\"b\\c\u000a\u0009\u0001")");
	EXPECT_EQ(json_string({"\0", 1}), R"("\u0000")");
	EXPECT_EQ(json_string("br\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80"),
		  "\"br\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80\"");
}

TEST(JsonTest, what_is_no_utf8)
{
	EXPECT_EQ(json_string("a\xff"
			      "b"),
		  R"("a\ufffdb")");
	EXPECT_EQ(json_string("\xc3"), R"("\ufffd")"); // ends early
	EXPECT_EQ(json_string("\xc3("), R"("\ufffd(")");
	EXPECT_EQ(json_string("\xc0\xaf"), R"("\ufffd\ufffd")");	   // overlong
	EXPECT_EQ(json_string("\xe0\x9f\xbf"), R"("\ufffd\ufffd\ufffd")"); // overlong
	EXPECT_EQ(json_string("\xed\xa0\x80"), R"("\ufffd\ufffd\ufffd")"); // surrogate
	EXPECT_EQ(json_string("\xf4\x90\x80\x80"), R"("\ufffd\ufffd\ufffd\ufffd")");
}

TEST(LogTest, json)
{
	std::ostringstream out;
	Log(out, Log::Format::json).warning("port-full", {{"port", "v\"1"}, {"vlan", 3}});
	std::string line = out.str();
	std::replace_if(
		line.begin(), line.end(), [](unsigned char c) { return std::isdigit(c); }, 'N');
	EXPECT_EQ(line, R"({"time":"NNNN-NN-NNTNN:NN:NN.NNNZ","level":"warning",)"
			R"("event":"port-full","port":"v\"N","vlan":N})"
			"\n");
}

TEST(LogTest, text)
{
	std::ostringstream out;
	Log log(out, Log::Format::text);
	log.info("vif-added", {{"mac", "m"}, {"vlan", 3}});
	log.error("failed", {{"reason", "a b"}, {"line", "x\ny"}, {"none", ""}});
	EXPECT_EQ(out.str(), "vif-added mac=m vlan=3\n"
			     "error: failed reason=\"a b\" line=\"x\\u000ay\" none=\"\"\n");
}

} // namespace
} // namespace eipoibd
