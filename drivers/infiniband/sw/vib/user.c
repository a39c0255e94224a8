// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * User contexts, and the queues that user space maps.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <rdma/uverbs_ioctl.h>

#include "vib.h"

/* Remembered by ib_core until it is neither used nor being mapped. */
struct vib_mapping {
	struct rdma_user_mmap_entry entry;
	void *memory;
};

/**
 * vib_alloc_ucontext - ib_device_ops.alloc_ucontext
 * @ib: what ib_core allocated
 * @udata: unused
 *
 * Context: may sleep.
 * Return: 0.
 */
int vib_alloc_ucontext(struct ib_ucontext *ib, struct ib_udata *udata)
{
	return 0;
}

/**
 * vib_dealloc_ucontext - ib_device_ops.dealloc_ucontext
 * @ib: the context
 *
 * Context: may sleep.
 */
void vib_dealloc_ucontext(struct ib_ucontext *ib)
{
}

/**
 * vib_disassociate_ucontext - ib_device_ops.disassociate_ucontext
 * @ib: the context of an HCA that goes away
 *
 * What user space has mapped stays its own: memory without a reader.
 *
 * Context: may sleep.
 */
void vib_disassociate_ucontext(struct ib_ucontext *ib)
{
}

/**
 * vib_mmap - ib_device_ops.mmap
 * @ib: the context
 * @vma: all of a queue, at the offset that was told
 *
 * Context: may sleep.
 * Return: 0 or an errno.
 */
int vib_mmap(struct ib_ucontext *ib, struct vm_area_struct *vma)
{
	struct rdma_user_mmap_entry *entry = rdma_user_mmap_entry_get(ib, vma);
	struct vib_mapping *mapping;
	int err;

	if (!entry)
		return -EINVAL;
	mapping = container_of(entry, struct vib_mapping, entry);
	/* The pages outlive the mapping: each has its own reference. */
	err = remap_vmalloc_range(vma, mapping->memory, 0);
	rdma_user_mmap_entry_put(entry);
	return err;
}

/**
 * vib_mmap_free - ib_device_ops.mmap_free
 * @entry: of a queue that nobody can map any more
 *
 * Context: may sleep.
 */
void vib_mmap_free(struct rdma_user_mmap_entry *entry)
{
	struct vib_mapping *mapping =
		container_of(entry, struct vib_mapping, entry);

	vfree(mapping->memory);
	kfree(mapping);
}

/**
 * vib_user_ring_create - a queue that user space can map
 * @ring: written
 * @udata: of the call that asks for it
 * @kind: enum vib_ring_kind
 * @entries: how many
 * @room: bytes of each for pieces or data
 *
 * Context: may sleep.
 * Return: 0 or an errno.
 */
int vib_user_ring_create(struct vib_user_ring *ring, struct ib_udata *udata,
			 int kind, u32 entries, u32 room)
{
	struct vib_ucontext *context =
		rdma_udata_to_drv_context(udata, struct vib_ucontext, ib);
	struct vib_mapping *mapping;
	u64 size;
	int err;

	mapping = kzalloc(sizeof(*mapping), GFP_KERNEL);
	if (!mapping)
		return -ENOMEM;
	size = vib_ring_plan(&ring->queue, kind, entries, room);
	mapping->memory = vmalloc_user(size);
	if (!mapping->memory) {
		err = -ENOMEM;
		goto err_free;
	}
	vib_ring_begin(&ring->queue, mapping->memory);
	err = rdma_user_mmap_entry_insert(&context->ib, &mapping->entry, size);
	if (err)
		goto err_free;
	ring->mapping = mapping;
	ring->size = size;
	return 0;

err_free:
	vfree(mapping->memory);
	kfree(mapping);
	return err;
}

/**
 * vib_user_ring_destroy - the kernel does not use the queue any more
 * @ring: the queue, or a zeroed one
 *
 * Context: may sleep.
 */
void vib_user_ring_destroy(struct vib_user_ring *ring)
{
	if (ring->mapping)
		rdma_user_mmap_entry_remove(&ring->mapping->entry);
	ring->mapping = NULL;
}

/**
 * vib_user_ring_describe - what user space needs to map a queue
 * @ring: the queue
 * @info: written
 *
 * Context: any.
 */
void vib_user_ring_describe(const struct vib_user_ring *ring,
			    struct mminfo *info)
{
	info->offset = rdma_user_mmap_get_offset(&ring->mapping->entry);
	info->size = ring->size;
	info->pad = 0;
}
