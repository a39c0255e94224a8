/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * What the tests of the glue share: a PIF above a mock interface, a VIF, and
 * frames in every form that an sk_buff can take.
 */
#ifndef EIPOIB_GLUE_FIXTURE_H
#define EIPOIB_GLUE_FIXTURE_H

#define EIPOIB_GLUE_TEST
#include <kunit/test.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "mock.h"
#include "spy.h"

/* Wait until @condition, as long as a busy machine may take. */
#define glue_wait_until(condition)					\
	({								\
		unsigned long __end = jiffies + 30 * HZ;		\
		bool __is_so;						\
									\
		while (!(__is_so = (condition)) &&			\
		       time_before(jiffies, __end))			\
			schedule_timeout_uninterruptible(1);		\
		__is_so;						\
	})

/**
 * struct glue - the scene of a test
 * @main: ib0
 * @pif: above it, up
 * @clone: the VIF, QPN 0x48, untagged
 * @slave: @clone
 * @second: another clone, or NULL; destroyed with the rest
 */
struct glue {
	struct net_device *main;
	struct eipoib_pif *pif;
	struct net_device *clone;
	struct eipoib_slave *slave;
	struct net_device *second;
};

static inline struct mock_ipoib *mock_of(const struct net_device *dev)
{
	return netdev_priv(dev);
}

/* fixture.c */
int glue_init(struct kunit *test);
void glue_exit(struct kunit *test);
void glue_check_end(struct kunit *test);
int glue_bind(struct eipoib_slave *slave, const u8 *mac);
struct eipoib_slave *glue_add_second(struct kunit *test);
void glue_teach(struct kunit *test);
struct sk_buff *glue_make(struct kunit *test, const char *hex);
void glue_transmit(struct glue *glue, struct sk_buff *skb);
struct sk_buff *glue_receive(struct glue *glue, struct sk_buff *skb);
u64 glue_count(const struct glue *glue, unsigned int counter);

unsigned int glue_hex(const char *hex, u8 *bytes, unsigned int room);

extern const u8 glue_vif_mac[ETH_ALEN];
extern const u8 glue_peer_mac[ETH_ALEN];

/* frames.c */
#define GLUE_LINK_MAX (MOCK_LINK_HLEN + ETH_HLEN)
#define GLUE_PAGES_MAX 8
#define GLUE_ALL_LINEAR U16_MAX

/* Where the transport header is, behind the link header. */
#define GLUE_TRANSPORT 20

enum glue_gso { GLUE_PLAIN, GLUE_GSO_TCP, GLUE_GSO_UDP };
enum glue_way { GLUE_TX, GLUE_RX };

/**
 * struct glue_shape - how the bytes of a frame are kept
 * @name: of the test's parameter
 * @head: how many are linear behind the link header, or GLUE_ALL_LINEAR
 * @headroom: in front of the link header
 * @is_list: the rest is in a list of sk_buffs and not in pages
 * @is_cloned: somebody has a clone
 * @is_shared: somebody has a reference
 * @gso: it is to be segmented
 */
struct glue_shape {
	const char *name;
	u16 head;
	u16 headroom;
	bool is_list;
	bool is_cloned;
	bool is_shared;
	enum glue_gso gso;
};

#define GLUE_SHAPE_COUNT 15
extern const struct glue_shape glue_shapes[GLUE_SHAPE_COUNT];

/**
 * struct glue_frame - a frame, and what is known of it
 * @skb: what the glue gets
 * @other: the clone, or the reference; NULL without one
 * @bytes: what is in it from the link header on
 * @len: how much
 * @skip: what is in front of where @skb begins
 * @link_len: of its link header
 * @head: its buffer
 * @pages: of its fragments, each with a reference of ours
 * @page_count: how many
 */
struct glue_frame {
	struct sk_buff *skb;
	struct sk_buff *other;
	u8 *bytes;
	unsigned int len;
	unsigned int skip;
	unsigned int link_len;
	const u8 *head;
	struct page *pages[GLUE_PAGES_MAX];
	unsigned int page_count;
};

void glue_frame_make(struct kunit *test, struct glue_frame *frame,
		     const struct glue_shape *shape, enum glue_way way,
		     const char *link);
bool glue_frame_has_pages(const struct glue_frame *frame,
			  const struct sk_buff *skb);
void glue_frame_check_other(struct kunit *test,
			    const struct glue_frame *frame);
void glue_frame_end(struct kunit *test, struct glue_frame *frame);
void glue_expect_bytes(struct kunit *test, const struct sk_buff *skb,
		       unsigned int offset, const u8 *bytes, unsigned int len);

void glue_expect_hex(struct kunit *test, const struct sk_buff *skb,
		     int offset, const char *hex);
void glue_expect_sums(struct kunit *test, const struct sk_buff *skb,
		      unsigned int offset);

/**
 * struct glue_kind - a link header, and what becomes of it
 * @name: of the test's parameter
 * @link: what the frame has, in hex
 * @header: what it gets, in hex
 * @is_transparent: it is carried whole
 * @is_followed: another one went the same way before
 */
struct glue_kind {
	const char *name;
	const char *link;
	const char *header;
	bool is_transparent;
	bool is_followed;
};

/**
 * struct glue_case - a parameter: a frame of a kind in a shape
 * @kind: the kind
 * @shape: the shape
 */
struct glue_case {
	const struct glue_kind *kind;
	const struct glue_shape *shape;
};

const void *glue_next_case(struct glue_case *cases,
			   const struct glue_kind *kinds,
			   unsigned int kind_count, const void *prev,
			   char *desc);

/* Each file's suite. */
extern struct kunit_suite glue_tx_suite;
extern struct kunit_suite glue_rx_suite;
extern struct kunit_suite glue_hold_suite;
extern struct kunit_suite glue_slave_suite;
extern struct kunit_suite glue_follow_suite;
extern struct kunit_suite glue_life_suite;
extern struct kunit_suite glue_drop_suite;
extern struct kunit_suite glue_cut_suite;

/* main.c's module_init() and module_exit(), under other names (Kbuild). */
int eipoib_init_module(void);
void eipoib_cleanup_module(void);

#endif /* EIPOIB_GLUE_FIXTURE_H */
