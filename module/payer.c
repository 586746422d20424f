// SPDX-License-Identifier: GPL-2.0
/*
 * Who pays for the send-once rights of another user's port: see payer.h.
 */
#include <linux/slab.h>

#include "limits.h"
#include "payer.h"

struct mach_payer *mach_payer_create(struct mach_user *user)
{
	struct mach_payer *payer;

	payer = kzalloc(sizeof(*payer), GFP_KERNEL_ACCOUNT);
	if (!payer)
		return NULL;
	payer->user = mach_user_get(user);
	payer->rights = 1;
	return payer;
}

bool mach_payers_raise(struct mach_payer *payers, const struct mach_user *user)
{
	for (; payers; payers = payers->next) {
		if (payers->user == user) {
			payers->rights++;
			return true;
		}
	}
	return false;
}

/* The first of the list pays for @rights less. */
static void uncharge_first(struct mach_payer **payers, u32 rights)
{
	struct mach_payer *payer = *payers;

	mach_uncharge(payer->user, MACH_CHARGE_SEND_ONCE, rights);
	payer->rights -= rights;
	if (payer->rights)
		return;
	*payers = payer->next;
	mach_user_put(payer->user);
	kfree(payer);
}

bool mach_payers_release(struct mach_payer **payers)
{
	if (!*payers)
		return false;
	uncharge_first(payers, 1);
	return true;
}

u32 mach_payers_end(struct mach_payer **payers)
{
	u32 rights = 0;

	while (*payers) {
		rights += (*payers)->rights;
		uncharge_first(payers, (*payers)->rights);
	}
	return rights;
}
