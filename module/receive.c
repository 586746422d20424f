// SPDX-License-Identifier: GPL-2.0
/*
 * State and settings of a receive right: see receive.h.
 */
#include <linux/kernel.h>
#include <linux/mach.h>

#include "limits.h"
#include "port.h"
#include "pset.h"
#include "receive.h"
#include "space.h"

static int find(struct mach_space *space, u32 name, struct mach_port **out)
{
	struct mach_entry *entry = mach_space_lookup(space, name);

	if (!entry)
		return KERN_INVALID_NAME;
	if (!(entry->type & MACH_PORT_TYPE_RECEIVE))
		return KERN_INVALID_RIGHT;
	*out = entry->port;
	return KERN_SUCCESS;
}

int mach_receive_status(struct mach_space *space,
			struct mach_ioc_receive_status *out)
{
	struct mach_port_status status;
	struct mach_port *port;
	int ret = find(space, out->name, &port);

	if (ret)
		return ret;
	mach_port_get_status(port, &status);
	/* The set stays: the port leaves it only under the space's lock. */
	out->pset = status.set ? status.set->name : MACH_PORT_NULL;
	out->seqno = status.seqno;
	out->mscount = status.mscount;
	out->qlimit = status.qlimit;
	out->msgcount = status.msgcount;
	out->sorights = status.sorights;
	out->srights = status.srights > 0;
	out->pdrequest = status.destroyed;
	out->nsrequest = status.no_senders;
	return KERN_SUCCESS;
}

int mach_receive_set_qlimit(struct mach_space *space, u32 name, u64 limit)
{
	struct mach_port *port;
	int ret;

	if (limit > mach_limit_qlimit())
		return KERN_INVALID_VALUE;
	ret = find(space, name, &port);
	if (!ret)
		mach_port_set_qlimit(port, limit);
	return ret;
}

int mach_receive_set_mscount(struct mach_space *space, u32 name, u64 mscount)
{
	struct mach_port *port;
	int ret;

	if (mscount > U32_MAX)
		return KERN_INVALID_VALUE;
	ret = find(space, name, &port);
	if (!ret)
		mach_port_set_mscount(port, mscount);
	return ret;
}

int mach_receive_set_seqno(struct mach_space *space, u32 name, u64 seqno)
{
	struct mach_port *port;
	int ret;

	if (seqno > U32_MAX)
		return KERN_INVALID_VALUE;
	ret = find(space, name, &port);
	if (!ret)
		mach_port_set_seqno(port, seqno);
	return ret;
}

int mach_receive_set_payload(struct mach_space *space, u32 name, bool on,
			     u64 payload)
{
	struct mach_port *port;
	int ret = find(space, name, &port);

	if (!ret)
		mach_port_set_payload(port, on, payload);
	return ret;
}

int mach_receive_srights(struct mach_space *space, u32 name, u64 *srights)
{
	struct mach_port_status status;
	struct mach_port *port;
	int ret = find(space, name, &port);

	if (ret)
		return ret;
	mach_port_get_status(port, &status);
	*srights = status.srights;
	return KERN_SUCCESS;
}

int mach_receive_dnrequests(struct mach_space *space, u32 name, u64 *requests)
{
	struct mach_port_status status;
	struct mach_port *port;
	int ret = find(space, name, &port);

	if (ret)
		return ret;
	mach_port_get_status(port, &status);
	*requests = status.dead_name_requests;
	return KERN_SUCCESS;
}

bool mach_receive_source(struct mach_space *space, u32 name,
			 struct mach_port **port, struct mach_pset **set)
{
	struct mach_entry *entry = mach_space_lookup(space, name);

	*port = NULL;
	*set = NULL;
	if (entry && entry->type & MACH_PORT_TYPE_RECEIVE)
		*port = mach_port_get(entry->port);
	else if (entry && entry->type == MACH_PORT_TYPE_PORT_SET)
		*set = mach_pset_get(entry->set);
	return *port || *set;
}

struct mach_port *mach_receive_port(struct mach_space *space, u32 name)
{
	struct mach_port *port;

	return find(space, name, &port) ? NULL : port;
}
