/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * What differs between the kernels this driver is built for (6.1 and 6.12),
 * and nowhere else.  The headers are asked, not the version.
 */
#ifndef VIB_COMPAT_H
#define VIB_COMPAT_H

#include <rdma/ib_verbs.h>
#include <rdma/uverbs_ioctl.h>

int vib_create_cq(struct ib_cq *ib, const struct ib_cq_init_attr *attr,
		  struct ib_udata *udata);

static inline int vib_create_cq_udata(struct ib_cq *ib,
				      const struct ib_cq_init_attr *attr,
				      struct ib_udata *udata)
{
	return vib_create_cq(ib, attr, udata);
}

static inline int vib_create_cq_attrs(struct ib_cq *ib,
				      const struct ib_cq_init_attr *attr,
				      struct uverbs_attr_bundle *attrs)
{
	return vib_create_cq(ib, attr, attrs ? &attrs->driver_udata : NULL);
}

/* The last parameter of ib_device_ops.create_cq changed in 6.11. */
#define VIB_COMPAT_CREATE_CQ						\
	__builtin_choose_expr(						\
		__same_type(((const struct ib_device_ops *)NULL)->create_cq, \
			    &vib_create_cq_udata),			\
		vib_create_cq_udata, vib_create_cq_attrs)

#endif /* VIB_COMPAT_H */
