/* SPDX-License-Identifier: MIT */
/* Copyright (c) The mach authors */
/*
 * The second process of every measurement: a server with its own task.
 *
 * It waits in mach_msg and answers each request with one SEND|RCV call, as a
 * server does.  msgh_id tells what is wanted.  Before a PEER_STEP request's
 * memory it leaves mach_msg, so that send and receive can be timed apart.
 */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <sys/types.h>

#include <mach/mach.h>

enum touch {
	TOUCH_NONE,
	TOUCH_READ,		/* one byte of every page */
	TOUCH_WRITE,
	TOUCHES
};

enum peer_id {
	PEER_PING = 1,		/* header there, header back */
	PEER_STEP,		/* header back; then wait for peer_go() */
	PEER_EXIT,
	PEER_NEXT,		/* a right there: where to forward memory to */
	PEER_MEMORY = 16,	/* + enum touch: memory there, header back */
	PEER_FORWARD = 32	/* + enum chain: read, forwarded; the last one
				 * sends the header back */
};

enum chain { CHAIN_COPY, CHAIN_MOVE, CHAINS };

enum step { STEP_RECEIVE, STEP_TOUCH, STEP_FREE, STEPS };

/* A request with one region. */
struct memory_message {
	mach_msg_header_t head;
	mach_msg_type_t type;
	vm_address_t address;
};

/* A request with one send right. */
struct right_message {
	mach_msg_header_t head;
	mach_msg_type_t type;
	__u64 name;
};

/* The answer to the memory of a PEER_STEP: ticks of each step. */
struct step_message {
	mach_msg_header_t head;
	mach_msg_type_t type;
	uint64_t ticks[STEPS];
};

struct peer {
	pid_t pid;
	mach_port_t port;	/* send right: where it listens */
	mach_port_t reply_port;	/* ours */
	int go;			/* pipe: the end of a PEER_STEP's wait */
};

/* Starts one; before this process opens its task. */
void peer_fork(struct peer *peer);
/* Then they get to know each other, one peer after the other. */
void peer_meet(struct peer *peer);
void peer_stop(struct peer *peer);

/* Lets the peer receive the memory of a PEER_STEP. */
void peer_go(const struct peer *peer);

/* A header to the peer that asks for an answer. */
mach_msg_header_t peer_header(const struct peer *peer, mach_msg_id_t id);

/* Sends a header and waits for the answer. */
void peer_call(const struct peer *peer, mach_msg_id_t id);

/* Fails the bench unless the Mach call succeeded. */
void must(kern_return_t kr, const char *what);

#endif /* BENCH_PEER_H */
