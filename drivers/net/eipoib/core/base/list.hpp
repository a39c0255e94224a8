// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// List: doubly linked through a member of its nodes. Whoever calls holds the lock that protects
// it.
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
		(node.*link).previous_ = back_;
		(node.*link).next_ = nullptr;
		(back_ ? (back_->*link).next_ : front_) = &node;
		back_ = &node;
	}

	void push_front(Node &node)
	{
		(node.*link).previous_ = nullptr;
		(node.*link).next_ = front_;
		(front_ ? (front_->*link).previous_ : back_) = &node;
		front_ = &node;
	}

	void remove(Node &node)
	{
		ListLink<Node> &at = node.*link;
		(at.previous_ ? (at.previous_->*link).next_ : front_) = at.next_;
		(at.next_ ? (at.next_->*link).previous_ : back_) = at.previous_;
		at = {};
	}

	void move_to_back(Node &node)
	{
		remove(node);
		push_back(node);
	}

private:
	Node *front_ = nullptr;
	Node *back_ = nullptr;
};

} // namespace eipoib
