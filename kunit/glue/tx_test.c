// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Frames that leave ethX: the glue exchanges the link header of every form of
 * sk_buff, and touches nothing that is not its own.
 */

#include <linux/if_ether.h>
#include <linux/if_vlan.h>

#include "abi/kernel.h"
#include "fixture.h"

#define TO_PLAIN "80000050 fe80000000000000 0002c90300433c01 0800 0000"
#define TO_EIPOIB "80000052 fe80000000000000 0002c90300433c05 6558 0000"

static const struct glue_kind kinds[] = {
	{ "translated", "020000500002 0002c9433bf1 0800", TO_PLAIN },
	{ "tagged", "020000500002 0002c9433bf1 8100 a000 0800", TO_PLAIN },
	{ "followed", "020000500002 0002c9433bf1 0800", TO_PLAIN,
	  .is_followed = true },
	{ "transparent", "5254000000f1 0002c9433bf1 0800", TO_EIPOIB,
	  .is_transparent = true },
};

#define TAGGED (&kinds[1])

static struct glue_case cases[ARRAY_SIZE(kinds) * GLUE_SHAPE_COUNT];

static const void *next_case(const void *prev, char *desc)
{
	return glue_next_case(cases, kinds, ARRAY_SIZE(kinds), prev, desc);
}

static bool has_other(const struct glue_shape *shape)
{
	return shape->is_cloned || shape->is_shared;
}

/* To read it, to take a tag out of it, or to complete its checksum, it had to
 * get a buffer of its own before there was a header to put in front.
 */
static bool is_copied_early(const struct glue_case *c)
{
	return has_other(c->shape) &&
	       (!c->shape->head || c->kind == TAGGED ||
		c->kind->is_transparent);
}

static bool lacks_room(const struct glue_case *c)
{
	unsigned int need = MOCK_LINK_HLEN;

	if (!c->kind->is_transparent)
		need -= ETH_HLEN;
	if (c->kind == TAGGED)
		need -= VLAN_HLEN;

	return c->shape->headroom < need;
}

static void check_place(struct kunit *test, const struct glue_case *c,
			const struct glue_frame *frame,
			const struct sk_buff *out)
{
	const struct glue *glue = test->priv;
	u64 note = glue_count(glue, EIPOIB_REASON_COUNT +
				    EIPOIB_NOTE_TX_REALLOC);
	bool is_cloned = has_other(c->shape) && !is_copied_early(c);

	KUNIT_EXPECT_EQ(test, note, lacks_room(c) || is_cloned);
	KUNIT_EXPECT_EQ(test, (const u8 *)out->head != frame->head,
			lacks_room(c) || has_other(c->shape));
	KUNIT_EXPECT_TRUE(test, glue_frame_has_pages(frame, out));
}

static void check_header(struct kunit *test, const struct glue_kind *kind,
			 const struct sk_buff *out)
{
	const struct glue *glue = test->priv;

	KUNIT_EXPECT_PTR_EQ(test, out->dev, glue->clone);
	KUNIT_EXPECT_EQ(test, skb_mac_offset(out), 0);
	KUNIT_EXPECT_EQ(test, skb_network_offset(out), MOCK_LINK_HLEN);
	KUNIT_EXPECT_FALSE(test, skb_vlan_tag_present(out));
	glue_expect_hex(test, out, 0, kind->header);
}

/* Its checksum is computed, and no other byte differs. */
static void check_transparent(struct kunit *test,
			      const struct glue_frame *frame,
			      const struct sk_buff *out, unsigned int field)
{
	unsigned int start = ETH_HLEN + GLUE_TRANSPORT + field;
	unsigned int end = start + sizeof(__sum16);

	KUNIT_EXPECT_EQ(test, (int)out->ip_summed, CHECKSUM_NONE);
	KUNIT_ASSERT_EQ(test, out->len, MOCK_LINK_HLEN + frame->len);
	glue_expect_bytes(test, out, MOCK_LINK_HLEN, frame->bytes, start);
	glue_expect_bytes(test, out, MOCK_LINK_HLEN + end, frame->bytes + end,
			  frame->len - end);
	glue_expect_sums(test, out, MOCK_LINK_HLEN + ETH_HLEN);
}

static void check_translated(struct kunit *test,
			     const struct glue_frame *frame,
			     const struct sk_buff *out, unsigned int field)
{
	unsigned int len = frame->len - frame->link_len;

	KUNIT_EXPECT_EQ(test, (int)out->ip_summed, CHECKSUM_PARTIAL);
	KUNIT_EXPECT_EQ(test, skb_checksum_start_offset(out),
			MOCK_LINK_HLEN + GLUE_TRANSPORT);
	KUNIT_EXPECT_EQ(test, out->csum_offset, field);
	KUNIT_ASSERT_EQ(test, out->len, MOCK_LINK_HLEN + len);
	glue_expect_bytes(test, out, MOCK_LINK_HLEN,
			  frame->bytes + frame->link_len, len);
}

static void check_gso(struct kunit *test, const struct skb_shared_info *info,
		      const struct sk_buff *out)
{
	KUNIT_EXPECT_EQ(test, skb_shinfo(out)->gso_size, info->gso_size);
	KUNIT_EXPECT_EQ(test, skb_shinfo(out)->gso_segs, info->gso_segs);
	KUNIT_EXPECT_EQ(test, skb_shinfo(out)->gso_type, info->gso_type);
}

/* Nothing below can segment a transparent frame. */
static void check_segments(struct kunit *test, const struct glue_case *c,
			   const struct glue_frame *frame,
			   const struct skb_shared_info *info)
{
	unsigned int payload, at = 0, count = 0;
	struct glue *glue = test->priv;
	unsigned int hlen;
	struct sk_buff *out;

	hlen = ETH_HLEN + GLUE_TRANSPORT +
	       (c->shape->gso == GLUE_GSO_TCP ? 20 : 8);
	for (; (out = mock_ipoib_take(glue->clone, ETH_P_TEB)); count++) {
		payload = out->len - MOCK_LINK_HLEN - hlen;
		check_header(test, c->kind, out);
		KUNIT_EXPECT_FALSE(test, skb_is_gso(out));
		KUNIT_EXPECT_EQ(test, (int)out->ip_summed, CHECKSUM_NONE);
		KUNIT_EXPECT_LE(test, payload, info->gso_size);
		KUNIT_ASSERT_LE(test, hlen + at + payload, frame->len);
		glue_expect_sums(test, out, MOCK_LINK_HLEN + ETH_HLEN);
		glue_expect_bytes(test, out, MOCK_LINK_HLEN + hlen,
				  frame->bytes + hlen + at, payload);
		at += payload;
		kfree_skb(out);
	}
	KUNIT_EXPECT_EQ(test, count, info->gso_segs);
	KUNIT_EXPECT_EQ(test, hlen + at, frame->len);
}

static void check_one(struct kunit *test, const struct glue_case *c,
		      const struct glue_frame *frame,
		      const struct skb_shared_info *info, unsigned int field)
{
	u16 protocol = c->kind->is_transparent ? ETH_P_TEB : ETH_P_IP;
	struct glue *glue = test->priv;
	struct sk_buff *out;

	out = mock_ipoib_take(glue->clone, protocol);
	KUNIT_ASSERT_NOT_NULL(test, out);
	check_header(test, c->kind, out);
	check_place(test, c, frame, out);
	check_gso(test, info, out);
	if (c->kind->is_transparent)
		check_transparent(test, frame, out, field);
	else
		check_translated(test, frame, out, field);
	glue_frame_check_other(test, frame);
	kfree_skb(out);
}

/* What comes now does so where the core knows the way, and is not asked. */
static void go_ahead(struct kunit *test, const struct glue_kind *kind)
{
	struct glue *glue = test->priv;
	const struct eipoib_flow *flow;
	struct glue_frame frame;

	glue_frame_make(test, &frame, glue_shapes, GLUE_TX, kind->link);
	glue_transmit(glue, frame.skb);
	kfree_skb(mock_ipoib_take(glue->clone, ETH_P_IP));
	rcu_read_lock_bh();
	flow = eipoib_tx_find_flow(glue->pif->core, frame.bytes, frame.len,
				   frame.len, EIPOIB_TCI_NONE, eipoib_k_now());
	rcu_read_unlock_bh();
	KUNIT_ASSERT_NOT_NULL(test, flow);
}

static void forward(struct kunit *test)
{
	const struct glue_case *c = test->param_value;
	struct glue *glue = test->priv;
	struct skb_shared_info info;
	struct glue_frame frame;
	unsigned int field;

	glue_teach(test);
	if (c->kind->is_followed)
		go_ahead(test, c->kind);
	glue_frame_make(test, &frame, c->shape, GLUE_TX, c->kind->link);
	info = *skb_shinfo(frame.skb);
	field = frame.skb->csum_offset;
	glue_transmit(glue, frame.skb);
	if (c->kind->is_transparent && c->shape->gso)
		check_segments(test, c, &frame, &info);
	else
		check_one(test, c, &frame, &info, field);
	glue_frame_end(test, &frame);
}

/* A whole payload is made anew. */
static void rewrite(struct kunit *test)
{
	struct glue *glue = test->priv;
	struct sk_buff *skb, *other, *out;

	skb = glue_make(test, "ffffffffffff 0002c9433bf1 0806"
			      "0001 0800 06 04 0001 0002c9433bf1 0a000001"
			      "000000000000 0a000002");
	skb->priority = 5;
	skb->mark = 6;
	other = skb_clone(skb, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, other);
	glue_transmit(glue, skb);

	out = mock_ipoib_take(glue->clone, ETH_P_ARP);
	KUNIT_ASSERT_NOT_NULL(test, out);
	KUNIT_EXPECT_GE(test, out->len, MOCK_LINK_HLEN + 8 + 2 * (20 + 4));
	glue_expect_hex(test, out, MOCK_LINK_HLEN, "0020 0800 14 04 0001"
			"80000048 fe80000000000000 0002c90300433bf1 0a000001");
	KUNIT_EXPECT_EQ(test, out->priority, 5);
	KUNIT_EXPECT_EQ(test, out->mark, 6);
	KUNIT_EXPECT_EQ(test, glue_count(glue, EIPOIB_REASON_COUNT +
					       EIPOIB_NOTE_TX_REALLOC), 0);
	KUNIT_EXPECT_FALSE(test, skb_cloned(other));
	glue_expect_hex(test, other, 0, "ffffffffffff 0002c9433bf1 0806"
			"0001 0800 06 04 0001 0002c9433bf1 0a000001");
	kfree_skb(other);
	kfree_skb(out);
}

static struct kunit_case tests[] = {
	KUNIT_CASE_PARAM(forward, next_case),
	KUNIT_CASE(rewrite),
	{}
};

struct kunit_suite glue_tx_suite = {
	.name = "eipoib-tx",
	.init = glue_init,
	.exit = glue_exit,
	.test_cases = tests,
};
