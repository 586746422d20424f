/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a conformance program is written with.
 *
 * A program is plain Mach C: it includes this header, is compiled once for GNU
 * Mach and once for Linux with libmach, and says line by line what it saw.
 * The two transcripts must be equal, so a line names ports by their labels,
 * results by their names, and holds no address, no time and no name that the
 * kernel chose.
 *
 * Each program runs in a task of its own.  It may have threads, and one
 * second task: the peer, which starts as a copy of the program's memory with
 * an empty name space.
 */
#ifndef CONF_H
#define CONF_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __linux__
#include <mach/mach.h>
#include <mach_debug/mach_debug.h>
#else
#include <mach/mach_interface.h>
#include <mach/mach_port.h>
#include <mach/mach_traps.h>
#include <mach/message.h>
#include <mach/mig_errors.h>
#include <mach/notify.h>
#include <mach/task_special_ports.h>
#include <mach_debug/mach_debug.h>
#endif

/* The body of the program; NAME is the file's name. */
#define PROGRAM(NAME)	void conf_program_##NAME(void)

#define PAGE		4096UL
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* ---- saying ---- */

/*
 * One line, "what: seen"; what should differ from line to line.
 *	%s text  %d int  %u unsigned  %x unsigned in hex  %l unsigned long
 *	%k a result  %n a port name  %t a MACH_PORT_TYPE_* mask
 *	%r a disposition
 */
void say(const char *format, ...);
/* "what: result"; gives the result. */
int said(const char *what, int result);
/* Starts a group: its text precedes every line that follows. */
void group(const char *format, ...);

/* ---- names ---- */

/*
 * Names are chosen, so that a line can say them: N('A') is said as "A".  Any
 * other name is said as "null", "dead", "task" or "new".  They are small: GNU
 * Mach takes minutes to destroy a space with a name such as 0x41000041.
 */
#define N(letter)	(0x4100U + (letter))
#define UNUSED		N('?')		/* no program makes it */

/* A receive right, a port set, a dead name. */
mach_port_t new_port(char letter);
mach_port_t new_set(char letter);
mach_port_t new_dead(char letter, mach_port_urefs_t refs);
/* A receive right with that many references to a send right. */
mach_port_t new_sendable(char letter, mach_port_urefs_t refs);
/* A send right made from a port, under the port's name. */
void make_send(mach_port_t port);
/* A send-once right of that name for a port. */
mach_port_t new_send_once(char letter, mach_port_t port);
/* Gives a name that the kernel chose a letter. */
mach_port_t relabel(mach_port_t name, char letter);
/* Destroys whatever the name denotes; no matter if nothing. */
void discard(mach_port_t name);

/*
 * One name of each kind, for programs that go through all of them.  The
 * receive right of a KIND_SEND is the peer's, under the same letter; a
 * KIND_SEND_ONCE is for the port N('Q'), which the program has.
 */
enum kind {
	KIND_NULL, KIND_DEAD, KIND_UNUSED, KIND_RECEIVE, KIND_BOTH, KIND_SEND,
	KIND_SEND_ONCE, KIND_DEAD_NAME, KIND_DIED, KIND_SET, KINDS
};

const char *kind_name(enum kind kind);
/* Send rights and dead names have that many references. */
mach_port_t new_kind(enum kind kind, char letter, mach_port_urefs_t refs);
/* Removes it, here and in the peer. */
void end_kind(enum kind kind, char letter);

/* Lines about a name: its type and references; the status of its port. */
void say_name(mach_port_t name);
void say_status(mach_port_t name);

/* ---- messages ---- */

struct message {
	mach_msg_header_t head;
	uint64_t body[512];
	mach_msg_size_t size;
};

/* Starts a message: to whom, the reply right, the id. */
void begin(struct message *m, mach_port_t remote, int remote_type,
	   mach_port_t local, int local_type, int id);
void put_word(struct message *m, uint64_t word);
void put_type(struct message *m, int name, int bits, unsigned int number,
	      int in_line, int deallocate);
void put_data(struct message *m, const void *data, unsigned int bytes);
void put_right(struct message *m, mach_port_t name, int disposition);
void put_rights(struct message *m, const mach_port_t *names,
		unsigned int number, int disposition, int deallocate);
void put_memory(struct message *m, const void *address, unsigned int bytes,
		int deallocate);

int msg_send(struct message *m);			/* would block: times out */
int msg_send_option(struct message *m, int option, unsigned int timeout,
		mach_port_t notify);
/* A header alone, without a reply right, to a send right. */
int send_id(mach_port_t to, int id);
int msg_receive(struct message *m, mach_port_t from);	/* does not wait */
int msg_receive_option(struct message *m, int option, mach_msg_size_t size,
		   mach_port_t from, unsigned int timeout, mach_port_t notify);

/* A message that was received: header, then items. */
void say_header(const char *what, const struct message *m);
void say_message(const char *what, const struct message *m);
/* The port name or the address in the first item. */
mach_port_t first_right(const struct message *m);
void *first_memory(const struct message *m);
/* Receives all that is queued and says the id of each, and of what. */
void drain(mach_port_t from);
/* The same where the order is nobody's business: says how many. */
void drain_number(mach_port_t from);
/* Asks for a notification to a send-once right made from port. */
int ask(mach_port_t name, int id, unsigned int sync, mach_port_t port);
/* The same, when it must work. */
void arm(mach_port_t name, int id, mach_port_t port);

/* ---- memory ---- */

/* Makes whole pages readable and writable, only readable, or neither. */
enum access { ACCESS_NONE, ACCESS_READ, ACCESS_WRITE };
void set_access(void *address, unsigned long bytes, enum access access);

/* ---- more threads, another task ---- */

#define THREADS		8

/* Runs in a new thread of this task; thread counts from 0. */
void thread_start(int thread, void (*body)(void));
/* Waits until the thread is blocked in the kernel. */
void thread_blocked(int thread);
void thread_join(int thread);
/* Interrupts what it waits in: thread_abort(), on Linux a signal. */
void thread_interrupt(int thread);
/* Lets the other threads run for a while; proves nothing. */
void rest(void);

/* A send right for the peer's task; the first call makes the peer. */
mach_port_t peer(void);
/* Runs in the peer, to its end; or until peer_wait() comes back. */
void in_peer(void (*body)(void));
void peer_start(void (*body)(void));
void peer_blocked(void);
void peer_wait(void);
/* Ends the peer, and waits until its rights are gone. */
void peer_kill(void);

/* Memory that the program and its peer share; all 0 at the start. */
extern volatile unsigned long *shared;

/* ---- arguments of tools/conformance/run; 0 if not given ---- */

extern unsigned long walk_seed, walk_steps;

/* ---- failing ---- */

/* Ends the program, which the comparison then reports. */
void die(const char *what, int result) __attribute__((noreturn));
/* For what must work before the behaviour can be seen. */
void must(const char *what, int result);

#endif /* CONF_H */
