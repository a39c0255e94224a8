// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Frames that wait for their destination to be known.
 */

#include <linux/etherdevice.h>

#include "fixture.h"

/* The plain peer of glue_teach(), before it was heard. */
#define TO_PEER "020000500002 0002c9433bf1 0800"

static u64 note(const struct glue *glue, enum eipoib_note note)
{
	return glue_count(glue, EIPOIB_REASON_COUNT + note);
}

/* Stop the queue from being worked through on its own. */
static void hold_still(struct glue *glue)
{
	cancel_delayed_work_sync(&glue->pif->replay);
}

static void replay(struct glue *glue)
{
	eipoib_hold_replay(glue->pif);
	flush_delayed_work(&glue->pif->replay);
}

static unsigned int take_all(struct glue *glue, u16 protocol)
{
	unsigned int count = 0;
	struct sk_buff *skb;

	for (; (skb = mock_ipoib_take(glue->clone, protocol)); count++)
		kfree_skb(skb);

	return count;
}

static void take_down(struct glue *glue)
{
	rtnl_lock();
	dev_close(glue->pif->dev);
	rtnl_unlock();
}

/* Down, it lets go of what it holds. */
static void held_and_dropped(struct kunit *test)
{
	struct glue *glue = test->priv;
	struct glue_frame frame;

	glue_frame_make(test, &frame, glue_shapes, GLUE_TX, TO_PEER);
	glue_transmit(glue, frame.skb);
	hold_still(glue);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&glue->pif->held), 1);
	KUNIT_EXPECT_EQ(test, note(glue, EIPOIB_NOTE_TX_HELD), 1);
	KUNIT_EXPECT_EQ(test, take_all(glue, ETH_P_IP), 0);
	take_down(glue);
	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&glue->pif->held));
	KUNIT_EXPECT_EQ(test, glue_count(glue, EIPOIB_REASON_TX_UNRESOLVED),
			1);
	take_all(glue, ETH_P_TEB);
	glue_frame_end(test, &frame);
}

/* Without being asked, again and again. */
static void decided_on_again(struct kunit *test)
{
	struct glue *glue = test->priv;
	struct glue_frame frame;

	glue_frame_make(test, &frame, glue_shapes, GLUE_TX, TO_PEER);
	glue_transmit(glue, frame.skb);
	replay(glue);
	KUNIT_EXPECT_EQ(test, take_all(glue, ETH_P_IP), 0);
	glue_teach(test);
	KUNIT_EXPECT_TRUE(test, glue_wait_until(take_all(glue, ETH_P_IP) == 1));
	take_all(glue, ETH_P_TEB);
	glue_frame_end(test, &frame);
}

/* As it is in the queue: ours alone, whoever had it before. */
static const void *next_shape(const void *prev, char *desc)
{
	const struct glue_shape *shape = prev;

	shape = shape ? shape + 1 : glue_shapes;
	if (shape == glue_shapes + GLUE_SHAPE_COUNT)
		return NULL;
	strscpy(desc, shape->name, KUNIT_PARAM_DESC_SIZE);

	return shape;
}

static void sent_when_known(struct kunit *test)
{
	struct glue *glue = test->priv;
	struct glue_frame frame;
	struct sk_buff *out;

	glue_frame_make(test, &frame, test->param_value, GLUE_TX, TO_PEER);
	glue_transmit(glue, frame.skb);
	hold_still(glue);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&glue->pif->held), 1);
	glue_frame_check_other(test, &frame);
	glue_teach(test);
	replay(glue);

	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&glue->pif->held));
	out = mock_ipoib_take(glue->clone, ETH_P_IP);
	KUNIT_ASSERT_NOT_NULL(test, out);
	KUNIT_EXPECT_EQ(test, out->len, MOCK_LINK_HLEN + frame.len - ETH_HLEN);
	glue_expect_bytes(test, out, MOCK_LINK_HLEN, frame.bytes + ETH_HLEN,
			  frame.len - ETH_HLEN);
	kfree_skb(out);
	take_all(glue, ETH_P_TEB);
	glue_frame_end(test, &frame);
}

static struct sk_buff *numbered(struct kunit *test, u32 number)
{
	struct sk_buff *skb;

	skb = glue_make(test, TO_PEER "4500001400000000 40010000"
			      "0a000001 0a000002");
	skb->mark = number;

	return skb;
}

/* Those that come later do not overtake. */
static void in_order(struct kunit *test)
{
	struct glue *glue = test->priv;
	struct sk_buff *skb;
	u32 i;

	for (i = 0; i < 3; i++)
		glue_transmit(glue, numbered(test, i));
	KUNIT_EXPECT_EQ(test, take_all(glue, ETH_P_IP), 0);
	glue_teach(test);
	glue_transmit(glue, numbered(test, 3));
	replay(glue);
	glue_transmit(glue, numbered(test, 4));

	for (i = 0; i < 5; i++) {
		skb = mock_ipoib_take(glue->clone, ETH_P_IP);
		KUNIT_ASSERT_NOT_NULL(test, skb);
		KUNIT_EXPECT_EQ(test, skb->mark, i);
		kfree_skb(skb);
	}
	KUNIT_EXPECT_EQ(test, take_all(glue, ETH_P_IP), 0);
}

/* What is flooded and waits on is copied, and not sent twice. */
static void flooded_while_held(struct kunit *test)
{
	struct glue *glue = test->priv;
	struct glue_frame frame;
	struct sk_buff *out;

	glue_frame_make(test, &frame, &glue_shapes[2], GLUE_TX, TO_PEER);
	glue_transmit(glue, frame.skb);
	hold_still(glue);
	out = mock_ipoib_take(glue->clone, ETH_P_TEB);
	KUNIT_ASSERT_NOT_NULL(test, out);
	KUNIT_EXPECT_PTR_NE(test, (const u8 *)out->head, frame.head);
	KUNIT_EXPECT_FALSE(test, skb_cloned(out));
	KUNIT_EXPECT_EQ(test, out->len, MOCK_LINK_HLEN + frame.len);
	kfree_skb(out);

	spy_pass(1000);
	replay(glue);
	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&glue->pif->held));
	KUNIT_EXPECT_EQ(test, take_all(glue, ETH_P_TEB), 0);
	KUNIT_EXPECT_EQ(test, glue_count(glue, EIPOIB_REASON_TX_UNRESOLVED),
			0);
	glue_frame_end(test, &frame);
}

/* Without memory for the copy it is the frame itself that is flooded, later. */
static void flooded_without_a_copy(struct kunit *test)
{
	struct glue *glue = test->priv;
	struct glue_frame frame;

	glue_frame_make(test, &frame, glue_shapes, GLUE_TX, TO_PEER);
	spy_fail(SPY_skb_copy, 1);
	glue_transmit(glue, frame.skb);
	KUNIT_EXPECT_TRUE(test, spy_has_failed());
	hold_still(glue);
	KUNIT_EXPECT_EQ(test, take_all(glue, ETH_P_TEB), 0);
	spy_pass(1000);
	replay(glue);
	KUNIT_EXPECT_EQ(test, take_all(glue, ETH_P_TEB), 1);
	glue_frame_end(test, &frame);
}

/* A plain peer is not heard; its REMAC says what to ask the SA. */
static void sent_when_the_sa_answers(struct kunit *test)
{
	struct glue *glue = test->priv;
	struct mock_ipoib *mock = mock_of(glue->clone);
	struct glue_frame frame;

	mock->lid_error = 0;
	glue_frame_make(test, &frame, glue_shapes, GLUE_TX, TO_PEER);
	glue_transmit(glue, frame.skb);
	KUNIT_EXPECT_TRUE(test, glue_wait_until(atomic_read(&mock->lid_count)));
	flush_work(&glue->slave->queries.work);
	hold_still(glue);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&glue->pif->held), 1);
	spy_pass(100);
	replay(glue);
	KUNIT_EXPECT_EQ(test, take_all(glue, ETH_P_IP), 1);
	take_all(glue, ETH_P_TEB);
	glue_frame_end(test, &frame);
}

/* The PIF goes with frames that wait. */
static void freed_with_the_pif(struct kunit *test)
{
	struct glue *glue = test->priv;
	struct glue_frame frame;

	glue_frame_make(test, &frame, glue_shapes, GLUE_TX, TO_PEER);
	glue_transmit(glue, frame.skb);
	rtnl_lock();
	eipoib_pif_destroy(glue->pif);
	rtnl_unlock();
	glue_frame_end(test, &frame);
}

static struct kunit_case tests[] = {
	KUNIT_CASE(held_and_dropped),
	KUNIT_CASE(decided_on_again),
	KUNIT_CASE_PARAM(sent_when_known, next_shape),
	KUNIT_CASE(in_order),
	KUNIT_CASE(flooded_while_held),
	KUNIT_CASE(flooded_without_a_copy),
	KUNIT_CASE(sent_when_the_sa_answers),
	KUNIT_CASE(freed_with_the_pif),
	{}
};

struct kunit_suite glue_hold_suite = {
	.name = "eipoib-hold",
	.init = glue_init,
	.exit = glue_exit,
	.test_cases = tests,
};
