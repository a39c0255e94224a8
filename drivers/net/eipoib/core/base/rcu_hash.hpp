// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// RcuHash: chained hash table with lockless readers and one updater at a time.
//
// The number of buckets is fixed when the table is made: what is kept here is bounded anyway, and
// a table that never moves needs no second set of links and no grace period to grow.
//
// Traits: `Key`, `static HashLink<Node> &link(Node &)`, `static bool matches(const Node &, Key)`,
// `static u64 fingerprint(Key)`.
#pragma once

#include "rcu.hpp"

namespace eipoib {

template <typename Node> struct HashLink {
	RcuPtr<Node> next_;
};

template <typename Node, typename Traits> class RcuHash {
public:
	using Key = typename Traits::Key;

	// Room for @expected nodes with short chains. False without memory. Context: config.
	bool try_init(u32 expected)
	{
		u32 bits = 4;
		while (bits < 24 && (u32{1} << bits) < expected)
			bits++;
		shift_ = 64 - bits;
		buckets_ = static_cast<RcuPtr<Node> *>(
			eipoib_k_alloc(sizeof(RcuPtr<Node>) << bits, true));
		multiplier_ = eipoib_k_random() | 1;
		offset_ = eipoib_k_random();
		return buckets_ != nullptr;
	}

	// No reader and no node is left.
	void destroy()
	{
		eipoib_k_free(buckets_);
		buckets_ = nullptr;
	}

	// The node with @key, or nullptr. @proof: an RcuReader or an Updater.
	template <typename Proof>
	[[gnu::always_inline]] Node *find(const Proof &proof, Key key) const
	{
		Node *node = bucket(key).load(proof);
		while (node && !Traits::matches(*node, key))
			node = Traits::link(*node).next_.load(proof);
		return node;
	}

	// Add @node, which must be in no table through this link, in front of any other node with
	// the same key: from now on readers find this one.
	void insert(const Updater &updater, Node &node, Key key)
	{
		RcuPtr<Node> &head = bucket(key);
		Traits::link(node).next_.store(updater, head.load(updater));
		head.store(updater, &node);
	}

	// Take @node out. Readers may be at it until a grace period has passed; its link keeps
	// leading them on.
	void remove(const Updater &updater, Node &node, Key key)
	{
		RcuPtr<Node> *place = &bucket(key);
		while (Node *at = place->load(updater)) {
			if (at == &node) {
				place->store(updater, Traits::link(node).next_.load(updater));
				return;
			}
			place = &Traits::link(*at).next_;
		}
	}

	// Call @visit(node) for every node; it may remove the node it is given.
	template <typename Visit> void for_each(const Updater &updater, Visit visit)
	{
		u32 position = 0;
		visit_next(updater, position, size(), visit);
	}

	// The same for the nodes of the @count buckets from @position on, which moves behind them
	// and goes round.
	template <typename Visit>
	void visit_next(const Updater &updater, u32 &position, u32 count, Visit visit)
	{
		for (; count; count--) {
			Node *node = buckets_[position++ & (size() - 1)].load(updater);
			while (node) {
				Node *next = Traits::link(*node).next_.load(updater);
				visit(*node);
				node = next;
			}
		}
	}

	// How many buckets there are.
	u32 size() const
	{
		return buckets_ ? u32{1} << (64 - shift_) : 0;
	}

	// Call @visit(node) for the nodes in bucket @index. Nodes stay where they are for life.
	template <typename Visit>
	void visit_bucket(const RcuReader &reader, u32 index, Visit visit) const
	{
		for (Node *node = buckets_[index].load(reader); node;
		     node = Traits::link(*node).next_.load(reader))
			visit(*node);
	}

private:
	// Multiply-shift hashing with a random odd multiplier: two keys chosen without knowing it
	// share a bucket with a probability of at most 2 / buckets (Dietzfelbinger et al., 1997).
	RcuPtr<Node> &bucket(Key key) const
	{
		u64 hash = (Traits::fingerprint(key) + offset_) * multiplier_;
		return buckets_[hash >> shift_];
	}

	RcuPtr<Node> *buckets_ = nullptr;
	u64 multiplier_ = 1;
	u64 offset_ = 0;
	u32 shift_ = 0; // 64 less the bits of an index
};

} // namespace eipoib
