// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The kernel as the daemon needs it: what there is, what changes, and the steps of a plan.
#pragma once

#include "messages.hpp"
#include "socket.hpp"

namespace eipoibd {

class Kernel {
public:
	Kernel();

	int events() const
	{
		return events_.fd();
	}

	// All there is.
	Model dump();

	enum class Update { none, some, lost };

	// What has changed, into @model, unless it was so much that some of it was lost.
	Update update(Model &model, const std::function<void(const Binding &)> &see_unknown);

	// Nothing is left of one that fails. Throws NetlinkError.
	Link add(const AddVif &step);
	void remove(Ifindex clone);

	// Nothing if it is gone.
	std::optional<Link> link(Ifindex index);

	// How long ago the PIF heard the MAC from a peer; nothing if no peer has it.
	std::optional<std::chrono::milliseconds> heard_there(const Binding &binding);

	// How long ago the bridge heard the MAC; nothing if it does not know it any more.
	std::optional<std::chrono::milliseconds> heard_here(const FdbKey &key);

private:
	bool try_dump(Model &model);
	Link get_link(nlmsghdr *request);

	Socket requests_;
	Socket events_;
	Buffer buffer_;
};

} // namespace eipoibd
