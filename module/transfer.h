/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whole messages between user space and the kernel: fetch and capture at the
 * sender, deliver at the receiver.
 *
 * All run in the task whose space is given, with no lock held; results are
 * mach_msg_return_t.
 */
#ifndef MACH_TRANSFER_H
#define MACH_TRANSFER_H

#include <linux/types.h>

struct mach_aftermath;
struct mach_kmsg;
struct mach_space;

/*
 * Copy @size bytes at @msg in, once, and check all that can be checked
 * without taking anything: sizes, header, descriptors, limits.  On failure
 * nothing has happened.
 */
u32 mach_transfer_fetch(struct mach_space *space, u64 msg, u32 size,
			struct mach_kmsg **out);

/*
 * Take the header's rights, both or none.  On failure nothing has happened
 * (MACH_SEND_INVALID_DEST, _INVALID_REPLY, _NO_BUFFER).
 */
u32 mach_transfer_capture_header(struct mach_space *space,
				 struct mach_kmsg *kmsg,
				 struct mach_aftermath *after);

/*
 * Take the rights and memory of a body that said it is complex, front to
 * back.  On failure the message
 * owns what was taken so far: the caller destroys it (spec K2).
 */
u32 mach_transfer_capture_body(struct mach_space *space,
			       struct mach_kmsg *kmsg,
			       struct mach_aftermath *after);

/*
 * Give everything to the receiver and write the message to @msg, at most
 * @room bytes.  Consumes the message.
 */
u32 mach_transfer_deliver(struct mach_space *space, struct mach_kmsg *kmsg,
			  u64 msg, u32 room, struct mach_aftermath *after);

/*
 * Give everything back to the sender, whose send ended with @ret (spec K13,
 * pseudo-receive).  Consumes the message; returns @ret with special bits.
 */
u32 mach_transfer_return(struct mach_space *space, struct mach_kmsg *kmsg,
			 u64 msg, u32 ret, struct mach_aftermath *after);

#endif /* MACH_TRANSFER_H */
