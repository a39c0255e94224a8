// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Calls of the core that take turns wherever it branches, in an order that a seed chooses: what one
// machine would see once in a year is seen in a second, and again with the same seed.
#pragma once

#include "abi/types.h"

#include <functional>
#include <memory>
#include <random>
#include <vector>

#include <ucontext.h>

namespace races {

class Fibers {
public:
	explicit Fibers(u32 seed);
	~Fibers();
	Fibers(const Fibers &) = delete;
	Fibers &operator=(const Fibers &) = delete;

	void add(std::function<void()> what);

	// Until all are done.
	void run();

	// Let another one go on, maybe; or certainly, since this one has to wait.
	void may_switch();
	void must_switch();

	// The running fiber begins or ends a read-side section.
	void enter();
	void leave();

	// @memory goes when all are out of the sections that they are in now.
	void free_deferred(void *memory);

	// A moment; no two are the same.
	u32 moment()
	{
		return moment_++;
	}

private:
	struct Fiber {
		std::function<void()> what;
		std::unique_ptr<char[]> stack;
		ucontext_t context;
		bool is_done = false;
		u32 section = 0; // odd inside
	};

	struct Deferred {
		void *memory;
		std::vector<std::pair<std::size_t, u32>> readers;
	};

	static void begin();
	void switch_to(std::size_t next);
	void free_what_can_go();

	std::minstd_rand random_;
	u32 patience_;
	std::vector<std::unique_ptr<Fiber>> fibers_;
	std::vector<Deferred> deferred_;
	std::size_t current_ = 0;
	ucontext_t main_;
	bool is_running_ = false;
	u32 moment_ = 0;
};

// A read-side section of the running fiber.
class Section {
public:
	explicit Section(Fibers &fibers) : fibers_(fibers)
	{
		fibers_.enter();
	}

	~Section()
	{
		fibers_.leave();
	}

	Section(const Section &) = delete;
	Section &operator=(const Section &) = delete;

private:
	Fibers &fibers_;
};

} // namespace races
