/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * What the case tables offer the KUnit suite.
 */
#ifndef EIPOIB_ABI_KUNIT_H
#define EIPOIB_ABI_KUNIT_H

#include "abi/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Every table of cases/. */
#define EIPOIB_KUNIT_TABLES(X)						\
	X(tx_cases) X(tx_transparent_cases) X(tx_nd_cases)		\
	X(tx_dhcp_cases)						\
	X(rx_cases) X(rx_transparent_cases) X(rx_nd_cases)		\
	X(nd_cases) X(nd_announced_cases)				\
	X(nd_ethernet_refusals) X(nd_infiniband_refusals)		\
	X(dhcp_cases) X(dhcp_refusals) X(snoop_cases) X(long_cases)

enum eipoib_kunit_table {
#define EIPOIB_KUNIT_ENUM(table) EIPOIB_KUNIT_##table,
	EIPOIB_KUNIT_TABLES(EIPOIB_KUNIT_ENUM)
#undef EIPOIB_KUNIT_ENUM
};

/**
 * struct eipoib_kunit_delivered - what the core let enter ethX last
 * @len: its length in bytes, 0 for nothing
 * @frame: its first bytes, from the Ethernet header on
 */
struct eipoib_kunit_delivered {
	u32 len;
	u8 frame[256];
};

extern struct eipoib_kunit_delivered eipoib_kunit_delivered;

/**
 * eipoib_kunit_scene_create - set up the VIFs of cases/scene.hpp
 *
 * Context: may sleep; one scene at a time.
 * Return: false without memory.
 */
bool eipoib_kunit_scene_create(void);

/**
 * eipoib_kunit_scene_destroy - take it away
 *
 * Context: may sleep.
 */
void eipoib_kunit_scene_destroy(void);

/**
 * eipoib_kunit_next - go through a table, for KUnit's parameter generators
 * @table: enum eipoib_kunit_table
 * @prev: a case, or NULL for the first one
 * @desc: KUNIT_PARAM_DESC_SIZE bytes, filled with the name of the next case
 *
 * Context: any.
 * Return: the case after @prev, or NULL.
 */
const void *eipoib_kunit_next(u32 table, const void *prev, char *desc);

/**
 * eipoib_kunit_run - try a case in the scene
 * @table: enum eipoib_kunit_table
 * @param: the case
 *
 * Context: bottom halves off, RCU read-side section.
 * Return: NULL, or what is not as the case says.
 */
const char *eipoib_kunit_run(u32 table, const void *param);

#ifdef __cplusplus
}
#endif

#endif /* EIPOIB_ABI_KUNIT_H */
