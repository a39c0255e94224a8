// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * What a frame that comes out of the glue is compared with.
 */

#include <linux/skbuff.h>
#include <net/checksum.h>
#include <net/ip.h>

#include "fixture.h"

/**
 * glue_frame_has_pages - whether fragments of a frame are where they were
 * @frame: the frame as it was made
 * @skb: what became of it
 *
 * Context: any.
 * Return: true if so.
 */
bool glue_frame_has_pages(const struct glue_frame *frame,
			  const struct sk_buff *skb)
{
	unsigned int i, j;

	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		for (j = 0; j < frame->page_count; j++) {
			if (skb_frag_page(&skb_shinfo(skb)->frags[i]) ==
			    frame->pages[j])
				break;
		}
		if (j == frame->page_count)
			return false;
	}

	return !frame->page_count || skb_shinfo(skb)->nr_frags;
}

/**
 * glue_expect_hex - compare
 * @test: the test
 * @skb: a frame
 * @offset: where, in front of where it begins if negative
 * @hex: what is to be there
 *
 * Context: process.
 */
void glue_expect_hex(struct kunit *test, const struct sk_buff *skb, int offset,
		     const char *hex)
{
	u8 bytes[GLUE_LINK_MAX];
	unsigned int len = glue_hex(hex, bytes, sizeof(bytes));

	KUNIT_ASSERT_GE(test, (int)skb_headlen(skb), offset + (int)len);
	KUNIT_EXPECT_EQ(test, memcmp(skb->data + offset, bytes, len), 0);
}

/**
 * glue_expect_sums - the checksums of an IPv4 packet are those of its bytes
 * @test: the test
 * @skb: a frame
 * @offset: where the packet begins
 *
 * Context: process.
 */
void glue_expect_sums(struct kunit *test, const struct sk_buff *skb,
		      unsigned int offset)
{
	unsigned int start = offset + GLUE_TRANSPORT, len = skb->len - start;
	u8 ip[GLUE_TRANSPORT];

	KUNIT_ASSERT_EQ(test, skb_copy_bits(skb, offset, ip, sizeof(ip)), 0);
	KUNIT_EXPECT_EQ(test, ip[2] << 8 | ip[3], skb->len - offset);
	KUNIT_EXPECT_EQ(test, ip_fast_csum(ip, GLUE_TRANSPORT / 4), 0);
	KUNIT_EXPECT_EQ(test, csum_tcpudp_magic(htonl(0x0a000001),
						htonl(0x0a000002), len, ip[9],
						skb_checksum(skb, start, len,
							     0)), 0);
}

/**
 * glue_expect_bytes - compare
 * @test: the test
 * @skb: a frame
 * @offset: where in it
 * @bytes: what is to be there
 * @len: how much
 *
 * Context: process.
 */
void glue_expect_bytes(struct kunit *test, const struct sk_buff *skb,
		       unsigned int offset, const u8 *bytes, unsigned int len)
{
	u8 *found = kmalloc(len, GFP_KERNEL);
	unsigned int i = 0;

	KUNIT_ASSERT_NOT_NULL(test, found);
	KUNIT_EXPECT_EQ(test, skb_copy_bits(skb, offset, found, len), 0);
	while (i < len && found[i] == bytes[i])
		i++;
	if (i < len)
		KUNIT_FAIL(test, "byte %u is %02x, not %02x", offset + i,
			   found[i], bytes[i]);
	kfree(found);
}
