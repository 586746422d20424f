// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/*
 * One region through a chain of processes: each reads a byte of every page and
 * sends it on, by copy (and then frees its own) or by move; the last answers.
 */
#include <inttypes.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "chain.h"
#include "clock.h"
#include "peer.h"
#include "region.h"
#include "result.h"

#define LINKS	10
#define BYTES	((size_t)16 << 20)
#define ROUNDS	5

static struct peer links[LINKS];

void chain_fork(void)
{
	for (int i = 0; i < LINKS; i++)
		peer_fork(&links[i]);
}

void chain_stop(void)
{
	for (int i = 0; i < LINKS; i++) {
		if (!links[i].port)
			peer_meet(&links[i]);
		peer_stop(&links[i]);
	}
}

/* Tell @peer where to send memory on to. */
static void set_next(const struct peer *peer, mach_port_t next)
{
	struct right_message message = {
		.head = peer_header(peer, PEER_NEXT),
		.type = {
			.msgt_name = MACH_MSG_TYPE_COPY_SEND,
			.msgt_size = 64,
			.msgt_inline = TRUE,
			.msgt_number = 1,
		},
		.name = next,
	};

	message.head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
	must(mach_msg(&message.head, MACH_SEND_MSG | MACH_RCV_MSG,
		      sizeof(message), sizeof(message), peer->reply_port, 0,
		      MACH_PORT_NULL), "next");
}

static uint64_t pages_copied(void)
{
	struct mach_ioc_stats stats = {
		.size = sizeof(stats),
		.flags = MACH_STATS_MODULE,
	};
	uint64_t sum = 0;

	if (ioctl(mach_device_fd(), MACH_IOC_STATS, &stats))
		fail("MACH_IOC_STATS: %m");
	for (int i = 0; i < MACH_COPY_REASONS; i++)
		sum += stats.pages_copied[i];
	return sum;
}

static uint64_t send_round(const struct region *region, enum chain how)
{
	struct memory_message message = {
		.head = peer_header(&links[0], PEER_FORWARD + (int)how),
		.type = {
			.msgt_name = MACH_MSG_TYPE_BYTE,
			.msgt_size = 8,
			.msgt_deallocate = how == CHAIN_MOVE,
			.msgt_number = (mach_msg_type_number_t)region->bytes,
		},
		.address = (vm_address_t)region->data,
	};
	uint64_t start;

	/* The last link has the answer's right; the first has the port. */
	message.head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
	start = now();
	must(mach_msg(&message.head, MACH_SEND_MSG | MACH_RCV_MSG,
		      sizeof(message), sizeof(message), links[0].reply_port, 0,
		      MACH_PORT_NULL), "chain");
	return now() - start;
}

static void measure(enum pages pages, enum chain how)
{
	const char *kind = pages == PAGES_HUGE ? "thp" : "4k";
	const char *name = how == CHAIN_MOVE ? "move" : "copy";
	static struct samples samples;
	struct figure figure;
	struct region region;
	uint64_t copied = 0;

	for (int i = -1; i < ROUNDS; i++) {
		uint64_t before = pages_copied(), ticks;

		region_make(&region, BYTES, pages);
		ticks = send_round(&region, how);
		region_free(&region);
		if (i < 0)
			continue;
		copied += pages_copied() - before;
		add_sample(&samples, ticks);
	}
	figure = take_figure(&samples);
	printf("%-5s %-5s %11" PRIu64 " %7" PRIu64 "\n", kind, name,
	       figure.median, copied);
	add_row("ticks", figure, "chain/%s/%s/total", name, kind);
	add_count("pages", copied, "chain/%s/%s/copied", name, kind);
}

void bench_chain(void)
{
	for (int i = 0; i < LINKS; i++)
		peer_meet(&links[i]);
	for (int i = 0; i + 1 < LINKS; i++)
		set_next(&links[i], links[i + 1].port);
	printf("\n16 MiB through %d processes, each reads it: ticks and pages "
	       "copied\n", LINKS);
	for (int pages = 0; pages < PAGE_KINDS; pages++)
		for (int how = 0; how < CHAINS; how++)
			measure(pages, how);
}
