// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Frames in every form that an sk_buff can take.
 */

#include <linux/if_ether.h>
#include <linux/mm.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip.h>

#include "fixture.h"

#define PLAIN_SIZE 1000
#define GSO_SIZE 5000
#define SEGMENT_SIZE 1400
#define CHUNK 2000
/* So that a header can be made linear without another buffer. */
#define TAILROOM 256

const struct glue_shape glue_shapes[GLUE_SHAPE_COUNT] = {
	{ "linear", GLUE_ALL_LINEAR, 64 },
	{ "linear_without_headroom", GLUE_ALL_LINEAR, 0 },
	{ "paged", 200, 64 },
	{ "paged_without_headroom", 200, 0 },
	{ "paged_behind_its_link_header", 0, 64 },
	{ "list", 200, 64, .is_list = true },
	{ "list_behind_its_link_header", 0, 64, .is_list = true },
	{ "cloned", GLUE_ALL_LINEAR, 64, .is_cloned = true },
	{ "cloned_and_paged", 200, 64, .is_cloned = true },
	{ "cloned_behind_its_link_header", 0, 64, .is_cloned = true },
	{ "shared", GLUE_ALL_LINEAR, 64, .is_shared = true },
	{ "shared_and_paged", 200, 64, .is_shared = true },
	{ "gso_tcp", 200, 64, .gso = GLUE_GSO_TCP },
	{ "gso_udp", 200, 64, .gso = GLUE_GSO_UDP },
	{ "gso_tcp_cloned", 200, 64, .is_cloned = true, .gso = GLUE_GSO_TCP },
};

static atomic_t destroyed;

static void count_destructor(struct sk_buff *skb)
{
	atomic_inc(&destroyed);
}

static unsigned int checksum_offset(enum glue_gso gso)
{
	return gso == GLUE_GSO_TCP ? offsetof(struct tcphdr, check) :
				     offsetof(struct udphdr, check);
}

/* With what an IP stack leaves in the checksum of the transport header. */
static void put_ip(u8 *ip, unsigned int len, enum glue_gso gso)
{
	static const u8 header[GLUE_TRANSPORT] = {
		0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 0, 0, 0,
		10, 0, 0, 1, 10, 0, 0, 2,
	};
	bool is_tcp = gso == GLUE_GSO_TCP;
	u8 *transport = ip + GLUE_TRANSPORT;
	__sum16 check;

	memcpy(ip, header, sizeof(header));
	ip[2] = len >> 8;
	ip[3] = len;
	ip[9] = is_tcp ? 6 : 17;
	memset(transport, 0, is_tcp ? sizeof(struct tcphdr) :
				      sizeof(struct udphdr));
	transport[1] = 80;
	transport[3] = 81;
	if (is_tcp) {
		transport[12] = sizeof(struct tcphdr) / 4 << 4;
		transport[13] = 0x10;
	} else {
		transport[4] = (len - GLUE_TRANSPORT) >> 8;
		transport[5] = len - GLUE_TRANSPORT;
	}
	check = ~csum_tcpudp_magic(htonl(0x0a000001), htonl(0x0a000002),
				   len - GLUE_TRANSPORT, ip[9], 0);
	memcpy(transport + checksum_offset(gso), &check, sizeof(check));
	check = ip_fast_csum(ip, GLUE_TRANSPORT / 4);
	memcpy(ip + 10, &check, sizeof(check));
}

static void fill(struct kunit *test, struct glue_frame *frame, const u8 *link,
		 enum glue_gso gso)
{
	unsigned int i, size = gso ? GSO_SIZE : PLAIN_SIZE;

	frame->len = frame->link_len + size;
	frame->bytes = kunit_kmalloc(test, frame->len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, frame->bytes);

	for (i = 0; i < frame->len; i++)
		frame->bytes[i] = i * 7 + (i >> 8);
	memcpy(frame->bytes, link, frame->link_len);
	put_ip(frame->bytes + frame->link_len, size, gso);
}

static void append_pages(struct kunit *test, struct glue_frame *frame,
			 unsigned int from)
{
	unsigned int len;
	struct page *page;

	for (; from < frame->len; from += len) {
		len = min_t(unsigned int, frame->len - from, CHUNK);
		page = alloc_page(GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, page);
		memcpy(page_address(page) + 64, frame->bytes + from, len);
		get_page(page);
		skb_add_rx_frag(frame->skb, frame->page_count, page, 64, len,
				PAGE_SIZE);
		frame->pages[frame->page_count++] = page;
	}
}

static void append_list(struct kunit *test, struct glue_frame *frame,
			unsigned int from)
{
	struct sk_buff **tail = &skb_shinfo(frame->skb)->frag_list;
	unsigned int len = (frame->len - from + 1) / 2;
	struct sk_buff *part;

	for (; from < frame->len; from += len) {
		len = min(len, frame->len - from);
		part = alloc_skb(len, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, part);
		skb_put_data(part, frame->bytes + from, len);
		*tail = part;
		tail = &part->next;
		frame->skb->len += len;
		frame->skb->data_len += len;
		frame->skb->truesize += part->truesize;
	}
}

static void set_offloads(struct sk_buff *skb, enum glue_gso gso)
{
	struct skb_shared_info *info = skb_shinfo(skb);
	unsigned int hlen = GLUE_TRANSPORT + sizeof(struct tcphdr);

	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = checksum_offset(gso);
	if (gso == GLUE_PLAIN)
		return;

	info->gso_size = SEGMENT_SIZE;
	info->gso_type = gso == GLUE_GSO_TCP ? SKB_GSO_TCPV4 : SKB_GSO_UDP_L4;
	if (gso == GLUE_GSO_UDP)
		hlen = GLUE_TRANSPORT + sizeof(struct udphdr);
	info->gso_segs = DIV_ROUND_UP(GSO_SIZE - hlen, SEGMENT_SIZE);
}

static struct sk_buff *get_other(struct sk_buff *skb,
				 const struct glue_shape *shape)
{
	if (shape->is_shared)
		return skb_get(skb);

	return shape->is_cloned ? skb_clone(skb, GFP_KERNEL) : NULL;
}

/**
 * glue_frame_make - an IPv4 packet with a link header
 * @test: the test
 * @frame: filled
 * @shape: how its bytes are kept
 * @way: GLUE_TX for a frame as ethX gets it, its transport checksum to be
 *	computed; GLUE_RX for one as ib_ipoib hands it up
 * @link: the link header in hex; behind that of IPoIB there may be another one
 *
 * Context: process.
 */
void glue_frame_make(struct kunit *test, struct glue_frame *frame,
		     const struct glue_shape *shape, enum glue_way way,
		     const char *link)
{
	unsigned int linear, link_len;
	u8 bytes[GLUE_LINK_MAX];
	struct sk_buff *skb;

	memset(frame, 0, sizeof(*frame));
	atomic_set(&destroyed, 0);
	link_len = glue_hex(link, bytes, sizeof(bytes));
	frame->link_len = link_len;
	frame->skip = way == GLUE_TX ? 0 : MOCK_LINK_HLEN;
	fill(test, frame, bytes, shape->gso);
	linear = min_t(unsigned int, frame->len, link_len + shape->head);

	skb = alloc_skb(shape->headroom + linear + TAILROOM, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	frame->skb = skb;
	skb_reserve(skb, shape->headroom);
	skb_put_data(skb, frame->bytes, linear);
	if (shape->is_list)
		append_list(test, frame, linear);
	else
		append_pages(test, frame, linear);

	/* The type, which in an IPoIB link header is the last field but one. */
	memcpy(&skb->protocol,
	       bytes + (way == GLUE_TX ? 2 * ETH_ALEN : MOCK_LINK_HLEN - 4),
	       sizeof(skb->protocol));
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, link_len);
	skb_set_transport_header(skb, link_len + GLUE_TRANSPORT);
	__skb_pull(skb, frame->skip);
	if (way == GLUE_TX || shape->gso) {
		set_offloads(skb, shape->gso);
	} else {
		skb->ip_summed = CHECKSUM_COMPLETE;
		skb->csum = skb_checksum(skb, 0, skb->len, 0);
	}
	skb->destructor = count_destructor;
	frame->head = skb->head;
	frame->other = get_other(skb, shape);
}

/**
 * glue_frame_check_other - who has a clone or a reference sees no change
 * @test: the test
 * @frame: given to the glue
 *
 * Context: process.
 */
void glue_frame_check_other(struct kunit *test, const struct glue_frame *frame)
{
	const struct sk_buff *other = frame->other;

	if (!other)
		return;

	KUNIT_EXPECT_EQ(test, other->len, frame->len - frame->skip);
	KUNIT_EXPECT_PTR_EQ(test, (const u8 *)other->head, frame->head);
	KUNIT_EXPECT_EQ(test, skb_mac_offset(other), -(int)frame->skip);
	KUNIT_EXPECT_EQ(test, skb_transport_offset(other),
			(int)(frame->link_len + GLUE_TRANSPORT) -
			(int)frame->skip);
	KUNIT_EXPECT_EQ(test, refcount_read(&other->users), 1);
	KUNIT_EXPECT_EQ(test, memcmp(skb_mac_header(other), frame->bytes,
				     frame->link_len), 0);
	glue_expect_bytes(test, other, 0, frame->bytes + frame->skip,
			  frame->len - frame->skip);
}

/**
 * glue_frame_end - nothing is left of it, and nothing was freed twice
 * @test: the test
 * @frame: what the glue made of it has been freed
 *
 * Context: process.
 */
void glue_frame_end(struct kunit *test, struct glue_frame *frame)
{
	unsigned int i;

	glue_frame_check_other(test, frame);
	kfree_skb(frame->other);
	KUNIT_EXPECT_EQ(test, atomic_read(&destroyed), 1);
	for (i = 0; i < frame->page_count; i++) {
		KUNIT_EXPECT_EQ(test, page_ref_count(frame->pages[i]), 1);
		put_page(frame->pages[i]);
	}
}

/**
 * glue_next_case - go through all kinds in all shapes, for KUnit
 * @cases: @kind_count times GLUE_SHAPE_COUNT, filled on the way
 * @kinds: the kinds
 * @kind_count: how many
 * @prev: a case, or NULL for the first one
 * @desc: KUNIT_PARAM_DESC_SIZE bytes, filled with its name
 *
 * Context: process.
 * Return: the case after @prev, or NULL.
 */
const void *glue_next_case(struct glue_case *cases,
			   const struct glue_kind *kinds,
			   unsigned int kind_count, const void *prev,
			   char *desc)
{
	const struct glue_case *last = prev;
	struct glue_case *next;
	unsigned int i = 0;

	if (last)
		i = last - cases + 1;
	next = cases + i;
	if (i == kind_count * GLUE_SHAPE_COUNT)
		return NULL;

	next->kind = kinds + i / GLUE_SHAPE_COUNT;
	next->shape = glue_shapes + i % GLUE_SHAPE_COUNT;
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s_%s", next->kind->name,
		 next->shape->name);

	return next;
}
