// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * VIF mode: questions to the SA that no other part of IPoIB asks.
 */

#include <linux/completion.h>
#include <linux/string.h>

#include "ipoib.h"

#define SA_TIMEOUT_MS	2000

struct answer {
	struct completion	done;
	int			status;
	union ib_gid		gid;
};

static void answered(int status, struct sa_path_rec *rec,
		     IPOIB_NUM_PRS num_prs, void *context)
{
	struct answer *answer = context;

	answer->status = status;
	if (!status)
		answer->gid = rec->dgid;
	complete(&answer->done);
}

static int ask(struct ipoib_dev_priv *priv, struct sa_path_rec *rec,
	       struct answer *answer)
{
	struct ib_sa_query *query;
	int ret;

	init_completion(&answer->done);
	ret = ib_sa_path_rec_get(&ipoib_sa_client, priv->ca, priv->port, rec,
				 IB_SA_PATH_REC_SGID |
				 IB_SA_PATH_REC_DLID |
				 IB_SA_PATH_REC_REVERSIBLE |
				 IB_SA_PATH_REC_NUMB_PATH |
				 IB_SA_PATH_REC_PKEY,
				 SA_TIMEOUT_MS, GFP_KERNEL, answered, answer,
				 &query);
	if (ret < 0)
		return ret;

	/* It ends in any case: the SA layer keeps the time. */
	wait_for_completion(&answer->done);

	return answer->status;
}

/**
 * ipoib_vif_lid_to_gid - ask the SA which port has an LID
 * @priv: a VIF, which must be able to reach that port
 * @lid: host byte order
 * @gid: 16 bytes, written on success
 *
 * Context: process, sleeps; without RTNL.
 * Return: 0, -ENOENT if the SA knows no such LID, -ETIMEDOUT or another
 * negative errno if it did not answer.
 */
int ipoib_vif_lid_to_gid(struct ipoib_dev_priv *priv, u16 lid, u8 *gid)
{
	struct sa_path_rec rec = {
		.rec_type	= SA_PATH_REC_TYPE_IB,
		.sgid		= priv->local_gid,
		.pkey		= cpu_to_be16(priv->pkey),
		.reversible	= 1,
		.numb_path	= 1,
	};
	struct answer answer;
	int err;

	if (!lid || lid >= be16_to_cpu(IB_MULTICAST_LID_BASE))
		return -ENOENT;

	sa_path_set_dlid(&rec, lid);
	err = ask(priv, &rec, &answer);
	/* This is all that is left of the status in an answer of the SA. */
	if (err == -EINVAL)
		return -ENOENT;
	if (err)
		return err;

	memcpy(gid, answer.gid.raw, sizeof(answer.gid));

	return 0;
}
