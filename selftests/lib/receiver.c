// SPDX-License-Identifier: GPL-2.0
/*
 * Received memory of every origin: see receiver.h.
 */
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include "receiver.h"

static char *page_of(const struct mt_region *region, unsigned long i)
{
	return region->memory + i * MT_PAGE;
}

static char *make_source(const struct mt_region *region)
{
	char *source = mt_map(region->pages);
	unsigned long i;

	for (i = 0; region->origin != MT_HOLES && i < region->pages; i++)
		mt_fill(source + i * MT_PAGE, MT_PAGE, region->seed + i);
	return source;
}

void mt_region_receive(struct mt_region *region, const struct mt_task *task,
		       enum mt_origin origin, unsigned long pages,
		       unsigned int seed)
{
	unsigned long bytes = pages * MT_PAGE;

	region->origin = origin;
	region->pages = pages;
	region->seed = seed;
	region->source = make_source(region);
	mt_set_param("share_min", origin == MT_COPIED ? 1 << 30 : 0);
	if (origin == MT_MOVED) {
		region->memory = mt_move_memory(task, region->source, bytes);
		region->source = NULL;
	} else {
		region->memory = mt_pass_memory(task, region->source, bytes, 0);
	}
}

void mt_region_touch(const struct mt_region *region, enum mt_touch touch)
{
	bool half = touch == MT_READ_HALF || touch == MT_WRITTEN_HALF;
	unsigned long pages = half ? region->pages / 2 : region->pages, i;

	if (touch == MT_UNTOUCHED)
		return;
	for (i = 0; i < pages; i++) {
		volatile char *byte = page_of(region, i) + 9;

		if (touch == MT_WRITTEN || touch == MT_WRITTEN_HALF)
			*byte = region->origin == MT_HOLES ? 0 : *byte;
		else
			(void)*byte;
	}
}

bool mt_region_holds(const struct mt_region *region, const char *memory,
		     unsigned long first, unsigned long pages)
{
	unsigned long i;

	if (region->origin == MT_HOLES)
		return mt_zero(memory, pages * MT_PAGE);
	for (i = 0; i < pages; i++)
		if (!mt_holds(memory + i * MT_PAGE, MT_PAGE,
			      region->seed + first + i))
			return false;
	return true;
}

bool mt_region_intact(const struct mt_region *region)
{
	return mt_region_holds(region, region->memory, 0, region->pages);
}

bool mt_region_source_intact(const struct mt_region *region)
{
	return !region->source ||
	       mt_region_holds(region, region->source, 0, region->pages);
}

void mt_region_drop(struct mt_region *region)
{
	mt_unmap(region->memory, region->pages * MT_PAGE);
	if (region->source)
		mt_unmap(region->source, region->pages * MT_PAGE);
}

static sigjmp_buf escape;

static void on_fault(int number)
{
	siglongjmp(escape, number);
}

static int signal_of(volatile char *address, bool write)
{
	int number;

	signal(SIGSEGV, on_fault);
	signal(SIGBUS, on_fault);
	number = sigsetjmp(escape, 1);
	if (!number) {
		if (write)
			*address ^= 0;
		else
			(void)*address;
	}
	signal(SIGSEGV, SIG_DFL);
	signal(SIGBUS, SIG_DFL);
	return number;
}

int mt_read_signal(const void *address)
{
	return signal_of((volatile char *)address, false);
}

int mt_write_signal(void *address)
{
	return signal_of(address, true);
}

bool mt_has_inet(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}
