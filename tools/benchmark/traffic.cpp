// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The same traffic for every path: "traffic serve" on one host, "traffic TEST ADDRESS FEW MANY" on
// another. "traffic announce DEVICE FIRST LAST" makes so many stations known. After a
// first run it does something FEW times, then MANY times, and marks the beginning and both ends for
// the plugin that counts instructions. It waits for answers only, never for a time, so that nothing
// but the traffic happens between two marks; a lost datagram is an error.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <future>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mark.hpp"

namespace {

constexpr std::uint16_t port = 5001;
constexpr int patience = 20; // s, until what did not come counts as lost

class Socket {
public:
	explicit Socket(int type) : Socket(type, ::socket(AF_INET, type, 0))
	{
	}

	Socket(int type, int fd) : fd_(fd)
	{
		if (fd_ < 0)
			throw std::system_error(errno, std::generic_category(), "socket");
		const int yes = 1;
		const int level = type == SOCK_STREAM ? IPPROTO_TCP : SOL_SOCKET;
		const int option = type == SOCK_STREAM ? TCP_NODELAY : SO_BROADCAST;
		const timeval limit{patience, 0};
		::setsockopt(fd_, level, option, &yes, sizeof(yes));
		::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
		::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	}

	Socket(Socket &&from) noexcept : fd_(std::exchange(from.fd_, -1))
	{
	}

	~Socket()
	{
		if (fd_ >= 0)
			::close(fd_);
	}

	int fd() const
	{
		return fd_;
	}

private:
	int fd_;
};

// @result of @what, which is not an error.
std::size_t checked(ssize_t result, const char *what)
{
	if (result < 0)
		throw std::system_error(errno, std::generic_category(), what);
	return static_cast<std::size_t>(result);
}

// @flow: each has a port of its own.
sockaddr_in address_of(const char *text, std::uint16_t flow = 0)
{
	sockaddr_in address{};
	address.sin_family = AF_INET;
	address.sin_port = htons(static_cast<std::uint16_t>(port + flow));
	if (::inet_pton(AF_INET, text, &address.sin_addr) != 1)
		throw std::runtime_error(std::string(text) + ": no IPv4 address");
	return address;
}

const sockaddr *generic(const sockaddr_in &address)
{
	return reinterpret_cast<const sockaddr *>(&address);
}

void mark()
{
	asm volatile(".byte " EIPOIB_BYTES(EIPOIB_MARK_BYTES)::: "memory");
}

// Stay on a CPU of @flow's own, as far as there are so many.
void pin(std::uint16_t flow)
{
	cpu_set_t cpus;
	CPU_ZERO(&cpus);
	CPU_SET(flow % static_cast<std::size_t>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN))),
		&cpus);
	checked(::sched_setaffinity(0, sizeof(cpus), &cpus), "sched_setaffinity");
}

// How a datagram, or a stream, begins.
struct Order {
	// Of a stream: how many bytes follow.
	std::uint64_t size = 0;
	// Of a datagram: how many there were since the last answer, or 0 if none is wanted.
	std::uint32_t expected = 0;
};

// Answers the last datagram of a burst with how many came.
class DatagramServer {
public:
	explicit DatagramServer(std::uint16_t flow) : socket_(SOCK_DGRAM)
	{
		// A buffer of a 4092-byte link counts as 8 KiB, whatever is in it.
		const int room = 1 << 20;
		checked(::setsockopt(socket_.fd(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)),
			"receive buffer");
		const sockaddr_in any = address_of("0.0.0.0", flow);
		checked(::bind(socket_.fd(), generic(any), sizeof(any)), "bind");
	}

	int fd() const
	{
		return socket_.fd();
	}

	void serve()
	{
		sockaddr_in from{};
		socklen_t length = sizeof(from);
		const std::size_t size =
			checked(::recvfrom(socket_.fd(), buffer_.data(), buffer_.size(), 0,
					   reinterpret_cast<sockaddr *>(&from), &length),
				"recvfrom");
		Order order;
		if (size < sizeof(order))
			return;
		std::memcpy(&order, buffer_.data(), sizeof(order));
		count_++;
		if (!order.expected)
			return;
		order.expected = std::exchange(count_, 0);
		std::memcpy(buffer_.data(), &order, sizeof(order));
		checked(::sendto(socket_.fd(), buffer_.data(), size, 0, generic(from), length),
			"sendto");
	}

private:
	Socket socket_;
	std::uint32_t count_ = 0;
	std::array<char, 65536> buffer_;
};

// Takes what it is told to expect, and says so with a byte.
class Stream {
public:
	explicit Stream(int fd) : socket_(SOCK_STREAM, fd)
	{
	}

	int fd() const
	{
		return socket_.fd();
	}

	// False at the end.
	bool serve()
	{
		static std::array<char, 262144> buffer;
		const std::size_t wanted =
			left_ ? std::min<std::uint64_t>(left_, buffer.size()) : sizeof(Order);
		const std::size_t size =
			checked(::recv(socket_.fd(), buffer.data(), wanted, 0), "recv");
		if (!size)
			return false;
		if (!left_) {
			Order order;
			if (size != sizeof(order))
				return false;
			std::memcpy(&order, buffer.data(), sizeof(order));
			left_ = order.size;
			return true;
		}
		left_ -= size;
		if (!left_)
			checked(::send(socket_.fd(), "", 1, 0), "send");
		return true;
	}

private:
	Socket socket_;
	std::uint64_t left_ = 0;
};

[[noreturn]] void serve()
{
	// A second process on a CPU of its own for the second of two flows.
	const std::uint16_t flow = ::fork() ? 0 : 1;
	pin(flow);
	DatagramServer datagrams(flow);
	while (flow)
		datagrams.serve();
	Socket listener(SOCK_STREAM);
	const sockaddr_in any = address_of("0.0.0.0");
	checked(::bind(listener.fd(), generic(any), sizeof(any)), "bind");
	checked(::listen(listener.fd(), 16), "listen");
	std::map<int, Stream> streams;
	for (;;) {
		std::vector<pollfd> polled = {{datagrams.fd(), POLLIN, 0},
					      {listener.fd(), POLLIN, 0}};
		for (const auto &[fd, stream] : streams)
			polled.push_back({fd, POLLIN, 0});
		checked(::poll(polled.data(), polled.size(), -1), "poll");
		for (const pollfd &ready : polled) {
			if (!ready.revents)
				continue;
			if (ready.fd == datagrams.fd()) {
				datagrams.serve();
			} else if (ready.fd == listener.fd()) {
				Stream stream(static_cast<int>(checked(
					::accept(listener.fd(), nullptr, nullptr), "accept")));
				streams.emplace(stream.fd(), std::move(stream));
			} else if (!streams.at(ready.fd).serve()) {
				streams.erase(ready.fd);
			}
		}
	}
}

class Test {
public:
	virtual ~Test() = default;
	virtual void run(std::uint64_t count) = 0;
};

// Datagrams in bursts of which the last one is answered.
class Datagrams : public Test {
public:
	Datagrams(const char *address, std::size_t size, std::uint32_t burst,
		  std::uint16_t flow = 0)
		: socket_(SOCK_DGRAM), to_(address_of(address, flow)), burst_(burst), packet_(size)
	{
	}

	void run(std::uint64_t count) override
	{
		while (count) {
			const auto burst =
				static_cast<std::uint32_t>(std::min<std::uint64_t>(count, burst_));
			for (std::uint32_t left = burst; left; left--)
				send(left == 1 ? burst : 0);
			Order answer;
			checked(::recv(socket_.fd(), &answer, sizeof(answer), 0), "no answer");
			if (answer.expected != burst)
				throw std::runtime_error(std::to_string(answer.expected) + " of " +
							 std::to_string(burst) + " came");
			count -= burst;
		}
	}

private:
	void send(std::uint32_t expected)
	{
		const Order order{.size = 0, .expected = expected};
		std::memcpy(packet_.data(), &order, sizeof(order));
		checked(::sendto(socket_.fd(), packet_.data(), packet_.size(), 0, generic(to_),
				 sizeof(to_)),
			"sendto");
	}

	Socket socket_;
	sockaddr_in to_;
	std::uint32_t burst_;
	std::vector<char> packet_;
};

// Datagrams in several flows at once, each on a CPU of its own.
class Flows : public Test {
public:
	Flows(const char *address, std::uint16_t count)
	{
		for (std::uint16_t flow = 0; flow < count; flow++)
			flows_.push_back(std::make_unique<Datagrams>(address, 64, 32, flow));
	}

	void run(std::uint64_t count) override
	{
		std::vector<std::future<void>> running;
		for (std::uint16_t flow = 0; flow < flows_.size(); flow++) {
			running.push_back(std::async(std::launch::async, [&, flow, this] {
				pin(flow);
				flows_[flow]->run(count / flows_.size());
			}));
		}
		for (auto &one : running)
			one.get();
	}

private:
	std::vector<std::unique_ptr<Datagrams>> flows_;
};

// Kilobytes over several streams, a turn for each.
class Streams : public Test {
public:
	Streams(const char *address, unsigned int count)
	{
		const sockaddr_in to = address_of(address);
		while (count--) {
			sockets_.emplace_back(SOCK_STREAM);
			checked(::connect(sockets_.back().fd(), generic(to), sizeof(to)),
				"connect");
		}
	}

	void run(std::uint64_t kilobytes) override
	{
		std::uint64_t left = kilobytes * 1024 / sockets_.size();
		const Order order{.size = left, .expected = 0};
		for (const Socket &socket : sockets_)
			send(socket, &order, sizeof(order));
		while (left) {
			const std::size_t size = std::min<std::uint64_t>(left, chunk_.size());
			for (const Socket &socket : sockets_)
				send(socket, chunk_.data(), size);
			left -= size;
		}
		for (const Socket &socket : sockets_) {
			char byte;
			if (checked(::recv(socket.fd(), &byte, 1, 0), "no answer") != 1)
				throw std::runtime_error("the other end closed a stream");
		}
	}

private:
	static void send(const Socket &socket, const void *data, std::size_t size)
	{
		if (checked(::send(socket.fd(), data, size, 0), "send") != size)
			throw std::runtime_error("a short send");
	}

	std::vector<Socket> sockets_;
	std::vector<char> chunk_ = std::vector<char>(131072);
};

// An Ethernet frame of a protocol that nobody has, from station @number to all.
std::array<std::uint8_t, ETH_ZLEN> frame_of(std::uint32_t number)
{
	const std::uint32_t big = htonl(number);
	std::array<std::uint8_t, ETH_ZLEN> frame{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x52,
						 0x56, 0,    0,	   0,	 0,    0x88, 0xb5};
	std::memcpy(&frame[8], &big, sizeof(big));
	return frame;
}

// Say that stations @first to @last are behind @device, an IPoIB interface: they send frames that
// travel as what they are.
void announce(const std::string &device, std::uint32_t first, std::uint32_t last)
{
	struct {
		sockaddr_ll header{};
		std::array<std::uint8_t, 12> more{};
	} to;
	to.header.sll_family = AF_PACKET;
	to.header.sll_protocol = htons(ETH_P_TEB);
	to.header.sll_ifindex = static_cast<int>(::if_nametoindex(device.c_str()));
	to.header.sll_halen = 20;
	std::ifstream file("/sys/class/net/" + device + "/broadcast");
	auto *address = reinterpret_cast<std::uint8_t *>(&to) + offsetof(sockaddr_ll, sll_addr);
	for (std::string byte; std::getline(file, byte, ':');)
		*address++ = static_cast<std::uint8_t>(std::stoul(byte, nullptr, 16));

	const int fd = static_cast<int>(checked(::socket(AF_PACKET, SOCK_DGRAM, 0), "socket"));
	for (std::uint32_t number = first; number <= last; number++) {
		const auto frame = frame_of(number);
		checked(::sendto(fd, frame.data(), frame.size(), 0,
				 reinterpret_cast<sockaddr *>(&to), sizeof(to)),
			"sendto");
	}
	::close(fd);
}

std::unique_ptr<Test> test_of(std::string_view name, const char *address)
{
	if (name == "tcp1")
		return std::make_unique<Streams>(address, 1);
	if (name == "tcp8")
		return std::make_unique<Streams>(address, 8);
	if (name == "udp64")
		return std::make_unique<Datagrams>(address, 64, 32);
	if (name == "flow1")
		return std::make_unique<Flows>(address, 1);
	if (name == "flow2")
		return std::make_unique<Flows>(address, 2);
	if (name == "udp1400")
		return std::make_unique<Datagrams>(address, 1400, 32);
	if (name == "request")
		return std::make_unique<Datagrams>(address, 64, 1);
	if (name == "broadcast")
		return std::make_unique<Datagrams>(address, 64, 32);
	throw std::runtime_error(std::string(name) + ": no such test");
}

} // namespace

int main(int argc, char **argv)
try {
	if (argc == 2 && std::string_view(argv[1]) == "serve")
		serve();
	if (argc != 5)
		throw std::runtime_error("usage: traffic serve | TEST ADDRESS FEW MANY | "
					 "announce DEVICE FIRST LAST");
	if (std::string_view(argv[1]) == "announce") {
		announce(argv[2], static_cast<std::uint32_t>(std::stoul(argv[3])),
			 static_cast<std::uint32_t>(std::stoul(argv[4])));
		return EXIT_SUCCESS;
	}
	const auto test = test_of(argv[1], argv[2]);
	const std::uint64_t few = std::stoull(argv[3]);
	const std::uint64_t many = std::stoull(argv[4]);
	test->run(few);
	mark();
	test->run(few);
	mark();
	test->run(many);
	mark();
} catch (const std::exception &error) {
	std::cerr << "traffic: " << error.what() << '\n';
	return EXIT_FAILURE;
}
