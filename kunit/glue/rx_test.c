// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Frames that enter ethX: every form of sk_buff that ib_ipoib, GRO and packet
 * sockets leave.
 */

#include <linux/etherdevice.h>
#include <net/checksum.h>

#include "abi/kernel.h"
#include "fixture.h"

static const struct glue_kind kinds[] = {
	{ "translated", "00 000050 0000000000000000 0000000000000000 0800 0002",
	  "0002c9433bf1 020000500002 0800" },
	{ "followed",
	  "00 000050 0000000000000000 0000000000000000 0800 0002",
	  "0002c9433bf1 020000500002 0800", .is_followed = true },
	{ "transparent", "01 000052 fe80000000000000 0002c90300433c05 6558 0005"
			 "0002c9433bf1 5254000000f1 0800",
	  "0002c9433bf1 5254000000f1 0800", .is_transparent = true },
};

static struct glue_case cases[ARRAY_SIZE(kinds) * GLUE_SHAPE_COUNT];

static const void *next_case(const void *prev, char *desc)
{
	return glue_next_case(cases, kinds, ARRAY_SIZE(kinds), prev, desc);
}

static bool has_other(const struct glue_shape *shape)
{
	return shape->is_cloned || shape->is_shared;
}

static void check_place(struct kunit *test, const struct glue_case *c,
			const struct glue_frame *frame,
			const struct sk_buff *out)
{
	const struct glue *glue = test->priv;
	u64 note = glue_count(glue, EIPOIB_REASON_COUNT +
				    EIPOIB_NOTE_RX_REALLOC);
	/* To read it, or to write in front of it. */
	bool is_pulled = has_other(c->shape) && !c->shape->head;
	bool is_cloned = has_other(c->shape) && c->shape->head &&
			 !c->kind->is_transparent;

	KUNIT_EXPECT_EQ(test, note, is_cloned);
	KUNIT_EXPECT_EQ(test, (const u8 *)out->head != frame->head,
			is_pulled || is_cloned);
	KUNIT_EXPECT_TRUE(test, glue_frame_has_pages(frame, out));
}

static void check_header(struct kunit *test, const struct glue_kind *kind,
			 const struct sk_buff *out)
{
	const struct glue *glue = test->priv;

	KUNIT_EXPECT_PTR_EQ(test, out->dev, glue->pif->dev);
	KUNIT_EXPECT_EQ(test, (int)out->pkt_type, PACKET_HOST);
	KUNIT_EXPECT_EQ(test, out->protocol, htons(ETH_P_IP));
	KUNIT_EXPECT_EQ(test, skb_mac_offset(out), -ETH_HLEN);
	KUNIT_EXPECT_EQ(test, out->mac_len, ETH_HLEN);
	KUNIT_EXPECT_EQ(test, skb_network_offset(out), 0);
	KUNIT_EXPECT_FALSE(test, skb_vlan_tag_present(out));
	glue_expect_hex(test, out, -ETH_HLEN, kind->header);
}

static void check_offloads(struct kunit *test, const struct glue_shape *shape,
			   const struct skb_shared_info *info,
			   const struct sk_buff *out)
{
	KUNIT_EXPECT_EQ(test, skb_shinfo(out)->gso_size, info->gso_size);
	KUNIT_EXPECT_EQ(test, skb_shinfo(out)->gso_segs, info->gso_segs);
	KUNIT_EXPECT_EQ(test, skb_shinfo(out)->gso_type, info->gso_type);

	if (shape->gso) {
		KUNIT_EXPECT_EQ(test, (int)out->ip_summed, CHECKSUM_PARTIAL);
		KUNIT_EXPECT_EQ(test, skb_checksum_start_offset(out),
				GLUE_TRANSPORT);
	} else {
		KUNIT_EXPECT_EQ(test, (int)out->ip_summed, CHECKSUM_COMPLETE);
		KUNIT_EXPECT_EQ(test, csum_fold(out->csum),
				csum_fold(skb_checksum(out, 0, out->len, 0)));
	}
}

static void check_traffic(struct kunit *test, unsigned int bytes)
{
	const struct glue *glue = test->priv;
	struct rtnl_link_stats64 sum = {};

	eipoib_stats_get(glue->pif->dev, &sum);
	KUNIT_EXPECT_EQ(test, sum.rx_dropped, 0);
	KUNIT_EXPECT_GE(test, sum.rx_packets, 1);
	KUNIT_EXPECT_GE(test, sum.rx_bytes, bytes);
}

/* What comes now does so where the core knows the way, and is not asked. */
static void go_ahead(struct kunit *test, const struct glue_kind *kind)
{
	struct glue *glue = test->priv;
	const struct eipoib_flow *flow;
	struct glue_frame frame;

	glue_frame_make(test, &frame, glue_shapes, GLUE_RX, kind->link);
	kfree_skb(glue_receive(glue, frame.skb));
	rcu_read_lock_bh();
	flow = eipoib_rx_find_flow(glue->pif->core, glue->slave->vif,
				   frame.bytes, frame.len - MOCK_LINK_HLEN,
				   frame.len - MOCK_LINK_HLEN, eipoib_k_now());
	rcu_read_unlock_bh();
	KUNIT_ASSERT_NOT_NULL(test, flow);
}

static void forward(struct kunit *test)
{
	const struct glue_case *c = test->param_value;
	struct glue *glue = test->priv;
	struct skb_shared_info info;
	struct glue_frame frame;
	struct sk_buff *out;

	glue_teach(test);
	if (c->kind->is_followed)
		go_ahead(test, c->kind);
	glue_frame_make(test, &frame, c->shape, GLUE_RX, c->kind->link);
	info = *skb_shinfo(frame.skb);
	out = glue_receive(glue, frame.skb);

	KUNIT_ASSERT_NOT_NULL(test, out);
	check_header(test, c->kind, out);
	check_place(test, c, &frame, out);
	check_offloads(test, c->shape, &info, out);
	KUNIT_EXPECT_EQ(test, out->len, frame.len - frame.link_len);
	glue_expect_bytes(test, out, 0, frame.bytes + frame.link_len,
			  frame.len - frame.link_len);
	check_traffic(test, out->len + ETH_HLEN);
	glue_frame_check_other(test, &frame);
	kfree_skb(out);
	glue_frame_end(test, &frame);
}

/* What the clone sent itself, and the stack hands back. */
static void own_frames_pass(struct kunit *test)
{
	struct glue *glue = test->priv;
	struct sk_buff *skb = alloc_skb(64, GFP_KERNEL);
	struct sk_buff *same = skb;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb->pkt_type = PACKET_LOOPBACK;
	skb->dev = glue->clone;
	KUNIT_EXPECT_EQ(test, eipoib_rx_handle(&same), RX_HANDLER_PASS);
	KUNIT_EXPECT_PTR_EQ(test, same, skb);
	KUNIT_EXPECT_EQ(test, refcount_read(&skb->users), 1);
	kfree_skb(skb);
}

static struct sk_buff *kept;

static int keep(struct sk_buff *skb, struct net_device *dev,
		struct packet_type *type, struct net_device *orig_dev)
{
	kfree_skb(xchg(&kept, skb));
	return NET_RX_SUCCESS;
}

/* Through the stack: the handler is found, and ethX receives. */
static void the_stack_delivers(struct kunit *test)
{
	struct glue *glue = test->priv;
	struct packet_type type = { .type = htons(ETH_P_IP), .func = keep };
	const struct glue_kind *kind = kinds;
	struct glue_frame frame;

	glue_teach(test);
	type.dev = glue->pif->dev;
	glue_frame_make(test, &frame, glue_shapes, GLUE_RX, kind->link);
	frame.skb->dev = glue->clone;
	frame.skb->protocol = htons(ETH_P_IP);
	skb_get(frame.skb);
	frame.other = frame.skb;
	dev_add_pack(&type);
	local_bh_disable();
	netif_receive_skb(frame.skb);
	local_bh_enable();
	dev_remove_pack(&type);

	KUNIT_ASSERT_NOT_NULL(test, kept);
	check_header(test, kind, kept);
	kfree_skb(xchg(&kept, NULL));
	kfree_skb(frame.other);
}

static struct kunit_case tests[] = {
	KUNIT_CASE_PARAM(forward, next_case),
	KUNIT_CASE(own_frames_pass),
	KUNIT_CASE(the_stack_delivers),
	{}
};

struct kunit_suite glue_rx_suite = {
	.name = "eipoib-rx",
	.init = glue_init,
	.exit = glue_exit,
	.test_cases = tests,
};
