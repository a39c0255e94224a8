// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Frames that are dropped: once, for one reason, and counted where they should
 * be.
 */

#include <linux/if_ether.h>

#include "fixture.h"

enum link {
	TX_PLAIN, TX_TAGGED, TX_TRANSPARENT, TX_STRANGER, TX_ARP,
	RX_PLAIN, RX_ARP, RX_NOBODY,
};

static const char *const links[] = {
	[TX_PLAIN] = "020000500002 0002c9433bf1 0800",
	[TX_TAGGED] = "020000500002 0002c9433bf1 8100 0000 0800",
	[TX_TRANSPARENT] = "5254000000f1 0002c9433bf1 0800",
	[TX_STRANGER] = "020000500002 525400001234 0800",
	[TX_ARP] = "ffffffffffff 0002c9433bf1 0806",
	[RX_PLAIN] = "00 000050 0000000000000000 0000000000000000 0800 0002",
	[RX_ARP] = "00 000050 0000000000000000 0000000000000000 0806 0002",
	[RX_NOBODY] = "00 000000 0000000000000000 0000000000000000 0800 0002",
};

static void ethernet_arp(struct glue *glue, struct sk_buff *skb)
{
	glue_hex("0001 0800 06 04 0001 0002c9433bf1 0a000001"
		 "000000000000 0a000002", skb->data + ETH_HLEN, 28);
}

static void infiniband_arp(struct glue *glue, struct sk_buff *skb)
{
	glue_hex("0020 0800 14 04 0002"
		 "80000050 fe80000000000000 0002c90300433c01 0a000002"
		 "80000048 fe80000000000000 0002c90300433bf1 0a000001",
		 skb->data, 56);
}

static void cut_in_its_tag(struct glue *glue, struct sk_buff *skb)
{
	skb_trim(skb, 16);
}

static void cut_in_its_link_header(struct glue *glue, struct sk_buff *skb)
{
	__skb_push(skb, 4);
}

/* Nobody has been told yet. */
static void no_carrier(struct glue *glue, struct sk_buff *skb)
{
	netif_carrier_off(glue->clone);
}

/* More headroom than ethX asked for. */
static void arp_needs_more(struct glue *glue, struct sk_buff *skb)
{
	ethernet_arp(glue, skb);
	glue->clone->needed_headroom = 512;
}

static void arp_without_carrier(struct glue *glue, struct sk_buff *skb)
{
	ethernet_arp(glue, skb);
	no_carrier(glue, skb);
}

static void congested(struct glue *glue, struct sk_buff *skb)
{
	mock_of(glue->clone)->is_congested = true;
}

static void pif_down(struct glue *glue, struct sk_buff *skb)
{
	rtnl_lock();
	dev_close(glue->pif->dev);
	rtnl_unlock();
}

static void unbound(struct glue *glue, struct sk_buff *skb)
{
	rtnl_lock();
	eipoib_vif_unbind(glue->pif->core, glue->slave->vif);
	rtnl_unlock();
}

#define LINEAR 0
#define LINEAR_WITHOUT_HEADROOM 1
#define PAGED 2
#define CLONED 7
#define SHARED 10
#define GSO 12

/**
 * struct drop - a frame that is dropped
 * @name: of the test's parameter
 * @link: its link header, which says which way it goes
 * @shape: one of glue_shapes
 * @prepare: what else there is to it, or NULL
 * @fails: a call, or SPY_NOTHING for none
 * @reason: why it is dropped
 * @says: what the kernel is told
 * @is_of_vif: the VIF counts it, too
 */
struct drop {
	const char *name;
	enum link link;
	unsigned int shape;
	void (*prepare)(struct glue *glue, struct sk_buff *skb);
	enum spy_call fails;
	enum eipoib_reason reason;
	enum skb_drop_reason says;
	bool is_of_vif;
};

#define DROP(reason_, says_) \
	.reason = EIPOIB_REASON_##reason_, .says = SKB_DROP_REASON_##says_
#define NO_CALL .fails = SPY_NOTHING
#define NO_MEMORY(way, call) \
	.fails = SPY_##call, DROP(way##_NOMEM, NOMEM)

static const struct drop drops[] = {
	{ "tx_cut_in_its_tag", TX_TAGGED, LINEAR, cut_in_its_tag, NO_CALL,
	  DROP(TX_RUNT, PKT_TOO_SMALL) },
	{ "tx_from_a_stranger", TX_STRANGER, LINEAR, NULL, NO_CALL,
	  DROP(TX_VIF_MISS, NOT_SPECIFIED) },
	{ "tx_without_carrier", TX_PLAIN, PAGED, no_carrier, NO_CALL,
	  DROP(TX_SLAVE_DOWN, DEV_READY), .is_of_vif = true },
	{ "tx_rewritten_without_carrier", TX_ARP, LINEAR, arp_without_carrier,
	  NO_CALL, DROP(TX_SLAVE_DOWN, DEV_READY),
	  .is_of_vif = true },
	{ "tx_congested", TX_PLAIN, PAGED, congested, NO_CALL,
	  DROP(TX_QUEUE, NOT_SPECIFIED), .is_of_vif = true },
	{ "tx_no_memory_to_unshare", TX_PLAIN, SHARED, NULL,
	  NO_MEMORY(TX, skb_share_check) },
	{ "tx_no_memory_to_read", TX_PLAIN, PAGED, NULL,
	  NO_MEMORY(TX, pskb_may_pull) },
	{ "tx_no_memory_to_take_the_tag", TX_TAGGED, LINEAR, NULL,
	  NO_MEMORY(TX, skb_vlan_pop) },
	{ "tx_no_memory_for_the_header", TX_PLAIN, LINEAR_WITHOUT_HEADROOM,
	  NULL, NO_MEMORY(TX, skb_cow_head), .is_of_vif = true },
	{ "tx_no_memory_for_the_checksum", TX_TRANSPARENT, LINEAR, NULL,
	  NO_MEMORY(TX, skb_checksum_help), .is_of_vif = true },
	{ "tx_no_memory_for_segments", TX_TRANSPARENT, GSO, NULL,
	  NO_MEMORY(TX, skb_gso_segment), .is_of_vif = true },
	{ "tx_no_memory_for_another_payload", TX_ARP, LINEAR, ethernet_arp,
	  NO_MEMORY(TX, alloc_skb), .is_of_vif = true },
	{ "tx_no_memory_to_read_all", TX_ARP, LINEAR, ethernet_arp,
	  NO_MEMORY(TX, skb_linearize), .is_of_vif = true },
	{ "tx_no_memory_for_another_header", TX_ARP, LINEAR, arp_needs_more,
	  NO_MEMORY(TX, skb_cow_head), .is_of_vif = true },

	{ "rx_pif_down", RX_PLAIN, PAGED, pif_down, NO_CALL,
	  DROP(RX_PIF_DOWN, DEV_READY), .is_of_vif = true },
	{ "rx_cut_in_its_link_header", RX_PLAIN, LINEAR, cut_in_its_link_header,
	  NO_CALL, DROP(RX_RUNT, PKT_TOO_SMALL), .is_of_vif = true },
	{ "rx_unbound", RX_PLAIN, LINEAR, unbound, NO_CALL,
	  DROP(RX_UNBOUND, NOT_SPECIFIED), .is_of_vif = true },
	{ "rx_from_nobody", RX_NOBODY, LINEAR, NULL, NO_CALL,
	  DROP(RX_NO_SOURCE, NOT_SPECIFIED), .is_of_vif = true },
	{ "rx_no_memory_to_unshare", RX_PLAIN, SHARED, NULL,
	  NO_MEMORY(RX, skb_share_check), .is_of_vif = true },
	{ "rx_no_memory_to_read", RX_PLAIN, PAGED, NULL,
	  NO_MEMORY(RX, pskb_may_pull), .is_of_vif = true },
	{ "rx_no_memory_for_the_header", RX_PLAIN, CLONED, NULL,
	  NO_MEMORY(RX, skb_cow_head), .is_of_vif = true },
	{ "rx_no_memory_for_another_payload", RX_ARP, LINEAR, infiniband_arp,
	  NO_MEMORY(RX, netdev_alloc_skb), .is_of_vif = true },
	{ "rx_no_memory_to_read_all", RX_ARP, LINEAR, infiniband_arp,
	  NO_MEMORY(RX, skb_linearize), .is_of_vif = true },
};

static void describe(const struct drop *drop, char *desc)
{
	strscpy(desc, drop->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(drop, drops, describe);

static void check_counters(struct kunit *test, const struct drop *drop)
{
	struct glue *glue = test->priv;
	struct rtnl_link_stats64 sum = {};
	bool is_tx = drop->link < RX_PLAIN;
	u64 rx, tx, all = 0;
	unsigned int i;

	for (i = 0; i < EIPOIB_REASON_COUNT; i++)
		all += glue_count(glue, i);
	KUNIT_EXPECT_EQ(test, all, 1);
	KUNIT_EXPECT_EQ(test, glue_count(glue, drop->reason), 1);

	eipoib_stats_get(glue->pif->dev, &sum);
	KUNIT_EXPECT_EQ(test, sum.tx_dropped, is_tx);
	KUNIT_EXPECT_EQ(test, sum.rx_dropped, !is_tx);

	rtnl_lock();
	eipoib_stats_sum_drops(glue->slave, &rx, &tx);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, tx, is_tx && drop->is_of_vif);
	KUNIT_EXPECT_EQ(test, rx, !is_tx && drop->is_of_vif);
}

static void dropped_once(struct kunit *test)
{
	const struct drop *drop = test->param_value;
	struct glue *glue = test->priv;
	bool is_tx = drop->link < RX_PLAIN;
	struct glue_frame frame;

	glue_teach(test);
	glue_frame_make(test, &frame, &glue_shapes[drop->shape],
			is_tx ? GLUE_TX : GLUE_RX, links[drop->link]);
	if (drop->prepare)
		drop->prepare(glue, frame.skb);
	spy_fail(drop->fails, 1);
	if (is_tx)
		glue_transmit(glue, frame.skb);
	else
		KUNIT_EXPECT_NULL(test, glue_receive(glue, frame.skb));

	KUNIT_EXPECT_EQ(test, spy_has_failed(), drop->fails != SPY_NOTHING);
	KUNIT_EXPECT_EQ(test, spy_take_reason(), drop->says);
	KUNIT_EXPECT_NULL(test, mock_ipoib_take(glue->clone, ETH_P_IP));
	KUNIT_EXPECT_NULL(test, mock_ipoib_take(glue->clone, ETH_P_TEB));
	check_counters(test, drop);
	glue_frame_end(test, &frame);
}

static struct kunit_case tests[] = {
	KUNIT_CASE_PARAM(dropped_once, drop_gen_params),
	{}
};

struct kunit_suite glue_drop_suite = {
	.name = "eipoib-drop",
	.init = glue_init,
	.exit = glue_exit,
	.test_cases = tests,
};
