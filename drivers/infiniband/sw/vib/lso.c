// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Large sends: one work request, many packets.  The core says what is in each.
 */
#include <linux/minmax.h>
#include <linux/slab.h>

#include "vib.h"

/**
 * struct message - a large send, as far as it has been read
 * @qp: sender
 * @ud: the request
 * @lso: what the core needs to know of it
 * @psn: of its first packet
 * @sge: the piece of it that comes next
 * @offset: in this piece
 */
struct message {
	struct vib_qp *qp;
	const struct ib_ud_wr *ud;
	struct vib_lso lso;
	u32 psn;
	const struct ib_sge *sge;
	u32 offset;
};

static void read_on(struct message *from, u8 *to, u32 len)
{
	u32 part;

	while (len) {
		part = min(len, from->sge->length - from->offset);
		/* No DMA device: ib_dma_map_*() give kernel addresses. */
		memcpy(to, (void *)(uintptr_t)(from->sge->addr + from->offset),
		       part);
		to += part;
		len -= part;
		from->offset += part;
		if (from->offset == from->sge->length) {
			from->sge++;
			from->offset = 0;
		}
	}
}

static struct vib_packet *make_segment(struct message *message, u32 index)
{
	struct vib_send send = vib_datagram(message->qp, message->ud);
	const struct vib_lso *lso = &message->lso;
	u32 len = vib_lso_payload(lso, index);
	struct vib_packet *packet;
	u8 *payload;

	send.psn = (message->psn + index) & 0xffffff;
	send.payload_len = lso->header_len + len;
	packet = vib_packet_make(message->qp, &send, &payload);
	if (!packet || !packet->send)
		return packet;
	vib_lso_headers(lso, index, payload);
	read_on(message, payload + lso->header_len, len);
	vib_fill_checksums(payload, send.payload_len);
	return packet;
}

/* The request is nothing that could be sent. */
static struct vib_packet *make_refusal(void)
{
	struct vib_packet *packet;

	packet = kzalloc(sizeof(*packet), GFP_ATOMIC | __GFP_NOWARN);
	if (packet)
		packet->status = IB_WC_LOC_QP_OP_ERR;
	return packet;
}

/* All packets but the last, which may be the last that there is room for. */
static struct vib_packet *send_segments(struct message *message, u32 count)
{
	struct vib_packet *packet = make_segment(message, 0);
	struct vib_qp *qp = message->qp;
	struct vib_packet *next;
	u32 i;

	for (i = 1; i < count && packet && packet->send; i++) {
		next = make_segment(message, i);
		if (!next) {
			vib_count_drop(qp->hca->net->core, qp->hca->index,
				       VIB_DROP_TX_QUEUE_FULL);
			break;
		}
		vib_packet_enqueue(qp, packet);
		packet = next;
	}
	return packet;
}

/**
 * vib_lso_post - a large send
 * @qp: sender
 * @ud: the request
 *
 * Context: any, under sq.lock; there is room in the send queue.
 * Return: 0 or an errno.
 */
int vib_lso_post(struct vib_qp *qp, const struct ib_ud_wr *ud)
{
	struct message message = {
		.qp = qp,
		.ud = ud,
		.lso = {
			.header = ud->header,
			.header_len = max(ud->hlen, 0),
			.payload_len = vib_send_length(&ud->wr),
			.mss = max(ud->mss, 0),
		},
		.psn = qp->psn,
		.sge = ud->wr.sg_list,
	};
	u32 count = vib_lso_segments(&message.lso);
	struct vib_packet *packet;

	packet = count ? send_segments(&message, count) : make_refusal();
	if (!packet)
		return -ENOMEM;
	vib_send_enqueue(qp, packet, ud->wr.wr_id,
			 ud->wr.send_flags & IB_SEND_SIGNALED);
	return 0;
}
