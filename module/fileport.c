// SPDX-License-Identifier: GPL-2.0
/*
 * Fileports: see fileport.h.
 */
#include <linux/fs.h>
#include <linux/mach.h>

#include "descriptor.h"
#include "fileport.h"
#include "kmsg.h"
#include "limits.h"
#include "note.h"
#include "port.h"
#include "stats.h"

/* Makes the port what it is; from here on it ends by its last send right. */
static void begin_life(struct mach_port *port, struct mach_kmsg *end,
		       struct file *file)
{
	MACH_AFTERMATH(after);

	mach_live_inc(MACH_LIVE_FILES);
	mach_port_hold_kernel(port, MACH_OBJECT_FILE, get_file(file));
	mach_port_make_send(port);
	mach_note_carry(end, port);
	/* With a sender there it does not fire. */
	mach_port_arm_no_senders(port, end, 0, &after);
}

int mach_fileport_create(struct mach_user *user, struct file *file,
			 struct mach_carried *out)
{
	struct mach_kmsg *end;

	out->kind = MACH_CARRIED_NULL;
	if (mach_descriptor_is_ours(file))
		return KERN_INVALID_ARGUMENT;
	if (!mach_charge_file(user))
		return KERN_RESOURCE_SHORTAGE;
	end = mach_note_create_end(user);
	if (!end)
		goto out_charge;
	out->port = mach_port_create(user);
	if (!out->port)
		goto out_end;
	begin_life(out->port, end, file);
	out->kind = MACH_CARRIED_SEND;
	return KERN_SUCCESS;

out_end:
	mach_kmsg_free(end);
out_charge:
	mach_uncharge(user, MACH_CHARGE_FILES, 1);
	return KERN_RESOURCE_SHORTAGE;
}
