// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// A netlink socket: requests and what the kernel answers, or notifications.
#pragma once

#include <libmnl/libmnl.h>

#include <functional>
#include <memory>
#include <system_error>
#include <vector>

namespace eipoibd {

// With the kernel's explanation, if it gave one.
class NetlinkError : public std::system_error {
public:
	NetlinkError(int code, const std::string &explanation)
		: std::system_error(code, std::generic_category(), explanation)
	{
	}
};

class Socket {
public:
	using Visit = std::function<void(const nlmsghdr *)>;

	// Throws std::system_error, like all of this.
	explicit Socket(unsigned groups = 0);

	int fd() const
	{
		return mnl_socket_get_fd(socket_.get());
	}

	// Sends @request and shows all that answers it. Throws NetlinkError if it was refused.
	void request(nlmsghdr *request, const Visit &visit = {});

	// Shows a batch of notifications; false if there was none. Throws NetlinkError(ENOBUFS) if
	// some were lost.
	bool receive(const Visit &visit);

private:
	struct Close {
		void operator()(mnl_socket *socket) const
		{
			mnl_socket_close(socket);
		}
	};

	std::size_t read(int flags);

	std::unique_ptr<mnl_socket, Close> socket_;
	std::vector<char> buffer_;
	std::uint32_t sequence_ = 0;
};

} // namespace eipoibd
