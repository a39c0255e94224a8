/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The differences between the kernels this driver is built for. */
#ifndef VIB_COMPAT_H
#define VIB_COMPAT_H

#include <linux/version.h>

/* What the last parameter of ib_device_ops.create_cq is. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
#define VIB_CREATE_CQ_UDATA	struct uverbs_attr_bundle
#else
#define VIB_CREATE_CQ_UDATA	struct ib_udata
#endif

#endif /* VIB_COMPAT_H */
