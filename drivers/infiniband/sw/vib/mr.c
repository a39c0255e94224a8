// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Memory regions: all of memory, lists of pages that a send queue registers
 * and invalidates, and memory of user space.  Keys are looked at for reliable
 * connections and for user space.
 *
 * There is no DMA device: ib_dma_map_*() give kernel addresses.
 */
#include <linux/slab.h>
#include <rdma/ib_umem.h>

#include "vib.h"

#define USER_ACCESS	(IB_ACCESS_LOCAL_WRITE | IB_ACCESS_REMOTE_WRITE | \
			 IB_ACCESS_REMOTE_READ | IB_ACCESS_REMOTE_ATOMIC)

/* The local key of every queue pair is none of these: see VIB_LOCAL_LKEY. */
#define MAX_INDEX	0x6fffff

static void free_mr(struct vib_mr *mr)
{
	if (mr->umem)
		ib_umem_release(mr->umem);
	kvfree(mr);
}

static struct ib_mr *add_mr(struct ib_pd *pd, struct vib_mr *mr)
{
	struct vib_hca *hca = to_vib_hca(pd->device);
	u32 index;
	int err;

	err = xa_alloc_cyclic(&hca->mrs, &index, mr, XA_LIMIT(1, MAX_INDEX),
			      &hca->next_key, GFP_KERNEL);
	if (err < 0) {
		free_mr(mr);
		return ERR_PTR(err);
	}
	mr->ib.pd = pd;
	mr->ib.lkey = index << 8;
	mr->ib.rkey = index << 8;
	return &mr->ib;
}

/**
 * vib_get_dma_mr - ib_device_ops.get_dma_mr
 * @pd: protection domain
 * @access: IB_ACCESS_* bits
 *
 * Context: may sleep.
 * Return: a memory region for all of memory.
 */
struct ib_mr *vib_get_dma_mr(struct ib_pd *pd, int access)
{
	struct vib_mr *mr = kzalloc(sizeof(*mr), GFP_KERNEL);

	if (!mr)
		return ERR_PTR(-ENOMEM);
	mr->access = access;
	mr->is_dma = true;
	mr->is_valid = true;
	return add_mr(pd, mr);
}

/**
 * vib_reg_user_mr - ib_device_ops.reg_user_mr
 * @pd: protection domain
 * @start: where the memory is
 * @length: bytes
 * @virt_addr: what work requests call its first byte
 * @access: IB_ACCESS_* bits
 * @udata: unused
 *
 * Context: may sleep.
 * Return: a memory region, or an ERR_PTR().
 */
struct ib_mr *vib_reg_user_mr(struct ib_pd *pd, u64 start, u64 length,
			      u64 virt_addr, int access,
			      struct ib_udata *udata)
{
	struct sg_page_iter iter;
	struct ib_umem *umem;
	struct vib_mr *mr;
	size_t pages;

	if (access & ~(USER_ACCESS | IB_ACCESS_OPTIONAL))
		return ERR_PTR(-EOPNOTSUPP);
	umem = ib_umem_get(pd->device, start, length, access);
	if (IS_ERR(umem))
		return ERR_CAST(umem);
	pages = ib_umem_num_pages(umem);
	mr = kvzalloc(struct_size(mr, pages, pages), GFP_KERNEL);
	if (!mr) {
		ib_umem_release(umem);
		return ERR_PTR(-ENOMEM);
	}
	mr->umem = umem;
	mr->access = access;
	mr->is_valid = true;
	mr->first = virt_addr - ib_umem_offset(umem);
	mr->ib.iova = virt_addr;
	mr->ib.length = length;
	mr->ib.page_size = PAGE_SIZE;
	for_each_sgtable_page(&umem->sgt_append.sgt, &iter, 0)
		mr->pages[mr->num_pages++] =
			(uintptr_t)page_address(sg_page_iter_page(&iter));
	return add_mr(pd, mr);
}

/**
 * vib_alloc_mr - ib_device_ops.alloc_mr
 * @pd: protection domain
 * @type: IB_MR_TYPE_MEM_REG
 * @pages: how many it may get
 *
 * Context: may sleep.
 * Return: a memory region to be registered, or an ERR_PTR().
 */
struct ib_mr *vib_alloc_mr(struct ib_pd *pd, enum ib_mr_type type, u32 pages)
{
	struct vib_mr *mr;

	if (type != IB_MR_TYPE_MEM_REG || pages > VIB_MAX_MR_PAGES)
		return ERR_PTR(-EINVAL);
	mr = kzalloc(struct_size(mr, pages, pages), GFP_KERNEL);
	if (!mr)
		return ERR_PTR(-ENOMEM);
	mr->max_pages = pages;
	return add_mr(pd, mr);
}

static int set_page(struct ib_mr *ib, u64 addr)
{
	struct vib_mr *mr = to_vib_mr(ib);

	if (mr->num_pages == mr->max_pages)
		return -ENOMEM;
	mr->pages[mr->num_pages++] = addr;
	return 0;
}

/**
 * vib_map_mr_sg - ib_device_ops.map_mr_sg
 * @ib: from vib_alloc_mr(), not registered
 * @sg: memory
 * @count: entries of @sg
 * @offset: where in its first
 *
 * Context: any.
 * Return: how many entries of @sg it holds.
 */
int vib_map_mr_sg(struct ib_mr *ib, struct scatterlist *sg, int count,
		  unsigned int *offset)
{
	struct vib_mr *mr = to_vib_mr(ib);
	int n;

	mr->num_pages = 0;
	n = ib_sg_to_pages(ib, sg, count, offset, set_page);
	/* The pages are whole, the region begins somewhere in the first. */
	mr->first = ib->iova & ~((u64)ib->page_size - 1);
	return n;
}

/**
 * vib_dereg_mr - ib_device_ops.dereg_mr
 * @ib: the memory region
 * @udata: unused
 *
 * Context: may sleep.
 * Return: 0.
 */
int vib_dereg_mr(struct ib_mr *ib, struct ib_udata *udata)
{
	struct vib_mr *mr = to_vib_mr(ib);

	WRITE_ONCE(mr->is_valid, false);
	xa_erase(&to_vib_hca(ib->device)->mrs, ib->lkey >> 8);
	/* The memory belongs to others from now on: nobody may be copying. */
	synchronize_rcu();
	free_mr(mr);
	return 0;
}

static struct vib_mr *find(struct vib_qp *qp, u32 key)
{
	struct vib_mr *mr = xa_load(&qp->hca->mrs, key >> 8);

	if (!mr || !READ_ONCE(mr->is_valid) || mr->ib.lkey != key ||
	    mr->ib.pd != qp->ib->pd)
		return NULL;
	return mr;
}

static struct vib_mr *find_for(struct vib_qp *qp, u32 key, u64 addr, u32 len,
			       int access)
{
	struct vib_mr *mr = find(qp, key);

	if (!mr || (access & ~mr->access))
		return NULL;
	if (mr->is_dma)
		return mr;
	if (addr < mr->ib.iova || len > mr->ib.length ||
	    addr - mr->ib.iova > mr->ib.length - len)
		return NULL;
	return mr;
}

/* Where the byte at @addr is, and how many follow it there. */
static void *locate(const struct vib_mr *mr, u64 addr, u32 *room)
{
	u64 page_size = mr->ib.page_size;
	u64 from_first;

	if (mr->is_dma)
		return (void *)(uintptr_t)addr;
	from_first = addr - mr->first;
	*room = min_t(u64, *room, page_size - (from_first & (page_size - 1)));
	return (void *)(uintptr_t)(mr->pages[div_u64(from_first, page_size)] +
				   (from_first & (page_size - 1)));
}

/**
 * vib_mr_register - IB_WR_REG_MR
 * @qp: queue pair
 * @ib: from vib_alloc_mr()
 * @key: its new key
 * @access: IB_ACCESS_* bits
 *
 * Context: any.
 * Return: false if that is not allowed.
 */
bool vib_mr_register(struct vib_qp *qp, struct ib_mr *ib, u32 key, int access)
{
	struct vib_mr *mr = to_vib_mr(ib);

	if (mr->is_dma || mr->umem || mr->is_valid || ib->pd != qp->ib->pd ||
	    key >> 8 != ib->lkey >> 8)
		return false;
	ib->lkey = key;
	ib->rkey = key;
	mr->access = access;
	WRITE_ONCE(mr->is_valid, true);
	return true;
}

/**
 * vib_mr_invalidate - IB_WR_LOCAL_INV, or by the other end of a connection
 * @qp: queue pair
 * @key: key of a registered memory region
 *
 * Context: any.
 * Return: false if that is not allowed.
 */
bool vib_mr_invalidate(struct vib_qp *qp, u32 key)
{
	struct vib_mr *mr;
	bool ok;

	rcu_read_lock();
	mr = find(qp, key);
	ok = mr && !mr->is_dma && !mr->umem;
	if (ok)
		WRITE_ONCE(mr->is_valid, false);
	rcu_read_unlock();
	return ok;
}

/**
 * vib_mr_permits - may this memory be used so?
 * @qp: queue pair
 * @key: key
 * @addr: where
 * @len: bytes
 * @access: IB_ACCESS_* bits
 *
 * Context: any.
 * Return: see above.
 */
bool vib_mr_permits(struct vib_qp *qp, u32 key, u64 addr, u32 len, int access)
{
	bool ok;

	rcu_read_lock();
	ok = find_for(qp, key, addr, len, access);
	rcu_read_unlock();
	return ok;
}

/**
 * vib_mr_copy - copy to or from a memory region
 * @qp: queue pair
 * @key: key
 * @addr: where
 * @bytes: the other side
 * @len: bytes
 * @access: IB_ACCESS_* bits that are needed
 * @to_mr: direction
 *
 * Context: any.
 * Return: false if it is not allowed; nothing was copied.
 */
bool vib_mr_copy(struct vib_qp *qp, u32 key, u64 addr, void *bytes, u32 len,
		 int access, bool to_mr)
{
	struct vib_mr *mr;
	void *at;
	u32 part;

	rcu_read_lock();
	mr = find_for(qp, key, addr, len, access);
	for (; mr && len; len -= part) {
		part = len;
		at = locate(mr, addr, &part);
		if (to_mr)
			memcpy(at, bytes, part);
		else
			memcpy(bytes, at, part);
		addr += part;
		bytes += part;
	}
	rcu_read_unlock();
	return mr;
}

/**
 * vib_mr_word - a word for an atomic operation
 * @qp: queue pair
 * @key: key
 * @addr: where, a multiple of eight
 *
 * Context: RCU read side, which bounds the life of the word.
 * Return: the word, or NULL if it is not allowed.
 */
u64 *vib_mr_word(struct vib_qp *qp, u32 key, u64 addr)
{
	u32 room = sizeof(u64);
	struct vib_mr *mr = find_for(qp, key, addr, room,
				     IB_ACCESS_REMOTE_ATOMIC);
	void *word;

	if (!mr)
		return NULL;
	word = locate(mr, addr, &room);
	return room == sizeof(u64) && IS_ALIGNED((uintptr_t)word, room) ?
		       word : NULL;
}
