/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The reference model: what the specification (shared/spec/mach-ipc.md, by
 * its clauses) says about rights, references, queues and notifications, as
 * plain data and plain functions.  It knows no system call and shares no line
 * with the module.
 *
 * The state is one struct without pointers, so that assignment copies it: a
 * question of the form "does the order matter?" is answered by trying.
 *
 * Where the specification is silent, real GNU Mach decides.  What the module
 * may choose itself, the model learns from the module's answer and checks only
 * for sense: new names, and the order of what the death of a task causes.
 *
 * A right is a port's index.  Ports that died keep their slot while a message
 * or a request still holds a right for them; names become dead at once.
 */
#ifndef MACH_MODEL_H
#define MACH_MODEL_H

#include <linux/mach.h>
#include <stdbool.h>

enum {
	M_TASKS = 8,
	M_NAMES = 128,		/* in one task */
	M_PORTS = 320,
	M_SETS = 64,
	M_MESSAGES = 1024,
	M_ITEMS = 4,		/* in one message */
	M_ELEMENTS = 4,		/* rights in one item */
	M_REGISTERED = MACH_TASK_PORT_REGISTER_MAX,
	M_SPECIALS = MACH_TASK_BOOTSTRAP_PORT + 1,
	M_ROOM = 1024,		/* bytes of the largest message */
	M_NOTE_SIZE = 48
};

/* Instead of a port: no right, and what the name ~0 denotes. */
#define M_NULL	(-1)
#define M_DEAD	(-2)

struct m_right {
	short port;		/* or M_NULL, M_DEAD */
	short type;		/* MACH_MSG_TYPE_PORT_*, as received */
};

struct m_entry {
	__u32 name;
	__u32 type;		/* MACH_PORT_TYPE_*, without requests */
	__u32 urefs;		/* of a send right or dead name */
	short port;
	short set;		/* of a port set */
	short dn;		/* dead-name request: a send-once right */
	short forced;		/* message sent by SEND_NOTIFY */
};

struct m_task {
	bool alive;
	short self;		/* its kernel port */
	short count;
	short special[M_SPECIALS];	/* send rights */
	bool own_bootstrap;	/* was set: the instance's does not count */
	short registered[M_REGISTERED];	/* send rights */
	struct m_entry entry[M_NAMES];
};

struct m_port {
	bool used;
	bool alive;
	bool kernel;		/* a task's own port */
	bool has_payload;
	short task;		/* who has the receive right, or M_NULL */
	short to;		/* in transit to that port, or M_NULL */
	short set;
	short pd, ns;		/* requests: send-once rights */
	short head, tail;	/* messages */
	__u32 name;		/* of the receive right */
	__u32 srights, sorights, mscount, seqno, qlimit, count;
	__u64 payload;
};

struct m_set {
	bool used;
	short task;
	__u32 name;
};

enum m_kind {
	M_DATA,			/* in line; PORT_NAME among it */
	M_PORT,			/* in-line rights */
	M_REGION,		/* data out of line */
	M_PORT_ARRAY,		/* rights out of line */
	M_NOTE			/* the word of a notification or answer */
};

struct m_item {
	enum m_kind kind;
	__u8 name;		/* as received */
	__u16 bits;
	__u32 number;
	bool longform;
	__u32 stamp;		/* says what the data is; the word of a note */
	short port[M_ELEMENTS];	/* M_PORT and M_PORT_ARRAY: rights */
};

struct m_message {
	bool used;
	bool complex;
	bool circular;
	bool loose;		/* queued in no certain order */
	short next;
	short items;
	__u32 step;		/* when it was queued */
	__u32 arrival;		/* its place in the queue of a set */
	__u32 id, size;
	struct m_right remote, local;
	short accepted;		/* SEND_NOTIFY: send-once right, or M_NULL */
	short accepted_task;
	__u32 accepted_name;
	struct m_item item[M_ITEMS];
};

struct model {
	__u32 step;
	short tasks;		/* slots in use */
	short bootstrap;	/* of the instance: a send right */
	short doomed, doomed_tail;	/* messages to destroy */
	bool draining;
	bool trial;		/* only a trial: nothing counts */
	bool loose;		/* a task dies: no order is certain at all */
	__u32 arrivals;
	struct m_task task[M_TASKS];
	struct m_port port[M_PORTS];
	struct m_set set[M_SETS];
	struct m_message message[M_MESSAGES];
};

/* ---- what the program around it provides ---- */

/* The module's answer is wrong; does not return. */
void m_differs(const struct model *m, const char *format, ...)
	__attribute__((noreturn, format(printf, 2, 3)));
/* Something worth counting happened. */
void m_event(const struct model *m, const char *what);

/* ---- state.c ---- */

void m_init(struct model *m);
short m_new_task(struct model *m);
struct m_entry *m_find(struct model *m, short task, __u32 name);
/* The name under which a task has send or receive rights for a port. */
struct m_entry *m_find_port(struct model *m, short task, short port);
struct m_entry *m_add(struct model *m, short task, __u32 name, __u32 type,
		      short port);
void m_remove(struct model *m, short task, struct m_entry *entry);
/* The module chose @name: it must have been free. */
void m_check_new(struct model *m, short task, __u32 name);

short m_new_port(struct model *m, short task, __u32 name);
short m_new_set(struct model *m, short task, __u32 name);
void m_join_set(struct model *m, short port, short set);
bool m_alive(const struct model *m, short port);
short m_new_message(struct model *m);
void m_free_message(struct model *m, short message);
/* Marks the ports that something refers to; @mark has M_PORTS elements. */
void m_mark(const struct model *m, bool *mark);

struct m_census {
	__u64 ports, dead_ports, names, messages, requests, forced, sets;
};

struct m_census m_count(const struct model *m);

/* ---- rights.c ---- */

/* The type with which a disposition arrives. */
short m_converted(__u32 disposition);
bool m_is_disposition(__u32 disposition);
bool m_may_send(__u32 disposition);

/* A name that ceases to exist owes a port-deleted notification. */
struct m_owed {
	short notify;		/* send-once right, or M_NULL */
	__u32 name;
};

#define M_OWES_NOTHING	((struct m_owed){ .notify = M_NULL })

void m_pay(struct model *m, struct m_owed owed);

/* Would a copy-in succeed?  KERN_SUCCESS, _INVALID_NAME or _INVALID_RIGHT */
__s32 m_may_take(struct model *m, short task, __u32 name, __u32 disposition);
/* Takes a right that m_may_take() found; the name may vanish. */
struct m_right m_take(struct model *m, short task, __u32 name,
		      __u32 disposition, struct m_owed *owed);
/* The same with names 0 and ~0 allowed, and the debt paid. */
__s32 m_take_any(struct model *m, short task, __u32 name, __u32 disposition,
		 struct m_right *right);
/* Gives a right to a task, which says that it got it under @name. */
void m_give(struct model *m, short task, struct m_right right, __u32 name);
/* The name m_give() wants, or 0 if it would be a new one. */
__u32 m_given_name(struct model *m, short task, struct m_right right);
/* Joins a right to an entry of that port. */
void m_merge(struct model *m, struct m_entry *entry, struct m_right right);
void m_release(struct model *m, struct m_right right);
short m_copy_send(struct model *m, short port);

void m_destroy_name(struct model *m, short task, struct m_entry *entry);
__s32 m_deallocate(struct model *m, short task, __u32 name);
__s32 m_mod_refs(struct model *m, short task, __u32 name, __u32 right,
		 __s32 delta);

/* ---- death.c ---- */

/* Queues a notification on a send-once right, which it uses up. */
void m_note(struct model *m, short port, __u32 id, __u32 value);
void m_note_port(struct model *m, short port, short receive);
void m_enqueue(struct model *m, short message);
/* The receive right is in nobody's name any more. */
void m_clear_receiver(struct model *m, short port);
void m_kill_port(struct model *m, short port);
void m_destroy_message(struct model *m, short message);
/* The same at once, for a message that is in no queue (classes D and X). */
void m_clean_message(struct model *m, short message);
/* Would the receive right be reachable by itself only?  If not: on its way. */
bool m_is_circular(struct model *m, short port, short dest);
void m_kill_task(struct model *m, short task);
/* Does it matter in which order the names of a dying task are destroyed? */
bool m_order_matters(const struct model *m, short task);

/* ---- send.c ---- */

struct m_item_plan {
	struct m_item item;	/* name is the disposition; no rights yet */
	bool deallocate;
	bool bad_address;
	__u32 names[M_ELEMENTS];
};

struct m_send_plan {
	__u32 dest, dest_type, reply, reply_type;
	__u32 id, size;
	bool complex;		/* the bit is set */
	short items;
	struct m_item_plan item[M_ITEMS];
	__s32 malformed;	/* the result that it deserves, or 0 */
	int damage;		/* why: compose.c knows */
	__u32 option, notify;
};

/* A result, and another that the spec allows as well (or the same). */
struct m_result {
	__s32 ret, also;
	bool returned;		/* class R: the buffer holds the message */
	short taken;		/* items whose memory has left the sender */
};

/*
 * @buffer is what the module left there; the model reads it when the message
 * came back.
 */
struct m_result m_send(struct model *m, short task,
		       const struct m_send_plan *plan, const void *buffer);

/* ---- receive.c ---- */

struct m_receive_plan {
	__u32 option, name, notify, room;
};

/* What a receive might bring: more than one if the order is uncertain. */
struct m_choice {
	short count;
	short message[M_MESSAGES];
};

__s32 m_look(struct model *m, short task, __u32 name, struct m_choice *choice);
/* Checks result and buffer, and does what they say. */
void m_receive(struct model *m, short task, const struct m_receive_plan *plan,
	       __s32 ret, const void *buffer);

/* ---- body.c: bytes ---- */

__u32 m_item_bytes(const struct m_item *item);	/* in the body */
__u64 m_region_bytes(const struct m_item *item);
__u64 m_descriptor(const struct m_item *item, bool deallocate);
/* The data that a stamp stands for, byte by byte. */
const __u8 *m_pattern(__u32 stamp);
/* Do the bytes hold this message's body?  Rights' names are not compared. */
bool m_body_fits(const struct m_message *message, const void *buffer);
/* The names in the body, for m_give(), in their order. */
void m_give_body(struct model *m, short task, short message,
		 const void *buffer);
/* Known names in the body are right. */
bool m_names_fit(struct model *m, short task, short message,
		 const void *buffer);

/* ---- calls.c: results of the port calls ---- */

/* The task that @name stands for, or the error in *@ret. */
short m_target(struct model *m, short task, __u32 name, __s32 *ret);

__s32 m_allocate(struct model *m, short task, __u32 right, __u32 got);
__s32 m_allocate_name(struct model *m, short task, __u32 right, __u32 name);
__s32 m_rename(struct model *m, short task, __u32 from, __u32 to);
__s32 m_get_refs(struct model *m, short task, __u32 name, __u32 right,
		 __u32 *refs);
__s32 m_type(struct model *m, short task, __u32 name, __u32 *type);
__s32 m_insert(struct model *m, short task, short caller, __u32 name,
	       __u32 poly, __u32 disposition);
__s32 m_extract(struct model *m, short task, short caller, __u32 name,
		__u32 disposition, __u32 got, __u32 *type);
struct m_request {
	__u32 name, id, sync, notify, notify_type;
	__u32 previous;		/* the module's answer */
};

__s32 m_request(struct model *m, short task, short caller,
		const struct m_request *request);
__s32 m_move_member(struct model *m, short task, __u32 name, __u32 set);
/* The port calls that need a receive right: its port or M_NULL. */
short m_receiver(struct model *m, short task, __u32 name, __s32 *ret);
void m_status(struct model *m, short port,
	      struct mach_ioc_receive_status *status);
__u32 m_armed(const struct model *m, short port);
__s32 m_send_right(struct model *m, short task, __u32 name, short *port);
void m_set_right(struct model *m, short *slot, short port);

#endif /* MACH_MODEL_H */
