/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Mach ports for Linux: the user ABI of /dev/mach.
 *
 * An open file of /dev/mach is a task: a space of port names, bound to the
 * memory (mm) of the process that opened it.  Every operation is an ioctl
 * whose argument is the address of one struct of this file.
 *
 * Rules for every struct
 * ----------------------
 * - The first two fields are "size" (bytes, the caller's sizeof) and "flags".
 *   The kernel takes the fields that both sides know; fields that the caller
 *   does not have read as 0, and fields that the kernel does not know must be
 *   0.  The ioctl number does not depend on the size.
 * - Addresses travel as __u64.  Sizes are in bytes, times in milliseconds.
 * - The Mach result (kern_return_t or mach_msg_return_t) arrives in "ret";
 *   the ioctl itself then returns 0.  errno speaks of a broken ioctl only:
 *
 *	ENOTTY	no such command, or a 32-bit caller
 *	EINVAL	size smaller than the first version of the struct, unknown
 *		bits in flags, or padding that is not 0
 *	E2BIG	non-zero bytes behind the fields that the kernel knows
 *	EFAULT	the struct cannot be read or written
 *	EPERM	the caller's memory is not the memory that opened the file
 *		(a forked child, a receiver of the descriptor)
 *	ESTALE	the task is dead: its memory is gone (exec), the file is not
 *
 * Everything marked "GNU Mach" has the name, value and meaning of the x86-64
 * GNU Mach user ABI of 2025 (Debian 13's gnumach-dev); a stub that Debian 13's
 * mig made runs on it unchanged.
 */
#ifndef _LINUX_MACH_H
#define _LINUX_MACH_H

#include <linux/ioctl.h>
#include <linux/types.h>

/*
 * ---------------------------------------------------------------------------
 * Commands
 * ---------------------------------------------------------------------------
 */

/* Raised when an existing struct or rule changes its meaning. */
#define MACH_ABI_VERSION	1

/* Free in Documentation/userspace-api/ioctl/ioctl-number.rst. */
#define MACH_IOC_MAGIC		0xD4

enum mach_ioc_nr {
	MACH_IOC_NR_VERSION			= 0x00,
	MACH_IOC_NR_FEATURES			= 0x01,
	MACH_IOC_NR_STATS			= 0x02,

	MACH_IOC_NR_MSG				= 0x08,

	MACH_IOC_NR_TASK_SELF			= 0x10,
	MACH_IOC_NR_REPLY_PORT			= 0x11,
	MACH_IOC_NR_GET_BOOTSTRAP		= 0x12,
	MACH_IOC_NR_SET_BOOTSTRAP		= 0x13,

	MACH_IOC_NR_PORT_ALLOCATE		= 0x20,
	MACH_IOC_NR_PORT_DESTROY		= 0x21,
	MACH_IOC_NR_PORT_DEALLOCATE		= 0x22,
	MACH_IOC_NR_PORT_GET_REFS		= 0x23,
	MACH_IOC_NR_PORT_MOD_REFS		= 0x24,
	MACH_IOC_NR_PORT_TYPE			= 0x25,
	MACH_IOC_NR_PORT_INSERT_RIGHT		= 0x26,
	MACH_IOC_NR_PORT_REQUEST_NOTIFICATION	= 0x27
};

#define MACH_IOC(name)		_IO(MACH_IOC_MAGIC, MACH_IOC_NR_##name)

/* No argument; the ioctl returns MACH_ABI_VERSION. */
#define MACH_IOC_VERSION	MACH_IOC(VERSION)
#define MACH_IOC_FEATURES	MACH_IOC(FEATURES)	/* mach_ioc_features */
#define MACH_IOC_STATS		MACH_IOC(STATS)		/* mach_ioc_stats */
#define MACH_IOC_MSG		MACH_IOC(MSG)		/* mach_ioc_msg */
#define MACH_IOC_TASK_SELF	MACH_IOC(TASK_SELF)	/* mach_ioc_name */
#define MACH_IOC_REPLY_PORT	MACH_IOC(REPLY_PORT)	/* mach_ioc_name */
#define MACH_IOC_GET_BOOTSTRAP	MACH_IOC(GET_BOOTSTRAP)	/* mach_ioc_name */
#define MACH_IOC_SET_BOOTSTRAP	MACH_IOC(SET_BOOTSTRAP)	/* mach_ioc_name */
#define MACH_IOC_PORT_ALLOCATE	MACH_IOC(PORT_ALLOCATE)
#define MACH_IOC_PORT_DESTROY	MACH_IOC(PORT_DESTROY)
#define MACH_IOC_PORT_DEALLOCATE MACH_IOC(PORT_DEALLOCATE)
#define MACH_IOC_PORT_GET_REFS	MACH_IOC(PORT_GET_REFS)
#define MACH_IOC_PORT_MOD_REFS	MACH_IOC(PORT_MOD_REFS)
#define MACH_IOC_PORT_TYPE	MACH_IOC(PORT_TYPE)
#define MACH_IOC_PORT_INSERT_RIGHT MACH_IOC(PORT_INSERT_RIGHT)
#define MACH_IOC_PORT_REQUEST_NOTIFICATION \
				MACH_IOC(PORT_REQUEST_NOTIFICATION)

/*
 * MACH_IOC_FEATURES: what this module can do, and its limits.  Every limit is
 * the value in force now (module parameters may change it).
 */
#define MACH_FEATURE_OOL_COPY	0x1ULL	/* out-of-line memory, shared */
#define MACH_FEATURE_OOL_MOVE	0x2ULL	/* deallocate moves pages */

struct mach_ioc_features {
	__u32 size;
	__u32 flags;			/* must be 0 */
	__u64 features;			/* out: MACH_FEATURE_* */
	__u32 abi_version;		/* out: MACH_ABI_VERSION */
	__u32 max_inline;		/* out: bytes of one message */
	__u32 max_regions;		/* out: memory regions per message */
	__u32 max_ports;		/* out: port rights per message */
	__u64 max_region_bytes;		/* out: memory bytes per message */
	__u64 max_user_ports;		/* out: ports per user */
	__u64 max_user_names;		/* out: names per user */
	__u64 max_user_bytes;		/* out: queued message bytes per user */
	__u64 max_user_pages;		/* out: memory pages per user */
	__u64 max_user_send_once;	/* out: send-once rights per user */
};

/*
 * MACH_IOC_STATS: counters.  Without a flag, of the calling task since its
 * open; with MACH_STATS_MODULE, of the whole module since it was loaded, and
 * the live objects (needs CAP_SYS_ADMIN, otherwise errno EPERM).
 *
 * Pages are system pages, counted at the send.  "copied" is the sum over all
 * reasons; a page that was never touched travels as a hole and counts under
 * neither.
 */
#define MACH_STATS_MODULE	0x1	/* flags */

enum mach_copy_reason {
	MACH_COPY_EDGE		= 0,	/* partly outside the region */
	MACH_COPY_SMALL		= 1,	/* region below the share threshold */
	MACH_COPY_FILE		= 2,	/* file, shmem or shared mapping */
	MACH_COPY_SPECIAL	= 3,	/* KSM, hugetlb, userfaultfd, shadow */
	MACH_COPY_PINNED	= 4,	/* pinned for I/O: sharing refused */
	MACH_COPY_REFS		= 5,	/* unexplained page references */
	MACH_COPY_NOTIFIER	= 6,	/* mm has MMU notifiers */
	MACH_COPY_HUGE_PART	= 7,	/* huge page partly in the region */
	MACH_COPY_RETRY		= 8,	/* kept changing during the send */
	MACH_COPY_REASONS	= 16	/* slots in the struct */
};

struct mach_ioc_stats {
	__u32 size;
	__u32 flags;			/* MACH_STATS_* */
	__u64 messages_sent;
	__u64 messages_received;
	__u64 pages_shared;		/* by reference, sender keeps them */
	__u64 pages_moved;		/* by reference, sender gave them up */
	__u64 pages_hole;		/* never touched: nothing to carry */
	__u64 pages_copied[MACH_COPY_REASONS];
	/* The rest is 0 without MACH_STATS_MODULE. */
	__u64 live_tasks;
	__u64 live_ports;
	__u64 live_names;
	__u64 live_messages;
	__u64 live_requests;		/* armed notification requests */
	__u64 live_objects;		/* memory objects, in flight or mapped */
	__u64 live_regions;		/* received mappings */
	__u64 live_pages;		/* pages that memory objects hold */
	__u64 live_bytes;		/* in-line bytes that messages hold */
};

/*
 * MACH_IOC_MSG: GNU Mach's mach_msg().  The kernel reads send_size bytes from
 * msg and writes at most rcv_size bytes to it.  msgh_size is ignored on send.
 * Signals end a wait with MACH_SEND_INTERRUPTED or MACH_RCV_INTERRUPTED (the
 * library restarts); unknown bits in option are ignored, as Mach does.
 */
struct mach_ioc_msg {
	__u32 size;
	__u32 flags;			/* must be 0 */
	__s32 ret;			/* out: mach_msg_return_t */
	__u32 option;			/* MACH_SEND_MSG, MACH_RCV_MSG, ... */
	__u64 msg;			/* address of the message */
	__u32 send_size;		/* bytes */
	__u32 rcv_size;			/* bytes */
	__u32 rcv_name;			/* port to receive from */
	__u32 timeout;			/* milliseconds */
	__u32 notify;			/* port for msg-accepted and the like */
	__u32 pad;			/* must be 0 */
};

/*
 * MACH_IOC_TASK_SELF: one more reference to a send right for the own task.
 * MACH_IOC_REPLY_PORT: a new receive right.
 * MACH_IOC_GET_BOOTSTRAP: a send right for the instance's bootstrap port;
 *	name 0 while none is set.
 * MACH_IOC_SET_BOOTSTRAP: name (in) must denote a send right, or be 0 for
 *	none; the caller keeps it.  Needs CAP_SYS_ADMIN in the initial user
 *	namespace, otherwise KERN_NO_ACCESS.
 */
struct mach_ioc_name {
	__u32 size;
	__u32 flags;			/* must be 0 */
	__s32 ret;			/* out: kern_return_t */
	__u32 name;			/* out; in for SET_BOOTSTRAP */
};

/*
 * The port calls.  task names a send right for the task to work on (what
 * MACH_IOC_TASK_SELF gives, or a right that was received); any other name
 * gives MACH_SEND_INVALID_DEST, a send right for something else
 * KERN_INVALID_TASK.  All have the semantics of GNU Mach's mach_port_*.
 */
struct mach_ioc_port {
	__u32 size;
	__u32 flags;			/* must be 0 */
	__s32 ret;			/* out: kern_return_t */
	__u32 task;			/* send right for a task */
	__u32 name;			/* in; out for PORT_ALLOCATE */
	__u32 right;			/* MACH_PORT_RIGHT_*: ALLOCATE,
					 * GET_REFS, MOD_REFS */
	__s32 delta;			/* MOD_REFS */
	__u32 refs;			/* out: GET_REFS */
	__u32 type;			/* out: PORT_TYPE */
	__u32 pad;			/* must be 0 */
};

/* MACH_IOC_PORT_INSERT_RIGHT: poly is a name of the caller. */
struct mach_ioc_insert {
	__u32 size;
	__u32 flags;			/* must be 0 */
	__s32 ret;			/* out: kern_return_t */
	__u32 task;
	__u32 name;			/* wanted in task */
	__u32 poly;			/* right to insert */
	__u32 poly_type;		/* MACH_MSG_TYPE_*_SEND and so on */
	__u32 pad;			/* must be 0 */
};

/* MACH_IOC_PORT_REQUEST_NOTIFICATION: notify and previous are the caller's. */
struct mach_ioc_notification {
	__u32 size;
	__u32 flags;			/* must be 0 */
	__s32 ret;			/* out: kern_return_t */
	__u32 task;
	__u32 name;
	__u32 id;			/* MACH_NOTIFY_* */
	__u32 sync;
	__u32 notify;			/* send-once right, or 0 to cancel */
	__u32 notify_type;		/* MAKE_SEND_ONCE or MOVE_SEND_ONCE */
	__u32 previous;			/* out: send-once right, or 0 */
};

/*
 * ---------------------------------------------------------------------------
 * Messages (GNU Mach: mach/message.h)
 * ---------------------------------------------------------------------------
 *
 * A message is a header and, if MACH_MSGH_BITS_COMPLEX is set, items: an
 * 8-byte descriptor, then the item.  Everything starts on a multiple of 8;
 * bytes of padding are ignored when sent and are 0 when received.
 */
struct mach_wire_header {
	__u32 bits;			/* dispositions and COMPLEX */
	__u32 size;			/* received: bytes of the message */
	__u64 remote_port;		/* name: low 32 bits */
	__u64 local_port;		/* name: low 32 bits, or the payload */
	__u32 seqno;
	__u32 id;
};

#define MACH_MSG_ALIGN			8
#define MACH_MSG_HEADER_SIZE		32

#define MACH_MSGH_BITS_ZERO		0x00000000
#define MACH_MSGH_BITS_REMOTE_MASK	0x000000ff
#define MACH_MSGH_BITS_LOCAL_MASK	0x0000ff00
#define MACH_MSGH_BITS_COMPLEX		0x80000000U
#define MACH_MSGH_BITS(remote, local)	((remote) | ((local) << 8))
#define MACH_MSGH_BITS_REMOTE(bits)	((bits) & MACH_MSGH_BITS_REMOTE_MASK)
#define MACH_MSGH_BITS_LOCAL(bits) \
	(((bits) & MACH_MSGH_BITS_LOCAL_MASK) >> 8)

/*
 * The descriptor: one little-endian 64-bit word.
 *
 * In-line ports take 8 bytes each and say 64 bits; out-of-line data is an
 * 8-byte address of (number * size + 7) / 8 bytes; number or size 0 is legal.
 */
#define MACH_MSG_DESC_NAME_SHIFT	0
#define MACH_MSG_DESC_NAME_MASK		0xffULL
#define MACH_MSG_DESC_SIZE_SHIFT	8
#define MACH_MSG_DESC_SIZE_MASK		0xffffULL
#define MACH_MSG_DESC_UNUSED		0x000000001f000000ULL
#define MACH_MSG_DESC_INLINE		0x0000000020000000ULL
#define MACH_MSG_DESC_LONGFORM		0x0000000040000000ULL
#define MACH_MSG_DESC_DEALLOCATE	0x0000000080000000ULL
#define MACH_MSG_DESC_NUMBER_SHIFT	32
#define MACH_MSG_DESC_NUMBER_MASK	0xffffffffULL

#define MACH_MSG_DESC(name, bits, number, flags) \
	(((__u64)(name) << MACH_MSG_DESC_NAME_SHIFT) | \
	 ((__u64)(bits) << MACH_MSG_DESC_SIZE_SHIFT) | \
	 ((__u64)(number) << MACH_MSG_DESC_NUMBER_SHIFT) | (flags))

#define MACH_MSG_PORT_INLINE_BITS	64
#define MACH_MSG_PORT_OOL_BITS		32

/* Type names: data ... */
#define MACH_MSG_TYPE_UNSTRUCTURED	0
#define MACH_MSG_TYPE_BIT		0
#define MACH_MSG_TYPE_BOOLEAN		0
#define MACH_MSG_TYPE_INTEGER_16	1
#define MACH_MSG_TYPE_INTEGER_32	2
#define MACH_MSG_TYPE_CHAR		8
#define MACH_MSG_TYPE_BYTE		9
#define MACH_MSG_TYPE_INTEGER_8		9
#define MACH_MSG_TYPE_REAL		10
#define MACH_MSG_TYPE_INTEGER_64	11
#define MACH_MSG_TYPE_STRING		12
#define MACH_MSG_TYPE_STRING_C		12
#define MACH_MSG_TYPE_PORT_NAME		15
/* ... and port rights, as sent (dispositions) and as received. */
#define MACH_MSG_TYPE_MOVE_RECEIVE	16
#define MACH_MSG_TYPE_MOVE_SEND		17
#define MACH_MSG_TYPE_MOVE_SEND_ONCE	18
#define MACH_MSG_TYPE_COPY_SEND		19
#define MACH_MSG_TYPE_MAKE_SEND		20
#define MACH_MSG_TYPE_MAKE_SEND_ONCE	21
#define MACH_MSG_TYPE_PORT_RECEIVE	MACH_MSG_TYPE_MOVE_RECEIVE
#define MACH_MSG_TYPE_PORT_SEND		MACH_MSG_TYPE_MOVE_SEND
#define MACH_MSG_TYPE_PORT_SEND_ONCE	MACH_MSG_TYPE_MOVE_SEND_ONCE
#define MACH_MSG_TYPE_PROTECTED_PAYLOAD	23
#define MACH_MSG_TYPE_LAST		23

/* Options. */
#define MACH_MSG_OPTION_NONE		0x00000000
#define MACH_SEND_MSG			0x00000001
#define MACH_RCV_MSG			0x00000002
#define MACH_SEND_TIMEOUT		0x00000010
#define MACH_SEND_NOTIFY		0x00000020
#define MACH_SEND_INTERRUPT		0x00000040	/* library */
#define MACH_SEND_CANCEL		0x00000080
#define MACH_RCV_TIMEOUT		0x00000100
#define MACH_RCV_NOTIFY			0x00000200
#define MACH_RCV_INTERRUPT		0x00000400	/* library */
#define MACH_RCV_LARGE			0x00000800

#define MACH_MSG_TIMEOUT_NONE		0

/* Results: special bits, then codes. */
#define MACH_MSG_MASK			0x00003c00
#define MACH_MSG_IPC_SPACE		0x00002000
#define MACH_MSG_VM_SPACE		0x00001000
#define MACH_MSG_IPC_KERNEL		0x00000800
#define MACH_MSG_VM_KERNEL		0x00000400

#define MACH_MSG_SUCCESS		0x00000000
#define MACH_SEND_IN_PROGRESS		0x10000001
#define MACH_SEND_INVALID_DATA		0x10000002
#define MACH_SEND_INVALID_DEST		0x10000003
#define MACH_SEND_TIMED_OUT		0x10000004
#define MACH_SEND_WILL_NOTIFY		0x10000005
#define MACH_SEND_NOTIFY_IN_PROGRESS	0x10000006
#define MACH_SEND_INTERRUPTED		0x10000007
#define MACH_SEND_MSG_TOO_SMALL		0x10000008
#define MACH_SEND_INVALID_REPLY		0x10000009
#define MACH_SEND_INVALID_RIGHT		0x1000000a
#define MACH_SEND_INVALID_NOTIFY	0x1000000b
#define MACH_SEND_INVALID_MEMORY	0x1000000c
#define MACH_SEND_NO_BUFFER		0x1000000d
#define MACH_SEND_NO_NOTIFY		0x1000000e
#define MACH_SEND_INVALID_TYPE		0x1000000f
#define MACH_SEND_INVALID_HEADER	0x10000010
#define MACH_RCV_IN_PROGRESS		0x10004001
#define MACH_RCV_INVALID_NAME		0x10004002
#define MACH_RCV_TIMED_OUT		0x10004003
#define MACH_RCV_TOO_LARGE		0x10004004
#define MACH_RCV_INTERRUPTED		0x10004005
#define MACH_RCV_PORT_CHANGED		0x10004006
#define MACH_RCV_INVALID_NOTIFY		0x10004007
#define MACH_RCV_INVALID_DATA		0x10004008
#define MACH_RCV_PORT_DIED		0x10004009
#define MACH_RCV_IN_SET			0x1000400a
#define MACH_RCV_HEADER_ERROR		0x1000400b
#define MACH_RCV_BODY_ERROR		0x1000400c

/*
 * ---------------------------------------------------------------------------
 * Ports, notifications, results (GNU Mach: mach/port.h, notify.h,
 * kern_return.h, mig_errors.h)
 * ---------------------------------------------------------------------------
 */
#define MACH_PORT_NULL			0
#define MACH_PORT_DEAD			0xffffffffU

#define MACH_PORT_RIGHT_SEND		0
#define MACH_PORT_RIGHT_RECEIVE		1
#define MACH_PORT_RIGHT_SEND_ONCE	2
#define MACH_PORT_RIGHT_PORT_SET	3
#define MACH_PORT_RIGHT_DEAD_NAME	4
#define MACH_PORT_RIGHT_NUMBER		5

#define MACH_PORT_TYPE(right)		(1U << ((right) + 16))
#define MACH_PORT_TYPE_NONE		0
#define MACH_PORT_TYPE_SEND		MACH_PORT_TYPE(MACH_PORT_RIGHT_SEND)
#define MACH_PORT_TYPE_RECEIVE		MACH_PORT_TYPE(MACH_PORT_RIGHT_RECEIVE)
#define MACH_PORT_TYPE_SEND_ONCE \
	MACH_PORT_TYPE(MACH_PORT_RIGHT_SEND_ONCE)
#define MACH_PORT_TYPE_PORT_SET		MACH_PORT_TYPE(MACH_PORT_RIGHT_PORT_SET)
#define MACH_PORT_TYPE_DEAD_NAME \
	MACH_PORT_TYPE(MACH_PORT_RIGHT_DEAD_NAME)
#define MACH_PORT_TYPE_DNREQUEST	0x80000000U
#define MACH_PORT_TYPE_MAREQUEST	0x40000000U

#define MACH_PORT_QLIMIT_DEFAULT	5
#define MACH_PORT_QLIMIT_MAX		16
#define MACH_PORT_UREFS_MAX		65535
/* A send right stops one below, so that a dead name can gain one. */
#define MACH_PORT_UREFS_SEND_MAX	65534

#define MACH_NOTIFY_PORT_DELETED	65
#define MACH_NOTIFY_MSG_ACCEPTED	66
#define MACH_NOTIFY_PORT_DESTROYED	69
#define MACH_NOTIFY_NO_SENDERS		70
#define MACH_NOTIFY_SEND_ONCE		71
#define MACH_NOTIFY_DEAD_NAME		72

#define KERN_SUCCESS			0
#define KERN_INVALID_ADDRESS		1
#define KERN_PROTECTION_FAILURE		2
#define KERN_NO_SPACE			3
#define KERN_INVALID_ARGUMENT		4
#define KERN_FAILURE			5
#define KERN_RESOURCE_SHORTAGE		6
#define KERN_NOT_RECEIVER		7
#define KERN_NO_ACCESS			8
#define KERN_MEMORY_FAILURE		9
#define KERN_MEMORY_ERROR		10
#define KERN_NOT_IN_SET			12
#define KERN_NAME_EXISTS		13
#define KERN_ABORTED			14
#define KERN_INVALID_NAME		15
#define KERN_INVALID_TASK		16
#define KERN_INVALID_RIGHT		17
#define KERN_INVALID_VALUE		18
#define KERN_UREFS_OVERFLOW		19
#define KERN_INVALID_CAPABILITY		20
#define KERN_RIGHT_EXISTS		21
#define KERN_INVALID_HOST		22
#define KERN_MEMORY_PRESENT		23
#define KERN_WRITE_PROTECTION_FAILURE	24
#define KERN_TERMINATED			26
#define KERN_TIMEDOUT			27
#define KERN_INTERRUPTED		28

#define MIG_BAD_ID			(-303)

#endif /* _LINUX_MACH_H */
