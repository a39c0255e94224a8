// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The scene: a PIF above a mock interface, a VIF, and whom it knows.
 */

#include <linux/etherdevice.h>
#include <linux/kernel.h>

#include "fixture.h"

const u8 glue_vif_mac[ETH_ALEN] = { 0x00, 0x02, 0xc9, 0x43, 0x3b, 0xf1 };
const u8 glue_peer_mac[ETH_ALEN] = { 0x02, 0x00, 0x00, 0x50, 0x00, 0x02 };

#define QPN 0x48
#define SECOND_QPN 0x49
#define PKEY 0xffff

/* A plain peer's request, and what an eIPoIB peer and a station behind it say:
 * three of the teachings of kunit/cases/scene.hpp.
 */
static const char *const teachings[] = {
	"01 000050 fe80000000000000 0002c90300433c01 0806 0002"
	"0020 0800 14 04 0001"
	"80000050 fe80000000000000 0002c90300433c01 0a000002"
	"00000000 0000000000000000 0000000000000000 0a000001",
	"01 000052 fe80000000000000 0002c90300433c05 8035 0005"
	"0020 0800 14 04 0003"
	"80000052 fe80000000000000 0002c90300433c05 00000000"
	"80000052 fe80000000000000 0002c90300433c05 00000000"
	"65495042 01 05 5254000000e1 000000000000",
	"01 000052 fe80000000000000 0002c90300433c05 6558 0005"
	"ffffffffffff 5254000000f1 88b5 01",
};

/**
 * glue_hex - read hex digits
 * @hex: digits and spaces
 * @bytes: filled
 * @room: how many may come
 *
 * Context: any.
 * Return: how many came.
 */
unsigned int glue_hex(const char *hex, u8 *bytes, unsigned int room)
{
	unsigned int digits = 0;

	for (; *hex && digits < 2 * room; hex++) {
		if (*hex == ' ')
			continue;
		bytes[digits / 2] = bytes[digits / 2] << 4 | hex_to_bin(*hex);
		digits++;
	}

	return digits / 2;
}

/**
 * glue_make - a linear frame with room in front
 * @test: the test
 * @hex: what is in it
 *
 * Context: process.
 * Return: the frame.
 */
struct sk_buff *glue_make(struct kunit *test, const char *hex)
{
	struct sk_buff *skb = alloc_skb(64 + strlen(hex) / 2, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, 64);
	skb_put(skb, glue_hex(hex, skb->data, strlen(hex) / 2));
	skb_reset_mac_header(skb);

	return skb;
}

/**
 * glue_bind - bind a VIF to a MAC, untagged
 * @slave: the VIF
 * @mac: 6 bytes
 *
 * Context: process, without RTNL.
 * Return: 0 or a negative errno.
 */
int glue_bind(struct eipoib_slave *slave, const u8 *mac)
{
	struct eipoib_binding binding = { .vlan = EIPOIB_VLAN_NONE };
	const char *why;
	int err;

	ether_addr_copy(binding.mac, mac);
	rtnl_lock();
	err = eipoib_vif_bind(slave->pif->core, slave->vif, &binding, &why);
	rtnl_unlock();

	return err;
}

static struct eipoib_slave *add_vif(struct kunit *test, struct net_device *dev)
{
	struct glue *glue = test->priv;
	struct eipoib_slave *slave;
	int err;

	rtnl_lock();
	err = eipoib_slave_add(glue->pif->dev, dev, NULL);
	slave = eipoib_slave_get(dev);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_ASSERT_NOT_NULL(test, slave);

	return slave;
}

/**
 * glue_init - set the scene (of a suite)
 * @test: gets a struct glue
 *
 * Context: process.
 * Return: 0.
 */
int glue_init(struct kunit *test)
{
	struct glue *glue = kunit_kzalloc(test, sizeof(*glue), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, glue);
	test->priv = glue;
	glue->main = mock_ipoib_create(NULL, 0x47, PKEY);
	KUNIT_ASSERT_NOT_NULL(test, glue->main);
	rtnl_lock();
	glue->pif = eipoib_pif_find(glue->main);
	rtnl_unlock();
	KUNIT_ASSERT_NOT_NULL(test, glue->pif);
	glue->clone = mock_ipoib_create(glue->main, QPN, PKEY);
	KUNIT_ASSERT_NOT_NULL(test, glue->clone);

	rtnl_lock();
	KUNIT_EXPECT_EQ(test, dev_open(glue->main, NULL), 0);
	KUNIT_EXPECT_EQ(test, dev_open(glue->pif->dev, NULL), 0);
	rtnl_unlock();
	glue->slave = add_vif(test, glue->clone);
	KUNIT_EXPECT_EQ(test, glue_bind(glue->slave, glue_vif_mac), 0);

	return 0;
}

/**
 * glue_add_second - another VIF of the same partition, without a MAC
 * @test: the test
 *
 * Context: process.
 * Return: the VIF.
 */
struct eipoib_slave *glue_add_second(struct kunit *test)
{
	struct glue *glue = test->priv;

	glue->second = mock_ipoib_create(glue->main, SECOND_QPN, PKEY);
	KUNIT_ASSERT_NOT_NULL(test, glue->second);

	return add_vif(test, glue->second);
}

/**
 * glue_check_end - nothing is left
 * @test: the test
 *
 * Context: process.
 */
void glue_check_end(struct kunit *test)
{
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, spy_live(), 0);
	KUNIT_EXPECT_EQ(test, mock_ipoib_take_breaches(), 0);
}

/**
 * glue_exit - take the scene away (of a suite)
 * @test: the test
 *
 * Context: process.
 */
void glue_exit(struct kunit *test)
{
	struct glue *glue = test->priv;

	spy_fail(SPY_NOTHING, 0);
	mock_ipoib_destroy(glue->second);
	mock_ipoib_destroy(glue->clone);
	mock_ipoib_destroy(glue->main);
	glue_check_end(test);
}

/**
 * glue_transmit - let ethX send
 * @glue: the scene
 * @skb: consumed
 *
 * Context: process.
 */
void glue_transmit(struct glue *glue, struct sk_buff *skb)
{
	skb->dev = glue->pif->dev;
	rcu_read_lock_bh();
	eipoib_tx_start(skb, glue->pif->dev);
	rcu_read_unlock_bh();
}

/**
 * glue_receive - let the VIF receive
 * @glue: the scene
 * @skb: consumed
 *
 * Context: process.
 * Return: what enters ethX, or NULL.
 */
struct sk_buff *glue_receive(struct glue *glue, struct sk_buff *skb)
{
	rx_handler_result_t result;

	skb->dev = glue->clone;
	local_bh_disable();
	rcu_read_lock();
	result = eipoib_rx_handle(&skb);
	rcu_read_unlock();
	local_bh_enable();

	return result == RX_HANDLER_ANOTHER ? skb : NULL;
}

/**
 * glue_teach - let the PIF know a plain peer, glue_peer_mac, an eIPoIB peer,
 * 52:54:00:00:00:e1, and a station behind it, 52:54:00:00:00:f1
 * @test: the test
 *
 * Context: process.
 */
void glue_teach(struct kunit *test)
{
	struct sk_buff *skb;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(teachings); i++) {
		skb = glue_make(test, teachings[i]);
		__skb_pull(skb, MOCK_LINK_HLEN);
		skb->pkt_type = PACKET_MULTICAST;
		kfree_skb(glue_receive(test->priv, skb));
	}
}

/**
 * glue_count - read a counter of the PIF
 * @glue: the scene
 * @counter: enum eipoib_reason, or behind them enum eipoib_note
 *
 * Context: process.
 * Return: its value.
 */
u64 glue_count(const struct glue *glue, unsigned int counter)
{
	u64 counters[EIPOIB_COUNTERS];

	eipoib_stats_sum_counters(glue->pif, counters);

	return counters[counter];
}
