// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Frames that are longer than their way takes, in every form of sk_buff.
 */

#include <linux/if_ether.h>
#include <net/ip.h>

#include "fixture.h"
#include "hot.h"

#define LINK "020000500002 0002c9433bf1 0800"
#define HEADER "80000050 fe80000000000000 0002c90300433c01 0800 0000"
#define MTU 300
/* Behind an IPv4 header, and divided by eight. */
#define PIECE ((MTU - GLUE_TRANSPORT) & ~7)
#define UDP_CHECK (GLUE_TRANSPORT + offsetof(struct udphdr, check))

/*
 * The next shape behind @prev, GSO or not as @is_gso says. What reaches the
 * cutting has been told from other references, and read.
 */
static const void *next_shape(const void *prev, char *desc, bool is_gso)
{
	const struct glue_shape *shape = prev ?: glue_shapes - 1;

	while (++shape < glue_shapes + GLUE_SHAPE_COUNT) {
		bool shape_is_gso = shape->gso != GLUE_PLAIN;

		if (shape_is_gso != is_gso || shape->is_shared)
			continue;
		strscpy(desc, shape->name, KUNIT_PARAM_DESC_SIZE);
		return shape;
	}

	return NULL;
}

static const void *next_plain(const void *prev, char *desc)
{
	return next_shape(prev, desc, false);
}

static const void *next_gso(const void *prev, char *desc)
{
	return next_shape(prev, desc, true);
}

static void cut(struct kunit *test, struct glue_frame *frame)
{
	struct eipoib_tx_plan plan = {
		.verdict = EIPOIB_FRAGMENT, .pull = ETH_HLEN, .mtu = MTU,
	};
	struct glue *glue = test->priv;

	KUNIT_ASSERT_TRUE(test, pskb_may_pull(frame->skb, EIPOIB_HEAD_MAX));
	frame->skb->priority = 5;
	frame->skb->mark = 6;
	plan.dev = glue->clone;
	glue_hex(HEADER, plan.header, sizeof(plan.header));
	rcu_read_lock_bh();
	eipoib_tx_cut(glue->pif, frame->skb, &plan);
	rcu_read_unlock_bh();
}

/* Return: the length of its payload, which is put behind @whole. */
static unsigned int check_piece(struct kunit *test, struct sk_buff *whole,
				const struct sk_buff *out)
{
	const struct iphdr *ip = (void *)(out->data + MOCK_LINK_HLEN);
	unsigned int at = whole->len - GLUE_TRANSPORT;
	unsigned int len = out->len - MOCK_LINK_HLEN - sizeof(*ip);

	glue_expect_hex(test, out, 0, HEADER);
	KUNIT_EXPECT_EQ(test, out->priority, 5);
	KUNIT_EXPECT_EQ(test, out->mark, 6);
	KUNIT_EXPECT_EQ(test, (int)out->ip_summed, CHECKSUM_NONE);
	KUNIT_EXPECT_EQ(test, ntohs(ip->tot_len), sizeof(*ip) + len);
	KUNIT_EXPECT_EQ(test, ip_fast_csum(ip, ip->ihl), 0);
	KUNIT_EXPECT_EQ(test, ntohs(ip->frag_off) & IP_OFFSET, at / 8);
	KUNIT_ASSERT_LE(test, len, skb_tailroom(whole));
	skb_put_data(whole, ip + 1, len);

	return ntohs(ip->frag_off) & IP_MF ? len : 0;
}

static void fragments(struct kunit *test)
{
	struct glue *glue = test->priv;
	struct sk_buff *whole, *out;
	struct glue_frame frame;
	unsigned int count = 0, ip_len;
	bool is_last = false;

	glue_frame_make(test, &frame, test->param_value, GLUE_TX, LINK);
	ip_len = frame.len - ETH_HLEN;
	whole = alloc_skb(frame.len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, whole);
	skb_put_data(whole, frame.bytes + ETH_HLEN, GLUE_TRANSPORT);

	cut(test, &frame);
	for (; (out = mock_ipoib_take(glue->clone, ETH_P_IP)); count++) {
		unsigned int len = check_piece(test, whole, out);

		KUNIT_EXPECT_FALSE(test, is_last);
		is_last = !len;
		KUNIT_EXPECT_TRUE(test, is_last || len == PIECE);
		kfree_skb(out);
	}
	KUNIT_EXPECT_TRUE(test, is_last);
	KUNIT_EXPECT_EQ(test, count,
			DIV_ROUND_UP(ip_len - GLUE_TRANSPORT, PIECE));

	/* Together they are the packet, its checksum computed. */
	KUNIT_ASSERT_EQ(test, whole->len, ip_len);
	glue_expect_sums(test, whole, 0);
	glue_expect_bytes(test, whole, 0, frame.bytes + ETH_HLEN, UDP_CHECK);
	glue_expect_bytes(test, whole, UDP_CHECK + 2,
			  frame.bytes + ETH_HLEN + UDP_CHECK + 2,
			  ip_len - UDP_CHECK - 2);
	KUNIT_EXPECT_EQ(test, glue_count(glue, EIPOIB_REASON_COUNT +
					       EIPOIB_NOTE_TX_FRAGMENTED), 1);
	glue_frame_check_other(test, &frame);
	kfree_skb(whole);
	glue_frame_end(test, &frame);
}

static void without_carrier(struct kunit *test)
{
	struct glue *glue = test->priv;
	struct glue_frame frame;

	glue_frame_make(test, &frame, glue_shapes, GLUE_TX, LINK);
	netif_carrier_off(glue->clone);
	cut(test, &frame);
	netif_carrier_on(glue->clone);
	KUNIT_EXPECT_NULL(test, mock_ipoib_take(glue->clone, ETH_P_IP));
	KUNIT_EXPECT_EQ(test, glue_count(glue, EIPOIB_REASON_TX_SLAVE_DOWN), 1);
	KUNIT_EXPECT_EQ(test, glue_count(glue, EIPOIB_REASON_COUNT +
					       EIPOIB_NOTE_TX_FRAGMENTED), 0);
	glue_frame_end(test, &frame);
}

/* TCP's get shorter, and nobody else's frame does; a datagram stays one. */
static void segments(struct kunit *test)
{
	const struct glue_shape *shape = test->param_value;
	unsigned int before, size;
	struct glue_frame frame;

	glue_frame_make(test, &frame, shape, GLUE_TX, LINK);
	before = eipoib_tx_gso_len(frame.skb);
	size = skb_shinfo(frame.skb)->gso_size;
	KUNIT_EXPECT_EQ(test, before, ETH_HLEN + GLUE_TRANSPORT + size +
				      (shape->gso == GLUE_GSO_TCP ? 20 : 8));

	KUNIT_EXPECT_EQ(test, eipoib_tx_shrink(frame.skb, before - ETH_HLEN),
			0);
	KUNIT_EXPECT_EQ(test, eipoib_tx_gso_len(frame.skb), before);
	KUNIT_EXPECT_EQ(test, eipoib_tx_shrink(frame.skb, MTU), 0);
	KUNIT_EXPECT_EQ(test, eipoib_tx_gso_len(frame.skb),
			shape->gso == GLUE_GSO_TCP ? ETH_HLEN + MTU : before);
	if (frame.other)
		KUNIT_EXPECT_EQ(test, skb_shinfo(frame.other)->gso_size, size);
	kfree_skb(frame.skb);
	glue_frame_end(test, &frame);
}

static struct kunit_case tests[] = {
	KUNIT_CASE_PARAM(fragments, next_plain),
	KUNIT_CASE(without_carrier),
	KUNIT_CASE_PARAM(segments, next_gso),
	{}
};

struct kunit_suite glue_cut_suite = {
	.name = "eipoib-cut",
	.init = glue_init,
	.exit = glue_exit,
	.test_cases = tests,
};
