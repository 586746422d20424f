/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the selftests of /dev/mach share: the ioctls as functions, messages to
 * build and to read, a second process with a port each way, memory whose
 * page frames can be compared, and counters.
 *
 * A task is an open file of /dev/mach, so one process may have several; a
 * test that needs a second name space mostly opens a second task, one that
 * needs a second address space uses mt_spawn().
 *
 * Functions that return __s32 give Mach's result; the others end the process
 * when they fail (mt_must).  Nothing here knows the test harness.
 */
#ifndef MACH_TEST_H
#define MACH_TEST_H

#include <linux/mach.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define MT_PAGE		4096UL
#define MT_HUGE		(512 * MT_PAGE)
/* A name that no test creates. */
#define MT_UNUSED	0x7fabcd00U
/* A result that is no Mach code. */
#define MT_NO_RESULT	0x7e57

/* ---- failing ---- */

void mt_fail(const char *file, int line, const char *what, long value)
	__attribute__((noreturn));

/* For what must work before the tested behaviour can be seen at all. */
#define mt_must(call)							\
	do {								\
		long mt_ret_ = (call);					\
		if (mt_ret_)						\
			mt_fail(__FILE__, __LINE__, #call, mt_ret_);	\
	} while (0)

#define mt_check(condition)						\
	do {								\
		if (!(condition))					\
			mt_fail(__FILE__, __LINE__, #condition, 0);	\
	} while (0)

/* ---- tasks and their port calls (task.c) ---- */

struct mt_task {
	int fd;
	__u32 self;		/* the task the port calls work on */
};

void mt_open(struct mt_task *task);
void mt_close(struct mt_task *task);

/* 0 or -errno. */
int mt_ioctl(const struct mt_task *task, unsigned long command, void *arg);
/* The same for a struct mach_ioc_name; gives its ret. */
__s32 mt_name_call(const struct mt_task *task, unsigned long command,
		   __u32 *name);

__s32 mt_allocate(const struct mt_task *task, __u32 right, __u32 *name);
__s32 mt_destroy(const struct mt_task *task, __u32 name);
__s32 mt_deallocate(const struct mt_task *task, __u32 name);
__s32 mt_get_refs(const struct mt_task *task, __u32 name, __u32 right,
		  __u32 *refs);
__s32 mt_mod_refs(const struct mt_task *task, __u32 name, __u32 right,
		  __s32 delta);
__s32 mt_get_type(const struct mt_task *task, __u32 name, __u32 *type);
__s32 mt_insert(const struct mt_task *task, __u32 name, __u32 poly,
		__u32 poly_type);
__s32 mt_request(const struct mt_task *task, __u32 name, __u32 id, __u32 sync,
		 __u32 notify, __u32 notify_type, __u32 *previous);

__u32 mt_receive_right(const struct mt_task *task);
__u32 mt_dead_name(const struct mt_task *task);
void mt_make_send(const struct mt_task *task, __u32 port);
/* A receive right with one send right under the same name. */
__u32 mt_port(const struct mt_task *task);
/* A new send-once right for a port of the same task. */
__u32 mt_make_send_once(const struct mt_task *task, __u32 port);
/* A send right in @from for @port, whose receive right @to has. */
__u32 mt_connect(const struct mt_task *from, const struct mt_task *to,
		 __u32 port);
/* Carries a right from one task to another; its new name. */
__u32 mt_transfer(const struct mt_task *from, const struct mt_task *to,
		  __u32 name, __u32 disposition);
/* A send right in @of for the task @whose. */
__u32 mt_task_right(const struct mt_task *of, const struct mt_task *whose);

__u32 mt_refs(const struct mt_task *task, __u32 name, __u32 right);
/* MACH_PORT_TYPE_NONE when the name is not in use. */
__u32 mt_types(const struct mt_task *task, __u32 name);
/* Arms a request whose send-once right is made from @notify. */
void mt_arm(const struct mt_task *task, __u32 name, __u32 id, __u32 notify);

/* ---- messages (message.c) ---- */

#define MT_ROOM		16384
#define MT_FOREVER	(~0U)
#define MT_POISON	0xa5

struct mt_message {
	union {
		struct mach_wire_header head;
		__u8 bytes[MT_ROOM];
		__u64 words[MT_ROOM / 8];
	};
	__u32 size;		/* built so far, or received */
};

void mt_begin(struct mt_message *message, __u32 dest, __u32 disposition);
void mt_reply_to(struct mt_message *message, __u32 name, __u32 disposition);
void mt_put(struct mt_message *message, __u64 word);
/* In-line bytes as MACH_MSG_TYPE_BYTE. */
void mt_put_data(struct mt_message *message, const void *data, __u32 bytes);
void mt_put_right(struct mt_message *message, __u32 name, __u32 disposition);
/* @flags: MACH_MSG_DESC_DEALLOCATE and the like. */
void mt_put_memory(struct mt_message *message, const void *address,
		   __u64 bytes, __u64 flags);

/* One mach_msg; fills in size, gives ret; the ioctl itself must work. */
__s32 mt_msg(const struct mt_task *task, struct mach_ioc_msg *call);
__s32 mt_send(const struct mt_task *task, struct mt_message *message);
__s32 mt_send_wait(const struct mt_task *task, struct mt_message *message,
		   __u32 milliseconds);
/* Poisons the buffer first. */
__s32 mt_receive(const struct mt_task *task, __u32 port,
		 struct mt_message *message, __u32 milliseconds);
/* A header alone to @dest. */
__s32 mt_send_id(const struct mt_task *task, __u32 dest, __u32 disposition,
		 __u32 id);
/* Is the queue of @port empty? */
bool mt_empty(const struct mt_task *task, __u32 port);

struct mt_item {
	__u64 desc;
	__u64 *data;		/* in-line data, or the address */
};

__u32 mt_item_name(const struct mt_item *item);
__u32 mt_item_bits(const struct mt_item *item);
__u32 mt_item_number(const struct mt_item *item);
/* The message's item number @index; ends the process if there is none. */
struct mt_item mt_item(struct mt_message *message, unsigned int index);
/* The name of item @index, which is one in-line right. */
__u32 mt_right(struct mt_message *message, unsigned int index);
/* The address in item @index, which is out of line. */
void *mt_memory(struct mt_message *message, unsigned int index);

/* A message with just one region. */
__s32 mt_send_memory(const struct mt_task *task, __u32 dest,
		     __u32 disposition, const void *address, __u64 bytes,
		     __u64 flags);
void *mt_receive_memory(const struct mt_task *task, __u32 port);
/* The same region sent and received by one task. */
void *mt_pass_memory(const struct mt_task *task, const void *address,
		     __u64 bytes, __u64 flags);
/*
 * Moved: also checks that every page that the region touches is gone after
 * the send.  (The received region may take its place.)
 */
void *mt_move_memory(const struct mt_task *task, void *address, __u64 bytes);

struct mt_note {
	__u32 id;
	__u32 value;		/* a name, or the make-send count */
};

/* Waits a while for a well-formed notification on @port. */
struct mt_note mt_notification(const struct mt_task *task, __u32 port);
/* Does the next notification say just this? */
bool mt_notified(const struct mt_task *task, __u32 port, __u32 id,
		 __u32 value);

/* ---- a second process (peer.c) ---- */

struct mt_peer {
	pid_t pid;
	__u32 port;		/* our receive right: what the peer sends */
	__u32 right;		/* our send right for the peer's port */
	int to, from;		/* pipes for mt_tell and mt_await */
};

struct mt_side {
	struct mt_task task;
	__u32 port;		/* receive right: what the parent sends */
	__u32 up;		/* send right for the parent's port */
	int to, from;
};

typedef void mt_body(struct mt_side *side, void *arg);

/* Runs @body in a child with its own task; uses the bootstrap port. */
void mt_spawn(struct mt_peer *peer, const struct mt_task *task, mt_body *body,
	      void *arg);
/* A child with no open task, which dies with its parent; 0 in the child. */
pid_t mt_fork(void);
/* The wait status: 0 if the body returned. */
int mt_join(struct mt_peer *peer);
void mt_kill(struct mt_peer *peer);
int mt_wait_pid(pid_t pid);

void mt_tell(int fd, __u64 value);
__u64 mt_await(int fd);
void mt_sleep(unsigned int milliseconds);
/* Waits until the thread sleeps in the kernel. */
void mt_until_asleep(pid_t thread);
__u64 mt_now(void);		/* milliseconds */

/* ---- memory (memory.c) ---- */

/* Small pages that nobody has touched. */
void *mt_map(unsigned long pages);
/* Let KSM merge what is mapped from now on. */
extern bool mt_mergeable;
void *mt_map_filled(unsigned long pages, unsigned int seed);
/* Only for x86-64 does the module know how; elsewhere it copies huge pages. */
#ifdef __x86_64__
#define MT_TAKES_HUGE	true
#else
#define MT_TAKES_HUGE	false
#endif

/* Has the kernel transparent huge pages at all? */
bool mt_has_huge_pages(void);
/* The memory is to have none, if there are any. */
void mt_no_huge_pages(void *address, unsigned long bytes);
/* Whole huge pages, filled; NULL if this kernel gives none. */
void *mt_map_huge(unsigned long huge_pages, unsigned int seed);
void mt_unmap(void *address, unsigned long bytes);

void mt_fill(void *address, unsigned long bytes, unsigned int seed);
bool mt_holds(const void *address, unsigned long bytes, unsigned int seed);
bool mt_zero(const void *address, unsigned long bytes);
/* One byte of each page. */
void mt_touch(const void *address, unsigned long pages);

/* 0 if the page is not present. */
__u64 mt_frame(const void *address);
unsigned long mt_frames_shared(const void *a, const void *b,
			       unsigned long pages);
/* Is there a mapping at all? */
bool mt_mapped(const void *address);
/* Copies "rwxp" of the mapping at @address. */
void mt_protection(const void *address, char protection[5]);
/* A number of the smaps entry, or -1; @key with its colon. */
long mt_smaps(const void *address, const char *key);
/* Does VmFlags name the two letters? */
bool mt_vm_flag(const void *address, const char *flag);
/* Reads or writes through another process's eyes: /proc/PID/mem. */
bool mt_peek(pid_t pid, const void *address, void *to, unsigned long bytes);
bool mt_poke(pid_t pid, const void *address, const void *from,
	     unsigned long bytes);

void mt_one_cpu(int cpu);

/* ---- counters, parameters, supervision (world.c) ---- */

struct mach_ioc_stats mt_stats(const struct mt_task *task, __u32 flags);
/* What @task has counted since @before. */
struct mach_ioc_stats mt_since(const struct mt_task *task,
			       const struct mach_ioc_stats *before);
__u64 mt_copied(const struct mach_ioc_stats *stats);

#define MT_LIVE(kind)	offsetof(struct mach_ioc_stats, live_##kind)
__u64 mt_live(const struct mt_task *task, size_t kind);
/* Waits up to 2 s for it. */
bool mt_live_becomes(const struct mt_task *task, size_t kind, __u64 value);
/* Tasks, ports, names, messages, requests and memory objects, as @before. */
bool mt_live_settles(const struct mt_task *task,
		     const struct mach_ioc_stats *before);

__u64 mt_param(const char *name);
void mt_set_param(const char *name, __u64 value);
/* Nothing is too small to be shared. */
void mt_share_all(void);
/* From now on tasks count for a user who owns nothing yet. */
void mt_become_fresh_user(void);

/* NULL, or why no test can run here. */
const char *mt_unavailable(void);

/*
 * Returns in a child; the parent waits for it, puts parameters and bootstrap
 * port back, waits for all live counters to be as they were and ends with the
 * child's status, or 1 if something leaked.
 */
void mt_supervise(void);

#endif /* MACH_TEST_H */
