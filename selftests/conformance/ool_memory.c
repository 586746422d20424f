// SPDX-License-Identifier: GPL-2.0
/* Regions out of line: copy, move, null, unaligned, bad addresses. */
#include "conf.h"

static struct message m;
static char *pages;

static void new_pages(unsigned int number)
{
	vm_address_t address = 0;

	must("vm_allocate", vm_allocate(mach_task_self(), &address,
					number * PAGE, 1));
	pages = (char *)address;
	for (unsigned long i = 0; i < number * PAGE; i++)
		pages[i] = (char)(i * 7 + i / PAGE);
}

static void free_pages(unsigned int number)
{
	vm_deallocate(mach_task_self(), (vm_address_t)pages, number * PAGE);
}

static void start(void)
{
	begin(&m, N('D'), MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
}

static char *finish(void)
{
	if (said("send", msg_send(&m)) || msg_receive(&m, N('D')))
		return NULL;
	say_message("received", &m);
	return first_memory(&m);
}

/* Offsets within the page, and lengths. */
static void place(unsigned int offset, unsigned int bytes)
{
	char *got;

	group("offset %u, %u bytes", offset, bytes);
	new_pages(3);
	start();
	put_memory(&m, pages + offset, bytes, 0);
	got = finish();
	say("offset in the page is: %s",
	    ((uintptr_t)got & (PAGE - 1)) == offset ? "the same" : "another");
	/* Both may write. */
	got[0] = 1;
	pages[offset] = 2;
	say("bytes: %d %d", got[0], pages[offset]);
	said("free", vm_deallocate(mach_task_self(), (vm_address_t)got,
				   bytes));
	free_pages(3);
}

static int is_free(char *address)
{
	vm_address_t at = (vm_address_t)address;

	if (vm_allocate(mach_task_self(), &at, PAGE, 0))
		return 0;
	vm_deallocate(mach_task_self(), at, PAGE);
	return 1;
}

static void moved(unsigned int offset, unsigned int bytes)
{
	char *got;

	group("deallocate, offset %u, %u bytes", offset, bytes);
	new_pages(3);
	start();
	put_memory(&m, pages + offset, bytes, 1);
	must("send", msg_send(&m));
	for (unsigned int i = 0; i < 3; i++)
		say("page %u is: %s", i, is_free(pages + i * PAGE) ? "gone" :
								     "there");
	must("receive", msg_receive(&m, N('D')));
	say_message("received", &m);
	got = first_memory(&m);
	say("first byte: %d", got ? got[0] : 0);
	free_pages(3);
}

/* What lies beside the region on its first and last page. */
static void edges(void)
{
	unsigned char *got;

	group("edges");
	new_pages(2);
	for (unsigned int i = 0; i < 2 * PAGE; i++)
		pages[i] = 7;
	start();
	put_memory(&m, pages + 100, PAGE, 0);
	must("send", msg_send(&m));
	must("receive", msg_receive(&m, N('D')));
	got = first_memory(&m);
	say("first and last: %d %d", got[0], got[PAGE - 1]);
	say("before: %d", got[-1]);
	say("after: %d", got[PAGE]);
	free_pages(2);
}

static void null_regions(void)
{
	static const uintptr_t addresses[] = { 0, 1, 0xffff800000000000UL,
					       ~0UL };

	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++)
		for (int deallocate = 0; deallocate < 2; deallocate++) {
			group("null region %u, deallocate %d",
			      (unsigned int)i, deallocate);
			start();
			put_memory(&m, (void *)addresses[i], 0, deallocate);
			finish();
		}
	group("size 0");
	start();
	put_type(&m, MACH_MSG_TYPE_BYTE, 0, 100, 0, 0);
	put_word(&m, 1);
	m.head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
	finish();
}

/* Regions whose length is not bytes x 8 bits. */
static void odd_sizes(void)
{
	static const unsigned short sizes[][2] = { { 16, 3 }, { 1, 9 },
		{ 4, 3 }, { 32, 5 }, { 64, 2 }, { 7, 3 } };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		group("%d bits x %d", sizes[i][0], sizes[i][1]);
		new_pages(1);
		start();
		put_type(&m, MACH_MSG_TYPE_BIT, sizes[i][0], sizes[i][1], 0,
			 0);
		put_word(&m, (uintptr_t)pages);
		m.head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
		finish();
		free_pages(1);
	}
}

static void bad(const char *what, const void *address, unsigned int bytes)
{
	group("%s", what);
	start();
	put_memory(&m, address, bytes, 0);
	finish();
}

static void bad_addresses(void)
{
	bad("null address", NULL, 1);
	bad("kernel address", (void *)0xffff800000000000UL, 8);
	bad("address wraps", (void *)~7UL, 16);
	bad("ends at the top", (void *)~0xfffUL, 4096);
	new_pages(3);
	vm_deallocate(mach_task_self(), (vm_address_t)pages + PAGE, PAGE);
	bad("hole", pages, 3 * PAGE);
	bad("starts in a hole", pages + PAGE, 2 * PAGE);
	bad("ends in a hole", pages, PAGE + 1);
	bad("ends before a hole", pages, PAGE);
	free_pages(3);
}

/* Two regions of one message that overlap. */
static void overlap(const char *what, int first, int second)
{
	group("overlap, %s", what);
	new_pages(2);
	start();
	put_memory(&m, pages, 2 * PAGE, first);
	put_memory(&m, pages + PAGE, PAGE, second);
	said("send", msg_send(&m));
	say("page 0 is: %s", is_free(pages) ? "gone" : "there");
	say("page 1 is: %s", is_free(pages + PAGE) ? "gone" : "there");
	if (!msg_receive(&m, N('D')))
		say_message("received", &m);
	free_pages(2);
}

/* Written between send and receive: the receiver has what was sent. */
static void snapshot(void)
{
	char *got;

	group("written after the send");
	new_pages(2);
	start();
	put_memory(&m, pages, 2 * PAGE, 0);
	must("send", msg_send(&m));
	pages[0] = 99;
	pages[PAGE] = 99;
	free_pages(1);
	must("receive", msg_receive(&m, N('D')));
	say_message("received", &m);
	got = first_memory(&m);
	say("first byte: %d", got[0]);
	vm_deallocate(mach_task_self(), (vm_address_t)pages + PAGE, PAGE);
}

/* A small receive buffer is enough for a large region. */
static void small_buffer(void)
{
	group("16 pages into 48 bytes");
	new_pages(16);
	start();
	put_memory(&m, pages, 16 * PAGE, 0);
	must("send", msg_send(&m));
	said("receive", msg_receive_option(&m, MACH_RCV_TIMEOUT, 48, N('D'), 0,
					   0));
	say_message("received", &m);
	free_pages(16);
}

static void protected(const char *what, enum access access)
{
	char *got;

	group("%s", what);
	new_pages(1);
	set_access(pages, PAGE, access);
	start();
	put_memory(&m, pages, PAGE, 0);
	got = finish();
	if (got) {
		got[0] = 3;
		say("written: %d", got[0]);
	}
	free_pages(1);
}

PROGRAM(ool_memory)
{
	static const unsigned int offsets[] = { 0, 1, 100, PAGE - 1 };
	static const unsigned int lengths[] = { 1, PAGE - 1, PAGE, PAGE + 1 };

	new_sendable('D', 1);
	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++)
		for (size_t j = 0; j < ARRAY_SIZE(lengths); j++)
			place(offsets[i], lengths[j]);
	moved(0, 3 * PAGE);
	moved(0, 1);
	moved(100, PAGE);
	moved(PAGE, PAGE);
	moved(PAGE - 1, 2);
	edges();
	null_regions();
	odd_sizes();
	bad_addresses();
	overlap("copy and copy", 0, 0);
	overlap("copy and move", 0, 1);
	overlap("move and copy", 1, 0);
	overlap("move and move", 1, 1);
	snapshot();
	small_buffer();
	protected("read only", ACCESS_READ);
	protected("no access", ACCESS_NONE);
}
