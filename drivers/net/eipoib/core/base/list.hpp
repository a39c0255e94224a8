// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// List: doubly linked through a member of its nodes. Whoever calls holds the lock that protects
// it. The first node's previous one is the last, so that the list itself is one pointer: a million
// of them are in use.
#pragma once

namespace eipoib {

template <typename Node> struct ListLink {
	Node *previous_ = nullptr;
	Node *next_ = nullptr;
};

template <typename Node, ListLink<Node> Node::*link> class List {
public:
	Node *front() const
	{
		return front_;
	}

	// The node after @node, or nullptr.
	static Node *next(const Node &node)
	{
		return (node.*link).next_;
	}

	void push_back(Node &node)
	{
		if (!front_) {
			push_front(node);
			return;
		}
		Node *back = (front_->*link).previous_;
		node.*link = {back, nullptr};
		(back->*link).next_ = &node;
		(front_->*link).previous_ = &node;
	}

	void push_front(Node &node)
	{
		node.*link = {front_ ? (front_->*link).previous_ : &node, front_};
		if (front_)
			(front_->*link).previous_ = &node;
		front_ = &node;
	}

	void remove(Node &node)
	{
		ListLink<Node> &at = node.*link;
		if (front_ == &node)
			front_ = at.next_;
		else
			(at.previous_->*link).next_ = at.next_;
		if (Node *behind = at.next_ ? at.next_ : front_)
			(behind->*link).previous_ = at.previous_;
		at = {};
	}

	void move_to_back(Node &node)
	{
		remove(node);
		push_back(node);
	}

private:
	Node *front_ = nullptr;
};

} // namespace eipoib
