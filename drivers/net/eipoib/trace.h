/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Tracepoints.  eipoib:drop tells every dropped frame, its one reason and its
 * VIF, if it has one; the kernel's own drop reasons have no room for ours.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM eipoib

#if !defined(EIPOIB_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define EIPOIB_TRACE_H

#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/tracepoint.h>

TRACE_EVENT(drop,
	    TP_PROTO(const struct net_device *dev,
		     const struct net_device *vif, const struct sk_buff *skb,
		     const char *reason),
	    TP_ARGS(dev, vif, skb, reason),
	    TP_STRUCT__entry(__field(const void *, skbaddr)
			     __field(unsigned int, len)
			     __array(char, dev, IFNAMSIZ)
			     __array(char, vif, IFNAMSIZ)
			     __array(char, reason, ETH_GSTRING_LEN)),
	    TP_fast_assign(__entry->skbaddr = skb;
			   __entry->len = skb ? skb->len : 0;
			   strscpy(__entry->dev, dev->name, IFNAMSIZ);
			   strscpy(__entry->vif, vif ? vif->name : "",
				   IFNAMSIZ);
			   strscpy(__entry->reason, reason, ETH_GSTRING_LEN);),
	    TP_printk("dev=%s vif=%s skbaddr=%p len=%u reason=%s",
		      __entry->dev, __entry->vif, __entry->skbaddr,
		      __entry->len, __entry->reason)
);

#endif /* EIPOIB_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
