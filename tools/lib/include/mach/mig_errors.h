/* SPDX-License-Identifier: MIT */
/* Result codes of stubs made by mig, and the head of their replies. */
#ifndef _MACH_MIG_ERRORS_H_
#define _MACH_MIG_ERRORS_H_

#include <mach/kern_return.h>
#include <mach/message.h>

#define MIG_TYPE_ERROR		(-300)	/* client: type check failed */
#define MIG_REPLY_MISMATCH	(-301)	/* client: wrong reply id */
#define MIG_REMOTE_ERROR	(-302)	/* server found an error */
/*	MIG_BAD_ID		(-303)	   is the kernel's: <linux/mach.h> */
#define MIG_BAD_ARGUMENTS	(-304)	/* server: type check failed */
#define MIG_NO_REPLY		(-305)	/* server: send no reply */
#define MIG_EXCEPTION		(-306)	/* server raised an exception */
#define MIG_ARRAY_TOO_LARGE	(-307)	/* array too small for the data */
#define MIG_SERVER_DIED		(-308)
#define MIG_DESTROY_REQUEST	(-309)	/* destroy request, no reply */

typedef struct {
	mach_msg_header_t	Head;
	mach_msg_type_t		RetCodeType;
	kern_return_t		RetCode;
} mig_reply_header_t;

typedef struct mig_symtab {
	char	*ms_routine_name;
	int	ms_routine_number;
	void	(*ms_routine)(void);
} mig_symtab_t;

typedef void (*mig_routine_t)(mach_msg_header_t *, mach_msg_header_t *);

#endif /* _MACH_MIG_ERRORS_H_ */
