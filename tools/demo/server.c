// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/*
 * The server: reads the file into anonymous memory, sends that memory to
 * each client, checks their proofs, then writes and checks again.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "demo.h"
#include "pages.h"

struct client {
	mach_port_t reply_port;		/* a send-once right */
	unsigned char digest[DIGEST_BYTES];
	uint64_t *frames;
};

struct server {
	mach_port_t port;
	char *memory;
	size_t pages;
	unsigned char digest[DIGEST_BYTES];
	uint64_t *frames;
	size_t written[DEMO_WRITES];	/* pages written after the send */
	struct client client[DEMO_CLIENTS];
};

/*
 * The memory
 */

/* Fills the memory with the file, again and again; returns how often. */
static double fill(char *memory, const char *name)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	size_t done = 0;
	struct stat st;
	ssize_t got;

	if (fd < 0 || fstat(fd, &st))
		fail("%s: %m", name);
	if (!st.st_size)
		fail("%s is empty", name);
	while (done < DEMO_BYTES) {
		got = read(fd, memory + done, DEMO_BYTES - done);
		if (got < 0)
			fail("%s: %m", name);
		if (!got)
			lseek(fd, 0, SEEK_SET);
		done += (size_t)got;
	}
	close(fd);
	return (double)DEMO_BYTES / (double)st.st_size;
}

static void make_memory(struct server *server, const struct source *source)
{
	vm_address_t address;
	double times;

	must(vm_allocate(mach_task_self(), &address, DEMO_BYTES, TRUE),
	     "vm_allocate");
	server->memory = (char *)address;
	server->pages = DEMO_BYTES / vm_page_size;
	if (source->only_small_pages)
		madvise(server->memory, DEMO_BYTES, MADV_NOHUGEPAGE);
	times = fill(server->memory, source->file);
	hash(server->memory, DEMO_BYTES, server->digest);
	printf("The server reads a file into anonymous memory\n"
	       "  file     %s, %.2f times\n"
	       "  memory   %zu MiB = %zu pages of %zu bytes, "
	       "%zu MiB of them in huge pages\n\n",
	       source->file, times, DEMO_BYTES >> 20, server->pages,
	       (size_t)vm_page_size, huge_kib(server->memory) >> 10);
}

/*
 * Messages
 */

/* One message of every client, in any order. */
static void hear_clients(struct server *server)
{
	for (int i = 0; i < DEMO_CLIENTS; i++) {
		struct client_call call;
		struct client *client;

		must(mach_msg(&call.head, MACH_RCV_MSG, 0, sizeof(call),
			      server->port, MACH_MSG_TIMEOUT_NONE,
			      MACH_PORT_NULL), "hearing a client");
		if (call.head.msgh_size != sizeof(call) ||
		    call.who >= DEMO_CLIENTS)
			fail("a client sent %u bytes", call.head.msgh_size);
		client = &server->client[call.who];
		client->reply_port = call.head.msgh_remote_port;
		memcpy(client->digest, call.digest, DIGEST_BYTES);
		client->frames = (uint64_t *)call.frames;
	}
}

static void forget_frames(struct server *server)
{
	size_t bytes = server->pages * sizeof(uint64_t);
	mach_port_t task = mach_task_self();

	vm_deallocate(task, (vm_address_t)server->frames, bytes);
	for (int i = 0; i < DEMO_CLIENTS; i++)
		vm_deallocate(task, (vm_address_t)server->client[i].frames,
			      bytes);
}

/* Answers every client, with bytes of the memory. */
static void answer_clients(struct server *server, size_t bytes)
{
	for (int i = 0; i < DEMO_CLIENTS; i++) {
		struct server_reply reply = {
			.head = {
				.msgh_bits = MACH_MSGH_BITS_COMPLEX |
					     MACH_MSG_TYPE_MOVE_SEND_ONCE,
				.msgh_remote_port =
					server->client[i].reply_port,
			},
			.memory_type = {
				.msgt_name = MACH_MSG_TYPE_BYTE,
				.msgt_size = 8,
				.msgt_number = (mach_msg_type_number_t)bytes,
			},
			.memory = (vm_address_t)server->memory,
		};

		must(mach_msg(&reply.head, MACH_SEND_MSG, sizeof(reply), 0,
			      MACH_PORT_NULL, MACH_MSG_TIMEOUT_NONE,
			      MACH_PORT_NULL), "answering a client");
	}
}

/*
 * Proofs
 */

static void print_digest(const char *who, const unsigned char *digest)
{
	printf("  %-9s", who);
	for (int i = 0; i < DIGEST_BYTES; i++)
		printf("%02x", digest[i]);
	printf("\n");
}

/* Each client must still have the bytes that the server sent. */
static void check_digests(const struct server *server, const char *when)
{
	for (int i = 0; i < DEMO_CLIENTS; i++) {
		char who[16];

		snprintf(who, sizeof(who), "client %d", i + 1);
		print_digest(who, server->client[i].digest);
	}
	for (int i = 0; i < DEMO_CLIENTS; i++)
		if (memcmp(server->digest, server->client[i].digest,
			   DIGEST_BYTES))
			fail("client %d sees other bytes %s", i + 1, when);
}

/* Is the page the same frame in the server and in every client? */
static int is_shared(const struct server *server, size_t page)
{
	for (int i = 0; i < DEMO_CLIENTS; i++)
		if (server->client[i].frames[page] != server->frames[page])
			return 0;
	return 1;
}

static size_t count_shared(const struct server *server)
{
	size_t shared = 0;

	for (size_t page = 0; page < server->pages; page++)
		shared += (size_t)is_shared(server, page);
	return shared;
}

static void print_frames(const struct server *server, size_t page)
{
	printf("  %-9zu%-#12" PRIx64, page, server->frames[page]);
	for (int i = 0; i < DEMO_CLIENTS; i++)
		printf("%-#12" PRIx64, server->client[i].frames[page]);
	printf("%s\n", is_shared(server, page) ? "shared" : "split");
}

static const char *const copy_reasons[MACH_COPY_REASONS] = {
	[MACH_COPY_EDGE] = "partly outside the region",
	[MACH_COPY_SMALL] = "small region",
	[MACH_COPY_FILE] = "file or shared mapping",
	[MACH_COPY_SPECIAL] = "KSM, hugetlb, userfaultfd or shadow",
	[MACH_COPY_PINNED] = "pinned for I/O",
	[MACH_COPY_REFS] = "unexplained reference, such as an LRU batch",
	[MACH_COPY_NOTIFIER] = "MMU notifiers",
	[MACH_COPY_HUGE_PART] = "part of a huge page",
	[MACH_COPY_RETRY] = "kept changing during the send",
};

/* The server's own counters: all of them come from its two sends. */
static void print_counters(void)
{
	struct mach_ioc_stats stats = { .size = sizeof(stats) };

	if (ioctl(mach_device_fd(), MACH_IOC_STATS, &stats))
		fail("MACH_IOC_STATS: %m");
	printf("  shared   %" PRIu64 " (%d sends)\n",
	       (uint64_t)stats.pages_shared, DEMO_CLIENTS);
	for (int i = 0; i < MACH_COPY_REASONS; i++) {
		verdict->copied += stats.pages_copied[i];
		if (stats.pages_copied[i])
			printf("  copied   %" PRIu64 ": %s\n",
			       (uint64_t)stats.pages_copied[i],
			       copy_reasons[i] ? copy_reasons[i] : "?");
	}
	if (!verdict->copied)
		printf("  copied   0\n");
}

/* The clients have read everything: who has which page? */
static void check_arrival(struct server *server)
{
	printf("SHA-256 of the %zu MiB in each process\n", DEMO_BYTES >> 20);
	print_digest("server", server->digest);
	check_digests(server, "after the receive");

	server->frames = page_frames(server->memory, DEMO_BYTES);
	verdict->shared = count_shared(server);
	printf("\nPage frames, from each process's /proc/self/pagemap\n"
	       "  page     server      client 1    client 2\n");
	for (size_t i = 0; i < 4; i++)
		print_frames(server, i * (server->pages - 1) / 3);
	printf("  %zu of %zu pages are one physical page in all three\n",
	       verdict->shared, server->pages);

	printf("\nWhat the kernel did, from MACH_IOC_STATS\n");
	print_counters();
	if (verdict->shared + verdict->copied < server->pages)
		fail("%zu pages are not shared, but only %zu were copied",
		     server->pages - verdict->shared, verdict->copied);
	if (verdict->shared < server->pages / 2)
		fail("most pages were copied");
}

/* Writes one byte into each of ten shared pages, spread over the memory. */
static void write_pages(struct server *server)
{
	for (size_t i = 0; i < DEMO_WRITES; i++) {
		size_t page = (2 * i + 1) * server->pages / (2 * DEMO_WRITES);

		while (!is_shared(server, page))
			page++;
		server->written[i] = page;
		server->memory[page * vm_page_size + 17 * i] ^= 0x55;
	}
}

static int was_written(const struct server *server, size_t page)
{
	for (size_t i = 0; i < DEMO_WRITES; i++)
		if (server->written[i] == page)
			return 1;
	return 0;
}

/* Exactly the written pages must have parted, since before said who shared. */
static void check_split(struct server *server, const char *before)
{
	printf("\nAfter the server wrote a byte into %d pages\n"
	       "  page     server      client 1    client 2\n", DEMO_WRITES);
	for (size_t page = 0; page < server->pages; page++) {
		if (!before[page] || is_shared(server, page))
			continue;
		verdict->split++;
		print_frames(server, page);
		if (!was_written(server, page))
			fail("page %zu split but was not written", page);
	}
	printf("  %zu pages split, %zu are still shared\n\n",
	       verdict->split, count_shared(server));
	if (verdict->split != DEMO_WRITES)
		fail("%zu of %d pages split", verdict->split, DEMO_WRITES);
}

static void check_clients_apart(const struct server *server,
				unsigned char *digest)
{
	hash(server->memory, DEMO_BYTES, digest);
	if (!memcmp(digest, server->digest, DIGEST_BYTES))
		fail("the server's own write is not there");
	printf("SHA-256 again: the server's changed, the clients' did not\n");
	print_digest("server", digest);
	check_digests(server, "after the server's write");
	printf("\n");
}

static void note_shared(const struct server *server, char *shared)
{
	for (size_t page = 0; page < server->pages; page++)
		shared[page] = (char)is_shared(server, page);
}

void run_server(const struct source *source, int ready)
{
	static char shared[DEMO_BYTES / 4096];
	unsigned char digest[DIGEST_BYTES];
	struct server server = { 0 };
	mach_port_t task = mach_task_self();

	must(mach_port_allocate(task, MACH_PORT_RIGHT_RECEIVE, &server.port),
	     "mach_port_allocate");
	must(mach_port_insert_right(task, server.port, server.port,
				    MACH_MSG_TYPE_MAKE_SEND),
	     "mach_port_insert_right");
	must(mach_set_instance_bootstrap(server.port),
	     "setting the bootstrap port");
	make_memory(&server, source);
	if (write(ready, "", 1) != 1)
		fail("pipe: %m");

	hear_clients(&server);
	answer_clients(&server, DEMO_BYTES);
	hear_clients(&server);
	check_arrival(&server);
	note_shared(&server, shared);
	write_pages(&server);
	forget_frames(&server);

	answer_clients(&server, 0);
	hear_clients(&server);
	server.frames = page_frames(server.memory, DEMO_BYTES);
	check_split(&server, shared);
	check_clients_apart(&server, digest);
	forget_frames(&server);
	answer_clients(&server, 0);
}
