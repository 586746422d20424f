/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Copyout: a message from the kernel to user space, with all that it carries.
 *
 * Both run in the task whose space is given, with no lock held, and return a
 * mach_msg_return_t.
 */
#ifndef MACH_COPYOUT_H
#define MACH_COPYOUT_H

#include <linux/types.h>

struct mach_aftermath;
struct mach_kmsg;
struct mach_space;

/* Where a received message goes. */
struct mach_copyout {
	u64 msg;		/* address */
	u32 room;		/* bytes */
	bool ordinary;		/* MACH_MSG_ORDINARY */
	bool watch;		/* MACH_RCV_NOTIFY: ... */
	u32 notify;		/* ... this receive right hears of the reply's
				 * death */
};

/*
 * Give everything to the receiver and write the message out.  Consumes the
 * message.
 */
u32 mach_copyout(struct mach_space *space, struct mach_kmsg *kmsg,
		 const struct mach_copyout *to, struct mach_aftermath *after);

/*
 * Give everything back to the sender, whose send ended with @ret (spec K13,
 * pseudo-receive).  Consumes the message; returns @ret with special bits.
 */
u32 mach_copyout_return(struct mach_space *space, struct mach_kmsg *kmsg,
			u64 msg, u32 ret, struct mach_aftermath *after);

#endif /* MACH_COPYOUT_H */
