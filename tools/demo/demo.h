/* SPDX-License-Identifier: MIT */
/* Copyright (c) The mach authors */
/*
 * What the three processes of the demo share: their verdict and their
 * messages.
 *
 * The server owns the memory.  Each client asks it three times: for the
 * memory, with the proof of what arrived, and with the proof of what is still
 * there after the server wrote.
 */
#ifndef DEMO_H
#define DEMO_H

#include <stddef.h>
#include <stdint.h>

#include <mach/mach.h>

#define DEMO_BYTES	((size_t)64 << 20)
#define DEMO_CLIENTS	2
#define DEMO_WRITES	10
#define DIGEST_BYTES	32

/* Shared by the three processes (MAP_SHARED). */
struct verdict {
	char why[200];		/* the first failure, or empty */
	size_t shared;		/* pages that are the same frame in all three */
	size_t copied;		/* pages that the kernel copied */
	size_t split;		/* pages that parted after the write */
};

extern struct verdict *verdict;

/* Writes down why, if nobody did so before, and exits with status 1. */
_Noreturn void fail(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/* fail() unless the Mach call succeeded. */
void must(kern_return_t kr, const char *what);

/* Client to server; the request for the memory has no frames. */
struct client_call {
	mach_msg_header_t head;
	mach_msg_type_t who_type;
	uint32_t who;			/* client 0, 1, ... */
	uint32_t pad;
	mach_msg_type_t digest_type;
	unsigned char digest[DIGEST_BYTES];
	mach_msg_type_t frames_type;
	vm_address_t frames;		/* one uint64_t per page */
};

/* Server to client; a plain go-ahead has no memory. */
struct server_reply {
	mach_msg_header_t head;
	mach_msg_type_t memory_type;
	vm_address_t memory;
};

/* The three processes.  ready: where the server says that it can be found. */
struct source {
	const char *file;
	int only_small_pages;
};

void run_server(const struct source *source, int ready);
void run_client(uint32_t who);

#endif /* DEMO_H */
