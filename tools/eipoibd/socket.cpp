// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include "socket.hpp"

#include <linux/netlink.h>
#include <sys/socket.h>

#include <cerrno>

#include "attributes.hpp"

namespace eipoibd {

namespace {

// The kernel fills no larger one in a dump.
constexpr std::size_t buffer_size = std::size_t{64} * 1024;

// Notifications of a few thousand links that change at once.
constexpr int receive_size = 8 * 1024 * 1024;

[[noreturn]] void fail(const char *what)
{
	throw std::system_error(errno, std::generic_category(), what);
}

// 0 or what the kernel refused with.
void check(const nlmsghdr *message)
{
	if (mnl_nlmsg_get_payload_len(message) < sizeof(nlmsgerr))
		throw NetlinkError(EBADMSG, {});
	const auto *error = static_cast<const nlmsgerr *>(mnl_nlmsg_get_payload(message));
	if (!error->error)
		return;
	std::size_t header = sizeof(nlmsgerr);
	if (!(message->nlmsg_flags & NLM_F_CAPPED))
		header += mnl_nlmsg_get_payload_len(&error->msg);
	std::string text;
	if (message->nlmsg_flags & NLM_F_ACK_TLVS)
		text = Attributes(message, header).text(NLMSGERR_ATTR_MSG);
	throw NetlinkError(-error->error, text);
}

} // namespace

Socket::Socket(unsigned groups)
	: socket_(mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC)), buffer_(buffer_size)
{
	int on = 1;
	if (!socket_ || mnl_socket_bind(socket_.get(), groups, MNL_SOCKET_AUTOPID))
		fail("rtnetlink");
	// Older kernels explain less.
	mnl_socket_setsockopt(socket_.get(), NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(socket_.get(), NETLINK_CAP_ACK, &on, sizeof(on));
	if (groups &&
	    setsockopt(fd(), SOL_SOCKET, SO_RCVBUFFORCE, &receive_size, sizeof(receive_size)))
		setsockopt(fd(), SOL_SOCKET, SO_RCVBUF, &receive_size, sizeof(receive_size));
}

// Bytes of the next batch; 0 if there is none and @flags say not to wait.
std::size_t Socket::read(int flags)
{
	for (;;) {
		const ssize_t size = recv(fd(), buffer_.data(), buffer_.size(), flags | MSG_TRUNC);
		if (size > static_cast<ssize_t>(buffer_.size()))
			throw NetlinkError(EMSGSIZE, {});
		if (size >= 0)
			return static_cast<std::size_t>(size);
		if (errno == EAGAIN)
			return 0;
		if (errno != EINTR)
			throw NetlinkError(errno, {});
	}
}

void Socket::request(nlmsghdr *request, const Visit &visit)
{
	request->nlmsg_seq = ++sequence_;
	if (mnl_socket_sendto(socket_.get(), request, request->nlmsg_len) < 0)
		fail("rtnetlink");
	for (bool is_done = false; !is_done;) {
		int left = static_cast<int>(read(0));
		const auto *message = reinterpret_cast<const nlmsghdr *>(buffer_.data());
		for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
			if (message->nlmsg_seq != sequence_)
				continue; // of a request that was given up
			if (message->nlmsg_type == NLMSG_ERROR)
				check(message);
			else if (message->nlmsg_type != NLMSG_DONE && visit)
				visit(message);
			if (!(message->nlmsg_flags & NLM_F_MULTI) ||
			    message->nlmsg_type == NLMSG_DONE)
				is_done = true;
		}
	}
}

bool Socket::receive(const Visit &visit)
{
	int left = static_cast<int>(read(MSG_DONTWAIT));
	if (!left)
		return false;
	const auto *message = reinterpret_cast<const nlmsghdr *>(buffer_.data());
	for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left))
		visit(message);
	return true;
}

} // namespace eipoibd
