/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Copyin: a message from user space into the kernel, with all that it names.
 *
 * Three steps, in this order; each runs in the task whose space is given, with
 * no lock held, and returns a mach_msg_return_t.
 */
#ifndef MACH_COPYIN_H
#define MACH_COPYIN_H

#include <linux/types.h>

struct mach_aftermath;
struct mach_kmsg;
struct mach_space;

/* MACH_SEND_CANCEL: the receive right whose port-deleted is not wanted. */
struct mach_cancel {
	bool wanted;
	u32 notify;
};

/*
 * Copy @size bytes at @msg in, once, and check all that can be checked
 * without taking anything: sizes, @cancel, header, descriptors, limits.  On
 * failure nothing has happened.
 */
u32 mach_copyin(struct mach_space *space, u64 msg, u32 size,
		struct mach_cancel cancel, struct mach_kmsg **out);

/*
 * Take the header's rights, both or none.  On failure nothing has happened
 * (MACH_SEND_INVALID_NOTIFY, _INVALID_DEST, _INVALID_REPLY, _NO_BUFFER).
 */
u32 mach_copyin_header(struct mach_space *space, struct mach_kmsg *kmsg,
		       struct mach_cancel cancel, struct mach_aftermath *after);

/*
 * Take the rights and memory of a body that said it is complex, front to
 * back.  On failure the message owns what was taken so far: the caller
 * destroys it (spec K2).
 */
u32 mach_copyin_body(struct mach_space *space, struct mach_kmsg *kmsg,
		     struct mach_aftermath *after);

#endif /* MACH_COPYIN_H */
