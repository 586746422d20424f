// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/*
 * Out-of-line memory: what each phase of a transfer costs.
 *
 * total: from the sender's call to the answer that follows the free; the
 *	receiver waits in mach_msg, as a server does.
 * send, receive, touch, free: rounds of their own, in which the receiver
 *	does not wait in mach_msg, so that no call includes another's work.
 *
 * Memory is made ready before the clock starts.  A copied region of small
 * pages is written again before each round; a moved one, and huge pages
 * (which a send may split), are made anew.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "bulk.h"
#include "clock.h"
#include "region.h"
#include "result.h"

#define WARM_UP	2

enum phase {
	PHASE_SEND,
	PHASE_RECEIVE,		/* from here to free in the order of step */
	PHASE_TOUCH,
	PHASE_FREE,
	PHASE_TOTAL,
	PHASES
};

static const char *const phase_names[PHASES] = {
	"send", "receive", "touch", "free", "total"
};
static const char *const touch_names[TOUCHES] = { "none", "read", "write" };
static const char *const page_names[PAGE_KINDS] = { "4k", "thp" };

struct transfer {
	size_t bytes;
	size_t rounds;
	enum pages pages;
	int move;
	enum touch touch;
};

static struct samples samples[PHASES];

static uint64_t pages_copied(void)
{
	struct mach_ioc_stats stats = { .size = sizeof(stats) };
	uint64_t sum = 0;

	if (ioctl(mach_device_fd(), MACH_IOC_STATS, &stats))
		fail("MACH_IOC_STATS: %m");
	for (int i = 0; i < MACH_COPY_REASONS; i++)
		sum += stats.pages_copied[i];
	return sum;
}

static void prepare(const struct transfer *transfer, struct region *region)
{
	if (transfer->move || transfer->pages == PAGES_HUGE || !region->data) {
		region_free(region);
		region_make(region, transfer->bytes, transfer->pages);
	} else {
		region_rewrite(region);
	}
}

static struct memory_message request(const struct peer *peer,
				     const struct transfer *transfer,
				     const struct region *region)
{
	struct memory_message message = {
		.head = peer_header(peer, PEER_MEMORY + transfer->touch),
		.type = {
			.msgt_name = MACH_MSG_TYPE_BYTE,
			.msgt_size = 8,
			.msgt_deallocate = transfer->move,
			.msgt_number = (mach_msg_type_number_t)transfer->bytes,
		},
		.address = (vm_address_t)region->data,
	};

	message.head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
	return message;
}

static uint64_t round_total(const struct peer *peer,
			    const struct transfer *transfer,
			    struct region *region)
{
	struct memory_message message;
	uint64_t start;

	prepare(transfer, region);
	message = request(peer, transfer, region);
	start = now();
	must(mach_msg(&message.head, MACH_SEND_MSG | MACH_RCV_MSG,
		      sizeof(message), sizeof(message), peer->reply_port, 0,
		      MACH_PORT_NULL), "round");
	return now() - start;
}

/* One round in steps; fills all phases but the total. */
static void round_steps(const struct peer *peer,
			const struct transfer *transfer,
			struct region *region, uint64_t *ticks)
{
	struct memory_message message;
	struct step_message answer;
	uint64_t start;

	prepare(transfer, region);
	peer_call(peer, PEER_STEP);
	message = request(peer, transfer, region);
	start = now();
	must(mach_msg(&message.head, MACH_SEND_MSG, sizeof(message), 0,
		      MACH_PORT_NULL, 0, MACH_PORT_NULL), "send");
	ticks[PHASE_SEND] = now() - start;
	peer_go(peer);
	must(mach_msg(&answer.head, MACH_RCV_MSG, 0, sizeof(answer),
		      peer->reply_port, 0, MACH_PORT_NULL), "answer");
	memcpy(&ticks[PHASE_RECEIVE], answer.ticks, sizeof(answer.ticks));
}

static void print_head(void)
{
	printf("%-5s %-5s %7s %-6s", "pages", "how", "KiB", "touch");
	for (int i = 0; i < PHASES; i++)
		printf(" %11s", phase_names[i]);
	printf(" %11s %7s\n", "total min", "copied");
}

/* Prints and records what the samples say; copied is per message. */
static void report(const struct transfer *transfer, uint64_t copied)
{
	const char *pages = page_names[transfer->pages];
	const char *how = transfer->move ? "move" : "copy";
	const char *touch = touch_names[transfer->touch];
	struct figure figure;

	printf("%-5s %-5s %7zu %-6s", pages, how, transfer->bytes >> 10,
	       touch);
	for (int i = 0; i < PHASES; i++) {
		figure = take_figure(&samples[i]);
		printf(" %11" PRIu64, figure.median);
		add_row("ticks", figure, "bulk/%s/%s/%zu/%s/%s", how, pages,
			transfer->bytes, touch, phase_names[i]);
	}
	printf(" %11" PRIu64 " %7" PRIu64 "\n", figure.min, copied);
	add_count("pages", copied, "bulk/%s/%s/%zu/%s/copied", how, pages,
		  transfer->bytes, touch);
	fflush(stdout);
}

static void measure(const struct peer *peer, const struct transfer *transfer)
{
	struct region region = { 0 };
	uint64_t ticks[PHASES];
	uint64_t copied = 0;

	for (size_t i = 0; i < transfer->rounds + WARM_UP; i++) {
		ticks[PHASE_TOTAL] = round_total(peer, transfer, &region);
		round_steps(peer, transfer, &region, ticks);
		if (i + 1 == WARM_UP)
			copied = pages_copied();
		for (int phase = 0; phase < PHASES && i >= WARM_UP; phase++)
			add_sample(&samples[phase], ticks[phase]);
	}
	/* Rounded up: a row with 0 has seen none at all. */
	copied = (pages_copied() - copied + 2 * transfer->rounds - 1) /
		 (2 * transfer->rounds);
	region_free(&region);
	report(transfer, copied);
}

static const struct {
	size_t bytes;
	size_t rounds;
	size_t quick_rounds;
} sizes[] = {
	{ (size_t)4 << 10, 1001, 51 },
	{ (size_t)64 << 10, 401, 21 },
	{ (size_t)1 << 20, 101, 7 },
	{ (size_t)16 << 20, 15, 3 },
	{ (size_t)64 << 20, 7, 3 },
	{ (size_t)256 << 20, 5, 0 },
};

/* Does the row's name begin with @only? */
static int wanted(const struct transfer *transfer, const char *only)
{
	char name[64];

	snprintf(name, sizeof(name), "%s/%s/%zu/%s",
		 transfer->move ? "move" : "copy", page_names[transfer->pages],
		 transfer->bytes, touch_names[transfer->touch]);
	return !strncmp(name, only, strlen(only));
}

static void measure_sizes(const struct peer *peer, struct transfer *transfer,
			  int quick, const char *only)
{
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		transfer->bytes = sizes[i].bytes;
		transfer->rounds = quick ? sizes[i].quick_rounds :
					   sizes[i].rounds;
		for (int touch = 0; touch < TOUCHES && transfer->rounds;
		     touch++) {
			transfer->touch = touch;
			if (wanted(transfer, only))
				measure(peer, transfer);
		}
	}
}

void bench_bulk(const struct peer *peer, int quick, const char *only)
{
	struct transfer transfer;

	printf("\nOut-of-line memory, ticks\n");
	print_head();
	for (int pages = 0; pages < PAGE_KINDS; pages++) {
		for (int move = 0; move < 2; move++) {
			transfer = (struct transfer){
				.pages = pages, .move = move,
			};
			measure_sizes(peer, &transfer, quick, only);
		}
	}
}
