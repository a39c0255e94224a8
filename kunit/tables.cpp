// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The case tables for the KUnit suite, and the core, as one translation unit as in the module.

#include "core/all.cpp"

#include "abi/kunit.h"
#include "cases/dhcp_plan_cases.hpp"
#include "cases/long_cases.hpp"
#include "cases/nd_plan_cases.hpp"
#include "cases/rx_cases.hpp"
#include "cases/transparent_cases.hpp"
#include "cases/tx_cases.hpp"
#include "long.hpp"
#include "messages.hpp"
#include "plans.hpp"

namespace kunit {

constexpr size_t name_room = 128; // KUNIT_PARAM_DESC_SIZE

template <typename Case, size_t count>
const void *next(const Case (&table)[count], const void *previous, char *name)
{
	const Case *c = previous ? static_cast<const Case *>(previous) + 1 : table;
	if (c == table + count)
		return nullptr;
	size_t i = 0;
	for (; c->name[i] && i + 1 < name_room; i++)
		name[i] = c->name[i];
	name[i] = '\0';
	return c;
}

template <typename Case, size_t count> const char *run(const Case (&)[count], const void *param)
{
	return difference(*static_cast<const Case *>(param));
}

} // namespace kunit

extern "C" {

bool eipoib_kunit_scene_create()
{
	return kunit::scene.create();
}

void eipoib_kunit_scene_destroy()
{
	kunit::scene.destroy();
}

const void *eipoib_kunit_next(u32 table, const void *prev, char *desc)
{
	switch (table) {
#define NEXT(name)                                                                                 \
	case EIPOIB_KUNIT_##name:                                                                  \
		return kunit::next(eipoib::cases::name, prev, desc);
		EIPOIB_KUNIT_TABLES(NEXT)
#undef NEXT
	}
	return nullptr;
}

const char *eipoib_kunit_run(u32 table, const void *param)
{
	switch (table) {
#define RUN(name)                                                                                  \
	case EIPOIB_KUNIT_##name:                                                                  \
		return kunit::run(eipoib::cases::name, param);
		EIPOIB_KUNIT_TABLES(RUN)
#undef RUN
	}
	return "no such table";
}
}
