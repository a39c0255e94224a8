// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include "notify.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>

namespace eipoibd {

void notify(const std::string &state)
{
	const char *path = std::getenv("NOTIFY_SOCKET");
	sockaddr_un address{};
	const std::string name = path ? path : "";
	if (name.empty() || name.size() >= sizeof(address.sun_path))
		return;

	address.sun_family = AF_UNIX;
	std::copy(name.begin(), name.end(), address.sun_path);
	if (name[0] == '@') // in the abstract name space
		address.sun_path[0] = '\0';
	const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	// Who does not listen need not know.
	(void)sendto(fd, state.data(), state.size(), MSG_NOSIGNAL,
		     reinterpret_cast<const sockaddr *>(&address), length);
	close(fd);
}

} // namespace eipoibd
