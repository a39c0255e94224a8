/* SPDX-License-Identifier: (GPL-2.0 WITH Linux-syscall-note) OR Linux-OpenIB */
/*
 * The user ABI of eth_ipoib: rtnetlink attributes of link kind "eipoib" and
 * the one attribute that our ib_ipoib adds to link kind "ipoib".
 *
 * All integers are in host byte order.
 */
#ifndef _UAPI_LINUX_EIPOIB_H
#define _UAPI_LINUX_EIPOIB_H

/*
 * IFLA_INFO_DATA of an Ethernet interface over IPoIB (a PIF), kind "eipoib".
 */
enum {
	IFLA_EIPOIB_UNSPEC,
	IFLA_EIPOIB_VIF,	/* nest, request only: change one VIF */
	IFLA_EIPOIB_VIF_COUNT,	/* u32, dump only: enslaved clones */
	IFLA_EIPOIB_MAX_PEERS,	/* u32, 16..1048576, when it is made; dump */
	IFLA_EIPOIB_PEER_COUNT,	/* u32, dump only: end points remembered */
	IFLA_EIPOIB_IFINDEX,	/* u32, dump only: which interface it is */
	__IFLA_EIPOIB_MAX,
};

#define IFLA_EIPOIB_MAX (__IFLA_EIPOIB_MAX - 1)

/*
 * One VIF.  A request (IFLA_EIPOIB_VIF) says all of what it is to be: IFINDEX,
 * and either MAC, or FLAGS with EIPOIB_VIF_FLAG_ANY, or NONE.  A missing VLAN
 * means untagged and missing FLAGS are 0; with NONE both are refused.  In a
 * dump (IFLA_INFO_SLAVE_DATA of the enslaved clone, slave kind "eipoib") MAC is
 * missing while none is set and for EIPOIB_VIF_FLAG_ANY, and VLAN while the VIF
 * is untagged.  Packets and bytes of a VIF are those of its clone
 * (IFLA_STATS64).
 */
enum {
	IFLA_EIPOIB_VIF_UNSPEC,
	IFLA_EIPOIB_VIF_IFINDEX,	/* u32, request: the clone */
	IFLA_EIPOIB_VIF_MAC,		/* 6 bytes, unicast, not zero */
	IFLA_EIPOIB_VIF_VLAN,		/* u16, 1..4094 */
	IFLA_EIPOIB_VIF_QPN,		/* u32, dump: its UD queue pair */
	IFLA_EIPOIB_VIF_FLAGS,		/* u32, EIPOIB_VIF_FLAG_* */
	IFLA_EIPOIB_VIF_NONE,		/* flag, request: take all that away */
	IFLA_EIPOIB_VIF_RX_DROPPED,	/* u64, dump: frames of it dropped */
	IFLA_EIPOIB_VIF_TX_DROPPED,	/* u64, dump */
	IFLA_EIPOIB_VIF_PAD,
	__IFLA_EIPOIB_VIF_MAX,
};

#define IFLA_EIPOIB_VIF_MAX (__IFLA_EIPOIB_VIF_MAX - 1)

#define EIPOIB_VIF_FLAG_ANY	  0x01 /* for every MAC without a VIF */
#define EIPOIB_VIF_FLAG_STICKY	  0x02 /* no peer can take its MAC over */
#define EIPOIB_VIF_FLAG_CONTESTED 0x04 /* dump: a peer has its MAC */

/*
 * Link kind "ipoib": u16, 1..65535, told apart clones of one parent that
 * share a P_Key.  Upstream numbers its attributes upwards from 1 (3 are taken
 * in 6.12), and rtnetlink accepts at most 50 for a kind; 32 leaves upstream
 * nine times what it used in twelve years.
 */
#define IFLA_IPOIB_INDEX	32

#endif /* _UAPI_LINUX_EIPOIB_H */
