// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include "port.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace eipoibd {
namespace {

namespace fs = std::filesystem;

// The second port of an HCA, as sysfs shows it.
class PortTest : public testing::Test {
protected:
	PortTest()
	{
		const fs::path pkeys = net_ / "device/infiniband/mlx4_0/ports/2/pkeys";
		fs::create_directories(pkeys);
		std::ofstream(net_ / "dev_port") << "1\n";
		std::ofstream(pkeys / "0") << "0xffff\n";
		std::ofstream(pkeys / "1") << "0x8003\n";
		std::ofstream(pkeys / "2") << "0x0000\n";
	}

	~PortTest() override
	{
		fs::remove_all(root_);
	}

	fs::path root_ = fs::path(testing::TempDir()) / ("eipoibd." + std::to_string(getpid()));
	fs::path net_ = root_ / "class/net/ib0";
};

TEST_F(PortTest, what_it_has)
{
	EXPECT_TRUE(port_has("ib0", {0x8003}, root_));
	EXPECT_FALSE(port_has("ib0", {0x8004}, root_));
}

TEST_F(PortTest, what_nobody_can_tell)
{
	EXPECT_TRUE(port_has("ib1", {0x8004}, root_));
}

} // namespace
} // namespace eipoibd
