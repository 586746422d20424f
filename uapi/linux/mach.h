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
 *	EFAULT	the struct, or an array that it points to, cannot be read or
 *		written
 *	EPERM	the caller's memory is not the memory that opened the file
 *		(a forked child, a receiver of the descriptor)
 *	ESTALE	the task is dead: its memory is gone (exec), the file is not
 *	ENOMEM	no memory for the call; or the program unmapped the page that
 *		the module keeps in its memory, and there is no room for another
 *		(RLIMIT_AS, vm.max_map_count): nothing was done
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
	MACH_IOC_NR_MEMORY_ORDINARY		= 0x09,

	MACH_IOC_NR_TASK_SELF			= 0x10,
	MACH_IOC_NR_REPLY_PORT			= 0x11,
	MACH_IOC_NR_GET_BOOTSTRAP		= 0x12,
	MACH_IOC_NR_SET_BOOTSTRAP		= 0x13,
	MACH_IOC_NR_THREAD_SELF			= 0x14,
	MACH_IOC_NR_HOST_SELF			= 0x15,
	MACH_IOC_NR_TASK_FOR_FILE		= 0x16,
	MACH_IOC_NR_INHERIT			= 0x17,
	MACH_IOC_NR_TASK_GET_SPECIAL		= 0x18,
	MACH_IOC_NR_TASK_SET_SPECIAL		= 0x19,
	MACH_IOC_NR_PORTS_REGISTER		= 0x1a,
	MACH_IOC_NR_PORTS_LOOKUP		= 0x1b,

	MACH_IOC_NR_PORT_ALLOCATE		= 0x20,
	MACH_IOC_NR_PORT_DESTROY		= 0x21,
	MACH_IOC_NR_PORT_DEALLOCATE		= 0x22,
	MACH_IOC_NR_PORT_GET_REFS		= 0x23,
	MACH_IOC_NR_PORT_MOD_REFS		= 0x24,
	MACH_IOC_NR_PORT_TYPE			= 0x25,
	MACH_IOC_NR_PORT_INSERT_RIGHT		= 0x26,
	MACH_IOC_NR_PORT_REQUEST_NOTIFICATION	= 0x27,
	MACH_IOC_NR_PORT_ALLOCATE_NAME		= 0x28,
	MACH_IOC_NR_PORT_RENAME			= 0x29,
	MACH_IOC_NR_PORT_NAMES			= 0x2a,
	MACH_IOC_NR_PORT_EXTRACT_RIGHT		= 0x2b,
	MACH_IOC_NR_PORT_GET_RECEIVE_STATUS	= 0x2c,
	MACH_IOC_NR_PORT_SET_QLIMIT		= 0x2d,
	MACH_IOC_NR_PORT_SET_MSCOUNT		= 0x2e,
	MACH_IOC_NR_PORT_SET_SEQNO		= 0x2f,
	MACH_IOC_NR_PORT_MOVE_MEMBER		= 0x30,
	MACH_IOC_NR_PORT_GET_SET_STATUS		= 0x31,
	MACH_IOC_NR_PORT_SET_PAYLOAD		= 0x32,
	MACH_IOC_NR_PORT_CLEAR_PAYLOAD		= 0x33,
	MACH_IOC_NR_PORT_GET_SRIGHTS		= 0x34,
	MACH_IOC_NR_PORT_DNREQUEST_INFO		= 0x35,

	MACH_IOC_NR_PORT_POLL_FD		= 0x40,
	MACH_IOC_NR_FILEPORT_MAKE		= 0x41,
	MACH_IOC_NR_FILEPORT_FD			= 0x42,
	MACH_IOC_NR_RIGHT_MAKE_FD		= 0x43,
	MACH_IOC_NR_RIGHT_FROM_FD		= 0x44,

	MACH_IOC_NR_TASK_IDENTITY		= 0x48,
	MACH_IOC_NR_TASK_CONFIRM		= 0x49,
	MACH_IOC_NR_SNAPSHOT			= 0x4a
};

#define MACH_IOC(name)		_IO(MACH_IOC_MAGIC, MACH_IOC_NR_##name)

/* No argument; the ioctl returns MACH_ABI_VERSION. */
#define MACH_IOC_VERSION	MACH_IOC(VERSION)
#define MACH_IOC_FEATURES	MACH_IOC(FEATURES)	/* mach_ioc_features */
#define MACH_IOC_STATS		MACH_IOC(STATS)		/* mach_ioc_stats */
#define MACH_IOC_MSG		MACH_IOC(MSG)		/* mach_ioc_msg */
#define MACH_IOC_MEMORY_ORDINARY MACH_IOC(MEMORY_ORDINARY) /* mach_ioc_range */
#define MACH_IOC_TASK_SELF	MACH_IOC(TASK_SELF)	/* mach_ioc_name */
#define MACH_IOC_REPLY_PORT	MACH_IOC(REPLY_PORT)	/* mach_ioc_name */
#define MACH_IOC_GET_BOOTSTRAP	MACH_IOC(GET_BOOTSTRAP)	/* mach_ioc_name */
#define MACH_IOC_SET_BOOTSTRAP	MACH_IOC(SET_BOOTSTRAP)	/* mach_ioc_name */
#define MACH_IOC_THREAD_SELF	MACH_IOC(THREAD_SELF)	/* mach_ioc_name */
#define MACH_IOC_HOST_SELF	MACH_IOC(HOST_SELF)	/* mach_ioc_name */
#define MACH_IOC_TASK_FOR_FILE	MACH_IOC(TASK_FOR_FILE)	/* mach_ioc_file */
#define MACH_IOC_INHERIT	MACH_IOC(INHERIT)	/* mach_ioc_file */
/* mach_ioc_special */
#define MACH_IOC_TASK_GET_SPECIAL MACH_IOC(TASK_GET_SPECIAL)
#define MACH_IOC_TASK_SET_SPECIAL MACH_IOC(TASK_SET_SPECIAL)
/* mach_ioc_registered */
#define MACH_IOC_PORTS_REGISTER	MACH_IOC(PORTS_REGISTER)
#define MACH_IOC_PORTS_LOOKUP	MACH_IOC(PORTS_LOOKUP)
/* mach_ioc_port */
#define MACH_IOC_PORT_ALLOCATE	MACH_IOC(PORT_ALLOCATE)
#define MACH_IOC_PORT_ALLOCATE_NAME MACH_IOC(PORT_ALLOCATE_NAME)
#define MACH_IOC_PORT_DESTROY	MACH_IOC(PORT_DESTROY)
#define MACH_IOC_PORT_DEALLOCATE MACH_IOC(PORT_DEALLOCATE)
#define MACH_IOC_PORT_GET_REFS	MACH_IOC(PORT_GET_REFS)
#define MACH_IOC_PORT_MOD_REFS	MACH_IOC(PORT_MOD_REFS)
#define MACH_IOC_PORT_TYPE	MACH_IOC(PORT_TYPE)
/* mach_ioc_value */
#define MACH_IOC_PORT_RENAME	MACH_IOC(PORT_RENAME)
#define MACH_IOC_PORT_SET_QLIMIT MACH_IOC(PORT_SET_QLIMIT)
#define MACH_IOC_PORT_SET_MSCOUNT MACH_IOC(PORT_SET_MSCOUNT)
#define MACH_IOC_PORT_SET_SEQNO	MACH_IOC(PORT_SET_SEQNO)
#define MACH_IOC_PORT_MOVE_MEMBER MACH_IOC(PORT_MOVE_MEMBER)
#define MACH_IOC_PORT_SET_PAYLOAD MACH_IOC(PORT_SET_PAYLOAD)
#define MACH_IOC_PORT_CLEAR_PAYLOAD MACH_IOC(PORT_CLEAR_PAYLOAD)
#define MACH_IOC_PORT_GET_SRIGHTS MACH_IOC(PORT_GET_SRIGHTS)
#define MACH_IOC_PORT_DNREQUEST_INFO MACH_IOC(PORT_DNREQUEST_INFO)
/* one struct each */
#define MACH_IOC_PORT_INSERT_RIGHT MACH_IOC(PORT_INSERT_RIGHT)
#define MACH_IOC_PORT_EXTRACT_RIGHT MACH_IOC(PORT_EXTRACT_RIGHT)
#define MACH_IOC_PORT_REQUEST_NOTIFICATION \
				MACH_IOC(PORT_REQUEST_NOTIFICATION)
#define MACH_IOC_PORT_NAMES	MACH_IOC(PORT_NAMES)
#define MACH_IOC_PORT_GET_SET_STATUS MACH_IOC(PORT_GET_SET_STATUS)
#define MACH_IOC_PORT_GET_RECEIVE_STATUS MACH_IOC(PORT_GET_RECEIVE_STATUS)
/* mach_ioc_descriptor */
#define MACH_IOC_PORT_POLL_FD	MACH_IOC(PORT_POLL_FD)
#define MACH_IOC_FILEPORT_MAKE	MACH_IOC(FILEPORT_MAKE)
#define MACH_IOC_FILEPORT_FD	MACH_IOC(FILEPORT_FD)
#define MACH_IOC_RIGHT_MAKE_FD	MACH_IOC(RIGHT_MAKE_FD)
#define MACH_IOC_RIGHT_FROM_FD	MACH_IOC(RIGHT_FROM_FD)
#define MACH_IOC_TASK_IDENTITY	MACH_IOC(TASK_IDENTITY)	/* mach_ioc_identity */
#define MACH_IOC_TASK_CONFIRM	MACH_IOC(TASK_CONFIRM)	/* mach_ioc_confirm */
#define MACH_IOC_SNAPSHOT	MACH_IOC(SNAPSHOT)	/* mach_ioc_snapshot */

/*
 * MACH_IOC_FEATURES: what this module can do, and its limits.  Every limit is
 * the value in force now (module parameters may change it).
 */
#define MACH_FEATURE_OOL_COPY	0x1ULL	/* out-of-line memory, shared */
#define MACH_FEATURE_OOL_MOVE	0x2ULL	/* deallocate moves pages */
#define MACH_FEATURE_ORDINARY	0x4ULL	/* MACH_MSG_ORDINARY, _MEMORY_ORDINARY */
#define MACH_FEATURE_FDS	0x8ULL	/* the calls of mach_ioc_descriptor */
#define MACH_FEATURE_IDENTITY	0x10ULL	/* trailer, TASK_IDENTITY, _CONFIRM */
#define MACH_FEATURE_SNAPSHOT	0x20ULL	/* MACH_IOC_SNAPSHOT */

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
	__u32 max_qlimit;		/* out: messages; for PORT_SET_QLIMIT */
	__u32 pad;			/* must be 0 */
	__u64 max_user_files;		/* out: files in fileports per user */
};

/*
 * MACH_IOC_STATS: counters.  Without a flag, of the calling task since its
 * open; with MACH_STATS_MODULE, of the whole module since it was loaded, and
 * the live objects (needs CAP_SYS_ADMIN, otherwise errno EPERM).
 *
 * Pages are system pages, counted at the send; MACH_COPY_RECEIVE ones where
 * they are received.  "copied" is the sum over all reasons; a page that was
 * never touched travels as a hole and counts under neither.
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
	MACH_COPY_RECEIVE	= 9,	/* the receiver gets ordinary memory */
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
	__u64 live_sets;		/* port sets */
	__u64 live_files;		/* for polling, with a right, in a
					 * fileport */
};

/*
 * MACH_IOC_MSG: GNU Mach's mach_msg().  The kernel reads send_size bytes from
 * msg and writes at most rcv_size bytes to it.  msgh_size is ignored on send.
 * Signals end a wait with MACH_SEND_INTERRUPTED or MACH_RCV_INTERRUPTED (the
 * library restarts); unknown bits in option are ignored, as Mach does.
 *
 * MACH_MSG_ORDINARY: received out-of-line memory is to be ordinary anonymous
 * memory, at the price of a copy.  Without it, that is, when nobody asks,
 * memory is received in O(1), and is good for everything but get_user_pages
 * (O_DIRECT, vmsplice, io_uring's fixed buffers, process_vm_readv), userfaultfd
 * and core dumps.  A process whose memory a device or hypervisor watches (it
 * has MMU notifiers) gets ordinary memory always.
 *
 * trailer, if it is not 0, is the address of a struct mach_trailer that tells
 * who sent the message that is received; trailer_size says how many bytes of
 * it the caller knows.  It is written, ahead of the message, whenever a message
 * was taken: with MACH_MSG_SUCCESS and MACH_RCV_BODY_ERROR, and with the codes
 * of a message that is lost (MACH_RCV_HEADER_ERROR, MACH_RCV_INVALID_NOTIFY,
 * MACH_RCV_TOO_LARGE without MACH_RCV_LARGE).  If that fails the result is
 * MACH_RCV_INVALID_DATA, as for a message that cannot be written: rights and
 * memory were acquired all the same.  With any other result nothing was
 * written.  errno EINVAL: trailer_size is less than the first version's, 32,
 * or not 0 without a trailer.
 */
#define MACH_MSG_ORDINARY	0x1	/* flags */

struct mach_ioc_msg {
	__u32 size;
	__u32 flags;			/* MACH_MSG_ORDINARY */
	__s32 ret;			/* out: mach_msg_return_t */
	__u32 option;			/* MACH_SEND_MSG, MACH_RCV_MSG, ... */
	__u64 msg;			/* address of the message */
	__u32 send_size;		/* bytes */
	__u32 rcv_size;			/* bytes */
	__u32 rcv_name;			/* port to receive from */
	__u32 timeout;			/* milliseconds */
	__u32 notify;			/* port for msg-accepted and the like */
	__u32 trailer_size;		/* bytes; 0 without a trailer */
	/* The first version, of 48 bytes, ended here. */
	__u64 trailer;			/* address, or 0 */
};

/*
 * Who sent a message: as it was when mach_msg was called, whatever the sender
 * did or became since.  uid and gid are the effective ones of the sending
 * thread, that is, in whose name it acted, and what SO_PEERCRED tells; they
 * and pid are numbers of the receiver's namespaces.  A process that cannot be
 * seen from there has pid 0, a user who has no number there the overflow uid
 * (65534, kernel.overflowuid).
 *
 * A pid says who it was, not who it is: the process may be gone, and its pid
 * another's.  MACH_IOC_TASK_CONFIRM tells.  Task ids are never used twice
 * while the module is loaded.
 *
 * MACH_TRAILER_KERNEL: the module made the message (a notification, an answer
 * for a task port); task_id and pid are 0, uid and gid are ~0, which is
 * nobody's.  A message with the id of a notification but without this flag
 * is a forgery.
 */
#define MACH_TRAILER_KERNEL	0x1	/* flags */

struct mach_trailer {
	__u32 size;			/* bytes that the kernel wrote */
	__u32 flags;			/* MACH_TRAILER_* */
	__u64 task_id;
	__s32 pid;			/* the process */
	__u32 uid;			/* effective */
	__u32 gid;			/* effective */
	__u32 pad;			/* 0 */
};

/*
 * MACH_IOC_MEMORY_ORDINARY: every region received out of line that the range
 * touches becomes ordinary memory, as a whole and at its place, at the price
 * of a copy: other threads may use it meanwhile and lose nothing.  It stays a
 * private mapping of the module's file, so userfaultfd, KSM and huge pages are
 * not for it; what is discarded (MADV_DONTNEED) reads as zero.  Of other memory
 * nothing changes.  KERN_INVALID_ADDRESS: the range wraps.
 * KERN_RESOURCE_SHORTAGE: some pages are done, all keep their content.
 */
struct mach_ioc_range {
	__u32 size;
	__u32 flags;			/* must be 0 */
	__s32 ret;			/* out: kern_return_t */
	__u32 pad;			/* must be 0 */
	__u64 address;
	__u64 length;			/* bytes */
};

/*
 * MACH_IOC_TASK_SELF: one more reference to a send right for the own task:
 *	its special port MACH_TASK_KERNEL_PORT.
 * MACH_IOC_THREAD_SELF: the same for the calling thread.
 * MACH_IOC_HOST_SELF: the same for the host.
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
 * Calls that take another task's /dev/mach file; the file is the authority.
 * errno EBADF: no such descriptor, or not a file of /dev/mach.
 *
 * MACH_IOC_TASK_FOR_FILE: one reference to a send right for the task of the
 *	file in fd.  KERN_FAILURE: that task is dead.
 * MACH_IOC_INHERIT: the calling task gets copies of the special and the
 *	registered ports of the task of the file in fd, as a new task has those
 *	of its parent in Mach.  Once, and only for a child of the process that
 *	opened that file: otherwise KERN_NO_ACCESS.  KERN_FAILURE: that task is
 *	dead.
 */
struct mach_ioc_file {
	__u32 size;
	__u32 flags;			/* must be 0 */
	__s32 ret;			/* out: kern_return_t */
	__s32 fd;			/* a file of /dev/mach */
	__u32 name;			/* out: TASK_FOR_FILE */
	__u32 pad;			/* must be 0 */
};

/*
 * MACH_IOC_TASK_GET_SPECIAL: a send right for the special port which of task;
 *	name 0 while there is none.
 * MACH_IOC_TASK_SET_SPECIAL: name denotes a send right, which the caller
 *	keeps, or is 0 for none.
 *
 * KERN_INVALID_ARGUMENT: no such special port.  KERN_FAILURE: task is dead.
 * The bootstrap port of a task that never set nor inherited one is that of
 * the instance (MACH_IOC_SET_BOOTSTRAP).
 */
struct mach_ioc_special {
	__u32 size;
	__u32 flags;			/* must be 0 */
	__s32 ret;			/* out: kern_return_t */
	__u32 task;			/* send right for a task */
	__u32 which;			/* MACH_TASK_*_PORT */
	__u32 name;			/* in: SET; out: GET */
};

/*
 * MACH_IOC_PORTS_REGISTER: replace the registered ports of task by copies of
 *	the count send rights in ports; the other slots become 0.
 *	KERN_INVALID_ARGUMENT: count > MACH_TASK_PORT_REGISTER_MAX.
 * MACH_IOC_PORTS_LOOKUP: a send right for each registered port; count is then
 *	MACH_TASK_PORT_REGISTER_MAX.
 */
#define MACH_TASK_PORT_REGISTER_MAX	4

struct mach_ioc_registered {
	__u32 size;
	__u32 flags;			/* must be 0 */
	__s32 ret;			/* out: kern_return_t */
	__u32 task;			/* send right for a task */
	__u32 ports[MACH_TASK_PORT_REGISTER_MAX];	/* names */
	__u32 count;
	__u32 pad;			/* must be 0 */
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
					 * ALLOCATE_NAME, GET_REFS, MOD_REFS */
	__s32 delta;			/* MOD_REFS */
	__u32 refs;			/* out: GET_REFS */
	__u32 type;			/* out: PORT_TYPE */
	__u32 pad;			/* must be 0 */
};

/*
 * Calls with a name and one number:
 *
 *	PORT_RENAME		in: the new name
 *	PORT_SET_QLIMIT		in: messages, at most max_qlimit
 *	PORT_SET_MSCOUNT	in: make-send count, 32 bits
 *	PORT_SET_SEQNO		in: sequence number, 32 bits
 *	PORT_MOVE_MEMBER	in: name of a port set, or 0 for none
 *	PORT_SET_PAYLOAD	in: protected payload, 64 bits
 *	PORT_CLEAR_PAYLOAD	not used, must be 0 (KERN_INVALID_VALUE)
 *	PORT_GET_SRIGHTS	out: send rights that exist for the port: one
 *				for each task that has any, one for each in a
 *				message, a special or a registered port
 *	PORT_DNREQUEST_INFO	out: dead-name requests armed on the port
 *
 * Where 32 bits are said, more give KERN_INVALID_VALUE.
 */
struct mach_ioc_value {
	__u32 size;
	__u32 flags;			/* must be 0 */
	__s32 ret;			/* out: kern_return_t */
	__u32 task;			/* send right for a task */
	__u32 name;
	__u32 pad;			/* must be 0 */
	__u64 value;
};

/*
 * MACH_IOC_PORT_NAMES: all names of task and their types.  names and types
 * are addresses of arrays of capacity numbers of 32 bits.  count says how many
 * names there are; if that is more than capacity nothing was written and the
 * caller comes again with larger arrays.
 */
struct mach_ioc_names {
	__u32 size;
	__u32 flags;			/* must be 0 */
	__s32 ret;			/* out: kern_return_t */
	__u32 task;			/* send right for a task */
	__u64 names;			/* address */
	__u64 types;			/* address; MACH_PORT_TYPE_* */
	__u32 capacity;
	__u32 count;			/* out */
};

/* MACH_IOC_PORT_GET_SET_STATUS: the members of a port set, likewise. */
struct mach_ioc_members {
	__u32 size;
	__u32 flags;			/* must be 0 */
	__s32 ret;			/* out: kern_return_t */
	__u32 task;			/* send right for a task */
	__u64 members;			/* address */
	__u32 name;			/* of the port set */
	__u32 capacity;
	__u32 count;			/* out */
	__u32 pad;			/* must be 0 */
};

/* MACH_IOC_PORT_GET_RECEIVE_STATUS: GNU Mach's mach_port_status_t. */
struct mach_ioc_receive_status {
	__u32 size;
	__u32 flags;			/* must be 0 */
	__s32 ret;			/* out: kern_return_t */
	__u32 task;			/* send right for a task */
	__u32 name;
	__u32 pset;			/* out: name of the port set, or 0 */
	__u32 seqno;			/* out: of the next message */
	__u32 mscount;			/* out: make-send count */
	__u32 qlimit;			/* out: messages */
	__u32 msgcount;			/* out: messages in the queue */
	__u32 sorights;			/* out: send-once rights */
	__u32 srights;			/* out: 1 if send rights exist */
	__u32 pdrequest;		/* out: 1 if port-destroyed is armed */
	__u32 nsrequest;		/* out: 1 if no-senders is armed */
};

/*
 * MACH_IOC_PORT_EXTRACT_RIGHT: as if task sent the right to the caller; poly
 * becomes the caller's name for it.
 */
struct mach_ioc_extract {
	__u32 size;
	__u32 flags;			/* must be 0 */
	__s32 ret;			/* out: kern_return_t */
	__u32 task;
	__u32 name;			/* in task */
	__u32 disposition;		/* MACH_MSG_TYPE_*_SEND and so on */
	__u32 poly;			/* out */
	__u32 poly_type;		/* out: MACH_MSG_TYPE_PORT_* */
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
 * Names and descriptors.  All names are the caller's.  A new descriptor is the
 * lowest that is free; KERN_RESOURCE_SHORTAGE when there is none.  If the
 * struct cannot be written afterwards (EFAULT) what the call made stays.
 *
 * MACH_IOC_PORT_POLL_FD (name; MACH_FD_CLOEXEC; fd is out): a descriptor that
 *	epoll, poll, select and io_uring can wait on, for a receive right or a
 *	port set.  Nothing can be read from it; whoever has it learns whether
 *
 *	EPOLLIN, EPOLLRDNORM	a message could be received now
 *	EPOLLERR		the port is in a set: a receive would be
 *				answered MACH_RCV_IN_SET
 *	EPOLLHUP		the receive right has left the task, or port,
 *				set or task are dead; that is for ever
 *
 *	KERN_INVALID_NAME.  KERN_INVALID_RIGHT: neither of the two.
 * MACH_IOC_FILEPORT_MAKE (fd; name is out): a send right for a new port that
 *	carries the open file of fd.  The file is closed when the last send
 *	right for the port goes.  errno EBADF: no such descriptor.
 *	KERN_INVALID_ARGUMENT: a file of this module, which no port may carry.
 *	KERN_RESOURCE_SHORTAGE: also when the user would have more files in
 *	fileports than RLIMIT_NOFILE says, without CAP_SYS_RESOURCE.
 * MACH_IOC_FILEPORT_FD (name; MACH_FD_CLOEXEC; fd is out): a new descriptor
 *	for that open file.  KERN_INVALID_NAME.  KERN_INVALID_RIGHT: no send
 *	right.  KERN_INVALID_CAPABILITY: one for another kind of port.
 *	KERN_NO_ACCESS: a security module forbids it.
 * MACH_IOC_RIGHT_MAKE_FD (name; MACH_FD_CLOEXEC, MACH_FD_MOVE; fd is out): a
 *	descriptor that holds one send right, a copy of that of name, or with
 *	MACH_FD_MOVE one user reference of it.  The right goes with the last
 *	copy of the descriptor.  KERN_INVALID_NAME.  KERN_INVALID_RIGHT: no
 *	send right, or dead.  KERN_INVALID_ARGUMENT: the right is for a
 *	fileport, whose file has a descriptor of its own.
 * MACH_IOC_RIGHT_FROM_FD (fd; name is out): a send right, copied from that of
 *	the descriptor.  errno EBADF: no such descriptor.
 *	KERN_INVALID_ARGUMENT: one that MACH_IOC_RIGHT_MAKE_FD did not make.
 *	KERN_INVALID_CAPABILITY: the port is dead.
 */
#define MACH_FD_CLOEXEC		0x1	/* flags: as O_CLOEXEC */
#define MACH_FD_MOVE		0x2

struct mach_ioc_descriptor {
	__u32 size;
	__u32 flags;			/* MACH_FD_* */
	__s32 ret;			/* out: kern_return_t */
	__u32 name;
	__s32 fd;
	__u32 pad;			/* must be 0 */
};

/*
 * ---------------------------------------------------------------------------
 * Who is who
 * ---------------------------------------------------------------------------
 */

/*
 * MACH_IOC_TASK_IDENTITY: the id of task, a send right for a task (what
 * MACH_IOC_TASK_SELF gives, or one that was received), and the process that
 * opened it: pid, effective uid and gid at the open, translated as in a
 * struct mach_trailer.  Results for a bad task as those of the port calls.
 */
struct mach_ioc_identity {
	__u32 size;
	__u32 flags;			/* must be 0 */
	__s32 ret;			/* out: kern_return_t */
	__u32 task;			/* send right for a task */
	__u64 task_id;			/* out */
	__s32 pid;			/* out */
	__u32 uid;			/* out */
	__u32 gid;			/* out */
	__u32 pad;			/* must be 0 */
};

/*
 * MACH_IOC_TASK_CONFIRM: is the task task_id alive, and is the process that
 * has pid in the caller's namespace one that runs in it?  KERN_SUCCESS: it was
 * so at a moment within the call.  KERN_FAILURE: no such task, or it is dying,
 * or pid is no process, a thread, another process, or one that has called exec
 * or exited.
 *
 * For a process of which no later one can take the place: pidfd_open(pid),
 * then this.  The sender had the pid before the message came; if it has it
 * still then nobody else had it in between, and the pidfd is the sender's.
 */
struct mach_ioc_confirm {
	__u32 size;
	__u32 flags;			/* must be 0 */
	__s32 ret;			/* out: kern_return_t */
	__s32 pid;
	__u64 task_id;
};

/*
 * MACH_IOC_SNAPSHOT: who holds whom, as records one behind the other.  Without
 * a flag of task, a send right for a task.  With MACH_SNAPSHOT_ALL, which
 * ignores task, of all tasks that live; that needs CAP_SYS_ADMIN in the
 * initial user namespace, otherwise errno EPERM.
 *
 * needed is the size of the listing; if that is more than length the result is
 * KERN_NO_SPACE, what is in the buffer is of no use, and the caller comes again
 * with some more than needed.  errno EFAULT: the buffer cannot be written.
 *
 * Everything about a task (the records from its MACH_SNAPSHOT_TASK to the next
 * one) is of one moment if it fits into 64 KiB.  Of a larger task each 64 KiB
 * are: a name that is there all the time stands there just once, others may
 * or may not.  Tasks are listed one after the other: a right that moves
 * meanwhile may be seen twice, or not at all.
 *
 * There is one record MACH_SNAPSHOT_PORT for a port behind the name of its
 * receive right, and, if nobody has the receive right, behind each name of a
 * send right (all the same).  Behind it are its messages, in the queue and of
 * blocked senders, the first 1024, each with the rights and the memory that it
 * carries.  Without MACH_SNAPSHOT_ALL nothing is told of a port whose receive
 * right another task has, and of ports of the module only what they stand for
 * (MACH_SNAPSHOT_PARTIAL).
 *
 * Every record begins with kind and size; unknown kinds are to be skipped, and
 * a size that is larger than expected has more fields behind the known ones.
 * Ids of tasks, ports and sets are numbers that are not used twice.
 */
#define MACH_SNAPSHOT_ALL	0x1	/* flags */

struct mach_ioc_snapshot {
	__u32 size;
	__u32 flags;			/* MACH_SNAPSHOT_ALL */
	__s32 ret;			/* out: kern_return_t */
	__u32 task;			/* send right for a task */
	__u64 buffer;			/* address */
	__u64 length;			/* bytes */
	__u64 needed;			/* out: bytes */
};

enum mach_snapshot_kind {
	MACH_SNAPSHOT_TASK	= 1,
	MACH_SNAPSHOT_NAME	= 2,
	MACH_SNAPSHOT_PORT	= 3,
	MACH_SNAPSHOT_SET	= 4,
	MACH_SNAPSHOT_MESSAGE	= 5,
	MACH_SNAPSHOT_RIGHT	= 6,
	MACH_SNAPSHOT_MEMORY	= 7
};

struct mach_snapshot_record {
	__u32 kind;			/* MACH_SNAPSHOT_* */
	__u32 size;			/* bytes, a multiple of 8 */
};

/* A task, and what its user is charged in all (see MACH_IOC_FEATURES). */
struct mach_snapshot_task {
	__u32 kind;
	__u32 size;
	__u64 id;
	__u64 port;			/* id of the task port */
	__s32 pid;			/* who opened it; as in a trailer */
	__u32 uid;
	__u32 gid;
	__u32 names;			/* how many it has */
	__u32 account;			/* real uid of the user who pays */
	__u32 pad;			/* 0 */
	__u64 user_ports;
	__u64 user_names;
	__u64 user_bytes;
	__u64 user_pages;
	__u64 user_send_once;
	char comm[16];			/* the process's; "" when it is gone */
};

struct mach_snapshot_name {
	__u32 kind;
	__u32 size;
	__u64 task;			/* id */
	__u32 name;
	__u32 type;			/* MACH_PORT_TYPE_* */
	__u32 urefs;
	__u32 pad;			/* 0 */
	__u64 object;			/* id of port or set; 0: dead name */
	__u64 request;			/* id of the port that is to hear of
					 * the port's death, or 0 */
};

/* What a port is. */
#define MACH_SNAPSHOT_PORT_PLAIN	0
#define MACH_SNAPSHOT_PORT_TASK		1
#define MACH_SNAPSHOT_PORT_THREAD	2
#define MACH_SNAPSHOT_PORT_HOST		3

/* Where its receive right is. */
#define MACH_SNAPSHOT_HELD	0	/* in a task */
#define MACH_SNAPSHOT_TRANSIT	1	/* in a message */
#define MACH_SNAPSHOT_MODULE	2	/* in the module: TASK, THREAD, HOST */
#define MACH_SNAPSHOT_DEAD	3	/* nowhere */

/* flags of records */
#define MACH_SNAPSHOT_PAYLOAD	0x1	/* port: has a protected payload */
#define MACH_SNAPSHOT_MORE	0x2	/* port: not all messages are listed */
#define MACH_SNAPSHOT_PARTIAL	0x4	/* port: what follows holder is 0 */
#define MACH_SNAPSHOT_BLOCKED	0x8	/* message: its sender waits for room */

struct mach_snapshot_port {
	__u32 kind;
	__u32 size;
	__u64 id;
	__u32 object;			/* MACH_SNAPSHOT_PORT_* */
	__u32 state;			/* MACH_SNAPSHOT_HELD ... */
	__u32 flags;
	__u32 name;			/* of the receive right in holder */
	__u64 holder;			/* id of the task that has the receive
					 * right, or that a task port is for */
	__u32 seqno;			/* of the next message */
	__u32 mscount;			/* make-send count */
	__u32 qlimit;			/* messages */
	__u32 msgcount;			/* messages in the queue */
	__u32 blocked;			/* senders that wait for room */
	__u32 srights;			/* send rights */
	__u32 sorights;			/* send-once rights */
	__u32 dead_name_requests;
	__u64 set;			/* id of its port set, or 0 */
	__u64 payload;
	__u64 no_senders;		/* ids of the ports that are to hear */
	__u64 port_destroyed;		/* of these two, or 0 */
};

struct mach_snapshot_set {
	__u32 kind;
	__u32 size;
	__u64 id;
	__u64 task;			/* id */
	__u32 name;
	__u32 members;
};

struct mach_snapshot_message {
	__u32 kind;
	__u32 size;
	__u64 port;			/* id of its destination */
	__u64 sender;			/* task id; 0: the module */
	__u32 index;			/* place in the queue, from 0 on */
	__u32 id;			/* msgh_id */
	__u32 bytes;			/* header and body */
	__u32 dest;			/* MACH_MSG_TYPE_PORT_SEND or
					 * _SEND_ONCE: what it was sent to */
	__u32 flags;
	__u32 pad;			/* 0 */
};

/* A right without a name. */
#define MACH_SNAPSHOT_IN_MESSAGE	0	/* holder: destination's id,
						 * index: message, slot: 0
						 * reply port, else place */
#define MACH_SNAPSHOT_IN_SPECIAL	1	/* holder: task id, index:
						 * MACH_TASK_*_PORT */
#define MACH_SNAPSHOT_IN_REGISTERED	2	/* holder: task id, slot */
#define MACH_SNAPSHOT_IN_INSTANCE	3	/* the bootstrap port */

struct mach_snapshot_right {
	__u32 kind;
	__u32 size;
	__u64 port;			/* id of the port it is for */
	__u64 holder;			/* id */
	__u32 where;			/* MACH_SNAPSHOT_IN_* */
	__u32 type;			/* MACH_MSG_TYPE_PORT_* */
	__u32 index;
	__u32 slot;
};

/* Memory in a message. */
struct mach_snapshot_memory {
	__u32 kind;
	__u32 size;
	__u64 port;			/* id of the destination */
	__u32 index;			/* of the message */
	__u32 slot;			/* place in the message, from 1 on */
	__u64 bytes;
	__u64 pages;			/* of the range, holes too */
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
 * 8-byte address of (number * size + 7) / 8 bytes; out-of-line ports are an
 * address of an array of names of 4 bytes each and say 32 bits; number or size
 * 0 is legal.
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
#define MACH_PORT_QLIMIT_MAX		16	/* by default: max_qlimit */
#define MACH_PORT_UREFS_MAX		65535
/* A send right stops one below, so that a dead name can gain one. */
#define MACH_PORT_UREFS_SEND_MAX	65534

/* Special ports of a task. */
#define MACH_TASK_KERNEL_PORT		1
#define MACH_TASK_EXCEPTION_PORT	3
#define MACH_TASK_BOOTSTRAP_PORT	4

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
