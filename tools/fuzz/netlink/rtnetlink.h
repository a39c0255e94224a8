/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Requests to a PIF with two VIFs, as rtnetlink passes them on.
 */
#ifndef FUZZ_NETLINK_RTNETLINK_H
#define FUZZ_NETLINK_RTNETLINK_H

#include "abi/core.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FUZZ_PIF 5
#define FUZZ_LOWER 2
#define FUZZ_SLAVES 2	/* from FUZZ_SLAVE on */
#define FUZZ_SLAVE 10

/* The PIF of what follows, and its VIFs. */
void fuzz_set_pif(struct eipoib_core *core, struct eipoib_vif *const *vifs);

/* @why: set on error.  The rest: what the kernel's function of the name gets. */
int fuzz_newlink(const u8 *attrs, u32 len, const char **why);
int fuzz_changelink(const u8 *attrs, u32 len, const char **why);

enum { FUZZ_FDB_ADD, FUZZ_FDB_DEL, FUZZ_FDB_FLUSH, FUZZ_FDB_COUNT };

int fuzz_fdb(u8 what, u16 state, u16 flags, const u8 *attrs, u32 len,
	     const char **why);

#ifdef __cplusplus
}
#endif

#endif /* FUZZ_NETLINK_RTNETLINK_H */
