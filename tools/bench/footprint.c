// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/*
 * What 64 MiB cost while they are on their way: the same region is sent
 * MESSAGES times to an own port and not received; /proc/meminfo before and
 * after tells the kernel's memory, MACH_IOC_STATS the pages.
 */
#include <inttypes.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include <mach/mach.h>

#include "footprint.h"
#include "peer.h"
#include "proc.h"
#include "region.h"
#include "result.h"

#define BYTES		((size_t)64 << 20)
#define MESSAGES	4	/* below the queue's limit of 5 */

static struct mach_ioc_stats read_stats(void)
{
	struct mach_ioc_stats stats = { .size = sizeof(stats) };

	if (ioctl(mach_device_fd(), MACH_IOC_STATS, &stats))
		fail("MACH_IOC_STATS: %m");
	return stats;
}

static uint64_t sum_copied(const struct mach_ioc_stats *stats)
{
	uint64_t sum = 0;

	for (int i = 0; i < MACH_COPY_REASONS; i++)
		sum += stats->pages_copied[i];
	return sum;
}

static void send_to_self(mach_port_t port, const struct region *region)
{
	struct memory_message message = {
		.head = {
			.msgh_bits = MACH_MSGH_BITS_COMPLEX |
				     MACH_MSG_TYPE_MAKE_SEND,
			.msgh_remote_port = port,
		},
		.type = {
			.msgt_name = MACH_MSG_TYPE_BYTE,
			.msgt_size = 8,
			.msgt_number = (mach_msg_type_number_t)region->bytes,
		},
		.address = (vm_address_t)region->data,
	};

	must(mach_msg(&message.head, MACH_SEND_MSG, sizeof(message), 0,
		      MACH_PORT_NULL, 0, MACH_PORT_NULL), "send");
}

/* The first send finds private pages, the second shares them once more. */
static void count_copies(mach_port_t port, const struct region *region,
			 const char *pages)
{
	struct mach_ioc_stats stats[3];

	stats[0] = read_stats();
	send_to_self(port, region);
	stats[1] = read_stats();
	send_to_self(port, region);
	stats[2] = read_stats();
	for (int i = 0; i < 2; i++) {
		const char *which = i ? "second" : "first";
		uint64_t shared = stats[i + 1].pages_shared -
				  stats[i].pages_shared;
		uint64_t copied = sum_copied(&stats[i + 1]) -
				  sum_copied(&stats[i]);

		printf("%-4s %s send: %" PRIu64 " pages shared, %" PRIu64
		       " copied\n", pages, which, shared, copied);
		add_count("pages", copied, "flight/%s/%s/copied", pages,
			  which);
		add_count("pages", shared, "flight/%s/%s/shared", pages,
			  which);
	}
}

/* Where the kernel's own memory would show. */
static const char *const kinds[] = {
	"MemFree", "Slab", "VmallocUsed", "PageTables", "KernelStack"
};
#define KINDS	(sizeof(kinds) / sizeof(kinds[0]))

static void measure_flight(mach_port_t port, const struct region *region,
			   const char *pages)
{
	long before[KINDS], after;
	long kib;

	for (size_t i = 0; i < KINDS; i++)
		before[i] = proc_kib("/proc/meminfo", kinds[i]);
	for (int i = 0; i < MESSAGES; i++)
		send_to_self(port, region);
	printf("%-4s in flight, KiB per 64 MiB:", pages);
	for (size_t i = 0; i < KINDS; i++) {
		after = proc_kib("/proc/meminfo", kinds[i]);
		/* What is free shrinks by what the others take. */
		kib = (i ? after - before[i] : before[i] - after) / MESSAGES;
		if (kib < 0)
			kib = 0;
		printf(" %s %ld%s", i ? kinds[i] : "all", kib,
		       i + 1 < KINDS ? "," : "\n");
		add_count("KiB", (uint64_t)kib, "flight/%s/%s", pages,
			  i ? kinds[i] : "all");
	}
}

static void with_pages(enum pages kind, const char *pages)
{
	mach_port_t task = mach_task_self();
	mach_port_t ports[2];
	struct region region;

	region_make(&region, BYTES, kind);
	/* The first messages stay: what they leave would hide what others take. */
	ports[0] = mach_reply_port();
	count_copies(ports[0], &region, pages);
	ports[1] = mach_reply_port();
	measure_flight(ports[1], &region, pages);
	must(mach_port_destroy(task, ports[0]), "destroy");
	must(mach_port_destroy(task, ports[1]), "destroy");
	region_free(&region);
}

void bench_footprint(void)
{
	printf("\n64 MiB on the way\n");
	with_pages(PAGES_SMALL, "4k");
	with_pages(PAGES_HUGE, "thp");
}
